//! The interchange record, version 1, as a JSON Schema.

/// JSON Schema 2020-12 of the interchange record; `petitiond schema record` prints it.
pub const RECORD_SCHEMA: &str = include_str!("../../../config/schema/record.v1.json");
