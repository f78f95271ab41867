//! Requests of this server's own: the graph, what is built, and the texts of the standard library.

use mlflow_compiler::source::LineColumn;
use serde::{Deserialize, Serialize};
use tower_lsp::lsp_types::{DiagnosticSeverity, Location, Position, Range, TextDocumentIdentifier, Url};

use super::diagnostics::severity;
use crate::convert;
use crate::view::View;
use crate::world::Snapshot;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentParams {
    text_document: TextDocumentIdentifier,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GeneratedParams {
    text_document: TextDocumentIdentifier,
    position: Position,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SourceParams {
    text_document: TextDocumentIdentifier,
    path: String,
    position: Position,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LibraryParams {
    uri: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct LibraryText {
    text: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct GeneratedFiles {
    files: Vec<GeneratedFile>,
}

#[derive(Debug, Serialize)]
pub(crate) struct GeneratedFile {
    path: String,
    language: &'static str,
    text: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct GeneratedPlace {
    path: String,
    range: Range,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    id: String,
    name: String,
    kind: String,
    role: String,
    engine: String,
    shape: &'static str,
    parent: Option<String>,
    range: Range,
    selection_range: Range,
    diagnostics: Vec<NodeDiagnostic>,
}

#[derive(Debug, Serialize)]
pub(crate) struct NodeDiagnostic {
    severity: DiagnosticSeverity,
    message: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Edge {
    from: String,
    to: String,
    label: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Group {
    id: String,
    name: String,
    engine: String,
    range: Range,
    nodes: Vec<String>,
}

pub(crate) fn graph(snapshot: &Snapshot, params: &DocumentParams) -> Graph {
    let Some(view) = View::of(snapshot, &params.text_document) else { return Graph::default() };
    let graph = view.analysis.graph(&view.path);
    Graph {
        nodes: graph
            .nodes
            .into_iter()
            .map(|node| Node {
                id: node.id,
                name: node.name,
                kind: node.kind,
                role: node.role,
                engine: node.engine,
                shape: node.shape,
                parent: node.parent,
                range: view.range(node.whole.start, node.whole.end),
                selection_range: view.range(node.selection.start, node.selection.end),
                diagnostics: node
                    .findings
                    .into_iter()
                    .map(|(found, message)| NodeDiagnostic { severity: severity(found), message })
                    .collect(),
            })
            .collect(),
        edges: graph.edges.into_iter().map(|edge| Edge { from: edge.from, to: edge.to, label: edge.label }).collect(),
        groups: graph
            .groups
            .into_iter()
            .map(|group| Group {
                id: group.id,
                name: group.name,
                engine: group.engine,
                range: view.range(group.place.start, group.place.end),
                nodes: group.nodes,
            })
            .collect(),
    }
}

pub(crate) fn generated(snapshot: &Snapshot, params: &DocumentParams) -> GeneratedFiles {
    let files = View::of(snapshot, &params.text_document).map(|view| view.analysis.generated(&view.path));
    let files = files.unwrap_or_default().into_iter();
    GeneratedFiles {
        files: files.map(|file| GeneratedFile { path: file.path, language: file.language, text: file.text }).collect(),
    }
}

/// Positions in built documents always count UTF-16: the client has them as texts of its own.
pub(crate) fn go_to_generated(snapshot: &Snapshot, params: &GeneratedParams) -> Option<GeneratedPlace> {
    let view = View::of(snapshot, &params.text_document)?;
    let found = view.analysis.go_to_generated(&view.path, view.offset(params.position))?;
    let position = |at: LineColumn| Position::new(at.line, at.column);
    Some(GeneratedPlace { path: found.path, range: Range::new(position(found.start), position(found.end)) })
}

pub(crate) fn go_to_source(snapshot: &Snapshot, params: &SourceParams) -> Option<Location> {
    let view = View::of(snapshot, &params.text_document)?;
    let at = LineColumn { line: params.position.line, column: params.position.character };
    view.location(&view.analysis.go_to_source(&params.path, at)?)
}

pub(crate) fn standard_library(params: &LibraryParams) -> Option<LibraryText> {
    let url = Url::parse(&params.uri).ok()?;
    let path = url.path().trim_start_matches('/');
    // The pages of codes are virtual documents too.
    let code = path.strip_prefix("docs/errors/").and_then(|name| name.strip_suffix(".md"));
    let page = code.and_then(|code| mlflow_cli::PAGES.iter().find(|(known, _)| *known == code)).map(|(_, text)| *text);
    let library = || mlflow_compiler::resolve::library_files().find(|(known, _)| *known == path).map(|(_, text)| text);
    let text = page.or_else(library)?;
    debug_assert!(convert::Encoding::Utf8.length(text) as usize == text.len());
    Some(LibraryText { text: text.to_owned() })
}
