//! Which keys of the records in a room say something.

use std::collections::HashSet;

use uuid::Uuid;

use crate::domain::SourceId;
use crate::linkage::group;
use crate::linkage::key::{LinkKey, Role};

use super::link::{Piece, links_of};

/// The keys of each piece.
#[derive(Default)]
pub(super) struct Links {
    /// By which it joins others: none that is past, none that its source gives to so many of its records that it says
    /// nothing.
    pub(super) joining: Vec<Vec<LinkKey>>,
    /// By which it seals others.
    pub(super) sealing: Vec<Vec<LinkKey>>,
}

impl Links {
    pub(super) fn of(pieces: &[Piece]) -> Self {
        let all: Vec<Vec<LinkKey>> = pieces.iter().map(|piece| links_of(&piece.row)).collect();
        let records = || pieces.iter().map(|piece| &piece.row.key).zip(all.iter().map(Vec::as_slice));
        let joins = |role: Role| !role.is_own() && !role.is_past();
        let in_vain = group::overused(records(), group::MOST_OF_ONE_SOURCE, joins);
        let seals = |role: Role| !role.is_own() && role != Role::Case;
        let mut unheard = group::overused(records(), group::MOST_THAT_SEAL, seals);
        if !unheard.is_empty() {
            let owned: HashSet<Uuid> =
                all.iter().flatten().filter(|link| link.role.is_own()).map(|link| link.key).collect();
            unheard.retain(|(key, _)| !owned.contains(key));
        }
        let without = |nothing: &HashSet<(Uuid, &SourceId)>, with_past: bool| {
            let each = pieces.iter().zip(&all);
            let keep = |source, link: &LinkKey| {
                (with_past || !link.role.is_past())
                    && (link.role.is_own() || nothing.is_empty() || !nothing.contains(&(link.key, source)))
            };
            each.map(|(piece, links)| links.iter().filter(|l| keep(&piece.row.key.source_id, l)).copied().collect())
                .collect::<Vec<Vec<LinkKey>>>()
        };
        let joining = without(&in_vain, false);
        let sealing = if unheard.is_empty() { None } else { Some(without(&unheard, true)) };
        Self { joining, sealing: sealing.unwrap_or(all) }
    }
}
