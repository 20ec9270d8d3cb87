//! Expectation–maximisation (Dempster, Laird & Rubin 1977) over a weighted sample of pairs: the kinds of pairs of
//! `parameters` and how often each shows each cell.

#![expect(clippy::indexing_slicing, reason = "comparisons and cells are numbers that the layout gave out")]

use super::sample::Sample;
use crate::linkage::layout::{Layout, Subject};
use crate::linkage::parallel::parallel;
use crate::linkage::parameters::{Bits, Cell, Kinds, Parameters, Sums};

/// Rounds at most, and the change of the shares under which they end.
const ROUNDS: usize = 60;
const STILL: f64 = 1e-4;

/// One probability of a cell.
type Field = fn(&mut Cell) -> &mut f64;

/// All but the strangers'.
const OTHERS: [Field; 3] = [|cell| &mut cell.m, |cell| &mut cell.n, |cell| &mut cell.h];

/// What was learned, and how.
#[derive(Debug)]
pub struct Fit {
    pub parameters: Parameters,
    pub rounds: usize,
}

/// Weighted counts, by comparison and cell, and the shares.
struct Counts {
    cells: Vec<Vec<Cell>>,
    shares: Kinds,
}

/// Learns from a sample of the pairs of a table of `records`, `pairs` of them in all.
pub fn fit(layout: &Layout, sample: &Sample, records: usize, pairs: f64) -> Fit {
    let each = records as f64 / pairs;
    let has_place = layout.comparisons.iter().any(|comparison| comparison.is_place);
    let place = |share: f64| if has_place { share } else { 0.0 };
    let mut shares = Kinds {
        stayed: 0.2 * each,
        moved: place(0.05 * each),
        neighbours: place(2.0 * each),
        household: place(0.1 * each),
        relatives: place(0.01 * each),
    };
    let mut parameters = start(layout, sample);
    let mut rounds = 0;
    while rounds < ROUNDS {
        rounds += 1;
        let counts = count(layout, sample, &parameters, shares);
        let change = |(old, new): (f64, f64)| (new - old).abs() / (old + 0.01 * each);
        let most = shares.list().into_iter().zip(counts.shares.list()).map(change).fold(0.0, f64::max);
        shares = counts.shares;
        // left free, they end as all who share a common family name
        shares.relatives = shares.household * (shares.moved / shares.stayed.max(1e-300)).min(1.0);
        maximise(layout, &counts, pairs, &mut parameters);
        if most < STILL {
            break;
        }
    }
    parameters.kinds = shares.map(|share| share / each);
    Fit { parameters, rounds }
}

/// Where it begins: strangers as all pairs, matches mostly agreeing.
fn start(layout: &Layout, sample: &Sample) -> Parameters {
    let mut cells: Vec<Vec<Cell>> =
        layout.comparisons.iter().map(|comparison| vec![Cell::default(); comparison.cells]).collect();
    for (row, weight) in sample.cells.chunks(sample.width).zip(&sample.weights) {
        for (cells, cell) in cells.iter_mut().zip(row) {
            cells[usize::from(*cell)].u += weight;
        }
    }
    for (index, cells) in cells.iter_mut().enumerate() {
        normalize(layout, index, cells, |cell| &mut cell.u, 1e-9);
        for (at, cell) in cells.iter_mut().enumerate().skip(1) {
            let agreement = agreement(layout, index, at);
            let likely = 0.02 + agreement.powi(3);
            let rare = matches!(layout.comparisons[index].subject, Subject::Rarity(_) | Subject::NearRarity(_));
            (cell.m, cell.n) = if rare { (cell.u, cell.u) } else { (likely, likely) };
            cell.h = cell.n;
        }
        for field in OTHERS {
            normalize(layout, index, cells, field, 0.0);
        }
        if let Subject::Name { .. } = layout.comparisons[index].subject {
            start_of_kin(layout, index, cells);
        }
    }
    Parameters { kinds: Kinds::default(), cells }
}

/// Kin share the family name; their given names are strangers'.
fn start_of_kin(layout: &Layout, index: usize, cells: &mut [Cell]) {
    for (at, cell) in cells.iter_mut().enumerate().skip(1) {
        let family = layout.name_levels(at).1;
        cell.h = cell.u * if family + 1 >= 6 { 50.0 } else { 1.0 };
    }
    normalize(layout, index, cells, |cell| &mut cell.h, 0.0);
}

/// How much a cell agrees, from 0 to 1.
fn agreement(layout: &Layout, comparison: usize, cell: usize) -> f64 {
    match layout.comparisons[comparison].subject {
        Subject::Name { .. } => {
            let (first, second) = layout.name_levels(cell);
            (first + second) as f64 / 10.0 * if layout.is_crossed(cell) { 0.5 } else { 1.0 }
        }
        Subject::Sex { .. } => ((cell - 1) % 2) as f64,
        Subject::Email(_) => ((cell - 1) % 5) as f64 / 4.0,
        Subject::Level(_) => (cell - 1) as f64 / (layout.comparisons[comparison].cells - 2).max(1) as f64,
        Subject::Rarity(_) | Subject::NearRarity(_) => 0.5,
    }
}

/// Makes the probabilities of each pattern add up to 1, with `more` spread over its cells: evenly, but for names, of
/// which a combination that was never seen is as likely as its two halves are.
fn normalize(layout: &Layout, index: usize, cells: &mut [Cell], field: Field, more: f64) {
    let mut totals = [0.0; 4];
    let mut halves = [[0.0; 14]; 4];
    let is_name = matches!(layout.comparisons[index].subject, Subject::Name { .. });
    let places = |at: usize| {
        let (first, second) = layout.name_levels(at);
        [first, 6 + second, 12 + usize::from(layout.is_crossed(at))]
    };
    for (at, cell) in cells.iter_mut().enumerate().filter(|(at, _)| layout.is_possible(index, *at)) {
        let pattern = layout.pattern(index, at);
        totals[pattern] += *field(cell);
        if is_name {
            places(at).into_iter().for_each(|place| halves[pattern][place] += *field(cell));
        }
    }
    let spread = |at: usize, pattern: usize| {
        let share = |place: usize| (halves[pattern][place] + more) / (totals[pattern] + 6.0 * more);
        if is_name { places(at).into_iter().map(share).product() } else { 1.0 }
    };
    let mut sizes = [0.0; 4];
    for at in (1..cells.len()).filter(|at| layout.is_possible(index, *at)) {
        let pattern = layout.pattern(index, at);
        sizes[pattern] += spread(at, pattern);
    }
    for (at, cell) in cells.iter_mut().enumerate() {
        if !layout.is_possible(index, at) {
            *field(cell) = 0.0;
            continue;
        }
        let pattern = layout.pattern(index, at);
        let part = spread(at, pattern) / sizes[pattern];
        let value = field(cell);
        let whole = totals[pattern] + more;
        *value = if whole > 0.0 { more.mul_add(part, *value) / whole } else { part };
    }
}

/// The expectation: each pair counts in every kind as much as it is likely to be of it.
fn count(layout: &Layout, sample: &Sample, parameters: &Parameters, shares: Kinds) -> Counts {
    let bits = parameters.bits(layout);
    let rows = sample.weights.len();
    // a fixed number of parts, so that the sums do not depend on the number of processors
    let size = rows.div_ceil(16).max(1);
    let parts = parallel(rows.div_ceil(size), &|part| {
        let range = part * size..((part + 1) * size).min(rows);
        let mut counts = Counts { cells: empty(layout), shares: Kinds::default() };
        for at in range {
            let row = &sample.cells[at * sample.width..(at + 1) * sample.width];
            let likely = likelihood(layout, &bits, row, shares);
            counts.add(layout, row, sample.weights[at], likely);
        }
        counts
    });
    let mut all = Counts { cells: empty(layout), shares: Kinds::default() };
    parts.into_iter().for_each(|part| all.join(&part));
    let total: f64 = sample.weights.iter().sum();
    all.shares = all.shares.map(|share| share / total);
    all
}

fn empty(layout: &Layout) -> Vec<Vec<Cell>> {
    layout.comparisons.iter().map(|comparison| vec![Cell::default(); comparison.cells]).collect()
}

/// The probabilities of a pair's being of each kind.
fn likelihood(layout: &Layout, bits: &[Vec<Bits>], row: &[u16], shares: Kinds) -> Kinds {
    let mut sums = Sums::default();
    for ((comparison, bits), cell) in layout.comparisons.iter().zip(bits).zip(row) {
        sums.add(comparison, bits[usize::from(*cell)]);
    }
    let ratios = sums.ratios();
    let likely = Kinds {
        stayed: shares.stayed * ratios.stayed,
        moved: shares.moved * ratios.moved,
        neighbours: shares.neighbours * ratios.neighbours,
        household: shares.household * ratios.household,
        relatives: shares.relatives * ratios.relatives,
    };
    let total = likely.list().into_iter().sum::<f64>() + shares.strangers();
    likely.map(|share| share / total)
}

impl Counts {
    fn add(&mut self, layout: &Layout, row: &[u16], weight: f64, likely: Kinds) {
        let strangers = likely.strangers() * weight;
        let likely = likely.map(|share| share * weight);
        self.shares.add(likely);
        let Kinds { stayed, moved, neighbours, household, relatives } = likely;
        for ((comparison, cells), cell) in layout.comparisons.iter().zip(&mut self.cells).zip(row) {
            let cell = &mut cells[usize::from(*cell)];
            cell.m += stayed;
            cell.u += strangers;
            if comparison.is_place {
                cell.n += neighbours;
                cell.h += household;
                cell.u += moved + relatives;
            } else {
                cell.m += moved;
                cell.u += neighbours;
                *(if comparison.is_kin { &mut cell.h } else { &mut cell.u }) += household + relatives;
            }
        }
    }

    fn join(&mut self, other: &Self) {
        self.shares.add(other.shares);
        for (cell, other) in self.cells.iter_mut().flatten().zip(other.cells.iter().flatten()) {
            cell.m += other.m;
            cell.n += other.n;
            cell.h += other.h;
            cell.u += other.u;
        }
    }
}

/// The maximisation: shares of the counts, each with one pair more, spread over its cells.
fn maximise(layout: &Layout, counts: &Counts, pairs: f64, parameters: &mut Parameters) {
    parameters.cells.clone_from(&counts.cells);
    for (index, cells) in parameters.cells.iter_mut().enumerate() {
        let one = 1.0 / pairs;
        for field in OTHERS {
            normalize(layout, index, cells, field, one);
        }
        normalize(layout, index, cells, |cell| &mut cell.u, one);
    }
    let matches = (counts.shares.stayed + counts.shares.moved) * pairs;
    parameters.forget_the_unseen(layout, matches);
}
