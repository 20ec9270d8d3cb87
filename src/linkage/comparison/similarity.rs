//! Distances between texts that several comparisons use.

use rapidfuzz::distance::{jaro_winkler, osa};

/// Which letters and digits a text has, a bit each: two texts without letters in common are told apart at once.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |mask, byte| mask | 1 << (byte & 63))
}

/// Letters that the one has and the other has not, at least.
const fn surplus(a: u64, b: u64) -> usize {
    (a & !b).count_ones() as usize
}

/// The most that the Jaro–Winkler similarity of two texts can be, in ASCII.
fn most_similar(a: &str, b: &str) -> f64 {
    let (letters_a, letters_b) = (letters(a), letters(b));
    let matches = |text: &str, surplus: usize| text.len().saturating_sub(surplus);
    let matches = matches(a, surplus(letters_a, letters_b)).min(matches(b, surplus(letters_b, letters_a))) as f64;
    let jaro = (matches / a.len() as f64 + matches / b.len() as f64 + 1.0) / 3.0;
    let prefix = a.bytes().zip(b.bytes()).take(4).take_while(|(a, b)| a == b).count() as f64;
    prefix.mul_add(0.1 * (1.0 - jaro), jaro)
}

/// Is the Jaro–Winkler similarity at least this?
pub fn is_similar(a: &str, b: &str, least: f64) -> bool {
    let is_plain = a.is_ascii() && b.is_ascii();
    if is_plain && most_similar(a, b) < least - 1e-9 {
        return false;
    }
    let arguments = jaro_winkler::Args::default().score_cutoff(least);
    if is_plain {
        return jaro_winkler::similarity_with_args(a.bytes(), b.bytes(), &arguments).is_some();
    }
    jaro_winkler::similarity_with_args(a.chars(), b.chars(), &arguments).is_some()
}

/// Do at most `most` insertions, deletions, replacements and transpositions lead from one to the other?
pub fn within_edits(a: &str, b: &str, most: usize) -> bool {
    if a.len().abs_diff(b.len()) > 4 * most {
        return false;
    }
    let arguments = osa::Args::default().score_cutoff(most);
    if a.is_ascii() && b.is_ascii() {
        let (letters_a, letters_b) = (letters(a), letters(b));
        return a.len().abs_diff(b.len()) <= most
            && surplus(letters_a, letters_b).max(surplus(letters_b, letters_a)) <= most
            && osa::distance_with_args(a.bytes(), b.bytes(), &arguments).is_some();
    }
    osa::distance_with_args(a.chars(), b.chars(), &arguments).is_some()
}

/// Have they a word in common that is longer than two letters?
pub fn shares_word(a: &str, b: &str) -> bool {
    let split = |c: char| !c.is_alphanumeric();
    if !a.contains(split) && !b.contains(split) {
        return a == b;
    }
    a.split(split).filter(|word| word.len() > 2).any(|word| b.split(split).any(|other| other == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Telling texts apart by their letters never calls alike what is alike different.
        #[test]
        fn the_glance_at_letters_errs_on_one_side(a in "[a-e]{1,9}", b in "[a-e]{1,9}") {
            let similar = jaro_winkler::similarity(a.bytes(), b.bytes());
            prop_assert!(most_similar(&a, &b) >= similar - 1e-9);
            prop_assert!((similar - 0.8).abs() < 1e-9 || is_similar(&a, &b, 0.8) == (similar >= 0.8));
            let edits = osa::distance(a.bytes(), b.bytes());
            prop_assert_eq!(within_edits(&a, &b, 2), edits <= 2);
        }
    }
}
