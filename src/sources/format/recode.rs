//! The old Vietnamese encodings in the texts of records, decoded field by field.
//!
//! `auto` holds the first records back, judges each field by the syllables of what stands in it, and the whole file by
//! all of them; a field that tells nothing by itself is taken to be like the whole.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::Encoding;
use super::exit::Remark;
use crate::normalize::encoding::{Legacy, decode_seen, detect_seen};

/// Records that `auto` looks at before it decides, and bytes of their text.
const SAMPLE_ROWS: usize = 500;
const SAMPLE_BYTES: usize = 1 << 20;
/// Bytes of one field that are judged.
const FIELD_BYTES: usize = 32 << 10;
/// Fields that are judged each by itself.
const FIELDS: usize = 500;
/// Under this nobody should trust a judgement.
const SURE: f64 = 0.8;

/// What `auto` made of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// Of the file as a whole; `None`: UTF-8, or nothing but ASCII.
    pub encoding: Option<Legacy>,
    /// 0 to 1: the share of Vietnamese syllables among the words that tell.
    pub confidence: f64,
    /// Records that were looked at.
    pub rows: usize,
    /// Fields that are in another encoding than the whole.
    pub differing: usize,
}

impl Detected {
    /// The encoding as the configuration names it.
    pub const fn name(&self) -> &'static str {
        match self.encoding {
            None => "utf-8",
            Some(encoding) => encoding.as_str(),
        }
    }

    /// Of a hundred.
    pub fn percent(&self) -> u32 {
        (self.confidence.clamp(0.0, 1.0) * 100.0).floor() as u32
    }
}

/// A record that waits for the judgement.
pub(super) struct Held {
    pub number: u64,
    pub value: Value,
    pub remark: Option<Remark>,
}

/// Decodes the texts of records.
pub(super) struct Recoder {
    /// `None`: not decided yet.
    choice: Option<Choice>,
    detected: Option<Detected>,
    held: Vec<Held>,
    bytes: usize,
}

struct Choice {
    whole: Option<Legacy>,
    fields: HashMap<String, Option<Legacy>>,
}

impl Recoder {
    /// `None` where the text is Unicode already.
    pub fn new(encoding: Encoding) -> Option<Self> {
        let fixed = |legacy| Some(Choice { whole: Some(legacy), fields: HashMap::new() });
        let choice = match encoding {
            Encoding::Utf8 | Encoding::Utf16 => return None,
            Encoding::Windows1258 => fixed(Legacy::Windows1258),
            Encoding::Tcvn3 => fixed(Legacy::Tcvn3),
            Encoding::Vni => fixed(Legacy::Vni),
            Encoding::Viqr => fixed(Legacy::Viqr),
            Encoding::Auto => None,
        };
        Some(Self { choice, detected: None, held: Vec::new(), bytes: 0 })
    }

    /// Takes a record.
    pub fn hold(&mut self, number: u64, value: Value, remark: Option<Remark>) {
        if self.choice.is_none() {
            self.bytes += weight(&value);
        }
        self.held.push(Held { number, value, remark });
    }

    /// The records that can be handed out, decoded.
    pub fn decided(&mut self, ended: bool) -> Vec<Held> {
        if self.choice.is_none() {
            if !ended && self.held.len() < SAMPLE_ROWS && self.bytes < SAMPLE_BYTES {
                return Vec::new();
            }
            let (choice, detected) = judge(&self.held);
            (self.choice, self.detected) = (Some(choice), Some(detected));
        }
        let mut held = std::mem::take(&mut self.held);
        if let Some(choice) = &self.choice {
            for record in &mut held {
                decode(&mut record.value, "", choice);
            }
        }
        held
    }

    pub fn detected(&self) -> Option<Detected> {
        self.detected.clone()
    }
}

/// Judges each field, and all of them together.
fn judge(held: &[Held]) -> (Choice, Detected) {
    let mut samples: BTreeMap<&str, String> = BTreeMap::new();
    for record in held {
        sample(&record.value, "", &mut samples);
    }
    let mut all = String::new();
    let mut fields = HashMap::new();
    for (field, text) in &samples {
        all.push_str(text);
        let found = detect_seen(text);
        if let Some(encoding) = found.encoding.filter(|_| found.confidence >= SURE) {
            fields.insert((*field).to_owned(), Some(encoding));
        }
    }
    let found = detect_seen(&all);
    let whole = found.encoding.filter(|_| found.confidence >= SURE);
    let differing = fields.values().filter(|encoding| **encoding != whole).count();
    let detected = Detected { encoding: whole, confidence: found.confidence, rows: held.len(), differing };
    (Choice { whole, fields }, detected)
}

fn sample<'v>(value: &'v Value, field: &'v str, samples: &mut BTreeMap<&'v str, String>) {
    match value {
        Value::String(text) => {
            if samples.len() >= FIELDS && !samples.contains_key(field) {
                return;
            }
            let sample = samples.entry(field).or_default();
            if sample.len() + text.len() < FIELD_BYTES {
                sample.push_str(text);
                sample.push('\n');
            }
        }
        Value::Array(items) => items.iter().for_each(|item| sample(item, field, samples)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| sample(item, name, samples)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn decode(value: &mut Value, field: &str, choice: &Choice) {
    match value {
        Value::String(text) => {
            let encoding = choice.fields.get(field).copied().unwrap_or(choice.whole);
            if let Some(encoding) = encoding {
                *text = decode_seen(text, encoding);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| decode(item, field, choice)),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, item)| decode(item, name, choice));
            let named = |name: &String| choice.whole.filter(|_| !name.is_ascii()).map(|whole| decode_seen(name, whole));
            if fields.keys().any(|name| named(name).is_some()) {
                let renamed: Map<String, Value> = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, item)| (named(&name).unwrap_or(name), item))
                    .collect();
                *fields = renamed;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Bytes of all texts.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields.values().map(weight).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
