//! Opening one connection: TCP, TLS, AMQP handshake, all under timeouts.

use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt, OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Error;
use super::setting::{BrokerConfig, Tls};

/// For TCP and TLS.
const REACH: Duration = Duration::from_secs(10);
/// For everything until the connection is open.
const OPEN: Duration = Duration::from_secs(20);

/// Connects; `name` is what the broker's management pages show.
///
/// `cautious`: the last attempt ran out of time. The library gives every attempt a thread and does not let go of
/// one whose peer accepts and then says nothing, so such a peer is first asked for a sign of life.
pub(super) async fn dial(config: &BrokerConfig, name: &str, cautious: bool) -> Result<Connection, Error> {
    let uri = config.uri()?;
    let tls = read_tls(&config.tls).await?;
    if cautious && uri.scheme == AMQPScheme::AMQP {
        greet(&uri).await?;
    }
    let place = format!("{}:{}", uri.authority.host, uri.authority.port);
    let options = ConnectionProperties::default().with_connection_name(name.into());
    let runtime =
        lapin::runtime::default_runtime().map_err(|error| Error::from_lapin("starting the client", &error))?;
    let reach = async move |uri: AMQPUri, runtime| -> lapin::Result<_> {
        match timeout(REACH, uri.connect_with_config_async(tls.as_ref(), &runtime)).await {
            Ok(stream) => Ok(stream?),
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        }
    };
    match timeout(OPEN, Connection::connector(uri, runtime, reach, options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(refusal(&place, &error)),
        Err(_) => Err(Error::slow(&format!("the AMQP handshake with {place}"))),
    }
}

/// What a failed attempt asks of an administrator, if anything.
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

/// Asks for the first byte of a handshake.
async fn greet(uri: &AMQPUri) -> Result<(), Error> {
    let place = format!("{}:{}", uri.authority.host, uri.authority.port);
    let greeting = async {
        let mut stream = TcpStream::connect((uri.authority.host.as_str(), uri.authority.port)).await?;
        stream.write_all(b"AMQP\x00\x00\x09\x01").await?;
        stream.read_u8().await
    };
    match timeout(REACH, greeting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Error::Unavailable { reason: format!("connecting to {place}: {error}") }),
        Err(_) => Err(Error::slow(&format!("an answer from {place}"))),
    }
}

/// Reads the files anew for every attempt, so that renewed certificates are taken up.
async fn read_tls(tls: &Tls) -> Result<OwnedTLSConfig, Error> {
    let read = async |path: &std::path::Path| {
        tokio::fs::read(path).await.map_err(|error| Error::Misconfigured {
            what: format!("{} cannot be read ({error})", path.display()),
            advice: "correct broker.tls, or let the daemon's user read the file".to_owned(),
        })
    };
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
