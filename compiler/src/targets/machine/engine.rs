//! What evaluation asks of Step Functions.

use smol_str::SmolStr;

use crate::facts::Facts;
use crate::plan::Engine;
use crate::source::Span;
use crate::types::{Class, Entry, Type, Value};

pub(crate) struct Machines;

pub(super) const TITLE: &str = "a state machine";

/// How a task waits, as its `run` clause says.
pub(super) fn pattern(run: &Value) -> &str {
    run.get("integration").and_then(Value::as_string).map_or("request", SmolStr::as_str)
}

/// The type of what an operation answers, or of a part of that.
fn output(facts: &Facts, service: &str, operation: &str, part: Option<&str>) -> Option<Type> {
    let model = facts.service(service)?;
    let mut shape = model.operation(operation)?.output?;
    if let Some(part) = part {
        let (name, is_list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        let wanted = |member: &&crate::facts::Member| member.name.eq_ignore_ascii_case(name);
        shape = model.shape(shape).members().iter().find(wanted)?.shape;
        if is_list && let crate::facts::ShapeKind::List { member, .. } = model.shape(shape).kind {
            shape = member;
        }
    }
    Some(Type::Shape { service: service.into(), shape, name: model.shape(shape).name.clone() })
}

impl Engine for Machines {
    fn name(&self) -> &'static str {
        "machine"
    }

    fn title(&self) -> &'static str {
        TITLE
    }

    fn response(&self, facts: &Facts, call: Option<(&str, &str)>, returns: Option<&str>, run: &Value) -> Vec<Type> {
        // What a step waits for by asking again is what it answers in the end.
        if let Some((service, operation, _)) =
            run.get("poll").and_then(|poll| poll.get("call")).and_then(Value::as_call)
        {
            return output(facts, service, operation, None).into_iter().collect();
        }
        let Some((service, operation)) = call else { return Vec::new() };
        let type_ = match pattern(run) {
            "request" => output(facts, service, operation, None),
            "sync" => {
                let known = facts.machine().and_then(|machine| machine.calling(service, operation));
                match known.and_then(|(_, action)| action.answer.as_deref()) {
                    Some(answer) => {
                        let (operation, part) =
                            answer.split_once(':').map_or((answer, None), |(operation, part)| (operation, Some(part)));
                        output(facts, service, operation, part)
                    }
                    None => returns.and_then(|operation| output(facts, service, operation, None)),
                }
            }
            // What is answered to a token, and the output of another machine, is whatever that gives.
            _ => None,
        };
        type_.into_iter().collect()
    }

    /// A service's own integration fills in what makes a request safe to repeat, as the SDKs do.
    fn not_required(&self, facts: &Facts, service: &str, operation: &str) -> Vec<SmolStr> {
        if facts.machine().and_then(|machine| machine.calling(service, operation)).is_none() {
            return Vec::new();
        }
        let Some(model) = facts.service(service) else { return Vec::new() };
        let Some(input) = model.operation(operation).and_then(|operation| operation.input) else { return Vec::new() };
        let shape = model.shape(input);
        shape.members().iter().filter(|member| member.idempotency_token).map(|member| member.name.clone()).collect()
    }

    fn run_call(&self, _: &Facts, _: &str, _: &str, span: Span) -> Option<Value> {
        Some(Value::object(Class::Plain, vec![Entry::new("integration", Value::string("request", span))], span))
    }

    fn keeps_api_case(&self, _: &Facts, _: &str, _: &str) -> bool {
        false
    }

    fn starts_others(&self) -> bool {
        true
    }

    fn can_decide(&self, _: &Value) -> bool {
        true
    }

    fn computes(&self) -> bool {
        true
    }

    fn reads_items(&self) -> bool {
        true
    }

    fn handles_failures(&self) -> bool {
        true
    }

    fn raw_requests(&self, facts: &Facts, raw: &crate::plan::RawPlan) -> Vec<crate::plan::RawRequest> {
        super::raw::tasks::requests(facts, raw)
    }

    fn step_name_problem(&self, name: &str) -> Option<String> {
        let count = name.chars().count();
        if count > 80 {
            return Some(format!("{TITLE} takes at most 80 characters, and this has {count}"));
        }
        (count == 0).then(|| format!("{TITLE} takes no empty one"))
    }
}
