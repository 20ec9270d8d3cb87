//! Opening a connection to a RabbitMQ, ours or an agency's: the url, TCP, TLS and the AMQP handshake, all under
//! timeouts. What a failure asks of whom is said by those who dial.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt, OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri, SASLMechanism};
use lapin::{Connection, ConnectionProperties};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// For TCP and TLS.
const REACH: Duration = Duration::from_secs(10);
/// For everything until the connection is open.
const OPEN: Duration = Duration::from_secs(20);

/// How a url is written.
pub const SPELLING: &str = "write amqp://user:password@host:5672/%2f, with special characters percent-encoded";

/// What a connection under TLS trusts and shows. Of a broker's `amqps` url, and of every other neighbour with TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// PEM. HTTP and databases trust it instead of the system's roots, AMQP beside them.
    pub ca_file: Option<PathBuf>,
    /// PEM chain and key of the client certificate: both or neither. Without a user in an AMQP url the certificate is
    /// also the login (SASL EXTERNAL).
    pub cert_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum Fault {
    /// A file of [`Tls`] cannot be read.
    File { path: PathBuf, error: io::Error },
    /// The peer said nothing for too long.
    Silent,
    /// What the client library makes of the rest. Its words may not quote the url.
    Client(lapin::Error),
}

impl From<lapin::Error> for Fault {
    fn from(error: lapin::Error) -> Self {
        Self::Client(error)
    }
}

/// Reads a url; `None`: it cannot be read. The library's own messages quote it with its password, so they are not
/// passed on. `heartbeat`, in whole seconds, is for a url that names none.
pub fn uri(text: &str, heartbeat: Duration, tls: &Tls) -> Option<AMQPUri> {
    let mut uri: AMQPUri = text.parse().ok()?;
    let authority = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    // The library takes an IPv6 address for no host at all and would connect to localhost.
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        address.clone_into(&mut uri.authority.host);
    }
    uri.query.heartbeat.get_or_insert(u16::try_from(heartbeat.as_secs()).unwrap_or(u16::MAX));
    if user.is_none() && tls.cert_file.is_some() {
        uri.query.auth_mechanism.get_or_insert(SASLMechanism::External);
    }
    Some(uri)
}

/// The broker as it may be shown.
pub fn place(uri: &AMQPUri) -> String {
    format!("{}:{}", uri.authority.host, uri.authority.port)
}

/// Connects; `name` is what the broker's management pages show.
///
/// `cautious`: the last attempt ran out of time. The library gives every attempt a thread and does not let go of
/// one whose peer accepts and then says nothing, so such a peer is first asked for a sign of life.
///
/// # Errors
/// See [`Fault`].
pub async fn dial(uri: AMQPUri, tls: &Tls, name: &str, cautious: bool) -> Result<Connection, Fault> {
    let tls = read_tls(tls).await?;
    if cautious && uri.scheme == AMQPScheme::AMQP {
        greet(&uri).await?;
    }
    let options = ConnectionProperties::default().with_connection_name(name.into());
    let runtime = lapin::runtime::default_runtime()?;
    let reach = async move |uri: AMQPUri, runtime| -> lapin::Result<_> {
        match timeout(REACH, uri.connect_with_config_async(tls.as_ref(), &runtime)).await {
            Ok(stream) => Ok(stream?),
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
        }
    };
    match timeout(OPEN, Connection::connector(uri, runtime, reach, options)).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(Fault::Silent),
    }
}

/// Asks for the first byte of a handshake.
async fn greet(uri: &AMQPUri) -> Result<(), Fault> {
    let greeting = async {
        let mut stream = TcpStream::connect((uri.authority.host.as_str(), uri.authority.port)).await?;
        stream.write_all(b"AMQP\x00\x00\x09\x01").await?;
        stream.read_u8().await
    };
    match timeout(REACH, greeting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Fault::Client(error.into())),
        Err(_) => Err(Fault::Silent),
    }
}

/// Reads the files anew for every attempt, so that renewed certificates are taken up.
async fn read_tls(tls: &Tls) -> Result<OwnedTLSConfig, Fault> {
    let read =
        async |path: &Path| tokio::fs::read(path).await.map_err(|error| Fault::File { path: path.to_owned(), error });
    let identity = match (&tls.cert_file, &tls.key_file) {
        (Some(cert), Some(key)) => Some(OwnedIdentity::PKCS8 { pem: read(cert).await?, key: read(key).await? }),
        _ => None,
    };
    let cert_chain = match &tls.ca_file {
        Some(path) => Some(String::from_utf8_lossy(&read(path).await?).into_owned()),
        None => None,
    };
    Ok(OwnedTLSConfig { identity, cert_chain })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, tls: &Tls) -> AMQPUri {
        uri(url, Duration::from_secs(20), tls).unwrap()
    }

    #[test]
    fn an_ipv6_address_is_the_host() {
        let uri = read("amqp://u:p@[::1]:5673/%2f", &Tls::default());
        assert_eq!((uri.authority.host.as_str(), uri.authority.port, uri.vhost.as_str()), ("::1", 5673, "/"));
        assert_eq!(place(&uri), "::1:5673");
    }

    #[test]
    fn a_client_certificate_logs_in_where_no_user_is_named() {
        let tls = Tls { cert_file: Some("c".into()), key_file: Some("k".into()), ca_file: None };
        assert_eq!(read("amqps://host/%2f", &tls).query.auth_mechanism, Some(SASLMechanism::External));
        assert_eq!(read("amqps://u:p@host/%2f", &tls).query.auth_mechanism, None);
    }

    #[test]
    fn a_heartbeat_that_the_url_names_stands() {
        let heartbeat = |url| read(url, &Tls::default()).query.heartbeat;
        assert_eq!((heartbeat("amqp://h/%2f"), heartbeat("amqp://h/%2f?heartbeat=1")), (Some(20), Some(1)));
    }
}
