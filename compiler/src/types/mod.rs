//! Types, stages and values: what an expression can be, when it is known, and what it is. A value carries the place it
//! was written at, so that every later finding points there. This module must not read declarations or look up names.

mod check;
pub mod show;
mod type_;
mod value;

pub use check::{Mismatch, Problem, World, conform, key_text};
pub use type_::{Bounds, FieldType, Literal, RecordType, StringType, Type};
pub use value::{
    Because, Class, Data, Entry, Function, FunctionBody, Late, LateKind, NodeId, Object, Segment, Stage, Value,
};
