//! The corpus keeps its promises: repeatable, as mixed as its introduction says, fit for intake.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::domain::{Flag, PetitionType};
use crate::linkage::key;
use crate::seal::KeyRing;

fn corpus() -> Vec<Entry> {
    Corpus::new(20_260_701, 6_000).collect()
}

fn normalized(entry: &Entry) -> NormalizedRecord {
    entry.normalized().unwrap()
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

/// Parts in a thousand.
fn share(part: usize, whole: usize) -> usize {
    part * 1_000 / whole.max(1)
}

#[test]
fn papers_travel_and_come_back_as_often_as_said() {
    let corpus = corpus();
    let mut lodgings: BTreeMap<u32, Vec<Filing>> = BTreeMap::new();
    for entry in &corpus {
        if let (Some(petition), Some(filing)) = (entry.truth.petition, entry.truth.filing) {
            lodgings.entry(petition).or_default().push(filing);
        }
    }
    let papers = lodgings.len();
    let with = |wanted| share(lodgings.values().filter(|filings| filings.contains(&wanted)).count(), papers);
    let shares = [Filing::Copy, Filing::Forwarded, Filing::Repeat].map(with);
    let [copied, forwarded, repeated] = shares;
    assert!((230..300).contains(&copied), "{shares:?}");
    assert!((110..160).contains(&forwarded), "{shares:?}");
    assert!((110..170).contains(&repeated), "{shares:?}");
    let originals = lodgings.values().filter(|filings| filings.iter().filter(|f| **f == Filing::Original).count() == 1);
    assert_eq!(originals.count() + usize::from(corpus.len() == 1), papers);
    let most = lodgings.values().map(|filings| filings.iter().filter(|f| **f == Filing::Copy).count()).max();
    assert_eq!(most, Some(4), "five agencies at most");
}

#[test]
fn cases_go_on_and_forms_do_not_join_them() {
    let corpus = corpus();
    let mut how: BTreeMap<Following, usize> = BTreeMap::new();
    let mut case_of: BTreeMap<u32, u32> = BTreeMap::new();
    let mut cases_of_form: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for entry in corpus.iter().filter(|entry| entry.truth.filing == Some(Filing::Original)) {
        let truth = &entry.truth;
        case_of.insert(truth.petition.unwrap(), truth.case);
        if let Some(follows) = truth.follows {
            *how.entry(follows.how).or_default() += 1;
            assert_eq!(case_of[&follows.petition], truth.case, "what follows comes later and in the same case");
        }
        if let Some(form) = truth.form {
            cases_of_form.entry(form).or_default().insert(truth.case);
        }
    }
    assert_eq!(how.len(), 4, "{how:?}");
    assert!(how.values().all(|count| *count > 5), "{how:?}");
    let sizes: Vec<usize> = cases_of_form.values().map(BTreeSet::len).collect();
    assert!(sizes.iter().all(|size| *size >= 4) && sizes.iter().max() > Some(&29), "{sizes:?}");
    let neighbours = share(sizes.iter().sum(), case_of.len());
    assert!((60..200).contains(&neighbours), "{neighbours}");
}

#[test]
fn the_relation_of_two_records_is_the_same_from_both_sides() {
    let corpus = corpus();
    let mut seen = BTreeSet::new();
    for (nth, one) in corpus.iter().take(1_500).enumerate() {
        for other in corpus.iter().take(1_500).skip(nth + 1) {
            let relation = one.truth.relation(&other.truth);
            assert_eq!(relation, other.truth.relation(&one.truth));
            seen.extend(relation);
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
}

#[test]
fn people_are_as_alike_as_in_life() {
    let corpus = corpus();
    let records: Vec<NormalizedRecord> = corpus.iter().map(normalized).collect();
    let mut numbers: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    let mut named: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let (mut petitioners, mut flat) = (0, 0);
    for (record, entry) in records.iter().zip(&corpus) {
        for (petitioner, person) in record.petitioners.iter().zip(&entry.truth.persons) {
            petitioners += 1;
            let name = petitioner.name.clone().unwrap_or_default();
            flat += usize::from(name.is_ascii());
            let is_body = petitioner.organization.is_some();
            assert!(is_body || name.contains(' '), "{name:?} of {:?}", entry.record["petitioners"]);
            named.entry(name).or_default().insert(*person);
            if petitioner.id_number.as_deref().is_some_and(|number| number.len() == 12) {
                numbers.entry(*person).or_default().extend(petitioner.id_number.clone());
            }
        }
    }
    assert!((20..160).contains(&share(flat, petitioners)), "{}", share(flat, petitioners));
    assert!(named.values().filter(|persons| persons.len() > 1).count() > 100);
    let twice = numbers.values().filter(|numbers| numbers.len() > 1).count();
    assert!(share(twice, numbers.len()) < 30, "a valid number is seldom mistyped into another");
}

#[test]
fn denunciations_and_confidential_petitions_are_sealed() {
    let records: Vec<NormalizedRecord> = corpus().iter().map(normalized).collect();
    let petitions = records.iter().filter(|record| record.kind == crate::domain::Kind::Petition).count();
    let denounces = |record: &&NormalizedRecord| record.petition_type == Some(PetitionType::Denunciation);
    let denounced = share(records.iter().filter(denounces).count(), petitions);
    assert!((90..190).contains(&denounced), "{denounced}");
    let sealed = share(records.iter().filter(|record| record.is_sealed()).count(), petitions);
    assert!(sealed > denounced && sealed < denounced + 60, "{sealed}");
    assert!(records.iter().any(|record| record.anonymous));
}

#[test]
fn nothing_names_another_record() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::generate(&folder.path().join("key")).unwrap();
    let mut holders: BTreeMap<uuid::Uuid, usize> = BTreeMap::new();
    for entry in Corpus::new(9, 3_000) {
        for key in key::of(&ring, entry.bureau.code, &normalized(&entry)) {
            *holders.entry(key.key).or_default() += 1;
        }
    }
    assert!(holders.values().all(|count| *count == 1));
}

#[test]
fn what_clerks_do_to_names_and_numbers_occurs() {
    let mut seen = [0; 9];
    for entry in corpus() {
        for petitioner in entry.record.get("petitioners").and_then(Value::as_array).into_iter().flatten() {
            let text = |field: &str| petitioner[field].as_str().unwrap_or_default().to_owned();
            let (name, number, phone) = (text("name"), text("id_number"), text("phone"));
            let found = [
                name.contains(" và bà ") || name.contains(" và ông "),
                name.contains(" hộ dân"),
                !name.is_empty() && name == name.to_uppercase(),
                number.len() == 11 && number.bytes().all(|byte| byte.is_ascii_digit()),
                number.contains("E+"),
                number == "không rõ" || number == "0000000000",
                phone == entry.bureau.switchboard,
                phone.starts_with("+84"),
                petitioner["address"]["district"].is_string(),
            ];
            for (count, found) in seen.iter_mut().zip(found) {
                *count += usize::from(found);
            }
        }
    }
    assert!(seen.iter().all(|count| *count >= 3), "{seen:?}");
}
