//! A quick look over a text before the grammar reads it: comments, where one top-level declaration ends and the next
//! starts, how deep it nests, and whether every bracket and text is closed. It reads a sound text once; a text with
//! such mistakes is read again with `mending` on, which also says by which edits the brackets would fit.

mod brackets;
mod texts;
mod trivia;

use std::ops::Range;

use super::MOST_NESTING;
use super::patch::Patch;
use super::problem::Problem;
use crate::source::Span;

/// `///` lines above something.
#[derive(Clone, Debug)]
pub(super) struct DocComment {
    pub(super) text: String,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the next token starts: what the comment is about.
    pub(super) target: u32,
}

/// A part of the text that is read on its own.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) range: Range<usize>,
    /// Places between declarations of its block, some way apart, at which a long one can be cut again.
    pub(super) cuts: Vec<usize>,
    /// Whether it nests too deep to be read at all.
    pub(super) hopeless: bool,
}

#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) comments: Vec<Range<usize>>,
    pub(super) docs: Vec<DocComment>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) problems: Vec<Problem>,
    /// What makes brackets and texts fit. Empty for a sound text.
    pub(super) patch: Patch,
}

pub(super) fn scan(text: &str) -> Scan {
    let mut first = Scanner::new(text, false);
    first.run();
    if first.sound {
        return first.scan;
    }
    let mut second = Scanner::new(text, true);
    second.run();
    second.scan
}

impl Scan {
    /// Which doc comments are about something within `range`.
    pub(super) fn docs_of(&self, range: &Range<usize>) -> Range<usize> {
        let before = |place: usize| self.docs.partition_point(|doc| (doc.target as usize) < place);
        before(range.start)..before(range.end)
    }

    /// Whether what is wrong at `place` may be nothing but a consequence of a problem that was found here.
    pub(super) fn explains(&self, text: &str, chunk: &Chunk, place: Span) -> bool {
        let line = |at: usize| {
            memchr::memchr_iter(b'\n', &text.as_bytes()[chunk.range.start..at.max(chunk.range.start)]).count()
        };
        self.problems.iter().any(|problem| {
            let at = problem.place();
            chunk.range.contains(&at) && (problem.breaks_structure() || line(at) == line(place.start as usize))
        })
    }
}

/// What is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Open {
    Brace,
    Bracket,
    Paren,
    /// `${` in a text
    Value,
    Text,
    LongText,
}

impl Open {
    fn closer(self) -> &'static str {
        match self {
            Open::Brace | Open::Value => "}",
            Open::Bracket => "]",
            Open::Paren => ")",
            Open::Text => "\"",
            Open::LongText => "\"\"\"",
        }
    }
}

#[derive(Clone, Copy)]
struct Frame {
    open: Open,
    at: usize,
    /// The indentation and start of the line it was opened in.
    indent: usize,
    line: usize,
    /// Whether nothing followed on that line.
    opens_lines: bool,
}

/// The word before, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    Branch,
    Other,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    mending: bool,
    sound: bool,
    frames: Vec<Frame>,
    line: usize,
    indent: usize,
    /// Whether a token stands before `at` on this line.
    has_token: bool,
    /// Where the last token ended.
    last_end: usize,
    previous: Previous,
    ifs: usize,
    angles: usize,
    chunk: usize,
    cuts: Vec<usize>,
    hopeless: bool,
    /// Brackets deeper than the limit: how many are open, and where the first was opened.
    beyond: usize,
    beyond_from: usize,
    docs_waiting: usize,
    scan: Scan,
}

/// Blocks are cut no more often than after so many bytes.
const CUT_EVERY: usize = 8 * 1024;

/// Words that start a declaration only at the top of a file, so that one in column 0 shows a missing brace.
const TOP_WORDS: [&str; 16] = [
    "project",
    "import",
    "schema",
    "type",
    "config",
    "source",
    "workflow",
    "component",
    "kind",
    "machine",
    "pipeline",
    "test",
    "serve",
    "studio",
    "resource",
    "monitor",
];

impl<'t> Scanner<'t> {
    fn new(text: &'t str, mending: bool) -> Scanner<'t> {
        Scanner {
            text,
            bytes: text.as_bytes(),
            at: 0,
            mending,
            sound: true,
            frames: Vec::new(),
            line: 0,
            indent: 0,
            has_token: false,
            last_end: 0,
            previous: Previous::Other,
            ifs: 0,
            angles: 0,
            chunk: 0,
            cuts: Vec::new(),
            hopeless: false,
            beyond: 0,
            beyond_from: 0,
            docs_waiting: 0,
            scan: Scan::default(),
        }
    }

    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = 3;
            self.chunk = 3;
            self.line = 3;
            self.last_end = 3;
        }
        while self.at < self.bytes.len() {
            match self.frames.last().map(|frame| frame.open) {
                Some(open @ (Open::Text | Open::LongText)) => self.inside_text(open),
                _ => self.token(),
            }
            if !self.sound && !self.mending {
                return;
            }
        }
        self.attach_docs(self.bytes.len());
        self.end_of_chunk(self.bytes.len());
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn problem(&mut self, problem: Problem) {
        self.sound = false;
        if self.mending {
            self.scan.problems.push(problem);
        }
    }

    fn edit(&mut self, range: Range<usize>, text: &str) {
        if self.mending && self.beyond == 0 {
            self.scan.patch.add(range, text);
        }
    }

    fn token(&mut self) {
        let byte = self.bytes[self.at];
        match byte {
            b'\n' => {
                self.at += 1;
                self.new_line();
            }
            b' ' | b'\t' | b'\r' => {
                self.at += 1;
                if !self.has_token {
                    self.indent = self.at - self.line;
                }
            }
            b'/' if self.byte(1) == b'/' => self.comment(),
            b'/' if self.byte(1) == b'*' => self.block_comment(),
            b'#' => self.hash_comment(),
            _ => {
                self.start_of_token();
                let start = self.at;
                let previous = std::mem::replace(&mut self.previous, Previous::Other);
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(previous),
                    b'0'..=b'9' => self.skip_word(),
                    b'"' => self.quote(),
                    b'{' if self.byte(1) == b'%' => self.jsonata(),
                    b'{' => self.open(Open::Brace),
                    b'[' => self.open(Open::Bracket),
                    b'(' => self.open(Open::Paren),
                    b'}' => self.close(b'}'),
                    b']' => self.close(b']'),
                    b')' => self.close(b')'),
                    b'\'' => self.single_quote(),
                    b'<' => {
                        let tight = start > 0 && is_word_byte(self.bytes[start - 1]);
                        if tight && (is_word_byte(self.byte(1)) || matches!(self.byte(1), b'"' | b'{' | b'(')) {
                            self.angles += 1;
                            if self.angles > MOST_NESTING {
                                self.too_deep(start);
                            }
                        }
                        self.at += 1;
                    }
                    b'>' => {
                        self.angles = self.angles.saturating_sub(1);
                        self.at += 1;
                    }
                    0..=31 | 127 => self.odd_character(),
                    128.. => self.beyond_ascii(),
                    _ => self.at += 1,
                }
                self.last_end = self.at;
            }
        }
    }

    fn new_line(&mut self) {
        self.line = self.at;
        self.indent = 0;
        self.has_token = false;
        self.angles = 0;
    }

    /// What the first token of a line tells.
    fn start_of_token(&mut self) {
        let start = self.at;
        if let Some(frame) = self.frames.last_mut()
            && frame.line == self.line
        {
            frame.opens_lines = false;
        }
        self.attach_docs(start);
        if self.has_token {
            return;
        }
        self.has_token = true;
        let byte = self.bytes[start];
        if start == self.line && is_letter(byte) && self.starts_chunk(start) {
            self.end_of_chunk(start);
        } else if start >= self.cuts.last().unwrap_or(&self.chunk) + CUT_EVERY
            && matches!(self.frames.as_slice(), [Frame { open: Open::Brace, .. }])
            && is_letter(byte)
            && self.starts_declaration(start)
        {
            self.cuts.push(start);
        } else if self.mending && !matches!(byte, b'}' | b']' | b')') && self.beyond == 0 {
            // A line indented no deeper than the line that opened its bracket: the bracket should be closed by now.
            while let Some(frame) = self.frames.last().copied() {
                let goes_on = matches!(byte, b'.' | b'?') || self.text[start..].starts_with("else");
                let is_entry = frame.opens_lines || self.is_entry(start);
                let is_outside = is_entry && frame.line != self.line && self.indent <= frame.indent && self.indent > 0;
                if !is_outside || goes_on || matches!(frame.open, Open::Text | Open::LongText | Open::Value) {
                    break;
                }
                self.unclosed(frame, &[]);
                self.frames.pop();
                self.edit(self.last_end..self.last_end, frame.open.closer());
            }
        }
    }

    /// Whether `name =`, `name {` or `name:` stands at `start`.
    fn is_entry(&self, start: usize) -> bool {
        let word = word_at(self.text, start);
        let rest = self.text[start + word.len()..].trim_start_matches([' ', '\t']);
        !word.is_empty() && (rest.starts_with(['{', ':']) || rest.starts_with('=') && !rest.starts_with("=="))
    }

    fn attach_docs(&mut self, start: usize) {
        for doc in &mut self.scan.docs[self.docs_waiting..] {
            doc.target = start as u32;
        }
        self.docs_waiting = self.scan.docs.len();
    }

    /// Whether the word in column 0 at `start` starts a declaration at the top of the file.
    fn starts_chunk(&self, start: usize) -> bool {
        if self.frames.is_empty() && self.beyond == 0 {
            return self.starts_declaration(start);
        }
        self.mending && TOP_WORDS.contains(&word_at(self.text, start)) && self.starts_declaration(start)
    }

    /// Whether the first word of a line, at `start`, is followed by a name and does not go on with what stands before.
    fn starts_declaration(&self, start: usize) -> bool {
        let word = word_at(self.text, start);
        let rest = &self.bytes[start + word.len()..];
        let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let next = rest.get(spaces).copied().unwrap_or(0);
        let is_import = word == "import" && matches!(next, b'{' | b'"');
        if !is_import && (spaces == 0 || !is_letter(next)) {
            return false;
        }
        !matches!(word, "else" | "then" | "and" | "or" | "in" | "elif" | "elsif" | "elseif" | "not" | "if")
    }

    fn end_of_chunk(&mut self, end: usize) {
        if self.beyond > 0 {
            self.hopeless = true;
            self.beyond = 0;
            self.frames.clear();
        }
        if let Some(last) = self.frames.last().copied() {
            self.sound = false;
            if self.mending {
                let outer: Vec<usize> = self.frames[..self.frames.len() - 1].iter().map(|frame| frame.at).collect();
                self.unclosed(last, &outer);
                let closers: String = self.frames.iter().rev().map(|frame| frame.open.closer()).collect();
                let place = self.last_end.min(end);
                self.edit(place..place, &format!("\n{closers}"));
            }
            self.frames.clear();
        }
        if end > self.chunk {
            let hopeless = std::mem::take(&mut self.hopeless);
            let cuts = std::mem::take(&mut self.cuts);
            self.scan.chunks.push(Chunk { range: self.chunk..end, cuts, hopeless });
        }
        self.chunk = end;
        self.ifs = 0;
    }

    fn word(&mut self, previous: Previous) {
        let word = word_at(self.text, self.at);
        if word == "r" && self.byte(1) == b'"' {
            self.raw_text();
            return;
        }
        match word {
            "if" => {
                self.ifs = if previous == Previous::Branch { self.ifs + 1 } else { 0 };
                self.previous = Previous::Branch;
                if self.ifs > MOST_NESTING {
                    self.too_deep(self.at);
                }
            }
            "then" | "else" => self.previous = Previous::Branch,
            _ => {}
        }
        self.at += word.len();
        if self.byte(0) >= 128 {
            self.beyond_ascii();
        }
    }

    fn skip_word(&mut self) {
        while self.at < self.bytes.len() && is_word_byte(self.bytes[self.at]) {
            self.at += 1;
        }
        // The micro sign of a unit.
        if self.byte(0) >= 128 {
            while self.at < self.bytes.len() && (self.bytes[self.at] >= 128 || is_word_byte(self.bytes[self.at])) {
                self.at += 1;
            }
        }
    }

    fn too_deep(&mut self, at: usize) {
        if !self.hopeless {
            self.problem(Problem::TooDeep { at });
        }
        self.hopeless = true;
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 128
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The ASCII word that starts at `start`.
pub(super) fn word_at(text: &str, start: usize) -> &str {
    let bytes = text.as_bytes();
    let mut end = start;
    while bytes.get(end).copied().is_some_and(is_word_byte) {
        end += 1;
    }
    &text[start..end]
}
