//! `mlflowc plan --permissions`: who may do what in the stack, and which lines ask for it.

use mlflow_compiler::plan::{Plan, RolePlan, StatementPlan};
use mlflow_compiler::source::{Sources, Span};
use serde::Serialize;

use super::values::shown;
use crate::output::Region;

#[derive(Serialize)]
pub(super) struct Report {
    projects: Vec<Project>,
}

#[derive(Serialize)]
struct Project {
    name: String,
    roles: Vec<Role>,
}

#[derive(Serialize)]
struct Role {
    name: String,
    owner: String,
    service: String,
    may: Vec<Permission>,
}

#[derive(Serialize)]
struct Permission {
    purpose: String,
    actions: Vec<String>,
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    asked_by: Vec<Region>,
}

pub(super) fn report<'p>(plans: impl Iterator<Item = &'p Plan>, sources: &Sources) -> Report {
    let projects = plans
        .map(|plan| Project {
            name: plan.project.to_string(),
            roles: plan.deployment.roles.iter().map(|role| of_role(role, sources)).collect(),
        })
        .collect();
    Report { projects }
}

fn of_role(role: &RolePlan, sources: &Sources) -> Role {
    Role {
        name: role.id.to_string(),
        owner: role.owner.clone(),
        service: role.service.to_string(),
        may: role.statements.iter().map(|statement| permission(statement, sources)).collect(),
    }
}

fn permission(statement: &StatementPlan, sources: &Sources) -> Permission {
    let mut spans: Vec<Span> = statement.spans.clone();
    spans.sort_by_key(|span| (span.file, span.start));
    spans.dedup();
    Permission {
        purpose: statement.purpose.to_string(),
        actions: statement.actions.iter().map(ToString::to_string).collect(),
        resources: statement.resources.iter().map(|resource| shown(None, resource)).collect(),
        condition: statement.condition.as_ref().map(|condition| shown(None, condition)),
        asked_by: spans.into_iter().filter_map(|span| Region::of(sources, span)).collect(),
    }
}

/// The report in words.
pub(super) fn rendered(report: &Report) -> String {
    let mut out = String::new();
    for project in &report.projects {
        out.push_str(&format!("{}\n", project.name));
        if project.roles.is_empty() {
            out.push_str("  no role is made\n");
        }
        for role in &project.roles {
            out.push_str(&format!("\n  {} of the {}, taken on by {}\n", role.name, role.owner, role.service));
            for permission in &role.may {
                out.push_str(&format!("    {}: {}\n", permission.purpose, permission.actions.join(", ")));
                for resource in &permission.resources {
                    out.push_str(&format!("      on {resource}\n"));
                }
                if let Some(condition) = &permission.condition {
                    out.push_str(&format!("      if {condition}\n"));
                }
                for place in &permission.asked_by {
                    out.push_str(&format!("      for {}:{}:{}\n", place.file, place.line, place.column));
                }
            }
        }
    }
    out
}
