//! What is not written and can be shown between the words: inferred types, stages, derived locations.

use super::analysis::{Analysis, Place};
use super::index::DefinitionKind;
use super::show;
use crate::types::{Class, Data, Stage, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlayKind {
    Type,
    Stage,
    Location,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlay {
    pub place: Place,
    pub kind: InlayKind,
    pub text: String,
    pub tooltip: String,
}

impl Analysis {
    /// The hints between two offsets of a file.
    pub fn inlays(&self, path: &str, start: u32, end: u32) -> Vec<Inlay> {
        let Some(document) = self.documents.get(path) else { return Vec::new() };
        let mut found = Vec::new();
        for placed in &document.parts {
            let length = placed.part.text().len() as u32;
            if placed.start + length < start || placed.start > end {
                continue;
            }
            for definition in &self.index(&placed.part).definitions {
                let Some(place) = self.place(definition.span.at_end()) else { continue };
                if place.start < start || place.start > end {
                    continue;
                }
                match definition.kind {
                    DefinitionKind::Let => {
                        let Some(value) = self.value(definition.span) else { continue };
                        let written = self.source_text(definition.whole);
                        let has_type = written.split('=').next().is_some_and(|head| head.contains(':'));
                        let shown = show::value_type(value);
                        if !has_type && !shown.is_empty() && !matches!(value.data, Data::Function(_)) {
                            let tooltip = show::literal(value).unwrap_or_default();
                            found.push(Inlay {
                                place: place.clone(),
                                kind: InlayKind::Type,
                                text: format!(": {shown}"),
                                tooltip,
                            });
                        }
                        let stage = value.stage();
                        if stage != Stage::Build {
                            let tooltip = value.latest().map(|late| late.because.text.to_string()).unwrap_or_default();
                            found.push(Inlay {
                                place,
                                kind: InlayKind::Stage,
                                text: format!(" ({})", stage.word()),
                                tooltip,
                            });
                        }
                    }
                    DefinitionKind::Result => {
                        let step = definition.parent.map(|parent| &self.index(&placed.part).definitions[parent]);
                        let uri = step
                            .and_then(|step| self.value(step.span))
                            .and_then(|value| value.get(&definition.name).cloned())
                            .and_then(|value| value.get("uri").cloned());
                        let Some(text) = uri.as_ref().and_then(location) else { continue };
                        found.push(Inlay {
                            place,
                            kind: InlayKind::Location,
                            text: format!(" → {text}"),
                            tooltip: "where it is written; every execution has a folder of its own".into(),
                        });
                    }
                    _ => {}
                }
            }
        }
        found
    }
}

/// A location with its late parts in words.
fn location(value: &Value) -> Option<String> {
    match &value.data {
        Data::String(text) => Some(text.to_string()),
        Data::Late(late) => match &late.kind {
            crate::types::LateKind::Join { separator, parts } => {
                let parts: Option<Vec<String>> = parts.iter().map(location).collect();
                Some(parts?.join(separator))
            }
            crate::types::LateKind::Run(name) => Some(format!("${{run.{name}}}")),
            crate::types::LateKind::Aws(name) => Some(format!("${{aws.{name}}}")),
            crate::types::LateKind::Parameter(name) => Some(format!("${{{name}}}")),
            _ => None,
        },
        Data::Object(object) if matches!(object.class, Class::File) => object.get("uri").and_then(location),
        _ => None,
    }
}
