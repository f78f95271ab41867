//! The API model of one service: operations and shapes, each read when first asked for.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use serde::Deserialize;
use smol_str::SmolStr;

use super::FactsError;
use super::lines::Lines;
use super::shape::{self, Shape, ShapeId, ShapeKind};

/// One AWS service.
pub struct Service {
    name: SmolStr,
    header: Header,
    lines: Lines,
    operations: Range<usize>,
    shapes: Range<usize>,
    parsed: Vec<OnceLock<Shape>>,
    /// The operations that were asked for.
    known: Mutex<FxHashMap<SmolStr, Option<Arc<Operation>>>>,
}

#[derive(Debug, Deserialize)]
struct Header {
    service: String,
    version: String,
    id: String,
    signing: String,
    endpoint: String,
    protocol: String,
    operations: usize,
}

/// An operation of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub name: SmolStr,
    /// Nothing when the operation takes no arguments.
    pub input: Option<ShapeId>,
    pub output: Option<ShapeId>,
    pub deprecated: bool,
}

impl Service {
    pub(super) fn new(name: &str, text: String) -> Result<Service, FactsError> {
        let lines = Lines::new(text);
        let header: Header = serde_json::from_str(lines.line(0)).map_err(|error| FactsError::part(name, error))?;
        let operations = 1..1 + header.operations;
        if operations.end > lines.len() {
            return Err(FactsError::part(name, "fewer lines than operations"));
        }
        let shapes = operations.end..lines.len();
        let mut parsed = Vec::new();
        parsed.resize_with(shapes.len(), OnceLock::new);
        Ok(Service { name: name.into(), header, lines, operations, shapes, parsed, known: Mutex::default() })
    }

    /// The name in the language, such as `redshift_data`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name in the AWS command line and botocore, such as `redshift-data`.
    pub fn botocore_name(&self) -> &str {
        &self.header.service
    }

    /// Such as `2017-07-24`.
    pub fn api_version(&self) -> &str {
        &self.header.version
    }

    /// The SDKs' name, such as `Redshift Data`.
    pub fn service_id(&self) -> &str {
        &self.header.id
    }

    /// The name requests are signed with, which is also the prefix of most of its IAM actions.
    pub fn signing_name(&self) -> &str {
        &self.header.signing
    }

    pub fn endpoint_prefix(&self) -> &str {
        &self.header.endpoint
    }

    /// Such as `json`, `rest-json`, `query`.
    pub fn protocol(&self) -> &str {
        &self.header.protocol
    }

    /// The names of all operations, sorted.
    pub fn operations(&self) -> Vec<&str> {
        self.operations.clone().map(|at| self.lines.entry(at).0).collect()
    }

    /// An operation by its exact name, such as `CreateTrainingJob`.
    pub fn operation(&self, name: &str) -> Option<Arc<Operation>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(operation) = known.get(name) {
            return operation.clone();
        }
        let operation = self.read_operation(name).map(Arc::new);
        known.insert(name.into(), operation.clone());
        operation
    }

    fn read_operation(&self, name: &str) -> Option<Operation> {
        let at = self.lines.find(name, self.operations.clone())?;
        let mut columns = self.lines.line(at).split('\t').skip(1);
        let mut shape = || columns.next().and_then(|shape| self.shape_id(shape));
        let (input, output) = (shape(), shape());
        Some(Operation { name: name.into(), input, output, deprecated: columns.next() == Some("~") })
    }

    /// The shape with this name, such as `DescribeTrainingJobResponse`.
    pub fn shape_id(&self, name: &str) -> Option<ShapeId> {
        let at = self.lines.find(name, self.shapes.clone())?;
        Some(ShapeId((at - self.shapes.start) as u32))
    }

    /// The names of all shapes that operations reach, sorted.
    pub fn shape_names(&self) -> Vec<&str> {
        self.shapes.clone().map(|at| self.lines.entry(at).0).collect()
    }

    /// A shape of this service. An id of another service gives some other shape or one that accepts anything.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        static ANYTHING: OnceLock<Shape> = OnceLock::new();
        match self.parsed.get(id.0 as usize) {
            Some(slot) => slot.get_or_init(|| self.read(id).unwrap_or_else(anything)),
            None => ANYTHING.get_or_init(anything),
        }
    }

    fn read(&self, id: ShapeId) -> Option<Shape> {
        let (name, json) = self.lines.entry(self.shapes.start + id.0 as usize);
        shape::parse(name, json, |name| self.shape_id(name))
    }

    /// Reads every operation and shape, for facts that come from outside.
    pub(super) fn check(&self) -> Result<(), FactsError> {
        for index in 0..self.shapes.len() as u32 {
            if self.read(ShapeId(index)).is_none() {
                let line = self.lines.line(self.shapes.start + index as usize);
                let name = line.split('\t').next().unwrap_or(line);
                return Err(FactsError::part(&self.name, format!("shape `{name}` cannot be read")));
            }
        }
        for at in self.operations.clone() {
            let mut columns = self.lines.line(at).split('\t');
            let name = columns.next().unwrap_or_default();
            if let Some(shape) = columns.take(2).find(|s| !s.is_empty() && self.shape_id(s).is_none()) {
                return Err(FactsError::part(
                    &self.name,
                    format!("operation `{name}` names the unknown shape `{shape}`"),
                ));
            }
        }
        Ok(())
    }
}

fn anything() -> Shape {
    Shape { name: SmolStr::new_static("Anything"), kind: ShapeKind::Document, sensitive: false }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Service({} {})", self.name, self.header.version)
    }
}
