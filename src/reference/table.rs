//! Reads an embedded CSV table, once. A table that does not parse is a fault of the build and found by its test.

use chrono::NaiveDate;

/// The rows of an embedded table; `row` makes one of its columns, by position.
pub(super) fn rows<T>(csv_text: &'static str, row: impl Fn(&[&'static str]) -> Option<T>) -> Vec<T> {
    // the embedded text outlives everything, so rows can borrow from it; quoted fields are the exception
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(csv_text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while matches!(reader.read_record(&mut record), Ok(true)) {
        let fields: Vec<&'static str> = record.iter().map(|field| borrow(csv_text, field, &record)).collect();
        rows.extend(row(&fields));
    }
    rows
}

/// The same characters within the embedded text, found from the record's position; a field with doubled quotes does
/// not stand there as such and gives an empty text (the tables have none).
fn borrow(csv_text: &'static str, field: &str, record: &csv::StringRecord) -> &'static str {
    let from = record.position().map_or(0, |position| position.byte() as usize);
    let Some(rest) = csv_text.get(from..) else { return "" };
    rest.find(field).and_then(|at| rest.get(at..at + field.len())).unwrap_or("")
}

/// A first or last day; empty is none.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// Whether a span of days, both ends included, holds a day.
pub(super) fn holds(from: Option<NaiveDate>, to: Option<NaiveDate>, on: NaiveDate) -> bool {
    from.is_none_or(|from| from <= on) && to.is_none_or(|to| on <= to)
}
