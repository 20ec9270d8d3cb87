//! A table: the row of headings, and what stands under each.

use std::collections::HashSet;

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use super::ReadError;
use super::exit::{Exit, Remark};

/// Rows at the head of a table among which the headings are looked for.
pub(super) const SEARCHED: usize = 60;

/// Where cells without a heading go.
pub(super) const REST: &str = "_rest";

/// `header`: which row has the headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// `header = 4`: this row (of csv: line), from 1; what is above is a letterhead.
    At(u64),
    /// `header = 0`: none; the columns are called A, B, C, … as in a spreadsheet.
    None,
    /// `header = "Mã đơn"`: the first row in which this heading stands.
    With(String),
    /// Not said: the first row with the most different texts among the first sixty.
    Found,
}

impl Header {
    /// Which of these rows, each with its number and its cells, has the headings.
    fn find(&self, rows: &[(u64, Vec<Option<String>>)]) -> Option<usize> {
        match self {
            Self::None => None,
            Self::At(wanted) => rows.iter().position(|(number, _)| number >= wanted),
            Self::With(heading) => {
                let heading = tidy(heading);
                rows.iter().position(|(_, cells)| cells.iter().flatten().any(|cell| tidy(cell) == heading))
            }
            Self::Found => {
                let count = |cells: &[Option<String>]| {
                    cells.iter().flatten().filter(|cell| !is_number(cell)).collect::<HashSet<_>>().len()
                };
                let counts: Vec<usize> = rows.iter().map(|(_, cells)| count(cells)).collect();
                let most = counts.iter().copied().max().filter(|most| *most > 0)?;
                counts.iter().position(|count| *count == most)
            }
        }
    }
}

fn is_number(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | '-' | ':' | ' '))
}

/// One blank where there are several or a line break, and composed letters: as a person reads a heading.
fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1`, `2`, `3`, … or `(1)`, `(2)`, `(3)`, …: the row of numbers that reports put under their headings.
fn is_numbering(cells: &[Option<String>]) -> bool {
    let numbers: Vec<&str> = cells
        .iter()
        .flatten()
        .map(|cell| cell.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']))
        .collect();
    numbers.len() >= 3 && (1..).zip(&numbers).all(|(number, text): (u32, _)| *text == number.to_string())
}

/// The names of the columns, each once: the headings, else the letters of the column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Headings(Vec<String>);

impl Headings {
    pub fn of(cells: &[Option<String>]) -> Self {
        // blank cells at the end are no columns
        let last = cells.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let mut taken: HashSet<String> = HashSet::new();
        let mut names = Vec::with_capacity(last);
        for (at, cell) in cells.iter().take(last).enumerate() {
            let name = cell.as_deref().map(tidy).filter(|name| !name.is_empty()).unwrap_or_else(|| letters(at));
            let mut unique = name.clone();
            let mut count = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{name} {count}");
                count += 1;
            }
            names.push(unique);
        }
        Self(names)
    }

    /// Columns A, B, C, …
    pub fn letters(columns: usize) -> Self {
        Self((0..columns).map(letters).collect())
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The record of one row; `None` where all its cells are blank. A blank cell is null.
    pub fn record(&self, cells: Vec<Value>) -> Option<(Map<String, Value>, Option<Remark>)> {
        if cells.iter().all(Value::is_null) {
            return None;
        }
        let count = cells.len();
        let mut fields = Map::new();
        let mut rest = Vec::new();
        for (at, cell) in cells.into_iter().enumerate() {
            match self.0.get(at) {
                Some(name) => drop(fields.insert(name.clone(), cell)),
                None => rest.push(cell),
            }
        }
        let surplus = rest.iter().any(|cell| !cell.is_null());
        if surplus {
            fields.insert(REST.to_owned(), Value::Array(rest));
        }
        let remark = surplus.then_some(Remark::SurplusCells { cells: count, headings: self.len() });
        Some((fields, remark))
    }
}

/// A row of cells.
pub(super) struct Line {
    /// As a person counts it.
    pub number: u64,
    /// What is written in its cells; blank ones are null.
    pub own: Vec<Value>,
    /// What a person sees in its cells where some are merged: each shows the value of the first. `None`: what is written.
    pub shown: Option<Vec<Value>>,
    /// A cell goes on over several lines, as does one whose quotation mark is never closed.
    pub spans_lines: bool,
}

impl Line {
    fn texts(&self) -> Vec<Option<String>> {
        texts(self.shown.as_ref().unwrap_or(&self.own))
    }

    fn record(self, headings: &Headings) -> Option<(Map<String, Value>, Option<Remark>)> {
        let count = self.own.len();
        let swallows = self.spans_lines && count < headings.len();
        let cells = match self.shown {
            None => self.own,
            // a merged cell goes no further than the headings
            Some(mut cells) => {
                cells.truncate(headings.len());
                cells.extend(self.own.into_iter().skip(headings.len().max(cells.len())));
                cells
            }
        };
        let (fields, remark) = headings.record(cells)?;
        let swallowing = Remark::Swallows { cells: count, headings: headings.len() };
        Some((fields, if swallows { Some(swallowing) } else { remark }))
    }
}

fn texts(cells: &[Value]) -> Vec<Option<String>> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    cells.iter().map(text).collect()
}

/// Rows come in and wait until the headings are known; then records go out.
pub(super) struct Table<'l> {
    header: &'l Header,
    headings: Option<Headings>,
    /// The next row is the first under the headings.
    fresh: bool,
    waiting: Vec<Line>,
}

impl<'l> Table<'l> {
    pub const fn new(header: &'l Header) -> Self {
        Self { header, headings: None, fresh: false, waiting: Vec::new() }
    }

    pub const fn headings(&self) -> Option<&Headings> {
        self.headings.as_ref()
    }

    pub fn take(&mut self, row: Line, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        if self.headings.is_some() {
            return self.give(row, exit);
        }
        match self.header {
            Header::None => {
                self.headings = Some(Headings::letters(row.own.len()));
                self.give(row, exit)
            }
            Header::At(wanted) if row.number < *wanted => Ok(()),
            Header::At(_) => {
                self.waiting.push(row);
                self.end(exit)
            }
            Header::With(_) | Header::Found => {
                self.waiting.push(row);
                if self.waiting.len() < SEARCHED { Ok(()) } else { self.end(exit) }
            }
        }
    }

    /// Finds the headings among the rows that wait, and hands out those under them.
    pub fn end(&mut self, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        if self.headings.is_some() || *self.header == Header::None {
            return Ok(());
        }
        let shown: Vec<_> = self.waiting.iter().map(|row| (row.number, row.texts())).collect();
        let at = self.header.find(&shown).ok_or(ReadError::NoHeader)?;
        let headings = shown.get(at).map(|(_, cells)| Headings::of(cells)).filter(|headings| headings.len() > 0);
        (self.headings, self.fresh) = (Some(headings.ok_or(ReadError::NoHeader)?), true);
        let mut rows = std::mem::take(&mut self.waiting).into_iter().skip(at + 1);
        rows.try_for_each(|row| self.give(row, exit))
    }

    fn give(&mut self, row: Line, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let Some(headings) = &self.headings else { return Ok(()) };
        if std::mem::take(&mut self.fresh) && is_numbering(&texts(&row.own)) {
            return Ok(());
        }
        let number = row.number;
        match row.record(headings) {
            None => Ok(()),
            Some((fields, remark)) => exit.fields(number, fields, remark),
        }
    }
}

/// A, B, …, Z, AA, AB, …
fn letters(column: usize) -> String {
    let mut name = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        name.push(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default());
        rest = (rest - 1) / 26;
    }
    name.reverse();
    String::from_utf8_lossy(&name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned()).filter(|text| !text.is_empty())).collect()
    }

    #[test]
    fn headings_are_each_once_and_tidy() {
        let headings = Headings::of(&cells(&["Mã  đơn", "Họ\ntên", "", "Họ tên", "Họ tên", ""]));
        assert_eq!(headings.0, ["Mã đơn", "Họ tên", "C", "Họ tên 2", "Họ tên 3"]);
        assert_eq!(Headings::letters(28).0[24..], ["Y", "Z", "AA", "AB"]);
    }

    #[test]
    fn the_row_of_headings_is_found_under_letterheads() {
        let rows = [
            cells(&["UBND TỈNH BẮC NINH", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]),
            cells(&["SỔ TIẾP NHẬN ĐƠN"]),
            cells(&["Mã đơn", "Ngày nhận", "Người nộp", "Nội dung"]),
            cells(&["(1)", "(2)", "(3)", "(4)"]),
            cells(&["A1", "05/03/2024", "Nguyễn Thị Hoa", "Khiếu nại"]),
        ];
        let rows: Vec<(u64, Vec<Option<String>>)> = (1..).zip(rows).collect();
        assert_eq!(Header::Found.find(&rows), Some(2));
        assert_eq!(Header::With("Ngày  nhận".to_owned()).find(&rows), Some(2));
        assert_eq!(Header::At(5).find(&rows), Some(4));
        assert_eq!(Header::At(6).find(&rows), None);
        assert!(is_numbering(&rows[3].1) && !is_numbering(&rows[2].1) && !is_numbering(&cells(&["1", "2"])));
    }

    #[test]
    fn ragged_rows_keep_what_they_have() {
        let headings = Headings::of(&cells(&["a", "b"]));
        let record = |cells: Value| headings.record(cells.as_array().unwrap().clone());
        let (fields, remark) = record(serde_json::json!(["1"])).unwrap();
        assert_eq!((Value::Object(fields), remark), (serde_json::json!({ "a": "1" }), None));
        let (fields, remark) = record(serde_json::json!(["1", "2", null, "4"])).unwrap();
        assert_eq!(Value::Object(fields), serde_json::json!({ "a": "1", "b": "2", "_rest": [null, "4"] }));
        assert_eq!(remark, Some(Remark::SurplusCells { cells: 4, headings: 2 }));
        assert_eq!(record(serde_json::json!(["1", "2", null])).unwrap().1, None);
        assert_eq!(record(serde_json::json!([null, null, null])), None);
    }
}
