//! What a withdrawn record still seals.
//!
//! A source may delete the record that said "denunciation" (its own archive rule is enough) while copies of the same
//! petition, which never said so, stay with other agencies. What the record said last goes on sealing them: its keys
//! stay, in roles that join nothing. Like everything else that is stored it is a function of the messages, not of
//! their order: the newest version that said something counts, even if it arrives after the withdrawal.
//!
//! A record in parts needs nothing of this kind for its other parts: they are kept beside the withdrawal.

use chrono::NaiveDate;

use crate::domain::Version;
use crate::linkage::key::LinkKey;
use crate::seal::KeyRing;
use crate::store::source_record::SourceRecord;

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

/// The keys of a record as they are when it is withdrawn.
pub fn withdrawn(links: &[LinkKey]) -> Vec<LinkKey> {
    links.iter().map(|link| LinkKey { role: link.role.withdrawn(), ..*link }).collect()
}
