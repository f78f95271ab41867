//! Every case comes to what its golden files say. `UPDATE=1 cargo test -p mlflow-tests` writes them anew.

use std::fmt::Write as _;
use std::fs;

use mlflow_tests::{Case, cases};

/// So many failures are shown in full.
const SHOWN: usize = 10;

#[test]
fn every_case_comes_to_its_golden_files() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0");
    let mut failures = Vec::new();
    let cases = cases();
    assert!(!cases.is_empty(), "there are no cases");
    for case in &cases {
        if update {
            write(case);
        } else {
            failures.extend(problem(case));
        }
    }
    let count = failures.len();
    failures.truncate(SHOWN);
    assert!(
        failures.is_empty(),
        "{}\n{count} golden files differ. If that is right: UPDATE=1 cargo test -p mlflow-tests\n",
        failures.join("\n")
    );
}

fn write(case: &Case) {
    let golden = case.golden(&case.outcome());
    for name in case.existing() {
        if golden.iter().all(|(other, _)| *other != name) {
            fs::remove_file(case.folder.join(name)).expect("a golden file can be removed");
        }
    }
    for (name, text) in golden {
        let path = case.folder.join(name);
        if fs::read_to_string(&path).is_ok_and(|before| before == text) {
            continue;
        }
        fs::write(path, text).expect("a golden file can be written");
    }
}

fn problem(case: &Case) -> Vec<String> {
    let golden = case.golden(&case.outcome());
    let mut problems = Vec::new();
    for name in case.existing() {
        if golden.iter().all(|(other, _)| *other != name) {
            problems.push(format!("{}/{name} is there, and the case does not come to it", case.area));
        }
    }
    for (name, text) in golden {
        match fs::read_to_string(case.folder.join(&name)) {
            Err(_) => problems.push(format!("{}/{name} is missing; it would be:\n{text}", case.area)),
            Ok(before) if before != text => {
                problems.push(format!("{}/{name} differs:\n{}", case.area, difference(&before, &text)));
            }
            Ok(_) => {}
        }
    }
    problems
}

/// The lines between the first and the last that differ, with what was expected first.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let same = |(one, other): &(&&str, &&str)| one == other;
    let start = expected.iter().zip(&found).take_while(same).count();
    let most = expected.len().min(found.len()) - start;
    let end = expected.iter().rev().zip(found.iter().rev()).take(most).take_while(same).count();
    let mut out = String::new();
    for (sign, lines) in [('-', &expected[start..expected.len() - end]), ('+', &found[start..found.len() - end])] {
        for line in lines.iter().take(40) {
            // Writing to memory does not fail.
            let _ = writeln!(out, "  {sign} {line}");
        }
    }
    let _ = writeln!(out, "  from line {}", start + 1);
    out
}

#[test]
fn one_mistake_gives_one_error() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter(|case| !case.is_several())
        .map(|case| (case.title(), case.outcome().errors().len()))
        .filter(|(_, count)| *count > 1)
        .map(|(title, count)| format!("{title}: {count} errors"))
        .collect();
    assert!(wrong.is_empty(), "name a case that needs more than one error `several…`:\n{}", wrong.join("\n"));
}
