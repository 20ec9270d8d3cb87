//! Opening one connection to our broker, and what a failed attempt asks of an administrator.

use lapin::Connection;

use super::Error;
use super::setting::BrokerConfig;
use crate::dial::{self, Fault};

/// Connects; `name` is what the broker's management pages show. `cautious`: see [`dial::dial`].
pub(super) async fn dial(config: &BrokerConfig, name: &str, cautious: bool) -> Result<Connection, Error> {
    let uri = config.uri()?;
    let place = dial::place(&uri);
    dial::dial(uri, &config.tls, name, cautious).await.map_err(|fault| match fault {
        Fault::File { path, error } => Error::Misconfigured {
            what: format!("{} cannot be read ({error})", path.display()),
            advice: "correct broker.tls, or let the daemon's user read the file".to_owned(),
        },
        Fault::Silent => Error::slow(&format!("the AMQP handshake with {place}")),
        Fault::Client(error) => refusal(&place, &error),
    })
}

fn refusal(place: &str, error: &lapin::Error) -> Error {
    let text = error.to_string();
    if text.contains("ACCESS_REFUSED") || text.contains("ACCESS-REFUSED") {
        return Error::Misconfigured {
            what: format!("the broker at {place} refuses the login"),
            advice: "correct user and password in broker.url, or the client certificate".to_owned(),
        };
    }
    Error::from_lapin(&format!("connecting to {place}"), error)
}
