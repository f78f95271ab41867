//! The scopes of a workflow, and what waits for what inside each. Must not know how a target spells them.

use rustc_hash::FxHashMap;

use super::{NodeKind, NodePlan, WorkflowPlan};
use crate::types::NodeId;

/// A scope: the workflow itself, or a branch of a node.
pub(crate) type ScopeId = Option<(NodeId, usize)>;

/// The scopes that a node holds.
pub(crate) fn scopes(node: &NodePlan) -> Vec<&[NodeId]> {
    match &node.kind {
        NodeKind::Condition { branches } => branches.iter().map(|branch| branch.body.as_slice()).collect(),
        NodeKind::Each { body, .. } => vec![body],
        NodeKind::Try { body, handlers } => {
            std::iter::once(body).chain(handlers.iter().map(|handler| &handler.body)).map(Vec::as_slice).collect()
        }
        NodeKind::Step(_) | NodeKind::Fail { .. } | NodeKind::Start(_) => Vec::new(),
    }
}

/// What waits for what inside each scope: an edge between nodes of different scopes holds for the nodes around them that
/// stand side by side.
pub(crate) fn edges(
    workflow: &WorkflowPlan,
    index: &FxHashMap<NodeId, usize>,
) -> FxHashMap<ScopeId, Vec<(NodeId, NodeId)>> {
    let parent = |id: NodeId| index.get(&id).and_then(|at| workflow.nodes[*at].parent);
    let chain = |id: NodeId| -> Vec<(NodeId, ScopeId)> {
        let mut list = vec![(id, parent(id))];
        while let Some((_, Some((node, _)))) = list.last().copied() {
            list.push((node, parent(node)));
        }
        list.reverse();
        list
    };
    let mut found: FxHashMap<ScopeId, Vec<(NodeId, NodeId)>> = FxHashMap::default();
    for node in &workflow.nodes {
        let before = node.data_edges.iter().copied().chain(node.after.iter().map(|after| after.node));
        for other in before {
            if !index.contains_key(&other) {
                continue;
            }
            if node.parent.is_none() && parent(other).is_none() {
                found.entry(None).or_default().push((other, node.id));
                continue;
            }
            let (first, second) = (chain(other), chain(node.id));
            // The innermost scope that both stand in.
            let Some(at) = (0..first.len().min(second.len())).find(|at| first[*at] != second[*at]) else { continue };
            if first[at].1 == second[at].1 {
                found.entry(first[at].1).or_default().push((first[at].0, second[at].0));
            }
        }
    }
    found
}
