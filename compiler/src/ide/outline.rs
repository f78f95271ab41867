//! The structure of a file: symbols, folds, what encloses a place, what calls what.

use super::analysis::{Analysis, Place, Word};
use super::index::{DefinitionKind, Way};
use crate::diagnostics::list_of;
use crate::source::Span;
use crate::syntax::{TokenKind, tokens};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    pub kind: DefinitionKind,
    pub detail: String,
    pub whole: Place,
    pub selection: Place,
    pub children: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    Block,
    Comment,
    Imports,
    Region,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    pub place: Place,
    pub kind: FoldKind,
}

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    pub place: Place,
    pub title: String,
    /// The places it leads to; none where there is nothing to lead to.
    pub uses: Vec<Place>,
}

/// A step, component or kind that uses others or is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallItem {
    pub name: String,
    pub detail: String,
    pub kind: DefinitionKind,
    pub whole: Place,
    pub selection: Place,
    /// Where it calls or is called.
    pub ranges: Vec<Place>,
}

impl Analysis {
    /// The outline of a file.
    pub fn symbols(&self, path: &str) -> Vec<Symbol> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let mut out = Vec::new();
        for placed in &document.parts {
            let index = self.index(&placed.part);
            let mut children: Vec<Vec<usize>> = vec![Vec::new(); index.definitions.len()];
            let mut tops = Vec::new();
            for (id, definition) in index.definitions.iter().enumerate() {
                let is_hidden =
                    matches!(definition.kind, DefinitionKind::Loop | DefinitionKind::Argument | DefinitionKind::Import)
                        || definition.name.starts_with('\u{1}');
                if is_hidden {
                    continue;
                }
                match definition.parent {
                    Some(parent) => children[parent].push(id),
                    None => tops.push(id),
                }
            }
            out.extend(tops.into_iter().filter_map(|id| self.symbol(index, id, &children)));
        }
        out
    }

    fn symbol(&self, index: &super::index::Index, id: usize, children: &[Vec<usize>]) -> Option<Symbol> {
        let definition = &index.definitions[id];
        let detail = match (definition.kind, definition.application) {
            (DefinitionKind::Binding(word), Some(application)) => {
                let callee = match &index.applications[application].callee {
                    super::index::Callee::Written(callee) => self.source_text(callee.span),
                    super::index::Callee::Known(_) => String::new(),
                };
                format!("{} · {callee}", word.word())
            }
            (DefinitionKind::Binding(word), None) => word.word().to_owned(),
            (DefinitionKind::Control, _) => {
                let text = self.source_text(definition.whole);
                text.lines()
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches('{')
                    .trim()
                    .chars()
                    .skip(definition.name.len())
                    .take(60)
                    .collect::<String>()
                    .trim()
                    .to_owned()
            }
            _ => String::new(),
        };
        let mut whole = self.place(definition.whole)?;
        let selection = self.place(definition.span)?;
        whole.start = whole.start.min(selection.start);
        whole.end = whole.end.max(selection.end);
        Some(Symbol {
            name: definition.name.to_string(),
            kind: definition.kind,
            detail,
            whole,
            selection,
            children: children[id].iter().filter_map(|child| self.symbol(index, *child, children)).collect(),
        })
    }

    /// Declarations of the workspace whose names hold the letters of a query.
    pub fn workspace_symbols(&self, query: &str) -> Vec<(Symbol, String)> {
        fn collect(symbol: &Symbol, container: &str, query: &str, out: &mut Vec<(Symbol, String)>) {
            let mut letters = symbol.name.to_lowercase().chars().collect::<Vec<_>>().into_iter();
            let matches = query.chars().all(|wanted| letters.any(|letter| letter == wanted));
            if matches && symbol.kind != DefinitionKind::Control {
                out.push((Symbol { children: Vec::new(), ..symbol.clone() }, container.to_owned()));
            }
            symbol.children.iter().for_each(|child| collect(child, &symbol.name, query, out));
        }
        let query = query.to_lowercase();
        let mut out = Vec::new();
        for path in self.documents.keys() {
            self.symbols(path).iter().for_each(|symbol| collect(symbol, path, &query, &mut out));
        }
        out
    }

    /// What can be folded.
    pub fn folds(&self, path: &str) -> Vec<Fold> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let text = document.text();
        let list = tokens(text);
        let mut folds = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut regions: Vec<usize> = Vec::new();
        let place = |start: usize, end: usize| Place { path: path.to_owned(), start: start as u32, end: end as u32 };
        let crosses = |start: usize, end: usize| text[start..end].contains('\n');
        let mut comments: Option<(usize, usize)> = None;
        let mut imports: Option<(usize, usize)> = None;
        let close_comments = |comments: &mut Option<(usize, usize)>, folds: &mut Vec<Fold>| {
            if let Some((start, end)) = comments.take()
                && crosses(start, end)
            {
                folds.push(Fold { place: place(start, end), kind: FoldKind::Comment });
            }
        };
        for (index, token) in list.iter().enumerate() {
            let starts_line = index == 0 || list[index - 1].kind == TokenKind::Newline;
            match token.kind {
                TokenKind::Comment => {
                    let words = token.text(text).trim_start_matches('/').trim();
                    if words.starts_with("#region") || words.starts_with("region:") {
                        regions.push(token.start);
                    } else if (words.starts_with("#endregion") || words.starts_with("endregion"))
                        && let Some(start) = regions.pop()
                    {
                        folds.push(Fold { place: place(start, token.end), kind: FoldKind::Region });
                    } else if starts_line {
                        comments = Some((comments.map_or(token.start, |(start, _)| start), token.end));
                    }
                    continue;
                }
                TokenKind::Newline => {
                    // A blank line ends a block of comments.
                    if starts_line {
                        close_comments(&mut comments, &mut folds);
                    }
                    continue;
                }
                TokenKind::Open => open.push(token.start),
                TokenKind::Close => {
                    if let Some(start) = open.pop()
                        && crosses(start, token.end)
                    {
                        folds.push(Fold { place: place(start, token.end), kind: FoldKind::Block });
                    }
                }
                TokenKind::Text if crosses(token.start, token.end) => {
                    folds.push(Fold { place: place(token.start, token.end), kind: FoldKind::Block });
                }
                TokenKind::Word if starts_line && open.is_empty() && token.text(text) == "import" => {
                    let end = text[token.start..].find('\n').map_or(text.len(), |length| token.start + length);
                    imports = Some((imports.map_or(token.start, |(start, _)| start), end));
                }
                _ => {}
            }
            close_comments(&mut comments, &mut folds);
        }
        close_comments(&mut comments, &mut folds);
        if let Some((start, end)) = imports
            && crosses(start, end)
        {
            folds.push(Fold { place: place(start, end), kind: FoldKind::Imports });
        }
        folds.sort_by_key(|fold| (fold.place.start, fold.place.end));
        folds
    }

    /// What encloses an offset, from the innermost out.
    pub fn enclosing(&self, path: &str, offset: u32) -> Vec<Place> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let Some(cursor) = self.cursor(path, offset) else { return Vec::new() };
        let text = cursor.part().text();
        let base = cursor.placed.start;
        let at = cursor.offset as usize;
        let list = tokens(text);
        let mut ranges: Vec<(usize, usize)> = vec![];
        let mut open: Vec<usize> = Vec::new();
        for token in &list {
            if token.start <= at && at <= token.end && !matches!(token.kind, TokenKind::Newline) {
                ranges.push((token.start, token.end));
                if token.kind == TokenKind::Text && token.end - token.start >= 2 && token.start < at && at < token.end {
                    ranges.push((token.start + 1, token.end - 1));
                }
            }
            match token.kind {
                TokenKind::Open => open.push(token.start),
                TokenKind::Close => {
                    if let Some(start) = open.pop()
                        && start <= at
                        && at <= token.end
                    {
                        ranges.push((start, token.end));
                        if start < at && at < token.end {
                            ranges.push((start + 1, token.start));
                        }
                    }
                }
                _ => {}
            }
        }
        let index = self.index(cursor.part());
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        ranges.push((line_start, line_end));
        let definitions = index.definitions.iter().map(|definition| definition.whole);
        let applications = index.applications.iter().map(|application| application.span);
        for span in definitions.chain(applications) {
            if span.contains(cursor.offset) {
                ranges.push((span.start as usize, span.end as usize));
            }
        }
        ranges.push((0, text.len()));
        let mut places: Vec<Place> = ranges
            .into_iter()
            .filter(|(start, end)| start <= &at && &at <= end)
            .map(|(start, end)| Place { path: path.to_owned(), start: base + start as u32, end: base + end as u32 })
            .collect();
        places.push(Place { path: path.to_owned(), start: 0, end: document.text().len() as u32 });
        places.sort_by_key(|place| (place.end - place.start, place.start));
        // Each must hold the one before it.
        let mut kept: Vec<Place> = Vec::new();
        for place in places {
            let fits =
                kept.last().is_none_or(|last| place.start <= last.start && last.end <= place.end && place != *last);
            if fits {
                kept.push(place);
            }
        }
        kept
    }

    /// What is said above declarations: who uses a step, which engine runs a workflow.
    pub fn lenses(&self, path: &str) -> Vec<Lens> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let mut lenses = Vec::new();
        for placed in &document.parts {
            let index = self.index(&placed.part);
            for definition in &index.definitions {
                let Some(place) = self.place(definition.span) else { continue };
                match definition.kind {
                    DefinitionKind::Workflow | DefinitionKind::Pipeline => {
                        let plans = self.workflows.get(&placed.part.id);
                        let plan = plans.and_then(|plans| plans.iter().find(|plan| plan.name == definition.name));
                        if let Some(plan) = plan {
                            let steps = if plan.raw.is_some() {
                                String::new()
                            } else {
                                format!(", {} nodes", plan.nodes.len())
                            };
                            let title = format!("engine: {}{steps}", plan.engine);
                            lenses.push(Lens { place, title, uses: Vec::new() });
                        }
                    }
                    DefinitionKind::Binding(word) if word.is_step() => {
                        let uses = self.uses(definition.span, &definition.name);
                        let users = self.users(&uses, definition.span);
                        let places: Vec<Place> =
                            uses.into_iter().filter(|one| !one.declares).map(|one| one.place).collect();
                        let title = if users.is_empty() {
                            "used by nothing".to_owned()
                        } else {
                            format!("used by {}", list_of(users.iter().map(String::as_str)).replace('`', ""))
                        };
                        lenses.push(Lens { place, title, uses: places });
                    }
                    DefinitionKind::Kind
                    | DefinitionKind::Component
                    | DefinitionKind::Schema
                    | DefinitionKind::Function => {
                        let uses = self.uses(definition.span, &definition.name);
                        let places: Vec<Place> =
                            uses.into_iter().filter(|one| !one.declares).map(|one| one.place).collect();
                        let title = match places.len() {
                            1 => "1 reference".to_owned(),
                            count => format!("{count} references"),
                        };
                        lenses.push(Lens { place, title, uses: places });
                    }
                    _ => {}
                }
            }
        }
        lenses
    }

    /// The steps and conditions that stand around some uses.
    fn users(&self, uses: &[super::Use], own: Span) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for one in uses.iter().filter(|one| !one.declares) {
            let Some(holder) = self.holder(&one.place) else { continue };
            if holder.1 != own && !names.contains(&holder.0.name) {
                names.push(holder.0.name);
            }
        }
        names
    }

    /// The innermost declaration with a part in what runs around a place.
    fn holder(&self, place: &Place) -> Option<(CallItem, Span)> {
        let cursor = self.cursor(&place.path, place.start)?;
        let index = self.index(cursor.part());
        let found = index
            .definitions
            .iter()
            .filter(|definition| definition.whole.contains(cursor.offset))
            .filter(|definition| {
                matches!(
                    definition.kind,
                    DefinitionKind::Binding(_)
                        | DefinitionKind::Workflow
                        | DefinitionKind::Component
                        | DefinitionKind::Kind
                        | DefinitionKind::Control
                        | DefinitionKind::Let
                        | DefinitionKind::Function
                        | DefinitionKind::Output
                )
            })
            .min_by_key(|definition| definition.whole.end - definition.whole.start)?;
        Some((self.call_item(found)?, found.span))
    }

    fn call_item(&self, definition: &super::index::Definition) -> Option<CallItem> {
        Some(CallItem {
            name: definition.name.to_string(),
            detail: self.place(definition.span)?.path,
            kind: definition.kind,
            whole: self.place(definition.whole)?,
            selection: self.place(definition.span)?,
            ranges: Vec::new(),
        })
    }

    /// The item at an offset, to ask what it uses and what uses it.
    pub fn call_item_at(&self, path: &str, offset: u32) -> Option<CallItem> {
        let cursor = self.cursor(path, offset)?;
        let index = self.index(cursor.part());
        let word = self.word_at(index, cursor.offset)?;
        let target = self.target(cursor.part(), &word)?;
        let (_, definition) = self.definition_at(target)?;
        let is_callable = matches!(
            definition.kind,
            DefinitionKind::Binding(_)
                | DefinitionKind::Workflow
                | DefinitionKind::Component
                | DefinitionKind::Kind
                | DefinitionKind::Function
        );
        if is_callable { self.call_item(&definition) } else { None }
    }

    /// What uses the item whose name stands at an offset.
    pub fn incoming_calls(&self, path: &str, offset: u32) -> Vec<CallItem> {
        let mut items: Vec<CallItem> = Vec::new();
        for one in self.references(path, offset, false) {
            let Some((item, _)) = self.holder(&one.place) else { continue };
            match items.iter_mut().find(|other| other.selection == item.selection) {
                Some(known) => known.ranges.push(one.place),
                None => items.push(CallItem { ranges: vec![one.place], ..item }),
            }
        }
        items
    }

    /// What the item whose name stands at an offset uses.
    pub fn outgoing_calls(&self, path: &str, offset: u32) -> Vec<CallItem> {
        let found = || {
            let cursor = self.cursor(path, offset)?;
            let index = self.index(cursor.part());
            let word = self.word_at(index, cursor.offset)?;
            let target = self.target(cursor.part(), &word)?;
            let (part, definition) = self.definition_at(target)?;
            let index = self.index(&part);
            let mut items: Vec<CallItem> = Vec::new();
            for reference in index.references.iter().filter(|reference| definition.whole.contains(reference.span.start))
            {
                if !matches!(reference.way, Way::Name { .. } | Way::Callee | Way::Base) {
                    continue;
                }
                let Some(target) = self.resolve(&part, reference) else { continue };
                let Some((_, used)) = self.definition_at(target) else { continue };
                let is_callable = matches!(
                    used.kind,
                    DefinitionKind::Binding(_)
                        | DefinitionKind::Component
                        | DefinitionKind::Kind
                        | DefinitionKind::Function
                );
                if !is_callable || used.span == definition.span {
                    continue;
                }
                let Some(place) = self.place(reference.span) else { continue };
                let Some(item) = self.call_item(&used) else { continue };
                match items.iter_mut().find(|other| other.selection == item.selection) {
                    Some(known) => known.ranges.push(place),
                    None => items.push(CallItem { ranges: vec![place], ..item }),
                }
            }
            Some(items)
        };
        found().unwrap_or_default()
    }

    /// All places of the same name that change together while one is typed: none but a definition and its uses in one
    /// declaration.
    pub fn linked(&self, path: &str, offset: u32) -> Vec<Place> {
        let is_local = || {
            let cursor = self.cursor(path, offset)?;
            let index = self.index(cursor.part());
            let word = self.word_at(index, cursor.offset)?;
            let target = self.target(cursor.part(), &word)?;
            let (_, definition) = self.definition_at(target)?;
            let same_part = target.file == cursor.part().id;
            let simple = matches!(word, Word::Definition(_))
                || matches!(word, Word::Reference(r) if matches!(r.way, Way::Name { shorthand: false }));
            (same_part && simple && matches!(definition.kind, DefinitionKind::Loop | DefinitionKind::Argument))
                .then_some(())
        };
        if is_local().is_none() {
            return Vec::new();
        }
        self.references(path, offset, true).into_iter().map(|one| one.place).collect()
    }
}
