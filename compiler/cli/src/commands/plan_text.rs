//! The report of `mlflowc plan` for people.

use std::fmt::Write;

use super::plan::{Project, Report, Step, Workflow};

pub(super) fn rendered(report: &Report) -> String {
    let mut out = String::new();
    for (index, project) in report.projects.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        project_text(project, &mut out);
    }
    out
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to memory does not fail.
    let _ = writeln!(out, "{:depth$}{text}", "", depth = depth * 2);
}

fn project_text(project: &Project, out: &mut String) {
    match &project.region {
        Some(region) => line(out, 0, &format!("project {} in {region}", project.name)),
        None => line(out, 0, &format!("project {}", project.name)),
    }
    for workflow in &project.workflows {
        out.push('\n');
        workflow_text(workflow, out);
    }
    if !project.assets.is_empty() {
        out.push('\n');
        line(out, 0, "files to upload");
        for asset in &project.assets {
            line(out, 1, &format!("{} → {}", asset.path, asset.upload));
        }
    }
}

fn workflow_text(workflow: &Workflow, out: &mut String) {
    line(out, 0, &format!("workflow {}", workflow.name));
    let reason = if workflow.reason.is_empty() { String::new() } else { format!(": {}", workflow.reason) };
    line(out, 1, &format!("engine {}{reason}", workflow.engine));
    for note in &workflow.notes {
        line(out, 1, &format!("note: {note}"));
    }
    if !workflow.parameters.is_empty() {
        line(out, 1, "parameters");
        let widest = workflow.parameters.iter().map(|parameter| parameter.name.chars().count()).max().unwrap_or(0);
        for parameter in &workflow.parameters {
            let default = match &parameter.default {
                Some(value) => format!(", {value} unless given"),
                None => ", must be given".to_owned(),
            };
            line(out, 2, &format!("{:widest$}  {}{default}", parameter.name, parameter.type_));
        }
    }
    line(out, 1, "steps");
    if workflow.steps.is_empty() {
        line(out, 2, "none");
    }
    for step in &workflow.steps {
        step_text(step, 2, out);
    }
}

fn step_text(step: &Step, depth: usize, out: &mut String) {
    match step.role.as_str() {
        "when" => {
            for (index, branch) in step.branches.iter().enumerate() {
                let head = match (&branch.condition, index) {
                    (Some(condition), 0) => format!("when {condition}{}", after(step)),
                    (Some(condition), _) => format!("else when {condition}"),
                    (None, _) => "else".to_owned(),
                };
                line(out, depth, &head);
                body_text(&branch.steps, depth + 1, out);
            }
        }
        "each" => {
            line(out, depth, &format!("each of {}{}", step.text.as_deref().unwrap_or_default(), after(step)));
            for branch in &step.branches {
                body_text(&branch.steps, depth + 1, out);
            }
        }
        "fail" => line(out, depth, &format!("fail {}{}", step.text.as_deref().unwrap_or_default(), after(step))),
        _ => {
            let kind = step.kind.as_deref().or(step.runs_as.as_deref()).unwrap_or_default();
            line(out, depth, &format!("{} {} = {kind}{}", step.role, step.name, after(step)));
            detail_text(step, depth + 2, out);
        }
    }
}

fn body_text(steps: &[Step], depth: usize, out: &mut String) {
    if steps.is_empty() {
        line(out, depth, "nothing");
    }
    for step in steps {
        step_text(step, depth, out);
    }
}

fn after(step: &Step) -> String {
    if step.after.is_empty() { String::new() } else { format!(", after {}", step.after.join(", ")) }
}

fn detail_text(step: &Step, depth: usize, out: &mut String) {
    match (&step.call, &step.runs_as) {
        (Some(call), Some(type_)) => line(out, depth, &format!("calls {call}, runs as {type_}")),
        (Some(call), None) => line(out, depth, &format!("calls {call}")),
        (None, Some(type_)) if step.kind.is_some() => line(out, depth, &format!("runs as {type_}")),
        (None, _) => {}
    }
    if let Some(cache) = &step.cache {
        line(out, depth, &format!("cached for {cache}"));
    }
    if let Some(retry) = &step.retry {
        line(out, depth, &format!("retried: {retry}"));
    }
    for output in &step.outputs {
        line(out, depth, &format!("makes {} → {}", output.name, output.location));
    }
    for note in &step.notes {
        line(out, depth, &format!("note: {note}"));
    }
}
