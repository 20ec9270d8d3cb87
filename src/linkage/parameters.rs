//! What is learned: how often pairs of each kind fall into each cell.
//!
//! The model of Fellegi and Sunter (1969) with two kinds of pairs, matches and all others, takes it that attributes
//! agree independently of one another within a kind. Of people who live together that is not so: they share address,
//! telephone and family name, all at once. So there are six kinds of pairs here (a latent class model):
//!
//! * *stayed*: one person, who lived at one place;
//! * *moved*: one person, whose place agrees no more than chance has it;
//! * *neighbours*: two people who share the place, or a part of it, and nothing else beyond chance;
//! * *household*: two people who share the place and what kin share (family name, telephone), and nothing else;
//! * *relatives*: two people who share what kin share, and nothing else: a household of whom
//!   one moved, as often as one person's records show it;
//! * *strangers*: two people who agree by chance.
//!
//! Within a kind attributes are independent, but for those that are one comparison (see `layout`).

#![expect(clippy::indexing_slicing, reason = "comparisons and cells are numbers that the layout gave out")]

use super::layout::{Comparison, Layout};

/// How many pairs of each kind there are for each record.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Kinds {
    pub stayed: f64,
    pub moved: f64,
    pub neighbours: f64,
    pub household: f64,
    pub relatives: f64,
}

impl Kinds {
    /// Each of them changed alike.
    #[must_use]
    pub fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            stayed: change(self.stayed),
            moved: change(self.moved),
            neighbours: change(self.neighbours),
            household: change(self.household),
            relatives: change(self.relatives),
        }
    }

    pub fn add(&mut self, other: Self) {
        self.stayed += other.stayed;
        self.moved += other.moved;
        self.neighbours += other.neighbours;
        self.household += other.household;
        self.relatives += other.relatives;
    }

    pub const fn list(self) -> [f64; 5] {
        [self.stayed, self.moved, self.neighbours, self.household, self.relatives]
    }

    /// What is left for strangers, where these are shares of all pairs.
    pub fn strangers(self) -> f64 {
        (1.0 - self.list().into_iter().sum::<f64>()).max(1e-9)
    }
}

/// The evidence of a pair, summed up: bits by kind of pair.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums {
    /// For one person, in all that is not place.
    pub who: f32,
    /// For one person, in place.
    pub place: f32,
    /// For neighbours.
    pub near: f32,
    /// For a household, in place, and in what kin share.
    pub home: f32,
    pub kin: f32,
}

impl Sums {
    pub fn add(&mut self, comparison: &Comparison, bits: Bits) {
        if comparison.is_place {
            self.place += bits.m;
            self.near += bits.n;
            self.home += bits.h;
        } else {
            self.who += bits.m;
            self.kin += bits.h;
        }
    }

    /// How likely each kind is against strangers, in the order of [`Kinds`], before shares are counted in.
    pub fn ratios(self) -> Kinds {
        let power = |bits: f32| f64::from(bits).exp2();
        let who = power(self.who);
        let kin = power(self.kin);
        Kinds {
            stayed: who * power(self.place),
            moved: who,
            neighbours: power(self.near),
            household: kin * power(self.home),
            relatives: kin,
        }
    }
}

/// The probability of one cell in pairs of each kind, among cells of its pattern.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cell {
    /// One person.
    pub m: f64,
    /// Neighbours; counts in comparisons of place only.
    pub n: f64,
    /// A household or relatives; counts in comparisons of place and kin only.
    pub h: f64,
    /// Strangers.
    pub u: f64,
}

/// All that is learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    pub kinds: Kinds,
    /// By comparison and cell; the first cell is for what cannot be compared and stays empty.
    pub cells: Vec<Vec<Cell>>,
}

/// Logarithms to base 2 of how much likelier a cell is in each kind than among strangers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bits {
    pub m: f32,
    pub n: f32,
    pub h: f32,
}

impl Parameters {
    /// By comparison and cell.
    pub fn bits(&self, layout: &Layout) -> Vec<Vec<Bits>> {
        let of = |index: usize, cells: &Vec<Cell>| {
            let comparison = &layout.comparisons[index];
            let bits = |cell: &Cell| {
                if cell.u <= 0.0 || cell.m <= 0.0 {
                    return Bits::default();
                }
                let ratio = |p: f64, counts: bool| if counts && p > 0.0 { (p / cell.u).log2() as f32 } else { 0.0 };
                Bits {
                    m: ratio(cell.m, true),
                    n: ratio(cell.n, comparison.is_place),
                    h: ratio(cell.h, comparison.is_place || comparison.is_kin),
                }
            };
            let mut bits: Vec<Bits> = cells.iter().map(bits).collect();
            if comparison.is_rarity() {
                extend(cells, &mut bits);
            }
            bits
        };
        self.cells.iter().enumerate().map(|(index, cells)| of(index, cells)).collect()
    }

    /// Empties the rarities that were seldom seen in matches: their own frequency says nothing.
    pub fn forget_the_unseen(&mut self, layout: &Layout, matches: f64) {
        for (comparison, cells) in layout.comparisons.iter().zip(&mut self.cells) {
            if comparison.is_rarity() {
                let unseen = cells.iter_mut().filter(|cell| cell.m * matches < ENOUGH);
                unseen.for_each(|cell| *cell = Cell::default());
            }
        }
    }
}

/// Rarities without a frequency of their own weigh what the nearest one with one weighs, and a bit more for each
/// halving of the share: so a model serves a set of records ten times as large, in which a value that one person has is
/// rarer than any it was trained on.
fn extend(cells: &[Cell], bits: &mut [Bits]) {
    let seen: Vec<usize> = (1..cells.len()).filter(|cell| cells[*cell].m > 0.0).collect();
    for cell in (1..cells.len()).filter(|cell| cells[*cell].m <= 0.0) {
        let Some(nearest) = seen.iter().copied().min_by_key(|other| (other.abs_diff(cell), *other)) else { return };
        let steps = cell as f32 - nearest as f32;
        let near = bits[nearest];
        let shifted = |bits: f32| if bits == 0.0 { 0.0 } else { bits + steps };
        bits[cell] = Bits { m: near.m + steps, n: shifted(near.n), h: shifted(near.h) };
    }
}

/// Matches in which a rarity must have been seen for its own frequency to count.
const ENOUGH: f64 = 10.0;
