//! Values of a type: enumerated ones, instance types, kinds, functions, files.

use smol_str::SmolStr;

use super::super::analysis::Cursor;
use super::super::context::Shape;
use super::super::show;
use super::{CompletionKind, Items, MOST};
use crate::evaluate::incremental::built_ins;
use crate::facts::{ShapeId, ShapeKind};
use crate::kinds::Kind;
use crate::resolve::{self, Global};
use crate::syntax::tree::{Binding, DeclarationKind};
use crate::types::{Data, Literal, Type, Value};

impl Items<'_> {
    pub(super) fn request_members(&mut self, service: &str, shape: ShapeId) {
        let Some(found) = self.analysis.options.facts.service(service) else { return };
        for member in found.shape(shape).members() {
            if self.context.present.contains(&member.name) {
                continue;
            }
            let inner = found.shape(member.shape);
            let insert = match &inner.kind {
                ShapeKind::Structure { .. } | ShapeKind::Map { .. } => format!("{} = {{ $0 }}", member.name),
                ShapeKind::List { .. } => format!("{} = [$0]", member.name),
                ShapeKind::String { .. } => format!("{} = \"$0\"", member.name),
                _ => format!("{} = $0", member.name),
            };
            let needed = if member.required { ", required" } else { "" };
            let detail = format!("{}{needed}", show::api_type(inner));
            let rank = if member.required { 1 } else { 10 };
            let item = self.add_as(&member.name, CompletionKind::Field, detail, rank, insert, true);
            item.is_deprecated = member.deprecated;
        }
    }

    pub(super) fn values(&mut self, cursor: &Cursor<'_>, expected: &Shape, key: &str) {
        match expected {
            Shape::Type(type_) => self.typed_values(cursor, type_, key),
            Shape::Api { service, shape } => {
                if let Some(found) = self.analysis.options.facts.service(service)
                    && let ShapeKind::String { values, .. } = &found.shape(*shape).kind
                {
                    for value in values {
                        self.text(value, "", 2);
                    }
                }
                if self.context.text.is_none() {
                    self.names(cursor, None, 30);
                }
            }
            Shape::Fields { .. } | Shape::Unknown => {
                if self.context.text.is_none() {
                    self.names(cursor, None, 30);
                    self.functions();
                    self.instances(cursor, None);
                }
            }
        }
    }

    pub(super) fn typed_values(&mut self, cursor: &Cursor<'_>, type_: &Type, key: &str) {
        let in_text = self.context.text.is_some();
        match type_.required() {
            Type::Literals(values) => {
                for (index, value) in values.iter().enumerate() {
                    match value {
                        Literal::String(text) => self.text(text, "", 2 + index as u32),
                        other if !in_text => {
                            self.add(&crate::types::show::literal(other), CompletionKind::Value, "", 2 + index as u32);
                        }
                        _ => {}
                    }
                }
            }
            Type::Instance(job) => {
                let facts = self.analysis.options.facts.clone();
                for (index, name) in facts.instance_types(job).unwrap_or_default().iter().enumerate() {
                    let detail = facts.instance(name).map(|known| show::instance(&known)).unwrap_or_default();
                    self.text(name, detail, 10 + index as u32);
                }
            }
            Type::Bool if !in_text => {
                self.add("true", CompletionKind::Value, "", 2);
                self.add("false", CompletionKind::Value, "", 2);
            }
            Type::File => self.paths(cursor, false),
            Type::Union(types) => {
                for type_ in types.iter() {
                    self.typed_values(cursor, type_, key);
                }
                return;
            }
            Type::Kind(name) if !in_text => self.instances(cursor, Some(name)),
            Type::Image if !in_text => self.images(cursor),
            Type::Duration(_) if !in_text => {
                for (text, detail) in [("30s", "seconds"), ("5m", "minutes"), ("1h", "hours"), ("1d", "days")] {
                    self.add(text, CompletionKind::Value, detail, 4);
                }
            }
            Type::Size(_) if !in_text => {
                self.add("30GB", CompletionKind::Value, "gigabytes", 4);
            }
            Type::Record(_) | Type::Map(_) if !in_text => {
                self.add_as("{ }", CompletionKind::Snippet, "an object", 3, "{ $0 }".into(), true);
            }
            Type::List(_) if !in_text => {
                self.add_as("[ ]", CompletionKind::Snippet, "a list", 3, "[$0]".into(), true);
            }
            _ => {}
        }
        if key == "region" {
            for region in self.analysis.options.facts.regions() {
                self.text(region, "region", 10);
            }
        }
        if !in_text {
            self.names(cursor, Some(type_), 6);
            if type_.is_optional() {
                self.add("none", CompletionKind::Keyword, "nothing", 60);
            }
            self.functions();
        }
    }

    /// Images: the functions of the library that give one.
    pub(super) fn images(&mut self, _cursor: &Cursor<'_>) {
        for name in resolve::library_names() {
            let Some(Global::Declaration(id, index)) = resolve::library_global(name) else { continue };
            let Some((_, tree)) = resolve::library_file(id) else { continue };
            let declaration = &tree.declarations[index as usize];
            let DeclarationKind::Let { parameters: Some(parameters), value, .. } = &declaration.kind else { continue };
            let is_image = matches!(&*value.kind, crate::syntax::tree::ExpressionKind::Call { callee, .. }
                if matches!(&*callee.kind, crate::syntax::tree::ExpressionKind::Name(name) if name.ends_with("image")));
            if !is_image {
                continue;
            }
            let names: Vec<&str> = parameters.iter().map(|field| field.name.text.as_str()).collect();
            let doc = declaration.doc.as_ref().map(|doc| doc.text.to_string());
            let item = self.add_as(
                name,
                CompletionKind::Function,
                format!("({})", names.join(", ")),
                4,
                format!("{name}(\"$1\")$0"),
                true,
            );
            item.documentation = doc;
        }
    }

    pub(super) fn functions(&mut self) {
        for (name, parameters, _, doc) in built_ins() {
            let item = self.add_as(
                name,
                CompletionKind::Function,
                format!("({})", parameters.join(", ")),
                80,
                format!("{name}($0)"),
                true,
            );
            item.documentation = Some(doc.to_owned());
        }
        for (word, snippet) in [
            ("if", "if ${1:condition} then ${2:value} else $0"),
            ("aws", "aws"),
            ("run", "run"),
            ("project", "project"),
        ] {
            self.keyword(word, snippet, "", 85);
        }
    }

    /// Kinds that can stand as a value of a kind's type.
    pub(super) fn instances(&mut self, cursor: &Cursor<'_>, base: Option<&SmolStr>) {
        let Some(base) = base else { return };
        for (name, kind) in self.all_kinds(cursor) {
            if kind.kind.chain.iter().any(|part| part.name.text == *base) {
                self.kind_item(&name, &kind, 3);
            }
        }
    }

    pub(super) fn all_kinds(&self, cursor: &Cursor<'_>) -> Vec<(SmolStr, std::sync::Arc<crate::evaluate::KindInfo>)> {
        let mut found = Vec::new();
        for (name, global) in self.analysis.names.own(cursor.part().id) {
            if self.analysis.applicable(cursor.part().id, &name) == Some(global)
                && let Some(info) = self.analysis.kind(global)
            {
                found.push((name, info));
            }
        }
        for name in resolve::library_names() {
            if !name.ends_with("_settings")
                && let Some(info) = self.analysis.library_kind(name)
            {
                found.push((name.into(), info));
            }
        }
        found
    }

    pub(super) fn kinds(&mut self, cursor: &Cursor<'_>, word: Option<Binding>) {
        for (name, info) in self.all_kinds(cursor) {
            let fits = word.is_none_or(|word| crate::evaluate::fits_word(&info, word.word()));
            if fits {
                let declared_for = word.is_none_or(|word| info.kind.roles.iter().any(|role| role.text == word.word()));
                self.kind_item(&name, &info, if declared_for { 5 } else { 20 });
            }
        }
        if word.is_none_or(|word| word.is_step()) {
            self.add_as("aws", CompletionKind::Module, "a call of any service", 50, "aws.".into(), false);
        }
        // Kinds and components that other files declare, with their import.
        let own = &cursor.document.path;
        let known = self.analysis.names.own(cursor.part().id);
        for document in self.analysis.documents.values().filter(|document| document.path != *own) {
            for declaration in document.parts.iter().flat_map(|placed| &placed.part.tree.declarations) {
                let (DeclarationKind::Kind { name, roles, .. } | DeclarationKind::Component { name, roles, .. }) =
                    &declaration.kind
                else {
                    continue;
                };
                if known.iter().any(|(other, _)| *other == name.text) {
                    continue;
                }
                let fits = word.is_none_or(|word| {
                    roles.is_empty() || word == Binding::Step || roles.iter().any(|role| role.text == word.word())
                });
                if fits {
                    let import = self.analysis.import_edit(cursor.document, &document.path, &name.text);
                    let item = self.add_as(
                        &name.text,
                        CompletionKind::Kind,
                        format!("from {}", document.path),
                        25,
                        format!("{} {{\n  $0\n}}", name.text),
                        true,
                    );
                    item.also = import.into_iter().collect();
                    item.documentation = declaration.doc.as_ref().map(|doc| doc.text.to_string());
                }
            }
        }
    }

    pub(super) fn kind_item(&mut self, name: &str, kind: &crate::evaluate::KindInfo, rank: u32) {
        let roles: Vec<&str> = kind.kind.roles.iter().map(|role| role.text.as_str()).collect();
        let mut number = 0;
        let arguments = self.arguments_snippet(&kind.kind, kind, &mut number);
        let lines: Vec<String> = super::super::analysis::open_fields(kind)
            .iter()
            .filter(|field| field.required)
            .map(|field| format!("\n  {}", show::required_line(field, &mut number)))
            .collect();
        let body = if lines.is_empty() { "\n  $0\n".to_owned() } else { format!("{}$0\n", lines.concat()) };
        let insert = format!("{name}{arguments} {{{body}}}");
        let detail = roles.join(", ");
        let documentation = kind.kind.own().doc.as_ref().map(|doc| doc.text.to_string());
        let item = self.add_as(name, CompletionKind::Kind, detail, rank, insert, true);
        item.documentation = documentation;
    }

    pub(super) fn arguments_snippet(&self, kind: &Kind, info: &crate::evaluate::KindInfo, number: &mut u32) -> String {
        let needed: Vec<String> = kind
            .parameters
            .iter()
            .zip(&info.parameters)
            .filter(|(field, type_)| field.default.is_none() && !type_.is_optional())
            .map(|(_, type_)| {
                *number += 1;
                match type_ {
                    Type::Literals(values) => {
                        let shown: Vec<String> = values.iter().rev().map(crate::types::show::literal).collect();
                        format!("${{{number}|{}|}}", shown.join(","))
                    }
                    Type::String(_) => format!("\"${number}\""),
                    _ => format!("${number}"),
                }
            })
            .collect();
        if needed.is_empty() { String::new() } else { format!("({})", needed.join(", ")) }
    }

    pub(super) fn argument(&self, cursor: &Cursor<'_>, callee: &[SmolStr], position: usize) -> Shape {
        let [name] = callee else { return Shape::Unknown };
        if let Some(info) =
            self.analysis.applicable(cursor.part().id, name).and_then(|global| self.analysis.kind(global))
        {
            return info.parameters.get(position).map_or(Shape::Unknown, |type_| Shape::Type(type_.clone()));
        }
        if name == "maximize" || name == "minimize" {
            return self.metrics(cursor);
        }
        Shape::Unknown
    }

    /// The metrics that the training around the cursor emits.
    pub(super) fn metrics(&self, cursor: &Cursor<'_>) -> Shape {
        let index = self.analysis.index(cursor.part());
        let mut texts: Vec<Literal> = Vec::new();
        for application in &index.applications {
            if !application.span.contains(cursor.offset) && application.word != Some(Binding::Train) {
                let inside = index
                    .applications
                    .iter()
                    .any(|outer| outer.span.contains(cursor.offset) && outer.span.contains(application.span.start));
                if !inside {
                    continue;
                }
            }
            let Some(info) = self.analysis.application_kind(cursor.part(), application) else { continue };
            let metrics = info.kind.fields.iter().position(|field| field.name.text == "metrics");
            let value = metrics.and_then(|index| info.constants[index].clone());
            if let Some(Value { data: Data::Object(object), .. }) = value {
                texts.extend(object.entries.iter().map(|entry| Literal::String(entry.key.clone())));
            }
        }
        Shape::Type(Type::Literals(std::sync::Arc::new(texts)))
    }

    /// Files: sources for imports, anything else for fields that take one.
    pub(super) fn paths(&mut self, cursor: &Cursor<'_>, sources: bool) {
        let own = cursor.document.path.clone();
        let folder = own.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        if sources {
            let paths: Vec<String> = self.analysis.documents.keys().filter(|path| **path != own).cloned().collect();
            for path in paths {
                let written = crate::source::relative(&folder, &path);
                let written = if written.starts_with("../") { written } else { format!("./{written}") };
                self.text(&written, "", 10);
            }
            return;
        }
        let root = if folder.is_empty() { ".".to_owned() } else { folder };
        let Ok(files) = self.analysis.files.list(&root) else { return };
        let mut folders: Vec<String> = Vec::new();
        for file in files
            .iter()
            .filter(|file| {
                !file.ends_with(".mlflow") && !file.split('/').any(|part| part.starts_with('.') || part == "build")
            })
            .take(MOST)
        {
            let rank = if file.ends_with(".py") || file.ends_with(".sql") { 5 } else { 15 };
            self.text(file, "", rank);
            if let Some((folder, _)) = file.rsplit_once('/')
                && !folders.iter().any(|known| known == folder)
            {
                folders.push(folder.to_owned());
            }
        }
        for folder in folders {
            self.text(&folder, "folder", 12);
        }
    }
}
