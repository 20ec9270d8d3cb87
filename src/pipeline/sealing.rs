//! Which petitions and receptions are sealed, beyond those that say so.
//!
//! A record that says it is sealed seals every record that is, may be, or ever was said to be of the same petition:
//! whoever shares with it, directly or through others, a key by which one names the other. Past keys count like
//! present ones, so neither a withdrawal nor an edit that drops a reference opens anything; and so does a number that
//! several records have, which joins none of them but may mean any. Only the agency itself opens what it sealed, by
//! sending the record as what it is.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::Kind;
use crate::linkage::group::Forest;
use crate::linkage::key::LinkKey;

use super::link::{Piece, Value};

/// When a reception that readers know as open is sealed for what was lodged at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receptions {
    /// Not in the transaction that brings the sealed petition: readers would see the two change at one instant, and
    /// know from before who was received. It is put down for the coming night, with all others of the day.
    InTheNight,
    Now,
}

/// Seals the values; `entities` are indices into the pieces, whose `links` stand beside them. Also tells which of the
/// entities are left for the night.
#[expect(clippy::indexing_slicing, reason = "members are indices into the pieces")]
pub(super) fn seal(
    pieces: &[Piece],
    links: &[Vec<LinkKey>],
    entities: &[Vec<usize>],
    values: &mut [Value],
    receptions: Receptions,
) -> (Vec<bool>, Vec<usize>) {
    let is_sealed = sealed(pieces, links);
    let touched = keys_of_sealed(pieces, links, &is_sealed);
    let touches = |piece: &usize| {
        // two records whose own name happens to be the same are strangers
        links[*piece].iter().any(|link| touched.get(&link.key).is_some_and(|names| *names || !link.role.is_own()))
    };
    let open_case = |piece: &Piece| {
        let before = piece.before.as_ref().filter(|before| !before.is_sealed);
        before.and_then(|before| before.case_id)
    };
    // of a petition that was open, too, everybody knows the reception already
    let known: HashSet<Uuid> = pieces
        .iter()
        .zip(&is_sealed)
        .filter(|(piece, is_sealed)| **is_sealed && piece.row.kind == Some(Kind::Petition))
        .filter_map(|(piece, _)| open_case(piece))
        .collect();
    let is_known_as_open = |members: &[usize]| {
        let unchanged = |piece: &Piece| !piece.is_fresh && open_case(piece).is_some_and(|case| !known.contains(&case));
        members.iter().all(|piece| unchanged(&pieces[*piece]))
    };
    let mut left = Vec::new();
    for (index, (members, value)) in entities.iter().zip(values.iter_mut()).enumerate() {
        let is_of_sealed = members.iter().any(|piece| is_sealed[*piece]);
        match value {
            Value::Petition(petition) if is_of_sealed => petition.seal(),
            // a reception at which a sealed petition was lodged
            Value::Reception(reception) if is_of_sealed => reception.seal(),
            Value::Reception(reception) if members.iter().any(touches) => {
                if receptions == Receptions::InTheNight && is_known_as_open(members) {
                    left.push(index);
                } else {
                    reception.seal();
                }
            }
            _ => {}
        }
    }
    (values.iter().map(Value::is_sealed).collect(), left)
}

/// Which records are sealed, each by itself or by another.
pub(super) fn sealed(pieces: &[Piece], links: &[Vec<LinkKey>]) -> Vec<bool> {
    let mut holders: HashMap<Uuid, (Vec<usize>, bool)> = HashMap::new();
    for (piece, links) in links.iter().enumerate() {
        for link in links.iter().filter(|link| !link.role.is_of_case()) {
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

/// Keys of sealed petitions, and whether one of them names another record by it.
fn keys_of_sealed(pieces: &[Piece], links: &[Vec<LinkKey>], is_sealed: &[bool]) -> HashMap<Uuid, bool> {
    let mut keys: HashMap<Uuid, bool> = HashMap::new();
    let of_sealed = pieces.iter().zip(links).zip(is_sealed).filter(|(_, is_sealed)| **is_sealed);
    for link in
        of_sealed.filter(|((piece, _), _)| piece.row.kind != Some(Kind::Reception)).flat_map(|((_, links), _)| links)
    {
        *keys.entry(link.key).or_default() |= !link.role.is_own();
    }
    keys
}
