//! The structure of a document: symbols, folds, selections, links, lenses.

use mlflow_compiler::ide::{DefinitionKind, FoldKind, Symbol};
use serde_json::json;
use tower_lsp::lsp_types::{
    CodeLens, CodeLensParams, Command, DocumentLink, DocumentLinkParams, DocumentSymbol, DocumentSymbolParams,
    DocumentSymbolResponse, FoldingRange, FoldingRangeKind, FoldingRangeParams, SelectionRange, SelectionRangeParams,
    SymbolKind,
};

use crate::view::View;
use crate::world::Snapshot;

pub(crate) fn symbol_kind(kind: DefinitionKind) -> SymbolKind {
    match kind {
        DefinitionKind::Project => SymbolKind::PACKAGE,
        DefinitionKind::Config | DefinitionKind::Parameter => SymbolKind::CONSTANT,
        DefinitionKind::Let | DefinitionKind::Loop | DefinitionKind::Argument => SymbolKind::VARIABLE,
        DefinitionKind::Function => SymbolKind::FUNCTION,
        DefinitionKind::Binding(word) if word.is_step() => SymbolKind::EVENT,
        DefinitionKind::Binding(_) => SymbolKind::OBJECT,
        DefinitionKind::Workflow | DefinitionKind::Machine | DefinitionKind::Pipeline => SymbolKind::MODULE,
        DefinitionKind::Test => SymbolKind::METHOD,
        DefinitionKind::Component | DefinitionKind::Kind => SymbolKind::CLASS,
        DefinitionKind::Schema | DefinitionKind::Type => SymbolKind::STRUCT,
        DefinitionKind::Field | DefinitionKind::Column | DefinitionKind::Output => SymbolKind::FIELD,
        DefinitionKind::Result => SymbolKind::PROPERTY,
        DefinitionKind::Raw => SymbolKind::EVENT,
        DefinitionKind::Control => SymbolKind::OPERATOR,
        DefinitionKind::Import => SymbolKind::NAMESPACE,
    }
}

#[expect(deprecated, reason = "the protocol's own field")]
fn symbol(view: &View, found: &Symbol) -> DocumentSymbol {
    DocumentSymbol {
        name: if found.name.is_empty() { "?".to_owned() } else { found.name.clone() },
        detail: (!found.detail.is_empty()).then(|| found.detail.clone()),
        kind: symbol_kind(found.kind),
        tags: None,
        deprecated: None,
        range: view.range(found.whole.start, found.whole.end),
        selection_range: view.range(found.selection.start, found.selection.end),
        children: (!found.children.is_empty())
            .then(|| found.children.iter().map(|child| symbol(view, child)).collect()),
    }
}

pub(crate) fn symbols(snapshot: &Snapshot, params: &DocumentSymbolParams) -> Option<DocumentSymbolResponse> {
    let view = View::of(snapshot, &params.text_document)?;
    let found = view.analysis.symbols(&view.path);
    Some(DocumentSymbolResponse::Nested(found.iter().map(|one| symbol(&view, one)).collect()))
}

pub(crate) fn folds(snapshot: &Snapshot, params: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let view = View::of(snapshot, &params.text_document)?;
    let folds = view.analysis.folds(&view.path);
    Some(
        folds
            .iter()
            .map(|fold| {
                let range = view.range(fold.place.start, fold.place.end);
                // The line of the closing bracket stays.
                let keeps_last = fold.kind == FoldKind::Block && range.end.line > range.start.line;
                FoldingRange {
                    start_line: range.start.line,
                    start_character: None,
                    end_line: if keeps_last { range.end.line - 1 } else { range.end.line },
                    end_character: None,
                    kind: match fold.kind {
                        FoldKind::Block => None,
                        FoldKind::Comment => Some(FoldingRangeKind::Comment),
                        FoldKind::Imports => Some(FoldingRangeKind::Imports),
                        FoldKind::Region => Some(FoldingRangeKind::Region),
                    },
                    collapsed_text: None,
                }
            })
            .filter(|fold| fold.end_line > fold.start_line)
            .collect(),
    )
}

pub(crate) fn selections(snapshot: &Snapshot, params: &SelectionRangeParams) -> Option<Vec<SelectionRange>> {
    let view = View::of(snapshot, &params.text_document)?;
    let around = |position| {
        let places = view.analysis.enclosing(&view.path, view.offset(position));
        let mut at: Option<SelectionRange> = None;
        for place in places.iter().rev() {
            at = Some(SelectionRange { range: view.range(place.start, place.end), parent: at.map(Box::new) });
        }
        at.unwrap_or(SelectionRange { range: tower_lsp::lsp_types::Range::new(position, position), parent: None })
    };
    Some(params.positions.iter().map(|position| around(*position)).collect())
}

pub(crate) fn links(snapshot: &Snapshot, params: &DocumentLinkParams) -> Option<Vec<DocumentLink>> {
    let view = View::of(snapshot, &params.text_document)?;
    let links = view.analysis.links(&view.path);
    Some(
        links
            .iter()
            .filter_map(|link| {
                Some(DocumentLink {
                    // Without the quotes.
                    range: view.range(link.place.start + 1, link.place.end.max(link.place.start + 2) - 1),
                    target: Some(view.root.url(&link.target)?),
                    tooltip: None,
                    data: None,
                })
            })
            .collect(),
    )
}

pub(crate) fn lenses(snapshot: &Snapshot, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
    let view = View::of(snapshot, &params.text_document)?;
    let lenses = view.analysis.lenses(&view.path);
    Some(
        lenses
            .iter()
            .map(|lens| {
                let range = view.range(lens.place.start, lens.place.end);
                let places: Vec<_> = lens.uses.iter().filter_map(|place| view.location(place)).collect();
                let (command, arguments) = if places.is_empty() {
                    (String::new(), None)
                } else {
                    let arguments = vec![json!(params.text_document.uri), json!(range.start), json!(places)];
                    ("mlflow.showReferences".to_owned(), Some(arguments))
                };
                CodeLens { range, command: Some(Command { title: lens.title.clone(), command, arguments }), data: None }
            })
            .collect(),
    )
}
