//! What the first look over a text finds, and its wording.

use std::ops::Range;

use crate::diagnostics::{self, Diagnostic, Edit, Fix};
use crate::source::{FileId, Span};

#[derive(Clone, Debug)]
pub(super) enum Problem {
    /// Something that is opened at `at` and never closed; `outer` is what was opened before it and is open too.
    Unclosed {
        at: usize,
        what: &'static str,
        closer: &'static str,
        outer: Vec<usize>,
    },
    /// A closing bracket that closes nothing.
    Stray {
        at: usize,
        /// The first of the lines above that stand in nothing.
        lines: Option<usize>,
    },
    /// A line that lacks the `{` which the next lines and a later `}` need; `range` is where it
    /// belongs, with the `:` that may stand there instead.
    MissingOpen {
        range: Range<usize>,
        line: Range<usize>,
    },
    /// `s3://bucket/key` without quotes
    BareLocation {
        range: Range<usize>,
    },
    /// `f(a]`
    WrongCloser {
        open: usize,
        at: usize,
        right: &'static str,
    },
    TooDeep {
        at: usize,
    },
    /// `# …` on one line or on adjacent ones
    HashComment {
        places: Vec<usize>,
    },
    /// `/* … */`
    BlockComment {
        range: Range<usize>,
    },
    CurlyQuotes {
        range: Range<usize>,
        inside: Range<usize>,
    },
    /// What is no part of the language, or a name with letters that names may not have.
    Character {
        range: Range<usize>,
    },
}

impl Problem {
    /// Where it is.
    pub(super) fn place(&self) -> usize {
        match self {
            Problem::Unclosed { at, .. }
            | Problem::Stray { at, .. }
            | Problem::WrongCloser { at, .. }
            | Problem::TooDeep { at } => *at,
            Problem::HashComment { places } => places[0],
            Problem::BlockComment { range }
            | Problem::CurlyQuotes { range, .. }
            | Problem::Character { range }
            | Problem::BareLocation { range }
            | Problem::MissingOpen { range, .. } => range.start,
        }
    }

    /// Whether other mistakes in the same declaration may only follow from it.
    pub(super) fn breaks_structure(&self) -> bool {
        match self {
            Problem::Unclosed { .. }
            | Problem::MissingOpen { .. }
            | Problem::Stray { .. }
            | Problem::WrongCloser { .. }
            | Problem::TooDeep { .. } => true,
            Problem::HashComment { .. }
            | Problem::BlockComment { .. }
            | Problem::BareLocation { .. }
            | Problem::CurlyQuotes { .. }
            | Problem::Character { .. } => false,
        }
    }

    pub(super) fn diagnostic(&self, file: FileId, text: &str) -> Diagnostic {
        let span = |start: usize, end: usize| Span::new(file, start, end);
        match self {
            Problem::Unclosed { at, what, closer, outer } => {
                let length = match *what {
                    "`{`" | "`[`" | "`(`" => 1,
                    "text" if text[*at..].starts_with('r') => 2,
                    "text" => 1,
                    "`\"\"\"` text" => 3,
                    _ => 2,
                };
                let mut diagnostic = Diagnostic::new(
                    &diagnostics::UNCLOSED,
                    span(*at, *at + length),
                    &[("what", what), ("closer", closer)],
                );
                for place in outer.iter().rev().take(3) {
                    diagnostic = diagnostic.related(span(*place, *place + 1), "this is open too");
                }
                diagnostic
            }
            Problem::Stray { at, lines } => {
                let place = span(*at, *at + 1);
                let closer = &text[*at..*at + 1];
                if let Some(first) = lines {
                    let end = text[*first..].find('\n').map_or(text.len(), |length| first + length);
                    let found = Diagnostic::new(&diagnostics::STRAY, place, &[("closer", &closer)]);
                    return found
                        .related(span(*first, end), "the line that these lines stand in is missing above this one");
                }
                Diagnostic::new(&diagnostics::STRAY, place, &[("closer", &closer)]).fix(
                    format!("Remove `{closer}`"),
                    place,
                    "",
                )
            }
            Problem::MissingOpen { range, line } => {
                let place = span(line.start, line.end);
                let problem = match text[range.clone()].starts_with(':') {
                    true => "A block stands in `{ }`, and `:` opens none",
                    false => "`{` is missing at the end of this line",
                };
                Diagnostic::new(
                    &diagnostics::SYNTAX,
                    place,
                    &[("problem", &problem), ("label", &"expected `{` after this"), ("help", &"")],
                )
                .fix("Write `{`", span(range.start, range.end), " {")
            }
            Problem::BareLocation { range } => {
                let found = &text[range.clone()];
                let place = span(range.start, range.end);
                let right = format!("\"{found}\"");
                Diagnostic::new(&diagnostics::FOREIGN, place, &[("found", &found), ("right", &right)])
                    .help("a location is text")
                    .fix("Add quotes", place, right)
            }
            Problem::WrongCloser { open, at, right } => {
                let opener = &text[*open..*open + 1];
                let closer = &text[*at..*at + 1];
                let problem = format!("`{opener}` is closed by `{closer}` here");
                let label = format!("expected `{right}`");
                let place = span(*at, *at + 1);
                Diagnostic::new(&diagnostics::SYNTAX, place, &[("problem", &problem), ("label", &label), ("help", &"")])
                    .related(span(*open, *open + 1), "opened here")
                    .fix(format!("Change to `{right}`"), place, *right)
            }
            Problem::TooDeep { at } => {
                Diagnostic::new(&diagnostics::NESTING, span(*at, *at + 1), &[("limit", &super::MOST_NESTING)])
            }
            Problem::HashComment { places } => {
                let first = places[0];
                let mut diagnostic = Diagnostic::new(
                    &diagnostics::FOREIGN,
                    span(first, first + 1),
                    &[("found", &"# comment"), ("right", &"// comment")],
                );
                let edits = places.iter().map(|place| Edit { span: span(*place, *place + 1), text: "//".to_owned() });
                diagnostic.fix = Some(Fix { title: "Write `//`".to_owned(), edits: edits.collect() });
                diagnostic
            }
            Problem::BlockComment { range } => {
                let diagnostic = Diagnostic::new(
                    &diagnostics::FOREIGN,
                    span(range.start, range.start + 2),
                    &[("found", &"/* comment */"), ("right", &"// comment")],
                );
                let rest = &text[range.end..];
                let ends_line = rest[..rest.find('\n').unwrap_or(rest.len())].trim().is_empty();
                if !ends_line {
                    return diagnostic;
                }
                let body = &text[range.start + 2..range.end - 2];
                let lines: Vec<String> = body
                    .trim_end()
                    .split('\n')
                    .map(|line| line.trim().trim_start_matches('*').trim())
                    .map(|line| format!("// {line}").trim_end().to_owned())
                    .collect();
                diagnostic.fix("Write `//` comments", span(range.start, range.end), lines.join("\n"))
            }
            Problem::CurlyQuotes { range, inside } => {
                let right = format!("\"{}\"", &text[inside.clone()]);
                Diagnostic::new(
                    &diagnostics::FOREIGN,
                    span(range.start, range.end),
                    &[("found", &"“…”"), ("right", &"\"…\"")],
                )
                .fix("Use straight quotes", span(range.start, range.end), right)
            }
            Problem::Character { range } => {
                let found = &text[range.clone()];
                let place = span(range.start, range.end);
                let first = found.chars().find(|c| !c.is_ascii() || c.is_ascii_control()).unwrap_or(' ');
                if first.is_whitespace() || first.is_control() || matches!(first, '\u{200b}'..='\u{200d}' | '\u{feff}')
                {
                    let problem = format!("The invisible character U+{:04X} stands here", first as u32);
                    return Diagnostic::new(
                        &diagnostics::CHARACTER,
                        place,
                        &[("problem", &problem), ("label", &"invisible"), ("help", &"replace it by a space")],
                    )
                    .fix("Replace by a space", place, " ");
                }
                let (problem, help) = if first.is_alphabetic() {
                    (
                        format!("`{found}` cannot be a name"),
                        "names are written with a–z, A–Z, digits and `_`; text stands in double quotes",
                    )
                } else {
                    (format!("`{first}` means nothing here"), "text stands in double quotes")
                };
                Diagnostic::new(
                    &diagnostics::CHARACTER,
                    place,
                    &[("problem", &problem), ("label", &"not part of the language"), ("help", &help)],
                )
            }
        }
    }
}
