//! `petitiond source history`, `rewind`, `confirm-missing`: how far a source was read, and how it is read again.

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use clap::Args;

use super::Outcome;
use super::context::{Context, block_on, database, desk};
use super::output::say;
use super::source::{self, moment};
use super::table::{self, time};
use crate::clock::Clock;
use crate::pipeline::compare::Compared;
use crate::pipeline::reconcile;
use crate::sources::cursor::Cursor;
use crate::store;

/// List the pulls of a source, the newest first, each with the cursor before and after it.
#[derive(Debug, Args)]
pub struct Options {
    id: String,
    /// How many.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the history.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        source::find(&mut conn, &options.id).await?;
        let pulls = store::pull::history(&mut conn, &options.id, options.limit).await.context("the history")?;
        if options.json {
            return Ok(table::json(&pulls)?);
        }
        let heading = ["began", "ended", "records", "withdrawn", "calls", "bytes", "cursor after it", "error"];
        let rows = pulls.iter().map(|pull| {
            let cursor = pull.cursor_after.as_ref().filter(|after| pull.cursor_before.as_ref() != Some(*after));
            vec![
                time(Some(pull.started_at)),
                time(Some(pull.finished_at)),
                pull.records.to_string(),
                pull.tombstones.to_string(),
                pull.calls.to_string(),
                pull.bytes.to_string(),
                cursor.map_or_else(|| "the same".to_owned(), ToString::to_string),
                pull.error.clone().unwrap_or_default(),
            ]
        });
        Ok(table::table(&heading, rows)?)
    })
}

/// Set a source's cursor back to where it stood at a moment, and read from there again.
///
/// Records that did not change stay as they are. The history keeps what was, and that it was wound back.
#[derive(Debug, Args)]
pub struct RewindOptions {
    id: String,
    /// RFC 3339 time, or a date in Vietnam.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: DateTime<Utc>,
    /// Only say how many records would be read again, and how many of them would change; reads the source.
    #[arg(long)]
    preview: bool,
}

/// Winds back, or says what that would do.
pub fn rewind(options: &RewindOptions, context: &Context) -> Outcome {
    let settings = context.settings()?;
    let now = Clock::System.now();
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        let one = source::find(&mut conn, &options.id).await?;
        let source = context.source(&options.id)?;
        if let Err(why) = source.kind.cursor_at(options.to) {
            return Err(anyhow!("{} has no cursor to be wound back: {why}", options.id).into());
        }
        if options.to > now {
            return Err(anyhow!("{} lies in the future", time(Some(options.to))).into());
        }
        let then = store::pull::last_until(&mut conn, &options.id, options.to).await.context("the history")?;
        let cursor = then.as_ref().and_then(|pull| pull.cursor_after.clone());
        let stood = match &then {
            Some(pull) => format!("as it stood after the pull that ended {}", time(Some(pull.finished_at))),
            None => "to the beginning: it had not been pulled by then".to_owned(),
        };
        if options.preview {
            drop(conn);
            let Some(compared) = reconcile::compare(&desk(&settings).await?, &source, cursor.map(Cursor)).await? else {
                return Err(anyhow!("{} cannot be asked again for what it sent", options.id).into());
            };
            let Compared { read, same, missing, different, newer, in_parts, unreadable, .. } = &compared;
            say!("{} would be wound back {stood}", options.id)?;
            say!("{read} records would be read again")?;
            say!("{newer} of them would change, {} would be new, {same} would stay as they are", missing.len())?;
            let older = (different.len() as u64).saturating_sub(*newer);
            if older > 0 {
                say!("{older} differ and carry no newer version: they would not replace what is stored")?;
            }
            if in_parts + unreadable > 0 {
                say!("{in_parts} come in parts and were not judged, {unreadable} would go to quarantine")?;
            }
            return Ok(say!("nothing was done")?);
        }
        let note = store::pull::Pull {
            source_id: options.id.clone(),
            started_at: now,
            finished_at: now,
            records: 0,
            bytes: 0,
            calls: 0,
            tombstones: 0,
            cursor_before: one.cursor,
            cursor_after: cursor.clone(),
            error: Some(format!("wound back by hand to {}", time(Some(options.to)))),
        };
        // half of it would read nothing again, or leave no note of what was done
        let mut whole = store::begin(&mut conn).await?;
        store::source::reset_cursor(&mut whole, &options.id, cursor.as_ref()).await.context("the cursor")?;
        store::pull::insert(&mut whole, &note).await.context("the history")?;
        store::source::request_pull(&mut whole, &options.id, now).await.context("the pull")?;
        whole.commit().await.map_err(store::Error::from)?;
        Ok(say!("{} is wound back {stood}, and is read again from there", options.id)?)
    })
}

/// Say that the records which are missing from a source's newest snapshot are really gone.
///
/// When more vanish at once than `max_missing` lets pass, nothing is withdrawn and they are held. This releases them: the
/// next pull withdraws those that are still missing, and no others.
#[derive(Debug, Args)]
pub struct ConfirmOptions {
    id: String,
}

/// Confirms what is held.
pub fn confirm_missing(options: &ConfirmOptions, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        source::find(&mut conn, &options.id).await?;
        let now = Clock::System.now();
        let confirmed = store::missing_record::confirm(&mut conn, &options.id, now).await.context("what is held")?;
        if confirmed == 0 {
            return Err(anyhow!("nothing is held for {}: no pull has missed more than max_missing", options.id).into());
        }
        store::source::request_pull(&mut conn, &options.id, now).await.context("the pull")?;
        Ok(say!(
            "{confirmed} records of {} may be withdrawn; the next pull withdraws those that are still missing",
            options.id
        )?)
    })
}
