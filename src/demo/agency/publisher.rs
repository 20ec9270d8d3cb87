//! The messages of the agencies that publish to their inbox themselves.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::desk::Desk;
use super::server::pack;
use super::{Amqp, Sent};
use crate::compression::Encoding;
use crate::domain::SourceId;

/// A message, whole; the caller brings it to the exchange `<prefix>.inbox` with the source id as routing key.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    pub source: SourceId,
    pub body: Vec<u8>,
    pub content_type: &'static str,
    /// `gzip`, `zstd`, or none.
    pub content_encoding: Option<&'static str>,
    pub message_id: String,
    /// When the source wrote it: for a record without a version, what orders it.
    pub timestamp: DateTime<Utc>,
    /// Records in it, parts and earlier versions counted each.
    pub records: u64,
}

/// Everything `desk` has to say, in the order in which it says it; some messages twice.
pub fn all(desk: &Desk, amqp: &Amqp, source: &SourceId) -> Vec<Outgoing> {
    let sent: Vec<Sent> = desk.read(|records| records.iter().flat_map(amqp.sent).collect());
    let mut messages = Vec::new();
    for (n, batch) in sent.chunks(amqp.batch.max(1)).enumerate() {
        let message = message(amqp, source, &format!("{n}"), batch);
        if amqp.again_every > 0 && (n as u64 + 1).is_multiple_of(amqp.again_every) {
            messages.push(message.clone());
        }
        messages.push(message);
    }
    messages
}

/// One message with these records.
pub fn message(amqp: &Amqp, source: &SourceId, number: &str, batch: &[Sent]) -> Outgoing {
    let values: Vec<Value> = batch.iter().map(|sent| sent.value.clone()).collect();
    let body = (amqp.pack)(values).to_string().into_bytes();
    let content_encoding = match amqp.encoding {
        Encoding::Identity => None,
        Encoding::Gzip => Some("gzip"),
        Encoding::Zstd => Some("zstd"),
    };
    Outgoing {
        source: source.clone(),
        body: pack(amqp.encoding, &body),
        content_type: "application/json",
        content_encoding,
        message_id: format!("{source}-{number}"),
        timestamp: batch.iter().map(|sent| sent.at).max().unwrap_or_default(),
        records: batch.len() as u64,
    }
}
