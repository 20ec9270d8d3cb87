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
        Field::Agency => shown(agency::read(input), |code| to_value(&code)),
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
}
