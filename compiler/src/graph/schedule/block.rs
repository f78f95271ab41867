//! A part of the steps with the edges inside it, and the ways in which it falls apart without loss.

use petgraph::unionfind::UnionFind;

use super::{Lost, Sides};

/// Where a step stands in a cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
    Elsewhere,
}

/// Steps in an order that keeps the edges. Edges name steps by their place in that order, are unique, and are sorted.
pub(super) struct Block {
    pub(super) steps: Vec<u32>,
    pub(super) weights: Vec<u64>,
    pub(super) edges: Vec<(u32, u32)>,
}

/// A number of things, for each count of steps that stand first: how it changes there.
struct Changes(Vec<i64>);

impl Changes {
    /// For none to `steps` steps that stand first.
    fn new(steps: usize) -> Self {
        Changes(vec![0; steps + 2])
    }

    /// One more where `from` to `to` steps stand first, both included.
    fn between(&mut self, from: usize, to: usize) {
        if from <= to {
            self.0[from] += 1;
            self.0[to + 1] -= 1;
        }
    }

    fn sums(self) -> impl Iterator<Item = i64> {
        self.0.into_iter().scan(0, |sum, change| {
            *sum += change;
            Some(*sum)
        })
    }
}

impl Block {
    pub(super) fn new(order: &[u32], edges: &[(u32, u32)], weights: &[u32]) -> Self {
        let mut place = vec![0u32; order.len()];
        for (at, step) in order.iter().enumerate() {
            place[*step as usize] = at as u32;
        }
        let mut edges: Vec<(u32, u32)> =
            edges.iter().map(|(before, after)| (place[*before as usize], place[*after as usize])).collect();
        edges.sort_unstable();
        edges.dedup();
        let weight = |step: &u32| weights.get(*step as usize).copied().map_or(1, u64::from);
        Block { steps: order.to_vec(), weights: order.iter().map(weight).collect(), edges }
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The blocks that the steps with the same number form. Numbers are dense.
    fn split(&self, number: &[u32]) -> Vec<Block> {
        let count = number.iter().max().map_or(0, |most| *most as usize + 1);
        let mut parts: Vec<Block> =
            (0..count).map(|_| Block { steps: Vec::new(), weights: Vec::new(), edges: Vec::new() }).collect();
        let mut place = vec![0u32; self.len()];
        for at in 0..self.len() {
            let part = &mut parts[number[at] as usize];
            place[at] = part.steps.len() as u32;
            part.steps.push(self.steps[at]);
            part.weights.push(self.weights[at]);
        }
        for (before, after) in &self.edges {
            let own = number[*before as usize];
            if own == number[*after as usize] {
                parts[own as usize].edges.push((place[*before as usize], place[*after as usize]));
            }
        }
        parts
    }

    /// What is connected by edges.
    pub(super) fn components(&self) -> Vec<Block> {
        let mut union = UnionFind::<u32>::new(self.len());
        for (before, after) in &self.edges {
            union.union(*before, *after);
        }
        let labels = union.into_labeling();
        let mut number = vec![u32::MAX; self.len()];
        let mut count = 0;
        let numbers: Vec<u32> = labels
            .iter()
            .map(|label| {
                let number = &mut number[*label as usize];
                if *number == u32::MAX {
                    *number = count;
                    count += 1;
                }
                *number
            })
            .collect();
        self.split(&numbers)
    }

    /// The parts of which each stands before the next as a whole: wherever the order may be cut without a wait that has no
    /// need. Every order that keeps the edges has these parts one after the other, so the one at hand will do.
    pub(super) fn in_series(&self) -> Vec<Block> {
        let place: Vec<u32> = (0..self.len() as u32).collect();
        let waits = self.waits_by_cut(&place);
        let mut number = 0;
        let numbers: Vec<u32> = (0..self.len())
            .map(|at| {
                if at > 0 && waits[at] == 0 {
                    number += 1;
                }
                number
            })
            .collect();
        self.split(&numbers)
    }

    /// For each count of steps that stand first in an order given by the places of the steps: how many waits without need
    /// a cut behind them makes. These are the pairs of a last step before and a first step behind without an edge. A step
    /// is last from where it stands up to its first follower, and first behind the last that it waits for up to where
    /// it stands; an edge joins two such steps where both hold.
    pub(super) fn waits_by_cut(&self, place: &[u32]) -> Vec<u64> {
        let steps = self.len();
        let mut first_follower = vec![steps; steps];
        let mut ready = vec![0usize; steps];
        for (before, after) in &self.edges {
            let (before, after) = (*before as usize, *after as usize);
            first_follower[before] = first_follower[before].min(place[after] as usize);
            ready[after] = ready[after].max(place[before] as usize + 1);
        }
        let (mut last, mut first, mut joined) = (Changes::new(steps), Changes::new(steps), Changes::new(steps));
        for at in 0..steps {
            last.between(place[at] as usize + 1, first_follower[at]);
            first.between(ready[at], place[at] as usize);
        }
        for (before, after) in &self.edges {
            joined.between(ready[*after as usize], first_follower[*before as usize]);
        }
        last.sums()
            .zip(first.sums())
            .zip(joined.sums())
            .map(|((last, first), joined)| (last * first - joined) as u64)
            .collect()
    }

    /// How many steps stand before each, on the longest way.
    pub(super) fn level(&self) -> Vec<u32> {
        let mut level = vec![0; self.len()];
        for (before, after) in &self.edges {
            level[*after as usize] = level[*after as usize].max(level[*before as usize] + 1);
        }
        level
    }

    pub(super) fn halves(&self, sides: &Sides) -> [Block; 2] {
        let numbers: Vec<u32> = sides.iter().map(|side| u32::from(*side == Side::After)).collect();
        let mut parts = self.split(&numbers);
        let after = parts.swap_remove(1);
        [parts.swap_remove(0), after]
    }

    /// Notes what waits without need where what is on one side runs before what is on the other.
    pub(super) fn lose(&self, sides: &Sides, lost: &mut Lost) {
        let number: Vec<u32> = sides
            .iter()
            .map(|side| match side {
                Side::Before => 0,
                Side::After => 1,
                Side::Elsewhere => u32::MAX,
            })
            .collect();
        self.lose_by_number(&number, 2, lost);
    }

    /// Notes what waits without need where each level runs before the next.
    pub(super) fn lose_by_levels(&self, level: &[u32], lost: &mut Lost) {
        let count = level.iter().max().map_or(0, |most| *most as usize + 1);
        self.lose_by_number(level, count, lost);
    }

    /// Notes what waits without need where what has one number runs before what has the next.
    fn lose_by_number(&self, number: &[u32], count: usize, lost: &mut Lost) {
        let (mut is_last, mut is_first) = (vec![true; self.len()], vec![true; self.len()]);
        for (before, after) in &self.edges {
            if number[*before as usize] == number[*after as usize] {
                is_last[*before as usize] = false;
                is_first[*after as usize] = false;
            }
        }
        // By number: the last steps, the first ones, and what leads from each of the last to the first of the next.
        let mut last: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut first: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut direct: Vec<Vec<Vec<u32>>> = vec![Vec::new(); count];
        let mut place = vec![0usize; self.len()];
        for at in (0..self.len()).filter(|at| number[*at] != u32::MAX) {
            let own = number[at] as usize;
            if is_last[at] {
                place[at] = last[own].len();
                last[own].push(self.steps[at]);
                direct[own].push(Vec::new());
            }
            if is_first[at] {
                first[own].push(self.steps[at]);
            }
        }
        for (before, after) in &self.edges {
            let (before, after) = (*before as usize, *after as usize);
            let counts = number[before] != u32::MAX && number[after] != u32::MAX;
            if counts && is_last[before] && is_first[after] && number[after] == number[before] + 1 {
                direct[number[before] as usize][place[before]].push(self.steps[after]);
            }
        }
        for own in 1..count {
            for direct in &mut direct[own - 1] {
                direct.sort_unstable();
            }
            lost.add(&last[own - 1], &first[own], &direct[own - 1]);
        }
    }
}
