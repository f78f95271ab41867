//! What stands at file level: the project, configs, lets, sources and resources, and the names that are always there.

use std::sync::Arc;

use smol_str::SmolStr;

use super::application::Context;
use super::{Evaluator, GlobalState, Scope};
use crate::compilation::Setting;
use crate::diagnostics::{self as d, Diagnostic};
use crate::kinds::word_of;
use crate::plan::{Plan, WorkflowPlan};
use crate::resolve::Global;
use crate::source::{FileId, Span};
use crate::syntax::tree::{self, Declaration, DeclarationKind, EntryKind, Expression, ExpressionKind};
use crate::types::{Because, Class, Data, Entry, Function, FunctionBody, LateKind, Object, Stage, Type, Value, show};

/// The settings of a `project`.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: SmolStr,
    pub(crate) span: Span,
    pub(crate) region: Option<SmolStr>,
    pub(crate) account: Option<Value>,
    pub(crate) bucket: Option<Value>,
    pub(crate) settings: Arc<Object>,
}

/// What may stand in a file, in the words of a message.
const FILE_LEVEL: &str = "`project`, `import`, `schema`, `type`, `config`, `let`, `source`, `resource`, `kind`, `component` and \
    `workflow`; what runs stands in a `workflow`";

impl Evaluator<'_> {
    /// Evaluates the files of one project; gives a plan where one of them declares it.
    pub(crate) fn project(&mut self, closure: &[FileId], fresh: &[FileId]) -> Option<Plan> {
        self.project = None;
        self.assets.clear();
        self.said.clear();
        self.deploying = super::resources::Deploying::default();
        let mut declared: Option<(tree::Name, tree::Object)> = None;
        for file in closure {
            let trees = self.modules.trees_of(*file);
            for (_, tree) in &trees {
                self.note_moves(&tree.declarations);
            }
            for declaration in trees.iter().flat_map(|(_, tree)| &tree.declarations) {
                let DeclarationKind::Project { name, body } = &declaration.kind else { continue };
                match &declared {
                    Some((first, _)) => {
                        let found = Diagnostic::new(&d::TWO_PROJECTS, name.span, &[("name", &name.text)])
                            .related(first.span, "the first `project`");
                        self.report(found);
                    }
                    None => declared = Some((name.clone(), body.clone())),
                }
            }
        }
        // What was meant as a project has its finding.
        let is_misspelt = |declaration: &Declaration| match &declaration.kind {
            DeclarationKind::Setting { name, .. } => name.text == "project",
            DeclarationKind::Field(field) => field.name.text == "project",
            _ => false,
        };
        let has_project = declared.is_some()
            || closure.iter().any(|file| {
                self.modules.trees_of(*file).iter().any(|(_, tree)| tree.declarations.iter().any(is_misspelt))
            });
        if declared.is_none() && has_project {
            self.once("bucket");
            self.once("region");
        }
        let project = match declared {
            Some((name, body)) => self.read_project(&name, &body),
            None => {
                let file = *closure.first()?;
                let path = self.modules.sources.get(file).name.clone();
                let stem = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".mlflow").to_owned();
                Project {
                    name: stem.into(),
                    span: Span::NONE,
                    region: None,
                    account: None,
                    bucket: None,
                    settings: Arc::new(Object { class: Class::Plain, entries: Vec::new() }),
                }
            }
        };
        let project = Arc::new(project);
        self.project = Some(project.clone());
        // Values of an earlier project must not leak into this one.
        self.globals.clear();
        self.take_kept_globals(closure.first().copied());
        // What is deployed once stands by itself, whichever workflow names it first.
        for file in fresh {
            for (part, tree) in self.modules.trees_of(*file) {
                if self.kept_workflows(part).is_some() {
                    continue;
                }
                let before = self.owned_by(part);
                for (index, declaration) in tree.declarations.iter().enumerate() {
                    if matches!(&declaration.kind, DeclarationKind::Binding { .. }) {
                        self.declaration(part, index, declaration, has_project);
                    }
                }
                self.owned_again_by(before);
            }
        }
        let mut workflows: Vec<Arc<WorkflowPlan>> = Vec::new();
        for file in fresh {
            for (part, tree) in self.modules.trees_of(*file) {
                if let Some(kept) = self.kept_workflows(part) {
                    workflows.extend(kept);
                    continue;
                }
                let before = self.owned_by(part);
                for (index, declaration) in tree.declarations.iter().enumerate() {
                    let found = self.declaration(part, index, declaration, has_project);
                    for workflow in found.into_iter().map(Arc::new) {
                        self.note_workflow(part, &workflow);
                        workflows.push(workflow);
                    }
                }
                self.owned_again_by(before);
            }
        }
        let before = self.owned_by(FileId::NONE);
        // What nobody uses is deployed by nobody.
        let deploying = std::mem::take(&mut self.deploying);
        self.unused(fresh);
        self.deploying = deploying;
        self.owned_again_by(before);
        self.keep_globals(closure.first().copied());
        if project.span.is_none() {
            return None;
        }
        let mut names: Vec<(SmolStr, Span)> = Vec::new();
        for workflow in &workflows {
            if let Some((_, first)) = names.iter().find(|(name, _)| *name == workflow.name) {
                let found = Diagnostic::new(&d::DECLARED_TWICE, workflow.span, &[("name", &workflow.name)])
                    .related(*first, "the first declaration");
                self.report(found);
            }
            names.push((workflow.name.clone(), workflow.span));
        }
        let file = (!project.span.is_none()).then(|| self.modules.sources.get(project.span.file).name.clone());
        let root = file.and_then(|file| file.rsplit_once('/').map(|(folder, _)| folder.to_owned())).unwrap_or_default();
        let mut assets = std::mem::take(&mut self.assets);
        assets.sort_by(|a, b| a.key.cmp(&b.key));
        Some(Plan {
            project: project.name.clone(),
            project_span: project.span,
            root,
            region: project.region.clone(),
            bucket: project.bucket.clone(),
            workflows,
            assets,
            deployment: std::mem::take(&mut self.deploying).plan,
        })
    }

    /// Defaults for the steps of one kind name fields of that kind.
    fn check_defaults(&mut self, settings: &Object) {
        let Some(defaults) = settings.get("defaults").and_then(Value::as_object).cloned() else { return };
        let common = self.common_fields();
        for entry in &defaults.entries {
            let Some(fields) = entry.value.as_object().cloned() else { continue };
            let Some(info) = self.kind_of_project(&entry.key).and_then(|global| self.kind(global)) else {
                continue;
            };
            let names: Vec<&str> = info
                .kind
                .fields
                .iter()
                .chain(common.iter().flat_map(|common| &common.kind.fields))
                .map(|field| field.name.text.as_str())
                .collect();
            for field in fields.entries.iter().filter(|field| !names.contains(&field.key.as_str())) {
                let found =
                    Diagnostic::new(&d::UNKNOWN_FIELD, field.key_span, &[("kind", &entry.key), ("name", &field.key)]);
                self.report(found.suggest(&field.key, field.key_span, names.iter().copied()));
            }
        }
    }

    fn no_project(&mut self, name: &tree::Name) {
        let found = Diagnostic::new(&d::NO_PROJECT, name.span, &[("name", &name.text)]);
        self.report(found.help("declare one: `project name { region = \"eu-west-1\", bucket = \"…\" }`"));
        // What lacks a bucket or a region has its reason.
        self.once("bucket");
        self.once("region");
    }

    fn read_project(&mut self, name: &tree::Name, body: &tree::Object) -> Project {
        let span = name.span;
        let early = Project {
            name: name.text.clone(),
            span,
            region: None,
            account: None,
            bucket: None,
            settings: Arc::new(Object { class: Class::Plain, entries: Vec::new() }),
        };
        self.project = Some(Arc::new(early));
        self.early_settings(name, body);
        let findings = self.diagnostics.len();
        let settings = self.settings("project_settings", "project", body, span, &Scope::file());
        if self.diagnostics.len() > findings {
            // What is lacking for a mistake in the project has its reason.
            self.once("bucket");
            self.once("region");
        }
        let text = |key: &str| settings.get(key).and_then(|value| value.as_string().cloned());
        let region = text("region");
        if let Some(region) = &region
            && !self.facts.is_region(region)
        {
            let place = settings.get("region").map_or(span, |value| value.span);
            let names = self.facts.regions();
            let found = Diagnostic::new(&d::UNKNOWN_REGION, place, &[("region", region)]);
            let found = match d::closest(region, names.iter().map(|name| name.as_ref())) {
                Some(near) => {
                    let fixed = format!("\"{near}\"");
                    found.help(format!("did you mean {fixed}?")).fix(format!("Change to {fixed}"), place, fixed)
                }
                None => found.help("regions are called such as \"eu-west-1\" or \"us-east-1\""),
            };
            self.report(found);
            // What depends on the region has its reason.
            self.once("region");
        }
        let region = region.filter(|region| self.facts.is_region(region));
        self.check_defaults(&settings);
        Project {
            name: name.text.clone(),
            span,
            region,
            account: settings.get("account").filter(|value| !value.is_none()).cloned(),
            bucket: settings.get("bucket").filter(|value| !value.is_none()).cloned(),
            settings,
        }
    }

    /// Region and account are there for the other settings.
    fn early_settings(&mut self, name: &tree::Name, body: &tree::Object) {
        let mut values: Vec<Option<Value>> = Vec::new();
        for key in ["region", "account"] {
            let given = body.entries.iter().find_map(|entry| match &entry.kind {
                EntryKind::Field { key: other, value } if other.text == key => Some(value.clone()),
                _ => None,
            });
            // What is wrong with it is found with the other settings.
            let findings = self.diagnostics.len();
            let value = given.map(|given| self.evaluate(&given, &Scope::file()));
            self.diagnostics.truncate(findings);
            values.push(value.filter(|value| value.as_string().is_some()));
        }
        let account = values.pop().flatten();
        let region = values.pop().flatten().and_then(|region| region.as_string().cloned());
        self.project = Some(Arc::new(Project {
            name: name.text.clone(),
            span: name.span,
            region: region.filter(|region| self.facts.is_region(region)),
            account,
            bucket: None,
            settings: Arc::new(Object { class: Class::Plain, entries: Vec::new() }),
        }));
        // A value that was wanted before the project is whole may come to another one now.
        self.globals.clear();
    }

    /// Checks an object of settings against the fields of a kind of the library.
    pub(crate) fn settings(
        &mut self,
        kind: &str,
        word: &str,
        body: &tree::Object,
        span: Span,
        scope: &Scope<'_>,
    ) -> Arc<Object> {
        let empty = Arc::new(Object { class: Class::Plain, entries: Vec::new() });
        let Some(global) = self.modules.find_library(kind) else { return empty };
        let Some(info) = self.kind(global) else { return empty };
        let context = Context { word, name: word.into(), span, ..Context::default() };
        let fields = self.fields(&info, &[], body, scope, &context);
        let entries = fields.values.into_iter().map(|(key, value)| Entry::new(key, value)).collect();
        Arc::new(Object { class: Class::Plain, entries })
    }

    /// The bucket for derived locations; without one, one finding for the whole project.
    pub(crate) fn bucket(&mut self, place: Span) -> Option<Value> {
        let project = self.project.clone()?;
        if let Some(bucket) = &project.bucket {
            return (!bucket.is_error()).then(|| bucket.clone());
        }
        if self.once("bucket") {
            let found = Diagnostic::new(&d::NO_BUCKET, place, &[]).related(project.span, "the project");
            self.report(found);
        }
        None
    }

    /// Whether something is said for the first time in this project.
    pub(crate) fn once(&mut self, what: &'static str) -> bool {
        let is_first = !self.said.contains(&what);
        if is_first {
            self.said.push(what);
            self.note_said();
        }
        is_first
    }

    fn declaration(
        &mut self,
        file: FileId,
        index: usize,
        declaration: &Declaration,
        has_project: bool,
    ) -> Vec<WorkflowPlan> {
        let global = Global::Declaration(file, index as u32);
        match &declaration.kind {
            DeclarationKind::Config { .. } | DeclarationKind::Let { .. } => {
                self.global(global, declaration.span);
            }
            DeclarationKind::Schema { fields, name } => {
                self.record(Some(name.text.clone()), fields);
            }
            DeclarationKind::Type { value, .. } => {
                self.type_of(value);
            }
            DeclarationKind::Kind { .. } | DeclarationKind::Component { .. } => {
                self.kind(global);
            }
            DeclarationKind::Binding { word, word_span, .. } => {
                if word.is_step() || *word == tree::Binding::Trigger {
                    let word = word.word();
                    self.report(Diagnostic::new(
                        &d::MISPLACED,
                        *word_span,
                        &[("word", &word), ("place", &"a file"), ("allowed", &FILE_LEVEL)],
                    ));
                } else {
                    self.global(global, declaration.span);
                }
            }
            DeclarationKind::Workflow { name, body } => {
                if !has_project {
                    self.no_project(name);
                }
                return self.workflow(declaration, name, body);
            }
            DeclarationKind::Pipeline { name, body } => {
                if !has_project {
                    self.no_project(name);
                }
                return vec![self.raw_pipeline(declaration, name, body)];
            }
            DeclarationKind::Machine { name, body } => {
                if !has_project {
                    self.no_project(name);
                }
                return vec![self.raw_machine(declaration, name, body)];
            }
            DeclarationKind::Test { name, .. } => {
                self.report(Diagnostic::new(&d::NOT_BUILT, name.span, &[("what", &"A test")]));
            }
            DeclarationKind::Project { .. }
            | DeclarationKind::Import { .. }
            | DeclarationKind::Moved { .. }
            | DeclarationKind::Error => {}
            DeclarationKind::Param { .. }
            | DeclarationKind::Raw { .. }
            | DeclarationKind::When { .. }
            | DeclarationKind::For { .. }
            | DeclarationKind::Each { .. }
            | DeclarationKind::Fail { .. }
            | DeclarationKind::Try { .. }
            | DeclarationKind::OnFailure { .. }
            | DeclarationKind::Output { .. }
            | DeclarationKind::Field(_)
            | DeclarationKind::Setting { .. }
            | DeclarationKind::Call { .. }
            | DeclarationKind::Run { .. }
            | DeclarationKind::Check { .. }
            | DeclarationKind::Role { .. }
            | DeclarationKind::Allow { .. } => {
                self.misplaced_in_file(declaration);
            }
        }
        Vec::new()
    }

    fn misplaced_in_file(&mut self, declaration: &Declaration) {
        let DeclarationKind::Setting { name, value } = &declaration.kind else {
            self.misplaced(declaration, "a file", FILE_LEVEL);
            return;
        };
        if self.is_nameless(name, Some(value)) {
            return;
        }
        let is_head = matches!(name.text.as_str(), "project" | "workflow" | "component" | "kind" | "schema");
        let problem = match is_head {
            true => format!("This `{}` has no name", name.text),
            false => format!("`{}` is declared by no word", name.text),
        };
        let label = if is_head { "expected a name after this" } else { "expected a word before this" };
        let arguments: [(&str, &dyn std::fmt::Display); 3] = [("problem", &problem), ("label", &label), ("help", &"")];
        let found = Diagnostic::new(&d::SYNTAX, name.span, &arguments);
        let has_body = matches!(&*value.kind, ExpressionKind::Object(_));
        self.report(match (is_head, has_body) {
            (true, _) => found.help(format!("write `{} name {{ … }}`", name.text)),
            (false, true) => found.help(format!("in a file may stand {FILE_LEVEL}")),
            (false, false) => found.help("a value gets a name with `let name = value`").fix(
                "Write `let`",
                Span { end: name.span.start, ..name.span },
                "let ",
            ),
        });
    }

    /// The value of a name at file level; evaluated once.
    pub(crate) fn global(&mut self, global: Global, place: Span) -> Value {
        match self.globals.get(&global) {
            Some(GlobalState::Done(value)) => return value.clone(),
            Some(GlobalState::Open) => {
                let name = self.modules.sources.text(place).to_owned();
                self.report(Diagnostic::new(&d::VALUE_CYCLE, place, &[("name", &name)]));
                return Value::error(place);
            }
            None => {}
        }
        // What is no value is wrong wherever it is used as one.
        use DeclarationKind::{Binding, Config, Let, Workflow};
        let is_value = |kind: &_| matches!(kind, Let { .. } | Config { .. } | Binding { .. } | Workflow { .. });
        if !self.modules.declaration(global).is_some_and(|(tree, at)| is_value(&tree.declarations[at].kind)) {
            return self.fresh_global(global, place);
        }
        self.globals.insert(global, GlobalState::Open);
        let path = std::mem::take(&mut self.deploying.path);
        let before = self.owned_by_global(global);
        let value = self.fresh_global(global, place);
        self.note_declared(global, &value);
        self.owned_again_by(before);
        self.deploying.path = path;
        self.globals.insert(global, GlobalState::Done(value.clone()));
        value
    }

    fn fresh_global(&mut self, global: Global, place: Span) -> Value {
        let Some((tree, index)) = self.modules.declaration(global) else { return Value::error(place) };
        let declaration = &tree.declarations[index];
        let scope = Scope::file();
        match &declaration.kind {
            DeclarationKind::Let { name, parameters, type_, value } => {
                self.let_value(name, parameters.as_deref(), type_.as_ref(), value, &scope)
            }
            DeclarationKind::Config { name, type_, default } => self.config(name, type_.as_ref(), default.as_ref()),
            DeclarationKind::Binding { word, name, type_, value, .. } => {
                let type_ = type_.as_ref().map(|written| self.type_of(written));
                let context = Context {
                    word: word.word(),
                    name: name.text.clone(),
                    name_span: name.span,
                    type_,
                    span: declaration.span,
                    ..Context::default()
                };
                self.binding(value, &scope, &context)
            }
            DeclarationKind::Schema { name, .. } | DeclarationKind::Type { name, .. } => {
                self.report(Diagnostic::new(&d::TYPE_AS_VALUE, place, &[("name", &name.text)]));
                Value::error(place)
            }
            DeclarationKind::Kind { name, .. } | DeclarationKind::Component { name, .. } => {
                let found = Diagnostic::new(&d::KIND_AS_VALUE, place, &[("name", &name.text)]);
                self.report(found.fix(format!("Write `{} {{ }}`", name.text), place.at_end(), " { }"));
                Value::error(place)
            }
            DeclarationKind::Workflow { name, body } => self.workflow_handle(name, body, place),
            _ => {
                let word = word_of(declaration);
                let name = self.modules.sources.text(place).to_owned();
                self.report(Diagnostic::new(&d::NOT_A_VALUE, place, &[("name", &name), ("word", &word)]));
                Value::error(place)
            }
        }
    }

    pub(crate) fn let_value(
        &mut self,
        name: &tree::Name,
        parameters: Option<&[tree::Field]>,
        type_: Option<&tree::TypeExpression>,
        value: &Expression,
        scope: &Scope<'_>,
    ) -> Value {
        if let Some(parameters) = parameters {
            let mut captured = Vec::new();
            let mut names = Vec::new();
            scope.local_names(&mut names);
            for name in names {
                if let Some(value) = scope.local(&name) {
                    captured.push((name, value.clone()));
                }
            }
            let body = FunctionBody::Declared { parameters: parameters.to_vec(), body: value.clone(), captured };
            let function = Function { name: name.text.clone(), body };
            return Value::new(Data::Function(Arc::new(function)), name.span);
        }
        let value = self.evaluate(value, scope);
        match type_ {
            Some(written) => {
                let type_ = self.type_of(written);
                self.fit(&value, &type_, Stage::Run, format_args!("`{}`", name.text))
            }
            None => value,
        }
    }

    fn config(
        &mut self,
        name: &tree::Name,
        type_: Option<&tree::TypeExpression>,
        default: Option<&Expression>,
    ) -> Value {
        let type_ = type_.map(|written| self.type_of(written));
        let given = self.options.settings.iter().rev().find(|setting| setting.name == name.text.as_str()).cloned();
        let value = match given {
            Some(setting) => match self.setting_value(&setting, type_.as_ref(), name.span) {
                Some(value) => value,
                None => return Value::error(name.span),
            },
            None => match default {
                Some(default) => self.evaluate(default, &Scope::file()),
                None => {
                    self.report(Diagnostic::new(&d::CONFIG_MISSING, name.span, &[("name", &name.text)]));
                    return Value::error(name.span);
                }
            },
        };
        let type_ = type_.unwrap_or(Type::Any);
        self.fit(&value, &type_, Stage::Build, format_args!("`{}`", name.text))
    }

    /// A value given from outside, as the type of the config has it. Text from the command line may be any literal.
    fn setting_value(&mut self, setting: &Setting, type_: Option<&Type>, span: Span) -> Option<Value> {
        fn plain(value: &serde_json::Value, span: Span) -> Value {
            match value {
                serde_json::Value::Null => Value::none(span),
                serde_json::Value::Bool(flag) => Value::new(Data::Bool(*flag), span),
                serde_json::Value::Number(number) => match number.as_i64() {
                    Some(whole) => Value::new(Data::Int(whole), span),
                    None => Value::new(Data::Float(number.as_f64().unwrap_or(f64::NAN)), span),
                },
                serde_json::Value::String(text) => Value::string(text.as_str(), span),
                serde_json::Value::Array(items) => {
                    Value::list(items.iter().map(|item| plain(item, span)).collect(), span)
                }
                serde_json::Value::Object(entries) => Value::object(
                    Class::Plain,
                    entries.iter().map(|(key, value)| Entry::new(key.as_str(), plain(value, span))).collect(),
                    span,
                ),
            }
        }
        let value = plain(&setting.value, span);
        let type_ = type_.cloned().unwrap_or(Type::Any);
        let mut readings = vec![value.clone()];
        if let serde_json::Value::String(text) = &setting.value {
            // `--set workers=4` gives text; it is read as a literal of the language where the type asks for one.
            let (expression, problems) = crate::syntax::parse_expression(FileId::NONE, text, 0);
            if problems.is_empty() {
                let literal = matches!(
                    &*expression.kind,
                    ExpressionKind::Bool(_)
                        | ExpressionKind::Int(_)
                        | ExpressionKind::Float(_)
                        | ExpressionKind::Quantity { .. }
                        | ExpressionKind::None
                        | ExpressionKind::List(_)
                        | ExpressionKind::Object(_)
                        | ExpressionKind::Unary { .. }
                );
                if literal && !text.contains("${") {
                    readings.push(self.evaluate(&expression, &Scope::file()).at(span));
                }
            }
        }
        for reading in &readings {
            let mut mismatches = Vec::new();
            crate::types::conform(reading, &type_, Stage::Build, self, &mut mismatches);
            if mismatches.is_empty() {
                return Some(reading.clone());
            }
        }
        let wanted = show::describe(&type_);
        let found = show::describe_value(readings.last().unwrap_or(&value));
        let near = match (&type_, &setting.value) {
            (Type::Literals(values), serde_json::Value::String(text)) => {
                let texts: Vec<&str> = values
                    .iter()
                    .filter_map(|value| match value {
                        crate::types::Literal::String(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect();
                // A longer word for the same thing, such as `production`, is no slip of the keyboard.
                let longer = texts.iter().find(|value| text.starts_with(**value)).copied();
                longer.or_else(|| d::closest(text, texts)).map(|near| format!("did you mean `{near}`?"))
            }
            (Type::Duration(_), _) => Some("durations carry a unit: `30s`, `5m`, `2h`, `7d`".to_owned()),
            (Type::Size(_), _) => Some("sizes carry a unit: `500MB`, `30GB`".to_owned()),
            _ => None,
        };
        let found = Diagnostic::new(
            &d::CONFIG_VALUE,
            span,
            &[("name", &setting.name), ("origin", &setting.origin), ("wanted", &wanted), ("found", &found)],
        );
        self.report(found.help(near.unwrap_or_default()));
        None
    }

    /// Every setting given from outside must be for some `config`.
    pub(crate) fn check_settings(&mut self, files: &[FileId]) {
        let mut names: Vec<SmolStr> = Vec::new();
        for file in files {
            let trees = self.modules.trees_of(*file);
            for declaration in trees.iter().flat_map(|(_, tree)| &tree.declarations) {
                if let DeclarationKind::Config { name, .. } = &declaration.kind {
                    names.push(name.text.clone());
                }
            }
        }
        for setting in &self.options.settings {
            if !names.iter().any(|name| *name == setting.name) {
                let found = Diagnostic::new(
                    &d::UNKNOWN_SETTING,
                    Span::NONE,
                    &[("name", &setting.name), ("origin", &setting.origin)],
                );
                let found = match d::closest(&setting.name, names.iter().map(|name| name.as_str())) {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None if names.is_empty() => found.help("the files declare no `config` at all"),
                    None => found.help(format!("there is {}", d::list_of(names.iter().map(|name| name.as_str())))),
                };
                self.diagnostics.push(found);
            }
        }
    }

    /// A value of the standard library by name.
    pub(crate) fn library_value(&mut self, name: &str) -> Option<Value> {
        let global = self.modules.find_library(name)?;
        Some(self.global(global, Span::NONE))
    }

    pub(crate) fn aws(&mut self, span: Span) -> Value {
        let project = self.project.clone();
        let known = project.as_ref().and_then(|project| project.region.clone());
        let late = |name: &str| {
            let text = smol_str::format_smolstr!("`aws.{name}` is known when the stack is deployed");
            Value::late(LateKind::Aws(name.into()), Type::STRING, Stage::Deploy, Because { span, text }, span)
        };
        let region = known.as_ref().map_or_else(|| late("region"), |region| Value::string(region.clone(), span));
        let partition = match &known {
            Some(region) if region.starts_with("cn-") => Value::string("aws-cn", span),
            Some(region) if region.starts_with("us-gov-") => Value::string("aws-us-gov", span),
            Some(_) => Value::string("aws", span),
            None => late("partition"),
        };
        let account = project.as_ref().and_then(|project| project.account.clone()).unwrap_or_else(|| late("account"));
        let entries =
            vec![Entry::new("region", region), Entry::new("account", account), Entry::new("partition", partition)];
        Value::object(Class::Plain, entries, span)
    }

    pub(crate) fn run_object(&mut self, span: Span) -> Value {
        let entry = |name: &str, text: &str| {
            let because = Because { span, text: text.into() };
            Entry::new(name, Value::late(LateKind::Run(name.into()), Type::STRING, Stage::Run, because, span))
        };
        let entries = vec![
            entry("id", "every execution has its own id"),
            entry("arn", "every execution has its own ARN"),
            entry("started", "the time at which an execution starts"),
            entry("now", "the time at which the step runs"),
            entry("workflow", "the name under which the workflow is deployed"),
            entry("workflow_arn", "the ARN under which the workflow is deployed"),
            entry("token", "every wait for an answer has its own token"),
        ];
        Value::object(Class::Plain, entries, span)
    }

    pub(crate) fn project_object(&mut self, span: Span) -> Value {
        let Some(project) = self.project.clone() else { return Value::error(span) };
        let mut entries = vec![Entry::new("name", Value::string(project.name.clone(), span))];
        entries.extend(project.settings.entries.iter().cloned());
        Value::object(Class::Plain, entries, span)
    }
}
