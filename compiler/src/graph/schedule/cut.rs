//! Where to cut a large block in two, when it falls apart neither in series nor in parallel.
//!
//! Candidates are what begins early or late, by the number of steps or by weight. Of these the cut is best behind which
//! the heaviest ways of both sides weigh least together, and which makes the fewest waits.

use super::Sides;
use super::block::{Block, Side};

/// A cut behind so many steps of an order.
struct Cut {
    behind: usize,
    /// What the heaviest ways of both sides weigh together, the waits without need, how far from the middle.
    cost: (u64, u64, usize),
}

/// Whether each step stands before or after the cut. A `balanced` one leaves at least a quarter on each side where such a
/// cut exists.
pub(super) fn choose(block: &Block, balanced: bool) -> Sides {
    let level = block.level();
    let heights = heights(block, &vec![1; block.len()]);
    let deepest = heights.iter().max().copied().unwrap_or(0);
    let ends = ends(block);
    let tails = self::heights(block, &block.weights);
    let whole = tails.iter().max().copied().unwrap_or(0);

    let by_level = order(level.iter().map(|level| u64::from(*level)));
    let by_height = order(heights.iter().map(|height| deepest - height));
    let by_end = order(ends.iter().copied());
    let by_latest = order(tails.iter().zip(&block.weights).map(|(tail, weight)| whole - tail + weight));

    let (mut best, mut best_level) = (None, None);
    for (at, keyed) in [by_level, by_height, by_end, by_latest].into_iter().enumerate() {
        let Some(cut) = cheapest(block, &keyed, &ends, &tails, balanced) else { continue };
        let sides = sides(&keyed, cut.behind);
        if at == 0 {
            best_level = Some(sides.clone());
        }
        if best.as_ref().is_none_or(|(cost, _)| cut.cost < *cost) {
            best = Some((cut.cost, sides));
        }
    }
    let by_level = best_level.expect("a block that is entangled has two levels at least");
    match best {
        // Cutting between levels leaves the levels as they are; another cut must not make them heavier.
        Some((_, sides)) if weight_of_levels(block, &level, None) >= weight_of_halves(block, &sides) => sides,
        _ => by_level,
    }
}

/// The steps by their key and, where it is the same, by their place; with the keys.
fn order(keys: impl Iterator<Item = u64>) -> Vec<(u64, u32)> {
    let mut keyed: Vec<(u64, u32)> = keys.zip(0..).collect();
    keyed.sort_unstable();
    keyed
}

/// The cheapest cut of an order between two different keys.
fn cheapest(block: &Block, keyed: &[(u64, u32)], ends: &[u64], tails: &[u64], balanced: bool) -> Option<Cut> {
    let steps = keyed.len();
    let mut place = vec![0u32; steps];
    for (at, (_, step)) in keyed.iter().enumerate() {
        place[*step as usize] = at as u32;
    }
    let waits = block.waits_by_cut(&place);
    let mut heaviest_after = vec![0u64; steps + 1];
    for at in (0..steps).rev() {
        heaviest_after[at] = heaviest_after[at + 1].max(tails[keyed[at].1 as usize]);
    }
    let mut heaviest_before = 0;
    let mut best: Option<Cut> = None;
    let mut most_central: Option<Cut> = None;
    for behind in 1..steps {
        heaviest_before = heaviest_before.max(ends[keyed[behind - 1].1 as usize]);
        if keyed[behind - 1].0 == keyed[behind].0 {
            continue;
        }
        let off = behind.abs_diff(steps - behind);
        let cost = (heaviest_before + heaviest_after[behind], waits[behind], off);
        if most_central.as_ref().is_none_or(|cut| off < cut.cost.2) {
            most_central = Some(Cut { behind, cost });
        }
        if (!balanced || off <= steps / 2) && best.as_ref().is_none_or(|cut| cost < cut.cost) {
            best = Some(Cut { behind, cost });
        }
    }
    best.or(most_central)
}

fn sides(keyed: &[(u64, u32)], behind: usize) -> Sides {
    let mut sides = vec![Side::After; keyed.len()];
    for (_, step) in &keyed[..behind] {
        sides[*step as usize] = Side::Before;
    }
    sides
}

/// The weight of the heaviest way that ends with each step.
fn ends(block: &Block) -> Vec<u64> {
    let mut ends = block.weights.clone();
    for (before, after) in &block.edges {
        ends[*after as usize] = ends[*after as usize].max(ends[*before as usize] + block.weights[*after as usize]);
    }
    ends
}

/// The weight of the heaviest way that begins with each step.
fn heights(block: &Block, weights: &[u64]) -> Vec<u64> {
    let mut heights = weights.to_vec();
    for (before, after) in block.edges.iter().rev() {
        heights[*before as usize] = heights[*before as usize].max(heights[*after as usize] + weights[*before as usize]);
    }
    heights
}

/// What levels weigh one after the other, for the steps on one side or all.
fn weight_of_levels(block: &Block, level: &[u32], side: Option<(&Sides, Side)>) -> u64 {
    let mut heaviest = vec![0u64; level.len()];
    for (at, level) in level.iter().enumerate() {
        if side.is_none_or(|(sides, side)| sides[at] == side) {
            heaviest[*level as usize] = heaviest[*level as usize].max(block.weights[at]);
        }
    }
    heaviest.iter().sum()
}

/// What the levels of both sides of a cut weigh one after the other.
fn weight_of_halves(block: &Block, sides: &Sides) -> u64 {
    let mut level = vec![0u32; block.len()];
    for (before, after) in &block.edges {
        let (before, after) = (*before as usize, *after as usize);
        if sides[before] == sides[after] {
            level[after] = level[after].max(level[before] + 1);
        }
    }
    weight_of_levels(block, &level, Some((sides, Side::Before)))
        + weight_of_levels(block, &level, Some((sides, Side::After)))
}
