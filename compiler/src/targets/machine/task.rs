//! The states of one step: its call, what it waits for, what is kept of the answer, and when it is tried again.

use smol_str::{SmolStr, format_smolstr};

use super::Emitter;
use super::document::{Json, State};
use super::engine::pattern;
use super::expression::{path_text, quoted};
use super::states::Part;
use super::uses::{Kept, KeptField, Origin};
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::{NodePlan, StepPlan};
use crate::source::Span;
use crate::types::{Class, Data, LateKind, Type, Value};

/// Events that one round of asking writes into the history of an execution: a wait, a call and a choice.
pub(super) const EVENTS_OF_A_ROUND: i64 = 9;

/// Members of a `run` clause that say what to do, not what the state holds.
const STEERING: [&str; 8] = ["integration", "omit", "results", "exists", "create", "poll", "Type", "retry"];

impl Emitter<'_> {
    pub(super) fn step(&mut self, node: &NodePlan, step: &StepPlan, next: Option<&SmolStr>) -> Part {
        let mut states: Vec<State> = Vec::new();
        // Reports are read back right after the step that writes them; from the last state to the first.
        let reports: Vec<(SmolStr, SmolStr)> = self
            .kept(node)
            .iter()
            .filter_map(|kept| match &kept.origin {
                Origin::Report(output) => Some(output.clone()),
                Origin::Answer | Origin::Started | Origin::Name => None,
            })
            .map(|output| (format_smolstr!("{}-{output}", node.name), output))
            .collect();
        if let Some(cache) = step.common.get("cache").filter(|cache| !cache.is_none())
            && !matches!(cache.data, Data::Bool(false))
            && node.whole.file == cache.span.file
            && node.whole.contains(cache.span.start)
        {
            let place = self.place(cache.span);
            let engine = super::engine::TITLE;
            self.report(Diagnostic::new(&d::CACHE_IGNORED, place, &[("name", &node.name), ("engine", &engine)]));
        }
        let mut next = next.cloned();
        for (base, output) in reports.into_iter().rev() {
            let name = self.derived(&base);
            if let Some(state) = self.read_report(node, step, &output, &name, next.as_ref()) {
                next = Some(name);
                states.insert(0, state);
            }
        }
        let mut own = match step.run.get("Type").and_then(Value::as_string) {
            Some(type_) if type_ != "Task" => self.plain_state(node, step, &type_.clone(), next.as_ref()),
            _ => self.task(node, step, next.as_ref()),
        };
        own.states.extend(states);
        own
    }

    fn kept(&self, node: &NodePlan) -> &[Kept] {
        self.index.get(&node.id).map_or(&[], |at| self.uses.kept(*at))
    }

    /// A state that calls nothing.
    fn plain_state(&mut self, node: &NodePlan, step: &StepPlan, type_: &str, next: Option<&SmolStr>) -> Part {
        let known = ["Wait", "Pass", "Succeed", "Fail"].into_iter().find(|known| *known == type_);
        let Some(known) = known else {
            let place = step.run.get("Type").map_or(node.span, |value| self.place(value.span));
            let engine = super::capital(super::engine::TITLE);
            self.report(Diagnostic::new(&d::RAW_TYPE, place, &[("engine", &engine), ("type", &type_)]));
            return Part::default();
        };
        let mut state = self.state(node, &node.name, known);
        self.comment(node, step, &mut state);
        self.members(step, &mut state);
        self.assign(node, &mut state);
        if !matches!(known, "Succeed" | "Fail") {
            state.next(next);
        }
        Part { entry: Some(node.name.clone()), states: vec![state], ends: known == "Fail" }
    }

    /// Members of the clause that are the state's own.
    fn members(&mut self, step: &StepPlan, state: &mut State) {
        let Some(run) = step.run.as_object().cloned() else { return };
        for entry in &run.entries {
            let is_member =
                !STEERING.contains(&entry.key.as_str()) && entry.key.starts_with(|c: char| c.is_uppercase());
            if !is_member || entry.value.is_none() {
                continue;
            }
            let Some(key) = MEMBERS.iter().find(|known| **known == entry.key) else {
                let place = self.place(entry.key_span);
                let problem = format!("has no member `{}`", entry.key);
                let label = "no such member";
                let type_ = if state.is("Task") { "Task" } else { "such a" };
                self.report(Diagnostic::new(
                    &d::RAW_MEMBER,
                    place,
                    &[("type", &type_), ("problem", &problem), ("label", &label)],
                ));
                continue;
            };
            let value = match (&entry.value.data, *key) {
                (Data::Duration(time), _) => Json::int(*time / 1_000_000, self.place(entry.value.span)),
                _ => self.json(&entry.value),
            };
            state.set(key, value);
        }
    }

    fn comment(&mut self, node: &NodePlan, step: &StepPlan, state: &mut State) {
        let said = step.common.get("description").filter(|text| !text.is_none());
        if let Some(text) = said {
            let value = self.json(text);
            state.set("Comment", value);
        } else if let Some(doc) = &node.doc {
            state.set("Comment", Json::text(doc.as_str(), node.span));
        }
    }

    fn task(&mut self, node: &NodePlan, step: &StepPlan, next: Option<&SmolStr>) -> Part {
        let run = &step.run;
        let poll = run.get("poll").filter(|poll| !poll.is_none()).cloned();
        let exists = run.get("exists").filter(|exists| !exists.is_none()).cloned();
        let create = run.get("create").filter(|create| !create.is_none()).cloned();
        let mut states = Vec::new();
        let polled = poll.map(|poll| self.poll(node, step, &poll, next));
        let after = match &polled {
            Some((entry, _)) => Some(entry.clone()),
            None => next.cloned(),
        };
        // The call itself.
        let mut main = self.state(node, &node.name, "Task");
        self.comment(node, step, &mut main);
        // A task of its own, such as an activity, says itself what it is.
        if run.get("Resource").is_none_or(Value::is_none) {
            let resource = self.resource(node, step);
            main.set("Resource", Json::text(resource, node.span));
        }
        if let Some(arguments) = step.run.get("Arguments").filter(|arguments| !arguments.is_none()) {
            let arguments = self.json(&arguments.clone());
            main.set("Arguments", arguments);
        } else if let Some(call) = &step.call {
            let mut arguments = self.json(&call.request);
            if let Json::Object(_, span) = &mut arguments {
                *span = node.span;
            }
            main.set("Arguments", arguments);
        }
        self.members(step, &mut main);
        match &polled {
            Some(_) => main.set("Assign", self.rounds(node)),
            None => self.assign(node, &mut main),
        }
        self.retry(node, step, &mut main);
        self.never_forever(node, step, &main);
        main.next(after.as_ref());
        let mut entry = main.name.clone();
        if let Some(exists) = exists {
            let asked = self.derived(&format!("{}-exists", node.name));
            let made = self.derived(&format!("{}-create", node.name));
            let mut ask = State::new(asked.clone(), "Task", node.span);
            self.called(&mut ask, exists.get("call"), node);
            let (test, decision) = (exists.get("test").cloned(), self.derived(&format!("{}-choose", node.name)));
            if let Some(test) = test {
                let text = self.expression(&test);
                let known = self.derived_variable(node, "exists");
                let place = self.place(test.span);
                ask.set("Assign", Json::object(vec![(known.clone(), Json::expression(&text, place))], place));
                let choice = Json::object(
                    vec![
                        ("Condition".into(), Json::expression(&format!("${known}"), place)),
                        ("Next".into(), Json::text(main.name.as_str(), place)),
                    ],
                    place,
                );
                let mut choose = State::new(decision.clone(), "Choice", node.span);
                choose.set("Choices", Json::List(vec![choice], place));
                choose.set("Default", Json::text(made.as_str(), place));
                ask.next(Some(&decision));
                let mut other = State::new(made, "Task", node.span);
                self.called(&mut other, create.as_ref(), node);
                if polled.is_some() {
                    other.set("Assign", self.rounds(node));
                } else {
                    self.assign(node, &mut other);
                }
                self.retry(node, step, &mut other);
                other.next(after.as_ref());
                entry = ask.name.clone();
                self.retry(node, step, &mut ask);
                states.extend([ask, choose, other]);
            }
        }
        states.push(main);
        if let Some((_, more)) = polled {
            states.extend(more);
        }
        Part { entry: Some(entry), states, ends: false }
    }

    /// A call that a clause makes beside the step's own.
    fn called(&mut self, state: &mut State, call: Option<&Value>, node: &NodePlan) {
        let Some((service, operation, request)) = call.and_then(Value::as_call) else { return };
        let resource = self.resource_of(service, operation, "request", node.span);
        state.set("Resource", Json::text(resource, node.span));
        let arguments = Value::object(Class::Plain, request.entries.clone(), node.span);
        let arguments = self.json(&arguments);
        state.set("Arguments", arguments);
    }

    fn derived_variable(&mut self, node: &NodePlan, word: &str) -> SmolStr {
        let clean: String =
            node.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
        format_smolstr!("{clean}__{word}")
    }

    /// What is set where a step starts that is then waited for: how often it was asked for, its name, and what was
    /// answered.
    fn rounds(&mut self, node: &NodePlan) -> Json {
        let variable = self.derived_variable(node, "rounds");
        let mut entries = vec![(variable, Json::int(0, node.span))];
        entries.extend(self.assigned(node, false, |origin| matches!(origin, Origin::Started | Origin::Name)));
        Json::object(entries, node.span)
    }

    /// Asks again and again until what was started is done. Bounded in time, and so in the events it writes.
    fn poll(
        &mut self,
        node: &NodePlan,
        step: &StepPlan,
        poll: &Value,
        next: Option<&SmolStr>,
    ) -> (SmolStr, Vec<State>) {
        let here = node.span;
        let microseconds = |key: &str| match poll.get(key).map(|value| &value.data) {
            Some(Data::Duration(time)) => Some(*time / 1_000_000),
            _ => None,
        };
        let limit = self.context.facts.machine_limit("history_events").unwrap_or(25_000) as i64;
        // Half of what an execution may write is left to the rest of the workflow.
        let most_rounds = (limit / 2 / EVENTS_OF_A_ROUND).max(1);
        let given = microseconds("timeout");
        let every = microseconds("every").unwrap_or_else(|| {
            // As often as is useful, or as there is room for.
            given.map_or(30, |most| (most / most_rounds + 1).max(30))
        });
        let every = every.max(1);
        let most = given.unwrap_or_else(|| (12 * 3600).min(most_rounds * every));
        let rounds = (most / every).max(1);
        if rounds > most_rounds {
            let place = poll.get("every").map_or(here, |value| self.place(value.span));
            let what = format!(
                "ask {rounds} times for one step: an execution writes {limit} events at most, and each time takes {EVENTS_OF_A_ROUND}"
            );
            self.cannot(place, &what);
        }
        let wait = self.derived(&format!("{}-wait", node.name));
        let check = self.derived(&format!("{}-check", node.name));
        let decide = self.derived(&format!("{}-decide", node.name));
        let failed = self.derived(&format!("{}-failed", node.name));
        let late = self.derived(&format!("{}-late", node.name));
        let counter = self.derived_variable(node, "rounds");
        let outcome = self.derived_variable(node, "outcome");
        self.asking = true;

        let mut pause = State::new(wait.clone(), "Wait", here);
        pause.set("Seconds", Json::int(every, here));
        pause.next(Some(&check));

        let mut ask = State::new(check, "Task", here);
        self.called(&mut ask, poll.get("call"), node);
        let test = |emitter: &mut Self, key: &str| {
            poll.get(key).map_or_else(|| "false".to_owned(), |value| emitter.expression(value))
        };
        let (done, broken) = (test(self, "done"), test(self, "failed"));
        let told = poll.get("cause").filter(|cause| !cause.is_none()).map(|cause| self.expression(cause));
        let cause = self.derived_variable(node, "cause");
        let known = self.assigned(node, true, |origin| matches!(origin, Origin::Answer));
        self.asking = false;
        let mut entries = vec![
            (counter.clone(), Json::expression(&format!("${counter} + 1"), here)),
            (outcome.clone(), Json::expression(&format!("({done}) ? 'done' : ({broken}) ? 'failed' : 'busy'"), here)),
        ];
        if let Some(told) = &told {
            entries.push((
                cause.clone(),
                Json::expression(&format!("$exists({told}) ? {told} : 'no reason was given'"), here),
            ));
        }
        entries.extend(known);
        ask.set("Assign", Json::object(entries, here));
        self.retry(node, step, &mut ask);
        ask.next(Some(&decide));

        let mut choose = State::new(decide, "Choice", here);
        let choice = |condition: String, target: &str| {
            Json::object(
                vec![
                    ("Condition".into(), Json::expression(&condition, here)),
                    ("Next".into(), Json::text(target, here)),
                ],
                here,
            )
        };
        let mut states = Vec::new();
        let target = match next {
            Some(next) => next.clone(),
            None => {
                let name = self.derived(&format!("{}-end", node.name));
                states.push(State::new(name.clone(), "Succeed", here));
                name
            }
        };
        choose.set(
            "Choices",
            Json::List(
                vec![
                    choice(format!("${outcome} = 'done'"), &target),
                    choice(format!("${outcome} = 'failed'"), &failed),
                    choice(format!("${counter} >= {rounds}"), &late),
                ],
                here,
            ),
        );
        choose.set("Default", Json::text(wait.as_str(), here));

        let mut fail = State::new(failed, "Fail", here);
        fail.set("Error", Json::text("States.TaskFailed", here));
        let sentence = format!("{} did not come to a good end", node.name);
        let sentence = match told {
            Some(_) => Json::expression(&format!("{} & ${cause}", quoted(&format!("{sentence}: "))), here),
            None => Json::text(sentence, here),
        };
        fail.set("Cause", sentence);
        let mut over = State::new(late, "Fail", here);
        over.set("Error", Json::text("States.Timeout", here));
        over.set("Cause", Json::text(format!("{} was not done within {most} seconds", node.name), here));
        let entry = pause.name.clone();
        let mut all = vec![pause, ask, choose, fail, over];
        all.extend(states);
        (entry, all)
    }

    /// What the variables of a step are set to, from what was answered in this state.
    pub(super) fn assign(&mut self, node: &NodePlan, state: &mut State) {
        let entries = self.assigned(node, false, |origin| !matches!(origin, Origin::Started));
        if !entries.is_empty() {
            state.set("Assign", Json::object(entries, node.span));
        }
    }

    /// The variables of a step that are set from what was answered in this state, for some origins.
    /// Before the end that a step waits for, what will be answered may not be there yet.
    fn assigned(&mut self, node: &NodePlan, is_early: bool, wanted: impl Fn(&Origin) -> bool) -> Vec<(SmolStr, Json)> {
        let mut entries = Vec::new();
        let Some(at) = self.index.get(&node.id).copied() else { return entries };
        let position = self.position;
        for kept in self.uses.kept(at).iter().filter(|kept| wanted(&kept.origin)) {
            let field = |field: &KeptField, text: String| {
                let text = if is_answered_list(self.context.facts, &field.type_) {
                    // Services leave out lists that are empty.
                    format!("[{text}]")
                } else if field.is_optional || is_early {
                    format!("$exists({text}) ? {text} : null")
                } else {
                    text
                };
                (field.key.clone(), Json::expression(&text, node.span))
            };
            let fields = match &kept.origin {
                Origin::Answer | Origin::Started => kept
                    .fields
                    .iter()
                    .map(|known| field(known, format!("$states.result{}", path_text(&known.path))))
                    .collect(),
                Origin::Name => {
                    let most = name_length(node).unwrap_or(63);
                    let text = self.run_name(most, node.id);
                    kept.fields.iter().map(|known| field(known, text.clone())).collect()
                }
                Origin::Report(_) => continue,
            };
            entries.push((kept.variable_at(position).clone(), Json::object(fields, node.span)));
        }
        entries
    }

    /// Reads what a step wrote as a report.
    fn read_report(
        &mut self,
        node: &NodePlan,
        step: &StepPlan,
        output: &str,
        name: &SmolStr,
        next: Option<&SmolStr>,
    ) -> Option<State> {
        let at = self.index.get(&node.id).copied()?;
        let folder = step.outputs.iter().find(|known| known.name == output)?;
        let file = step.results.get(output).and_then(|value| value.get("file")).and_then(Value::as_string).cloned()?;
        Some(self.read_file(at, output, &folder.uri, &format!("/{file}"), folder.span, name, next))
    }

    /// Reads a report that lies at a location.
    pub(super) fn read_json(
        &mut self,
        at: usize,
        output: &str,
        uri: &Value,
        name: &SmolStr,
        next: Option<&SmolStr>,
    ) -> State {
        self.read_file(at, output, uri, "", self.here, name, next)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one state")]
    fn read_file(
        &mut self,
        at: usize,
        output: &str,
        folder: &Value,
        file: &str,
        span: Span,
        name: &SmolStr,
        next: Option<&SmolStr>,
    ) -> State {
        let here = self.place(span);
        let mut state = State::new(name.clone(), "Task", here);
        let resource = self.resource_of("s3", "GetObject", "request", here);
        state.set("Resource", Json::text(resource, here));
        let arguments = self.object_at(folder, file, here);
        state.set("Arguments", arguments);
        let position = self.position;
        let Some(kept) = self.uses.of(at, &Origin::Report(output.into())) else { return state };
        let fields: Vec<(SmolStr, Json)> = kept
            .fields
            .iter()
            .map(|field| {
                let text = format!("$parse($states.result.Body){}", path_text(&field.path));
                let text = if field.is_optional { format!("$exists({text}) ? {text} : null") } else { text };
                (field.key.clone(), Json::expression(&text, here))
            })
            .collect();
        let variable = kept.variable_at(position).clone();
        state.set("Assign", Json::object(vec![(variable, Json::object(fields, here))], here));
        state.next(next);
        state
    }

    /// Bucket and key of a file in a folder whose location is text with late parts.
    pub(super) fn object_at(&mut self, folder: &Value, file: &str, here: Span) -> Json {
        let whole = |emitter: &mut Self| {
            let text = emitter.expression(folder);
            let rest = format!("$substringAfter({text}, 's3://')");
            let key = format!("$substringAfter({rest}, '/')");
            let key = if file.is_empty() { key } else { format!("{key} & {}", quoted(file)) };
            (format!("$substringBefore({rest}, '/')"), key)
        };
        let file_value = Value::string(file, here);
        let parts = match &folder.data {
            Data::String(_) => Some(vec![folder.clone()]),
            Data::Late(late) => match &late.kind {
                LateKind::Join { separator, parts } => {
                    let mut all = Vec::new();
                    for (at, part) in parts.iter().enumerate() {
                        if at > 0 && !separator.is_empty() {
                            all.push(Value::string(separator.clone(), here));
                        }
                        all.push(part.clone());
                    }
                    Some(all)
                }
                _ => None,
            },
            _ => None,
        };
        let split = parts.and_then(|mut parts| {
            let first = parts.first()?.as_string()?.strip_prefix("s3://")?.to_owned();
            let (bucket, key) = first.split_once('/')?;
            parts[0] = Value::string(key, here);
            parts.push(file_value);
            Some((bucket.to_owned(), parts))
        });
        let entries = match split {
            Some((bucket, parts)) => {
                let key = self.joined(&parts);
                vec![("Bucket".into(), Json::text(bucket, here)), ("Key".into(), self.leaf(&key, here))]
            }
            None => {
                let (bucket, key) = whole(self);
                vec![("Bucket".into(), Json::expression(&bucket, here)), ("Key".into(), Json::expression(&key, here))]
            }
        };
        Json::object(entries, here)
    }

    /// The `Resource` of a step's task.
    fn resource(&mut self, node: &NodePlan, step: &StepPlan) -> String {
        let way = pattern(&step.run).to_owned();
        let place = step.run.get("integration").map_or(node.span, |value| self.place(value.span));
        if let Some((service, rest)) = way.split_once(':').filter(|(service, _)| *service != "sync") {
            let (action, wanted) = rest.split_once('.').unwrap_or((rest, "request"));
            let wanted = if wanted == "waitForTaskToken" { "token" } else { wanted };
            let known = self.context.facts.machine().and_then(|machine| machine.action(service, action));
            let fits = known.is_some_and(|(_, action)| action.patterns.iter().any(|pattern| pattern == wanted));
            if !fits {
                self.no_pattern(&format!("{service}:{action}"), wanted, place);
            } else if let Some((_, action)) = known {
                self.check_arguments(step, &format!("{service}:{}", action.action), &action.arguments);
            }
            return self.arn(&way);
        }
        match &step.call {
            Some(call) => self.resource_of(&call.service, &call.operation, &way, place),
            None => {
                let what = format!("`{}`, which makes no call", step.kind);
                self.cannot(place, &what);
                String::new()
            }
        }
    }

    /// The `Resource` of a call: the service's own integration where there is one that waits as is asked, else that by its
    /// SDK.
    pub(super) fn resource_of(&mut self, service: &str, operation: &str, way: &str, place: Span) -> String {
        let known = self.context.facts.machine().and_then(|machine| machine.calling(service, operation));
        let suffix = match way {
            "request" => String::new(),
            "token" => ".waitForTaskToken".to_owned(),
            other => format!(".{other}"),
        };
        if let Some((integration, action)) = known
            && action.patterns.iter().any(|pattern| pattern == way)
        {
            return self.arn(&format!("{}:{}{suffix}", integration.integration, action.action));
        }
        if !matches!(way, "request" | "token") {
            self.no_pattern(&format!("aws.{service}.{operation}"), way, place);
        }
        let id = self.context.facts.service(service).map(|model| model.service_id().to_owned()).unwrap_or_default();
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let mut letters = operation.chars();
        let action: String =
            letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
        self.arn(&format!("aws-sdk:{id}:{action}{suffix}"))
    }

    /// The arguments of an integration that takes others than the API does.
    fn check_arguments(&mut self, step: &StepPlan, call: &str, known: &[String]) {
        let given = step.run.get("Arguments");
        let Some(object) = given.and_then(Value::as_object).filter(|_| !known.is_empty()) else { return };
        let names = || known.iter().map(|name| name.trim_end_matches('!'));
        let problem = |what: &str| format!("that calls `{call}` {what}");
        let mut unknown = false;
        for entry in object.entries.iter().filter(|entry| !entry.unchecked) {
            if names().all(|name| name != entry.key) {
                unknown = true;
                let place = self.place(entry.key_span);
                let problem = problem(&format!("takes no argument `{}`", entry.key));
                let found = Diagnostic::new(
                    &d::RAW_MEMBER,
                    place,
                    &[("type", &"Task"), ("problem", &problem), ("label", &"unknown")],
                );
                self.report(found.suggest(&entry.key, place, names()));
            }
        }
        let mut needed = known.iter().filter_map(|name| name.strip_suffix('!'));
        let missing = needed.find(|name| object.get(name).is_none_or(Value::is_none));
        if let Some(missing) = missing.filter(|_| !unknown) {
            let place = self.place(given.map_or(self.here, |value| value.span));
            let problem = problem(&format!("needs the argument `{missing}`"));
            let label = format!("no `{missing}`");
            self.report(Diagnostic::new(
                &d::RAW_MEMBER,
                place,
                &[("type", &"Task"), ("problem", &problem), ("label", &label)],
            ));
        }
    }

    pub(super) fn arn(&self, rest: &str) -> String {
        format!("arn:{}:states:::{rest}", self.partition)
    }

    fn no_pattern(&mut self, call: &str, pattern: &str, place: Span) {
        let words = match pattern {
            "token" => "for a token",
            _ => "until what it starts is done",
        };
        let found =
            Diagnostic::new(&d::NO_INTEGRATION, place, &[("call", &call), ("pattern", &pattern), ("words", &words)]);
        let waits: Vec<&str> = self
            .context
            .facts
            .machine()
            .and_then(|machine| match call.strip_prefix("aws.").and_then(|rest| rest.split_once('.')) {
                Some((service, operation)) => machine.calling(service, operation),
                None => call.split_once(':').and_then(|(service, action)| machine.action(service, action)),
            })
            .map(|(_, action)| action.patterns.iter().map(String::as_str).collect())
            .unwrap_or_default();
        let found = if waits.is_empty() {
            found.help("Step Functions only sends this request; ask with `poll` in a kind of your own, or wait with a step after it")
        } else {
            found.help(format!("it knows: {}", crate::diagnostics::list_of(waits)))
        };
        self.report(found);
    }

    /// Who waits for a token and says no time may wait for ever.
    fn never_forever(&mut self, node: &NodePlan, step: &StepPlan, state: &State) {
        let waits = pattern(&step.run) == "token" || pattern(&step.run).ends_with(".waitForTaskToken");
        if waits && !state.has("TimeoutSeconds") && !state.has("HeartbeatSeconds") {
            let found = Diagnostic::new(&d::NO_TIMEOUT, node.span, &[("name", &node.name)]);
            self.report(found);
        }
    }
}

/// Members that states of a step may have beside those that are derived.
const MEMBERS: [&str; 11] = [
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Credentials",
    "Seconds",
    "Timestamp",
    "Output",
    "Resource",
    "Arguments",
    "Error",
    "Cause",
    "Comment",
];

/// Whether a value is a list of what a service answers.
fn is_answered_list(facts: &crate::facts::Facts, type_: &Type) -> bool {
    match type_ {
        Type::Shape { service, shape, .. } => facts
            .service(service)
            .is_some_and(|model| matches!(model.shape(*shape).kind, crate::facts::ShapeKind::List { .. })),
        Type::Union(types) => types.iter().any(|type_| is_answered_list(facts, type_)),
        _ => false,
    }
}

/// How long the name in a step's request may be.
fn name_length(node: &NodePlan) -> Option<u32> {
    fn find(value: &Value, id: crate::types::NodeId) -> Option<u32> {
        match &value.data {
            Data::Late(late) => match late.kind {
                LateKind::RunName { most, node } if node == id => Some(most),
                _ => None,
            },
            Data::Object(object) => object.entries.iter().find_map(|entry| find(&entry.value, id)),
            _ => None,
        }
    }
    let crate::plan::NodeKind::Step(step) = &node.kind else { return None };
    find(&step.call.as_ref()?.request, node.id)
}
