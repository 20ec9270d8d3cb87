//! How the bodies of one source become records.

use std::borrow::Cow;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::bounds::Bounds;
use super::expression::Input;
use super::native::Step;
use super::{Expression, MapError, Mapping, page, parsed};
use crate::domain::{ParsedRecord, RawRecord, SourceId};
use crate::sources::Limits;
use crate::sources::format::{Encoding, Format, NotText, Packing, ReadError, deeper_than};

/// Levels of JSON, whatever `limits.json_depth` says: serde_json reads 127, and a record is stored within others.
const PARSER_DEPTH: usize = 96;

/// What a [`Decoder`] is made of: `[format.*]`, `[map]`, `[codes]`, `[limits]` of one source.
#[derive(Debug, Clone)]
pub struct DecoderConfig {
    pub source: SourceId,
    pub format: Format,
    pub encoding: Encoding,
    /// Where the records are in a page (of ndjson: in a line); `None`: an array is records, an object is one record.
    pub records: Option<Expression>,
    /// `None`: the source speaks the interchange record itself.
    pub mapping: Option<Mapping>,
    pub limits: Limits,
}

/// How the bodies of one source become records. Immutable: one a source, shared by all threads.
#[derive(Debug)]
pub struct Decoder {
    pub(super) config: DecoderConfig,
    depth: usize,
    may_make_nul: bool,
}

/// One record of a body: its text as it came, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// The text of the record as it came, for the archive or for quarantine. JSON, except for a line of ndjson that
    /// is none.
    pub raw: Cow<'a, str>,
    pub result: Result<ParsedRecord, RecordError>,
}

/// Why a whole body cannot be read. Never shows what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {limit} bytes; raise limits.decompressed_bytes if that is right")]
    TooLarge { limit: usize },
    #[error("the body holds more than {limit} records; raise limits.records if that is right, or send fewer at once")]
    TooMany { limit: usize },
    /// Only where `records` is more than a plain path: then the whole body must be read at once.
    #[error("the body is nested deeper than {limit} levels, which format.json.records cannot go through")]
    TooDeep { limit: usize },
    #[error("the body is not {encoding} at byte {at}; set format encoding to what the source writes")]
    NotText { encoding: Encoding, at: usize },
    #[error("the body is no JSON at line {line}, column {column}")]
    Invalid { line: usize, column: usize },
    #[error("the body is neither an array nor an object; say where its records are in format.json.records")]
    NoRecords,
    #[error("format.json.records failed: {0}")]
    Records(MapError),
    /// Of a format that is no JSON, or an encoding that is told by its words.
    #[error("the body cannot be read: {0}")]
    Unreadable(ReadError),
}

/// Why one record cannot be read. Never shows what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("the record has no record_id")]
    NoRecordId,
    #[error("the record_id is longer than {limit} characters")]
    RecordIdTooLong { limit: usize },
    /// Two ids that look alike would be two records, or, with the character taken out, one.
    #[error("the record_id holds a control character; send the id as the source shows it")]
    RecordIdControl,
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
        let depth = config.limits.json_depth.min(PARSER_DEPTH);
        let may_make_nul = config.mapping.as_ref().is_some_and(Mapping::may_make_nul);
        Self { config, depth, may_make_nul }
    }

    /// The source whose bodies these are.
    pub fn source(&self) -> &SourceId {
        &self.config.source
    }

    /// The source records of a page, still in the source's own fields: what a connector publishes.
    ///
    /// A line of ndjson that is no JSON becomes a JSON text with the line in it, which [`Self::decode`] refuses
    /// again, so that it comes to quarantine and is not lost here.
    ///
    /// # Errors
    /// When the page as a whole cannot be read.
    pub fn records(&self, body: &[u8]) -> Result<Vec<RawRecord>, BodyError> {
        let texts = self.split(Packing::Foreign, body)?;
        texts.into_iter().map(|text| own(&text)).collect()
    }

    /// What an expression of the pagination finds first on a page; `None` where there is nothing, or null. A number
    /// that a plain path leads to comes as its text, exactly as the page writes it: a cursor is sent back as it came.
    ///
    /// # Errors
    /// When the page as a whole cannot be read; inside, when the expression fails on it.
    pub fn find(&self, expression: &Expression, body: &[u8]) -> Result<Result<Option<Value>, MapError>, BodyError> {
        let text = self
            .config
            .encoding
            .decode(body)
            .map_err(|NotText { encoding, at }| BodyError::NotText { encoding, at })?;
        if let Some(raws) = expression.as_path().and_then(|steps| page::select(&text, steps, 1)) {
            let Some(first) = raws.first().map(|raw| raw.get()) else { return Ok(Ok(None)) };
            let is_number = first.starts_with(|c: char| c == '-' || c.is_ascii_digit());
            let value = if is_number {
                Value::String(first.to_owned())
            } else {
                serde_json::from_str(first).map_err(invalid)?
            };
            return Ok(Ok(Some(value).filter(|value| !value.is_null())));
        }
        if deeper_than(text.as_bytes(), PARSER_DEPTH) {
            return Err(BodyError::TooDeep { limit: PARSER_DEPTH });
        }
        let document: Value = serde_json::from_str(&text).map_err(invalid)?;
        let bounds = Bounds::page(self.config.limits.mapping_time, text.len());
        let outputs = expression.outputs(&Input::new(&document), bounds, true);
        Ok(outputs.map(|outputs| outputs.into_iter().next().filter(|value| !value.is_null())))
    }

    /// The interchange records of a message body, each on its own: one that cannot be read harms no other.
    ///
    /// # Errors
    /// When the body as a whole cannot be read.
    pub fn decode<'a>(&self, packing: Packing, body: &'a [u8]) -> Result<Vec<Decoded<'a>>, BodyError> {
        let mapping = self.config.mapping.as_ref().filter(|_| packing != Packing::Interchange);
        let texts = self.split(packing, body)?;
        Ok(texts.into_iter().map(|raw| Decoded { result: self.record(mapping, &raw), raw }).collect())
    }

    /// Only the id of a source record: for the set of keys of a snapshot.
    ///
    /// # Errors
    /// As for the record in [`Self::decode`], as far as its id is concerned.
    pub fn record_id(&self, record: &RawRecord) -> Result<String, RecordError> {
        let raw = record.0.get();
        let value = self.value(raw)?;
        match &self.config.mapping {
            None => parsed::record_id(value.get("record_id"), || exact_id(None, raw)),
            Some(mapping) => {
                let record = Value::Object(value);
                let id = mapping.record_id().first(&record, self.config.limits.mapping_time);
                let id = id.map_err(RecordError::MappingFailed)?;
                parsed::record_id(id.as_ref(), || exact_id(Some(mapping), raw))
            }
        }
    }

    /// One record, mapped if there is a mapping.
    pub(super) fn record(&self, mapping: Option<&Mapping>, raw: &str) -> Result<ParsedRecord, RecordError> {
        let value = self.value(raw)?;
        let (mut fields, mut findings) = match mapping {
            None => (value, Vec::new()),
            Some(mapping) => {
                let mapped = mapping.apply(&Value::Object(value), self.config.limits.mapping_time);
                let mapped = mapped.map_err(RecordError::MappingFailed)?;
                (mapped.fields, mapped.findings)
            }
        };
        if raw.contains("\\u0000") || (mapping.is_some() && self.may_make_nul) {
            fields = parsed::without_nul(fields, &mut findings);
        }
        parsed::parsed(fields, findings, || exact_id(mapping, raw))
    }

    /// The fields of one record, within the limits.
    fn value(&self, raw: &str) -> Result<Map<String, Value>, RecordError> {
        let limit = self.config.limits.record_bytes;
        if raw.len() > limit {
            return Err(RecordError::TooLarge { limit });
        }
        if deeper_than(raw.as_bytes(), self.depth) {
            return Err(RecordError::TooDeep { limit: self.depth });
        }
        match serde_json::from_str(raw) {
            Ok(fields) => Ok(fields),
            Err(error) if error.is_data() => Err(RecordError::NotAnObject),
            Err(error) => Err(RecordError::Invalid { line: error.line(), column: error.column() }),
        }
    }

    /// The texts of the records of a body.
    fn split<'a>(&self, packing: Packing, body: &'a [u8]) -> Result<Vec<Cow<'a, str>>, BodyError> {
        let limit = self.config.limits.decompressed_bytes;
        if body.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        let foreign = packing == Packing::Foreign;
        if foreign && (!self.config.format.is_json() || self.config.encoding.is_told_by_words()) {
            let texts = self.collect(body)?;
            let limit = self.config.limits.records;
            return match texts.len() {
                count if count > limit => Err(BodyError::TooMany { limit }),
                _ => Ok(texts.into_iter().map(Cow::Owned).collect()),
            };
        }
        let encoding = if foreign { self.config.encoding } else { Encoding::Utf8 };
        let records = self.config.records.as_ref().filter(|_| foreign);
        let lines = foreign && self.config.format == Format::Ndjson;
        let texts: Vec<Cow<'a, str>> = match encoding.decode(body) {
            Err(NotText { encoding, at }) => return Err(BodyError::NotText { encoding, at }),
            Ok(Cow::Borrowed(text)) if lines => self.lines(records, text)?,
            Ok(Cow::Borrowed(text)) => self.document(records, text)?,
            Ok(Cow::Owned(text)) => {
                let texts = if lines { self.lines(records, &text)? } else { self.document(records, &text)? };
                texts.into_iter().map(|text| Cow::Owned(text.into_owned())).collect()
            }
        };
        let limit = self.config.limits.records;
        if texts.len() > limit { Err(BodyError::TooMany { limit }) } else { Ok(texts) }
    }

    /// The records of ndjson: one a line, or as many as `records` finds in it. A line that cannot be read is one
    /// record, and its own fault.
    fn lines<'a>(&self, records: Option<&Expression>, text: &'a str) -> Result<Vec<Cow<'a, str>>, BodyError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let Some(records) = records else {
            return Ok(lines.take(self.config.limits.records.saturating_add(1)).map(Cow::Borrowed).collect());
        };
        let mut texts = Vec::new();
        for line in lines {
            if texts.len() > self.config.limits.records {
                break;
            }
            match self.document(Some(records), line) {
                Ok(more) => texts.extend(more),
                Err(BodyError::Invalid { .. } | BodyError::TooDeep { .. }) => texts.push(Cow::Borrowed(line)),
                Err(error) => return Err(error),
            }
        }
        Ok(texts)
    }

    /// The records of one JSON document.
    pub(super) fn document<'a>(
        &self,
        records: Option<&Expression>,
        text: &'a str,
    ) -> Result<Vec<Cow<'a, str>>, BodyError> {
        let borrow = |raws: Vec<&'a RawValue>| raws.into_iter().map(|raw| Cow::Borrowed(raw.get())).collect();
        let Some(records) = records else {
            return match text.trim_start().as_bytes().first() {
                Some(b'[') => page::elements(text, self.config.limits.records).map(borrow).map_err(invalid),
                _ => match serde_json::from_str::<&RawValue>(text).map_err(invalid)? {
                    object if object.get().starts_with('{') => Ok(borrow(vec![object])),
                    _ => Err(BodyError::NoRecords),
                },
            };
        };
        match records.as_path().and_then(|steps| page::select(text, steps, self.config.limits.records)) {
            Some(raws) => Ok(borrow(raws)),
            None => self.evaluate(records, text),
        }
    }

    /// `records` on the whole document, where it is more than a plain path or does not fit.
    pub(super) fn evaluate<'a>(&self, records: &Expression, text: &str) -> Result<Vec<Cow<'a, str>>, BodyError> {
        if deeper_than(text.as_bytes(), PARSER_DEPTH) {
            return Err(BodyError::TooDeep { limit: PARSER_DEPTH });
        }
        let document: Value = serde_json::from_str(text).map_err(invalid)?;
        let bounds = Bounds::page(self.config.limits.mapping_time, text.len());
        let outputs = records.outputs(&Input::new(&document), bounds, false).map_err(BodyError::Records)?;
        Ok(outputs.into_iter().map(|output| Cow::Owned(output.to_string())).collect())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn invalid(error: serde_json::Error) -> BodyError {
    BodyError::Invalid { line: error.line(), column: error.column() }
}

/// A record of its own; text that is no JSON becomes a JSON text.
pub(super) fn own(text: &str) -> Result<RawRecord, BodyError> {
    let raw = RawValue::from_string(text.to_owned())
        .or_else(|_| RawValue::from_string(Value::String(text.to_owned()).to_string()));
    raw.map(RawRecord).map_err(invalid)
}

/// The text of an id that is a number beyond what integers hold, where a plain path leads to it.
fn exact_id(mapping: Option<&Mapping>, raw: &str) -> Option<String> {
    let own = [Step::Key { key: "record_id".to_owned(), optional: false }];
    let steps = match mapping {
        None => &own,
        Some(mapping) => mapping.record_id().as_path()?,
    };
    let selected = page::select(raw, steps, 1)?;
    selected.first().map(|id| id.get().to_owned())
}
