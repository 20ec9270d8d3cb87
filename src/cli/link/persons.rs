//! `petitiond link persons`: how right the linking of petitioners is, as the daemon does it.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::data;
use crate::cli::output::say;
use crate::cli::{Outcome, table};
use crate::demo::generate::corpus::Corpus;
use crate::linkage::evaluate::Quality;
use crate::linkage::model::Model;
use crate::linkage::person::judge::{Judged, calibrate, judge};
use crate::linkage::person::{Features, Matcher, of_record};

/// Judge the model of persons on an invented national corpus, used as the daemon uses it: pairs that share a key, their
/// weights and rules, and the groups of each component.
#[derive(Debug, Args)]
pub struct Options {
    /// How many records.
    #[arg(long, default_value_t = 10_000)]
    records: usize,
    /// The same seed makes the same records; a model is judged on another than it was trained on.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The model [default: the one in the program].
    #[arg(long, value_name = "MODEL.toml")]
    model: Option<PathBuf>,
    /// A key that more petitioners share finds nobody.
    #[arg(long, value_name = "N", default_value_t = 64)]
    cap: usize,
    /// Learn from these records what sums of evidence are worth, and write that into the model.
    #[arg(long, requires = "model")]
    calibrate: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Judges, or calibrates.
pub fn run(options: &Options) -> Outcome {
    let given = options.model.as_deref().map(data::model).transpose()?;
    let nodes = nodes(options)?;
    if let (true, Some(path), Some(mut model)) = (options.calibrate, &options.model, given.clone()) {
        model.calibration = calibrate(&Matcher::new(model.clone()), &nodes, options.cap);
        std::fs::write(path, model.to_toml()).with_context(|| format!("write {}", path.display()))?;
        let line = model.calibration;
        say!("bits = {:.3} * sum {:+.3}; the model is in {}", line.slope, line.offset, path.display())?;
        return Ok(());
    }
    let matcher = given.map_or_else(Matcher::embedded, |model: Model| Matcher::new(model));
    let started = Instant::now();
    let judged = judge(&matcher, &nodes, options.cap);
    let seconds = started.elapsed().as_secs_f64();
    if options.json { print_json(&judged, seconds) } else { print(&matcher, &judged, seconds) }
}

/// All petitioners that can be compared, each with the human being.
fn nodes(options: &Options) -> anyhow::Result<Vec<(Features, u32)>> {
    let mut nodes = Vec::new();
    for entry in Corpus::new(options.seed, options.records) {
        let features = of_record(&entry.normalized()?).into_iter().zip(&entry.truth.persons);
        nodes.extend(features.filter_map(|(features, person)| Some((features?, *person))));
    }
    Ok(nodes)
}

fn recall(judged: &Judged) -> f64 {
    judged.found as f64 / judged.real.max(1) as f64
}

fn print(matcher: &Matcher, judged: &Judged, seconds: f64) -> Outcome {
    let Judged { nodes, real, candidates, .. } = judged;
    say!("{nodes} petitioners, {real} true pairs; judged in {seconds:.2} s")?;
    say!("{candidates} candidate pairs; blocking finds {:.4} of the true ones", recall(judged))?;
    let row = |name: &str, quality: Quality| {
        let Quality { precision, recall, f1 } = quality;
        vec![name.to_owned(), format!("{precision:.4}"), format!("{recall:.4}"), format!("{f1:.4}")]
    };
    let pairs = format!("pairs from {:.2} bits on", matcher.link());
    let rows = [row(&pairs, judged.pairs.own.quality), row("persons", judged.groups)];
    table::table(&["", "precision", "recall", "F1"], rows)?;
    let bands = judged.bands.iter().map(|band| {
        let right = band.right as f64 / band.links.max(1) as f64;
        let ends = format!("{} – {}", band.from, band.to);
        vec![ends, band.links.to_string(), format!("{:.4}", band.said), format!("{right:.4}")]
    });
    table::table(&["probability", "pairs", "said", "right"], bands)?;
    say!("{} pairs for review; {} pairs of two personal numbers in one person", judged.review, judged.numbered_unlike)?;
    Ok(())
}

fn print_json(judged: &Judged, seconds: f64) -> Outcome {
    let quality = |Quality { precision, recall, f1 }| json!({ "precision": precision, "recall": recall, "f1": f1 });
    let band = |band: &crate::linkage::evaluate::Band| json!({ "from": band.from, "to": band.to, "pairs": band.links, "right": band.right, "said": band.said });
    Ok(table::json(&json!({
        "petitioners": judged.nodes,
        "true_pairs": judged.real,
        "blocking": { "candidates": judged.candidates, "recall": recall(judged) },
        "pairs": quality(judged.pairs.own.quality),
        "persons": quality(judged.groups),
        "calibration": judged.bands.iter().map(band).collect::<Vec<_>>(),
        "review": judged.review,
        "numbered_unlike": judged.numbered_unlike,
        "seconds": seconds,
    }))?)
}
