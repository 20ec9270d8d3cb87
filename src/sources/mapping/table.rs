//! The tables `[map]` and `[codes]` of one source.

use std::time::Duration;

use serde_json::{Map, Value};

use super::code_table::{self, CodeTable};
use super::expression::Input;
use super::{Expression, MapError};
use crate::domain::{CONTENT_FIELDS, ENVELOPE_FIELDS, Finding, Flag};

/// Fields that are lists: several outputs of their expression are its items.
const SEALING: [&str; 2] = ["confidential", "restricted"];
const LISTS: &[&str] = &["items", "petitioners", "references", "events", "complexity"];

/// `[map]` and `[codes]`, checked: interchange field = expression, source value = code.
#[derive(Debug, Clone)]
pub struct Mapping {
    record_id: Expression,
    /// The other fields, in the order of the file.
    fields: Vec<(Target, Expression)>,
    codes: Vec<CodeTable>,
}

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Field(String),
    /// `extra.<name>`
    Extra(String),
}

/// What is wrong with one key of `[map]` or `[codes]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MappingFault {
    /// The key as a path from the top of the file: `["map", "record_idd"]`, `["codes", "type", "KN"]`.
    pub path: Vec<String>,
    pub message: String,
    /// The right key or code that looks most like it.
    pub nearest: Option<String>,
}

/// One source record under the names of the interchange record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapped {
    /// Interchange fields, `record_id` and the like included.
    pub fields: Map<String, Value>,
    pub findings: Vec<Finding>,
}

impl Mapping {
    /// Checks the tables. `fields` is `[map]` in the order of the file, a nested key joined by dots
    /// (`extra.ward`); `codes` is `[codes]` as it stands there.
    ///
    /// # Errors
    /// Every fault, not the first.
    pub fn new(fields: Vec<(String, Expression)>, codes: &Map<String, Value>) -> Result<Self, Vec<MappingFault>> {
        let mut faults = Vec::new();
        let mut record_id = None;
        let mut targets = Vec::new();
        for (field, expression) in fields {
            match Target::parse(&field) {
                Ok(Target::Field(field)) if field == "record_id" => record_id = Some(expression),
                Ok(target) => targets.push((target, expression)),
                Err(fault) => faults.push(fault),
            }
        }
        let codes = code_table::read_all(codes).unwrap_or_else(|more| {
            faults.extend(more);
            Vec::new()
        });
        match record_id {
            Some(record_id) if faults.is_empty() => Ok(Self { record_id, fields: targets, codes }),
            Some(_) => Err(faults),
            None => {
                let message = "record_id is not mapped, and a record without one has no identity".to_owned();
                faults.push(MappingFault { path: vec!["map".into()], message, nearest: None });
                Err(faults)
            }
        }
    }

    /// One source record under the names of the interchange record; each expression may take `time`.
    ///
    /// An expression that fails on this record leaves its field out and a finding behind; but what might have sealed the
    /// record does.
    ///
    /// # Errors
    /// Only where `record_id` itself cannot be made.
    pub fn apply(&self, record: &Value, time: Duration) -> Result<Mapped, MapError> {
        let input = Input::new(record);
        let mut mapped = Mapped::default();
        if let Some(id) = self.record_id.first_of(&input, time)? {
            mapped.fields.insert("record_id".to_owned(), id);
        }
        let mut extra = Map::new();
        for (target, expression) in &self.fields {
            let value = match target.value(expression, &input, time) {
                Ok(Some(value)) => value,
                Ok(None) => continue,
                Err(_) => {
                    mapped.findings.push(Finding::doubt(Flag::UnknownField, &target.to_string(), "mapping_failed"));
                    match target {
                        // nobody knows what it would have said: it counts as a yes
                        Target::Field(field) if SEALING.contains(&field.as_str()) => Value::Bool(true),
                        _ => continue,
                    }
                }
            };
            match target {
                Target::Field(field) => _ = mapped.fields.insert(field.clone(), value),
                Target::Extra(name) => _ = extra.insert(name.clone(), value),
            }
        }
        if !extra.is_empty() {
            merge_extra(&mut mapped.fields, extra);
        }
        for table in &self.codes {
            table.apply(&mut mapped.fields);
        }
        Ok(mapped)
    }

    /// The expression of `record_id`.
    pub(super) fn record_id(&self) -> &Expression {
        &self.record_id
    }

    /// Whether an expression can make a NUL character that is not in the record.
    pub(super) fn may_make_nul(&self) -> bool {
        let may = |expression: &Expression| !expression.is_native() || expression.source().contains("u0000");
        may(&self.record_id) || self.fields.iter().any(|(_, expression)| may(expression))
    }
}

/// `extra` as a whole may be mapped beside single names of it; the single names win.
fn merge_extra(fields: &mut Map<String, Value>, extra: Map<String, Value>) {
    match fields.get_mut("extra") {
        Some(Value::Object(whole)) => whole.extend(extra),
        Some(other) => {
            let mut whole = extra;
            whole.insert("value".to_owned(), other.take());
            *other = Value::Object(whole);
        }
        None => _ = fields.insert("extra".to_owned(), Value::Object(extra)),
    }
}

impl Target {
    fn parse(field: &str) -> Result<Self, MappingFault> {
        let known = || ENVELOPE_FIELDS.iter().chain(CONTENT_FIELDS).copied();
        match field.strip_prefix("extra.") {
            Some(name) if !name.is_empty() => Ok(Self::Extra(name.to_owned())),
            _ if known().any(|known| known == field) => Ok(Self::Field(field.to_owned())),
            _ => Err(MappingFault {
                path: std::iter::once("map").chain(field.split('.')).map(str::to_owned).collect(),
                message: format!("{field} is no field of the interchange record; what has none goes to extra.<name>"),
                nearest: super::nearest(field, known()).map(str::to_owned),
            }),
        }
    }

    /// What the expression makes for this field; `None` where it makes nothing or null.
    fn value(&self, expression: &Expression, input: &Input<'_>, time: Duration) -> Result<Option<Value>, MapError> {
        match self {
            Self::Field(field) if LISTS.contains(&field.as_str()) => {
                let mut outputs = expression.all_of(input, time)?;
                outputs.retain(|value| !value.is_null());
                Ok(match <[Value; 1]>::try_from(outputs) {
                    Ok([one @ (Value::Array(_) | Value::String(_))]) => Some(one),
                    Ok([one]) => Some(Value::Array(vec![one])),
                    Err(outputs) if outputs.is_empty() => None,
                    Err(outputs) => Some(Value::Array(outputs)),
                })
            }
            _ => expression.first_of(input, time),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(field) => f.write_str(field),
            Self::Extra(name) => write!(f, "extra.{name}"),
        }
    }
}
