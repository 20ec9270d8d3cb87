//! Sources are added, changed, paused and removed while others go on; a file that does not check changes nothing.

use std::time::Duration;

use lapin::ConnectionProperties;
use reqwest::Method;
use serde_json::Value;

use crate::support::agency::{Agency, Publisher, petitions};
use crate::support::broker::manage;
use crate::support::daemon::records;
use crate::support::proxy::Line;
use crate::support::{Proxy, Site, TestBroker, TestDatabase, eventually, services};

/// The tags of those who consume a queue.
async fn consumers(broker: &TestBroker, queue: &str) -> Vec<String> {
    let vhost = reqwest::Url::parse(broker.url()).unwrap().path().trim_start_matches('/').to_owned();
    let all = manage(Method::GET, &["consumers", &vhost], None).await.unwrap();
    let of_queue = all.as_array().unwrap().iter().filter(|consumer| consumer["queue"]["name"] == queue);
    // the broker makes a new tag for every consumer; the name of its channel is known here only after a while
    of_queue.map(|consumer| consumer["consumer_tag"].to_string()).collect()
}

async fn consumed(broker: &TestBroker, queue: &str, by: usize) -> Vec<String> {
    eventually(&format!("{by} consumers of {queue}"), Duration::from_secs(30), || async {
        let found = consumers(broker, queue).await;
        (found.len() == by).then_some(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_come_change_and_go_and_no_other_notices() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("steady");
    site.inbox("other");
    let daemon = site.start().await;
    let steady = consumed(&broker, "petition.inbox.steady", 1).await;
    consumed(&broker, "petition.inbox.other", 1).await;
    let publisher = Publisher::connect(broker.url()).await;
    let all = petitions(600);
    let mut sent = 0;
    let mut more = async || {
        publisher.records("steady", &all[sent..sent + 100], 5).await;
        sent += 100;
        records(&pool, "steady", i64::try_from(sent).unwrap()).await;
    };
    more().await;

    // added
    let agency = Agency::open(petitions(40), 7).await;
    site.source("added", &agency.toml(""));
    daemon.signal("HUP");
    records(&pool, "added", 40).await;
    more().await;

    // changed: its interval, and with it nothing that was stored
    let before = agency.asked();
    site.source("added", &agency.toml("").replace("every 1s", "every 1h"));
    daemon.signal("HUP");
    daemon.logged("reloading the sources", 2).await;
    agency.edit(|records| records.extend(petitions(50).split_off(40)));
    site.done(&["source", "pull", "added"]);
    records(&pool, "added", 50).await;
    assert!(agency.asked() > before);
    more().await;

    // removed
    site.remove_source("other");
    daemon.signal("HUP");
    consumed(&broker, "petition.inbox.other", 0).await;
    assert_eq!(site.status("other")["enabled"], false);
    more().await;
    publisher.records("other", &petitions(7), 1).await;
    eventually("the backlog of a removed source", Duration::from_secs(30), || async {
        (site.status("other")["backlog"] == 7).then_some(())
    })
    .await;
    for command in [&["source", "list"][..], &["status"]] {
        let said = site.done(command);
        assert!(said.contains("other: 7 messages wait in its inbox and are not taken in"), "{said}");
        assert!(said.contains(" +07:00"), "{said}");
    }

    // paused and resumed
    site.done(&["source", "pause", "added"]);
    eventually("a pause", Duration::from_secs(30), || async {
        consumers(&broker, "petition.inbox.added").await.is_empty().then_some(())
    })
    .await;
    agency.edit(|records| records.extend(petitions(60).split_off(50)));
    site.done(&["source", "pull", "added"]);
    more().await;
    assert_eq!(site.status("added")["paused"], true);
    records(&pool, "added", 50).await;
    site.done(&["source", "resume", "added"]);
    records(&pool, "added", 60).await;
    more().await;

    assert_eq!(consumed(&broker, "petition.inbox.steady", 1).await, steady, "the steady source was consumed anew");
}

/// A pause holds over a restart: not one message is taken in before the database was asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_source_stays_paused_over_restart_and_reload() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let agency = Agency::open(petitions(5), 10).await;
    site.source("web", &agency.toml(""));
    site.inbox("post");
    let mut daemon = site.start().await;
    records(&pool, "web", 5).await;
    site.done(&["source", "pause", "web"]);
    site.done(&["source", "pause", "post"]);
    consumed(&broker, "petition.inbox.post", 0).await;
    daemon.terminate().await;

    Publisher::connect(broker.url()).await.records("post", &petitions(30), 1).await;
    let asked = agency.asked();
    let mut daemon = site.start().await;
    site.source("web", &agency.toml("").replace("every 1s", "every 2s"));
    daemon.signal("HUP");
    daemon.logged("reloading the sources", 1).await;
    let since = daemon.told().len();
    for round in 0..3 {
        daemon.notified_since(since + round, "sources, ").await;
    }
    daemon.terminate().await;
    assert_eq!(agency.asked(), asked, "a paused source was pulled");
    records(&pool, "post", 0).await;
    broker.await_depth("petition.inbox.post", 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_check_leaves_its_source_running_and_says_why() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let daemon = site.start().await;
    daemon.expect_error("does not check");
    let consumer = consumed(&broker, "petition.inbox.post", 1).await;

    site.source("post", "[inbx]\n[format.record]\n");
    site.source("fresh", "schedule = \"every 1s\"\n[http]\nurl = \"nowhere\"\n[format.record]\n");
    daemon.signal("HUP");
    let error = eventually("a config_error", Duration::from_secs(30), || async {
        site.status("post")["config_error"].as_str().map(ToOwned::to_owned)
    })
    .await;
    assert!(error.contains("post.toml:5:2") && error.contains("did you mean `inbox`?"), "{error}");
    assert!(daemon.log().contains("did you mean `inbox`?"), "{}", daemon.log());
    let fresh = site.status("fresh");
    assert!(fresh["config_error"].as_str().is_some_and(|error| error.contains("fresh.toml:")), "{fresh}");
    daemon.notified("2 source files do not check").await;
    Publisher::connect(broker.url()).await.records("post", &petitions(20), 5).await;
    records(&pool, "post", 20).await;
    assert_eq!(consumed(&broker, "petition.inbox.post", 1).await, consumer);

    // mended, without a signal: the change of the folder is enough
    site.inbox("post");
    site.inbox("fresh");
    consumed(&broker, "petition.inbox.fresh", 1).await;
    assert_eq!(site.status("post")["config_error"], Value::Null);
    assert_eq!(site.status("fresh")["config_error"], Value::Null);
    assert_eq!(consumed(&broker, "petition.inbox.post", 1).await, consumer);
}

/// What was changed while the database was away is taken up, and known to it when it is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_without_the_database_is_made_good() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let line = Proxy::before(&services().database).await;
    let (site, pool) = (Site::new(&line.url(database.url()), broker.url()), database.pool().await);
    site.inbox("post");
    site.inbox("gone");
    let daemon = site.start().await;
    consumed(&broker, "petition.inbox.gone", 1).await;
    line.set(Line::Refusing);
    line.cut();
    site.inbox("fresh");
    site.remove_source("gone");
    for times in 1..=3 {
        daemon.signal("HUP");
        daemon.logged("reloading the sources", times).await;
    }
    consumed(&broker, "petition.inbox.gone", 0).await;
    broker.inbox("fresh").await;
    let publisher = Publisher::connect(broker.url()).await;
    for id in ["post", "fresh"] {
        publisher.records(id, &petitions(20), 5).await;
    }
    line.set(Line::Open);
    records(&pool, "post", 20).await;
    records(&pool, "fresh", 20).await;
    assert_eq!(site.status("gone")["enabled"], false);
    assert_eq!(site.status("fresh")["enabled"], true);
}

/// A folder that cannot be read is no order to stop all sources.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_read_changes_nothing() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    site.inbox("post");
    let daemon = site.start().await;
    daemon.expect_error("cannot be read");
    let consumer = consumed(&broker, "petition.inbox.post", 1).await;
    let (folder, away) = (site.path().join("sources.d"), site.path().join("away"));
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    daemon.signal("HUP");
    daemon.logged("cannot be read", 1).await;
    Publisher::connect(broker.url()).await.records("post", &petitions(20), 5).await;
    records(&pool, "post", 20).await;
    assert_eq!(site.status("post")["enabled"], true);
    assert_eq!(consumed(&broker, "petition.inbox.post", 1).await, consumer);
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
}

/// Not used by the daemon: shows that the management pages see consumers, so that an empty list means something.
#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_is_seen() {
    let broker = TestBroker::create().await;
    let connection = lapin::Connection::connect(broker.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel
        .queue_declare("q".into(), lapin::options::QueueDeclareOptions::default(), lapin::types::FieldTable::default())
        .await
        .unwrap();
    let options = lapin::options::BasicConsumeOptions::default();
    let _consumer = channel.basic_consume("q".into(), "t".into(), options, lapin::types::FieldTable::default()).await;
    consumed(&broker, "q", 1).await;
}
