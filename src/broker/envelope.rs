//! What a message says about itself: AMQP properties and headers, read and written.
//!
//! An inbox may be written to by its source itself, with any headers it likes. Reading never fails: what is not
//! understood counts as absent. A source can claim a [`Packing`] or a time of pull for its own messages and by that
//! harm nothing but the order of its own records; which source a message is from is told by the queue it came
//! through and never by the message.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use super::Error;
use crate::domain::SourceId;

const PACKING: &str = "x-petition-packing";
const PULLED_AT: &str = "x-petition-pulled-at";
/// Set by quorum queues: how often the message was delivered before.
const DELIVERY_COUNT: &str = "x-delivery-count";
/// AMQP's delivery mode for "keep on disk".
const PERSISTENT: u8 = 2;

/// What the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packing {
    /// Published by the source itself, in its own format.
    #[default]
    Foreign,
    /// By a connector: a JSON array of the source's own records.
    Records,
    /// A JSON array of interchange records, whatever the mapping of the source: the tombstones of a snapshot.
    Interchange,
}

impl Packing {
    const fn header(self) -> Option<&'static str> {
        match self {
            Self::Foreign => None,
            Self::Records => Some("records"),
            Self::Interchange => Some("interchange"),
        }
    }
}

/// A message as it arrived, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Empty where a foreign publisher set none; two messages may share one, when a publication was repeated.
    pub message_id: String,
    /// Whose inbox it came through.
    pub source: SourceId,
    /// The key it was published under. RabbitMQ checks that one; the headers `CC` and `BCC` bring a message into other
    /// queues without asking.
    pub routing_key: String,
    pub packing: Packing,
    /// When the pull that brought it began, microseconds since 1970 UTC.
    pub pulled_at: Option<i64>,
    /// When the publisher says it was published, seconds since 1970 UTC.
    pub timestamp: Option<u64>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    /// The broker may have delivered it before.
    pub redelivered: bool,
    /// Deliveries before this one, as far as the broker counts them.
    pub delivery_count: u32,
}

/// A message to publish.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// At most 255 bytes; stays the same when the message is sent again.
    pub message_id: String,
    pub packing: Packing,
    /// Microseconds since 1970 UTC.
    pub pulled_at: Option<i64>,
    /// Seconds since 1970 UTC.
    pub timestamp: Option<u64>,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("message_id", &self.message_id)
            .field("packing", &self.packing)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Message {
    /// A message with nothing but its id and body.
    pub fn new(message_id: impl Into<String>, body: Vec<u8>) -> Self {
        Self {
            message_id: message_id.into(),
            packing: Packing::Foreign,
            pulled_at: None,
            timestamp: None,
            content_type: None,
            content_encoding: None,
            body,
        }
    }

    /// A connector's message: a JSON array, packed by [`super::pack`], from the pull that began at `pulled_at`.
    pub fn packed(message_id: impl Into<String>, packing: Packing, pulled_at: i64, body: Vec<u8>) -> Self {
        Self {
            packing,
            pulled_at: Some(pulled_at),
            content_type: Some("application/json".to_owned()),
            ..Self::new(message_id, body)
        }
    }

    /// The AMQP properties.
    pub(super) fn properties(&self) -> Result<BasicProperties, Error> {
        let mut headers = FieldTable::default();
        if let Some(packing) = self.packing.header() {
            headers.insert(ShortString::from(PACKING), AMQPValue::LongString(LongString::from(packing)));
        }
        if let Some(at) = self.pulled_at {
            headers.insert(ShortString::from(PULLED_AT), AMQPValue::LongLongInt(at));
        }
        let mut properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(short("the message id", &self.message_id)?);
        if !headers.inner().is_empty() {
            properties = properties.with_headers(headers);
        }
        if let Some(seconds) = self.timestamp {
            properties = properties.with_timestamp(seconds);
        }
        if let Some(text) = &self.content_type {
            properties = properties.with_content_type(short("the content type", text)?);
        }
        if let Some(text) = &self.content_encoding {
            properties = properties.with_content_encoding(short("the content encoding", text)?);
        }
        Ok(properties)
    }
}

/// AMQP's short string, which the library makes with a panic where the text is too long.
pub(super) fn short(what: &str, text: &str) -> Result<ShortString, Error> {
    ShortString::try_new(text).map_err(|_| Error::Rejected {
        what: format!("{what} has {} bytes", text.len()),
        advice: "AMQP allows 255: shorten it".to_owned(),
    })
}

impl Envelope {
    pub(super) fn read(source: SourceId, routing_key: &str, properties: &BasicProperties, redelivered: bool) -> Self {
        let header = |name: &str| properties.headers().as_ref().and_then(|headers| headers.inner().get(name));
        let text = |value: &Option<ShortString>| value.as_ref().map(|text| text.as_str().to_owned());
        let packing = match header(PACKING).and_then(word) {
            Some("records") => Packing::Records,
            Some("interchange") => Packing::Interchange,
            _ => Packing::Foreign,
        };
        Self {
            message_id: text(properties.message_id()).unwrap_or_default(),
            source,
            routing_key: routing_key.to_owned(),
            packing,
            pulled_at: header(PULLED_AT).and_then(number),
            timestamp: *properties.timestamp(),
            content_type: text(properties.content_type()),
            content_encoding: text(properties.content_encoding()),
            redelivered,
            delivery_count: header(DELIVERY_COUNT)
                .and_then(number)
                .map_or(0, |count| u32::try_from(count.max(0)).unwrap_or(u32::MAX)),
        }
    }

    /// Whether the message was published to the inbox it came through: under its source's name or, by an administrator who
    /// puts a message back, to the queue itself.
    pub fn is_addressed(&self) -> bool {
        let source = self.source.as_str();
        let to_queue = self.routing_key.strip_suffix(source).is_some_and(|rest| rest.ends_with(".inbox."));
        self.routing_key == source || to_queue
    }
}

fn word(value: &AMQPValue) -> Option<&str> {
    match value {
        AMQPValue::LongString(text) => std::str::from_utf8(text.as_bytes()).ok(),
        AMQPValue::ShortString(text) => Some(text.as_str()),
        _ => None,
    }
}

fn number(value: &AMQPValue) -> Option<i64> {
    match *value {
        AMQPValue::ShortShortInt(n) => Some(n.into()),
        AMQPValue::ShortShortUInt(n) => Some(n.into()),
        AMQPValue::ShortInt(n) => Some(n.into()),
        AMQPValue::ShortUInt(n) => Some(n.into()),
        AMQPValue::LongInt(n) => Some(n.into()),
        AMQPValue::LongUInt(n) => Some(n.into()),
        AMQPValue::LongLongInt(n) => Some(n),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source() -> SourceId {
        SourceId::parse("bxd").unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        for packing in [Packing::Foreign, Packing::Records, Packing::Interchange] {
            let message = Message {
                packing,
                pulled_at: Some(1_763_990_000_000_001),
                timestamp: Some(1_763_990_000),
                content_type: Some("application/json".into()),
                content_encoding: Some("zstd".into()),
                ..Message::new("0193-1", b"[]".to_vec())
            };
            let properties = message.properties().unwrap();
            assert_eq!(*properties.delivery_mode(), Some(2));
            let envelope = Envelope::read(source(), "bxd", &properties, true);
            assert_eq!(
                envelope,
                Envelope {
                    message_id: "0193-1".into(),
                    source: source(),
                    routing_key: "bxd".into(),
                    packing,
                    pulled_at: Some(1_763_990_000_000_001),
                    timestamp: Some(1_763_990_000),
                    content_type: Some("application/json".into()),
                    content_encoding: Some("zstd".into()),
                    redelivered: true,
                    delivery_count: 0,
                }
            );
        }
    }

    #[test]
    fn a_message_must_be_addressed_to_the_inbox_it_came_through() {
        for (routing_key, wanted) in [
            ("bxd", true),
            ("petition.inbox.bxd", true),
            ("byt", false),
            ("", false),
            ("xbxd", false),
            ("petition.dead", false),
        ] {
            let envelope = Envelope::read(source(), routing_key, &BasicProperties::default(), false);
            assert_eq!(envelope.is_addressed(), wanted, "{routing_key}");
        }
    }

    #[test]
    fn a_bare_message_is_foreign() {
        let envelope = Envelope::read(source(), "bxd", &BasicProperties::default(), false);
        assert_eq!((envelope.packing, envelope.message_id.as_str(), envelope.pulled_at), (Packing::Foreign, "", None));
    }

    #[test]
    fn an_id_too_long_for_amqp_is_an_error_and_no_panic() {
        let error = Message::new("x".repeat(256), Vec::new()).properties().unwrap_err();
        assert!(matches!(error, Error::Rejected { .. }), "{error}");
    }

    fn any_value() -> impl Strategy<Value = AMQPValue> {
        prop_oneof![
            any::<bool>().prop_map(AMQPValue::Boolean),
            any::<i64>().prop_map(AMQPValue::LongLongInt),
            any::<i32>().prop_map(AMQPValue::LongInt),
            any::<f64>().prop_map(AMQPValue::Double),
            any::<u64>().prop_map(AMQPValue::Timestamp),
            prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| AMQPValue::LongString(bytes.into())),
            Just(AMQPValue::Void),
            Just(AMQPValue::FieldTable(FieldTable::default())),
        ]
    }

    proptest! {
        #[test]
        fn no_header_of_a_foreign_publisher_is_a_failure(
            packing in any_value(), pulled in any_value(), count in any_value(),
        ) {
            let mut headers = FieldTable::default();
            for (name, value) in [(PACKING, packing), (PULLED_AT, pulled), (DELIVERY_COUNT, count)] {
                headers.insert(name.into(), value);
            }
            let envelope = Envelope::read(source(), "bxd", &BasicProperties::default().with_headers(headers), false);
            prop_assert_eq!(envelope.packing, Packing::Foreign);
        }
    }
}
