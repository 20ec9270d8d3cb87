//! Records in columns: each value is kept once and a record holds numbers, so that a million records fit in memory and
//! two values are equal when their numbers are.
//!
//! Records stand in the order of their ids, whatever order they came in; all that is worked out of a table is
//! therefore the same for the same set of records.

#![expect(clippy::indexing_slicing, reason = "every index is a number that this table gave out")]

use std::collections::HashMap;

use super::comparison::{Kind, glance};
use super::hash;

/// Texts one after the other in one allocation.
#[derive(Debug, Default, Clone)]
pub struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u32);
    }

    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.bytes[start..self.ends[index] as usize]
    }

    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// Gives equal texts equal numbers, from 1; 0 is the empty text.
#[derive(Debug)]
pub struct Interner {
    pub texts: Texts,
    numbers: HashMap<u64, u32>,
}

impl Default for Interner {
    fn default() -> Self {
        let mut texts = Texts::default();
        texts.push("");
        Self { texts, numbers: HashMap::new() }
    }
}

impl Interner {
    pub fn number(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        let mut at = hash::text(text);
        loop {
            match self.numbers.get(&at) {
                Some(number) if self.texts.get(*number as usize) == text => return *number,
                // two texts with one hash: the next place
                Some(_) => at = at.wrapping_add(1),
                None => {
                    let number = self.texts.len() as u32;
                    self.texts.push(text);
                    self.numbers.insert(at, number);
                    return number;
                }
            }
        }
    }
}

/// One attribute of all records.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// By record: the number of its value, 0 where it has none.
    pub values: Vec<u32>,
    pub texts: Texts,
    /// By value: how many records have it.
    pub counts: Vec<u32>,
    /// By value: how rare it is, see [`rarity`].
    pub rarities: Vec<u8>,
}

/// The greatest rarity there is: one in a billion.
pub const RAREST: u8 = 30;

/// How rare a value is that `count` of `records` have: the whole bits of -log2 of its share.
pub(super) fn rarity(count: u32, records: usize) -> u8 {
    let bits = (records.max(1) as f64 / f64::from(count.max(1))).log2().round();
    (bits.max(0.0) as u8).min(RAREST)
}

impl Column {
    fn new(name: &str, kind: Kind, values: Vec<u32>, texts: Texts) -> Self {
        let mut counts = vec![0; texts.len()];
        values.iter().for_each(|value| counts[*value as usize] += 1);
        let present = values.len() - counts[0] as usize;
        let rarities = counts.iter().map(|count| rarity(*count, present)).collect();
        Self { name: name.to_owned(), kind, values, texts, counts, rarities }
    }

    /// What a record has here; empty where it has nothing.
    pub fn text(&self, record: u32) -> &str {
        self.texts.get(self.values[record as usize] as usize)
    }
}

/// What a record has in one column: the number of the value, and a glance at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entry {
    pub value: u32,
    glance: [u32; 2],
}

impl Entry {
    fn new(value: u32, glance: u64) -> Self {
        Self { value, glance: [(glance >> 32) as u32, glance as u32] }
    }

    /// See [`glance`].
    pub const fn glance(self) -> u64 {
        (self.glance[0] as u64) << 32 | self.glance[1] as u64
    }
}

/// Records to be linked.
#[derive(Debug)]
pub struct Table {
    /// By record, then by column: side by side what is compared together.
    entries: Vec<Entry>,
    /// By record, in ascending order (within each of two files).
    pub ids: Texts,
    pub columns: Vec<Column>,
    /// Records before this one are of the first of two files, and only pairs between the files count.
    pub split: Option<u32>,
}

impl Table {
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// May the two be compared at all?
    pub fn is_pair(&self, a: u32, b: u32) -> bool {
        a != b && self.split.is_none_or(|split| (a < split) != (b < split))
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> f64 {
        let records = self.len() as f64;
        match self.split {
            Some(split) => f64::from(split) * (records - f64::from(split)),
            None => records * (records - 1.0) / 2.0,
        }
    }

    /// What a record has, column by column.
    pub fn row(&self, record: u32) -> &[Entry] {
        let width = self.columns.len();
        &self.entries[record as usize * width..(record as usize + 1) * width]
    }

    /// The record of an id, in either file.
    pub fn find(&self, id: &str) -> Option<u32> {
        let search = |from: usize, to: usize| {
            let (mut low, mut high) = (from, to);
            while low < high {
                let middle = usize::midpoint(low, high);
                if self.ids.get(middle) < id { low = middle + 1 } else { high = middle }
            }
            (low < to && self.ids.get(low) == id).then_some(low as u32)
        };
        let split = self.split.unwrap_or(0) as usize;
        search(0, split).or_else(|| search(split, self.len()))
    }
}

/// Rows as they are read, before they are a [`Table`].
#[derive(Debug)]
pub struct Rows {
    columns: Vec<(String, Kind)>,
    /// Of each row its id, then its values.
    cells: Texts,
    split: Option<usize>,
}

/// Two rows with one id.
#[derive(Debug, thiserror::Error)]
#[error("two records have the id {0:?}: an id must name one record")]
pub struct SameId(pub String);

impl Rows {
    pub fn new(columns: Vec<(String, Kind)>) -> Self {
        Self { columns, cells: Texts::default(), split: None }
    }

    /// Adds a record; `values` are normalized, one a column, empty where there is none.
    pub fn push<'v>(&mut self, id: &str, values: impl IntoIterator<Item = &'v str>) {
        self.cells.push(id);
        values.into_iter().take(self.columns.len()).for_each(|value| self.cells.push(value));
    }

    pub const fn len(&self) -> usize {
        self.cells.len() / (self.columns.len() + 1)
    }

    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// What is added from now on is of the second file.
    pub const fn second_file(&mut self) {
        self.split = Some(self.len());
    }

    /// Sorts and interns; with the table, the row that each of its records was.
    ///
    /// # Errors
    /// An id that stands twice in one file.
    pub fn into_table(self) -> Result<(Table, Vec<u32>), SameId> {
        let width = self.columns.len() + 1;
        let id = |row: usize| self.cells.get(row * width);
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let (first, second) = order.split_at_mut(self.split.unwrap_or(0));
        for file in [first, second] {
            file.sort_unstable_by(|a, b| id(*a as usize).cmp(id(*b as usize)));
            if let Some(twice) = file.windows(2).find(|two| id(two[0] as usize) == id(two[1] as usize)) {
                return Err(SameId(id(twice[0] as usize).to_owned()));
            }
        }
        let column = |index: usize| {
            let mut interner = Interner::default();
            let cell = |row: &u32| interner.number(self.cells.get(*row as usize * width + index + 1));
            let values = order.iter().map(cell).collect();
            let (name, kind) = &self.columns[index];
            Column::new(name, *kind, values, interner.texts)
        };
        let columns = super::parallel::parallel(self.columns.len(), &column);
        let mut ids = Texts::default();
        order.iter().for_each(|row| ids.push(id(*row as usize)));
        let entries = entries(&columns, order.len());
        Ok((Table { entries, ids, columns, split: self.split.map(|split| split as u32) }, order))
    }
}

fn entries(columns: &[Column], records: usize) -> Vec<Entry> {
    let mut entries = vec![Entry::default(); columns.len() * records];
    for (index, column) in columns.iter().enumerate() {
        let glances: Vec<u64> = column.texts.iter().map(|value| glance::glance(column.kind, value)).collect();
        for (entry, value) in entries.iter_mut().skip(index).step_by(columns.len()).zip(&column.values) {
            *entry = Entry::new(*value, glances[*value as usize]);
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, &str)]) -> Table {
        let mut read = Rows::new(vec![("town".to_owned(), Kind::Town)]);
        rows.iter().for_each(|(id, town)| read.push(id, [*town]));
        read.into_table().unwrap().0
    }

    #[test]
    fn records_stand_by_id_and_equal_values_have_one_number() {
        let table = table(&[("c", "hue"), ("a", "vinh"), ("b", "hue"), ("d", "")]);
        assert_eq!(table.ids.iter().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        let town = &table.columns[0];
        assert_eq!(town.values, [1, 2, 2, 0]);
        assert_eq!((town.text(2), town.counts[2]), ("hue", 2));
        assert_eq!((table.find("c"), table.find("e")), (Some(2), None));
        assert!((table.pairs() - 6.0).abs() < 1e-9);
    }

    #[test]
    fn an_id_names_one_record() {
        let mut rows = Rows::new(vec![("town".to_owned(), Kind::Town)]);
        rows.push("a", ["hue"]);
        rows.second_file();
        rows.push("a", ["vinh"]);
        rows.push("b", ["vinh"]);
        let table = rows.into_table().unwrap().0;
        assert!((table.pairs() - 2.0).abs() < 1e-9);
        assert!(table.is_pair(0, 1) && !table.is_pair(1, 2));
        let mut rows = Rows::new(vec![("town".to_owned(), Kind::Town)]);
        rows.push("a", ["hue"]);
        rows.push("a", ["vinh"]);
        assert!(rows.into_table().unwrap_err().to_string().contains("\"a\""));
    }
}
