//! What is guessed from the records of an agency, beside the file that was written for it by hand.

use std::io::Cursor;

use super::*;
use crate::demo::generate::interchange;
use crate::domain::SourceId;
use crate::sources::sample::{Origin, Sample, draft};

/// The file for the first records of an agency, and those records.
fn guessed(agencies: &Agencies, office: Office) -> (String, Vec<Record>) {
    let records: Vec<Record> =
        agencies.records().into_iter().filter(|record| record.office == office).take(200).collect();
    let shapes: Vec<Value> = records.iter().map(|record| (simulated(office).shape)(record)).collect();
    let bytes = Value::from(shapes).to_string();
    let sample = Sample::read(&mut Cursor::new(&bytes), "a.json", "2026-11-01".parse().unwrap()).unwrap();
    let id = SourceId::parse(office.source_id()).unwrap();
    (draft(&sample, &id, &Origin::Files { pattern: "*".to_owned() }), records)
}

/// The fields of `[map]` that a plain path leads to.
fn paths(text: &str) -> BTreeMap<String, String> {
    let file: toml_edit::DocumentMut = text.parse().unwrap();
    let Some(map) = file.get("map").and_then(toml_edit::Item::as_table_like) else { return BTreeMap::new() };
    let plain =
        |path: &&str| path.starts_with('.') && (!path.contains(' ') || path.starts_with(".\"") && !path.contains('|'));
    let path =
        |(field, value): (&str, &toml_edit::Item)| Some((field.to_owned(), value.as_str().filter(plain)?.to_owned()));
    map.iter().filter_map(path).collect()
}

#[tokio::test]
async fn what_a_person_wrote_is_guessed_but_for_names_that_say_nothing() {
    let (agencies, _scratch) = started(62, 1500).await;
    let (mut missed, mut count) = (Vec::new(), 0);
    for office in Office::ALL {
        let id = office.source_id();
        let written = std::fs::read_to_string(agencies.config_dir().join(format!("sources.d/{id}.toml"))).unwrap();
        let guesses = paths(&guessed(&agencies, *office).0);
        for (field, path) in paths(&written) {
            count += 1;
            if guesses.get(&field) != Some(&path) {
                missed.push(format!(
                    "{id} {field}: {path} and not {}",
                    guesses.get(&field).map_or("nothing", String::as_str)
                ));
            }
        }
    }
    assert!(count > 150, "{count}");
    // cells of a row, and names of three letters and less
    let wanted = [
        "btp decision_no: .dec[0] and not nothing",
        "btp decision_on: .dec[1] and not nothing",
        "btp kind: .cls and not nothing",
        "tinh-nghean kind: .la and not nothing",
    ];
    assert_eq!(missed, wanted);
}

#[tokio::test]
async fn nothing_of_a_person_is_in_what_was_guessed() {
    let (agencies, _scratch) = started(63, 1500).await;
    for office in Office::ALL {
        let (text, records) = guessed(&agencies, *office);
        for record in records {
            let fields = Value::Object(interchange(&record));
            let people = fields["petitioners"].as_array().into_iter().flatten();
            let of_person =
                people.flat_map(|person| ["name", "id_number", "phone", "email", "address"].map(|name| &person[name]));
            for value in of_person.chain([&fields["summary"], &fields["record_id"]]).filter_map(Value::as_str) {
                assert!(value.len() < 4 || !text.contains(value), "{value} stands in\n{text}");
            }
        }
    }
}
