//! Mistakes that one sign or name mends: what is missing, and what is written as in another language.

use super::*;
use crate::syntax::tree::Binding;

impl View<'_, '_> {
    /// `workflow { … }`, where the place is already inside the braces.
    pub(super) fn missing_name(&self, part: &Part, list: &mut Vec<Candidate>) {
        let Some(open) = part.frame.filter(|open| *open > 0 && self.word(*open) == "{") else { return };
        let word = self.word(open - 1);
        let takes_block =
            matches!(word, "workflow" | "component" | "kind" | "machine" | "pipeline" | "test" | "project" | "schema");
        if !takes_block || self.part(open).tokens.start != open - 1 {
            return;
        }
        let place = self.range(open - 1);
        let finding = Finding::new(place.clone(), format!("This `{word}` has no name"), "expected a name after this");
        let finding = match shape(word) {
            Some(shape) => finding.help(format!("write `{shape}`")),
            None => finding,
        };
        list.push(Candidate { range: place.end..place.end, text: " \u{1} ".into(), finding });
    }

    /// `workflow train-churn { … }`
    pub(super) fn name_with_hyphens(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        let is_name =
            self.word(self.index) == "-" && self.index == start + 2 && DECLARATION_WORDS.contains(&self.word(start));
        let touches = |at: usize| self.range(at).end == self.range(at + 1).start;
        let mut last = start + 1;
        while is_name && touches(last) && self.word(last + 1) == "-" && touches(last + 1) {
            if !matches!(self.kind(last + 2), Some(Kind::Word | Kind::Number)) {
                break;
            }
            last += 2;
        }
        if last == start + 1 {
            return;
        }
        let range = self.range(start + 1).start..self.range(last).end;
        let wrong = &self.material.text[range.clone()];
        let right = wrong.replace('-', "_");
        let finding = Finding::new(range.clone(), format!("A name has no `-`: `{wrong}`"), "not a name")
            .help("names are written with letters, digits and `_`; `name = \"…\"` gives the name on AWS")
            .fix(format!("Change to `{right}`"), range.clone(), right.clone());
        list.push(Candidate { range, text: right.into(), finding });
    }

    /// Edits of one sign: what is missing, or written as in another language.
    pub(super) fn signs(&self, part: &Part, list: &mut Vec<Candidate>) {
        let index = self.index;
        let place = self.range(index);
        let found = self.word(index);
        let start = part.tokens.start;
        let previous = index.checked_sub(1).filter(|at| *at >= start);
        let in_braces = part.frame.is_none_or(|open| self.word(open) == "{");
        let mut edit = |range: Range<usize>, text: &'static str, finding: Finding| {
            list.push(Candidate { range, text: text.into(), finding });
        };
        match found {
            "=" => {
                let head = self.word(start);
                if matches!(head, "when" | "if" | "check" | "run" | "each" | "for") || self.has_open_if(part) {
                    let finding = Finding::foreign(place.clone(), "=", "==").fix("Write `==`", place.clone(), "==");
                    edit(place.clone(), "==", finding.help("`=` gives a value, `==` compares"));
                }
                if index == start + 1 && in_braces {
                    let finding = Finding::new(
                        place.clone(),
                        format!("`{}` is given a value where a type belongs", self.word(start)),
                        "expected `:`",
                    )
                    .help("`:` gives a type, `=` gives a value")
                    .fix("Write `:`", place.clone(), ":");
                    edit(place.clone(), ":", finding);
                }
            }
            "==" if index <= start + 2 => {
                let finding = Finding::foreign(place.clone(), "==", "=").help("`=` gives a value, `==` compares").fix(
                    "Write `=`",
                    place.clone(),
                    "=",
                );
                edit(place.clone(), "=", finding);
            }
            "=>" | ":=" | "->" => {
                let finding = Finding::foreign(place.clone(), found, "=").fix("Write `=`", place.clone(), "=");
                edit(place.clone(), "=", finding);
            }
            "++" => {
                let finding = Finding::foreign(place.clone(), "++", "+").fix("Write `+`", place.clone(), "+");
                edit(place.clone(), "+", finding);
            }
            ":" if start + 1 == index || previous.is_some_and(|at| self.kind(at) == Some(Kind::Word)) => {
                let finding = Finding::new(
                    place.clone(),
                    "`:` stands before a type, `=` before a value",
                    "expected `=`",
                )
                .fix("Write `=`", place.clone(), "=");
                edit(place.clone(), "=", finding);
            }
            "." | "?." if previous.is_none_or(|at| matches!(self.kind(at), Some(Kind::Equals | Kind::Comma))) => {
                let finding = Finding::new(
                    place.clone(),
                    format!("A name is missing before `{found}`"),
                    "expected a name before this",
                );
                let end = if self.kind(index + 1) == Some(Kind::Word) { self.range(index + 1).end } else { place.end };
                edit(place.start..end, HOLE, finding);
            }
            "." | "?." => {
                let finding = Finding::new(
                    place.clone(),
                    format!("A name is missing after `{found}`"),
                    "expected a name after this",
                );
                edit(place.clone(), "", finding);
            }
            "," if previous.is_none_or(|at| self.kind(at) == Some(Kind::Comma)) => {
                let finding = Finding::new(
                    place.clone(),
                    "There is a comma too many",
                    "nothing stands before this comma",
                )
                .fix("Remove the comma", place.clone(), "");
                edit(place.clone(), "", finding);
            }
            ".." => {
                if let Some(open) = part.frame {
                    let outer = self.part(open);
                    let sign = (outer.tokens.start..open).find(|at| self.kind(*at) == Some(Kind::Equals));
                    if let Some(sign) = sign.map(|at| self.range(at)) {
                        let finding = Finding::new(sign.clone(), "A type stands where a value belongs", "expected `:`")
                            .help("`:` gives a type, `=` gives a value")
                            .fix("Write `:`", sign.clone(), ":");
                        edit(sign, ":", finding);
                    }
                }
            }
            "?" => {
                let rest = index + 1..part.tokens.end;
                if rest.clone().any(|at| self.kind(at) == Some(Kind::Colon)) {
                    let from = self.value_start(part).unwrap_or(start);
                    let range = self.bytes(&(from..part.tokens.end));
                    edit(range, HOLE, Finding::foreign(place.clone(), "c ? a : b", "if c then a else b"));
                }
            }
            _ => {}
        }
        let Some(previous) = previous else { return };
        if self.word(start) == "import" && self.kind(index) == Some(Kind::Text) && self.word(previous) == "}" {
            let finding = Finding::new(
                place.clone(),
                "`from` is missing before the file",
                "expected `from` before this",
            )
            .fix("Insert `from`", place.start..place.start, "from ");
            edit(place.start..place.start, "from ", finding);
        }
        let ends_value = matches!(
            self.kind(previous),
            Some(Kind::Word | Kind::Number | Kind::Text | Kind::Jsonata | Kind::Close | Kind::Hole)
        ) && !self.is_operator_word(previous);
        let starts_value =
            matches!(self.kind(index), Some(Kind::Word | Kind::Number | Kind::Text | Kind::Jsonata | Kind::Open));
        if !ends_value || !starts_value {
            return;
        }
        let on_one_line = (previous..index).all(|at| self.kind(at) != Some(Kind::Newline));
        let in_list = part.frame.is_some_and(|open| self.word(open) != "{");
        let starts_entry = matches!(self.kind(index), Some(Kind::Word | Kind::Text))
            && matches!(self.kind(index + 1), Some(Kind::Equals | Kind::Colon));
        let after = self.range(previous).end;
        let is_call = found == "(" && self.kind(previous) == Some(Kind::Word) && place.start > after;
        if is_call {
            let finding = Finding::new(after..place.start, "A call has no space before `(`", "a space stands here")
                .fix("Remove the space", after..place.start, "");
            edit(after..place.start, "", finding);
        }
        if (in_list || (in_braces && starts_entry)) && previous >= start && !(in_braces && previous == start) {
            let finding = Finding::new(
                place.clone(),
                format!("A comma is missing before {}", self.describe(index)),
                "expected a comma before this",
            )
            .fix("Insert a comma", after..after, ",");
            edit(after..after, ",", finding);
        }
        if in_braces && on_one_line && !matches!(self.kind(index), Some(Kind::Open)) | (found == "[") {
            let position = index - start;
            let is_declaration = Binding::from_word(self.word(start)).is_some()
                || matches!(self.word(start), "let" | "config" | "param" | "output" | "state" | "type");
            let is_key = match self.kind(index) {
                Some(Kind::Word) => !DECLARATION_WORDS.contains(&self.word(start)),
                _ => part.frame.is_some() && !matches!(self.word(start), "fail" | "check" | "role" | "import"),
            };
            let fits = (position == 1 && is_key) || (position == 2 && is_declaration);
            let is_word_pair = self.kind(index) == Some(Kind::Word) && position == 1 && part.frame.is_none();
            if fits && !is_word_pair {
                let name = self.word(previous);
                let finding =
                    Finding::new(place.clone(), format!("`=` is missing after `{name}`"), "expected `=` before this")
                        .fix("Insert `=`", place.start..place.start, "= ");
                edit(place.start..place.start, "= ", finding);
            }
        }
    }
}
