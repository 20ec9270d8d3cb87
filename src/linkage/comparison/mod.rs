//! How much two values of one attribute agree, in a few levels: a file a comparison.
//!
//! Owns: the kinds of attributes ([`Kind`]) and, for each, its levels and the rule that tells them.
//! Must not know: what a level weighs (that is learned, see `estimate`), records, other attributes.
//! To add a comparison: a file here with `LEVELS` and `level`, a variant of [`Kind`] with its arms below.
//!
//! Levels go from 0, no agreement, to the last, the same value. `level(a, b)` is `level(b, a)`; neither text is empty
//! and they differ: equal values have the last level without being looked at.

mod code;
mod commune;
pub mod company;
mod date;
mod email;
pub mod glance;
pub mod middle;
pub mod name;
mod number;
mod place;
mod postcode;
mod similarity;
mod word;

/// What an attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Given name (tên).
    Given,
    /// Family name (họ).
    Family,
    /// What stands between them (tên đệm).
    Middle,
    /// A day, as `YYYYMMDD`.
    Date,
    /// The number of an identity document.
    Identifier,
    Phone,
    Email,
    Sex,
    /// The number of a house.
    House,
    Street,
    Town,
    /// A commune as a code, or the codes of all that it may be.
    Commune,
    Postcode,
    /// A province or state, as a code.
    Region,
    /// A word or two that describe: an occupation, say.
    Word,
    /// Who and what stands beside the person in the record.
    Company,
}

/// All kinds, by the word that a declaration of columns and a model use.
pub const KINDS: [(&str, Kind); 16] = [
    ("given", Kind::Given),
    ("family", Kind::Family),
    ("middle", Kind::Middle),
    ("date", Kind::Date),
    ("identifier", Kind::Identifier),
    ("phone", Kind::Phone),
    ("email", Kind::Email),
    ("sex", Kind::Sex),
    ("house", Kind::House),
    ("street", Kind::Street),
    ("town", Kind::Town),
    ("commune", Kind::Commune),
    ("postcode", Kind::Postcode),
    ("region", Kind::Region),
    ("word", Kind::Word),
    ("company", Kind::Company),
];

impl Kind {
    pub fn of(word: &str) -> Option<Self> {
        KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
    }

    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// The names of the levels, least agreement first.
    pub const fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Given | Self::Family => name::LEVELS,
            Self::Middle => middle::LEVELS,
            Self::Date => date::LEVELS,
            Self::Identifier | Self::Phone | Self::House => number::LEVELS,
            Self::Email => email::LEVELS,
            Self::Sex | Self::Region => code::LEVELS,
            Self::Street | Self::Town => place::LEVELS,
            Self::Commune => commune::LEVELS,
            Self::Postcode => postcode::LEVELS,
            Self::Word => word::LEVELS,
            Self::Company => company::LEVELS,
        }
    }

    /// The level of equal values.
    pub const fn same(self) -> u8 {
        self.levels().len() as u8 - 1
    }

    /// The level of two values that are not equal as texts.
    pub fn level(self, a: &str, b: &str) -> u8 {
        match self {
            Self::Given | Self::Family => name::level(a, b),
            Self::Middle => middle::level(a, b),
            Self::Date => date::level(a, b),
            Self::Identifier | Self::Phone | Self::House => number::level(a, b),
            Self::Email => email::level(a, b),
            Self::Sex | Self::Region => code::level(a, b),
            Self::Street | Self::Town => place::level(a, b),
            Self::Commune => commune::level(a, b),
            Self::Postcode => postcode::level(a, b),
            Self::Word => word::level(a, b),
            Self::Company => company::level(a, b),
        }
    }

    /// Of where somebody lives: people of one house or town share all of it, and who moves changes all of it.
    pub const fn is_place(self) -> bool {
        matches!(self, Self::House | Self::Street | Self::Town | Self::Commune | Self::Postcode | Self::Region)
    }

    /// What people of one household tend to share beside the place.
    pub const fn is_kin(self) -> bool {
        matches!(self, Self::Family | Self::Phone | Self::Company)
    }

    /// Tells people of one name and one commune apart.
    pub const fn is_strong(self) -> bool {
        matches!(
            self,
            Self::Date | Self::Identifier | Self::Phone | Self::Email | Self::House | Self::Street | Self::Postcode
        )
    }
}

pub use postcode::area;

/// The level from which names count as agreeing when given and family name may have changed places.
pub const NEAR: u8 = name::NEAR;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_has_a_word_and_levels() {
        for (word, kind) in KINDS {
            assert_eq!((Kind::of(word), kind.word()), (Some(kind), word));
            assert!(kind.levels().len() >= 2);
        }
    }

    proptest! {
        #[test]
        fn levels_are_symmetric(a in "[a-dàạđ@. -]{1,12}", b in "[a-dàạđ@. -]{1,12}", c in "[0-3]{1,9}", d in "[0-3]{1,9}") {
            for (_, kind) in KINDS {
                for (a, b) in [(&a, &b), (&c, &d), (&a, &c)] {
                    prop_assert_eq!(kind.level(a, b), kind.level(b, a), "{:?} {:?} {:?}", kind, a, b);
                    prop_assert!(kind.level(a, b) <= kind.same());
                }
            }
        }
    }
}
