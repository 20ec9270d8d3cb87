//! The HTTP interface of one agency, on a port of its own on the loopback interface.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Form, Query as UrlQuery, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HOST, LINK, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::desk::{Count, Desk};
use super::listing::{Misasked, Query, list};
use super::{Auth, Http, Paging, Transport};
use crate::compression::{Encoding, deflate};

/// How long a slow answer takes.
const SLOW: Duration = Duration::from_millis(1_500);

/// A server that ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    _task: AbortOnDropHandle<()>,
}

/// Starts the interface of `desk` on a free port.
///
/// # Errors
/// Where no port can be had.
pub async fn start(desk: Arc<Desk>, http: &'static Http) -> std::io::Result<Server> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let mut router = Router::new().route(http.path, get(records));
    if let Auth::OAuth2 { token_path, .. } = http.auth {
        router = router.route(token_path, post(token));
    }
    let router = router.with_state(desk);
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "a simulated agency has stopped");
        }
    });
    Ok(Server { address, _task: AbortOnDropHandle::new(task) })
}

async fn records(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    UrlQuery(mut query): UrlQuery<Query>,
) -> Result<Response, StatusCode> {
    let Transport::Http(http) = &desk.agency.transport else { return Err(StatusCode::NOT_FOUND) };
    let call = Count::add(&desk.count.calls, 1);
    if !desk.door.admits(&headers, &query) {
        Count::add(&desk.count.refused, 1);
        return Ok((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer realm=\"kntc\"")]).into_response());
    }
    if http.busy_on.contains(&call) {
        Count::add(&desk.count.busy, 1);
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], "qua tai").into_response());
    }
    if http.slow_on.contains(&call) {
        tokio::time::sleep(SLOW).await;
    }
    if let Auth::ApiKeyParameter { name } = http.auth {
        // the key must not come back in links
        query.remove(name);
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let address = format!("http://{host}{}", http.path);
    let listed = desk.read(|records| list(desk.agency, http, records, &query, &address));
    let listing = match listed {
        Ok(listing) => listing,
        Err(Misasked(param)) => return Ok((StatusCode::BAD_REQUEST, Json(json!({"loi": param}))).into_response()),
    };
    Count::add(&desk.count.served, listing.records.len() as u64);
    let next = listing.next.as_deref().filter(|_| matches!(http.paging, Paging::Link { .. }));
    let body = (http.envelope)(&listing).to_string().into_bytes();
    answer(http, &headers, body, next).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn answer(http: &Http, headers: &HeaderMap, body: Vec<u8>, next: Option<&str>) -> Result<Response, axum::http::Error> {
    let mut response = Response::builder().header(CONTENT_TYPE, "application/json; charset=utf-8");
    if let Some(next) = next {
        response = response.header(LINK, format!("<{next}>; rel=\"next\""));
    }
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (name, packed) = match http.encoding {
        Encoding::Gzip if accepted.contains("gzip") => ("gzip", pack(Encoding::Gzip, &body)),
        Encoding::Zstd if accepted.contains("zstd") => ("zstd", pack(Encoding::Zstd, &body)),
        _ => return response.body(Body::from(body)),
    };
    response.header(CONTENT_ENCODING, name).body(Body::from(packed))
}

/// Compresses a body; gzip into memory cannot fail.
pub fn pack(encoding: Encoding, body: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Identity => body.to_vec(),
        Encoding::Zstd => deflate(body),
        Encoding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            let written = encoder.write_all(body);
            written.and_then(|()| encoder.finish()).unwrap_or_default()
        }
    }
}

async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, Form(form): Form<Query>) -> Response {
    match desk.door.issue(&headers, &form) {
        Some(issued) => {
            let body = json!({"access_token": issued.token, "token_type": "Bearer", "expires_in": issued.seconds});
            ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        None => (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"}))).into_response(),
    }
}
