//! A pull that is stopped anywhere, and a daemon that is killed: every record of a file once with the broker counts, and
//! none is missing.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use petitiond::broker::{Broker, BrokerConfig};
use petitiond::clock::Clock;
use petitiond::config::{self, Origin};
use petitiond::pipeline::batch::Desk;
use petitiond::pipeline::progress::Progress;
use petitiond::pipeline::pull::{Pull, Supply};
use petitiond::seal::KeyRing;
use petitiond::sources::files::{FilesConfig, Folder};
use petitiond::sources::{KindConfig, SourceConfig};
use petitiond::store::source::{Registration, register};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Drop, holds, ids, one, table};
use crate::support::daemon::{counts, feed_is_dense, tally_adds_up};
use crate::support::{Site, TestBroker, TestDatabase, eventually};

/// A future that is dropped after it was woken so many times: as if the process had been killed there. `None`: it was.
async fn killed_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// What a pull needs, without a daemon around it, so that its messages stay in the inbox.
struct House {
    desk: Desk,
    broker: Broker,
    source: SourceConfig,
    files: FilesConfig,
    holder: Uuid,
}

impl House {
    async fn of(site: &Site, database: &TestDatabase, broker: &TestBroker) -> Self {
        let origin = Origin { dir: site.path().to_owned(), environment: Vec::new(), credentials: None };
        let (files, _) = config::load_sources(&origin);
        let source = files.into_iter().next().unwrap().source.unwrap();
        let KindConfig::Files(files) = &source.kind else { panic!("a source of files") };
        let files = FilesConfig { settle: Duration::ZERO, ..(**files).clone() };
        let ring = Arc::new(KeyRing::load(&site.path().join("identity.key")).unwrap());
        let desk = Desk { pool: database.pool().await, ring, clock: Clock::System };
        let url = petitiond::secret::Secret::new(broker.url().into());
        let connected = Broker::connect(BrokerConfig::new(url), "test").unwrap();
        connected.declare(std::slice::from_ref(&source.id)).await.unwrap();
        let registration = Registration {
            source_id: source.id.as_str().to_owned(),
            name: source.name.clone(),
            tier: source.tier.as_str(),
            agency: source.agency.clone(),
            kind: source.kind.name(),
            enabled: true,
        };
        let mut conn = desk.pool.acquire().await.unwrap();
        register(&mut conn, Clock::System.now(), &[registration]).await.unwrap();
        Self { desk, broker: connected, source, files, holder: Uuid::new_v4() }
    }

    /// Pulls as a process does that has just been started.
    async fn pull(
        &self,
        polls: usize,
    ) -> Option<Result<petitiond::pipeline::pull::Done, petitiond::pipeline::pull::Error>> {
        let folder = Folder::new(&self.files, Arc::clone(&self.source.decoder), &self.source.agency, [7; 32]);
        let (stop, progress) = (CancellationToken::new(), Progress::default());
        let pull = Pull {
            desk: &self.desk,
            broker: &self.broker,
            source_id: &self.source.id,
            supply: Supply::Files(&folder),
            decoder: &self.source.decoder,
            limits: &self.source.limits,
            stop: &stop,
            holder: self.holder,
            progress: &progress,
            worker: "test",
        };
        Box::pin(killed_after(polls, pull.run())).await
    }
}

/// Killed after every single await of a pull in turn, between a batch's confirms and its cursor too, and then let run.
#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_is_killed_at_any_step_loses_nothing_and_ends_the_file() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let site = Site::new(database.url(), broker.url());
    let folder = Drop::of_csv(&site, "csv");
    let house = House::of(&site, &database, &broker).await;
    let pool = database.pool().await;
    // two batches
    let (mut from, rows) = (0, 510);
    let mut steps = 0;
    loop {
        let name = format!("{steps}.csv");
        folder.put(&name, table(from, rows));
        let killed = Box::pin(house.pull(steps)).await;
        if let Some(whole) = &killed {
            assert_eq!(whole.as_ref().unwrap().records, rows as u64);
        }
        let again = Box::pin(house.pull(usize::MAX)).await.unwrap().unwrap();
        assert!(again.records <= rows as u64);
        assert!(folder.at(&format!("done/{name}")).is_file(), "after {steps} steps");
        let note = folder.text(&format!("done/{name}")).await;
        assert!(note.contains("ĐÃ NHẬN đầy đủ 510 hồ sơ"), "after {steps} steps:\n{note}");
        let queue = "petition.inbox.csv";
        let mut sent = BTreeSet::new();
        while sent.len() < rows {
            let messages = broker.take(queue, 1000).await;
            assert!(!messages.is_empty(), "after {steps} steps only {} records are with the broker", sent.len());
            for message in messages {
                let records: Vec<serde_json::Value> = serde_json::from_slice(&message.body).unwrap();
                sent.extend(records.iter().map(|record| record["ma"].as_str().unwrap().to_owned()));
            }
        }
        // what is left over are repeats
        broker.take(queue, 1000).await;
        assert_eq!(sent, ids(from, rows), "after {steps} steps");
        let open = "SELECT count(*) FROM petitiond.source WHERE cursor ? 'open'";
        assert_eq!(one(&pool, open).await, 0);
        from += rows;
        steps += 1;
        if killed.is_some() {
            break;
        }
    }
    println!("{steps} steps");
    // how often it is woken differs from run to run
    assert!(steps > 5, "a pull of only {steps} steps");
    let taken = "SELECT count(*) FROM petitiond.taken_file WHERE records = 510";
    assert_eq!(one(&pool, taken).await, i64::try_from(steps).unwrap());
    // killed between the move and the row that tells of it, a file is where it belongs all the same
    assert!(folder.names("").is_empty() && folder.names("failed").is_empty());
}

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
