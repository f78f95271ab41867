//! Every code, with its wording. A code is never used again for something else. Each has a page in `docs/errors`.

use super::{Row, Severity};

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $code:literal $message:literal, $label:literal, $help:literal;)*) => {
        $(
            $(#[$doc])*
            pub static $name: Row = Row {
                code: $code,
                severity: Severity::$severity,
                message: $message,
                label: $label,
                help: $help,
            };
        )*
        /// All rows, in the order of their codes.
        pub static CATALOGUE: &[&Row] = &[$(&$name),*];
    };
}

catalogue! {
    // E01: how a file is written.
    SYNTAX = Error "E0101" "{problem}.", "{label}", "{help}";
    NESTING = Error "E0102" "This is nested more than {limit} levels deep.", "the level that is too deep", "give an inner part a name with `let` and use the name";
}
