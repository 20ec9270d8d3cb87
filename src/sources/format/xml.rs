//! `[format.xml]`: elements of a document as records, read as a stream. Entities of a document's own are refused, external
//! ones never fetched, and nothing is expanded but characters and the five names that XML itself has.

use std::borrow::Cow;
use std::io::{BufReader, Read};
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use super::exit::Exit;
use super::stream::{Meter, Metered};
use super::transcode::Transcoded;
use super::{Bounds, Encoding, ReadError};

/// Where the records are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlLayout {
    /// Local names, outermost first, the last one being the record's; as many of its ancestors as are needed.
    pub record: Vec<String>,
    /// Elements that are a list however often they occur; the others are one when there is more than one.
    pub lists: Vec<String>,
}

/// Levels of elements around a record.
const LEVELS: usize = 64;

/// Reads a document and hands out its records.
pub(super) fn read(
    layout: &XmlLayout,
    encoding: Encoding,
    stream: Metered<&mut dyn Read>,
    bounds: &Bounds,
    exit: &mut Exit<'_>,
) -> Result<(), ReadError> {
    let meter = Rc::clone(stream.meter());
    let text = Transcoded::new(stream, Rc::clone(&meter), encoding);
    let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, text));
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut walk = Walk { layout, bounds, meter: &meter, path: Vec::new(), frames: Vec::new(), weight: 0, count: 0 };
    let mut buffer = Vec::new();
    let mut any = false;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|_| meter.cause("XML"))?;
        match event {
            Event::Start(start) => {
                any = true;
                walk.start(&start)?;
            }
            Event::End(_) => walk.end(exit)?,
            Event::Text(text) => walk.text(&text.xml10_content())?,
            Event::CData(text) => walk.text(&text.into_inner())?,
            Event::GeneralRef(reference) => walk.text(&character(&reference))?,
            Event::DocType(declaration) if declares_entities(&declaration) => {
                return Err(ReadError::Entities);
            }
            // an empty element comes as a start and an end
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            Event::Eof if any && walk.path.is_empty() => return Ok(()),
            Event::Eof => return Err(meter.cause("XML")),
        }
        if walk.frames.is_empty() {
            meter.next(walk.count);
        }
    }
}

/// What a reference stands for; one that nobody knows stays as it came.
fn character(reference: &BytesRef<'_>) -> String {
    let name = reference.xml10_content();
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), ToOwned::to_owned),
    }
}

fn declares_entities(declaration: &str) -> bool {
    declaration.contains("<!ENTITY") || declaration.contains('%')
}

/// An element of a record that is open.
#[derive(Default)]
struct Frame {
    name: String,
    fields: Map<String, Value>,
    text: String,
}

struct Walk<'w> {
    layout: &'w XmlLayout,
    bounds: &'w Bounds,
    meter: &'w Meter,
    /// The open elements around the record, the record itself included.
    path: Vec<String>,
    /// The record that is open and what is open in it; empty outside of records.
    frames: Vec<Frame>,
    /// Bytes of the record so far.
    weight: usize,
    count: u64,
}

impl Walk<'_> {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        let name = start.local_name().as_ref().to_owned();
        if self.frames.is_empty() {
            self.path.push(name.clone());
            if self.path.len() > LEVELS {
                return Err(ReadError::TooDeep { number: self.count, limit: LEVELS });
            }
            if !self.path.ends_with(&self.layout.record) {
                return Ok(());
            }
            self.weight = 0;
        }
        // an array around repeated elements is a level too
        if (self.frames.len() + 1) * 2 > self.bounds.depth {
            return Err(ReadError::TooDeep { number: self.count, limit: self.bounds.depth / 2 });
        }
        self.pay(name.len())?;
        let mut frame = Frame { name, ..Frame::default() };
        for attribute in start.attributes() {
            let Ok(attribute) = attribute else { return Err(self.meter.cause("XML")) };
            let key = attribute.key.as_ref();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_or_else(|_| attribute.value.to_string(), Cow::into_owned);
            self.pay(key.len() + value.len())?;
            frame.fields.insert(format!("@{}", attribute.key.local_name().as_ref()), Value::String(value));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), ReadError> {
        if self.frames.is_empty() {
            return Ok(());
        }
        self.pay(text.len())?;
        if let Some(frame) = self.frames.last_mut() {
            frame.text.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self, exit: &mut Exit<'_>) -> Result<(), ReadError> {
        let Some(frame) = self.frames.pop() else {
            self.path.pop();
            return Ok(());
        };
        let name = frame.name.clone();
        let value = value(frame);
        let Some(parent) = self.frames.last_mut() else {
            self.path.pop();
            self.count += 1;
            let fields = match value {
                Value::Object(fields) => fields,
                other => Map::from_iter([("#text".to_owned(), other)]),
            };
            return exit.fields(self.count, fields, None);
        };
        let is_list = self.layout.lists.contains(&name);
        match parent.fields.get_mut(&name) {
            Some(Value::Array(items)) => items.push(value),
            Some(before) => *before = Value::Array(vec![before.take(), value]),
            None if is_list => drop(parent.fields.insert(name, Value::Array(vec![value]))),
            None => drop(parent.fields.insert(name, value)),
        }
        Ok(())
    }

    fn pay(&mut self, bytes: usize) -> Result<(), ReadError> {
        // every element and piece of text costs more than its letters
        self.weight += bytes + 16;
        let limit = self.bounds.record;
        if self.weight > limit { Err(ReadError::RecordTooLarge { number: self.count, limit }) } else { Ok(()) }
    }
}

/// Text alone is text; beside attributes and elements it is under `#text`.
fn value(mut frame: Frame) -> Value {
    let text = frame.text.trim();
    if frame.fields.is_empty() {
        return if text.is_empty() { Value::Null } else { text.into() };
    }
    if !text.is_empty() {
        frame.fields.insert("#text".to_owned(), text.into());
    }
    Value::Object(frame.fields)
}
