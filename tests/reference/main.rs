//! `docs/reference` says what the standard library says: it is made from the declarations and their doc comments.
//! `UPDATE_REFERENCE=1 cargo test -p mlflow-tests --test reference` writes it anew.

mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use mlflow_compiler::resolve::library_files;
use mlflow_compiler::source::{FileId, Span};
use mlflow_compiler::syntax::parse;
use mlflow_compiler::syntax::tree::{
    Binding, Block, Declaration, DeclarationKind, Doc, EntryKind, Expression, ExpressionKind, Field, File, Name,
    Object, StageWord, StringPart, TypeExpression, TypeExpressionKind,
};
use mlflow_tests::{entries, repository};
use text::{cell, code, engine_title, line, row, sentence};

/// Words in the order of the index, with what they stand for.
const WORDS: [(&str, &str); 10] = [
    ("source", "where data lies"),
    ("transform", "turns data into other data"),
    ("train", "learns a model"),
    ("tune", "searches for the best model"),
    ("evaluate", "measures or checks"),
    ("register", "keeps a version of a model"),
    ("deploy", "puts a model to work"),
    ("notify", "tells someone"),
    ("step", "anything else that runs"),
    ("resource", "is there once for the project"),
];

/// A file of the standard library.
struct Library {
    path: &'static str,
    text: &'static str,
    tree: File,
}

impl Library {
    fn slice(&self, span: Span) -> String {
        // Every span of this tree is within this text.
        let text = &self.text[span.start as usize..span.end as usize];
        let mut out = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
            // A new line parts entries as a comma does.
            let parts = !out.is_empty()
                && !out.ends_with(['{', '[', '(', ',', '|', '<'])
                && !line.starts_with(['}', ']', ')', '|', '>']);
            out.push_str(if parts {
                ", "
            } else if out.is_empty() {
                ""
            } else {
                " "
            });
            out.push_str(&line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        out
    }
}

/// A kind or component, with the file that declares it.
#[derive(Clone, Copy)]
struct Kind<'l> {
    file: &'l Library,
    declaration: &'l Declaration,
    name: &'l Name,
    parameters: &'l [Field],
    base: Option<&'l Name>,
    roles: &'l [Name],
    body: &'l Block,
    is_component: bool,
}

fn library() -> Vec<Library> {
    library_files().map(|(path, text)| Library { path, text, tree: parse(FileId(0), text).file }).collect()
}

fn kinds(library: &[Library]) -> Vec<Kind<'_>> {
    let mut kinds = Vec::new();
    for file in library {
        for declaration in &file.tree.declarations {
            match &declaration.kind {
                DeclarationKind::Kind { name, parameters, base, roles, body } => kinds.push(Kind {
                    file,
                    declaration,
                    name,
                    parameters,
                    base: base.as_ref(),
                    roles,
                    body,
                    is_component: false,
                }),
                DeclarationKind::Component { name, roles, body } => kinds.push(Kind {
                    file,
                    declaration,
                    name,
                    parameters: &[],
                    base: None,
                    roles,
                    body,
                    is_component: true,
                }),
                _ => {}
            }
        }
    }
    kinds
}

impl<'l> Kind<'l> {
    fn text(&self) -> &str {
        &self.name.text
    }

    fn is_settings(&self) -> bool {
        self.text().ends_with("_settings")
    }

    /// Its roles, or those of the kind that it narrows.
    fn words(&self, all: &[Kind<'l>]) -> Vec<&'l str> {
        match self.base.and_then(|base| all.iter().find(|kind| kind.name.text == base.text)) {
            Some(base) if self.roles.is_empty() => base.words(all),
            _ => self.roles.iter().map(|role| role.text.as_str()).collect(),
        }
    }

    /// Its fields, each with its doc comment, which belongs to the declaration around the field.
    fn fields(&self) -> Vec<(&'l Field, Option<&'l Doc>)> {
        let fields = self.body.declarations.iter().filter_map(|inner| match &inner.kind {
            DeclarationKind::Field(field) => Some((field, inner.doc.as_ref().or(field.doc.as_ref()))),
            _ => None,
        });
        fields.collect()
    }

    fn setting(&self, wanted: &str) -> Option<&'l Expression> {
        self.body.declarations.iter().find_map(|inner| match &inner.kind {
            DeclarationKind::Setting { name, value } if name.text == wanted => Some(value),
            _ => None,
        })
    }
}

/// What the kind that is narrowed says of a field.
fn inherited<'l>(kind: &Kind<'l>, all: &[Kind<'l>], field: &Field) -> Option<&'l Doc> {
    let base = all.iter().find(|other| kind.base.is_some_and(|base| other.name.text == base.text))?;
    let own = base.fields().into_iter().find(|(other, _)| other.name.text == field.name.text);
    own.and_then(|(_, doc)| doc).or_else(|| inherited(base, all, field))
}

fn stage(field: &Field) -> &'static str {
    match field.stage {
        Some((StageWord::Build, _)) => "build",
        Some((StageWord::Deploy, _)) => "deploy",
        Some((StageWord::Run, _)) | None => "run",
    }
}

fn type_text(file: &Library, type_: Option<&TypeExpression>) -> String {
    type_.map_or_else(|| "any".to_owned(), |type_| file.slice(type_.span))
}

fn is_optional(field: &Field) -> bool {
    field.optional || field.type_.as_ref().is_some_and(ends_optional)
}

fn ends_optional(type_: &TypeExpression) -> bool {
    match &*type_.kind {
        TypeExpressionKind::Optional(_) => true,
        TypeExpressionKind::Union(parts) => parts.iter().any(ends_optional),
        TypeExpressionKind::Named { .. }
        | TypeExpressionKind::Literal(_)
        | TypeExpressionKind::Record(_)
        | TypeExpressionKind::Error => false,
    }
}

fn field_table(out: &mut String, file: &Library, fields: &[(&Field, Option<&Doc>)]) {
    out.push_str("| field | type | known by | default | |\n|---|---|---|---|---|\n");
    for (field, doc) in fields {
        let default = match &field.default {
            Some(default) => code(&file.slice(default.span)),
            None if is_optional(field) => "none".to_owned(),
            None => "**required**".to_owned(),
        };
        let type_ = code(&type_text(file, field.type_.as_ref()));
        let name = &field.name.text;
        row(out, &[&format!("`{name}`"), &type_, stage(field), &default, &cell(&line(*doc))]);
    }
}

/// The fields of a record type, if it is one.
fn record(field: &Field) -> Option<&[Field]> {
    match &*field.type_.as_ref()?.kind {
        TypeExpressionKind::Record(fields) => Some(fields),
        _ => None,
    }
}

/// Keys of an object with the text of their values.
fn object_entries(file: &Library, expression: &Expression) -> Vec<(String, String)> {
    let ExpressionKind::Object(object) = &*expression.kind else { return Vec::new() };
    let entries = object.entries.iter().filter_map(|entry| match &entry.kind {
        EntryKind::Field { key, value } => Some((key.text.to_string(), file.slice(value.span))),
        EntryKind::Shorthand(name) => Some((name.text.to_string(), name.text.to_string())),
        _ => None,
    });
    entries.collect()
}

fn has_spread(expression: &Expression) -> bool {
    match &*expression.kind {
        ExpressionKind::Object(object) => object.entries.iter().any(|entry| matches!(entry.kind, EntryKind::Spread(_))),
        _ => false,
    }
}

fn has_comprehension(expression: &Expression) -> bool {
    match &*expression.kind {
        ExpressionKind::Object(object) => {
            object.entries.iter().any(|entry| matches!(entry.kind, EntryKind::Comprehension { .. }))
        }
        _ => false,
    }
}

/// A name, with the engine that gives it where not every one does.
fn results(out: &mut String, kind: &Kind<'_>, all: &[Kind<'_>]) {
    let mut names: Vec<(String, Vec<&str>)> = Vec::new();
    let mut declared = false;
    let mut enter = |clause: &Expression, engine: Option<&'static str>| {
        declared |= has_comprehension(clause) || has_spread(clause);
        for (name, _) in object_entries(kind.file, clause) {
            let at = names.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
                names.push((name, Vec::new()));
                names.len() - 1
            });
            names[at].1.extend(engine);
        }
    };
    if let Some(clause) = kind.setting("results") {
        enter(clause, None);
    }
    let mut engines: Vec<&str> = Vec::new();
    for inner in &kind.body.declarations {
        let DeclarationKind::Run { engine, body, .. } = &inner.kind else { continue };
        let Some(title) = engine_title(&engine.text) else { continue };
        if refusal(body).is_none() && !engines.contains(&title) {
            engines.push(title);
        }
        for entry in &body.entries {
            if let EntryKind::Field { key, value } = &entry.kind
                && key.text == "results"
            {
                enter(value, Some(title));
            }
        }
    }
    let outputs = kind.body.declarations.iter().filter_map(|inner| match &inner.kind {
        DeclarationKind::Output { name, .. } => Some(format!("`{}`", name.text)),
        _ => None,
    });
    let shown = names.into_iter().map(|(name, given)| match given.first() {
        Some(only) if given.iter().all(|other| other == only) && engines.len() > 1 => format!("`{name}` (in {only})"),
        _ => format!("`{name}`"),
    });
    let mut shown: Vec<String> = shown.chain(outputs).collect();
    if shown.is_empty() && !declared {
        match kind.base.and_then(|base| all.iter().find(|other| other.name.text == base.text)) {
            Some(base) => results(out, base, all),
            None if kind.setting("value").is_some() => out.push_str("Its name stands for the data itself.\n\n"),
            None => {}
        }
        return;
    }
    if declared {
        shown.push("every name declared in `out`".to_owned());
    }
    writeln!(out, "Results: {}.\n", shown.join(", ")).expect("memory");
}

/// Why a clause refuses an engine.
fn refusal(body: &Object) -> Option<&Expression> {
    body.entries.iter().find_map(|entry| match &entry.kind {
        EntryKind::Field { key, value } if key.text == "refused" => Some(value),
        _ => None,
    })
}

fn engines(out: &mut String, kind: &Kind<'_>) {
    let mut engines: Vec<String> = Vec::new();
    let mut refused: Vec<String> = Vec::new();
    for inner in &kind.body.declarations {
        if let DeclarationKind::Run { engine, condition, body } = &inner.kind {
            let Some(title) = engine_title(&engine.text) else { continue };
            let mut text = title.to_owned();
            if let Some(condition) = condition {
                write!(text, ", if `{}`", kind.file.slice(condition.span)).expect("memory");
            }
            match refusal(body).map(|reason| &*reason.kind) {
                Some(ExpressionKind::String(parts)) => {
                    let reason: String = parts.iter().map(part).collect();
                    refused.push(format!("Not in {text}: {reason}."));
                }
                _ => engines.push(text),
            }
        }
    }
    // What holds without a condition says all.
    let always: Vec<String> = engines.iter().filter(|text| !text.contains(", if ")).cloned().collect();
    engines.retain(|text| !always.iter().any(|title| text.starts_with(&format!("{title}, if "))));
    if !engines.is_empty() {
        writeln!(out, "Runs in {}.\n", engines.join(", or ")).expect("memory");
    }
    for line in refused {
        writeln!(out, "{line}\n").expect("memory");
    }
    let call = kind.body.declarations.iter().find_map(|inner| match &inner.kind {
        DeclarationKind::Call { path, .. } => Some(kind.file.slice(path.span)),
        _ => None,
    });
    if let Some(call) = call {
        writeln!(out, "Calls `{call}`.\n").expect("memory");
    }
}

/// The checks' messages, which are the rules in words. What a message computes is shown as `…`.
fn rules(out: &mut String, kind: &Kind<'_>) {
    let rules: Vec<String> = kind
        .body
        .declarations
        .iter()
        .filter_map(|inner| match &inner.kind {
            DeclarationKind::Check { message, .. } => match &*message.kind {
                ExpressionKind::String(parts) => Some(parts.iter().map(part).collect::<String>().replace("……", "…")),
                _ => None,
            },
            _ => None,
        })
        .filter(|rule| rule.chars().any(char::is_alphabetic))
        .collect();
    if rules.is_empty() {
        return;
    }
    out.push_str("## What it refuses\n\n");
    for rule in rules {
        writeln!(out, "- {rule}").expect("memory");
    }
    out.push('\n');
}

fn part(part: &StringPart) -> String {
    match part {
        StringPart::Text(text) => text.to_string(),
        StringPart::Interpolation(_) => "…".to_owned(),
    }
}

fn kind_page(kind: &Kind<'_>, all: &[Kind<'_>]) -> String {
    let mut out = format!("# {}\n\n", kind.text());
    if let Some(doc) = &kind.declaration.doc {
        writeln!(out, "{}\n", doc.text).expect("memory");
    }
    let words: Vec<String> = kind.words(all).iter().map(|word| format!("`{word}`")).collect();
    let what = if kind.is_component { "A component" } else { "A kind" };
    if !words.is_empty() {
        writeln!(out, "{what} for {}.", words.join(", ")).expect("memory");
    }
    if let Some(base) = kind.base {
        writeln!(out, "It narrows [{0}]({0}.md): what is not named here is as there.", base.text).expect("memory");
    }
    out.push('\n');
    engines(&mut out, kind);
    results(&mut out, kind, all);
    if !kind.parameters.is_empty() {
        out.push_str("## Parameters\n\nGiven in parentheses behind the name, by place or by name.\n\n");
        out.push_str("| parameter | type | default |\n|---|---|---|\n");
        for field in kind.parameters {
            let default = match &field.default {
                Some(default) => code(&kind.file.slice(default.span)),
                None if is_optional(field) => "none".to_owned(),
                None => "**required**".to_owned(),
            };
            let type_ = code(&type_text(kind.file, field.type_.as_ref()));
            row(&mut out, &[&format!("`{}`", field.name.text), &type_, &default]);
        }
        out.push('\n');
    }
    let fields = kind.fields();
    let is_record =
        |field: &Field| matches!(field.name.text.as_str(), "in" | "hyperparameters") && record(field).is_some();
    let (records, plain): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(field, _)| is_record(field));
    if !plain.is_empty() {
        out.push_str("## Fields\n\n");
        let plain: Vec<_> =
            plain.into_iter().map(|(field, doc)| (field, doc.or_else(|| inherited(kind, all, field)))).collect();
        field_table(&mut out, kind.file, &plain);
        out.push('\n');
    }
    for (field, _) in records {
        let title = if field.name.text == "in" { "Channels (`in`)" } else { "Hyperparameters" };
        writeln!(out, "## {title}\n").expect("memory");
        out.push_str("| name | type | required | |\n|---|---|---|---|\n");
        for part in record(field).unwrap_or_default() {
            let type_ = code(&type_text(kind.file, part.type_.as_ref()));
            let required = if is_optional(part) { "" } else { "yes" };
            row(&mut out, &[&format!("`{}`", part.name.text), &type_, required, &cell(&line(part.doc.as_ref()))]);
        }
        out.push('\n');
    }
    if let Some(metrics) = kind.setting("metrics") {
        let metrics = object_entries(kind.file, metrics);
        if !metrics.is_empty() {
            out.push_str(
                "## Metrics\n\nWhat it reports while it trains, for `maximize(…)` and `minimize(…)` of a search.\n\n",
            );
            out.push_str("| metric | better |\n|---|---|\n");
            for (name, direction) in metrics {
                let better = if direction.contains("maximize") { "more" } else { "less" };
                row(&mut out, &[&code(&name), better]);
            }
            out.push('\n');
        }
    }
    if let Some(tunable) = kind.setting("tunable") {
        let tunable = object_entries(kind.file, tunable);
        if !tunable.is_empty() {
            out.push_str("## Tunable hyperparameters\n\nWith the ranges that AWS recommends.\n\n");
            out.push_str("| hyperparameter | range |\n|---|---|\n");
            for (name, range) in tunable {
                let range = range.trim_start_matches('{').trim_end_matches('}').trim().to_owned();
                row(&mut out, &[&code(&name), &code(&range)]);
            }
            out.push('\n');
        }
    }
    let shown = ["results", "value", "metrics", "tunable"];
    let fixed: Vec<String> = kind
        .body
        .declarations
        .iter()
        .filter_map(|inner| match &inner.kind {
            DeclarationKind::Setting { name, value } if kind.base.is_some() && !shown.contains(&name.text.as_str()) => {
                Some(format!("- `{} = {}`", name.text, kind.file.slice(value.span)))
            }
            _ => None,
        })
        .collect();
    if !fixed.is_empty() {
        writeln!(out, "## Fixed\n\n{}\n", fixed.join("\n")).expect("memory");
    }
    rules(&mut out, kind);
    let is_step = kind.words(all).iter().any(|word| Binding::from_word(word).is_some_and(Binding::is_step));
    if is_step && !kind.is_component {
        out.push_str("Every step also has the [fields of all steps](settings.md#step).\n\n");
    }
    writeln!(out, "Declared in `{}`.", kind.file.path).expect("memory");
    out
}

fn settings_page(library: &[Library], all: &[Kind<'_>]) -> String {
    let mut out = String::from("# Settings and common fields\n\nWhat every project, workflow, loop and step has.\n\n");
    for kind in all.iter().filter(|kind| kind.is_settings()) {
        let title = kind.text().trim_end_matches("_settings");
        writeln!(out, "## {title}\n\n{}\n", line(kind.declaration.doc.as_ref())).expect("memory");
        field_table(&mut out, kind.file, &kind.fields());
        out.push('\n');
    }
    out.push_str("## Types\n\n");
    for file in library.iter().filter(|file| file.path.ends_with("prelude.mlflow")) {
        for declaration in &file.tree.declarations {
            let DeclarationKind::Type { name, value } = &declaration.kind else { continue };
            writeln!(out, "### {}\n\n{}\n", name.text, line(declaration.doc.as_ref())).expect("memory");
            match &*value.kind {
                TypeExpressionKind::Record(fields) => {
                    field_table(
                        &mut out,
                        file,
                        &fields.iter().map(|field| (field, field.doc.as_ref())).collect::<Vec<_>>(),
                    );
                    out.push('\n');
                }
                _ => writeln!(out, "`{}`\n", file.slice(value.span)).expect("memory"),
            }
        }
    }
    out
}

fn functions_page(library: &[Library]) -> String {
    let mut out = String::from(
        "# Functions and types of the library\n\n## Of the compiler\n\nArguments in brackets may be left out.\n\n| function | |\n|---|---|\n",
    );
    for (signature, doc) in built_in() {
        row(&mut out, &[&code(&signature), &cell(&doc)]);
    }
    out.push_str("\n## Of the standard library\n\n| function | |\n|---|---|\n");
    let mut functions: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut types: BTreeMap<String, (String, String)> = BTreeMap::new();
    for file in library {
        for declaration in &file.tree.declarations {
            match &declaration.kind {
                DeclarationKind::Let { name, parameters: Some(parameters), .. } if declaration.doc.is_some() => {
                    let parameters: Vec<String> = parameters.iter().map(|field| file.slice(field.span)).collect();
                    let signature = format!("{}({})", name.text, parameters.join(", "));
                    functions.insert(name.text.to_string(), (signature, line(declaration.doc.as_ref())));
                }
                DeclarationKind::Type { name, value } if !file.path.ends_with("prelude.mlflow") => {
                    types.insert(name.text.to_string(), (file.slice(value.span), line(declaration.doc.as_ref())));
                }
                _ => {}
            }
        }
    }
    for (signature, doc) in functions.values() {
        row(&mut out, &[&code(signature), &cell(doc)]);
    }
    out.push_str("\n## Types\n\n");
    for (name, (text, doc)) in &types {
        writeln!(out, "### {name}\n\n{doc}\n\n`{text}`\n").expect("memory");
    }
    out
}

/// The compiler's own functions. Their table is private to the compiler, so it is read as text.
fn built_in() -> Vec<(String, String)> {
    let mut functions = Vec::new();
    for path in entries(&repository().join("compiler/src/evaluate")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let Some((_, table)) = text.split_once("\ntable! {\n") else { continue };
        let table = table.split("\n}\n").next().unwrap_or_default();
        for row in table.split(";\n") {
            let parts: Vec<&str> = row.split('"').collect();
            let [_, name, rest @ .., doc, _] = parts.as_slice() else { continue };
            // `("first", "second") 1 `: names at odd places, the number behind the parenthesis.
            let names: Vec<&str> = rest.iter().copied().skip(1).step_by(2).collect();
            let required: usize = rest
                .last()
                .and_then(|last| last.trim().trim_start_matches(')').trim().parse().ok())
                .unwrap_or(names.len());
            let shown: Vec<String> = names
                .iter()
                .enumerate()
                .map(|(at, name)| if at < required { (*name).to_owned() } else { format!("[{name}]") })
                .collect();
            functions.push((format!("{name}({})", shown.join(", ")), (*doc).to_owned()));
        }
    }
    assert!(functions.len() > 20, "the table of the compiler's functions is not where it was");
    functions
}

fn index(all: &[Kind<'_>]) -> String {
    let mut out = String::from(
        "# Reference\n\nMade from the standard library by `tests/reference`. How the language works is in the\n[manual](../language/README.md).\n\n- [Settings and common fields](settings.md): project, workflow, loop, step, outputs, retries\n- [Functions and types](functions.md)\n\n",
    );
    let mut shown: Vec<&Kind<'_>> = all.iter().filter(|kind| !kind.is_settings()).collect();
    shown.sort_by_key(|kind| kind.text());
    let is_algorithm = |kind: &&&Kind<'_>| kind.file.path.contains("/algorithms/");
    for (word, meaning) in WORDS {
        // One that narrows another stands where that one belongs first.
        let fits = |kind: &Kind<'_>| {
            let words = kind.words(all);
            if kind.base.is_some() && kind.roles.is_empty() {
                words.first() == Some(&word)
            } else {
                words.contains(&word)
            }
        };
        let fitting: Vec<&&Kind<'_>> = shown.iter().filter(|kind| fits(kind) && !is_algorithm(kind)).collect();
        if fitting.is_empty() {
            continue;
        }
        writeln!(out, "## {word}: {meaning}\n\n| kind | |\n|---|---|").expect("memory");
        for kind in fitting {
            let link = format!("[{0}]({0}.md)", kind.text());
            row(&mut out, &[&link, &cell(&sentence(kind.declaration.doc.as_ref()))]);
        }
        out.push('\n');
    }
    out.push_str("## Built-in algorithms, for `train`\n\n| kind | |\n|---|---|\n");
    for kind in shown.iter().filter(is_algorithm) {
        let link = format!("[{0}]({0}.md)", kind.text());
        row(&mut out, &[&link, &cell(&sentence(kind.declaration.doc.as_ref()))]);
    }
    out
}

/// The list of the error pages, from their titles.
fn codes() -> String {
    let mut out = String::from(
        "# Codes of findings\n\n`mlflowc explain E0301` prints a page in the terminal. An example that shows no `project` stands in a file\nthat has one, and steps without a `workflow` stand in one.\n\n",
    );
    let mut group = String::new();
    for path in entries(&repository().join("docs/errors")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name.len() != 5 {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let title = text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned();
        let short = title.split_once(": ").map_or(title.as_str(), |(_, short)| short);
        let heading = match &name[1..3] {
            "01" => "How a file is written",
            "02" => "Files, names and what they stand for",
            "03" => "Types and values",
            "04" => "Stages and configuration",
            "05" => "Kinds and their fields",
            "06" => "AWS requests",
            "07" => "The graph and the engines",
            "08" => "Data between steps",
            _ => "The project, its files and its images",
        };
        if name.starts_with('E') && heading != group {
            group = heading.to_owned();
            writeln!(out, "\n## {heading}\n").expect("memory");
        }
        if name.starts_with('W') && group != "Warnings" {
            group = "Warnings".to_owned();
            out.push_str("\n## Warnings\n\n");
        }
        writeln!(out, "- [{name}]({name}.md) {short}").expect("memory");
    }
    out.replace("\n\n\n", "\n\n")
}

#[test]
fn the_reference_says_what_the_standard_library_says() {
    let library = library();
    let all = kinds(&library);
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    pages.insert("docs/reference/README.md".into(), index(&all));
    pages.insert("docs/reference/settings.md".into(), settings_page(&library, &all));
    pages.insert("docs/reference/functions.md".into(), functions_page(&library));
    pages.insert("docs/errors/README.md".into(), codes());
    for kind in all.iter().filter(|kind| !kind.is_settings()) {
        pages.insert(format!("docs/reference/{}.md", kind.text()), kind_page(kind, &all));
    }
    let update = std::env::var_os("UPDATE_REFERENCE").is_some_and(|value| !value.is_empty() && value != "0");
    let mut problems = Vec::new();
    for (path, text) in &pages {
        let text = format!("{}\n", text.trim_end());
        let place = repository().join(path);
        if fs::read_to_string(&place).is_ok_and(|before| before == text) {
            continue;
        }
        if update {
            fs::write(&place, text).unwrap_or_else(|error| panic!("{path}: {error}"));
        } else {
            problems.push(format!("{path} is not what it would be"));
        }
    }
    for path in entries(&repository().join("docs/reference")) {
        let name = format!("docs/reference/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if pages.contains_key(&name) {
            continue;
        }
        if update {
            fs::remove_file(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        } else {
            problems.push(format!("{name} is about nothing there is"));
        }
    }
    assert!(
        problems.is_empty(),
        "{}\nIf the library is right: UPDATE_REFERENCE=1 cargo test -p mlflow-tests --test reference\n",
        problems.join("\n")
    );
}

#[test]
fn every_kind_of_the_standard_library_is_described() {
    let library = library();
    let mut problems = Vec::new();
    for kind in kinds(&library) {
        if kind.declaration.doc.is_none() {
            problems.push(format!("{}: {} has no doc comment", kind.file.path, kind.text()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
