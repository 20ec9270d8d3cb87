//! Blocking: what two filings must share one of, to be compared at all.

use super::super::hash;
use super::super::person::Matcher;
use super::features::Features;
use super::mention::{is_sum, rarity};

/// Petitioners that give keys; of a list, those whose names have the least hashes, which two lists share.
const PEOPLE: usize = 3;
const PARCELS: usize = 2;
const DOCUMENTS: usize = 3;
const SUMS: usize = 2;
const DETAILS: usize = 2;

/// Rules for persons that find filings too. Two who share a birthday in a commune seldom file together.
const PERSONAL: &[&str] = &[
    "personal number",
    "card",
    "document",
    "phone",
    "body",
    "name, birthday",
    "name, commune",
    "name, year, province",
    "rare name",
];

impl Features {
    /// Static blocking rules as texts, each once: bands of the text; the decision complained of; documents named; the
    /// decision that settled it; parcels; sums and measures; other numbers within a commune; petitioners; the person it is
    /// against. They are hashed with the key ring before anybody keeps them.
    pub fn keys(&self, matcher: &Matcher) -> Vec<String> {
        let mut keys = Vec::with_capacity(24);
        let province = self.province.as_deref().unwrap_or("");
        keys.extend(self.text.bands().iter().map(|band| format!("text:{band:x}")));
        let named = self.documents.iter().filter(|document| document.sign != 0 || document.on.is_some());
        for document in self.act.iter().chain(self.settled.iter()).chain(named.take(DOCUMENTS)) {
            keys.push(format!("document, province:{}|{province}", document.number));
            keys.extend(document.on.map(|on| format!("document, day:{}|{on}", document.number)));
        }
        for parcel in self.parcels.iter().filter(|parcel| parcel.is_whole()).take(PARCELS) {
            keys.push(format!("parcel:{}|{}|{province}", parcel.plot, parcel.sheet));
        }
        let group = self.category.as_deref().unwrap_or("").split('.').next().unwrap_or("");
        for sum in self.numbers.iter().rev().filter(|number| is_sum(**number)).take(SUMS) {
            keys.push(format!("sum:{sum:x}|{group}"));
        }
        if let Some(commune) = &self.commune {
            let details = self.numbers.iter().rev().filter(|number| !is_sum(**number) && rarity(**number) > 2);
            keys.extend(details.take(DETAILS).map(|detail| format!("detail:{detail:x}|{group}|{commune}")));
        }
        for party in self.people.iter().take(PEOPLE) {
            let personal = matcher.keys(&party.person).into_iter();
            keys.extend(personal.filter(|key| key.split_once(':').is_some_and(|(rule, _)| PERSONAL.contains(&rule))));
        }
        if !self.is_authority && self.against.len() > 1 {
            let whom = self.against.iter().fold(0, |whom, word| hash::join(whom, u64::from(*word)));
            keys.push(format!("against:{whom:x}|{province}"));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}
