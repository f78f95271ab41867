//! Questions about built documents: a line, a path, or a text that mentions something.

use super::document::{Document, EntryId, Step};
use super::mentions;

/// One entry that answers a question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) document: &'a Document,
    pub(crate) entry: EntryId,
}

/// Every entry that answers, the most telling ones only.
pub(crate) fn find<'a>(documents: &'a [Document], question: &str) -> Vec<Answer<'a>> {
    let question = question.trim();
    if let Some((file, line, column)) = line_of(question) {
        return documents
            .iter()
            .filter(|document| names(file, document))
            .filter_map(|document| {
                let entry = document.at(line.checked_sub(1)?, column.map(|column| column.saturating_sub(1)))?;
                Some(Answer { document, entry })
            })
            .collect();
    }
    let (file, path) = match question.split_once('#') {
        Some((file, path)) if file.ends_with(".json") => (Some(file), path),
        _ => (None, question),
    };
    if let Some(steps) = steps(path) {
        let answers: Vec<Answer> = documents
            .iter()
            .filter(|document| file.is_none_or(|file| names(file, document)))
            .filter_map(|document| Some(Answer { document, entry: walk(document, &steps)? }))
            .collect();
        if !answers.is_empty() {
            return answers;
        }
    }
    mentions::find(documents, question)
}

/// Whether a file as a person writes it is this document.
fn names(file: &str, document: &Document) -> bool {
    let file = file.trim_start_matches("./");
    document.path == file
        || document.path.ends_with(&format!("/{file}"))
        || file.ends_with(&format!("/{}", document.path))
}

/// `churn.pipeline.json:120` or `churn.pipeline.json:120:7`
fn line_of(question: &str) -> Option<(&str, u32, Option<u32>)> {
    let (file, rest) = question.rsplit_once(".json:").map(|(file, rest)| (&question[..file.len() + 5], rest))?;
    let (line, column) = match rest.split_once(':') {
        Some((line, column)) => (line, Some(column.parse().ok()?)),
        None => (rest, None),
    };
    Some((file, line.parse().ok()?, column))
}

/// A JSON Pointer, or a path with dots and brackets.
fn steps(path: &str) -> Option<Vec<String>> {
    if let Some(pointer) = path.strip_prefix('/') {
        return Some(pointer.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect());
    }
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (part, after) = match inside.chars().next()? {
                quote @ ('\'' | '"') => {
                    let (part, after) = inside[1..].split_once(quote)?;
                    (part, after.strip_prefix(']')?)
                }
                _ => inside.split_once(']')?,
            };
            steps.push(part.to_owned());
            rest = after;
            continue;
        }
        rest = if steps.is_empty() { rest.strip_prefix('.').unwrap_or(rest) } else { rest.strip_prefix('.')? };
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end == 0 || rest[..end].contains(char::is_whitespace) {
            return None;
        }
        steps.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    (!steps.is_empty()).then_some(steps)
}

/// Follows a path from the root. In a list, a word stands for the element of that name.
fn walk(document: &Document, steps: &[String]) -> Option<EntryId> {
    let mut at = document.ids().next()?;
    for step in steps {
        let key = document.child(at, &Step::Key(step.clone()));
        let index = || step.parse().ok().and_then(|index| document.child(at, &Step::Index(index)));
        let named = || {
            document.ids().find(|id| {
                document.entry(*id).parent == Some(at)
                    && matches!(document.entry(*id).step, Step::Index(_))
                    && document.name_of(*id) == Some(step.as_str())
            })
        };
        at = key.or_else(index).or_else(named)?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::document::tests::document;

    #[test]
    fn paths_have_several_spellings() {
        let documents = [document(r#"{"Steps":[{"Name":"a"},{"Name":"b","Arguments":{"x/y":1,"Big One":2}}]}"#)];
        let paths = |question: &str| -> Vec<String> {
            find(&documents, question).iter().map(|answer| answer.document.path_of(answer.entry)).collect()
        };
        for question in [
            "Steps[1].Arguments",
            "/Steps/1/Arguments",
            "$.Steps[1].Arguments",
            "Steps.b.Arguments",
            "x.json#/Steps/b/Arguments",
        ] {
            assert_eq!(paths(question), ["Steps[1].Arguments"], "{question}");
        }
        assert_eq!(paths("/Steps/1/Arguments/x~1y"), ["Steps[1].Arguments['x/y']"]);
        assert_eq!(paths("Steps[1].Arguments['Big One']"), ["Steps[1].Arguments['Big One']"]);
        assert_eq!(paths("x.json:1:2"), ["Steps"]);
        assert!(paths("Steps[7]").is_empty());
    }
}
