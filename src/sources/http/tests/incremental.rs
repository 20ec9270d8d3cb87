use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::support::{Asked, Server, client, drain, page, status};
use crate::sources::cursor::Cursor;
use crate::sources::http::{HttpConfig, Mode, Pagination, cursor_at, high_water};
use crate::sources::pull::MaxMissing;

const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%:z";

fn started() -> DateTime<Utc> {
    at("2026-11-24T10:00:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn incremental(config: HttpConfig) -> HttpConfig {
    let mode = Mode::Incremental {
        param: "since".into(),
        format: FORMAT.into(),
        overlap: Duration::from_mins(10),
        start: None,
    };
    HttpConfig { mode, ..config }
}

/// An answer dated `ahead` seconds from [`started`].
fn dated(mut answer: axum::response::Response, ahead: i64) -> axum::response::Response {
    let date = started() + TimeDelta::seconds(ahead);
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.headers_mut().insert("date", date.parse().unwrap());
    answer
}

/// Three pages: `""` → `a` → `b`; each dated a minute after the one before.
fn three(before: usize, asked: &Asked) -> axum::response::Response {
    let answer = match asked.param("cursor") {
        "" => page([1, 2], "a"),
        "a" => page([3, 4], "b"),
        "b" => page([5], Value::Null),
        _ => status(400),
    };
    dated(answer, before as i64 * 60)
}

#[tokio::test]
async fn the_mark_moves_to_the_start_of_a_complete_pull_less_the_overlap() {
    let server = Server::start(three).await;
    let client = client(&incremental(server.by_cursor()));
    let first = drain(client.pull(None, started())).await;
    assert_eq!(first.ids, [1, 2, 3, 4, 5]);
    let cursor = first.end.cursor.unwrap();
    let mark = high_water(&cursor).unwrap();
    // The first answer's date, less what passed until it came; never the later answers' dates.
    assert!(mark <= started() && mark > started() - TimeDelta::seconds(30), "{mark}");

    let second = drain(client.pull(Some(cursor), started() + TimeDelta::hours(1))).await;
    assert_eq!(second.ids, [1, 2, 3, 4, 5]);
    let expected = (mark - TimeDelta::minutes(10)).with_timezone(&crate::clock::HANOI).format(FORMAT).to_string();
    assert!(expected.ends_with("+07:00"));
    assert_eq!(server.params("since"), ["", "", "", &expected, &expected, &expected]);
}

#[tokio::test]
async fn the_first_pull_may_begin_at_a_moment() {
    let server = Server::start(three).await;
    let mut config = incremental(server.by_cursor());
    if let Mode::Incremental { start, format, .. } = &mut config.mode {
        *start = Some(at("2024-01-01T00:00:00+07:00"));
        *format = "epoch_s".into();
    }
    drain(client(&config).pull(None, started())).await;
    assert_eq!(server.params("since")[0], "1704042000");
}

#[tokio::test]
async fn neither_clock_lets_the_mark_slip_past_it() {
    // A source an hour behind stamps its records so, and one an hour ahead may have a database that is not.
    for (ahead, expected_mark) in [(-3600, -3600), (3600, 0), (7 * 3600, 0)] {
        let server = Server::start(move |_, _| dated(page([1], Value::Null), ahead)).await;
        let pulled = drain(client(&incremental(server.config())).pull(None, started())).await;
        let mark = high_water(&pulled.end.cursor.unwrap()).unwrap();
        let off = mark - (started() + TimeDelta::seconds(expected_mark));
        assert!(off <= TimeDelta::zero() && off > TimeDelta::seconds(-30), "{ahead}: {off}");
        let skew = pulled.end.stats.clock_skew.unwrap();
        assert!((skew - TimeDelta::seconds(ahead)).abs() <= TimeDelta::seconds(30), "{ahead}: {skew}");
    }
}

#[tokio::test]
async fn clocks_that_agree_show_no_skew_and_a_missing_date_is_no_harm() {
    let server = Server::start(|_, _| page([1], Value::Null)).await;
    let pulled = drain(client(&incremental(server.config())).pull(None, super::support::now())).await;
    assert_eq!(pulled.end.stats.clock_skew, Some(TimeDelta::zero()));

    let silent =
        Server::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n{\"data\":{\"items\":[]}}".to_vec(), false).await;
    let pulled = drain(client(&incremental(silent.config())).pull(None, started())).await;
    assert_eq!(pulled.error(), "");
    assert_eq!(pulled.end.stats.clock_skew, None);
    assert_eq!(high_water(&pulled.end.cursor.unwrap()), Some(started()));
}

#[tokio::test]
async fn a_mark_ahead_of_our_clock_hides_nothing() {
    let server = Server::start(three).await;
    let config = incremental(server.by_cursor());
    drain(client(&config).pull(cursor_at(at("2030-01-01T00:00:00Z")), started())).await;
    assert_eq!(server.params("since")[0], "2026-11-24T16:50:00+07:00");
}

#[tokio::test]
async fn a_killed_pull_goes_on_after_its_last_checkpoint() {
    let server = Server::start(three).await;
    let client = client(&incremental(server.by_cursor()));
    let old = cursor_at(at("2026-11-20T00:00:00Z"));
    let mut killed = client.pull(old, started());
    killed.next_page().await.unwrap();
    let checkpoint = killed.next_page().await.unwrap().unwrap().checkpoint.unwrap();
    drop(killed);
    assert_eq!(high_water(&checkpoint), Some(at("2026-11-20T00:00:00Z")));

    // A day later, in another process: through the database as JSON text.
    let stored: Cursor = serde_json::from_str(&serde_json::to_string(&checkpoint).unwrap()).unwrap();
    let resumed = drain(client.pull(Some(stored), started() + TimeDelta::days(1))).await;
    assert_eq!(resumed.ids, [5]);
    assert_eq!(server.params("cursor"), ["", "a", "b"]);
    let since = server.params("since");
    assert_eq!(since[2], since[0]);
    // The mark is the start of the pull as a whole, not of the process that ended it.
    let mark = high_water(&resumed.end.cursor.unwrap()).unwrap();
    assert!(mark <= started() && mark > started() - TimeDelta::seconds(30), "{mark}");
}

#[tokio::test]
async fn every_kind_of_position_is_gone_on_from() {
    let page_by = |name: &'static str| {
        move |_: usize, asked: &Asked| match asked.param(name).parse().unwrap_or(0_u32) {
            at if at < 4 => {
                let mut answer = page([at], Value::Null);
                answer.headers_mut().insert("link", format!("<?link={}>; rel=next", at + 1).parse().unwrap());
                answer
            }
            _ => page([], Value::Null),
        }
    };
    for (name, pagination) in [
        ("page", Pagination::Page { param: "page".into(), first: 0, size_param: None, size: None, total_pages: None }),
        ("offset", Pagination::Offset { param: "offset".into(), limit_param: "limit".into(), limit: 1 }),
        ("link", Pagination::LinkHeader),
    ] {
        let server = Server::start(page_by(name)).await;
        let client = client(&server.paged(pagination));
        let mut killed = client.pull(None, started());
        killed.next_page().await.unwrap();
        let checkpoint = killed.next_page().await.unwrap().unwrap().checkpoint;
        assert_eq!(drain(client.pull(checkpoint, started())).await.ids, [2, 3], "{name}");
    }
}

fn checkpoint(next: &Value) -> Cursor {
    Cursor(json!({
        "high_water": "2026-11-20T00:00:00Z",
        "open": { "since": "2026-11-19T23:50:00Z", "began": "2026-11-23T00:00:00Z", "next": next },
    }))
}

#[tokio::test]
async fn a_position_the_source_no_longer_takes_begins_its_window_again() {
    // 400 for a cursor that has expired; with some servers it is an internal error.
    for code in [400, 404, 410, 500] {
        let server = Server::start(
            move |before, asked| if asked.param("cursor") == "old" { status(code) } else { three(before, asked) },
        )
        .await;
        let client = client(&incremental(server.by_cursor()));
        let pulled = drain(client.pull(Some(checkpoint(&json!({ "at": "cursor", "value": "old" }))), started())).await;
        assert_eq!(pulled.ids, [1, 2, 3, 4, 5], "{code}: {}", pulled.error());
        assert!(server.params("since").iter().all(|since| since == "2026-11-20T06:50:00+07:00"));
        assert_eq!(high_water(&pulled.end.cursor.unwrap()), Some(at("2026-11-23T00:00:00Z")));
    }
}

#[tokio::test]
async fn an_error_in_the_clothes_of_success_begins_the_window_again() {
    let server = Server::start(|before, asked| {
        if asked.param("cursor") == "old" {
            super::support::json_answer(&json!({ "error": "expired" }))
        } else {
            three(before, asked)
        }
    })
    .await;
    let client = client(&incremental(server.by_cursor()));
    let old = checkpoint(&json!({ "at": "cursor", "value": "old" }));
    assert_eq!(drain(client.pull(Some(old), started())).await.ids, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn refused_credentials_and_a_source_that_is_away_keep_the_position() {
    for code in [401, 403, 503] {
        let server = Server::start(move |_, _| status(code)).await;
        let client = client(&incremental(server.by_cursor()));
        let pulled = drain(client.pull(Some(checkpoint(&json!({ "at": "cursor", "value": "old" }))), started())).await;
        assert!(pulled.error.is_some() && pulled.end.cursor.is_none());
        assert!(server.params("cursor").iter().all(|cursor| cursor == "old"));
    }
}

#[tokio::test]
async fn a_saved_address_of_another_origin_is_not_asked() {
    let server = Server::start(three).await;
    let client = client(&incremental(server.by_cursor()));
    let pulled =
        drain(client.pull(Some(checkpoint(&json!({ "at": "url", "url": "http://evil.example/" }))), started())).await;
    assert_eq!(pulled.ids, [1, 2, 3, 4, 5], "{}", pulled.error());
}

#[tokio::test]
async fn a_checkpoint_of_another_pagination_or_kind_begins_again() {
    let server = Server::start(three).await;
    let client = client(&incremental(server.by_cursor()));
    let pulled = drain(client.pull(Some(checkpoint(&json!({ "at": "page", "page": 7 }))), started())).await;
    assert_eq!(pulled.ids, [1, 2, 3, 4, 5]);
    assert_eq!(server.params("since")[0], "2026-11-20T06:50:00+07:00");
    let pulled = drain(client.pull(Some(Cursor(json!(["2026-11-20", 17]))), started())).await;
    assert_eq!(pulled.ids, [1, 2, 3, 4, 5]);
    assert_eq!(server.params("since")[3], "");
}

#[tokio::test]
async fn a_snapshot_is_whole_or_nothing() {
    let fail = Arc::new(AtomicI64::new(1));
    let failing = Arc::clone(&fail);
    let server = Server::start(move |before, asked| {
        if asked.param("cursor") == "b" && failing.load(Ordering::SeqCst) > 0 {
            status(404)
        } else {
            three(before, asked)
        }
    })
    .await;
    let mode = Mode::Snapshot { max_missing: MaxMissing::Share(0.05) };
    let client = client(&HttpConfig { mode, ..server.by_cursor() });
    let broken = drain(client.pull(None, started())).await;
    assert_eq!((broken.ids.len(), broken.checkpoints), (4, vec![None, None]));
    assert!(broken.error.is_some() && !broken.end.whole_set && broken.end.cursor.is_none());

    fail.store(0, Ordering::SeqCst);
    // Even a cursor from before the source was made a snapshot begins at the first page.
    let whole = drain(client.pull(Some(checkpoint(&json!({ "at": "cursor", "value": "b" }))), started())).await;
    assert_eq!(whole.ids, [1, 2, 3, 4, 5]);
    assert!(whole.end.whole_set && whole.end.cursor.is_some());
}

#[tokio::test]
async fn a_pull_that_was_not_read_to_its_end_moves_nothing() {
    let server = Server::start(three).await;
    let client = client(&incremental(server.by_cursor()));
    let mut pull = client.pull(None, started());
    for _ in 0..2 {
        pull.next_page().await.unwrap();
    }
    assert!(pull.finish().cursor.is_none());
}

/// A source whose records carry the moment of their newest change, in seconds; pages of two, by a keyset cursor.
fn edited(records: &Arc<Mutex<Vec<(u32, i64)>>>) -> impl Fn(usize, &Asked) -> axum::response::Response + use<> {
    let records = Arc::clone(records);
    move |_, asked| {
        let since: i64 = asked.param("since").parse().unwrap_or(i64::MIN);
        let after: u32 = asked.param("cursor").parse().unwrap_or(0);
        let records = records.lock().unwrap();
        let rest: Vec<_> = records.iter().filter(|(id, at)| *id > after && *at >= since).map(|(id, _)| *id).collect();
        let next = if rest.len() > 2 { json!(rest[1]) } else { Value::Null };
        dated(page(rest.into_iter().take(2), next), 0)
    }
}

#[tokio::test]
async fn a_record_that_changes_while_a_pull_runs_comes_again() {
    let began = started().timestamp();
    let records = Arc::new(Mutex::new((1..=6).map(|id| (id, began - 1_000_000)).collect::<Vec<_>>()));
    let server = Server::start(edited(&records)).await;
    let mut config = incremental(server.by_cursor());
    // Not even without an overlap is it lost.
    config.mode =
        Mode::Incremental { param: "since".into(), format: "epoch_s".into(), overlap: Duration::ZERO, start: None };
    let client = client(&config);
    let mut first = client.pull(None, started());
    first.next_page().await.unwrap();
    records.lock().unwrap()[0].1 = began;
    let rest = drain(first).await;
    assert_eq!(rest.ids, [3, 4, 5, 6]);
    let second = drain(client.pull(rest.end.cursor, started() + TimeDelta::hours(1))).await;
    assert_eq!(second.ids, [1]);
}

#[tokio::test]
async fn a_pull_that_is_killed_after_every_page_brings_all() {
    let records = Arc::new(Mutex::new((1..=9).map(|id| (id, 0)).collect::<Vec<_>>()));
    let server = Server::start(edited(&records)).await;
    let config = incremental(server.by_cursor());
    let (mut saved, mut pages) = (None, 0);
    let complete = loop {
        let mut pull = client(&config).pull(saved.clone(), started());
        let page = pull.next_page().await.unwrap().unwrap();
        pages += 1;
        if page.checkpoint.is_none() {
            break pull.finish().cursor.unwrap();
        }
        saved = page.checkpoint;
    };
    assert_eq!((pages, server.params("cursor").join(" ")), (5, " 2 4 6 8".to_owned()));
    assert!(high_water(&complete).unwrap() <= started());
}
