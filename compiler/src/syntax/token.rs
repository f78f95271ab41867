//! Words of a text, for mending and for formatting. The grammar alone decides what a text means; here is only where
//! its pieces are.

use super::scan::word_at;

/// What a piece of a text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Word,
    Number,
    /// `"…"`, `"""…"""`, `r"…"`, `'…'`, with all that stands in it
    Text,
    /// `{% … %}`
    Jsonata,
    /// `{`, `[`, `(`
    Open,
    Close,
    Comma,
    /// `=`
    Equals,
    /// `:` or `?:`
    Colon,
    /// Any other sign.
    Sign,
    Newline,
    /// `// …`, `/// …`
    Comment,
    /// What stands for a place that was reported.
    Hole,
}

/// A piece of a text, by bytes.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }
}

/// Signs of more than one character, longest first.
const SIGNS: [&str; 17] =
    ["...", "===", "!==", "=>", "==", "!=", "<=", ">=", "??", "?.", "?:", "&&", "||", "..", "->", ":=", "++"];

/// All tokens of `text`. Spaces are left out, everything else is there in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut list = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'\n' => {
                at += 1;
                Kind::Newline
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| start + length);
                Kind::Comment
            }
            b'"' | b'\'' => {
                at = text_end(text, at);
                Kind::Text
            }
            b'r' if bytes.get(at + 1) == Some(&b'"') => {
                let rest = &bytes[at + 2..];
                at = memchr::memchr2(b'"', b'\n', rest).map_or(bytes.len(), |length| at + 2 + length);
                at += usize::from(bytes.get(at) == Some(&b'"'));
                Kind::Text
            }
            b'{' if bytes.get(at + 1) == Some(&b'%') => {
                at = text[at..].find("%}").map_or(bytes.len(), |length| start + length + 2);
                Kind::Jsonata
            }
            b'{' | b'[' | b'(' => {
                at += 1;
                Kind::Open
            }
            b'}' | b']' | b')' => {
                at += 1;
                Kind::Close
            }
            b',' => {
                at += 1;
                Kind::Comma
            }
            b'0'..=b'9' => {
                at = number_end(text, at);
                Kind::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128.. => {
                at += word_at(text, at).len();
                while let Some(character) = text[at..].chars().next().filter(|c| !c.is_ascii() || is_word(*c)) {
                    at += character.len_utf8();
                }
                Kind::Word
            }
            1 => {
                at += 1;
                Kind::Hole
            }
            _ => {
                at += SIGNS.iter().find(|sign| text[at..].starts_with(**sign)).map_or(1, |sign| sign.len());
                match &text[start..at] {
                    "=" => Kind::Equals,
                    ":" | "?:" => Kind::Colon,
                    _ => Kind::Sign,
                }
            }
        };
        list.push(Token { kind, start, end: at });
    }
    list
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn number_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            at += 1;
        }
        at
    };
    let mut at = digits(start);
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'+' | b'-'))
        && matches!(bytes[at - 1], b'e' | b'E')
        && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    {
        at = digits(at + 1);
    }
    at + usize::from(bytes.get(at) == Some(&b'%'))
}

/// Where the text that starts at `start` ends, with what is written in its `${…}`.
fn text_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes[start] == b'\'' {
        let rest = &bytes[start + 1..];
        return match memchr::memchr2(b'\'', b'\n', rest) {
            Some(length) if rest[length] == b'\'' => start + 1 + length + 1,
            _ => start + 1,
        };
    }
    // What is open: `true` for a text of three quotes, `None` for a `${` or a bracket in one.
    let long_at = |at: usize| text[at..].starts_with("\"\"\"");
    let mut open: Vec<Option<bool>> = vec![Some(long_at(start))];
    let mut at = start + if long_at(start) { 3 } else { 1 };
    while let (Some(top), Some(byte)) = (open.last().copied(), bytes.get(at).copied()) {
        match (top, byte) {
            (Some(true), b'"') if long_at(at) => {
                open.pop();
                at += 3;
            }
            (Some(false), b'"') => {
                open.pop();
                at += 1;
            }
            (Some(false), b'\n') => return at,
            (Some(_), b'\\') => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            (Some(_), b'$') if bytes.get(at + 1) == Some(&b'{') => {
                open.push(None);
                at += 2;
            }
            (None, b'"') => {
                open.push(Some(long_at(at)));
                at += if long_at(at) { 3 } else { 1 };
            }
            (None, b'{') => {
                open.push(None);
                at += 1;
            }
            (None, b'}') => {
                open.pop();
                at += 1;
            }
            _ => at += 1,
        }
    }
    while !text.is_char_boundary(at.min(text.len())) {
        at += 1;
    }
    at.min(text.len())
}

/// For each token, the bracket around it: where it opens and where it closes.
#[derive(Clone, Debug, Default)]
pub(super) struct Nesting {
    /// By token, the index of the bracket it stands in.
    pub(super) parent: Vec<Option<usize>>,
    /// By token, the index of the bracket that closes or opens it.
    pub(super) partner: Vec<Option<usize>>,
}

pub(super) fn nesting(list: &[Token]) -> Nesting {
    let mut parent = Vec::with_capacity(list.len());
    let mut partner = vec![None; list.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, token) in list.iter().enumerate() {
        if token.kind == Kind::Close
            && let Some(start) = open.pop()
        {
            partner[start] = Some(index);
            partner[index] = Some(start);
        }
        parent.push(open.last().copied());
        if token.kind == Kind::Open {
            open.push(index);
        }
    }
    Nesting { parent, partner }
}
