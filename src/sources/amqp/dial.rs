//! Opening a connection to the source's broker: TCP, TLS, login, all under timeouts.

use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt, OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPUri, SASLMechanism};
use lapin::{Connection, ConnectionProperties};
use tokio::time::timeout;

use super::error::from_lapin;
use super::{AmqpConfig, Error, HEARTBEAT};
use crate::secret::ExposeSecret as _;

/// For TCP and TLS.
const REACH: Duration = Duration::from_secs(10);
/// For everything until the connection is open.
const OPEN: Duration = Duration::from_secs(20);

/// Reads the url. The library's own messages quote it with its password, so they are not passed on.
pub(super) fn uri(config: &AmqpConfig) -> Result<AMQPUri, Error> {
    let text = config.url.expose_secret();
    let unreadable = |_| Error::Setup {
        what:
            "amqp.url cannot be read; write amqp://user:password@host:5672/%2f, with special characters percent-encoded"
                .to_owned(),
    };
    let mut uri: AMQPUri = text.parse().map_err(unreadable)?;
    let authority = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    // The library takes an IPv6 address for no host at all and would connect to localhost.
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        address.clone_into(&mut uri.authority.host);
    }
    uri.query.heartbeat.get_or_insert(u16::try_from(HEARTBEAT.as_secs()).unwrap_or(u16::MAX));
    if user.is_none() && config.tls.cert_file.is_some() {
        uri.query.auth_mechanism.get_or_insert(SASLMechanism::External);
    }
    Ok(uri)
}

/// The broker as it may be shown.
pub(super) fn place(uri: &AMQPUri) -> String {
    format!("{}:{}", uri.authority.host, uri.authority.port)
}

/// Connects; `name` is what the broker's management pages show.
pub(super) async fn dial(config: &AmqpConfig, name: &str) -> Result<Connection, Error> {
    let uri = uri(config)?;
    let place = place(&uri);
    let tls = read_tls(config).await?;
    let options = ConnectionProperties::default().with_connection_name(name.into());
    let failed = |error: &lapin::Error| from_lapin(&place, &config.queue, error);
    let runtime = lapin::runtime::default_runtime().map_err(|error| failed(&error))?;
    let reach = async move |uri: AMQPUri, runtime| -> lapin::Result<_> {
        match timeout(REACH, uri.connect_with_config_async(tls.as_ref(), &runtime)).await {
            Ok(stream) => Ok(stream?),
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        }
    };
    match timeout(OPEN, Connection::connector(uri, runtime, reach, options)).await {
        Ok(connected) => connected.map_err(|error| failed(&error)),
        Err(_) => Err(Error::retry(format!("{place}: no AMQP handshake in {OPEN:?}"))),
    }
}

/// Reads the files anew for every attempt, so that renewed certificates are taken up.
async fn read_tls(config: &AmqpConfig) -> Result<OwnedTLSConfig, Error> {
    let read = async |path: &std::path::Path| {
        tokio::fs::read(path).await.map_err(|error| Error::Setup {
            what: format!("{} cannot be read ({error}); check amqp.tls", path.display()),
        })
    };
    let identity = match (&config.tls.cert_file, &config.tls.key_file) {
        (Some(cert), Some(key)) => Some(OwnedIdentity::PKCS8 { pem: read(cert).await?, key: read(key).await? }),
        _ => None,
    };
    let cert_chain = match &config.tls.ca_file {
        Some(path) => Some(String::from_utf8_lossy(&read(path).await?).into_owned()),
        None => None,
    };
    Ok(OwnedTLSConfig { identity, cert_chain })
}
