//! Which pairs are worth comparing: those that share a key, of at most ten that a petitioner gives.
//!
//! A key holds what a person's records rarely differ in, and enough of it that few people share it. Nothing that says
//! nothing is a key: no common name alone, no year alone.

use super::Features;
use crate::normalize::text;

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
        key("body", &[&features.organization, &features.province]);
    }
    let flat = |part: &str| text::flat_key(part);
    let (family, middle, given) = (flat(&features.family), flat(&features.middle), flat(&features.given));
    let born = birthday(&features.born);
    key("name, birthday", &[&family, &given, &born]);
    key("birthday, commune", &[&born, features.communes.first().map_or("", String::as_str)]);
    for commune in features.communes.iter().take(COMMUNES) {
        key("name, commune", &[&family, &given, commune]);
    }
    if features.communes.is_empty() {
        key("name, year, province", &[&family, &middle, &given, features.year(), &features.province]);
    }
    keys.dedup();
    keys
}

/// A whole birth date, the same when day and month have changed places.
fn birthday(born: &str) -> String {
    let (Some(year), Some(month), Some(day)) = (born.get(..4), born.get(4..6), born.get(6..8)) else {
        return String::new();
    };
    format!("{year}{}{}", month.min(day), month.max(day))
}
