//! Sources that are slow, garbled, hostile or down harm nobody else, and each bad input has a clear message; nothing
//! that is sealed is told by any of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::agency::{Agency, Manner, Publisher, deep_json, gzip_bomb, petition, petitions};
use crate::support::daemon::{counts, last_error, records};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

fn page(records: &Value) -> Manner {
    Manner::Bytes(Arc::new(json!({ "data": records, "next": null }).to_string().into_bytes()), None)
}

fn invalid_utf8() -> Vec<u8> {
    b"{\"data\":[{\"record_id\":\"x\",\"summary\":\"\xff\xfe\xc3\x28\"}],\"next\":null}".to_vec()
}

/// What an agency sends, and what its administrator must be told.
fn bad_pages(elsewhere: &str) -> Vec<(&'static str, Manner, &'static [&'static str])> {
    vec![
        ("garbage", Manner::Garbage, &["json"]),
        ("down", Manner::Status(404), &["404"]),
        ("endless", Manner::Endless, &["same records", "pagination"]),
        ("elsewhere", Manner::Elsewhere(elsewhere.to_owned()), &["redirect", "another"]),
        ("bomb", Manner::Bytes(Arc::new(gzip_bomb(300)), Some("gzip")), &["decompressed"]),
        ("notutf8", Manner::Bytes(Arc::new(invalid_utf8()), None), &["not utf-8"]),
        ("notgzip", Manner::Bytes(Arc::new(b"no gzip".to_vec()), Some("gzip")), &["gzip"]),
        ("oddly", Manner::Bytes(Arc::new(b"{}".to_vec()), Some("snappy")), &["snappy"]),
        ("empty", Manner::Bytes(Arc::default(), None), &["json"]),
        ("scalar", Manner::Bytes(Arc::new(b"\"just text\"".to_vec()), None), &[""]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_sources_are_named_and_the_healthy_keep_their_pace() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let victim = Agency::open(petitions(1), 10).await;
    let mut bad = Vec::new();
    for (id, manner, parts) in bad_pages(victim.url()) {
        let agency = Agency::of_manner(manner).await;
        site.source(id, &agency.toml(""));
        bad.push((id, agency, parts));
    }
    let deep = Agency::of_manner(Manner::Bytes(Arc::new(deep_json(10_000)), None)).await;
    site.source("deep", &deep.toml(""));
    let slow = Agency::open(petitions(100_000), 1).await;
    slow.set(Manner::Slow(Duration::from_secs(2)));
    site.source("slow", &slow.toml(""));
    let stalled = Agency::of_manner(Manner::Slow(Duration::from_hours(1))).await;
    site.source("stalled", &stalled.toml(""));
    site.source("closed", &slow.toml("").replace(slow.url(), "http://127.0.0.1:9/x"));
    let healthy = Agency::open(petitions(600), 100).await;
    site.source("healthy", &healthy.toml(""));
    site.inbox("post");

    let daemon = site.start().await;
    let began = Instant::now();
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(600), 20).await;
    records(&pool, "healthy", 600).await;
    records(&pool, "post", 600).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(30), "the healthy sources took {took:?}");

    for (id, _agency, parts) in &bad {
        let error = last_error(&pool, id, "").await;
        for part in *parts {
            assert!(error.to_lowercase().contains(part), "{id}: {part:?} is not in {error:?}");
        }
        assert!(!error.contains("cursor=") && error.chars().count() < 600, "{id}: {error}");
    }
    last_error(&pool, "closed", "cannot connect").await;
    // one record too deep is one record, and no reason to refuse its page
    let too_deep = "SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'deep' AND reason = 'too_deep'";
    counts(&pool, too_deep, 1).await;
    // and still they keep it
    healthy.edit(|records| records.extend(petitions(800).split_off(600)));
    publisher.records("post", &petitions(800).split_off(600), 20).await;
    let began = Instant::now();
    records(&pool, "healthy", 800).await;
    records(&pool, "post", 800).await;
    assert!(began.elapsed() < Duration::from_secs(20), "the healthy sources took {:?}", began.elapsed());
    assert_eq!(victim.asked(), 0, "a redirect to another origin was followed");
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_records_of_a_page_are_quarantined_and_the_rest_is_stored() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let huge = "x".repeat(10 << 20);
    let bad = json!([
        petition(1, 1),
        { "kind": "petition", "received_on": "2026-01-05" },
        { "record_id": "", "kind": "petition", "received_on": "2026-01-05" },
        { "record_id": "i".repeat(500), "kind": "petition", "received_on": "2026-01-05" },
        { "record_id": "huge", "kind": "petition", "received_on": "2026-01-05", "summary": huge },
        { "record_id": "kindless", "received_on": "2026-01-05" },
        { "record_id": "dateless", "kind": "petition" },
        "no object", 7, null, [],
        petition(2, 1),
    ]);
    let agency = Agency::of_manner(page(&bad)).await;
    site.source("web", &agency.toml(""));
    let daemon = site.start().await;
    records(&pool, "web", 2).await;
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'web'", 10).await;
    let reasons: Vec<(String, String)> =
        sqlx::query_as("SELECT reason, detail FROM petitiond.quarantine").fetch_all(&pool).await.unwrap();
    let names: HashSet<&str> = reasons.iter().map(|(reason, _)| reason.as_str()).collect();
    assert!(names.is_superset(&HashSet::from(["no_record_id", "too_large"])), "{names:?}");
    for (reason, detail) in &reasons {
        assert!(detail.len() > 10 && detail.len() < 600, "{reason}: {detail}");
    }
    // again and again the same: held once
    let asked = agency.asked();
    eventually("two more pulls", Duration::from_mins(1), || async { (agency.asked() > asked + 2).then_some(()) }).await;
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'web'", 10).await;
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_messages_are_quarantined_with_their_reason() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let mut daemon = site.start().await;
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    let zstd_bomb = zstd::encode_all(&vec![b' '; 300 << 20][..], 1).unwrap();
    let huge = json!({ "record_id": "huge", "summary": "x".repeat(10 << 20) }).to_string();
    let deep =
        [b"{\"record_id\":\"d\",\"extra\":".to_vec(), vec![b'['; 10_000], vec![b']'; 10_000], b"}".to_vec()].concat();
    let cases: Vec<(&str, Option<&str>, Vec<u8>, &str)> = vec![
        ("html", None, b"<html>".to_vec(), "not_decodable"),
        ("empty", None, Vec::new(), "not_decodable"),
        ("text", None, b"\"text\"".to_vec(), "not_decodable"),
        ("latin", None, b"{\"record_id\":\"\xff\xfe\"}".to_vec(), "not_text"),
        ("cut", None, b"{\"record_id\":\"a\"".to_vec(), "not_decodable"),
        ("gzip", Some("gzip"), b"no gzip".to_vec(), "broken_compression"),
        ("zstd", Some("zstd"), b"no zstd".to_vec(), "broken_compression"),
        ("brotli", Some("br"), b"{}".to_vec(), "unknown_encoding"),
        ("bomb", Some("gzip"), gzip_bomb(300), "too_large"),
        ("zbomb", Some("zstd"), zstd_bomb, "too_large"),
        ("huge", None, huge.into_bytes(), "too_large"),
        ("deep", None, deep, "too_deep"),
        ("idless", None, b"{\"kind\":\"petition\"}".to_vec(), "no_record_id"),
    ];
    for (name, encoding, body, _) in &cases {
        assert!(publisher.send("post", name, *encoding, body).await, "{name}");
    }
    assert!(publisher.send("post", "nothing", None, b"[]").await);
    // a giant array of small records is only many records
    let many: Vec<Value> = petitions(3000);
    assert!(publisher.send("post", "many", None, &serde_json::to_vec(&many).unwrap()).await);
    records(&pool, "post", 3000).await;
    counts(&pool, "SELECT count(*) FROM petitiond.quarantine", i64::try_from(cases.len()).unwrap()).await;
    for (name, _, _, reason) in &cases {
        let found: (String, String) =
            sqlx::query_as("SELECT reason, detail FROM petitiond.quarantine WHERE message_id = $1")
                .bind(name)
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(found.0, *reason, "{name}: {}", found.1);
        assert!(found.1.len() > 10 && found.1.len() < 600, "{name}: {}", found.1);
    }
    broker.await_depth("petition.inbox.post", 0).await;
    broker.await_depth("petition.dead", 0).await;
    let (status, _) = daemon.terminate().await;
    assert!(status.success());
}

/// A message that ends its process again and again is put aside after its tenth delivery, and others pass. What kills
/// the process here is the test, while the message is in its hands.
#[tokio::test(flavor = "multi_thread")]
async fn what_kills_its_handler_is_put_aside() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let mut daemon = site.start().await;
    // declared after the inbox is bound
    eventually("an inbox", Duration::from_secs(30), || async { broker.depth("petition.receipts.post").await }).await;
    daemon.terminate().await;
    // nothing can be written while this is held
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT seq FROM petitiond.feed_head FOR UPDATE").fetch_one(&mut *lock).await.unwrap();
    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(1), 1).await;
    let mut deaths = 0;
    while broker.depth("petition.dead").await != Some(1) {
        assert!(deaths < 14, "it loops");
        let mut daemon = site.start().await;
        eventually("the message in hand or aside", Duration::from_secs(30), || async {
            (broker.depth("petition.inbox.post").await == Some(0)).then_some(())
        })
        .await;
        daemon.kill9();
        // back in its queue, or put aside
        eventually("the end of the connection", Duration::from_secs(30), || async {
            let back = broker.depth("petition.inbox.post").await == Some(1);
            (back || broker.depth("petition.dead").await == Some(1)).then_some(())
        })
        .await;
        deaths += 1;
    }
    assert!(deaths >= 10, "put aside after {deaths} deliveries");
    lock.rollback().await.unwrap();
    let daemon = site.start().await;
    publisher.records("post", &petitions(20).split_off(10), 1).await;
    records(&pool, "post", 10).await;
    broker.await_depth("petition.dead", 1).await;
    drop(daemon);
}

/// A batch whose statements never end in time is written in parts, and none of it is put aside. What makes them late
/// here is a trigger that gives up, as the server does, when there are more than ten rows at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_at_once_is_written_in_parts() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    for statement in [
        "CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF (SELECT count(*) FROM fresh) > 10 THEN
                 RAISE 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled';
             END IF;
             RETURN NULL;
         END $$",
        "CREATE TRIGGER late AFTER INSERT ON petitiond.source_record REFERENCING NEW TABLE AS fresh
         FOR EACH STATEMENT EXECUTE FUNCTION public.late()",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    site.inbox("post");
    let _daemon = site.start().await;
    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(100), 100).await;
    records(&pool, "post", 100).await;
    counts(&pool, "SELECT count(*) FROM national_v1.quarantine", 0).await;
}

/// Records that carry these must never be told of: a denouncer's name, number, phone, address and text.
const CANARIES: [&str; 5] =
    ["Tôn Nữ Kanarienvogel", "001089123457", "0912345678", "số 77 ngõ Bí Mật", "văn bản tố cáo mật K4N4R13"];

fn denunciation(id: &str) -> Value {
    json!({
        "record_id": id, "version": 1, "kind": "petition", "type": "denunciation", "received_on": "2026-03-02",
        "summary": CANARIES[4],
        "petitioners": [{ "name": CANARIES[0], "id_number": CANARIES[1], "id_kind": "cccd", "phone": CANARIES[2],
                          "address": CANARIES[3] }],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denouncer_is_told_of_nowhere() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (mut site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.set("PETITIOND_LOG", "trace");
    let mut faulty = vec![denunciation("ok-web")];
    for (field, value) in [("record_id", json!(null)), ("kind", json!(null)), ("received_on", json!(CANARIES[0]))] {
        let mut record = denunciation(&format!("bad-{field}"));
        record[field] = value;
        faulty.push(record);
    }
    let agency = Agency::open(faulty.clone(), 10).await;
    site.source("web", &agency.toml(""));
    // answers with the record where an error is expected, and in a page that is no JSON
    let leaky = format!("{} <- cut", denunciation("leak"));
    let garbled = Agency::of_manner(Manner::Bytes(Arc::new(leaky.into_bytes()), None)).await;
    site.source("garbled", &garbled.toml(""));
    // a mapping that fails on the value itself
    let wrong = Agency::open(vec![denunciation("wrong")], 10).await;
    let number = wrong.toml("").replace("summary = \".summary\"", "summary = \".summary | tonumber\"");
    site.source("mapped", &number);
    site.inbox("post");
    let mut daemon = site.start().await;
    daemon.expect_error("io_loop"); // the client's own word on a queue that is not there yet
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    let mut bodies: Vec<Vec<u8>> = faulty.iter().map(|record| record.to_string().into_bytes()).collect();
    bodies.push(format!("{} trailing", denunciation("trailing")).into_bytes());
    bodies.push(format!("[{},]", denunciation("comma")).into_bytes());
    // a character that PostgreSQL refuses in a text
    let mut refused = denunciation("refused");
    refused["summary"] = json!(format!("{}\u{0}", CANARIES[4]));
    refused["petitioners"][0]["name"] = json!(format!("{}\u{0}", CANARIES[0]));
    bodies.push(refused.to_string().into_bytes());
    let mut refused = denunciation("refused-id-\u{0}");
    refused["agency"] = json!(format!("{}\u{0}", CANARIES[0]));
    bodies.push(refused.to_string().into_bytes());
    // what may be read: shows that the search below would find a canary
    bodies.push(petition(1, 1).to_string().into_bytes());
    for (number, body) in bodies.iter().enumerate() {
        assert!(publisher.send("post", &format!("message-{number}"), None, body).await);
    }
    let of_post = "SELECT (SELECT count(*) FROM petitiond.source_record WHERE source_id = 'post')
        + (SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'post')";
    counts(&pool, of_post, i64::try_from(bodies.len()).unwrap()).await;
    records(&pool, "web", 1).await;
    last_error(&pool, "garbled", "").await;
    records(&pool, "mapped", 1).await;
    counts(&pool, "SELECT count(*) FROM petitiond.receipt", 0).await;
    let (status, _) = daemon.terminate().await;
    assert!(status.success());

    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT quarantine_id FROM petitiond.quarantine").fetch_all(&pool).await.unwrap();
    let mut told = vec![("log", daemon.log()), ("status", site.done(&["status", "--json"]))];
    told.push(("status", site.done(&["status"])));
    told.push(("quarantine list", site.done(&["quarantine", "list", "--json"])));
    for id in ids {
        told.push(("quarantine show", site.done(&["quarantine", "show", &id.to_string()])));
    }
    for queue in ["petition.receipts.post", "petition.receipts.web", "petition.receipts.mapped"] {
        for message in broker.take(queue, 1000).await {
            told.push(("receipt", format!("{} {}", message.properties, String::from_utf8_lossy(&message.body))));
        }
    }
    let dump = std::process::Command::new("pg_dump").args(["--inserts", database.url()]).output().unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    told.push(("dump", String::from_utf8_lossy(&dump.stdout).into_owned()));
    assert!(told.last().is_some_and(|(_, dump)| dump.contains("Khiếu nại quyết định thu hồi đất số 1, lần sửa 1")));
    for (place, text) in &told {
        assert!(!text.is_empty(), "{place}");
        for canary in CANARIES {
            // as it is, as JSON escapes it, and as bytes in hexadecimal
            let escaped: String = canary
                .chars()
                .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
                .collect();
            let hex = canary.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            for form in [canary, &escaped, &hex, &canary.to_lowercase()] {
                if let Some(at) = text.find(form) {
                    let start = (0..=at.saturating_sub(300)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                    panic!("{canary:?} in {place}: {}", &text[start..at + form.len()]);
                }
            }
        }
    }
}
