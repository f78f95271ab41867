//! State machines and pipelines written out: `machine { … }` and `pipeline { … }`, as declarations and as values for
//! branches and bodies. It puts together the document as it is written, and judges nothing of it.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::{RawPlan, WorkflowPlan};
use crate::source::Span;
use crate::syntax::tree::{Block, Declaration, DeclarationKind, Expression, ExpressionKind, Name};
use crate::types::{Class, Entry, Object, Value};

/// The engine whose documents a `machine` is.
const ENGINE: &str = "machine";

impl Evaluator<'_> {
    /// `machine name { … }`: the document as it is written.
    pub(super) fn raw_machine(&mut self, declaration: &Declaration, name: &Name, body: &Block) -> WorkflowPlan {
        let document = self.machine_block(body, &Scope::file(), name.span);
        let raw = RawPlan { settings: document, steps: Vec::new() };
        self.raw_requests(ENGINE, &raw, name);
        WorkflowPlan {
            name: name.text.clone(),
            span: name.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
            engine: ENGINE.into(),
            engine_reason: "it is written out state by state".into(),
            parameters: Vec::new(),
            settings: Arc::new(Object { class: Class::Plain, entries: Vec::new() }),
            nodes: Vec::new(),
            body: Vec::new(),
            raw: Some(raw),
        }
    }

    /// The states in braces as the object that they stand for. `States` comes where the first of them is written, and
    /// the first of them starts unless `StartAt` says otherwise.
    pub(super) fn machine_block(&mut self, body: &Block, scope: &Scope<'_>, span: Span) -> Value {
        let mut entries: Vec<Entry> = Vec::with_capacity(body.declarations.len() + 1);
        let mut states: Vec<Entry> = Vec::new();
        let mut at = None;
        for declaration in &body.declarations {
            match &declaration.kind {
                DeclarationKind::Setting { name, value } => {
                    if let Some(first) = entries.iter().find(|entry| entry.key == name.text) {
                        let found = Diagnostic::new(&d::KEY_TWICE, name.span, &[("key", &name.text)]);
                        let found = found.related(first.key_span, "the first one");
                        self.report(found);
                        continue;
                    }
                    let value = self.evaluate(value, scope);
                    entries.push(Entry { key: name.text.clone(), key_span: name.span, value, unchecked: false });
                }
                DeclarationKind::Raw { word, name, value } if word.text == "state" => {
                    at.get_or_insert(entries.len());
                    if let Some(first) = states.iter().find(|state| state.key == name.text) {
                        let found = Diagnostic::new(&d::STATE_TWICE, name.span, &[("name", &name.text)]);
                        let found = found.related(first.key_span, "the first one");
                        self.report(found);
                        continue;
                    }
                    let value = self.typed_object("Type", value, scope);
                    states.push(Entry { key: name.text.clone(), key_span: name.span, value, unchecked: false });
                }
                DeclarationKind::Error => {}
                _ => self.misplaced(declaration, "a `machine`", "members and `state Name = Type { … }`"),
            }
        }
        let has = |key: &str| entries.iter().any(|entry| entry.key == key);
        let (starts, has_states) = (has("StartAt"), has("States"));
        if let (Some(at), Some(first)) = (at, states.first()) {
            let mut made = Vec::new();
            if !starts {
                made.push(Entry::new("StartAt", Value::string(first.key.clone(), first.key_span)));
            }
            if has_states {
                let found = Diagnostic::new(&d::KEY_TWICE, first.key_span, &[("key", &"States")]);
                self.report(found);
            } else {
                made.push(Entry::new("States", Value::object(Class::Plain, states, span)));
            }
            entries.splice(at..at, made);
        }
        Value::object(Class::Plain, entries, span)
    }

    /// `pipeline { … }` as a value: the list of its steps.
    pub(super) fn pipeline_block(&mut self, body: &Block, scope: &Scope<'_>, span: Span) -> Value {
        let mut list = Vec::with_capacity(body.declarations.len());
        for declaration in &body.declarations {
            let (name, name_span, value) = match &declaration.kind {
                DeclarationKind::Raw { word, name, value } if word.text == "step" => (&name.text, name.span, value),
                DeclarationKind::Binding { word: crate::syntax::tree::Binding::Step, name, value, .. } => {
                    (&name.text, name.span, value)
                }
                DeclarationKind::Error => continue,
                _ => {
                    self.misplaced(declaration, "a `pipeline` that is a value", "`step Name = Type { … }`");
                    continue;
                }
            };
            list.push(self.named_step(name, name_span, value, scope));
        }
        Value::list(list, span)
    }

    fn named_step(&mut self, name: &SmolStr, name_span: Span, value: &Expression, scope: &Scope<'_>) -> Value {
        let inner = self.typed_object("Type", value, scope);
        let Some(object) = inner.as_object() else {
            if !inner.is_error() {
                self.not_a_raw_step(name, value.span);
            }
            return Value::error(value.span);
        };
        let mut entries = vec![Entry::new("Name", Value::string(name.clone(), name_span))];
        entries.extend(object.entries.iter().cloned());
        Value::object(Class::Plain, entries, value.span)
    }

    /// `Task { … }` as an object whose first member is its type; any other value as it is.
    fn typed_object(&mut self, key: &str, value: &Expression, scope: &Scope<'_>) -> Value {
        if let ExpressionKind::Apply { callee, arguments: None, body } = &*value.kind
            && let ExpressionKind::Name(type_) = &*callee.kind
        {
            let members = self.object(body, scope, value.span);
            let Some(object) = members.as_object() else { return members };
            let mut entries = vec![Entry::new(key, Value::string(type_.clone(), callee.span))];
            entries.extend(object.entries.iter().cloned());
            return Value::object(Class::Plain, entries, value.span);
        }
        self.evaluate(value, scope)
    }

    /// Checks the requests that an engine finds in a document against the models of their services.
    pub(super) fn raw_requests(&mut self, engine: &str, raw: &RawPlan, name: &Name) {
        let Some(engine) = self.engines.iter().copied().find(|known| known.name() == engine) else { return };
        for request in engine.raw_requests(&self.facts, raw) {
            let context = super::application::Context {
                word: "step",
                name: request.name.clone(),
                name_span: request.place,
                span: name.span,
                ..super::application::Context::default()
            };
            self.check_request(
                &request.service,
                &request.operation,
                request.value,
                &request.not_required,
                &context,
                Some(engine),
            );
        }
    }
}
