//! A quick look over a text before the grammar reads it: comments, where one top-level declaration ends and the next
//! starts, how deep it nests, and whether every bracket and text is closed. It reads a sound text once; a text with
//! such mistakes is read again with `mending` on, which also says by which edits the brackets would fit.

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
    /// Whether what is wrong at `place` may be nothing but a consequence of a problem that was found here.
    pub(super) fn explains(&self, text: &str, chunk: &Chunk, place: Span) -> bool {
        let line = |at: usize| memchr::memchr_iter(b'\n', &text.as_bytes()[chunk.range.start..at.max(chunk.range.start)]).count();
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
    hopeless: bool,
    /// Brackets deeper than the limit: how many are open, and where the first was opened.
    beyond: usize,
    beyond_from: usize,
    docs_waiting: usize,
    scan: Scan,
}

/// Words that start a declaration only at the top of a file, so that one in column 0 shows a missing brace.
const TOP_WORDS: [&str; 16] = [
    "project", "import", "schema", "type", "config", "source", "workflow", "component", "kind", "machine", "pipeline", "test",
    "serve", "studio", "resource", "monitor",
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
        } else if self.mending && !matches!(byte, b'}' | b']' | b')') && self.beyond == 0 {
            // A line indented no deeper than the line that opened its bracket: the bracket should be closed by now.
            while let Some(frame) = self.frames.last().copied() {
                let goes_on = matches!(byte, b'.' | b'?') || self.text[start..].starts_with("else");
                let is_outside = frame.opens_lines && frame.line != self.line && self.indent <= frame.indent && self.indent > 0;
                if !is_outside || goes_on || matches!(frame.open, Open::Text | Open::LongText | Open::Value) {
                    break;
                }
                self.unclosed(frame, &[]);
                self.frames.pop();
                self.edit(self.last_end..self.last_end, frame.open.closer());
            }
        }
    }

    fn attach_docs(&mut self, start: usize) {
        for doc in &mut self.scan.docs[self.docs_waiting..] {
            doc.target = start as u32;
        }
        self.docs_waiting = self.scan.docs.len();
    }

    /// Whether the word in column 0 at `start` starts a declaration at the top of the file.
    fn starts_chunk(&self, start: usize) -> bool {
        let word = word_at(self.text, start);
        let rest = &self.bytes[start + word.len()..];
        let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let next = rest.get(spaces).copied().unwrap_or(0);
        let is_import = word == "import" && matches!(next, b'{' | b'"');
        if !is_import && (spaces == 0 || !is_letter(next)) {
            return false;
        }
        if self.frames.is_empty() && self.beyond == 0 {
            return !matches!(word, "else" | "then" | "and" | "or" | "in" | "elif" | "not" | "if");
        }
        self.mending && TOP_WORDS.contains(&word)
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
            self.scan.chunks.push(Chunk { range: self.chunk..end, hopeless });
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

    // ---- brackets

    fn push(&mut self, open: Open, length: usize) {
        let frame = Frame { open, at: self.at, indent: self.indent, line: self.line, opens_lines: true };
        self.at += length;
        self.frames.push(frame);
    }

    fn open(&mut self, open: Open) {
        if self.beyond > 0 || self.frames.len() >= MOST_NESTING {
            if self.beyond == 0 {
                self.beyond_from = self.at;
                if !self.hopeless {
                    self.problem(Problem::TooDeep { at: self.at });
                }
            }
            self.beyond += 1;
            self.at += 1;
            return;
        }
        self.push(open, 1);
    }

    fn close(&mut self, closer: u8) {
        let start = self.at;
        self.at += 1;
        if self.beyond > 0 {
            self.beyond -= 1;
            if self.beyond == 0 {
                self.edit(self.beyond_from..self.at, "\u{1}");
            }
            return;
        }
        let fits = |frame: &Frame| match closer {
            b'}' => matches!(frame.open, Open::Brace | Open::Value),
            b']' => frame.open == Open::Bracket,
            _ => frame.open == Open::Paren,
        };
        let Some(top) = self.frames.last().copied() else {
            self.problem(Problem::Stray { at: start });
            self.edit(start..start + 1, " ");
            return;
        };
        if top.open == Open::Value && closer == b'}' {
            self.frames.pop();
            return;
        }
        if !self.mending {
            if fits(&top) {
                self.frames.pop();
            } else {
                self.sound = false;
            }
            return;
        }
        // Only as far as the text that holds the bracket.
        let floor = self.frames.iter().rposition(|frame| frame.open == Open::Value).map_or(0, |index| index + 1);
        let starts_line = self.text[self.line..start].trim().is_empty();
        let column = start - self.line;
        if fits(&top) {
            if starts_line && top.line != self.line && top.opens_lines {
                if column > top.indent && self.closes_more_than_open(start) {
                    self.problem(Problem::Stray { at: start });
                    self.edit(start..start + 1, " ");
                    return;
                }
                if column < top.indent
                    && let Some(index) =
                        self.frames[floor..].iter().rposition(|frame| fits(frame) && frame.indent == column && frame.opens_lines)
                {
                    self.close_above(floor + index);
                }
            }
            self.frames.pop();
            return;
        }
        match self.frames[floor..].iter().rposition(fits) {
            Some(index) => {
                self.close_above(floor + index);
                self.frames.pop();
            }
            _ if top.open == Open::Value => {
                self.problem(Problem::Stray { at: start });
                self.edit(start..start + 1, " ");
            }
            _ if top.line == self.line => {
                self.problem(Problem::WrongCloser { open: top.at, at: start, right: top.open.closer() });
                self.edit(start..start + 1, top.open.closer());
                self.frames.pop();
            }
            _ => {
                self.problem(Problem::Stray { at: start });
                self.edit(start..start + 1, " ");
            }
        }
    }

    /// Whether more brackets close than open from here to the end of the declaration, by counting alone.
    fn closes_more_than_open(&self, start: usize) -> bool {
        let mut depth = self.frames.len() as isize;
        let mut at = start;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => depth -= 1,
                b'\n' if is_letter(self.bytes.get(at + 1).copied().unwrap_or(0)) => {
                    if TOP_WORDS.contains(&word_at(self.text, at + 1)) {
                        break;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        depth < 0
    }

    /// Reports and closes what is open above the frame at `index`.
    fn close_above(&mut self, index: usize) {
        let above: Vec<Frame> = self.frames.drain(index + 1..).collect();
        let Some(last) = above.last().copied() else { return };
        let outer: Vec<usize> = above[..above.len() - 1].iter().map(|frame| frame.at).collect();
        self.unclosed(last, &outer);
        let closers: String = above.iter().rev().map(|frame| frame.open.closer()).collect();
        self.edit(self.last_end..self.last_end, &closers);
    }

    fn unclosed(&mut self, frame: Frame, outer: &[usize]) {
        let what = match frame.open {
            Open::Brace => "`{`",
            Open::Bracket => "`[`",
            Open::Paren => "`(`",
            Open::Value => "`${`",
            Open::Text => "text",
            Open::LongText => "`\"\"\"` text",
        };
        let problem = Problem::Unclosed {
            at: frame.at,
            what,
            closer: frame.open.closer(),
            outer: outer.to_vec(),
        };
        self.problem(problem);
    }

    // ---- texts

    fn quote(&mut self) {
        if !self.text[self.at..].starts_with("\"\"\"") {
            self.push(Open::Text, 1);
            return;
        }
        if self.mending && !self.long_text_ends() {
            let frame =
                Frame { open: Open::LongText, at: self.at, indent: self.indent, line: self.line, opens_lines: false };
            self.unclosed(frame, &[]);
            let end = self.end_of_line(self.at);
            self.edit(self.at..end, "\u{1}");
            self.at = end;
            return;
        }
        self.push(Open::LongText, 3);
    }

    /// Whether `"""` at hand is closed before something that looks like the next declaration of the file.
    fn long_text_ends(&self) -> bool {
        let inside = self.at + 3;
        let Some(length) = self.text[inside..].find("\"\"\"") else { return false };
        let body = &self.text[inside..inside + length];
        !body.match_indices('\n').any(|(newline, _)| {
            let start = inside + newline + 1;
            let word = word_at(self.text, start);
            TOP_WORDS.contains(&word) && self.text[start + word.len()..].starts_with(' ') && {
                let line = &self.text[start..self.end_of_line(start)];
                line.trim_end().ends_with(['{', '"'])
            }
        })
    }

    fn end_of_line(&self, from: usize) -> usize {
        let end = memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |length| from + length);
        if end > from && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    fn inside_text(&mut self, open: Open) {
        let rest = &self.bytes[self.at..];
        let Some(step) = (match open {
            Open::Text => rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'\n')),
            _ => memchr::memchr3(b'"', b'\\', b'$', rest),
        }) else {
            self.at = self.bytes.len();
            if open == Open::Text {
                self.text_ends_early();
            }
            return;
        };
        self.at += step;
        match self.bytes[self.at] {
            b'"' if open == Open::Text => {
                self.at += 1;
                self.frames.pop();
                self.last_end = self.at;
            }
            b'"' if self.text[self.at..].starts_with("\"\"\"") => {
                self.at += 3;
                self.frames.pop();
                self.last_end = self.at;
            }
            b'\\' => {
                self.at += 1;
                if self.byte(0) != b'\n' {
                    self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
                }
            }
            b'$' if self.byte(1) == b'{' => {
                if self.frames.len() >= MOST_NESTING || self.beyond > 0 {
                    self.too_deep(self.at);
                    self.at += 2;
                } else {
                    self.push(Open::Value, 2);
                }
            }
            b'\n' => self.text_ends_early(),
            _ => self.at += 1,
        }
    }

    /// A newline, or the end of the file, in `"…"`.
    fn text_ends_early(&mut self) {
        self.sound = false;
        let Some(frame) = self.frames.pop() else { return };
        if !self.mending {
            return;
        }
        let inner = self.frames.iter().rposition(|other| other.open == Open::Value && other.line == self.line);
        if let Some(index) = inner {
            // `"… ${x"`: the quote that seemed to open this text closes the outer one.
            let value = self.frames[index];
            self.unclosed(value, &[]);
            self.frames.truncate(index);
            self.edit(frame.at..frame.at, "}");
            self.frames.pop();
            self.at = frame.at + 1;
            self.last_end = self.at;
            return;
        }
        self.unclosed(frame, &[]);
        let place = self.end_before_closers(frame.at);
        self.edit(place..place, "\"");
        self.at = place;
        self.last_end = place;
    }

    /// Where something that is never closed ends, if it ends with its line. Closing brackets at the end of the line belong
    /// to what was opened in the line before it.
    fn end_before_closers(&self, from: usize) -> usize {
        let end = self.end_of_line(from);
        let mut stop = self.text[from..end].trim_end().len() + from;
        let mut index = self.frames.len();
        while stop > from + 1 {
            let last = self.bytes[stop - 1];
            if last == b',' || last == b' ' {
                stop -= 1;
                continue;
            }
            let fits = index > 0 && self.frames[index - 1].line == self.line && {
                let closer = self.frames[index - 1].open.closer();
                closer.len() == 1 && closer.as_bytes()[0] == last
            };
            if !fits {
                break;
            }
            index -= 1;
            stop -= 1;
        }
        let kept = self.text[from..stop].trim_end().len() + from;
        let ends_with_comma = end > from && self.bytes[end - 1] == b',';
        if index < self.frames.len() || ends_with_comma { kept.max(from + 1) } else { end }
    }

    fn raw_text(&mut self) {
        let start = self.at;
        let end = self.end_of_line(start);
        match memchr::memchr(b'"', &self.bytes[start + 2..end]) {
            Some(length) => self.at = start + 2 + length + 1,
            None => {
                let frame = Frame { open: Open::Text, at: start, indent: 0, line: self.line, opens_lines: false };
                self.unclosed(frame, &[]);
                self.edit(end..end, "\"");
                self.at = end;
            }
        }
    }

    fn single_quote(&mut self) {
        let start = self.at;
        let end = self.end_of_line(start);
        match memchr::memchr(b'\'', &self.bytes[start + 1..end]) {
            Some(length) => self.at = start + 1 + length + 1,
            None => self.at += 1,
        }
    }

    fn jsonata(&mut self) {
        let start = self.at;
        match self.text[start..].find("%}") {
            Some(length) => self.at = start + length + 2,
            None => {
                self.problem(Problem::Unclosed { at: start, what: "`{%`", closer: "%}", outer: Vec::new() });
                let end = self.end_before_closers(start);
                self.edit(start..end, "\u{1}");
                self.at = end;
            }
        }
        if let Some(newline) = self.text[start..self.at].rfind('\n') {
            self.line = start + newline + 1;
        }
    }

    // ---- comments

    fn comment(&mut self) {
        let start = self.at;
        let end = self.end_of_line(start);
        self.at = end;
        let text = &self.text[start..end];
        if !text.starts_with("///") || text.starts_with("////") || self.has_token {
            self.scan.comments.push(start..end);
            return;
        }
        let line = text[3..].strip_prefix(' ').unwrap_or(&text[3..]).trim_end();
        let waiting = self.scan.docs.len() > self.docs_waiting;
        if waiting && let Some(doc) = self.scan.docs.last_mut() {
            doc.text.push('\n');
            doc.text.push_str(line);
            doc.end = end as u32;
            return;
        }
        self.scan.docs.push(DocComment { text: line.to_owned(), start: start as u32, end: end as u32, target: 0 });
    }

    fn hash_comment(&mut self) {
        let start = self.at;
        let end = self.end_of_line(start);
        self.at = end;
        self.scan.comments.push(start..end);
        let text = &self.text[start..end];
        let goes_on = self.scan.problems.last_mut().and_then(|problem| match problem {
            Problem::HashComment { places } => places.last().copied().filter(|last| {
                let between = &self.text[*last..start];
                !self.has_token && between.matches('\n').count() == 1
            }),
            _ => None,
        });
        match (goes_on, self.scan.problems.last_mut()) {
            (Some(_), Some(Problem::HashComment { places })) => places.push(start),
            _ => self.problem(Problem::HashComment { places: vec![start] }),
        }
        self.edit(start..start + text.len(), "");
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let end = self.text[start..].find("*/").map(|length| start + length + 2);
        match end {
            Some(end) => {
                self.at = end;
                self.scan.comments.push(start..end);
                self.problem(Problem::BlockComment { range: start..end });
                let body = &self.text[start..end];
                self.edit(start..end, if body.contains('\n') { "\n" } else { " " });
                if let Some(newline) = body.rfind('\n') {
                    self.line = start + newline + 1;
                    self.indent = 0;
                }
            }
            None => {
                self.problem(Problem::Unclosed { at: start, what: "`/*`", closer: "*/", outer: Vec::new() });
                let end = self.end_of_line(start);
                self.edit(start..end, "");
                self.at = end;
            }
        }
    }

    // ---- characters that are no part of the language

    fn odd_character(&mut self) {
        let start = self.at;
        self.at += 1;
        self.problem(Problem::Character { range: start..start + 1 });
        self.edit(start..start + 1, " ");
    }

    fn beyond_ascii(&mut self) {
        let start = self.at;
        let character = self.text[start..].chars().next().unwrap_or(' ');
        match character {
            '“' | '”' | '„' | '«' => {
                let end = self.end_of_line(start);
                let inside = start + character.len_utf8();
                let closer = self.text[inside..end].find(['”', '“', '»', '"']);
                match closer {
                    Some(length) => {
                        let close = inside + length;
                        let after = close + self.text[close..].chars().next().map_or(0, char::len_utf8);
                        self.problem(Problem::CurlyQuotes { range: start..after, inside: inside..close });
                        self.edit(start..inside, "\"");
                        self.edit(close..after, "\"");
                        self.at = after;
                    }
                    None => self.wrong_name(start),
                }
            }
            _ if character.is_whitespace() || matches!(character, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}') => {
                let end = start + character.len_utf8();
                self.at = end;
                self.problem(Problem::Character { range: start..end });
                self.edit(start..end, " ");
            }
            _ => self.wrong_name(start),
        }
    }

    /// A name with letters that names may not have. The grammar reads it all the same.
    fn wrong_name(&mut self, from: usize) {
        let mut start = from;
        while start > 0 && is_word_byte(self.bytes[start - 1]) {
            start -= 1;
        }
        let rest = &self.text[from..];
        let length = rest.find(|c: char| c.is_ascii() && !is_word_byte(c as u8)).unwrap_or(rest.len());
        self.at = from + length;
        let range = start..self.at;
        if self.text[range.clone()].chars().any(|c| !c.is_alphanumeric() && c != '_') {
            self.edit(range.clone(), "\u{1}");
        }
        self.problem(Problem::Character { range });
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
