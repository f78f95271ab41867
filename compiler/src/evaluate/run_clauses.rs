//! A step for an engine: the clause of its kind, the call, what is answered and the results.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::application::{Context, Fields, mentioned};
use super::outputs::contains_missing_bucket;
use super::{Evaluator, KindInfo, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::kinds::{self, Kind};
use crate::plan::{CallPlan, Engine, OutputPlan, StepPlan};
use crate::source::Span;
use crate::syntax::tree::{self, EntryKind, Expression, ExpressionKind};
use crate::types::{Because, Class, Data, Entry, LateKind, NodeId, Stage, Type, Value};

impl Evaluator<'_> {
    /// A step's call and members for an engine, and what its name stands for.
    #[expect(clippy::too_many_arguments, reason = "the parts of one application")]
    pub(super) fn run_step(
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
            fits_first: false,
            needs_first: false,
            run: Value::none(span),
            common,
            outputs: Vec::new(),
            writes: Vec::new(),
            results: Value::none(span),
        };
        let mut engine = engine;
        if let Some(first) = self.probed() {
            plan.fits_first = self.fits(kind, &inner, first);
            plan.needs_first = plan.fits_first && !self.fits(kind, &inner, engine);
            if plan.needs_first {
                engine = first;
            }
        }
        let run = match self.run_clause(kind, &inner, context, engine) {
            Ok(run) => run,
            Err(()) => return (plan, Value::error(span)),
        };
        if failed {
            plan.run = Value::error(span);
            return (plan, Value::error(span));
        }
        let omitted: Vec<SmolStr> = match field(&run.body, "omit") {
            Some(expression) => {
                let list = self.evaluate(expression, &inner);
                list.as_list()
                    .map(|items| items.iter().filter_map(|item| item.as_string().cloned()).collect())
                    .unwrap_or_default()
            }
            None => Vec::new(),
        };
        let naming = std::mem::replace(&mut self.naming, node);
        let mut inner = inner;
        let mut returns: Option<SmolStr> = None;
        let mut path: Option<(SmolStr, SmolStr)> = None;
        // An engine may need another call than that of the kind.
        let replaced = field(&run.body, "call").and_then(|call| match &*call.kind {
            ExpressionKind::Apply { callee, arguments: None, body } => Some((callee, None, body, call.span)),
            _ => None,
        });
        let own = || kind.call().map(|call| (&call.path, call.returns.as_ref(), &call.request, call.span));
        if let Some((callee, answers, body, place)) = replaced.or_else(own) {
            returns = answers.map(|name| name.text.clone());
            path = self.call_path(callee);
            let request = self.object_without(body, &omitted, &inner, place);
            inner.names.push(("request".into(), request));
        }
        // Members of the clause may read what was sent; what was answered has its type from the clause.
        let results_clause = field(&run.body, "results");
        let allow_clause = field(&run.body, "allow");
        let because = Because { span, text: format_smolstr!("`{}` gives this while an execution runs", context.name) };
        if let Some((service, operation)) = path.as_ref().filter(|_| field(&run.body, "poll").is_some()) {
            let types = engine.response(&self.facts, Some((service, operation)), None, &Value::none(span));
            let type_ = if types.is_empty() { Type::Any } else { Type::Union(Arc::new(types)) };
            let kind = LateKind::Started { node, path: Vec::new() };
            inner.names.push(("started".into(), Value::late(kind, type_, Stage::Run, because.clone(), span)));
        }
        let calls = self.clause_calls(&run.body, &inner, context, engine);
        let mut apart = vec![SmolStr::new_static("results"), SmolStr::new_static("allow"), SmolStr::new_static("call")];
        apart.extend(calls.iter().map(|entry| entry.key.clone()));
        let run_value = self.object_without(&run.body, &apart, &inner, run.span);
        let run_value = with_entries(run_value, calls);
        self.naming = naming;
        let call = path.as_ref().map(|(service, operation)| (service.as_str(), operation.as_str()));
        let type_ = self.answer_type(engine, call, returns.as_deref(), &run_value);
        let response = Value::late(LateKind::Response { node, path: Vec::new() }, type_, Stage::Run, because, span);
        inner.names.push(("response".into(), response.clone()));
        let mut results: Vec<Entry> = Vec::new();
        for expression in kind.results().into_iter().chain(results_clause) {
            let value = self.evaluate(expression, &inner);
            self.spread(&mut results, &value, expression.span);
        }
        if is_sound {
            self.allows(kind, &inner, context);
            self.runner_grants(kind, allow_clause, &run_value, &inner, context);
        }
        if let Some((service, operation)) = path {
            // Taken, not copied: what nobody else holds is checked where it stands.
            let at = inner.names.iter().rposition(|(name, _)| name == "request");
            let request = at.map(|at| inner.names.swap_remove(at).1);
            if let Some(request) = request.filter(|_| is_sound) {
                let has_bucket = self.project.as_ref().is_some_and(|project| project.bucket.is_some());
                if !has_bucket && contains_missing_bucket(&request) {
                    self.bucket(span);
                }
                let request = self.check_request(&service, &operation, request, &omitted, context, Some(engine));
                plan.call = Some(CallPlan { service, operation, returns, request });
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
        if let Some(writes) = kind.writes() {
            let locations = self.evaluate(writes, &inner);
            let written = locations.as_list().into_iter().flat_map(|list| list.iter());
            plan.writes = written.filter(|location| !location.is_none() && !location.is_error()).cloned().collect();
        }
        plan.results = Value::object(Class::Plain, results.clone(), span);
        results.push(Entry::new("response", response));
        let value = Value::object(Class::Step(node), results, span);
        (plan, value)
    }

    /// The entries of a clause that make calls of their own: `create = aws.service.Operation { … }`, and
    /// `poll = { call = aws.service.Operation { … }, done = response.Status == "…" }`, where `response` is what that call
    /// answers.
    fn clause_calls(
        &mut self,
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: &'static dyn Engine,
    ) -> Vec<Entry> {
        let mut found = Vec::new();
        for entry in &body.entries {
            let EntryKind::Field { key, value } = &entry.kind else { continue };
            if matches!(key.text.as_str(), "results" | "call") {
                continue;
            }
            if let Some(call) = self.clause_call(value, scope, context, engine) {
                found.push(Entry { key: key.text.clone(), key_span: key.span, value: call, unchecked: false });
                continue;
            }
            let ExpressionKind::Object(object) = &*value.kind else { continue };
            let Some(call) = field(object, "call").and_then(|call| self.clause_call(call, scope, context, engine))
            else {
                continue;
            };
            let path = call.as_call().map(|(service, operation, _)| (service.to_owned(), operation.to_owned()));
            let types = match &path {
                Some((service, operation)) => {
                    engine.response(&self.facts, Some((service, operation)), None, &Value::none(value.span))
                }
                None => Vec::new(),
            };
            let type_ = if types.is_empty() { Type::Any } else { Type::Union(Arc::new(types)) };
            let because = Because { span: value.span, text: "the answer comes while an execution runs".into() };
            let kind = LateKind::Answer { path: Vec::new() };
            let response = Value::late(kind, type_, Stage::Run, because, value.span);
            let inner = Scope::with(scope, vec![("response".into(), response)]);
            let others = self.object_without(object, &[SmolStr::new_static("call")], &inner, value.span);
            let value = with_entries(others, vec![Entry::new("call", call)]);
            found.push(Entry { key: key.text.clone(), key_span: key.span, value, unchecked: false });
        }
        found
    }

    fn clause_call(
        &mut self,
        value: &Expression,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: &'static dyn Engine,
    ) -> Option<Value> {
        let ExpressionKind::Apply { callee, arguments: None, body } = &*value.kind else { return None };
        let (path, path_span) = self.raw_path(callee, scope)?;
        let Some((service, operation)) = self.operation_of(&path, path_span) else {
            return Some(Value::error(value.span));
        };
        let request = self.object(body, scope, value.span);
        let request = self.check_request(&service, &operation, request, &[], context, Some(engine));
        let entries = request.as_object().map(|object| object.entries.clone()).unwrap_or_default();
        Some(Value::object(Class::Call { service, operation }, entries, value.span))
    }

    /// Whether an entry of a call written by hand says how it is made.
    pub(super) fn is_call_setting(&mut self, entry: &tree::Entry) -> bool {
        let EntryKind::Field { key, .. } = &entry.kind else { return false };
        let Some(global) = self.modules.find_library("call_settings") else { return false };
        self.kind(global).is_some_and(|info| info.kind.fields.iter().any(|field| field.name.text == key.text))
    }

    /// `integration`, `timeout` and `heartbeat` of a call written by hand, put into the members of its clause.
    pub(super) fn call_settings(
        &mut self,
        run: Value,
        entries: Vec<tree::Entry>,
        scope: &Scope<'_>,
        span: Span,
        engine: &'static dyn Engine,
    ) -> Value {
        let Some(first) = entries.first().map(|entry| entry.span) else { return run };
        if run.get("integration").is_none() {
            let title = super::findings::capital(engine.title());
            let word = self.modules.sources.text(first).split_whitespace().next().unwrap_or_default().to_owned();
            let what = format!("`{word}`: it makes calls in one way only");
            self.refuse(Diagnostic::new(&d::ENGINE_CANNOT, first, &[("engine", &title), ("what", &what)]));
            return run;
        }
        let body = tree::Object { entries, span: Some(span) };
        let settings = self.settings("call_settings", "call", &body, span, scope);
        let members =
            [("integration", "integration"), ("timeout", "TimeoutSeconds"), ("heartbeat", "HeartbeatSeconds")];
        let given = members.into_iter().filter_map(|(field, member)| {
            let value = settings.get(field).filter(|value| !value.is_none())?;
            Some(Entry::new(member, value.clone()))
        });
        with_entries(run, given.collect())
    }

    /// The type of what a step answers; asked once for each step type and call.
    pub(crate) fn answer_type(
        &mut self,
        engine: &'static dyn Engine,
        call: Option<(&str, &str)>,
        returns: Option<&str>,
        run: &Value,
    ) -> Type {
        let word = |key: &str| run.get(key).and_then(|value| value.as_string().cloned()).unwrap_or_default();
        let asked = run.get("poll").and_then(|poll| poll.get("call")).and_then(Value::as_call);
        let asked = asked.map(|(_, operation, _)| operation).unwrap_or_default();
        let (service, operation) = call.unwrap_or_default();
        let words = [asked, service, operation, returns.unwrap_or_default()].map(SmolStr::new);
        let key = (word("Type"), word("integration"), words);
        if let Some(known) = self.answers.get(&key) {
            return known.clone();
        }
        let types = engine.response(&self.facts, call, returns, run);
        let type_ = if types.is_empty() { Type::Any } else { Type::Union(Arc::new(types)) };
        self.answers.insert(key, type_.clone());
        type_
    }

    /// Whether a kind has a clause for an engine that holds here.
    fn fits(&mut self, kind: &Kind, scope: &Scope<'_>, engine: &'static dyn Engine) -> bool {
        let holds = kind.runs(engine.name()).into_iter().find(|clause| match &clause.condition {
            Some(condition) => matches!(self.evaluate(condition, scope).data, Data::Bool(true)),
            None => true,
        });
        holds.is_some_and(|clause| clause.refusal().is_none())
    }

    /// The clause of a kind for an engine; a finding where there is none that fits.
    pub(super) fn run_clause<'k>(
        &mut self,
        kind: &'k Kind,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: &'static dyn Engine,
    ) -> Result<&'k kinds::Run, ()> {
        let clauses = kind.runs(engine.name());
        let title = engine.title();
        if clauses.is_empty() {
            let reason = format!("`{}` does not say how", kind.name);
            self.cannot_run(kind, context, engine, &reason, kind.span);
            return Err(());
        }
        let mut refused: Option<(Expression, Span)> = None;
        for clause in clauses {
            if let Some(condition) = &clause.condition {
                let holds = self.evaluate(condition, scope);
                match holds.data {
                    Data::Bool(true) => {}
                    Data::Error => return Err(()),
                    _ => {
                        refused = Some((condition.clone(), clause.span));
                        continue;
                    }
                }
            }
            let Some(reason) = clause.refusal() else { return Ok(clause) };
            let reason = self.evaluate(reason, scope);
            if let Some(reason) = reason.as_string() {
                self.cannot_run(kind, context, engine, reason, clause.span);
            }
            return Err(());
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
            self.refuse(found.related(condition.span, "the condition"));
        }
        Err(())
    }
}

impl Evaluator<'_> {
    fn cannot_run(
        &mut self,
        kind: &Kind,
        context: &Context<'_>,
        engine: &'static dyn Engine,
        reason: &str,
        place: Span,
    ) {
        let found = Diagnostic::new(
            &d::CANNOT_RUN,
            context.name_span,
            &[("name", &context.name), ("engine", &engine.title()), ("reason", &reason)],
        );
        let others = kind.engines();
        let found = if others.is_empty() {
            found.help(format!("`{}` has no `run` clause at all", kind.name))
        } else {
            found.help(format!("`{}` runs in: {}", kind.name, others.join(", ")))
        };
        // One line is enough to find the declaration.
        let text = self.modules.sources.text(place);
        let length = text.find('\n').unwrap_or(text.len()) as u32;
        let line = Span { end: place.start + length, ..place };
        self.refuse(found.related(line, "declared here"));
    }
}

/// An object with more entries, which win.
fn with_entries(value: Value, more: Vec<Entry>) -> Value {
    let Data::Object(object) = &value.data else { return value };
    if more.is_empty() {
        return value;
    }
    let own = object.entries.iter().filter(|entry| !more.iter().any(|other| other.key == entry.key)).cloned();
    let entries = own.chain(more.iter().cloned()).collect();
    Value::object(object.class.clone(), entries, value.span)
}

/// The value that an object gives a member.
fn field<'o>(object: &'o tree::Object, name: &str) -> Option<&'o Expression> {
    object.entries.iter().find_map(|entry| match &entry.kind {
        EntryKind::Field { key, value } if key.text == name => Some(value),
        _ => None,
    })
}
