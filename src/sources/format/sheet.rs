//! A sheet of cells as records: headings under letterheads, merged cells, rows that are blank.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ReadError;
use super::exit::Exit;
use super::table::{Header, Line, Table};

/// Which sheet of a book, and how it is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLayout {
    pub sheet: Sheet,
    pub header: Header,
}

impl Default for SheetLayout {
    fn default() -> Self {
        Self { sheet: Sheet::Number(1), header: Header::Found }
    }
}

/// `sheet`: by its number in the book, from 1, or its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sheet {
    Number(usize),
    Name(String),
}

impl Sheet {
    /// The name of the sheet among all of the book.
    pub(super) fn choose(&self, names: &[String]) -> Option<String> {
        match self {
            Self::Number(number) => names.get(number.checked_sub(1)?).cloned(),
            Self::Name(wanted) => {
                let flat = |name: &str| name.trim().to_lowercase();
                names.iter().find(|name| flat(name) == flat(wanted)).cloned()
            }
        }
    }
}

/// A rectangle of merged cells: the first has the value, and all show it. Rows and columns from 0, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merged {
    pub rows: (u32, u32),
    pub columns: (u32, u32),
}

/// Columns of a sheet, at most: as many as Excel has.
const COLUMNS: u32 = 16_384;
/// Columns of a merged letterhead that are filled while the headings are looked for.
const FILLED: u32 = 256;

/// Rows come in, records go out.
pub(super) struct SheetRows<'l> {
    /// By the row they begin in.
    merged: BTreeMap<u32, Vec<Merged>>,
    /// Those that the current row is in, each with its value.
    open: Vec<(Merged, Value)>,
    table: Table<'l>,
}

impl<'l> SheetRows<'l> {
    pub fn new(layout: &'l SheetLayout, merged: Vec<Merged>) -> Self {
        let mut by_row: BTreeMap<u32, Vec<Merged>> = BTreeMap::new();
        for region in merged {
            by_row.entry(region.rows.0).or_default().push(region);
        }
        Self { merged: by_row, open: Vec::new(), table: Table::new(&layout.header) }
    }

    /// Takes the cells of one row, from 0, in the order of their columns.
    pub fn row(&mut self, row: u32, cells: Vec<(u32, Value)>, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let mut own: Vec<Value> = Vec::new();
        for (column, value) in cells.into_iter().filter(|(column, value)| *column < COLUMNS && !value.is_null()) {
            put(&mut own, column, value);
        }
        let shown = self.merge(row, &own);
        // what shows only what cells above it hold is no row of its own
        if own.is_empty() {
            return Ok(());
        }
        self.table.take(Line { number: u64::from(row) + 1, own, shown: Some(shown), spans_lines: false }, exit)
    }

    /// Hands out what waits for its headings.
    pub fn end(&mut self, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        self.table.end(exit)
    }

    /// The row with the value of merged cells in all of them, as far as there are columns.
    fn merge(&mut self, row: u32, own: &[Value]) -> Vec<Value> {
        // regions that began in rows without a cell have no value
        let later = self.merged.split_off(&row.saturating_add(1));
        for region in std::mem::replace(&mut self.merged, later).into_values().flatten() {
            let value = own.get(region.columns.0 as usize).filter(|value| !value.is_null());
            if let Some(value) = value.filter(|_| region.rows.0 == row) {
                self.open.push((region, value.clone()));
            }
        }
        self.open.retain(|(region, _)| region.rows.1 >= row);
        let columns = self.table.headings().map_or(FILLED, |headings| headings.len() as u32);
        let mut shown = own.to_vec();
        for (region, value) in &self.open {
            for column in region.columns.0..=region.columns.1.min(columns.saturating_sub(1)) {
                if shown.get(column as usize).is_none_or(Value::is_null) {
                    put(&mut shown, column, value.clone());
                }
            }
        }
        shown
    }
}

fn put(line: &mut Vec<Value>, column: u32, value: Value) {
    let at = column as usize;
    line.resize(line.len().max(at + 1), Value::Null);
    if let Some(cell) = line.get_mut(at) {
        *cell = value;
    }
}
