//! `try { … }` and `on failure { … }`: scopes whose failures are handled.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::workflow::{Node, Outcome, Place, Unit};
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::kinds::{word_of, word_span};
use crate::plan::{HandlerPlan, NodeKind};
use crate::source::Span;
use crate::syntax::tree::{Block, Declaration, DeclarationKind, Expression, Name};
use crate::types::{Because, Class, Data, FieldType, LateKind, NodeId, RecordType, Stage, Type, Value};

/// A scope whose failures are handled, while its parts are evaluated.
pub(crate) struct Guard {
    pub(super) node: NodeId,
    /// Handlers, each with its place among those of the scope.
    pub(super) handlers: Vec<(usize, HandlerPlan)>,
}

impl Evaluator<'_> {
    /// Whether the engine of the workflow handles failures; a finding where it does not.
    pub(super) fn handles_failures(&mut self, declaration: &Declaration) -> bool {
        let Some(engine) = self.workflow.as_ref().map(|state| state.engine) else { return false };
        if engine.handles_failures() {
            return true;
        }
        let word = word_of(declaration);
        let title = super::findings::capital(engine.title());
        let found = Diagnostic::new(
            &d::ENGINE_CANNOT,
            word_span(declaration),
            &[("engine", &title), ("what", &format!("`{word}`"))],
        );
        self.refuse(found.help("`engine = \"machine\"` on the workflow can"));
        false
    }

    /// The node of a scope with handlers, once its parts are known.
    pub(super) fn guarded(&mut self, declaration: &Declaration, body: Vec<NodeId>, place: &Place) -> Vec<NodeId> {
        let Some(guard) = self.workflow.as_mut().and_then(|state| state.guards.pop()) else { return body };
        let mut handlers = guard.handlers;
        handlers.sort_by_key(|(at, _)| *at);
        let handlers: Vec<HandlerPlan> = handlers.into_iter().map(|(_, handler)| handler).collect();
        for (at, handler) in handlers.iter().enumerate() {
            if handler.errors.is_empty() && at + 1 < handlers.len() {
                let next = &handlers[at + 1];
                let found = Diagnostic::new(&d::HANDLER_UNREACHED, next.span, &[]);
                self.report(found.related(handler.span, "handles every failure"));
                break;
            }
        }
        let first = body.first().and_then(|id| {
            let state = self.workflow.as_ref()?;
            state.nodes.get(id.0 as usize)?.as_ref().map(|node| node.name.clone())
        });
        let base = format_smolstr!("{}try-{}{}", place.prefix, first.unwrap_or_else(|| "nothing".into()), place.suffix);
        let name = self.derived_name(&base);
        let span = word_span(declaration);
        let kind = NodeKind::Try { body, handlers };
        self.set_node(Node { id: guard.node, name, span, after: Vec::new(), kind }, declaration, place);
        vec![guard.node]
    }

    /// `try { … }`: its steps, and what they are called outside.
    pub(super) fn try_block(
        &mut self,
        declaration: &Declaration,
        body: &Block,
        block: usize,
        place: &Place,
    ) -> Outcome {
        let is_handler = |inner: &&Declaration| matches!(inner.kind, DeclarationKind::OnFailure { .. });
        let handlers: Vec<&Declaration> = body.declarations.iter().filter(is_handler).collect();
        if !self.handles_failures(declaration) {
            return Outcome::Done(Vec::new());
        }
        if handlers.is_empty() {
            self.report(Diagnostic::new(&d::TRY_ALONE, word_span(declaration), &[]));
        }
        // A handler that does not fail again goes on without what failed.
        let goes_on = handlers.iter().any(|handler| match &handler.kind {
            DeclarationKind::OnFailure { body, .. } => {
                !body.declarations.iter().any(|inner| matches!(inner.kind, DeclarationKind::Fail { .. }))
            }
            _ => false,
        });
        let first_inner = self.blocks.len();
        let nodes = self.run_block(&body.declarations, Vec::new(), Some(block), place);
        for inner in body.declarations.iter().filter(|inner| !is_handler(inner)) {
            let Some(name) = crate::resolve::declared_name(inner) else { continue };
            let value = self.blocks.get(first_inner).and_then(|inner| inner.values.get(&name.text)).cloned();
            let value = value.unwrap_or_else(|| Value::error(name.span));
            let value = match &value.data {
                Data::Object(object) if goes_on && matches!(object.class, Class::Step(_)) => {
                    let text = format_smolstr!("`{}` may have failed, and the workflow goes on then", name.text);
                    Value::late(
                        LateKind::Operation { name: "optional".into(), operands: vec![value.clone()] },
                        Type::Step.optional(),
                        Stage::Run,
                        Because { span: name.span, text },
                        name.span,
                    )
                }
                _ => value,
            };
            self.blocks[block].values.insert(name.text.clone(), value);
        }
        Outcome::Done(nodes)
    }

    /// `on failure "Name" as e { … }`
    pub(super) fn on_failure(
        &mut self,
        units: &[Unit<'_>],
        index: usize,
        errors: &[Expression],
        binding: Option<&Name>,
        body: &Block,
        place: &Place,
    ) -> Outcome {
        let unit = &units[index];
        let declaration = unit.declaration;
        if unit.parent.is_some() {
            self.misplaced(declaration, "a branch of a `when`", "steps and control flow; put them into a `try { … }`");
            return Outcome::Done(Vec::new());
        }
        if !self.handles_failures(declaration) {
            return Outcome::Done(Vec::new());
        }
        let Some(node) = self.workflow.as_ref().and_then(|state| state.guards.last()).map(|guard| guard.node) else {
            return Outcome::Done(Vec::new());
        };
        let is_handler = |other: &&Unit<'_>| {
            other.parent.is_none() && matches!(other.declaration.kind, DeclarationKind::OnFailure { .. })
        };
        let number = units[..index].iter().filter(is_handler).count();
        let mut names: Vec<(SmolStr, Span)> = Vec::new();
        for expression in errors {
            let value = self.evaluate(expression, &Scope::block(unit.block));
            let value = self.fit(&value, &Type::STRING, Stage::Build, format_args!("the name of a failure"));
            if let Some(text) = value.as_string() {
                names.push((text.clone(), value.span));
            }
        }
        let base = binding.map(|name| {
            let text = format_smolstr!("`{}` is what failed while an execution runs", name.text);
            let because = Because { span: name.span, text };
            let kind = LateKind::Item { node, path: Vec::new() };
            (name.text.clone(), Value::late(kind, failure_type(), Stage::Run, because, name.span))
        });
        let inner = Place { parent: Some((node, number + 1)), ..place.clone() };
        let nodes = self.run_block(&body.declarations, base.into_iter().collect(), Some(unit.block), &inner);
        let handler = HandlerPlan { errors: names, body: nodes, span: word_span(declaration) };
        if let Some(guard) = self.workflow.as_mut().and_then(|state| state.guards.last_mut()) {
            guard.handlers.push((number, handler));
        }
        Outcome::Done(Vec::new())
    }
}

/// What a handler is told: `error`, the name of the failure, and `message`, what is said of it.
fn failure_type() -> Type {
    let field = |name: &str, doc: &str| FieldType {
        name: name.into(),
        optional: false,
        stage: Stage::Run,
        type_: Type::STRING,
        doc: Some(doc.into()),
        span: Span::NONE,
    };
    Type::Record(Arc::new(RecordType {
        name: Some("the failure".into()),
        fields: vec![field("error", "The name of the failure."), field("message", "What is said of it.")],
    }))
}
