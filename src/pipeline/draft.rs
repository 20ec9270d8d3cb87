//! Drafts: the nodes of a record, worked out before the lock.
//!
//! Reading a text, hashing keys and encrypting are most of the work of linking, and need nothing but the record. Whether a
//! record that says nothing of it is sealed by another is known only under the lock: then its drafts are thrown away.

use crate::domain::{NormalizedRecord, RecordKey};
use crate::linkage::person::of_record;
use crate::linkage::{person, petition};
use crate::seal::KeyRing;

use super::evidence::{Draft, Name};
use super::matching::Filings;
use super::person::Petitioners;

/// The nodes of a record that is open.
#[derive(Debug, Clone)]
pub struct Drafts {
    pub filing: Option<Draft<petition::Features>>,
    pub petitioners: Vec<Draft<person::Features>>,
}

impl Drafts {
    /// Of a record; nothing of one that says that it is sealed.
    pub fn of(ring: &KeyRing, key: &RecordKey, record: &NormalizedRecord) -> Option<Self> {
        let open = (!record.is_sealed()).then_some(record)?;
        Some(Self { filing: filing(ring, key, open), petitioners: petitioners(ring, key, open) })
    }
}

/// What of a filing is compared; nothing of a reception.
pub fn filing(ring: &KeyRing, key: &RecordKey, record: &NormalizedRecord) -> Option<Draft<petition::Features>> {
    let engine = Filings::built_in();
    let features = petition::Features::of(record, &engine.judge.model.phrases)?;
    Some(Draft::new(ring, &engine, Name { record: key.clone(), position: 0 }, features))
}

/// What of a record's petitioners is compared, of those of whom something is told.
pub fn petitioners(ring: &KeyRing, key: &RecordKey, record: &NormalizedRecord) -> Vec<Draft<person::Features>> {
    let draft = |(position, features): (usize, Option<person::Features>)| {
        let name = Name { record: key.clone(), position: i16::try_from(position).ok()? };
        Some(Draft::new(ring, &Petitioners, name, features?))
    };
    of_record(record).into_iter().enumerate().filter_map(draft).collect()
}
