//! From a map of interchange fields to a [`ParsedRecord`]: what names and orders the record is read, what is unknown
//! goes under `extra`, what no database holds is taken out.

use serde_json::{Map, Value};

use super::{RecordError, version};
use crate::domain::{CONTENT_FIELDS, Finding, Flag, ParsedRecord, WHOLE};

/// Characters of a record id, and of the name of a part.
const NAME_CHARS: usize = 200;

/// Unknown fields that are named one by one in the findings.
const NAMED_UNKNOWN: usize = 64;

/// Builds the record. `exact_id` gives the text of a `record_id` that is a number and no integer.
pub(super) fn parsed(
    mut fields: Map<String, Value>,
    mut findings: Vec<Finding>,
    exact_id: impl FnOnce() -> Option<String>,
) -> Result<ParsedRecord, RecordError> {
    let record_id = record_id(fields.remove("record_id").as_ref(), exact_id)?;
    let version = fields.remove("version").and_then(|value| read_version(&value, &mut findings));
    let part = fields.remove("part").map_or_else(|| WHOLE.to_owned(), |value| read_part(&value, &mut findings));
    let deleted = fields.remove("deleted").is_some_and(|value| read_deleted(&value, &mut findings));
    let fields = content(fields, &mut findings);
    Ok(ParsedRecord { record_id, version, part, deleted, fields, findings })
}

/// The id as text: a number is written as it came.
pub(super) fn record_id(value: Option<&Value>, exact: impl FnOnce() -> Option<String>) -> Result<String, RecordError> {
    let id = match value {
        None | Some(Value::Null) => return Err(RecordError::NoRecordId),
        Some(Value::String(text)) => text.clone(),
        // floats tell long numbers no longer apart: two records would become one
        Some(Value::Number(number)) if number.is_f64() => exact().unwrap_or_else(|| number.to_string()),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => return Err(RecordError::RecordIdNotText),
    };
    if id.trim().is_empty() {
        Err(RecordError::NoRecordId)
    } else if id.chars().count() > NAME_CHARS {
        Err(RecordError::RecordIdTooLong { limit: NAME_CHARS })
    } else if id.chars().any(char::is_control) {
        Err(RecordError::RecordIdControl)
    } else {
        Ok(id)
    }
}

/// The value as text, for a finding.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn read_version(value: &Value, findings: &mut Vec<Finding>) -> Option<i64> {
    let absent = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    let version = version::read(value);
    if version.is_none() && !absent {
        let finding = Finding::doubt(Flag::DateInvalid, "version", "version_unreadable");
        findings.push(finding.with_original(&as_text(value)));
    }
    version
}

fn read_part(value: &Value, findings: &mut Vec<Finding>) -> String {
    let name = match value {
        Value::Null => return WHOLE.to_owned(),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    if (1..=NAME_CHARS).contains(&name.chars().count()) {
        return name;
    }
    if value.as_str() != Some("") {
        findings.push(Finding::doubt(Flag::UnknownField, "part", "part_unreadable").with_original(&as_text(value)));
    }
    WHOLE.to_owned()
}

fn read_deleted(value: &Value, findings: &mut Vec<Finding>) -> bool {
    let deleted = match value {
        Value::Null => Some(false),
        Value::Bool(b) => Some(*b),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        Value::Array(_) | Value::Object(_) => None,
    };
    // a record is never taken away on a guess
    deleted.unwrap_or_else(|| {
        let finding = Finding::doubt(Flag::UnknownField, "deleted", "deleted_unreadable");
        findings.push(finding.with_original(&as_text(value)));
        false
    })
}

/// Only content fields; the others go under `extra`. Null is absent.
fn content(fields: Map<String, Value>, findings: &mut Vec<Finding>) -> Map<String, Value> {
    let mut content = Map::new();
    let mut unknown = Vec::new();
    for (name, value) in fields {
        if value.is_null() {
            continue;
        }
        if !CONTENT_FIELDS.contains(&name.as_str()) {
            unknown.push((name, value));
        } else if name == "extra" && !value.is_object() {
            findings.push(Finding::doubt(Flag::UnknownField, "extra", "unknown_field"));
            content.insert(name, Value::Object(Map::from_iter([("value".to_owned(), value)])));
        } else {
            content.insert(name, value);
        }
    }
    if !unknown.is_empty() {
        let extra = content.entry("extra").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(extra) = extra {
            put_unknown(extra, unknown, findings);
        }
    }
    content
}

fn put_unknown(extra: &mut Map<String, Value>, unknown: Vec<(String, Value)>, findings: &mut Vec<Finding>) {
    if let Some(more) = unknown.len().checked_sub(NAMED_UNKNOWN).filter(|more| *more > 0) {
        findings.push(Finding::doubt(Flag::UnknownField, &format!("{more} more"), "unknown_field"));
    }
    for (i, (mut name, value)) in unknown.into_iter().enumerate() {
        if i < NAMED_UNKNOWN {
            let short: String = name.chars().take(NAME_CHARS).collect();
            findings.push(Finding::doubt(Flag::UnknownField, &short, "unknown_field"));
        }
        while extra.contains_key(&name) {
            name.push('_');
        }
        extra.insert(name, value);
    }
}

/// Takes NUL characters out of names and texts: PostgreSQL holds them in neither text nor jsonb. Each field that had
/// one gets a finding. The record's id stays as it is, to be refused: without the character it may be another record's.
pub(super) fn without_nul(fields: Map<String, Value>, findings: &mut Vec<Finding>) -> Map<String, Value> {
    let mut clean = Map::new();
    for (mut name, mut value) in fields {
        let in_name = scrub_text(&mut name);
        let is_id = name == "record_id";
        if (!is_id && scrub(&mut value)) || in_name {
            let field = name.chars().take(NAME_CHARS).collect();
            findings.push(Finding { flag: None, field, rule: "nul_removed".to_owned(), original: None });
        }
        clean.insert(name, value);
    }
    clean
}

fn scrub_text(text: &mut String) -> bool {
    let has_nul = text.contains('\0');
    if has_nul {
        text.retain(|c| c != '\0');
    }
    has_nul
}

/// Whether there was any.
fn scrub(value: &mut Value) -> bool {
    match value {
        Value::String(text) => scrub_text(text),
        Value::Array(items) => items.iter_mut().map(scrub).max() == Some(true),
        Value::Object(fields) => {
            let mut any = fields.values_mut().map(scrub).max() == Some(true);
            if fields.keys().any(|name| name.contains('\0')) {
                any = true;
                *fields =
                    std::mem::take(fields).into_iter().map(|(name, item)| (name.replace('\0', ""), item)).collect();
            }
            any
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
