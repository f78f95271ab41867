//! Names in scope, members of what they stand for, operations, types, what other files declare.

use smol_str::SmolStr;

use super::super::analysis::Cursor;
use super::super::index::DefinitionKind;
use super::super::show;
use super::{CompletionKind, Items};
use crate::facts::INSTANCE_JOBS;
use crate::resolve::{self, Global};
use crate::syntax::tree::DeclarationKind;
use crate::types::{Data, Type, Value};

impl Items<'_> {
    /// Names in scope, those that fit first.
    pub(super) fn names(&mut self, cursor: &Cursor<'_>, wanted: Option<&Type>, rank: u32) {
        let analysis = self.analysis;
        let index = analysis.index(cursor.part());
        let scope = index.scope_at(cursor.offset);
        let mut seen: Vec<SmolStr> = Vec::new();
        for id in index.visible(scope) {
            let definition = &index.definitions[id];
            // Not the declaration that is being written, as far as it could be read.
            let text = cursor.part().text();
            let same_line =
                |at: u32| text.get(at as usize..cursor.offset as usize).is_some_and(|between| !between.contains('\n'));
            if seen.contains(&definition.name)
                || definition.name.starts_with('\u{1}')
                || ((definition.whole.contains(cursor.offset) || same_line(definition.span.end))
                    && matches!(definition.kind, DefinitionKind::Binding(_) | DefinitionKind::Let))
            {
                continue;
            }
            seen.push(definition.name.clone());
            let value = analysis.value(definition.span);
            self.name_item(
                &definition.name,
                definition.kind,
                value,
                definition.doc.as_ref().map(|d| d.text.clone()),
                wanted,
                rank,
            );
            if let (DefinitionKind::Binding(word), Some(value)) = (definition.kind, value)
                && word.is_step()
                && let Some(wanted) = wanted.filter(|wanted| wanted.required().is_data() || **wanted == Type::STRING)
            {
                self.results(&definition.name, value, wanted, rank);
            }
        }
        for (name, global) in analysis.names.own(cursor.part().id) {
            if seen.contains(&name) {
                continue;
            }
            let Global::Declaration(..) = global else {
                self.add(&name, CompletionKind::Module, "an imported file", rank + 20);
                continue;
            };
            let Some(span) = analysis.name_span(global) else { continue };
            let Some((_, definition)) = analysis.definition_at(span) else { continue };
            if matches!(
                definition.kind,
                DefinitionKind::Config
                    | DefinitionKind::Let
                    | DefinitionKind::Function
                    | DefinitionKind::Binding(_)
                    | DefinitionKind::Workflow
            ) {
                let value = analysis.value(span);
                self.name_item(&name, definition.kind, value, definition.doc.map(|d| d.text), wanted, rank + 2);
            }
        }
    }

    pub(super) fn name_item(
        &mut self,
        name: &SmolStr,
        kind: DefinitionKind,
        value: Option<&Value>,
        doc: Option<SmolStr>,
        wanted: Option<&Type>,
        rank: u32,
    ) {
        let fits = value.is_some_and(|value| wanted.is_some_and(|wanted| fits(value, wanted)));
        let detail = value.map(show::value_type).unwrap_or_default();
        let item_kind = match kind {
            DefinitionKind::Binding(word) if word.is_step() => CompletionKind::Step,
            DefinitionKind::Function => CompletionKind::Function,
            _ => CompletionKind::Variable,
        };
        let rank = if fits { rank } else { rank + 10 };
        let item = match kind {
            DefinitionKind::Function => self.add_as(name, item_kind, detail, rank, format!("{name}($0)"), true),
            _ => self.add(name, item_kind, detail, rank),
        };
        item.documentation = doc.map(|doc| doc.to_string());
    }

    /// `prepare.train`: results of a step that fit.
    pub(super) fn results(&mut self, name: &SmolStr, value: &Value, wanted: &Type, rank: u32) {
        for (member, inner) in members_of(value) {
            if let Some(inner) = inner
                && fits(&inner, wanted)
            {
                let label = format!("{name}.{member}");
                self.add(&label, CompletionKind::Variable, show::value_type(&inner), rank.saturating_sub(2));
            }
        }
    }

    pub(super) fn members(&mut self, cursor: &Cursor<'_>, path: &[SmolStr]) {
        let analysis = self.analysis;
        let Some((first, rest)) = path.split_first() else { return };
        let index = analysis.index(cursor.part());
        let local = index.lookup(index.scope_at(cursor.offset), first);
        if first == "aws" && local.is_none() {
            return match rest {
                [] => {
                    for service in analysis.options.facts.services() {
                        self.add_as(service, CompletionKind::Module, "service", 10, format!("{service}."), false);
                    }
                    for name in ["region", "account", "partition"] {
                        self.add(name, CompletionKind::Variable, "of the deployment", 5);
                    }
                }
                [service] => self.operations(service),
                _ => {}
            };
        }
        if local.is_none()
            && rest.is_empty()
            && let Some(space) = analysis.namespace(cursor.part().id, first)
        {
            for (name, global) in analysis.names.own(space) {
                if analysis.names.member(space, &name) == Some(global) {
                    self.add(&name, CompletionKind::Variable, "", 10);
                }
            }
            return;
        }
        if local.is_none() && first == "run" && rest.is_empty() {
            for (name, detail) in [
                ("id", "of the execution"),
                ("arn", "of the execution"),
                ("started", "when the execution started"),
                ("now", "when the step runs"),
                ("workflow", "its deployed name"),
                ("workflow_arn", "its ARN"),
            ] {
                self.add(name, CompletionKind::Variable, detail, 10);
            }
            return;
        }
        let span = match local {
            Some(definition) => Some(index.definitions[definition].span),
            None => analysis.names.find(cursor.part().id, first).and_then(|global| analysis.name_span(global)),
        };
        let Some(mut value) = span.and_then(|span| analysis.value(span)).cloned() else {
            // What the declaration alone says: the outputs that are written there.
            if let Some(definition) = local.filter(|_| rest.is_empty()) {
                self.declared_results(cursor, definition);
            }
            return;
        };
        for name in rest {
            let next = members_of(&value).into_iter().find(|(member, _)| member == name).and_then(|(_, inner)| inner);
            match next {
                Some(next) => value = next,
                None => return,
            }
        }
        for (index, (member, inner)) in members_of(&value).into_iter().enumerate() {
            let detail = inner.as_ref().map(show::value_type).unwrap_or_default();
            self.add(&member, CompletionKind::Field, detail, 10 + index as u32);
        }
        if let (true, Some(definition)) = (rest.is_empty(), local) {
            self.declared_results(cursor, definition);
        }
    }

    pub(super) fn declared_results(&mut self, cursor: &Cursor<'_>, definition: usize) {
        let index = self.analysis.index(cursor.part());
        for result in &index.definitions {
            if result.kind == DefinitionKind::Result
                && result.parent == Some(definition)
                && self.list.iter().all(|item| item.label != result.name)
            {
                self.add(&result.name, CompletionKind::Field, "output", 9);
            }
        }
    }

    pub(super) fn operations(&mut self, service: &str) {
        let Some(found) = self.analysis.options.facts.service(service) else { return };
        for name in found.operations() {
            let deprecated = found.operation(name).is_some_and(|operation| operation.deprecated);
            let item =
                self.add_as(name, CompletionKind::Operation, service.to_owned(), 10, format!("{name} {{ $0 }}"), true);
            item.is_deprecated = deprecated;
        }
    }

    pub(super) fn types(&mut self, cursor: &Cursor<'_>, arguments_of: Option<&str>) {
        if arguments_of == Some("instance") {
            for job in INSTANCE_JOBS {
                self.add(job, CompletionKind::Keyword, "class of jobs", 10);
            }
            return;
        }
        for (name, insert, detail) in show::TYPES {
            self.add_as(name, CompletionKind::Type, detail, 20, insert.to_owned(), insert.contains('$'));
        }
        for (name, global) in self.analysis.names.own(cursor.part().id) {
            let Some((tree, index)) = self.analysis.names.declaration(global) else { continue };
            let detail = match &tree.declarations[index].kind {
                DeclarationKind::Schema { .. } => "schema",
                DeclarationKind::Type { .. } => "type",
                DeclarationKind::Kind { .. } => "kind",
                _ => continue,
            };
            self.add(&name, CompletionKind::Type, detail, 10);
        }
        for word in ["build", "deploy", "run"] {
            self.add_as(word, CompletionKind::Keyword, "the latest stage", 60, format!("{word} "), false);
        }
    }

    pub(super) fn imported(&mut self, cursor: &Cursor<'_>) {
        // What the file after `from` declares; without one, what any file does.
        let rest = &cursor.part().text()[cursor.offset as usize..];
        let line = rest.split('\n').next().unwrap_or_default();
        let target = line.split("from").nth(1).and_then(|after| after.split('"').nth(1));
        let target = target.map(|written| resolve::join(&cursor.document.path, written));
        for document in self.analysis.documents.values() {
            if document.path == cursor.document.path || target.as_ref().is_some_and(|target| *target != document.path) {
                continue;
            }
            for declaration in document.parts.iter().flat_map(|placed| &placed.part.tree.declarations) {
                let Some(name) = resolve::declared_name(declaration) else { continue };
                let word = crate::kinds::word_of(declaration);
                if !self.context.present.contains(&name.text) {
                    self.add(&name.text, CompletionKind::Variable, format!("{word} of {}", document.path), 10);
                }
            }
        }
    }
}

/// The members of a value, each with what it is as far as that is known.
pub(in crate::ide) fn members_of(value: &Value) -> Vec<(SmolStr, Option<Value>)> {
    let late = |type_: &Type, span| {
        let because = crate::types::Because { span, text: SmolStr::default() };
        Value::late(
            crate::types::LateKind::Path(SmolStr::default()),
            type_.clone(),
            crate::types::Stage::Run,
            because,
            span,
        )
    };
    let of_record = |record: &crate::types::RecordType| {
        record.fields.iter().map(|field| (field.name.clone(), Some(late(&field.type_, field.span)))).collect::<Vec<_>>()
    };
    match &value.data {
        Data::Object(object) => {
            let mut found: Vec<(SmolStr, Option<Value>)> = Vec::new();
            if let crate::types::Class::Data(Type::Report(Some(record))) = &object.class {
                found.extend(of_record(record));
            }
            for entry in &object.entries {
                let hidden =
                    matches!(entry.key.as_str(), "made_by" | "json" | "request" | "missing" | "members" | "results");
                if !hidden && !entry.value.is_none() && found.iter().all(|(key, _)| *key != entry.key) {
                    found.push((entry.key.clone(), Some(entry.value.clone())));
                }
            }
            found
        }
        Data::Late(known) => match known.type_.required() {
            Type::Record(record) | Type::Report(Some(record)) => of_record(record),
            _ => Vec::new(),
        },
        Data::Duration(_) => {
            ["seconds", "minutes", "hours", "days"].iter().map(|name| ((*name).into(), None)).collect()
        }
        Data::Size(_) => ["gb", "mb", "kb", "bytes"].iter().map(|name| ((*name).into(), None)).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value could stand where a type is wanted.
pub(super) fn fits(value: &Value, wanted: &Type) -> bool {
    let found = crate::evaluate::type_of_value(value);
    match (wanted.required(), found.required()) {
        (Type::Any, _) => true,
        (Type::Data(_), found) => found.is_data() || matches!(found, Type::Data(_)),
        (Type::Map(_) | Type::List(_), _) => false,
        (Type::Instance(job), Type::Instance(other)) => job == other,
        (Type::Int(_), Type::Int(_)) | (Type::Float(_), Type::Float(_) | Type::Int(_)) => true,
        (Type::String(_) | Type::Uri | Type::Arn, Type::String(_) | Type::Uri | Type::Arn | Type::Literals(_)) => true,
        (Type::Literals(a), Type::Literals(b)) => a == b,
        (Type::Kind(a), Type::Kind(b)) => a == b,
        (wanted, found) => std::mem::discriminant(wanted) == std::mem::discriminant(found),
    }
}
