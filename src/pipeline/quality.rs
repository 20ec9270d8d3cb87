//! What is wrong with the records of a source, with examples that give nobody away.
//!
//! Which causes there are is counted over all records. Examples come from open ones only, and of them only the shape: a
//! digit is shown as 9, a letter as x.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use super::{Error, prepare};
use crate::domain::{Aspect, Cause, Finding, NormalizedRecord, Severity};
use crate::seal::KeyRing;
use crate::sources::format::RECORD_SCHEMA;
use crate::store::PgConnection;
use crate::store::source_quality::{self, QualityDay};

/// Causes that are shown, at most.
const CAUSES: usize = 10;

/// Examples of one cause, at most.
const EXAMPLES: usize = 3;

/// Records that are opened for the examples of one cause, at most.
const OPENED: i64 = 30;

/// Characters of a value that are shown, at most.
const LONGEST: usize = 60;

/// How good the records of a source are, and why they are not better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    pub source_id: String,
    pub since: NaiveDate,
    /// Newest first; days on which nothing came are left out.
    pub days: Vec<QualityDay>,
    /// The most frequent first.
    pub causes: Vec<CauseCount>,
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseCount {
    pub code: &'static str,
    pub name: &'static str,
    pub severity: Severity,
    pub aspect: Aspect,
    pub records: i64,
    pub examples: Vec<Example>,
}

/// One value by its shape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Example {
    /// Where in the record; a name that is no field of the interchange record is masked, too.
    pub field: String,
    /// The rule that spoke.
    pub rule: String,
    /// `None`: there is no value (something is missing), or it is too long to have been kept by itself.
    pub value: Option<String>,
}

/// Judges the records that a source handed over since a day.
///
/// # Errors
/// [`Error`] of the database.
pub async fn of_source(
    conn: &mut PgConnection,
    ring: &KeyRing,
    today: NaiveDate,
    source_id: &str,
    since: NaiveDate,
) -> Result<Quality, Error> {
    let days = source_quality::days(conn, source_id, since).await?;
    let mut causes = Vec::new();
    for (cause, records) in source_quality::causes(conn, source_id, since).await?.into_iter().take(CAUSES) {
        let examples = match cause {
            Cause::Flag(flag) => {
                let rows = source_quality::open_records(conn, source_id, since, flag.as_str(), OPENED).await?;
                let records = rows.iter().filter_map(|row| {
                    // one that cannot be opened was told of in the log
                    prepare::reopen(ring, &row.key, &row.agency, today, &row.content).ok().flatten()
                });
                examples(records, |finding| finding.flag == Some(flag))
            }
            // what is missing or late shows nothing
            Cause::Gap(_) | Cause::Late => Vec::new(),
        };
        causes.push(CauseCount {
            code: cause.as_str(),
            name: cause.title(),
            severity: cause.severity(),
            aspect: cause.aspect(),
            records,
            examples,
        });
    }
    Ok(Quality { source_id: source_id.to_owned(), since, days, causes })
}

/// The first few different shapes. What the rules of today seal is passed over, whatever the row says.
fn examples(records: impl Iterator<Item = NormalizedRecord>, is_meant: impl Fn(&Finding) -> bool) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for record in records.filter(|record| !record.is_sealed()) {
        for finding in record.findings.iter().filter(|finding| is_meant(finding)) {
            let example = Example {
                field: masked_path(&finding.field),
                rule: finding.rule.clone(),
                value: finding.original.as_deref().map(masked),
            };
            if !examples.contains(&example) {
                examples.push(example);
            }
            if examples.len() == EXAMPLES {
                return examples;
            }
        }
    }
    examples
}

/// The shape of a value: digits as 9; blanks and the punctuation of ASCII as they are; everything else, letters with
/// their marks and garbled ones too, as x. What is long is cut, with its length.
fn masked(value: &str) -> String {
    let shape = |c: char| match c {
        ' ' => ' ',
        c if c.is_ascii_punctuation() => c,
        c if c.is_numeric() => '9',
        _ => 'x',
    };
    let length = value.chars().count();
    let mut text: String = value.chars().take(LONGEST).map(shape).collect();
    if length > LONGEST {
        text.push_str(&format!("… ({length})"));
    }
    text
}

/// The names that may stand in the path of an interchange record.
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    if let Ok(schema) = serde_json::from_str(RECORD_SCHEMA) {
        collect_names(&schema, &mut names);
    }
    names
});

fn collect_names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                names.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| collect_names(value, names));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

/// A path whose names are known; a source may name a field as it likes, even after a person.
pub fn masked_path(path: &str) -> String {
    let step = |step: &str| {
        let (name, index) = step.split_once('[').map_or((step, None), |(name, rest)| (name, Some(rest)));
        let is_index = index.is_none_or(|rest| {
            rest.strip_suffix(']').is_some_and(|digits| digits.len() < 4 && digits.bytes().all(|b| b.is_ascii_digit()))
        });
        if is_index && NAMES.contains(name) { step.to_owned() } else { masked(step) }
    };
    path.split('.').map(step).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_shape_is_left() {
        for (value, wanted) in [
            ("0912 345-678", "9999 999-999"),
            ("Nguyễn Thị Hoa", "xxxxxx xxx xxx"),
            ("nguye\u{302}\u{303}n", "xxxxxxxx"),
            ("Nguyá»…n", "xxxxxxxx"),
            ("15/8 âm lịch", "99/9 xx xxxx"),
            ("٣\u{0}\u{1b}[2J\n王", "9xx[9xxx"),
            ("", ""),
        ] {
            assert_eq!(masked(value), wanted, "{value:?}");
        }
        assert_eq!(masked(&"ă".repeat(61)), format!("{}… (61)", "x".repeat(60)));
    }

    #[test]
    fn a_field_named_after_a_person_is_masked() {
        for (path, wanted) in [
            ("petitioners[0].id_number", "petitioners[0].id_number"),
            ("against.decision_on", "against.decision_on"),
            ("received_on", "received_on"),
            ("petitioners[0].Hoa 0912", "petitioners[0].xxx 9999"),
            ("Nguyễn Văn A", "xxxxxx xxx x"),
            ("petitioners[0912345678].name", "xxxxxxxxxxx[9999999999].name"),
            ("summary[a]", "xxxxxxx[x]"),
        ] {
            assert_eq!(masked_path(path), wanted);
        }
    }

    proptest::proptest! {
        /// Nothing of a value but its punctuation is told.
        #[test]
        fn no_letter_and_no_digit_is_told(value in "\\PC{0,80}") {
            let masked = masked(&value);
            let shape = masked.split('…').next().unwrap_or_default();
            proptest::prop_assert!(shape.chars().all(|c| c == 'x' || c == '9' || c == ' ' || c.is_ascii_punctuation()));
            proptest::prop_assert_eq!(shape.chars().count(), value.chars().count().min(LONGEST));
        }
    }

    #[test]
    fn of_sealed_records_nothing_is_shown() {
        let record = |kind: &str, phone: &str| -> NormalizedRecord {
            let finding = json!({"flag": "phone_invalid", "field": "petitioners[0].phone", "rule": "not_a_number", "original": phone});
            serde_json::from_value(
                json!({"source_id": "bxd", "record_id": "1", "received_on": "2026-03-02", "agency": "G17",
                "kind": "petition", "type": kind, "findings": [finding]}),
            )
            .unwrap()
        };
        let shown = |records: Vec<NormalizedRecord>| {
            examples(records.into_iter(), |finding| finding.flag.is_some())
                .into_iter()
                .map(|example| example.value.unwrap())
                .collect::<Vec<_>>()
        };
        assert!(shown(vec![record("denunciation", "123")]).is_empty());
        assert_eq!(shown(vec![record("complaint", "123"), record("complaint", "456")]), ["999"]);
        let four = ["1", "12", "123", "1234"].map(|phone| record("complaint", phone));
        assert_eq!(shown(four.into()), ["9", "99", "999"]);
    }
}
