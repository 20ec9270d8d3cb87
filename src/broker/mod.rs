//! RabbitMQ: where records wait between the source that sent them and the transaction that stores them.
//!
//! **Why it is built as it is.** Two promises hold the pipeline together, and each is a trap in AMQP:
//!
//! - *Nothing is acknowledged before its outcome is committed.* A [`Delivery`] can be settled once, by
//!   [`Delivery::settle`]; one that is dropped goes back to the queue and is counted. A delivery tag means
//!   nothing on any channel but its own, and "multiple" makes that worse: tag 7 of a dead channel, sent on the
//!   next one, acknowledges seven messages nobody has handled. So every channel has an **epoch**, every delivery
//!   carries the epoch it came in, and a settlement of an older epoch is thrown away: its message comes again,
//!   and a repeat is free.
//! - *Nothing counts as published before the broker says so.* [`Publisher::publish`] returns when the message is
//!   confirmed **and** was not returned: RabbitMQ acknowledges a message that no queue took, so the confirm alone
//!   says nothing. A cursor that moves after `publish` therefore never runs ahead of the queue. When the
//!   connection is lost, what was not confirmed is sent again under the same message id: at least once.
//!
//! The connections are supervised here, not by the client library, whose own recovery replays no publication, hides
//! stale tags behind `Ok(false)` and was once seen to hang for good. Publishing and consuming have a connection
//! each, because a broker short of memory or disk stops reading from connections that publish, and
//! acknowledgements must still get through then. Every wait is under a timeout.
//!
//! Owns: [`topology`] (names, queues, policies), [`envelope`] (what a message says about itself), [`pack`],
//! [`connection`], [`publish`], [`consume`] with its [`ledger`] of tags. Of lapin only this module, `sources::amqp` and [`crate::dial`] speak.
//!
//! It must not know what a record is, how it is decoded, stored or mapped; no sqlx, no reqwest.
//!
//! To add an exchange or a queue: a line in `topology::EXCHANGES` or `topology::QUEUES`, and a route there if
//! something is published to it.

pub mod connection;
pub mod consume;
pub mod envelope;
pub mod ledger;
pub mod pack;
pub mod publish;
pub mod setting;
pub mod topology;

mod declare;
mod dial;
mod lane;
mod worker;

pub use connection::{Broker, State};
pub use consume::{Consumer, ConsumerHandle, Counters, Delivery};
pub use envelope::{Envelope, Message, Packing};
pub use ledger::Outcome;
pub use pack::pack;
pub use publish::Publisher;
pub use setting::BrokerConfig;
pub use topology::{Policy, Route, Topology, account_commands, policies};

use lapin::ErrorKind;
use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};

/// What went wrong, by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The surroundings: wait and try again; nothing is wrong with the message.
    #[error("the broker is unavailable: {reason}; it is tried again")]
    Unavailable { reason: String },
    /// The broker will not take the message at present (its queue is full): wait longer and try again.
    #[error("the broker has no room for messages to {route:?}; it takes them again when the queue has been worked off")]
    Refused { route: String },
    /// No queue took the message: it is nowhere. Declare the queue, then publish again.
    #[error("no queue is bound to {route:?}, so the message went nowhere; declare the queue or correct the key")]
    Unroutable { route: String },
    /// This message will never be taken: change it.
    #[error("{what}: {advice}")]
    Rejected { what: String, advice: String },
    /// The configuration here or at the broker has to be changed by a person.
    #[error("{what}: {advice}")]
    Misconfigured { what: String, advice: String },
    /// The daemon is stopping: give up.
    #[error("the connection to the broker has been closed because the daemon is stopping")]
    Stopped,
}

impl Error {
    /// Something that took longer than it may.
    pub(crate) fn slow(what: &str) -> Self {
        Self::Unavailable { reason: format!("{what} took too long") }
    }

    /// Says what `error`, met while doing `what`, asks of the caller.
    pub(crate) fn from_lapin(what: &str, error: &lapin::Error) -> Self {
        let ErrorKind::ProtocolError(protocol) = error.kind() else {
            return Self::Unavailable { reason: format!("{what}: {error}") };
        };
        let advice = match protocol.kind() {
            AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED | AMQPSoftError::CONTENTTOOLARGE)
                if protocol.to_string().contains("message size") =>
            {
                let advice = "raise the broker's max_message_size, or lower broker.message_bytes".to_owned();
                return Self::Rejected { what: format!("{what} ({protocol})"), advice };
            }
            AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => {
                "it exists with other properties, which cannot be changed in place; let it run empty, delete it and \
                 start again, or set the old value back in the configuration"
            }
            AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
                "grant the broker's user configure, write and read on the names that begin with the prefix"
            }
            AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => "it does not exist; declare it, or correct the name",
            AMQPErrorKind::Soft(_) => "see what the broker says and correct it there",
            AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
                "create the virtual host, or correct it in broker.url, and let the user in"
            }
            AMQPErrorKind::Hard(_) => return Self::Unavailable { reason: format!("{what}: {protocol}") },
        };
        Self::Misconfigured { what: format!("{what} ({protocol})"), advice: advice.to_owned() }
    }
}

/// Whether `error` ended one channel only and was an answer to what was asked on it.
pub(crate) fn is_answer(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(protocol) if matches!(protocol.kind(), AMQPErrorKind::Soft(_)))
}
