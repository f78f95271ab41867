//! Completion, with documentation when an item is looked at, and signature help.

use mlflow_compiler::ide::{Completion, CompletionKind};
use serde_json::json;
use tower_lsp::lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionList, CompletionParams, CompletionResponse,
    CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent, MarkupKind, ParameterInformation,
    ParameterLabel, Position, SignatureHelp, SignatureHelpParams, SignatureInformation, TextEdit, Url,
};

use crate::view::View;
use crate::world::Snapshot;

pub(crate) fn completion(snapshot: &Snapshot, params: CompletionParams) -> Option<CompletionResponse> {
    let place = params.text_document_position;
    let view = View::of(snapshot, &place.text_document)?;
    let list = view.analysis.completions(&view.path, view.offset(place.position));
    let items = list.iter().map(|item| convert(&view, item, &place.text_document.uri, place.position)).collect();
    Some(CompletionResponse::List(CompletionList { is_incomplete: false, items }))
}

fn convert(view: &View, item: &Completion, uri: &Url, position: Position) -> CompletionItem {
    let edit = TextEdit { range: view.range(item.replace.start, item.replace.end), new_text: item.insert.clone() };
    let also: Vec<TextEdit> = item
        .also
        .iter()
        .map(|edit| TextEdit { range: view.range(edit.place.start, edit.place.end), new_text: edit.text.clone() })
        .collect();
    CompletionItem {
        label: item.label.clone(),
        kind: Some(kind(item.kind)),
        tags: item.is_deprecated.then(|| vec![CompletionItemTag::DEPRECATED]),
        detail: (!item.detail.is_empty()).then(|| item.detail.clone()),
        sort_text: Some(format!("{:04}{}", item.rank, item.label)),
        filter_text: Some(item.label.clone()),
        insert_text_format: Some(if item.is_snippet {
            InsertTextFormat::SNIPPET
        } else {
            InsertTextFormat::PLAIN_TEXT
        }),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        additional_text_edits: (!also.is_empty()).then_some(also),
        // What documents it is sent when somebody looks.
        data: item
            .documentation
            .is_some()
            .then(|| json!({ "uri": uri, "line": position.line, "character": position.character })),
        ..CompletionItem::default()
    }
}

pub(crate) fn resolve(snapshot: &Snapshot, mut item: CompletionItem) -> CompletionItem {
    let documentation = || {
        let data = item.data.as_ref()?;
        let uri = Url::parse(data.get("uri")?.as_str()?).ok()?;
        let number = |key: &str| data.get(key)?.as_u64().map(|number| number as u32);
        let view = View::new(snapshot, &uri)?;
        let offset = view.offset(Position::new(number("line")?, number("character")?));
        let list = view.analysis.completions(&view.path, offset);
        let found = list.into_iter().find(|other| {
            other.label == item.label && kind(other.kind) == item.kind.unwrap_or(CompletionItemKind::TEXT)
        });
        found?.documentation
    };
    item.documentation =
        documentation().map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    item
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::KEYWORD,
        CompletionKind::Kind => CompletionItemKind::CLASS,
        CompletionKind::Field => CompletionItemKind::FIELD,
        CompletionKind::Value => CompletionItemKind::ENUM_MEMBER,
        CompletionKind::Variable => CompletionItemKind::VARIABLE,
        CompletionKind::Step => CompletionItemKind::EVENT,
        CompletionKind::Function => CompletionItemKind::FUNCTION,
        CompletionKind::Type => CompletionItemKind::STRUCT,
        CompletionKind::File => CompletionItemKind::FILE,
        CompletionKind::Folder => CompletionItemKind::FOLDER,
        CompletionKind::Module => CompletionItemKind::MODULE,
        CompletionKind::Operation => CompletionItemKind::METHOD,
        CompletionKind::Snippet => CompletionItemKind::SNIPPET,
    }
}

pub(crate) fn signature(snapshot: &Snapshot, params: SignatureHelpParams) -> Option<SignatureHelp> {
    let place = params.text_document_position_params;
    let view = View::of(snapshot, &place.text_document)?;
    let found = view.analysis.signature(&view.path, view.offset(place.position))?;
    let parameters = found
        .parameters
        .iter()
        .map(|(start, end)| ParameterInformation {
            label: ParameterLabel::Simple(found.label[*start as usize..*end as usize].to_owned()),
            documentation: None,
        })
        .collect();
    Some(SignatureHelp {
        signatures: vec![SignatureInformation {
            label: found.label,
            documentation: found
                .documentation
                .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
            parameters: Some(parameters),
            active_parameter: Some(found.active),
        }],
        active_signature: Some(0),
        active_parameter: Some(found.active),
    })
}
