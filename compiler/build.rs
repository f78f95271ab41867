//! Makes the index of the standard library: every file of `stdlib/**/*.mlflow` with what the grammar finds in it and the
//! names it declares at its left edge, so that a compilation builds trees only of the files whose names it uses, and
//! parses none.

// The parser that pest generates without `std` names it.
extern crate alloc;

#[path = "src/syntax/grammar.rs"]
mod grammar;
#[path = "src/syntax/stored.rs"]
mod stored;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Words that declare a name at file level.
const WORDS: [&str; 7] = ["kind ", "component ", "let ", "type ", "schema ", "resource ", "config "];

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../stdlib");
    println!("cargo::rerun-if-changed={}", root.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let mut files = String::new();
    let mut names: Vec<(String, usize)> = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = std::fs::read_to_string(path).expect("the file was listed a moment ago");
        let name = path.strip_prefix(&root).expect("it is below the root").to_string_lossy().replace('\\', "/");
        let absolute = path.canonicalize().expect("the file was listed a moment ago");
        // What the grammar refuses is read, and reported, when it is used.
        let nodes = grammar::read(grammar::Rule::file, &text).map(|nodes| stored::write(&nodes)).unwrap_or_default();
        let stored = out.join(format!("library-{index}.nodes"));
        std::fs::write(&stored, nodes).expect("cargo's output folder is writable");
        writeln!(
            files,
            "    ({:?}, include_str!({:?}), include_bytes!({:?})),",
            format!("stdlib/{name}"),
            absolute,
            stored
        )
        .expect("memory");
        for line in text.lines() {
            if let Some(rest) = WORDS.iter().find_map(|word| line.strip_prefix(word)) {
                let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                names.push((name, index));
            }
        }
    }
    names.sort();
    for pair in names.windows(2) {
        assert!(pair[0].0 != pair[1].0, "the standard library declares `{}` twice", pair[0].0);
    }
    let mut code = format!(
        "/// Path and text of each file, and what the grammar found in it.\n\
         pub(super) static FILES: &[(&str, &str, &[u8])] = &[\n{files}];\n"
    );
    code.push_str("/// Declared names in order, each with the index of its file.\npub(super) static NAMES: &[(&str, usize)] = &[\n");
    for (name, index) in names {
        writeln!(code, "    ({name:?}, {index}),").expect("memory");
    }
    code.push_str("];\n");
    std::fs::write(out.join("library.rs"), code).expect("cargo's output folder is writable");
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the standard library is part of the repository");
    for entry in entries {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "mlflow") {
            out.push(path);
        }
    }
}
