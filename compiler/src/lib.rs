//! The compiler of the .mlflow language, as a pure library: texts in, diagnostics and documents out. It touches no
//! disk, clock, environment or terminal.

pub mod diagnostics;
pub mod source;
pub mod syntax;
