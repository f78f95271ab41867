//! Findings as diagnostics, pushed and pulled.

use mlflow_compiler::diagnostics::Severity;
use mlflow_compiler::ide::{Analysis, Finding};
use tower_lsp::lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult, FullDocumentDiagnosticReport,
    NumberOrString, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, Url, WorkspaceDiagnosticReport, WorkspaceDiagnosticReportResult,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
};

use crate::convert::{self, Encoding};
use crate::view::{View, location};
use crate::world::{RootSnapshot, Scheme, Snapshot, library_url};

/// The virtual document that explains a code.
fn page(code: &str) -> Option<Url> {
    library_url(&format!("docs/errors/{code}.md"))
}

pub(crate) fn convert(
    root: &RootSnapshot,
    analysis: &Analysis,
    path: &str,
    findings: &[Finding],
    encoding: Encoding,
) -> Vec<Diagnostic> {
    let Some(document) = analysis.documents.get(path) else { return Vec::new() };
    let (text, lines) = (document.text(), document.source.lines());
    findings
        .iter()
        .map(|finding| {
            let related: Vec<DiagnosticRelatedInformation> = finding
                .related
                .iter()
                .filter_map(|(place, message)| {
                    let location = location(root, analysis, place, encoding)?;
                    Some(DiagnosticRelatedInformation { location, message: message.clone() })
                })
                .collect();
            let mut message = finding.message.clone();
            for help in &finding.help {
                message.push_str("\nhelp: ");
                message.push_str(help);
            }
            Diagnostic {
                range: convert::range(text, lines, finding.place.start, finding.place.end, encoding),
                severity: Some(severity(finding.severity)),
                code: Some(NumberOrString::String(finding.code.to_owned())),
                code_description: page(finding.code).map(|href| CodeDescription { href }),
                source: Some("mlflow".to_owned()),
                message,
                related_information: (!related.is_empty()).then_some(related),
                tags: tags(finding),
                data: None,
            }
        })
        .collect()
}

pub(crate) fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}

fn tags(finding: &Finding) -> Option<Vec<DiagnosticTag>> {
    let says = |words: &[&str]| words.iter().any(|word| finding.label.contains(word) || finding.message.contains(word));
    if finding.severity == Severity::Error {
        return None;
    }
    if says(&["deprecated", "Deprecated"]) {
        return Some(vec![DiagnosticTag::DEPRECATED]);
    }
    says(&["unused", "never used", "not used", "has no effect"]).then(|| vec![DiagnosticTag::UNNECESSARY])
}

/// Names a list of findings: equal lists have equal names.
fn result_id(list: &[Diagnostic]) -> String {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    serde_json::to_string(list).unwrap_or_default().hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

pub(crate) fn pull(snapshot: &Snapshot, params: DocumentDiagnosticParams) -> DocumentDiagnosticReportResult {
    let items = View::of(snapshot, &params.text_document)
        .filter(|view| view.root.scheme != Scheme::Library)
        .map(|view| {
            let findings = view.analysis.findings(&view.path);
            convert(&view.root, &view.analysis, &view.path, &findings, view.encoding)
        })
        .unwrap_or_default();
    let id = result_id(&items);
    let report = if params.previous_result_id.as_ref() == Some(&id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(id), items },
        })
    };
    DocumentDiagnosticReportResult::Report(report)
}

pub(crate) fn pull_all(snapshot: &Snapshot) -> WorkspaceDiagnosticReportResult {
    let mut items = Vec::new();
    for root in snapshot.roots.iter().filter(|root| root.scheme == Scheme::File) {
        let analysis = root.analysis();
        for path in analysis.documents.keys() {
            let Some(uri) = root.url(path) else { continue };
            let list = convert(root, &analysis, path, &analysis.findings(path), snapshot.encoding);
            items.push(WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                version: snapshot.versions.get(&uri).map(|version| i64::from(*version)),
                uri,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(result_id(&list)),
                    items: list,
                },
            }));
        }
    }
    WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items })
}
