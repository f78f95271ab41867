//! Documents of the targets back into `.mlflow`: reads JSON and YAML with places, finds the definitions, writes them in the
//! raw forms or as workflows, and says what is wrong with them at its place in the original. It must not write what does
//! not build to the same document.

pub mod document;
pub mod equal;
mod find;
mod json;
mod names;
mod places;
mod shape;
mod write;
mod yaml;

use rustc_hash::FxHashSet;

use crate::compilation::{Options, compile};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::source::{FileId, PathKind, ReadError, ReadFiles, SourceFile, Sources};
pub use document::Node;
pub use find::What;

/// A text to import.
#[derive(Clone, Debug)]
pub struct Input {
    pub name: String,
    pub text: String,
}

/// What came of the texts.
pub struct Imported {
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// One for each text; none where a text is broken.
    pub files: Vec<File>,
}

/// A file to write.
#[derive(Debug)]
pub struct File {
    /// The name of the text it comes from.
    pub origin: String,
    /// `name.mlflow`, in no folder.
    pub name: String,
    pub text: String,
    pub project: String,
    pub parts: Vec<Part>,
}

/// A definition in a file.
#[derive(Debug)]
pub struct Part {
    pub what: What,
    pub name: String,
    /// States or steps, inner ones included.
    pub count: usize,
    pub document: Node,
}

impl File {
    /// What was written, in lines for people.
    pub fn report(&self) -> Vec<String> {
        let line = |part: &Part| {
            let (title, noun) = match part.what {
                What::Machine => ("state machine", "state"),
                What::Pipeline => ("pipeline", "step"),
            };
            let plural = if part.count == 1 { "" } else { "s" };
            format!("{title} {}: {} {noun}{plural}", part.name, part.count)
        };
        self.parts.iter().map(line).collect()
    }
}

impl Imported {
    /// Whether a text could not be read; then nothing is to be written.
    pub fn is_broken(&self) -> bool {
        self.files.is_empty()
    }
}

/// Reads a JSON text as documents are read; findings where it is none.
pub fn parse_json(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new(name, text, false));
    let mut diagnostics = Diagnostics::default();
    json::parse(file, text, &mut diagnostics).ok_or_else(|| diagnostics.finish())
}

/// Imports texts. What is wrong with a definition is found by compiling what is written for it.
pub fn import(inputs: &[Input], options: &Options) -> Imported {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let mut files = Vec::new();
    let mut taken = FxHashSet::default();
    for input in inputs {
        let file = sources.add(SourceFile::new(input.name.as_str(), input.text.as_str(), false));
        if let Some(imported) = one(file, input, &mut sources, &mut diagnostics, &mut taken) {
            files.push(imported);
        }
    }
    if diagnostics.has_errors() {
        return Imported { sources, diagnostics: diagnostics.finish(), files: Vec::new() };
    }
    let mut list = diagnostics.finish();
    list.extend(findings(&files, options, &mut sources));
    Imported { sources, diagnostics: list, files }
}

fn one(
    file: FileId,
    input: &Input,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
    taken: &mut FxHashSet<String>,
) -> Option<File> {
    let before = diagnostics.len();
    let document = find::parse(file, &input.name, &input.text, diagnostics)?;
    let found = find::Finder { name: &input.name, sources, diagnostics }.definitions(document);
    for part in &found {
        shape::check(part.what, &part.document, diagnostics);
    }
    if found.is_empty() || diagnostics.iter().skip(before).any(|found| found.severity() == Severity::Error) {
        return None;
    }
    let stem = stem(&input.name);
    let project = names::fresh(&stem, "imported", taken);
    let mut text = format!("project {project} {{}}\n");
    let mut names_here = FxHashSet::default();
    let mut parts = Vec::new();
    for part in found {
        let wanted = part.name.as_deref().unwrap_or(&stem);
        let name = names::fresh(wanted, part.what.word(), &mut names_here);
        text.push('\n');
        match part.what {
            What::Machine => write::machine(&name, &part.document, &mut text),
            What::Pipeline => write::pipeline(&name, &part.document, &mut text),
        }
        let count = count(part.what, &part.document);
        parts.push(Part { what: part.what, name, count, document: part.document });
    }
    let text = crate::syntax::format(&text).text;
    Some(File { origin: input.name.clone(), name: format!("{project}.mlflow"), text, project, parts })
}

/// The name of a file without its folder and endings.
fn stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let mut stem = base;
    for ending in [".json", ".yaml", ".yml", ".template", ".asl", ".pipeline", ".sam"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem.to_owned()
}

fn count(what: What, document: &Node) -> usize {
    let key = match what {
        What::Machine => "States",
        What::Pipeline => "Steps",
    };
    let mut count = 0;
    let mut open = vec![document];
    while let Some(node) = open.pop() {
        for member in node.members().unwrap_or_default() {
            if member.key.ends_with(key) {
                count += member.value.members().map_or(0, <[_]>::len);
                count += member
                    .value
                    .items()
                    .map_or(0, |items| items.iter().filter(|item| item.get("Type").is_some()).count());
            }
            open.push(&member.value);
        }
        open.extend(node.items().unwrap_or_default());
    }
    count
}

/// Texts that stand nowhere but here.
struct Texts<'t>(&'t [File]);

impl ReadFiles for Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let file = self.0.iter().find(|file| file.name == path);
        file.map(|file| file.text.clone().into_bytes()).ok_or(ReadError::NotFound)
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        self.0.iter().any(|file| file.name == path).then_some(PathKind::File)
    }

    fn list(&self, _: &str) -> Result<Vec<String>, ReadError> {
        Err(ReadError::NotFound)
    }
}

/// What is wrong with the definitions, at its place in the originals.
fn findings(files: &[File], options: &Options, sources: &mut Sources) -> Vec<Diagnostic> {
    let roots: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let compilation = compile(&Texts(files), &roots, options);
    let mut list = compilation.diagnostics.clone();
    if !compilation.has_errors() {
        list.extend(crate::targets::emit(&compilation).diagnostics);
    }
    if list.is_empty() {
        return list;
    }
    let map = places::Map::new(files, &compilation);
    map.moved(list, &compilation.sources, sources)
}
