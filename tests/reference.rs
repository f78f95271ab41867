//! The reference in `docs/reference` is what the standard library says.

#[test]
fn placeholder() {}
