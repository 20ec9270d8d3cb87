//! The petitioners of two filings, compared as sets.

use serde::{Deserialize, Serialize};

use super::super::hash;
use crate::domain::Petitioner;
use crate::normalize::text;

/// What of one petitioner is compared.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    name: u64,
    given: u64,
    id_number: Option<String>,
    phones: Vec<String>,
    year: Option<i32>,
    province: Option<String>,
    communes: Vec<String>,
    is_body: bool,
}

/// What two petitioners have for and against being one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    pub bits: f32,
    /// Whether they cannot be one.
    pub is_never: bool,
}

/// Who weighs petitioners against one another.
pub trait Persons: Send + Sync {
    fn weigh(&self, a: &Person, b: &Person) -> Likeness;
}

impl Person {
    /// `None` where nothing can be compared.
    pub fn of(petitioner: &Petitioner) -> Option<Self> {
        let body = petitioner.organization.as_deref();
        let name = body.or(petitioner.name.as_deref()).map(text::flat_words).filter(|name| !name.is_empty());
        let name = name.unwrap_or_default();
        let given = name.rsplit(' ').next().unwrap_or("");
        let year = petitioner.birth_date.map(|day| chrono::Datelike::year(&day)).or(petitioner.birth_year);
        let person = Self {
            name: hash::text(&name),
            given: hash::text(if body.is_some() { &name } else { given }),
            id_number: petitioner.id_number.clone(),
            phones: petitioner.phones.clone(),
            year,
            province: petitioner.place.province_code.clone(),
            communes: petitioner
                .place
                .commune_code
                .clone()
                .into_iter()
                .chain(petitioner.place.commune_candidates.clone())
                .collect(),
            is_body: body.is_some(),
        };
        (!name.is_empty() || person.id_number.is_some() || !person.phones.is_empty()).then_some(person)
    }

    /// What a list of many is put in order by, so that two lists begin alike.
    pub(super) fn order(&self) -> u64 {
        hash::mix(self.name)
    }

    /// Keys under which the same person is found again.
    pub(super) fn keys(&self, keys: &mut Vec<String>) {
        let (name, given) = (self.name, self.given);
        if let Some(number) = self.id_number.as_deref().filter(|number| number.len() > 6) {
            keys.push(format!("i{number}"));
        }
        keys.extend(self.phones.first().map(|phone| format!("f{phone}:{given:x}")));
        if let (Some(year), Some(province)) = (self.year, &self.province) {
            keys.push(format!("y{name:x}:{year}:{province}"));
        }
        keys.extend(self.communes.iter().take(2).map(|commune| format!("c{name:x}:{commune}")));
        if self.is_body {
            keys.push(format!("o{name:x}:{}", self.province.as_deref().unwrap_or("")));
        }
    }

    pub(super) fn province(&self) -> Option<&str> {
        self.province.as_deref()
    }

    /// Whether a glance tells that the two may be one.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        self.given == other.given
            || (self.id_number.is_some() && self.id_number == other.id_number)
            || self.phones.iter().any(|phone| other.phones.contains(phone))
    }
}

/// Weights by rule of thumb.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

impl Persons for Plain {
    fn weigh(&self, a: &Person, b: &Person) -> Likeness {
        let is_card = |number: &&String| number.len() == 12;
        let mut bits = match (&a.id_number, &b.id_number) {
            (Some(one), Some(other)) if one == other => 20.0,
            (one, other) => {
                let (one, other) = (one.as_ref().filter(is_card), other.as_ref().filter(is_card));
                if one.is_some() && other.is_some() {
                    return Likeness { bits: -20.0, is_never: true };
                }
                -6.0
            }
        };
        bits += match (a.name == b.name, a.given == b.given) {
            (true, _) => 8.0,
            (_, true) => 2.0,
            _ => -4.0,
        };
        bits += if a.phones.iter().any(|phone| b.phones.contains(phone)) { 6.0 } else { 0.0 };
        bits += match (a.year, b.year) {
            (Some(one), Some(other)) if one == other => 4.0,
            (Some(one), Some(other)) if one.abs_diff(other) > 1 => -6.0,
            _ => 0.0,
        };
        bits += if a.communes.iter().any(|commune| b.communes.contains(commune)) {
            5.0
        } else if a.communes.is_empty() || b.communes.is_empty() {
            0.0
        } else {
            -3.0
        };
        Likeness { bits, is_never: false }
    }
}
