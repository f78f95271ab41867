//! Values as JSON text, for the functions that make such text.

use super::expression::scalar_text;
use crate::types::{Class, Data, Type, Value};

/// A value that is wholly known as compact JSON text.
pub(super) fn to_json(value: &Value) -> String {
    fn plain(value: &Value) -> serde_json::Value {
        match &value.data {
            Data::Bool(flag) => serde_json::Value::Bool(*flag),
            Data::Int(number) => serde_json::Value::from(*number),
            Data::Float(number) => serde_json::Value::from(*number),
            Data::List(items) => serde_json::Value::Array(items.iter().map(plain).collect()),
            Data::Object(object) => match (&object.class, object.get("uri")) {
                // Data stands for the place where it lies.
                (Class::Data(_) | Class::File, Some(uri)) => plain(uri),
                _ => serde_json::Value::Object(
                    object
                        .entries
                        .iter()
                        .filter(|entry| !entry.value.is_none())
                        .map(|entry| (entry.key.to_string(), plain(&entry.value)))
                        .collect(),
                ),
            },
            Data::String(_) | Data::Duration(_) | Data::Size(_) | Data::Percent(_) => {
                serde_json::Value::String(scalar_text(value).unwrap_or_default())
            }
            Data::Error | Data::None | Data::Null | Data::Late(_) | Data::Function(_) => serde_json::Value::Null,
        }
    }
    plain(value).to_string()
}

/// JSON text in parts, with the values that are known later between them. Those that may be text stand in quotes; what
/// they hold is not escaped.
pub(super) fn json_parts(value: &Value, parts: &mut Vec<Value>) {
    let text = |text: &str| Value::string(text, value.span);
    if value.latest().is_none() {
        parts.push(text(&to_json(value)));
        return;
    }
    match &value.data {
        Data::Late(late) => match late.type_.required() {
            Type::Int(_) | Type::Float(_) | Type::Bool => parts.push(value.clone()),
            _ => parts.extend([text("\""), value.clone(), text("\"")]),
        },
        Data::List(items) => {
            for (index, item) in items.iter().enumerate() {
                parts.push(text(if index == 0 { "[" } else { "," }));
                json_parts(item, parts);
            }
            parts.push(text("]"));
        }
        Data::Object(object) => match (&object.class, object.get("uri")) {
            (Class::Data(_) | Class::File, Some(uri)) => json_parts(uri, parts),
            _ => {
                let entries = object.entries.iter().filter(|entry| !entry.value.is_none());
                for (index, entry) in entries.enumerate() {
                    let key = serde_json::Value::String(entry.key.to_string());
                    parts.push(text(&format!("{}{key}:", if index == 0 { "{" } else { "," })));
                    json_parts(&entry.value, parts);
                }
                parts.push(text("}"));
            }
        },
        _ => parts.push(text(&to_json(value))),
    }
}
