//! Which pairs are worth comparing: those that share a key, of at most ten that a petitioner gives.
//!
//! A key holds what a person's records rarely differ in, and enough of it that few people share it. Nothing that says
//! nothing is a key: no common name alone, no year alone.

use super::Features;

/// Communes of an address that keys are made for, where it may be one of several.
const COMMUNES: usize = 2;

/// The keys of a petitioner, each once.
pub fn keys(features: &Features) -> Vec<String> {
    let mut keys = Vec::with_capacity(10);
    let mut key = |rule: &str, parts: &[&str]| {
        if parts.iter().all(|part| !part.is_empty()) {
            keys.push(format!("{rule}:{}", parts.join("|")));
        }
    };
    key("personal number", &[&features.personal_number]);
    key("card", &[&features.card]);
    key("document", &[&features.document]);
    features.phones.iter().take(2).for_each(|phone| key("phone", &[phone]));
    key("email", &[&features.email]);
    if features.is_body() {
        key("body", &[&features.organization]);
    }
    let [family, middle, given] = &features.flat;
    let born = birthday(&features.born);
    key("name, birthday", &[family, given, &born]);
    for commune in features.communes.split(' ').take(COMMUNES) {
        key("birthday, commune", &[&born, commune]);
        key("name, commune", &[family, given, commune]);
    }
    key("name, year, province", &[family, given, features.year(), &features.province]);
    features.company.split(' ').take(2).for_each(|beside| key("name, company", &[family, given, beside]));
    key("whole name, year", &[family, middle, given, features.year()]);
    keys
}

/// A whole birth date, the same when day and month have changed places.
fn birthday(born: &str) -> String {
    let (Some(year), Some(month), Some(day)) = (born.get(..4), born.get(4..6), born.get(6..8)) else {
        return String::new();
    };
    format!("{year}{}{}", month.min(day), month.max(day))
}
