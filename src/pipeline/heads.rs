//! What is known of the ids that the records of a room had, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use crate::domain::{Kind, RecordKey};
use crate::linkage::identity::{Assignment, Known};
use crate::store::petition::Head;
use crate::store::{self, PgConnection};

use super::Error;
use super::link::{Gone, Piece};

/// What is known of the ids that the pieces had.
#[derive(Debug, Default)]
pub(super) struct Heads {
    pub(super) petitions: Vec<Head>,
    pub(super) receptions: Vec<Head>,
    pub(super) cases: Vec<Head>,
}

impl Heads {
    pub(super) async fn load(conn: &mut PgConnection, pieces: &[Piece]) -> Result<Self, Error> {
        let before = || pieces.iter().filter_map(|piece| piece.before.as_ref());
        let entities = |kind| -> Vec<Uuid> {
            let ids: BTreeSet<Uuid> = before().filter(|b| b.kind == Some(kind)).filter_map(|b| b.entity_id).collect();
            ids.into_iter().collect()
        };
        let cases: BTreeSet<Uuid> = before().filter_map(|b| b.case_id).collect();
        let (petitions, receptions) = (entities(Kind::Petition), entities(Kind::Reception));
        let mut heads = Self::default();
        if !petitions.is_empty() {
            heads.petitions = store::petition::heads(conn, &petitions).await?;
        }
        if !receptions.is_empty() {
            heads.receptions = store::reception::heads(conn, &receptions).await?;
        }
        if !cases.is_empty() {
            heads.cases = store::case_file::heads(conn, &cases.into_iter().collect::<Vec<_>>()).await?;
        }
        Ok(heads)
    }
}

pub(super) fn known(heads: &[Head]) -> Vec<Known<RecordKey>> {
    let of = |head: &Head| Known {
        id: head.id,
        founding: head.founding.clone(),
        since: head.first_seen_at.timestamp_micros(),
    };
    heads.iter().map(of).collect()
}

/// Splits an assignment into what is kept and what went.
pub(super) fn gone(assignment: &Assignment, heads: &[Head], ids: &[Uuid]) -> Vec<Gone> {
    let head_of = |id: &Uuid| heads.iter().find(|head| head.id == *id).cloned();
    let merged = assignment.groups.iter().zip(ids).flat_map(|(identity, kept)| {
        identity.absorbed.iter().filter_map(move |id| Some(Gone { head: head_of(id)?, into: Some(*kept) }))
    });
    let vanished = assignment.vanished.iter().filter_map(|id| Some(Gone { head: head_of(id)?, into: None }));
    merged.chain(vanished).collect()
}

/// Which record had which id. Where something falls apart because a part of it is sealed now, the id stays with what is
/// open and names nothing that is sealed: readers know who was in it.
pub(super) fn known_to_readers(previous: &[(&RecordKey, Uuid, bool)]) -> BTreeMap<RecordKey, Uuid> {
    let open: HashSet<Uuid> = previous.iter().filter(|(_, _, is_sealed)| !is_sealed).map(|(_, id, _)| *id).collect();
    let stays = |(_, id, is_sealed): &&(&RecordKey, Uuid, bool)| !is_sealed || !open.contains(id);
    previous.iter().filter(stays).map(|(key, id, _)| ((*key).clone(), *id)).collect()
}
