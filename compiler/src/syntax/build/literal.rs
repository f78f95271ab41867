//! Numbers with their units, and text with its escapes.

use super::*;

impl Builder<'_> {
    pub(super) fn number(&mut self, node: Node) -> ExpressionKind {
        let text = self.slice(node);
        let span = self.span(node);
        let digits = number_length(text);
        let (number, suffix) = text.split_at(digits);
        let number = number.replace('_', "");
        if !suffix.is_empty() {
            if let Some(unit) = Unit::from_suffix(suffix) {
                return ExpressionKind::Quantity { number: SmolStr::new(number), unit };
            }
            self.wrong_unit(node, text, digits, suffix);
            return ExpressionKind::Error;
        }
        if number.contains(['.', 'e', 'E']) {
            return match number.parse::<f64>() {
                Ok(value) if value.is_finite() => ExpressionKind::Float(value),
                _ => {
                    self.number_problem(span, "This number is too large", "larger than any number can be");
                    ExpressionKind::Error
                }
            };
        }
        match number.parse::<i64>() {
            Ok(value) => ExpressionKind::Int(value),
            Err(_) => {
                self.number_problem(span, "This number is too large", "larger than 9223372036854775807");
                ExpressionKind::Error
            }
        }
    }

    fn number_problem(&mut self, span: Span, problem: &str, label: &str) {
        self.diagnostics.push(Diagnostic::new(&diagnostics::NUMBER, span, &[("problem", &problem), ("label", &label)]));
    }

    fn wrong_unit(&mut self, node: Node, text: &str, digits: usize, suffix: &str) {
        let place = self.span_of(node.start + digits as u32, node.end);
        if text.starts_with('0') && matches!(suffix.as_bytes()[0], b'x' | b'b' | b'o' | b'X') && suffix.len() > 1 {
            self.number_problem(self.span(node), "Numbers are written in decimal", "not a decimal number");
            return;
        }
        let problem = format!("There is no unit `{suffix}`");
        let diagnostic =
            Diagnostic::new(&diagnostics::NUMBER, place, &[("problem", &problem), ("label", &"not a unit")]);
        self.diagnostics.push(match meant_unit(suffix) {
            Some(unit) => {
                let right = format!("{}{unit}", &text[..digits]);
                diagnostic.help(format!("did you mean `{right}`?")).fix(format!("Change to `{right}`"), place, unit)
            }
            None => diagnostic
                .help("the units are `us`, `ms`, `s`, `m`, `h`, `d`, `w`, `B`, `KB`, `MB`, `GB`, `TB` and `%`"),
        });
    }

    pub(super) fn single_quotes(&mut self, node: Node) {
        let span = self.span(node);
        let inside = &self.text[node.start as usize + 1..node.end as usize - 1];
        self.diagnostics.push(
            Diagnostic::new(&diagnostics::FOREIGN, span, &[("found", &"'…'"), ("right", &"\"…\"")]).fix(
                "Use double quotes",
                span,
                format!("\"{}\"", inside.replace('"', "\\\"")),
            ),
        );
    }

    /// Text without escapes between an opening of `opening` bytes and a closing of one.
    pub(super) fn plain_text(&self, node: Node, opening: u32) -> Vec<StringPart> {
        let text = &self.text[(node.start + opening) as usize..node.end as usize - 1];
        if text.is_empty() { Vec::new() } else { vec![StringPart::Text(SmolStr::new(text))] }
    }

    /// The parts of `"…"` and `"""…"""`.
    pub(super) fn quoted(&mut self, index: u32, node: Node) -> Vec<StringPart> {
        let mut cursor = self.children(index);
        if node.rule == Rule::string {
            // The most common text by far: one part.
            let first = self.nodes[cursor.at as usize];
            if first.next == cursor.end {
                let text = self.slice(first);
                return if text.is_empty() { Vec::new() } else { vec![StringPart::Text(SmolStr::new(text))] };
            }
        }
        let indentation = if node.rule == Rule::triple { self.indentation(cursor) } else { Indentation::None };
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut first = true;
        while let Some((index, piece)) = self.next(&mut cursor) {
            match piece.rule {
                Rule::escape => self.escape(piece, &mut text),
                Rule::interpolation => {
                    if !text.is_empty() {
                        parts.push(StringPart::Text(SmolStr::new(std::mem::take(&mut text))));
                    }
                    let mut inner = self.children(index);
                    parts.push(StringPart::Interpolation(self.expression(&mut inner)));
                }
                _ => match indentation {
                    Indentation::None => text.push_str(self.slice(piece)),
                    Indentation::Columns(columns) => {
                        let last = cursor.at >= cursor.end;
                        push_unindented(self.slice(piece), columns, first, last, &mut text);
                    }
                },
            }
            first = false;
        }
        if !text.is_empty() {
            parts.push(StringPart::Text(SmolStr::new(text)));
        }
        parts
    }

    fn escape(&mut self, node: Node, out: &mut String) {
        let text = self.slice(node);
        match &text[1..] {
            "n" => out.push('\n'),
            "t" => out.push('\t'),
            "r" => out.push('\r'),
            "0" => out.push('\0'),
            "\"" => out.push('"'),
            "\\" => out.push('\\'),
            "$" => out.push('$'),
            "{" => out.push('{'),
            code if code.starts_with("u{") => {
                let digits = &code[2..code.len() - 1];
                match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                    Some(character) => out.push(character),
                    None => self.wrong_escape(node, "There is no character with this number"),
                }
            }
            "u" => self.wrong_escape(node, "A character's number stands in braces: `\\u{e9}`"),
            _ => {
                let problem = format!("`{text}` is not an escape");
                self.wrong_escape(node, &problem);
            }
        }
    }

    fn wrong_escape(&mut self, node: Node, problem: &str) {
        let span = self.span(node);
        let help = "the escapes are `\\n`, `\\t`, `\\r`, `\\\"`, `\\\\`, `\\$` and `\\u{…}`; in `r\"…\"` a backslash is itself";
        self.diagnostics.push(
            Diagnostic::new(&diagnostics::TEXT, span, &[("problem", &problem), ("label", &"not an escape")]).help(help),
        );
    }

    /// How far the lines of a `"""` text are indented in common. Text that starts beside the quotes is kept as it is.
    fn indentation(&self, mut cursor: Cursor) -> Indentation {
        let mut least: Option<usize> = None;
        let mut first = true;
        while let Some((_, piece)) = self.next(&mut cursor) {
            let starts = first;
            first = false;
            if piece.rule != Rule::triple_text {
                if starts {
                    return Indentation::None;
                }
                continue;
            }
            let text = self.slice(piece);
            let mut lines = text.split('\n');
            let before = lines.next().unwrap_or("");
            if starts && (!before.trim().is_empty() || !text.contains('\n')) {
                return Indentation::None;
            }
            let mut lines = lines.peekable();
            while let Some(line) = lines.next() {
                let margin = line.len() - line.trim_start_matches([' ', '\t']).len();
                let is_blank = margin == line.trim_end_matches('\r').len();
                // A last line goes on with what follows: an interpolation, an escape or the closing quotes.
                let goes_on = lines.peek().is_none();
                if !is_blank || goes_on {
                    least = Some(least.map_or(margin, |least| least.min(margin)));
                }
            }
        }
        Indentation::Columns(least.unwrap_or(0))
    }
}

#[derive(Clone, Copy)]
enum Indentation {
    /// The text is kept as it is.
    None,
    Columns(usize),
}

/// Adds a piece of a `"""` text without the common indentation. The newline after the opening quotes and the one
/// before the closing quotes are not part of the text.
fn push_unindented(piece: &str, columns: usize, first: bool, last: bool, out: &mut String) {
    let mut piece = piece;
    if first {
        piece = piece.find('\n').map_or("", |newline| &piece[newline + 1..]);
        // The first line is at the start of a line now.
        let margin = piece.len() - piece.trim_start_matches([' ', '\t']).len();
        piece = &piece[margin.min(columns)..];
    }
    if last {
        if let Some(newline) = piece.rfind('\n') {
            if piece[newline + 1..].trim().is_empty() {
                piece = &piece[..newline];
            }
        } else if piece.trim().is_empty() && first {
            return;
        }
    }
    for (number, line) in piece.split('\n').enumerate() {
        let mut line = line;
        if number > 0 {
            out.push('\n');
            let margin = line.len() - line.trim_start_matches([' ', '\t']).len();
            line = &line[margin.min(columns)..];
        }
        out.push_str(line.strip_suffix('\r').unwrap_or(line));
    }
}

/// How much of `12.5e3GB` is the number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_') {
            at += 1;
        }
        at
    };
    let mut at = digits(0);
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let end = digits(at + 1 + sign);
        if end > at + 1 + sign && end == bytes.len() {
            return end;
        }
    }
    at
}

/// The unit that a wrong one was probably meant to be.
pub(in crate::syntax) fn meant_unit(suffix: &str) -> Option<&'static str> {
    if let Some((_, unit)) = Unit::ALL.into_iter().find(|(_, unit)| unit.eq_ignore_ascii_case(suffix)) {
        return Some(unit);
    }
    Some(match suffix.to_lowercase().as_str() {
        "k" | "kib" | "ki" => "KB",
        "mib" | "mi" | "mo" => "MB",
        "g" | "gib" | "gi" | "go" => "GB",
        "t" | "tib" | "ti" => "TB",
        "byte" | "bytes" => "B",
        "µs" | "μs" | "usec" | "micros" => "us",
        "msec" | "millis" => "ms",
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" | "wk" => "w",
        "pct" | "percent" => "%",
        _ => return None,
    })
}
