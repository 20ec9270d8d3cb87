//! Numbers that name something: one digit wrong or two in the wrong order, two digits wrong, or the end the same (a
//! CMND number of nine digits within a longer one, a telephone number without its code).

use super::similarity::within_edits;

pub const LEVELS: &[&str] = &["different", "two_digits", "near", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 3 {
        return 0;
    }
    if within_edits(a, b, 1) || (short.len() >= 7 && long.ends_with(short)) {
        return 2;
    }
    u8::from(short.len() >= 6 && within_edits(a, b, 2))
}
