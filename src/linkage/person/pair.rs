//! Two petitioners side by side, in the columns of a model.

use std::collections::HashMap;

use super::Features;
use crate::domain::Gender;
use crate::linkage::columns::DOCUMENTS;
use crate::linkage::comparison::{Kind, middle, name};
use crate::linkage::hash;
use crate::linkage::layout::MOST_COLUMNS;
use crate::linkage::model::Model;
use crate::linkage::pair::{MISSING, Pair};
use crate::linkage::table::RAREST;

/// What of a petitioner stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    Family,
    Middle,
    Given,
    Sex,
    Born,
    PersonalNumber,
    Card,
    Document,
    Phone,
    Email,
    Communes,
    Company,
    House,
    Street,
    /// Nothing that a petitioner has.
    None,
}

impl Attribute {
    pub fn of(column: &str, kind: Kind) -> Self {
        let document = DOCUMENTS.iter().position(|word| column.ends_with(word));
        match kind {
            Kind::Family => Self::Family,
            Kind::Middle => Self::Middle,
            Kind::Given => Self::Given,
            Kind::Sex => Self::Sex,
            Kind::Date => Self::Born,
            Kind::Identifier => document
                .and_then(|at| [Self::PersonalNumber, Self::Card, Self::Document].get(at).copied())
                .unwrap_or(Self::None),
            Kind::Phone => Self::Phone,
            Kind::Email => Self::Email,
            Kind::Commune => Self::Communes,
            Kind::Company => Self::Company,
            Kind::House => Self::House,
            Kind::Street => Self::Street,
            Kind::Town | Kind::Region | Kind::Postcode | Kind::Word => Self::None,
        }
    }
}

/// How rare the values of a column are.
#[derive(Debug)]
pub struct Rarities {
    unseen: u8,
    /// By the hash of the value.
    known: HashMap<u64, u8>,
}

impl Rarities {
    pub fn of(model: &Model, column: &str) -> Self {
        let frequency = model.frequencies.iter().find(|frequency| frequency.column == column);
        let known = frequency.iter().flat_map(|frequency| &frequency.rarities);
        Self {
            unseen: frequency.map_or(RAREST, |frequency| frequency.unseen),
            known: known.map(|(value, rarity)| (hash::text(value), *rarity)).collect(),
        }
    }

    pub fn get(&self, value: &str) -> u8 {
        if self.known.is_empty() {
            return self.unseen;
        }
        self.known.get(&hash::text(value)).copied().unwrap_or(self.unseen)
    }
}

/// Two petitioners, and what a column of the model takes of them.
#[derive(Debug)]
pub struct FeaturePair<'f> {
    pub a: &'f Features,
    pub b: &'f Features,
    columns: &'f [(String, Kind)],
    attributes: &'f [Attribute],
    rarities: &'f [Rarities],
    /// Of the telephones of each, those two that agree best.
    phones: (&'f str, &'f str),
}

impl<'f> FeaturePair<'f> {
    pub fn new(
        a: &'f Features,
        b: &'f Features,
        columns: &'f [(String, Kind)],
        attributes: &'f [Attribute],
        rarities: &'f [Rarities],
    ) -> Self {
        let pairs = a.phones.iter().flat_map(|one| b.phones.iter().map(move |other| (one.as_str(), other.as_str())));
        let level = |(a, b): &(&str, &str)| if a == b { u8::MAX } else { Kind::Phone.level(a, b) };
        // of equal levels the first in the order of the numbers, whoever of the two has it
        let phones = pairs.max_by_key(|pair| (level(pair), std::cmp::Reverse(pair.0.min(pair.1))));
        Self { a, b, columns, attributes, rarities, phones: phones.unwrap_or_default() }
    }

    fn values(&self, attribute: Attribute) -> (&'f str, &'f str) {
        let both = |of: fn(&Features) -> &str| (of(self.a), of(self.b));
        match attribute {
            Attribute::Family => both(|features| &features.family),
            Attribute::Middle => both(|features| &features.middle),
            Attribute::Given => both(|features| &features.given),
            Attribute::Sex => both(|features| features.sex.map_or("", Gender::as_str)),
            Attribute::Born => both(|features| &features.born),
            Attribute::PersonalNumber => both(|features| &features.personal_number),
            Attribute::Card => both(|features| &features.card),
            Attribute::Document => both(|features| &features.document),
            Attribute::Phone => self.phones,
            Attribute::Email => both(|features| &features.email),
            Attribute::Communes => both(|features| &features.communes),
            Attribute::Company => both(|features| &features.company),
            Attribute::House => both(|features| &features.house),
            Attribute::Street => both(|features| &features.street),
            Attribute::None => ("", ""),
        }
    }

    /// The level of an attribute, or [`MISSING`].
    pub fn level(&self, levels: &[u8; MOST_COLUMNS], attribute: Attribute) -> u8 {
        let at = self.attributes.iter().position(|other| *other == attribute);
        at.and_then(|at| levels.get(at)).copied().unwrap_or(MISSING)
    }

    /// Whether an attribute agrees at least on this level.
    pub fn reaches(&self, levels: &[u8; MOST_COLUMNS], attribute: Attribute, level: u8) -> bool {
        let found = self.level(levels, attribute);
        found != MISSING && found >= level
    }

    fn compare(&self, attribute: Attribute, kind: Kind) -> u8 {
        let (a, b) = self.values(attribute);
        let flat = |part: usize| {
            let of = |features: &'f Features| features.flat.get(part).map_or("", String::as_str);
            (of(self.a), of(self.b))
        };
        if a.is_empty() || b.is_empty() {
            return MISSING;
        }
        if a == b {
            return kind.same();
        }
        match attribute {
            Attribute::Family | Attribute::Given => {
                let flat = flat(if attribute == Attribute::Family { 0 } else { 2 });
                name::level_of_flat((a, flat.0), (b, flat.1))
            }
            Attribute::Middle => middle::level_of_flat(flat(1).0, flat(1).1),
            _ => kind.level(a, b),
        }
    }

    fn rarity_of(&self, column: usize, value: &str) -> u8 {
        self.rarities.get(column).map_or(RAREST, |rarities| rarities.get(value))
    }
}

impl Pair for FeaturePair<'_> {
    fn levels(&self) -> [u8; MOST_COLUMNS] {
        let mut levels = [MISSING; MOST_COLUMNS];
        for ((level, attribute), (_, kind)) in levels.iter_mut().zip(self.attributes).zip(self.columns) {
            *level = self.compare(*attribute, *kind);
        }
        levels
    }

    fn rarity(&self, column: usize) -> u8 {
        let (a, b) = self.values(self.attributes.get(column).copied().unwrap_or(Attribute::None));
        let rarity = self.rarity_of(column, a);
        if a == b { rarity } else { rarity.min(self.rarity_of(column, b)) }
    }

    fn crossed(&self, given: usize, family: usize) -> [(u8, u8); 2] {
        let agree = |one: &Features, other: &Features| {
            if one.given.is_empty() || other.family.is_empty() {
                return (0, 0);
            }
            let [family_flat, _, _] = &other.flat;
            let [_, _, given_flat] = &one.flat;
            let level = name::level_of_flat((&one.given, given_flat), (&other.family, family_flat));
            (level, self.rarity_of(given, &one.given).min(self.rarity_of(family, &other.family)))
        };
        [agree(self.a, self.b), agree(self.b, self.a)]
    }
}
