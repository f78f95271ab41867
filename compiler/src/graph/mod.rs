//! Order among things that wait for each other, on petgraph. It must not know what the things are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

pub mod groups;
pub mod schedule;

/// An order of `0..count` that keeps every edge `(before, after)` and otherwise the order of the numbers; or, where there
/// is none, one cycle in the direction of waiting (each element waits for the next, the last for the first).
/// Takes time in proportion to nodes and edges.
pub fn order(count: usize, edges: &[(u32, u32)]) -> Result<Vec<u32>, Vec<u32>> {
    let mut followers: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut waiting = vec![0u32; count];
    for (before, after) in edges {
        followers[*before as usize].push(*after);
        waiting[*after as usize] += 1;
    }
    let mut ready: BinaryHeap<Reverse<u32>> =
        (0..count as u32).filter(|node| waiting[*node as usize] == 0).map(Reverse).collect();
    let mut sorted = Vec::with_capacity(count);
    while let Some(Reverse(node)) = ready.pop() {
        sorted.push(node);
        for after in &followers[node as usize] {
            waiting[*after as usize] -= 1;
            if waiting[*after as usize] == 0 {
                ready.push(Reverse(*after));
            }
        }
    }
    if sorted.len() == count { Ok(sorted) } else { Err(cycle(count, edges)) }
}

/// The shortest cycle through the first node that lies on one.
fn cycle(count: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let graph: DiGraph<(), (), u32> = DiGraph::from_edges(edges.iter().map(|(before, after)| (*before, *after)));
    let mut component: Vec<u32> = Vec::new();
    for part in kosaraju_scc(&graph) {
        let is_loop = part.len() > 1 || graph.contains_edge(part[0], part[0]);
        let first = part.iter().map(|node| node.index()).min().unwrap_or(count);
        if is_loop && component.iter().min().is_none_or(|least| first < *least as usize) {
            component = part.iter().map(|node| node.index() as u32).collect();
        }
    }
    let Some(start) = component.iter().min().copied() else { return Vec::new() };
    let mut is_part = vec![false; count];
    for node in &component {
        is_part[*node as usize] = true;
    }
    // Breadth first against the edges: from a node to what it waits for.
    let mut from: Vec<Option<u32>> = vec![None; count];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        let mut before: Vec<u32> = graph
            .neighbors_directed(NodeIndex::new(node as usize), petgraph::Direction::Incoming)
            .map(|node| node.index() as u32)
            .filter(|node| is_part[*node as usize])
            .collect();
        before.sort_unstable();
        for next in before {
            if next == start {
                let mut path = vec![node];
                let mut at = node;
                while at != start {
                    at = from[at as usize].expect("every visited node but the start came from another");
                    path.push(at);
                }
                path.reverse();
                return path;
            }
            if from[next as usize].is_none() {
                from[next as usize] = Some(node);
                queue.push_back(next);
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn keeps_the_order_of_the_source_where_edges_allow() {
        assert_eq!(order(4, &[(3, 0)]), Ok(vec![1, 2, 3, 0]));
    }

    #[test]
    fn names_one_cycle_in_the_direction_of_waiting() {
        assert_eq!(order(4, &[(0, 1), (1, 2), (2, 1), (3, 0)]), Err(vec![1, 2]));
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_does_not_overflow() {
        let edges: Vec<(u32, u32)> = (0..100_000).map(|n| (n + 1, n)).collect();
        assert_eq!(order(100_001, &edges).map(|sorted| sorted[0]), Ok(100_000));
        let mut closed = edges;
        closed.push((0, 100_000));
        assert_eq!(order(100_001, &closed).map_err(|cycle| cycle.len()), Err(100_001));
    }
}
