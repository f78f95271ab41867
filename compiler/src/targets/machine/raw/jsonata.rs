//! The syntax of JSONata 2.0.6, for expressions that people write in machines: whether a text is one, which variables it
//! reads and which functions it calls. It evaluates nothing.

/// What an expression reads, with byte offsets into its text.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Variables that the expression does not bind itself, without `$`, with the names of members read of them.
    pub(super) variables: Vec<(String, usize, Vec<String>)>,
    /// Functions called by name, with the number of their arguments.
    pub(super) calls: Vec<(String, usize, usize)>,
}

/// A problem and the offset where it is.
pub(super) type Problem = (usize, String);

/// Functions with the most arguments they take: those of JSONata and those that Step Functions adds.
const FUNCTIONS: &[(&str, usize)] = &[
    ("abs", 1),
    ("append", 2),
    ("assert", 2),
    ("average", 1),
    ("base64decode", 1),
    ("base64encode", 1),
    ("boolean", 1),
    ("ceil", 1),
    ("clone", 1),
    ("contains", 2),
    ("count", 1),
    ("decodeUrl", 1),
    ("decodeUrlComponent", 1),
    ("distinct", 1),
    ("each", 2),
    ("encodeUrl", 1),
    ("encodeUrlComponent", 1),
    ("error", 1),
    ("exists", 1),
    ("filter", 2),
    ("floor", 1),
    ("formatBase", 2),
    ("formatInteger", 2),
    ("formatNumber", 3),
    ("fromMillis", 3),
    ("hash", 2),
    ("join", 2),
    ("keys", 1),
    ("length", 1),
    ("lookup", 2),
    ("lowercase", 1),
    ("map", 2),
    ("match", 3),
    ("max", 1),
    ("merge", 1),
    ("millis", 0),
    ("min", 1),
    ("not", 1),
    ("now", 2),
    ("number", 1),
    ("pad", 3),
    ("parse", 1),
    ("parseInteger", 2),
    ("partition", 2),
    ("power", 2),
    ("random", 1),
    ("range", 3),
    ("reduce", 3),
    ("replace", 4),
    ("reverse", 1),
    ("round", 2),
    ("shuffle", 1),
    ("sift", 2),
    ("single", 2),
    ("sort", 2),
    ("split", 3),
    ("spread", 1),
    ("sqrt", 1),
    ("string", 2),
    ("substring", 3),
    ("substringAfter", 2),
    ("substringBefore", 2),
    ("sum", 1),
    ("toMillis", 2),
    ("trim", 1),
    ("type", 1),
    ("uppercase", 1),
    ("uuid", 0),
    ("zip", 99),
];

pub(super) fn function(name: &str) -> Option<usize> {
    FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, most)| *most)
}

pub(super) fn functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

pub(super) fn parse(text: &str) -> Result<Uses, Problem> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0, end: text.len(), bound: Vec::new(), uses: Uses::default(), depth: 0 };
    if parser.peek().is_none() {
        return Err((0, "an expression belongs here".to_owned()));
    }
    parser.expression(0)?;
    match parser.peek() {
        None => Ok(parser.uses),
        Some(token) => Err((token.at, format!("`{}` cannot follow", token.shown()))),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Sort {
    Name,
    Variable,
    Literal,
    Operator,
}

#[derive(Clone, Debug)]
struct Token {
    sort: Sort,
    text: String,
    at: usize,
}

impl Token {
    fn shown(&self) -> String {
        if self.sort == Sort::Variable { format!("${}", self.text) } else { self.text.clone() }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let bytes = text.as_bytes();
    let mut list: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_ascii_whitespace() || first == '\u{b}' {
            at += 1;
            continue;
        }
        if rest.starts_with("/*") {
            let Some(end) = rest.find("*/") else { return Err((at, "this comment is never closed".to_owned())) };
            at += end + 2;
            continue;
        }
        let push = |list: &mut Vec<Token>, sort, text: &str| list.push(Token { sort, text: text.to_owned(), at });
        // Where a value begins, a slash begins a regular expression.
        let before_value = list
            .last()
            .is_none_or(|last| last.sort == Sort::Operator && !matches!(last.text.as_str(), ")" | "]" | "}"));
        if first == '/' && before_value {
            let mut end = at + 1;
            let mut depth = 0_i32;
            loop {
                match bytes.get(end) {
                    None => return Err((at, "this regular expression is never closed".to_owned())),
                    Some(b'\\') => end += 1,
                    Some(b'(' | b'[' | b'{') => depth += 1,
                    Some(b')' | b']' | b'}') => depth -= 1,
                    Some(b'/') if depth <= 0 => break,
                    Some(_) => {}
                }
                end += 1;
            }
            end += 1;
            while matches!(bytes.get(end), Some(b'i' | b'm')) {
                end += 1;
            }
            push(&mut list, Sort::Literal, &text[at..end]);
            at = end;
            continue;
        }
        if let Some(double) = ["..", ":=", "!=", ">=", "<=", "**", "~>"].iter().find(|sign| rest.starts_with(**sign)) {
            push(&mut list, Sort::Operator, double);
            at += 2;
            continue;
        }
        if ".[]{}(),@#;:?+-*/%|=<>^&!~".contains(first) {
            push(&mut list, Sort::Operator, &rest[..1]);
            at += 1;
            continue;
        }
        if first == '"' || first == '\'' {
            let mut end = at + 1;
            loop {
                match bytes.get(end) {
                    None => return Err((at, "this text is never closed".to_owned())),
                    Some(b'\\') => {
                        if !matches!(
                            bytes.get(end + 1),
                            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u' | b'\'')
                        ) {
                            return Err((end, "there is no such escape in a text".to_owned()));
                        }
                        end += 2;
                    }
                    Some(byte) if *byte == bytes[at] => break,
                    Some(_) => end += 1,
                }
            }
            push(&mut list, Sort::Literal, &text[at..=end]);
            at = end + 1;
            continue;
        }
        if first == '`' {
            let Some(end) = rest[1..].find('`') else { return Err((at, "this name is never closed".to_owned())) };
            push(&mut list, Sort::Name, &rest[1..=end]);
            at += end + 2;
            continue;
        }
        let stops =
            |character: char| character.is_ascii_whitespace() || ".[]{}(),@#;:?+-*/%|=<>^&!~\"'`".contains(character);
        if first.is_ascii_digit() {
            let mut end = at + rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
            if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
                end += 1;
                while bytes.get(end).is_some_and(u8::is_ascii_digit) {
                    end += 1;
                }
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                    end += 1 + sign;
                    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
                        end += 1;
                    }
                }
            }
            push(&mut list, Sort::Literal, &text[at..end]);
            at = end;
            continue;
        }
        let length = rest.find(stops).unwrap_or(rest.len());
        let word = &rest[..length];
        match word {
            "and" | "or" | "in" => push(&mut list, Sort::Operator, word),
            "true" | "false" | "null" => push(&mut list, Sort::Literal, word),
            _ => match word.strip_prefix('$') {
                Some(name) => push(&mut list, Sort::Variable, name),
                None => push(&mut list, Sort::Name, word),
            },
        }
        at += length;
    }
    Ok(list)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
    /// Names bound here: parameters of functions, and what `:=` binds until its block ends.
    bound: Vec<String>,
    uses: Uses,
    depth: usize,
}

fn power(operator: &str) -> u8 {
    match operator {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "!=" | "<=" | ">=" | "~>" | "in" | "^" => 40,
        "and" => 30,
        "or" => 25,
        "?" | ".." | "|" => 20,
        ":=" => 10,
        _ => 0,
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, operator: &str) -> bool {
        self.peek().is_some_and(|token| token.sort == Sort::Operator && token.text == operator)
    }

    fn accept(&mut self, operator: &str) -> bool {
        let found = self.is(operator);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, operator: &str) -> Result<(), Problem> {
        if self.accept(operator) {
            return Ok(());
        }
        Err(match self.peek() {
            Some(token) => (token.at, format!("`{operator}` belongs before `{}`", token.shown())),
            None => (self.end, format!("`{operator}` is missing at the end")),
        })
    }

    fn expression(&mut self, least: u8) -> Result<(), Problem> {
        self.depth += 1;
        if self.depth > 200 {
            return Err((self.peek().map_or(self.end, |token| token.at), "this is nested too deeply".to_owned()));
        }
        self.prefix()?;
        while let Some(token) = self.peek().filter(|token| token.sort == Sort::Operator) {
            let (operator, at) = (token.text.clone(), token.at);
            let binding = power(&operator);
            if binding <= least || binding == 0 {
                break;
            }
            self.at += 1;
            match operator.as_str() {
                "(" => self.arguments()?,
                "[" => {
                    if !self.accept("]") {
                        self.expression(0)?;
                        self.expect("]")?;
                    }
                }
                "{" => self.pairs()?,
                "^" => {
                    self.expect("(")?;
                    loop {
                        if !self.accept("<") {
                            self.accept(">");
                        }
                        self.expression(0)?;
                        if !self.accept(",") {
                            break;
                        }
                    }
                    self.expect(")")?;
                }
                "?" => {
                    self.expression(0)?;
                    if self.accept(":") {
                        self.expression(0)?;
                    }
                }
                "@" | "#" => match self.peek().cloned() {
                    Some(token) if token.sort == Sort::Variable => {
                        self.bound.push(token.text);
                        self.at += 1;
                    }
                    _ => return Err((at, format!("a variable belongs behind `{operator}`"))),
                },
                ":=" => {
                    let name = self.at.checked_sub(2).and_then(|place| self.tokens.get(place)).cloned();
                    match name {
                        Some(name) if name.sort == Sort::Variable => {
                            // It is bound, not read.
                            self.uses.variables.retain(|(_, place, _)| *place != name.at);
                            self.bound.push(name.text);
                        }
                        _ => {
                            return Err((at, "`:=` gives a value to a variable, and none stands before it".to_owned()));
                        }
                    }
                    self.expression(9)?;
                }
                "~>" => {
                    // What is chained to takes one argument more.
                    self.expression(binding)?;
                }
                _ => self.expression(binding)?,
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn prefix(&mut self) -> Result<(), Problem> {
        let Some(token) = self.peek().cloned() else {
            return Err((self.end, "the expression ends too early".to_owned()));
        };
        self.at += 1;
        match token.sort {
            Sort::Literal => Ok(()),
            Sort::Name if matches!(token.text.as_str(), "function" | "λ") && self.is("(") => self.function(),
            Sort::Name => Ok(()),
            Sort::Variable => {
                self.variable(&token);
                Ok(())
            }
            Sort::Operator => match token.text.as_str() {
                "-" => self.expression(70),
                "(" => {
                    let outer = self.bound.len();
                    while !self.is(")") {
                        self.expression(0)?;
                        if !self.accept(";") {
                            break;
                        }
                    }
                    self.bound.truncate(outer);
                    self.expect(")")
                }
                "[" => {
                    if self.accept("]") {
                        return Ok(());
                    }
                    loop {
                        self.expression(20)?;
                        if self.accept("..") {
                            self.expression(0)?;
                        }
                        if !self.accept(",") {
                            break;
                        }
                    }
                    self.expect("]")
                }
                "{" => self.pairs(),
                "|" => {
                    self.expression(20)?;
                    self.expect("|")?;
                    self.expression(20)?;
                    if self.accept(",") {
                        self.expression(20)?;
                    }
                    self.expect("|")
                }
                // A step that takes all, the parent, and words that are names here.
                "*" | "**" | "%" | "and" | "or" | "in" => Ok(()),
                other => Err((token.at, format!("a value belongs before `{other}`"))),
            },
        }
    }

    fn variable(&mut self, token: &Token) {
        let is_call = self.is("(");
        if is_call && !self.bound.contains(&token.text) && !token.text.is_empty() {
            return;
        }
        if token.text.is_empty() || self.bound.contains(&token.text) {
            // `$` is what is looked at; at the outermost level there is none.
            if token.text.is_empty() && !is_call {
                self.uses.variables.push((String::new(), token.at, Vec::new()));
            }
            return;
        }
        let mut members = Vec::new();
        let mut at = self.at;
        while let (Some(dot), Some(name)) = (self.tokens.get(at), self.tokens.get(at + 1)) {
            if dot.sort != Sort::Operator || dot.text != "." || name.sort != Sort::Name {
                break;
            }
            members.push(name.text.clone());
            at += 2;
        }
        if function(&token.text).is_none() {
            self.uses.variables.push((token.text.clone(), token.at, members));
        }
    }

    fn function(&mut self) -> Result<(), Problem> {
        self.expect("(")?;
        let outer = self.bound.len();
        while let Some(token) = self.peek().filter(|token| token.sort == Sort::Variable).cloned() {
            self.bound.push(token.text);
            self.at += 1;
            if !self.accept(",") {
                break;
            }
        }
        self.expect(")")?;
        if self.is("<") {
            // The signature of a function, up to its own bracket.
            let mut depth = 0;
            while let Some(token) = self.peek() {
                depth += i32::from(token.text == "<") - i32::from(token.text == ">");
                self.at += 1;
                if depth == 0 {
                    break;
                }
            }
        }
        self.expect("{")?;
        if !self.is("}") {
            self.expression(0)?;
        }
        self.bound.truncate(outer);
        self.expect("}")
    }

    fn arguments(&mut self) -> Result<(), Problem> {
        let callee = self.at.checked_sub(2).and_then(|place| self.tokens.get(place)).cloned();
        let mut count = 0;
        if !self.is(")") {
            loop {
                if !(self.is("?")
                    && self.tokens.get(self.at + 1).is_some_and(|next| matches!(next.text.as_str(), "," | ")")))
                {
                    self.expression(0)?;
                } else {
                    self.at += 1;
                }
                count += 1;
                if !self.accept(",") {
                    break;
                }
            }
        }
        self.expect(")")?;
        if let Some(callee) = callee
            && callee.sort == Sort::Variable
            && !callee.text.is_empty()
            && !self.bound.contains(&callee.text)
        {
            self.uses.calls.push((callee.text, callee.at, count));
        }
        Ok(())
    }

    fn pairs(&mut self) -> Result<(), Problem> {
        if self.accept("}") {
            return Ok(());
        }
        loop {
            self.expression(0)?;
            self.expect(":")?;
            self.expression(0)?;
            if !self.accept(",") {
                break;
            }
        }
        self.expect("}")
    }
}
