//! From a word to what it means, to all that mean the same, and new names for it.

use smol_str::SmolStr;

use super::analysis::{Analysis, Cursor, Place, TextEdit, Word};
use super::document::{Part, hash_of};
use super::engine::import_target;
use super::index::{Definition, DefinitionKind, Reference, Way};
use crate::resolve::Global;
use crate::source::Span;
use crate::syntax::TokenKind;
use crate::syntax::tree::DeclarationKind;
use crate::types::{Class, Data, Type, Value};

/// A place that means the same as another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub place: Place,
    /// Whether it declares what it means.
    pub declares: bool,
}

/// Where something leads: the word it starts from, the name it leads to, and all of what that names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub origin: Place,
    pub name: Place,
    pub whole: Place,
}

/// Why something cannot be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRename {
    NothingHere,
    OfTheLibrary,
    NotAName(String),
}

impl std::fmt::Display for NoRename {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoRename::NothingHere => f.write_str("there is no name here that could be changed"),
            NoRename::OfTheLibrary => f.write_str("this name belongs to the standard library"),
            NoRename::NotAName(name) => write!(f, "`{name}` is not a name: letters, digits and `_`, no digit first"),
        }
    }
}

impl Analysis {
    /// Where the word at an offset is declared.
    pub fn definition(&self, path: &str, offset: u32) -> Option<Link> {
        let cursor = self.cursor(path, offset)?;
        if let Some(link) = self.file_link(&cursor) {
            return Some(link);
        }
        let index = self.index(cursor.part());
        let word = self.word_at(index, cursor.offset)?;
        let target = self.target(cursor.part(), &word)?;
        self.link(word.span(), target)
    }

    fn link(&self, origin: Span, target: Span) -> Option<Link> {
        let whole = match self.part(target.file) {
            Some(part) => {
                let index = self.index(&part);
                index.definitions.iter().find(|d| d.span == target).map(|d| d.whole)
            }
            None => self.declaration_at(target).map(|declaration| declaration.span),
        };
        Some(Link {
            origin: self.place(origin)?,
            name: self.place(target)?,
            whole: self.place(whole.unwrap_or(target))?,
        })
    }

    /// For a name that an import brings: the import; otherwise as the definition.
    pub fn declaration(&self, path: &str, offset: u32) -> Option<Link> {
        let cursor = self.cursor(path, offset)?;
        let index = self.index(cursor.part());
        let word = self.word_at(index, cursor.offset)?;
        if let Word::Reference(Reference {
            way: Way::Name { .. } | Way::Callee | Way::Type { .. }, name, scope, ..
        }) = word
            && index.lookup(*scope, name).is_none()
            && let Some(import) = self.imported_as(&cursor, name)
        {
            return self.link(word.span(), import);
        }
        self.definition(path, offset)
    }

    fn imported_as(&self, cursor: &Cursor<'_>, name: &str) -> Option<Span> {
        cursor.document.parts.iter().find_map(|placed| {
            placed.part.tree.declarations.iter().find_map(|declaration| match &declaration.kind {
                DeclarationKind::Import { names, whole, .. } => {
                    let whole = whole.iter().find(|whole| whole.text == name).map(|whole| whole.span);
                    let local = names.iter().map(|imported| imported.alias.as_ref().unwrap_or(&imported.name));
                    whole.or_else(|| local.into_iter().find(|local| local.text == name).map(|local| local.span))
                }
                _ => None,
            })
        })
    }

    /// A path in an import or a `script` leads to the file.
    fn file_link(&self, cursor: &Cursor<'_>) -> Option<Link> {
        let link = self.links(&cursor.document.path).into_iter().find(|link| {
            let at = cursor.placed.start + cursor.offset;
            link.place.start <= at && at <= link.place.end
        })?;
        let target = Place { path: link.target, start: 0, end: 0 };
        self.documents.contains_key(&target.path).then(|| Link {
            origin: link.place,
            name: target.clone(),
            whole: target,
        })
    }

    /// Where the type of what stands at an offset is declared: a schema, a type, a kind.
    pub fn type_definition(&self, path: &str, offset: u32) -> Option<Link> {
        let cursor = self.cursor(path, offset)?;
        let part = cursor.part();
        let index = self.index(part);
        let word = self.word_at(index, cursor.offset)?;
        let span = self.target(part, &word);
        // A step's type is its kind.
        if let Some(span) = span
            && let Some(other) = self.part(span.file)
        {
            let other_index = self.index(&other);
            if let Some(application) =
                other_index.definitions.iter().find(|d| d.span == span).and_then(|d| d.application)
                && let Some(info) = self.application_kind(&other, &other_index.applications[application])
            {
                return self.link(word.span(), info.kind.span);
            }
        }
        if let Word::Reference(Reference { way: Way::Key { application, path }, name, .. }) = word {
            let mut path = path.clone();
            path.push(name.clone());
            let field = self.field(part, &index.applications[*application], &path)?;
            return self.link(word.span(), self.type_span(cursor.part(), &field.type_)?);
        }
        let value = self.value_of_word(part, &word).or_else(|| self.value(span?))?;
        let type_ = type_of(value);
        self.link(word.span(), self.type_span(part, &type_)?)
    }

    /// What the expression that a word ends came to.
    pub(super) fn value_of_word(&self, part: &Part, word: &Word<'_>) -> Option<&Value> {
        let span = word.span();
        if let Some(value) = self.value(span) {
            return Some(value);
        }
        // A member: the expression starts with its base.
        if let Word::Reference(Reference { way: Way::Member { base }, .. }) = word {
            return self.value(Span { start: base.span.start, end: span.end, file: part.id });
        }
        None
    }

    fn type_span(&self, part: &Part, type_: &Type) -> Option<Span> {
        let name = match type_.required() {
            Type::Record(record) => record.name.clone()?,
            Type::Table { schema: Some(record), .. } | Type::Stream(Some(record)) | Type::Report(Some(record)) => {
                record.name.clone()?
            }
            Type::Model { input: Some(record), .. } => record.name.clone()?,
            Type::List(inner) | Type::Map(inner) | Type::Outputs(inner) => return self.type_span(part, inner),
            Type::Kind(name) | Type::Resource(name) => name.clone(),
            _ => return None,
        };
        self.name_span(self.names.find(part.id, &name)?)
    }

    /// All that means what the word at an offset means, in order of files and places.
    pub fn references(&self, path: &str, offset: u32, with_declaration: bool) -> Vec<Use> {
        let found = || {
            let cursor = self.cursor(path, offset)?;
            let index = self.index(cursor.part());
            let word = self.word_at(index, cursor.offset)?;
            Some((self.target(cursor.part(), &word)?, word.name().clone()))
        };
        let Some((target, name)) = found() else { return Vec::new() };
        let mut uses = self.uses(target, &name);
        uses.retain(|one| with_declaration || !one.declares);
        uses
    }

    /// Uses of what is named at a span.
    pub(super) fn uses(&self, target: Span, name: &str) -> Vec<Use> {
        let mut uses: Vec<Use> = Vec::new();
        if let Some(place) = self.place(target) {
            uses.push(Use { place, declares: true });
        }
        for (part, reference) in self.references_to(target, name) {
            debug_assert!(part == reference.span.file);
            if let Some(place) = self.place(reference.span) {
                uses.push(Use { place, declares: false });
            }
        }
        uses.sort();
        uses.dedup_by(|a, b| a.place == b.place);
        uses
    }

    fn references_to(&self, target: Span, name: &str) -> Vec<(crate::source::FileId, Reference)> {
        // By whatever other name an import gives it.
        let mut names: Vec<SmolStr> = vec![name.into()];
        for placed in self.documents.values().flat_map(|document| &document.parts) {
            for declaration in &placed.part.tree.declarations {
                let DeclarationKind::Import { names: imported, .. } = &declaration.kind else { continue };
                for one in imported.iter().filter(|one| one.name.text == name) {
                    names.extend(one.alias.iter().map(|alias| alias.text.clone()));
                }
            }
        }
        let hashes: Vec<u64> = names.iter().map(|name| hash_of(name)).collect();
        let mut found = Vec::new();
        for placed in self.documents.values().flat_map(|document| &document.parts) {
            if !hashes.iter().any(|hash| placed.part.has_word(*hash)) {
                continue;
            }
            let index = self.index(&placed.part);
            for reference in index.references.iter().filter(|reference| names.contains(&reference.name)) {
                if self.resolve(&placed.part, reference) == Some(target) {
                    found.push((placed.part.id, reference.clone()));
                }
            }
        }
        found
    }

    /// The uses of the word at an offset within its file.
    pub fn highlights(&self, path: &str, offset: u32) -> Vec<Use> {
        let mut uses = self.references(path, offset, true);
        uses.retain(|one| one.place.path == path);
        uses
    }

    /// For a kind or component: where it is applied. For a schema or type: where it is used.
    pub fn implementations(&self, path: &str, offset: u32) -> Vec<Link> {
        let found = || {
            let cursor = self.cursor(path, offset)?;
            let index = self.index(cursor.part());
            let word = self.word_at(index, cursor.offset)?;
            let target = self.target(cursor.part(), &word)?;
            let mut links = Vec::new();
            for (id, reference) in self.references_to(target, word.name()) {
                if !matches!(reference.way, Way::Callee | Way::Base | Way::Type { .. }) {
                    continue;
                }
                let part = self.part(id)?;
                let index = self.index(&part);
                let holder = index
                    .definitions
                    .iter()
                    .filter(|d| d.whole.contains(reference.span.start) && d.kind != DefinitionKind::Control)
                    .min_by_key(|d| d.whole.end - d.whole.start);
                let to = holder.map_or(reference.span, |holder| holder.span);
                links.push(self.link(word.span(), to)?);
            }
            Some(links)
        };
        let mut links: Vec<Link> = found().unwrap_or_default();
        links.sort_by(|a, b| a.name.cmp(&b.name));
        links
    }

    /// The name that would be changed by a renaming at an offset.
    pub fn prepare_rename(&self, path: &str, offset: u32) -> Result<Place, NoRename> {
        let cursor = self.cursor(path, offset).ok_or(NoRename::NothingHere)?;
        let index = self.index(cursor.part());
        let word = self.word_at(index, cursor.offset).ok_or(NoRename::NothingHere)?;
        let target = self.target(cursor.part(), &word).ok_or(NoRename::NothingHere)?;
        if target.file.is_library() {
            return Err(NoRename::OfTheLibrary);
        }
        self.place(inner(word.span(), &self.source_text(word.span()))).ok_or(NoRename::NothingHere)
    }

    /// The edits that give the word at an offset another name, wherever it is used.
    pub fn rename(&self, path: &str, offset: u32, name: &str) -> Result<Vec<TextEdit>, NoRename> {
        self.prepare_rename(path, offset)?;
        if !is_name(name) {
            return Err(NoRename::NotAName(name.to_owned()));
        }
        let cursor = self.cursor(path, offset).ok_or(NoRename::NothingHere)?;
        let index = self.index(cursor.part());
        let word = self.word_at(index, cursor.offset).ok_or(NoRename::NothingHere)?;
        let target = self.target(cursor.part(), &word).ok_or(NoRename::NothingHere)?;
        let old = self.source_text(inner(target, &self.source_text(target)));
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut push = |span: Span, text: String| {
            if let Some(place) = self.place(span) {
                edits.push(TextEdit { place, text });
            }
        };
        push(inner(target, &self.source_text(target)), name.to_owned());
        for (_, reference) in self.references_to(target, &old) {
            let written = self.source_text(reference.span);
            // An alias of an import stays what it is; only the imported name changes.
            if written.trim_matches('"') != old {
                continue;
            }
            match &reference.way {
                Way::Name { shorthand: true } => push(reference.span, format!("{old} = {name}")),
                _ => push(inner(reference.span, &written), name.to_owned()),
            }
        }
        // A shorthand is also a key: where the key is what gets the new name, the value keeps the old one.
        edits.sort();
        edits.dedup();
        Ok(edits)
    }

    /// The edits that make imports follow files that get other paths.
    pub fn rename_files(&self, moved: &[(String, String)]) -> Vec<TextEdit> {
        let to = |path: &str| moved.iter().find(|(from, _)| from == path).map(|(_, to)| to.clone());
        let mut edits = Vec::new();
        for document in self.documents.values() {
            let own = to(&document.path);
            for link in self.links(&document.path) {
                let target = to(&link.target);
                if own.is_none() && target.is_none() {
                    continue;
                }
                let from = own.clone().unwrap_or_else(|| document.path.clone());
                let target = target.unwrap_or_else(|| link.target.clone());
                let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
                let mut written = crate::source::relative(folder, &target);
                if link.is_import && !written.starts_with("../") {
                    written = format!("./{written}");
                }
                let quoted = format!("\"{written}\"");
                let old = document.text().get(link.place.start as usize..link.place.end as usize);
                if old != Some(quoted.as_str()) {
                    edits.push(TextEdit { place: link.place, text: quoted });
                }
            }
        }
        edits
    }

    /// The files that texts of a file name: imports, scripts.
    pub fn links(&self, path: &str) -> Vec<FileLink> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let mut links = Vec::new();
        for placed in &document.parts {
            for declaration in &placed.part.tree.declarations {
                if let DeclarationKind::Import { path: written, .. } = &declaration.kind
                    && let Some(target) = import_target(path, written)
                    && let Some(place) = self.place(written.span)
                    && (self.documents.contains_key(&target) || self.files.kind(&target).is_some())
                {
                    links.push(FileLink { place, target, is_import: true });
                }
            }
            // Only texts with a dot or slash can name a file; asking the disk about others would be for nothing.
            for token in crate::syntax::tokens(placed.part.text()) {
                let written = token.text(placed.part.text());
                if token.kind != TokenKind::Text || !written.contains(['/', '.']) || written.contains("${") {
                    continue;
                }
                let inner = written.trim_matches('"');
                if inner.contains("://") || inner.contains(['\n', ' ', '\\', '"']) || inner.is_empty() {
                    continue;
                }
                let span = Span::new(placed.part.id, token.start, token.end);
                if !self.is_file_field(&placed.part, span) {
                    continue;
                }
                let target = crate::resolve::join(path, inner);
                if let Some(place) = self.place(span)
                    && self.files.kind(&target) == Some(crate::source::PathKind::File)
                {
                    links.push(FileLink { place, target, is_import: false });
                }
            }
        }
        links
    }

    fn is_file_field(&self, part: &Part, span: Span) -> bool {
        match self.value(span) {
            Some(Value { data: Data::Object(object), .. }) => object.class == Class::File,
            _ => {
                let index = self.index(part);
                index.references.iter().any(|reference| match &reference.way {
                    Way::Key { application, path } if reference.span.end < span.start => {
                        let between = part.text().get(reference.span.end as usize..span.start as usize);
                        if between.is_none_or(|between| !matches!(between.trim(), "=" | "")) {
                            return false;
                        }
                        let mut path = path.clone();
                        path.push(reference.name.clone());
                        self.field(part, &index.applications[*application], &path)
                            .is_some_and(|field| matches!(field.type_.required(), Type::File))
                    }
                    _ => false,
                })
            }
        }
    }

    /// The namespace files that a name stands for.
    pub(super) fn namespace(&self, file: crate::source::FileId, name: &str) -> Option<crate::source::FileId> {
        match self.names.find(file, name)? {
            Global::Namespace(file) => Some(file),
            Global::Declaration(..) => None,
        }
    }

    pub(super) fn definition_at(&self, span: Span) -> Option<(std::sync::Arc<Part>, Definition)> {
        let part = self.part(span.file)?;
        let found = self.index(&part).definitions.iter().find(|d| d.span == span).cloned()?;
        Some((part, found))
    }
}

/// A text that names a file, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    pub place: Place,
    pub target: String,
    pub is_import: bool,
}

/// A quoted name without its quotes.
fn inner(span: Span, written: &str) -> Span {
    if written.len() > 1 && written.starts_with('"') && written.ends_with('"') {
        return Span { start: span.start + 1, end: span.end - 1, ..span };
    }
    span
}

pub(super) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        && !matches!(text, "and" | "or" | "not" | "in" | "if" | "then" | "else" | "true" | "false" | "none" | "null")
}

/// The type of a value, for showing.
pub(super) fn type_of(value: &Value) -> Type {
    crate::evaluate::type_of_value(value)
}
