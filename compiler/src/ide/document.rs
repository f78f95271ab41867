//! One text of the workspace, cut into parts that are read by themselves. A part keeps its id and its tree as long as its
//! text stays the same, wherever it moves. Places within a part count from its start. It must not look up names.

use std::sync::Arc;

use rustc_hash::FxHasher;

use crate::diagnostics::Diagnostic;
use crate::resolve::{Prepared, PreparedPart};
use crate::source::{FileId, SourceFile};
use crate::syntax::{self, TokenKind, tree};

/// Some declarations of a file, with the comments above them.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) id: FileId,
    pub(crate) source: Arc<SourceFile>,
    pub(crate) tree: Arc<tree::File>,
    /// What is wrong with its syntax.
    pub(crate) found: Vec<Diagnostic>,
    /// Hashes of all words in it, sorted: what it may depend on.
    words: Vec<u64>,
    /// Definitions and references, made when first asked for.
    pub(super) index: std::sync::OnceLock<super::index::Index>,
}

impl Part {
    fn new(id: FileId, path: &str, text: &str) -> Part {
        let parsed = syntax::parse(id, text);
        let mut words = Vec::new();
        collect_words(text, &mut words);
        words.sort_unstable();
        words.dedup();
        Part {
            id,
            source: Arc::new(SourceFile::new(path, text, false)),
            tree: Arc::new(parsed.file),
            found: parsed.diagnostics.finish(),
            words,
            index: std::sync::OnceLock::new(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.source.text
    }

    /// Whether a word occurs anywhere in it.
    pub(crate) fn has_word(&self, hash: u64) -> bool {
        self.words.binary_search(&hash).is_ok()
    }
}

/// Words of a text, those in its strings included.
fn collect_words(text: &str, out: &mut Vec<u64>) {
    for token in syntax::tokens(text) {
        match token.kind {
            TokenKind::Word => out.push(hash_of(token.text(text))),
            TokenKind::Text => {
                let inside = token.text(text).split(|c: char| !c.is_alphanumeric() && c != '_');
                out.extend(inside.filter(|word| !word.is_empty()).map(hash_of));
            }
            _ => {}
        }
    }
}

pub(crate) fn hash_of(word: &str) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = FxHasher::default();
    word.hash(&mut hasher);
    hasher.finish()
}

/// A part and where it starts.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) start: u32,
    pub(crate) part: Arc<Part>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Document {
    pub path: String,
    pub source: Arc<SourceFile>,
    pub(crate) parts: Vec<Placed>,
    pub(crate) prepared: Arc<Prepared>,
}

impl Document {
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The part at an offset, and the offset within it.
    pub(crate) fn locate(&self, offset: u32) -> (&Placed, u32) {
        let index = self.parts.partition_point(|placed| placed.start <= offset).saturating_sub(1);
        let placed = &self.parts[index];
        (placed, offset - placed.start)
    }

    pub(crate) fn place(&self, id: FileId) -> Option<&Placed> {
        self.parts.iter().find(|placed| placed.part.id == id)
    }
}

/// Hands out ids of parts, and uses those again that no part has.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    next: usize,
    free: Vec<FileId>,
}

impl Ids {
    fn take(&mut self) -> FileId {
        self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            FileId::part(self.next - 1)
        })
    }

    pub(crate) fn give_back(&mut self, document: &Document) {
        self.free.extend(document.parts.iter().map(|placed| placed.part.id));
    }
}

/// What became of the parts of a file.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) removed: Vec<Arc<Part>>,
    pub(crate) added: Vec<Arc<Part>>,
}

/// Reads a text; what an earlier state of the file has read is taken from there.
pub(crate) fn read(path: &str, text: &Arc<str>, before: Option<&Document>, ids: &mut Ids) -> (Document, Change) {
    let cuts = syntax::cuts(text);
    let ends = cuts.iter().skip(1).copied().chain([text.len()]);
    let pieces: Vec<(usize, &str)> = cuts.iter().zip(ends).map(|(start, end)| (*start, &text[*start..end])).collect();
    let old: &[Placed] = before.map_or(&[], |document| &document.parts);
    let same = |placed: &Placed, piece: &(usize, &str)| placed.part.text() == piece.1;
    let head = old.iter().zip(&pieces).take_while(|(placed, piece)| same(placed, piece)).count();
    let (old_rest, new_rest) = (&old[head..], &pieces[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(placed, piece)| same(placed, piece));
    let tail = tail.count();
    let mut change = Change::default();
    let mut parts: Vec<Placed> = Vec::with_capacity(pieces.len());
    for (placed, piece) in old[..head].iter().zip(&pieces) {
        parts.push(Placed { start: piece.0 as u32, part: placed.part.clone() });
    }
    // An id is used again for what takes its place: nothing that depended on the old text survives.
    let removed = &old_rest[..old_rest.len() - tail];
    change.removed.extend(removed.iter().map(|placed| placed.part.clone()));
    let mut free: Vec<FileId> = removed.iter().rev().map(|placed| placed.part.id).collect();
    for piece in &new_rest[..new_rest.len() - tail] {
        let id = free.pop().unwrap_or_else(|| ids.take());
        let part = Arc::new(Part::new(id, path, piece.1));
        change.added.push(part.clone());
        parts.push(Placed { start: piece.0 as u32, part });
    }
    ids.free.extend(free);
    for (placed, piece) in old[old.len() - tail..].iter().zip(&pieces[pieces.len() - tail..]) {
        parts.push(Placed { start: piece.0 as u32, part: placed.part.clone() });
    }
    let source = Arc::new(SourceFile::new(path, text.clone(), false));
    let prepared = Prepared {
        file: source.clone(),
        parts: parts
            .iter()
            .map(|placed| PreparedPart {
                id: placed.part.id,
                source: placed.part.source.clone(),
                tree: placed.part.tree.clone(),
            })
            .collect(),
    };
    (Document { path: path.to_owned(), source, parts, prepared: Arc::new(prepared) }, change)
}
