//! Neighbouring lines: `=` under `=`, types under types, comments under comments.

use super::Source;
use super::layout::{MOST_COLUMNS, render};
use crate::syntax::token::Kind;

/// What lines have in common that are aligned with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    /// `key = value`: the `=`
    Equals,
    /// `word name = value`: the `=`, below the same word
    Declared(String),
    /// `key: type`: the type
    Type,
}

pub(super) struct Printed {
    indent: usize,
    blank: bool,
    /// The part before what is aligned, or the whole line.
    head: String,
    /// The part from what is aligned on.
    rest: String,
    column: Option<Column>,
    comment: Option<String>,
}

impl Printed {
    pub(super) fn new(source: &Source<'_>, tokens: &[usize], indent: usize, blank: bool, text: String) -> Printed {
        let (code, comment) = match tokens.split_last() {
            Some((last, code)) if source.kind(*last) == Some(Kind::Comment) && !code.is_empty() => {
                (code, Some(source.printed(*last).trim_start().to_owned()))
            }
            _ => (tokens, None),
        };
        let line = |head: String, rest: String, column: Option<Column>, comment: Option<String>| Printed {
            indent,
            blank,
            head,
            rest,
            column,
            comment,
        };
        match column(source, code) {
            Some((column, place)) => {
                let head = render(source, &code[..place]);
                line(head, render(source, &code[place..]), Some(column), comment)
            }
            None if comment.is_some() => line(render(source, code), String::new(), None, comment),
            None => line(text.trim_start().to_owned(), String::new(), None, None),
        }
    }
}

/// What a line is aligned by, and the token that starts the aligned part.
fn column(source: &Source<'_>, code: &[usize]) -> Option<(Column, usize)> {
    let kind = |place: usize| code.get(place).and_then(|index| source.kind(*index));
    // One entry that starts and ends in the line.
    let first = *code.first()?;
    let parent = source.signs.parent[first];
    if parent.is_some_and(|open| source.word(open) != "{") {
        return None;
    }
    let is_more = code.iter().any(|index| {
        let has_partner = || source.signs.partner[*index].is_some_and(|other| code.binary_search(&other).is_ok());
        match source.kind(*index) {
            Some(Kind::Comma) => source.signs.parent[*index] == parent && !source.signs.inner_comma[*index],
            Some(Kind::Open | Kind::Close) => !has_partner(),
            _ => source.word(*index).contains('\n'),
        }
    });
    if is_more {
        return None;
    }
    match (kind(0)?, kind(1)?) {
        (Kind::Word | Kind::Text, Kind::Equals) if code.len() > 2 => Some((Column::Equals, 1)),
        (Kind::Word | Kind::Text, Kind::Colon) if code.len() > 2 => Some((Column::Type, 2)),
        (Kind::Word, Kind::Word) if kind(2) == Some(Kind::Equals) && code.len() > 3 => {
            Some((Column::Declared(source.word(first).to_owned()), 2))
        }
        _ => None,
    }
}

pub(super) fn join(lines: Vec<Printed>) -> String {
    // Where the aligned part of each line starts, and then where its comment starts.
    let mut texts: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let mut end = at + 1;
        while end < lines.len()
            && !lines[end].blank
            && lines[at].column.is_some()
            && lines[end].column == lines[at].column
            && lines[end].indent == lines[at].indent
        {
            end += 1;
        }
        let widest = lines[at..end].iter().map(|line| line.head.chars().count()).max().unwrap_or(0);
        for line in &lines[at..end] {
            let mut text = " ".repeat(line.indent);
            text.push_str(&line.head);
            if line.column.is_some() {
                let padding = widest - line.head.chars().count() + 1;
                let is_long = line.indent + widest + 1 + line.rest.chars().count() > MOST_COLUMNS;
                text.push_str(&" ".repeat(if is_long { 1 } else { padding }));
                text.push_str(&line.rest);
            }
            texts.push(text);
        }
        at = end;
    }
    let mut out = String::new();
    let mut at = 0;
    while at < lines.len() {
        let mut end = at + 1;
        while end < lines.len()
            && !lines[end].blank
            && lines[at].comment.is_some()
            && lines[end].comment.is_some()
            && lines[end].indent == lines[at].indent
        {
            end += 1;
        }
        let last_line = |text: &str| text.rsplit('\n').next().unwrap_or("").chars().count();
        let widest = texts[at..end].iter().map(|text| last_line(text)).max().unwrap_or(0);
        for (line, text) in lines[at..end].iter().zip(&texts[at..end]) {
            if line.blank && !out.is_empty() {
                out.push('\n');
            }
            out.push_str(text);
            if let Some(comment) = &line.comment {
                out.push_str(&" ".repeat(widest - last_line(text) + 2));
                out.push_str(comment);
            }
            out.push('\n');
        }
        at = end;
    }
    out
}
