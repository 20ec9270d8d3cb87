//! What the configuration says about the broker, checked.

use std::time::Duration;

use lapin::uri::{AMQPScheme, AMQPUri};

use super::Error;
use crate::dial::{self, Tls};
use crate::secret::{ExposeSecret, Secret};

/// `[broker]`.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// `amqp://user:password@host:5672/vhost` or `amqps://…`; holds a password, so it is never printed.
    pub url: Secret,
    /// Begins every name at the broker.
    pub prefix: String,
    /// A silent connection is given up after two of these; whole seconds.
    pub heartbeat: Duration,
    /// Deliveries of one message before it goes to the dead queue. Fixed when a queue is first declared.
    pub delivery_limit: u32,
    /// Bytes of one message; RabbitMQ 4 takes no more than 16 MiB unless told so.
    pub message_bytes: usize,
    /// How long a publication may stay unconfirmed; the time in which the broker is blocked does not count.
    pub confirm_timeout: Duration,
    /// Bytes published and not yet confirmed, over all callers; more wait.
    pub outstanding_bytes: usize,
    pub tls: Tls,
}

impl BrokerConfig {
    /// The defaults, for a broker at `url`.
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            prefix: "petition".to_owned(),
            heartbeat: Duration::from_secs(20),
            delivery_limit: 10,
            message_bytes: 16 << 20,
            confirm_timeout: Duration::from_secs(30),
            outstanding_bytes: 32 << 20,
            tls: Tls::default(),
        }
    }

    /// Looks for faults that need no network.
    ///
    /// # Errors
    /// [`Error::Misconfigured`] for the first one.
    pub fn check(&self) -> Result<(), Error> {
        let wrong =
            |what: &str, advice: &str| Err(Error::Misconfigured { what: what.to_owned(), advice: advice.to_owned() });
        let name_ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if !(1..=40).contains(&self.prefix.len()) || !self.prefix.chars().all(name_ok) {
            return wrong("broker.prefix is no name", "use 1 to 40 characters of a-z, 0-9, - and _");
        }
        if self.delivery_limit == 0 {
            return wrong("broker.delivery_limit is 0", "a message needs at least one retry: use 1 or more");
        }
        if self.heartbeat < Duration::from_secs(1) || self.heartbeat > Duration::from_mins(10) {
            return wrong("broker.heartbeat is out of range", "use 1s to 600s");
        }
        if self.message_bytes == 0 {
            return wrong("broker.message_bytes is 0", "use some MiB, and no more than the broker's max_message_size");
        }
        if !(1..=1 << 30).contains(&self.outstanding_bytes) {
            return wrong("broker.outstanding_bytes is out of range", "use some MiB, 1 GiB at most");
        }
        let uri = self.uri()?;
        match (&self.tls.cert_file, &self.tls.key_file) {
            (Some(_), None) | (None, Some(_)) => {
                wrong("broker.tls has a certificate or a key alone", "give cert_file and key_file, or neither")
            }
            (Some(_), Some(_)) | (None, None) if uri.scheme == AMQPScheme::AMQPS => Ok(()),
            _ if self.tls.ca_file.is_some() || self.tls.cert_file.is_some() => {
                wrong("broker.tls is set but broker.url does not use TLS", "write amqps:// in broker.url")
            }
            _ => Ok(()),
        }
    }

    /// Reads the URL.
    pub(super) fn uri(&self) -> Result<AMQPUri, Error> {
        dial::uri(self.url.expose_secret(), self.heartbeat, &self.tls).ok_or_else(|| Error::Misconfigured {
            what: "broker.url cannot be read".to_owned(),
            advice: dial::SPELLING.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> BrokerConfig {
        BrokerConfig::new(Secret::from(url))
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in ["amqp//user:hunter2@host", "http://user:hunter2@host/", "amqp:user:hunter2"] {
            let error = config(url).check().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains("broker.url"), "{error}");
        }
    }

    #[test]
    fn faults_are_named() {
        let good = config("amqp://127.0.0.1/%2f");
        good.check().unwrap();
        let lone = Tls { cert_file: Some("c".into()), ..Tls::default() };
        let ca = Tls { ca_file: Some("ca".into()), ..Tls::default() };
        for (bad, key) in [
            (BrokerConfig { prefix: "Petition!".into(), ..good.clone() }, "broker.prefix"),
            (BrokerConfig { prefix: String::new(), ..good.clone() }, "broker.prefix"),
            (BrokerConfig { delivery_limit: 0, ..good.clone() }, "broker.delivery_limit"),
            (BrokerConfig { heartbeat: Duration::ZERO, ..good.clone() }, "broker.heartbeat"),
            (BrokerConfig { message_bytes: 0, ..good.clone() }, "broker.message_bytes"),
            (BrokerConfig { outstanding_bytes: 0, ..good.clone() }, "broker.outstanding_bytes"),
            (BrokerConfig { tls: lone, ..config("amqps://h/%2f") }, "broker.tls"),
            (BrokerConfig { tls: ca, ..good.clone() }, "broker.tls"),
        ] {
            let error = bad.check().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }
}
