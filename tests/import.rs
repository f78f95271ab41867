//! What import makes of documents: golden files, and building gives the same document again. `UPDATE=1 cargo test -p
//! mlflow-tests` writes the golden files anew.

use std::fs;
use std::path::PathBuf;

use mlflow_compiler::compilation::{Options, compile};
use mlflow_compiler::import::{File, Imported, equal, parse_json};
use mlflow_compiler::source::{PathKind, ReadError, ReadFiles};
use mlflow_compiler::targets::emit;
use mlflow_tests::imports;

/// The written files, as texts to compile.
struct Texts<'t>(&'t [File]);

impl ReadFiles for Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let file = self.0.iter().find(|file| file.name == path);
        file.map(|file| file.text.clone().into_bytes()).ok_or(ReadError::NotFound)
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        self.0.iter().any(|file| file.name == path).then_some(PathKind::File)
    }

    fn list(&self, _: &str) -> Result<Vec<String>, ReadError> {
        Err(ReadError::NotFound)
    }
}

/// What differs between the definitions that were read and those that are built of what was written.
fn differences(imported: &Imported) -> Vec<String> {
    let roots: Vec<String> = imported.files.iter().map(|file| file.name.clone()).collect();
    let compilation = compile(&Texts(&imported.files), &roots, &Options::default());
    let emitted = emit(&compilation);
    let mut list = Vec::new();
    for file in &imported.files {
        for part in &file.parts {
            let start = format!("{}/{}.", file.project, part.name);
            let built = emitted
                .documents
                .iter()
                .find(|document| document.path.starts_with(&start) && document.path.ends_with(".json"));
            let Some(built) = built else {
                list.push(format!("{}: `{}` is not built", file.origin, part.name));
                continue;
            };
            let again = parse_json(&built.path, &built.text).expect("what is built is JSON");
            if let Some(path) = equal::difference(&part.document, &again) {
                list.push(format!("{}: `{}` differs at {path}", file.origin, part.name));
            }
        }
    }
    list
}

#[test]
fn building_gives_the_document_again() {
    let mut count = 0;
    for (path, imported) in imports() {
        let differences = differences(&imported);
        assert!(differences.is_empty(), "{}: {}", path.display(), differences.join("\n"));
        count += imported.files.iter().map(|file| file.parts.len()).sum::<usize>();
    }
    assert!(count > 5, "only {count} definitions were imported");
}

#[test]
fn imports_come_to_their_golden_files() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0");
    let mut problems = Vec::new();
    for (path, imported) in imports() {
        let mut golden: Vec<(PathBuf, String)> = Vec::new();
        for file in &imported.files {
            golden.push((path.with_extension("mlflow"), file.text.clone()));
            golden.push((path.with_extension("report.txt"), file.report().join("\n") + "\n"));
        }
        if !imported.diagnostics.is_empty() {
            golden
                .push((path.with_extension("errors.txt"), mlflow_cli::plain(&imported.sources, &imported.diagnostics)));
        }
        for (path, text) in golden {
            if update {
                fs::write(&path, &text).expect("a golden file can be written");
            }
            let before = fs::read_to_string(&path).unwrap_or_default();
            if before != text {
                problems.push(format!("{} differs; it would be:\n{text}", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_is_written_is_laid_out_as_the_formatter_does() {
    for (path, imported) in imports() {
        for file in &imported.files {
            let again = mlflow_compiler::syntax::format(&file.text).text;
            assert!(again == file.text, "{}:\n{}", path.display(), file.text);
        }
    }
}
