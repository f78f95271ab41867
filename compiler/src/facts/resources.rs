//! CloudFormation resource types: their schemas, read one at a time, and the regions that lack them.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use super::FactsError;
use super::lines::Lines;

/// A resource type.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// Such as `AWS::SageMaker::Pipeline`.
    pub name: SmolStr,
    /// Its JSON schema, cut down. A `pattern` is a regex for the whole string, or an object `{p, a, and, not}` of
    /// regexes, or `{q}` for one that cannot be checked.
    pub schema: Value,
}

impl ResourceType {
    /// The properties that can be written in a template.
    pub fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.schema["properties"].as_object().into_iter().flatten()
    }

    pub fn required(&self) -> impl Iterator<Item = &str> {
        self.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// The paths below the type that `Fn::GetAtt` can read, such as `Arn` or `Endpoint.Address`.
    pub fn attributes(&self) -> impl Iterator<Item = String> {
        let paths = self.schema["readOnlyProperties"].as_array().into_iter().flatten();
        paths.filter_map(|path| Some(path.as_str()?.strip_prefix("/properties/")?.replace('/', ".")))
    }
}

/// The types of one service, as `AWS::SageMaker::…`.
pub(super) struct ResourceService(Lines);

impl ResourceService {
    pub(super) fn new(text: String) -> ResourceService {
        ResourceService(Lines::new(text))
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<ResourceType>> {
        let schema = serde_json::from_str(self.0.get(name)?).ok()?;
        Some(Arc::new(ResourceType { name: name.into(), schema }))
    }

    pub(super) fn check(&self, service: &str) -> Result<(), FactsError> {
        for at in 0..self.0.len() {
            let (name, json) = self.0.entry(at);
            let schema: Result<serde_json::Map<String, Value>, _> = serde_json::from_str(json);
            schema.map_err(|error| FactsError::part(service, format!("{name}: {error}")))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ResourceService {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResourceService({} types)", self.0.len())
    }
}

/// The service part of a type's name as the tables spell it: `sagemaker` of `AWS::SageMaker::Pipeline`.
pub(super) fn service_of(name: &str) -> Option<String> {
    let mut parts = name.split("::");
    let (vendor, service) = (parts.next()?, parts.next()?);
    Some(if vendor == "AWS" { service.to_lowercase() } else { format!("{vendor}_{service}").to_lowercase() })
}

/// All types, and the regions without them.
#[derive(Debug)]
pub(super) struct ResourceIndex {
    lines: Lines,
    regions: Vec<String>,
}

impl ResourceIndex {
    pub(super) fn new(text: String) -> Result<ResourceIndex, FactsError> {
        let lines = Lines::new(text);
        let regions = lines.get("regions").unwrap_or_default();
        let regions = serde_json::from_str(regions).map_err(|error| FactsError::part("resources", error))?;
        Ok(ResourceIndex { lines, regions })
    }

    pub(super) fn names(&self) -> Vec<&str> {
        (0..self.lines.len()).map(|at| self.lines.entry(at).0).filter(|name| name.contains("::")).collect()
    }

    pub(super) fn offered(&self, region: &str, name: &str) -> Option<bool> {
        if !self.regions.iter().any(|known| known == region) {
            return None;
        }
        let without: Vec<String> = serde_json::from_str(self.lines.get(name)?).ok()?;
        Some(!without.iter().any(|missing| missing == region))
    }
}
