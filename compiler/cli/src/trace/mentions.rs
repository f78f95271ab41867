//! What a text from AWS mentions of a document: steps and parameters by name, members by path, values. The more telling
//! wins: a path within a named step, a path, a value, a member, and the step alone only where nothing else is found.

use super::document::{Document, EntryId, Step};
use super::query::Answer;

pub(super) fn find<'a>(documents: &'a [Document], text: &str) -> Vec<Answer<'a>> {
    let words = words(text);
    let mut best: Vec<(Tier, Answer<'a>)> = Vec::new();
    for document in documents {
        let named: Vec<EntryId> =
            document.ids().filter(|id| document.name_of(*id).is_some_and(|name| mentions(text, name))).collect();
        // A step that stands in a named one is meant rather than the one around it.
        let innermost: Vec<EntryId> = named
            .iter()
            .filter(|id| {
                !named.iter().any(|other| other != *id && document.around(*other).any(|around| around == **id))
            })
            .copied()
            .collect();
        let within = |id: EntryId| document.around(id).skip(1).any(|around| innermost.contains(&around));
        let mut found = |tier: Tier, id: EntryId| best.push((tier, Answer { document, entry: id }));
        for id in document.ids() {
            let path = words.paths.iter().any(|path| ends_with(document, id, path));
            let value = document.entry(id).scalar.as_ref().is_some_and(|scalar| words.values.contains(scalar));
            let key = matches!(&document.entry(id).step, Step::Key(key) if words.members.contains(key));
            let tier = match (path, value, key) {
                (true, true, _) => Tier::PathWithValue,
                (true, false, _) => Tier::Path,
                (false, true, true) => Tier::Member,
                (false, true, false) => Tier::Value,
                (false, false, true) => Tier::Key,
                (false, false, false) => continue,
            };
            // The name of a step is a value as well, and says no more than the step.
            if matches!(tier, Tier::Value) && document.entry(id).parent.is_some_and(|parent| named.contains(&parent)) {
                continue;
            }
            if within(id) {
                found(tier.inside(), id);
            } else {
                found(tier, id);
            }
        }
        for id in innermost.iter().copied() {
            found(Tier::Named, id);
        }
    }
    let top = best.iter().map(|(tier, _)| *tier).max();
    let mut answers: Vec<Answer> =
        best.into_iter().filter(|(tier, _)| Some(*tier) == top).map(|(_, answer)| answer).collect();
    if top.is_none_or(|top| top <= Tier::Named) {
        let mut around = around_missing(documents, &words);
        if top == Some(Tier::Named) {
            around.retain(|found| answers.iter().any(|named| is_around(named, found)));
        }
        if !around.is_empty() {
            answers = around;
        }
    }
    innermost_only(&mut answers);
    answers
}

fn is_around(outer: &Answer, inner: &Answer) -> bool {
    std::ptr::eq(outer.document, inner.document)
        && outer.document.around(inner.entry).skip(1).any(|around| around == outer.entry)
}

/// How telling a mention is, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Key,
    Value,
    Named,
    Member,
    KeyInside,
    ValueInside,
    MemberInside,
    Path,
    PathWithValue,
    PathInside,
    PathWithValueInside,
}

impl Tier {
    /// The same mention within something that the text names.
    fn inside(self) -> Tier {
        match self {
            Tier::Key => Tier::KeyInside,
            Tier::Value => Tier::ValueInside,
            Tier::Member => Tier::MemberInside,
            Tier::Path => Tier::PathInside,
            Tier::PathWithValue => Tier::PathWithValueInside,
            other => other,
        }
    }
}

/// A path that nothing ends with may name a member that is not there, and then what is around it is meant; or it begins
/// with something that documents do not have, such as `pipelineDefinition.Steps`.
fn around_missing<'a>(documents: &'a [Document], words: &Words) -> Vec<Answer<'a>> {
    let longest = words.paths.iter().map(Vec::len).max().unwrap_or(0);
    for left_out in 1..longest {
        let mut parts: Vec<&[Part]> = Vec::new();
        for path in words.paths.iter().filter(|path| path.len() >= left_out + 2) {
            parts.push(&path[..path.len() - left_out]);
            parts.push(&path[left_out..]);
        }
        let answers: Vec<Answer> = documents
            .iter()
            .flat_map(|document| document.ids().map(move |entry| Answer { document, entry }))
            .filter(|answer| parts.iter().any(|part| ends_with(answer.document, answer.entry, part)))
            .collect();
        if !answers.is_empty() {
            return answers;
        }
    }
    Vec::new()
}

/// Of entries around one another, the inner ones.
fn innermost_only(answers: &mut Vec<Answer>) {
    let all = answers.clone();
    answers.retain(|answer| !all.iter().any(|other| is_around(answer, other)));
}

/// A part of a path in a text, in lower case: AWS writes members of requests with a small first letter.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Key(String),
    Index(usize),
}

struct Words {
    paths: Vec<Vec<Part>>,
    /// What stands in quotes, and words that no prose has.
    values: Vec<String>,
    members: Vec<String>,
}

fn words(text: &str) -> Words {
    let mut words = Words { paths: Vec::new(), values: Vec::new(), members: Vec::new() };
    for quote in ['\'', '"', '`'] {
        // Texts in quotes may overlap where a quote is an apostrophe: every stretch counts.
        let pieces: Vec<&str> = text.split(quote).collect();
        if pieces.len() > 2 {
            words.values.extend(pieces[1..pieces.len() - 1].iter().map(|piece| (*piece).to_owned()));
        }
    }
    let part_of_word = |character: char| character.is_alphanumeric() || "_-.:/$[]{}@".contains(character);
    for word in text.split(|character: char| !part_of_word(character)) {
        let word = word.trim_matches(['.', ':', '[', ']', '{', '}']);
        let plain = word.chars().all(|character| character.is_alphanumeric());
        if word.len() > 3 && !plain {
            words.values.push(word.to_owned());
        }
        let capitals = word.chars().filter(|character| character.is_uppercase()).count();
        if plain && capitals > 1 && word.chars().any(char::is_lowercase) {
            words.members.push(word.to_owned());
        }
        words.paths.extend(path(word));
    }
    words.members.extend(words.values.iter().filter(|value| value.chars().all(char::is_alphanumeric)).cloned());
    words
}

/// `processingResources.clusterConfig.instanceCount`, `processingInputs.1.member.s3Input`, `/States/Train/Arguments`
fn path(word: &str) -> Option<Vec<Part>> {
    let word = word.trim_start_matches('$').replace(['[', ']', '/'], ".");
    let pieces: Vec<&str> = word.split('.').filter(|piece| !piece.is_empty()).collect();
    let counts_from_one = pieces.contains(&"member");
    let mut parts = Vec::new();
    for piece in pieces {
        if piece == "member" {
            continue;
        }
        if let Ok(index) = piece.parse::<usize>() {
            parts.push(Part::Index(if counts_from_one { index.checked_sub(1)? } else { index }));
        } else if piece.chars().all(|character| character.is_alphanumeric() || "_-".contains(character)) {
            parts.push(Part::Key(piece.to_lowercase()));
        } else {
            return None;
        }
    }
    let keys = parts.iter().filter(|part| matches!(part, Part::Key(_))).count();
    (keys > 1).then_some(parts)
}

/// Whether the path of an entry ends so. Indices that the text leaves out do not count; a word may be an element's name.
fn ends_with(document: &Document, id: EntryId, path: &[Part]) -> bool {
    let mut steps = document.around(id).map(|id| (id, &document.entry(id).step)).peekable();
    for (count, part) in path.iter().rev().enumerate() {
        loop {
            let Some((id, step)) = steps.next() else { return false };
            match (part, step) {
                (Part::Index(wanted), Step::Index(index)) if wanted == index => break,
                (Part::Key(wanted), Step::Key(key)) if key.to_lowercase() == *wanted => break,
                (Part::Key(wanted), Step::Index(_))
                    if document.name_of(id).is_some_and(|name| name.to_lowercase() == *wanted) =>
                {
                    break;
                }
                // The last part must be the entry itself.
                (Part::Key(_), Step::Index(_)) if count > 0 => {}
                _ => return false,
            }
        }
    }
    true
}

/// Whether a text holds a name as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    let inside = |character: char| character.is_alphanumeric() || character == '_' || character == '-';
    name.chars().count() > 1
        && text
            .match_indices(name)
            .any(|(at, _)| !text[..at].ends_with(inside) && !text[at + name.len()..].starts_with(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::document::tests::document;

    const PIPELINE: &str = r#"{"Parameters":[{"Name":"min_auc","Type":"Float"}],"Steps":[
        {"Name":"split","Type":"Processing","Arguments":{"ProcessingResources":{"ClusterConfig":{"InstanceCount":1,"InstanceType":"ml.m5.xlarge"}},"ProcessingInputs":[{"InputName":"x"},{"InputName":"code","S3Input":{"S3Uri":"s3://b/x"}}]}},
        {"Name":"quality","Type":"Processing","Arguments":{"RoleArn":"arn:aws:iam::1:role/x","ProcessingResources":{"ClusterConfig":{"InstanceCount":0,"InstanceType":"ml.m5.2xlarge"}}}}]}"#;

    fn paths(question: &str) -> Vec<String> {
        let documents = [document(PIPELINE)];
        find(&documents, question).iter().map(|answer| answer.document.path_of(answer.entry)).collect()
    }

    #[test]
    fn a_value_tells_which_of_two_members() {
        let text = "ClientError: 1 validation error detected: Value '0' at 'processingResources.clusterConfig.instanceCount' \
                    failed to satisfy constraint: Member must have value greater than or equal to 1";
        assert_eq!(paths(text), ["Steps[1].Arguments.ProcessingResources.ClusterConfig.InstanceCount"]);
    }

    #[test]
    fn a_named_step_tells_which_of_two_members() {
        let text = "Step split failed: invalid processingResources.clusterConfig.instanceType";
        assert_eq!(paths(text), ["Steps[0].Arguments.ProcessingResources.ClusterConfig.InstanceType"]);
    }

    #[test]
    fn members_of_lists_count_from_one() {
        assert_eq!(
            paths("Value '' at 'processingInputs.2.member.s3Input.s3Uri' failed to satisfy constraint"),
            ["Steps[0].Arguments.ProcessingInputs[1].S3Input.S3Uri"]
        );
    }

    #[test]
    fn values_names_and_members() {
        let limit = "ResourceLimitExceeded: The account-level service limit 'ml.m5.2xlarge for processing job usage' is 0 Instances";
        assert_eq!(paths(limit), ["Steps[1].Arguments.ProcessingResources.ClusterConfig.InstanceType"]);
        assert_eq!(paths("Missing value for parameter min_auc"), ["Parameters[0]"]);
        assert_eq!(paths("The RoleArn cannot be assumed"), ["Steps[1].Arguments.RoleArn"]);
        assert_eq!(paths("Step quality: boom"), ["Steps[1]"]);
        assert!(paths("Something else went wrong").is_empty());
    }

    #[test]
    fn a_member_that_is_missing_leads_to_what_is_around_it() {
        assert_eq!(
            paths("Missing required field: Steps.quality.Arguments.ProcessingResources.ClusterConfig.VolumeSizeInGB"),
            ["Steps[1].Arguments.ProcessingResources.ClusterConfig"]
        );
        assert_eq!(paths("at /Steps/0/Arguments/ProcessingInputs/1"), ["Steps[0].Arguments.ProcessingInputs[1]"]);
    }
}
