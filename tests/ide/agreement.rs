//! The editor says what the compiler says, and the same after any edits as after a fresh start.

use std::path::Path;

use mlflow_compiler::compilation::Options;
use mlflow_compiler::ide::{Analysis, Engine};
use mlflow_tests::{cases, repository};

use crate::workspace::{compiled, layered, shown, workspace};

fn lines(analysis: &Analysis) -> Vec<String> {
    let mut lines: Vec<String> =
        analysis.files_with_findings().flat_map(|(_, list)| list.iter().map(shown).collect::<Vec<_>>()).collect();
    lines.sort();
    lines
}

#[test]
fn an_editor_shows_what_the_compiler_says() {
    let mut problems = Vec::new();
    // Every case with `MLFLOW_ALL=1`; a share of them takes long enough without optimisation.
    let share = if std::env::var_os("MLFLOW_ALL").is_some() { 1 } else { 8 };
    for case in cases().iter().step_by(share) {
        let (root, main, options) = case.input();
        let Ok(text) = std::fs::read_to_string(root.join(main)) else { continue };
        let mut engine = Engine::new(options.clone());
        let analysis = engine.analyze(&workspace(root, &[(main, &text)]));
        let expected = compiled(&layered(root, &[(main, &text)]), &[main.to_owned()], &options);
        let found = lines(&analysis);
        if found != expected {
            problems.push(format!(
                "{}\n  compiler:\n    {}\n  editor:\n    {}",
                case.title(),
                expected.join("\n    "),
                found.join("\n    ")
            ));
        }
    }
    let count = problems.len();
    problems.truncate(8);
    assert!(problems.is_empty(), "{count} cases differ\n{}", problems.join("\n"));
}

/// A small generator of numbers, the same in every run.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(2) | 1)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

const SNIPPETS: [&str; 32] = [
    "{",
    "}",
    "\n",
    " ",
    "\"",
    "=",
    ".",
    ",",
    "(",
    ")",
    "[",
    "]",
    "//",
    "/// doc\n",
    "x",
    "let a = 1\n",
    "workflow",
    "project p { }\n",
    "config",
    "environment",
    "none",
    "${",
    "step s = ",
    "in { }",
    "true",
    "5m",
    ":",
    "kind k { }\n",
    "import { a } from \"./other.mlflow\"\n",
    "self",
    "\u{1d11e}",
    "\r\n",
];

/// One random change of a text.
pub(crate) fn edit(text: &mut String, numbers: &mut Numbers) {
    let place = |text: &str, numbers: &mut Numbers| {
        let mut at = numbers.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    match numbers.below(6) {
        0 | 1 => {
            let at = place(text, numbers);
            text.insert_str(at, SNIPPETS[numbers.below(SNIPPETS.len())]);
        }
        2 => {
            // One character goes.
            let at = place(text, numbers);
            if at < text.len() {
                text.remove(at);
            }
        }
        3 => {
            // A stretch moves to another place.
            let (one, other) = (place(text, numbers), place(text, numbers));
            let (start, mut end) = (one.min(other), one.max(other).min(one.min(other) + 40));
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let part: String = text.drain(start..end).collect();
            let at = place(text, numbers);
            text.insert_str(at, &part);
        }
        4 => {
            // A line goes, or comes twice.
            let at = place(text, numbers);
            let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let end = text[start..].find('\n').map_or(text.len(), |newline| start + newline + 1);
            let line = text[start..end].to_owned();
            if numbers.below(2) == 0 {
                text.drain(start..end);
            } else {
                text.insert_str(start, &line);
            }
        }
        _ => {
            // A word becomes another of the same text.
            let words: Vec<(usize, &str)> = text
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
                .collect();
            if words.len() > 1 {
                let (at, old) = words[numbers.below(words.len())];
                let new = words[numbers.below(words.len())].1.to_owned();
                let range = at..at + old.len();
                text.replace_range(range, &new);
            }
        }
    }
}

/// `rounds` edits of each of `files`; every so often what was typed is taken back.
fn same_after_edits(root: &Path, files: &[(&str, &str)], options: &Options, rounds: usize, seed: u64) {
    let mut numbers = Numbers::new(seed);
    let mut texts: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let mut engine = Engine::new(options.clone());
    let view = |texts: &[(String, String)]| {
        let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        workspace(root, &texts)
    };
    engine.analyze(&view(&texts));
    for round in 0..rounds {
        let which = numbers.below(texts.len());
        if numbers.below(12) == 0 {
            texts[which].1 = files[which].1.to_owned();
        } else {
            edit(&mut texts[which].1, &mut numbers);
        }
        let now = view(&texts);
        let kept = engine.analyze(&now);
        let fresh = Engine::new(options.clone()).analyze(&now);
        let (kept, fresh) = (state(&kept), state(&fresh));
        assert!(
            kept == fresh,
            "round {round}, seed {seed}, {}\n--- kept\n{}\n--- fresh\n{}\n--- text\n{}",
            texts[which].0,
            kept.join("\n"),
            fresh.join("\n"),
            texts[which].1
        );
    }
}

fn state(analysis: &Analysis) -> Vec<String> {
    lines(analysis)
}

/// So many edits of each file; `MLFLOW_EDITS=10000` for a long run.
fn rounds(usual: usize) -> usize {
    std::env::var("MLFLOW_EDITS").ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

#[test]
fn edits_of_the_examples_leave_what_a_fresh_start_finds() {
    let root = repository().join("examples/abalone");
    let text = std::fs::read_to_string(root.join("main.mlflow")).expect("the example is part of the repository");
    for seed in 1..=1 {
        same_after_edits(&root, &[("main.mlflow", &text)], &Options::default(), rounds(12), seed);
    }
}

const MAIN: &str = r#"import { Customer, share } from "./other.mlflow"
import "./other.mlflow" as more

project p { region = "eu-west-1", bucket = "b-${environment}" }

config environment: "dev" | "prod" = "dev"

let size = share(10)

workflow one {
  source raw: table<Customer> = s3 { uri = "s3://a/b/", format = "csv" }
  transform prepare = processing {
    image = sklearn("1.2-1")
    instance = "ml.m5.xlarge"
    count = size
    command = ["python3"]
    in { raw }
    out { train: table<Customer> = { format = "csv" } }
  }
}

workflow two {
  step wait = aws.glue.StartCrawler { Name = more.name }
  fail "x ${size}"
}
"#;

const OTHER: &str = r#"/// A customer.
schema Customer { id: int, name?: string }

let share(n) => n / factor
let factor = 2
let name = "crawler"

kind quick for transform {
  count: int(1..3) = 1
  call aws.glue.StartCrawler { Name = "a" }
  run pipeline { Type = "Lambda" }
}
"#;

#[test]
fn edits_of_files_that_import_leave_what_a_fresh_start_finds() {
    let files = [("main.mlflow", MAIN), ("other.mlflow", OTHER)];
    for seed in 1..=3 {
        same_after_edits(&repository(), &files, &Options::default(), rounds(40), seed);
    }
}

#[test]
fn edits_of_the_cases_leave_what_a_fresh_start_finds() {
    for (number, case) in cases().iter().enumerate().filter(|(number, _)| number % 60 == 0) {
        let (root, main, options) = case.input();
        let Ok(text) = std::fs::read_to_string(root.join(main)) else { continue };
        same_after_edits(root, &[(main, &text)], &options, rounds(4), number as u64 + 7);
    }
}
