//! What could be written at the cursor, told from the words before it: it holds for half-typed text too, of which the tree
//! may know nothing. It must not look up names beyond kinds and fields.

use smol_str::SmolStr;

use super::analysis::{Analysis, Cursor, FieldInfo, inner_field};
use crate::evaluate::incremental::output_settings;
use crate::facts::{ShapeId, ShapeKind};
use crate::source::FileId;
use crate::syntax::tree::Binding;
use crate::syntax::{Token, TokenKind, tokens};
use crate::types::Type;

/// A bracket around the cursor, by the words before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    File,
    /// `workflow x {`, `when c {`, by its first word.
    Block(SmolStr),
    /// `train x = xgboost("…") {`; without a word an instance.
    Application {
        word: Option<Binding>,
        callee: Vec<SmolStr>,
    },
    /// `aws.glue.StartCrawler {`, `call aws.glue.StartCrawler {`
    Call {
        path: Vec<SmolStr>,
    },
    /// `key = {`, `key {`
    Key(SmolStr),
    /// Braces without a key: an element of a list, an argument.
    Object,
    /// `[`, `key = [`
    List {
        key: Option<SmolStr>,
    },
    /// `callee(`, or parentheses alone.
    Arguments {
        callee: Vec<SmolStr>,
        position: usize,
    },
    /// Names of an import.
    Import,
    /// `schema x {`, `{` after a `:`
    Record,
    /// `run pipeline {`
    Run,
    /// `${`
    Interpolation,
}

/// What one place takes.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// The fields of a kind.
    Fields {
        kind: SmolStr,
        fields: Vec<FieldInfo>,
        common: Vec<FieldInfo>,
    },
    Type(Type),
    Api {
        service: SmolStr,
        shape: ShapeId,
    },
    Unknown,
}

/// What the words of the entry at the cursor amount to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spot {
    /// The start of an entry or declaration.
    Start,
    /// After `key =`.
    Value {
        key: SmolStr,
    },
    /// A place for any value.
    Expression,
    /// After `name:` or within a type.
    Type {
        arguments_of: Option<SmolStr>,
    },
    /// After a dot; what stands before it.
    Member {
        path: Vec<SmolStr>,
    },
    /// After `word name =`.
    Callee {
        word: Binding,
    },
    /// Where a new name stands, or nothing can be said.
    Nothing,
    /// After `from` or `import`.
    ImportPath,
    /// After `kind x is`, after `for` in its head, after `returns`, after `run`.
    Base,
    Roles,
    Returns {
        path: Vec<SmolStr>,
    },
    Engine,
}

#[derive(Debug)]
pub(super) struct Context {
    pub(super) frames: Vec<Frame>,
    pub(super) spot: Spot,
    /// The word being typed, up to the cursor.
    pub(super) prefix: String,
    /// Where it starts, within the part.
    pub(super) start: u32,
    /// Within quotes: where the text inside them starts, and whether it is closed.
    pub(super) text: Option<(u32, bool)>,
    /// Keys that the innermost braces hold already.
    pub(super) present: Vec<SmolStr>,
    /// In a comment.
    pub(super) is_comment: bool,
}

const BLOCKS: [&str; 12] =
    ["workflow", "component", "kind", "machine", "pipeline", "test", "when", "else", "for", "each", "try", "on"];

impl Context {
    pub(super) fn new(cursor: &Cursor<'_>) -> Context {
        let text = cursor.part().text();
        Context::of_text(text, cursor.offset as usize)
    }

    fn of_text(text: &str, at: usize) -> Context {
        let mut list = tokens(text);
        let end = list.partition_point(|token| token.start < at);
        let rest = list.split_off(end);
        let mut context = Context {
            frames: Vec::new(),
            spot: Spot::Start,
            prefix: String::new(),
            start: at as u32,
            text: None,
            present: Vec::new(),
            is_comment: false,
        };
        match list.last().copied() {
            Some(last) if last.kind == TokenKind::Comment && at <= last.end => {
                context.is_comment = true;
                return context;
            }
            Some(last) if last.kind == TokenKind::Text && (at < last.end || !closed(last.text(text))) => {
                // An interpolation is a text of its own.
                let written = &text[last.start..at];
                if let Some(open) = open_interpolation(written) {
                    let inner_start = last.start + open;
                    let mut inner = Context::of_text(&text[inner_start..], at - inner_start);
                    inner.start += inner_start as u32;
                    inner.text = inner.text.map(|(start, closed)| (start + inner_start as u32, closed));
                    if inner.spot == Spot::Start {
                        inner.spot = Spot::Expression;
                    }
                    let mut outer = frames(&list[..list.len() - 1], text).0;
                    outer.push(Frame::Interpolation);
                    outer.extend(inner.frames.into_iter().skip(1));
                    inner.frames = outer;
                    return inner;
                }
                let quotes = if written.starts_with("\"\"\"") { 3 } else { usize::from(written.starts_with('r')) + 1 };
                let inner = (last.start + quotes).min(at);
                context.text = Some((inner as u32, closed(last.text(text))));
                context.prefix = text[inner..at].to_owned();
                context.start = inner as u32;
                list.pop();
            }
            Some(last) if matches!(last.kind, TokenKind::Word | TokenKind::Number) && last.end >= at => {
                context.prefix = text[last.start..at].to_owned();
                context.start = last.start as u32;
                list.pop();
            }
            _ => {}
        }
        let (frames, entries) = frames(&list, text);
        let entry = &list[entries.last().copied().unwrap_or(0).min(list.len())..];
        context.spot = spot(entry, text, frames.last().unwrap_or(&Frame::File));
        context.present = present(&list, &rest, text);
        context.frames = frames;
        context
    }
}

fn closed(text: &str) -> bool {
    let body = text.strip_prefix('r').unwrap_or(text);
    if let Some(rest) = body.strip_prefix("\"\"\"") {
        return rest.ends_with("\"\"\"");
    }
    body.len() > 1 && body.ends_with('"') && !body.ends_with("\\\"")
}

/// Where the innermost `${` that is still open begins its expression.
fn open_interpolation(written: &str) -> Option<usize> {
    let bytes = written.as_bytes();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                open.push(at + 2);
                at += 1;
            }
            b'{' if !open.is_empty() => open.push(at + 1),
            b'}' => {
                open.pop();
            }
            _ => {}
        }
        at += 1;
    }
    open.first().copied().filter(|start| *start <= written.len())
}

/// The brackets that are open at the end of some tokens, and where the entry within each starts.
fn frames(list: &[Token], text: &str) -> (Vec<Frame>, Vec<usize>) {
    let mut frames = vec![Frame::File];
    let mut entries = vec![0];
    for (index, token) in list.iter().enumerate() {
        match token.kind {
            TokenKind::Open => {
                let entry = entries.last().copied().unwrap_or(0);
                let frame = frame(&list[entry..index], token.text(text), text, frames.last().unwrap_or(&Frame::File));
                frames.push(frame);
                entries.push(index + 1);
            }
            TokenKind::Close if frames.len() > 1 => {
                frames.pop();
                entries.pop();
            }
            TokenKind::Comma => {
                if let Some(Frame::Arguments { position, .. }) = frames.last_mut() {
                    *position += 1;
                }
                if let Some(entry) = entries.last_mut() {
                    *entry = index + 1;
                }
            }
            TokenKind::Newline => {
                let goes_on =
                    list[..index].iter().rev().find(|token| token.kind != TokenKind::Comment).is_some_and(|before| {
                        matches!(before.kind, TokenKind::Equals | TokenKind::Colon | TokenKind::Comma)
                            || (before.kind == TokenKind::Sign && !matches!(before.text(text), "?" | "%" | ">"))
                    });
                let inside = matches!(frames.last(), Some(Frame::Arguments { .. }));
                if !goes_on
                    && !inside
                    && let Some(entry) = entries.last_mut()
                {
                    *entry = index + 1;
                }
            }
            TokenKind::Comment => {
                if let Some(entry) = entries.last_mut()
                    && *entry == index
                {
                    *entry = index + 1;
                }
            }
            _ => {}
        }
    }
    (frames, entries)
}

/// The dotted path that ends some tokens.
fn path_before(head: &[Token], text: &str) -> Vec<SmolStr> {
    let mut path: Vec<SmolStr> = Vec::new();
    let mut at = head.len();
    let mut wants_word = true;
    while at > 0 {
        let token = head[at - 1];
        match token.kind {
            TokenKind::Word if wants_word => {
                path.push(token.text(text).into());
                wants_word = false;
            }
            TokenKind::Sign if !wants_word && matches!(token.text(text), "." | "?.") => wants_word = true,
            _ => break,
        }
        at -= 1;
    }
    path.reverse();
    path
}

/// Without the arguments at the end: `xgboost("1.7-1")`.
fn without_arguments<'t>(head: &'t [Token], text: &str) -> &'t [Token] {
    if head.last().is_none_or(|last| last.text(text) != ")") {
        return head;
    }
    let mut depth = 0;
    for (index, token) in head.iter().enumerate().rev() {
        match token.kind {
            TokenKind::Close => depth += 1,
            TokenKind::Open => {
                depth -= 1;
                if depth == 0 {
                    return &head[..index];
                }
            }
            _ => {}
        }
    }
    head
}

fn frame(head: &[Token], bracket: &str, text: &str, outer: &Frame) -> Frame {
    let head: Vec<Token> = head
        .iter()
        .filter(|token| token.kind != TokenKind::Comment && token.kind != TokenKind::Newline)
        .copied()
        .collect();
    let head = head.as_slice();
    let word =
        |index: usize| head.get(index).filter(|token| token.kind == TokenKind::Word).map(|token| token.text(text));
    if bracket == "[" {
        // `after = [`; what stands before a bracket alone is indexed by it.
        let key = match head {
            [key, equals] if equals.kind == TokenKind::Equals => Some(key.text(text).trim_matches('"').into()),
            _ => None,
        };
        return Frame::List { key };
    }
    if bracket == "(" {
        return Frame::Arguments { callee: path_before(head, text), position: 0 };
    }
    let first = word(0).unwrap_or_default();
    let is_block_place = matches!(outer, Frame::File | Frame::Block(_));
    let equals = head.iter().position(|token| token.kind == TokenKind::Equals);
    let second_is_name = head.get(1).is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Text));
    if is_block_place && equals.is_none() {
        match first {
            "project" if second_is_name => {
                return Frame::Application { word: None, callee: vec!["project_settings".into()] };
            }
            "import" => return Frame::Import,
            "schema" if second_is_name => return Frame::Record,
            "call" if second_is_name => {
                let end = head.iter().position(|token| token.text(text) == "returns").unwrap_or(head.len());
                return Frame::Call { path: path_before(&head[..end], text) };
            }
            "run" if second_is_name => return Frame::Run,
            "else" | "try" => return Frame::Block(first.into()),
            _ if BLOCKS.contains(&first) && (second_is_name || head.len() > 1) => return Frame::Block(first.into()),
            _ => {}
        }
    }
    if head.last().is_some_and(|last| last.kind == TokenKind::Colon)
        || (head.iter().any(|token| token.kind == TokenKind::Colon)
            && equals.is_none()
            && head.last().is_some_and(|last| matches!(last.text(text), "<" | "|" | ",")))
    {
        return Frame::Record;
    }
    let callee_head = without_arguments(head, text);
    let callee = path_before(callee_head, text);
    let before = callee_head.len().checked_sub(callee.len() * 2).and_then(|at| callee_head.get(at));
    let is_value = !callee.is_empty()
        && before.is_some_and(|before| before.kind == TokenKind::Equals || before.kind == TokenKind::Comma);
    let in_list = !callee.is_empty()
        && matches!(outer, Frame::List { .. } | Frame::Arguments { .. })
        && callee_head.len() + 1 == callee.len() * 2;
    if is_value || in_list {
        if callee.first().is_some_and(|first| first == "aws") && callee.len() > 1 {
            return Frame::Call { path: callee };
        }
        let binding = Binding::from_word(first).filter(|_| is_block_place && second_is_name);
        return Frame::Application { word: binding, callee };
    }
    match head {
        [] => Frame::Object,
        [key] if matches!(key.kind, TokenKind::Word | TokenKind::Text) => {
            Frame::Key(key.text(text).trim_matches('"').into())
        }
        [key, equals] if equals.kind == TokenKind::Equals => Frame::Key(key.text(text).trim_matches('"').into()),
        // The settings of an output: `train: table<T> = {`
        [key, colon, .., last] if colon.kind == TokenKind::Colon && last.kind == TokenKind::Equals => {
            Frame::Key(key.text(text).trim_matches('"').into())
        }
        _ => Frame::Object,
    }
}

fn spot(entry: &[Token], text: &str, frame: &Frame) -> Spot {
    let entry: Vec<Token> =
        entry.iter().filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Newline)).copied().collect();
    let Some(last) = entry.last() else {
        return match frame {
            Frame::Arguments { callee, .. } if matches!(callee.last().map(SmolStr::as_str), Some("instance")) => {
                Spot::Type { arguments_of: callee.last().cloned() }
            }
            Frame::List { .. } | Frame::Arguments { .. } | Frame::Interpolation => Spot::Expression,
            _ => Spot::Start,
        };
    };
    let word = |index: usize| entry.get(index).map_or("", |token| token.text(text));
    let first = word(0);
    if last.kind == TokenKind::Sign && matches!(last.text(text), "." | "?.") {
        return Spot::Member { path: path_before(&entry[..entry.len() - 1], text) };
    }
    let is_block_place = matches!(frame, Frame::File | Frame::Block(_));
    if is_block_place && first == "import" {
        return if matches!(last.text(text), "import" | "from") { Spot::ImportPath } else { Spot::Nothing };
    }
    // Within a type: after a colon that no `=` follows.
    let colon = entry.iter().rposition(|token| token.kind == TokenKind::Colon);
    let equals = entry.iter().rposition(|token| token.kind == TokenKind::Equals || token.text(text) == "=>");
    let is_type = colon.is_some_and(|colon| equals.is_none_or(|equals| equals < colon))
        && !matches!(frame, Frame::List { .. } | Frame::Arguments { .. });
    if is_type || (first == "type" && is_block_place && equals.is_some()) {
        return match last.text(text) {
            ":" | "?:" | "|" | "<" | "," | "=" | "build" | "deploy" | "run" => Spot::Type { arguments_of: None },
            _ => Spot::Nothing,
        };
    }
    if is_block_place {
        if first == "kind" && last.text(text) == "is" {
            return Spot::Base;
        }
        if matches!(first, "kind" | "component")
            && (last.text(text) == "for" || (last.text(text) == "," && entry.iter().any(|t| t.text(text) == "for")))
        {
            return Spot::Roles;
        }
        if first == "call" && last.text(text) == "returns" {
            return Spot::Returns { path: path_before(&entry[..entry.len() - 1], text) };
        }
        if first == "run" && entry.len() == 1 {
            return Spot::Engine;
        }
        if entry.len() == 1 {
            return match first {
                "when" | "fail" | "check" | "else" => Spot::Expression,
                "call" => Spot::Expression,
                _ if last.kind == TokenKind::Equals => Spot::Expression,
                _ => Spot::Nothing,
            };
        }
        if let Some(binding) = Binding::from_word(first)
            && equals == Some(entry.len() - 1)
            && entry.len() > 2
        {
            return Spot::Callee { word: binding };
        }
        if matches!(first, "for" | "each") && !entry.iter().any(|token| token.text(text) == "in") {
            return Spot::Nothing;
        }
    }
    let after_value = matches!(
        last.kind,
        TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Close | TokenKind::Jsonata
    ) && !matches!(
        last.text(text),
        "and" | "or" | "not" | "in" | "if" | "then" | "else" | "when" | "fail" | "check"
    );
    if after_value {
        return Spot::Nothing;
    }
    match equals {
        Some(equals) if equals == entry.len() - 1 => {
            let key = entry[..equals].iter().find(|token| matches!(token.kind, TokenKind::Word | TokenKind::Text));
            let key = match (is_block_place, entry.len()) {
                // `param x: type =` has no field for its name.
                (true, length) if length > 2 => None,
                _ => key,
            };
            match key {
                Some(key) => Spot::Value { key: key.text(text).trim_matches('"').into() },
                None => Spot::Expression,
            }
        }
        _ => Spot::Expression,
    }
}

/// The keys of the innermost braces, before and after the cursor.
fn present(before: &[Token], after: &[Token], text: &str) -> Vec<SmolStr> {
    let mut keys = Vec::new();
    let mut depth = 0_i32;
    let is_key = |list: &[Token], index: usize| {
        let token = list[index];
        if !matches!(token.kind, TokenKind::Word | TokenKind::Text) {
            return false;
        }
        let starts = index == 0
            || matches!(
                list[index - 1].kind,
                TokenKind::Newline | TokenKind::Comma | TokenKind::Open | TokenKind::Comment
            );
        let next = list.get(index + 1);
        let ends = next.is_none_or(|next| {
            matches!(
                next.kind,
                TokenKind::Equals | TokenKind::Newline | TokenKind::Comma | TokenKind::Close | TokenKind::Colon
            ) || next.text(text) == "{"
        });
        starts && ends
    };
    for index in (0..before.len()).rev() {
        match before[index].kind {
            TokenKind::Close => depth += 1,
            TokenKind::Open if depth == 0 => break,
            TokenKind::Open => depth -= 1,
            _ if depth == 0 && is_key(before, index) => keys.push(before[index].text(text).trim_matches('"').into()),
            _ => {}
        }
    }
    depth = 0;
    for index in 0..after.len() {
        match after[index].kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close if depth == 0 => break,
            TokenKind::Close => depth -= 1,
            _ if depth == 0 && index > 0 && is_key(after, index) => {
                keys.push(after[index].text(text).trim_matches('"').into());
            }
            _ => {}
        }
    }
    keys
}

impl Analysis {
    /// What the innermost bracket takes.
    pub(super) fn shape(&self, file: FileId, frames: &[Frame]) -> Shape {
        let mut shape = Shape::Unknown;
        for frame in frames {
            shape = match frame {
                Frame::Application { word, callee } => self.kind_shape(file, *word, callee),
                Frame::Call { path } => self.call_shape(path),
                Frame::Block(word) if word == "workflow" => self.settings_shape("workflow_settings"),
                Frame::Key(key) => self.key_shape(&shape, key),
                Frame::List { key: Some(key) } => self.element_shape(self.key_shape(&shape, key), frame),
                Frame::List { key: None } | Frame::Object => self.element_shape(shape, frame),
                Frame::Interpolation
                | Frame::File
                | Frame::Block(_)
                | Frame::Arguments { .. }
                | Frame::Import
                | Frame::Record
                | Frame::Run => Shape::Unknown,
            };
        }
        shape
    }

    fn settings_shape(&self, kind: &str) -> Shape {
        match self.library_kind(kind) {
            Some(info) => {
                Shape::Fields { kind: kind.into(), fields: super::analysis::open_fields(&info), common: Vec::new() }
            }
            None => Shape::Unknown,
        }
    }

    fn kind_shape(&self, file: FileId, word: Option<Binding>, callee: &[SmolStr]) -> Shape {
        let global = match callee {
            [name] if name.ends_with("_settings") => return self.settings_shape(name),
            [name] => self.applicable(file, name),
            [space, name] => self.namespace(file, space).and_then(|other| self.names.member(other, name)),
            _ => None,
        };
        let Some(info) = global.and_then(|global| self.kind(global)) else { return Shape::Unknown };
        let fields = super::analysis::open_fields(&info);
        let common = if word.is_none_or(|word| word.is_step()) {
            let common = self.library_kind("step_settings").map(|info| super::analysis::open_fields(&info));
            let mut common = common.unwrap_or_default();
            common.retain(|field| fields.iter().all(|own| own.name != field.name));
            common
        } else {
            Vec::new()
        };
        Shape::Fields { kind: info.kind.name.clone(), fields, common }
    }

    pub(super) fn call_shape(&self, path: &[SmolStr]) -> Shape {
        let [_, service, operation] = path else { return Shape::Unknown };
        let found = self.options.facts.service(service).and_then(|found| found.operation(operation)?.input);
        match found {
            Some(shape) => Shape::Api { service: service.clone(), shape },
            None => Shape::Unknown,
        }
    }

    pub(super) fn key_shape(&self, shape: &Shape, key: &str) -> Shape {
        match shape {
            Shape::Fields { fields, common, .. } => match fields.iter().chain(common).find(|field| field.name == key) {
                Some(field) => Shape::Type(field.type_.clone()),
                None => Shape::Unknown,
            },
            Shape::Type(Type::Outputs(_)) => match output_settings(&self.options) {
                Some(type_) => Shape::Type(type_),
                None => Shape::Unknown,
            },
            Shape::Type(type_) => match inner_field(type_, key) {
                Some(field) => Shape::Type(field.type_),
                None => Shape::Unknown,
            },
            Shape::Api { service, shape } => {
                let Some(found) = self.options.facts.service(service) else { return Shape::Unknown };
                let shape = found.shape(*shape);
                let inner = match &shape.kind {
                    ShapeKind::Map { value, .. } => Some(*value),
                    _ => shape.member(key).map(|member| member.shape),
                };
                inner.map_or(Shape::Unknown, |shape| Shape::Api { service: service.clone(), shape })
            }
            Shape::Unknown => Shape::Unknown,
        }
    }

    fn element_shape(&self, shape: Shape, frame: &Frame) -> Shape {
        match shape {
            Shape::Type(type_) => match type_.required() {
                Type::List(inner) if matches!(frame, Frame::List { .. }) => Shape::Type((**inner).clone()),
                _ => Shape::Type(type_),
            },
            Shape::Api { service, shape } => {
                let service_facts = self.options.facts.service(&service);
                let found = service_facts.as_ref().map(|found| found.shape(shape));
                match found.map(|shape| &shape.kind) {
                    Some(ShapeKind::List { member, .. }) if matches!(frame, Frame::List { .. }) => {
                        Shape::Api { service, shape: *member }
                    }
                    _ => Shape::Api { service, shape },
                }
            }
            other => other,
        }
    }
}
