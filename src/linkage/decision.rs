//! What people decided of pairs, and when two decisions cannot both hold.
//!
//! *Same* is transitive: who calls a and b the same, and b and c, calls a and c the same. So a new decision contradicts
//! the earlier ones where a chain of *same* joins what it calls different, or where it would join by *same* what was
//! called different. The chain is the reason that is shown; one of its decisions has to be undone first.
//!
//! What decisions come to for the things that are there ([`Binding`]) is a function of the decisions alone: it is the
//! same through somebody who is gone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::group::Forest;

/// What somebody decided of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Same,
    Different,
}

impl Verdict {
    /// As it is stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
        }
    }

    /// Reads what [`Verdict::as_str`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Same, Self::Different].into_iter().find(|verdict| verdict.as_str() == text)
    }
}

/// One decision; the order of the two means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<K> {
    pub left: K,
    pub right: K,
    pub verdict: Verdict,
}

/// Why a new decision cannot stand beside the others: from one to the other of its pair, each step a decision
/// that stands; all of them *same* but for one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<K>(pub Vec<Decision<K>>);

/// The decisions that the new one contradicts; `None`: it may be made. Of several chains one of the shortest.
pub fn contradiction<K: Ord + Clone>(standing: &[Decision<K>], new: &Decision<K>) -> Option<Chain<K>> {
    let from_left = reached(standing, &new.left);
    match new.verdict {
        Verdict::Different => way(&from_left, &new.right).map(Chain),
        Verdict::Same => {
            let from_right = reached(standing, &new.right);
            let different = standing.iter().filter(|decision| decision.verdict == Verdict::Different);
            let chains = different.flat_map(|decision| {
                let across = |one: &K, other: &K| {
                    let mut chain = way(&from_left, one)?;
                    chain.push(decision.clone());
                    chain.extend(way(&from_right, other)?.into_iter().rev());
                    Some(chain)
                };
                [across(&decision.left, &decision.right), across(&decision.right, &decision.left)]
            });
            chains.flatten().min_by_key(Vec::len).map(Chain)
        }
    }
}

/// What decisions that do not contradict each other come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding<K> {
    /// The pairs of which somebody said that they are the same.
    pub said: Vec<(K, K)>,
    /// All pairs that are therefore the same.
    pub same: Vec<(K, K)>,
    /// All pairs that are therefore different.
    pub different: Vec<(K, K)>,
}

impl<K> Default for Binding<K> {
    fn default() -> Self {
        Self { said: Vec::new(), same: Vec::new(), different: Vec::new() }
    }
}

impl<K: Ord + Clone> Binding<K> {
    /// Of those who are there, by what they are called: `name` gives none for who is not. Each pair stands with the
    /// smaller first, and the pairs in order.
    pub fn of<I: Ord>(decisions: &[Decision<I>], name: impl Fn(&I) -> Option<K>) -> Self {
        let ends: BTreeSet<&I> = decisions.iter().flat_map(|decision| [&decision.left, &decision.right]).collect();
        let place: BTreeMap<&I, usize> = ends.iter().enumerate().map(|(at, end)| (*end, at)).collect();
        let at = |end: &I| place.get(end).copied().unwrap_or_default();
        let mut forest = Forest::new(ends.len());
        let (same, different): (Vec<&Decision<I>>, Vec<_>) =
            decisions.iter().partition(|decision| decision.verdict == Verdict::Same);
        same.iter().for_each(|decision| forest.unite(at(&decision.left), at(&decision.right)));
        let mut here: BTreeMap<usize, Vec<K>> = BTreeMap::new();
        for end in &ends {
            if let Some(name) = name(end) {
                here.entry(forest.root(at(end))).or_default().push(name);
            }
        }
        let pair = |a: &K, b: &K| if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        let said = same.iter().filter_map(|decision| Some(pair(&name(&decision.left)?, &name(&decision.right)?)));
        let said: BTreeSet<(K, K)> = said.collect();
        let within = |class: &Vec<K>| {
            let rest = |place: usize| class.iter().skip(place + 1);
            class.iter().enumerate().flat_map(|(place, a)| rest(place).map(|b| pair(a, b))).collect::<Vec<_>>()
        };
        let all_same: BTreeSet<(K, K)> = here.values().flat_map(within).collect();
        let mut all_different = BTreeSet::new();
        for decision in different {
            let mut class = |end: &I| here.get(&forest.root(at(end))).into_iter().flatten();
            let (left, right) = (class(&decision.left), class(&decision.right));
            let right: Vec<&K> = right.collect();
            all_different.extend(left.flat_map(|a| right.iter().map(|b| pair(a, b)).collect::<Vec<_>>()));
        }
        Self {
            said: said.into_iter().collect(),
            same: all_same.into_iter().collect(),
            different: all_different.into_iter().collect(),
        }
    }

    /// Whether nothing was decided of anybody who is there.
    pub const fn is_empty(&self) -> bool {
        self.same.is_empty() && self.different.is_empty()
    }
}

/// By who is called the same as `from`: the decision that led there and where it came from.
type Reached<'d, K> = BTreeMap<&'d K, Option<(&'d K, &'d Decision<K>)>>;

fn reached<'d, K: Ord>(standing: &'d [Decision<K>], from: &'d K) -> Reached<'d, K> {
    let mut beside: BTreeMap<&K, Vec<(&K, &Decision<K>)>> = BTreeMap::new();
    for decision in standing.iter().filter(|decision| decision.verdict == Verdict::Same) {
        beside.entry(&decision.left).or_default().push((&decision.right, decision));
        beside.entry(&decision.right).or_default().push((&decision.left, decision));
    }
    let mut reached: Reached<'d, K> = BTreeMap::from([(from, None)]);
    let mut next = VecDeque::from([from]);
    while let Some(at) = next.pop_front() {
        for (to, decision) in beside.get(at).into_iter().flatten() {
            if !reached.contains_key(to) {
                reached.insert(to, Some((at, decision)));
                next.push_back(to);
            }
        }
    }
    reached
}

/// The decisions from the beginning to `to`; `None`: it was not reached.
fn way<K: Ord + Clone>(reached: &Reached<'_, K>, to: &K) -> Option<Vec<Decision<K>>> {
    let mut way = Vec::new();
    let mut at = reached.get(to)?;
    while let Some((before, decision)) = at {
        way.push((*decision).clone());
        at = reached.get(before)?;
    }
    way.reverse();
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(list: &[(u8, char, u8)]) -> Vec<Decision<u8>> {
        let decision = |(left, sign, right): &(u8, char, u8)| Decision {
            left: *left,
            right: *right,
            verdict: if *sign == '=' { Verdict::Same } else { Verdict::Different },
        };
        list.iter().map(decision).collect()
    }

    #[test]
    fn tables() {
        for (standing, new, chain) in [
            (vec![], (1, '=', 2), None),
            (vec![(1, '=', 2)], (2, '=', 3), None),
            (vec![(1, '=', 2)], (1, '=', 2), None),
            (vec![(1, '=', 2)], (2, '!', 1), Some(vec![(1, '=', 2)])),
            (vec![(1, '!', 2)], (2, '=', 1), Some(vec![(1, '!', 2)])),
            // through others
            (vec![(1, '=', 2), (3, '=', 2)], (1, '!', 3), Some(vec![(1, '=', 2), (3, '=', 2)])),
            (
                vec![(1, '=', 2), (3, '=', 4), (4, '!', 2)],
                (1, '=', 3),
                Some(vec![(1, '=', 2), (4, '!', 2), (3, '=', 4)]),
            ),
            // different is not transitive
            (vec![(1, '!', 2), (2, '!', 3)], (1, '=', 3), None),
            (vec![(1, '!', 2), (2, '=', 3)], (1, '!', 3), None),
            // the shortest of two chains
            (vec![(1, '=', 2), (2, '=', 3), (1, '=', 3)], (3, '!', 1), Some(vec![(1, '=', 3)])),
        ] {
            let found = contradiction(&of(&standing), &of(&[new])[0]).map(|chain| chain.0);
            assert_eq!(found, chain.map(|chain| of(&chain)), "{standing:?} {new:?}");
        }
    }

    #[test]
    fn what_decisions_come_to() {
        let binding = |list: &[(u8, char, u8)], gone: &[u8]| {
            let Binding { said, same, different } = Binding::of(&of(list), |end| (!gone.contains(end)).then_some(*end));
            (said, same, different)
        };
        for (list, gone, said, same, different) in [
            (vec![], vec![], vec![], vec![], vec![]),
            (vec![(2, '=', 1)], vec![], vec![(1, 2)], vec![(1, 2)], vec![]),
            (vec![(2, '!', 1)], vec![], vec![], vec![], vec![(1, 2)]),
            // through others, and through one who is gone
            (vec![(1, '=', 2), (3, '=', 2)], vec![], vec![(1, 2), (2, 3)], vec![(1, 2), (1, 3), (2, 3)], vec![]),
            (vec![(1, '=', 2), (3, '=', 2)], vec![2], vec![], vec![(1, 3)], vec![]),
            // who is different from one is different from all that are the same as that one
            (vec![(1, '=', 2), (3, '!', 2)], vec![], vec![(1, 2)], vec![(1, 2)], vec![(1, 3), (2, 3)]),
            (vec![(1, '=', 2), (3, '!', 2)], vec![2], vec![], vec![], vec![(1, 3)]),
            (vec![(1, '=', 2), (3, '!', 2)], vec![1, 3], vec![], vec![], vec![]),
        ] {
            assert_eq!(binding(&list, &gone), (said, same, different), "{list:?} without {gone:?}");
        }
    }

    proptest! {
        /// Decisions taken one after the other, each refused that contradicts, never contradict: there is a way to put
        /// everything into groups that honours all of them.
        #[test]
        fn what_is_let_in_can_be_honoured(list in proptest::collection::vec((0..7_u8, any::<bool>(), 0..7_u8), 0..25)) {
            let mut standing: Vec<Decision<u8>> = Vec::new();
            for (left, is_same, right) in list.into_iter().filter(|(left, _, right)| left != right) {
                let verdict = if is_same { Verdict::Same } else { Verdict::Different };
                let new = Decision { left, right, verdict };
                match contradiction(&standing, &new) {
                    None => standing.push(new),
                    Some(Chain(chain)) => {
                        let turned = chain.iter().filter(|decision| decision.verdict == Verdict::Different).count();
                        prop_assert_eq!(turned, usize::from(verdict == Verdict::Same));
                        prop_assert!(chain.iter().all(|decision| standing.contains(decision)));
                    }
                }
            }
            for decision in &standing {
                let is_joined = reached(&standing, &decision.left).contains_key(&decision.right);
                prop_assert_eq!(is_joined, decision.verdict == Verdict::Same);
            }
        }
    }
}
