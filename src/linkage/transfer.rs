//! The way of a petition between agencies (chuyển đơn): how often it was sent on, and whether it came back.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Action, NormalizedRecord, ReferenceRelation};

/// The hops of one petition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfers {
    /// Distinct (from, to) pairs of agency codes.
    hops: BTreeSet<(String, String)>,
}

impl Transfers {
    /// All hops that the records of one petition tell of, each once, whoever tells it.
    pub fn of<'r>(records: impl IntoIterator<Item = &'r NormalizedRecord>) -> Self {
        let mut hops = BTreeSet::new();
        let mut add = |from: &str, to: &str| {
            if from != to {
                hops.insert((from.to_owned(), to.to_owned()));
            }
        };
        for record in records {
            for reference in &record.references {
                match (reference.relation, &reference.agency) {
                    (ReferenceRelation::TransferredFrom, Some(from)) => add(from, &record.agency),
                    (ReferenceRelation::TransferredTo, Some(to)) => add(&record.agency, to),
                    _ => {}
                }
            }
            for event in record.events.iter().filter(|event| event.action == Action::Transferred) {
                if let Some(to) = &event.to_agency {
                    add(event.agency.as_deref().unwrap_or(&record.agency), to);
                }
            }
        }
        Self { hops }
    }

    /// How many times the petition was sent on.
    pub fn count(&self) -> i32 {
        i32::try_from(self.hops.len()).unwrap_or(i32::MAX)
    }

    /// Whether the petition came back to an agency that had sent it on (a cycle in the graph of hops).
    pub fn has_loop(&self) -> bool {
        let mut remaining: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in &self.hops {
            remaining.entry(from).or_default().insert(to);
        }
        // Kahn 1962: take away agencies that send nowhere; what cannot be taken away lies on a cycle or leads to one
        loop {
            let senders: BTreeSet<&str> = remaining.keys().copied().collect();
            let before = remaining.len();
            remaining.retain(|_, to| to.iter().any(|agency| senders.contains(agency)));
            if remaining.len() == before {
                return !remaining.is_empty();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn transfers(hops: &[(&str, &str)]) -> Transfers {
        let hops = hops.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        Transfers { hops: hops.collect() }
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
            let mut transfers = Transfers { hops: onward };
            prop_assert!(!transfers.has_loop());
            if let Some((from, to)) = transfers.hops.first().cloned() {
                transfers.hops.insert((to, from));
                prop_assert!(transfers.has_loop());
            }
        }
    }
}
