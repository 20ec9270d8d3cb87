//! A case (vụ việc) out of its petitions and receptions.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

use crate::clock::HANOI;
use crate::domain::{NormalizedRecord, Stage};

use super::survivorship::{Petition, Reception};

/// A consolidated case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    pub opened_on: NaiveDate,
    pub last_activity_on: NaiveDate,
    pub petition_count: i32,
    pub reception_count: i32,
    /// People behind its petitions, added up: who stands behind several of them is taken off where persons are known.
    pub person_count: i32,
    pub agency_count: i32,
    /// Of the petition that moved last; `None` where the case has receptions alone.
    pub stage: Option<Stage>,
    pub is_open: bool,
}

/// One case out of what it holds; `None` when it holds nothing.
pub fn case<'r>(
    petitions: &[&Petition],
    receptions: &[&Reception],
    records: impl IntoIterator<Item = &'r NormalizedRecord>,
) -> Option<Case> {
    let mut days = BTreeSet::new();
    let mut agencies = BTreeSet::new();
    for record in records {
        days.insert(record.received_on);
        days.extend(record.decision_on);
        days.extend(record.events.iter().filter_map(|event| Some(event.at?.with_timezone(&HANOI).date_naive())));
        agencies.insert(record.agency.as_str());
    }
    let moved_last = petitions.iter().max_by_key(|petition| (petition.stage_at, petition.stage));
    let opened = petitions.iter().map(|p| p.received_on).chain(receptions.iter().map(|r| r.received_on)).min()?;
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    Some(Case {
        opened_on: opened,
        last_activity_on: days.last().copied().unwrap_or(opened).max(opened),
        petition_count: count(petitions.len()),
        reception_count: count(receptions.len()),
        person_count: petitions.iter().map(|petition| petition.petitioner_count).fold(0, i32::saturating_add),
        agency_count: count(agencies.len()),
        stage: moved_last.map(|petition| petition.stage),
        is_open: petitions.is_empty() || petitions.iter().any(|petition| !petition.stage.is_final()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::survivorship;
    use super::super::survivorship::tests::{member, record};
    use super::*;

    #[test]
    fn a_case_spans_what_it_holds() {
        let first = record(
            "bxd",
            "1",
            &serde_json::json!({ "received_on": "2026-01-05", "stage": "settled", "decision_on": "2026-04-01" }),
        );
        let second = record("hanoi", "2", &serde_json::json!({ "received_on": "2026-05-02", "stage": "verifying" }));
        let petitions: Vec<_> =
            [&first, &second].iter().map(|r| survivorship::petition(&[member((*r).clone())]).unwrap()).collect();
        let case_of = |count: usize| {
            let petitions: Vec<&Petition> = petitions.iter().take(count).collect();
            case(&petitions, &[], [&first, &second].into_iter().take(count)).unwrap()
        };
        let one = case_of(1);
        assert_eq!((one.is_open, one.stage, one.agency_count), (false, Some(Stage::Settled), 1));
        assert_eq!(
            (one.opened_on.to_string(), one.last_activity_on.to_string()),
            ("2026-01-05".into(), "2026-04-01".into())
        );
        let both = case_of(2);
        assert_eq!((both.is_open, both.stage, both.petition_count), (true, Some(Stage::Verifying), 2));
        assert_eq!(both.last_activity_on.to_string(), "2026-05-02");
        assert_eq!(case(&[], &[], []), None);
    }

    #[test]
    fn receptions_alone_are_an_open_case() {
        let mut turn = record("bxd", "1", &serde_json::json!({ "received_on": "2026-01-05" }));
        turn.kind = crate::domain::Kind::Reception;
        let reception = survivorship::reception(&[member(turn.clone())]).unwrap();
        let case = case(&[], &[&reception], [&turn]).unwrap();
        assert_eq!((case.is_open, case.stage, case.reception_count), (true, None, 1));
    }
}
