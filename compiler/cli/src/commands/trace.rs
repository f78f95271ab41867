//! `mlflowc trace`: from a place in a built document, or an AWS error, to the line that someone wrote.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use mlflow_compiler::source::{LineColumn, LineIndex};
use serde::Serialize;

use super::current_folder;
use crate::arguments::{Color, PlanFormat, Trace};
use crate::disk::name_of;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::pretty;
use crate::terminal;
use crate::trace::{Answer, Document, EntryId, Origin, SourceMap, find};

/// More places than these help nobody.
const MOST: usize = 10;

/// One place in the sources, and what of the document comes from it.
#[derive(Serialize)]
struct Place {
    file: String,
    line: u32,
    column: u32,
    document: String,
    document_line: u32,
    path: String,
    /// The step that the value belongs to, where the value itself is made by the library.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_by: Option<UsedBy>,
    #[serde(skip)]
    text: Option<String>,
}

#[derive(Serialize)]
struct UsedBy {
    name: String,
    file: String,
    line: u32,
    column: u32,
    #[serde(skip)]
    text: Option<String>,
}

pub(crate) fn run(arguments: &Trace, color: Color) -> Result<Exit, Failure> {
    let question = question(arguments)?;
    let root = current_folder()?;
    let folder = root.join(&arguments.build_folder);
    let documents = documents(&root, &folder)?;
    let shown = arguments.build_folder.display().to_string();
    if documents.is_empty() {
        return Err(Failure::NothingBuilt { folder: shown });
    }
    let reader = Reader { root: &root, folder: &folder };
    let mut places: Vec<Place> = Vec::new();
    for answer in find(&documents, &question) {
        let Some(place) = reader.place(answer) else { continue };
        places.push(place);
    }
    if places.is_empty() {
        let names: Vec<&str> = documents.iter().map(|document| document.path.as_str()).collect();
        return Err(Failure::NothingFound {
            folder: shown,
            query: mlflow_compiler::diagnostics::shorten(question.trim(), 60).to_string(),
            help: format!("these documents were searched: {}", names.join(", ")),
        });
    }
    terminal::print(&match arguments.format {
        PlanFormat::Json => pretty(&places),
        PlanFormat::Human => rendered(&places, terminal::colors(color, &io::stdout())),
    })?;
    Ok(Exit::Clean)
}

fn question(arguments: &Trace) -> Result<String, Failure> {
    let question = match arguments.query.as_deref() {
        Some(query) if query != "-" => query.to_owned(),
        None if terminal::is_interactive(&io::stdin()) => return Err(Failure::NoQuery),
        _ => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::read("<stdin>", error))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    if question.trim().is_empty() { Err(Failure::NoQuery) } else { Ok(question) }
}

/// Every document of the build folder that has a source map.
fn documents(root: &Path, folder: &Path) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::read(folder.display().to_string(), error)),
        };
        for entry in entries {
            let path = entry.map_err(|error| Failure::read(folder.display().to_string(), error))?.path();
            let text = |path: &Path| {
                fs::read_to_string(path).map_err(|error| Failure::read(path.display().to_string(), error))
            };
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "map") {
                let built = path.with_extension("");
                if !built.is_file() {
                    continue;
                }
                let map = SourceMap::read(&text(&path)?)
                    .map_err(|reason| Failure::SourceMap { path: path.display().to_string(), reason })?;
                let name = name_of(root, &built).unwrap_or_else(|| built.display().to_string());
                documents.extend(Document::new(name, text(&built)?, map));
            }
        }
    }
    documents.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(documents)
}

struct Reader<'a> {
    root: &'a Path,
    folder: &'a Path,
}

impl Reader<'_> {
    fn place(&self, answer: Answer) -> Option<Place> {
        let Answer { document, entry } = answer;
        let (file, line, column, text) = self.source(document, document.origin(entry)?)?;
        let used_by = text.is_none().then(|| self.used_by(document, entry, &file)).flatten();
        Some(Place {
            file,
            line,
            column,
            document: document.path.clone(),
            document_line: document.place(entry).0,
            path: document.path_of(entry),
            used_by,
            text,
        })
    }

    /// The nearest named thing around an entry that comes from another file.
    fn used_by(&self, document: &Document, entry: EntryId, file: &str) -> Option<UsedBy> {
        document.around(entry).find_map(|around| {
            let name = document.name_of(around)?.to_owned();
            let (origin_file, line, column, text) = self.source(document, document.origin(around)?)?;
            (origin_file != file).then_some(UsedBy { name, file: origin_file, line, column, text })
        })
    }

    /// File, line and column from one, and the line itself where it can be read.
    fn source(&self, document: &Document, origin: Origin) -> Option<(String, u32, u32, Option<String>)> {
        let mut file = document.map.sources.get(origin.source)?.clone();
        // Names are relative to the folder of the project: mostly this one, else one below, or that of the build folder.
        let beside = self.folder.parent().unwrap_or(self.root);
        let read = |root: &Path, file: &str| fs::read_to_string(root.join(file)).ok();
        let text = read(self.root, &file).or_else(|| read(beside, &file)).or_else(|| {
            let folder = folder_with(self.root, &file, 4)?;
            let text = read(&folder, &file);
            file = name_of(self.root, &folder.join(&file)).unwrap_or_else(|| file.clone());
            text
        });
        let Some(text) = text else {
            return Some((file, origin.line + 1, origin.column + 1, None));
        };
        let lines = LineIndex::new(&text);
        let place = LineColumn { line: origin.line, column: origin.column };
        let at = lines.characters(&text, lines.offset_utf16(&text, place));
        let line = text.lines().nth(at.line as usize).unwrap_or_default().to_owned();
        Some((file, at.line + 1, at.column + 1, Some(line)))
    }
}

/// The first folder below another, in the order of names, that holds a file; so many levels deep.
fn folder_with(root: &Path, file: &str, levels: usize) -> Option<std::path::PathBuf> {
    let mut folders: Vec<std::path::PathBuf> = fs::read_dir(root)
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            path.is_dir() && !name.starts_with('.') && !["build", "target", "node_modules"].contains(&name.as_str())
        })
        .collect();
    folders.sort();
    if let Some(found) = folders.iter().find(|folder| folder.join(file).is_file()) {
        return Some(found.clone());
    }
    if levels == 0 {
        return None;
    }
    folders.iter().find_map(|folder| folder_with(folder, file, levels - 1))
}

fn rendered(places: &[Place], colors: bool) -> String {
    let mut out = String::new();
    // Much of a document may come from one line: it is shown for the first of them.
    let mut places: Vec<&Place> = places.iter().collect();
    let mut seen: Vec<(&str, u32, u32)> = Vec::new();
    places.retain(|place| {
        let at = (place.file.as_str(), place.line, place.column);
        let new = place.used_by.is_some() || !seen.contains(&at);
        seen.push(at);
        new
    });
    for (index, place) in places.iter().take(MOST).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let what = match place.path.as_str() {
            "" => format!("{}:{}", place.document, place.document_line),
            path => format!("{path} in {}:{}", place.document, place.document_line),
        };
        excerpt(&mut out, &place.file, place.line, place.column, place.text.as_deref(), &what, colors);
        if let Some(used) = &place.used_by {
            let what = format!("`{}` asks for it", used.name);
            excerpt(&mut out, &used.file, used.line, used.column, used.text.as_deref(), &what, colors);
        }
    }
    if places.len() > MOST {
        out.push_str(&format!("\n… and {} more places; name the step to see fewer\n", places.len() - MOST));
    }
    out
}

fn excerpt(out: &mut String, file: &str, line: u32, column: u32, text: Option<&str>, what: &str, colors: bool) {
    let (strong, dim, off) = if colors { ("\x1b[1m", "\x1b[34m", "\x1b[0m") } else { ("", "", "") };
    out.push_str(&format!("{strong}{file}:{line}:{column}{off}\n"));
    match text {
        None => out.push_str(&format!("  {what}\n")),
        Some(text) => {
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            // Tabs stay tabs, so that the caret stands where the terminal puts the text.
            let before: String = text
                .chars()
                .take(column.saturating_sub(1) as usize)
                .map(|character| if character == '\t' { '\t' } else { ' ' })
                .collect();
            out.push_str(&format!("{dim} {number} │{off} {text}\n{dim} {margin} │{off} {before}^ {what}\n"));
        }
    }
}
