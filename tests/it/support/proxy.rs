//! A line between a client and a server that can be slowed, stalled, cut and refused.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, tcp};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// What the line does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Passes everything on.
    Open,
    /// Passes everything on, each piece so much later.
    Slow(Duration),
    /// Keeps connections open, and new ones too, and passes nothing on: what a dead router looks like. What was
    /// given meanwhile goes on when the line opens.
    Stalled,
    /// Closes what comes in, as a server that is down. Connections that stand are left; see [`Proxy::cut`].
    Refusing,
}

pub struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    cut: broadcast::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// In front of the server of a URL (`amqp://…`, `postgres://…`, `http://…`); the port must stand in it.
    pub async fn before(url: &str) -> Self {
        let url = reqwest::Url::parse(url).expect("a URL");
        let server = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (line, state) = watch::channel(Line::Open);
        let (cut, _) = broadcast::channel(1);
        let cutter = cut.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *state.borrow() != Line::Refusing {
                    tokio::spawn(carry(client, server.clone(), state.clone(), cutter.subscribe()));
                }
            }
        });
        Self { address, line, cut, accepting }
    }

    /// The same URL, by way of this line.
    pub fn url(&self, url: &str) -> String {
        let mut url = reqwest::Url::parse(url).expect("a URL");
        url.set_host(Some("127.0.0.1")).expect("a URL with a host");
        url.set_port(Some(self.address.port())).expect("a URL with a port");
        url.into()
    }

    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Resets every connection that stands, both ways.
    pub fn cut(&self) {
        drop(self.cut.send(()));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn carry(client: TcpStream, server: String, state: watch::Receiver<Line>, mut cut: broadcast::Receiver<()>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    // no lingering: a cut shows as a reset, not as a polite end
    for stream in [&client, &server] {
        stream.set_zero_linger().ok();
        stream.set_nodelay(true).ok();
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let up = pass(from_client, to_server, state.clone());
    let down = pass(from_server, to_client, state);
    tokio::select! {
        ((), ()) = async { tokio::join!(up, down) } => {}
        _ = cut.recv() => {}
    }
}

async fn pass(mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf, mut state: watch::Receiver<Line>) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let line = *state.borrow();
        if let Line::Slow(delay) = line {
            tokio::time::sleep(delay).await;
        }
        if state.wait_for(|line| *line != Line::Stalled).await.is_err() {
            return;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}
