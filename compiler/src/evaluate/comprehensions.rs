//! Comprehensions: one entry or element for each item of a list or object, now or, where the items are known later, then.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{Expression, ForClause, Name};
use crate::types::{Data, LateKind, Type, Value, show};

/// Why a comprehension gives no list yet.
pub(super) enum Later {
    /// It has a finding.
    Wrong,
    /// The list is known later; what stands for its items.
    List { list: Value, bound: SmolStr, condition: Option<Value> },
    /// Which items stay is known later.
    Condition(Value),
}

impl Evaluator<'_> {
    /// `[for x in xs if c: e]`
    pub(super) fn list_comprehension(
        &mut self,
        clause: &ForClause,
        element: &Expression,
        scope: &Scope<'_>,
        span: Span,
    ) -> Value {
        let mut items = Vec::new();
        let ok = self.each_item(clause, scope, &mut |this, inner| {
            let value = this.evaluate(element, inner);
            if !value.is_none() {
                items.push(value);
            }
        });
        match ok {
            Ok(()) => Value::list(items, span),
            Err(Later::Wrong) => Value::error(span),
            Err(Later::Condition(condition)) => {
                let type_ = Type::List(Arc::new(Type::Any));
                self.operation("for", vec![condition], type_, span)
            }
            Err(Later::List { list, bound, condition }) => {
                let Some(body) = items.pop() else { return Value::error(span) };
                let type_ = Type::List(Arc::new(super::types::type_of_value(&body)));
                let operands = [list, Value::string(bound, span), body].into_iter().chain(condition);
                self.operation("for", operands.collect(), type_, span)
            }
        }
    }

    /// Runs `body` for every item of a comprehension; for a list that is known later once, with a name in place of the
    /// item. What cannot be iterated now is the error.
    pub(super) fn each_item(
        &mut self,
        clause: &ForClause,
        scope: &Scope<'_>,
        body: &mut dyn FnMut(&mut Self, &Scope<'_>),
    ) -> Result<(), Later> {
        let iterated = self.evaluate(&clause.iterated, scope);
        let bind = |names: &[Name], key: Value, value: Value| -> Vec<(SmolStr, Value)> {
            match names {
                [one] => vec![(one.text.clone(), value)],
                [first, second, ..] => vec![(first.text.clone(), key), (second.text.clone(), value)],
                [] => Vec::new(),
            }
        };
        let pairs: Vec<(Value, Value)> = match &iterated.data {
            Data::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (Value::new(Data::Int(index as i64), item.span), item.clone()))
                .collect(),
            Data::Object(object) => object
                .entries
                .iter()
                .filter(|entry| !entry.value.is_none())
                .map(|entry| {
                    let key = Value::string(entry.key.clone(), entry.key_span);
                    // With one name, an object's items are its values.
                    (key, entry.value.clone())
                })
                .collect(),
            Data::None => Vec::new(),
            Data::Error => return Err(Later::Wrong),
            Data::Late(late) => {
                let item = match late.type_.required() {
                    Type::List(item) => (**item).clone(),
                    other => self.answered_item(other).unwrap_or(Type::Any),
                };
                let bound = clause.names.last().map(|name| name.text.clone()).unwrap_or_default();
                let value =
                    Value::late(LateKind::Bound(bound.clone()), item, late.stage, late.because.clone(), iterated.span);
                let inner = Scope::with(scope, vec![(bound.clone(), value)]);
                let condition = clause.condition.as_ref().map(|condition| self.evaluate(condition, &inner));
                if condition.as_ref().is_some_and(Value::is_error) {
                    return Err(Later::Wrong);
                }
                body(self, &inner);
                return Err(Later::List { list: iterated.clone(), bound, condition });
            }
            _ => {
                let found = show::describe_value(&iterated);
                self.report(Diagnostic::new(&d::NOT_ITERABLE, iterated.span, &[("found", &found)]));
                return Err(Later::Wrong);
            }
        };
        for (key, value) in pairs {
            let inner = Scope::with(scope, bind(&clause.names, key, value));
            if let Some(condition) = &clause.condition {
                let condition = self.evaluate(condition, &inner);
                match &condition.data {
                    Data::Bool(true) => {}
                    Data::Bool(false) => continue,
                    Data::Error => return Err(Later::Wrong),
                    Data::Late(_) => return Err(Later::Condition(condition)),
                    _ => {
                        self.expect_bool(&condition, "if");
                        return Err(Later::Wrong);
                    }
                }
            }
            body(self, &inner);
        }
        Ok(())
    }
}
