//! A first configuration of a source, guessed from a sample of what it sends.
//!
//! Owns: what a file is made of (`content.rs`), where the records are in it (`layout.rs`, `tree.rs`), which field is
//! which of the interchange record by its name (`names.rs`, `vocabulary.rs`) and by its values (`value.rs`, `guess.rs`),
//! the text of the file (`draft.rs`, `paging.rs`). Nothing of a person comes into that text: names of fields, shares, and
//! the values of columns that hold codes. What nobody could guess stands as the [`MARK`], which `check` refuses.
//! Must not know: where a sample comes from, where the file goes.
//! To add a name that some system gives a field: a word in `names.rs` and a line in the test of `vocabulary.rs`. To add
//! a kind of value: a variant of `value::Kind` and the arms that the compiler then asks for.

mod column;
mod content;
mod draft;
mod guess;
mod jq;
mod layout;
mod names;
mod paging;
#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "expect_test writes them")]
mod tests;
mod tree;
mod value;
mod vocabulary;

use chrono::NaiveDate;
use serde_json::Value;

pub use draft::{Origin, draft};

use super::format::{Format, Input, ReadError, head};
use layout::Layout;

/// What stands in a file in the place of what somebody must decide.
pub const MARK: &str = "???";

/// Bytes at the beginning of a file that tell what it is.
const HEAD: u64 = 1 << 20;

/// Why nothing can be guessed from a sample; every text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("it is empty; give a sample with some records in it")]
    Empty,
    #[error("it is neither CSV, an Excel book, XML nor JSON; give what the source will send, unchanged")]
    Unknown,
    #[error(
        "it is a web page and no data; a login may stand before the interface: fetch one answer by hand and give that file"
    )]
    WebPage,
    #[error(
        "there is no list of records with fields in it (records that stand under their numbers in one object are none); give a sample with some records"
    )]
    NoRecords,
    #[error(
        "the whole of it has to be in memory to find the records, and it has more than {limit} bytes; give a smaller sample"
    )]
    TooLarge { limit: usize },
}

/// A sample that was read: how it is laid out and its first records.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    layout: Layout,
    today: NaiveDate,
}

impl Sample {
    /// Reads the beginning of a sample, `name` being what the file is called.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn read(input: &mut dyn Input, name: &str, today: NaiveDate) -> Result<Self, Fault> {
        let head = head(input, HEAD)?;
        let mut layout = layout::read(input, &head, name, today)?;
        if layout.path.is_none() && layout.format == Format::Json && layout.records.iter().all(is_interchange) {
            layout.format = Format::Record;
        }
        Ok(Self { layout, today })
    }

    /// Records that were looked at.
    pub const fn records(&self) -> usize {
        self.layout.records.len()
    }

    /// The format as the configuration names it.
    pub const fn format(&self) -> &'static str {
        self.layout.format.as_str()
    }
}

/// Whether a record is under the names of the interchange record already.
fn is_interchange(record: &Value) -> bool {
    ["record_id", "kind", "received_on"].iter().all(|field| record.get(field).is_some())
}
