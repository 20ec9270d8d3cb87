//! Pure rules that make the values of one source comparable with those of every other.
//!
//! Owns: how a text, a date, a number, a name, a place, a code is read from the habits of forty years; which
//! rule changed what ([`Note`], carried into the record as a finding). Reads any bytes without a panic, and
//! normalizing twice is normalizing once.
//! Must not know: the clock (today is passed in by [`Context`]), files, the database, the broker.
//! To add a rule: a function and a line in `RULES` in the file of its field, with its source in the doc comment,
//! a case in that file's table test, and a higher [`RULES_VERSION`] because outputs change.

pub mod address;
pub mod agency;
pub mod category;
pub mod code;
pub mod date;
pub mod document;
pub mod encoding;
pub mod field;
#[cfg(test)]
mod golden;
pub mod id_number;
mod letter;
#[cfg(test)]
#[path = "../../tests/bench/measure/mod.rs"]
mod measure;
pub mod name;
mod part;
mod party;
pub mod phone;
mod reader;
pub mod reading;
mod record;
mod restricted;
mod spreadsheet;
mod syllable;
pub mod text;

use chrono::NaiveDate;

pub use field::{Field, Tried, field};
pub use reading::{Note, Reading, Rule};
pub use record::record;

/// The version of all rules together: rises with any change of output, so that stored records can be found
/// whose normalization is out of date.
pub const RULES_VERSION: u32 = 7;

/// What a record does not say itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The code of the agency that owns the source: holds the records that name no agency.
    pub agency: &'a str,
    /// Today in Vietnam: what lies after it lies in the future.
    pub today: NaiveDate,
}

/// Why a record cannot become a petition or a reception yet (or, sent whole, ever).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Incomplete {
    /// The field has not come.
    #[error("the record has no kind: send petition or reception in the field kind")]
    NoKind,
    /// The field has come and says neither.
    #[error(
        "the record's kind is neither petition nor reception: send one of the two, or map the source's own words in [codes.kind]"
    )]
    KindUnknown,
    /// The field has not come.
    #[error("the record has no received_on: send the date on which the agency received it")]
    NoReceivedOn,
    /// The field has come and is no date.
    #[error("the record's received_on is no date that can be understood: send it as YYYY-MM-DD")]
    ReceivedOnInvalid,
}
