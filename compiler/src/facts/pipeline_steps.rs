//! What a SageMaker Pipeline definition may hold: the step types and limits of stdlib/aws/pipeline_steps.json.

use serde::Deserialize;

/// The whole table. Lists keep the order of the file.
#[derive(Debug, Clone, Deserialize)]
pub struct PipelineSteps {
    /// The definition's `Version`.
    pub version: String,
    limits: serde_json::Map<String, serde_json::Value>,
    pub parameter_types: Vec<String>,
    /// The pattern of step names, for the whole name.
    pub step_name: String,
    pub parameter_name: String,
    pub execution_variables: Vec<ExecutionVariable>,
    pub experiment_variables: Vec<String>,
    /// What `DependsOn` entries may wait for.
    pub dependency_triggers: Vec<String>,
    pub condition_types: Vec<String>,
    /// Members every step may have beside its `Arguments`.
    pub common_members: Vec<StepMember>,
    pub cache_members: Vec<StepMember>,
    pub retry_members: Vec<StepMember>,
    pub retry_exactly_one: Vec<String>,
    /// Places where no variable may stand, whatever the step type.
    pub literal_places: Vec<String>,
    steps: Vec<PipelineStep>,
}

/// `Execution.<name>`.
#[derive(Debug, Clone, Deserialize)]
pub struct ExecutionVariable {
    pub name: String,
    /// The step type inside which alone it can be read.
    pub only_in: Option<String>,
}

/// One step type.
#[derive(Debug, Clone, Deserialize)]
pub struct PipelineStep {
    #[serde(rename = "type")]
    pub name: String,
    pub about: String,
    /// The operation whose input `Arguments` follow; otherwise `arguments` says what they look like.
    pub operation: Option<ApiName>,
    pub arguments: Option<StepValue>,
    #[serde(default = "yes")]
    pub arguments_required: bool,
    #[serde(default)]
    pub casing: Casing,
    /// Members of the operation's input that do not belong in a step.
    #[serde(default)]
    pub omits: Vec<Omitted>,
    /// Paths the API requires and a step may leave out.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Members of `Arguments` that the operation does not have.
    #[serde(default)]
    pub extra: Vec<StepMember>,
    /// Members whose value is settled.
    #[serde(default)]
    pub fixed: Vec<Fixed>,
    /// Groups of members of `Arguments` of which exactly one must be given.
    #[serde(default)]
    pub exactly_one: Vec<Vec<String>>,
    /// Members beside `Arguments`, without the common ones.
    #[serde(default)]
    pub members: Vec<StepMember>,
    /// What `Steps.<name>.…` paths read.
    pub properties: Properties,
    pub cache: Cache,
    /// The paths of `Arguments` (and members) that decide whether a cached result fits; empty when unknown.
    #[serde(default)]
    pub cache_key: Vec<String>,
    /// The exception types a retry policy may name; empty when the step takes no retry policies.
    pub retry: Vec<String>,
    /// Exceptions among `retry` that have no effect.
    #[serde(default)]
    pub retry_excluded: Vec<RetryExcluded>,
    /// Paths of `Arguments` that take no variables.
    #[serde(default)]
    pub literals: Vec<Literal>,
    /// When the step type appeared in the service model, when that was recently.
    pub since: Option<String>,
    /// Older accounts and regions may not have it yet.
    #[serde(default)]
    pub new_accounts_only: bool,
    /// False when AWS publishes no layout of the step.
    #[serde(default = "yes")]
    pub layout_published: bool,
    /// Whether AWS's (stale) JSON schema of pipeline definitions knows it.
    #[serde(default = "yes")]
    pub in_published_schema: bool,
    /// Whether it may stand in the body of a `ForEach`.
    #[serde(default = "yes")]
    pub in_each: bool,
}

/// `service.Name`: an operation or a shape, with the service's name in the language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ApiName(String);

impl ApiName {
    pub fn service(&self) -> &str {
        self.0.split_once('.').map_or("", |(service, _)| service)
    }

    pub fn name(&self) -> &str {
        self.0.split_once('.').map_or(self.0.as_str(), |(_, name)| name)
    }
}

/// How members are spelt compared with the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Casing {
    #[default]
    Api,
    /// The API's members with a capital first letter.
    Pascal,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Omitted {
    /// Dots between members, `[]` after a list.
    pub path: String,
    pub kind: Omission,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Omission {
    /// The service makes the value up; one that is written is a prefix at best.
    Generated,
    /// The service appends to the value.
    Suffixed,
    /// Without effect in a step.
    Dropped,
    /// The service refuses the definition.
    Rejected,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Fixed {
    pub path: String,
    pub value: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct RetryExcluded {
    pub exception: String,
    pub reason: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Literal {
    pub path: String,
    pub certainty: Certainty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    Sure,
    /// Only the published schema says so, and it is wrong elsewhere: no reason to refuse a definition.
    Unreliable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    Yes,
    No,
    Unknown,
}

/// The object that property paths of a step start from: the members of all `shapes`, and `members`.
#[derive(Debug, Clone, Deserialize)]
pub struct Properties {
    #[serde(default)]
    pub shapes: Vec<ApiName>,
    #[serde(default)]
    pub members: Vec<StepMember>,
    #[serde(default)]
    pub casing: Casing,
    /// Why other paths must be let through, when they must.
    pub open: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct StepMember {
    pub name: String,
    pub value: StepValue,
    #[serde(default)]
    pub required: bool,
    /// Whether a variable may stand here or anywhere inside.
    #[serde(default = "yes")]
    pub variables: bool,
    pub note: Option<String>,
}

/// The layout of a value that no API shape describes.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StepValue {
    String {
        min: Option<u64>,
        max: Option<u64>,
        /// For the whole string.
        pattern: Option<String>,
        #[serde(default)]
        values: Vec<String>,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    /// A string, number or boolean.
    Scalar,
    /// Any JSON, with variables at any depth.
    Any,
    /// A variable and nothing else.
    Variable,
    /// A list of steps.
    Steps {
        min: Option<u64>,
    },
    /// A list of conditions, all of which must hold.
    Conditions,
    List {
        of: Box<StepValue>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Map {
        of: Box<StepValue>,
    },
    Object {
        members: Vec<StepMember>,
    },
    OneOf {
        of: Vec<StepValue>,
    },
    /// A shape of a service, with differences.
    Api {
        shape: ApiName,
        #[serde(default)]
        omits: Vec<String>,
        #[serde(default)]
        optional: Vec<String>,
        #[serde(default)]
        exactly_one: Vec<Vec<String>>,
    },
}

fn yes() -> bool {
    true
}

impl PipelineSteps {
    pub(super) fn parse(json: &str) -> Result<PipelineSteps, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// All step types, the frequent ones first.
    pub fn all(&self) -> &[PipelineStep] {
        &self.steps
    }

    pub fn get(&self, name: &str) -> Option<&PipelineStep> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The step type that makes this call. Checks are not meant: they also run processing jobs, but not as such.
    pub fn calling(&self, service: &str, operation: &str) -> Option<&PipelineStep> {
        self.steps
            .iter()
            .find(|step| step.operation.as_ref().is_some_and(|api| api.service() == service && api.name() == operation))
    }

    /// A limit by name, such as `parameters`; stdlib/aws/pipeline_steps.json lists them.
    pub fn limit(&self, name: &str) -> Option<u64> {
        self.limits.get(name)?.get("value")?.as_u64()
    }
}

impl PipelineStep {
    /// A member beside `Arguments` that only this step type has.
    pub fn member(&self, name: &str) -> Option<&StepMember> {
        self.members.iter().find(|member| member.name == name)
    }

    pub fn omitted(&self, path: &str) -> Option<&Omitted> {
        self.omits.iter().find(|omitted| omitted.path == path)
    }

    /// Whether `path` is required by the API and yet optional here.
    pub fn may_omit(&self, path: &str) -> bool {
        self.optional.iter().any(|optional| optional == path)
    }
}
