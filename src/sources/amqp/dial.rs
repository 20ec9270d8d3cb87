//! Opening a connection to the source's broker.

use lapin::Connection;
use lapin::uri::AMQPUri;

use super::error::from_lapin;
use super::{AmqpConfig, Error, HEARTBEAT};
use crate::dial::{self, Fault, place};
use crate::secret::ExposeSecret as _;

/// Reads the url.
pub(super) fn uri(config: &AmqpConfig) -> Result<AMQPUri, Error> {
    dial::uri(config.url.expose_secret(), HEARTBEAT, &config.tls)
        .ok_or_else(|| Error::Setup { what: format!("amqp.url cannot be read; {}", dial::SPELLING) })
}

/// Connects; `name` is what the broker's management pages show. `cautious`: see [`dial::dial`].
pub(super) async fn dial(config: &AmqpConfig, name: &str, cautious: bool) -> Result<Connection, Error> {
    let uri = uri(config)?;
    let place = place(&uri);
    dial::dial(uri, &config.tls, name, cautious).await.map_err(|fault| match fault {
        Fault::File { path, error } => {
            Error::Setup { what: format!("{} cannot be read ({error}); check amqp.tls", path.display()) }
        }
        Fault::Silent => Error::retry(format!("{place}: the broker does not answer in time")),
        Fault::Client(error) => from_lapin(&place, &config.queue, &error),
    })
}
