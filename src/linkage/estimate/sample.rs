//! A sample of all pairs in which rare kinds are frequent, with the weights that undo it.
//!
//! Random pairs never show what a random pair of matches looks like, or two strangers with one telephone number. So the
//! sample has strata: random pairs, candidates of blocking, and for each column pairs that agree on it, once with each
//! pair equally likely (common values) and once with each record equally likely (rare values). A pair that may come by
//! several ways has the weight 1 / (how often it is expected by all of them), which makes every share an unbiased
//! estimate over all pairs (Horvitz & Thompson 1952; Veach's balance heuristic): exact value frequencies, without
//! counting all pairs.

#![expect(clippy::indexing_slicing, reason = "records and values are numbers that the table gave out")]

use crate::linkage::comparison::Kind;
use crate::linkage::hash::Draws;
use crate::linkage::layout::Layout;
use crate::linkage::pair::TablePair;
use crate::linkage::parallel::chunks;
use crate::linkage::table::{Column, Table};

/// Pairs drawn at most at random, from the candidates, and from each stratum of a column.
const RANDOM: u64 = 300_000;
const CANDIDATES: u64 = 300_000;
const STRATUM: u64 = 40_000;

/// How many are drawn from so many: no more than a few times each.
fn size(most: u64, pairs: f64) -> u64 {
    most.min((4.0 * pairs) as u64)
}

/// Rows of cells with their weights, which add up to about 1.
#[derive(Debug)]
pub struct Sample {
    pub width: usize,
    pub cells: Vec<u16>,
    pub weights: Vec<f64>,
}

/// Records by the value they have in one column.
struct Index<'t> {
    column: &'t Column,
    starts: Vec<u32>,
    records: Vec<u32>,
    /// By value: how many of its records are of the first file.
    first: Vec<u32>,
    /// By value: pairs up to and with it.
    pairs: Vec<u64>,
    /// Records that agree with another that they may be compared with (of the first file, where there are two).
    agreeing: Vec<u32>,
}

impl<'t> Index<'t> {
    fn new(table: &Table, column: &'t Column) -> Self {
        let values = column.texts.len();
        let mut starts = vec![0_u32; values + 1];
        column.values.iter().for_each(|value| starts[*value as usize + 1] += 1);
        for value in 0..values {
            starts[value + 1] += starts[value];
        }
        let (mut next, mut records) = (starts.clone(), vec![0; column.values.len()]);
        for (record, value) in column.values.iter().enumerate() {
            records[next[*value as usize] as usize] = record as u32;
            next[*value as usize] += 1;
        }
        let mut index = Self { column, starts, records, first: Vec::new(), pairs: Vec::new(), agreeing: Vec::new() };
        let mut total = 0;
        for value in 0..values {
            let block = index.block(value);
            let first = block.partition_point(|record| table.split.is_none_or(|split| *record < split));
            index.first.push(first as u32);
            total += if value == 0 { 0 } else { index.pairs_of(table, value) };
            index.pairs.push(total);
        }
        for value in 1..values {
            if index.pairs_of(table, value) > 0 {
                let (start, first) = (index.starts[value] as usize, index.first[value] as usize);
                index.agreeing.extend_from_slice(&index.records[start..start + first]);
            }
        }
        index
    }

    fn block(&self, value: usize) -> &[u32] {
        &self.records[self.starts[value] as usize..self.starts[value + 1] as usize]
    }

    fn pairs_of(&self, table: &Table, value: usize) -> u64 {
        let (all, first) = (self.block(value).len() as u64, u64::from(self.first[value]));
        if table.split.is_some() { first * (all - first) } else { all * all.saturating_sub(1) / 2 }
    }

    fn total(&self) -> u64 {
        self.pairs.last().copied().unwrap_or(0)
    }

    /// How many are drawn from each of the two strata.
    fn size(&self) -> u64 {
        size(STRATUM, self.total() as f64)
    }

    /// A partner of a record of a block.
    fn partner(&self, table: &Table, value: usize, record: u32, draws: &mut Draws) -> u32 {
        let block = self.block(value);
        if table.split.is_some() {
            let second = &block[self.first[value] as usize..];
            return second[draws.below(second.len() as u64) as usize];
        }
        let at = draws.below(block.len() as u64 - 1) as usize;
        // the last stands in for the record itself
        if block[at] == record { block[block.len() - 1] } else { block[at] }
    }

    fn by_pair(&self, table: &Table, draws: &mut Draws) -> (u32, u32) {
        let at = draws.below(self.total());
        let value = self.pairs.partition_point(|pairs| *pairs <= at);
        let from = if table.split.is_some() { self.first[value] } else { self.block(value).len() as u32 };
        let record = self.block(value)[draws.below(u64::from(from)) as usize];
        (record, self.partner(table, value, record, draws))
    }

    fn by_record(&self, table: &Table, draws: &mut Draws) -> (u32, u32) {
        let record = self.agreeing[draws.below(self.agreeing.len() as u64) as usize];
        let value = self.column.values[record as usize] as usize;
        (record, self.partner(table, value, record, draws))
    }

    /// How often a pair that agrees here is expected in both strata.
    fn expected(&self, table: &Table, value: usize) -> f64 {
        let block = self.block(value).len() as f64;
        let by_record = match table.split {
            Some(_) => 1.0 / (block - f64::from(self.first[value])),
            None => 2.0 / (block - 1.0),
        };
        self.size() as f64 * (1.0 / self.total() as f64 + by_record / self.agreeing.len() as f64)
    }
}

/// Draws a sample: the same for the same table and candidates.
pub fn sample(table: &Table, layout: &Layout, candidates: &[u64]) -> Sample {
    let useful = |column: &&Column| !matches!(column.kind, Kind::Sex | Kind::Region);
    let indexes: Vec<Index<'_>> =
        table.columns.iter().filter(useful).map(|column| Index::new(table, column)).filter(|i| i.total() > 0).collect();
    let pairs = draw(table, &indexes, candidates);
    let done = chunks(&pairs, 20_000, &|pairs: &[(u32, u32)]| {
        let mut row = Vec::with_capacity(layout.comparisons.len());
        let (mut cells, mut weights) = (Vec::with_capacity(pairs.len() * layout.comparisons.len()), Vec::new());
        for (a, b) in pairs {
            layout.compare(&TablePair { table, a: *a, b: *b }, &mut row);
            cells.extend_from_slice(&row);
            weights.push(weight(table, &indexes, candidates, (*a, *b)));
        }
        (cells, weights)
    });
    let mut sample = Sample { width: layout.comparisons.len(), cells: Vec::new(), weights: Vec::new() };
    for (cells, weights) in done {
        sample.cells.extend(cells);
        sample.weights.extend(weights);
    }
    sample
}

fn draw(table: &Table, indexes: &[Index<'_>], candidates: &[u64]) -> Vec<(u32, u32)> {
    let mut draws = Draws::new(table.len() as u64);
    let mut pairs = Vec::new();
    let records = table.len() as u64;
    for _ in 0..size(RANDOM, table.pairs()) {
        pairs.push(loop {
            let pair = match table.split.map(u64::from) {
                Some(split) => (draws.below(split) as u32, (split + draws.below(records - split)) as u32),
                None => (draws.below(records) as u32, draws.below(records) as u32),
            };
            if table.is_pair(pair.0, pair.1) {
                break pair;
            }
        });
    }
    for index in indexes {
        pairs.extend((0..index.size()).map(|_| index.by_pair(table, &mut draws)));
        pairs.extend((0..index.size()).map(|_| index.by_record(table, &mut draws)));
    }
    if !candidates.is_empty() {
        pairs.extend((0..size(CANDIDATES, candidates.len() as f64)).map(|_| {
            let pair = candidates[draws.below(candidates.len() as u64) as usize];
            ((pair >> 32) as u32, pair as u32)
        }));
    }
    pairs
}

/// The share of all pairs that a drawn pair stands for.
fn weight(table: &Table, indexes: &[Index<'_>], candidates: &[u64], (a, b): (u32, u32)) -> f64 {
    let all = table.pairs();
    let mut expected = size(RANDOM, all) as f64 / all;
    for index in indexes {
        let value = index.column.values[a as usize];
        if value != 0 && value == index.column.values[b as usize] {
            expected += index.expected(table, value as usize);
        }
    }
    if candidates.binary_search(&(u64::from(a.min(b)) << 32 | u64::from(a.max(b)))).is_ok() {
        expected += size(CANDIDATES, candidates.len() as f64) as f64 / candidates.len() as f64;
    }
    1.0 / (all * expected)
}
