//! The start of a pipeline and the wait for its end, and what is read of its steps afterwards. How a machine asks for these
//! stands here; what a step of a pipeline is called in the answers follows from its type.

use smol_str::{SmolStr, format_smolstr};

use super::Emitter;
use super::document::{Json, State};
use super::expression::{path_text, quoted};
use super::states::Part;
use super::task::EVENTS_OF_A_ROUND;
use super::uses::Origin;
use crate::facts::ShapeKind;
use crate::plan::{NodePlan, StartPlan, StartedStep};
use crate::types::{Data, Segment, Type, Value};

/// Seconds between two looks at a pipeline, and how long it may take at most.
const EVERY: i64 = 60;

const SERVICE: &str = "sagemaker";

impl Emitter<'_> {
    pub(super) fn start_other(&mut self, node: &NodePlan, start: &StartPlan, next: Option<&SmolStr>) -> Part {
        let here = node.span;
        let base = format_smolstr!("{}-pipeline", node.name);
        let (execution, rounds) = (self.variable_of(node, "execution"), self.variable_of(node, "rounds"));
        let name = |emitter: &mut Self, word: &str| emitter.derived(&format!("{base}-{word}"));
        let wait = name(self, "wait");
        let check = name(self, "check");
        let decide = name(self, "decide");
        let failed = name(self, "failed");
        let stop = name(self, "stop");
        let late = name(self, "late");

        let mut begin = self.state(node, &node.name, "Task");
        begin.set("Resource", Json::text(self.call(node, "StartPipelineExecution"), here));
        let token = format!(
            "$hash($states.context.Execution.Id & '/' & $string($states.context.Execution.RedriveCount) & '/' & \
             $string($states.context.State.RetryCount) & {}, 'SHA-256')",
            quoted(&format!("/{}", node.name))
        );
        let name_in_aws = match &start.deployed_as {
            Some(name) => self.json(&name.clone().at(here)),
            None => Json::text(start.workflow.replace('_', "-"), here),
        };
        let mut arguments: Vec<(SmolStr, Json)> =
            vec![("PipelineName".into(), name_in_aws), ("ClientRequestToken".into(), Json::expression(&token, here))];
        if !start.arguments.is_empty() {
            let list = start.arguments.iter().map(|(parameter, value)| {
                let place = self.place(value.span);
                let value = self.as_text(value);
                Json::object(
                    vec![("Name".into(), Json::text(parameter.as_str(), place)), ("Value".into(), value)],
                    place,
                )
            });
            let list = list.collect();
            arguments.push(("PipelineParameters".into(), Json::List(list, here)));
        }
        begin.set("Arguments", Json::object(arguments, here));
        begin.set(
            "Assign",
            Json::object(
                vec![
                    (execution.clone(), Json::expression("$states.result.PipelineExecutionArn", here)),
                    (rounds.clone(), Json::int(0, here)),
                ],
                here,
            ),
        );
        begin.next(Some(&wait));

        let mut pause = State::new(wait.clone(), "Wait", here);
        pause.set("Seconds", Json::int(EVERY, here));
        pause.next(Some(&check));

        let arn = || {
            Json::object(vec![("PipelineExecutionArn".into(), Json::expression(&format!("${execution}"), here))], here)
        };
        let status = self.variable_of(node, "status");
        let mut ask = State::new(check, "Task", here);
        ask.set("Resource", Json::text(self.call(node, "DescribePipelineExecution"), here));
        ask.set("Arguments", arn());
        ask.set(
            "Assign",
            Json::object(
                vec![
                    (rounds.clone(), Json::expression(&format!("${rounds} + 1"), here)),
                    (
                        status.clone(),
                        Json::object(
                            vec![
                                ("status".into(), Json::expression("$states.result.PipelineExecutionStatus", here)),
                                (
                                    "reason".into(),
                                    Json::expression(
                                        "$exists($states.result.FailureReason) ? $states.result.FailureReason : 'no reason was given'",
                                        here,
                                    ),
                                ),
                            ],
                            here,
                        ),
                    ),
                ],
                here,
            ),
        );
        self.always_again(&mut ask, node);
        ask.next(Some(&decide));

        let limit = self.context.facts.machine_limit("history_events").unwrap_or(25_000) as i64;
        let most = (limit / 2 / EVENTS_OF_A_ROUND).max(1);
        let mut states = vec![begin, pause, ask];
        let after = self.results_of(node, start, &execution, next);
        let mut ending = None;
        let target = match after.first().map(|state| state.name.clone()).or_else(|| next.cloned()) {
            Some(target) => target,
            None => {
                let name = self.derived(&format!("{base}-end"));
                ending = Some(State::new(name.clone(), "Succeed", here));
                name
            }
        };
        let choice = |condition: String, target: &str| {
            Json::object(
                vec![
                    ("Condition".into(), Json::expression(&condition, here)),
                    ("Next".into(), Json::text(target, here)),
                ],
                here,
            )
        };
        let mut choose = State::new(decide, "Choice", here);
        choose.set(
            "Choices",
            Json::List(
                vec![
                    choice(format!("${status}.status = 'Succeeded'"), &target),
                    choice(format!("$not(${status}.status in ['Executing', 'Stopping'])"), &failed),
                    choice(format!("${rounds} >= {most}"), &stop),
                ],
                here,
            ),
        );
        choose.set("Default", Json::text(wait.as_str(), here));
        let mut fail = State::new(failed, "Fail", here);
        fail.set("Error", Json::text("Pipeline.Failed", here));
        let said = quoted(&format!("{} ended as ", start.workflow));
        fail.set("Cause", Json::expression(&format!("{said} & ${status}.status & ': ' & ${status}.reason"), here));
        // Who gives up waiting stops what it waited for.
        let mut halt = State::new(stop, "Task", here);
        halt.set("Resource", Json::text(self.call(node, "StopPipelineExecution"), here));
        halt.set(
            "Arguments",
            Json::object(
                vec![
                    ("PipelineExecutionArn".into(), Json::expression(&format!("${execution}"), here)),
                    ("ClientRequestToken".into(), Json::expression(&token, here)),
                ],
                here,
            ),
        );
        halt.next(Some(&late));
        let mut over = State::new(late, "Fail", here);
        over.set("Error", Json::text("States.Timeout", here));
        over.set(
            "Cause",
            Json::text(format!("{} was not done within {} hours", start.workflow, most * EVERY / 3600), here),
        );
        states.extend([choose, fail, halt, over]);
        states.extend(after);
        states.extend(ending);
        Part { entry: Some(node.name.clone()), states, ends: false }
    }

    fn variable_of(&self, node: &NodePlan, word: &str) -> SmolStr {
        let clean: String =
            node.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
        format_smolstr!("{clean}__{word}")
    }

    fn call(&mut self, node: &NodePlan, operation: &str) -> String {
        self.resource_of(SERVICE, operation, "request", node.span)
    }

    /// A value as the text that a parameter of a pipeline is given.
    fn as_text(&mut self, value: &Value) -> Json {
        let place = self.place(value.span);
        let is_text = match &value.data {
            Data::Late(late) => matches!(
                late.type_.required(),
                Type::String(_) | Type::Uri | Type::Arn | Type::Literals(_) | Type::Instance(_) | Type::Image
            ),
            _ => true,
        };
        if is_text {
            return self.json(value);
        }
        let text = self.expression(value);
        Json::expression(&format!("$string({text})"), place)
    }

    /// A question that is asked again where it is not answered: the work goes on elsewhere.
    fn always_again(&mut self, state: &mut State, node: &NodePlan) {
        let place = node.span;
        let policy = Json::object(
            vec![
                ("ErrorEquals".into(), Json::List(vec![Json::text("States.TaskFailed", place)], place)),
                ("IntervalSeconds".into(), Json::int(5, place)),
                ("MaxAttempts".into(), Json::int(5, place)),
                ("BackoffRate".into(), Json::int(2, place)),
            ],
            place,
        );
        state.set("Retry", Json::List(vec![policy], place));
    }

    /// What others read of the steps of a pipeline: the list of its steps tells what each made, and the services tell the rest.
    fn results_of(
        &mut self,
        node: &NodePlan,
        start: &StartPlan,
        execution: &SmolStr,
        next: Option<&SmolStr>,
    ) -> Vec<State> {
        let here = node.span;
        let Some(at) = self.index.get(&node.id).copied() else { return Vec::new() };
        let uses = self.uses;
        let reports: Vec<SmolStr> = uses
            .kept(at)
            .iter()
            .filter_map(|kept| match &kept.origin {
                Origin::Report(output) => Some(output.clone()),
                Origin::Answer | Origin::Started | Origin::Name => None,
            })
            .collect();
        let answer = uses.of(at, &Origin::Answer);
        let mut states: Vec<State> = Vec::new();
        let mut next = next.cloned();
        // From the last to the first: reports are read where the steps say that they wrote them.
        for output in reports.iter().rev() {
            let Some((_, uri)) = start.reports.iter().find(|(name, _)| name == output) else { continue };
            let name = self.derived(&format!("{}-{output}", node.name));
            // The answer of the state is the file, not what the steps told.
            let own = self.own.take();
            let state = self.read_json(at, output, uri, &name, next.as_ref());
            self.own = own;
            next = Some(name);
            states.insert(0, state);
        }
        let Some(answer) = answer else { return states };
        let metadata = self.variable_of(node, "steps");
        let mut listed: Vec<(SmolStr, Json)> = Vec::new();
        let mut assigned: Vec<(SmolStr, String)> = Vec::new();
        let mut describes: Vec<State> = Vec::new();
        for StartedStep { name: step, type_, returns } in &start.steps {
            let fields: Vec<_> = answer.fields.iter().filter(|field| first_is(&field.path, step)).collect();
            if fields.is_empty() {
                continue;
            }
            let member = self.metadata_member(type_);
            let list = format!("$states.result.PipelineExecutionSteps[StepName={}].Metadata.{member}", quoted(step));
            let given = |path: &[Segment]| match path {
                [_, Segment::Member(first), Segment::Key(name) | Segment::Member(name), ..]
                    if first == "OutputParameters" =>
                {
                    Some(name.clone())
                }
                _ => None,
            };
            let (direct, asked): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| given(&field.path).is_some());
            for field in direct {
                let name = given(&field.path).unwrap_or_default();
                listed.push((
                    format_smolstr!("{}", field.key),
                    Json::expression(&format!("{list}.OutputParameters[Name={}].Value", quoted(&name)), here),
                ));
                assigned.push((field.key.clone(), format!("${metadata}.{}", field.key)));
            }
            if asked.is_empty() {
                continue;
            }
            let described = returns.as_ref().and_then(|(service, operation)| {
                Some((service.clone(), operation.clone(), self.name_member(service, operation)?))
            });
            let Some((service, operation, (member, takes_arn))) = described else {
                self.cannot(here, &format!("a result of `{step}` outside the pipeline that runs it"));
                continue;
            };
            let key = format_smolstr!("{}_arn", step.replace('-', "_"));
            listed.push((key.clone(), Json::expression(&format!("{list}.Arn"), here)));
            let arn = format!("${metadata}.{key}");
            let text = if takes_arn { arn } else { format!("$split({arn}, '/')[-1]") };
            let name = self.derived(&format!("{step}-describe"));
            let mut state = State::new(name, "Task", here);
            state.set("Resource", Json::text(self.resource_of(&service, &operation, "request", here), here));
            state.set("Arguments", Json::object(vec![(member, Json::expression(&text, here))], here));
            self.always_again(&mut state, node);
            let own = self.variable_of_step(step);
            let entries = asked.iter().map(|field| {
                let text = format!("$states.result{}", path_text(&field.path[1..]));
                let text = if field.is_optional { format!("$exists({text}) ? {text} : null") } else { text };
                (field.key.clone(), Json::expression(&text, here))
            });
            state.set("Assign", Json::object(vec![(own.clone(), Json::object(entries.collect(), here))], here));
            assigned.extend(
                asked
                    .iter()
                    .map(|field| (field.key.clone(), format!("${own}.{}", super::expression::name_text(&field.key)))),
            );
            describes.push(state);
        }
        let variable = answer.variable_at(self.position).clone();
        let gather = self.derived(&format!("{}-results", node.name));
        let mut last = State::new(gather.clone(), "Pass", here);
        let entries = assigned.into_iter().map(|(key, text)| (key, Json::expression(&text, here))).collect();
        last.set("Assign", Json::object(vec![(variable, Json::object(entries, here))], here));
        last.next(next.as_ref());
        let list = self.derived(&format!("{}-steps", node.name));
        let mut steps = State::new(list, "Task", here);
        steps.set("Resource", Json::text(self.call(node, "ListPipelineExecutionSteps"), here));
        steps.set(
            "Arguments",
            Json::object(
                vec![
                    ("PipelineExecutionArn".into(), Json::expression(&format!("${execution}"), here)),
                    ("MaxResults".into(), Json::int(100, here)),
                ],
                here,
            ),
        );
        steps.set("Assign", Json::object(vec![(metadata, Json::object(listed, here))], here));
        self.always_again(&mut steps, node);
        let mut all = vec![steps];
        all.extend(describes);
        all.push(last);
        for at in 0..all.len() - 1 {
            let name = all[at + 1].name.clone();
            all[at].next(Some(&name));
        }
        all.extend(states);
        all
    }

    fn variable_of_step(&self, step: &str) -> SmolStr {
        let clean: String = step.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
        format_smolstr!("{clean}__results")
    }

    /// What the list of steps calls that which a step of a type made.
    fn metadata_member(&self, type_: &str) -> SmolStr {
        let members = self.context.facts.service(SERVICE).and_then(|model| {
            let shape = model.shape_id("PipelineExecutionStepMetadata")?;
            Some(model.shape(shape).members().iter().map(|member| member.name.clone()).collect::<Vec<_>>())
        });
        let members = members.unwrap_or_default();
        let with_job = format!("{type_}Job");
        let found = members.iter().find(|member| **member == type_ || **member == with_job);
        found.cloned().unwrap_or_else(|| type_.into())
    }

    /// The member by which an operation is told what it is asked about, and whether that may be an ARN.
    fn name_member(&self, service: &str, operation: &str) -> Option<(SmolStr, bool)> {
        let model = self.context.facts.service(service)?;
        let input = model.shape(model.operation(operation)?.input?);
        let member = input.members().iter().find(|member| member.required)?;
        let takes_arn = match &model.shape(member.shape).kind {
            ShapeKind::String { pattern, .. } => {
                pattern.as_ref().is_some_and(|pattern| pattern.as_str().contains("arn:"))
            }
            _ => false,
        };
        Some((member.name.clone(), takes_arn))
    }
}

fn first_is(path: &[Segment], step: &str) -> bool {
    matches!(path.first(), Some(Segment::Member(name)) if name == step)
}
