//! `petitiond demo`: simulated agencies and the daemon.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::context::{Context, leave};
use super::output::{complain, say};
use crate::broker::{self, Broker, BrokerConfig, Message};
use crate::clock::Clock;
use crate::config::{self, Config, Origin};
use crate::daemon;
use crate::demo::agency::{Agencies, Change, Entry, Outgoing, Surroundings};
use crate::demo::generate::{Truth, World};
use crate::demo::progress::Progress;
use crate::demo::report::{self, Report, Row};
use crate::domain::SourceId;
use crate::secret::{ExposeSecret, Secret};
use crate::store::source::{self, Status};
use crate::store::summary::{self, Totals};
use crate::store::throwaway::{self, Throwaway};
use crate::store::{self, DatabaseConfig, PgPool};

/// The database of the demo, made anew each time.
const DATABASE: &str = "petitiond_demo";
/// Without a change for this long, something is wrong.
const PATIENCE: Duration = Duration::from_mins(1);

/// Show it all: ten simulated agencies over real HTTP and AMQP, the broker, the daemon, one national database.
///
/// `deploy/demo.sh` starts the private PostgreSQL and RabbitMQ it needs and then runs this.
#[derive(Debug, Args)]
pub struct Options {
    /// Petitions that people lodge; the agencies hold about twice as many records of them.
    #[arg(long, default_value_t = 2000)]
    petitions: usize,
    /// The same seed makes the same world.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Stay up afterwards, with edits trickling in, until Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Where the demo keeps its configuration and key.
    #[arg(long, value_name = "DIR", default_value = ".local/demo")]
    folder: PathBuf,
}

/// Runs the demo.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let variable = |name: &str| {
        let found = context.origin.environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        found.with_context(|| format!("{name} is not set: run deploy/demo.sh, which starts what the demo needs"))
    };
    let database_url = Secret::from(variable("PETITIOND__DATABASE__URL")?);
    let broker_url = Secret::from(variable("PETITIOND__BROKER__URL")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(show(options, database_url, broker_url));
    leave(runtime);
    Ok(outcome?)
}

async fn show(options: &Options, server_url: Secret, broker_url: Secret) -> anyhow::Result<()> {
    let _folder = own(&options.folder)?;
    let server = DatabaseConfig { url: server_url, max_connections: 2 };
    let made = throwaway::make(&server, DATABASE).await.context("the demo's database cannot be made")?;
    let Some(database) = made else {
        bail!(
            "another demo runs on this PostgreSQL server (its database is {DATABASE}): end it with Ctrl-C where it runs, or give this one servers of its own with `SERVICES_INSTANCE=demo2 deploy/demo.sh --folder .local/demo2`"
        );
    };
    let database_url = database.url.clone();
    complain(format_args!(
        "making a world of {} petitions (seed {}) and ten agencies that hold its records\n",
        options.petitions, options.seed
    ));
    let world = World::generate(options.seed, options.petitions);
    let surroundings = Surroundings { database_url: database_url.clone(), broker_url: broker_url.clone() };
    let agencies = Agencies::start(world, &surroundings, &options.folder).await?;
    let pool = store::connect(&DatabaseConfig { url: database_url.clone(), max_connections: 2 }, "petitiond demo")?;
    store::migrate(&pool).await?;
    let origin = Origin { dir: agencies.config_dir().to_owned(), environment: Vec::new(), credentials: None };
    let config = config::load(&origin)
        .map_err(|problems| anyhow::anyhow!("the demo's own configuration is wrong:\n{problems}"))?;
    let stage = Stage { agencies, pool, database, broker: connect(&config, broker_url).await? };
    stage.run(options, origin, config).await
}

/// The folder, for this demo alone: a second one would lead the daemon of the first to other agencies.
fn own(folder: &Path) -> anyhow::Result<File> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join("lock");
    let lock = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!(
            "another demo runs in {}: end it with Ctrl-C where it runs, or give this one another folder with --folder",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
    }
}

async fn connect(config: &Config, url: Secret) -> anyhow::Result<Broker> {
    let broker = Broker::connect(BrokerConfig { url, ..config.settings.broker.clone() }, "demo agencies")?;
    broker.ready(Duration::from_secs(30)).await?;
    let sources: Vec<SourceId> = config.sources.iter().map(|source| source.id.clone()).collect();
    broker.declare(&sources).await?;
    Ok(broker)
}

/// Everything that the demo brought up.
struct Stage {
    agencies: Agencies,
    pool: PgPool,
    database: Throwaway,
    broker: Broker,
}

impl Stage {
    async fn run(mut self, options: &Options, origin: Origin, config: Config) -> anyhow::Result<()> {
        let end = CancellationToken::new();
        let guard = end.clone().drop_guard();
        let mut daemon = tokio::spawn(daemon::run(origin, config.settings, end.clone()));
        let began = Instant::now();
        let arrived = tokio::select! {
            arrived = async { tokio::try_join!(self.publish(), self.watch()) } => arrived.map(|((), totals)| totals),
            ended = &mut daemon => {
                ended.context("the daemon ended abnormally")?.context("the daemon could not go on")?;
                bail!("the daemon was stopped before everything had arrived");
            }
            stopped = tokio::signal::ctrl_c() => stopped.context("no signals").and_then(|()| bail!("stopped by Ctrl-C")),
        };
        let shown = self.show(options.keep, &arrived?, began.elapsed()).await;
        drop(guard);
        daemon.await.context("the daemon ended abnormally")??;
        shown
    }

    /// The report, and then the edits of every day if they are wanted.
    async fn show(&mut self, keep: bool, totals: &Totals, took: Duration) -> anyhow::Result<()> {
        say!("{}", self.report(totals, took).await?.render(None))?;
        if keep {
            say!("\nThe daemon stays up and edits keep trickling in; Ctrl-C ends it.")?;
            self.trickle().await?;
        }
        Ok(())
    }

    /// The agencies that publish send everything they have.
    async fn publish(&self) -> anyhow::Result<()> {
        self.agencies.publish_all(|outgoing| send(&self.broker, outgoing)).await?;
        Ok(())
    }

    /// Shows progress until everything that the agencies hold has arrived.
    async fn watch(&self) -> anyhow::Result<Totals> {
        let roster = self.agencies.roster();
        let mut progress =
            Progress::new(roster.iter().map(|entry| (entry.source_id, entry.storable + entry.unstorable)));
        let truth = self.agencies.truth();
        let mut moved = (Instant::now(), 0);
        let totals = loop {
            let mut conn = self.pool.acquire().await.map_err(store::Error::from)?;
            for (source_id, settled) in summary::settled(&mut conn).await? {
                progress.update(&source_id, settled.unsigned_abs());
            }
            let totals = summary::totals(&mut conn).await?;
            drop(conn);
            if is_complete(&totals, &truth) {
                break totals;
            }
            let seen = totals.last_seq + totals.quarantined;
            if seen != moved.1 {
                moved = (Instant::now(), seen);
            }
            if moved.0.elapsed() > PATIENCE {
                let differences = differences(&totals, &truth);
                bail!("nothing has arrived for {} s, and not everything is there: {differences}", PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        progress.finish();
        Ok(totals)
    }

    async fn report(&self, totals: &Totals, took: Duration) -> anyhow::Result<Report> {
        let mut conn = self.pool.acquire().await.map_err(store::Error::from)?;
        let statuses = source::status(&mut conn, None).await?;
        let row = |entry: Entry| {
            let status = statuses.iter().find(|status| status.source_id == entry.source_id);
            let figure = |of: fn(&Status) -> i64| status.map_or(0, |status| of(status).unsigned_abs());
            Row {
                source_id: entry.source_id.to_owned(),
                name: entry.name.to_owned(),
                tier: entry.tier,
                transport: entry.transport,
                received: figure(|s| s.records_received),
                stored: figure(|s| s.records_stored),
                unchanged: figure(|s| s.records_unchanged),
                stale: figure(|s| s.records_stale),
                quarantined: figure(|s| s.records_quarantined),
            }
        };
        let count = i64::unsigned_abs;
        Ok(Report {
            rows: self.agencies.roster().into_iter().map(row).collect(),
            totals: report::Totals {
                source_records: count(totals.source_records),
                petitions: count(totals.petitions),
                sealed: count(totals.sealed_petitions),
                receptions: count(totals.receptions),
                cases: count(totals.cases),
                filings: count(totals.filings),
                transfers: count(totals.transfers),
                loops: count(totals.transfer_loops),
            },
            truth: Some(self.agencies.truth()),
            took,
            database: self.database.url.expose_secret().to_owned(),
        })
    }

    /// Edits, new petitions, transfers and withdrawals, one a second, until Ctrl-C.
    async fn trickle(&mut self) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                stopped = tokio::signal::ctrl_c() => return stopped.context("no signals"),
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            let broker = self.broker.clone();
            let (change, sources) =
                self.agencies.trickle(Clock::System.now(), |outgoing| send(&broker, outgoing)).await?;
            say!("{}", told(change, &sources))?;
        }
    }
}

fn told(change: Change, sources: &[&str]) -> String {
    let what = match change {
        Change::Step => "a petition went a step on",
        Change::Lodged => "a new petition was lodged",
        Change::Forwarded => "a petition was forwarded (chuyển đơn)",
        Change::Withdrawn => "a record was withdrawn",
    };
    format!("{what}: {}", sources.join(", "))
}

/// What was taken in, under its name, and what it is when everything that the agencies hold is there. What linkage
/// makes of it is a judgement where no agency refers to another: how far it is right the closing table shows.
fn figures(totals: &Totals, truth: &Truth) -> [(&'static str, u64, u64); 5] {
    [
        ("source records", totals.source_records, truth.source_records),
        ("withdrawn records", totals.deleted, truth.tombstones),
        ("in quarantine", totals.quarantined, truth.quarantined),
        ("receptions", totals.receptions, truth.receptions),
        ("filings", totals.filings, truth.filings),
    ]
    .map(|(name, found, meant)| (name, found.unsigned_abs(), meant))
}

/// Whether everything that the agencies hold is in the database.
fn is_complete(totals: &Totals, truth: &Truth) -> bool {
    figures(totals, truth).iter().all(|(_, found, meant)| found == meant)
}

/// What is not as it should be, for people.
fn differences(totals: &Totals, truth: &Truth) -> String {
    let differing = figures(totals, truth).into_iter().filter(|(_, found, meant)| found != meant);
    let said: Vec<String> = differing.map(|(name, found, meant)| format!("{found} of {meant} {name}")).collect();
    said.join(", ")
}

/// Publishes for an agency, as its own system would.
async fn send(broker: &Broker, outgoing: Outgoing) -> Result<(), broker::Error> {
    let route = broker.topology().to_inbox(&outgoing.source);
    let message = Message {
        timestamp: u64::try_from(outgoing.timestamp.timestamp()).ok(),
        content_type: Some(outgoing.content_type.to_owned()),
        content_encoding: outgoing.content_encoding.map(str::to_owned),
        ..Message::new(outgoing.message_id, outgoing.body)
    };
    broker.publisher().publish(route, message).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_and_in_words() {
        let totals = Totals { filings: 3, receptions: 2, petitions: 2, ..Totals::default() };
        let truth = Truth { filings: 5, receptions: 2, quarantined: 1, petitions: 3, ..Truth::default() };
        assert_eq!(differences(&totals, &truth), "0 of 1 in quarantine, 3 of 5 filings");
        assert!(!is_complete(&totals, &truth));
        assert!(is_complete(&Totals::default(), &Truth::default()));
    }
}
