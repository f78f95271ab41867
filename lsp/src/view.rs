//! What a handler sees: the analysis of a document as of its request, and places of the protocol.

use std::sync::Arc;

use mlflow_compiler::ide::{Analysis, Place, TextEdit};
use mlflow_compiler::source::LineIndex;
use tower_lsp::lsp_types::{self as lsp, Location, Position, Range, TextDocumentIdentifier, Url, WorkspaceEdit};

use crate::convert::{self, Encoding};
use crate::world::{RootSnapshot, Snapshot, library_url};

/// One document at the moment of a request.
pub(crate) struct View {
    pub(crate) root: Arc<RootSnapshot>,
    pub(crate) analysis: Arc<Analysis>,
    pub(crate) path: String,
    pub(crate) encoding: Encoding,
    pub(crate) text: Arc<str>,
}

impl View {
    pub(crate) fn new(snapshot: &Snapshot, url: &Url) -> Option<View> {
        let (root, path) = snapshot.find(url)?;
        View::of_root(root, path, snapshot.encoding)
    }

    pub(crate) fn of(snapshot: &Snapshot, document: &TextDocumentIdentifier) -> Option<View> {
        View::new(snapshot, &document.uri)
    }

    pub(crate) fn of_root(root: &Arc<RootSnapshot>, path: String, encoding: Encoding) -> Option<View> {
        let analysis = root.analysis();
        let text = analysis.documents.get(&path)?.source.text.clone();
        Some(View { root: root.clone(), analysis, path, encoding, text })
    }

    pub(crate) fn lines(&self) -> &LineIndex {
        self.analysis.documents[&self.path].source.lines()
    }

    pub(crate) fn offset(&self, position: Position) -> u32 {
        convert::offset_in(&self.text, self.lines(), position, self.encoding)
    }

    pub(crate) fn range(&self, start: u32, end: u32) -> Range {
        convert::range(&self.text, self.lines(), start, end, self.encoding)
    }

    pub(crate) fn location(&self, place: &Place) -> Option<Location> {
        location(&self.root, &self.analysis, place, self.encoding)
    }

    pub(crate) fn edit(&self, edits: &[TextEdit]) -> Option<WorkspaceEdit> {
        let mut changes: std::collections::HashMap<Url, Vec<lsp::TextEdit>> = std::collections::HashMap::new();
        for edit in edits {
            let place = self.location(&edit.place)?;
            if place.uri.scheme() == crate::world::LIBRARY {
                return None;
            }
            changes
                .entry(place.uri)
                .or_default()
                .push(lsp::TextEdit { range: place.range, new_text: edit.text.clone() });
        }
        Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
    }
}

/// A place of the workspace or the standard library.
pub(crate) fn location(
    root: &RootSnapshot,
    analysis: &Analysis,
    place: &Place,
    encoding: Encoding,
) -> Option<Location> {
    match analysis.documents.get(&place.path) {
        Some(document) => {
            let (text, lines) = (document.text(), document.source.lines());
            Some(Location {
                uri: root.url(&place.path)?,
                range: convert::range(text, lines, place.start, place.end, encoding),
            })
        }
        None => {
            let text = analysis.text(&place.path)?;
            let lines = LineIndex::new(&text);
            Some(Location {
                uri: library_url(&place.path)?,
                range: convert::range(&text, &lines, place.start, place.end, encoding),
            })
        }
    }
}
