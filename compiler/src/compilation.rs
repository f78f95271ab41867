//! The way of a project through the compiler: the only place that knows all stages, and the library's entry.

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Severity};
use crate::facts::Facts;
use crate::plan::Plan;
use crate::source::{ReadFiles, Sources};
use crate::syntax::tree::File;

/// A value for a `config`, given from outside the files.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: String,
    pub value: serde_json::Value,
    /// How a message names its origin: `--set environment=prod`, `prod.toml`.
    pub origin: String,
}

/// What is given beside the files.
#[derive(Clone)]
pub struct Options {
    /// Later ones win.
    pub settings: Vec<Setting>,
    pub facts: Facts,
}

impl Default for Options {
    fn default() -> Options {
        Options { settings: Vec::new(), facts: Facts::embedded() }
    }
}

/// The result of reading and checking.
pub struct Compilation {
    pub sources: Sources,
    /// In the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// One for each `project` among the roots and what they import.
    pub plans: Vec<Arc<Plan>>,
    pub facts: Facts,
    /// The trees of the users' files, in the order of `sources`. Kept here so that it is for the caller to say when the time
    /// is taken that dropping them takes.
    pub trees: Vec<Arc<File>>,
}

impl Compilation {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }
}

/// Reads `roots` and all they import, checks them, and plans each project found.
pub fn compile(files: &dyn ReadFiles, roots: &[String], options: &Options) -> Compilation {
    crate::evaluate::compile(files, roots, options, crate::targets::ENGINES)
}
