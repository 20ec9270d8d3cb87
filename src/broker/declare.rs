//! Making exchanges and queues, and looking at them.
//!
//! An answer of "no" closes the channel it was asked on, so every question has a channel of its own. Where the account
//! may not declare, what exists is enough: an administrator may have made everything beforehand.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, ErrorKind, ExchangeKind};
use tokio::time::timeout;

use super::Error;
use super::connection::Broker;
use super::envelope::short;
use super::lane::{ANSWER, Lane};
use super::topology::{EXCHANGES, QUEUES, Queue, Topology};
use crate::domain::SourceId;

impl Broker {
    /// Makes the exchanges and the dead queue, and for every one of `sources` its inbox and receipts, where they
    /// do not exist; again is free.
    ///
    /// # Errors
    /// [`Error::Misconfigured`] names the exchange or queue that exists with other properties or may not be made;
    /// the other sources are declared all the same. [`Error::Unavailable`], [`Error::Stopped`].
    pub async fn declare(&self, sources: &[SourceId]) -> Result<(), Error> {
        declare_common(self.consuming(), self.topology()).await?;
        let mut first = None;
        for source in sources {
            match self.declare_source(source).await {
                Ok(()) => {}
                Err(error @ Error::Misconfigured { .. }) => {
                    tracing::error!(source = %source, %error, "the queues of a source cannot be declared");
                    first.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// Makes inbox and receipts of `source`.
    ///
    /// # Errors
    /// As [`Broker::declare`].
    pub async fn declare_source(&self, source: &SourceId) -> Result<(), Error> {
        declare_source(self.consuming(), self.topology(), source).await
    }

    /// How many messages wait in the inbox of `source`, and how many consumers it has; `None` where there is no
    /// such queue. Messages delivered and not yet acknowledged do not count.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Stopped`], [`Error::Misconfigured`].
    pub async fn backlog(&self, source: &SourceId) -> Result<Option<(u32, u32)>, Error> {
        self.depth(&self.topology().inbox_queue(source)).await
    }

    /// The same for the dead queue.
    ///
    /// # Errors
    /// As [`Broker::backlog`].
    pub async fn dead_backlog(&self) -> Result<Option<(u32, u32)>, Error> {
        self.depth(&self.topology().dead_queue()).await
    }

    async fn depth(&self, queue: &str) -> Result<Option<(u32, u32)>, Error> {
        let what = format!("looking at queue {queue:?}");
        let thing = Thing::Queue {
            name: short("a queue name", queue)?,
            exchange: ShortString::default(),
            key: ShortString::default(),
            arguments: FieldTable::default(),
        };
        match ask(self.consuming(), &what, &thing, true).await? {
            Ok(depth) => Ok(Some(depth)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(Error::from_lapin(&what, &error)),
        }
    }
}

/// Whether the broker said that there is no such thing.
pub(super) fn is_not_found(error: &lapin::Error) -> bool {
    is_code(error, 404)
}

fn is_code(error: &lapin::Error, code: u16) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(protocol) if protocol.get_id() == code)
}

/// Something to declare.
enum Thing {
    Exchange { name: ShortString, kind: ExchangeKind },
    Queue { name: ShortString, exchange: ShortString, key: ShortString, arguments: FieldTable },
}

impl Thing {
    /// Makes it, or (`passive`) looks whether it is there. Messages and consumers of a queue.
    async fn declare(&self, channel: &Channel, passive: bool) -> lapin::Result<(u32, u32)> {
        match self {
            Self::Exchange { name, kind } => {
                let options = ExchangeDeclareOptions { durable: true, passive, ..ExchangeDeclareOptions::default() };
                channel.exchange_declare(name.clone(), kind.clone(), options, FieldTable::default()).await?;
                Ok((0, 0))
            }
            Self::Queue { name, exchange, key, arguments } => {
                let options = QueueDeclareOptions { passive, ..QueueDeclareOptions::durable() };
                let found = channel.queue_declare(name.clone(), options, arguments.clone()).await?;
                if !passive {
                    let (name, exchange, key) = (name.clone(), exchange.clone(), key.clone());
                    let options = QueueBindOptions::default();
                    channel.queue_bind(name, exchange, key, options, FieldTable::default()).await?;
                }
                Ok((found.message_count(), found.consumer_count()))
            }
        }
    }
}

/// Exchanges, and the queues that are not per source.
pub(super) async fn declare_common(lane: &Lane, topology: &Topology) -> Result<(), Error> {
    for exchange in EXCHANGES {
        let name = topology.name(exchange.name);
        let what = format!("declaring exchange {name:?}");
        make(lane, &what, &Thing::Exchange { name: short("an exchange name", &name)?, kind: exchange.routing.kind() })
            .await?;
    }
    for queue in QUEUES.iter().filter(|queue| !queue.per_source) {
        declare_queue(lane, topology, queue, None).await?;
    }
    Ok(())
}

/// The queues of one source.
pub(super) async fn declare_source(lane: &Lane, topology: &Topology, source: &SourceId) -> Result<(), Error> {
    for queue in QUEUES.iter().filter(|queue| queue.per_source) {
        declare_queue(lane, topology, queue, Some(source)).await?;
    }
    Ok(())
}

async fn declare_queue(
    lane: &Lane,
    topology: &Topology,
    queue: &Queue,
    source: Option<&SourceId>,
) -> Result<(), Error> {
    let exchange = topology.name(queue.name);
    let key = source.map_or("", SourceId::as_str);
    let name = if key.is_empty() { exchange.clone() } else { format!("{exchange}.{key}") };
    let thing = Thing::Queue {
        name: short("a queue name", &name)?,
        exchange: short("an exchange name", &exchange)?,
        key: short("a routing key", key)?,
        arguments: topology.arguments(queue),
    };
    make(lane, &format!("declaring queue {name:?}"), &thing).await
}

/// Declares, or, where that is not allowed, looks whether it is there.
async fn make(lane: &Lane, what: &str, thing: &Thing) -> Result<(), Error> {
    let Err(refusal) = ask(lane, what, thing, false).await? else { return Ok(()) };
    if is_code(&refusal, 403) && ask(lane, what, thing, true).await?.is_ok() {
        return Ok(());
    }
    Err(Error::from_lapin(what, &refusal))
}

/// Asks on a channel of its own, under a timeout. The inner error is what the broker answered.
async fn ask(lane: &Lane, what: &str, thing: &Thing, passive: bool) -> Result<lapin::Result<(u32, u32)>, Error> {
    let (epoch, channel) = lane.channel().await?;
    let Ok(answer) = timeout(ANSWER, thing.declare(&channel, passive)).await else {
        lane.suspect(epoch, "a question was not answered in time");
        return Err(Error::slow(what));
    };
    if answer.is_ok() {
        close(&channel).await;
    }
    Ok(answer)
}

/// Closes a channel that is no longer needed; one that cannot be closed has been closed by something worse.
pub(super) async fn close(channel: &Channel) {
    drop(timeout(ANSWER, channel.close(200, "OK".into())).await);
}
