//! One module for each family of requests. Each converts and calls `mlflow_compiler::ide`.

pub(crate) mod actions;
pub(crate) mod completion;
pub(crate) mod diagnostics;
pub(crate) mod editing;
pub(crate) mod generated;
pub(crate) mod navigation;
pub(crate) mod reading;
pub(crate) mod structure;
