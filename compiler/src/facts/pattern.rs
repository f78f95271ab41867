//! The patterns of API models: compiled when first asked, the frequent trivial ones answered without the regex crate.
//! A pattern matches the whole value; the ones that stand for "found anywhere" were written so by refresh.py.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder, bytes};
use smol_str::SmolStr;

/// Beyond this a pattern takes milliseconds to compile. refresh.py uses the same limit.
const SIZE_LIMIT: usize = 192 * 1024;

/// A pattern that a string must match.
#[derive(Debug)]
pub struct Pattern {
    text: SmolStr,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    /// `.*` and `.+`: one line, of at least so many bytes.
    Line {
        least: usize,
    },
    Regex {
        holds: Lazy,
        also: Vec<Lazy>,
        never: Vec<Lazy>,
    },
    /// Needs look-around inside or more, which the regex crate does not do.
    Unchecked,
}

impl Pattern {
    /// `ascii` says the same as `text` about ASCII values, without Unicode classes.
    pub(super) fn new(text: SmolStr, ascii: Option<String>, also: Vec<String>, never: Vec<String>) -> Pattern {
        let rule = match (text.as_str(), also.is_empty() && never.is_empty()) {
            (".*", true) => Rule::Line { least: 0 },
            (".+", true) => Rule::Line { least: 1 },
            _ => Rule::Regex {
                holds: Lazy::new(text.clone(), ascii),
                also: also.into_iter().map(|p| Lazy::new(p.into(), None)).collect(),
                never: never.into_iter().map(|p| Lazy::new(p.into(), None)).collect(),
            },
        };
        Pattern { text, rule }
    }

    pub(super) fn unchecked(text: SmolStr) -> Pattern {
        let rule = Rule::Unchecked;
        Pattern { text, rule }
    }

    /// The pattern of a resource type's schema: text, or the forms that the facts write for what `regex` cannot do.
    pub(super) fn of_schema(json: &serde_json::Value) -> Option<Pattern> {
        let texts = |key: &str| {
            let list = json[key].as_array().into_iter().flatten();
            list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        if let Some(text) = json.as_str() {
            return Some(Pattern::new(text.into(), None, Vec::new(), Vec::new()));
        }
        let text = json["p"].as_str()?;
        Some(Pattern::new(text.into(), json["a"].as_str().map(str::to_owned), texts("and"), texts("not")))
    }

    /// The pattern for a message. Look-around at its ends is left out.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole value matches; nothing when this pattern cannot be checked.
    pub fn matches(&self, value: &str) -> Option<bool> {
        match &self.rule {
            Rule::Line { least } => Some(value.len() >= *least && !value.contains('\n')),
            Rule::Regex { holds, also, never } => {
                for lazy in also.iter().chain([holds]) {
                    if !lazy.matches(value)? {
                        return Some(false);
                    }
                }
                for lazy in never {
                    if lazy.matches(value)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Rule::Unchecked => None,
        }
    }
}

/// A regex compiled at its first use, which gives the same answer for ever after. Nearly all values are ASCII, for which
/// a regex over bytes says the same and compiles in half the time or, where Unicode classes are gone, in a tenth.
#[derive(Debug)]
struct Lazy {
    text: SmolStr,
    ascii_text: Option<String>,
    unicode: OnceLock<Option<Regex>>,
    ascii: OnceLock<Option<bytes::Regex>>,
}

impl Lazy {
    fn new(text: SmolStr, ascii_text: Option<String>) -> Lazy {
        Lazy { text, ascii_text, unicode: OnceLock::new(), ascii: OnceLock::new() }
    }

    fn matches(&self, value: &str) -> Option<bool> {
        if value.is_ascii()
            && let Some(regex) = self.ascii.get_or_init(|| self.compile_ascii())
        {
            return Some(regex.is_match(value.as_bytes()));
        }
        let unicode = self.unicode.get_or_init(|| {
            let whole = format!(r"\A(?:{})\z", self.text);
            RegexBuilder::new(&whole).size_limit(SIZE_LIMIT).build().ok()
        });
        unicode.as_ref().map(|regex| regex.is_match(value))
    }

    /// Fails where Unicode classes are left.
    fn compile_ascii(&self) -> Option<bytes::Regex> {
        let whole = format!(r"\A(?:{})\z", self.ascii_text.as_ref().map_or(self.text.as_str(), String::as_str));
        let mut builder = bytes::RegexBuilder::new(&whole);
        builder.unicode(false).size_limit(SIZE_LIMIT).build().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Pattern {
        Pattern::new(text.into(), None, Vec::new(), Vec::new())
    }

    #[test]
    fn a_pattern_matches_the_whole_value() {
        assert_eq!(plain("[a-z]+").matches("abc"), Some(true));
        assert_eq!(plain("[a-z]+").matches("abc1"), Some(false));
        assert_eq!(plain("a|ab").matches("ab"), Some(true));
    }

    #[test]
    fn trivial_patterns_refuse_line_breaks_only() {
        assert_eq!(plain(".*").matches(""), Some(true));
        assert_eq!(plain(".+").matches(""), Some(false));
        assert_eq!(plain(".*").matches("a\nb"), Some(false));
    }

    #[test]
    fn look_around_is_kept_as_further_patterns() {
        let pattern = Pattern::new("[a-z:]+".into(), None, Vec::new(), vec!["aws:(?s:.*)".to_owned()]);
        assert_eq!(pattern.matches("team:x"), Some(true));
        assert_eq!(pattern.matches("aws:x"), Some(false));
    }

    #[test]
    fn ascii_and_other_values_are_told_apart() {
        let pattern = Pattern::new(r"[\p{L}_]+".into(), Some("[A-Za-z_]+".to_owned()), Vec::new(), Vec::new());
        assert_eq!(pattern.matches("team_a"), Some(true));
        assert_eq!(pattern.matches("équipe"), Some(true));
        assert_eq!(pattern.matches("équipe 1"), Some(false));
        assert_eq!(pattern.matches("team 1"), Some(false));
        assert_eq!(plain(r"[^/]+").matches("é"), Some(true));
        assert_eq!(plain(r"\p{L}").matches("a"), Some(true));
    }

    #[test]
    fn what_cannot_be_checked_says_so() {
        assert_eq!(Pattern::unchecked("(?=x)".into()).matches("y"), None);
        assert_eq!(plain("(").matches("y"), None);
    }
}
