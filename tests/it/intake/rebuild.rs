//! The archive is enough: reading it once more changes nothing where nothing is to change, and brings everything back
//! where all is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use petitiond::domain::{ParsedRecord, SourceId};
use petitiond::pipeline::arrival::{Arrival, Order, Origin};
use petitiond::pipeline::batch::{self, Batch, MessageName};
use petitiond::pipeline::rebuild::{self, Reader, Rebuilt};
use petitiond::seal::Purpose;
use petitiond::sources::Limits;
use petitiond::sources::format::{Encoding, Format, Packing};
use petitiond::sources::mapping::{Decoder, DecoderConfig, Expression, Mapping};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Map, Value, json};

use super::order::{cases, compare, history, must_be_consistent, prepare, state};
use super::{House, Sent, at};

/// Rebuilds by the readers of the sources of the tests, which speak the interchange record.
pub(super) async fn rebuild(house: &House, most: usize) -> BTreeMap<String, Rebuilt> {
    let readers = rebuild::readers(&house.desk, &[]).await.unwrap();
    let rebuilt = rebuild::run(&house.desk, readers, None, most).await.expect("a database that works");
    rebuilt.into_iter().map(|of| (of.source_id.clone(), of)).collect()
}

/// Everything that readers see.
async fn views(house: &House) -> Vec<(String, Vec<Value>)> {
    let views: Vec<String> =
        sqlx::query_scalar("SELECT viewname::text FROM pg_views WHERE schemaname = 'national_v1' ORDER BY 1")
            .fetch_all(&house.pool)
            .await
            .unwrap();
    assert!(views.len() > 15, "{views:?}");
    let mut all = Vec::new();
    for view in views {
        let rows = house.rows(&format!("SELECT * FROM national_v1.{view} v ORDER BY to_jsonb(v)::text")).await;
        all.push((view, rows));
    }
    all
}

/// Takes away all that is derived from the archive.
pub(super) async fn lose_everything(house: &House) {
    house
        .execute(
            "DO $$ DECLARE t text; BEGIN
                 FOR t IN SELECT unnest(ARRAY['source_record', 'record_part', 'link_key', 'petition', 'reception', 'case_file',
                                              'petitioner', 'petitioner_identity', 'event', 'link', 'node', 'node_key', 'edge', 'person'])
                 LOOP EXECUTE format('TRUNCATE petitiond.%I', t); END LOOP;
             END $$",
        )
        .await;
}

pub(super) fn in_batches<'s>(mut list: &'s [Sent], cuts: &[usize]) -> Vec<&'s [Sent]> {
    let mut batches = Vec::new();
    for cut in cuts {
        let (batch, rest) = list.split_at(list.len().min(*cut));
        batches.push(batch);
        list = rest;
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// What the archive keeps, once: a record of a source without versions that says the same in a later pull is not kept
/// again, so each says when it was pulled.
fn told_apart(sent: Sent) -> Sent {
    if sent.version.is_some() {
        sent
    } else {
        let at = sent.at;
        sent.with("summary", format!("lần {at}"))
    }
}

async fn check(house: &House, list: &[Sent], cuts: &[usize], most: usize) -> Result<(), TestCaseError> {
    super::order::empty(house).await;
    for batch in in_batches(list, cuts) {
        house.store(batch).await;
    }
    let counted = house.rows("SELECT * FROM petitiond.source ORDER BY 1").await;
    let (seen, head) = (views(house).await, house.head().await);
    let stored = state(house).await;
    let rebuilt = rebuild(house, most).await;
    compare(&stored, &state(house).await, "in place")?;
    for ((view, before), (_, after)) in seen.iter().zip(&views(house).await) {
        prop_assert_eq!(before, after, "{}", view);
    }
    prop_assert_eq!(house.head().await, head);
    for of in rebuilt.values() {
        prop_assert_eq!((of.changed, of.restored), (0, 0), "{:?}", of);
    }
    let archived = house.rows("SELECT * FROM petitiond.archive ORDER BY 1").await;
    let wanted = state(house).await;
    let firsts = "SELECT source_id, record_id, archive_id FROM petitiond.source_record ORDER BY 1, 2";
    let named = house.rows(firsts).await;

    lose_everything(house).await;
    rebuild(house, most).await;
    must_be_consistent(house).await?;
    compare(&wanted, &state(house).await, "from nothing")?;
    prop_assert_eq!(house.rows(firsts).await, named);

    // cut off as soon as something is there, and run again
    lose_everything(house).await;
    let begun = async { while house.count("SELECT count(*) FROM petitiond.source_record").await == 0 {} };
    let readers = rebuild::readers(&house.desk, &[]).await.unwrap();
    tokio::select! {
        biased;
        () = begun => {}
        done = rebuild::run(&house.desk, readers, None, 2) => drop(done.expect("a database that works")),
    }
    rebuild(house, most).await;
    must_be_consistent(house).await?;
    compare(&wanted, &state(house).await, "after it was cut off")?;
    let (head, rebuilt) = (house.head().await, rebuild(house, most).await);
    prop_assert_eq!(house.head().await, head);
    for of in rebuilt.values() {
        prop_assert_eq!((of.changed, of.restored), (0, 0), "{:?}", of);
    }
    prop_assert_eq!(house.rows("SELECT * FROM petitiond.archive ORDER BY 1").await, archived);
    prop_assert_eq!(house.rows("SELECT * FROM petitiond.source ORDER BY 1").await, counted);
    Ok(())
}

#[test]
fn what_was_received_gives_the_same_again() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    let house = runtime.block_on(async {
        let house = House::open().await;
        prepare(&house).await;
        house
    });
    let history = history().prop_map(|list| list.into_iter().map(told_apart).collect::<Vec<_>>());
    let case = (history, proptest::collection::vec(1..9usize, 50), 1..40usize);
    let config = Config { cases: cases(), max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let result =
        TestRunner::new(config).run(&case, |(list, cuts, most)| runtime.block_on(check(&house, &list, &cuts, most)));
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Times are kept as well, and nobody is told anything: no receipt, no tally, no change.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_has_its_old_times() {
    let house = House::open().await;
    house
        .store(&[Sent::petition("bxd", "1"), Sent::petition("hanoi", "2").refers("transferred_from", at("bxd", "1"))])
        .await;
    house.store(&[Sent::petition("bxd", "1").version(2).with("summary", "bổ sung")]).await;
    house
        .store(&[Sent::bare("hcm", "3").part("intake").with("kind", "petition").with("received_on", "2026-01-05")])
        .await;
    house.store(&[Sent::bare("hcm", "3").part("result").version(2).with("type", "complaint")]).await;
    house
        .execute("UPDATE petitiond.archive SET received_at = '2026-01-01'::timestamptz + archive_id * interval '1 day'")
        .await;
    house.execute("TRUNCATE petitiond.receipt").await;
    let counted = house.rows("SELECT * FROM petitiond.source ORDER BY 1").await;
    lose_everything(&house).await;

    let rebuilt = rebuild(&house, 1000).await;
    assert_eq!((rebuilt["bxd"].read, rebuilt["bxd"].restored), (2, 1));
    let times = "SELECT record_id, extract(day FROM first_seen_at AT TIME ZONE 'UTC') AS first, extract(day FROM changed_at AT TIME ZONE 'UTC') AS changed,
                        extract(day FROM a.received_at AT TIME ZONE 'UTC') AS archived
                 FROM petitiond.source_record JOIN petitiond.archive a USING (archive_id) ORDER BY 1";
    let zone = house.row("SELECT extract(day FROM min(received_at) AT TIME ZONE 'UTC') AS first, min(archive_id) AS id FROM petitiond.archive").await;
    let day = |archive: i64| zone["first"].as_i64().unwrap() + archive - 1;
    let expected = [
        json!({ "record_id": "1", "first": day(1), "changed": day(3), "archived": day(3) }),
        json!({ "record_id": "2", "first": day(2), "changed": day(2), "archived": day(2) }),
        json!({ "record_id": "3", "first": day(4), "changed": day(5), "archived": day(5) }),
    ];
    assert_eq!(house.rows(times).await, expected);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.receipt").await, 0);
    assert_eq!(house.rows("SELECT * FROM petitiond.source ORDER BY 1").await, counted);
}

/// A part that was withdrawn in the same batch in which what it said came, later than its withdrawal.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_withdrawn_part_said_comes_back() {
    let house = House::open().await;
    let parts = "SELECT part, deleted, said_ordinal FROM petitiond.record_part ORDER BY 1";
    let list = [
        Sent::bare("byt", "r2").pulled(1).part("intake").deleted().with("summary", "một"),
        Sent::bare("byt", "r2").pulled(4).deleted().with("summary", "bốn"),
        Sent::petition("byt", "r2").pulled(1).refers("next_instance_of", json!({ "agency": "G17", "record_id": "r2" })),
    ];
    for order in super::orders(3) {
        for cuts in [vec![3], vec![1, 2], vec![2, 1], vec![1, 1, 1]] {
            for most in [1, 2, 38] {
                super::order::empty(&house).await;
                let list: Vec<Sent> = order.iter().map(|index| list[*index].clone()).collect();
                for batch in in_batches(&list, &cuts) {
                    house.store(batch).await;
                }
                let stored = house.rows(parts).await;
                lose_everything(&house).await;
                rebuild(&house, most).await;
                assert_eq!(house.rows(parts).await, stored, "{order:?} {cuts:?} {most}");
            }
        }
    }
}

/// Two contents came together as one version; read back one at a time, the lesser is not taken for what is stored.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_contents_of_one_version_the_same_one_stays() {
    let house = House::open().await;
    let said = |summary: &str| Sent::petition("bxd", "1").version(4).with("summary", summary);
    for summaries in [["một", "hai"], ["ba", "bốn"], ["năm", "sáu"]] {
        house.store(&summaries.map(said)).await;
    }
    let stored = house.rows("SELECT record_id, encode(content_hash, 'hex') FROM petitiond.source_record").await;
    let rebuilt = rebuild(&house, 1).await;
    assert_eq!(house.rows("SELECT record_id, encode(content_hash, 'hex') FROM petitiond.source_record").await, stored);
    assert_eq!((rebuilt["bxd"].changed, rebuilt["bxd"].restored), (0, 0));
}

/// What the archive does not keep: the same content under a later pull.
#[tokio::test(flavor = "multi_thread")]
async fn a_later_order_stays_with_what_is_stored() {
    let house = House::open().await;
    house.store_each(&[Sent::petition("byt", "1").pulled(10), Sent::petition("byt", "1").pulled(30)]).await;
    house.store_each(&[Sent::petition("byt", "1").pulled(20).with("summary", "cũ")]).await;
    house
        .store_each(&[
            Sent::petition("byt", "2").part("intake").pulled(10),
            Sent::bare("byt", "2").part("result").pulled(10).with("stage", "settled"),
            Sent::petition("byt", "2").part("intake").pulled(30),
        ])
        .await;
    let before = views(&house).await;
    let orders = "SELECT record_id, version_ordinal FROM petitiond.source_record UNION ALL
                  SELECT part, version_ordinal FROM petitiond.record_part ORDER BY 1";
    let ordered = house.rows(orders).await;
    assert_eq!(ordered[0], json!({ "record_id": "1", "version_ordinal": 30 }));
    rebuild(&house, 1).await;
    rebuild(&house, 1000).await;
    assert_eq!(house.rows(orders).await, ordered);
    assert_eq!(views(&house).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_cannot_be_opened_keeps_no_other_back() {
    let house = House::open().await;
    house.store_each(&[Sent::petition("bxd", "1"), Sent::petition("bxd", "2"), Sent::petition("hanoi", "3")]).await;
    house.execute("UPDATE petitiond.archive SET payload = '\\x00' WHERE archive_id = 1").await;
    let before = views(&house).await;
    let rebuilt = rebuild(&house, 1000).await;
    assert_eq!(views(&house).await, before);
    let [damaged] = rebuilt["bxd"].damaged.as_slice() else { panic!("{rebuilt:?}") };
    assert_eq!((damaged.archive_id, damaged.records), (1, 1));
    assert_eq!((rebuilt["bxd"].same, rebuilt["hanoi"].same), (1, 1));

    lose_everything(&house).await;
    let rebuilt = rebuild(&house, 1000).await;
    assert_eq!((rebuilt["bxd"].restored, rebuilt["hanoi"].restored), (1, 1));
    let left = house.rows("SELECT record_id FROM petitiond.source_record ORDER BY 1").await;
    assert_eq!(left, [json!({ "record_id": "2" }), json!({ "record_id": "3" })]);
}

/// A ministry with fields of its own, read by a mapping.
fn reader(summary: &str, received_on: &str) -> Reader {
    let source = SourceId::parse("bxd").unwrap();
    let fields = [
        ("record_id", ".id"),
        ("version", ".v"),
        ("part", ".phan"),
        ("kind", "\"petition\""),
        ("type", "\"complaint\""),
    ];
    let fields = fields.into_iter().chain([("received_on", received_on), ("summary", summary)]);
    let fields = fields.map(|(field, source)| (field.to_owned(), Expression::compile(source).unwrap())).collect();
    let decoder = Decoder::new(DecoderConfig {
        source: source.clone(),
        format: Format::Json,
        encoding: Encoding::Utf8,
        records: None,
        mapping: Some(Mapping::new(fields, &Map::new()).unwrap()),
        limits: Limits::default(),
    });
    let origin = Origin { source_id: source, agency: "G17".to_owned(), ordered_by_pull: false };
    Reader { origin: Arc::new(origin), decoder: Arc::new(decoder), is_configured: true }
}

async fn receive(house: &House, reader: &Reader, at: i64, records: &Value) {
    let order = Arc::new(Order { at, tie: String::new(), packing: "records" });
    let body = records.to_string();
    let decoded = reader.decoder.decode(Packing::Records, body.as_bytes()).unwrap();
    let arrival = |record: petitiond::sources::mapping::Decoded<'_>| {
        let parsed: ParsedRecord = record.result.unwrap();
        Arrival::new(&house.desk.ring, &reader.origin, 0, &order, parsed, &record.raw)
    };
    let arrivals = decoded.into_iter().map(arrival).collect();
    let messages = vec![MessageName { source_id: "bxd".to_owned(), message_id: "m".to_owned() }];
    let batch = Batch { messages, arrivals, rejects: Vec::new(), is_again: false };
    batch::store(&house.desk, Arc::new(batch), batch::MOST).await.unwrap();
}

async fn rebuild_as(house: &House, reader: Reader, most: usize) -> Rebuilt {
    let readers = BTreeMap::from([("bxd".to_owned(), reader)]);
    let mut rebuilt = rebuild::run(&house.desk, readers, None, most).await.unwrap();
    assert_eq!(rebuilt.len(), 1);
    rebuilt.remove(0)
}

async fn summaries(house: &House) -> Vec<Value> {
    let rows = "SELECT s.record_id, p.summary FROM national_v1.source_record s JOIN national_v1.petition p USING (petition_id) ORDER BY 1";
    house.rows(rows).await.into_iter().map(|row| json!([row["record_id"], row["summary"]])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_mapping_takes_effect_on_what_was_received_before() {
    for most in [1, 1000] {
        let house = House::open().await;
        let old = reader(".a", ".ngay");
        let day = "2026-03-02";
        receive(&house, &old, 10, &json!([{ "id": "1", "v": 1, "ngay": day, "a": "cũ 1", "b": "mới 1" }, { "id": "2", "ngay": day, "a": "cũ 2", "b": "mới 2" }])).await;
        receive(&house, &old, 20, &json!([{ "id": "1", "v": 2, "ngay": day, "a": "cũ 1b", "b": "mới 1b" }, { "id": "2", "ngay": day, "a": "cũ 2", "b": "mới 2" }])).await;
        receive(&house, &old, 20, &json!([{ "id": "3", "v": 1, "phan": "x", "ngay": day, "a": "cũ 3x", "b": "mới 3x" }, { "id": "4", "phan": "x", "ngay": day, "a": "cũ 4", "b": "mới 4" }])).await;
        receive(&house, &old, 30, &json!([{ "id": "3", "v": 2, "phan": "y", "ngay": day, "a": "cũ 3y", "b": "mới 3y" }, { "id": "4", "phan": "x", "ngay": day, "a": "cũ 4", "b": "mới 4" }])).await;
        // one that was late
        receive(&house, &old, 5, &json!([{ "id": "2", "ngay": day, "a": "cũ 2 trễ", "b": "mới 2 trễ" }])).await;
        let first = json!([["1", "cũ 1b"], ["2", "cũ 2"], ["3", "cũ 3y"], ["4", "cũ 4"]]);
        assert_eq!(json!(summaries(&house).await), first);
        let ids = "SELECT source_id, record_id, petition_id, case_id, first_seen_at FROM national_v1.source_record ORDER BY 2";
        let (known, head) = (house.rows(ids).await, house.head().await);
        let before = views(&house).await;
        let same = rebuild_as(&house, old.clone(), most).await;
        assert_eq!((same.changed, same.restored), (0, 0), "{same:?}");
        assert_eq!(views(&house).await, before);

        let changed = rebuild_as(&house, reader(".b", ".ngay"), most).await;
        let then = json!([["1", "mới 1b"], ["2", "mới 2"], ["3", "mới 3y"], ["4", "mới 4"]]);
        assert_eq!(json!(summaries(&house).await), then, "{changed:?}");
        assert!(changed.changed >= 4 && changed.restored == 0, "{changed:?}");
        assert_eq!(house.rows(ids).await, known);
        assert!(house.ops_after(head).await.iter().all(|op| op == "petition update" || op == "case update"));

        // a mapping by which nothing can be read any more: all stays, and it is said what to do
        let before = views(&house).await;
        let broken = rebuild_as(&house, reader(".b", ".khong_co"), most).await;
        assert_eq!(
            broken.unread.iter().map(|unread| unread.reason).collect::<Vec<_>>(),
            ["no_received_on"],
            "{broken:?}"
        );
        assert!(broken.unread[0].next_step.contains("sources.d/bxd.toml"), "{broken:?}");
        let whole = |rows: &[(String, Vec<Value>)]| {
            rows.iter().find(|(view, _)| view == "quarantine").map(|(_, rows)| rows.clone())
        };
        assert_eq!(whole(&views(&house).await), whole(&before));
        let whole_petitions = summaries(&house).await;
        assert!(whole_petitions.starts_with(&[json!(["1", "mới 1b"]), json!(["2", "mới 2"])]), "{whole_petitions:?}");

        // a source that is configured no more
        let readers = rebuild::readers(&house.desk, &[]).await.unwrap();
        let gone = rebuild::run(&house.desk, readers, None, most).await.unwrap().remove(0);
        assert_eq!((gone.unread[0].reason, gone.unread[0].records), ("source_removed", gone.read));

        // and back: what once was unreadable is as it was
        rebuild_as(&house, reader(".b", ".ngay"), most).await;
        assert_eq!(json!(summaries(&house).await), then);
    }
}

/// The content of a state secret was refused; what is left of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_secret_stays_what_it_is() {
    let house = House::open().await;
    house
        .store_each(&[
            Sent::petition("bxd", "1").with("summary", "chưa mật"),
            Sent::petition("bxd", "1").version(2).with("summary", "tuyệt mật").with("restricted", true),
            Sent::petition("bxd", "2").part("intake").with("summary", "chưa mật"),
            Sent::bare("bxd", "2").part("result").version(2).with("restricted", true).with("summary", "tuyệt mật"),
            Sent::petition("bxd", "3"),
            Sent::petition("bxd", "3").version(2).with("restricted", true).with("category", "tuyệt mật").deleted(),
        ])
        .await;
    let content = "SELECT record_id, version_ordinal, content_hash, quality_flags, is_sealed FROM petitiond.source_record ORDER BY 1";
    let petitions = "SELECT to_jsonb(p) - '{petition_id,case_id,first_seen_at,updated_at,revision}'::text[] AS p FROM national_v1.petition p ORDER BY 1";
    let (before, stored, shown) = (views(&house).await, house.rows(content).await, house.rows(petitions).await);
    assert_eq!(shown.len(), 2);
    for most in [1, 1000] {
        let rebuilt = rebuild(&house, most).await;
        assert_eq!((rebuilt["bxd"].read, rebuilt["bxd"].changed, rebuilt["bxd"].restored), (6, 0, 0), "{rebuilt:?}");
        assert_eq!(views(&house).await, before);
    }
    lose_everything(&house).await;
    rebuild(&house, 1000).await;
    assert_eq!(house.rows(content).await, stored);
    assert_eq!(house.rows(petitions).await, shown);

    // what an earlier version wrote, which kept nothing of it
    house.execute("TRUNCATE petitiond.archive").await;
    let line = r#"{"packing":"interchange","at":0,"tie":"","record":null}"#;
    let payload = house.desk.ring.seal(Purpose::Archive, "bxd", line.as_bytes());
    sqlx::query(
        "INSERT INTO petitiond.archive (source_id, received_at, record_count, payload) VALUES ('bxd', now(), 1, $1)",
    )
    .bind(payload)
    .execute(&house.pool)
    .await
    .unwrap();
    let before = views(&house).await;
    let rebuilt = rebuild(&house, 1000).await;
    assert_eq!((rebuilt["bxd"].read, rebuilt["bxd"].secret), (1, 1));
    assert_eq!(views(&house).await, before);
}
