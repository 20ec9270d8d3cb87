//! One record after another: what is shown, what is written, what is not.

use std::time::Duration;

use serde_json::json;

use super::{House, Sent, batch_of, store, text};
use crate::support::eventually;

fn rich() -> Sent {
    Sent::petition("bxd", "KN-1")
        .with("summary", "Khiếu nại quyết định thu hồi đất")
        .with("channel", "post")
        .with("category", "01.2")
        .with("stage", "settled")
        .with("outcome", "justified")
        .with("decision_no", "15/QĐ-BXD")
        .with("decision_on", "2026-05-01")
        .with("deadline_on", "2026-04-20")
        .with("against", json!({ "agency": "H26.14", "decision_no": "9/QĐ-UBND" }))
        .with(
            "petitioners",
            json!([{ "name": "Nguyễn Thị Hoa", "id_number": "001161012345", "gender": "female", "birth_year": 1961,
                     "phone": "0912345678", "address": "Số 5, Hà Nội", "representative": true }, { "name": "Lê Văn Hai" }]),
        )
        .with(
            "events",
            json!([{ "action": "accepted", "at": "2026-03-03T08:00:00+07:00", "agency": "G17", "note": "ghi chú" },
                   { "action": "settled", "at": "2026-05-01T08:00:00+07:00", "document_no": "15/QĐ-BXD" }]),
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_petition_shows_in_every_view() {
    let house = House::open().await;
    let written = house.store(&[rich()]).await;
    assert!(written.wrote);
    assert_eq!(written.tallies["bxd"].stored, 1);

    let petition = house.row("SELECT * FROM national_v1.petition").await;
    for (column, value) in [
        ("type", json!("complaint")),
        ("category", json!("01.2")),
        ("summary", json!("Khiếu nại quyết định thu hồi đất")),
        ("received_on", json!("2026-03-02")),
        ("channel", json!("post")),
        ("stage", json!("settled")),
        ("outcome", json!("justified")),
        ("receiving_agency", json!("G17")),
        ("responsible_agency", json!("G17")),
        ("against_agency", json!("H26.14")),
        ("decision_no", json!("15/QĐ-BXD")),
        ("decision_on", json!("2026-05-01")),
        ("petitioner_count", json!(2)),
        ("is_mass", json!(false)),
        ("is_anonymous", json!(false)),
        ("is_sealed", json!(false)),
        ("deadline_on", json!("2026-04-20")),
        ("deadline_rule", json!("declared")),
        ("is_overdue", json!(false)),
        ("transfer_count", json!(0)),
        ("has_transfer_loop", json!(false)),
        ("source_count", json!(1)),
        ("revision", json!(1)),
    ] {
        assert_eq!(petition[column], value, "{column}");
    }
    assert_eq!(text(&petition["stage_at"]), "2026-05-01T01:00:00+00:00");

    let filing = house.row("SELECT * FROM national_v1.filing").await;
    assert_eq!(filing["petition_id"], petition["petition_id"]);
    assert_eq!((&filing["relation"], &filing["matched_by"]), (&json!("original"), &json!("record")));
    let case = house.row("SELECT * FROM national_v1.case_file").await;
    assert_eq!(case["case_id"], petition["case_id"]);
    assert_eq!(
        (&case["petition_count"], &case["person_count"], &case["is_open"]),
        (&json!(1), &json!(2), &json!(false))
    );
    assert_eq!((&case["opened_on"], &case["last_activity_on"]), (&json!("2026-03-02"), &json!("2026-05-01")));
    let people = house.rows("SELECT * FROM national_v1.petitioner ORDER BY position").await;
    assert_eq!(people.len(), 2);
    assert_eq!((&people[0]["gender"], &people[0]["is_representative"]), (&json!("female"), &json!(true)));
    let identity = house.rows("SELECT * FROM national_v1.petitioner_identity ORDER BY position").await;
    assert_eq!(identity[0]["full_name"], "Nguyễn Thị Hoa");
    assert_eq!(identity[0]["id_number_masked"], "*********345");
    assert!(!text(&identity[0]["phone_masked"]).contains("91234"), "{}", identity[0]);
    assert_eq!(house.count("SELECT count(*) FROM national_v1.event").await, 2);
    let record = house.row("SELECT * FROM national_v1.source_record").await;
    assert_eq!(
        (&record["version"], &record["deleted"], &record["incomplete"]),
        (&json!(1), &json!(false), &json!(false))
    );
    assert_eq!(
        house
            .count("SELECT count(*) FROM national_v1.field_origin WHERE field = 'summary' AND record_id = 'KN-1'")
            .await,
        1
    );
    assert_eq!(house.ops_after(0).await, ["case insert", "petition insert"]);
    let receipt = house.row("SELECT body FROM petitiond.receipt").await;
    let line = &receipt["body"]["records"][0];
    assert_eq!((&line["status"], &line["petition_id"]), (&json!("stored"), &petition["petition_id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_one_update_and_a_repeat_is_nothing() {
    let house = House::open().await;
    house.store(&[rich()]).await;
    let before = house.row("SELECT * FROM national_v1.petition").await;
    let head = house.head().await;
    house.store(&[rich().with("summary", "khác").version(2)]).await;
    let after = house.row("SELECT * FROM national_v1.petition").await;
    assert_eq!((&after["summary"], &after["revision"]), (&json!("khác"), &json!(2)));
    assert_eq!((&after["petition_id"], &after["first_seen_at"]), (&before["petition_id"], &before["first_seen_at"]));
    assert_eq!(house.ops_after(head).await, ["petition update"]);

    let (rows, head) = (house.physical().await, house.head().await);
    let written = house.store(&[rich().with("summary", "khác").version(2)]).await;
    assert_eq!((written.wrote, written.tallies["bxd"].unchanged), (false, 1));
    let written = house.store(&[rich()]).await;
    assert_eq!((written.wrote, written.tallies["bxd"].stale), (false, 1));
    assert_eq!(written.receipts[0].body["records"][0]["status"], "stale");
    assert_eq!(written.receipts[0].body["records"][0]["petition_id"], after["petition_id"]);
    assert_eq!((house.physical().await, house.head().await), (rows, head));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_record_takes_its_petition_away_and_may_come_back() {
    let house = House::open().await;
    house.store(&[rich()]).await;
    let head = house.head().await;
    house.store(&[Sent::bare("bxd", "KN-1").version(2).deleted()]).await;
    assert_eq!(house.ops_after(head).await, ["case delete", "petition delete", "source_record delete"]);
    for view in [
        "petition",
        "filing",
        "case_file",
        "petitioner",
        "petitioner_identity",
        "petitioner_record",
        "event",
        "field_origin",
    ] {
        assert_eq!(house.count(&format!("SELECT count(*) FROM national_v1.{view}")).await, 0, "{view}");
    }
    let live = "SELECT count(*) FROM petitiond.link_key WHERE role NOT IN (3, 4, 5, 7)";
    assert_eq!(house.count(live).await, 0);
    let record = house.row("SELECT * FROM national_v1.source_record").await;
    assert_eq!((&record["deleted"], &record["petition_id"]), (&json!(true), &json!(null)));
    house.store(&[rich()]).await;
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 0, "an old version revives nothing");
    house.store(&[rich().version(3)]).await;
    let petition = house.row("SELECT * FROM national_v1.petition").await;
    assert_eq!((&petition["revision"], &petition["summary"]), (&json!(1), &json!("Khiếu nại quyết định thu hồi đất")));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_in_one_batch_leave_the_newest() {
    let house = House::open().await;
    let old = rich().with("summary", "cũ");
    let written = house.store(&[rich().version(3), old.clone().version(2), old]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "Khiếu nại quyết định thu hồi đất");
    let tally = &written.tallies["bxd"];
    assert_eq!((tally.received, tally.stored, tally.stale), (3, 1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_versions_the_pull_decides() {
    let house = House::open().await;
    let (a, b) = (rich().with("summary", "A"), rich().with("summary", "B"));
    house.store(&[a.clone().pulled(10)]).await;
    let changed_at = house.row("SELECT * FROM national_v1.source_record").await["changed_at"].clone();
    let head = house.head().await;
    let written = house.store(&[a.clone().pulled(30)]).await;
    assert_eq!(written.tallies["bxd"].unchanged, 1);
    assert_eq!(house.row("SELECT * FROM national_v1.source_record").await["changed_at"], changed_at);
    house.store(&[b.clone().pulled(20)]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "A");
    assert_eq!(house.head().await, head);
    house.store(&[b.pulled(40)]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "B");
}

/// How many sessions wait for a lock in this database.
async fn waiting(house: &House) -> i64 {
    let query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    house.count(query).await
}

/// Both batches compare themselves with what is stored before either has written.
async fn one_behind_the_other(house: &House, first: Sent, second: Sent) {
    let mut gate = house.pool.begin().await.unwrap();
    sqlx::query("SELECT seq FROM petitiond.feed_head FOR UPDATE").execute(&mut *gate).await.unwrap();
    let mut tasks = Vec::new();
    for (number, sent) in [(1, first), (2, second)] {
        let desk = house.other_desk().await;
        tasks.push(tokio::spawn(async move { store(&desk, &[sent]).await }));
        let there = async || (waiting(house).await == number).then_some(());
        eventually("a writer that waits for the feed", Duration::from_secs(10), there).await;
    }
    gate.rollback().await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_was_overtaken_while_it_waited_still_wins() {
    let house = House::open().await;
    let (a, b) = (rich().with("summary", "A"), rich().with("summary", "B"));
    house.store(&[a.clone().pulled(10)]).await;
    one_behind_the_other(&house, b.pulled(20), a.pulled(30)).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "A");
    assert_eq!(house.row("SELECT * FROM petitiond.source_record").await["version_ordinal"], 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_became_a_repeat_while_it_waited_keeps_its_order() {
    let house = House::open().await;
    let (a, b) = (rich().with("summary", "A"), rich().with("summary", "B"));
    house.store(&[a.clone().pulled(10)]).await;
    one_behind_the_other(&house, b.clone().pulled(20), b.pulled(40)).await;
    house.store(&[a.pulled(30)]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "B");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_database_refuses_harms_no_other() {
    let house = House::open().await;
    house.execute("ALTER TABLE petitiond.petition ADD CONSTRAINT refused CHECK (summary <> 'refuse me')").await;
    let mut sent: Vec<Sent> = (0..9).map(|n| Sent::petition("bxd", &format!("good-{n}"))).collect();
    sent.insert(4, Sent::petition("bxd", "bad").with("summary", "refuse me"));
    sent.push(Sent::petition("hanoi", "other").in_message(1).refers("transferred_from", super::at("bxd", "good-3")));
    for round in 1..=2 {
        let written = house.store(&sent).await;
        assert_eq!(written.tallies["bxd"].quarantined, 1, "round {round}");
        assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 9);
        assert_eq!(house.count("SELECT count(*) FROM national_v1.source_record").await, 10);
        let held = house.row("SELECT * FROM petitiond.quarantine").await;
        assert_eq!(
            (&held["record_id"], &held["reason"], &held["state"]),
            (&json!("bad"), &json!("not_storable"), &json!("held"))
        );
        assert!(text(&held["detail"]).contains("refused") && !text(&held["detail"]).contains("refuse me"), "{held}");
    }
    let sums = house.row("SELECT records_received, records_stored, records_unchanged, records_quarantined FROM petitiond.source WHERE source_id = 'bxd'").await;
    assert_eq!(
        sums["records_received"],
        sums["records_stored"].as_i64().unwrap()
            + sums["records_unchanged"].as_i64().unwrap()
            + sums["records_quarantined"].as_i64().unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_no_column_can_hold_are_quarantined() {
    let house = House::open().await;
    let sent = [
        Sent::petition("bxd", "nul\0id"),
        Sent::petition("bxd", "part").part("p\0").with("summary", "khác"),
        Sent::petition("bxd", "fine"),
    ];
    let mut batch = batch_of(&house.desk, &sent);
    batch.messages[0].message_id = "m\0".to_owned();
    petitiond::pipeline::batch::store(&house.desk, batch.into(), petitiond::pipeline::batch::MOST).await.unwrap();
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 1);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.quarantine").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_whole_record_must_have() {
    let house = House::open().await;
    let faulty = [
        Sent::bare("bxd", "1").with("received_on", "2026-01-01"),
        Sent::bare("bxd", "2").with("kind", "petition").with("type", "complaint"),
        Sent::bare("bxd", "3").with("kind", "petition").with("received_on", "hôm qua"),
    ];
    for _ in 0..2 {
        let written = house.store(&faulty).await;
        assert_eq!(written.tallies["bxd"].quarantined, 3);
    }
    let reasons = house.rows("SELECT record_id, reason FROM petitiond.quarantine ORDER BY record_id").await;
    let reasons: Vec<&str> = reasons.iter().map(|row| text(&row["reason"])).collect();
    assert_eq!(reasons, ["no_kind", "no_received_on", "received_on_invalid"]);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.source_record").await, 0);
    // a newer version that is faulty leaves the older one as it was
    house.store(&[Sent::petition("bxd", "2")]).await;
    house.store(&[Sent::bare("bxd", "2").version(5)]).await;
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 1);
    house.store(&[Sent::petition("bxd", "2").version(2).with("summary", "giữa")]).await;
    assert_eq!(house.row("SELECT * FROM national_v1.petition").await["summary"], "giữa");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_petition_that_turns_out_to_be_a_reception() {
    let house = House::open().await;
    house.store(&[rich()]).await;
    let (petition, case) = (house.petition_of("bxd", "KN-1").await, house.case_of("bxd", "KN-1").await);
    let head = house.head().await;
    house.store(&[Sent::reception("bxd", "KN-1").version(2)]).await;
    assert_eq!(house.ops_after(head).await, ["case update", "petition delete", "reception insert"]);
    let reception = house.row("SELECT * FROM national_v1.reception").await;
    assert_ne!(reception["reception_id"], petition);
    assert_eq!(reception["case_id"], case);
    assert_eq!(house.count("SELECT count(*) FROM national_v1.event").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_record_that_cannot_be_opened_holds_up_no_other() {
    let house = House::open().await;
    house.store(&[Sent::petition("bxd", "damaged"), Sent::petition("byt", "sound")]).await;
    house.execute("UPDATE petitiond.source_record SET content = set_byte(content, 40, get_byte(content, 40) # 1) WHERE record_id = 'damaged'").await;
    let refers = |id: &str, to| Sent::petition("hanoi", id).refers("transferred_from", to);
    let sent = [
        refers("of-damaged", super::at("bxd", "damaged")),
        refers("of-sound", super::at("byt", "sound")),
        Sent::petition("hanoi", "alone"),
    ];
    let written = house.store(&sent).await;
    assert_eq!((written.tallies["hanoi"].stored, written.tallies["hanoi"].quarantined), (2, 1));
    let held = house.row("SELECT * FROM petitiond.quarantine").await;
    assert_eq!(text(&held["record_id"]), "of-damaged");
    let detail = text(&held["detail"]);
    assert!(detail.contains("send it again") && !detail.contains("damaged"), "{detail}");
    // as the detail says: the source sends it again, and what waited can be retried
    house.store(&[Sent::petition("bxd", "damaged").version(2)]).await;
    house.store(&sent).await;
    assert_eq!(house.petition_of("hanoi", "of-damaged").await, house.petition_of("bxd", "damaged").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_large_message_is_written_in_portions() {
    let house = House::open().await;
    let sent: Vec<Sent> = (0..5_100).map(|n| Sent::petition("bxd", &format!("r{n}"))).collect();
    let mut batch = batch_of(&house.desk, &sent);
    let reject =
        petitiond::pipeline::writer::reject(&house.desk, &batch.arrivals[0], "m0", "not_decodable", "why".to_owned());
    batch.rejects = vec![reject; 5_100];
    for (number, reject) in batch.rejects.iter_mut().enumerate() {
        reject.held.payload_hash = house.desk.ring.hash_bytes("test", &number.to_le_bytes());
    }
    let written =
        petitiond::pipeline::batch::store(&house.desk, batch.into(), petitiond::pipeline::batch::MOST).await.unwrap();
    assert_eq!((written.tallies["bxd"].stored, written.tallies["bxd"].quarantined), (5_100, 5_100));
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 5_100);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.quarantine").await, 5_100);
    assert_eq!(house.count("SELECT count(DISTINCT xmin::text) FROM petitiond.source_record").await, 2);
    // each portion tells of its own records, each record once
    let told = house.count("SELECT count(*) FROM petitiond.receipt, jsonb_array_elements(body -> 'records')").await;
    assert_eq!(told, 10_200);
}
