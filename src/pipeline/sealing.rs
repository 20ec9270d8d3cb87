//! Which petitions and receptions are sealed, beyond those that say so.
//!
//! A record that says it is sealed seals every record that is, may be, or ever was said to be of the same petition:
//! whoever shares with it, directly or through others, a key by which one names the other. Past keys count like
//! present ones, so neither a withdrawal nor an edit that drops a reference opens anything; and so does a number that
//! several records have, which joins none of them but may mean any. Only the agency itself opens what it sealed, by
//! sending the record as what it is.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::linkage::group::Forest;
use crate::linkage::key::{LinkKey, Role};

use super::link::{Piece, Value};

/// Seals the values; `entities` are indices into the pieces, whose `links` stand beside them.
///
/// A reception is sealed by what its own record says, never by what was lodged at it: readers know who was received, so
/// one that is hidden when a denunciation names it would tell who denounced.
#[expect(clippy::indexing_slicing, reason = "members are indices into the pieces")]
pub(super) fn seal(
    pieces: &[Piece],
    links: &[Vec<LinkKey>],
    entities: &[Vec<usize>],
    values: &mut [Value],
) -> Vec<bool> {
    let is_sealed = sealed(pieces, links);
    for (members, value) in entities.iter().zip(values.iter_mut()) {
        match value {
            Value::Petition(petition) if members.iter().any(|piece| is_sealed[*piece]) => petition.seal(),
            Value::Reception(reception) if members.iter().any(|piece| pieces[*piece].says_sealed()) => reception.seal(),
            _ => {}
        }
    }
    values.iter().map(Value::is_sealed).collect()
}

/// Which records are sealed, each by itself or by another.
pub(super) fn sealed(pieces: &[Piece], links: &[Vec<LinkKey>]) -> Vec<bool> {
    let mut holders: HashMap<Uuid, (Vec<usize>, bool)> = HashMap::new();
    for (piece, links) in links.iter().enumerate() {
        for link in links.iter().filter(|link| link.role != Role::Case) {
            let (holders, is_named) = holders.entry(link.key).or_default();
            holders.push(piece);
            *is_named |= !link.role.is_own();
        }
    }
    let mut forest = Forest::new(pieces.len());
    for (holders, _) in holders.values().filter(|(_, is_named)| *is_named) {
        holders.windows(2).for_each(|two| {
            if let [one, other] = two {
                forest.unite(*one, *other);
            }
        });
    }
    let says_so = pieces.iter().enumerate().filter(|(_, piece)| piece.says_sealed());
    let roots: HashSet<usize> = says_so.map(|(index, _)| forest.root(index)).collect();
    (0..pieces.len()).map(|index| roots.contains(&forest.root(index))).collect()
}
