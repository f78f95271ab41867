//! Facts from outside: a JSON file whose parts take the place of the embedded ones. Every part is read and checked at
//! once, so that a damaged file is refused when it is given and not when it is used.

use std::sync::Arc;

use serde::Deserialize;

use super::images::Images;
use super::instances::Instances;
use super::lines::Lines;
use super::pipeline_steps::PipelineSteps;
use super::service::Service;
use super::{FactsError, Part, Tables};

/// The first two bytes of a gzip file.
const GZIP: [u8; 2] = [0x1F, 0x8B];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    date: Option<String>,
    /// A text per service, as in stdlib/aws/data/api.
    #[serde(default)]
    api: serde_json::Map<String, serde_json::Value>,
    instances: Option<String>,
    images: Option<String>,
    pipeline_steps: Option<PipelineSteps>,
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
    for (name, value) in file.api {
        let serde_json::Value::String(text) = value else {
            return Err(FactsError::part(&name, "a text is expected"));
        };
        let service = Service::new(&name, text)?;
        service.check()?;
        let part = Part::given(Arc::new(service));
        match tables.services.binary_search_by(|(known, _)| known.as_str().cmp(&name)) {
            Ok(at) => tables.services[at].1 = part,
            Err(at) => tables.services.insert(at, (name.into(), part)),
        }
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
    Ok(())
}
