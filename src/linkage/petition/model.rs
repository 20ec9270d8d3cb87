//! What is learned of pairs of filings, kept as a file.
//!
//! Six kinds of pairs, as in `super::super::parameters` for persons: within one kind comparisons are taken to be
//! independent of one another (Fellegi & Sunter 1969); what correlates across all pairs (who files the same form lives in
//! the same commune, who files twice has the same name both times) does so because there are kinds (latent classes), so
//! the kinds carry it.

use std::sync::LazyLock;

use toml_edit::{Document, Item};

use super::level::{COMPARISONS, COUNT, Levels};
use super::phrase::Phrases;

/// What a pair of filings can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pair {
    /// One petition.
    Same,
    /// Two petitions of one case by people of whom one at least is in both.
    Follow,
    /// Two petitions of one case by different people.
    Joint,
    /// Two cases that share a form or a project.
    Sibling,
    /// Two cases of one person.
    Own,
    Stranger,
}

impl Pair {
    pub const ALL: [Self; KINDS] = [Self::Same, Self::Follow, Self::Joint, Self::Sibling, Self::Own, Self::Stranger];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Follow => "follow",
            Self::Joint => "joint",
            Self::Sibling => "sibling",
            Self::Own => "own",
            Self::Stranger => "stranger",
        }
    }

    pub const fn is_case(self) -> bool {
        matches!(self, Self::Same | Self::Follow | Self::Joint)
    }
}

const KINDS: usize = 6;

/// By kind of pair, in the order of [`Pair::ALL`].
pub type ByPair<T> = [T; KINDS];

/// From how many bits on what is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Two filings are one petition without anybody looking.
    pub petition: f32,
    /// Two filings are one case.
    pub case: f32,
    /// A pair is shown to a clerk.
    pub review: f32,
    /// Two groups are one petition, or one case, by the average over their pairs.
    pub petition_cluster: f32,
    pub case_cluster: f32,
}

/// 19 to 1 and 1 to 4, as for persons.
impl Default for Thresholds {
    fn default() -> Self {
        Self { petition: 4.25, case: 4.25, review: -2.0, petition_cluster: 0.0, case_cluster: 0.0 }
    }
}

/// All that turns two filings into a judgement.
#[derive(Debug, Clone)]
pub struct Model {
    /// Of candidate pairs.
    pub shares: ByPair<f64>,
    /// By comparison and level; the first level stays empty.
    pub cells: Vec<Vec<ByPair<f64>>>,
    pub thresholds: Thresholds,
    /// Pairs that it was trained on.
    pub pairs: u64,
    pub phrases: Phrases,
    bits: Vec<Vec<ByPair<f32>>>,
    prior: ByPair<f32>,
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
#[error("the model of petitions: {0}; train it again")]
pub struct Unusable(String);

/// The form of the file; another number is refused.
const VERSION: i64 = 1;

static BUILT_IN: LazyLock<Model> = LazyLock::new(|| {
    let phrases = include_str!("../../../config/linkage/petition-phrases.txt");
    let read = Model::parse(include_str!("../../../config/linkage/petition.toml"), Phrases::parse(phrases));
    // what is built in is read by a test
    read.unwrap_or_else(|_| Model::new([1.0; KINDS], Vec::new(), Thresholds::default(), 0, Phrases::default()))
});

impl Model {
    /// The one that comes with the program.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    pub fn new(
        shares: ByPair<f64>,
        cells: Vec<Vec<ByPair<f64>>>,
        thresholds: Thresholds,
        pairs: u64,
        phrases: Phrases,
    ) -> Self {
        let log = |row: ByPair<f64>| row.map(|p| if p > 0.0 { p.log2() as f32 } else { 0.0 });
        let bits = cells.iter().map(|rows| rows.iter().map(|row| log(*row)).collect()).collect();
        Self { bits, prior: log(shares), shares, cells, thresholds, pairs, phrases }
    }

    /// Logarithms to base 2 of how likely a level is in each kind; nothing where it cannot be compared.
    pub(super) fn bits(&self, comparison: usize, level: u8) -> ByPair<f32> {
        let row = self.bits.get(comparison).and_then(|rows| rows.get(usize::from(level)));
        row.copied().filter(|_| level > 0).unwrap_or_default()
    }

    /// By kind: the logarithm of how likely it is, together with these levels.
    pub(super) fn weigh(&self, levels: &Levels) -> ByPair<f32> {
        let mut sums = self.prior;
        for (comparison, level) in levels.iter().enumerate() {
            sums.iter_mut().zip(self.bits(comparison, *level)).for_each(|(sum, bits)| *sum += bits);
        }
        sums
    }

    /// As text, to be kept; the phrases are a file of their own.
    pub fn to_toml(&self) -> String {
        let Thresholds { petition, case, review, petition_cluster, case_cluster } = self.thresholds;
        let mut text = format!(
            "{HEAD}version = {VERSION}\npairs = {}\n\n[thresholds]\npetition = {petition:?}\ncase = {case:?}\n\
             review = {review:?}\npetition_cluster = {petition_cluster:?}\ncase_cluster = {case_cluster:?}\n\n[shares]\n",
            self.pairs
        );
        for (kind, share) in Pair::ALL.iter().zip(self.shares) {
            text.push_str(&format!("{} = {share:.5e}\n", kind.as_str()));
        }
        for (comparison, rows) in COMPARISONS.iter().zip(&self.cells) {
            text.push_str(&format!("\n[[comparison]]\nname = {:?}\ncells = [\n", comparison.name));
            for (level, row) in comparison.levels.iter().zip(rows).skip(1) {
                let of = Pair::ALL.iter().zip(row).map(|(kind, p)| format!("{} = {p:.4e}", kind.as_str()));
                text.push_str(&format!("  {{ is = {level:?}, {} }},\n", of.collect::<Vec<_>>().join(", ")));
            }
            text.push_str("]\n");
        }
        text
    }

    /// Reads what [`Model::to_toml`] wrote.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn parse(text: &str, phrases: Phrases) -> Result<Self, Unusable> {
        let document = Document::parse(text).map_err(|error| Unusable(error.message().to_owned()))?;
        let table = document.as_table();
        let version = table.get("version").and_then(Item::as_integer);
        if version != Some(VERSION) {
            return Err(Unusable(format!("version must be {VERSION}")));
        }
        let number = |section: &str, key: &str| {
            let item = table.get(section).and_then(|section| section.get(key));
            let number = item.and_then(|item| item.as_float().or_else(|| item.as_integer().map(|n| n as f64)));
            number.ok_or_else(|| Unusable(format!("{section}.{key} is missing or no number")))
        };
        let bits = |key: &str| number("thresholds", key).map(|bits| bits as f32);
        let thresholds = Thresholds {
            petition: bits("petition")?,
            case: bits("case")?,
            review: bits("review")?,
            petition_cluster: bits("petition_cluster")?,
            case_cluster: bits("case_cluster")?,
        };
        let mut shares = [0.0; KINDS];
        for (share, kind) in shares.iter_mut().zip(Pair::ALL) {
            *share = probability(number("shares", kind.as_str())?)?;
        }
        let sections: Vec<_> =
            table.get("comparison").and_then(Item::as_array_of_tables).into_iter().flatten().collect();
        let named = |name: &str| {
            sections.iter().find(|section| section.get("name").and_then(Item::as_str) == Some(name)).copied()
        };
        let mut all = Vec::with_capacity(COUNT);
        for comparison in &COMPARISONS {
            let missing = || Unusable(format!("the comparison {:?} is missing", comparison.name));
            all.push(cells(comparison.levels, named(comparison.name).ok_or_else(missing)?)?);
        }
        let pairs = table.get("pairs").and_then(Item::as_integer).and_then(|pairs| u64::try_from(pairs).ok());
        Ok(Self::new(shares, all, thresholds, pairs.unwrap_or(0), phrases))
    }
}

fn probability(p: f64) -> Result<f64, Unusable> {
    if p > 0.0 && p <= 1.0 { Ok(p) } else { Err(Unusable(format!("{p} is no probability above 0"))) }
}

/// The cells of one comparison, every level but the first.
fn cells(levels: &[&str], section: &toml_edit::Table) -> Result<Vec<ByPair<f64>>, Unusable> {
    let given: Vec<_> = section.get("cells").and_then(Item::as_array).into_iter().flatten().collect();
    let mut rows = vec![[0.0; KINDS]];
    for level in levels.iter().skip(1) {
        let cell = given.iter().filter_map(|cell| cell.as_inline_table());
        let cell = cell.into_iter().find(|cell| cell.get("is").and_then(toml_edit::Value::as_str) == Some(*level));
        let mut row = [0.0; KINDS];
        for (p, kind) in row.iter_mut().zip(Pair::ALL) {
            let value = cell.and_then(|cell| cell.get(kind.as_str())).and_then(toml_edit::Value::as_float);
            *p = probability(value.ok_or_else(|| Unusable(format!("{} of {level:?} is missing", kind.as_str())))?)?;
        }
        rows.push(row);
    }
    Ok(rows)
}

const HEAD: &str = "# Written by training; no number here was set by hand.\n\
# shares: of candidate pairs by kind. cells: how often pairs of each kind show each level. thresholds: bits.\n";
