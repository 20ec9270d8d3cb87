//! SIGTERM: the daemon ends within ten seconds with status 0, whatever else is broken, and nothing is lost.

use std::time::{Duration, Instant};

use crate::support::agency::{Agency, Publisher, petitions};
use crate::support::daemon::{counts, feed_is_dense, picture, records, tally_adds_up};
use crate::support::proxy::Line;
use crate::support::{Proxy, Site, TestBroker, TestDaemon, TestDatabase, eventually, services};

/// A thread of the AMQP client that panics when the process ends while it connects; nothing depends on it.
const CLIENT: &str = "thread 'lapin-io-loop'";

async fn ends_well(daemon: &mut TestDaemon) {
    daemon.expect_error(CLIENT);
    let (status, took) = daemon.terminate().await;
    assert!(status.success(), "{status}\n{}", daemon.log());
    assert!(took < Duration::from_secs(10), "it took {took:?}\n{}", daemon.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_it_ends_in_time_and_loses_nothing() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(3000), 100).await;
    site.source("web", &agency.toml(""));
    site.inbox("post");
    let mut daemon = site.start().await;
    let publisher = Publisher::connect(broker.url()).await;
    broker.inbox("post").await;
    publisher.records("post", &petitions(2000), 20).await;
    eventually("some records", Duration::from_mins(1), || async {
        let stored: i64 =
            sqlx::query_scalar("SELECT count(*) FROM petitiond.source_record").fetch_one(&pool).await.unwrap();
        (stored > 200).then_some(())
    })
    .await;
    ends_well(&mut daemon).await;

    let mut daemon = site.start().await;
    records(&pool, "post", 2000).await;
    records(&pool, "web", 3000).await;
    feed_is_dense(&pool).await;
    // nothing is under way any more once the inboxes are empty and pulls have ended
    broker.await_depth("petition.inbox.post", 0).await;
    ends_well(&mut daemon).await;
    assert_eq!(tally_adds_up(&pool, "post").await, 2000);
    tally_adds_up(&pool, "web").await;
    let before = picture(&pool).await;
    let mut daemon = site.start().await;
    counts(&pool, "SELECT count(*) FROM petitiond.source WHERE enabled", 2).await;
    ends_well(&mut daemon).await;
    assert_eq!(picture(&pool).await, before);
}

/// A line to the database that refuses, and one that is dead silent.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_it_ends_in_time_and_loses_nothing() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let line = Proxy::before(&services().database).await;
    let (site, pool) = (Site::new(&line.url(database.url()), broker.url()), database.pool().await);
    site.inbox("post");
    let publisher = Publisher::connect(broker.url()).await;
    for (round, state) in [Line::Refusing, Line::Stalled].into_iter().enumerate() {
        line.set(Line::Open);
        let mut daemon = site.start().await;
        broker.inbox("post").await;
        line.set(state);
        if state == Line::Refusing {
            line.cut();
        }
        let of_round: Vec<_> = petitions(100 * (round + 1)).split_off(100 * round);
        publisher.records("post", &of_round, 10).await;
        daemon.logged("intake waits", usize::from(state == Line::Refusing)).await;
        ends_well(&mut daemon).await;
    }
    line.set(Line::Open);
    let daemon = site.start().await;
    records(&pool, "post", 200).await;
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_database_was_ever_there_it_ends_at_once() {
    let broker = TestBroker::create().await;
    let line = Proxy::before(&services().database).await;
    line.set(Line::Refusing);
    let site = Site::new(&line.url(&services().database), broker.url());
    let mut daemon = site.launch();
    daemon.notified("READY=1").await;
    daemon.notified("waiting for the database").await;
    daemon.expect_error(CLIENT);
    let (status, took) = daemon.terminate().await;
    assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_broker_it_ends_in_time_and_loses_nothing() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let line = Proxy::before(&services().amqp).await;
    let (site, pool) = (Site::new(database.url(), &line.url(broker.url())), database.pool().await);
    let agency = Agency::open(petitions(500), 50).await;
    site.source("web", &agency.toml(""));
    let mut daemon = site.start().await;
    records(&pool, "web", 500).await;
    agency.edit(|records| records.extend(petitions(900).split_off(500)));
    for state in [Line::Refusing, Line::Stalled] {
        line.set(state);
        if state == Line::Refusing {
            line.cut();
        }
        // long enough for every part of the daemon to have met the outage
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(7) {
            let since = daemon.told().len();
            daemon.notified_since(since, "sources,").await;
        }
        ends_well(&mut daemon).await;
        line.set(Line::Open);
        line.cut();
        daemon = site.start().await;
    }
    drop(daemon);
    line.set(Line::Open);
    let daemon = site.start().await;
    records(&pool, "web", 900).await;
    drop(daemon);
}
