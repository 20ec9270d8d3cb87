//! Under the lock: which records of a batch are still newer than what is stored, and the rows they become.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{Gap, NormalizedRecord, RecordKey, Version};
use crate::linkage::key::{self, LinkKey};
use crate::normalize::Incomplete;
use crate::seal::Purpose;
use crate::store::quarantine::Held;
use crate::store::record_part::RecordPart;
use crate::store::source_record::{self, SourceRecord};
use crate::store::{self, PgConnection};

use super::Error;
use super::again;
use super::archive::{self, Archived};
use super::arrival::{Arrival, Candidate};
use super::batch::{Batch, Desk, Reject};
use super::link::{Before, Piece, links_of};
use super::past::{self, LastSaid};
use super::prepare::{self, Ready};
use super::receipt::{Status, Verdict};
use super::verdict::{Verdicts, of_row};

/// How an arrival stands to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Newer,
    /// The same content under a later order.
    Refreshed,
    Same,
    Older,
    /// What is stored, read from the archive once more.
    Again,
}

/// Compares an arrival with what is stored of its record or part.
pub fn standing(arrival: &Version, versioned: bool, stored: Option<&Version>) -> Standing {
    let Some(stored) = stored else { return Standing::Newer };
    if arrival == stored {
        Standing::Same
    } else if arrival < stored {
        // an older repeat of what is stored is no older content
        if arrival.content_hash == stored.content_hash { Standing::Same } else { Standing::Older }
    } else if !versioned && arrival.content_hash == stored.content_hash {
        Standing::Refreshed
    } else {
        Standing::Newer
    }
}

/// Works out, under the lock, which candidates are still newer than what is stored, and their rows.
pub struct Writer<'w> {
    pub desk: &'w Desk,
    pub batch: &'w Batch,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    /// Whole records that turned out to lack what a record must have.
    pub rejects: Vec<Reject>,
    /// Records whose content is the same under a later order.
    pub refreshed: Vec<(RecordKey, Version)>,
    /// Whether another process wrote a record since it was compared.
    pub was_overtaken: bool,
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
impl Writer<'_> {
    /// The rows of the candidates that are newer than what is stored; what was received of their parts is archived.
    /// `None`: a record that was whole is in parts now.
    ///
    /// # Errors
    /// [`Error`] of the database or of the key.
    pub async fn fresh(
        &mut self,
        conn: &mut PgConnection,
        changed: Vec<Candidate>,
        mut ready: HashMap<usize, Ready>,
        archived: &Archived,
        verdicts: &mut Verdicts,
    ) -> Result<Option<Vec<Piece>>, Error> {
        let keys: Vec<&RecordKey> = changed.iter().map(|c| &self.batch.arrivals[c.newest[0]].key).collect();
        let stored = source_record::load(conn, &self.desk.ring, &keys).await?;
        let mut stored: HashMap<RecordKey, SourceRecord> =
            stored.into_iter().map(|row| (row.key.clone(), row)).collect();
        let mut parts = self.parts(conn, &changed, &stored).await?;
        let mut pieces: Vec<Piece> = Vec::with_capacity(changed.len());
        let mut part_rows: Vec<RecordPart> = Vec::new();
        for candidate in changed {
            let first = candidate.newest[0];
            let row = stored.remove(&self.batch.arrivals[first].key);
            let of_record = parts.remove(&self.batch.arrivals[first].key).unwrap_or_default();
            let piece = if candidate.in_parts {
                self.in_parts(&candidate, row.as_ref(), of_record, &mut part_rows, verdicts)?
            } else if row.as_ref().is_some_and(|row| row.part_count > 0) {
                return Ok(None);
            } else {
                self.whole(&candidate, &mut ready, row.as_ref(), verdicts)?
            };
            pieces.extend(piece);
        }
        self.archive_parts(conn, &mut pieces).await?;
        // of what was said late the row keeps naming the bundle of its withdrawal
        for piece in pieces.iter_mut().filter(|piece| piece.row.part_count == 0 && piece.row.archive_id == 0) {
            piece.row.archive_id = archived.get(piece.row.key.source_id.as_str()).copied().unwrap_or_default();
        }
        let archive_ids: HashMap<&RecordKey, i64> =
            pieces.iter().map(|piece| (&piece.row.key, piece.row.archive_id)).collect();
        for part in part_rows.iter_mut().filter(|part| part.archive_id == 0) {
            part.archive_id = archive_ids.get(&part.key).copied().unwrap_or_default();
        }
        store::record_part::upsert(conn, &part_rows.iter().collect::<Vec<_>>()).await?;
        Ok(Some(pieces))
    }

    async fn archive_parts(&self, conn: &mut PgConnection, pieces: &mut [Piece]) -> Result<(), Error> {
        let is_new = |piece: &&mut Piece| piece.row.part_count > 0 && piece.row.archive_id == 0;
        let mut in_parts: Vec<&mut Piece> = pieces.iter_mut().filter(is_new).collect();
        let bundles = archive::of_parts(&self.desk.ring, &self.batch.arrivals, &in_parts);
        let archived = archive::write(conn, self.now, bundles).await?;
        for piece in &mut in_parts {
            piece.row.archive_id = archived.get(piece.row.key.source_id.as_str()).copied().unwrap_or_default();
        }
        Ok(())
    }

    /// The stored parts of the records that come in parts.
    async fn parts(
        &self,
        conn: &mut PgConnection,
        changed: &[Candidate],
        stored: &HashMap<RecordKey, SourceRecord>,
    ) -> Result<HashMap<RecordKey, Vec<RecordPart>>, Error> {
        let keys: Vec<&RecordKey> = changed
            .iter()
            .map(|candidate| &self.batch.arrivals[candidate.newest[0]].key)
            .filter(|key| stored.get(*key).is_some_and(|row| row.part_count > 0))
            .collect();
        let mut parts: HashMap<RecordKey, Vec<RecordPart>> = HashMap::new();
        if !keys.is_empty() {
            for part in store::record_part::load(conn, &keys).await? {
                parts.entry(part.key.clone()).or_default().push(part);
            }
        }
        Ok(parts)
    }

    /// A record sent whole, as most are: its newest version that can be read, and what the older ones said.
    fn whole(
        &mut self,
        candidate: &Candidate,
        ready: &mut HashMap<usize, Ready>,
        row: Option<&SourceRecord>,
        verdicts: &mut Verdicts,
    ) -> Result<Option<Piece>, Error> {
        let mut versions: Vec<usize> = candidate.all().collect();
        versions.sort_by(|a, b| self.batch.arrivals[*b].version.cmp(&self.batch.arrivals[*a].version));
        let (mut chosen, mut said, mut keys) = (None, None, Vec::new());
        for index in versions {
            let arrival = &self.batch.arrivals[index];
            let standing = row.filter(|row| again::is_of_row(arrival, row)).map_or_else(
                || standing(&arrival.version, arrival.versioned, row.map(|row| &row.version)),
                |_| Standing::Again,
            );
            self.judge(index, standing, row, verdicts);
            let speaks = matches!(standing, Standing::Newer | Standing::Older | Standing::Again);
            let Some(of_this) = ready.get(&index).filter(|_| speaks) else { continue };
            if !arrival.deleted
                && let Err(incomplete) = &of_this.record
            {
                self.quarantine(index, *incomplete, verdicts);
                continue;
            }
            keys.extend(of_this.links.iter().copied());
            said = LastSaid::newer(said, LastSaid::of_ready(&arrival.version, of_this));
            if matches!(standing, Standing::Newer | Standing::Again) {
                chosen.get_or_insert((index, standing == Standing::Again));
            }
        }
        let Some(ready) = chosen.and_then(|(index, _)| ready.remove(&index)) else {
            let piece = row.map_or(Ok(None), |row| self.recall(row, said, &keys))?;
            self.was_overtaken |= piece.is_none() && !candidate.is_told;
            return Ok(piece);
        };
        let (index, is_again) = chosen.unwrap_or_default();
        let arrival = &self.batch.arrivals[index];
        let version = match row.filter(|_| is_again) {
            Some(row) => again::version(arrival, &row.version, row.versioned),
            None => arrival.version.clone(),
        };
        let mut piece = self.piece(arrival, version, arrival.versioned, arrival.deleted, 0, ready, row);
        let now: Vec<LinkKey> = links_of(&piece.row);
        past::put_keys(&mut piece.row, &now, &past::past(row.map(links_of).into_iter().flatten().chain(keys), &now));
        if arrival.deleted {
            let before = row.and_then(|row| LastSaid::of_row(&self.desk.ring, row, self.today));
            if let Some(said) = LastSaid::newer(before, said) {
                said.put(&mut piece.row);
            }
        }
        self.date(&mut piece, candidate, arrival.bundled, row);
        if let Some(row) = row.filter(|_| is_again) {
            self.settle(&mut piece, row);
        }
        Ok(Some(piece))
    }

    /// What is told of an arrival that is not newer than what is stored.
    fn judge(&mut self, index: usize, standing: Standing, row: Option<&SourceRecord>, verdicts: &mut Verdicts) {
        let arrival = &self.batch.arrivals[index];
        match standing {
            Standing::Newer | Standing::Again => {}
            Standing::Older => verdicts.set(index, of_row(Status::Stale, row)),
            Standing::Same => verdicts.set(index, of_row(Status::Unchanged, row)),
            Standing::Refreshed => {
                self.refreshed.push((arrival.key.clone(), arrival.version.clone()));
                verdicts.set(index, of_row(Status::Unchanged, row));
            }
        }
    }

    /// A whole record that lacks what a record must have.
    fn quarantine(&mut self, index: usize, incomplete: Incomplete, verdicts: &mut Verdicts) {
        let arrival = &self.batch.arrivals[index];
        let message_id = &self.batch.messages[arrival.message].message_id;
        let reason = incomplete.to_string();
        self.rejects.push(reject(self.desk, arrival, message_id, code_of(incomplete), reason.clone()));
        verdicts.set(index, Verdict::bare(Status::Quarantined, Some(reason)));
    }

    /// What a record said before and what arrives only now; it is no news but for what it seals.
    fn recall(&self, row: &SourceRecord, said: Option<LastSaid>, keys: &[LinkKey]) -> Result<Option<Piece>, Error> {
        let Some(later) = past::recalled(row, said, keys) else { return Ok(None) };
        let record = if row.deleted || row.incomplete {
            None
        } else {
            prepare::reopen(&self.desk.ring, &row.key, &row.agency, self.today, &row.content)?
        };
        Ok(Some(Piece {
            row: later,
            record,
            before: Some(Before::of(row)),
            is_fresh: true,
            is_again: false,
            drafts: None,
        }))
    }

    #[expect(clippy::too_many_arguments, reason = "the row has as many sources")]
    pub(super) fn piece(
        &self,
        arrival: &Arrival,
        version: Version,
        versioned: bool,
        deleted: bool,
        part_count: i16,
        ready: Ready,
        row: Option<&SourceRecord>,
    ) -> Piece {
        let gaps = if deleted { Vec::new() } else { gaps(&ready.record) };
        // what a withdrawn record says of itself comes from the tombstone: what came before it may have come after it
        let said = ready.record.ok();
        let (kind, received_on) = (said.as_ref().map(|r| r.kind), said.as_ref().map(|r| r.received_on));
        let agency = said.as_ref().map_or_else(|| arrival.origin.agency.clone(), |r| r.agency.clone());
        let seals = said.as_ref().is_some_and(NormalizedRecord::is_sealed) && !deleted;
        let live = said.filter(|_| !deleted);
        let mut flags: Vec<String> =
            live.iter().flat_map(NormalizedRecord::quality_flags).map(|flag| flag.as_str().to_owned()).collect();
        flags.dedup();
        let links = if live.is_some() { ready.links } else { Vec::new() };
        let before = row.map(Before::of);
        let new = SourceRecord {
            key: arrival.key.clone(),
            source_record_id: key::record(&self.desk.ring, &arrival.key),
            kind,
            versioned,
            version,
            agency,
            received_on,
            deleted,
            incomplete: live.is_none() && !deleted,
            is_sealed: true,
            entity_id: None,
            case_id: None,
            relation: None,
            document_no: None,
            matched_by: None,
            quality_flags: flags,
            gaps: gaps.into_iter().map(|gap| gap.as_str().to_owned()).collect(),
            links: links.iter().map(past::stored).collect(),
            part_count,
            says_sealed: seals,
            last_said: None,
            founded_entities: row.map_or(0, |row| row.founded_entities),
            founded_cases: row.map_or(0, |row| row.founded_cases),
            content: ready.content,
            archive_id: arrival.bundled.map_or(0, |bundled| bundled.archive_id),
            first_seen_at: row.map_or(self.now, |row| row.first_seen_at),
            changed_at: self.now,
        };
        let drafts = ready.drafts.filter(|_| live.is_some());
        Piece { row: new, record: live, before, is_fresh: true, is_again: false, drafts }
    }
}

/// What a record lacks that it should say; of one that is none yet, what keeps it from being one.
fn gaps(record: &Result<NormalizedRecord, Incomplete>) -> Vec<Gap> {
    match record {
        Ok(record) => record.gaps(),
        Err(Incomplete::NoKind | Incomplete::KindUnknown) => vec![Gap::Kind],
        Err(Incomplete::NoReceivedOn | Incomplete::ReceivedOnInvalid) => vec![Gap::ReceivedOn],
    }
}

/// The reason under which a record is quarantined that lacks what a record must have.
const fn code_of(incomplete: Incomplete) -> &'static str {
    match incomplete {
        Incomplete::NoKind => "no_kind",
        Incomplete::KindUnknown => "kind_unknown",
        Incomplete::NoReceivedOn => "no_received_on",
        Incomplete::ReceivedOnInvalid => "received_on_invalid",
    }
}

/// A record that goes to quarantine.
pub fn reject(desk: &Desk, arrival: &Arrival, message_id: &str, reason: &'static str, detail: String) -> Reject {
    let payload_hash = desk.ring.hash_bytes("quarantine", arrival.raw.as_bytes());
    Reject {
        message: arrival.message,
        held: Held {
            source_id: arrival.key.source_id.as_str().to_owned(),
            payload_hash,
            record_id: Some(arrival.key.record_id.replace('\0', "")),
            reason,
            detail,
            packing: match arrival.order.packing {
                "interchange" => "interchange",
                _ => "record",
            },
            content_type: Some("application/json".to_owned()),
            content_encoding: None,
            message_id: message_id.to_owned(),
            payload: desk.ring.seal(
                Purpose::Quarantine,
                arrival.key.source_id.as_str(),
                prepare::archivable(&arrival.content, &arrival.raw).as_bytes(),
            ),
            received_at: desk.clock.now(),
        },
    }
}
