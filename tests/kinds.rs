//! Every kind of the standard library can be seen in each engine: built by a golden case, or refused there with a reason that
//! a case shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use mlflow_compiler::kinds::{self, Kind, KindDeclaration};
use mlflow_compiler::resolve::library_files;
use mlflow_compiler::source::FileId;
use mlflow_compiler::syntax::parse;
use mlflow_compiler::syntax::tree::{Binding, Expression, ExpressionKind, StringPart};
use mlflow_tests::cases;

const ENGINES: [&str; 2] = ["pipeline", "machine"];

fn declarations() -> Vec<Arc<KindDeclaration>> {
    library_files()
        .flat_map(|(_, text)| {
            let file = parse(FileId(0), text).file;
            let read = file.declarations.iter().filter_map(|declaration| {
                kinds::read(declaration, FileId(0), &mut mlflow_compiler::diagnostics::Diagnostics::default())
            });
            read.map(Arc::new).collect::<Vec<_>>()
        })
        .collect()
}

/// A declaration with those that it narrows.
fn flattened(declaration: &Arc<KindDeclaration>, all: &[Arc<KindDeclaration>]) -> Kind {
    let mut chain = vec![declaration.clone()];
    while let Some(base) = chain.last().and_then(|last| last.base.as_ref()) {
        let Some(found) = all.iter().find(|other| other.name.text == base.text) else { break };
        chain.push(found.clone());
    }
    Kind::flatten(chain, &mut mlflow_compiler::diagnostics::Diagnostics::default())
}

/// The text before the first value that a message computes.
fn text_of(expression: &Expression) -> String {
    match &*expression.kind {
        ExpressionKind::String(parts) => match parts.first() {
            Some(StringPart::Text(text)) => text.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

#[test]
fn every_kind_is_built_or_refused_in_every_engine() {
    let all = declarations();
    let mut built: BTreeSet<(String, String)> = BTreeSet::new();
    let mut refused: BTreeSet<(String, String)> = BTreeSet::new();
    let mut messages = String::new();
    for case in cases() {
        let outcome = case.outcome();
        messages.extend(outcome.diagnostics.iter().map(|diagnostic| format!("{}\n", diagnostic.message)));
        // A component is gone from the plan: its name in the text stands for it.
        let text = case.text();
        let uses = all.iter().filter(|component| component.is_component);
        let uses = uses.map(|component| component.name.text.to_string());
        let uses: Vec<String> = uses.filter(|name| text.contains(&format!(" = {name} {{"))).collect();
        if outcome.documents.is_empty() {
            let engines = ENGINES.iter().filter(|engine| text.contains(&format!("engine = \"{engine}\"")));
            refused
                .extend(engines.flat_map(|engine| uses.iter().map(move |name| ((*engine).to_owned(), name.clone()))));
            continue;
        }
        let engines: BTreeSet<&String> = outcome.steps.iter().map(|(engine, _)| engine).collect();
        built.extend(engines.iter().flat_map(|engine| uses.iter().map(|name| ((*engine).clone(), name.clone()))));
        built.extend(outcome.steps);
    }
    let mut missing = Vec::new();
    for declaration in &all {
        let kind = flattened(declaration, &all);
        let is_step = kind.roles.iter().any(|role| Binding::from_word(&role.text).is_some_and(Binding::is_step));
        if !is_step {
            continue;
        }
        for engine in ENGINES {
            let name = declaration.name.text.to_string();
            let is_built = built.contains(&(engine.to_owned(), name.clone()));
            if declaration.is_component {
                // Where its steps are refused, it is.
                if !is_built && !refused.contains(&(engine.to_owned(), name.clone())) {
                    missing.push(format!("{name} in {engine}: no case uses this component"));
                }
                continue;
            }
            let clauses = kind.runs(engine);
            if clauses.is_empty() {
                missing
                    .push(format!("{name}: no `run {engine}` clause; `run {engine} {{ refused = \"…\" }}` says why"));
            }
            if clauses.iter().any(|clause| clause.refusal().is_none()) && !is_built {
                missing.push(format!("{name} in {engine}: no golden case has a step of it"));
            }
            for reason in clauses.iter().filter_map(|clause| clause.refusal()) {
                let reason = text_of(reason);
                if reason.is_empty() || !messages.contains(&reason) {
                    missing.push(format!("{name} in {engine}: no case shows that it is refused since {reason}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{} are not shown:\n{}", missing.len(), missing.join("\n"));
}
