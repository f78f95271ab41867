//! Fixtures: a source with the cursor (`<|>`) or a selection (`<[` … `]>`) marked, and what an editor is told.
//!
//! A file `fixtures/<request>.txt` holds many: `# sentence`, the source, `>>>`, the answer. `context name` … `end` at its
//! start is source around `$$`, used by `in name`. `-- path` begins another file of the same workspace.
//! `UPDATE=1 cargo test -p mlflow-tests --test ide fixtures` writes the answers anew: read the difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use mlflow_compiler::compilation::Options;
use mlflow_compiler::diagnostics::Severity;
use mlflow_compiler::ide::{Analysis, Engine, Place, Symbol, TextEdit};
use mlflow_compiler::syntax;
use mlflow_tests::repository;

use crate::workspace::workspace;

#[derive(Debug)]
struct Fixture {
    sentence: String,
    /// As written, without the answer.
    written: String,
    files: Vec<(String, String)>,
    start: u32,
    end: u32,
    expected: String,
}

fn folder() -> PathBuf {
    repository().join("tests/ide/fixtures")
}

fn read(text: &str) -> (String, Vec<Fixture>) {
    let mut contexts: BTreeMap<String, String> = BTreeMap::new();
    let first = text.find("\n# ").map_or(text.len(), |at| at + 1);
    let first = if text.starts_with("# ") { 0 } else { first };
    let head = text[..first].to_owned();
    let mut open: Option<(String, String)> = None;
    for line in head.lines() {
        match (&mut open, line.strip_prefix("context ")) {
            (None, Some(name)) => open = Some((name.to_owned(), String::new())),
            (Some(_), _) if line == "end" => {
                let (name, body) = open.take().expect("it is open");
                contexts.insert(name, body);
            }
            (Some((_, body)), _) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    let mut fixtures = Vec::new();
    for part in text[first..].split("\n# ").map(|part| part.trim_start_matches("# ")) {
        if part.trim().is_empty() {
            continue;
        }
        let (sentence, rest) = part.split_once('\n').unwrap_or((part, ""));
        let (source, expected) = match rest.split_once(">>>\n") {
            Some((source, expected)) => (source, expected.trim_end_matches('\n')),
            None => (rest.trim_end_matches(">>>"), ""),
        };
        let mut body = source.to_owned();
        if let Some(after) = source.strip_prefix("in ") {
            let (name, inner) = after.split_once('\n').unwrap_or((after, ""));
            let context = contexts.get(name).unwrap_or_else(|| panic!("{sentence}: no context `{name}`"));
            body = context.replace("$$\n", inner);
        }
        let mut files: Vec<(String, String)> = vec![("main.mlflow".to_owned(), String::new())];
        for line in body.split_inclusive('\n') {
            match line.strip_prefix("-- ") {
                Some(path) => files.push((path.trim().to_owned(), String::new())),
                None => files.last_mut().expect("there is a first").1.push_str(line),
            }
        }
        let main = &mut files[0].1;
        let (start, end) = match (main.find("<|>"), main.find("<[")) {
            (Some(at), _) => {
                main.replace_range(at..at + 3, "");
                (at, at)
            }
            (None, Some(start)) => {
                main.replace_range(start..start + 2, "");
                let end = main.find("]>").unwrap_or_else(|| panic!("{sentence}: `]>` is missing"));
                main.replace_range(end..end + 2, "");
                (start, end)
            }
            (None, None) => (0, 0),
        };
        fixtures.push(Fixture {
            sentence: sentence.to_owned(),
            written: source.to_owned(),
            files,
            start: start as u32,
            end: end as u32,
            expected: expected.to_owned(),
        });
    }
    (head, fixtures)
}

impl Fixture {
    fn analysis(&self) -> std::sync::Arc<Analysis> {
        let texts: Vec<(&str, &str)> = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let root = repository().join("examples/abalone");
        Engine::new(Options::default()).analyze(&workspace(&root, &texts))
    }

    fn text(&self, path: &str) -> &str {
        self.files.iter().find(|(other, _)| other == path).map_or("", |(_, text)| text)
    }

    /// `3:5 `words``, lines and columns from one.
    fn place(&self, analysis: &Analysis, place: &Place) -> String {
        let library = analysis.text(&place.path);
        let text = match self.text(&place.path) {
            "" => library.as_deref().unwrap_or(""),
            text => text,
        };
        let before = &text[..place.start as usize];
        let line = before.matches('\n').count() + 1;
        let words: String = text[place.start as usize..place.end as usize].chars().take(40).collect();
        let words = words.replace('\n', "⏎");
        if place.path.starts_with("stdlib/") {
            return format!("{} `{words}`", place.path);
        }
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let file = if place.path == "main.mlflow" { String::new() } else { format!("{}:", place.path) };
        format!("{file}{line}:{column} `{words}`")
    }

    fn edited(&self, edits: &[TextEdit]) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (path, text) in &self.files {
            let mut list: Vec<&TextEdit> = edits.iter().filter(|edit| edit.place.path == *path).collect();
            if list.is_empty() {
                continue;
            }
            list.sort();
            let mut text = text.clone();
            for edit in list.iter().rev() {
                text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
            }
            out.push((path.clone(), text));
        }
        out
    }

    /// The lines that edits change, as they become.
    fn changed(&self, edits: &[TextEdit]) -> String {
        let mut out = String::new();
        for (path, new) in self.edited(edits) {
            let old: Vec<&str> = self.text(&path).lines().collect();
            for line in new.lines().filter(|line| !old.contains(line)) {
                let file = if path == "main.mlflow" { String::new() } else { format!("{path}: ") };
                let _ = writeln!(out, "  {file}{}", line.trim_end());
            }
            for line in old.iter().filter(|line| !new.lines().any(|other| other == **line)) {
                let file = if path == "main.mlflow" { String::new() } else { format!("{path}: ") };
                let _ = writeln!(out, "- {file}{}", line.trim_end());
            }
        }
        out
    }

    fn answer(&self, request: &str) -> String {
        let analysis = self.analysis();
        let path = "main.mlflow";
        let mut out = String::new();
        match request {
            "completion" => {
                let list = analysis.completions(path, self.start);
                for item in list.iter().take(10) {
                    let detail = if item.detail.is_empty() { String::new() } else { format!("  ({})", item.detail) };
                    let also = if item.also.is_empty() { "" } else { "  +import" };
                    let _ = writeln!(out, "{}{detail}{also}", item.label);
                }
                if list.len() > 10 {
                    let _ = writeln!(
                        out,
                        "… {} more",
                        if list.len() > 40 { "many".to_owned() } else { (list.len() - 10).to_string() }
                    );
                }
            }
            "insertion" => {
                // What the first completion makes of the source.
                if let Some(item) = analysis.completions(path, self.start).first() {
                    let mut edits = vec![TextEdit { place: item.replace.clone(), text: item.insert.clone() }];
                    edits.extend(item.also.iter().cloned());
                    out = self.changed(&edits);
                }
            }
            "hover" => {
                if let Some(hover) = analysis.hover(path, self.start) {
                    let _ = writeln!(out, "at {}", self.place(&analysis, &hover.place));
                    for line in hover.text.lines().filter(|line| !line.is_empty()) {
                        let _ = writeln!(out, "{line}");
                    }
                }
            }
            "signature" => {
                if let Some(found) = analysis.signature(path, self.start) {
                    let active = found.parameters.get(found.active as usize);
                    let shown = active.map_or("", |(start, end)| &found.label[*start as usize..*end as usize]);
                    let _ = writeln!(out, "{}\nat {shown}", found.label);
                }
            }
            "definition" | "declaration" | "type_definition" => {
                let found = match request {
                    "definition" => analysis.definition(path, self.start),
                    "declaration" => analysis.declaration(path, self.start),
                    _ => analysis.type_definition(path, self.start),
                };
                if let Some(link) = found {
                    let _ = writeln!(out, "{}", self.place(&analysis, &link.name));
                }
            }
            "implementation" => {
                for link in analysis.implementations(path, self.start) {
                    let _ = writeln!(out, "{}", self.place(&analysis, &link.name));
                }
            }
            "references" => {
                for one in analysis.references(path, self.start, true) {
                    let mark = if one.declares { "declared " } else { "" };
                    let _ = writeln!(out, "{mark}{}", self.place(&analysis, &one.place));
                }
            }
            "rename" => match analysis.rename(path, self.start, "renamed") {
                Ok(edits) => {
                    // Nothing that was found is new.
                    let before = findings(&analysis);
                    let mut texts = self.files.clone();
                    for (path, text) in self.edited(&edits) {
                        texts.iter_mut().filter(|(other, _)| *other == path).for_each(|file| file.1 = text.clone());
                    }
                    let texts: Vec<(&str, &str)> =
                        texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
                    let root = repository().join("examples/abalone");
                    let after = findings(&Engine::new(Options::default()).analyze(&workspace(&root, &texts)));
                    out = self.changed(&edits);
                    if before.len() != after.len() {
                        let _ = writeln!(out, "findings before: {before:?}\nfindings after: {after:?}");
                    }
                }
                Err(reason) => {
                    let _ = writeln!(out, "refused: {reason}");
                }
            },
            "actions" => {
                for action in analysis.actions(path, self.start, self.end) {
                    let _ = writeln!(out, "{:?}: {}", action.kind, action.title);
                    out.push_str(&self.changed(&action.edits));
                    if action.is_preferred {
                        let problem =
                            self.fix_problem(&analysis, &action.edits, action.finding.as_ref().map(|f| f.code));
                        out.push_str(&problem.unwrap_or_default());
                    }
                }
            }
            "diagnostics" => {
                for (_, list) in analysis.files_with_findings() {
                    for found in list.iter() {
                        let _ =
                            writeln!(out, "{} {}: {}", found.code, self.place(&analysis, &found.place), found.message);
                    }
                }
            }
            "symbols" => {
                fn show(symbol: &Symbol, depth: usize, out: &mut String) {
                    let detail =
                        if symbol.detail.is_empty() { String::new() } else { format!("  ({})", symbol.detail) };
                    let _ = writeln!(out, "{}{:?} {}{detail}", "  ".repeat(depth), symbol.kind, symbol.name);
                    symbol.children.iter().for_each(|child| show(child, depth + 1, out));
                }
                analysis.symbols(path).iter().for_each(|symbol| show(symbol, 0, &mut out));
            }
            "semantic" => {
                let text = self.text(path);
                for token in analysis.semantic_tokens(
                    path,
                    self.start,
                    if self.end > self.start { self.end } else { text.len() as u32 },
                ) {
                    let mark = if token.declares { " declared" } else { "" };
                    let library = if token.is_library { " library" } else { "" };
                    let _ = writeln!(
                        out,
                        "{:?} {}{mark}{library}",
                        token.kind,
                        &text[token.start as usize..token.end as usize]
                    );
                }
            }
            "inlay" => {
                for hint in analysis.inlays(path, 0, u32::MAX) {
                    let text = self.text(path);
                    let line = text[..hint.place.start as usize].rsplit('\n').next().unwrap_or_default();
                    let _ = writeln!(out, "{}[{}]", line.trim_start(), hint.text);
                }
            }
            "folding" => {
                for fold in analysis.folds(path) {
                    let line = |at: u32| self.text(path)[..at as usize].matches('\n').count() + 1;
                    let _ = writeln!(out, "{:?} {}–{}", fold.kind, line(fold.place.start), line(fold.place.end));
                }
            }
            "selection" => {
                for place in analysis.enclosing(path, self.start) {
                    let _ = writeln!(out, "{}", self.place(&analysis, &place));
                }
            }
            "lens" => {
                for lens in analysis.lenses(path) {
                    let _ = writeln!(out, "{} {}", self.place(&analysis, &lens.place), lens.title);
                }
            }
            "calls" => {
                if let Some(item) = analysis.call_item_at(path, self.start) {
                    let _ = writeln!(out, "{}", item.name);
                }
                for item in analysis.incoming_calls(path, self.start) {
                    let _ = writeln!(out, "used by {} ×{}", item.name, item.ranges.len());
                }
                for item in analysis.outgoing_calls(path, self.start) {
                    let _ = writeln!(out, "uses {} ×{}", item.name, item.ranges.len());
                }
            }
            "links" => {
                for link in analysis.links(path) {
                    let _ = writeln!(out, "{} → {}", self.place(&analysis, &link.place), link.target);
                }
            }
            "linked" => {
                for place in analysis.linked(path, self.start) {
                    let _ = writeln!(out, "{}", self.place(&analysis, &place));
                }
            }
            "graph" => {
                let graph = analysis.graph(path);
                for node in &graph.nodes {
                    let found: Vec<&str> = node.findings.iter().map(|(_, message)| message.as_str()).collect();
                    let inside = node.parent.as_ref().map(|parent| format!(" in {parent}")).unwrap_or_default();
                    let _ = writeln!(
                        out,
                        "{} {} {} ({}){inside} {}",
                        node.shape,
                        node.id,
                        node.name,
                        node.kind,
                        found.join("; ")
                    );
                }
                for edge in &graph.edges {
                    let _ = writeln!(out, "{} → {} {}", edge.from, edge.to, edge.label);
                }
                for group in &graph.groups {
                    let _ = writeln!(out, "group {} {} {}", group.name, group.engine, group.nodes.len());
                }
            }
            "generated" => {
                if let Some(place) = analysis.go_to_generated(path, self.start) {
                    let files = analysis.generated(path);
                    let text = files.iter().find(|file| file.path == place.path).map_or("", |file| &file.text);
                    let line = text.lines().nth(place.start.line as usize).unwrap_or_default();
                    let _ = writeln!(out, "{}: {}", place.path, line.trim());
                    if let Some(back) = analysis.go_to_source(&place.path, place.start) {
                        let _ = writeln!(out, "from {}", self.place(&analysis, &back));
                    }
                }
            }
            other => panic!("nothing is called `{other}`"),
        }
        out.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// What is wrong with a safe fix: it must remove its finding, bring no error, and leave a formatted file formatted.
    fn fix_problem(&self, analysis: &Analysis, edits: &[TextEdit], code: Option<&str>) -> Option<String> {
        let mut texts = self.files.clone();
        for (path, text) in self.edited(edits) {
            texts.iter_mut().filter(|(other, _)| *other == path).for_each(|file| file.1 = text.clone());
        }
        let views: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let root = repository().join("examples/abalone");
        let after = Engine::new(Options::default()).analyze(&workspace(&root, &views));
        let count = |analysis: &Analysis, code: &str| {
            let all = analysis.files_with_findings();
            all.flat_map(|(_, list)| list.iter().filter(|found| found.code == code).collect::<Vec<_>>()).count()
        };
        let errors = |analysis: &Analysis| {
            let all = analysis.files_with_findings();
            all.flat_map(|(_, list)| list.iter().filter(|found| found.severity == Severity::Error).collect::<Vec<_>>())
                .count()
        };
        let code = code?;
        if count(&after, code) >= count(analysis, code) {
            return Some(format!("  ! it leaves {code}\n"));
        }
        if errors(&after) >= errors(analysis) && errors(analysis) > 0 {
            return Some(format!("  ! it brings {:?}\n", findings(&after)));
        }
        let (before, now) = (&self.files[0].1, &texts[0].1);
        if syntax::format(before).text == *before && syntax::format(now).text != *now {
            return Some("  ! it leaves the file unformatted\n".to_owned());
        }
        None
    }
}

fn findings(analysis: &Analysis) -> Vec<String> {
    analysis
        .files_with_findings()
        .flat_map(|(_, list)| list.iter().map(|found| format!("{} {}", found.code, found.message)).collect::<Vec<_>>())
        .collect()
}

#[test]
fn fixtures_are_answered_as_they_say() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0");
    let mut problems = Vec::new();
    let mut count = 0;
    for path in mlflow_tests::entries(&folder()) {
        let request = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("fixtures are UTF-8");
        let (head, fixtures) = read(&text);
        let mut new = head;
        for fixture in &fixtures {
            count += 1;
            let answer = fixture.answer(&request);
            if answer != fixture.expected {
                problems.push(format!(
                    "{request}: {}\n{}--- expected\n{}\n--- found\n{answer}\n",
                    fixture.sentence, fixture.written, fixture.expected
                ));
            }
            let _ = write!(new, "# {}\n{}>>>\n{answer}\n\n", fixture.sentence, fixture.written);
        }
        if update {
            std::fs::write(&path, new.trim_end().to_owned() + "\n").expect("a fixture can be written");
        }
    }
    assert!(count >= 300, "{count} fixtures");
    if !update {
        let wrong = problems.len();
        problems.truncate(10);
        assert!(problems.is_empty(), "{}\n{wrong} of {count} fixtures differ", problems.join("\n"));
    }
}
