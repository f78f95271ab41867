//! What each word of a file is, for colours that the grammar alone cannot tell.

use super::analysis::{Analysis, Place};
use super::document::Part;
use super::index::{Definition, DefinitionKind, Way};
use crate::syntax::{TokenKind, tokens};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SemanticKind {
    Keyword,
    Namespace,
    Type,
    Kind,
    Step,
    Parameter,
    Variable,
    Property,
    Function,
    String,
    Number,
    Comment,
    Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SemanticToken {
    pub start: u32,
    pub end: u32,
    pub kind: SemanticKind,
    pub declares: bool,
    /// Of the standard library or the compiler.
    pub is_library: bool,
}

const KEYWORDS: [&str; 12] = ["and", "or", "not", "in", "if", "then", "else", "true", "false", "none", "null", "for"];

impl Analysis {
    /// The words of a file between two offsets, in order, apart from each other and each on one line.
    pub fn semantic_tokens(&self, path: &str, start: u32, end: u32) -> Vec<SemanticToken> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let mut out: Vec<SemanticToken> = Vec::new();
        for placed in &document.parts {
            let length = placed.part.text().len() as u32;
            if placed.start + length < start || placed.start > end {
                continue;
            }
            let tokens = self.part_tokens(&placed.part);
            out.extend(
                tokens
                    .into_iter()
                    .map(|token| SemanticToken {
                        start: token.start + placed.start,
                        end: token.end + placed.start,
                        ..token
                    })
                    .filter(|token| token.end > start && token.start < end),
            );
        }
        out
    }

    fn part_tokens(&self, part: &Part) -> Vec<SemanticToken> {
        let text = part.text();
        let index = self.index(part);
        let mut words: Vec<SemanticToken> = Vec::new();
        for definition in &index.definitions {
            let kind = match definition.kind {
                DefinitionKind::Control => continue,
                _ => definition_kind(definition),
            };
            let token = SemanticToken {
                start: definition.span.start,
                end: definition.span.end,
                kind,
                declares: true,
                is_library: false,
            };
            words.push(token);
        }
        for reference in &index.references {
            let mut is_library = false;
            let kind = match &reference.way {
                Way::Callee | Way::Base => {
                    let global = self.applicable(part.id, &reference.name);
                    is_library =
                        matches!(global, Some(crate::resolve::Global::Declaration(file, _)) if file.is_library());
                    SemanticKind::Kind
                }
                Way::Type { .. } => SemanticKind::Type,
                Way::Member { .. } | Way::Key { .. } => SemanticKind::Property,
                Way::Argument { .. } => SemanticKind::Parameter,
                Way::Imported { .. } => self.global_kind(part, reference).unwrap_or(SemanticKind::Variable),
                Way::Name { .. } => match index.lookup(reference.scope, &reference.name) {
                    Some(definition) => definition_kind(&index.definitions[definition]),
                    None if matches!(
                        reference.name.as_str(),
                        "aws" | "run" | "project" | "self" | "request" | "response"
                    ) =>
                    {
                        is_library = true;
                        SemanticKind::Namespace
                    }
                    None => self.global_kind(part, reference).unwrap_or_else(|| {
                        is_library = true;
                        SemanticKind::Function
                    }),
                },
            };
            words.push(SemanticToken {
                start: reference.span.start,
                end: reference.span.end,
                kind,
                declares: false,
                is_library,
            });
        }
        words.sort_by_key(|token| (token.start, token.end));
        // Words of the grammar, and what is no word.
        let mut out: Vec<SemanticToken> = Vec::new();
        let list = tokens(text);
        let mut next = 0;
        for (at, token) in list.iter().enumerate() {
            let written = token.text(text);
            while next < words.len() && words[next].start < token.start as u32 {
                next += 1;
            }
            let starts =
                at == 0 || matches!(list[at - 1].kind, TokenKind::Newline | TokenKind::Comma | TokenKind::Open);
            match token.kind {
                TokenKind::Word => {
                    if let Some(word) = words.get(next).filter(|word| word.start == token.start as u32) {
                        out.push(word.clone());
                        next += 1;
                    } else if KEYWORDS.contains(&written)
                        || (starts && is_declaring(&list, at, text))
                        || is_head_word(written, &list, at, text)
                    {
                        push(&mut out, token.start, token.end, SemanticKind::Keyword);
                    }
                }
                TokenKind::Text => {
                    // Pieces between the words inside interpolations.
                    let mut from = token.start;
                    while next < words.len() && words[next].start < token.end as u32 {
                        let word = words[next].clone();
                        if word.start as usize > from {
                            lines(&mut out, text, from, word.start as usize, SemanticKind::String);
                        }
                        if word.start as usize >= from {
                            from = word.end as usize;
                            out.push(word);
                        }
                        next += 1;
                    }
                    lines(&mut out, text, from, token.end, SemanticKind::String);
                }
                TokenKind::Number => push(&mut out, token.start, token.end, SemanticKind::Number),
                TokenKind::Comment => {
                    push(&mut out, token.start, trimmed(text, token.start, token.end), SemanticKind::Comment)
                }
                TokenKind::Jsonata => lines(&mut out, text, token.start, token.end, SemanticKind::String),
                TokenKind::Open
                | TokenKind::Close
                | TokenKind::Comma
                | TokenKind::Equals
                | TokenKind::Colon
                | TokenKind::Sign
                | TokenKind::Newline
                | TokenKind::Hole => {}
            }
        }
        out.retain(|token| token.start < token.end);
        out
    }

    fn global_kind(&self, part: &Part, reference: &super::index::Reference) -> Option<SemanticKind> {
        let span = self.resolve(part, reference)?;
        match self.definition_at(span) {
            Some((_, definition)) => Some(definition_kind(&definition)),
            None => {
                let declaration = self.declaration_at(span)?;
                Some(match crate::kinds::word_of(&declaration) {
                    "kind" | "component" => SemanticKind::Kind,
                    "schema" | "type" => SemanticKind::Type,
                    _ => SemanticKind::Function,
                })
            }
        }
    }

    /// Whether two places overlap.
    pub fn overlap(one: &Place, other: &Place) -> bool {
        one.path == other.path && one.start < other.end && other.start < one.end
    }
}

fn definition_kind(definition: &Definition) -> SemanticKind {
    match definition.kind {
        DefinitionKind::Binding(word) if word.is_step() => SemanticKind::Step,
        DefinitionKind::Binding(_) | DefinitionKind::Let | DefinitionKind::Loop | DefinitionKind::Raw => {
            SemanticKind::Variable
        }
        DefinitionKind::Config | DefinitionKind::Parameter | DefinitionKind::Argument => SemanticKind::Parameter,
        DefinitionKind::Function => SemanticKind::Function,
        DefinitionKind::Schema | DefinitionKind::Type => SemanticKind::Type,
        DefinitionKind::Kind | DefinitionKind::Component => SemanticKind::Kind,
        DefinitionKind::Field | DefinitionKind::Column | DefinitionKind::Result | DefinitionKind::Output => {
            SemanticKind::Property
        }
        DefinitionKind::Project
        | DefinitionKind::Workflow
        | DefinitionKind::Machine
        | DefinitionKind::Pipeline
        | DefinitionKind::Test
        | DefinitionKind::Import => SemanticKind::Namespace,
        DefinitionKind::Control => SemanticKind::Keyword,
    }
}

fn push(out: &mut Vec<SemanticToken>, start: usize, end: usize, kind: SemanticKind) {
    out.push(SemanticToken { start: start as u32, end: end as u32, kind, declares: false, is_library: false });
}

fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text[start..end].trim_end().len()
}

/// One token for each line of a stretch.
fn lines(out: &mut Vec<SemanticToken>, text: &str, start: usize, end: usize, kind: SemanticKind) {
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        let length = line.trim_end_matches(['\n', '\r']).len();
        if length > 0 {
            push(out, at, at + length, kind);
        }
        at += line.len();
    }
}

/// A first word that another name or a brace follows.
fn is_declaring(list: &[crate::syntax::Token], at: usize, text: &str) -> bool {
    let word = list[at].text(text);
    let next = list.get(at + 1);
    match next.map(|next| next.kind) {
        Some(TokenKind::Word | TokenKind::Text) => true,
        Some(TokenKind::Open) => matches!(word, "else" | "try" | "allow" | "import" | "when" | "fail" | "check"),
        Some(TokenKind::Number | TokenKind::Sign | TokenKind::Newline) | None => {
            matches!(word, "when" | "fail" | "check" | "else")
        }
        _ => false,
    }
}

/// `for`, `is`, `from`, `as`, `to`, `returns` between other words.
fn is_head_word(word: &str, list: &[crate::syntax::Token], at: usize, text: &str) -> bool {
    let before = at.checked_sub(1).map(|before| list[before]);
    match word {
        "from" | "as" | "to" | "is" | "returns" | "failure" => {
            before.is_some_and(|before| matches!(before.kind, TokenKind::Word | TokenKind::Text | TokenKind::Close))
        }
        "when" => before.is_some_and(|before| before.text(text) == "else"),
        _ => false,
    }
}
