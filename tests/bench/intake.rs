//! Intake, whole: records published into inbox queues until all are visible in `national_v1.source_record`, beside the
//! plain limit of the same machine in the same run.
//!
//! ```text
//! cargo bench --bench intake [-- RECORDS]        default 200,000
//! ```
//!
//! The daemon is the release binary in a process of its own; PostgreSQL (fsync on) and RabbitMQ are private instances
//! on the same cores. Figures on shared machines wander; the ratio to the plain limit is what to compare.

#![expect(clippy::indexing_slicing, reason = "a bench that counts wrongly may stop where it stands")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use petitiond::broker::{Broker, BrokerConfig, Message, pack};
use petitiond::demo::generate::interchange_record;
use petitiond::domain::SourceId;
use petitiond::seal::KeyRing;
use petitiond::secret::Secret;
use petitiond::store::{self, DatabaseConfig, PgPool};

const INBOXES: usize = 4;
const LATENCY_RATE: u64 = 300;
const LATENCY_SECONDS: u64 = 20;

type Anything<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Anything {
    let records = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(200_000_u64);
    drop(rustls::crypto::ring::default_provider().install_default());
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(bench(records))
}

async fn bench(records: u64) -> Anything {
    let scene = Scene::set()?;
    let pool = scene.pool()?;
    let broker = scene.broker().await?;
    println!("{records} interchange records, mean {} bytes, {INBOXES} inboxes", mean_bytes(records.min(10_000)));

    let plain = plain_limit(&pool, records).await?;
    println!("plain limit (UNNEST upsert, one connection, PK and 3 indexes): {plain:.0} records/s");

    let mut daemon = scene.daemon()?;
    publish(&broker, "bench", records, 1).await?;
    let began = Instant::now();
    let first_load = {
        // the queues are full before the daemon may touch them: what is measured is intake, not the publisher
        scene.resume(&pool).await?;
        wait_for(&pool, records).await?;
        records as f64 / began.elapsed().as_secs_f64()
    };
    println!("intake: {first_load:.0} records/s = {:.2} of the plain limit", first_load / plain);

    let before = written(&pool).await?;
    scene.pause(&pool).await?;
    publish(&broker, "bench", records, 2).await?;
    let began = Instant::now();
    scene.resume(&pool).await?;
    wait_for(&pool, records + INBOXES as u64).await?;
    let unchanged = records as f64 / began.elapsed().as_secs_f64();
    let rows = written(&pool).await? - before - INBOXES as i64;
    println!(
        "unchanged: {unchanged:.0} records/s = {:.2} of the plain limit, {rows} source records written",
        unchanged / plain
    );

    settle(&pool).await?;
    let (median, high) = latency(&pool, &broker).await?;
    println!("latency at {LATENCY_RATE} records/s: 50th {median:.0} ms, 99th {high:.0} ms");
    println!("daemon peak memory: {} MB", peak_mb(&daemon)?);
    daemon.kill()?;
    daemon.wait()?;
    Ok(())
}

/// Private servers, a fresh database, a folder of configuration.
struct Scene {
    folder: tempfile::TempDir,
    database: String,
    amqp: String,
}

impl Scene {
    fn set() -> Anything<Self> {
        let services = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy/services.sh");
        let run = |verb: &str| {
            let mut command = Command::new("bash");
            command.arg(&services).arg(verb).env("SERVICES_INSTANCE", "bench").env("SERVICES_FAST", "0");
            command.stderr(Stdio::inherit()).output()
        };
        // what an earlier run left would be measured too
        run("wipe")?;
        let text = String::from_utf8(run("up")?.stdout)?;
        let value = |name: &str| -> Anything<String> {
            let line = text.lines().find(|line| line.contains(name)).ok_or("services.sh printed no address")?;
            Ok(line.split('\'').nth(1).ok_or("services.sh printed no address")?.to_owned())
        };
        let scene = Self { folder: tempfile::tempdir()?, database: value("DATABASE_URL")?, amqp: value("AMQP_URL")? };
        let folder = scene.folder.path();
        std::fs::create_dir(folder.join("sources.d"))?;
        KeyRing::generate(&folder.join("key"))?;
        let settings = format!(
            "[database]\n[broker]\n[identity]\nkey_file = \"{}\"\n[web]\nlisten = \"127.0.0.1:0\"\n",
            folder.join("key").display()
        );
        std::fs::write(folder.join("petitiond.toml"), settings)?;
        for inbox in (0..INBOXES).map(|inbox| format!("bench-{inbox}")).chain(["bench-latency".to_owned()]) {
            let source = format!(
                "id = \"{inbox}\"\nname = \"Bench\"\ntier = \"local\"\nagency = \"H26\"\nenabled = true\n[inbox]\n[format.record]\n"
            );
            std::fs::write(folder.join("sources.d").join(format!("{inbox}.toml")), source)?;
        }
        scene.petitiond("migrate").status()?;
        Ok(scene)
    }

    fn petitiond(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_petitiond"));
        command.arg("--config").arg(self.folder.path()).arg(verb);
        command.env("PETITIOND__DATABASE__URL", &self.database).env("PETITIOND__BROKER__URL", &self.amqp);
        command
    }

    fn daemon(&self) -> Anything<Child> {
        // as in deploy/petitiond.service
        Ok(self.petitiond("run").env("MIMALLOC_PURGE_DELAY", "0").stderr(Stdio::inherit()).spawn()?)
    }

    fn pool(&self) -> Anything<PgPool> {
        let config = DatabaseConfig { url: Secret::from(self.database.as_str()), max_connections: 4 };
        Ok(store::connect(&config, "bench")?)
    }

    async fn broker(&self) -> Anything<Broker> {
        let broker = Broker::connect(BrokerConfig::new(Secret::from(self.amqp.as_str())), "bench")?;
        broker.ready(Duration::from_secs(20)).await?;
        let sources: Vec<SourceId> = (0..INBOXES)
            .map(|inbox| format!("bench-{inbox}"))
            .chain(["bench-latency".to_owned()])
            .map(|id| SourceId::parse(&id))
            .collect::<Result<_, _>>()?;
        broker.declare(&sources).await?;
        Ok(broker)
    }

    /// Pauses the sources and waits until the daemon has let go of their queues.
    async fn pause(&self, pool: &PgPool) -> Anything {
        sqlx::query("UPDATE petitiond.source SET paused = true").execute(pool).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(())
    }

    /// Lets the daemon at the queues, once it has registered its sources.
    async fn resume(&self, pool: &PgPool) -> Anything {
        loop {
            let done = sqlx::query("UPDATE petitiond.source SET paused = false").execute(pool).await?;
            if done.rows_affected() as usize > INBOXES {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The text of record `i`; the last of each inbox in a repeat is a new one, so that the end can be seen.
async fn publish(broker: &Broker, prefix: &str, records: u64, pass: u64) -> Anything {
    let publisher = broker.publisher();
    for inbox in 0..INBOXES as u64 {
        let source = SourceId::parse(&format!("{prefix}-{inbox}"))?;
        let mine: Vec<u64> = (0..records).filter(|i| i % INBOXES as u64 == inbox).collect();
        for chunk in mine.chunks(20_000) {
            let mut texts: Vec<String> = chunk.iter().map(|i| interchange_record(1, *i)).collect();
            if pass > 1 && chunk.last() == mine.last() {
                texts.push(interchange_record(1, 1_000_000_000 + pass * 100 + inbox));
            }
            let bodies = pack(texts.iter().map(String::as_str), 128 << 10, 16 << 20)?;
            let sends = bodies.into_iter().enumerate().map(|(number, body)| {
                let mut message = Message::new(format!("{pass}-{inbox}-{number}"), body);
                message.content_type = Some("application/json".to_owned());
                publisher.publish(broker.topology().to_inbox(&source), message)
            });
            for sent in join_all(sends).await {
                sent?;
            }
        }
    }
    Ok(())
}

async fn written(pool: &PgPool) -> Anything<i64> {
    let sources = "SELECT coalesce(sum(records_stored), 0)::bigint FROM petitiond.source";
    Ok(sqlx::query_scalar(sources).fetch_one(pool).await?)
}

/// Waits until that many records are visible: first by the cheap tally, then by the view.
async fn wait_for(pool: &PgPool, records: u64) -> Anything {
    while (written(pool).await? as u64) < records {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let visible: i64 = sqlx::query_scalar("SELECT count(*) FROM national_v1.source_record").fetch_one(pool).await?;
    if (visible as u64) < records { Err(format!("{visible} of {records} records are visible").into()) } else { Ok(()) }
}

/// Lets the database finish what 400,000 records left it to do: vacuum and checkpoint take a core and the disk, and a
/// day at 300 records a second does not begin with such a load.
async fn settle(pool: &PgPool) -> Anything {
    for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        sqlx::query(statement).execute(pool).await?;
    }
    Ok(())
}

/// Publishes at a steady rate and watches for each record; milliseconds, 50th and 99th percentile.
async fn latency(pool: &PgPool, broker: &Broker) -> Anything<(f64, f64)> {
    let source = SourceId::parse("bench-latency")?;
    let publisher = broker.publisher();
    let total = LATENCY_RATE * LATENCY_SECONDS;
    let began = Instant::now();
    let due = |i: u64| Duration::from_micros(i * 1_000_000 / LATENCY_RATE);
    // none waits for the confirm of the one before: that would measure the publisher
    let mut sending = tokio::task::JoinSet::new();
    let publishing = async {
        for i in 0..total {
            tokio::time::sleep_until((began + due(i)).into()).await;
            let record = interchange_record(7, 2_000_000_000 + i);
            let message = Message::new(format!("latency-{i}"), format!("[{record}]").into_bytes());
            let (publisher, route) = (publisher.clone(), broker.topology().to_inbox(&source));
            sending.spawn(async move { publisher.publish(route, message).await });
        }
        while let Some(sent) = sending.join_next().await {
            sent??;
        }
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    let watching = async {
        let mut seen = vec![None; total as usize];
        let mut missing = total;
        while missing > 0 && began.elapsed() < Duration::from_secs(LATENCY_SECONDS + 30) {
            let sent = (began.elapsed().as_micros() as u64 * LATENCY_RATE / 1_000_000).min(total - 1);
            let pending: Vec<String> = (0..=sent)
                .filter(|i| seen[*i as usize].is_none())
                .map(|i| format!("R-{:09}", 2_000_000_000 + i))
                .collect();
            let found: Vec<String> = sqlx::query_scalar(
                "SELECT record_id FROM national_v1.source_record WHERE source_id = 'bench-latency' AND record_id = ANY ($1)",
            )
            .bind(&pending)
            .fetch_all(pool)
            .await?;
            let now = began.elapsed();
            for id in found {
                let i: u64 = id.trim_start_matches("R-").parse::<u64>()? - 2_000_000_000;
                seen[i as usize] = Some(now.saturating_sub(due(i)).as_secs_f64() * 1000.0);
                missing -= 1;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        Ok::<_, Box<dyn std::error::Error>>(seen)
    };
    let (published, seen) = tokio::join!(publishing, watching);
    published?;
    let mut latencies: Vec<f64> = seen?.into_iter().flatten().collect();
    if (latencies.len() as u64) < total {
        return Err(format!("only {} of {total} records came", latencies.len()).into());
    }
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    Ok((at(0.5), at(0.99)))
}

/// What one connection can do with the same rows and nothing else.
async fn plain_limit(pool: &PgPool, records: u64) -> Anything<f64> {
    let mut conn = pool.acquire().await?;
    sqlx::raw_sql(
        "DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench;
         CREATE TABLE bench.plain (source_id text, record_id text, version text, kind text, type text, agency text,
             received_on date, channel text, category text, summary text, stage text, raw jsonb, PRIMARY KEY (source_id, record_id));
         CREATE INDEX ON bench.plain (agency, received_on); CREATE INDEX ON bench.plain (type); CREATE INDEX ON bench.plain (category);",
    )
    .execute(&mut *conn)
    .await?;
    let mut spent = Duration::ZERO;
    for from in (0..records).step_by(1000) {
        let texts: Vec<String> = (from..(from + 1000).min(records)).map(|i| interchange_record(1, i)).collect();
        // making the records is not part of it, reading them is
        let began = Instant::now();
        let values: Vec<serde_json::Value> =
            texts.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
        let column = |name: &str| values.iter().map(|v| v[name].as_str().map(str::to_owned)).collect::<Vec<_>>();
        sqlx::query(
            "INSERT INTO bench.plain SELECT 'bench', r.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                 $6::date[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[]) AS r
             ON CONFLICT (source_id, record_id) DO UPDATE SET raw = excluded.raw, version = excluded.version",
        )
        .bind(column("record_id"))
        .bind(column("version"))
        .bind(column("kind"))
        .bind(column("type"))
        .bind(column("agency"))
        .bind(values.iter().map(|v| v["received_on"].as_str().and_then(|d| d.parse::<chrono::NaiveDate>().ok())).collect::<Vec<_>>())
        .bind(column("channel"))
        .bind(column("category"))
        .bind(column("summary"))
        .bind(column("stage"))
        .bind(&values)
        .execute(&mut *conn)
        .await?;
        spent += began.elapsed();
    }
    sqlx::raw_sql("DROP SCHEMA bench CASCADE").execute(&mut *conn).await?;
    Ok(records as f64 / spent.as_secs_f64())
}

fn mean_bytes(sample: u64) -> u64 {
    (0..sample).map(|i| interchange_record(1, i).len() as u64).sum::<u64>() / sample.max(1)
}

fn peak_mb(daemon: &Child) -> Anything<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id()))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    let kb: u64 = line.split_whitespace().nth(1).ok_or("no VmHWM")?.parse()?;
    Ok(kb / 1024)
}
