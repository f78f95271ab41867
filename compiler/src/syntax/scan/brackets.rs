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
                    && let Some(index) = self.frames[floor..]
                        .iter()
                        .rposition(|frame| fits(frame) && frame.indent == column && frame.opens_lines)
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
