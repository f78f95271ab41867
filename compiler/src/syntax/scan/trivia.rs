//! Comments, and characters that are no part of the language.

use super::*;

impl Scanner<'_> {
    pub(super) fn comment(&mut self) {
        let start = self.at;
        if self.bare_location(start) {
            return;
        }
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

    /// `uri = s3://bucket/key`, of which the half would be a comment.
    fn bare_location(&mut self, start: usize) -> bool {
        let before = &self.text[self.line..start];
        let scheme = ["s3://", "https://", "http://"].map(|start| start.trim_end_matches('/'));
        let Some(scheme) = scheme.into_iter().find(|scheme| before.ends_with(scheme)) else {
            return false;
        };
        let from = start - scheme.len();
        let starts_value = self.text[self.line..from].trim_end().ends_with(['=', '(', '[', ',', ':']);
        let rest = &self.text[start + 2..];
        let length = rest.find([' ', '\t', '\r', '\n', ',', ')', ']', '"', '}']).unwrap_or(rest.len());
        if !starts_value || length == 0 {
            return false;
        }
        let range = from..start + 2 + length;
        self.at = range.end;
        self.last_end = range.end;
        let quoted = format!("\"{}\"", &self.text[range.clone()]);
        self.problem(Problem::BareLocation { range: range.clone() });
        // What stands for a value that depends on others would not be read as such.
        self.edit(range, if quoted.contains('$') { "\u{1}" } else { &quoted });
        true
    }

    pub(super) fn hash_comment(&mut self) {
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

    pub(super) fn block_comment(&mut self) {
        let start = self.at;
        let end = self.text[start + 2..].find("*/").map(|length| start + 2 + length + 2);
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

    pub(super) fn odd_character(&mut self) {
        let start = self.at;
        self.at += 1;
        self.problem(Problem::Character { range: start..start + 1 });
        self.edit(start..start + 1, " ");
    }

    pub(super) fn beyond_ascii(&mut self) {
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
            _ if character.is_whitespace()
                || matches!(character, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}') =>
            {
                let end = start + character.len_utf8();
                self.at = end;
                self.problem(Problem::Character { range: start..end });
                self.edit(start..end, " ");
            }
            _ => self.wrong_name(start),
        }
    }

    /// A name with letters that names may not have. The grammar reads it all the same.
    pub(super) fn wrong_name(&mut self, from: usize) {
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
