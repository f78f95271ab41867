//! Evaluates declarations as far as each value is known: the heart of the compiler. Known values are computed, later
//! ones become [`crate::types::Late`], kinds and components are applied, and a workflow becomes a plan. It must not know
//! how a target spells anything, nor any service by name.

mod application;
mod blocks;
mod comprehensions;
mod contents;
mod data;
mod deployed;
mod edges;
mod engines;
mod expression;
mod failures;
mod fields;
mod findings;
mod foreign;
mod functions;
mod globals;
mod images;
pub(crate) mod incremental;
mod json_text;
mod kinds;
mod loops;
mod operators;
mod optional;
mod outputs;
mod properties;
mod raw_machine;
mod request;
mod resources;
mod roles;
mod rows;
mod run_clauses;
mod steps;
mod turns;
mod types;
mod unused;
mod walk;
mod workflow;

pub(crate) use types::{stage_of, type_of_value};
pub(crate) use walk::walk_names;

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::compilation::{Compilation, Options};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::facts::{Facts, ImageProblem};
use crate::kinds::Kind;
use crate::plan::{Asset, Engine, Plan};
use crate::resolve::{Global, Modules};
use crate::source::{FileId, ReadFiles, Span};
use crate::syntax::tree::DeclarationKind;
use crate::types::{NodeId, Type, Value};

/// See [`crate::compilation::compile`].
pub(crate) fn compile(
    files: &dyn ReadFiles,
    roots: &[String],
    options: &Options,
    engines: &[&'static dyn Engine],
) -> Compilation {
    let mut modules = Modules::new(files);
    let mut sorted: Vec<String> = roots.iter().map(|root| crate::resolve::join("", root)).collect();
    sorted.sort();
    sorted.dedup();
    let root_ids: Vec<FileId> = sorted.iter().filter_map(|root| modules.load_root(root)).collect();
    let mut evaluator = Evaluator::new(modules, options, engines);
    let plans = evaluator.projects(&root_ids);
    let trees = evaluator.modules.trees();
    let mut diagnostics = evaluator.modules.diagnostics;
    diagnostics.extend(evaluator.diagnostics);
    let diagnostics = crate::diagnostics::without_consequences(diagnostics.finish(), &evaluator.modules.sources);
    Compilation {
        diagnostics,
        sources: evaluator.modules.sources,
        plans: plans.into_iter().map(Arc::new).collect(),
        facts: evaluator.facts,
        trees,
    }
}

/// What a global name came to.
#[derive(Clone)]
enum GlobalState {
    Open,
    Done(Value),
}

/// A kind with the types of its fields.
#[derive(Debug)]
pub(crate) struct KindInfo {
    pub(crate) kind: Kind,
    /// For each field, in order. `Type::Error` where it has a finding.
    pub(crate) types: Vec<Type>,
    pub(crate) parameters: Vec<Type>,
    /// For each field, in order: its default or fixed value, where that depends on nothing.
    pub(crate) constants: Vec<Option<Value>>,
    /// For each field that every step has, in order: whether the kind has one of that name itself.
    pub(crate) hidden: OnceLock<Vec<bool>>,
}

pub(crate) struct Evaluator<'a> {
    pub(crate) modules: Modules<'a>,
    pub(crate) facts: Facts,
    options: &'a Options,
    engines: &'a [&'static dyn Engine],
    pub(crate) diagnostics: Diagnostics,
    globals: FxHashMap<Global, GlobalState>,
    kinds: FxHashMap<Global, Option<Arc<KindInfo>>>,
    /// Scopes of workflows that are being evaluated.
    blocks: Vec<blocks::BlockScope>,
    project: Option<Arc<globals::Project>>,
    assets: Vec<Asset>,
    /// Files and folders that were looked at, by path.
    files: FxHashMap<String, Result<data::FileFacts, String>>,
    /// How deep applications of kinds and components are nested.
    depth: usize,
    /// Kinds and components of the user's that something applies.
    applied: FxHashSet<Global>,
    workflow: Option<workflow::WorkflowState>,
    /// What an engine says of a step's answer and of members it does not need, by step type and call.
    answers: FxHashMap<(SmolStr, SmolStr, [SmolStr; 4]), Type>,
    not_required: FxHashMap<(SmolStr, SmolStr), Arc<[SmolStr]>>,
    /// Types of the standard library that the compiler itself asks for.
    library_types: FxHashMap<&'static str, Type>,
    /// Types of parameters of the library's functions, and the calls that its kinds make, by their places.
    parameter_types: FxHashMap<Span, Type>,
    calls: FxHashMap<Span, (SmolStr, SmolStr)>,
    /// Images that were looked up, by all that decides them.
    images: FxHashMap<[Option<SmolStr>; 8], Result<SmolStr, ImageProblem>>,
    /// Resource types that were looked up, and the patterns of their schemas.
    resource_types: FxHashMap<SmolStr, Option<Arc<crate::facts::ResourceType>>>,
    patterns: FxHashMap<String, Option<Arc<crate::facts::Pattern>>>,
    /// IAM actions that are known to be.
    actions: rustc_hash::FxHashSet<SmolStr>,
    /// What is deployed with the project.
    deploying: resources::Deploying,
    /// What is said once for a project, however often it matters.
    said: Vec<&'static str>,
    /// The step whose call is being evaluated: whose job `run.name` names.
    naming: NodeId,
    /// Whether a text is evaluated for its reader: `none` is written out in it.
    is_message: bool,
    /// What of the user's is being evaluated: the place of findings in the library's text.
    here: Span,
    /// For an editor: what is noted and what still holds of an earlier run. None in a build.
    incremental: Option<Box<incremental::Incremental>>,
}

/// Names in scope: local ones, then those of enclosing scopes, then a workflow's block, then the file's.
pub(crate) struct Scope<'s> {
    parent: Option<&'s Scope<'s>>,
    names: Vec<(SmolStr, Value)>,
    block: Option<usize>,
}

impl<'s> Scope<'s> {
    pub(crate) fn file() -> Scope<'static> {
        Scope { parent: None, names: Vec::new(), block: None }
    }

    pub(crate) fn block(block: usize) -> Scope<'static> {
        Scope { parent: None, names: Vec::new(), block: Some(block) }
    }

    pub(crate) fn with(parent: &'s Scope<'s>, names: Vec<(SmolStr, Value)>) -> Scope<'s> {
        Scope { parent: Some(parent), names, block: None }
    }

    fn local(&self, name: &str) -> Option<&Value> {
        let mut at = Some(self);
        while let Some(scope) = at {
            // The last one of a name is the nearest.
            if let Some((_, value)) = scope.names.iter().rev().find(|(other, _)| other == name) {
                return Some(value);
            }
            at = scope.parent;
        }
        None
    }

    fn block_id(&self) -> Option<usize> {
        let mut at = Some(self);
        while let Some(scope) = at {
            if scope.block.is_some() {
                return scope.block;
            }
            at = scope.parent;
        }
        None
    }

    fn local_names(&self, out: &mut Vec<SmolStr>) {
        let mut at = Some(self);
        while let Some(scope) = at {
            out.extend(scope.names.iter().map(|(name, _)| name.clone()));
            at = scope.parent;
        }
    }
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(modules: Modules<'a>, options: &'a Options, engines: &'a [&'static dyn Engine]) -> Evaluator<'a> {
        Evaluator {
            modules,
            facts: options.facts.clone(),
            options,
            engines,
            diagnostics: Diagnostics::default(),
            globals: FxHashMap::default(),
            kinds: FxHashMap::default(),
            blocks: Vec::new(),
            project: None,
            assets: Vec::new(),
            files: FxHashMap::default(),
            depth: 0,
            workflow: None,
            answers: FxHashMap::default(),
            not_required: FxHashMap::default(),
            library_types: FxHashMap::default(),
            images: FxHashMap::default(),
            said: Vec::new(),
            is_message: false,
            here: Span::NONE,
            naming: NodeId(0),
            applied: FxHashSet::default(),
            resource_types: FxHashMap::default(),
            patterns: FxHashMap::default(),
            actions: rustc_hash::FxHashSet::default(),
            deploying: resources::Deploying::default(),
            parameter_types: FxHashMap::default(),
            calls: FxHashMap::default(),
            incremental: None,
        }
    }
}

impl Evaluator<'_> {
    pub(crate) fn report(&mut self, mut diagnostic: Diagnostic) {
        let place = diagnostic.primary.span;
        if !place.is_none() && !self.here.is_none() && self.modules.sources.get(place.file).is_library {
            // The mistake is where a kind of the library was used, whatever line of it found it.
            diagnostic.primary.span = self.here;
            diagnostic.fix = None;
            diagnostic = diagnostic.related(place, "found here");
        }
        self.diagnostics.push(diagnostic);
    }

    /// Evaluates every file that can be reached, and plans each project.
    fn projects(&mut self, roots: &[FileId]) -> Vec<Plan> {
        let mut planned: Vec<FileId> = Vec::new();
        let mut plans = Vec::new();
        let mut closures: Vec<(FileId, Vec<FileId>)> =
            roots.iter().map(|root| (*root, self.modules.closure(*root))).collect();
        // A file that another root imports is part of that root's project.
        let imported: Vec<FileId> = closures
            .iter()
            .flat_map(|(root, closure)| closure.iter().filter(move |file| *file != root).copied())
            .collect();
        closures.sort_by_key(|(root, _)| imported.contains(root) && !self.has_project(*root));
        for (_, closure) in closures {
            if closure.iter().all(|file| planned.contains(file)) {
                continue;
            }
            let fresh: Vec<FileId> = closure.iter().copied().filter(|file| !planned.contains(file)).collect();
            planned.extend(&fresh);
            if let Some(plan) = self.project(&closure, &fresh) {
                plans.push(plan);
            }
        }
        self.check_settings(&planned);
        plans
    }

    fn has_project(&self, file: FileId) -> bool {
        let trees = self.modules.trees_of(file);
        trees
            .iter()
            .any(|(_, tree)| tree.declarations.iter().any(|d| matches!(d.kind, DeclarationKind::Project { .. })))
    }
}

/// Whether a kind may stand after a word.
pub(crate) fn fits_word(info: &KindInfo, word: &str) -> bool {
    application::fits_word(&info.kind, word)
}
