//! How the model learns from pairs whose kind is known: those that exact references tie, or those of a corpus with its
//! truth.

use std::collections::{BTreeMap, BTreeSet};

use super::super::hash;
use super::level::{COMPARISONS, Levels};
use super::model::{ByPair, Model, Pair, Thresholds};
use super::phrase::{self, Phrases};
use super::word::Words;

/// Counts levels by kind of pair.
#[derive(Debug)]
pub struct Trainer {
    kinds: ByPair<u64>,
    cells: Vec<Vec<ByPair<u64>>>,
}

impl Default for Trainer {
    fn default() -> Self {
        let cells = COMPARISONS.iter().map(|comparison| vec![[0; Pair::ALL.len()]; comparison.levels.len()]).collect();
        Self { kinds: [0; Pair::ALL.len()], cells }
    }
}

/// How often life does what no training pair did. It bounds what one comparison can weigh, for or against.
const SURPRISE: f64 = 0.002;

impl Trainer {
    /// One candidate pair, and what it is.
    pub fn add(&mut self, levels: &Levels, pair: Pair) {
        let kind = Pair::ALL.iter().position(|other| *other == pair).unwrap_or(0);
        let count = |row: Option<&mut ByPair<u64>>| {
            if let Some(count) = row.and_then(|row| row.get_mut(kind)) {
                *count += 1;
            }
        };
        for (rows, level) in self.cells.iter_mut().zip(levels) {
            count(rows.get_mut(usize::from(*level)));
        }
        count(Some(&mut self.kinds));
    }

    /// What the pairs so far say, half a pair of every kind added to each level that none of them showed.
    pub fn model(&self, thresholds: Thresholds, phrases: Phrases) -> Model {
        let pairs: u64 = self.kinds.iter().sum();
        let shares = self.kinds.map(|count| (count as f64 + 0.5) / (pairs as f64 + 3.0));
        let cells = self.cells.iter().map(|rows| probabilities(rows)).collect();
        Model::new(shares, cells, thresholds, pairs, phrases)
    }
}

/// Of each level by kind, among the pairs that can be compared.
fn probabilities(rows: &[ByPair<u64>]) -> Vec<ByPair<f64>> {
    let compared = rows.get(1..).unwrap_or(&[]);
    let mut totals = [0.0; Pair::ALL.len()];
    for row in compared {
        totals.iter_mut().zip(row).for_each(|(total, count)| *total += *count as f64 + 0.5);
    }
    let evenly = 1.0 / compared.len().max(1) as f64;
    let of = |row: &ByPair<u64>| {
        let mut of = [0.0; Pair::ALL.len()];
        for ((p, count), total) in of.iter_mut().zip(row).zip(totals) {
            *p = (*count as f64 + 0.5) / total * (1.0 - SURPRISE) + SURPRISE * evenly;
        }
        of
    };
    std::iter::once([0.0; Pair::ALL.len()]).chain(compared.iter().map(of)).collect()
}

/// Counts in how many texts, and in how many places, two words follow one another.
#[derive(Debug, Default)]
pub struct PhraseTrainer {
    texts: u32,
    pairs: BTreeMap<(String, String), Spread>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Spread {
    texts: u32,
    /// A bit for each place, by its hash.
    places: u64,
}

impl Spread {
    const fn add(&mut self, place: u64) {
        self.texts += 1;
        self.places |= 1 << place;
    }
}

/// A phrase is common that stands in one of so many texts …
const ONE_IN: u32 = 1_000;
/// … and in so many of 64 groups of places: the name of a commune stands in all the texts of one.
const PLACES: u32 = 12;

impl PhraseTrainer {
    /// One text, and where it comes from.
    pub fn add(&mut self, text: &str, place: &str) {
        let place = hash::text(place) % 64;
        let words = Words::read(text);
        self.texts += 1;
        let pairs = words
            .list()
            .iter()
            .zip(words.list().iter().skip(1))
            .filter(|(one, other)| one.is_said() && other.is_said());
        let pairs: BTreeSet<(&str, &str)> =
            pairs.map(|(one, other)| (words.letters_of(one), words.letters_of(other))).collect();
        for (first, second) in pairs {
            self.pairs.entry((first.to_owned(), second.to_owned())).or_default().add(place);
        }
    }

    /// The common phrases as lines of [`Phrases::parse`].
    pub fn lines(&self) -> String {
        let is_common = |spread: &Spread| spread.texts >= self.texts / ONE_IN && spread.places.count_ones() >= PLACES;
        let common = self.pairs.iter().filter(|(_, spread)| is_common(spread));
        phrase::lines(&common.map(|(pair, _)| pair.clone()).collect())
    }
}
