//! Graphs in the language of Graphviz.

use std::fmt::Write;

use super::{EdgeType, NodeType, ProjectGraph, caption};

/// One digraph of all workflows of all projects, a cluster each.
pub fn dot(projects: &[ProjectGraph]) -> String {
    let mut out = String::from("digraph mlflow {\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n");
    for (index, workflow) in projects.iter().flat_map(|project| &project.workflows).enumerate() {
        line(&mut out, &format!("  subgraph cluster_{index} {{"));
        line(&mut out, &format!("    label=\"{}\";", escaped(&workflow.name)));
        for node in &workflow.nodes {
            let shape = match node.kind {
                NodeType::Step => "",
                NodeType::Condition => ", shape=diamond, style=solid",
                NodeType::Each => ", shape=box3d, style=solid",
                NodeType::Try => ", shape=hexagon, style=solid",
                NodeType::Fail => ", shape=octagon, style=solid",
            };
            let text = caption(node).iter().map(|part| escaped(part)).collect::<Vec<_>>().join("\\n");
            line(&mut out, &format!("    w{index}n{} [label=\"{text}\"{shape}];", node.id));
        }
        for edge in &workflow.edges {
            let mut attributes = Vec::new();
            match edge.kind {
                EdgeType::Data => {}
                EdgeType::After => attributes.push("style=dashed".to_owned()),
                EdgeType::Branch => attributes.push("style=dotted".to_owned()),
            }
            if let Some(label) = &edge.label {
                attributes.push(format!("label=\"{}\"", escaped(label)));
            }
            let attributes =
                if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
            line(&mut out, &format!("    w{index}n{} -> w{index}n{}{attributes};", edge.from, edge.to));
        }
        line(&mut out, "  }");
    }
    out.push_str("}\n");
    out
}

fn line(out: &mut String, text: &str) {
    // Writing to memory does not fail.
    let _ = writeln!(out, "{text}");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}
