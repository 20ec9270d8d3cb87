//! petitiond keeps one national database of citizen reception, petitions, complaints and denunciations in step
//! with the systems of ministries, branches and local governments.
//!
//! A record only ever goes forward: source → `RawRecord` → broker → `ParsedRecord` → `NormalizedRecord` → one
//! transaction (archive, source record, petition, case, changes) → acknowledgement. The modules below stand in
//! the order of the layers; each imports only from those above it in this list.

// leaves
pub mod clock;
pub mod compression;
pub mod dial;
pub mod secret;
pub mod telemetry;
// L0: plain data
pub mod domain;
pub mod reference;
// L1: pure rules
pub mod linkage;
pub mod normalize;
pub mod seal;
// L2: the outside world, one neighbour a module
pub mod broker;
pub mod sources;
pub mod store;
// L3: where the layers meet
pub mod pipeline;
// L5 and up: configuration, the daemon's life, what a person types
pub mod config;
pub mod daemon;
pub mod demo;

pub mod cli;
