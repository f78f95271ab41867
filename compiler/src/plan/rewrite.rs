//! Values with some of their late parts put in other words. Must not know what the words are.

use std::sync::Arc;

use crate::types::{Data, Entry, Late, LateKind, Object, Value};

/// A value in which `change` was asked of every late part, from the outside in. Where it gives nothing, the parts of the part
/// are asked.
pub(crate) fn rewritten(value: &Value, change: &mut dyn FnMut(&Value, &Late) -> Option<Value>) -> Value {
    match &value.data {
        Data::Late(late) => {
            if let Some(other) = change(value, late) {
                return other;
            }
            let kind = match &late.kind {
                LateKind::Join { separator, parts } => {
                    let parts = parts.iter().map(|part| rewritten(part, change)).collect();
                    LateKind::Join { separator: separator.clone(), parts }
                }
                LateKind::JsonAt { uri, path } => LateKind::JsonAt { uri: rewritten(uri, change), path: path.clone() },
                LateKind::Operation { name, operands } => {
                    let operands = operands.iter().map(|operand| rewritten(operand, change)).collect();
                    LateKind::Operation { name: name.clone(), operands }
                }
                LateKind::Parameter(_)
                | LateKind::Run(_)
                | LateKind::RunName { .. }
                | LateKind::Aws(_)
                | LateKind::Attribute { .. }
                | LateKind::Response { .. }
                | LateKind::Started { .. }
                | LateKind::Report { .. }
                | LateKind::Item { .. }
                | LateKind::Answer { .. }
                | LateKind::Bound(_)
                | LateKind::Path(_) => return value.clone(),
            };
            let late = Late { kind, type_: late.type_.clone(), stage: late.stage, because: late.because.clone() };
            Value { data: Data::Late(Arc::new(late)), span: value.span }
        }
        Data::List(items) => {
            let items = items.iter().map(|item| rewritten(item, change)).collect();
            Value { data: Data::List(Arc::new(items)), span: value.span }
        }
        Data::Object(object) => {
            let entries = object
                .entries
                .iter()
                .map(|entry| Entry { value: rewritten(&entry.value, change), ..entry.clone() })
                .collect();
            let object = Object { class: object.class.clone(), entries };
            Value { data: Data::Object(Arc::new(object)), span: value.span }
        }
        Data::Error
        | Data::None
        | Data::Null
        | Data::Bool(_)
        | Data::Int(_)
        | Data::Float(_)
        | Data::String(_)
        | Data::Duration(_)
        | Data::Size(_)
        | Data::Percent(_)
        | Data::Function(_) => value.clone(),
    }
}
