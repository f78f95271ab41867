//! Places as people and programs count them: lines and columns from one, columns in characters.

use mlflow_compiler::source::{SourceFile, Sources, Span};
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A stretch of a file; the end is excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Region {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end: Place,
}

impl Region {
    pub(crate) fn of(sources: &Sources, span: Span) -> Option<Region> {
        if span.is_none() {
            return None;
        }
        let file = sources.get(span.file);
        let start = Place::of(file, span.start);
        let end = Place::of(file, span.end.max(span.start));
        Some(Region { file: file.name.clone(), line: start.line, column: start.column, end })
    }
}

impl Place {
    pub(crate) fn of(file: &SourceFile, offset: u32) -> Place {
        let place = file.lines().characters(&file.text, offset);
        Place { line: place.line + 1, column: place.column + 1 }
    }
}
