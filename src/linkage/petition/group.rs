//! Petitions and cases out of filings: what exact references say, and then average linkage with cannot-links.
//!
//! Groups grow (Sokal & Michener 1958): of all pairs of groups that have an edge, those two become one whose pairs of
//! filings weigh most on average, until the best average is under the threshold; a pair that cannot be one keeps its groups
//! apart. Pairs that blocking did not find are judged when two groups come near each other. Of equal averages those come
//! first whose first keys do. So the groups are a function of the set of filings, not of their order.

#![expect(clippy::indexing_slicing, reason = "every index is a filing of the slice it was counted from")]

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet};

use super::super::group::Forest;
use super::features::Features;
use super::judge::Judge;

/// What is known before anything is judged; numbers are filings.
#[derive(Debug, Default, Clone)]
pub struct Given {
    /// Filings of one petition, and of one case, by exact references or because somebody said so.
    pub petitions: Vec<Vec<usize>>,
    pub cases: Vec<Vec<usize>>,
    /// Filings that somebody said are of different petitions, or different cases.
    pub different_petitions: Vec<(usize, usize)>,
    pub different_cases: Vec<(usize, usize)>,
}

/// Petitions and cases, each a list of filings in the order of their keys; the lists in the order of their first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    pub petitions: Vec<Vec<usize>>,
    pub cases: Vec<Vec<usize>>,
}

/// The most that one pair counts, either way.
const MOST: f32 = 20.0;
/// What a pair weighs that cannot be one: no average that it is part of joins.
const FORBIDDEN: f64 = -1e12;

impl Judge<'_> {
    /// The petitions and cases of these filings. `pairs` are those worth judging; keys are each filing's own.
    pub fn groups<K: Ord>(&self, filings: &[(K, &Features)], pairs: &[(usize, usize)], given: &Given) -> Groups {
        let keys: Vec<&K> = filings.iter().map(|(key, _)| key).collect();
        let judged: Vec<_> = pairs
            .iter()
            .filter(|(a, b)| a != b)
            .map(|(a, b)| (*a, *b, self.judge(filings[*a].1, filings[*b].1)))
            .collect();
        let thresholds = &self.model.thresholds;
        let apart = forbidden(&given.different_petitions);
        let weigh = |a: usize, b: usize| {
            let judgement = self.judge(filings[a].1, filings[b].1);
            (!judgement.is_never && !apart.contains(&ordered(a, b))).then_some(judgement.bits)
        };
        let edges = judged.iter().filter(|(.., judgement)| !judgement.is_never && judgement.bits >= thresholds.review);
        let edges: Vec<_> = edges.map(|(a, b, judgement)| (*a, *b, judgement.bits)).collect();
        let limits = Limits { link: thresholds.petition, cluster: thresholds.petition_cluster };
        let petitions = agglomerate(&keys, &given.petitions, &edges, weigh, limits);

        let apart = forbidden(&given.different_cases);
        let weigh = |a: usize, b: usize| {
            let judgement = self.judge(filings[a].1, filings[b].1);
            (!judgement.is_never_case && !apart.contains(&ordered(a, b))).then_some(judgement.case_bits)
        };
        let edges = judged.iter().filter(|(.., judged)| !judged.is_never_case && judged.case_bits >= thresholds.review);
        let edges: Vec<_> = edges.map(|(a, b, judgement)| (*a, *b, judgement.case_bits)).collect();
        let known: Vec<Vec<usize>> = petitions.iter().chain(&given.cases).cloned().collect();
        let limits = Limits { link: thresholds.case, cluster: thresholds.case_cluster };
        let cases = agglomerate(&keys, &known, &edges, weigh, limits);
        Groups { petitions, cases }
    }
}

const fn ordered(a: usize, b: usize) -> (usize, usize) {
    if a < b { (a, b) } else { (b, a) }
}

fn forbidden(pairs: &[(usize, usize)]) -> HashSet<(usize, usize)> {
    pairs.iter().map(|(a, b)| ordered(*a, *b)).collect()
}

/// From how many bits on groups are joined.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One pair of the two must weigh as much.
    pub link: f32,
    /// All of them on average.
    pub cluster: f32,
}

/// The groups of so many things: `known` sets first, then what edges join. `weigh` tells of a pair that has no edge;
/// `None` where it cannot be one.
pub fn agglomerate<K: Ord>(
    keys: &[K],
    known: &[Vec<usize>],
    edges: &[(usize, usize, f32)],
    weigh: impl Fn(usize, usize) -> Option<f32>,
    limits: Limits,
) -> Vec<Vec<usize>> {
    let mut by_key: Vec<usize> = (0..keys.len()).collect();
    by_key.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    let mut rank = vec![0; keys.len()];
    by_key.iter().enumerate().for_each(|(at, index)| rank[*index] = at);
    let mut forest = Forest::new(keys.len());
    for set in known {
        set.windows(2).for_each(|two| forest.unite(rank[two[0]], rank[two[1]]));
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..keys.len() {
        members.entry(forest.root(at)).or_default().push(at);
    }
    // a group goes by the place of its first member
    let members: Vec<Vec<usize>> = {
        let mut groups: Vec<Vec<usize>> = members.into_values().collect();
        groups.sort_by_key(|group| group.first().copied());
        groups
    };
    let mut group_of = vec![0; keys.len()];
    members.iter().enumerate().for_each(|(group, list)| list.iter().for_each(|at| group_of[*at] = group));
    let of_ranks = |a: usize, b: usize| weigh(by_key[a], by_key[b]);
    let mut growing = Growing::new(members, &of_ranks);
    let ranked = edges.iter().map(|(a, b, bits)| (rank[*a], rank[*b], *bits));
    growing.start(&group_of, ranked);
    let mut groups: Vec<Vec<usize>> = growing.grow(limits).into_iter().filter(|group| !group.is_empty()).collect();
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort_by_key(|group| group.first().copied());
    groups.into_iter().map(|group| group.into_iter().map(|at| by_key[at]).collect()).collect()
}

/// What two groups weigh together.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Over all pairs.
    bits: f64,
    /// Of the best pair.
    best: f32,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.bits += other.bits;
        self.best = self.best.max(other.best);
    }

    fn of(weight: Option<f32>) -> Self {
        match weight {
            Some(bits) => Self { bits: f64::from(bits.clamp(-MOST, MOST)), best: bits },
            None => Self { bits: FORBIDDEN, best: f32::MIN },
        }
    }
}

struct Growing<'w> {
    weigh: &'w dyn Fn(usize, usize) -> Option<f32>,
    /// By number of a group: what is in it; nothing when it has become part of another.
    members: Vec<Vec<usize>>,
    sums: Vec<BTreeMap<usize, Sum>>,
    offers: BinaryHeap<Offer>,
}

/// Two groups that could become one.
#[derive(Debug, PartialEq)]
struct Offer {
    average: f64,
    best: f32,
    /// In order; a group goes by its first member, so this is the order of keys.
    groups: (usize, usize),
    /// How many they were when this was offered: another number, another offer.
    sizes: (usize, usize),
}

impl Eq for Offer {}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.average
            .total_cmp(&other.average)
            .then(self.best.total_cmp(&other.best))
            .then_with(|| other.groups.cmp(&self.groups))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'w> Growing<'w> {
    fn new(members: Vec<Vec<usize>>, weigh: &'w dyn Fn(usize, usize) -> Option<f32>) -> Self {
        let sums = vec![BTreeMap::new(); members.len()];
        Self { weigh, members, sums, offers: BinaryHeap::new() }
    }

    fn start(&mut self, group_of: &[usize], edges: impl Iterator<Item = (usize, usize, f32)>) {
        let mut between = BTreeSet::new();
        for (a, b, _) in edges {
            let (a, b) = ordered(group_of[a], group_of[b]);
            if a != b {
                between.insert((a, b));
            }
        }
        for (a, b) in between {
            let sum = self.sum(a, b);
            self.sums[a].insert(b, sum);
            self.sums[b].insert(a, sum);
            self.offer(a, b);
        }
    }

    /// Over all pairs of two groups.
    fn sum(&self, a: usize, b: usize) -> Sum {
        let mut sum = Sum { bits: 0.0, best: f32::MIN };
        for one in &self.members[a] {
            self.members[b].iter().for_each(|other| sum.add(Sum::of((self.weigh)(*one, *other))));
        }
        sum
    }

    fn offer(&mut self, a: usize, b: usize) {
        let (a, b) = ordered(a, b);
        let Some(sum) = self.sums[a].get(&b) else { return };
        let sizes = (self.members[a].len(), self.members[b].len());
        let average = sum.bits / (sizes.0 * sizes.1) as f64;
        if average > FORBIDDEN / 1e6 {
            self.offers.push(Offer { average, best: sum.best, groups: (a, b), sizes });
        }
    }

    fn grow(mut self, limits: Limits) -> Vec<Vec<usize>> {
        while let Some(Offer { average, best, groups: (a, b), sizes }) = self.offers.pop() {
            if (self.members[a].len(), self.members[b].len()) != sizes {
                continue;
            }
            if average < f64::from(limits.cluster) {
                break;
            }
            if best >= limits.link {
                self.join(a, b);
            }
        }
        self.members
    }

    /// `b` becomes part of `a`, which comes before it.
    fn join(&mut self, a: usize, b: usize) {
        let (of_a, of_b) = (std::mem::take(&mut self.sums[a]), std::mem::take(&mut self.sums[b]));
        let mut others: Vec<usize> = of_a.keys().chain(of_b.keys()).copied().filter(|c| *c != a && *c != b).collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            let mut sum = of_a.get(&other).copied().unwrap_or_else(|| self.sum(a, other));
            sum.add(of_b.get(&other).copied().unwrap_or_else(|| self.sum(b, other)));
            self.sums[other].remove(&b);
            self.sums[other].insert(a, sum);
            self.sums[a].insert(other, sum);
        }
        let mut moved = std::mem::take(&mut self.members[b]);
        self.members[a].append(&mut moved);
        let around: Vec<usize> = self.sums[a].keys().copied().collect();
        around.into_iter().for_each(|other| self.offer(a, other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { link: 4.0, cluster: 0.0 };

    fn grown(
        count: usize,
        known: &[Vec<usize>],
        pairs: &[(usize, usize, f32)],
        never: &[(usize, usize)],
    ) -> Vec<Vec<usize>> {
        let keys: Vec<usize> = (0..count).collect();
        let weigh = |a: usize, b: usize| {
            let found = pairs.iter().find(|(x, y, _)| ordered(*x, *y) == ordered(a, b));
            (!never.contains(&ordered(a, b))).then(|| found.map_or(-8.0, |(.., bits)| *bits))
        };
        agglomerate(&keys, known, pairs, weigh, LIMITS)
    }

    #[test]
    fn groups_grow_and_chains_do_not() {
        for (count, known, pairs, never, wanted) in [
            (0, vec![], vec![], vec![], vec![]),
            (2, vec![], vec![(0, 1, 3.0)], vec![], vec![vec![0], vec![1]]),
            (2, vec![], vec![(0, 1, 5.0)], vec![], vec![vec![0, 1]]),
            (2, vec![], vec![(1, 0, 5.0)], vec![(0, 1)], vec![vec![0], vec![1]]),
            // what is known holds, whatever anything weighs
            (3, vec![vec![0, 2]], vec![(0, 2, -20.0)], vec![(0, 2)], vec![vec![0, 2], vec![1]]),
            // a chain of equal links: the first two
            (3, vec![], vec![(0, 1, 5.0), (1, 2, 5.0)], vec![], vec![vec![0, 1], vec![2]]),
            // the third agrees with one and a little with the other
            (3, vec![], vec![(0, 1, 9.0), (1, 2, 9.0), (0, 2, -1.0)], vec![], vec![vec![0, 1, 2]]),
            (3, vec![], vec![(0, 1, 9.0), (1, 2, 8.0), (0, 2, 1.0)], vec![(0, 2)], vec![vec![0, 1], vec![2]]),
        ] {
            assert_eq!(grown(count, &known, &pairs, &never), wanted, "{pairs:?} {known:?} {never:?}");
        }
    }

    #[test]
    fn a_chain_does_not_chain() {
        let pairs: Vec<(usize, usize, f32)> = (0..19).map(|at| (at, at + 1, 6.0)).collect();
        let groups = grown(20, &[], &pairs, &[]);
        assert!(groups.iter().all(|group| group.len() <= 2), "{groups:?}");
    }

    proptest! {
        /// Any order of the same things with the same weights gives the same groups.
        #[test]
        fn order_does_not_matter(
            weights in proptest::collection::vec(-6_i8..10, 45),
            known in proptest::collection::vec((0..10_usize, 0..10_usize), 0..2),
            order in Just((0..10_usize).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let weight = |a: usize, b: usize| {
                let (a, b) = ordered(a, b);
                weights[b * (b - 1) / 2 + a]
            };
            let of = |names: &[usize]| {
                let at = |name: usize| names.iter().position(|other| *other == name).unwrap();
                let weigh = |a: usize, b: usize| {
                    let bits = weight(names[a], names[b]);
                    (bits > -6).then(|| f32::from(bits))
                };
                let mut edges = Vec::new();
                for a in 0..names.len() {
                    edges.extend((0..a).filter_map(|b| Some((a, b, weigh(a, b)?))).filter(|(.., bits)| *bits > 0.0));
                }
                let known: Vec<Vec<usize>> = known.iter().map(|(a, b)| vec![at(*a), at(*b)]).collect();
                let groups = agglomerate(names, &known, &edges, weigh, LIMITS);
                groups.into_iter().map(|group| group.into_iter().map(|at| names[at]).collect()).collect::<Vec<Vec<usize>>>()
            };
            let one = of(&(0..10).collect::<Vec<_>>());
            prop_assert_eq!(&of(&order), &one);
            let mut all: Vec<usize> = one.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..10).collect::<Vec<_>>());
            for (a, b) in &known {
                prop_assert!(one.iter().any(|group| group.contains(a) && group.contains(b)));
            }
        }
    }
}
