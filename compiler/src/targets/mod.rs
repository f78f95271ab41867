//! What is written for a plan. Each target is a folder and a row in [`TARGETS`]; nothing outside knows them by name.

pub mod graph;
pub(crate) mod json;
mod machine;
mod pipeline;
mod stack;

use smol_str::SmolStr;

use crate::compilation::Compilation;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::facts::Facts;
use crate::plan::{Engine, Plan, WorkflowPlan};
use crate::source::Sources;

/// Engines that run workflows, the preferred one first.
pub(crate) static ENGINES: &[&dyn Engine] = &[&pipeline::Pipelines, &machine::Machines];

/// Writes documents for a plan.
pub(crate) trait Target: Sync {
    fn emit(&self, plan: &Plan, context: &Context<'_>, out: &mut Output);

    /// What somebody who reads the plan of a workflow should know of how it will run, in sentences.
    fn notes(&self, _workflow: &WorkflowPlan) -> Vec<String> {
        Vec::new()
    }
}

/// What the targets say of how a workflow will run.
pub fn notes(workflow: &WorkflowPlan) -> Vec<String> {
    TARGETS.iter().flat_map(|target| target.notes(workflow)).collect()
}

/// Every target; one that composes what others wrote comes after them.
static TARGETS: &[&dyn Target] = &[&pipeline::PipelineTarget, &machine::MachineTarget, &stack::StackTarget];

/// For plans with more nodes than this the graph is written by a thread of its own.
const PARALLEL_FROM: usize = 200;

/// What targets read beside the plan.
pub(crate) struct Context<'c> {
    pub(crate) sources: &'c Sources,
    pub(crate) facts: &'c Facts,
}

/// What targets write.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) documents: Vec<Document>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) uploads: Vec<Upload>,
    pub(crate) diagnostics: Diagnostics,
}

/// A document that something deployed runs by.
pub(crate) struct Definition {
    /// The workflow, and the engine that the document is for.
    pub(crate) workflow: SmolStr,
    pub(crate) engine: SmolStr,
    /// The path of its document.
    pub(crate) path: String,
    /// Where in its text values stand that are known when the stack is deployed, in ascending order.
    pub(crate) placeholders: Vec<usize>,
}

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Below the output folder, with `/`: `churn/train_churn.pipeline.json`.
    pub path: String,
    pub text: String,
}

/// A document that the stack reads from S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub project: SmolStr,
    pub key: String,
    pub sha256: String,
    pub text: String,
    /// The document it is a compact form of.
    pub path: String,
}

/// All files of a compilation and what was found while writing them.
#[derive(Debug, Default)]
pub struct Emitted {
    /// In the order of their paths.
    pub documents: Vec<Document>,
    pub uploads: Vec<Upload>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Writes every document of every plan. Where there are findings, the documents are not fit for use.
pub fn emit(compilation: &Compilation) -> Emitted {
    let mut out = Output::default();
    for plan in &compilation.plans {
        let sources = compilation.sources.named_from(&plan.root);
        let context = Context { sources: &sources, facts: &compilation.facts };
        let is_large = plan.workflows.iter().map(|workflow| workflow.nodes.len()).sum::<usize>() > PARALLEL_FROM;
        let graph = std::thread::scope(|scope| {
            let other = is_large.then(|| scope.spawn(|| graph::document(plan, &sources)));
            for target in TARGETS {
                target.emit(plan, &context, &mut out);
            }
            match other {
                Some(graph) => graph.join().expect("writing a graph does not panic"),
                None => graph::document(plan, &sources),
            }
        });
        out.documents.push(assets(plan));
        out.documents.extend(plan.assets.iter().filter_map(|asset| {
            let text = asset.content.clone()?;
            Some(Document { path: format!("{}/{}", plan.project, asset.path), text })
        }));
        out.documents.push(Document { path: format!("{}/graph.json", plan.project), text: graph });
    }
    out.documents.sort_by(|a, b| a.path.cmp(&b.path));
    Emitted { documents: out.documents, uploads: out.uploads, diagnostics: out.diagnostics.finish() }
}

/// The list of files to upload before an execution starts.
fn assets(plan: &Plan) -> Document {
    #[derive(serde::Serialize)]
    struct Row<'p> {
        path: String,
        /// `build` where the file is among the documents, not beside the sources.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<&'static str>,
        sha256: &'p str,
        #[serde(skip_serializing_if = "Option::is_none")]
        pack: Option<&'static str>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        files: &'p [String],
        uri: String,
    }
    #[derive(serde::Serialize)]
    struct List<'p> {
        assets: Vec<Row<'p>>,
    }
    let assets = plan
        .assets
        .iter()
        .map(|asset| Row {
            path: match asset.content {
                Some(_) => asset.path.clone(),
                None => crate::source::relative(&plan.root, &asset.path),
            },
            from: asset.content.as_ref().map(|_| "build"),
            sha256: &asset.sha256,
            pack: (!asset.files.is_empty()).then_some("tar.gz"),
            files: &asset.files,
            uri: format!("s3://{}/{}", pipeline::placeholder_text(&asset.bucket), asset.key),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&List { assets }).unwrap_or_default();
    text.push('\n');
    Document { path: format!("{}/assets.json", plan.project), text }
}
