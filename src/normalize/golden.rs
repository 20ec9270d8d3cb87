//! The corpus whose outputs must not change without a rise of `RULES_VERSION`.
//!
//! `tests/fixtures/normalize/<field>.txt` hold values, `records.ndjson` records; `golden.ndjson` what the rules make of
//! them, `versions.txt` the digest of all outputs by version. After a wanted change of outputs: raise
//! `RULES_VERSION`, run this test with `UPDATE_EXPECT=1`, read the difference, add the new version's line.

use expect_test::expect_file;
use serde_json::{Value, json};

use super::*;
use crate::domain::{RecordKey, SourceId};

const FIELDS: &[(&str, &str)] = &[
    ("text", include_str!("../../tests/fixtures/normalize/text.txt")),
    ("name", include_str!("../../tests/fixtures/normalize/name.txt")),
    ("id_number", include_str!("../../tests/fixtures/normalize/id_number.txt")),
    ("phone", include_str!("../../tests/fixtures/normalize/phone.txt")),
    ("date", include_str!("../../tests/fixtures/normalize/date.txt")),
    ("address", include_str!("../../tests/fixtures/normalize/address.txt")),
    ("agency", include_str!("../../tests/fixtures/normalize/agency.txt")),
    ("category", include_str!("../../tests/fixtures/normalize/category.txt")),
    ("document_no", include_str!("../../tests/fixtures/normalize/document_no.txt")),
];
const RECORDS: &str = include_str!("../../tests/fixtures/normalize/records.ndjson");
const VERSIONS: &str = include_str!("../../tests/fixtures/normalize/versions.txt");

fn outputs() -> String {
    let today: NaiveDate = "2026-11-24".parse().unwrap();
    let mut lines = Vec::new();
    for (name, values) in FIELDS {
        for value in values.lines() {
            lines.push(
                json!({"field": name, "tried": field(Field::parse(name).unwrap(), value, today, None)}).to_string(),
            );
        }
        if *name == "agency" {
            // what stood before the mergers of 2025, and what stands since
            for on in ["2024-06-01", "2025-09-01"] {
                let day: NaiveDate = on.parse().unwrap();
                lines.extend(values.lines().map(|value| {
                    json!({"field": name, "on": on, "tried": field(Field::Agency, value, today, Some(day))}).to_string()
                }));
            }
        }
    }
    for line in RECORDS.lines() {
        let fields = serde_json::from_str(line).unwrap();
        let key = RecordKey { source_id: SourceId::parse("corpus").unwrap(), record_id: "1".to_owned() };
        let output = match record(&Context { agency: "G20", today }, key, fields, Vec::new()) {
            Ok(record) => serde_json::to_value(record).unwrap(),
            Err(incomplete) => Value::String(incomplete.to_string()),
        };
        lines.push(output.to_string());
    }
    lines.join("\n") + "\n"
}

#[test]
fn outputs_change_only_with_the_version() {
    let outputs = outputs();
    let digest = blake3::hash(outputs.as_bytes()).to_hex().to_string();
    expect_file!["../../tests/fixtures/normalize/golden.ndjson"].assert_eq(&outputs);
    let known = VERSIONS.lines().find_map(|line| line.strip_prefix(&format!("{RULES_VERSION} ")));
    assert_eq!(
        known,
        Some(digest.as_str()),
        "outputs changed under RULES_VERSION {RULES_VERSION}: raise it and add the line \"{} {digest}\" to versions.txt",
        RULES_VERSION + u32::from(known.is_some()),
    );
}
