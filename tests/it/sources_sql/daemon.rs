//! The daemon and the commands on an agency's own database.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::support::daemon::{
    counts, feed_is_dense, last_error, let_the_lease_run_out, picture, records, tally_adds_up,
};
use crate::support::proxy::Line;
use crate::support::table::{AgencyDatabase, MAKES, Make};
use crate::support::{Proxy, Site, TestBroker, TestDatabase, eventually};

pub const MAP: &str = "[map]\nrecord_id = \".ma\"\nversion = \".cap_nhat\"\nkind = '\"petition\"'\ntype = '\"complaint\"'\nreceived_on = \".ngay\"\nsummary = \".noi_dung\"\n";

/// A source with its url in a file, pulled every second.
pub fn source(site: &Site, id: &str, url: &str, more: &str) {
    site.secret(&format!("{id}.url"), url);
    let cursor = if more.contains("snapshot") {
        "query = \"SELECT * FROM don\"".to_owned()
    } else {
        format!("query = \"{}\"\ncursor = [\"cap_nhat\", \"ma\"]\npage_size = 10", super::KEYSET)
    };
    site.source(id, &format!("schedule = \"every 1s\"\n[sql]\nurl_file = \"{id}.url\"\n{cursor}\n{more}\n{MAP}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_and_their_changes_and_nothing_twice() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agencies = [AgencyDatabase::with_table(MAKES[0]).await, AgencyDatabase::with_table(MAKES[1]).await];
    for (agency, id) in agencies.iter().zip(["pg", "maria"]) {
        agency.add((0..95).map(|n| (format!("r{n:02}"), format!("2026-03-05 08:{:02}:00", n / 7)))).await;
        source(&site, id, agency.url(), "");
    }
    let said = site.done(&["check", "--connect"]);
    assert!(said.contains("source pg: PostgreSQL 1") && said.contains("MariaDB"), "{said}");
    assert!(said.contains("a first row of 4 columns") && !said.contains("petitiond:petitiond"), "{said}");
    let preview = site.done(&["source", "preview", "maria", "--limit", "2", "--json"]);
    assert!(preview.contains("Khiếu nại quyết định số r0") && preview.contains("\"record_id\": \"r01\""), "{preview}");

    let mut daemon = site.start().await;
    for (agency, id) in agencies.iter().zip(["pg", "maria"]) {
        records(&pool, id, 95).await;
        agency.run("UPDATE don SET noi_dung = 'Đã sửa', cap_nhat = now() WHERE ma = 'r07'").await;
        agency.add([("mới".to_owned(), "2026-03-05 09:00:00".to_owned())]).await;
        let edited = format!(
            "SELECT count(*) FROM national_v1.filing f JOIN national_v1.petition p USING (petition_id)
             WHERE f.source_id = '{id}' AND f.record_id = 'r07' AND p.summary = 'Đã sửa'"
        );
        counts(&pool, &edited, 1).await;
        records(&pool, id, 96).await;
    }
    let before = picture(&pool).await;
    for id in ["pg", "maria"] {
        let again = format!(
            "SELECT (count(*) > 5)::int::bigint FROM petitiond.pull WHERE source_id = '{id}' AND error IS NULL"
        );
        counts(&pool, &again, 1).await;
    }
    let shown = site.done(&["source", "show", "pg"]);
    assert!(shown.contains("cap_nhat") && shown.contains("sql"), "{shown}");
    let reset_at: DateTime<Utc> = sqlx::query_scalar("SELECT now()").fetch_one(&pool).await.unwrap();
    site.done(&["source", "reset", "pg", "--since", "2020-01-01"]);
    let whole = format!(
        "SELECT (count(*) > 0)::int::bigint FROM petitiond.pull
         WHERE source_id = 'pg' AND started_at > '{}' AND records >= 96 AND error IS NULL",
        reset_at.to_rfc3339()
    );
    counts(&pool, &whole, 1).await;
    site.done(&["source", "pull", "maria"]);
    let idle = "SELECT count(*) FROM petitiond.source WHERE pull_requested_at IS NOT NULL";
    counts(&pool, idle, 0).await;
    assert_eq!(daemon.log().matches("petitiond:petitiond").count(), 0);
    daemon.terminate().await;
    assert_eq!(picture(&pool).await, before);
    tally_adds_up(&pool, "pg").await;
    tally_adds_up(&pool, "maria").await;
    feed_is_dense(&pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_deleted_is_withdrawn_within_limits() {
    for make in MAKES {
        let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
        let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
        let agency = AgencyDatabase::with_table(make).await;
        agency.add((0..100).map(|n| (format!("r{n:02}"), "2026-03-05 08:00:00".to_owned()))).await;
        source(&site, "so", agency.url(), "snapshot = { max_missing = \"10%\" }");
        let _daemon = site.start().await;
        records(&pool, "so", 100).await;
        agency.run("DELETE FROM don WHERE ma < 'r05'").await;
        records(&pool, "so", 95).await;
        agency.run("DELETE FROM don WHERE ma < 'r60'").await;
        let error = last_error(&pool, "so", "max_missing").await;
        assert!(error.contains("55 of 95"), "{make:?}: {error}");
        records(&pool, "so", 95).await;
        agency.add((0..60).map(|n| (format!("r{n:02}"), "2026-03-05 08:00:00".to_owned()))).await;
        records(&pool, "so", 100).await;
    }
}

/// A line that breaks again and again, and a daemon that is killed again and again: in the end all is there, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_and_a_daemon_that_is_killed_lose_nothing() {
    for make in MAKES {
        let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
        let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
        let agency = AgencyDatabase::with_table(make).await;
        agency.add((0..1200).map(|n| (format!("r{n:04}"), format!("2026-03-05 08:{:02}:00", n / 25)))).await;
        let proxy = Proxy::before(agency.url()).await;
        source(&site, "so", &proxy.url(agency.url()), "");
        for round in 0..4 {
            proxy.set(Line::Slow(Duration::from_millis(3)));
            let mut daemon = site.launch();
            let some = format!("SELECT (count(*) > {})::int::bigint FROM petitiond.source_record", 20 + round * 60);
            counts(&pool, &some, 1).await;
            proxy.cut();
            daemon.kill9();
            let_the_lease_run_out(&pool).await;
        }
        proxy.set(Line::Open);
        let _daemon = site.start().await;
        records(&pool, "so", 1200).await;
        eventually("a pull that ends well", Duration::from_mins(1), || async {
            site.status("so")["last_error"].is_null().then_some(())
        })
        .await;
        counts(&pool, "SELECT count(*) FROM national_v1.petition", 1200).await;
        feed_is_dense(&pool).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_says_why_and_harms_no_other() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = AgencyDatabase::with_table(Make::MariaDb).await;
    agency.add((0..20).map(|n| (format!("r{n:02}"), "2026-03-05 08:00:00".to_owned()))).await;
    let other = AgencyDatabase::create(Make::Postgres).await;
    let proxy = Proxy::before(other.url()).await;
    proxy.set(Line::Stalled);
    source(&site, "tot", agency.url(), "");
    source(&site, "hong", other.url(), "");
    source(&site, "im", &proxy.url(other.url()), "timeout = \"1s\"");
    let said = site.fails(1, &["check", "--connect"]);
    assert!(said.contains("FAIL  source hong") && said.contains("\"don\" does not exist"), "{said}");
    assert!(said.contains("FAIL  source im") && said.contains("ok    source tot"), "{said}");
    let _daemon = site.start().await;
    records(&pool, "tot", 20).await;
    last_error(&pool, "hong", "does not exist").await;
    last_error(&pool, "im", "no connection in").await;
    assert_eq!(site.status("tot")["last_error"], json!(null));
    proxy.set(Line::Open);
}
