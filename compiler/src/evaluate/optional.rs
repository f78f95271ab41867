//! Values that may not be there: what a branch gives that perhaps was not taken.

use std::sync::Arc;

use super::Evaluator;
use super::operators::equal;
use crate::source::Span;
use crate::types::{Class, Data, Entry, Late, LateKind, Object, Value};

/// What there is if it is there: a thing with members of its own.
pub(super) fn inside(late: &Late) -> Option<&Value> {
    match &late.kind {
        LateKind::Operation { name, operands } if name == "optional" => {
            operands.first().filter(|inner| matches!(inner.data, Data::Object(_)))
        }
        _ => None,
    }
}

impl Evaluator<'_> {
    /// A part of something that may not be there.
    pub(super) fn maybe(&mut self, part: Value, whole: &Arc<Late>, span: Span) -> Value {
        if part.is_error() || part.is_none() {
            return part;
        }
        let type_ = match &part.data {
            Data::Late(late) => late.type_.clone().optional(),
            _ => super::types::type_of_value(&part).optional(),
        };
        let kind = LateKind::Operation { name: "optional".into(), operands: vec![part] };
        Value::late(kind, type_, whole.stage, whole.because.clone(), span)
    }

    /// `a ?? b` of data: what is not the same in both is chosen member by member.
    pub(super) fn either(&mut self, first: &Value, whole: &Arc<Late>, second: &Value, span: Span) -> Option<Value> {
        let (Data::Object(one), Data::Object(other)) = (&first.data, &second.data) else { return None };
        let fits = |object: &Object| matches!(object.class, Class::Data(_) | Class::Plain);
        if !fits(one) || !fits(other) {
            return None;
        }
        let mut entries = Vec::with_capacity(other.entries.len());
        for entry in other.entries.iter().filter(|entry| entry.key != "made_by") {
            let value = match one.get(&entry.key) {
                Some(own) if same(own, &entry.value) => entry.value.clone(),
                Some(own) if !own.is_none() && !entry.value.is_none() => {
                    match self.either(own, whole, &entry.value, span) {
                        Some(both) => both,
                        // What has members and is not the same in both is neither.
                        None if own.as_object().is_some() || entry.value.as_object().is_some() => Value::none(span),
                        None => {
                            let type_ = super::types::type_of_value(&entry.value).required().clone();
                            let own = self.maybe(own.clone(), whole, span);
                            self.operation("??", vec![own, entry.value.clone()], type_, span)
                        }
                    }
                }
                _ => Value::none(span),
            };
            entries.push(Entry { value, ..entry.clone() });
        }
        let class = match (&one.class, &other.class) {
            (Class::Data(_), Class::Data(type_)) => Class::Data(type_.clone()),
            (Class::Plain, Class::Plain) => Class::Plain,
            _ => return None,
        };
        Some(Value::object(class, entries, span))
    }
}

/// Whether two values are known to be the same, whatever they stand for.
fn same(one: &Value, other: &Value) -> bool {
    match (&one.data, &other.data) {
        (Data::Object(a), Data::Object(b)) => {
            a.class == b.class
                && a.entries.len() == b.entries.len()
                && a.entries.iter().all(|entry| b.get(&entry.key).is_some_and(|value| same(&entry.value, value)))
        }
        _ => equal(one, other) == Some(true),
    }
}
