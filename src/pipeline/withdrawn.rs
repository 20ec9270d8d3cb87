//! What a withdrawn record still seals.
//!
//! A source may delete the record that said "denunciation" (its own archive rule is enough) while copies of the same
//! petition, which never said so, stay with other agencies. What the record said last goes on sealing them: its keys
//! stay, in roles that join nothing. Like everything else that is stored it is a function of the messages, not of
//! their order: the newest version that said something counts, even if it arrives after the withdrawal.
//!
//! A record in parts needs nothing of this kind for its other parts: they are kept beside the withdrawal.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::{RecordKey, Version};
use crate::linkage::key::LinkKey;
use crate::seal::KeyRing;
use crate::store::source_record::{SourceRecord, State};

use super::arrival::{Arrival, Candidate};
use super::link::links_of;
use super::prepare::{self, Ready};

/// What a record said last, as far as its seal goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSaid {
    pub version: Version,
    /// In withdrawn roles; empty: it sealed nothing.
    pub links: Vec<LinkKey>,
}

impl LastSaid {
    /// Of a stored record that is not in parts.
    pub fn of_row(ring: &KeyRing, row: &SourceRecord, today: NaiveDate) -> Option<Self> {
        if row.deleted {
            return Some(Self { version: row.last_said.clone()?, links: links_of(row) });
        }
        let record = prepare::reopen(ring, &row.key, &row.agency, today, &row.content);
        // of one that cannot be opened nobody knows
        let seals = record.map_or(true, |record| record.is_some_and(|record| record.is_sealed()));
        let links = if seals { withdrawn(&links_of(row)) } else { Vec::new() };
        Some(Self { version: row.version.clone(), links })
    }

    /// Of a record that has just come; `None`: it says nothing that could be read.
    pub fn of_ready(version: &Version, ready: &Ready) -> Option<Self> {
        let record = ready.record.as_ref().ok()?;
        let links = if record.is_sealed() { withdrawn(&ready.links) } else { Vec::new() };
        Some(Self { version: version.clone(), links })
    }

    /// The newest of those that could be read.
    pub(super) fn newest(arrivals: &[Arrival], said: &[usize], ready: &HashMap<usize, Ready>) -> Option<Self> {
        let each = said.iter().filter_map(|index| Self::of_ready(&arrivals.get(*index)?.version, ready.get(index)?));
        each.max_by(|a, b| a.version.cmp(&b.version))
    }

    /// The newer of two.
    pub fn newer(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        [one, other].into_iter().flatten().max_by(|a, b| a.version.cmp(&b.version))
    }

    /// Writes it into the row of a withdrawn record.
    pub fn put(self, row: &mut SourceRecord) {
        row.link_keys = self.links.iter().map(|link| link.key).collect();
        row.link_roles = self.links.iter().map(|link| link.role.code()).collect();
        row.last_said = Some(self.version);
    }
}

/// Notes what the withdrawn records among the candidates say in this batch. What one said last may be below a version
/// that cannot be read, so all of it counts.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
pub(super) fn note_said(arrivals: &[Arrival], candidates: &mut [Candidate], states: &HashMap<RecordKey, State>) {
    let first = |candidate: &Candidate| &arrivals[candidate.newest[0]];
    let is_deleted = |arrival: &Arrival| states.get(&arrival.key).is_some_and(|state| state.deleted);
    let is_withdrawn = |candidate: &Candidate| first(candidate).deleted || is_deleted(first(candidate));
    if !candidates.iter().any(is_withdrawn) {
        return;
    }
    let mut said: HashMap<&RecordKey, Vec<usize>> = HashMap::new();
    for (index, arrival) in arrivals.iter().enumerate().filter(|(_, arrival)| arrival.is_whole() && !arrival.deleted) {
        said.entry(&arrival.key).or_default().push(index);
    }
    for candidate in candidates.iter_mut().filter(|candidate| is_withdrawn(candidate)) {
        let key = &first(candidate).key;
        candidate.said = said.remove(key).unwrap_or_default();
        candidate.known = states.get(key).and_then(|state| state.last_said.clone());
    }
}

/// The keys of a record as they are when it is withdrawn.
pub fn withdrawn(links: &[LinkKey]) -> Vec<LinkKey> {
    links.iter().map(|link| LinkKey { role: link.role.withdrawn(), ..*link }).collect()
}
