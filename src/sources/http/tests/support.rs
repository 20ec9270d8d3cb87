//! A server whose answers a test writes, and a client for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::dial::Tls;
use crate::domain::SourceId;
use crate::sources::Limits;
use crate::sources::cursor::Cursor;
use crate::sources::format::{Encoding, Format};
use crate::sources::http::{Auth, Client, Error, HttpConfig, Mode, Pagination, Patience, Pull};
use crate::sources::mapping::{Decoder, DecoderConfig, Expression};
use crate::sources::pull::PullEnd;

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn param(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// A server on the loopback interface; it ends with the value.
pub(super) struct Server {
    pub(super) url: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers each request by `answer`, which gets the request and how many came before it.
    pub(super) async fn start(answer: impl Fn(usize, &Asked) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/api/don-thu", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let log = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            async move {
                let request = read(request).await;
                let before = {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    log.len() - 1
                };
                answer(before, &request)
            }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked, task }
    }

    /// Sends these bytes on every connection, then closes it, or `hold`s it open in silence.
    pub(super) async fn raw(bytes: Vec<u8>, hold: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/api/don-thu", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = connection.read(&mut request).await.unwrap();
                log.lock().unwrap().push(Asked {
                    path: String::new(),
                    query: BTreeMap::new(),
                    headers: HeaderMap::new(),
                    body: String::new(),
                });
                connection.write_all(&bytes).await.unwrap();
                if hold {
                    held.push(connection);
                }
            }
        });
        Self { url, asked, task }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The values of one parameter, request by request.
    pub(super) fn params(&self, name: &str) -> Vec<String> {
        self.asked().iter().map(|asked| asked.param(name).to_owned()).collect()
    }

    /// A configuration that reads this server's one page.
    pub(super) fn config(&self) -> HttpConfig {
        HttpConfig {
            url: self.url.clone(),
            timeout: Duration::from_secs(5),
            rate_limit: None,
            headers: Vec::new(),
            auth: Auth::None,
            tls: Tls::default(),
            pagination: Pagination::None,
            mode: Mode::Full,
        }
    }

    pub(super) fn paged(&self, pagination: Pagination) -> HttpConfig {
        HttpConfig { pagination, ..self.config() }
    }

    /// A configuration with cursor pagination.
    pub(super) fn by_cursor(&self) -> HttpConfig {
        self.paged(Pagination::Cursor { param: "cursor".into(), next: expression(".meta.next") })
    }
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let query = Url::parse(&format!("http://x{}", parts.uri)).unwrap();
    Asked {
        path: parts.uri.path().to_owned(),
        query: query.query_pairs().into_owned().collect(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub(super) fn expression(source: &str) -> Expression {
    Expression::compile(source).unwrap()
}

/// A page as many APIs give it: records under `data.items`, the next cursor under `meta.next`.
pub(super) fn page(ids: impl IntoIterator<Item = u32>, next: impl Into<Value>) -> Response {
    let items: Vec<_> = ids.into_iter().map(|id| json!({ "MaDon": id })).collect();
    json_answer(&json!({ "data": { "items": items }, "meta": { "next": next.into() } }))
}

pub(super) fn json_answer(body: &Value) -> Response {
    Response::builder().header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

pub(super) fn status(code: u16) -> Response {
    Response::builder().status(code).body(Body::from("a body that is never shown: Nguyễn Thị Hoa")).unwrap()
}

/// Quick retries.
pub(super) fn patience() -> Patience {
    Patience { first_wait: Duration::from_millis(10), longest_wait: Duration::from_secs(2), ..Patience::default() }
}

pub(super) fn decoder(limits: &Limits) -> Arc<Decoder> {
    decoder_of(limits, Encoding::Utf8)
}

pub(super) fn decoder_of(limits: &Limits, encoding: Encoding) -> Arc<Decoder> {
    // Installed once a process; the other tests' attempts fail, as they may.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Decoder::new(DecoderConfig {
        source: SourceId::parse("bxd").unwrap(),
        format: Format::Json,
        encoding,
        records: Some(expression(".data.items[]")),
        mapping: None,
        limits: limits.clone(),
    }))
}

pub(super) fn client_with(config: &HttpConfig, limits: &Limits) -> Result<Client, Error> {
    Client::with_patience(config, limits, decoder(limits), patience())
}

pub(super) fn client(config: &HttpConfig) -> Client {
    client_with(config, &Limits::default()).unwrap()
}

pub(super) fn now() -> DateTime<Utc> {
    crate::clock::Clock::System.now()
}

/// What a pull brought until it ended or failed.
pub(super) struct Pulled {
    pub(super) ids: Vec<u32>,
    pub(super) checkpoints: Vec<Option<Cursor>>,
    pub(super) end: PullEnd,
    pub(super) error: Option<Error>,
}

impl Pulled {
    pub(super) fn error(&self) -> String {
        self.error.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

pub(super) async fn drain(mut pull: Pull) -> Pulled {
    let (mut ids, mut checkpoints, mut error) = (Vec::new(), Vec::new(), None);
    loop {
        match pull.next_page().await {
            Ok(Some(page)) => {
                ids.extend(page.records.iter().map(|record| {
                    let record: Value = serde_json::from_str(record.0.get()).unwrap();
                    record["MaDon"].as_u64().unwrap() as u32
                }));
                checkpoints.push(page.checkpoint);
            }
            Ok(None) => break,
            Err(failure) => {
                error = Some(failure);
                break;
            }
        }
    }
    Pulled { ids, checkpoints, end: pull.finish(), error }
}

/// Pulls everything from the beginning.
pub(super) async fn pull(config: &HttpConfig) -> Pulled {
    drain(client(config).pull(None, now())).await
}
