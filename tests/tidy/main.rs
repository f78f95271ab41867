//! The rules of the house that the compiler of Rust does not hold: who may use whom, how long a file may be, what may not
//! stand where.

mod order;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use mlflow_tests::{entries, repository};

/// A source file with its path from the root of the repository.
struct File {
    path: String,
    text: String,
}

impl File {
    /// What stands before the tests of the file, without comments.
    fn code(&self) -> Vec<(usize, &str)> {
        if self.path.ends_with("tests.rs") || self.path.contains("/tests/") {
            return Vec::new();
        }
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .collect()
    }
}

/// The Rust files below a folder of the repository.
fn files(folder: &str) -> Vec<File> {
    let root = repository();
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                open.extend(entries(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(&root).unwrap_or(Path::new("")).to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(&path).expect("a source file is UTF-8");
            found.push(File { path: name, text });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
