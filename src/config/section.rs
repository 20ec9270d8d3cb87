//! Reading one table: each key with its type and range, and the keys nobody knows.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::document::{Entry, Node, Table, Value};
use super::problem::{Place, Problem, Problems};

/// What a check of one file gathers and needs to know.
#[derive(Debug)]
pub struct Check {
    problems: RefCell<Problems>,
    /// The folder of the configuration; relative paths start here.
    pub dir: PathBuf,
    /// `$CREDENTIALS_DIRECTORY` of systemd.
    pub credentials: Option<PathBuf>,
}

impl Check {
    pub fn new(dir: &Path, credentials: Option<&Path>) -> Self {
        Self { problems: RefCell::default(), dir: dir.to_owned(), credentials: credentials.map(Path::to_owned) }
    }

    pub fn add(&self, problem: Problem) {
        self.problems.borrow_mut().add(problem);
    }

    pub fn error(&self, place: &Place, message: impl AsRef<str>) {
        self.add(Problem::error(place, message.as_ref()));
    }

    /// An error that says what to do.
    pub fn fault(&self, place: &Place, message: impl AsRef<str>, advice: impl AsRef<str>) {
        self.add(Problem::error(place, message.as_ref()).advise(advice.as_ref()));
    }

    /// Something that works but is hardly meant.
    pub fn doubt(&self, place: &Place, message: impl AsRef<str>, advice: impl AsRef<str>) {
        self.add(Problem::warning(place, message.as_ref()).advise(advice.as_ref()));
    }

    pub fn into_problems(self) -> Problems {
        self.problems.into_inner()
    }
}

/// A value that was read, and where it stands.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    pub value: T,
    pub place: Place,
}

/// One table under check.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    pub check: &'a Check,
    /// Dotted, empty for the file itself.
    pub name: String,
    /// The header of the table.
    pub place: Place,
    pub table: &'a Table,
    known: &'static [&'static str],
}

impl<'a> Section<'a> {
    /// Begins to read a table; keys that are not `known` become problems.
    pub fn new(check: &'a Check, name: &str, place: &Place, table: &'a Table, known: &'static [&'static str]) -> Self {
        let section = Self { check, name: name.to_owned(), place: place.clone(), table, known };
        for entry in &table.0 {
            if !known.contains(&entry.key.as_str()) {
                section.unknown(entry);
            }
        }
        section
    }

    fn unknown(&self, entry: &Entry) {
        let key = if super::redact::is_secret("", &entry.key) { "…" } else { entry.key.as_str() };
        let message = format!("unknown key `{key}`{}", self.context(" in "));
        let literal = super::redact::LITERAL_SECRETS.iter().find(|(literal, _)| *literal == key);
        let instead = literal.and_then(|(_, file)| self.known.iter().find(|known| known == &file));
        let advice = match (instead, nearest(key, self.known.iter().copied())) {
            (Some(file), _) => {
                let message = format!("a secret must not stand in this file: `{key}`{}", self.context(" in "));
                let advice = format!(
                    "put it into a file of mode 600 and write `{file} = \"/path/to/it\"`, or `{file} = \"credential:NAME\"`"
                );
                return self.check.fault(&entry.key_place, message, advice);
            }
            (None, Some(nearest)) => format!("did you mean `{nearest}`?"),
            (None, None) if self.known.is_empty() => "nothing is set here".to_owned(),
            (None, None) => format!("known here: {}", self.known.join(", ")),
        };
        self.check.fault(&entry.key_place, message, advice);
    }

    /// ` in [http]`, nothing for the file itself.
    fn context(&self, preposition: &str) -> String {
        if self.name.is_empty() { String::new() } else { format!("{preposition}[{}]", self.name) }
    }

    /// The full name of a key: `http.timeout`.
    pub fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub fn entry(&self, key: &str) -> Option<&'a Entry> {
        debug_assert!(self.known.contains(&key), "{key} is read from [{}] but not known there", self.name);
        self.table.get(key)
    }

    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Where a key stands; the header of the table where it is absent.
    pub fn place_of(&self, key: &str) -> Place {
        self.entry(key).map_or_else(|| self.place.clone(), |entry| entry.node.place.clone())
    }

    /// Reports that a required key is missing.
    pub fn missing(&self, key: &str, advice: &str) {
        let place = if self.name.is_empty() { "the file".to_owned() } else { format!("[{}]", self.name) };
        self.check.fault(&self.place, format!("{place} has no `{key}`"), advice);
    }

    fn wrong_type(&self, entry: &Entry, expected: &str) {
        let (key, found) = (self.full(&entry.key), entry.node.value.kind());
        self.check.error(&entry.node.place, format!("`{key}` must be {expected}, not {found}"));
    }

    /// A text; an absent one is `None` without a problem.
    pub fn text(&self, key: &str) -> Option<Placed<&'a str>> {
        let entry = self.entry(key)?;
        if let Value::Text(value) = &entry.node.value {
            return Some(Placed { value, place: entry.node.place.clone() });
        }
        self.wrong_type(entry, "text in quotes");
        None
    }

    /// A text that must be there and not be blank.
    pub fn required_text(&self, key: &str, advice: &str) -> Option<Placed<&'a str>> {
        if !self.has(key) {
            self.missing(key, advice);
            return None;
        }
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.check.fault(&text.place, format!("`{}` is empty", self.full(key)), advice);
            return None;
        }
        Some(text)
    }

    /// A text with a form of its own.
    pub fn parsed<T, E: Display>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<Placed<T>> {
        let text = self.text(key)?;
        match parse(text.value) {
            Ok(value) => Some(Placed { value, place: text.place }),
            Err(reason) => {
                self.check.error(&text.place, format!("`{}`: {reason}", self.full(key)));
                None
            }
        }
    }

    /// A whole number in a range.
    pub fn integer<T>(&self, key: &str, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + FromStr + PartialOrd + Display + Copy,
    {
        let entry = self.entry(key)?;
        let number: Option<T> = match &entry.node.value {
            Value::Integer(number) => T::try_from(*number).ok(),
            Value::Text(text) if entry.node.place.is_variable() => text.trim().parse().ok(),
            _ => {
                self.wrong_type(entry, "a whole number");
                return None;
            }
        };
        let found = number.filter(|number| range.contains(number));
        if found.is_none() {
            let (key, low, high) = (self.full(key), range.start(), range.end());
            self.check.error(&entry.node.place, format!("`{key}` must be a whole number from {low} to {high}"));
        }
        found
    }

    pub fn boolean(&self, key: &str) -> Option<bool> {
        let entry = self.entry(key)?;
        match &entry.node.value {
            Value::Boolean(flag) => Some(*flag),
            Value::Text(text) if entry.node.place.is_variable() && (text == "true" || text == "false") => {
                Some(text == "true")
            }
            _ => {
                self.wrong_type(entry, "true or false");
                None
            }
        }
    }

    /// A list of texts; an absent one is empty.
    pub fn texts(&self, key: &str) -> Vec<Placed<&'a str>> {
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let Value::List(nodes) = &entry.node.value else {
            self.wrong_type(entry, "a list of texts");
            return Vec::new();
        };
        let text = |node: &'a Node| match &node.value {
            Value::Text(value) => Some(Placed { value: value.as_str(), place: node.place.clone() }),
            other => {
                let message = format!("`{}` must hold only texts in quotes, not {}", self.full(key), other.kind());
                self.check.error(&node.place, message);
                None
            }
        };
        nodes.iter().filter_map(text).collect()
    }

    /// A table inside this one.
    pub fn child(&self, key: &str, known: &'static [&'static str]) -> Option<Section<'a>> {
        let entry = self.entry(key)?;
        if let Value::Table(table) = &entry.node.value {
            return Some(Section::new(self.check, &self.full(key), &entry.node.place, table, known));
        }
        self.wrong_type(entry, "a table");
        None
    }

    /// The same for keys that the file makes up (fields, headers, source values).
    pub fn open_child(&self, key: &str) -> Option<Section<'a>> {
        let entry = self.entry(key)?;
        if let Value::Table(table) = &entry.node.value {
            let (name, place) = (self.full(key), entry.node.place.clone());
            return Some(Section { check: self.check, name, place, table, known: &[] });
        }
        self.wrong_type(entry, "a table");
        None
    }

    /// The same without a word where it is no table: somebody else says so.
    pub fn open_child_quietly(&self, key: &str) -> Option<Section<'a>> {
        let entry = self.table.get(key)?;
        let Value::Table(table) = &entry.node.value else { return None };
        let (name, place) = (self.full(key), entry.node.place.clone());
        Some(Section { check: self.check, name, place, table, known: &[] })
    }

    /// The one of these keys that is set. None or several become a problem; an absent one is `None`.
    pub fn exactly_one(&self, keys: &[&'static str]) -> Option<&'static str> {
        let known = |entry: &Entry| keys.iter().find(|key| **key == entry.key).copied();
        let set: Vec<&'static str> = self.table.0.iter().filter_map(known).collect();
        let all = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        match set.as_slice() {
            [one] => Some(one),
            [] => {
                let what = if self.name.is_empty() { "the file".to_owned() } else { format!("[{}]", self.name) };
                self.check.error(&self.place, format!("{what} must have exactly one of {all}; it has none"));
                None
            }
            [first, others @ ..] => {
                for other in others {
                    let place = self.entry(other).map_or(&self.place, |entry| &entry.key_place);
                    let message = format!("`{}` beside `{}`", self.full(other), self.full(first));
                    let advice = if place.is_variable() && !self.place_of(first).is_variable() {
                        format!("neither wins: unset the variable, or take `{first}` out of the file")
                    } else {
                        format!("keep exactly one of {all}")
                    };
                    self.check.fault(place, message, advice);
                }
                None
            }
        }
    }
}

/// The candidate that a slip of the finger would turn into `word`, if there is one.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let reach = (word.chars().count() / 3).max(2);
    let distance = |candidate: &'c str| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate);
    let (near, candidate) = candidates.map(distance).min()?;
    (near <= reach && near < candidate.chars().count()).then_some(candidate)
}
