//! What an administrator can find out about a source, and do about it.

use chrono::SecondsFormat;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::daemon::{MAP, source};
use super::{KEYSET, now};
use crate::support::agency::{Agency, petition, petitions};
use crate::support::daemon::{counts, last_error, records};
use crate::support::table::{AgencyDatabase, MAKES, Make};
use crate::support::{Site, TestBroker, TestDatabase};

fn reconciled(site: &Site) -> Value {
    serde_json::from_str(&site.done(&["source", "reconcile", "so", "--json"])).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_listed_and_a_rewind_reads_it_again() {
    for make in MAKES {
        let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
        let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
        let agency = AgencyDatabase::with_table(make).await;
        agency.add((0..40).map(|n| (format!("r{n:02}"), format!("2026-03-05 08:{n:02}:00")))).await;
        let before = now().to_rfc3339_opts(SecondsFormat::Millis, true);
        source(&site, "so", agency.url(), "");
        let mut daemon = site.start().await;
        records(&pool, "so", 40).await;
        counts(&pool, "SELECT least(count(*), 2) FROM petitiond.pull WHERE error IS NULL", 2).await;
        daemon.terminate().await;
        let same = reconciled(&site);
        assert_eq!(same["source_keys"], same["database_keys"], "{make:?}");
        assert_eq!((&same["same"], &same["extra"]), (&json!(40), &json!([])), "{make:?}");

        // what no pull sees: older than the overlap, deleted, edited with a time that is not new
        agency.add([("mới".to_owned(), "2026-03-05 08:00:30".to_owned())]).await;
        agency.run("DELETE FROM don WHERE ma = 'r03'").await;
        agency
            .run("UPDATE don SET noi_dung = 'sửa lén', cap_nhat = cap_nhat + INTERVAL '1' SECOND WHERE ma = 'r05'")
            .await;
        let told = reconciled(&site);
        assert_ne!(told["source_keys"], told["database_keys"], "{make:?}");
        let lists = [&told["missing"], &told["extra"], &told["different"], &told["same"], &told["read"]];
        assert_eq!(lists, [&json!(["mới"]), &json!(["r03"]), &json!(["r05"]), &json!(38), &json!(40)], "{make:?}");
        let shown = site.done(&["source", "reconcile", "so"]);
        assert!(shown.contains("    r05") && !shown.contains("sửa lén"), "{shown}");

        let history: Vec<Value> = serde_json::from_str(&site.done(&["source", "history", "so", "--json"])).unwrap();
        assert!(history.len() >= 2 && history[0]["error"].is_null(), "{history:?}");
        assert_eq!(history.last().unwrap()["records"], json!(40));
        assert!(history[0]["cursor_after"]["high"][0].as_str().unwrap().contains("08:39"), "{history:?}");

        let preview = site.done(&["source", "rewind", "so", "--to", &before, "--preview"]);
        assert!(
            preview.contains("to the beginning") && preview.contains("40 records would be read again"),
            "{preview}"
        );
        assert!(preview.contains("1 of them would change, 1 would be new, 38 would stay"), "{preview}");
        assert_eq!(reconciled(&site)["different"], json!(["r05"]), "a preview does nothing");
        // to the end of the first pull: the overlap alone
        let later = history.last().unwrap()["finished_at"].as_str().unwrap();
        let preview = site.done(&["source", "rewind", "so", "--to", later, "--preview"]);
        assert!(preview.contains("11 records would be read again"), "{preview}");
        assert!(preview.contains("0 of them would change, 0 would be new"), "{preview}");

        site.done(&["source", "rewind", "so", "--to", &before]);
        let _daemon = site.start().await;
        records(&pool, "so", 41).await;
        counts(&pool, "SELECT count(*) FROM national_v1.petition WHERE summary = 'sửa lén'", 1).await;
        let noted =
            "SELECT count(*) FROM petitiond.pull WHERE error LIKE 'wound back by hand to%' AND cursor_after IS NULL";
        counts(&pool, noted, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_reconciled_by_itself_where_its_file_says_when() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = AgencyDatabase::with_table(MAKES[1]).await;
    agency.add((0..12).map(|n| (format!("r{n:02}"), format!("2026-03-05 08:{n:02}:00")))).await;
    site.secret("so.url", agency.url());
    // pulled once, so that what is found is found by reconciling
    site.source(
        "so",
        &format!(
            "schedule = \"every 9h\"\nreconcile = \"every 1s\"\n[sql]\nurl_file = \"so.url\"\nquery = \"{KEYSET}\"\n\
             cursor = [\"cap_nhat\", \"ma\"]\n{MAP}"
        ),
    );
    let _daemon = site.start().await;
    site.done(&["source", "pull", "so"]);
    records(&pool, "so", 12).await;
    let stands = |missing: i32, extra: i32, different: i32| {
        format!(
            "SELECT count(*) FROM national_v1.source_status WHERE (source_id, reconciled_missing, reconciled_extra,
             reconciled_different) = ('so', {missing}, {extra}, {different}) AND reconciled_at > now() - interval '1 minute'"
        )
    };
    counts(&pool, &stands(0, 0, 0), 1).await;
    agency.add([("mới".to_owned(), "2026-03-05 08:00:30".to_owned())]).await;
    agency.run("DELETE FROM don WHERE ma IN ('r03', 'r04')").await;
    counts(&pool, &stands(1, 2, 0), 1).await;
    let shown = site.done(&["source", "show", "so"]);
    assert!(shown.contains("nguồn có 11 hồ sơ, cơ sở dữ liệu quốc gia có 12; thiếu 1, thừa 2, khác 0"), "{shown}");
    // it changed nothing
    records(&pool, "so", 12).await;

    site.source("hop", "reconcile = \"every 1s\"\n[inbox]\n");
    let said = site.fails(78, &["check"]);
    assert!(said.contains("this source cannot be reconciled: its messages come once"), "{said}");
}

/// Everything vanished that may not: it is held, and only what was held is released.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_released_by_hand_and_nothing_else() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = AgencyDatabase::with_table(Make::Postgres).await;
    let rows = |from: usize, to: usize| (from..to).map(|n| (format!("r{n:02}"), "2026-03-05 08:00:00".to_owned()));
    agency.add(rows(0, 100)).await;
    source(&site, "so", agency.url(), "snapshot = { max_missing = 0 }");
    assert!(site.fails(1, &["source", "confirm-missing", "so"]).contains("no source"));
    let _daemon = site.start().await;
    records(&pool, "so", 100).await;
    assert!(site.fails(1, &["source", "confirm-missing", "so"]).contains("nothing is held"));
    assert!(site.fails(1, &["source", "rewind", "so", "--to", "2026-01-01"]).contains("snapshot"));

    agency.run("DELETE FROM don WHERE ma < 'r60'").await;
    let error = last_error(&pool, "so", "60 of 100").await;
    assert!(error.contains("petitiond source confirm-missing so") && error.contains("nothing was deleted"), "{error}");
    let held = "SELECT count(*) FROM petitiond.missing_record";
    counts(&pool, held, 60).await;
    // half of them come back before somebody says that they are gone, and others vanish
    site.done(&["source", "pause", "so"]);
    assert!(site.done(&["source", "confirm-missing", "so"]).contains("60 records"));
    agency.add(rows(0, 30)).await;
    agency.run("DELETE FROM don WHERE ma >= 'r95'").await;
    site.done(&["source", "resume", "so"]);
    last_error(&pool, "so", "35 of 100").await;
    records(&pool, "so", 100).await;
    counts(&pool, held, 35).await;
    site.done(&["source", "confirm-missing", "so"]);
    records(&pool, "so", 65).await;
    counts(&pool, held, 0).await;
    counts(&pool, "SELECT count(*) FROM petitiond.source WHERE last_error IS NULL", 1).await;
}

/// The same commands for a source with an HTTP interface.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_of_pages_is_reconciled_and_wound_back_too() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(30), 7).await;
    site.source("so", &agency.toml("snapshot = { max_missing = \"50%\" }"));
    let mut daemon = site.start().await;
    records(&pool, "so", 30).await;
    daemon.terminate().await;
    assert_eq!(reconciled(&site)["same"], json!(30));
    agency.edit(|records| {
        records.remove(3);
        records[9] = petition(10, 2);
        records.push(petition(77, 1));
    });
    let told = reconciled(&site);
    let lists = [&told["missing"], &told["extra"], &told["different"], &told["same"]];
    assert_eq!(lists, [&json!(["r-000077"]), &json!(["r-000003"]), &json!(["r-000010"]), &json!(28)]);

    // one that is asked for changes cannot be asked for everything, but wound back
    let changes = "incremental = { param = \"since\", format = \"epoch_s\" }";
    site.source("so", &agency.toml(changes));
    assert!(site.fails(1, &["source", "reconcile", "so"]).contains("asked for changes"));
    let preview = site.done(&["source", "rewind", "so", "--to", "2026-01-01", "--preview"]);
    assert!(preview.contains("30 records would be read again"), "{preview}");
    // what a snapshot stored is ordered by its pull, and a version that counts edits is older than that
    assert!(preview.contains("0 of them would change, 1 would be new, 28 would stay"), "{preview}");
    assert!(preview.contains("1 differ and carry no newer version"), "{preview}");
}

/// Half a rewind would read nothing again and leave no note of it: whichever of its writes fails, none of them stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_rewind_is_done_whole_or_not_at_all() {
    let database = TestDatabase::create().await;
    let (site, pool) = (Site::new(database.url(), "amqp://nobody:x@127.0.0.1:9/%2f"), database.pool().await);
    source(&site, "so", "postgres://nobody:x@127.0.0.1:9/nothing", "");
    let registered =
        "INSERT INTO petitiond.source (source_id, name, tier, agency, kind, enabled, registered_at, cursor)
                      VALUES ('so', 'so', 'ministry', 'G17', 'sql', true, now(), '{\"at\": 7}')";
    sqlx::raw_sql(registered).execute(&pool).await.unwrap();
    let stands =
        "SELECT (SELECT count(*) FROM petitiond.source WHERE cursor = '{\"at\": 7}' AND pull_requested_at IS NULL)
                         - (SELECT count(*) FROM petitiond.pull)";
    for (table, forbidden) in [("pull", "error IS NULL"), ("source", "pull_requested_at IS NULL")] {
        let forbid = format!("ALTER TABLE petitiond.{table} ADD CONSTRAINT forbidden CHECK ({forbidden})");
        sqlx::raw_sql(AssertSqlSafe(forbid)).execute(&pool).await.unwrap();
        let said = site.fails(1, &["source", "rewind", "so", "--to", "2026-01-01"]);
        assert!(said.contains("forbidden"), "{said}");
        counts(&pool, stands, 1).await;
        let allow = format!("ALTER TABLE petitiond.{table} DROP CONSTRAINT forbidden");
        sqlx::raw_sql(AssertSqlSafe(allow)).execute(&pool).await.unwrap();
    }
    site.done(&["source", "rewind", "so", "--to", "2026-01-01"]);
    counts(&pool, stands, -1).await;
}
