//! Middle names: often left out (then there is nothing to compare), often an initial.

use super::similarity::{is_similar, shares_word};
use crate::normalize::text;

pub const LEVELS: &[&str] = &["different", "initial", "near", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    level_of_flat(&text::flat_words(a), &text::flat_words(b))
}

/// Of the flat words of two middle names.
pub fn level_of_flat(a: &str, b: &str) -> u8 {
    if a == b {
        return 3;
    }
    if shares_word(a, b) || is_similar(a, b, 0.88) {
        return 2;
    }
    let initials = |a: &str, b: &str| {
        let mut pairs = a.split(' ').zip(b.split(' '));
        pairs.any(|(a, b)| (a.len() == 1 || b.len() == 1) && a.chars().next() == b.chars().next())
    };
    u8::from(initials(a, b))
}
