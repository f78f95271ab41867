//! The standard library as it was when the compiler was built: texts, what the grammar found in them, and the names they
//! declare. What is used of it is read once in a process.

use std::sync::{Arc, OnceLock};

use crate::diagnostics::Diagnostics;
use crate::source::{FileId, SourceFile};
use crate::syntax;
use crate::syntax::tree;

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The index of the file that declares a name.
pub(super) fn file_of(name: &str) -> Option<usize> {
    NAMES.binary_search_by(|(other, _)| (*other).cmp(name)).ok().map(|index| NAMES[index].1)
}

/// A file's text and tree. The findings of the first reading are added; the tests see to it that there are none.
pub(super) fn read(index: usize, diagnostics: &mut Diagnostics) -> (Arc<SourceFile>, Arc<tree::File>) {
    type Read = (Arc<SourceFile>, Arc<tree::File>);
    static READ: OnceLock<Vec<OnceLock<Read>>> = OnceLock::new();
    let all = READ.get_or_init(|| FILES.iter().map(|_| OnceLock::new()).collect());
    let (file, tree) = all[index].get_or_init(|| {
        let (path, text, nodes) = FILES[index];
        let parsed = syntax::parse_stored(FileId::library(index), text, nodes);
        diagnostics.extend(parsed.diagnostics);
        (Arc::new(SourceFile::new(path, text, true)), Arc::new(parsed.file))
    });
    (file.clone(), tree.clone())
}

/// A file by its id.
pub(super) fn of_id(id: FileId) -> Option<(Arc<SourceFile>, Arc<tree::File>)> {
    let index = id.library_index().filter(|index| *index < FILES.len())?;
    Some(read(index, &mut Diagnostics::default()))
}

pub(super) fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().map(|(path, text, _)| (*path, *text))
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_of_every_type_is_one() {
        let pattern = regex::Regex::new(r#"\bstring\((?:[^"()]*,\s*)?r"([^"\n]*)""#).expect("the pattern is sound");
        let mut count = 0;
        for (path, text) in files() {
            for found in pattern.captures_iter(text) {
                assert!(regex::Regex::new(&found[1]).is_ok(), "{path}: {}", &found[0]);
                count += 1;
            }
        }
        assert!(count > 3);
    }
}
