//! Names: the same, the same without its marks, a slip of the pen, a short form or an initial, alike.

use super::similarity::{is_similar, within_edits};
use crate::normalize::text;

pub const LEVELS: &[&str] = &["different", "similar", "short", "near", "unmarked", "same"];
pub const SIMILAR: u8 = 1;
pub const SHORT: u8 = 2;
pub const NEAR: u8 = 3;
const UNMARKED: u8 = 4;
const SAME: u8 = 5;

pub fn level(a: &str, b: &str) -> u8 {
    if a.is_ascii() && b.is_ascii() {
        return plain(a, b);
    }
    if text::toned_key(a) == text::toned_key(b) {
        return SAME;
    }
    let (a, b) = (text::flat_words(a), text::flat_words(b));
    if a == b { UNMARKED } else { plain(&a, &b) }
}

/// Of two names whose flat words are known already; each text with its flat words.
pub fn level_of_flat((a, flat_a): (&str, &str), (b, flat_b): (&str, &str)) -> u8 {
    if flat_a != flat_b {
        return plain(flat_a, flat_b);
    }
    if a == b || text::toned_key(a) == text::toned_key(b) { SAME } else { UNMARKED }
}

/// Of names without marks that differ.
fn plain(a: &str, b: &str) -> u8 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() >= 4 && (within_edits(a, b, 1) || is_similar(a, b, 0.93)) {
        return NEAR;
    }
    if long.starts_with(short) && !short.is_empty() {
        return SHORT;
    }
    if short.len() == 3 && within_edits(a, b, 1) {
        return NEAR;
    }
    if is_similar(a, b, 0.8) { SIMILAR } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        for (a, b, wanted) in [
            ("hoà", "hòa", SAME),
            ("thị hoa", "thi hoa", UNMARKED),
            ("đức", "duc", UNMARKED),
            ("gerald", "gerard", NEAR),
            ("thomas", "thoas", NEAR),
            ("rob", "robert", SHORT),
            ("h", "hoa", SHORT),
            ("alan", "allen", SIMILAR),
            ("lan", "minh", 0),
        ] {
            assert_eq!(level(a, b), wanted, "{a} {b}");
        }
    }
}
