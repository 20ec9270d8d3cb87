//! The archive: what came in and changed something, as it came, one sealed bundle a source and batch.
//!
//! Records that came whole are bundled, sealed and written before the feed lock is taken: it is the larger part of
//! what a batch writes, and nobody waits for it. What is a state secret shows only when the parts of a record are laid
//! over one another, so parts are bundled under the lock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{NormalizedRecord, RecordKey, Version};
use crate::seal::{KeyRing, Purpose};
use crate::store::{self, PgConnection};

use super::Error;
use super::arrival::{Arrival, Candidate, Content, Order, Origin};
use super::link::Piece;
use super::prepare::{self, Ready};

/// What came from one source.
#[derive(Debug)]
pub struct Bundle {
    source_id: String,
    records: i32,
    payload: Vec<u8>,
}

/// What is kept of a state secret in the place of the record: what is stored of it, so that it can be stored again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stub {
    record_id: String,
    part: String,
    deleted: bool,
    /// The source's own.
    version: Option<i64>,
    /// Of the content that came.
    content_hash: [u8; 32],
    content: Content,
}

impl Stub {
    fn of(arrival: &Arrival, record: Option<&NormalizedRecord>) -> Self {
        Self {
            record_id: arrival.key.record_id.clone(),
            part: arrival.part.clone(),
            deleted: arrival.deleted,
            version: arrival.versioned.then_some(arrival.version.ordinal),
            content_hash: arrival.version.content_hash,
            content: prepare::secret_stub(&arrival.content, record),
        }
    }

    /// The arrival that it stands for.
    pub(super) fn arrival(self, origin: &Arc<Origin>, order: &Arc<Order>) -> Arrival {
        let (ordinal, tie) = self.version.map_or_else(|| (order.at, order.tie.clone()), |own| (own, String::new()));
        Arrival {
            origin: Arc::clone(origin),
            message: 0,
            key: RecordKey { source_id: origin.source_id.clone(), record_id: self.record_id },
            part: self.part,
            deleted: self.deleted,
            versioned: self.version.is_some(),
            version: Version { ordinal, tie, content_hash: self.content_hash },
            content: self.content,
            raw: "null".into(),
            order: Arc::clone(order),
            bundled: None,
        }
    }
}

/// The ids of the bundles written, by source.
pub type Archived = HashMap<String, i64>;

/// Bundles what came for the candidates that are ready, except those of which all is going to quarantine.
#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
pub(super) fn of_whole(
    ring: &KeyRing,
    arrivals: &[Arrival],
    changed: &[Candidate],
    ready: &HashMap<usize, Ready>,
) -> Vec<Bundle> {
    let kept = changed.iter().filter(|candidate| !candidate.in_parts && !candidate.is_told).filter_map(|candidate| {
        let ready = || candidate.all().filter_map(|index| Some((index, ready.get(&index)?)));
        let is_kept = ready().any(|(index, ready)| ready.record.is_ok() || arrivals[index].deleted);
        let is_secret = ready().any(|(_, ready)| ready.record.as_ref().is_ok_and(|record| record.restricted));
        is_kept.then(|| (&arrivals[candidate.newest[0]].key, is_secret))
    });
    let record_of = |index: usize| ready.get(&index)?.record.as_ref().ok();
    bundles(ring, arrivals, &kept.collect(), record_of)
}

/// Bundles what came for pieces in parts.
pub(super) fn of_parts(ring: &KeyRing, arrivals: &[Arrival], pieces: &[&mut Piece]) -> Vec<Bundle> {
    let is_secret = |piece: &Piece| piece.record.as_ref().is_some_and(|record| record.restricted);
    bundles(ring, arrivals, &pieces.iter().map(|piece| (&piece.row.key, is_secret(piece))).collect(), |_| None)
}

/// `kept`: the records to keep, and whether each is a state secret; `record_of`: what an arrival says, if that is known.
fn bundles<'r>(
    ring: &KeyRing,
    arrivals: &[Arrival],
    kept: &HashMap<&RecordKey, bool>,
    record_of: impl Fn(usize) -> Option<&'r NormalizedRecord>,
) -> Vec<Bundle> {
    let mut by_source: BTreeMap<&str, Vec<(&Arrival, Option<Stub>)>> = BTreeMap::new();
    // what is read from the archive stands there already
    for (index, arrival) in arrivals.iter().enumerate().filter(|(_, arrival)| arrival.bundled.is_none()) {
        if let Some(is_secret) = kept.get(&arrival.key) {
            let is_secret = *is_secret || prepare::is_restricted(&arrival.content);
            let stub = is_secret.then(|| Stub::of(arrival, record_of(index)));
            by_source.entry(arrival.key.source_id.as_str()).or_default().push((arrival, stub));
        }
    }
    let bundle = |(source_id, list): (&str, Vec<(&Arrival, Option<Stub>)>)| Bundle {
        source_id: source_id.to_owned(),
        records: i32::try_from(list.len()).unwrap_or(i32::MAX),
        payload: ring.seal(Purpose::Archive, source_id, lines(&list).as_bytes()),
    };
    by_source.into_iter().map(bundle).collect()
}

/// Writes bundles.
///
/// # Errors
/// [`Error`] of the database.
pub async fn write(conn: &mut PgConnection, at: DateTime<Utc>, bundles: Vec<Bundle>) -> Result<Archived, Error> {
    let mut ids = Archived::with_capacity(bundles.len());
    for Bundle { source_id, records, payload } in bundles {
        let id = store::archive::insert(conn, &source_id, at, records, &payload).await?;
        ids.insert(source_id, id);
    }
    Ok(ids)
}

/// Lines of JSON: how each record was packed, what ordered it, and the record as it came; of a state secret its stub.
fn lines(arrivals: &[(&Arrival, Option<Stub>)]) -> String {
    let mut lines = String::with_capacity(arrivals.iter().map(|(arrival, _)| arrival.raw.len() + 96).sum());
    for (arrival, stub) in arrivals {
        let order = &arrival.order;
        let head = serde_json::json!({ "packing": order.packing, "at": order.at, "tie": order.tie }).to_string();
        lines.push_str(head.trim_end_matches('}'));
        lines.push_str(",\"record\":");
        match stub {
            // plain data with text keys: it always serializes
            Some(stub) => {
                lines.push_str("null,\"stub\":");
                lines.push_str(&serde_json::to_string(stub).unwrap_or_else(|_| "null".to_owned()));
            }
            None => lines.push_str(&arrival.raw),
        }
        lines.push_str("}\n");
    }
    lines
}
