//! A deterministic world of petitions: the same seed gives the same records, byte for byte.
//!
//! Owns: people, places, matters and how they travel through the agencies ([`World`]), and what should come out in
//! the end ([`Truth`]). Every true duplicate carries an explicit reference to another record of the same petition
//! or case, by source and record id, by agency and record id, or by the forwarding letter between two agencies.
//!
//! Must not know: in what fields, codes and transport an agency hands its records over (that is [`super::agency`]),
//! nor any clock: the records tell of January 2024 to October 2026 whenever they are made.
//!
//! To add a topic: an entry in `topic.rs`. To add something that goes wrong: a variant of [`Blemish`] and a line in
//! `blemish.rs`.

mod blemish;
mod chance;
pub mod corpus;
mod course;
mod filing;
mod interchange;
mod office;
mod person;
mod place;
mod record;
mod story;
mod text;
mod topic;
mod truth;

pub use chance::Dice;
pub use course::{Course, LAST_DAY, day_of, office_hour, stage_after};
pub use interchange::{interchange, interchange_record};
pub use office::Office;
pub use person::Person;
pub use place::{Address, MERGER, Place};
pub use record::{
    Against, Belonging, Blemish, Content, Document, Entity, Filer, Item, Link, Pointer, Record, Results, Step, Turn,
};
pub use story::{FIRST_DAY, Scribe};
pub use truth::{Holding, Truth};

/// All that the simulated agencies hold together.
#[derive(Debug)]
pub struct World {
    pub seed: u64,
    /// In the order in which they came about, case by case.
    pub records: Vec<Record>,
    /// Goes on writing where the world stops.
    pub scribe: Scribe,
}

impl World {
    /// A world of exactly `petitions` distinct petitions, about one record and a half for each, and receptions.
    pub fn generate(seed: u64, petitions: usize) -> Self {
        let dice = Dice::new(seed);
        let mut scribe = Scribe::new(dice.fork(1));
        let wanted = u32::try_from(petitions).unwrap_or(u32::MAX);
        while scribe.petitions < wanted {
            scribe.case(wanted - scribe.petitions);
        }
        for _ in 0..wanted / 12 {
            scribe.lone_reception();
        }
        let mut records = std::mem::take(&mut scribe.records);
        blemish::spread(&mut dice.fork(2), &mut records);
        Self { seed, records, scribe }
    }

    /// What the consolidated database should say of it.
    pub fn truth(&self) -> Truth {
        Truth::of(&self.records)
    }

    /// The records of one agency.
    pub fn of(&self, office: Office) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.office == office)
    }
}

#[cfg(test)]
mod tests;
