//! What evaluation asks of SageMaker Pipelines.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::facts::{Casing, Facts, Omission, PipelineStep, StepMember, StepValue};
use crate::plan::Engine;
use crate::source::Span;
use crate::types::{Bounds, Class, Entry, FieldType, RecordType, Segment, Stage, Type, Value};

pub(crate) struct Pipelines;

pub(super) const TITLE: &str = "a SageMaker Pipeline";

/// The step type that a step becomes.
pub(super) fn step_type<'f>(facts: &'f Facts, run: &Value) -> Option<&'f PipelineStep> {
    let name = run.get("Type")?.as_string()?;
    facts.pipeline_step(name)
}

impl Engine for Pipelines {
    fn name(&self) -> &'static str {
        "pipeline"
    }

    fn title(&self) -> &'static str {
        TITLE
    }

    fn response(&self, facts: &Facts, call: Option<(&str, &str)>, returns: Option<&str>, run: &Value) -> Vec<Type> {
        let mut types = Vec::new();
        let is_open = match step_type(facts, run) {
            Some(step) => {
                for name in &step.properties.shapes {
                    if let Some(service) = facts.service(name.service())
                        && let Some(id) = service.shape_id(name.name())
                    {
                        let shape = service.shape(id).name.clone();
                        types.push(Type::Shape { service: name.service().into(), shape: id, name: shape });
                    }
                }
                if !step.properties.members.is_empty() {
                    types.push(record(&step.properties.members));
                }
                step.properties.open.is_some()
            }
            None => false,
        };
        if is_open && types.is_empty() {
            return Vec::new();
        }
        if let (true, Some((service_name, _)), Some(returns)) = (types.is_empty(), call, returns)
            && let Some(service) = facts.service(service_name)
            && let Some(id) = service.operation(returns).and_then(|operation| operation.output)
        {
            types.push(Type::Shape { service: service_name.into(), shape: id, name: service.shape(id).name.clone() });
        }
        types
    }

    fn not_required(&self, facts: &Facts, service: &str, operation: &str) -> Vec<SmolStr> {
        let Some(step) = facts.pipeline_step_for(service, operation) else { return Vec::new() };
        let omitted =
            step.omits.iter().filter(|omitted| omitted.kind != Omission::Suffixed).map(|omitted| &omitted.path);
        step.optional.iter().chain(omitted).map(SmolStr::from).collect()
    }

    fn run_call(&self, facts: &Facts, service: &str, operation: &str, span: Span) -> Option<Value> {
        let step = facts.pipeline_step_for(service, operation)?;
        Some(Value::object(Class::Plain, vec![Entry::new("Type", Value::string(step.name.as_str(), span))], span))
    }

    fn keeps_api_case(&self, facts: &Facts, service: &str, operation: &str) -> bool {
        facts.pipeline_step_for(service, operation).is_none_or(|step| step.casing == Casing::Api)
    }

    fn starts_others(&self) -> bool {
        false
    }

    fn can_decide(&self, condition: &Value) -> bool {
        super::conditions::can_decide(condition)
    }

    fn computes(&self) -> bool {
        false
    }

    fn reads_items(&self) -> bool {
        false
    }

    fn handles_failures(&self) -> bool {
        false
    }

    fn turn_path(&self, step: &str, turn: i64) -> Option<Vec<Segment>> {
        Some(vec![Segment::Member("IterationOutputs".into()), Segment::Index(turn), Segment::Member(step.into())])
    }

    fn raw_requests(&self, facts: &Facts, raw: &crate::plan::RawPlan) -> Vec<crate::plan::RawRequest> {
        super::raw::requests(facts, raw)
    }

    fn step_name_problem(&self, name: &str) -> Option<String> {
        if name.chars().count() > 64 {
            return Some(format!("{TITLE} takes at most 64 characters, and this has {}", name.chars().count()));
        }
        let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        (!fits).then(|| format!("{TITLE} takes letters, digits, `-` and `_`"))
    }
}

fn record(members: &[StepMember]) -> Type {
    let fields = members
        .iter()
        .map(|member| FieldType {
            name: member.name.as_str().into(),
            optional: false,
            stage: Stage::Run,
            type_: value_type(&member.value),
            doc: member.note.as_deref().map(SmolStr::from),
            span: Span::NONE,
        })
        .collect();
    Type::Record(Arc::new(RecordType { name: Some("the step".into()), fields }))
}

fn value_type(value: &StepValue) -> Type {
    match value {
        StepValue::String { .. } => Type::STRING,
        StepValue::Integer { .. } => Type::Int(Bounds::NONE),
        StepValue::Number { .. } => Type::FLOAT,
        StepValue::Boolean => Type::Bool,
        StepValue::List { of, .. } => Type::List(Arc::new(value_type(of))),
        StepValue::Map { of } => Type::Map(Arc::new(value_type(of))),
        StepValue::Object { members } => record(members),
        _ => Type::Any,
    }
}
