//! What a field's rules make of a value: the value, and which rules spoke.

use crate::domain::Flag;

/// One named rule of a field. `apply` has the shape that its field needs.
#[derive(Debug, Clone, Copy)]
pub struct Rule<F> {
    /// As it stands in findings.
    pub name: &'static str,
    pub apply: F,
}

/// That a rule changed or doubted a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Note {
    /// The quality flag, where the value is doubtful.
    pub flag: Option<Flag>,
    /// The name of the rule.
    pub rule: &'static str,
    /// Whether the value as it came is worth keeping: something in it was replaced or not understood.
    pub keeps_original: bool,
}

impl Note {
    /// Nothing but the way of writing changed.
    pub const fn tidied(rule: &'static str) -> Self {
        Self { flag: None, rule, keeps_original: false }
    }

    /// The value was repaired; the original is kept.
    pub const fn repaired(rule: &'static str) -> Self {
        Self { flag: None, rule, keeps_original: true }
    }

    /// The value is doubtful or not understood.
    pub const fn doubt(flag: Flag, rule: &'static str) -> Self {
        Self { flag: Some(flag), rule, keeps_original: true }
    }
}

/// A value as read, and the notes of the rules that spoke, in the order in which they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    /// `None`: nothing could be understood.
    pub value: Option<T>,
    pub notes: Vec<Note>,
}

impl<T> Reading<T> {
    /// A value that no rule had to touch.
    pub const fn plain(value: T) -> Self {
        Self { value: Some(value), notes: Vec::new() }
    }

    /// Nothing there, and nothing wrong.
    pub const fn empty() -> Self {
        Self { value: None, notes: Vec::new() }
    }

    /// Nothing that could be understood.
    pub fn failed(flag: Flag, rule: &'static str) -> Self {
        Self { value: None, notes: vec![Note::doubt(flag, rule)] }
    }

    /// The same with one note more.
    #[must_use]
    pub fn with(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }
}
