//! `mlflowc graph`: workflows as drawings.

use mlflow_compiler::targets::graph::{ProjectGraph, dot, graph, mermaid};

use super::{build, compiled, report_for_people};
use crate::arguments::{Color, Graph, GraphFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::pretty;
use crate::terminal;

pub(crate) fn run(arguments: &Graph, color: Color) -> Result<Exit, Failure> {
    let outcome = compiled(&arguments.input)?;
    if report_for_people(&outcome, color)? {
        return Ok(Exit::Findings);
    }
    let sources = &outcome.compilation.sources;
    let mut graphs: Vec<ProjectGraph> = outcome.compilation.plans.iter().map(|plan| graph(plan, sources)).collect();
    let all: Vec<String> =
        graphs.iter().flat_map(|project| &project.workflows).map(|workflow| workflow.name.to_string()).collect();
    if all.is_empty() {
        return Err(Failure::NoWorkflow);
    }
    if let Some(name) = &arguments.workflow {
        if !all.contains(name) {
            return Err(build::no_such(name, all.iter().map(String::as_str)));
        }
        for project in &mut graphs {
            project.workflows.retain(|workflow| workflow.name == name.as_str());
        }
        graphs.retain(|project| !project.workflows.is_empty());
    }
    terminal::print(&match arguments.format {
        GraphFormat::Mermaid => mermaid(&graphs),
        GraphFormat::Dot => dot(&graphs),
        GraphFormat::Json => match graphs.as_slice() {
            [one] => pretty(one),
            several => pretty(&several),
        },
    })?;
    Ok(Exit::Clean)
}
