//! Formatting: the document, a range, and while typing.

use mlflow_compiler::syntax;
use tower_lsp::lsp_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, Range, TextEdit,
};

use crate::view::View;
use crate::world::Snapshot;

/// The edits that turn a text into another, line by line; lines that are the same stay untouched.
fn edits(view: &View, new: &str) -> Vec<TextEdit> {
    let old: &str = &view.text;
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let mut out = Vec::new();
    let mut offset = 0_u32;
    let mut at = (0, 0);
    let push = |out: &mut Vec<TextEdit>, start: u32, removed: &[&str], added: &[&str]| {
        let end = start + removed.iter().map(|line| line.len() as u32).sum::<u32>();
        out.push(TextEdit { range: view.range(start, end), new_text: added.concat() });
    };
    while at.0 < old_lines.len() || at.1 < new_lines.len() {
        if old_lines.get(at.0) == new_lines.get(at.1) {
            offset += old_lines[at.0].len() as u32;
            at = (at.0 + 1, at.1 + 1);
            continue;
        }
        let (removed, added) = resume(&old_lines[at.0..], &new_lines[at.1..]);
        push(&mut out, offset, &old_lines[at.0..at.0 + removed], &new_lines[at.1..at.1 + added]);
        offset += old_lines[at.0..at.0 + removed].iter().map(|line| line.len() as u32).sum::<u32>();
        at = (at.0 + removed, at.1 + added);
    }
    out
}

/// How many lines of each differ until they agree again, found within a short way.
fn resume(old: &[&str], new: &[&str]) -> (usize, usize) {
    const WAY: usize = 64;
    for distance in 1..WAY {
        for removed in 0..=distance {
            let added = distance - removed;
            if let (Some(one), Some(other)) = (old.get(removed), new.get(added))
                && one == other
                && !one.trim().is_empty()
            {
                return (removed, added);
            }
        }
    }
    (old.len(), new.len())
}

fn formatted(view: &View) -> Vec<TextEdit> {
    let formatted = syntax::format(&view.text).text;
    let formatted = if view.text.contains("\r\n") { formatted.replace('\n', "\r\n") } else { formatted };
    edits(view, &formatted)
}

pub(crate) fn format(snapshot: &Snapshot, params: &DocumentFormattingParams) -> Option<Vec<TextEdit>> {
    let view = View::of(snapshot, &params.text_document)?;
    Some(formatted(&view))
}

pub(crate) fn format_range(snapshot: &Snapshot, params: &DocumentRangeFormattingParams) -> Option<Vec<TextEdit>> {
    let view = View::of(snapshot, &params.text_document)?;
    let inside =
        |range: &Range| range.start.line >= params.range.start.line && range.start.line <= params.range.end.line;
    Some(formatted(&view).into_iter().filter(|edit| inside(&edit.range)).collect())
}

/// After a closing brace or a new line: what is complete by it, and nothing on the line that is being written.
pub(crate) fn format_typed(snapshot: &Snapshot, params: &DocumentOnTypeFormattingParams) -> Option<Vec<TextEdit>> {
    let place = &params.text_document_position;
    let view = View::of(snapshot, &place.text_document)?;
    // A declaration that cannot be read is left alone by the formatter itself.
    let offset = view.offset(place.position);
    let block = view.analysis.enclosing(&view.path, offset.saturating_sub(1));
    let first = block
        .iter()
        .find(|place| view.text[place.start as usize..place.end as usize].contains('\n'))
        .map_or(place.position.line, |place| view.range(place.start, place.end).start.line);
    let last = place.position.line;
    let keep = |edit: &TextEdit| {
        edit.range.start.line >= first
            && edit.range.end.line <= last + u32::from(params.ch == "}")
            && (params.ch == "}" || edit.range.end.line <= last)
    };
    Some(formatted(&view).into_iter().filter(keep).collect())
}
