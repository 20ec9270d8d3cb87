//! A daemon that is killed: every record of a file once with the broker counts, and none is missing.

use std::path::Path;
use std::time::Duration;

use super::{Drop, holds, ids, table};
use crate::support::daemon::{counts, feed_is_dense, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_killed_again_and_again_takes_every_file() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = Drop::of_csv(&site, "csv");
    let mut chance = fastrand::Rng::with_seed(20_261_127);
    let (files, rows) = (6, 1000);
    for number in 0..files {
        folder.put(&format!("{number}.csv"), table(number * rows, rows));
    }
    for _ in 0..6 {
        let mut daemon = site.launch();
        daemon.notified("READY=1").await;
        tokio::time::sleep(Duration::from_millis(chance.u64(900..2500))).await;
        daemon.kill9();
        drop(sqlx::query("UPDATE petitiond.source SET pull_until = now() - interval '1 second'").execute(&pool).await);
    }
    let _daemon = site.start().await;
    eventually("all files in done/", super::PATIENCE, || async {
        let csv = folder
            .names("done")
            .iter()
            .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "csv"))
            .count();
        (csv == files).then_some(())
    })
    .await;
    holds(&pool, "csv", &ids(0, files * rows)).await;
    assert!(folder.names("").is_empty() && folder.names("failed").is_empty());
    counts(&pool, "SELECT count(*) FROM petitiond.taken_file WHERE put_away_at IS NOT NULL", 6).await;
    tally_adds_up(&pool, "csv").await;
    feed_is_dense(&pool).await;
}
