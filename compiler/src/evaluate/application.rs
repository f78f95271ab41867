//! Applications of kinds: fields, checks, the call, results.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::data::Described;
use super::types::stage_of;
use super::{Evaluator, KindInfo, Scope};
use crate::diagnostics::{self as d, Diagnostic, choice_of, closest, list_of};
use crate::kinds::{self, Kind};
use crate::plan::{CallPlan, Engine, OutputPlan, StepPlan};
use crate::resolve::Global;
use crate::source::Span;
use crate::syntax::tree::{self, Argument, DeclarationKind, EntryKind, Expression, ExpressionKind, Name};
use crate::types::{
    Because, Class, Data, Entry, Late, LateKind, NodeId, Problem, Stage, Type, Value, conform, show,
};

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
    /// The kind that an expression names, if it names one.
    pub(crate) fn kind_of(&mut self, callee: &Expression, scope: &Scope<'_>) -> Option<Global> {
        let global = match &*callee.kind {
            ExpressionKind::Name(name) => {
                if scope.local(name).is_some() {
                    return None;
                }
                let found = self.modules.find(callee.span.file, name)?;
                // A workflow or type of the same name does not hide a kind of the library.
                if self.is_applicable(found) { found } else { self.modules.find_library(name)? }
            }
            ExpressionKind::Member { base, name, .. } => {
                let ExpressionKind::Name(first) = &*base.kind else { return None };
                match self.modules.find(callee.span.file, first)? {
                    Global::Namespace(file) => self.modules.member(file, &name.text)?,
                    Global::Declaration(..) => return None,
                }
            }
            _ => return None,
        };
        self.is_applicable(global).then_some(global)
    }

    fn is_applicable(&self, global: Global) -> bool {
        self.modules.declaration(global).is_some_and(|(tree, index)| {
            matches!(
                tree.declarations[index].kind,
                DeclarationKind::Kind { .. } | DeclarationKind::Component { .. }
            )
        })
    }

    /// A kind with the types of its fields, read once.
    pub(crate) fn kind(&mut self, global: Global) -> Option<Arc<KindInfo>> {
        if let Some(known) = self.kinds.get(&global) {
            return known.clone();
        }
        self.kinds.insert(global, None);
        let mut chain: Vec<Arc<kinds::KindDeclaration>> = Vec::new();
        let mut next = Some(global);
        let mut visited: Vec<Global> = Vec::new();
        while let Some(at) = next {
            visited.push(at);
            let (tree, index) = self.modules.declaration(at)?;
            let Global::Declaration(file, _) = at else { return None };
            let declaration = kinds::read(&tree.declarations[index], file, &mut self.diagnostics)?;
            next = match &declaration.base {
                Some(base) => match self.modules.find(file, &base.text) {
                    Some(found) if self.is_kind_declaration(found) => {
                        let repeated = chain.iter().any(|part| part.file == file && part.name.text == base.text)
                            || (declaration.file == file && declaration.name.text == base.text);
                        if repeated {
                            self.report(Diagnostic::new(&d::KIND_CYCLE, base.span, &[("name", &base.text)]));
                            // The circle is one mistake, whichever of its kinds is used.
                            for part in visited {
                                self.kinds.insert(part, None);
                            }
                            return None;
                        } else {
                            Some(found)
                        }
                    }
                    _ => {
                        let names = self.kind_names(file, None);
                        let found = Diagnostic::new(&d::UNKNOWN_KIND, base.span, &[("name", &base.text)])
                            .suggest(&base.text, base.span, names.iter().map(|name| name.as_str()));
                        self.report(found);
                        return None;
                    }
                },
                None => None,
            };
            chain.push(Arc::new(declaration));
        }
        let kind = Kind::flatten(chain, &mut self.diagnostics);
        let types: Vec<Type> = kind.fields.iter().map(|field| self.field_type(field)).collect();
        let parameters = kind.parameters.iter().map(|field| self.field_type(field)).collect();
        let constants = self.constants(&kind, &types);
        let info = Arc::new(KindInfo { kind, types, parameters, constants });
        self.kinds.insert(global, Some(info.clone()));
        Some(info)
    }

    /// Defaults and fixed values that are the same for every application.
    fn constants(&mut self, kind: &Kind, types: &[Type]) -> Vec<Option<Value>> {
        let mut constants = Vec::with_capacity(kind.fields.len());
        for (field, type_) in kind.fields.iter().zip(types) {
            let name = &field.name.text;
            let fixed = kind.fixes.iter().find(|(fixed, _)| fixed.text == *name).map(|(_, value)| value.clone());
            let expression = fixed.or_else(|| field.default.clone());
            let mut is_constant = !matches!(type_.required(), Type::Outputs(_) | Type::File);
            if let Some(expression) = &expression {
                super::workflow::walk_names(expression, &mut |_, _| is_constant = false);
            }
            constants.push(match expression {
                Some(expression) if is_constant => {
                    let value = self.evaluate(&expression, &Scope::file());
                    let mut mismatches = Vec::new();
                    let fitted = conform(&value, type_, stage_of(field.stage), self, &mut mismatches);
                    // One that does not fit matters only where it is used.
                    mismatches.is_empty().then_some(fitted)
                }
                _ => None,
            });
        }
        constants
    }

    fn field_type(&mut self, field: &tree::Field) -> Type {
        match &field.type_ {
            Some(written) => {
                let type_ = self.type_of(written);
                if field.optional { type_.optional() } else { type_ }
            }
            None => Type::Any,
        }
    }

    fn is_kind_declaration(&self, global: Global) -> bool {
        self.modules
            .declaration(global)
            .is_some_and(|(tree, index)| matches!(tree.declarations[index].kind, DeclarationKind::Kind { .. }))
    }

    /// The names of kinds and components that can be used in a file, those that fit a word if one is given.
    pub(crate) fn kind_names(&mut self, file: crate::source::FileId, word: Option<&str>) -> Vec<SmolStr> {
        let names = self.modules.names(file);
        let mut found = Vec::new();
        for name in names {
            let Some(global) = self.modules.find(file, &name) else { continue };
            let Some((tree, index)) = self.modules.declaration(global) else { continue };
            let is_kind = matches!(
                tree.declarations[index].kind,
                DeclarationKind::Kind { .. } | DeclarationKind::Component { .. }
            );
            if !is_kind || name.ends_with("_settings") {
                continue;
            }
            match word {
                None => found.push(name),
                Some(word) => {
                    if self.kind(global).is_some_and(|info| info.kind.roles.iter().any(|role| role.text == word)) {
                        found.push(name);
                    }
                }
            }
        }
        found
    }

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
            _ => {
                self.not_a_kind(value, scope, context);
                return Value::error(value.span);
            }
        };
        if self.raw_path(&callee, scope).is_some() {
            self.report(Diagnostic::new(&d::NOT_BUILT, callee.span, &[("what", &"A resource of the stack")]));
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

    /// What is said where `word name = …` is followed by something that is no application of a kind.
    pub(crate) fn not_a_kind(&mut self, value: &Expression, scope: &Scope<'_>, context: &Context<'_>) {
        if let ExpressionKind::Name(_) = &*value.kind
            && self.kind_of(value, scope).is_some()
        {
            let name = self.modules.sources.text(value.span).to_owned();
            let found = Diagnostic::new(&d::KIND_AS_VALUE, value.span, &[("name", &name)]);
            self.report(found.fix(format!("Write `{name} {{ }}`"), value.span.at_end(), " { }"));
            return;
        }
        if let ExpressionKind::Name(_) = &*value.kind {
            self.unknown_kind(value, context);
            return;
        }
        let found = Diagnostic::new(&d::NO_KIND, value.span, &[("word", &context.word), ("name", &context.name)]);
        self.report(found.help(format!("write `{} {} = kind {{ … }}`", context.word, context.name)));
    }

    pub(crate) fn unknown_kind(&mut self, callee: &Expression, context: &Context<'_>) {
        let name = self.modules.sources.text(callee.span).to_owned();
        let found = Diagnostic::new(&d::UNKNOWN_KIND, callee.span, &[("name", &name)]);
        let all = self.kind_names(callee.span.file, None);
        let found = match closest(&name, all.iter().map(|name| name.as_str())) {
            Some(near) => found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), callee.span, near),
            None => {
                let fitting = self.kind_names(callee.span.file, Some(context.word));
                if fitting.is_empty() || fitting.len() > 16 {
                    found
                } else {
                    found.help(format!("for `{}` there is {}", context.word, list_of(fitting.iter().map(|n| n.as_str()))))
                }
            }
        };
        self.report(found);
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

    fn apply_here(
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
        let fields = self.fields(info, arguments, body, scope, context);
        let mut names = fields.values.clone();
        let template = self.template_scope(info, &mut names, &fields, context);
        let failed = fields.has_unknown || template.iter().any(|(_, value)| value.is_error());
        let inner = Scope { parent: None, names: template, block: None };
        // What breaks a rule of the kind is not sent: the service's own rules would say the same again.
        let is_sound = failed || self.checks(kind, &inner, context);
        if context.is_instance && kind.value().is_none() {
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
                Some(expression) => self.evaluate(expression, &inner).at(context.name_span),
                None => {
                    let entries = inner.names.iter().filter(|(name, _)| name != "self").map(|(name, value)| {
                        Entry::new(name.clone(), value.clone())
                    });
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

    fn applied_instance(
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
                self.object(&call.request.clone(), inner, call.span)
            };
            entries.push(Entry::new("request", request));
        }
        let value = Value::object(Class::Instance(kind.name.clone()), entries, context.span);
        Applied { step: None, value, after: None }
    }

    /// What a kind's own expressions see: fields, lets and `self`.
    fn template_scope(
        &mut self,
        info: &Arc<KindInfo>,
        names: &mut Vec<(SmolStr, Value)>,
        fields: &Fields,
        context: &Context<'_>,
    ) -> Vec<(SmolStr, Value)> {
        let span = context.name_span;
        let mut own: Vec<Entry> = names.iter().map(|(key, value)| Entry::new(key.clone(), value.clone())).collect();
        let mut scope = std::mem::take(names);
        for (key, value) in &fields.common {
            if !scope.iter().any(|(name, _)| name == key) {
                own.push(Entry::new(key.clone(), value.clone()));
                scope.push((key.clone(), value.clone()));
            }
        }
        let text = |text: &str| Value::string(text, span);
        own.retain(|entry| !matches!(entry.key.as_str(), "name" | "role"));
        let aws_name = fields.common.iter().find(|(key, _)| key == "name").and_then(|(_, v)| v.as_string().cloned());
        own.push(Entry::new("name", text(aws_name.as_ref().unwrap_or(&context.name))));
        own.push(Entry::new("kind", text(&info.kind.name)));
        let role = fields.common.iter().find(|(key, _)| key == "role").map(|(_, value)| value.clone());
        let arn = role.filter(|role| !role.is_none()).or_else(|| {
            self.project.as_ref().and_then(|project| project.settings.get("role").cloned())
        });
        let arn = arn.unwrap_or_else(|| Value::none(span));
        own.push(Entry::new("role", Value::object(Class::Plain, vec![Entry::new("arn", arn)], span)));
        if info.kind.value().is_none() {
            let folder = self.folder(&context.name, span);
            own.push(Entry::new("folder", folder));
        } else {
            let type_ = context.type_.clone().unwrap_or_else(|| Type::Data(Arc::default()));
            let settings: Vec<Entry> = own
                .iter()
                .filter(|entry| matches!(entry.key.as_str(), "format" | "header" | "content_type" | "file" | "compression"))
                .filter(|entry| !entry.value.is_none())
                .cloned()
                .collect();
            let described =
                Described { name: context.name.clone(), type_, settings, uri: Value::none(span), node: None };
            let descriptor = self.descriptor(described, span);
            own.push(Entry::new("data", descriptor));
        }
        scope.push(("self".into(), Value::object(Class::Plain, own, span)));
        let lets: Vec<(Name, Expression)> =
            info.kind.chain.iter().rev().flat_map(|part| part.lets.iter().cloned()).collect();
        for (name, expression) in lets {
            let inner = Scope { parent: None, names: scope, block: None };
            let value = if inner.names.iter().any(|(_, value)| value.is_error()) {
                Value::error(expression.span)
            } else {
                self.evaluate(&expression, &inner)
            };
            scope = inner.names;
            scope.push((name.text, value));
        }
        scope
    }

    /// Where a step's outputs go: by project, workflow, execution and step.
    pub(crate) fn folder(&mut self, step: &str, span: Span) -> Value {
        let project = self.project.as_ref().map(|project| project.name.clone()).unwrap_or_default();
        let workflow = self.workflow.as_ref().map(|workflow| workflow.name.clone()).unwrap_or_default();
        let text = "the location of an output holds the id of the execution".into();
        let id = Value::late(LateKind::Run("id".into()), Type::STRING, Stage::Run, Because { span, text }, span);
        let bucket = self.project.as_ref().and_then(|project| project.bucket.clone());
        // Without a bucket there is a finding once a location is really used.
        let bucket = bucket.unwrap_or_else(|| Value::late(
            LateKind::Aws("bucket".into()),
            Type::STRING,
            Stage::Run,
            Because { span, text: "no bucket".into() },
            span,
        ));
        let start = self.join(
            "",
            vec![Value::string("s3://", span), bucket, Value::string(format!("/{project}/{workflow}"), span)],
            span,
        );
        let mut parts = vec![start, id, Value::string(step, span)];
        // Turns of a loop run side by side: each has a folder of its own.
        parts.extend(self.workflow.iter().flat_map(|workflow| workflow.turns.iter().cloned()));
        self.join("/", parts, span)
    }

    /// Whether all rules of a kind hold, as far as can be told now. Those that do not are reported.
    fn checks(&mut self, kind: &Kind, scope: &Scope<'_>, context: &Context<'_>) -> bool {
        let mut all_hold = true;
        let checks: Vec<(Expression, Expression)> =
            kind.chain.iter().rev().flat_map(|part| part.checks.iter().cloned()).collect();
        for (condition, message) in checks {
            let holds = self.evaluate(&condition, scope);
            match holds.data {
                Data::Bool(false) => {
                    all_hold = false;
                    let text = self.evaluate(&message, scope);
                    let text = super::expression::scalar_text(&text).unwrap_or_else(|| "a rule of the kind does not hold".into());
                    let mut places: Vec<Span> = Vec::new();
                    mentioned(&condition, scope, &mut places);
                    places.retain(|place| !self.modules.sources.get(place.file).is_library);
                    let place = places.first().copied().unwrap_or(context.name_span);
                    let sentence = if text.ends_with('.') { text } else { format!("{text}.") };
                    let mut found =
                        Diagnostic::new(&d::CHECK_FAILED, place, &[("message", &sentence), ("kind", &kind.name)]);
                    for other in places.iter().skip(1) {
                        let apart = other.file != place.file || other.end <= place.start || other.start >= place.end;
                        if apart && *other != context.name_span {
                            found = found.related(*other, "and this");
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

    /// A step's call and members for an engine, and what its name stands for.
    #[expect(clippy::too_many_arguments, reason = "the parts of one application")]
    fn run_step(
        &mut self,
        info: &Arc<KindInfo>,
        fields: &Fields,
        inner: Scope<'_>,
        common: Value,
        context: &Context<'_>,
        engine: &'static dyn Engine,
        failed: bool,
        is_sound: bool,
    ) -> (StepPlan, Value) {
        let kind = &info.kind;
        let span = context.name_span;
        let node = context.node.unwrap_or(NodeId(0));
        let mut plan = StepPlan {
            kind: kind.name.clone(),
            role: context.word.into(),
            call: None,
            run: Value::none(span),
            common,
            outputs: Vec::new(),
            results: Value::none(span),
        };
        if let Some(place) = kind.chain.iter().flat_map(|part| &part.deployed).next() {
            self.report(
                Diagnostic::new(&d::NOT_BUILT, span, &[("what", &format!("What `{}` deploys", kind.name))])
                    .related(*place, "this is deployed with the step"),
            );
        }
        let run = match self.run_clause(kind, &inner, context, engine) {
            Ok(run) => run,
            Err(()) => return (plan, self.failed_step(info, fields, node, span)),
        };
        if failed {
            plan.run = Value::error(span);
            return (plan, self.failed_step(info, fields, node, span));
        }
        let omitted: Vec<SmolStr> = match run.body.entries.iter().find_map(|entry| match &entry.kind {
            EntryKind::Field { key, value } if key.text == "omit" => Some(value.clone()),
            _ => None,
        }) {
            Some(expression) => {
                let list = self.evaluate(&expression, &inner);
                list.as_list()
                    .map(|items| items.iter().filter_map(|item| item.as_string().cloned()).collect())
                    .unwrap_or_default()
            }
            None => Vec::new(),
        };
        let mut inner = inner;
        let mut returns: Option<SmolStr> = None;
        let mut path: Option<(SmolStr, SmolStr)> = None;
        if let Some(call) = kind.call().cloned() {
            returns = call.returns.as_ref().map(|name| name.text.clone());
            path = self.call_path(&call.path);
            let mut request = call.request.clone();
            request.entries.retain(|entry| match &entry.kind {
                EntryKind::Field { key, .. } => !omitted.contains(&key.text),
                _ => true,
            });
            let request = self.object(&request, &inner, call.span);
            inner.names.push(("request".into(), request));
        }
        // Members of the clause may read what was sent; what was answered has its type from the clause.
        let mut body = run.body.clone();
        let results_clause = take_entry(&mut body, "results");
        let run_value = self.object(&body, &inner, run.span);
        let call = path.as_ref().map(|(service, operation)| (service.as_str(), operation.as_str()));
        let type_ = self.answer_type(engine, call, returns.as_deref(), &run_value);
        let response = Value::late(
            LateKind::Response { node, path: Vec::new() },
            type_,
            Stage::Run,
            Because { span, text: format_smolstr!("`{}` gives this while an execution runs", context.name) },
            span,
        );
        inner.names.push(("response".into(), response.clone()));
        let mut results: Vec<Entry> = Vec::new();
        for expression in kind.results().cloned().into_iter().chain(results_clause) {
            let value = self.evaluate(&expression, &inner);
            self.spread(&mut results, &value, expression.span);
        }
        if let Some((service, operation)) = path {
            let request = inner.names.iter().rev().find(|(name, _)| name == "request").map(|(_, value)| value.clone());
            if let Some(request) = request.filter(|_| is_sound) {
                if contains_missing_bucket(&request) {
                    self.bucket(span);
                }
                let request = self.check_request(&service, &operation, &request, &omitted, context, Some(engine));
                plan.call = Some(CallPlan { service, operation, request });
            }
        }
        plan.run = run_value;
        plan.outputs = fields
            .outputs
            .iter()
            .map(|output| OutputPlan {
                name: output.name.clone(),
                span: output.span,
                type_: output.type_.clone(),
                uri: output.uri.clone(),
            })
            .collect();
        plan.results = Value::object(Class::Plain, results.clone(), span);
        results.push(Entry::new("response", response));
        let value = Value::object(Class::Step(node), results, span);
        (plan, value)
    }

    /// The type of what a step answers; asked once for each step type and call.
    pub(crate) fn answer_type(
        &mut self,
        engine: &'static dyn Engine,
        call: Option<(&str, &str)>,
        returns: Option<&str>,
        run: &Value,
    ) -> Type {
        let type_ = run.get("Type").and_then(|type_| type_.as_string().cloned()).unwrap_or_default();
        let (service, operation) = call.unwrap_or_default();
        let key = (type_, format_smolstr!("{service}.{operation}.{}", returns.unwrap_or_default()));
        if let Some(known) = self.answers.get(&key) {
            return known.clone();
        }
        let types = engine.response(&self.facts, call, returns, run);
        let type_ = if types.is_empty() { Type::Any } else { Type::Union(Arc::new(types)) };
        self.answers.insert(key, type_.clone());
        type_
    }

    /// What stands for a step that has a finding: results that absorb what follows from it.
    fn failed_step(&mut self, info: &Arc<KindInfo>, fields: &Fields, node: NodeId, span: Span) -> Value {
        let _ = (info, fields, node);
        Value::error(span)
    }

    /// The clause of a kind for an engine; a finding where there is none that fits.
    fn run_clause(
        &mut self,
        kind: &Kind,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: &'static dyn Engine,
    ) -> Result<kinds::Run, ()> {
        let clauses: Vec<kinds::Run> = kind.runs(engine.name()).into_iter().cloned().collect();
        let title = engine.title();
        if clauses.is_empty() {
            let others = kind.engines();
            let found = Diagnostic::new(
                &d::CANNOT_RUN,
                context.name_span,
                &[("name", &context.name), ("kind", &kind.name), ("engine", &title)],
            );
            let found = if others.is_empty() {
                found.help(format!("`{}` has no `run` clause at all", kind.name))
            } else {
                found.help(format!("`{}` runs in: {}", kind.name, others.join(", ")))
            };
            self.report(found.related(kind.span, "declared here"));
            return Err(());
        }
        let mut refused: Option<(Expression, Span)> = None;
        for clause in clauses {
            let Some(condition) = &clause.condition else { return Ok(clause) };
            let holds = self.evaluate(condition, scope);
            match holds.data {
                Data::Bool(true) => return Ok(clause),
                Data::Error => return Err(()),
                _ => refused = Some((condition.clone(), clause.span)),
            }
        }
        if let Some((condition, _)) = refused {
            let text = self.modules.sources.text(condition.span).to_owned();
            let mut places: Vec<Span> = Vec::new();
            mentioned(&condition, scope, &mut places);
            places.retain(|place| !self.modules.sources.get(place.file).is_library);
            let place = places.first().copied().unwrap_or(context.name_span);
            let found = Diagnostic::new(
                &d::CANNOT_RUN_SO,
                place,
                &[("name", &context.name), ("kind", &kind.name), ("engine", &title), ("condition", &text)],
            );
            self.report(found.related(condition.span, "the condition"));
        }
        Err(())
    }

    /// The fields of an application: given ones, fixed ones, the project's defaults, the kind's defaults.
    pub(crate) fn fields(
        &mut self,
        info: &Arc<KindInfo>,
        arguments: &[Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
    ) -> Fields {
        let kind = &info.kind;
        let mut fields = Fields { values: Vec::new(), common: Vec::new(), missing: Vec::new(), outputs: Vec::new(), has_unknown: false };
        self.parameters(info, arguments, scope, context, &mut fields);
        let common = if context.is_step || context.is_instance { self.common_fields() } else { None };
        let mut given: Vec<(SmolStr, Span, Given<'_>)> = Vec::new();
        self.given(body, scope, &mut given);
        let mut has_unknown = false;
        let mut values: Vec<Option<Value>> = vec![None; kind.fields.len()];
        for (key, key_span, what) in given {
            if let Some(index) = kind.fields.iter().position(|field| field.name.text == key) {
                if let Some((fixed, _)) = kind.fixes.iter().find(|(fixed, _)| fixed.text == key) {
                    let found = Diagnostic::new(&d::FIXED_FIELD, key_span, &[("name", &key), ("kind", &kind.name)])
                        .related(fixed.span, "fixed here");
                    self.report(found);
                    values[index] = Some(Value::error(key_span));
                    continue;
                }
                let type_ = info.types[index].clone();
                let stage = stage_of(kind.fields[index].stage);
                let has_default = kind.fields[index].default.is_some();
                let value = self.field_value(&key, key_span, what, (&type_, stage, has_default), scope, context, &mut fields);
                // `none` means the default.
                values[index] = (!has_default || !value.is_none()).then_some(value);
                continue;
            }
            let common_index =
                common.as_ref().and_then(|common| common.kind.fields.iter().position(|field| field.name.text == key));
            if let (Some(index), Some(common)) = (common_index, &common) {
                let type_ = common.types[index].clone();
                let stage = stage_of(common.kind.fields[index].stage);
                let value = self.field_value(&key, key_span, what, (&type_, stage, false), scope, context, &mut fields);
                fields.common.push((key, value));
                continue;
            }
            has_unknown = true;
            fields.has_unknown = true;
            let mut candidates: Vec<&str> = kind.fields.iter().map(|field| field.name.text.as_str()).collect();
            if let Some(common) = &common {
                candidates.extend(common.kind.fields.iter().map(|field| field.name.text.as_str()));
            }
            let shown = kind.name.strip_suffix("_settings").unwrap_or(&kind.name);
            let found = Diagnostic::new(&d::UNKNOWN_FIELD, key_span, &[("kind", &shown), ("name", &key)]);
            let found = match closest(&key, candidates.iter().copied()) {
                Some(near) => found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), key_span, near),
                None => found.help(format!("its fields are {}", list_of(kind.fields.iter().map(|f| f.name.text.as_str())))),
            };
            self.report(found);
        }
        let defaults = self.project_defaults(&kind.name);
        let mut lacking: Vec<SmolStr> = Vec::new();
        for (index, field) in kind.fields.iter().enumerate() {
            let name = &field.name.text;
            if let Some(value) = values[index].take() {
                fields.values.push((name.clone(), value));
                continue;
            }
            let type_ = &info.types[index];
            let stage = stage_of(field.stage);
            if let (Some(constant), None) = (&info.constants[index], &defaults) {
                fields.values.push((name.clone(), constant.clone()));
                continue;
            }
            let fixed = kind.fixes.iter().find(|(fixed, _)| fixed.text == *name).map(|(_, value)| value.clone());
            let default = fixed.or_else(|| field.default.clone());
            let from_project = defaults.as_ref().and_then(|defaults| defaults.get(name)).cloned();
            let value = match (from_project, default) {
                (Some(value), _) => self.fit(&value, type_, stage, &format!("`{name}`")),
                (None, Some(expression)) => {
                    let mut names = fields.values.clone();
                    let own: Vec<Entry> = vec![
                        Entry::new("name", Value::string(context.name.clone(), context.name_span)),
                    ];
                    names.push(("self".into(), Value::object(Class::Plain, own, context.name_span)));
                    let inner = Scope { parent: None, names, block: None };
                    let value = match (type_, &*expression.kind) {
                        (Type::Outputs(inner_type), ExpressionKind::Object(object)) => {
                            self.outputs(object, inner_type, context, scope, &mut fields)
                        }
                        _ => self.evaluate(&expression, &inner),
                    };
                    let mut mismatches = Vec::new();
                    let fitted = conform(&value, type_, stage, self, &mut mismatches);
                    for mut mismatch in mismatches {
                        match &mismatch.problem {
                            // What a default lacks, the application lacks.
                            Problem::MissingKey { key, .. } if context.is_instance => fields.missing.push(key.clone()),
                            Problem::MissingKey { .. } if has_unknown => {}
                            Problem::MissingKey { key, .. } => {
                                lacking.push(format_smolstr!("{name}{}.{key}", mismatch.path));
                            }
                            _ => {
                                if self.modules.sources.get(mismatch.span.file).is_library {
                                    mismatch.span = context.name_span;
                                }
                                self.report_mismatch(mismatch, &format!("`{name}`"));
                            }
                        }
                    }
                    if lacking.is_empty() { fitted } else { Value::error(context.name_span) }
                }
                (None, None) if type_.is_optional() => Value::none(context.name_span),
                (None, None) => {
                    // A misspelt field is one mistake, not two.
                    if !has_unknown {
                        lacking.push(name.clone());
                    }
                    Value::error(context.name_span)
                }
            };
            fields.values.push((name.clone(), value));
        }
        if let Some(common) = &common {
            for (index, field) in common.kind.fields.iter().enumerate() {
                let name = &field.name.text;
                if fields.common.iter().any(|(key, _)| key == name) || kind.fields.iter().any(|own| own.name.text == *name) {
                    continue;
                }
                if let (Some(constant), None) = (&common.constants[index], &defaults) {
                    fields.common.push((name.clone(), constant.clone()));
                    continue;
                }
                let from_project = defaults.as_ref().and_then(|defaults| defaults.get(name)).cloned();
                let value = match (from_project, &field.default) {
                    (Some(value), _) => self.fit(&value, &common.types[index], stage_of(field.stage), &format!("`{name}`")),
                    (None, Some(default)) => {
                        let value = self.evaluate(default, &Scope::file());
                        self.fit(&value, &common.types[index], stage_of(field.stage), &format!("`{name}`"))
                    }
                    // What the project says for all (`tags`, `key`, `network`); its role is that of `self.role`.
                    (None, None) => match self.project_setting(name).filter(|_| name != "role") {
                        Some(value) => self.fit(&value, &common.types[index], stage_of(field.stage), &format!("`{name}`")),
                        None => Value::none(context.name_span),
                    },
                };
                fields.common.push((name.clone(), value));
            }
            self.add_project_entries(common, &mut fields);
        }
        if !lacking.is_empty() {
            let names = list_of(lacking.iter().map(|name| name.as_str()));
            let what = if context.name.is_empty() { kind.name.clone() } else { context.name.clone() };
            let found = Diagnostic::new(
                &d::MISSING_FIELDS,
                context.name_span,
                &[("name", &what), ("kind", &kind.name), ("fields", &names)],
            );
            let mut found = found;
            for name in &lacking {
                if let Some(field) = kind.fields.iter().find(|field| field.name.text == *name)
                    && let Some(index) = kind.fields.iter().position(|other| other.name.text == *name)
                {
                    let type_ = show::describe(&info.types[index]);
                    let doc = field.doc.as_ref().map(|doc| format!(": {}", doc.text.lines().next().unwrap_or("")));
                    found = found.help(format!("`{name}` is {type_}{}", doc.unwrap_or_default()));
                }
            }
            self.report(found);
        }
        fields
    }

    fn parameters(
        &mut self,
        info: &Arc<KindInfo>,
        arguments: &[Argument],
        scope: &Scope<'_>,
        context: &Context<'_>,
        fields: &mut Fields,
    ) {
        let kind = &info.kind;
        let values = self.arguments(arguments, scope);
        let mut bound: Vec<Option<Value>> = vec![None; kind.parameters.len()];
        for (position, (name, value)) in values.into_iter().enumerate() {
            let index = match &name {
                Some(name) => kind.parameters.iter().position(|field| field.name.text == name.text),
                None => Some(position),
            };
            match index.and_then(|index| bound.get_mut(index)) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => {
                    let parameter = index.map_or("", |index| kind.parameters[index].name.text.as_str());
                    self.report(Diagnostic::new(
                        &d::ARGUMENT_TWICE,
                        value.span,
                        &[("function", &kind.name), ("name", &parameter)],
                    ));
                }
                None => {
                    let most = super::findings::at_most(kind.parameters.len(), "argument");
                    match &name {
                        Some(name) => {
                            let found = Diagnostic::new(
                                &d::UNKNOWN_ARGUMENT,
                                name.span,
                                &[("function", &kind.name), ("name", &name.text)],
                            );
                            let names: Vec<&str> = kind.parameters.iter().map(|p| p.name.text.as_str()).collect();
                            self.report(found.suggest(&name.text, name.span, names));
                        }
                        None => self.report(Diagnostic::new(
                            &d::TOO_MANY_ARGUMENTS,
                            value.span,
                            &[("function", &kind.name), ("most", &most)],
                        )),
                    }
                }
            }
        }
        for ((field, type_), value) in kind.parameters.iter().zip(&info.parameters).zip(bound) {
            let name = &field.name.text;
            let value = match (value, &field.default) {
                (Some(value), _) => self.fit(&value, type_, Stage::Build, &format!("`{name}`")),
                (None, Some(default)) => self.evaluate(default, &Scope::file()),
                (None, None) if type_.is_optional() => Value::none(context.name_span),
                (None, None) => {
                    let found = Diagnostic::new(
                        &d::MISSING_ARGUMENT,
                        context.name_span,
                        &[("function", &kind.name), ("name", name)],
                    );
                    let found = match type_ {
                        Type::Literals(_) => found.help(format!("`{name}` is {}", show::describe(type_))),
                        _ => found,
                    };
                    self.report(found);
                    Value::error(context.name_span)
                }
            };
            fields.values.push((name.clone(), value));
        }
    }

    /// The entries of a body, spreads opened, each key once.
    fn given<'e>(&mut self, body: &'e tree::Object, scope: &Scope<'_>, out: &mut Vec<(SmolStr, Span, Given<'e>)>) {
        for entry in &body.entries {
            let (key, span, what) = match &entry.kind {
                EntryKind::Field { key, value } => (key.text.clone(), key.span, Given::Expression(value)),
                EntryKind::Shorthand(name) => (name.text.clone(), name.span, Given::Name(name)),
                EntryKind::Typed(field) => (field.name.text.clone(), field.name.span, Given::Typed(field)),
                EntryKind::Spread(expression) => {
                    let value = self.evaluate(expression, scope);
                    let mut entries = Vec::new();
                    self.spread(&mut entries, &value, expression.span);
                    for entry in entries {
                        match out.iter_mut().find(|(key, ..)| *key == entry.key) {
                            Some(slot) => *slot = (entry.key, entry.key_span, Given::Value(entry.value)),
                            None => out.push((entry.key, entry.key_span, Given::Value(entry.value))),
                        }
                    }
                    continue;
                }
                EntryKind::Computed { key, .. } => {
                    self.report(Diagnostic::new(&d::COMPUTED_FIELD, key.span, &[]));
                    continue;
                }
                EntryKind::Comprehension { key, .. } => {
                    self.report(Diagnostic::new(&d::COMPUTED_FIELD, key.span, &[]));
                    continue;
                }
                EntryKind::Error => continue,
            };
            match out.iter_mut().find(|(other, ..)| *other == key) {
                Some((_, first, Given::Value(_))) => {
                    let first = *first;
                    let _ = first;
                    out.retain(|(other, ..)| *other != key);
                    out.push((key, span, what));
                }
                Some((_, first, _)) => {
                    let found = Diagnostic::new(&d::KEY_TWICE, span, &[("key", &key)]).related(*first, "the first time");
                    self.report(found);
                }
                None => out.push((key, span, what)),
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one field")]
    fn field_value(
        &mut self,
        key: &SmolStr,
        key_span: Span,
        given: Given<'_>,
        (type_, stage, has_default): (&Type, Stage, bool),
        scope: &Scope<'_>,
        context: &Context<'_>,
        fields: &mut Fields,
    ) -> Value {
        let value = match given {
            Given::Typed(field) => {
                let place = field.type_.as_ref().map_or(field.span, |type_| type_.span);
                let text = self.modules.sources.text(place).to_owned();
                let between = Span { start: field.name.span.end, end: place.start, ..place };
                let found = Diagnostic::new(&d::TYPE_FOR_VALUE, field.span, &[("key", key)]);
                self.report(found.fix(format!("Write `{key} = {text}`"), between, " = "));
                return Value::error(key_span);
            }
            Given::Expression(expression) => match (type_.required(), &*expression.kind) {
                (Type::Outputs(inner), ExpressionKind::Object(object)) => {
                    return self.outputs(object, inner, context, scope, fields);
                }
                _ => self.evaluate_for(expression, type_, scope),
            },
            Given::Name(name) => {
                let kind = Arc::new(ExpressionKind::Name(name.text.clone()));
                self.evaluate(&Expression { span: name.span, kind }, scope)
            }
            Given::Value(value) => value,
        };
        // A step of a `for` stands for a list of steps, and waiting for it is waiting for each.
        let value = match &value.data {
            Data::List(items) if key == "after" && items.iter().any(|item| item.as_list().is_some()) => {
                let flat = items.iter().flat_map(|item| item.as_list().map_or_else(|| vec![item.clone()], |l| l.to_vec()));
                Value::list(flat.collect(), value.span)
            }
            _ => value,
        };
        if value.is_none() && has_default {
            return value;
        }
        self.fit_field(&value, type_, stage, key, context, fields)
    }

    /// A value as a field has it. What an instance's records lack is noted, not reported.
    fn fit_field(
        &mut self,
        value: &Value,
        type_: &Type,
        stage: Stage,
        key: &SmolStr,
        context: &Context<'_>,
        fields: &mut Fields,
    ) -> Value {
        let mut mismatches = Vec::new();
        let fitted = conform(value, type_, stage, self, &mut mismatches);
        for mismatch in mismatches {
            match &mismatch.problem {
                Problem::MissingKey { key, .. } if context.is_instance => fields.missing.push(key.clone()),
                _ => self.report_mismatch(mismatch, &format!("`{key}`")),
            }
        }
        fitted
    }

    /// A value for a place of known type: a bare word where text is wanted gets a message that says so.
    fn evaluate_for(&mut self, expression: &Expression, type_: &Type, scope: &Scope<'_>) -> Value {
        if let (ExpressionKind::Name(name), Type::Literals(values)) = (&*expression.kind, type_.required())
            && scope.local(name).is_none()
            && !scope.block_id().is_some_and(|block| self.block_has(block, name))
            && self.modules.find(expression.span.file, name).is_none()
            && values.contains(&crate::types::Literal::String(name.clone()))
        {
            let fixed = format!("\"{name}\"");
            let found = Diagnostic::new(&d::UNQUOTED, expression.span, &[("name", name)]);
            self.report(found.fix(format!("Write {fixed}"), expression.span, fixed));
            return Value::error(expression.span);
        }
        self.evaluate(expression, scope)
    }

    /// `out { name: type = settings }`: descriptions of what a step makes.
    fn outputs(
        &mut self,
        object: &tree::Object,
        inner: &Type,
        context: &Context<'_>,
        scope: &Scope<'_>,
        fields: &mut Fields,
    ) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        for entry in &object.entries {
            let field = match &entry.kind {
                EntryKind::Typed(field) => field,
                EntryKind::Error => continue,
                EntryKind::Field { key, .. } => {
                    let found = Diagnostic::new(&d::OUTPUT_WITHOUT_TYPE, key.span, &[("name", &key.text)]);
                    self.report(found.help(output_help(&key.text, inner)));
                    entries.push(Entry::new(key.text.clone(), Value::error(key.span)));
                    continue;
                }
                EntryKind::Shorthand(name) => {
                    let found = Diagnostic::new(&d::OUTPUT_WITHOUT_TYPE, name.span, &[("name", &name.text)]);
                    self.report(found.help(output_help(&name.text, inner)));
                    entries.push(Entry::new(name.text.clone(), Value::error(name.span)));
                    continue;
                }
                EntryKind::Computed { .. } | EntryKind::Spread(_) | EntryKind::Comprehension { .. } => {
                    self.report(Diagnostic::new(&d::COMPUTED_FIELD, entry.span, &[]));
                    continue;
                }
            };
            let name = field.name.text.clone();
            let span = field.name.span;
            if let Some(first) = entries.iter().find(|entry| entry.key == name) {
                let found = Diagnostic::new(&d::KEY_TWICE, span, &[("key", &name)]).related(first.key_span, "the first time");
                self.report(found);
                continue;
            }
            let type_ = match &field.type_ {
                Some(written) => self.type_of(written),
                None => Type::Error,
            };
            if matches!(type_, Type::Error) {
                entries.push(Entry { key: name, key_span: span, value: Value::error(span), unchecked: false });
                continue;
            }
            if !output_fits(&type_, inner) {
                let place = field.type_.as_ref().map_or(span, |written| written.span);
                let words = output_words(inner);
                let wanted = if words.is_empty() { show::written(inner) } else { list_of(words.iter().copied()) };
                let written = show::written(&type_);
                let found =
                    Diagnostic::new(&d::OUTPUT_TYPE, place, &[("name", &name), ("found", &written), ("wanted", &wanted)]);
                let is_member = words.contains(&"report") && output_fits(&type_, &Type::Scalar);
                self.report(found.help(if is_member {
                    format!("what a script finds is a member of a report: `report<{{ {name}: {written} }}>`")
                } else {
                    String::new()
                }));
                entries.push(Entry { key: name, key_span: span, value: Value::error(span), unchecked: false });
                continue;
            }
            let mut settings: Vec<Entry> = Vec::new();
            if let Some(default) = &field.default {
                let given = self.evaluate(default, scope);
                let record = self.library_type("output_settings");
                let given = match record {
                    Some(record) => self.fit(&given, &record, Stage::Run, &format!("`{name}`")),
                    None => given,
                };
                if let Data::Object(object) = &given.data {
                    settings.extend(object.entries.iter().cloned());
                }
            }
            let folder = self.folder(&context.name, span);
            let uri = self.join("/", vec![folder, Value::string(name.clone(), span)], span);
            let described = Described { name: name.clone(), type_: type_.clone(), settings, uri, node: context.node };
            let descriptor = self.descriptor(described, span);
            if let Some(uri) = descriptor.get("uri").filter(|_| type_.is_data()) {
                if contains_missing_bucket(uri) && self.bucket(span).is_none() {
                    entries.push(Entry { key: name, key_span: span, value: Value::error(span), unchecked: false });
                    continue;
                }
                fields.outputs.push(OutputPlan { name: name.clone(), span, type_, uri: uri.clone() });
            }
            entries.push(Entry { key: name, key_span: span, value: descriptor, unchecked: false });
        }
        Value::object(Class::Plain, entries, object.span.unwrap_or(context.span))
    }

    /// A record type of the standard library, by the name of its alias.
    fn library_type(&mut self, name: &'static str) -> Option<Type> {
        if let Some(known) = self.library_types.get(name) {
            return Some(known.clone());
        }
        let global = self.modules.find_library(name)?;
        let (tree, index) = self.modules.declaration(global)?;
        let DeclarationKind::Type { value, .. } = &tree.declarations[index].kind else { return None };
        let type_ = self.type_of(value);
        self.library_types.insert(name, type_.clone());
        Some(type_)
    }

    /// The fields that every step has.
    pub(crate) fn common_fields(&mut self) -> Option<Arc<KindInfo>> {
        let global = self.modules.find_library("step_settings")?;
        self.kind(global)
    }

    fn project_setting(&self, name: &str) -> Option<Value> {
        let project = self.project.as_ref()?;
        project.settings.get(name).filter(|value| !value.is_none() && !value.is_error()).cloned()
    }

    /// Objects of a step that the project has too hold the project's entries as well; the step's win.
    fn add_project_entries(&mut self, common: &Arc<KindInfo>, fields: &mut Fields) {
        for (name, value) in &mut fields.common {
            let index = common.kind.fields.iter().position(|field| field.name.text == *name);
            let is_map = index.is_some_and(|index| matches!(common.types[index].required(), Type::Map(_)));
            let Some(project) = self.project_setting(name).filter(|_| is_map) else { continue };
            let (Some(own), Some(all)) = (value.as_object(), project.as_object()) else { continue };
            let mut entries = all.entries.clone();
            for entry in &own.entries {
                match entries.iter_mut().find(|other| other.key == entry.key) {
                    Some(other) => *other = entry.clone(),
                    None => entries.push(entry.clone()),
                }
            }
            *value = Value::object(Class::Plain, entries, value.span);
        }
    }

    /// `defaults` of the project for a kind, with those for all kinds.
    fn project_defaults(&mut self, kind: &str) -> Option<Value> {
        let project = self.project.clone()?;
        let of_workflow = self.workflow.as_ref().and_then(|workflow| workflow.defaults.clone());
        let of_project = project.settings.get("defaults").cloned();
        let mut entries: Vec<Entry> = Vec::new();
        let mut span = None;
        // Those of the workflow are nearer, and so are those of the kind among them.
        for defaults in [of_workflow, of_project].into_iter().flatten() {
            let Some(object) = defaults.as_object().cloned() else { continue };
            span = span.or(Some(defaults.span));
            let mut own: Vec<Entry> = Vec::new();
            self.default_entries(kind, &object, &mut own);
            for entry in own {
                if !entries.iter().any(|other| other.key == entry.key) {
                    entries.push(entry);
                }
            }
        }
        span.map(|span| Value::object(Class::Plain, entries, span))
    }

    fn default_entries(&mut self, kind: &str, object: &crate::types::Object, out: &mut Vec<Entry>) {
        for entry in &object.entries {
            let is_kind = matches!(&entry.value.data, Data::Object(object) if object.class == Class::Plain)
                && self.modules.find_library(&entry.key).is_some();
            if entry.key == kind {
                self.spread(out, &entry.value, entry.key_span);
            } else if !is_kind && !out.iter().any(|other| other.key == entry.key) {
                out.push(entry.clone());
            }
        }
    }
}

/// How an entry of a body gives a field.
enum Given<'e> {
    Expression(&'e Expression),
    Name(&'e Name),
    Typed(&'e tree::Field),
    Value(Value),
}

/// Whether a kind may stand after a word. `step` fits all that run; a kind without roles fits all.
fn fits_word(kind: &Kind, word: &str) -> bool {
    if kind.roles.is_empty() {
        return true;
    }
    let is_step = tree::Binding::from_word(word).is_some_and(tree::Binding::is_step);
    kind.roles.iter().any(|role| role.text == word)
        || (word == "step"
            && kind.roles.iter().any(|role| tree::Binding::from_word(&role.text).is_some_and(tree::Binding::is_step)))
        || (is_step && kind.roles.iter().any(|role| role.text == "step"))
}

/// The types that outputs may have, as they are written.
fn output_words(wanted: &Type) -> Vec<&'static str> {
    match wanted {
        Type::Union(types) => types.iter().flat_map(output_words).collect(),
        Type::Data(_) => vec!["table", "files", "model"],
        Type::Report(_) => vec!["report"],
        Type::Scalar => vec!["string", "int", "float", "bool"],
        _ => Vec::new(),
    }
}

fn output_help(name: &str, wanted: &Type) -> String {
    let words: Vec<String> = output_words(wanted).iter().map(|word| format!("{name}: {word}")).collect();
    if words.is_empty() { String::new() } else { format!("write {}", choice_of(words.iter().map(String::as_str))) }
}

/// Whether an output of a type may be declared where outputs of another are.
fn output_fits(type_: &Type, wanted: &Type) -> bool {
    match wanted {
        Type::Any | Type::Error => true,
        Type::Union(types) => types.iter().any(|wanted| output_fits(type_, wanted)),
        Type::Data(_) => type_.is_data() && !matches!(type_, Type::Stream(_)),
        Type::Report(_) => matches!(type_, Type::Report(_)),
        Type::Table { .. } => matches!(type_, Type::Table { .. }),
        Type::Files(_) => matches!(type_, Type::Files(_)),
        Type::Model { .. } => matches!(type_, Type::Model { .. }),
        Type::Scalar => matches!(type_, Type::Int(_) | Type::Float(_) | Type::Bool | Type::String(_) | Type::Literals(_)),
        other => other == type_,
    }
}

/// The places where the fields that an expression names were given, in the order of the expression.
fn mentioned(expression: &Expression, scope: &Scope<'_>, out: &mut Vec<Span>) {
    super::workflow::walk_names(expression, &mut |name, path| {
        let value = if name == "self" {
            path.first().and_then(|field| scope.local(field))
        } else {
            scope.local(name)
        };
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
        }
    });
}

/// Whether a location could not be derived for want of a bucket.
fn contains_missing_bucket(value: &Value) -> bool {
    match &value.data {
        Data::Late(late) => late_misses_bucket(late),
        Data::List(items) => items.iter().any(contains_missing_bucket),
        Data::Object(object) if object.class == Class::Plain => {
            object.entries.iter().any(|entry| contains_missing_bucket(&entry.value))
        }
        _ => false,
    }
}

fn late_misses_bucket(late: &Late) -> bool {
    match &late.kind {
        LateKind::Aws(name) => name == "bucket",
        LateKind::Join { parts, .. } => parts.iter().any(contains_missing_bucket),
        _ => false,
    }
}

fn take_entry(body: &mut tree::Object, key: &str) -> Option<Expression> {
    let index = body.entries.iter().position(|entry| matches!(&entry.kind, EntryKind::Field { key: name, .. } if name.text == key))?;
    match body.entries.remove(index).kind {
        EntryKind::Field { value, .. } => Some(value),
        _ => None,
    }
}
