//! A workspace in memory above a folder of the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mlflow_cli::DiskFiles;
use mlflow_compiler::ide::{Finding, Workspace};
use mlflow_compiler::source::{PathKind, ReadError, ReadFiles, Sources, Span};
use mlflow_compiler::{compilation, diagnostics};

/// Texts in memory; what is not among them comes from a folder.
pub(crate) struct Layered {
    pub(crate) texts: BTreeMap<String, Arc<str>>,
    disk: DiskFiles,
}

impl ReadFiles for Layered {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.texts.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.disk.read(path),
        }
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        if self.texts.contains_key(path) { Some(PathKind::File) } else { self.disk.kind(path) }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.disk.list(folder)
    }
}

pub(crate) fn layered(root: &Path, texts: &[(&str, &str)]) -> Layered {
    let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(*text))).collect();
    Layered { texts, disk: DiskFiles::new(PathBuf::from(root)) }
}

pub(crate) fn workspace(root: &Path, texts: &[(&str, &str)]) -> Workspace {
    let files = layered(root, texts);
    Workspace { texts: files.texts.clone(), files: Arc::new(files), outside: 0 }
}

/// A finding in one line.
pub(crate) fn shown(finding: &Finding) -> String {
    let place = &finding.place;
    let related: Vec<String> = finding
        .related
        .iter()
        .map(|(place, text)| format!("{}:{}..{} {text}", place.path, place.start, place.end))
        .collect();
    let fix = finding
        .fix
        .as_ref()
        .map(|fix| format!("{} {:?}", fix.title, fix.edits.iter().map(|e| &e.text).collect::<Vec<_>>()));
    format!(
        "{} {}:{}..{} {} | {} | {} | {}",
        finding.code,
        place.path,
        place.start,
        place.end,
        finding.message,
        related.join("; "),
        finding.help.join("; "),
        fix.unwrap_or_default()
    )
}

/// What the compiler says, in the same form.
pub(crate) fn compiled(files: &Layered, roots: &[String], options: &compilation::Options) -> Vec<String> {
    let compilation = compilation::compile(files, roots, options);
    let place = |sources: &Sources, span: Span| format!("{}:{}..{}", sources.get(span.file).name, span.start, span.end);
    let mut list: Vec<(String, u32, diagnostics::Severity, String)> = Vec::new();
    for found in &compilation.diagnostics {
        if found.primary.span.is_none() {
            continue;
        }
        let sources = &compilation.sources;
        let related: Vec<String> =
            found.related.iter().map(|label| format!("{} {}", place(sources, label.span), label.text)).collect();
        let fix = found
            .fix
            .as_ref()
            .map(|fix| format!("{} {:?}", fix.title, fix.edits.iter().map(|e| &e.text).collect::<Vec<_>>()));
        let line = format!(
            "{} {} {} | {} | {} | {}",
            found.code(),
            place(sources, found.primary.span),
            found.message,
            related.join("; "),
            found.help.join("; "),
            fix.unwrap_or_default()
        );
        list.push((
            sources.get(found.primary.span.file).name.clone(),
            found.primary.span.start,
            found.severity(),
            line,
        ));
    }
    let mut lines: Vec<String> = list.into_iter().map(|(_, _, _, line)| line).collect();
    lines.sort();
    lines
}
