//! Which filings are one petition, which are one case, and which are only related, where no agency refers to another's
//! record.
//!
//! Owns: what of a filing is compared ([`Features`]: its words in `word` and `phrase`, their signature in `sketch`, what
//! they name in `mention`, its petitioners in `who`); the keys by which filings meet (`key`); the comparisons and their
//! levels (`level`); what levels are worth (`model`, learned in `train`); the judgement of a pair (`judge`, with the
//! rules in `sign`) and its waterfall (`explain`); petitions and cases out of judged pairs (`group`).
//! Must not know: the database, the order in which filings came, how often anything is stored now.
//! To add evidence: a comparison in `level.rs`; to add a blocking rule: a line in `Features::keys`; either way the model is
//! trained anew (`cargo bench --bench petition -- train`).

mod explain;
mod features;
mod group;
mod judge;
mod key;
mod level;
mod mention;
mod model;
mod phrase;
mod sign;
mod sketch;
mod train;
mod who;
mod word;

pub use features::Features;
pub use group::{Given, Groups, Limits, agglomerate};
pub use judge::{Judge, Judgement, Relation};
pub use level::{COMPARISONS, Comparison, Levels, levels};
pub use mention::Parcel;
pub use model::{ByPair, Model, Pair, Thresholds, Unusable};
pub use phrase::Phrases;
pub use sketch::{BANDS, Shared, Sketch};
pub use train::{PhraseTrainer, Trainer};
pub use who::Party;
pub use word::Document;

#[cfg(test)]
mod tests;
