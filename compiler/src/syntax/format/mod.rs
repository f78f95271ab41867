//! Prints a file in its one canonical form: spaces, indentation, blank lines, aligned `=` and `:`. Where the author broke
//! lines stays, unless a line is too long. What cannot be read is left as it is, byte for byte, and so is everything whose
//! meaning the new form would change: the new form is always read again and compared.

mod align;
mod layout;
mod spacing;

use std::ops::Range;

use super::build::Builder;
use super::grammar::{self, Node, Rule};
use super::patch::PlaceMap;
use super::scan;
use super::token::{self, Kind, Token};
use crate::source::FileId;

/// A file in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    pub text: String,
    /// Where the old text was left as it is, because it could not be read: bytes of the old text.
    pub skipped: Vec<Range<usize>>,
}

/// Formats a text. Formatting what was formatted changes nothing.
pub fn format(text: &str) -> Formatted {
    let unix;
    let has_returns = text.contains('\r');
    let text = if has_returns {
        unix = without_returns(text);
        unix.as_str()
    } else {
        text
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let scan = scan::scan(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut skipped = Vec::new();
    let mut blank = false;
    for chunk in &scan.chunks {
        let part = &text[chunk.range.clone()];
        let is_clean = !chunk.hopeless && !scan.problems.iter().any(|problem| chunk.range.contains(&problem.place()));
        let formatted = if is_clean { chunk_text(part) } else { None };
        match formatted {
            Some(formatted) => push_block(&mut out, &formatted, blank),
            None => {
                skipped.push(chunk.range.clone());
                push_verbatim(&mut out, part);
            }
        }
        let tail = &part[part.trim_end().len()..];
        blank = tail.matches('\n').count() > 1;
    }
    let kept = out.trim_end_matches(['\n', '\r']).len();
    out.truncate(kept);
    if !out.is_empty() {
        out.push('\n');
    }
    let start = out.len() - out.trim_start_matches('\n').len();
    if start > 0 {
        out.drain(..start);
    }
    Formatted { text: out, skipped }
}

/// Without the carriage returns at the ends of lines.
fn without_returns(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                out.push_str(line.trim_end_matches('\r'));
                out.push('\n');
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Adds lines that end with exactly the newlines they need.
fn push_block(out: &mut String, lines: &str, blank: bool) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    if blank && !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str(lines);
}

fn push_verbatim(out: &mut String, part: &str) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(part);
}

/// The canonical form of a declaration with the comments after it; nothing if it is not sound.
fn chunk_text(part: &str) -> Option<String> {
    let nodes = grammar::read(Rule::file, part).ok()?;
    let mut builder = Builder::new(FileId::NONE, part, PlaceMap::plain(0), &nodes, &[]);
    builder.file();
    if !builder.diagnostics.is_empty() {
        return None;
    }
    let tokens = token::tokens(part);
    let signs = Signs::new(part, &tokens, &nodes);
    let formatted = layout::print(&Source { text: part, tokens, signs });
    let again = grammar::read(Rule::file, &formatted).ok()?;
    same_meaning(part, &nodes, &formatted, &again).then_some(formatted)
}

/// What is printed.
struct Source<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    signs: Signs,
}

impl Source<'_> {
    fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| token.text(self.text))
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }
}

/// What a sign means, where its looks do not tell. By token.
struct Signs {
    /// `-` or `not` before its operand.
    prefix: Vec<bool>,
    /// `<` and `>` of a type.
    angle: Vec<bool>,
    /// A comma that is part of a head or of `<…>`, not the end of an entry.
    inner_comma: Vec<bool>,
    /// The `=` of `key = { … }`, which is not printed.
    hidden: Vec<bool>,
    /// The bracket that belongs to a bracket.
    partner: Vec<Option<usize>>,
    parent: Vec<Option<usize>>,
}

impl Signs {
    fn new(text: &str, tokens: &[Token], nodes: &[Node]) -> Signs {
        let count = tokens.len();
        let nesting = token::nesting(tokens);
        let mut signs = Signs {
            prefix: vec![false; count],
            angle: vec![false; count],
            inner_comma: vec![false; count],
            hidden: vec![false; count],
            partner: nesting.partner,
            parent: nesting.parent,
        };
        let at = |place: u32| tokens.partition_point(|token| token.start < place as usize);
        let is_at = |index: usize, place: u32| tokens.get(index).is_some_and(|token| token.start == place as usize);
        let mut around: Vec<usize> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            while around.last().is_some_and(|outer| nodes[*outer].next as usize <= index) {
                around.pop();
            }
            match node.rule {
                Rule::prefix | Rule::minus => {
                    let token = at(node.start);
                    if is_at(token, node.start) {
                        signs.prefix[token] = true;
                    }
                }
                Rule::type_arguments => {
                    let (open, close) = (at(node.start), at(node.end - 1));
                    if !is_at(open, node.start) || !is_at(close, node.end - 1) {
                        continue;
                    }
                    signs.angle[open] = true;
                    signs.angle[close] = true;
                    signs.protect(tokens, open..close);
                }
                Rule::for_declaration
                | Rule::on_declaration
                | Rule::kind_declaration
                | Rule::component_declaration
                | Rule::comprehension
                | Rule::kw_for => {
                    // Up to the block, or to the colon of a comprehension.
                    let mut end = node.end;
                    let mut child = index as u32 + 1;
                    let last = if node.rule == Rule::kw_for { u32::MAX } else { node.next };
                    while child < last && (child as usize) < nodes.len() {
                        let inner = nodes[child as usize];
                        if matches!(inner.rule, Rule::block | Rule::kw_in) {
                            end = inner.start;
                            break;
                        }
                        child = inner.next;
                    }
                    signs.protect(tokens, at(node.start)..at(end));
                }
                _ => {}
            }
            // Only braces that belong to a declaration: `=` stays in plain values.
            let rule = |up: usize| around.len().checked_sub(up).map(|place| nodes[around[place]].rule);
            let is_section = match node.rule {
                Rule::setting => true,
                Rule::entry => {
                    rule(1) == Some(Rule::application)
                        || (rule(1) == Some(Rule::object) && rule(2) == Some(Rule::project_declaration))
                }
                _ => false,
            };
            if is_section {
                signs.hide(text, tokens, nodes, index, &at);
            }
            around.push(index);
        }
        signs
    }

    fn protect(&mut self, tokens: &[Token], range: Range<usize>) {
        for index in range.clone() {
            let is_outer = self.parent[index].is_none_or(|open| open < range.start);
            if tokens[index].kind == Kind::Comma && is_outer {
                self.inner_comma[index] = true;
            }
        }
    }

    /// Hides the `=` of `key = { … }` in braces that belong to a declaration.
    fn hide(&mut self, text: &str, tokens: &[Token], nodes: &[Node], index: usize, at: &dyn Fn(u32) -> usize) {
        let node = nodes[index];
        let (Some(key), Some(value)) = (nodes.get(index + 1), nodes.get(index + 2)) else { return };
        let is_section = key.rule == Rule::name
            && value.rule == Rule::object
            && value.end == node.end
            && nodes.get(index + 3).is_none_or(|inner| inner.rule != Rule::comprehension || inner.start > value.end)
            && text[key.start as usize..].starts_with(|c: char| c.is_ascii_lowercase());
        if !is_section {
            return;
        }
        let sign = at(key.end);
        if tokens.get(sign).is_some_and(|token| token.kind == Kind::Equals && (token.end as u32) < value.start + 1)
            && tokens.get(sign + 1).is_some_and(|token| token.start == value.start as usize)
        {
            self.hidden[sign] = true;
        }
    }
}

/// Whether two texts give the same tree: the same nodes with the same words.
fn same_meaning(old: &str, old_nodes: &[Node], new: &str, new_nodes: &[Node]) -> bool {
    if old_nodes.len() != new_nodes.len() {
        return false;
    }
    old_nodes.iter().zip(new_nodes).enumerate().all(|(index, (a, b))| {
        if a.rule != b.rule || a.next != b.next {
            return false;
        }
        let is_leaf = a.next as usize == index + 1;
        if !is_leaf {
            return true;
        }
        let (a_text, b_text) = (&old[a.start as usize..a.end as usize], &new[b.start as usize..b.end as usize]);
        match a.rule {
            Rule::text | Rule::triple_text | Rule::raw_string | Rule::jsonata | Rule::foreign_string => {
                a_text == b_text
            }
            _ => a_text.split_whitespace().eq(b_text.split_whitespace()) || squeeze(a_text) == squeeze(b_text),
        }
    })
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
