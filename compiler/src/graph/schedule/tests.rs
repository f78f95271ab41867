//! The forms against the orders they come from: nothing broken, nothing longer than it must be, nothing slow.

use std::time::Instant;

use super::{LISTED, Schedule, Scheduled, schedule};

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn edges(&mut self, steps: u32, percent: u64) -> Vec<(u32, u32)> {
        let pairs = (0..steps).flat_map(|after| (0..after).map(move |before| (before, after)));
        pairs.filter(|_| self.below(100) < percent).collect()
    }

    fn weights(&mut self, steps: u32) -> Vec<u32> {
        (0..steps).map(|_| 1 + self.below(9) as u32).collect()
    }
}

fn made(steps: usize, edges: &[(u32, u32)], weights: &[u32]) -> Scheduled {
    schedule(steps, edges, weights).expect("the edges hold no cycle")
}

/// Which step a form puts before which. Groups must be well made.
fn order_of(form: &Schedule, steps: usize) -> Vec<Vec<bool>> {
    fn walk(form: &Schedule, before: &mut Vec<Vec<bool>>) -> Vec<usize> {
        match form {
            Schedule::Step(step) => vec![*step],
            Schedule::Parallel(parts) => {
                assert!(parts.len() > 1 && !parts.iter().any(|part| matches!(part, Schedule::Parallel(_))));
                let firsts: Vec<usize> = parts.iter().map(Schedule::first).collect();
                assert!(firsts.is_sorted());
                parts.iter().flat_map(|part| walk(part, before)).collect()
            }
            Schedule::Sequence(parts) => {
                assert!(parts.len() > 1 && !parts.iter().any(|part| matches!(part, Schedule::Sequence(_))));
                let mut all = Vec::new();
                for part in parts {
                    let own = walk(part, before);
                    for (one, other) in all.iter().flat_map(|one| own.iter().map(move |other| (*one, *other))) {
                        let one: usize = one;
                        before[one][other] = true;
                    }
                    all.extend(own);
                }
                all
            }
        }
    }
    let mut before = vec![vec![false; steps]; steps];
    let mut all = walk(form, &mut before);
    all.sort_unstable();
    assert_eq!(all, (0..steps).collect::<Vec<_>>(), "every step stands in the form once");
    before
}

/// What is reached from each step over one edge or more.
fn reached(steps: usize, edges: &[(u32, u32)]) -> Vec<Vec<bool>> {
    let mut reach = vec![vec![false; steps]; steps];
    for (before, after) in edges {
        reach[*before as usize][*after as usize] = true;
    }
    for middle in 0..steps {
        for from in 0..steps {
            if reach[from][middle] {
                let row = reach[middle].clone();
                for (to, reached) in row.into_iter().enumerate() {
                    reach[from][to] |= reached;
                }
            }
        }
    }
    reach
}

fn by_levels(steps: usize, edges: &[(u32, u32)], weights: &[u32]) -> u64 {
    let order = crate::graph::order(steps, edges).expect("the edges hold no cycle");
    let mut incoming: Vec<Vec<usize>> = vec![Vec::new(); steps];
    for (before, after) in edges {
        incoming[*after as usize].push(*before as usize);
    }
    let mut level = vec![0; steps];
    let mut heaviest: Vec<u64> = Vec::new();
    for step in order.into_iter().map(|step| step as usize) {
        level[step] = incoming[step].iter().map(|before| level[*before] + 1).max().unwrap_or(0);
        heaviest.resize(heaviest.len().max(level[step] + 1), 0);
        heaviest[level[step]] = heaviest[level[step]].max(weights.get(step).copied().map_or(1, u64::from));
    }
    heaviest.iter().sum()
}

/// Every edge holds, the critical path is no longer than by levels, and the waits that are reported make of the edges
/// exactly the order of the form.
fn judge(steps: usize, edges: &[(u32, u32)], weights: &[u32]) -> Scheduled {
    let found = made(steps, edges, weights);
    let order = order_of(&found.schedule, steps);
    for (before, after) in edges {
        assert!(order[*before as usize][*after as usize], "{before} before {after} in {found:?}");
    }
    assert!(
        found.schedule.critical_path(weights) <= by_levels(steps, edges, weights),
        "{edges:?} {weights:?} {found:?}"
    );
    let reach = reached(steps, edges);
    assert!(found.lost.waits.iter().all(|(before, after)| !reach[*before][*after]));
    if found.lost.count as usize <= LISTED {
        assert_eq!(found.lost.waits.len() as u64, found.lost.count);
        let waits = found.lost.waits.iter().map(|(before, after)| (*before as u32, *after as u32));
        let all: Vec<(u32, u32)> = edges.iter().copied().chain(waits).collect();
        assert_eq!(reached(steps, &all), order, "{edges:?} {found:?}");
    }
    found
}

/// The shortest critical path of any series-parallel form: for every set of steps, all ways to make two groups of it,
/// whether these run one after the other or at the same time.
fn by_search(steps: u32, edges: &[(u32, u32)], weights: &[u32]) -> u64 {
    // What stands directly before any step of a set.
    let mut before = vec![0usize; 1 << steps];
    let mut shortest = vec![0u64; 1 << steps];
    for set in 1..1usize << steps {
        let step = set.trailing_zeros();
        let rest = set & (set - 1);
        let own = edges.iter().filter(|(_, after)| *after == step).map(|(before, _)| 1 << before);
        before[set] = before[rest] | own.sum::<usize>();
        if rest == 0 {
            shortest[set] = u64::from(weights[step as usize]);
            continue;
        }
        shortest[set] = u64::MAX;
        let mut one = rest;
        while one != 0 {
            let other = set & !one;
            let (one_waits, other_waits) = (before[one] & other != 0, before[other] & one != 0);
            if !one_waits || !other_waits {
                let in_series = one_waits || other_waits;
                let (one, other) = (shortest[one], shortest[other]);
                shortest[set] = shortest[set].min(if in_series { one + other } else { one.max(other) });
            }
            one = (one - 1) & rest;
        }
    }
    shortest[(1 << steps) - 1]
}

#[test]
fn what_is_series_parallel_loses_nothing() {
    use Schedule::{Parallel, Sequence, Step};
    let found = judge(6, &[(0, 1), (0, 2), (2, 3), (1, 4), (3, 4), (4, 5)], &[]);
    let inner = Parallel(vec![Step(1), Sequence(vec![Step(2), Step(3)])]);
    assert_eq!(found.schedule, Sequence(vec![Step(0), inner, Step(4), Step(5)]));
    assert_eq!(found.lost.count, 0);
    // An edge that says nothing new changes nothing.
    let more = judge(6, &[(0, 1), (0, 2), (2, 3), (1, 4), (3, 4), (4, 5), (0, 4), (2, 3)], &[]);
    assert_eq!(more, found);
    assert_eq!(judge(3, &[], &[]).schedule, Parallel(vec![Step(0), Step(1), Step(2)]));
    assert_eq!(judge(1, &[], &[]).schedule, Step(0));
    assert_eq!(made(0, &[], &[]).schedule, Sequence(vec![]));
}

#[test]
fn the_weights_decide_what_waits() {
    // a → c, a → d, b → d: d waits for c, or c for b, or the beginnings for each other.
    let edges = [(0, 2), (0, 3), (1, 3)];
    assert_eq!(judge(4, &edges, &[1, 9, 5, 1]).lost.waits, [(2, 3)]);
    assert_eq!(judge(4, &edges, &[9, 1, 1, 9]).lost.waits, [(1, 2)]);
    assert_eq!(judge(4, &edges, &[1, 9, 9, 1]).schedule.critical_path(&[1, 9, 9, 1]), 11);
}

#[test]
fn a_cycle_is_named() {
    assert_eq!(schedule(3, &[(0, 1), (1, 2), (2, 1)], &[]), Err(vec![1, 2]));
}

#[test]
fn every_order_of_five_steps_gets_the_shortest_form() {
    let pairs: Vec<(u32, u32)> = (0..5).flat_map(|after| (0..after).map(move |before| (before, after))).collect();
    let mut random = Random(5);
    for chosen in 0..1u32 << pairs.len() {
        let edges: Vec<(u32, u32)> =
            pairs.iter().enumerate().filter(|(at, _)| chosen & 1 << at != 0).map(|(_, edge)| *edge).collect();
        for weights in [vec![1; 5], random.weights(5)] {
            let found = judge(5, &edges, &weights);
            assert_eq!(found.schedule.critical_path(&weights), by_search(5, &edges, &weights), "{edges:?} {weights:?}");
        }
    }
}

#[test]
fn orders_of_up_to_a_dozen_steps_get_the_shortest_form() {
    let mut random = Random(12);
    for round in 0..60 {
        let steps = if round < 6 { 12 } else { 6 + round % 5 };
        let percent = 10 + random.below(35);
        let edges = random.edges(steps, percent);
        let weights = if round % 2 == 0 { vec![1; steps as usize] } else { random.weights(steps) };
        let found = judge(steps as usize, &edges, &weights);
        assert_eq!(found.schedule.critical_path(&weights), by_search(steps, &edges, &weights), "{edges:?} {weights:?}");
    }
}

#[test]
fn orders_of_any_size_are_kept_and_no_longer_than_by_levels() {
    let mut random = Random(80);
    for round in 0..80 {
        let steps = 13 + random.below(60) as u32;
        let percent = [1, 2, 4, 8, 20, 60][round % 6];
        let edges = random.edges(steps, percent);
        let weights = if round % 2 == 0 { Vec::new() } else { random.weights(steps) };
        let found = judge(steps as usize, &edges, &weights);
        let mut other_order = edges.clone();
        other_order.reverse();
        assert_eq!(made(steps as usize, &other_order, &weights), found, "the order of the edges does not matter");
    }
}

/// Layers of `width` steps, each with up to three edges into the layer before, or with a chance into one farther away.
fn layered(steps: u32, width: u32, random: &mut Random) -> Vec<(u32, u32)> {
    let mut edges = Vec::new();
    for after in width..steps {
        let layer = after / width * width;
        for _ in 0..1 + random.below(3) {
            let back = if random.below(10) == 0 { 1 + random.below(u64::from(layer / width)) as u32 } else { 1 };
            edges.push((layer - back * width + random.below(u64::from(width)) as u32, after));
        }
    }
    edges
}

#[test]
fn ten_thousand_steps_take_less_than_a_second() {
    let count = 10_000u32;
    let mut random = Random(10_000);
    let chain = (1..count).map(|after| (after - 1, after)).collect();
    let ladder = (2..count).flat_map(|after| [(after - 2, after), (after - 1 - after % 2, after)]).collect();
    let comb = (1..count).map(|after| ((after - 1) / 2 * 2, after)).collect();
    let pairs = (0..count).filter(|step| step % 3 != 0).map(|step| (step / 3 * 3, step)).collect();
    let twelves = (0..count).filter(|step| step % 12 > 5).flat_map(|after| {
        let first = after / 12 * 12;
        (first..first + 6).filter(move |before| (before + after) % 6 != 0).map(move |before| (before, after))
    });
    let forms: Vec<(&str, Vec<(u32, u32)>)> = vec![
        ("chain", chain),
        ("wide", Vec::new()),
        ("ladder", ladder),
        ("comb", comb),
        ("many components", pairs),
        ("many small entangled parts", twelves.collect()),
        ("narrow layers", layered(count, 5, &mut random)),
        ("layers", layered(count, 100, &mut random)),
        ("wide layers", layered(count, 2_500, &mut random)),
    ];
    let weights = random.weights(count);
    for (name, edges) in forms {
        let start = Instant::now();
        let found = made(count as usize, &edges, &weights);
        let took = start.elapsed();
        println!("{name}: {took:?}, {} waits", found.lost.count);
        // Without optimisation everything takes many times longer.
        let limit = if cfg!(debug_assertions) { 10_000 } else { 1_000 };
        assert!(took.as_millis() < limit, "{name}: {took:?}");
        assert!(found.schedule.critical_path(&weights) <= by_levels(count as usize, &edges, &weights), "{name}");
    }
}

#[test]
fn a_hundred_thousand_steps_do_not_overflow() {
    let count = 100_000u32;
    let chain: Vec<(u32, u32)> = (1..count).map(|after| (after - 1, after)).collect();
    let found = made(count as usize, &chain, &[]);
    assert_eq!(found.schedule, Schedule::Sequence((0..count as usize).map(Schedule::Step).collect()));
    // Each second step is a leaf; the form would be as deep as the comb is long.
    let comb: Vec<(u32, u32)> = (1..count).map(|after| ((after - 1) / 2 * 2, after)).collect();
    let found = made(count as usize, &comb, &[]);
    assert!(found.schedule.critical_path(&[]) <= u64::from(count / 2) + 1);
}
