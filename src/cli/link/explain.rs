//! `petitiond link explain`: why two records weigh what they weigh.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::data::{self, Files};
use crate::cli::output::say;
use crate::cli::{Outcome, table};
use crate::linkage::explain::{Explanation, explain};
use crate::linkage::score::Scorer;

/// Show the weight of every comparison between two records, from the prior to the final weight.
#[derive(Debug, Args)]
pub struct Options {
    /// The ids of the records.
    a: String,
    b: String,
    /// Records, as CSV with a heading.
    #[arg(long, value_name = "DATA.csv")]
    data: PathBuf,
    /// A second file of records.
    #[arg(long, value_name = "OTHER.csv")]
    between: Option<PathBuf>,
    /// The column that names a record [default: unique_id, rec_id, record_id or id, else the first].
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    #[arg(long, value_name = "MODEL.toml")]
    model: PathBuf,
    /// Draw the waterfall.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'r> {
    a: &'r str,
    b: &'r str,
    #[serde(flatten)]
    explanation: &'r Explanation,
}

/// Explains.
pub fn run(options: &Options) -> Outcome {
    let model = data::model(&options.model)?;
    let files = Files { data: options.data.clone(), between: options.between.clone(), id: options.id.clone() };
    let mut table = data::read(&files, &model.declared, None)?.table;
    table.freeze(&model.frequencies);
    let find = |id: &str| table.find(id).with_context(|| format!("no record has the id {id:?}"));
    let pair = (find(&options.a)?, find(&options.b)?);
    let thresholds = model.thresholds;
    let scorer = Scorer::new(&table, &model);
    let explanation = explain(&scorer, pair, thresholds.link, thresholds.review);
    if let Some(path) = &options.svg {
        let svg = explanation.to_svg(&format!("{} – {}", options.a, options.b));
        std::fs::write(path, svg).with_context(|| format!("write {}", path.display()))?;
    }
    if options.json {
        return Ok(table::json(&Report { a: &options.a, b: &options.b, explanation: &explanation })?);
    }
    let row = |(comparison, level, bits, sum): (&str, &str, f32, f32)| {
        vec![comparison.to_owned(), level.to_owned(), format!("{bits:+.2}"), format!("{sum:+.2}")]
    };
    let steps = explanation.steps.iter().map(|step| row((&step.comparison, &step.level, step.bits, step.sum)));
    table::table(&["comparison", "level", "bits", "sum"], steps)?;
    let Explanation { weight, probability, decision, .. } = &explanation;
    say!("{weight:+.2} bits, probability {probability:.4}: {decision}")?;
    Ok(())
}
