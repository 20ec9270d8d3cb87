//! The formats a body can have, and how its bytes become text.
//!
//! Owns: which [`Format`]s and [`Encoding`]s there are, how a message is packed ([`Packing`]), the limits that
//! are kept before anything is parsed, the JSON Schema of the interchange record.
//! Must not know: what the fields of a record mean, where a body came from.
//! To add a format (csv, xlsx, xml): a file here that yields JSON records, a variant of [`Format`], and the arms
//! that the compiler then asks for.

mod record;

pub use record::RECORD_SCHEMA;

/// `[format.*]`: what a body of the source is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `[format.json]`: one JSON document with one or many records.
    Json,
    /// `[format.ndjson]`: one JSON record a line.
    Ndjson,
    /// `[format.record]`: one interchange record, or an array of them; nothing is mapped.
    Record,
}

/// `encoding = "…"`: how the characters of a text body are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    #[default]
    Utf8,
    /// Little or big endian as its byte order mark says, little endian without one.
    Utf16,
    Windows1258,
}

impl Encoding {
    /// The encoding of this name, exactly as the configuration spells it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "utf-8" => Some(Self::Utf8),
            "utf-16" => Some(Self::Utf16),
            "windows-1258" => Some(Self::Windows1258),
            _ => None,
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
