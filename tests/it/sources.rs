//! What sources hand over, again and again: repeats change nothing, what vanishes is withdrawn, within limits.

use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;

use crate::support::agency::{Agency, Publisher, petition, petitions};
use crate::support::daemon::{counts, feed_is_dense, last_error, picture, records, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

async fn received(pool: &PgPool, source: &str, count: i64) {
    let sql = format!("SELECT records_received FROM petitiond.source WHERE source_id = '{source}'");
    counts(pool, &sql, count).await;
}

/// Waits for `more` pulls that end well.
async fn pulled(pool: &PgPool, source: &str, more: i64) {
    let sql = format!("SELECT count(*) FROM petitiond.pull WHERE source_id = '{source}' AND error IS NULL");
    let now: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())).fetch_one(pool).await.unwrap();
    eventually(&format!("{more} more pulls of {source}"), Duration::from_mins(1), || async {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())).fetch_one(pool).await.unwrap();
        (count >= now + more).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_messages_and_pulls_again_change_no_row() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(300), 70).await;
    site.source("web", &agency.toml("snapshot = { max_missing = \"5%\" }"));
    site.inbox("post");
    let mut daemon = site.start().await;
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(400), 30).await;
    records(&pool, "post", 400).await;
    records(&pool, "web", 300).await;
    let before = picture(&pool).await;

    publisher.records("post", &petitions(400), 30).await;
    publisher.records("post", &petitions(400), 7).await;
    received(&pool, "post", 1200).await;
    pulled(&pool, "web", 2).await;
    daemon.terminate().await;
    assert_eq!(picture(&pool).await, before);
    tally_adds_up(&pool, "post").await;
    tally_adds_up(&pool, "web").await;
    feed_is_dense(&pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_from_a_snapshot_is_withdrawn_and_may_come_back() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(100), 30).await;
    site.source("web", &agency.toml("snapshot = { max_missing = \"10%\" }"));
    let _daemon = site.start().await;
    records(&pool, "web", 100).await;

    // as many as are allowed
    agency.edit(|records| records.truncate(92));
    records(&pool, "web", 92).await;
    let gone = "SELECT count(*) FROM national_v1.source_record WHERE deleted AND petition_id IS NULL";
    counts(&pool, gone, 8).await;
    counts(&pool, "SELECT count(*) FROM national_v1.petition", 92).await;

    // back again, one of them edited
    agency.edit(|records| {
        records.extend(petitions(100).split_off(92));
        records[95] = petition(95, 7);
    });
    records(&pool, "web", 100).await;
    counts(&pool, "SELECT count(*) FROM national_v1.petition", 100).await;
    counts(&pool, "SELECT count(*) FROM national_v1.petition WHERE summary LIKE '%số 95, lần sửa 7'", 1).await;

    // too many: nothing is deleted, and it is said
    agency.edit(|records| records.truncate(50));
    let error = last_error(&pool, "web", "max_missing").await;
    assert!(error.contains("50 of 100") && error.contains("nothing was deleted"), "{error}");
    records(&pool, "web", 100).await;
    assert_eq!(site.status("web")["last_error"], json!(error));
    agency.edit(|records| *records = petitions(100));
    eventually("a pull that ends well", Duration::from_mins(1), || async {
        site.status("web")["last_error"].is_null().then_some(())
    })
    .await;
    feed_is_dense(&pool).await;
}

/// One record without an id must not keep the others from coming, and nothing may be taken for deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_id_in_a_snapshot_stops_deletions_and_nothing_else() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(30), 10).await;
    site.source("web", &agency.toml("snapshot = { max_missing = \"50%\" }"));
    let _daemon = site.start().await;
    records(&pool, "web", 30).await;
    agency.edit(|records| {
        records[3] = json!({ "kind": "petition", "received_on": "2026-01-05" });
        records.extend(petitions(40).split_off(30));
    });
    last_error(&pool, "web", "record_id").await;
    records(&pool, "web", 40).await;
    let held = "SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'web' AND reason = 'no_record_id'";
    counts(&pool, held, 1).await;
}

/// A set that is edited while it is pulled: what was moved between pages comes with the next pull.
#[tokio::test(flavor = "multi_thread")]
async fn edits_between_pages_are_not_lost() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(200), 10).await;
    site.source("web", &agency.toml(""));
    let _daemon = site.start().await;
    for edit in 0..20 {
        let asked = agency.asked();
        agency.edit(|records| {
            let moved = records.remove(0);
            records.push(moved);
            let number = (edit * 7) % 200;
            records.retain(|record| record["record_id"] != petition(number, 1)["record_id"]);
            records.push(petition(number, i64::try_from(edit).unwrap() + 2));
        });
        eventually("another page", Duration::from_secs(30), || async { (agency.asked() > asked).then_some(()) }).await;
    }
    records(&pool, "web", 200).await;
    for edit in 0..20_usize {
        let (id, version) = (format!("r-{:06}", (edit * 7) % 200), edit + 2);
        let newest = format!(
            "SELECT version_ordinal FROM petitiond.source_record WHERE source_id = 'web' AND record_id = '{id}'"
        );
        counts(&pool, &newest, i64::try_from(version).unwrap()).await;
    }
}

/// Receipts tell each source what became of its records, also when its queue was deleted meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn receipts_arrive_and_a_missing_queue_holds_up_nobody() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let _daemon = site.start().await;
    broker.inbox("post").await;
    // a source that is configured no more, on a broker that has forgotten it
    sqlx::query(
        "INSERT INTO petitiond.receipt (source_id, message_id, body)
         SELECT 'gone', n::text, '{}' FROM generate_series(1, 700) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let publisher = Publisher::connect(broker.url()).await;
    let body = json!([petition(1, 1), { "kind": "petition" }]).to_string();
    assert!(publisher.send("post", "both", None, body.as_bytes()).await);
    broker.await_depth("petition.receipts.post", 1).await;
    let receipt: serde_json::Value =
        serde_json::from_slice(&broker.peek("petition.receipts.post", 1).await[0].body).unwrap();
    let of =
        |index: usize| (receipt["records"][index]["record_id"].clone(), receipt["records"][index]["status"].clone());
    assert_eq!(of(0), (json!("r-000001"), json!("stored")));
    assert_eq!(of(1), (json!(null), json!("quarantined")));
    counts(&pool, "SELECT count(*) FROM petitiond.receipt", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_one_pull() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(20), 20).await;
    site.source("web", &agency.toml("").replace("every 1s", "every 1h"));
    let daemon = site.start().await;
    let pulls = "SELECT count(*) FROM petitiond.pull WHERE source_id = 'web'";
    counts(&pool, pulls, 1).await;
    for done in 2..=4 {
        // the daemon has read the source's row again, twice: what it would wrongly repeat it has repeated by then
        let told = daemon.told().len();
        daemon.notified_since(told, "STATUS=").await;
        let told = daemon.told().len();
        daemon.notified_since(told, "STATUS=").await;
        counts(&pool, pulls, done - 1).await;
        site.done(&["source", "pull", "web"]);
        counts(&pool, pulls, done).await;
    }
    assert_eq!(site.status("web")["pull_requested_at"], serde_json::Value::Null);
}
