//! From a source's own fields to interchange fields: jq expressions and code tables, compiled once.
//!
//! Owns: [`Expression`] (one jq expression), [`Mapping`] (the tables `[map]` and `[codes]`), [`Decoder`] (a body
//! of one source → [`crate::domain::ParsedRecord`]s).
//! Must not know: the broker, the store, what a value means (that is the business of `normalize`).
//! To add a field of the interchange record: `domain::record`; nothing here changes, unless the field holds codes
//! (`code_table.rs`, one line).
//!
//! An expression is parsed by jaq. Plain ones (`lower.rs`, `native.rs`) run as native steps; the others run in jaq
//! (`program.rs`) after `audit.rs` has refused what is not pure and `meter.rs` has made the program pay for its
//! steps, so that none can hang or exhaust the daemon (`bounds.rs` says how).

mod audit;
mod bounds;
mod code_table;
mod complaint;
mod convert;
mod decoder;
mod expression;
mod library;
mod lower;
mod meter;
mod native;
mod page;
mod parsed;
mod program;
mod reading;
mod table;
mod version;

#[cfg(test)]
mod decoder_tests;
#[cfg(test)]
mod expression_laws;
#[cfg(test)]
mod expression_tests;

pub use code_table::codes_of;
pub use decoder::{BodyError, Decoded, Decoder, DecoderConfig, RecordError};
pub use expression::{CompileError, Expression, MapError};
pub use reading::Reading;
pub use table::{Mapped, Mapping, MappingFault};
pub use version::read as read_version;

/// The known name that looks most like `name`, if any is near.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    scored.filter(|(score, _)| *score > 0.8).max_by(|l, r| l.0.total_cmp(&r.0)).map(|(_, candidate)| candidate)
}
