//! The formats a body or a file can have, and how its bytes become text and its parts records.
//!
//! Owns: which [`Format`]s and [`Encoding`]s there are, how a message is packed ([`Packing`]), the limits that
//! are kept before and while anything is parsed ([`Bounds`]), the JSON Schema of the interchange record.
//! Must not know: what the fields of a record mean, where a body came from, what becomes of its records.
//! To add a format: a file here that hands each record to an [`Exit`], a variant of [`Format`], and the arms that the
//! compiler then asks for.
//!
//! Files may be larger than memory and may be hostile. So every reader here works on a stream, hands out one record at
//! a time, and stops as soon as a piece of it grows beyond its bound ([`stream::Meter`]). What a reader says of its
//! input are places and reasons, never values.

mod book;
mod csv;
mod depth;
mod encoding;
mod exit;
mod fault;
mod lines;
mod recode;
mod record;
mod sheet;
pub(super) mod stream;
mod table;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod transcode;
mod unpack;
mod xml;

pub use csv::{CsvLayout, delimiter};
pub use depth::deeper_than;
pub use encoding::{Encoding, NotText};
pub use exit::{Exit, Remark, Row, Take};
pub use fault::ReadError;
pub use recode::Detected;
pub use record::RECORD_SCHEMA;
pub use sheet::{Sheet, SheetLayout};
pub use table::Header;
pub use xml::XmlLayout;

pub(super) use lines::each_line;
pub(super) use unpack::{Head, each_stream, head};

use std::io::{Read, Seek};

/// `[format.*]`: what a body of the source is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `[format.json]`: one JSON document with one or many records.
    Json,
    /// `[format.ndjson]`: one JSON record a line.
    Ndjson,
    /// `[format.csv]`: a table as text.
    Csv(CsvLayout),
    /// `[format.xlsx]`: a sheet of an Excel book, new (xlsx) or old (xls).
    Xlsx(SheetLayout),
    /// `[format.xml]`: elements of an XML document.
    Xml(XmlLayout),
    /// `[format.record]`: one interchange record, or an array of them; nothing is mapped.
    Record,
}

impl Format {
    /// The name as the configuration spells it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv(_) => "csv",
            Self::Xlsx(_) => "xlsx",
            Self::Xml(_) => "xml",
            Self::Record => "record",
        }
    }

    /// Whether its bodies are JSON texts.
    pub const fn is_json(&self) -> bool {
        matches!(self, Self::Json | Self::Ndjson | Self::Record)
    }

    /// How the names of files in this format end; in an archive the others are left out.
    pub(super) const fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Json | Self::Record => &["json", "txt"],
            Self::Ndjson => &["ndjson", "jsonl", "json", "txt"],
            Self::Csv(_) => &["csv", "tsv", "txt"],
            Self::Xlsx(_) => &["xlsx", "xlsm", "xls"],
            Self::Xml(_) => &["xml"],
        }
    }
}

/// Who packed a message body, and so what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// The source itself: a whole page in the source's own format, `records` not yet applied.
    Foreign,
    /// A connector: a JSON array of source records, still in the source's own fields.
    Records,
    /// A JSON array of interchange records; nothing is mapped.
    Interchange,
}

/// What reading one body or file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes after unpacking, all entries of an archive together.
    pub bytes: u64,
    /// Bytes of what has to be in memory as a whole: an Excel book, a document that an expression goes through.
    pub whole: usize,
    /// Bytes of one record.
    pub record: usize,
    /// Levels of nested elements.
    pub depth: usize,
}

/// What can be read from its beginning more than once.
pub trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// Reads the rows of a table or the elements of a document.
pub(super) fn read(
    format: &Format,
    encoding: Encoding,
    input: &mut dyn Input,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    match format {
        Format::Csv(layout) => {
            each_stream(format, input, bounds, exit, &mut |stream, exit| csv::read(layout, encoding, stream, exit))
        }
        Format::Xml(layout) => each_stream(format, input, bounds, exit, &mut |stream, exit| {
            xml::read(layout, encoding, stream, bounds, exit)
        }),
        Format::Xlsx(layout) => book::read(format, layout, input, bounds, exit),
        Format::Json | Format::Ndjson | Format::Record => Err(ReadError::NoRecords),
    }
}
