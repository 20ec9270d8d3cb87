//! Names of agencies of the first level, what they are called for short, and bodies under them.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::super::reading::{Note, Reading};
use super::super::text::flat_words;
use super::{Body, unknown};
use crate::reference::agency::{self, OtherName};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Agency(&'static str),
    Other(&'static OtherName),
}

/// Names by their key. One name may have meant different bodies at different times.
static NAMES: LazyLock<HashMap<String, Vec<Meaning>>> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<Meaning>> = HashMap::new();
    for row in agency::all().iter().filter(|row| row.level == "ministry") {
        names.entry(key(&flat_words(row.name))).or_default().push(Meaning::Agency(row.code));
    }
    for row in agency::other_names().iter().filter(|row| row.is_itself) {
        names.entry(key(&flat_words(row.name))).or_default().push(Meaning::Other(row));
    }
    names
});

/// What the names of bodies under an agency begin with, in flat words, the longest first.
static BEGINNINGS: LazyLock<Vec<(String, &'static OtherName)>> = LazyLock::new(|| {
    let rows = agency::other_names().iter().filter(|row| !row.is_itself);
    let mut beginnings: Vec<_> = rows.map(|row| (flat_words(row.name), row)).collect();
    beginnings.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    beginnings
});

/// Flat words without what people leave out, "&" among it: "Bộ TN&MT", "Bộ Tài nguyên - Môi trường".
fn key(words: &str) -> String {
    words.split(' ').filter(|word| *word != "va").collect()
}

/// A ministry or an agency of its rank, whole: by its name, with or without diacritics, or by an abbreviation.
pub(super) fn first_level(name: &str, on: Option<NaiveDate>) -> Option<Reading<Body>> {
    let words = flat_words(name);
    let words = words.strip_prefix("bo truong ").unwrap_or(&words);
    named(words, on)
}

fn named(words: &str, on: Option<NaiveDate>) -> Option<Reading<Body>> {
    let meanings = NAMES.get(&key(words))?;
    let row = meanings.iter().find_map(|meaning| match meaning {
        Meaning::Agency(code) => Some(Some(*code)),
        Meaning::Other(row) => row.holds(on).then_some(row.code),
    });
    Some(match row? {
        Some(code) => Reading::plain(Body::whole(code)).with(Note::repaired("name")),
        None => unknown("code_not_published"),
    })
}

/// A part of a ministry that names it at its end ("Cục Trồng trọt - Bộ NN&PTNT"), or a body that belongs to one
/// wherever it sits ("Công an huyện Yên Phong", "Cục Thuế tỉnh Nghệ An"): its own code stands in no table.
pub(super) fn under_ministry(name: &str, on: Option<NaiveDate>) -> Option<Reading<Body>> {
    let words = flat_words(name);
    let begins = |beginning: &str| words.strip_prefix(beginning).is_some_and(|r| r.is_empty() || r.starts_with(' '));
    let by_beginning = BEGINNINGS.iter().find(|(beginning, row)| begins(beginning) && row.holds(on));
    if let Some((_, row)) = by_beginning {
        return Some(match row.code {
            Some(code) => Reading::plain(Body::under(code)).with(unmapped("within_ministry")),
            None => unknown("code_not_published"),
        });
    }
    // two ministries side by side are no part of one another
    let parted = words.match_indices(' ').filter_map(|(at, _)| Some((words.get(..at)?, words.get(at + 1..)?)));
    let mut ministry = parted.filter(|(before, rest)| rest.starts_with("bo ") && named(before, on).is_none());
    let mut reading = ministry.find_map(|(_, rest)| named(rest, on))?;
    if let Some(body) = &mut reading.value {
        body.is_whole = false;
        reading.notes = vec![unmapped("within_ministry")];
    }
    Some(reading)
}

/// That only the agency above the body is known.
pub(super) const fn unmapped(rule: &'static str) -> Note {
    Note::doubt(crate::domain::Flag::AgencyUnknown, rule)
}
