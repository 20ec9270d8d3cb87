//! What everybody writes: abbreviations of offices, and the pairs of words that so many petitions have that they tell
//! none of them from another.
//!
//! The frozen list of common pairs is made by `super::train` and kept as running phrases, so that people can read and
//! mend it: two words that follow one another in a line are a pair.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::super::hash;

/// What offices abbreviate, spelled out; what may be two things is not.
const ABBREVIATIONS: &[(&str, &[&str])] = &[
    ("bhtn", &["bao", "hiem", "that", "nghiep"]),
    ("bhxh", &["bao", "hiem", "xa", "hoi"]),
    ("bhyt", &["bao", "hiem", "y", "te"]),
    ("dc", &["duoc"]),
    ("gcn", &["giay", "chung", "nhan"]),
    ("gcnqsd", &["giay", "chung", "nhan", "quyen", "su", "dung"]),
    ("gcnqsdd", &["giay", "chung", "nhan", "quyen", "su", "dung", "dat"]),
    ("gpmb", &["giai", "phong", "mat", "bang"]),
    ("hdnd", &["hoi", "dong", "nhan", "dan"]),
    ("ko", &["khong"]),
    ("m2", &["m"]),
    ("ng", &["ngay"]),
    ("qd", &["quyet", "dinh"]),
    ("qsdd", &["quyen", "su", "dung", "dat"]),
    ("tand", &["toa", "an", "nhan", "dan"]),
    ("tbd", &["to", "ban", "do"]),
    ("tdc", &["tai", "dinh", "cu"]),
    ("tha", &["thi", "hanh", "an"]),
    ("tp", &["thanh", "pho"]),
    ("ubnd", &["uy", "ban", "nhan", "dan"]),
    ("vksnd", &["vien", "kiem", "sat", "nhan", "dan"]),
    ("vphc", &["vi", "pham", "hanh", "chinh"]),
];

/// The words that an abbreviation stands for.
pub(super) fn spelled_out(word: &str) -> Option<&'static [&'static str]> {
    if word.len() > 7 {
        return None;
    }
    let at = ABBREVIATIONS.binary_search_by(|(short, _)| (*short).cmp(word)).ok()?;
    ABBREVIATIONS.get(at).map(|(_, full)| *full)
}

/// Hash of a word.
pub(super) fn word(letters: &str) -> u64 {
    hash::text(letters)
}

/// Hash of two words in a row.
pub(super) const fn pair(first: u64, second: u64) -> u64 {
    hash::join(first, second)
}

/// A hash that is a hash already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Which pairs of words are common.
#[derive(Debug, Clone, Default)]
pub struct Phrases(HashSet<u64, BuildHasherDefault<AsItIs>>);

impl Phrases {
    /// Reads lines of phrases; what follows `#` is a remark.
    pub fn parse(text: &str) -> Self {
        let mut phrases = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<u64> = line.split_whitespace().map(word).collect();
            phrases.0.extend(words.windows(2).filter_map(|two| match two {
                [first, second] => Some(pair(*first, *second)),
                _ => None,
            }));
        }
        phrases
    }

    pub(super) fn has(&self, pair: u64) -> bool {
        self.0.contains(&pair)
    }
}

/// Pairs as lines of [`Phrases::parse`], each pair once, in lines as long as they get.
pub(super) fn lines(pairs: &BTreeSet<(String, String)>) -> String {
    let mut after: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut before: BTreeMap<&str, usize> = BTreeMap::new();
    for (first, second) in pairs {
        after.entry(first).or_default().insert(second);
        *before.entry(second).or_default() += 1;
    }
    let mut text = String::new();
    while let Some(start) = start(&after, &before) {
        text.push_str(start);
        let mut at = start;
        while let Some(next) = after.get_mut(at).and_then(BTreeSet::pop_first) {
            if let Some(count) = before.get_mut(next) {
                *count = count.saturating_sub(1);
            }
            text.push(' ');
            text.push_str(next);
            at = next;
        }
        after.retain(|_, next| !next.is_empty());
        text.push('\n');
    }
    text
}

/// Where the next line begins: at a word that fewer pairs lead to than from it, else at the first there is.
fn start<'w>(after: &BTreeMap<&'w str, BTreeSet<&'w str>>, before: &BTreeMap<&str, usize>) -> Option<&'w str> {
    let leads = |word: &str, next: &BTreeSet<&str>| next.len() > before.get(word).copied().unwrap_or(0);
    let source = after.iter().find(|(word, next)| leads(word, next)).map(|(word, _)| *word);
    source.or_else(|| after.keys().next().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_in_order() {
        assert!(ABBREVIATIONS.is_sorted_by_key(|(short, _)| *short));
        assert_eq!(spelled_out("ubnd").map(<[_]>::len), Some(4));
        assert_eq!(spelled_out("huyen"), None);
    }

    #[test]
    fn lines_hold_every_pair_once() {
        let pairs: BTreeSet<(String, String)> =
            [("a", "b"), ("b", "c"), ("c", "a"), ("b", "d"), ("x", "b"), ("y", "y")]
                .map(|(first, second)| (first.to_owned(), second.to_owned()))
                .into();
        let text = lines(&pairs);
        let phrases = Phrases::parse(&text);
        assert_eq!(phrases.0.len(), 6, "{text}");
        for (first, second) in &pairs {
            assert!(phrases.has(pair(word(first), word(second))), "{first} {second}: {text}");
        }
        assert!(text.lines().count() <= 4, "{text}");
    }
}
