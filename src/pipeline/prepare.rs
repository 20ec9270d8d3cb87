//! Everything about a record that can be worked out before the database is locked: normalization, link keys, sealing.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::domain::{Finding, NormalizedRecord, RecordKey};
use crate::linkage::key::{self, LinkKey};
use crate::normalize::{self, Incomplete};
use crate::seal::{KeyRing, OpenError, Purpose};

use super::Error;
use super::arrival::Content;
use super::draft::Drafts;

/// A record worked out.
#[derive(Debug, Clone)]
pub struct Ready {
    /// `Err`: a required field is missing or not understood.
    pub record: Result<NormalizedRecord, Incomplete>,
    pub links: Vec<LinkKey>,
    /// Whether it says that it is sealed; `None`: it says nothing about that.
    pub seals: Option<bool>,
    /// Sealed content.
    pub content: Vec<u8>,
    /// What of it is compared; nothing of what says that it is sealed.
    pub drafts: Option<Box<Drafts>>,
}

/// The name under which the contents of a record are sealed.
pub fn owner(key: &RecordKey) -> String {
    key.owner()
}

/// Works out a record from its mapped content; `agency` is its source's.
pub fn ready(ring: &KeyRing, key: &RecordKey, agency: &str, today: NaiveDate, content: &Content) -> Ready {
    let record = normalized(key, agency, today, content);
    let links = record.as_ref().map(|record| key::of(ring, agency, record)).unwrap_or_default();
    let seals = record.as_ref().ok().map(NormalizedRecord::is_sealed);
    let content = seal(ring, Purpose::Content, &owner(key), &kept(content, record.as_ref().ok()));
    let drafts = record.as_ref().ok().and_then(|record| Drafts::of(ring, key, record)).map(Box::new);
    Ready { record, links, seals, content, drafts }
}

/// Works out a withdrawal. It opens nothing, whatever it says.
pub fn ready_to_withdraw(ring: &KeyRing, key: &RecordKey, agency: &str, today: NaiveDate, content: &Content) -> Ready {
    let said = said_withdrawing(ring, key, agency, today, content);
    let seals = said.as_ref().and_then(|said| said.seals.then_some(true));
    let links = said.map(|said| said.links).unwrap_or_default();
    Ready { links, seals, ..ready(ring, key, agency, today, content) }
}

/// What a part of a record says by itself, as far as links and seals go.
#[derive(Debug)]
pub struct Said {
    pub links: Vec<LinkKey>,
    pub seals: bool,
}

/// Reads a content that need not be a whole record: what its other parts may say is taken to be nothing special.
pub fn said(ring: &KeyRing, key: &RecordKey, agency: &str, today: NaiveDate, content: &Content) -> Said {
    let record = normalized(key, agency, today, content).or_else(|_| {
        let mut filled = content.clone();
        let day = today.to_string();
        for (field, value) in [("kind", "petition"), ("received_on", day.as_str())] {
            filled.fields.insert(field.to_owned(), value.into());
        }
        if filled.fields.get("type").is_none_or(serde_json::Value::is_null) {
            filled.fields.insert("type".to_owned(), "complaint".into());
        }
        normalized(key, agency, today, &filled)
    });
    match record {
        Ok(record) => Said { links: key::of(ring, agency, &record), seals: record.is_sealed() },
        Err(_) => Said { links: Vec::new(), seals: true },
    }
}

/// What a withdrawal says: a source that only marks its rows as deleted sends them with all that they say, perhaps
/// before anybody has seen them alive. `None`: it says nothing.
pub fn said_withdrawing(
    ring: &KeyRing,
    key: &RecordKey,
    agency: &str,
    today: NaiveDate,
    content: &Content,
) -> Option<Said> {
    if content.fields.is_empty() {
        return None;
    }
    let mut filled = content.clone();
    let day = today.to_string();
    for (field, value) in [("kind", "petition"), ("type", "complaint"), ("received_on", day.as_str())] {
        if filled.fields.get(field).is_none_or(serde_json::Value::is_null) {
            filled.fields.insert(field.to_owned(), value.into());
        }
    }
    Some(said(ring, key, agency, today, &filled))
}

/// What is kept of a content: of a state secret only the ids, clocks and codes that normalization left.
fn kept<'c>(content: &'c Content, record: Option<&NormalizedRecord>) -> Cow<'c, Content> {
    match record {
        Some(record) if record.restricted => Cow::Owned(secret_stub(content, Some(record))),
        None if is_restricted(content) => Cow::Owned(unread_stub(content)),
        _ => Cow::Borrowed(content),
    }
}

/// What may be kept of the content of a state secret, whether it can be read or not.
pub fn secret_stub(content: &Content, record: Option<&NormalizedRecord>) -> Content {
    match record {
        Some(record) if record.restricted => Content { fields: stub(record), findings: record.findings.clone() },
        _ => unread_stub(content),
    }
}

/// A stripped record as the interchange fields that it would be read from.
fn stub(record: &NormalizedRecord) -> serde_json::Map<String, serde_json::Value> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(record) else {
        return serde_json::Map::new();
    };
    for own in ["source_id", "record_id", "findings"] {
        fields.remove(own);
    }
    fields
}

/// What may be kept of the content of a state secret that cannot be read as a whole record: a part of one, say.
pub fn unread_stub(content: &Content) -> Content {
    let fields = content.fields.iter().filter(|(name, _)| OPEN_TO_A_STUB.contains(&name.as_str()));
    let mut fields: serde_json::Map<_, _> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    only_number(&mut fields, "decision_no");
    for list in ["events", "references"] {
        let entries = fields.get_mut(list).and_then(serde_json::Value::as_array_mut).into_iter().flatten();
        for entry in entries.filter_map(serde_json::Value::as_object_mut) {
            entry.remove("note");
            only_number(entry, "document_no");
        }
    }
    let refused = content.fields.len() > fields.len();
    let mut findings = content.findings.clone();
    if refused {
        findings.push(Finding::doubt(crate::domain::Flag::RestrictedContent, "restricted", "restricted_content"));
    }
    Content { fields, findings }
}

/// Takes away what stands in the place of a document's number and is none.
fn only_number(fields: &mut serde_json::Map<String, serde_json::Value>, name: &str) {
    let is_number = |value: &serde_json::Value| value.as_str().is_some_and(normalize::document::is_number);
    if fields.get(name).is_some_and(|value| !is_number(value)) {
        fields.remove(name);
    }
}

/// The fields that a state secret may have here: ids, clocks and codes.
const OPEN_TO_A_STUB: &[&str] = &[
    "kind",
    "type",
    "agency",
    "received_on",
    "written_on",
    "instance",
    "channel",
    "category",
    "language",
    "confidential",
    "restricted",
    "anonymous",
    "petitioner_count",
    "references",
    "events",
    "stage",
    "outcome",
    "decision_no",
    "decision_on",
    "deadline_on",
    "remote_area",
    "complexity",
];

/// Whether a content says that it is a state secret; what is not a clear no counts as yes, as in normalization.
pub fn is_restricted(content: &Content) -> bool {
    match content.fields.get("restricted") {
        None | Some(serde_json::Value::Null) => false,
        Some(serde_json::Value::Bool(flag)) => *flag,
        Some(serde_json::Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(serde_json::Value::String(text)) => normalize::code::boolean(text).unwrap_or(true),
        Some(_) => true,
    }
}

/// What a content would be archived as: the record as it came, or nothing of it where it is a state secret.
pub fn archivable<'r>(content: &Content, raw: &'r str) -> &'r str {
    if is_restricted(content) { "null" } else { raw }
}

fn normalized(
    key: &RecordKey,
    agency: &str,
    today: NaiveDate,
    content: &Content,
) -> Result<NormalizedRecord, Incomplete> {
    let context = normalize::Context { agency, today };
    normalize::record(&context, key.clone(), content.fields.clone(), content.findings.clone())
}

/// Seals a content.
pub fn seal(ring: &KeyRing, purpose: Purpose, owner: &str, content: &Content) -> Vec<u8> {
    // maps of text keys and JSON values always serialize
    let plain = serde_json::to_vec(content).unwrap_or_default();
    ring.seal(purpose, owner, &plain)
}

/// Opens a content that was sealed for this owner.
///
/// # Errors
/// [`Error::Open`] or [`Error::Content`]: the row is not what it was.
pub fn open(ring: &KeyRing, purpose: Purpose, owner: &str, sealed: &[u8]) -> Result<Content, Error> {
    let open = ring.open(purpose, owner, sealed);
    let plain = open.map_err(|reason: OpenError| {
        tracing::error!(record = owner, %reason, "a stored record cannot be opened");
        Error::Open(reason)
    })?;
    serde_json::from_slice(&plain).map_err(|_| {
        tracing::error!(record = owner, "a stored record has an unreadable content");
        Error::Content
    })
}

/// A stored record, normalized again from its content; the rules are pure, so it is what it was.
///
/// # Errors
/// As [`open`].
pub fn reopen(
    ring: &KeyRing,
    key: &RecordKey,
    agency: &str,
    today: NaiveDate,
    sealed: &[u8],
) -> Result<Option<NormalizedRecord>, Error> {
    let content = open(ring, Purpose::Content, &owner(key), sealed)?;
    Ok(normalized(key, agency, today, &content).ok())
}
