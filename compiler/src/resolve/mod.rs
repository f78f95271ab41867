//! Files and the names they declare: reads roots and what they import, finds what a name stands for. It must not
//! evaluate anything.

mod library;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::source::{FileId, ReadError, ReadFiles, SourceFile, Sources, Span};
use crate::syntax;
use crate::syntax::tree::{self, Declaration, DeclarationKind, ExpressionKind, Name, StringPart};

/// What a name at file level stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Global {
    /// The declaration with an index in a module.
    Declaration(FileId, u32),
    /// Another file as a whole: `import "./x.mlflow" as x`.
    Namespace(FileId),
}

/// A file that was read before, in parts that keep their ids as long as their texts stay the same.
#[derive(Debug)]
pub struct Prepared {
    pub file: Arc<SourceFile>,
    pub parts: Vec<PreparedPart>,
}

/// Some declarations of a file. Its findings are kept by whoever read it.
#[derive(Clone, Debug)]
pub struct PreparedPart {
    pub id: FileId,
    pub source: Arc<SourceFile>,
    pub tree: Arc<tree::File>,
}

/// Gives files that need not be read again.
pub trait PreparedFiles {
    fn prepared(&self, path: &str) -> Option<Arc<Prepared>>;
}

/// One file with its names.
#[derive(Clone, Debug)]
pub struct Module {
    pub id: FileId,
    pub tree: Arc<tree::File>,
    /// Names declared or imported, with the place of each.
    names: FxHashMap<SmolStr, (Global, Span)>,
    /// Files it imports, in order.
    imports: Vec<FileId>,
    /// For a file that is read in parts: these, which hold its trees.
    parts: Vec<FileId>,
}

/// All files that were read.
pub struct Modules<'a> {
    files: &'a dyn ReadFiles,
    pub sources: Sources,
    modules: FxHashMap<FileId, Module>,
    by_path: FxHashMap<String, FileId>,
    /// Names that were looked up in the standard library.
    library_names: FxHashMap<SmolStr, Option<Global>>,
    pub diagnostics: Diagnostics,
    prepared: Option<&'a dyn PreparedFiles>,
    /// For each part of a file: the file.
    homes: FxHashMap<FileId, FileId>,
}

/// The names of all files, for look-ups after a compilation.
#[derive(Clone, Debug, Default)]
pub struct Names {
    modules: FxHashMap<FileId, Module>,
    homes: FxHashMap<FileId, FileId>,
    by_path: FxHashMap<String, FileId>,
}

impl Names {
    /// What a name stands for in a file, and where that is entered there. The standard library's come last.
    pub fn find(&self, file: FileId, name: &str) -> Option<Global> {
        let home = self.homes.get(&file).copied().unwrap_or(file);
        let own = self.modules.get(&home).and_then(|module| module.names.get(name)).map(|(global, _)| *global);
        own.or_else(|| library_global(name))
    }

    /// A name that another file declares.
    pub fn member(&self, file: FileId, name: &str) -> Option<Global> {
        let (global, _) = self.modules.get(&file)?.names.get(name)?;
        match global {
            Global::Declaration(part, _) if self.homes.get(part).copied().unwrap_or(*part) == file => Some(*global),
            _ => None,
        }
    }

    /// The names that a file declares or imports, sorted.
    pub fn own(&self, file: FileId) -> Vec<(SmolStr, Global)> {
        let home = self.homes.get(&file).copied().unwrap_or(file);
        let Some(module) = self.modules.get(&home) else { return Vec::new() };
        let mut names: Vec<(SmolStr, Global)> =
            module.names.iter().map(|(name, (global, _))| (name.clone(), *global)).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        names
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// The file that a part belongs to; a file itself.
    pub fn home(&self, id: FileId) -> FileId {
        self.homes.get(&id).copied().unwrap_or(id)
    }

    /// The tree that holds a declaration, and its place there.
    pub fn declaration(&self, global: Global) -> Option<(Arc<tree::File>, usize)> {
        match global {
            Global::Declaration(id, index) if id.is_library() => {
                library::of_id(id).map(|(_, tree)| (tree, index as usize))
            }
            Global::Declaration(id, index) => self.modules.get(&id).map(|module| (module.tree.clone(), index as usize)),
            Global::Namespace(_) => None,
        }
    }
}

/// What a name of the standard library stands for.
pub fn library_global(name: &str) -> Option<Global> {
    let index = library::file_of(name)?;
    let (_, tree) = library::read(index, &mut Diagnostics::default());
    let place = tree
        .declarations
        .iter()
        .position(|declaration| declared_name(declaration).is_some_and(|declared| declared.text == name))?;
    Some(Global::Declaration(FileId::library(index), place as u32))
}

/// A file of the standard library by its id.
pub fn library_file(id: FileId) -> Option<(Arc<SourceFile>, Arc<tree::File>)> {
    library::of_id(id)
}

/// The id of a file of the standard library by its path.
pub fn library_id(path: &str) -> Option<FileId> {
    library::files().position(|(other, _)| other == path).map(FileId::library)
}

impl<'a> Modules<'a> {
    pub fn new(files: &'a dyn ReadFiles) -> Modules<'a> {
        Modules {
            files,
            sources: Sources::default(),
            modules: FxHashMap::default(),
            by_path: FxHashMap::default(),
            library_names: FxHashMap::default(),
            diagnostics: Diagnostics::default(),
            prepared: None,
            homes: FxHashMap::default(),
        }
    }

    /// Files that `prepared` has are taken from there.
    pub fn with_prepared(files: &'a dyn ReadFiles, prepared: &'a dyn PreparedFiles) -> Modules<'a> {
        Modules { prepared: Some(prepared), ..Modules::new(files) }
    }

    /// The names of all files that were read.
    pub fn into_names(self) -> (Names, Sources, Diagnostics) {
        (Names { modules: self.modules, homes: self.homes, by_path: self.by_path }, self.sources, self.diagnostics)
    }

    /// The file that a part belongs to; a file itself.
    fn home(&self, id: FileId) -> FileId {
        if self.homes.is_empty() { id } else { self.homes.get(&id).copied().unwrap_or(id) }
    }

    /// The trees of a file, each with the id that its declarations are known by.
    pub fn trees_of(&self, id: FileId) -> Vec<(FileId, Arc<tree::File>)> {
        let Some(module) = self.modules.get(&id) else { return Vec::new() };
        if module.parts.is_empty() {
            return vec![(id, module.tree.clone())];
        }
        module.parts.iter().filter_map(|part| Some((*part, self.modules.get(part)?.tree.clone()))).collect()
    }

    fn load_prepared(&mut self, path: &str, prepared: &Prepared, open: &mut Vec<FileId>) -> FileId {
        let id = self.sources.add_shared(prepared.file.clone());
        self.by_path.insert(path.to_owned(), id);
        let parts = prepared.parts.iter().map(|part| part.id).collect();
        let tree = Arc::new(tree::File::default());
        let (names, imports) = (FxHashMap::default(), Vec::new());
        self.modules.insert(id, Module { id, tree, names, imports, parts });
        for part in &prepared.parts {
            self.sources.add_part(part.id, part.source.clone());
            self.homes.insert(part.id, id);
            let (names, imports, parts) = (FxHashMap::default(), Vec::new(), Vec::new());
            self.modules.insert(part.id, Module { id: part.id, tree: part.tree.clone(), names, imports, parts });
        }
        self.declare(id);
        open.push(id);
        for part in &prepared.parts {
            self.import(id, path, &part.tree, open);
        }
        open.pop();
        id
    }

    /// Reads a root and all it imports. `None` where it cannot be read; that has a finding then.
    pub fn load_root(&mut self, path: &str) -> Option<FileId> {
        self.load(path, None, &mut Vec::new())
    }

    fn load(&mut self, path: &str, asked: Option<Span>, open: &mut Vec<FileId>) -> Option<FileId> {
        if let Some(id) = self.by_path.get(path) {
            return Some(*id);
        }
        if let Some(prepared) = self.prepared.and_then(|prepared| prepared.prepared(path)) {
            return Some(self.load_prepared(path, &prepared, open));
        }
        let place = asked.unwrap_or(Span::NONE);
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let mut found = Diagnostic::new(&d::UNREADABLE_FILE, place, &[("path", &path), ("reason", &error)]);
                if error == ReadError::NotFound {
                    found = self.suggest_file(found, path, place);
                }
                self.diagnostics.push(found);
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
                self.diagnostics.push(Diagnostic::new(&d::NOT_UTF8, place, &[("path", &path), ("line", &line)]));
                return None;
            }
        };
        if text.len() >= u32::MAX as usize / 2 {
            self.diagnostics.push(Diagnostic::new(
                &d::UNREADABLE_FILE,
                place,
                &[("path", &path), ("reason", &"it is larger than 2 GB")],
            ));
            return None;
        }
        let id = self.sources.add(SourceFile::new(path, text, false));
        self.by_path.insert(path.to_owned(), id);
        let tree = self.parse(id);
        self.enter_module(id, tree.clone());
        self.declare(id);
        open.push(id);
        self.import(id, path, &tree, open);
        open.pop();
        Some(id)
    }

    fn parse(&mut self, id: FileId) -> Arc<tree::File> {
        let text = self.sources.get(id).text.clone();
        let parsed = syntax::parse(id, &text);
        self.diagnostics.extend(parsed.diagnostics);
        Arc::new(parsed.file)
    }

    /// Enters the files of the standard library that these stand in.
    pub fn enter_library<'g>(&mut self, globals: impl Iterator<Item = &'g Global>) {
        for global in globals {
            if let Global::Declaration(id, _) = global
                && let Some(index) = id.library_index()
            {
                self.library_module(index);
            }
        }
    }

    fn library_module(&mut self, index: usize) -> FileId {
        let id = FileId::library(index);
        if !self.modules.contains_key(&id) {
            let (file, tree) = library::read(index, &mut self.diagnostics);
            self.sources.add_library(index, file);
            self.enter_module(id, tree);
            self.declare(id);
        }
        id
    }

    fn enter_module(&mut self, id: FileId, tree: Arc<tree::File>) {
        let (names, imports, parts) = (FxHashMap::default(), Vec::new(), Vec::new());
        self.modules.insert(id, Module { id, tree, names, imports, parts });
    }

    /// Enters the names that a file declares itself.
    fn declare(&mut self, id: FileId) {
        let mut names: FxHashMap<SmolStr, (Global, Span)> = FxHashMap::default();
        for (part, tree) in self.trees_of(id) {
            for (index, declaration) in tree.declarations.iter().enumerate() {
                let Some(name) = declared_name(declaration) else { continue };
                let global = Global::Declaration(part, index as u32);
                match names.get(&name.text) {
                    Some((_, first)) => {
                        let found = Diagnostic::new(&d::DECLARED_TWICE, name.span, &[("name", &name.text)])
                            .related(*first, "the first declaration");
                        self.diagnostics.push(found);
                    }
                    None => {
                        names.insert(name.text.clone(), (global, name.span));
                    }
                }
            }
        }
        if let Some(module) = self.modules.get_mut(&id) {
            module.names = names;
        }
    }

    fn import(&mut self, id: FileId, path: &str, tree: &tree::File, open: &mut Vec<FileId>) {
        for declaration in &tree.declarations {
            let DeclarationKind::Import { names, whole, path: expression } = &declaration.kind else { continue };
            let ExpressionKind::String(parts) = &*expression.kind else { continue };
            let [StringPart::Text(text)] = parts.as_slice() else {
                self.diagnostics.push(Diagnostic::new(&d::IMPORT_PATH, expression.span, &[]));
                continue;
            };
            if !text.starts_with("./") && !text.starts_with("../") {
                let found = Diagnostic::new(&d::IMPORT_PATH, expression.span, &[]);
                let fix = format!("\"./{}\"", text.trim_start_matches('/'));
                self.diagnostics.push(found.fix(format!("Change to {fix}"), expression.span, fix));
                self.enter_missing(id, names, whole.as_ref());
                continue;
            }
            let target = join(path, text);
            if let Some(other) = self.by_path.get(&target).copied()
                && open.contains(&other)
            {
                let start = open.iter().position(|file| *file == other).unwrap_or(0);
                let mut cycle: Vec<&str> =
                    open[start..].iter().map(|file| self.sources.get(*file).name.as_str()).collect();
                cycle.push(&target);
                let shown = cycle.join(" → ");
                self.diagnostics.push(Diagnostic::new(&d::IMPORT_CYCLE, expression.span, &[("cycle", &shown)]));
                continue;
            }
            let Some(other) = self.load(&target, Some(expression.span), open) else {
                self.enter_missing(id, names, whole.as_ref());
                continue;
            };
            self.enter(id, other, names, whole.as_ref(), &target);
        }
    }

    /// What an import that leads nowhere would have brought is not another mistake.
    fn enter_missing(&mut self, id: FileId, names: &[tree::ImportedName], whole: Option<&Name>) {
        let Some(module) = self.modules.get_mut(&id) else { return };
        let local = names.iter().map(|imported| imported.alias.as_ref().unwrap_or(&imported.name)).chain(whole);
        for name in local {
            let missing = (Global::Declaration(FileId::NONE, 0), name.span);
            module.names.entry(name.text.clone()).or_insert(missing);
        }
    }

    fn enter(&mut self, id: FileId, other: FileId, names: &[tree::ImportedName], whole: Option<&Name>, target: &str) {
        let mut entered: Vec<(Name, Global)> = Vec::new();
        if let Some(whole) = whole {
            entered.push((whole.clone(), Global::Namespace(other)));
        }
        for imported in names {
            let found = self.modules.get(&other).and_then(|module| module.names.get(&imported.name.text));
            match found {
                Some((global @ Global::Declaration(file, _), _)) if self.home(*file) == other => {
                    entered.push((imported.alias.as_ref().unwrap_or(&imported.name).clone(), *global));
                }
                _ => {
                    let mut candidates: Vec<SmolStr> = self.own_names(other);
                    candidates.sort();
                    let found = Diagnostic::new(
                        &d::NOT_EXPORTED,
                        imported.name.span,
                        &[("name", &imported.name.text), ("path", &target)],
                    )
                    .suggest(
                        &imported.name.text,
                        imported.name.span,
                        candidates.iter().map(SmolStr::as_str),
                    );
                    self.diagnostics.push(found);
                    // What follows from the missing name is not another mistake.
                    entered.push((
                        imported.alias.as_ref().unwrap_or(&imported.name).clone(),
                        Global::Declaration(FileId::NONE, 0),
                    ));
                }
            }
        }
        let Some(module) = self.modules.get_mut(&id) else { return };
        module.imports.push(other);
        for (name, global) in entered {
            match module.names.get(&name.text) {
                Some((_, first)) => {
                    let found = Diagnostic::new(&d::DECLARED_TWICE, name.span, &[("name", &name.text)])
                        .related(*first, "the first declaration");
                    self.diagnostics.push(found);
                }
                None => {
                    module.names.insert(name.text, (global, name.span));
                }
            }
        }
    }

    fn own_names(&self, id: FileId) -> Vec<SmolStr> {
        let trees = self.trees_of(id);
        let declarations = trees.iter().flat_map(|(_, tree)| &tree.declarations);
        declarations.filter_map(declared_name).map(|name| name.text.clone()).collect()
    }

    fn suggest_file(&self, found: Diagnostic, path: &str, place: Span) -> Diagnostic {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        let Ok(files) = self.files.list(folder) else { return found };
        let near = d::closest(name, files.iter().map(String::as_str).filter(|file| file.ends_with(".mlflow")));
        match near {
            Some(near) if !place.is_none() => {
                let written = self.sources.text(place).trim_matches('"');
                let start = written.rsplit_once('/').map_or("./", |(start, _)| &written[..start.len() + 1]);
                let fix = format!("\"{start}{near}\"");
                found.help(format!("did you mean {fix}?")).fix(format!("Change to {fix}"), place, fix.clone())
            }
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found,
        }
    }

    pub fn module(&self, id: FileId) -> Option<&Module> {
        self.modules.get(&id)
    }

    /// The trees of the users' files, in the order in which they were read.
    pub fn trees(&self) -> Vec<Arc<tree::File>> {
        self.user_files().iter().filter_map(|id| self.modules.get(id)).map(|module| module.tree.clone()).collect()
    }

    /// User files in the order in which they were read.
    pub fn user_files(&self) -> Vec<FileId> {
        self.sources.iter().filter(|(_, file)| !file.is_library).map(|(id, _)| id).collect()
    }

    /// The files that `root` imports, itself included, each after what it imports first.
    pub fn closure(&self, root: FileId) -> Vec<FileId> {
        let mut order = Vec::new();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if order.contains(&id) {
                continue;
            }
            order.push(id);
            if let Some(module) = self.modules.get(&id) {
                stack.extend(module.imports.iter().rev());
            }
        }
        order
    }

    /// What a name stands for in a file: its own and imported names first, then the standard library's.
    pub fn find(&mut self, file: FileId, name: &str) -> Option<Global> {
        let home = self.home(file);
        if let Some((global, _)) = self.modules.get(&home).and_then(|module| module.names.get(name)) {
            return Some(*global);
        }
        self.find_library(name)
    }

    /// A name of the standard library; reads its file if it was not yet read.
    pub fn find_library(&mut self, name: &str) -> Option<Global> {
        if let Some(known) = self.library_names.get(name) {
            return *known;
        }
        let found = self.read_library(name);
        self.library_names.insert(name.into(), found);
        found
    }

    fn read_library(&mut self, name: &str) -> Option<Global> {
        let index = library::file_of(name)?;
        let id = self.library_module(index);
        self.modules.get(&id).and_then(|module| module.names.get(name)).map(|(global, _)| *global)
    }

    /// The declaration behind a global, with the file's tree that holds it.
    pub fn declaration(&self, global: Global) -> Option<(Arc<tree::File>, usize)> {
        match global {
            Global::Declaration(file, index) => {
                self.modules.get(&file).map(|module| (module.tree.clone(), index as usize))
            }
            Global::Namespace(_) => None,
        }
    }

    /// A name that another file declares, for `x.name` of a namespace.
    pub fn member(&self, file: FileId, name: &str) -> Option<Global> {
        self.modules
            .get(&file)?
            .names
            .get(name)
            .map(|(global, _)| *global)
            .filter(|global| matches!(global, Global::Declaration(declared, _) if self.home(*declared) == file))
    }

    /// All names that can be used in a file, sorted, for suggestions.
    pub fn names(&self, file: FileId) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = library::names().map(SmolStr::from).collect();
        if let Some(module) = self.modules.get(&self.home(file)) {
            #[expect(clippy::iter_over_hash_type, reason = "sorted below")]
            for name in module.names.keys() {
                names.push(name.clone());
            }
        }
        names.sort();
        names.dedup();
        names
    }

    pub fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.files.read(path)
    }

    pub fn files(&self) -> &'a dyn ReadFiles {
        self.files
    }
}

/// All names of the standard library, in order.
pub fn library_names() -> impl Iterator<Item = &'static str> {
    library::names()
}

/// The paths of the standard library's files, in order.
pub fn library_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    library::files()
}

/// A path written in the file at `from`, from the root of the compilation.
pub fn join(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// The name that a declaration enters into its scope.
pub fn declared_name(declaration: &Declaration) -> Option<&Name> {
    match &declaration.kind {
        DeclarationKind::Schema { name, .. }
        | DeclarationKind::Type { name, .. }
        | DeclarationKind::Config { name, .. }
        | DeclarationKind::Param { name, .. }
        | DeclarationKind::Let { name, .. }
        | DeclarationKind::Binding { name, .. }
        | DeclarationKind::Workflow { name, .. }
        | DeclarationKind::Component { name, .. }
        | DeclarationKind::Kind { name, .. }
        | DeclarationKind::Machine { name, .. }
        | DeclarationKind::Pipeline { name, .. }
        | DeclarationKind::Test { name, .. } => Some(name),
        DeclarationKind::Project { .. }
        | DeclarationKind::Import { .. }
        | DeclarationKind::Raw { .. }
        | DeclarationKind::Moved { .. }
        | DeclarationKind::When { .. }
        | DeclarationKind::For { .. }
        | DeclarationKind::Each { .. }
        | DeclarationKind::Fail { .. }
        | DeclarationKind::Try { .. }
        | DeclarationKind::OnFailure { .. }
        | DeclarationKind::Output { .. }
        | DeclarationKind::Field(_)
        | DeclarationKind::Setting { .. }
        | DeclarationKind::Call { .. }
        | DeclarationKind::Run { .. }
        | DeclarationKind::Check { .. }
        | DeclarationKind::Role { .. }
        | DeclarationKind::Allow { .. }
        | DeclarationKind::Error => None,
    }
}
