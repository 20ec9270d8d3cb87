//! The people and bodies of a record: petitioners, whom it is against, agencies.

use serde_json::{Map, Value};

use super::reader::{Path, Reader, take};
use super::reading::Note;
use super::{code, date, text};
use crate::domain::{Against, Flag, NormalizedRecord, Petitioner, Place};

/// The code of an agency, from a code in either form or a name. What is neither is kept in `extra`.
pub(super) fn agency(reader: &mut Reader, value: Value, path: &Path<'_>) -> Option<String> {
    let raw = reader.raw(value, path)?;
    if raw.trim().is_empty() {
        return None;
    }
    let reading = super::agency::read(&raw);
    if reading.value.is_none() {
        reader.keep(path, Value::String(raw), Flag::AgencyUnknown, "agency_unknown");
        return None;
    }
    for note in reading.notes {
        reader.note(path, note, &raw);
    }
    reading.value
}

/// Whom and what the petition is against; a text alone is a name.
pub(super) fn against(reader: &mut Reader, value: Value) -> Against {
    let path = Path::root("against");
    if let Value::String(_) = value {
        return Against { name: reader.line(value, &path), ..Against::default() };
    }
    let Some(mut map) = reader.object(value, &path) else { return Against::default() };
    let against = Against {
        name: reader.line(take(&mut map, "name"), &path.field("name")),
        agency: agency(reader, take(&mut map, "agency"), &path.field("agency")),
        decision_no: reader.document_no(take(&mut map, "decision_no"), &path.field("decision_no")),
        decision_on: reader.date(take(&mut map, "decision_on"), &path.field("decision_on"), false),
    };
    reader.leftover(map, Some(&path));
    against
}

/// The petitioners, into the record: with them may come a head count, or that it is anonymous.
pub(super) fn petitioners(reader: &mut Reader, value: Value, record: &mut NormalizedRecord) {
    let list = Path::root("petitioners");
    for (index, value) in reader.list(value, &list).into_iter().enumerate() {
        let path = list.index(index);
        let map = match value {
            Value::String(_) => Map::from_iter([("name".to_owned(), value)]),
            other => match reader.object(other, &path) {
                Some(map) => map,
                None => continue,
            },
        };
        let one = petitioner(reader, map, &path);
        if one != Petitioner::default() {
            record.petitioners.push(one);
        }
    }
}

fn petitioner(reader: &mut Reader, mut map: Map<String, Value>, path: &Path<'_>) -> Petitioner {
    let (birth_date, birth_year) = birth(reader, &mut map, path);
    let one = Petitioner {
        name: reader.line(take(&mut map, "name"), &path.field("name")),
        id_number: reader.line(take(&mut map, "id_number"), &path.field("id_number")),
        id_kind: reader.code(take(&mut map, "id_kind"), &path.field("id_kind"), code::id_kind),
        birth_date,
        birth_year,
        gender: reader.code(take(&mut map, "gender"), &path.field("gender"), code::gender),
        phones: reader.line(take(&mut map, "phone"), &path.field("phone")).into_iter().collect(),
        email: reader.line(take(&mut map, "email"), &path.field("email")).map(|email| email.to_lowercase()),
        place: place(reader, take(&mut map, "address"), &path.field("address")),
        organization: reader.line(take(&mut map, "organization"), &path.field("organization")),
        is_representative: reader.boolean(take(&mut map, "representative"), &path.field("representative"), false),
    };
    reader.leftover(map, Some(path));
    one
}

/// Birth date and birth year: of many old people only the year is known, and either field may hold either.
fn birth(
    reader: &mut Reader,
    map: &mut Map<String, Value>,
    path: &Path<'_>,
) -> (Option<chrono::NaiveDate>, Option<i32>) {
    let mut birth = (None, None);
    for field in ["birth_date", "birth_year"] {
        let at = path.field(field);
        let Some(raw) = reader.raw(take(map, field), &at) else { continue };
        let reading = date::read(&raw);
        let Some(dated) = reading.value.map(|dated| before(dated, reader.today)) else {
            if let Some(note) = reading.notes.first() {
                reader.keep(&at, Value::String(raw), Flag::DateInvalid, note.rule);
            }
            continue;
        };
        for note in reading.notes.into_iter().filter(|note| note.rule != "year") {
            reader.note(&at, note, &raw);
        }
        if dated.date > reader.today {
            reader.note(&at, Note::doubt(Flag::DateInFuture, "after_today"), &raw);
        }
        if dated.precision == date::Precision::Day {
            birth.0 = birth.0.or(Some(dated.date));
        }
        birth.1 = birth.1.or(Some(chrono::Datelike::year(&dated.date)));
    }
    birth
}

/// A birth in the future whose year had two digits was a hundred years earlier.
fn before(dated: date::Dated, today: chrono::NaiveDate) -> date::Dated {
    let earlier = dated.date.checked_sub_months(chrono::Months::new(1200));
    match earlier {
        Some(earlier) if dated.date > today && dated.century_assumed => date::Dated { date: earlier, ..dated },
        _ => dated,
    }
}

/// An address, as a text or by its levels.
fn place(reader: &mut Reader, value: Value, path: &Path<'_>) -> Place {
    let text = match value {
        Value::Object(mut map) => {
            let levels = ["street", "commune", "district", "province"];
            let parts: Vec<String> =
                levels.iter().filter_map(|level| reader.line(take(&mut map, level), &path.field(level))).collect();
            reader.leftover(map, Some(path));
            Some(parts.join(", ")).filter(|text| !text.is_empty())
        }
        other => reader.line(other, path),
    };
    Place { text: text.map(|text| text::clean_line(&text).into_owned()), ..Place::default() }
}
