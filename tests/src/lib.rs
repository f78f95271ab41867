//! The golden cases: where they are, how one is compiled, and which files say what is expected of it.
//!
//! A case is a file `cases/<area>/<sentence>.mlflow`, or, where it needs several files, a folder
//! `cases/<area>/<sentence>/` with a `main.mlflow`. A line `// --set name=value` gives a `config` its value. Cases of the
//! area `syntax` are only read; all others are compiled and, where nothing is wrong, emitted.

use std::fs;
use std::path::{Path, PathBuf};

use mlflow_cli::DiskFiles;
use mlflow_compiler::compilation::{Options, Setting, compile};
use mlflow_compiler::diagnostics::{Diagnostic, Severity};
use mlflow_compiler::import::{Imported, Input, import};
use mlflow_compiler::plan::NodeKind;
use mlflow_compiler::source::{SourceFile, Sources};
use mlflow_compiler::targets::{Document, emit};

/// The area whose cases are about how a file is written, not about what it means.
const ONLY_READ: &str = "syntax";

#[derive(Clone, Debug)]
pub struct Case {
    pub area: String,
    /// What the case shows, as the file name says it.
    pub sentence: String,
    /// The folder of the area, where the golden files are.
    pub folder: PathBuf,
    /// What the case is compiled in.
    root: PathBuf,
    main: String,
}

/// What became of a case.
pub struct Outcome {
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    pub documents: Vec<Document>,
    /// Each step that was planned: the engine that runs it, and its kind.
    pub steps: Vec<(String, String)>,
    workflows: Vec<String>,
}

/// The folder of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every case, sorted by area and sentence.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for folder in entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")) {
        let area = name(&folder);
        for path in entries(&folder) {
            let case = |sentence: String, root: &Path, main: String| Case {
                area: area.clone(),
                sentence,
                folder: folder.clone(),
                root: root.to_owned(),
                main,
            };
            if path.join("main.mlflow").is_file() {
                cases.push(case(name(&path), &path, "main.mlflow".to_owned()));
            } else if path.extension().is_some_and(|extension| extension == "mlflow") {
                cases.push(case(name(&path.with_extension("")), &folder, name(&path)));
            }
        }
    }
    cases
}

/// Every document of `tests/import` with what import makes of it, sorted by name.
pub fn imports() -> Vec<(PathBuf, Imported)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("import");
    let is_document =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json" || extension == "yaml");
    entries(&folder)
        .into_iter()
        .filter(is_document)
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let imported = import(&[Input { name: name(&path), text }], &Options::default());
            (path, imported)
        })
        .collect()
}

/// What stands in a folder, sorted; nothing where there is no folder.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(read) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Case {
    /// `area/sentence`
    pub fn title(&self) -> String {
        format!("{}/{}", self.area, self.sentence)
    }

    /// Whether the case may have more than one error.
    pub fn is_several(&self) -> bool {
        self.sentence.starts_with("several")
    }

    /// The text of its first file.
    pub fn text(&self) -> String {
        let path = self.root.join(&self.main);
        String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned()
    }

    /// The folder it is compiled in, the name of its file there, and what is given beside the files.
    pub fn input(&self) -> (&Path, &str, Options) {
        let text = fs::read(self.root.join(&self.main)).unwrap_or_default();
        let settings = settings(&String::from_utf8_lossy(&text));
        (&self.root, &self.main, Options { settings, ..Options::default() })
    }

    pub fn outcome(&self) -> Outcome {
        let path = self.root.join(&self.main);
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if self.area == ONLY_READ {
            return read_only(&self.main, &String::from_utf8_lossy(&text));
        }
        let options = Options { settings: settings(&String::from_utf8_lossy(&text)), ..Options::default() };
        let mut compilation = compile(&DiskFiles::new(&self.root), std::slice::from_ref(&self.main), &options);
        let mut documents = Vec::new();
        if !compilation.has_errors() {
            let emitted = emit(&compilation);
            compilation.diagnostics.extend(emitted.diagnostics);
            if !compilation.has_errors() {
                documents = emitted.documents;
            }
        }
        let workflows = compilation.plans.iter().flat_map(|plan| &plan.workflows);
        let steps = workflows.clone().flat_map(|workflow| {
            workflow.nodes.iter().filter_map(|node| match &node.kind {
                NodeKind::Step(step) => Some((workflow.engine.to_string(), step.kind.to_string())),
                _ => None,
            })
        });
        Outcome {
            steps: steps.collect(),
            workflows: workflows.map(|workflow| workflow.name.to_string()).collect(),
            sources: compilation.sources,
            diagnostics: compilation.diagnostics,
            documents,
        }
    }

    /// The golden files by name, with the content they should have.
    pub fn golden(&self, outcome: &Outcome) -> Vec<(String, String)> {
        let mut files = Vec::new();
        if !outcome.diagnostics.is_empty() {
            let mut text = mlflow_cli::plain(&outcome.sources, &outcome.diagnostics);
            text.push_str(&mlflow_cli::summary(&outcome.sources, &outcome.diagnostics));
            text.push('\n');
            files.push((format!("{}.errors.txt", self.sentence), text));
        }
        let projects: Vec<&str> =
            outcome.documents.iter().filter_map(|document| document.path.split('/').next()).collect();
        let one_project = projects.iter().all(|project| *project == projects[0]);
        for document in &outcome.documents {
            if document.path.ends_with(".map") || document.path.ends_with("graph.json") {
                continue;
            }
            // The stack has an area of its own: elsewhere it would say again what the case is not about.
            if document.path.ends_with("template.json") && self.area != "stack" {
                continue;
            }
            let (project, file) = document.path.split_once('/').unwrap_or(("", &document.path));
            let short = match outcome.workflows.as_slice() {
                [workflow] => file.strip_prefix(&format!("{workflow}.")).unwrap_or(file),
                _ => file,
            };
            let short = short.replace('/', ".");
            let file = if one_project { short } else { format!("{project}.{short}") };
            files.push((format!("{}.{file}", self.sentence), document.text.clone()));
        }
        files
    }

    /// The golden files that are there, by name. Executions of machines are written by hand.
    pub fn existing(&self) -> Vec<String> {
        let prefix = format!("{}.", self.sentence);
        entries(&self.folder)
            .iter()
            .filter(|path| path.is_file())
            .map(|path| name(path))
            .filter(|name| name.starts_with(&prefix) && !name.ends_with(".mlflow") && !name.ends_with(".runs.yaml"))
            .collect()
    }
}

impl Outcome {
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error).collect()
    }
}

fn read_only(name: &str, text: &str) -> Outcome {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new(name, text, false));
    let diagnostics = mlflow_compiler::syntax::parse(file, text).diagnostics.finish();
    Outcome { sources, diagnostics, documents: Vec::new(), steps: Vec::new(), workflows: Vec::new() }
}

fn settings(text: &str) -> Vec<Setting> {
    text.lines()
        .filter_map(|line| line.strip_prefix("// --set ")?.split_once('='))
        .map(|(name, value)| Setting {
            name: name.to_owned(),
            value: value.into(),
            origin: format!("--set {name}={value}"),
        })
        .collect()
}
