//! Texts, keys, numbers and names as the language spells them.

use rustc_hash::FxHashSet;

/// Words that are no names in expressions.
const RESERVED: [&str; 11] = ["and", "or", "not", "in", "if", "then", "else", "true", "false", "none", "null"];

/// Whether a text can stand as a bare word.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && !RESERVED.contains(&text)
}

/// A key or the name of a state: bare where it can be.
pub(super) fn key(text: &str) -> String {
    if is_name(text) { text.to_owned() } else { quoted(text) }
}

/// A text in quotes.
pub(super) fn text(text: &str) -> String {
    let is_raw = text.contains('\\')
        && !text.contains(['"', '\n', '\r'])
        && text.chars().all(|character| character >= ' ' && character != '\u{7f}');
    if is_raw { format!("r\"{text}\"") } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if characters.peek() == Some(&'{') => out.push_str("\\$"),
            odd if is_odd(odd) => out.push_str(&format!("\\u{{{:x}}}", odd as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Characters that are not seen, or that a reader of the file takes for something else.
fn is_odd(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text as a value; in a machine a `{% … %}` is JSONata.
pub(super) fn value(text: &str, is_machine: bool) -> String {
    if is_machine
        && let Some(inside) = text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}"))
        && !inside.contains("%}")
        && !inside.chars().any(|character| is_odd(character) && character != '\n' && character != '\t')
    {
        return text.to_owned();
    }
    self::text(text)
}

/// A number; one that the language would not keep exactly stands as it is.
pub(super) fn number(number: &str) -> String {
    let is_whole = !number.contains(['.', 'e', 'E']);
    let is_kept = match is_whole {
        true => number.parse::<i64>().is_ok_and(|value| value != i64::MIN),
        false => {
            let digits = number.split(['e', 'E']).next().unwrap_or(number);
            digits.chars().filter(char::is_ascii_digit).count() <= 15
                && number.parse::<f64>().is_ok_and(|value| value.is_finite() && (value == 0.0 || value.abs() >= 1e-300))
        }
    };
    if is_kept { number.replace('E', "e").replace("e+", "e") } else { format!("verbatim(\"{number}\")") }
}

/// A name of the language for something that may be called anything, not yet among `taken`.
pub(super) fn fresh(text: &str, fallback: &str, taken: &mut FxHashSet<String>) -> String {
    let mut name = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    let mut name = if name.is_empty() { fallback.to_owned() } else { name.to_owned() };
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name = format!("{fallback}_{name}");
    }
    if RESERVED.contains(&name.as_str()) {
        name = format!("{name}_{fallback}");
    }
    let mut unique = name.clone();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}_{number}");
        number += 1;
    }
    unique
}
