//! SageMaker Pipeline definitions, version 2020-12-01. How a pipeline spells values, conditions and steps stands here
//! and nowhere else; which step types there are and what they take are facts.

mod conditions;
mod engine;
mod paths;
mod raw;
mod raw_values;
mod steps;
mod values;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::json::JsonWriter;
use super::{Context, Definition, Document, Output, Target};
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::plan::{NodeKind, NodePlan, ParameterPlan, Plan, WorkflowPlan};
use crate::source::Span;
use crate::types::{Data, Literal, NodeId, Type, Value, show};

pub(crate) use engine::Pipelines;
use engine::TITLE;
pub(crate) use values::{capital, float, placeholder, placeholder_text, plain_text};

pub(crate) struct PipelineTarget;

/// Workflows of more steps than this are written by several threads.
const PARALLEL_FROM: usize = 200;

impl Target for PipelineTarget {
    fn emit(&self, plan: &Plan, context: &Context<'_>, out: &mut Output) {
        for workflow in plan.workflows.iter().filter(|workflow| workflow.engine == "pipeline") {
            let mut emitter = Emitter {
                context,
                workflow,
                json: JsonWriter::new(context.sources),
                diagnostics: Diagnostics::default(),
                names: workflow.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect(),
                here: workflow.span,
                used: Vec::new(),
                refused: Vec::new(),
                steps: Some(workflow.nodes.iter().map(|node| (node.name.clone(), node_type(node))).collect()),
                parameters: Some(workflow.parameters.iter().map(|parameter| parameter.name.clone()).collect()),
            };
            emitter.definition();
            let file = format!("{}.pipeline.json", workflow.name);
            let Emitter { mut json, diagnostics, .. } = emitter;
            out.definitions.push(Definition {
                workflow: workflow.name.clone(),
                engine: workflow.engine.clone(),
                path: format!("{}/{file}", plan.project),
                placeholders: json.take_placeholders(),
            });
            let (text, map, compact) = json.finish(&file);
            let limit = context.facts.pipeline_limit("definition_characters").unwrap_or(u64::MAX);
            let is_large = compact as u64 > limit;
            // One that is too large has too many steps for the same reason.
            let said = |diagnostic: &Diagnostic| is_large && diagnostic.code() == d::MANY_STEPS.code;
            diagnostics.iter().filter(|found| !said(found)).for_each(|found| out.diagnostics.push(found.clone()));
            if is_large {
                out.diagnostics.push(Diagnostic::new(
                    &d::DEFINITION_SIZE,
                    workflow.span,
                    &[("name", &workflow.name), ("size", &compact), ("engine", &TITLE), ("limit", &limit)],
                ));
            }
            out.documents.push(Document { path: format!("{}/{file}", plan.project), text });
            out.documents.push(Document { path: format!("{}/{file}.map", plan.project), text: map });
        }
    }
}

/// Writes one definition.
struct Emitter<'e> {
    context: &'e Context<'e>,
    workflow: &'e WorkflowPlan,
    json: JsonWriter<'e>,
    diagnostics: Diagnostics,
    names: FxHashMap<NodeId, usize>,
    /// The place for what has none in the user's text: the step being written.
    here: Span,
    /// Nodes that the step being written refers to.
    used: Vec<NodeId>,
    /// Parameters that have a finding: what follows from one is no other mistake.
    refused: Vec<Span>,
    /// The steps, with their types, and parameters that paths may name; `None` where they are not all known.
    steps: Option<FxHashMap<SmolStr, SmolStr>>,
    parameters: Option<FxHashSet<SmolStr>>,
}

/// The step type of a node; nothing where it has none of its own.
fn node_type(node: &NodePlan) -> SmolStr {
    match &node.kind {
        NodeKind::Step(step) => step.run.get("Type").and_then(|type_| type_.as_string().cloned()).unwrap_or_default(),
        _ => SmolStr::default(),
    }
}

impl<'e> Emitter<'e> {
    fn node(&self, id: NodeId) -> Option<&'e NodePlan> {
        self.names.get(&id).map(|at| &self.workflow.nodes[*at])
    }

    /// A place in the user's text: the given one, or the step if that is the library's or none.
    fn place(&self, span: Span) -> Span {
        if span.is_none() || span.file.is_library() { self.here } else { span }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn definition(&mut self) {
        let workflow = self.workflow;
        if let Some(raw) = &workflow.raw {
            self.raw(raw);
            return;
        }
        let here = workflow.span;
        self.json.begin_object(here);
        self.json.key("Version", here);
        let version = self.context.facts.pipeline().map_or("2020-12-01", |facts| facts.version.as_str());
        self.json.string(version, here);
        self.json.key("Metadata", here);
        self.json.begin_object(here);
        self.json.end_object();
        self.json.key("Parameters", here);
        self.json.begin_list(here);
        for parameter in &workflow.parameters {
            self.parameter(parameter);
        }
        self.json.end_list();
        self.experiment();
        self.json.key("Steps", here);
        self.json.begin_list(here);
        self.steps(&workflow.body);
        self.json.end_list();
        self.json.end_object();
        if workflow.body.is_empty() {
            self.report(Diagnostic::new(&d::EMPTY_WORKFLOW, here, &[("name", &workflow.name), ("engine", &TITLE)]));
        }
        let limit = self.context.facts.pipeline_limit("parameters").unwrap_or(u64::MAX) as usize;
        if workflow.parameters.len() > limit {
            let place = workflow.parameters[limit].span;
            let problem = format!("a pipeline takes {limit} parameters, and this is one more");
            let name = &workflow.parameters[limit].name;
            self.report(Diagnostic::new(
                &d::PARAMETER_TYPE,
                place,
                &[("engine", &capital(TITLE)), ("name", name), ("problem", &problem)],
            ));
        }
        let limit = self.context.facts.pipeline_limit("steps").unwrap_or(u64::MAX) as usize;
        let count = workflow.nodes.len();
        if count > limit {
            self.report(Diagnostic::new(
                &d::MANY_STEPS,
                here,
                &[("name", &workflow.name), ("count", &count), ("limit", &limit)],
            ));
        }
    }

    /// The steps of a workflow; of many, each core writes a run.
    fn steps(&mut self, ids: &[NodeId]) {
        if ids.len() < PARALLEL_FROM {
            ids.iter().for_each(|id| self.step(*id));
            return;
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let mut runs = ids.chunks(ids.len().div_ceil(cores));
        let first = runs.next().unwrap_or_default();
        let others: Vec<(&[NodeId], Emitter<'e>)> = std::thread::scope(|scope| {
            let written: Vec<_> = runs
                .map(|run| {
                    let mut other = self.apart();
                    scope.spawn(move || {
                        run.iter().for_each(|id| other.step(*id));
                        (run, other)
                    })
                })
                .collect();
            first.iter().for_each(|id| self.step(*id));
            written.into_iter().map(|run| run.join().expect("writing steps does not panic")).collect()
        });
        for (run, other) in others {
            if self.json.append(&other.json) {
                self.diagnostics.extend(other.diagnostics);
            } else {
                run.iter().for_each(|id| self.step(*id));
            }
        }
    }

    /// A writer for steps that follow those which this one writes.
    fn apart(&self) -> Emitter<'e> {
        Emitter {
            context: self.context,
            workflow: self.workflow,
            json: self.json.apart(),
            diagnostics: Diagnostics::default(),
            names: self.names.clone(),
            here: self.here,
            used: Vec::new(),
            refused: self.refused.clone(),
            steps: self.steps.clone(),
            parameters: self.parameters.clone(),
        }
    }

    fn experiment(&mut self) {
        let settings = self.workflow.settings.clone();
        let pairs = [
            ("experiment", "PipelineExperimentConfig", [("name", "ExperimentName"), ("trial", "TrialName")]),
            ("mlflow", "MlflowConfig", [("server", "MlflowResourceArn"), ("experiment", "MlflowExperimentName")]),
        ];
        for (setting, member, parts) in pairs {
            let Some(value) = settings.get(setting).filter(|value| !value.is_none()) else { continue };
            self.json.key(member, value.span);
            self.json.begin_object(value.span);
            for (key, name) in parts {
                if let Some(part) = value.get(key).filter(|part| !part.is_none()) {
                    self.json.key(name, part.span);
                    self.value(part);
                }
            }
            self.json.end_object();
        }
    }

    fn parameter(&mut self, parameter: &ParameterPlan) {
        let here = parameter.span;
        self.here = here;
        let problem: Option<String> = match parameter.type_.required() {
            Type::Error => return,
            Type::String(_) | Type::Uri | Type::Arn | Type::Image | Type::Instance(_) | Type::Regex | Type::Any => None,
            Type::Int(_) | Type::Duration(_) | Type::Size(_) | Type::Float(_) | Type::Percent(_) | Type::Bool => None,
            Type::Literals(values) => {
                let limit = self.context.facts.pipeline_limit("enum_values").unwrap_or(16) as usize;
                (values.len() > limit)
                    .then(|| format!("it takes a choice of at most {limit} values, and this has {}", values.len()))
            }
            other => Some(format!("it takes text, numbers and truth values, and this is {}", show::describe(other))),
        };
        if let Some(problem) = problem {
            self.refused.push(here);
            self.report(Diagnostic::new(
                &d::PARAMETER_TYPE,
                here,
                &[("engine", &capital(TITLE)), ("name", &parameter.name), ("problem", &problem)],
            ));
            return;
        }
        let type_ = match parameter.type_.required() {
            Type::Int(_) | Type::Duration(_) | Type::Size(_) => "Integer",
            Type::Float(_) | Type::Percent(_) => "Float",
            Type::Bool => "Boolean",
            Type::Literals(values) => match values.first() {
                Some(Literal::Int(_)) => "Integer",
                Some(Literal::Float(_)) => "Float",
                Some(Literal::Bool(_)) => "Boolean",
                Some(Literal::String(_)) | None => "String",
            },
            _ => "String",
        };
        self.json.begin_object(here);
        self.json.key("Name", here);
        self.json.string(&parameter.name, here);
        self.json.key("Type", here);
        self.json.string(type_, here);
        if let Some(default) = parameter.default.as_ref().filter(|default| !default.is_none()) {
            let unit = match default.data {
                Data::Duration(value) if value % 1_000_000 != 0 => Some("seconds"),
                Data::Size(value) if value % (1 << 30) != 0 => Some("gigabytes"),
                _ => None,
            };
            if let Some(unit) = unit {
                let problem = format!("such a parameter is a number of {unit}, and its default is not whole in {unit}");
                self.report(Diagnostic::new(
                    &d::PARAMETER_TYPE,
                    default.span,
                    &[("engine", &TITLE), ("name", &parameter.name), ("problem", &problem)],
                ));
            }
            self.json.key("DefaultValue", default.span);
            // Durations are numbers of seconds, sizes of gigabytes: that is how steps read them.
            let plain = match default.data {
                Data::Duration(value) => Value::new(Data::Int(value / 1_000_000), default.span),
                Data::Size(value) => Value::new(Data::Int(value >> 30), default.span),
                Data::Percent(value) => Value::new(Data::Float(value), default.span),
                Data::Int(value) if type_ == "Float" => Value::new(Data::Float(value as f64), default.span),
                _ => default.clone(),
            };
            self.value(&plain);
        }
        if let Some(doc) = &parameter.doc {
            self.json.key("Description", here);
            self.json.string(doc, here);
        }
        if let Type::Literals(values) = parameter.type_.required()
            && type_ == "String"
        {
            self.json.key("EnumValues", here);
            self.json.begin_list(here);
            for value in values.iter() {
                if let Literal::String(text) = value {
                    self.json.string(text, here);
                }
            }
            self.json.end_list();
        }
        self.json.end_object();
    }
}
