//! `petitiond status`: each source's health.

use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::context::{Context, block_on, database};
use super::output::say;
use super::table::{self, time};
use crate::store::broker_state::{self, BrokerState};
use crate::store::{self, source, summary};

/// Show each source's health, backlog and figures, and the totals of the database.
#[derive(Debug, Args)]
pub struct Options {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    sources: Vec<source::Status>,
    totals: summary::Totals,
    broker: Option<BrokerState>,
    /// Whether a daemon is connected to the database now.
    daemon_is_there: bool,
}

/// Prints the status.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        let report = Report {
            sources: source::status(&mut conn, None).await?,
            totals: summary::totals(&mut conn).await?,
            broker: broker_state::find(&mut conn).await?,
            daemon_is_there: summary::daemon_is_there(&mut conn).await?,
        };
        if options.json {
            return Ok(table::json(&report)?);
        }
        print_sources(&report.sources)?;
        print_daemon(&report)?;
        Ok(print_totals(&report.totals)?)
    })
}

/// The table of sources, with what is wrong under it.
fn print_sources(sources: &[source::Status]) -> anyhow::Result<()> {
    let heading = [
        "source",
        "state",
        "last record",
        "last success",
        "waiting",
        "received",
        "stored",
        "unchanged",
        "stale",
        "quarantined",
    ];
    let rows = sources.iter().map(|s| {
        vec![
            s.source_id.clone(),
            state(s).to_owned(),
            time(s.last_record_at),
            time(s.last_success_at),
            waiting(s),
            s.records_received.to_string(),
            s.records_stored.to_string(),
            s.records_unchanged.to_string(),
            s.records_stale.to_string(),
            s.records_quarantined.to_string(),
        ]
    });
    table::table(&heading, rows)?;
    stranded(sources)?;
    for s in sources.iter().filter(|s| state(s) == "silent") {
        let since = time(s.silent_since);
        say!(
            "{}: silent: no error, but nothing new since {since}, far longer than usual; ask its agency",
            s.source_id
        )?;
    }
    for s in sources {
        for (what, text) in [("last error", &s.last_error), ("its file does not check", &s.config_error)] {
            if let Some(text) = text {
                say!("{}: {what}: {text}", s.source_id)?;
            }
        }
    }
    Ok(())
}

/// Whether anybody keeps the figures up to date, and the broker as it was seen last.
fn print_daemon(report: &Report) -> anyhow::Result<()> {
    if !report.daemon_is_there {
        let seen = report.broker.as_ref().map(|broker| broker.seen_at);
        let wrote = seen.map_or_else(
            || "none has run yet".to_owned(),
            |at| format!("the last one wrote this status at {}", time(Some(at))),
        );
        say!("no daemon is at work: none is connected to this database; {wrote}")?;
    }
    if let Some(broker) = &report.broker {
        say!("broker {} at {}", broker.state, time(Some(broker.seen_at)))?;
        if let Some(dead) = broker.dead_messages.filter(|dead| *dead > 0) {
            say!(
                "{dead} messages are in the dead queue: they ended their handler again and again. Look at the log, mend the cause, then move them back into their inbox (shovel or management page)"
            )?;
        }
    }
    Ok(())
}

fn print_totals(t: &summary::Totals) -> anyhow::Result<()> {
    say!(
        "{} source records · {} petitions (đơn), {} sealed · {} receptions (lượt tiếp) · {} cases (vụ việc) · {} in quarantine · feed at {}",
        t.source_records,
        t.petitions,
        t.sealed_petitions,
        t.receptions,
        t.cases,
        t.quarantined,
        t.last_seq
    )
}

/// How many messages wait in its inbox.
pub fn waiting(status: &source::Status) -> String {
    status.backlog.map_or_else(|| "–".to_owned(), |backlog| backlog.to_string())
}

/// Messages that nobody takes in, because their source was removed, disabled or paused.
///
/// # Errors
/// Standard output cannot be written.
pub fn stranded(sources: &[source::Status]) -> anyhow::Result<()> {
    for s in sources.iter().filter(|s| !s.enabled || s.paused) {
        let Some(backlog) = s.backlog.filter(|backlog| *backlog > 0) else { continue };
        let (id, next) = (&s.source_id, format!("`petitiond source resume {}`", s.source_id));
        let why = if s.enabled { "is paused" } else { "is disabled, or its file was removed" };
        let next = if s.enabled { next } else { "bring its file back".to_owned() };
        say!("{id}: {backlog} messages wait in its inbox and are not taken in: it {why}; {next} to go on with them")?;
    }
    Ok(())
}

/// One word for how a source is.
pub fn state(status: &source::Status) -> &'static str {
    if !status.enabled {
        "disabled"
    } else if status.paused {
        "paused"
    } else if status.consecutive_failures > 0 {
        "failing"
    } else if status.silent_since.is_some() {
        "silent"
    } else {
        "ok"
    }
}
