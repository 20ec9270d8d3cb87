//! A body or a file of any size as records, one at a time, still in the source's own fields.

use std::cell::{Cell, RefCell};
use std::io::{BufReader, Chain, Cursor, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::decoder::{Decoder, DecoderConfig, own};
use super::native::Step;
use super::{BodyError, Expression};
use crate::domain::{ParsedRecord, RawRecord};
use crate::sources::Limits;
use crate::sources::format::stream::{Meter, Metered};
use crate::sources::format::transcode::Transcoded;
use crate::sources::format::{
    self, Bounds, Detected, Encoding, Exit, Format, Input, ReadError, Take, each_line, each_stream,
};

use super::RecordError;

/// What reading a file to its end, or as far as it could be read, has shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What `encoding = "auto"` was judged to be.
    pub detected: Option<Detected>,
    /// Entries of an archive that are of another format.
    pub left_out: u32,
    pub end: Result<(), ReadError>,
}

impl Bounds {
    /// Of one file that is read as a stream.
    pub const fn of_file(limits: &Limits) -> Self {
        Self {
            bytes: limits.file_bytes,
            whole: limits.decompressed_bytes,
            record: limits.record_bytes,
            depth: limits.json_depth,
        }
    }

    /// Of one body that is in memory.
    const fn of_body(limits: &Limits) -> Self {
        Self { bytes: limits.decompressed_bytes as u64, ..Self::of_file(limits) }
    }
}

impl Decoder {
    /// Hands out the records of a file. What is wrong with one of them is found when it is mapped; what ends the reading
    /// stands in the answer, and the records before it have been handed out.
    pub fn read(&self, input: &mut dyn Input, take: &mut Take<'_>) -> Reading {
        self.read_within(&Bounds::of_file(&self.config.limits), input, take)
    }

    fn read_within(&self, bounds: &Bounds, input: &mut dyn Input, take: &mut Take<'_>) -> Reading {
        let (format, encoding) = (&self.config.format, self.config.encoding);
        let mut exit = Exit::new(encoding, take);
        let end = match format {
            Format::Csv(_) | Format::Xlsx(_) | Format::Xml(_) => {
                format::read(format, encoding, input, bounds, &mut exit)
            }
            Format::Ndjson => each_stream(format, input, bounds, &mut exit, &mut |stream, exit| {
                each_line(encoding, stream, exit, &mut |number, line, exit| self.line(number, line, exit))
            }),
            Format::Json | Format::Record => each_stream(format, input, bounds, &mut exit, &mut |stream, exit| {
                self.document_stream(encoding, stream, bounds, exit)
            }),
        };
        // what was held back to be judged is not lost with what came after it
        let end = match end {
            Ok(()) | Err(ReadError::Stopped) => end,
            Err(error) => exit.flush().and(Err(error)),
        };
        Reading { detected: exit.detected(), left_out: exit.left_out(), end }
    }

    /// The texts of the records of a body that is no plain JSON.
    pub(super) fn collect(&self, body: &[u8]) -> Result<Vec<String>, BodyError> {
        let limit = self.config.limits.records;
        let mut texts = Vec::new();
        let reading = self.read_within(&Bounds::of_body(&self.config.limits), &mut Cursor::new(body), &mut |row| {
            texts.push(row.record.0.get().to_owned());
            if texts.len() > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match reading.end {
            Ok(()) | Err(ReadError::Stopped) => Ok(texts),
            Err(error) => Err(BodyError::Unreadable(error)),
        }
    }

    /// One record through the mapping: what intake will make of it.
    ///
    /// # Errors
    /// Why intake will not take it.
    pub fn map(&self, record: &RawRecord) -> Result<ParsedRecord, RecordError> {
        self.record(self.config.mapping.as_ref(), record.0.get())
    }

    /// What the bodies are.
    pub const fn format(&self) -> &Format {
        &self.config.format
    }

    /// How the bodies are cut into records: another text, other records.
    pub fn layout(&self) -> String {
        let DecoderConfig { format, encoding, records, .. } = &self.config;
        format!("{format:?} {encoding} {records:?}")
    }

    fn line(&self, number: u64, line: &str, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let broken = |_| ReadError::Broken { what: "NDJSON", number };
        let Some(records) = &self.config.records else {
            return exit.text(number, own(line).map_err(broken)?.0);
        };
        match self.document(Some(records), line) {
            Ok(texts) => texts.iter().try_for_each(|text| exit.text(number, own(text).map_err(broken)?.0)),
            Err(_) => exit.text(number, own(line).map_err(broken)?.0),
        }
    }

    fn document_stream(
        &self,
        encoding: Encoding,
        stream: Metered<&mut dyn Read>,
        bounds: &Bounds,
        exit: &mut Exit<'_>,
    ) -> Result<(), ReadError> {
        let meter = Rc::clone(stream.meter());
        let text = BufReader::new(Transcoded::new(stream, Rc::clone(&meter), encoding));
        match self.config.records.as_ref().map(|records| (records, records.as_path())) {
            None => {
                let (first, text) = first_sign(text).map_err(|_| meter.cause("JSON"))?;
                match first {
                    Some(b'[') => stream_records(text, &[Step::Each { optional: false }], &meter, exit),
                    Some(b'{') => stream_records(text, &[], &meter, exit),
                    _ => Err(meter.cause("JSON")),
                }
            }
            Some((_, Some(steps))) if steps.iter().all(|step| !matches!(step, Step::Index { .. })) => {
                stream_records(text, steps, &meter, exit)
            }
            Some((records, _)) => self.whole_document(records, text, bounds, &meter, exit),
        }
    }

    /// A document whose records only an expression finds: it has to be in memory.
    fn whole_document(
        &self,
        records: &Expression,
        stream: impl Read,
        bounds: &Bounds,
        meter: &Meter,
        exit: &mut Exit<'_>,
    ) -> Result<(), ReadError> {
        let limit = bounds.whole;
        let mut stream = stream.take(limit as u64 + 1);
        let mut bytes = Vec::new();
        // such a document is one piece of its stream: what it may take is another matter than what a record may
        while stream.by_ref().take(64 << 10).read_to_end(&mut bytes).map_err(|_| meter.cause("JSON"))? > 0 {
            meter.next(0);
        }
        if bytes.len() > limit {
            return Err(ReadError::TooLargeForMemory { limit });
        }
        let text = String::from_utf8(bytes).map_err(|_| meter.cause("JSON"))?;
        let texts = self.evaluate(records, &text).map_err(|error| match error {
            BodyError::TooDeep { limit } => ReadError::TooDeep { number: 0, limit },
            BodyError::Records(_) => ReadError::NoRecords,
            _ => ReadError::Broken { what: "JSON", number: 0 },
        })?;
        for (number, text) in (1..).zip(texts) {
            let raw = own(&text).map_err(|_| ReadError::Broken { what: "JSON", number })?;
            exit.text(number, raw.0)?;
        }
        Ok(())
    }
}

/// A stream with the sign that was read from it back in its place.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first sign that is no blank, and the stream with it.
fn first_sign<R: Read>(mut stream: R) -> std::io::Result<(Option<u8>, Whole<R>)> {
    let mut sign = Vec::new();
    loop {
        sign.clear();
        if stream.by_ref().take(1).read_to_end(&mut sign)? == 0 {
            return Ok((None, Cursor::new(Vec::new()).chain(stream)));
        }
        if let Some(first) = sign.first().copied().filter(|first| !first.is_ascii_whitespace()) {
            return Ok((Some(first), Cursor::new(sign).chain(stream)));
        }
    }
}

/// Hands out what a plain path selects, one by one.
fn stream_records(stream: impl Read, steps: &[Step], meter: &Meter, exit: &mut Exit<'_>) -> Result<(), ReadError> {
    let found = Cell::new(false);
    let stopped = RefCell::new(None);
    let count = Cell::new(0);
    let mut give = |raw: Box<RawValue>| {
        count.set(count.get() + 1);
        let given = exit.text(count.get(), raw);
        meter.next(count.get());
        given.map_err(|error| drop(stopped.borrow_mut().replace(error)))
    };
    let mut deserializer = serde_json::Deserializer::from_reader(stream);
    let walked = Walk { steps, give: &mut give, found: &found }.deserialize(&mut deserializer);
    let walked = walked.and_then(|()| deserializer.end());
    let stopped = stopped.take();
    match (walked, stopped) {
        (_, Some(error)) => Err(error),
        (Ok(()), None) if found.get() => Ok(()),
        (Ok(()), None) => Err(ReadError::NoRecords),
        (Err(error), None) if error.is_data() && count.get() == 0 => Err(ReadError::NoRecords),
        (Err(_), None) => Err(meter.cause("JSON")),
    }
}

/// A way through a document.
struct Walk<'w> {
    steps: &'w [Step],
    give: &'w mut dyn FnMut(Box<RawValue>) -> Result<(), ()>,
    /// The path led to its end.
    found: &'w Cell<bool>,
}

impl Walk<'_> {
    fn onwards(&mut self) -> Walk<'_> {
        Walk { steps: self.steps.get(1..).unwrap_or_default(), give: self.give, found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.steps.first() {
            None => {
                let raw = <Box<RawValue> as serde::Deserialize>::deserialize(deserializer)?;
                self.found.set(true);
                (self.give)(raw).map_err(|()| D::Error::custom("stopped"))
            }
            Some(Step::Key { .. }) => deserializer.deserialize_map(self),
            Some(Step::Each { .. } | Step::Index { .. }) => deserializer.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("what the path says")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if matches!(self.steps.first(), Some(Step::Key { key: wanted, .. }) if *wanted == key) {
                map.next_value_seed(self.onwards())?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.found.set(true);
        while seq.next_element_seed(self.onwards())?.is_some() {}
        Ok(())
    }
}
