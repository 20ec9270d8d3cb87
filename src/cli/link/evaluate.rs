//! `petitiond link evaluate`: a model against the truth.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::data::{self, Files};
use super::report::{self, Report};
use super::train;
use crate::cli::Outcome;
use crate::linkage::blocking;
use crate::linkage::cluster::{self, Decisions};
use crate::linkage::evaluate::{self as judge, Truth};
use crate::linkage::model::Model;
use crate::linkage::score::{Edge, Scorer, edges};
use crate::linkage::table::Table;

/// Score a model against labelled records: precision, recall and F1 of pairs and of groups, at the model's thresholds
/// and at the best ones, how right its probabilities are, and its worst errors.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    files: Files,
    /// The model to be judged [default: one that is learned from the same records].
    #[arg(long, value_name = "MODEL.toml")]
    model: Option<PathBuf>,
    /// What the columns hold, where no model says it (see `link train`).
    #[arg(long, value_name = "SPEC", conflicts_with = "model")]
    columns: Option<String>,
    /// True pairs, as CSV with a heading (id_l,id_r).
    #[arg(long, value_name = "PAIRS.csv", conflicts_with = "truth_column", required_unless_present = "truth_column")]
    truth: Option<PathBuf>,
    /// The column of the data that is equal for records of one person.
    #[arg(long, value_name = "COLUMN")]
    truth_column: Option<String>,
    /// How many of the worst errors of each kind are shown.
    #[arg(long, value_name = "N", default_value_t = 5)]
    errors: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Bits under the lowest threshold down to which pairs and joinings are kept, to find the best threshold.
const BELOW: f32 = 6.0;

/// Links, groups, judges and prints.
pub fn run(options: &Options) -> Outcome {
    let started = Instant::now();
    let given = options.model.as_deref().map(data::model).transpose()?;
    let declared = match &given {
        Some(model) => model.declared.clone(),
        None => data::declared(&options.files, options.columns.as_deref())?,
    };
    let mut read = data::read(&options.files, &declared, options.truth_column.as_deref())?;
    let model = given.unwrap_or_else(|| train::learn(declared, &mut read.table, None).model);
    read.table.freeze(&model.frequencies);
    let truth = match &options.truth {
        Some(path) => Truth::of_pairs(&read.table, &data::true_pairs(path, &read.table)?),
        None => Truth::new(&read.table, read.labels),
    };
    let mut report = evaluate(&model, &read.table, &truth, options.errors);
    report.wall_s = started.elapsed().as_secs_f64();
    report.peak_rss_mb = report::peak_rss_mb();
    if options.json { Ok(crate::cli::table::json(&report)?) } else { Ok(report.print()?) }
}

fn evaluate(model: &Model, table: &Table, truth: &Truth, errors: usize) -> Report {
    let thresholds = model.thresholds;
    let mut clock = report::Laps::default();
    let candidates = blocking::candidates(table);
    clock.lap("blocking");
    let found = truth.found(&candidates);
    let scorer = Scorer::new(table, model);
    let least = thresholds.review.min(thresholds.cluster) - BELOW;
    let edges = edges(&scorer, &candidates, least);
    let count = candidates.len();
    drop(candidates);
    clock.lap("scoring");
    let least = thresholds.cluster - BELOW / 2.0;
    let near: Vec<Edge> = edges.iter().filter(|edge| edge.bits >= least).copied().collect();
    let joinings =
        cluster::tree(&|a, b, row| scorer.weigh(a, b, row).bits, table.len(), &near, &Decisions::default(), least);
    let groups = cluster::cut(table.len(), &joinings, thresholds.cluster);
    clock.lap("clustering");
    let pairs = judge::pairs(truth, &edges, thresholds.link);
    let clusters = judge::groups(table, truth, &joinings, thresholds.cluster);
    let linked = edges.iter().filter(|edge| edge.bits >= thresholds.link).map(|edge| (edge.a, edge.b));
    let pairs_interval = judge::interval(table, truth, linked);
    let clusters_interval = judge::interval(table, truth, judge::pairs_of_groups(table, &groups));
    let (wrong, missed) = judge::worst(truth, &edges, thresholds.link, errors);
    clock.lap("judging");
    Report::new(
        table,
        &report::Judged {
            true_pairs: truth.pairs,
            candidates: count,
            found,
            pairs,
            clusters,
            pairs_interval,
            clusters_interval,
            calibration: judge::calibration(truth, &edges),
            wrong,
            missed,
            laps: clock,
        },
    )
}
