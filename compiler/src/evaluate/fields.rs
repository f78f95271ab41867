//! The fields of an application: given ones, fixed ones, the defaults of workflow and project, the kind's own defaults.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::application::{Context, Fields};
use super::types::stage_of;
use super::{Evaluator, KindInfo, Scope};
use crate::diagnostics::{self as d, Diagnostic, closest, list_of};
use crate::source::Span;
use crate::syntax::tree::{self, Argument, EntryKind, Expression, ExpressionKind, Name};
use crate::types::{Class, Data, Entry, Problem, Stage, Type, Value, conform, show};

impl Evaluator<'_> {
    /// The fields of an application: given ones, fixed ones, the project's defaults, the kind's defaults.
    pub(crate) fn fields(
        &mut self,
        info: &Arc<KindInfo>,
        arguments: &[Argument],
        body: &tree::Object,
        scope: &Scope<'_>,
        context: &Context<'_>,
    ) -> Fields {
        let kind = &info.kind;
        let mut fields = Fields {
            values: Vec::with_capacity(kind.parameters.len() + kind.fields.len()),
            common: Vec::with_capacity(12),
            missing: Vec::new(),
            outputs: Vec::new(),
            has_unknown: false,
        };
        self.parameters(info, arguments, scope, context, &mut fields);
        let common = if context.is_step || context.is_instance { self.common_fields() } else { None };
        let mut given: Vec<(SmolStr, Span, Given<'_>)> = Vec::with_capacity(body.entries.len());
        self.given(body, scope, &mut given);
        // What could not be read may have been what is lacking.
        let mut has_unknown = is_broken(body);
        fields.has_unknown |= has_unknown;
        let mut values: Vec<Option<Value>> = vec![None; kind.fields.len()];
        for (key, key_span, what) in given {
            if let Some(index) = kind.fields.iter().position(|field| field.name.text == key) {
                if let Some((fixed, _)) = kind.fixes.iter().find(|(fixed, _)| fixed.text == key) {
                    let found = Diagnostic::new(&d::FIXED_FIELD, key_span, &[("name", &key), ("kind", &kind.name)])
                        .related(fixed.span, "fixed here");
                    self.report(found);
                    values[index] = Some(Value::error(key_span));
                    continue;
                }
                let type_ = info.types[index].clone();
                let stage = stage_of(kind.fields[index].stage);
                let has_default = kind.fields[index].default.is_some();
                let findings = self.diagnostics.len();
                let value =
                    self.field_value(&key, key_span, what, (&type_, stage, has_default), scope, context, &mut fields);
                if let Some(doc) = &kind.fields[index].doc {
                    self.explain_field(findings, &key, &doc.text);
                }
                // `none` means the default.
                values[index] = (!has_default || !value.is_none()).then_some(value);
                continue;
            }
            let common_index =
                common.as_ref().and_then(|common| common.kind.fields.iter().position(|field| field.name.text == key));
            if let (Some(index), Some(common)) = (common_index, &common) {
                let type_ = common.types[index].clone();
                let stage = stage_of(common.kind.fields[index].stage);
                let findings = self.diagnostics.len();
                let value = self.field_value(&key, key_span, what, (&type_, stage, false), scope, context, &mut fields);
                if let Some(doc) = &common.kind.fields[index].doc {
                    self.explain_field(findings, &key, &doc.text);
                }
                fields.common.push((key, value));
                continue;
            }
            has_unknown = true;
            fields.has_unknown = true;
            let mut candidates: Vec<&str> = kind.fields.iter().map(|field| field.name.text.as_str()).collect();
            if let Some(common) = &common {
                candidates.extend(common.kind.fields.iter().map(|field| field.name.text.as_str()));
            }
            let shown = kind.name.strip_suffix("_settings").unwrap_or(&kind.name);
            let found = Diagnostic::new(&d::UNKNOWN_FIELD, key_span, &[("kind", &shown), ("name", &key)]);
            let found = match closest(&key, candidates.iter().copied()) {
                Some(near) => {
                    found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), key_span, near)
                }
                None => {
                    found.help(format!("its fields are {}", list_of(kind.fields.iter().map(|f| f.name.text.as_str()))))
                }
            };
            self.report(found);
        }
        let defaults = self.project_defaults(&kind.name);
        let mut lacking: Vec<SmolStr> = Vec::new();
        for (index, field) in kind.fields.iter().enumerate() {
            let name = &field.name.text;
            if let Some(value) = values[index].take() {
                fields.values.push((name.clone(), value));
                continue;
            }
            let type_ = &info.types[index];
            let stage = stage_of(field.stage);
            if let (Some(constant), None) = (&info.constants[index], &defaults) {
                fields.values.push((name.clone(), constant.clone()));
                continue;
            }
            let fixed = kind.fixes.iter().find(|(fixed, _)| fixed.text == *name).map(|(_, value)| value.clone());
            let default = fixed.or_else(|| field.default.clone());
            let from_project = defaults.as_ref().and_then(|defaults| defaults.get(name)).cloned();
            let value = match (from_project, default) {
                (Some(value), _) => self.fit(&value, type_, stage, format_args!("`{name}`")),
                (None, Some(expression)) => {
                    let mut names = fields.values.clone();
                    let own: Vec<Entry> =
                        vec![Entry::new("name", Value::string(context.name.clone(), context.name_span))];
                    names.push(("self".into(), Value::object(Class::Plain, own, context.name_span)));
                    let inner = Scope { parent: None, names, block: None };
                    let value = match (type_, &*expression.kind) {
                        (Type::Outputs(inner_type), ExpressionKind::Object(object)) => {
                            self.outputs(object, inner_type, context, scope, &mut fields)
                        }
                        _ => self.evaluate(&expression, &inner),
                    };
                    let mut mismatches = Vec::new();
                    let fitted = conform(&value, type_, stage, self, &mut mismatches);
                    for mut mismatch in mismatches {
                        match &mismatch.problem {
                            // What a default lacks, the application lacks.
                            Problem::MissingKey { key, .. } if context.is_instance => fields.missing.push(key.clone()),
                            Problem::MissingKey { .. } if has_unknown => {}
                            Problem::MissingKey { key, .. } => {
                                lacking.push(format_smolstr!("{name}{}.{key}", mismatch.path));
                            }
                            _ => {
                                if self.modules.sources.get(mismatch.span.file).is_library {
                                    mismatch.span = context.name_span;
                                }
                                self.report_mismatch(mismatch, &format!("`{name}`"));
                            }
                        }
                    }
                    if lacking.is_empty() { fitted } else { Value::error(context.name_span) }
                }
                (None, None) if type_.is_optional() => Value::none(context.name_span),
                (None, None) => {
                    // A misspelt field is one mistake, not two.
                    if !has_unknown {
                        lacking.push(name.clone());
                    }
                    Value::error(context.name_span)
                }
            };
            fields.values.push((name.clone(), value));
        }
        if let Some(common) = &common {
            let is_own = |field: &tree::Field| kind.fields.iter().any(|own| own.name.text == field.name.text);
            let hidden = info.hidden.get_or_init(|| common.kind.fields.iter().map(is_own).collect());
            let given = fields.common.len();
            for (index, field) in common.kind.fields.iter().enumerate() {
                let name = &field.name.text;
                if hidden[index] || fields.common[..given].iter().any(|(key, _)| key == name) {
                    continue;
                }
                if let (Some(constant), None) = (&common.constants[index], &defaults) {
                    fields.common.push((name.clone(), constant.clone()));
                    continue;
                }
                let from_project = defaults.as_ref().and_then(|defaults| defaults.get(name)).cloned();
                let value = match (from_project, &field.default) {
                    (Some(value), _) => {
                        self.fit(&value, &common.types[index], stage_of(field.stage), format_args!("`{name}`"))
                    }
                    (None, Some(default)) => {
                        let value = self.evaluate(default, &Scope::file());
                        self.fit(&value, &common.types[index], stage_of(field.stage), format_args!("`{name}`"))
                    }
                    // What the project says for all (`tags`, `key`, `network`); its role is that of `self.role`.
                    (None, None) => match self.project_setting(name).filter(|_| name != "role") {
                        Some(value) => {
                            self.fit(&value, &common.types[index], stage_of(field.stage), format_args!("`{name}`"))
                        }
                        None => Value::none(context.name_span),
                    },
                };
                fields.common.push((name.clone(), value));
            }
            self.add_project_entries(common, &mut fields);
        }
        if !lacking.is_empty() {
            let names = list_of(lacking.iter().map(|name| name.as_str()));
            let what = if context.name.is_empty() { kind.name.clone() } else { context.name.clone() };
            let found = Diagnostic::new(
                &d::MISSING_FIELDS,
                context.name_span,
                &[("name", &what), ("kind", &kind.name), ("fields", &names)],
            );
            let mut found = found;
            for name in &lacking {
                if let Some(field) = kind.fields.iter().find(|field| field.name.text == *name)
                    && let Some(index) = kind.fields.iter().position(|other| other.name.text == *name)
                {
                    let type_ = show::describe(&info.types[index]);
                    let doc = field.doc.as_ref().map(|doc| format!(": {}", doc.text.lines().next().unwrap_or("")));
                    found = found.help(format!("`{name}` is {type_}{}", doc.unwrap_or_default()));
                }
            }
            self.report(found);
        }
        fields
    }

    pub(super) fn parameters(
        &mut self,
        info: &Arc<KindInfo>,
        arguments: &[Argument],
        scope: &Scope<'_>,
        context: &Context<'_>,
        fields: &mut Fields,
    ) {
        let kind = &info.kind;
        let values = self.arguments(arguments, scope);
        let mut bound: Vec<Option<Value>> = vec![None; kind.parameters.len()];
        for (position, (name, value)) in values.into_iter().enumerate() {
            let index = match &name {
                Some(name) => kind.parameters.iter().position(|field| field.name.text == name.text),
                None => Some(position),
            };
            match index.and_then(|index| bound.get_mut(index)) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => {
                    let parameter = index.map_or("", |index| kind.parameters[index].name.text.as_str());
                    self.report(Diagnostic::new(
                        &d::ARGUMENT_TWICE,
                        value.span,
                        &[("function", &kind.name), ("name", &parameter)],
                    ));
                }
                None => {
                    let most = super::findings::at_most(kind.parameters.len(), "argument");
                    match &name {
                        Some(name) => {
                            let found = Diagnostic::new(
                                &d::UNKNOWN_ARGUMENT,
                                name.span,
                                &[("function", &kind.name), ("name", &name.text)],
                            );
                            let names: Vec<&str> = kind.parameters.iter().map(|p| p.name.text.as_str()).collect();
                            self.report(found.suggest(&name.text, name.span, names));
                        }
                        None => self.report(Diagnostic::new(
                            &d::TOO_MANY_ARGUMENTS,
                            value.span,
                            &[("function", &kind.name), ("most", &most)],
                        )),
                    }
                }
            }
        }
        for ((field, type_), value) in kind.parameters.iter().zip(&info.parameters).zip(bound) {
            let name = &field.name.text;
            let value = match (value, &field.default) {
                (Some(value), _) => self.fit(&value, type_, Stage::Build, format_args!("`{name}`")),
                (None, Some(default)) => self.evaluate(default, &Scope::file()),
                (None, None) if type_.is_optional() => Value::none(context.name_span),
                (None, None) => {
                    let found = Diagnostic::new(
                        &d::MISSING_ARGUMENT,
                        context.name_span,
                        &[("function", &kind.name), ("name", name)],
                    );
                    let found = match type_ {
                        Type::Literals(_) => found.help(format!("`{name}` is {}", show::describe(type_))),
                        _ => found,
                    };
                    self.report(found);
                    Value::error(context.name_span)
                }
            };
            fields.values.push((name.clone(), value));
        }
    }

    /// The entries of a body, spreads opened, each key once.
    pub(super) fn given<'e>(
        &mut self,
        body: &'e tree::Object,
        scope: &Scope<'_>,
        out: &mut Vec<(SmolStr, Span, Given<'e>)>,
    ) {
        for entry in &body.entries {
            let (key, span, what) = match &entry.kind {
                EntryKind::Field { key, value } => (key.text.clone(), key.span, Given::Expression(value)),
                EntryKind::Shorthand(name) => (name.text.clone(), name.span, Given::Name(name)),
                EntryKind::Typed(field) => (field.name.text.clone(), field.name.span, Given::Typed(field)),
                EntryKind::Spread(expression) => {
                    let value = self.evaluate(expression, scope);
                    let mut entries = Vec::new();
                    self.spread(&mut entries, &value, expression.span);
                    for entry in entries {
                        match out.iter_mut().find(|(key, ..)| *key == entry.key) {
                            Some(slot) => *slot = (entry.key, entry.key_span, Given::Value(entry.value)),
                            None => out.push((entry.key, entry.key_span, Given::Value(entry.value))),
                        }
                    }
                    continue;
                }
                EntryKind::Computed { key, .. } => {
                    self.report(Diagnostic::new(&d::COMPUTED_FIELD, key.span, &[]));
                    continue;
                }
                EntryKind::Comprehension { key, .. } => {
                    self.report(Diagnostic::new(&d::COMPUTED_FIELD, key.span, &[]));
                    continue;
                }
                EntryKind::Error => continue,
            };
            match out.iter_mut().find(|(other, ..)| *other == key) {
                // What a spread brought gives way to what is written after it.
                Some((_, _, Given::Value(_))) => {
                    out.retain(|(other, ..)| *other != key);
                    out.push((key, span, what));
                }
                Some((_, first, _)) => {
                    let found =
                        Diagnostic::new(&d::KEY_TWICE, span, &[("key", &key)]).related(*first, "the first time");
                    self.report(found);
                }
                None => out.push((key, span, what)),
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one field")]
    pub(super) fn field_value(
        &mut self,
        key: &SmolStr,
        key_span: Span,
        given: Given<'_>,
        (type_, stage, has_default): (&Type, Stage, bool),
        scope: &Scope<'_>,
        context: &Context<'_>,
        fields: &mut Fields,
    ) -> Value {
        let value = match given {
            Given::Typed(field) => {
                let place = field.type_.as_ref().map_or(field.span, |type_| type_.span);
                let mut found = Diagnostic::new(&d::TYPE_FOR_VALUE, field.span, &[("key", key)]);
                let mut edits = Vec::new();
                equals_for_colons(field, &mut edits);
                // Where a part is a type for sure, an equals sign does not help.
                if !place.is_none() && !edits.is_empty() {
                    found.fix = Some(d::Fix { title: "Write `=`".to_owned(), edits });
                }
                self.report(found);
                return Value::error(key_span);
            }
            Given::Expression(expression) => match (type_.required(), &*expression.kind) {
                (Type::Outputs(inner), ExpressionKind::Object(object)) => {
                    return self.outputs(object, inner, context, scope, fields);
                }
                (_, ExpressionKind::Object(object)) if is_broken(object) => {
                    // What could not be read may be what seems to be lacking.
                    self.evaluate(expression, scope);
                    return Value::error(key_span);
                }
                _ => self.evaluate_for(expression, type_, scope),
            },
            Given::Name(name) => {
                let kind = Arc::new(ExpressionKind::Name(name.text.clone()));
                self.evaluate(&Expression { span: name.span, kind }, scope)
            }
            Given::Value(value) => value,
        };
        // A step of a `for` stands for a list of steps, and waiting for it is waiting for each.
        let value = match &value.data {
            Data::List(items) if key == "after" && items.iter().any(|item| item.as_list().is_some()) => {
                let flat =
                    items.iter().flat_map(|item| item.as_list().map_or_else(|| vec![item.clone()], |l| l.to_vec()));
                Value::list(flat.collect(), value.span)
            }
            _ => value,
        };
        if value.is_none() && has_default {
            return value;
        }
        self.fit_field(&value, type_, stage, key, context, fields)
    }

    /// A value as a field has it. What an instance's records lack is noted, not reported.
    pub(super) fn fit_field(
        &mut self,
        value: &Value,
        type_: &Type,
        stage: Stage,
        key: &SmolStr,
        context: &Context<'_>,
        fields: &mut Fields,
    ) -> Value {
        let mut mismatches = Vec::new();
        let fitted = conform(value, type_, stage, self, &mut mismatches);
        for mismatch in mismatches {
            match &mismatch.problem {
                Problem::MissingKey { key, .. } if context.is_instance => fields.missing.push(key.clone()),
                _ => self.report_mismatch(mismatch, &format!("`{key}`")),
            }
        }
        fitted
    }

    /// A value of the wrong sort is best answered by what the field says of itself, where that shows how it is written.
    fn explain_field(&mut self, findings: usize, key: &str, doc: &str) {
        let Some(found) = self.diagnostics.only_since(findings) else { return };
        if found.code() == d::TYPE_MISMATCH.code && found.help.is_empty() && found.fix.is_none() && doc.contains('`') {
            found.help.push(format!("`{key}`: {}", doc.lines().next().unwrap_or_default()));
        }
    }

    /// A value for a place of known type: a bare word where text is wanted gets a message that says so.
    pub(super) fn evaluate_for(&mut self, expression: &Expression, type_: &Type, scope: &Scope<'_>) -> Value {
        if let (ExpressionKind::Name(name), Type::Literals(values)) = (&*expression.kind, type_.required())
            && scope.local(name).is_none()
            && !scope.block_id().is_some_and(|block| self.block_has(block, name))
            && self.modules.find(expression.span.file, name).is_none()
            && values.contains(&crate::types::Literal::String(name.clone()))
        {
            let fixed = format!("\"{name}\"");
            let found = Diagnostic::new(&d::UNQUOTED, expression.span, &[("name", name)]);
            self.report(found.fix(format!("Write {fixed}"), expression.span, fixed));
            return Value::error(expression.span);
        }
        if is_textual(type_)
            && let Some((first, place)) = leftmost(expression)
            && place != expression.span
            && !self.is_known(first, place, scope)
        {
            // `ml.m5.xlarge`, `steps/prepare.py`, `eu-west-1`: text without its quotes.
            let text = self.modules.sources.text(expression.span).to_owned();
            if !text.contains(char::is_whitespace) && !text.contains('(') {
                let fixed = format!("\"{text}\"");
                let found = Diagnostic::new(&d::UNQUOTED, expression.span, &[("name", &text)]);
                self.report(found.fix(format!("Write {fixed}"), expression.span, fixed));
                return Value::error(expression.span);
            }
        }
        self.evaluate(expression, scope)
    }

    /// Whether a name stands for anything where it is written.
    pub(super) fn is_known(&mut self, name: &str, place: Span, scope: &Scope<'_>) -> bool {
        scope.local(name).is_some()
            || scope.block_id().is_some_and(|block| self.block_has(block, name))
            || matches!(name, "aws" | "run" | "project")
            || super::functions::is_built_in(name)
            || self.modules.find(place.file, name).is_some()
    }

    /// The fields that every step has.
    pub(crate) fn common_fields(&mut self) -> Option<Arc<KindInfo>> {
        let global = self.modules.find_library("step_settings")?;
        self.kind(global)
    }

    pub(super) fn project_setting(&self, name: &str) -> Option<Value> {
        let project = self.project.as_ref()?;
        project.settings.get(name).filter(|value| !value.is_none() && !value.is_error()).cloned()
    }

    /// Objects of a step that the project has too hold the project's entries as well; the step's win.
    pub(super) fn add_project_entries(&mut self, common: &Arc<KindInfo>, fields: &mut Fields) {
        for (name, value) in &mut fields.common {
            let Some(own) = value.as_object() else { continue };
            let index = common.kind.fields.iter().position(|field| field.name.text == *name);
            let is_map = index.is_some_and(|index| matches!(common.types[index].required(), Type::Map(_)));
            let Some(project) = self.project_setting(name).filter(|_| is_map) else { continue };
            let Some(all) = project.as_object() else { continue };
            let mut entries = all.entries.clone();
            for entry in &own.entries {
                match entries.iter_mut().find(|other| other.key == entry.key) {
                    Some(other) => *other = entry.clone(),
                    None => entries.push(entry.clone()),
                }
            }
            *value = Value::object(Class::Plain, entries, value.span);
        }
    }

    /// A kind or component by the name that the file of the project has for it.
    pub(super) fn kind_of_project(&mut self, name: &str) -> Option<crate::resolve::Global> {
        let file =
            self.project.as_ref().map(|project| project.span).filter(|span| !span.is_none()).map(|span| span.file);
        let own = file.and_then(|file| self.modules.find(file, name)).filter(|global| self.is_applicable(*global));
        own.or_else(|| self.modules.find_library(name))
    }

    /// `defaults` of the project for a kind, with those for all kinds.
    pub(super) fn project_defaults(&mut self, kind: &str) -> Option<Value> {
        let project = self.project.clone()?;
        let of_workflow = self.workflow.as_ref().and_then(|workflow| workflow.defaults.clone());
        let of_project = project.settings.get("defaults").cloned();
        let mut entries: Vec<Entry> = Vec::new();
        let mut span = None;
        // Those of the workflow are nearer, and so are those of the kind among them.
        for defaults in [of_workflow, of_project].into_iter().flatten() {
            let Some(object) = defaults.as_object().cloned() else { continue };
            span = span.or(Some(defaults.span));
            let mut own: Vec<Entry> = Vec::new();
            self.default_entries(kind, &object, &mut own);
            for entry in own {
                if !entries.iter().any(|other| other.key == entry.key) {
                    entries.push(entry);
                }
            }
        }
        span.map(|span| Value::object(Class::Plain, entries, span))
    }

    pub(super) fn default_entries(&mut self, kind: &str, object: &crate::types::Object, out: &mut Vec<Entry>) {
        for entry in &object.entries {
            let is_kind = matches!(&entry.value.data, Data::Object(object) if object.class == Class::Plain)
                && self.kind_of_project(&entry.key).is_some();
            if entry.key == kind {
                self.spread(out, &entry.value, entry.key_span);
            } else if !is_kind && !out.iter().any(|other| other.key == entry.key) {
                out.push(entry.clone());
            }
        }
    }
}

/// The edits that make values of what is written as types: `in: { a: x }`.
fn equals_for_colons(field: &tree::Field, edits: &mut Vec<d::Edit>) {
    let Some(written) = &field.type_ else { return };
    let between = Span { start: field.name.span.end, end: written.span.start, ..written.span };
    edits.push(d::Edit { span: between, text: " = ".to_owned() });
    if let tree::TypeExpressionKind::Record(fields) = &*written.kind {
        fields.iter().for_each(|inner| equals_for_colons(inner, edits));
    }
}

/// Whether text fits a type.
fn is_textual(type_: &Type) -> bool {
    match type_.required() {
        Type::String(_)
        | Type::Literals(_)
        | Type::Uri
        | Type::Arn
        | Type::File
        | Type::Image
        | Type::Instance(_)
        | Type::Scalar => true,
        Type::Union(types) => types.iter().any(is_textual),
        _ => false,
    }
}

/// The name that an expression begins with.
fn leftmost(expression: &Expression) -> Option<(&SmolStr, Span)> {
    match &*expression.kind {
        ExpressionKind::Name(name) => Some((name, expression.span)),
        ExpressionKind::Member { base, .. } => leftmost(base),
        ExpressionKind::Binary { left, .. } => leftmost(left),
        _ => None,
    }
}

/// Whether an entry of a body, or of an object in it, could not be read.
fn is_broken(body: &tree::Object) -> bool {
    body.entries.iter().any(|entry| match &entry.kind {
        EntryKind::Error => true,
        EntryKind::Field { value, .. } => match &*value.kind {
            ExpressionKind::Object(inner) => is_broken(inner),
            other => matches!(other, ExpressionKind::Error),
        },
        EntryKind::Typed(field) => {
            field.type_.as_ref().is_some_and(|written| matches!(&*written.kind, tree::TypeExpressionKind::Error))
        }
        EntryKind::Shorthand(_)
        | EntryKind::Computed { .. }
        | EntryKind::Spread(_)
        | EntryKind::Comprehension { .. } => false,
    })
}

/// How an entry of a body gives a field.
pub(super) enum Given<'e> {
    Expression(&'e Expression),
    Name(&'e Name),
    Typed(&'e tree::Field),
    Value(Value),
}
