//! Texts and what may stand in them.

use super::*;

impl Scanner<'_> {
    pub(super) fn quote(&mut self) {
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
    pub(super) fn long_text_ends(&self) -> bool {
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

    pub(super) fn end_of_line(&self, from: usize) -> usize {
        let end = memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |length| from + length);
        if end > from && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    pub(super) fn inside_text(&mut self, open: Open) {
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
    pub(super) fn text_ends_early(&mut self) {
        self.sound = false;
        let Some(frame) = self.frames.pop() else { return };
        if !self.mending {
            return;
        }
        let inner = self.frames.iter().rposition(|other| other.open == Open::Value && other.line == self.line);
        if let Some(index) = inner {
            // `"… ${x"`: the quote that seemed to open this text closes the outer one.
            let value = self.frames[index];
            self.rewind(frame.at);
            self.unclosed(value, &[]);
            self.frames.truncate(index);
            self.edit(frame.at..frame.at, "}");
            self.frames.pop();
            self.at = frame.at + 1;
            self.last_end = self.at;
            return;
        }
        self.rewind(frame.at);
        self.unclosed(frame, &[]);
        let place = self.end_before_closers(frame.at);
        self.edit(place..place, "\"");
        self.at = place;
        self.last_end = place;
    }

    /// Forgets what was found from `start` on, where the text is read again.
    pub(super) fn rewind(&mut self, start: usize) {
        let scan = &mut self.scan;
        scan.patch.forget_from(start);
        scan.problems.retain(|problem| problem.place() < start);
        scan.comments.retain(|comment| comment.start < start);
        scan.docs.retain(|doc| (doc.start as usize) < start);
        self.docs_waiting = self.docs_waiting.min(self.scan.docs.len());
    }

    /// Where something that is never closed ends, if it ends with its line. Closing brackets at the end of the line belong
    /// to what was opened in the line before it.
    pub(super) fn end_before_closers(&self, from: usize) -> usize {
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

    pub(super) fn raw_text(&mut self) {
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

    pub(super) fn single_quote(&mut self) {
        let start = self.at;
        let end = self.end_of_line(start);
        match memchr::memchr(b'\'', &self.bytes[start + 1..end]) {
            Some(length) => self.at = start + 1 + length + 1,
            None => self.at += 1,
        }
    }

    pub(super) fn jsonata(&mut self) {
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
}
