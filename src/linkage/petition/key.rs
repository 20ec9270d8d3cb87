//! Blocking: what two filings must share one of, to be compared at all.

use super::super::hash;
use super::features::Features;
use super::sketch::BANDS;

/// Most keys of one filing.
pub const MOST: usize = BANDS + 5 * PEOPLE + 2 * PARCELS + DOCUMENTS + 4;
/// Petitioners that give keys; of a list, those whose names have the least hashes, which two lists share.
const PEOPLE: usize = 3;
const PARCELS: usize = 2;
const DOCUMENTS: usize = 3;

impl Features {
    /// Static blocking rules as texts, each once: bands of the text; the decision complained of; documents named; the
    /// decision that settled it; parcels; petitioners; the person it is against. They are hashed with the key ring before
    /// anybody keeps them.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::with_capacity(MOST);
        let province = self.province().unwrap_or("");
        keys.extend(self.text.bands().iter().map(|band| format!("t{band:x}")));
        if let (Some(act), Some(on)) = (self.act, self.act_on) {
            keys.push(format!("d{}:{on}", act.number));
        }
        let named = self.documents.iter().filter(|document| document.sign != 0).take(DOCUMENTS);
        for document in self.act.iter().chain(self.settled.iter()).chain(named) {
            keys.push(format!("n{}:{province}", document.number));
        }
        for parcel in self.parcels.iter().filter(|parcel| parcel.is_whole()).take(PARCELS) {
            keys.push(format!("l{}:{}:{province}", parcel.plot, parcel.sheet));
        }
        self.people.iter().take(PEOPLE).for_each(|person| person.keys(&mut keys));
        if !self.is_authority && self.against.len() > 1 {
            let whom = self.against.iter().fold(0, |whom, word| hash::join(whom, u64::from(*word)));
            keys.push(format!("a{whom:x}:{province}"));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}
