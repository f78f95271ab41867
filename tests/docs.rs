//! What the README and the pages of `docs/` show is true: examples compile, wrong ones give the code that their page is
//! about, and every code has a page. The words behind ```` ```mlflow ```` say what a block is:
//!
//! - nothing: compiles without findings, and is laid out as the formatter does it; in `docs/errors` it may be an excerpt
//! - `excerpt`: compiles once it stands in a workflow of a project
//! - `wrong`: gives findings of the page's code alone; elsewhere than in `docs/errors` the code follows: `wrong E0401`
//! - `alone`, after another: is compiled as it stands, without a project around it
//! - `file=NAME`: a file that the next block of the page imports
//! - `fragment`: shows a form and is no file; it is not compiled

use std::fs;
use std::path::PathBuf;

use mlflow_compiler::compilation::{Options, Setting, compile};
use mlflow_compiler::diagnostics::CATALOGUE;
use mlflow_compiler::source::{PathKind, ReadError, ReadFiles};
use mlflow_compiler::targets::emit;
use mlflow_tests::{entries, repository};

/// Files that examples name. `src` and `notebooks` are folders.
const FILES: [&str; 8] = [
    "steps/clean.py",
    "steps/evaluate.py",
    "steps/prepare.py",
    "steps/score.py",
    "steps/split.py",
    "steps/train.py",
    "src/requirements.txt",
    "src/train.py",
];

/// A file that is not UTF-8.
const LATIN: &str = "latin1.mlflow";

/// Codes that a short example cannot show.
const WITHOUT_EXAMPLE: [&str; 6] = ["E0102", "E0110", "E0910", "E0911", "E0912", "W0913"];

/// Words that stand at the left edge of a file. A block with none of them is the inside of a workflow.
const FILE_WORDS: [&str; 16] = [
    "project",
    "import",
    "schema",
    "type",
    "config",
    "workflow",
    "component",
    "kind",
    "machine",
    "pipeline",
    "test",
    "monitor",
    "serve",
    "studio",
    "moved",
    "resource",
];

const PROJECT: &str = "project demo { region = \"eu-west-1\", bucket = \"acme-ml\" }\n";

/// A fenced block of a page.
struct Block {
    place: String,
    words: Vec<String>,
    text: String,
}

impl Block {
    fn is(&self, word: &str) -> bool {
        self.words.iter().any(|other| other == word)
    }

    fn file(&self) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix("file="))
    }
}

fn blocks(page: &PathBuf) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(words)) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                open = Some(Block { place: format!("{name}:{}", index + 1), words, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{name}: a block is never closed");
    blocks.retain(|block| block.is("mlflow"));
    blocks
}

/// What a block is compiled in: the files before it, and those that examples name.
struct Beside {
    files: Vec<(String, String)>,
}

impl ReadFiles for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == LATIN {
            return Ok(b"schema Customer {\n  \xe9t\xe9: int\n}\n".to_vec());
        }
        match self.files.iter().find(|(name, _)| name == path) {
            Some((_, text)) => Ok(text.clone().into_bytes()),
            None if FILES.contains(&path) => Ok(path.as_bytes().to_vec()),
            None => Err(ReadError::NotFound),
        }
    }

    fn kind(&self, path: &str) -> Option<PathKind> {
        let folder = format!("{path}/");
        if self.read(path).is_ok() {
            Some(PathKind::File)
        } else {
            FILES.iter().any(|file| file.starts_with(&folder)).then_some(PathKind::Folder)
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let prefix = if matches!(folder, "" | ".") { String::new() } else { format!("{folder}/") };
        let own = self.files.iter().map(|(name, _)| name.as_str());
        let names = own.chain(FILES).filter_map(|file| file.strip_prefix(&prefix)).filter(|rest| !rest.contains('/'));
        Ok(names.map(str::to_owned).collect())
    }
}

/// An excerpt as a file: inside a workflow, and with a project, where it has none of its own.
fn whole(text: &str) -> String {
    let starts =
        |words: &[&str]| text.lines().any(|line| words.iter().any(|word| line.starts_with(&format!("{word} "))));
    let inside = !starts(&FILE_WORDS)
        && starts(&[
            "param",
            "transform",
            "train",
            "tune",
            "evaluate",
            "register",
            "deploy",
            "notify",
            "step",
            "when",
            "for",
            "each",
            "fail",
            "try",
            "trigger",
        ]);
    let text = if inside { format!("workflow demo {{\n{text}}}\n") } else { text.to_owned() };
    if starts(&["project"]) { text } else { format!("{text}{PROJECT}") }
}

/// The findings of a text, each as code and sentence.
fn findings(text: &str, files: &[(String, String)]) -> Vec<(&'static str, String)> {
    let main = "main.mlflow".to_owned();
    let mut files = files.to_vec();
    files.push((main.clone(), text.to_owned()));
    let settings = text.lines().filter_map(|line| line.strip_prefix("// --set ")?.split_once('='));
    let settings = settings.map(|(name, value)| Setting {
        name: name.to_owned(),
        value: value.into(),
        origin: format!("--set {name}={value}"),
    });
    let options = Options { settings: settings.collect(), ..Options::default() };
    let mut compilation = compile(&Beside { files }, &[main], &options);
    if !compilation.has_errors() {
        let emitted = emit(&compilation);
        compilation.diagnostics.extend(emitted.diagnostics);
    }
    compilation.diagnostics.iter().map(|found| (found.code(), found.message.clone())).collect()
}

/// What is wrong with the blocks of a page; `code` is what a wrong one has to give.
fn problems(page: &PathBuf, code: Option<&str>) -> Vec<String> {
    if !page.exists() {
        return vec![format!("{} is not there", page.display())];
    }
    let mut problems = Vec::new();
    let mut files: Vec<(String, String)> = Vec::new();
    for block in blocks(page) {
        if let Some(name) = block.file() {
            files.push((name.to_owned(), block.text));
            continue;
        }
        let beside = std::mem::take(&mut files);
        if block.is("fragment") {
            continue;
        }
        let is_excerpt = (code.is_some() && !block.is("alone")) || block.is("excerpt") || block.is("wrong");
        let text = if is_excerpt && !block.is("alone") { whole(&block.text) } else { block.text.clone() };
        let found = findings(&text, &beside);
        if block.is("wrong") {
            let given =
                block.words.iter().map(String::as_str).find(|word| CATALOGUE.iter().any(|row| row.code == *word));
            let wanted = given.or(code).unwrap_or_else(|| panic!("{}: say the code behind `wrong`", block.place));
            if found.is_empty() || found.iter().any(|(code, _)| *code != wanted) {
                problems.push(format!("{} should give {wanted} alone, and gives {found:?}", block.place));
            }
            continue;
        }
        if !found.is_empty() {
            problems.push(format!("{} should give nothing, and gives {found:?}", block.place));
        }
        if mlflow_compiler::syntax::format(&block.text).text != block.text {
            problems.push(format!("{} is not laid out as `mlflowc fmt` does it", block.place));
        }
    }
    problems
}

fn pages(folder: &str) -> Vec<PathBuf> {
    let pages = entries(&repository().join(folder));
    pages.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn examples_of_the_manual_and_the_readme_compile() {
    let mut pages = pages("docs/language");
    assert!(!pages.is_empty(), "there is no manual");
    pages.push(repository().join("README.md"));
    pages.push(repository().join("CONTRIBUTING.md"));
    none(&pages.iter().flat_map(|page| problems(page, None)).collect::<Vec<_>>());
}

#[test]
fn examples_of_the_error_pages_give_their_code_or_nothing() {
    let pages: Vec<PathBuf> =
        CATALOGUE.iter().map(|row| repository().join(format!("docs/errors/{}.md", row.code))).collect();
    let code = |page: &PathBuf| page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // A page is compiled apart from all others, so they can be shared out.
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let shares: Vec<Vec<String>> = std::thread::scope(|scope| {
        let share = |part: usize| {
            let own = pages.iter().skip(part).step_by(workers);
            scope.spawn(move || own.flat_map(|page| problems(page, Some(&code(page)))).collect())
        };
        let running: Vec<_> = (0..workers).map(share).collect();
        running.into_iter().map(|part| part.join().expect("a page that cannot be read has been named above")).collect()
    });
    none(&shares.concat());
}

#[test]
fn every_error_page_shows_a_mistake_and_its_mending() {
    let mut problems = Vec::new();
    for row in CATALOGUE.iter().filter(|row| !WITHOUT_EXAMPLE.contains(&row.code)) {
        let blocks = blocks(&repository().join(format!("docs/errors/{}.md", row.code)));
        if !blocks.iter().any(|block| block.is("wrong")) {
            problems.push(format!("{} has no block marked `wrong`", row.code));
        }
        if !blocks.iter().any(|block| !block.is("wrong") && block.file().is_none()) {
            problems.push(format!("{} does not show how to mend it", row.code));
        }
    }
    none(&problems);
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut all = vec!["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"]
        .into_iter()
        .map(|page| repository().join(page))
        .collect::<Vec<_>>();
    for folder in ["docs", "docs/language", "docs/errors", "docs/reference"] {
        all.extend(pages(folder));
    }
    let mut problems = Vec::new();
    for page in all {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        for (_, rest) in text.match_indices("](").map(|(at, _)| text.split_at(at + 2)) {
            let link = rest.split(')').next().unwrap_or_default().split('#').next().unwrap_or_default();
            // What looks like a link inside a pattern is none.
            let is_path = !link.is_empty()
                && !link.contains("://")
                && !link.contains(|character: char| character.is_whitespace() || "[]*\\".contains(character));
            if is_path && !page.parent().is_some_and(|folder| folder.join(link).exists()) {
                problems.push(format!("{}: {link} is not there", page.display()));
            }
        }
    }
    none(&problems);
}
