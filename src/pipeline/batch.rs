//! One batch: from decoded records to a committed transaction.
//!
//! First the batch is compared with what is stored, without a lock: repeats end here and write nothing. What is left
//! is normalized and sealed, still without a lock. Then one transaction, under the feed lock, compares again, links
//! and writes everything: archive, source records, petitions, cases, events, changes, receipts, tallies.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::clock::{Clock, HANOI};
use crate::domain::RecordKey;
use crate::linkage::key::LinkKey;
use crate::seal::KeyRing;
use crate::store::quarantine::Held;
use crate::store::source::Tally;
use crate::store::source_record::{self, SourceRecord, State};
use crate::store::{self, Fault, PgConnection, PgPool};

use super::again::{self, Again};
use super::arrival::{Arrival, Candidate, fold};
use super::past::{self, LastSaid};
use super::prepare::{self, Ready};
use super::verdict::Verdicts;
use super::writer::{Standing, Writer, reject, standing};
use super::{Error, archive, gather, link, matching, person, write};

/// Records in one transaction at most, whatever one message holds: everybody else waits while it holds the feed lock.
pub const MOST: usize = 5_000;

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
#[derive(Debug, Default, Clone)]
pub struct Batch {
    pub messages: Vec<MessageName>,
    pub arrivals: Vec<Arrival>,
    pub rejects: Vec<Reject>,
    /// Read from the archive, and not just received: nobody is told of it, and nothing of it is counted, archived or
    /// put into quarantine once more.
    pub is_again: bool,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Written {
    /// Tallies by source.
    pub tallies: BTreeMap<String, Tally>,
    /// Receipts of messages that wrote nothing: they are sent without the outbox, because a crash brings the message
    /// again and with it the receipt.
    pub receipts: Vec<store::receipt::Receipt>,
    pub wrote: bool,
    /// What of the tallies is not in the database.
    pub uncounted: BTreeMap<String, Tally>,
    /// What became of records read from the archive, by source.
    pub again: BTreeMap<String, Again>,
}

impl Batch {
    /// Records and rejects, whichever are more: what a transaction is measured by.
    pub fn len(&self) -> usize {
        self.arrivals.len().max(self.rejects.len())
    }

    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Written {
    fn absorb(&mut self, other: Self) {
        for (source, tally) in other.tallies {
            self.tallies.entry(source).or_default().add(&tally);
        }
        for (source, tally) in other.uncounted {
            self.uncounted.entry(source).or_default().add(&tally);
        }
        for (source, again) in other.again {
            self.again.entry(source).or_default().add(&again);
        }
        self.receipts.extend(other.receipts);
        self.wrote |= other.wrote;
    }
}

/// Stores a batch, `most` records in one transaction at most. One bad record never fails it: a fault of the data is
/// narrowed down by halving, and the record that alone still fails is quarantined.
///
/// # Errors
/// Faults of the surroundings only; then nothing of what failed was written, and it can be tried again.
pub async fn store(desk: &Desk, batch: Arc<Batch>, most: usize) -> Result<Written, Error> {
    let mut written = Written::default();
    let mut pending = portions(batch, most.clamp(1, MOST));
    while let Some(batch) = pending.pop() {
        match store_once(desk, &batch).await {
            Ok(Some(done)) => written.absorb(done),
            Ok(None) => pending.push(batch),
            Err(error) if error.fault() == Fault::Data => {
                let halves = narrow(desk, Arc::unwrap_or_clone(batch), &error.to_string())?;
                pending.extend(halves.into_iter().map(Arc::new));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// A large batch in portions, each message of which gets several receipts.
fn portions(batch: Arc<Batch>, most: usize) -> Vec<Arc<Batch>> {
    if batch.len() <= most {
        return vec![batch];
    }
    let Batch { messages, mut arrivals, mut rejects, is_again } = Arc::unwrap_or_clone(batch);
    // by key, so that the versions and parts of one record stay together: of two that came as one version, the greater
    // is what was stored, and the other by itself would seem to be that
    arrivals.sort_by(|a, b| a.key.cmp(&b.key));
    let mut portions = Vec::new();
    while !arrivals.is_empty() {
        let rest = arrivals.split_off(end_of_record(&arrivals, most));
        let arrivals = std::mem::replace(&mut arrivals, rest);
        portions.push(Arc::new(Batch { messages: messages.clone(), arrivals, rejects: Vec::new(), is_again }));
    }
    while !rejects.is_empty() {
        let rest = rejects.split_off(rejects.len().min(most));
        let rejects = std::mem::replace(&mut rejects, rest);
        portions.push(Arc::new(Batch { messages: messages.clone(), arrivals: Vec::new(), rejects, is_again }));
    }
    portions
}

/// Where the record ends that the arrivals up to `at`, in the order of their keys, end in.
fn end_of_record(arrivals: &[Arrival], at: usize) -> usize {
    let last = at.checked_sub(1).and_then(|last| arrivals.get(last));
    let rest = arrivals.get(at..).unwrap_or_default();
    at.min(arrivals.len()) + rest.iter().take_while(|next| last.is_some_and(|last| last.key == next.key)).count()
}

/// A batch that fails, in halves; a single record that fails, as a reject.
fn narrow(desk: &Desk, mut batch: Batch, reason: &str) -> Result<Vec<Batch>, Error> {
    let (messages, is_again) = (batch.messages.clone(), batch.is_again);
    if batch.arrivals.len() > 1 {
        // by key, so that the versions and parts of one record stay together where they can
        batch.arrivals.sort_by(|a, b| a.key.cmp(&b.key));
        let middle = batch.arrivals.len() / 2;
        let end = end_of_record(&batch.arrivals, middle);
        let upper = batch.arrivals.split_off(if end < batch.arrivals.len() { end } else { middle });
        return Ok(vec![Batch { messages, arrivals: upper, rejects: Vec::new(), is_again }, batch]);
    }
    let Some(arrival) = batch.arrivals.pop() else {
        return Err(Error::Interrupted(format!("the quarantine itself could not be written: {reason}")));
    };
    let message_id = messages.get(arrival.message).map(|message| message.message_id.clone()).unwrap_or_default();
    let reject = reject(desk, &arrival, &message_id, "not_storable", reason.to_owned());
    let record = &arrival.key;
    tracing::error!(source = %record.source_id, reason, "a record cannot be stored and is in quarantine");
    Ok(vec![
        Batch { messages: messages.clone(), arrivals: Vec::new(), rejects: vec![reject], is_again },
        Batch { messages, ..batch },
    ]
    .into_iter()
    .filter(|batch| !batch.rejects.is_empty())
    .collect())
}

/// Stores a batch; `None`: what it was compared with changed meanwhile, and it has to be compared again.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn store_once(desk: &Desk, batch: &Arc<Batch>) -> Result<Option<Written>, Error> {
    let candidates = fold(&batch.arrivals);
    let mut verdicts = Verdicts::new(batch.arrivals.len());
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let sorted = sort(&mut conn, batch, candidates, &mut verdicts).await?;
    if sorted.is_nothing() && batch.rejects.is_empty() {
        return Ok(Some(verdicts.unwritten(batch)));
    }
    if sorted.is_nothing() {
        return hold_rejects(desk, &mut conn, batch, verdicts).await.map(Some);
    }
    let Sorted { changed, mut late, mut refreshed, newer, open } = sorted;
    let ready = prepare_all(desk, batch, open).await?;
    // of some nothing that is newer can be read
    let is_newer = |index: usize| {
        newer.contains(&index) && (batch.arrivals[index].deleted || ready.get(&index).is_some_and(|r| r.record.is_ok()))
    };
    let (mut changed, unread): (Vec<Candidate>, Vec<Candidate>) =
        changed.into_iter().partition(|candidate| candidate.in_parts || candidate.all().any(is_newer));
    late.extend(unread);
    let (news, known) = sort_late(&mut conn, &desk.ring, batch, late, &ready).await?;
    changed.extend(news);
    refreshed.extend(known);
    if changed.is_empty() && refreshed.is_empty() {
        return if batch.rejects.is_empty() {
            Ok(Some(verdicts.unwritten(batch)))
        } else {
            hold_rejects(desk, &mut conn, batch, verdicts).await.map(Some)
        };
    }
    let work = bundle_all(desk, batch, changed, ready).await?;
    write_all(desk, &mut conn, batch, work, &refreshed, verdicts).await
}

/// The candidates of a batch by how they stand to what is stored.
#[derive(Default)]
struct Sorted {
    changed: Vec<Candidate>,
    /// Nothing of it is newer than what is stored; what it said before may be news.
    late: Vec<Candidate>,
    refreshed: Vec<usize>,
    /// The arrivals that are newer than what is stored.
    newer: HashSet<usize>,
    /// The arrivals to work out before the lock.
    open: Vec<usize>,
}

impl Sorted {
    const fn is_nothing(&self) -> bool {
        self.changed.is_empty() && self.late.is_empty() && self.refreshed.is_empty()
    }
}

/// Compares the candidates with what is stored, without a lock.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn sort(
    conn: &mut PgConnection,
    batch: &Batch,
    candidates: Vec<Candidate>,
    verdicts: &mut Verdicts,
) -> Result<Sorted, Error> {
    let keys: Vec<&RecordKey> = candidates.iter().map(|c| &batch.arrivals[c.newest[0]].key).collect();
    let states: HashMap<RecordKey, State> =
        source_record::states(conn, &keys).await?.into_iter().map(|state| (state.key.clone(), state)).collect();
    verdicts.losers(batch, &states);
    let mut sorted = Sorted::default();
    for mut candidate in candidates {
        let first = &batch.arrivals[candidate.newest[0]];
        let state = states.get(&first.key);
        candidate.in_parts = !first.is_whole() || candidate.newest.len() > 1 || state.is_some_and(|s| s.part_count > 0);
        if candidate.in_parts {
            sorted.changed.push(candidate);
            continue;
        }
        if batch.is_again {
            // what it is worth is decided under the lock
            sorted.newer.extend(candidate.all());
            sorted.open.extend(candidate.all());
            sorted.changed.push(candidate);
            continue;
        }
        let stands = |index: usize| {
            let arrival = &batch.arrivals[index];
            standing(&arrival.version, arrival.versioned, state.map(|state| &state.version))
        };
        let newest = stands(candidate.newest[0]);
        let speaks = |index: &usize| matches!(stands(*index), Standing::Newer | Standing::Older);
        sorted.newer.extend(candidate.all().filter(|index| stands(*index) == Standing::Newer));
        let open = sorted.open.len();
        sorted.open.extend(candidate.all().filter(speaks));
        match newest {
            Standing::Newer => sorted.changed.push(candidate),
            _ if sorted.open.len() > open => sorted.late.push(candidate),
            Standing::Refreshed => sorted.refreshed.push(candidate.newest[0]),
            Standing::Same | Standing::Older | Standing::Again => {}
        }
    }
    Ok(sorted)
}

/// Those of the late candidates that say something that the database does not know yet, or that cannot be read; of
/// the rest, what repeats what is stored under a later order.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn sort_late(
    conn: &mut PgConnection,
    ring: &KeyRing,
    batch: &Batch,
    late: Vec<Candidate>,
    ready: &HashMap<usize, Ready>,
) -> Result<(Vec<Candidate>, Vec<usize>), Error> {
    if late.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let key_of = |candidate: &Candidate| &batch.arrivals[candidate.newest[0]].key;
    let rows = source_record::load(conn, ring, &late.iter().map(key_of).collect::<Vec<_>>()).await?;
    let rows: HashMap<&RecordKey, &SourceRecord> = rows.iter().map(|row| (&row.key, row)).collect();
    let each = |candidate: &Candidate| {
        let ready = candidate.all().filter_map(|index| Some((&batch.arrivals[index].version, ready.get(&index)?)));
        ready.collect::<Vec<_>>()
    };
    let tells = |candidate: &Candidate| {
        let Some(row) = rows.get(key_of(candidate)) else { return false };
        let each = each(candidate);
        let said = each.iter().filter_map(|(version, ready)| LastSaid::of_ready(version, ready));
        let keys: Vec<LinkKey> = each.iter().flat_map(|(_, ready)| ready.links.iter().copied()).collect();
        past::recalled(row, said.max_by(|a, b| a.version.cmp(&b.version)), &keys).is_some()
    };
    let told = late.into_iter().map(|candidate| Candidate { is_told: !tells(&candidate), ..candidate });
    let is_unread = |candidate: &Candidate| {
        let mut alive = candidate.all().filter(|index| !batch.arrivals[*index].deleted);
        alive.any(|index| ready.get(&index).is_some_and(|ready| ready.record.is_err()))
    };
    let (news, known): (Vec<Candidate>, Vec<Candidate>) =
        told.partition(|candidate| !candidate.is_told || is_unread(candidate));
    let repeats = |index: &usize| {
        let arrival = &batch.arrivals[*index];
        let row = rows.get(&arrival.key).map(|row| &row.version);
        standing(&arrival.version, arrival.versioned, row) == Standing::Refreshed
    };
    Ok((news, known.iter().map(|candidate| candidate.newest[0]).filter(repeats).collect()))
}

/// What is worked out before the lock.
struct Work {
    changed: Vec<Candidate>,
    ready: HashMap<usize, Ready>,
    bundles: Vec<archive::Bundle>,
}

/// Nothing but rejects: they need no feed lock, and a flood of them keeps nobody else waiting.
async fn hold_rejects(
    desk: &Desk,
    conn: &mut PgConnection,
    batch: &Batch,
    verdicts: Verdicts,
) -> Result<Written, Error> {
    let mut transaction = store::begin(conn).await?;
    let rejects: Vec<&Reject> = batch.rejects.iter().collect();
    let written = conclude(&mut transaction, desk.clock.now(), batch, &rejects, verdicts).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(written)
}

/// What every transaction ends with: rejects, receipts, tallies.
async fn conclude(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    batch: &Batch,
    rejects: &[&Reject],
    verdicts: Verdicts,
) -> Result<Written, Error> {
    if batch.is_again {
        return Ok(Written { again: again::refused(rejects), ..Written::default() });
    }
    store::quarantine::hold(conn, &rejects.iter().map(|reject| &reject.held).collect::<Vec<_>>()).await?;
    let (receipts, tallies) = verdicts.close(batch, rejects);
    store::receipt::insert(conn, &receipts).await?;
    let counted: Vec<(&str, &Tally)> = tallies.iter().map(|(source, tally)| (source.as_str(), tally)).collect();
    store::source::count(conn, now, &counted).await?;
    Ok(Written { tallies, wrote: true, ..Written::default() })
}

/// Normalizes and seals on the blocking pool: it is work for a core, not waiting.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn prepare_all(desk: &Desk, batch: &Arc<Batch>, open: Vec<usize>) -> Result<HashMap<usize, Ready>, Error> {
    let (batch, ring, today) = (Arc::clone(batch), Arc::clone(&desk.ring), desk.clock.today());
    let one = move |index: usize| {
        let arrival = &batch.arrivals[index];
        let work_out = if arrival.deleted { prepare::ready_to_withdraw } else { prepare::ready };
        (index, work_out(&ring, &arrival.key, &arrival.origin.agency, today, &arrival.content))
    };
    let work = move || open.into_iter().map(one).collect();
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Interrupted(error.to_string()))
}

/// Bundles and seals what the archive keeps.
async fn bundle_all(
    desk: &Desk,
    batch: &Arc<Batch>,
    changed: Vec<Candidate>,
    ready: HashMap<usize, Ready>,
) -> Result<Work, Error> {
    let (batch, ring) = (Arc::clone(batch), Arc::clone(&desk.ring));
    let work = move || {
        let bundles = archive::of_whole(&ring, &batch.arrivals, &changed, &ready);
        Work { changed, ready, bundles }
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Interrupted(error.to_string()))
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn write_all(
    desk: &Desk,
    conn: &mut PgConnection,
    batch: &Arc<Batch>,
    work: Work,
    refreshed: &[usize],
    mut verdicts: Verdicts,
) -> Result<Option<Written>, Error> {
    let mut transaction = store::begin(conn).await?;
    let conn = &mut *transaction;
    let archived = archive::write(conn, desk.clock.now(), work.bundles).await?;
    let feed_head = store::change::lock(conn).await?;
    let mut refresh: Vec<_> =
        refreshed.iter().map(|i| (&batch.arrivals[*i].key, &batch.arrivals[*i].version)).collect();
    if source_record::overtaken(conn, &refresh).await? {
        return Ok(None);
    }
    // after the lock, so that times in the database never run against the order of the feed
    let now = desk.clock.now();
    let today = now.with_timezone(&HANOI).date_naive();
    let mut writer =
        Writer { desk, batch, now, today, rejects: Vec::new(), refreshed: Vec::new(), was_overtaken: false };
    let fresh = writer.fresh(conn, work.changed, work.ready, &archived, &mut verdicts).await?;
    // another process was first: what was archived is taken back, and all compared again
    let Some(fresh) = fresh else { return Ok(None) };
    let is_idle = !archived.is_empty() && fresh.iter().all(|piece| piece.row.part_count > 0);
    if writer.was_overtaken && is_idle {
        return Ok(None);
    }
    let pieces = gather::all(conn, &desk.ring, writer.today, fresh).await?;
    let (pieces, matches) = matching::filings(conn, &desk.ring, writer.today, pieces).await?;
    let mut linked = link::link(conn, &desk.ring, pieces, &matches).await?;
    let people = person::resolve(conn, &desk.ring, now, &mut linked.pieces).await?;
    if batch.is_again {
        again::revive(conn, &linked, &people).await?;
    }
    write::apply(conn, &desk.ring, feed_head, now, &linked, &people).await?;
    refresh.extend(writer.refreshed.iter().map(|(key, version)| (key, version)));
    source_record::refresh(conn, &refresh).await?;
    let rejects: Vec<&Reject> = batch.rejects.iter().chain(&writer.rejects).collect();
    verdicts.stored(batch, &linked);
    let mut written = conclude(conn, now, batch, &rejects, verdicts).await?;
    if batch.is_again {
        again::count(&linked.pieces, &mut written.again);
    }
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(Some(written))
}
