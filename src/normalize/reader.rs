//! Reads values of an interchange-shaped map leniently: what has the wrong shape or is not understood is kept under
//! `extra` by its path and told of in a finding, never lost, never a reason to stop.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

use super::date::Precision;
use super::reading::Note;
use super::{code, date, document, text};
use crate::domain::{Finding, Flag};

/// Where in the record a value stands: `petitioners[0].id_number`. Written out only for a finding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) const fn root(field: &'a str) -> Self {
        Self { parent: None, step: Step::Field(field) }
    }

    pub(super) const fn field(&'a self, field: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Field(field) }
    }

    pub(super) const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(field) if self.parent.is_some() => write!(f, ".{field}"),
            Step::Field(field) => f.write_str(field),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Longest original that a finding repeats, in bytes: repairs of names and numbers, not of whole texts.
const LONGEST_ORIGINAL: usize = 512;

/// What is left over while reading: values for `extra`, and findings.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) extra: Map<String, Value>,
    pub(super) findings: Vec<Finding>,
    pub(super) today: NaiveDate,
}

impl Reader {
    /// Tells what a rule did to the value at a path.
    pub(super) fn note(&mut self, path: &Path<'_>, note: Note, original: &str) {
        let keeps = note.keeps_original && original.len() <= LONGEST_ORIGINAL;
        self.findings.push(Finding {
            flag: note.flag,
            field: path.to_string(),
            rule: note.rule.to_owned(),
            // NUL cannot be stored; everything else is kept as it came
            original: keeps.then(|| original.replace('\0', "")),
        });
    }

    /// Tells what several rules did.
    pub(super) fn notes(&mut self, path: &Path<'_>, notes: Vec<Note>, original: &str) {
        for note in notes {
            self.note(path, note, original);
        }
    }

    /// Keeps a value that was not understood, with a finding.
    pub(super) fn keep(&mut self, path: &Path<'_>, value: Value, flag: Flag, rule: &'static str) {
        let original = match &value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(other.to_string()),
        };
        self.note(path, Note::doubt(flag, rule), &original);
        self.store(&path.to_string(), value);
    }

    /// Keeps a value under `extra` without a finding; a name that is taken gets a number.
    pub(super) fn store(&mut self, name: &str, value: Value) {
        let mut free = without_nul(name);
        let mut number = 2;
        while self.extra.get(&free).is_some_and(|there| *there != value) {
            free = format!("{name} ({number})");
            number += 1;
        }
        self.extra.insert(free, storable(value));
    }

    /// A text without cleaning: strings, and numbers as they are written.
    pub(super) fn raw(&mut self, value: Value, path: &Path<'_>) -> Option<String> {
        match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            Value::Number(number) => Some(plain_number(&number.to_string())),
            other => {
                self.keep(path, other, Flag::UnknownField, "wrong_type");
                None
            }
        }
    }

    /// A text of any number of lines, clean; `None` where nothing is left.
    pub(super) fn text(&mut self, value: Value, path: &Path<'_>) -> Option<String> {
        let raw = self.raw(value, path)?;
        let clean = text::clean_noting(&raw, |note| self.note(path, note, &raw));
        let clean = match clean {
            Cow::Borrowed(_) => None,
            Cow::Owned(changed) => Some(changed),
        };
        Some(clean.unwrap_or(raw)).filter(|text| !text.is_empty())
    }

    /// A text on one line.
    pub(super) fn line(&mut self, value: Value, path: &Path<'_>) -> Option<String> {
        self.text(value, path).map(|text| if text.contains('\n') { text.replace('\n', " ") } else { text })
    }

    /// A yes or no. What is neither counts as `doubtful`: for what protects people, as yes.
    pub(super) fn boolean(&mut self, value: Value, path: &Path<'_>, doubtful: bool) -> bool {
        let read = match &value {
            Value::Null => Some(false),
            Value::Bool(yes) => Some(*yes),
            Value::Number(number) => number.as_f64().map(|number| number != 0.0),
            Value::String(text) => code::boolean(text),
            Value::Array(_) | Value::Object(_) => None,
        };
        read.unwrap_or_else(|| {
            self.keep(path, value, Flag::UnknownField, "not_yes_or_no");
            doubtful
        })
    }

    /// A whole number, also as text with Vietnamese thousands (`1.200.000`) or words after it ("25 người").
    pub(super) fn integer(&mut self, value: Value, path: &Path<'_>) -> Option<i64> {
        let read = match &value {
            Value::Null => return None,
            Value::Number(number) => {
                number.as_i64().or_else(|| number.as_f64().filter(|number| number.fract() == 0.0).and_then(whole))
            }
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => parse_integer(text),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        if read.is_none() {
            self.keep(path, value, Flag::UnknownField, "not_a_number");
        }
        read
    }

    /// A whole number of at least 0 that fits a column.
    pub(super) fn count(&mut self, value: Value, path: &Path<'_>) -> Option<i32> {
        let kept = value.clone();
        let number = self.integer(value, path)?;
        let fits = i32::try_from(number).ok().filter(|number| *number >= 0);
        if fits.is_none() {
            self.keep(path, kept, Flag::UnknownField, "out_of_range");
        }
        fits
    }

    /// A date; one known by month or year only is its first day, flagged.
    pub(super) fn date(&mut self, value: Value, path: &Path<'_>, may_lie_ahead: bool) -> Option<NaiveDate> {
        let raw = self.raw(value, path)?;
        let reading = date::read(&raw);
        let Some(dated) = reading.value else {
            if let Some(note) = reading.notes.first() {
                self.keep(path, Value::String(raw), Flag::DateInvalid, note.rule);
            }
            return None;
        };
        for note in reading.notes {
            self.note(path, note, &raw);
        }
        if dated.precision != Precision::Day {
            self.note(path, Note::doubt(Flag::DateInvalid, "day_unknown"), &raw);
        }
        self.not_ahead(dated.date, path, &raw, may_lie_ahead);
        Some(dated.date)
    }

    fn not_ahead(&mut self, date: NaiveDate, path: &Path<'_>, raw: &str, may_lie_ahead: bool) {
        if date > self.today && !may_lie_ahead {
            self.note(path, Note::doubt(Flag::DateInFuture, "after_today"), raw);
        }
    }

    /// A moment; a date alone is its first minute in Vietnam.
    pub(super) fn moment(&mut self, value: Value, path: &Path<'_>) -> Option<DateTime<Utc>> {
        let raw = self.raw(value, path)?;
        let reading = date::read_moment(&raw);
        let Some(moment) = reading.value else {
            if let Some(note) = reading.notes.first() {
                self.keep(path, Value::String(raw), Flag::DateInvalid, note.rule);
            }
            return None;
        };
        for note in reading.notes {
            self.note(path, note, &raw);
        }
        self.not_ahead(moment.with_timezone(&crate::clock::HANOI).date_naive(), path, &raw, false);
        Some(moment)
    }

    /// A code; what no spelling covers is flagged and kept.
    pub(super) fn code<T>(&mut self, value: Value, path: &Path<'_>, parse: fn(&str) -> Option<T>) -> Option<T> {
        let raw = self.raw(value, path)?;
        if raw.trim().is_empty() {
            return None;
        }
        let code = parse(&raw);
        if code.is_none() {
            self.keep(path, Value::String(raw), Flag::TypeUnmapped, "code_unmapped");
        }
        code
    }

    /// The number of a document, tidy.
    pub(super) fn document_no(&mut self, value: Value, path: &Path<'_>) -> Option<String> {
        let line = self.line(value, path)?;
        match document::clean(&line) {
            Cow::Owned(tidy) => {
                self.note(path, Note::repaired("document_number"), &line);
                Some(tidy)
            }
            Cow::Borrowed(_) => Some(line),
        }
    }

    /// An object; anything else but null is kept.
    pub(super) fn object(&mut self, value: Value, path: &Path<'_>) -> Option<Map<String, Value>> {
        match value {
            Value::Null => None,
            Value::Object(object) => Some(object),
            other => {
                self.keep(path, other, Flag::UnknownField, "wrong_type");
                None
            }
        }
    }

    /// A list; one object or one text alone is a list of one.
    pub(super) fn list(&mut self, value: Value, path: &Path<'_>) -> Vec<Value> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(list) => list,
            Value::String(ref text) if text.trim().is_empty() => Vec::new(),
            Value::Object(_) | Value::String(_) => vec![value],
            other => {
                self.keep(path, other, Flag::UnknownField, "wrong_type");
                Vec::new()
            }
        }
    }

    /// What a map holds beyond the fields that were taken out of it.
    pub(super) fn leftover(&mut self, rest: Map<String, Value>, parent: Option<&Path<'_>>) {
        for (name, value) in rest {
            if value.is_null() {
                continue;
            }
            let path = Path { parent, step: Step::Field(&name) };
            self.keep(&path, value, Flag::UnknownField, "unknown_field");
        }
    }
}

/// Takes a field out of a map; absent is null.
pub(super) fn take(map: &mut Map<String, Value>, field: &str) -> Value {
    map.get_mut(field).map_or(Value::Null, Value::take)
}

/// `1075000001.0`, as spreadsheets and floats give it, is `1075000001`.
fn plain_number(text: &str) -> String {
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.abs() < EXACT).then_some(number as i64)
}

/// A whole number in a text: groups of three after points, commas or blanks; one word of a unit may follow.
fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits_end = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits_end)?;
    if unit.chars().any(|c| c.is_ascii_digit()) || unit.chars().count() > 20 {
        return None;
    }
    let number = number.trim();
    let number = number.strip_suffix(".0").unwrap_or(number);
    if let Ok(plain) = number.parse() {
        return Some(plain);
    }
    let (sign, number) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let separator = ['.', ',', ' ', '\u{A0}'].into_iter().find(|separator| number.contains(*separator))?;
    let mut groups = number.split(separator);
    let all_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().filter(|group| group.len() <= 3 && all_digits(group))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !all_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    digits.parse::<i64>().ok().map(|number| sign * number)
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// The value with every NUL taken out: PostgreSQL's jsonb refuses it.
pub(super) fn storable(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(without_nul(&text)),
        Value::Array(list) => Value::Array(list.into_iter().map(storable).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(name, value)| (without_nul(&name), storable(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, wanted) in [
            ("25", Some(25)),
            (" 25 người", Some(25)),
            ("1.200.000", Some(1_200_000)),
            ("1,200,000 đồng", Some(1_200_000)),
            ("-3", Some(-3)),
            ("3.0", Some(3)),
            ("1.5", None),
            ("khoảng 20", None),
            ("20-25", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse_integer(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn paths() {
        let petitioners = Path::root("petitioners");
        let first = petitioners.index(0);
        assert_eq!(first.field("id_number").to_string(), "petitioners[0].id_number");
    }
}
