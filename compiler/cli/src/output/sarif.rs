//! Findings as SARIF 2.1.0, for code scanning. Regions count characters.

use mlflow_compiler::diagnostics::{CATALOGUE, Diagnostic, Fix as SourceFix, Row, Severity};
use mlflow_compiler::source::{FileId, Span};
use serde_sarif::sarif;

use super::{Findings, Place, Region, page_url};
use crate::commands::explain;
use crate::json::pretty;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn rendered(findings: &Findings) -> String {
    let rows = rows(findings.list);
    let driver = sarif::ToolComponent {
        name: "mlflowc".to_owned(),
        semantic_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        information_uri: Some(env!("CARGO_PKG_REPOSITORY").to_owned()).filter(|home| !home.is_empty()),
        rules: Some(rows.iter().map(|row| rule(row)).collect()),
        ..component()
    };
    let run = sarif::Run {
        column_kind: Some("unicodeCodePoints".into()),
        results: Some(findings.list.iter().map(|diagnostic| result(findings, &rows, diagnostic)).collect()),
        ..sarif::Run::builder().tool(sarif::Tool::builder().driver(driver).build()).build()
    };
    let mut report = sarif::Sarif::builder().version("2.1.0").runs(vec![run]).build();
    report.schema = Some(SCHEMA.to_owned());
    pretty(&report)
}

fn component() -> sarif::ToolComponent {
    sarif::ToolComponent::builder().name("mlflowc").build()
}

/// The rows of the codes that occur, each once, in the order of the catalogue.
fn rows(list: &[Diagnostic]) -> Vec<&'static Row> {
    let mut rows: Vec<&'static Row> = list.iter().map(|diagnostic| diagnostic.row).collect();
    let place = |row: &Row| CATALOGUE.iter().position(|other| other.code == row.code);
    rows.sort_by_key(|row| (place(row), row.code));
    rows.dedup_by_key(|row| row.code);
    rows
}

fn rule(row: &Row) -> sarif::ReportingDescriptor {
    let page = explain::page(row.code);
    let title = page.and_then(explain::title).unwrap_or(row.message).to_owned();
    let configuration = sarif::ReportingConfiguration {
        level: Some(row.severity.word().into()),
        ..sarif::ReportingConfiguration::builder().build()
    };
    sarif::ReportingDescriptor {
        short_description: Some(sarif::MultiformatMessageString::builder().text(title).build()),
        help: page.map(|page| sarif::MultiformatMessageString {
            markdown: Some(page.to_owned()),
            ..sarif::MultiformatMessageString::builder().text(page).build()
        }),
        help_uri: page_url(row.code),
        default_configuration: Some(configuration),
        ..sarif::ReportingDescriptor::builder().id(row.code).build()
    }
}

fn result(findings: &Findings, rows: &[&Row], diagnostic: &Diagnostic) -> sarif::Result {
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let related: Vec<sarif::Location> =
        diagnostic.related.iter().filter_map(|label| location(findings, label.span, &label.text)).collect();
    sarif::Result {
        rule_id: Some(diagnostic.code().to_owned()),
        rule_index: rows.iter().position(|row| row.code == diagnostic.code()).map(|index| index as i64),
        level: Some(match findings.severity(diagnostic) {
            Severity::Error => sarif::ResultLevel::Error,
            Severity::Warning => sarif::ResultLevel::Warning,
            Severity::Note => sarif::ResultLevel::Note,
        }),
        locations: Some(location(findings, diagnostic.primary.span, "").into_iter().collect()),
        related_locations: Some(related).filter(|related| !related.is_empty()),
        fixes: diagnostic.fix.as_ref().map(|made| vec![fix(findings, made)]),
        ..sarif::Result::builder().message(message(&text)).build()
    }
}

fn message(text: &str) -> sarif::Message {
    sarif::Message { text: Some(text.to_owned()), ..sarif::Message::builder().build() }
}

fn location(findings: &Findings, span: Span, text: &str) -> Option<sarif::Location> {
    let region = Region::of(findings.sources, span)?;
    let physical = sarif::PhysicalLocation {
        artifact_location: Some(artifact(findings, span.file)),
        region: Some(stretch(&region)),
        ..sarif::PhysicalLocation::builder().build()
    };
    Some(sarif::Location {
        physical_location: Some(physical),
        message: (!text.is_empty()).then(|| message(text)),
        ..sarif::Location::builder().build()
    })
}

fn artifact(findings: &Findings, file: FileId) -> sarif::ArtifactLocation {
    sarif::ArtifactLocation {
        uri: Some(percent_encoded(&findings.sources.get(file).name)),
        ..sarif::ArtifactLocation::builder().build()
    }
}

fn stretch(region: &Region) -> sarif::Region {
    let Place { line, column } = region.end;
    sarif::Region {
        start_line: Some(region.line.into()),
        start_column: Some(region.column.into()),
        end_line: Some(line.into()),
        end_column: Some(column.into()),
        ..sarif::Region::builder().build()
    }
}

fn fix(findings: &Findings, fix: &SourceFix) -> sarif::Fix {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort();
    files.dedup();
    let changes: Vec<sarif::ArtifactChange> = files
        .into_iter()
        .map(|file| {
            let replacements: Vec<sarif::Replacement> = fix
                .edits
                .iter()
                .filter(|edit| edit.span.file == file)
                .filter_map(|edit| {
                    let region = Region::of(findings.sources, edit.span)?;
                    let content = sarif::ArtifactContent {
                        text: Some(edit.text.clone()),
                        ..sarif::ArtifactContent::builder().build()
                    };
                    Some(sarif::Replacement {
                        inserted_content: Some(content),
                        ..sarif::Replacement::builder().deleted_region(stretch(&region)).build()
                    })
                })
                .collect();
            sarif::ArtifactChange::builder()
                .artifact_location(artifact(findings, file))
                .replacements(replacements)
                .build()
        })
        .collect();
    sarif::Fix { description: Some(message(&fix.title)), ..sarif::Fix::builder().artifact_changes(changes).build() }
}

/// A name as a relative URI.
fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
