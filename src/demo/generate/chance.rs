//! Chance that can be repeated: the same seed throws the same dice on every machine and in every version.

/// A stream of pseudo-random numbers (SplitMix64: Steele, Lea, Flood, OOPSLA 2014). Not for secrets.
///
/// Its own few lines rather than a crate, because a crate may change its algorithm between versions and with it
/// every record of the demo.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another stream, named by `label`: what is thrown there does not shift what is thrown here.
    #[must_use]
    pub fn fork(&self, label: u64) -> Self {
        let mut fork = Self(self.0 ^ label.wrapping_mul(0xA076_1D64_78BD_642F));
        fork.next();
        fork
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "an endless stream of bits, not an iterator to be collected")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `bound` - 1; 0 where `bound` is 0. The bias of a 32-bit bound in 64 bits is beyond notice.
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(bound) * (self.next() >> 32)) >> 32) as u32
    }

    /// `from` to `to`, both included; `from` where `to` is less.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// True in `percent` of 100 throws.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// True in `permille` of 1,000 throws.
    pub fn rarely(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// One of a list that is not empty.
    #[expect(clippy::indexing_slicing, reason = "every list of the generator is a constant with entries")]
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u32) as usize]
    }

    /// One of a list of words that is not empty.
    pub fn word(&mut self, list: &[&'static str]) -> &'static str {
        let word: &&str = self.pick(list);
        word
    }

    /// One of a list by weight; the first where all weights are 0.
    #[expect(clippy::indexing_slicing, reason = "every list of the generator is a constant with entries")]
    pub fn weighted<'a, T>(&mut self, list: &'a [(T, u32)]) -> &'a T {
        let mut left = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in list {
            if left < *weight {
                return value;
            }
            left -= weight;
        }
        &list[0].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // the first numbers of SplitMix64 for seed 1234567, from the reference implementation
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.next(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn bounds_hold_and_weights_count() {
        let mut dice = Dice::new(1);
        let mut seen = [0_u32; 3];
        for _ in 0..10_000 {
            assert!((3..=5).contains(&dice.between(3, 5)));
            seen[usize::from(*dice.weighted(&[(0_u8, 70), (1, 20), (2, 10)]))] += 1;
        }
        assert!((6_700..7_300).contains(&seen[0]) && (800..1_200).contains(&seen[2]), "{seen:?}");
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn a_fork_leaves_the_stream_alone() {
        let mut alone = Dice::new(7);
        let mut forked = Dice::new(7);
        assert_ne!(forked.fork(1).next(), forked.fork(2).next());
        assert_eq!(alone.next(), forked.next());
    }
}
