//! `mlflowc import`: definitions as AWS has them, written as .mlflow files.

use std::fs;

use mlflow_compiler::compilation::Options;
use mlflow_compiler::import::{Input, import};

use super::{current_folder, write};
use crate::arguments::{Color, Import};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Findings};
use crate::terminal;

pub(crate) fn run(arguments: &Import, color: Color) -> Result<Exit, Failure> {
    let root = current_folder()?;
    let mut inputs = Vec::new();
    for path in &arguments.files {
        let name = path.to_str().ok_or_else(|| Failure::PathNotUnicode { path: path.display().to_string() })?;
        let bytes = fs::read(root.join(path)).map_err(|error| Failure::read(name, error))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| Failure::NotUtf8 { path: name.to_owned(), offset: error.utf8_error().valid_up_to() })?;
        inputs.push(Input { name: name.to_owned(), text });
    }
    let options = Options::default();
    let imported = import(&inputs, &options);
    let findings = Findings { sources: &imported.sources, list: &imported.diagnostics, deny_warnings: false };
    if !findings.list.is_empty() {
        output::report(&findings, arguments.format, color, false)?;
    }
    let failed = findings.has_errors();
    if imported.is_broken() {
        return Ok(Exit::Findings);
    }
    let folder = root.join(&arguments.output);
    for file in &imported.files {
        let path = folder.join(&file.name);
        let there = fs::read(&path).ok();
        if there.is_some_and(|there| there != file.text.as_bytes()) && !arguments.force {
            return Err(Failure::AlreadyThere { path: path.display().to_string() });
        }
    }
    let texts: Vec<_> = imported.files.iter().map(|file| (folder.join(&file.name), file.text.as_str())).collect();
    write::files(&texts)?;
    for file in &imported.files {
        let name = arguments.output.join(&file.name);
        terminal::say(&format!("{} → {}", file.origin, name.display()));
        for line in &file.report() {
            terminal::say(&format!("  {line}"));
        }
    }
    Ok(if failed { Exit::Findings } else { Exit::Clean })
}
