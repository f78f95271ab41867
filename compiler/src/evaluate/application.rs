//! Applications of kinds: fields, checks, the call, results.

use std::sync::Arc;

use smol_str::SmolStr;

use super::data::Described;
use super::{Evaluator, KindInfo, Scope};
use crate::diagnostics::{self as d, Diagnostic, choice_of};
use crate::kinds::Kind;
use crate::plan::{Engine, OutputPlan, StepPlan};
use crate::source::Span;
use crate::syntax::tree::{self, Argument, Expression, ExpressionKind, Name};
use crate::types::{Class, Data, Entry, NodeId, Stage, Type, Value};

/// Where and as what a kind is applied.
#[derive(Clone, Default)]
pub(crate) struct Context<'c> {
    /// The word of the declaration: `train`, `source`, …
    pub(crate) word: &'c str,
    /// The AWS-side name unless `name = "…"` says otherwise.
    pub(crate) name: SmolStr,
    pub(crate) name_span: Span,
    /// The type that the declaration states.
    pub(crate) type_: Option<Type>,
    /// The step it becomes.
    pub(crate) node: Option<NodeId>,
    pub(crate) span: Span,
    pub(crate) is_step: bool,
    /// An application that is not run by itself may leave to others what it lacks.
    pub(crate) is_instance: bool,
}

impl Default for Span {
    fn default() -> Span {
        Span::NONE
    }
}

/// The fields of an application, parameters first.
pub(crate) struct Fields {
    pub(crate) values: Vec<(SmolStr, Value)>,
    /// Common fields of every step.
    pub(crate) common: Vec<(SmolStr, Value)>,
    /// Keys that records lack, where that is left to others.
    pub(crate) missing: Vec<SmolStr>,
    pub(crate) outputs: Vec<OutputPlan>,
    /// Whether something was given that is no field: what else is lacking follows from that.
    pub(crate) has_unknown: bool,
}

/// An application, evaluated.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) step: Option<StepPlan>,
    /// What the declared name stands for.
    pub(crate) value: Value,
    pub(crate) after: Option<Value>,
}

impl Evaluator<'_> {
    /// The value of `word name = value` at file level, or of such a thing in a workflow that is no step.
    pub(crate) fn binding(&mut self, value: &Expression, scope: &Scope<'_>, context: &Context<'_>) -> Value {
        let (callee, arguments, body) = match &*value.kind {
            ExpressionKind::Apply { callee, arguments, body } => {
                (callee.clone(), arguments.clone().unwrap_or_default(), body.clone())
            }
            ExpressionKind::Call { callee, arguments } => {
                let body = tree::Object { entries: Vec::new(), span: Some(value.span.at_end()) };
                (callee.clone(), arguments.clone(), body)
            }
            ExpressionKind::Error => return Value::error(value.span),
            // Something that is deployed only where a condition holds that is known when the file is built.
            ExpressionKind::If { condition, then, otherwise } => {
                let holds = self.evaluate(condition, scope);
                return match (&holds.data, otherwise) {
                    (Data::Bool(true), _) => self.binding(then, scope, context),
                    (Data::Bool(false), Some(otherwise)) => self.binding(otherwise, scope, context),
                    (Data::Bool(false), None) => Value::none(value.span),
                    (Data::Error, _) => Value::error(value.span),
                    _ => {
                        self.fit(&holds, &Type::Bool, Stage::Build, format_args!("the condition of a resource"));
                        Value::error(value.span)
                    }
                };
            }
            _ if context.word == "resource" && !self.is_users(value.span) => return self.evaluate(value, scope),
            _ => {
                self.not_a_kind(value, scope, context);
                return Value::error(value.span);
            }
        };
        if let Some((path, _)) = self.raw_path(&callee, scope) {
            if path.is_empty() && context.word == "resource" {
                return self.raw_resource(&arguments, &body, scope, context);
            }
            self.report(Diagnostic::new(&d::RESOURCE_FORM, callee.span, &[]));
            return Value::error(value.span);
        }
        let Some(global) = self.kind_of(&callee, scope) else {
            self.unknown_kind(&callee, context);
            return Value::error(value.span);
        };
        match self.kind(global) {
            Some(info) => self.apply(&info, &arguments, &body, scope, context, None).value,
            None => Value::error(value.span),
        }
    }

    /// `aws.service.Operation`, unless `aws` is a name of the user's.
    pub(crate) fn raw_path(&mut self, callee: &Expression, scope: &Scope<'_>) -> Option<(Vec<Name>, Span)> {
        let mut parts: Vec<Name> = Vec::new();
        let mut at = callee.clone();
        loop {
            match &*at.kind.clone() {
                ExpressionKind::Member { base, name, .. } => {
                    parts.push(name.clone());
                    at = base.clone();
                }
                ExpressionKind::Name(name) if name == "aws" && scope.local("aws").is_none() => {
                    parts.reverse();
                    return Some((parts, callee.span));
                }
                _ => return None,
            }
        }
    }

    /// A kind applied as a value: an instance that others run or look into.
    pub(crate) fn instance(
        &mut self,
        callee: &Expression,
        arguments: &[Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        span: Span,
    ) -> Value {
        let Some(global) = self.kind_of(callee, scope) else {
            if let ExpressionKind::Name(name) = &*callee.kind
                && scope.local(name).is_none()
            {
                let context = Context { word: "step", span, ..Context::default() };
                self.unknown_kind(callee, &context);
            } else {
                let text = self.modules.sources.text(callee.span).to_owned();
                self.report(Diagnostic::new(&d::UNKNOWN_KIND, callee.span, &[("name", &text)]));
            }
            return Value::error(span);
        };
        let Some(info) = self.kind(global) else { return Value::error(span) };
        if self.depth > 32 {
            self.report(Diagnostic::new(&d::RECURSION, span, &[("name", &info.kind.name)]));
            return Value::error(span);
        }
        let context = Context {
            word: "step",
            name: info.kind.name.clone(),
            name_span: callee.span,
            span,
            is_instance: true,
            ..Context::default()
        };
        self.depth += 1;
        let value = self.apply(&info, arguments, body, scope, &context, None).value;
        self.depth -= 1;
        value.at(span)
    }

    /// Applies a kind: its fields, its checks, and for a step its call for an engine.
    pub(crate) fn apply(
        &mut self,
        info: &Arc<KindInfo>,
        arguments: &[Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: Option<&'static dyn Engine>,
    ) -> Applied {
        let place = context.name_span;
        let is_users = !place.is_none() && !self.modules.sources.get(place.file).is_library;
        let before = self.here;
        if is_users {
            self.here = place;
        }
        let applied = self.apply_here(info, arguments, body, scope, context, engine);
        self.here = before;
        applied
    }

    pub(super) fn apply_here(
        &mut self,
        info: &Arc<KindInfo>,
        arguments: &[Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: Option<&'static dyn Engine>,
    ) -> Applied {
        let kind = &info.kind;
        let body_span = body.span.unwrap_or(context.span);
        if !self.check_role(kind, context) {
            return Applied { step: None, value: Value::error(context.name_span), after: None };
        }
        let findings = self.diagnostics.len();
        let mut fields = self.fields(info, arguments, body, scope, context);
        let is_wrong = self.diagnostics.has_errors_since(findings);
        let template = self.template_scope(info, &mut fields, context);
        let failed = is_wrong || fields.has_unknown || template.iter().any(|(_, value)| value.is_error());
        let mut inner = Scope { parent: None, names: template, block: None };
        // What breaks a rule of the kind is not sent: the service's own rules would say the same again.
        let is_sound = failed || self.checks(kind, &inner, context);
        if !failed && is_sound {
            self.deploy_parts(kind, &mut inner, context);
            if kind.call().is_none() && !context.is_step {
                self.allows(kind, &inner, context);
            }
        }
        if context.is_instance && kind.value().is_none() {
            if failed {
                return Applied { step: None, value: Value::error(context.span), after: None };
            }
            return self.applied_instance(info, &fields, &inner, context, body_span);
        }
        let common = Value::object(
            Class::Plain,
            fields.common.iter().map(|(key, value)| Entry::new(key.clone(), value.clone())).collect(),
            context.name_span,
        );
        let after = common.get("after").cloned();
        let Some(engine) = engine.filter(|_| context.is_step) else {
            let value = match kind.value() {
                Some(expression) if failed || !is_sound => Value::error(expression.span),
                Some(expression) => {
                    let value = self.evaluate(expression, &inner).at(context.name_span);
                    match &value.data {
                        // What is deployed is known by its kind, whatever it shows of itself.
                        Data::Object(object) if object.class == Class::Plain && is_deployed(kind) => {
                            Value::object(Class::Resource(kind.name.clone()), object.entries.clone(), value.span)
                        }
                        _ => value,
                    }
                }
                None => {
                    let entries = inner
                        .names
                        .iter()
                        .filter(|(name, _)| name != "self")
                        .map(|(name, value)| Entry::new(name.clone(), value.clone()));
                    Value::object(Class::Resource(kind.name.clone()), entries.collect(), context.name_span)
                }
            };
            return Applied { step: None, value, after };
        };
        let (step, value) = self.run_step(info, &fields, inner, common, context, engine, failed, is_sound);
        Applied { step: Some(step), value, after }
    }

    /// Whether a kind may stand after the word it is declared with; a finding where it may not.
    pub(crate) fn check_role(&mut self, kind: &Kind, context: &Context<'_>) -> bool {
        if context.is_instance || fits_word(kind, context.word) {
            return true;
        }
        let words = choice_of(kind.roles.iter().map(|role| role.text.as_str()));
        let article = if context.word == "evaluate" { "an" } else { "a" };
        let found = Diagnostic::new(
            &d::WRONG_ROLE,
            context.name_span,
            &[("kind", &kind.name), ("word", &context.word), ("words", &words), ("article", &article)],
        );
        self.report(found.related(kind.span, "declared here"));
        false
    }

    pub(super) fn applied_instance(
        &mut self,
        info: &Arc<KindInfo>,
        fields: &Fields,
        inner: &Scope<'_>,
        context: &Context<'_>,
        span: Span,
    ) -> Applied {
        let kind = &info.kind;
        let mut entries: Vec<Entry> = inner
            .names
            .iter()
            .filter(|(name, _)| name != "self")
            .map(|(name, value)| Entry::new(name.clone(), value.clone()))
            .collect();
        let missing = fields.missing.iter().map(|name| Value::string(name.clone(), span)).collect();
        entries.push(Entry::new("missing", Value::list(missing, span)));
        entries.push(Entry::new("kind", Value::string(kind.name.clone(), span)));
        // The names that its records may hold.
        let members = kind.fields.iter().zip(&info.types).filter_map(|(field, type_)| match type_.required() {
            Type::Record(record) => {
                let names = record.fields.iter().map(|field| Value::string(field.name.clone(), span)).collect();
                Some(Entry::new(field.name.text.clone(), Value::list(names, span)))
            }
            _ => None,
        });
        entries.push(Entry::new("members", Value::object(Class::Plain, members.collect(), span)));
        if let Some(call) = kind.call() {
            let request = if inner.names.iter().any(|(_, value)| value.is_error()) {
                Value::error(span)
            } else {
                self.object(&call.request, inner, call.span)
            };
            let names = vec![("request".into(), request.clone())];
            self.allows(kind, &Scope::with(inner, names), context);
            entries.push(Entry::new("request", request));
        }
        let value = Value::object(Class::Instance(kind.name.clone()), entries, context.span);
        Applied { step: None, value, after: None }
    }

    /// What a kind's own expressions see: fields, lets and `self`.
    pub(super) fn template_scope(
        &mut self,
        info: &Arc<KindInfo>,
        fields: &mut Fields,
        context: &Context<'_>,
    ) -> Vec<(SmolStr, Value)> {
        let span = context.name_span;
        let mut scope = std::mem::take(&mut fields.values);
        scope.reserve(fields.common.len() + 8);
        // None of the common fields has the name of a field of the kind: that one hides it.
        let parameters = info.kind.parameters.len();
        for (key, value) in &fields.common {
            if !scope[..parameters].iter().any(|(name, _)| name == key) {
                scope.push((key.clone(), value.clone()));
            }
        }
        let mut own: Vec<Entry> = Vec::with_capacity(scope.len() + 4);
        let is_own = |(name, _): &&(SmolStr, Value)| !matches!(name.as_str(), "name" | "role");
        own.extend(scope.iter().filter(is_own).map(|(key, value)| Entry::new(key.clone(), value.clone())));
        let text = |text: &str| Value::string(text, span);
        let aws_name = fields.common.iter().find(|(key, _)| key == "name").and_then(|(_, v)| v.as_string().cloned());
        own.push(Entry::new("name", text(aws_name.as_ref().unwrap_or(&context.name))));
        own.push(Entry::new("kind", text(&info.kind.name)));
        let role = self.own_role(info, fields, &scope, context);
        own.push(Entry::new("role", role));
        if let Some(deployed) = self.workflow.as_ref().and_then(|workflow| workflow.deployed.clone()) {
            own.push(Entry::new("workflow", deployed));
        }
        if let Some(event) = self.workflow.as_ref().and_then(|workflow| workflow.event.clone()) {
            own.push(Entry::new("event", event));
        }
        if info.kind.value().is_none() {
            let folder = self.folder(&context.name, span);
            own.push(Entry::new("folder", folder));
        } else {
            let type_ = context.type_.clone().unwrap_or_else(|| Type::Data(Arc::default()));
            let settings: Vec<Entry> = own
                .iter()
                .filter(|entry| {
                    matches!(entry.key.as_str(), "format" | "header" | "content_type" | "file" | "compression")
                })
                .filter(|entry| !entry.value.is_none())
                .cloned()
                .collect();
            let described =
                Described { name: context.name.clone(), type_, settings, uri: Value::none(span), node: None };
            let descriptor = self.descriptor(described, span);
            own.push(Entry::new("data", descriptor));
        }
        scope.push(("self".into(), Value::object(Class::Plain, own, span)));
        for (name, expression) in info.kind.chain.iter().rev().flat_map(|part| &part.lets) {
            let inner = Scope { parent: None, names: scope, block: None };
            let value = if inner.names.iter().any(|(_, value)| value.is_error()) {
                Value::error(expression.span)
            } else {
                self.evaluate(expression, &inner)
            };
            scope = inner.names;
            scope.push((name.text.clone(), value));
        }
        scope
    }

    /// Whether all rules of a kind hold, as far as can be told now. Those that do not are reported.
    pub(super) fn checks(&mut self, kind: &Kind, scope: &Scope<'_>, context: &Context<'_>) -> bool {
        let mut all_hold = true;
        for (condition, message) in kind.chain.iter().rev().flat_map(|part| &part.checks) {
            let holds = self.evaluate(condition, scope);
            match holds.data {
                Data::Bool(false) => {
                    all_hold = false;
                    let is_message = std::mem::replace(&mut self.is_message, true);
                    let text = self.evaluate(message, scope);
                    self.is_message = is_message;
                    let text = super::expression::scalar_text(&text)
                        .unwrap_or_else(|| "a rule of the kind does not hold".into());
                    let mut places: Vec<Span> = Vec::new();
                    mentioned(condition, scope, &mut places);
                    places.retain(|place| !self.modules.sources.get(place.file).is_library);
                    let place = places.first().copied().unwrap_or(context.name_span);
                    let sentence = if text.ends_with(['.', '?']) { text } else { format!("{text}.") };
                    let mut found =
                        Diagnostic::new(&d::CHECK_FAILED, place, &[("message", &sentence), ("kind", &kind.name)]);
                    let mut shown = vec![place];
                    for other in places.iter().skip(1) {
                        let is_apart = |known: &Span| {
                            other.file != known.file || other.end <= known.start || other.start >= known.end
                        };
                        if *other != context.name_span && shown.iter().all(is_apart) {
                            found = found.related(*other, "and this");
                            shown.push(*other);
                        }
                    }
                    self.report(found);
                }
                Data::Bool(true) | Data::Error | Data::Late(_) => {}
                _ => self.expect_bool(&holds, "check"),
            }
        }
        all_hold
    }
}

/// Whether a kind is of something that is deployed once with the project.
fn is_deployed(kind: &Kind) -> bool {
    kind.roles.iter().any(|role| matches!(role.text.as_str(), "resource" | "monitor" | "serve" | "studio"))
}

/// Whether a kind may stand after a word. `step` fits all that run; a kind without roles fits all.
pub(super) fn fits_word(kind: &Kind, word: &str) -> bool {
    if kind.roles.is_empty() {
        return true;
    }
    kind.roles.iter().any(|role| role.text == word)
        || (word == "step"
            && kind.roles.iter().any(|role| tree::Binding::from_word(&role.text).is_some_and(tree::Binding::is_step)))
}

/// The places where the fields that an expression names were given, in the order of the expression.
pub(super) fn mentioned(expression: &Expression, scope: &Scope<'_>, out: &mut Vec<Span>) {
    super::walk::walk_names(expression, &mut |name, path| {
        let value = if name == "self" { path.first().and_then(|field| scope.local(field)) } else { scope.local(name) };
        // The part that is named is nearer to the mistake than the whole field.
        let mut value = value;
        let skip = usize::from(name == "self");
        for part in path.iter().skip(skip) {
            match value.and_then(|value| value.get(part)) {
                Some(inner) if !inner.is_none() => value = Some(inner),
                _ => break,
            }
        }
        if let Some(value) = value
            && !value.span.is_none()
        {
            out.push(value.span);
            // A list that the kind gathers holds what the user wrote.
            let items = value.as_list().filter(|_| path.is_empty());
            out.extend(items.into_iter().flat_map(|items| items.iter()).map(|item| item.span));
        }
    });
}
