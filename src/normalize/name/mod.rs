//! Names: who stands in a name cell. Honorifics, capacities, several people, head counts, organizations.
//!
//! Owns: splitting a cell into people, an organization and a count; the proper case of names; family, middle and
//! given name. Must not know: who a person is (that is `linkage`'s), what the record says elsewhere.
//! To add a word: a line in `word.rs`. To add a rule: a function and a line in [`RULES`].
//!
//! Names keep their spelling: the place of a tone is not moved, y stays y; keys for comparing are `text`'s.

mod parts;
mod person;
mod split;
mod word;

pub use parts::{Parts, parts};

use serde::Serialize;

use super::reading::{Note, Reading, Rule};
use super::text;
use crate::domain::{Flag, Gender};

/// One person of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// In proper case, without honorifics.
    pub name: String,
    /// Where the honorific tells it (ông, bà).
    pub gender: Option<Gender>,
}

/// Who stands in a name cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub people: Vec<Person>,
    /// A body, or a group without names ("các hộ dân tổ 5").
    pub organization: Option<String>,
    /// People behind it, named or not; `None` where the cell speaks of several and does not say how many.
    pub count: Option<u32>,
    /// The cell says that there is no name (nặc danh).
    pub anonymous: bool,
}

/// As `petitiond normalize --field name --json` prints it.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    people: Vec<&'a str>,
    organization: Option<&'a str>,
    count: Option<u32>,
}

impl Names {
    /// The names without what they were told by.
    pub fn shown(&self) -> Shown<'_> {
        let people = self.people.iter().map(|person| person.name.as_str()).collect();
        Shown { people, organization: self.organization.as_deref(), count: self.count }
    }
}

/// What the rules work on: the cell's text as far as it is not yet understood, and what was.
#[derive(Debug, Default)]
pub struct Draft {
    text: String,
    names: Names,
    /// People beyond the named ones; `Err` where there are some and nobody says how many.
    others: u32,
    others_unknown: bool,
    /// People whom the named one represents, himself among them.
    represented: Option<u32>,
    /// The words for people who are counted and not named.
    group: Option<String>,
    notes: Vec<Note>,
}

pub type Step = fn(&mut Draft);

/// The rules of a name cell, in order.
pub static RULES: &[Rule<Step>] = &[
    Rule { name: "anonymous", apply: split::anonymous },
    Rule { name: "placeholder", apply: split::placeholder },
    Rule { name: "brackets", apply: split::brackets },
    Rule { name: "alias", apply: split::alias },
    Rule { name: "birth", apply: split::birth },
    Rule { name: "relation", apply: split::relation },
    Rule { name: "organization", apply: split::organization },
    Rule { name: "people", apply: split::people },
];

/// Reads a name cell. What names nobody gives nothing, flagged `name_suspect`.
pub fn read(raw: &str) -> Reading<Names> {
    let mut notes = Vec::new();
    let clean = text::clean_noting(raw, |note| notes.push(note));
    if clean.is_empty() {
        return Reading { value: None, notes };
    }
    if clean.len() > 1000 {
        return Reading { value: None, notes: vec![Note::doubt(Flag::NameSuspect, "too_long")] };
    }
    if let Some(person) = person::plain(&clean) {
        let names = Names { people: vec![person], count: Some(1), ..Names::default() };
        return Reading { value: Some(names), notes };
    }
    if let Some((person, rule)) = person::nearly_plain(&clean) {
        let names = Names { people: vec![person], count: Some(1), ..Names::default() };
        notes.push(Note::tidied(rule));
        return Reading { value: Some(names), notes };
    }
    by_rules(clean.into_owned(), notes)
}

/// Every rule, one after the other.
fn by_rules(text: String, notes: Vec<Note>) -> Reading<Names> {
    let mut draft = Draft { text, notes, ..Draft::default() };
    for rule in RULES {
        (rule.apply)(&mut draft);
    }
    settle(&mut draft);
    finish(draft)
}

/// Reads every name again until each reads as itself: what is left of an odd cell may hold another honorific.
fn settle(draft: &mut Draft) {
    for _ in 0..SETTLES {
        let mut changed = false;
        let mut settled = Vec::with_capacity(draft.names.people.len());
        for one in std::mem::take(&mut draft.names.people) {
            // what a whole cell hid of its encoding a name alone may show
            let clean = text::clean(&one.name);
            if clean == one.name && person::plain(&one.name).is_some() {
                settled.push(one);
                continue;
            }
            let mut again = Draft { text: clean.into_owned(), ..Draft::default() };
            for rule in RULES {
                (rule.apply)(&mut again);
            }
            let names = again.names.people;
            changed |= names.len() != 1 || names.first().is_some_and(|first| first.name != one.name);
            let gender = one.gender;
            settled.extend(names.into_iter().map(|next| Person { gender: next.gender.or(gender), ..next }));
        }
        draft.names.people = settled;
        if !changed {
            return;
        }
    }
    draft.notes.push(Note::doubt(Flag::NameSuspect, "not_a_name"));
    draft.names.people.clear();
}

/// Rounds after which a cell that still changes is no name.
const SETTLES: usize = 4;

fn finish(draft: Draft) -> Reading<Names> {
    let Draft { mut names, mut notes, others, others_unknown, represented, group, .. } = draft;
    // "25 hộ dân tổ 5" and nobody else: the group is all there is
    if names.people.is_empty() && names.organization.is_none() {
        names.organization = group;
    }
    let named = names.people.len() as u32;
    names.count = match (represented, others_unknown) {
        (Some(represented), _) => Some(represented.max(named)),
        (None, false) if named + others > 0 => Some(named + others),
        (None, false) if names.organization.is_some() => Some(1),
        (None, _) => None,
    };
    if names.people.len() > 1 {
        notes.push(Note::repaired("several"));
    }
    let nobody = names.people.is_empty() && names.organization.is_none() && !names.anonymous && names.count.is_none();
    if nobody {
        notes.push(Note::doubt(Flag::NameSuspect, "no_name"));
    }
    notes.dedup();
    Reading { value: (!nobody).then_some(names), notes }
}

#[cfg(test)]
mod tests;
