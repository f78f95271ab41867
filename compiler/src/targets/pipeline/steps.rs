//! Steps: what every step has, and the steps that stand for control flow.

use smol_str::SmolStr;

use super::Emitter;
use super::engine::{TITLE, step_type};
use super::values::capital;
use crate::diagnostics::{self as d, Diagnostic, list_of};
use crate::facts::{Cache, Certainty, Omission, PipelineStep};
use crate::plan::{BranchPlan, NodeKind, NodePlan, StepPlan};
use crate::source::Span;
use crate::types::{Class, Data, NodeId, Object, Value};

/// Members of a `run` clause that steer the lowering and are no members of the step.
const STEERING: [&str; 4] = ["Type", "Arguments", "omit", "results"];

impl Emitter<'_> {
    pub(super) fn step(&mut self, id: NodeId) {
        let Some(node) = self.node(id) else { return };
        self.here = node.span;
        match &node.kind {
            NodeKind::Step(step) => self.call_step(node, step),
            NodeKind::Condition { branches } => self.condition_step(node, branches, &node.name, 0),
            NodeKind::Each { items, settings, body } => {
                let here = node.span;
                self.head(node, &node.name, "ForEach");
                self.json.key("Arguments", here);
                self.json.begin_object(here);
                self.json.key("IterableItems", items.span);
                self.value(items);
                self.json.key("MaxConcurrency", here);
                match settings.get("parallel") {
                    Some(parallel) => self.value(parallel),
                    None => self.json.token("1", here),
                }
                self.each_limits(items, settings);
                self.json.key("ForEachBody", here);
                self.json.begin_list(here);
                for id in body {
                    self.in_each(*id);
                    self.step(*id);
                }
                self.json.end_list();
                self.json.end_object();
                self.here = node.span;
                self.depends(node);
                self.json.end_object();
            }
            // Refused where it was declared.
            NodeKind::Try { .. } | NodeKind::Start(_) => {}
            NodeKind::Fail { message } => {
                let here = node.span;
                self.head(node, &node.name, "Fail");
                self.json.key("Arguments", here);
                self.json.begin_object(here);
                self.json.key("ErrorMessage", here);
                self.value(message);
                self.json.end_object();
                self.depends(node);
                self.json.end_object();
            }
        }
    }

    fn each_limits(&mut self, items: &Value, settings: &Value) {
        let most = self.context.facts.pipeline_limit("each_literal_items").unwrap_or(100) as usize;
        if let Data::List(list) = &items.data
            && (list.len() > most || list.is_empty())
        {
            let what = format!("a loop over {} written items; it takes 1 to {most}", list.len());
            let place = self.place(items.span);
            self.report(Diagnostic::new(&d::ENGINE_CANNOT, place, &[("engine", &capital(TITLE)), ("what", &what)]));
        }
        let most = self.context.facts.pipeline_limit("each_parallel").unwrap_or(50) as i64;
        if let Some(parallel) = settings.get("parallel")
            && let Data::Int(number) = parallel.data
            && number > most
        {
            let what = format!("{number} turns at once; it takes at most {most}");
            let place = self.place(parallel.span);
            self.report(Diagnostic::new(&d::ENGINE_CANNOT, place, &[("engine", &capital(TITLE)), ("what", &what)]));
        }
    }

    fn in_each(&mut self, id: NodeId) {
        let Some(node) = self.node(id) else { return };
        let type_ = match &node.kind {
            NodeKind::Condition { .. } => Some("`when`".to_owned()),
            NodeKind::Each { .. } => Some("`each`".to_owned()),
            NodeKind::Fail { .. } => Some("`fail`".to_owned()),
            NodeKind::Try { .. } => Some("`try`".to_owned()),
            NodeKind::Start(_) => Some("a start".to_owned()),
            NodeKind::Step(step) => match step_type(self.context.facts, &step.run) {
                Some(facts) if !facts.in_each => Some(format!("a {} step", facts.name)),
                _ => None,
            },
        };
        if let Some(what) = type_ {
            let what = format!("{what} inside an `each`");
            self.report(Diagnostic::new(&d::ENGINE_CANNOT, node.span, &[("engine", &capital(TITLE)), ("what", &what)]));
        }
    }

    fn head(&mut self, node: &NodePlan, name: &str, type_: &str) {
        self.used.clear();
        self.json.begin_object(node.span);
        self.json.key("Name", node.span);
        self.json.string(name, node.span);
        self.json.key("Type", node.span);
        self.json.string(type_, node.span);
    }

    fn call_step(&mut self, node: &NodePlan, step: &StepPlan) {
        let here = node.span;
        let Some(type_) = step.run.get("Type").and_then(|type_| type_.as_string().cloned()) else { return };
        let facts = self.context.facts.pipeline_step(&type_);
        if facts.is_none() && !step.run.as_object().is_some_and(|run| run.entries.iter().any(|entry| entry.unchecked)) {
            let place = step.run.get("Type").map_or(here, |type_| self.place(type_.span));
            self.unknown_type(&type_, place);
        }
        self.head(node, &node.name, &type_);
        let arguments = step.run.get("Arguments").or_else(|| step.call.as_ref().map(|call| &call.request));
        if let Some(arguments) = arguments.filter(|arguments| !arguments.is_none()) {
            self.json.key("Arguments", here);
            if let (Some(facts), Data::Object(object)) = (facts, &arguments.data) {
                self.refused(facts, object, &mut String::new());
                self.literals(facts, arguments);
            }
            self.value(arguments);
        }
        if let Data::Object(run) = &step.run.data {
            for entry in &run.entries {
                let is_empty = matches!(&entry.value.data, Data::List(items) if items.is_empty());
                let is_member =
                    !STEERING.contains(&entry.key.as_str()) && entry.key.starts_with(|c: char| c.is_uppercase());
                if is_member && !entry.value.is_none() && !is_empty {
                    let place = self.place(entry.key_span);
                    self.json.key(&entry.key, place);
                    self.value(&entry.value);
                }
            }
        }
        self.common(node, step, facts, &type_);
        self.depends(node);
        self.json.end_object();
    }

    /// Members that the API has and a step must not have.
    fn refused(&mut self, facts: &PipelineStep, object: &Object, path: &mut String) {
        let length = path.len();
        for entry in &object.entries {
            path.push_str(&entry.key);
            if let Some(omitted) = facts.omitted(path)
                && omitted.kind == Omission::Rejected
                && !entry.value.is_none()
            {
                let reason = omitted.reason.trim_end_matches('.');
                let (first, rest) = reason.split_at(reason.chars().next().map_or(0, char::len_utf8));
                let problem = format!("takes no `{path}`: {}{rest}", first.to_lowercase());
                let place = self.place(entry.key_span);
                self.report(Diagnostic::new(
                    &d::RAW_MEMBER,
                    place,
                    &[("type", &facts.name), ("problem", &problem), ("label", &"refused")],
                ));
            }
            if let Data::Object(inner) = &entry.value.data
                && inner.class == Class::Plain
            {
                path.push('.');
                self.refused(facts, inner, path);
            }
            path.truncate(length);
        }
    }

    /// Members of arguments that take no variables.
    fn literals(&mut self, facts: &PipelineStep, arguments: &Value) {
        for literal in facts.literals.iter().filter(|literal| literal.certainty == Certainty::Sure) {
            let value = literal.path.split('.').try_fold(arguments, |value, part| value.get(part));
            if let Some(value) = value
                && let Some(late) = value.latest()
            {
                let place = self.place(value.span);
                let found = Diagnostic::new(&d::LITERAL_ONLY, place, &[("member", &literal.path), ("engine", &TITLE)]);
                self.report(found.related(late.because.span, late.because.text.to_string()));
            }
        }
    }

    /// `cache`, `retry`, `title`, `description`.
    fn common(&mut self, node: &NodePlan, step: &StepPlan, facts: Option<&PipelineStep>, type_: &str) {
        for (field, member) in [("title", "DisplayName"), ("description", "Description")] {
            if let Some(text) = step.common.get(field).filter(|text| !text.is_none()) {
                self.json.key(member, self.place(text.span));
                self.value(text);
            }
        }
        if step.common.get("description").is_none_or(Value::is_none)
            && let Some(doc) = &node.doc
        {
            self.json.key("Description", node.span);
            self.json.string(doc, node.span);
        }
        if let Some(cache) = step.common.get("cache").filter(|cache| !cache.is_none()) {
            let is_on = !matches!(cache.data, Data::Bool(false));
            let is_refused = is_on && facts.is_some_and(|facts| facts.cache == Cache::No);
            if is_refused && !is_own(node, cache) {
                // A default for all steps is for those that can have it.
                self.retry(node, step, facts, type_);
                return;
            }
            if is_refused {
                let place = self.place(cache.span);
                self.report(Diagnostic::new(
                    &d::NO_CACHE,
                    place,
                    &[("name", &node.name), ("engine", &TITLE), ("kind", &type_)],
                ));
            }
            let place = self.place(cache.span);
            self.json.key("CacheConfig", place);
            self.json.begin_object(place);
            self.json.key("Enabled", place);
            self.json.token(if is_on { "true" } else { "false" }, place);
            if let Data::Duration(time) = cache.data {
                self.json.key("ExpireAfter", place);
                self.json.string(&iso_duration(time), place);
            }
            self.json.end_object();
        }
        self.retry(node, step, facts, type_);
    }

    fn retry(&mut self, node: &NodePlan, step: &StepPlan, facts: Option<&PipelineStep>, type_: &str) {
        let Some(value) = step.common.get("retry") else { return };
        let Some(policies) = value.as_list().cloned() else { return };
        if is_own(node, value) {
            self.retries(node, &policies, facts, type_);
            return;
        }
        // Of a default for all steps, what this one can be retried on.
        let fits = |policy: &Value| {
            let words: Vec<&str> = match policy.get("on") {
                Some(on) => match on.as_list() {
                    Some(list) => list.iter().filter_map(|word| word.as_string()).map(|word| word.as_str()).collect(),
                    None => on.as_string().map(|word| word.as_str()).into_iter().collect(),
                },
                None => Vec::new(),
            };
            facts.is_none_or(|facts| words.iter().all(|word| facts.retry.iter().any(|known| known == exception(word))))
        };
        let fitting: Vec<Value> = policies.iter().filter(|policy| fits(policy)).cloned().collect();
        self.retries(node, &fitting, facts, type_);
    }

    fn retries(&mut self, node: &NodePlan, policies: &[Value], facts: Option<&PipelineStep>, type_: &str) {
        if policies.is_empty() {
            return;
        }
        let place = self.place(policies[0].span);
        self.json.key("RetryPolicies", place);
        self.json.begin_list(place);
        for policy in policies {
            let place = self.place(policy.span);
            self.json.begin_object(place);
            self.json.key("ExceptionType", place);
            self.json.begin_list(place);
            let reasons: Vec<Value> = match policy.get("on") {
                Some(on) => on.as_list().map_or_else(|| vec![on.clone()], |items| items.to_vec()),
                None => Vec::new(),
            };
            for reason in reasons {
                let Some(word) = reason.as_string().cloned() else { continue };
                let exception = exception(&word);
                let place = self.place(reason.span);
                if let Some(facts) = facts {
                    let problem = if facts.retry.is_empty() {
                        Some(format!("tries no {type_} step again"))
                    } else if !facts.retry.iter().any(|known| known == exception) {
                        let known: Vec<&str> = facts.retry.iter().filter_map(|known| word_for(known)).collect();
                        Some(format!("tries a {type_} step again on {} only", list_of(known)))
                    } else {
                        facts
                            .retry_excluded
                            .iter()
                            .find(|excluded| excluded.exception == exception)
                            .map(|excluded| format!("does not: {}", excluded.reason))
                    };
                    if let Some(problem) = problem {
                        self.report(Diagnostic::new(
                            &d::NO_RETRY,
                            place,
                            &[("name", &node.name), ("on", &word), ("engine", &TITLE), ("problem", &problem)],
                        ));
                    }
                }
                self.json.string(exception, place);
            }
            self.json.end_list();
            if let Some(interval) = policy.get("interval").filter(|interval| !interval.is_none()) {
                self.json.key("IntervalSeconds", self.place(interval.span));
                self.seconds(interval, 1_000_000);
            }
            if let Some(backoff) = policy.get("backoff").filter(|backoff| !backoff.is_none()) {
                self.json.key("BackoffRate", self.place(backoff.span));
                self.value(backoff);
            }
            let attempts = policy.get("attempts").filter(|attempts| !attempts.is_none());
            let expires = policy.get("expires").filter(|expires| !expires.is_none());
            match (attempts, expires) {
                (Some(_), Some(expires)) => {
                    let problem = "takes `attempts` or `expires`, not both";
                    let place = self.place(expires.span);
                    self.report(Diagnostic::new(
                        &d::NO_RETRY,
                        place,
                        &[
                            ("name", &node.name),
                            ("on", &first_reason(policy)),
                            ("engine", &TITLE),
                            ("problem", &problem),
                        ],
                    ));
                }
                (Some(attempts), None) => {
                    self.json.key("MaxAttempts", self.place(attempts.span));
                    self.value(attempts);
                }
                (None, Some(expires)) => {
                    self.json.key("ExpireAfterMin", self.place(expires.span));
                    self.seconds(expires, 60_000_000);
                }
                (None, None) => {}
            }
            self.json.end_object();
        }
        self.json.end_list();
    }

    fn seconds(&mut self, value: &Value, per: i64) {
        let place = self.place(value.span);
        match value.data {
            Data::Duration(time) => self.json.token(&(time / per).to_string(), place),
            _ => self.value(value),
        }
    }

    /// `DependsOn`: what `after` names, and what the step needs without naming it.
    fn depends(&mut self, node: &NodePlan) {
        let mut list: Vec<(SmolStr, Option<&'static str>, Span)> = Vec::new();
        for after in &node.after {
            let Some(other) = self.node(after.node) else { continue };
            let trigger = match after.on.as_str() {
                "failure" => Some("Failed"),
                "stopped" => Some("Stopped"),
                "any" => Some("Any"),
                _ => None,
            };
            if !list.iter().any(|(name, known, _)| *name == other.name && *known == trigger) {
                list.push((other.name.clone(), trigger, after.span));
            }
        }
        for id in &node.data_edges {
            if self.used.contains(id) || node.parent.is_some_and(|(parent, _)| parent == *id) {
                continue;
            }
            if let Some(other) = self.node(*id)
                && !list.iter().any(|(name, ..)| *name == other.name)
            {
                list.push((other.name.clone(), None, node.span));
            }
        }
        if list.is_empty() {
            return;
        }
        let here = self.place(list[0].2);
        self.json.key("DependsOn", here);
        self.json.begin_list(here);
        for (name, trigger, span) in list {
            let place = self.place(span);
            match trigger {
                None => self.json.string(&name, place),
                Some(trigger) => {
                    self.json.begin_object(place);
                    self.json.key("Step", place);
                    self.json.string(&name, place);
                    self.json.key("Trigger", place);
                    self.json.string(trigger, place);
                    self.json.end_object();
                }
            }
        }
        self.json.end_list();
    }

    fn condition_step(&mut self, node: &NodePlan, branches: &[BranchPlan], name: &str, depth: usize) {
        let Some((first, rest)) = branches.split_first() else { return };
        let here = node.span;
        self.head(node, name, "Condition");
        self.json.key("Arguments", here);
        self.json.begin_object(here);
        self.json.key("Conditions", first.span);
        self.json.begin_list(first.span);
        if let Some(condition) = &first.condition {
            self.conditions(condition);
        }
        self.json.end_list();
        let used = std::mem::take(&mut self.used);
        self.json.key("IfSteps", first.span);
        self.json.begin_list(first.span);
        for id in &first.body {
            self.step(*id);
        }
        self.json.end_list();
        self.here = here;
        self.json.key("ElseSteps", here);
        self.json.begin_list(here);
        match rest {
            [] => {}
            [last] if last.condition.is_none() => {
                for id in &last.body {
                    self.step(*id);
                }
            }
            // `else when`: a condition in the other branch.
            _ => self.condition_step(node, rest, &format!("{}-else-{}", node.name, depth + 1), depth + 1),
        }
        self.json.end_list();
        self.json.end_object();
        self.here = here;
        if depth == 0 {
            self.used = used;
            // What a later branch compares is read by the nested condition itself.
            self.used.extend(branches.iter().skip(1).filter_map(|branch| branch.condition.as_ref()).flat_map(nodes_of));
            self.depends(node);
        }
        self.json.end_object();
    }
}

/// Whether a value is written in the step itself, not in defaults for many.
fn is_own(node: &NodePlan, value: &Value) -> bool {
    value.span.file == node.whole.file && node.whole.contains(value.span.start)
}

fn nodes_of(value: &Value) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    value.collect_nodes(&mut nodes);
    nodes
}

/// ISO 8601, in the largest unit that holds it whole.
fn iso_duration(microseconds: i64) -> String {
    let seconds = microseconds / 1_000_000;
    match seconds {
        s if s % 86_400 == 0 => format!("P{}D", s / 86_400),
        s if s % 3_600 == 0 => format!("PT{}H", s / 3_600),
        s if s % 60 == 0 => format!("PT{}M", s / 60),
        s => format!("PT{s}S"),
    }
}

/// The word of a policy by which a message names it.
fn first_reason(policy: &Value) -> SmolStr {
    let on = policy.get("on");
    let word = on.and_then(|on| on.as_list().map_or(Some(on), |items| items.first())).and_then(Value::as_string);
    word.cloned().unwrap_or_default()
}

const EXCEPTIONS: [(&str, &str); 5] = [
    ("throttling", "Step.THROTTLING"),
    ("service", "Step.SERVICE_FAULT"),
    ("internal", "SageMaker.JOB_INTERNAL_ERROR"),
    ("capacity", "SageMaker.CAPACITY_ERROR"),
    ("limit", "SageMaker.RESOURCE_LIMIT"),
];

fn exception(word: &str) -> &str {
    EXCEPTIONS.iter().find(|(known, _)| *known == word).map_or(word, |(_, exception)| exception)
}

fn word_for(exception: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(_, known)| *known == exception).map(|(word, _)| *word)
}
