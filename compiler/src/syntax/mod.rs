//! Text to tree. The only module that sees pest: grammar, recovery, the typed tree, the formatter. It must not look up
//! names or know what a declaration means.

pub mod tree;
