//! The best series-parallel form of a small block, by search over every way to cut it.
//!
//! A set of steps that is not connected is best in parallel. A connected one is a sequence, so some set of steps that is
//! closed towards the beginning runs before the rest; all such sets are tried, and what was found for a set is kept.

use rustc_hash::FxHashMap;

use super::block::{Block, Side};
use super::{Schedule, Sides, parallel};

/// Blocks larger than this are not searched.
const LARGEST: usize = 40;

/// Ways to cut that are looked at for one block, at most. A dozen steps need fewer than three to the power of twelve, and
/// are always searched; of larger blocks those are that leave little to choose.
const MOST: [u64; 2] = [600_000, 40_000];

/// What a set of steps costs: the critical path first, then the pairs of steps that wait without need.
type Cost = (u64, u64);

pub(super) struct Exact<'a> {
    block: &'a Block,
    before: Vec<u64>,
    after: Vec<u64>,
    /// What can be reached from a step.
    reach: Vec<u64>,
    /// For each set of steps its cost, and what runs first if it is a sequence.
    known: FxHashMap<u64, (Cost, u64)>,
}

impl<'a> Exact<'a> {
    /// None if the block is too large, or if it takes more patience than there is.
    pub(super) fn new(block: &'a Block, patience: &mut u64) -> Option<Self> {
        let steps = block.len();
        if steps > LARGEST {
            return None;
        }
        let (mut before, mut after) = (vec![0u64; steps], vec![0u64; steps]);
        for (one, other) in &block.edges {
            after[*one as usize] |= 1 << other;
            before[*other as usize] |= 1 << one;
        }
        let mut reach = after.clone();
        for at in (0..steps).rev() {
            reach[at] = bits(after[at]).fold(after[at], |reached, next| reached | reach[next]);
        }
        let mut exact = Exact { block, before, after, reach, known: FxHashMap::default() };
        // No block may use up what others need.
        let allowed = (*patience / 2).min(MOST[usize::from(steps > 12)]);
        let mut left = allowed;
        let found = exact.cost(all(steps), &mut left);
        *patience -= allowed - left;
        found.map(|_| exact)
    }

    /// The cost of a set of steps; none if patience ends.
    fn cost(&mut self, set: u64, patience: &mut u64) -> Option<Cost> {
        if set & (set - 1) == 0 {
            return Some((self.block.weights[set.trailing_zeros() as usize], 0));
        }
        if let Some((cost, _)) = self.known.get(&set) {
            return Some(*cost);
        }
        let component = self.component(set);
        let (cost, first) = if component == set {
            self.cheapest_cut(set, patience)?
        } else {
            let (one, other) = (self.cost(component, patience)?, self.cost(set & !component, patience)?);
            ((one.0.max(other.0), one.1 + other.1), 0)
        };
        self.known.insert(set, (cost, first));
        Some(cost)
    }

    /// The cheapest way to cut a connected set, and what runs before the cut.
    fn cheapest_cut(&mut self, set: u64, patience: &mut u64) -> Option<(Cost, u64)> {
        let mut best: Option<(Cost, u64)> = None;
        for first in self.closed(set, patience)? {
            let rest = set & !first;
            let lost: u32 = bits(first).map(|step| (rest & !self.reach[step]).count_ones()).sum();
            let (one, other) = (self.cost(first, patience)?, self.cost(rest, patience)?);
            let cost = (one.0 + other.0, one.1 + other.1 + u64::from(lost));
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, first));
            }
            if lost == 0 {
                // Nothing is lost here, so every form has this cut.
                return Some((cost, first));
            }
        }
        best
    }

    /// The sets of steps, neither empty nor the whole, that hold whatever stands before their own in the set.
    fn closed(&self, set: u64, patience: &mut u64) -> Option<Vec<u64>> {
        let mut sets = vec![0u64];
        for step in bits(set) {
            let needed = self.before[step] & set;
            for at in 0..sets.len() {
                if needed & !sets[at] == 0 {
                    *patience = patience.checked_sub(1)?;
                    sets.push(sets[at] | 1 << step);
                }
            }
        }
        sets.retain(|one| *one != 0 && *one != set);
        Some(sets)
    }

    /// What is connected with the first step of a set.
    fn component(&self, set: u64) -> u64 {
        let mut found = set & set.wrapping_neg();
        let mut open = found;
        while open != 0 {
            let step = open.trailing_zeros() as usize;
            open &= open - 1;
            let new = (self.before[step] | self.after[step]) & set & !found;
            found |= new;
            open |= new;
        }
        found
    }

    /// The parts of a sequence that the block becomes; `lose` hears of every cut.
    pub(super) fn parts(&mut self, lose: &mut impl FnMut(&Sides)) -> Vec<Schedule> {
        let mut parts = Vec::new();
        self.build(all(self.block.len()), &mut parts, lose);
        parts
    }

    fn build(&self, set: u64, parts: &mut Vec<Schedule>, lose: &mut impl FnMut(&Sides)) {
        if set & (set - 1) == 0 {
            parts.push(Schedule::Step(self.block.steps[set.trailing_zeros() as usize] as usize));
            return;
        }
        let first = self.known.get(&set).map_or(0, |(_, first)| *first);
        if first != 0 {
            let rest = set & !first;
            let side = |step| match 1u64 << step {
                bit if bit & first != 0 => Side::Before,
                bit if bit & rest != 0 => Side::After,
                _ => Side::Elsewhere,
            };
            lose(&(0..self.block.len()).map(side).collect());
            self.build(first, parts, lose);
            self.build(rest, parts, lose);
            return;
        }
        let mut branches = Vec::new();
        let mut rest = set;
        while rest != 0 {
            let component = self.component(rest);
            let mut branch = Vec::new();
            self.build(component, &mut branch, lose);
            branches.push(super::sequence(branch));
            rest &= !component;
        }
        parts.push(parallel(branches));
    }
}

/// The set of so many steps.
fn all(steps: usize) -> u64 {
    u64::MAX >> (64 - steps)
}

/// The places that are in a set, from the first.
fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (set != 0).then(|| {
            let place = set.trailing_zeros() as usize;
            set &= set - 1;
            place
        })
    })
}
