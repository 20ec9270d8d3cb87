//! A sheet of cells as records: headings under letterheads, merged cells, rows that are blank.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ReadError;
use super::exit::Exit;
use super::table::{Header, Headings, SEARCHED, is_numbering};

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
    layout: &'l SheetLayout,
    /// By the row they begin in.
    merged: BTreeMap<u32, Vec<Merged>>,
    /// Those that the current row is in, each with its value.
    open: Vec<(Merged, Value)>,
    headings: Option<Headings>,
    fresh: bool,
    waiting: Vec<(u64, Vec<Value>)>,
}

impl<'l> SheetRows<'l> {
    pub fn new(layout: &'l SheetLayout, merged: Vec<Merged>) -> Self {
        let mut by_row: BTreeMap<u32, Vec<Merged>> = BTreeMap::new();
        for region in merged {
            by_row.entry(region.rows.0).or_default().push(region);
        }
        Self { layout, merged: by_row, open: Vec::new(), headings: None, fresh: false, waiting: Vec::new() }
    }

    /// Takes the cells of one row, from 0, in the order of their columns.
    pub fn row(&mut self, row: u32, cells: Vec<(u32, Value)>, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let mut line: Vec<Value> = Vec::new();
        let mut put = |column: u32, value: Value| {
            let at = column as usize;
            if column < COLUMNS {
                line.resize(line.len().max(at + 1), Value::Null);
                if let Some(cell) = line.get_mut(at) {
                    *cell = value;
                }
            }
        };
        let mut blank = true;
        for (column, value) in cells {
            if !value.is_null() {
                blank = false;
                put(column, value);
            }
        }
        self.merge(row, &mut line);
        // what shows only what cells above it hold is no row of its own
        if blank {
            return Ok(());
        }
        let number = u64::from(row) + 1;
        if self.headings.is_some() {
            return self.give(number, line, exit);
        }
        match &self.layout.header {
            Header::None => {
                self.headings = Some(Headings::letters(line.len()));
                self.give(number, line, exit)
            }
            Header::At(wanted) if number < *wanted => Ok(()),
            Header::At(_) => {
                self.waiting.push((number, line));
                self.end(exit)
            }
            Header::With(_) | Header::Found => {
                self.waiting.push((number, line));
                if self.waiting.len() < SEARCHED { Ok(()) } else { self.end(exit) }
            }
        }
    }

    /// Shows the value of merged cells in all of them, as far as there are columns.
    fn merge(&mut self, row: u32, line: &mut Vec<Value>) {
        // regions that began in rows without a cell have no value
        let begun = self.merged.split_off(&row.saturating_add(1));
        for region in std::mem::replace(&mut self.merged, begun).into_values().flatten() {
            let value = line.get(region.columns.0 as usize).filter(|value| !value.is_null());
            if let Some(value) = value.filter(|_| region.rows.0 == row) {
                self.open.push((region, value.clone()));
            }
        }
        self.open.retain(|(region, _)| region.rows.1 >= row);
        let columns = self.headings.as_ref().map_or(FILLED, |headings| headings.len() as u32);
        for (region, value) in &self.open {
            for column in region.columns.0..=region.columns.1.min(columns.saturating_sub(1)) {
                let at = column as usize;
                line.resize(line.len().max(at + 1), Value::Null);
                if let Some(cell) = line.get_mut(at).filter(|cell| cell.is_null()) {
                    *cell = value.clone();
                }
            }
        }
    }

    /// Finds the headings among the rows that wait, and hands out those under them.
    pub fn end(&mut self, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        if self.headings.is_some() || (self.layout.header == Header::None && self.waiting.is_empty()) {
            return Ok(());
        }
        let shown: Vec<(u64, Vec<Option<String>>)> =
            self.waiting.iter().map(|(number, line)| (*number, texts(line))).collect();
        let at = self.layout.header.find(&shown).ok_or(ReadError::NoHeader)?;
        let headings = shown.get(at).map(|(_, cells)| Headings::of(cells)).filter(|headings| headings.len() > 0);
        (self.headings, self.fresh) = (Some(headings.ok_or(ReadError::NoHeader)?), true);
        let rows = std::mem::take(&mut self.waiting).into_iter().skip(at + 1);
        rows.into_iter().try_for_each(|(number, line)| self.give(number, line, exit))
    }

    fn give(&mut self, number: u64, line: Vec<Value>, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let Some(headings) = &self.headings else { return Ok(()) };
        if std::mem::take(&mut self.fresh) && is_numbering(&texts(&line)) {
            return Ok(());
        }
        match headings.record(line) {
            None => Ok(()),
            Some((fields, remark)) => exit.fields(number, fields, remark),
        }
    }
}

fn texts(line: &[Value]) -> Vec<Option<String>> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    line.iter().map(text).collect()
}
