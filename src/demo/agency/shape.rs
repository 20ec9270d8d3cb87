//! Pieces that several agencies' shapes are made of: times, dates and list members in different hands.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::clock::HANOI;
use crate::demo::generate::{Blemish, Document, Record};

/// `2024-03-05T10:11:12+07:00`
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.with_timezone(&HANOI).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// `at` in Vietnam as `format` (strftime) has it.
pub fn local(at: DateTime<Utc>, format: &str) -> String {
    at.with_timezone(&HANOI).format(format).to_string()
}

/// `day` as `format` (strftime) has it, null where there is none.
pub fn date(day: Option<NaiveDate>, format: &str) -> Value {
    day.map_or(Value::Null, |day| day.format(format).to_string().into())
}

/// The day of receipt as `format` has it; null where the agency forgot to enter it.
pub fn received(record: &Record, format: &str) -> Value {
    let forgotten = record.blemishes.contains(&Blemish::ReceivedOnMissing);
    date((!forgotten).then_some(record.content.received_on), format)
}

/// Number and date of a document.
pub fn document(document: Option<&Document>, format: &str) -> (Value, Value) {
    let number = document.map_or(Value::Null, |document| document.number.clone().into());
    (number, date(document.map(|document| document.on), format))
}

/// The decision complained of: number and date.
pub fn decision_against(record: &Record, format: &str) -> (Value, Value) {
    document(record.content.against.as_ref().and_then(|against| against.decision.as_ref()), format)
}

/// A list of whatever `shape` makes of each.
pub fn list<'a, T: 'a>(items: impl IntoIterator<Item = &'a T>, shape: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.into_iter().map(shape).collect())
}

/// A date as `%-d/%-m/%Y` and the like are for chrono: day first, as people write it.
pub const DAY_FIRST: &str = "%d/%m/%Y";
/// ISO 8601.
pub const ISO: &str = "%Y-%m-%d";
