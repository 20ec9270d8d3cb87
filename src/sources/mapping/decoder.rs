//! How the bodies of one source become records.

use std::borrow::Cow;

use super::{Expression, MapError, Mapping};
use crate::domain::{ParsedRecord, RawRecord, SourceId};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, Packing};

/// What a [`Decoder`] is made of: `[format.*]`, `[map]`, `[codes]`, `[limits]` of one source.
#[derive(Debug, Clone)]
pub struct DecoderConfig {
    pub source: SourceId,
    pub format: Format,
    pub encoding: Encoding,
    /// Where the records are in a page; `None`: an array is records, an object is one record.
    pub records: Option<Expression>,
    /// `None`: the source speaks the interchange record itself.
    pub mapping: Option<Mapping>,
    pub limits: Limits,
}

/// How the bodies of one source become records. Immutable: one a source, shared by all threads.
#[derive(Debug)]
pub struct Decoder {
    config: DecoderConfig,
}

/// One record of a body: its text as it came, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// The text of the record as it came, for the archive or for quarantine.
    pub raw: Cow<'a, str>,
    pub result: Result<ParsedRecord, RecordError>,
}

/// Why a whole body cannot be read. Never shows what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {limit} bytes; raise limits.decompressed_bytes if that is right")]
    TooLarge { limit: usize },
    #[error("the body is nested deeper than {limit} levels; raise limits.json_depth if that is right")]
    TooDeep { limit: usize },
    #[error("the body is not {encoding} at byte {at}")]
    NotText { encoding: &'static str, at: usize },
    #[error("the body is no JSON at line {line}, column {column}")]
    Invalid { line: usize, column: usize },
    #[error("the body is neither an array nor an object; say where its records are in format.json.records")]
    NoRecords,
    #[error("format.json.records failed: {0}")]
    Records(MapError),
}

/// Why one record cannot be read. Never shows what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("the record has no record_id")]
    NoRecordId,
    #[error("the record_id is longer than {limit} characters")]
    RecordIdTooLong { limit: usize },
    #[error("the record_id is neither text nor a number")]
    RecordIdNotText,
    #[error("the record_id could not be mapped: {0}")]
    MappingFailed(MapError),
    #[error("the record is larger than {limit} bytes; raise limits.record_bytes if that is right")]
    TooLarge { limit: usize },
    #[error("the record is nested deeper than {limit} levels; raise limits.json_depth if that is right")]
    TooDeep { limit: usize },
    #[error("the record is no JSON object")]
    NotAnObject,
    #[error("the record is no JSON at line {line}, column {column}")]
    Invalid { line: usize, column: usize },
}

impl Decoder {
    pub fn new(config: DecoderConfig) -> Self {
        Self { config }
    }

    /// The source whose bodies these are.
    pub fn source(&self) -> &SourceId {
        &self.config.source
    }

    /// The source records of a page, still in the source's own fields: what a connector publishes.
    pub fn records(&self, _body: &[u8]) -> Result<Vec<RawRecord>, BodyError> {
        Ok(Vec::new())
    }

    /// The interchange records of a message body, each on its own: one that cannot be read harms no other.
    pub fn decode<'a>(&self, _packing: Packing, _body: &'a [u8]) -> Result<Vec<Decoded<'a>>, BodyError> {
        Ok(Vec::new())
    }

    /// Only the id of a source record: for the set of keys of a snapshot.
    pub fn record_id(&self, _record: &RawRecord) -> Result<String, RecordError> {
        Err(RecordError::NoRecordId)
    }
}
