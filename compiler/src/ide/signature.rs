//! The parameters of what is being called.

use super::analysis::Analysis;
use super::context::{Context, Frame};
use super::show;
use crate::evaluate::incremental::built_ins;
use crate::syntax::tree::DeclarationKind;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub label: String,
    /// Bytes of the label.
    pub parameters: Vec<(u32, u32)>,
    pub active: u32,
    pub documentation: Option<String>,
}

impl Analysis {
    /// The signature of the innermost call around an offset.
    pub fn signature(&self, path: &str, offset: u32) -> Option<Signature> {
        let cursor = self.cursor(path, offset)?;
        let context = Context::new(&cursor);
        let (callee, position) = context.frames.iter().rev().find_map(|frame| match frame {
            Frame::Arguments { callee, position } if !callee.is_empty() => Some((callee.clone(), *position)),
            _ => None,
        })?;
        let name = callee.last()?;
        let mut parameters: Vec<String> = Vec::new();
        let mut documentation = None;
        if let Some(info) = self.applicable(cursor.part().id, name).and_then(|global| self.kind(global)) {
            for (field, type_) in info.kind.parameters.iter().zip(&info.parameters) {
                parameters.push(format!("{}: {}", field.name.text, show::type_(type_)));
            }
            documentation = info.kind.own().doc.as_ref().map(|doc| doc.text.to_string());
        } else if let Some((_, names, required, doc)) = built_ins().find(|(other, ..)| other == name) {
            for (index, parameter) in names.iter().enumerate() {
                parameters.push(if index < required { (*parameter).to_owned() } else { format!("{parameter}?") });
            }
            documentation = Some(doc.to_owned());
        } else {
            let index = self.index(cursor.part());
            let span = match index.lookup(index.scope_at(cursor.offset), name) {
                Some(definition) => index.definitions[definition].span,
                None => self.name_span(self.names.find(cursor.part().id, name)?)?,
            };
            let declaration = self.declaration_at(span)?;
            let DeclarationKind::Let { parameters: Some(fields), .. } = &declaration.kind else { return None };
            for field in fields {
                parameters.push(self.source_text(field.span));
            }
            documentation = documentation.or(declaration.doc.map(|doc| doc.text.to_string()));
        }
        let mut label = format!("{name}(");
        let mut ranges = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            if index > 0 {
                label.push_str(", ");
            }
            ranges.push((label.len() as u32, (label.len() + parameter.len()) as u32));
            label.push_str(parameter);
        }
        label.push(')');
        Some(Signature { label, parameters: ranges, active: position as u32, documentation })
    }
}
