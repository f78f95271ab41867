//! What is shown beside the text: hover, semantic tokens, inlay hints.

use mlflow_compiler::ide::{InlayKind, SemanticToken as Word};
use tower_lsp::lsp_types::{
    Hover, HoverContents, HoverParams, InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams, InlayHintTooltip,
    MarkupContent, MarkupKind, SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaParams,
    SemanticTokensEdit, SemanticTokensFullDeltaResult, SemanticTokensParams, SemanticTokensRangeParams,
};

use crate::legend;
use crate::view::View;
use crate::world::Snapshot;

pub(crate) fn hover(snapshot: &Snapshot, params: HoverParams) -> Option<Hover> {
    let place = params.text_document_position_params;
    let view = View::of(snapshot, &place.text_document)?;
    let found = view.analysis.hover(&view.path, view.offset(place.position))?;
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: found.text }),
        range: Some(view.range(found.place.start, found.place.end)),
    })
}

fn encode(view: &View, words: &[Word]) -> Vec<SemanticToken> {
    let mut out = Vec::with_capacity(words.len());
    let (mut line, mut column) = (0, 0);
    for word in words {
        let range = view.range(word.start, word.end);
        let length = view.encoding.length(&view.text[word.start as usize..word.end as usize]);
        let delta_line = range.start.line - line;
        let delta_start = if delta_line == 0 { range.start.character - column } else { range.start.character };
        out.push(SemanticToken {
            delta_line,
            delta_start,
            length,
            token_type: legend::index(word.kind),
            token_modifiers_bitset: u32::from(word.declares) | (u32::from(word.is_library) << 1),
        });
        (line, column) = (range.start.line, range.start.character);
    }
    out
}

fn all(snapshot: &Snapshot, document: &tower_lsp::lsp_types::TextDocumentIdentifier) -> Option<SemanticTokens> {
    let view = View::of(snapshot, document)?;
    let words = view.analysis.semantic_tokens(&view.path, 0, view.text.len() as u32);
    let data = encode(&view, &words);
    Some(SemanticTokens { result_id: Some(name(&data)), data })
}

/// Names a list of tokens by its content, followed by nothing that must be remembered.
fn name(data: &[SemanticToken]) -> String {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    for token in data {
        (token.delta_line, token.delta_start, token.length, token.token_type, token.token_modifiers_bitset)
            .hash(&mut hasher);
    }
    format!("{:x}", hasher.finish())
}

pub(crate) fn tokens(snapshot: &Snapshot, params: &SemanticTokensParams) -> Option<SemanticTokens> {
    all(snapshot, &params.text_document)
}

pub(crate) fn tokens_in(snapshot: &Snapshot, params: &SemanticTokensRangeParams) -> Option<SemanticTokens> {
    let view = View::of(snapshot, &params.text_document)?;
    let (start, end) = (view.offset(params.range.start), view.offset(params.range.end));
    let words = view.analysis.semantic_tokens(&view.path, start, end);
    Some(SemanticTokens { result_id: None, data: encode(&view, &words) })
}

/// The tokens that were sent last for a document, by the caller's memory.
pub(crate) type Sent = std::collections::BTreeMap<tower_lsp::lsp_types::Url, SemanticTokens>;

pub(crate) fn tokens_since(
    snapshot: &Snapshot,
    params: &SemanticTokensDeltaParams,
    sent: &Sent,
) -> Option<(SemanticTokens, SemanticTokensFullDeltaResult)> {
    let now = all(snapshot, &params.text_document)?;
    let before = sent
        .get(&params.text_document.uri)
        .filter(|before| before.result_id.as_deref() == Some(params.previous_result_id.as_str()));
    let Some(before) = before else {
        return Some((now.clone(), SemanticTokensFullDeltaResult::Tokens(now)));
    };
    let head = before.data.iter().zip(&now.data).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before.data[head..], &now.data[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let edits = if old.is_empty() && new.is_empty() {
        Vec::new()
    } else {
        vec![SemanticTokensEdit {
            start: head as u32 * 5,
            delete_count: old.len() as u32 * 5,
            data: Some(new.to_vec()),
        }]
    };
    let delta = SemanticTokensDelta { result_id: now.result_id.clone(), edits };
    Some((now, SemanticTokensFullDeltaResult::TokensDelta(delta)))
}

pub(crate) fn inlays(snapshot: &Snapshot, params: &InlayHintParams) -> Option<Vec<InlayHint>> {
    let view = View::of(snapshot, &params.text_document)?;
    let (start, end) = (view.offset(params.range.start), view.offset(params.range.end));
    let hints = view.analysis.inlays(&view.path, start, end);
    Some(
        hints
            .into_iter()
            .map(|hint| InlayHint {
                position: view.range(hint.place.start, hint.place.start).start,
                label: InlayHintLabel::String(hint.text),
                kind: (hint.kind == InlayKind::Type).then_some(InlayHintKind::TYPE),
                text_edits: None,
                tooltip: (!hint.tooltip.is_empty()).then_some(InlayHintTooltip::String(hint.tooltip)),
                padding_left: None,
                padding_right: None,
                data: None,
            })
            .collect(),
    )
}
