//! Loops: `for`, which is written out when the file is built, and `each`, which runs in an execution.

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::workflow::{Node, Place};
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::NodeKind;
use crate::source::Span;
use crate::syntax::tree::{self, Block, Declaration, DeclarationKind, Entry as TreeEntry, EntryKind, Expression, Name};
use crate::types::{Because, Class, Data, LateKind, NodeId, Segment, Stage, Type, Value};

impl Evaluator<'_> {
    /// `for x in list { }`: the body once for each element.
    pub(super) fn for_loop(
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
                    && let Some(value) =
                        self.blocks.get(first_inner).and_then(|inner| inner.values.get(&name.text)).cloned()
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
    pub(super) fn each_loop(
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
            known if self.answered_item(known).is_some() => self.answered_item(known).unwrap_or(Type::Any),
            known if known.is_data() => match self.row_type(known, &items) {
                Some(row) => row,
                None => return Vec::new(),
            },
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
        let settings = self.rows_settings(&items, settings, &name, declaration.span);
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
        let kind = NodeKind::Each {
            items: items.clone(),
            settings: Value { data: Data::Object(settings), span: declaration.span },
            body: Vec::new(),
        };
        let node = Node { id, name, span: word, after: Vec::new(), kind };
        self.set_node(node, declaration, place);
        let inner_place = Place { parent: Some((id, 0)), ..place.clone() };
        let turn = self.turn(&base, iterated.span);
        if let Some(state) = &mut self.workflow {
            state.turns.extend(turn);
        }
        let first_inner = self.blocks.len();
        let nodes = self.run_block(&inner, base, Some(block), &inner_place);
        if let Some(state) = &mut self.workflow {
            state.turns.pop();
        }
        let of_body = nodes.clone();
        if let Some(Some(node)) = self.workflow.as_mut().and_then(|state| state.nodes.get_mut(id.0 as usize))
            && let NodeKind::Each { body, .. } = &mut node.kind
        {
            *body = nodes;
        }
        for declaration in &inner {
            if let Some(name) = crate::resolve::declared_name(declaration) {
                let inside = self.blocks.get(first_inner).and_then(|inner| inner.values.get(&name.text)).cloned();
                if let Some(list) = inside.and_then(|inside| self.turns_of(id, &of_body, &items, &inside)) {
                    self.blocks[block].values.entry(name.text.clone()).or_insert(list);
                    continue;
                }
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
    pub(super) fn turn(&mut self, base: &[(SmolStr, Value)], place: Span) -> Option<Value> {
        let (_, item) = base.first()?;
        let late = item.as_late()?.clone();
        match &late.type_ {
            Type::Record(record) => {
                let scalar =
                    |type_: &Type| matches!(type_, Type::String(_) | Type::Int(_) | Type::Literals(_) | Type::Uri);
                let name = record.fields.iter().find(|field| scalar(&field.type_)).map(|field| field.name.clone())?;
                Some(self.extend(&late, Segment::Member(name), place, place))
            }
            _ => Some(item.clone()),
        }
    }
}

pub(super) fn sanitized(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).collect()
}
