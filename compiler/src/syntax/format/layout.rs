//! Lines: where they break and how far they are indented.

use std::collections::VecDeque;

use super::Source;
use super::align::{self, Printed};
use crate::syntax::token::Kind;

/// Longer lines are broken where they can be.
pub(super) const MOST_COLUMNS: usize = 120;
const STEP: usize = 2;
/// A bracket narrower than this is not broken: little would be won.
const LEAST_BROKEN: usize = 30;

/// A line to print: some tokens without newlines.
#[derive(Clone, Debug)]
struct Line {
    tokens: Vec<usize>,
    /// Whether an empty line stands before it.
    blank: bool,
    /// Whether it goes on with the entry of the line before.
    continues: bool,
}

/// An open bracket.
struct Frame {
    /// How far the line is indented in which it was opened.
    indent: usize,
    /// The number of that line.
    line: usize,
}

pub(super) fn print(source: &Source<'_>) -> String {
    let mut queue: VecDeque<Line> = lines(source).into();
    let mut printed: Vec<Printed> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    // The line in which the entry at hand started, and its indentation.
    let mut entry = (0, 0);
    while let Some(line) = queue.pop_front() {
        let number = printed.len();
        let closing = line.tokens.iter().take_while(|index| source.kind(**index) == Some(Kind::Close)).count();
        let indent = if closing > 0 {
            // The bracket that was opened last of those that close here.
            frames.len().checked_sub(1).map_or(0, |index| frames[index].indent)
        } else {
            let inside = frames.last().map_or(0, |frame| frame.indent + STEP);
            let goes_on = line.continues && frames.last().is_none_or(|frame| frame.line < entry.0 || frames.is_empty());
            if goes_on { entry.1 + STEP } else { inside }
        };
        let text = render(source, &line.tokens);
        if indent + width(source, &line.tokens, &text) > MOST_COLUMNS
            && let Some(parts) = broken(source, &line)
        {
            for part in parts.into_iter().rev() {
                queue.push_front(part);
            }
            continue;
        }
        if !line.continues && closing == 0 {
            entry = (number, indent);
        }
        for index in &line.tokens {
            match source.kind(*index) {
                Some(Kind::Open) => frames.push(Frame { indent, line: number }),
                Some(Kind::Close) => {
                    if let Some(frame) = frames.pop()
                        && frame.line < number
                        && frame.line <= entry.0
                    {
                        // What follows the bracket belongs to the entry it was opened in.
                        entry = (frame.line, frame.indent);
                    }
                }
                _ => {}
            }
        }
        printed.push(Printed::new(source, &line.tokens, indent, line.blank, text));
    }
    align::join(printed)
}

/// The lines as they were written, without superfluous ones.
fn lines(source: &Source<'_>) -> Vec<Line> {
    let mut list: Vec<Line> = Vec::new();
    let mut current: Vec<usize> = Vec::new();
    let mut newlines = 0;
    let mut blank = false;
    let mut continues = false;
    let mut last: Option<usize> = None;
    for index in 0..source.tokens.len() {
        let Some(kind) = source.kind(index) else { continue };
        if kind == Kind::Newline {
            newlines += 1;
            continue;
        }
        let after_break = newlines > 0;
        let is_joined = after_break
            && source.word(index) == "else"
            && last.is_some_and(|last| source.word(last) == "}" && source.kind(last) == Some(Kind::Close));
        if after_break && !is_joined && !current.is_empty() {
            end_line(source, &mut current, &mut list, blank, continues);
            blank = false;
        }
        if current.is_empty() {
            let opens = last.is_none_or(|last| source.kind(last) == Some(Kind::Open));
            blank = newlines > 1 && !opens && kind != Kind::Close;
            continues = last.is_some_and(|last| goes_on(source, last, index));
        }
        newlines = 0;
        if kind == Kind::Equals && source.signs.hidden[index] {
            continue;
        }
        current.push(index);
        if kind != Kind::Comment {
            last = Some(index);
        }
    }
    end_line(source, &mut current, &mut list, blank, continues);
    list
}

fn end_line(source: &Source<'_>, current: &mut Vec<usize>, list: &mut Vec<Line>, blank: bool, continues: bool) {
    let mut tokens = std::mem::take(current);
    // A comma at the end of a line says nothing, but in parentheses.
    let last = tokens.iter().rposition(|index| source.kind(*index) != Some(Kind::Comment));
    if let Some(place) = last
        && source.kind(tokens[place]) == Some(Kind::Comma)
        && !source.signs.inner_comma[tokens[place]]
        && place > 0
        && source.signs.parent[tokens[place]].is_none_or(|open| source.word(open) != "(")
    {
        tokens.remove(place);
    }
    // A comma before a bracket that closes on the same line.
    let mut place = 0;
    while place + 1 < tokens.len() {
        if source.kind(tokens[place]) == Some(Kind::Comma) && source.kind(tokens[place + 1]) == Some(Kind::Close) {
            tokens.remove(place);
        } else {
            place += 1;
        }
    }
    if !tokens.is_empty() {
        list.push(Line { tokens, blank, continues });
    }
}

/// Whether a newline between two tokens does not end an entry.
fn goes_on(source: &Source<'_>, left: usize, right: usize) -> bool {
    let is_free = source.signs.parent[right].is_some_and(|open| source.word(open) == "(");
    if is_free {
        return false;
    }
    let after = match source.kind(left) {
        Some(Kind::Equals | Kind::Colon) => true,
        Some(Kind::Sign) => {
            !matches!(source.word(left), "?" | ">") || (source.word(left) == ">" && !source.signs.angle[left])
        }
        Some(Kind::Word) => matches!(source.word(left), "and" | "or" | "not" | "then" | "else" | "in"),
        _ => false,
    };
    let is_word = source.kind(right) == Some(Kind::Word);
    after || matches!(source.word(right), "." | "?.") || (is_word && matches!(source.word(right), "then" | "else"))
}

pub(super) fn render(source: &Source<'_>, tokens: &[usize]) -> String {
    let mut out = String::new();
    for (place, index) in tokens.iter().enumerate() {
        if place > 0 && source.spaced_now(tokens[place - 1], *index) {
            out.push(' ');
        }
        out.push_str(&source.printed(*index));
    }
    out
}

impl Source<'_> {
    fn spaced_now(&self, left: usize, right: usize) -> bool {
        if self.kind(right) == Some(Kind::Comment) {
            return false;
        }
        self.spaced(left, right)
    }

    /// The text of a token in its canonical form.
    pub(super) fn printed(&self, index: usize) -> String {
        let text = self.word(index);
        if self.kind(index) != Some(Kind::Comment) {
            return text.to_owned();
        }
        let slashes = text.len() - text.trim_start_matches('/').len();
        let (marks, rest) = text.split_at(slashes);
        let rest = rest.trim_end();
        let spaced = rest.is_empty() || rest.starts_with([' ', '\t']) || slashes > 3;
        let space = if spaced { "" } else { " " };
        format!("  {marks}{space}{rest}")
    }
}

/// The columns of a line without the comment at its end; lines of long texts are not counted.
fn width(source: &Source<'_>, tokens: &[usize], text: &str) -> usize {
    let comment = match tokens.last() {
        Some(last) if tokens.len() > 1 && source.kind(*last) == Some(Kind::Comment) => {
            source.printed(*last).chars().count()
        }
        _ => 0,
    };
    text.split('\n').next().unwrap_or("").chars().count().saturating_sub(comment)
}

/// One line for each entry, where a line holds several of them.
fn split_entries(source: &Source<'_>, line: &Line) -> Option<Vec<Line>> {
    let around = source.signs.parent[*line.tokens.first()?];
    if around.is_some_and(|open| source.word(open) == "(") || source.kind(line.tokens[0]) == Some(Kind::Close) {
        return None;
    }
    let mut parts: Vec<Line> = Vec::new();
    let mut current = Vec::new();
    for &index in &line.tokens {
        let ends = source.kind(index) == Some(Kind::Comma)
            && source.signs.parent[index] == around
            && !source.signs.inner_comma[index];
        if ends {
            let tokens = std::mem::take(&mut current);
            parts.push(Line {
                tokens,
                blank: line.blank && parts.is_empty(),
                continues: line.continues && parts.is_empty(),
            });
        } else {
            current.push(index);
        }
    }
    if parts.is_empty() || current.is_empty() {
        return None;
    }
    parts.push(Line { tokens: current, blank: false, continues: false });
    Some(parts)
}

/// The parts of a line that is too long, if it can be broken: at the widest bracket that opens and closes in it.
fn broken(source: &Source<'_>, line: &Line) -> Option<Vec<Line>> {
    let tokens = &line.tokens;
    if tokens.iter().any(|index| source.word(*index).contains('\n')) {
        return None;
    }
    let code = tokens.iter().rposition(|index| source.kind(*index) != Some(Kind::Comment))?;
    if let Some(parts) = split_entries(source, line) {
        return Some(parts);
    }
    let place_of = |token: usize| tokens.iter().position(|index| *index == token);
    let mut best: Option<(usize, usize, usize)> = None;
    let mut place = 0;
    while place <= code {
        let close = match source.kind(tokens[place]) {
            Some(Kind::Open) => source.signs.partner[tokens[place]].and_then(place_of),
            _ => None,
        };
        match close {
            Some(close) => {
                let wide = render(source, &tokens[place..=close]).chars().count();
                if wide >= LEAST_BROKEN && best.is_none_or(|(_, _, widest)| wide >= widest) {
                    best = Some((place, close, wide));
                }
                place = close + 1;
            }
            None => place += 1,
        }
    }
    let (open, close, _) = best?;
    let is_paren = source.word(tokens[open]) == "(";
    let part = |tokens: Vec<usize>, blank: bool, continues: bool| Line { tokens, blank, continues };
    let mut parts = vec![part(tokens[..=open].to_vec(), line.blank, line.continues)];
    let mut current = Vec::new();
    for &index in &tokens[open + 1..close] {
        let ends = source.kind(index) == Some(Kind::Comma)
            && source.signs.parent[index] == Some(tokens[open])
            && !source.signs.inner_comma[index];
        if !ends || is_paren {
            current.push(index);
        }
        if ends {
            parts.push(part(std::mem::take(&mut current), false, false));
        }
    }
    if !current.is_empty() {
        parts.push(part(current, false, false));
    }
    parts.push(part(tokens[close..].to_vec(), false, false));
    Some(parts)
}
