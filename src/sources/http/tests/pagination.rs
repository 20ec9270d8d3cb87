use serde_json::{Value, json};

use super::support::{Server, client_with, drain, expression, json_answer, now, page, pull, status};
use crate::sources::Limits;
use crate::sources::http::{Auth, Error, HttpConfig, KeyPlace, Pagination};

fn numbered(size: Option<u64>, total_pages: Option<&str>) -> Pagination {
    Pagination::Page {
        param: "page".into(),
        first: 1,
        size_param: size.map(|_| "size".into()),
        size,
        total_pages: total_pages.map(expression),
    }
}

fn offset(limit: u64) -> Pagination {
    Pagination::Offset { param: "offset".into(), limit_param: "limit".into(), limit }
}

#[tokio::test]
async fn one_page() {
    let server = Server::start(|_, _| page([1, 2, 3], Value::Null)).await;
    let pulled = pull(&server.config()).await;
    assert_eq!(pulled.ids, [1, 2, 3]);
    assert!(pulled.end.cursor.is_some() && !pulled.end.whole_set);
    assert_eq!(pulled.checkpoints, [None]);
    assert_eq!((server.asked().len(), pulled.end.stats.calls), (1, 1));
    assert_eq!(server.asked()[0].header("accept-encoding"), "gzip, zstd");
    assert!(server.asked()[0].header("user-agent").starts_with("petitiond/"));
}

#[tokio::test]
async fn numbered_pages_go_on_until_one_is_empty() {
    // The server gives fewer records a page than it was asked for: a short page is not the last.
    let server = Server::start(|_, asked| match asked.param("page") {
        "1" => page(1..=2, Value::Null),
        "2" => page(3..=4, Value::Null),
        _ => page([], Value::Null),
    })
    .await;
    let pulled = pull(&server.paged(numbered(Some(500), None))).await;
    assert_eq!(pulled.ids, [1, 2, 3, 4]);
    assert_eq!(server.params("page"), ["1", "2", "3"]);
    assert_eq!(server.params("size"), ["500", "500", "500"]);
    assert!(pulled.end.cursor.is_some());
}

#[tokio::test]
async fn numbered_pages_end_at_their_total() {
    let server = Server::start(|before, _| {
        let id = before as u32;
        json_answer(&json!({ "data": { "items": [{ "MaDon": id }] }, "meta": { "pages": "3" } }))
    })
    .await;
    let pulled = pull(&server.paged(numbered(None, Some(".meta.pages")))).await;
    assert_eq!(pulled.ids, [0, 1, 2]);
    assert_eq!(server.params("page"), ["1", "2", "3"]);
    let nonsense =
        Server::start(|_, _| json_answer(&json!({ "data": { "items": [] }, "meta": { "pages": [] } }))).await;
    let pulled = pull(&nonsense.paged(numbered(None, Some(".meta.pages")))).await;
    assert!(pulled.error().contains("total_pages"), "{}", pulled.error());
}

#[tokio::test]
async fn not_found_ends_numbered_pages_only_after_a_short_one() {
    let ends = |last: u32| {
        Server::start(move |_, asked| match asked.param("page") {
            "1" => page(1..=2, Value::Null),
            "2" => page(3..=last, Value::Null),
            _ => status(404),
        })
    };
    let short = ends(3).await;
    let pulled = pull(&short.paged(numbered(Some(2), None))).await;
    assert_eq!(pulled.ids, [1, 2, 3]);
    assert!(pulled.error.is_none() && pulled.end.cursor.is_some());

    let full = ends(4).await;
    let pulled = pull(&full.paged(numbered(Some(2), None))).await;
    assert_eq!(pulled.ids, [1, 2, 3, 4]);
    assert!(pulled.error().contains("404") && pulled.end.cursor.is_none());
}

#[tokio::test]
async fn offsets_grow_by_what_came() {
    let server = Server::start(|_, asked| {
        let offset: u32 = asked.param("offset").parse().unwrap();
        page((offset..7).take(3), Value::Null)
    })
    .await;
    let pulled = pull(&server.paged(offset(5))).await;
    assert_eq!(pulled.ids, (0..7).collect::<Vec<_>>());
    assert_eq!(server.params("offset"), ["0", "3", "6", "7"]);
    assert_eq!(server.params("limit"), ["5", "5", "5", "5"]);
}

#[tokio::test]
async fn cursors_may_be_text_numbers_or_addresses() {
    let server = Server::start(|_, asked| match (asked.path.as_str(), asked.param("cursor")) {
        ("/api/don-thu", "") if asked.param("v") == "2" => page([4], ""),
        ("/api/don-thu", "") => page([1], "a b+/="),
        (_, "a b+/=") => page([2], 17),
        (_, "17") => page([3], format!("http://{}/api/don-thu?v=2", asked.header("host"))),
        _ => status(400),
    })
    .await;
    let pulled = pull(&server.by_cursor()).await;
    assert_eq!((pulled.ids.as_slice(), pulled.error()), ([1, 2, 3, 4].as_slice(), String::new()));
}

#[tokio::test]
async fn a_number_is_sent_back_exactly_as_it_came() {
    for (written, expected) in
        [("1732435200.000100", "1732435200.000100"), ("98765432109876543210987", "98765432109876543210987")]
    {
        let server = Server::start(move |before, _| {
            let next = if before == 0 { written } else { "null" };
            let body = format!("{{\"data\":{{\"items\":[{{\"MaDon\":{before}}}]}},\"meta\":{{\"next\":{next}}}}}");
            axum::response::Response::new(body.into())
        })
        .await;
        pull(&server.by_cursor()).await;
        assert_eq!(server.params("cursor"), ["", expected]);
    }
}

#[tokio::test]
async fn a_cursor_may_take_more_than_a_path() {
    let server = Server::start(|before, _| {
        let id = before as u32;
        json_answer(&json!({ "data": { "items": [{ "MaDon": id }] }, "meta": { "page": id, "more": id < 2 } }))
    })
    .await;
    let next = expression("if .meta.more then .meta.page + 1 else null end");
    let pulled = pull(&server.paged(Pagination::Cursor { param: "cursor".into(), next })).await;
    assert_eq!(pulled.ids, [0, 1, 2], "{}", pulled.error());
    assert_eq!(server.params("cursor"), ["", "1", "2"]);

    let wrong = expression(".meta.page.x");
    let error = pull(&server.paged(Pagination::Cursor { param: "cursor".into(), next: wrong })).await.error();
    assert!(error.contains("http.pagination: the expression does not fit"), "{error}");
}

#[tokio::test]
async fn an_empty_page_with_a_next_cursor_is_not_the_end() {
    let server = Server::start(|before, _| match before {
        0 => page([], "a"),
        1 => page([], "b"),
        _ => page([1], Value::Null),
    })
    .await;
    assert_eq!(pull(&server.by_cursor()).await.ids, [1]);
}

#[tokio::test]
async fn link_headers_are_followed_from_the_page_they_stand_on() {
    let server = Server::start(|before, _| {
        let mut answer = page([before as u32], Value::Null);
        if before < 2 {
            let link = format!("<?page={}>; rel=\"next\", </>; rel=\"first\"", before + 1);
            answer.headers_mut().insert("link", link.parse().unwrap());
        }
        answer
    })
    .await;
    let pulled = pull(&server.paged(Pagination::LinkHeader)).await;
    assert_eq!(pulled.ids, [0, 1, 2]);
    assert_eq!(server.params("page"), ["", "1", "2"]);
}

#[tokio::test]
async fn parameters_of_the_address_stay() {
    let server = Server::start(|_, _| page([], Value::Null)).await;
    let mut config = server.paged(numbered(Some(10), None));
    config.url.set_query(Some("loai=a%2Fb&page=99"));
    pull(&config).await;
    let asked = &server.asked()[0];
    assert_eq!((asked.param("loai"), asked.param("page"), asked.param("size")), ("a/b", "1", "10"));
}

#[tokio::test]
async fn a_next_link_to_another_origin_is_refused() {
    for next in ["https://evil.example/?token=hunter2", "http://127.0.0.1:1/api/don-thu?token=hunter2"] {
        let server = Server::start(move |_, _| page([1], next)).await;
        let pulled = pull(&server.by_cursor()).await;
        let error = pulled.error();
        let origin = server.url.origin().ascii_serialization();
        assert!(error.contains(&origin) && error.contains(&next[..16]) && !error.contains("hunter2"), "{error}");
        assert!(matches!(pulled.error, Some(Error::Protocol { .. })));
        assert!(pulled.end.cursor.is_none());
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_cursor_that_comes_again_ends_the_pull() {
    let server = Server::start(|before, _| page([before as u32], ["a", "b", "a"][before % 3])).await;
    let pulled = pull(&server.by_cursor()).await;
    // All that was read is given out, the circle is not entered again, and the cursor stays where it was.
    assert_eq!(pulled.ids, [0, 1, 2]);
    assert!(matches!(pulled.error, Some(Error::Endless { .. })), "{}", pulled.error());
    assert_eq!(pulled.end.cursor.unwrap().0, json!({ "high_water": null, "open": null }));
    assert!(pulled.checkpoints[2].is_none());
}

#[tokio::test]
async fn a_page_that_comes_again_ends_the_pull() {
    // A server that does not know the parameter gives its first page for ever.
    let server = Server::start(|_, _| page([1, 2], Value::Null)).await;
    for pagination in [numbered(None, None), offset(2)] {
        let pulled = pull(&server.paged(pagination)).await;
        assert_eq!(pulled.ids, [1, 2]);
        assert!(matches!(pulled.error, Some(Error::Endless { .. })), "{}", pulled.error());
    }
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn pages_are_counted() {
    let server = Server::start(|before, _| page([before as u32], before as u64 + 1)).await;
    let limits = Limits { pages: 3, ..Limits::default() };
    let pulled = drain(client_with(&server.by_cursor(), &limits).unwrap().pull(None, now())).await;
    assert_eq!(pulled.ids, [0, 1, 2]);
    assert!(matches!(pulled.error, Some(Error::Limit { .. })) && pulled.error().contains("limits.pages"));
    // The next pull goes on from there.
    let next =
        drain(client_with(&server.by_cursor(), &limits).unwrap().pull(pulled.checkpoints[2].clone(), now())).await;
    assert_eq!(next.ids, [3, 4, 5]);
}

#[tokio::test]
async fn a_key_in_the_query_goes_with_every_page_but_not_into_the_cursor() {
    let server = Server::start(|before, asked| {
        let mut answer = page([before as u32], Value::Null);
        if before == 0 {
            // Many servers repeat the whole query in the next link.
            let link = format!("<?key={}&page=2>; rel=next", asked.param("key"));
            answer.headers_mut().insert("link", link.parse().unwrap());
        }
        answer
    })
    .await;
    let key = Auth::ApiKey { place: KeyPlace::Query, name: "key".into(), key: "hunter2".into() };
    let config = HttpConfig { auth: key, ..server.paged(Pagination::LinkHeader) };
    let pulled = pull(&config).await;
    assert_eq!(pulled.ids, [0, 1]);
    assert_eq!(server.params("key"), ["hunter2", "hunter2"]);
    assert!(!format!("{:?}", pulled.checkpoints).contains("hunter2"));
}
