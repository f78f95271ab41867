//! Values: known ones as they are, later ones as what will be computed.

use std::sync::Arc;

use smol_str::SmolStr;

use super::type_::Type;
use crate::source::Span;
use crate::syntax::tree::{Expression, Field};

/// When a value is known. Ordered: a later stage is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Build,
    Deploy,
    Run,
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Stage::Build => "build",
            Stage::Deploy => "deploy",
            Stage::Run => "run",
        }
    }

    /// "when the file is built"
    pub fn when(self) -> &'static str {
        match self {
            Stage::Build => "when the file is built",
            Stage::Deploy => "when the stack is deployed",
            Stage::Run => "while an execution runs",
        }
    }
}

/// A node of a workflow: a step, condition, loop or failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A value and where it was written. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Value {
    pub data: Data,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Data {
    /// Something that is wrong already and has its finding; absorbs what follows.
    Error,
    /// Drops the key or element it stands for.
    None,
    /// JSON's null.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(SmolStr),
    /// In microseconds.
    Duration(i64),
    /// In bytes.
    Size(i64),
    /// 20% is 20.
    Percent(f64),
    List(Arc<Vec<Value>>),
    Object(Arc<Object>),
    Late(Arc<Late>),
    Function(Arc<Function>),
}

/// A function, by what it closes over; only the evaluator looks inside.
#[derive(Debug)]
pub struct Function {
    pub name: SmolStr,
    pub body: FunctionBody,
}

#[derive(Debug)]
pub enum FunctionBody {
    /// One of the compiler's own.
    BuiltIn,
    /// `let f(a, b) => e`, with the names it sees around it.
    Declared { parameters: Vec<Field>, body: Expression, captured: Vec<(SmolStr, Value)> },
}

/// What kind of thing an object is.
#[derive(Clone, Debug, PartialEq)]
pub enum Class {
    /// Written as `{ … }`.
    Plain,
    /// A table, model, report, files: something a step makes or a source holds. Its type tells which.
    Data(Type),
    /// An entry of `outputs<…>`: the description of something that will be made.
    Descriptor(Type),
    /// A step of the workflow, seen by others.
    Step(NodeId),
    /// An application of a kind, seen from outside; the name of the kind.
    Instance(SmolStr),
    /// A file or folder beside the sources.
    File,
    Image,
    /// Something deployed with the project; its kind.
    Resource(SmolStr),
    /// A request to a service, with the service and operation: a call that a clause makes beside the step's own.
    Call {
        service: SmolStr,
        operation: SmolStr,
    },
}

/// An ordered map with a class. Keys are unique.
#[derive(Clone, Debug)]
pub struct Object {
    pub class: Class,
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: SmolStr,
    pub key_span: Span,
    pub value: Value,
    /// Written with `...unchecked({ … })`: facts may not know it.
    pub unchecked: bool,
}

/// A value that is known later.
#[derive(Clone, Debug)]
pub struct Late {
    pub kind: LateKind,
    pub type_: Type,
    pub stage: Stage,
    /// Where and why it becomes late.
    pub because: Because,
}

/// The place that makes a value late, with the words for it.
#[derive(Clone, Debug)]
pub struct Because {
    pub span: Span,
    pub text: SmolStr,
}

#[derive(Clone, Debug)]
pub enum LateKind {
    /// A `param` of the workflow.
    Parameter(SmolStr),
    /// Something about the execution: `id`, `arn`, `name`, `started`, `now`, `workflow`.
    Run(SmolStr),
    /// A name for the job of a step, unique to the execution, of at most so many characters.
    RunName { most: u32, node: NodeId },
    /// `region`, `account`, `partition` of the deployment.
    Aws(SmolStr),
    /// An attribute of something deployed; `None` is its reference.
    Attribute { resource: SmolStr, attribute: Option<SmolStr> },
    /// A member of what a step's call answered.
    Response { node: NodeId, path: Vec<Segment> },
    /// A member of what the call answered that only started what a step then waits for.
    Started { node: NodeId, path: Vec<Segment> },
    /// A value in the JSON report that a step wrote as the named output.
    Report { node: NodeId, output: SmolStr, path: Vec<Segment> },
    /// The item of a loop at run time, or a part of it.
    Item { node: NodeId, path: Vec<Segment> },
    /// Text put together.
    Join { separator: SmolStr, parts: Vec<Value> },
    /// Text read from a JSON file at a location.
    JsonAt { uri: Value, path: SmolStr },
    /// A path written as the target has it: `get("Steps.X.Y")`.
    Path(SmolStr),
    /// What the call answered that is made just here, such as one that a step waits by.
    Answer { path: Vec<Segment> },
    /// The name that a comprehension gives to each item of a list that is known later.
    Bound(SmolStr),
    /// An operation at run time: operators by their symbol, functions by their name.
    Operation { name: SmolStr, operands: Vec<Value> },
}

/// One part of a path into a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    Member(SmolStr),
    Index(i64),
    Key(SmolStr),
    /// The element whose member has a value: `Outputs[OutputName == "train"]`.
    Where(SmolStr, SmolStr),
}

impl Value {
    pub fn new(data: Data, span: Span) -> Value {
        Value { data, span }
    }

    pub fn none(span: Span) -> Value {
        Value { data: Data::None, span }
    }

    pub fn error(span: Span) -> Value {
        Value { data: Data::Error, span }
    }

    pub fn string(text: impl Into<SmolStr>, span: Span) -> Value {
        Value { data: Data::String(text.into()), span }
    }

    pub fn list(items: Vec<Value>, span: Span) -> Value {
        Value { data: Data::List(Arc::new(items)), span }
    }

    pub fn object(class: Class, entries: Vec<Entry>, span: Span) -> Value {
        Value { data: Data::Object(Arc::new(Object { class, entries })), span }
    }

    pub fn late(kind: LateKind, type_: Type, stage: Stage, because: Because, span: Span) -> Value {
        Value { data: Data::Late(Arc::new(Late { kind, type_, stage, because })), span }
    }

    /// The value, with `none` left in its place.
    pub fn take(&mut self) -> Value {
        let none = Value::none(self.span);
        std::mem::replace(self, none)
    }

    /// The same value, said to stand elsewhere.
    pub fn at(mut self, span: Span) -> Value {
        self.span = span;
        self
    }

    pub fn is_error(&self) -> bool {
        matches!(self.data, Data::Error)
    }

    pub fn is_none(&self) -> bool {
        matches!(self.data, Data::None)
    }

    pub fn as_string(&self) -> Option<&SmolStr> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Arc<Object>> {
        match &self.data {
            Data::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&Arc<Vec<Value>>> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_late(&self) -> Option<&Arc<Late>> {
        match &self.data {
            Data::Late(late) => Some(late),
            _ => None,
        }
    }

    /// A call: its service, operation and request.
    pub fn as_call(&self) -> Option<(&str, &str, &Object)> {
        match self.as_object().map(|object| (&object.class, object)) {
            Some((Class::Call { service, operation }, object)) => Some((service, operation, object)),
            _ => None,
        }
    }

    /// The member of an object, where there is one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object().and_then(|object| object.get(key))
    }

    /// Appends the nodes whose results the value is made of.
    pub fn collect_nodes(&self, out: &mut Vec<NodeId>) {
        match &self.data {
            Data::Late(late) => match &late.kind {
                LateKind::Response { node, .. }
                | LateKind::Started { node, .. }
                | LateKind::Report { node, .. }
                | LateKind::Item { node, .. } => {
                    out.push(*node);
                }
                LateKind::Join { parts, .. } => parts.iter().for_each(|part| part.collect_nodes(out)),
                LateKind::JsonAt { uri, .. } => uri.collect_nodes(out),
                LateKind::Operation { operands, .. } => operands.iter().for_each(|operand| operand.collect_nodes(out)),
                LateKind::RunName { node, .. } => out.push(*node),
                LateKind::Parameter(_)
                | LateKind::Run(_)
                | LateKind::Answer { .. }
                | LateKind::Bound(_)
                | LateKind::Aws(_)
                | LateKind::Attribute { .. }
                | LateKind::Path(_) => {}
            },
            Data::List(items) => items.iter().for_each(|item| item.collect_nodes(out)),
            Data::Object(object) => {
                if matches!(object.class, Class::Plain | Class::Data(_) | Class::Call { .. }) {
                    let own = |entry: &&Entry| !matches!(entry.key.as_str(), "made_by" | "json");
                    object.entries.iter().filter(own).for_each(|entry| entry.value.collect_nodes(out));
                }
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
            | Data::Function(_) => {}
        }
    }

    /// A text that is the same for values of the same content, wherever they stand.
    pub fn text_key(&self) -> String {
        let mut out = String::new();
        self.write_key(&mut out);
        out
    }

    fn write_key(&self, out: &mut String) {
        match &self.data {
            Data::String(text) => out.push_str(text),
            Data::List(items) => {
                for item in items.iter() {
                    item.write_key(out);
                    out.push(',');
                }
            }
            Data::Object(object) => {
                for entry in &object.entries {
                    out.push_str(&entry.key);
                    out.push('=');
                    entry.value.write_key(out);
                    out.push(';');
                }
            }
            Data::Late(late) => match &late.kind {
                LateKind::Aws(name) => out.push_str(&format!("${{{name}}}")),
                LateKind::Attribute { resource, attribute } => {
                    out.push_str(&format!("${{{resource}.{}}}", attribute.as_deref().unwrap_or_default()));
                }
                LateKind::Join { separator, parts } => {
                    for part in parts {
                        part.write_key(out);
                        out.push_str(separator);
                    }
                }
                other => out.push_str(&format!("{other:?}")),
            },
            other => out.push_str(&format!("{other:?}")),
        }
    }

    /// Appends the nodes whose results the value cannot be without.
    pub fn collect_required(&self, out: &mut Vec<NodeId>) {
        match &self.data {
            Data::Late(late) => match &late.kind {
                LateKind::Operation { name, operands } if name != "optional" => {
                    operands.iter().for_each(|operand| operand.collect_required(out));
                }
                LateKind::Operation { .. } => {}
                LateKind::Join { parts, .. } => parts.iter().for_each(|part| part.collect_required(out)),
                LateKind::JsonAt { uri, .. } => uri.collect_required(out),
                _ => self.collect_nodes(out),
            },
            Data::List(items) => items.iter().for_each(|item| item.collect_required(out)),
            Data::Object(object) if matches!(object.class, Class::Plain | Class::Data(_) | Class::Call { .. }) => {
                let own = |entry: &&Entry| !matches!(entry.key.as_str(), "made_by" | "json");
                object.entries.iter().filter(own).for_each(|entry| entry.value.collect_required(out));
            }
            _ => {}
        }
    }

    /// The latest stage of the value and all its parts.
    pub fn stage(&self) -> Stage {
        self.latest().map_or(Stage::Build, |late| late.stage)
    }

    /// The part that is known last, if any part is not known at build.
    pub fn latest(&self) -> Option<&Arc<Late>> {
        match &self.data {
            Data::Late(late) => Some(late),
            Data::List(items) => items.iter().filter_map(Value::latest).max_by_key(|late| late.stage),
            Data::Object(object) => match object.class {
                // What stands for a thing is known as far as its name is.
                Class::Step(_) | Class::Instance(_) | Class::Resource(_) | Class::File => None,
                Class::Plain | Class::Data(_) | Class::Descriptor(_) | Class::Image | Class::Call { .. } => {
                    object.entries.iter().filter_map(|entry| entry.value.latest()).max_by_key(|late| late.stage)
                }
            },
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
            | Data::Function(_) => None,
        }
    }
}

impl Object {
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

impl Entry {
    pub fn new(key: impl Into<SmolStr>, value: Value) -> Entry {
        Entry { key: key.into(), key_span: value.span, value, unchecked: false }
    }
}
