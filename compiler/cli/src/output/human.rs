//! Findings for people, by codespan-reporting: the source with the places underlined, help and fixes below.

use std::ops::Range;

use codespan_reporting::diagnostic::{Diagnostic as Shown, Label, Severity as ShownSeverity};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config};
use mlflow_compiler::diagnostics::{Diagnostic, Edit, Fix, Severity};
use mlflow_compiler::source::{FileId, SourceFile, Sources, Span};
use termcolor::{Buffer, Color, ColorSpec, WriteColor};

use super::Findings;

/// All findings as a terminal without colours shows them.
pub fn plain(sources: &Sources, list: &[Diagnostic]) -> String {
    let findings = Findings { sources, list, deny_warnings: false };
    String::from_utf8_lossy(&rendered(&findings, false)).into_owned()
}

/// The line below them: "2 errors, 1 warning in 3 files".
pub fn summary(sources: &Sources, list: &[Diagnostic]) -> String {
    summarised(&Findings { sources, list, deny_warnings: false })
}

pub(super) fn rendered(findings: &Findings, colors: bool) -> Vec<u8> {
    let mut buffer = buffer(colors);
    let config = Config::default();
    let files = Texts(findings.sources);
    for diagnostic in findings.list {
        let shown = shown(findings, diagnostic);
        if term::emit_to_write_style(&mut buffer, &config, &files, &shown).is_err() {
            // A place outside of its text: the words are still worth having.
            let words = Shown::new(shown.severity).with_code(diagnostic.code()).with_message(&diagnostic.message);
            let _ = term::emit_to_write_style(&mut buffer, &config, &files, &words);
        }
    }
    buffer.into_inner()
}

pub(super) fn summary_line(findings: &Findings, colors: bool) -> Vec<u8> {
    let mut buffer = buffer(colors);
    let color = if findings.has_errors() {
        Color::Red
    } else if findings.count(Severity::Warning) > 0 {
        Color::Yellow
    } else {
        Color::Green
    };
    // Writing to memory does not fail.
    let _ = buffer.set_color(ColorSpec::new().set_fg(Some(color)).set_bold(true));
    let _ = std::io::Write::write_all(&mut buffer, summarised(findings).as_bytes());
    let _ = buffer.reset();
    let mut bytes = buffer.into_inner();
    bytes.push(b'\n');
    bytes
}

fn buffer(colors: bool) -> Buffer {
    if colors { Buffer::ansi() } else { Buffer::no_color() }
}

fn summarised(findings: &Findings) -> String {
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        match findings.count(severity) {
            0 => {}
            1 => parts.push(format!("1 {}", severity.word())),
            count => parts.push(format!("{count} {}s", severity.word())),
        }
    }
    let found = if parts.is_empty() { "No problems".to_owned() } else { parts.join(", ") };
    match findings.file_count() {
        1 => format!("{found} in 1 file"),
        count => format!("{found} in {count} files"),
    }
}

fn shown(findings: &Findings, diagnostic: &Diagnostic) -> Shown<FileId> {
    let severity = match findings.severity(diagnostic) {
        Severity::Error => ShownSeverity::Error,
        Severity::Warning => ShownSeverity::Warning,
        Severity::Note => ShownSeverity::Note,
    };
    let sources = findings.sources;
    let mut labels = Vec::new();
    if let Some(range) = range(sources, diagnostic.primary.span) {
        labels.push(Label::primary(diagnostic.primary.span.file, range).with_message(&diagnostic.primary.text));
    }
    for related in &diagnostic.related {
        if let Some(range) = range(sources, related.span) {
            labels.push(Label::secondary(related.span.file, range).with_message(&related.text));
        }
    }
    let mut notes: Vec<String> = diagnostic.help.iter().map(|help| format!("help: {help}")).collect();
    if let Some(fix) = &diagnostic.fix {
        notes.push(fix_note(sources, fix));
    }
    Shown::new(severity)
        .with_code(diagnostic.code())
        .with_message(&diagnostic.message)
        .with_labels(labels)
        .with_notes(notes)
}

/// The range of a span within its text, moved to the borders of characters.
fn range(sources: &Sources, span: Span) -> Option<Range<usize>> {
    if span.is_none() {
        return None;
    }
    let text = &sources.get(span.file).text;
    let border = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = border(span.start);
    Some(start..border(span.end).max(start))
}

/// The title of a fix and the lines as they are after it.
fn fix_note(sources: &Sources, fix: &Fix) -> String {
    let Some(first) = fix.edits.first() else { return format!("fix: {}", fix.title) };
    let file = sources.get(first.span.file);
    let edits: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.span.file == first.span.file).collect();
    let lines = changed_lines(file, &edits);
    match lines.as_slice() {
        [] => format!("fix: {}", fix.title),
        [line] => format!("fix: {}: `{line}`", fix.title),
        lines => format!("fix: {}:\n    {}", fix.title, lines.join("\n    ")),
    }
}

/// The lines that `edits` touch, after the edits, without their common indentation and without lines left empty.
fn changed_lines(file: &SourceFile, edits: &[&Edit]) -> Vec<String> {
    let mut edits: Vec<&Edit> = edits.to_vec();
    edits.sort_by_key(|edit| edit.span.start);
    let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return Vec::new() };
    let index = file.lines();
    let start = index.line_start(index.bytes(first.span.start).line);
    let end = index.line_start(index.bytes(last.span.end).line + 1);
    let mut text = String::new();
    let mut at = start;
    for edit in &edits {
        let Some(before) = file.text.get(at as usize..edit.span.start as usize) else { return Vec::new() };
        text.push_str(before);
        text.push_str(&edit.text);
        at = edit.span.end;
    }
    let Some(rest) = file.text.get(at as usize..end as usize) else { return Vec::new() };
    text.push_str(rest);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let indentation = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines.iter().map(|line| line.get(indentation..).unwrap_or(line).to_owned()).collect()
}

/// The texts of a compilation, as codespan-reporting asks for them.
struct Texts<'a>(&'a Sources);

impl<'a> Files<'a> for Texts<'a> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.0.get(id).name)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.0.get(id).text)
    }

    fn line_index(&'a self, id: FileId, offset: usize) -> Result<usize, Error> {
        Ok(self.0.get(id).lines().bytes(offset as u32).line as usize)
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let index = self.0.get(id).lines();
        if line >= index.line_count() as usize {
            return Err(Error::LineTooLarge { given: line, max: index.line_count() as usize });
        }
        Ok(index.line_start(line as u32) as usize..index.line_start(line as u32 + 1) as usize)
    }
}
