//! `petitiond rebuild`: everything once more from the archive.

use anyhow::Context as _;
use clap::Args;

use super::context::{Context, block_on, desk};
use super::output::say;
use super::{Outcome, source, table};
use crate::domain::SourceId;
use crate::pipeline::rebuild::{self, Rebuilt};
use crate::store;

/// Derive everything again from the archive of what was received, with the mappings and rules of today.
///
/// What comes out as it is stored is not written again. The daemon may run meanwhile; when interrupted, run it again.
#[derive(Debug, Args)]
pub struct Options {
    /// Only what came from this source.
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Reads the archive anew and prints what became of it.
pub fn run(options: &Options, context: &Context) -> Outcome {
    let config = context.config()?;
    let only = options.source.as_deref().map(SourceId::parse).transpose().map_err(anyhow::Error::msg)?;
    block_on(async {
        let settings = &config.settings;
        let desk = desk(settings).await?;
        if let Some(id) = &only {
            let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
            source::find(&mut conn, id.as_str()).await?;
        }
        let readers = rebuild::readers(&desk, &config.sources).await?;
        let rebuilt = rebuild::run(&desk, readers, only.as_ref(), settings.ingest.batch_records).await;
        let rebuilt = rebuilt
            .context("the archive was not read to its end; what was done stays: run `petitiond rebuild` again")?;
        Ok(if options.json { table::json(&rebuilt) } else { print(&rebuilt) }?)
    })
}

fn print(rebuilt: &[Rebuilt]) -> anyhow::Result<()> {
    if rebuilt.is_empty() {
        return say!("nothing is in the archive");
    }
    let heading = ["source", "read", "same", "changed", "restored", "state secrets", "not read"];
    let row = |of: &Rebuilt| {
        let damaged: i64 = of.damaged.iter().map(|bundle| i64::from(bundle.records)).sum();
        let unread: u64 = of.unread.iter().map(|unread| unread.records).sum();
        let numbers = [of.read, of.same, of.changed, of.restored, of.secret];
        let numbers = numbers.iter().map(ToString::to_string);
        let last = unread.saturating_add_signed(damaged).to_string();
        std::iter::once(of.source_id.clone()).chain(numbers).chain([last]).collect()
    };
    table::table(&heading, rebuilt.iter().map(row))?;
    for of in rebuilt {
        for unread in &of.unread {
            say!("{}: {} records not read ({}): {}", of.source_id, unread.records, unread.reason, unread.next_step)?;
        }
        for bundle in &of.damaged {
            let (id, at) = (bundle.archive_id, table::time(Some(bundle.received_at)));
            say!("{}: bundle {id} of {at} not read ({}): {}", of.source_id, bundle.reason, bundle.next_step)?;
        }
        if of.secret > 0 {
            say!(
                "{}: of {} records, state secrets, the archive keeps nothing; what is stored of them stays as it is",
                of.source_id,
                of.secret
            )?;
        }
    }
    Ok(())
}
