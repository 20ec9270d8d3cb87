//! One connection with one consumer on the source's queue.

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Acker, Channel, Connection, Consumer};
use tokio::time::{Instant, timeout};

use super::dial::{dial, uri};
use super::error::from_lapin;
use super::{AmqpConfig, Error};
use crate::dial::place;

/// For every answer of the broker.
const ANSWER: Duration = Duration::from_secs(20);

/// A message as the source published it. It stays in the source's queue until [`Line::acknowledge`].
pub struct Letter {
    pub message_id: Option<String>,
    /// Seconds since 1970 UTC.
    pub timestamp: Option<u64>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub body: Vec<u8>,
    acker: Acker,
}

impl fmt::Debug for Letter {
    /// Without the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("message_id", &self.message_id)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A connection to a source's broker that consumes its queue.
pub struct Line {
    connection: Connection,
    consumer: Consumer,
    place: String,
    queue: String,
}

impl Line {
    /// Connects and begins to consume. `cautious`: the last attempt broke, so the broker is first asked for a sign of
    /// life (see [`crate::dial::dial`]).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn open(config: &AmqpConfig, name: &str, cautious: bool) -> Result<Self, Error> {
        let place = place(&uri(config)?);
        let connection = dial(config, name, cautious).await?;
        let failed = |error: lapin::Error| from_lapin(&place, &config.queue, &error);
        let beginning = async {
            let channel = connection.create_channel().await?;
            channel.basic_qos(config.prefetch.get(), BasicQosOptions::default()).await?;
            let queue = config.queue.as_str().into();
            channel.basic_consume(queue, name.into(), BasicConsumeOptions::default(), FieldTable::default()).await
        };
        let consumer = timeout(ANSWER, beginning).await.map_err(|_| slow(&place))?.map_err(failed)?;
        Ok(Self { connection, consumer, place, queue: config.queue.clone() })
    }

    /// The next message; waits for it as long as the connection lives.
    ///
    /// # Errors
    /// The line is broken: what was not acknowledged comes again on the next one.
    pub async fn next(&mut self) -> Result<Letter, Error> {
        loop {
            let tick = timeout(Duration::from_secs(5), self.consumer.next()).await;
            match tick {
                Ok(Some(Ok(delivery))) => {
                    let properties = &delivery.properties;
                    let text =
                        |text: &Option<ShortString>| text.as_ref().map(ToString::to_string).filter(|it| !it.is_empty());
                    return Ok(Letter {
                        message_id: text(properties.message_id()),
                        timestamp: *properties.timestamp(),
                        content_type: text(properties.content_type()),
                        content_encoding: text(properties.content_encoding()),
                        body: delivery.data,
                        acker: delivery.acker,
                    });
                }
                Ok(Some(Err(error))) => return Err(from_lapin(&self.place, &self.queue, &error)),
                Ok(None) => {
                    let what = format!(
                        "{}: the broker ended the consumer of {:?}: was the queue deleted?",
                        self.place, self.queue
                    );
                    return Err(Error::retry(what));
                }
                // the library was seen to leave a consumer waiting on a connection that is gone
                Err(_) if !self.connection.status().connected() => {
                    return Err(Error::retry(format!("{}: the connection is gone", self.place)));
                }
                Err(_) => {}
            }
        }
    }

    /// Tells the source's broker that a message is safe here.
    ///
    /// # Errors
    /// The line is broken: the message comes again on the next one.
    pub async fn acknowledge(&self, letter: &Letter) -> Result<(), Error> {
        let acknowledging = letter.acker.ack(BasicAckOptions::default());
        match timeout(ANSWER, acknowledging).await {
            Ok(Ok(true)) => Ok(()),
            // of a channel that is gone: the library says so by a word, not by an error
            Ok(Ok(false)) => Err(Error::retry(format!("{}: the connection is gone", self.place))),
            Ok(Err(error)) => Err(from_lapin(&self.place, &self.queue, &error)),
            Err(_) => Err(slow(&self.place)),
        }
    }

    /// Ends the connection; what was not acknowledged goes back to its queue.
    pub async fn close(self) {
        drop(timeout(Duration::from_secs(5), self.connection.close(200, "petitiond pauses".into())).await);
    }
}

fn slow(place: &str) -> Error {
    Error::retry(format!("{place}: the broker does not answer in {ANSWER:?}"))
}

/// What a source's broker answered to a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub queue: String,
    pub messages: u32,
    pub consumers: u32,
    pub elapsed: Duration,
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue, messages, consumers, elapsed } = self;
        write!(
            f,
            "answered in {} ms: {messages} messages wait in {queue:?}, {consumers} consumers",
            elapsed.as_millis()
        )
    }
}

/// Connects and asks for the queue, without taking anything or changing anything.
///
/// # Errors
/// See [`Error`].
pub async fn probe(config: &AmqpConfig) -> Result<Probe, Error> {
    let begin = Instant::now();
    let place = place(&uri(config)?);
    let connection = dial(config, "petitiond check", false).await?;
    let looking = async {
        let channel: Channel = connection.create_channel().await?;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(config.queue.as_str().into(), passive, FieldTable::default()).await
    };
    let queue = timeout(ANSWER, looking).await.map_err(|_| slow(&place))?;
    let queue = queue.map_err(|error| from_lapin(&place, &config.queue, &error))?;
    let probe = Probe {
        queue: config.queue.clone(),
        messages: queue.message_count(),
        consumers: queue.consumer_count(),
        elapsed: begin.elapsed(),
    };
    drop(timeout(Duration::from_secs(5), connection.close(200, "looked".into())).await);
    Ok(probe)
}
