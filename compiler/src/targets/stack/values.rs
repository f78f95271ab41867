//! Values as a template spells them: `Ref`, `Fn::GetAtt`, `Fn::Sub`.

use super::Emitter;
use crate::source::Span;
use crate::targets::json::aws_name;
use crate::types::{Class, Data, Late, LateKind, Value, show};

impl Emitter<'_> {
    pub(super) fn value(&mut self, value: &Value) {
        let value = self.chosen(value);
        let place = self.place(value.span);
        match &value.data {
            Data::Error | Data::None | Data::Null | Data::Function(_) => self.json.token("null", place),
            Data::Bool(flag) => self.json.token(if *flag { "true" } else { "false" }, place),
            Data::Int(number) => self.json.token(&number.to_string(), place),
            Data::Float(number) | Data::Percent(number) => self.json.token(&show::number(*number), place),
            Data::String(text) => self.json.string(text, place),
            Data::Duration(amount) => self.json.string(&show::duration(*amount), place),
            Data::Size(amount) => self.json.string(&show::size(*amount), place),
            Data::List(items) => {
                self.json.begin_list(place);
                for item in items.iter().filter(|item| !item.is_none()) {
                    self.value(item);
                }
                self.json.end_list();
            }
            Data::Object(object) => {
                let key = match &object.class {
                    Class::Data(_) | Class::File => Some("uri"),
                    Class::Resource(_) => Some("name"),
                    Class::Plain
                    | Class::Step(_)
                    | Class::Instance(_)
                    | Class::Image
                    | Class::Descriptor(_)
                    | Class::Call { .. } => None,
                };
                if let Some(inner) = key.and_then(|key| object.get(key)) {
                    self.value(inner);
                    return;
                }
                self.json.begin_object(place);
                for entry in &object.entries {
                    let chosen = self.chosen(&entry.value);
                    if !chosen.is_none() {
                        self.json.key(&entry.key, self.place(entry.key_span));
                        self.value(chosen);
                    }
                }
                self.json.end_object();
            }
            Data::Late(late) => self.late(late, place),
        }
    }

    /// What a choice by the size of a document comes to.
    fn chosen<'v>(&self, value: &'v Value) -> &'v Value {
        if let Data::Late(late) = &value.data
            && let LateKind::Operation { name, operands } = &late.kind
            && name == "by size"
            && let [document, inline, stored] = operands.as_slice()
        {
            return if self.is_stored(document) { stored } else { inline };
        }
        value
    }

    fn late(&mut self, late: &Late, place: Span) {
        match &late.kind {
            LateKind::Aws(name) => self.function("Ref", aws_name(name), place),
            LateKind::Attribute { resource, attribute: None } => self.function("Ref", resource, place),
            LateKind::Attribute { resource, attribute: Some(attribute) } => {
                self.json.begin_object(place);
                self.json.key("Fn::GetAtt", place);
                self.json.begin_list(place);
                self.json.string(resource, place);
                self.json.string(attribute, place);
                self.json.end_list();
                self.json.end_object();
            }
            LateKind::Join { .. } => {
                let mut text = String::new();
                substitution(late, &mut text);
                self.function("Fn::Sub", &text, place);
            }
            LateKind::Operation { name, operands } if name == "json" => {
                if let Some(text) = operands.first() {
                    self.value(text);
                }
            }
            LateKind::Operation { name, operands } if name == "document" => {
                let name = operands.first().and_then(|name| name.as_string()).cloned().unwrap_or_default();
                self.document(&name, place);
            }
            LateKind::Operation { name, operands } if name == "document key" => {
                let name = operands.first().and_then(|name| name.as_string()).cloned().unwrap_or_default();
                let key = self.documents.get(&name).map(|packed| packed.key(&self.plan.project));
                self.json.string(&key.unwrap_or_default(), place);
            }
            // Evaluation lets nothing else through to here.
            _ => self.json.token("null", place),
        }
    }

    pub(super) fn function(&mut self, name: &str, argument: &str, place: Span) {
        self.json.begin_object(place);
        self.json.key(name, place);
        self.json.string(argument, place);
        self.json.end_object();
    }
}

/// Text for `Fn::Sub`: what is filled in, and the rest with its own `${` escaped.
fn substitution(late: &Late, out: &mut String) {
    match &late.kind {
        LateKind::Aws(name) => out.push_str(&format!("${{{}}}", aws_name(name))),
        LateKind::Attribute { resource, attribute } => match attribute {
            Some(attribute) => out.push_str(&format!("${{{resource}.{attribute}}}")),
            None => out.push_str(&format!("${{{resource}}}")),
        },
        LateKind::Join { separator, parts } => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push_str(separator);
                }
                match &part.data {
                    Data::String(text) => out.push_str(&text.replace("${", "${!")),
                    Data::Int(number) => out.push_str(&number.to_string()),
                    Data::Float(number) | Data::Percent(number) => out.push_str(&show::number(*number)),
                    Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
                    Data::Late(late) => substitution(late, out),
                    _ => {}
                }
            }
        }
        LateKind::Operation { name, operands } if name == "json" => {
            if let Some(Data::Late(text)) = operands.first().map(|text| &text.data) {
                substitution(text, out);
            }
        }
        _ => {}
    }
}
