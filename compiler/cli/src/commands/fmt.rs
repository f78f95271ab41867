//! `mlflowc fmt`: the one common style, in place or from standard input to standard output.

use std::fs;
use std::io::{self, Read};

use mlflow_compiler::diagnostics::Diagnostic;
use mlflow_compiler::source::{SourceFile, Sources};
use mlflow_compiler::syntax;

use super::{current_folder, write};
use crate::arguments::{Color, Fmt, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Findings};
use crate::{paths, terminal};

/// How messages call standard input.
const STANDARD_INPUT: &str = "<stdin>";

pub(crate) fn run(arguments: &Fmt, color: Color) -> Result<Exit, Failure> {
    if arguments.paths.iter().any(|path| path == "-") {
        return standard_input(arguments.check, color);
    }
    let root = current_folder()?;
    let found = paths::find(&root, &arguments.paths)?;
    let mut texts = Texts::default();
    let mut changed = 0;
    for name in &found.files {
        let path = root.join(name);
        let text = text(name, fs::read(&path).map_err(|error| Failure::read(name, error))?)?;
        let Some(formatted) = texts.format(name, &text) else { continue };
        if formatted == text {
            continue;
        }
        changed += 1;
        if arguments.check {
            terminal::print(&format!("{name}\n"))?;
        } else {
            write::replace(&path, formatted.as_bytes())?;
        }
    }
    let failed = texts.report(color)?;
    let total = found.files.len();
    let files = if total == 1 { "file" } else { "files" };
    terminal::say(&match (arguments.check, changed) {
        (true, 0) => format!("{total} {files} laid out as they should be"),
        (true, _) => format!("{changed} of {total} {files} would change"),
        (false, _) => format!("{changed} of {total} {files} changed"),
    });
    Ok(if failed || (arguments.check && changed > 0) { Exit::Findings } else { Exit::Clean })
}

fn standard_input(check: bool, color: Color) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::read(STANDARD_INPUT, error))?;
    let text = text(STANDARD_INPUT, bytes)?;
    let mut texts = Texts::default();
    let formatted = texts.format(STANDARD_INPUT, &text);
    let failed = texts.report(color)?;
    // An editor that pipes a text through must get it back, even where it cannot be laid out.
    let formatted = formatted.unwrap_or_else(|| text.clone());
    if check {
        return Ok(if failed || formatted != text { Exit::Findings } else { Exit::Clean });
    }
    terminal::print(&formatted)?;
    Ok(if failed { Exit::Findings } else { Exit::Clean })
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes)
        .map_err(|error| Failure::NotUtf8 { path: name.to_owned(), offset: error.utf8_error().valid_up_to() })
}

/// The texts that could not be laid out, with what is wrong in them.
#[derive(Default)]
struct Texts {
    sources: Sources,
    list: Vec<Diagnostic>,
}

impl Texts {
    /// The text in the common style; `None` where it cannot be read, and then why is kept for the report.
    fn format(&mut self, name: &str, text: &str) -> Option<String> {
        let formatted = syntax::format(text);
        if formatted.skipped.is_empty() {
            return Some(formatted.text);
        }
        let file = self.sources.add(SourceFile::new(name, text, false));
        let found = syntax::parse(file, text).diagnostics;
        let is_sound = !found.has_errors();
        self.list.extend(found.finish());
        // A sound part that was left as it is keeps its meaning that way.
        is_sound.then_some(formatted.text)
    }

    fn report(&self, color: Color) -> Result<bool, Failure> {
        let findings = Findings { sources: &self.sources, list: &self.list, deny_warnings: false };
        if !self.list.is_empty() {
            output::report(&findings, Format::Human, color, true)?;
        }
        Ok(findings.has_errors())
    }
}
