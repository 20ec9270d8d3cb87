//! The generator keeps its promises: repeatable, consistent, and every duplicate explained by a reference.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::domain::{Action, Kind, PetitionType, ReferenceRelation};

fn world() -> World {
    World::generate(20_260_101, 1_500)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| {
        let world = World::generate(seed, 300);
        world.records.iter().map(|record| Value::Object(interchange(record)).to_string()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(bytes(5), bytes(5));
    assert_ne!(bytes(5), bytes(6));
}

#[test]
fn the_truth_counts_what_was_asked_for() {
    let world = world();
    let all: BTreeSet<Entity> =
        world.records.iter().map(|r| r.truth.entity).filter(|e| matches!(e, Entity::Petition(_))).collect();
    assert_eq!(all.len(), 1_500);
    let truth = world.truth();
    assert_eq!(truth.source_records + truth.quarantined, world.records.len() as u64);
    assert!(truth.petitions <= 1_500 && truth.petitions > 1_450, "{truth:?}");
    assert!(truth.cases < truth.petitions + truth.receptions);
    assert!(truth.filings > truth.petitions * 12 / 10, "{truth:?}");
    assert!(truth.transfers > 100 && truth.loops > 0 && truth.tombstones > 0 && truth.quarantined > 0, "{truth:?}");
    assert!(truth.sealed > 100 && truth.receptions > 200, "{truth:?}");
    assert_eq!(Truth::membership(&world.records).len() as u64, truth.source_records, "record ids are unique");
}

#[test]
fn every_agency_and_every_kind_of_trouble_occurs() {
    let world = world();
    for office in Office::ALL {
        assert!(world.of(*office).count() > 30, "{office:?}");
    }
    for blemish in [
        Blemish::IdNumberInvalid,
        Blemish::IdNumberConflict,
        Blemish::PhoneInvalid,
        Blemish::PhoneOldPrefix,
        Blemish::PetitionerMissing,
        Blemish::TypeUnknown,
        Blemish::ReceivedOnMissing,
    ] {
        assert!(world.records.iter().any(|record| record.blemishes.contains(&blemish)), "{blemish:?}");
    }
    let relations: BTreeSet<ReferenceRelation> =
        world.records.iter().flat_map(|record| record.content.references.iter().map(|link| link.relation)).collect();
    assert_eq!(relations.len(), ReferenceRelation::ALL.len());
    assert!(world.records.iter().any(|record| record.content.petition_type == Some(PetitionType::Mixed)));
    assert!(world.records.iter().any(|record| record.content.anonymous && record.content.petitioners.is_empty()));
}

/// Groups records by what their references say and nothing else, as a linker would.
fn grouped(records: &[Record], same_petition_only: bool) -> Vec<usize> {
    fn root(parents: &mut [usize], at: usize) -> usize {
        let mut at = at;
        while parents[at] != at {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        at
    }
    let mut parents: Vec<usize> = (0..records.len()).collect();
    let by_source: BTreeMap<(Office, &str), usize> =
        records.iter().enumerate().map(|(n, record)| ((record.office, record.record_id.as_str()), n)).collect();
    let mut letters: BTreeMap<(Office, &str, chrono::NaiveDate), usize> = BTreeMap::new();
    for (n, record) in records.iter().enumerate() {
        for link in &record.content.references {
            let same = !matches!(
                link.relation,
                ReferenceRelation::NextInstanceOf | ReferenceRelation::RecastOf | ReferenceRelation::ReceptionOf
            );
            if same_petition_only && !same {
                continue;
            }
            let other = if let Some(letter) = link.letter() {
                let sent = link.relation == ReferenceRelation::TransferredTo;
                let issuer = if sent { record.office } else { link.to };
                *letters.entry((issuer, &letter.number, letter.on)).or_insert(n)
            } else {
                by_source[&(link.to, link.record_id().unwrap())]
            };
            let (a, b) = (root(&mut parents, n), root(&mut parents, other));
            parents[a] = b;
        }
    }
    (0..records.len()).map(|n| root(&mut parents, n)).collect()
}

fn partition<K: Ord>(labels: impl IntoIterator<Item = K>) -> BTreeSet<Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (n, label) in labels.into_iter().enumerate() {
        groups.entry(label).or_default().push(n);
    }
    groups.into_values().collect()
}

#[test]
fn references_alone_lead_to_the_truth() {
    let world = world();
    let entities = partition(world.records.iter().map(|record| record.truth.entity));
    assert_eq!(partition(grouped(&world.records, true)), entities);
    let cases = partition(world.records.iter().map(|record| record.truth.case));
    assert_eq!(partition(grouped(&world.records, false)), cases);
}

#[test]
fn only_a_record_alone_in_its_case_is_withdrawn_or_unstorable() {
    let world = world();
    let mut members: BTreeMap<u32, u32> = BTreeMap::new();
    for record in &world.records {
        *members.entry(record.truth.case).or_default() += 1;
    }
    for record in world.records.iter().filter(|r| r.deleted || !r.is_storable() || r.content.unit.is_some()) {
        assert_eq!(members[&record.truth.case], 1);
        assert!(record.content.references.is_empty());
    }
}

#[test]
fn records_are_of_their_time() {
    for record in &world().records {
        let content = &record.content;
        assert!(content.received_on <= LAST_DAY && content.received_on >= FIRST_DAY, "{:?}", content.received_on);
        assert!(content.written_on.is_none_or(|day| day <= content.received_on));
        assert!(record.last_day() <= LAST_DAY && record.last_day() >= content.received_on);
        for filer in &content.petitioners {
            assert!(content.received_on >= MERGER || filer.address.district.is_some());
        }
        match content.kind {
            Kind::Reception => assert!(content.reception.is_some() && content.events.is_empty()),
            Kind::Petition => assert_eq!(content.events[0].action, Action::Received),
        }
    }
}

#[test]
fn an_earlier_version_knows_less() {
    let world = world();
    let settled = world.records.iter().find(|record| record.content.decision.is_some()).unwrap();
    let first = settled.after(1);
    assert_eq!(first.content.events.len(), 1);
    assert!(first.updated_at < settled.updated_at && first.revision < settled.revision);
    assert!(first.content.decision.is_none() && first.content.outcome.is_none());
    assert_eq!(settled.after(99), *settled);
}

#[test]
fn benchmark_records_are_valid_of_the_right_size_and_unique() {
    let mut bytes = 0;
    let mut ids = BTreeSet::new();
    for i in 0..4_000 {
        let text = interchange_record(7, i);
        bytes += text.len();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert!(ids.insert(value["record_id"].as_str().unwrap().to_owned()));
        chrono::DateTime::parse_from_rfc3339(value["version"].as_str().unwrap()).unwrap();
        assert_eq!((value["petitioners"].as_array().unwrap().len(), value["events"].as_array().unwrap().len()), (1, 2));
    }
    let mean = bytes / 4_000;
    assert!((1_600..=1_800).contains(&mean), "{mean}");
    assert_eq!(interchange_record(7, 3), interchange_record(7, 3));
    assert_ne!(interchange_record(7, 3), interchange_record(8, 3));
}
