//! Whatever is typed, the compiler answers: every prefix and every deletion of one word of every example and every file
//! of the standard library is read, and a sample of them is checked to the end.

use std::path::{Path, PathBuf};

use mlflow_compiler::compilation::{Options, compile};
use mlflow_compiler::source::{FileId, PathKind, ReadError, ReadFiles};
use mlflow_compiler::{syntax, targets};

/// An example with its main file replaced.
struct Changed<'t> {
    root: &'t Path,
    text: &'t str,
}

impl ReadFiles for Changed<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "main.mlflow" {
            return Ok(self.text.as_bytes().to_vec());
        }
        std::fs::read(self.root.join(path)).map_err(|_| ReadError::NotFound)
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        let found = self.root.join(path);
        if found.is_dir() { Some(PathKind::Folder) } else { found.is_file().then_some(PathKind::File) }
    }

    fn list(&self, _folder: &str) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests stand below the root").to_owned()
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![repository().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is part of the repository") {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "mlflow") {
                let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no file below {folder}");
    found
}

/// The words, numbers and signs of a text, by their places.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (offset, character) in text.char_indices() {
        let is_word = character.is_alphanumeric() || character == '_';
        match (is_word, start) {
            (true, None) => start = Some(offset),
            (false, Some(from)) => {
                found.push((from, offset));
                start = None;
            }
            _ => {}
        }
        if !is_word && !character.is_whitespace() {
            found.push((offset, offset + character.len_utf8()));
        }
    }
    found
}

fn check(root: &Path, text: &str) {
    let compilation = compile(&Changed { root, text }, &["main.mlflow".to_owned()], &Options::default());
    targets::emit(&compilation);
}

#[test]
fn every_prefix_is_read() {
    for (_, text) in files("examples").into_iter().chain(files("stdlib")) {
        // Long files in steps of several characters: places that differ are hit all the same.
        let step = (text.len() / 400).max(1);
        for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
            syntax::parse(FileId(0), &text[..end]);
        }
    }
}

#[test]
fn every_example_without_one_word_is_checked() {
    for (path, text) in files("examples") {
        let root = path.parent().expect("a file stands in a folder");
        for (start, end) in words(&text) {
            let changed = format!("{}{}", &text[..start], &text[end..]);
            check(root, &changed);
        }
    }
}

#[test]
fn every_example_cut_after_any_word_is_checked() {
    for (path, text) in files("examples") {
        let root = path.parent().expect("a file stands in a folder");
        for (_, end) in words(&text) {
            check(root, &text[..end]);
        }
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_lets_overflows_no_stack() {
    let mut text =
        String::from("project p { region = \"eu-west-1\", bucket = \"acme\" }\nworkflow w {\n  let a0 = 1\n");
    for n in 1..100_000 {
        text.push_str(&format!("  let a{n} = a{}\n", n - 1));
    }
    text.push_str("  fail \"${a99999}\"\n}\n");
    check(Path::new("."), &text);
}

#[test]
fn the_same_sources_give_the_same_bytes_whatever_the_order_of_the_roots() {
    struct Two;
    impl ReadFiles for Two {
        fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
            match path {
                "a.mlflow" => Ok(b"import \"./b.mlflow\" as b\nproject p { region = \"eu-west-1\", bucket = \"acme\" }\nworkflow w { fail b.text }\n".to_vec()),
                "b.mlflow" => Ok(b"let text = \"no\"\n".to_vec()),
                _ => Err(ReadError::NotFound),
            }
        }
        fn kind(&self, _path: &str) -> Option<PathKind> {
            None
        }
        fn list(&self, _folder: &str) -> Result<Vec<String>, ReadError> {
            Ok(Vec::new())
        }
    }
    let build = |roots: [&str; 2]| {
        let roots: Vec<String> = roots.map(str::to_owned).to_vec();
        let compilation = compile(&Two, &roots, &Options::default());
        assert!(!compilation.has_errors());
        targets::emit(&compilation).documents
    };
    let documents = build(["a.mlflow", "b.mlflow"]);
    assert!(documents.iter().any(|document| document.path == "p/w.pipeline.json"));
    assert_eq!(documents, build(["b.mlflow", "a.mlflow"]));
}
