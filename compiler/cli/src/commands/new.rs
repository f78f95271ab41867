//! `mlflowc new`: a small project that compiles.

use std::fs;
use std::path::Path;

use super::current_folder;
use crate::arguments::New;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// The files of the project; `NAME` stands for the name of the project.
const FILES: [(&str, &str); 4] = [
    ("main.mlflow", include_str!("../../template/main.mlflow")),
    ("steps/prepare.py", include_str!("../../template/steps/prepare.py")),
    ("steps/evaluate.py", include_str!("../../template/steps/evaluate.py")),
    (".gitignore", "/build\n"),
];

pub(crate) fn run(arguments: &New) -> Result<Exit, Failure> {
    let name = arguments.name.trim_end_matches('/');
    if !is_name(name) {
        return Err(Failure::ProjectName { name: name.to_owned() });
    }
    let folder = current_folder()?.join(name);
    if folder.exists() && !is_empty(&folder)? {
        return Err(Failure::FolderInUse { path: name.to_owned() });
    }
    for (path, text) in FILES {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Failure::write(parent, error))?;
        }
        // Names in the language have no `-`.
        let text = text.replace("NAME", &name.replace('-', "_"));
        fs::write(&path, text).map_err(|error| Failure::write(&path, error))?;
    }
    terminal::print(&format!("Created {name}. Next: cd {name} && mlflowc build\n"))?;
    Ok(Exit::Clean)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character))
}

fn is_empty(folder: &Path) -> Result<bool, Failure> {
    if !folder.is_dir() {
        return Ok(false);
    }
    let mut entries = fs::read_dir(folder).map_err(|error| Failure::read(folder.display().to_string(), error))?;
    Ok(entries.next().is_none())
}
