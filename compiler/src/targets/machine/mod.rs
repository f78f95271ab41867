//! State machines of Step Functions, in the States Language with JSONata. How a machine spells order, values, conditions,
//! loops and calls stands here and nowhere else; which calls it can make in which ways are facts.
//!
//! Results of steps travel in variables, one for each step, holding only what is read later. A branch or iteration has
//! variables of its own and hands out through its output what others read. What a start gives is read from the context object,
//! once, into variables.

mod distributed;
mod document;
mod engine;
mod expression;
mod layout;
mod raw;
mod retry;
mod start;
mod states;
mod task;
mod uses;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::json::JsonWriter;
use super::pipeline::capital;
use super::{Context, Definition, Document, Output, Target};
use crate::diagnostics::{self as d, Diagnostic, Diagnostics};
use crate::plan::scopes::scopes;
use crate::plan::{NodePlan, Plan, WorkflowPlan};
use crate::source::Span;
use crate::types::{NodeId, Value};

use document::{Json, State};
pub(crate) use engine::Machines;
use engine::TITLE;
use layout::Layout;
use uses::Uses;

pub(crate) struct MachineTarget;

impl Target for MachineTarget {
    fn emit(&self, plan: &Plan, context: &Context<'_>, out: &mut Output) {
        for workflow in plan.workflows.iter().filter(|workflow| workflow.engine == "machine") {
            if let Some(raw) = &workflow.raw {
                raw::emit(plan, workflow, raw, context, out);
                continue;
            }
            let index: FxHashMap<NodeId, usize> =
                workflow.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
            let layout = Layout::new(workflow, &index);
            let uses = Uses::new(workflow, &index, &layout);
            let region = plan.region.as_deref();
            let mut emitter = Emitter {
                context,
                workflow,
                index: &index,
                layout: &layout,
                uses: &uses,
                diagnostics: Diagnostics::default(),
                state_names: workflow.nodes.iter().map(|node| node.name.clone()).collect(),
                here: workflow.span,
                own: None,
                position: 0,
                frames: Vec::new(),
                asking: false,
                partition: region.and_then(|region| context.facts.partition(region)).unwrap_or("aws").to_owned(),
            };
            let mut json = JsonWriter::new(context.sources);
            emitter.definition(&mut json);
            let diagnostics = std::mem::take(&mut emitter.diagnostics);
            out.diagnostics.extend(diagnostics);
            let file = format!("{}.asl.json", workflow.name);
            put(plan, workflow, json, file, context, out);
        }
    }

    fn notes(&self, workflow: &WorkflowPlan) -> Vec<String> {
        if workflow.engine != "machine" || workflow.raw.is_some() {
            return Vec::new();
        }
        let index: FxHashMap<NodeId, usize> =
            workflow.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        let name = |id: &NodeId| index.get(id).map_or("", |at| workflow.nodes[*at].name.as_str());
        let layout = Layout::new(workflow, &index);
        let mut notes = Vec::new();
        let scopes = std::iter::once(None).chain(
            workflow.nodes.iter().flat_map(|node| (0..scopes(node).len()).map(move |branch| Some((node.id, branch)))),
        );
        for order in scopes.filter_map(|scope| layout.order(scope)) {
            let lost = &order.lost;
            const SHOWN: usize = 5;
            for (before, after) in lost.waits.iter().take(SHOWN) {
                let (before, after) = (name(&order.body[*before]), name(&order.body[*after]));
                notes.push(format!(
                    "`{after}` waits for `{before}` without need: the states of a machine are nested, and this order is not"
                ));
            }
            if lost.count > SHOWN as u64 {
                notes.push(format!("{} more steps wait so", lost.count - SHOWN as u64));
            }
        }
        notes
    }
}

/// Enters a finished definition into the output, with its source map.
fn put(
    plan: &Plan,
    workflow: &WorkflowPlan,
    mut json: JsonWriter<'_>,
    file: String,
    context: &Context<'_>,
    out: &mut Output,
) {
    out.definitions.push(Definition {
        workflow: workflow.name.clone(),
        engine: workflow.engine.clone(),
        path: format!("{}/{file}", plan.project),
        placeholders: json.take_placeholders(),
    });
    let (text, map, compact) = json.finish(&file);
    let limit = context.facts.machine_limit("definition_bytes").unwrap_or(u64::MAX);
    if compact as u64 > limit {
        out.diagnostics.push(Diagnostic::new(
            &d::DEFINITION_SIZE,
            workflow.span,
            &[("name", &workflow.name), ("size", &compact), ("engine", &TITLE), ("limit", &limit)],
        ));
    }
    out.documents.push(Document { path: format!("{}/{file}", plan.project), text });
    out.documents.push(Document { path: format!("{}/{file}.map", plan.project), text: map });
}

/// Writes one machine.
struct Emitter<'e> {
    context: &'e Context<'e>,
    workflow: &'e WorkflowPlan,
    index: &'e FxHashMap<NodeId, usize>,
    layout: &'e Layout,
    uses: &'e Uses,
    diagnostics: Diagnostics,
    /// Names of states, which are unique in the whole machine.
    state_names: FxHashSet<SmolStr>,
    /// The place for what has none in the user's text: the step being written.
    here: Span,
    /// The step whose states are being written, and its position in the layout.
    own: Option<NodeId>,
    position: u32,
    /// Loops around it whose turns are executions of their own, the outermost first.
    frames: Vec<distributed::Frame>,
    /// Whether what is being written asks for what an earlier state of the same step started.
    asking: bool,
    partition: String,
}

impl<'e> Emitter<'e> {
    fn node(&self, id: NodeId) -> Option<&'e NodePlan> {
        self.index.get(&id).map(|at| &self.workflow.nodes[*at])
    }

    /// A place in the user's text: the given one, or the step if that is the library's or none.
    fn place(&self, span: Span) -> Span {
        if span.is_none() || self.context.sources.get(span.file).is_library { self.here } else { span }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn definition(&mut self, json: &mut JsonWriter<'_>) {
        let here = self.workflow.span;
        let is_divided = self.workflow.nodes.iter().any(|node| matches!(node.kind, crate::plan::NodeKind::Start(_)));
        for setting in ["experiment", "mlflow", "parallel"] {
            // The pipelines that it starts have them.
            if is_divided {
                break;
            }
            if let Some(value) = self.workflow.settings.get(setting).filter(|value| !value.is_none()) {
                let place = self.place(value.span);
                self.cannot(place, &format!("`{setting}`, which is for pipelines"));
            }
        }
        let start = self.start();
        let part = self.scope(None, None);
        let mut machine = document::Machine::default();
        let description = self.workflow.settings.get("description").filter(|value| !value.is_none());
        let comment = match (description, &self.workflow.doc) {
            (Some(text), _) => Some(self.json(text)),
            (None, Some(doc)) => Some(Json::text(doc.as_str(), here)),
            (None, None) => None,
        };
        machine.before.extend(comment.map(|comment| ("Comment", comment)));
        machine.before.push(("QueryLanguage", Json::text("JSONata", here)));
        let Some(entry) = part.entry else {
            self.report(Diagnostic::new(
                &d::EMPTY_WORKFLOW,
                here,
                &[("name", &self.workflow.name), ("engine", &TITLE)],
            ));
            return;
        };
        machine.start = entry;
        machine.states = part.states;
        if let Some(mut state) = start {
            state.next(Some(&machine.start));
            machine.start = state.name.clone();
            machine.states.insert(0, state);
        }
        json.begin_object(here);
        machine.write(json, here);
        json.end_object();
    }

    /// The state that reads what the start gives, with defaults for what it leaves out.
    fn start(&mut self) -> Option<State> {
        let mut entries = Vec::new();
        for parameter in self.workflow.parameters.iter().filter(|known| self.uses.parameters.contains(&known.name)) {
            let variable = self.uses.parameter_names.get(&parameter.name)?.clone();
            let given = format!("$states.context.Execution.Input.{}", expression::name_text(&parameter.name));
            let text = match parameter.default.as_ref() {
                Some(default) => {
                    let default: &Value = default;
                    format!("$exists({given}) ? {given} : {}", self.expression(default))
                }
                None => given,
            };
            entries.push((variable, Json::expression(&text, parameter.span)));
        }
        if entries.is_empty() {
            return None;
        }
        let here = self.workflow.span;
        let name = self.derived("parameters");
        let mut state = State::new(name, "Pass", here);
        state.set("Assign", Json::object(entries, here));
        Some(state)
    }
}
