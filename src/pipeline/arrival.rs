//! Arrivals: the records of messages, decoded, with everything that orders them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{Finding, ParsedRecord, RecordKey, SourceId, Version, WHOLE};
use crate::seal::KeyRing;
use crate::sources::SourceConfig;

use super::prepare;

/// What intake needs to know of a source.
#[derive(Debug, Clone)]
pub struct Origin {
    pub source_id: SourceId,
    /// Default of a record's `agency`.
    pub agency: String,
    /// Every pull is the whole set, so the pull orders its records whatever version they carry: a record that was
    /// missing in one pull and is back in the next must win over its own absence.
    pub ordered_by_pull: bool,
}

impl Origin {
    /// Of a configured source.
    pub fn of(config: &SourceConfig) -> Self {
        let ordered_by_pull = config.kind.snapshot().is_some();
        Self { source_id: config.id.clone(), agency: config.agency.clone(), ordered_by_pull }
    }
}

/// The bundle of the archive from which a record is read once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundled {
    pub archive_id: i64,
    pub received_at: DateTime<Utc>,
}

/// What orders records that carry no version: the pull, or the message.
#[derive(Debug, Clone)]
pub struct Order {
    /// µs since 1970: when the pull began, or the message's timestamp; 0 where the message has none.
    pub at: i64,
    /// The message id for messages of the source itself; empty for pulls.
    pub tie: String,
    /// How the message was packed, so that the archive can be read again.
    pub packing: &'static str,
}

/// One record of one message.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub origin: Arc<Origin>,
    /// The message it came in: an index into the batch's messages.
    pub message: usize,
    pub key: RecordKey,
    pub part: String,
    pub deleted: bool,
    /// Whether the version is the source's own.
    pub versioned: bool,
    pub version: Version,
    pub content: Content,
    /// As it came, in the source's own fields.
    pub raw: Box<str>,
    pub order: Arc<Order>,
    /// `None`: it has just come.
    pub bundled: Option<Bundled>,
}

/// The mapped content of a record or of one part of it; what is sealed into the database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    #[serde(rename = "f")]
    pub fields: Map<String, Value>,
    /// What mapping found.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl Content {
    /// Lays `upper` over `self`: fields of `upper` replace those of `self` as a whole.
    pub fn overlay(&mut self, upper: Self) {
        self.fields.extend(upper.fields);
        self.findings.extend(upper.findings);
    }
}

impl Arrival {
    /// An arrival out of a decoded record.
    pub fn new(
        ring: &KeyRing,
        origin: &Arc<Origin>,
        message: usize,
        order: &Arc<Order>,
        parsed: ParsedRecord,
        raw: &str,
    ) -> Self {
        let key = RecordKey { source_id: origin.source_id.clone(), record_id: parsed.record_id };
        let content_hash = ring.content_hash(&prepare::owner(&key), parsed.deleted, &parsed.fields);
        let own = parsed.version.filter(|_| !origin.ordered_by_pull);
        let version = match own {
            Some(ordinal) => Version { ordinal, tie: String::new(), content_hash },
            None => Version { ordinal: order.at, tie: order.tie.clone(), content_hash },
        };
        Self {
            origin: Arc::clone(origin),
            message,
            key,
            part: parsed.part,
            deleted: parsed.deleted,
            versioned: own.is_some(),
            version,
            content: Content { fields: parsed.fields, findings: parsed.findings },
            raw: raw.into(),
            order: Arc::clone(order),
            bundled: None,
        }
    }

    /// Whether the record came whole.
    pub fn is_whole(&self) -> bool {
        self.part == WHOLE
    }
}

/// The arrivals of one record, as indices into the batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The newest of each part.
    pub newest: Vec<usize>,
    /// What is older here, or a repeat.
    pub others: Vec<usize>,
    /// It comes in parts, here or in what is stored.
    pub in_parts: bool,
    /// All that can be read of it is stored already.
    pub is_told: bool,
}

impl Candidate {
    /// All its arrivals.
    pub fn all(&self) -> impl Iterator<Item = usize> {
        self.newest.iter().chain(&self.others).copied()
    }
}

/// Folds a batch: the arrivals of each record, with the newest of each part before the others; candidates come in the
/// order of their keys, so that every process touches rows in the same order.
pub fn fold(arrivals: &[Arrival]) -> Vec<Candidate> {
    let mut newest: HashMap<(&RecordKey, &str), usize> = HashMap::with_capacity(arrivals.len());
    let mut others: HashMap<&RecordKey, Vec<usize>> = HashMap::new();
    for (index, arrival) in arrivals.iter().enumerate() {
        let best = newest.entry((&arrival.key, &arrival.part)).or_insert(index);
        if *best == index {
            continue;
        }
        let is_newer = arrivals.get(*best).is_some_and(|best| best.version < arrival.version);
        let other = if is_newer { std::mem::replace(best, index) } else { index };
        others.entry(&arrival.key).or_default().push(other);
    }
    let mut ordered: Vec<_> = newest.into_iter().collect();
    ordered.sort_unstable_by_key(|(name, _)| *name);
    let mut candidates: Vec<(&RecordKey, Candidate)> = Vec::with_capacity(ordered.len());
    for ((key, _), index) in ordered {
        match candidates.last_mut() {
            Some((last, candidate)) if *last == key => candidate.newest.push(index),
            _ => {
                let others = others.remove(key).unwrap_or_default();
                candidates.push((key, Candidate { newest: vec![index], others, ..Candidate::default() }));
            }
        }
    }
    candidates.into_iter().map(|(_, candidate)| candidate).collect()
}
