//! Processes and servers killed at random moments: nothing is lost, nothing is there twice, the feed has no gap.
//!
//! The chance is seeded and printed. `PETITIOND_SOAK=minutes` repeats the first test with new seeds for that long.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::agency::{Agency, Publisher, petition, petitions};
use crate::support::daemon::{counts, feed_is_dense, let_the_lease_run_out, picture, records};
use crate::support::{PrivateServers, Site, TestBroker, TestDatabase, database, eventually};

/// Tests of this file run one at a time, however they are started.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Asks for a pull where none is under way, as `petitiond source pull` does, and not more often than every few seconds.
async fn ask_for_a_pull(pool: &PgPool) {
    let ask = "UPDATE petitiond.source SET pull_requested_at = now()
               WHERE source_id = 'web' AND pull_holder IS NULL AND pull_requested_at IS NULL
               AND (last_attempt_at IS NULL OR last_attempt_at < now() - interval '3 seconds')";
    drop(sqlx::query(ask).execute(pool).await);
}

#[expect(clippy::disallowed_methods, reason = "a flag of the test run")]
fn soak() -> Duration {
    let minutes = std::env::var("PETITIOND_SOAK").ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(0);
    Duration::from_mins(minutes)
}

#[tokio::test(flavor = "multi_thread")]
async fn chaos_the_daemon_is_killed_again_and_again() {
    let _alone = ALONE.lock().await;
    let began = Instant::now();
    let mut seed = 20_261_124;
    loop {
        println!("seed {seed}");
        killed_again_and_again(seed, 20_000, 8).await;
        seed += 1;
        if began.elapsed() >= soak() {
            return;
        }
    }
}

async fn killed_again_and_again(seed: u64, count: usize, kills: usize) {
    let mut chance = fastrand::Rng::with_seed(seed);
    let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
    let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
    let mut all = petitions(count);
    for number in (0..count).step_by(997) {
        all[number]["record_id"] = Value::Null; // held, once
    }
    let held = count.div_ceil(997);
    let agency = Agency::open(all, 500).await;
    site.source("web", &agency.toml("").replace("every 1s", "every 1h"));
    site.inbox("post");
    let mut daemon = site.start().await;
    broker.inbox("post").await;
    let publisher = Publisher::connect(broker.url()).await;
    let messages = petitions(3000);
    let mut sent = messages.chunks(messages.len() / (kills + 1) + 1);
    for kill in 0..kills {
        publisher.records("post", sent.next().unwrap_or(&[]), 25).await;
        let number = chance.usize(..count);
        if !number.is_multiple_of(997) {
            agency.edit(|records| records[number] = petition(number, 2 + i64::try_from(kill).unwrap()));
        }
        tokio::time::sleep(Duration::from_millis(chance.u64(100..2500))).await;
        daemon.kill9();
        let_the_lease_run_out(&pool).await;
        sqlx::query("UPDATE petitiond.source SET pull_requested_at = now()").execute(&pool).await.unwrap();
        daemon = site.launch();
    }
    for rest in sent {
        publisher.records("post", rest, 25).await;
    }
    let_the_lease_run_out(&pool).await;
    everything_is_at_its_newest(&agency, &pool).await;
    eventually("all records of the inbox", Duration::from_mins(2), || async {
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM petitiond.source_record WHERE source_id = 'post'")
            .fetch_one(&pool)
            .await
            .unwrap();
        (stored == 3000).then_some(())
    })
    .await;
    let in_quarantine =
        format!("SELECT count(*) FROM petitiond.quarantine WHERE source_id = 'web' HAVING count(*) = {held}");
    counts(&pool, &in_quarantine, i64::try_from(held).unwrap()).await;
    broker.await_depth("petition.dead", 0).await;
    let (status, _) = daemon.terminate().await;
    assert!(status.success());
    feed_is_dense(&pool).await;
    one_filing_a_record(&pool).await;
}

/// What the agency holds now is what is stored, version by version.
async fn everything_is_at_its_newest(agency: &Agency, pool: &PgPool) {
    let mut held = BTreeMap::new();
    agency.edit(|records| {
        for record in records.iter() {
            if let Some(id) = record["record_id"].as_str() {
                held.insert(id.to_owned(), record["version"].as_i64().unwrap());
            }
        }
    });
    eventually("the newest versions", Duration::from_mins(4), || async {
        ask_for_a_pull(pool).await;
        let stored: Vec<(String, i64)> =
            sqlx::query_as("SELECT record_id, version_ordinal FROM petitiond.source_record WHERE source_id = 'web'")
                .fetch_all(pool)
                .await
                .ok()?;
        (stored.into_iter().collect::<BTreeMap<_, _>>() == held).then_some(())
    })
    .await;
}

async fn one_filing_a_record(pool: &PgPool) {
    let twice: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT source_id, record_id FROM national_v1.filing GROUP BY 1, 2 HAVING count(*) > 1) d",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(twice, 0);
    let (filings, live): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM national_v1.filing),
                (SELECT count(*) FROM petitiond.source_record WHERE NOT deleted AND kind = 'petition')",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(filings, live);
}

#[tokio::test(flavor = "multi_thread")]
async fn chaos_broker_and_database_are_killed_in_the_middle() {
    let _alone = ALONE.lock().await;
    let servers = tokio::task::spawn_blocking(PrivateServers::start).await.unwrap();
    database::migrate(&servers.servers.database).await;
    let site = Site::new(&servers.servers.database, &servers.servers.amqp);
    let agency = Agency::open(petitions(2000), 100).await;
    site.source("web", &agency.toml(""));
    let mut daemon = site.start().await;
    let pool = sqlx::postgres::PgPoolOptions::new().connect_lazy(&servers.servers.database).unwrap();
    let stored = async || {
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM petitiond.source_record").fetch_one(&pool).await.unwrap_or(0)
    };
    // the broker last: RabbitMQ 3.10 killed about a second after it made a quorum queue can leave it without a leader for
    // ever, and that is not ours to mend
    for (round, which) in ["pg", "pg", "amqp", "amqp"].into_iter().enumerate() {
        let before = stored().await;
        eventually("some progress", Duration::from_mins(4), || async { (stored().await > before).then_some(()) }).await;
        servers.kill(which);
        if which == "pg" {
            daemon.notified("waiting for the database").await;
        }
        if round == 2 {
            daemon.kill9();
            daemon = site.launch();
        }
        servers.restart(which);
        let_the_lease_run_out(&pool).await;
        agency.edit(|records| {
            let from = records.len();
            records.extend(petitions(from + 500).split_off(from));
        });
    }
    records(&pool, "web", 4000).await;
    everything_is_at_its_newest(&agency, &pool).await;
    let (status, _) = daemon.terminate().await;
    assert!(status.success());
    feed_is_dense(&pool).await;
    one_filing_a_record(&pool).await;
    drop(servers);
}

/// Records of three agencies about the same petitions: what one forwards, the next holds.
fn related(agency: usize, count: usize) -> Vec<Value> {
    let sources = ["aa", "bb", "cc"];
    (0..count)
        .map(|number| {
            let mut record = petition(number, 1);
            record["record_id"] = json!(format!("{}-{number}", sources[agency]));
            if agency > 0 {
                let from = sources[agency - 1];
                record["references"] = json!([{ "relation": "transferred_from", "source": from, "record_id": format!("{from}-{number}") }]);
            }
            record
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn chaos_several_daemons_share_one_database_and_broker() {
    let _alone = ALONE.lock().await;
    let mut pictures = Vec::new();
    for daemons in [1, 2, 3] {
        let (database, broker) = tokio::join!(TestDatabase::create(), TestBroker::create());
        let (site, pool) = (Site::new(database.url(), broker.url()), database.pool().await);
        for id in ["aa", "bb", "cc"] {
            site.inbox(id);
        }
        // other petitions than those of the others: what says the same would be one
        let snapshot = Agency::open(petitions(1300).split_off(1000), 50).await;
        site.source("web", &snapshot.toml("snapshot = { max_missing = \"50%\" }"));
        let mut running = Vec::new();
        for _ in 0..daemons {
            running.push(site.start().await);
        }
        for id in ["aa", "bb", "cc"] {
            broker.inbox(id).await;
        }
        let publisher = Publisher::connect(broker.url()).await;
        let mut chance = fastrand::Rng::with_seed(daemons as u64);
        let mut all: Vec<(&str, Value)> = Vec::new();
        for (agency, id) in ["aa", "bb", "cc"].into_iter().enumerate() {
            all.extend(related(agency, 300).into_iter().map(|record| (id, record)));
        }
        let repeats = all[..200].to_vec();
        all.extend(repeats);
        chance.shuffle(&mut all);
        for (number, (source, record)) in all.iter().enumerate() {
            assert!(publisher.send(source, &format!("m-{number}"), None, record.to_string().as_bytes()).await);
            if number == all.len() / 2 && daemons == 3 {
                running[0].kill9();
            }
        }
        records(&pool, "__", 900).await;
        let_the_lease_run_out(&pool).await;
        records(&pool, "web", 300).await;
        counts(&pool, "SELECT count(*) FROM national_v1.petition", 600).await;
        let mut groups: Vec<Vec<String>> = sqlx::query_scalar(
            "SELECT array_agg(source_id || '/' || record_id ORDER BY 1) FROM petitiond.source_record GROUP BY entity_id",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        groups.iter_mut().for_each(|group| group.sort());
        pictures.push(groups.into_iter().collect::<HashSet<_>>());
        feed_is_dense(&pool).await;
        one_filing_a_record(&pool).await;
        let before = picture(&pool).await;
        for (number, (source, record)) in all.iter().take(100).enumerate() {
            assert!(publisher.send(source, &format!("again-{number}"), None, record.to_string().as_bytes()).await);
        }
        for id in ["aa", "bb", "cc"] {
            broker.await_depth(&format!("petition.inbox.{id}"), 0).await;
        }
        for mut daemon in running.drain(usize::from(daemons == 3)..) {
            assert!(daemon.terminate().await.0.success());
        }
        assert_eq!(picture(&pool).await, before, "a repeat changed something");
    }
    assert!(pictures.windows(2).all(|pair| pair[0] == pair[1]), "the number of daemons changes the grouping");
}

/// A pull that is given up may be about to begin a transaction: sqlx forgets a BEGIN that was sent and not answered, and
/// whoever got the connection next would write into it and see everything undone.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_transaction_was_given_up_comes_back_outside_it() {
    let database = TestDatabase::create().await;
    let url = petitiond::secret::Secret::from(database.url());
    let config = petitiond::store::DatabaseConfig { url, max_connections: 1 };
    let pool = petitiond::store::connect(&config, "given up").unwrap();
    let mut given_up = 0;
    while given_up < 5 {
        let mut conn = pool.acquire().await.unwrap();
        let is_unanswered = {
            let mut begun = std::pin::pin!(petitiond::store::begin(&mut conn));
            std::future::poll_fn(|cx| std::task::Poll::Ready(begun.as_mut().poll(cx).is_pending())).await
        };
        // on a loaded machine the server may be faster than this
        given_up += usize::from(is_unanswered);
        drop(conn);
        // the only connection there is
        let conn = pool.acquire().await.unwrap();
        let state = "SELECT state FROM pg_stat_activity WHERE application_name = 'given up'";
        let state: String = sqlx::query_scalar(state).fetch_one(&database.pool().await).await.unwrap();
        assert_eq!(state, "idle");
        drop(conn);
    }
}
