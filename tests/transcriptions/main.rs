//! Pipelines of others, written in the language: what is built means the same as the original.
//!
//! A case is a folder with `main.mlflow` and `expected.json`, the facts of the original in a form of our own: each step
//! with its type, the branch it stands in, what it runs after, whose results it reads, and its arguments as
//! `pointer: value`. Whatever differs must be explained, in the case or, for what the SDK writes everywhere, in
//! `differences.json`; an explanation that explains nothing is a failure too.

mod facts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use facts::{Definition, read};
use mlflow_cli::DiskFiles;
use mlflow_compiler::compilation::{Options, compile};
use mlflow_compiler::diagnostics::Severity;
use mlflow_compiler::targets::emit;
use serde_json::Value;

/// What stands for a fact that is not there.
const ABSENT: &str = "(absent)";

/// Why a fact may differ, and to what.
struct Explained {
    steps: String,
    at: String,
    original: Option<Value>,
    built: Value,
    why: String,
    used: bool,
}

#[test]
fn what_is_built_means_the_same_as_the_original() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcriptions");
    let everywhere = parse(&folder.join("differences.json"));
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of the cases can be read")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("main.mlflow").is_file())
        .collect();
    cases.sort();
    let mut problems = Vec::new();
    let mut used_everywhere = vec![false; explained(&everywhere).len()];
    for case in &cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        let found = compare(case, &everywhere, &mut used_everywhere);
        problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    for (explained, used) in explained(&everywhere).iter().zip(used_everywhere) {
        if !used {
            problems.push(format!("differences.json explains `{}`, which no case needs", explained.at));
        }
    }
    assert!(problems.is_empty(), "\n{}\n{} problems\n", problems.join("\n"), problems.len());
    assert!(cases.len() >= 12, "{} transcriptions", cases.len());
}

fn parse(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn explained(value: &Value) -> Vec<Explained> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let entries = value["differences"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| Explained {
            steps: text(entry, "steps"),
            at: text(entry, "at"),
            original: entry.get("original").cloned(),
            built: entry["built"].clone(),
            why: text(entry, "why"),
            used: false,
        })
        .collect()
}

/// The definition that a case builds, or what is wrong with it.
fn built(case: &Path) -> Result<Value, Vec<String>> {
    let mut compilation = compile(&DiskFiles::new(case), &["main.mlflow".to_owned()], &Options::default());
    let emitted = emit(&compilation);
    compilation.diagnostics.extend(emitted.diagnostics);
    if compilation.diagnostics.iter().any(|found| found.severity() == Severity::Error) {
        return Err(vec![mlflow_cli::plain(&compilation.sources, &compilation.diagnostics)]);
    }
    let mut definitions = emitted.documents.iter().filter(|document| document.path.ends_with(".pipeline.json"));
    match (definitions.next(), definitions.next()) {
        (Some(document), None) => serde_json::from_str(&document.text).map_err(|error| vec![error.to_string()]),
        _ => Err(vec!["a case builds one definition".to_owned()]),
    }
}

fn compare(case: &Path, everywhere: &Value, used_everywhere: &mut [bool]) -> Vec<String> {
    let expected_text = parse(&case.join("expected.json"));
    let document = match built(case) {
        Ok(document) => document,
        Err(problems) => return problems,
    };
    let expected = Definition::expected(&expected_text);
    let found = read(&document);
    let mut own = explained(&expected_text);
    let mut common = explained(everywhere);
    let mut problems: Vec<String> = Vec::new();
    let names: Vec<&String> =
        expected.steps.keys().chain(found.steps.keys().filter(|name| !expected.steps.contains_key(*name))).collect();
    compare_facts("definition", &expected.top, &found.top, &mut own, &mut common, &mut problems);
    for name in names {
        match (expected.steps.get(name), found.steps.get(name)) {
            (Some(_), None) => problems.push(format!("`{name}` is not built")),
            (None, Some(_)) => problems.push(format!("`{name}` is built, and the original has no such step")),
            (Some(one), Some(other)) => compare_facts(name, one, other, &mut own, &mut common, &mut problems),
            (None, None) => {}
        }
    }
    for difference in own.iter().filter(|difference| !difference.used || difference.why.is_empty()) {
        let problem = if difference.used { "is not explained" } else { "is not there" };
        problems.push(format!("the listed difference `{}` of {} {problem}", difference.at, difference.steps));
    }
    for (difference, used) in common.iter().zip(used_everywhere) {
        *used |= difference.used;
    }
    problems
}

type Facts = BTreeMap<String, Value>;

fn compare_facts(
    step: &str,
    expected: &Facts,
    found: &Facts,
    own: &mut [Explained],
    common: &mut [Explained],
    problems: &mut Vec<String>,
) {
    let absent = Value::from(ABSENT);
    let pointers = expected.keys().chain(found.keys().filter(|pointer| !expected.contains_key(*pointer)));
    for pointer in pointers {
        let one = expected.get(pointer).unwrap_or(&absent);
        let other = found.get(pointer).unwrap_or(&absent);
        if same(one, other) {
            continue;
        }
        let explains = |difference: &&mut Explained| {
            difference.steps.split(", ").any(|steps| matches(steps, step))
                && matches(&difference.at, pointer)
                && difference.original.as_ref().is_none_or(|original| fits(original, one))
                && fits(&difference.built, other)
        };
        match own.iter_mut().chain(common.iter_mut()).find(explains) {
            Some(difference) => difference.used = true,
            None => problems.push(format!("{step}: {pointer} is {one} in the original, {other} is built")),
        }
    }
}

/// Numbers by value, all else as it is.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// Whether a fact is the one that is named; `*` in a text stands for any part.
fn fits(wanted: &Value, fact: &Value) -> bool {
    match (wanted.as_str(), fact.as_str()) {
        (Some("*"), _) => fact.as_str() != Some(ABSENT),
        (Some(wanted), Some(fact)) => matches(wanted, fact),
        _ => same(wanted, fact),
    }
}

/// Whether a text has the form of a pattern in which `*` stands for any part.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(tail) = text.strip_prefix(start) else { return false };
    if rest.is_empty() {
        return true;
    }
    (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| matches(rest, &tail[at..]))
}

#[test]
fn a_pattern_stands_for_what_it_says() {
    assert!(matches("a*c", "abc") && matches("a*", "a") && matches("*", "") && matches("a", "a"));
    assert!(!matches("a*c", "abd") && !matches("a", "ab") && !matches("a*b*a", "aba b"));
}

#[test]
fn a_difference_is_a_problem_unless_it_is_explained() {
    let facts = |text: &str| -> Facts { serde_json::from_str(text).expect("JSON") };
    let (original, built) = (facts(r#"{"a": 1, "b": "x", "c": true}"#), facts(r#"{"a": 1.0, "b": "y", "d": 2}"#));
    let mut problems = Vec::new();
    compare_facts("step", &original, &built, &mut [], &mut [], &mut problems);
    assert_eq!(problems.len(), 3, "{problems:?}");
    let listed = serde_json::json!({"differences": [
        {"steps": "other, step", "at": "b", "original": "x", "built": "y", "why": "it may"},
        {"steps": "*", "at": "c", "original": false, "built": "(absent)", "why": "it was another"},
    ]});
    let mut own = explained(&listed);
    problems.clear();
    compare_facts("step", &original, &built, &mut own, &mut [], &mut problems);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(own[0].used && !own[1].used);
}
