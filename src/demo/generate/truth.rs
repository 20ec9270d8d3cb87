//! What the consolidated database should say in the end, counted from what the generator meant.

use std::collections::{BTreeMap, BTreeSet};

use super::office::Office;
use super::record::{Belonging, Entity, Record};
use crate::domain::{Action, Kind};

/// The right totals of a set of records, each sent at its newest version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// Rows of `source_record`, withdrawn ones included.
    pub source_records: u64,
    /// Of these, withdrawn at their source.
    pub tombstones: u64,
    /// Records without any date of receipt.
    pub quarantined: u64,
    /// Petitions (đơn) with at least one record that is not withdrawn.
    pub petitions: u64,
    /// Of these, sealed: at least one of their records must be.
    pub sealed: u64,
    /// Receptions (lượt tiếp) that are not withdrawn.
    pub receptions: u64,
    /// Cases (vụ việc) with at least one petition or reception that is not withdrawn.
    pub cases: u64,
    /// Cases as they are published: what is sealed, petition or reception, is a case of its own, because whatever stood
    /// beside it would give the denouncer away.
    pub published_cases: u64,
    /// Records of petitions that are not withdrawn.
    pub filings: u64,
    /// Times a petition went on to another agency of the demo.
    pub transfers: u64,
    /// Petitions that came back to an agency that had forwarded them.
    pub loops: u64,
}

impl Truth {
    /// Counts `records`.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut truth = Self::default();
        let (mut cases, mut petitions, mut sealed, mut receptions) =
            <(BTreeSet<u32>, BTreeSet<u32>, BTreeSet<u32>, BTreeSet<u32>)>::default();
        let mut routes: BTreeMap<u32, Vec<(Office, Office)>> = BTreeMap::new();
        let mut held: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        // by case: each reception, and whether it says itself that it is sealed
        let mut received: BTreeMap<u32, BTreeMap<u32, bool>> = BTreeMap::new();
        for record in records {
            if !record.is_storable() {
                truth.quarantined += 1;
                continue;
            }
            truth.source_records += 1;
            if record.deleted {
                truth.tombstones += 1;
                continue;
            }
            cases.insert(record.truth.case);
            match record.truth.entity {
                Entity::Reception(reception) => {
                    receptions.insert(reception);
                    *received.entry(record.truth.case).or_default().entry(reception).or_default() |= record.is_sealed();
                }
                Entity::Petition(petition) => {
                    truth.filings += 1;
                    petitions.insert(petition);
                    held.entry(record.truth.case).or_default().insert(petition);
                    if record.is_sealed() {
                        sealed.insert(petition);
                    }
                    let hops = record.content.events.iter().filter(|step| step.action == Action::Transferred);
                    let hops = hops.filter_map(|step| step.to.map(|to| (record.office, to)));
                    routes.entry(petition).or_default().extend(hops);
                }
            }
        }
        truth.transfers = routes.values().map(|hops| hops.len() as u64).sum();
        truth.loops = routes.values().filter(|hops| comes_back(hops)).count() as u64;
        let published = cases.iter().map(|case| {
            let petitions: Vec<&u32> = held.get(case).into_iter().flatten().collect();
            let (hidden, open): (Vec<&u32>, Vec<&u32>) =
                petitions.iter().partition(|petition| sealed.contains(**petition));
            // whoever comes in person comes for the first petition of the case
            let joins_open = petitions.first().is_some_and(|first| !sealed.contains(*first));
            let receptions = received.get(case).into_iter().flat_map(BTreeMap::values);
            let alone = receptions.filter(|is_sealed| **is_sealed || !joins_open).count();
            (hidden.len() + usize::from(!open.is_empty()) + alone) as u64
        });
        truth.published_cases = published.sum();
        [truth.cases, truth.petitions, truth.sealed, truth.receptions] =
            [cases, petitions, sealed, receptions].map(|set| set.len() as u64);
        truth
    }

    /// Which petition or reception each storable record belongs to, by source id and record id.
    pub fn membership(records: &[Record]) -> BTreeMap<(&'static str, &str), Belonging> {
        let storable = records.iter().filter(|record| record.is_storable());
        storable.map(|record| ((record.office.source_id(), record.record_id.as_str()), record.truth)).collect()
    }
}

/// Whether following the hops leads to an agency that forwarded before.
fn comes_back(hops: &[(Office, Office)]) -> bool {
    hops.iter().any(|(start, _)| {
        let mut reached: BTreeSet<Office> = BTreeSet::new();
        let mut open = vec![*start];
        while let Some(at) = open.pop() {
            for (_, to) in hops.iter().filter(|(from, _)| *from == at) {
                if to == start {
                    return true;
                }
                if reached.insert(*to) {
                    open.push(*to);
                }
            }
        }
        false
    })
}

/// Counts of one agency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holding {
    /// Records it holds, withdrawn ones included where its system tells of them.
    pub records: u64,
    pub petitions: u64,
    pub receptions: u64,
}

impl Holding {
    pub fn of(office: Office, records: &[Record]) -> Self {
        let mut holding = Self::default();
        for record in records.iter().filter(|record| record.office == office) {
            holding.records += 1;
            match record.content.kind {
                Kind::Petition => holding.petitions += 1,
                Kind::Reception => holding.receptions += 1,
            }
        }
        holding
    }
}
