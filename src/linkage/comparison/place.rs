//! Streets and towns: a slip of the pen, or a name within a longer one (`Bristol`, `Bristol, City of`).

use super::similarity::{is_similar, shares_word, within_edits};
use crate::normalize::text;

pub const LEVELS: &[&str] = &["different", "word", "near", "same"];

pub fn level(a: &str, b: &str) -> u8 {
    if a.is_ascii() && b.is_ascii() {
        return plain(a, b);
    }
    let (a, b) = (text::flat_words(a), text::flat_words(b));
    if a == b { 3 } else { plain(&a, &b) }
}

fn plain(a: &str, b: &str) -> u8 {
    if within_edits(a, b, 2) && a.len().min(b.len()) >= 4 || is_similar(a, b, 0.94) {
        return 2;
    }
    u8::from(shares_word(a, b) || is_similar(a, b, 0.85))
}
