//! Code actions.

use mlflow_compiler::ide::ActionKind;
use tower_lsp::lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams};

use super::diagnostics;
use crate::view::View;
use crate::world::Snapshot;

pub(crate) fn actions(snapshot: &Snapshot, params: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
    let view = View::of(snapshot, &params.text_document)?;
    let (start, end) = (view.offset(params.range.start), view.offset(params.range.end));
    let wanted = params.context.only.as_ref();
    let mut found = Vec::new();
    for action in view.analysis.actions(&view.path, start, end) {
        let kind = kind(action.kind);
        let is_wanted = wanted.is_none_or(|wanted| {
            wanted
                .iter()
                .any(|only| kind.as_str() == only.as_str() || kind.as_str().starts_with(&format!("{}.", only.as_str())))
        });
        if !is_wanted {
            continue;
        }
        let Some(edit) = view.edit(&action.edits) else { continue };
        let mended = action.finding.as_ref().map(|finding| {
            diagnostics::convert(&view.root, &view.analysis, &view.path, std::slice::from_ref(finding), view.encoding)
        });
        found.push(CodeActionOrCommand::CodeAction(CodeAction {
            title: action.title,
            kind: Some(kind),
            diagnostics: mended,
            edit: Some(edit),
            is_preferred: action.is_preferred.then_some(true),
            ..CodeAction::default()
        }));
    }
    Some(found)
}

fn kind(kind: ActionKind) -> CodeActionKind {
    match kind {
        ActionKind::QuickFix => CodeActionKind::QUICKFIX,
        ActionKind::Extract => CodeActionKind::REFACTOR_EXTRACT,
        ActionKind::Inline => CodeActionKind::REFACTOR_INLINE,
        ActionKind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
        ActionKind::FixAll => CodeActionKind::SOURCE_FIX_ALL,
        ActionKind::OrganizeImports => CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
    }
}
