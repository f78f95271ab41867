//! What may be wrong at a place where the grammar stopped, in words, with the edits that would help. The likeliest
//! comes first; the last ones cover more and more around the place.

mod finding;
mod habits;
mod signs;

use std::ops::Range;

use finding::shape;

pub(super) use finding::Finding;
pub(super) use habits::elsewhere;

use super::build::{DECLARATION_WORDS, is_reserved};
use super::repair::{Candidate, Material};
use super::token::Kind;
use crate::diagnostics::{self, closest};

const HOLE: &str = "\u{1}";

/// The entry, element, argument or declaration that a place belongs to, as tokens.
#[derive(Clone, Debug)]
struct Part {
    /// The bracket around it.
    frame: Option<usize>,
    tokens: Range<usize>,
}

pub(super) fn candidates(material: &Material<'_>, index: usize) -> Vec<Candidate> {
    let mut list = Vec::new();
    let view = View { material, index };
    let part = view.part(index);
    view.percent_apart(&part, &mut list);
    view.missing_at_line_end(&mut list);
    view.missing_name(&part, &mut list);
    view.name_with_hyphens(&part, &mut list);
    view.habits(&part, &mut list);
    view.signs(&part, &mut list);
    let general = view.general(&part);
    view.holes(&part, &general, &mut list);
    // Further out: what holds the bracket that holds the place.
    let mut frame = part.frame;
    while let Some(open) = frame {
        if let Some(close) = material.nesting.partner[open] {
            let inside = material.tokens[open].end..material.tokens[close].start;
            list.push(Candidate { range: inside, text: HOLE.into(), finding: general.clone() });
        }
        let outer = view.part(open);
        view.holes(&outer, &general, &mut list);
        frame = outer.frame;
    }
    list
}

struct View<'m, 't> {
    material: &'m Material<'t>,
    /// The token at which reading stopped; one past the last at the end of the text.
    index: usize,
}

impl View<'_, '_> {
    fn kind(&self, index: usize) -> Option<Kind> {
        self.material.kind(index)
    }

    fn word(&self, index: usize) -> &str {
        self.material.word(index)
    }

    fn range(&self, index: usize) -> Range<usize> {
        match self.material.tokens.get(index) {
            Some(token) => token.start..token.end,
            None => self.material.text.len()..self.material.text.len(),
        }
    }

    /// The last token before `index` that is not a newline.
    fn before(&self, index: usize) -> Option<usize> {
        (0..index.min(self.material.tokens.len())).rev().find(|at| self.kind(*at) != Some(Kind::Newline))
    }

    fn is_sign(&self, index: usize, signs: &[&str]) -> bool {
        self.kind(index).is_some() && signs.contains(&self.word(index))
    }

    /// Whether an entry goes on after a newline that follows token `index`.
    fn goes_on_after(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(Kind::Equals | Kind::Colon) => true,
            Some(Kind::Sign) => !self.is_sign(index, &["?", "]", ";", "..", "!"]) && self.word(index) != ">",
            Some(Kind::Word) => matches!(self.word(index), "and" | "or" | "not" | "then"),
            _ => false,
        }
    }

    fn goes_on_with(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(Kind::Sign) => matches!(self.word(index), "." | "?."),
            Some(Kind::Word) => matches!(self.word(index), "then" | "else"),
            _ => false,
        }
    }

    fn separates(&self, index: usize, frame: Option<usize>) -> bool {
        match self.kind(index) {
            Some(Kind::Comma) => frame.is_some(),
            Some(Kind::Newline) => {
                let in_parens = frame.is_some_and(|open| self.word(open) == "(");
                let next = (index..self.material.tokens.len()).find(|at| self.kind(*at) != Some(Kind::Newline));
                !in_parens
                    && !self.before(index).is_some_and(|at| self.goes_on_after(at))
                    && !next.is_some_and(|at| self.goes_on_with(at))
            }
            _ => false,
        }
    }

    fn part(&self, index: usize) -> Part {
        let nesting = &self.material.nesting;
        let count = self.material.tokens.len();
        let frame = match self.kind(index) {
            Some(Kind::Close) => nesting.partner[index],
            Some(_) => nesting.parent[index],
            None => None,
        };
        let first = frame.map_or(0, |open| open + 1);
        let mut start = index;
        while start > first {
            let previous = start - 1;
            if self.separates(previous, frame) {
                break;
            }
            start = match nesting.partner[previous] {
                Some(open) if self.kind(previous) == Some(Kind::Close) => open,
                _ => previous,
            };
        }
        let last = frame.and_then(|open| nesting.partner[open]).unwrap_or(count);
        let mut end = index;
        while end < last && !self.separates(end, frame) {
            end = match nesting.partner[end] {
                Some(close) if self.kind(end) == Some(Kind::Open) => close + 1,
                _ => end + 1,
            };
        }
        while start < end && self.kind(start) == Some(Kind::Newline) {
            start += 1;
        }
        while end > start && self.kind(end - 1) == Some(Kind::Newline) {
            end -= 1;
        }
        Part { frame, tokens: start..end }
    }

    fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        if tokens.is_empty() {
            let place = self.range(tokens.start).start;
            return place..place;
        }
        self.range(tokens.start).start..self.range(tokens.end - 1).end
    }

    /// `x =` or `x:` or `a +` at the end of a line, where the next line is another entry.
    fn missing_at_line_end(&self, list: &mut Vec<Candidate>) {
        let starts_entry =
            matches!(self.kind(self.index), Some(Kind::Equals | Kind::Colon)) || self.is_sign(self.index, &["{"]);
        let index = self.index;
        let mut first = index;
        while first > 0 && self.kind(first - 1) != Some(Kind::Newline) {
            first -= 1;
        }
        // The place is in the line after, or at its start.
        let Some(previous) = self.before(first) else { return };
        if !self.goes_on_after(previous) || previous + 1 >= first {
            return;
        }
        let is_next_entry = (starts_entry && index == first + 1)
            || matches!(self.kind(index), Some(Kind::Close) | None)
            || (self.kind(first) == Some(Kind::Word)
                && DECLARATION_WORDS.contains(&self.word(first))
                && self.kind(first + 1) == Some(Kind::Word));
        if is_next_entry {
            let end = self.range(previous).end;
            list.push(Candidate { range: end..end, text: HOLE.into(), finding: self.missing_after(previous) });
        }
    }

    /// A value or type is missing after token `previous`.
    fn missing_after(&self, previous: usize) -> Finding {
        let sign = self.word(previous).to_owned();
        let place = self.range(previous);
        if self.kind(previous) == Some(Kind::Colon) {
            return Finding::new(place, format!("A type is missing after `{sign}`"), "expected a type after this");
        }
        let name = match previous.checked_sub(1).and_then(|at| self.kind(at)) {
            Some(Kind::Word) if sign == "=" => Some(self.word(previous - 1)),
            _ => None,
        };
        match name {
            Some(name) => Finding::new(place, format!("`{name}` has no value"), "expected a value after this"),
            None => Finding::new(place, format!("A value is missing after `{sign}`"), "expected a value after this"),
        }
    }

    fn is_operator_word(&self, index: usize) -> bool {
        matches!(self.word(index), "and" | "or" | "not" | "in" | "if" | "then" | "else")
    }

    fn has_open_if(&self, part: &Part) -> bool {
        let mut open = 0_usize;
        for at in part.tokens.start..self.index {
            match self.word(at) {
                "if" => open += 1,
                "then" => open = open.saturating_sub(1),
                _ => {}
            }
        }
        open > 0
    }

    /// The `<` of a type that is not closed before the place.
    fn open_angle(&self, part: &Part) -> Option<usize> {
        let mut open = Vec::new();
        for at in part.tokens.start..self.index {
            match self.word(at) {
                "<" if self.range(at).start == self.range(at.saturating_sub(1)).end => open.push(at),
                ">" => {
                    open.pop();
                }
                _ => {}
            }
        }
        open.pop()
    }

    /// Where the value or type of the entry that holds the place starts.
    fn value_start(&self, part: &Part) -> Option<usize> {
        let mut at = part.tokens.start;
        let mut found = None;
        while at < part.tokens.end && at < self.index {
            if matches!(self.kind(at), Some(Kind::Equals | Kind::Colon)) || self.is_sign(at, &["=>", "..."]) {
                found = Some(at + 1);
                if self.kind(at) == Some(Kind::Equals) {
                    break;
                }
            }
            at = match self.material.nesting.partner[at] {
                Some(close) if self.kind(at) == Some(Kind::Open) => close + 1,
                _ => at + 1,
            };
        }
        found
    }

    /// What to say when nothing particular is known.
    fn general(&self, part: &Part) -> Finding {
        let index = self.index;
        let start = part.tokens.start;
        let opener = part.frame.map_or("", |open| self.word(open));
        let previous = self.before(index);
        let in_part = previous.filter(|at| *at >= start || Some(*at) == part.frame);
        let found = self.describe(index);
        let mut place = self.range(index);
        if matches!(self.kind(index), Some(Kind::Newline) | None) {
            place = previous.map_or(place, |at| self.range(at));
        }
        if self.kind(index) == Some(Kind::Text) && self.word(index).starts_with('"') && self.word(index).contains("${")
        {
            return self.inside_text(place);
        }
        if self.word(index) == "'" {
            let finding = Finding::foreign(place, "'…'", "\"…\"");
            return finding.help("text stands in double quotes");
        }
        if let Some(finding) = self.wrong_word(part, index, &place) {
            return finding;
        }
        if let Some(at) = in_part {
            let before = self.word(at);
            let wants_value = matches!(self.kind(at), Some(Kind::Equals))
                || self.is_operator_word(at) && !matches!(before, "if" | "in")
                || (self.kind(at) == Some(Kind::Sign) && !matches!(before, "." | "?." | "?" | ">" | "|"))
                || (matches!(self.kind(at), Some(Kind::Comma)) && opener != "{");
            if matches!(before, "." | "?.") {
                return Finding::new(
                    place,
                    format!("Expected a name after `{before}`, found {found}"),
                    "expected a name",
                );
            }
            if self.kind(at) == Some(Kind::Colon) || before == "|" {
                return match self.kind(index) {
                    Some(Kind::Newline | Kind::Comma | Kind::Close) | None => self.missing_after(at),
                    _ => Finding::new(place, format!("Expected a type, found {found}"), "expected a type"),
                };
            }
            if wants_value {
                return match self.kind(index) {
                    Some(Kind::Newline | Kind::Close) | None => self.missing_after(at),
                    Some(Kind::Comma) if self.kind(at) == Some(Kind::Equals) => self.missing_after(at),
                    _ => Finding::new(place, format!("Expected a value, found {found}"), "expected a value"),
                };
            }
        }
        if let Some(open) = self.open_angle(part) {
            let sign = self.range(open);
            return Finding::new(sign, "This `<` is never closed", "opened here").help("close it with `>`");
        }
        if self.has_open_if(part) {
            return Finding::new(
                place,
                format!("`if` has no `then`: expected `then`, found {found}"),
                "expected `then`",
            )
            .help("write `if condition then value else value`");
        }
        let finding = match opener {
            "(" => Finding::new(place, format!("Expected a comma or `)`, found {found}"), "expected a comma or `)`"),
            "[" => Finding::new(
                place,
                format!("Expected a comma, a new line or `]`, found {found}"),
                "expected a comma or `]`",
            ),
            _ if index == start && part.frame.is_none() => {
                Finding::new(place, format!("Expected a declaration, found {found}"), "not a declaration")
                    .help("a declaration starts with a word such as `source`, `transform`, `train`, `step` or `let`")
            }
            _ if index == start => Finding::new(place, format!("Expected a name, found {found}"), "expected a name"),
            _ if opener == "{" && index == start + 1 && self.is_schema(part) => {
                let name = self.word(start);
                Finding::new(
                    self.range(start),
                    format!("The column `{name}` needs a type"),
                    "expected `: type` after this",
                )
                .help(format!("write `{name}: string`"))
            }
            _ if index == start + 1 && self.kind(start) == Some(Kind::Word) => {
                let name = self.word(start);
                if DECLARATION_WORDS.contains(&name) {
                    let finding = Finding::new(
                        place.clone(),
                        format!("Expected a name after `{name}`, found {found}"),
                        "expected a name",
                    );
                    let unquoted = self.word(index).trim_matches('"');
                    match self.kind(index) {
                        Some(Kind::Text) if is_name(unquoted) => {
                            let title = format!("Change to `{unquoted}`");
                            finding.fix(title, place, unquoted)
                        }
                        _ => finding,
                    }
                } else {
                    Finding::new(
                        if self.kind(index) == Some(Kind::Newline) { self.range(start) } else { place },
                        format!("Expected `=` or `:` after `{name}`, found {found}"),
                        "expected `=` or `:`",
                    )
                }
            }
            _ if matches!(self.kind(index), Some(Kind::Newline) | None) => Finding::new(
                place,
                "The line ends too early: something is missing after this",
                "something is missing after this",
            ),
            _ => Finding::new(place, format!("Expected the end of the line, found {found}"), "not expected here"),
        };
        match shape(self.word(start)) {
            Some(shape) if opener != "(" && opener != "[" => finding.help(format!("write `{shape}`")),
            _ => finding,
        }
    }

    /// Whether the braces around a part are those of a schema.
    fn is_schema(&self, part: &Part) -> bool {
        part.frame.is_some_and(|open| open > 1 && self.word(open - 2) == "schema")
    }

    /// A word that starts no declaration, or a reserved one used as a name.
    fn wrong_word(&self, part: &Part, index: usize, place: &Range<usize>) -> Option<Finding> {
        let start = part.tokens.start;
        let word = self.word(start).to_owned();
        if self.kind(index) == Some(Kind::Word)
            && is_reserved(self.word(index))
            && index == start + 1
            && DECLARATION_WORDS.contains(&word.as_str())
        {
            let mut finding = Finding::new(place.clone(), self.word(index), "");
            finding.row = &diagnostics::RESERVED;
            return Some(finding);
        }
        let in_braces = part.frame.is_none_or(|open| self.word(open) == "{");
        let names_something = self.kind(start + 1) == Some(Kind::Word) && self.kind(start) == Some(Kind::Word);
        if !in_braces || !names_something || index < start || DECLARATION_WORDS.contains(&word.as_str()) {
            return None;
        }
        if matches!(word.as_str(), "on" | "role" | "else" | "if" | "elif") {
            return None;
        }
        let meant = closest(&word, DECLARATION_WORDS);
        if meant.is_none() && part.frame.is_some() {
            return None;
        }
        let place = self.range(start);
        let found = word.clone();
        let mut finding = Finding::new(place.clone(), word, "");
        finding.row = &diagnostics::UNKNOWN_WORD;
        Some(match meant {
            Some(meant) => {
                finding.help(format!("did you mean `{meant}`?")).fix(format!("Change to `{meant}`"), place, meant)
            }
            None => {
                finding.help(elsewhere(&found).unwrap_or(
                    "a declaration starts with a word such as `source`, `transform`, `train`, `step` or `let`",
                ))
            }
        })
    }

    /// The value in a `${…}` of a text cannot be read.
    fn inside_text(&self, place: Range<usize>) -> Finding {
        let text = &self.material.text[place.clone()];
        let empty = text.match_indices("${").find(|(at, _)| text[at + 2..].trim_start().starts_with('}'));
        let (at, problem) = match empty {
            Some((at, _)) => (at, "`${}` holds no value"),
            None => (text.find("${").unwrap_or(0), "The value in `${…}` cannot be read"),
        };
        let length = text[at..].find('}').map_or(2, |length| length + 1);
        Finding::new(place.start + at..place.start + at + length, problem, "expected a value")
            .help("`\\${` writes the two characters themselves")
    }

    fn describe(&self, index: usize) -> String {
        match self.kind(index) {
            None => "the end of the file".to_owned(),
            Some(Kind::Newline) => "the end of the line".to_owned(),
            Some(Kind::Text) if self.word(index).len() > 24 => "a text".to_owned(),
            Some(Kind::Comma) => "a comma".to_owned(),
            Some(_) => format!("`{}`", diagnostics::shorten(self.word(index), 24)),
        }
    }

    /// Ever larger holes around the place, within its part.
    fn holes(&self, part: &Part, finding: &Finding, list: &mut Vec<Candidate>) {
        let mut hole = |range: Range<usize>| {
            list.push(Candidate { range, text: HOLE.into(), finding: finding.clone() });
        };
        let tokens = &part.tokens;
        let nesting = &self.material.nesting;
        let place = self.range(self.index).start;
        let inside_part = self.index >= tokens.start && self.index <= tokens.end;
        if inside_part && (self.index == tokens.end || tokens.is_empty()) {
            // Something is missing at the end: an operand, an element, a value.
            let end = self.before(self.index).map_or(place, |at| self.range(at).end);
            hole(end..end);
        }
        if tokens.is_empty() {
            return;
        }
        if self.kind(self.index) == Some(Kind::Text) && tokens.contains(&self.index) {
            hole(self.range(self.index));
        }
        // The trailing braces of a declaration are kept if the place is before them.
        let body = match self.kind(tokens.end - 1) {
            Some(Kind::Close) if self.word(tokens.end - 1) == "}" => nesting.partner[tokens.end - 1],
            _ => None,
        };
        if body == Some(self.index)
            && let Some(previous) = self.index.checked_sub(1).filter(|previous| *previous >= tokens.start)
        {
            let end = self.range(previous).end;
            hole(end..end);
        }
        if let Some(body) = body.filter(|body| *body > tokens.start && *body > self.index) {
            for from in [self.index, tokens.start + 1] {
                if from < body {
                    hole(self.bytes(&(from..body)));
                }
            }
        }
        if let Some(value) = self.value_start(part) {
            let stop = self.default_start(value, tokens.end).filter(|stop| self.index < *stop);
            if let Some(stop) = stop {
                hole(self.bytes(&(value..stop)));
            }
            hole(self.bytes(&(value..tokens.end)));
        }
        hole(self.bytes(tokens));
        if part.frame.is_none_or(|open| self.word(open) == "{") {
            // The whole line, commas and all.
            let mut end = tokens.end;
            while end < self.material.tokens.len() && self.kind(end) != Some(Kind::Newline) {
                if nesting.partner[end].is_some() && self.kind(end) == Some(Kind::Close) {
                    break;
                }
                end = match nesting.partner[end] {
                    Some(close) if self.kind(end) == Some(Kind::Open) => close + 1,
                    _ => end + 1,
                };
            }
            let mut start = tokens.start;
            let first = part.frame.map_or(0, |open| open + 1);
            while start > first && self.kind(start - 1) != Some(Kind::Newline) {
                start -= 1;
            }
            if start != tokens.start || end != tokens.end {
                hole(self.bytes(&(start..end)));
            }
        }
    }

    /// Where ` = default` starts after a type that starts at `from`.
    fn default_start(&self, from: usize, end: usize) -> Option<usize> {
        if from == 0 || self.kind(from - 1) != Some(Kind::Colon) {
            return None;
        }
        (from..end).find(|at| self.kind(*at) == Some(Kind::Equals))
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
