//! The texts as the client has them, and the folders they stand in. Changed only by the gate and at the start; everyone
//! else sees snapshots.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use mlflow_cli::DiskFiles;
use mlflow_compiler::compilation::{Options, Setting};
use mlflow_compiler::ide::{Analysis, Engine, Workspace};
use mlflow_compiler::source::{PathKind, ReadError, ReadFiles};
use serde_json::Value;
use tower_lsp::lsp_types::{DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, Url};

use crate::convert::{Encoding, offset};

/// The scheme of the standard library's virtual documents.
pub(crate) const LIBRARY: &str = "mlflow-std";

/// Folders that hold what programs made.
const SKIPPED: [&str; 4] = ["build", "target", "node_modules", "dist"];

/// More files than any workspace has that is meant to be opened at once.
const MOST_FILES: usize = 20_000;

/// One folder and what is analyzed in it.
struct Root {
    /// Empty for texts that stand in no folder.
    folder: PathBuf,
    scheme: Scheme,
    texts: BTreeMap<String, Arc<str>>,
    outside: u64,
    engine: Arc<Mutex<Engine>>,
    seen: Arc<RootSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    File,
    Library,
    Other(String),
}

#[derive(Clone)]
struct Open {
    version: i32,
    text: Arc<str>,
}

#[derive(Default)]
pub(crate) struct World {
    roots: Vec<Root>,
    open: BTreeMap<Url, Open>,
    pub(crate) encoding: Encoding,
    options: Options,
    sequence: u64,
}

/// A folder at one moment.
pub(crate) struct RootSnapshot {
    pub(crate) folder: PathBuf,
    pub(crate) scheme: Scheme,
    workspace: Workspace,
    engine: Arc<Mutex<Engine>>,
    analysis: OnceLock<Arc<Analysis>>,
}

impl RootSnapshot {
    /// What the compiler knows of it; computed by whoever asks first.
    pub(crate) fn analysis(&self) -> Arc<Analysis> {
        self.analysis
            .get_or_init(|| {
                // A panic in an analysis leaves an engine that is not to be trusted; the next one starts afresh.
                let mut engine = match self.engine.lock() {
                    Ok(engine) => engine,
                    Err(poisoned) => {
                        self.engine.clear_poison();
                        let mut engine = poisoned.into_inner();
                        engine.set_options(Options::default());
                        engine
                    }
                };
                engine.analyze(&self.workspace)
            })
            .clone()
    }

    pub(crate) fn url(&self, path: &str) -> Option<Url> {
        match &self.scheme {
            Scheme::File => Url::from_file_path(normal(&self.folder.join(path))).ok(),
            Scheme::Library => library_url(path),
            Scheme::Other(prefix) => Url::parse(&format!("{prefix}{path}")).ok(),
        }
    }
}

pub(crate) fn library_url(path: &str) -> Option<Url> {
    Url::parse(&format!("{LIBRARY}:/{path}")).ok()
}

/// Everything at one moment.
#[derive(Default)]
pub(crate) struct Snapshot {
    pub(crate) roots: Vec<Arc<RootSnapshot>>,
    pub(crate) versions: BTreeMap<Url, i32>,
    pub(crate) encoding: Encoding,
    pub(crate) sequence: u64,
}

impl Snapshot {
    /// The folder that a document belongs to, and its path there.
    pub(crate) fn find(&self, url: &Url) -> Option<(&Arc<RootSnapshot>, String)> {
        let found = self.roots.iter().filter_map(|root| {
            let path = path_in(&root.folder, &root.scheme, url)?;
            root.workspace.texts.contains_key(&path).then_some((root, path))
        });
        found.max_by_key(|(root, _)| root.folder.components().count())
    }
}

/// Texts of the client first, then the disk.
struct Layered {
    texts: BTreeMap<String, Arc<str>>,
    disk: DiskFiles,
}

impl ReadFiles for Layered {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.texts.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.disk.read(path),
        }
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        if self.texts.contains_key(path) { Some(PathKind::File) } else { self.disk.kind(path) }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.disk.list(folder)
    }
}

impl Root {
    fn new(folder: PathBuf, scheme: Scheme, options: &Options) -> Root {
        let engine = Arc::new(Mutex::new(Engine::new(options.clone())));
        let texts = if scheme == Scheme::File { read_folder(&folder) } else { BTreeMap::new() };
        let seen = Arc::new(RootSnapshot {
            folder: folder.clone(),
            scheme: scheme.clone(),
            workspace: Workspace { texts: BTreeMap::new(), files: Arc::new(Layered::new(&folder, &texts)), outside: 0 },
            engine: engine.clone(),
            analysis: OnceLock::new(),
        });
        let mut root = Root { folder, scheme, texts, outside: 0, engine, seen };
        root.changed();
        root
    }

    fn changed(&mut self) {
        let files = Arc::new(Layered::new(&self.folder, &self.texts));
        self.seen = Arc::new(RootSnapshot {
            folder: self.folder.clone(),
            scheme: self.scheme.clone(),
            workspace: Workspace { texts: self.texts.clone(), files, outside: self.outside },
            engine: self.engine.clone(),
            analysis: OnceLock::new(),
        });
    }

    fn path(&self, url: &Url) -> Option<String> {
        path_in(&self.folder, &self.scheme, url)
    }
}

impl Layered {
    fn new(folder: &Path, texts: &BTreeMap<String, Arc<str>>) -> Layered {
        Layered { texts: texts.clone(), disk: DiskFiles::new(folder) }
    }
}

fn path_in(folder: &Path, scheme: &Scheme, url: &Url) -> Option<String> {
    match scheme {
        Scheme::File => {
            let path = url.to_file_path().ok()?;
            let below = path.strip_prefix(folder).ok()?;
            Some(below.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>()?.join("/"))
        }
        Scheme::Library => (url.scheme() == LIBRARY).then(|| url.path().trim_start_matches('/').to_owned()),
        Scheme::Other(prefix) => url.as_str().strip_prefix(prefix.as_str()).map(str::to_owned),
    }
}

/// All sources below a folder.
fn read_folder(folder: &Path) -> BTreeMap<String, Arc<str>> {
    let mut texts = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&path) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if !SKIPPED.contains(&name) {
                    open.push((entry.path(), format!("{prefix}{name}/")));
                }
            } else if name.ends_with(".mlflow")
                && texts.len() < MOST_FILES
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                texts.insert(format!("{prefix}{name}"), text.into());
            }
        }
    }
    texts
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

impl World {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::new(Snapshot {
            roots: self.roots.iter().map(|root| root.seen.clone()).collect(),
            versions: self.open.iter().map(|(url, open)| (url.clone(), open.version)).collect(),
            encoding: self.encoding,
            sequence: self.sequence,
        })
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn add_folder(&mut self, folder: PathBuf) {
        if self.roots.iter().any(|root| root.folder == folder && root.scheme == Scheme::File) {
            return;
        }
        self.roots.push(Root::new(folder, Scheme::File, &self.options));
        self.overlay();
        self.sequence += 1;
    }

    pub(crate) fn remove_folder(&mut self, folder: &Path) {
        self.roots.retain(|root| root.folder != folder || root.scheme != Scheme::File);
        let open: Vec<Url> = self.open.keys().cloned().collect();
        open.iter().for_each(|url| self.ensure_root(url));
        self.overlay();
        self.sequence += 1;
    }

    /// Applies one message about a text. Gives whether anything changed.
    pub(crate) fn apply(&mut self, method: &str, params: Value) -> bool {
        let changed = match method {
            "textDocument/didOpen" => self.opened(params),
            "textDocument/didClose" => self.closed(params),
            _ => self.edited(params),
        };
        self.sequence += u64::from(changed.is_some());
        changed.is_some()
    }

    fn opened(&mut self, params: Value) -> Option<()> {
        let document = serde_json::from_value::<DidOpenTextDocumentParams>(params).ok()?.text_document;
        self.ensure_root(&document.uri);
        let text: Arc<str> = document.text.into();
        self.open.insert(document.uri.clone(), Open { version: document.version, text: text.clone() });
        self.put(&document.uri, Some(text));
        Some(())
    }

    fn edited(&mut self, params: Value) -> Option<()> {
        let params = serde_json::from_value::<DidChangeTextDocumentParams>(params).ok()?;
        let encoding = self.encoding;
        let open = self.open.get_mut(&params.text_document.uri)?;
        let mut text = open.text.to_string();
        for change in params.content_changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let start = offset(&text, range.start, encoding);
                    let end = offset(&text, range.end, encoding).max(start);
                    text.replace_range(start..end, &change.text);
                }
            }
        }
        let text: Arc<str> = text.into();
        open.text = text.clone();
        open.version = params.text_document.version;
        self.put(&params.text_document.uri, Some(text));
        Some(())
    }

    fn closed(&mut self, params: Value) -> Option<()> {
        let url = serde_json::from_value::<DidCloseTextDocumentParams>(params).ok()?.text_document.uri;
        self.open.remove(&url)?;
        let on_disk = url.to_file_path().ok().and_then(|path| std::fs::read_to_string(path).ok());
        self.put(&url, on_disk.map(Arc::from));
        Some(())
    }

    /// Puts the text of a document where it belongs, or takes it away.
    fn put(&mut self, url: &Url, text: Option<Arc<str>>) {
        for root in &mut self.roots {
            let Some(path) = root.path(url) else { continue };
            match &text {
                Some(text) => {
                    root.texts.insert(path, text.clone());
                }
                None => {
                    root.texts.remove(&path);
                }
            }
            root.changed();
        }
    }

    /// A document outside all folders gets its own folder as one.
    fn ensure_root(&mut self, url: &Url) {
        if self.roots.iter().any(|root| root.path(url).is_some()) {
            return;
        }
        let root = match url.scheme() {
            "file" => {
                let Ok(path) = url.to_file_path() else { return };
                let Some(folder) = path.parent() else { return };
                // Only the document itself: what else lies there was not asked for.
                let mut root = Root::new(PathBuf::new(), Scheme::Other(String::new()), &self.options);
                root.folder = folder.to_owned();
                root.scheme = Scheme::File;
                root
            }
            LIBRARY => Root::new(PathBuf::new(), Scheme::Library, &self.options),
            scheme => Root::new(PathBuf::new(), Scheme::Other(format!("{scheme}:")), &self.options),
        };
        self.roots.push(root);
        if let Some(root) = self.roots.last_mut() {
            root.changed();
        }
    }

    /// Puts what is open over what the disk has.
    fn overlay(&mut self) {
        let open: Vec<(Url, Arc<str>)> = self.open.iter().map(|(url, open)| (url.clone(), open.text.clone())).collect();
        for (url, text) in open {
            self.put(&url, Some(text));
        }
    }

    /// Files changed on the disk.
    pub(crate) fn disk_changed(&mut self, urls: &[Url]) {
        for url in urls {
            let Ok(path) = url.to_file_path() else { continue };
            if url.path().ends_with(".mlflow") && !self.open.contains_key(url) {
                let text = std::fs::read_to_string(&path).ok();
                self.put(url, text.map(Arc::from));
            }
            for root in &mut self.roots {
                if path.starts_with(&root.folder) || root.folder.starts_with(path.parent().unwrap_or(&path)) {
                    root.outside += 1;
                    root.changed();
                }
            }
        }
        self.sequence += 1;
    }

    /// Values of `config` declarations, from the client's settings.
    pub(crate) fn configure(&mut self, settings: &Value) {
        let values = settings.get("set").and_then(Value::as_object);
        let settings = values.into_iter().flatten().map(|(name, value)| Setting {
            name: name.clone(),
            value: value.clone(),
            origin: format!("the setting mlflow.set.{name}"),
        });
        self.options.settings = settings.collect();
        for root in &mut self.roots {
            if let Ok(mut engine) = root.engine.lock() {
                engine.set_options(self.options.clone());
            }
            root.changed();
        }
        self.sequence += 1;
    }
}
