//! PATHS of the command line to the names of source files: files, folders and patterns.

use std::fs;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::disk::name_of;
use crate::failure::Failure;

const EXTENSION: &str = "mlflow";

/// Folders that hold what programs made.
const SKIPPED: [&str; 3] = ["build", "target", "node_modules"];

/// What the arguments stand for.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Names relative to the root with `/`, sorted, each once.
    pub(crate) files: Vec<String>,
    /// Every folder that was looked into, for watching.
    pub(crate) folders: Vec<PathBuf>,
}

/// Finds the source files that `paths` stand for; without any, those of `root`.
pub(crate) fn find(root: &Path, paths: &[String]) -> Result<Found, Failure> {
    let mut found = Found::default();
    if paths.is_empty() {
        walk(root, root, None, &mut found)?;
        if found.files.is_empty() {
            return Err(Failure::NothingToRead { place: "the current folder".to_owned() });
        }
    }
    for argument in paths {
        let path = root.join(argument);
        let before = found.files.len();
        if path.is_dir() {
            walk(root, &path, None, &mut found)?;
            if found.files.len() == before {
                return Err(Failure::NothingToRead { place: format!("`{argument}`") });
            }
        } else if path.exists() {
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                return Err(Failure::NotSource { path: argument.clone() });
            }
            found.files.push(name(root, &path)?);
            found.folders.extend(path.parent().map(Path::to_owned));
        } else if argument.contains(['*', '?', '[', '{']) {
            let (base, matcher) = pattern(root, argument)?;
            if base.is_dir() {
                walk(root, &base, Some(&matcher), &mut found)?;
            }
            if found.files.len() == before {
                return Err(Failure::PatternFitsNothing { pattern: argument.clone() });
            }
        } else {
            return Err(Failure::NoSuchPath { path: argument.clone() });
        }
    }
    found.files.sort();
    found.files.dedup();
    found.folders.sort();
    found.folders.dedup();
    Ok(found)
}

fn name(root: &Path, path: &Path) -> Result<String, Failure> {
    name_of(root, path).ok_or_else(|| Failure::PathNotUnicode { path: path.display().to_string() })
}

/// The folder that all files of a pattern are in, and the pattern for names relative to the root.
fn pattern(root: &Path, argument: &str) -> Result<(PathBuf, GlobMatcher), Failure> {
    let fixed: PathBuf = argument
        .split('/')
        .take_while(|part| !part.contains(['*', '?', '[', '{']))
        .map(|part| format!("{part}/"))
        .collect();
    let rest: Vec<&str> = argument.split('/').skip_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let base = root.join(&fixed);
    let mut whole = name(root, &base)?;
    if !whole.is_empty() {
        whole = format!("{}/", globset::escape(&whole));
    }
    whole.push_str(&rest.join("/"));
    let glob = GlobBuilder::new(&whole)
        .literal_separator(true)
        .build()
        .map_err(|error| Failure::Pattern { pattern: argument.to_owned(), reason: error.kind().to_string() })?;
    Ok((base, glob.compile_matcher()))
}

fn walk(root: &Path, folder: &Path, fits: Option<&GlobMatcher>, found: &mut Found) -> Result<(), Failure> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let failed = |error| Failure::read(folder.display().to_string(), error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let file_name = entry.file_name();
            let hidden = file_name.as_encoded_bytes().starts_with(b".");
            // A link to a folder is not followed: it may lead in a circle.
            if entry.file_type().map_err(failed)?.is_dir() {
                if !hidden && !SKIPPED.iter().any(|skipped| file_name == *skipped) {
                    open.push(path);
                }
            } else if !hidden && path.extension().is_some_and(|extension| extension == EXTENSION) && path.is_file() {
                let name = name(root, &path)?;
                if fits.is_none_or(|matcher| matcher.is_match(&name)) {
                    found.files.push(name);
                }
            }
        }
        found.folders.push(folder);
    }
    Ok(())
}
