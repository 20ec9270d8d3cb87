//! Making exchanges and queues, and looking at them.
//!
//! An answer of "no" closes the channel it was asked on, so every question has a channel of its own.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, ErrorKind};
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
        let (epoch, channel) = self.consuming().channel().await?;
        let options = QueueDeclareOptions { passive: true, durable: true, ..QueueDeclareOptions::default() };
        let asked = channel.queue_declare(short("a queue name", queue)?, options, FieldTable::default());
        match timeout(ANSWER, asked).await {
            Ok(Ok(found)) => {
                close(&channel).await;
                Ok(Some((found.message_count(), found.consumer_count())))
            }
            Ok(Err(error)) if is_not_found(&error) => Ok(None),
            Ok(Err(error)) => Err(Error::from_lapin(&what, &error)),
            Err(_) => {
                self.consuming().suspect(epoch, "a question was not answered in time");
                Err(Error::slow(&what))
            }
        }
    }
}

/// Whether the broker said that there is no such thing.
pub(super) fn is_not_found(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(protocol) if protocol.get_id() == 404)
}

/// Exchanges, and the queues that are not per source.
pub(super) async fn declare_common(lane: &Lane, topology: &Topology) -> Result<(), Error> {
    for exchange in EXCHANGES {
        let name = short("an exchange name", &topology.name(exchange.name))?;
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        ask(lane, &format!("declaring exchange {:?}", name.as_str()), async |channel| {
            channel.exchange_declare(name, exchange.routing.kind(), options, FieldTable::default()).await
        })
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
    let (short_name, exchange, key) =
        (short("a queue name", &name)?, short("an exchange name", &exchange)?, short("a routing key", key)?);
    ask(lane, &format!("declaring queue {name:?}"), async |channel| {
        let arguments = topology.arguments(queue);
        channel.queue_declare(short_name.clone(), QueueDeclareOptions::durable(), arguments).await?;
        channel.queue_bind(short_name, exchange, key, QueueBindOptions::default(), FieldTable::default()).await
    })
    .await
}

/// Asks on a channel of its own, under a timeout.
async fn ask<F>(lane: &Lane, what: &str, question: F) -> Result<(), Error>
where
    F: AsyncFnOnce(Channel) -> lapin::Result<()>,
{
    let (epoch, channel) = lane.channel().await?;
    let kept = channel.clone();
    match timeout(ANSWER, question(channel)).await {
        Ok(Ok(())) => {
            close(&kept).await;
            Ok(())
        }
        Ok(Err(error)) => Err(Error::from_lapin(what, &error)),
        Err(_) => {
            lane.suspect(epoch, "a question was not answered in time");
            Err(Error::slow(what))
        }
    }
}

/// Closes a channel that is no longer needed; one that cannot be closed has been closed by something worse.
pub(super) async fn close(channel: &Channel) {
    drop(timeout(ANSWER, channel.close(200, "OK".into())).await);
}
