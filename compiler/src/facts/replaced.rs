//! Facts from outside: a JSON file whose parts take the place of the embedded ones. Every part is read and checked at
//! once, so that a damaged file is refused when it is given and not when it is used.

use std::sync::Arc;

use serde::Deserialize;

use super::images::Images;
use super::instances::Instances;
use super::lines::Lines;
use super::machine_tasks::MachineTasks;
use super::permissions::Permissions;
use super::pipeline_steps::PipelineSteps;
use super::resources::{ResourceIndex, ResourceService};
use super::service::Service;
use super::{FactsError, Part, Parts, Tables};

/// The first two bytes of a gzip file.
const GZIP: [u8; 2] = [0x1F, 0x8B];

type Texts = serde_json::Map<String, serde_json::Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    date: Option<String>,
    /// A text per service, as in stdlib/aws/data/api.
    #[serde(default)]
    api: Texts,
    #[serde(default)]
    cloudformation: Texts,
    #[serde(default)]
    permissions: Texts,
    resources: Option<String>,
    instances: Option<String>,
    images: Option<String>,
    pipeline_steps: Option<PipelineSteps>,
    machine_tasks: Option<MachineTasks>,
}

pub(super) fn replace(tables: &mut Tables, bytes: &[u8]) -> Result<(), FactsError> {
    let text = if bytes.starts_with(&GZIP) {
        Lines::unpack(bytes)?
    } else {
        String::from_utf8(bytes.to_vec()).map_err(|error| FactsError::Unreadable(error.to_string()))?
    };
    let file: File = serde_json::from_str(&text).map_err(|error| FactsError::Unreadable(error.to_string()))?;
    if let Some(date) = file.date {
        tables.date = date.into();
    }
    each(file.api, &mut tables.services, |name, text| {
        let service = Service::new(name, text)?;
        service.check()?;
        Ok(service)
    })?;
    each(file.cloudformation, &mut tables.resource_services, |name, text| {
        let service = ResourceService::new(text);
        service.check(name)?;
        Ok(service)
    })?;
    each(file.permissions, &mut tables.permissions, |_, text| Ok(Permissions::new(text)))?;
    if let Some(text) = file.resources {
        tables.resources = Part::given(Arc::new(ResourceIndex::new(text)?));
    }
    if let Some(text) = file.instances {
        tables.instances = Part::given(Arc::new(Instances::new(text)?));
    }
    if let Some(text) = file.images {
        tables.images = Part::given(Arc::new(Images::new(text)?));
    }
    if let Some(steps) = file.pipeline_steps {
        tables.steps = Part::given(Arc::new(steps));
    }
    if let Some(tasks) = file.machine_tasks {
        tables.tasks = Part::given(Arc::new(tasks));
    }
    Ok(())
}

/// Reads each text and puts it in its sorted place.
fn each<T>(
    texts: Texts,
    parts: &mut Parts<T>,
    read: impl Fn(&str, String) -> Result<T, FactsError>,
) -> Result<(), FactsError> {
    for (name, value) in texts {
        let serde_json::Value::String(text) = value else {
            return Err(FactsError::part(&name, "a text is expected"));
        };
        let part = Part::given(Arc::new(read(&name, text)?));
        match parts.binary_search_by(|(known, _)| known.as_str().cmp(&name)) {
            Ok(at) => parts[at].1 = part,
            Err(at) => parts.insert(at, (name.into(), part)),
        }
    }
    Ok(())
}
