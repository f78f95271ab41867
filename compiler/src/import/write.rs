//! Writes a document as `.mlflow` text: the raw forms, and values as the language spells them. What it writes evaluates to
//! exactly what it was given.

use super::document::{Kind, Member, Node};
use super::names;

/// What fits into so many columns stands on one line.
const LINE: usize = 96;

/// Members of a pipeline's steps that hold steps.
const BRANCHES: [&str; 3] = ["IfSteps", "ElseSteps", "Steps"];

/// The document a value belongs to: each has functions of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Machine,
    Pipeline,
}

/// `machine name { … }`
pub(super) fn machine(name: &str, document: &Node, out: &mut String) {
    out.push_str(&format!("machine {name} "));
    let members = document.members().unwrap_or_default();
    machine_body(members, 0, out);
    out.push('\n');
}

/// `pipeline name { … }`, with `lead` for the settings that are written as they are.
pub(super) fn pipeline(name: &str, document: &Node, out: &mut String) {
    out.push_str(&format!("pipeline {name} {{\n"));
    let members = document.members().unwrap_or_default();
    if document.get("Version").is_none() {
        out.push_str("  Version = none\n");
    }
    let steps = document.get("Steps").and_then(named_steps);
    for member in members {
        if member.key == "Steps" && steps.is_some() {
            continue;
        }
        entry(member, 1, Of::Pipeline, out);
    }
    for step in steps.into_iter().flatten() {
        out.push('\n');
        named_step(step, 1, out);
    }
    out.push_str("}\n");
}

/// The steps of a list that is not empty and holds nothing but steps with a name and a type.
fn named_steps(node: &Node) -> Option<&[Node]> {
    let items = node.items().filter(|items| !items.is_empty())?;
    let is_step = |step: &Node| {
        let type_ = step.get("Type").and_then(Node::text);
        step.get("Name").and_then(Node::text).is_some() && type_.is_some_and(names::is_name)
    };
    items.iter().all(is_step).then_some(items)
}

fn named_step(step: &Node, depth: usize, out: &mut String) {
    let name = step.get("Name").and_then(Node::text).unwrap_or_default();
    let type_ = step.get("Type").and_then(Node::text).unwrap_or_default();
    indent(depth, out);
    out.push_str(&format!("step {} = {type_} ", names::key(name)));
    let rest: Vec<&Member> =
        step.members().unwrap_or_default().iter().filter(|m| m.key != "Name" && m.key != "Type").collect();
    entries(&rest, depth, Of::Pipeline, out);
    out.push('\n');
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// What a machine, a branch or a body holds, in braces.
fn machine_body(members: &[Member], depth: usize, out: &mut String) {
    out.push_str("{\n");
    let find = |key: &str| members.iter().find(|member| member.key == key).map(|member| &member.value);
    let states = find("States").and_then(Node::members).filter(|states| !states.is_empty());
    let first = states.and_then(|states| states.first()).map(|state| state.key.as_str());
    let starts = find("StartAt");
    let is_implied = starts.and_then(Node::text).is_some_and(|start| Some(start) == first);
    if starts.is_none() && first.is_some() {
        indent(depth + 1, out);
        out.push_str("StartAt = none\n");
    }
    for member in members {
        match (member.key.as_str(), states) {
            ("States", Some(states)) => {
                for (index, state) in states.iter().enumerate() {
                    if index > 0 || !out.ends_with("{\n") {
                        out.push('\n');
                    }
                    self::state(state, depth + 1, out);
                }
            }
            ("StartAt", Some(_)) if is_implied => {}
            _ => entry(member, depth + 1, Of::Machine, out),
        }
    }
    indent(depth, out);
    out.push('}');
}

fn state(member: &Member, depth: usize, out: &mut String) {
    indent(depth, out);
    out.push_str(&format!("state {} = ", names::key(&member.key)));
    let type_ = member.value.get("Type").and_then(Node::text).filter(|type_| names::is_name(type_));
    match (type_, member.value.members()) {
        (Some(type_), Some(members)) => {
            out.push_str(type_);
            out.push(' ');
            let rest: Vec<&Member> = members.iter().filter(|member| member.key != "Type").collect();
            entries(&rest, depth, Of::Machine, out);
        }
        _ => value(&member.value, depth, 0, Of::Machine, out),
    }
    out.push('\n');
}

fn entry(member: &Member, depth: usize, of: Of, out: &mut String) {
    indent(depth, out);
    let key = names::key(&member.key);
    out.push_str(&key);
    out.push_str(" = ");
    let steps = (of == Of::Pipeline && BRANCHES.contains(&member.key.as_str())).then(|| named_steps(&member.value));
    match steps.flatten() {
        Some(steps) => {
            out.push_str("pipeline {\n");
            for step in steps {
                named_step(step, depth + 1, out);
            }
            indent(depth, out);
            out.push('}');
        }
        None => value(&member.value, depth, depth * 2 + key.chars().count() + 3, of, out),
    }
    out.push('\n');
}

/// Members in braces, on one line where they fit.
fn entries(members: &[&Member], depth: usize, of: Of, out: &mut String) {
    if members.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push_str("{\n");
    for member in members {
        entry(member, depth + 1, of, out);
    }
    indent(depth, out);
    out.push('}');
}

/// A value; `column` is where it starts.
pub(super) fn value(node: &Node, depth: usize, column: usize, of: Of, out: &mut String) {
    let mut line = String::new();
    if inline(node, of, LINE.saturating_sub(column), &mut line) {
        out.push_str(&line);
        return;
    }
    match &node.kind {
        Kind::Object(members) => match of {
            Of::Machine if is_machine(members) => {
                out.push_str("machine ");
                machine_body(members, depth, out);
            }
            Of::Pipeline if function(node).is_some() => {
                // A function that is longer than a line is still one.
                let mut line = String::new();
                inline(node, of, usize::MAX, &mut line);
                out.push_str(&line);
            }
            Of::Machine | Of::Pipeline => entries(&members.iter().collect::<Vec<_>>(), depth, of, out),
        },
        Kind::List(items) => {
            out.push_str("[\n");
            for item in items {
                indent(depth + 1, out);
                value(item, depth + 1, (depth + 1) * 2, of, out);
                out.push('\n');
            }
            indent(depth, out);
            out.push(']');
        }
        _ => {
            let mut line = String::new();
            inline(node, of, usize::MAX, &mut line);
            out.push_str(&line);
        }
    }
}

/// Writes a value on one line of at most so many columns; whether it fits. Scalars always do.
fn inline(node: &Node, of: Of, most: usize, out: &mut String) -> bool {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&names::number(number)),
        Kind::Placeholder(text) => out.push_str(&format!("verbatim({})", names::text(text))),
        Kind::String(text) => out.push_str(&names::value(text, of == Of::Machine)),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                if !inline(item, of, most, out) || out.len() > most {
                    return false;
                }
            }
            out.push(']');
        }
        Kind::Object(members) => {
            if of == Of::Pipeline
                && let Some(function) = function(node)
            {
                match function {
                    Function::Get(path) => out.push_str(&format!("get({})", names::text(path))),
                    Function::Join(separator, values) => {
                        out.push_str(&format!("join({}, ", names::text(separator)));
                        inline(values, of, usize::MAX, out);
                        out.push(')');
                    }
                }
                return out.len() <= most;
            }
            if members.is_empty() {
                out.push_str("{}");
                return true;
            }
            let holds_steps =
                |member: &Member| BRANCHES.contains(&member.key.as_str()) && named_steps(&member.value).is_some();
            if (of == Of::Machine && is_machine(members)) || (of == Of::Pipeline && members.iter().any(holds_steps)) {
                return false;
            }
            out.push_str("{ ");
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&names::key(&member.key));
                out.push_str(" = ");
                if !inline(&member.value, of, most, out) || out.len() > most {
                    return false;
                }
            }
            out.push_str(" }");
        }
    }
    out.len() <= most && !out.contains('\n')
        || matches!(node.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Placeholder(_))
}

/// An object with states is a machine of its own: a branch, a body.
fn is_machine(members: &[Member]) -> bool {
    members
        .iter()
        .any(|member| member.key == "States" && member.value.members().is_some_and(|states| !states.is_empty()))
}

/// The functions of a pipeline that the language has words for.
enum Function<'n> {
    Get(&'n str),
    Join(&'n str, &'n Node),
}

fn function(node: &Node) -> Option<Function<'_>> {
    let [only] = node.members()? else { return None };
    match only.key.as_str() {
        "Get" => only.value.text().map(Function::Get),
        "Std:Join" => {
            let members = only.value.members().filter(|members| members.len() == 2)?;
            let find = |key: &str| members.iter().find(|member| member.key == key).map(|member| &member.value);
            let (separator, values) = (find("On")?.text()?, find("Values")?);
            let items = values.items()?;
            let is_get = |item: &Node| matches!(function(item), Some(Function::Get(_)));
            // Texts beside each other would become one.
            let is_plain = items.iter().all(|item| item.text().is_some() || is_get(item));
            let is_apart = items.windows(2).all(|pair| is_get(&pair[0]) || is_get(&pair[1]));
            (is_plain && is_apart && items.iter().any(is_get)).then_some(Function::Join(separator, values))
        }
        _ => None,
    }
}
