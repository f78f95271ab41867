//! The tasks of a machine that is written out: which call a `Resource` makes, in which way, with which request.

use smol_str::SmolStr;

use crate::diagnostics::closest;
use crate::facts::{Facts, Service, ShapeId, ShapeKind, TaskAction};
use crate::plan::{RawPlan, RawRequest};
use crate::source::Span;
use crate::types::{Because, Class, Data, Entry, LateKind, Stage, Type, Value};

/// What a `Resource` names.
pub(super) enum Resource<'f> {
    /// A function, an activity, or what a placeholder will stand for.
    Open,
    /// A call of a service by its own integration.
    Own {
        action: &'f TaskAction,
        service: Option<&'f str>,
        pattern: &'static str,
    },
    /// A call of an API as the SDK makes it: service and operation.
    Sdk {
        service: String,
        operation: String,
        pattern: &'static str,
    },
    Wrong {
        problem: String,
        help: Option<String>,
    },
}

pub(super) fn resource<'f>(facts: &'f Facts, text: &str) -> Resource<'f> {
    let wrong = |problem: String| Resource::Wrong { problem, help: None };
    let plain = without_placeholders(text);
    let parts: Vec<&str> = plain.splitn(6, ':').collect();
    let [arn, partition, service, _, _, rest] = parts.as_slice() else {
        return if text.contains("${") { Resource::Open } else { wrong("a resource is an ARN".to_owned()) };
    };
    if *arn != "arn" || !(partition.starts_with("aws") || text.contains("${")) {
        return wrong("a resource is an ARN, which begins with `arn:aws:`".to_owned());
    }
    if *service != "states" {
        // A function, by its own ARN.
        let is_function = *service == "lambda" && rest.starts_with("function:");
        return if is_function || text.contains("${") {
            Resource::Open
        } else {
            wrong("a task calls a function, an activity or an integration, and this is none of them".to_owned())
        };
    }
    if rest.starts_with("activity:") || *rest == PLACEHOLDER {
        return Resource::Open;
    }
    let (call, pattern) = match rest.split_once('.') {
        None => (*rest, "request"),
        Some((call, "sync")) => (call, "sync"),
        Some((call, "sync:2")) => (call, "sync:2"),
        Some((call, "waitForTaskToken")) => (call, "token"),
        Some((_, other)) => {
            let near = closest(other, ["sync", "sync:2", "waitForTaskToken"]);
            let help = near.map(|near| format!("did you mean `.{near}`?"));
            return Resource::Wrong { problem: format!("there is no way to wait called `.{other}`"), help };
        }
    };
    if call.contains(PLACEHOLDER) {
        return Resource::Open;
    }
    match call.split(':').collect::<Vec<_>>().as_slice() {
        ["aws-sdk", service, action] => sdk(facts, service, action, pattern),
        [service, action] => own(facts, service, action, pattern),
        _ => wrong(format!("`{call}` names no service and action")),
    }
}

const PLACEHOLDER: &str = "\u{1}";

/// Each `${…}` as one character that nothing else holds.
fn without_placeholders(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        out.push_str(PLACEHOLDER);
        rest = rest[start..].find('}').map_or("", |end| &rest[start + end + 1..]);
    }
    out.push_str(rest);
    out
}

fn capital(action: &str) -> String {
    let mut letters = action.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn sdk(facts: &Facts, id: &str, action: &str, pattern: &'static str) -> Resource<'static> {
    let normal = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
    };
    let names = facts.services();
    let by_name = names.iter().find(|name| normal(name) == id);
    // Few services have an id that is not their name.
    let found = by_name.or_else(|| {
        names.iter().find(|name| facts.service(name).is_some_and(|service| normal(service.service_id()) == id))
    });
    let Some(service) = found else {
        let help = closest(id, names.iter().copied()).map(|near| format!("did you mean `aws-sdk:{}`?", normal(near)));
        return Resource::Wrong { problem: format!("there is no service `{id}`"), help };
    };
    if !matches!(pattern, "request" | "token") {
        return Resource::Wrong {
            problem: format!("a call by `aws-sdk` answers at once: there is no `.{pattern}` for it"),
            help: Some(
                "ask for the state of what it starts in a loop: `Wait`, a call that describes it, `Choice`".to_owned(),
            ),
        };
    }
    let operation = capital(action);
    let known = facts.service(service);
    let is_known = known.as_ref().is_some_and(|service| service.operation(&operation).is_some());
    if !is_known || action.starts_with(|first: char| first.is_ascii_uppercase()) {
        let operations: Vec<String> = known
            .iter()
            .flat_map(|service| service.operations().into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let near = if is_known {
            Some(operation.as_str())
        } else {
            closest(&operation, operations.iter().map(String::as_str))
        };
        let lower = |name: &str| {
            let mut letters = name.chars();
            letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect::<String>()
        };
        let help = near.map(|near| format!("did you mean `aws-sdk:{id}:{}`?", lower(near)));
        return Resource::Wrong { problem: format!("`{id}` has no action `{action}`"), help };
    }
    Resource::Sdk { service: (*service).to_owned(), operation, pattern }
}

fn own<'f>(facts: &'f Facts, integration: &str, action: &str, pattern: &'static str) -> Resource<'f> {
    let Some(machine) = facts.machine() else { return Resource::Open };
    let same: Vec<_> = machine.services().iter().filter(|known| known.integration == integration).collect();
    if same.is_empty() {
        let near = closest(integration, machine.services().iter().map(|known| known.integration.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}:{action}`?"),
            None => format!("any API is called by `aws-sdk:{integration}:{action}`, without `.sync`"),
        };
        return Resource::Wrong { problem: format!("there is no integration with `{integration}`"), help: Some(help) };
    }
    let Some((service, found)) = machine.action(integration, action) else {
        let actions: Vec<&str> =
            same.iter().flat_map(|known| &known.actions).map(|known| known.action.as_str()).collect();
        let is_api = same
            .iter()
            .filter_map(|known| facts.service(known.service.as_deref()?))
            .any(|service| service.operation(&capital(action)).is_some());
        let help = if is_api {
            Some(format!(
                "the API itself is called by `aws-sdk:{integration}:{action}`, which answers at once, without `.sync`"
            ))
        } else {
            closest(action, actions.iter().copied()).map(|near| format!("did you mean `{integration}:{near}`?"))
        };
        return Resource::Wrong { problem: format!("there is no integration `{integration}:{action}`"), help };
    };
    if !found.patterns.iter().any(|known| known == pattern) {
        let shown = |pattern: &str| match pattern {
            "request" => "nothing behind it".to_owned(),
            "token" => "`.waitForTaskToken`".to_owned(),
            other => format!("`.{other}`"),
        };
        let ways: Vec<String> = found.patterns.iter().map(|known| shown(known)).collect();
        return Resource::Wrong {
            problem: format!("`{integration}:{action}` cannot be called with {}", shown(pattern)),
            help: Some(format!("there is {}", ways.join(", "))),
        };
    }
    Resource::Own { action: found, service: service.service.as_deref(), pattern }
}

/// The requests of all tasks, for [`crate::plan::Engine::raw_requests`].
pub(in crate::targets::machine) fn requests(facts: &Facts, raw: &RawPlan) -> Vec<RawRequest> {
    let mut list = Vec::new();
    let machine = &raw.settings;
    walk(facts, machine, is_jsonata(machine, false), &mut list);
    list
}

fn is_jsonata(value: &Value, outer: bool) -> bool {
    match value.get("QueryLanguage").and_then(Value::as_string) {
        Some(language) => language == "JSONata",
        None => outer,
    }
}

fn walk(facts: &Facts, machine: &Value, jsonata: bool, list: &mut Vec<RawRequest>) {
    let Some(states) = machine.get("States").and_then(Value::as_object) else { return };
    for entry in &states.entries {
        let state = &entry.value;
        let jsonata = is_jsonata(state, jsonata);
        for body in [state.get("ItemProcessor"), state.get("Iterator")].into_iter().flatten() {
            walk(facts, body, is_jsonata(machine, jsonata), list);
        }
        for branch in state.get("Branches").and_then(Value::as_list).into_iter().flat_map(|branches| branches.iter()) {
            walk(facts, branch, is_jsonata(machine, jsonata), list);
        }
        if state.get("Type").and_then(Value::as_string).is_some_and(|type_| type_ == "Task") {
            list.extend(request(facts, &entry.key, entry.key_span, state, jsonata));
        }
    }
}

fn request(facts: &Facts, name: &SmolStr, place: Span, state: &Value, jsonata: bool) -> Option<RawRequest> {
    let text = state.get("Resource")?.as_string()?;
    let arguments = state.get(if jsonata { "Arguments" } else { "Parameters" })?;
    let value = known(arguments, jsonata);
    value.as_object()?;
    let (service, operation, value) = match resource(facts, text) {
        Resource::Own { action, service, .. } if action.arguments.is_empty() => {
            let (service, operation) = (service?, action.operation.as_deref()?);
            let model = facts.service(service)?;
            let input = model.operation(operation)?.input?;
            // What is text for the API may be an object here: it is written out as JSON on its way.
            (SmolStr::from(service), SmolStr::from(operation), fitted(&model, input, &value))
        }
        Resource::Sdk { service, operation, .. } => {
            let model = facts.service(&service)?;
            let input = model.operation(&operation)?.input?;
            (SmolStr::from(service), SmolStr::from(operation), fitted(&model, input, &value))
        }
        _ => return None,
    };
    Some(RawRequest { service, operation, value, not_required: Vec::new(), name: name.clone(), place })
}

/// A value that is computed while the machine runs.
fn computed(span: Span) -> Value {
    let because = Because { span, text: "it is computed while an execution runs".into() };
    Value::late(LateKind::Bound("computed".into()), Type::Any, Stage::Run, because, span)
}

/// A payload with what is computed in place of paths and expressions.
fn known(value: &Value, jsonata: bool) -> Value {
    match &value.data {
        Data::Late(_) => computed(value.span),
        Data::String(text) if text.contains("${") || (jsonata && text.starts_with("{%")) => computed(value.span),
        Data::List(items) => Value::list(items.iter().map(|item| known(item, jsonata)).collect(), value.span),
        Data::Object(object) => {
            if is_function(value) {
                return computed(value.span);
            }
            let entries = object.entries.iter().map(|entry| match entry.key.strip_suffix(".$") {
                Some(key) if !jsonata => Entry { key: key.into(), value: computed(entry.value.span), ..entry.clone() },
                _ => Entry { value: known(&entry.value, jsonata), ..entry.clone() },
            });
            Value::object(Class::Plain, entries.collect(), value.span)
        }
        _ => value.clone(),
    }
}

/// A function of CloudFormation, as templates have them inside definitions.
pub(super) fn is_function(value: &Value) -> bool {
    value.as_object().is_some_and(
        |object| matches!(object.entries.as_slice(), [only] if only.key == "Ref" || only.key.starts_with("Fn::")),
    )
}

fn fitted(service: &Service, id: ShapeId, value: &Value) -> Value {
    let shape = service.shape(id);
    match (&shape.kind, &value.data) {
        (ShapeKind::String { .. }, Data::Object(_) | Data::List(_)) => computed(value.span),
        (ShapeKind::Structure { members, .. }, Data::Object(object)) => {
            let entries = object.entries.iter().map(|entry| {
                match members.iter().find(|member| capital(&member.name) == entry.key.as_str()) {
                    Some(member) => Entry { value: fitted(service, member.shape, &entry.value), ..entry.clone() },
                    None => entry.clone(),
                }
            });
            Value::object(Class::Plain, entries.collect(), value.span)
        }
        (ShapeKind::List { member, .. }, Data::List(items)) => {
            Value::list(items.iter().map(|item| fitted(service, *member, item)).collect(), value.span)
        }
        (ShapeKind::Map { value: inner, .. }, Data::Object(object)) => {
            // Attributes of a table may be given plainly, without their types.
            let is_plain = |value: &Value| {
                matches!(service.shape(*inner).kind, ShapeKind::Structure { .. }) && value.as_string().is_some()
            };
            let fitted = |service: &Service, id: ShapeId, value: &Value| {
                if is_plain(value) { computed(value.span) } else { fitted(service, id, value) }
            };
            let entries = object
                .entries
                .iter()
                .map(|entry| Entry { value: fitted(service, *inner, &entry.value), ..entry.clone() });
            Value::object(Class::Plain, entries.collect(), value.span)
        }
        _ => value.clone(),
    }
}
