//! Operators on values: computed now where both sides are known, kept for later otherwise.

use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::source::Span;
use crate::syntax::tree::{BinaryOperator, Expression};
use crate::types::{Bounds, Class, Data, Late, LateKind, Segment, Type, Value, show};

impl Evaluator<'_> {
    pub(crate) fn not(&mut self, value: Value, span: Span) -> Value {
        match &value.data {
            Data::Bool(flag) => Value::new(Data::Bool(!flag), span),
            Data::Error => Value::error(span),
            Data::Late(late) if matches!(late.type_, Type::Bool | Type::Any | Type::Error) => {
                self.operation("not", vec![value], Type::Bool, span)
            }
            _ => {
                self.expect_bool(&value, "not");
                Value::error(span)
            }
        }
    }

    pub(crate) fn negate(&mut self, value: Value, span: Span) -> Value {
        let data = match &value.data {
            Data::Int(number) => number.checked_neg().map(Data::Int),
            Data::Float(number) => Some(Data::Float(-number)),
            Data::Duration(number) => Some(Data::Duration(-number)),
            Data::Percent(number) => Some(Data::Percent(-number)),
            Data::Error => return Value::error(span),
            Data::Late(late) if is_number(&late.type_) || matches!(late.type_, Type::Any) => {
                let type_ = late.type_.clone();
                let type_ = if matches!(type_, Type::Int(_)) { Type::INT } else { Type::FLOAT };
                return self.operation("negate", vec![value], type_, span);
            }
            _ => None,
        };
        match data {
            Some(data) => Value::new(data, span),
            None => {
                let found = show::describe_value(&value);
                self.report(Diagnostic::new(&d::BAD_OPERAND, value.span, &[("operator", &"-"), ("found", &found)]));
                Value::error(span)
            }
        }
    }

    pub(crate) fn binary(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        left: &Expression,
        right: &Expression,
        scope: &Scope<'_>,
        span: Span,
    ) -> Value {
        let first = self.evaluate(left, scope);
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                let stops = operator == BinaryOperator::Or;
                match &first.data {
                    Data::Bool(flag) if *flag == stops => return first.at(span),
                    Data::Bool(_) => {
                        let second = self.evaluate(right, scope);
                        return match &second.data {
                            Data::Bool(_) | Data::Error => second.at(span),
                            Data::Late(late) if matches!(late.type_, Type::Bool | Type::Any | Type::Error) => {
                                second.at(span)
                            }
                            _ => {
                                self.expect_bool(&second, operator.symbol());
                                Value::error(span)
                            }
                        };
                    }
                    Data::Error => return Value::error(span),
                    Data::Late(late) if matches!(late.type_, Type::Bool | Type::Any | Type::Error) => {}
                    _ => {
                        self.expect_bool(&first, operator.symbol());
                        return Value::error(span);
                    }
                }
                let second = self.evaluate(right, scope);
                match &second.data {
                    Data::Bool(flag) if *flag == stops => second.at(span),
                    Data::Bool(_) => first.at(span),
                    Data::Error => Value::error(span),
                    Data::Late(late) if matches!(late.type_, Type::Bool | Type::Any | Type::Error) => {
                        self.operation(operator.symbol(), vec![first, second], Type::Bool, span)
                    }
                    _ => {
                        self.expect_bool(&second, operator.symbol());
                        Value::error(span)
                    }
                }
            }
            BinaryOperator::Coalesce => match &first.data {
                Data::None => self.evaluate(right, scope).at(span),
                Data::Late(late) if late.type_.is_optional() && !matches!(late.type_, Type::Any | Type::Error) => {
                    let type_ = late.type_.required().clone();
                    let late = late.clone();
                    let second = self.evaluate(right, scope);
                    if let Some(inner) = super::optional::inside(&late)
                        && let Some(both) = self.either(inner, &late, &second, span)
                    {
                        return both;
                    }
                    // What may still not be there after the second is optional all the same.
                    let type_ = match &second.data {
                        Data::Late(other) if other.type_.is_optional() && !matches!(other.type_, Type::Any) => {
                            type_.optional()
                        }
                        Data::None => type_.optional(),
                        _ => type_,
                    };
                    self.operation("??", vec![first, second], type_, span)
                }
                _ => first.at(span),
            },
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::In
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide => {
                let second = self.evaluate(right, scope);
                self.operate(operator, operator_span, first, second, span)
            }
        }
    }

    fn operate(&mut self, operator: BinaryOperator, place: Span, left: Value, right: Value, span: Span) -> Value {
        if left.is_error() || right.is_error() {
            return Value::error(span);
        }
        match operator {
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                let negated = operator == BinaryOperator::NotEqual;
                match equal(&left, &right) {
                    Some(same) => Value::new(Data::Bool(same != negated), span),
                    None => {
                        self.check_comparable(operator, place, &left, &right);
                        self.operation(operator.symbol(), vec![left, right], Type::Bool, span)
                    }
                }
            }
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => {
                if let (Some(a), Some(b)) = (magnitude(&left), magnitude(&right)) {
                    if a.0 != b.0 {
                        return self.bad_operands(operator, place, &left, &right, span);
                    }
                    let ordering = a.1.partial_cmp(&b.1);
                    return Value::new(Data::Bool(compare(operator, ordering)), span);
                }
                if let (Data::String(a), Data::String(b)) = (&left.data, &right.data) {
                    return Value::new(Data::Bool(compare(operator, Some(a.cmp(b)))), span);
                }
                if left.as_late().is_some() || right.as_late().is_some() {
                    let ok = |value: &Value| match &value.data {
                        Data::Late(late) => {
                            is_number(&late.type_) || matches!(late.type_, Type::Any | Type::Error | Type::String(_))
                        }
                        Data::String(_) => true,
                        _ => magnitude(value).is_some(),
                    };
                    if ok(&left) && ok(&right) && self.check_comparable(operator, place, &left, &right) {
                        return self.operation(operator.symbol(), vec![left, right], Type::Bool, span);
                    }
                    if ok(&left) && ok(&right) {
                        return Value::error(span);
                    }
                }
                self.bad_operands(operator, place, &left, &right, span)
            }
            BinaryOperator::In => match (&left.data, &right.data) {
                (Data::Late(_), Data::List(_)) => self.operation("in", vec![left, right], Type::Bool, span),
                (_, Data::List(items)) if items.iter().all(|item| item.as_late().is_none()) => {
                    let found = items.iter().any(|item| equal(&left, item).unwrap_or(false));
                    Value::new(Data::Bool(found), span)
                }
                (Data::String(key), Data::Object(object)) => Value::new(Data::Bool(object.get(key).is_some()), span),
                (Data::String(part), Data::String(text)) => Value::new(Data::Bool(text.contains(part.as_str())), span),
                (Data::Late(_), Data::String(_)) if is_text(&super::types::type_of_value(&left)) => {
                    self.operation("in", vec![left, right], Type::Bool, span)
                }
                (_, Data::List(_) | Data::Late(_)) => self.operation("in", vec![left, right], Type::Bool, span),
                _ => self.bad_operands(operator, place, &left, &right, span),
            },
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply | BinaryOperator::Divide => {
                self.arithmetic(operator, place, left, right, span)
            }
            BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Coalesce => Value::error(span),
        }
    }

    /// Whether two values can be compared at all; reports where they never can.
    fn check_comparable(&mut self, operator: BinaryOperator, place: Span, left: &Value, right: &Value) -> bool {
        let sort = |value: &Value| -> u8 {
            let type_ = super::types::type_of_value(value);
            match type_.required() {
                Type::Int(_) | Type::Float(_) => 1,
                Type::String(_) | Type::Uri | Type::Arn | Type::Instance(_) | Type::Image | Type::Regex => 2,
                Type::Literals(values) => match values.first() {
                    Some(crate::types::Literal::String(_)) => 2,
                    Some(crate::types::Literal::Int(_) | crate::types::Literal::Float(_)) => 1,
                    Some(crate::types::Literal::Bool(_)) => 3,
                    None => 0,
                },
                Type::Bool => 3,
                Type::Duration(_) => 4,
                Type::Size(_) => 5,
                Type::Percent(_) => 6,
                _ => 0,
            }
        };
        let (a, b) = (sort(left), sort(right));
        if a != 0 && b != 0 && a != b {
            self.bad_operands(operator, place, left, right, place);
            return false;
        }
        true
    }

    fn bad_operands(
        &mut self,
        operator: BinaryOperator,
        place: Span,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Value {
        let symbol = operator.symbol();
        let (first, second) = (show::describe_value(left), show::describe_value(right));
        let found =
            Diagnostic::new(&d::BAD_OPERANDS, place, &[("operator", &symbol), ("left", &first), ("right", &second)])
                .related(left.span, first.clone())
                .related(right.span, second.clone());
        self.report(found);
        Value::error(span)
    }

    fn arithmetic(&mut self, operator: BinaryOperator, place: Span, left: Value, right: Value, span: Span) -> Value {
        use BinaryOperator::{Add, Divide, Multiply, Subtract};
        let is_zero = matches!(right.data, Data::Int(0)) || matches!(right.data, Data::Float(zero) if zero == 0.0);
        if operator == Divide && is_zero {
            self.report(Diagnostic::new(&d::DIVISION_BY_ZERO, right.span, &[]));
            return Value::error(span);
        }
        let whole = |a: i64, b: i64| match operator {
            Add => a.checked_add(b),
            Subtract => a.checked_sub(b),
            Multiply => a.checked_mul(b),
            _ => None,
        };
        let real = |a: f64, b: f64| match operator {
            Add => a + b,
            Subtract => a - b,
            Multiply => a * b,
            _ => a / b,
        };
        let data = match (&left.data, &right.data) {
            (Data::Int(a), Data::Int(b)) if operator == Divide => {
                if a % b == 0 {
                    Some(Data::Int(a / b))
                } else {
                    Some(Data::Float(*a as f64 / *b as f64))
                }
            }
            (Data::Int(a), Data::Int(b)) => match whole(*a, *b) {
                Some(value) => Some(Data::Int(value)),
                None => {
                    self.report(Diagnostic::new(&d::NUMBER_TOO_LARGE, span, &[]));
                    return Value::error(span);
                }
            },
            (Data::Int(a), Data::Float(b)) => Some(Data::Float(real(*a as f64, *b))),
            (Data::Float(a), Data::Int(b)) => Some(Data::Float(real(*a, *b as f64))),
            (Data::Float(a), Data::Float(b)) => Some(Data::Float(real(*a, *b))),
            (Data::Duration(a), Data::Duration(b)) if matches!(operator, Add | Subtract) => {
                whole(*a, *b).map(Data::Duration)
            }
            (Data::Size(a), Data::Size(b)) if matches!(operator, Add | Subtract) => whole(*a, *b).map(Data::Size),
            (Data::Duration(a), Data::Duration(b)) | (Data::Size(a), Data::Size(b))
                if operator == Divide && *b != 0 =>
            {
                Some(Data::Float(*a as f64 / *b as f64))
            }
            (Data::Duration(a), Data::Int(b)) if operator == Multiply => a.checked_mul(*b).map(Data::Duration),
            (Data::Int(a), Data::Duration(b)) if operator == Multiply => a.checked_mul(*b).map(Data::Duration),
            (Data::Duration(a), Data::Int(b)) if operator == Divide => Some(Data::Duration(a / b)),
            (Data::Size(a), Data::Int(b)) if operator == Multiply => a.checked_mul(*b).map(Data::Size),
            (Data::Int(a), Data::Size(b)) if operator == Multiply => a.checked_mul(*b).map(Data::Size),
            (Data::Size(a), Data::Int(b)) if operator == Divide => Some(Data::Size(a / b)),
            (Data::Percent(a), Data::Percent(b)) if matches!(operator, Add | Subtract) => {
                Some(Data::Percent(real(*a, *b)))
            }
            (Data::String(a), Data::String(b)) if operator == Add => Some(Data::String(format!("{a}{b}").into())),
            (Data::List(a), Data::List(b)) if operator == Add => {
                Some(Data::List(std::sync::Arc::new(a.iter().chain(b.iter()).cloned().collect())))
            }
            _ => None,
        };
        if let Some(data) = data {
            return Value::new(data, span);
        }
        let type_ = |value: &Value| super::types::type_of_value(value).required().clone();
        let (a, b) = (type_(&left), type_(&right));
        let is_late = left.as_late().is_some() || right.as_late().is_some();
        if is_late && operator == Add && is_text(&a) && is_text(&b) {
            return self.join("", vec![left, right], span);
        }
        if is_late
            && operator == Add
            && let (Type::List(one), Type::List(other)) = (&a, &b)
        {
            let element = if one == other { one.clone() } else { std::sync::Arc::new(Type::Any) };
            return self.operation("list", vec![left, right], Type::List(element), span);
        }
        let loose = |t: &Type| is_number(t) || matches!(t, Type::Any | Type::Error);
        if is_late && loose(&a) && loose(&b) {
            let result = match (&a, &b) {
                (Type::Int(_), Type::Int(_)) if operator != Divide => Type::Int(Bounds::NONE),
                (Type::Duration(_), _) | (_, Type::Duration(_)) => Type::Duration(Bounds::NONE),
                (Type::Size(_), _) | (_, Type::Size(_)) => Type::Size(Bounds::NONE),
                _ => Type::FLOAT,
            };
            return self.operation(operator.symbol(), vec![left, right], result, span);
        }
        self.bad_operands(operator, place, &left, &right, span)
    }
}

fn compare(operator: BinaryOperator, ordering: Option<std::cmp::Ordering>) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match operator {
        BinaryOperator::Less => ordering == Some(Less),
        BinaryOperator::LessOrEqual => matches!(ordering, Some(Less | Equal)),
        BinaryOperator::Greater => ordering == Some(Greater),
        BinaryOperator::GreaterOrEqual => matches!(ordering, Some(Greater | Equal)),
        _ => false,
    }
}

fn is_number(type_: &Type) -> bool {
    matches!(type_.required(), Type::Int(_) | Type::Float(_) | Type::Duration(_) | Type::Size(_) | Type::Percent(_))
}

/// What sort of quantity a known value is, and how much.
fn magnitude(value: &Value) -> Option<(u8, f64)> {
    match value.data {
        Data::Int(number) => Some((0, number as f64)),
        Data::Float(number) => Some((0, number)),
        Data::Duration(number) => Some((1, number as f64)),
        Data::Size(number) => Some((2, number as f64)),
        Data::Percent(number) => Some((3, number)),
        _ => None,
    }
}

/// Whether a value is an element of what is answered, picked by its name: it may not be there.
fn is_looked_for(late: &Late) -> bool {
    match &late.kind {
        LateKind::Response { path, .. } | LateKind::Started { path, .. } | LateKind::Answer { path } => {
            matches!(path.last(), Some(Segment::Where(..)))
        }
        _ => false,
    }
}

/// Whether two values are the same; `None` where that is known only later.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.data, &right.data) {
        (Data::None, Data::None) | (Data::Null, Data::Null) => Some(true),
        (Data::Late(late), Data::None) | (Data::None, Data::Late(late)) => {
            // What is not optional is never none.
            let may_be_none = late.type_.is_optional() && !matches!(late.type_, Type::Any);
            if may_be_none || is_looked_for(late) { None } else { Some(false) }
        }
        (Data::Late(_), _) | (_, Data::Late(_)) => None,
        (Data::Error, _) | (_, Data::Error) => Some(false),
        (Data::Bool(a), Data::Bool(b)) => Some(a == b),
        (Data::String(a), Data::String(b)) => Some(a == b),
        (Data::List(a), Data::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            a.iter().zip(b.iter()).try_fold(true, |same, (a, b)| Some(same && equal(a, b)?))
        }
        (Data::Object(a), Data::Object(b)) => {
            if a.class != Class::Plain || b.class != Class::Plain {
                return Some(a.class == b.class && std::sync::Arc::ptr_eq(a, b));
            }
            if a.entries.len() != b.entries.len() {
                return Some(false);
            }
            a.entries.iter().try_fold(true, |same, entry| match b.get(&entry.key) {
                Some(other) => Some(same && equal(&entry.value, other)?),
                None => Some(false),
            })
        }
        _ => match (magnitude(left), magnitude(right)) {
            (Some(a), Some(b)) => Some(a == b),
            _ => Some(false),
        },
    }
}

/// Whether values of a type are text.
fn is_text(type_: &Type) -> bool {
    matches!(type_.required(), Type::String(_) | Type::Uri | Type::Arn | Type::Literals(_))
}
