//! Groups by references, made larger by what was judged to match: pure.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{FilingRelation, Kind, RecordKey};
use crate::linkage::group::{Forest, Node};
use crate::linkage::petition::{Features, Given, Judgement, Relation};
use crate::linkage::survivorship::Petition;
use crate::store::link::Link;

use super::matching::{Filings, Matches};

/// What there is before anything is judged; numbers are positions in the lists beside them.
pub struct Exact<'e> {
    pub nodes: &'e [Node],
    /// Petitions and receptions: indices into the nodes.
    pub entities: &'e [Vec<usize>],
    pub is_sealed: &'e [bool],
    /// Cases: indices into the entities.
    pub cases: &'e [Vec<usize>],
}

/// What it becomes.
#[derive(Debug, Default)]
pub struct Merged {
    /// By new entity: which of the exact ones it is made of, in the order of their keys.
    pub entities: Vec<Vec<usize>>,
    /// Indices into the new entities.
    pub cases: Vec<Vec<usize>>,
    /// Why.
    pub links: Vec<Link>,
}

/// The filings of a room that are compared.
struct Compared<'m> {
    filings: Vec<(&'m RecordKey, &'m Features)>,
    /// By filing: its exact entity.
    entity: Vec<usize>,
    by_key: HashMap<&'m RecordKey, usize>,
}

impl<'m> Compared<'m> {
    #[expect(clippy::indexing_slicing, reason = "members are indices into the nodes")]
    fn of(exact: &'m Exact<'_>, matches: &'m Matches) -> Self {
        let (mut filings, mut entity) = (Vec::new(), Vec::new());
        for (index, members) in exact.entities.iter().enumerate() {
            for node in members.iter().map(|member| &exact.nodes[*member]).filter(|node| node.kind == Kind::Petition) {
                if let Some(features) = matches.features.get(&node.key) {
                    filings.push((&node.key, features));
                    entity.push(index);
                }
            }
        }
        let by_key = filings.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
        Self { filings, entity, by_key }
    }

    /// Filings by the exact group that their entity is in.
    fn sets(&self, group_of: impl Fn(usize) -> usize) -> Vec<Vec<usize>> {
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        self.entity
            .iter()
            .enumerate()
            .for_each(|(filing, entity)| sets.entry(group_of(*entity)).or_default().push(filing));
        sets.into_values().filter(|set| set.len() > 1).collect()
    }
}

/// Joins what was judged to match. What is sealed is never joined with what is open, and of what is sealed only
/// petitions are joined, by the paper itself: that two petitions are of one case may rest on who the petitioner is.
#[expect(clippy::indexing_slicing, reason = "positions in the lists they were counted from")]
pub fn merge(filings: &Filings, exact: &Exact<'_>, matches: &Matches) -> Merged {
    let compared = Compared::of(exact, matches);
    let place = |key: &RecordKey| compared.by_key.get(key).copied();
    let pairs: Vec<(usize, usize)> =
        matches.pairs.iter().filter_map(|(one, other)| Some((place(one)?, place(other)?))).collect();
    let mut case_of = vec![0; exact.entities.len()];
    exact.cases.iter().enumerate().for_each(|(case, list)| list.iter().for_each(|entity| case_of[*entity] = case));
    let given = Given {
        petitions: compared.sets(|entity| entity),
        cases: compared.sets(|entity| case_of[entity]),
        ..Given::default()
    };
    let judged = filings.judge.groups(&compared.filings, &pairs, &given);

    let entities = unite(exact.entities.len(), &compared.entity, &judged.petitions, |entity| exact.is_sealed[entity]);
    let mut new_of = vec![0; exact.entities.len()];
    entities.iter().enumerate().for_each(|(new, list)| list.iter().for_each(|entity| new_of[*entity] = new));
    let mut forest = Forest::new(entities.len());
    for case in exact.cases {
        case.windows(2).for_each(|two| forest.unite(new_of[two[0]], new_of[two[1]]));
    }
    for case in &judged.cases {
        let mut open = case.iter().map(|filing| compared.entity[*filing]).filter(|entity| !exact.is_sealed[*entity]);
        let Some(first) = open.next() else { continue };
        open.for_each(|entity| forest.unite(new_of[first], new_of[entity]));
    }
    let cases = in_order(entities.len(), |entity| forest.root(entity));
    let links = links(filings, exact, &compared, &pairs, |entity| {
        (new_of[entity], cases.iter().position(|case| case.contains(&new_of[entity])))
    });
    Merged { entities, cases, links }
}

/// Exact entities that judged petitions join, the open ones. A sealed one is joined by reference alone: whoever sends a
/// denunciation in somebody's name would see in its receipt whether that is who denounced.
#[expect(clippy::indexing_slicing, reason = "sets are indices into the filings")]
fn unite(count: usize, entity_of: &[usize], sets: &[Vec<usize>], is_sealed: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(count);
    for set in sets {
        let mut open = set.iter().map(|filing| entity_of[*filing]).filter(|entity| !is_sealed(*entity));
        let Some(first) = open.next() else { continue };
        open.for_each(|entity| forest.unite(first, entity));
    }
    in_order(count, |entity| forest.root(entity))
}

/// Sets by root, each and all of them in the order of their numbers.
fn in_order(count: usize, mut root: impl FnMut(usize) -> usize) -> Vec<Vec<usize>> {
    let mut place: HashMap<usize, usize> = HashMap::with_capacity(count);
    let mut sets: Vec<Vec<usize>> = Vec::new();
    for index in 0..count {
        let at = *place.entry(root(index)).or_insert(sets.len());
        match sets.get_mut(at) {
            Some(set) => set.push(index),
            None => sets.push(vec![index]),
        }
    }
    sets
}

/// The pairs of open filings that ended in one petition or one case, and why. Of sealed ones nothing is told.
#[expect(clippy::indexing_slicing, reason = "pairs are indices into the filings")]
fn links(
    filings: &Filings,
    exact: &Exact<'_>,
    compared: &Compared<'_>,
    pairs: &[(usize, usize)],
    ended: impl Fn(usize) -> (usize, Option<usize>),
) -> Vec<Link> {
    let link = |(one, other): &(usize, usize)| {
        let (left, right) = (compared.entity[*one], compared.entity[*other]);
        if left == right || exact.is_sealed[left] || exact.is_sealed[right] {
            return None;
        }
        let ((left_key, a), (right_key, b)) = (compared.filings[*one], compared.filings[*other]);
        let judgement = filings.judge.judge(a, b);
        let relation = judgement.relation?;
        let ((petition, case), (other_petition, other_case)) = (ended(left), ended(right));
        let (entity, bits) = if relation.is_petition() && petition == other_petition {
            ("petition", judgement.bits)
        } else if relation.is_case() && case == other_case {
            ("case", judgement.case_bits)
        } else {
            return None;
        };
        let (left, right) = if left_key < right_key { (left_key, right_key) } else { (right_key, left_key) };
        Some(Link {
            left: left.clone(),
            left_position: 0,
            right: right.clone(),
            right_position: 0,
            entity,
            relation: if entity == "case" && relation.is_petition() {
                Relation::Same.as_str()
            } else {
                relation.as_str()
            },
            weight: Some(f64::from(bits)),
            probability: Some(probability(bits)),
            decided_by: "model",
            explanation: filings.judge.explain(&judgement),
        })
    };
    pairs.iter().filter_map(link).collect()
}

/// From the logarithm to base 2 of the odds.
pub fn probability(bits: f32) -> f64 {
    1.0 / (1.0 + f64::from(-bits).exp2())
}

/// Tells of the filings that only their content joins with the original how they stand to it.
pub fn tell(filings: &Filings, petition: &mut Petition, parts: &[Vec<RecordKey>], matches: &Matches) {
    let part_of = |key: &RecordKey| parts.iter().position(|part| part.contains(key));
    let original = petition.filings.iter().find(|filing| filing.relation == FilingRelation::Original);
    let Some(original) = original.map(|filing| filing.key.clone()) else { return };
    let home = part_of(&original);
    for filing in petition.filings.iter_mut().filter(|filing| filing.key != original && part_of(&filing.key) != home) {
        filing.matched_by = "content";
        let features = matches.features.get(&original).zip(matches.features.get(&filing.key));
        if filing.relation != FilingRelation::Copy {
            continue;
        }
        let relation = features.and_then(|(a, b)| {
            let Judgement { relation, .. } = filings.judge.judge(a, b);
            relation
        });
        match relation {
            Some(Relation::Repeat) => filing.relation = FilingRelation::Repeat,
            Some(Relation::Forwarded) => filing.relation = FilingRelation::Forwarded,
            _ => {}
        }
    }
}
