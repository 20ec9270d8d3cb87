//! Grouping: connected components over shared keys, once for petitions and receptions, once for cases.
//!
//! A set of records has one such grouping, in whatever order they are given. Explicit references are the word of an
//! agency about its own file, so following them transitively is right; weaker evidence must not come in here.

#![expect(clippy::indexing_slicing, reason = "every index is a position in the slice it was counted from")]

use std::collections::HashMap;

use crate::domain::{Kind, RecordKey};

use super::key::{LinkKey, Role};

/// One record as grouping sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub key: RecordKey,
    pub kind: Kind,
    pub links: Vec<LinkKey>,
}

/// Indices into the nodes that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Each petition or reception: its records by key.
    pub entities: Vec<Vec<usize>>,
    /// Each case: indices into `entities`.
    pub cases: Vec<Vec<usize>>,
}

/// Groups records into petitions, receptions and cases.
pub fn group(nodes: &[Node]) -> Grouping {
    let mut same = Forest::new(nodes.len());
    let mut in_case = Forest::new(nodes.len());
    let mut first_same: HashMap<(uuid::Uuid, Kind), usize> = HashMap::new();
    let mut first_case: HashMap<uuid::Uuid, usize> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for link in &node.links {
            // a petition that names a reception as its origin is of the same case, not the same thing
            if link.role != Role::Case {
                same.unite(index, *first_same.entry((link.key, node.kind)).or_insert(index));
            }
            in_case.unite(index, *first_case.entry(link.key).or_insert(index));
        }
    }
    let entities = collect(nodes.len(), |index| same.root(index), |index| &nodes[index].key);
    let cases =
        collect(entities.len(), |entity| in_case.root(entities[entity][0]), |entity| &nodes[entities[entity][0]].key);
    Grouping { entities, cases }
}

/// Members by root, each group and the list of groups in the order of the members' keys.
fn collect<'k, K: Ord + 'k>(
    count: usize,
    mut root: impl FnMut(usize) -> usize,
    key: impl Fn(usize) -> &'k K,
) -> Vec<Vec<usize>> {
    let mut by_key: Vec<usize> = (0..count).collect();
    by_key.sort_by(|a, b| key(*a).cmp(key(*b)));
    let mut place: HashMap<usize, usize> = HashMap::new();
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
struct Forest {
    parent: Vec<usize>,
    size: Vec<usize>,
}

impl Forest {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect(), size: vec![1; count] }
    }

    fn root(&mut self, mut index: usize) -> usize {
        while self.parent[index] != index {
            self.parent[index] = self.parent[self.parent[index]];
            index = self.parent[index];
        }
        index
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (large, small) = if self.size[a] < self.size[b] { (b, a) } else { (a, b) };
        if large != small {
            self.parent[small] = large;
            self.size[large] += self.size[small];
        }
    }
}
