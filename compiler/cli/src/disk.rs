//! The disk, as the compiler sees it: names with `/`, relative to a root folder.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use mlflow_compiler::source::{PathKind, ReadError, ReadFiles};

/// Reads files below a folder, and beside it by `../`.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    pub fn new(root: impl Into<PathBuf>) -> DiskFiles {
        DiskFiles { root: root.into() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

impl ReadFiles for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        fs::read(self.path(path)).map_err(|error| read_error(&error))
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        let kind = fs::metadata(self.path(path)).ok()?;
        Some(if kind.is_dir() { PathKind::Folder } else { PathKind::File })
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let mut names = Vec::new();
        let mut open = vec![(self.path(folder), String::new())];
        while let Some((path, prefix)) = open.pop() {
            for entry in fs::read_dir(&path).map_err(|error| read_error(&error))? {
                let entry = entry.map_err(|error| read_error(&error))?;
                let name = entry.file_name();
                let Some(name) = name.to_str() else {
                    return Err(ReadError::Other(format!(
                        "the name of `{}` is not valid UTF-8",
                        entry.path().display()
                    )));
                };
                let name = format!("{prefix}{name}");
                // A link to a folder is not followed: it may lead in a circle.
                let kind = entry.file_type().map_err(|error| read_error(&error))?;
                if kind.is_dir() {
                    open.push((entry.path(), format!("{name}/")));
                } else if entry.path().is_file() {
                    names.push(name);
                }
            }
        }
        names.sort();
        Ok(names)
    }
}

fn read_error(error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound,
        io::ErrorKind::IsADirectory => ReadError::IsFolder,
        io::ErrorKind::PermissionDenied => ReadError::Other("permission is denied".to_owned()),
        _ => ReadError::Other(error.to_string()),
    }
}

/// A path as a name of the compilation: relative to `root`, with `/`, `.` and `..` resolved by their letters. `None`
/// where it is not valid UTF-8.
pub(crate) fn name_of(root: &Path, path: &Path) -> Option<String> {
    let absolute = normal(&root.join(path));
    let root = normal(root);
    let shared = absolute.iter().zip(root.iter()).take_while(|(one, other)| one == other).count();
    let up = root.iter().count() - shared;
    let mut parts: Vec<&str> = vec![".."; up];
    for part in absolute.iter().skip(shared) {
        parts.push(part.to_str()?);
    }
    Some(parts.join("/"))
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_root() {
        let root = Path::new("/src/project");
        let name = |path: &str| name_of(root, Path::new(path));
        assert_eq!(name("a.mlflow").as_deref(), Some("a.mlflow"));
        assert_eq!(name("./x/../a.mlflow").as_deref(), Some("a.mlflow"));
        assert_eq!(name("../other/b.mlflow").as_deref(), Some("../other/b.mlflow"));
        assert_eq!(name("/src/project/c/d.mlflow").as_deref(), Some("c/d.mlflow"));
        assert_eq!(name("/elsewhere/e.mlflow").as_deref(), Some("../../elsewhere/e.mlflow"));
    }
}
