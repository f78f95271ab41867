//! From a word to other places: definition and its relatives, references, call hierarchy, symbols of the workspace.

use mlflow_compiler::ide::{CallItem, Link};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, CallHierarchyPrepareParams,
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, GotoDefinitionParams, GotoDefinitionResponse,
    LinkedEditingRangeParams, LinkedEditingRanges, Location, LocationLink, PrepareRenameResponse, ReferenceParams,
    RenameFilesParams, RenameParams, SymbolInformation, TextDocumentPositionParams, Url, WorkspaceEdit,
};

use super::structure::symbol_kind;
use crate::view::View;
use crate::world::Snapshot;

fn link(view: &View, link: &Link) -> Option<LocationLink> {
    let (name, whole) = (view.location(&link.name)?, view.location(&link.whole)?);
    Some(LocationLink {
        origin_selection_range: Some(view.range(link.origin.start, link.origin.end)),
        target_uri: name.uri,
        target_range: if whole.range.start <= name.range.start && name.range.end <= whole.range.end {
            whole.range
        } else {
            name.range
        },
        target_selection_range: name.range,
    })
}

/// Links where the client takes them, places otherwise.
fn response(links: Vec<LocationLink>, takes_links: bool) -> Option<GotoDefinitionResponse> {
    if links.is_empty() {
        return None;
    }
    if takes_links {
        return Some(GotoDefinitionResponse::Link(links));
    }
    let places =
        links.into_iter().map(|link| Location { uri: link.target_uri, range: link.target_selection_range }).collect();
    Some(GotoDefinitionResponse::Array(places))
}

#[derive(Clone, Copy)]
pub(crate) enum Goto {
    Definition,
    Declaration,
    TypeDefinition,
    Implementation,
}

pub(crate) fn goto(
    snapshot: &Snapshot,
    params: &GotoDefinitionParams,
    what: Goto,
    takes_links: bool,
) -> Option<GotoDefinitionResponse> {
    let place = &params.text_document_position_params;
    let view = View::of(snapshot, &place.text_document)?;
    let offset = view.offset(place.position);
    let links: Vec<Link> = match what {
        Goto::Definition => view.analysis.definition(&view.path, offset).into_iter().collect(),
        Goto::Declaration => view.analysis.declaration(&view.path, offset).into_iter().collect(),
        Goto::TypeDefinition => view.analysis.type_definition(&view.path, offset).into_iter().collect(),
        Goto::Implementation => view.analysis.implementations(&view.path, offset),
    };
    response(links.iter().filter_map(|one| link(&view, one)).collect(), takes_links)
}

pub(crate) fn references(snapshot: &Snapshot, params: &ReferenceParams) -> Option<Vec<Location>> {
    let place = &params.text_document_position;
    let view = View::of(snapshot, &place.text_document)?;
    let uses = view.analysis.references(&view.path, view.offset(place.position), params.context.include_declaration);
    Some(uses.iter().filter_map(|one| view.location(&one.place)).collect())
}

pub(crate) fn highlights(snapshot: &Snapshot, params: &DocumentHighlightParams) -> Option<Vec<DocumentHighlight>> {
    let place = &params.text_document_position_params;
    let view = View::of(snapshot, &place.text_document)?;
    let uses = view.analysis.highlights(&view.path, view.offset(place.position));
    Some(
        uses.iter()
            .map(|one| DocumentHighlight {
                range: view.range(one.place.start, one.place.end),
                kind: Some(if one.declares { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
            })
            .collect(),
    )
}

pub(crate) fn prepare_rename(
    snapshot: &Snapshot,
    place: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>> {
    let Some(view) = View::of(snapshot, &place.text_document) else { return Ok(None) };
    match view.analysis.prepare_rename(&view.path, view.offset(place.position)) {
        Ok(found) => Ok(Some(PrepareRenameResponse::RangeWithPlaceholder {
            range: view.range(found.start, found.end),
            placeholder: view.text[found.start as usize..found.end as usize].to_owned(),
        })),
        Err(reason) => Err(Error { message: reason.to_string().into(), ..Error::invalid_params("") }),
    }
}

pub(crate) fn rename(snapshot: &Snapshot, params: &RenameParams) -> Result<Option<WorkspaceEdit>> {
    let place = &params.text_document_position;
    let Some(view) = View::of(snapshot, &place.text_document) else { return Ok(None) };
    match view.analysis.rename(&view.path, view.offset(place.position), &params.new_name) {
        Ok(edits) => Ok(view.edit(&edits)),
        Err(reason) => Err(Error { message: reason.to_string().into(), ..Error::invalid_params("") }),
    }
}

pub(crate) fn rename_files(snapshot: &Snapshot, params: &RenameFilesParams) -> Option<WorkspaceEdit> {
    let mut all = WorkspaceEdit { changes: Some(Default::default()), ..WorkspaceEdit::default() };
    for root in &snapshot.roots {
        let analysis = root.analysis();
        let path = |text: &str| -> Option<String> {
            let file = Url::parse(text).ok()?.to_file_path().ok()?;
            let below = file.strip_prefix(&root.folder).ok()?;
            Some(below.to_str()?.replace('\\', "/"))
        };
        let mut moved: Vec<(String, String)> = Vec::new();
        for file in &params.files {
            let (Some(from), Some(to)) = (path(&file.old_uri), path(&file.new_uri)) else { continue };
            if analysis.documents.contains_key(&from) {
                moved.push((from, to));
                continue;
            }
            // A folder moves with all that stands in it.
            for known in analysis.documents.keys() {
                if let Some(rest) = known.strip_prefix(&format!("{from}/")) {
                    moved.push((known.clone(), format!("{to}/{rest}")));
                }
            }
            if moved.is_empty() {
                moved.push((from, to));
            }
        }
        if moved.is_empty() {
            continue;
        }
        let first = analysis.documents.keys().next().cloned();
        let Some(view) = first.and_then(|path| View::of_root(root, path, snapshot.encoding)) else { continue };
        let edit = view.edit(&analysis.rename_files(&moved))?;
        if let (Some(all), Some(changes)) = (&mut all.changes, edit.changes) {
            all.extend(changes);
        }
    }
    Some(all)
}

pub(crate) fn linked(snapshot: &Snapshot, params: &LinkedEditingRangeParams) -> Option<LinkedEditingRanges> {
    let place = &params.text_document_position_params;
    let view = View::of(snapshot, &place.text_document)?;
    let places = view.analysis.linked(&view.path, view.offset(place.position));
    if places.is_empty() {
        return None;
    }
    let ranges = places.iter().map(|place| view.range(place.start, place.end)).collect();
    Some(LinkedEditingRanges { ranges, word_pattern: Some("[\\p{L}_][\\p{L}\\p{N}_]*".into()) })
}

#[expect(deprecated, reason = "the protocol's own field")]
pub(crate) fn workspace_symbols(snapshot: &Snapshot, query: &str) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    for root in &snapshot.roots {
        let analysis = root.analysis();
        for (symbol, container) in analysis.workspace_symbols(query).into_iter().take(500) {
            let location = crate::view::location(root, &analysis, &symbol.selection, snapshot.encoding);
            let Some(location) = location else { continue };
            found.push(SymbolInformation {
                name: symbol.name,
                kind: symbol_kind(symbol.kind),
                tags: None,
                deprecated: None,
                location,
                container_name: Some(container),
            });
        }
    }
    found
}

fn call_item(view: &View, item: &CallItem) -> Option<CallHierarchyItem> {
    let (whole, selection) = (view.location(&item.whole)?, view.location(&item.selection)?);
    Some(CallHierarchyItem {
        name: item.name.clone(),
        kind: symbol_kind(item.kind),
        tags: None,
        detail: Some(item.detail.clone()),
        uri: whole.uri,
        range: whole.range,
        selection_range: selection.range,
        data: None,
    })
}

pub(crate) fn prepare_calls(
    snapshot: &Snapshot,
    params: &CallHierarchyPrepareParams,
) -> Option<Vec<CallHierarchyItem>> {
    let place = &params.text_document_position_params;
    let view = View::of(snapshot, &place.text_document)?;
    let item = view.analysis.call_item_at(&view.path, view.offset(place.position))?;
    Some(vec![call_item(&view, &item)?])
}

pub(crate) fn incoming(snapshot: &Snapshot, item: &CallHierarchyItem) -> Option<Vec<CallHierarchyIncomingCall>> {
    let view = View::new(snapshot, &item.uri)?;
    let items = view.analysis.incoming_calls(&view.path, view.offset(item.selection_range.start));
    Some(
        items
            .iter()
            .filter_map(|item| {
                let from_ranges = item.ranges.iter().filter_map(|place| Some(view.location(place)?.range)).collect();
                Some(CallHierarchyIncomingCall { from: call_item(&view, item)?, from_ranges })
            })
            .collect(),
    )
}

pub(crate) fn outgoing(snapshot: &Snapshot, item: &CallHierarchyItem) -> Option<Vec<CallHierarchyOutgoingCall>> {
    let view = View::new(snapshot, &item.uri)?;
    let items = view.analysis.outgoing_calls(&view.path, view.offset(item.selection_range.start));
    Some(
        items
            .iter()
            .filter_map(|item| {
                let from_ranges = item.ranges.iter().filter_map(|place| Some(view.location(place)?.range)).collect();
                Some(CallHierarchyOutgoingCall { to: call_item(&view, item)?, from_ranges })
            })
            .collect(),
    )
}
