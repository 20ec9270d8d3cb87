//! The formats a body can have, and how its bytes become text.
//!
//! Owns: which [`Format`]s and [`Encoding`]s there are, how a message is packed ([`Packing`]), the limits that
//! are kept before anything is parsed, the JSON Schema of the interchange record.
//! Must not know: what the fields of a record mean, where a body came from.
//! To add a format (csv, xlsx, xml): a file here that yields JSON records, a variant of [`Format`], and the arms
//! that the compiler then asks for.

mod depth;
mod encoding;
mod record;

pub use depth::deeper_than;
pub use encoding::{Encoding, NotText};
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

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Json, Self::Ndjson, Self::Record];

    /// The name as the configuration spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Record => "record",
        }
    }

    /// The format of this name, exactly as [`Self::as_str`] spells it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == name)
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
