//! Documents of other targets inside the template: made compact, and in the template itself or beside it, by their size.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use smol_str::{SmolStr, format_smolstr};

use super::Emitter;
use crate::source::Span;
use crate::targets::{Output, Upload};
use crate::types::{Data, LateKind, Value};

/// A document that is larger goes to S3, unless it holds what is known only when the stack is deployed.
const MOST_INLINE: usize = 100_000;

/// A document without white space.
pub(super) struct Packed {
    /// With `${` of its own escaped, where something is filled in.
    pub(super) text: String,
    pub(super) has_placeholders: bool,
    /// The ids that it refers to.
    pub(super) uses: Vec<SmolStr>,
    /// The document's path.
    pub(super) path: String,
    sha256: String,
}

impl Packed {
    pub(super) fn key(&self, project: &str) -> String {
        let file = self.path.rsplit('/').next().unwrap_or(&self.path);
        format!("{project}/documents/{}/{file}", &self.sha256[..16])
    }

    pub(super) fn is_stored(&self) -> bool {
        !self.has_placeholders && self.text.len() > MOST_INLINE
    }
}

/// The name of a document: its workflow and engine.
pub(super) fn name_of(workflow: &str, engine: &str) -> SmolStr {
    format_smolstr!("{workflow}.{engine}")
}

/// What the targets before this one wrote, by name.
pub(super) fn collect(out: &Output) -> FxHashMap<SmolStr, Packed> {
    let texts: FxHashMap<&str, &str> =
        out.documents.iter().map(|document| (document.path.as_str(), document.text.as_str())).collect();
    out.definitions
        .iter()
        .filter_map(|definition| {
            let text = texts.get(definition.path.as_str())?;
            let mut packed = pack(text, &definition.placeholders);
            packed.path.clone_from(&definition.path);
            Some((name_of(&definition.workflow, &definition.engine), packed))
        })
        .collect()
}

/// What is kept in S3, in the order of keys.
pub(super) fn uploads(project: &SmolStr, documents: FxHashMap<SmolStr, Packed>) -> Vec<Upload> {
    let mut uploads: Vec<Upload> = documents
        .into_values()
        .filter(Packed::is_stored)
        .map(|packed| Upload {
            project: project.clone(),
            key: packed.key(project),
            sha256: packed.sha256,
            text: packed.text,
            path: packed.path,
        })
        .collect();
    uploads.sort_by(|one, other| one.key.cmp(&other.key));
    uploads
}

/// Leaves white space out, and escapes what only looks as if it were filled in.
fn pack(text: &str, placeholders: &[usize]) -> Packed {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut uses: Vec<SmolStr> = Vec::new();
    let mut next = placeholders.iter().copied().peekable();
    let (mut at, mut start, mut inside) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                inside = !inside;
                at += 1;
            }
            b'\\' if inside => at += 2,
            b' ' | b'\n' if !inside => {
                out.push_str(&text[start..at]);
                at += 1;
                start = at;
            }
            b'$' if inside && bytes.get(at + 1) == Some(&b'{') => {
                if next.peek() == Some(&at) {
                    next.next();
                    let name = text[at + 2..].split('}').next().unwrap_or_default();
                    if !name.starts_with("AWS::") {
                        uses.push(name.split('.').next().unwrap_or(name).into());
                    }
                    at += 2;
                } else {
                    at += 2;
                    if !placeholders.is_empty() {
                        out.push_str(&text[start..at]);
                        out.push('!');
                        start = at;
                    }
                }
            }
            _ => at += 1,
        }
    }
    out.push_str(&text[start..]);
    uses.sort();
    uses.dedup();
    let sha256 = Sha256::digest(out.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Packed { text: out, has_placeholders: !placeholders.is_empty(), uses, path: String::new(), sha256 }
}

/// The documents that a value holds.
pub(super) fn named(value: &Value) -> Vec<SmolStr> {
    let mut found = Vec::new();
    collect_names(value, &mut found);
    found
}

fn collect_names(value: &Value, out: &mut Vec<SmolStr>) {
    match &value.data {
        Data::Late(late) => {
            if let LateKind::Operation { name, operands } = &late.kind {
                if name == "document" {
                    out.extend(operands.first().and_then(|name| name.as_string()).cloned());
                } else {
                    operands.iter().for_each(|operand| collect_names(operand, out));
                }
            }
        }
        Data::List(items) => items.iter().for_each(|item| collect_names(item, out)),
        Data::Object(object) => object.entries.iter().for_each(|entry| collect_names(&entry.value, out)),
        _ => {}
    }
}

impl Emitter<'_> {
    pub(super) fn is_stored(&self, document: &Value) -> bool {
        named(document).iter().any(|name| self.documents.get(name).is_some_and(Packed::is_stored))
    }

    pub(super) fn document(&mut self, name: &str, place: Span) {
        let Some(packed) = self.documents.get(name) else {
            self.json.token("null", place);
            return;
        };
        let text = packed.text.clone();
        if packed.has_placeholders {
            self.function("Fn::Sub", &text, place);
        } else {
            self.json.string(&text, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_packed_and_only_what_is_meant_is_filled_in() {
        let text = "{\n  \"a b\": \"x \\\" ${Role.Arn}\",\n  \"c\": \"${HOME} \\\\\"\n}\n";
        let at = text.find("${Role").expect("it is there");
        let packed = pack(text, &[at]);
        assert_eq!(packed.text, "{\"a b\":\"x \\\" ${Role.Arn}\",\"c\":\"${!HOME} \\\\\"}");
        assert_eq!(packed.uses, ["Role"]);
        assert_eq!(pack(text, &[]).text, "{\"a b\":\"x \\\" ${Role.Arn}\",\"c\":\"${HOME} \\\\\"}");
    }
}
