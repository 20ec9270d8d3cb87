//! Postal codes: one sign wrong, or the same part of the country.

use super::similarity::within_edits;

pub const LEVELS: &[&str] = &["different", "area", "near", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    if a.len().min(b.len()) >= 3 && within_edits(a, b, 1) {
        return 2;
    }
    u8::from(area(a) == area(b))
}

/// The part of a postal code that names the district: what stands before a blank, or the first half.
pub fn area(code: &str) -> &str {
    code.split_once(' ').map_or_else(|| code.get(..code.len().div_ceil(2)).unwrap_or(code), |(area, _)| area)
}
