//! The compiler of the .mlflow language, as a pure library: texts in, diagnostics and documents out. It touches no
//! disk, clock, environment or terminal.

// clippy.toml beside Cargo.toml says which.
#![cfg_attr(not(test), warn(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

// The parser that pest generates without `std` names it.
extern crate alloc;

pub mod compilation;
pub mod diagnostics;
mod evaluate;
pub mod facts;
pub mod graph;
pub mod ide;
pub mod import;
pub mod kinds;
pub mod plan;
pub mod resolve;
pub mod source;
pub mod syntax;
pub mod targets;
pub mod types;
