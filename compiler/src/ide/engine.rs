//! The state of a workspace from one edit to the next: reads again what was edited, finds out what may depend on it, and
//! has that evaluated. What it says is the same as if everything were read anew; the tests compare. It must not touch a
//! disk: the caller brings texts and a way to read other files.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Analysis;
use super::document::{self, Change, Document, Ids, hash_of};
use crate::compilation::Options;
use crate::diagnostics::Diagnostic;
use crate::evaluate::incremental::{self, Kept, Noted};
use crate::resolve::{Prepared, PreparedFiles, declared_name};
use crate::source::{FileId, ReadFiles};
use crate::syntax::tree::{self, DeclarationKind, ExpressionKind, StringPart};

/// What is analyzed: the texts of all `.mlflow` files of a folder, and the way to all other files.
#[derive(Clone)]
pub struct Workspace {
    pub texts: BTreeMap<String, Arc<str>>,
    pub files: Arc<dyn ReadFiles>,
    /// Counts what changed outside the texts: other files, settings.
    pub outside: u64,
}

/// See the module.
pub struct Engine {
    options: Arc<Options>,
    documents: BTreeMap<String, Arc<Document>>,
    ids: Ids,
    kept: Kept,
    noted: FxHashMap<FileId, Arc<Noted>>,
    found: FxHashMap<FileId, Vec<Diagnostic>>,
    must_be_whole: bool,
    outside: u64,
    /// Files that were asked for and are not among the texts.
    beyond: BTreeMap<String, Arc<Document>>,
    last: Option<Arc<Analysis>>,
}

/// A name of a file, by its hash.
type Touched = FxHashSet<(String, u64)>;

impl Engine {
    pub fn new(options: Options) -> Engine {
        Engine {
            options: Arc::new(options),
            documents: BTreeMap::new(),
            ids: Ids::default(),
            kept: Kept::default(),
            noted: FxHashMap::default(),
            found: FxHashMap::default(),
            must_be_whole: true,
            outside: 0,
            beyond: BTreeMap::new(),
            last: None,
        }
    }

    /// Other settings or facts: nothing that was said before holds.
    pub fn set_options(&mut self, options: Options) {
        self.options = Arc::new(options);
        self.kept = Kept::default();
        self.must_be_whole = true;
        self.last = None;
    }

    /// The state of the workspace.
    pub fn analyze(&mut self, workspace: &Workspace) -> Arc<Analysis> {
        let mut changes: Vec<(String, Change)> = Vec::new();
        let mut whole = std::mem::take(&mut self.must_be_whole) || self.outside != workspace.outside;
        self.outside = workspace.outside;
        if whole {
            for document in std::mem::take(&mut self.beyond).into_values() {
                self.ids.give_back(&document);
            }
        }
        let gone: Vec<String> =
            self.documents.keys().filter(|path| !workspace.texts.contains_key(*path)).cloned().collect();
        for path in gone {
            if let Some(document) = self.documents.remove(&path) {
                self.ids.give_back(&document);
            }
            whole = true;
        }
        for (path, text) in &workspace.texts {
            if let Some(document) = self.beyond.remove(path) {
                self.ids.give_back(&document);
                whole = true;
            }
            let before = self.documents.get(path);
            if before.is_some_and(|before| Arc::ptr_eq(&before.source.text, text) || before.source.text == *text) {
                continue;
            }
            whole |= before.is_none();
            let (document, change) = document::read(path, text, before.map(Arc::as_ref), &mut self.ids);
            self.documents.insert(path.clone(), Arc::new(document));
            changes.push((path.clone(), change));
        }
        if changes.is_empty()
            && !whole
            && let Some(last) = &self.last
        {
            return last.clone();
        }
        whole |=
            changes.iter().any(|(_, change)| change.added.iter().chain(&change.removed).any(|part| shapes(&part.tree)));
        let stale = if whole { None } else { self.stale(&changes) };
        match &stale {
            None => self.kept.forget_all(),
            Some(stale) => {
                let removed: FxHashSet<FileId> =
                    changes.iter().flat_map(|(_, change)| &change.removed).map(|part| part.id).collect();
                self.kept.forget(&|part| stale.contains(&part) || removed.contains(&part));
            }
        }
        let roots: Vec<String> = workspace.texts.keys().cloned().collect();
        let beyond = Beyond {
            documents: &self.documents,
            files: &*workspace.files,
            read: Mutex::new((std::mem::take(&mut self.beyond), &mut self.ids)),
        };
        let evaluated = incremental::evaluate(
            &*workspace.files,
            &beyond,
            &roots,
            &self.options,
            crate::targets::ENGINES,
            std::mem::take(&mut self.kept),
            stale.clone(),
        );
        self.beyond = beyond.read.into_inner().map_or_else(|_| BTreeMap::new(), |(read, _)| read);
        self.must_be_whole = evaluated.has_said;
        self.kept = evaluated.kept;
        self.merge(stale.as_ref(), evaluated.noted, evaluated.found);
        let mut documents = self.documents.clone();
        documents.extend(self.beyond.iter().map(|(path, document)| (path.clone(), document.clone())));
        let analysis = Arc::new(Analysis::new(
            documents,
            evaluated.names,
            evaluated.sources,
            self.noted.clone(),
            self.kept.kinds.clone(),
            evaluated.workflows,
            &self.found,
            self.options.clone(),
            workspace.files.clone(),
        ));
        self.last = Some(analysis.clone());
        analysis
    }

    fn merge(
        &mut self,
        stale: Option<&FxHashSet<FileId>>,
        noted: FxHashMap<FileId, Noted>,
        found: Vec<(FileId, Diagnostic)>,
    ) {
        let live: FxHashSet<FileId> = self
            .documents
            .values()
            .chain(self.beyond.values())
            .flat_map(|document| document.parts.iter().map(|placed| placed.part.id))
            .collect();
        let is_stale = |part: &FileId| stale.is_none_or(|stale| stale.contains(part));
        self.noted.retain(|part, _| live.contains(part) && !is_stale(part));
        self.found.retain(|part, _| live.contains(part) && !is_stale(part));
        #[expect(clippy::iter_over_hash_type, reason = "from one map into another")]
        for (part, values) in noted {
            // What was noted for a part that is not stale comes from being used by one that is.
            self.noted.entry(part).or_insert_with(|| Arc::new(values));
        }
        self.found.remove(&FileId::NONE);
        for (owner, diagnostic) in found {
            if owner == FileId::NONE || is_stale(&owner) {
                self.found.entry(owner).or_default().push(diagnostic);
            }
        }
    }

    /// The parts that an edit may have changed the meaning of; nothing where that cannot be told.
    fn stale(&self, changes: &[(String, Change)]) -> Option<FxHashSet<FileId>> {
        let mut stale: FxHashSet<FileId> = FxHashSet::default();
        let mut touched: Touched = FxHashSet::default();
        for (path, change) in changes {
            stale.extend(change.added.iter().map(|part| part.id));
            for part in change.added.iter().chain(&change.removed) {
                touched.extend(declared(&part.tree).map(|name| (path.clone(), hash_of(&name))));
            }
        }
        let imports: Vec<(&str, Import)> = self
            .documents
            .values()
            .flat_map(|document| imports(document).into_iter().map(|import| (document.path.as_str(), import)))
            .collect();
        loop {
            let before = (stale.len(), touched.len());
            for (path, import) in &imports {
                let hit = match &import.name {
                    Some(name) => touched.contains(&(import.target.clone(), *name)),
                    None => touched.iter().any(|(file, _)| *file == import.target),
                };
                if hit {
                    touched.insert(((*path).to_owned(), import.local));
                }
            }
            for document in self.documents.values() {
                let names: Vec<u64> =
                    touched.iter().filter(|(path, _)| *path == document.path).map(|(_, name)| *name).collect();
                if names.is_empty() {
                    continue;
                }
                for placed in &document.parts {
                    if stale.contains(&placed.part.id) || !names.iter().any(|name| placed.part.has_word(*name)) {
                        continue;
                    }
                    if shapes(&placed.part.tree) && !is_import(&placed.part.tree) {
                        // The project itself.
                        return None;
                    }
                    stale.insert(placed.part.id);
                    touched.extend(declared(&placed.part.tree).map(|name| (document.path.clone(), hash_of(&name))));
                }
            }
            if before == (stale.len(), touched.len()) {
                return Some(stale);
            }
        }
    }
}

fn declared(tree: &tree::File) -> impl Iterator<Item = SmolStr> {
    tree.declarations.iter().filter_map(declared_name).map(|name| name.text.clone())
}

/// Whether a part decides about all others: the project, and what is imported.
fn shapes(tree: &tree::File) -> bool {
    tree.declarations.iter().any(|declaration| match &declaration.kind {
        DeclarationKind::Project { .. } | DeclarationKind::Import { .. } => true,
        DeclarationKind::Setting { name, .. } => name.text == "project",
        DeclarationKind::Field(field) => field.name.text == "project",
        _ => false,
    })
}

fn is_import(tree: &tree::File) -> bool {
    tree.declarations.iter().all(|declaration| matches!(declaration.kind, DeclarationKind::Import { .. }))
}

/// One name that a file takes from another; without a name the whole of it.
struct Import {
    target: String,
    name: Option<u64>,
    local: u64,
}

fn imports(document: &Document) -> Vec<Import> {
    let mut found = Vec::new();
    for declaration in document.parts.iter().flat_map(|placed| &placed.part.tree.declarations) {
        let DeclarationKind::Import { names, whole, path } = &declaration.kind else { continue };
        let Some(target) = import_target(&document.path, path) else { continue };
        if let Some(whole) = whole {
            found.push(Import { target: target.clone(), name: None, local: hash_of(&whole.text) });
        }
        for imported in names {
            let local = imported.alias.as_ref().unwrap_or(&imported.name);
            found.push(Import {
                target: target.clone(),
                name: Some(hash_of(&imported.name.text)),
                local: hash_of(&local.text),
            });
        }
    }
    found
}

/// The path that an import names, from the root.
pub(super) fn import_target(from: &str, path: &tree::Expression) -> Option<String> {
    let ExpressionKind::String(parts) = &*path.kind else { return None };
    let [StringPart::Text(text)] = parts.as_slice() else { return None };
    Some(crate::resolve::join(from, text))
}

/// Files that are imported from beyond the texts of the workspace.
type BeyondRead<'e> = Mutex<(BTreeMap<String, Arc<Document>>, &'e mut Ids)>;

struct Beyond<'e> {
    documents: &'e BTreeMap<String, Arc<Document>>,
    files: &'e dyn ReadFiles,
    read: BeyondRead<'e>,
}

impl PreparedFiles for Beyond<'_> {
    fn prepared(&self, path: &str) -> Option<Arc<Prepared>> {
        if let Some(document) = self.documents.get(path) {
            return Some(document.prepared.clone());
        }
        let mut read = self.read.lock().ok()?;
        if let Some(document) = read.0.get(path) {
            return Some(document.prepared.clone());
        }
        let text = String::from_utf8(self.files.read(path).ok()?).ok()?;
        let (document, _) = document::read(path, &text.into(), None, read.1);
        let prepared = document.prepared.clone();
        read.0.insert(path.to_owned(), Arc::new(document));
        Some(prepared)
    }
}
