//! A hash that is the same on every machine and for ever: keys of blocking and places in a sample rest on it.

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Spreads the bits of a number over all 64 (the finalizer of MurmurHash3, Appleby 2011, public domain).
pub const fn mix(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    x = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// Two hashes as one; the order counts.
pub const fn join(a: u64, b: u64) -> u64 {
    mix(a.rotate_left(23).wrapping_mul(FACTOR) ^ b)
}

/// Of a text, by its bytes.
pub fn text(text: &str) -> u64 {
    let mut hash = (text.len() as u64).wrapping_mul(FACTOR);
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
    }
    mix(hash)
}

/// A row of numbers that looks like chance and is the same each time (SplitMix64, Steele et al. 2014).
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(FACTOR);
        mix(self.0)
    }

    /// A number under `end`; 0 where `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        ((self.next() as u128 * end as u128) >> 64) as u64
    }

    /// From 0 to 1, 1 not included.
    pub const fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
