//! The files of `config/demo/` make of every agency's records what the generator meant, through the daemon's own
//! configuration, decoder and normalization.

use chrono::NaiveDate;
use serde_json::Value;

use super::*;
use crate::clock::HANOI;
use crate::config::{self, Config, Origin};
use crate::demo::generate::{Blemish, interchange};
use crate::domain::{NormalizedRecord, ParsedRecord, Petitioner, RecordKey, SourceId};
use crate::normalize::{self, Incomplete};
use crate::sources::SourceConfig;
use crate::sources::format::Packing;

pub(super) fn load(agencies: &Agencies) -> Config {
    let origin = Origin { dir: agencies.config_dir().to_owned(), environment: Vec::new(), credentials: None };
    let config = config::load(&origin).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.warnings.to_string(), "");
    config
}

fn normalized(source: &SourceConfig, parsed: ParsedRecord) -> Result<NormalizedRecord, Incomplete> {
    let context = normalize::Context { agency: &source.agency, today: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() };
    let key = RecordKey { source_id: source.id.clone(), record_id: parsed.record_id };
    normalize::record(&context, key, parsed.fields, parsed.findings)
}

/// What `source` makes of one record of its agency, sent whole.
fn through_the_file(source: &SourceConfig, record: &Record) -> ParsedRecord {
    let body = Value::Array(vec![(simulated(record.office).shape)(record)]).to_string();
    let decoded = source.decoder.decode(Packing::Records, body.as_bytes()).unwrap();
    decoded.into_iter().next().unwrap().result.unwrap()
}

/// What was meant, normalized without any mapping.
fn as_meant(source: &SourceConfig, record: &Record) -> Result<NormalizedRecord, Incomplete> {
    let mut fields = interchange(record);
    for name in ["record_id", "version", "deleted"] {
        fields.remove(name);
    }
    if !record.is_storable() {
        fields.remove("received_on");
    }
    let record_id = record.record_id.clone();
    let part = "whole".to_owned();
    normalized(
        source,
        ParsedRecord { record_id, version: None, part, deleted: record.deleted, fields, findings: Vec::new() },
    )
}

/// The record without what an agency's form has no place for, so that it can be compared.
fn comparable(mut record: NormalizedRecord, like: &NormalizedRecord) -> NormalizedRecord {
    record.findings = like.findings.clone();
    record.extra = like.extra.clone();
    record.results = like.results.clone();
    for event in &mut record.events {
        event.note = None;
        event.at = event.at.map(|at| at.with_timezone(&HANOI).date_naive().and_time(chrono::NaiveTime::MIN).and_utc());
    }
    if let Some(reception) = &mut record.reception {
        reception.online = false;
    }
    for (person, other) in record.petitioners.iter_mut().zip(&like.petitioners) {
        *person = person_comparable(person, other);
    }
    record.against.agency = None;
    record
}

fn person_comparable(person: &Petitioner, like: &Petitioner) -> Petitioner {
    Petitioner {
        name: person.name.as_ref().map(|name| name.to_lowercase().replace("ông ", "").replace("bà ", "")),
        id_kind: like.id_kind,
        birth_date: like.birth_date,
        birth_year: person.birth_year.or(like.birth_year),
        phones: person.phones.iter().map(|phone| subscriber(phone)).collect(),
        email: None,
        is_representative: false,
        place: crate::domain::Place {
            street: None,
            text: None,
            commune_candidates: person.place.commune_candidates.clone(),
            ..person.place.clone()
        },
        ..person.clone()
    }
}

/// The digits that stay the same however a number is written.
fn subscriber(phone: &str) -> String {
    let domestic = phone.strip_prefix("+84").unwrap_or(phone);
    let digits: String = domestic.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

#[tokio::test]
async fn every_record_comes_out_as_it_was_meant() {
    let (agencies, _scratch) = started(61, 700).await;
    let config = load(&agencies);
    assert_eq!(config.sources.len(), Office::ALL.len());
    let mut compared = 0;
    for record in agencies.records() {
        let id = SourceId::parse(record.office.source_id()).unwrap();
        let source = config.sources.iter().find(|source| source.id == id).unwrap();
        let parsed = through_the_file(source, &record);
        assert_eq!(parsed.deleted, record.deleted);
        assert_eq!(parsed.record_id, record.record_id);
        let versionless = matches!(record.office, Office::Bhxh | Office::BacNinh);
        assert_eq!(parsed.version.is_none(), versionless, "{}", source.id);
        let ours = normalized(source, parsed);
        let meant = as_meant(source, &record);
        match (ours, meant) {
            (Ok(ours), Ok(meant)) => {
                let said = (ours.kind, ours.petition_type, ours.confidential, meant.petition_type, meant.confidential);
                assert_eq!(ours.is_sealed(), record.is_sealed(), "{}: {said:?}", source.id);
                let flags = (ours.quality_flags(), meant.quality_flags());
                if !record.blemishes.contains(&Blemish::TypeUnknown) {
                    assert_eq!(flags.0, flags.1, "{}: {:?}", source.id, ours.findings);
                }
                let (left, right) = (comparable(ours, &meant), comparable(meant.clone(), &meant));
                assert_eq!(left, right, "{}", source.id);
                compared += 1;
            }
            (ours, meant) => {
                assert_eq!(ours.err(), meant.err());
                assert!(!record.is_storable());
            }
        }
    }
    assert!(compared > 900, "{compared}");
}

#[tokio::test]
async fn no_record_has_a_quality_flag_that_nobody_put_there() {
    use crate::domain::Flag;
    let (agencies, _scratch) = started(62, 700).await;
    let config = load(&agencies);
    for record in agencies.records().iter().filter(|record| record.is_storable()) {
        let source = config.sources.iter().find(|source| source.id.as_str() == record.office.source_id()).unwrap();
        let ours = normalized(source, through_the_file(source, record)).unwrap();
        let has = |blemish| record.blemishes.contains(&blemish);
        for flag in ours.quality_flags() {
            let meant = match flag {
                Flag::IdNumberInvalid => has(Blemish::IdNumberInvalid),
                Flag::IdNumberConflict => has(Blemish::IdNumberConflict) || has(Blemish::IdNumberInvalid),
                Flag::PhoneInvalid => has(Blemish::PhoneInvalid),
                Flag::PetitionerMissing => has(Blemish::PetitionerMissing),
                Flag::TypeUnmapped => has(Blemish::TypeUnknown),
                // an old commune may have been split, so that an address has several readings
                Flag::AddressAmbiguous => true,
                _ => false,
            };
            assert!(meant, "{}: {flag:?} {:?}", source.id, ours.findings);
        }
        assert_eq!(ours.quality_flags().contains(&Flag::TypeUnmapped), has(Blemish::TypeUnknown));
    }
}
