//! Writes pretty JSON and, as it goes, the source map of every key and leaf, in the standard form of version 3.

use crate::source::{LineColumn, Sources, Span};

const SPACES: &str = "                                ";

/// JSON under construction. Members come in the order in which they are written.
pub(crate) struct JsonWriter<'s> {
    out: String,
    depth: usize,
    /// Whether something stands already on the present level.
    filled: Vec<bool>,
    after_key: bool,
    /// Characters that the document would have without white space.
    compact: usize,
    line: u32,
    line_start: usize,
    /// How many bytes more than UTF-16 units the present line has.
    wide: usize,
    map: MapBuilder<'s>,
    /// Where values begin that are filled in when the stack is deployed.
    placeholders: Vec<usize>,
}

/// What CloudFormation calls the region, account or partition of the deployment.
pub(crate) fn aws_name(name: &str) -> &str {
    match name {
        "region" => "AWS::Region",
        "account" => "AWS::AccountId",
        "partition" => "AWS::Partition",
        "suffix" => "AWS::URLSuffix",
        "stack" => "AWS::StackName",
        other => other,
    }
}

/// Around the name of a value that is filled in when the stack is deployed; written as `${` and `}`.
pub(crate) const OPEN_PLACEHOLDER: char = '\u{e000}';
pub(crate) const CLOSE_PLACEHOLDER: char = '\u{e001}';

impl<'s> JsonWriter<'s> {
    pub(crate) fn new(sources: &'s Sources) -> JsonWriter<'s> {
        JsonWriter {
            out: String::new(),
            depth: 0,
            filled: vec![false],
            after_key: false,
            compact: 0,
            line: 0,
            line_start: 0,
            wide: 0,
            placeholders: Vec::new(),
            map: MapBuilder {
                sources,
                mappings: Vec::new(),
                files: Vec::new(),
                last: [0; 4],
                last_line: 0,
                fresh: true,
                last_span: (crate::source::FileId::NONE, 0),
                near: None,
                first: None,
            },
        }
    }

    /// A writer for what follows in the list or object that is open here, once something stands in it.
    pub(crate) fn apart(&self) -> JsonWriter<'s> {
        let mut other = JsonWriter::new(self.map.sources);
        other.depth = self.depth;
        other.filled.clone_from(&self.filled);
        if let Some(filled) = other.filled.last_mut() {
            *filled = true;
        }
        other.map.files.clone_from(&self.map.files);
        other.map.first = Some(None);
        other
    }

    /// Puts what [`JsonWriter::apart`]'s writer wrote at the end; not, and `false`, where the two number files differently.
    pub(crate) fn append(&mut self, other: &JsonWriter<'s>) -> bool {
        if !self.map.append(&other.map, self.line) {
            return false;
        }
        let before = self.out.len();
        self.line_start = before + other.line_start;
        self.placeholders.extend(other.placeholders.iter().map(|at| before + at));
        self.out.push_str(&other.out);
        self.line += other.line;
        self.wide = other.wide;
        self.compact += other.compact;
        if let Some(filled) = self.filled.last_mut() {
            *filled = true;
        }
        true
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.line += 1;
        self.line_start = self.out.len();
        self.wide = 0;
        let mut width = 2 * self.depth;
        while width > 0 {
            let part = width.min(SPACES.len());
            self.out.push_str(&SPACES[..part]);
            width -= part;
        }
    }

    fn separate(&mut self) {
        if self.after_key {
            self.after_key = false;
            return;
        }
        let filled = self.filled.last_mut().expect("a level is open until the document ends");
        let first = !*filled;
        *filled = true;
        if !first {
            self.out.push(',');
            self.compact += 1;
        }
        if self.depth > 0 {
            self.newline();
        }
    }

    fn mark(&mut self, span: Span) {
        if span.is_none() {
            return;
        }
        let column = self.out.len() - self.line_start - self.wide;
        self.map.add(self.line, column as u32, span);
    }

    fn open(&mut self, bracket: char, span: Span) {
        self.separate();
        self.mark(span);
        self.out.push(bracket);
        self.compact += 1;
        self.depth += 1;
        self.filled.push(false);
    }

    fn close(&mut self, bracket: char) {
        self.depth -= 1;
        if self.filled.pop() == Some(true) {
            self.newline();
        }
        self.out.push(bracket);
        self.compact += 1;
    }

    pub(crate) fn begin_object(&mut self, span: Span) {
        self.open('{', span);
    }

    pub(crate) fn end_object(&mut self) {
        self.close('}');
    }

    pub(crate) fn begin_list(&mut self, span: Span) {
        self.open('[', span);
    }

    pub(crate) fn end_list(&mut self) {
        self.close(']');
    }

    pub(crate) fn key(&mut self, key: &str, span: Span) {
        self.separate();
        self.mark(span);
        self.text(key);
        self.out.push_str(": ");
        self.compact += 1;
        self.after_key = true;
    }

    pub(crate) fn string(&mut self, text: &str, span: Span) {
        self.separate();
        self.mark(span);
        self.text(text);
    }

    /// A number, truth value or null as JSON spells it.
    pub(crate) fn token(&mut self, token: &str, span: Span) {
        self.separate();
        self.mark(span);
        self.out.push_str(token);
        self.compact += token.len();
    }

    fn text(&mut self, text: &str) {
        let start = self.out.len();
        self.out.push('"');
        // The first byte of the marks of placeholders is 0xee. Without an early end, so that many bytes are looked at at once.
        let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0xee;
        let plain = text.bytes().fold(true, |plain, byte| plain & is_plain(byte));
        if plain {
            self.out.push_str(text);
        } else {
            for character in text.chars() {
                match character {
                    '"' => self.out.push_str("\\\""),
                    '\\' => self.out.push_str("\\\\"),
                    '\n' => self.out.push_str("\\n"),
                    '\r' => self.out.push_str("\\r"),
                    '\t' => self.out.push_str("\\t"),
                    OPEN_PLACEHOLDER => {
                        self.placeholders.push(self.out.len());
                        self.out.push_str("${");
                    }
                    CLOSE_PLACEHOLDER => self.out.push('}'),
                    control if (control as u32) < 0x20 => {
                        self.out.push_str(&format!("\\u{:04x}", control as u32));
                    }
                    other => self.out.push(other),
                }
            }
        }
        self.out.push('"');
        let written = &self.out[start..];
        if written.is_ascii() {
            self.compact += written.len();
        } else {
            self.compact += written.chars().count();
            self.wide += written.len() - written.encode_utf16().count();
        }
    }

    /// Where in the document values begin that are filled in when the stack is deployed.
    pub(crate) fn take_placeholders(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.placeholders)
    }

    /// The document, its source map, and how many characters it has without white space.
    pub(crate) fn finish(mut self, file: &str) -> (String, String, usize) {
        self.out.push('\n');
        let map = self.map.finish(file);
        (self.out, map, self.compact)
    }
}

struct MapBuilder<'s> {
    sources: &'s Sources,
    /// In base 64, so ASCII.
    mappings: Vec<u8>,
    /// Files in the order of their first use.
    files: Vec<crate::source::FileId>,
    /// Generated column, source, line and column of the last segment.
    last: [i64; 4],
    last_line: u32,
    /// Whether the present line has no segment yet.
    fresh: bool,
    last_span: (crate::source::FileId, u32),
    /// The line of the last segment in its file: what is written next mostly comes from the same.
    near: Option<Near>,
    /// Of a map that is to follow another: its first segment, which is told from the other's last.
    first: Option<Option<First>>,
}

struct First {
    /// Where it stands in the mappings.
    range: std::ops::Range<usize>,
    values: [i64; 4],
}

struct Near {
    file: crate::source::FileId,
    range: std::ops::Range<u32>,
    line: u32,
}

impl MapBuilder<'_> {
    fn add(&mut self, line: u32, column: u32, span: Span) {
        // A key and its value often come from one place: one segment serves the line from there on.
        if !self.fresh && self.last_line == line && self.last_span == (span.file, span.start) {
            return;
        }
        self.last_span = (span.file, span.start);
        while self.last_line < line {
            self.mappings.push(b';');
            self.last_line += 1;
            self.last[0] = 0;
            self.fresh = true;
        }
        let source = match self.files.iter().position(|file| *file == span.file) {
            Some(index) => index,
            None => {
                self.files.push(span.file);
                self.files.len() - 1
            }
        };
        let LineColumn { line, column: at } = self.place(span);
        if !self.fresh {
            self.mappings.push(b',');
        }
        self.fresh = false;
        let values = [i64::from(column), source as i64, i64::from(line), i64::from(at)];
        let start = self.mappings.len();
        for (value, last) in values.iter().zip(&mut self.last) {
            variable_length(value - *last, &mut self.mappings);
            *last = *value;
        }
        if let Some(first @ None) = &mut self.first {
            *first = Some(First { range: start..self.mappings.len(), values });
        }
    }

    /// Puts the segments of a map that starts on `line` at the end; not where the two number their files differently.
    fn append(&mut self, other: &MapBuilder<'_>, line: u32) -> bool {
        if !other.files.starts_with(&self.files) && !self.files.starts_with(&other.files) {
            return false;
        }
        let Some(Some(first)) = &other.first else { return true };
        if other.files.len() > self.files.len() {
            self.files.clone_from(&other.files);
        }
        while self.last_line < line {
            self.mappings.push(b';');
            self.last_line += 1;
        }
        self.last[0] = 0;
        self.mappings.extend_from_slice(&other.mappings[..first.range.start]);
        for (value, last) in first.values.iter().zip(self.last) {
            variable_length(value - last, &mut self.mappings);
        }
        self.mappings.extend_from_slice(&other.mappings[first.range.end..]);
        self.last = other.last;
        self.last_line = line + other.last_line;
        self.fresh = other.fresh;
        self.last_span = other.last_span;
        true
    }

    /// The line and column of a span's start.
    fn place(&mut self, span: Span) -> LineColumn {
        let file = self.sources.get(span.file);
        if let Some(near) = &self.near
            && near.file == span.file
            && near.range.contains(&span.start)
            && let Some(before) = file.text.get(near.range.start as usize..span.start as usize)
            && before.is_ascii()
        {
            return LineColumn { line: near.line, column: before.len() as u32 };
        }
        let lines = file.lines();
        let place = lines.utf16(&file.text, span.start);
        let range = lines.line_start(place.line)..lines.line_start(place.line + 1);
        self.near = Some(Near { file: span.file, range, line: place.line });
        place
    }

    fn finish(self, file: &str) -> String {
        #[derive(serde::Serialize)]
        struct Map<'m> {
            version: u8,
            file: &'m str,
            sources: Vec<&'m str>,
            names: [&'m str; 0],
            mappings: &'m str,
        }
        let sources = self.files.iter().map(|file| self.sources.get(*file).name.as_str()).collect();
        let mappings = std::str::from_utf8(&self.mappings).unwrap_or_default();
        let map = Map { version: 3, file, sources, names: [], mappings };
        let mut text = serde_json::to_string(&map).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// A number in the base-64 form of source maps.
fn variable_length(value: i64, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = if value < 0 { ((-value) as u64) << 1 | 1 } else { (value as u64) << 1 };
    loop {
        let digit = rest & 31;
        rest >>= 5;
        let more = if rest > 0 { 32 } else { 0 };
        out.push(DIGITS[(digit | more) as usize]);
        if rest == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_pretty_json_and_counts_it_compact() {
        let sources = Sources::default();
        let mut writer = JsonWriter::new(&sources);
        writer.begin_object(Span::NONE);
        writer.key("a", Span::NONE);
        writer.begin_list(Span::NONE);
        writer.token("1", Span::NONE);
        writer.string("x\"\n", Span::NONE);
        writer.end_list();
        writer.key("b", Span::NONE);
        writer.begin_object(Span::NONE);
        writer.end_object();
        writer.end_object();
        let (text, _, compact) = writer.finish("x.json");
        assert_eq!(text, "{\n  \"a\": [\n    1,\n    \"x\\\"\\n\"\n  ],\n  \"b\": {}\n}\n");
        assert_eq!(compact, r#"{"a":[1,"x\"\n"],"b":{}}"#.len());
    }

    #[test]
    fn what_is_written_apart_is_as_if_it_were_written_in_one() {
        let mut sources = Sources::default();
        let file = sources.add(crate::source::SourceFile::new("a.mlflow", "x\ny z\n", false));
        let other = sources.add(crate::source::SourceFile::new("b.mlflow", "x\ny z\n", false));
        let item = |writer: &mut JsonWriter<'_>, file, at: usize| {
            writer.begin_object(Span::new(file, at, at + 1));
            writer.key("é", Span::new(file, 0, 1));
            writer.string("y", Span::new(file, at, at + 1));
            writer.end_object();
        };
        // The same file, one that only the second part names, and one that only the first does.
        for (second, third) in [(file, file), (file, other), (other, file)] {
            let mut whole = JsonWriter::new(&sources);
            let mut parts = JsonWriter::new(&sources);
            for writer in [&mut whole, &mut parts] {
                writer.begin_list(Span::new(file, 0, 1));
            }
            let mut apart = parts.apart();
            for (at, place) in [(0, file), (2, second)] {
                item(&mut whole, place, at);
                item(&mut parts, place, at);
            }
            for (at, place) in [(4, third), (2, file)] {
                item(&mut whole, place, at);
                item(&mut apart, place, at);
            }
            assert!(parts.append(&apart));
            for writer in [&mut whole, &mut parts] {
                writer.end_list();
            }
            assert_eq!(whole.finish("x.json"), parts.finish("x.json"));
        }
        let third = sources.add(crate::source::SourceFile::new("c.mlflow", "x", false));
        let mut first = JsonWriter::new(&sources);
        first.begin_list(Span::new(file, 0, 1));
        let mut apart = first.apart();
        item(&mut first, other, 0);
        item(&mut apart, third, 0);
        assert!(!first.append(&apart));
    }

    #[test]
    fn columns_count_utf16_units() {
        let mut sources = Sources::default();
        let file = sources.add(crate::source::SourceFile::new("a.mlflow", "x", false));
        let place = Span::new(file, 0, 1);
        let mut writer = JsonWriter::new(&sources);
        writer.begin_list(Span::NONE);
        writer.begin_object(Span::NONE);
        writer.key("\u{1f600}é", Span::NONE);
        writer.string("y", place);
        writer.end_object();
        writer.string("z", place);
        writer.end_list();
        let (text, map, compact) = writer.finish("x.json");
        assert_eq!(text, "[\n  {\n    \"\u{1f600}é\": \"y\"\n  },\n  \"z\"\n]\n");
        // Two for the emoji, one for the letter: `"y"` starts after 4 + 5 + 2 units, `"z"` after 2.
        let [y, z] = [11, 2].map(|column| {
            let mut out = Vec::new();
            variable_length(column, &mut out);
            String::from_utf8(out).expect("digits are ASCII")
        });
        assert!(map.contains(&format!("\"mappings\":\";;{y}AAA;;{z}AAA\"")), "{map}");
        assert_eq!(compact, 16);
    }

    #[test]
    fn numbers_are_spelt_as_source_maps_spell_them() {
        let spell = |value| {
            let mut out = Vec::new();
            variable_length(value, &mut out);
            String::from_utf8(out).expect("digits are ASCII")
        };
        assert_eq!([spell(0), spell(1), spell(-1), spell(16), spell(511)], ["A", "C", "D", "gB", "+f"]);
    }
}
