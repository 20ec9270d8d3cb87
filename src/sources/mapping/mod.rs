//! From a source's own fields to interchange fields: jq expressions and code tables, compiled once.
//!
//! Owns: [`Expression`] (one jq expression), [`Mapping`] (the tables `[map]` and `[codes]`), [`Decoder`] (a body
//! of one source → [`crate::domain::ParsedRecord`]s).
//! Must not know: the broker, the store, what a value means (that is the business of `normalize`).
//! To add a field of the interchange record: `domain::record`; nothing here changes, unless the field holds codes
//! (`code_table.rs`, one line).

mod decoder;
mod expression;
mod table;

pub use decoder::{BodyError, Decoded, Decoder, DecoderConfig, RecordError};
pub use expression::{CompileError, Expression, MapError};
pub use table::{Mapped, Mapping, MappingFault};
