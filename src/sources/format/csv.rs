//! `[format.csv]`: a table as text, read row by row.

use std::io::{Cursor, Read};

use csv::{Reader, ReaderBuilder, StringRecord};
use serde_json::Value;

use super::exit::Exit;
use super::stream::Metered;
use super::table::{Header, Line, SEARCHED, Table};
use super::transcode::Transcoded;
use super::{Encoding, ReadError};

/// How the table is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvLayout {
    /// `None`: found among `,`, `;`, tab and `|`.
    pub delimiter: Option<u8>,
    /// `None`: quotation marks mean nothing.
    pub quote: Option<u8>,
    pub header: Header,
}

impl Default for CsvLayout {
    fn default() -> Self {
        Self { delimiter: None, quote: Some(b'"'), header: Header::At(1) }
    }
}

/// Bytes of text in which the delimiter is looked for.
const HEAD: u64 = 64 << 10;

const DELIMITERS: &[u8] = b",;\t|";

/// Reads a table and hands out its records.
pub(super) fn read(
    layout: &CsvLayout,
    encoding: Encoding,
    stream: Metered<&mut dyn Read>,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    let meter = std::rc::Rc::clone(stream.meter());
    let broken = || meter.cause("CSV");
    let mut text = Transcoded::new(stream, std::rc::Rc::clone(&meter), encoding);
    let mut head = Vec::new();
    text.by_ref().take(HEAD).read_to_end(&mut head).map_err(|_| broken())?;
    // Excel's own word for the delimiter, on a line of its own
    let (said, skipped) = said_delimiter(&head);
    let delimiter = layout.delimiter.or(said).unwrap_or_else(|| find_delimiter(&head, layout.quote));
    let head = Cursor::new(head.split_off(skipped));
    // every row ends in a line break, so that lines can be counted from there
    let mut reader = reader_of(layout.quote, delimiter, head.chain(text).chain(&b"\n"[..]));
    let mut table = Table::new(&layout.header);
    let mut row = StringRecord::new();
    loop {
        let from = reader.position().line();
        if !reader.read_record(&mut row).map_err(|_| broken())? {
            break;
        }
        let within: usize = row.iter().map(|cell| cell.matches('\n').count()).sum();
        // blank lines before the row are passed over; a quotation mark that is never closed takes the last line break too
        let first = reader.position().line().saturating_sub(1 + within as u64).max(from);
        let number = first + u64::from(skipped > 0);
        table.take(line_of(number, &row), exit)?;
        meter.next(number);
    }
    table.end(exit)
}

/// The delimiter of a table that begins with this text.
pub fn delimiter(head: &[u8]) -> u8 {
    said_delimiter(head).0.unwrap_or_else(|| find_delimiter(head, CsvLayout::default().quote))
}

fn reader_of<R: Read>(quote: Option<u8>, delimiter: u8, stream: R) -> Reader<R> {
    let mut builder = ReaderBuilder::new();
    builder.flexible(true).has_headers(false).delimiter(delimiter).terminator(csv::Terminator::Any(b'\n'));
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    builder.from_reader(stream)
}

/// `sep=;` in the first line, and the bytes of that line.
fn said_delimiter(head: &[u8]) -> (Option<u8>, usize) {
    match head {
        [b's', b'e', b'p', b'=', delimiter, b'\r', b'\n', ..] => (Some(*delimiter), 7),
        [b's', b'e', b'p', b'=', delimiter, b'\n', ..] => (Some(*delimiter), 6),
        _ => (None, 0),
    }
}

/// The delimiter that cuts the most rows into the same number of cells, the more cells the better.
fn find_delimiter(head: &[u8], quote: Option<u8>) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = reader_of(quote, delimiter, head);
        let mut row = csv::ByteRecord::new();
        let mut widths: Vec<usize> = Vec::new();
        while widths.len() < SEARCHED && reader.read_byte_record(&mut row).unwrap_or(false) {
            widths.push(row.len());
        }
        widths.sort_unstable();
        let alike = widths.chunk_by(|a, b| a == b).filter(|rows| rows.first().is_some_and(|width| *width > 1));
        alike.map(|rows| rows.len() * rows.first().copied().unwrap_or_default()).max().unwrap_or_default()
    };
    let mut best = (0, b',');
    for delimiter in DELIMITERS {
        let found = score(*delimiter);
        if found > best.0 {
            best = (found, *delimiter);
        }
    }
    best.1
}

fn line_of(number: u64, row: &StringRecord) -> Line {
    let own: Vec<Value> = row.iter().map(filled).collect();
    let spans_lines = own.iter().any(|cell| cell.as_str().is_some_and(|text| text.contains('\n')));
    Line { number, own, shown: None, spans_lines }
}

/// A cell, null where it is blank; the last one of a line may have the first half of its line break.
fn filled(cell: &str) -> Value {
    let cell = cell.strip_suffix('\r').unwrap_or(cell);
    if cell.trim().is_empty() { Value::Null } else { cell.into() }
}
