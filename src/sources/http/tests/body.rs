use std::io::Write;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;

use super::support::{Pulled, Server, client_with, decoder_of, drain, now, page, patience, pull};
use crate::sources::Limits;
use crate::sources::format::Encoding;
use crate::sources::http::{Client, Error};

const PAGE: &str = r#"{"data":{"items":[{"MaDon":1},{"MaDon":2}]}}"#;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

async fn pull_body(encoding: &'static str, kind: &'static str, body: Vec<u8>, limits: Limits) -> Pulled {
    let server = Server::start(move |_, _| {
        let mut answer = Response::new(Body::from(body.clone()));
        for (name, value) in [("content-encoding", encoding), ("content-type", kind)] {
            if !value.is_empty() {
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        answer
    })
    .await;
    drain(client_with(&server.config(), &limits).unwrap().pull(None, now())).await
}

#[tokio::test]
async fn compressed_bodies_are_read() {
    for (encoding, body) in [
        ("", PAGE.into()),
        ("identity", PAGE.into()),
        ("gzip", gzip(PAGE.as_bytes())),
        ("zstd", crate::compression::deflate(PAGE.as_bytes())),
    ] {
        let travelled = body.len() as u64;
        let pulled = pull_body(encoding, "application/json", body, Limits::default()).await;
        assert_eq!(pulled.ids, [1, 2], "{encoding}: {}", pulled.error());
        assert_eq!(pulled.end.stats.bytes, travelled);
    }
}

#[tokio::test]
async fn a_bomb_is_stopped() {
    let body = gzip(&vec![b' '; 20_000_000]);
    let limits = Limits { decompressed_bytes: 1_000_000, ..Limits::default() };
    let pulled = pull_body("gzip", "application/json", body, limits).await;
    assert!(matches!(pulled.error, Some(Error::Limit { .. })), "{}", pulled.error());
}

#[tokio::test]
async fn encodings_that_were_not_asked_for_are_named() {
    for (encoding, body) in [("br", PAGE.into()), ("gzip", PAGE.into()), ("zstd", gzip(b"x"))] {
        let pulled = pull_body(encoding, "application/json", body, Limits::default()).await;
        assert!(matches!(pulled.error, Some(Error::Protocol { .. })), "{encoding}: {}", pulled.error());
    }
}

#[tokio::test]
async fn an_announced_body_that_is_too_large_is_not_read() {
    let server = Server::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n".to_vec(), true).await;
    let pulled = pull(&server.config()).await;
    assert!(matches!(pulled.error, Some(Error::Limit { .. })), "{}", pulled.error());
    assert!(pulled.error().contains("limits.response_bytes"));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    let server = Server::start(|_, _| {
        let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 10_000])));
        Response::new(Body::from_stream(pieces))
    })
    .await;
    let limits = Limits { response_bytes: 100_000, ..Limits::default() };
    let pulled = drain(client_with(&server.config(), &limits).unwrap().pull(None, now())).await;
    assert!(matches!(pulled.error, Some(Error::Limit { .. })), "{}", pulled.error());
    assert!(pulled.end.stats.bytes < 1_000_000);
}

#[tokio::test]
async fn pages_that_are_no_json_are_described_but_not_shown() {
    for (kind, body, expected) in [
        (
            "text/html; charset=utf-8",
            "<html>Đăng nhập, Nguyễn Thị Hoa</html>",
            "answered 200 with text/html: the body is no JSON at line 1, column 1",
        ),
        (
            "application/json",
            "{\"data\":{\"items\":[\n{\"MaDon\":\"Nguyễn Thị Hoa\"",
            "answered 200 with application/json: the body is no JSON at line 2, column",
        ),
        ("", "", "answered 200 with no content type: the body is no JSON at line 1, column"),
        ("<Nguyen Thi Hoa>", "?", "answered 200 with a strange content type: "),
    ] {
        let pulled = pull_body("", kind, body.into(), Limits::default()).await;
        let error = pulled.error();
        assert!(matches!(pulled.error, Some(Error::Protocol { .. })), "{error}");
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("Hoa"), "{error}");
    }
}

#[tokio::test]
async fn invalid_text_is_named_by_its_byte() {
    let body = [b"{\"data\":\"".as_slice(), &[0xC3, 0x28], b"\"}"].concat();
    let error = pull_body("", "application/json", body, Limits::default()).await.error();
    assert!(error.contains("at byte 9"), "{error}");
}

#[tokio::test]
async fn a_record_beyond_its_limits_harms_no_other() {
    // It comes through as it is, to be quarantined where records are decoded.
    let deep = format!("{{\"MaDon\":2,\"x\":{}{}}}", "[".repeat(100), "]".repeat(100));
    let body = format!("{{\"data\":{{\"items\":[{{\"MaDon\":1}},{deep},{{\"MaDon\":3}}]}}}}");
    let limits = Limits { record_bytes: 150, ..Limits::default() };
    assert_eq!(pull_body("", "application/json", body.into(), limits).await.ids, [1, 2, 3]);
}

#[tokio::test]
async fn a_page_in_another_encoding_is_read_with_its_cursor() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let server = Server::start(move |_, asked| {
        let next = if asked.param("cursor").is_empty() { "\"Đồng Nai\"" } else { "null" };
        let id = asked.query.len();
        let body = format!("{{\"data\":{{\"items\":[{{\"MaDon\":{id}}}]}},\"meta\":{{\"next\":{next}}}}}");
        Response::new(Body::from(utf16(&body)))
    })
    .await;
    let decoder = decoder_of(&Limits::default(), Encoding::Utf16);
    let client = Client::with_patience(&server.by_cursor(), &Limits::default(), decoder, patience()).unwrap();
    let pulled = drain(client.pull(None, now())).await;
    assert_eq!(pulled.ids, [0, 1], "{}", pulled.error());
    assert_eq!(server.params("cursor"), ["", "Đồng Nai"]);
}

#[tokio::test]
async fn no_content_is_an_empty_page() {
    let server = Server::start(|before, _| {
        if before == 0 { page([1], "a") } else { Response::builder().status(204).body(Body::empty()).unwrap() }
    })
    .await;
    let pulled = pull(&server.by_cursor()).await;
    assert_eq!(pulled.ids, [1]);
    assert!(pulled.error.is_none() && pulled.end.cursor.is_some());
}

#[tokio::test]
async fn a_page_is_given_with_its_size_and_time() {
    let server = Server::start(|_, _| page([1], Value::Null)).await;
    let mut pull = super::support::client(&server.config()).pull(None, now());
    let page = pull.next_page().await.unwrap().unwrap();
    assert_eq!(page.bytes, pull.stats().bytes);
    assert!(page.bytes > 20 && !page.elapsed.is_zero());
}
