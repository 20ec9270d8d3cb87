//! The weight of a pair: how many bits the evidence speaks for one person and against two.
//!
//! weight = log2( (stayed + moved) / (neighbours + household + strangers) ), calibrated, each the share of its kind among all pairs
//! times the likelihood of the cells in it (see `parameters`). 0 is one in two, 10 a thousand to one. The weight of
//! (a, b) is that of (b, a).
//!
//! Two rules stand above it. People of one place with different birth dates and different given names are a household
//! and never one person, whatever else they share, unless it is the number of an identity document. And what rests on a name, sex, a town or an occupation alone is
//! never linked without a person looking at it, unless the name by itself is so rare that it would be: such a weight
//! ends under the threshold of links, where the review begins.

#![expect(clippy::indexing_slicing, reason = "comparisons and cells are numbers that the layout gave out")]

use super::calibration::Calibration;
use super::comparison::Kind;
use super::layout::{Layout, NOT_COMPARED, Subject};
use super::model::Model;
use super::pair::TablePair;
use super::parameters::{Bits, Kinds, Sums};
use super::table::Table;

/// What two of one household weigh at most.
pub const NEVER: f32 = -20.0;
/// How far under the threshold of links weak evidence ends.
const UNDER: f32 = 0.01;

/// Weighs rows of cells.
#[derive(Debug, Clone)]
pub struct Weights {
    pub layout: Layout,
    /// All cells of all comparisons, one after the other, and where those of each begin.
    bits: Vec<Bits>,
    starts: Vec<usize>,
    shares: Kinds,
    calibration: Calibration,
    /// What weak evidence reaches at most.
    weak: f32,
    /// The comparisons of names and of birth dates.
    name: Option<usize>,
    dates: Vec<usize>,
    identifiers: Vec<usize>,
}

/// Weighs pairs of one table.
#[derive(Debug)]
pub struct Scorer<'t> {
    table: &'t Table,
    pub weights: Weights,
}

/// The last cell of dates that are nowhere near each other: different, or of one decade.
const MOST_OF_OTHER_DATES: usize = 2;

/// The first cell of identity numbers that are the same but for a slip.
const LEAST_OF_NEAR_NUMBERS: usize = 3;

/// The parts of a weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight {
    /// All together, calibrated.
    pub bits: f32,
    /// What the steps add up to, before that.
    pub sum: f32,
    /// The prior: one person against two, before anything is compared.
    pub prior: f32,
    /// The comparisons of place together.
    pub place: f32,
    /// What is taken off because a household would look the same.
    pub household: f32,
    pub is_household: bool,
    pub is_weak: bool,
}

impl<'t> Scorer<'t> {
    pub fn new(table: &'t Table, model: &Model) -> Self {
        let each = table.len() as f64 / table.pairs().max(1.0);
        Self { table, weights: Weights::new(model, each) }
    }

    /// Weighs two records; `row` is filled with the cells of the comparisons.
    pub fn weigh(&self, a: u32, b: u32, row: &mut Vec<u16>) -> Weight {
        self.weights.layout.compare(&TablePair { table: self.table, a, b }, row);
        let mut weight = self.weights.weigh(row);
        if weight.is_household {
            weight.bits = weight.bits.min(NEVER);
        }
        if weight.is_weak {
            weight.bits = weight.bits.min(self.weights.weak);
        }
        weight
    }
}

impl Weights {
    /// `each` is how many records there are for each pair of them.
    pub fn new(model: &Model, each: f64) -> Self {
        let Model { layout, parameters, thresholds, calibration, .. } = model;
        let is_name = |subject| matches!(subject, Subject::Name { .. });
        let is_level_of =
            |kind: Kind| move |subject| matches!(subject, Subject::Level(column) if layout.columns[column].1 == kind);
        let find = |wanted: &dyn Fn(Subject) -> bool| -> Vec<usize> {
            let comparisons = layout.comparisons.iter().enumerate();
            comparisons.filter(|(_, comparison)| wanted(comparison.subject)).map(|(index, _)| index).collect()
        };
        let bits = parameters.bits(layout);
        Self {
            starts: bits.iter().scan(0, |end, cells| Some(std::mem::replace(end, *end + cells.len()))).collect(),
            bits: bits.concat(),
            shares: parameters.kinds.map(|share| share * each),
            calibration: *calibration,
            weak: thresholds.link - UNDER,
            name: find(&is_name).first().copied(),
            dates: find(&is_level_of(Kind::Date)),
            identifiers: find(&is_level_of(Kind::Identifier)),
            layout: layout.clone(),
        }
    }

    /// Weighs a row of cells, as [`Layout::compare`] gives it; what the rules change is left to those who have them.
    pub fn weigh(&self, row: &[u16]) -> Weight {
        let mut sums = Sums::default();
        let (mut strong, mut name) = (0.0_f32, 0.0_f32);
        for ((comparison, start), cell) in self.layout.comparisons.iter().zip(&self.starts).zip(row.iter()) {
            let bits = self.bits[start + usize::from(*cell)];
            sums.add(comparison, bits);
            if comparison.is_strong {
                strong += bits.m.max(0.0);
            }
            if self.is_of_name(comparison.subject) {
                name += bits.m;
            }
        }
        let mut weight = self.together(sums);
        weight.is_household = sums.place > 0.0 && self.are_two_of_a_household(row);
        weight.is_weak = strong <= 0.0 && name + weight.prior <= self.weak;
        weight
    }

    fn together(&self, sums: Sums) -> Weight {
        let ratios = sums.ratios();
        let shares = self.shares;
        let same = shares.stayed + shares.moved;
        let power = |bits: f32| f64::from(bits).exp2();
        let one = (shares.stayed * power(sums.place) + shares.moved) / same.max(1e-300);
        let apart = shares.neighbours * ratios.neighbours + shares.strangers();
        let other = apart + shares.household * ratios.household + shares.relatives * ratios.relatives;
        let log = |ratio: f64| ratio.log2() as f32;
        let prior = log(same / (1.0 - same).max(1e-9));
        let place = log(one) - log(apart);
        let household = log(apart) - log(other);
        let sum = prior + sums.who + place + household;
        let bits = self.calibration.of(sum);
        Weight { bits, sum, prior, place, household, is_household: false, is_weak: false }
    }

    const fn is_of_name(&self, subject: Subject) -> bool {
        match subject {
            Subject::Name { .. } => true,
            Subject::Level(column) | Subject::Rarity(column) | Subject::NearRarity(column) => {
                matches!(self.layout.columns.as_slice()[column].1, Kind::Given | Kind::Family | Kind::Middle)
            }
            Subject::Sex { .. } | Subject::Email(_) => false,
        }
    }

    /// Different birth dates and different given names, in whatever order the name stands.
    fn are_two_of_a_household(&self, row: &[u16]) -> bool {
        let cell = |index: &usize| row.get(*index).copied().map_or(0, usize::from);
        let given = self.name.as_ref().map_or(0, cell);
        let is_other_name = given != 0 && self.layout.is_given_different(given);
        let is_other_date = |index: &usize| (1..=MOST_OF_OTHER_DATES).contains(&cell(index));
        let is_own = |index: &usize| cell(index) >= LEAST_OF_NEAR_NUMBERS;
        is_other_name
            && !self.dates.is_empty()
            && self.dates.iter().all(is_other_date)
            && !self.identifiers.iter().any(is_own)
    }

    /// What a sum is worth.
    pub fn calibrated(&self, sum: f32) -> f32 {
        self.calibration.of(sum)
    }

    /// Bits of one comparison's cell in a pair of one person, for an explanation.
    pub fn bits_of(&self, comparison: usize, cell: u16) -> f32 {
        if cell == NOT_COMPARED { 0.0 } else { self.bits[self.starts[comparison] + usize::from(cell)].m }
    }
}

/// A pair that weighs something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The smaller number.
    pub a: u32,
    pub b: u32,
    pub bits: f32,
}

/// Weighs candidates and keeps those of at least `least` bits, in the order of the candidates.
pub fn edges(scorer: &Scorer<'_>, candidates: &[u64], least: f32) -> Vec<Edge> {
    let parts = super::parallel::chunks(candidates, 50_000, &|part: &[u64]| {
        let mut row = Vec::new();
        let edge = |pair: &u64| {
            let (a, b) = ((pair >> 32) as u32, *pair as u32);
            let bits = scorer.weigh(a, b, &mut row).bits;
            (bits >= least).then_some(Edge { a, b, bits })
        };
        part.iter().filter_map(edge).collect::<Vec<_>>()
    });
    parts.concat()
}
