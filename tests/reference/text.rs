//! Small texts of the reference: cells, rows and sentences of tables.

use std::fmt::Write as _;

use mlflow_compiler::syntax::tree::Doc;

/// The paragraph of a doc comment as one line.
pub(crate) fn line(doc: Option<&Doc>) -> String {
    doc.map_or_else(String::new, |doc| doc.text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The first sentence of a doc comment.
pub(crate) fn sentence(doc: Option<&Doc>) -> String {
    let text = line(doc);
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text,
    }
}

/// Text for a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    // Within backquotes `<` stands for itself, elsewhere it would begin a tag.
    let mut out = String::new();
    let mut in_code = false;
    for character in text.chars() {
        in_code ^= character == '`';
        if character == '|' || character == '<' && !in_code {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

pub(crate) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('|', "\\|")) }
}

pub(crate) fn row(out: &mut String, cells: &[&str]) {
    out.push('|');
    for cell in cells {
        let space = if cell.is_empty() { "" } else { " " };
        write!(out, "{space}{cell} |").expect("memory");
    }
    out.push('\n');
}

pub(crate) fn engine_title(engine: &str) -> Option<&'static str> {
    match engine {
        "pipeline" => Some("a SageMaker Pipeline"),
        "machine" => Some("a state machine"),
        _ => None,
    }
}
