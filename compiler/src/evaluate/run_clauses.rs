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
use crate::syntax::tree::{self, EntryKind, Expression};
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
            Err(()) => return (plan, Value::error(span)),
        };
        if failed {
            plan.run = Value::error(span);
            return (plan, Value::error(span));
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

    /// The clause of a kind for an engine; a finding where there is none that fits.
    pub(super) fn run_clause(
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
}

pub(super) fn take_entry(body: &mut tree::Object, key: &str) -> Option<Expression> {
    let index = body
        .entries
        .iter()
        .position(|entry| matches!(&entry.kind, EntryKind::Field { key: name, .. } if name.text == key))?;
    match body.entries.remove(index).kind {
        EntryKind::Field { value, .. } => Some(value),
        _ => None,
    }
}
