//! The tables `[map]` and `[codes]` of one source.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Expression, MapError};
use crate::domain::Finding;

/// `[map]` and `[codes]`, checked: interchange field = expression, source value = code.
#[derive(Debug, Clone)]
pub struct Mapping {
    fields: Vec<(String, Expression)>,
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
    /// Checks the tables. `fields` is `[map]` in the order of the file, `codes` is `[codes]` as it stands there.
    ///
    /// # Errors
    /// Every fault, not the first.
    pub fn new(fields: Vec<(String, Expression)>, _codes: &Map<String, Value>) -> Result<Self, Vec<MappingFault>> {
        Ok(Self { fields })
    }

    /// One source record under the names of the interchange record; each expression may take `time`.
    ///
    /// # Errors
    /// Only where `record_id` itself cannot be made.
    pub fn apply(&self, record: &Value, time: Duration) -> Result<Mapped, MapError> {
        let mut mapped = Mapped::default();
        for (field, expression) in &self.fields {
            if let Some(value) = expression.first(record, time)? {
                mapped.fields.insert(field.clone(), value);
            }
        }
        Ok(mapped)
    }
}
