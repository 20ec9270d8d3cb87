//! `petitiond rebuild` beside a daemon.

use serde_json::{Value, json};

use crate::support::agency::{Publisher, petitions};
use crate::support::daemon::{counts, feed_is_dense, picture, records, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_beside_the_daemon_changes_nothing_and_brings_back_what_is_lost() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    site.inbox("other");
    let mut daemon = site.start().await;
    for source in ["post", "other"] {
        broker.inbox(source).await;
    }
    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(300), 30).await;
    publisher.records("other", &petitions(50), 50).await;
    records(&pool, "post", 300).await;
    records(&pool, "other", 50).await;
    let before = picture(&pool).await;

    let told: Value = serde_json::from_str(&site.done(&["rebuild", "--json"])).unwrap();
    let figures = |of: &Value| {
        (of["source_id"].clone(), of["read"].clone(), of["same"].clone(), of["changed"].clone(), of["restored"].clone())
    };
    let figures: Vec<_> = told.as_array().unwrap().iter().map(figures).collect();
    let expected = |id: &str, records: u32| (json!(id), json!(records), json!(records), json!(0), json!(0));
    assert_eq!(figures, [expected("other", 50), expected("post", 300)]);
    assert_eq!(picture(&pool).await, before);

    // all is lost, and new records come while one source comes back
    sqlx::raw_sql(
        "TRUNCATE petitiond.source_record, petitiond.record_part, petitiond.link_key, petitiond.petition,
                  petitiond.reception, petitiond.case_file, petitiond.petitioner, petitiond.petitioner_identity, petitiond.event,
                  petitiond.link, petitiond.node, petitiond.node_key, petitiond.edge, petitiond.person",
    )
    .execute(&pool)
    .await
    .unwrap();
    let more = petitions(400).split_off(300);
    let (table, ()) = tokio::join!(
        tokio::task::spawn_blocking({
            let arguments = ["rebuild", "--source", "post"];
            let site = std::sync::Arc::new(site);
            move || (site.done(&arguments), site)
        }),
        publisher.records("post", &more, 10)
    );
    let (table, site) = table.unwrap();
    assert!(table.contains("post") && table.contains("300") && !table.contains("other"), "{table}");
    records(&pool, "post", 400).await;
    counts(&pool, "SELECT count(*) FROM national_v1.source_record WHERE petition_id IS NULL", 0).await;
    tally_adds_up(&pool, "post").await;
    let nobody = site.fails(1, &["rebuild", "--source", "pots"]);
    assert!(nobody.contains("did you mean \"post\""), "{nobody}");

    // a source that is configured no more and sent interchange records; and a bundle that was damaged
    daemon.terminate().await;
    site.remove_source("other");
    sqlx::raw_sql(
        "UPDATE petitiond.archive SET payload = '\\x00' WHERE archive_id = (SELECT min(archive_id) FROM petitiond.archive WHERE source_id = 'post')",
    )
    .execute(&pool)
    .await
    .unwrap();
    let table = site.done(&["rebuild"]);
    assert!(
        table.contains("sources.d/other.toml") && table.contains("restore this row of petitiond.archive"),
        "{table}"
    );
    feed_is_dense(&pool).await;
}
