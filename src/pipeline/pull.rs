//! A pull: pages of a source become confirmed messages in its inbox, and only then its cursor moves.

mod folder;

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::broker::{self, Broker, Message, Packing, Publisher};
use crate::domain::{RawRecord, SourceId};
use crate::seal::Purpose;
use crate::sources::Limits;
use crate::sources::cursor::Cursor;
use crate::sources::files;
use crate::sources::mapping::Decoder;
use crate::sources::pull::{self, MaxMissing, Supply};
use crate::store;
use crate::store::quarantine::Held;
use crate::store::source::Tally;

use super::batch::Desk;
use super::progress::Progress;
use folder::Round;

/// Bytes of records in one message.
const MESSAGE_BYTES: usize = 128 << 10;

/// Why a pull ended early; what it had confirmed is safe and its cursor saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Source(#[from] pull::Error),
    #[error(transparent)]
    Broker(#[from] broker::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(
        "{missing} of {held} records are missing from the source, more than max_missing allows: nothing was deleted; if they are really gone, `petitiond source confirm-missing {source_id}` lets the next pull withdraw them"
    )]
    TooManyMissing { source_id: SourceId, missing: usize, held: usize },
    #[error(
        "a record of the source has no usable record_id: {0}; without the ids of all records nothing can be taken for deleted"
    )]
    NoId(String),
    #[error("the pull was stopped; it goes on from its last page")]
    Stopped,
    #[error("another process pulls this source, it was paused, or its cursor was reset meanwhile")]
    Superseded,
}

impl From<files::Error> for Error {
    fn from(error: files::Error) -> Self {
        Self::Source(error.into())
    }
}

impl Error {
    /// Whether trying again soon may help. Wrong credentials or a wrong answer wait for the schedule: hammering with
    /// them locks accounts.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Source(error) => error.is_transient(),
            Self::Broker(_) | Self::Store(_) | Self::Superseded => true,
            Self::TooManyMissing { .. } | Self::NoId(_) | Self::Stopped => false,
        }
    }

    /// How long the source asked us to stay away.
    pub const fn after(&self) -> Option<Duration> {
        match self {
            Self::Source(error) => error.after(),
            _ => None,
        }
    }
}

/// What a pull did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    pub records: u64,
    pub tombstones: u64,
    pub calls: u64,
    pub bytes: u64,
}

/// What a snapshot has shown so far.
#[derive(Default)]
struct Seen {
    /// Hashes of the ids of its records.
    ids: HashSet<[u8; 32]>,
    /// Why a record has no id. The others are taken in all the same; only nothing can be taken for deleted.
    nameless: Option<String>,
}

/// One pull of a source.
pub struct Pull<'p> {
    pub desk: &'p Desk,
    pub broker: &'p Broker,
    pub source_id: &'p SourceId,
    pub supply: &'p Supply,
    /// Every pull is the whole set: what is missing was deleted, unless more than this is.
    pub snapshot: Option<MaxMissing>,
    pub decoder: &'p Decoder,
    pub limits: &'p Limits,
    pub stop: &'p CancellationToken,
    /// This process, as the one that pulls.
    pub holder: Uuid,
    pub progress: &'p Progress,
    /// Its name in the progress.
    pub worker: &'p str,
}

impl Pull<'_> {
    /// Runs the pull and writes its history, whether it ends well or badly.
    ///
    /// # Errors
    /// [`Error`]; what had been confirmed by then is safe.
    pub async fn run(&self) -> Result<Done, Error> {
        let started_at = self.desk.clock.now();
        let source_id = self.source_id.as_str();
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        let taken = store::source::begin_pull(&mut conn, source_id, self.holder, started_at).await?;
        drop(conn);
        let before = taken.ok_or(Error::Superseded)?;
        let mut done = Done::default();
        let mut cursor = before.clone().map(Cursor);
        let outcome = tokio::select! {
            outcome = self.pages(started_at, &mut cursor, &mut done) => outcome,
            error = self.keep() => Err(error),
        };
        let finished_at = self.desk.clock.now();
        let quiet = |error: &&Error| !matches!(error, Error::Stopped | Error::Superseded);
        let error = outcome.as_ref().err().filter(quiet).map(ToString::to_string);
        let pull = store::pull::Pull {
            source_id: source_id.to_owned(),
            started_at,
            finished_at,
            records: done.records as i64,
            bytes: done.bytes as i64,
            calls: done.calls as i64,
            tombstones: done.tombstones as i64,
            cursor_before: before,
            cursor_after: cursor.map(|cursor| cursor.0),
            error: outcome.as_ref().err().map(ToString::to_string),
        };
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        store::pull::insert(&mut conn, &pull).await?;
        store::source::end_pull(&mut conn, source_id, self.holder, finished_at, error.as_deref()).await?;
        outcome.map(|()| done)
    }

    /// Keeps the source for this process while its pull is under way; returns when it is lost.
    async fn keep(&self) -> Error {
        loop {
            tokio::time::sleep(Duration::from_secs(15)).await;
            let kept = async {
                let mut conn = self.desk.pool.acquire().await?;
                store::source::keep_pull(&mut conn, self.source_id.as_str(), self.holder).await
            };
            match kept.await {
                Ok(false) => return Error::Superseded,
                // where the database is away the pull fails by itself when it wants to save its cursor
                Ok(true) | Err::<_, store::Error>(_) => self.progress.waits(self.worker),
            }
        }
    }

    async fn pages(
        &self,
        started_at: DateTime<Utc>,
        cursor: &mut Option<Cursor>,
        done: &mut Done,
    ) -> Result<(), Error> {
        let publisher = self.broker.publisher();
        let client = match self.supply {
            Supply::Pages(client) => client,
            Supply::Files(folder) => {
                return self.files(started_at, Round { folder, publisher: &publisher, cursor, done }).await;
            }
        };
        let mut seen = self.snapshot.map(|_| Seen::default());
        let mut pull = client.pull(cursor.clone(), started_at);
        let read = self.read(&publisher, started_at, &mut pull, cursor, &mut seen, done).await;
        let end = pull.finish();
        (done.calls, done.bytes) = (end.stats.calls, end.stats.bytes);
        if let Err(error) = read {
            if let (Error::Source(source), Some(restart)) = (&error, end.cursor)
                && source.is_endless()
            {
                self.save(Some(restart), cursor).await?;
            }
            return Err(error);
        }
        if let (Some(seen), true, Some(max_missing)) = (seen, end.whole_set, self.snapshot) {
            if let Some(reason) = seen.nameless {
                return Err(Error::NoId(reason));
            }
            done.tombstones = self.bury(&publisher, started_at, &seen.ids, max_missing).await?;
        }
        if end.cursor.is_some() {
            self.save(end.cursor, cursor).await?;
        }
        Ok(())
    }

    async fn read(
        &self,
        publisher: &Publisher,
        started_at: DateTime<Utc>,
        pull: &mut pull::Pull,
        cursor: &mut Option<Cursor>,
        seen: &mut Option<Seen>,
        done: &mut Done,
    ) -> Result<(), Error> {
        loop {
            let page = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Error::Stopped),
                page = pull.next_page() => page?,
            };
            let Some(page) = page else { return Ok(()) };
            self.progress.waits(self.worker);
            if let Some(seen) = seen {
                for record in &page.records {
                    match self.decoder.record_id(record) {
                        Ok(id) => drop(seen.ids.insert(self.desk.ring.hash("seen", &[&id]))),
                        Err(error) => drop(seen.nameless.get_or_insert_with(|| error.to_string())),
                    }
                }
            }
            done.records += page.records.len() as u64;
            self.hand_over(publisher, started_at, &page.records).await?;
            if page.checkpoint.is_some() {
                self.save(page.checkpoint, cursor).await?;
            }
        }
    }

    /// Publishes what fits into messages and holds what does not; all of it is safe when this returns.
    async fn hand_over(
        &self,
        publisher: &Publisher,
        ordered_by: DateTime<Utc>,
        records: &[RawRecord],
    ) -> Result<(), Error> {
        let limit = self.limits.record_bytes;
        let (fitting, oversize): (Vec<&str>, Vec<&str>) =
            records.iter().map(|RawRecord(raw)| raw.get()).partition(|text| text.len() <= limit);
        self.hold(&oversize, ordered_by).await?;
        self.publish(publisher, ordered_by, Packing::Records, fitting.into_iter()).await
    }

    /// Publishes records, several to a message, and returns when the broker has confirmed all of them.
    async fn publish<'r>(
        &self,
        publisher: &Publisher,
        started_at: DateTime<Utc>,
        packing: Packing,
        records: impl Iterator<Item = &'r str>,
    ) -> Result<(), Error> {
        let route = || self.broker.topology().to_inbox(self.source_id);
        let bodies = broker::pack(records, MESSAGE_BYTES, self.limits.record_bytes.saturating_add(2))?;
        let messages = bodies.into_iter().map(|body| {
            let id = Uuid::now_v7().to_string();
            publisher.publish(route(), Message::packed(id, packing, started_at.timestamp_micros(), body))
        });
        tokio::select! {
            biased;
            confirmed = try_join_all(messages) => drop(confirmed?),
            () = self.stop.cancelled() => return Err(Error::Stopped),
        }
        Ok(())
    }

    /// Records too large for a message go to quarantine at once: they must neither be lost nor stop the rest.
    async fn hold(&self, oversize: &[&str], received_at: DateTime<Utc>) -> Result<(), Error> {
        let source_id = self.source_id.as_str();
        let held: Vec<Held> = oversize
            .iter()
            .map(|text| Held {
                source_id: source_id.to_owned(),
                payload_hash: self.desk.ring.hash_bytes("quarantine", text.as_bytes()),
                record_id: None,
                reason: "too_large",
                detail: format!(
                    "the record is {} bytes and the limit {}; raise limits.record_bytes if that is right, then retry",
                    text.len(),
                    self.limits.record_bytes
                ),
                packing: "record",
                content_type: Some("application/json".to_owned()),
                content_encoding: None,
                message_id: String::new(),
                payload: self.desk.ring.seal(Purpose::Quarantine, source_id, text.as_bytes()),
                received_at,
            })
            .collect();
        if held.is_empty() {
            return Ok(());
        }
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        store::quarantine::hold(&mut conn, &held.iter().collect::<Vec<_>>()).await?;
        let count = held.len() as i64;
        let tally = Tally { received: count, quarantined: count, ..Tally::default() };
        store::source::count(&mut conn, received_at, &[(source_id, &tally)]).await?;
        Ok(())
    }

    async fn save(&self, to: Option<Cursor>, cursor: &mut Option<Cursor>) -> Result<(), Error> {
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        let value = to.as_ref().map(|cursor| &cursor.0);
        if !store::source::save_cursor(&mut conn, self.source_id.as_str(), self.holder, value).await? {
            return Err(Error::Superseded);
        }
        *cursor = to;
        Ok(())
    }

    /// Withdraws what the database holds and the whole set no longer does, unless that is too much to be true.
    async fn bury(
        &self,
        publisher: &Publisher,
        started_at: DateTime<Utc>,
        seen: &HashSet<[u8; 32]>,
        max_missing: MaxMissing,
    ) -> Result<u64, Error> {
        let source_id = self.source_id.as_str();
        let (held, confirmed) = {
            let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
            let held = store::source_record::live_ids(&mut conn, self.source_id).await?;
            (held, store::missing_record::confirmed(&mut conn, source_id).await?)
        };
        let confirmed: HashSet<&String> = confirmed.iter().collect();
        let missing: Vec<&String> =
            held.iter().filter(|id| !seen.contains(&self.desk.ring.hash("seen", &[id.as_str()]))).collect();
        let unconfirmed = missing.iter().filter(|id| !confirmed.contains(*id)).count();
        let allowed = match max_missing {
            MaxMissing::Share(share) => unconfirmed as f64 <= share * held.len() as f64,
            MaxMissing::Records(records) => unconfirmed as u64 <= records,
        };
        if !allowed {
            let ids: Vec<&str> = missing.iter().map(|id| id.as_str()).collect();
            let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
            store::missing_record::hold(&mut conn, source_id, &ids, started_at).await?;
            let source_id = self.source_id.clone();
            return Err(Error::TooManyMissing { source_id, missing: missing.len(), held: held.len() });
        }
        let tombstones: Vec<String> =
            missing.iter().map(|id| serde_json::json!({ "record_id": id, "deleted": true }).to_string()).collect();
        self.publish(publisher, started_at, Packing::Interchange, tombstones.iter().map(String::as_str)).await?;
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        store::missing_record::clear(&mut conn, source_id).await?;
        Ok(tombstones.len() as u64)
    }
}
