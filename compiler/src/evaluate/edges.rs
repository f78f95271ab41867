//! What follows from a whole workflow: edges by data, what can never run, what would be overwritten.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::Evaluator;
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::{After, NodeKind, NodePlan, WorkflowPlan};
use crate::source::Span;
use crate::types::{Data, LateKind, NodeId, Value};

impl Evaluator<'_> {
    /// Edges by data, and what can never run.
    pub(super) fn finish_edges(&mut self, plan: &mut WorkflowPlan) {
        let count = plan.nodes.len();
        let index: FxHashMap<NodeId, usize> = plan.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        // Ids become places in the list; steps with findings leave gaps.
        if plan.nodes.iter().enumerate().any(|(at, node)| node.id.0 as usize != at) {
            // A plan with gaps has errors and is never written.
            plan.body.retain(|id| index.contains_key(id));
        }
        for at in 0..count {
            let node = &plan.nodes[at];
            let mut found: Vec<NodeId> = Vec::new();
            values_of(node).into_iter().for_each(|value| value.collect_nodes(&mut found));
            let mut required: Vec<NodeId> = Vec::new();
            values_of(node).into_iter().for_each(|value| value.collect_required(&mut required));
            let own = node.id;
            found.retain(|id| *id != own && index.contains_key(id));
            found.sort_unstable();
            found.dedup();
            let maybe = found.iter().copied().filter(|id| !required.contains(id)).collect();
            plan.nodes[at].data_edges = found;
            plan.nodes[at].maybe_edges = maybe;
        }
        fail_last(plan, &index);
        self.check_branches(plan, &index);
        self.check_locations(plan, &index);
    }

    /// Two outputs in one place overwrite each other, and one inside another is read with it, unless only one of their
    /// steps ever runs.
    pub(super) fn check_locations(&mut self, plan: &WorkflowPlan, index: &FxHashMap<NodeId, usize>) {
        let mut written: FxHashMap<String, Written> = FxHashMap::default();
        let mut all: Vec<(String, Written)> = Vec::new();
        for node in &plan.nodes {
            let NodeKind::Step(step) = &node.kind else { continue };
            let outputs = step.outputs.iter().filter(|output| output.type_.is_data());
            let outputs = outputs.map(|output| (format_smolstr!("{}.{}", node.name, output.name), &output.uri));
            let others = step.writes.iter().map(|location| (node.name.clone(), location));
            for (name, uri) in outputs.chain(others) {
                let Some(place) = location_text(uri) else { continue };
                let place = place.trim_end_matches('/').to_owned();
                let second = Written { node: node.id, name, span: uri.span };
                match written.get(&place) {
                    None => {
                        written.insert(place.clone(), second.clone());
                        all.push((place, second));
                    }
                    Some(first) => {
                        let first = first.clone();
                        self.same_location(&d::SAME_PREFIX, plan, index, &first, &second, &place);
                    }
                }
            }
        }
        for (place, inner) in &all {
            let start = place.find("://").map_or(0, |at| at + 3);
            // The bucket alone is no folder that a step fills.
            let mut end = place.len();
            while let Some(at) = place[start..end].rfind('/') {
                end = start + at;
                if let Some(outer) = written.get(&place[..end]).filter(|outer| outer.node != inner.node) {
                    let outer = outer.clone();
                    self.same_location(&d::INNER_PREFIX, plan, index, &outer, inner, &place[..end]);
                    break;
                }
            }
        }
    }

    fn same_location(
        &mut self,
        row: &'static d::Row,
        plan: &WorkflowPlan,
        index: &FxHashMap<NodeId, usize>,
        first: &Written,
        second: &Written,
        place: &str,
    ) {
        let branches = |id: NodeId| -> Vec<(NodeId, usize)> {
            let parent = |id: &NodeId| index.get(id).and_then(|at| plan.nodes[*at].parent);
            std::iter::successors(parent(&id), |(node, _)| parent(node)).collect()
        };
        let others = branches(first.node);
        let is_apart =
            branches(second.node).iter().any(|(when, branch)| others.iter().any(|(w, b)| w == when && b != branch));
        // Two steps with one name have their finding.
        if is_apart || (first.name == second.name && first.node != second.node) {
            return;
        }
        let found =
            Diagnostic::new(row, second.span, &[("first", &first.name), ("second", &second.name), ("uri", &place)]);
        self.report(found.related(first.span, format!("`{}` writes there", first.name)));
    }

    /// A node that needs two branches of one condition never starts.
    pub(super) fn check_branches(&mut self, plan: &WorkflowPlan, index: &FxHashMap<NodeId, usize>) {
        let ancestors = |id: NodeId| -> Vec<(NodeId, usize)> {
            let mut list = Vec::new();
            let mut at = index.get(&id).and_then(|at| plan.nodes[*at].parent);
            while let Some((node, branch)) = at {
                list.push((node, branch));
                at = index.get(&node).and_then(|at| plan.nodes[*at].parent);
            }
            list
        };
        for node in &plan.nodes {
            let mut needs: Vec<(NodeId, usize, NodeId)> =
                ancestors(node.id).into_iter().map(|(condition, branch)| (condition, branch, node.id)).collect();
            let awaited = node.after.iter().filter(|a| a.on == "success").map(|a| a.node);
            let before = node.data_edges.iter().copied().filter(|id| !node.maybe_edges.contains(id)).chain(awaited);
            for other in before {
                for (condition, branch) in ancestors(other) {
                    if let Some((_, _, first)) = needs.iter().find(|(c, b, _)| *c == condition && *b != branch) {
                        let is_own = *first == node.id;
                        let words =
                            |id: NodeId| index.get(&id).map(|at| plan.nodes[*at].name.clone()).unwrap_or_default();
                        let other_span = index.get(&other).map_or(Span::NONE, |at| plan.nodes[*at].span);
                        let first_span = index.get(first).map_or(Span::NONE, |at| plan.nodes[*at].span);
                        let (first_name, other_name) = (words(*first), words(other));
                        let is_try = index
                            .get(&condition)
                            .is_some_and(|at| matches!(plan.nodes[*at].kind, NodeKind::Try { .. }));
                        if is_try && branch == 0 {
                            let found = Diagnostic::new(
                                &d::HANDLER_READS,
                                node.span,
                                &[("name", &node.name), ("other", &other_name)],
                            );
                            self.report(found.related(other_span, format!("`{other_name}` is in what failed")));
                            break;
                        }
                        let problem = if is_own {
                            format!("it stands in one branch and needs `{other_name}`, which stands in another")
                        } else {
                            format!("it needs `{first_name}` and `{other_name}`, which stand in different branches")
                        };
                        let mut found =
                            Diagnostic::new(&d::NEVER_RUNS, node.span, &[("name", &node.name), ("problem", &problem)])
                                .related(other_span, format!("`{other_name}` is in one branch"));
                        if !is_own {
                            found = found.related(first_span, format!("`{first_name}` is in another"));
                        }
                        self.report(found);
                        break;
                    }
                    needs.push((condition, branch, other));
                }
            }
        }
    }
}

/// The values that a node is made of.
fn values_of(node: &NodePlan) -> Vec<&Value> {
    match &node.kind {
        NodeKind::Step(step) => step.call.iter().map(|call| &call.request).chain([&step.run]).collect(),
        NodeKind::Condition { branches } => branches.iter().filter_map(|branch| branch.condition.as_ref()).collect(),
        NodeKind::Each { items, .. } => vec![items],
        NodeKind::Fail { message } => vec![message],
        NodeKind::Try { .. } | NodeKind::Start(_) => Vec::new(),
    }
}

/// A location that a step writes to.
#[derive(Clone)]
struct Written {
    node: NodeId,
    /// As a message names it: the step and its output.
    name: SmolStr,
    span: Span,
}

/// A `fail` waits for all that stands beside it, since it ends the execution.
pub(super) fn fail_last(plan: &mut WorkflowPlan, index: &FxHashMap<NodeId, usize>) {
    let mut scopes: Vec<Vec<NodeId>> = vec![plan.body.clone()];
    for node in &plan.nodes {
        match &node.kind {
            NodeKind::Condition { branches } => scopes.extend(branches.iter().map(|branch| branch.body.clone())),
            NodeKind::Each { body, .. } => scopes.push(body.clone()),
            NodeKind::Try { body, handlers } => {
                scopes.push(body.clone());
                scopes.extend(handlers.iter().map(|handler| handler.body.clone()));
            }
            NodeKind::Step(_) | NodeKind::Fail { .. } | NodeKind::Start(_) => {}
        }
    }
    for scope in scopes {
        let is_fail =
            |id: &NodeId| index.get(id).is_some_and(|at| matches!(plan.nodes[*at].kind, NodeKind::Fail { .. }));
        let (fails, others): (Vec<NodeId>, Vec<NodeId>) = scope.iter().copied().partition(is_fail);
        if fails.is_empty() || others.is_empty() {
            continue;
        }
        // Those that others wait for have ended when the others have.
        let awaited: Vec<NodeId> = others
            .iter()
            .filter_map(|id| index.get(id))
            .flat_map(|at| {
                let node = &plan.nodes[*at];
                node.data_edges.iter().copied().chain(node.after.iter().map(|after| after.node)).collect::<Vec<_>>()
            })
            .collect();
        let last: Vec<NodeId> = others.into_iter().filter(|id| !awaited.contains(id)).collect();
        for fail in fails {
            let Some(at) = index.get(&fail) else { continue };
            let span = plan.nodes[*at].span;
            let own = plan.nodes[*at].data_edges.clone();
            let after = last.iter().filter(|id| !own.contains(id));
            let after: Vec<After> = after.map(|node| After { node: *node, span, on: "success".into() }).collect();
            plan.nodes[*at].after.extend(after);
        }
    }
}

/// A location as a text that is the same for the same location; `None` where it holds what a step gives.
pub(super) fn location_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Late(late) => match &late.kind {
            LateKind::Parameter(name) => Some(format!("${{{name}}}")),
            LateKind::Run(name) => Some(format!("${{run.{name}}}")),
            LateKind::Aws(name) => Some(format!("${{aws.{name}}}")),
            LateKind::Join { separator, parts } => {
                parts.iter().map(location_text).collect::<Option<Vec<_>>>().map(|parts| parts.join(separator))
            }
            _ => None,
        },
        _ => None,
    }
}
