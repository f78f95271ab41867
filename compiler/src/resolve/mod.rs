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

/// One file with its names.
#[derive(Debug)]
pub struct Module {
    pub id: FileId,
    pub tree: Arc<tree::File>,
    /// Names declared or imported, with the place of each.
    names: FxHashMap<SmolStr, (Global, Span)>,
    /// Files it imports, in order.
    imports: Vec<FileId>,
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
        }
    }

    /// Reads a root and all it imports. `None` where it cannot be read; that has a finding then.
    pub fn load_root(&mut self, path: &str) -> Option<FileId> {
        self.load(path, None, &mut Vec::new())
    }

    fn load(&mut self, path: &str, asked: Option<Span>, open: &mut Vec<FileId>) -> Option<FileId> {
        if let Some(id) = self.by_path.get(path) {
            return Some(*id);
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
        self.modules.insert(id, Module { id, tree: tree.clone(), names: FxHashMap::default(), imports: Vec::new() });
        self.declare(id, &tree);
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

    /// Enters the names that a file declares itself.
    fn declare(&mut self, id: FileId, tree: &tree::File) {
        let mut names: FxHashMap<SmolStr, (Global, Span)> = FxHashMap::default();
        for (index, declaration) in tree.declarations.iter().enumerate() {
            let Some(name) = declared_name(declaration) else { continue };
            let global = Global::Declaration(id, index as u32);
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
            let Some(other) = self.load(&target, Some(expression.span), open) else { continue };
            self.enter(id, other, names, whole.as_ref(), &target);
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
                Some((global @ Global::Declaration(file, _), _)) if *file == other => {
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
        let Some(module) = self.modules.get(&id) else { return Vec::new() };
        module.tree.declarations.iter().filter_map(declared_name).map(|name| name.text.clone()).collect()
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
        if let Some((global, _)) = self.modules.get(&file).and_then(|module| module.names.get(name)) {
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
        let id = FileId::library(index);
        if !self.modules.contains_key(&id) {
            let (file, tree) = library::read(index, &mut self.diagnostics);
            self.sources.add_library(index, file);
            self.modules
                .insert(id, Module { id, tree: tree.clone(), names: FxHashMap::default(), imports: Vec::new() });
            self.declare(id, &tree);
        }
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
            .filter(|global| matches!(global, Global::Declaration(declared, _) if *declared == file))
    }

    /// All names that can be used in a file, sorted, for suggestions.
    pub fn names(&self, file: FileId) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = library::names().map(SmolStr::from).collect();
        if let Some(module) = self.modules.get(&file) {
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
