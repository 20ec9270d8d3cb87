//! One batch: from decoded records to a committed transaction.
//!
//! First the batch is compared with what is stored, without a lock: repeats end here and write nothing. What is left
//! is normalized and sealed, still without a lock. Then one transaction, under the feed lock, compares again, links
//! and writes everything: archive, source records, petitions, cases, events, changes, receipts, tallies.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::clock::{Clock, HANOI};
use crate::domain::{Kind, RecordKey, Version, WHOLE};
use crate::linkage::key;
use crate::seal::{KeyRing, Purpose};
use crate::store::quarantine::Held;
use crate::store::record_part::RecordPart;
use crate::store::source::Tally;
use crate::store::source_record::{self, SourceRecord, State};
use crate::store::{self, Fault, PgConnection, PgPool};

use super::arrival::{Arrival, Candidate, Content, fold};
use super::link::{self, Before, Linked, Piece, Value};
use super::prepare::{self, Ready};
use super::receipt::{Elsewhere, Status, Verdict, receipt};
use super::{Error, write};

/// What every batch works with.
#[derive(Debug, Clone)]
pub struct Desk {
    pub pool: PgPool,
    pub ring: Arc<KeyRing>,
    pub clock: Clock,
}

/// Something that could not even be decoded into a record, with what its source may be told.
#[derive(Debug, Clone)]
pub struct Reject {
    pub message: usize,
    pub held: Held,
}

/// The name of a message within a batch.
#[derive(Debug, Clone)]
pub struct MessageName {
    pub source_id: String,
    pub message_id: String,
}

/// What came in together.
#[derive(Debug, Default)]
pub struct Batch {
    pub messages: Vec<MessageName>,
    pub arrivals: Vec<Arrival>,
    pub rejects: Vec<Reject>,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Written {
    /// Tallies by source; already in the database where something was written, else to be added.
    pub tallies: BTreeMap<String, Tally>,
    /// Receipts of messages that wrote nothing: they are sent without the outbox, because a crash brings the message
    /// again and with it the receipt.
    pub receipts: Vec<store::receipt::Receipt>,
    pub wrote: bool,
}

impl Written {
    fn absorb(&mut self, other: Self) {
        for (source, tally) in other.tallies {
            let mine = self.tallies.entry(source).or_default();
            mine.received += tally.received;
            mine.stored += tally.stored;
            mine.unchanged += tally.unchanged;
            mine.stale += tally.stale;
            mine.quarantined += tally.quarantined;
        }
        self.receipts.extend(other.receipts);
        self.wrote |= other.wrote;
    }
}

/// Stores a batch. One bad record never fails it: a fault of the data is narrowed down by halving, and the record
/// that alone still fails is quarantined.
///
/// # Errors
/// Faults of the surroundings only; then nothing of what failed was written, and it can be tried again.
pub async fn store(desk: &Desk, batch: Batch) -> Result<Written, Error> {
    let mut written = Written::default();
    let mut pending = vec![batch];
    while let Some(batch) = pending.pop() {
        let attempt = Arc::new(batch);
        match store_once(desk, &attempt).await {
            Ok(done) => written.absorb(done),
            Err(error) if error.fault() == Fault::Data => {
                let batch = Arc::try_unwrap(attempt).map_err(|_| Error::Interrupted("a batch is still in use".into()))?;
                pending.extend(narrow(desk, batch, &error.to_string())?);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// A batch that fails, in halves; a single record that fails, as a reject.
fn narrow(desk: &Desk, mut batch: Batch, reason: &str) -> Result<Vec<Batch>, Error> {
    let messages = batch.messages.clone();
    if batch.arrivals.len() > 1 {
        // by key, so that the parts of one record stay together where they can
        batch.arrivals.sort_by(|a, b| a.key.cmp(&b.key));
        let upper = batch.arrivals.split_off(batch.arrivals.len() / 2);
        return Ok(vec![Batch { messages, arrivals: upper, rejects: Vec::new() }, batch]);
    }
    let Some(arrival) = batch.arrivals.pop() else {
        return Err(Error::Interrupted(format!("the quarantine itself could not be written: {reason}")));
    };
    let message_id = messages.get(arrival.message).map(|message| message.message_id.clone()).unwrap_or_default();
    let reject = reject(desk, &arrival, &message_id, "not_storable", reason.to_owned());
    Ok(vec![Batch { messages: messages.clone(), arrivals: Vec::new(), rejects: vec![reject] }, Batch { messages, ..batch }]
        .into_iter()
        .filter(|batch| !batch.rejects.is_empty())
        .collect())
}

fn reject(desk: &Desk, arrival: &Arrival, message_id: &str, reason: &'static str, detail: String) -> Reject {
    let payload_hash = desk.ring.hash_bytes("quarantine", arrival.raw.as_bytes());
    Reject {
        message: arrival.message,
        held: Held {
            source_id: arrival.key.source_id.as_str().to_owned(),
            payload_hash,
            record_id: Some(arrival.key.record_id.clone()),
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

/// How an arrival stands to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Newer,
    /// The same content under a later order.
    Refreshed,
    Same,
    Older,
}

fn standing(arrival: &Version, versioned: bool, stored: Option<&Version>) -> Standing {
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

/// Verdicts by arrival, filled step by step.
struct Verdicts(Vec<Option<Verdict>>);

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn store_once(desk: &Desk, batch: &Arc<Batch>) -> Result<Written, Error> {
    let candidates = fold(&batch.arrivals);
    let mut verdicts = Verdicts(vec![None; batch.arrivals.len()]);
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let keys: Vec<&RecordKey> = candidates.iter().map(|c| &batch.arrivals[c.newest[0]].key).collect();
    let states: HashMap<RecordKey, State> =
        source_record::states(&mut conn, &keys).await?.into_iter().map(|state| (state.key.clone(), state)).collect();
    let mut changed: Vec<Candidate> = Vec::new();
    let mut refreshed: Vec<usize> = Vec::new();
    for candidate in candidates {
        let first = &batch.arrivals[candidate.newest[0]];
        let state = states.get(&first.key);
        let in_parts = !first.is_whole() || candidate.newest.len() > 1 || state.is_some_and(|s| s.part_count > 0);
        if in_parts {
            changed.push(candidate);
            continue;
        }
        match standing(&first.version, first.versioned, state.map(|s| &s.version)) {
            Standing::Newer => changed.push(candidate),
            Standing::Refreshed => refreshed.push(candidate.newest[0]),
            Standing::Same | Standing::Older => {}
        }
    }
    verdicts.losers(batch, &states);
    if changed.is_empty() && refreshed.is_empty() && batch.rejects.is_empty() {
        return Ok(verdicts.unwritten(batch));
    }
    let ready = prepare_all(desk, batch, &changed).await?;
    write_all(desk, &mut conn, batch, changed, ready, &refreshed, verdicts).await
}

/// Normalizes and seals on the blocking pool: it is work for a core, not waiting.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn prepare_all(
    desk: &Desk,
    batch: &Arc<Batch>,
    changed: &[Candidate],
) -> Result<HashMap<usize, Ready>, Error> {
    let whole: Vec<usize> = changed
        .iter()
        .filter_map(|candidate| match candidate.newest.as_slice() {
            [only] if batch.arrivals[*only].is_whole() => Some(*only),
            _ => None,
        })
        .collect();
    let (batch, ring, today) = (Arc::clone(batch), Arc::clone(&desk.ring), desk.clock.today());
    let work = move || {
        let one = |index: &usize| {
            let arrival = &batch.arrivals[*index];
            (*index, prepare::ready(&ring, &arrival.key, &arrival.origin.agency, today, &arrival.content))
        };
        whole.iter().map(one).collect::<HashMap<usize, Ready>>()
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Interrupted(error.to_string()))
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn write_all(
    desk: &Desk,
    conn: &mut PgConnection,
    batch: &Arc<Batch>,
    changed: Vec<Candidate>,
    ready: HashMap<usize, Ready>,
    refreshed: &[usize],
    mut verdicts: Verdicts,
) -> Result<Written, Error> {
    let mut transaction = store::begin(conn).await?;
    let conn = &mut *transaction;
    let feed_head = store::change::lock(conn).await?;
    // after the lock, so that times in the database never run against the order of the feed
    let now = desk.clock.now();
    let mut writer = Writer { desk, batch, now, today: now.with_timezone(&HANOI).date_naive(), rejects: Vec::new() };
    let fresh = writer.fresh(conn, changed, ready, &mut verdicts).await?;
    let pieces = link::gather(conn, &desk.ring, writer.today, fresh).await?;
    let linked = link::link(conn, &desk.ring, pieces).await?;
    write::apply(conn, &desk.ring, feed_head, now, &linked).await?;
    let refresh: Vec<_> = refreshed.iter().map(|i| (&batch.arrivals[*i].key, &batch.arrivals[*i].version)).collect();
    source_record::refresh(conn, &refresh).await?;
    let rejects: Vec<&Reject> = batch.rejects.iter().chain(&writer.rejects).collect();
    store::quarantine::hold(conn, &rejects.iter().map(|reject| &reject.held).collect::<Vec<_>>()).await?;
    verdicts.stored(batch, &linked);
    let (receipts, tallies) = verdicts.close(batch, &rejects);
    store::receipt::insert(conn, &receipts).await?;
    let counted: Vec<(&str, &Tally)> = tallies.iter().map(|(source, tally)| (source.as_str(), tally)).collect();
    store::source::count(conn, now, &counted).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(Written { tallies, receipts: Vec::new(), wrote: true })
}

/// Works out, under the lock, which candidates are still newer than what is stored, and their rows.
struct Writer<'w> {
    desk: &'w Desk,
    batch: &'w Batch,
    now: DateTime<Utc>,
    today: NaiveDate,
    /// Whole records that turned out to lack what a record must have.
    rejects: Vec<Reject>,
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
impl Writer<'_> {
    async fn fresh(
        &mut self,
        conn: &mut PgConnection,
        changed: Vec<Candidate>,
        mut ready: HashMap<usize, Ready>,
        verdicts: &mut Verdicts,
    ) -> Result<Vec<Piece>, Error> {
        let keys: Vec<&RecordKey> = changed.iter().map(|c| &self.batch.arrivals[c.newest[0]].key).collect();
        let stored = source_record::load(conn, &keys).await?;
        let mut stored: HashMap<RecordKey, SourceRecord> = stored.into_iter().map(|row| (row.key.clone(), row)).collect();
        let mut parts = self.parts(conn, &changed, &stored).await?;
        let mut pieces: Vec<Piece> = Vec::with_capacity(changed.len());
        let mut part_rows: Vec<RecordPart> = Vec::new();
        for candidate in changed {
            let first = candidate.newest[0];
            let row = stored.remove(&self.batch.arrivals[first].key);
            let of_record = parts.remove(&self.batch.arrivals[first].key).unwrap_or_default();
            let plain = candidate.newest.len() == 1
                && self.batch.arrivals[first].is_whole()
                && row.as_ref().is_none_or(|row| row.part_count == 0);
            let piece = if plain {
                let ready = ready.remove(&first);
                self.whole(first, ready, row, verdicts)
            } else {
                self.in_parts(&candidate, row, of_record, &mut part_rows, verdicts)?
            };
            pieces.extend(piece);
        }
        self.archive(conn, &mut pieces).await?;
        store::record_part::upsert(conn, &part_rows.iter().collect::<Vec<_>>()).await?;
        Ok(pieces)
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
        index: usize,
        ready: Option<Ready>,
        row: Option<SourceRecord>,
        verdicts: &mut Verdicts,
    ) -> Option<Piece> {
        let arrival = &self.batch.arrivals[index];
        match standing(&arrival.version, arrival.versioned, row.as_ref().map(|row| &row.version)) {
            Standing::Newer => {}
            Standing::Same | Standing::Refreshed => {
                verdicts.set(index, of_row(Status::Unchanged, row.as_ref()));
                return None;
            }
            Standing::Older => {
                verdicts.set(index, of_row(Status::Stale, row.as_ref()));
                return None;
            }
        }
        let ready = ready?;
        if let (Err(incomplete), false) = (&ready.record, arrival.deleted) {
            let message_id = &self.batch.messages[arrival.message].message_id;
            let reason = incomplete.to_string();
            let reject = reject(self.desk, arrival, message_id, incomplete.code(), reason.clone());
            self.rejects.push(reject);
            verdicts.set(index, Verdict::bare(Status::Quarantined, Some(reason)));
            return None;
        }
        Some(self.piece(arrival, arrival.version.clone(), arrival.versioned, arrival.deleted, 0, ready, row))
    }

    /// A record that comes in parts: its newest parts laid over one another.
    fn in_parts(
        &self,
        candidate: &Candidate,
        row: Option<SourceRecord>,
        stored: Vec<RecordPart>,
        part_rows: &mut Vec<RecordPart>,
        verdicts: &mut Verdicts,
    ) -> Result<Option<Piece>, Error> {
        let ring = &self.desk.ring;
        let mut parts: BTreeMap<String, (RecordPart, Content)> = BTreeMap::new();
        for part in stored {
            let content = prepare::open(ring, Purpose::Part, &part_owner(&part.key, &part.part), &part.content)?;
            parts.insert(part.part.clone(), (part, content));
        }
        if let Some(row) = row.as_ref().filter(|row| row.part_count == 0) {
            let content = prepare::open(ring, Purpose::Content, &prepare::owner(&row.key), &row.content)?;
            let part = self.part_row(&row.key, WHOLE, row.version.clone(), row.deleted, &content);
            part_rows.push(part.clone());
            parts.insert(WHOLE.to_owned(), (part, content));
        }
        let mut is_newer = false;
        for index in &candidate.newest {
            let arrival = &self.batch.arrivals[*index];
            let there = parts.get(&arrival.part).map(|(part, _)| &part.version);
            match standing(&arrival.version, arrival.versioned, there) {
                Standing::Newer | Standing::Refreshed => {
                    let version = arrival.version.clone();
                    let part = self.part_row(&arrival.key, &arrival.part, version, arrival.deleted, &arrival.content);
                    part_rows.push(part.clone());
                    parts.insert(arrival.part.clone(), (part, arrival.content.clone()));
                    is_newer = true;
                }
                Standing::Same => verdicts.set(*index, of_row(Status::Unchanged, row.as_ref())),
                Standing::Older => verdicts.set(*index, of_row(Status::Stale, row.as_ref())),
            }
        }
        let arrival = &self.batch.arrivals[candidate.newest[0]];
        if !is_newer {
            return Ok(None);
        }
        let part_count = i16::try_from(parts.len()).unwrap_or(i16::MAX);
        let laid = laid_over(parts.into_values());
        let version = Version { content_hash: ring.content_hash(laid.deleted, &laid.content.fields), ..laid.version };
        let ready = prepare::ready(ring, &arrival.key, &arrival.origin.agency, self.today, &laid.content);
        Ok(Some(self.piece(arrival, version, arrival.versioned, laid.deleted, part_count, ready, row)))
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
        row: Option<SourceRecord>,
    ) -> Piece {
        let record = ready.record.ok();
        let live = record.filter(|_| !deleted);
        let mut flags: Vec<String> =
            live.iter().flat_map(|r| r.quality_flags()).map(|flag| flag.as_str().to_owned()).collect();
        flags.dedup();
        let links = if live.is_some() { ready.links } else { Vec::new() };
        let before = row.as_ref().map(Before::of);
        let new = SourceRecord {
            key: arrival.key.clone(),
            source_record_id: key::record(&self.desk.ring, &arrival.key),
            kind: live.as_ref().map(|r| r.kind).or_else(|| row.as_ref().and_then(|row| row.kind)),
            versioned,
            version,
            agency: live.as_ref().map_or_else(|| arrival.origin.agency.clone(), |r| r.agency.clone()),
            received_on: live.as_ref().map(|r| r.received_on).or_else(|| row.as_ref().and_then(|row| row.received_on)),
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
            founded_entities: row.as_ref().map_or(0, |row| row.founded_entities),
            founded_cases: row.as_ref().map_or(0, |row| row.founded_cases),
            content: ready.content,
            archive_id: 0,
            first_seen_at: row.as_ref().map_or(self.now, |row| row.first_seen_at),
            changed_at: self.now,
        };
        Piece { row: new, record: live, before, is_fresh: true }
    }

    /// Archives what came in for these pieces, one sealed bundle a source, as it came.
    async fn archive(&self, conn: &mut PgConnection, pieces: &mut [Piece]) -> Result<(), Error> {
        let kept: std::collections::HashSet<RecordKey> = pieces.iter().map(|piece| piece.row.key.clone()).collect();
        let mut bundles: BTreeMap<&str, Vec<&Arrival>> = BTreeMap::new();
        for arrival in self.batch.arrivals.iter().filter(|arrival| kept.contains(&arrival.key)) {
            bundles.entry(arrival.key.source_id.as_str()).or_default().push(arrival);
        }
        let mut ids: BTreeMap<String, i64> = BTreeMap::new();
        for (source_id, arrivals) in bundles {
            let payload = self.desk.ring.seal(Purpose::Archive, source_id, bundle(&arrivals).as_bytes());
            let count = i32::try_from(arrivals.len()).unwrap_or(i32::MAX);
            ids.insert(source_id.to_owned(), store::archive::insert(conn, source_id, self.now, count, &payload).await?);
        }
        for piece in pieces {
            piece.row.archive_id = ids.get(piece.row.key.source_id.as_str()).copied().unwrap_or_default();
        }
        Ok(())
    }
}

/// Lines of JSON: how each record was packed, what ordered it, and the record as it came.
fn bundle(arrivals: &[&Arrival]) -> String {
    let mut lines = String::with_capacity(arrivals.iter().map(|arrival| arrival.raw.len() + 96).sum());
    for arrival in arrivals {
        let order = &arrival.order;
        let head = serde_json::json!({ "packing": order.packing, "at": order.at, "tie": order.tie }).to_string();
        lines.push_str(head.trim_end_matches('}'));
        lines.push_str(",\"record\":");
        lines.push_str(prepare::archivable(&arrival.content, &arrival.raw));
        lines.push_str("}\n");
    }
    lines
}

fn part_owner(key: &RecordKey, part: &str) -> String {
    format!("{}#{part}", prepare::owner(key))
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

fn of_row(status: Status, row: Option<&SourceRecord>) -> Verdict {
    let mut verdict = Verdict::bare(status, None);
    if let Some(row) = row {
        (verdict.kind, verdict.entity_id, verdict.case_id) = (row.kind, row.entity_id, row.case_id);
        verdict.quality_flags.clone_from(&row.quality_flags);
    }
    verdict
}

fn of_state(status: Status, state: Option<&State>) -> Verdict {
    let mut verdict = Verdict::bare(status, None);
    if let Some(state) = state {
        (verdict.kind, verdict.entity_id, verdict.case_id) = (state.kind, state.entity_id, state.case_id);
        verdict.quality_flags.clone_from(&state.quality_flags);
    }
    verdict
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
impl Verdicts {
    fn set(&mut self, index: usize, verdict: Verdict) {
        self.0[index] = Some(verdict);
    }

    /// Verdicts on what the comparison without a lock already decided, and on what lost within the batch.
    fn losers(&mut self, batch: &Batch, states: &HashMap<RecordKey, State>) {
        for (index, arrival) in batch.arrivals.iter().enumerate() {
            let state = states.get(&arrival.key);
            if state.is_some_and(|state| state.part_count > 0) || !arrival.is_whole() {
                continue;
            }
            let status = match standing(&arrival.version, arrival.versioned, state.map(|s| &s.version)) {
                Standing::Same | Standing::Refreshed => Status::Unchanged,
                Standing::Older => Status::Stale,
                Standing::Newer => continue,
            };
            self.set(index, of_state(status, state));
        }
    }

    /// Nothing was written: receipts leave by themselves, tallies are added later.
    fn unwritten(self, batch: &Batch) -> Written {
        let (receipts, tallies) = self.close(batch, &[]);
        Written { tallies, receipts, wrote: false }
    }

    /// Verdicts on what was stored.
    fn stored(&mut self, batch: &Batch, linked: &Linked) {
        let mut by_key: HashMap<&RecordKey, (&Piece, Elsewhere)> = HashMap::new();
        for piece in linked.pieces.iter().filter(|piece| piece.is_fresh) {
            by_key.insert(&piece.row.key, (piece, Elsewhere::Nowhere));
        }
        for entity in linked.entities.iter().filter(|entity| entity.members.len() > 1) {
            for member in &entity.members {
                if let Some(entry) = by_key.get_mut(&linked.pieces[*member].row.key) {
                    entry.1 = elsewhere(linked, entity, *member);
                }
            }
        }
        for (index, arrival) in batch.arrivals.iter().enumerate() {
            let Some((piece, elsewhere)) = by_key.get(&arrival.key) else { continue };
            if self.0[index].is_some() {
                continue;
            }
            // of several versions in one batch only the newest was written
            let is_newest = arrival.version == piece.row.version || piece.row.part_count > 0;
            let status = if is_newest { Status::Stored } else { Status::Stale };
            let mut verdict = of_row(status, Some(&piece.row));
            verdict.elsewhere = elsewhere.clone();
            self.set(index, verdict);
        }
    }

    /// Receipts, one a message, and tallies, one a source.
    fn close(self, batch: &Batch, rejects: &[&Reject]) -> (Vec<store::receipt::Receipt>, BTreeMap<String, Tally>) {
        let mut by_message: BTreeMap<usize, Vec<(Option<&str>, Verdict)>> = BTreeMap::new();
        for (arrival, verdict) in batch.arrivals.iter().zip(self.0) {
            // an arrival without a verdict lost to one of its batch that was rejected or was the same
            let verdict = verdict.unwrap_or_else(|| Verdict::bare(Status::Stale, None));
            by_message.entry(arrival.message).or_default().push((Some(&arrival.key.record_id), verdict));
        }
        let decided: std::collections::HashSet<(usize, Option<&str>)> =
            batch.arrivals.iter().map(|a| (a.message, Some(a.key.record_id.as_str()))).collect();
        for reject in rejects {
            let record_id = reject.held.record_id.as_deref();
            if !decided.contains(&(reject.message, record_id)) {
                let verdict = Verdict::bare(Status::Quarantined, Some(reject.held.detail.clone()));
                by_message.entry(reject.message).or_default().push((record_id, verdict));
            }
        }
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        let mut receipts = Vec::with_capacity(by_message.len());
        for (message, verdicts) in by_message {
            let name = &batch.messages[message];
            let tally = tallies.entry(name.source_id.clone()).or_default();
            for (_, verdict) in &verdicts {
                tally.received += 1;
                match verdict.status {
                    Status::Stored => tally.stored += 1,
                    Status::Unchanged => tally.unchanged += 1,
                    Status::Stale => tally.stale += 1,
                    Status::Quarantined => tally.quarantined += 1,
                }
            }
            let lines: Vec<(Option<&str>, &Verdict)> = verdicts.iter().map(|(id, verdict)| (*id, verdict)).collect();
            receipts.push(receipt(&name.source_id, &name.message_id, &lines));
        }
        (receipts, tallies)
    }
}

/// Which other agencies hold the same petition, as far as this one may know.
#[expect(clippy::indexing_slicing, reason = "linking fills these indices from the lists they point into")]
fn elsewhere(linked: &Linked, entity: &link::Entity, member: usize) -> Elsewhere {
    let own = &linked.pieces[member].row.agency;
    let Value::Petition(petition) = &entity.value else { return Elsewhere::Nowhere };
    let complained_of = petition.against_agency.as_deref();
    let others = entity.members.iter().map(|piece| &linked.pieces[*piece].row.agency);
    let agencies: std::collections::BTreeSet<&String> =
        others.filter(|agency| *agency != own && Some(agency.as_str()) != complained_of).collect();
    if agencies.is_empty() || Some(own.as_str()) == complained_of {
        Elsewhere::Nowhere
    } else if entity.is_sealed {
        let ask = agencies.iter().find(|agency| **agency == &petition.receiving_agency).or(agencies.first());
        Elsewhere::Sealed { ask: ask.map(|agency| (*agency).clone()).unwrap_or_default() }
    } else {
        Elsewhere::Agencies(agencies.into_iter().cloned().collect())
    }
}

/// What kind of thing a verdict is about, for logs.
pub const fn kind_name(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(kind) => kind.as_str(),
        None => "unknown",
    }
}
