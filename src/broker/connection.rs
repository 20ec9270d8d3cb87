//! [`Broker`]: the two supervised connections, and what can be asked of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Error;
use super::lane::{Condition, Lane};
use super::publish::Publisher;
use super::setting::BrokerConfig;
use super::topology::Topology;

/// How the broker is, as an operator wants to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Connected,
    /// Connected, but short of memory or disk: it delivers and takes nothing.
    Blocked {
        since: Instant,
    },
    /// At least one connection is missing; `error` is `None` before the first attempt has ended.
    Down {
        since: Instant,
        error: Option<Error>,
    },
}

/// Handle to the broker; clones share the same two connections, which close when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    topology: Topology,
    consuming: Lane,
    publisher: Publisher,
    state: watch::Receiver<State>,
    stop: CancellationToken,
    supervisors: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    _stop_with_the_last_handle: DropGuard,
}

impl Broker {
    /// Starts connecting and returns at once; `name` appears in the broker's list of connections. Whoever needs the
    /// connection waits for it by using it, or with [`Broker::ready`]. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Misconfigured`], when the configuration cannot work whatever the broker does.
    pub fn connect(config: BrokerConfig, name: &str) -> Result<Self, Error> {
        config.check()?;
        let config = Arc::new(config);
        let stop = CancellationToken::new();
        let topology = Topology::new(&config.prefix, config.delivery_limit);
        let lane = |part: &str| Lane::start(Arc::clone(&config), format!("{name} {part}"), stop.clone());
        let (publishing, first) = lane("publishing");
        let (consuming, second) = lane("consuming");
        let publisher = Publisher::start(publishing.clone(), &config);
        let (sender, state) = watch::channel(merge(&publishing.watch().borrow(), &consuming.watch().borrow()));
        tokio::spawn(follow(publishing.watch(), consuming.watch(), sender));
        Ok(Self {
            shared: Arc::new(Shared {
                topology,
                consuming,
                publisher,
                state,
                supervisors: tokio::sync::Mutex::new(vec![first, second]),
                _stop_with_the_last_handle: stop.clone().drop_guard(),
                stop,
            }),
        })
    }

    /// Waits until both connections stand.
    ///
    /// # Errors
    /// The reason why not, after `within`.
    pub async fn ready(&self, within: Duration) -> Result<(), Error> {
        let mut state = self.state();
        let up = state.wait_for(|state| !matches!(state, State::Down { .. }));
        if matches!(timeout(within, up).await, Ok(Ok(_))) {
            return Ok(());
        }
        match &*self.shared.state.borrow() {
            State::Down { error: Some(error), .. } => Err(error.clone()),
            _ => Err(Error::slow("connecting to the broker")),
        }
    }

    /// As [`Broker::ready`], but the first failure is the answer: for a person who waits, not for a daemon.
    ///
    /// # Errors
    /// The reason why not, as soon as it is known and after `within` at the latest.
    pub async fn first_answer(&self, within: Duration) -> Result<(), Error> {
        let mut state = self.state();
        let told = state.wait_for(|state| !matches!(state, State::Down { error: None, .. }));
        drop(timeout(within, told).await);
        self.ready(Duration::ZERO).await
    }

    /// How the broker is, and every change of that.
    pub fn state(&self) -> watch::Receiver<State> {
        self.shared.state.clone()
    }

    /// Whether the broker takes no messages at present, for want of memory or disk.
    pub fn is_blocked(&self) -> bool {
        matches!(*self.shared.state.borrow(), State::Blocked { .. })
    }

    /// The names at this broker.
    pub fn topology(&self) -> &Topology {
        &self.shared.topology
    }

    /// The publisher; clones share one channel.
    pub fn publisher(&self) -> Publisher {
        self.shared.publisher.clone()
    }

    /// Closes both connections, in order. Publications that are not confirmed end with [`Error::Stopped`];
    /// consumers should have been stopped before, or their deliveries come again.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        for supervisor in self.shared.supervisors.lock().await.drain(..) {
            if let Err(error) = supervisor.await {
                tracing::error!(%error, "a supervisor of a broker connection ended badly");
            }
        }
    }

    pub(super) fn consuming(&self) -> &Lane {
        &self.shared.consuming
    }
}

fn merge(publishing: &Condition, consuming: &Condition) -> State {
    let missing = [publishing, consuming].into_iter().filter(|lane| lane.connection.is_none());
    if let Some(lane) = missing.min_by_key(|lane| (lane.error.is_none(), lane.since)) {
        return State::Down { since: lane.since, error: lane.error.clone() };
    }
    if publishing.blocked { State::Blocked { since: publishing.since } } else { State::Connected }
}

/// Keeps the common state up to date until both lanes have ended.
async fn follow(
    mut publishing: watch::Receiver<Condition>,
    mut consuming: watch::Receiver<Condition>,
    state: watch::Sender<State>,
) {
    loop {
        let merged = merge(&publishing.borrow_and_update(), &consuming.borrow_and_update());
        state.send_if_modified(|state| {
            let changed = *state != merged;
            *state = merged;
            changed
        });
        let ended = tokio::select! {
            changed = publishing.changed() => changed.is_err(),
            changed = consuming.changed() => changed.is_err(),
        };
        if ended {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;
    use crate::broker::Message;
    use crate::domain::SourceId;
    use crate::secret::Secret;

    const fn can_be_spawned(_: &impl Send) {}

    #[tokio::test]
    async fn everything_that_waits_can_be_spawned() {
        let config = BrokerConfig::new(Secret::from("amqp://127.0.0.1:1/%2f"));
        let broker = Broker::connect(config, "test").unwrap();
        let source = SourceId::parse("bxd").unwrap();
        let mut consumer = broker.consume(&source, NonZeroU16::MIN);
        let (handle, publisher) = (consumer.handle(), broker.publisher());
        can_be_spawned(&broker.declare(std::slice::from_ref(&source)));
        can_be_spawned(&broker.backlog(&source));
        can_be_spawned(&broker.ready(Duration::ZERO));
        can_be_spawned(&broker.stop());
        can_be_spawned(&publisher.publish(broker.topology().to_inbox(&source), Message::new("", Vec::new())));
        can_be_spawned(&handle.stop(Duration::ZERO));
        can_be_spawned(&handle.flush());
        can_be_spawned(&consumer.next());
    }

    #[tokio::test]
    async fn a_broker_that_is_not_there_is_said_to_be_so() {
        let config = BrokerConfig::new(Secret::from("amqp://127.0.0.1:1/%2f"));
        let broker = Broker::connect(config, "test").unwrap();
        let mut state = broker.state();
        let down = state.wait_for(|state| matches!(state, State::Down { error: Some(_), .. })).await.unwrap().clone();
        let State::Down { error: Some(Error::Unavailable { reason }), .. } = down else { panic!("{down:?}") };
        assert!(reason.contains("127.0.0.1:1"), "{reason}");
        assert_eq!(broker.ready(Duration::ZERO).await, Err(Error::Unavailable { reason }));
        broker.stop().await;
    }
}
