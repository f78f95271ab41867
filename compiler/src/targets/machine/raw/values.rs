//! Single values of a machine that is written out: of the right type, paths that are paths, expressions that are JSONata.

use smol_str::SmolStr;

use super::check::{Checker, is_open};
use super::fields::{self, Is};
use super::{jsonata, paths};
use crate::diagnostics::{self as d, Diagnostic, closest, list_of};
use crate::source::Span;
use crate::types::{Data, Entry, LateKind, Value};

/// What an expression may read beside the input.
#[derive(Clone, Copy)]
pub(super) struct Place {
    result: bool,
    error: bool,
}

impl Place {
    pub(super) const OTHER: Place = Place { result: false, error: false };
    pub(super) const RESULT: Place = Place { result: true, error: false };
    const ERROR: Place = Place { result: false, error: true };
}

/// The text of a `{% … %}`, and where it starts if that is in the user's text as it is.
pub(super) fn expression(value: &Value) -> Option<String> {
    match &value.data {
        Data::Late(late) => match &late.kind {
            LateKind::Operation { name, operands } if name == "jsonata" => {
                operands.first().and_then(Value::as_string).map(ToString::to_string)
            }
            _ => None,
        },
        Data::String(text) => {
            let inner = text.strip_prefix("{%")?;
            inner.strip_suffix("%}").map(str::to_owned)
        }
        _ => None,
    }
}

impl Checker<'_> {
    pub(super) fn value(&mut self, member: &'static str, is: Is, value: &Value, jsonata: bool, place: Place) {
        if is_open(value) && !matches!(is, Is::Payload | Is::Assign) {
            return;
        }
        let may_compute = jsonata && matches!(is, Is::Int(..) | Is::Number(..) | Is::Payload | Is::Assign | Is::Text);
        if may_compute && member != "Comment" && self.is_expression(value, place) {
            return;
        }
        match is {
            Is::Text => {
                if value.as_string().is_none() {
                    self.wrong_value(value, member, "text");
                } else if member == "Timestamp" {
                    self.timestamp(value, member);
                }
            }
            Is::Bool => {
                if !matches!(value.data, Data::Bool(_)) {
                    self.wrong_value(value, member, "`true` or `false`");
                } else if member == "End" && matches!(value.data, Data::Bool(false)) {
                    self.problem(value.span, "`End`", "is `true` or left out", "`false`");
                }
            }
            Is::Int(least, most) => {
                let number = match value.data {
                    Data::Int(number) => Some(number),
                    Data::Float(number) if number.fract() == 0.0 => Some(number as i64),
                    Data::Duration(time) if time % 1_000_000 == 0 => Some(time / 1_000_000),
                    _ => None,
                };
                match number {
                    Some(number) if number < least || number > most => {
                        let expected =
                            if most == i64::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
                        let found = number.to_string();
                        self.out_of_range(value, member, &expected, &found);
                    }
                    Some(_) => {}
                    None => self.wrong_value(value, member, "a whole number"),
                }
            }
            Is::Number(least, most) => {
                let number = match value.data {
                    Data::Int(number) => Some(number as f64),
                    Data::Float(number) => Some(number),
                    _ => None,
                };
                match number {
                    Some(number) if number < least || number > most => {
                        let expected =
                            if most == f64::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
                        self.out_of_range(value, member, &expected, &number.to_string());
                    }
                    Some(_) => {}
                    None => self.wrong_value(value, member, "a number"),
                }
            }
            Is::OneOf(values) => match value.as_string() {
                Some(text) if values.contains(&text.as_str()) => {}
                Some(text) => {
                    let found = format!("\"{text}\"");
                    let place = self.place(value.span);
                    let expected = format!("one of {}", list_of(values.iter().copied()));
                    let near = closest(text, values.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
                    let found = Diagnostic::new(
                        &d::RAW_VALUE,
                        place,
                        &[("member", &member), ("expected", &expected), ("found", &found)],
                    );
                    self.report(found.help(near.unwrap_or_default()));
                }
                None => self.wrong_value(value, member, "text"),
            },
            Is::Path | Is::Reference => match &value.data {
                Data::Null => {}
                Data::String(text) if text.starts_with("States.") && is == Is::Path => self.template(value, text),
                Data::String(text) => {
                    let text = text.clone();
                    self.read_path(&text, value.span);
                    if let Some(problem) = paths::path(&text, is == Is::Reference) {
                        self.not_a_path(value.span, &problem);
                    }
                }
                _ => self.wrong_value(value, member, "a path or `null`"),
            },
            Is::Json => {}
            Is::Payload => self.payload(value, jsonata, place),
            Is::Assign => match value.as_object().cloned() {
                Some(object) => {
                    for entry in &object.entries {
                        self.variable_name(entry, jsonata);
                        self.assigned(entry);
                    }
                    self.payload(value, jsonata, place);
                }
                None => self.wrong_value(value, member, "an object whose keys are variables"),
            },
            Is::Target => self.target(member, value),
            Is::Texts => match value.as_list().cloned() {
                Some(items) => {
                    if items.is_empty() && member == "ErrorEquals" {
                        self.problem(value.span, "`ErrorEquals`", "names at least one error", "empty");
                    }
                    for item in items.iter().filter(|item| !is_open(item) && item.as_string().is_none()) {
                        self.wrong_value(item, member, "texts");
                    }
                }
                None => self.wrong_value(value, member, "a list of texts"),
            },
            Is::Retry => self.handlers(member, value, false, jsonata),
            Is::Catch => self.handlers(member, value, true, jsonata),
            Is::Choices => self.choices(value, jsonata),
            Is::Branches => {
                if value.as_list().is_none() {
                    self.wrong_value(value, member, "a list of machines");
                }
            }
            Is::Body => {
                if value.as_object().is_none() {
                    self.wrong_value(value, member, "a machine");
                }
            }
            Is::Members(known) => match value.as_object().cloned() {
                Some(object) => {
                    let list: Vec<&fields::Field> = known.iter().collect();
                    self.members(&object.entries, &list, &format!("`{member}`"), value.span, jsonata, Place::OTHER);
                }
                None => self.wrong_value(value, member, "an object"),
            },
        }
    }

    fn out_of_range(&mut self, value: &Value, member: &str, expected: &str, found: &str) {
        let place = self.place(value.span);
        self.report(Diagnostic::new(
            &d::RAW_VALUE,
            place,
            &[("member", &member), ("expected", &expected), ("found", &found)],
        ));
    }

    fn timestamp(&mut self, value: &Value, member: &str) {
        let text = value.as_string().map(SmolStr::as_str).unwrap_or_default();
        let bytes = text.as_bytes();
        let digits =
            |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
        let fits = digits(0..4)
            && digits(5..7)
            && digits(8..10)
            && bytes.get(10) == Some(&b'T')
            && digits(11..13)
            && text.len() >= 20;
        if !fits {
            self.wrong_value(value, member, "a time such as `2030-01-31T06:00:00Z`");
        }
    }

    fn variable_name(&mut self, entry: &Entry, jsonata: bool) {
        let name = entry.key.strip_suffix(".$").filter(|_| !jsonata).unwrap_or(&entry.key);
        let fits = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && name.chars().all(|character| character.is_alphanumeric() || character == '_')
            && name.chars().count() <= 80;
        if !fits || name == "states" {
            let problem = if name == "states" {
                "is what Step Functions itself assigns"
            } else {
                "cannot be the name of a variable: letters, digits and `_`, at most 80"
            };
            let place = self.place(entry.key_span);
            self.report(Diagnostic::new(&d::VARIABLE, place, &[("name", &name), ("problem", &problem)]));
        }
    }

    fn not_a_path(&mut self, span: Span, problem: &str) {
        let place = self.place(span);
        self.report(Diagnostic::new(&d::RAW_PATH, place, &[("problem", &problem)]));
    }

    fn read_path(&mut self, text: &str, span: Span) {
        if let Some(name) = paths::variable(text).filter(|_| !text.contains("${")) {
            self.reads.push((name.into(), span));
        }
    }

    fn template(&mut self, value: &Value, text: &str) {
        let mut read: Vec<String> = Vec::new();
        let problem = paths::template(text, &mut |path| read.push(path.to_owned()));
        for path in read {
            self.read_path(&path, value.span);
        }
        if let Some(problem) = problem {
            self.not_a_path(value.span, &problem);
        }
    }

    /// Data with paths or expressions at any depth.
    fn payload(&mut self, value: &Value, jsonata: bool, place: Place) {
        if jsonata && self.is_expression(value, place) {
            return;
        }
        match &value.data {
            Data::String(text) if !jsonata && text.starts_with("{%") && text.ends_with("%}") => {
                self.expression_in_path(value)
            }
            Data::Late(_) if !jsonata && expression(value).is_some() => self.expression_in_path(value),
            Data::List(items) => items.iter().for_each(|item| self.payload(item, jsonata, place)),
            Data::Object(object) => {
                for entry in &object.entries {
                    let Some(key) = entry.key.strip_suffix(".$") else {
                        self.payload(&entry.value, jsonata, place);
                        continue;
                    };
                    if jsonata {
                        let place = self.place(entry.key_span);
                        self.report(Diagnostic::new(
                            &d::WRONG_LANGUAGE,
                            place,
                            &[("member", &entry.key), ("language", &"JSONPath"), ("own", &"JSONata")],
                        ));
                        continue;
                    }
                    if let Some(twin) = object.entries.iter().find(|other| other.key == key) {
                        let place = self.place(entry.key_span);
                        let found = Diagnostic::new(&d::KEY_TWICE, place, &[("key", &key)]);
                        self.report(found.related(twin.key_span, "the first one"));
                    }
                    if is_open(&entry.value) {
                        continue;
                    }
                    match entry.value.as_string().cloned() {
                        Some(text) => self.template(&entry.value, &text),
                        None => {
                            self.wrong_value(&entry.value, &entry.key, "a path or a call such as `States.Format(…)`")
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn expression_in_path(&mut self, value: &Value) {
        let place = self.place(value.span);
        let args: &[(&str, &dyn std::fmt::Display)] =
            &[("member", &"{% … %}"), ("language", &"JSONata"), ("own", &"JSONPath")];
        self.report(Diagnostic::new(&d::WRONG_LANGUAGE, place, args));
    }

    /// Whether a value is JSONata; then it is checked.
    fn is_expression(&mut self, value: &Value, place: Place) -> bool {
        let Some(text) = expression(value) else {
            if let Data::String(text) = &value.data
                && text.starts_with("{%")
            {
                let problem = "it begins with `{%` and does not end with `%}`";
                let place = self.place(value.span);
                self.report(Diagnostic::new(&d::JSONATA, place, &[("problem", &problem)]));
                return true;
            }
            return false;
        };
        let source = self.context.sources.text(value.span);
        let is_here = source.strip_prefix("{%").is_some_and(|rest| rest.starts_with(text.as_str()));
        let span = |at: usize, length: usize| {
            if !is_here {
                return value.span;
            }
            let start = value.span.start + 2 + at as u32;
            let end = (start + length as u32).min(value.span.end);
            Span { start, end: end.max(start), ..value.span }
        };
        if text.contains("${") {
            return true;
        }
        let uses = match jsonata::parse(&text) {
            Ok(uses) => uses,
            Err((at, problem)) => {
                let width = text[at.min(text.len())..].chars().next().map_or(0, char::len_utf8);
                let place = self.place(span(at, width));
                self.report(Diagnostic::new(&d::JSONATA, place, &[("problem", &problem)]));
                return true;
            }
        };
        for (name, at, count) in &uses.calls {
            let place = self.place(span(*at, name.len() + 1));
            let problem = match jsonata::function(name) {
                _ if name == "eval" => Some("is not allowed in a state machine".to_owned()),
                None => Some("is no function of JSONata nor of Step Functions".to_owned()),
                Some(most) if *count > most => Some(format!("takes at most {most} arguments, and {count} are given")),
                Some(_) => None,
            };
            if let Some(problem) = problem {
                let found = Diagnostic::new(&d::JSONATA_FUNCTION, place, &[("name", name), ("problem", &problem)]);
                let near = closest(name, jsonata::functions()).filter(|_| jsonata::function(name).is_none());
                self.report(found.help(near.map(|near| format!("did you mean `${near}`?")).unwrap_or_default()));
            }
        }
        for (name, at, members) in &uses.variables {
            let here = span(*at, name.len() + 1);
            if name == "states" {
                self.states_member(members, here, place);
            } else if !name.is_empty() {
                self.reads.push((name.as_str().into(), here));
            }
        }
        true
    }

    /// `$states.input`, `.context`, and where they are known `.result` and `.errorOutput`.
    fn states_member(&mut self, members: &[String], span: Span, allowed: Place) {
        let Some(first) = members.first() else { return };
        let problem = match first.as_str() {
            "input" => None,
            "context" => match members.get(1).map(String::as_str) {
                Some(name) if !["Execution", "StateMachine", "State", "Task", "Map"].contains(&name) => Some(format!(
                    "has no `context.{name}`: there is `Execution`, `StateMachine`, `State`, `Task` and `Map`"
                )),
                _ => None,
            },
            "result" if allowed.result => None,
            "errorOutput" if allowed.error => None,
            "result" => Some("has a `result` only in `Output` and `Assign` of what runs something".to_owned()),
            "errorOutput" => Some("has an `errorOutput` only in a `Catch`".to_owned()),
            other => Some(format!("has no `{other}`: there is `input`, `context`, `result` and `errorOutput`")),
        };
        if let Some(problem) = problem {
            let place = self.place(span);
            self.report(Diagnostic::new(&d::VARIABLE, place, &[("name", &"states"), ("problem", &problem)]));
        }
    }

    /// `Retry` and `Catch`.
    fn handlers(&mut self, member: &'static str, value: &Value, catches: bool, jsonata: bool) {
        let Some(items) = value.as_list().cloned() else {
            self.wrong_value(value, member, "a list");
            return;
        };
        let known: Vec<&fields::Field> = if catches { fields::CATCHER } else { fields::RETRIER }.iter().collect();
        for (index, item) in items.iter().enumerate().filter(|(_, item)| !is_open(item)) {
            let Some(object) = item.as_object().cloned() else {
                self.wrong_value(item, member, "objects");
                continue;
            };
            let what = if catches { "A catcher" } else { "A retrier" };
            let place = if catches { Place::ERROR } else { Place::OTHER };
            self.members(&object.entries, &known, what, item.span, jsonata, place);
            let errors = object.get("ErrorEquals").and_then(Value::as_list).cloned().unwrap_or_default();
            for error in errors.iter() {
                let Some(text) = error.as_string() else { continue };
                let problem = if text == "States.ALL" && errors.len() > 1 {
                    "`States.ALL` stands alone: it holds the other names".to_owned()
                } else if text == "States.ALL" && index + 1 < items.len() {
                    "`States.ALL` comes last: what follows is never looked at".to_owned()
                } else if text.starts_with("States.")
                    && !fields::ERRORS.contains(&text.as_str())
                    && !text.contains("${")
                {
                    // Other names of one's own begin so, against the rules and without harm.
                    let near = |known: &&&str| strsim::osa_distance(&known.to_lowercase(), &text.to_lowercase()) <= 3;
                    let Some(near) = fields::ERRORS.iter().find(near) else { continue };
                    format!("there is no error `{text}`; did you mean `{near}`?")
                } else {
                    continue;
                };
                let place = self.place(error.span);
                self.report(Diagnostic::new(&d::RAW_ERRORS, place, &[("problem", &problem)]));
                break;
            }
        }
    }

    fn choices(&mut self, value: &Value, jsonata: bool) {
        let Some(items) = value.as_list().cloned() else {
            self.wrong_value(value, "Choices", "a list");
            return;
        };
        if items.is_empty() {
            self.problem(value.span, "A Choice state", "needs at least one rule", "empty");
        }
        for item in items.iter().filter(|item| !is_open(item)) {
            let Some(object) = item.as_object().cloned() else {
                self.wrong_value(item, "Choices", "rules");
                continue;
            };
            if jsonata {
                let known: Vec<&fields::Field> = RULE.iter().collect();
                self.members(&object.entries, &known, "A rule", item.span, true, Place::OTHER);
                if let Some(condition) = object.get("Condition").cloned()
                    && !is_open(&condition)
                    && !self.is_expression(&condition, Place::OTHER)
                    && !matches!(condition.data, Data::Bool(_))
                {
                    self.wrong_value(&condition, "Condition", "`{% … %}` or a truth value");
                }
                continue;
            }
            self.rule(&object.entries, item.span, true);
        }
    }

    /// A rule in JSONPath: a comparison, or `And`, `Or`, `Not` of such.
    fn rule(&mut self, entries: &[Entry], whole: Span, is_outer: bool) {
        let mut tests = 0;
        let mut variable = false;
        for entry in entries.iter().filter(|entry| !entry.unchecked && !entry.value.is_none()) {
            let key = entry.key.as_str();
            match key {
                "Comment" => {}
                "Next" if is_outer => self.target("Next", &entry.value),
                "Assign" if is_outer => self.value("Assign", Is::Assign, &entry.value, false, Place::OTHER),
                "Next" | "Assign" => {
                    self.problem(
                        entry.key_span,
                        "A rule inside another",
                        &format!("has no `{key}`"),
                        "only at the outside",
                    );
                }
                "Variable" => {
                    variable = true;
                    self.value("Variable", Is::Path, &entry.value, false, Place::OTHER);
                }
                "And" | "Or" => {
                    tests += 1;
                    match entry.value.as_list().cloned() {
                        Some(items) if !items.is_empty() => {
                            for item in items.iter() {
                                let inner = item.as_object().map(|object| object.entries.clone()).unwrap_or_default();
                                self.rule(&inner, item.span, false);
                            }
                        }
                        _ => self.wrong_value(&entry.value, key, "a list of rules"),
                    }
                }
                "Not" => {
                    tests += 1;
                    match entry.value.as_object().cloned() {
                        Some(object) => self.rule(&object.entries, entry.value.span, false),
                        None => self.wrong_value(&entry.value, key, "a rule"),
                    }
                }
                "Condition" => {
                    let place = self.place(entry.key_span);
                    let args: &[(&str, &dyn std::fmt::Display)] =
                        &[("member", &"Condition"), ("language", &"JSONata"), ("own", &"JSONPath")];
                    self.report(Diagnostic::new(&d::WRONG_LANGUAGE, place, args));
                    return;
                }
                other => match fields::comparison(other) {
                    Some(is) => {
                        tests += 1;
                        if let Some(text) = Some(is)
                            .filter(|is| *is == Is::Text && other.starts_with("Timestamp"))
                            .and(Some(&entry.value))
                            && !is_open(text)
                            && text.as_string().is_some()
                        {
                            self.timestamp(text, "Timestamp");
                        }
                        self.value("a comparison", is, &entry.value, false, Place::OTHER);
                    }
                    None => {
                        tests += 1;
                        let place = self.place(entry.key_span);
                        let problem = format!("has no member `{other}`");
                        let found = Diagnostic::new(
                            &d::RAW_STATE_MEMBER,
                            place,
                            &[("what", &"A rule"), ("problem", &problem), ("label", &"unknown member")],
                        );
                        let near = closest(other, COMPARISONS).map(|near| format!("did you mean `{near}`?"));
                        self.report(found.help(near.unwrap_or_default()));
                    }
                },
            }
        }
        let nests = entries.iter().any(|entry| matches!(entry.key.as_str(), "And" | "Or" | "Not"));
        let has_next = entries.iter().any(|entry| entry.key == "Next");
        let problem = match tests {
            _ if is_outer && !has_next => "needs `Next`",
            0 => "compares nothing",
            1 if !nests && !variable => "needs the `Variable` that it compares",
            1 => return,
            _ => "makes one comparison, and this makes several",
        };
        self.problem(whole, "A rule", problem, "not a rule");
    }
}

const RULE: &[fields::Field] = &[
    fields::Field { name: "Condition", of: fields::Of::Jsonata, is: Is::Json, needed: true },
    fields::Field { name: "Next", of: fields::Of::Both, is: Is::Target, needed: true },
    fields::Field { name: "Assign", of: fields::Of::Both, is: Is::Assign, needed: false },
    fields::Field { name: "Output", of: fields::Of::Jsonata, is: Is::Payload, needed: false },
    fields::Field { name: "Comment", of: fields::Of::Both, is: Is::Text, needed: false },
];

const COMPARISONS: [&str; 14] = [
    "StringEquals",
    "NumericEquals",
    "BooleanEquals",
    "TimestampEquals",
    "StringMatches",
    "NumericGreaterThan",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "NumericLessThanEquals",
    "IsPresent",
    "IsNull",
    "Variable",
    "And",
    "Or",
];
