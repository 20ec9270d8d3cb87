//! Which pairs are worth comparing: those that share a key, of about five, at most a dozen, that a petitioner gives.
//!
//! A key holds what a person's records rarely differ in, and enough of it that few people share it. Nothing that says
//! nothing is a key: no common name alone, no year alone. Names stand in keys without marks, i for y, the given and the
//! family name in alphabetical order: what is misspelled or has changed places meets its like all the same.

use super::Features;

/// Communes of an address that keys are made for, where it may be one of several.
const COMMUNES: usize = 2;
/// Telephones, and things that stand beside the person, likewise.
const PHONES: usize = 2;
const COMPANY: usize = 3;

/// From how many bits on a whole name is a key by itself: one of a million people has it.
const RARE: u32 = 20;

/// The keys of a petitioner, each once. `rarity`: -log2 of the share of people with the whole name.
pub fn keys(features: &Features, rarity: u32) -> Vec<String> {
    let mut keys = Vec::with_capacity(12);
    let mut key = |rule: &str, parts: &[&str]| {
        if parts.iter().all(|part| !part.is_empty()) {
            keys.push(format!("{rule}:{}", parts.join("|")));
        }
    };
    key("personal number", &[&features.personal_number]);
    key("card", &[&features.card]);
    key("document", &[&features.document]);
    features.phones.iter().take(PHONES).for_each(|phone| key("phone", &[phone]));
    key("email", &[&features.email]);
    key("body", &[&features.organization]);
    let [family, middle, given] = &features.flat.clone().map(|part| part.replace('y', "i"));
    let (first, last) = if family <= given { (family, given) } else { (given, family) };
    let born = birthday(&features.born);
    let year = features.year();
    key("name, birthday", &[first, last, &born]);
    for commune in features.communes.split(' ').take(COMMUNES) {
        key("name, commune", &[first, last, commune]);
        key("birthday, commune", &[&born, commune]);
        key("home, initial", &[&features.house, &features.street, commune, given.get(..1).unwrap_or_default()]);
    }
    key("name, year, province", &[first, last, year, &features.province]);
    key("whole name, year", &[first, middle, last, year]);
    features.company.split(' ').take(COMPANY).for_each(|beside| key("name, company", &[first, last, beside]));
    if rarity >= RARE {
        key("rare name", &[first, middle, last]);
    }
    keys
}

/// A whole birth date, the same when day and month have changed places.
fn birthday(born: &str) -> String {
    let (Some(year), Some(month), Some(day)) = (born.get(..4), born.get(4..6), born.get(6..8)) else {
        return String::new();
    };
    format!("{year}{}{}", month.min(day), month.max(day))
}
