//! `[format.csv]`: a table as text, read row by row.

use std::io::{Cursor, Read};

use csv::{Reader, ReaderBuilder, StringRecord};
use serde_json::Value;

use super::exit::{Exit, Remark};
use super::stream::Metered;
use super::table::{Header, Headings, SEARCHED, is_numbering};
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
    let mut table = Table { layout, headings: None, fresh: false, waiting: Vec::new() };
    let mut row = StringRecord::new();
    loop {
        let from = reader.position().line();
        if !reader.read_record(&mut row).map_err(|_| broken())? {
            break;
        }
        let within: usize = row.iter().map(|cell| cell.matches('\n').count()).sum();
        // blank lines before the row are passed over; a quotation mark that is never closed takes the last line break too
        let first = reader.position().line().saturating_sub(1 + within as u64).max(from);
        let line = first + u64::from(skipped > 0);
        table.take(line, &row, exit)?;
        meter.next(line);
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

/// The rows until the headings are known, and then records.
struct Table<'l> {
    layout: &'l CsvLayout,
    headings: Option<Headings>,
    /// The next row is the first under the headings.
    fresh: bool,
    waiting: Vec<(u64, Vec<Option<String>>)>,
}

impl Table<'_> {
    fn take(&mut self, line: u64, row: &StringRecord, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let cells = || row.iter().map(filled).collect();
        if self.headings.is_some() {
            return self.give(line, cells(), exit);
        }
        match &self.layout.header {
            Header::None => {
                self.headings = Some(Headings::letters(row.len()));
                self.give(line, cells(), exit)
            }
            Header::At(wanted) if line < *wanted => Ok(()),
            Header::At(_) => {
                self.waiting.push((line, cells()));
                self.end(exit)
            }
            Header::With(_) | Header::Found => {
                self.waiting.push((line, cells()));
                if self.waiting.len() < SEARCHED { Ok(()) } else { self.end(exit) }
            }
        }
    }

    /// Finds the headings among the rows that wait, and hands out those under them.
    fn end(&mut self, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        if self.headings.is_some() || self.layout.header == Header::None {
            return Ok(());
        }
        let at = self.layout.header.find(&self.waiting).ok_or(ReadError::NoHeader)?;
        let mut rows = std::mem::take(&mut self.waiting).into_iter().skip(at);
        let headings = rows.next().map(|(_, cells)| Headings::of(&cells)).filter(|headings| headings.len() > 0);
        (self.headings, self.fresh) = (Some(headings.ok_or(ReadError::NoHeader)?), true);
        rows.try_for_each(|(line, cells)| self.give(line, cells, exit))
    }

    fn give(&mut self, line: u64, cells: Vec<Option<String>>, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let Some(headings) = &self.headings else { return Ok(()) };
        if std::mem::take(&mut self.fresh) && is_numbering(&cells) {
            return Ok(());
        }
        let count = cells.len();
        // a quotation mark that is never closed takes the rows after it into one cell
        let swallows = count < headings.len() && cells.iter().flatten().any(|cell| cell.contains('\n'));
        let cells = cells.into_iter().map(|cell| cell.map_or(Value::Null, Value::String)).collect();
        let Some((fields, remark)) = headings.record(cells) else { return Ok(()) };
        let remark = if swallows { Some(Remark::Swallows { cells: count, headings: headings.len() }) } else { remark };
        exit.fields(line, fields, remark)
    }
}

/// A cell, where it is not blank; the last one of a line may have the first half of its line break.
fn filled(cell: &str) -> Option<String> {
    let cell = cell.strip_suffix('\r').unwrap_or(cell);
    (!cell.trim().is_empty()).then(|| cell.to_owned())
}
