//! Pipelines written out step by step.

use super::Emitter;
use super::engine::TITLE;
use super::values::capital;
use crate::diagnostics::{self as d, Diagnostic, closest};
use crate::plan::RawPlan;
use crate::types::Data;

impl Emitter<'_> {
    /// The document as it is written: settings in their order, `Steps` last.
    pub(super) fn raw(&mut self, raw: &RawPlan) {
        let here = self.workflow.span;
        self.json.begin_object(here);
        let settings = raw.settings.as_object().cloned();
        let has = |key: &str| settings.as_ref().is_some_and(|settings| settings.get(key).is_some());
        if !has("Version") {
            self.json.key("Version", here);
            let version = self.context.facts.pipeline().map_or("2020-12-01", |facts| facts.version.as_str());
            self.json.string(version, here);
        }
        for entry in settings.iter().flat_map(|settings| &settings.entries) {
            self.json.key(&entry.key, entry.key_span);
            self.value(&entry.value);
        }
        self.json.key("Steps", here);
        self.json.begin_list(here);
        for step in &raw.steps {
            self.here = step.name_span;
            self.json.begin_object(step.name_span);
            self.json.key("Name", step.name_span);
            self.json.string(&step.name, step.name_span);
            self.json.key("Type", step.type_span);
            self.json.string(&step.type_, step.type_span);
            let is_unchecked = step.members.as_object().is_some_and(|members| members.entries.iter().any(|e| e.unchecked));
            let types = self.context.facts.pipeline_steps();
            if !is_unchecked && !types.is_empty() && !types.iter().any(|known| known.name == step.type_.as_str()) {
                let found = Diagnostic::new(
                    &d::RAW_TYPE,
                    step.type_span,
                    &[("engine", &capital(TITLE)), ("type", &step.type_)],
                );
                let found = match closest(&step.type_, types.iter().map(|known| known.name.as_str())) {
                    Some(near) => {
                        found.help(format!("did you mean `{near}`?")).fix(format!("Change to `{near}`"), step.type_span, near)
                    }
                    None => found,
                };
                self.report(found);
            }
            if let Data::Object(members) = &step.members.data {
                for entry in &members.entries {
                    self.json.key(&entry.key, entry.key_span);
                    self.value(&entry.value);
                }
            }
            self.json.end_object();
        }
        self.json.end_list();
        self.json.end_object();
    }
}
