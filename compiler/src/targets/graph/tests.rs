//! Drawings of small plans.

use std::sync::Arc;

use super::*;
use crate::plan::{After, BranchPlan, CallPlan, StepPlan};
use crate::source::SourceFile;
use crate::types::{Class, Object};

const TEXT: &str = "train a\nstep b\nwhen a.auc > \"0.8\" { } each\nfail \"<too # low>\"\n";

fn node(id: u32, name: &str, at: &str, data: &[u32], kind: NodeKind) -> NodePlan {
    let start = TEXT.find(at).expect("the text holds it");
    let span = Span::new(crate::source::FileId(0), start, start + at.len());
    NodePlan {
        id: NodeId(id),
        name: name.into(),
        span,
        whole: span,
        doc: None,
        parent: None,
        maybe_edges: Vec::new(),
        data_edges: data.iter().map(|id| NodeId(*id)).collect(),
        after: Vec::new(),
        kind,
    }
}

fn step(role: &str) -> NodeKind {
    let none = Value::none(Span::NONE);
    NodeKind::Step(Box::new(StepPlan {
        kind: "xgboost".into(),
        role: role.into(),
        fits_first: false,
        needs_first: false,
        call: Some(CallPlan {
            service: "service".into(),
            operation: "Create".into(),
            returns: None,
            request: none.clone(),
        }),
        run: none.clone(),
        common: none.clone(),
        outputs: Vec::new(),
        writes: Vec::new(),
        results: none,
    }))
}

fn value(at: &str) -> Value {
    let start = TEXT.find(at).expect("the text holds it");
    Value::none(Span::new(crate::source::FileId(0), start, start + at.len()))
}

fn project() -> (Plan, Sources) {
    let mut sources = Sources::default();
    sources.add(SourceFile::new("main.mlflow", TEXT, false));
    let question = NodeKind::Condition {
        branches: vec![
            BranchPlan { condition: Some(value("a.auc > \"0.8\"")), body: vec![NodeId(1)], span: Span::NONE },
            BranchPlan { condition: None, body: vec![NodeId(3)], span: Span::NONE },
        ],
    };
    let mut nodes = vec![
        node(0, "a", "a", &[], step("train")),
        node(1, "b", "b", &[0], step("step")),
        node(2, "when-1", "when", &[0], question),
        node(3, "fail-1", "fail", &[], NodeKind::Fail { message: value("\"<too # low>\"") }),
    ];
    nodes[1].parent = Some((NodeId(2), 0));
    nodes[3].parent = Some((NodeId(2), 1));
    nodes[3].after = vec![After { node: NodeId(0), span: Span::NONE, on: "failure".into() }];
    let workflow = WorkflowPlan {
        name: "say \"hi\"".into(),
        span: Span::NONE,
        doc: None,
        engine: "machine".into(),
        engine_reason: String::new(),
        parameters: Vec::new(),
        settings: Arc::new(Object { class: Class::Plain, entries: Vec::new() }),
        nodes,
        body: vec![NodeId(0), NodeId(2)],
        raw: None,
    };
    let plan = Plan {
        project: "p".into(),
        project_span: Span::NONE,
        root: String::new(),
        region: None,
        bucket: None,
        workflows: vec![Arc::new(workflow)],
        assets: Vec::new(),
        deployment: crate::plan::Deployment::default(),
    };
    (plan, sources)
}

#[test]
fn mermaid_escapes_what_would_end_a_text() {
    let (plan, sources) = project();
    assert_eq!(
        mermaid(&[graph(&plan, &sources)]),
        "flowchart TD
  w0n0[\"a<br/>train · xgboost\"]
  w0n1[\"b<br/>step · xgboost\"]
  w0n2{\"when a.auc #gt; #quot;0.8#quot;\"}
  w0n3([\"fail #quot;#lt;too #35; low#gt;#quot;\"])
  w0n0 --> w0n1
  w0n0 --> w0n2
  w0n2 -.->|\"then\"| w0n1
  w0n2 -.->|\"else\"| w0n3
  w0n0 -.->|\"failure\"| w0n3
"
    );
}

#[test]
fn dot_escapes_quotes() {
    let (plan, sources) = project();
    let text = dot(&[graph(&plan, &sources)]);
    assert!(text.contains("label=\"say \\\"hi\\\"\";"), "{text}");
    assert!(text.contains("w0n2 [label=\"when a.auc > \\\"0.8\\\"\", shape=diamond, style=solid];"), "{text}");
    assert!(text.contains("w0n0 -> w0n3 [style=dashed, label=\"failure\"];"), "{text}");
}

#[test]
fn the_document_names_places() {
    let (plan, sources) = project();
    let document: serde_json::Value = serde_json::from_str(&document(&plan, &sources)).expect("JSON");
    let node = &document["workflows"][0]["nodes"][1];
    assert_eq!((&node["file"], &node["line"], &node["column"]), (&"main.mlflow".into(), &2.into(), &6.into()));
    assert_eq!(document["workflows"][0]["edges"][2]["kind"], "branch");
}
