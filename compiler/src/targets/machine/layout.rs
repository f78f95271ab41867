//! The order of a workflow's nodes as nested sequences and parallel groups, and where in that order each node stands.
//! Knows edges and scopes, nothing of states.

use rustc_hash::FxHashMap;

use crate::graph::schedule::{Lost, Schedule, schedule};
use crate::plan::WorkflowPlan;
use crate::plan::scopes::{ScopeId, edges, scopes};
use crate::types::NodeId;

/// The schedules of all scopes, and the places of nodes in the order in which they are written.
pub(super) struct Layout {
    orders: FxHashMap<ScopeId, Order>,
    /// For each node, by index: its position, and that of the last node below it.
    places: Vec<(u32, u32)>,
}

/// The nodes of a scope, and what of them runs one after the other or at the same time, by their place in that list.
pub(super) struct Order {
    pub(super) body: Vec<NodeId>,
    pub(super) schedule: Schedule,
    pub(super) lost: Lost,
}

impl Layout {
    pub(super) fn new(workflow: &WorkflowPlan, index: &FxHashMap<NodeId, usize>) -> Layout {
        let edges = edges(workflow, index);
        let mut layout = Layout { orders: FxHashMap::default(), places: vec![(0, 0); workflow.nodes.len()] };
        let nothing = Vec::new();
        let mut add = |scope: ScopeId, body: &[NodeId]| {
            layout.orders.insert(scope, order_of(body, edges.get(&scope).unwrap_or(&nothing)));
        };
        add(None, &workflow.body);
        for node in &workflow.nodes {
            for (branch, body) in scopes(node).into_iter().enumerate() {
                add(Some((node.id, branch)), body);
            }
        }
        let mut next = 1;
        layout.place(workflow, index, None, &mut next);
        layout
    }

    pub(super) fn order(&self, scope: ScopeId) -> Option<&Order> {
        self.orders.get(&scope)
    }

    /// The position of a node, and that of the last node inside it.
    pub(super) fn range(&self, node: usize) -> (u32, u32) {
        self.places.get(node).copied().unwrap_or_default()
    }

    /// The positions from the first to the last of some nodes.
    pub(super) fn around(&self, nodes: &[usize]) -> (u32, u32) {
        let ranges = nodes.iter().map(|at| self.range(*at));
        ranges.fold((u32::MAX, 0), |(low, high), (first, last)| (low.min(first), high.max(last)))
    }

    fn place(&mut self, workflow: &WorkflowPlan, index: &FxHashMap<NodeId, usize>, scope: ScopeId, next: &mut u32) {
        let mut steps = Vec::new();
        if let Some(order) = self.orders.get(&scope) {
            collect(&order.schedule, &mut steps);
        }
        let body: Vec<NodeId> = self.orders.get(&scope).map(|order| order.body.clone()).unwrap_or_default();
        for id in steps.into_iter().map(|step| body[step]) {
            let Some(at) = index.get(&id).copied() else { continue };
            let first = *next;
            *next += 1;
            for branch in 0..scopes(&workflow.nodes[at]).len() {
                self.place(workflow, index, Some((id, branch)), next);
            }
            self.places[at] = (first, *next - 1);
        }
    }
}

fn collect(schedule: &Schedule, out: &mut Vec<usize>) {
    match schedule {
        Schedule::Step(step) => out.push(*step),
        Schedule::Sequence(parts) | Schedule::Parallel(parts) => parts.iter().for_each(|part| collect(part, out)),
    }
}

fn order_of(body: &[NodeId], edges: &[(NodeId, NodeId)]) -> Order {
    let local: FxHashMap<NodeId, u32> = body.iter().enumerate().map(|(at, id)| (*id, at as u32)).collect();
    let mut edges: Vec<(u32, u32)> =
        edges.iter().filter_map(|(before, after)| Some((*local.get(before)?, *local.get(after)?))).collect();
    edges.sort_unstable();
    edges.dedup();
    match schedule(body.len(), &edges, &[]) {
        Ok(found) => Order { body: body.to_vec(), schedule: found.schedule, lost: found.lost },
        // A cycle has its finding; nothing is written then.
        Err(_) => Order { body: Vec::new(), schedule: Schedule::Sequence(Vec::new()), lost: Lost::default() },
    }
}
