//! Grouping: connected components over shared keys, once for petitions and receptions, once for cases.
//!
//! A set of records has one such grouping, in whatever order they are given. Explicit references are the word of an
//! agency about its own file, so following them transitively is right; weaker evidence must not come in here.

#![expect(clippy::indexing_slicing, reason = "every index is a position in the slice it was counted from")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use crate::domain::{Kind, RecordKey, SourceId};

use super::key::{LinkKey, Role};

/// One record as grouping sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub key: RecordKey,
    pub kind: Kind,
    /// None of them past.
    pub links: Vec<LinkKey>,
}

/// Who has a key.
#[derive(Debug, Default)]
struct Holders {
    all: Vec<usize>,
    owner: Option<usize>,
    is_ambiguous: bool,
}

impl Holders {
    /// Two records whose own name it is have nothing in common (two systems of one agency count from 1), and whoever
    /// refers to it then names neither for certain; so such a key joins nobody.
    fn add(&mut self, holder: usize, role: Role) {
        self.all.push(holder);
        if role == Role::Own {
            self.is_ambiguous |= *self.owner.get_or_insert(holder) != holder;
        }
    }

    /// A letter with which one source sent, or got, several petitions tells no more than that each of them is one of
    /// several; so it joins nobody either.
    fn is_letter_of_many(&self, nodes: &[Node], key: Uuid) -> bool {
        let mut by_source: BTreeMap<&SourceId, usize> = BTreeMap::new();
        let with_letter =
            self.all.iter().filter(|index| nodes[**index].links.contains(&LinkKey { key, role: Role::Letter }));
        with_letter
            .map(|index| (&nodes[*index].key.source_id, *index))
            .any(|(source, index)| *by_source.entry(source).or_insert(index) != index)
    }
}

/// Records of one source that may name another by one key. A source that gives more of them the same reference (its
/// software fills in a "0" where there is none) says nothing by it, and what the others say of that key still counts.
pub const MOST_OF_ONE_SOURCE: usize = 50;

/// Records of one source through whose common reference to a record that nobody knows a seal still passes. A reference
/// to a record that is or was there always passes it on, however many have it.
pub const MOST_THAT_SEAL: usize = 1000;

/// Keys that a source gives to more than `most` of its records, in roles that count.
pub fn overused<'n>(
    records: impl Iterator<Item = (&'n RecordKey, &'n [LinkKey])>,
    most: usize,
    counts: impl Fn(Role) -> bool,
) -> HashSet<(Uuid, &'n SourceId)> {
    let mut count: HashMap<(Uuid, &SourceId), usize> = HashMap::new();
    for (record, links) in records {
        let keys: BTreeSet<Uuid> = links.iter().filter(|link| counts(link.role)).map(|link| link.key).collect();
        keys.into_iter().for_each(|key| *count.entry((key, &record.source_id)).or_default() += 1);
    }
    count.into_iter().filter(|(_, records)| *records > most).map(|(of, _)| of).collect()
}

/// Groups records into petitions and receptions: indices into `nodes`, each group and the list of groups in the order
/// of the records' keys.
pub fn entities(nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(nodes.len());
    for holders in joining(nodes) {
        holders.iter().for_each(|(index, _)| forest.unite(*index, holders[0].0));
    }
    collect(nodes.len(), |index| forest.root(index), |index| &nodes[index].key)
}

/// As [`entities`], where people decided of some pairs: what references would join in spite of a decision they do not,
/// in one order of the records' keys. What only decisions join is not joined here.
pub fn entities_apart(nodes: &[Node], same: &[(usize, usize)], apart: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let ordered = |a: usize, b: usize| if nodes[a].key < nodes[b].key { (a, b) } else { (b, a) };
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for mut holders in joining(nodes) {
        // whose own name it is, or else the first, for all
        holders.sort_by_key(|(index, is_own)| (!is_own, &nodes[*index].key));
        pairs.extend(holders.iter().skip(1).map(|(index, _)| ordered(holders[0].0, *index)));
    }
    pairs.sort_by_key(|(a, b)| (&nodes[*a].key, &nodes[*b].key));
    pairs.dedup();
    let apart: HashSet<(usize, usize)> = apart.iter().map(|(a, b)| ordered(*a, *b)).collect();
    let mut sets: Vec<Vec<usize>> = (0..nodes.len()).map(|index| vec![index]).collect();
    let (mut all, mut exact) = (Forest::new(nodes.len()), Forest::new(nodes.len()));
    for (is_said, (a, b)) in same.iter().map(|pair| (true, *pair)).chain(pairs.into_iter().map(|pair| (false, pair))) {
        let (left, right) = (all.root(a), all.root(b));
        let forbids = |one: &usize| sets[right].iter().any(|other| apart.contains(&ordered(*one, *other)));
        if left != right && !is_said && sets[left].iter().any(forbids) {
            continue;
        }
        if left != right {
            let moved = [std::mem::take(&mut sets[left]), std::mem::take(&mut sets[right])].concat();
            all.unite(a, b);
            sets[all.root(a)] = moved;
        }
        if !is_said {
            exact.unite(a, b);
        }
    }
    collect(nodes.len(), |index| exact.root(index), |index| &nodes[index].key)
}

/// By key that joins: the records that have it, and whether it is their own name.
fn joining(nodes: &[Node]) -> Vec<Vec<(usize, bool)>> {
    let mut holders: HashMap<(Uuid, Kind), Holders> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        // a petition that names a reception as its origin is of the same case, not the same thing
        for link in node.links.iter().filter(|link| link.role != Role::Case) {
            holders.entry((link.key, node.kind)).or_default().add(index, link.role);
        }
    }
    let joins = |key: Uuid, of_key: &Holders| !of_key.is_ambiguous && !of_key.is_letter_of_many(nodes, key);
    let joining = holders
        .iter()
        .filter(|((key, _), of_key)| joins(*key, of_key))
        .map(|(_, of_key)| of_key.all.iter().map(|index| (*index, of_key.owner == Some(*index))).collect());
    joining.collect()
}

/// Groups petitions and receptions into cases: indices into `entities`.
///
/// What is sealed stands alone. References rest on who the petitioner is: an open complaint in the case of a denunciation
/// would give the denouncer away, and so would one that was open once, before it was sealed.
pub fn cases(nodes: &[Node], entities: &[Vec<usize>], is_sealed: &[bool]) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(entities.len());
    let mut holders: HashMap<Uuid, Holders> = HashMap::new();
    for (entity, members) in entities.iter().enumerate() {
        // a letter says which petition it is, or nothing
        let links = members.iter().flat_map(|member| &nodes[*member].links);
        for link in links.filter(|link| link.role != Role::Letter) {
            holders.entry(link.key).or_default().add(entity, link.role);
        }
    }
    for of_key in holders.values().filter(|of_key| !of_key.is_ambiguous) {
        let mut open = of_key.all.iter().copied().filter(|entity| !is_sealed[*entity]);
        let Some(first) = open.next() else { continue };
        open.for_each(|entity| forest.unite(entity, first));
    }
    collect(entities.len(), |entity| forest.root(entity), |entity| &nodes[entities[entity][0]].key)
}

/// Members by root, each group and the list of groups in the order of the members' keys.
pub fn collect<K: Ord>(
    count: usize,
    mut root: impl FnMut(usize) -> usize,
    key: impl Fn(usize) -> K,
) -> Vec<Vec<usize>> {
    let mut by_key: Vec<usize> = (0..count).collect();
    by_key.sort_by_key(|index| key(*index));
    let mut place: HashMap<usize, usize> = HashMap::with_capacity(count);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in by_key {
        let at = *place.entry(root(index)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// Disjoint sets (union by size with path halving; Tarjan 1975).
pub struct Forest {
    parent: Vec<usize>,
    size: Vec<usize>,
}

impl Forest {
    /// Each alone.
    pub fn new(count: usize) -> Self {
        Self { parent: (0..count).collect(), size: vec![1; count] }
    }

    /// What stands for the set that this one is in.
    pub fn root(&mut self, mut index: usize) -> usize {
        while self.parent[index] != index {
            self.parent[index] = self.parent[self.parent[index]];
            index = self.parent[index];
        }
        index
    }

    /// Makes one set of two.
    pub fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (large, small) = if self.size[a] < self.size[b] { (b, a) } else { (a, b) };
        if large != small {
            self.parent[small] = large;
            self.size[large] += self.size[small];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceId;
    use crate::linkage::decision::{Binding, Decision, Verdict, contradiction};
    use proptest::prelude::*;

    fn link(key: u8, role: Role) -> LinkKey {
        LinkKey { key: Uuid::from_u128(u128::from(key)), role }
    }

    fn node(number: u8, kind: Kind, links: &[(u8, Role)]) -> Node {
        let key = RecordKey { source_id: SourceId::parse("bxd").unwrap(), record_id: format!("{number:02}") };
        Node { key, kind, links: links.iter().map(|(key, role)| link(*key, *role)).collect() }
    }

    const PETITION: Kind = Kind::Petition;

    /// A petition of another source.
    fn elsewhere(number: u8, links: &[(u8, Role)]) -> Node {
        let mut node = node(number, PETITION, links);
        node.key.source_id = SourceId::parse("hanoi").unwrap();
        node
    }

    #[test]
    fn what_a_source_says_of_all_its_records_says_nothing() {
        let of = |count: u8| -> Vec<Node> {
            let mut list: Vec<Node> = (0..count).map(|number| node(number, PETITION, &[(1, Role::Same)])).collect();
            list.push(elsewhere(200, &[(1, Role::Same)]));
            list.push(node(201, PETITION, &[(1, Role::Own)]));
            list
        };
        let overused_in = |list: &[Node]| {
            let records = list.iter().map(|node| (&node.key, node.links.as_slice()));
            overused(records, MOST_OF_ONE_SOURCE, |role| !role.is_own()).len()
        };
        assert_eq!(overused_in(&of(MOST_OF_ONE_SOURCE as u8)), 0);
        assert_eq!(overused_in(&of(MOST_OF_ONE_SOURCE as u8 + 1)), 1);
    }

    #[test]
    fn tables() {
        use Role::{Case, Letter, Own, Same};
        for (nodes, petitions, cases_wanted) in [
            (vec![], vec![], vec![]),
            (
                vec![node(1, PETITION, &[(1, Own)]), node(2, PETITION, &[(2, Own)])],
                vec![vec![0], vec![1]],
                vec![vec![0], vec![1]],
            ),
            (
                vec![node(1, PETITION, &[(1, Own)]), node(2, PETITION, &[(2, Own), (1, Same)])],
                vec![vec![0, 1]],
                vec![vec![0]],
            ),
            (
                vec![node(1, PETITION, &[(1, Own)]), node(2, PETITION, &[(2, Own), (1, Case)])],
                vec![vec![0], vec![1]],
                vec![vec![0, 1]],
            ),
            // both name one that is not there
            (vec![node(1, PETITION, &[(9, Same)]), node(2, PETITION, &[(9, Same)])], vec![vec![0, 1]], vec![vec![0]]),
            // another kind: never one thing, yet one case
            (
                vec![node(1, PETITION, &[(1, Own)]), node(2, Kind::Reception, &[(1, Same)])],
                vec![vec![0], vec![1]],
                vec![vec![0, 1]],
            ),
            // one name of two
            (
                vec![node(1, PETITION, &[(1, Own)]), node(2, PETITION, &[(1, Own)])],
                vec![vec![0], vec![1]],
                vec![vec![0], vec![1]],
            ),
            (
                vec![node(1, PETITION, &[(1, Own)]), node(2, PETITION, &[(1, Own)]), node(3, PETITION, &[(1, Same)])],
                vec![vec![0], vec![1], vec![2]],
                vec![vec![0], vec![1], vec![2]],
            ),
            // the sender and the receiver of a letter
            (vec![node(1, PETITION, &[(1, Letter)]), elsewhere(2, &[(1, Letter)])], vec![vec![0, 1]], vec![vec![0]]),
            // a letter with two petitions
            (
                vec![
                    node(1, PETITION, &[(1, Letter)]),
                    node(2, PETITION, &[(1, Letter)]),
                    elsewhere(3, &[(1, Letter)]),
                ],
                vec![vec![0], vec![1], vec![2]],
                vec![vec![0], vec![1], vec![2]],
            ),
            // but each under a name of its own
            (
                vec![
                    node(1, PETITION, &[(1, Own)]),
                    node(2, PETITION, &[(1, Own), (2, Own)]),
                    node(3, PETITION, &[(2, Same)]),
                ],
                vec![vec![0], vec![1, 2]],
                vec![vec![0], vec![1]],
            ),
        ] {
            let entities = entities(&nodes);
            assert_eq!(entities, petitions, "{nodes:?}");
            assert_eq!(cases(&nodes, &entities, &vec![false; entities.len()]), cases_wanted, "{nodes:?}");
        }
    }

    #[test]
    fn open_and_sealed_are_never_one_case() {
        let nodes = [
            node(1, PETITION, &[(1, Role::Own)]),
            node(2, PETITION, &[(1, Role::Case), (2, Role::Own)]),
            node(3, PETITION, &[(2, Role::Case)]),
            node(4, PETITION, &[(1, Role::Case)]),
        ];
        let entities = entities(&nodes);
        assert_eq!(cases(&nodes, &entities, &[false, true, true, false]), [vec![0, 3], vec![1, 2]]);
        // a reception at which two petitions were lodged
        let nodes = [
            node(1, Kind::Reception, &[(1, Role::Own)]),
            node(2, PETITION, &[(1, Role::Case)]),
            node(3, PETITION, &[(1, Role::Case)]),
        ];
        let entities = super::entities(&nodes);
        assert_eq!(cases(&nodes, &entities, &[false, false, false]), [vec![0, 1, 2]]);
        assert_eq!(cases(&nodes, &entities, &[true, true, true]), [vec![0], vec![1, 2]]);
        assert_eq!(cases(&nodes, &entities, &[true, false, true]), [vec![0], vec![1], vec![2]]);
    }

    fn nodes() -> impl Strategy<Value = Vec<Node>> {
        let role = proptest::sample::select(vec![Role::Own, Role::Same, Role::Case, Role::Letter]);
        let kind = proptest::sample::select(vec![PETITION, PETITION, Kind::Reception]);
        let links = proptest::collection::vec((0..12u8, role), 0..4);
        proptest::collection::vec((kind, links), 1..20).prop_map(|list| {
            let number = |(number, (kind, links)): (usize, (Kind, Vec<(u8, Role)>))| node(number as u8, kind, &links);
            list.into_iter().enumerate().map(number).collect()
        })
    }

    fn names(nodes: &[Node], groups: &[Vec<usize>]) -> Vec<Vec<String>> {
        groups.iter().map(|group| group.iter().map(|index| nodes[*index].key.record_id.clone()).collect()).collect()
    }

    /// What can be decided of so many: each decision that contradicts none before it.
    fn decisions(list: &[(u8, bool, u8)], nodes: &[Node]) -> Binding<RecordKey> {
        let mut standing: Vec<Decision<RecordKey>> = Vec::new();
        for (left, is_same, right) in list {
            let key = |at: &u8| nodes[usize::from(*at) % nodes.len()].key.clone();
            let verdict = if *is_same { Verdict::Same } else { Verdict::Different };
            let new = Decision { left: key(left), right: key(right), verdict };
            if new.left != new.right && contradiction(&standing, &new).is_none() {
                standing.push(new);
            }
        }
        Binding::of(&standing, |key| Some(key.clone()))
    }

    proptest! {
        /// References never join what was decided different, in any order of the records; without decisions they join
        /// what they join.
        #[test]
        fn decisions_stand_above_references(
            (nodes, shuffled) in nodes().prop_flat_map(|nodes| (Just(nodes.clone()), Just(nodes).prop_shuffle())),
            list in proptest::collection::vec((any::<u8>(), any::<bool>(), any::<u8>()), 0..9),
        ) {
            let decided = decisions(&list, &nodes);
            let of = |nodes: &[Node]| {
                let at = |key: &RecordKey| nodes.iter().position(|node| node.key == *key).unwrap();
                let pairs = |pairs: &[(RecordKey, RecordKey)]| pairs.iter().map(|(a, b)| (at(a), at(b))).collect::<Vec<_>>();
                let different = pairs(&decided.different);
                let groups = entities_apart(nodes, &pairs(&decided.same), &different);
                let is_broken = different.iter().any(|(a, b)| groups.iter().any(|group| group.contains(a) && group.contains(b)));
                (names(nodes, &groups), is_broken)
            };
            let (one, other) = (of(&nodes), of(&shuffled));
            prop_assert_eq!(&one, &other);
            prop_assert!(!one.1, "{:?} {:?}", decided, one);
            if decided.different.is_empty() {
                prop_assert_eq!(one.0, names(&nodes, &entities(&nodes)));
            }
        }

        /// Any order of the records gives the same petitions and cases, and every record is in exactly one.
        #[test]
        fn order_does_not_matter((nodes, shuffled) in nodes().prop_flat_map(|nodes| (Just(nodes.clone()), Just(nodes).prop_shuffle()))) {
            let (one, other) = (entities(&nodes), entities(&shuffled));
            prop_assert_eq!(names(&nodes, &one), names(&shuffled, &other));
            let mut all: Vec<usize> = one.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..nodes.len()).collect::<Vec<_>>());
            prop_assert!(one.iter().all(|group| group.iter().all(|index| nodes[*index].kind == nodes[group[0]].kind)));

            let sealed = |list: &[Node], groups: &[Vec<usize>]| -> Vec<bool> {
                groups.iter().map(|group| list[group[0]].key.record_id.ends_with(['1', '4', '7'])).collect()
            };
            let of_one = cases(&nodes, &one, &sealed(&nodes, &one));
            let of_other = cases(&shuffled, &other, &sealed(&shuffled, &other));
            let flat = |list: &[Node], entities: &[Vec<usize>], cases: &[Vec<usize>]| -> Vec<Vec<String>> {
                let members = cases.iter().map(|case| case.iter().flat_map(|entity| entities[*entity].clone()).collect::<Vec<_>>());
                names(list, &members.collect::<Vec<_>>())
            };
            prop_assert_eq!(flat(&nodes, &one, &of_one), flat(&shuffled, &other, &of_other));
        }
    }
}
