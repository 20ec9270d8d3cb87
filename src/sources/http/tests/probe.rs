use std::time::Duration;

use serde_json::Value;

use super::support::{Server, client, now, page, status};
use crate::sources::http::{Error, HttpConfig, Mode, Pagination};

#[tokio::test]
async fn a_probe_is_one_small_request() {
    let server = Server::start(|_, asked| {
        assert_eq!(asked.param("limit"), "1");
        page([1], Value::Null)
    })
    .await;
    let pagination = Pagination::Offset { param: "offset".into(), limit_param: "limit".into(), limit: 500 };
    let mode = Mode::Incremental { param: "since".into(), format: "%F".into(), overlap: Duration::ZERO, start: None };
    let probe = client(&HttpConfig { mode, ..server.paged(pagination) }).probe(now()).await.unwrap();
    assert_eq!((probe.status, probe.records, probe.more), (200, 1, true));
    assert_eq!(server.asked().len(), 1);
    assert_eq!(server.params("since")[0].len(), 10);
    let text = probe.to_string();
    assert!(text.starts_with("answered 200 in ") && text.ends_with(" bytes, and there is more"), "{text}");
}

#[tokio::test]
async fn a_probe_tells_of_a_clock_that_is_wrong() {
    let server = Server::start(|_, _| {
        let mut answer = page([1], Value::Null);
        answer.headers_mut().insert("date", "Tue, 24 Nov 1998 10:00:00 GMT".parse().unwrap());
        answer
    })
    .await;
    let text = client(&server.config()).probe(now()).await.unwrap().to_string();
    assert!(text.contains("its clock is ") && text.ends_with(" s behind ours"), "{text}");
}

#[tokio::test]
async fn a_probe_says_why_not_and_asks_once() {
    for (code, transient) in [(503, true), (401, false), (404, false)] {
        let server = Server::start(move |_, _| status(code)).await;
        let error = client(&server.config()).probe(now()).await.unwrap_err();
        assert_eq!(error.is_transient(), transient);
        assert!(error.to_string().contains(&code.to_string()), "{error}");
        assert_eq!(server.asked().len(), 1);
    }
    let html = Server::start(|_, _| axum::response::Response::new("<html>".into())).await;
    assert!(matches!(client(&html.config()).probe(now()).await, Err(Error::Protocol { .. })));
}
