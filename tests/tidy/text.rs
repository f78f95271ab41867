//! What a source file may look like.

use super::{assert_none, files};

/// Lines of one file.
const LONGEST: usize = 700;

/// Names of AWS services. They belong to the standard library, to facts and to targets.
const SERVICES: [&str; 17] = [
    "athena",
    "bedrock",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ecs",
    "eks",
    "emr",
    "eventbridge",
    "firehose",
    "glue",
    "kinesis",
    "lambda",
    "redshift",
    "sagemaker",
    "sns",
    "sqs",
];

/// Where names of services may stand.
const KNOWS_SERVICES: [&str; 3] = ["compiler/src/facts/", "compiler/src/targets/", "compiler/src/import/"];

const OURS: [&str; 3] = ["compiler", "lsp", "tests"];

#[test]
fn no_file_is_too_long() {
    let mut problems = Vec::new();
    for file in OURS.iter().flat_map(|folder| files(folder)) {
        let lines = file.text.lines().count();
        // Tables that a program writes are as long as they are.
        if lines > LONGEST && !file.text.contains("do not edit") {
            problems.push(format!("{}: {lines} lines, and {LONGEST} are the most", file.path));
        }
    }
    assert_none(&problems);
}

#[test]
fn every_module_says_what_it_owns() {
    let problems: Vec<String> = OURS
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| format!("{}: begin with `//!`", file.path))
        .collect();
    assert_none(&problems);
}

#[test]
fn the_library_does_not_unwrap() {
    let mut problems = Vec::new();
    for file in files("compiler/src").iter().chain(&files("compiler/cli/src")) {
        for (number, line) in file.code() {
            if line.contains(".unwrap()") {
                problems.push(format!("{}:{number}: say with `expect` why this cannot be", file.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn only_facts_and_targets_know_services_by_name() {
    let mut problems = Vec::new();
    for file in files("compiler/src") {
        if KNOWS_SERVICES.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        for (number, line) in file.code() {
            let code = line.split(" // ").next().unwrap_or_default().to_lowercase();
            let words = code.split(|c: char| !c.is_ascii_alphanumeric());
            for word in words.filter(|word| SERVICES.contains(word)) {
                problems.push(format!("{}:{number}: `{word}` belongs in stdlib/", file.path));
            }
        }
    }
    assert_none(&problems);
}
