//! From a queue of the source's own broker into its inbox here: published, confirmed, and only then acknowledged there.
//!
//! Messages are acknowledged in the order in which they came. So when a line breaks, what comes again is a whole rest of
//! the queue in its old order, and an older edit never overtakes a newer one for good.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, StreamExt as _};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::broker::{self, Broker, Message, Packing, Publisher};
use crate::domain::SourceId;
use crate::seal::Purpose;
use crate::sources::amqp::{AmqpConfig, Letter, Line};
use crate::sources::pull;
use crate::store;
use crate::store::quarantine::Held;
use crate::store::source::Tally;

use super::batch::Desk;
use super::progress::Progress;
use super::pull::Error;

/// How often a line says in the database that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// One source's queue, as long as its line holds.
pub struct Forward<'f> {
    pub desk: &'f Desk,
    pub broker: &'f Broker,
    pub source_id: &'f SourceId,
    pub config: &'f AmqpConfig,
    /// The last line broke, or could not be opened.
    pub cautious: bool,
    pub stop: &'f CancellationToken,
    /// This process: one alone forwards a source, or two would mix its order up.
    pub holder: Uuid,
    pub progress: &'f Progress,
    /// Its name in the progress.
    pub worker: &'f str,
}

impl Forward<'_> {
    /// Forwards until told to stop, or until the line breaks; how many messages are safe. Writes the source's history.
    ///
    /// # Errors
    /// [`Error`]; what had been acknowledged by then is safe, all else comes again.
    pub async fn run(&self) -> Result<u64, Error> {
        let started_at = self.desk.clock.now();
        let source_id = self.source_id.as_str();
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        let taken = store::source::begin_pull(&mut conn, source_id, self.holder, started_at).await?;
        drop(conn);
        taken.ok_or(Error::Superseded)?;
        let (mut messages, mut bytes) = (0, 0);
        let outcome = match self.forward(&mut messages, &mut bytes).await {
            Err(Error::Stopped) => Ok(messages),
            outcome => outcome.map(|()| messages),
        };
        let finished_at = self.desk.clock.now();
        // one that was paused, or is another process's by now, has not failed
        let failed = |error: &&Error| !matches!(error, Error::Superseded);
        let failure = outcome.as_ref().err().filter(failed).map(ToString::to_string);
        let pull = store::pull::Pull {
            source_id: source_id.to_owned(),
            started_at,
            finished_at,
            records: messages as i64,
            bytes: bytes as i64,
            calls: 1,
            tombstones: 0,
            cursor_before: None,
            cursor_after: None,
            error: outcome.as_ref().err().map(ToString::to_string),
        };
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        store::pull::insert(&mut conn, &pull).await?;
        store::source::end_pull(&mut conn, source_id, self.holder, finished_at, failure.as_deref()).await?;
        outcome
    }

    async fn forward(&self, messages: &mut u64, bytes: &mut u64) -> Result<(), Error> {
        let name = format!("petitiond {}", self.source_id);
        let mut line = tokio::select! {
            () = self.stop.cancelled() => return Err(Error::Stopped),
            line = Line::open(self.config, &name, self.cautious) => line.map_err(pull::Error::from)?,
        };
        self.live().await?;
        let publisher = self.broker.publisher();
        let mut under_way: FuturesOrdered<BoxFuture<'_, Result<Letter, Error>>> = FuturesOrdered::new();
        let mut sizes = VecDeque::new();
        let mut alive = tokio::time::interval(SIGN_OF_LIFE);
        let outcome = loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break Err(Error::Stopped),
                Some(safe) = under_way.next(), if !under_way.is_empty() => {
                    let acknowledged = async { line.acknowledge(&safe?).await.map_err(|error| pull::Error::from(error).into()) };
                    if let Err(error) = acknowledged.await {
                        break Err(error);
                    }
                    *messages += 1;
                    *bytes += sizes.pop_front().unwrap_or(0);
                    self.progress.moved(self.worker);
                }
                _ = alive.tick() => {
                    self.progress.waits(self.worker);
                    if let Err(error) = self.live().await {
                        break Err(error);
                    }
                }
                letter = line.next() => match letter {
                    Ok(letter) => {
                        sizes.push_back(letter.body.len() as u64);
                        under_way.push_back(Box::pin(self.hand_over(&publisher, letter)));
                    }
                    Err(error) => break Err(pull::Error::from(error).into()),
                },
            }
        };
        drop(under_way);
        line.close().await;
        outcome
    }

    /// Says in the database that the line holds, and keeps the source for this process.
    async fn live(&self) -> Result<(), Error> {
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        let now = self.desk.clock.now();
        let is_ours = store::source::thrive(&mut conn, self.source_id.as_str(), self.holder, now).await?;
        if is_ours { Ok(()) } else { Err(Error::Superseded) }
    }

    /// Brings a message to where it is safe: the inbox, or, where that will never take it, quarantine.
    async fn hand_over(&self, publisher: &Publisher, letter: Letter) -> Result<Letter, Error> {
        let now = self.desk.clock.now();
        // Without a time of its own a message is ordered by when it came, and within a second by an id that grows.
        let message_id = letter.message_id.clone().filter(|_| letter.timestamp.is_some());
        let message = Message {
            message_id: message_id.unwrap_or_else(|| Uuid::now_v7().to_string()),
            packing: Packing::Foreign,
            pulled_at: None,
            timestamp: letter.timestamp.or_else(|| u64::try_from(now.timestamp()).ok()),
            content_type: letter.content_type.clone(),
            content_encoding: letter.content_encoding.clone(),
            body: letter.body.clone(),
        };
        let route = || self.broker.topology().to_inbox(self.source_id);
        match publisher.publish(route(), message.clone()).await {
            Ok(()) => {}
            Err(broker::Error::Rejected { what, advice }) => {
                self.hold(&letter, format!("{what}: {advice}"), now).await?;
            }
            // somebody deleted the inbox while the daemon ran
            Err(broker::Error::Unroutable { .. }) => {
                self.broker.declare(std::slice::from_ref(self.source_id)).await?;
                publisher.publish(route(), message).await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(letter)
    }

    /// What the inbox refuses is kept for a person: it must neither be lost nor stop what comes after it.
    async fn hold(&self, letter: &Letter, detail: String, received_at: DateTime<Utc>) -> Result<(), Error> {
        let source_id = self.source_id.as_str();
        let held = Held {
            source_id: source_id.to_owned(),
            payload_hash: self.desk.ring.hash_bytes("quarantine", &letter.body),
            record_id: None,
            reason: "too_large",
            detail,
            packing: "message",
            content_type: None,
            content_encoding: letter.content_encoding.clone().filter(|name| matches!(name.as_str(), "gzip" | "zstd")),
            message_id: String::new(),
            payload: self.desk.ring.seal(Purpose::Quarantine, source_id, &letter.body),
            received_at,
        };
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        store::quarantine::hold(&mut conn, &[&held]).await?;
        let tally = Tally { received: 1, quarantined: 1, ..Tally::default() };
        store::source::count(&mut conn, received_at, &[(source_id, &tally)]).await?;
        Ok(())
    }
}
