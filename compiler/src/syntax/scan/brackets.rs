//! Brackets: which closes which, and by which edits they would fit where they do not.

use super::*;

impl Scanner<'_> {
    pub(super) fn push(&mut self, open: Open, length: usize) {
        let frame = Frame { open, at: self.at, indent: self.indent, line: self.line, opens_lines: true };
        self.at += length;
        self.frames.push(frame);
    }

    pub(super) fn open(&mut self, open: Open) {
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

    pub(super) fn close(&mut self, closer: u8) {
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
            self.stray(start);
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
                    self.stray(start);
                    return;
                }
                if column < top.indent
                    && let Some(index) = self.frames[floor..]
                        .iter()
                        .rposition(|frame| fits(frame) && frame.indent == column && frame.opens_lines)
                {
                    self.close_above(floor + index);
                }
            }
            if !starts_line
                && closer == b'}'
                && top.line != self.line
                && top.opens_lines
                && self.closes_more_than_open(start)
            {
                // It closes what this line should have opened.
                self.stray(start);
                return;
            }
            self.frames.pop();
            return;
        }
        if top.line == self.line && top.open != Open::Value && self.line_closes(top.open, start + 1) {
            self.stray(start);
            return;
        }
        match self.frames[floor..].iter().rposition(fits) {
            Some(index) => {
                self.close_above(floor + index);
                self.frames.pop();
            }
            _ if top.open == Open::Value => self.stray(start),
            _ if top.line == self.line => {
                self.problem(Problem::WrongCloser { open: top.at, at: start, right: top.open.closer() });
                self.edit(start..start + 1, top.open.closer());
                self.frames.pop();
            }
            _ => self.stray(start),
        }
    }

    /// Whether what is open is closed in the rest of the line.
    fn line_closes(&self, open: Open, from: usize) -> bool {
        let (opener, closer) = match open {
            Open::Bracket => (b'[', b']'),
            Open::Paren => (b'(', b')'),
            _ => (b'{', b'}'),
        };
        let mut depth = 1_usize;
        for byte in self.bytes[from..].iter().take_while(|byte| **byte != b'\n') {
            depth = match *byte {
                byte if byte == opener => depth + 1,
                byte if byte == closer => depth - 1,
                _ => depth,
            };
            if depth == 0 {
                return true;
            }
        }
        false
    }

    /// A bracket that closes nothing: one too many, or the line above it that it should end lacks its `{`.
    fn stray(&mut self, start: usize) {
        self.sound = false;
        if !self.mending {
            return;
        }
        match self.line_without_brace(start) {
            Some((line, range)) => {
                self.problem(Problem::MissingOpen { range: range.clone(), line });
                self.edit(range, " {");
            }
            None => {
                let lines = self.lines_in_nothing(start);
                self.problem(Problem::Stray { at: start, lines });
                self.edit(start..start + 1, " ");
            }
        }
    }

    /// The first of the lines above a `}` at `start` that are indented further than it.
    fn lines_in_nothing(&self, start: usize) -> Option<usize> {
        let column = start - self.line;
        if self.bytes[start] != b'}' || !self.text[self.line..start].trim().is_empty() {
            return None;
        }
        let (mut end, mut first) = (self.line, None);
        while end > 0 {
            let from = self.text[..end - 1].rfind('\n').map_or(0, |newline| newline + 1);
            let line = self.text[from..end].trim_end();
            let indent = line.len() - line.trim_start().len();
            if line.is_empty() || indent <= column {
                break;
            }
            first = Some(from + indent);
            end = from;
        }
        first
    }

    /// The nearest line above that starts as far left as the `}` at `start` and has lines below it that are indented
    /// further, without opening a bracket: where it stands, and where a `{` belongs.
    fn line_without_brace(&self, start: usize) -> Option<(Range<usize>, Range<usize>)> {
        let column = start - self.line;
        if self.bytes[start] != b'}' || !self.text[self.line..start].trim().is_empty() {
            return None;
        }
        let (mut below_is_deeper, mut is_apart) = (false, false);
        let mut end = self.line;
        while end > self.chunk {
            let from = self.text[..end - 1].rfind('\n').map_or(0, |newline| newline + 1).max(self.chunk);
            let line = &self.text[from..end - 1];
            end = from;
            let code = line.split("//").next().unwrap_or(line).trim_end();
            let indent = code.len() - code.trim_start().len();
            if code.trim().is_empty() {
                // A head is followed by its lines; what is set apart from them is none.
                if line.trim().is_empty() && below_is_deeper {
                    is_apart = true;
                }
                continue;
            }
            if indent > column {
                below_is_deeper = true;
                is_apart = false;
                continue;
            }
            let starts_block = indent == column
                && !is_apart
                && below_is_deeper
                && code.trim_start().starts_with(|first: char| first.is_ascii_alphabetic() || first == '}')
                && !code.ends_with(['{', '[', '(', ',', '}', ']', ')', '=']);
            if !starts_block {
                // A call before the brace is the head of a kind with parameters.
                let is_head = indent == column && below_is_deeper && code.ends_with(')') && code.contains('=');
                if !is_head {
                    return None;
                }
            }
            let without_colon = code.trim_end_matches(':').trim_end();
            let line = from + indent..from + without_colon.len();
            return Some((line.clone(), line.end..from + code.len()));
        }
        None
    }

    /// Whether more brackets close than open from here to the end of the declaration, by counting alone.
    pub(super) fn closes_more_than_open(&self, start: usize) -> bool {
        let mut depth = self.frames.len() as isize;
        let mut at = start;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => depth -= 1,
                b'\n' if TOP_WORDS.contains(&word_at(self.text, at + 1)) => break,
                _ => {}
            }
            at += 1;
        }
        depth < 0
    }

    /// Reports and closes what is open above the frame at `index`.
    pub(super) fn close_above(&mut self, index: usize) {
        let above: Vec<Frame> = self.frames.drain(index + 1..).collect();
        let Some(last) = above.last().copied() else { return };
        let outer: Vec<usize> = above[..above.len() - 1].iter().map(|frame| frame.at).collect();
        self.unclosed(last, &outer);
        let closers: String = above.iter().rev().map(|frame| frame.open.closer()).collect();
        self.edit(self.last_end..self.last_end, &closers);
    }

    pub(super) fn unclosed(&mut self, frame: Frame, outer: &[usize]) {
        let what = match frame.open {
            Open::Brace => "`{`",
            Open::Bracket => "`[`",
            Open::Paren => "`(`",
            Open::Value => "`${`",
            Open::Text => "text",
            Open::LongText => "`\"\"\"` text",
        };
        let problem = Problem::Unclosed { at: frame.at, what, closer: frame.open.closer(), outer: outer.to_vec() };
        self.problem(problem);
    }
}
