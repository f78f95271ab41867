//! Findings as one JSON object. Lines and columns count from one, columns in characters; ends are excluded.

use mlflow_compiler::diagnostics::{Diagnostic, Label, Severity};
use serde::Serialize;

use super::{Findings, Place, Region, page_url};
use crate::json::pretty;

#[derive(Serialize)]
struct Report<'a> {
    diagnostics: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    /// The place; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Place>,
    /// A few words at the place.
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    /// Related places.
    labels: Vec<Related<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    region: Region,
    text: &'a str,
}

#[derive(Serialize)]
struct FixOut<'a> {
    title: &'a str,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    #[serde(flatten)]
    region: Region,
    /// What stands there afterwards.
    text: &'a str,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    files: usize,
}

pub(super) fn rendered(findings: &Findings) -> String {
    pretty(&Report {
        diagnostics: findings.list.iter().map(|diagnostic| finding(findings, diagnostic)).collect(),
        summary: Summary {
            errors: findings.count(Severity::Error),
            warnings: findings.count(Severity::Warning),
            notes: findings.count(Severity::Note),
            files: findings.file_count(),
        },
    })
}

fn finding<'a>(findings: &Findings<'a>, diagnostic: &'a Diagnostic) -> Finding<'a> {
    let sources = findings.sources;
    let region = Region::of(sources, diagnostic.primary.span);
    let related =
        |label: &'a Label| Region::of(sources, label.span).map(|region| Related { region, text: label.text.as_str() });
    Finding {
        code: diagnostic.code(),
        severity: findings.severity(diagnostic).word(),
        message: &diagnostic.message,
        line: region.as_ref().map(|region| region.line),
        column: region.as_ref().map(|region| region.column),
        end: region.as_ref().map(|region| region.end),
        file: region.map(|region| region.file),
        label: &diagnostic.primary.text,
        labels: diagnostic.related.iter().filter_map(related).collect(),
        help: &diagnostic.help,
        fix: diagnostic.fix.as_ref().map(|fix| FixOut {
            title: &fix.title,
            edits: fix
                .edits
                .iter()
                .filter_map(|edit| Some(EditOut { region: Region::of(sources, edit.span)?, text: &edit.text }))
                .collect(),
        }),
        url: page_url(diagnostic.code()),
    }
}
