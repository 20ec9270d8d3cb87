//! The daemon's word to systemd: ready, status, watchdog; and what it says while its surroundings are away.

use std::time::Duration;

use crate::support::agency::{Publisher, petitions};
use crate::support::daemon::records;
use crate::support::proxy::Line;
use crate::support::{Proxy, Site, TestBroker, TestDatabase, eventually, services};

#[tokio::test(flavor = "multi_thread")]
async fn the_watchdog_is_fed_while_healthy_and_while_waiting() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let to_database = Proxy::before(&services().database).await;
    let to_broker = Proxy::before(&services().amqp).await;
    let mut site = Site::new(&to_database.url(database.url()), &to_broker.url(broker.url()));
    site.set("WATCHDOG_USEC", "4000000");
    site.inbox("post");
    let pool = database.pool().await;
    let mut daemon = site.start().await;
    daemon.notified("WATCHDOG=1").await;
    daemon.notified("STATUS=1 sources, 0 failing").await;

    // the broker goes: still fed, many times over, and said
    to_broker.set(Line::Refusing);
    to_broker.cut();
    let since = daemon.told().len();
    daemon.notified_since(since, "waiting for the broker").await;
    fed(&daemon, 6).await;
    to_broker.set(Line::Open);

    // the database goes silent: still fed, and said
    to_database.set(Line::Stalled);
    let since = daemon.told().len();
    daemon.notified_since(since, "waiting for the database").await;
    fed(&daemon, 6).await;
    to_database.set(Line::Open);
    to_database.cut();
    let since = daemon.told().len();
    daemon.notified_since(since, "STATUS=1 sources, 0 failing").await;

    let publisher = Publisher::connect(broker.url()).await;
    publisher.records("post", &petitions(50), 10).await;
    records(&pool, "post", 50).await;
    let (status, _) = daemon.terminate().await;
    assert!(status.success());
    assert!(daemon.told().iter().any(|text| text.contains("STOPPING=1")));
}

async fn fed(daemon: &crate::support::TestDaemon, times: usize) {
    let since = daemon.told().len();
    eventually(&format!("{times} meals for the watchdog"), Duration::from_secs(20), || async {
        let meals = daemon.told().iter().skip(since).filter(|text| text.contains("WATCHDOG=1")).count();
        (meals >= times).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_a_database_that_is_not_there_yet() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let line = Proxy::before(&services().database).await;
    line.set(Line::Refusing);
    let site = Site::new(&line.url(database.url()), broker.url());
    site.inbox("post");
    let daemon = site.launch();
    daemon.notified("READY=1").await;
    // with its reason: it has tried
    daemon.notified("waiting for the database: ").await;
    daemon.notified("WATCHDOG=1").await;
    line.set(Line::Open);
    daemon.notified("STATUS=1 sources").await;
    assert_eq!(daemon.log().matches("waiting for the database").count(), 1, "said once:\n{}", daemon.log());
    let warnings = daemon.log().matches("WARN").count();
    assert_eq!(warnings, 1, "nothing else looks for the database before it is there:\n{}", daemon.log());
}
