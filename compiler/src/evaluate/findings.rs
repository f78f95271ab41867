//! Turns what checking found into diagnostics, with the words for what the value was for.

use super::Evaluator;
use crate::diagnostics::{self as d, Diagnostic, closest, list_of};
use crate::source::{FileId, Span};
use crate::syntax::tree::{ExpressionKind, Unit};
use crate::types::{Late, Mismatch, Problem, Stage, Type, Value, conform, show};

impl Evaluator<'_> {
    /// `value` as a `type_` known by `stage`; what does not fit is reported, with `what` naming the place it is for
    /// (`` `count` ``).
    pub(crate) fn fit(&mut self, value: &Value, type_: &Type, stage: Stage, what: std::fmt::Arguments<'_>) -> Value {
        let mut mismatches = Vec::new();
        let fitted = conform(value, type_, stage, self, &mut mismatches);
        for mismatch in mismatches {
            self.report_mismatch(mismatch, &what.to_string());
        }
        fitted
    }

    pub(crate) fn report_mismatch(&mut self, mismatch: Mismatch, what: &str) {
        let Mismatch { span, path, problem } = mismatch;
        let what = match (path.is_empty(), what.strip_prefix('`')) {
            (true, _) => capital(what),
            (false, Some(name)) => format!("`{}{path}`", name.trim_end_matches('`')),
            (false, None) => format!("`{}` of {what}", path.trim_start_matches('.')),
        };
        let what = &what;
        let found = match problem {
            Problem::Reported => return,
            Problem::Type { expected, found } => {
                let mut diagnostic = Diagnostic::new(
                    &d::TYPE_MISMATCH,
                    span,
                    &[("what", what), ("expected", &expected), ("found", &found)],
                );
                // A word without its unit, or a number in quotes, is mended in one keystroke.
                let text = self.modules.sources.text(span).to_owned();
                if let Some(inner) = unquoted(&text, &expected) {
                    diagnostic = diagnostic.fix("Remove the quotes", span, inner);
                } else if is_element(&found, &expected) && !text.is_empty() && !text.contains('\n') {
                    let right = format!("[{text}]");
                    diagnostic = diagnostic.help("a list is written in `[ ]`").fix("Write a list", span, right);
                } else if expected.starts_with("text") && text.parse::<f64>().is_ok() {
                    diagnostic = diagnostic.fix("Add quotes", span, format!("\"{text}\""));
                } else if expected.contains("a duration") && text.parse::<u64>().is_ok() {
                    diagnostic =
                        diagnostic.help(format!("durations carry a unit: `{text}s`, `{text}m`, `{text}h`, `{text}d`"));
                } else if expected.starts_with("a size") && text.parse::<u64>().is_ok() {
                    diagnostic = diagnostic.help(format!("sizes carry a unit: `{text}MB`, `{text}GB`")).fix(
                        "Add `GB`",
                        span,
                        format!("{text}GB"),
                    );
                } else if expected.starts_with("a step") && text.starts_with('"') {
                    let name = text.trim_matches('"');
                    diagnostic = diagnostic.help(format!("a step is named without quotes: `{name}`")).fix(
                        "Remove the quotes",
                        span,
                        name,
                    );
                } else if expected == "a URI" && text.starts_with('"') {
                    diagnostic = diagnostic.help("a location is written whole, such as \"s3://bucket/folder/\"");
                } else if expected == "an ARN" && text.starts_with('"') {
                    diagnostic = diagnostic.help("an ARN is written whole: it starts with `arn:`");
                } else if let Some(name) = found.strip_prefix("the function ") {
                    diagnostic = diagnostic
                        .help(format!("call it, with what it needs in parentheses: `{}(…)`", name.trim_matches('`')));
                } else if text.starts_with("\"s3://")
                    && (expected.starts_with("a table") || expected.starts_with("data"))
                {
                    diagnostic = diagnostic.help(format!(
                        "declare what lies there, and use its name: `source name: table = s3 {{ uri = {text} }}`"
                    ));
                } else if expected.starts_with("a percentage") && text.parse::<f64>().is_ok() {
                    diagnostic = diagnostic.fix("Add `%`", span, format!("{text}%"));
                }
                diagnostic
            }
            Problem::NotOneOf { value, values, quote } => {
                let shown: Vec<&str> = values.iter().map(|v| v.as_str()).collect();
                let base = Diagnostic::new(&d::NOT_ONE_OF, span, &[("what", what), ("value", &value)]);
                // The version that is spelt most alike is seldom the one that was meant.
                let is_version = value.trim_matches('"').starts_with(|first: char| first.is_ascii_digit());
                let near = closest(value.trim_matches('"'), values.iter().map(|v| v.trim_matches('"')));
                let near = near.filter(|_| !is_version);
                match near {
                    Some(near) => {
                        let fixed = if quote { format!("\"{near}\"") } else { near.to_owned() };
                        base.help(format!("did you mean `{fixed}`?")).fix(format!("Change to `{fixed}`"), span, fixed)
                    }
                    None if shown.len() <= 24 => base.help(format!("there is {}", list_of(shown))),
                    None => base.help(format!(
                        "there are {} values, such as {}",
                        shown.len(),
                        list_of(shown.into_iter().take(6))
                    )),
                }
            }
            Problem::Range { value, expected } => {
                Diagnostic::new(&d::OUT_OF_RANGE, span, &[("what", what), ("value", &value), ("expected", &expected)])
            }
            Problem::Length { length, low, high } => {
                let limit = match (low, high) {
                    (Some(low), Some(high)) if low == high => format!("exactly {low}"),
                    (Some(low), Some(high)) => format!("from {low} to {high}"),
                    (Some(low), None) => format!("at least {low}"),
                    (None, Some(high)) => format!("at most {high}"),
                    (None, None) => "fewer".to_owned(),
                };
                Diagnostic::new(&d::LENGTH, span, &[("what", what), ("length", &length), ("limit", &limit)])
            }
            Problem::Pattern { value, pattern } => {
                let found =
                    Diagnostic::new(&d::PATTERN, span, &[("what", what), ("value", &value), ("pattern", &pattern)]);
                // A location where only the name of what holds it is wanted.
                match value.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest)) {
                    Some(name) if !name.is_empty() => {
                        let fixed = format!("\"{name}\"");
                        found.help(format!("the name alone is wanted: {fixed}")).fix(
                            format!("Change to {fixed}"),
                            span,
                            fixed,
                        )
                    }
                    _ => found,
                }
            }
            Problem::UnknownKey { key, candidates } => Diagnostic::new(
                &d::UNKNOWN_KEY,
                span,
                &[("what", what), ("key", &key)],
            )
            .suggest(&key, span, candidates.iter().map(|c| c.as_str())),
            Problem::MissingKey { key, type_ } => {
                let type_ = show::describe(&type_);
                Diagnostic::new(&d::MISSING_KEY, span, &[("what", what), ("key", &key), ("type", &type_)])
            }
            Problem::Late { late, allowed } => return self.report_late(span, &late, allowed, what),
            Problem::Instance { value, job, exists, candidates } => {
                let row = if exists { &d::INSTANCE_JOB } else { &d::UNKNOWN_INSTANCE };
                let found = Diagnostic::new(row, span, &[("value", &value), ("job", &job)]);
                if exists {
                    let size = value.rsplit('.').next().unwrap_or_default();
                    let same = candidates.iter().filter(|other| other.rsplit('.').next() == Some(size));
                    let mut shown: Vec<&str> = same.map(|other| other.as_str()).collect();
                    shown.sort_by_key(|other| std::cmp::Reverse(other.strip_prefix("ml.m")));
                    shown.truncate(5);
                    if shown.is_empty() {
                        found
                    } else {
                        found.help(format!("{job} jobs run on {} and others", shown.join(", ")))
                    }
                } else {
                    let whole = format!("ml.{value}");
                    let whole = candidates.iter().find(|other| **other == whole).map(|other| other.as_str());
                    match whole.or_else(|| closest(&value, candidates.iter().map(|c| c.as_str()))) {
                        Some(near) => {
                            let fixed = format!("\"{near}\"");
                            found.help(format!("did you mean {fixed}?")).fix(format!("Change to {fixed}"), span, fixed)
                        }
                        None => found,
                    }
                }
            }
            Problem::Format { found, accepted } => {
                let accepted = list_of(accepted.iter().map(|format| format.as_str()));
                Diagnostic::new(&d::FORMAT, span, &[("what", what), ("found", &found), ("accepted", &accepted)])
            }
            Problem::Header => Diagnostic::new(&d::HEADER, span, &[("what", what)]),
            Problem::Column { schema, column, found, expected } => {
                let problem = match found {
                    Some(found) => format!("its column `{column}` is {found} where {expected} is wanted"),
                    None => format!("it has no column `{column}` ({expected})"),
                };
                Diagnostic::new(&d::SCHEMA, span, &[("what", what), ("schema", &schema), ("problem", &problem)])
            }
            Problem::Unreachable { found, ways } => {
                let ways = list_of(ways.iter().map(|way| way.as_str()));
                Diagnostic::new(&d::UNREACHABLE_DATA, span, &[("what", what), ("found", &found), ("ways", &ways)])
            }
            Problem::Optional { expected, late } => match late {
                Some(late) => Diagnostic::new(&d::MAYBE_NONE, span, &[("what", what), ("expected", &expected)])
                    .related(late.because.span, late.because.text.to_string()),
                None => Diagnostic::new(&d::NONE_VALUE, span, &[("what", what), ("expected", &expected)]),
            },
            Problem::File { path, reason } => {
                let found = Diagnostic::new(&d::NO_FILE, span, &[("path", &path), ("reason", &reason)]);
                if path.starts_with('/') {
                    found.help("a path is written from the folder of the file that names it")
                } else {
                    self.suggest_path(found, &path, span)
                }
            }
        };
        self.report(found);
    }

    /// One finding for a value that is known too late: the place, the value, and where it becomes late.
    pub(crate) fn report_late(&mut self, span: Span, late: &Late, allowed: Stage, what: &str) {
        let what = capital(what);
        let known = late.stage.when();
        let needed = allowed.when();
        let found = Diagnostic::new(&d::TOO_LATE, span, &[("what", &what), ("needed", &needed), ("known", &known)]);
        let found = found.related(late.because.span, late.because.text.to_string());
        let help = match (allowed, late.stage) {
            (Stage::Build, Stage::Run) if what.contains("`for`") => {
                "`each` goes through a list while an execution runs; `for` needs it when the file is built"
            }
            (Stage::Build, Stage::Run) => {
                "use a literal or a `config`: those are fixed when the file is built (`--set name=value`)"
            }
            (Stage::Build, _) => "write the value out, or use a `config`",
            _ => "use a value that does not depend on an execution",
        };
        self.report(found.help(help));
    }
}

/// What stands in the quotes of a text, where that alone is what is expected: `"30GB"`, `"5"`, `"true"`.
fn unquoted<'t>(text: &'t str, expected: &str) -> Option<&'t str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let (expression, problems) = crate::syntax::parse_expression(FileId::NONE, inner, 0);
    if !problems.is_empty() || expected.starts_with("text") {
        return None;
    }
    let fits = match &*expression.kind {
        ExpressionKind::Bool(_) => expected.contains("`true` or `false`"),
        ExpressionKind::Int(_) | ExpressionKind::Float(_) => {
            expected.contains("an integer") || expected.contains("a number")
        }
        ExpressionKind::Quantity { unit, .. } => match unit {
            Unit::Percent => expected.contains("a percentage"),
            Unit::Bytes | Unit::Kilobytes | Unit::Megabytes | Unit::Gigabytes | Unit::Terabytes => {
                expected.contains("a size")
            }
            _ => expected.contains("a duration"),
        },
        _ => false,
    };
    fits.then_some(inner)
}

/// Whether something stands alone where a list of such things is expected.
fn is_element(found: &str, expected: &str) -> bool {
    let Some(elements) = expected.strip_prefix("a list of ") else { return false };
    [
        ("an object", "object"),
        ("a step", "step"),
        ("the text", "text"),
        ("the integer", "integer"),
        ("the number", "number"),
    ]
    .iter()
    .any(|(one, many)| found.starts_with(one) && elements.contains(many))
}

/// A message starts with a capital letter unless it starts with a name.
pub(crate) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// "no elements", "1 element", "3 elements".
pub(crate) fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// "no arguments", "at most 1 argument", "at most 3 arguments".
pub(crate) fn at_most(count: usize, what: &str) -> String {
    if count == 0 { counted(0, what) } else { format!("at most {}", counted(count, what)) }
}
