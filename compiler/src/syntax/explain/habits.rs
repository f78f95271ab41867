//! What people write by the habits of other languages: each place is named as what it is and read as what was meant.

use super::*;
use crate::syntax::build::meant_unit;
use crate::syntax::tree::Binding;

/// Words that start a declaration elsewhere, and what is written for them here.
const ELSEWHERE: [(&[&str], &str); 9] = [
    (&["const", "var", "val", "local", "locals", "set"], "a value gets a name with `let name = value`"),
    (&["def", "function", "fn", "func", "fun"], "a function is written `let name(a, b) => value`"),
    (
        &["variable", "parameter", "input", "inputs", "param", "params", "arg", "argument"],
        "what is given when an execution starts is a `param name: type` of the workflow, what is given when the file is \
         built is a `config name: type`",
    ),
    (
        &["from", "include", "require", "use", "using"],
        "names of another file come with `import { a, b } from \"./file.mlflow\"`",
    ),
    (
        &["class", "struct", "record", "interface", "model", "table"],
        "columns are declared with `schema name { column: type }`",
    ),
    (&["enum"], "a choice is a type: `type name = \"a\" | \"b\"`"),
    (&["task", "job", "node", "stage", "action"], "a step is written `step name = kind { … }`"),
    (&["dag", "flow", "steps", "process"], "steps stand in a `workflow name { … }`"),
    (
        &["module", "provider", "terraform", "data", "print", "return", "async", "export", "public"],
        "a declaration starts with a word such as `source`, `transform`, `train`, `step` or `let`",
    ),
];

/// What is written here for a word that starts a declaration elsewhere.
pub(in crate::syntax) fn elsewhere(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    ELSEWHERE.iter().find(|(words, _)| words.contains(&lower.as_str())).map(|(_, right)| *right)
}

impl View<'_, '_> {
    pub(super) fn habits(&self, part: &Part, list: &mut Vec<Candidate>) {
        self.text_with_prefix(list);
        self.value_in_braces(list);
        self.unit_apart(list);
        self.superfluous_word(list);
        self.word_twice(part, list);
        self.quoted_name(part, list);
        self.typo_of_the_first_word(part, list);
        self.type_in_brackets(part, list);
        self.value_after_colon(part, list);
        self.imported_names(part, list);
        self.condition_after_value(part, list);
        self.comprehension_turned_round(part, list);
        self.function_as_value(part, list);
        self.operators(part, list);
        self.loop_without_in(part, list);
        self.comment_of_elsewhere(part, list);
        self.type_after_equals(part, list);
        self.misspelt_else(part, list);
        self.equals_after_type(part, list);
        self.block_without_word(part, list);
    }

    fn between(&self, tokens: Range<usize>) -> &str {
        &self.material.text[self.bytes(&tokens)]
    }

    fn touches(&self, index: usize) -> bool {
        index > 0 && self.range(index - 1).end == self.range(index).start
    }

    /// `f"…"`
    fn text_with_prefix(&self, list: &mut Vec<Candidate>) {
        let index = self.index;
        if self.kind(index) != Some(Kind::Text) || !self.touches(index) {
            return;
        }
        let prefix = self.word(index - 1).to_owned();
        if !matches!(prefix.as_str(), "f" | "F" | "b" | "u" | "R" | "rf" | "fr" | "s" | "t") {
            return;
        }
        let range = self.range(index - 1);
        let finding = Finding::foreign(range.clone(), &format!("{prefix}\"…\""), "\"…\"")
            .help("every text puts in values with `${…}`")
            .fix(format!("Remove `{prefix}`"), range.clone(), "");
        list.push(Candidate { range, text: "".into(), finding });
    }

    /// `${x}` outside a text
    fn value_in_braces(&self, list: &mut Vec<Candidate>) {
        let index = self.index;
        if self.word(index) != "$" {
            return;
        }
        let inside = match self.kind(index + 1) {
            Some(Kind::Open) if self.word(index + 1) == "{" => match self.material.nesting.partner[index + 1] {
                Some(close) => index + 2..close,
                None => return,
            },
            Some(Kind::Word) => index + 1..index + 2,
            _ => return,
        };
        if inside.is_empty() {
            return;
        }
        let last = if self.kind(index + 1) == Some(Kind::Open) { inside.end } else { index + 1 };
        let range = self.range(index).start..self.range(last).end;
        let right = self.between(inside).to_owned();
        let found = self.material.text[range.clone()].to_owned();
        let finding = Finding::foreign(range.clone(), &found, &right)
            .help("`${…}` puts a value into a text; outside a text a name stands alone")
            .fix(format!("Write `{right}`"), range.clone(), right.clone());
        list.push(Candidate { range, text: right.into(), finding });
    }

    /// `30 GB`, `5 min`, `20 %`
    fn unit_apart(&self, list: &mut Vec<Candidate>) {
        let index = self.index;
        if self.kind(index) == Some(Kind::Word) && index > 0 && self.kind(index - 1) == Some(Kind::Number) {
            self.attach(index - 1, index, list);
        }
    }

    pub(super) fn percent_apart(&self, part: &Part, list: &mut Vec<Candidate>) {
        let sign = self.before(self.index).filter(|at| *at > part.tokens.start && self.word(*at) == "%");
        if let Some(sign) = sign.filter(|sign| self.kind(*sign - 1) == Some(Kind::Number)) {
            self.attach(sign - 1, sign, list);
        }
    }

    fn attach(&self, number: usize, unit: usize, list: &mut Vec<Candidate>) {
        let range = self.range(number).start..self.range(unit).end;
        let Some(unit) = meant_unit(self.word(unit)) else { return };
        let right = format!("{}{unit}", self.word(number));
        let finding = Finding::new(range.clone(), "A unit is attached to its number", "a space stands here")
            .help(format!("write `{right}`"))
            .fix(format!("Change to `{right}`"), range.clone(), right.clone());
        list.push(Candidate { range, text: right.into(), finding });
    }

    /// `new hpo { … }`, `await x`
    fn superfluous_word(&self, list: &mut Vec<Candidate>) {
        let index = self.index;
        if index == 0 || self.kind(index) != Some(Kind::Word) {
            return;
        }
        let word = self.word(index - 1).to_owned();
        if matches!(word.as_str(), "new" | "await" | "yield") {
            let range = self.range(index - 1).start..self.range(index).start;
            let name = self.word(index).to_owned();
            let finding = Finding::foreign(self.range(index - 1), &format!("{word} {name}"), &name).fix(
                format!("Remove `{word}`"),
                range.clone(),
                "",
            );
            list.push(Candidate { range, text: "".into(), finding });
        }
    }

    /// `workflow workflow name { … }`, `train fit fit = …`
    fn word_twice(&self, part: &Part, list: &mut Vec<Candidate>) {
        // The place may be inside the braces already: what stands before them is read with what they hold.
        let outermost = std::iter::successors(part.frame, |open| self.material.nesting.parent[*open]).last();
        let part = outermost.map_or_else(|| part.clone(), |open| self.part(open));
        let start = part.tokens.start;
        let twice = (start + 1..start + 3)
            .find(|at| self.kind(*at) == Some(Kind::Word) && self.word(*at) == self.word(*at - 1) && *at <= self.index);
        let Some(second) = twice.filter(|_| DECLARATION_WORDS.contains(&self.word(start))) else { return };
        let range = self.range(second - 1).end..self.range(second).end;
        let word = self.word(second).to_owned();
        let finding = Finding::new(self.range(second), format!("`{word}` stands here twice"), "once more").fix(
            format!("Remove `{word}`"),
            range.clone(),
            "",
        );
        list.push(Candidate { range, text: "".into(), finding });
    }

    /// `evaluate "quality" = …`, `resource "kind" "name" { … }`, `kind "name" { … }`
    fn quoted_name(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        let (index, word) = (self.index, self.word(start));
        if self.kind(start) != Some(Kind::Word) || index < start + 1 || index > start + 2 {
            return;
        }
        let quoted = |at: usize| {
            let text = self.word(at).trim_matches(['"', '\'']);
            (self.kind(at) == Some(Kind::Text)).then(|| text.replace(['-', ' '], "_")).filter(|text| is_name(text))
        };
        let Some(first) = quoted(start + 1) else { return };
        let is_known = DECLARATION_WORDS.contains(&word);
        let places = self.range(start + 1);
        match quoted(start + 2) {
            Some(second) if self.word(start + 3) == "{" => {
                let range = places.start..self.range(start + 2).end;
                let right = format!("{second} = {first}");
                let finding = Finding::foreign(range.clone(), self.between(start + 1..start + 3), &right)
                    .help("a name is written without quotes")
                    .fix(format!("Change to `{right}`"), range.clone(), right.clone());
                list.push(Candidate { range, text: right.into(), finding });
            }
            _ if is_known && !matches!(word, "fail" | "check" | "role" | "import" | "state") => {
                let finding = Finding::new(
                    places.clone(),
                    format!("A name is written without quotes: `{first}`"),
                    "quotes are for text",
                )
                .fix(format!("Change to `{first}`"), places.clone(), first.clone());
                list.push(Candidate { range: places, text: first.into(), finding });
            }
            _ if !is_known && self.word(start + 2) == "{" && elsewhere(word).is_none() => {
                let range = self.range(start).start..places.end;
                let right = format!("step {first} = {word}");
                let finding = Finding::foreign(range.clone(), self.between(start..start + 2), &right)
                    .help("a declaration starts with a word for what it is, such as `source`, `transform`, `train` or `step`")
                    .fix(format!("Change to `{right}`"), range.clone(), right.clone());
                list.push(Candidate { range, text: right.into(), finding });
            }
            _ => {}
        }
    }

    /// `whne a > b { … }`, `fial "…"`, where the grammar goes on into what follows the word.
    fn typo_of_the_first_word(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        let in_braces = part.frame.is_none_or(|open| self.word(open) == "{");
        let is_head = self.kind(start) == Some(Kind::Word)
            && matches!(self.kind(start + 1), Some(Kind::Word | Kind::Text | Kind::Number))
            && self.index > start;
        let word = self.word(start).to_owned();
        if !in_braces || !is_head || DECLARATION_WORDS.contains(&word.as_str()) || word.len() < 3 {
            return;
        }
        if matches!(word.as_str(), "role" | "else" | "elif" | "allow") {
            return;
        }
        let Some(meant) = closest(&word, DECLARATION_WORDS) else { return };
        let range = self.range(start);
        let mut finding = Finding::new(range.clone(), word, "");
        finding.row = &diagnostics::UNKNOWN_WORD;
        let finding =
            finding.help(format!("did you mean `{meant}`?")).fix(format!("Change to `{meant}`"), range.clone(), meant);
        list.push(Candidate { range, text: meant.into(), finding });
    }

    /// `table[Customer]`, `list[int]`, `int[]`
    fn type_in_brackets(&self, part: &Part, list: &mut Vec<Candidate>) {
        let index = self.index;
        if self.word(index) != "[" || index == 0 || self.kind(index - 1) != Some(Kind::Word) {
            return;
        }
        let after_colon = (part.tokens.start..index).any(|at| self.kind(at) == Some(Kind::Colon));
        let Some(close) = self.material.nesting.partner[index].filter(|_| after_colon) else { return };
        let range = self.range(index - 1).start..self.range(close).end;
        let found = self.material.text[range.clone()].to_owned();
        let right = if close == index + 1 {
            format!("list<{}>", self.word(index - 1))
        } else {
            found.replace('[', "<").replace(']', ">")
        };
        let finding = Finding::foreign(range.clone(), &found, &right).fix(
            format!("Change to `{right}`"),
            range.clone(),
            right.clone(),
        );
        list.push(Candidate { range, text: right.into(), finding });
    }

    /// `tune search: hpo { … }`, `let rate: 0.2`
    fn value_after_colon(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        let colon = start + 2;
        if self.kind(colon) != Some(Kind::Colon) || self.word(colon) != ":" || self.index <= colon {
            return;
        }
        let word = self.word(start);
        let is_kind = self.kind(self.index) == Some(Kind::Open) && Binding::from_word(word).is_some();
        let is_value = matches!(self.kind(self.index), Some(Kind::Newline) | None) && matches!(word, "let" | "output");
        if (!is_kind && !is_value) || (colon + 1..self.index).any(|at| self.kind(at) == Some(Kind::Equals)) {
            return;
        }
        let what = if is_kind { "kind" } else { "value" };
        let range = self.range(colon);
        let finding = Finding::new(
            range.clone(),
            format!("`:` stands before a type, `=` before a {what}"),
            "expected `=`",
        )
        .fix("Write `=`", range.clone(), " =");
        list.push(Candidate { range, text: " =".into(), finding });
    }

    /// `import schemas`, `import A from "./a.mlflow"`
    fn imported_names(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        if self.word(start) != "import" || self.kind(start + 1) != Some(Kind::Word) {
            return;
        }
        let from = (start + 2..part.tokens.end).find(|at| self.word(*at) == "from");
        let help = "write `import { a, b } from \"./file.mlflow\"`, or `import \"./file.mlflow\" as file`";
        match from {
            Some(from) => {
                let range = self.range(start + 1).start..self.range(from - 1).end;
                let right = format!("{{ {} }}", &self.material.text[range.clone()]);
                let finding =
                    Finding::new(range.clone(), "The names of an import stand in braces", "expected `{ }` around this")
                        .help(help)
                        .fix(format!("Change to `{right}`"), range.clone(), right.clone());
                list.push(Candidate { range, text: right.into(), finding });
            }
            None => {
                let range = self.bytes(&part.tokens);
                let finding = Finding::new(self.range(start + 1), "An import names a file", "not a file").help(help);
                list.push(Candidate { range, text: HOLE.into(), finding });
            }
        }
    }

    /// `a if c else b`
    fn condition_after_value(&self, part: &Part, list: &mut Vec<Candidate>) {
        let index = self.index;
        if self.word(index) != "if" {
            return;
        }
        let Some(from) = self.value_start(part).filter(|from| *from < index) else { return };
        let otherwise = (index + 1..part.tokens.end).find(|at| self.word(*at) == "else");
        let until = otherwise.unwrap_or(part.tokens.end);
        let (value, condition) = (self.between(from..index), self.between(index + 1..until));
        let range = self.bytes(&(from..part.tokens.end));
        let mut right = format!("if {condition} then {value}");
        if let Some(otherwise) = otherwise {
            right.push_str(&format!(" else {}", self.between(otherwise + 1..part.tokens.end)));
        }
        let shape = if otherwise.is_some() { "a if c else b" } else { "a if c" };
        let short = if otherwise.is_some() { "if c then a else b" } else { "if c then a" };
        let finding = Finding::foreign(range.clone(), shape, short).fix(
            format!("Change to `{right}`"),
            range.clone(),
            right.clone(),
        );
        list.push(Candidate { range, text: right.into(), finding });
    }

    /// `[e for x in xs]`
    fn comprehension_turned_round(&self, part: &Part, list: &mut Vec<Candidate>) {
        let index = self.index;
        let Some(open) = part.frame.filter(|open| matches!(self.word(*open), "[" | "{")) else { return };
        let Some(close) = self.material.nesting.partner[open] else { return };
        if self.word(index) != "for" || index == open + 1 || !(index..close).any(|at| self.word(at) == "in") {
            return;
        }
        let (value, clause) = (self.between(open + 1..index), self.between(index..close));
        let range = self.range(open + 1).start..self.range(close - 1).end;
        let is_list = self.word(open) == "[";
        let right = match value.split_once(':').filter(|_| !is_list) {
            Some((key, value)) => format!("{clause}: [{}] = {}", key.trim(), value.trim()),
            None => format!("{clause}: {value}"),
        };
        let (found, written) = if is_list {
            ("[e for x in xs]", "[for x in xs: e]")
        } else {
            ("{k: v for k in ks}", "{for k in ks: [k] = v}")
        };
        let finding = Finding::foreign(range.clone(), found, written).fix(
            format!("Change to `{right}`"),
            range.clone(),
            right.clone(),
        );
        list.push(Candidate { range, text: right.into(), finding });
    }

    /// A function without a name: `word x: e`, `(x) => e`
    fn function_as_value(&self, part: &Part, list: &mut Vec<Candidate>) {
        let Some(from) = self.value_start(part) else { return };
        let words = |at: usize| self.kind(at) == Some(Kind::Word);
        let is_python = words(from) && words(from + 1) && self.kind(from + 2) == Some(Kind::Colon);
        let is_arrow = self.word(self.index) == "=>" && self.index > from;
        if !is_python && !is_arrow {
            return;
        }
        let range = self.bytes(&(from..part.tokens.end));
        let found = if is_python { format!("{} x: e", self.word(from)) } else { "(x) => e".to_owned() };
        let finding = Finding::foreign(range.clone(), &found, "let f(x) => e")
            .help("a function has a name: it is declared with `let`");
        list.push(Candidate { range, text: HOLE.into(), finding });
    }

    /// `a => b` in a condition, `a is b`, `a not in b`, `a <> b`, `a ** b`
    fn operators(&self, part: &Part, list: &mut Vec<Candidate>) {
        let index = self.index;
        let start = part.tokens.start;
        let mut swap = |range: Range<usize>, right: &'static str| {
            let found = self.material.text[range.clone()].to_owned();
            let finding =
                Finding::foreign(range.clone(), &found, right).fix(format!("Write `{right}`"), range.clone(), right);
            list.push(Candidate { range, text: right.into(), finding });
        };
        let in_condition = matches!(self.word(start), "when" | "check") || self.has_open_if(part);
        match self.word(index) {
            "=>" if in_condition => swap(self.range(index), ">="),
            "<" if in_condition && index > 0 && self.word(index - 1) == "=" => {
                swap(self.range(index - 1).start..self.range(index).end, "<=");
            }
            ">" if index > 0 && self.word(index - 1) == "<" && self.touches(index) => {
                swap(self.range(index - 1).start..self.range(index).end, "!=");
            }
            "is" if index > start && self.word(index + 1) == "not" => {
                swap(self.range(index).start..self.range(index + 1).end, "!=");
            }
            "is" if index > start + 1 => swap(self.range(index), "=="),
            "eq" | "equals" if index > start + 1 => swap(self.range(index), "=="),
            "AND" => swap(self.range(index), "and"),
            "OR" => swap(self.range(index), "or"),
            "&" if in_condition => swap(self.range(index), "and"),
            "|" if in_condition => swap(self.range(index), "or"),
            "not" if index > start && self.word(index + 1) == "in" => {
                let range = self.range(index).start..self.range(index + 1).end;
                let finding = Finding::foreign(range.clone(), "a not in b", "not (a in b)");
                list.push(Candidate { range, text: "in".into(), finding });
            }
            _ => {}
        }
    }

    /// `[for x [1, 2]: x]`, `for x of xs { … }`, `for (x in xs) { … }`
    fn loop_without_in(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        let index = self.index;
        if !matches!(self.word(start), "for" | "each") || index != start + 2 || self.kind(start + 1) != Some(Kind::Word)
        {
            return;
        }
        let place = self.range(index);
        if matches!(self.word(index), "of" | "from" | "on" | "=") {
            let found = self.word(index).to_owned();
            let finding = Finding::foreign(place.clone(), &found, "in").fix("Write `in`", place.clone(), "in");
            list.push(Candidate { range: place, text: "in".into(), finding });
        } else if self.word(index) != "in" && self.word(index) != "," {
            let name = self.word(start + 1).to_owned();
            let finding =
                Finding::new(place.clone(), format!("`in` is missing after `{name}`"), "expected `in` before this")
                    .fix("Insert `in`", place.start..place.start, "in ");
            list.push(Candidate { range: place.start..place.start, text: "in ".into(), finding });
        }
    }

    /// `-- …`, `<!-- … -->`, `"""…"""` where a declaration belongs
    fn comment_of_elsewhere(&self, part: &Part, list: &mut Vec<Candidate>) {
        let start = part.tokens.start;
        if self.index != start {
            return;
        }
        let text = &self.material.text[self.range(start).start..];
        let line = text.find('\n').unwrap_or(text.len());
        let from = self.range(start).start;
        let (length, found, inside) = if text.starts_with("--") {
            (line, "-- comment", text[2..line].trim())
        } else if text.starts_with("<!--") {
            let end = text.find("-->").map_or(line, |end| end + 3);
            (end, "<!-- comment -->", text[4..end].trim_end_matches("-->").trim())
        } else if text.starts_with("\"\"\"") && part.frame.is_none_or(|open| self.word(open) == "{") {
            let length = self.range(start).end - from;
            (length, "\"\"\"comment\"\"\"", text[3..length].trim_end_matches('"').trim())
        } else {
            return;
        };
        let range = from..from + length;
        let right = inside.lines().map(|line| format!("// {}", line.trim())).collect::<Vec<_>>().join("\n");
        let finding = Finding::foreign(range.clone(), found, "// comment").fix("Write `//`", range.clone(), right);
        list.push(Candidate { range, text: "".into(), finding });
    }

    /// `train = table<Customer>` before another line, where it reads as a comparison.
    fn type_after_equals(&self, part: &Part, list: &mut Vec<Candidate>) {
        let own = part.tokens.start;
        let before = self.before(own).filter(|at| self.word(*at) == ">" && self.index == own + 1);
        let start = before.map_or(own, |at| self.part(at).tokens.start);
        let angle = start + 3;
        let is_type = self.kind(start + 1) == Some(Kind::Equals)
            && self.kind(start + 2) == Some(Kind::Word)
            && self.word(angle) == "<"
            && self.touches(angle)
            && self.index > angle;
        if !is_type {
            return;
        }
        let range = self.range(start + 1);
        let problem = format!("`{}` is given a value where a type belongs", self.word(start));
        let finding = Finding::new(range.clone(), problem, "expected `:`")
            .help("`:` gives a type, `=` gives a value")
            .fix("Write `:`", range.clone(), ":");
        list.push(Candidate { range, text: ":".into(), finding });
    }

    /// `} esle { … }`
    fn misspelt_else(&self, part: &Part, list: &mut Vec<Candidate>) {
        let index = self.index;
        if self.kind(index) != Some(Kind::Word) || index == 0 || self.word(index - 1) != "}" {
            return;
        }
        let word = self.word(index).to_owned();
        let is_else = closest(&word, ["else"]).is_some() || matches!(word.as_str(), "otherwise" | "default");
        if !is_else || !matches!(self.word(part.tokens.start), "when" | "if") {
            return;
        }
        let range = self.range(index);
        let finding = Finding::foreign(range.clone(), &word, "else").fix("Write `else`", range.clone(), "else");
        list.push(Candidate { range, text: "else".into(), finding });
    }

    /// `train: table<A> { format = "csv" }`, `source a: table<A> s3 { … }`
    fn equals_after_type(&self, part: &Part, list: &mut Vec<Candidate>) {
        let (index, start) = (self.index, part.tokens.start);
        let colon = (start..index).find(|at| self.kind(*at) == Some(Kind::Colon));
        let is_type = colon
            .is_some_and(|colon| colon + 1 < index && (colon..index).all(|at| self.kind(at) != Some(Kind::Equals)));
        let is_value =
            self.word(index) == "{" || matches!(self.kind(index), Some(Kind::Word | Kind::Text | Kind::Number));
        if !is_type || !is_value || self.is_operator_word(index) {
            return;
        }
        let place = self.range(index);
        let finding = Finding::new(
            place.clone(),
            format!("`=` is missing before {}", self.describe(index)),
            "expected `=` before this",
        )
        .fix("Insert `=`", place.start..place.start, "= ");
        list.push(Candidate { range: place.start..place.start, text: "= ".into(), finding });
    }

    /// `train_churn { … }` at the top of a file, with declarations inside.
    fn block_without_word(&self, part: &Part, list: &mut Vec<Candidate>) {
        let mut open = part.frame;
        while let Some(outer) = open.and_then(|open| self.material.nesting.parent[open]) {
            open = Some(outer);
        }
        let Some(open) = open.filter(|open| self.word(*open) == "{") else { return };
        let Some(name) = open.checked_sub(1).filter(|name| self.kind(*name) == Some(Kind::Word)) else { return };
        let word = self.word(name);
        if self.part(open).tokens.start != name || DECLARATION_WORDS.contains(&word) {
            return;
        }
        let place = self.range(name);
        let finding = Finding::new(
            place.clone(),
            format!("A declaration starts with a word for what it is, and `{word}` is none"),
            "expected `workflow` before this",
        )
        .fix("Write `workflow`", place.start..place.start, "workflow ");
        list.push(Candidate { range: place.start..place.start, text: "workflow ".into(), finding });
    }
}
