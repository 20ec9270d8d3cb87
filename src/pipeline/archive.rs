//! The archive: what came in and changed something, as it came, one sealed bundle a source and batch.
//!
//! Records that came whole are bundled, sealed and written before the feed lock is taken: it is the larger part of
//! what a batch writes, and nobody waits for it. What is a state secret shows only when the parts of a record are laid
//! over one another, so parts are bundled under the lock.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::domain::RecordKey;
use crate::seal::{KeyRing, Purpose};
use crate::store::{self, PgConnection};

use super::Error;
use super::arrival::{Arrival, Candidate};
use super::link::Piece;
use super::prepare::{self, Ready};

/// What came from one source.
#[derive(Debug)]
pub struct Bundle {
    source_id: String,
    records: i32,
    payload: Vec<u8>,
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
    bundles(ring, arrivals, &kept.collect())
}

/// Bundles what came for pieces in parts.
pub(super) fn of_parts(ring: &KeyRing, arrivals: &[Arrival], pieces: &[&mut Piece]) -> Vec<Bundle> {
    let is_secret = |piece: &Piece| piece.record.as_ref().is_some_and(|record| record.restricted);
    bundles(ring, arrivals, &pieces.iter().map(|piece| (&piece.row.key, is_secret(piece))).collect())
}

/// `kept`: the records to keep, and whether each is a state secret.
fn bundles(ring: &KeyRing, arrivals: &[Arrival], kept: &HashMap<&RecordKey, bool>) -> Vec<Bundle> {
    let mut by_source: BTreeMap<&str, Vec<(&Arrival, bool)>> = BTreeMap::new();
    // what is read from the archive stands there already
    for arrival in arrivals.iter().filter(|arrival| arrival.bundled.is_none()) {
        if let Some(is_secret) = kept.get(&arrival.key) {
            by_source.entry(arrival.key.source_id.as_str()).or_default().push((arrival, *is_secret));
        }
    }
    let bundle = |(source_id, list): (&str, Vec<(&Arrival, bool)>)| Bundle {
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

/// Lines of JSON: how each record was packed, what ordered it, and the record as it came.
fn lines(arrivals: &[(&Arrival, bool)]) -> String {
    let mut lines = String::with_capacity(arrivals.iter().map(|(arrival, _)| arrival.raw.len() + 96).sum());
    for (arrival, is_secret) in arrivals {
        let order = &arrival.order;
        let head = serde_json::json!({ "packing": order.packing, "at": order.at, "tie": order.tie }).to_string();
        lines.push_str(head.trim_end_matches('}'));
        lines.push_str(",\"record\":");
        lines.push_str(if *is_secret { "null" } else { prepare::archivable(&arrival.content, &arrival.raw) });
        lines.push_str("}\n");
    }
    lines
}
