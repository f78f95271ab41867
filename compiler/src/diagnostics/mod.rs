//! What is wrong, where, and how to mend it. Owns [`Diagnostic`], its parts, and the catalogue of codes; it renders
//! nothing. Call sites pass arguments, the wording lives in one row of the catalogue.

mod catalogue;
mod consequences;

pub use catalogue::*;
pub use consequences::without_consequences;
use smol_str::SmolStr;

use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One row of the catalogue. `{name}` in the texts is replaced by the argument of that name.
#[derive(Debug)]
pub struct Row {
    /// Stable, such as `E0301`.
    pub code: &'static str,
    pub severity: Severity,
    /// One sentence that stands alone.
    pub message: &'static str,
    /// A few words beside the underlined place; may be empty.
    pub label: &'static str,
    /// What to do; may be empty.
    pub help: &'static str,
}

/// A place with a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A change of the text that removes the cause, safe to apply without looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub row: &'static Row,
    pub message: String,
    /// The place. A finding without one has [`Span::NONE`].
    pub primary: Label,
    pub related: Vec<Label>,
    pub help: Vec<String>,
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Whether it keeps anything from being built.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// A finding of `row` at `span`; `arguments` fill the row's texts.
    pub fn new(row: &'static Row, span: Span, arguments: &[(&str, &dyn std::fmt::Display)]) -> Diagnostic {
        let help = fill(row.help, arguments);
        Diagnostic {
            row,
            message: fill(row.message, arguments),
            primary: Label { span, text: fill(row.label, arguments) },
            related: Vec::new(),
            help: if help.is_empty() { Vec::new() } else { vec![help] },
            fix: None,
        }
    }

    pub fn code(&self) -> &'static str {
        self.row.code
    }

    pub fn severity(&self) -> Severity {
        self.row.severity
    }

    pub fn related(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        if !span.is_none() {
            self.related.push(Label { span, text: text.into() });
        }
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        let text = text.into();
        if !text.is_empty() {
            self.help.push(text);
        }
        self
    }

    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// Adds "did you mean" with a fix where one of `candidates` is close to `wrong`, otherwise the list of what there is,
    /// where it is short.
    pub fn suggest<'a>(self, wrong: &str, place: Span, candidates: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match closest(wrong, candidates.iter().copied()) {
            Some(name) => {
                let name = name.to_owned();
                self.help(format!("did you mean `{name}`?")).fix(format!("Change to `{name}`"), place, name)
            }
            None if !candidates.is_empty() && candidates.len() <= 12 => {
                self.help(format!("there is {}", list_of(candidates.iter().copied())))
            }
            None => self,
        }
    }
}

/// The candidate that `wrong` was probably meant to be: the nearest by edit distance, if near enough. Letter case counts
/// little. Ties go to the first in order.
pub fn closest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    let limit = (wrong.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != wrong)
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let normal = |text: &str| text.replace(['-', '_'], "");
            let distance = if normal(&other) == normal(&lower) { 0 } else { strsim::osa_distance(&lower, &other) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "`a`, `b` and `c`".
pub fn list_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "and")
}

/// "`a`, `b` or `c`".
pub fn choice_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "or")
}

fn joined<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

fn fill(template: &str, arguments: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + close];
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            // Braces that the reader is to see.
            out.push('{');
            rest = &rest[open + 1..];
            continue;
        }
        match arguments.iter().find(|(argument, _)| *argument == name) {
            Some((_, value)) => out.push_str(&value.to_string()),
            None => {
                debug_assert!(false, "no argument `{name}` for the wording `{template}`");
                out.push_str(name);
            }
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// Collects findings. One mistake is one finding: a second finding at a place that already has an error is dropped.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    pub fn extend(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets what was found after the first so many.
    pub fn truncate(&mut self, count: usize) {
        self.list.truncate(count);
    }

    /// What was found after the first so many.
    pub fn list_from(&self, count: usize) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().skip(count)
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// Whether any of those after the first `count` is an error.
    pub fn has_errors_since(&self, count: usize) -> bool {
        self.list.iter().skip(count).any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// The finding after the first `count`, where there is exactly one.
    pub fn only_since(&mut self, count: usize) -> Option<&mut Diagnostic> {
        match self.list.get_mut(count..) {
            Some([only]) => Some(only),
            _ => None,
        }
    }

    /// Forgets those of the findings after the first `count` that are not to be kept.
    pub fn retain_since(&mut self, count: usize, keep: impl Fn(&Diagnostic) -> bool) {
        let after = self.list.split_off(count.min(self.list.len()));
        self.list.extend(after.into_iter().filter(keep));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// In the order of their places, errors first at one place, each finding once.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.span.file, d.primary.span.start, d.severity(), d.primary.span.end);
            key(a).cmp(&key(b)).then_with(|| a.code().cmp(b.code())).then_with(|| a.message.cmp(&b.message))
        });
        self.list.dedup_by(|a, b| a.primary.span == b.primary.span && a.code() == b.code() && a.message == b.message);
        self.list
    }
}

/// Shortens a text for use inside a message.
pub fn shorten(text: &str, most: usize) -> SmolStr {
    if text.chars().count() <= most {
        return SmolStr::new(text);
    }
    let mut short: String = text.chars().take(most).collect();
    short.push('…');
    SmolStr::new(short)
}
