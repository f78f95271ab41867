//! The compiler of the .mlflow language, as a pure library: texts in, diagnostics and documents out. It touches no
//! disk, clock, environment or terminal.

// clippy.toml beside Cargo.toml says which.
#![cfg_attr(not(test), warn(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

pub mod diagnostics;
pub mod facts;
pub mod source;
pub mod syntax;
pub mod types;
pub mod compilation;
mod evaluate;
pub mod graph;
pub mod kinds;
pub mod plan;
pub mod resolve;
pub mod targets;
