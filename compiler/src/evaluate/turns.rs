//! What the steps of a loop at run time are outside it: a list of what each turn gave, where the engine can name them.

use std::sync::Arc;

use super::Evaluator;
use crate::source::Span;
use crate::types::{Class, Data, Entry, Late, LateKind, NodeId, Segment, Value};

/// One turn of a loop, seen from outside.
struct Turn<'t> {
    each: NodeId,
    /// The steps of the body, with what the engine calls their answers in this turn.
    body: &'t [(NodeId, Vec<Segment>)],
    item: &'t Value,
}

impl Evaluator<'_> {
    /// What `step` of a loop's body is outside it: one value for each item of a list that is known. `None` where the
    /// engine has no name for what a turn gave, or the list is not known.
    pub(super) fn turns_of(&mut self, each: NodeId, body: &[NodeId], items: &Value, step: &Value) -> Option<Value> {
        let items = items.as_list()?.clone();
        let Data::Object(object) = &step.data else { return None };
        if !matches!(object.class, Class::Step(_)) {
            return None;
        }
        let state = self.workflow.as_ref()?;
        let engine = state.engine;
        let mut turns = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let mut names = Vec::with_capacity(body.len());
            for node in body {
                let plan = state.nodes.get(node.0 as usize).and_then(Option::as_ref)?;
                names.push((*node, engine.turn_path(&plan.name, index as i64)?));
            }
            let turn = Turn { each, body: &names, item };
            turns.push(turn.value(step)?);
        }
        Some(Value::list(turns, step.span))
    }
}

impl Turn<'_> {
    /// `value` as this turn gives it; `None` where it cannot be named from outside.
    fn value(&self, value: &Value) -> Option<Value> {
        let span = value.span;
        match &value.data {
            Data::Late(late) => self.late(late, span),
            Data::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<Option<Vec<_>>>()?;
                Some(Value::list(items, span))
            }
            Data::Object(object) => {
                // A result that has no name outside is left out, and its finding is where it is asked for.
                let entries: Vec<Entry> = object
                    .entries
                    .iter()
                    .filter_map(|entry| Some(Entry { value: self.value(&entry.value)?, ..entry.clone() }))
                    .collect();
                let is_step = matches!(object.class, Class::Step(_));
                if !is_step && entries.len() < object.entries.len() {
                    return None;
                }
                let class = if is_step { Class::Step(self.each) } else { object.class.clone() };
                Some(Value::object(class, entries, span))
            }
            _ => Some(value.clone()),
        }
    }

    fn late(&self, late: &Arc<Late>, span: Span) -> Option<Value> {
        let kind = match &late.kind {
            LateKind::Response { node, path } => match self.body.iter().find(|(other, _)| other == node) {
                Some((_, start)) => {
                    let path = start.iter().chain(path).cloned().collect();
                    LateKind::Response { node: self.each, path }
                }
                None => late.kind.clone(),
            },
            LateKind::Report { node, .. } if self.body.iter().any(|(other, _)| other == node) => return None,
            LateKind::Item { node, path } if *node == self.each => return self.part(path).map(|part| part.at(span)),
            LateKind::Join { separator, parts } => {
                let parts = parts.iter().map(|part| self.value(part)).collect::<Option<Vec<_>>>()?;
                LateKind::Join { separator: separator.clone(), parts }
            }
            LateKind::JsonAt { uri, path } => LateKind::JsonAt { uri: self.value(uri)?, path: path.clone() },
            LateKind::Operation { name, operands } => {
                let operands = operands.iter().map(|operand| self.value(operand)).collect::<Option<Vec<_>>>()?;
                LateKind::Operation { name: name.clone(), operands }
            }
            other => other.clone(),
        };
        Some(Value::late(kind, late.type_.clone(), late.stage, late.because.clone(), span))
    }

    /// A part of the item of this turn.
    fn part(&self, path: &[Segment]) -> Option<Value> {
        let mut at = self.item.clone();
        for segment in path {
            at = match segment {
                Segment::Member(name) | Segment::Key(name) => at.get(name)?.clone(),
                Segment::Index(index) => at.as_list()?.get(usize::try_from(*index).ok()?)?.clone(),
                Segment::Where(..) => return None,
            };
        }
        Some(at)
    }
}
