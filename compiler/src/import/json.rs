//! Reads JSON, with the placeholders that templates leave in it. Every value keeps its place and every number its spelling;
//! of a member given twice the last counts, as for everyone who reads JSON, and a warning says so.

use rustc_hash::FxHashMap;

use super::document::{Kind, Member, Node};
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// Nesting beyond this is no definition, and would exhaust the stack.
const DEEPEST: usize = 200;

/// The value of a text. Without one there is an error among `diagnostics`.
pub(super) fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let mut reader = Reader { file, text, at: 0, depth: 0, diagnostics };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    let result = reader.value().and_then(|node| {
        reader.space();
        if reader.at < text.len() { Err(reader.wrong("nothing may follow the document")) } else { Ok(node) }
    });
    match result {
        Ok(node) => Some(node),
        Err(found) => {
            reader.diagnostics.push(*found);
            None
        }
    }
}

struct Reader<'r> {
    file: FileId,
    text: &'r str,
    at: usize,
    depth: usize,
    diagnostics: &'r mut Diagnostics,
}

type Read<T> = Result<T, Box<Diagnostic>>;

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    fn wrong_at(&self, start: usize, end: usize, problem: &str) -> Box<Diagnostic> {
        let span = Span::new(self.file, start, end);
        Box::new(Diagnostic::new(&d::IMPORT_TEXT, span, &[("format", &"JSON"), ("problem", &problem)]))
    }

    /// A problem at the present place, which is the end of the text where it ends too early.
    fn wrong(&self, problem: &str) -> Box<Diagnostic> {
        if self.at >= self.text.len() {
            return self.wrong_at(self.text.len(), self.text.len(), "the text ends too early");
        }
        let width = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
        self.wrong_at(self.at, self.at + width, problem)
    }

    fn value(&mut self) -> Read<Node> {
        self.space();
        let start = self.at;
        match self.byte() {
            Some(b'{') => self.nested(Reader::object),
            Some(b'[') => self.nested(Reader::list),
            Some(b'"') => {
                let text = self.string()?;
                Ok(Node::new(Kind::String(text), self.span(start)))
            }
            Some(b'$') if self.text[self.at..].starts_with("${") => self.placeholder(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() => {
                while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    self.at += 1;
                }
                let kind = match &self.text[start..self.at] {
                    "true" => Kind::Bool(true),
                    "false" => Kind::Bool(false),
                    "null" => Kind::Null,
                    word => {
                        let problem = format!("`{word}` is no value; texts are written in quotes");
                        return Err(self.wrong_at(start, self.at, &problem));
                    }
                };
                Ok(Node::new(kind, self.span(start)))
            }
            _ => Err(self.wrong("a value belongs here")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Node>) -> Read<Node> {
        if self.depth >= DEEPEST {
            return Err(self.wrong(&format!("this is nested more than {DEEPEST} levels deep")));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn object(&mut self) -> Read<Node> {
        let start = self.at;
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        // Looked up only where there are many: most objects are small.
        let mut index: FxHashMap<String, usize> = FxHashMap::default();
        loop {
            self.space();
            match self.byte() {
                Some(b'}') if members.is_empty() => break,
                Some(b'"') => {}
                Some(b'}') => return Err(self.wrong("a member belongs here, since a comma stands before it")),
                _ => return Err(self.wrong("the key of a member belongs here, in double quotes")),
            }
            let key_start = self.at;
            let key = self.string()?;
            let key_span = self.span(key_start);
            self.space();
            if self.byte() != Some(b':') {
                return Err(self.wrong("`:` belongs here, between a key and its value"));
            }
            self.at += 1;
            let value = self.value()?;
            match index.get(&key) {
                Some(known) => {
                    let first = members[*known].key_span;
                    let found = Diagnostic::new(&d::IMPORT_KEY_TWICE, key_span, &[("key", &key)]);
                    self.diagnostics.push(found.related(first, "the first one, which has no effect"));
                    members[*known] = Member { key, key_span, value };
                }
                None => {
                    index.insert(key.clone(), members.len());
                    members.push(Member { key, key_span, value });
                }
            }
            self.space();
            match self.byte() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("`,` or `}` belongs here")),
            }
        }
        self.at += 1;
        Ok(Node::new(Kind::Object(members), self.span(start)))
    }

    fn list(&mut self) -> Read<Node> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.byte() == Some(b']') {
            self.at += 1;
            return Ok(Node::new(Kind::List(items), self.span(start)));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.byte() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("`,` or `]` belongs here")),
            }
        }
        self.at += 1;
        Ok(Node::new(Kind::List(items), self.span(start)))
    }

    /// `${Name}`, with whatever stands in the braces.
    fn placeholder(&mut self) -> Read<Node> {
        let start = self.at;
        let mut depth = 0;
        loop {
            match self.byte() {
                Some(b'{') => depth += 1,
                Some(b'}') => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Some(b'\n') | None => return Err(self.wrong_at(start, self.at, "this placeholder is never closed")),
                Some(_) => {}
            }
            self.at += 1;
        }
        self.at += 1;
        // A number may stand around it: `${Hours}00`.
        while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
            self.at += 1;
        }
        Ok(Node::new(Kind::Placeholder(self.text[start..self.at].to_owned()), self.span(start)))
    }

    fn number(&mut self) -> Read<Node> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let from = reader.at;
            while reader.byte().is_some_and(|byte| byte.is_ascii_digit()) {
                reader.at += 1;
            }
            reader.at > from
        };
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let leading = self.at;
        if !digits(self) {
            return Err(self.wrong("a digit belongs here"));
        }
        if self.text.as_bytes()[leading] == b'0' && self.at > leading + 1 {
            return Err(self.wrong_at(start, self.at, "a number does not begin with a zero"));
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            if !digits(self) {
                return Err(self.wrong("a digit belongs here"));
            }
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !digits(self) {
                return Err(self.wrong("a digit belongs here"));
            }
        }
        Ok(Node::new(Kind::Number(self.text[start..self.at].to_owned()), self.span(start)))
    }

    fn string(&mut self) -> Read<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.byte().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(b'\n' | b'\r') => {
                    return Err(self.wrong_at(start, self.at, "this text is not closed on its line"));
                }
                // Tabs and such, which strict JSON refuses and many writers leave in.
                Some(byte) => {
                    out.push(char::from(byte));
                    self.at += 1;
                }
                None => return Err(self.wrong_at(start, self.at, "the text ends before this is closed")),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Read<()> {
        let start = self.at;
        self.at += 1;
        let Some(byte) = self.byte() else { return Err(self.wrong("")) };
        self.at += 1;
        match byte {
            b'"' => out.push('"'),
            b'\\' => out.push('\\'),
            b'/' => out.push('/'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let first = self.hexadecimal(start)?;
                let mut code = first;
                if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let second = self.hexadecimal(start)?;
                    if (0xdc00..0xe000).contains(&second) {
                        code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    }
                }
                match char::from_u32(code) {
                    Some(character) => out.push(character),
                    None => return Err(self.wrong_at(start, self.at, "half of a character cannot stand alone")),
                }
            }
            _ => {
                let width = self.text[start + 1..].chars().next().map_or(1, char::len_utf8);
                return Err(self.wrong_at(
                    start,
                    start + 1 + width,
                    "there is no such escape; a backslash is written `\\\\`",
                ));
            }
        }
        Ok(())
    }

    fn hexadecimal(&mut self, start: usize) -> Read<u32> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(self.wrong_at(start, self.at, "four hexadecimal digits follow `\\u`")),
        }
    }
}
