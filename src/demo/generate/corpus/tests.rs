//! The corpus keeps its promises: repeatable, as mixed as its introduction says, fit for intake.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::demo::generate::LAST_DAY;
use crate::domain::{Finding, Flag, NormalizedRecord, PetitionType, RecordKey, SourceId};
use crate::normalize::{self, Context};

fn corpus() -> Vec<Entry> {
    Corpus::new(20_260_701, 6_000).collect()
}

/// As intake reads it.
fn normalized(entry: &Entry) -> NormalizedRecord {
    let context = Context { agency: entry.bureau.code, today: LAST_DAY + chrono::Days::new(20) };
    let source_id = SourceId::parse(&entry.bureau.source_id).unwrap();
    let key = RecordKey { source_id, record_id: entry.record_id.clone() };
    normalize::record(&context, key, entry.record.clone(), Vec::<Finding>::new()).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_records_and_more_of_them_begin_alike() {
    let told = |seed, records| {
        let corpus = Corpus::new(seed, records);
        corpus.map(|entry| (Value::Object(entry.record).to_string(), entry.truth)).collect::<Vec<_>>()
    };
    let first = told(5, 700);
    assert_eq!(first, told(5, 700));
    assert_eq!(first, told(5, 1_300)[..700]);
    assert_ne!(first, told(6, 700));
}

#[test]
fn every_record_is_fit_for_intake_and_lists_the_persons_of_the_truth() {
    let mut ids = BTreeSet::new();
    for entry in corpus() {
        assert!(ids.insert((&entry.bureau.source_id, entry.record_id.clone())), "{}", entry.record_id);
        assert_eq!(entry.record["record_id"], entry.record_id.as_str());
        let record = normalized(&entry);
        assert!(record.references.is_empty());
        assert_eq!(record.petitioners.len(), entry.truth.persons.len(), "{:?}", entry.record["petitioners"]);
        assert_eq!(record.petitioners.is_empty(), record.anonymous);
        assert_eq!(entry.truth.petition.is_some(), record.kind == crate::domain::Kind::Petition);
        let wrong = [
            Flag::UnknownField,
            Flag::TypeUnmapped,
            Flag::CategoryUnmapped,
            Flag::AgencyUnknown,
            Flag::DateInvalid,
            Flag::DateInFuture,
            Flag::TextMojibake,
            Flag::PetitionerMissing,
        ];
        let flags = record.quality_flags();
        assert!(!flags.iter().any(|flag| wrong.contains(flag)), "{flags:?} {:?}", record.findings);
    }
}
