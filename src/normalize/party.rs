//! The people and bodies of a record: petitioners, whom it is against, agencies.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::address::{self, Address};
use super::id_number::{self, Evidence};
use super::name::{self, Names};
use super::reader::{Path, Reader, take};
use super::reading::{Note, Reading};
use super::{code, date, phone, text};
use crate::domain::{Against, Flag, NormalizedRecord, Petitioner, Place};
use crate::reference::province;

/// The code of an agency that numbers records and letters, from a code in either form or a name as of a day. What is
/// neither, and a body without a code of its own, is kept in `extra`.
pub(super) fn agency(reader: &mut Reader, value: Value, path: &Path<'_>, on: Option<NaiveDate>) -> Option<String> {
    let raw = reader.raw(value, path)?;
    let reading = super::agency::read_numbering(&raw, on);
    agency_read(reader, raw, path, reading)
}

/// The agency whose act the petition is against. Of a body without a code of its own the agency above it is known.
fn answering_agency(reader: &mut Reader, value: Value, path: &Path<'_>, on: Option<NaiveDate>) -> Option<String> {
    let raw = reader.raw(value, path)?;
    let reading = super::agency::read(&raw, on);
    let reading = Reading { value: reading.value.map(|body| body.code), notes: reading.notes };
    agency_read(reader, raw, path, reading)
}

fn agency_read(reader: &mut Reader, raw: String, path: &Path<'_>, reading: Reading<String>) -> Option<String> {
    if reading.value.is_none() {
        if let Some(doubt) = reading.notes.iter().find(|note| note.flag.is_some()) {
            reader.keep(path, Value::String(raw), Flag::AgencyUnknown, doubt.rule);
        }
        return None;
    }
    reader.notes(path, reading.notes, &raw);
    reading.value
}

/// Whom and what the petition is against; a text alone is a name.
pub(super) fn against(reader: &mut Reader, value: Value) -> Against {
    let path = Path::root("against");
    if let Value::String(_) = value {
        return Against { name: reader.line(value, &path), ..Against::default() };
    }
    let Some(mut map) = reader.object(value, &path) else { return Against::default() };
    let decision_on = reader.date(take(&mut map, "decision_on"), &path.field("decision_on"), false);
    let against = Against {
        name: reader.line(take(&mut map, "name"), &path.field("name")),
        agency: answering_agency(reader, take(&mut map, "agency"), &path.field("agency"), decision_on),
        decision_no: reader.document_no(take(&mut map, "decision_no"), &path.field("decision_no")),
        decision_on,
    };
    reader.leftover(map, Some(&path));
    against
}

/// The petitioners, into the record: with them may come a head count, or that it is anonymous.
pub(super) fn petitioners(reader: &mut Reader, value: Value, record: &mut NormalizedRecord) {
    let list = Path::root("petitioners");
    let mut unnamed = 0;
    for (index, value) in reader.list(value, &list).into_iter().enumerate() {
        let path = list.index(index);
        let map = match value {
            Value::String(_) => Map::from_iter([("name".to_owned(), value)]),
            other => match reader.object(other, &path) {
                Some(map) => map,
                None => continue,
            },
        };
        let cell = petitioner(reader, map, &path, record.received_on);
        record.anonymous |= cell.anonymous;
        unnamed += cell.unnamed;
        record.petitioners.extend(cell.people.into_iter().filter(|one| *one != Petitioner::default()));
    }
    if unnamed > 0 && record.petitioner_count.is_none() {
        record.petitioner_count = i32::try_from(record.petitioners.len() as u64 + u64::from(unnamed)).ok();
    }
}

/// What one entry of the list tells: usually one person.
#[derive(Default)]
struct Cell {
    people: Vec<Petitioner>,
    /// People counted and not named.
    unnamed: u32,
    anonymous: bool,
}

fn petitioner(reader: &mut Reader, mut map: Map<String, Value>, path: &Path<'_>, on: NaiveDate) -> Cell {
    let (birth_date, birth_year) = birth(reader, &mut map, path);
    let said_gender = reader.code(take(&mut map, "gender"), &path.field("gender"), code::gender);
    let names = names(reader, take(&mut map, "name"), &path.field("name"));
    let first_gender = names.people.first().and_then(|person| person.gender);
    let gender = said_gender.or(first_gender);
    let place = place(reader, take(&mut map, "address"), &path.field("address"), on);
    let mut one = Petitioner {
        name: names.people.first().map(|person| person.name.clone()),
        birth_date,
        birth_year,
        gender,
        phones: phones(reader, take(&mut map, "phone"), &path.field("phone"), on),
        email: email(reader, take(&mut map, "email"), &path.field("email")),
        organization: reader.line(take(&mut map, "organization"), &path.field("organization")),
        is_representative: reader.boolean(take(&mut map, "representative"), &path.field("representative"), false),
        place,
        id_number: None,
        id_kind: None,
    };
    id_number(reader, &mut map, path, &mut one);
    reader.leftover(map, Some(path));
    if one.organization.is_none() {
        one.organization = names.organization;
    }
    let listed = u32::try_from(names.people.len()).unwrap_or(0).max(1);
    let mut cell = Cell {
        unnamed: names.count.map_or(0, |count| count.saturating_sub(listed)),
        anonymous: names.anonymous,
        ..Cell::default()
    };
    let others = names.people.into_iter().skip(1).map(|person| Petitioner {
        name: Some(person.name),
        gender: person.gender,
        // they share the cell's address; whose number and telephone it is nobody says, so the first keeps them
        place: one.place.clone(),
        ..Petitioner::default()
    });
    let others: Vec<Petitioner> = others.collect();
    cell.people.push(one);
    cell.people.extend(others);
    cell
}

/// Who stands in a name cell; what names nobody is kept.
fn names(reader: &mut Reader, value: Value, path: &Path<'_>) -> Names {
    let Some(raw) = reader.raw(value, path) else { return Names::default() };
    let reading = name::read(&raw);
    if let Some(names) = reading.value {
        reader.notes(path, reading.notes, &raw);
        return names;
    }
    if let Some(doubt) = reading.notes.iter().find(|note| note.flag.is_some()) {
        reader.keep(path, Value::String(raw), Flag::NameSuspect, doubt.rule);
    }
    Names::default()
}

/// The identity number. One that breaks the rules stays in its place as typed, without a kind and flagged, if it could
/// be a number at all; else it is kept in `extra`.
fn id_number(reader: &mut Reader, map: &mut Map<String, Value>, path: &Path<'_>, one: &mut Petitioner) {
    let kind = reader.code(take(map, "id_kind"), &path.field("id_kind"), code::id_kind);
    let at = path.field("id_number");
    let Some(raw) = reader.raw(take(map, "id_number"), &at) else { return };
    let birth_year = one.birth_year.or_else(|| one.birth_date.map(|date| chrono::Datelike::year(&date)));
    let evidence = Evidence { birth_year, gender: one.gender, kind, today: reader.today };
    let reading = id_number::read(&raw, &evidence);
    if let Some(found) = reading.value {
        reader.notes(&at, reading.notes, &raw);
        one.id_number = Some(found.number);
        one.id_kind = Some(found.kind);
        return;
    }
    let Some(doubt) = reading.notes.first().copied() else { return };
    let typed: String = raw.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let digits = typed.bytes().filter(u8::is_ascii_digit).count();
    if doubt.rule == "placeholder" || digits < 7 || typed.len() > 15 {
        reader.keep(&at, Value::String(raw), Flag::IdNumberInvalid, doubt.rule);
    } else {
        reader.note(&at, doubt, &raw);
        one.id_number = Some(typed);
    }
    if let Some(kind) = kind {
        reader.store(&path.field("id_kind").to_string(), Value::from(kind.as_str()));
    }
}

fn phones(reader: &mut Reader, value: Value, path: &Path<'_>, on: NaiveDate) -> Vec<String> {
    let raw = match value {
        // some sources give a list
        Value::Array(list) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
        }
        other => match reader.raw(other, path) {
            Some(raw) => raw,
            None => return Vec::new(),
        },
    };
    let reading = phone::read(&raw, Some(on));
    if let Some(numbers) = reading.value {
        reader.notes(path, reading.notes, &raw);
        return numbers;
    }
    if let Some(doubt) = reading.notes.first() {
        reader.keep(path, Value::String(raw), Flag::PhoneInvalid, doubt.rule);
    }
    Vec::new()
}

fn email(reader: &mut Reader, value: Value, path: &Path<'_>) -> Option<String> {
    let line = reader.line(value, path)?;
    let is_address = line.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    if is_address && !line.contains(' ') {
        return Some(line.to_lowercase());
    }
    reader.keep(path, Value::String(line), Flag::UnknownField, "not_an_email");
    None
}

/// Birth date and birth year: of many old people only the year is known, and either field may hold either.
fn birth(reader: &mut Reader, map: &mut Map<String, Value>, path: &Path<'_>) -> (Option<NaiveDate>, Option<i32>) {
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
fn before(dated: date::Dated, today: NaiveDate) -> date::Dated {
    let earlier = dated.date.checked_sub_months(chrono::Months::new(1200));
    match earlier {
        Some(earlier) if dated.date > today && dated.century_assumed => date::Dated { date: earlier, ..dated },
        _ => dated,
    }
}

/// An address, as a text or by its levels, in today's units.
fn place(reader: &mut Reader, value: Value, path: &Path<'_>, on: NaiveDate) -> Place {
    let (raw, coded) = match value {
        Value::Object(map) => levels(reader, map, path, on),
        other => (reader.raw(other, path), None),
    };
    let Some(raw) = raw else {
        return coded.map_or_else(Place::default, |address| placed(address, None));
    };
    let line = text::clean_line(&raw).into_owned();
    if let Some(coded) = coded {
        return placed(coded, Some(line));
    }
    let reading = address::read(&raw, Some(on));
    reader.notes(path, reading.notes, &raw);
    placed(reading.value.unwrap_or_default(), Some(line).filter(|line| !line.is_empty()))
}

fn placed(address: Address, text: Option<String>) -> Place {
    let mut communes = address.communes;
    let commune_code = if communes.len() == 1 { communes.pop() } else { None };
    Place { province_code: address.province, commune_code, commune_candidates: communes, street: address.street, text }
}

/// The levels of an address object as one line; and what its codes say, where its commune is a code.
fn levels(
    reader: &mut Reader,
    mut map: Map<String, Value>,
    path: &Path<'_>,
    on: NaiveDate,
) -> (Option<String>, Option<Address>) {
    let mut parts = Vec::with_capacity(4);
    let mut coded: Option<Address> = None;
    for level in ["street", "commune", "district", "province"] {
        let Some(part) = reader.line(take(&mut map, level), &path.field(level)) else { continue };
        let by_code = if matches!(level, "commune" | "province") { address::by_code(&part, on) } else { None };
        match (level, by_code) {
            ("commune", Some(found)) => coded = Some(found),
            // its name, so that the levels above and under it can be read
            ("province", Some(_)) => {
                parts.extend(province::get(&part, on).map(|row| format!("{} {}", row.kind, row.name)));
            }
            _ => parts.push(part),
        }
    }
    reader.leftover(map, Some(path));
    if let Some(coded) = &mut coded {
        coded.street = parts.first().cloned();
    }
    (Some(parts.join(", ")).filter(|line| !line.is_empty()), coded)
}
