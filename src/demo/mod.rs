//! A country in a box: simulated agencies over real transports, and the records they hold.
//!
//! Owns: a deterministic [`generate::World`] of people, petitions and receptions whose truth is known; servers and
//! publishers that hand its records over, each agency in its own fields and codes ([`agency`]); the figures that
//! tell how it went ([`report`], [`progress`]); how right linkage is about the corpus ([`filings`]).
//!
//! Must not know: the broker and the store. What an agency publishes goes through a closure of the caller, and the
//! report renders rows that the caller counted. Nothing of the daemon may know the agencies in turn: they are
//! mapped by the files of `config/demo/sources.d/` alone.
//!
//! To add an agency: a variant of [`generate::Office`], a file in `agency/` with its shape and its transport, an
//! arm in `agency::simulated`, and its `config/demo/sources.d/<id>.toml`.

pub mod agency;
pub mod filings;
pub mod generate;
pub mod progress;
pub mod report;
