//! Connected groups of some nodes of a graph that no path leaves and comes back to. It must not know what the nodes are.

use std::collections::VecDeque;

/// Nodes that are looked at, at most, to see whether two groups may be one where levels do not say so. It bounds the time:
/// beyond it groups stay as levels make them.
const PATIENCE: usize = 200_000;

/// For each node of `0..count` the number of its group, counted from the first node on; nothing for those that are not
/// `chosen`. Edges lead from what comes first. Without cycles among the edges there are none among the groups.
pub fn convex_groups(count: usize, edges: &[(u32, u32)], chosen: &[bool]) -> Vec<Option<u32>> {
    let Ok(order) = super::order(count, edges) else { return vec![None; count] };
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut after: Vec<Vec<u32>> = vec![Vec::new(); count];
    for (from, to) in edges {
        before[*to as usize].push(*from);
        after[*from as usize].push(*to);
    }
    // How often the way to a node goes from chosen ones to others and back. Ways never lead down, so nodes of one level that
    // are joined by edges among them make a group.
    let mut level = vec![0u32; count];
    for node in &order {
        let node = *node as usize;
        level[node] = before[node]
            .iter()
            .map(|other| level[*other as usize] + u32::from(chosen[*other as usize] != chosen[node]))
            .max()
            .unwrap_or(0);
    }
    let mut groups =
        Groups { parent: (0..count as u32).collect(), members: (0..count as u32).map(|n| vec![n]).collect() };
    let joins = |(from, to): &&(u32, u32)| chosen[*from as usize] && chosen[*to as usize];
    for (from, to) in edges.iter().filter(joins).filter(|(from, to)| level[*from as usize] == level[*to as usize]) {
        groups.join(*from, *to);
    }
    let place = {
        let mut place = vec![0u32; count];
        order.iter().enumerate().for_each(|(at, node)| place[*node as usize] = at as u32);
        place
    };
    let mut rest: Vec<(u32, u32)> = edges.iter().filter(joins).copied().collect();
    rest.sort_unstable_by_key(|(from, to)| (place[*to as usize], place[*from as usize]));
    let mut patience = PATIENCE;
    for (from, to) in rest {
        if groups.find(from) != groups.find(to) && groups.may_join(from, to, &after, &mut patience) {
            groups.join(from, to);
        }
    }
    let mut numbers: Vec<Option<u32>> = vec![None; count];
    let mut next = 0;
    (0..count as u32)
        .map(|node| {
            if !chosen[node as usize] {
                return None;
            }
            let root = groups.find(node) as usize;
            Some(*numbers[root].get_or_insert_with(|| {
                next += 1;
                next - 1
            }))
        })
        .collect()
}

/// Disjoint sets, with their members.
struct Groups {
    parent: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Groups {
    fn find(&mut self, node: u32) -> u32 {
        let mut root = node;
        while self.parent[root as usize] != root {
            root = self.parent[root as usize];
        }
        let mut at = node;
        while self.parent[at as usize] != root {
            at = std::mem::replace(&mut self.parent[at as usize], root);
        }
        root
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.find(one), self.find(other));
        if one == other {
            return;
        }
        let (large, small) = if self.members[one as usize].len() >= self.members[other as usize].len() {
            (one, other)
        } else {
            (other, one)
        };
        self.parent[small as usize] = large;
        let moved = std::mem::take(&mut self.members[small as usize]);
        self.members[large as usize].extend(moved);
    }

    /// Whether no way leads from one group to the other but directly.
    fn may_join(&mut self, from: u32, to: u32, after: &[Vec<u32>], patience: &mut usize) -> bool {
        let (first, last) = (self.find(from), self.find(to));
        let mut seen = vec![false; after.len()];
        seen[first as usize] = true;
        let mut queue: VecDeque<u32> = VecDeque::new();
        // Ways of more than one edge between groups.
        for member in self.members[first as usize].clone() {
            for next in &after[member as usize] {
                let group = self.find(*next);
                if group != last && !std::mem::replace(&mut seen[group as usize], true) {
                    queue.push_back(group);
                }
            }
        }
        while let Some(group) = queue.pop_front() {
            for member in self.members[group as usize].clone() {
                for next in &after[member as usize] {
                    if *patience == 0 {
                        return false;
                    }
                    *patience -= 1;
                    let other = self.find(*next);
                    if other == last {
                        return false;
                    }
                    if !std::mem::replace(&mut seen[other as usize], true) {
                        queue.push_back(other);
                    }
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::convex_groups;

    #[test]
    fn what_stands_before_and_after_another_stays_apart() {
        // 0 → 1 → 2, where 1 is another's; 0 → 2 too.
        assert_eq!(convex_groups(3, &[(0, 1), (1, 2), (0, 2)], &[true, false, true]), [Some(0), None, Some(1)]);
    }

    #[test]
    fn what_no_way_comes_back_to_is_one_group() {
        // 0 is another's and comes before 2; 1 → 2.
        assert_eq!(convex_groups(3, &[(0, 2), (1, 2)], &[false, true, true]), [None, Some(0), Some(0)]);
        // A diamond with one side that is another's.
        let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)];
        let groups = convex_groups(5, &edges, &[true, true, false, true, true]);
        assert_eq!(groups[0], groups[1]);
        assert_eq!(groups[3], groups[4]);
        assert_ne!(groups[0], groups[3]);
    }

    #[test]
    fn what_is_not_connected_is_not_one_group() {
        assert_eq!(convex_groups(2, &[], &[true, true]), [Some(0), Some(1)]);
    }
}
