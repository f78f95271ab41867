//! Conditions: `and` becomes the list, the rest a tree of what pipelines can compare.

use super::Emitter;
use super::engine::TITLE;
use super::values::capital;
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::partition::is_computed;
use crate::types::{Data, LateKind, Type, Value, show};

impl Emitter<'_> {
    /// The members of the list, all of which must hold.
    pub(super) fn conditions(&mut self, value: &Value) {
        self.joined("and", value);
    }

    /// One condition after the other, of a chain of one operator.
    fn joined(&mut self, operator: &str, value: &Value) {
        if let Data::Late(late) = &value.data
            && let LateKind::Operation { name, operands } = &late.kind
            && name == operator
        {
            for operand in operands {
                self.joined(operator, operand);
            }
            return;
        }
        self.condition(value);
    }

    fn condition(&mut self, value: &Value) {
        let place = self.place(value.span);
        let Data::Late(late) = &value.data else {
            if !value.is_error() {
                self.no_comparison(value);
            }
            return;
        };
        let LateKind::Operation { name, operands } = &late.kind else {
            // A truth value by itself.
            if matches!(late.type_, Type::Bool | Type::Any) {
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("Equals", place);
                self.json.key("LeftValue", place);
                self.value(value);
                self.json.key("RightValue", place);
                self.json.token("true", place);
                self.json.end_object();
            } else {
                self.no_comparison(value);
            }
            return;
        };
        let type_ = match name.as_str() {
            "==" => "Equals",
            "<" => "LessThan",
            "<=" => "LessThanOrEqualTo",
            ">" => "GreaterThan",
            ">=" => "GreaterThanOrEqualTo",
            "in" => "In",
            "!=" | "not" => "Not",
            "or" => "Or",
            "and" => "",
            _ => {
                self.not_computed(late, place);
                return;
            }
        };
        match (name.as_str(), operands.as_slice()) {
            ("==" | "<" | "<=" | ">" | ">=", [left, right]) => self.comparison(type_, left, right, place),
            ("!=", [left, right]) => {
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("Not", place);
                self.json.key("Condition", place);
                self.comparison("Equals", left, right, place);
                self.json.end_object();
            }
            ("not", [inner]) => {
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("Not", place);
                self.json.key("Condition", place);
                self.condition(inner);
                self.json.end_object();
            }
            ("or", _) => {
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("Or", place);
                self.json.key("Conditions", place);
                self.json.begin_list(place);
                self.joined("or", value);
                self.json.end_list();
                self.json.end_object();
            }
            // `a and b` below an `or` or `not`: neither fails.
            ("and", [left, right]) => {
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("Not", place);
                self.json.key("Condition", place);
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("Or", place);
                self.json.key("Conditions", place);
                self.json.begin_list(place);
                for inner in [left, right] {
                    self.json.begin_object(place);
                    self.json.key("Type", place);
                    self.json.string("Not", place);
                    self.json.key("Condition", place);
                    self.condition(inner);
                    self.json.end_object();
                }
                self.json.end_list();
                self.json.end_object();
                self.json.end_object();
            }
            ("in", [query, list]) => {
                self.json.begin_object(place);
                self.json.key("Type", place);
                self.json.string("In", place);
                self.json.key("QueryValue", place);
                self.value(query);
                self.json.key("Values", place);
                match &list.data {
                    Data::List(_) => self.value(list),
                    _ => {
                        self.no_comparison(list);
                        self.json.token("null", place);
                    }
                }
                self.json.end_object();
            }
            _ => self.no_comparison(value),
        }
    }

    fn comparison(&mut self, type_: &str, left: &Value, right: &Value, place: crate::source::Span) {
        self.json.begin_object(place);
        self.json.key("Type", place);
        self.json.string(type_, place);
        for (key, side) in [("LeftValue", left), ("RightValue", right)] {
            self.json.key(key, place);
            let unit = match side.data {
                Data::Duration(value) if value % 1_000_000 != 0 => Some("seconds"),
                Data::Size(value) if value % (1 << 30) != 0 => Some("gigabytes"),
                _ => None,
            };
            if let Some(unit) = unit {
                let found = format!("{}, which is not a whole number of {unit}", show::describe_value(side));
                let place = self.place(side.span);
                self.report(Diagnostic::new(
                    &d::CONDITION_FORM,
                    place,
                    &[("engine", &capital(TITLE)), ("found", &found)],
                ));
            }
            match &side.data {
                Data::Duration(value) => self.value(&Value::new(Data::Int(value / 1_000_000), side.span)),
                Data::Size(value) => self.value(&Value::new(Data::Int(value >> 30), side.span)),
                Data::None | Data::Null => {
                    let found = "a comparison with `none`, which it does not know";
                    let place = self.place(side.span);
                    self.report(Diagnostic::new(
                        &d::CONDITION_FORM,
                        place,
                        &[("engine", &capital(TITLE)), ("found", &found)],
                    ));
                    self.json.token("null", place);
                }
                _ => self.value(side),
            }
        }
        self.json.end_object();
    }

    fn no_comparison(&mut self, value: &Value) {
        let place = self.place(value.span);
        let found = show::describe_value(value);
        self.report(Diagnostic::new(&d::CONDITION_FORM, place, &[("engine", &capital(TITLE)), ("found", &found)]));
    }
}

/// Whether a pipeline can decide on a condition: comparisons of values with values, put together.
pub(super) fn can_decide(value: &Value) -> bool {
    let Data::Late(late) = &value.data else { return true };
    let LateKind::Operation { name, operands } = &late.kind else { return true };
    match name.as_str() {
        "and" | "or" | "not" => operands.iter().all(can_decide),
        "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => {
            let is_value = |operand: &Value| !is_computed(operand) && !matches!(operand.data, Data::None | Data::Null);
            operands.iter().all(is_value) && (name != "in" || matches!(operands[1].data, Data::List(_)))
        }
        _ => false,
    }
}
