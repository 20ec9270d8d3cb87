//! A sample read by the readers that will read the source.

use std::ops::ControlFlow;

use serde_json::Value;

use super::content::{self, Content};
use super::names::Role;
use super::value::{Kind, is_of};
use super::{Fault, tree, vocabulary};
use crate::domain::SourceId;
use crate::sources::Limits;
use crate::sources::format::{
    CsvLayout, Detected, Encoding, Format, Head, Header, Input, ReadError, Sheet, SheetLayout, XmlLayout,
};
use crate::sources::mapping::{Decoder, DecoderConfig, Expression};

/// Records that are looked at.
pub(super) const RECORDS: usize = 300;
/// Sheets of a book that are looked at.
const SHEETS: usize = 10;
/// Bytes of a document that has to be in memory to find the records in it.
const DOCUMENT: usize = 64 << 20;

/// How a source is cut into records, and the first of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub format: Format,
    /// jq, of JSON.
    pub path: Option<String>,
    pub encoding: Encoding,
    pub detected: Option<Detected>,
    pub records: Vec<Value>,
    /// The whole document, of JSON that is an object.
    pub document: Option<Value>,
    /// Other lists in it, each with its path and how many objects it has.
    pub others: Vec<tree::Place>,
    /// Why it could not be read to the end of what was wanted.
    pub cut: Option<ReadError>,
}

/// Reads the beginning of a sample.
pub(super) fn read(input: &mut dyn Input, head: &Head, name: &str, today: chrono::NaiveDate) -> Result<Layout, Fault> {
    let utf16 = content::is_utf16(&head.bytes);
    let mut reader = Reader { input, utf16, today };
    let layout = match content::of(head, name)? {
        Content::Csv { delimiter } => reader.csv(delimiter),
        Content::Book => reader.book(),
        Content::Ndjson => reader.best([Format::Ndjson]),
        Content::Json if content::text(&head.bytes).trim_start_matches('\u{feff}').trim_start().starts_with('[') => {
            reader.best([Format::Json])
        }
        Content::Json => reader.json(),
        Content::Xml => reader.xml(&content::text(&head.bytes)),
    }?;
    if layout.records.is_empty() { Err(Fault::NoRecords) } else { Ok(layout) }
}

struct Reader<'i> {
    input: &'i mut dyn Input,
    utf16: bool,
    today: chrono::NaiveDate,
}

/// What one way of reading gave.
struct Rows {
    values: Vec<Value>,
    detected: Option<Detected>,
    end: Result<(), ReadError>,
}

impl Reader<'_> {
    fn rows(&mut self, format: &Format, encoding: Encoding, path: Option<&str>, limits: Limits) -> Result<Rows, Fault> {
        let reading = |_| Fault::Read(ReadError::NoRecords);
        let records = path.map(Expression::compile).transpose().map_err(reading)?;
        let source = SourceId::parse("sample").map_err(|_| Fault::Read(ReadError::NoRecords))?;
        let config = DecoderConfig { source, format: format.clone(), encoding, records, mapping: None, limits };
        self.input.rewind().map_err(|error| Fault::Read(ReadError::Io(error.kind().to_string())))?;
        let mut values = Vec::new();
        let reading = Decoder::new(config).read(self.input, &mut |row| {
            // a record that is deeper than a value can be, or no object, is none that can be mapped
            values.extend(serde_json::from_str::<Value>(row.record.0.get()).ok().filter(Value::is_object));
            if values.len() < RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let end = match reading.end {
            Err(ReadError::Stopped) => Ok(()),
            end => end,
        };
        Ok(Rows { values, detected: reading.detected, end })
    }

    /// Reads a format in the encoding that gives what `auto` gives, by name where one name does.
    fn encoded(&mut self, format: Format, path: Option<String>) -> Result<Layout, Fault> {
        let rows = self.rows(&format, Encoding::Auto, path.as_deref(), Limits::default())?;
        if rows.values.is_empty() {
            rows.end?;
            return Err(Fault::NoRecords);
        }
        let named = match rows.detected.as_ref().map(|found| (found.encoding, found.differing)) {
            _ if self.utf16 => Encoding::Utf16,
            Some((Some(legacy), 0)) => Encoding::parse(legacy.as_str()).unwrap_or(Encoding::Auto),
            Some((_, 1..)) => Encoding::Auto,
            _ => Encoding::Utf8,
        };
        let again = self.rows(&format, named, path.as_deref(), Limits::default())?;
        let encoding = if again.values == rows.values { named } else { Encoding::Auto };
        Ok(Layout {
            format,
            path,
            encoding,
            detected: rows.detected.filter(|found| found.encoding.is_some() || found.differing > 0),
            records: rows.values,
            document: None,
            others: Vec::new(),
            cut: rows.end.err(),
        })
    }

    /// Of several ways to read a table the one whose headings are known best; a row of values is no row of headings.
    fn best(&mut self, formats: impl IntoIterator<Item = Format>) -> Result<Layout, Fault> {
        let mut best: Option<((usize, usize), Layout)> = None;
        let mut fault = Fault::NoRecords;
        for format in formats {
            match self.encoded(format, None) {
                Ok(layout) => {
                    let score = self.score(&layout);
                    if best.as_ref().is_none_or(|(most, _)| score > *most) {
                        best = Some((score, layout));
                    }
                }
                Err(Fault::Read(ReadError::NoHeader | ReadError::NoRecords) | Fault::NoRecords) => {}
                Err(other) => fault = other,
            }
        }
        best.map(|(_, layout)| layout).ok_or(fault)
    }

    /// Headings that are known, and how many there are; nothing where they look like values.
    fn score(&self, layout: &Layout) -> (usize, usize) {
        let names = || layout.records.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys());
        let names: std::collections::BTreeSet<&String> = names().collect();
        let is_table = matches!(layout.format, Format::Csv(_) | Format::Xlsx(_));
        let is_value = |name: &String| !vocabulary::is_name(name) || is_of(Kind::Date, name, self.today);
        // a row of values has many; one heading that looks like one is no reason to take the row for such
        let values = names.iter().filter(|name| is_value(name)).count();
        if is_table && values * 4 > names.len() {
            return (0, 0);
        }
        (names.iter().filter(|name| vocabulary::is_known(name)).count(), names.len())
    }

    fn csv(&mut self, delimiter: u8) -> Result<Layout, Fault> {
        let format = |header| Format::Csv(CsvLayout { delimiter: Some(delimiter), header, ..CsvLayout::default() });
        self.best([Header::At(1), Header::Found, Header::None].map(format))
    }

    fn book(&mut self) -> Result<Layout, Fault> {
        let mut best: Option<((usize, usize), Layout)> = None;
        for number in 1..=SHEETS {
            let format = |header| Format::Xlsx(SheetLayout { sheet: Sheet::Number(number), header });
            match self.best([Header::Found, Header::None].map(format)) {
                Ok(layout) => {
                    let score = self.score(&layout);
                    if best.as_ref().is_none_or(|(most, _)| score > *most) {
                        best = Some((score, layout));
                    }
                }
                Err(Fault::Read(ReadError::NoSheet)) if number > 1 => break,
                Err(Fault::NoRecords) => {}
                Err(fault) => return Err(fault),
            }
        }
        best.map(|(_, layout)| layout).ok_or(Fault::NoRecords)
    }

    /// The whole document as one record, and the place of the records in it.
    fn whole(&mut self, format: &Format) -> Result<(Value, tree::Place, Vec<tree::Place>), Fault> {
        let limits = Limits { record_bytes: DOCUMENT, decompressed_bytes: DOCUMENT, ..Limits::default() };
        let rows = self.rows(format, Encoding::Auto, None, limits)?;
        let document = match (rows.values.into_iter().next(), rows.end) {
            (Some(document), _) => document,
            (None, Err(ReadError::RecordTooLarge { .. } | ReadError::TooLargeForMemory { .. })) => {
                return Err(Fault::TooLarge { limit: DOCUMENT });
            }
            (None, end) => return end.map_err(Fault::Read).and(Err(Fault::NoRecords)),
        };
        let (place, others) = tree::records(&document).ok_or(Fault::NoRecords)?;
        Ok((document, place, others))
    }

    fn json(&mut self) -> Result<Layout, Fault> {
        let (document, place, others) = self.whole(&Format::Json)?;
        let path = match (place.path.as_slice(), place.records) {
            ([], None) => None,
            (path, None) => Some(super::jq::path(path)),
            (path, Some(_)) => Some(format!("{}[]", super::jq::path(path))),
        };
        let layout = self.encoded(Format::Json, path)?;
        Ok(Layout { document: Some(document), others, ..layout })
    }

    fn xml(&mut self, head: &str) -> Result<Layout, Fault> {
        let root = content::root_of(head).ok_or(Fault::Unknown)?;
        let whole = Format::Xml(XmlLayout { record: vec![root.clone()], lists: Vec::new() });
        let (document, place, others) = self.whole(&whole)?;
        let mut record = vec![root];
        record.extend(place.path.iter().cloned());
        // one element around it tells it apart; the outermost may be called otherwise in the next delivery
        let record = record.split_off(record.len().saturating_sub(2));
        let records = tree::at(&document, &place.path);
        let lists = lists(
            records.into_iter().flat_map(|found| found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice)),
        );
        let layout = self.encoded(Format::Xml(XmlLayout { record, lists }), None)?;
        Ok(Layout { others, ..layout })
    }
}

/// Elements of records that are lists: those that are repeated, and those that usually are.
fn lists<'v>(records: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let mut lists = std::collections::BTreeSet::new();
    for record in records.take(RECORDS) {
        for (name, value) in record.as_object().into_iter().flatten() {
            let is_list = value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
            let usual = vocabulary::role_of(name).is_some_and(Role::is_list) && value.is_object();
            if (is_list || usual) && vocabulary::is_name(name) {
                lists.insert(name.clone());
            }
        }
    }
    lists.into_iter().collect()
}
