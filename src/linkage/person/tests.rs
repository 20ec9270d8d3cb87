//! Pairs of petitioners in words, and laws of keys, weights and groups.

use chrono::NaiveDate;

use super::*;
use crate::domain::{Gender, IdKind, Petitioner, Place};
use crate::linkage::cluster::Decisions;

/// A petitioner in words: name, birth date or year, number, phone, commune.
fn petitioner(name: &str, born: &str, number: &str, phone: &str, commune: &str) -> Features {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let id_kind = match number.len() {
        12 => Some(IdKind::Cccd),
        9 => Some(IdKind::Cmnd),
        _ => None,
    };
    let petitioner = Petitioner {
        name: some(name),
        birth_date: NaiveDate::parse_from_str(born, "%Y-%m-%d").ok(),
        birth_year: born.get(..4).and_then(|year| year.parse().ok()),
        id_number: some(number),
        id_kind,
        gender: Some(if name.contains("Thị") { Gender::Female } else { Gender::Male }),
        phones: some(phone).into_iter().collect(),
        place: Place {
            province_code: commune.get(..2).map(str::to_owned),
            commune_code: some(commune),
            ..Place::default()
        },
        ..Petitioner::default()
    };
    features(&petitioner).unwrap()
}

#[test]
fn debug_shows_no_value() {
    let features = petitioner("Nguyễn Văn Hùng", "1965-03-12", "001065000001", "+84912345678", "00892");
    let shown = format!("{features:?} {:?}", Matcher::embedded().weigh(&features, &features));
    for value in ["hùng", "1965", "001065000001", "912345678", "00892"] {
        assert!(!shown.to_lowercase().contains(value), "{shown}");
    }
}

#[test]
fn two_valid_numbers_are_two_people_and_a_chain_does_not_join_them() {
    let matcher = Matcher::embedded();
    let one = petitioner("Nguyễn Văn Hùng", "1965-03-12", "001065000001", "+84912345670", "00892");
    let other = petitioner("Nguyễn Văn Hùng", "1965-03-12", "001065777777", "+84912345670", "00892");
    let between = petitioner("Nguyễn Văn Hùng", "1965-03-12", "", "+84912345670", "00892");
    assert!(matcher.weigh(&one, &other).is_never);
    let nodes = [(2, &one), (1, &between), (0, &other)];
    let weight = |a: usize, b: usize| (a, b, matcher.weigh(nodes[a].1, nodes[b].1).bits);
    let edges = [weight(0, 1), weight(1, 2)];
    assert!(edges.iter().all(|edge| edge.2 >= matcher.link()), "{edges:?}");
    let groups = matcher.groups(&nodes, &edges, &Decisions::default());
    assert_eq!(groups.len(), 2, "{groups:?}");
    assert!(groups.iter().all(|group| !(group.contains(&0) && group.contains(&2))), "{groups:?}");
}
