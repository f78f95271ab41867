//! When a task is tried again: the words of the language, as names of errors.

use super::Emitter;
use super::document::{Json, State};
use super::engine::{TITLE, pattern};
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::{NodePlan, StepPlan};
use crate::types::{Data, Value};

impl Emitter<'_> {
    pub(super) fn retry(&mut self, node: &NodePlan, step: &StepPlan, state: &mut State) {
        let Some(policies) = step.common.get("retry").and_then(Value::as_list).cloned() else { return };
        if policies.is_empty() {
            return;
        }
        let prefix = self.error_prefix(step);
        let mut rows = Vec::with_capacity(policies.len());
        for (number, policy) in policies.iter().enumerate() {
            let place = self.place(policy.span);
            let reasons: Vec<Value> = match policy.get("on") {
                Some(on) => on.as_list().map_or_else(|| vec![on.clone()], |items| items.to_vec()),
                None => Vec::new(),
            };
            let mut errors: Vec<Json> = Vec::new();
            for reason in &reasons {
                let Some(word) = reason.as_string() else { continue };
                let at = self.place(reason.span);
                let known = self.context.facts.machine().and_then(|machine| machine.errors(word));
                match known {
                    Some(names) => errors.extend(names.iter().map(|name| {
                        Json::text(
                            name.strip_prefix("*.").map_or_else(|| name.clone(), |name| format!("{prefix}.{name}")),
                            at,
                        )
                    })),
                    None => errors.push(Json::text(word.as_str(), at)),
                }
            }
            for error in policy.get("errors").and_then(Value::as_list).into_iter().flat_map(|list| list.iter()) {
                let at = self.place(error.span);
                errors.extend(error.as_string().map(|name| Json::text(name.as_str(), at)));
            }
            if let Some(all) = errors.iter().find(|error| error.is_text("States.ALL")).cloned() {
                // What stands for every error stands alone, and nothing comes after it.
                errors = vec![all];
                if number + 1 < policies.len() {
                    self.cannot(place, "another policy after one for `any` failure; put that one last");
                }
            }
            let mut members = vec![("ErrorEquals".into(), place, Json::List(errors, place))];
            if let Some(expires) = policy.get("expires").filter(|value| !value.is_none()) {
                let at = self.place(expires.span);
                let problem = "counts `attempts`, and knows no `expires`";
                let on = reasons.first().and_then(Value::as_string).cloned().unwrap_or_default();
                self.report(Diagnostic::new(
                    &d::NO_RETRY,
                    at,
                    &[("name", &node.name), ("on", &on), ("engine", &TITLE), ("problem", &problem)],
                ));
            }
            for (field, member) in [
                ("interval", "IntervalSeconds"),
                ("attempts", "MaxAttempts"),
                ("backoff", "BackoffRate"),
                ("longest", "MaxDelaySeconds"),
            ] {
                let Some(value) = policy.get(field).filter(|value| !value.is_none()) else { continue };
                let at = self.place(value.span);
                let json = match value.data {
                    Data::Duration(time) => Json::int(time / 1_000_000, at),
                    _ => self.json(value),
                };
                members.push((member.into(), at, json));
            }
            if let Some(jitter) = policy.get("jitter").filter(|value| !value.is_none()) {
                let at = self.place(jitter.span);
                let strategy = if matches!(jitter.data, Data::Bool(true)) { "FULL" } else { "NONE" };
                members.push(("JitterStrategy".into(), at, Json::text(strategy, at)));
            }
            rows.push(Json::Object(members, place));
        }
        let place = self.place(policies[0].span);
        state.set("Retry", Json::List(rows, place));
    }

    /// What the names of the errors of a step's service begin with.
    fn error_prefix(&self, step: &StepPlan) -> String {
        let machine = self.context.facts.machine();
        if let Some((service, rest)) = pattern(&step.run).split_once(':')
            && let Some(action) = rest.split('.').next()
            && let Some((service, _)) = machine.and_then(|machine| machine.action(service, action))
        {
            return service.errors.clone();
        }
        let Some(call) = &step.call else { return "States".to_owned() };
        match machine.and_then(|machine| machine.calling(&call.service, &call.operation)) {
            Some((service, _)) => service.errors.clone(),
            None => {
                let id = self.context.facts.service(&call.service).map(|model| model.service_id().to_owned());
                id.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect()
            }
        }
    }
}
