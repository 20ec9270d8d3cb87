//! What a source holds against what is stored of it, without changing anything on either side.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::{ParsedRecord, RecordKey, SourceId, Version, WHOLE};
use crate::seal::KeyRing;
use crate::sources::mapping::Decoder;
use crate::sources::pull;
use crate::store::{self, PgPool};

use super::prepare;
use super::pull::Error;

/// How the records of one reading stand to the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Records that the source gave, each once.
    pub read: u64,
    /// Stored as they are.
    pub same: u64,
    /// Not stored, or stored as withdrawn.
    pub missing: BTreeSet<String>,
    /// Stored with another content.
    pub different: BTreeSet<String>,
    /// How many of those would replace what is stored: the others carry no newer version.
    pub newer: u64,
    /// They come in parts, which one reading cannot judge.
    pub in_parts: u64,
    /// No record: without an id, or not decodable. They go to quarantine.
    pub unreadable: u64,
    #[serde(skip)]
    pub ids: BTreeSet<String>,
}

/// A source, a key ring and a database to compare by.
pub struct Comparison<'c> {
    pub pool: &'c PgPool,
    pub ring: &'c KeyRing,
    pub source_id: &'c SourceId,
    pub decoder: &'c Decoder,
    /// The pull orders the records, whatever version they carry.
    pub ordered_by_pull: bool,
}

impl Comparison<'_> {
    /// Reads to the end of a pull and compares each record.
    ///
    /// # Errors
    /// The source or the database fails.
    pub async fn of(&self, mut pull: pull::Pull) -> Result<Compared, Error> {
        let mut compared = Compared::default();
        while let Some(page) = pull.next_page().await? {
            let mut newest: BTreeMap<RecordKey, ParsedRecord> = BTreeMap::new();
            for record in &page.records {
                match self.decoder.map(record) {
                    Ok(parsed) => {
                        let key = RecordKey { source_id: self.source_id.clone(), record_id: parsed.record_id.clone() };
                        newest.insert(key, parsed);
                    }
                    Err(_) => compared.unreadable += 1,
                }
            }
            self.page(&newest, &mut compared).await?;
        }
        Ok(compared)
    }

    async fn page(&self, records: &BTreeMap<RecordKey, ParsedRecord>, compared: &mut Compared) -> Result<(), Error> {
        let keys: Vec<&RecordKey> = records.keys().collect();
        let mut conn = self.pool.acquire().await.map_err(store::Error::from)?;
        let states = store::source_record::states(&mut conn, &keys).await?;
        let states: BTreeMap<&RecordKey, _> = states.iter().map(|state| (&state.key, state)).collect();
        for (key, parsed) in records {
            let id = key.record_id.clone();
            // a row that was edited while it was read comes again, under the newer of its contents
            if !compared.ids.insert(id.clone()) {
                continue;
            }
            compared.read += 1;
            let hash = self.ring.content_hash(&prepare::owner(key), parsed.deleted, &parsed.fields);
            match states.get(key) {
                _ if parsed.part != WHOLE => compared.in_parts += 1,
                Some(state) if state.part_count > 0 => compared.in_parts += 1,
                Some(state) if state.version.content_hash == hash => compared.same += 1,
                Some(state) if state.deleted == parsed.deleted => {
                    let own = parsed.version.filter(|_| !self.ordered_by_pull);
                    let version = own.map(|ordinal| Version { ordinal, tie: String::new(), content_hash: hash });
                    compared.newer += u64::from(version.is_none_or(|version| version > state.version));
                    compared.different.insert(id);
                }
                None if parsed.deleted => compared.same += 1,
                _ => drop(compared.missing.insert(id)),
            }
        }
        Ok(())
    }
}

/// A digest of a set of ids, the same for the same set: two sides that show the same need not be compared further.
pub fn digest<'i>(ids: impl Iterator<Item = &'i String>) -> String {
    let sorted: BTreeSet<&String> = ids.collect();
    let mut hasher = blake3::Hasher::new();
    for id in sorted {
        hasher.update(&(id.len() as u64).to_le_bytes());
        hasher.update(id.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}
