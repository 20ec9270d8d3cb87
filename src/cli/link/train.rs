//! `petitiond link train`: what the records of a file teach, without labels.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::data::{self, Files};
use crate::cli::Outcome;
use crate::cli::output::say;
use crate::linkage::calibration::Calibration;
use crate::linkage::columns::Declared;
use crate::linkage::frequency::frequencies;
use crate::linkage::model::{Model, Thresholds, layout};
use crate::linkage::table::Table;
use crate::linkage::{blocking, estimate};

/// Estimate a model from the records of a file (EM, without labels) and write it.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    files: Files,
    /// Where the model is written.
    #[arg(long, value_name = "OUT.toml")]
    model: PathBuf,
    /// What the columns hold, as column=kind,…: given, family, middle, name, western-name, middle-of-name, date,
    /// identifier, phone, email, sex, house, street, town, commune, postcode, region, word; as Vietnamese records have
    /// them: id-number, birth, mobile, address [default: by their headings].
    #[arg(long, value_name = "SPEC")]
    columns: Option<String>,
    /// Keep in the model how frequent values are that at least N records have, for records that come one by one: nothing
    /// is counted live then. Values of numbers, telephones and whole birth dates are never kept.
    #[arg(long, value_name = "N")]
    freeze: Option<u32>,
}

/// Trains and writes.
pub fn run(options: &Options) -> Outcome {
    let declared = data::declared(&options.files, options.columns.as_deref())?;
    let mut table = data::read(&options.files, &declared, None)?.table;
    let learned = learn(declared, &mut table, options.freeze);
    let model = &learned.model;
    std::fs::write(&options.model, model.to_toml()).with_context(|| format!("write {}", options.model.display()))?;
    say!("{} records, {} candidate pairs, {} rounds", table.len(), learned.candidates, learned.rounds)?;
    for column in &model.declared {
        say!("  {} is {}", column.header, column.word())?;
    }
    let kinds = model.parameters.kinds;
    let same = (kinds.stayed + kinds.moved) * table.len() as f64;
    say!("about {same:.0} pairs of one person; the model is in {}", options.model.display())?;
    Ok(())
}

/// A model, and what it was learned from.
pub struct Learned {
    pub model: Model,
    pub candidates: usize,
    pub rounds: usize,
}

/// Learns from a table, whose rarities are those that the model keeps where `freeze` says that it keeps any.
pub fn learn(declared: Vec<Declared>, table: &mut Table, freeze: Option<u32>) -> Learned {
    let layout = layout(&declared);
    let frequencies = freeze.map(|least| frequencies(table, least)).unwrap_or_default();
    table.freeze(&frequencies);
    let table = &*table;
    let candidates = blocking::candidates(table);
    let sample = estimate::sample(table, &layout, &candidates);
    let fit = estimate::fit(&layout, &sample, table.len(), table.pairs());
    let thresholds = Thresholds::default();
    let parameters = fit.parameters;
    let calibration = Calibration::default();
    let model = Model { declared, layout, parameters, thresholds, records: table.len(), calibration, frequencies };
    Learned { model, candidates: candidates.len(), rounds: fit.rounds }
}
