//! Things in words for hovers and completions, as Markdown. It must not look up anything.

use super::analysis::FieldInfo;
use crate::evaluate::type_of_value;
use crate::facts::{InstanceFacts, Shape, ShapeKind};
use crate::types::{Class, Data, Stage, Type, Value, show};

/// The names of types, what is inserted for each, and what it is.
pub(super) const TYPES: [(&str, &str, &str); 27] = [
    ("string", "string", "text"),
    ("int", "int", "an integer"),
    ("float", "float", "a number"),
    ("bool", "bool", "true or false"),
    ("duration", "duration", "30s, 5m, 7d"),
    ("size", "size", "500MB, 30GB"),
    ("percent", "percent", "20%"),
    ("uri", "uri", "a location"),
    ("arn", "arn", "an ARN"),
    ("regex", "regex", "a regular expression"),
    ("file", "file", "a file beside the sources"),
    ("image", "image", "a container image"),
    ("list", "list<$0>", "a list"),
    ("map", "map<$0>", "an object with any keys"),
    ("table", "table<$0>", "rows of a schema"),
    ("files", "files", "files of a media type"),
    ("stream", "stream<$0>", "records as they come"),
    ("model", "model", "a trained model"),
    ("report", "report<{ $0 }>", "JSON that a step writes"),
    ("endpoint", "endpoint", "a deployed model"),
    ("instance", "instance(${1|training,processing,transform,endpoint|})", "an instance type for a class of jobs"),
    ("data", "data", "anything that steps hand on"),
    ("outputs", "outputs<$0>", "declared outputs"),
    ("scalar", "scalar", "text, a number or a truth value"),
    ("any", "any", "any value"),
    ("step", "step", "a step"),
    ("none", "none", "nothing"),
];

/// A type in few letters.
pub(super) fn type_(type_: &Type) -> String {
    let text = show::written(type_);
    if text.chars().count() > 60 { format!("{}…", text.chars().take(60).collect::<String>()) } else { text }
}

pub(super) fn value_type(value: &Value) -> String {
    match &value.data {
        Data::Object(object) => match &object.class {
            Class::Step(_) => "step".into(),
            Class::Data(inner) | Class::Descriptor(inner) => type_(inner),
            Class::Resource(kind) | Class::Instance(kind) => kind.to_string(),
            Class::File => "file".into(),
            Class::Image => "image".into(),
            Class::Plain | Class::Call { .. } => "object".into(),
        },
        Data::Function(_) => "function".into(),
        Data::Late(late) => type_(&late.type_),
        Data::Error => String::new(),
        _ => plain_type(value),
    }
}

/// The type of a known value, without its bounds.
fn plain_type(value: &Value) -> String {
    match &value.data {
        Data::Int(_) => "int".into(),
        Data::Float(_) => "float".into(),
        Data::Null => "null".into(),
        Data::List(items) => match items.first() {
            Some(first) => format!("list<{}>", value_type(first)),
            None => "list".into(),
        },
        _ => type_(&type_of_value(value)),
    }
}

/// A known value as it would be written, if that is short.
pub(super) fn literal(value: &Value) -> Option<String> {
    let text = match &value.data {
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => show::number(*value),
        Data::String(text) => show::quoted(text),
        Data::Duration(value) => show::duration(*value),
        Data::Size(value) => show::size(*value),
        Data::Percent(value) => format!("{}%", show::number(*value)),
        Data::None => "none".into(),
        Data::Null => "null".into(),
        Data::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(literal).collect();
            format!("[{}]", items?.join(", "))
        }
        Data::Object(object) if object.class == Class::Plain => {
            let entries: Option<Vec<String>> = object
                .entries
                .iter()
                .map(|entry| Some(format!("{} = {}", entry.key, literal(&entry.value)?)))
                .collect();
            format!("{{ {} }}", entries?.join(", "))
        }
        Data::Object(_) | Data::Late(_) | Data::Function(_) | Data::Error => return None,
    };
    (text.chars().count() <= 120).then_some(text)
}

pub(super) fn stage_note(stage: Stage) -> String {
    format!("Known {} (`{}` stage).", stage.when(), stage.word())
}

/// `int(1..100), required`
pub(super) fn field_detail(field: &FieldInfo) -> String {
    let needed = if field.required { ", required" } else { "" };
    format!("{}{needed}", type_(&field.type_))
}

/// A field as it is declared, with its documentation.
pub(super) fn field(field: &FieldInfo) -> String {
    let stage = if field.stage == Stage::Run { String::new() } else { format!("{} ", field.stage.word()) };
    let mut out = format!("```mlflow\n{}: {stage}{}\n```", field.name, show::written(&field.type_));
    if let Some(doc) = &field.doc {
        out.push_str("\n\n");
        out.push_str(doc);
    }
    let latest = match field.stage {
        Stage::Run => None,
        stage => Some(format!("Must be known {}.", stage.when())),
    };
    let needed = if field.required { Some("Required.".to_owned()) } else { None };
    for note in [needed, latest].into_iter().flatten() {
        out.push_str("\n\n");
        out.push_str(&note);
    }
    out
}

/// A required field as a line of a snippet.
pub(super) fn required_line(field: &FieldInfo, number: &mut u32) -> String {
    *number += 1;
    match field.type_.required() {
        Type::Record(record) => {
            let inner: Vec<String> = record
                .fields
                .iter()
                .filter(|field| !field.optional && !field.type_.is_optional())
                .map(|inner| required_line(&super::analysis::of_record(inner), number))
                .collect();
            format!("{} {{ {} }}", field.name, inner.join(", "))
        }
        Type::Map(_) | Type::Outputs(_) => format!("{} {{ ${number} }}", field.name),
        Type::List(_) => format!("{} = [${number}]", field.name),
        Type::Instance(_) | Type::Literals(_) | Type::String(_) | Type::File | Type::Uri | Type::Arn => {
            format!("{} = \"${number}\"", field.name)
        }
        _ => format!("{} = ${number}", field.name),
    }
}

pub(super) fn instance(facts: &InstanceFacts) -> String {
    use crate::facts::Processor;
    let processor = match facts.processor {
        Processor::Cpu => "CPU",
        Processor::Gpu => "GPU",
        Processor::Inferentia => "Inferentia",
        Processor::Trainium => "Trainium",
    };
    let arm = if facts.arm { ", arm64" } else { "" };
    match facts.gpus {
        Some(count) if count > 0 => format!("{count} {processor}{arm}"),
        _ => format!("{processor}{arm}"),
    }
}

/// The kind of a member of a request.
pub(super) fn api_type(shape: &Shape) -> String {
    match &shape.kind {
        ShapeKind::Structure { .. } => format!("{} {{ }}", shape.name),
        ShapeKind::List { .. } => "list".into(),
        ShapeKind::Map { .. } => "map".into(),
        ShapeKind::String { values, .. } if !values.is_empty() => {
            let shown: Vec<String> = values.iter().take(4).map(|value| format!("\"{value}\"")).collect();
            let more = if values.len() > 4 { " | …" } else { "" };
            format!("{}{more}", shown.join(" | "))
        }
        ShapeKind::String { .. } => "string".into(),
        ShapeKind::Integer { .. } | ShapeKind::Long { .. } => "int".into(),
        ShapeKind::Float { .. } | ShapeKind::Double { .. } => "float".into(),
        ShapeKind::Boolean => "bool".into(),
        ShapeKind::Timestamp => "timestamp".into(),
        ShapeKind::Blob { .. } => "bytes".into(),
        ShapeKind::Document => "any".into(),
    }
}
