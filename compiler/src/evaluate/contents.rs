//! Files whose content stands in the sources themselves: they are written with the documents, and uploaded with the files
//! that the sources name.

use sha2::{Digest, Sha256};

use super::Evaluator;
use super::functions::BuiltIn;
use crate::plan::Asset;
use crate::source::Span;
use crate::types::{Class, Data, Entry, Stage, Value};

impl Evaluator<'_> {
    /// `file_of(name, text)`: a file with a content that is known when the file is built.
    pub(super) fn file_of(&mut self, function: &BuiltIn, name: &Value, content: Option<Value>, span: Span) -> Value {
        let Some(content) = content else { return Value::error(span) };
        for value in [name, &content] {
            if let Data::Late(late) = &value.data {
                let late = late.clone();
                self.report_late(value.span, &late, Stage::Build, "the content of a file");
                return Value::error(span);
            }
        }
        let (Some(name), Some(content_text)) = (name.as_string().cloned(), content.as_string().cloned()) else {
            return self.wrong_argument(function, &content, "two texts");
        };
        let Some(project) = self.project.clone() else { return Value::error(span) };
        let Some(bucket) = self.bucket(span) else { return Value::error(span) };
        let sha256: String = Sha256::digest(content_text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = format!("files/{}/{name}", &sha256[..16]);
        let key = format!("{}/assets/{}/{name}", project.name, &sha256[..16]);
        let parts = vec![Value::string("s3://", span), bucket.clone(), Value::string(format!("/{key}"), span)];
        let uri = self.join("", parts, span);
        if !self.assets.iter().any(|asset| asset.key == key) {
            self.assets.push(Asset {
                path: path.clone(),
                content: Some(content_text.to_string()),
                sha256: sha256.clone(),
                files: Vec::new(),
                bucket,
                key,
                span,
            });
        }
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
        let text = |text: &str| Value::string(text, span);
        let entries = vec![
            Entry::new("path", text(&path)),
            Entry::new("file_name", text(&name)),
            Entry::new("stem", text(&stem)),
            Entry::new("is_folder", Value::new(Data::Bool(false), span)),
            Entry::new("sha256", text(&sha256)),
            Entry::new("uri", uri),
        ];
        Value::object(Class::File, entries, span)
    }
}
