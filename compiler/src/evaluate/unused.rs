//! What a project declares and nobody uses: looked at with fields that stand for any value, so that a mistake inside is
//! found before the first use. What is used is looked at there.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::application::Context;
use super::data::Described;
use super::engines::Choice;
use super::workflow::{Place, WorkflowState};
use super::{Evaluator, KindInfo, Scope};
use crate::resolve::Global;
use crate::source::FileId;
use crate::syntax::tree::{DeclarationKind, EntryKind};
use crate::types::{Because, Class, Data, Entry, FunctionBody, LateKind, Stage, Type, Value};

impl Evaluator<'_> {
    /// Looks into the kinds, components and functions of files that nothing has used.
    pub(super) fn unused(&mut self, files: &[FileId]) {
        // What is not used needs no place and uploads nothing.
        self.once("bucket");
        self.once("region");
        let assets = self.assets.len();
        for file in files {
            let trees = self.modules.trees_of(*file);
            let declarations = trees.iter().flat_map(|(id, tree)| {
                tree.declarations.iter().enumerate().map(|(index, declaration)| (*id, index, declaration))
            });
            for (id, index, declaration) in declarations {
                let global = Global::Declaration(id, index as u32);
                match &declaration.kind {
                    DeclarationKind::Kind { .. } if !self.applied.contains(&global) => {
                        if let Some(info) = self.kind(global) {
                            self.unused_kind(&info);
                        }
                    }
                    DeclarationKind::Component { .. } if !self.applied.contains(&global) => {
                        if let Some(info) = self.kind(global) {
                            self.unused_component(&info);
                        }
                    }
                    DeclarationKind::Let { parameters: Some(_), .. } => {
                        let value = self.global(global, declaration.span);
                        if let Data::Function(function) = &value.data
                            && let FunctionBody::Declared { parameters, body, captured } = &function.body
                        {
                            let mut names = captured.clone();
                            for field in parameters {
                                if let Some(written) = &field.type_ {
                                    self.type_of(written);
                                }
                                if let Some(default) = &field.default {
                                    self.evaluate(default, &Scope::file());
                                }
                                names.push((field.name.text.clone(), Value::error(field.name.span)));
                            }
                            self.evaluate(body, &Scope { parent: None, names, block: None });
                        }
                    }
                    _ => {}
                }
            }
        }
        self.assets.truncate(assets);
    }

    /// A kind's own expressions, with fields of which nothing is known.
    fn unused_kind(&mut self, info: &Arc<KindInfo>) {
        let kind = &info.kind;
        let span = kind.span;
        let fields = kind.parameters.iter().chain(&kind.fields);
        let mut names: Vec<(SmolStr, Value)> =
            fields.map(|field| (field.name.text.clone(), Value::error(field.name.span))).collect();
        if let Some(common) = self.common_fields() {
            for field in &common.kind.fields {
                if !names.iter().any(|(name, _)| *name == field.name.text) {
                    names.push((field.name.text.clone(), Value::error(span)));
                }
            }
        }
        for (field, type_) in kind.fields.iter().zip(&info.types) {
            let is_own = field.name.span.file == span.file;
            let Some(default) = field.default.as_ref().filter(|_| is_own && !matches!(type_, Type::Outputs(_))) else {
                continue;
            };
            let findings = self.diagnostics.len();
            let inner = Scope { parent: None, names: names.clone(), block: None };
            let value = self.evaluate(default, &inner);
            if !self.diagnostics.has_errors_since(findings) {
                self.fit(
                    &value,
                    type_,
                    super::types::stage_of(field.stage),
                    format_args!("the default of `{}`", field.name.text),
                );
            }
        }
        let mut own: Vec<Entry> = names.iter().map(|(key, value)| Entry::new(key.clone(), value.clone())).collect();
        own.retain(|entry| !matches!(entry.key.as_str(), "name" | "role"));
        for key in ["name", "kind", "role", "folder", "data"] {
            own.push(Entry::new(key, Value::error(span)));
        }
        names.push(("self".into(), Value::object(Class::Plain, own, span)));
        let chain: Vec<_> = kind.chain.iter().rev().filter(|part| part.file == span.file).cloned().collect();
        for part in &chain {
            for (name, expression) in &part.lets {
                let inner = Scope { parent: None, names: names.clone(), block: None };
                self.evaluate(expression, &inner);
                names.push((name.text.clone(), Value::error(name.span)));
            }
        }
        let inner = Scope { parent: None, names: names.clone(), block: None };
        for part in &chain {
            for (condition, message) in &part.checks {
                self.evaluate(condition, &inner);
                self.evaluate(message, &inner);
            }
            for expression in part.value.iter().chain(&part.writes) {
                self.evaluate(expression, &inner);
            }
            if let Some(call) = &part.call {
                let request = self.object(&call.request, &inner, call.span);
                if let Some((service, operation)) = self.call_path(&call.path) {
                    let engine = self.engines.iter().copied().find(|engine| !kind.runs(engine.name()).is_empty());
                    let omitted = self.omitted(kind, engine.map(|engine| engine.name()));
                    let context =
                        Context { word: "step", name: kind.name.clone(), name_span: span, ..Context::default() };
                    self.check_request(&service, &operation, request, &omitted, &context, engine);
                }
            }
        }
        for name in ["request", "response"] {
            names.push((name.into(), Value::error(span)));
        }
        let inner = Scope { parent: None, names, block: None };
        for part in &chain {
            if let Some(results) = &part.results {
                self.evaluate(results, &inner);
            }
            for run in &part.runs {
                if let Some(condition) = &run.condition {
                    self.evaluate(condition, &inner);
                }
                self.object(&run.body, &inner, run.span);
            }
        }
    }

    /// The members that a `run` clause leaves out, where it says so in plain text.
    fn omitted(&mut self, kind: &crate::kinds::Kind, engine: Option<&str>) -> Vec<SmolStr> {
        let runs = engine.map(|engine| kind.runs(engine)).unwrap_or_default();
        let mut names = Vec::new();
        for entry in runs.iter().flat_map(|run| &run.body.entries) {
            if let EntryKind::Field { key, value } = &entry.kind
                && key.text == "omit"
            {
                let list = self.evaluate(value, &Scope::file());
                names.extend(
                    list.as_list().into_iter().flat_map(|items| items.iter()).filter_map(|i| i.as_string().cloned()),
                );
            }
        }
        names
    }

    /// The steps of a component in a workflow of their own, with fields that are known when an execution starts.
    fn unused_component(&mut self, info: &Arc<KindInfo>) {
        let Some(engine) = self.engines.first().copied() else { return };
        let span = info.kind.span;
        let choice = Choice::Trying { refused: None };
        self.workflow = Some(WorkflowState::new(info.kind.name.clone(), engine, choice));
        self.blocks.clear();
        let mut base: Vec<(SmolStr, Value)> = Vec::new();
        for (field, type_) in info.kind.fields.iter().zip(&info.types) {
            let stage = super::types::stage_of(field.stage);
            let value = self.any_value(&field.name.text, field.name.span, type_, stage);
            base.push((field.name.text.clone(), value));
        }
        let own: Vec<Entry> = base
            .iter()
            .map(|(key, value)| Entry::new(key.clone(), value.clone()))
            .chain([Entry::new("name", Value::string(info.kind.name.clone(), span))])
            .collect();
        base.push(("self".into(), Value::object(Class::Plain, own, span)));
        let place = Place { parent: None, prefix: SmolStr::default(), suffix: SmolStr::default(), is_component: true };
        let declarations = info.kind.own().body.declarations.clone();
        let findings = self.diagnostics.len();
        self.run_block(&declarations, base, None, &place);
        // Which engine will run it is not known: what one refuses another may do.
        self.diagnostics.retain_since(findings, |found| !is_of_an_engine(found.code()));
        self.workflow = None;
        self.blocks.clear();
    }

    /// A value of a type of which no more is known.
    fn any_value(&mut self, name: &SmolStr, span: crate::source::Span, type_: &Type, stage: Stage) -> Value {
        if stage == Stage::Build {
            return Value::error(span);
        }
        let text = format_smolstr!("`{name}` is given where the component is used");
        let late = Value::late(LateKind::Parameter(name.clone()), type_.clone(), stage, Because { span, text }, span);
        match type_ {
            Type::Table { .. } | Type::Files(_) | Type::Model { .. } => {
                let location = Value::late(
                    LateKind::Parameter(name.clone()),
                    Type::Uri,
                    stage,
                    Because { span, text: format_smolstr!("`{name}` is given where the component is used") },
                    span,
                );
                let described = Described {
                    name: name.clone(),
                    type_: type_.clone(),
                    settings: Vec::new(),
                    uri: Value::none(span),
                    node: None,
                };
                let descriptor = self.descriptor(described, span);
                match descriptor.as_object().cloned() {
                    Some(object) => self.data_at(&object, location, span),
                    None => Value::error(span),
                }
            }
            Type::Int(_)
            | Type::Float(_)
            | Type::Bool
            | Type::String(_)
            | Type::Literals(_)
            | Type::Uri
            | Type::Arn
            | Type::Instance(_) => late,
            // What has an inner life of its own cannot be made up.
            _ => Value::error(span),
        }
    }
}

fn is_of_an_engine(code: &str) -> bool {
    code.starts_with("E07") && !["E0701", "E0703", "E0704"].contains(&code)
}
