//! The names under which semantic tokens are sent.

use mlflow_compiler::ide::SemanticKind;
use tower_lsp::lsp_types::{SemanticTokenModifier, SemanticTokenType, SemanticTokensLegend};

const KINDS: [(SemanticKind, SemanticTokenType); 13] = [
    (SemanticKind::Keyword, SemanticTokenType::KEYWORD),
    (SemanticKind::Namespace, SemanticTokenType::NAMESPACE),
    (SemanticKind::Type, SemanticTokenType::TYPE),
    (SemanticKind::Kind, SemanticTokenType::CLASS),
    (SemanticKind::Step, SemanticTokenType::EVENT),
    (SemanticKind::Parameter, SemanticTokenType::PARAMETER),
    (SemanticKind::Variable, SemanticTokenType::VARIABLE),
    (SemanticKind::Property, SemanticTokenType::PROPERTY),
    (SemanticKind::Function, SemanticTokenType::FUNCTION),
    (SemanticKind::String, SemanticTokenType::STRING),
    (SemanticKind::Number, SemanticTokenType::NUMBER),
    (SemanticKind::Comment, SemanticTokenType::COMMENT),
    (SemanticKind::Operator, SemanticTokenType::OPERATOR),
];

pub(crate) fn index(kind: SemanticKind) -> u32 {
    KINDS.iter().position(|(other, _)| *other == kind).unwrap_or_default() as u32
}

pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: KINDS.iter().map(|(_, name)| name.clone()).collect(),
        token_modifiers: vec![SemanticTokenModifier::DECLARATION, SemanticTokenModifier::DEFAULT_LIBRARY],
    }
}
