//! Values of a plan in words for people: known ones as they are, later ones as `${…}`.

use mlflow_compiler::plan::WorkflowPlan;
use mlflow_compiler::types::show::{duration, number, quoted, size};
use mlflow_compiler::types::{Data, LateKind, NodeId, Segment, Value};

/// A value as text; texts stand without quotes, as in a location.
pub(super) fn shown(workflow: Option<&WorkflowPlan>, value: &Value) -> String {
    match &value.data {
        Data::Error => "?".to_owned(),
        Data::None => "none".to_owned(),
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => number(*value),
        Data::String(text) => text.to_string(),
        Data::Duration(value) => duration(*value),
        Data::Size(value) => size(*value),
        Data::Percent(value) => format!("{}%", number(*value)),
        Data::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inner(workflow, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Data::Object(object) => {
            // A thing that knows where it is, such as a descriptor of an output, is shown by that.
            if let Some(uri) = object.get("uri").filter(|uri| !uri.is_none()) {
                return shown(workflow, uri);
            }
            let entries: Vec<String> = object
                .entries
                .iter()
                .filter(|entry| !entry.value.is_none())
                .map(|entry| format!("{} = {}", entry.key, inner(workflow, &entry.value)))
                .collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        Data::Late(late) => late_shown(workflow, &late.kind),
        Data::Function(function) => function.name.to_string(),
    }
}

fn inner(workflow: Option<&WorkflowPlan>, value: &Value) -> String {
    match &value.data {
        Data::String(text) => quoted(text),
        _ => shown(workflow, value),
    }
}

fn late_shown(workflow: Option<&WorkflowPlan>, kind: &LateKind) -> String {
    let all = |separator: &str, values: &[Value]| {
        values.iter().map(|value| shown(workflow, value)).collect::<Vec<_>>().join(separator)
    };
    match kind {
        LateKind::Parameter(name) => format!("${{{name}}}"),
        LateKind::Run(name) => format!("${{run.{name}}}"),
        LateKind::RunName { .. } => "${run.name}".to_owned(),
        LateKind::Answer { .. } => "${response}".to_owned(),
        LateKind::Bound(name) => name.to_string(),
        LateKind::Aws(name) => format!("${{aws.{name}}}"),
        LateKind::Attribute { resource, attribute: None } => format!("${{{resource}}}"),
        LateKind::Attribute { resource, attribute: Some(name) } => format!("${{{resource}.{name}}}"),
        LateKind::Response { node, path } | LateKind::Started { node, path } | LateKind::Item { node, path } => {
            format!("${{{}{}}}", node_name(workflow, *node), segments(path))
        }
        LateKind::Report { node, output, path } => {
            format!("${{{}.{output}{}}}", node_name(workflow, *node), segments(path))
        }
        LateKind::Join { separator, parts } => all(separator, parts),
        LateKind::JsonAt { uri, path } => format!("{path} in {}", shown(workflow, uri)),
        LateKind::Path(path) => format!("${{{path}}}"),
        LateKind::Operation { name, operands } if name.starts_with(|first: char| first.is_alphabetic()) => {
            format!("{name}({})", all(", ", operands))
        }
        LateKind::Operation { name, operands } => match operands.as_slice() {
            [one] => format!("{name}{}", inner(workflow, one)),
            operands => {
                operands.iter().map(|operand| inner(workflow, operand)).collect::<Vec<_>>().join(&format!(" {name} "))
            }
        },
    }
}

fn node_name(workflow: Option<&WorkflowPlan>, node: NodeId) -> String {
    workflow
        .and_then(|workflow| workflow.nodes.get(node.0 as usize))
        .map_or_else(|| "item".to_owned(), |node| node.name.to_string())
}

fn segments(path: &[Segment]) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Member(name) => format!(".{name}"),
            Segment::Index(index) => format!("[{index}]"),
            Segment::Key(key) => format!("[{}]", quoted(key)),
            Segment::Where(member, value) => format!("[{member} == {}]", quoted(value)),
        })
        .collect()
}
