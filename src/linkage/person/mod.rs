//! Which petitioners of which records are one human being: what of each is compared, which pairs are worth comparing,
//! what a pair weighs, and which of them are one person.
//!
//! Owns: [`Features`] of a petitioner, the static keys of blocking ([`Matcher::keys`]), the weight of a pair and its
//! explanation ([`Matcher::weigh`], [`Matcher::explain`]), the persons of one component ([`Matcher::groups`]), and the
//! rules that stand above any model: which two are never one person, which evidence never links by itself.
//! Must not know: the database, other records than the two of a pair, in which order anything came, the time of day.
//! To add evidence: a field of [`Features`], a column of the model, and where it finds pairs that nothing else finds, a
//! key in `key.rs`.
//!
//! All of it is a function of the records, the model and people's decisions. How rare a name is, stands in the model:
//! were it counted live, the weight of a pair would change with every record that comes.

mod body;
mod features;
pub mod judge;
mod key;
mod matcher;
mod pair;
mod rule;

pub use features::{Features, features, of_record};
pub use matcher::{Matcher, Weighing};

#[cfg(test)]
mod tests;
