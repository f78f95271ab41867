//! Evaluation for an editor: notes what each expression came to, says which declaration each finding belongs to, and
//! leaves out what an earlier run has said already. It must not decide what is out of date; its caller does.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::{Evaluator, GlobalState, KindInfo};
use crate::compilation::Options;
use crate::diagnostics::Diagnostic;
use crate::facts::ImageProblem;
use crate::plan::{Engine, WorkflowPlan};
use crate::resolve::{Global, Modules, Names, PreparedFiles, declared_name};
use crate::source::{FileId, ReadFiles, Sources, Span};
use crate::types::{Type, Value};

/// What the expressions of one part of a file came to, by where they stand in it.
pub(crate) type Noted = FxHashMap<(u32, u32), Value>;

/// What of an earlier run still holds.
#[derive(Default)]
pub(crate) struct Kept {
    /// By the project's first file.
    globals: FxHashMap<FileId, FxHashMap<Global, Value>>,
    pub(crate) kinds: FxHashMap<Global, Option<Arc<KindInfo>>>,
    workflows: FxHashMap<FileId, Vec<Arc<WorkflowPlan>>>,
    answers: FxHashMap<(SmolStr, SmolStr, [SmolStr; 4]), Type>,
    not_required: FxHashMap<(SmolStr, SmolStr), Arc<[SmolStr]>>,
    library_types: FxHashMap<&'static str, Type>,
    /// Kinds and components that each part applies.
    applied: FxHashMap<FileId, FxHashSet<Global>>,
    images: FxHashMap<[Option<SmolStr>; 8], Result<SmolStr, ImageProblem>>,
}

impl Kept {
    /// Forgets what belongs to a part of a file.
    pub(crate) fn forget(&mut self, is_stale: &dyn Fn(FileId) -> bool) {
        let stale = |global: &Global| matches!(global, Global::Declaration(part, _) if is_stale(*part));
        #[expect(clippy::iter_over_hash_type, reason = "each map by itself")]
        for globals in self.globals.values_mut() {
            globals.retain(|global, _| !stale(global));
        }
        self.kinds.retain(|global, _| !stale(global));
        self.workflows.retain(|part, _| !is_stale(*part));
        self.applied.retain(|part, _| *part != FileId::NONE && !is_stale(*part));
    }

    /// Forgets all that the user's files say.
    pub(crate) fn forget_all(&mut self) {
        self.globals.clear();
        self.kinds.retain(|global, _| matches!(global, Global::Declaration(file, _) if file.is_library()));
        self.workflows.clear();
        self.applied.clear();
        self.library_types.clear();
    }
}

/// What an evaluation for an editor carries along.
pub(crate) struct Incremental {
    kept: Kept,
    /// Parts that are evaluated; all where there is none.
    stale: Option<FxHashSet<FileId>>,
    noted: FxHashMap<FileId, Noted>,
    /// From which finding on which part is evaluated.
    owners: Vec<(usize, FileId)>,
    owner: FileId,
    has_said: bool,
}

/// What an evaluation for an editor gives.
pub(crate) struct Evaluated {
    pub(crate) names: Names,
    pub(crate) sources: Sources,
    /// Findings with the part whose evaluation gave each; `FileId::NONE` for those of the project as a whole.
    pub(crate) found: Vec<(FileId, Diagnostic)>,
    pub(crate) noted: FxHashMap<FileId, Noted>,
    pub(crate) kept: Kept,
    /// By the part that declares each.
    pub(crate) workflows: FxHashMap<FileId, Vec<Arc<WorkflowPlan>>>,
    /// Whether something was said that is said once for a project: the next run must be a whole one.
    pub(crate) has_said: bool,
}

/// Evaluates the stale parts of files, and of the others what those need.
pub(crate) fn evaluate(
    files: &dyn ReadFiles,
    prepared: &dyn PreparedFiles,
    roots: &[String],
    options: &Options,
    engines: &[&'static dyn Engine],
    mut kept: Kept,
    stale: Option<FxHashSet<FileId>>,
) -> Evaluated {
    let mut modules = Modules::with_prepared(files, prepared);
    let root_ids: Vec<FileId> = roots.iter().filter_map(|root| modules.load_root(root)).collect();
    let mut evaluator = Evaluator::new(modules, options, engines);
    // Kinds of the library are the same in every run; their files must be known to this one.
    evaluator.kinds = std::mem::take(&mut kept.kinds);
    evaluator.answers = std::mem::take(&mut kept.answers);
    evaluator.not_required = std::mem::take(&mut kept.not_required);
    evaluator.library_types = std::mem::take(&mut kept.library_types);
    evaluator.images = std::mem::take(&mut kept.images);
    evaluator.applied = kept.applied.values().flatten().copied().collect();
    evaluator.modules.enter_library(evaluator.kinds.keys());
    evaluator.incremental = Some(Box::new(Incremental {
        kept,
        stale,
        noted: FxHashMap::default(),
        owners: Vec::new(),
        owner: FileId::NONE,
        has_said: false,
    }));
    evaluator.projects(&root_ids);
    let mut state = *evaluator.incremental.take().expect("it was put there above");
    state.kept.kinds = evaluator.kinds;
    state.kept.answers = evaluator.answers;
    state.kept.not_required = evaluator.not_required;
    state.kept.library_types = evaluator.library_types;
    state.kept.images = evaluator.images;
    let (names, sources, resolved) = evaluator.modules.into_names();
    let mut found: Vec<(FileId, Diagnostic)> = resolved.iter().map(|found| (FileId::NONE, found.clone())).collect();
    let mut next = state.owners.iter().peekable();
    let mut owner = FileId::NONE;
    for (index, diagnostic) in evaluator.diagnostics.iter().enumerate() {
        while let Some((_, part)) = next.next_if(|(from, _)| *from <= index) {
            owner = *part;
        }
        found.push((owner, diagnostic.clone()));
    }
    let workflows = state.kept.workflows.clone();
    Evaluated { names, sources, found, noted: state.noted, kept: state.kept, workflows, has_said: state.has_said }
}

/// A kind of the standard library with the types of its fields.
pub(crate) fn library_kind(name: &str, options: &Options) -> Option<Arc<KindInfo>> {
    let mut evaluator = Evaluator::new(Modules::new(&Nothing), options, &[]);
    let global = evaluator.modules.find_library(name)?;
    evaluator.is_applicable(global).then(|| evaluator.kind(global)).flatten()
}

/// The settings that an output may have.
pub(crate) fn output_settings(options: &Options) -> Option<Type> {
    let mut evaluator = Evaluator::new(Modules::new(&Nothing), options, &[]);
    evaluator.library_type("output_settings")
}

/// No files at all.
struct Nothing;

impl ReadFiles for Nothing {
    fn read(&self, _: &str) -> Result<Vec<u8>, crate::source::ReadError> {
        Err(crate::source::ReadError::NotFound)
    }

    fn kind(&self, _: &str) -> Option<crate::source::PathKind> {
        None
    }

    fn list(&self, _: &str) -> Result<Vec<String>, crate::source::ReadError> {
        Err(crate::source::ReadError::NotFound)
    }
}

/// The functions of the compiler: name, parameters, how many are required, what it does.
pub(crate) fn built_ins() -> impl Iterator<Item = (&'static str, &'static [&'static str], usize, &'static str)> {
    super::functions::TABLE.iter().map(|built_in| (built_in.name, built_in.parameters, built_in.required, built_in.doc))
}

impl Evaluator<'_> {
    /// Notes what an expression of the user's came to.
    pub(super) fn note(&mut self, span: Span, value: &Value) {
        if let Some(state) = &mut self.incremental
            && !span.is_none()
            && !span.file.is_library()
        {
            state.noted.entry(span.file).or_default().insert((span.start, span.end), value.clone());
        }
    }

    /// Notes what a name at file level stands for, at the name.
    pub(super) fn note_declared(&mut self, global: Global, value: &Value) {
        if self.incremental.is_some()
            && let Some((tree, index)) = self.modules.declaration(global)
            && let Some(name) = declared_name(&tree.declarations[index])
        {
            self.note(name.span, value);
        }
    }

    /// Findings belong to this part from here on; gives the one they belonged to.
    pub(super) fn owned_by(&mut self, part: FileId) -> FileId {
        let findings = self.diagnostics.len();
        let Some(state) = &mut self.incremental else { return FileId::NONE };
        state.owners.push((findings, part));
        std::mem::replace(&mut state.owner, part)
    }

    /// A kind or component is applied by what is being evaluated.
    pub(super) fn note_applied(&mut self, global: Global) {
        if let Some(state) = &mut self.incremental {
            state.kept.applied.entry(state.owner).or_default().insert(global);
        }
    }

    pub(super) fn owned_by_global(&mut self, global: Global) -> FileId {
        match global {
            Global::Declaration(part, _) => self.owned_by(part),
            Global::Namespace(_) => self.owned_by(FileId::NONE),
        }
    }

    pub(super) fn owned_again_by(&mut self, part: FileId) {
        self.owned_by(part);
    }

    /// Something is said once for the whole project, because of a part of it.
    pub(super) fn note_said(&mut self) {
        if let Some(state) = &mut self.incremental
            && state.owner != FileId::NONE
        {
            state.has_said = true;
        }
    }

    /// The workflows of a part that need not be evaluated again.
    pub(super) fn kept_workflows(&mut self, part: FileId) -> Option<Vec<Arc<WorkflowPlan>>> {
        let state = self.incremental.as_ref()?;
        let stale = state.stale.as_ref()?;
        (!stale.contains(&part)).then(|| state.kept.workflows.get(&part).cloned().unwrap_or_default())
    }

    pub(super) fn note_workflow(&mut self, part: FileId, workflow: &Arc<WorkflowPlan>) {
        if let Some(state) = &mut self.incremental {
            state.kept.workflows.entry(part).or_default().push(workflow.clone());
        }
    }

    pub(super) fn take_kept_globals(&mut self, root: Option<FileId>) {
        if let (Some(state), Some(root)) = (&mut self.incremental, root)
            && let Some(kept) = state.kept.globals.remove(&root)
        {
            self.globals.extend(kept.into_iter().map(|(global, value)| (global, GlobalState::Done(value))));
        }
    }

    pub(super) fn keep_globals(&mut self, root: Option<FileId>) {
        if let (Some(state), Some(root)) = (&mut self.incremental, root) {
            let done = self.globals.iter().filter_map(|(global, value)| match value {
                GlobalState::Done(value) => Some((*global, value.clone())),
                GlobalState::Open => None,
            });
            let done = done.collect();
            state.kept.globals.insert(root, done);
        }
    }
}
