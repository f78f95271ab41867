//! The facts about AWS that travel with the compiler: API models, instance types, container images, pipeline step types.
//!
//! Owns the reading of stdlib/aws/data, lazily: a service nobody names is never unpacked, a shape nobody reaches never
//! parsed. Knows no service by name and judges nothing; the other stages ask and decide. Facts never change once made.

mod embedded;
mod images;
mod instances;
mod lines;
mod machine_tasks;
mod pattern;
mod permissions;
mod pipeline_steps;
mod replaced;
mod resources;
mod service;
mod shape;

use std::fmt;
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

pub use images::{ImageProblem, ImageProblemKind, ImageRequest};
pub use instances::{INSTANCE_JOBS, InstanceFacts, Processor};
pub use machine_tasks::{MachineTasks, TaskAction, TaskService};
pub use pattern::Pattern;
pub use permissions::{Action, Permissions};
pub use pipeline_steps::{
    ApiName, Cache, Casing, Certainty, ExecutionVariable, Fixed, Literal, Omission, Omitted, PipelineStep,
    PipelineSteps, Properties, RetryExcluded, StepMember, StepValue,
};
pub use resources::ResourceType;
pub use service::{Operation, Service};
pub use shape::{Member, Shape, ShapeId, ShapeKind};

use images::Images;
use instances::Instances;
use lines::Lines;
use resources::{ResourceIndex, ResourceService};

/// The pattern that a resource type's schema holds; nothing where it cannot be checked.
pub fn schema_pattern(json: &serde_json::Value) -> Option<Pattern> {
    Pattern::of_schema(json)
}

/// Why facts that come from outside cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    #[error("the facts cannot be read: {0}")]
    Unreadable(String),
    #[error("the facts about `{part}` cannot be read: {reason}")]
    Part { part: String, reason: String },
}

impl FactsError {
    fn part(part: &str, reason: impl fmt::Display) -> FactsError {
        FactsError::Part { part: part.to_owned(), reason: reason.to_string() }
    }
}

/// All facts. A clone shares them, and what was read of them.
#[derive(Debug, Clone)]
pub struct Facts(Arc<Tables>);

#[derive(Debug, Clone)]
struct Tables {
    date: SmolStr,
    services: Parts<Service>,
    resource_services: Parts<ResourceService>,
    permissions: Parts<Permissions>,
    resources: Part<Arc<ResourceIndex>>,
    instances: Part<Arc<Instances>>,
    images: Part<Arc<Images>>,
    steps: Part<Arc<PipelineSteps>>,
    tasks: Part<Arc<MachineTasks>>,
}

/// Parts by name, sorted.
type Parts<T> = Vec<(SmolStr, Part<Arc<T>>)>;

/// A part that is read when it is first asked for.
#[derive(Debug, Clone)]
struct Part<T> {
    source: Source,
    loaded: OnceLock<Option<T>>,
}

#[derive(Debug, Clone)]
enum Source {
    Packed(&'static [u8]),
    Text(&'static str),
    /// Given from outside, and read at once.
    Given,
}

impl<T> Part<T> {
    fn packed(bytes: &'static [u8]) -> Part<T> {
        Part { source: Source::Packed(bytes), loaded: OnceLock::new() }
    }

    fn text(text: &'static str) -> Part<T> {
        Part { source: Source::Text(text), loaded: OnceLock::new() }
    }

    fn given(value: T) -> Part<T> {
        Part { source: Source::Given, loaded: OnceLock::from(Some(value)) }
    }

    /// The tests read every embedded part, so that nothing here means only that a part was replaced by a broken one,
    /// which `Facts::overridden` refuses.
    fn get(&self, read: impl FnOnce(String) -> Result<T, FactsError>) -> Option<&T> {
        self.loaded
            .get_or_init(|| {
                let text = match &self.source {
                    Source::Packed(bytes) => Lines::unpack(bytes).ok()?,
                    Source::Text(text) => (*text).to_owned(),
                    Source::Given => return None,
                };
                read(text).ok()
            })
            .as_ref()
    }
}

fn packed<T>(table: &'static [(&'static str, &'static [u8])]) -> Parts<T> {
    table.iter().map(|(name, bytes)| (SmolStr::new_static(name), Part::packed(bytes))).collect()
}

fn find<'a, T>(parts: &'a Parts<T>, name: &str) -> Option<&'a (SmolStr, Part<Arc<T>>)> {
    let at = parts.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
    parts.get(at)
}

impl Facts {
    /// The facts inside the compiler. Cheap: all callers share one set.
    pub fn embedded() -> Facts {
        static EMBEDDED: OnceLock<Facts> = OnceLock::new();
        EMBEDDED
            .get_or_init(|| {
                Facts(Arc::new(Tables {
                    date: SmolStr::new_static(embedded::DATE),
                    services: packed(embedded::SERVICES),
                    resource_services: packed(embedded::RESOURCE_SERVICES),
                    permissions: packed(embedded::PERMISSIONS),
                    resources: Part::packed(embedded::RESOURCES),
                    instances: Part::packed(embedded::INSTANCES),
                    images: Part::packed(embedded::IMAGES),
                    steps: Part::text(embedded::PIPELINE_STEPS),
                    tasks: Part::text(embedded::MACHINE_TASKS),
                }))
            })
            .clone()
    }

    /// These facts with the parts that a facts file brings put in their place. The file is JSON, plain or gzipped, as
    /// `stdlib/aws/refresh.py --single-file` writes it; it may leave parts out.
    pub fn overridden(&self, bytes: &[u8]) -> Result<Facts, FactsError> {
        let mut tables = Tables::clone(&self.0);
        replaced::replace(&mut tables, bytes)?;
        Ok(Facts(Arc::new(tables)))
    }

    /// The date of the facts, `YYYY-MM-DD`.
    pub fn date(&self) -> &str {
        &self.0.date
    }

    /// The names of all services in the language, sorted.
    pub fn services(&self) -> Vec<&str> {
        self.0.services.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A service by its name in the language, such as `redshift_data`.
    pub fn service(&self, name: &str) -> Option<Arc<Service>> {
        let (known, part) = find(&self.0.services, name)?;
        part.get(|text| Service::new(known, text).map(Arc::new)).cloned()
    }

    fn resource_index(&self) -> Option<&ResourceIndex> {
        self.0.resources.get(|text| ResourceIndex::new(text).map(Arc::new)).map(Arc::as_ref)
    }

    /// The names of all CloudFormation resource types, sorted.
    pub fn resource_types(&self) -> Vec<&str> {
        self.resource_index().map_or_else(Vec::new, ResourceIndex::names)
    }

    /// A CloudFormation resource type by its name. Reads its schema anew each time: keep it.
    pub fn resource_type(&self, name: &str) -> Option<Arc<ResourceType>> {
        let (_, part) = find(&self.0.resource_services, &resources::service_of(name)?)?;
        part.get(|text| Ok(Arc::new(ResourceService::new(text))))?.get(name)
    }

    /// Whether a region has a resource type; nothing where that is not known.
    pub fn resource_offered_in(&self, region: &str, type_: &str) -> Option<bool> {
        self.resource_index()?.offered(region, type_)
    }

    /// The prefixes of IAM actions, sorted.
    pub fn permission_prefixes(&self) -> Vec<&str> {
        self.0.permissions.iter().map(|(prefix, _)| prefix.as_str()).collect()
    }

    /// The actions behind a prefix, such as `elasticmapreduce`.
    pub fn permissions(&self, prefix: &str) -> Option<Arc<Permissions>> {
        let (_, part) = find(&self.0.permissions, prefix)?;
        part.get(|text| Ok(Arc::new(Permissions::new(text)))).cloned()
    }

    fn instances(&self) -> Option<&Instances> {
        let part = self.0.instances.get(|text| Instances::new(text).map(Arc::new));
        part.map(Arc::as_ref)
    }

    /// All regions, sorted.
    pub fn regions(&self) -> Vec<&str> {
        let table = self.instances().map_or(&[][..], Instances::regions);
        table.iter().map(|(region, _)| region.as_str()).collect()
    }

    pub fn is_region(&self, name: &str) -> bool {
        self.partition(name).is_some()
    }

    /// The partition of a region, such as `aws` or `aws-cn`.
    pub fn partition(&self, region: &str) -> Option<&str> {
        let table = self.instances()?.regions();
        let at = table.binary_search_by(|(known, _)| known.as_str().cmp(region)).ok()?;
        Some(&table[at].1)
    }

    /// The instance types a job class of `INSTANCE_JOBS` takes, in the order of the API.
    pub fn instance_types(&self, job: &str) -> Option<&[SmolStr]> {
        self.instances()?.of_job(job)
    }

    /// What is known of an instance type, whatever jobs take it.
    pub fn instance(&self, name: &str) -> Option<InstanceFacts> {
        self.instances()?.get(name)
    }

    /// Whether an instance type is sold for a job class in a region; nothing where no table says. A `false` is worth a
    /// warning only: the tables come from price lists and lag behind.
    pub fn offered_in(&self, region: &str, job: &str, instance: &str) -> Option<bool> {
        self.instances()?.offered(region, job, instance)
    }

    /// The regions for which `offered_in` knows the answer.
    pub fn instance_regions(&self, job: &str) -> Vec<&str> {
        self.instances().map_or_else(Vec::new, |table| table.regions_of(job))
    }

    fn images(&self) -> Option<&Images> {
        let part = self.0.images.get(|text| Images::new(text).map(Arc::new));
        part.map(Arc::as_ref)
    }

    /// The URI of a container image that AWS provides.
    pub fn image(&self, request: &ImageRequest<'_>) -> Result<String, ImageProblem> {
        match self.images() {
            Some(images) => images.uri(request),
            None => Err(ImageProblem::unknown_framework(request.framework, Vec::new())),
        }
    }

    /// The frameworks and algorithms that have images, sorted.
    pub fn image_frameworks(&self) -> Vec<&str> {
        self.images().map_or_else(Vec::new, Images::frameworks)
    }

    /// The scopes of a framework, such as `training` and `inference`.
    pub fn image_scopes(&self, framework: &str) -> Vec<SmolStr> {
        self.images().map_or_else(Vec::new, |images| images.scopes(framework))
    }

    /// The versions of a framework, oldest first, then its aliases. Without a scope, those of all scopes.
    pub fn image_versions(&self, framework: &str, scope: Option<&str>) -> Vec<SmolStr> {
        self.images().map_or_else(Vec::new, |images| images.versions(framework, scope))
    }

    /// What a SageMaker Pipeline definition may hold.
    pub fn pipeline(&self) -> Option<&PipelineSteps> {
        let read = |text: String| {
            PipelineSteps::parse(&text).map(Arc::new).map_err(|error| FactsError::part("pipeline_steps", error))
        };
        self.0.steps.get(read).map(Arc::as_ref)
    }

    /// A step type by its `Type`.
    pub fn pipeline_step(&self, type_: &str) -> Option<&PipelineStep> {
        self.pipeline()?.get(type_)
    }

    /// All step types.
    pub fn pipeline_steps(&self) -> &[PipelineStep] {
        self.pipeline().map_or(&[], PipelineSteps::all)
    }

    /// The step type that makes this call.
    pub fn pipeline_step_for(&self, service: &str, operation: &str) -> Option<&PipelineStep> {
        self.pipeline()?.calling(service, operation)
    }

    /// A limit of pipeline definitions by name, such as `definition_characters`.
    pub fn pipeline_limit(&self, name: &str) -> Option<u64> {
        self.pipeline()?.limit(name)
    }

    /// What a task of a state machine may be.
    pub fn machine(&self) -> Option<&MachineTasks> {
        let read = |text: String| {
            MachineTasks::parse(&text).map(Arc::new).map_err(|error| FactsError::part("machine_tasks", error))
        };
        self.0.tasks.get(read).map(Arc::as_ref)
    }

    /// A limit of state machines by name, such as `state_name_characters`.
    pub fn machine_limit(&self, name: &str) -> Option<u64> {
        self.machine()?.limit(name)
    }
}

#[cfg(test)]
mod tests;
