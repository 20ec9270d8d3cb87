//! How right links and groups are, where the truth is known.

#![expect(clippy::indexing_slicing, reason = "every index is a record of the table or an entity of the truth")]

use std::collections::{BTreeMap, HashMap};

use super::cluster::Joining;
use super::hash::Draws;
use super::parallel::parallel;
use super::score::Edge;
use super::table::Table;

/// Which records are one person, in truth.
#[derive(Debug)]
pub struct Truth {
    /// By record: the number of its person.
    pub entities: Vec<u32>,
    /// Pairs of one person among the pairs of the table.
    pub pairs: u64,
}

/// Of what is said to be one person, how much is; and of what is, how much is said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

impl Quality {
    pub fn new(right: f64, said: f64, real: f64) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Self { precision: share(right, said), recall: share(right, real), f1: share(2.0 * right, said + real) }
    }
}

/// The quality at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct At {
    pub threshold: f32,
    pub quality: Quality,
}

/// The quality over all thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Swept {
    /// At the model's own threshold.
    pub own: At,
    /// At the threshold with the best F1, chosen on the truth itself.
    pub best: At,
}

/// From lowest to highest, 19 times out of 20.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    pub low: Quality,
    pub high: Quality,
}

/// Links of a band of probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    pub from: f64,
    pub to: f64,
    pub links: u64,
    pub right: u64,
    /// The mean of what was said.
    pub said: f64,
}

/// Where bands of probabilities begin.
const BANDS: [f64; 13] = [0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.97, 0.99, 0.999, 0.9999, 1.01];

/// The probability of a weight.
pub fn probability(bits: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(bits)).exp2())
}

impl Truth {
    /// From the number of each record's person.
    pub fn new(table: &Table, entities: Vec<u32>) -> Self {
        let mut sides: HashMap<u32, [u64; 2]> = HashMap::new();
        for (record, entity) in entities.iter().enumerate() {
            sides.entry(*entity).or_default()[side(table, record as u32)] += 1;
        }
        let pairs = sides.values().map(|counts| pairs_within(table, *counts)).sum();
        Self { entities, pairs }
    }

    /// From pairs; who is one with one is one with all that one is one with.
    pub fn of_pairs(table: &Table, pairs: &[(u32, u32)]) -> Self {
        let joinings: Vec<Joining> = pairs.iter().map(|(a, b)| Joining { a: *a, b: *b, bits: 1.0 }).collect();
        Self::new(table, super::cluster::cut(table.len(), &joinings, 0.0))
    }

    pub fn is_same(&self, a: u32, b: u32) -> bool {
        self.entities[a as usize] == self.entities[b as usize]
    }

    /// Of the true pairs, how many are candidates.
    pub fn found(&self, candidates: &[u64]) -> u64 {
        candidates.iter().filter(|pair| self.is_same((**pair >> 32) as u32, **pair as u32)).count() as u64
    }
}

fn side(table: &Table, record: u32) -> usize {
    usize::from(table.split.is_some_and(|split| record >= split))
}

/// Pairs among records of the two files (or of one).
const fn pairs_within(table: &Table, [first, second]: [u64; 2]) -> u64 {
    if table.split.is_some() { first * second } else { first * first.saturating_sub(1) / 2 }
}

const fn pairs_between(table: &Table, a: [u64; 2], b: [u64; 2]) -> u64 {
    if table.split.is_some() { a[0] * b[1] + a[1] * b[0] } else { a[0] * b[0] }
}

/// The quality of pairs; `edges` in any order.
pub fn pairs(truth: &Truth, edges: &[Edge], own: f32) -> Swept {
    let mut said: Vec<(f32, bool)> = edges.iter().map(|edge| (edge.bits, truth.is_same(edge.a, edge.b))).collect();
    said.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    sweep(truth, said.iter().map(|(bits, is_right)| (*bits, u64::from(*is_right), 1)), own)
}

/// The quality of groups, by the pairs in them, at every threshold of a tree.
pub fn groups(table: &Table, truth: &Truth, joinings: &[Joining], own: f32) -> Swept {
    let mut joinings = joinings.to_vec();
    joinings.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    let mut sets: Vec<u32> = (0..table.len() as u32).collect();
    let mut counts: HashMap<u32, BTreeMap<u32, [u64; 2]>> = HashMap::new();
    let steps = joinings.iter().map(|joining| {
        let (a, b) = (root(&mut sets, joining.a), root(&mut sets, joining.b));
        let mut take = |set: u32| {
            counts.remove(&set).unwrap_or_else(|| {
                let mut one = [0; 2];
                one[side(table, set)] = 1;
                BTreeMap::from([(truth.entities[set as usize], one)])
            })
        };
        let (mut large, small) = (take(a), take(b));
        let right = small.iter().filter_map(|(entity, counts)| Some((counts, large.get(entity)?)));
        let right = right.map(|(one, other)| pairs_between(table, *one, *other)).sum();
        let said = pairs_between(table, total(&large), total(&small));
        for (entity, counts) in small {
            let all = large.entry(entity).or_default();
            *all = [all[0] + counts[0], all[1] + counts[1]];
        }
        sets[b as usize] = a;
        counts.insert(a, large);
        (joining.bits, right, said)
    });
    let steps: Vec<_> = steps.collect();
    sweep(truth, steps.into_iter(), own)
}

fn root(sets: &mut [u32], record: u32) -> u32 {
    let mut at = record;
    while sets[at as usize] != at {
        sets[at as usize] = sets[sets[at as usize] as usize];
        at = sets[at as usize];
    }
    at
}

fn total(counts: &BTreeMap<u32, [u64; 2]>) -> [u64; 2] {
    counts.values().fold([0; 2], |sum, counts| [sum[0] + counts[0], sum[1] + counts[1]])
}

/// Steps of falling bits, each with pairs that are right and pairs that are said.
fn sweep(truth: &Truth, steps: impl Iterator<Item = (f32, u64, u64)>, own: f32) -> Swept {
    let mut swept = Swept { own: At { threshold: own, quality: Quality::default() }, best: At::default() };
    let (mut right, mut said) = (0, 0);
    let mut steps = steps.peekable();
    while let Some((bits, step_right, step_said)) = steps.next() {
        right += step_right;
        said += step_said;
        // equal weights are on one side of any threshold
        if steps.peek().is_some_and(|(next, ..)| next.total_cmp(&bits).is_eq()) {
            continue;
        }
        let quality = Quality::new(right as f64, said as f64, truth.pairs as f64);
        if bits >= own {
            swept.own.quality = quality;
        }
        if quality.f1 > swept.best.quality.f1 {
            swept.best = At { threshold: bits, quality };
        }
    }
    swept
}

/// Confidence intervals: entities drawn again and again at random, with their pairs (Poisson bootstrap). Pairs that are
/// said of two entities count half for each. `said` are the pairs called one person.
pub fn interval(table: &Table, truth: &Truth, said: impl Iterator<Item = (u32, u32)>) -> Interval {
    let mut entities: HashMap<u32, [f64; 3]> = HashMap::new();
    for (a, b) in said {
        if truth.is_same(a, b) {
            entities.entry(truth.entities[a as usize]).or_default()[0] += 1.0;
        }
        for record in [a, b] {
            entities.entry(truth.entities[record as usize]).or_default()[1] += 0.5;
        }
    }
    let mut sides: HashMap<u32, [u64; 2]> = HashMap::new();
    for (record, entity) in truth.entities.iter().enumerate() {
        sides.entry(*entity).or_default()[side(table, record as u32)] += 1;
    }
    for (entity, counts) in sides {
        let real = pairs_within(table, counts);
        if real > 0 {
            entities.entry(entity).or_default()[2] = real as f64;
        }
    }
    let mut entities: Vec<(u32, [f64; 3])> = entities.into_iter().collect();
    entities.sort_unstable_by_key(|(entity, _)| *entity);
    let mut drawn = parallel(ROUNDS, &|round| {
        let mut draws = Draws::new(round as u64);
        let mut sums = [0.0; 3];
        for (_, counts) in &entities {
            let times = poisson(draws.unit());
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += times * count);
        }
        Quality::new(sums[0], sums[1], sums[2])
    });
    let mut range = |field: fn(&Quality) -> f64| {
        drawn.sort_by(|a, b| field(a).total_cmp(&field(b)));
        (field(&drawn[ROUNDS / 40]), field(&drawn[ROUNDS - 1 - ROUNDS / 40]))
    };
    let (precision, recall, f1) = (range(|q| q.precision), range(|q| q.recall), range(|q| q.f1));
    Interval {
        low: Quality { precision: precision.0, recall: recall.0, f1: f1.0 },
        high: Quality { precision: precision.1, recall: recall.1, f1: f1.1 },
    }
}

const ROUNDS: usize = 200;

/// How often something happens that happens once on average, from a number between 0 and 1.
fn poisson(unit: f64) -> f64 {
    let (mut times, mut chance) = (0.0, (-1.0_f64).exp());
    let mut sum = chance;
    while unit > sum && times < 12.0 {
        times += 1.0;
        chance /= times;
        sum += chance;
    }
    times
}

/// What is said of pairs against what is so, band by band.
pub fn calibration(truth: &Truth, edges: &[Edge]) -> Vec<Band> {
    let mut bands: Vec<Band> = BANDS
        .windows(2)
        .map(|ends| Band { from: ends[0], to: ends[1].min(1.0), links: 0, right: 0, said: 0.0 })
        .collect();
    for edge in edges {
        let said = probability(edge.bits);
        let at = BANDS.partition_point(|from| *from <= said).clamp(1, bands.len()) - 1;
        let band = &mut bands[at];
        band.links += 1;
        band.right += u64::from(truth.is_same(edge.a, edge.b));
        band.said += said;
    }
    bands.retain(|band| band.links > 0);
    bands.iter_mut().for_each(|band| band.said /= band.links as f64);
    bands
}

/// The surest pairs that are wrong, and the true pairs that weigh least.
pub fn worst(truth: &Truth, edges: &[Edge], own: f32, most: usize) -> (Vec<Edge>, Vec<Edge>) {
    let mut wrong: Vec<Edge> = edges.iter().filter(|e| e.bits >= own && !truth.is_same(e.a, e.b)).copied().collect();
    let mut missed: Vec<Edge> = edges.iter().filter(|e| e.bits < own && truth.is_same(e.a, e.b)).copied().collect();
    wrong.sort_by(|a, b| b.bits.total_cmp(&a.bits).then((a.a, a.b).cmp(&(b.a, b.b))));
    missed.sort_by(|a, b| a.bits.total_cmp(&b.bits).then((a.a, a.b).cmp(&(b.a, b.b))));
    wrong.truncate(most);
    missed.truncate(most);
    (wrong, missed)
}

/// The pairs of groups, given as the first record of each record's group.
pub fn pairs_of_groups<'t>(table: &'t Table, groups: &[u32]) -> impl Iterator<Item = (u32, u32)> + use<'t> {
    let mut records: Vec<(u32, u32)> =
        groups.iter().enumerate().map(|(record, group)| (*group, record as u32)).collect();
    records.sort_unstable();
    let count = records.len();
    (0..count).flat_map(move |at| {
        let (group, a) = records[at];
        let rest: Vec<u32> =
            records[at + 1..].iter().take_while(|(other, _)| *other == group).map(|(_, record)| *record).collect();
        rest.into_iter().filter(move |b| table.is_pair(a, *b)).map(move |b| (a, b))
    })
}
