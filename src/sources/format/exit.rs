//! The way out of every reader: a record becomes JSON text, in Unicode, with the place it came from.

use std::ops::ControlFlow;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::recode::{Detected, Recoder};
use super::{Encoding, ReadError};
use crate::domain::RawRecord;

/// One record of a file or body, in the source's own fields.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which file of an archive it is from, from 1; `None` where there is no archive.
    pub entry: Option<u32>,
    /// The line (csv, ndjson) or row (xlsx) as a person counts it, else the number of the record; from 1.
    pub number: u64,
    pub record: RawRecord,
    pub remark: Option<Remark>,
}

/// What is odd about a row that is handed out all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// More cells than headings; those without one are under `_rest`.
    SurplusCells { cells: usize, headings: usize },
    /// Fewer cells than headings, and a line break within one of them: as when a quotation mark is never closed.
    Swallows { cells: usize, headings: usize },
}

/// Takes each record as it comes; breaking ends the reading.
pub type Take<'t> = dyn FnMut(Row) -> ControlFlow<()> + 't;

/// Where readers hand their records to.
pub struct Exit<'t> {
    take: &'t mut Take<'t>,
    recoder: Option<Recoder>,
    entry: Option<u32>,
    left_out: u32,
}

impl<'t> Exit<'t> {
    /// For text in this encoding, as [`super::transcode`] gives it.
    pub fn new(encoding: Encoding, take: &'t mut Take<'t>) -> Self {
        Self { take, recoder: Recoder::new(encoding), entry: None, left_out: 0 }
    }

    /// A record of fields.
    pub(super) fn fields(
        &mut self,
        number: u64,
        fields: Map<String, Value>,
        remark: Option<Remark>,
    ) -> Result<(), ReadError> {
        match &mut self.recoder {
            None => give(self.take, self.entry, number, &Value::Object(fields), remark),
            Some(recoder) => {
                recoder.hold(number, Value::Object(fields), remark);
                self.give_decoded(false)
            }
        }
    }

    /// A record that is JSON text already.
    pub fn text(&mut self, number: u64, raw: Box<RawValue>) -> Result<(), ReadError> {
        if self.recoder.is_none() {
            let row = Row { entry: self.entry, number, record: RawRecord(raw), remark: None };
            return go_on((self.take)(row));
        }
        // deeper than values can be: the text stays as it came, and is refused later
        let Ok(value) = serde_json::from_str::<Value>(raw.get()) else {
            self.give_decoded(true)?;
            let row = Row { entry: self.entry, number, record: RawRecord(raw), remark: None };
            return go_on((self.take)(row));
        };
        if let Some(recoder) = &mut self.recoder {
            recoder.hold(number, value, None);
        }
        self.give_decoded(false)
    }

    /// The file, or one entry of it, has come to its end: what was held back to judge its encoding is handed out.
    pub fn flush(&mut self) -> Result<(), ReadError> {
        self.give_decoded(true)
    }

    /// What follows is from this entry of an archive.
    pub(super) const fn enter(&mut self, entry: u32) {
        self.entry = Some(entry);
    }

    /// An entry of the archive is of another format and was not read.
    pub(super) const fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// Entries of the archive that were not read.
    pub const fn left_out(&self) -> u32 {
        self.left_out
    }

    /// What the encoding was judged to be, where it was left to be judged.
    pub fn detected(&self) -> Option<Detected> {
        self.recoder.as_ref().and_then(Recoder::detected)
    }

    fn give_decoded(&mut self, ended: bool) -> Result<(), ReadError> {
        let Some(recoder) = &mut self.recoder else { return Ok(()) };
        for held in recoder.decided(ended) {
            give(self.take, self.entry, held.number, &held.value, held.remark)?;
        }
        Ok(())
    }
}

fn give(
    take: &mut Take<'_>,
    entry: Option<u32>,
    number: u64,
    value: &Value,
    remark: Option<Remark>,
) -> Result<(), ReadError> {
    // a value of texts and numbers under string keys is JSON always
    let raw = to_raw_value(value).map_err(|_| ReadError::Panicked)?;
    go_on(take(Row { entry, number, record: RawRecord(raw), remark }))
}

fn go_on(flow: ControlFlow<()>) -> Result<(), ReadError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ReadError::Stopped),
    }
}
