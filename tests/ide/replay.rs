//! Typing: every example, keystroke by keystroke, and every prefix of it, with all that an editor asks on the way.

use mlflow_compiler::compilation::Options;
use mlflow_compiler::ide::Engine;
use mlflow_tests::repository;

use crate::workspace::workspace;

/// Every so many characters in the usual run; `MLFLOW_STEP=1` for each.
fn step(usual: usize) -> usize {
    std::env::var("MLFLOW_STEP").ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

fn examples() -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    for folder in mlflow_tests::entries(&repository().join("examples")) {
        for path in mlflow_tests::entries(&folder) {
            if path.extension().is_some_and(|extension| extension == "mlflow") {
                let text = std::fs::read_to_string(&path).expect("examples are UTF-8");
                found.push((folder.clone(), text));
            }
        }
    }
    assert!(!found.is_empty(), "there are no examples");
    found
}

#[test]
fn every_prefix_of_every_example_is_answered() {
    for (folder, text) in examples() {
        let mut engine = Engine::new(Options::default());
        let mut had_outline = false;
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for at in places.into_iter().step_by(step(29)) {
            let typed = &text[..at];
            let analysis = engine.analyze(&workspace(&folder, &[("main.mlflow", typed)]));
            let offset = typed.len() as u32;
            ask(&analysis, offset);
            let outline = analysis.symbols("main.mlflow");
            assert!(!had_outline || !outline.is_empty(), "the outline emptied after:\n{typed}");
            had_outline |= !outline.is_empty();
        }
    }
}

/// The rest of the file stands there while a word is typed anew.
#[test]
fn every_word_of_every_example_can_be_typed_anew() {
    for (folder, text) in examples() {
        let mut engine = Engine::new(Options::default());
        let starts: Vec<usize> = text
            .char_indices()
            .filter(|(at, letter)| letter.is_alphanumeric() && !text[..*at].ends_with(|c: char| c.is_alphanumeric()))
            .map(|(at, _)| at)
            .collect();
        for start in starts.into_iter().step_by(step(9)) {
            let length = text[start..].find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len() - start);
            for typed in [0, length.min(1), length] {
                let now = format!("{}{}{}", &text[..start], &text[start..start + typed], &text[start + length..]);
                let analysis = engine.analyze(&workspace(&folder, &[("main.mlflow", &now)]));
                ask(&analysis, (start + typed) as u32);
                assert!(!analysis.symbols("main.mlflow").is_empty(), "the outline emptied in:\n{now}");
            }
        }
    }
}

fn ask(analysis: &mlflow_compiler::ide::Analysis, offset: u32) {
    let path = "main.mlflow";
    let length = analysis.documents[path].text().len() as u32;
    for item in analysis.completions(path, offset) {
        assert!(
            item.replace.start <= offset && item.replace.end >= offset && item.replace.end <= length,
            "{item:?} at {offset}"
        );
    }
    analysis.hover(path, offset);
    analysis.signature(path, offset);
    analysis.definition(path, offset);
    analysis.enclosing(path, offset);
    analysis.actions(path, offset, offset);
    let mut last = 0;
    for token in analysis.semantic_tokens(path, 0, length) {
        assert!(token.start >= last && token.end > token.start && token.end <= length, "{token:?} after {last}");
        last = token.end;
    }
    analysis.folds(path);
    analysis.lenses(path);
    analysis.inlays(path, 0, length);
}
