//! What definitions a document holds: it is one itself, what an AWS call answered about one, or a template with resources
//! that have one.

use super::document::{Kind, Member, Node};
use super::{json, yaml};
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::source::{FileId, SourceFile, Sources, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Machine,
    Pipeline,
}

impl What {
    pub fn word(self) -> &'static str {
        match self {
            What::Machine => "machine",
            What::Pipeline => "pipeline",
        }
    }
}

/// A definition, with the name of the resource where it is one of a template.
pub(super) struct Found {
    pub(super) what: What,
    pub(super) name: Option<String>,
    pub(super) document: Node,
}

pub(super) struct Finder<'f> {
    pub(super) name: &'f str,
    pub(super) sources: &'f mut Sources,
    pub(super) diagnostics: &'f mut Diagnostics,
}

impl Finder<'_> {
    pub(super) fn definitions(&mut self, document: Node) -> Vec<Found> {
        if document.members().is_none() {
            self.shape(&document, "A definition", "an object");
            return Vec::new();
        }
        let whole = |what, document| vec![Found { what, name: None, document }];
        if document.get("Resources").is_some() {
            return self.template(&document);
        }
        if document.get("States").is_some() || document.get("StartAt").is_some() {
            return whole(What::Machine, document);
        }
        if document.get("Steps").is_some()
            || (document.get("Version").is_some() && document.get("Parameters").is_some())
        {
            return whole(What::Pipeline, document);
        }
        // What `describe-state-machine` and `describe-pipeline` answer.
        for (key, named, what) in [
            ("definition", "name", What::Machine),
            ("PipelineDefinition", "PipelineName", What::Pipeline),
            ("PipelineDefinitionBody", "PipelineName", What::Pipeline),
        ] {
            if let Some(inner) = document.get(key) {
                let name = document.get(named).and_then(Node::text).map(str::to_owned);
                let found = self.definition(inner, key);
                return found.map(|document| Found { what, name, document }).into_iter().collect();
            }
        }
        let start = Span { end: document.span.start + 1, ..document.span };
        self.diagnostics.push(Diagnostic::new(&d::IMPORT_UNKNOWN, start, &[("name", &self.name)]));
        Vec::new()
    }

    fn shape(&mut self, node: &Node, what: &str, expected: &str) {
        let found = node.describe();
        self.diagnostics.push(Diagnostic::new(
            &d::IMPORT_SHAPE,
            node.span,
            &[("what", &what), ("expected", &expected), ("found", &found)],
        ));
    }

    fn template(&mut self, document: &Node) -> Vec<Found> {
        let Some(resources) = document.get("Resources") else { return Vec::new() };
        let Some(members) = resources.members() else {
            self.shape(resources, "`Resources`", "an object");
            return Vec::new();
        };
        let mut list = Vec::new();
        let mut elsewhere = Vec::new();
        for Member { key, key_span, value } in members {
            let (what, keys): (_, &[&str]) = match value.get("Type").and_then(Node::text) {
                Some("AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine") => {
                    (What::Machine, &["Definition", "DefinitionString"])
                }
                Some("AWS::SageMaker::Pipeline") => (What::Pipeline, &["PipelineDefinition"]),
                _ => continue,
            };
            let properties = value.get("Properties");
            let inner = properties.and_then(|properties| keys.iter().find_map(|key| properties.get(key)));
            let Some(inner) = inner else {
                elsewhere.push(*key_span);
                continue;
            };
            let inner = inner.get("PipelineDefinitionBody").unwrap_or(inner);
            if let Some(document) = self.definition(inner, key) {
                list.push(Found { what, name: Some(key.clone()), document });
            }
        }
        if list.is_empty() && !self.diagnostics.has_errors() {
            let place = elsewhere.first().copied().unwrap_or(Span { end: document.span.start + 1, ..document.span });
            let found = Diagnostic::new(&d::IMPORT_UNKNOWN, place, &[("name", &self.name)]);
            let is_elsewhere = !elsewhere.is_empty();
            self.diagnostics.push(if is_elsewhere {
                found.help("the definition is in a file of its own: import that file")
            } else {
                found
            });
        }
        list
    }

    /// A definition written as an object, or as text, or as text that the template puts together.
    fn definition(&mut self, node: &Node, name: &str) -> Option<Node> {
        let text = match &node.kind {
            Kind::String(text) => Some((text.clone(), node.span)),
            Kind::Object(members) => match members.as_slice() {
                [only] if only.key == "Fn::Sub" => match &only.value.kind {
                    Kind::List(items) => items.first().and_then(|first| Some((first.text()?.to_owned(), first.span))),
                    _ => only.value.text().map(|text| (text.to_owned(), only.value.span)),
                },
                [only] if only.key == "Fn::Join" => joined(&only.value).map(|text| (text, only.value.span)),
                _ => return Some(node.clone()),
            },
            _ => None,
        };
        let Some((text, span)) = text else {
            self.shape(node, &format!("The definition of `{name}`"), "an object or a text");
            return None;
        };
        // The text has places of its own.
        let file = self.sources.add(SourceFile::new(format!("{}: {name}", self.name), text.as_str(), false));
        let before = self.diagnostics.len();
        let parsed = parse(file, "", &text, self.diagnostics);
        match parsed {
            Some(document) if document.members().is_some() => Some(document),
            Some(document) => {
                self.shape(&document, &format!("The definition of `{name}`"), "an object");
                None
            }
            None => {
                if self.diagnostics.len() == before {
                    self.shape(node, &format!("The definition of `{name}`"), "a text in JSON");
                }
                let _ = span;
                None
            }
        }
    }
}

/// JSON or YAML, by the name of the file and the first character.
pub(super) fn parse(file: FileId, name: &str, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let lower = name.to_ascii_lowercase();
    let first = text.trim_start_matches('\u{feff}').trim_start().chars().next();
    let is_json = lower.ends_with(".json") || matches!(first, Some('{' | '['));
    if is_json { json::parse(file, text, diagnostics) } else { yaml::parse(file, text, diagnostics) }
}

/// `Fn::Join` with an empty separator over texts, with placeholders for what the template refers to.
fn joined(node: &Node) -> Option<String> {
    let [separator, parts] = node.items()? else { return None };
    let separator = separator.text()?;
    let parts: Option<Vec<String>> = parts.items()?.iter().map(reference).collect();
    Some(parts?.join(separator))
}

fn reference(node: &Node) -> Option<String> {
    if let Some(text) = node.text() {
        return Some(text.to_owned());
    }
    let [only] = node.members()? else { return None };
    match (only.key.as_str(), &only.value.kind) {
        ("Ref", Kind::String(name)) => Some(format!("${{{name}}}")),
        ("Fn::GetAtt", Kind::String(path)) => Some(format!("${{{path}}}")),
        ("Fn::GetAtt", Kind::List(items)) => {
            let parts: Option<Vec<&str>> = items.iter().map(Node::text).collect();
            Some(format!("${{{}}}", parts?.join(".")))
        }
        ("Fn::Sub", Kind::String(text)) => Some(text.clone()),
        _ => None,
    }
}
