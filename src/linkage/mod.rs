//! Which source records tell of the same petition and of the same case, and what the petition is then: pure
//! functions of the records alone. And which records of persons tell of the same human being, by probability.
//!
//! Owns: the link keys a record gives ([`key`]), grouping by them ([`group`]), the published ids of the groups
//! ([`identity`]), the consolidated petition, reception and case ([`survivorship`], [`case`]); and the engine of
//! probabilistic linkage.
//! Must not know: the database, the order in which records came, the time of day.
//! To add evidence: a key in `key.rs` for what links exactly; a file in [`comparison`] for what speaks for or against.
//!
//! Linking of petitions is exact: by explicit references between agencies. Two records are one petition when one names
//! the other as its origin, its destination or its repeat, directly or through others, whichever of them arrives first
//! and even when the one that links them never arrives.
//!
//! Linking of persons, in the order of its way: records in columns ([`columns`], [`table`]); pairs that share a key
//! ([`blocking`]); the level of each comparison ([`comparison`], [`layout`]); what levels are worth, learned without
//! labels ([`parameters`], [`estimate`]) and kept ([`model`]); the weight of a pair ([`score`]) and its waterfall
//! ([`explain`]); groups ([`cluster`]); how right all this is where the truth is known ([`evaluate`]).

pub mod blocking;
pub mod calibration;
pub mod case;
pub mod cluster;
pub mod columns;
pub mod comparison;
pub mod decision;
pub mod estimate;
pub mod evaluate;
pub mod explain;
pub mod field;
pub mod frequency;
pub mod group;
pub mod hash;
pub mod identity;
pub mod key;
pub mod layout;
pub mod model;
pub mod pair;
pub mod parallel;
pub mod parameters;
pub mod person;
pub mod petition;
pub mod score;
pub mod survivorship;
pub mod table;
pub mod transfer;

#[cfg(test)]
mod tests;
