//! A source that is a queue on an agency's own RabbitMQ: messages, consumed there.
//!
//! A [`Line`] is one connection with one consumer. What must not happen is that a message is acknowledged there before
//! it is safe here, so this module only hands [`Letter`]s over and acknowledges those it is told to; `pipeline::forward`
//! does that, in the order in which they came, after the inbox has confirmed them. Whatever was not acknowledged when a
//! line breaks comes again on the next one, in its old order, and a repeat is free.
//!
//! Nothing is ever declared, bound, purged or published on the agency's broker: an account with the right to read the
//! one queue is enough. A queue that is not there is an error that says so.
//!
//! The line is not recovered by the client library (see `broker`): whoever uses it opens a new one. Every wait is under a
//! timeout, and a peer that says nothing is found by its missing heartbeats; the next line to it is opened cautiously.
//!
//! Owns: how the queue is reached (by way of [`crate::dial`]), the consumer. It must not know: our own broker, what is in a message.
//! To add a property of messages that is forwarded: a field of [`Letter`], and its place in `pipeline::forward`.

mod dial;
mod error;
mod line;

pub use error::Error;
pub use line::{Letter, Line, Probe, probe};

use std::num::NonZeroU16;
use std::time::Duration;

use crate::dial::Tls;
use crate::secret::Secret;

/// A connection that says nothing is given up after two of these.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// `[amqp]`, checked.
#[derive(Debug, Clone)]
pub struct AmqpConfig {
    /// `amqp://` or `amqps://`, with user and password: [`Secret`] prints nothing of it.
    pub url: Secret,
    pub queue: String,
    /// Messages that are under way here and not acknowledged there.
    pub prefetch: NonZeroU16,
    /// Of an `amqps` url. Without a user in the url the client certificate is also the login (SASL EXTERNAL).
    pub tls: Tls,
}

impl AmqpConfig {
    /// Looks at the url, without a network.
    ///
    /// # Errors
    /// What is wrong with it; the url is not repeated.
    pub fn check(&self) -> Result<(), String> {
        let uri = dial::uri(self).map_err(|error| error.to_string())?;
        let tls = self.tls.ca_file.is_some() || self.tls.cert_file.is_some();
        if tls && uri.scheme == lapin::uri::AMQPScheme::AMQP {
            return Err("amqp.tls is set and the url does not use TLS; write amqps://".to_owned());
        }
        Ok(())
    }
}
