//! A glance at a value: enough to tell, of most pairs of values, that they have nothing in common, without reading
//! them. Records that are compared lie far apart in memory; what a glance spares is waiting for it.
//!
//! A glance is 64 bits. Letters (or digits) that occur set a bit each, and another one if they occur twice (digits:
//! three times); what the one has and the other has not bounds from below how many edits lie between them and from above
//! how similar they are. Places have a bit for each of their words instead of the second ones. Above them stand the
//! length and the first sign. The eight digits of a date are all there is to see of it.

use super::{Kind, date};
use crate::linkage::hash;
use crate::normalize::text;

const SIGNS: u64 = (1 << 52) - 1;
const LETTERS: u64 = (1 << 26) - 1;
const WORDS: u64 = SIGNS & !LETTERS;
/// The glance at a value with signs that are no letters or digits of ASCII: it tells nothing.
const UNSEEN: u64 = u64::MAX;
const MOST_LENGTH: usize = 63;

/// The glance at a value of a kind.
pub fn glance(kind: Kind, value: &str) -> u64 {
    if kind == Kind::Date {
        return value.as_bytes().try_into().map_or(0, u64::from_be_bytes);
    }
    let flat = if is_number(kind) { value.to_owned() } else { text::flat_words(value) };
    // what is compared with a mark is compared without signs, what is not is compared with them
    if !flat.is_ascii() || (value.is_ascii() && flat != value) {
        return UNSEEN;
    }
    let value = &flat;
    let mut seen = 0;
    for byte in value.bytes() {
        let places = if is_number(kind) {
            let digit = u64::from(byte) % 17;
            [digit, digit + 17, digit + 34]
        } else {
            let letter = u64::from(byte & 31) % 26;
            [letter, if is_place(kind) { letter } else { letter + 26 }, letter]
        };
        if let Some(place) = places.into_iter().find(|place| seen & 1 << place == 0) {
            seen |= 1 << place;
        }
    }
    if is_place(kind) {
        let words = value.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2);
        words.for_each(|word| seen |= 1 << (26 + hash::text(word) % 26));
    }
    let first = value.bytes().next().map_or(0, |byte| u64::from(byte & 31));
    seen | (value.len().min(MOST_LENGTH) as u64) << 52 | first << 58
}

const fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Identifier | Kind::Phone | Kind::House | Kind::Postcode)
}

const fn is_place(kind: Kind) -> bool {
    matches!(kind, Kind::Street | Kind::Town)
}

/// Two glances side by side.
#[derive(Debug, Clone, Copy)]
struct Glances {
    lengths: (usize, usize),
    /// Signs that only the one has.
    surplus: (usize, usize),
    is_first_same: bool,
    shares_word: bool,
}

impl Glances {
    const fn new(a: u64, b: u64, signs: u64) -> Self {
        let lengths = ((a >> 52 & 63) as usize, (b >> 52 & 63) as usize);
        let surplus = ((a & !b & signs).count_ones() as usize, (b & !a & signs).count_ones() as usize);
        Self { lengths, surplus, is_first_same: a >> 58 == b >> 58, shares_word: a & b & WORDS != 0 }
    }

    fn most_surplus(self) -> usize {
        self.surplus.0.max(self.surplus.1)
    }

    /// The most that the Jaro–Winkler similarity can be.
    fn most_similar(self) -> f64 {
        let (a, b) = self.lengths;
        if a == MOST_LENGTH || b == MOST_LENGTH {
            return 1.0;
        }
        let matches = a.saturating_sub(self.surplus.0).min(b.saturating_sub(self.surplus.1)) as f64;
        let jaro = (matches / a.max(1) as f64 + matches / b.max(1) as f64 + 1.0) / 3.0;
        if self.is_first_same { 0.4_f64.mul_add(1.0 - jaro, jaro) } else { jaro }
    }

    /// The one with fewer signs may be the beginning, or the end, of the other.
    const fn may_be_part(self) -> bool {
        if self.lengths.0 <= self.lengths.1 { self.surplus.0 == 0 } else { self.surplus.1 == 0 }
    }
}

/// The level of two different values, where their glances tell it.
pub fn level(kind: Kind, a: u64, b: u64) -> Option<u8> {
    if kind == Kind::Date {
        return (a != 0 && b != 0).then(|| date::level_of_digits(a.to_be_bytes(), b.to_be_bytes()));
    }
    (a != UNSEEN && b != UNSEEN && differs(kind, a, b)).then_some(0)
}

/// Is the level of two different values certainly 0?
fn differs(kind: Kind, a: u64, b: u64) -> bool {
    let seen = Glances::new(a, b, if is_place(kind) { LETTERS } else { SIGNS });
    match kind {
        Kind::Given | Kind::Family => seen.most_surplus() > 1 && !seen.may_be_part() && seen.most_similar() < 0.799,
        Kind::Identifier | Kind::Phone | Kind::House => {
            seen.lengths.0.min(seen.lengths.1) < 3 || (seen.most_surplus() > 2 && !seen.may_be_part())
        }
        Kind::Postcode => seen.most_surplus() > 1 && !seen.is_first_same,
        Kind::Street | Kind::Town => seen.most_surplus() > 2 && !seen.shares_word && seen.most_similar() < 0.849,
        Kind::Sex | Kind::Region => true,
        Kind::Middle | Kind::Date | Kind::Email | Kind::Word | Kind::Commune | Kind::Company => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::comparison::KINDS;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_glance_never_misses_an_agreement(
            a in "[a-dàạđ .-]{1,12}", b in "[a-dàạđ .-]{1,12}", c in "[0-4]{1,10}", d in "[0-4]{1,10}", cut in 0..9usize
        ) {
            let near: String = a.chars().take(cut).chain(b.chars().skip(cut)).collect();
            let end: String = c.chars().skip(cut).collect();
            for (_, kind) in KINDS {
                for (a, b) in [(&a, &b), (&c, &d), (&a, &near), (&b, &near), (&c, &end)] {
                    if a != b && !b.is_empty()
                        && let Some(level) = level(kind, glance(kind, a), glance(kind, b))
                    {
                        prop_assert_eq!(kind.level(a, b), level, "{:?} {:?} {:?}", kind, a, b);
                    }
                }
            }
        }
    }
}
