use std::time::{Duration, Instant};

use axum::response::Response;
use serde_json::Value;

use super::support::{Server, client, client_with, decoder, drain, now, page, patience, pull, status};
use crate::sources::Limits;
use crate::sources::http::{Client, Error, HttpConfig, Patience, RateLimit};

fn with_header(code: u16, name: &'static str, value: &str) -> Response {
    let mut answer = status(code);
    answer.headers_mut().insert(name, value.parse().unwrap());
    answer
}

#[tokio::test]
async fn failures_that_pass_are_waited_out() {
    for code in [429, 500, 502, 503, 504, 408] {
        let server =
            Server::start(move |before, _| if before < 2 { status(code) } else { page([1], Value::Null) }).await;
        let pulled = pull(&server.config()).await;
        assert_eq!(pulled.ids, [1], "{code}: {}", pulled.error());
        assert_eq!((pulled.end.stats.calls, pulled.end.stats.retries), (3, 2));
        assert_eq!(pulled.end.stats.latencies.len(), 3);
    }
}

#[tokio::test]
async fn patience_ends() {
    let server = Server::start(|_, _| status(503)).await;
    let pulled = pull(&server.config()).await;
    assert_eq!(server.asked().len(), 5);
    let error = pulled.error.unwrap();
    assert!(error.is_transient() && error.status() == Some(503));
    assert!(error.to_string().contains("after 5 attempts: answered 503 Service Unavailable"), "{error}");
    assert!(!error.to_string().contains("Hoa"));
}

#[tokio::test]
async fn a_pull_goes_on_after_a_failure_that_passed() {
    let server = Server::start(|before, _| match before {
        0 => page([1], "a"),
        1..=5 => status(502),
        _ => page([2], Value::Null),
    })
    .await;
    let mut pull = client(&server.by_cursor()).pull(None, now());
    assert_eq!(pull.next_page().await.unwrap().unwrap().records.len(), 1);
    assert!(pull.next_page().await.unwrap_err().is_transient());
    assert_eq!(pull.next_page().await.unwrap().unwrap().records.len(), 1);
    assert!(pull.next_page().await.unwrap().is_none());
    assert!(pull.finish().cursor.is_some());
}

#[tokio::test]
async fn other_refusals_fail_at_once() {
    for code in [400, 404, 405, 410, 422, 304, 300] {
        let server = Server::start(move |_, _| status(code)).await;
        let pulled = pull(&server.config()).await;
        assert!(
            matches!(pulled.error, Some(Error::Protocol { status: Some(it), .. }) if it == code),
            "{}",
            pulled.error()
        );
        assert!(pulled.error().contains("/api/don-thu: answered"), "{}", pulled.error());
        assert_eq!(server.asked().len(), 1);
        assert!(pulled.end.cursor.is_none());
    }
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let server = Server::start(
        |before, _| if before == 0 { with_header(429, "retry-after", "1") } else { page([1], Value::Null) },
    )
    .await;
    let begin = Instant::now();
    assert_eq!(pull(&server.config()).await.ids, [1]);
    assert!(begin.elapsed() >= Duration::from_secs(1));

    // As a date, which counts from the answer's own date, however wrong the source's clock is.
    let server = Server::start(|before, _| {
        if before > 0 {
            return page([1], Value::Null);
        }
        let mut answer = with_header(503, "retry-after", "Tue, 24 Nov 1998 10:00:01 GMT");
        answer.headers_mut().insert("date", "Tue, 24 Nov 1998 10:00:00 GMT".parse().unwrap());
        answer
    })
    .await;
    let begin = Instant::now();
    assert_eq!(pull(&server.config()).await.ids, [1]);
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_long_retry_after_is_left_to_the_schedule() {
    let server = Server::start(|_, _| with_header(503, "retry-after", "900")).await;
    let error = pull(&server.config()).await.error.unwrap();
    assert_eq!(error.after(), Some(Duration::from_mins(15)));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_source_that_is_away_is_named() {
    let server = Server::start(|_, _| status(500)).await;
    let config = server.config();
    drop(server);
    let mut closed = config;
    closed.url.set_port(Some(1)).unwrap();
    closed.url.set_query(Some("key=hunter2"));
    let error = pull(&closed).await.error.unwrap();
    assert!(error.is_transient());
    let text = error.to_string();
    assert!(text.contains("cannot connect") && text.contains("refused") && !text.contains("hunter2"), "{text}");
    closed.url = "http://no-such-host.invalid/".parse().unwrap();
    assert!(pull(&closed).await.error.unwrap().is_transient());
}

#[tokio::test]
async fn silence_is_not_waited_for_for_ever() {
    // No answer at all; an answer that stops in the middle of its body; one whose body is cut off.
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"data\"".to_vec();
    for (bytes, hold, timeout, word) in [
        (Vec::new(), true, 300, "no answer in 300ms"),
        (head.clone(), true, 30_000, "the answer stalled for 200ms"),
        (head, false, 30_000, "the connection broke"),
        (b"not http at all\r\n\r\n".to_vec(), false, 30_000, "the connection broke"),
    ] {
        let server = Server::raw(bytes, hold).await;
        let config = HttpConfig { timeout: Duration::from_millis(timeout), ..server.config() };
        let patience = Patience { attempts: 2, stall: Duration::from_millis(200), ..patience() };
        let client = Client::with_patience(&config, &Limits::default(), decoder(&Limits::default()), patience);
        let error = match client {
            Ok(client) => drain(client.pull(None, now())).await.error.unwrap(),
            Err(error) => error,
        };
        assert!(error.is_transient() && error.to_string().contains(word), "{error}");
        assert_eq!(server.asked().len(), 2, "{word}");
    }
}

#[tokio::test]
async fn redirects_are_followed_within_the_origin() {
    let server = Server::start(|before, asked| match before {
        0..5 => with_header(302, "location", &format!("/{before}?cursor={}", asked.param("cursor"))),
        _ => page([1], Value::Null),
    })
    .await;
    let pulled = pull(&server.config()).await;
    assert_eq!(pulled.ids, [1], "{}", pulled.error());
    assert_eq!(server.asked()[5].path, "/4");
    assert_eq!(pulled.end.stats.calls, 6);

    let circle = Server::start(|_, _| with_header(302, "location", "/login")).await;
    let error = pull(&circle.config()).await.error();
    assert!(error.contains("more than 5 redirects"), "{error}");
    assert_eq!(circle.asked().len(), 6);
}

#[tokio::test]
async fn redirects_to_another_origin_are_refused() {
    let elsewhere = Server::start(|_, _| page([1], Value::Null)).await;
    let target = format!("{}?token=hunter2", elsewhere.url);
    let server = Server::start(move |_, _| with_header(302, "location", &target)).await;
    let error = pull(&server.config()).await.error();
    for url in [&server.url, &elsewhere.url] {
        assert!(error.contains(&url.origin().ascii_serialization()), "{error}");
    }
    assert!(!error.contains("hunter2"), "{error}");
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn the_rate_limit_is_kept_over_retries_and_pages() {
    let server = Server::start(|before, _| match before {
        0 => status(503),
        5 => page([5], Value::Null),
        _ => page([before as u32], before as u64),
    })
    .await;
    let rate_limit = Some(RateLimit { requests: 20, per: Duration::from_secs(1) });
    let begin = Instant::now();
    let limited = client_with(&HttpConfig { rate_limit, ..server.by_cursor() }, &Limits::default()).unwrap();
    assert_eq!(drain(limited.pull(None, now())).await.ids, [1, 2, 3, 4, 5]);
    assert!(begin.elapsed() >= Duration::from_millis(250), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_pull_may_run_in_a_task_of_its_own() {
    let server = Server::start(|_, _| page([1], Value::Null)).await;
    let client = client(&server.config());
    let pulled = tokio::spawn(async move { drain(client.pull(None, now())).await }).await.unwrap();
    assert_eq!(pulled.ids, [1]);
}
