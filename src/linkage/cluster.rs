//! Which records are one person: groups whose pairs agree on average, not chains.
//!
//! Connected components chain: two people are one as soon as one wrong pair joins them. Here groups grow by average
//! linkage (Sokal & Michener 1958): of all pairs of groups that have an edge, those two become one whose pairs of
//! records weigh most on average, until the best average is under the threshold. Pairs that blocking did not find are
//! weighed when two groups come near each other; nothing is assumed of them. Of equal averages those records come first
//! whose ids do. So the groups are a function of the records, the model and the decisions alone.
//!
//! The joinings with their averages are a tree ([`tree`]), of which every threshold above the least takes a part
//! ([`cut`]): trying another threshold costs nothing.

#![expect(clippy::indexing_slicing, reason = "every index is a record of the component or of the table")]

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::parallel::parallel;
use super::score::Edge;

/// What two weigh that are never one, whatever joins them to others.
pub const NEVER: f32 = f32::NEG_INFINITY;

/// Weighs two records, given a row for the cells of the comparisons: [`NEVER`], or bits.
pub trait Weigh: Fn(u32, u32, &mut Vec<u16>) -> f32 + Sync {}

impl<W: Fn(u32, u32, &mut Vec<u16>) -> f32 + Sync> Weigh for W {}

/// The most that one pair counts, either way: no single pair, however sure, outweighs all others of two groups.
const MOST: f32 = 20.0;

/// What people decided; numbers are records.
#[derive(Debug, Default, Clone)]
pub struct Decisions {
    pub same: Vec<(u32, u32)>,
    pub different: Vec<(u32, u32)>,
}

/// Two groups become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joining {
    /// The first record of each.
    pub a: u32,
    pub b: u32,
    /// The average that joined them; never more than that of a joining it rests on.
    pub bits: f32,
}

/// Sets of records that grow together.
#[derive(Debug)]
struct Sets(Vec<u32>);

impl Sets {
    fn new(records: usize) -> Self {
        Self((0..records as u32).collect())
    }

    /// The first record of a set.
    fn find(&mut self, record: u32) -> u32 {
        let mut at = record;
        while self.0[at as usize] != at {
            self.0[at as usize] = self.0[self.0[at as usize] as usize];
            at = self.0[at as usize];
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

/// All joinings of at least `least` bits. Edges under it only count in averages.
pub fn tree(weigh: &impl Weigh, records: usize, edges: &[Edge], decisions: &Decisions, least: f32) -> Vec<Joining> {
    let mut sets = Sets::new(records);
    edges.iter().filter(|edge| edge.bits >= least).for_each(|edge| sets.join(edge.a, edge.b));
    decisions.same.iter().for_each(|(a, b)| sets.join(*a, *b));
    let component = |sets: &mut Sets, edge: &Edge| {
        let root = sets.find(edge.a);
        (root == sets.find(edge.b)).then_some((root, *edge))
    };
    let mut inner: Vec<(u32, Edge)> = edges.iter().filter_map(|edge| component(&mut sets, edge)).collect();
    let decided = decisions.same.iter().map(|(a, b)| Edge { a: *a.min(b), b: *a.max(b), bits: DECIDED });
    inner.extend(decided.filter_map(|edge| component(&mut sets, &edge)));
    inner.sort_by(|a, b| (a.0, a.1.a, a.1.b).cmp(&(b.0, b.1.a, b.1.b)).then(b.1.bits.total_cmp(&a.1.bits)));
    inner.dedup_by_key(|(_, edge)| (edge.a, edge.b));
    let components: Vec<&[(u32, Edge)]> = inner.chunk_by(|a, b| a.0 == b.0).collect();
    let chunks: Vec<&[&[(u32, Edge)]]> = components.chunks(256).collect();
    let grown = parallel(chunks.len(), &|chunk| {
        let grow = |edges: &&[(u32, Edge)]| Groups::new(weigh, edges, decisions).grow(least);
        chunks[chunk].iter().flat_map(grow).collect::<Vec<_>>()
    });
    grown.concat()
}

/// What a pair weighs that people called the same; it is joined before all others.
const DECIDED: f32 = 1e6;
/// What a pair weighs that people called different; no average that it is part of joins.
const FORBIDDEN: f64 = -1e12;

/// A component while it is grown.
struct Groups<'s, W> {
    weigh: &'s W,
    /// By number of a group: its records; empty when it has become part of another.
    members: Vec<Vec<u32>>,
    /// By number: the groups it has edges with, and the sum over their pairs.
    sums: Vec<BTreeMap<usize, f64>>,
    best: BinaryHeap<Offer>,
    row: Vec<u16>,
    decisions: &'s Decisions,
}

/// Two groups that could become one.
#[derive(Debug, PartialEq)]
struct Offer {
    average: f64,
    /// The first records of the groups, in order.
    records: (u32, u32),
    groups: (usize, usize),
    /// How many records they had when this was offered: another number, another offer.
    sizes: (usize, usize),
}

impl Eq for Offer {}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.average.total_cmp(&other.average).then_with(|| other.records.cmp(&self.records))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'s, W: Weigh> Groups<'s, W> {
    fn new(weigh: &'s W, edges: &[(u32, Edge)], decisions: &'s Decisions) -> Self {
        let mut records: Vec<u32> = edges.iter().flat_map(|(_, edge)| [edge.a, edge.b]).collect();
        records.sort_unstable();
        records.dedup();
        let at = |record: u32| records.partition_point(|other| *other < record);
        let mut sums = vec![BTreeMap::new(); records.len()];
        for (_, edge) in edges {
            let (a, b) = (at(edge.a), at(edge.b));
            let bits = if edge.bits >= DECIDED { f64::from(DECIDED) } else { clipped(edge.bits) };
            let bits = if is_forbidden(decisions, edge.a, edge.b) { FORBIDDEN } else { bits };
            sums[a].insert(b, bits);
            sums[b].insert(a, bits);
        }
        let members = records.iter().map(|record| vec![*record]).collect();
        let mut groups = Self { weigh, members, sums, best: BinaryHeap::new(), row: Vec::new(), decisions };
        for group in 0..records.len() {
            let later: Vec<usize> = groups.sums[group].range(group + 1..).map(|(other, _)| *other).collect();
            later.into_iter().for_each(|other| groups.offer(group, other));
        }
        groups
    }

    fn offer(&mut self, a: usize, b: usize) {
        let (a, b) = if self.members[a].first() <= self.members[b].first() { (a, b) } else { (b, a) };
        let sizes = (self.members[a].len(), self.members[b].len());
        let Some(sum) = self.sums[a].get(&b) else { return };
        let average = sum / (sizes.0 * sizes.1) as f64;
        if average > FORBIDDEN / 1e6 {
            let records = (self.members[a][0], self.members[b][0]);
            self.best.push(Offer { average, records, groups: (a, b), sizes });
        }
    }

    fn grow(mut self, least: f32) -> Vec<Joining> {
        let mut joinings: Vec<Joining> = Vec::new();
        let mut lowest = f32::INFINITY;
        while let Some(Offer { average, records, groups: (a, b), sizes }) = self.best.pop() {
            if (self.members[a].len(), self.members[b].len()) != sizes {
                continue;
            }
            if average < f64::from(least) {
                break;
            }
            lowest = lowest.min(average as f32);
            joinings.push(Joining { a: records.0, b: records.1, bits: lowest });
            self.join(a, b);
        }
        joinings
    }

    fn join(&mut self, a: usize, b: usize) {
        let (of_a, of_b) = (std::mem::take(&mut self.sums[a]), std::mem::take(&mut self.sums[b]));
        let mut others: Vec<usize> = of_a.keys().chain(of_b.keys()).copied().filter(|c| *c != a && *c != b).collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            let to_a = of_a.get(&other).copied().unwrap_or_else(|| self.between(a, other));
            let to_b = of_b.get(&other).copied().unwrap_or_else(|| self.between(b, other));
            self.sums[other].remove(&b);
            self.sums[other].insert(a, to_a + to_b);
            self.sums[a].insert(other, to_a + to_b);
        }
        let mut moved = std::mem::take(&mut self.members[b]);
        self.members[a].append(&mut moved);
        let around: Vec<usize> = self.sums[a].keys().copied().collect();
        around.into_iter().for_each(|other| self.offer(a, other));
    }

    /// The sum over the pairs of two groups that have no edge.
    fn between(&mut self, a: usize, b: usize) -> f64 {
        let mut sum = 0.0;
        for one in &self.members[a] {
            for other in &self.members[b] {
                sum += if is_forbidden(self.decisions, *one, *other) {
                    FORBIDDEN
                } else {
                    clipped((self.weigh)(*one, *other, &mut self.row))
                };
            }
        }
        sum
    }
}

fn clipped(bits: f32) -> f64 {
    if bits == NEVER { FORBIDDEN } else { f64::from(bits.clamp(-MOST, MOST)) }
}

fn is_forbidden(decisions: &Decisions, a: u32, b: u32) -> bool {
    !decisions.different.is_empty()
        && decisions.different.iter().any(|(one, other)| (*one, *other) == (a, b) || (*one, *other) == (b, a))
}

/// By record: the first record of its group, when joinings of at least `threshold` bits are made.
pub fn cut(records: usize, joinings: &[Joining], threshold: f32) -> Vec<u32> {
    let mut sets = Sets::new(records);
    joinings.iter().filter(|joining| joining.bits >= threshold).for_each(|joining| sets.join(joining.a, joining.b));
    (0..records as u32).map(|record| sets.find(record)).collect()
}
