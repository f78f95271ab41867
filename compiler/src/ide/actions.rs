//! Changes an editor offers: fixes of findings, all of them at once, imports in order, and rewritings that keep the
//! meaning.

use smol_str::SmolStr;

use super::analysis::{Analysis, Cursor, FieldInfo, Finding, Place, TextEdit, Word, of_record};
use super::index::{DefinitionKind, Way};
use crate::source::Span;
use crate::syntax::tree::{self, DeclarationKind, EntryKind, Expression, ExpressionKind, Object, StringPart};
use crate::types::{Literal, Type, show as words};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    QuickFix,
    Extract,
    Inline,
    Rewrite,
    FixAll,
    OrganizeImports,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub title: String,
    pub kind: ActionKind,
    pub edits: Vec<TextEdit>,
    /// The finding it mends.
    pub finding: Option<Finding>,
    pub is_preferred: bool,
}

impl Analysis {
    /// What can be done about a range of a file.
    pub fn actions(&self, path: &str, start: u32, end: u32) -> Vec<Action> {
        let mut actions = Vec::new();
        let findings = self.findings(path);
        for finding in findings.iter().filter(|finding| finding.place.start <= end && start <= finding.place.end) {
            if let Some(fix) = &finding.fix {
                actions.push(Action {
                    title: fix.title.clone(),
                    kind: ActionKind::QuickFix,
                    edits: self.with_uses(fix),
                    finding: Some(finding.clone()),
                    is_preferred: true,
                });
            }
            actions.extend(self.import_actions(path, finding));
        }
        actions.extend(self.missing_fields(
            path,
            start,
            findings.iter().find(|f| f.code == "E0501" && f.place.start <= end && start <= f.place.end),
        ));
        if start < end {
            actions.extend(self.extract(path, start, end));
        } else {
            actions.extend(self.inline(path, start));
        }
        actions.extend(self.rewrites(path, start));
        actions.extend(self.fix_all(path));
        actions.extend(self.organize_imports(path));
        actions
    }

    /// The edits of a fix. An imported name that changes changes where it is used too.
    fn with_uses(&self, fix: &super::FindingFix) -> Vec<TextEdit> {
        let mut edits = fix.edits.clone();
        let [edit] = fix.edits.as_slice() else { return edits };
        let Some(document) = self.documents.get(&edit.place.path) else { return edits };
        let is_import = self.word_is_import(&edit.place);
        let Some(old) = document.text().get(edit.place.start as usize..edit.place.end as usize) else { return edits };
        if !is_import || !super::navigation::is_name(&edit.text) {
            return edits;
        }
        for placed in &document.parts {
            for reference in self.index(&placed.part).references.iter().filter(|reference| reference.name == old) {
                let is_bare = matches!(reference.way, Way::Name { shorthand: false } | Way::Callee | Way::Base)
                    || matches!(&reference.way, Way::Type { path } if path.is_empty());
                if is_bare && let Some(place) = self.place(reference.span) {
                    edits.push(TextEdit { place, text: edit.text.clone() });
                }
            }
        }
        edits
    }

    /// Every safe fix of a file that touches no other.
    pub fn fix_all(&self, path: &str) -> Option<Action> {
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut count = 0;
        for fix in self.findings(path).iter().filter_map(|finding| finding.fix.as_ref()) {
            let fix_edits = self.with_uses(fix);
            let is_apart = fix_edits.iter().all(|edit| {
                edit.place.path == path
                    && edits.iter().all(|other| {
                        other.place.end < edit.place.start
                            || edit.place.end < other.place.start
                            || (other.place.end == edit.place.start && other.place != edit.place)
                    })
            });
            if is_apart {
                edits.extend(fix_edits);
                count += 1;
            }
        }
        if edits.is_empty() {
            return None;
        }
        edits.sort();
        let title =
            if count == 1 { "Apply the one safe fix".to_owned() } else { format!("Apply all {count} safe fixes") };
        Some(Action { title, kind: ActionKind::FixAll, edits, finding: None, is_preferred: false })
    }

    /// Imports sorted by file, each file once, without names that are not used.
    pub fn organize_imports(&self, path: &str) -> Option<Action> {
        let document = self.documents.get(path)?;
        struct Found {
            target: String,
            names: Vec<(SmolStr, Option<SmolStr>)>,
            whole: Option<SmolStr>,
            place: Place,
        }
        let mut found: Vec<Found> = Vec::new();
        for declaration in document.parts.iter().flat_map(|placed| &placed.part.tree.declarations) {
            let DeclarationKind::Import { names, whole, path: written } = &declaration.kind else { continue };
            let ExpressionKind::String(parts) = &*written.kind else { return None };
            let [StringPart::Text(text)] = parts.as_slice() else { return None };
            found.push(Found {
                target: text.to_string(),
                names: names
                    .iter()
                    .map(|one| (one.name.text.clone(), one.alias.as_ref().map(|a| a.text.clone())))
                    .collect(),
                whole: whole.as_ref().map(|whole| whole.text.clone()),
                place: self.place(declaration.span)?,
            });
        }
        let (first, last) = (found.first()?.place.start, found.last()?.place.end);
        // Only where nothing but white space stands between them: comments stay where they are.
        let text = document.text();
        for pair in found.windows(2) {
            if !text.get(pair[0].place.end as usize..pair[1].place.start as usize)?.trim().is_empty() {
                return None;
            }
        }
        let used = |name: &str| {
            let hash = super::document::hash_of(name);
            document.parts.iter().any(|placed| {
                placed.part.has_word(hash)
                    && self.index(&placed.part).references.iter().any(|reference| {
                        reference.name == name
                            && !matches!(reference.way, Way::Imported { .. } | Way::Member { .. } | Way::Key { .. })
                    })
            })
        };
        let mut lines: Vec<String> = Vec::new();
        let mut targets: Vec<&str> = found.iter().map(|one| one.target.as_str()).collect();
        targets.sort_unstable();
        targets.dedup();
        for target in targets {
            let mut names: Vec<String> = Vec::new();
            for (name, alias) in found.iter().filter(|one| one.target == target).flat_map(|one| &one.names) {
                let local = alias.as_ref().unwrap_or(name);
                let written = match alias {
                    Some(alias) => format!("{name} as {alias}"),
                    None => name.to_string(),
                };
                if used(local) && !names.contains(&written) {
                    names.push(written);
                }
            }
            names.sort();
            if !names.is_empty() {
                lines.push(format!("import {{ {} }} from \"{target}\"", names.join(", ")));
            }
            for whole in found.iter().filter(|one| one.target == target).filter_map(|one| one.whole.as_ref()) {
                if used(whole) {
                    lines.push(format!("import \"{target}\" as {whole}"));
                }
            }
        }
        let new = lines.join("\n");
        let place = Place { path: path.to_owned(), start: first, end: last };
        if text.get(first as usize..last as usize)? == new {
            return None;
        }
        let edits = vec![TextEdit { place, text: new }];
        Some(Action {
            title: "Organize imports".into(),
            kind: ActionKind::OrganizeImports,
            edits,
            finding: None,
            is_preferred: false,
        })
    }

    /// For an unknown name: the files that declare it.
    fn import_actions(&self, path: &str, finding: &Finding) -> Vec<Action> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let Some(name) = document.text().get(finding.place.start as usize..finding.place.end as usize) else {
            return Vec::new();
        };
        if !super::navigation::is_name(name) || !matches!(finding.code, "E0201" | "E0208" | "E0213") {
            return Vec::new();
        }
        let mut actions = Vec::new();
        for other in self.documents.values().filter(|other| other.path != path) {
            let declares = other.parts.iter().flat_map(|placed| &placed.part.tree.declarations).any(|declaration| {
                crate::resolve::declared_name(declaration).is_some_and(|declared| declared.text == name)
            });
            if declares && let Some(edit) = self.import_edit(document, &other.path, name) {
                actions.push(Action {
                    title: format!("Import `{name}` from {}", other.path),
                    kind: ActionKind::QuickFix,
                    edits: vec![edit],
                    finding: Some(finding.clone()),
                    is_preferred: false,
                });
            }
        }
        actions
    }

    /// Adds the fields that the application around an offset lacks, those of its records included.
    fn missing_fields(&self, path: &str, offset: u32, finding: Option<&Finding>) -> Vec<Action> {
        let found = || {
            let cursor = self.cursor(path, offset)?;
            let index = self.index(cursor.part());
            let application = index
                .applications
                .iter()
                .filter(|one| {
                    one.span.contains(cursor.offset)
                        || one.name.as_ref().is_some_and(|name| name.span.contains(cursor.offset))
                })
                .min_by_key(|one| one.span.end - one.span.start)?;
            let info = self.application_kind(cursor.part(), application)?;
            let fields: Vec<FieldInfo> = super::analysis::open_fields(&info);
            let mut edits = Vec::new();
            let mut names = Vec::new();
            self.lacking(&cursor, &application.body, &fields, "", &mut edits, &mut names)?;
            (!edits.is_empty()).then(|| Action {
                title: format!("Add {}", crate::diagnostics::list_of(names.iter().map(String::as_str))),
                kind: ActionKind::QuickFix,
                edits,
                finding: finding.cloned(),
                is_preferred: false,
            })
        };
        found().into_iter().collect()
    }

    fn lacking(
        &self,
        cursor: &Cursor<'_>,
        body: &Object,
        fields: &[FieldInfo],
        path: &str,
        edits: &mut Vec<TextEdit>,
        names: &mut Vec<String>,
    ) -> Option<()> {
        let span = body.span?;
        let text = cursor.part().text();
        let has = |name: &str| {
            body.entries.iter().any(|entry| match &entry.kind {
                EntryKind::Field { key, .. } => key.text == name,
                EntryKind::Shorthand(key) => key.text == name,
                EntryKind::Typed(field) => field.name.text == name,
                EntryKind::Spread(_)
                | EntryKind::Comprehension { .. }
                | EntryKind::Computed { .. }
                | EntryKind::Error => false,
            })
        };
        let spreads = body.entries.iter().any(|entry| matches!(entry.kind, EntryKind::Spread(_)));
        let line_start = text[..span.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let indent: String = text[line_start..].chars().take_while(|c| *c == ' ').collect();
        let mut lines = Vec::new();
        for field in fields {
            if field.required && !has(&field.name) && !spreads {
                names.push(format!("{path}{}", field.name));
                lines.push(placeholder(self, field));
            } else if let Type::Record(record) = field.type_.required()
                && let Some(Expression { kind, .. }) = super::hover::key_value(body, std::slice::from_ref(&field.name))
                && let ExpressionKind::Object(inner) = &**kind
            {
                let inner_fields: Vec<FieldInfo> = record.fields.iter().map(of_record).collect();
                let inner_path = format!("{path}{}.", field.name);
                self.lacking(cursor, inner, &inner_fields, &inner_path, edits, names)?;
            }
        }
        if lines.is_empty() {
            return Some(());
        }
        let is_long = text[span.start as usize..span.end as usize].contains('\n') || body.entries.is_empty();
        let last = body.entries.last().map(|entry| entry.span.end);
        let (at, new) = match (last, is_long) {
            (Some(last), true) => {
                let more: String = lines.iter().map(|line| format!("\n{indent}  {line}")).collect();
                (Span { start: last, end: last, ..span }, more)
            }
            (Some(last), false) => (Span { start: last, end: last, ..span }, format!(", {}", lines.join(", "))),
            (None, _) => {
                let more: String = lines.iter().map(|line| format!("\n{indent}  {line}")).collect();
                (
                    Span { start: span.start + 1, end: span.end.saturating_sub(1).max(span.start + 1), ..span },
                    format!("{more}\n{indent}"),
                )
            }
        };
        edits.push(TextEdit { place: self.place(at)?, text: new });
        Some(())
    }

    /// The selected expression under a name of its own.
    fn extract(&self, path: &str, start: u32, end: u32) -> Option<Action> {
        let cursor = self.cursor(path, start)?;
        let part = cursor.part();
        let base = cursor.placed.start;
        let selected = part.text().get((start - base) as usize..(end - base) as usize)?;
        let trimmed = selected.trim();
        let lead = (selected.len() - selected.trim_start().len()) as u32;
        let span = Span { file: part.id, start: start - base + lead, end: start - base + lead + trimmed.len() as u32 };
        let (expression, problems) = crate::syntax::parse_expression(part.id, trimmed, span.start as usize);
        // A single word is a name already.
        let is_worth = !matches!(
            &*expression.kind,
            ExpressionKind::Name(_) | ExpressionKind::Error | ExpressionKind::Apply { .. }
        );
        if !problems.is_empty() || !is_worth || !is_expression(&part.tree.declarations, span) {
            return None;
        }
        let index = self.index(part);
        // Names that only hold here cannot be taken along.
        let uses_local = index.references.iter().filter(|r| span.contains(r.span.start) && r.span.end <= span.end).any(
            |reference| {
                index.lookup(reference.scope, &reference.name).is_some_and(|id| {
                    matches!(index.definitions[id].kind, DefinitionKind::Loop | DefinitionKind::Argument)
                })
            },
        );
        if uses_local {
            return None;
        }
        let declaration = statement(&part.tree.declarations, span.start)?;
        let line_start = part.text()[..declaration.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let indent: String = part.text()[line_start..].chars().take_while(|c| *c == ' ').collect();
        let doc_start = leading(part.text(), line_start);
        let name = self.free_name(&cursor, "extracted");
        let place = |start: u32, end: u32| Place { path: path.to_owned(), start: base + start, end: base + end };
        Some(Action {
            title: "Extract to `let`".into(),
            kind: ActionKind::Extract,
            edits: vec![
                TextEdit {
                    place: place(doc_start, doc_start),
                    text: format!("{indent}let {name} = {trimmed}\n\n")
                        .replace("\n\n", if indent.is_empty() { "\n\n" } else { "\n" }),
                },
                TextEdit { place: place(span.start, span.end), text: name },
            ],
            finding: None,
            is_preferred: false,
        })
    }

    fn free_name(&self, cursor: &Cursor<'_>, wanted: &str) -> String {
        let taken = |name: &str| {
            let hash = super::document::hash_of(name);
            cursor.document.parts.iter().any(|placed| placed.part.has_word(hash))
        };
        if !taken(wanted) {
            return wanted.to_owned();
        }
        (2..).map(|number| format!("{wanted}_{number}")).find(|name| !taken(name)).unwrap_or_default()
    }

    /// The value of a `let` put where its name is used.
    fn inline(&self, path: &str, offset: u32) -> Option<Action> {
        let cursor = self.cursor(path, offset)?;
        let index = self.index(cursor.part());
        let word = self.word_at(index, cursor.offset)?;
        let target = self.target(cursor.part(), &word)?;
        let (_, definition) = self.definition_at(target)?;
        if definition.kind != DefinitionKind::Let {
            return None;
        }
        let declaration = self.declaration_at(target)?;
        let DeclarationKind::Let { value, .. } = &declaration.kind else { return None };
        let written = self.source_text(value.span);
        let needs_brackets = matches!(
            &*value.kind,
            ExpressionKind::Binary { .. } | ExpressionKind::If { .. } | ExpressionKind::Unary { .. }
        );
        let text = if needs_brackets { format!("({written})") } else { written };
        let mut edits = Vec::new();
        for one in self.uses(target, &definition.name) {
            if one.declares {
                continue;
            }
            let is_import = self.word_is_import(&one.place);
            if is_import {
                return None;
            }
            let shorthand = self.word_is_shorthand(&one.place);
            // A text cannot stand in the braces of another in every editor's eyes, but it may.
            let text = if shorthand { format!("{} = {text}", definition.name) } else { text.clone() };
            edits.push(TextEdit { place: one.place, text });
        }
        if edits.is_empty() {
            return None;
        }
        let whole = self.place(declaration.span)?;
        let document = self.documents.get(&whole.path)?;
        let full = document.text();
        let line_start = full[..whole.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let start = leading(full, line_start);
        let end = full[whole.end as usize..].find('\n').map_or(full.len(), |length| whole.end as usize + length + 1);
        edits.push(TextEdit { place: Place { path: whole.path.clone(), start, end: end as u32 }, text: String::new() });
        edits.sort();
        Some(Action {
            title: format!("Inline `{}`", definition.name),
            kind: ActionKind::Inline,
            edits,
            finding: None,
            is_preferred: false,
        })
    }

    fn word_is_import(&self, place: &Place) -> bool {
        self.reference_at(place).is_some_and(|way| matches!(way, Way::Imported { .. }))
    }

    fn word_is_shorthand(&self, place: &Place) -> bool {
        self.reference_at(place).is_some_and(|way| matches!(way, Way::Name { shorthand: true }))
    }

    fn reference_at(&self, place: &Place) -> Option<Way> {
        let cursor = self.cursor(&place.path, place.start)?;
        match self.word_at(self.index(cursor.part()), cursor.offset)? {
            Word::Reference(reference) => Some(reference.way.clone()),
            Word::Definition(_) => None,
        }
    }

    /// Small rewritings at the cursor.
    fn rewrites(&self, path: &str, offset: u32) -> Option<Action> {
        let cursor = self.cursor(path, offset)?;
        let index = self.index(cursor.part());
        // `{ a }` and `{ a = a }`
        let reference = index.references.iter().find(|reference| {
            reference.span.contains(cursor.offset) && matches!(reference.way, Way::Name { shorthand: true })
        })?;
        let place = self.place(reference.span)?;
        Some(Action {
            title: format!("Write `{0} = {0}`", reference.name),
            kind: ActionKind::Rewrite,
            edits: vec![TextEdit { place, text: format!("{0} = {0}", reference.name) }],
            finding: None,
            is_preferred: false,
        })
    }
}

/// Where the comments above a line start.
fn leading(text: &str, line_start: usize) -> u32 {
    let mut at = line_start;
    while at > 0 {
        let before = text[..at - 1].rfind('\n').map_or(0, |newline| newline + 1);
        if !text[before..at].trim_start().starts_with("///") {
            break;
        }
        at = before;
    }
    at as u32
}

/// The innermost declaration of a block or file that holds an offset.
fn statement(declarations: &[tree::Declaration], offset: u32) -> Option<Span> {
    let found = declarations.iter().find(|declaration| declaration.span.contains(offset))?;
    let blocks: Vec<&tree::Block> = match &found.kind {
        DeclarationKind::Workflow { body, .. }
        | DeclarationKind::Component { body, .. }
        | DeclarationKind::For { body, .. }
        | DeclarationKind::Each { body, .. }
        | DeclarationKind::Try { body } => vec![body],
        DeclarationKind::When { branches, otherwise } => {
            branches.iter().map(|branch| &branch.body).chain(otherwise.iter()).collect()
        }
        _ => Vec::new(),
    };
    let inner = blocks.into_iter().find_map(|block| statement(&block.declarations, offset));
    Some(inner.unwrap_or(found.span))
}

/// Whether exactly this stretch is an expression of the tree.
fn is_expression(declarations: &[tree::Declaration], span: Span) -> bool {
    let text = format!("{}..{}", span.start, span.end);
    // Every expression shows its span; a stretch that is none of them is a part of one, or more than one.
    declarations.iter().filter(|declaration| declaration.span.contains(span.start)).any(|declaration| {
        format!("{:?}", declaration.kind).contains(&format!("Expression {{ span: {}:{text},", span.file.0))
    })
}

/// A required field with a value to start from.
fn placeholder(analysis: &Analysis, field: &FieldInfo) -> String {
    let value = match field.type_.required() {
        Type::Record(_) | Type::Map(_) | Type::Outputs(_) => return format!("{} {{}}", field.name),
        Type::Literals(values) => values.first().map(|value: &Literal| words::literal(value)).unwrap_or_default(),
        Type::Instance(job) => {
            let types = analysis.options.facts.instance_types(job).unwrap_or_default();
            let usual = types.iter().find(|name| *name == "ml.m5.xlarge").or(types.first());
            format!("\"{}\"", usual.map_or("", |name| name.as_str()))
        }
        Type::Int(bounds) => bounds.low.unwrap_or(1).max(1).min(bounds.high.unwrap_or(i64::MAX)).to_string(),
        Type::Float(bounds) => words::number(bounds.low.unwrap_or(1.0)),
        Type::Bool => "true".into(),
        Type::Duration(bounds) => words::duration(bounds.low.unwrap_or(3_600_000_000)),
        Type::Size(bounds) => words::size(bounds.low.unwrap_or(1 << 30)),
        Type::List(_) => "[]".into(),
        _ => "\"\"".into(),
    };
    format!("{} = {value}", field.name)
}
