//! The lists and objects of a record that are not people: contents, references, events, results, reception.

use serde_json::{Map, Value};

use super::party::agency;
use super::reader::{Path, Reader, take};
use super::{code, text};
use crate::clock::HANOI;
use crate::domain::{Event, Flag, Item, ReceptionDetail, Reference};

/// Lĩnh vực: a code of the reference table, or the name of one.
pub(super) fn category(reader: &mut Reader, value: Value, path: &Path<'_>) -> Option<String> {
    let raw = reader.raw(value, path)?;
    let line = text::clean_line(&raw);
    let reading = super::category::read(&line);
    if let Some(code) = reading.value {
        reader.notes(path, reading.notes, &raw);
        return Some(code.to_owned());
    }
    if !line.is_empty() {
        reader.keep(path, Value::String(raw), Flag::CategoryUnmapped, "category_unmapped");
    }
    None
}

/// Nội dung của đơn có nhiều nội dung.
pub(super) fn items(reader: &mut Reader, value: Value) -> Vec<Item> {
    let list = Path::root("items");
    let values = reader.list(value, &list);
    let mut items = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let path = list.index(index);
        if let Value::String(_) = value {
            items.push(Item { petition_type: None, category: None, summary: reader.text(value, &path) });
            continue;
        }
        let Some(mut map) = reader.object(value, &path) else { continue };
        items.push(Item {
            petition_type: reader
                .code(take(&mut map, "type"), &path.field("type"), code::petition_type)
                .map(|(code, _)| code),
            category: category(reader, take(&mut map, "category"), &path.field("category")),
            summary: reader.text(take(&mut map, "summary"), &path.field("summary")),
        });
        reader.leftover(map, Some(&path));
    }
    items
}

/// What the record says of other records. One without a relation that can be read is kept in `extra`.
pub(super) fn references(reader: &mut Reader, value: Value) -> Vec<Reference> {
    let list = Path::root("references");
    let values = reader.list(value, &list);
    let mut references = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let path = list.index(index);
        let Some(mut map) = reader.object(value, &path) else { continue };
        let relation = map.get("relation").and_then(Value::as_str).and_then(code::relation);
        let Some(relation) = relation else {
            reader.keep(&path, Value::Object(map), Flag::TypeUnmapped, "code_unmapped");
            continue;
        };
        map.remove("relation");
        let document_on = reader.date(take(&mut map, "document_on"), &path.field("document_on"), false);
        references.push(Reference {
            relation,
            source: reader.line(take(&mut map, "source"), &path.field("source")),
            agency: agency(reader, take(&mut map, "agency"), &path.field("agency"), document_on),
            record_id: reader.raw(take(&mut map, "record_id"), &path.field("record_id")).and_then(identifier),
            document_no: reader.document_no(take(&mut map, "document_no"), &path.field("document_no")),
            document_on,
        });
        reader.leftover(map, Some(&path));
    }
    references
}

/// A record id is its source's own: only blanks at the ends and what cannot be stored are taken off.
fn identifier(raw: String) -> Option<String> {
    let trimmed = raw.trim();
    let identifier = if trimmed.len() == raw.len() && !raw.contains('\0') { raw } else { trimmed.replace('\0', "") };
    Some(identifier).filter(|identifier| !identifier.is_empty())
}

/// The steps of the handling. One whose action cannot be read is kept in `extra`.
pub(super) fn events(reader: &mut Reader, value: Value) -> Vec<Event> {
    let list = Path::root("events");
    let values = reader.list(value, &list);
    let mut events = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let path = list.index(index);
        let Some(mut map) = reader.object(value, &path) else { continue };
        let action = map.get("action").and_then(Value::as_str).and_then(code::action);
        let Some(action) = action else {
            reader.keep(&path, Value::Object(map), Flag::TypeUnmapped, "code_unmapped");
            continue;
        };
        map.remove("action");
        let at = reader.moment(take(&mut map, "at"), &path.field("at"));
        let on = at.map(|at| at.with_timezone(&HANOI).date_naive());
        events.push(Event {
            action,
            at,
            agency: agency(reader, take(&mut map, "agency"), &path.field("agency"), on),
            to_agency: agency(reader, take(&mut map, "to_agency"), &path.field("to_agency"), on),
            document_no: reader.document_no(take(&mut map, "document_no"), &path.field("document_no")),
            note: reader.text(take(&mut map, "note"), &path.field("note")),
        });
        reader.leftover(map, Some(&path));
    }
    events
}

/// The legal criteria of a complex matter (Decree 155/2026/NĐ-CP, article 3a) that are met: a list, or one text with
/// the criteria after commas or semicolons.
pub(super) fn complexity(reader: &mut Reader, value: Value) -> Vec<String> {
    let list = Path::root("complexity");
    let mut criteria = Vec::new();
    for (index, value) in reader.list(value, &list).into_iter().enumerate() {
        if let Some(line) = reader.line(value, &list.index(index)) {
            criteria.extend(line.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned));
        }
    }
    criteria
}

/// The results a record may state; each also with `_executed`.
const RESULTS: &[&str] = &[
    "vnd_to_state",
    "vnd_to_people",
    "land_m2_to_state",
    "land_m2_to_people",
    "people_restored",
    "people_disciplined",
    "officials_disciplined",
    "cases_prosecuted",
    "people_prosecuted",
];

/// Money in VND, land in square metres, people and cases, as integers.
pub(super) fn results(reader: &mut Reader, value: Value) -> Map<String, Value> {
    let path = Path::root("results");
    let mut results = Map::new();
    let Some(map) = reader.object(value, &path) else { return results };
    for (name, value) in map {
        let at = path.field(&name);
        if RESULTS.contains(&name.strip_suffix("_executed").unwrap_or(&name)) {
            if let Some(number) = reader.integer(value, &at) {
                results.insert(name, Value::from(number));
            }
        } else if !value.is_null() {
            reader.keep(&at, value, Flag::UnknownField, "unknown_field");
        }
    }
    results
}

/// Lượt tiếp công dân.
pub(super) fn reception(reader: &mut Reader, value: Value) -> Option<ReceptionDetail> {
    let path = Path::root("reception");
    let mut map = reader.object(value, &path)?;
    let detail = ReceptionDetail {
        mode: reader.code(take(&mut map, "mode"), &path.field("mode"), code::mode),
        online: reader.boolean(take(&mut map, "online"), &path.field("online"), false),
        at: reader.moment(take(&mut map, "at"), &path.field("at")),
        by_leader: reader.code(take(&mut map, "by_leader"), &path.field("by_leader"), code::by_leader),
        delegation_size: reader.count(take(&mut map, "delegation_size"), &path.field("delegation_size")),
        result: reader.text(take(&mut map, "result"), &path.field("result")),
    };
    reader.leftover(map, Some(&path));
    Some(detail)
}
