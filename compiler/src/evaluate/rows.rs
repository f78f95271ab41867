//! Loops over data: what an item of it is, and where the loop writes what its turns gave.

use std::sync::Arc;

use smol_str::SmolStr;

use super::Evaluator;
use super::application::Context;
use super::outputs::contains_missing_bucket;
use crate::diagnostics::{self as d, Diagnostic};
use crate::source::Span;
use crate::types::{Class, Data, Entry, FieldType, Object, RecordType, Stage, Type, Value};

impl Evaluator<'_> {
    /// The type of an item of data; a finding where the engine cannot go through it.
    pub(super) fn row_type(&mut self, type_: &Type, items: &Value) -> Option<Type> {
        let reads = self.workflow.as_ref().is_some_and(|state| state.engine.reads_items());
        if !reads {
            let found = crate::types::show::describe_value(items);
            self.refuse(Diagnostic::new(&d::NOT_ITERABLE, items.span, &[("found", &found)]));
            return None;
        }
        match type_ {
            Type::Table { schema, .. } => {
                // A file of comma-separated values holds nothing but text.
                let is_text = items.get("format").and_then(Value::as_string).is_some_and(|format| format == "csv");
                let Some(schema) = schema else { return Some(Type::Any) };
                if !is_text {
                    return Some(Type::Record(schema.clone()));
                }
                let text = |field: &FieldType| FieldType { type_: Type::STRING, optional: false, ..field.clone() };
                let fields = schema.fields.iter().map(text).collect();
                Some(Type::Record(Arc::new(RecordType { name: schema.name.clone(), fields })))
            }
            Type::Files(_) => Some(object_type()),
            _ => {
                let found = crate::types::show::describe_value(items);
                self.report(Diagnostic::new(&d::NOT_ITERABLE, items.span, &[("found", &found)]));
                None
            }
        }
    }

    /// The settings of a loop; where it goes over data, with the location of its results.
    pub(super) fn rows_settings(
        &mut self,
        items: &Value,
        settings: Arc<Object>,
        name: &str,
        span: Span,
    ) -> Arc<Object> {
        if !matches!(&items.data, Data::Object(object) if matches!(object.class, Class::Data(_))) {
            return settings;
        }
        let results = match settings.get("results").filter(|value| !value.is_none()) {
            Some(results) => results.clone(),
            None => self.folder(name, span),
        };
        if contains_missing_bucket(&results) {
            self.bucket(span);
            return settings;
        }
        // Reading, writing and starting the turns is asked of the role that runs the workflow.
        let deployed = self.workflow.as_ref().and_then(|state| state.deployed.clone());
        let name_of = deployed.as_ref().and_then(|value| value.get("name")).cloned();
        let request = Value::object(
            Class::Plain,
            vec![
                Entry::new("uri", items.get("uri").cloned().unwrap_or_else(|| Value::none(span))),
                Entry::new("results", results.clone()),
                Entry::new("workflow", name_of.unwrap_or_else(|| Value::string("*", span))),
            ],
            span,
        );
        let context = Context { word: "each", name: name.into(), name_span: span, ..Context::default() };
        let statements = self.call_grants("each", "data", "", &request, &context);
        self.enter_runner(statements, name);
        let own = settings.entries.iter().filter(|entry| entry.key != "results").cloned();
        let entries = own.chain([Entry::new("results", results)]).collect();
        Arc::new(Object { class: Class::Plain, entries })
    }
}

/// What a listing of S3 says of an object (docs.aws.amazon.com/step-functions: input-output-itemreader).
fn object_type() -> Type {
    let field = |name: &str, type_: Type, doc: &str| FieldType {
        name: name.into(),
        optional: false,
        stage: Stage::Run,
        type_,
        doc: Some(SmolStr::from(doc)),
        span: Span::NONE,
    };
    Type::Record(Arc::new(RecordType {
        name: Some("the object".into()),
        fields: vec![
            field("Key", Type::STRING, "Its key in the bucket."),
            field("Size", Type::INT, "In bytes."),
            field("Etag", Type::STRING, "The hash of its content."),
            field("LastModified", Type::INT, "In seconds since 1970."),
            field("StorageClass", Type::STRING, "How it is stored."),
        ],
    }))
}
