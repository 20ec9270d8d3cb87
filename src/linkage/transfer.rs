//! The way of a petition between agencies (chuyển đơn): how often it was sent on, and whether it came back.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Action, NormalizedRecord, ReferenceRelation};
use crate::normalize::document;

use super::key;

/// The hops of one petition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfers {
    /// From one agency code to another, with the numbers of the letters of transfer that are known.
    hops: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Transfers {
    /// All hops that the records of one petition tell of, each once, whoever tells it: the sender in its event or
    /// reference, the receiver in its own. Two letters between the same two agencies are two hops.
    pub fn of<'r>(records: impl IntoIterator<Item = &'r NormalizedRecord>) -> Self {
        let mut transfers = Self::default();
        for record in records {
            for reference in key::references(record) {
                let letter = reference.document_no.as_deref();
                match (reference.relation, &reference.agency) {
                    (ReferenceRelation::TransferredFrom, Some(from)) => transfers.add(from, &record.agency, letter),
                    (ReferenceRelation::TransferredTo, Some(to)) => transfers.add(&record.agency, to, letter),
                    _ => {}
                }
            }
            for event in record.events.iter().filter(|event| event.action == Action::Transferred) {
                if let Some(to) = &event.to_agency {
                    let from = event.agency.as_deref().unwrap_or(&record.agency);
                    transfers.add(from, to, event.document_no.as_deref());
                }
            }
        }
        transfers
    }

    fn add(&mut self, from: &str, to: &str, letter: Option<&str>) {
        if from != to {
            let letters = self.hops.entry((from.to_owned(), to.to_owned())).or_default();
            letters.extend(letter.and_then(document::number_key));
        }
    }

    /// How many times the petition was sent on.
    pub fn count(&self) -> i32 {
        let hops: usize = self.hops.values().map(|letters| letters.len().max(1)).sum();
        i32::try_from(hops).unwrap_or(i32::MAX)
    }

    /// Whether the petition came back to an agency that had sent it on (a cycle in the graph of hops).
    pub fn has_loop(&self) -> bool {
        // Kahn 1962: take away agencies that receive nothing; what cannot be taken away lies on a cycle or behind one
        let mut received: BTreeMap<&str, usize> = BTreeMap::new();
        let mut sent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in self.hops.keys() {
            received.entry(from).or_default();
            *received.entry(to).or_default() += 1;
            sent.entry(from).or_default().push(to);
        }
        let mut first: Vec<&str> =
            received.iter().filter(|(_, count)| **count == 0).map(|(agency, _)| *agency).collect();
        let mut taken = 0;
        while let Some(agency) = first.pop() {
            taken += 1;
            for to in sent.remove(agency).unwrap_or_default() {
                let count = received.entry(to).or_default();
                *count -= 1;
                if *count == 0 {
                    first.push(to);
                }
            }
        }
        taken < received.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn transfers(hops: &[(&str, &str)]) -> Transfers {
        let hops = hops.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        Transfers { hops: hops.map(|hop| (hop, BTreeSet::new())).collect() }
    }

    #[test]
    fn loops() {
        for (hops, wanted) in [
            (vec![], false),
            (vec![("A", "B")], false),
            (vec![("A", "B"), ("B", "C"), ("C", "D")], false),
            (vec![("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")], false),
            (vec![("A", "B"), ("B", "A")], true),
            (vec![("A", "B"), ("B", "C"), ("C", "A")], true),
            (vec![("A", "B"), ("B", "C"), ("C", "B"), ("C", "D")], true),
            (vec![("X", "Y"), ("A", "B"), ("B", "A"), ("Y", "Z")], true),
        ] {
            assert_eq!(transfers(&hops).has_loop(), wanted, "{hops:?}");
            assert_eq!(transfers(&hops).count(), i32::try_from(hops.len()).unwrap());
        }
    }

    proptest! {
        /// Agencies that only send to later ones never make a loop; one hop back from the end to the start does.
        #[test]
        fn only_a_way_back_is_a_loop(pairs in proptest::collection::btree_set((0..8u8, 0..8u8), 0..20)) {
            let name = |n: u8| format!("G{n:02}");
            let onward: BTreeSet<(String, String)> =
                pairs.iter().filter(|(a, b)| a < b).map(|(a, b)| (name(*a), name(*b))).collect();
            let mut transfers = Transfers { hops: onward.into_iter().map(|hop| (hop, BTreeSet::new())).collect() };
            prop_assert!(!transfers.has_loop());
            if let Some((from, to)) = transfers.hops.keys().next().cloned() {
                transfers.hops.insert((to, from), BTreeSet::new());
                prop_assert!(transfers.has_loop());
            }
        }
    }

    #[test]
    fn a_second_letter_between_the_same_two_is_a_second_hop() {
        let mut transfers = Transfers::default();
        transfers.add("H26", "G17", None);
        assert_eq!(transfers.count(), 1);
        // the sender's number and the receiver's are one letter
        transfers.add("H26", "G17", Some("12/PC-TD"));
        transfers.add("H26", "G17", Some(" 12/pc-td"));
        assert_eq!(transfers.count(), 1);
        transfers.add("H26", "G17", Some("15/PC-TD"));
        assert_eq!(transfers.count(), 2);
    }
}
