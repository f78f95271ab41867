//! Every code is shown by a case and explained by a page, and no message speaks of how the compiler is made.

use mlflow_compiler::diagnostics::{CATALOGUE, Diagnostic};
use mlflow_compiler::source::Span;
use mlflow_tests::{cases, imports, repository};

#[test]
fn every_code_occurs_in_a_case() {
    let mut seen: Vec<&str> = Vec::new();
    for case in cases() {
        seen.extend(case.outcome().diagnostics.iter().map(|diagnostic| diagnostic.code()));
    }
    for (_, imported) in imports() {
        seen.extend(imported.diagnostics.iter().map(|diagnostic| diagnostic.code()));
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
fn braces_that_hold_no_name_stay_in_wordings() {
    for row in CATALOGUE {
        let texts = [row.message, row.label, row.help];
        let names: Vec<&str> = texts
            .iter()
            .flat_map(|text| text.split('{').skip(1))
            .filter_map(|part| Some(part.split_once('}')?.0))
            .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .collect();
        let arguments: Vec<(&str, &dyn std::fmt::Display)> =
            names.iter().map(|name| (*name, name as &dyn std::fmt::Display)).collect();
        let diagnostic = Diagnostic::new(row, Span::NONE, &arguments);
        let filled =
            |text: &str| names.iter().fold(text.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), name));
        assert_eq!(diagnostic.message, filled(row.message), "{}", row.code);
        assert_eq!(diagnostic.primary.text, filled(row.label), "{}", row.code);
        assert_eq!(diagnostic.help.concat(), filled(row.help), "{}", row.code);
    }
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
