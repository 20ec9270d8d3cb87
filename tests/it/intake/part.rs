//! Records that come in parts.

use serde_json::{Value, json};

use super::{House, Sent, orders};

fn parts() -> Vec<Sent> {
    vec![
        Sent::bare("bxd", "1").part("intake").version(1).with("kind", "petition").with("received_on", "2026-01-05"),
        Sent::bare("bxd", "1").part("processing").version(2).with("type", "complaint").with("stage", "accepted"),
        Sent::bare("bxd", "1").part("result").version(3).with("stage", "settled").with("summary", "xong"),
        Sent::bare("bxd", "1").part("processing").version(5).with("type", "reflection").with("stage", "verifying"),
    ]
}

fn permutations(list: &[Sent]) -> Vec<Vec<Sent>> {
    let each = |order: Vec<usize>| order.into_iter().map(|index| list[index].clone()).collect();
    orders(list.len()).into_iter().map(each).collect()
}

async fn outcome(house: &House) -> Vec<Value> {
    let mut rows = house
        .rows(
            "SELECT kind, versioned, version_ordinal, content_hash, received_on, deleted, incomplete, quality_flags, part_count,
                    (SELECT jsonb_agg(jsonb_build_array(type, stage, summary)) FROM petitiond.petition) AS petition
             FROM petitiond.source_record",
        )
        .await;
    rows.extend(
        house
            .rows("SELECT part, version_ordinal, content_hash, deleted FROM petitiond.record_part ORDER BY part")
            .await,
    );
    rows
}

async fn reset(house: &House) {
    house.execute("TRUNCATE petitiond.source_record, petitiond.record_part, petitiond.link_key, petitiond.petition, petitiond.case_file, petitiond.petitioner, petitiond.petitioner_identity, petitiond.event").await;
}

async fn all_orders_agree(list: &[Sent]) -> Value {
    let house = House::open().await;
    house.store_each(list).await;
    let wanted = outcome(&house).await;
    for order in permutations(list) {
        reset(&house).await;
        house.store_each(&order).await;
        assert_eq!(
            outcome(&house).await,
            wanted,
            "{:?}",
            order.iter().map(|s| (&s.part, s.version)).collect::<Vec<_>>()
        );
        reset(&house).await;
        let (one, two) = order.split_at(2);
        house.store(one).await;
        house.store(two).await;
        assert_eq!(
            outcome(&house).await,
            wanted,
            "in two batches {:?}",
            order.iter().map(|s| (&s.part, s.version)).collect::<Vec<_>>()
        );
    }
    wanted[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_come_in_any_order() {
    let record = all_orders_agree(&parts()).await;
    assert_eq!(record["petition"], json!([["reflection", "verifying", "xong"]]));
    assert_eq!((&record["version_ordinal"], &record["part_count"]), (&json!(5), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_among_parts_in_any_order() {
    let mut list = parts();
    list[3] = Sent::bare("bxd", "1").version(9).deleted();
    let record = all_orders_agree(&list).await;
    assert_eq!((&record["deleted"], &record["petition"]), (&json!(true), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_record_and_parts_in_any_order() {
    let mut list = parts();
    list[0] = Sent::petition("bxd", "1").version(1).with("summary", "toàn bộ").with("channel", "post");
    let record = all_orders_agree(&list).await;
    assert_eq!(record["petition"], json!([["reflection", "verifying", "xong"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tombstones_and_versions_of_whole_records_in_any_order() {
    let list = [
        Sent::petition("bxd", "1"),
        Sent::bare("bxd", "1").version(2).deleted(),
        Sent::petition("bxd", "1").version(3).with("summary", "lại").with("received_on", "2026-04-01"),
        Sent::bare("bxd", "1").version(4).deleted(),
    ];
    let record = all_orders_agree(&list).await;
    assert_eq!(record["deleted"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn versioned_and_unversioned_parts_in_any_order() {
    let mut list = parts();
    list[2] = list[2].clone().pulled(4);
    list[3] = list[3].clone().pulled(3);
    all_orders_agree(&list).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_incomplete_is_kept_and_completes() {
    let house = House::open().await;
    let list = parts();
    house.store(&list[1..3]).await;
    let record = house.row("SELECT * FROM national_v1.source_record").await;
    assert_eq!(
        (&record["incomplete"], &record["petition_id"], &record["kind"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 0);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.quarantine").await, 0);
    assert_eq!(house.ops_after(0).await, ["source_record insert"]);
    let head = house.head().await;
    house.store(&list[..1]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "xong");
    assert_eq!(house.ops_after(head).await, ["case insert", "petition insert"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_part_writes_nothing() {
    let house = House::open().await;
    house.store(&parts()).await;
    let (rows, head) = (house.physical().await, house.head().await);
    for part in parts() {
        let written = house.store(&[part]).await;
        assert_eq!(written.tallies["bxd"].stored, 0);
    }
    assert_eq!((house.physical().await, house.head().await), (rows, head));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_pull_of_the_same_parts_changes_nothing_that_is_shown() {
    let house = House::open().await;
    let pull = |at: i64| -> Vec<Sent> { parts()[..3].iter().map(|part| part.clone().pulled(at)).collect() };
    house.store(&pull(10)).await;
    let seen = house.rows("SELECT * FROM national_v1.source_record").await;
    let (head, archived) = (house.head().await, house.count("SELECT count(*) FROM petitiond.archive").await);
    let written = house.store(&pull(20)).await;
    assert_eq!(written.tallies["bxd"].unchanged, 3);
    assert_eq!(house.rows("SELECT * FROM national_v1.source_record").await, seen);
    assert_eq!((house.head().await, house.count("SELECT count(*) FROM petitiond.archive").await), (head, archived));
    // and the later pull counts: what is older than it does not come through
    house.store(&[parts()[2].clone().pulled(15).with("summary", "cũ hơn")]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "xong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_part_is_mended_by_its_next_version() {
    let house = House::open().await;
    house.store(&parts()[..3]).await;
    house.execute("UPDATE petitiond.record_part SET content = '\\x00' WHERE part = 'result'").await;
    // another part cannot be laid over it
    house.store(&[parts()[3].clone()]).await;
    assert_eq!(house.count("SELECT count(*) FROM petitiond.quarantine WHERE reason = 'not_storable'").await, 1);
    house.store(&[parts()[2].clone().version(4).with("summary", "lành")]).await;
    assert_eq!(house.row("SELECT summary FROM national_v1.petition").await["summary"], "lành");
    house.store(&[parts()[3].clone()]).await;
    assert_eq!(house.row("SELECT stage FROM national_v1.petition").await["stage"], "verifying");
}
