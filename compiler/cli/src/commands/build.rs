//! `mlflowc build`: the documents of every project, written all or not at all, or one definition on standard output.

use mlflow_compiler::diagnostics::closest;
use mlflow_compiler::plan::{Plan, WorkflowPlan};
use mlflow_compiler::targets::Document;

use super::{Outcome, compiled, names, write};
use crate::arguments::{Build, Color, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;
use crate::watch::{self, Round};

pub(crate) fn run(arguments: &Build, color: Color) -> Result<Exit, Failure> {
    if arguments.watch {
        return watch::watch(color, || round(arguments, color));
    }
    Ok(round(arguments, color)?.exit)
}

fn round(arguments: &Build, color: Color) -> Result<Round, Failure> {
    let outcome = compiled(&arguments.input)?;
    let failed = outcome.report(&arguments.reporting, color, arguments.stdout)?;
    let mut round = Round { exit: Exit::Clean, folders: Vec::new(), written: Vec::new() };
    if arguments.watch {
        round.folders = outcome.folders(&arguments.input);
        let output = outcome.root.join(&arguments.output);
        round.written = outcome.compilation.plans.iter().map(|plan| output.join(&*plan.project)).collect();
    }
    if failed {
        round.exit = Exit::Findings;
    } else if arguments.stdout {
        terminal::print(&definition(&outcome, arguments.workflow.as_deref())?.text)?;
    } else {
        let written = write::write(&outcome.root.join(&arguments.output), &outcome.documents)?;
        if arguments.reporting.format == Format::Human {
            for project in &written {
                terminal::say(&project.line(&arguments.output));
            }
            if written.is_empty() {
                terminal::say("Nothing to write: these files declare no workflow and nothing to deploy.");
            }
        }
    }
    if !arguments.watch {
        // The process ends now, and so do its texts and plans: taking them apart first would be work for nothing.
        std::mem::forget(outcome);
    }
    Ok(round)
}

/// The definition of the one workflow there is, or of the one that is named.
fn definition<'a>(outcome: &'a Outcome, wanted: Option<&str>) -> Result<&'a Document, Failure> {
    let workflows: Vec<(&Plan, &WorkflowPlan)> = outcome
        .compilation
        .plans
        .iter()
        .flat_map(|plan| plan.workflows.iter().map(move |workflow| (&**plan, &**workflow)))
        .collect();
    let all = || workflows.iter().map(|(_, workflow)| workflow.name.as_str());
    let (plan, workflow) = match (wanted, workflows.as_slice()) {
        (_, []) => return Err(Failure::NoWorkflow),
        (None, [one]) => *one,
        (None, several) => {
            return Err(Failure::SeveralWorkflows { count: several.len(), names: names(all()) });
        }
        (Some(name), several) => {
            *several.iter().find(|(_, workflow)| workflow.name == name).ok_or_else(|| no_such(name, all()))?
        }
    };
    let path = format!("{}/{}.{}.json", plan.project, workflow.name, workflow.engine);
    outcome.documents.iter().find(|document| document.path == path).ok_or(Failure::NoWorkflow)
}

pub(super) fn no_such<'a>(name: &str, all: impl Iterator<Item = &'a str> + Clone) -> Failure {
    let help = match closest(name, all.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there is {}", names(all)),
    };
    Failure::NoSuchWorkflow { name: name.to_owned(), help }
}
