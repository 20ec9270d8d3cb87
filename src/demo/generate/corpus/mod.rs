//! A national corpus to judge linkage by: records of many sources without a reference between any two, and the truth.
//!
//! Owns: the people of each commune, their matters, how their papers travel and how every clerk types them anew; for
//! each record the petition, the case and the persons it really tells of ([`Truth`]).
//!
//! Must not know: how anything is linked, the database, any clock.
//!
//! To add a way to err: a line in `form.rs` (fields), `summary.rs` (text) or `typing.rs` (letters and digits). To add
//! something that happens: a method of [`story::Scribe`] and a line in its `AFFAIRS`.
//!
//! # Shares, and what they rest on
//!
//! *Counted*: 2025 had 446,285 petitions and 261,566 turns of reception in 3,321 communes (the Government's report to the
//! National Assembly), some 130 petitions a commune and year: a commune has 500 records here. Family names: Lê Trung Hoa,
//! Họ và tên người Việt Nam, 2005. Old and new units, prefixes of phones, the form of id numbers: the tables of
//! [`crate::reference`]. *Assumed*, as nobody publishes it: the rest. Of a hundred papers (petitions as written):
//!
//! | what | share |
//! |---|---|
//! | sent to two to five agencies at once; lists of signers: 60 | 26 |
//! | lodged again one to ten months later, up to three times | 16 |
//! | forwarded, the recipient's record naming neither the sender nor the letter | 14 |
//! | denunciations; of these and of reflections without a name: 8 | about 12 |
//! | kept confidential on demand, other than denunciations | 3 |
//! | from a household that has filed another matter before; one in four of these of the same subject | 20 |
//! | in the words of the one who writes letters for the village | 15 |
//! | from a printed form of 5 to 50 neighbours, each with a parcel and a decision of one's own | about 12 |
//! | of several people against one decision or act; in three of ten a household | about 9 |
//! | lists of 5 to 40 signers, named in another order and up to a third missing, in 18 records the speaker alone | 3 |
//! | of two people; in 18 records both in one cell ("ông A và bà B") | 13 |
//! | from organizations | 2 |
//! | decided complaints that go to the next instance; come back as denunciation; are taken up anew | 22; 4; 5 |
//!
//! Seven of a hundred records are receptions: 18 of 100 papers of one household have one some days before, which is all that
//! links the two; 3 of 100 who come leave no paper. That is fewer than in life, for a turn that led to no paper has nothing
//! to be linked with but its people.
//!
//! Summaries: 15 to 80 of 100 by source in the clerk's own words, 20 cut, the rest whole with other courtesies; two of three
//! with slips of the typist, one in 120 to 900 letters.
//!
//! Of a hundred petitioners as recorded (a third of it in lists): the id number of 55 to 88 by source, of those with an old
//! card 38 (2024), 16 (2025) or 8 (2026) the nine digits of the card; a digit wrong in 1, spoiled by a spreadsheet 3; a
//! phone of 40 to 80, which for 9 was another one before; a birth date of 45, the year alone of 33; no middle name 5; no
//! diacritics and capitals by the habits of the source, 2 and 3 elsewhere; words for a value not known ("không rõ", zeros,
//! the agency's own switchboard) 2; the phone of the one who collected the forms 25; of records of several, 3 have the
//! first one's number for the second too. Since July 2025 one in three to seven
//! addresses still names the old units. Three move in three years, most within the commune.
//!
//! Of a hundred people: 38 are Nguyễn, 40 belong to the three families of their village; 4 households have a namesake of
//! the same sex in the commune, most of the same birth year; 2 have a neighbour with a number one digit apart; a spouse
//! shares the phone in 45, a child in 20; 3 of 100 children bear their parent's whole name, 8 of 100 younger ones are twins
//! with numbers one digit apart; 2 have a phone that was another's before.

mod bureau;
mod citizen;
mod clerk;
mod form;
mod lodging;
mod matter;
mod name;
mod paper;
mod story;
mod subject;
mod summary;
mod typing;
mod village;
mod visit;

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Map, Value};

pub use bureau::{Bureau, Habit, bureaus};
pub use paper::{Filing, Following, Follows};

use super::chance::Dice;
use super::course::LAST_DAY;
use crate::domain::{NormalizedRecord, RecordKey};
use crate::normalize::{self, Context, Incomplete};
use crate::reference::commune::{self, OldCommune};
use story::{Numbers, Scribe};

/// One record of one source, and the truth about it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub bureau: &'static Bureau,
    pub record_id: String,
    /// The interchange record, whole.
    pub record: Map<String, Value>,
    pub truth: Truth,
}

impl Entry {
    /// The record as intake reads it.
    ///
    /// # Errors
    /// Never, of a record of this corpus.
    pub fn normalized(&self) -> Result<NormalizedRecord, Incomplete> {
        let key = RecordKey { source_id: self.bureau.source_id.clone(), record_id: self.record_id.clone() };
        let mut fields = self.record.clone();
        // what decoding takes out before the rules see the rest
        fields.retain(|name, _| !matches!(name.as_str(), "record_id" | "version"));
        let context = Context { agency: self.bureau.code, today: LAST_DAY };
        normalize::record(&context, key, fields, Vec::new())
    }
}

/// What a record really tells of; the numbers are those of the corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// None for a reception.
    pub petition: Option<u32>,
    pub case: u32,
    /// How the record came to be one of its petition; none for a reception.
    pub filing: Option<Filing>,
    /// The petition of the same case that this one came after.
    pub follows: Option<Follows>,
    /// The printed form that it shares with petitions of other cases.
    pub form: Option<u32>,
    /// By position in `petitioners`: the human being, or the organization.
    pub persons: Vec<u32>,
}

/// How two records belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// One petition, lodged once: the same paper at several agencies, or forwarded.
    Copy,
    /// One petition, lodged at two times.
    Repeat,
    /// One case: one petition came directly after the other.
    Case(Following),
    /// One case, by way of other petitions or by a reception.
    SameCase,
    /// Two cases from one printed form.
    Sibling,
}

impl Truth {
    /// How this record and another belong together; none where they do not.
    pub fn relation(&self, other: &Self) -> Option<Relation> {
        if self.petition.is_some() && self.petition == other.petition {
            let again = [self, other].iter().any(|truth| truth.filing == Some(Filing::Repeat));
            return Some(if again { Relation::Repeat } else { Relation::Copy });
        }
        if self.case == other.case {
            let after =
                |one: &Self, before: &Self| one.follows.filter(|follows| Some(follows.petition) == before.petition);
            let direct = after(self, other).or_else(|| after(other, self));
            return Some(direct.map_or(Relation::SameCase, |follows| Relation::Case(follows.how)));
        }
        (self.form.is_some() && self.form == other.form).then_some(Relation::Sibling)
    }
}

/// Records of a commune: three years of a national average.
const A_COMMUNE: usize = 500;

/// The records, one after the other, commune by commune: of any number the first are the same.
#[derive(Debug)]
pub struct Corpus {
    dice: Dice,
    left: usize,
    numbers: Numbers,
    communes: Vec<&'static OldCommune>,
    visited: usize,
    written: VecDeque<Entry>,
}

impl Corpus {
    /// `records` records; the same seed makes the same.
    pub fn new(seed: u64, records: usize) -> Self {
        let dice = Dice::new(seed);
        let mut shuffle = dice.fork(1);
        let mut communes: Vec<&'static OldCommune> = commune::old().iter().filter(|row| !row.kind.is_empty()).collect();
        for at in (1..communes.len()).rev() {
            communes.swap(at, shuffle.below(at as u32 + 1) as usize);
        }
        Self { dice, left: records, numbers: Numbers::default(), communes, visited: 0, written: VecDeque::new() }
    }

    fn visit(&mut self) {
        let mut dice = self.dice.fork(2 + self.visited as u64);
        let commune = self.communes.get(self.visited % self.communes.len().max(1)).copied();
        self.visited += 1;
        if let Some(commune) = commune {
            let mut scribe = Scribe::new(&mut dice, commune, &mut self.numbers, A_COMMUNE);
            self.written.extend(scribe.write());
        }
    }
}

impl Iterator for Corpus {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        self.left = self.left.checked_sub(1)?;
        while self.written.is_empty() {
            self.visit();
        }
        self.written.pop_front()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Corpus {}

#[cfg(test)]
mod tests;
