//! From places in the text that was written to those in the text that was read. Both sides hold the same tree, so each
//! value, key and name of the one is matched with its like in the other.

use rustc_hash::FxHashMap;

use super::document::{Kind, Node};
use super::{File, What};
use crate::compilation::Compilation;
use crate::diagnostics::{Diagnostic, Label};
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::types::{Data, Value};

/// Written places with the read ones, sorted by the written ones.
pub(super) struct Map {
    pairs: Vec<(Span, Span)>,
}

impl Map {
    pub(super) fn new(files: &[File], compilation: &Compilation) -> Map {
        let mut map = Map { pairs: Vec::new() };
        for plan in &compilation.plans {
            let Some(file) = files.iter().find(|file| file.project == plan.project.as_str()) else { continue };
            for workflow in &plan.workflows {
                let Some(part) = file.parts.iter().find(|part| part.name == workflow.name.as_str()) else { continue };
                map.pair(workflow.span, Span { end: part.document.span.start + 1, ..part.document.span });
                let Some(raw) = &workflow.raw else { continue };
                map.value(&raw.settings, &part.document);
                if part.what == What::Pipeline {
                    let steps = part.document.get("Steps").and_then(Node::items).unwrap_or_default();
                    for (written, read) in raw.steps.iter().zip(steps) {
                        map.pair(written.name_span, read.get("Name").map_or(read.span, |name| name.span));
                        map.pair(written.type_span, read.get("Type").map_or(read.span, |type_| type_.span));
                        map.value(&written.members, read);
                    }
                }
            }
        }
        map.pairs.sort_by_key(|(written, _)| (written.file, written.start, written.end));
        map
    }

    fn pair(&mut self, written: Span, read: Span) {
        if !written.is_none() {
            self.pairs.push((written, read));
        }
    }

    fn value(&mut self, written: &Value, read: &Node) {
        self.pair(written.span, read.span);
        match (&written.data, &read.kind) {
            (Data::Object(object), Kind::Object(members)) => {
                for entry in &object.entries {
                    let Some(member) = members.iter().find(|member| member.key == entry.key.as_str()) else { continue };
                    self.pair(entry.key_span, member.key_span);
                    self.value(&entry.value, &member.value);
                }
            }
            (Data::List(items), Kind::List(others)) => {
                for (written, read) in items.iter().zip(others) {
                    self.value(written, read);
                }
            }
            _ => {}
        }
    }

    /// The place that was read: the like of this one, or of the narrowest around it.
    fn find(&self, span: Span) -> Option<Span> {
        let around = |(written, _): &&(Span, Span)| {
            written.file == span.file && written.start <= span.start && written.end >= span.end
        };
        let narrowest = self.pairs.iter().filter(around).min_by_key(|(written, _)| written.end - written.start);
        narrowest.map(|(_, read)| *read)
    }

    /// Findings moved to the texts that were read. One whose place is in none of them keeps the written text beside it.
    pub(super) fn moved(&self, list: Vec<Diagnostic>, written: &Sources, read: &mut Sources) -> Vec<Diagnostic> {
        let mut added: FxHashMap<FileId, FileId> = FxHashMap::default();
        let mut place = |span: Span| {
            if span.is_none() {
                return span;
            }
            if let Some(found) = self.find(span) {
                return found;
            }
            let file = *added.entry(span.file).or_insert_with(|| {
                let file = written.get(span.file);
                read.add(SourceFile::new(file.name.as_str(), file.text.clone(), file.is_library))
            });
            Span { file, ..span }
        };
        list.into_iter()
            .map(|mut found| {
                found.primary.span = place(found.primary.span);
                found.related =
                    found.related.into_iter().map(|label| Label { span: place(label.span), ..label }).collect();
                // What it would change is the written text.
                found.fix = None;
                found
            })
            .collect()
    }
}
