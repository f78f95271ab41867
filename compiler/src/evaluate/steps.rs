//! Steps of a workflow: applications of kinds and components, calls written by hand, pipelines written out, and the names
//! that they have in AWS.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::application::Context;
use super::workflow::{Node, Place};
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic};
use crate::plan::{After, CallPlan, Engine, NodeKind, RawPlan, RawStep, StepPlan, WorkflowPlan};
use crate::source::Span;
use crate::syntax::tree::{
    self, Binding, Block, Declaration, DeclarationKind, EntryKind, Expression, ExpressionKind, Name, StringPart,
};
use crate::types::{Because, Class, Data, Entry, Late, LateKind, NodeId, Object, Segment, Stage, Value};

impl Evaluator<'_> {
    /// Words for a step in a message: its name and kind.
    pub(crate) fn step_words(&self, node: NodeId) -> (SmolStr, SmolStr) {
        match self.workflow.as_ref().and_then(|state| state.nodes.get(node.0 as usize)).and_then(Option::as_ref) {
            Some(node) => match &node.kind {
                NodeKind::Step(step) => (node.name.clone(), step.kind.clone()),
                NodeKind::Condition { .. }
                | NodeKind::Each { .. }
                | NodeKind::Fail { .. }
                | NodeKind::Try { .. }
                | NodeKind::Start(_) => (node.name.clone(), "".into()),
            },
            None => ("the step".into(), "its kind".into()),
        }
    }

    /// The AWS-side name of a step: as declared, or as `name = "…"` says.
    pub(super) fn step_name(
        &mut self,
        declared: &Name,
        plan: Option<&StepPlan>,
        scope: &Scope<'_>,
        place: &Place,
    ) -> SmolStr {
        let slots = scope.block_id().map(|block| self.slots(block, &declared.text)).unwrap_or_default();
        let is_repeated = plan.is_some() && slots.first().is_some_and(|slot| slot.span != declared.span);
        let given = plan.and_then(|plan| plan.common.get("name")).filter(|value| !value.is_none());
        let (text, span) = match given.and_then(|value| value.as_string().map(|text| (text.clone(), value.span))) {
            Some((text, span)) => (text, span),
            None => (declared.text.clone(), declared.span),
        };
        let name = format_smolstr!("{}{text}{}", place.prefix, place.suffix);
        let problem = self.step_engine(&name).and_then(|engine| engine.step_name_problem(&name));
        if let Some(problem) = problem {
            self.report(Diagnostic::new(&d::STEP_NAME, span, &[("name", &name), ("problem", &problem)]));
        }
        let first = self.workflow.as_ref().and_then(|state| state.step_names.get(&name).copied());
        match first {
            // Declared twice, which has its finding.
            Some(_) if given.is_none() && is_repeated => {}
            Some(first) => {
                let found =
                    Diagnostic::new(&d::STEP_NAME_TWICE, span, &[("name", &name)]).related(first, "the first one");
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
    pub(super) fn derived_name(&mut self, base: &str) -> SmolStr {
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

    /// What a branch is called; nothing where what holds it has no name yet.
    pub(super) fn branch_name(&self, node: NodeId, branch: usize) -> Option<SmolStr> {
        let state = self.workflow.as_ref();
        let node = state.and_then(|state| state.nodes.get(node.0 as usize)).and_then(Option::as_ref)?;
        Some(match &node.kind {
            NodeKind::Condition { branches } if branches.get(branch).is_some_and(|b| b.condition.is_none()) => {
                format_smolstr!("{}-else", node.name)
            }
            _ if branch > 0 => format_smolstr!("{}-else-{branch}", node.name),
            _ => node.name.clone(),
        })
    }

    /// A step, or the steps of a component.
    pub(super) fn step(
        &mut self,
        declaration: &Declaration,
        word: Binding,
        name: &Name,
        value: &Expression,
        scope: &Scope<'_>,
        place: &Place,
    ) -> (Value, Vec<NodeId>) {
        let no_body = tree::Object { entries: Vec::new(), span: Some(value.span.at_end()) };
        let (callee, arguments, body) = match &*value.kind {
            ExpressionKind::Apply { callee, arguments, body } => (callee, arguments.as_deref().unwrap_or(&[]), body),
            ExpressionKind::Call { callee, arguments } => (callee, arguments.as_slice(), &no_body),
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
        // The own name decides where outputs go, and on which engine it runs, so it is looked at before the rest.
        let own = own_name(body).map(|text| format_smolstr!("{}{text}{}", place.prefix, place.suffix));
        let Some(engine) = self.step_engine(own.as_ref().unwrap_or(&context.name)) else {
            return (Value::error(value.span), Vec::new());
        };
        if let Some((path, path_span)) = self.raw_path(callee, scope) {
            let node = self.new_node();
            context.node = Some(node);
            return self.raw_step(declaration, name, &path, path_span, body, scope, &context, engine, place);
        }
        let Some(global) = self.kind_of(callee, scope) else {
            self.unknown_kind(callee, &context);
            return (Value::error(value.span), Vec::new());
        };
        let Some(info) = self.kind(global) else { return (Value::error(value.span), Vec::new()) };
        if info.kind.own().is_component {
            return self.component(&info, arguments, body, scope, &context, place);
        }
        let node = self.new_node();
        context.node = Some(node);
        if let Some(name) = own {
            context.name = name;
        }
        let applied = self.apply(&info, arguments, body, scope, &context, Some(engine));
        let Some(step) = applied.step else { return (applied.value, Vec::new()) };
        let aws_name = self.step_name(name, Some(&step), scope, place);
        let after = self.after(applied.after.as_ref());
        let kind = NodeKind::Step(Box::new(step));
        let made = Node { id: node, name: aws_name, span: name.span, after, kind };
        self.set_node(made, declaration, place);
        (applied.value, vec![node])
    }

    pub(super) fn after(&mut self, value: Option<&Value>) -> Vec<After> {
        let Some(items) = value.and_then(Value::as_list).cloned() else { return Vec::new() };
        let mut list = Vec::new();
        for item in items.iter() {
            let (step, on) = match &item.data {
                Data::Object(object) if object.class == Class::Plain => {
                    let on =
                        object.get("on").and_then(|on| on.as_string().cloned()).unwrap_or_else(|| "success".into());
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
            // The turns of a loop are one to wait for.
            if let Some(node) = node
                && !list.iter().any(|other: &After| other.node == node && other.on == on)
            {
                list.push(After { node, span: item.span, on });
            }
        }
        list
    }

    /// `step x = aws.service.Operation { … }`.
    #[expect(clippy::too_many_arguments, reason = "the parts of one declaration")]
    pub(super) fn raw_step(
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
        let run = engine.run_call(&self.facts, &service, &operation, path_span);
        let has_settings = run.as_ref().is_some_and(|run| run.get("integration").is_some());
        // PascalCase is the request's, lower case is the language's.
        let (mut common_entries, mut request_entries) = (Vec::new(), Vec::new());
        for entry in &body.entries {
            if let EntryKind::Field { key, .. } = &entry.kind
                && !(has_settings && self.is_call_setting(entry))
                && let Some(right) = self.request_member(&service, &operation, key)
            {
                let found =
                    Diagnostic::new(&d::REQUEST_UNKNOWN, key.span, &[("place", &operation), ("member", &key.text)])
                        .help(format!("did you mean `{right}`? Members of a request begin with a capital letter"))
                        .fix(format!("Change to `{right}`"), key.span, right);
                self.report(found);
                return (Value::error(path_span), Vec::new());
            }
            let is_common = match &entry.kind {
                EntryKind::Field { key, .. } => starts_lower(&key.text) && !key.quoted,
                EntryKind::Shorthand(name) => starts_lower(&name.text),
                EntryKind::Typed(field) => starts_lower(&field.name.text),
                EntryKind::Computed { .. }
                | EntryKind::Spread(_)
                | EntryKind::Comprehension { .. }
                | EntryKind::Error => false,
            };
            if is_common { common_entries.push(entry.clone()) } else { request_entries.push(entry.clone()) }
        }
        let (steering, common_entries): (Vec<_>, Vec<_>) =
            common_entries.into_iter().partition(|entry| self.is_call_setting(entry));
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
        let naming = std::mem::replace(&mut self.naming, node);
        let request = self.object(&request_body, scope, path_span);
        self.naming = naming;
        let Some(run) = run else {
            let title = engine.title();
            let call = format!("aws.{service}.{operation}");
            self.refuse(Diagnostic::new(&d::CALL_ENGINE, path_span, &[("call", &call), ("engine", &title)]));
            return (Value::error(path_span), Vec::new());
        };
        let has_own_settings = !steering.is_empty();
        let fits_first = !has_own_settings
            && self
                .probed()
                .is_some_and(|first| first.run_call(&self.facts, &service, &operation, path_span).is_some());
        let run = self.call_settings(run, steering, scope, path_span, engine);
        let request = self.check_request(&service, &operation, request, &[], context, Some(engine));
        let way = run.get("integration").and_then(|way| way.as_string().cloned()).unwrap_or_default();
        let mut statements = self.call_grants(&service, &operation, &way, &request, context);
        statements.extend(self.handed_roles(&request, context.name_span));
        self.enter_runner(statements, &context.name);
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
            call: Some(CallPlan { service, operation, returns: None, request }),
            fits_first,
            needs_first: false,
            run,
            common,
            outputs: Vec::new(),
            writes: Vec::new(),
            results: Value::none(name.span),
        };
        let aws_name = self.step_name(name, Some(&step), scope, place);
        let after = self.after(after_value.as_ref());
        let kind = NodeKind::Step(Box::new(step));
        let made = Node { id: node, name: aws_name, span: name.span, after, kind };
        self.set_node(made, declaration, place);
        let value = Value::object(Class::Step(node), vec![Entry::new("response", response)], name.span);
        (value, vec![node])
    }

    /// A component: its steps stand in the workflow under its name.
    pub(super) fn component(
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
        let given_name =
            fields.common.iter().find(|(key, _)| key == "name").and_then(|(_, name)| name.as_string().cloned());
        let prefix = match given_name {
            Some(name) => format_smolstr!("{}{name}-", place.prefix),
            None => format_smolstr!("{}-", context.name),
        };
        let inner_place = Place { parent: place.parent, prefix, suffix: place.suffix.clone(), is_component: true };
        let outer_outputs = self.workflow.as_mut().map(|state| std::mem::take(&mut state.outputs)).unwrap_or_default();
        self.depth += 1;
        let declarations = info.kind.own().body.declarations.clone();
        let asker = self.deploying.asker;
        if self.is_users(context.name_span) {
            self.deploying.asker = context.name_span;
        }
        let nodes = self.run_block(&declarations, base, None, &inner_place);
        self.deploying.asker = asker;
        self.depth -= 1;
        let outputs = self
            .workflow
            .as_mut()
            .map(|state| std::mem::replace(&mut state.outputs, outer_outputs))
            .unwrap_or_default();
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

    /// What a condition is about, for its name: the first value in it that is known later.
    pub(super) fn subject(&self, value: &Value) -> String {
        match &value.data {
            Data::Late(late) => match &late.kind {
                LateKind::Operation { operands, .. } => operands
                    .iter()
                    .map(|operand| self.subject(operand))
                    .find(|text| !text.is_empty())
                    .unwrap_or_default(),
                LateKind::Parameter(name) => name.to_string(),
                LateKind::Report { node, path, .. }
                | LateKind::Response { node, path }
                | LateKind::Started { node, path } => {
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
                | LateKind::RunName { .. }
                | LateKind::Answer { .. }
                | LateKind::Bound(_)
                | LateKind::Aws(_)
                | LateKind::Attribute { .. }
                | LateKind::Item { .. }
                | LateKind::JsonAt { .. }
                | LateKind::Path(_) => String::new(),
            },
            _ => String::new(),
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
                DeclarationKind::Raw { name, value, .. } => {
                    self.raw_member(name.text.clone(), name.span, value, &scope, &mut steps)
                }
                DeclarationKind::Binding { word: Binding::Step, name, value, .. } => {
                    self.raw_member(name.text.clone(), name.span, value, &scope, &mut steps);
                }
                DeclarationKind::Error => {}
                _ => self.misplaced(inner, "a `pipeline`", "settings and `step name = Type { … }`"),
            }
        }
        let raw = RawPlan { settings: Value::object(Class::Plain, settings, name.span), steps };
        self.raw_requests("pipeline", &raw, name);
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
            raw: Some(raw),
        }
    }

    pub(super) fn not_a_raw_step(&mut self, name: &str, span: Span) {
        let found = Diagnostic::new(&d::RAW_STEP, span, &[("name", &name)]);
        self.report(found.help(format!("write `step {name} = Training {{ Arguments = {{ … }} }}`")));
    }

    pub(super) fn raw_member(
        &mut self,
        name: SmolStr,
        name_span: Span,
        value: &Expression,
        scope: &Scope<'_>,
        steps: &mut Vec<RawStep>,
    ) {
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
            let found = Diagnostic::new(&d::STEP_NAME_TWICE, name_span, &[("name", &name)])
                .related(first.name_span, "the first one");
            self.report(found);
        }
        let members = self.object(body, scope, value.span);
        steps.push(RawStep { name, name_span, type_: type_.clone(), type_span: callee.span, members });
    }
}

pub(super) fn optional_step(late: &Late) -> Option<NodeId> {
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

/// `name = "…"` of a body, where it is plain text.
pub(super) fn own_name(body: &tree::Object) -> Option<SmolStr> {
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

pub(super) fn starts_lower(name: &str) -> bool {
    name.chars().next().is_some_and(|first| first.is_lowercase())
}
