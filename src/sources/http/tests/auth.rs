use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::Response;
use reqwest::Url;
use serde_json::{Value, json};

use super::support::{Asked, Server, client, drain, json_answer, now, page, pull, status};
use crate::sources::http::{Auth, Error, HttpConfig, KeyPlace, Pull};

/// A source that takes only `Bearer <the newest token>` and its token endpoint, one server each.
struct Guarded {
    source: Server,
    tokens: Server,
}

impl Guarded {
    /// `accept` says whether the source takes the token with this number, at this request.
    async fn start(
        token: impl Fn(usize, &Asked) -> Response + Send + Sync + 'static,
        accept: impl Fn(usize, &str) -> bool + Send + Sync + 'static,
    ) -> Self {
        let source = Server::start(move |before, asked| {
            if accept(before, asked.header("authorization")) {
                page([before as u32], next(before))
            } else {
                status(401)
            }
        });
        Self { source: source.await, tokens: Server::start(token).await }
    }

    fn config(&self) -> HttpConfig {
        let mut token_url = self.tokens.url.clone();
        token_url.set_path("/oauth/token");
        let auth = Auth::OAuth2 {
            token_url,
            client_id: "ttcp".into(),
            client_secret: "s3cr&t".into(),
            scope: Some("read".into()),
        };
        HttpConfig { auth, ..self.source.by_cursor() }
    }
}

/// Three pages.
fn next(before: usize) -> Value {
    if before < 2 { json!(before + 1) } else { Value::Null }
}

fn token(number: usize, lifetime: u64) -> Response {
    json_answer(&json!({ "access_token": format!("t{number}"), "token_type": "Bearer", "expires_in": lifetime }))
}

#[tokio::test]
async fn basic_bearer_and_keys_are_sent() {
    let cases = [
        (Auth::None, "authorization", ""),
        (
            Auth::Basic { username: "ttcp".into(), password: "mật khẩu".into() },
            "authorization",
            "Basic dHRjcDpt4bqtdCBraOG6qXU=",
        ),
        (Auth::Bearer { token: "abc".into() }, "authorization", "Bearer abc"),
        (Auth::ApiKey { place: KeyPlace::Header, name: "X-Api-Key".into(), key: "k".into() }, "x-api-key", "k"),
    ];
    for (auth, header, expected) in cases {
        let server = Server::start(|_, _| page([1], Value::Null)).await;
        let config = HttpConfig { auth, headers: vec![("X-Agency".into(), "G17".into())], ..server.config() };
        assert_eq!(pull(&config).await.ids, [1]);
        assert_eq!(server.asked()[0].header(header), expected);
        assert_eq!(server.asked()[0].header("x-agency"), "G17");
    }
}

#[tokio::test]
async fn refused_credentials_are_not_tried_again() {
    for code in [401, 403] {
        let server = Server::start(move |_, _| status(code)).await;
        let config = HttpConfig { auth: Auth::Bearer { token: "hunter2".into() }, ..server.config() };
        let pulled = pull(&config).await;
        assert!(matches!(pulled.error, Some(Error::Refused { .. })), "{}", pulled.error());
        assert!(!pulled.error.unwrap().is_transient());
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn one_token_serves_many_pages_and_pulls() {
    let guarded = Guarded::start(|before, _| token(before, 3600), |_, auth| auth == "Bearer t0").await;
    let client = client(&guarded.config());
    assert_eq!(drain(client.pull(None, now())).await.ids, [0, 1, 2]);
    drain(client.pull(None, now())).await;
    let asked = guarded.tokens.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/oauth/token");
    assert_eq!(asked[0].body, "grant_type=client_credentials&scope=read&client_id=ttcp&client_secret=s3cr%26t");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let guarded =
        Guarded::start(|before, _| token(before, 0), |before, auth| auth == format!("Bearer t{before}")).await;
    assert_eq!(pull(&guarded.config()).await.ids, [0, 1, 2]);
    assert_eq!(guarded.tokens.asked().len(), 3);
}

#[tokio::test]
async fn a_token_is_renewed_once_after_a_401() {
    // The source forgets its tokens after the first page, long before they end.
    let guarded = Guarded::start(
        |before, _| token(before, 3600),
        |before, auth| if before == 0 { auth == "Bearer t0" } else { auth == "Bearer t1" },
    )
    .await;
    let pulled = pull(&guarded.config()).await;
    assert_eq!(pulled.ids, [0, 2], "{}", pulled.error());
    assert_eq!(guarded.tokens.asked().len(), 2);

    let closed = Guarded::start(|before, _| token(before, 3600), |_, _| false).await;
    let pulled = pull(&closed.config()).await;
    assert!(matches!(pulled.error, Some(Error::Refused { .. })), "{}", pulled.error());
    assert_eq!((closed.source.asked().len(), closed.tokens.asked().len()), (2, 2));
}

#[tokio::test]
async fn an_endpoint_that_wants_basic_gets_basic() {
    let guarded = Guarded::start(
        |before, asked| match asked.header("authorization") {
            "" => status(401),
            basic => {
                assert_eq!(basic, "Basic dHRjcDpzM2NyJTI2dA==");
                assert_eq!(asked.body, "grant_type=client_credentials&scope=read");
                token(before, 0)
            }
        },
        |_, auth| auth.starts_with("Bearer t"),
    )
    .await;
    let pulled = pull(&guarded.config()).await;
    assert_eq!(pulled.ids, [0, 1, 2], "{}", pulled.error());
    // Form, Basic; from then on Basic at once.
    assert_eq!(guarded.tokens.asked().len(), 4);
}

#[tokio::test]
async fn wrong_client_credentials_are_named_without_showing_them() {
    let wrong = |_: usize, _: &Asked| {
        let mut answer = json_answer(&json!({ "error": "invalid_client", "error_description": "s3cr&t is wrong" }));
        *answer.status_mut() = axum::http::StatusCode::UNAUTHORIZED;
        answer
    };
    let guarded = Guarded::start(wrong, |_, _| true).await;
    let pulled = pull(&guarded.config()).await;
    let error = pulled.error();
    assert!(matches!(pulled.error, Some(Error::Refused { .. })), "{error}");
    assert!(error.contains("invalid_client") && error.contains("/oauth/token") && !error.contains("s3cr"), "{error}");
    assert!(guarded.source.asked().is_empty());
}

#[tokio::test]
async fn the_secret_does_not_follow_a_redirect() {
    let elsewhere = Server::start(|before, _| token(before, 3600)).await;
    let target = elsewhere.url.to_string();
    let redirect = move |_: usize, _: &Asked| {
        let mut answer = status(307);
        answer.headers_mut().insert("location", target.parse().unwrap());
        answer
    };
    let guarded = Guarded::start(redirect, |_, _| true).await;
    let pulled = pull(&guarded.config()).await;
    assert!(matches!(pulled.error, Some(Error::Protocol { .. })), "{}", pulled.error());
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_token_endpoint_that_stumbles_is_asked_again() {
    let guarded =
        Guarded::start(|before, _| if before == 0 { status(503) } else { token(before, 3600) }, |_, _| true).await;
    let pulled = pull(&guarded.config()).await;
    assert_eq!(pulled.ids, [0, 1, 2]);
    assert_eq!(pulled.end.stats.retries, 1);
}

#[tokio::test]
async fn answers_that_are_no_token_are_named() {
    for (body, word) in [
        (json!({}), "access_token"),
        (json!("text"), "access_token"),
        (json!({ "access_token": "a\nb" }), "header"),
        (json!({ "access_token": "a", "token_type": "mac" }), "bearer"),
    ] {
        let guarded = Guarded::start(move |_, _| json_answer(&body), |_, _| true).await;
        let error = pull(&guarded.config()).await.error();
        assert!(error.contains(word), "{error}");
    }
}

#[tokio::test]
async fn many_pulls_at_once_ask_for_one_token() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let guarded = Guarded::start(
        move |_, _| {
            std::thread::sleep(Duration::from_millis(50));
            count.fetch_add(1, Ordering::SeqCst);
            token(0, 3600)
        },
        |_, _| true,
    )
    .await;
    let client = client(&guarded.config());
    let mut first: Vec<_> = (0..5).map(|_| client.pull(None, now())).collect();
    let pulls = first.iter_mut().map(Pull::next_page);
    for page in futures_util::future::join_all(pulls).await {
        page.unwrap().unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn no_secret_is_printed() {
    for auth in [
        Auth::Basic { username: "ttcp".into(), password: "hunter2".into() },
        Auth::Bearer { token: "hunter2".into() },
        Auth::ApiKey { place: KeyPlace::Query, name: "key".into(), key: "hunter2".into() },
        Auth::ApiKey { place: KeyPlace::Header, name: "key".into(), key: "hunter2".into() },
        Auth::OAuth2 {
            token_url: Url::parse("http://127.0.0.1:1/token?hunter2").unwrap(),
            client_id: "ttcp".into(),
            client_secret: "hunter2".into(),
            scope: None,
        },
    ] {
        let mut config = HttpConfig {
            url: Url::parse("http://user:hunter2@127.0.0.1:1/x?k=hunter2").unwrap(),
            headers: vec![("x-key".into(), "hunter2".into())],
            auth,
            ..Server::start(|_, _| status(500)).await.config()
        };
        let unreachable = client(&config);
        let error = drain(unreachable.pull(None, now())).await.error.unwrap();
        config.headers = vec![("x-key".into(), "hunter2\n".into())];
        let invalid = super::support::client_with(&config, &crate::sources::Limits::default()).unwrap_err();
        let printed = format!("{config:?} {unreachable:?} {error} {error:?} {invalid} {invalid:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
        assert!(error.is_transient());
    }
}
