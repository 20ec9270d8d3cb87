//! What `link evaluate` prints.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use crate::cli::output::say;
use crate::cli::table;
use crate::linkage::evaluate::{Band, Interval, Quality, Swept, probability};
use crate::linkage::score::Edge;
use crate::linkage::table::Table;

/// How long each part took.
#[derive(Debug)]
pub struct Laps {
    last: Instant,
    seconds: BTreeMap<&'static str, f64>,
}

impl Default for Laps {
    fn default() -> Self {
        Self { last: Instant::now(), seconds: BTreeMap::new() }
    }
}

impl Laps {
    pub fn lap(&mut self, name: &'static str) {
        self.seconds.insert(name, self.last.elapsed().as_secs_f64());
        self.last = Instant::now();
    }
}

/// What was found out.
#[derive(Debug)]
pub struct Judged {
    pub true_pairs: u64,
    pub candidates: usize,
    pub found: u64,
    pub pairs: Swept,
    pub clusters: Swept,
    pub pairs_interval: Interval,
    pub clusters_interval: Interval,
    pub calibration: Vec<Band>,
    pub wrong: Vec<Edge>,
    pub missed: Vec<Edge>,
    pub laps: Laps,
}

#[derive(Debug, Serialize)]
struct Figures {
    precision: f64,
    recall: f64,
    f1: f64,
    /// In bits.
    threshold: f32,
}

#[derive(Debug, Serialize)]
struct Range {
    precision: [f64; 2],
    recall: [f64; 2],
    f1: [f64; 2],
}

/// At the model's own threshold, and at the best.
#[derive(Debug, Serialize)]
struct Both {
    #[serde(flatten)]
    own: Figures,
    confidence_95: Range,
    best: Figures,
}

#[derive(Debug, Serialize)]
struct Blocking {
    candidates: usize,
    recall: f64,
    lost_pairs: u64,
}

#[derive(Debug, Serialize)]
struct Calibrated {
    from: f64,
    to: f64,
    links: u64,
    right: f64,
    said: f64,
}

#[derive(Debug, Serialize)]
struct Fault {
    a: String,
    b: String,
    bits: f32,
    probability: f64,
    values: Vec<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct Faults {
    wrong: Vec<Fault>,
    missed: Vec<Fault>,
}

#[derive(Debug, Serialize)]
pub struct Report {
    records: usize,
    true_pairs: u64,
    pairs: Both,
    clusters: Both,
    blocking: Blocking,
    calibration: Vec<Calibrated>,
    errors: Faults,
    seconds: BTreeMap<&'static str, f64>,
    pub wall_s: f64,
    pub peak_rss_mb: f64,
}

fn both(swept: &Swept, interval: &Interval) -> Both {
    let figures = |quality: Quality, threshold| {
        let Quality { precision, recall, f1 } = quality;
        Figures { precision, recall, f1, threshold }
    };
    let (low, high) = (interval.low, interval.high);
    Both {
        own: figures(swept.own.quality, swept.own.threshold),
        confidence_95: Range {
            precision: [low.precision, high.precision],
            recall: [low.recall, high.recall],
            f1: [low.f1, high.f1],
        },
        best: figures(swept.best.quality, swept.best.threshold),
    }
}

fn fault(table: &Table, edge: &Edge) -> Fault {
    let id = |record: u32| table.ids.get(record as usize).to_owned();
    let value = |record: u32| move |column: &crate::linkage::table::Column| column.text(record).to_owned();
    let values = table.columns.iter().map(|column| [value(edge.a)(column), value(edge.b)(column)]).collect();
    Fault { a: id(edge.a), b: id(edge.b), bits: edge.bits, probability: probability(edge.bits), values }
}

impl Report {
    pub fn new(table: &Table, judged: &Judged) -> Self {
        let links = |band: &Band| Calibrated {
            from: band.from,
            to: band.to,
            links: band.links,
            right: band.right as f64 / band.links as f64,
            said: band.said,
        };
        let faults = |edges: &[Edge]| edges.iter().map(|edge| fault(table, edge)).collect();
        Self {
            records: table.len(),
            true_pairs: judged.true_pairs,
            pairs: both(&judged.pairs, &judged.pairs_interval),
            clusters: both(&judged.clusters, &judged.clusters_interval),
            blocking: Blocking {
                candidates: judged.candidates,
                recall: judged.found as f64 / judged.true_pairs.max(1) as f64,
                lost_pairs: judged.true_pairs - judged.found,
            },
            calibration: judged.calibration.iter().map(links).collect(),
            errors: Faults { wrong: faults(&judged.wrong), missed: faults(&judged.missed) },
            seconds: judged.laps.seconds.clone(),
            wall_s: 0.0,
            peak_rss_mb: 0.0,
        }
    }

    /// For people.
    pub fn print(&self) -> anyhow::Result<()> {
        let Blocking { candidates, recall, lost_pairs } = &self.blocking;
        say!("{} records, {} true pairs", self.records, self.true_pairs)?;
        say!("{candidates} candidate pairs; blocking finds {recall:.4} of the true ones and loses {lost_pairs}")?;
        let row = |name: &str, figures: &Figures| {
            let Figures { precision, recall, f1, threshold } = figures;
            [format!("{threshold:.2}"), format!("{precision:.4}"), format!("{recall:.4}"), format!("{f1:.4}")]
                .into_iter()
                .fold(vec![name.to_owned()], |mut row, cell| {
                    row.push(cell);
                    row
                })
        };
        let range = |name: &str, range: &Range| {
            let ends = |[low, high]: [f64; 2]| format!("{low:.4} – {high:.4}");
            vec![name.to_owned(), String::new(), ends(range.precision), ends(range.recall), ends(range.f1)]
        };
        let rows = [("pairs", &self.pairs), ("groups", &self.clusters)].into_iter().flat_map(|(name, both)| {
            [
                row(&format!("{name}, own threshold"), &both.own),
                range("  19 times of 20", &both.confidence_95),
                row(&format!("{name}, best threshold"), &both.best),
            ]
        });
        table::table(&["", "bits", "precision", "recall", "F1"], rows)?;
        let links = self.calibration.iter().map(|links| {
            let band = format!("{} – {}", links.from, links.to);
            vec![band, links.links.to_string(), format!("{:.4}", links.said), format!("{:.4}", links.right)]
        });
        table::table(&["probability", "pairs", "said", "right"], links)?;
        print_faults("surest pairs that are wrong", &self.errors.wrong)?;
        print_faults("true pairs that weigh least", &self.errors.missed)?;
        say!("{:.2} s, {:.0} MB at the peak", self.wall_s, self.peak_rss_mb)
    }
}

fn print_faults(title: &str, faults: &[Fault]) -> anyhow::Result<()> {
    say!("{title}:")?;
    for fault in faults {
        say!("  {:+.2}  {} – {}", fault.bits, fault.a, fault.b)?;
        let of = |side: usize| fault.values.iter().filter_map(move |pair| pair.get(side)).map(String::as_str);
        for side in [0, 1] {
            say!("         {}", of(side).collect::<Vec<_>>().join(" | "))?;
        }
    }
    Ok(())
}

/// The most memory that this process ever had, in megabytes; 0 where the system does not say.
pub fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().split(' ').next()?.parse::<f64>().ok()).map_or(0.0, |kilobytes| kilobytes / 1024.0)
}
