//! A workflow that one engine owns and parts of which another runs: which parts those are, and how the plan is taken apart.
//! Must not know an engine by name.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::{SmolStr, format_smolstr};

use super::rewrite::rewritten;
use super::scopes::{ScopeId, edges, scopes};
use super::{After, BranchPlan, HandlerPlan, NodeKind, NodePlan, ParameterPlan, StartPlan, StartedStep, WorkflowPlan};
use crate::graph::groups::convex_groups;
use crate::types::{Because, Class, Data, Late, LateKind, NodeId, Segment, Stage, Type, Value};

/// For the names of nodes the number of the part they go to.
pub(crate) type Parts = FxHashMap<SmolStr, u32>;

/// The parts of a workflow that go to another engine: connected groups that no path leaves and comes back to, of at least
/// two steps, or of one that its owner cannot run. `fits` tells whether the other engine runs a node by itself, `needs`
/// whether only that one does.
pub(crate) fn parts(plan: &WorkflowPlan, fits: &dyn Fn(&NodePlan) -> bool, needs: &dyn Fn(&NodePlan) -> bool) -> Parts {
    let index: FxHashMap<NodeId, usize> = plan.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
    let mut chooser = Chooser {
        plan,
        index: &index,
        fits,
        needs,
        read_outside: read_outside(plan, &index),
        parts: Parts::default(),
        next: 0,
    };
    let edges = edges(plan, &index);
    chooser.scope(None, &plan.body, &edges);
    chooser.parts
}

/// Conditions with results that are read outside them.
fn read_outside(plan: &WorkflowPlan, index: &FxHashMap<NodeId, usize>) -> FxHashSet<NodeId> {
    let parent = |id: NodeId| index.get(&id).and_then(|at| plan.nodes[*at].parent).map(|(node, _)| node);
    let around = |id: NodeId| std::iter::successors(Some(id), |id| parent(*id));
    let mut found = FxHashSet::default();
    for node in &plan.nodes {
        let own: FxHashSet<NodeId> = around(node.id).collect();
        for other in &node.data_edges {
            found.extend(around(*other).skip(1).filter(|id| !own.contains(id)));
        }
    }
    found
}

struct Chooser<'c> {
    plan: &'c WorkflowPlan,
    index: &'c FxHashMap<NodeId, usize>,
    fits: &'c dyn Fn(&NodePlan) -> bool,
    needs: &'c dyn Fn(&NodePlan) -> bool,
    read_outside: FxHashSet<NodeId>,
    parts: Parts,
    next: u32,
}

impl Chooser<'_> {
    fn node(&self, id: NodeId) -> Option<&NodePlan> {
        self.index.get(&id).map(|at| &self.plan.nodes[*at])
    }

    /// Whether a node and all in it can go.
    fn can_go(&self, id: NodeId) -> bool {
        let Some(node) = self.node(id) else { return false };
        match &node.kind {
            NodeKind::Step(_) | NodeKind::Fail { .. } => (self.fits)(node),
            NodeKind::Condition { branches } => {
                (self.fits)(node)
                    && !self.read_outside.contains(&id)
                    && branches.iter().flat_map(|branch| &branch.body).all(|inner| self.can_go(*inner))
            }
            NodeKind::Each { .. } | NodeKind::Try { .. } | NodeKind::Start(_) => false,
        }
    }

    fn below(&self, id: NodeId, out: &mut Vec<NodeId>) {
        out.push(id);
        if let Some(node) = self.node(id) {
            scopes(node).into_iter().flatten().for_each(|inner| self.below(*inner, out));
        }
    }

    fn scope(&mut self, scope: ScopeId, body: &[NodeId], edges: &FxHashMap<ScopeId, Vec<(NodeId, NodeId)>>) {
        let local: FxHashMap<NodeId, u32> = body.iter().enumerate().map(|(at, id)| (*id, at as u32)).collect();
        let own: Vec<(u32, u32)> = edges
            .get(&scope)
            .into_iter()
            .flatten()
            .filter_map(|(before, after)| Some((*local.get(before)?, *local.get(after)?)))
            .collect();
        let chosen: Vec<bool> = body.iter().map(|id| self.can_go(*id)).collect();
        let groups = convex_groups(body.len(), &own, &chosen);
        let mut members: FxHashMap<u32, Vec<NodeId>> = FxHashMap::default();
        for (id, group) in body.iter().zip(&groups) {
            if let Some(group) = group {
                self.below(*id, members.entry(*group).or_default());
            }
        }
        for group in 0..members.len() as u32 {
            let Some(ids) = members.get(&group) else { continue };
            let steps =
                ids.iter().filter_map(|id| self.node(*id)).filter(|node| matches!(node.kind, NodeKind::Step(_)));
            let steps: Vec<&NodePlan> = steps.collect();
            if steps.len() < 2 && !steps.iter().any(|node| (self.needs)(node)) {
                continue;
            }
            let names: Vec<SmolStr> =
                ids.iter().filter_map(|id| self.node(*id)).map(|node| node.name.clone()).collect();
            for name in names {
                self.parts.insert(name, self.next);
            }
            self.next += 1;
        }
        for id in body {
            let Some(node) = self.node(*id) else { continue };
            if self.parts.contains_key(&node.name) {
                continue;
            }
            let bodies: Vec<Vec<NodeId>> = scopes(node).into_iter().map(<[NodeId]>::to_vec).collect();
            for (branch, body) in bodies.into_iter().enumerate() {
                self.scope(Some((*id, branch)), &body, edges);
            }
        }
    }
}

/// The plan of the owner, in which each part is one node that starts it; then the plans of the parts.
pub(crate) fn split(
    plan: WorkflowPlan,
    parts: &Parts,
    other: &str,
    reason: &dyn Fn(&[SmolStr]) -> String,
) -> Vec<WorkflowPlan> {
    let count = parts.values().max().map_or(0, |last| *last as usize + 1);
    let part_of = |node: &NodePlan| parts.get(&node.name).map(|part| *part as usize);
    let homes: FxHashMap<NodeId, (usize, SmolStr)> =
        plan.nodes.iter().filter_map(|node| part_of(node).map(|part| (node.id, (part, node.name.clone())))).collect();
    // New numbers: those of the owner, with one for each part where its first node was; and those inside each part.
    let mut own: FxHashMap<NodeId, NodeId> = FxHashMap::default();
    let mut starts: Vec<Option<NodeId>> = vec![None; count];
    let mut inside: Vec<FxHashMap<NodeId, NodeId>> = vec![FxHashMap::default(); count];
    let mut next = 0u32;
    for node in &plan.nodes {
        match part_of(node) {
            None => {
                own.insert(node.id, NodeId(next));
                next += 1;
            }
            Some(part) => {
                let number = NodeId(inside[part].len() as u32);
                inside[part].insert(node.id, number);
                if starts[part].is_none() {
                    starts[part] = Some(NodeId(next));
                    next += 1;
                }
            }
        }
    }
    let outward = Outward { homes: &homes, own: &own, starts: &starts };
    let mut results = Vec::with_capacity(count + 1);
    let mut owner: Vec<NodePlan> = Vec::with_capacity(next as usize);
    let mut members: Vec<Vec<NodePlan>> = (0..count).map(|_| Vec::new()).collect();
    let mut first_scope: Vec<Option<ScopeId>> = vec![None; count];
    let mut bodies: Vec<Vec<NodeId>> = vec![Vec::new(); count];
    let names_of: FxHashMap<NodeId, SmolStr> = plan.nodes.iter().map(|node| (node.id, node.name.clone())).collect();
    let mut tops: Vec<Vec<NodeId>> = vec![Vec::new(); count];
    for node in &plan.nodes {
        if let Some(part) = part_of(node)
            && node.parent.is_none_or(|(parent, _)| !inside[part].contains_key(&parent))
        {
            first_scope[part].get_or_insert(node.parent);
            tops[part].push(node.id);
        }
    }
    // The order of a scope is that of its list, not that of the numbers.
    let mut lists: Vec<&[NodeId]> = vec![&plan.body];
    lists.extend(plan.nodes.iter().flat_map(scopes));
    for list in lists {
        for id in list {
            if let Some((part, _)) = homes.get(id)
                && tops[*part].contains(id)
            {
                bodies[*part].push(inside[*part][id]);
            }
        }
    }
    let body = outward.body(&plan.body);
    let WorkflowPlan { nodes, parameters, settings, name, .. } = plan;
    let mut afters: Vec<Vec<After>> = vec![Vec::new(); count];
    let mut waits: Vec<FxHashSet<NodeId>> = vec![FxHashSet::default(); count];
    for node in nodes {
        match part_of(&node) {
            None => owner.push(outward.node(node)),
            Some(part) => {
                for id in &node.data_edges {
                    if !inside[part].contains_key(id) {
                        waits[part].extend(outward.id(*id));
                    }
                }
                members[part].push(node);
            }
        }
    }
    let mut started: Vec<NodePlan> = Vec::with_capacity(count);
    for (part, nodes) in members.into_iter().enumerate() {
        let Some(start) = starts[part] else { continue };
        let first = nodes.first();
        let (span, whole) = first.map_or((plan.span, plan.span), |node| (node.span, node.whole));
        let label = first.map(|node| node.name.clone()).unwrap_or_default();
        let names: Vec<SmolStr> = nodes.iter().map(|node| node.name.clone()).collect();
        let mut inward = Inward {
            inside: &inside[part],
            parameters: Vec::new(),
            given: Vec::new(),
            known: FxHashMap::default(),
            outer: &parameters,
            names: &names_of,
        };
        let mut reports = Vec::new();
        let mut steps = Vec::new();
        for node in &nodes {
            if let NodeKind::Step(step) = &node.kind {
                for output in &step.outputs {
                    if let Some(uri) = step.results.get(&output.name).and_then(|value| value.get("uri")) {
                        reports.push((format_smolstr!("{}.{}", node.name, output.name), outward.value(uri)));
                    }
                }
                let kind = step.run.get("Type").and_then(Value::as_string).cloned().unwrap_or_default();
                let call = step.call.as_ref();
                let returns = call.and_then(|call| Some((call.service.clone(), call.returns.clone()?)));
                steps.push(StartedStep { name: node.name.clone(), type_: kind, returns });
            }
        }
        let mut own_nodes = Vec::with_capacity(nodes.len());
        for node in nodes {
            let (here, elsewhere): (Vec<After>, Vec<After>) =
                node.after.iter().cloned().partition(|after| inside[part].contains_key(&after.node));
            afters[part].extend(elsewhere);
            own_nodes.push(inward.node(NodePlan { after: here, ..node }));
        }
        let workflow = format_smolstr!("{name}_{}", label.replace('-', "_"));
        let mut arguments: Vec<(SmolStr, Value)> = Vec::new();
        for (parameter, value) in std::mem::take(&mut inward.given) {
            arguments.push((parameter, outward.value(&value)));
        }
        let parent = first_scope[part].flatten().map(|(node, branch)| (outward.id(node).unwrap_or(node), branch));
        let after = afters[part]
            .iter()
            .filter_map(|after| Some(After { node: outward.id(after.node)?, ..after.clone() }))
            .collect();
        let mut data_edges: Vec<NodeId> = waits[part].iter().copied().filter(|id| *id != start).collect();
        data_edges.sort_unstable();
        started.push(NodePlan {
            id: start,
            name: label,
            span,
            whole,
            doc: None,
            parent,
            data_edges,
            maybe_edges: Vec::new(),
            after,
            kind: NodeKind::Start(Box::new(StartPlan {
                workflow: workflow.clone(),
                deployed_as: None,
                arguments,
                reports,
                steps,
            })),
        });
        results.push(WorkflowPlan {
            name: workflow,
            span,
            doc: None,
            engine: other.into(),
            engine_reason: reason(&names),
            parameters: inward.parameters,
            settings: settings.clone(),
            nodes: own_nodes,
            body: std::mem::take(&mut bodies[part]),
            raw: None,
        });
    }
    owner.extend(started);
    owner.sort_by_key(|node| node.id);
    let owner = WorkflowPlan {
        name,
        span: plan.span,
        doc: plan.doc,
        engine: plan.engine,
        engine_reason: plan.engine_reason,
        parameters,
        settings,
        nodes: owner,
        body,
        raw: None,
    };
    results.insert(0, owner);
    results
}

/// How the owner speaks of nodes: of those in a part by the node that starts it.
struct Outward<'o> {
    homes: &'o FxHashMap<NodeId, (usize, SmolStr)>,
    own: &'o FxHashMap<NodeId, NodeId>,
    starts: &'o [Option<NodeId>],
}

impl Outward<'_> {
    fn id(&self, id: NodeId) -> Option<NodeId> {
        match self.homes.get(&id) {
            Some((part, _)) => self.starts[*part],
            None => self.own.get(&id).copied(),
        }
    }

    fn body(&self, body: &[NodeId]) -> Vec<NodeId> {
        let mut list: Vec<NodeId> = Vec::with_capacity(body.len());
        for id in body.iter().filter_map(|id| self.id(*id)) {
            if !list.contains(&id) {
                list.push(id);
            }
        }
        list
    }

    fn value(&self, value: &Value) -> Value {
        rewritten(value, &mut |value, late| {
            let kind = match &late.kind {
                LateKind::Response { node, path } => match self.homes.get(node) {
                    Some((part, name)) => {
                        let mut whole = vec![Segment::Member(name.clone())];
                        whole.extend(path.iter().cloned());
                        LateKind::Response { node: self.starts[*part]?, path: whole }
                    }
                    None => LateKind::Response { node: self.id(*node)?, path: path.clone() },
                },
                LateKind::Report { node, output, path } => match self.homes.get(node) {
                    Some((part, name)) => LateKind::Report {
                        node: self.starts[*part]?,
                        output: format_smolstr!("{name}.{output}"),
                        path: path.clone(),
                    },
                    None => LateKind::Report { node: self.id(*node)?, output: output.clone(), path: path.clone() },
                },
                LateKind::RunName { most, node } => LateKind::RunName { most: *most, node: self.id(*node)? },
                LateKind::Item { node, path } => LateKind::Item { node: self.id(*node)?, path: path.clone() },
                _ => return None,
            };
            Some(with_kind(value, late, kind))
        })
    }

    fn node(&self, node: NodePlan) -> NodePlan {
        let data_edges = {
            let mut edges: Vec<NodeId> = node.data_edges.iter().filter_map(|id| self.id(*id)).collect();
            edges.sort_unstable();
            edges.dedup();
            edges
        };
        let after = node.after.iter().filter_map(|after| Some(After { node: self.id(after.node)?, ..after.clone() }));
        NodePlan {
            id: self.id(node.id).unwrap_or(node.id),
            parent: node.parent.and_then(|(parent, branch)| Some((self.id(parent)?, branch))),
            after: after.collect(),
            data_edges,
            maybe_edges: Vec::new(),
            kind: kind(node.kind, &mut |value| self.value(value), &|body| self.body(body)),
            ..node
        }
    }
}

/// How a part speaks of nodes: of its own by new numbers, of what comes from outside by parameters.
struct Inward<'i> {
    inside: &'i FxHashMap<NodeId, NodeId>,
    parameters: Vec<ParameterPlan>,
    /// What each parameter is given, in the words of the whole plan.
    given: Vec<(SmolStr, Value)>,
    /// Parameters by what they are given.
    known: FxHashMap<String, SmolStr>,
    outer: &'i [ParameterPlan],
    names: &'i FxHashMap<NodeId, SmolStr>,
}

impl Inward<'_> {
    fn value(&mut self, value: &Value) -> Value {
        // Closures cannot call themselves: what is asked for is noted, and entered by the same walk.
        let this = std::cell::RefCell::new(self);
        rewritten(value, &mut |value, late| this.borrow_mut().late(value, late))
    }

    fn late(&mut self, value: &Value, late: &Late) -> Option<Value> {
        let renumbered = |node: &NodeId| self.inside.get(node).copied();
        match &late.kind {
            LateKind::Parameter(name) => {
                if !self.known.contains_key(name.as_str()) {
                    self.known.insert(name.to_string(), name.clone());
                    if let Some(outer) = self.outer.iter().find(|outer| outer.name == *name) {
                        self.parameters.push(ParameterPlan {
                            name: name.clone(),
                            span: outer.span,
                            doc: outer.doc.clone(),
                            type_: outer.type_.clone(),
                            default: outer.default.clone(),
                        });
                        self.given.push((name.clone(), value.clone()));
                    }
                }
                None
            }
            LateKind::Response { node, path } => match renumbered(node) {
                Some(node) => Some(with_kind(value, late, LateKind::Response { node, path: path.clone() })),
                None => Some(self.cross(value, late, *node, last_word(path))),
            },
            LateKind::Report { node, output, path } => match renumbered(node) {
                Some(node) => {
                    let kind = LateKind::Report { node, output: output.clone(), path: path.clone() };
                    Some(with_kind(value, late, kind))
                }
                None => Some(self.cross(value, late, *node, last_word(path).or_else(|| Some(output.clone())))),
            },
            LateKind::RunName { most, node } => match renumbered(node) {
                Some(node) => Some(with_kind(value, late, LateKind::RunName { most: *most, node })),
                None => Some(self.cross(value, late, *node, Some("name".into()))),
            },
            LateKind::Item { node, path } => Some(self.cross(value, late, *node, last_word(path))),
            LateKind::Operation { name, operands } if name == "made by" => {
                let mut nodes = Vec::new();
                operands.iter().skip(1).for_each(|operand| operand.collect_nodes(&mut nodes));
                let is_own = nodes.iter().any(|node| self.inside.contains_key(node));
                operands.first().filter(|_| !is_own).map(|uri| self.value(uri))
            }
            LateKind::Operation { .. } => {
                // What is computed from outside alone is computed there.
                let mut nodes = Vec::new();
                value.collect_nodes(&mut nodes);
                let is_outside = nodes.iter().all(|node| !self.inside.contains_key(node));
                let first = nodes.first().copied().filter(|_| is_outside)?;
                Some(self.cross(value, late, first, None))
            }
            _ => None,
        }
    }

    fn cross(&mut self, value: &Value, late: &Late, node: NodeId, word: Option<SmolStr>) -> Value {
        let text = format!("{:?}", late.kind);
        let name = match self.known.get(&text) {
            Some(name) => name.clone(),
            None => {
                let step = self.names.get(&node).cloned().unwrap_or_default();
                let base = word.map_or_else(|| step.to_string(), |word| format!("{step}_{word}"));
                let clean: String =
                    base.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(56).collect();
                let mut name = SmolStr::from(clean.as_str());
                let mut number = 2;
                while self.parameters.iter().any(|known| known.name == name) {
                    name = format_smolstr!("{clean}_{number}");
                    number += 1;
                }
                let type_ = match late.type_.required() {
                    Type::Shape { .. } | Type::Any | Type::Union(_) => Type::STRING,
                    other => other.clone(),
                };
                self.parameters.push(ParameterPlan {
                    name: name.clone(),
                    span: value.span,
                    doc: None,
                    type_,
                    default: None,
                });
                self.given.push((name.clone(), value.clone()));
                self.known.insert(text, name.clone());
                name
            }
        };
        let because = Because { span: late.because.span, text: late.because.text.clone() };
        Value::late(LateKind::Parameter(name), late.type_.clone(), Stage::Run, because, value.span)
    }

    fn node(&mut self, node: NodePlan) -> NodePlan {
        let inside = self.inside;
        let id = |id: NodeId| inside.get(&id).copied();
        let data_edges = node.data_edges.iter().filter_map(|other| id(*other)).collect();
        let after =
            node.after.iter().filter_map(|after| Some(After { node: id(after.node)?, ..after.clone() })).collect();
        NodePlan {
            id: id(node.id).unwrap_or(node.id),
            parent: node.parent.and_then(|(parent, branch)| Some((id(parent)?, branch))),
            data_edges,
            maybe_edges: Vec::new(),
            after,
            kind: kind(node.kind, &mut |value| self.value(value), &|body| {
                body.iter().filter_map(|other| id(*other)).collect()
            }),
            ..node
        }
    }
}

/// A node in other words.
fn kind(kind: NodeKind, value: &mut dyn FnMut(&Value) -> Value, body: &dyn Fn(&[NodeId]) -> Vec<NodeId>) -> NodeKind {
    match kind {
        NodeKind::Step(mut step) => {
            if let Some(call) = &mut step.call {
                call.request = value(&call.request);
            }
            step.run = value(&step.run);
            step.common = value(&step.common);
            for output in &mut step.outputs {
                output.uri = value(&output.uri);
            }
            step.results = value(&step.results);
            NodeKind::Step(step)
        }
        NodeKind::Condition { branches } => NodeKind::Condition {
            branches: branches
                .into_iter()
                .map(|branch| BranchPlan {
                    condition: branch.condition.as_ref().map(&mut *value),
                    body: body(&branch.body),
                    span: branch.span,
                })
                .collect(),
        },
        NodeKind::Each { items, settings, body: inner } => {
            NodeKind::Each { items: value(&items), settings: value(&settings), body: body(&inner) }
        }
        NodeKind::Fail { message } => NodeKind::Fail { message: value(&message) },
        NodeKind::Try { body: inner, handlers } => NodeKind::Try {
            body: body(&inner),
            handlers: handlers
                .into_iter()
                .map(|handler| HandlerPlan { body: body(&handler.body), ..handler })
                .collect(),
        },
        NodeKind::Start(start) => NodeKind::Start(start),
    }
}

fn with_kind(value: &Value, late: &Late, kind: LateKind) -> Value {
    Value::late(kind, late.type_.clone(), late.stage, late.because.clone(), value.span)
}

fn last_word(path: &[Segment]) -> Option<SmolStr> {
    path.iter().rev().find_map(|segment| match segment {
        Segment::Member(name) | Segment::Key(name) => Some(name.clone()),
        Segment::Index(_) | Segment::Where(..) => None,
    })
}

/// Whether a value is put together from others in no other way than side by side.
pub(crate) fn is_computed(value: &Value) -> bool {
    match &value.data {
        Data::Late(late) => match &late.kind {
            LateKind::Operation { name, operands } => {
                !matches!(name.as_str(), "made by" | "json") || operands.first().is_some_and(is_computed)
            }
            LateKind::Join { parts, .. } => parts.iter().any(is_computed),
            LateKind::JsonAt { uri, .. } => is_computed(uri),
            _ => false,
        },
        Data::List(items) => items.iter().any(is_computed),
        Data::Object(object) => match &object.class {
            Class::Plain | Class::Call { .. } => object.entries.iter().any(|entry| is_computed(&entry.value)),
            Class::Data(_) => object.get("uri").is_some_and(is_computed),
            _ => false,
        },
        _ => false,
    }
}
