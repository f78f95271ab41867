//! Workflows: scopes, the order in which their parts are evaluated, and the nodes they become.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::application::Context;
use super::engines::Choice;
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::graph;
use crate::kinds::word_of;
use crate::plan::{After, BranchPlan, Engine, NodeKind, NodePlan, ParameterPlan, WorkflowPlan};
use crate::source::Span;
use crate::syntax::tree::{
    self, Binding, Block, Declaration, DeclarationKind, Entry as TreeEntry, EntryKind, Expression, ExpressionKind, Name,
};
use crate::types::{Because, Data, LateKind, NodeId, Stage, Type, Value};

pub(crate) struct WorkflowState {
    pub(crate) name: SmolStr,
    pub(super) engine: &'static dyn Engine,
    pub(super) nodes: Vec<Option<NodePlan>>,
    pub(super) parameters: Vec<ParameterPlan>,
    pub(super) step_names: FxHashMap<SmolStr, Span>,
    pub(super) settings: Vec<TreeEntry>,
    pub(super) outputs: Vec<(SmolStr, Value)>,
    /// Fields for its steps, as `defaults` of the project.
    pub(crate) defaults: Option<Value>,
    /// What tells the turns of the enclosing loops at run time apart, the outermost first.
    pub(crate) turns: Vec<Value>,
    /// The enclosing scopes whose failures are handled, the outermost first.
    pub(super) guards: Vec<super::failures::Guard>,
    /// What triggers and monitors know of the workflow as it is deployed.
    pub(crate) deployed: Option<Value>,
    pub(super) choice: Choice,
    /// What the trigger that is being evaluated knows of its event, and gives an execution.
    pub(crate) event: Option<Value>,
}

impl WorkflowState {
    /// A workflow of which nothing has been evaluated.
    pub(super) fn new(name: SmolStr, engine: &'static dyn Engine, choice: Choice) -> WorkflowState {
        WorkflowState {
            name,
            engine,
            nodes: Vec::new(),
            parameters: Vec::new(),
            step_names: FxHashMap::default(),
            settings: Vec::new(),
            outputs: Vec::new(),
            defaults: None,
            turns: Vec::new(),
            guards: Vec::new(),
            deployed: None,
            choice,
            event: None,
        }
    }
}

/// One declaration of a block, or of the blocks of its `when`s.
pub(super) struct Unit<'t> {
    pub(super) declaration: &'t Declaration,
    pub(super) block: usize,
    /// The `when` it stands in, by unit, and the branch.
    pub(super) parent: Option<(usize, usize)>,
}

/// What became of a unit.
#[derive(Clone, Debug, Default)]
pub(super) enum Outcome {
    #[default]
    Pending,
    /// Stands in a branch that is not taken, as is known at build.
    Skipped,
    /// A `when` that is decided at build: the branch, if one is taken.
    Folded(Option<usize>),
    /// A `when` that becomes a node; for each written branch its place among those that are left.
    Node(NodeId, Vec<Option<usize>>),
    Done(Vec<NodeId>),
}

/// Where the parts of a block go.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) parent: Option<(NodeId, usize)>,
    /// Before the names of steps, `-` included.
    pub(super) prefix: SmolStr,
    /// After the names of steps, `-` included.
    pub(super) suffix: SmolStr,
    pub(super) is_component: bool,
}

/// What is particular to a node.
pub(super) struct Node {
    pub(super) id: NodeId,
    pub(super) name: SmolStr,
    pub(super) span: Span,
    pub(super) after: Vec<After>,
    pub(super) kind: NodeKind,
}

impl Evaluator<'_> {
    /// The plan of a workflow for an engine, and what that refused where it was only tried.
    pub(super) fn planned(
        &mut self,
        declaration: &Declaration,
        name: &Name,
        body: &Block,
        engine: &'static dyn Engine,
        engine_reason: String,
        choice: Choice,
    ) -> (Option<WorkflowPlan>, Option<String>) {
        let plan = self.plan_of(declaration, name, body, engine, engine_reason, choice);
        match plan {
            Some((plan, Choice::Trying { refused }, _)) => (Some(plan), refused),
            Some((plan, ..)) => (Some(plan), None),
            None => (None, None),
        }
    }

    /// The plan of a workflow for an engine, how engines were given to its steps, and what is deployed of it.
    pub(super) fn plan_of(
        &mut self,
        declaration: &Declaration,
        name: &Name,
        body: &Block,
        engine: &'static dyn Engine,
        engine_reason: String,
        choice: Choice,
    ) -> Option<(WorkflowPlan, Choice, Option<Value>)> {
        self.workflow = Some(WorkflowState::new(name.text.clone(), engine, choice));
        let defaults = body.declarations.iter().find_map(|declaration| match &declaration.kind {
            DeclarationKind::Setting { name, value } if name.text == "defaults" => Some(value.clone()),
            _ => None,
        });
        if let Some(expression) = defaults {
            let value = self.evaluate(&expression, &Scope::file());
            if let Some(state) = &mut self.workflow {
                state.defaults = Some(value);
            }
        }
        self.blocks.clear();
        let doc = declaration.doc.as_ref().map(|doc| doc.text.clone());
        let deployed = self.deploy_workflow(name, doc.as_ref(), body, engine);
        if let Some(state) = &mut self.workflow {
            state.deployed.clone_from(&deployed);
        }
        let place = Place { parent: None, prefix: SmolStr::default(), suffix: SmolStr::default(), is_component: false };
        let nodes = self.run_block(&body.declarations, Vec::new(), None, &place);
        let mut state = self.workflow.take()?;
        let settings = tree::Object { entries: std::mem::take(&mut state.settings), span: Some(name.span) };
        self.workflow = Some(WorkflowState { settings: Vec::new(), ..state });
        let settings = self.settings("workflow_settings", "workflow", &settings, name.span, &Scope::block(0));
        self.finish_runner(deployed.as_ref(), None);
        let state = self.workflow.take()?;
        let choice = state.choice;
        let nodes_all: Vec<NodePlan> = state.nodes.into_iter().flatten().collect();
        let mut plan = WorkflowPlan {
            name: name.text.clone(),
            span: name.span,
            doc,
            engine: engine.name().into(),
            engine_reason,
            parameters: state.parameters,
            settings,
            nodes: nodes_all,
            body: nodes,
            raw: None,
        };
        self.finish_edges(&mut plan);
        self.blocks.clear();
        Some((plan, choice, deployed))
    }

    pub(super) fn new_node(&mut self) -> NodeId {
        match &mut self.workflow {
            Some(state) => {
                state.nodes.push(None);
                NodeId(state.nodes.len() as u32 - 1)
            }
            None => NodeId(0),
        }
    }

    /// Enters a node where its id was kept for it; what its declaration and place say of it is the same for all.
    pub(super) fn set_node(&mut self, node: Node, declaration: &Declaration, place: &Place) {
        if let Some(state) = &mut self.workflow {
            state.nodes[node.id.0 as usize] = Some(NodePlan {
                id: node.id,
                name: node.name,
                span: node.span,
                whole: declaration.span,
                doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
                parent: place.parent,
                // Known once the whole workflow is.
                data_edges: Vec::new(),
                maybe_edges: Vec::new(),
                after: node.after,
                kind: node.kind,
            });
        }
    }

    /// Evaluates the declarations of a block in the order of what they need; gives its nodes in the order of the text.
    pub(super) fn run_block(
        &mut self,
        declarations: &[Declaration],
        base: Vec<(SmolStr, Value)>,
        parent: Option<usize>,
        place: &Place,
    ) -> Vec<NodeId> {
        let first_block = self.blocks.len();
        let block = self.new_block(parent, base);
        // Handlers make the rest of the block one node, so that there is something to fail.
        let is_handler = |inner: &&Declaration| matches!(inner.kind, DeclarationKind::OnFailure { .. });
        let handler = declarations.iter().find(is_handler);
        let handler = handler.filter(|_| self.workflow.as_ref().is_some_and(|state| state.engine.handles_failures()));
        let outside = place;
        let mut place = place.clone();
        if handler.is_some() {
            let node = self.new_node();
            place.parent = Some((node, 0));
            if let Some(state) = &mut self.workflow {
                state.guards.push(super::failures::Guard { node, handlers: Vec::new() });
            }
        }
        let place = &place;
        let mut units: Vec<Unit<'_>> = Vec::with_capacity(declarations.len());
        self.collect(declarations, block, None, &mut units);
        let edges = self.unit_edges(&units, first_block);
        let order = match graph::order(units.len(), &edges) {
            Ok(order) => order,
            Err(cycle) => {
                self.report_cycle(&units, &cycle);
                // What waits for itself has its finding; the rest is looked at all the same.
                for unit in &cycle {
                    let unit = &units[*unit as usize];
                    if let Some(name) = crate::resolve::declared_name(unit.declaration) {
                        self.blocks[unit.block].values.insert(name.text.clone(), Value::error(name.span));
                    }
                }
                let left: Vec<(u32, u32)> = edges
                    .into_iter()
                    .filter(|(before, after)| !cycle.contains(before) && !cycle.contains(after))
                    .collect();
                match graph::order(units.len(), &left) {
                    Ok(order) => order.into_iter().filter(|unit| !cycle.contains(unit)).collect(),
                    Err(_) => Vec::new(),
                }
            }
        };
        let mut outcomes: Vec<Outcome> = vec![Outcome::Pending; units.len()];
        for unit in order {
            let unit = unit as usize;
            let outcome = self.unit(&units, unit, &outcomes, place);
            outcomes[unit] = outcome;
        }
        let nodes = self.assemble(&units, &outcomes);
        match handler {
            Some(handler) => self.guarded(handler, nodes, outside),
            None => nodes,
        }
    }

    /// Evaluates one unit.
    pub(super) fn unit(&mut self, units: &[Unit<'_>], index: usize, outcomes: &[Outcome], place: &Place) -> Outcome {
        let unit = &units[index];
        let mut parent = place.parent;
        // The nearest enclosing `when` that became a node is the parent; a skipped one takes this with it.
        let mut at = unit.parent;
        let mut found_parent = false;
        while let Some((when, branch)) = at {
            match &outcomes[when] {
                Outcome::Skipped | Outcome::Pending | Outcome::Done(_) => return Outcome::Skipped,
                Outcome::Folded(taken) if *taken != Some(branch) => return Outcome::Skipped,
                Outcome::Folded(_) => {}
                Outcome::Node(node, places) => match places.get(branch).copied().flatten() {
                    Some(kept) => {
                        if !found_parent {
                            parent = Some((*node, kept));
                            found_parent = true;
                        }
                    }
                    None => return Outcome::Skipped,
                },
            }
            at = units[when].parent;
        }
        let place = Place { parent, ..place.clone() };
        let declaration = unit.declaration;
        let block = unit.block;
        let scope = Scope::block(block);
        match &declaration.kind {
            DeclarationKind::Param { name, type_, default } => {
                if unit.parent.is_some() || place.is_component || self.blocks[block].parent.is_some() {
                    let inside = if place.is_component { "a component" } else { "a block of a workflow" };
                    self.misplaced(
                        declaration,
                        inside,
                        "steps and control flow; a `param` stands in the workflow itself",
                    );
                    return Outcome::Done(Vec::new());
                }
                let value = self.parameter(declaration, name, type_.as_ref(), default.as_ref(), &scope);
                self.enter_value(block, name, value);
                Outcome::Done(Vec::new())
            }
            DeclarationKind::Let { name, parameters, type_, value } => {
                let value = self.let_value(name, parameters.as_deref(), type_.as_ref(), value, &scope);
                self.enter_value(block, name, value);
                Outcome::Done(Vec::new())
            }
            DeclarationKind::Binding { word, name, type_, value, .. } => match word {
                Binding::Transform
                | Binding::Train
                | Binding::Tune
                | Binding::Evaluate
                | Binding::Register
                | Binding::Deploy
                | Binding::Notify
                | Binding::Step => {
                    if let Some(type_) = type_ {
                        let word = word.word();
                        self.report(Diagnostic::new(&d::STEP_WITH_TYPE, type_.span, &[("word", &word)]));
                    }
                    let (value, nodes) = self.step(declaration, *word, name, value, &scope, &place);
                    self.enter_value(block, name, value);
                    Outcome::Done(nodes)
                }
                Binding::Source | Binding::Resource => {
                    let type_ = type_.as_ref().map(|written| self.type_of(written));
                    let context = Context {
                        word: word.word(),
                        name: name.text.clone(),
                        name_span: name.span,
                        type_,
                        span: declaration.span,
                        ..Context::default()
                    };
                    let value = self.binding(value, &scope, &context);
                    self.enter_value(block, name, value);
                    Outcome::Done(Vec::new())
                }
                Binding::Trigger | Binding::Monitor => {
                    let value = self.beside(units, declaration, *word, name, value, &scope);
                    self.enter_value(block, name, value);
                    Outcome::Done(Vec::new())
                }
                Binding::Serve | Binding::Studio => {
                    self.misplaced(declaration, "a workflow", "steps, `param`, `let`, `when`, `for`, `each`, `fail`");
                    Outcome::Done(Vec::new())
                }
            },
            DeclarationKind::Setting { name, value } => {
                if unit.parent.is_some() && name.text == "name" {
                    // The name of the `when`, which has read it.
                } else if self.is_nameless(name, Some(value)) {
                    // What it would declare has no name, which has its finding.
                } else if matches!(&*value.kind, ExpressionKind::Apply { .. }) {
                    self.step_without_word(name);
                } else if unit.parent.is_some() || place.is_component {
                    self.misplaced(
                        declaration,
                        if place.is_component { "a component" } else { "a block of a workflow" },
                        "steps and control flow; settings stand in the workflow itself",
                    );
                } else if let Some(state) = &mut self.workflow {
                    let key = name.clone();
                    let kind = EntryKind::Field { key, value: value.clone() };
                    state.settings.push(TreeEntry { doc: None, span: declaration.span, kind });
                }
                Outcome::Done(Vec::new())
            }
            DeclarationKind::When { branches, otherwise } => {
                self.when(declaration, branches, otherwise.as_ref(), &scope, &place)
            }
            DeclarationKind::Fail { message } => {
                let value = self.evaluate(message, &scope);
                let value = self.fit(&value, &Type::STRING, Stage::Run, format_args!("the message of `fail`"));
                let id = self.new_node();
                let base = match parent.and_then(|(node, branch)| self.branch_name(node, branch)) {
                    Some(around) => format_smolstr!("{around}-fail"),
                    None => "fail".into(),
                };
                let base = format_smolstr!("{}{base}{}", place.prefix, place.suffix);
                let name = self.derived_name(&base);
                let kind = NodeKind::Fail { message: value };
                let node = Node { id, name, span: declaration.span, after: Vec::new(), kind };
                self.set_node(node, declaration, &place);
                Outcome::Done(vec![id])
            }
            DeclarationKind::For { names, iterated, body } => {
                let nodes = self.for_loop(names, iterated, body, block, &scope, &place);
                Outcome::Done(nodes)
            }
            DeclarationKind::Each { names, iterated, body } => {
                let nodes = self.each_loop(declaration, names, iterated, body, block, &scope, &place);
                Outcome::Done(nodes)
            }
            DeclarationKind::Output { name, type_, value } => {
                if !place.is_component {
                    self.misplaced(
                        declaration,
                        "a workflow",
                        "steps and control flow; an `output` stands in a component",
                    );
                    return Outcome::Done(Vec::new());
                }
                let value = self.evaluate(value, &scope);
                let value = match type_ {
                    Some(written) => {
                        let type_ = self.type_of(written);
                        self.fit(&value, &type_, Stage::Run, format_args!("`{}`", name.text))
                    }
                    None => value,
                };
                if let Some(state) = &mut self.workflow {
                    state.outputs.push((name.text.clone(), value));
                }
                Outcome::Done(Vec::new())
            }
            DeclarationKind::Try { body } => self.try_block(declaration, body, block, &place),
            DeclarationKind::OnFailure { errors, binding, body } => {
                self.on_failure(units, index, errors, binding.as_ref(), body, &place)
            }
            DeclarationKind::Moved { .. } | DeclarationKind::Error => Outcome::Done(Vec::new()),
            DeclarationKind::Project { .. }
            | DeclarationKind::Import { .. }
            | DeclarationKind::Schema { .. }
            | DeclarationKind::Type { .. }
            | DeclarationKind::Config { .. }
            | DeclarationKind::Workflow { .. }
            | DeclarationKind::Component { .. }
            | DeclarationKind::Kind { .. }
            | DeclarationKind::Machine { .. }
            | DeclarationKind::Pipeline { .. }
            | DeclarationKind::Raw { .. }
            | DeclarationKind::Test { .. }
            | DeclarationKind::Field(_)
            | DeclarationKind::Call { .. }
            | DeclarationKind::Run { .. }
            | DeclarationKind::Check { .. }
            | DeclarationKind::Role { .. }
            | DeclarationKind::Allow { .. } => {
                self.misplaced(
                    declaration,
                    "a workflow",
                    "steps, `param`, `source`, `let`, `when`, `for`, `each`, `fail` and settings",
                );
                Outcome::Done(Vec::new())
            }
        }
    }

    /// `name = kind { … }` reads as a setting, and was meant as a step.
    fn step_without_word(&mut self, name: &tree::StringOrName) {
        let words = "`transform`, `train`, `tune`, `evaluate`, `register`, `deploy`, `notify` or `step`";
        let found = Diagnostic::new(&d::UNKNOWN_FIELD, name.span, &[("kind", &"workflow"), ("name", &name.text)])
            .help(format!("a step starts with a word for what it does: {words}"))
            .fix("Write `step`", Span { end: name.span.start, ..name.span }, "step ");
        self.report(found);
    }

    /// `source: table = s3 { … }` and `train = xgboost { … }` declare something without a name; reports it.
    pub(super) fn is_nameless(&mut self, name: &tree::StringOrName, value: Option<&Expression>) -> bool {
        let word = name.text.as_str();
        let is_application = value.is_some_and(|value| matches!(&*value.kind, ExpressionKind::Apply { .. }));
        let is_nameless = match word {
            "param" | "config" | "let" => true,
            _ => Binding::from_word(word).is_some() && is_application,
        };
        if name.quoted || !is_nameless {
            return false;
        }
        let shape = match word {
            "param" | "config" => format!("{word} name: type"),
            "let" => "let name = value".to_owned(),
            _ => format!("{word} name = kind {{ … }}"),
        };
        let problem = format!("This `{word}` has no name");
        let arguments: [(&str, &dyn std::fmt::Display); 3] =
            [("problem", &problem), ("label", &"expected a name after this"), ("help", &"")];
        let found = Diagnostic::new(&d::SYNTAX, name.span, &arguments);
        self.report(found.help(format!("write `{shape}`")));
        true
    }

    pub(super) fn misplaced(&mut self, declaration: &Declaration, place: &str, allowed: &str) {
        if let DeclarationKind::Field(field) = &declaration.kind {
            if self.is_nameless(&field.name, field.default.as_ref()) {
                return;
            }
            let name = &field.name.text;
            let problem = format!("`{name}` is declared by no word");
            let arguments: [(&str, &dyn std::fmt::Display); 3] =
                [("problem", &problem), ("label", &"expected a word before this"), ("help", &"")];
            let found = Diagnostic::new(&d::SYNTAX, field.name.span, &arguments);
            let (word, help) = match place {
                "a workflow" => ("param", "what is given when an execution starts is a `param`, data are a `source`"),
                _ => (
                    "config",
                    "what is given when the file is built is a `config`, a value a `let`, columns a `schema`",
                ),
            };
            let before = Span { end: field.name.span.start, ..field.name.span };
            let is_parameter = matches!(place, "a workflow" | "a file")
                && field.default.as_ref().is_none_or(|value| !matches!(&*value.kind, ExpressionKind::Apply { .. }));
            self.report(match is_parameter {
                true => found.help(help).fix(format!("Write `{word}`"), before, format!("{word} ")),
                false => found.help(help),
            });
            return;
        }
        let word = match &declaration.kind {
            DeclarationKind::Setting { name, .. } => name.text.as_str(),
            _ => word_of(declaration),
        };
        self.report(Diagnostic::new(
            &d::MISPLACED,
            crate::kinds::word_span(declaration),
            &[("word", &word), ("place", &place), ("allowed", &allowed)],
        ));
    }

    pub(super) fn parameter(
        &mut self,
        declaration: &Declaration,
        name: &Name,
        type_: Option<&tree::TypeExpression>,
        default: Option<&Expression>,
        scope: &Scope<'_>,
    ) -> Value {
        let default_value = default.map(|expression| self.evaluate(expression, scope));
        let type_ = match (type_, &default_value) {
            (Some(written), _) => self.type_of(written),
            (None, Some(value)) => match super::types::type_of_value(value) {
                Type::Int(_) => Type::INT,
                Type::Float(_) => Type::FLOAT,
                other => other,
            },
            (None, None) => {
                self.report(Diagnostic::new(&d::PARAM_TYPE, name.span, &[("name", &name.text)]));
                Type::Error
            }
        };
        let default_value = default_value
            .map(|value| self.fit(&value, &type_, Stage::Build, format_args!("the default of `{}`", name.text)));
        let because =
            Because { span: name.span, text: format_smolstr!("`{}` is chosen when an execution starts", name.text) };
        let value = Value::late(LateKind::Parameter(name.text.clone()), type_.clone(), Stage::Run, because, name.span);
        if matches!(type_, Type::Error) {
            return Value::error(name.span);
        }
        if let Some(state) = &mut self.workflow {
            state.parameters.push(ParameterPlan {
                name: name.text.clone(),
                span: name.span,
                doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
                type_,
                default: default_value,
            });
        }
        value
    }

    pub(super) fn when(
        &mut self,
        declaration: &Declaration,
        branches: &[tree::Branch],
        otherwise: Option<&Block>,
        scope: &Scope<'_>,
        place: &Place,
    ) -> Outcome {
        let mut kept: Vec<BranchPlan> = Vec::new();
        let mut places: Vec<Option<usize>> = Vec::new();
        let mut decided: Option<usize> = None;
        for (index, branch) in branches.iter().enumerate() {
            if decided.is_some() {
                places.push(None);
                continue;
            }
            let condition = self.evaluate(&branch.condition, scope);
            match &condition.data {
                Data::Bool(false) => places.push(None),
                Data::Bool(true) => {
                    decided = Some(index);
                    places.push(Some(kept.len()));
                }
                Data::Late(late) if matches!(late.type_, Type::Bool | Type::Any | Type::Error) => {
                    places.push(Some(kept.len()));
                    kept.push(BranchPlan {
                        condition: Some(condition.clone()),
                        body: Vec::new(),
                        span: branch.condition.span,
                    });
                }
                Data::Error => {
                    // The steps inside are looked at all the same.
                    places.push(Some(kept.len()));
                    kept.push(BranchPlan {
                        condition: Some(condition.clone()),
                        body: Vec::new(),
                        span: branch.condition.span,
                    });
                }
                _ => {
                    self.expect_bool(&condition, "when");
                    places.push(Some(kept.len()));
                    let error = Value::error(branch.condition.span);
                    kept.push(BranchPlan { condition: Some(error), body: Vec::new(), span: branch.condition.span });
                }
            }
        }
        if kept.is_empty() {
            let taken = decided.or_else(|| otherwise.map(|_| branches.len()));
            return Outcome::Folded(taken);
        }
        match decided {
            // The first branch that always holds is the `else` of those before it.
            Some(index) => {
                kept.push(BranchPlan { condition: None, body: Vec::new(), span: branches[index].condition.span });
                places.push(None);
            }
            None => match otherwise {
                Some(block) => {
                    places.push(Some(kept.len()));
                    let span = block.span.unwrap_or(declaration.span);
                    kept.push(BranchPlan { condition: None, body: Vec::new(), span });
                }
                None => places.push(None),
            },
        }
        let id = self.new_node();
        let subject =
            kept.first().and_then(|branch| branch.condition.as_ref()).map(|c| self.subject(c)).unwrap_or_default();
        let base = if subject.is_empty() { "when".to_owned() } else { format!("when-{subject}") };
        // `name = "…"` in the first branch names the step that decides.
        let given = branches.first().and_then(|branch| {
            branch.body.declarations.iter().find_map(|declaration| match &declaration.kind {
                DeclarationKind::Setting { name, value } if name.text == "name" => Some(value.clone()),
                _ => None,
            })
        });
        let given = given.and_then(|expression| {
            let value = self.evaluate(&expression, scope);
            let value = self.fit(&value, &Type::STRING, Stage::Build, format_args!("`name`"));
            value.as_string().map(|text| Name { text: text.clone(), span: value.span })
        });
        let name = match given {
            Some(given) => self.step_name(&given, None, scope, place),
            None => self.derived_name(&format!("{}{base}{}", place.prefix, place.suffix)),
        };
        let word = Span { end: declaration.span.start + 4, ..declaration.span };
        let kind = NodeKind::Condition { branches: kept };
        let node = Node { id, name, span: word, after: Vec::new(), kind };
        self.set_node(node, declaration, place);
        Outcome::Node(id, places)
    }

    /// Puts nodes into the branches they stand in; gives those of the outermost scope, in the order of the text.
    pub(super) fn assemble(&mut self, units: &[Unit<'_>], outcomes: &[Outcome]) -> Vec<NodeId> {
        let mut outer = Vec::new();
        for (index, outcome) in outcomes.iter().enumerate() {
            let own: Vec<NodeId> = match outcome {
                Outcome::Node(node, _) => vec![*node],
                Outcome::Done(nodes) => nodes.clone(),
                Outcome::Pending | Outcome::Skipped | Outcome::Folded(_) => Vec::new(),
            };
            if own.is_empty() {
                continue;
            }
            let mut at = units[index].parent;
            let mut target: Option<(NodeId, usize)> = None;
            while let Some((when, branch)) = at {
                if let Outcome::Node(node, places) = &outcomes[when] {
                    target = places.get(branch).copied().flatten().map(|kept| (*node, kept));
                    break;
                }
                at = units[when].parent;
            }
            match target {
                Some((node, branch)) => {
                    if let Some(Some(plan)) =
                        self.workflow.as_mut().and_then(|state| state.nodes.get_mut(node.0 as usize))
                        && let NodeKind::Condition { branches } = &mut plan.kind
                        && let Some(branch) = branches.get_mut(branch)
                    {
                        branch.body.extend(own);
                    }
                }
                None => outer.extend(own),
            }
        }
        outer
    }
}
