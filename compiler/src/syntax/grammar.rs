//! Runs the grammar and hands out its tokens as a compact list. Nothing else sees pest; no message of pest's is ever
//! shown, only the place where it stopped.

use pest::{Parser as _, Token, error::InputLocation};

mod generated {
    #![allow(unreachable_pub, missing_docs)]

    #[derive(pest_derive::Parser)]
    #[grammar = "../../grammar/mlflow.pest"]
    pub struct Grammar;
}

pub(super) use generated::Rule;

/// One rule that matched. Its children follow it directly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) rule: Rule,
    /// Bytes from the start of the text that was parsed.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where its next sibling stands in the list.
    pub(super) next: u32,
}

/// All nodes of `text` in the order of their starts, or the offset at which reading it by `rule` stopped.
pub(super) fn read(rule: Rule, text: &str) -> Result<Vec<Node>, usize> {
    let pairs = generated::Grammar::parse(rule, text).map_err(|error| match error.location {
        InputLocation::Pos(place) | InputLocation::Span((place, _)) => place,
    })?;
    let tokens = pairs.tokens();
    let mut nodes: Vec<Node> = Vec::with_capacity(text.len() / 6 + 8);
    let mut open: Vec<u32> = Vec::with_capacity(64);
    for token in tokens {
        match token {
            Token::Start { rule, pos } => {
                open.push(nodes.len() as u32);
                nodes.push(Node { rule, start: pos.pos() as u32, end: 0, next: 0 });
            }
            Token::End { pos, .. } => {
                let index = open.pop().expect("pest closes what it opened");
                let next = nodes.len() as u32;
                let node = &mut nodes[index as usize];
                node.end = pos.pos() as u32;
                node.next = next;
            }
        }
    }
    Ok(nodes)
}
