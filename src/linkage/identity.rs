//! Published ids of groups: an id, once published, never names another thing.
//!
//! When groups merge, the oldest id stays and the younger ones become aliases of it; when a group splits, the part
//! with the founding record keeps the id.

#![expect(clippy::indexing_slicing, reason = "every index is a position in the slice it was counted from")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use crate::domain::RecordKey;

/// An id that was published before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: Uuid,
    /// The record the id was made for.
    pub founding: RecordKey,
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

/// Hands the known ids to the groups. `previous` tells which record had which id before.
pub fn assign(groups: &[Vec<RecordKey>], known: &[Known], previous: &BTreeMap<RecordKey, Uuid>) -> Assignment {
    let group_of: HashMap<&RecordKey, usize> =
        groups.iter().enumerate().flat_map(|(index, group)| group.iter().map(move |key| (key, index))).collect();
    let mut heirs: BTreeMap<Uuid, BTreeSet<(&RecordKey, usize)>> = BTreeMap::new();
    for (key, id) in previous {
        if let Some(group) = group_of.get(key) {
            heirs.entry(*id).or_default().insert((key, *group));
        }
    }
    let mut claims: Vec<Vec<&Known>> = vec![Vec::new(); groups.len()];
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
