//! From a message to arrivals: inflate, decode, map. What cannot be decoded becomes a reject, never a failure.

use std::sync::Arc;

use crate::broker::{Envelope, Packing as Carried};
use crate::clock::Clock;
use crate::compression::{self, Encoding};
use crate::seal::{KeyRing, Purpose};
use crate::sources::Limits;
use crate::sources::format::{Packing, ReadError};
use crate::sources::mapping::{BodyError, Decoder, RecordError};
use crate::store::quarantine::Held;

use super::arrival::{Arrival, Order, Origin};
use super::batch::Reject;

/// How one source's messages are read.
#[derive(Debug, Clone)]
pub struct Reader {
    pub origin: Arc<Origin>,
    pub decoder: Arc<Decoder>,
    pub limits: Limits,
    pub ring: Arc<KeyRing>,
    pub clock: Clock,
}

/// A message read: arrivals and rejects that all say message 0.
#[derive(Debug, Default)]
pub struct Read {
    pub arrivals: Vec<Arrival>,
    pub rejects: Vec<Reject>,
}

impl Reader {
    /// Reads one message. It is work for a core; call it where blocking is allowed.
    pub fn read(&self, envelope: &Envelope, body: &[u8]) -> Read {
        let order = Arc::new(order_of(envelope));
        let inflated = Encoding::parse(envelope.content_encoding.as_deref())
            .and_then(|encoding| compression::inflate(encoding, body, self.limits.decompressed_bytes));
        let plain = match inflated {
            Ok(plain) => plain,
            Err(error) => return self.whole(envelope, body, reason_of_inflation(&error), error.to_string()),
        };
        let packing = match envelope.packing {
            Carried::Foreign => Packing::Foreign,
            Carried::Records => Packing::Records,
            Carried::Interchange => Packing::Interchange,
        };
        let decoded = match self.decoder.decode(packing, &plain) {
            Ok(decoded) => decoded,
            Err(error) => return self.whole(envelope, body, reason_of_body(&error), error.to_string()),
        };
        let mut read = Read::default();
        for record in decoded {
            match record.result {
                Ok(parsed) => {
                    read.arrivals.push(Arrival::new(&self.ring, &self.origin, 0, &order, parsed, &record.raw));
                }
                Err(error) => {
                    let packing = if envelope.packing == Carried::Interchange { "interchange" } else { "record" };
                    let held =
                        self.held(envelope, record.raw.as_bytes(), reason_of(&error), error.to_string(), packing);
                    read.rejects.push(Reject { message: 0, held });
                }
            }
        }
        read
    }

    /// A message that cannot be decoded at all, as one reject.
    fn whole(&self, envelope: &Envelope, body: &[u8], reason: &'static str, detail: String) -> Read {
        let mut held = self.held(envelope, body, reason, detail, "message");
        // only what was understood: a header may hold anything, and this stands in the clear
        let understood = |text: &&String| Encoding::parse(Some(text)).is_ok();
        held.content_encoding = envelope.content_encoding.as_ref().filter(understood).cloned();
        Read { arrivals: Vec::new(), rejects: vec![Reject { message: 0, held }] }
    }

    fn held(
        &self,
        envelope: &Envelope,
        payload: &[u8],
        reason: &'static str,
        detail: String,
        packing: &'static str,
    ) -> Held {
        let source_id = self.origin.source_id.as_str();
        Held {
            source_id: source_id.to_owned(),
            payload_hash: self.ring.hash_bytes("quarantine", payload),
            record_id: None,
            reason,
            detail,
            packing,
            content_type: envelope.content_type.clone().filter(|text| is_media_type(text)),
            content_encoding: None,
            message_id: envelope.message_id.clone(),
            payload: self.ring.seal(Purpose::Quarantine, source_id, payload),
            received_at: self.clock.now(),
        }
    }
}

/// Whether a text is like a media type (RFC 9110, section 8.3.1).
fn is_media_type(text: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "/;=+-. ".contains(c);
    text.len() <= 60 && text.contains('/') && text.chars().all(is_token)
}

/// What orders the records of a message that carry no version of their own: the pull; for a source that publishes
/// itself, the message's timestamp, then its id.
fn order_of(envelope: &Envelope) -> Order {
    let packing = match envelope.packing {
        Carried::Foreign => "foreign",
        Carried::Records => "records",
        Carried::Interchange => "interchange",
    };
    if let Some(at) = envelope.pulled_at.filter(|_| envelope.packing != Carried::Foreign) {
        return Order { at, tie: String::new(), packing };
    }
    let seconds = envelope.timestamp.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    Order { at: seconds.saturating_mul(1_000_000), tie: envelope.message_id.clone(), packing }
}

const fn reason_of_inflation(error: &compression::Error) -> &'static str {
    match error {
        compression::Error::UnknownEncoding(_) => "unknown_encoding",
        compression::Error::TooLarge { .. } => "too_large",
        compression::Error::Broken { .. } => "broken_compression",
    }
}

pub(super) const fn reason_of_body(error: &BodyError) -> &'static str {
    match error {
        BodyError::TooLarge { .. }
        | BodyError::TooMany { .. }
        | BodyError::Unreadable(
            ReadError::TooLarge { .. } | ReadError::TooLargeForMemory { .. } | ReadError::RecordTooLarge { .. },
        ) => "too_large",
        BodyError::TooDeep { .. } => "too_deep",
        BodyError::NotText { .. } | BodyError::Unreadable(ReadError::NotText { .. }) => "not_text",
        BodyError::Records(_) => "mapping_failed",
        _ => "not_decodable",
    }
}

pub(super) const fn reason_of(error: &RecordError) -> &'static str {
    match error {
        RecordError::NoRecordId
        | RecordError::RecordIdTooLong { .. }
        | RecordError::RecordIdControl
        | RecordError::RecordIdNotText => "no_record_id",
        RecordError::MappingFailed(_) => "mapping_failed",
        RecordError::TooLarge { .. } => "too_large",
        RecordError::TooDeep { .. } => "too_deep",
        _ => "not_decodable",
    }
}
