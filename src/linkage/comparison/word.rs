//! Words that describe somebody: the same, spelled nearly so, or sharing a word.

use super::similarity::{is_similar, shares_word};

pub const LEVELS: &[&str] = &["different", "word", "near", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    if is_similar(a, b, 0.92) {
        return 2;
    }
    u8::from(shares_word(a, b))
}
