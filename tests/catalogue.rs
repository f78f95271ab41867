//! Every code is shown by a case and explained by a page, and no message speaks of how the compiler is made.

use mlflow_compiler::diagnostics::CATALOGUE;
use mlflow_tests::{cases, repository};

#[test]
fn every_code_occurs_in_a_case() {
    let mut seen: Vec<&str> = Vec::new();
    for case in cases() {
        seen.extend(case.outcome().diagnostics.iter().map(|diagnostic| diagnostic.code()));
    }
    let missing: Vec<&str> = CATALOGUE.iter().map(|row| row.code).filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "{} codes occur in no case: {}", missing.len(), missing.join(" "));
}

#[test]
fn every_code_has_a_page() {
    let missing: Vec<&str> = CATALOGUE
        .iter()
        .map(|row| row.code)
        .filter(|code| mlflow_cli::PAGES.iter().all(|(other, _)| other != code))
        .collect();
    assert!(missing.is_empty(), "{} codes have no page docs/errors/CODE.md: {}", missing.len(), missing.join(" "));
}

#[test]
fn every_page_begins_with_its_code_and_explains_a_code_there_is() {
    for (code, page) in mlflow_cli::PAGES {
        assert!(CATALOGUE.iter().any(|row| row.code == *code), "docs/errors/{code}.md explains no code");
        assert!(page.starts_with(&format!("# {code}")), "docs/errors/{code}.md does not begin with `# {code}`");
    }
}

#[test]
fn codes_are_unique_and_in_order() {
    let codes: Vec<&str> = CATALOGUE.iter().map(|row| &row.code[1..]).collect();
    let mut sorted = codes.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(codes, sorted);
}

#[test]
fn braces_in_wordings_hold_names_of_arguments() {
    let mut wrong = Vec::new();
    for row in CATALOGUE {
        for text in [row.message, row.label, row.help] {
            for part in text.split('{').skip(1) {
                let is_name = part.split_once('}').is_some_and(|(name, _)| {
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                });
                if !is_name {
                    wrong.push(format!("{}: {text}", row.code));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_names_a_rule_of_the_grammar() {
    let grammar = std::fs::read_to_string(repository().join("grammar/mlflow.pest")).expect("the grammar is there");
    let rules: Vec<&str> = grammar
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()))
        .filter(|name| name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .chain(["EOI", "SOI", "WHITESPACE", "COMMENT", "ANY"])
        .collect();
    let mut found = Vec::new();
    for case in cases() {
        let outcome = case.outcome();
        for diagnostic in &outcome.diagnostics {
            let related = diagnostic.related.iter().map(|label| label.text.as_str());
            let help = diagnostic.help.iter().map(String::as_str);
            let texts = [diagnostic.message.as_str(), diagnostic.primary.text.as_str()];
            for text in texts.into_iter().chain(related).chain(help) {
                let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                let bad: Vec<&str> = words.filter(|word| rules.contains(word)).collect();
                if !bad.is_empty() {
                    found.push(format!("{}: {} in: {text}", case.title(), bad.join(", ")));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
