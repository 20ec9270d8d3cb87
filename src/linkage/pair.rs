//! Two records side by side, attribute by attribute: all that a layout needs to compare them.

#![expect(clippy::indexing_slicing, reason = "records and columns are numbers that the table gave out")]

use super::comparison::{Kind, glance};
use super::layout::MOST_COLUMNS;
use super::table::Table;

/// The level of a column without value in one of the records.
pub const MISSING: u8 = u8::MAX;

/// Two records that are compared. What it tells is the same when the two change places.
pub trait Pair {
    /// By column: the level on which the two agree, or [`MISSING`].
    fn levels(&self) -> [u8; MOST_COLUMNS];

    /// How rare the commoner of the two values of a column is.
    fn rarity(&self, column: usize) -> u8;

    /// The given name of each with the family name of the other: how they agree and how rare the commoner is.
    fn crossed(&self, given: usize, family: usize) -> [(u8, u8); 2];
}

/// Two records of one table.
#[derive(Debug, Clone, Copy)]
pub struct TablePair<'t> {
    pub table: &'t Table,
    pub a: u32,
    pub b: u32,
}

impl Pair for TablePair<'_> {
    fn levels(&self) -> [u8; MOST_COLUMNS] {
        let mut levels = [MISSING; MOST_COLUMNS];
        let rows = self.table.row(self.a).iter().zip(self.table.row(self.b));
        for ((level, column), (a, b)) in levels.iter_mut().zip(&self.table.columns).zip(rows) {
            if a.value != 0 && b.value != 0 {
                *level = if a.value == b.value {
                    column.kind.same()
                } else if let Some(level) = glance::level(column.kind, a.glance(), b.glance()) {
                    level
                } else {
                    column.kind.level(column.texts.get(a.value as usize), column.texts.get(b.value as usize))
                };
            }
        }
        levels
    }

    fn rarity(&self, column: usize) -> u8 {
        let of = |record: u32| self.table.columns[column].rarities[self.table.row(record)[column].value as usize];
        of(self.a).min(of(self.b))
    }

    fn crossed(&self, given: usize, family: usize) -> [(u8, u8); 2] {
        [self.agree(self.a, self.b, given, family), self.agree(self.b, self.a, given, family)]
    }
}

impl TablePair<'_> {
    fn agree(&self, a: u32, b: u32, given: usize, family: usize) -> (u8, u8) {
        let (one, other) = (self.table.row(a)[given], self.table.row(b)[family]);
        if one.value == 0 || other.value == 0 || glance::level(Kind::Given, one.glance(), other.glance()).is_some() {
            return (0, 0);
        }
        let (givens, families) = (&self.table.columns[given], &self.table.columns[family]);
        let (one, other) = (one.value as usize, other.value as usize);
        let (given, family) = (givens.texts.get(one), families.texts.get(other));
        let level = if given == family { Kind::Given.same() } else { Kind::Given.level(given, family) };
        (level, givens.rarities[one].min(families.rarities[other]))
    }
}
