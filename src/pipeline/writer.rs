//! Under the lock: which records of a batch are still newer than what is stored, and the rows they become.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{NormalizedRecord, RecordKey, Version, WHOLE};
use crate::linkage::key;
use crate::normalize::Incomplete;
use crate::seal::{KeyRing, Purpose};
use crate::store::quarantine::Held;
use crate::store::record_part::RecordPart;
use crate::store::source_record::{self, SourceRecord};
use crate::store::{self, PgConnection};

use super::Error;
use super::archive::{self, Archived};
use super::arrival::{Arrival, Candidate, Content};
use super::batch::{Batch, Desk, Reject};
use super::link::{Before, Piece};
use super::prepare::{self, Ready};
use super::receipt::{Status, Verdict};
use super::verdict::{Verdicts, of_row};
use super::withdrawn::{LastSaid, withdrawn};

/// How an arrival stands to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Newer,
    /// The same content under a later order.
    Refreshed,
    Same,
    Older,
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
    pub overtaken: Overtaken,
}

/// Whether another process wrote a record since it was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overtaken {
    No,
    Yes,
    /// And withdrew it: what it says here may be what it said last.
    Withdrawn,
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
        let stored = source_record::load(conn, &keys).await?;
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
                self.whole(&candidate, &mut ready, row.as_ref(), verdicts)
            };
            pieces.extend(piece);
        }
        self.archive_parts(conn, &mut pieces).await?;
        // of what was said late the row keeps naming the bundle of its withdrawal
        let is_late = |piece: &Piece| piece.before.as_ref().is_some_and(|before| before.version == piece.row.version);
        for piece in pieces.iter_mut().filter(|piece| piece.row.part_count == 0 && !is_late(piece)) {
            piece.row.archive_id = archived.get(piece.row.key.source_id.as_str()).copied().unwrap_or_default();
        }
        store::record_part::upsert(conn, &part_rows.iter().collect::<Vec<_>>()).await?;
        Ok(Some(pieces))
    }

    async fn archive_parts(&self, conn: &mut PgConnection, pieces: &mut [Piece]) -> Result<(), Error> {
        let mut in_parts: Vec<&mut Piece> = pieces.iter_mut().filter(|piece| piece.row.part_count > 0).collect();
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

    /// A record sent whole, as most are.
    fn whole(
        &mut self,
        candidate: &Candidate,
        ready: &mut HashMap<usize, Ready>,
        row: Option<&SourceRecord>,
        verdicts: &mut Verdicts,
    ) -> Option<Piece> {
        let index = candidate.newest[0];
        let arrival = &self.batch.arrivals[index];
        match standing(&arrival.version, arrival.versioned, row.map(|row| &row.version)) {
            Standing::Newer => {}
            standing @ (Standing::Same | Standing::Refreshed) => {
                if standing == Standing::Refreshed {
                    self.refreshed.push((arrival.key.clone(), arrival.version.clone()));
                }
                verdicts.set(index, of_row(Status::Unchanged, row));
                return self.said_late(candidate, ready, row?);
            }
            Standing::Older => {
                verdicts.set(index, of_row(Status::Stale, row));
                return self.said_late(candidate, ready, row?);
            }
        }
        let said = LastSaid::newest(&self.batch.arrivals, &candidate.said, ready);
        let ready = ready.remove(&index)?;
        if let (Err(incomplete), false) = (&ready.record, arrival.deleted) {
            let message_id = &self.batch.messages[arrival.message].message_id;
            let reason = incomplete.to_string();
            let reject = reject(self.desk, arrival, message_id, code_of(*incomplete), reason.clone());
            self.rejects.push(reject);
            verdicts.set(index, Verdict::bare(Status::Quarantined, Some(reason)));
            return None;
        }
        let mut piece = self.piece(arrival, arrival.version.clone(), arrival.versioned, arrival.deleted, 0, ready, row);
        if arrival.deleted {
            let before = row.and_then(|row| LastSaid::of_row(&self.desk.ring, row, self.today));
            if let Some(said) = LastSaid::newer(before, said) {
                said.put(&mut piece.row);
            }
        }
        Some(piece)
    }

    /// What a record said before it was withdrawn and what arrives only now; it is no news but for what it seals.
    fn said_late(&mut self, candidate: &Candidate, ready: &HashMap<usize, Ready>, row: &SourceRecord) -> Option<Piece> {
        if !candidate.is_late {
            self.overtaken = self.overtaken.max(if row.deleted { Overtaken::Withdrawn } else { Overtaken::Yes });
        }
        let said = LastSaid::newest(&self.batch.arrivals, &candidate.said, ready)?;
        if !row.deleted || row.last_said.as_ref().is_some_and(|last| *last >= said.version) {
            return None;
        }
        let mut later = row.clone();
        said.put(&mut later);
        Some(Piece { row: later, record: None, before: Some(Before::of(row)), is_fresh: true })
    }

    /// A record that comes in parts: its newest parts laid over one another.
    fn in_parts(
        &mut self,
        candidate: &Candidate,
        row: Option<&SourceRecord>,
        stored: Vec<RecordPart>,
        part_rows: &mut Vec<RecordPart>,
        verdicts: &mut Verdicts,
    ) -> Result<Option<Piece>, Error> {
        let (desk, batch) = (self.desk, self.batch);
        let ring = &desk.ring;
        let mut parts: BTreeMap<String, (RecordPart, Content)> = BTreeMap::new();
        for part in stored {
            let content = prepare::open(ring, Purpose::Part, &part_owner(&part.key, &part.part), &part.content)?;
            parts.insert(part.part.clone(), (part, content));
        }
        if let Some(row) = row.filter(|row| row.part_count == 0) {
            let content = prepare::open(ring, Purpose::Content, &prepare::owner(&row.key), &row.content)?;
            let part = self.part_row(&row.key, WHOLE, row.version.clone(), row.deleted, &content);
            part_rows.push(part.clone());
            parts.insert(WHOLE.to_owned(), (part, content));
        }
        let (mut is_newer, mut refreshed) = (false, Vec::new());
        for index in &candidate.newest {
            let arrival = &batch.arrivals[*index];
            let there = parts.get(&arrival.part).map(|(part, _)| &part.version);
            let standing = standing(&arrival.version, arrival.versioned, there);
            match standing {
                Standing::Newer | Standing::Refreshed => {
                    is_newer |= standing == Standing::Newer;
                    refreshed.extend((standing == Standing::Refreshed).then_some(*index));
                    let version = arrival.version.clone();
                    let part = self.part_row(&arrival.key, &arrival.part, version, arrival.deleted, &arrival.content);
                    part_rows.push(part.clone());
                    parts.insert(arrival.part.clone(), (part, arrival.content.clone()));
                }
                Standing::Same => verdicts.set(*index, of_row(Status::Unchanged, row)),
                Standing::Older => verdicts.set(*index, of_row(Status::Stale, row)),
            }
        }
        let arrival = &batch.arrivals[candidate.newest[0]];
        if !is_newer && refreshed.is_empty() {
            return Ok(None);
        }
        refuse_secret(ring, &mut parts, part_rows);
        let part_count = i16::try_from(parts.len()).unwrap_or(i16::MAX);
        let laid = laid_over(parts.into_values());
        let versioned = self.is_versioned(candidate, &laid.version, row);
        let version = Version { content_hash: ring.content_hash(laid.deleted, &laid.content.fields), ..laid.version };
        if let Some(row) = row.filter(|row| !is_newer && row.version.content_hash == version.content_hash) {
            // a later pull of the same parts: nothing is new but their order
            refreshed.iter().for_each(|index| verdicts.set(*index, of_row(Status::Unchanged, Some(row))));
            self.refreshed.push((row.key.clone(), version));
            return Ok(None);
        }
        let ready = prepare::ready(ring, &arrival.key, &arrival.origin.agency, self.today, &laid.content);
        Ok(Some(self.piece(arrival, version, versioned, laid.deleted, part_count, ready, row)))
    }

    /// Whether the newest part carries a version of its source's own.
    fn is_versioned(&self, candidate: &Candidate, newest: &Version, row: Option<&SourceRecord>) -> bool {
        let here = candidate.newest.iter().map(|index| &self.batch.arrivals[*index]);
        let newest = here.filter(|arrival| arrival.version == *newest).map(|arrival| arrival.versioned).next();
        newest.unwrap_or_else(|| row.is_some_and(|row| row.versioned))
    }

    fn part_row(&self, key: &RecordKey, part: &str, version: Version, deleted: bool, content: &Content) -> RecordPart {
        let content = prepare::seal(&self.desk.ring, Purpose::Part, &part_owner(key, part), content);
        RecordPart { key: key.clone(), part: part.to_owned(), version, deleted, content }
    }

    #[expect(clippy::too_many_arguments, reason = "the row has as many sources")]
    fn piece(
        &self,
        arrival: &Arrival,
        version: Version,
        versioned: bool,
        deleted: bool,
        part_count: i16,
        ready: Ready,
        row: Option<&SourceRecord>,
    ) -> Piece {
        // what a withdrawn record says of itself comes from the tombstone: what came before it may have come after it
        let said = ready.record.ok();
        let (kind, received_on) = (said.as_ref().map(|r| r.kind), said.as_ref().map(|r| r.received_on));
        let agency = said.as_ref().map_or_else(|| arrival.origin.agency.clone(), |r| r.agency.clone());
        let seals = said.as_ref().is_some_and(NormalizedRecord::is_sealed);
        let live = said.filter(|_| !deleted);
        let mut flags: Vec<String> =
            live.iter().flat_map(NormalizedRecord::quality_flags).map(|flag| flag.as_str().to_owned()).collect();
        flags.dedup();
        let links = match &live {
            Some(_) => ready.links,
            // what the parts say that are not withdrawn themselves
            None if deleted && part_count > 0 && seals => withdrawn(&ready.links),
            None => Vec::new(),
        };
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
            link_keys: links.iter().map(|link| link.key).collect(),
            link_roles: links.iter().map(|link| link.role.code()).collect(),
            part_count,
            last_said: None,
            founded_entities: row.map_or(0, |row| row.founded_entities),
            founded_cases: row.map_or(0, |row| row.founded_cases),
            content: ready.content,
            archive_id: 0,
            first_seen_at: row.map_or(self.now, |row| row.first_seen_at),
            changed_at: self.now,
        };
        Piece { row: new, record: live, before, is_fresh: true }
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

fn part_owner(key: &RecordKey, part: &str) -> String {
    format!("{}#{part}", prepare::owner(key))
}

/// Where one part says that the record is a state secret, what the others brought is refused too.
fn refuse_secret(ring: &KeyRing, parts: &mut BTreeMap<String, (RecordPart, Content)>, part_rows: &mut Vec<RecordPart>) {
    if !parts.values().any(|(_, content)| prepare::is_restricted(content)) {
        return;
    }
    for (part, content) in parts.values_mut() {
        *content = prepare::unread_stub(content);
        part.content = prepare::seal(ring, Purpose::Part, &part_owner(&part.key, &part.part), content);
        part_rows.retain(|row| (&row.key, &row.part) != (&part.key, &part.part));
        part_rows.push(part.clone());
    }
}

/// The parts of a record laid over one another, oldest version first.
struct Laid {
    content: Content,
    version: Version,
    deleted: bool,
}

fn laid_over(parts: impl Iterator<Item = (RecordPart, Content)>) -> Laid {
    let mut ordered: Vec<(RecordPart, Content)> = parts.collect();
    ordered.sort_by(|(a, _), (b, _)| (&a.version, &a.part).cmp(&(&b.version, &b.part)));
    // a record is withdrawn when its whole was, and nothing newer came since
    let deleted = ordered.last().is_some_and(|(part, _)| part.deleted && part.part == WHOLE)
        || ordered.iter().all(|(part, _)| part.deleted);
    let version = ordered.last().map(|(part, _)| part.version.clone());
    let mut content = Content::default();
    for (_, upper) in ordered.into_iter().filter(|(part, _)| !part.deleted) {
        content.overlay(upper);
    }
    let version = version.unwrap_or(Version { ordinal: 0, tie: String::new(), content_hash: [0; 32] });
    Laid { content, version, deleted }
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
