//! Why a line broke, told apart by what the caller can do about it.

use lapin::ErrorKind;
use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};

/// Why the source's queue cannot be read. No text holds a password or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The broker is away or in trouble: open another line later.
    #[error("{what}")]
    Retry { what: String },
    /// The broker does not let us in, or the queue is not to be had: its administrator, or `[amqp]`, must be asked.
    #[error("{what}")]
    Refused { what: String },
    /// This machine's side of the matter: the url or a certificate cannot be used.
    #[error("{what}")]
    Setup { what: String },
}

impl Error {
    /// Whether it may pass without anybody doing anything.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }

    pub(super) fn retry(what: impl Into<String>) -> Self {
        Self::Retry { what: what.into() }
    }
}

/// What the client's error, met with this queue at this place, means.
pub(super) fn from_lapin(place: &str, queue: &str, error: &lapin::Error) -> Error {
    let said = error.to_string();
    if said.contains("ACCESS_REFUSED") && said.contains("Login") || said.contains("ACCESS-REFUSED - Login") {
        return Error::Refused {
            what: format!(
                "{place}: the broker refuses the login; check user and password in amqp.url, or the client certificate"
            ),
        };
    }
    let ErrorKind::ProtocolError(protocol) = error.kind() else {
        return Error::retry(format!("{place}: the connection broke or cannot be made: {said}"));
    };
    let refused = |what: &str| Error::Refused { what: format!("{place}: {what}") };
    match protocol.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => refused(&format!(
            "there is no queue {queue:?}; check amqp.queue, or have it made there: petitiond makes none"
        )),
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => refused(&format!(
            "the account may not read the queue {queue:?}; its administrator grants it with `rabbitmqctl set_permissions USER '^$' '^$' '^{queue}$'`"
        )),
        AMQPErrorKind::Soft(AMQPSoftError::RESOURCELOCKED) => refused(&format!(
            "somebody else has the queue {queue:?} for himself alone; give petitiond a queue of its own"
        )),
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
            refused("there is no such virtual host, or the account may not enter it; check amqp.url")
        }
        _ => Error::retry(format!("{place}: {protocol}")),
    }
}
