//! `petitiond source reconcile ID`: what the source holds against what the database holds.

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use clap::Args;

use super::context::{Context, block_on, desk};
use super::output::say;
use super::{Outcome, source, table};
use crate::clock::{Clock, HANOI};
use crate::pipeline::reconcile::{Reconciled, reconcile};
use crate::store::{self, reconciliation::Figures};

/// Read all that a source holds and compare it with the database: counts, missing, extra and different records.
///
/// Changes nothing on either side. Records that wait in the inbox show as missing.
#[derive(Debug, Args)]
pub struct Options {
    id: String,
    /// Ids that are shown of each list.
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Print JSON, with all ids.
    #[arg(long)]
    json: bool,
}

/// Prints the comparison.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let desk = desk(&settings).await?;
        let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
        source::find(&mut conn, &options.id).await?;
        drop(conn);
        let source = context.source(&options.id)?;
        if let Err(why) = source.kind.reads_all() {
            return Err(anyhow!("{} cannot be reconciled: {why}", options.id).into());
        }
        let Some(report) = reconcile(&desk, &source).await? else {
            return Err(anyhow!("{} cannot be reconciled: nothing is asked of it", options.id).into());
        };
        let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
        let kept = store::reconciliation::insert(&mut conn, &options.id, desk.clock.now(), &report.figures()).await;
        kept.context("the result, for `source show`")?;
        Ok(if options.json { table::json(&report) } else { print(&report, options.limit) }?)
    })
}

fn print(report: &Reconciled, limit: usize) -> anyhow::Result<()> {
    let Reconciled { compared, extra, .. } = report;
    say!("the source holds    {:>9} records, keys {}", compared.read, report.source_keys)?;
    say!("the database holds  {:>9} records, keys {}", report.database_records, report.database_keys)?;
    say!("the same            {:>9}", compared.same)?;
    let lists = [
        ("missing here", compared.missing.iter().collect::<Vec<_>>()),
        ("extra here", extra.iter().collect()),
        ("different", compared.different.iter().collect()),
    ];
    for (name, ids) in lists {
        say!("{name:<20}{:>9}", ids.len())?;
        for id in ids.iter().take(limit) {
            say!("    {id}")?;
        }
        if ids.len() > limit {
            say!("    … and {} more; --json prints all", ids.len() - limit)?;
        }
    }
    if compared.in_parts > 0 {
        say!("in parts, not judged{:>9}", compared.in_parts)?;
    }
    if compared.unreadable > 0 {
        say!("not readable        {:>9}; see `petitiond quarantine list`", compared.unreadable)?;
    }
    if let Some(waiting) = report.waiting.filter(|waiting| *waiting > 0) {
        say!("{waiting} messages wait in the inbox: what is missing may be in them")?;
    }
    say!("{}", line(&report.source_id, Clock::System.now(), &report.figures()))
}

/// One line for the agency whose source it is, in Vietnamese: both sides sign for it where the codes agree.
pub(super) fn line(source_id: &str, at: DateTime<Utc>, figures: &Figures) -> String {
    let Figures { source_records, database_records, missing, extra, different, source_keys, database_keys, .. } =
        figures;
    let at = at.with_timezone(&HANOI).format("%d/%m/%Y %H:%M");
    format!(
        "Đối soát {source_id} lúc {at}: nguồn có {source_records} hồ sơ, cơ sở dữ liệu quốc gia có {database_records}; \
         thiếu {missing}, thừa {extra}, khác {different}; mã đối soát {source_keys} / {database_keys}"
    )
}
