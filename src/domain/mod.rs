//! The words of the field as plain data: what a record, a petition, a case, a finding is.
//!
//! Owns: ids, codes, the stages a record goes through ([`RawRecord`] → [`ParsedRecord`] →
//! [`NormalizedRecord`]), findings.
//! Must not know: where records come from or where they go; no sqlx, lapin, tokio, reqwest.
//! To add a code: one line in `code.rs`; a flag: `finding.rs` and its share and title in `quality.rs`. To add a field of the interchange record: `record.rs`
//! (`CONTENT_FIELDS` and `NormalizedRecord`), `normalize`, `config/schema/record.v1.json`, and a column where
//! downstream systems should see it.

pub mod code;
pub mod finding;
pub mod id;
pub mod quality;
pub mod record;

pub use code::{
    Action, ByLeader, Channel, FilingRelation, Gender, IdKind, Kind, Outcome, PetitionType, ReceptionMode,
    ReferenceRelation, Stage, Tier,
};
pub use finding::{Finding, Flag, Severity};
pub use id::{CaseId, EntityId, RecordKey, SourceId};
pub use quality::{Aspect, Cause, Gap};
pub use record::{
    Against, CONTENT_FIELDS, ENVELOPE_FIELDS, Event, Item, NormalizedRecord, ParsedRecord, Petitioner, Place,
    RawRecord, ReceptionDetail, Reference, Version, WHOLE,
};
