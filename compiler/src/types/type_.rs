//! What types there are.

use std::sync::Arc;

use smol_str::SmolStr;

use super::value::Stage;
use crate::facts::ShapeId;
use crate::source::Span;

/// An inclusive range; an absent end is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    pub low: Option<T>,
    pub high: Option<T>,
}

impl<T: PartialOrd + Copy> Bounds<T> {
    pub const NONE: Bounds<T> = Bounds { low: None, high: None };

    pub fn contains(&self, value: T) -> bool {
        self.low.is_none_or(|low| value >= low) && self.high.is_none_or(|high| value <= high)
    }
}

/// `string(1..63, r"[a-z-]+")`
#[derive(Clone, Debug, PartialEq)]
pub struct StringType {
    /// In characters.
    pub length: Bounds<i64>,
    /// Matches the whole text.
    pub pattern: Option<SmolStr>,
}

/// A value that may stand in a union.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    String(SmolStr),
    Int(i64),
    Float(f64),
    Bool(bool),
}

/// A member of a record type.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldType {
    pub name: SmolStr,
    pub optional: bool,
    pub stage: Stage,
    pub type_: Type,
    pub doc: Option<SmolStr>,
    pub span: Span,
}

/// A record or schema.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordType {
    /// The name it was declared with, if any.
    pub name: Option<SmolStr>,
    pub fields: Vec<FieldType>,
}

impl RecordType {
    pub fn field(&self, name: &str) -> Option<&FieldType> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Of something that is wrong already; fits everything.
    Error,
    Any,
    None,
    Bool,
    Int(Bounds<i64>),
    Float(Bounds<f64>),
    String(Option<Arc<StringType>>),
    /// In microseconds.
    Duration(Bounds<i64>),
    /// In bytes.
    Size(Bounds<i64>),
    /// 20% is 20.
    Percent(Bounds<f64>),
    Uri,
    Arn,
    Regex,
    /// A file or folder beside the sources.
    File,
    Image,
    /// A union of literals.
    Literals(Arc<Vec<Literal>>),
    Union(Arc<Vec<Type>>),
    Optional(Arc<Type>),
    List(Arc<Type>),
    Map(Arc<Type>),
    Record(Arc<RecordType>),
    /// An instance type that can run a class of jobs: `training`, `processing`, `transform`, `endpoint`, …
    Instance(SmolStr),
    /// Rows. An empty list of formats means any.
    Table {
        schema: Option<Arc<RecordType>>,
        formats: Arc<Vec<SmolStr>>,
    },
    /// Files of the given media types; an empty list means any.
    Files(Arc<Vec<SmolStr>>),
    Stream(Option<Arc<RecordType>>),
    Model {
        input: Option<Arc<RecordType>>,
        output: Option<Arc<RecordType>>,
    },
    Report(Option<Arc<RecordType>>),
    Endpoint,
    /// Any of the above data; where names are given, it must be reachable in one of these ways (`s3`, `redshift`, …).
    Data(Arc<Vec<SmolStr>>),
    /// Declared outputs, each of the given type.
    Outputs(Arc<Type>),
    /// A string, number or truth value.
    Scalar,
    /// An application of a kind that is not run by itself; the name of the kind it must be or narrow.
    Kind(SmolStr),
    /// A step of the same workflow.
    Step,
    /// Something deployed with the project, of the named kind.
    Resource(SmolStr),
    /// A member of a service's response.
    Shape {
        service: SmolStr,
        shape: ShapeId,
        name: SmolStr,
    },
}

impl Type {
    pub const STRING: Type = Type::String(None);
    pub const INT: Type = Type::Int(Bounds::NONE);
    pub const FLOAT: Type = Type::Float(Bounds::NONE);

    pub fn any_table() -> Type {
        Type::Table { schema: None, formats: Arc::default() }
    }

    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Any | Type::Error => self,
            other => Type::Optional(Arc::new(other)),
        }
    }

    /// The type without its outer `?`.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_) | Type::None | Type::Any | Type::Error)
    }

    /// Whether values of the type are data that steps hand on.
    pub fn is_data(&self) -> bool {
        matches!(
            self.required(),
            Type::Table { .. }
                | Type::Files(_)
                | Type::Stream(_)
                | Type::Model { .. }
                | Type::Report(_)
                | Type::Data(_)
        )
    }
}
