//! Roles as a template spells them.

use smol_str::SmolStr;

use super::Emitter;
use crate::plan::{RolePlan, StatementPlan};
use crate::types::Value;

/// Statements of one purpose, actions and condition, with all their resources.
struct Merged<'p> {
    first: &'p StatementPlan,
    resources: Vec<&'p Value>,
    keys: Vec<String>,
}

impl Emitter<'_> {
    pub(super) fn role(&mut self, role: &RolePlan) {
        let here = role.span;
        self.json.key(&role.id, here);
        self.json.begin_object(here);
        self.json.key("Type", here);
        self.json.string("AWS::IAM::Role", here);
        self.json.key("Properties", here);
        self.json.begin_object(here);
        self.json.key("Description", here);
        self.json.string(&description(role), here);
        self.json.key("AssumeRolePolicyDocument", here);
        self.json.begin_object(here);
        self.json.key("Version", here);
        self.json.string("2012-10-17", here);
        self.json.key("Statement", here);
        self.json.begin_list(here);
        self.json.begin_object(here);
        self.json.key("Effect", here);
        self.json.string("Allow", here);
        self.json.key("Principal", here);
        self.json.begin_object(here);
        self.json.key("Service", here);
        self.json.string(&role.service, here);
        self.json.end_object();
        self.json.key("Action", here);
        self.texts(&role.trust);
        if role.only_own_account {
            self.json.key("Condition", here);
            self.json.begin_object(here);
            self.json.key("StringEquals", here);
            self.json.begin_object(here);
            self.json.key("aws:SourceAccount", here);
            self.function("Ref", "AWS::AccountId", here);
            self.json.end_object();
            self.json.end_object();
        }
        self.json.end_object();
        self.json.end_list();
        self.json.end_object();
        let statements = with_own(role, false);
        if !statements.is_empty() {
            self.json.key("Policies", here);
            self.json.begin_list(here);
            self.json.begin_object(here);
            self.policy("permissions", &statements);
            self.json.end_object();
            self.json.end_list();
        }
        if let Some(boundary) = &role.boundary {
            self.json.key("PermissionsBoundary", here);
            self.value(boundary);
        }
        if let Some(tags) = role.tags.as_ref().and_then(|tags| tags.as_object()) {
            self.json.key("Tags", here);
            self.json.begin_list(here);
            for entry in tags.entries.iter().filter(|entry| !entry.value.is_none()) {
                self.json.begin_object(here);
                self.json.key("Key", here);
                self.json.string(&entry.key, here);
                self.json.key("Value", here);
                self.value(&entry.value);
                self.json.end_object();
            }
            self.json.end_list();
        }
        self.json.end_object();
        self.json.end_object();
    }

    /// What a role may do with itself is added once it is there.
    pub(super) fn own_policy(&mut self, role: &RolePlan) {
        let statements = with_own(role, true);
        if statements.is_empty() {
            return;
        }
        let here = role.span;
        self.json.key(&format!("{}Own", role.id), here);
        self.json.begin_object(here);
        self.json.key("Type", here);
        self.json.string("AWS::IAM::RolePolicy", here);
        self.json.key("Properties", here);
        self.json.begin_object(here);
        self.json.key("RoleName", here);
        self.function("Ref", &role.id, here);
        self.policy("own", &statements);
        self.json.end_object();
        self.json.end_object();
    }

    fn policy(&mut self, name: &str, statements: &[&StatementPlan]) {
        let here = self.here;
        self.json.key("PolicyName", here);
        self.json.string(name, here);
        self.json.key("PolicyDocument", here);
        self.json.begin_object(here);
        self.json.key("Version", here);
        self.json.string("2012-10-17", here);
        self.json.key("Statement", here);
        self.statements(statements);
        self.json.end_object();
    }

    fn texts(&mut self, texts: &[SmolStr]) {
        let here = self.here;
        if let [one] = texts {
            self.json.string(one, here);
            return;
        }
        self.json.begin_list(here);
        for text in texts {
            self.json.string(text, here);
        }
        self.json.end_list();
    }

    fn statements(&mut self, statements: &[&StatementPlan]) {
        let role = self.here;
        self.json.begin_list(role);
        let mut taken: Vec<String> = Vec::new();
        for merged in merge(statements) {
            let statement = merged.first;
            let here = statement.spans.first().map_or(role, |span| self.place(*span));
            self.here = here;
            self.json.begin_object(here);
            let base = sid(&statement.purpose);
            if !base.is_empty() {
                let mut name = base.clone();
                let mut number = 2;
                while taken.contains(&name) {
                    name = format!("{base}{number}");
                    number += 1;
                }
                self.json.key("Sid", here);
                self.json.string(&name, here);
                taken.push(name);
            }
            self.json.key("Effect", here);
            self.json.string("Allow", here);
            self.json.key("Action", here);
            self.texts(&statement.actions);
            self.json.key("Resource", here);
            match merged.resources.as_slice() {
                [one] => self.value(one),
                several => {
                    self.json.begin_list(here);
                    for resource in several {
                        self.value(resource);
                    }
                    self.json.end_list();
                }
            }
            if let Some(condition) = &statement.condition {
                self.json.key("Condition", here);
                self.value(condition);
            }
            self.json.end_object();
            self.here = role;
        }
        self.json.end_list();
    }
}

/// The statements of a role that are about itself, or those that are not.
pub(super) fn with_own(role: &RolePlan, own: bool) -> Vec<&StatementPlan> {
    let is_own = |statement: &&StatementPlan| {
        let mut used = Vec::new();
        statement.resources.iter().chain(&statement.condition).for_each(|value| super::uses(value, &mut used));
        used.contains(&role.id) == own
    };
    role.statements.iter().filter(is_own).collect()
}

fn description(role: &RolePlan) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || " _+=,.@-".contains(c) { c } else { ' ' };
    let owner: String = role.owner.chars().map(plain).collect();
    format!("For the {owner}, taken on by {}", role.service)
}

/// Statements that differ only in what they act on are one.
fn merge<'p>(statements: &[&'p StatementPlan]) -> Vec<Merged<'p>> {
    let mut merged: Vec<Merged<'_>> = Vec::new();
    for statement in statements {
        let same = merged.iter_mut().find(|other| {
            other.first.purpose == statement.purpose
                && other.first.actions == statement.actions
                && match (&other.first.condition, &statement.condition) {
                    (None, None) => true,
                    (Some(one), Some(other)) => one.text_key() == other.text_key(),
                    (None, Some(_)) | (Some(_), None) => false,
                }
        });
        match same {
            Some(other) => {
                for resource in &statement.resources {
                    other.add(resource);
                }
            }
            None => {
                let mut fresh = Merged { first: statement, resources: Vec::new(), keys: Vec::new() };
                for resource in &statement.resources {
                    fresh.add(resource);
                }
                merged.push(fresh);
            }
        }
    }
    merged
}

impl<'p> Merged<'p> {
    fn add(&mut self, resource: &'p Value) {
        let key = resource.text_key();
        if !self.keys.contains(&key) {
            self.keys.push(key);
            self.resources.push(resource);
        }
    }
}

fn sid(purpose: &str) -> String {
    let mut out = String::new();
    let mut starts = true;
    for character in purpose.chars() {
        if !character.is_ascii_alphanumeric() {
            starts = true;
        } else if starts {
            out.push(character.to_ascii_uppercase());
            starts = false;
        } else {
            out.push(character);
        }
    }
    out
}
