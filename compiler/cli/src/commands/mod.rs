//! One file per command, and what several of them share: reading the arguments' files and compiling them.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod new;
pub(crate) mod package;
mod permissions;
pub(crate) mod plan;
mod plan_text;
pub(crate) mod trace;
mod values;
mod write;

use std::path::{Path, PathBuf};

use mlflow_compiler::compilation::{Compilation, compile};
use mlflow_compiler::targets::{Document, Upload, emit};

use crate::arguments::{Color, Input, Reporting};
use crate::disk::DiskFiles;
use crate::failure::Failure;
use crate::output::{self, Findings};
use crate::paths;
use crate::settings;

/// What one run of the compiler came to.
pub(crate) struct Outcome {
    pub(crate) root: PathBuf,
    /// With the findings of all stages.
    pub(crate) compilation: Compilation,
    /// Empty where there are errors.
    pub(crate) documents: Vec<Document>,
    /// Documents that are kept in S3.
    pub(crate) uploads: Vec<Upload>,
    folders: Vec<PathBuf>,
}

pub(crate) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|source| Failure::CurrentFolder { source })
}

/// Compiles what the arguments name, as far as documents where nothing is wrong.
pub(crate) fn compiled(input: &Input) -> Result<Outcome, Failure> {
    let root = current_folder()?;
    let found = paths::find(&root, &input.paths)?;
    let options = settings::options(input)?;
    let files = DiskFiles::new(&root);
    let mut compilation = compile(&files, &found.files, &options);
    let mut documents = Vec::new();
    let mut uploads = Vec::new();
    if !compilation.has_errors() {
        let emitted = emit(&compilation);
        compilation.diagnostics.extend(emitted.diagnostics);
        compilation.diagnostics.sort_by_key(|diagnostic| {
            let span = diagnostic.primary.span;
            (span.file, span.start, diagnostic.severity())
        });
        if !compilation.has_errors() {
            documents = emitted.documents;
            uploads = emitted.uploads;
        }
    }
    Ok(Outcome { root, compilation, documents, uploads, folders: found.folders })
}

impl Outcome {
    pub(crate) fn findings(&self, deny_warnings: bool) -> Findings<'_> {
        Findings { sources: &self.compilation.sources, list: &self.compilation.diagnostics, deny_warnings }
    }

    /// Reports the findings; whether any of them is an error.
    pub(crate) fn report(&self, reporting: &Reporting, color: Color, stdout_taken: bool) -> Result<bool, Failure> {
        let findings = self.findings(reporting.deny_warnings);
        output::report(&findings, reporting.format, color, stdout_taken)?;
        Ok(findings.has_errors())
    }

    /// Folders where a change may change the outcome.
    pub(crate) fn folders(&self, input: &Input) -> Vec<PathBuf> {
        let mut folders = self.folders.clone();
        let beside = |path: &Path| path.parent().map(Path::to_owned);
        for (_, file) in self.compilation.sources.iter().filter(|(_, file)| !file.is_library) {
            folders.extend(beside(&self.root.join(&file.name)));
        }
        for asset in self.compilation.plans.iter().flat_map(|plan| &plan.assets) {
            let path = self.root.join(&asset.path);
            folders.extend(beside(&path));
            folders.extend(asset.files.iter().filter_map(|file| beside(&path.join(file))));
        }
        for file in input.values.iter().chain(&input.facts) {
            folders.extend(beside(&self.root.join(file)));
        }
        folders.sort();
        folders.dedup();
        folders
    }
}

/// Reports findings of commands that have no `--format` of their own; whether any is an error.
pub(crate) fn report_for_people(outcome: &Outcome, color: Color) -> Result<bool, Failure> {
    let findings = outcome.findings(false);
    if !findings.list.is_empty() {
        output::report(&findings, crate::arguments::Format::Human, color, true)?;
    }
    Ok(findings.has_errors())
}

/// "`a`, `b` and `c`" or a word for nothing.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    mlflow_compiler::diagnostics::list_of(names)
}
