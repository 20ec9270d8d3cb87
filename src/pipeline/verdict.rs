//! Verdicts on the records of a batch, and the receipts and tallies they add up to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::RecordKey;
use crate::reference::agency::is_within;
use crate::store;
use crate::store::source::Tally;
use crate::store::source_record::{SourceRecord, State};

use super::batch::{Batch, Reject, Written};
use super::link::{self, Linked, Piece, Value};
use super::receipt::{Elsewhere, Status, Verdict, receipt};
use super::writer::{Standing, standing};

/// Verdicts by arrival, filled step by step.
pub struct Verdicts(Vec<Option<Verdict>>);

/// A verdict with the ids and flags of a row.
pub fn of_row(status: Status, row: Option<&SourceRecord>) -> Verdict {
    let mut verdict = Verdict::bare(status, None);
    if let Some(row) = row {
        (verdict.kind, verdict.entity_id, verdict.case_id) = (row.kind, row.entity_id, row.case_id);
        verdict.quality_flags.clone_from(&row.quality_flags);
    }
    verdict
}

fn of_state(status: Status, state: Option<&State>) -> Verdict {
    let mut verdict = Verdict::bare(status, None);
    if let Some(state) = state {
        (verdict.kind, verdict.entity_id, verdict.case_id) = (state.kind, state.entity_id, state.case_id);
        verdict.quality_flags.clone_from(&state.quality_flags);
    }
    verdict
}

#[expect(clippy::indexing_slicing, reason = "indices count the arrivals of the batch")]
impl Verdicts {
    /// None yet.
    pub fn new(arrivals: usize) -> Self {
        Self(vec![None; arrivals])
    }

    /// Decides on one arrival.
    pub fn set(&mut self, index: usize, verdict: Verdict) {
        self.0[index] = Some(verdict);
    }

    /// Verdicts on what the comparison without a lock already decided, and on what lost within the batch.
    pub fn losers(&mut self, batch: &Batch, states: &HashMap<RecordKey, State>) {
        for (index, arrival) in batch.arrivals.iter().enumerate() {
            let state = states.get(&arrival.key);
            if state.is_some_and(|state| state.part_count > 0) || !arrival.is_whole() {
                continue;
            }
            let status = match standing(&arrival.version, arrival.versioned, state.map(|s| &s.version)) {
                Standing::Same | Standing::Refreshed => Status::Unchanged,
                Standing::Older => Status::Stale,
                Standing::Newer | Standing::Again => continue,
            };
            self.set(index, of_state(status, state));
        }
    }

    /// Nothing was written: receipts leave by themselves, tallies are added later.
    pub fn unwritten(self, batch: &Batch) -> Written {
        let (receipts, tallies) = self.close(batch, &[]);
        Written { uncounted: tallies.clone(), tallies, receipts, wrote: false, ..Written::default() }
    }

    /// Verdicts on what was stored.
    pub fn stored(&mut self, batch: &Batch, linked: &Linked) {
        let mut by_key: HashMap<&RecordKey, (&Piece, Elsewhere)> = HashMap::new();
        for piece in linked.pieces.iter().filter(|piece| piece.is_fresh) {
            by_key.insert(&piece.row.key, (piece, Elsewhere::Nowhere));
        }
        let home: HashMap<&RecordKey, &str> =
            batch.arrivals.iter().map(|arrival| (&arrival.key, arrival.origin.agency.as_str())).collect();
        for entity in linked.entities.iter().filter(|entity| entity.members.len() > 1) {
            for member in &entity.members {
                if let Some(entry) = by_key.get_mut(&linked.pieces[*member].row.key) {
                    entry.1 = elsewhere(linked, entity, *member, home.get(&linked.pieces[*member].row.key).copied());
                }
            }
        }
        let mut told: HashSet<&RecordKey> = HashSet::new();
        for (index, arrival) in batch.arrivals.iter().enumerate() {
            let Some((piece, elsewhere)) = by_key.get(&arrival.key) else { continue };
            if self.0[index].is_some() {
                continue;
            }
            // of several versions in one batch only the newest was written, and of its repeats only one
            let in_parts = piece.row.part_count > 0;
            let is_newest = arrival.version == piece.row.version || in_parts;
            let status = if !is_newest {
                Status::Stale
            } else if in_parts || told.insert(&arrival.key) {
                Status::Stored
            } else {
                Status::Unchanged
            };
            let mut verdict = of_row(status, Some(&piece.row));
            verdict.elsewhere = elsewhere.clone();
            self.set(index, verdict);
        }
    }

    /// Receipts, one a message, and tallies, one a source.
    pub fn close(self, batch: &Batch, rejects: &[&Reject]) -> (Vec<store::receipt::Receipt>, BTreeMap<String, Tally>) {
        let mut by_message: BTreeMap<usize, Vec<(Option<&str>, Verdict)>> = BTreeMap::new();
        for (arrival, verdict) in batch.arrivals.iter().zip(self.0) {
            // an arrival without a verdict lost to one of its batch that was rejected or was the same
            let verdict = verdict.unwrap_or_else(|| Verdict::bare(Status::Stale, None));
            by_message.entry(arrival.message).or_default().push((Some(&arrival.key.record_id), verdict));
        }
        let decided: HashSet<(usize, Option<&str>)> =
            batch.arrivals.iter().map(|a| (a.message, Some(a.key.record_id.as_str()))).collect();
        for reject in rejects {
            let record_id = reject.held.record_id.as_deref();
            if !decided.contains(&(reject.message, record_id)) {
                let verdict = Verdict::bare(Status::Quarantined, Some(reject.held.detail.clone()));
                by_message.entry(reject.message).or_default().push((record_id, verdict));
            }
        }
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        let mut receipts = Vec::with_capacity(by_message.len());
        for (message, verdicts) in by_message {
            let name = &batch.messages[message];
            let tally = tallies.entry(name.source_id.clone()).or_default();
            for (_, verdict) in &verdicts {
                tally.received += 1;
                match verdict.status {
                    Status::Stored => tally.stored += 1,
                    Status::Unchanged => tally.unchanged += 1,
                    Status::Stale => tally.stale += 1,
                    Status::Quarantined => tally.quarantined += 1,
                }
            }
            let lines: Vec<(Option<&str>, &Verdict)> = verdicts.iter().map(|(id, verdict)| (*id, verdict)).collect();
            receipts.push(receipt(&name.source_id, &name.message_id, &lines));
        }
        (receipts, tallies)
    }
}

/// Whether one of two agencies is the other or lies beneath it.
fn is_one_house(one: &str, other: &str) -> bool {
    is_within(one, other) || is_within(other, one)
}

/// Which other agencies hold the same petition, as far as this one may know. `home`: the agency of the source itself,
/// whatever its record says.
#[expect(clippy::indexing_slicing, reason = "linking fills these indices from the lists they point into")]
fn elsewhere(linked: &Linked, entity: &link::Entity, member: usize, home: Option<&str>) -> Elsewhere {
    let own = &linked.pieces[member].row.agency;
    let Value::Petition(petition) = &entity.value else { return Elsewhere::Nowhere };
    let complained_of = petition.against_agency.as_deref();
    let others = entity.members.iter().map(|piece| &linked.pieces[*piece].row.agency);
    let agencies: BTreeSet<&String> =
        others.filter(|agency| *agency != own && Some(agency.as_str()) != complained_of).collect();
    let is_complained_of =
        complained_of.is_some_and(|of| [Some(own.as_str()), home].into_iter().flatten().any(|a| is_one_house(a, of)));
    if agencies.is_empty() || is_complained_of {
        Elsewhere::Nowhere
    } else if entity.is_sealed {
        let ask = agencies.iter().find(|agency| **agency == &petition.receiving_agency).or(agencies.first());
        Elsewhere::Sealed { ask: ask.map(|agency| (*agency).clone()).unwrap_or_default() }
    } else {
        Elsewhere::Agencies(agencies.into_iter().cloned().collect())
    }
}
