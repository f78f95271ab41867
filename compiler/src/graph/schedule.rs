//! A series-parallel form of any order of steps: what runs one after the other, what at the same time. It must not know
//! what the steps are.
//!
//! Where the order is series-parallel, its form is exactly that. Elsewhere something waits that need not, and the form is
//! chosen for the shortest critical path: by search where the part in question is small, by cutting in two where it is
//! large. In both the critical path is at most the one that levels would give.

mod block;
mod cut;
mod exact;
#[cfg(test)]
mod tests;

use block::{Block, Side};
use exact::Exact;

/// Groups in groups, at most; what would lie deeper is laid out by levels. It bounds recursion, here and in those who
/// walk the form, and the time.
const DEEPEST: usize = 64;

/// Cuts of cuts before the halves must be of similar size, which bounds the time.
const FREE_CUTS: usize = 3;

/// Waits that are listed, at most.
const LISTED: usize = 1_000;

/// Ways to cut that are looked at in all searches together, at most; half of it is more than any dozen of steps needs.
const PATIENCE: u64 = 1_300_000;

/// Steps, their order, and what runs at the same time. No group holds a group of its own sort, none holds fewer than two,
/// but for the empty sequence that stands for no steps at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    Step(usize),
    Sequence(Vec<Schedule>),
    Parallel(Vec<Schedule>),
}

/// What waits without need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// How many waits without need there are.
    pub count: u64,
    /// The first of them: the second step waits directly for the first, and no edges lead from one to the other. What else
    /// waits without need follows from these and the edges.
    pub waits: Vec<(usize, usize)>,
}

/// A series-parallel form and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    pub schedule: Schedule,
    pub lost: Lost,
}

/// The form of the steps `0..count` that keeps every edge `(before, after)`; or one cycle, as `order` gives it. A step
/// without a weight weighs one. Groups in a parallel stand in the order of their smallest numbers.
pub fn schedule(count: usize, edges: &[(u32, u32)], weights: &[u32]) -> Result<Scheduled, Vec<u32>> {
    let order = super::order(count, edges)?;
    let block = Block::new(&order, edges, weights);
    let mut scheduler = Scheduler { lost: Lost::default(), patience: PATIENCE };
    let schedule = sequence(scheduler.arrange(&block, 0, 0));
    scheduler.lost.waits.sort_unstable();
    Ok(Scheduled { schedule, lost: scheduler.lost })
}

impl Schedule {
    /// The weight of the heaviest way from begin to end. A step without a weight weighs one.
    pub fn critical_path(&self, weights: &[u32]) -> u64 {
        match self {
            Schedule::Step(step) => weights.get(*step).copied().map_or(1, u64::from),
            Schedule::Sequence(parts) => parts.iter().map(|part| part.critical_path(weights)).sum(),
            Schedule::Parallel(parts) => parts.iter().map(|part| part.critical_path(weights)).max().unwrap_or(0),
        }
    }

    /// The smallest number of a step in it.
    fn first(&self) -> usize {
        match self {
            Schedule::Step(step) => *step,
            Schedule::Sequence(parts) | Schedule::Parallel(parts) => {
                parts.iter().map(Schedule::first).min().unwrap_or(usize::MAX)
            }
        }
    }
}

/// What runs one after the other, as one.
fn sequence(mut parts: Vec<Schedule>) -> Schedule {
    if parts.len() == 1 { parts.swap_remove(0) } else { Schedule::Sequence(parts) }
}

/// What runs at the same time, as one.
fn parallel(mut parts: Vec<Schedule>) -> Schedule {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    parts.sort_by_cached_key(Schedule::first);
    Schedule::Parallel(parts)
}

struct Scheduler {
    lost: Lost,
    patience: u64,
}

impl Scheduler {
    /// The parts of a sequence that a block becomes, inside `depth` groups and after `cuts` cuts that lost something.
    fn arrange(&mut self, block: &Block, depth: usize, cuts: usize) -> Vec<Schedule> {
        if depth >= DEEPEST {
            return self.levels(block);
        }
        let mut parts = Vec::new();
        for part in block.in_series() {
            if let [only] = part.steps[..] {
                parts.push(Schedule::Step(only as usize));
                continue;
            }
            let components = part.components();
            if components.len() > 1 {
                let branches = components.iter().map(|branch| sequence(self.arrange(branch, depth + 1, cuts)));
                parts.push(parallel(branches.collect()));
                continue;
            }
            parts.extend(self.entangled(&part, depth, cuts));
        }
        parts
    }

    /// A block that falls apart neither in series nor in parallel: something in it will wait without need.
    fn entangled(&mut self, block: &Block, depth: usize, cuts: usize) -> Vec<Schedule> {
        if let Some(mut exact) = Exact::new(block, &mut self.patience) {
            return exact.parts(&mut |sides| block.lose(sides, &mut self.lost));
        }
        let sides = cut::choose(block, cuts >= FREE_CUTS);
        block.lose(&sides, &mut self.lost);
        let [before, after] = block.halves(&sides);
        let mut parts = self.arrange(&before, depth, cuts + 1);
        parts.extend(self.arrange(&after, depth, cuts + 1));
        parts
    }

    /// Every step as early as the number of steps before it allows, and whole levels one after the other.
    fn levels(&mut self, block: &Block) -> Vec<Schedule> {
        let level = block.level();
        let mut by_level: Vec<Vec<Schedule>> = Vec::new();
        for (step, level) in block.steps.iter().zip(&level) {
            let at = *level as usize;
            if by_level.len() <= at {
                by_level.resize(at + 1, Vec::new());
            }
            by_level[at].push(Schedule::Step(*step as usize));
        }
        block.lose_by_levels(&level, &mut self.lost);
        by_level.into_iter().map(parallel).collect()
    }
}

impl Lost {
    /// Takes note of the waits between the `last` of one part and the `first` of the next, where `direct` gives the edges
    /// between them by the first one's place in `last`.
    fn add(&mut self, last: &[u32], first: &[u32], direct: &[Vec<u32>]) {
        let edges: usize = direct.iter().map(Vec::len).sum();
        self.count += last.len() as u64 * first.len() as u64 - edges as u64;
        for (one, direct) in last.iter().zip(direct) {
            if direct.len() == first.len() {
                continue;
            }
            for other in first {
                if self.waits.len() >= LISTED {
                    return;
                }
                if direct.binary_search(other).is_err() {
                    self.waits.push((*one as usize, *other as usize));
                }
            }
        }
    }
}

/// Says for each step of a block where it stands in a cut.
type Sides = Vec<Side>;
