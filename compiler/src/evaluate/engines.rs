//! Which engine runs a workflow, and which of its steps another runs. Where that is left to the compiler, the first engine is
//! tried; if it refuses anything, one that starts others owns the workflow, and gives it what it runs by itself.

use smol_str::SmolStr;

use super::application::Context;
use super::{Evaluator, Scope};
use crate::diagnostics::{Diagnostic, list_of};
use crate::plan::partition::{self, Parts, is_computed};
use crate::plan::{Engine, NodeKind, NodePlan, WorkflowPlan};
use crate::syntax::tree::{Block, Declaration, DeclarationKind, Expression, ExpressionKind, Name};
use crate::types::Value;

/// How engines are given to the steps of a workflow.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// One for all.
    Fixed,
    /// One for all; what it refuses is noted, not reported.
    Trying { refused: Option<String> },
    /// One for all that it can run, to see how steps hang together.
    Probing,
    /// Steps of these names go to the first engine.
    Divided(Parts),
}

impl Evaluator<'_> {
    /// A workflow, and the workflows that it starts.
    pub(crate) fn workflow(&mut self, declaration: &Declaration, name: &Name, body: &Block) -> Vec<WorkflowPlan> {
        let Some(first) = self.engines.first().copied() else { return Vec::new() };
        if let Some((engine, reason)) = self.given_engine(body) {
            return self.planned(declaration, name, body, engine, reason, Choice::Fixed).0.into_iter().collect();
        }
        let before = self.checkpoint();
        let reason = format!("no step needs another engine than {}", first.title());
        let trying = Choice::Trying { refused: None };
        let (plan, refused) = self.planned(declaration, name, body, first, reason, trying);
        let owner = self.engines.iter().copied().find(|engine| engine.starts_others());
        let found_errors = self.diagnostics.list_from(before.diagnostics).any(Diagnostic::is_error);
        let refused = refused.or_else(|| plan.as_ref().filter(|_| !found_errors).and_then(|plan| cannot(plan, first)));
        let (Some(why), Some(owner)) = (refused, owner) else { return plan.into_iter().collect() };
        self.roll_back(&before);
        let (probe, _) = self.planned(declaration, name, body, owner, why.clone(), Choice::Probing);
        let Some(mut probe) = probe else { return Vec::new() };
        if self.diagnostics.list_from(before.diagnostics).any(Diagnostic::is_error) {
            probe.engine_reason = why;
            return vec![probe];
        }
        let fits = |node: &NodePlan| fits(node, first);
        let needs = |node: &NodePlan| matches!(&node.kind, NodeKind::Step(step) if step.needs_first);
        let parts = partition::parts(&probe, &fits, &needs);
        if parts.is_empty() {
            return vec![probe];
        }
        self.roll_back(&before);
        let divided = self.plan_of(declaration, name, body, owner, why, Choice::Divided(parts.clone()));
        let Some((plan, _, deployed)) = divided else { return Vec::new() };
        let title = first.title();
        let reason = |names: &[SmolStr]| {
            format!("`{}` starts it: {title} runs {} by itself", name.text, list_of(names.iter().map(SmolStr::as_str)))
        };
        let mut plans = partition::split(plan, &parts, first.name(), &reason);
        self.deploy_started(&mut plans, body, first, deployed.as_ref());
        plans
    }

    /// Deploys what a workflow starts, and lets the workflow start it.
    fn deploy_started(
        &mut self,
        plans: &mut [WorkflowPlan],
        body: &Block,
        engine: &'static dyn Engine,
        owner: Option<&Value>,
    ) {
        let Some((outer, inner)) = plans.split_first_mut() else { return };
        for (part, plan) in inner.iter().enumerate() {
            let name = Name { text: plan.name.clone(), span: plan.span };
            let deployed = self.deploy_workflow(&name, None, body, engine);
            self.finish_runner(deployed.as_ref(), Some(part as u32));
            let Some(deployed) = deployed else { continue };
            let start = outer.nodes.iter_mut().find_map(|node| match &mut node.kind {
                NodeKind::Start(start) if start.workflow == plan.name => Some(start),
                _ => None,
            });
            if let Some(start) = start {
                start.deployed_as = deployed.get("name").cloned();
            }
            if let Some(run) = deployed.get("run") {
                let context =
                    Context { word: "workflow", name: plan.name.clone(), name_span: plan.span, ..Context::default() };
                let statements = self.statements(run, &context);
                self.deploying.runner.extend(statements.into_iter().map(|statement| (None, statement)));
            }
        }
        self.finish_runner(owner, None);
    }

    /// The part of the workflow that a step goes to.
    pub(super) fn part_of(&self, step: &str) -> Option<u32> {
        match &self.workflow.as_ref()?.choice {
            Choice::Divided(parts) => parts.get(step).copied(),
            Choice::Fixed | Choice::Trying { .. } | Choice::Probing => None,
        }
    }

    /// The engine that a workflow names, with why; nothing where it is left to the compiler.
    fn given_engine(&mut self, body: &Block) -> Option<(&'static dyn Engine, String)> {
        let given = body.declarations.iter().find_map(|declaration| match &declaration.kind {
            DeclarationKind::Setting { name, value } if name.text == "engine" => Some(value),
            _ => None,
        });
        let first = *self.engines.first()?;
        let expression: &Expression = given?;
        if let ExpressionKind::Name(name) = &*expression.kind
            && self.modules.find(expression.span.file, name).is_none()
        {
            // The settings of the workflow report what is no value.
            return Some((first, String::new()));
        }
        let value = self.evaluate(expression, &Scope::file());
        match value.as_string().map(SmolStr::as_str) {
            Some("auto") => None,
            Some(text) => match self.engines.iter().find(|engine| engine.name() == text) {
                Some(engine) => Some((*engine, "the workflow says so".to_owned())),
                // The settings of the workflow report what is no engine at all.
                None => Some((first, String::new())),
            },
            None => Some((first, String::new())),
        }
    }

    /// The engine of a step.
    pub(super) fn step_engine(&self, name: &str) -> Option<&'static dyn Engine> {
        let state = self.workflow.as_ref()?;
        match &state.choice {
            Choice::Divided(parts) if parts.contains_key(name) => self.engines.first().copied(),
            Choice::Fixed | Choice::Trying { .. } | Choice::Probing | Choice::Divided(_) => Some(state.engine),
        }
    }

    /// The first engine, while it is looked at which steps it runs.
    pub(super) fn probed(&self) -> Option<&'static dyn Engine> {
        let state = self.workflow.as_ref()?;
        matches!(state.choice, Choice::Probing).then(|| self.engines.first().copied()).flatten()
    }

    /// Reports what an engine refuses, or notes it where another may be asked.
    pub(super) fn refuse(&mut self, found: Diagnostic) {
        if let Some(Choice::Trying { refused }) = self.workflow.as_mut().map(|state| &mut state.choice) {
            refused.get_or_insert_with(|| found.message.trim_end_matches('.').to_owned());
            return;
        }
        self.report(found);
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            diagnostics: self.diagnostics.len(),
            assets: self.assets.len(),
            said: self.said.len(),
            deployed: self.deploying.checkpoint(),
        }
    }

    fn roll_back(&mut self, before: &Checkpoint) {
        self.diagnostics.truncate(before.diagnostics);
        self.assets.truncate(before.assets);
        self.said.truncate(before.said);
        self.deploying.roll_back(&before.deployed);
    }
}

/// What is undone when a workflow is evaluated anew for another engine.
struct Checkpoint {
    diagnostics: usize,
    assets: usize,
    said: usize,
    deployed: super::resources::Progress,
}

/// Why an engine cannot run a plan that was made for it.
fn cannot(plan: &WorkflowPlan, engine: &dyn Engine) -> Option<String> {
    if engine.computes() {
        return None;
    }
    let node = plan.nodes.iter().find(|node| !runs(node, engine))?;
    Some(format!("{} cannot compute what `{}` needs while it runs", engine.title(), node.name))
}

/// Whether an engine can do what a node asks of it, whatever the node calls.
fn runs(node: &NodePlan, engine: &dyn Engine) -> bool {
    let computed = |value: &Value| !engine.computes() && is_computed(value);
    match &node.kind {
        NodeKind::Step(step) => !computed(&step.run) && step.call.as_ref().is_none_or(|call| !computed(&call.request)),
        NodeKind::Condition { branches } => {
            branches.iter().filter_map(|branch| branch.condition.as_ref()).all(|condition| engine.can_decide(condition))
        }
        NodeKind::Each { items, .. } => !computed(items),
        NodeKind::Fail { message } => !computed(message),
        NodeKind::Try { .. } | NodeKind::Start(_) => true,
    }
}

/// Whether an engine runs a node of a plan that was made for another.
fn fits(node: &NodePlan, engine: &dyn Engine) -> bool {
    match &node.kind {
        NodeKind::Step(step) if !step.fits_first => false,
        _ => runs(node, engine),
    }
}
