//! Agencies: codes in both forms of the document exchange, names and their abbreviations, bodies under them.
//!
//! Owns: which agency a code or a name means, on a day where one is known; who has the duties of one that is gone.
//! Must not know: records; who calls decides what the day is and whether a body without a code of its own will do.
//! To add a name or an abbreviation: a line in `reference/data/agency_names.csv`. To add a way to read one: a
//! function and a line in [`RULES`].

mod local;
mod name;

use chrono::NaiveDate;

use super::reading::{Note, Reading, Rule};
use super::text;
use crate::domain::Flag;
use crate::reference::agency;

/// Longest code (Decision 20/2020/QĐ-TTg, article 5).
const LONGEST: usize = 35;
/// Longest name that is looked at, in bytes.
const LONGEST_NAME: usize = 300;

/// An agency as understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub code: String,
    /// Whether the code is its own. Else it is that of the agency above it, and no table has its own.
    pub is_whole: bool,
}

impl Body {
    fn whole(code: &str) -> Self {
        Self { code: code.to_owned(), is_whole: true }
    }

    fn under(code: &str) -> Self {
        Self { code: code.to_owned(), is_whole: false }
    }
}

/// One way to read an agency on a day.
type Attempt = fn(&str, Option<NaiveDate>) -> Option<Reading<Body>>;

/// The ways, in order; the first that speaks decides.
pub static RULES: &[Rule<Attempt>] = &[
    Rule { name: "code_form", apply: by_code },
    Rule { name: "name", apply: name::first_level },
    Rule { name: "within_ministry", apply: name::under_ministry },
    Rule { name: "within_province", apply: local::by_place },
];

/// Reads the code of an agency: `H29.12.3`, the older `000.00.12.H29` of QCVN 102:2016/BTTTT, a name or an
/// abbreviation. A well-formed code under no known agency is kept and flagged; so is the code of the agency above where
/// a body is named that no table has. A text that is neither gives nothing.
///
/// `on` is the day that is spoken of, where it is known: a body that no longer stood then is the one that had taken
/// its duties over.
pub fn read(text: &str, on: Option<NaiveDate>) -> Reading<Body> {
    let text = text.trim();
    if text.is_empty() {
        return Reading::empty();
    }
    if let Some(reading) = by_code(text, on) {
        return succeeded(reading, on);
    }
    if text.len() > LONGEST_NAME {
        return unknown("agency_unknown");
    }
    let clean = text::clean_line(text);
    let reading = RULES.iter().find_map(|rule| (rule.apply)(&clean, on));
    succeeded(reading.unwrap_or_else(|| unknown("agency_unknown")), on)
}

/// Reads an agency by whose numbers records and letters go. Its code stays as written, although the agency may be
/// gone: what it numbered is found by it. A body without a code of its own gives nothing, for the numbers of the
/// agency above it are others.
pub fn read_numbering(text: &str, on: Option<NaiveDate>) -> Reading<String> {
    let is_code = code(text.trim()).is_some();
    let reading = read(text, on.filter(|_| !is_code));
    Reading { value: reading.value.filter(|body| body.is_whole).map(|body| body.code), notes: reading.notes }
}

fn unknown(rule: &'static str) -> Reading<Body> {
    Reading::failed(Flag::AgencyUnknown, rule)
}

/// Whoever had the duties on the day. Where nobody knows who, or a department's code is under an agency that is gone,
/// the code stays and is flagged.
fn succeeded(mut reading: Reading<Body>, on: Option<NaiveDate>) -> Reading<Body> {
    let (Some(body), Some(on)) = (&mut reading.value, on) else { return reading };
    let Some(row) = agency::first_level(&body.code).filter(|row| row.valid_to.is_some_and(|last| last < on)) else {
        return reading;
    };
    match agency::responsible(row.code, on).filter(|_| body.code == row.code) {
        Some(successor) => {
            successor.code.clone_into(&mut body.code);
            reading.with(Note::repaired("successor"))
        }
        None => reading.with(Note::doubt(Flag::AgencyUnknown, "no_longer_stands")),
    }
}

fn by_code(text: &str, _: Option<NaiveDate>) -> Option<Reading<Body>> {
    let code = code(text)?;
    let note = (code != text).then_some(Note::tidied("code_form"));
    let known = agency::first_level(&code).is_some();
    let mut reading = Reading::plain(Body { code, is_whole: true });
    reading.notes.extend(note);
    reading.notes.extend((!known).then_some(Note::doubt(Flag::AgencyUnknown, "code_unknown")));
    Some(reading)
}

/// A code, first level first, in capitals.
fn code(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') {
        return None;
    }
    let is_root = |group: &str| {
        matches!(group.as_bytes(), [letter, rest @ ..]
            if letter.is_ascii_alphabetic() && rest.len() == 2 && rest.iter().all(u8::is_ascii_digit))
    };
    let all_digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = text.split('.').collect();
    match groups.as_slice() {
        [root, rest @ ..] if is_root(root) && rest.iter().all(all_digits) => Some(text.to_ascii_uppercase()),
        [rest @ .., root] if is_root(root) && rest.iter().all(all_digits) => {
            let mut code = root.to_ascii_uppercase();
            for group in rest.iter().rev().map(|group| group.trim_start_matches('0')).filter(|group| !group.is_empty())
            {
                code.push('.');
                code.push_str(group);
            }
            Some(code)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
