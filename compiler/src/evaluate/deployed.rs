//! Workflows as they are deployed: the kind that says what an engine's document becomes in the stack, the triggers that
//! start it, and the monitors beside it.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::application::Context;
use super::workflow::Unit;
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::{Engine, ParameterPlan};
use crate::source::Span;
use crate::syntax::tree::{self, Block, DeclarationKind, EntryKind, Expression, ExpressionKind, Name};
use crate::types::{Because, Class, Data, Entry, LateKind, Stage, Type, Value};

impl Evaluator<'_> {
    /// Applies the kind `<engine>_deployment`; its value is what triggers know of the workflow.
    pub(super) fn deploy_workflow(
        &mut self,
        name: &Name,
        doc: Option<&SmolStr>,
        body: &Block,
        engine: &'static dyn Engine,
    ) -> Option<Value> {
        if self.project.as_ref().is_none_or(|project| project.span.is_none()) {
            return None;
        }
        let kind = format!("{}_deployment", engine.name());
        let global = self.modules.find_library(&kind)?;
        let info = self.kind(global)?;
        let span = name.span;
        let setting = |key: &str| {
            body.declarations.iter().find_map(|declaration| match &declaration.kind {
                DeclarationKind::Setting { name, value } if name.text == key => Some(value.clone()),
                _ => None,
            })
        };
        let mut names = vec![
            (SmolStr::from("workflow"), Value::string(self.first_name(&name.text), span)),
            (SmolStr::from("document"), self.document(&name.text, engine.name(), span)),
        ];
        for key in ["description", "parallel"] {
            let Some(expression) = setting(key) else { continue };
            // What is wrong with a setting is said where the settings of the workflow are checked.
            let mut is_outside = true;
            super::walk::walk_names(&expression, &mut |name, _| {
                is_outside &= self.modules.find(expression.span.file, name).is_some();
            });
            let value = if is_outside { self.evaluate(&expression, &Scope::file()) } else { continue };
            let fits = match key {
                "description" => value.as_string().is_some_and(|text| text.chars().count() <= 3072),
                _ => matches!(value.data, Data::Int(1..)),
            };
            if fits {
                names.push((key.into(), value));
            }
        }
        if !names.iter().any(|(key, _)| key == "description")
            && let Some(doc) = doc
        {
            names.push(("description".into(), Value::string(doc.clone(), span)));
        }
        let entries = names
            .iter()
            .map(|(key, _)| tree::Entry {
                doc: None,
                span,
                kind: EntryKind::Shorthand(Name { text: key.clone(), span }),
            })
            .collect();
        let fields = tree::Object { entries, span: Some(span) };
        let scope = Scope { parent: None, names, block: None };
        let context =
            Context { word: "resource", name: engine.name().into(), name_span: span, span, ..Context::default() };
        let before = std::mem::replace(&mut self.deploying.path, vec![name.text.clone()]);
        let value = self.apply(&info, &[], &fields, &scope, &context, None).value;
        let id = self.logical_id(&format!("{}_role", engine.name()));
        self.deploying.path = before;
        let mut value = value;
        if let Some(object) = value.as_object() {
            let mut entries = object.entries.clone();
            entries.push(Entry::new("declared", Value::string(self.first_name(&name.text), span)));
            entries.push(Entry::new("role_id", Value::string(id, span)));
            value = Value::object(Class::Plain, entries, span);
        }
        Some(value)
    }

    /// The document of a workflow: its text, and where it is kept if it is too large for the template.
    fn document(&mut self, workflow: &str, engine: &str, span: Span) -> Value {
        let name = Value::string(format_smolstr!("{workflow}.{engine}"), span);
        let late = |kind: &str| {
            let because = Because { span, text: "documents are written after everything else".into() };
            let kind = LateKind::Operation { name: kind.into(), operands: vec![name.clone()] };
            Value::late(kind, Type::STRING, Stage::Deploy, because, span)
        };
        let bucket = self.project.as_ref().and_then(|project| project.bucket.clone());
        let entries = vec![
            Entry::new("text", late("document")),
            Entry::new("key", late("document key")),
            Entry::new("bucket", bucket.unwrap_or_else(|| Value::none(span))),
        ];
        Value::object(Class::Plain, entries, span)
    }

    /// A trigger or monitor of the workflow. What a trigger knows of its event becomes a parameter where it is used.
    pub(super) fn beside(
        &mut self,
        units: &[Unit<'_>],
        declaration: &tree::Declaration,
        word: tree::Binding,
        name: &Name,
        value: &Expression,
        scope: &Scope<'_>,
    ) -> Value {
        let context = Context {
            word: word.word(),
            name: name.text.clone(),
            name_span: name.span,
            span: declaration.span,
            ..Context::default()
        };
        let workflow = self.workflow.as_ref().map(|workflow| workflow.name.clone());
        let before = std::mem::replace(&mut self.deploying.path, workflow.into_iter().collect());
        if word == tree::Binding::Trigger {
            self.note_event(units, name, value, scope);
        }
        let value = self.binding(value, scope, &context);
        self.deploying.path = before;
        if let Some(state) = &mut self.workflow {
            state.event = None;
        }
        value
    }

    /// `self.event` of a trigger: `sent`, where each parameter is found in the event, and each of the kind's `results` as
    /// the parameter that it becomes.
    fn note_event(&mut self, units: &[Unit<'_>], name: &Name, value: &Expression, scope: &Scope<'_>) {
        let (callee, body) = match &*value.kind {
            ExpressionKind::Apply { callee, body, .. } => (callee, Some(body)),
            ExpressionKind::Call { callee, .. } => (callee, None),
            _ => return,
        };
        let Some(info) = self.kind_of(callee, scope).and_then(|global| self.kind(global)) else { return };
        let mut is_used = false;
        let mut triggers = 0;
        for unit in units {
            let is_trigger =
                matches!(&unit.declaration.kind, DeclarationKind::Binding { word: tree::Binding::Trigger, .. });
            triggers += usize::from(is_trigger);
            if !is_trigger {
                super::walk::walk_declaration(unit.declaration, &mut |other, _| is_used |= other == name.text);
            }
        }
        let mut entries = Vec::new();
        let mut sent = Vec::new();
        if let Some(results) = info.kind.results().filter(|_| is_used) {
            let fields = self.evaluate(&results.clone(), &Scope::file());
            for entry in fields.as_object().map(|object| object.entries.clone()).unwrap_or_default() {
                let parameter = parameter_name(&name.text, &entry.key);
                let text = format_smolstr!("`{}` is known when the event happens", name.text);
                let type_ = if triggers > 1 { Type::STRING.optional() } else { Type::STRING };
                let because = Because { span: name.span, text };
                let late = LateKind::Parameter(parameter.clone());
                entries.push(Entry::new(
                    entry.key.clone(),
                    Value::late(late, type_.clone(), Stage::Run, because, name.span),
                ));
                sent.push(Entry::new(parameter.clone(), entry.value.clone()));
                if let Some(state) = &mut self.workflow {
                    state.parameters.push(ParameterPlan {
                        name: parameter,
                        span: name.span,
                        doc: Some(format_smolstr!("`{}` of the trigger `{}`", entry.key, name.text)),
                        type_,
                        default: (triggers > 1).then(|| Value::string("", name.span)),
                    });
                }
            }
        }
        self.check_inputs(units, name, body);
        entries.push(Entry::new("sent", Value::object(Class::Plain, sent, name.span)));
        if let Some(state) = &mut self.workflow {
            state.event = Some(Value::object(Class::Plain, entries, name.span));
        }
    }

    /// `inputs` of a trigger are parameters of the workflow, and hold those that have no default.
    fn check_inputs(&mut self, units: &[Unit<'_>], name: &Name, body: Option<&tree::Object>) {
        let workflow = self.workflow.as_ref().map(|workflow| workflow.name.clone()).unwrap_or_default();
        let parameters: Vec<(&Name, bool)> = units
            .iter()
            .filter_map(|unit| match &unit.declaration.kind {
                DeclarationKind::Param { name, default, .. } => Some((name, default.is_some())),
                _ => None,
            })
            .collect();
        let inputs = body.into_iter().flat_map(|body| &body.entries).find_map(|entry| match &entry.kind {
            EntryKind::Field { key, value } if key.text == "inputs" => Some(value),
            _ => None,
        });
        let mut given: Vec<SmolStr> = Vec::new();
        if let Some(inputs) = inputs {
            let ExpressionKind::Object(object) = &*inputs.kind else { return };
            for entry in &object.entries {
                let (key, span) = match &entry.kind {
                    EntryKind::Field { key, .. } => (key.text.clone(), key.span),
                    EntryKind::Shorthand(name) => (name.text.clone(), name.span),
                    _ => return,
                };
                if !parameters.iter().any(|(name, _)| name.text == key) {
                    let found = Diagnostic::new(&d::UNKNOWN_ARGUMENT, span, &[("function", &workflow), ("name", &key)]);
                    self.report(found.suggest(&key, span, parameters.iter().map(|(name, _)| name.text.as_str())));
                }
                given.push(key);
            }
        }
        if let Some((missing, _)) =
            parameters.iter().find(|(name, has_default)| !has_default && !given.contains(&name.text))
        {
            let found =
                Diagnostic::new(&d::MISSING_ARGUMENT, name.span, &[("function", &workflow), ("name", &missing.text)]);
            self.report(found.related(missing.span, "it has no default").help(format!(
                "give it in `inputs = {{ {} = … }}` of the trigger, or give it a default",
                missing.text
            )));
        }
    }

    /// What a file knows of a workflow: its name and ARN, and of each step what its kind says in `handle`.
    pub(super) fn workflow_handle(&mut self, name: &Name, body: &Block, place: Span) -> Value {
        let mut steps: Vec<(Name, Expression)> = Vec::new();
        collect_steps(&body.declarations, &mut steps);
        let mut entries = Vec::new();
        for (step, value) in steps {
            let (callee, fields) = match &*value.kind {
                ExpressionKind::Apply { callee, body, .. } => (callee.clone(), body.clone()),
                ExpressionKind::Call { callee, .. } => {
                    (callee.clone(), tree::Object { entries: Vec::new(), span: None })
                }
                _ => continue,
            };
            let scope = Scope::file();
            let Some(info) = self.kind_of(&callee, &scope).and_then(|global| self.kind(global)) else { continue };
            let Some(handle) = info.kind.handle().cloned() else { continue };
            // Only what the handle needs is looked at: the rest may use the rest of the workflow.
            let mut needed: Vec<SmolStr> = Vec::new();
            super::walk::walk_names(&handle, &mut |name, _| needed.push(name.into()));
            let own = vec![Entry::new("name", Value::string(step.text.clone(), step.span))];
            let mut names = vec![(SmolStr::from("self"), Value::object(Class::Plain, own, step.span))];
            for (field, type_) in info.kind.fields.iter().zip(&info.types) {
                let key = &field.name.text;
                if !needed.contains(key) {
                    continue;
                }
                let given = fields.entries.iter().find_map(|entry| match &entry.kind {
                    EntryKind::Field { key: other, value } if other.text == *key => Some(value.clone()),
                    EntryKind::Shorthand(name) if name.text == *key => {
                        Some(Expression { span: name.span, kind: Arc::new(ExpressionKind::Name(name.text.clone())) })
                    }
                    _ => None,
                });
                let inner = Scope { parent: None, names: names.clone(), block: None };
                let value = match given.as_ref().or(field.default.as_ref()) {
                    Some(expression) => self.evaluate(expression, &inner),
                    None => Value::none(step.span),
                };
                let value = match type_ {
                    Type::String(_) => self.fit(&value, type_, Stage::Deploy, format_args!("`{key}`")),
                    _ => value,
                };
                names.push((key.clone(), value));
            }
            let inner = Scope { parent: None, names, block: None };
            let value = self.evaluate(&handle, &inner);
            entries.push(Entry::new(step.text.clone(), value.at(place)));
        }
        entries.push(Entry::new("declared", Value::string(name.text.clone(), place)));
        Value::object(Class::Plain, entries, place)
    }

    /// Gives the role that runs a workflow what its steps asked for.
    pub(super) fn finish_runner(&mut self, deployed: Option<&Value>, part: Option<u32>) {
        let all = std::mem::take(&mut self.deploying.runner);
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(asking, _)| *asking == part);
        self.deploying.runner = others;
        let statements = own.into_iter().map(|(_, statement)| statement).collect();
        if let Some(id) = deployed.and_then(|value| value.get("role_id")).and_then(|id| id.as_string().cloned()) {
            self.grant(&id, statements);
        }
    }
}

/// The steps of a workflow, in whatever branch they stand.
fn collect_steps(declarations: &[tree::Declaration], out: &mut Vec<(Name, Expression)>) {
    for declaration in declarations {
        match &declaration.kind {
            DeclarationKind::Binding { word, name, value, .. } if word.is_step() => {
                out.push((name.clone(), value.clone()));
            }
            DeclarationKind::When { branches, otherwise } => {
                for branch in branches {
                    collect_steps(&branch.body.declarations, out);
                }
                if let Some(otherwise) = otherwise {
                    collect_steps(&otherwise.declarations, out);
                }
            }
            DeclarationKind::Try { body } | DeclarationKind::OnFailure { body, .. } => {
                collect_steps(&body.declarations, out);
            }
            _ => {}
        }
    }
}

/// A parameter for a field of a trigger. Rules take letters, digits and `-` only.
fn parameter_name(trigger: &str, field: &str) -> SmolStr {
    let mut name = String::new();
    for part in trigger.split('_').chain(field.split('_')).filter(|part| !part.is_empty()) {
        if name.is_empty() {
            name.push_str(part);
        } else {
            name.push_str(&super::request::pascal(part));
        }
    }
    name.into()
}
