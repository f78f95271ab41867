//! What the grammar found in a text, as bytes: the build script reads the standard library by the grammar, so that a
//! compilation need not. Shared with `build.rs`.

use super::grammar::{Node, Rule};

/// The nodes of a text, in order. For each: its rule, how far after the one before it starts, how long it is, and how many
/// nodes lie below it.
#[allow(dead_code, reason = "the build script writes, the library reads")]
pub(super) fn write(nodes: &[Node]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nodes.len() * 4);
    let mut last = 0;
    for (index, node) in nodes.iter().enumerate() {
        number(node.rule as u32, &mut out);
        number(node.start - last, &mut out);
        number(node.end - node.start, &mut out);
        number(node.next - index as u32 - 1, &mut out);
        last = node.start;
    }
    out
}

/// The nodes that [`write`] wrote; `None` where there are none.
#[allow(dead_code, reason = "the build script writes, the library reads")]
pub(super) fn read(mut bytes: &[u8]) -> Option<Vec<Node>> {
    let mut nodes = Vec::with_capacity(bytes.len() / 4);
    let mut last = 0;
    while !bytes.is_empty() {
        let rule = rule(take(&mut bytes)?)?;
        let start = last + take(&mut bytes)?;
        let end = start + take(&mut bytes)?;
        let next = nodes.len() as u32 + 1 + take(&mut bytes)?;
        nodes.push(Node { rule, start, end, next });
        last = start;
    }
    (!nodes.is_empty()).then_some(nodes)
}

/// A rule by its number. Pest numbers the end of a text first, and does not list it.
fn rule(number: u32) -> Option<Rule> {
    match number.checked_sub(1) {
        Some(index) => Rule::all_rules().get(index as usize).copied(),
        None => Some(Rule::EOI),
    }
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn number(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    for shift in (0..32).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::grammar;
    use super::*;

    #[test]
    fn nodes_come_back_as_they_were() {
        let long = "x".repeat(300);
        let text = format!("let a = [1, \"{long}\"]\nworkflow w {{ step b = f(c) {{ d = 1 }} }}\n");
        let nodes = grammar::read(Rule::file, &text).expect("the text is sound");
        let back = read(&write(&nodes)).expect("there are nodes");
        assert_eq!(format!("{nodes:?}"), format!("{back:?}"));
        assert!(read(&[]).is_none());
        assert!(read(&[0x80]).is_none());
    }

    #[test]
    fn a_rule_is_found_by_its_number() {
        assert_eq!(rule(Rule::EOI as u32), Some(Rule::EOI));
        for listed in Rule::all_rules() {
            assert_eq!(rule(*listed as u32), Some(*listed));
        }
    }
}
