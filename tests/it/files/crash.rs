//! A pull that is stopped anywhere, and a daemon that is killed: every record of a file once with the broker counts, and
//! none is missing.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use petitiond::broker::{Broker, BrokerConfig};
use petitiond::clock::Clock;
use petitiond::config::{self, Origin};
use petitiond::pipeline::batch::Desk;
use petitiond::pipeline::progress::Progress;
use petitiond::pipeline::pull::{Done, Error, Pull};
use petitiond::seal::KeyRing;
use petitiond::secret::Secret;
use petitiond::sources::files::{FilesConfig, Folder};
use petitiond::sources::pull::Supply;
use petitiond::sources::{KindConfig, SourceConfig};
use petitiond::store::source::{Registration, register};
use petitiond::store::{self, DatabaseConfig};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{DropFolder, holds, ids, one, table};
use crate::support::daemon::{counts, feed_is_dense, let_the_lease_run_out, tally_adds_up};
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

/// Where a process would find everything.
#[derive(Clone)]
struct Place {
    folder: PathBuf,
    database: String,
    broker: String,
}

impl Place {
    fn source(&self) -> SourceConfig {
        let origin = Origin { dir: self.folder.clone(), environment: Vec::new(), credentials: None };
        let (files, _) = config::load_sources(&origin);
        files.into_iter().next().unwrap().source.unwrap()
    }

    /// Pulls as a process does that was just started, and is gone after it was woken so many times: with its runtime go
    /// its connections, and what blocks in a thread is waited for. There is no daemon around it, so that its messages
    /// stay in the inbox.
    async fn pull(&self, polls: usize) -> Option<Result<Done, Error>> {
        let place = self.clone();
        let process = move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let pulled = runtime.block_on(place.pull_here(polls));
            // a broker library's thread never ends by itself; a file that is being moved has been moved by then
            runtime.shutdown_timeout(Duration::from_millis(300));
            pulled
        };
        tokio::task::spawn_blocking(process).await.unwrap()
    }

    async fn pull_here(&self, polls: usize) -> Option<Result<Done, Error>> {
        let source = self.source();
        let KindConfig::Files(files) = &source.kind else { panic!("a source of files") };
        let files = FilesConfig { settle: Duration::ZERO, ..(**files).clone() };
        let ring = Arc::new(KeyRing::load(&self.folder.join("identity.key")).unwrap());
        let database = DatabaseConfig { url: Secret::from(self.database.as_str()), max_connections: 2 };
        let desk = Desk { pool: store::connect(&database, "test").unwrap(), ring, clock: Clock::System };
        let broker = Broker::connect(BrokerConfig::new(Secret::from(self.broker.as_str())), "test").unwrap();
        broker.declare(std::slice::from_ref(&source.id)).await.unwrap();
        let folder = Folder::new(&files, Arc::clone(&source.decoder), &source.agency, [7; 32]);
        let (stop, progress) = (CancellationToken::new(), Progress::default());
        let pull = Pull {
            desk: &desk,
            broker: &broker,
            source_id: &source.id,
            supply: &Supply::Files(folder),
            snapshot: None,
            decoder: &source.decoder,
            limits: &source.limits,
            stop: &stop,
            holder: Uuid::new_v4(),
            progress: &progress,
            worker: "test",
        };
        Box::pin(killed_after(polls, pull.run())).await
    }
}

/// Killed at an await of a pull, each of the first in turn and then further and further on, between a batch's confirms and
/// its cursor too, and then let run.
#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_is_killed_at_any_step_loses_nothing_and_ends_the_file() {
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let site = Site::new(database.url(), broker.url());
    let folder = DropFolder::of_csv(&site, "csv");
    let pool = database.pool().await;
    let place =
        Place { folder: site.path().to_owned(), database: database.url().to_owned(), broker: broker.url().to_owned() };
    let source = place.source();
    let registration = Registration {
        source_id: source.id.as_str().to_owned(),
        name: source.name.clone(),
        tier: source.tier.as_str(),
        agency: source.agency.clone(),
        kind: source.kind.name(),
        enabled: true,
    };
    register(&mut pool.acquire().await.unwrap(), Clock::System.now(), &[registration]).await.unwrap();
    // two batches
    let (mut from, rows) = (0, 510);
    let (mut steps, mut kills) = (0, 0);
    loop {
        let name = format!("{steps}.csv");
        folder.put(&name, table(from, rows));
        let killed = place.pull(steps).await;
        if let Some(whole) = &killed {
            assert_eq!(whole.as_ref().unwrap().records, rows as u64);
        }
        let_the_lease_run_out(&pool).await;
        let again = place.pull(usize::MAX).await.unwrap().unwrap();
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
        kills += 1;
        if killed.is_some() {
            break;
        }
        // how often it is woken differs from run to run; hundreds of times where each confirm wakes it
        steps += 1 + steps / 8;
    }
    assert!(kills > 8, "a pull of only {steps} steps");
    // killed between the move and the row that tells of it, a file is where it belongs all the same
    let taken = "SELECT count(*) FROM petitiond.taken_file WHERE records = 510";
    assert_eq!(one(&pool, taken).await, kills);
    assert!(folder.names("").is_empty() && folder.names("failed").is_empty());
}

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
