//! One supervised connection: opened again without end when it is lost.
//!
//! Everybody who needs a channel asks [`Lane::channel`], which waits until there is a connection, and watches
//! [`Lane::lost`] while the channel is in use. Who finds the connection useless though it looks well (a confirm that
//! never comes) says so with [`Lane::suspect`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::{Channel, Connection, Event};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Error;
use super::dial::dial;
use super::setting::BrokerConfig;

/// Between attempts: doubling from the first to the second, a random part of it taken off.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(30);
/// How often the connection is looked at beside listening to it.
const WATCH: Duration = Duration::from_millis(250);
/// For one question to the broker.
pub(super) const ANSWER: Duration = Duration::from_secs(15);
const CLOSE: Duration = Duration::from_secs(3);

/// What a lane looks like from outside.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    /// Grows by one with every connection.
    pub epoch: u64,
    pub connection: Option<Arc<Connection>>,
    /// The broker takes no publications (memory or disk alarm).
    pub blocked: bool,
    /// Why there is no connection.
    pub error: Option<Error>,
    pub since: Instant,
}

/// A supervised connection. Clones are handles to the same one.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    condition: watch::Receiver<Condition>,
    suspicions: mpsc::UnboundedSender<(u64, String)>,
    stop: CancellationToken,
}

impl Lane {
    /// Starts connecting, under `name` in the broker's lists, until `stop`.
    pub(super) fn start(
        config: Arc<BrokerConfig>,
        name: String,
        stop: CancellationToken,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let start = Condition { epoch: 0, connection: None, blocked: false, error: None, since: Instant::now() };
        let (sender, condition) = watch::channel(start);
        let (suspicions, suspected) = mpsc::unbounded_channel();
        let supervisor = Supervisor { config, name, condition: sender, suspected, stop: stop.clone() };
        (Self { condition, suspicions, stop }, tokio::spawn(supervisor.run()))
    }

    pub(super) fn watch(&self) -> watch::Receiver<Condition> {
        self.condition.clone()
    }

    pub(super) fn blocked(&self) -> bool {
        self.condition.borrow().blocked
    }

    /// A new channel and the epoch of its connection, as soon as there is one.
    ///
    /// # Errors
    /// [`Error::Stopped`] only.
    pub(super) async fn channel(&self) -> Result<(u64, Channel), Error> {
        let mut watch = self.condition.clone();
        loop {
            let (epoch, connection) = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Error::Stopped),
                found = watch.wait_for(|condition| condition.connection.is_some()) => match found {
                    Ok(condition) => (condition.epoch, condition.connection.clone()),
                    Err(_) => return Err(Error::Stopped),
                },
            };
            let Some(connection) = connection else { continue };
            match timeout(ANSWER, connection.create_channel()).await {
                Ok(Ok(channel)) => return Ok((epoch, channel)),
                Ok(Err(error)) => tracing::debug!(%error, "no channel on the connection to the broker"),
                Err(_) => self.suspect(epoch, "no channel could be opened in time"),
            }
            drop(connection);
            sleep(WATCH).await;
        }
    }

    /// Returns when the connection of `epoch` is gone or the lane stops.
    pub(super) async fn lost(&self, epoch: u64) {
        let mut watch = self.condition.clone();
        let gone = watch.wait_for(|condition| condition.epoch != epoch || condition.connection.is_none());
        tokio::select! {
            _ = gone => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Has the connection of `epoch` replaced.
    pub(super) fn suspect(&self, epoch: u64, why: &str) {
        // Fails only when the supervisor has ended, and with it the connection.
        drop(self.suspicions.send((epoch, why.to_owned())));
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

struct Supervisor {
    config: Arc<BrokerConfig>,
    name: String,
    condition: watch::Sender<Condition>,
    suspected: mpsc::UnboundedReceiver<(u64, String)>,
    stop: CancellationToken,
}

impl Supervisor {
    async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        let mut cautious = false;
        let stop = self.stop.clone();
        loop {
            let dialled = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                dialled = dial(&self.config, &self.name, cautious) => dialled,
            };
            match dialled {
                Ok(connection) => {
                    (pause, cautious) = (FIRST_PAUSE, false);
                    let reason = self.attend(connection).await;
                    if stop.is_cancelled() {
                        return;
                    }
                    self.down(Error::Unavailable { reason });
                }
                Err(error) => {
                    cautious = matches!(error, Error::Unavailable { .. });
                    self.down(error);
                }
            }
            let jittered = pause.mul_f64(0.5 + 0.5 * fastrand::f64());
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(jittered) => {}
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Lets the connection be used until it is lost, and says why it was.
    async fn attend(&mut self, connection: Connection) -> String {
        let epoch = self.condition.borrow().epoch + 1;
        // The one listener: events are shared out among listeners, not copied to each.
        let mut events = std::pin::pin!(connection.events_listener());
        let connection = Arc::new(connection);
        self.up(epoch, &connection);
        let mut watch = tokio::time::interval(WATCH);
        let reason = loop {
            tokio::select! {
                () = self.stop.cancelled() => break "stopping".to_owned(),
                event = events.next() => match event {
                    Some(Event::ConnectionBlocked(reason)) => self.block(true, &reason),
                    Some(Event::ConnectionUnblocked) => self.block(false, ""),
                    // Errors of single channels come here too; they are for those who use the channel.
                    Some(Event::Error(error)) if !connection.status().connected() => break error.to_string(),
                    Some(_) => {}
                    None => break "the connection was closed".to_owned(),
                },
                Some((suspect, why)) = self.suspected.recv() => if suspect == epoch { break why },
                _ = watch.tick() => {
                    if !connection.status().connected() {
                        break "the connection was closed".to_owned();
                    }
                    self.block(connection.status().blocked(), "");
                }
            }
        };
        self.condition.send_modify(|condition| {
            condition.connection = None;
            condition.blocked = false;
        });
        if connection.status().connected() {
            // A goodbye that is not answered is as good as one that is.
            drop(timeout(CLOSE, connection.close(200, "OK".into())).await);
        }
        reason
    }

    fn up(&self, epoch: u64, connection: &Arc<Connection>) {
        let before = self.condition.send_replace(Condition {
            epoch,
            connection: Some(Arc::clone(connection)),
            blocked: false,
            error: None,
            since: Instant::now(),
        });
        let away_s = before.since.elapsed().as_secs();
        tracing::info!(connection = %self.name, away_s, "connected to the broker");
    }

    /// Tells and logs the change to "down", or just keeps the newest reason where it was down already.
    fn down(&self, error: Error) {
        self.condition.send_modify(|condition| {
            if condition.error.is_none() {
                tracing::warn!(connection = %self.name, %error, "no connection to the broker");
                condition.since = Instant::now();
            }
            condition.connection = None;
            condition.error = Some(error);
        });
    }

    fn block(&self, blocked: bool, reason: &str) {
        self.condition.send_if_modified(|condition| {
            if condition.blocked == blocked {
                return false;
            }
            if blocked {
                tracing::warn!(connection = %self.name, reason, "the broker takes no messages at present");
            } else {
                tracing::info!(connection = %self.name, "the broker takes messages again");
            }
            condition.blocked = blocked;
            condition.since = Instant::now();
            true
        });
    }
}
