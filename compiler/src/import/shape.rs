//! What a definition must be to be one at all: objects where objects belong. The rest is for `check` to judge.

use super::document::{Kind, Member, Node};
use super::find::What;
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};

pub(super) fn check(what: What, document: &Node, diagnostics: &mut Diagnostics) {
    match what {
        What::Machine => machine(document, "The machine", diagnostics),
        What::Pipeline => {
            if let Some(parameters) = document.get("Parameters") {
                objects(parameters, "`Parameters`", "a parameter", diagnostics);
            }
            match document.get("Steps") {
                Some(steps) => self::steps(steps, "`Steps`", diagnostics),
                None => wrong(document, "A pipeline", "an object with `Steps`", diagnostics),
            }
        }
    }
}

fn wrong(node: &Node, what: &str, expected: &str, diagnostics: &mut Diagnostics) {
    let found = match &node.kind {
        Kind::Object(_) => "an object without",
        _ => node.describe(),
    };
    diagnostics.push(Diagnostic::new(
        &d::IMPORT_SHAPE,
        node.span,
        &[("what", &what), ("expected", &expected), ("found", &found)],
    ));
}

fn machine(document: &Node, what: &str, diagnostics: &mut Diagnostics) {
    let Some(states) = document.get("States") else {
        wrong(document, what, "an object with `States`", diagnostics);
        return;
    };
    let Some(members) = states.members() else {
        wrong(states, "`States`", "an object", diagnostics);
        return;
    };
    for Member { key, value, .. } in members {
        if value.members().is_none() {
            wrong(value, &format!("The state `{key}`"), "an object", diagnostics);
            continue;
        }
        if let Some(branches) = value.get("Branches") {
            match branches.items() {
                Some(items) => items.iter().for_each(|branch| inner(branch, "A branch", diagnostics)),
                None => wrong(branches, "`Branches`", "a list", diagnostics),
            }
        }
        for body in ["ItemProcessor", "Iterator"] {
            if let Some(body_node) = value.get(body) {
                inner(body_node, &format!("`{body}`"), diagnostics);
            }
        }
        for list in ["Choices", "Retry", "Catch"] {
            if let Some(node) = value.get(list) {
                objects(node, &format!("`{list}`"), "an entry", diagnostics);
            }
        }
    }
}

fn inner(node: &Node, what: &str, diagnostics: &mut Diagnostics) {
    match node.members() {
        Some(_) if node.get("States").is_some() => machine(node, what, diagnostics),
        // Judged with the rest.
        Some(_) => {}
        None if matches!(node.kind, Kind::Placeholder(_)) => {}
        None => wrong(node, what, "an object", diagnostics),
    }
}

fn objects(node: &Node, what: &str, one: &str, diagnostics: &mut Diagnostics) {
    let Some(items) = node.items() else {
        wrong(node, what, "a list", diagnostics);
        return;
    };
    for item in items.iter().filter(|item| item.members().is_none() && !matches!(item.kind, Kind::Placeholder(_))) {
        wrong(item, &format!("{what} holds {one} that"), "an object", diagnostics);
    }
}

fn steps(node: &Node, what: &str, diagnostics: &mut Diagnostics) {
    objects(node, what, "a step", diagnostics);
    for step in node.items().unwrap_or_default() {
        for key in ["Name", "Type"] {
            match step.get(key) {
                Some(text) if text.text().is_none() => wrong(text, &format!("`{key}`"), "a text", diagnostics),
                _ => {}
            }
        }
        let Some(arguments) = step.get("Arguments") else { continue };
        for key in ["IfSteps", "ElseSteps", "Steps"] {
            if let Some(inner) = arguments.get(key).filter(|inner| inner.items().is_some()) {
                steps(inner, &format!("`{key}`"), diagnostics);
            }
        }
    }
}
