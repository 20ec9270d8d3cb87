//! Near-duplicate signatures of a text: MinHash (Broder 1997).
//!
//! The text is a set of units, the pairs of words that not everybody writes. Kept are the least hashes of the set (a
//! bottom-k sketch): all of them where they are few, as in most texts, so that the share of common units is exact then
//! and an estimate else, both of the union (Jaccard) and of the smaller text (containment), which tells a paper from the
//! line that a clerk made of it. Bands for blocking are minima under permutations of their own, a few rows together.

use serde::{Deserialize, Serialize};

use super::super::hash;

/// Hashes kept of one text.
const KEPT: usize = 64;
/// Bands of one text, each a stored key.
pub const BANDS: usize = 6;
/// Minima that a band takes together.
const ROWS: usize = 3;
/// Units under which a band would be an accident.
const LEAST: usize = 6;

/// The signature of one text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    /// The least hashes of its units, in order.
    hashes: Vec<u32>,
    /// How many units it has.
    units: u32,
    bands: Vec<u64>,
}

/// Shares of units that two texts have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    /// Of all units of both.
    pub jaccard: f32,
    /// Of the units of the smaller.
    pub containment: f32,
    /// Units of the smaller.
    pub smaller: u32,
}

impl Sketch {
    /// Of the hashes of all units, in any order, repeated or not.
    pub fn of(units: Vec<u64>) -> Self {
        let mut hashes: Vec<u32> = units.into_iter().map(|unit| (hash::mix(unit) >> 32) as u32).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let units = hashes.len() as u32;
        let bands = if hashes.len() < LEAST { Vec::new() } else { bands(&hashes) };
        hashes.truncate(KEPT);
        Self { hashes, units, bands }
    }

    pub const fn is_empty(&self) -> bool {
        self.units == 0
    }

    /// Of texts that share much at least one is common: at a Jaccard similarity of 0.6 to 77 of 100, of 0.8 to 99.
    pub fn bands(&self) -> &[u64] {
        &self.bands
    }

    /// `None` where one of them has no unit.
    pub fn shared(&self, other: &Self) -> Option<Shared> {
        let smaller = self.units.min(other.units);
        if smaller == 0 {
            return None;
        }
        // only up to the least hash at which one of them was cut off do both tell all
        let cut = |sketch: &Self| if sketch.units as usize > KEPT { sketch.hashes.last().copied() } else { None };
        let end = cut(self).unwrap_or(u32::MAX).min(cut(other).unwrap_or(u32::MAX));
        let (mut a, mut b) = (self.hashes.iter().peekable(), other.hashes.iter().peekable());
        let (mut both, mut of_a, mut of_b) = (0_u32, 0_u32, 0_u32);
        while let Some(next) = a.peek().into_iter().chain(b.peek()).min().map(|next| **next).filter(|next| *next <= end)
        {
            let in_a = a.next_if(|hash| **hash == next).is_some();
            let in_b = b.next_if(|hash| **hash == next).is_some();
            both += u32::from(in_a && in_b);
            of_a += u32::from(in_a);
            of_b += u32::from(in_b);
        }
        let union = (of_a + of_b - both).max(1) as f32;
        let jaccard = both as f32 / union;
        // the union by inclusion and exclusion: |A ∩ B| = J (|A| + |B|) / (1 + J)
        let common = jaccard * (self.units + other.units) as f32 / (1.0 + jaccard);
        Some(Shared { jaccard, containment: (common / smaller as f32).min(1.0), smaller })
    }
}

/// The least of all hashes under each of so many permutations (multiply, add, shift: Dietzfelbinger 1997), and those in
/// bands.
fn bands(hashes: &[u32]) -> Vec<u64> {
    let mut draws = hash::Draws::new(SEED);
    let least = |draws: &mut hash::Draws| {
        let (factor, add) = (draws.next() | 1, draws.next());
        hashes.iter().map(|hash| (u64::from(*hash).wrapping_mul(factor).wrapping_add(add) >> 32) as u32).min()
    };
    (0..BANDS as u64)
        .map(|band| (0..ROWS).fold(band, |key, _| hash::join(key, u64::from(least(&mut draws).unwrap_or(0)))))
        .collect()
}

/// Another one would orphan every stored key.
const SEED: u64 = 0x0bad_cafe_2026_1127;

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(range: std::ops::Range<u64>) -> Sketch {
        Sketch::of(range.map(hash::mix).collect())
    }

    #[test]
    fn small_sets_are_compared_exactly() {
        let shared = sketch(0..20).shared(&sketch(10..40)).unwrap();
        assert_eq!(shared, Shared { jaccard: 0.25, containment: 0.5, smaller: 20 });
        let whole = Shared { jaccard: 1.0, containment: 1.0, smaller: 9 };
        assert_eq!(sketch(0..9).shared(&sketch(0..9)), Some(whole));
        let nothing = Shared { jaccard: 0.0, containment: 0.0, smaller: 9 };
        assert_eq!(sketch(0..9).shared(&sketch(9..19)), Some(nothing));
        assert_eq!(sketch(0..0).shared(&sketch(0..9)), None);
    }

    #[test]
    fn large_sets_are_estimated() {
        let mut worst: f32 = 0.0;
        for start in 0..200 {
            // 0.5 of the union, 0.67 of each
            let (a, b) = (sketch(start * 1_000..start * 1_000 + 300), sketch(start * 1_000 + 100..start * 1_000 + 400));
            let shared = a.shared(&b).unwrap();
            worst = worst.max((shared.jaccard - 0.5).abs());
            assert_eq!(Some(shared), b.shared(&a));
        }
        // four standard deviations of a sample of 64
        assert!(worst < 0.25, "{worst}");
    }

    #[test]
    fn likeness_meets_in_a_band_and_difference_does_not() {
        let meet = |a: &Sketch, b: &Sketch| a.bands().iter().any(|band| b.bands().contains(band));
        let found = |shift: u64| {
            let pairs = (0..400)
                .map(|n| (sketch(n * 1_000..n * 1_000 + 100), sketch(n * 1_000 + shift..n * 1_000 + shift + 100)));
            pairs.filter(|(a, b)| meet(a, b)).count()
        };
        // Jaccard 0.82, 0.54 and 0.05
        let (near, half, far) = (found(10), found(30), found(90));
        assert!(near >= 390 && (200..360).contains(&half) && far <= 8, "{near} {half} {far}");
        assert!(sketch(0..5).bands().is_empty());
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        let (mut some, all) = ((0..90).map(hash::mix).collect::<Vec<_>>(), sketch(0..90));
        some.reverse();
        some.extend_from_within(..40);
        assert!(Sketch::of(some) == all);
    }
}
