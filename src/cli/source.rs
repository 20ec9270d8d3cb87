//! `petitiond source …`: look at sources and steer them.

use anyhow::{anyhow, bail};
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};

use super::context::{Context, block_on, database};
use super::output::say;
use super::table::{self, time};
use super::{Outcome, history, new, preview, quality, reconcile, status};
use crate::clock::Clock;
use crate::config;
use crate::linkage::survivorship::day_start;
use crate::sources::KindConfig;
use crate::sources::cursor::Cursor;
use crate::store::{self, PgConnection, source, taken_file};

/// Look at sources and steer them.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    New(new::Options),
    /// List all sources.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one source in full.
    Show {
        id: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Stop pulling it and taking in its messages; they wait with the broker.
    Pause {
        id: String,
    },
    /// Go on with it.
    Resume {
        id: String,
    },
    /// Pull it now, whatever its schedule says.
    Pull {
        id: String,
    },
    /// Read it again from a moment on; records that did not change stay as they are.
    Reset {
        id: String,
        /// RFC 3339 time, or a date in Vietnam.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        since: DateTime<Utc>,
    },
    /// Fetch a few real records and show each before and after mapping and normalization; writes nothing.
    Preview(preview::Options),
    Quality(quality::Options),
    History(history::Options),
    Rewind(history::RewindOptions),
    ConfirmMissing(history::ConfirmOptions),
    Reconcile(reconcile::Options),
}

/// A moment as an administrator types it.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map(day_start)
        .map_err(|_| "give a time like 2026-03-05T08:00:00+07:00 or a date like 2026-03-05".to_owned())
}

/// Runs one action.
pub fn run(options: Options, context: &Context) -> Outcome {
    match options.action {
        Action::List { json } => on_database(context, async |conn| {
            let sources = source::status(conn, None).await?;
            Ok(if json { table::json(&sources) } else { list(&sources) }?)
        }),
        Action::Show { id, json } => on_database(context, async |conn| {
            let one = find(conn, &id).await?;
            if json {
                return Ok(table::json(&one)?);
            }
            show(&one, next_pull(context, &one))?;
            if let Some(newest) = store::reconciliation::newest(conn, &id).await? {
                say!("{}", reconcile::line(&id, newest.at, &newest.figures))?;
            }
            Ok(())
        }),
        Action::Pause { id } => on_database(context, async |conn| Ok(set_paused(conn, &id, true).await?)),
        Action::Resume { id } => on_database(context, async |conn| Ok(set_paused(conn, &id, false).await?)),
        Action::Pull { id } => on_database(context, async |conn| Ok(pull(conn, &id).await?)),
        Action::Reset { id, since } => on_database(context, async |conn| reset(context, conn, &id, since).await),
        Action::New(options) => new::run(&options, context),
        Action::Preview(options) => preview::run(&options, context),
        Action::Quality(options) => quality::run(&options, context),
        Action::History(options) => history::run(&options, context),
        Action::Rewind(options) => history::rewind(&options, context),
        Action::ConfirmMissing(options) => history::confirm_missing(&options, context),
        Action::Reconcile(options) => reconcile::run(&options, context),
    }
}

/// Does something with one connection to the database.
fn on_database(context: &Context, work: impl AsyncFnOnce(&mut PgConnection) -> Outcome) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        work(&mut conn).await
    })
}

async fn pull(conn: &mut PgConnection, id: &str) -> anyhow::Result<()> {
    let one = find(conn, id).await?;
    match one.kind.as_str() {
        "inbox" => bail!("{id} is an inbox: it publishes by itself, there is nothing to pull"),
        "amqp" => bail!("{id} is a queue: its messages are taken as they come, there is nothing to pull"),
        _ => {}
    }
    source::request_pull(conn, id, Clock::System.now()).await?;
    say!("{id} will be pulled as soon as the daemon can{}", if one.paused { "; it is paused now" } else { "" })
}

/// Sets the cursor back. Only a source that is asked for what changed since a time has one that means something.
async fn reset(context: &Context, conn: &mut PgConnection, id: &str, since: DateTime<Utc>) -> Outcome {
    find(conn, id).await?;
    let now = Clock::System.now();
    if since > now {
        return Err(anyhow!(
            "{} lies in the future (it is {} now): what changes until then would be missed; give a time in the past",
            time(Some(since)),
            time(Some(now))
        )
        .into());
    }
    let kind = context.source(id)?.kind;
    if let KindConfig::Files(_) = kind {
        // what was taken since then is forgotten; the cursor is only of a file that is open, and may stand
        let files = taken_file::forget(conn, id, since).await?;
        source::request_pull(conn, id, now).await?;
        return Ok(say!(
            "{files} files that {id} took since {} are read again: those left where they were dropped at once, those in done/ and failed/ when they are moved back",
            time(Some(since))
        )?);
    }
    let cursor = kind.cursor_at(since).map_err(|why| {
        let unasked = matches!(kind, KindConfig::Inbox | KindConfig::Amqp(_));
        let next = if unasked { String::new() } else { format!("; `petitiond source pull {id}` reads it now") };
        anyhow!("{id} has no cursor to be reset: {why}{next}")
    })?;
    let cursor = cursor.map(|Cursor(value)| value);
    source::reset_cursor(conn, id, cursor.as_ref()).await?;
    source::request_pull(conn, id, now).await?;
    Ok(say!("{id} will be read again from {}", time(Some(since)))?)
}

/// One source by its id.
///
/// # Errors
/// There is none; the text names the nearest.
pub(super) async fn find(conn: &mut PgConnection, id: &str) -> anyhow::Result<source::Status> {
    let all = source::status(conn, None).await?;
    let nearest = all
        .iter()
        .map(|status| (strsim::jaro_winkler(&status.source_id, id), status.source_id.clone()))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    all.into_iter().find(|status| status.source_id == id).ok_or_else(|| match nearest {
        Some((_, nearest)) => anyhow!("there is no source {id:?}; did you mean {nearest:?}?"),
        None => anyhow!("there is no source {id:?}; `petitiond source list` shows them"),
    })
}

async fn set_paused(conn: &mut PgConnection, id: &str, paused: bool) -> anyhow::Result<()> {
    find(conn, id).await?;
    source::set_paused(conn, id, paused).await?;
    say!("{id} is {}", if paused { "paused; its messages wait with the broker" } else { "at work again" })?;
    Ok(())
}

fn list(sources: &[source::Status]) -> anyhow::Result<()> {
    let heading = ["source", "name", "tier", "agency", "kind", "state", "last record", "waiting", "stored"];
    let rows = sources.iter().map(|s| {
        vec![
            s.source_id.clone(),
            s.name.clone(),
            s.tier.clone(),
            s.agency.clone(),
            s.kind.clone(),
            status::state(s).to_owned(),
            time(s.last_record_at),
            status::waiting(s),
            s.records_stored.to_string(),
        ]
    });
    table::table(&heading, rows)?;
    status::stranded(sources)
}

/// When it is pulled next, as far as its file says.
fn next_pull(context: &Context, s: &source::Status) -> Option<String> {
    if s.paused || !s.enabled {
        return None;
    }
    let (files, _) = config::load_sources(&context.origin);
    let source = files.into_iter().find(|file| file.stem == s.source_id)?.source?;
    let due = source.next_pull(Clock::System.now(), s.last_attempt_at)?;
    Some(match (s.pull_requested_at, s.consecutive_failures) {
        (Some(_), _) => "as soon as the daemon can: it was asked for".to_owned(),
        (None, 0) => time(Some(due)),
        (None, _) => format!("{} by its schedule, or before: the last pull failed", time(Some(due))),
    })
}

fn show(s: &source::Status, next_pull: Option<String>) -> anyhow::Result<()> {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let cursor = s.cursor.as_ref().map(serde_json::to_string).transpose()?;
    let lines = [
        ("source", s.source_id.clone()),
        ("name", s.name.clone()),
        ("tier", s.tier.clone()),
        ("agency", s.agency.clone()),
        ("kind", s.kind.clone()),
        ("state", status::state(s).to_owned()),
        ("last attempt", time(s.last_attempt_at)),
        ("last success", time(s.last_success_at)),
        ("next pull", next_pull.unwrap_or_else(|| "–".to_owned())),
        ("last record", time(s.last_record_at)),
        ("failures in a row", s.consecutive_failures.to_string()),
        ("last error", or_none(&s.last_error)),
        ("file does not check", or_none(&s.config_error)),
        ("cursor", cursor.unwrap_or_else(|| "none".to_owned())),
        ("messages waiting", s.backlog.map_or_else(|| "unknown".to_owned(), |backlog| backlog.to_string())),
        ("received", s.records_received.to_string()),
        ("stored", s.records_stored.to_string()),
        ("unchanged", s.records_unchanged.to_string()),
        ("stale", s.records_stale.to_string()),
        ("quarantined", s.records_quarantined.to_string()),
    ];
    for (name, value) in lines {
        say!("{name:>20}  {value}")?;
    }
    Ok(())
}
