//! How far two neighbours on a line stand apart.

use super::Source;
use crate::syntax::token::Kind;

/// Words after which a bracket is not the list of arguments of a call.
const NO_CALLEE: [&str; 15] =
    ["and", "or", "not", "in", "if", "then", "else", "when", "for", "each", "fail", "check", "as", "is", "failure"];

impl Source<'_> {
    /// Whether a space stands between the tokens `left` and `right`, which are neighbours on a line.
    pub(super) fn spaced(&self, left: usize, right: usize) -> bool {
        let (Some(before), Some(after)) = (self.kind(left), self.kind(right)) else { return false };
        let (before_word, after_word) = (self.word(left), self.word(right));
        match after {
            Kind::Comma | Kind::Colon => return false,
            Kind::Comment => return true,
            Kind::Close => {
                return after_word == "}" && before_word != "{" && !self.is_tight_brace(self.signs.partner[right]);
            }
            Kind::Sign => match after_word {
                "." | "?." | ".." => return false,
                "?" => return false,
                "<" | ">" if self.signs.angle[right] => return false,
                _ => {}
            },
            Kind::Open if matches!(after_word, "(" | "[") => {
                let is_attached = self.tokens[left].end == self.tokens[right].start;
                let is_operand = match before {
                    Kind::Word => !NO_CALLEE.contains(&before_word) || self.is_member(left),
                    Kind::Close | Kind::Text => true,
                    Kind::Sign => before_word == ">" && self.signs.angle[left],
                    _ => false,
                };
                if is_attached && is_operand {
                    return false;
                }
            }
            _ => {}
        }
        match before {
            Kind::Open => before_word == "{" && !self.is_tight_brace(Some(left)),
            Kind::Sign => match before_word {
                "." | "?." | ".." | "..." => false,
                "-" | "!" if self.signs.prefix[left] => false,
                "<" if self.signs.angle[left] => false,
                _ => true,
            },
            _ => true,
        }
    }

    /// Whether the word is a name after a dot, where any word is one.
    fn is_member(&self, index: usize) -> bool {
        index > 0 && matches!(self.word(index - 1), "." | "?.")
    }

    /// `{for k, v in m: [k] = v}`
    fn is_tight_brace(&self, open: Option<usize>) -> bool {
        open.is_some_and(|open| self.word(open + 1) == "for" && self.kind(open + 2) == Some(Kind::Word))
    }
}
