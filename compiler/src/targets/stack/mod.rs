//! The stack of a project as one CloudFormation template: resources, roles, and the documents that other targets wrote.
//! It must not know any resource type by name but that of roles.

mod documents;
mod roles;
mod values;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::json::JsonWriter;
use super::{Context, Document, Output, Target};
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::graph;
use crate::plan::{Plan, ResourcePlan};
use crate::source::Span;
use crate::types::{Data, LateKind, Value};

pub(crate) struct StackTarget;

/// What the service takes of one template.
const MOST_RESOURCES: usize = 500;
const MOST_BYTES: usize = 1_000_000;

impl Target for StackTarget {
    fn emit(&self, plan: &Plan, context: &Context<'_>, out: &mut Output) {
        let deployment = &plan.deployment;
        // What is wrong with a document is not said again by its size in the template.
        if (deployment.resources.is_empty() && deployment.roles.is_empty()) || out.diagnostics.has_errors() {
            return;
        }
        let mut emitter = Emitter {
            context,
            plan,
            json: JsonWriter::new(context.sources),
            diagnostics: Diagnostics::default(),
            here: plan.project_span,
            documents: documents::collect(out),
        };
        emitter.cycles();
        emitter.template();
        let Emitter { json, diagnostics, documents, .. } = emitter;
        out.uploads.extend(documents::uploads(&plan.project, documents));
        let (text, map, _) = json.finish("template.json");
        out.diagnostics.extend(diagnostics);
        let count = deployment.resources.len() + deployment.roles.len();
        let problem = if count > MOST_RESOURCES {
            Some(format!("it holds {count} resources, and a template takes {MOST_RESOURCES}"))
        } else if text.len() > MOST_BYTES {
            Some(format!("it has {} bytes, and a template takes {MOST_BYTES}", text.len()))
        } else {
            None
        };
        if let Some(problem) = problem {
            out.diagnostics.push(Diagnostic::new(
                &d::TEMPLATE_SIZE,
                plan.project_span,
                &[("project", &plan.project), ("problem", &problem)],
            ));
        }
        out.documents.push(Document { path: format!("{}/template.json", plan.project), text });
        out.documents.push(Document { path: format!("{}/template.json.map", plan.project), text: map });
    }
}

/// Writes one template.
struct Emitter<'e> {
    context: &'e Context<'e>,
    plan: &'e Plan,
    json: JsonWriter<'e>,
    diagnostics: Diagnostics,
    /// The place for what has none in the user's text: the resource being written.
    here: Span,
    documents: FxHashMap<SmolStr, documents::Packed>,
}

impl Emitter<'_> {
    /// A place in the user's text: the given one, or the resource's if that is the library's or none.
    fn place(&self, span: Span) -> Span {
        if span.is_none() || self.context.sources.get(span.file).is_library { self.here } else { span }
    }

    fn template(&mut self) {
        let plan = self.plan;
        let here = plan.project_span;
        self.json.begin_object(here);
        self.json.key("AWSTemplateFormatVersion", here);
        self.json.string("2010-09-09", here);
        self.json.key("Description", here);
        self.json.string(&format!("The platform of the project {}", plan.project), here);
        self.json.key("Resources", here);
        self.json.begin_object(here);
        for role in &plan.deployment.roles {
            self.here = role.span;
            self.role(role);
            self.own_policy(role);
        }
        for resource in &plan.deployment.resources {
            self.here = resource.span;
            self.resource(resource);
        }
        self.json.end_object();
        self.json.end_object();
    }

    fn resource(&mut self, resource: &ResourcePlan) {
        let here = resource.span;
        self.json.key(&resource.id, here);
        self.json.begin_object(here);
        self.json.key("Type", here);
        self.json.string(&resource.type_, here);
        if !resource.after.is_empty() {
            self.json.key("DependsOn", here);
            self.json.begin_list(here);
            for id in &resource.after {
                self.json.string(id, here);
            }
            self.json.end_list();
        }
        if let Some(policy) = &resource.deletion {
            let replaced = if policy == "Snapshot" { "Snapshot" } else { "Retain" };
            for (key, value) in [("DeletionPolicy", policy.as_str()), ("UpdateReplacePolicy", replaced)] {
                self.json.key(key, here);
                self.json.string(value, here);
            }
        }
        if resource.properties.as_object().is_some_and(|object| object.entries.iter().any(|e| !e.value.is_none())) {
            self.json.key("Properties", here);
            self.value(&resource.properties);
        }
        self.json.end_object();
    }

    /// Resources that wait for each other cannot be made.
    fn cycles(&mut self) {
        let deployment = &self.plan.deployment;
        let mut names: Vec<(&SmolStr, Span)> = deployment.roles.iter().map(|role| (&role.id, role.span)).collect();
        names.extend(deployment.resources.iter().map(|resource| (&resource.id, resource.span)));
        let index: FxHashMap<&str, u32> =
            names.iter().enumerate().map(|(at, (id, _))| (id.as_str(), at as u32)).collect();
        let mut edges: Vec<(u32, u32)> = Vec::new();
        for (at, role) in deployment.roles.iter().enumerate() {
            let mut used = Vec::new();
            for statement in roles::with_own(role, false) {
                statement.resources.iter().chain(&statement.condition).for_each(|value| uses(value, &mut used));
            }
            edges.extend(used.iter().filter_map(|id| Some((*index.get(id.as_str())?, at as u32))));
        }
        for (at, resource) in deployment.resources.iter().enumerate() {
            let at = (deployment.roles.len() + at) as u32;
            let mut used = resource.after.clone();
            uses(&resource.properties, &mut used);
            for document in documents::named(&resource.properties) {
                if let Some(packed) = self.documents.get(&document) {
                    used.extend(packed.uses.iter().cloned());
                }
            }
            edges.extend(used.iter().filter_map(|id| Some((*index.get(id.as_str())?, at))));
        }
        edges.sort_unstable();
        edges.dedup();
        if let Err(cycle) = graph::order(names.len(), &edges) {
            let (_, place) = names[cycle[0] as usize];
            let mut shown: Vec<&str> = cycle.iter().map(|at| names[*at as usize].0.as_str()).collect();
            shown.push(shown[0]);
            let shown = shown.join(" → ");
            let mut found = Diagnostic::new(&d::STACK_CYCLE, place, &[("cycle", &shown)]);
            for at in cycle.iter().skip(1).filter(|at| names[**at as usize].1 != place) {
                found = found.related(names[*at as usize].1, "one of them");
            }
            self.diagnostics.push(found);
        }
    }
}

/// The ids that a value refers to.
fn uses(value: &Value, out: &mut Vec<SmolStr>) {
    match &value.data {
        Data::Late(late) => match &late.kind {
            LateKind::Attribute { resource, .. } => out.push(resource.clone()),
            LateKind::Join { parts, .. } => parts.iter().for_each(|part| uses(part, out)),
            LateKind::Operation { operands, .. } => operands.iter().for_each(|operand| uses(operand, out)),
            _ => {}
        },
        Data::List(items) => items.iter().for_each(|item| uses(item, out)),
        Data::Object(object) => object.entries.iter().for_each(|entry| uses(&entry.value, out)),
        _ => {}
    }
}
