//! The standard library as it was when the compiler was built: texts and the names they declare.

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The index of the file that declares a name.
pub(super) fn file_of(name: &str) -> Option<usize> {
    NAMES.binary_search_by(|(other, _)| (*other).cmp(name)).ok().map(|index| NAMES[index].1)
}

pub(super) fn file(index: usize) -> (&'static str, &'static str) {
    FILES[index]
}

pub(super) fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied()
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}
