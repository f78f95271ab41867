//! What is deployed with the project: resources by type or by kind, and the ids that the stack knows them by.

use smol_str::SmolStr;

use super::application::Context;
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic, closest};
use crate::kinds::{Deployed, Kind};
use crate::plan::ResourcePlan;
use crate::source::Span;
use crate::syntax::tree::{self, Argument, DeclarationKind, EntryKind, ForClause};
use crate::types::{Because, Class, Data, Entry, LateKind, Stage, Type, Value};

/// What of the deployment is known while it is evaluated.
#[derive(Default)]
pub(crate) struct Deploying {
    pub(super) plan: crate::plan::Deployment,
    /// The name of the component of the library whose steps are being evaluated.
    pub(super) asker: Span,
    /// The names around what is being evaluated, the outermost first.
    pub(super) path: Vec<SmolStr>,
    /// `moved old to new`: new names with the old ones.
    pub(super) moved: Vec<(SmolStr, SmolStr)>,
    /// Ids, each with the place that took it.
    pub(super) ids: rustc_hash::FxHashMap<SmolStr, Span>,
    /// Statements by role and content, each with its place among those of the role.
    pub(super) granted: rustc_hash::FxHashMap<String, usize>,
    /// Statements of the role that runs a workflow, until the workflow is complete; with the part of the workflow that asks,
    /// where another engine runs it.
    pub(super) runner: Vec<(Option<u32>, crate::plan::StatementPlan)>,
    /// The ids and keys of statements in the order in which they came, so that what came last can be taken back.
    pub(super) taken: Vec<SmolStr>,
    pub(super) statements: Vec<String>,
}

/// How much of the deployment was known at some time.
pub(super) struct Progress {
    resources: usize,
    /// For each role, how many statements.
    roles: Vec<usize>,
    taken: usize,
    statements: usize,
}

impl Deploying {
    pub(super) fn checkpoint(&self) -> Progress {
        Progress {
            resources: self.plan.resources.len(),
            roles: self.plan.roles.iter().map(|role| role.statements.len()).collect(),
            taken: self.taken.len(),
            statements: self.statements.len(),
        }
    }

    /// Forgets what came after.
    pub(super) fn roll_back(&mut self, before: &Progress) {
        self.plan.resources.truncate(before.resources);
        self.plan.roles.truncate(before.roles.len());
        for (role, count) in self.plan.roles.iter_mut().zip(&before.roles) {
            role.statements.truncate(*count);
        }
        for id in self.taken.drain(before.taken..) {
            self.ids.remove(&id);
        }
        for key in self.statements.drain(before.statements..) {
            self.granted.remove(&key);
        }
        self.runner.clear();
    }
}

impl Evaluator<'_> {
    /// Notes what was renamed in the files of a project.
    pub(super) fn note_moves(&mut self, declarations: &[tree::Declaration]) {
        for declaration in declarations {
            match &declaration.kind {
                DeclarationKind::Moved { from, to } => {
                    self.deploying.moved.push((to.text.clone(), from.text.clone()));
                }
                DeclarationKind::Workflow { body, .. } => self.note_moves(&body.declarations),
                _ => {}
            }
        }
    }

    /// The name that something was first deployed under.
    pub(crate) fn first_name(&self, name: &str) -> SmolStr {
        let mut name = SmolStr::from(name);
        // A name may have been changed more than once; no chain is longer than the list.
        for _ in 0..=self.deploying.moved.len() {
            match self.deploying.moved.iter().find(|(to, _)| *to == name) {
                Some((_, from)) => name = from.clone(),
                None => break,
            }
        }
        name
    }

    /// The id of something deployed: the names it was declared with, written as one word.
    pub(super) fn logical_id(&self, name: &str) -> SmolStr {
        let mut id = String::new();
        let own = (name != "main").then(|| SmolStr::from(name));
        for part in self.deploying.path.iter().chain(own.iter()) {
            let part = self.first_name(part);
            let mut starts = true;
            for character in part.chars() {
                if !character.is_ascii_alphanumeric() {
                    starts = true;
                } else if starts {
                    id.push(character.to_ascii_uppercase());
                    starts = false;
                } else {
                    id.push(character);
                }
            }
        }
        id.truncate(255);
        if id.is_empty() { "Resource".into() } else { id.into() }
    }

    /// Takes an id; a finding where something else has it.
    pub(super) fn take_id(&mut self, id: &SmolStr, span: Span) {
        let place = if self.here.is_none() { span } else { self.here };
        match self.deploying.ids.get(id) {
            // Two things of one name are a mistake that has its finding.
            Some(first) if self.modules.sources.text(*first) == self.modules.sources.text(place) => {}
            Some(first) => {
                let found = Diagnostic::new(&d::ID_TWICE, place, &[("id", id)]).related(*first, "the first one");
                self.report(found);
            }
            None => {
                self.deploying.ids.insert(id.clone(), place);
                self.deploying.taken.push(id.clone());
            }
        }
    }

    pub(super) fn attribute(&self, id: &SmolStr, attribute: Option<&str>, type_: Type, span: Span) -> Value {
        let text = smol_str::format_smolstr!("`{id}` is made when the stack is deployed");
        let kind = LateKind::Attribute { resource: id.clone(), attribute: attribute.map(SmolStr::from) };
        Value::late(kind, type_, Stage::Deploy, Because { span, text }, span)
    }

    /// `aws("AWS::SNS::Topic") { … }`: members in PascalCase are the resource's, others are settings of the stack.
    pub(super) fn raw_resource(
        &mut self,
        arguments: &[Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
    ) -> Value {
        let span = context.name_span;
        let values = self.arguments(arguments, scope);
        let [(None, type_)] = values.as_slice() else {
            self.report(Diagnostic::new(&d::RESOURCE_FORM, context.span, &[]));
            return Value::error(span);
        };
        let Some(name) = type_.as_string().cloned() else {
            if !type_.is_error() {
                self.report(Diagnostic::new(&d::RESOURCE_FORM, type_.span, &[]));
            }
            return Value::error(span);
        };
        let Some(type_facts) = self.resource_type(&name) else {
            let found = Diagnostic::new(&d::UNKNOWN_RESOURCE, type_.span, &[("type", &name)]);
            let names = self.facts.resource_types();
            let near = closest(&name, names.iter().copied()).map(|near| format!("\"{near}\""));
            self.report(match near {
                Some(near) => {
                    found.help(format!("did you mean {near}?")).fix(format!("Change to {near}"), type_.span, near)
                }
                None => found.help("types are written \"AWS::Service::Type\"; newer facts (`--facts`) bring new ones"),
            });
            return Value::error(span);
        };
        let region = self.project.as_ref().and_then(|project| project.region.clone());
        if let Some(region) = region
            && self.facts.resource_offered_in(&region, &name) == Some(false)
        {
            let place = if self.is_users(type_.span) { type_.span } else { span };
            self.report(Diagnostic::new(&d::RESOURCE_REGION, place, &[("type", &name), ("region", &region)]));
        }
        let (mut own, mut members) = (Vec::new(), Vec::new());
        for entry in &body.entries {
            let is_own = match &entry.kind {
                EntryKind::Field { key, .. } => super::steps::starts_lower(&key.text) && !key.quoted,
                EntryKind::Shorthand(name) => super::steps::starts_lower(&name.text),
                EntryKind::Typed(field) => super::steps::starts_lower(&field.name.text),
                EntryKind::Computed { .. }
                | EntryKind::Spread(_)
                | EntryKind::Comprehension { .. }
                | EntryKind::Error => false,
            };
            if is_own { own.push(entry.clone()) } else { members.push(entry.clone()) }
        }
        let own = tree::Object { entries: own, span: body.span };
        let settings = self.settings("resource_settings", "resource", &own, span, scope);
        let members = tree::Object { entries: members, span: body.span };
        let properties = self.object(&members, scope, span);
        let id = match settings.get("id").and_then(Value::as_string) {
            Some(id) => id.clone(),
            None => self.logical_id(&context.name),
        };
        let properties = self.check_properties(&type_facts, &properties, context);
        let after = settings.get("after").and_then(Value::as_list).cloned().unwrap_or_default();
        let after = after.iter().filter_map(|item| item.get("id").and_then(|id| id.as_string().cloned())).collect();
        let deletion = match settings.get("keep").map(|keep| &keep.data) {
            Some(Data::Bool(true)) => Some("Retain".into()),
            Some(Data::String(_)) => Some("Snapshot".into()),
            _ => None,
        };
        self.take_id(&id, span);
        let mut entries = vec![
            Entry::new("id", Value::string(id.clone(), span)),
            Entry::new("ref", self.attribute(&id, None, Type::STRING, span)),
            Entry::new("name", self.attribute(&id, None, Type::STRING, span)),
        ];
        let attributes: Vec<String> = type_facts.attributes().collect();
        let short = name.rsplit("::").next().unwrap_or_default();
        let arn = attributes.iter().find(|attribute| *attribute == "Arn");
        let arn = arn.or_else(|| attributes.iter().find(|attribute| **attribute == format!("{short}Arn")));
        if let Some(arn) = arn {
            entries.push(Entry::new("arn", self.attribute(&id, Some(arn), Type::Arn, span)));
        }
        for attribute in &attributes {
            let value = self.attribute(&id, Some(attribute), Type::Any, span);
            match attribute.split_once('.') {
                None => entries.push(Entry::new(attribute.as_str(), value)),
                Some((outer, inner)) if !inner.contains('.') => {
                    let inner = Entry::new(inner, value);
                    match entries.iter_mut().find(|entry| entry.key == outer) {
                        Some(entry) => {
                            let mut list = entry.value.as_object().map(|o| o.entries.clone()).unwrap_or_default();
                            list.push(inner);
                            entry.value = Value::object(Class::Plain, list, span);
                        }
                        None => entries.push(Entry::new(outer, Value::object(Class::Plain, vec![inner], span))),
                    }
                }
                Some(_) => {}
            }
        }
        let place = if self.here.is_none() { span } else { self.here };
        self.deploying.plan.resources.push(ResourcePlan {
            id,
            type_: name.clone(),
            properties,
            after,
            deletion,
            span: place,
        });
        Value::object(Class::Resource(name), entries, span)
    }

    pub(super) fn is_users(&self, span: Span) -> bool {
        !span.is_none() && !self.modules.sources.get(span.file).is_library
    }

    /// What a kind deploys, entered into the scope under its names.
    pub(super) fn deploy_parts(&mut self, kind: &Kind, scope: &mut Scope<'_>, context: &Context<'_>) {
        let parts: Vec<Deployed> = kind.deployed().cloned().collect();
        if parts.is_empty() {
            return;
        }
        let workflow = self.workflow.as_ref().filter(|_| context.is_step).map(|workflow| workflow.name.clone());
        let outer = workflow.map(|workflow| std::mem::replace(&mut self.deploying.path, vec![workflow]));
        if !context.name.is_empty() && context.name != "main" {
            self.deploying.path.push(context.name.clone());
            self.deploy_list(&parts, scope, context);
            self.deploying.path.pop();
        } else {
            self.deploy_list(&parts, scope, context);
        }
        if let Some(outer) = outer {
            self.deploying.path = outer;
        }
    }

    fn deploy_list(&mut self, parts: &[Deployed], scope: &mut Scope<'_>, context: &Context<'_>) {
        for part in parts {
            let (name, value) = match part {
                Deployed::Resource { name, value } => {
                    let inner = Context {
                        word: "resource",
                        name: name.text.clone(),
                        name_span: context.name_span,
                        span: context.span,
                        ..Context::default()
                    };
                    (name.text.clone(), self.binding(value, scope, &inner))
                }
                Deployed::For { names, iterated, body, span } => {
                    let clause = ForClause { names: names.clone(), iterated: iterated.clone(), condition: None };
                    let mut turns: Vec<Vec<(SmolStr, Value)>> = Vec::new();
                    let ended = self.each_item(&clause, scope, &mut |_, inner| turns.push(inner.names.clone()));
                    if ended.is_err() {
                        self.report(Diagnostic::new(
                            &d::NOT_A_CONDITION,
                            *span,
                            &[("word", &"for"), ("found", &"a late list")],
                        ));
                        continue;
                    }
                    for (index, names) in turns.into_iter().enumerate() {
                        let turn = names.iter().find_map(|(_, value)| value.as_string().cloned());
                        self.deploying.path.push(turn.unwrap_or_else(|| smol_str::format_smolstr!("{index}")));
                        let mut inner = Scope::with(scope, names);
                        self.deploy_list(body, &mut inner, context);
                        self.deploying.path.pop();
                    }
                    continue;
                }
            };
            scope.names.push((name, value));
        }
    }
}
