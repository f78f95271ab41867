//! What stands in a pipeline that is written out, beside its requests: parameters, conditions, caches, reports, names, and
//! the order that follows from references. The layouts are facts.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Emitter;
use super::raw::inner_steps;
use crate::diagnostics::{self as d, Diagnostic, closest, list_of};
use crate::facts::{StepMember, StepValue};
use crate::plan::{RawPlan, RawStep};
use crate::source::Span;
use crate::types::{Data, LateKind, Value, show};

/// Members of the whole document.
const TOP: [&str; 6] = ["Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps"];

impl Emitter<'_> {
    /// All that is checked for the whole.
    pub(super) fn raw_whole(&mut self, raw: &RawPlan) {
        for entry in raw.settings.as_object().into_iter().flat_map(|settings| &settings.entries) {
            if !TOP.contains(&entry.key.as_str()) {
                let problem = format!("has no member `{}`", entry.key);
                self.raw_problem("pipeline", entry.key_span, &problem, "unknown member", closest(&entry.key, TOP));
            }
        }
        if let Some(list) = raw.settings.get("Parameters").and_then(Value::as_list).cloned() {
            self.raw_parameters(&list);
        }
        let mut names: FxHashMap<SmolStr, Span> = FxHashMap::default();
        let mut types: FxHashMap<SmolStr, SmolStr> = FxHashMap::default();
        let mut waits: Vec<(SmolStr, Span, Vec<SmolStr>)> = Vec::new();
        let mut reports: FxHashMap<SmolStr, Vec<SmolStr>> = FxHashMap::default();
        let mut open: Vec<(RawStep, bool)> = Vec::new();
        for step in &raw.steps {
            let step =
                RawStep { name: step.name.clone(), type_: step.type_.clone(), members: step.members.clone(), ..*step };
            open.push((step, true));
        }
        open.reverse();
        while let Some((step, is_outer)) = open.pop() {
            if let (Some(first), false) = (names.get(&step.name), is_outer) {
                let found = Diagnostic::new(&d::STEP_NAME_TWICE, step.name_span, &[("name", &step.name)]);
                let found = found.related(*first, "the first one");
                self.report(found);
            }
            names.entry(step.name.clone()).or_insert(step.name_span);
            types.insert(step.name.clone(), step.type_.clone());
            if let Some(problem) = crate::plan::Engine::step_name_problem(&super::Pipelines, &step.name) {
                let args: &[(&str, &dyn std::fmt::Display)] = &[("name", &step.name), ("problem", &problem)];
                self.report(Diagnostic::new(&d::STEP_NAME, step.name_span, args));
            }
            self.here = step.name_span;
            self.raw_layouts(&step);
            let mut files = Vec::new();
            for file in
                step.members.get("PropertyFiles").and_then(Value::as_list).into_iter().flat_map(|list| list.iter())
            {
                files.extend(file.get("PropertyFileName").and_then(Value::as_string).cloned());
                self.raw_report(&step, file);
            }
            reports.insert(step.name.clone(), files);
            let mut needs = Vec::new();
            let inner = inner_steps(&step.members);
            needed(&step.members, &mut needs);
            needs.retain(|name| *name != step.name && inner.iter().all(|inner| inner.name != *name));
            waits.push((step.name.clone(), step.name_span, needs));
            open.extend(inner.into_iter().rev().map(|inner| (inner, false)));
        }
        let mut paths = Vec::new();
        raw.steps.iter().for_each(|step| read(&step.members, &mut paths));
        for (path, span) in paths {
            self.raw_property(&path, span, &types);
            let Some((step, file)) = path.strip_prefix("Steps.").and_then(|rest| rest.split_once(".PropertyFiles."))
            else {
                continue;
            };
            let Some(known) = reports.get(step).filter(|known| !known.iter().any(|known| known == file)) else {
                continue;
            };
            let problem = format!("the step `{step}` declares no property file `{file}`");
            let near = closest(file, known.iter().map(SmolStr::as_str)).map(|near| format!("did you mean `{near}`?"));
            let found = Diagnostic::new(&d::RAW_REFERENCE, span, &[("path", &path), ("problem", &problem)]);
            self.report(found.help(near.unwrap_or_default()));
        }
        self.raw_cycle(&waits);
    }

    /// A property of a step is one that its type has.
    fn raw_property(&mut self, path: &str, span: Span, types: &FxHashMap<SmolStr, SmolStr>) {
        let mut parts = path.split('.');
        let (Some("Steps"), Some(step), Some(first)) = (parts.next(), parts.next(), parts.next()) else { return };
        let facts = self.context.facts;
        let Some(known) = types.get(step).and_then(|type_| facts.pipeline_step(type_)) else { return };
        let properties = &known.properties;
        let bare = |part: &str| part.split('[').next().unwrap_or(part).to_owned();
        let is_own = properties.members.iter().any(|member| member.name == bare(first));
        if is_own || properties.open.is_some() || first == "PropertyFiles" || path.contains("['") {
            return;
        }
        let mut names: Vec<String> = properties.members.iter().map(|member| member.name.clone()).collect();
        for name in &properties.shapes {
            let Some(service) = facts.service(name.service()) else { return };
            let Some(shape) = service.shape_id(name.name()) else { return };
            let members = service.shape(shape).members();
            if members.iter().any(|member| member.name.eq_ignore_ascii_case(&bare(first))) {
                return;
            }
            names.extend(members.iter().map(|member| member.name.to_string()));
        }
        if names.is_empty() {
            return;
        }
        let problem = format!("a {} step has no `{}`", known.name, bare(first));
        let near =
            closest(&bare(first), names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        let found = Diagnostic::new(&d::RAW_REFERENCE, span, &[("path", &path), ("problem", &problem)]);
        self.report(found.help(near.unwrap_or_default()));
    }

    fn raw_problem(&mut self, what: &str, place: Span, problem: &str, label: &str, near: Option<&str>) {
        let place = self.place(place);
        let args: &[(&str, &dyn std::fmt::Display)] =
            &[("what", &capital(what)), ("problem", &problem), ("label", &label)];
        let found = Diagnostic::new(&d::RAW_STATE_MEMBER, place, args);
        self.report(found.help(near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default()));
    }

    fn raw_wrong(&mut self, value: &Value, member: &str, expected: &str) {
        let place = self.place(value.span);
        let found = show::describe_value(value);
        let args: &[(&str, &dyn std::fmt::Display)] =
            &[("member", &member), ("expected", &expected), ("found", &found)];
        self.report(Diagnostic::new(&d::RAW_VALUE, place, args));
    }

    fn raw_parameters(&mut self, list: &[Value]) {
        let types: Vec<String> =
            self.context.facts.pipeline().map(|facts| facts.parameter_types.clone()).unwrap_or_default();
        let mut names: Vec<(&SmolStr, Span)> = Vec::new();
        for parameter in list {
            let Some(name) = parameter.get("Name").filter(|name| !is_open(name)) else {
                if parameter.as_object().is_some() && parameter.get("Name").is_none() {
                    self.raw_problem("parameter", parameter.span, "needs its `Name`", "no `Name`", None);
                }
                continue;
            };
            let Some(text) = name.as_string() else {
                self.raw_wrong(name, "Name", "text");
                continue;
            };
            if let Some((_, first)) = names.iter().find(|(known, _)| *known == text) {
                let found = Diagnostic::new(&d::DECLARED_TWICE, name.span, &[("name", text)]);
                let found = found.related(*first, "the first declaration");
                self.report(found);
            }
            names.push((text, name.span));
            let Some(type_) = parameter.get("Type").filter(|type_| !is_open(type_)) else {
                if parameter.get("Type").is_none() {
                    self.raw_problem("parameter", parameter.span, "needs its `Type`", "no `Type`", None);
                }
                continue;
            };
            let word = type_.as_string().map(SmolStr::as_str).unwrap_or_default();
            if !types.iter().any(|known| known == word) {
                self.raw_wrong(type_, "Type", &format!("one of {}", list_of(types.iter().map(String::as_str))));
                continue;
            }
            let Some(default) = parameter.get("DefaultValue").filter(|value| !is_open(value)) else { continue };
            let (fits, expected) = match word {
                "String" => (matches!(default.data, Data::String(_)), "text"),
                "Integer" => (matches!(default.data, Data::Int(_)), "a whole number"),
                "Float" => (matches!(default.data, Data::Int(_) | Data::Float(_)), "a number"),
                _ => (matches!(default.data, Data::Bool(_)), "a truth value"),
            };
            if !fits && !matches!(default.data, Data::Null) {
                self.raw_wrong(default, "DefaultValue", expected);
                continue;
            }
            let values = parameter.get("EnumValues").and_then(Value::as_list);
            if let (Some(values), Some(text)) = (values, default.as_string())
                && !values.is_empty()
                && !values.iter().any(|value| value.as_string() == Some(text))
            {
                self.raw_wrong(default, "DefaultValue", "one of the `EnumValues`");
            }
        }
    }

    /// A report names an output that the job has.
    fn raw_report(&mut self, step: &RawStep, file: &Value) {
        let Some(name) = file.get("OutputName") else { return };
        let outputs = step.members.get("Arguments").and_then(|arguments| arguments.get("ProcessingOutputConfig"));
        let Some(outputs) = outputs.and_then(|config| config.get("Outputs")).and_then(Value::as_list) else { return };
        let names: Option<Vec<&SmolStr>> =
            outputs.iter().map(|output| output.get("OutputName").and_then(Value::as_string)).collect();
        let (Some(names), Some(text)) = (names, name.as_string()) else { return };
        if !names.contains(&text) {
            let expected = format!("one of the outputs {}", list_of(names.iter().map(|name| name.as_str())));
            self.raw_wrong(name, "OutputName", &expected);
        }
    }

    /// The members of a step against their layouts.
    fn raw_layouts(&mut self, step: &RawStep) {
        let facts = self.context.facts;
        let (Some(known), Some(common)) = (facts.pipeline_step(&step.type_), facts.pipeline()) else { return };
        let Some(object) = step.members.as_object().cloned() else { return };
        for entry in object.entries.iter().filter(|entry| !entry.unchecked) {
            let key = entry.key.as_str();
            if key == "CacheConfig" {
                self.raw_object(&entry.value, key, &common.cache_members);
            } else if key == "RetryPolicies" {
                for policy in entry.value.as_list().into_iter().flat_map(|list| list.iter()) {
                    // Older writers give one exception as text.
                    let is_text = policy.get("ExceptionType").is_some_and(|type_| type_.as_string().is_some());
                    if !is_text {
                        self.raw_object(policy, key, &common.retry_members);
                    }
                }
            } else if key == "Arguments" {
                if let Some(layout) = &known.arguments {
                    self.raw_value(&entry.value, key, layout);
                }
            } else if key != "DependsOn"
                && let Some(member) =
                    known.member(key).or_else(|| common.common_members.iter().find(|member| member.name == key))
            {
                self.raw_value(&entry.value, key, &member.value);
            }
        }
    }

    fn raw_object(&mut self, value: &Value, member: &str, known: &[StepMember]) {
        if is_open(value) || matches!(value.data, Data::Null) {
            return;
        }
        let Some(object) = value.as_object().cloned() else {
            self.raw_wrong(value, member, "an object");
            return;
        };
        let mut unknown = false;
        for entry in object.entries.iter().filter(|entry| !entry.unchecked && !entry.value.is_none()) {
            match known.iter().find(|known| known.name == entry.key.as_str()) {
                Some(known) => self.raw_value(&entry.value, &known.name, &known.value),
                None => {
                    unknown = true;
                    let near = closest(&entry.key, known.iter().map(|known| known.name.as_str()));
                    let problem = format!("has no member `{}`", entry.key);
                    self.raw_problem(&format!("`{member}`"), entry.key_span, &problem, "unknown member", near);
                }
            }
        }
        for needed in known.iter().filter(|known| known.required && object.get(&known.name).is_none()) {
            if !unknown {
                let problem = format!("needs `{}`", needed.name);
                self.raw_problem(&format!("`{member}`"), value.span, &problem, &format!("no `{}`", needed.name), None);
            }
        }
    }

    fn raw_value(&mut self, value: &Value, member: &str, layout: &StepValue) {
        if is_open(value) || matches!(value.data, Data::Null) {
            return;
        }
        match layout {
            StepValue::String { values, .. } => match value.as_string() {
                Some(text) if values.is_empty() || values.iter().any(|known| known == text.as_str()) => {}
                Some(_) => {
                    self.raw_wrong(value, member, &format!("one of {}", list_of(values.iter().map(String::as_str))))
                }
                None => self.raw_wrong(value, member, "text"),
            },
            StepValue::Integer { min, max } => match value.data {
                Data::Int(number) if min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max) => {}
                Data::Int(_) => self.raw_wrong(value, member, "a number in its range"),
                _ => self.raw_wrong(value, member, "a whole number"),
            },
            StepValue::Number { min, max } => {
                let number = match value.data {
                    Data::Int(number) => Some(number as f64),
                    Data::Float(number) => Some(number),
                    _ => None,
                };
                match number {
                    Some(number) if min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max) => {}
                    Some(_) => self.raw_wrong(value, member, "a number in its range"),
                    None => self.raw_wrong(value, member, "a number"),
                }
            }
            StepValue::Boolean => {
                if !matches!(value.data, Data::Bool(_)) {
                    self.raw_wrong(value, member, "`true` or `false`");
                }
            }
            StepValue::Conditions => match value.as_list().cloned() {
                Some(items) => items.iter().for_each(|item| self.raw_condition(item)),
                None => self.raw_wrong(value, member, "a list of conditions"),
            },
            StepValue::List { of, .. } => match value.as_list().cloned() {
                Some(items) => items.iter().for_each(|item| self.raw_value(item, member, of)),
                None => self.raw_wrong(value, member, "a list"),
            },
            StepValue::Steps { .. } => {
                if value.as_list().is_none() {
                    self.raw_wrong(value, member, "a list of steps");
                }
            }
            StepValue::Object { members } => self.raw_object(value, member, members),
            StepValue::Map { .. } => {
                if value.as_object().is_none() {
                    self.raw_wrong(value, member, "an object");
                }
            }
            StepValue::Scalar
            | StepValue::Any
            | StepValue::Variable
            | StepValue::OneOf { .. }
            | StepValue::Api { .. } => {}
        }
    }

    fn raw_condition(&mut self, value: &Value) {
        if is_open(value) {
            return;
        }
        let Some(type_) = value.get("Type") else {
            self.raw_problem("condition", value.span, "needs its `Type`", "no `Type`", None);
            return;
        };
        let types = self.context.facts.pipeline().map(|facts| facts.condition_types.clone()).unwrap_or_default();
        let word = type_.as_string().map(SmolStr::as_str).unwrap_or_default();
        let (needs, inner): (&[&str], &str) = match word {
            _ if !types.iter().any(|known| known == word) => {
                self.raw_wrong(type_, "Type", &format!("one of {}", list_of(types.iter().map(String::as_str))));
                return;
            }
            "Not" => (&["Expression"], "Expression"),
            "Or" => (&["Conditions"], "Conditions"),
            "In" => (&["QueryValue", "Values"], ""),
            _ => (&["LeftValue", "RightValue"], ""),
        };
        for needed in needs.iter().filter(|needed| value.get(needed).is_none()) {
            let problem = format!("of the type {word} needs `{needed}`");
            self.raw_problem("condition", value.span, &problem, &format!("no `{needed}`"), None);
        }
        match value.get(inner) {
            Some(inner) if inner.as_list().is_some() => {
                let items = inner.as_list().cloned().unwrap_or_default();
                items.iter().for_each(|item| self.raw_condition(item));
            }
            Some(inner) if inner.as_object().is_some() => self.raw_condition(&inner.clone()),
            _ => {}
        }
    }

    /// Steps that wait for each other.
    fn raw_cycle(&mut self, waits: &[(SmolStr, Span, Vec<SmolStr>)]) {
        let index: FxHashMap<&SmolStr, usize> = waits.iter().enumerate().map(|(at, (name, ..))| (name, at)).collect();
        let mut state = vec![0_u8; waits.len()];
        for start in 0..waits.len() {
            let mut stack = vec![(start, 0)];
            while let Some((at, next)) = stack.last_mut() {
                if *next == 0 {
                    if state[*at] != 0 {
                        stack.pop();
                        continue;
                    }
                    state[*at] = 1;
                }
                let (here, place) = (*at, *next);
                *next += 1;
                match waits[here].2.get(place).map(|name| index.get(name).copied()) {
                    None => {
                        state[here] = 2;
                        stack.pop();
                    }
                    Some(Some(to)) if state[to] == 1 => {
                        let from = stack.iter().position(|(known, _)| *known == to).unwrap_or(0);
                        let names: Vec<String> = stack[from..]
                            .iter()
                            .map(|(at, _)| *at)
                            .chain([to])
                            .map(|at| format!("`{}`", waits[at].0))
                            .collect();
                        let cycle = names.join(" waits for ");
                        let place = self.place(waits[to].1);
                        self.report(Diagnostic::new(&d::STEP_CYCLE, place, &[("cycle", &cycle)]));
                        return;
                    }
                    Some(Some(to)) => stack.push((to, 0)),
                    Some(None) => {}
                }
            }
        }
    }
}

fn capital(what: &str) -> String {
    if what.starts_with('`') { what.to_owned() } else { format!("A {what}") }
}

/// Whether what will stand here is computed, or filled in by a template.
fn is_open(value: &Value) -> bool {
    match &value.data {
        Data::Late(_) | Data::Error => true,
        Data::String(text) => text.contains("${"),
        Data::Object(object) => matches!(object.entries.as_slice(), [only]
            if only.key == "Get" || only.key == "Ref" || only.key.starts_with("Std:") || only.key.starts_with("Fn::")),
        _ => false,
    }
}

/// The paths that a value reads.
fn read(value: &Value, out: &mut Vec<(SmolStr, Span)>) {
    match &value.data {
        Data::Late(late) => match &late.kind {
            LateKind::Path(path) => out.push((path.clone(), value.span)),
            LateKind::Join { parts, .. } => parts.iter().for_each(|part| read(part, out)),
            LateKind::JsonAt { uri, .. } => read(uri, out),
            LateKind::Operation { operands, .. } => operands.iter().for_each(|operand| read(operand, out)),
            _ => {}
        },
        Data::List(items) => items.iter().for_each(|item| read(item, out)),
        Data::Object(object) => object.entries.iter().for_each(|entry| read(&entry.value, out)),
        _ => {}
    }
}

/// The steps that others must wait for: those that are read, and those in `DependsOn`.
fn needed(members: &Value, out: &mut Vec<SmolStr>) {
    let mut paths = Vec::new();
    read(members, &mut paths);
    for (path, _) in paths {
        if let Some(rest) = path.strip_prefix("Steps.") {
            out.push(rest.split(['.', '[']).next().unwrap_or(rest).into());
        }
    }
    for item in members.get("DependsOn").and_then(Value::as_list).into_iter().flat_map(|list| list.iter()) {
        out.extend(item.as_string().or_else(|| item.get("Step").and_then(Value::as_string)).cloned());
    }
}
