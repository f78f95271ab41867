//! Reads YAML as JSON with places. The short functions of CloudFormation (`!Sub`, `!GetAtt`) become the long ones, as AWS
//! reads them; anchors are written out.

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::document::{Kind, Member, Node};
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// So many values at most come of anchors: more is a bomb.
const MOST_COPIES: usize = 100_000;
const DEEPEST: usize = 200;

pub(super) fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let mut offsets = Vec::new();
    if !text.is_ascii() {
        offsets.extend(text.char_indices().map(|(offset, _)| offset));
        offsets.push(text.len());
    }
    let mut reader = Reader {
        file,
        length: text.len(),
        offsets,
        parser: Parser::new_from_str(text),
        anchors: FxHashMap::default(),
        copies: 0,
        depth: 0,
    };
    match reader.document() {
        Ok(node) => Some(node),
        Err(found) => {
            diagnostics.push(*found);
            None
        }
    }
}

struct Reader<'r> {
    file: FileId,
    length: usize,
    /// The byte that each character starts at, where that is not its number.
    offsets: Vec<usize>,
    parser: Parser<'r, saphyr_parser::StrInput<'r>>,
    anchors: FxHashMap<usize, Node>,
    copies: usize,
    depth: usize,
}

type Read<T> = Result<T, Box<Diagnostic>>;

impl<'r> Reader<'r> {
    fn wrong(&self, span: Span, problem: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(&d::IMPORT_TEXT, span, &[("format", &"YAML"), ("problem", &problem)]))
    }

    fn offset(&self, index: usize) -> usize {
        if self.offsets.is_empty() {
            return index.min(self.length);
        }
        self.offsets.get(index).copied().unwrap_or(self.length)
    }

    fn next(&mut self) -> Read<(Event<'r>, Span)> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let (start, end) = (self.offset(span.start.index()), self.offset(span.end.index()));
                Ok((event, Span::new(self.file, start, end.max(start))))
            }
            Some(Err(error)) => {
                let at = self.offset(error.marker().index());
                let problem = error.info().trim_end_matches('.').to_owned();
                Err(self.wrong(Span::new(self.file, at, at), &problem))
            }
            None => Err(self.wrong(Span::new(self.file, self.length, self.length), "the text ends too early")),
        }
    }

    fn document(&mut self) -> Read<Node> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    return Err(self.wrong(span, "there is no document in this file"));
                }
                event => return self.node(event, span),
            }
        }
    }

    fn node(&mut self, event: Event<'r>, span: Span) -> Read<Node> {
        if self.depth >= DEEPEST {
            return Err(self.wrong(span, &format!("this is nested more than {DEEPEST} levels deep")));
        }
        self.depth += 1;
        let node = self.inner(event, span);
        self.depth -= 1;
        node
    }

    fn inner(&mut self, event: Event<'r>, span: Span) -> Read<Node> {
        let (node, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.as_deref().is_some_and(|tag| !is_core(tag) || tag.suffix == "str");
                let kind = if style == ScalarStyle::Plain && !is_text {
                    plain(&text)
                } else {
                    Kind::String(text.into_owned())
                };
                (Node::new(kind, span), anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut items = Vec::new();
                let end = loop {
                    let (event, at) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break at;
                    }
                    items.push(self.node(event, at)?);
                };
                let end = items.last().map_or(end, |last: &Node| last.span);
                (Node::new(Kind::List(items), span.to(end)), anchor, tag)
            }
            Event::MappingStart(anchor, tag) => {
                let mut members: Vec<Member> = Vec::new();
                let end = loop {
                    let (event, at) = self.next()?;
                    if matches!(event, Event::MappingEnd) {
                        break at;
                    }
                    let key = self.node(event, at)?;
                    let (event, at) = self.next()?;
                    let value = self.node(event, at)?;
                    self.enter(&mut members, &key, value)?;
                };
                let end = members.last().map_or(end, |last| last.value.span);
                (Node::new(Kind::Object(members), span.to(end)), anchor, tag)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => {
                    self.copies += size(node);
                    if self.copies > MOST_COPIES {
                        return Err(self.wrong(span, "its anchors come to too many values"));
                    }
                    return Ok(node.clone());
                }
                None => return Err(self.wrong(span, "there is no such anchor")),
            },
            _ => return Err(self.wrong(span, "a value belongs here")),
        };
        let node = match tag.as_deref() {
            Some(tag) if !is_core(tag) => function(tag, node),
            _ => node,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn enter(&self, members: &mut Vec<Member>, key: &Node, value: Node) -> Read<()> {
        let text = match &key.kind {
            Kind::String(text) | Kind::Number(text) | Kind::Placeholder(text) => text.clone(),
            Kind::Bool(flag) => flag.to_string(),
            Kind::Null => "null".to_owned(),
            Kind::List(_) | Kind::Object(_) => return Err(self.wrong(key.span, "a key is a text")),
        };
        if text == "<<"
            && let Some(merged) = value.members()
        {
            for member in merged {
                if members.iter().all(|known| known.key != member.key) {
                    members.push(member.clone());
                }
            }
            return Ok(());
        }
        let member = Member { key: text, key_span: key.span, value };
        match members.iter_mut().find(|known| known.key == member.key) {
            Some(known) => *known = member,
            None => members.push(member),
        }
        Ok(())
    }
}

fn is_core(tag: &Tag) -> bool {
    tag.is_yaml_core_schema()
}

fn size(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::List(items) => items.iter().map(size).sum::<usize>(),
        Kind::Object(members) => members.iter().map(|member| size(&member.value)).sum::<usize>(),
        _ => 0,
    }
}

/// `!Sub x` is `{ "Fn::Sub": x }`.
fn function(tag: &Tag, node: Node) -> Node {
    let name = match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        other => format!("Fn::{other}"),
    };
    let span = node.span;
    let value = match (&node.kind, tag.suffix.as_str()) {
        (Kind::String(text), "GetAtt") if text.contains('.') => {
            let (resource, attribute) = text.split_once('.').unwrap_or((text, ""));
            let part = |text: &str| Node::new(Kind::String(text.to_owned()), span);
            Node::new(Kind::List(vec![part(resource), part(attribute)]), span)
        }
        _ => node,
    };
    Node::new(Kind::Object(vec![Member { key: name, key_span: span, value }]), span)
}

/// A scalar without quotes, by the core schema.
fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.chars().any(|character| character.is_ascii_digit())
        && unsigned
            .chars()
            .all(|character| character.is_ascii_digit() || matches!(character, '.' | 'e' | 'E' | '+' | '-'))
        && text.parse::<f64>().is_ok();
    if !is_number {
        return Kind::String(text.to_owned());
    }
    // As JSON spells it: no sign before, no zeros in front, digits on both sides of the point.
    let sign = if text.starts_with('-') { "-" } else { "" };
    let trimmed = unsigned.trim_start_matches('0');
    let mut number = if trimmed.starts_with(|first: char| first.is_ascii_digit()) {
        trimmed.to_owned()
    } else {
        format!("0{trimmed}")
    };
    if let Some(point) = number.find('.')
        && !number[point + 1..].starts_with(|next: char| next.is_ascii_digit())
    {
        number.insert(point + 1, '0');
    }
    Kind::Number(format!("{sign}{number}"))
}
