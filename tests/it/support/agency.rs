//! Simulated agencies: an HTTP interface that can be kind, slow, broken or hostile, and a publisher to inboxes.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode, header};
use axum::routing::get;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::broker::install_tls;

/// How an agency answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    Kind,
    /// So much later.
    Slow(Duration),
    /// With this status and nothing else.
    Status(u16),
    /// A page that is not JSON.
    Garbage,
    /// A next cursor that never ends.
    Endless,
    /// A redirect to this address.
    Elsewhere(String),
    /// These bytes, under this content-encoding.
    Bytes(Arc<Vec<u8>>, Option<&'static str>),
}

struct Shop {
    manner: Mutex<Manner>,
    records: Mutex<Vec<Value>>,
    page: usize,
    asked: AtomicUsize,
}

/// An agency with an HTTP interface: pages of `{"data": […], "next": cursor}`.
pub struct Agency {
    shop: Arc<Shop>,
    url: String,
    serving: JoinHandle<()>,
}

impl Agency {
    /// With records, so many on a page.
    pub async fn open(records: Vec<Value>, page: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/records", listener.local_addr().expect("an address"));
        let shop = Arc::new(Shop {
            manner: Mutex::new(Manner::Kind),
            records: Mutex::new(records),
            page,
            asked: AtomicUsize::new(0),
        });
        let app = Router::new().route("/records", get(answer)).with_state(Arc::clone(&shop));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("a server") });
        Self { shop, url, serving }
    }

    /// One that answers in this manner from the beginning.
    pub async fn of_manner(manner: Manner) -> Self {
        let agency = Self::open(Vec::new(), 10).await;
        agency.set(manner);
        agency
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn set(&self, manner: Manner) {
        *self.shop.manner.lock().unwrap() = manner;
    }

    /// Edits its records, also between two pages of a pull.
    pub fn edit(&self, edit: impl FnOnce(&mut Vec<Value>)) {
        edit(&mut self.shop.records.lock().unwrap());
    }

    /// Requests answered so far.
    pub fn asked(&self) -> usize {
        self.shop.asked.load(Ordering::Relaxed)
    }

    /// The rest of a source's file: pulled from here, every second, as interchange records.
    pub fn toml(&self, more: &str) -> String {
        format!(
            "schedule = \"every 1s\"\n[http]\nurl = \"{}\"\ntimeout = \"5s\"\npagination.cursor = {{ next = \".next\", param = \"cursor\" }}\n{more}\n[format.json]\nrecords = \".data[]\"\n[map]\n{}",
            self.url,
            identity_mapping(),
        )
    }
}

/// Interchange fields under their own names.
fn identity_mapping() -> String {
    let fields = [
        "record_id",
        "version",
        "kind",
        "type",
        "received_on",
        "summary",
        "petitioners",
        "references",
        "confidential",
        "against",
        "deleted",
    ];
    fields.iter().fold(String::new(), |mut text, field| {
        writeln!(text, "{field} = \".{field}\"").expect("a text");
        text
    })
}

impl Drop for Agency {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(shop): State<Arc<Shop>>, Query(query): Query<HashMap<String, String>>) -> Response<Body> {
    shop.asked.fetch_add(1, Ordering::Relaxed);
    let manner = shop.manner.lock().unwrap().clone();
    let from: usize = query.get("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let (page, more) = {
        let records = shop.records.lock().unwrap();
        let page: Vec<Value> = records.iter().skip(from).take(shop.page).cloned().collect();
        (page, from + shop.page < records.len())
    };
    let next = |more: bool| if more { json!((from + shop.page).to_string()) } else { Value::Null };
    let json = |body: &Value| {
        Response::builder().header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
    };
    match manner {
        Manner::Kind => json(&json!({ "data": page, "next": next(more) })),
        Manner::Slow(delay) => {
            tokio::time::sleep(delay).await;
            json(&json!({ "data": page, "next": next(more) }))
        }
        Manner::Status(status) => {
            Response::builder().status(StatusCode::from_u16(status).unwrap()).body(Body::empty()).unwrap()
        }
        Manner::Garbage => Response::builder()
            .header(header::CONTENT_TYPE, "text/html")
            .body(Body::from("<html><body>Hệ thống đang bảo trì</body></html>"))
            .unwrap(),
        Manner::Endless => json(&json!({ "data": [petition(1, 1)], "next": "0" })),
        Manner::Elsewhere(url) => {
            Response::builder().status(StatusCode::FOUND).header(header::LOCATION, url).body(Body::empty()).unwrap()
        }
        Manner::Bytes(bytes, encoding) => {
            let mut answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
            if let Some(encoding) = encoding {
                answer = answer.header(header::CONTENT_ENCODING, encoding);
            }
            answer.body(Body::from(bytes.to_vec())).unwrap()
        }
    }
}

/// A complaint.
pub fn petition(number: usize, version: i64) -> Value {
    json!({
        "record_id": format!("r-{number:06}"), "version": version, "kind": "petition", "type": "complaint",
        "received_on": format!("2026-{:02}-{:02}", 1 + number % 9, 1 + number % 28),
        "summary": format!("Khiếu nại quyết định thu hồi đất số {number}, lần sửa {version}"),
        "petitioners": [{ "name": format!("Nguyễn Thị Hoa {number}"), "address": "Số 5, phường Láng, Hà Nội" }],
    })
}

pub fn petitions(count: usize) -> Vec<Value> {
    (0..count).map(|number| petition(number, 1)).collect()
}

/// Bytes that are a few kilobytes packed and hundreds of megabytes unpacked.
pub fn gzip_bomb(megabytes: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let piece = vec![b' '; 1 << 20];
    for _ in 0..megabytes {
        packed.write_all(&piece).unwrap();
    }
    packed.finish().unwrap()
}

/// Arrays in arrays.
pub fn deep_json(levels: usize) -> Vec<u8> {
    [
        b"{\"data\":[{\"record_id\":\"deep\",\"extra\":".to_vec(),
        vec![b'['; levels],
        vec![b']'; levels],
        b"}],\"next\":null}".to_vec(),
    ]
    .concat()
}

/// An agency that publishes to its inbox itself.
pub struct Publisher {
    /// Kept: it ends with its last handle.
    _connection: Connection,
    channel: Channel,
}

impl Publisher {
    pub async fn connect(url: &str) -> Self {
        install_tls();
        let connection = Connection::connect(url, ConnectionProperties::default()).await.expect("the broker");
        let channel = connection.create_channel().await.expect("a channel");
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
        Self { _connection: connection, channel }
    }

    /// Publishes a body and waits for the confirm; false: the broker did not take it.
    pub async fn send(&self, source: &str, message_id: &str, encoding: Option<&str>, body: &[u8]) -> bool {
        let mut properties = BasicProperties::default()
            .with_message_id(message_id.into())
            .with_delivery_mode(2)
            .with_timestamp(1_760_000_000);
        if let Some(encoding) = encoding {
            properties = properties.with_content_encoding(encoding.into());
        }
        let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = async {
            let confirm =
                self.channel.basic_publish("petition.inbox".into(), source.into(), mandatory, body, properties).await?;
            confirm.await
        };
        match sent.await {
            Ok(confirm) => confirm.is_ack() && confirm.take_message().is_none(),
            Err(_) => false,
        }
    }

    /// Publishes records, so many in a message. A queue that is declared but not yet bound takes none of a message, so
    /// it is sent again.
    pub async fn records(&self, source: &str, records: &[Value], per_message: usize) {
        for (number, piece) in records.chunks(per_message).enumerate() {
            let body = serde_json::to_vec(piece).unwrap();
            let id = format!("m-{number}");
            super::eventually("a message taken by the broker", Duration::from_secs(30), || async {
                self.send(source, &id, None, &body).await.then_some(())
            })
            .await;
        }
    }
}
