//! Types and values in words, for messages and hovers.

use super::type_::{Bounds, Literal, Type};
use super::value::{Class, Data, Value};
use crate::diagnostics::shorten;

const MICROSECONDS: [(i64, &str); 7] = [
    (604_800_000_000, "w"),
    (86_400_000_000, "d"),
    (3_600_000_000, "h"),
    (60_000_000, "m"),
    (1_000_000, "s"),
    (1_000, "ms"),
    (1, "us"),
];
const BYTES: [(i64, &str); 5] = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"), (1, "B")];

/// A duration in microseconds as it would be written: `90s`, `5m`.
pub fn duration(value: i64) -> String {
    in_unit(value, &MICROSECONDS, "0s")
}

/// A size in bytes as it would be written: `30GB`.
pub fn size(value: i64) -> String {
    in_unit(value, &BYTES, "0B")
}

fn in_unit(value: i64, units: &[(i64, &str)], zero: &str) -> String {
    if value == 0 {
        return zero.to_owned();
    }
    // Weeks read badly in limits ("4w" for 28 days), so a unit must divide evenly and weeks are left to days.
    units
        .iter()
        .filter(|(_, name)| *name != "w")
        .find(|(factor, _)| value % factor == 0)
        .map_or_else(|| value.to_string(), |(factor, name)| format!("{}{name}", value / factor))
}

/// A number as JSON would have it, with `.0` left out.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{}", value as i64) } else { format!("{value}") }
}

/// Text as it would be written in a file.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for (index, character) in text.char_indices() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' if text[index + 1..].starts_with('{') => out.push_str("\\$"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// "from 1 to 100", "of at least 1", "of at most 5", "" — to stand after a noun.
fn range<T: Copy>(bounds: &Bounds<T>, show: impl Fn(T) -> String) -> String {
    match (bounds.low, bounds.high) {
        (Some(low), Some(high)) => format!(" from {} to {}", show(low), show(high)),
        (Some(low), None) => format!(" of at least {}", show(low)),
        (None, Some(high)) => format!(" of at most {}", show(high)),
        (None, None) => String::new(),
    }
}

pub fn literal(value: &Literal) -> String {
    match value {
        Literal::String(text) => quoted(text),
        Literal::Int(number) => number.to_string(),
        Literal::Float(value) => number(*value),
        Literal::Bool(value) => value.to_string(),
    }
}

/// A type in words that follow "takes" or "is": "an integer from 1 to 100".
pub fn describe(type_: &Type) -> String {
    match type_ {
        Type::Error | Type::Any => "any value".into(),
        Type::None => "`none`".into(),
        Type::Bool => "`true` or `false`".into(),
        Type::Int(bounds) => format!("an integer{}", range(bounds, |v| v.to_string())),
        Type::Float(bounds) => format!("a number{}", range(bounds, number)),
        Type::String(None) => "text".into(),
        Type::String(Some(string)) => {
            let length = range(&string.length, |v| v.to_string());
            let length = if length.is_empty() { length } else { format!("{length} characters") };
            match &string.pattern {
                Some(pattern) => format!("text{length} that matches `{pattern}`"),
                None => format!("text{length}"),
            }
        }
        Type::Duration(bounds) => format!("a duration{}", range(bounds, duration)),
        Type::Size(bounds) => format!("a size{}", range(bounds, size)),
        Type::Percent(bounds) => format!("a percentage{}", range(bounds, |v| format!("{}%", number(v)))),
        Type::Uri => "a URI".into(),
        Type::Arn => "an ARN".into(),
        Type::Regex => "a regular expression".into(),
        Type::File => "a file or folder beside the sources".into(),
        Type::Image => "a container image".into(),
        Type::Literals(values) => {
            let shown: Vec<String> = values.iter().map(literal).collect();
            match shown.split_last() {
                Some((last, rest)) if !rest.is_empty() && rest.len() < 12 => format!("{} or {last}", rest.join(", ")),
                Some((only, [])) => only.clone(),
                _ => format!(
                    "one of {} values ({}, …)",
                    shown.len(),
                    shown.iter().take(6).cloned().collect::<Vec<_>>().join(", ")
                ),
            }
        }
        Type::Union(types) => {
            let shown: Vec<String> = types.iter().map(describe).collect();
            shown.join(", or ")
        }
        Type::Optional(inner) => format!("{}, or `none`", describe(inner)),
        Type::List(inner) => format!("a list of {}", plural(inner)),
        Type::Map(inner) => format!("an object whose values are {}", plural(inner)),
        Type::Record(record) => match &record.name {
            Some(name) => format!("a `{name}`"),
            None => "an object".into(),
        },
        Type::Instance(job) => format!("an instance type that can run {} jobs", job_word(job)),
        Type::Table { schema, formats } => {
            let schema = schema.as_ref().and_then(|schema| schema.name.clone());
            let formats = if formats.is_empty() { String::new() } else { format!(" in {}", formats.join(", ")) };
            match schema {
                Some(name) => format!("a table of `{name}`{formats}"),
                None => format!("a table{formats}"),
            }
        }
        Type::Files(types) if types.is_empty() => "files".into(),
        Type::Files(types) => format!("files of {}", types.join(", ")),
        Type::Stream(_) => "a stream".into(),
        Type::Model { .. } => "a model".into(),
        Type::Report(_) => "a report".into(),
        Type::Endpoint => "an endpoint".into(),
        Type::Data(ways) if ways.is_empty() => "data (a source, or an output of a step)".into(),
        Type::Data(ways) => format!("data that can be read through {}", ways.join(", ")),
        Type::Outputs(_) => "declared outputs".into(),
        Type::Scalar => "text, a number or a truth value".into(),
        Type::Kind(name) => format!("an application of `{name}`"),
        Type::Step => "a step".into(),
        Type::Resource(name) => format!("a `{name}`"),
        Type::Shape { name, .. } => format!("the `{name}` that the service answered"),
    }
}

fn job_word(job: &str) -> &str {
    if job == "endpoint" { "endpoint (hosting)" } else { job }
}

fn plural(type_: &Type) -> String {
    match type_ {
        Type::Int(Bounds { low: None, high: None }) => "integers".into(),
        Type::Float(Bounds { low: None, high: None }) => "numbers".into(),
        Type::String(None) => "texts".into(),
        Type::Bool => "truth values".into(),
        Type::Any => "any values".into(),
        Type::Step => "steps".into(),
        Type::Record(record) => match &record.name {
            Some(name) => format!("`{name}` objects"),
            None => "objects".into(),
        },
        Type::Union(types) => types.iter().map(plural).collect::<Vec<_>>().join(", or "),
        other => describe(other),
    }
}

/// A type as it is written in a file, for hovers and for `param` declarations.
pub fn written(type_: &Type) -> String {
    fn bounds<T: Copy>(name: &str, b: &Bounds<T>, show: impl Fn(T) -> String) -> String {
        if b.low.is_none() && b.high.is_none() {
            return name.to_owned();
        }
        format!("{name}({}..{})", b.low.map(&show).unwrap_or_default(), b.high.map(&show).unwrap_or_default())
    }
    match type_ {
        Type::Error => "?".into(),
        Type::Any => "any".into(),
        Type::None => "none".into(),
        Type::Bool => "bool".into(),
        Type::Int(b) => bounds("int", b, |v| v.to_string()),
        Type::Float(b) => bounds("float", b, number),
        Type::String(_) => "string".into(),
        Type::Duration(b) => bounds("duration", b, duration),
        Type::Size(b) => bounds("size", b, size),
        Type::Percent(b) => bounds("percent", b, |v| format!("{}%", number(v))),
        Type::Uri => "uri".into(),
        Type::Arn => "arn".into(),
        Type::Regex => "regex".into(),
        Type::File => "file".into(),
        Type::Image => "image".into(),
        Type::Literals(values) => values.iter().map(literal).collect::<Vec<_>>().join(" | "),
        Type::Union(types) => types.iter().map(written).collect::<Vec<_>>().join(" | "),
        Type::Optional(inner) => format!("{}?", written(inner)),
        Type::List(inner) => format!("list<{}>", written(inner)),
        Type::Map(inner) => format!("map<{}>", written(inner)),
        Type::Record(record) => match &record.name {
            Some(name) => name.to_string(),
            None => {
                let fields: Vec<String> = record
                    .fields
                    .iter()
                    .map(|field| {
                        format!("{}{}: {}", field.name, if field.optional { "?" } else { "" }, written(&field.type_))
                    })
                    .collect();
                format!("{{ {} }}", fields.join(", "))
            }
        },
        Type::Instance(job) => format!("instance({job})"),
        Type::Table { schema, formats } => {
            let schema =
                schema.as_ref().and_then(|s| s.name.as_ref()).map(|name| format!("<{name}>")).unwrap_or_default();
            let formats = if formats.is_empty() { String::new() } else { format!("({})", formats.join(", ")) };
            format!("table{schema}{formats}")
        }
        Type::Files(_) => "files".into(),
        Type::Stream(_) => "stream".into(),
        Type::Model { .. } => "model".into(),
        Type::Report(_) => "report".into(),
        Type::Endpoint => "endpoint".into(),
        Type::Data(ways) if ways.is_empty() => "data".into(),
        Type::Data(ways) => format!("data({})", ways.join(", ")),
        Type::Outputs(inner) => format!("outputs<{}>", written(inner)),
        Type::Scalar => "scalar".into(),
        Type::Kind(name) | Type::Resource(name) => name.to_string(),
        Type::Step => "step".into(),
        Type::Shape { name, .. } => name.to_string(),
    }
}

/// A value in words that follow "this is".
pub fn describe_value(value: &Value) -> String {
    match &value.data {
        Data::Error => "something wrong".into(),
        Data::None => "`none`".into(),
        Data::Null => "`null`".into(),
        Data::Bool(value) => format!("`{value}`"),
        Data::Int(value) => format!("the integer {value}"),
        Data::Float(value) => format!("the number {}", number(*value)),
        Data::String(text) => format!("the text {}", quoted(&shorten(text, 40))),
        Data::Duration(value) => format!("the duration {}", duration(*value)),
        Data::Size(value) => format!("the size {}", size(*value)),
        Data::Percent(value) => format!("the percentage {}%", number(*value)),
        Data::List(_) => "a list".into(),
        Data::Object(object) => match &object.class {
            Class::Plain => "an object".into(),
            Class::Data(type_) => describe(type_),
            Class::Descriptor(_) => "the description of an output".into(),
            Class::Step(_) => {
                let results = object.entries.iter().map(|entry| entry.key.as_str()).filter(|key| *key != "response");
                let names: Vec<String> = results.take(8).map(|name| format!("`{name}`")).collect();
                match names.split_last() {
                    Some((last, [])) => format!("a step (it gives {last})"),
                    Some((last, rest)) => format!("a step (it gives {} and {last})", rest.join(", ")),
                    None => "a step".into(),
                }
            }
            Class::Instance(kind) => format!("an application of `{kind}`"),
            Class::File => "a file".into(),
            Class::Image => "a container image".into(),
            Class::Resource(kind) => format!("a `{kind}`"),
            Class::Call { service, operation } => format!("a call of `aws.{service}.{operation}`"),
        },
        Data::Late(late) => describe(&late.type_),
        Data::Function(function) => format!("the function `{}`", function.name),
    }
}
