//! The target-neutral plan of a project: what will be called, in which order, with which values, each with the place it
//! was written at. It must not know how a target spells anything.

mod deployment;
pub(crate) mod partition;
pub(crate) mod rewrite;
pub(crate) mod scopes;

use std::sync::Arc;

use smol_str::SmolStr;

pub use deployment::{Deployment, ResourcePlan, RolePlan, StatementPlan};

use crate::facts::Facts;
use crate::source::Span;
use crate::types::{NodeId, Object, Segment, Type, Value};

/// All that is built from one `project`.
#[derive(Debug)]
pub struct Plan {
    /// The name of the project; outputs go to a folder of that name.
    pub project: SmolStr,
    pub project_span: Span,
    /// The folder of the file that declares it, from the root of the compilation; what is written names files from there.
    pub root: String,
    pub region: Option<SmolStr>,
    /// The bucket of derived locations and uploaded files.
    pub bucket: Option<Value>,
    pub workflows: Vec<Arc<WorkflowPlan>>,
    /// Files to upload, in the order of their keys.
    pub assets: Vec<Asset>,
    /// What the stack of the project holds.
    pub deployment: Deployment,
}

/// A file or folder to upload before an execution starts.
#[derive(Clone, Debug)]
pub struct Asset {
    /// As found below the root of the compilation.
    pub path: String,
    /// What is in it, where the sources themselves say so and there is no such file.
    pub content: Option<String>,
    /// SHA-256 of the content, in hexadecimal; for a folder of the names and contents of its files.
    pub sha256: String,
    /// For a folder: its files, packed as `.tar.gz` before upload.
    pub files: Vec<String>,
    /// Text, or text with parts that are known at deployment.
    pub bucket: Value,
    pub key: String,
    /// The place that first asks for it.
    pub span: Span,
}

#[derive(Debug)]
pub struct WorkflowPlan {
    pub name: SmolStr,
    /// Where the name stands.
    pub span: Span,
    pub doc: Option<SmolStr>,
    /// The engine that owns the run, as a `run` clause names it.
    pub engine: SmolStr,
    /// Why that engine.
    pub engine_reason: String,
    pub parameters: Vec<ParameterPlan>,
    /// Settings of the workflow that only a target understands (`experiment`, `mlflow`, …), evaluated.
    pub settings: Arc<Object>,
    /// Every node, nested ones included; `NodeId` is the index.
    pub nodes: Vec<NodePlan>,
    /// The nodes of the outermost scope, in an order that keeps every edge.
    pub body: Vec<NodeId>,
    /// Written state by state or step by step: the document as it stands.
    pub raw: Option<RawPlan>,
}

/// A `pipeline name { … }`: its settings and its steps as written. Of a `machine name { … }` the settings are the whole
/// document.
#[derive(Debug)]
pub struct RawPlan {
    pub settings: Value,
    pub steps: Vec<RawStep>,
}

#[derive(Debug)]
pub struct RawStep {
    pub name: SmolStr,
    pub name_span: Span,
    /// The word before `{`: the step's type.
    pub type_: SmolStr,
    pub type_span: Span,
    pub members: Value,
}

#[derive(Debug)]
pub struct ParameterPlan {
    pub name: SmolStr,
    pub span: Span,
    pub doc: Option<SmolStr>,
    pub type_: Type,
    pub default: Option<Value>,
}

/// A step, condition, loop or failure.
#[derive(Debug)]
pub struct NodePlan {
    pub id: NodeId,
    /// The AWS-side name.
    pub name: SmolStr,
    /// Where the name (or the word that stands for it) is written.
    pub span: Span,
    /// The whole declaration.
    pub whole: Span,
    pub doc: Option<SmolStr>,
    /// The scope it stands in: a condition or loop, and which branch of it.
    pub parent: Option<(NodeId, usize)>,
    /// Nodes that must end before this one: by data, in ascending order.
    pub data_edges: Vec<NodeId>,
    /// Those of them that may not have run.
    pub maybe_edges: Vec<NodeId>,
    /// Nodes named by `after`, with the place and the state that is awaited.
    pub after: Vec<After>,
    pub kind: NodeKind,
}

#[derive(Debug, Clone)]
pub struct After {
    pub node: NodeId,
    pub span: Span,
    /// `success`, `failure`, `stopped`, `any`
    pub on: SmolStr,
}

#[derive(Debug)]
pub enum NodeKind {
    Step(Box<StepPlan>),
    /// Branches in the order they are tried; the last has no condition where there is an `else`.
    Condition {
        branches: Vec<BranchPlan>,
    },
    Each {
        items: Value,
        settings: Value,
        body: Vec<NodeId>,
    },
    Fail {
        message: Value,
    },
    /// Nodes whose failure is handled; handlers in the order in which they are tried.
    Try {
        body: Vec<NodeId>,
        handlers: Vec<HandlerPlan>,
    },
    /// A part of the workflow that another engine runs.
    Start(Box<StartPlan>),
}

/// The start of another workflow, and the wait for its end.
#[derive(Debug)]
pub struct StartPlan {
    /// Its name in the plan.
    pub workflow: SmolStr,
    /// The name under which it is deployed.
    pub deployed_as: Option<Value>,
    /// For its parameters, what they are given.
    pub arguments: Vec<(SmolStr, Value)>,
    /// Where what its steps write lies, by `step.output`.
    pub reports: Vec<(SmolStr, Value)>,
    pub steps: Vec<StartedStep>,
}

/// A step that another engine runs.
#[derive(Debug)]
pub struct StartedStep {
    pub name: SmolStr,
    /// What it is there.
    pub type_: SmolStr,
    /// The call that tells what it made: service and operation.
    pub returns: Option<(SmolStr, SmolStr)>,
}

/// What is done when something in a scope fails.
#[derive(Debug)]
pub struct HandlerPlan {
    /// The names of the failures, each with its place; none means every failure.
    pub errors: Vec<(SmolStr, Span)>,
    pub body: Vec<NodeId>,
    pub span: Span,
}

#[derive(Debug)]
pub struct BranchPlan {
    pub condition: Option<Value>,
    pub body: Vec<NodeId>,
    pub span: Span,
}

/// One AWS call, or what a kind says instead, as the engine runs it.
#[derive(Debug)]
pub struct StepPlan {
    /// The name of the kind, or the path of the raw call.
    pub kind: SmolStr,
    /// The word it was declared with.
    pub role: SmolStr,
    pub call: Option<CallPlan>,
    /// Where the engine was still to be chosen: whether its first choice runs the step too, and whether only that one does.
    pub fits_first: bool,
    pub needs_first: bool,
    /// The members of the kind's `run` clause for the engine of the workflow.
    pub run: Value,
    /// Common settings: `cache`, `retry`, `timeout`, … as evaluated.
    pub common: Value,
    /// What each output is called and where it goes: for prefix clashes and for the graph.
    pub outputs: Vec<OutputPlan>,
    /// Other locations that it writes to, as the kind names them.
    pub writes: Vec<Value>,
    pub results: Value,
}

#[derive(Debug)]
pub struct CallPlan {
    pub service: SmolStr,
    pub operation: SmolStr,
    /// The operation that tells of what was made.
    pub returns: Option<SmolStr>,
    pub request: Value,
}

#[derive(Debug)]
pub struct OutputPlan {
    pub name: SmolStr,
    pub span: Span,
    pub type_: Type,
    pub uri: Value,
}

/// What evaluation must know of an engine; each target that runs workflows gives one.
pub trait Engine: Sync {
    /// As a `run` clause and the `engine` setting name it.
    fn name(&self) -> &'static str;
    /// In a sentence: "a SageMaker Pipeline".
    fn title(&self) -> &'static str;
    /// The types that a step's answer is looked up in, the first that has a member wins.
    fn response(&self, facts: &Facts, call: Option<(&str, &str)>, returns: Option<&str>, run: &Value) -> Vec<Type>;
    /// Members of a request that the engine itself fills in or refuses, so that they are not missed.
    fn not_required(&self, facts: &Facts, service: &str, operation: &str) -> Vec<SmolStr>;
    /// The `run` members for a call written by hand; `None` where the engine cannot make it.
    fn run_call(&self, facts: &Facts, service: &str, operation: &str, span: Span) -> Option<Value>;
    /// Whether members keep the letter case of the API rather than the language's PascalCase.
    fn keeps_api_case(&self, facts: &Facts, service: &str, operation: &str) -> bool;
    /// Whether it can start a workflow of another engine and wait for its end.
    fn starts_others(&self) -> bool;
    /// Whether it can decide on a condition.
    fn can_decide(&self, condition: &Value) -> bool;
    /// Whether it can compute values while an execution runs.
    fn computes(&self) -> bool;
    /// The path from a loop to what a step of its body answered in one turn, where the engine has one.
    fn turn_path(&self, _step: &str, _turn: i64) -> Option<Vec<Segment>> {
        None
    }
    /// Whether a loop can go through the items of data.
    fn reads_items(&self) -> bool;
    /// Whether a scope can handle what fails in it.
    fn handles_failures(&self) -> bool;
    /// What the AWS-side name of a step must match, with words for it.
    fn step_name_problem(&self, name: &str) -> Option<String>;
    /// The requests that a document written out makes, as far as they are known.
    fn raw_requests(&self, _: &Facts, _: &RawPlan) -> Vec<RawRequest> {
        Vec::new()
    }
}

/// A request inside a document that is written out.
#[derive(Debug)]
pub struct RawRequest {
    pub service: SmolStr,
    pub operation: SmolStr,
    /// What is computed while an execution runs is `Late` of any type.
    pub value: Value,
    /// Members that need not be there, as [`Engine::not_required`] has them.
    pub not_required: Vec<SmolStr>,
    /// The state or step that makes it, and where its name stands.
    pub name: SmolStr,
    pub place: Span,
}
