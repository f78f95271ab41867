//! Values as a pipeline spells them: `Get`, `Std:Join`, `Std:JsonGet`.

use smol_str::{SmolStr, format_smolstr};

use super::Emitter;
use super::engine::TITLE;
use crate::diagnostics::{self as d, Diagnostic, closest, list_of};
use crate::source::Span;
use crate::targets::json::{CLOSE_PLACEHOLDER, OPEN_PLACEHOLDER, aws_name};
use crate::types::{Class, Data, Late, LateKind, Segment, Value, show};

/// A part of a text: written out, or read at run time.
enum Part<'v> {
    Text(String, Span),
    Late(&'v Value),
}

impl Emitter<'_> {
    pub(super) fn value(&mut self, value: &Value) {
        let place = self.place(value.span);
        match &value.data {
            Data::Error | Data::None | Data::Null | Data::Function(_) => self.json.token("null", place),
            Data::Bool(flag) => self.json.token(if *flag { "true" } else { "false" }, place),
            Data::Int(number) => self.json.token(&number.to_string(), place),
            Data::Float(number) => self.json.token(&float(*number), place),
            Data::String(text) => self.json.string(text, place),
            Data::Duration(value) => self.json.string(&show::duration(*value), place),
            Data::Size(value) => self.json.string(&show::size(*value), place),
            Data::Percent(value) => self.json.token(&float(*value), place),
            Data::List(items) => {
                self.json.begin_list(place);
                for item in items.iter().filter(|item| !item.is_none()) {
                    self.value(item);
                }
                self.json.end_list();
            }
            Data::Object(object) => match &object.class {
                Class::Data(_) | Class::File => match object.get("uri") {
                    Some(uri) => self.value(uri),
                    None => self.json.token("null", place),
                },
                Class::Resource(_) => match object.get("name") {
                    Some(name) => self.value(name),
                    None => self.json.token("null", place),
                },
                Class::Step(_) | Class::Instance(_) | Class::Image | Class::Descriptor(_) => {
                    let found = show::describe_value(value);
                    let what = format!("{found} as a value");
                    self.report(Diagnostic::new(
                        &d::ENGINE_CANNOT,
                        place,
                        &[("engine", &capital(TITLE)), ("what", &what)],
                    ));
                    self.json.token("null", place);
                }
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

    /// A path that was written out must start at something that is there.
    fn check_path(&mut self, path: &str, place: Span) {
        let mut parts = path.split(['.', '[']);
        let (Some(root), Some(name)) = (parts.next(), parts.next()) else { return };
        let variables: Vec<SmolStr> = match (root, self.context.facts.pipeline()) {
            ("Execution", Some(facts)) => {
                facts.execution_variables.iter().map(|variable| variable.name.as_str().into()).collect()
            }
            _ => Vec::new(),
        };
        let (what, known): (&str, Vec<SmolStr>) = match root {
            "Steps" => ("step", self.step_names()),
            "Parameters" => ("parameter", self.parameters.iter().flatten().cloned().collect()),
            "Execution" => ("variable of an execution", variables),
            _ => return,
        };
        let is_open = (root == "Steps" && self.steps.is_none()) || (root == "Parameters" && self.parameters.is_none());
        if !is_open && !known.iter().any(|other| other == name) {
            self.leads_nowhere(path, what, name, known, place);
            return;
        }
        let type_ = self.steps.as_ref().and_then(|steps| steps.get(name)).filter(|_| root == "Steps").cloned();
        if let Some(type_) = type_ {
            let rest = path.strip_prefix("Steps.").and_then(|rest| rest.strip_prefix(name)).unwrap_or_default();
            self.check_properties(path, rest, &type_, place);
        }
    }

    /// The names of all steps, in order.
    pub(super) fn step_names(&self) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = self.steps.iter().flat_map(|steps| steps.keys()).cloned().collect();
        names.sort_unstable();
        names
    }

    pub(super) fn leads_nowhere(&mut self, path: &str, what: &str, name: &str, mut known: Vec<SmolStr>, place: Span) {
        known.sort_unstable();
        let problem = format!("there is no {what} called `{name}`");
        let found = Diagnostic::new(&d::RAW_REFERENCE, place, &[("path", &path), ("problem", &problem)]);
        let found = match closest(name, known.iter().map(SmolStr::as_str)) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None if !known.is_empty() && known.len() <= 12 => {
                found.help(format!("there is {}", list_of(known.iter().map(SmolStr::as_str))))
            }
            None => found,
        };
        self.report(found);
    }

    fn get(&mut self, path: &str, place: Span) {
        self.json.begin_object(place);
        self.json.key("Get", place);
        self.json.string(path, place);
        self.json.end_object();
    }

    fn late(&mut self, value: &Value, late: &Late, place: Span) {
        match &late.kind {
            LateKind::Parameter(name) => self.get(&format!("Parameters.{name}"), place),
            LateKind::Run(name) if name == "token" => {
                self.cannot(place, "`run.token`; its callback steps send the token themselves");
                self.json.token("null", place);
            }
            LateKind::Run(name) => self.get(&format!("Execution.{}", execution_variable(name)), place),
            LateKind::Aws(_) | LateKind::Attribute { .. } => {
                let text = placeholder(late);
                self.json.string(&text, place);
            }
            LateKind::Response { node, path } => {
                self.used.push(*node);
                let name = self.node(*node).map(|node| node.name.clone()).unwrap_or_default();
                self.get(&format!("Steps.{name}{}", path_text(path)), place);
            }
            LateKind::Report { node, output, path } => {
                self.used.push(*node);
                let name = self.node(*node).map(|node| node.name.clone()).unwrap_or_default();
                if path.is_empty() {
                    self.cannot(place, "a whole report as a value; name one of its members");
                }
                self.json.begin_object(place);
                self.json.key("Std:JsonGet", place);
                self.json.begin_object(place);
                self.json.key("PropertyFile", place);
                self.get(&format!("Steps.{name}.PropertyFiles.{output}"), place);
                self.json.key("Path", place);
                let text = path_text(path);
                self.json.string(text.strip_prefix('.').unwrap_or(&text), place);
                self.json.end_object();
                self.json.end_object();
            }
            LateKind::Item { path, .. } => self.get(&format!("ForEach.CurrentItem{}", path_text(path)), place),
            LateKind::Join { separator, parts } => self.join(separator, parts, place),
            LateKind::JsonAt { uri, path } => {
                self.json.begin_object(place);
                self.json.key("Std:JsonGet", place);
                self.json.begin_object(place);
                self.json.key("S3Uri", place);
                self.value(uri);
                self.json.key("Path", place);
                self.json.string(path, place);
                self.json.end_object();
                self.json.end_object();
            }
            LateKind::Path(path) => {
                self.check_path(path, place);
                self.get(path, place);
            }
            LateKind::Operation { name, operands } if name == "verbatim" => {
                let text = operands.first().and_then(Value::as_string).map_or("null", SmolStr::as_str);
                self.json.token(text, place);
            }
            LateKind::Operation { name, operands } if name == "made by" || name == "json" => match operands.first() {
                Some(uri) => self.value(&uri.clone().at(value.span)),
                None => self.json.token("null", place),
            },
            LateKind::Operation { .. }
            | LateKind::RunName { .. }
            | LateKind::Started { .. }
            | LateKind::Answer { .. }
            | LateKind::Bound(_) => {
                self.not_computed(late, place);
                self.json.token("null", place);
            }
        }
    }

    /// One finding for an operation that pipelines do not have.
    pub(super) fn not_computed(&mut self, late: &Late, place: Span) {
        if self.refused.contains(&late.because.span) {
            return;
        }
        // A member of what cannot be computed is no other mistake than that.
        if let LateKind::Operation { name, operands } = &late.kind
            && name.starts_with(['.', '['])
            && let [Value { data: Data::Late(inner), span }] = operands.as_slice()
            && matches!(inner.kind, LateKind::Operation { .. })
        {
            let inside = self.place(*span);
            self.not_computed(inner, if inside == self.here { place } else { inside });
            return;
        }
        let what = match &late.kind {
            LateKind::RunName { .. } => "the name of a job".to_owned(),
            LateKind::Operation { name, .. } => match name.as_str() {
                "if" => "`if`".to_owned(),
                "for" => "a list made from a list".to_owned(),
                "optional" => "a value that may be there or not".to_owned(),
                "jsonata" => "a JSONata expression".to_owned(),
                "negate" => "`-`".to_owned(),
                "results of the loop" => "results of a loop outside it".to_owned(),
                name if name.starts_with('.') => {
                    format!("`{name}` of such a value")
                }
                name => format!("`{name}`"),
            },
            _ => "this".to_owned(),
        };
        let found = Diagnostic::new(&d::LATE_OPERATION, place, &[("engine", &capital(TITLE)), ("what", &what)]);
        let mut found = found.related(late.because.span, late.because.text.to_string());
        let is_of_turns = matches!(&late.kind, LateKind::Operation { name, .. } if name == "results of the loop");
        if is_of_turns {
            found.help = vec![
                "what a turn gave has a name where the list of the `each` is written out, reports apart".to_owned(),
                "or let the turns write below one `uri`, and read it whole in a step that waits with `after`"
                    .to_owned(),
            ];
        }
        self.report(found);
    }

    fn cannot(&mut self, place: Span, what: &str) {
        self.report(Diagnostic::new(&d::ENGINE_CANNOT, place, &[("engine", &capital(TITLE)), ("what", &what)]));
    }

    /// Text with late parts. Adjacent parts that can be written out become one; where all can, the text itself is written.
    fn join(&mut self, separator: &str, values: &[Value], place: Span) {
        let mut parts: Vec<Part<'_>> = Vec::with_capacity(values.len());
        for value in values {
            match plain_text(value) {
                Some(text) => match parts.last_mut() {
                    Some(Part::Text(last, _)) => {
                        last.push_str(separator);
                        last.push_str(&text);
                    }
                    _ => parts.push(Part::Text(text, value.span)),
                },
                None => parts.push(Part::Late(value)),
            }
        }
        if let [Part::Text(text, _)] = parts.as_slice() {
            self.json.string(text, place);
            return;
        }
        self.json.begin_object(place);
        self.json.key("Std:Join", place);
        self.json.begin_object(place);
        self.json.key("On", place);
        self.json.string(separator, place);
        self.json.key("Values", place);
        self.json.begin_list(place);
        for part in parts {
            match part {
                Part::Text(text, span) => {
                    let place = self.place(span);
                    self.json.string(&text, place);
                }
                Part::Late(value) => self.value(value),
            }
        }
        self.json.end_list();
        self.json.end_object();
        self.json.end_object();
    }
}

/// The text of a value that is known when the stack is deployed at the latest.
pub(crate) fn plain_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Int(number) => Some(number.to_string()),
        Data::Float(number) => Some(show::number(*number)),
        Data::Bool(flag) => Some(flag.to_string()),
        Data::Late(late) => match &late.kind {
            LateKind::Aws(_) | LateKind::Attribute { .. } => Some(placeholder(late)),
            LateKind::Join { separator, parts } => {
                let parts: Option<Vec<String>> = parts.iter().map(plain_text).collect();
                parts.map(|parts| parts.join(separator))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Text with the names that CloudFormation fills in, for lists that people and tools read.
pub(crate) fn placeholder_text(value: &Value) -> String {
    plain_text(value).unwrap_or_default().replace(OPEN_PLACEHOLDER, "${").replace(CLOSE_PLACEHOLDER, "}")
}

pub(crate) fn placeholder(late: &Late) -> String {
    let name = match &late.kind {
        LateKind::Aws(name) => aws_name(name).to_owned(),
        LateKind::Attribute { resource, attribute } => match attribute {
            Some(attribute) => format!("{resource}.{attribute}"),
            None => resource.to_string(),
        },
        _ => String::new(),
    };
    format!("{OPEN_PLACEHOLDER}{name}{CLOSE_PLACEHOLDER}")
}

fn execution_variable(name: &str) -> &str {
    match name {
        "id" => "PipelineExecutionId",
        "arn" => "PipelineExecutionArn",
        "started" => "StartDateTime",
        "now" => "CurrentDateTime",
        "workflow" => "PipelineName",
        "workflow_arn" => "PipelineArn",
        other => other,
    }
}

/// `.Member[0]['key']`
pub(super) fn path_text(path: &[Segment]) -> SmolStr {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Member(name) => {
                let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                if plain {
                    text.push('.');
                    text.push_str(name);
                } else {
                    text.push_str(&format!("['{name}']"));
                }
            }
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
            Segment::Key(key) | Segment::Where(_, key) => text.push_str(&format!("['{key}']")),
        }
    }
    text.into()
}

/// A number as JSON has it; a whole one keeps its `.0`, since the service tells the two apart.
pub(crate) fn float(value: f64) -> SmolStr {
    if value.fract() == 0.0 && value.abs() < 1e15 { format_smolstr!("{value:.1}") } else { format_smolstr!("{value}") }
}

pub(crate) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
