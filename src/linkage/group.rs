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

/// Groups records into petitions and receptions: indices into `nodes`, each group and the list of groups in the order
/// of the records' keys.
pub fn entities(nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(nodes.len());
    let mut first: HashMap<(uuid::Uuid, Kind), usize> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        // a petition that names a reception as its origin is of the same case, not the same thing
        for link in node.links.iter().filter(|link| link.role != Role::Case) {
            forest.unite(index, *first.entry((link.key, node.kind)).or_insert(index));
        }
    }
    collect(nodes.len(), |index| forest.root(index), |index| &nodes[index].key)
}

/// Groups petitions and receptions into cases: indices into `entities`.
///
/// References between an open and a sealed petition do not join their published cases: they rest on who the
/// petitioner is, and the open complaint would give the denouncer away.
pub fn cases(nodes: &[Node], entities: &[Vec<usize>], is_sealed: &[bool]) -> Vec<Vec<usize>> {
    let mut forest = Forest::new(entities.len());
    let mut first: HashMap<(uuid::Uuid, bool), usize> = HashMap::new();
    for (entity, members) in entities.iter().enumerate() {
        for link in members.iter().flat_map(|member| &nodes[*member].links) {
            forest.unite(entity, *first.entry((link.key, is_sealed[entity])).or_insert(entity));
        }
    }
    collect(entities.len(), |entity| forest.root(entity), |entity| &nodes[entities[entity][0]].key)
}

/// Members by root, each group and the list of groups in the order of the members' keys.
fn collect<'k, K: Ord + 'k>(
    count: usize,
    mut root: impl FnMut(usize) -> usize,
    key: impl Fn(usize) -> &'k K,
) -> Vec<Vec<usize>> {
    let mut by_key: Vec<usize> = (0..count).collect();
    by_key.sort_by(|a, b| key(*a).cmp(key(*b)));
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
