//! The graph of each workflow, for people and for tools: `graph.json`, Mermaid and Graphviz. It shows a plan as it is and
//! must not decide anything about it.

mod dot;
mod mermaid;

use serde::Serialize;

use crate::diagnostics::shorten;
use crate::plan::{NodeKind, NodePlan, Plan, RawPlan, WorkflowPlan};
use crate::source::{Sources, Span};
use crate::types::{NodeId, Value};

pub use dot::dot;
pub use mermaid::mermaid;

/// The longest text of a condition or message that still reads well in a drawing.
const LONGEST: usize = 60;

/// The graphs of one project.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProjectGraph {
    pub project: String,
    pub workflows: Vec<WorkflowGraph>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkflowGraph {
    pub name: String,
    pub engine: String,
    #[serde(flatten)]
    pub place: Option<Place>,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

/// Where something is declared; lines and columns count from one, columns in characters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    pub id: u32,
    pub kind: NodeType,
    pub name: String,
    /// The word it was declared with: `train`, `deploy`, `when`, …
    pub role: String,
    /// The kind of a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
    /// The call that a step makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// What a condition asks, what a loop goes over, what a failure says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The condition or loop around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    #[serde(flatten)]
    pub place: Option<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeType {
    Step,
    Condition,
    Each,
    Fail,
    Try,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edge {
    pub from: u32,
    pub to: u32,
    pub kind: EdgeType,
    /// Which branch, or which end is awaited where it is not success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeType {
    /// A result of one goes to the other.
    Data,
    /// Written with `after`.
    After,
    /// From a condition or loop to what runs first in it.
    Branch,
}

/// The content of `graph.json`.
pub fn document(plan: &Plan, sources: &Sources) -> String {
    // The types above have text keys and serializers that do not fail.
    let mut text = serde_json::to_string_pretty(&graph(plan, sources)).unwrap_or_default();
    text.push('\n');
    text
}

/// The graphs of all workflows of a project, in the order of their declarations.
pub fn graph(plan: &Plan, sources: &Sources) -> ProjectGraph {
    let workflows = plan.workflows.iter().map(|workflow| workflow_graph(workflow, sources)).collect();
    ProjectGraph { project: plan.project.to_string(), workflows }
}

fn workflow_graph(workflow: &WorkflowPlan, sources: &Sources) -> WorkflowGraph {
    let (nodes, edges) = match &workflow.raw {
        Some(raw) => raw_parts(raw, sources),
        None => (workflow.nodes.iter().map(|plan| node(plan, sources)).collect(), edges(workflow)),
    };
    WorkflowGraph {
        name: workflow.name.to_string(),
        engine: workflow.engine.to_string(),
        place: place(sources, workflow.span),
        nodes,
        edges,
    }
}

fn node(plan: &NodePlan, sources: &Sources) -> Node {
    let (kind, role, uses, call, text) = match &plan.kind {
        NodeKind::Step(step) => {
            let call = step.call.as_ref().map(|call| format!("{}.{}", call.service, call.operation));
            (NodeType::Step, step.role.to_string(), Some(step.kind.to_string()), call, None)
        }
        NodeKind::Condition { branches } => {
            let question = branches.first().and_then(|branch| branch.condition.as_ref());
            (NodeType::Condition, "when".into(), None, None, question.and_then(|value| written(sources, value)))
        }
        NodeKind::Each { items, .. } => (NodeType::Each, "each".into(), None, None, written(sources, items)),
        NodeKind::Try { .. } => (NodeType::Try, "try".into(), None, None, None),
        NodeKind::Start(start) => (NodeType::Step, "start".into(), Some(start.workflow.to_string()), None, None),
        NodeKind::Fail { message } => (NodeType::Fail, "fail".into(), None, None, written(sources, message)),
    };
    Node {
        id: plan.id.0,
        kind,
        name: plan.name.to_string(),
        role,
        uses,
        call,
        text,
        parent: plan.parent.map(|(parent, _)| parent.0),
        place: place(sources, plan.span),
    }
}

/// What leads to what in a workflow.
pub fn edges(workflow: &WorkflowPlan) -> Vec<Edge> {
    let mut edges = Vec::new();
    for node in &workflow.nodes {
        for from in &node.data_edges {
            edges.push(Edge { from: from.0, to: node.id.0, kind: EdgeType::Data, label: None });
        }
        for after in &node.after {
            let label = (after.on != "success").then(|| after.on.to_string());
            edges.push(Edge { from: after.node.0, to: node.id.0, kind: EdgeType::After, label });
        }
        match &node.kind {
            NodeKind::Condition { branches } => {
                for (index, branch) in branches.iter().enumerate() {
                    let label = match (index, &branch.condition) {
                        (0, _) => "then".to_owned(),
                        (_, None) => "else".to_owned(),
                        (index, Some(_)) => format!("else when {index}"),
                    };
                    branch_edges(workflow, node.id, &branch.body, Some(label), &mut edges);
                }
            }
            NodeKind::Each { body, .. } => branch_edges(workflow, node.id, body, None, &mut edges),
            NodeKind::Try { body, handlers } => {
                branch_edges(workflow, node.id, body, None, &mut edges);
                for handler in handlers {
                    let names: Vec<&str> = handler.errors.iter().map(|(name, _)| name.as_str()).collect();
                    let label = if names.is_empty() { "on failure".to_owned() } else { names.join(", ") };
                    branch_edges(workflow, node.id, &handler.body, Some(label), &mut edges);
                }
            }
            NodeKind::Step(_) | NodeKind::Fail { .. } | NodeKind::Start(_) => {}
        }
    }
    edges
}

/// Edges to the nodes of a scope that wait for no other of the same scope.
fn branch_edges(workflow: &WorkflowPlan, from: NodeId, body: &[NodeId], label: Option<String>, edges: &mut Vec<Edge>) {
    for id in body {
        let Some(node) = workflow.nodes.get(id.0 as usize) else { continue };
        let waits = node.data_edges.iter().chain(node.after.iter().map(|after| &after.node));
        if waits.into_iter().all(|other| !body.contains(other)) {
            edges.push(Edge { from: from.0, to: id.0, kind: EdgeType::Branch, label: label.clone() });
        }
    }
}

/// A workflow that is written out has no nodes of its own: its steps and what they say they depend on.
fn raw_parts(raw: &RawPlan, sources: &Sources) -> (Vec<Node>, Vec<Edge>) {
    let mut edges = Vec::new();
    let nodes = raw
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let named = step.members.get("DependsOn").and_then(Value::as_list);
            for name in named.into_iter().flat_map(|list| list.iter()).filter_map(Value::as_string) {
                if let Some(from) = raw.steps.iter().position(|other| other.name == *name) {
                    edges.push(Edge { from: from as u32, to: index as u32, kind: EdgeType::After, label: None });
                }
            }
            Node {
                id: index as u32,
                kind: NodeType::Step,
                name: step.name.to_string(),
                role: "step".into(),
                uses: Some(step.type_.to_string()),
                call: None,
                text: None,
                parent: None,
                place: place(sources, step.name_span),
            }
        })
        .collect();
    (nodes, edges)
}

/// What the user wrote for a value, in one short line.
fn written(sources: &Sources, value: &Value) -> Option<String> {
    let text: Vec<&str> = sources.text(value.span).split_whitespace().collect();
    (!text.is_empty()).then(|| shorten(&text.join(" "), LONGEST).to_string())
}

fn place(sources: &Sources, span: Span) -> Option<Place> {
    if span.is_none() {
        return None;
    }
    let file = sources.get(span.file);
    let at = file.lines().characters(&file.text, span.start);
    Some(Place { file: file.name.clone(), line: at.line + 1, column: at.column + 1 })
}

/// The lines of a node in a drawing.
fn caption(node: &Node) -> Vec<String> {
    match node.kind {
        NodeType::Step => {
            let uses = node.uses.as_deref().unwrap_or_default();
            vec![node.name.to_string(), format!("{} · {uses}", node.role)]
        }
        NodeType::Condition | NodeType::Each | NodeType::Fail | NodeType::Try => match &node.text {
            Some(text) => vec![format!("{} {text}", node.role)],
            None => vec![node.name.to_string()],
        },
    }
}

#[cfg(test)]
mod tests;
