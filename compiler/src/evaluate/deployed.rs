//! Workflows as they are deployed: the kind that says what an engine's document becomes in the stack, the triggers that
//! start it, and the monitors beside it.

use smol_str::{SmolStr, format_smolstr};

use super::application::Context;
use super::{Evaluator, Scope};
use crate::plan::Engine;
use crate::source::Span;
use crate::syntax::tree::{self, Block, DeclarationKind, EntryKind, Name};
use crate::types::{Because, Class, Data, Entry, LateKind, Stage, Type, Value};

impl Evaluator<'_> {
    /// Applies the kind `<engine>_deployment`; its value is what triggers know of the workflow.
    pub(super) fn deploy_workflow(
        &mut self,
        name: &Name,
        doc: Option<&SmolStr>,
        body: &Block,
        engine: &'static dyn Engine,
    ) -> Option<Value> {
        if self.project.as_ref().is_none_or(|project| project.span.is_none()) {
            return None;
        }
        let kind = format!("{}_deployment", engine.name());
        let global = self.modules.find_library(&kind)?;
        let info = self.kind(global)?;
        let span = name.span;
        let setting = |key: &str| {
            body.declarations.iter().find_map(|declaration| match &declaration.kind {
                DeclarationKind::Setting { name, value } if name.text == key => Some(value.clone()),
                _ => None,
            })
        };
        let mut names = vec![
            (SmolStr::from("workflow"), Value::string(self.first_name(&name.text), span)),
            (SmolStr::from("document"), self.document(&name.text, engine.name(), span)),
        ];
        for key in ["description", "parallel"] {
            let Some(expression) = setting(key) else { continue };
            // What is wrong with a setting is said where the settings of the workflow are checked.
            let mut is_outside = true;
            super::walk::walk_names(&expression, &mut |name, _| {
                is_outside &= self.modules.find(expression.span.file, name).is_some();
            });
            let value = if is_outside { self.evaluate(&expression, &Scope::file()) } else { continue };
            let fits = match key {
                "description" => value.as_string().is_some_and(|text| text.chars().count() <= 3072),
                _ => matches!(value.data, Data::Int(1..)),
            };
            if fits {
                names.push((key.into(), value));
            }
        }
        if !names.iter().any(|(key, _)| key == "description")
            && let Some(doc) = doc
        {
            names.push(("description".into(), Value::string(doc.clone(), span)));
        }
        let entries = names
            .iter()
            .map(|(key, _)| tree::Entry {
                doc: None,
                span,
                kind: EntryKind::Shorthand(Name { text: key.clone(), span }),
            })
            .collect();
        let fields = tree::Object { entries, span: Some(span) };
        let scope = Scope { parent: None, names, block: None };
        let context =
            Context { word: "resource", name: engine.name().into(), name_span: span, span, ..Context::default() };
        let before = std::mem::replace(&mut self.deploying.path, vec![name.text.clone()]);
        let value = self.apply(&info, &[], &fields, &scope, &context, None).value;
        let id = self.logical_id(&format!("{}_role", engine.name()));
        self.deploying.path = before;
        let mut value = value;
        if let Some(object) = value.as_object() {
            let mut entries = object.entries.clone();
            entries.push(Entry::new("role_id", Value::string(id, span)));
            value = Value::object(Class::Plain, entries, span);
        }
        Some(value)
    }

    /// The document of a workflow: its text, and where it is kept if it is too large for the template.
    fn document(&mut self, workflow: &str, engine: &str, span: Span) -> Value {
        let name = Value::string(format_smolstr!("{workflow}.{engine}"), span);
        let late = |kind: &str| {
            let because = Because { span, text: "documents are written after everything else".into() };
            let kind = LateKind::Operation { name: kind.into(), operands: vec![name.clone()] };
            Value::late(kind, Type::STRING, Stage::Deploy, because, span)
        };
        let bucket = self.project.as_ref().and_then(|project| project.bucket.clone());
        let entries = vec![
            Entry::new("text", late("document")),
            Entry::new("key", late("document key")),
            Entry::new("bucket", bucket.unwrap_or_else(|| Value::none(span))),
        ];
        Value::object(Class::Plain, entries, span)
    }

    /// Gives the role that runs a workflow what its steps asked for.
    pub(super) fn finish_runner(&mut self, deployed: Option<&Value>, part: Option<u32>) {
        let all = std::mem::take(&mut self.deploying.runner);
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(asking, _)| *asking == part);
        self.deploying.runner = others;
        let statements = own.into_iter().map(|(_, statement)| statement).collect();
        if let Some(id) = deployed.and_then(|value| value.get("role_id")).and_then(|id| id.as_string().cloned()) {
            self.grant(&id, statements);
        }
    }
}
