//! `petitiond quarantine …`: what could not be taken in.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::context::{Context, block_on, broker, database};
use super::output::say;
use super::table::{self, time};
use super::{Outcome, source};
use crate::broker::{Broker, Message, Packing};
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::SourceId;
use crate::pipeline::quality;
use crate::seal::{KeyRing, Purpose};
use crate::store::quarantine::{self, Entry, Payload};
use crate::store::{self, PgConnection};

/// What could not be taken in, and what to do about it.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what is held, newest first.
    List {
        /// Of one source.
        #[arg(long)]
        source: Option<String>,
        /// What was retried or discarded too.
        #[arg(long)]
        all: bool,
        #[arg(long, default_value_t = 100)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one entry: its reason, and the shape of its payload with every value hidden.
    Show {
        id: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put entries back into the inbox of their source, after what was wrong has been mended.
    Retry {
        /// What to retry; `petitiond quarantine list` shows them.
        #[arg(required_unless_present = "all")]
        ids: Vec<i64>,
        /// All held entries.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// Of one source, with --all.
        #[arg(long, requires = "all")]
        source: Option<String>,
    },
    /// Give entries up; they stay, marked, with the reason.
    Discard {
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Why; kept with them.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
}

/// What may stand as a reason.
fn reason(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("say why they are given up") } else { Ok(text.to_owned()) }
}

/// Runs one action.
pub fn run(options: Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        Ok(act(options.action, &settings, &mut conn).await?)
    })
}

async fn act(action: Action, settings: &Settings, conn: &mut PgConnection) -> anyhow::Result<()> {
    match action {
        Action::List { source, all, limit, json } => {
            known_source(conn, source.as_deref()).await?;
            let entries = quarantine::list(conn, source.as_deref(), all, limit).await?;
            if json { table::json(&entries) } else { list(&entries) }
        }
        Action::Show { id, json } => show(settings, conn, id, json).await,
        Action::Retry { ids, all: false, .. } => retry(settings, conn, ids).await,
        Action::Retry { source, .. } => {
            known_source(conn, source.as_deref()).await?;
            let held = quarantine::held_ids(conn, source.as_deref()).await?;
            if held.is_empty() {
                return say!("nothing is held{}", source.map_or_else(String::new, |source| format!(" of {source}")));
            }
            retry(settings, conn, held).await
        }
        Action::Discard { ids, reason } => discard(conn, ids, &reason).await,
    }
}

fn list(entries: &[Entry]) -> anyhow::Result<()> {
    let heading = ["id", "source", "record", "received", "state", "reason", "detail"];
    let rows = entries.iter().map(|e| {
        let record = e.record_id.clone().unwrap_or_else(|| "–".to_owned());
        let (id, received) = (e.quarantine_id.to_string(), time(Some(e.received_at)));
        vec![id, e.source_id.clone(), record, received, e.state.clone(), e.reason.clone(), e.detail.clone()]
    });
    table::table(&heading, rows)
}

async fn show(settings: &Settings, conn: &mut PgConnection, id: i64, json: bool) -> anyhow::Result<()> {
    let entry = known(conn, &[id]).await?.into_iter().next().context("no such entry")?;
    if json {
        return table::json(&entry);
    }
    say!("{:>10}  {}", "id", entry.quarantine_id)?;
    say!("{:>10}  {}", "source", entry.source_id)?;
    say!("{:>10}  {}", "record", entry.record_id.as_deref().unwrap_or("–"))?;
    say!("{:>10}  {}", "received", time(Some(entry.received_at)))?;
    say!("{:>10}  {}", "state", entry.state)?;
    say!("{:>10}  {}: {}", "reason", entry.reason, entry.detail)?;
    let ring = KeyRing::load(&settings.identity.key_file)?;
    let payload = quarantine::payloads(conn, &[id]).await?.into_iter().next().context("no such entry")?;
    let plain = ring.open(Purpose::Quarantine, &payload.source_id, &payload.payload)?;
    say!("{:>10}  {} bytes, {}", "payload", plain.len(), payload.packing)?;
    match serde_json::from_slice::<Value>(&plain) {
        Ok(value) => say!("{}", serde_json::to_string_pretty(&shape(&value))?)?,
        Err(error) => say!("{:>10}  no JSON at line {}, column {}", "", error.line(), error.column())?,
    }
    Ok(())
}

/// The same structure with every value replaced by what kind of value it is: enough to see what is wrong, and nothing
/// of a person.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => Value::from("true or false"),
        Value::Number(_) => Value::from("number"),
        Value::String(text) => Value::from(format!("text of {} characters", text.chars().count())),
        Value::Array(items) => Value::Array(items.iter().map(shape).collect()),
        Value::Object(fields) => {
            // a source may name a field as it likes, even after a person
            Value::Object(fields.iter().map(|(name, value)| (quality::masked_path(name), shape(value))).collect())
        }
    }
}

/// Nothing is held of a source that nobody knows, and whoever mistyped it would take that for good news.
async fn known_source(conn: &mut PgConnection, id: Option<&str>) -> anyhow::Result<()> {
    let Some(id) = id else { return Ok(()) };
    source::find(conn, id).await.map(drop)
}

async fn known(conn: &mut PgConnection, ids: &[i64]) -> anyhow::Result<Vec<Entry>> {
    let entries = quarantine::get(conn, ids).await?;
    if let Some(missing) = ids.iter().find(|id| !entries.iter().any(|entry| entry.quarantine_id == **id)) {
        bail!("there is no quarantine entry {missing}; `petitiond quarantine list --all` shows them");
    }
    Ok(entries)
}

/// The entries that may be decided on. Where one of them may not, nothing is done to any, so that whoever typed a wrong
/// number sees it first.
async fn open(conn: &mut PgConnection, mut ids: Vec<i64>, states: &[&str]) -> anyhow::Result<Vec<i64>> {
    ids.sort_unstable();
    ids.dedup();
    let entries = known(conn, &ids).await?;
    let refused: Vec<String> =
        entries.iter().filter(|entry| !states.contains(&entry.state.as_str())).map(decided).collect();
    if !refused.is_empty() {
        bail!("{}; nothing was done", refused.join("; "));
    }
    Ok(ids)
}

/// What became of an entry that is not held any more.
fn decided(entry: &Entry) -> String {
    let what = match entry.state.as_str() {
        "discarded" => "was discarded already",
        "retried" => "is not held: it was put back into its inbox",
        other => other,
    };
    let by = entry.decided_by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    let reason = entry.decision_reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    format!("entry {} {what} on {}{by}{reason}", entry.quarantine_id, time(entry.decided_at))
}

async fn discard(conn: &mut PgConnection, ids: Vec<i64>, reason: &str) -> anyhow::Result<()> {
    let ids = open(conn, ids, &["held"]).await?;
    let done = quarantine::decide(conn, &ids, "discarded", &who(), Some(reason), Clock::System.now()).await?;
    say!("{} discarded", counted(done))
}

/// `1 entry`, `3 entries`.
fn counted(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// Publishes first and marks then: whatever fails in between, nothing is lost, and a repeat is free. What was discarded
/// by mistake can be retried; what was put back already would be there twice.
async fn retry(settings: &Settings, conn: &mut PgConnection, ids: Vec<i64>) -> anyhow::Result<()> {
    let ids = open(conn, ids, &["held", "discarded"]).await?;
    let ring = KeyRing::load(&settings.identity.key_file)?;
    let broker = broker(settings).await?;
    let mut done: BTreeMap<String, u64> = BTreeMap::new();
    for id in ids {
        let payload = quarantine::payloads(conn, &[id]).await?.into_iter().next().context("the entry went away")?;
        publish(&ring, &broker, &payload).await?;
        quarantine::decide(conn, &[id], "retried", &who(), None, Clock::System.now()).await?;
        *done.entry(payload.source_id).or_default() += 1;
    }
    for (source, count) in done {
        say!("{} put back into the inbox of {source}", counted(count))?;
    }
    Ok(())
}

async fn publish(ring: &KeyRing, broker: &Broker, payload: &Payload) -> anyhow::Result<()> {
    let source = SourceId::parse(&payload.source_id).map_err(|reason| anyhow!(reason))?;
    let plain = ring.open(Purpose::Quarantine, &payload.source_id, &payload.payload)?;
    let now = Clock::System.now().timestamp_micros();
    let id = format!("quarantine {}", payload.quarantine_id);
    let message = match payload.packing.as_str() {
        "message" => Message {
            content_type: payload.content_type.clone(),
            content_encoding: payload.content_encoding.clone(),
            ..Message::new(payload.message_id.clone(), plain)
        },
        packing => {
            let packing = if packing == "interchange" { Packing::Interchange } else { Packing::Records };
            Message::packed(id, packing, now, [b"[", plain.as_slice(), b"]"].concat())
        }
    };
    broker.publisher().publish(broker.topology().to_inbox(&source), message).await?;
    Ok(())
}

/// Who decides: the account of the operating system.
fn who() -> String {
    std::fs::read_to_string("/proc/self/loginuid")
        .ok()
        .filter(|uid| uid.trim() != "4294967295")
        .map_or_else(|| "operator".to_owned(), |uid| format!("uid {}", uid.trim()))
}
