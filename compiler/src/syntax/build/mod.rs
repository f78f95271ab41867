//! Builds the typed tree from the flat stream of the grammar: declarations and blocks here, the rest in its parts. It
//! also reports what the grammar reads on purpose although it is wrong, such as `&&` or a missing `=`.

mod declaration;
mod expression;
mod literal;
mod object;
mod types;

pub(super) use declaration::DECLARATION_WORDS;
pub(super) use literal::meant_unit;

use smol_str::SmolStr;

use super::grammar::{Node, Rule};
use super::patch::PlaceMap;
use super::scan::DocComment;
use super::tree::*;
use crate::diagnostics::{self, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// No tree is higher than this, so that whoever walks or drops it by recursion is safe.
pub(super) const MOST_HEIGHT: u32 = 400;
/// No chain of operators, members or calls is longer than this.
pub(super) const MOST_LINKS: u32 = 200;

/// A part of the list of nodes: the children of one node, read from left to right.
#[derive(Clone, Copy)]
struct Cursor {
    at: u32,
    end: u32,
}

pub(super) struct Builder<'a> {
    file: FileId,
    /// What was parsed; names and strings are read from it.
    text: &'a str,
    /// From a place in `text` to the place in the file.
    places: PlaceMap,
    nodes: &'a [Node],
    docs: &'a [DocComment],
    /// By index in `docs`: whether something took it.
    pub(super) used_docs: Vec<bool>,
    pub(super) diagnostics: Diagnostics,
    /// How high the highest tree built inside the construct at hand is.
    height: u32,
    /// How deep the recursion is.
    depth: u32,
    reported_depth: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        file: FileId,
        text: &'a str,
        places: PlaceMap,
        nodes: &'a [Node],
        docs: &'a [DocComment],
    ) -> Builder<'a> {
        Builder {
            file,
            text,
            places,
            nodes,
            docs,
            used_docs: vec![false; docs.len()],
            diagnostics: Diagnostics::default(),
            height: 0,
            depth: 0,
            reported_depth: false,
        }
    }

    /// The declarations of a whole text that was read by `Rule::file`.
    pub(super) fn file(&mut self) -> Vec<Declaration> {
        let root = self.nodes[0];
        let mut cursor = Cursor { at: 1, end: root.next };
        self.declarations(&mut cursor)
    }

    /// The expression of a text that was read by `Rule::lone_expression`.
    pub(super) fn lone_expression(&mut self) -> Expression {
        let root = self.nodes[0];
        let mut cursor = Cursor { at: 1, end: root.next };
        self.expression(&mut cursor)
    }

    fn peek(&self, cursor: &Cursor) -> Option<Rule> {
        (cursor.at < cursor.end).then(|| self.nodes[cursor.at as usize].rule)
    }

    fn next(&self, cursor: &mut Cursor) -> Option<(u32, Node)> {
        if cursor.at >= cursor.end {
            return None;
        }
        let index = cursor.at;
        let node = self.nodes[index as usize];
        cursor.at = node.next;
        Some((index, node))
    }

    /// The next node, if it is of `rule`.
    fn take(&self, cursor: &mut Cursor, rule: Rule) -> Option<(u32, Node)> {
        if self.peek(cursor) == Some(rule) { self.next(cursor) } else { None }
    }

    fn children(&self, index: u32) -> Cursor {
        Cursor { at: index + 1, end: self.nodes[index as usize].next }
    }

    /// How many nodes are left.
    fn count(&self, mut cursor: Cursor) -> usize {
        std::iter::from_fn(|| self.next(&mut cursor)).count()
    }

    fn slice(&self, node: Node) -> &'a str {
        &self.text[node.start as usize..node.end as usize]
    }

    fn span_of(&self, start: u32, end: u32) -> Span {
        let (start, end) = (self.places.start(start as usize), self.places.end(end as usize));
        Span::new(self.file, start, end.max(start))
    }

    fn span(&self, node: Node) -> Span {
        self.span_of(node.start, node.end)
    }

    fn name_of(&self, node: Node) -> Name {
        let text = self.slice(node);
        // What could not be read has no name.
        let text = if text.starts_with('\u{1}') { "" } else { text };
        Name { text: SmolStr::new(text), span: self.span(node) }
    }

    /// The next node as a name that declares something, which no reserved word may.
    fn declared_name(&mut self, cursor: &mut Cursor) -> Name {
        match self.next(cursor) {
            Some((_, node)) => {
                let name = self.name_of(node);
                if is_reserved(&name.text) {
                    self.diagnostics.push(Diagnostic::new(&diagnostics::RESERVED, name.span, &[("word", &name.text)]));
                }
                name
            }
            None => Name { text: SmolStr::default(), span: Span::NONE },
        }
    }

    fn doc(&mut self, start: u32) -> Option<Doc> {
        if self.docs.is_empty() {
            return None;
        }
        let target = self.places.start(start as usize) as u32;
        let index = self.docs.binary_search_by_key(&target, |doc| doc.target).ok()?;
        self.used_docs[index] = true;
        let doc = &self.docs[index];
        Some(Doc { text: SmolStr::new(&doc.text), span: Span { file: self.file, start: doc.start, end: doc.end } })
    }

    /// Starts a construct whose height is measured; the result belongs to [`Builder::leave`].
    fn enter(&mut self) -> u32 {
        self.depth += 1;
        std::mem::take(&mut self.height)
    }

    /// Ends a construct. `false` means that it is too high and must be dropped.
    fn leave(&mut self, saved: u32, span: Span) -> bool {
        self.depth -= 1;
        let height = self.height + 1;
        if height > MOST_HEIGHT {
            self.too_deep(span);
            self.height = saved;
            return false;
        }
        self.height = saved.max(height);
        true
    }

    fn too_deep(&mut self, span: Span) {
        if !self.reported_depth {
            self.reported_depth = true;
            let place = Span { end: span.start.saturating_add(1).min(span.end.max(span.start)), ..span };
            self.diagnostics.push(Diagnostic::new(&diagnostics::NESTING, place, &[("limit", &super::MOST_NESTING)]));
        }
    }

    fn too_long(&mut self, span: Span) {
        if !self.reported_depth {
            self.reported_depth = true;
            self.diagnostics.push(Diagnostic::new(&diagnostics::CHAIN, span, &[("limit", &MOST_LINKS)]));
        }
    }

    /// Reports the spelling of another language, with the fix.
    fn foreign(&mut self, span: Span, found: &str, right: &str) {
        let fix = format!("Write `{right}`");
        self.diagnostics.push(
            Diagnostic::new(&diagnostics::FOREIGN, span, &[("found", &found), ("right", &right)]).fix(fix, span, right),
        );
    }
}

/// Words that mean something in every expression.
pub(super) const RESERVED_WORDS: [&str; 11] =
    ["and", "or", "not", "in", "if", "then", "else", "true", "false", "none", "null"];

pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED_WORDS.contains(&word)
}
