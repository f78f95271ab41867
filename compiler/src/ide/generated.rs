//! From a source to the documents that are built of it and back, by their source maps; and the graph of its workflows.

use std::sync::Arc;

use super::analysis::{Analysis, Place};
use crate::compilation::compile;
use crate::diagnostics::Severity;
use crate::plan::NodeKind;
use crate::source::{LineColumn, LineIndex};
use crate::targets::{Document, emit};

/// A document that is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    pub path: String,
    pub language: &'static str,
    pub text: String,
}

/// A part of a built document, by lines and columns of UTF-16.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedPlace {
    pub path: String,
    pub start: LineColumn,
    pub end: LineColumn,
}

/// One segment of a source map.
#[derive(Clone, Copy, Debug)]
struct Segment {
    at: LineColumn,
    source: usize,
    from: LineColumn,
}

/// The documents of a workspace with their maps.
#[derive(Debug, Default)]
pub(super) struct Built {
    documents: Vec<Document>,
    maps: Vec<(String, Vec<String>, Vec<Segment>)>,
}

/// A node of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphNode {
    pub id: String,
    pub name: String,
    /// `step`, `condition`, `each`, `fail`
    pub shape: &'static str,
    /// The kind of a step.
    pub kind: String,
    pub role: String,
    pub engine: String,
    /// The declaration.
    pub whole: Place,
    pub selection: Place,
    pub parent: Option<String>,
    pub findings: Vec<(Severity, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphEdge {
    pub from: String,
    pub to: String,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphGroup {
    pub id: String,
    pub name: String,
    pub engine: String,
    pub place: Place,
    pub nodes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    pub groups: Vec<GraphGroup>,
}

impl Analysis {
    fn built(&self) -> Arc<Built> {
        self.built.get_or_init(|| Arc::new(self.build())).clone()
    }

    /// Builds everything anew: documents are asked for seldom, and never while somebody types.
    fn build(&self) -> Built {
        let roots: Vec<String> = self.documents.keys().cloned().collect();
        let compilation = compile(&*self.files, &roots, &self.options);
        if compilation.has_errors() {
            return Built::default();
        }
        let emitted = emit(&compilation);
        if emitted.diagnostics.iter().any(|found| found.severity() == Severity::Error) {
            return Built::default();
        }
        let mut built = Built::default();
        for document in &emitted.documents {
            let Some(path) = document.path.strip_suffix(".map") else { continue };
            let project = document.path.split('/').next().unwrap_or_default();
            let folder = compilation.plans.iter().find(|plan| plan.project == project).map_or("", |plan| &plan.root);
            let from = format!("{folder}{}x", if folder.is_empty() { "" } else { "/" });
            if let Some((sources, segments)) = read_map(&document.text) {
                let sources = sources.iter().map(|source| crate::resolve::join(&from, source)).collect();
                built.maps.push((path.to_owned(), sources, segments));
            }
        }
        built.documents = emitted.documents;
        built
    }

    /// The documents that are built of the project of a file, without their maps; none while there are errors.
    pub fn generated(&self, path: &str) -> Vec<GeneratedFile> {
        let built = self.built();
        let used: Vec<&str> = built
            .maps
            .iter()
            .filter(|(_, sources, _)| sources.iter().any(|source| source == path))
            .filter_map(|(document, ..)| document.split('/').next())
            .collect();
        built
            .documents
            .iter()
            .filter(|document| !document.path.ends_with(".map"))
            .filter(|document| document.path.split('/').next().is_some_and(|project| used.contains(&project)))
            .map(|document| GeneratedFile {
                path: document.path.clone(),
                language: if document.path.ends_with(".json") { "json" } else { "plaintext" },
                text: document.text.clone(),
            })
            .collect()
    }

    /// What is built of the words at an offset: the segment that starts nearest before it on its line.
    pub fn go_to_generated(&self, path: &str, offset: u32) -> Option<GeneratedPlace> {
        let document = self.documents.get(path)?;
        let at = document.source.lines().utf16(document.text(), offset);
        let built = self.built();
        let mut best: Option<(LineColumn, &str, usize, usize)> = None;
        for (index, (generated, sources, segments)) in built.maps.iter().enumerate() {
            for (place, segment) in segments.iter().enumerate() {
                if sources.get(segment.source).map(String::as_str) != Some(path)
                    || segment.from.line != at.line
                    || segment.from.column > at.column
                {
                    continue;
                }
                if best.is_none_or(|(from, ..)| segment.from > from) {
                    best = Some((segment.from, generated, index, place));
                }
            }
        }
        let (_, generated, index, place) = best?;
        let segments = &built.maps[index].2;
        let start = segments[place].at;
        let text = &built.documents.iter().find(|document| document.path == generated)?.text;
        let next = segments.get(place + 1).map(|segment| segment.at).filter(|next| next.line == start.line);
        let lines = LineIndex::new(text);
        let end_of_line = {
            let from = lines.line_start(start.line) as usize;
            let line = text[from..].split('\n').next().unwrap_or_default().trim_end_matches(',');
            LineColumn { line: start.line, column: line.encode_utf16().count() as u32 }
        };
        Some(GeneratedPlace { path: generated.to_owned(), start, end: next.unwrap_or(end_of_line) })
    }

    /// Where a place of a built document comes from.
    pub fn go_to_source(&self, generated: &str, at: LineColumn) -> Option<Place> {
        let built = self.built();
        let (_, sources, segments) = built.maps.iter().find(|(path, ..)| path == generated)?;
        let index = segments.partition_point(|segment| segment.at <= at).checked_sub(1)?;
        let segment = segments[index];
        let path = sources.get(segment.source)?;
        let document = self.documents.get(path)?;
        let start = document.source.lines().offset_utf16(document.text(), segment.from);
        let rest = &document.text()[start as usize..];
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        Some(Place { path: path.clone(), start, end: start + word as u32 })
    }

    /// The workflows of a file as a drawing.
    pub fn graph(&self, path: &str) -> Graph {
        let Some(document) = self.documents.get(path) else { return Graph::default() };
        let findings = self.findings(path);
        let mut graph = Graph::default();
        for placed in &document.parts {
            for workflow in self.workflows.get(&placed.part.id).into_iter().flatten() {
                let id = |node: u32| format!("{}/{node}", workflow.name);
                let mut group = GraphGroup {
                    id: workflow.name.to_string(),
                    name: workflow.name.to_string(),
                    engine: workflow.engine.to_string(),
                    place: match self.place(workflow.span) {
                        Some(place) => place,
                        None => continue,
                    },
                    nodes: Vec::new(),
                };
                if let Some(raw) = &workflow.raw {
                    for (index, step) in raw.steps.iter().enumerate() {
                        let Some(place) = self.place(step.name_span) else { continue };
                        group.nodes.push(id(index as u32));
                        graph.nodes.push(GraphNode {
                            id: id(index as u32),
                            name: step.name.to_string(),
                            shape: "step",
                            kind: step.type_.to_string(),
                            role: "step".into(),
                            engine: workflow.engine.to_string(),
                            whole: place.clone(),
                            selection: place,
                            parent: None,
                            findings: Vec::new(),
                        });
                    }
                }
                for node in &workflow.nodes {
                    let (Some(whole), Some(selection)) = (self.place(node.whole), self.place(node.span)) else {
                        continue;
                    };
                    let (shape, kind, role) = match &node.kind {
                        NodeKind::Step(step) => ("step", step.kind.to_string(), step.role.to_string()),
                        NodeKind::Condition { .. } => ("condition", "when".into(), "when".into()),
                        NodeKind::Each { .. } => ("each", "each".into(), "each".into()),
                        NodeKind::Fail { .. } => ("fail", "fail".into(), "fail".into()),
                        NodeKind::Start(_) => ("step", "pipeline".into(), "step".into()),
                        NodeKind::Try { .. } => ("try", "try".into(), "try".into()),
                    };
                    // A condition holds steps that have findings of their own.
                    let is_own = |place: &Place| match &node.kind {
                        NodeKind::Step(_) | NodeKind::Fail { .. } => {
                            whole.start <= place.start && place.end <= whole.end
                        }
                        _ => {
                            selection.start <= place.start
                                && place.end <= selection.end + 200
                                && !place_in_block(document.text(), &selection, place)
                        }
                    };
                    group.nodes.push(id(node.id.0));
                    graph.nodes.push(GraphNode {
                        id: id(node.id.0),
                        name: node.name.to_string(),
                        shape,
                        kind,
                        role,
                        engine: workflow.engine.to_string(),
                        findings: findings
                            .iter()
                            .filter(|finding| is_own(&finding.place))
                            .map(|finding| (finding.severity, finding.message.clone()))
                            .collect(),
                        whole: whole.clone(),
                        selection: selection.clone(),
                        parent: node.parent.map(|(parent, _)| id(parent.0)),
                    });
                }
                for edge in crate::targets::graph::edges(workflow) {
                    graph.edges.push(GraphEdge {
                        from: id(edge.from),
                        to: id(edge.to),
                        label: edge.label.unwrap_or_default(),
                    });
                }
                graph.groups.push(group);
            }
        }
        graph
    }
}

/// Whether a brace opens between a word and a place.
fn place_in_block(text: &str, word: &Place, place: &Place) -> bool {
    text.get(word.end as usize..place.start as usize).is_some_and(|between| between.contains('{'))
}

/// The sources and segments of a source map of version 3.
fn read_map(text: &str) -> Option<(Vec<String>, Vec<Segment>)> {
    let map: serde_json::Value = serde_json::from_str(text).ok()?;
    let sources = map.get("sources")?.as_array()?.iter().map(|source| source.as_str().unwrap_or_default().to_owned());
    let mut segments = Vec::new();
    let mut last = [0_i64; 3];
    for (line, groups) in map.get("mappings")?.as_str()?.split(';').enumerate() {
        let mut column = 0_i64;
        for group in groups.split(',').filter(|group| !group.is_empty()) {
            let fields = numbers(group)?;
            column += fields.first()?;
            if let [_, source, source_line, source_column, ..] = fields[..] {
                last = [last[0] + source, last[1] + source_line, last[2] + source_column];
                segments.push(Segment {
                    at: LineColumn { line: line as u32, column: column as u32 },
                    source: last[0] as usize,
                    from: LineColumn { line: last[1] as u32, column: last[2] as u32 },
                });
            }
        }
    }
    Some((sources.collect(), segments))
}

/// The numbers of a group in base 64.
fn numbers(group: &str) -> Option<Vec<i64>> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut value, mut shift) = (0_i64, 0);
    for byte in group.bytes() {
        let digit = DIGITS.iter().position(|other| *other == byte)? as i64;
        value |= (digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            out.push(if value & 1 == 1 { -(value >> 1) } else { value >> 1 });
            (value, shift) = (0, 0);
        }
    }
    Some(out)
}
