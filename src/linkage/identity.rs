//! Published ids of groups: an id, once published, never names another thing.
//!
//! When groups merge, the oldest id stays and the younger ones become aliases of it; when a group splits, the part
//! with the founding record keeps the id.

#![expect(clippy::indexing_slicing, reason = "every index is a position in the slice it was counted from")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use uuid::Uuid;

/// An id that was published before; `K` names what is grouped: a record, or one petitioner of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<K> {
    pub id: Uuid,
    /// What the id was made for.
    pub founding: K,
    /// When it was first published: the order of age, µs since 1970.
    pub since: i64,
}

/// What becomes of the ids of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The id that stays; `None`: the group needs a new one.
    pub kept: Option<Uuid>,
    /// Younger ids that become aliases of it.
    pub absorbed: Vec<Uuid>,
    /// Whether records left the group that had the kept id.
    pub split: bool,
}

/// Ids for every group, and the ids that no group carries on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    pub groups: Vec<Identity>,
    pub vanished: Vec<Uuid>,
}

/// Hands the known ids to the groups. `previous` tells which member had which id before.
pub fn assign<K: Ord + Hash>(groups: &[Vec<K>], known: &[Known<K>], previous: &BTreeMap<K, Uuid>) -> Assignment {
    let group_of: HashMap<&K, usize> =
        groups.iter().enumerate().flat_map(|(index, group)| group.iter().map(move |key| (key, index))).collect();
    let mut heirs: BTreeMap<Uuid, BTreeSet<(&K, usize)>> = BTreeMap::new();
    for (key, id) in previous {
        if let Some(group) = group_of.get(key) {
            heirs.entry(*id).or_default().insert((key, *group));
        }
    }
    let mut claims: Vec<Vec<&Known<K>>> = vec![Vec::new(); groups.len()];
    let mut assignment = Assignment { groups: vec![Identity::default(); groups.len()], vanished: Vec::new() };
    for id in known {
        let candidates = heirs.get(&id.id);
        let founding = group_of.get(&id.founding).copied().filter(|group| {
            candidates.is_some_and(|records| records.iter().any(|(key, of)| **key == id.founding && of == group))
        });
        match founding.or_else(|| candidates.and_then(|records| records.first()).map(|(_, group)| *group)) {
            Some(group) => claims[group].push(id),
            None => assignment.vanished.push(id.id),
        }
    }
    for (identity, mut claim) in assignment.groups.iter_mut().zip(claims) {
        claim.sort_by_key(|id| (id.since, id.id));
        let mut ids = claim.into_iter().map(|id| id.id);
        identity.kept = ids.next();
        identity.absorbed = ids.collect();
        identity.split = identity.kept.is_some_and(|kept| {
            heirs.get(&kept).is_some_and(|records| {
                let parts: BTreeSet<usize> = records.iter().map(|(_, group)| *group).collect();
                parts.len() > 1
            })
        });
    }
    assignment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RecordKey, SourceId};
    use proptest::prelude::*;

    fn key(name: &str) -> RecordKey {
        RecordKey { source_id: SourceId::parse("bxd").unwrap(), record_id: name.to_owned() }
    }

    fn id(number: u64) -> Uuid {
        Uuid::from_u128(u128::from(number))
    }

    fn known(number: u64, founding: &str, since: i64) -> Known<RecordKey> {
        Known { id: id(number), founding: key(founding), since }
    }

    fn run(groups: &[&[&str]], known: &[Known<RecordKey>], previous: &[(&str, u64)]) -> Assignment {
        let groups: Vec<Vec<RecordKey>> =
            groups.iter().map(|group| group.iter().map(|name| key(name)).collect()).collect();
        assign(&groups, known, &previous.iter().map(|(name, number)| (key(name), id(*number))).collect())
    }

    fn identity(kept: Option<u64>, absorbed: &[u64], split: bool) -> Identity {
        Identity { kept: kept.map(id), absorbed: absorbed.iter().map(|number| id(*number)).collect(), split }
    }

    #[test]
    fn tables() {
        let nothing = identity(None, &[], false);
        // what is new has no id, what is as before keeps its own
        assert_eq!(
            run(&[&["a"], &["b"]], &[known(1, "a", 1)], &[("a", 1)]).groups,
            [identity(Some(1), &[], false), nothing.clone()]
        );
        // of two that merge the older one stays, whatever its number; of two as old as each other the smaller
        let merged = run(&[&["a", "b"]], &[known(1, "a", 9), known(2, "b", 5)], &[("a", 1), ("b", 2)]);
        assert_eq!(merged.groups, [identity(Some(2), &[1], false)]);
        let merged = run(&[&["a", "b"]], &[known(2, "b", 5), known(1, "a", 5)], &[("a", 1), ("b", 2)]);
        assert_eq!(merged.groups, [identity(Some(1), &[2], false)]);
        // of what splits the founding part keeps the id
        let split = run(&[&["a"], &["b", "c"]], &[known(1, "c", 1)], &[("a", 1), ("b", 1), ("c", 1)]);
        assert_eq!(split.groups, [nothing.clone(), identity(Some(1), &[], true)]);
        // the founding record went: the first of the rest
        let rest = run(&[&["b"], &["c"]], &[known(1, "a", 1)], &[("b", 1), ("c", 1)]);
        assert_eq!(rest.groups, [identity(Some(1), &[], true), nothing.clone()]);
        // the founding record came to have another id: it takes none with it
        let moved = run(&[&["a"], &["b"]], &[known(1, "a", 1), known(2, "a", 2)], &[("a", 2), ("b", 1)]);
        assert_eq!(moved.groups, [identity(Some(2), &[], false), identity(Some(1), &[], false)]);
        // nobody is left
        let gone = run(&[&["b"]], &[known(1, "a", 1)], &[("a", 1)]);
        assert_eq!((gone.groups, gone.vanished), (vec![nothing], vec![id(1)]));
        // split and merged at once
        let both = run(&[&["a", "x"], &["b"]], &[known(1, "a", 2), known(2, "x", 1)], &[("a", 1), ("b", 1), ("x", 2)]);
        assert_eq!(both.groups, [identity(Some(2), &[1], false), identity(None, &[], false)]);
    }

    proptest! {
        /// Each known id is kept, absorbed or vanished exactly once; a group that had ids keeps the oldest that it claims;
        /// the order of groups and of ids is no matter.
        #[test]
        fn no_id_is_lost_or_doubled(
            of_record in proptest::collection::vec((0..6usize, proptest::option::of(0..5u64)), 1..14),
            founding in proptest::collection::vec((0..14usize, 0..4i64), 5),
            gone in proptest::collection::btree_set(0..14usize, 0..4),
        ) {
            let name = |number: usize| format!("{number:02}");
            let mut groups: BTreeMap<usize, Vec<RecordKey>> = BTreeMap::new();
            let mut previous = BTreeMap::new();
            for (number, (group, had)) in of_record.iter().enumerate() {
                if !gone.contains(&number) {
                    groups.entry(*group).or_default().push(key(&name(number)));
                }
                if let Some(had) = had {
                    previous.insert(key(&name(number)), id(*had));
                }
            }
            let groups: Vec<Vec<RecordKey>> = groups.into_values().collect();
            let known: Vec<Known<RecordKey>> =
                (0..).zip(&founding).map(|(number, (record, since))| known(number, &name(*record), *since)).collect();
            let assignment = assign(&groups, &known, &previous);
            let mut seen: Vec<Uuid> = assignment.vanished.clone();
            for identity in &assignment.groups {
                prop_assert!(identity.kept.is_some() || identity.absorbed.is_empty());
                seen.extend(identity.kept);
                seen.extend(&identity.absorbed);
                let since = |id: &Uuid| known.iter().find(|known| known.id == *id).map(|known| (known.since, known.id));
                let kept = identity.kept.as_ref().and_then(since);
                prop_assert!(identity.absorbed.iter().all(|id| since(id) > kept));
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, known.iter().map(|known| known.id).collect::<Vec<_>>());
            for vanished in &assignment.vanished {
                prop_assert!(groups.iter().flatten().all(|key| previous.get(key) != Some(vanished)));
            }
            let reversed: (Vec<_>, Vec<_>) = (groups.iter().rev().cloned().collect(), known.iter().rev().cloned().collect());
            let mut again = assign(&reversed.0, &reversed.1, &previous);
            again.groups.reverse();
            again.vanished.reverse();
            prop_assert_eq!(again, assignment);
        }
    }
}
