//! State machines written out state by state: the document as it is, with its source map. What may be wrong with it is
//! judged in the modules below.

mod check;
mod fields;
mod jsonata;
mod paths;
pub(super) mod tasks;
mod values;

use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::plan::{Plan, RawPlan, WorkflowPlan};
use crate::source::Span;
use crate::targets::json::JsonWriter;
use crate::targets::pipeline::{capital, float, placeholder, plain_text};
use crate::targets::{Context, Output};
use crate::types::{Class, Data, Late, LateKind, Value, show};

use super::engine::TITLE;

/// Writes one document and enters it into the output.
pub(super) fn emit(plan: &Plan, workflow: &WorkflowPlan, raw: &RawPlan, context: &Context<'_>, out: &mut Output) {
    let mut writer = Writer {
        context,
        here: workflow.span,
        json: JsonWriter::new(context.sources),
        diagnostics: Diagnostics::default(),
    };
    writer.value(&raw.settings);
    out.diagnostics.extend(check::check(&raw.settings, workflow.span, context));
    out.diagnostics.extend(writer.diagnostics);
    super::put(plan, workflow, writer.json, format!("{}.asl.json", workflow.name), context, out);
}

struct Writer<'w> {
    context: &'w Context<'w>,
    /// The place for what has none in the user's text.
    here: Span,
    json: JsonWriter<'w>,
    diagnostics: Diagnostics,
}

impl Writer<'_> {
    fn place(&self, span: Span) -> Span {
        if span.is_none() || self.context.sources.get(span.file).is_library { self.here } else { span }
    }

    fn value(&mut self, value: &Value) {
        let place = self.place(value.span);
        match &value.data {
            Data::Error | Data::None | Data::Null | Data::Function(_) => self.json.token("null", place),
            Data::Bool(flag) => self.json.token(if *flag { "true" } else { "false" }, place),
            Data::Int(number) => self.json.token(&number.to_string(), place),
            Data::Float(number) | Data::Percent(number) => self.json.token(&float(*number), place),
            // Members that take times are numbers of seconds.
            Data::Duration(time) if time % 1_000_000 == 0 => self.json.token(&(time / 1_000_000).to_string(), place),
            Data::Duration(time) => self.json.token(&float(*time as f64 / 1e6), place),
            Data::Size(bytes) => self.json.token(&bytes.to_string(), place),
            Data::String(text) => self.json.string(text, place),
            Data::List(items) => {
                self.json.begin_list(place);
                for item in items.iter().filter(|item| !item.is_none()) {
                    self.value(item);
                }
                self.json.end_list();
            }
            Data::Object(object) => match &object.class {
                Class::Data(_) | Class::File => self.part(value, "uri", place),
                Class::Resource(_) => self.part(value, "name", place),
                Class::Step(_) | Class::Instance(_) | Class::Image | Class::Descriptor(_) => self.cannot(value, place),
                Class::Plain | Class::Call { .. } => {
                    self.json.begin_object(place);
                    for entry in object.entries.iter().filter(|entry| !entry.value.is_none()) {
                        self.json.key(&entry.key, self.place(entry.key_span));
                        self.value(&entry.value);
                    }
                    self.json.end_object();
                }
            },
            Data::Late(late) => self.late(value, late, place),
        }
    }

    fn part(&mut self, value: &Value, key: &str, place: Span) {
        match value.get(key) {
            Some(part) => self.value(part),
            None => self.json.token("null", place),
        }
    }

    fn late(&mut self, value: &Value, late: &Late, place: Span) {
        match &late.kind {
            LateKind::Aws(_) | LateKind::Attribute { .. } => self.json.string(&placeholder(late), place),
            LateKind::Join { .. } if plain_text(value).is_some() => {
                self.json.string(&plain_text(value).unwrap_or_default(), place);
            }
            LateKind::Operation { name, operands } => {
                match (name.as_str(), operands.first().and_then(Value::as_string)) {
                    ("jsonata", Some(text)) => self.json.string(&format!("{{%{text}%}}"), place),
                    ("verbatim", Some(text)) => self.json.token(text, place),
                    _ => self.cannot(value, place),
                }
            }
            _ => self.cannot(value, place),
        }
    }

    fn cannot(&mut self, value: &Value, place: Span) {
        self.json.token("null", place);
        let what = format!("{} in a machine that is written out", show::describe_value(value));
        self.diagnostics.push(Diagnostic::new(
            &d::ENGINE_CANNOT,
            place,
            &[("engine", &capital(TITLE)), ("what", &what)],
        ));
    }
}
