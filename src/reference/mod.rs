//! Dated reference tables: administrative units, agencies, categories, embedded in the binary.
//!
//! Owns: the facts under `data/` (provenance, licence and how to refresh them in `data/README.md`) and their lookup
//! by code and date. Every row has a first and a last day; a province's code alone names two provinces (24 was Bắc
//! Giang and is Bắc Ninh since 2025-07-01).
//! Must not know: how people write these things; matching names and texts is `normalize`'s.
//! To add a table: a CSV file under `data/`, a line in its README, a module here that parses it once.
//! To change a fact: close the old row (`valid_to`), add the new one; rows are never deleted.

pub mod agency;
pub mod category;
pub mod commune;
pub mod deadline;
pub mod legacy;
pub mod phone;
pub mod province;
mod table;
