//! Groups by references, made larger by what was judged to match: pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::{FilingRelation, Kind, RecordKey};
use crate::linkage::group::{self, Forest, Node};
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
    /// What people joined.
    pub decided: Vec<Link>,
}

/// Petitions and receptions by references, but for what people decided: indices into the nodes.
pub fn exact(nodes: &[Node], matches: &Matches) -> Vec<Vec<usize>> {
    let decided = &matches.decided;
    if decided.is_empty() {
        return group::entities(nodes);
    }
    let place: HashMap<&RecordKey, usize> = nodes.iter().enumerate().map(|(at, node)| (&node.key, at)).collect();
    group::entities_apart(nodes, &places(&place, &decided.same), &places(&place, &decided.different))
}

fn places(place: &HashMap<&RecordKey, usize>, pairs: &[(RecordKey, RecordKey)]) -> Vec<(usize, usize)> {
    pairs.iter().filter_map(|(one, other)| Some((*place.get(one)?, *place.get(other)?))).collect()
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
        // a sealed filing has no node; were there one, it would have no part in this all the same
        for (index, members) in exact.entities.iter().enumerate().filter(|(index, _)| !exact.is_sealed[*index]) {
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

/// Joins what was judged to match. Only open filings are compared, so what is sealed stays as references have it.
#[expect(clippy::indexing_slicing, reason = "positions in the lists they were counted from")]
pub fn merge(filings: &Filings, exact: &Exact<'_>, matches: &Matches) -> Merged {
    let compared = Compared::of(exact, matches);
    let pairs = places(&compared.by_key, &matches.pairs);
    let decided = &matches.decided;
    let same = places(&compared.by_key, &decided.same).into_iter().map(|(one, other)| vec![one, other]);
    let exact_case_of = place_of(exact.entities.len(), exact.cases);
    let given = Given {
        petitions: compared.sets(|entity| entity).into_iter().chain(same).collect(),
        cases: compared.sets(|entity| exact_case_of[entity]),
        different_petitions: places(&compared.by_key, &decided.different),
        ..Given::default()
    };
    let judged = filings.judge.groups(&compared.filings, &pairs, &given);

    let entities_of = |sets: &[Vec<usize>]| -> Vec<Vec<usize>> {
        sets.iter().map(|set| set.iter().map(|filing| compared.entity[*filing]).collect()).collect()
    };
    let entities = joined(exact.entities.len(), &entities_of(&judged.petitions));
    let new_of = place_of(exact.entities.len(), &entities);
    let cases = [exact.cases, &entities_of(&judged.cases)].concat();
    let cases: Vec<Vec<usize>> = cases.iter().map(|case| case.iter().map(|entity| new_of[*entity]).collect()).collect();
    let cases = joined(entities.len(), &cases);
    let case_of = place_of(entities.len(), &cases);
    let links = links(filings, &compared, &pairs, |entity| (new_of[entity], case_of[new_of[entity]]));
    Merged { entities, cases, links, decided: decided.said.iter().map(said).collect() }
}

/// Why two filings are one petition of which somebody said so; who and when stands in the log of decisions, which readers
/// do not see.
fn said((left, right): &(RecordKey, RecordKey)) -> Link {
    Link {
        left: left.clone(),
        left_position: 0,
        right: right.clone(),
        right_position: 0,
        entity: "petition",
        relation: Relation::Same.as_str(),
        weight: None,
        probability: None,
        decided_by: "human",
        explanation: by_review(),
    }
}

/// What a link says that rests on a decision.
pub fn by_review() -> serde_json::Value {
    serde_json::json!({ "rule": "clerical_review", "decision": "same" })
}

/// So many things in sets, those joined that share one.
fn joined(count: usize, sets: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(count);
    for two in sets.iter().flat_map(|set| set.windows(2)) {
        if let [one, other] = two {
            forest.unite(*one, *other);
        }
    }
    group::collect(count, |index| forest.root(index), |index| index)
}

/// By thing: the set that it is in.
#[expect(clippy::indexing_slicing, reason = "sets are of so many things")]
fn place_of(count: usize, sets: &[Vec<usize>]) -> Vec<usize> {
    let mut place = vec![0; count];
    sets.iter().enumerate().for_each(|(at, set)| set.iter().for_each(|thing| place[*thing] = at));
    place
}

/// The pairs of filings that ended in one petition or one case, and why.
#[expect(clippy::indexing_slicing, reason = "pairs are indices into the filings")]
fn links(
    filings: &Filings,
    compared: &Compared<'_>,
    pairs: &[(usize, usize)],
    ended: impl Fn(usize) -> (usize, usize),
) -> Vec<Link> {
    let link = |(one, other): &(usize, usize)| {
        let (left, right) = (compared.entity[*one], compared.entity[*other]);
        if left == right {
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
    let said = matches.decided.said.iter().filter_map(|(a, b)| Some((part_of(a)?, part_of(b)?)));
    let reviewed: HashSet<usize> = said.filter(|(a, b)| a != b).flat_map(|(a, b)| [a, b]).collect();
    for filing in petition.filings.iter_mut().filter(|filing| filing.key != original && part_of(&filing.key) != home) {
        let is_reviewed = part_of(&filing.key).is_some_and(|part| reviewed.contains(&part));
        filing.matched_by = if is_reviewed { "review" } else { "content" };
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
