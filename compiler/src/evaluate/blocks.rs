//! The blocks of a workflow: which names each declares, and what they stand for from where.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::Evaluator;
use super::walk::walk_declaration;
use super::workflow::Unit;
use crate::diagnostics::{self as d, Diagnostic};
use crate::kinds::word_of;
use crate::source::Span;
use crate::syntax::tree::{Declaration, DeclarationKind, ExpressionKind, Name};
use crate::types::{Because, Class, Data, LateKind, NodeId, Stage, Type, Value};

impl Evaluator<'_> {
    pub(super) fn new_block(&mut self, parent: Option<usize>, base: Vec<(SmolStr, Value)>) -> usize {
        self.blocks.push(BlockScope {
            parent,
            base,
            names: FxHashMap::default(),
            conditional: FxHashMap::default(),
            values: FxHashMap::default(),
        });
        self.blocks.len() - 1
    }

    pub(super) fn collect<'t>(
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
                DeclarationKind::For { body, .. }
                | DeclarationKind::Each { body, .. }
                | DeclarationKind::Try { body } => {
                    // From outside, a name of a loop's body stands for the list of what it was in each turn.
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

    pub(super) fn enter_name(&mut self, block: usize, name: &Name, unit: usize) {
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

    /// The value of a name. Where it is declared twice, which has its finding, the first declaration counts.
    pub(super) fn enter_value(&mut self, block: usize, name: &Name, value: Value) {
        self.note(name.span, &value);
        let scope = &mut self.blocks[block];
        if scope.names.get(&name.text).is_none_or(|slot| slot.span == name.span || slot.block != block) {
            scope.values.insert(name.text.clone(), value);
        }
    }

    /// What must be evaluated before what.
    pub(super) fn unit_edges(&self, units: &[Unit<'_>], first_block: usize) -> Vec<(u32, u32)> {
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

    pub(super) fn slots(&self, block: usize, name: &str) -> Vec<Slot> {
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

    pub(super) fn report_cycle(&mut self, units: &[Unit<'_>], cycle: &[u32]) {
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
    pub(super) fn conditional_name(&mut self, name: &str, slots: &[Slot], place: Span) -> Value {
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
                let text =
                    format_smolstr!("`{name}` runs only in a branch of this `when`, so outside it there may be none");
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

    pub(super) fn is_below_condition(&self, node: NodeId) -> bool {
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
}

/// The names of one block of a workflow.
pub(crate) struct BlockScope {
    pub(super) parent: Option<usize>,
    /// Names that are there from the start: loop variables, a component's fields.
    pub(super) base: Vec<(SmolStr, Value)>,
    pub(super) names: FxHashMap<SmolStr, Slot>,
    /// Names of blocks below that run only sometimes.
    pub(super) conditional: FxHashMap<SmolStr, Vec<Slot>>,
    pub(super) values: FxHashMap<SmolStr, Value>,
}

#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) unit: usize,
    pub(super) span: Span,
    /// The block in which the name is declared.
    pub(super) block: usize,
}
