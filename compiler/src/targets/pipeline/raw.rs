//! Pipelines written out step by step.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Emitter;
use super::engine::TITLE;
use super::values::capital;
use crate::diagnostics::{self as d, Diagnostic, closest};
use crate::facts::{Facts, Omission};
use crate::plan::{RawPlan, RawRequest, RawStep};
use crate::source::Span;
use crate::types::{Because, Class, Data, Entry, LateKind, Stage, Type, Value};

impl Emitter<'_> {
    /// The document as it is written: settings in their order, `Steps` last.
    pub(super) fn raw(&mut self, raw: &RawPlan) {
        let here = self.workflow.span;
        self.raw_whole(raw);
        self.here = here;
        self.json.begin_object(here);
        let settings = raw.settings.as_object().cloned();
        let mut names = FxHashMap::default();
        for step in &raw.steps {
            names.insert(step.name.clone(), step.type_.clone());
            nested_names(&step.members, &mut names);
        }
        self.steps = Some(names);
        self.parameters = match settings.as_ref().and_then(|settings| settings.get("Parameters")) {
            None => Some(FxHashSet::default()),
            Some(list) => list.as_list().and_then(|list| {
                list.iter().map(|parameter| parameter.get("Name").and_then(|name| name.as_string().cloned())).collect()
            }),
        };
        let has = |key: &str| settings.as_ref().is_some_and(|settings| settings.get(key).is_some());
        if !has("Version") {
            self.json.key("Version", here);
            let version = self.context.facts.pipeline().map_or("2020-12-01", |facts| facts.version.as_str());
            self.json.string(version, here);
        }
        let written = settings.iter().flat_map(|settings| &settings.entries).filter(|entry| !entry.value.is_none());
        for entry in written {
            self.json.key(&entry.key, entry.key_span);
            self.value(&entry.value);
        }
        if raw.steps.is_empty() && has("Steps") {
            self.json.end_object();
            return;
        }
        self.json.key("Steps", here);
        self.json.begin_list(here);
        for step in &raw.steps {
            self.here = step.name_span;
            self.json.begin_object(step.name_span);
            self.json.key("Name", step.name_span);
            self.json.string(&step.name, step.name_span);
            self.json.key("Type", step.type_span);
            self.json.string(&step.type_, step.type_span);
            self.raw_step(step);
            if let Data::Object(members) = &step.members.data {
                for entry in members.entries.iter().filter(|entry| !entry.value.is_none()) {
                    self.json.key(&entry.key, entry.key_span);
                    self.value(&entry.value);
                }
            }
            self.json.end_object();
        }
        self.json.end_list();
        self.json.end_object();
    }

    /// A step, and those in its branches.
    fn raw_step(&mut self, step: &RawStep) {
        let is_unchecked = step.members.as_object().is_some_and(|members| members.entries.iter().any(|e| e.unchecked));
        let types = self.context.facts.pipeline_steps();
        if !is_unchecked && !types.iter().any(|known| known.name == step.type_.as_str()) {
            self.unknown_type(&step.type_, step.type_span);
        }
        if !is_unchecked {
            self.raw_members(step);
        }
        for inner in inner_steps(&step.members) {
            self.here = inner.name_span;
            self.raw_step(&inner);
        }
    }

    pub(super) fn unknown_type(&mut self, type_: &str, place: Span) {
        let types = self.context.facts.pipeline_steps();
        if types.is_empty() {
            return;
        }
        let found = Diagnostic::new(&d::RAW_TYPE, place, &[("engine", &capital(TITLE)), ("type", &type_)]);
        let found = match closest(type_, types.iter().map(|known| known.name.as_str())) {
            // Written with quotes in a `run` clause, without in a `pipeline`.
            Some(near) => {
                let quoted = self.context.sources.text(place).starts_with('"');
                let fixed = if quoted { format!("\"{near}\"") } else { near.to_owned() };
                found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), place, fixed)
            }
            None => found.help("if it is newer than the facts, spread its members with `...unchecked({ … })`"),
        };
        self.report(found);
    }

    /// The members of a step: whether there are such, and whether they are known in time.
    fn raw_members(&mut self, step: &RawStep) {
        let (Some(facts), Some(common)) =
            (self.context.facts.pipeline_step(&step.type_), self.context.facts.pipeline())
        else {
            return;
        };
        let Data::Object(members) = &step.members.data else { return };
        let own = facts.members.iter().map(|member| member.name.as_str());
        let known: Vec<&str> = common
            .common_members
            .iter()
            .map(|member| member.name.as_str())
            .chain(own)
            .chain(["Arguments", "CacheConfig", "RetryPolicies"])
            .collect();
        for entry in members.entries.iter().filter(|entry| !entry.unchecked) {
            let key = entry.key.as_str();
            if !known.contains(&key) {
                let problem = format!("has no member `{key}`");
                let found = Diagnostic::new(
                    &d::RAW_MEMBER,
                    entry.key_span,
                    &[("type", &facts.name), ("problem", &problem), ("label", &"unknown member")],
                );
                self.report(found.suggest(key, entry.key_span, known.iter().copied()));
                continue;
            }
            let is_literal = common.literal_places.iter().any(|place| place == key);
            if let Some(late) = entry.value.latest().filter(|late| is_literal && late.stage == Stage::Run) {
                let found =
                    Diagnostic::new(&d::LITERAL_ONLY, entry.value.span, &[("member", &key), ("engine", &TITLE)]);
                self.report(found.related(late.because.span, late.because.text.to_string()));
            } else if key == "DependsOn" {
                self.raw_dependencies(step, &entry.value);
            }
        }
        let is_missing = members.get("Arguments").is_none();
        if facts.arguments_required && is_missing {
            let problem = "needs its `Arguments`";
            self.report(Diagnostic::new(
                &d::RAW_MEMBER,
                step.name_span,
                &[("type", &facts.name), ("problem", &problem), ("label", &"lacks `Arguments`")],
            ));
        }
    }

    fn raw_dependencies(&mut self, step: &RawStep, value: &Value) {
        for item in value.as_list().into_iter().flat_map(|items| items.iter()) {
            let Some(name) = item.as_string().or_else(|| item.get("Step").and_then(Value::as_string)) else { continue };
            let Some(known) = &self.steps else { return };
            if !known.contains_key(name) {
                let known = self.step_names().into_iter().filter(|other| *other != step.name).collect();
                self.leads_nowhere(&format!("DependsOn = [\"{name}\"]"), "step", name, known, item.span);
            }
        }
    }
}

/// The steps in the branches and the body of a step.
pub(super) fn inner_steps(members: &Value) -> Vec<RawStep> {
    let arguments = members.get("Arguments");
    let lists = ["IfSteps", "ElseSteps", "Steps"].into_iter().filter_map(|key| arguments?.get(key)?.as_list());
    let step = |value: &Value| {
        let (name, type_) = (value.get("Name")?, value.get("Type")?);
        let rest = value.as_object()?.entries.iter().filter(|entry| !matches!(entry.key.as_str(), "Name" | "Type"));
        Some(RawStep {
            name: name.as_string()?.clone(),
            name_span: name.span,
            type_: type_.as_string()?.clone(),
            type_span: type_.span,
            members: Value::object(Class::Plain, rest.cloned().collect(), value.span),
        })
    };
    lists.flat_map(|list| list.iter()).filter_map(step).collect()
}

/// The requests of all steps, for [`crate::plan::Engine::raw_requests`].
pub(super) fn requests(facts: &Facts, raw: &RawPlan) -> Vec<RawRequest> {
    let mut list = Vec::new();
    raw.steps.iter().for_each(|step| requests_of(facts, step, &mut list));
    list
}

fn requests_of(facts: &Facts, step: &RawStep, list: &mut Vec<RawRequest>) {
    inner_steps(&step.members).iter().for_each(|inner| requests_of(facts, inner, list));
    let Some(known) = facts.pipeline_step(&step.type_) else { return };
    let (Some(operation), Some(arguments)) = (&known.operation, step.members.get("Arguments")) else { return };
    let Some(object) = arguments.as_object() else { return };
    let entries = object
        .entries
        .iter()
        .filter(|entry| known.extra.iter().all(|extra| extra.name != entry.key.as_str()))
        .map(|entry| Entry { value: computed(&entry.value), ..entry.clone() })
        .collect();
    let omitted = known.omits.iter().filter(|omitted| omitted.kind != Omission::Suffixed).map(|omitted| &omitted.path);
    list.push(RawRequest {
        service: operation.service().into(),
        operation: operation.name().into(),
        value: Value::object(Class::Plain, entries, arguments.span),
        not_required: known.optional.iter().chain(omitted).map(SmolStr::from).collect(),
        name: step.name.clone(),
        place: step.name_span,
    });
}

/// A value with what is computed in place of the functions of a pipeline.
fn computed(value: &Value) -> Value {
    let late = || {
        let because = Because { span: value.span, text: "it is computed while an execution runs".into() };
        Value::late(LateKind::Bound("computed".into()), Type::Any, Stage::Run, because, value.span)
    };
    match &value.data {
        Data::Late(_) => late(),
        Data::String(text) if text.contains("${") => late(),
        Data::List(items) => Value::list(items.iter().map(computed).collect(), value.span),
        Data::Object(object) => match object.entries.as_slice() {
            [only]
                if only.key == "Get"
                    || only.key.starts_with("Std:")
                    || only.key.starts_with("Fn::")
                    || only.key == "Ref" =>
            {
                late()
            }
            entries => {
                let entries = entries.iter().map(|entry| Entry { value: computed(&entry.value), ..entry.clone() });
                Value::object(Class::Plain, entries.collect(), value.span)
            }
        },
        _ => value.clone(),
    }
}

/// The names of steps inside a value, such as those of a branch.
fn nested_names(value: &Value, out: &mut FxHashMap<SmolStr, SmolStr>) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| nested_names(item, out)),
        Data::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_string).cloned();
            if let (Some(name), Some(type_)) = (text("Name"), text("Type")) {
                out.insert(name, type_);
            }
            object.entries.iter().for_each(|entry| nested_names(&entry.value, out));
        }
        _ => {}
    }
}
