//! How a model learns from records alone, without labels: a weighted sample of all pairs, and
//! expectation–maximisation over it.
//!
//! Owns: the sample ([`sample`]) and the estimation ([`em`]).
//! Must not know: files, truth, how a model is kept or what is done with it.
//! To add a kind of pairs: a field in `parameters::Kinds`, its ratio in `Sums::ratios`, and what it counts in `em`.

mod em;
mod sample;

pub use em::{Fit, fit};
pub use sample::{Sample, sample};
