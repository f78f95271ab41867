//! What a step says it makes: the types, settings and locations of its outputs.

use smol_str::{SmolStr, format_smolstr};

use super::application::{Context, Fields};
use super::data::Described;
use super::{Evaluator, Scope};
use crate::diagnostics::{self as d, Diagnostic, choice_of, list_of};
use crate::plan::OutputPlan;
use crate::source::Span;
use crate::syntax::tree::{self, DeclarationKind, EntryKind};
use crate::types::{Because, Class, Data, Entry, Late, LateKind, Stage, Type, Value, show};

impl Evaluator<'_> {
    /// Where a step's outputs go: by project, workflow, execution and step.
    pub(crate) fn folder(&mut self, step: &str, span: Span) -> Value {
        let project = self.project.as_ref().map(|project| project.name.clone()).unwrap_or_default();
        let workflow = self.workflow.as_ref().map(|workflow| workflow.name.clone()).unwrap_or_default();
        let text = SmolStr::new_static("the location of an output holds the id of the execution");
        let id = Value::late(LateKind::Run("id".into()), Type::STRING, Stage::Run, Because { span, text }, span);
        let bucket = self.project.as_ref().and_then(|project| project.bucket.clone());
        // Without a bucket there is a finding once a location is really used.
        let bucket = bucket.unwrap_or_else(|| {
            Value::late(
                LateKind::Aws("bucket".into()),
                Type::STRING,
                Stage::Run,
                Because { span, text: "no bucket".into() },
                span,
            )
        });
        let start = match &bucket.data {
            Data::String(bucket) => Value::string(format_smolstr!("s3://{bucket}/{project}/{workflow}"), span),
            _ => {
                let end = Value::string(format_smolstr!("/{project}/{workflow}"), span);
                self.join("", vec![Value::string("s3://", span), bucket, end], span)
            }
        };
        let mut parts = vec![start, id, Value::string(step, span)];
        // Turns of a loop run side by side: each has a folder of its own.
        parts.extend(self.workflow.iter().flat_map(|workflow| workflow.turns.iter().cloned()));
        self.join("/", parts, span)
    }

    /// `out { name: type = settings }`: descriptions of what a step makes.
    pub(super) fn outputs(
        &mut self,
        object: &tree::Object,
        inner: &Type,
        context: &Context<'_>,
        scope: &Scope<'_>,
        fields: &mut Fields,
    ) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        for entry in &object.entries {
            let field = match &entry.kind {
                EntryKind::Typed(field) => field,
                EntryKind::Error => continue,
                EntryKind::Field { key, .. } => {
                    let found = Diagnostic::new(&d::OUTPUT_WITHOUT_TYPE, key.span, &[("name", &key.text)]);
                    self.report(found.help(output_help(&key.text, inner)));
                    entries.push(Entry::new(key.text.clone(), Value::error(key.span)));
                    continue;
                }
                EntryKind::Shorthand(name) => {
                    let found = Diagnostic::new(&d::OUTPUT_WITHOUT_TYPE, name.span, &[("name", &name.text)]);
                    self.report(found.help(output_help(&name.text, inner)));
                    entries.push(Entry::new(name.text.clone(), Value::error(name.span)));
                    continue;
                }
                EntryKind::Computed { .. } | EntryKind::Spread(_) | EntryKind::Comprehension { .. } => {
                    self.report(Diagnostic::new(&d::COMPUTED_FIELD, entry.span, &[]));
                    continue;
                }
            };
            let name = field.name.text.clone();
            let span = field.name.span;
            if let Some(first) = entries.iter().find(|entry| entry.key == name) {
                let found =
                    Diagnostic::new(&d::KEY_TWICE, span, &[("key", &name)]).related(first.key_span, "the first time");
                self.report(found);
                continue;
            }
            let type_ = match &field.type_ {
                Some(written) => self.type_of(written),
                None => Type::Error,
            };
            if matches!(type_, Type::Error) {
                entries.push(Entry { key: name, key_span: span, value: Value::error(span), unchecked: false });
                continue;
            }
            if !output_fits(&type_, inner) {
                let place = field.type_.as_ref().map_or(span, |written| written.span);
                let words = output_words(inner);
                let wanted = if words.is_empty() { show::written(inner) } else { list_of(words.iter().copied()) };
                let written = show::written(&type_);
                let found = Diagnostic::new(
                    &d::OUTPUT_TYPE,
                    place,
                    &[("name", &name), ("found", &written), ("wanted", &wanted)],
                );
                let is_member = words.contains(&"report") && output_fits(&type_, &Type::Scalar);
                self.report(found.help(if is_member {
                    format!("what a script finds is a member of a report: `report<{{ {name}: {written} }}>`")
                } else {
                    String::new()
                }));
                entries.push(Entry { key: name, key_span: span, value: Value::error(span), unchecked: false });
                continue;
            }
            let mut settings: Vec<Entry> = Vec::new();
            if let Some(default) = &field.default {
                let given = self.evaluate(default, scope);
                let record = self.library_type("output_settings");
                let given = match record {
                    Some(record) => self.fit(&given, &record, Stage::Run, format_args!("`{name}`")),
                    None => given,
                };
                if let Data::Object(object) = &given.data {
                    settings.extend(object.entries.iter().cloned());
                }
            }
            let folder = self.folder(&context.name, span);
            let uri = self.join("/", vec![folder, Value::string(name.clone(), span)], span);
            let described = Described { name: name.clone(), type_: type_.clone(), settings, uri, node: context.node };
            let descriptor = self.descriptor(described, span);
            if let Some(uri) = descriptor.get("uri").filter(|_| type_.is_data()) {
                if contains_missing_bucket(uri) && self.bucket(span).is_none() {
                    entries.push(Entry { key: name, key_span: span, value: Value::error(span), unchecked: false });
                    continue;
                }
                fields.outputs.push(OutputPlan { name: name.clone(), span, type_, uri: uri.clone() });
            }
            entries.push(Entry { key: name, key_span: span, value: descriptor, unchecked: false });
        }
        // What others read of the step is not known where one of its outputs is wrong.
        fields.has_unknown |= entries.iter().any(|entry| entry.value.is_error());
        Value::object(Class::Plain, entries, object.span.unwrap_or(context.span))
    }

    /// A record type of the standard library, by the name of its alias.
    pub(super) fn library_type(&mut self, name: &'static str) -> Option<Type> {
        if let Some(known) = self.library_types.get(name) {
            return Some(known.clone());
        }
        let global = self.modules.find_library(name)?;
        let (tree, index) = self.modules.declaration(global)?;
        let DeclarationKind::Type { value, .. } = &tree.declarations[index].kind else { return None };
        let type_ = self.type_of(value);
        self.library_types.insert(name, type_.clone());
        Some(type_)
    }
}

/// The types that outputs may have, as they are written.
pub(super) fn output_words(wanted: &Type) -> Vec<&'static str> {
    match wanted {
        Type::Union(types) => types.iter().flat_map(output_words).collect(),
        Type::Data(_) => vec!["table", "files", "model"],
        Type::Report(_) => vec!["report"],
        Type::Scalar => vec!["string", "int", "float", "bool"],
        _ => Vec::new(),
    }
}

pub(super) fn output_help(name: &str, wanted: &Type) -> String {
    let words: Vec<String> = output_words(wanted).iter().map(|word| format!("{name}: {word}")).collect();
    if words.is_empty() { String::new() } else { format!("write {}", choice_of(words.iter().map(String::as_str))) }
}

/// Whether an output of a type may be declared where outputs of another are.
pub(super) fn output_fits(type_: &Type, wanted: &Type) -> bool {
    match wanted {
        Type::Any | Type::Error => true,
        Type::Union(types) => types.iter().any(|wanted| output_fits(type_, wanted)),
        Type::Data(_) => type_.is_data() && !matches!(type_, Type::Stream(_)),
        Type::Report(_) => matches!(type_, Type::Report(_)),
        Type::Table { .. } => matches!(type_, Type::Table { .. }),
        Type::Files(_) => matches!(type_, Type::Files(_)),
        Type::Model { .. } => matches!(type_, Type::Model { .. }),
        Type::Scalar => {
            matches!(type_, Type::Int(_) | Type::Float(_) | Type::Bool | Type::String(_) | Type::Literals(_))
        }
        other => other == type_,
    }
}

/// Whether a location could not be derived for want of a bucket.
pub(super) fn contains_missing_bucket(value: &Value) -> bool {
    match &value.data {
        Data::Late(late) => late_misses_bucket(late),
        Data::List(items) => items.iter().any(contains_missing_bucket),
        Data::Object(object) if object.class == Class::Plain => {
            object.entries.iter().any(|entry| contains_missing_bucket(&entry.value))
        }
        _ => false,
    }
}

pub(super) fn late_misses_bucket(late: &Late) -> bool {
    match &late.kind {
        LateKind::Aws(name) => name == "bucket",
        LateKind::Join { parts, .. } => parts.iter().any(contains_missing_bucket),
        _ => false,
    }
}
