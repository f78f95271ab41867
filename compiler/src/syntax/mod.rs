//! Text to tree. The only module that sees pest: grammar, recovery, the typed tree, the formatter. It must not look up
//! names or know what a declaration means.
//!
//! A text is cut into its top-level declarations (`scan`), each is read by the grammar on its own (`grammar`) and built
//! into the tree (`build`). One that the grammar refuses is mended (`repair`) place by place, each place reported once
//! (`explain`), so that everything sound in it survives.

mod build;
mod explain;
mod format;
mod grammar;
mod patch;
mod problem;
mod repair;
mod scan;
mod share;
mod stored;
mod token;
pub mod tree;

use std::ops::Range;

use crate::diagnostics::{self, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use build::Builder;
pub use format::{Formatted, format};
use grammar::Rule;
use patch::PlaceMap;
use scan::{Chunk, DocComment, Scan};
pub use token::{Kind as TokenKind, Token, tokens};
use tree::*;

/// Brackets may be nested this deep.
pub const MOST_NESTING: usize = 128;

/// Files longer than this are refused: places are 32 bits wide.
const MOST_BYTES: usize = 1 << 31;

/// A file, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub file: File,
    pub diagnostics: Diagnostics,
}

/// Reads a file. Any text gives a tree and diagnostics.
pub fn parse(file: FileId, text: &str) -> Parsed {
    if text.len() >= MOST_BYTES {
        let mut parsed = Parsed::default();
        parsed.diagnostics.push(Diagnostic::new(
            &diagnostics::SYNTAX,
            Span::new(file, 0, 0),
            &[("problem", &"This file is larger than 2 GB"), ("label", &""), ("help", &"split it")],
        ));
        return parsed;
    }
    let scan = scan::scan(text);
    let pieces = share::read_chunks(file, text, &scan);
    put_together(file, text, &scan, pieces)
}

/// Reads a file of the standard library, for which the build script stored what the grammar finds in it.
pub(crate) fn parse_stored(file: FileId, text: &str, stored: &[u8]) -> Parsed {
    let Some(nodes) = stored::read(stored) else { return parse(file, text) };
    let scan = scan::scan(text);
    let piece = build(file, text, PlaceMap::plain(0), &nodes, &scan.docs);
    put_together(file, text, &scan, vec![piece])
}

fn put_together(file: FileId, text: &str, scan: &Scan, pieces: Vec<Piece>) -> Parsed {
    let mut parsed = Parsed::default();
    for problem in &scan.problems {
        parsed.diagnostics.push(problem.diagnostic(file, text));
    }
    let mut comments = scan.comments.clone();
    let mut unused: Vec<Range<usize>> = Vec::new();
    let mut docs = scan.docs.iter();
    for piece in pieces {
        parsed.file.declarations.extend(piece.declarations);
        parsed.diagnostics.extend(piece.diagnostics);
        unused.extend(
            piece
                .used_docs
                .iter()
                .zip(docs.by_ref())
                .filter(|(used, _)| !**used)
                .map(|(_, doc)| doc.start as usize..doc.end as usize),
        );
    }
    unused.extend(docs.map(|doc| doc.start as usize..doc.end as usize));
    if !unused.is_empty() {
        comments.extend(unused);
        comments.sort_by_key(|range| range.start);
    }
    parsed.file.comments =
        comments.into_iter().map(|range| Comment { span: Span::new(file, range.start, range.end) }).collect();
    parsed
}

/// Where a text can be cut so that each piece can be read by itself: the starts of its top-level declarations, each with
/// the comments directly above it. The first is always the start of the text.
pub fn cuts(text: &str) -> Vec<usize> {
    let mut cuts = vec![0];
    for chunk in scan::scan(text).chunks.iter().skip(1) {
        let cut = with_comments(text, chunk.range.start);
        if cuts.last().is_some_and(|last| *last < cut) {
            cuts.push(cut);
        }
    }
    cuts
}

/// The start of the comments that belong to what starts at a line's start.
fn with_comments(text: &str, start: usize) -> usize {
    let (mut at, mut found, mut adjoins) = (start, start, true);
    while at > 0 {
        let line = text[..at - 1].rfind('\n').map_or(0, |newline| newline + 1);
        let content = text[line..at].trim();
        if content.starts_with("///") || (content.starts_with("//") && adjoins) {
            found = line;
        } else if content.is_empty() {
            adjoins = false;
        } else if !content.starts_with("//") {
            break;
        }
        at = line;
    }
    found
}

/// Reads `text`, which starts at `offset` of its file, as one expression.
pub fn parse_expression(file: FileId, text: &str, offset: usize) -> (Expression, Diagnostics) {
    let scan = scan::scan(text);
    let is_deep = scan.chunks.iter().any(|chunk| chunk.hopeless);
    if let (false, Ok(nodes)) = (is_deep, grammar::read(Rule::lone_expression, text)) {
        let mut builder = Builder::new(file, text, PlaceMap::plain(offset), &nodes, &[]);
        let expression = builder.lone_expression();
        return (expression, builder.diagnostics);
    }
    let mut found = Diagnostics::default();
    let span = Span::new(file, offset, offset + text.len());
    found.push(Diagnostic::new(
        &diagnostics::SYNTAX,
        span,
        &[("problem", &"This is not an expression"), ("label", &"expected a value"), ("help", &"")],
    ));
    (Expression { span, kind: std::sync::Arc::new(ExpressionKind::Error) }, found)
}

/// What one chunk gave.
struct Piece {
    declarations: Vec<Declaration>,
    diagnostics: Diagnostics,
    /// For each doc comment of the chunk, whether something took it.
    used_docs: Vec<bool>,
}

fn read_chunk(file: FileId, text: &str, scan: &Scan, chunk: &Chunk) -> Piece {
    let docs = &scan.docs[scan.docs_of(&chunk.range)];
    let patch = scan.patch.within(&chunk.range);
    if patch.is_empty() && !chunk.hopeless {
        let part = &text[chunk.range.clone()];
        if let Ok(nodes) = grammar::read(Rule::file, part) {
            return build(file, part, PlaceMap::plain(chunk.range.start), &nodes, docs);
        }
    }
    let unreadable = |diagnostics: Diagnostics| {
        let span = Span::new(file, chunk.range.start, chunk.range.end);
        Piece {
            declarations: vec![Declaration { doc: None, span, kind: DeclarationKind::Error }],
            diagnostics,
            used_docs: vec![false; docs.len()],
        }
    };
    if chunk.hopeless {
        return unreadable(Diagnostics::default());
    }
    let (edited, places) = patch.apply(text, &chunk.range);
    if let Ok(nodes) = grammar::read(Rule::file, &edited) {
        return build(file, &edited, places, &nodes, docs);
    }
    let mended = repair::mend(&edited);
    let mut found = Diagnostics::default();
    for finding in &mended.findings {
        let span = |range: &Range<usize>| {
            let (start, end) = (places.start(range.start), places.end(range.end));
            Span::new(file, start, end.max(start))
        };
        let diagnostic = finding.diagnostic(span);
        if !scan.explains(text, chunk, diagnostic.primary.span) {
            found.push(diagnostic);
        }
    }
    match mended.nodes {
        Some(nodes) => {
            let places = PlaceMap::chain(mended.places, places);
            let mut piece = build(file, &mended.text, places, &nodes, docs);
            piece.diagnostics.extend(found);
            piece
        }
        None => unreadable(found),
    }
}

fn build(file: FileId, text: &str, places: PlaceMap, nodes: &[grammar::Node], docs: &[DocComment]) -> Piece {
    let mut builder = Builder::new(file, text, places, nodes, docs);
    let declarations = builder.file();
    Piece { declarations, diagnostics: builder.diagnostics, used_docs: builder.used_docs }
}
