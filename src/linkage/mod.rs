//! Which source records tell of the same petition and of the same case, and what the petition is then: pure
//! functions of the records alone.
//!
//! Owns: the link keys a record gives ([`key`]), grouping by them ([`group`]), the published ids of the groups
//! ([`identity`]), and the consolidated petition, reception and case ([`survivorship`], [`case`]).
//! Must not know: the database, the order in which records came, the time of day.
//! To add evidence: a key in `key.rs` for what links exactly.
//!
//! Linking here is exact: by explicit references between agencies. Two records are one petition when one names the
//! other as its origin, its destination or its repeat, directly or through others, whichever of them arrives first
//! and even when the one that links them never arrives.

pub mod case;
pub mod group;
pub mod identity;
pub mod key;
pub mod survivorship;
pub mod transfer;
