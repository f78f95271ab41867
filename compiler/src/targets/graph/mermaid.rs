//! Graphs as Mermaid flowcharts, which GitHub and GitLab draw in Markdown.

use std::fmt::Write;

use super::{EdgeType, Node, NodeType, ProjectGraph, WorkflowGraph, caption};

/// One flowchart of all workflows of all projects; each workflow is a box where there are several.
pub fn mermaid(projects: &[ProjectGraph]) -> String {
    let mut out = String::from("flowchart TD\n");
    let workflows: Vec<&WorkflowGraph> = projects.iter().flat_map(|project| &project.workflows).collect();
    let boxed = workflows.len() > 1;
    for (index, workflow) in workflows.iter().enumerate() {
        if boxed {
            line(&mut out, 1, &format!("subgraph w{index} [\"{}\"]", escaped(&workflow.name)));
        }
        let depth = if boxed { 2 } else { 1 };
        nodes(&mut out, index, workflow, None, depth);
        for edge in &workflow.edges {
            let arrow = match edge.kind {
                EdgeType::Data => "-->",
                EdgeType::After | EdgeType::Branch => "-.->",
            };
            let label = edge.label.as_ref().map(|label| format!("|\"{}\"|", escaped(label))).unwrap_or_default();
            let inside = workflow
                .nodes
                .iter()
                .any(|node| edge.kind == EdgeType::Branch && node.id == edge.from && node.kind == NodeType::Each);
            // A loop is drawn as a box around its steps, which says the same.
            if !inside {
                line(&mut out, depth, &format!("w{index}n{} {arrow}{label} w{index}n{}", edge.from, edge.to));
            }
        }
        if boxed {
            line(&mut out, 1, "end");
        }
    }
    out
}

/// The nodes around which `parent` is the nearest loop.
fn nodes(out: &mut String, index: usize, workflow: &WorkflowGraph, parent: Option<u32>, depth: usize) {
    for node in workflow.nodes.iter().filter(|node| nearest_loop(workflow, node) == parent) {
        let id = format!("w{index}n{}", node.id);
        let text = caption(node).iter().map(|part| escaped(part)).collect::<Vec<_>>().join("<br/>");
        match node.kind {
            NodeType::Step => line(out, depth, &format!("{id}[\"{text}\"]")),
            NodeType::Condition => line(out, depth, &format!("{id}{{\"{text}\"}}")),
            NodeType::Try => line(out, depth, &format!("{id}{{{{\"{text}\"}}}}")),
            NodeType::Fail => line(out, depth, &format!("{id}([\"{text}\"])")),
            NodeType::Each => {
                line(out, depth, &format!("subgraph {id} [\"{text}\"]"));
                nodes(out, index, workflow, Some(node.id), depth + 1);
                line(out, depth, "end");
            }
        }
    }
}

fn nearest_loop(workflow: &WorkflowGraph, node: &Node) -> Option<u32> {
    let mut parent = node.parent;
    while let Some(id) = parent {
        let around = workflow.nodes.iter().find(|other| other.id == id)?;
        if around.kind == NodeType::Each {
            return Some(id);
        }
        parent = around.parent;
    }
    None
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to memory does not fail.
    let _ = writeln!(out, "{:depth$}{text}", "", depth = depth * 2);
}

/// Text within quotes: Mermaid reads entities, and Markdown between backticks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '#' => out.push_str("#35;"),
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            '\\' => out.push_str("#92;"),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}
