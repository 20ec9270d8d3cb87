//! A daemon that is killed: every record of a file once with the broker counts, and none is missing.

use std::path::Path;

use super::{DropFolder, holds, ids, one, table};
use crate::support::daemon::{counts, feed_is_dense, let_the_lease_run_out, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_killed_again_and_again_takes_every_file() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let folder = DropFolder::of_csv(&site, "csv");
    let mut chance = fastrand::Rng::with_seed(20_261_127);
    let (files, rows) = (6, 1000);
    for number in 0..files {
        folder.put(&format!("{number}.csv"), table(number * rows, rows));
    }
    let all = i64::try_from(files * rows).unwrap();
    for _ in 0..6 {
        let mut daemon = site.launch();
        // in the middle of things: some records further than its predecessor came
        let stored = one(&pool, "SELECT count(*) FROM petitiond.source_record").await;
        let further = all.min(stored + chance.i64(1..900));
        counts(&pool, &format!("SELECT (count(*) >= {further})::int::bigint FROM petitiond.source_record"), 1).await;
        daemon.kill9();
        let_the_lease_run_out(&pool).await;
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
