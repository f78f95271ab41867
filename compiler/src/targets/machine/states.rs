//! States for the nodes of a workflow: how groups, conditions, loops and failures are spelled, and how results leave them.
//! What one step becomes stands in `task`.

use smol_str::{SmolStr, format_smolstr};

use super::Emitter;
use super::document::{Json, Machine, State};
use super::layout::Order;
use super::uses::Export;
use crate::diagnostics::{self as d, Diagnostic};
use crate::graph::schedule::Schedule;
use crate::plan::scopes::{ScopeId, scopes};
use crate::plan::{BranchPlan, HandlerPlan, NodeKind, NodePlan};
use crate::source::Span;
use crate::types::{Class, Data, NodeId, Value};

/// States of a part of a workflow.
#[derive(Default)]
pub(super) struct Part {
    /// The state it begins with; nothing where it has none.
    pub(super) entry: Option<SmolStr>,
    pub(super) states: Vec<State>,
    /// Whether what follows is never reached.
    pub(super) ends: bool,
}

impl Emitter<'_> {
    /// The states of a scope, which go on to `next`, or end.
    pub(super) fn scope(&mut self, scope: ScopeId, next: Option<&SmolStr>) -> Part {
        let Some(order) = self.layout.order(scope) else { return Part::default() };
        self.part(order, &order.schedule, next)
    }

    fn part(&mut self, order: &Order, schedule: &Schedule, next: Option<&SmolStr>) -> Part {
        match schedule {
            Schedule::Step(step) => self.node_states(order.body[*step], next),
            Schedule::Sequence(parts) => {
                let mut next = next.cloned();
                let mut chunks: Vec<Vec<State>> = Vec::with_capacity(parts.len());
                let mut whole = Part::default();
                for inner in parts.iter().rev() {
                    let part = self.part(order, inner, next.as_ref());
                    if part.ends {
                        // What comes after is never reached, and a machine may not hold it.
                        if let Some(state) = chunks.iter().rev().flatten().next() {
                            let problem = "all that comes before it fails";
                            let found = Diagnostic::new(
                                &d::NEVER_RUNS,
                                state.span,
                                &[("name", &state.name), ("problem", &problem)],
                            );
                            self.report(found);
                        }
                        chunks.clear();
                        whole.ends = true;
                    }
                    if let Some(entry) = part.entry {
                        next = Some(entry.clone());
                        whole.entry = Some(entry);
                    }
                    chunks.push(part.states);
                }
                whole.states = chunks.into_iter().rev().flatten().collect();
                whole
            }
            Schedule::Parallel(parts) => self.parallel(order, parts, next),
        }
    }

    fn node_states(&mut self, id: NodeId, next: Option<&SmolStr>) -> Part {
        let Some(node) = self.node(id) else { return Part::default() };
        let before = (self.own, self.here, self.position);
        self.own = Some(id);
        self.here = node.span;
        self.position = self.index.get(&id).map_or(0, |at| self.layout.range(*at).0);
        let part = match &node.kind {
            NodeKind::Step(step) => self.step(node, step, next),
            NodeKind::Condition { branches } => self.condition(node, branches, next),
            NodeKind::Each { items, settings, .. } => self.each(node, items, settings, next),
            NodeKind::Start(start) => self.start_other(node, start, next),
            NodeKind::Try { body, handlers } => self.guarded(node, body, handlers, next),
            NodeKind::Fail { message } => {
                let mut state = self.state(node, &node.name, "Fail");
                state.set("Error", Json::text("Workflow.Failed", node.span));
                let cause = self.json(message);
                state.set("Cause", cause);
                Part { entry: Some(state.name.clone()), states: vec![state], ends: true }
            }
        };
        (self.own, self.here, self.position) = before;
        part
    }

    /// A state of a node, with what its author says of it.
    pub(super) fn state(&mut self, node: &NodePlan, name: &SmolStr, type_: &'static str) -> State {
        State::new(name.clone(), type_, node.span)
    }

    /// A name for a state that has none in the workflow.
    pub(super) fn derived(&mut self, base: &str) -> SmolStr {
        let clean: String = base.chars().take(76).collect();
        let mut name = SmolStr::from(clean.as_str());
        let mut number = 2;
        while !self.state_names.insert(name.clone()) {
            name = format_smolstr!("{clean}-{number}");
            number += 1;
        }
        name
    }

    /// All nodes of a part, by index, with those inside it.
    fn nodes_of(&self, order: &Order, schedule: &Schedule, out: &mut Vec<usize>) {
        match schedule {
            Schedule::Step(step) => self.nodes_below(order.body[*step], out),
            Schedule::Sequence(parts) | Schedule::Parallel(parts) => {
                parts.iter().for_each(|part| self.nodes_of(order, part, out));
            }
        }
    }

    fn nodes_below(&self, id: NodeId, out: &mut Vec<usize>) {
        let Some(at) = self.index.get(&id).copied() else { return };
        out.push(at);
        for body in scopes(&self.workflow.nodes[at]) {
            body.iter().for_each(|inner| self.nodes_below(*inner, out));
        }
    }

    fn parallel(&mut self, order: &Order, parts: &[Schedule], next: Option<&SmolStr>) -> Part {
        let mut branches = Vec::with_capacity(parts.len());
        let mut assign: Vec<(SmolStr, Json)> = Vec::new();
        let mut place = Span::NONE;
        let mut words: Vec<SmolStr> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let mut nodes = Vec::new();
            self.nodes_of(order, part, &mut nodes);
            let first = nodes.first().map(|at| &self.workflow.nodes[*at]);
            let span = first.map_or(self.here, |node| node.span);
            if at == 0 {
                place = span;
            }
            if words.len() < 3 {
                words.extend(first.map(|node| node.name.clone()));
            }
            let exports = self.uses.exports(&nodes, self.layout.around(&nodes));
            let inner = self.part(order, part, None);
            for Export { outside, .. } in &exports {
                let text = format!("$states.result[{at}].{outside}");
                assign.push((outside.clone(), Json::expression(&text, span)));
            }
            let machine = self.closed(inner, &exports, span);
            branches.push(Json::Machine(Box::new(machine), span));
        }
        let more = if parts.len() > 3 { "-and-more" } else { "" };
        let name = self.derived(&format!("parallel-{}{more}", words.join("-")));
        let mut state = State::new(name.clone(), "Parallel", place);
        state.set("Branches", Json::List(branches, place));
        if !assign.is_empty() {
            state.set("Assign", Json::object(assign, place));
        }
        state.next(next);
        Part { entry: Some(name), states: vec![state], ends: false }
    }

    /// A branch or iteration: its states, with an output that is no more than what is read outside.
    pub(super) fn closed(&mut self, mut part: Part, exports: &[Export], span: Span) -> Machine {
        let output = |assign: Option<&Json>| {
            let own = |name: &SmolStr| match assign {
                Some(Json::Object(entries, _)) => {
                    entries.iter().find(|(key, ..)| key == name).map(|(_, _, value)| value.clone())
                }
                _ => None,
            };
            let entries = exports.iter().map(|Export { inside, outside }| {
                let value = own(inside).unwrap_or_else(|| Json::expression(&format!("${inside}"), span));
                (outside.clone(), value)
            });
            Json::object(entries.collect(), span)
        };
        let is_end = |state: &State| state.has("End") || state.is("Succeed");
        let ends = part.states.iter().filter(|state| is_end(state)).count();
        let needs_join = ends > 1 && !exports.is_empty();
        if needs_join {
            let name = self.derived(&format!("{}-results", part.entry.clone().unwrap_or_default()));
            for state in part.states.iter_mut().filter(|state| is_end(state)) {
                if state.is("Succeed") {
                    state.set("Type", Json::text("Pass", state.span));
                }
                state.members.retain(|(key, _)| *key != "End");
                state.next(Some(&name));
            }
            let mut last = State::new(name, "Pass", span);
            last.set("Output", output(None));
            last.next(None);
            part.states.push(last);
        } else {
            for state in part.states.iter_mut().filter(|state| is_end(state)) {
                let assign = state.members.iter().position(|(key, _)| *key == "Assign");
                // What is assigned by the last state leaves at once: nothing after it could read the variable.
                let assigned = assign.map(|at| state.members.remove(at).1);
                let value = output(assigned.as_ref());
                state.set("Output", value);
            }
        }
        if part.entry.is_none() {
            let name = self.derived("nothing");
            let mut state = State::new(name.clone(), "Pass", span);
            state.set("Output", output(None));
            state.next(None);
            part = Part { entry: Some(name), states: vec![state], ends: false };
        }
        Machine { before: Vec::new(), start: part.entry.unwrap_or_default(), states: part.states }
    }

    fn condition(&mut self, node: &NodePlan, branches: &[BranchPlan], next: Option<&SmolStr>) -> Part {
        let mut state = self.state(node, &node.name, "Choice");
        let mut choices = Vec::new();
        let mut inner_states: Vec<State> = Vec::new();
        let mut ending: Option<SmolStr> = None;
        let mut is_open = false;
        let at = self.index.get(&node.id).copied().unwrap_or_default();
        let (first, last) = self.layout.range(at);
        // What each branch leaves for those after the condition; where another branch is taken it is null.
        let exports: Vec<Vec<SmolStr>> = branches
            .iter()
            .map(|branch| {
                let mut nodes = Vec::new();
                branch.body.iter().for_each(|id| self.nodes_below(*id, &mut nodes));
                self.uses.read_after(&nodes, last, first)
            })
            .collect();
        let others = |taken: Option<usize>| -> Vec<(SmolStr, Json)> {
            let rest = exports.iter().enumerate().filter(|(at, _)| Some(*at) != taken);
            rest.flat_map(|(_, names)| names.iter().map(|name| (name.clone(), Json::null(node.span)))).collect()
        };
        let mut default: Option<SmolStr> = None;
        let mut has_else = false;
        for (number, branch) in branches.iter().enumerate() {
            let part = self.scope(Some((node.id, number)), next);
            is_open |= !part.ends;
            let target = match part.entry {
                Some(entry) => entry,
                None => self.after(node, next, &mut ending),
            };
            inner_states.extend(part.states);
            let assign = others(Some(number));
            match &branch.condition {
                Some(condition) => {
                    let text = self.expression(condition);
                    let place = self.place(branch.span);
                    let mut members = vec![
                        ("Condition".into(), place, Json::expression(&text, place)),
                        ("Next".into(), place, Json::text(target.as_str(), place)),
                    ];
                    if !assign.is_empty() {
                        members.push(("Assign".into(), place, Json::object(assign, place)));
                    }
                    choices.push(Json::Object(members, place));
                }
                None => {
                    has_else = true;
                    default = Some(target);
                    if !assign.is_empty() {
                        state.set("Assign", Json::object(assign, node.span));
                    }
                }
            }
        }
        state.set("Choices", Json::List(choices, node.span));
        if !has_else {
            is_open = true;
            default = Some(self.after(node, next, &mut ending));
            let assign = others(None);
            if !assign.is_empty() {
                state.set("Assign", Json::object(assign, node.span));
            }
        }
        if let Some(default) = default {
            state.set("Default", Json::text(default.as_str(), node.span));
        }
        let mut states = vec![state];
        states.extend(inner_states);
        if let Some(name) = ending {
            states.push(State::new(name, "Succeed", node.span));
        }
        Part { entry: Some(node.name.clone()), states, ends: !is_open }
    }

    /// A group of one branch, which is what can be caught whole.
    fn guarded(&mut self, node: &NodePlan, body: &[NodeId], handlers: &[HandlerPlan], next: Option<&SmolStr>) -> Part {
        let here = node.span;
        let mut state = self.state(node, &node.name, "Parallel");
        let mut nodes = Vec::new();
        body.iter().for_each(|inner| self.nodes_below(*inner, &mut nodes));
        let exports = self.uses.exports(&nodes, self.layout.around(&nodes));
        let part = self.scope(Some((node.id, 0)), None);
        let machine = self.closed(part, &exports, here);
        state.set("Branches", Json::List(vec![Json::Machine(Box::new(machine), here)], here));
        if !exports.is_empty() {
            let assign = exports.iter().map(|Export { outside, .. }| {
                (outside.clone(), Json::expression(&format!("$states.result[0].{outside}"), here))
            });
            state.set("Assign", Json::object(assign.collect(), here));
        }
        let mut catch = Vec::with_capacity(handlers.len());
        let mut states = Vec::new();
        let mut ending: Option<SmolStr> = None;
        for (number, handler) in handlers.iter().enumerate() {
            let part = self.scope(Some((node.id, number + 1)), next);
            let target = match part.entry {
                Some(entry) => entry,
                None => self.after(node, next, &mut ending),
            };
            states.extend(part.states);
            let place = handler.span;
            let errors = match handler.errors.as_slice() {
                [] => vec![Json::text("States.ALL", place)],
                names => names.iter().map(|(name, span)| Json::text(name.as_str(), *span)).collect(),
            };
            // What the scope would have left is not there.
            let mut assign: Vec<(SmolStr, Json)> =
                exports.iter().map(|Export { outside, .. }| (outside.clone(), Json::null(place))).collect();
            if let Some(variable) = self.uses.item(node.id) {
                let field = |member: &str| Json::expression(&format!("$states.errorOutput.{member}"), place);
                let failure =
                    Json::object(vec![("error".into(), field("Error")), ("message".into(), field("Cause"))], place);
                assign.push((variable.clone(), failure));
            }
            catch.push(Json::Object(
                vec![
                    ("ErrorEquals".into(), place, Json::List(errors, place)),
                    ("Assign".into(), place, Json::object(assign, place)),
                    ("Next".into(), place, Json::text(target.as_str(), place)),
                ],
                place,
            ));
        }
        state.set("Catch", Json::List(catch, here));
        state.next(next);
        let mut all = vec![state];
        all.extend(states);
        if let Some(name) = ending {
            all.push(State::new(name, "Succeed", here));
        }
        Part { entry: Some(node.name.clone()), states: all, ends: false }
    }

    /// Where a branch without states goes: on, or to a state that ends.
    fn after(&mut self, node: &NodePlan, next: Option<&SmolStr>, ending: &mut Option<SmolStr>) -> SmolStr {
        match next {
            Some(next) => next.clone(),
            None => match ending {
                Some(known) => known.clone(),
                None => {
                    let name = self.derived(&format!("{}-end", node.name));
                    *ending = Some(name.clone());
                    name
                }
            },
        }
    }

    fn each(&mut self, node: &NodePlan, items: &Value, settings: &Value, next: Option<&SmolStr>) -> Part {
        if let Data::Object(data) = &items.data
            && matches!(data.class, Class::Data(_))
        {
            return self.rows(node, data, settings, next);
        }
        let here = node.span;
        let mut state = self.state(node, &node.name, "Map");
        let list = self.json(items);
        state.set("Items", list);
        let variable = self.uses.item(node.id).cloned().unwrap_or_else(|| "item".into());
        let context = |text: &str| Json::expression(&format!("$states.context.Map.Item.{text}"), here);
        let selector = vec![("value".into(), context("Value")), ("index".into(), context("Index"))];
        state.set("ItemSelector", Json::object(selector, here));
        if let Some(parallel) = settings.get("parallel").filter(|value| !value.is_none()) {
            let value = self.json(parallel);
            state.set("MaxConcurrency", value);
        }
        let mut nodes = Vec::new();
        for body in scopes(node) {
            body.iter().for_each(|inner| self.nodes_below(*inner, &mut nodes));
        }
        let exports = self.uses.exports(&nodes, self.layout.around(&nodes));
        let part = self.scope(Some((node.id, 0)), None);
        let mut machine = self.closed(part, &exports, here);
        // The item is in the input of an iteration; states inside read it from variables, whatever came between.
        let name = self.derived(&format!("{}-item", node.name));
        let mut first = State::new(name.clone(), "Pass", here);
        let assign = vec![
            (variable.clone(), Json::expression("$states.input.value", here)),
            (format_smolstr!("{variable}_index"), Json::expression("$states.input.index", here)),
        ];
        first.set("Assign", Json::object(assign, here));
        first.next(Some(&machine.start));
        machine.start = name;
        machine.states.insert(0, first);
        let mode = Json::object(vec![("Mode".into(), Json::text("INLINE", here))], here);
        machine.before.push(("ProcessorConfig", mode));
        state.set("ItemProcessor", Json::Machine(Box::new(machine), here));
        if !exports.is_empty() {
            // A path over a list of one gives the one, so the list is made anew.
            let lists = exports
                .iter()
                .map(|Export { outside, .. }| {
                    (outside.clone(), Json::expression(&format!("[$states.result.{outside}]"), here))
                })
                .collect();
            state.set("Assign", Json::object(lists, here));
        }
        state.next(next);
        Part { entry: Some(node.name.clone()), states: vec![state], ends: false }
    }
}
