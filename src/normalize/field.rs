//! One value of one field by itself, as `petitiond normalize` shows it.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use super::reading::{Note, Reading};
use super::{address, agency, category, date, document, id_number, name, phone, text};

/// A field whose rules can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Text,
    Name,
    IdNumber,
    Phone,
    Date,
    Address,
    Agency,
    Category,
    DocumentNo,
}

impl Field {
    /// Every field.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Name,
        Self::IdNumber,
        Self::Phone,
        Self::Date,
        Self::Address,
        Self::Agency,
        Self::Category,
        Self::DocumentNo,
    ];

    /// As it stands on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Name => "name",
            Self::IdNumber => "id_number",
            Self::Phone => "phone",
            Self::Date => "date",
            Self::Address => "address",
            Self::Agency => "agency",
            Self::Category => "category",
            Self::DocumentNo => "document_no",
        }
    }

    /// The field of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// The rules of the field, by name, in order.
    pub fn rules(self) -> Vec<&'static str> {
        match self {
            Self::Text => text::RULES.iter().map(|rule| rule.name).collect(),
            Self::Name => name::RULES.iter().map(|rule| rule.name).collect(),
            Self::IdNumber => id_number::RULES.iter().map(|rule| rule.name).collect(),
            Self::Phone => phone::RULES.iter().map(|rule| rule.name).collect(),
            Self::Date => date::RULES.iter().map(|rule| rule.name).collect(),
            Self::Address => address::RULES.iter().map(|rule| rule.name).collect(),
            Self::Agency => agency::RULES.iter().map(|rule| rule.name).collect(),
            Self::Category => category::RULES.iter().map(|rule| rule.name).collect(),
            Self::DocumentNo => vec!["document_number"],
        }
    }
}

/// A value and what the rules made of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    pub input: String,
    /// Null where nothing can be understood.
    pub value: Value,
    pub findings: Vec<Spoken>,
}

/// That a rule spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spoken {
    /// The quality flag; null for a harmless change.
    pub code: Option<&'static str>,
    pub rule: &'static str,
}

/// Tries one value. `on` is the day of the record, where one is meant.
pub fn field(field: Field, input: &str, today: NaiveDate, on: Option<NaiveDate>) -> Tried {
    let (value, notes) = match field {
        Field::Text => {
            let mut notes = Vec::new();
            let clean = text::clean_noting(input, |note| notes.push(note)).into_owned();
            (if clean.is_empty() { Value::Null } else { Value::String(clean) }, notes)
        }
        Field::Name => shown(name::read(input), |names| to_value(&names.shown())),
        Field::IdNumber => shown(id_number::read(input, &id_number::Evidence::none(today)), |id| to_value(&id)),
        Field::Phone => shown(phone::read(input, on), |numbers| to_value(&numbers)),
        Field::Date => shown(date::read(input), |dated| to_value(&dated)),
        Field::Address => shown(address::read(input, on), |address| to_value(&address)),
        Field::Agency => shown(agency::read(input, on), |body| to_value(&body.code)),
        Field::Category => shown(category::read(input), |code| to_value(&code)),
        Field::DocumentNo => (document::number_key(input).map_or(Value::Null, Value::String), Vec::new()),
    };
    let findings =
        notes.into_iter().map(|note| Spoken { code: note.flag.map(crate::domain::Flag::as_str), rule: note.rule });
    Tried { input: input.to_owned(), value, findings: findings.collect() }
}

fn shown<T>(reading: Reading<T>, show: impl Fn(T) -> Value) -> (Value, Vec<Note>) {
    (reading.value.map_or(Value::Null, show), reading.notes)
}

fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn has_the_shapes_of_the_command() {
        let today = "2026-11-24".parse().unwrap();
        for (name, input, wanted) in [
            ("text", " a  b ", json!("a b")),
            ("text", "", Value::Null),
            ("name", "Ng. Thị Hoa", json!({"people": ["Nguyễn Thị Hoa"], "organization": null, "count": 1})),
            (
                "id_number",
                "001075000001",
                json!({"kind": "cccd", "number": "001075000001", "birth_year": 1975, "gender": "male", "repaired": false}),
            ),
            ("id_number", "003075000001", Value::Null),
            ("phone", "01621234567; 0912345678", json!(["+84321234567", "+84912345678"])),
            ("date", "5/3/2024", json!({"date": "2024-03-05", "precision": "day"})),
            ("date", "1950", json!({"date": "1950-01-01", "precision": "year"})),
            (
                "address",
                "12 phố X, phường Phúc Xá, quận Ba Đình, Hà Nội",
                json!({"province": "01", "communes": ["00097"], "street": "12 phố X"}),
            ),
            ("agency", "000.00.12.H29", json!("H29.12")),
            ("category", "đất đai", json!("01.2")),
            ("document_no", "Số 123/QÐ-UBND", json!("123/QD-UBND")),
        ] {
            let tried = field(Field::parse(name).unwrap(), input, today, None);
            assert_eq!(tried.value, wanted, "{name} {input:?}");
        }
        assert!(Field::ALL.iter().all(|field| !field.rules().is_empty()));
    }

    /// What normalizing gives, written out as one would write it: normalized again it must be the same.
    fn written(field: Field, value: &Value) -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match field {
            Field::Name => value["people"].as_array().into_iter().flatten().filter_map(text).collect(),
            Field::IdNumber => text(&value["number"]).into_iter().collect(),
            Field::Phone => value.as_array().into_iter().flatten().filter_map(text).collect(),
            Field::Date => {
                let letters = match value["precision"].as_str() {
                    Some("year") => 4,
                    Some("month") => 7,
                    _ => 10,
                };
                text(&value["date"]).map(|date| date[..letters].to_owned()).into_iter().collect()
            }
            // codes and street cannot be typed into one cell; `every_commune_of_today` does it by name
            Field::Address => Vec::new(),
            Field::Text | Field::Agency | Field::Category | Field::DocumentNo => text(value).into_iter().collect(),
        }
    }

    /// The value that the written form must give again.
    fn again(field: Field, value: &Value, written: &str) -> Value {
        match field {
            Field::Name => json!({"people": [written], "organization": null, "count": 1}),
            Field::Phone => json!([written]),
            Field::IdNumber => {
                json!({"kind": value["kind"], "number": value["number"], "birth_year": value["birth_year"],
                "gender": value["gender"], "repaired": false})
            }
            _ => value.clone(),
        }
    }

    fn is_nfc(value: &Value) -> bool {
        match value {
            Value::String(text) => unicode_normalization::is_nfc(text),
            Value::Array(list) => list.iter().all(is_nfc),
            Value::Object(map) => map.values().all(is_nfc),
            _ => true,
        }
    }

    fn holds(field: Field, input: &str, on: Option<NaiveDate>) {
        let today = "2026-11-24".parse().unwrap();
        let tried = super::field(field, input, today, on);
        assert!(is_nfc(&tried.value), "{} {input:?}: {:?}", field.as_str(), tried.value);
        for one in written(field, &tried.value) {
            let value = super::field(field, &one, today, None).value;
            assert_eq!(value, again(field, &tried.value, &one), "{} {input:?} {one:?}", field.as_str());
        }
    }

    /// Values as sources write them, for every field.
    const CORPUS: &[&str] = &[
        include_str!("../../tests/fixtures/normalize/text.txt"),
        include_str!("../../tests/fixtures/normalize/name.txt"),
        include_str!("../../tests/fixtures/normalize/id_number.txt"),
        include_str!("../../tests/fixtures/normalize/phone.txt"),
        include_str!("../../tests/fixtures/normalize/date.txt"),
        include_str!("../../tests/fixtures/normalize/address.txt"),
        include_str!("../../tests/fixtures/normalize/agency.txt"),
        include_str!("../../tests/fixtures/normalize/category.txt"),
        include_str!("../../tests/fixtures/normalize/document_no.txt"),
    ];

    #[test]
    fn twice_is_once_for_the_corpus_in_every_field() {
        for line in CORPUS.iter().flat_map(|lines| lines.lines()) {
            Field::ALL.iter().for_each(|field| holds(*field, line, None));
        }
    }

    proptest::proptest! {
        /// Any bytes through every field: no panic, NFC, and twice is once.
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60), days in proptest::option::of(0_u64..1500)) {
            let on = days.and_then(|days| NaiveDate::from_ymd_opt(2023, 1, 1)?.checked_add_days(chrono::Days::new(days)));
            let text = super::super::encoding::as_text(&bytes);
            Field::ALL.iter().for_each(|field| holds(*field, &text, on));
        }

        /// Values of the corpus with a few characters put in, taken out and changed.
        #[test]
        fn damaged_values(list in 0..CORPUS.len(), line in 0_usize..400, edits in proptest::collection::vec((0_usize..80, "[\\PC0-9 .,/'\u{300}-\u{323}\u{AD}]{0,2}"), 0..4)) {
            let lines: Vec<&str> = CORPUS[list].lines().collect();
            let mut chars: Vec<char> = lines[line % lines.len()].chars().collect();
            for (at, put) in edits {
                let at = at % (chars.len() + 1);
                chars.splice(at..(at + 1).min(chars.len()), put.chars());
            }
            let text: String = chars.into_iter().collect();
            Field::ALL.iter().for_each(|field| holds(*field, &text, None));
        }
    }
}
