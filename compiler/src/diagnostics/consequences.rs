//! Leaves out what only follows from another finding: one mistake is one error. It looks at places and codes alone.

use rustc_hash::FxHashMap;

use super::{Diagnostic, Severity};
use crate::source::{FileId, Sources, Span};

/// Names that lead nowhere: nothing is called so, there is no such type, kind, result or member.
const LEADS_NOWHERE: [&str; 5] = ["E0201", "E0208", "E0213", "E0312", "E0511"];
/// A bracket without its partner; all that follows in its declaration may be read wrongly.
const STRUCTURE: [&str; 3] = ["E0102", "E0103", "E0109"];
const NO_PROJECT: &str = "E0901";
/// What a project lacks, which the part of it that cannot be read may say.
const LACKS: [&str; 2] = ["E0903", "E0904"];
const STRAY: &str = "E0109";
/// Other places of the same mistake are shown with the first, up to this many.
const MOST_PLACES: usize = 4;
/// A text with more places that cannot be read is no text of this language; the first ones are looked at.
const MOST_BROKEN: usize = 200;

/// A part of a file whose text could not be read as it stands.
struct Broken<'t> {
    file: FileId,
    /// The lines of the finding, from the start of the first to the end of the last.
    lines: std::ops::Range<usize>,
    text: &'t str,
    /// Up to here what is said may follow from it.
    reach: usize,
    /// Whether something is declared without its name, so that the name leads nowhere.
    is_nameless: bool,
    /// Whether the lines stand in braces that nothing opens.
    is_headless: bool,
    in_project: bool,
    is_first_column: bool,
}

/// `list`, in order, without the findings that another one explains.
pub fn without_consequences(list: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let broken: Vec<Broken<'_>> = list
        .iter()
        .filter(|found| is_about_reading(found) && !found.primary.span.is_none())
        .take(MOST_BROKEN)
        .map(|found| broken(found, sources))
        .collect();
    let mut nowhere: FxHashMap<(FileId, String), usize> = FxHashMap::default();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(list.len());
    for found in list {
        let place = found.primary.span;
        if place.is_none() || found.severity() != Severity::Error {
            kept.push(found);
            continue;
        }
        if is_about_reading(&found) {
            if found.code() != STRAY
                && broken.iter().any(|part| part.is_headless && part.lines.contains(&(place.start as usize)))
            {
                continue;
            }
            // One line is seldom broken twice; what is written as elsewhere is read as it was meant.
            let said = kept.iter().rev().take(8).any(|other| {
                is_about_reading(other)
                    && other.primary.span.file == place.file
                    && (found.code() != "E0107" || other.code() != "E0107")
                    && lines_of(other.primary.span, sources).contains(&(place.start as usize))
            });
            if !said || found.code() == "E0107" && !is_at_place_of_other(&kept, &found) {
                kept.push(found);
            }
            continue;
        }
        if broken.iter().any(|part| part.explains(&found, sources)) {
            continue;
        }
        if LEADS_NOWHERE.contains(&found.code())
            && let Some(first) = nowhere.get(&(place.file, found.message.clone())).and_then(|at| kept.get_mut(*at))
        {
            if first.related.iter().filter(|label| label.text == "and here").count() < MOST_PLACES {
                first.related.push(super::Label { span: place, text: "and here".to_owned() });
            }
            continue;
        }
        if LEADS_NOWHERE.contains(&found.code()) {
            nowhere.insert((place.file, found.message.clone()), kept.len());
        }
        kept.push(found);
    }
    kept
}

fn is_about_reading(found: &Diagnostic) -> bool {
    found.code().starts_with("E01")
}

fn is_at_place_of_other(kept: &[Diagnostic], found: &Diagnostic) -> bool {
    kept.iter().rev().take(8).any(|other| is_about_reading(other) && other.primary.span == found.primary.span)
}

fn lines_of(place: Span, sources: &Sources) -> std::ops::Range<usize> {
    let text = &sources.get(place.file).text;
    let start = text[..place.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[place.end as usize..].find('\n').map_or(text.len(), |length| place.end as usize + length);
    start..end
}

fn broken<'t>(found: &Diagnostic, sources: &'t Sources) -> Broken<'t> {
    let place = found.primary.span;
    let text = &sources.get(place.file).text;
    let mut lines = lines_of(place, sources);
    let starts_line = text[lines.start..place.start as usize].trim().is_empty();
    let is_headless = found.code() == STRAY && starts_line;
    if is_headless {
        // What the bracket closes is above it, and the line that should open it is not there.
        lines.start = end_of_outer_line(text, lines.start, place.start as usize - lines.start);
    }
    let opens = found.message.starts_with("`{` is missing") || found.message.starts_with("A block stands");
    let reach = match STRUCTURE.contains(&found.code()) || opens {
        true => end_of_declaration(text, lines.end),
        false => lines.end,
    };
    let is_nameless = is_headless
        || found.message.ends_with("has no name.")
        || found.message.starts_with("Expected a name, found `:`")
        || found.message.starts_with("Expected a name, found `=`");
    let is_first_column = place.start as usize == lines.start;
    let in_project = text[..place.start as usize]
        .rfind("\nproject ")
        .or_else(|| text.starts_with("project ").then_some(0))
        .is_some_and(|start| end_of_declaration(text, start + 1) > place.start as usize);
    Broken {
        file: place.file,
        text: &text[lines.clone()],
        lines,
        reach,
        is_nameless,
        is_headless,
        in_project,
        is_first_column,
    }
}

/// Where the nearest line above `from` ends that is indented no deeper than `column`.
fn end_of_outer_line(text: &str, from: usize, column: usize) -> usize {
    let mut end = from;
    while end > 0 {
        let start = text[..end - 1].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..end].trim_end();
        if !line.is_empty() && line.len() - line.trim_start().len() <= column {
            return end;
        }
        end = start;
    }
    0
}

/// Where the next declaration in the first column starts.
fn end_of_declaration(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(length) = text[at..].find('\n') {
        at += length + 1;
        if text[at..].starts_with(|first: char| first.is_ascii_alphabetic()) {
            return at;
        }
    }
    text.len()
}

impl Broken<'_> {
    fn explains(&self, found: &Diagnostic, sources: &Sources) -> bool {
        let place = found.primary.span;
        if found.code() == NO_PROJECT {
            return place.file == self.file && (self.is_nameless || self.is_first_column || self.has_word("project"));
        }
        if LACKS.contains(&found.code()) && self.in_project {
            return true;
        }
        if place.file == self.file && (self.lines.start..self.reach).contains(&(place.start as usize)) {
            return true;
        }
        // A name of the broken part is declared by it, as far as others can tell.
        LEADS_NOWHERE.contains(&found.code()) && (self.is_nameless || self.has_word(sources.text(place)))
    }

    fn has_word(&self, word: &str) -> bool {
        let is_inside = |c: char| c.is_alphanumeric() || c == '_';
        self.text
            .split(|c: char| !is_inside(c))
            .any(|other| other == word || (word == "project" && super::closest(other, ["project"]).is_some()))
    }
}
