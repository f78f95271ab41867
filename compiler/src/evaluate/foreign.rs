//! What people take for granted from other languages: names that mean something there, and braces in texts.

use smol_str::SmolStr;

use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::resolve::Global;
use crate::source::Span;

impl Evaluator<'_> {
    /// `{name}` and `$name` of something that is called so are taken for what other languages make of them.
    pub(super) fn plain_braces(&mut self, text: &str, scope: &Scope<'_>, span: Span) {
        if self.modules.sources.get(span.file).is_library {
            return;
        }
        let source = self.modules.sources.text(span).to_owned();
        for (at, sign) in source.char_indices().filter(|(_, c)| matches!(c, '{' | '$')) {
            if source[..at].ends_with(['$', '\\', '{']) {
                continue;
            }
            let opening = if sign == '$' {
                "$"
            } else if source[at..].starts_with("{{") {
                "{{"
            } else {
                "{"
            };
            let rest = source[at + opening.len()..].trim_start_matches(' ');
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name = &rest[..rest.find(|c: char| !inside(c)).unwrap_or(rest.len())];
            let after = rest[name.len()..].trim_start_matches(' ');
            let closing = match opening {
                "$" => "",
                "{" => "}",
                _ => "}}",
            };
            let is_name = !name.is_empty() && after.starts_with(closing);
            let is_mine = is_name
                && (scope.local(name).is_some()
                    || scope.block_id().is_some_and(|block| self.block_has(block, name))
                    || matches!(self.modules.find(span.file, name), Some(Global::Declaration(file, _)) if file == span.file));
            if !is_mine {
                continue;
            }
            let end = source.len() - after.len() + closing.len();
            if !text.contains(&source[at..end]) {
                continue;
            }
            let place = Span { start: span.start + at as u32, end: span.start + end as u32, ..span };
            let right = format!("${{{name}}}");
            let found = source[at..end].to_owned();
            let found =
                Diagnostic::new(&d::PLAIN_BRACES, place, &[("found", &found), ("right", &right), ("name", &name)]);
            self.report(found.fix(format!("Write `{right}`"), place, right));
            return;
        }
    }

    /// What a name of another language is here: words for it, and what takes its place.
    pub(super) fn foreign_name(
        &self,
        name: &str,
        span: Span,
        candidates: &[SmolStr],
    ) -> Option<(String, Option<(Span, String)>)> {
        let text = &self.modules.sources.get(span.file).text;
        let rest = text.get(span.end as usize..).unwrap_or_default();
        let member = rest.strip_prefix('.').map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            &rest[..end]
        });
        let change = |right: &str| Some((span, right.to_owned()));
        match name {
            "var" | "local" | "locals" | "params" | "param" | "parameters" | "config" | "this" | "input" | "inputs"
            | "steps" | "workflow" => {
                let known = candidates.iter().find(|other| Some(other.as_str()) == member)?;
                let whole = Span { end: span.end + 1 + known.len() as u32, ..span };
                Some((format!("a name is used as it is: `{known}`"), Some((whole, known.to_string()))))
            }
            "env" | "getenv" | "os" | "environ" | "process" | "ENV" => Some((
                "a value from outside is a `config`: declare `config name: string`, and give it with `--set name=value`"
                    .to_owned(),
                None,
            )),
            "len" | "size" | "count" if rest.starts_with('(') => {
                Some(("it is called `length` here".to_owned(), change("length")))
            }
            "str" | "tostring" | "to_string" if rest.starts_with('(') => {
                Some(("it is called `string` here".to_owned(), change("string")))
            }
            "number" | "num" | "tonumber" | "double" if rest.starts_with('(') => {
                Some(("it is called `float` here".to_owned(), change("float")))
            }
            "jsonencode" | "dumps" | "to_json" if rest.starts_with('(') => {
                Some(("it is called `json` here".to_owned(), change("json")))
            }
            "coalesce" | "default" if rest.starts_with('(') => Some(("write `a ?? b`".to_owned(), None)),
            "lookup" if rest.starts_with('(') => Some(("write `object[key] ?? otherwise`".to_owned(), None)),
            "format" | "sprintf" | "concat" if rest.starts_with('(') => {
                Some(("`${…}` in a text puts in values; lists are put together with `[...a, ...b]`".to_owned(), None))
            }
            _ => None,
        }
    }
}
