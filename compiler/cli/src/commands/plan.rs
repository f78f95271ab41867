//! `mlflowc plan`: what each workflow becomes, before anything is deployed.

use mlflow_compiler::facts::Facts;
use mlflow_compiler::plan::{Asset, NodePlan, Plan as ProjectPlan, RawStep, StepPlan, WorkflowPlan};
use mlflow_compiler::plan::{NodeKind, ParameterPlan};
use mlflow_compiler::source::{Sources, Span};
use mlflow_compiler::targets;
use mlflow_compiler::types::show::describe;
use mlflow_compiler::types::{NodeId, Value};
use serde::Serialize;

use super::values::shown;
use super::{compiled, permissions, plan_text, report_for_people};
use crate::arguments::{Color, Plan, PlanFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::pretty;
use crate::output::Region;
use crate::terminal;

#[derive(Serialize)]
pub(super) struct Report {
    pub(super) projects: Vec<Project>,
}

#[derive(Serialize)]
pub(super) struct Project {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    pub(super) workflows: Vec<Workflow>,
    pub(super) assets: Vec<AssetLine>,
}

#[derive(Serialize)]
pub(super) struct Workflow {
    pub(super) name: String,
    pub(super) engine: String,
    pub(super) reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    #[serde(flatten)]
    pub(super) place: Option<Region>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) steps: Vec<Step>,
}

#[derive(Serialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) type_: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<String>,
}

/// A step, condition, loop or failure, with what is in it.
#[derive(Default, Serialize)]
pub(super) struct Step {
    pub(super) name: String,
    /// The word it was declared with; `when`, `each` and `fail` are such words too.
    pub(super) role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<String>,
    /// The type of step that the engine runs it as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runs_as: Option<String>,
    /// Steps that end before it begins.
    pub(super) after: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) outputs: Vec<Output>,
    /// What to know before it is deployed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) branches: Vec<Branch>,
    #[serde(flatten)]
    pub(super) place: Option<Region>,
}

#[derive(Serialize)]
pub(super) struct Output {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) type_: String,
    pub(super) location: String,
}

#[derive(Serialize)]
pub(super) struct Branch {
    /// Absent for `else` and for the body of a loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    pub(super) steps: Vec<Step>,
}

#[derive(Serialize)]
pub(super) struct AssetLine {
    pub(super) path: String,
    pub(super) upload: String,
    pub(super) sha256: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<String>,
}

pub(crate) fn run(arguments: &Plan, color: Color) -> Result<Exit, Failure> {
    let outcome = compiled(&arguments.input)?;
    if report_for_people(&outcome, color)? {
        return Ok(Exit::Findings);
    }
    let compilation = &outcome.compilation;
    if arguments.permissions {
        let report = permissions::report(compilation.plans.iter().map(|plan| &**plan), &compilation.sources);
        terminal::print(&match arguments.format {
            PlanFormat::Human => permissions::rendered(&report),
            PlanFormat::Json => pretty(&report),
        })?;
        return Ok(Exit::Clean);
    }
    let reader = Reader { sources: &compilation.sources, facts: &compilation.facts };
    let report = Report { projects: compilation.plans.iter().map(|plan| reader.project(plan)).collect() };
    if report.projects.is_empty() {
        return Err(Failure::NoWorkflow);
    }
    terminal::print(&match arguments.format {
        PlanFormat::Human => plan_text::rendered(&report),
        PlanFormat::Json => pretty(&report),
    })?;
    Ok(Exit::Clean)
}

struct Reader<'a> {
    sources: &'a Sources,
    facts: &'a Facts,
}

impl Reader<'_> {
    fn project(&self, plan: &ProjectPlan) -> Project {
        Project {
            name: plan.project.to_string(),
            region: plan.region.as_ref().map(ToString::to_string),
            workflows: plan.workflows.iter().map(|workflow| self.workflow(workflow)).collect(),
            assets: plan.assets.iter().map(asset).collect(),
        }
    }

    fn workflow(&self, workflow: &WorkflowPlan) -> Workflow {
        let steps = match &workflow.raw {
            Some(raw) => raw.steps.iter().map(|step| self.raw_step(step)).collect(),
            None => self.steps(workflow, &workflow.body),
        };
        Workflow {
            name: workflow.name.to_string(),
            engine: workflow.engine.to_string(),
            reason: workflow.engine_reason.clone(),
            notes: targets::notes(workflow),
            about: workflow.doc.as_ref().map(|doc| doc.trim().to_owned()),
            place: self.place(workflow.span),
            parameters: workflow.parameters.iter().map(|parameter| parameter_line(workflow, parameter)).collect(),
            steps,
        }
    }

    fn steps(&self, workflow: &WorkflowPlan, body: &[NodeId]) -> Vec<Step> {
        body.iter().filter_map(|id| workflow.nodes.get(id.0 as usize)).map(|node| self.step(workflow, node)).collect()
    }

    fn step(&self, workflow: &WorkflowPlan, node: &NodePlan) -> Step {
        let mut before: Vec<NodeId> = node.data_edges.clone();
        before.extend(node.after.iter().map(|after| after.node));
        before.sort();
        before.dedup();
        let before = before.iter().filter_map(|id| workflow.nodes.get(id.0 as usize));
        let mut step = Step {
            name: node.name.to_string(),
            after: before.map(|node| node.name.to_string()).collect(),
            place: self.place(node.span),
            ..Step::default()
        };
        match &node.kind {
            NodeKind::Step(plan) => self.fill(workflow, plan, &mut step),
            NodeKind::Condition { branches } => {
                step.role = "when".to_owned();
                step.branches = branches
                    .iter()
                    .map(|branch| Branch {
                        condition: branch.condition.as_ref().map(|condition| self.written(workflow, condition)),
                        steps: self.steps(workflow, &branch.body),
                    })
                    .collect();
            }
            NodeKind::Each { items, body, .. } => {
                step.role = "each".to_owned();
                step.text = Some(self.written(workflow, items));
                step.branches = vec![Branch { condition: None, steps: self.steps(workflow, body) }];
            }
            NodeKind::Try { body, handlers } => {
                step.role = "try".to_owned();
                let own = Branch { condition: None, steps: self.steps(workflow, body) };
                let caught = handlers.iter().map(|handler| {
                    let names: Vec<&str> = handler.errors.iter().map(|(name, _)| name.as_str()).collect();
                    let condition = if names.is_empty() { "failure".to_owned() } else { names.join(", ") };
                    Branch { condition: Some(condition), steps: self.steps(workflow, &handler.body) }
                });
                step.branches = std::iter::once(own).chain(caught).collect();
            }
            NodeKind::Start(start) => {
                step.role = "start".to_owned();
                step.kind = Some(start.workflow.to_string());
            }
            NodeKind::Fail { message } => {
                step.role = "fail".to_owned();
                step.text = Some(self.written(workflow, message));
            }
        }
        step
    }

    fn fill(&self, workflow: &WorkflowPlan, plan: &StepPlan, step: &mut Step) {
        let common = |name: &str| {
            plan.common.get(name).filter(|value| !value.is_none()).map(|value| shown(Some(workflow), value))
        };
        step.role = plan.role.to_string();
        step.kind = Some(plan.kind.to_string());
        step.call = plan.call.as_ref().map(|call| format!("{}.{}", call.service, call.operation));
        step.runs_as = plan.run.get("Type").and_then(Value::as_string).map(ToString::to_string);
        step.cache = common("cache");
        step.retry = common("retry");
        step.outputs = plan
            .outputs
            .iter()
            .map(|output| Output {
                name: output.name.to_string(),
                type_: describe(&output.type_),
                location: shown(Some(workflow), &output.uri),
            })
            .collect();
        step.notes = step.runs_as.iter().filter_map(|type_| self.note(type_)).collect();
    }

    fn raw_step(&self, step: &RawStep) -> Step {
        let named = step.members.get("DependsOn").and_then(Value::as_list);
        let after = named.into_iter().flat_map(|list| list.iter()).filter_map(Value::as_string);
        Step {
            name: step.name.to_string(),
            role: "step".to_owned(),
            runs_as: Some(step.type_.to_string()),
            after: after.map(ToString::to_string).collect(),
            notes: self.note(&step.type_).into_iter().collect(),
            place: self.place(step.name_span),
            ..Step::default()
        }
    }

    fn note(&self, type_: &str) -> Option<String> {
        let known = self.facts.pipeline_step(type_)?;
        known.new_accounts_only.then(|| format!("older accounts and some regions do not have the step type {type_}"))
    }

    /// What the user wrote, in one line; the value where nobody wrote it.
    fn written(&self, workflow: &WorkflowPlan, value: &Value) -> String {
        let text: Vec<&str> = self.sources.text(value.span).split_whitespace().collect();
        if text.is_empty() { shown(Some(workflow), value) } else { text.join(" ") }
    }

    fn place(&self, span: Span) -> Option<Region> {
        Region::of(self.sources, span)
    }
}

fn parameter_line(workflow: &WorkflowPlan, parameter: &ParameterPlan) -> Parameter {
    Parameter {
        name: parameter.name.to_string(),
        type_: describe(&parameter.type_),
        default: parameter.default.as_ref().map(|value| shown(Some(workflow), value)),
    }
}

fn asset(asset: &Asset) -> AssetLine {
    AssetLine {
        path: asset.path.clone(),
        upload: format!("s3://{}/{}", shown(None, &asset.bucket), asset.key),
        sha256: asset.sha256.clone(),
        files: asset.files.clone(),
    }
}
