//! How good the records of a source are: shares that follow every replacement and withdrawal, and causes whose examples
//! give nobody away.

use petitiond::clock::Clock;
use petitiond::domain::Cause;
use petitiond::pipeline::quality;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::{House, Sent, at};

/// Half past midnight of 2026-03-06 in Vietnam, still the day before in UTC.
const NOW: &str = "2026-03-05T17:30:00Z";

async fn house() -> House {
    let mut house = House::open().await;
    house.desk.clock = Clock::Fixed(NOW.parse().unwrap());
    house
}

/// A complaint that nothing is wrong with.
fn good(record_id: &str) -> Sent {
    Sent::petition("bxd", record_id).with("category", "01.2").with("summary", "Khiếu nại quyết định thu hồi đất")
}

fn with_phone(sent: Sent, phone: &str) -> Sent {
    sent.with("petitioners", json!([{ "name": "Trần Văn Mở", "phone": phone }]))
}

/// `records, complete, valid, timely, unmapped, quarantined` as counts.
async fn counts(house: &House) -> Vec<i64> {
    let row = house.row("SELECT * FROM national_v1.source_quality WHERE source_id = 'bxd'").await;
    assert_eq!(row["day"], "2026-03-06");
    let count = |name: &str| row[name].as_i64().unwrap();
    let records = count("records");
    for share in ["complete", "valid", "timely", "unmapped"] {
        let wanted = (records > 0).then(|| count(&format!("records_{share}")) as f64 / records as f64);
        assert_eq!(row[share].as_f64(), wanted, "{share}");
    }
    ["records", "records_complete", "records_valid", "records_timely", "records_unmapped", "records_quarantined"]
        .map(count)
        .to_vec()
}

async fn causes(house: &House) -> Vec<(String, i64)> {
    let judged = judge(house).await;
    judged["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| (cause["code"].as_str().unwrap().to_owned(), cause["records"].as_i64().unwrap()))
        .collect()
}

async fn judge(house: &House) -> Value {
    let mut conn = house.pool.acquire().await.unwrap();
    let (ring, since) = (&house.desk.ring, "2026-03-01".parse().unwrap());
    let judged = quality::of_source(&mut conn, ring, house.desk.clock.today(), "bxd", since).await.unwrap();
    serde_json::to_value(judged).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_follow_what_is_replaced_withdrawn_and_quarantined() {
    let house = house().await;
    house.store(&[good("1")]).await;
    assert_eq!(counts(&house).await, [1, 1, 1, 1, 0, 0]);
    assert!(causes(&house).await.is_empty());

    house
        .store(&[
            with_phone(good("2"), "không có"),
            good("3").with("category", "zz"),
            good("4").with("received_on", "2026-02-01"),
            good("5").with("type", "").with("petitioners", json!([])),
            Sent::reception("bxd", "6"),
            Sent::bare("bxd", "7").part("settlement").with("stage", "settled"),
        ])
        .await;
    assert_eq!(counts(&house).await, [7, 5, 6, 5, 1, 0]);
    let found = causes(&house).await;
    let wanted = ["category_unmapped", "kind_missing", "late", "petitioner_missing", "phone_invalid", "type_missing"];
    assert_eq!(found, wanted.map(|code| (code.to_owned(), 1)));

    // mended, the rest of its parts, withdrawn, and without a day
    house
        .store(&[
            with_phone(good("2"), "0912345678").version(2),
            Sent::bare("bxd", "7").part("intake").with("kind", "reception").with("received_on", "2026-03-04"),
            good("4").version(2).deleted(),
            good("8").with("received_on", "hôm qua"),
        ])
        .await;
    assert_eq!(counts(&house).await, [6, 4, 6, 6, 1, 1]);
    // worse again, and back
    house.store(&[with_phone(good("2"), "x").version(3), good("4").version(3)]).await;
    assert_eq!(counts(&house).await, [7, 5, 6, 7, 1, 1]);
    for id in 1..=7 {
        house.store(&[good(&id.to_string()).version(9).deleted()]).await;
    }
    assert_eq!(counts(&house).await, [0, 0, 0, 0, 0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_shapes_of_open_records_only() {
    let house = house().await;
    let sealed = |id: &str| with_phone(good(id), "12-34-56");
    house
        .store(&[
            sealed("a").with("type", "denunciation"),
            sealed("b").with("confidential", true),
            sealed("c").with("type", "lạ"),
            // open by itself, sealed by what it names
            sealed("d").refers("repeat_of", at("bxd", "a")),
            with_phone(good("e"), "Hoa 77"),
            with_phone(good("f"), "Lan 88"),
            with_phone(good("g"), "số máy của bà Hoa").with("Nguyễn Thị Hoa", "0912345678"),
        ])
        .await;
    let judged = judge(&house).await;
    let causes = judged["causes"].as_array().unwrap();
    let of = |code: &str| causes.iter().find(|cause| cause["code"] == code).unwrap();
    let phone = of("phone_invalid");
    assert_eq!(
        (&phone["records"], &phone["severity"], &phone["aspect"]),
        (&json!(7), &json!("error"), &json!("valid"))
    );
    let shapes: Vec<&str> =
        phone["examples"].as_array().unwrap().iter().map(|e| e["value"].as_str().unwrap()).collect();
    assert_eq!(shapes, ["xxx 99", "xx xxx xxx xx xxx"]);
    assert_eq!(phone["examples"][0]["field"], "petitioners[0].phone");
    assert_eq!(of("type_unmapped")["examples"], json!([]));
    let unknown = &of("unknown_field")["examples"][0];
    assert_eq!((&unknown["field"], &unknown["value"]), (&json!("xxxxxx xxx xxx"), &json!("9999999999")));
    let text = judged.to_string();
    for told in ["Hoa", "Lan", "77", "12-34", "0912", "99-99"] {
        assert!(!text.contains(told), "{told}: {text}");
    }

    // withdrawn: nothing is counted and nothing shown
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
        house.store(&[good(id).version(2).deleted()]).await;
    }
    assert_eq!(judge(&house).await["causes"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_few_days_of_a_source_reads_only_those() {
    let house = house().await;
    house.store(&[good("1")]).await;
    let mut transaction = house.pool.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe("SET LOCAL ROLE petition_reader; SET LOCAL enable_seqscan = off".to_owned()))
        .execute(&mut *transaction)
        .await
        .unwrap();
    let plan: Vec<String> = sqlx::query_scalar(
        "EXPLAIN SELECT * FROM national_v1.source_quality WHERE source_id = 'bxd' AND day >= '2026-03-01'",
    )
    .fetch_all(&mut *transaction)
    .await
    .unwrap();
    let plan = plan.join("\n");
    let condition = plan.lines().skip_while(|line| !line.contains("source_record_by_day"));
    let condition = condition.into_iter().find(|line| line.contains("Index Cond")).unwrap_or_default();
    assert!(condition.contains("source_id = 'bxd'") && condition.contains("2026-03-01"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cause_is_in_the_database() {
    let house = House::open().await;
    let rows = house.rows("SELECT code, severity, aspect, name FROM national_v1.quality_cause").await;
    assert_eq!(rows.len(), Cause::all().count());
    for row in rows {
        let cause = Cause::parse(row["code"].as_str().unwrap()).unwrap();
        let wanted = json!({ "code": cause.as_str(), "severity": cause.severity(), "aspect": cause.aspect(), "name": cause.title() });
        assert_eq!(row, wanted);
    }
}
