//! Which calls a Step Functions task makes in a way of its own, and the limits of state machines: stdlib/aws/machine_tasks.json.

use serde::Deserialize;

/// All that is known of tasks.
#[derive(Debug, Deserialize)]
pub struct MachineTasks {
    limits: serde_json::Map<String, serde_json::Value>,
    /// For each word of a `retry` the names of errors; `*.` stands for the service.
    retry: serde_json::Map<String, serde_json::Value>,
    services: Vec<TaskService>,
}

/// A service that tasks call otherwise than by its SDK.
#[derive(Debug, Deserialize)]
pub struct TaskService {
    /// Its name in the language; none where it is no API of AWS.
    pub service: Option<String>,
    /// Its name in a task's `Resource`.
    pub integration: String,
    /// What the names of its errors begin with.
    pub errors: String,
    pub actions: Vec<TaskAction>,
}

/// One action of such a service.
#[derive(Debug, Deserialize)]
pub struct TaskAction {
    pub action: String,
    /// How a task may wait: `request`, `sync`, `sync:2`, `token`.
    pub patterns: Vec<String>,
    /// The operation whose input its arguments are, where they are those of an operation.
    pub operation: Option<String>,
    /// Its arguments, where they are its own; `!` marks those that must be there.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// With `sync`: the operation whose output it answers, after a colon the part of it.
    pub answer: Option<String>,
}

impl MachineTasks {
    pub(super) fn parse(json: &str) -> Result<MachineTasks, serde_json::Error> {
        serde_json::from_str(json)
    }

    pub fn services(&self) -> &[TaskService] {
        &self.services
    }

    /// The action that makes a call, by the service's name in the language.
    pub fn calling(&self, service: &str, operation: &str) -> Option<(&TaskService, &TaskAction)> {
        self.services.iter().filter(|known| known.service.as_deref() == Some(service)).find_map(|known| {
            let action = known.actions.iter().find(|action| action.operation.as_deref() == Some(operation))?;
            Some((known, action))
        })
    }

    /// An action by the names that a `Resource` has.
    pub fn action(&self, integration: &str, action: &str) -> Option<(&TaskService, &TaskAction)> {
        self.services
            .iter()
            .filter(|known| known.integration == integration)
            .find_map(|known| known.actions.iter().find(|other| other.action == action).map(|found| (known, found)))
    }

    /// The errors that a word of a `retry` stands for. `*.` begins those that have the service's name before them.
    pub fn errors(&self, word: &str) -> Option<Vec<String>> {
        let list = self.retry.get(word)?.as_array()?;
        Some(list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
    }

    /// A limit by name, such as `state_name_characters`.
    pub fn limit(&self, name: &str) -> Option<u64> {
        self.limits.get(name)?.get("value")?.as_u64()
    }
}
