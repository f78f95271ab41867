//! What can be written at the cursor, the most useful first.

mod names;
mod values;

pub(in crate::ide) use names::members_of;
use smol_str::SmolStr;

use super::analysis::{Analysis, Cursor, FieldInfo, Place, TextEdit, of_record};
use super::context::{Context, Frame, Shape, Spot};
use super::show;
use crate::syntax::tree::{Binding, DeclarationKind};
use crate::types::Type;

/// What a completion stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Keyword,
    Kind,
    Field,
    Value,
    Variable,
    Step,
    Function,
    Type,
    File,
    Folder,
    Module,
    Operation,
    Snippet,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    pub label: String,
    pub kind: CompletionKind,
    /// A few words beside the label.
    pub detail: String,
    pub documentation: Option<String>,
    /// What is inserted; `$1`, `${1:x}` and `$0` where it is a snippet.
    pub insert: String,
    pub is_snippet: bool,
    /// What it replaces.
    pub replace: Place,
    /// What else changes: an import.
    pub also: Vec<TextEdit>,
    /// Lower comes first.
    pub rank: u32,
    pub is_deprecated: bool,
}

/// So many completions are worth sending.
const MOST: usize = 500;

struct Items<'a> {
    analysis: &'a Analysis,
    context: &'a Context,
    replace: Place,
    list: Vec<Completion>,
}

impl Items<'_> {
    fn add(&mut self, label: &str, kind: CompletionKind, detail: impl Into<String>, rank: u32) -> &mut Completion {
        let insert = label.to_owned();
        self.add_as(label, kind, detail, rank, insert, false)
    }

    fn add_as(
        &mut self,
        label: &str,
        kind: CompletionKind,
        detail: impl Into<String>,
        rank: u32,
        insert: String,
        is_snippet: bool,
    ) -> &mut Completion {
        self.list.push(Completion {
            label: label.to_owned(),
            kind,
            detail: detail.into(),
            documentation: None,
            insert,
            is_snippet,
            replace: self.replace.clone(),
            also: Vec::new(),
            rank,
            is_deprecated: false,
        });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// A text: with its quotes, or between those that stand there.
    fn text(&mut self, text: &str, detail: impl Into<String>, rank: u32) {
        let quoted = match self.context.text {
            Some((_, true)) => text.to_owned(),
            Some((_, false)) => format!("{text}\""),
            None => crate::types::show::quoted(text),
        };
        let label = if self.context.text.is_some() { text.to_owned() } else { quoted.clone() };
        self.add_as(&label, CompletionKind::Value, detail, rank, quoted, false);
    }
}

impl Analysis {
    /// What can be written at an offset.
    pub fn completions(&self, path: &str, offset: u32) -> Vec<Completion> {
        let Some(cursor) = self.cursor(path, offset) else { return Vec::new() };
        let context = Context::new(&cursor);
        if context.is_comment {
            return Vec::new();
        }
        let base = cursor.placed.start;
        // A word is replaced as a whole, a text up to its closing quote.
        let rest = &cursor.part().text()[cursor.offset as usize..];
        let after = match context.text {
            Some((_, true)) => rest.find(['"', '\n']).unwrap_or(0),
            Some((_, false)) => 0,
            None => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
        };
        let end = base + cursor.offset + after as u32;
        let replace = Place { path: path.to_owned(), start: base + context.start, end };
        let mut items = Items { analysis: self, context: &context, replace, list: Vec::new() };
        items.fill(&cursor);
        let mut list = items.list;
        if context.text.is_none() && !context.prefix.is_empty() {
            let prefix = context.prefix.to_lowercase();
            list.retain(|item| fuzzy(&item.label.to_lowercase(), &prefix));
        }
        // What begins with what is typed comes before what only holds its letters.
        let typed = context.prefix.to_lowercase();
        let begins = |item: &Completion| item.label.trim_start_matches('"').to_lowercase().starts_with(&typed);
        list.sort_by(|a, b| {
            let key = |item: &Completion| (!begins(item), item.rank);
            key(a).cmp(&key(b)).then_with(|| a.label.cmp(&b.label))
        });
        list.dedup_by(|a, b| a.label == b.label && a.kind == b.kind);
        list.truncate(MOST);
        list
    }
}

/// Whether the letters of a prefix occur in this order, the first one at the start of a word.
fn fuzzy(label: &str, prefix: &str) -> bool {
    let label = label.trim_start_matches('"');
    let mut letters = label.chars();
    let first = prefix.chars().next();
    let starts = label.split(['_', '.', ' ', '-']).any(|word| word.chars().next() == first);
    starts && prefix.chars().all(|letter| letters.any(|other| other == letter))
}

impl Items<'_> {
    fn fill(&mut self, cursor: &Cursor<'_>) {
        let file = cursor.part().id;
        let frames = self.context.frames.clone();
        let frame = frames.last().cloned().unwrap_or(Frame::File);
        let shape = self.analysis.shape(file, &frames);
        if let Frame::Import = frame {
            return self.imported(cursor);
        }
        match self.context.spot.clone() {
            Spot::Nothing => {}
            Spot::ImportPath => self.paths(cursor, true),
            Spot::Start if self.context.text.is_some() && !matches!(frame, Frame::Key(_)) => {}
            Spot::Start => match &frame {
                Frame::File => self.file_level(cursor),
                Frame::Block(word) => self.block_level(cursor, word, &shape),
                Frame::Record => {}
                Frame::Run => self.engine_members(),
                _ => self.keys(cursor, &shape, &frames),
            },
            Spot::Value { key } => {
                if matches!(frame, Frame::File) {
                    return;
                }
                let expected = match (&frame, &shape) {
                    (Frame::Block(_), Shape::Fields { .. }) | (_, _) => self.analysis.key_shape(&shape, &key),
                };
                self.values(cursor, &expected, &key);
            }
            Spot::Expression => {
                let expected = match &frame {
                    Frame::List { .. } => shape.clone(),
                    Frame::Arguments { callee, position } => self.argument(cursor, callee, *position),
                    _ => Shape::Unknown,
                };
                self.values(cursor, &expected, "");
            }
            Spot::Type { arguments_of } => self.types(cursor, arguments_of.as_deref()),
            Spot::Member { path } => self.members(cursor, &path),
            Spot::Callee { word } => {
                if self.context.text.is_none() {
                    self.kinds(cursor, Some(word));
                }
            }
            Spot::Base => self.kinds(cursor, None),
            Spot::Roles => {
                for binding in Binding::ALL {
                    self.add(binding.word(), CompletionKind::Keyword, "role", 10);
                }
            }
            Spot::Returns { path } => {
                if let [_, service, _] = path.as_slice() {
                    self.operations(service);
                }
            }
            Spot::Engine => {
                for engine in crate::targets::ENGINES {
                    self.add(engine.name(), CompletionKind::Keyword, engine.title(), 10);
                }
            }
        }
    }

    fn keyword(&mut self, word: &str, snippet: &str, detail: &str, rank: u32) {
        self.add_as(word, CompletionKind::Keyword, detail, rank, snippet.to_owned(), snippet.contains('$'));
    }

    fn file_level(&mut self, cursor: &Cursor<'_>) {
        if self.context.text.is_some() {
            return;
        }
        let has_project = self.analysis.documents.values().any(|document| {
            document
                .parts
                .iter()
                .flat_map(|placed| &placed.part.tree.declarations)
                .any(|declaration| matches!(declaration.kind, DeclarationKind::Project { .. }))
        });
        let rank = if has_project { 40 } else { 1 };
        let region = "region = \"${2:eu-west-1}\"\n  bucket = \"${3:bucket}\"";
        self.keyword(
            "project",
            &format!("project ${{1:name}} {{\n  {region}\n}}\n$0"),
            "region, bucket, defaults",
            rank,
        );
        for (word, snippet, detail) in [
            ("workflow", "workflow ${1:name} {\n  $0\n}", "steps that run together"),
            ("import", "import { $2 } from \"./$1\"", "names of another file"),
            ("schema", "schema ${1:Name} {\n  $0\n}", "the columns of a table"),
            ("config", "config ${1:name}: ${2:string} = $0", "a value fixed when the file is built"),
            ("let", "let ${1:name} = $0", "a name for a value"),
            ("type", "type ${1:Name} = $0", "a name for a type"),
            ("source", "source ${1:name}: ${2:table} = $0", "where data lives"),
            ("resource", "resource ${1:name} = $0", "something deployed with the project"),
            ("monitor", "monitor ${1:name} = $0", "something that watches"),
            ("serve", "serve ${1:name} = $0", "something that answers"),
            ("studio", "studio ${1:name} = $0", "a place to work in"),
            ("component", "component ${1:name} for ${2:transform} {\n  $0\n}", "a reusable group of steps"),
            ("kind", "kind ${1:name} for ${2:step} {\n  $0\n}", "a kind of step, source or resource"),
            ("machine", "machine ${1:name} {\n  $0\n}", "a state machine, state by state"),
            ("pipeline", "pipeline ${1:name} {\n  $0\n}", "a pipeline, step by step"),
            ("moved", "moved ${1:old} to ${2:new}", "keeps the identity across a renaming"),
        ] {
            self.keyword(word, snippet, detail, 20);
        }
        let _ = cursor;
    }

    fn block_level(&mut self, cursor: &Cursor<'_>, word: &SmolStr, shape: &Shape) {
        if self.context.text.is_some() {
            return;
        }
        let is_kind = word == "kind";
        if is_kind {
            for (word, snippet, detail) in [
                ("call", "call aws.${1:service}.${2:Operation} {\n  $0\n}", "the request that is sent"),
                ("run", "run ${1:pipeline} { $0 }", "how an engine runs it"),
                ("results", "results = { $0 }", "what others see of it"),
                ("check", "check ${1:condition} \"${2:message}\"", "a rule of the kind"),
                ("let", "let ${1:name} = $0", "a name for a value"),
                ("value", "value = $0", "what the declared name stands for"),
                ("allow", "allow { $0 }", "permissions beyond the call's"),
                ("role", "role \"$0\"", "who assumes the role"),
                ("resource", "resource ${1:name} = $0", "what is deployed with it"),
            ] {
                self.keyword(word, snippet, detail, 20);
            }
            return;
        }
        if matches!(word.as_str(), "machine") {
            self.keyword("state", "state ${1:Name} = ${2:Pass} { $0 }", "a state", 10);
            return;
        }
        for (word, detail) in [
            ("transform", "prepares or scores data"),
            ("train", "trains a model"),
            ("tune", "searches for the best model"),
            ("evaluate", "measures a model"),
            ("register", "enters a model in the registry"),
            ("deploy", "puts a model to work"),
            ("notify", "tells somebody"),
            ("step", "anything else that runs"),
        ] {
            self.keyword(word, &format!("{word} ${{1:name}} = $0"), detail, 10);
        }
        for (word, snippet, detail) in [
            ("when", "when ${1:condition} {\n  $0\n}", "runs only if a condition holds"),
            ("for", "for ${1:x} in ${2:list} {\n  $0\n}", "once for each, when the file is built"),
            ("each", "each ${1:x} in ${2:list} {\n  $0\n}", "once for each, while an execution runs"),
            ("try", "try {\n  $1\n  on failure {\n    $0\n  }\n}", "handles failures"),
            ("on", "on failure as ${1:e} {\n  $0\n}", "what is done about a failure"),
            ("fail", "fail \"$0\"", "ends the execution as failed"),
            ("let", "let ${1:name} = $0", "a name for a value"),
        ] {
            self.keyword(word, snippet, detail, 20);
        }
        if word == "workflow" {
            self.keyword("param", "param ${1:name}: ${2:string} = $0", "a value given when an execution starts", 15);
            self.keyword("source", "source ${1:name}: ${2:table} = $0", "where data lives", 15);
            self.keyword("trigger", "trigger ${1:name} = $0", "what starts the workflow", 25);
            self.keyword("monitor", "monitor ${1:name} = $0", "something that watches", 30);
            if let Shape::Fields { fields, .. } = shape {
                for field in fields.clone() {
                    if !self.context.present.contains(&field.name) {
                        self.field(&field, 60);
                    }
                }
            }
        }
        if word == "component" {
            self.keyword("output", "output ${1:name} = $0", "what others see of it", 15);
        }
        let _ = cursor;
    }

    fn engine_members(&mut self) {
        for member in ["Type", "omit", "cache", "results", "PropertyFiles", "integration"] {
            if !self.context.present.iter().any(|key| key == member) {
                self.add_as(member, CompletionKind::Field, "", 20, format!("{member} = "), false);
            }
        }
    }

    /// A key with the beginning of its value.
    fn field(&mut self, field: &FieldInfo, rank: u32) {
        let detail = show::field_detail(field);
        let insert = match field.type_.required() {
            Type::Record(_) | Type::Map(_) | Type::Outputs(_) => format!("{} {{ $0 }}", field.name),
            Type::List(_) => format!("{} = [$0]", field.name),
            Type::Instance(_) | Type::Literals(_) | Type::File => format!("{} = \"$0\"", field.name),
            _ => format!("{} = $0", field.name),
        };
        let insert = if self.context.text.is_some() { field.name.to_string() } else { insert };
        let is_snippet = insert.contains("$0");
        let documentation = show::field(field);
        let item = self.add_as(&field.name, CompletionKind::Field, detail, rank, insert, is_snippet);
        item.documentation = Some(documentation);
    }

    fn keys(&mut self, cursor: &Cursor<'_>, shape: &Shape, frames: &[Frame]) {
        match shape {
            Shape::Fields { fields, common, kind } => {
                let missing: Vec<&FieldInfo> = fields
                    .iter()
                    .filter(|field| field.required && !self.context.present.contains(&field.name))
                    .collect();
                if missing.len() > 1 && self.context.text.is_none() {
                    let mut number = 0;
                    let lines: Vec<String> =
                        missing.iter().map(|field| show::required_line(field, &mut number)).collect();
                    let item = self.add_as(
                        "required",
                        CompletionKind::Snippet,
                        format!("all that `{kind}` needs"),
                        0,
                        lines.join("\n"),
                        true,
                    );
                    item.documentation = Some(format!("```mlflow\n{}\n```", plain_lines(&lines.join("\n"))));
                }
                for field in fields.iter().filter(|field| !self.context.present.contains(&field.name)) {
                    self.field(field, if field.required { 1 } else { 10 });
                }
                for field in common.iter().filter(|field| !self.context.present.contains(&field.name)) {
                    self.field(field, 20);
                }
            }
            Shape::Type(type_) => {
                match type_.required() {
                    Type::Record(record) => {
                        for field in record.fields.iter().map(of_record) {
                            if !self.context.present.contains(&field.name) {
                                self.field(&field, if field.required { 1 } else { 10 });
                            }
                        }
                    }
                    Type::Outputs(_) => {
                        self.add_as(
                            "name: table",
                            CompletionKind::Snippet,
                            "an output",
                            1,
                            "${1:name}: ${2:table} = { format = \"${3:csv}\" }".into(),
                            true,
                        );
                        self.add_as(
                            "name: report",
                            CompletionKind::Snippet,
                            "a report in JSON",
                            2,
                            "${1:report}: report<{ ${2:metric}: float }>".into(),
                            true,
                        );
                    }
                    Type::Map(inner) => {
                        self.channels(cursor, frames);
                        if inner.is_data() {
                            // `in { raw }`: the data itself, under its own name.
                            self.names(cursor, Some(inner), 5);
                        }
                    }
                    Type::List(inner) => {
                        self.values(cursor, &Shape::Type((**inner).clone()), "");
                        return;
                    }
                    Type::Union(types) => {
                        for type_ in types.iter() {
                            self.keys(cursor, &Shape::Type(type_.clone()), frames);
                        }
                    }
                    _ => {}
                }
                if matches!(frames.last(), Some(Frame::List { .. })) {
                    self.values(cursor, shape, "");
                }
            }
            Shape::Api { service, shape } => self.request_members(service, *shape),
            Shape::Unknown => {
                if matches!(frames.last(), Some(Frame::List { .. })) {
                    self.values(cursor, &Shape::Unknown, "");
                }
            }
        }
    }

    /// The channels that an algorithm documents: members of the record that its kind narrows `in` to, or its label columns.
    fn channels(&mut self, cursor: &Cursor<'_>, frames: &[Frame]) {
        let [.., Frame::Application { word, callee }, Frame::Key(key)] = frames else { return };
        if key != "in" || !callee.iter().any(|_| true) {
            return;
        }
        let word = word.map_or("", Binding::word);
        if word == "train" || word.is_empty() {
            for channel in ["train", "validation", "test"] {
                if !self.context.present.iter().any(|key| key == channel) {
                    self.add_as(channel, CompletionKind::Field, "channel", 2, format!("{channel} = $0"), true);
                }
            }
        }
        let _ = cursor;
    }
}

impl Analysis {
    /// The edit that imports a name of another file into a document.
    pub(super) fn import_edit(&self, document: &super::Document, from: &str, name: &str) -> Option<TextEdit> {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let written = crate::source::relative(folder, from);
        let written = if written.starts_with("../") { written } else { format!("./{written}") };
        let mut after_imports = None;
        for declaration in document.parts.iter().flat_map(|placed| &placed.part.tree.declarations) {
            let DeclarationKind::Import { names, path, .. } = &declaration.kind else { continue };
            if let (Some(last), Some(target)) = (names.last(), super::engine::import_target(&document.path, path))
                && target == from
            {
                let end = last.alias.as_ref().unwrap_or(&last.name).span.at_end();
                return Some(TextEdit { place: self.place(end)?, text: format!(", {name}") });
            }
            after_imports = self.place(declaration.span.at_end());
        }
        let line = format!("import {{ {name} }} from \"{written}\"");
        Some(match after_imports {
            Some(place) => TextEdit { place, text: format!("\n{line}") },
            None => {
                // After the comment that a file begins with, and before all else.
                let start = if document.text().starts_with('\u{feff}') { 3 } else { 0 };
                TextEdit {
                    place: Place { path: document.path.clone(), start, end: start },
                    text: format!("{line}\n\n"),
                }
            }
        })
    }
}

/// A snippet as it reads with its places left empty.
fn plain_lines(snippet: &str) -> String {
    let mut out = String::new();
    let mut letters = snippet.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '$' {
            out.push(letter);
            continue;
        }
        while letters.peek().is_some_and(char::is_ascii_digit) {
            letters.next();
        }
    }
    out
}
