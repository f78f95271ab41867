//! Documents to the disk: each in one step, all or none, and without what an earlier build left behind.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use mlflow_compiler::targets::Document;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::json::pretty;

/// Lists what mlflowc wrote to a project's folder, so that it can remove that again, and nothing else.
const MANIFEST: &str = ".mlflowc.json";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    /// Relative to the folder of the manifest, sorted.
    documents: Vec<String>,
}

/// What was done to the folder of one project.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    project: String,
    documents: usize,
    changed: usize,
    removed: usize,
}

impl Written {
    /// "Built churn in build/churn: 5 documents, 2 changed".
    pub(super) fn line(&self, output: &Path) -> String {
        let folder = output.join(&self.project);
        let noun = if self.documents == 1 { "document" } else { "documents" };
        let mut line = format!("Built {} in {}: {} {noun}", self.project, folder.display(), self.documents);
        if self.changed < self.documents {
            let changed = if self.changed == 0 { "none".to_owned() } else { self.changed.to_string() };
            line.push_str(&format!(", {changed} changed"));
        }
        if self.removed > 0 {
            line.push_str(&format!(", {} no longer made removed", self.removed));
        }
        line
    }
}

/// Writes documents below `output`. Where one cannot be written, none is changed.
pub(super) fn write(output: &Path, documents: &[Document]) -> Result<Vec<Written>, Failure> {
    let mut projects: Vec<(String, Vec<Part>)> = Vec::new();
    for document in documents {
        let (project, path) = match document.path.split_once('/') {
            Some((project, path)) if is_inside(&document.path) => (project, path),
            _ => return Err(Failure::DocumentOutside { path: document.path.clone() }),
        };
        let part = Part { path: path.to_owned(), text: &document.text };
        match projects.iter_mut().find(|(name, _)| name == project) {
            Some((_, parts)) => parts.push(part),
            None => projects.push((project.to_owned(), vec![part])),
        }
    }
    let mut pending = Pending::default();
    let mut written = Vec::new();
    let mut stale: Vec<(PathBuf, PathBuf)> = Vec::new();
    for (project, parts) in &projects {
        let folder = output.join(project);
        let before = manifest(&folder);
        let mut changed = 0;
        for part in parts {
            changed += usize::from(pending.add(&folder.join(&part.path), part.text.as_bytes())?);
        }
        let mut names: Vec<String> = parts.iter().map(|part| part.path.clone()).collect();
        names.sort();
        let gone: Vec<PathBuf> = before
            .documents
            .iter()
            .filter(|name| !names.contains(name) && is_inside(name))
            .map(|name| folder.join(name))
            .filter(|path| path.is_file())
            .collect();
        pending.add(&folder.join(MANIFEST), pretty(&Manifest { documents: names }).as_bytes())?;
        written.push(Written { project: project.clone(), documents: parts.len(), changed, removed: gone.len() });
        stale.extend(gone.into_iter().map(|path| (folder.clone(), path)));
    }
    pending.finish()?;
    for (folder, path) in stale {
        fs::remove_file(&path).map_err(|error| Failure::write(&path, error))?;
        remove_empty_folders(&folder, &path);
    }
    Ok(written)
}

struct Part<'a> {
    path: String,
    text: &'a str,
}

/// A manifest that is missing or unreadable lists nothing: then nothing is removed.
fn manifest(folder: &Path) -> Manifest {
    fs::read(folder.join(MANIFEST)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn remove_empty_folders(folder: &Path, path: &Path) {
    for parent in path.ancestors().skip(1).take_while(|parent| *parent != folder) {
        // Fails where the folder still holds something, which is as it should be.
        if fs::remove_dir(parent).is_err() {
            return;
        }
    }
}

/// Files that are written beside their final place and not yet moved there. What is left of them when this is dropped is
/// removed.
#[derive(Default)]
struct Pending {
    moves: Vec<(PathBuf, PathBuf)>,
}

impl Pending {
    /// Whether the file is to change.
    fn add(&mut self, path: &Path, content: &[u8]) -> Result<bool, Failure> {
        if fs::read(path).is_ok_and(|before| before == content) {
            return Ok(false);
        }
        let failed = |error: io::Error| Failure::write(path, error);
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder).map_err(|error| Failure::write(folder, error))?;
        if path.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{name}.{}.tmp", std::process::id()));
        self.moves.push((beside.clone(), path.to_owned()));
        fs::write(&beside, content).map_err(failed)?;
        Ok(true)
    }

    fn finish(mut self) -> Result<(), Failure> {
        while let Some((beside, path)) = self.moves.first() {
            fs::rename(beside, path).map_err(|error| Failure::write(path, error))?;
            self.moves.remove(0);
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        for (beside, _) in &self.moves {
            // The failure that led here is reported already.
            let _ = fs::remove_file(beside);
        }
    }
}

/// Writes files, all or none.
pub(super) fn files(files: &[(PathBuf, &str)]) -> Result<(), Failure> {
    let mut pending = Pending::default();
    for (path, text) in files {
        pending.add(path, text.as_bytes())?;
    }
    pending.finish()
}

/// Replaces the content of one file in one step and keeps its permissions. A link stays a link.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::write(path, error);
    let target = fs::canonicalize(path).map_err(failed)?;
    let permissions = fs::metadata(&target).map_err(failed)?.permissions();
    if permissions.readonly() {
        return Err(failed(io::Error::from(io::ErrorKind::PermissionDenied)));
    }
    let mut pending = Pending::default();
    if pending.add(&target, content)? {
        for (beside, _) in &pending.moves {
            fs::set_permissions(beside, permissions.clone()).map_err(failed)?;
        }
    }
    pending.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, text: &str) -> Document {
        Document { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn what_is_no_longer_made_goes_and_what_others_wrote_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        write(folder.path(), &[document("p/a.json", "1"), document("p/deep/b.json", "2")]).expect("written");
        fs::write(path("p/notes.txt"), "mine").expect("written");
        let written = write(folder.path(), &[document("p/a.json", "1")]).expect("written");
        assert_eq!(written, [Written { project: "p".into(), documents: 1, changed: 0, removed: 1 }]);
        assert!(!path("p/deep").exists() && path("p/notes.txt").exists());
    }

    #[test]
    fn a_document_that_cannot_be_written_keeps_the_others_from_changing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        write(folder.path(), &[document("p/a.json", "1")]).expect("written");
        fs::create_dir(path("p/b.json")).expect("a folder");
        write(folder.path(), &[document("p/a.json", "2"), document("p/b.json", "2")]).expect_err("a folder is there");
        assert_eq!(fs::read_to_string(path("p/a.json")).expect("still there"), "1");
        let mut left: Vec<_> = fs::read_dir(path("p"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        left.sort();
        assert_eq!(left, [".mlflowc.json", "a.json", "b.json"]);
    }

    #[test]
    fn nothing_is_written_or_removed_outside() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in ["../x.json", "p/../../x.json", "/x.json", "x.json"] {
            write(folder.path(), &[document(path, "1")]).expect_err(path);
        }
        fs::write(folder.path().join("x.json"), "mine").expect("written");
        fs::create_dir(folder.path().join("p")).expect("a folder");
        fs::write(folder.path().join("p").join(MANIFEST), r#"{"documents":["../x.json"]}"#).expect("written");
        write(folder.path(), &[document("p/a.json", "1")]).expect("written");
        assert!(folder.path().join("x.json").exists());
    }
}
