//! Data flows one way through the compiler. The table of that way is here and nowhere else.

use super::{File, assert_none, files};

/// A module may use those before it.
const ORDER: [&str; 14] = [
    "source",
    "diagnostics",
    "syntax",
    "facts",
    "types",
    "resolve",
    "kinds",
    "graph",
    "plan",
    "evaluate",
    "lints",
    "targets",
    "import",
    "ide",
];

/// The library's entry knows all stages; what it gives and takes is known to the stages from here on.
const ENTRY: &str = "compilation";
const ENTRY_FROM: &str = "evaluate";

#[test]
fn no_stage_uses_a_later_one() {
    let mut problems = Vec::new();
    for file in files("compiler/src") {
        let Some(own) = module(&file.path) else { continue };
        if own == ENTRY {
            continue;
        }
        let Some(rank) = rank(own) else {
            problems.push(format!("{}: `{own}` has no place in the order of tests/tidy/order.rs", file.path));
            continue;
        };
        for (line, used) in uses(&file) {
            let allowed = match used.as_str() {
                ENTRY => rank >= self::rank(ENTRY_FROM).unwrap_or(0),
                used => self::rank(used).is_some_and(|other| other <= rank),
            };
            if !allowed {
                problems.push(format!("{}:{line}: `{own}` must not use `{used}`", file.path));
            }
        }
    }
    assert_none(&problems);
}

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|other| *other == module)
}

/// The module a file belongs to; none for the root of the library.
fn module(path: &str) -> Option<&str> {
    let first = path.strip_prefix("compiler/src/")?.split('/').next()?;
    let first = first.strip_suffix(".rs").unwrap_or(first);
    (first != "lib").then_some(first)
}

/// The modules that `crate::…` paths of a file begin with, and the lines these stand on.
fn uses(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in file.code() {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            match rest.strip_prefix('{') {
                Some(list) => found.extend(list.split(',').map(|part| (number, word(part.trim())))),
                None => found.push((number, word(rest))),
            }
        }
    }
    // A macro of the crate, or a type it gives, is no module.
    found.retain(|(_, word)| word.starts_with(|first: char| first.is_ascii_lowercase()));
    found
}
