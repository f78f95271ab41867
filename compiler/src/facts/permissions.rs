//! IAM actions of a service and the kinds of resources they apply to.

use smol_str::SmolStr;

use super::lines::Lines;

/// The actions behind one IAM prefix, such as `sagemaker`.
#[derive(Debug)]
pub struct Permissions(Lines);

/// One action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// As the operation of that name spells it; in lower case where there is none. IAM ignores case.
    pub name: SmolStr,
    /// The kinds of resources it can be limited to; none where it takes `*` only.
    pub resources: Vec<String>,
}

impl Permissions {
    pub(super) fn new(text: String) -> Permissions {
        Permissions(Lines::new(text))
    }

    /// An action by its name without the prefix, in any case.
    pub fn action(&self, name: &str) -> Option<Action> {
        let json = self.0.get(&format!("a/{}", name.to_lowercase()))?;
        read(json)
    }

    /// All actions, sorted by their names in lower case.
    pub fn actions(&self) -> Vec<Action> {
        (0..self.0.len())
            .map(|at| self.0.entry(at))
            .filter(|(key, _)| key.starts_with("a/"))
            .filter_map(|(_, json)| read(json))
            .collect()
    }

    /// The ARN formats of a kind of resource, with `${Partition}`, `${Region}`, `${Account}` and names in them.
    pub fn arn_formats(&self, kind: &str) -> Vec<String> {
        let json = self.0.get(&format!("r/{kind}")).unwrap_or("[]");
        serde_json::from_str(json).unwrap_or_default()
    }
}

fn read(json: &str) -> Option<Action> {
    let mut names: Vec<String> = serde_json::from_str(json).ok()?;
    if names.is_empty() {
        return None;
    }
    let resources = names.split_off(1);
    Some(Action { name: names.pop()?.into(), resources })
}
