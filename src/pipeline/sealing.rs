//! Which petitions and receptions are sealed, beyond those that say so.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::linkage::group::Node;
use crate::linkage::key::{LinkKey, Role};

use super::link::{Piece, Value, links_of};

/// The keys of withdrawn records that had sealed their petitions.
#[derive(Debug, Default)]
struct Withdrawn {
    own: BTreeSet<Uuid>,
    same: BTreeSet<Uuid>,
    case: BTreeSet<Uuid>,
}

impl Withdrawn {
    fn of(pieces: &[Piece]) -> Self {
        let mut keys = Self::default();
        for link in pieces.iter().filter(|piece| piece.row.deleted).flat_map(|piece| links_of(&piece.row)) {
            match link.role {
                Role::WithdrawnOwn => drop(keys.own.insert(link.key)),
                Role::WithdrawnSame => drop(keys.same.insert(link.key)),
                Role::WithdrawnCase => drop(keys.case.insert(link.key)),
                Role::Own | Role::Same | Role::Case => {}
            }
        }
        keys
    }
}

/// Which entities are sealed: those that say so, those that may be the same matter, and a reception at which a sealed
/// petition was lodged.
pub(super) fn seal(pieces: &[Piece], nodes: &[Node], groups: &[Vec<usize>], values: &mut [Value]) -> Vec<bool> {
    let withdrawn = Withdrawn::of(pieces);
    seal_what_may_be_sealed(&withdrawn, nodes, groups, values);
    // keys of sealed petitions, and whether one of them names another record by it: two records whose own name
    // happens to be the same are strangers
    let mut sealed_keys: BTreeMap<Uuid, bool> = withdrawn.own.into_iter().map(|key| (key, false)).collect();
    sealed_keys.extend(withdrawn.same.into_iter().chain(withdrawn.case).map(|key| (key, true)));
    for (members, value) in groups.iter().zip(values.iter()) {
        if matches!(value, Value::Petition(petition) if petition.is_sealed) {
            for link in links(nodes, members) {
                *sealed_keys.entry(link.key).or_default() |= link.role != Role::Own;
            }
        }
    }
    let touches = |members: &[usize]| {
        let mut links = links(nodes, members);
        links.any(|link| sealed_keys.get(&link.key).is_some_and(|names| *names || link.role != Role::Own))
    };
    for (members, value) in groups.iter().zip(values.iter_mut()) {
        if let Value::Reception(reception) = value
            && touches(members)
        {
            reception.seal();
        }
    }
    values.iter().map(Value::is_sealed).collect()
}

/// A petition that names another by a number that several records have joins none of them, and may be any of
/// them: where one is sealed, so is it.
///
/// What a withdrawn record sealed stays sealed.
fn seal_what_may_be_sealed(withdrawn: &Withdrawn, nodes: &[Node], groups: &[Vec<usize>], values: &mut [Value]) {
    loop {
        // both ways round: where the number was one petition's only, the two were one
        let (mut owned_by_sealed, mut named_by_sealed) = (withdrawn.own.clone(), withdrawn.same.clone());
        for (members, _) in groups.iter().zip(values.iter()).filter(|(_, value)| value.is_sealed()) {
            for link in links(nodes, members) {
                match link.role {
                    Role::Own => drop(owned_by_sealed.insert(link.key)),
                    Role::Same => drop(named_by_sealed.insert(link.key)),
                    _ => {}
                }
            }
        }
        let mut any = false;
        for (members, value) in groups.iter().zip(values.iter_mut()) {
            let may_be_sealed = |link: &LinkKey| {
                (link.role == Role::Same && owned_by_sealed.contains(&link.key))
                    || (link.role == Role::Own && named_by_sealed.contains(&link.key))
                    || (link.role == Role::Same && withdrawn.same.contains(&link.key))
            };
            if let Value::Petition(petition) = value
                && !petition.is_sealed
                && links(nodes, members).any(may_be_sealed)
            {
                petition.seal();
                any = true;
            }
        }
        if !any {
            return;
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "members are indices into the nodes")]
fn links<'n>(nodes: &'n [Node], members: &'n [usize]) -> impl Iterator<Item = &'n LinkKey> {
    members.iter().flat_map(|node| &nodes[*node].links)
}
