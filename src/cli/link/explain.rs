//! `petitiond link explain`: why two records weigh what they weigh.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::data::{self, Files};
use crate::cli::context::Context;
use crate::cli::output::say;
use crate::cli::{Failure, Outcome, review, table};
use crate::linkage::explain::{Explanation, explain};
use crate::linkage::score::Scorer;

/// Show the weight of every comparison between two records, from the prior to the final weight.
#[derive(Debug, Args)]
pub struct Options {
    /// The ids of the records: with --data those of the file, else stored ones as source:record, with --kind person
    /// source:record#place of a petitioner.
    a: String,
    b: String,
    /// Of stored records: petition (whether they are one) or person (whether two petitioners are).
    #[arg(long, value_name = "KIND", value_parser = review::subject, conflicts_with = "data")]
    kind: Option<review::Kind>,
    /// Records, as CSV with a heading.
    #[arg(long, value_name = "DATA.csv", requires = "model")]
    data: Option<PathBuf>,
    /// A second file of records.
    #[arg(long, value_name = "OTHER.csv", requires = "data")]
    between: Option<PathBuf>,
    /// The column that names a record [default: unique_id, rec_id, record_id or id, else the first].
    #[arg(long, value_name = "COLUMN", requires = "data")]
    id: Option<String>,
    #[arg(long, value_name = "MODEL.toml", requires = "data")]
    model: Option<PathBuf>,
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
pub fn run(options: &Options, context: &Context) -> Outcome {
    let explanation = match (&options.data, &options.model) {
        (Some(data), Some(model)) => of_files(options, data, model)?,
        _ => review::explanation(context, options.kind, &options.a, &options.b)?,
    };
    Ok(tell(options, &explanation)?)
}

fn of_files(options: &Options, data: &Path, model: &Path) -> Result<Explanation, Failure> {
    let model = data::model(model)?;
    let files = Files { data: data.to_owned(), between: options.between.clone(), id: options.id.clone() };
    let mut table = data::read(&files, &model.declared, None)?.table;
    table.freeze(&model.frequencies);
    let find = |id: &str| table.find(id).with_context(|| format!("no record has the id {id:?}"));
    let pair = (find(&options.a)?, find(&options.b)?);
    let thresholds = model.thresholds;
    let scorer = Scorer::new(&table, &model);
    Ok(explain(&scorer, pair, thresholds.link, thresholds.review))
}

fn tell(options: &Options, explanation: &Explanation) -> anyhow::Result<()> {
    if let Some(path) = &options.svg {
        let svg = explanation.to_svg(&format!("{} – {}", options.a, options.b));
        std::fs::write(path, svg).with_context(|| format!("write {}", path.display()))?;
    }
    if options.json {
        return table::json(&Report { a: &options.a, b: &options.b, explanation });
    }
    let row = |(comparison, level, bits, sum): (&str, &str, f32, f32)| {
        vec![comparison.to_owned(), level.to_owned(), format!("{bits:+.2}"), format!("{sum:+.2}")]
    };
    let steps = explanation.steps.iter().map(|step| row((&step.comparison, &step.level, step.bits, step.sum)));
    table::table(&["comparison", "level", "bits", "sum"], steps)?;
    let Explanation { weight, probability, decision, .. } = explanation;
    say!("{weight:+.2} bits, probability {probability:.4}: {decision}")
}
