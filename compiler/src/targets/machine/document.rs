//! A machine before it is written: states with their members, each with its place. Decides nothing.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::source::Span;
use crate::targets::json::JsonWriter;

/// JSON with places.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Text(String, Span),
    /// A number, truth value or null as JSON spells it.
    Token(Cow<'static, str>, Span),
    List(Vec<Json>, Span),
    Object(Vec<(SmolStr, Span, Json)>, Span),
    /// States of an inner machine.
    Machine(Box<Machine>, Span),
}

/// One state: its members in the order in which they are written, `Type` first.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) name: SmolStr,
    pub(super) span: Span,
    pub(super) members: Vec<(&'static str, Json)>,
}

/// States that belong together: a whole machine, a branch, what a map does with an item.
#[derive(Clone, Debug, Default)]
pub(super) struct Machine {
    pub(super) before: Vec<(&'static str, Json)>,
    pub(super) start: SmolStr,
    pub(super) states: Vec<State>,
}

impl Json {
    pub(super) fn text(text: impl Into<String>, span: Span) -> Json {
        Json::Text(text.into(), span)
    }

    /// `{% … %}`
    pub(super) fn expression(text: &str, span: Span) -> Json {
        Json::Text(format!("{{% {text} %}}"), span)
    }

    pub(super) fn int(number: impl Into<i64>, span: Span) -> Json {
        Json::Token(Cow::Owned(number.into().to_string()), span)
    }

    pub(super) fn null(span: Span) -> Json {
        Json::Token(Cow::Borrowed("null"), span)
    }

    pub(super) fn truth(flag: bool, span: Span) -> Json {
        Json::Token(Cow::Borrowed(if flag { "true" } else { "false" }), span)
    }

    pub(super) fn object(entries: Vec<(SmolStr, Json)>, span: Span) -> Json {
        Json::Object(entries.into_iter().map(|(key, value)| (key, value.span(), value)).collect(), span)
    }

    pub(super) fn span(&self) -> Span {
        match self {
            Json::Text(_, span)
            | Json::Token(_, span)
            | Json::List(_, span)
            | Json::Object(_, span)
            | Json::Machine(_, span) => *span,
        }
    }

    pub(super) fn is_text(&self, wanted: &str) -> bool {
        matches!(self, Json::Text(text, _) if text == wanted)
    }

    fn write(&self, out: &mut JsonWriter<'_>) {
        match self {
            Json::Text(text, span) => out.string(text, *span),
            Json::Token(token, span) => out.token(token, *span),
            Json::List(items, span) => {
                out.begin_list(*span);
                items.iter().for_each(|item| item.write(out));
                out.end_list();
            }
            Json::Object(entries, span) => {
                out.begin_object(*span);
                for (key, place, value) in entries {
                    out.key(key, *place);
                    value.write(out);
                }
                out.end_object();
            }
            Json::Machine(machine, span) => {
                out.begin_object(*span);
                machine.write(out, *span);
                out.end_object();
            }
        }
    }
}

impl Machine {
    /// The members of the machine; the object around them is the caller's.
    pub(super) fn write(&self, out: &mut JsonWriter<'_>, span: Span) {
        for (key, value) in &self.before {
            out.key(key, value.span());
            value.write(out);
        }
        out.key("StartAt", span);
        out.string(&self.start, span);
        out.key("States", span);
        out.begin_object(span);
        for state in &self.states {
            out.key(&state.name, state.span);
            out.begin_object(state.span);
            for (key, value) in &state.members {
                out.key(key, value.span());
                value.write(out);
            }
            out.end_object();
        }
        out.end_object();
    }
}

impl State {
    pub(super) fn new(name: SmolStr, type_: &'static str, span: Span) -> State {
        State { name, span, members: vec![("Type", Json::text(type_, span))] }
    }

    pub(super) fn set(&mut self, key: &'static str, value: Json) {
        match self.members.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            // Where it goes is said last.
            None => {
                let is_last = |(key, _): &(&str, Json)| matches!(*key, "Next" | "End");
                let at = self.members.iter().rposition(is_last).unwrap_or(self.members.len());
                self.members.insert(at, (key, value));
            }
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.members.iter().any(|(known, _)| *known == key)
    }

    pub(super) fn next(&mut self, next: Option<&SmolStr>) {
        match next {
            Some(name) => self.set("Next", Json::text(name.as_str(), self.span)),
            None => self.set("End", Json::truth(true, self.span)),
        }
    }
}

impl State {
    /// Whether it is of a type.
    pub(super) fn is(&self, type_: &str) -> bool {
        matches!(self.members.first(), Some(("Type", Json::Text(text, _))) if text == type_)
    }
}
