//! One batch: from decoded records to a committed transaction.
//!
//! First the batch is compared with what is stored, without a lock: repeats end here and write nothing. What is left
//! is normalized and sealed, still without a lock. Then one transaction, under the feed lock, compares again, links
//! and writes everything: archive, source records, petitions, cases, events, changes, receipts, tallies.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::clock::{Clock, HANOI};
use crate::domain::RecordKey;
use crate::seal::KeyRing;
use crate::store::quarantine::Held;
use crate::store::source::Tally;
use crate::store::source_record::{self, State};
use crate::store::{self, Fault, PgConnection, PgPool};

use super::arrival::{Arrival, Candidate, fold};
use super::prepare::{self, Ready};
use super::verdict::Verdicts;
use super::writer::{Overtaken, Standing, Writer, reject, standing};
use super::{Error, archive, link, withdrawn, write};

/// Records in one transaction at most, whatever one message holds: everybody else waits while it holds the feed lock.
const MOST: usize = 5_000;

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
}

impl Written {
    fn absorb(&mut self, other: Self) {
        for (source, tally) in other.tallies {
            self.tallies.entry(source).or_default().add(&tally);
        }
        for (source, tally) in other.uncounted {
            self.uncounted.entry(source).or_default().add(&tally);
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
pub async fn store(desk: &Desk, batch: Arc<Batch>) -> Result<Written, Error> {
    let mut written = Written::default();
    let mut pending = portions(batch);
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
fn portions(batch: Arc<Batch>) -> Vec<Arc<Batch>> {
    if batch.arrivals.len().max(batch.rejects.len()) <= MOST {
        return vec![batch];
    }
    let Batch { messages, mut arrivals, mut rejects } = Arc::unwrap_or_clone(batch);
    // by key, so that the versions and parts of one record stay together where they can
    arrivals.sort_by(|a, b| a.key.cmp(&b.key));
    let mut portions = Vec::new();
    while !arrivals.is_empty() {
        let rest = arrivals.split_off(arrivals.len().min(MOST));
        let arrivals = std::mem::replace(&mut arrivals, rest);
        portions.push(Arc::new(Batch { messages: messages.clone(), arrivals, rejects: Vec::new() }));
    }
    while !rejects.is_empty() {
        let rest = rejects.split_off(rejects.len().min(MOST));
        let rejects = std::mem::replace(&mut rejects, rest);
        portions.push(Arc::new(Batch { messages: messages.clone(), arrivals: Vec::new(), rejects }));
    }
    portions
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
    let record = &arrival.key;
    tracing::error!(source = %record.source_id, reason, "a record cannot be stored and is in quarantine");
    Ok(vec![
        Batch { messages: messages.clone(), arrivals: Vec::new(), rejects: vec![reject] },
        Batch { messages, ..batch },
    ]
    .into_iter()
    .filter(|batch| !batch.rejects.is_empty())
    .collect())
}

/// Stores a batch; `None`: what it was compared with changed meanwhile, and it has to be compared again.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn store_once(desk: &Desk, batch: &Arc<Batch>) -> Result<Option<Written>, Error> {
    let mut candidates = fold(&batch.arrivals);
    let mut verdicts = Verdicts::new(batch.arrivals.len());
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let keys: Vec<&RecordKey> = candidates.iter().map(|c| &batch.arrivals[c.newest[0]].key).collect();
    let states: HashMap<RecordKey, State> =
        source_record::states(&mut conn, &keys).await?.into_iter().map(|state| (state.key.clone(), state)).collect();
    let mut changed: Vec<Candidate> = Vec::new();
    let mut refreshed: Vec<usize> = Vec::new();
    withdrawn::note_said(&batch.arrivals, &mut candidates, &states);
    for mut candidate in candidates {
        let first = &batch.arrivals[candidate.newest[0]];
        let state = states.get(&first.key);
        candidate.in_parts = !first.is_whole() || candidate.newest.len() > 1 || state.is_some_and(|s| s.part_count > 0);
        if candidate.in_parts {
            changed.push(candidate);
            continue;
        }
        let standing = standing(&first.version, first.versioned, state.map(|s| &s.version));
        candidate.is_late = standing != Standing::Newer;
        let said = candidate.said.iter().map(|index| &batch.arrivals[*index].version).max();
        let says_more = state.is_some_and(|state| state.deleted) && said > candidate.known.as_ref();
        match standing {
            Standing::Newer => changed.push(candidate),
            _ if says_more => changed.push(candidate),
            Standing::Refreshed => refreshed.push(candidate.newest[0]),
            Standing::Same | Standing::Older => {}
        }
    }
    verdicts.losers(batch, &states);
    if changed.is_empty() && refreshed.is_empty() && batch.rejects.is_empty() {
        return Ok(Some(verdicts.unwritten(batch)));
    }
    if changed.is_empty() && refreshed.is_empty() {
        return hold_rejects(desk, &mut conn, batch, verdicts).await.map(Some);
    }
    let work = prepare_all(desk, batch, changed).await?;
    write_all(desk, &mut conn, batch, work, &refreshed, verdicts).await
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
    store::quarantine::hold(conn, &rejects.iter().map(|reject| &reject.held).collect::<Vec<_>>()).await?;
    let (receipts, tallies) = verdicts.close(batch, rejects);
    store::receipt::insert(conn, &receipts).await?;
    let counted: Vec<(&str, &Tally)> = tallies.iter().map(|(source, tally)| (source.as_str(), tally)).collect();
    store::source::count(conn, now, &counted).await?;
    Ok(Written { tallies, wrote: true, ..Written::default() })
}

/// Normalizes and seals on the blocking pool: it is work for a core, not waiting.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
async fn prepare_all(desk: &Desk, batch: &Arc<Batch>, changed: Vec<Candidate>) -> Result<Work, Error> {
    let whole = changed.iter().filter(|candidate| !candidate.in_parts);
    let whole: Vec<usize> =
        whole.flat_map(|candidate| candidate.newest.iter().chain(&candidate.said)).copied().collect();
    let (batch, ring, today) = (Arc::clone(batch), Arc::clone(&desk.ring), desk.clock.today());
    let work = move || {
        let one = |index: &usize| {
            let arrival = &batch.arrivals[*index];
            (*index, prepare::ready(&ring, &arrival.key, &arrival.origin.agency, today, &arrival.content))
        };
        let ready = whole.iter().map(one).collect::<HashMap<usize, Ready>>();
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
        Writer { desk, batch, now, today, rejects: Vec::new(), refreshed: Vec::new(), overtaken: Overtaken::No };
    let fresh = writer.fresh(conn, work.changed, work.ready, &archived, &mut verdicts).await?;
    // another process was first: what was archived is taken back, and all compared again
    let Some(fresh) = fresh else { return Ok(None) };
    let is_idle = !archived.is_empty() && fresh.iter().all(|piece| piece.row.part_count > 0);
    if writer.overtaken == Overtaken::Withdrawn || (writer.overtaken == Overtaken::Yes && is_idle) {
        return Ok(None);
    }
    let pieces = link::gather(conn, &desk.ring, writer.today, fresh).await?;
    let linked = link::link(conn, &desk.ring, pieces).await?;
    write::apply(conn, &desk.ring, feed_head, now, &linked).await?;
    refresh.extend(writer.refreshed.iter().map(|(key, version)| (key, version)));
    source_record::refresh(conn, &refresh).await?;
    let rejects: Vec<&Reject> = batch.rejects.iter().chain(&writer.rejects).collect();
    verdicts.stored(batch, &linked);
    let written = conclude(conn, now, batch, &rejects, verdicts).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(Some(written))
}
