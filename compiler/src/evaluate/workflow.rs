//! Workflows: scopes, the order in which their parts are evaluated, and the nodes they become.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::application::Context;
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::graph;
use crate::kinds::word_of;
use crate::plan::{
    After, BranchPlan, CallPlan, Engine, NodeKind, NodePlan, ParameterPlan, RawPlan, RawStep, StepPlan, WorkflowPlan,
};
use crate::source::Span;
use crate::syntax::tree::{
    self, Binding, Block, Declaration, DeclarationKind, Entry as TreeEntry, EntryKind, Expression, ExpressionKind, Name,
    StringPart,
};
use crate::types::{Because, Class, Data, Entry, Late, LateKind, NodeId, Object, Segment, Stage, Type, Value};

/// The names of one block of a workflow.
pub(crate) struct BlockScope {
    parent: Option<usize>,
    /// Names that are there from the start: loop variables, a component's fields.
    base: Vec<(SmolStr, Value)>,
    names: FxHashMap<SmolStr, Slot>,
    /// Names of blocks below that run only sometimes.
    conditional: FxHashMap<SmolStr, Vec<Slot>>,
    values: FxHashMap<SmolStr, Value>,
}

#[derive(Clone, Copy)]
struct Slot {
    unit: usize,
    span: Span,
    /// The block in which the name is declared.
    block: usize,
}

pub(crate) struct WorkflowState {
    pub(crate) name: SmolStr,
    engine: &'static dyn Engine,
    nodes: Vec<Option<NodePlan>>,
    parameters: Vec<ParameterPlan>,
    step_names: FxHashMap<SmolStr, Span>,
    settings: Vec<TreeEntry>,
    outputs: Vec<(SmolStr, Value)>,
    /// Fields for its steps, as `defaults` of the project.
    pub(crate) defaults: Option<Value>,
    /// What tells the turns of the enclosing loops at run time apart, the outermost first.
    pub(crate) turns: Vec<Value>,
}

/// One declaration of a block, or of the blocks of its `when`s.
struct Unit<'t> {
    declaration: &'t Declaration,
    block: usize,
    /// The `when` it stands in, by unit, and the branch.
    parent: Option<(usize, usize)>,
}

/// What became of a unit.
#[derive(Clone, Debug, Default)]
enum Outcome {
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
struct Place {
    parent: Option<(NodeId, usize)>,
    /// Before the names of steps, `-` included.
    prefix: SmolStr,
    /// After the names of steps, `-` included.
    suffix: SmolStr,
    is_component: bool,
}

impl Evaluator<'_> {
    pub(crate) fn workflow(&mut self, declaration: &Declaration, name: &Name, body: &Block) -> Option<WorkflowPlan> {
        let (engine, engine_reason) = self.engine(body)?;
        self.workflow = Some(WorkflowState {
            name: name.text.clone(),
            engine,
            nodes: Vec::new(),
            parameters: Vec::new(),
            step_names: FxHashMap::default(),
            settings: Vec::new(),
            outputs: Vec::new(),
            defaults: None,
            turns: Vec::new(),
        });
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
        let place = Place { parent: None, prefix: SmolStr::default(), suffix: SmolStr::default(), is_component: false };
        let nodes = self.run_block(&body.declarations, Vec::new(), None, &place);
        let mut state = self.workflow.take()?;
        let settings = tree::Object { entries: std::mem::take(&mut state.settings), span: Some(name.span) };
        self.workflow = Some(WorkflowState { settings: Vec::new(), ..state });
        let settings = self.settings("workflow_settings", "workflow", &settings, name.span, &Scope::block(0));
        let state = self.workflow.take()?;
        let nodes_all: Vec<NodePlan> = state.nodes.into_iter().flatten().collect();
        let mut plan = WorkflowPlan {
            name: name.text.clone(),
            span: name.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
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
        Some(plan)
    }

    fn engine(&mut self, body: &Block) -> Option<(&'static dyn Engine, String)> {
        let given = body.declarations.iter().find_map(|declaration| match &declaration.kind {
            DeclarationKind::Setting { name, value } if name.text == "engine" => Some(value),
            _ => None,
        });
        let first = *self.engines.first()?;
        let Some(expression) = given else {
            return Some((first, format!("no step needs another engine than {}", first.title())));
        };
        if let ExpressionKind::Name(name) = &*expression.kind
            && self.modules.find(expression.span.file, name).is_none()
        {
            // The settings of the workflow report what is no value.
            return Some((first, String::new()));
        }
        let value = self.evaluate(expression, &Scope::file());
        match value.as_string().map(SmolStr::as_str) {
            Some("auto") => Some((first, format!("no step needs another engine than {}", first.title()))),
            Some(text) => match self.engines.iter().find(|engine| engine.name() == text) {
                Some(engine) => Some((*engine, "the workflow says so".to_owned())),
                None if text == "machine" => {
                    self.report(Diagnostic::new(&d::NOT_BUILT, expression.span, &[("what", &"A state machine")]));
                    None
                }
                // The settings of the workflow report what is no engine at all.
                None => Some((first, String::new())),
            },
            None => Some((first, String::new())),
        }
    }

    fn new_node(&mut self) -> NodeId {
        match &mut self.workflow {
            Some(state) => {
                state.nodes.push(None);
                NodeId(state.nodes.len() as u32 - 1)
            }
            None => NodeId(0),
        }
    }

    fn set_node(&mut self, node: NodePlan) {
        if let Some(state) = &mut self.workflow {
            let index = node.id.0 as usize;
            state.nodes[index] = Some(node);
        }
    }

    /// Evaluates the declarations of a block in the order of what they need; gives its nodes in the order of the text.
    fn run_block(
        &mut self,
        declarations: &[Declaration],
        base: Vec<(SmolStr, Value)>,
        parent: Option<usize>,
        place: &Place,
    ) -> Vec<NodeId> {
        let first_block = self.blocks.len();
        let block = self.new_block(parent, base);
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
        self.assemble(&units, &outcomes, place)
    }

    fn new_block(&mut self, parent: Option<usize>, base: Vec<(SmolStr, Value)>) -> usize {
        self.blocks.push(BlockScope {
            parent,
            base,
            names: FxHashMap::default(),
            conditional: FxHashMap::default(),
            values: FxHashMap::default(),
        });
        self.blocks.len() - 1
    }

    fn collect<'t>(
        &mut self,
        declarations: &'t [Declaration],
        block: usize,
        parent: Option<(usize, usize)>,
        units: &mut Vec<Unit<'t>>,
    ) {
        for declaration in declarations {
            let unit = units.len();
            units.push(Unit { declaration, block, parent });
            if let Some(name) = crate::resolve::declared_name(declaration) {
                self.enter_name(block, name, unit);
            }
            if let DeclarationKind::Setting { name, value } = &declaration.kind
                && matches!(&*value.kind, ExpressionKind::Apply { .. })
            {
                self.enter_name(block, &Name { text: name.text.clone(), span: name.span }, unit);
            }
            match &declaration.kind {
                DeclarationKind::When { branches, otherwise } => {
                    for (index, branch) in branches.iter().enumerate() {
                        let inner = self.new_block(Some(block), Vec::new());
                        self.collect(&branch.body.declarations, inner, Some((unit, index)), units);
                    }
                    if let Some(otherwise) = otherwise {
                        let inner = self.new_block(Some(block), Vec::new());
                        self.collect(&otherwise.declarations, inner, Some((unit, branches.len())), units);
                    }
                }
                DeclarationKind::For { body, .. } | DeclarationKind::Each { body, .. } => {
                    // From outside, a name of the body stands for the list of what it was in each turn.
                    for inner in &body.declarations {
                        if let Some(name) = crate::resolve::declared_name(inner)
                            && !self.blocks[block].names.contains_key(&name.text)
                        {
                            let slot = Slot { unit, span: name.span, block };
                            self.blocks[block].names.insert(name.text.clone(), slot);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn enter_name(&mut self, block: usize, name: &Name, unit: usize) {
        let slot = Slot { unit, span: name.span, block };
        let mut at = Some(block);
        while let Some(id) = at {
            // The body of a loop stands for the list of its turns outside it, under the same name.
            if let Some(first) = self.blocks[id].names.get(&name.text)
                && first.span != name.span
            {
                let found = Diagnostic::new(&d::DECLARED_TWICE, name.span, &[("name", &name.text)])
                    .related(first.span, "the first declaration");
                self.report(found);
                return;
            }
            at = self.blocks[id].parent;
        }
        self.blocks[block].names.insert(name.text.clone(), slot);
        let mut at = self.blocks[block].parent;
        while let Some(id) = at {
            self.blocks[id].conditional.entry(name.text.clone()).or_default().push(slot);
            at = self.blocks[id].parent;
        }
    }

    /// What must be evaluated before what.
    fn unit_edges(&self, units: &[Unit<'_>], first_block: usize) -> Vec<(u32, u32)> {
        let mut edges = Vec::new();
        for (index, unit) in units.iter().enumerate() {
            if let Some((parent, _)) = unit.parent {
                edges.push((parent as u32, index as u32));
            }
            walk_declaration(unit.declaration, &mut |name, _| {
                for slot in self.slots(unit.block, name) {
                    // Blocks of enclosing scopes have been evaluated; their units are numbered apart.
                    let is_own = slot.unit == index
                        && crate::resolve::declared_name(unit.declaration).is_none_or(|own| own.text != name);
                    if slot.block >= first_block && !is_own {
                        edges.push((slot.unit as u32, index as u32));
                    }
                }
            });
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn slots(&self, block: usize, name: &str) -> Vec<Slot> {
        let mut at = Some(block);
        while let Some(id) = at {
            let scope = &self.blocks[id];
            if let Some(slot) = scope.names.get(name) {
                return vec![*slot];
            }
            if scope.base.iter().any(|(base, _)| base == name) {
                return Vec::new();
            }
            if let Some(slots) = scope.conditional.get(name) {
                return slots.clone();
            }
            at = scope.parent;
        }
        Vec::new()
    }

    fn report_cycle(&mut self, units: &[Unit<'_>], cycle: &[u32]) {
        let mut names: Vec<(String, Span)> = Vec::new();
        for unit in cycle {
            let declaration = units[*unit as usize].declaration;
            match crate::resolve::declared_name(declaration) {
                Some(name) => names.push((name.text.to_string(), name.span)),
                None => names.push((format!("the `{}`", word_of(declaration)), declaration.span)),
            }
        }
        let Some((_, place)) = names.first().cloned() else { return };
        let mut chain: Vec<String> = names.iter().take(12).map(|(name, _)| name.clone()).collect();
        if names.len() > 12 {
            chain.push("…".into());
        }
        chain.push(names[0].0.clone());
        let chain = chain.join(" → ");
        let mut found = Diagnostic::new(&d::STEP_CYCLE, place, &[("cycle", &chain)]);
        for (name, span) in names.iter().skip(1).take(6) {
            found = found.related(*span, format!("{name} waits for the next"));
        }
        self.report(found);
    }

    /// A name seen from a block of a workflow.
    pub(crate) fn block_name(&mut self, block: usize, name: &str, place: Span) -> Option<Value> {
        let mut at = Some(block);
        while let Some(id) = at {
            let scope = &self.blocks[id];
            if let Some(value) = scope.values.get(name) {
                return Some(value.clone());
            }
            if scope.names.contains_key(name) {
                // Known, and without a value: it has a finding, or waits for this very value.
                return Some(Value::error(place));
            }
            if let Some((_, value)) = scope.base.iter().rev().find(|(base, _)| base == name) {
                return Some(value.clone());
            }
            if let Some(slots) = scope.conditional.get(name) {
                let slots = slots.clone();
                return Some(self.conditional_name(name, &slots, place));
            }
            at = scope.parent;
        }
        None
    }

    /// A name that a `when` declares, seen from outside it.
    fn conditional_name(&mut self, name: &str, slots: &[Slot], place: Span) -> Value {
        let mut found: Option<(Value, Slot)> = None;
        for slot in slots {
            if let Some(value) = self.blocks[slot.block].values.get(name) {
                found = Some((value.clone(), *slot));
            }
        }
        let Some((value, slot)) = found else { return Value::none(place) };
        match &value.data {
            Data::Object(object) if matches!(object.class, Class::Step(_)) => {
                let Class::Step(node) = object.class else { return Value::error(place) };
                if !self.is_below_condition(node) {
                    return value;
                }
                let text = format_smolstr!("`{name}` runs only in a branch of this `when`, so outside it there may be none");
                Value::late(
                    LateKind::Operation { name: "optional".into(), operands: vec![value] },
                    Type::Step.optional(),
                    Stage::Run,
                    Because { span: slot.span, text },
                    place,
                )
            }
            _ => value,
        }
    }

    fn is_below_condition(&self, node: NodeId) -> bool {
        self.workflow
            .as_ref()
            .and_then(|state| state.nodes.get(node.0 as usize))
            .and_then(Option::as_ref)
            .is_some_and(|node| node.parent.is_some())
    }

    pub(crate) fn block_has(&self, block: usize, name: &str) -> bool {
        let mut at = Some(block);
        while let Some(id) = at {
            let scope = &self.blocks[id];
            if scope.names.contains_key(name)
                || scope.conditional.contains_key(name)
                || scope.base.iter().any(|(base, _)| base == name)
            {
                return true;
            }
            at = scope.parent;
        }
        false
    }

    pub(crate) fn block_names(&self, block: usize, out: &mut Vec<SmolStr>) {
        let mut at = Some(block);
        while let Some(id) = at {
            let scope = &self.blocks[id];
            #[expect(clippy::iter_over_hash_type, reason = "the caller sorts")]
            for name in scope.names.keys() {
                out.push(name.clone());
            }
            out.extend(scope.base.iter().map(|(name, _)| name.clone()));
            at = scope.parent;
        }
    }

    /// Words for a step in a message: its name and kind.
    pub(crate) fn step_words(&self, node: NodeId) -> (SmolStr, SmolStr) {
        match self.workflow.as_ref().and_then(|state| state.nodes.get(node.0 as usize)).and_then(Option::as_ref) {
            Some(node) => match &node.kind {
                NodeKind::Step(step) => (node.name.clone(), step.kind.clone()),
                NodeKind::Condition { .. } | NodeKind::Each { .. } | NodeKind::Fail { .. } => (node.name.clone(), "".into()),
            },
            None => ("the step".into(), "its kind".into()),
        }
    }

    /// Evaluates one unit.
    fn unit(&mut self, units: &[Unit<'_>], index: usize, outcomes: &[Outcome], place: &Place) -> Outcome {
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
                if parent.is_some() || place.is_component {
                    let inside = if place.is_component { "a component" } else { "a block of a workflow" };
                    self.misplaced(declaration, inside, "steps and control flow; a `param` stands in the workflow itself");
                    return Outcome::Done(Vec::new());
                }
                let value = self.parameter(declaration, name, type_.as_ref(), default.as_ref(), &scope);
                self.blocks[block].values.insert(name.text.clone(), value);
                Outcome::Done(Vec::new())
            }
            DeclarationKind::Let { name, parameters, type_, value } => {
                let value = self.let_value(name, parameters.as_deref(), type_.as_ref(), value, &scope);
                self.blocks[block].values.insert(name.text.clone(), value);
                Outcome::Done(Vec::new())
            }
            DeclarationKind::Binding { word, word_span, name, type_, value } => match word {
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
                    self.blocks[block].values.insert(name.text.clone(), value);
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
                    self.blocks[block].values.insert(name.text.clone(), value);
                    Outcome::Done(Vec::new())
                }
                Binding::Trigger | Binding::Monitor => {
                    let what = format!("A `{}`", word.word());
                    self.report(Diagnostic::new(&d::NOT_BUILT, *word_span, &[("what", &what)]));
                    self.blocks[block].values.insert(name.text.clone(), Value::error(name.span));
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
                } else if matches!(&*value.kind, ExpressionKind::Apply { .. }) {
                    // Without a word in front it reads as a setting, and was meant as a step.
                    let words = "`transform`, `train`, `tune`, `evaluate`, `register`, `deploy`, `notify` or `step`";
                    let found =
                        Diagnostic::new(&d::UNKNOWN_FIELD, name.span, &[("kind", &"workflow"), ("name", &name.text)])
                            .help(format!("a step starts with a word for what it does: {words}"))
                            .fix("Write `step`", Span { end: name.span.start, ..name.span }, "step ");
                    self.report(found);
                } else if unit.parent.is_some() || place.is_component {
                    self.misplaced(declaration, if place.is_component { "a component" } else { "a block of a workflow" }, "steps and control flow; settings stand in the workflow itself");
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
                let value = self.fit(&value, &Type::STRING, Stage::Run, "the message of `fail`");
                let id = self.new_node();
                let base = match parent {
                    Some((node, branch)) => format_smolstr!("{}-{}", self.branch_name(node, branch), "fail"),
                    None => "fail".into(),
                };
                let base = format_smolstr!("{}{base}{}", place.prefix, place.suffix);
                let name = self.derived_name(&base);
                self.set_node(NodePlan {
                    id,
                    name,
                    span: declaration.span,
                    whole: declaration.span,
                    doc: None,
                    parent,
                    data_edges: Vec::new(),
                    after: Vec::new(),
                    kind: NodeKind::Fail { message: value },
                });
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
                    self.misplaced(declaration, "a workflow", "steps and control flow; an `output` stands in a component");
                    return Outcome::Done(Vec::new());
                }
                let value = self.evaluate(value, &scope);
                let value = match type_ {
                    Some(written) => {
                        let type_ = self.type_of(written);
                        self.fit(&value, &type_, Stage::Run, &format!("`{}`", name.text))
                    }
                    None => value,
                };
                if let Some(state) = &mut self.workflow {
                    state.outputs.push((name.text.clone(), value));
                }
                Outcome::Done(Vec::new())
            }
            DeclarationKind::Try { .. } | DeclarationKind::OnFailure { .. } => {
                let title = self.workflow.as_ref().map_or("this engine", |state| state.engine.title());
                let word = word_of(declaration);
                let place = Span { end: declaration.span.start + word.len() as u32, ..declaration.span };
                self.report(Diagnostic::new(&d::ENGINE_CANNOT, place, &[("engine", &super::findings::capital(title)), ("what", &format!("`{word}`"))]));
                Outcome::Done(Vec::new())
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
                self.misplaced(declaration, "a workflow", "steps, `param`, `source`, `let`, `when`, `for`, `each`, `fail` and settings");
                Outcome::Done(Vec::new())
            }
        }
    }

    fn misplaced(&mut self, declaration: &Declaration, place: &str, allowed: &str) {
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

    fn parameter(
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
        let default_value =
            default_value.map(|value| self.fit(&value, &type_, Stage::Build, &format!("the default of `{}`", name.text)));
        let because =
            Because { span: name.span, text: format_smolstr!("`{}` is chosen when an execution starts", name.text) };
        let value =
            Value::late(LateKind::Parameter(name.text.clone()), type_.clone(), Stage::Run, because, name.span);
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

    /// The AWS-side name of a step: as declared, or as `name = "…"` says.
    fn step_name(&mut self, declared: &Name, plan: Option<&StepPlan>, scope: &Scope<'_>, place: &Place) -> SmolStr {
        let slots = scope.block_id().map(|block| self.slots(block, &declared.text)).unwrap_or_default();
        let is_repeated = plan.is_some() && slots.first().is_some_and(|slot| slot.span != declared.span);
        let given = plan.and_then(|plan| plan.common.get("name")).filter(|value| !value.is_none());
        let (text, span) = match given.and_then(|value| value.as_string().map(|text| (text.clone(), value.span))) {
            Some((text, span)) => (text, span),
            None => (declared.text.clone(), declared.span),
        };
        let name = format_smolstr!("{}{text}{}", place.prefix, place.suffix);
        let problem = self.workflow.as_ref().and_then(|state| state.engine.step_name_problem(&name));
        if let Some(problem) = problem {
            self.report(Diagnostic::new(&d::STEP_NAME, span, &[("name", &name), ("problem", &problem)]));
        }
        let first = self.workflow.as_ref().and_then(|state| state.step_names.get(&name).copied());
        match first {
            // Declared twice, which has its finding.
            Some(first) if given.is_none() && is_repeated => {
                let _ = first;
            }
            Some(first) => {
                let found = Diagnostic::new(&d::STEP_NAME_TWICE, span, &[("name", &name)]).related(first, "the first one");
                self.report(found);
            }
            None => {
                if let Some(state) = &mut self.workflow {
                    state.step_names.insert(name.clone(), span);
                }
            }
        }
        name
    }

    /// A name for a node that has none of its own, from what it holds; a number only where that is not enough.
    fn derived_name(&mut self, base: &str) -> SmolStr {
        let mut clean: String =
            base.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).collect();
        clean.truncate(60);
        let Some(state) = &mut self.workflow else { return clean.into() };
        let mut name: SmolStr = clean.as_str().into();
        let mut number = 2;
        while state.step_names.contains_key(&name) {
            name = format_smolstr!("{clean}-{number}");
            number += 1;
        }
        state.step_names.insert(name.clone(), Span::NONE);
        name
    }

    fn branch_name(&self, node: NodeId, branch: usize) -> SmolStr {
        let state = self.workflow.as_ref();
        let node = state.and_then(|state| state.nodes.get(node.0 as usize)).and_then(Option::as_ref);
        match node {
            Some(node) => match &node.kind {
                NodeKind::Condition { branches } if branches.get(branch).is_some_and(|b| b.condition.is_none()) => {
                    format_smolstr!("{}-else", node.name)
                }
                _ if branch > 0 => format_smolstr!("{}-else-{branch}", node.name),
                _ => node.name.clone(),
            },
            None => "when".into(),
        }
    }

    /// A step, or the steps of a component.
    fn step(
        &mut self,
        declaration: &Declaration,
        word: Binding,
        name: &Name,
        value: &Expression,
        scope: &Scope<'_>,
        place: &Place,
    ) -> (Value, Vec<NodeId>) {
        let (callee, arguments, body) = match &*value.kind {
            ExpressionKind::Apply { callee, arguments, body } => {
                (callee.clone(), arguments.clone().unwrap_or_default(), body.clone())
            }
            ExpressionKind::Call { callee, arguments } => {
                let body = tree::Object { entries: Vec::new(), span: Some(value.span.at_end()) };
                (callee.clone(), arguments.clone(), body)
            }
            ExpressionKind::Error => return (Value::error(value.span), Vec::new()),
            _ => {
                let context = Context { word: word.word(), name: name.text.clone(), ..Context::default() };
                self.not_a_kind(value, scope, &context);
                return (Value::error(value.span), Vec::new());
            }
        };
        let full = format_smolstr!("{}{}{}", place.prefix, name.text, place.suffix);
        let mut context = Context {
            word: word.word(),
            name: full,
            name_span: name.span,
            span: declaration.span,
            is_step: true,
            ..Context::default()
        };
        let Some(engine) = self.workflow.as_ref().map(|state| state.engine) else {
            return (Value::error(value.span), Vec::new());
        };
        if let Some((path, path_span)) = self.raw_path(&callee, scope) {
            let node = self.new_node();
            context.node = Some(node);
            return self.raw_step(declaration, name, &path, path_span, &body, scope, &context, engine, place);
        }
        let Some(global) = self.kind_of(&callee, scope) else {
            self.unknown_kind(&callee, &context);
            return (Value::error(value.span), Vec::new());
        };
        let Some(info) = self.kind(global) else { return (Value::error(value.span), Vec::new()) };
        if info.kind.own().is_component {
            return self.component(&info, &arguments, &body, scope, &context, place);
        }
        let node = self.new_node();
        context.node = Some(node);
        // The own name decides where outputs go, so it is looked at before the rest.
        if let Some(text) = own_name(&body) {
            context.name = format_smolstr!("{}{text}{}", place.prefix, place.suffix);
        }
        let applied = self.apply(&info, &arguments, &body, scope, &context, Some(engine));
        let Some(step) = applied.step else { return (applied.value, Vec::new()) };
        let aws_name = self.step_name(name, Some(&step), scope, place);
        let after = self.after(applied.after.as_ref());
        self.set_node(NodePlan {
            id: node,
            name: aws_name,
            span: name.span,
            whole: declaration.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
            parent: place.parent,
            data_edges: Vec::new(),
            after,
            kind: NodeKind::Step(Box::new(step)),
        });
        (applied.value, vec![node])
    }

    fn after(&mut self, value: Option<&Value>) -> Vec<After> {
        let Some(items) = value.and_then(Value::as_list).cloned() else { return Vec::new() };
        let mut list = Vec::new();
        for item in items.iter() {
            let (step, on) = match &item.data {
                Data::Object(object) if object.class == Class::Plain => {
                    let on = object.get("on").and_then(|on| on.as_string().cloned()).unwrap_or_else(|| "success".into());
                    (object.get("step").cloned(), on)
                }
                _ => (Some(item.clone()), "success".into()),
            };
            let Some(step) = step else { continue };
            let node = match &step.data {
                Data::Object(object) => match object.class {
                    Class::Step(node) => Some(node),
                    _ => None,
                },
                // A step of a branch: waiting for it is well-defined for an engine, whatever becomes of its results.
                Data::Late(late) => optional_step(late),
                _ => None,
            };
            if let Some(node) = node {
                list.push(After { node, span: item.span, on });
            }
        }
        list
    }

    /// `step x = aws.service.Operation { … }`.
    #[expect(clippy::too_many_arguments, reason = "the parts of one declaration")]
    fn raw_step(
        &mut self,
        declaration: &Declaration,
        name: &Name,
        path: &[Name],
        path_span: Span,
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
        engine: &'static dyn Engine,
        place: &Place,
    ) -> (Value, Vec<NodeId>) {
        let node = context.node.unwrap_or(NodeId(0));
        let Some((service, operation)) = self.operation_of(path, path_span) else {
            return (Value::error(path_span), Vec::new());
        };
        // PascalCase is the request's, lower case is the language's.
        let (mut common_entries, mut request_entries) = (Vec::new(), Vec::new());
        for entry in &body.entries {
            if let EntryKind::Field { key, .. } = &entry.kind
                && let Some(right) = self.request_member(&service, &operation, key)
            {
                let found = Diagnostic::new(&d::REQUEST_UNKNOWN, key.span, &[("place", &operation), ("member", &key.text)])
                    .help(format!("did you mean `{right}`? Members of a request begin with a capital letter"))
                    .fix(format!("Change to `{right}`"), key.span, right);
                self.report(found);
                return (Value::error(path_span), Vec::new());
            }
            let is_common = match &entry.kind {
                EntryKind::Field { key, .. } => starts_lower(&key.text) && !key.quoted,
                EntryKind::Shorthand(name) => starts_lower(&name.text),
                EntryKind::Typed(field) => starts_lower(&field.name.text),
                EntryKind::Computed { .. } | EntryKind::Spread(_) | EntryKind::Comprehension { .. } | EntryKind::Error => false,
            };
            if is_common { common_entries.push(entry.clone()) } else { request_entries.push(entry.clone()) }
        }
        let common_body = tree::Object { entries: common_entries, span: body.span };
        let common = match self.common_fields() {
            Some(info) => {
                let inner = Context { is_step: false, ..context.clone() };
                let fields = self.fields(&info, &[], &common_body, scope, &inner);
                let entries = fields.values.into_iter().map(|(key, value)| Entry::new(key, value)).collect();
                Value::object(Class::Plain, entries, name.span)
            }
            None => Value::none(name.span),
        };
        let request_body = tree::Object { entries: request_entries, span: body.span };
        let request = self.object(&request_body, scope, path_span);
        let Some(run) = engine.run_call(&self.facts, &service, &operation, path_span) else {
            let title = engine.title();
            let call = format!("aws.{service}.{operation}");
            self.report(Diagnostic::new(&d::CALL_ENGINE, path_span, &[("call", &call), ("engine", &title)]));
            return (Value::error(path_span), Vec::new());
        };
        let request = self.check_request(&service, &operation, &request, &[], context, Some(engine));
        let type_ = self.answer_type(engine, Some((&service, &operation)), None, &run);
        let response = Value::late(
            LateKind::Response { node, path: Vec::new() },
            type_,
            Stage::Run,
            Because { span: name.span, text: format_smolstr!("`{}` gives this while an execution runs", name.text) },
            name.span,
        );
        let after_value = common.get("after").cloned();
        let step = StepPlan {
            kind: format_smolstr!("aws.{service}.{operation}"),
            role: context.word.into(),
            call: Some(CallPlan { service, operation, request }),
            run,
            common,
            outputs: Vec::new(),
            results: Value::none(name.span),
        };
        let aws_name = self.step_name(name, Some(&step), scope, place);
        let after = self.after(after_value.as_ref());
        self.set_node(NodePlan {
            id: node,
            name: aws_name,
            span: name.span,
            whole: declaration.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
            parent: place.parent,
            data_edges: Vec::new(),
            after,
            kind: NodeKind::Step(Box::new(step)),
        });
        let value = Value::object(Class::Step(node), vec![Entry::new("response", response)], name.span);
        (value, vec![node])
    }

    /// A component: its steps stand in the workflow under its name.
    fn component(
        &mut self,
        info: &Arc<super::KindInfo>,
        arguments: &[tree::Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
        place: &Place,
    ) -> (Value, Vec<NodeId>) {
        if self.depth > 32 {
            self.report(Diagnostic::new(&d::RECURSION, context.name_span, &[("name", &info.kind.name)]));
            return (Value::error(context.name_span), Vec::new());
        }
        if !self.check_role(&info.kind, context) {
            return (Value::error(context.name_span), Vec::new());
        }
        let fields = self.fields(info, arguments, body, scope, context);
        if fields.values.iter().any(|(_, value)| value.is_error()) {
            return (Value::error(context.name_span), Vec::new());
        }
        let own: Vec<Entry> = fields
            .values
            .iter()
            .map(|(key, value)| Entry::new(key.clone(), value.clone()))
            .chain([Entry::new("name", Value::string(context.name.clone(), context.name_span))])
            .collect();
        let mut base = fields.values;
        base.push(("self".into(), Value::object(Class::Plain, own, context.name_span)));
        let given_name = fields.common.iter().find(|(key, _)| key == "name").and_then(|(_, name)| name.as_string().cloned());
        let prefix = match given_name {
            Some(name) => format_smolstr!("{}{name}-", place.prefix),
            None => format_smolstr!("{}-", context.name),
        };
        let inner_place = Place { parent: place.parent, prefix, suffix: place.suffix.clone(), is_component: true };
        let outer_outputs = self.workflow.as_mut().map(|state| std::mem::take(&mut state.outputs)).unwrap_or_default();
        self.depth += 1;
        let declarations = info.kind.own().body.declarations.clone();
        let nodes = self.run_block(&declarations, base, None, &inner_place);
        self.depth -= 1;
        let outputs =
            self.workflow.as_mut().map(|state| std::mem::replace(&mut state.outputs, outer_outputs)).unwrap_or_default();
        let after_value = fields.common.iter().find(|(key, _)| key == "after").map(|(_, value)| value.clone());
        let after = self.after(after_value.as_ref());
        if let Some(state) = &mut self.workflow {
            for node in &nodes {
                if let Some(Some(plan)) = state.nodes.get_mut(node.0 as usize) {
                    plan.after.extend(after.iter().cloned());
                }
            }
        }
        let entries = outputs.into_iter().map(|(name, value)| Entry::new(name, value)).collect();
        (Value::object(Class::Instance(info.kind.name.clone()), entries, context.name_span), nodes)
    }

    fn when(
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
                    kept.push(BranchPlan { condition: Some(condition.clone()), body: Vec::new(), span: branch.condition.span });
                }
                Data::Error => {
                    // The steps inside are looked at all the same.
                    places.push(Some(kept.len()));
                    kept.push(BranchPlan { condition: Some(condition.clone()), body: Vec::new(), span: branch.condition.span });
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
        let subject = kept.first().and_then(|branch| branch.condition.as_ref()).map(|c| self.subject(c)).unwrap_or_default();
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
            let value = self.fit(&value, &Type::STRING, Stage::Build, "`name`");
            value.as_string().map(|text| Name { text: text.clone(), span: value.span })
        });
        let name = match given {
            Some(given) => self.step_name(&given, None, scope, place),
            None => self.derived_name(&format!("{}{base}{}", place.prefix, place.suffix)),
        };
        let word = Span { end: declaration.span.start + 4, ..declaration.span };
        self.set_node(NodePlan {
            id,
            name,
            span: word,
            whole: declaration.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
            parent: place.parent,
            data_edges: Vec::new(),
            after: Vec::new(),
            kind: NodeKind::Condition { branches: kept },
        });
        Outcome::Node(id, places)
    }

    /// What a condition is about, for its name: the first value in it that is known later.
    fn subject(&self, value: &Value) -> String {
        match &value.data {
            Data::Late(late) => match &late.kind {
                LateKind::Operation { operands, .. } => {
                    operands.iter().map(|operand| self.subject(operand)).find(|text| !text.is_empty()).unwrap_or_default()
                }
                LateKind::Parameter(name) => name.to_string(),
                LateKind::Report { node, path, .. } | LateKind::Response { node, path } => {
                    let (step, _) = self.step_words(*node);
                    let last = path.iter().rev().find_map(|segment| match segment {
                        Segment::Member(name) | Segment::Key(name) => Some(name.clone()),
                        Segment::Index(_) | Segment::Where(..) => None,
                    });
                    match last {
                        Some(last) => format!("{step}-{last}"),
                        None => step.to_string(),
                    }
                }
                LateKind::Join { parts, .. } => {
                    parts.iter().map(|part| self.subject(part)).find(|text| !text.is_empty()).unwrap_or_default()
                }
                LateKind::Run(_)
                | LateKind::RunName(_)
                | LateKind::Aws(_)
                | LateKind::Attribute { .. }
                | LateKind::Item { .. }
                | LateKind::JsonAt { .. }
                | LateKind::Path(_) => String::new(),
            },
            _ => String::new(),
        }
    }

    /// `for x in list { }`: the body once for each element.
    fn for_loop(
        &mut self,
        names: &[Name],
        iterated: &Expression,
        body: &Block,
        block: usize,
        scope: &Scope<'_>,
        place: &Place,
    ) -> Vec<NodeId> {
        let value = self.evaluate(iterated, scope);
        let pairs: Vec<(Value, Value)> = match &value.data {
            Data::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (Value::new(Data::Int(index as i64), item.span), item.clone()))
                .collect(),
            Data::Object(object) if object.class == Class::Plain => object
                .entries
                .iter()
                .map(|entry| (Value::string(entry.key.clone(), entry.key_span), entry.value.clone()))
                .collect(),
            Data::Error => Vec::new(),
            Data::Late(late) => {
                let late = late.clone();
                self.report_late(value.span, &late, Stage::Build, "the list of a `for`");
                Vec::new()
            }
            _ => {
                let found = crate::types::show::describe_value(&value);
                self.report(Diagnostic::new(&d::NOT_ITERABLE, value.span, &[("found", &found)]));
                Vec::new()
            }
        };
        let is_map = matches!(&value.data, Data::Object(_));
        let mut nodes = Vec::new();
        let mut collected: FxHashMap<SmolStr, Vec<Value>> = FxHashMap::default();
        for (index, (key, item)) in pairs.into_iter().enumerate() {
            let base = match names {
                [one] => vec![(one.text.clone(), item.clone())],
                [first, second, ..] => vec![(first.text.clone(), key.clone()), (second.text.clone(), item.clone())],
                [] => Vec::new(),
            };
            let label = if is_map { &key } else { &item };
            let label = match &label.data {
                Data::String(text) => sanitized(text),
                Data::Int(number) => number.to_string(),
                Data::Object(object) => match object.get("name").and_then(|name| name.as_string()) {
                    Some(name) => sanitized(name),
                    None => index.to_string(),
                },
                _ => index.to_string(),
            };
            let suffix = format_smolstr!("{}-{label}", place.suffix);
            let inner = Place { suffix, ..place.clone() };
            let first_inner = self.blocks.len();
            nodes.extend(self.run_block(&body.declarations, base, Some(block), &inner));
            for declaration in &body.declarations {
                if let Some(name) = crate::resolve::declared_name(declaration)
                    && let Some(value) = self.blocks.get(first_inner).and_then(|inner| inner.values.get(&name.text)).cloned()
                {
                    collected.entry(name.text.clone()).or_default().push(value);
                }
            }
        }
        for declaration in &body.declarations {
            if let Some(name) = crate::resolve::declared_name(declaration) {
                let list = collected.remove(&name.text).unwrap_or_default();
                let value = if value.is_error() { Value::error(name.span) } else { Value::list(list, name.span) };
                self.blocks[block].values.entry(name.text.clone()).or_insert(value);
            }
        }
        nodes
    }

    /// `each x in list { }`: a loop while the execution runs.
    #[expect(clippy::too_many_arguments, reason = "the parts of one declaration")]
    fn each_loop(
        &mut self,
        declaration: &Declaration,
        names: &[Name],
        iterated: &Expression,
        body: &Block,
        block: usize,
        scope: &Scope<'_>,
        place: &Place,
    ) -> Vec<NodeId> {
        let items = self.evaluate(iterated, scope);
        let item_type = match super::types::type_of_value(&items).required() {
            Type::List(inner) => match (&**inner, items.as_list()) {
                // One element says less than the list: its literal type is widened.
                (Type::Int(_), Some(_)) => Type::INT,
                (Type::Float(_), Some(_)) => Type::FLOAT,
                (inner, _) => inner.clone(),
            },
            Type::String(_) | Type::Any | Type::Error => Type::Any,
            _ => {
                let found = crate::types::show::describe_value(&items);
                self.report(Diagnostic::new(&d::NOT_ITERABLE, items.span, &[("found", &found)]));
                return Vec::new();
            }
        };
        let id = self.new_node();
        let label = names.first().map(|name| name.text.clone()).unwrap_or_default();
        let name = self.derived_name(&format!("{}each-{label}{}", place.prefix, place.suffix));
        let (settings, inner): (Vec<Declaration>, Vec<Declaration>) =
            body.declarations.iter().cloned().partition(|d| matches!(d.kind, DeclarationKind::Setting { .. }));
        let entries = settings
            .into_iter()
            .filter_map(|declaration| match declaration.kind {
                DeclarationKind::Setting { name, value } => {
                    Some(TreeEntry { doc: None, span: declaration.span, kind: EntryKind::Field { key: name, value } })
                }
                _ => None,
            })
            .collect();
        let settings_body = tree::Object { entries, span: Some(declaration.span) };
        let settings = self.settings("each_settings", "each", &settings_body, declaration.span, scope);
        let base: Vec<(SmolStr, Value)> = names
            .iter()
            .take(1)
            .map(|name| {
                let text = format_smolstr!("`{}` is another one in each turn of the loop", name.text);
                let because = Because { span: name.span, text };
                let kind = LateKind::Item { node: id, path: Vec::new() };
                (name.text.clone(), Value::late(kind, item_type.clone(), Stage::Run, because, name.span))
            })
            .collect();
        let word = Span { end: declaration.span.start + 4, ..declaration.span };
        self.set_node(NodePlan {
            id,
            name,
            span: word,
            whole: declaration.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
            parent: place.parent,
            data_edges: Vec::new(),
            after: Vec::new(),
            kind: NodeKind::Each {
                items,
                settings: Value { data: Data::Object(settings), span: declaration.span },
                body: Vec::new(),
            },
        });
        let inner_place = Place { parent: Some((id, 0)), ..place.clone() };
        let turn = self.turn(&base, iterated.span);
        if let Some(state) = &mut self.workflow {
            state.turns.extend(turn);
        }
        let nodes = self.run_block(&inner, base, Some(block), &inner_place);
        if let Some(state) = &mut self.workflow {
            state.turns.pop();
        }
        if let Some(Some(node)) = self.workflow.as_mut().and_then(|state| state.nodes.get_mut(id.0 as usize))
            && let NodeKind::Each { body, .. } = &mut node.kind
        {
            *body = nodes;
        }
        for declaration in &inner {
            if let Some(name) = crate::resolve::declared_name(declaration) {
                let text = format_smolstr!("`{}` runs once in each turn of the loop", name.text);
                let value = Value::late(
                    LateKind::Operation {
                        name: "results of the loop".into(),
                        operands: vec![Value::late(
                            LateKind::Response { node: id, path: Vec::new() },
                            Type::Any,
                            Stage::Run,
                            Because { span: name.span, text: text.clone() },
                            name.span,
                        )],
                    },
                    Type::Any,
                    Stage::Run,
                    Because { span: name.span, text },
                    name.span,
                );
                self.blocks[block].values.entry(name.text.clone()).or_insert(value);
            }
        }
        vec![id]
    }

    /// A part of the item that is text or a number, for locations: the item itself, or its first such member.
    fn turn(&mut self, base: &[(SmolStr, Value)], place: Span) -> Option<Value> {
        let (_, item) = base.first()?;
        let late = item.as_late()?.clone();
        match &late.type_ {
            Type::Record(record) => {
                let scalar = |type_: &Type| matches!(type_, Type::String(_) | Type::Int(_) | Type::Literals(_) | Type::Uri);
                let name = record.fields.iter().find(|field| scalar(&field.type_)).map(|field| field.name.clone())?;
                Some(self.extend(&late, Segment::Member(name), place, place))
            }
            _ => Some(item.clone()),
        }
    }

    /// Puts nodes into the branches they stand in; gives those of the outermost scope, in the order of the text.
    fn assemble(&mut self, units: &[Unit<'_>], outcomes: &[Outcome], place: &Place) -> Vec<NodeId> {
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
                    if let Some(Some(plan)) = self.workflow.as_mut().and_then(|state| state.nodes.get_mut(node.0 as usize))
                        && let NodeKind::Condition { branches } = &mut plan.kind
                        && let Some(branch) = branches.get_mut(branch)
                    {
                        branch.body.extend(own);
                    }
                }
                None => outer.extend(own),
            }
        }
        let _ = place;
        outer
    }

    /// Edges by data, and what can never run.
    fn finish_edges(&mut self, plan: &mut WorkflowPlan) {
        let count = plan.nodes.len();
        let index: FxHashMap<NodeId, usize> = plan.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        // Ids become places in the list; steps with findings leave gaps.
        if plan.nodes.iter().enumerate().any(|(at, node)| node.id.0 as usize != at) {
            // A plan with gaps has errors and is never written.
            plan.body.retain(|id| index.contains_key(id));
        }
        for at in 0..count {
            let node = &plan.nodes[at];
            let mut found: Vec<NodeId> = Vec::new();
            match &node.kind {
                NodeKind::Step(step) => {
                    if let Some(call) = &step.call {
                        call.request.collect_nodes(&mut found);
                    }
                    step.run.collect_nodes(&mut found);
                }
                NodeKind::Condition { branches } => {
                    for branch in branches {
                        if let Some(condition) = &branch.condition {
                            condition.collect_nodes(&mut found);
                        }
                    }
                }
                NodeKind::Each { items, .. } => items.collect_nodes(&mut found),
                NodeKind::Fail { message } => message.collect_nodes(&mut found),
            }
            let own = node.id;
            found.retain(|id| *id != own && index.contains_key(id));
            found.sort_unstable();
            found.dedup();
            plan.nodes[at].data_edges = found;
        }
        fail_last(plan, &index);
        self.check_branches(plan, &index);
        self.check_locations(plan, &index);
    }

    /// Two outputs in one place overwrite each other, unless only one of their steps ever runs.
    fn check_locations(&mut self, plan: &WorkflowPlan, index: &FxHashMap<NodeId, usize>) {
        let branches = |id: NodeId| -> Vec<(NodeId, usize)> {
            let parent = |id: &NodeId| index.get(id).and_then(|at| plan.nodes[*at].parent);
            std::iter::successors(parent(&id), |(node, _)| parent(node)).collect()
        };
        let mut written: FxHashMap<String, (NodeId, SmolStr, Span)> = FxHashMap::default();
        for node in &plan.nodes {
            let NodeKind::Step(step) = &node.kind else { continue };
            for output in step.outputs.iter().filter(|output| output.type_.is_data()) {
                let Some(place) = location_text(&output.uri) else { continue };
                let place = place.trim_end_matches('/').to_owned();
                let name = format_smolstr!("{}.{}", node.name, output.name);
                let Some((first, first_name, first_span)) = written.get(&place).cloned() else {
                    written.insert(place, (node.id, name, output.uri.span));
                    continue;
                };
                let others = branches(first);
                if first_name == name {
                    // Two steps with one name, which has its finding.
                    continue;
                }
                let apart = branches(node.id).iter().any(|(when, branch)| others.iter().any(|(w, b)| w == when && b != branch));
                if !apart {
                    let found = Diagnostic::new(
                        &d::SAME_PREFIX,
                        output.uri.span,
                        &[("first", &first_name), ("second", &name), ("uri", &place)],
                    );
                    self.report(found.related(first_span, format!("`{first_name}` writes there")));
                }
            }
        }
    }

    /// A node that needs two branches of one condition never starts.
    fn check_branches(&mut self, plan: &WorkflowPlan, index: &FxHashMap<NodeId, usize>) {
        let ancestors = |id: NodeId| -> Vec<(NodeId, usize)> {
            let mut list = Vec::new();
            let mut at = index.get(&id).and_then(|at| plan.nodes[*at].parent);
            while let Some((node, branch)) = at {
                list.push((node, branch));
                at = index.get(&node).and_then(|at| plan.nodes[*at].parent);
            }
            list
        };
        for node in &plan.nodes {
            let mut needs: Vec<(NodeId, usize, NodeId)> =
                ancestors(node.id).into_iter().map(|(condition, branch)| (condition, branch, node.id)).collect();
            let before = node.data_edges.iter().copied().chain(node.after.iter().filter(|a| a.on == "success").map(|a| a.node));
            for other in before {
                for (condition, branch) in ancestors(other) {
                    if let Some((_, _, first)) = needs.iter().find(|(c, b, _)| *c == condition && *b != branch) {
                        let is_own = *first == node.id;
                        let words = |id: NodeId| index.get(&id).map(|at| plan.nodes[*at].name.clone()).unwrap_or_default();
                        let other_span = index.get(&other).map_or(Span::NONE, |at| plan.nodes[*at].span);
                        let first_span = index.get(first).map_or(Span::NONE, |at| plan.nodes[*at].span);
                        let (first_name, other_name) = (words(*first), words(other));
                        let problem = if is_own {
                            format!("it stands in one branch and needs `{other_name}`, which stands in another")
                        } else {
                            format!("it needs `{first_name}` and `{other_name}`, which stand in different branches")
                        };
                        let mut found =
                            Diagnostic::new(&d::NEVER_RUNS, node.span, &[("name", &node.name), ("problem", &problem)])
                        .related(other_span, format!("`{other_name}` is in one branch"));
                        if !is_own {
                            found = found.related(first_span, format!("`{first_name}` is in another"));
                        }
                        self.report(found);
                        break;
                    }
                    needs.push((condition, branch, other));
                }
            }
        }
    }

    /// `pipeline name { … }`: the document as it is written.
    pub(crate) fn raw_pipeline(&mut self, declaration: &Declaration, name: &Name, body: &Block) -> WorkflowPlan {
        let scope = Scope::file();
        let mut settings = Vec::new();
        let mut steps: Vec<RawStep> = Vec::new();
        for inner in &body.declarations {
            match &inner.kind {
                DeclarationKind::Setting { name, value } => {
                    let value = self.evaluate(value, &scope);
                    settings.push(Entry { key: name.text.clone(), key_span: name.span, value, unchecked: false });
                }
                DeclarationKind::Raw { name, value, .. } => self.raw_member(name.text.clone(), name.span, value, &scope, &mut steps),
                DeclarationKind::Binding { word: Binding::Step, name, value, .. } => {
                    self.raw_member(name.text.clone(), name.span, value, &scope, &mut steps);
                }
                DeclarationKind::Error => {}
                _ => self.misplaced(inner, "a `pipeline`", "settings and `step name = Type { … }`"),
            }
        }
        WorkflowPlan {
            name: name.text.clone(),
            span: name.span,
            doc: declaration.doc.as_ref().map(|doc| doc.text.clone()),
            engine: "pipeline".into(),
            engine_reason: "it is written out step by step".into(),
            parameters: Vec::new(),
            settings: Arc::new(Object { class: Class::Plain, entries: Vec::new() }),
            nodes: Vec::new(),
            body: Vec::new(),
            raw: Some(RawPlan { settings: Value::object(Class::Plain, settings, name.span), steps }),
        }
    }

    fn not_a_raw_step(&mut self, name: &str, span: Span) {
        let found = Diagnostic::new(&d::RAW_STEP, span, &[("name", &name)]);
        self.report(found.help(format!("write `step {name} = Training {{ Arguments = {{ … }} }}`")));
    }

    fn raw_member(&mut self, name: SmolStr, name_span: Span, value: &Expression, scope: &Scope<'_>, steps: &mut Vec<RawStep>) {
        let ExpressionKind::Apply { callee, arguments: None, body } = &*value.kind else {
            if !matches!(&*value.kind, ExpressionKind::Error) {
                self.not_a_raw_step(&name, value.span);
            }
            return;
        };
        let ExpressionKind::Name(type_) = &*callee.kind else {
            self.not_a_raw_step(&name, callee.span);
            return;
        };
        if let Some(first) = steps.iter().find(|step| step.name == name) {
            let found =
                Diagnostic::new(&d::STEP_NAME_TWICE, name_span, &[("name", &name)]).related(first.name_span, "the first one");
            self.report(found);
        }
        let members = self.object(body, scope, value.span);
        steps.push(RawStep { name, name_span, type_: type_.clone(), type_span: callee.span, members });
    }
}

/// A `fail` waits for all that stands beside it, since it ends the execution.
fn fail_last(plan: &mut WorkflowPlan, index: &FxHashMap<NodeId, usize>) {
    let mut scopes: Vec<Vec<NodeId>> = vec![plan.body.clone()];
    for node in &plan.nodes {
        if let NodeKind::Condition { branches } = &node.kind {
            scopes.extend(branches.iter().map(|branch| branch.body.clone()));
        }
    }
    for scope in scopes {
        let is_fail = |id: &NodeId| {
            index.get(id).is_some_and(|at| matches!(plan.nodes[*at].kind, NodeKind::Fail { .. }))
        };
        let (fails, others): (Vec<NodeId>, Vec<NodeId>) = scope.iter().copied().partition(is_fail);
        if fails.is_empty() || others.is_empty() {
            continue;
        }
        // Those that others wait for have ended when the others have.
        let awaited: Vec<NodeId> = others
            .iter()
            .filter_map(|id| index.get(id))
            .flat_map(|at| {
                let node = &plan.nodes[*at];
                node.data_edges.iter().copied().chain(node.after.iter().map(|after| after.node)).collect::<Vec<_>>()
            })
            .collect();
        let last: Vec<NodeId> = others.into_iter().filter(|id| !awaited.contains(id)).collect();
        for fail in fails {
            let Some(at) = index.get(&fail) else { continue };
            let span = plan.nodes[*at].span;
            let own = plan.nodes[*at].data_edges.clone();
            let after = last.iter().filter(|id| !own.contains(id));
            let after: Vec<After> = after.map(|node| After { node: *node, span, on: "success".into() }).collect();
            plan.nodes[*at].after.extend(after);
        }
    }
}

fn optional_step(late: &Late) -> Option<NodeId> {
    let LateKind::Operation { name, operands } = &late.kind else { return None };
    if name != "optional" && name != "results of the loop" {
        return None;
    }
    if let Some(Data::Late(inner)) = operands.first().map(|value| &value.data)
        && let LateKind::Response { node, .. } = inner.kind
    {
        return Some(node);
    }
    match operands.first().map(|value| &value.data) {
        Some(Data::Object(object)) => match object.class {
            Class::Step(node) => Some(node),
            _ => None,
        },
        _ => None,
    }
}

/// A location as a text that is the same for the same location; `None` where it holds what a step gives.
fn location_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Late(late) => match &late.kind {
            LateKind::Parameter(name) => Some(format!("${{{name}}}")),
            LateKind::Run(name) => Some(format!("${{run.{name}}}")),
            LateKind::Aws(name) => Some(format!("${{aws.{name}}}")),
            LateKind::Join { separator, parts } => {
                parts.iter().map(location_text).collect::<Option<Vec<_>>>().map(|parts| parts.join(separator))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `name = "…"` of a body, where it is plain text.
fn own_name(body: &tree::Object) -> Option<SmolStr> {
    body.entries.iter().find_map(|entry| match &entry.kind {
        EntryKind::Field { key, value } if key.text == "name" => match &*value.kind {
            ExpressionKind::String(parts) => match parts.as_slice() {
                [StringPart::Text(text)] => Some(text.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

fn starts_lower(name: &str) -> bool {
    name.chars().next().is_some_and(|first| first.is_lowercase())
}

fn sanitized(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).collect()
}

/// Calls `found` for every name in an expression, with the members that follow it.
pub(crate) fn walk_names(expression: &Expression, found: &mut dyn FnMut(&str, &[SmolStr])) {
    match &*expression.kind {
        ExpressionKind::Name(name) => found(name, &[]),
        ExpressionKind::Member { base, name, .. } => {
            let mut path = vec![name.text.clone()];
            let mut at = base.clone();
            loop {
                let next = match &*at.kind {
                    ExpressionKind::Member { base, name, .. } => {
                        path.push(name.text.clone());
                        base.clone()
                    }
                    ExpressionKind::Name(first) => {
                        path.reverse();
                        found(first, &path);
                        return;
                    }
                    _ => break,
                };
                at = next;
            }
            walk_names(&at, found);
        }
        ExpressionKind::Group(inner) => walk_names(inner, found),
        ExpressionKind::String(parts) => {
            for part in parts {
                if let StringPart::Interpolation(inner) = part {
                    walk_names(inner, found);
                }
            }
        }
        ExpressionKind::Index { base, index } => {
            walk_names(base, found);
            walk_names(index, found);
        }
        ExpressionKind::Call { callee, arguments } => {
            walk_names(callee, found);
            arguments.iter().for_each(|argument| walk_names(&argument.value, found));
        }
        // What is applied is a kind, whatever a step beside it is called.
        ExpressionKind::Apply { arguments, body, .. } => {
            arguments.iter().flatten().for_each(|argument| walk_names(&argument.value, found));
            walk_object(body, found);
        }
        ExpressionKind::Object(object) => walk_object(object, found),
        ExpressionKind::List(elements) => elements.iter().for_each(|element| walk_names(&element.value, found)),
        ExpressionKind::ListComprehension { clause, element } => {
            walk_clause(clause, found);
            walk_names(element, found);
        }
        ExpressionKind::Unary { operand, .. } => walk_names(operand, found),
        ExpressionKind::Binary { left, right, .. } => {
            walk_names(left, found);
            walk_names(right, found);
        }
        ExpressionKind::If { condition, then, otherwise } => {
            walk_names(condition, found);
            walk_names(then, found);
            if let Some(otherwise) = otherwise {
                walk_names(otherwise, found);
            }
        }
        ExpressionKind::Machine(block) | ExpressionKind::Pipeline(block) => {
            block.declarations.iter().for_each(|declaration| walk_declaration(declaration, found));
        }
        ExpressionKind::None
        | ExpressionKind::Null
        | ExpressionKind::Bool(_)
        | ExpressionKind::Int(_)
        | ExpressionKind::Float(_)
        | ExpressionKind::Quantity { .. }
        | ExpressionKind::Jsonata(_)
        | ExpressionKind::Error => {}
    }
}

fn walk_clause(clause: &tree::ForClause, found: &mut dyn FnMut(&str, &[SmolStr])) {
    walk_names(&clause.iterated, found);
    if let Some(condition) = &clause.condition {
        walk_names(condition, found);
    }
}

fn walk_object(object: &tree::Object, found: &mut dyn FnMut(&str, &[SmolStr])) {
    for entry in &object.entries {
        match &entry.kind {
            EntryKind::Field { value, .. } => walk_names(value, found),
            EntryKind::Typed(field) => {
                if let Some(default) = &field.default {
                    walk_names(default, found);
                }
            }
            EntryKind::Shorthand(name) => found(&name.text, &[]),
            EntryKind::Computed { key, value } => {
                walk_names(key, found);
                walk_names(value, found);
            }
            EntryKind::Spread(value) => walk_names(value, found),
            EntryKind::Comprehension { clause, key, value } => {
                walk_clause(clause, found);
                walk_names(key, found);
                walk_names(value, found);
            }
            EntryKind::Error => {}
        }
    }
}

/// The names a declaration reads itself; those of a `when`'s blocks are read by their own declarations.
fn walk_declaration(declaration: &Declaration, found: &mut dyn FnMut(&str, &[SmolStr])) {
    match &declaration.kind {
        DeclarationKind::Let { value, .. }
        | DeclarationKind::Binding { value, .. }
        | DeclarationKind::Setting { value, .. }
        | DeclarationKind::Output { value, .. }
        | DeclarationKind::Raw { value, .. } => walk_names(value, found),
        DeclarationKind::Param { default: Some(default), .. } => walk_names(default, found),
        DeclarationKind::When { branches, .. } => branches.iter().for_each(|branch| walk_names(&branch.condition, found)),
        DeclarationKind::For { iterated, body, .. } | DeclarationKind::Each { iterated, body, .. } => {
            walk_names(iterated, found);
            body.declarations.iter().for_each(|declaration| walk_all(declaration, found));
        }
        DeclarationKind::Fail { message } => walk_names(message, found),
        DeclarationKind::Try { body } | DeclarationKind::OnFailure { body, .. } => {
            body.declarations.iter().for_each(|declaration| walk_all(declaration, found));
        }
        _ => {}
    }
}

/// The names a declaration and all blocks inside it read.
fn walk_all(declaration: &Declaration, found: &mut dyn FnMut(&str, &[SmolStr])) {
    walk_declaration(declaration, found);
    if let DeclarationKind::When { branches, otherwise } = &declaration.kind {
        for block in branches.iter().map(|branch| &branch.body).chain(otherwise) {
            block.declarations.iter().for_each(|declaration| walk_all(declaration, found));
        }
    }
}
