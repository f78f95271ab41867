//! Any text can be checked, and what has no errors can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mlflow_compiler::compilation::{Options, compile};
use mlflow_compiler::source::{PathKind, ReadError, ReadFiles};
use mlflow_compiler::targets;

struct One<'t>(&'t str);

impl ReadFiles for One<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "main.mlflow" { Ok(self.0.as_bytes().to_vec()) } else { Err(ReadError::NotFound) }
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        (path == "main.mlflow").then_some(PathKind::File)
    }

    fn list(&self, _folder: &str) -> Result<Vec<String>, ReadError> {
        Ok(vec!["main.mlflow".to_owned()])
    }
}

fuzz_target!(|text: &str| {
    let compilation = compile(&One(text), &["main.mlflow".to_owned()], &Options::default());
    if !compilation.has_errors() {
        targets::emit(&compilation);
    }
});
