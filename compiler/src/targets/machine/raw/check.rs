//! Whether a machine that is written out is one: its members, transitions, variables and resources. Requests of tasks are
//! checked with all others, see [`super::tasks`]; single values in [`super::values`].

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::fields::{self, Field, Of};
use super::tasks::{self, Resource};
use super::values::Place;
use crate::diagnostics::{self as d, Diagnostic, Diagnostics, closest, list_of};
use crate::source::Span;
use crate::targets::Context;
use crate::types::{Data, Entry, Value};

pub(super) fn check(document: &Value, place: Span, context: &Context<'_>) -> Diagnostics {
    let mut checker = Checker {
        context,
        here: place,
        diagnostics: Diagnostics::default(),
        names: FxHashMap::default(),
        reads: Vec::new(),
        flow: Flow::default(),
    };
    let jsonata = document.get("QueryLanguage").and_then(Value::as_string).is_some_and(|name| name == "JSONata");
    checker.machine(document, fields::MACHINE, "The machine", jsonata, &FxHashSet::default());
    checker.diagnostics
}

pub(super) struct Checker<'c> {
    pub(super) context: &'c Context<'c>,
    /// The place for what has none in the user's text: the state being checked.
    pub(super) here: Span,
    pub(super) diagnostics: Diagnostics,
    names: FxHashMap<SmolStr, Span>,
    /// Variables that the state being checked reads.
    pub(super) reads: Vec<(SmolStr, Span)>,
    flow: Flow,
}

/// Where a state leads, and what else is known of it for the whole.
#[derive(Default)]
struct Flow {
    targets: Vec<(SmolStr, Span, &'static str)>,
    assigned: Vec<(SmolStr, Span)>,
    ends: bool,
}

impl Checker<'_> {
    pub(super) fn place(&self, span: Span) -> Span {
        if span.is_none() || self.context.sources.get(span.file).is_library { self.here } else { span }
    }

    pub(super) fn report(&mut self, found: Diagnostic) {
        self.diagnostics.push(found);
    }

    pub(super) fn problem(&mut self, place: Span, what: &str, problem: &str, label: &str) {
        let place = self.place(place);
        let found =
            Diagnostic::new(&d::RAW_STATE_MEMBER, place, &[("what", &what), ("problem", &problem), ("label", &label)]);
        self.report(found);
    }

    /// A machine, a branch or a body. `outer` are the variables that are known around it.
    fn machine(&mut self, value: &Value, known: &[Field], what: &str, jsonata: bool, outer: &FxHashSet<SmolStr>) {
        let Some(object) = value.as_object().cloned() else {
            self.wrong_value(value, what, "an object");
            return;
        };
        let list: Vec<&Field> = known.iter().collect();
        self.flow = Flow::default();
        self.members(&object.entries, &list, what, value.span, jsonata, Place::OTHER);
        let start = std::mem::take(&mut self.flow).targets;
        let config = value.get("ProcessorConfig");
        let is = |key: &str, wanted: &str| {
            config.and_then(|config| config.get(key)).and_then(Value::as_string).is_some_and(|text| text == wanted)
        };
        if let Some(config) = config {
            let is_distributed = is("Mode", "DISTRIBUTED");
            if is_distributed && config.get("ExecutionType").is_none() {
                self.problem(config.span, "A distributed body", "needs its `ExecutionType`", "no `ExecutionType`");
            } else if !is_distributed
                && config.get("ExecutionType").is_some()
                && !config.get("Mode").is_some_and(is_open)
            {
                self.problem(config.span, "`ExecutionType`", "is for distributed bodies alone", "not distributed");
            }
        }
        let Some(states) = value.get("States") else { return };
        if is_open(states) {
            return;
        }
        let Some(states) = states.as_object().cloned() else {
            let states = states.clone();
            self.wrong_value(&states, "States", "an object");
            return;
        };
        let before = self.diagnostics.len();
        let mut flows: Vec<Flow> = Vec::with_capacity(states.entries.len());
        let mut reads = Vec::with_capacity(states.entries.len());
        for entry in &states.entries {
            self.here = entry.key_span;
            self.flow = Flow::default();
            self.state(entry, jsonata);
            flows.push(std::mem::take(&mut self.flow));
            reads.push(std::mem::take(&mut self.reads));
        }
        let index: FxHashMap<SmolStr, usize> =
            states.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        let mut leads_astray = start.is_empty();
        let roots: Vec<usize> = start.iter().filter_map(|(name, ..)| index.get(name).copied()).collect();
        for (name, span, member) in start.iter().chain(flows.iter().flat_map(|flow| &flow.targets)) {
            if !index.contains_key(name) {
                leads_astray = true;
                self.leads_nowhere(name, *span, member, &states.entries);
            }
        }
        let edges: Vec<Vec<usize>> = flows
            .iter()
            .map(|flow| flow.targets.iter().filter_map(|(name, ..)| index.get(name).copied()).collect())
            .collect();
        let is_whole = !leads_astray && self.diagnostics.len() == before;
        let reached = reach(&edges, &roots);
        if is_whole || (!leads_astray && flows.iter().any(|flow| flow.ends)) {
            let lost: Vec<usize> = (0..flows.len()).filter(|at| !reached[*at]).collect();
            // What only unreached states lead to follows from those.
            let inner: FxHashSet<usize> =
                lost.iter().flat_map(|at| edges[*at].iter().filter(|to| **to != *at).copied()).collect();
            let firsts: Vec<usize> = lost.iter().copied().filter(|at| !inner.contains(at)).collect();
            let shown = if firsts.is_empty() { lost.first().copied().into_iter().collect() } else { firsts };
            for at in shown {
                let entry = &states.entries[at];
                let place = self.place(entry.key_span);
                self.report(Diagnostic::new(&d::STATE_UNREACHED, place, &[("name", &entry.key)]));
            }
        }
        if is_whole
            && self.diagnostics.len() == before
            && !flows.iter().zip(&reached).any(|(flow, seen)| *seen && flow.ends)
        {
            let place = self.place(roots.first().map_or(value.span, |root| states.entries[*root].key_span));
            self.report(Diagnostic::new(&d::NO_END, place, &[("what", &what)]));
        }
        let known = self.variables(&flows, &edges, &reads, outer);
        for (entry, visible) in states.entries.iter().zip(&known) {
            self.inner(entry, jsonata, visible);
        }
    }

    /// Which variables may be known in each state; a finding for those read before.
    fn variables(
        &mut self,
        flows: &[Flow],
        edges: &[Vec<usize>],
        reads: &[Vec<(SmolStr, Span)>],
        outer: &FxHashSet<SmolStr>,
    ) -> Vec<FxHashSet<SmolStr>> {
        let mut known: Vec<FxHashSet<SmolStr>> = vec![outer.clone(); flows.len()];
        let mut assigners: Vec<(SmolStr, Vec<usize>)> = Vec::new();
        for (at, flow) in flows.iter().enumerate() {
            for (name, span) in &flow.assigned {
                if outer.contains(name) {
                    let problem = "is assigned outside, and what runs inside may read it, not assign it";
                    let place = self.place(*span);
                    self.report(Diagnostic::new(&d::VARIABLE, place, &[("name", name), ("problem", &problem)]));
                    continue;
                }
                match assigners.iter_mut().find(|(known, _)| known == name) {
                    Some((_, list)) => list.push(at),
                    None => assigners.push((name.clone(), vec![at])),
                }
            }
        }
        for (name, list) in &assigners {
            let after: Vec<usize> = list.iter().flat_map(|at| edges[*at].iter().copied()).collect();
            for (at, seen) in reach(edges, &after).into_iter().enumerate() {
                if seen {
                    known[at].insert(name.clone());
                }
            }
        }
        for (at, list) in reads.iter().enumerate() {
            let mut said: FxHashSet<&SmolStr> = FxHashSet::default();
            for (name, span) in list {
                if known[at].contains(name) || !said.insert(name) {
                    continue;
                }
                let is_late = assigners.iter().any(|(other, _)| other == name);
                let problem = if is_late { "is not assigned before this" } else { "is assigned nowhere around this" };
                let place = self.place(*span);
                let found = Diagnostic::new(&d::VARIABLE, place, &[("name", name), ("problem", &problem)]);
                let names = assigners.iter().map(|(name, _)| name.as_str()).chain(outer.iter().map(SmolStr::as_str));
                let mut names: Vec<&str> = names.collect();
                names.sort_unstable();
                let near = closest(name, names).filter(|_| !is_late).map(|near| format!("did you mean `${near}`?"));
                self.report(found.help(near.unwrap_or_default()));
            }
        }
        known
    }

    /// The branches and bodies of a state.
    fn inner(&mut self, entry: &Entry, jsonata: bool, visible: &FxHashSet<SmolStr>) {
        let state = &entry.value;
        if let Some(branches) = state.get("Branches").and_then(Value::as_list).cloned() {
            for branch in branches.iter().filter(|branch| !is_open(branch)) {
                self.machine(branch, fields::BRANCH, "A branch", jsonata, visible);
            }
        }
        for key in ["ItemProcessor", "Iterator"] {
            let Some(body) = state.get(key).filter(|body| !is_open(body)).cloned() else { continue };
            let mode = body.get("ProcessorConfig").and_then(|config| config.get("Mode")).and_then(Value::as_string);
            let own = FxHashSet::default();
            // What runs as executions of its own does not see the variables of this one.
            let outer = if mode.is_some_and(|mode| mode == "DISTRIBUTED") { &own } else { visible };
            self.machine(&body, fields::BODY, &format!("`{key}`"), jsonata, outer);
        }
    }

    fn leads_nowhere(&mut self, name: &SmolStr, span: Span, member: &str, states: &[Entry]) {
        let place = self.place(span);
        let found = Diagnostic::new(&d::RAW_TARGET, place, &[("member", &member), ("name", name)]);
        let found = match self.names.get(name) {
            Some(other) => {
                found.related(*other, "this one is in another branch or body, and cannot be reached from here")
            }
            None => {
                let names: Vec<&str> = states.iter().map(|state| state.key.as_str()).collect();
                match closest(name, names.iter().copied()) {
                    Some(near) => {
                        let fixed = format!("\"{near}\"");
                        let found = found.help(format!("did you mean `{near}`?"));
                        if near.contains(['"', '\\', '$']) {
                            found
                        } else {
                            found.fix(format!("Change to {fixed}"), place, fixed)
                        }
                    }
                    None if names.len() <= 12 => found.help(format!("there is {}", list_of(names))),
                    None => found,
                }
            }
        };
        self.report(found);
    }

    fn state(&mut self, entry: &Entry, outer: bool) {
        let (name, state) = (&entry.key, &entry.value);
        if let Some(first) = self.names.get(name) {
            let found = Diagnostic::new(&d::STATE_TWICE, self.place(entry.key_span), &[("name", name)]);
            let found = found.related(*first, "the first one");
            self.report(found);
        } else {
            self.names.insert(name.clone(), entry.key_span);
        }
        let most = self.context.facts.machine_limit("state_name_characters").unwrap_or(80) as usize;
        let count = name.chars().count();
        if count > most || count == 0 {
            let problem = format!("a state machine takes 1 to {most} characters, and this has {count}");
            self.report(Diagnostic::new(
                &d::STEP_NAME,
                self.place(entry.key_span),
                &[("name", name), ("problem", &problem)],
            ));
        }
        let what = format!("The state `{name}`");
        let Some(object) = state.as_object().cloned() else {
            self.flow.ends = true;
            if !is_open(state) {
                self.wrong_value(state, name, "an object with a `Type`");
            }
            return;
        };
        let Some(type_value) = object.get("Type").cloned() else {
            self.flow.ends = true;
            self.problem(entry.key_span, &what, "has no `Type`", "no `Type`");
            return;
        };
        let Some(type_) = type_value.as_string().cloned().filter(|_| !is_open(&type_value)) else {
            self.flow.ends = true;
            if !is_open(&type_value) {
                self.wrong_value(&type_value, "Type", "text");
            }
            return;
        };
        if !fields::TYPES.contains(&type_.as_str()) {
            self.flow.ends = true;
            let place = self.place(type_value.span);
            let found = Diagnostic::new(&d::RAW_STATE_TYPE, place, &[("type", &type_)]);
            let near = closest(&type_, fields::TYPES);
            self.targets_of_unknown(&object.entries);
            self.report(match near {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help(format!("there is {}", list_of(fields::TYPES))),
            });
            return;
        }
        let own = object.get("QueryLanguage").and_then(Value::as_string);
        if let (Some(language), true) = (own, outer)
            && language == "JSONPath"
        {
            let place = object.get("QueryLanguage").map_or(entry.key_span, |value| value.span);
            self.problem(place, &what, "cannot be in JSONPath: the machine is in JSONata", "JSONPath in JSONata");
            self.flow.ends = true;
            self.targets_of_unknown(&object.entries);
            return;
        }
        let jsonata = own.map_or(outer, |language| language == "JSONata");
        let known = fields::of_state(&type_);
        let place = if matches!(type_.as_str(), "Task" | "Parallel" | "Map") { Place::RESULT } else { Place::OTHER };
        let before = self.diagnostics.len();
        self.members(&object.entries, &known, &format!("A {type_} state"), entry.key_span, jsonata, place);
        if self.diagnostics.len() == before {
            self.apart(&object.entries, &type_, entry.key_span);
        }
        self.flow.ends |= matches!(type_.as_str(), "Succeed" | "Fail") || object.get("End").is_some();
        match type_.as_str() {
            "Task" => self.task(entry, state),
            "Map" => self.map(state),
            _ => {}
        }
    }

    /// Where a state leads whose type is unknown, so that nothing else seems unreached.
    fn targets_of_unknown(&mut self, entries: &[Entry]) {
        for entry in entries {
            match (entry.key.as_str(), &entry.value.data) {
                ("Next" | "Default", Data::String(name)) => {
                    self.flow.targets.push((
                        name.clone(),
                        entry.value.span,
                        if entry.key == "Next" { "Next" } else { "Default" },
                    ));
                }
                ("Choices" | "Catch", Data::List(items)) => {
                    for next in items.iter().filter_map(|item| item.get("Next")) {
                        if let Some(name) = next.as_string() {
                            self.flow.targets.push((name.clone(), next.span, "Next"));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Members of which one excludes the others.
    fn apart(&mut self, entries: &[Entry], type_: &str, place: Span) {
        for (names, must) in fields::apart(type_) {
            let given: Vec<&Entry> = entries
                .iter()
                .filter(|entry| names.contains(&entry.key.as_str()) && !entry.value.is_none())
                .filter(|entry| !(entry.key == "End" && matches!(entry.value.data, Data::Bool(false))))
                .collect();
            let what = format!("A {type_} state");
            match given.as_slice() {
                [] if *must => {
                    let problem = format!("needs one of {}", list_of(names.iter().copied()));
                    self.problem(place, &what, &problem, "one is missing");
                    self.flow.ends = true;
                }
                [_, second, ..] => {
                    let problem = format!("takes one of {}, and two are given", list_of(names.iter().copied()));
                    self.problem(second.key_span, &what, &problem, "one too many");
                }
                _ => {}
            }
        }
    }

    fn task(&mut self, entry: &Entry, state: &Value) {
        let Some(resource) = state.get("Resource").filter(|value| !is_open(value)) else {
            if let Some(text) = state.get("Resource").and_then(Value::as_string).cloned() {
                self.resource(entry, state, &text);
            }
            return;
        };
        if let Some(text) = resource.as_string().cloned() {
            self.resource(entry, state, &text);
        }
        let number = |key: &str| match state.get(key).map(|value| &value.data) {
            Some(Data::Int(number)) => Some(*number),
            Some(Data::Duration(time)) => Some(time / 1_000_000),
            _ => None,
        };
        if let (Some(beat), Some(most)) = (number("HeartbeatSeconds"), number("TimeoutSeconds"))
            && beat >= most
            && let Some(value) = state.get("HeartbeatSeconds")
        {
            let problem = format!("waits {beat} s for a heartbeat, which is not less than its timeout of {most} s");
            self.problem(value.span, "A Task state", &problem, "not below `TimeoutSeconds`");
        }
    }

    fn resource(&mut self, entry: &Entry, state: &Value, text: &str) {
        let Some(value) = state.get("Resource") else { return };
        let facts = self.context.facts;
        let pattern = match tasks::resource(facts, text) {
            Resource::Open => return,
            Resource::Wrong { problem, help } => {
                let place = self.place(value.span);
                let found = Diagnostic::new(&d::RAW_INTEGRATION, place, &[("problem", &problem)]);
                self.report(found.help(help.unwrap_or_default()));
                return;
            }
            Resource::Own { action, pattern, .. } => {
                self.own_arguments(entry, state, action);
                pattern
            }
            Resource::Sdk { pattern, .. } => pattern,
        };
        let has_end = ["TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"];
        if pattern == "token" && !has_end.iter().any(|key| state.get(key).is_some()) {
            let place = self.place(value.span);
            self.report(Diagnostic::new(&d::RAW_NO_TIMEOUT, place, &[("name", &entry.key)]));
        }
    }

    /// The arguments of an action that are not those of an operation.
    fn own_arguments(&mut self, entry: &Entry, state: &Value, action: &crate::facts::TaskAction) {
        let given = state.get("Arguments").or_else(|| state.get("Parameters"));
        let Some(object) = given.and_then(Value::as_object).cloned().filter(|_| !action.arguments.is_empty()) else {
            return;
        };
        let place = given.map_or(entry.key_span, |value| value.span);
        if given.is_some_and(is_open) {
            return;
        }
        let plain = |name: &'_ str| name.trim_end_matches('!').to_owned();
        let names: Vec<String> = action.arguments.iter().map(|name| plain(name)).collect();
        let what = format!("`{}`", action.action);
        let mut unknown = false;
        for argument in object.entries.iter().filter(|argument| !argument.unchecked) {
            let key = argument.key.trim_end_matches(".$");
            if !names.iter().any(|name| name == key) {
                unknown = true;
                let problem = format!("takes no argument `{key}`");
                let near = closest(key, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
                let span = self.place(argument.key_span);
                let found = Diagnostic::new(
                    &d::RAW_STATE_MEMBER,
                    span,
                    &[("what", &what), ("problem", &problem), ("label", &"unknown argument")],
                );
                self.report(found.help(near.unwrap_or_default()));
            }
        }
        for needed in action.arguments.iter().filter(|name| name.ends_with('!')).map(|name| plain(name)) {
            let has = object.entries.iter().any(|argument| argument.key.trim_end_matches(".$") == needed);
            if !has && !unknown {
                self.problem(place, &what, &format!("needs `{needed}`"), "an argument is missing");
            }
        }
    }

    fn map(&mut self, state: &Value) {
        let body = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
        let mode = body.and_then(|body| body.get("ProcessorConfig")).and_then(|config| config.get("Mode"));
        let is_distributed = match mode.map(|mode| (mode.as_string(), is_open(mode))) {
            Some((_, true)) => return,
            Some((Some(mode), _)) => mode == "DISTRIBUTED",
            _ => false,
        };
        if !is_distributed {
            let only = [
                "ItemReader",
                "ItemBatcher",
                "ResultWriter",
                "Label",
                "ToleratedFailurePercentage",
                "ToleratedFailurePercentagePath",
                "ToleratedFailureCount",
                "ToleratedFailureCountPath",
            ];
            let entries = state.as_object().map(|object| object.entries.clone()).unwrap_or_default();
            if let Some(entry) = entries.iter().find(|entry| only.contains(&entry.key.as_str())) {
                let problem = format!("takes `{}` only where its body is `DISTRIBUTED`", entry.key);
                self.problem(entry.key_span, "A Map state", &problem, "for distributed maps");
            }
        }
        if let Some(label) =
            state.get("Label").and_then(|label| label.as_string().map(|text| (text.clone(), label.span)))
        {
            let most = self.context.facts.machine_limit("label_characters").unwrap_or(40) as usize;
            if label.0.chars().count() > most {
                let problem = format!("takes a label of at most {most} characters");
                self.problem(label.1, "A Map state", &problem, "too long");
            }
        }
        for (key, allowed) in
            [("ItemReader", &["s3:getObject", "s3:listObjectsV2"][..]), ("ResultWriter", &["s3:putObject"][..])]
        {
            let Some(resource) = state.get(key).and_then(|part| part.get("Resource")).filter(|value| !is_open(value))
            else {
                continue;
            };
            if let Some(text) = resource.as_string()
                && !allowed.iter().any(|known| text.ends_with(&format!(":::{known}")))
            {
                let problem = format!("`{key}` takes {}", list_of(allowed.iter().copied()));
                let place = self.place(resource.span);
                self.report(Diagnostic::new(&d::RAW_INTEGRATION, place, &[("problem", &problem)]));
            }
        }
    }

    /// Members against a table: unknown ones, missing ones, those of the other language, their values.
    pub(super) fn members(
        &mut self,
        entries: &[Entry],
        known: &[&Field],
        what: &str,
        whole: Span,
        jsonata: bool,
        place: Place,
    ) {
        let mut unknown = false;
        for entry in entries.iter().filter(|entry| !entry.value.is_none() && !entry.unchecked) {
            let Some(field) = known.iter().find(|field| field.name == entry.key) else {
                unknown = true;
                let problem = format!("has no member `{}`", entry.key);
                let span = self.place(entry.key_span);
                let found = Diagnostic::new(
                    &d::RAW_STATE_MEMBER,
                    span,
                    &[("what", &what), ("problem", &problem), ("label", &"unknown member")],
                );
                let near = closest(&entry.key, known.iter().map(|field| field.name));
                self.report(found.help(near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default()));
                continue;
            };
            let other = match field.of {
                Of::Path if jsonata => Some(("JSONPath", "JSONata")),
                Of::Jsonata if !jsonata => Some(("JSONata", "JSONPath")),
                _ => None,
            };
            if let Some((language, own)) = other {
                unknown = true;
                let span = self.place(entry.key_span);
                let found = Diagnostic::new(
                    &d::WRONG_LANGUAGE,
                    span,
                    &[("member", &entry.key), ("language", &language), ("own", &own)],
                );
                self.report(found);
                continue;
            }
            let place = if matches!(field.name, "Output" | "Assign") { place } else { Place::OTHER };
            self.value(field.name, field.is, &entry.value, jsonata, place);
        }
        for field in known.iter().filter(|field| field.needed) {
            let has = entries.iter().any(|entry| entry.key == field.name && !entry.value.is_none());
            if !has && !unknown {
                self.problem(whole, what, &format!("needs `{}`", field.name), &format!("no `{}`", field.name));
            }
        }
    }

    pub(super) fn target(&mut self, member: &'static str, value: &Value) {
        match value.as_string() {
            Some(name) => self.flow.targets.push((name.clone(), value.span, member)),
            None => self.wrong_value(value, member, "the name of a state"),
        }
    }

    pub(super) fn assigned(&mut self, entry: &Entry) {
        self.flow.assigned.push((entry.key.trim_end_matches(".$").into(), entry.key_span));
    }

    pub(super) fn wrong_value(&mut self, value: &Value, member: &str, expected: &str) {
        let found = crate::types::show::describe_value(value);
        let place = self.place(value.span);
        let found =
            Diagnostic::new(&d::RAW_VALUE, place, &[("member", &member), ("expected", &expected), ("found", &found)]);
        self.report(found);
    }
}

/// Which of the nodes can be reached from others.
fn reach(edges: &[Vec<usize>], from: &[usize]) -> Vec<bool> {
    let mut seen = vec![false; edges.len()];
    let mut open = from.to_vec();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            open.extend(edges[at].iter().copied());
        }
    }
    seen
}

/// Whether what will stand here is not known yet: a placeholder, a function of a template, a value of the deployment.
pub(super) fn is_open(value: &Value) -> bool {
    match &value.data {
        Data::Error => true,
        Data::String(text) => text.contains("${"),
        Data::Late(_) => super::values::expression(value).is_none(),
        _ => tasks::is_function(value),
    }
}
