//! What a project deploys once, beside what its workflows run: resources and the roles they and the workflows need. It
//! must not know how a template spells anything.

use smol_str::SmolStr;

use crate::source::Span;
use crate::types::Value;

/// Everything that is deployed with a project, in the order of its declarations.
#[derive(Debug, Default)]
pub struct Deployment {
    pub resources: Vec<ResourcePlan>,
    pub roles: Vec<RolePlan>,
}

/// Something that the stack makes.
#[derive(Clone, Debug)]
pub struct ResourcePlan {
    /// Made of the names it was declared with, so that it survives reordering.
    pub id: SmolStr,
    /// Such as `AWS::SNS::Topic`.
    pub type_: SmolStr,
    pub properties: Value,
    /// Ids of what must be there before.
    pub after: Vec<SmolStr>,
    /// What becomes of it when it leaves the stack: `Retain`, `Snapshot`; deleted where nothing is said.
    pub deletion: Option<SmolStr>,
    /// The name in the user's text that asks for it.
    pub span: Span,
}

/// A role, and what it may do.
#[derive(Clone, Debug)]
pub struct RolePlan {
    pub id: SmolStr,
    /// The service that takes it on.
    pub service: SmolStr,
    /// What that service may do with it: `sts:AssumeRole`, and more where the service needs it.
    pub trust: Vec<SmolStr>,
    /// Whether only requests of the own account may take it on.
    pub only_own_account: bool,
    pub statements: Vec<StatementPlan>,
    /// A policy that limits it.
    pub boundary: Option<Value>,
    pub tags: Option<Value>,
    /// Whom it is for: `the workflow `churn``.
    pub owner: String,
    pub span: Span,
}

/// Actions that a role may take, and who asks for them.
#[derive(Clone, Debug)]
pub struct StatementPlan {
    /// What it is for, as the kind calls it.
    pub purpose: SmolStr,
    pub actions: Vec<SmolStr>,
    pub resources: Vec<Value>,
    pub condition: Option<Value>,
    /// The names in the user's text that ask for it.
    pub spans: Vec<Span>,
}

impl Deployment {
    pub fn role(&self, id: &str) -> Option<&RolePlan> {
        self.roles.iter().find(|role| role.id == id)
    }
}
