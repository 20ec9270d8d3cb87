//! Which agencies read a petition or a reception: who is bound to one of them sees it, who is bound to another does not.
//!
//! An agency reads what it, or one beneath it, holds or has to act on; what a source says another agency holds it does not
//! make that one read. Whoever is complained of does not read the complaint, in whatever words a record names it: neither
//! the agency itself, nor one beneath it, which answers to it, nor one above it, nor who took its duties over. Where a record
//! is against somebody and nobody can tell whose that is, no bound reader sees it. What is sealed none of them sees: of a
//! denunciation it is often not told against whom it is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::domain::NormalizedRecord;
use crate::normalize::agency;
use crate::normalize::text::flat_key;
use crate::reference::agency::{self as table, is_within, plain};

/// One record, and the agency whose source it came from.
pub struct Held<'r> {
    pub record: &'r NormalizedRecord,
    pub home: &'r str,
}

/// The agencies that read what these open records tell of, in order. `responsible`: who has to act on it.
pub fn readers(held: &[Held<'_>], responsible: Option<&str>) -> Vec<String> {
    let mut against: BTreeSet<String> = BTreeSet::new();
    for Held { record, .. } in held {
        let Some(of) = complained_of(record) else { return Vec::new() };
        against.extend(of.iter().flat_map(|code| with_successor(code)));
    }
    let holders = held.iter().map(|Held { record, home }| holder(&record.agency, home)).chain(responsible);
    let holders: BTreeSet<String> = holders.filter(|agency| is_code(agency)).map(plain).collect();
    let is_involved = |agency: &str| {
        let all = with_successor(agency);
        against.iter().any(|of| all.iter().any(|agency| is_within(agency, of) || is_within(of, agency)))
    };
    let all: BTreeSet<&str> = holders.iter().flat_map(|agency| with_all_above(agency)).collect();
    all.into_iter().filter(|agency| !is_involved(agency)).map(str::to_owned).collect()
}

/// Who holds a record: whom it names, if that is its source's own agency or one beneath it, and else its source's own.
fn holder<'r>(named: &'r str, home: &'r str) -> &'r str {
    if is_within(named, home) { named } else { home }
}

/// Whom a record is against: by the code of an agency, and by names of agencies and provinces in what it says. `None`: it is
/// against somebody, and whose that is cannot be told.
fn complained_of(record: &NormalizedRecord) -> Option<BTreeSet<String>> {
    let against = &record.against;
    let mut codes: BTreeSet<String> = against.agency.iter().map(|code| plain(code)).collect();
    if let Some(name) = &against.name {
        let parts: Vec<&str> = name.split([',', ';', '-', '–', '(', ')', '/', ':']).collect();
        let read = |part: &str| agency::read(part, against.decision_on).value.map(|body| plain(&body.code));
        codes.extend(read(name));
        codes.extend(parts.iter().filter(|_| parts.len() > 1).filter_map(|part| read(part)));
        // bodies of a ministry in a province are the province's business too
        let flat = flat_key(name);
        let provinces = PLACES.iter().filter(|(place, _)| flat.contains(place.as_str()));
        codes.extend(provinces.map(|(_, code)| (*code).to_owned()));
        if codes.is_empty() {
            return None;
        }
    }
    Some(codes)
}

/// Provinces by the flat key of their names, without what all of their people's committees are called.
static PLACES: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    let bare = |rest: String, called: &&str| rest.strip_prefix(called).map_or(rest.clone(), str::to_owned);
    let place = |name: &str| ["uybannhandan", "thanhpho", "tinh"].iter().fold(flat_key(name), bare);
    let provinces = table::all().iter().filter(|row| row.level == "province");
    provinces.map(|row| (place(row.name), row.code)).collect()
});

/// An agency, and who has its duties today.
fn with_successor(code: &str) -> Vec<String> {
    let mut all = vec![code.to_owned()];
    if let Some(today) = code.split('.').next().and_then(table::today)
        && !is_within(code, today.code)
    {
        all.push(today.code.to_owned());
    }
    all
}

fn is_code(agency: &str) -> bool {
    !agency.is_empty() && agency.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// `H29`, `H29.12` and `H29.12.3` of `H29.12.3`.
fn with_all_above(agency: &str) -> impl Iterator<Item = &str> {
    let ends = agency.match_indices('.').map(|(at, _)| at).chain([agency.len()]);
    ends.filter_map(|end| agency.get(..end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::survivorship::tests::record;
    use serde_json::{Value, json};

    #[test]
    fn tables() {
        let held = |agency: &str| json!({ "agency": agency });
        let against = |agency: &str, whom: Value| json!({ "agency": agency, "against": whom });
        for (records, responsible, wanted) in [
            (vec![held("H29")], None, vec!["H29"]),
            (vec![held("H29.12.3")], None, vec!["H29", "H29.12", "H29.12.3"]),
            (vec![held("H29.12"), held("G17")], Some("H26"), vec!["G17", "H26", "H29", "H29.12"]),
            // against the agency, one above it, one beneath it, another one
            (vec![against("H29", json!({ "agency": "H29" }))], None, vec![]),
            (vec![against("H29.12", json!({ "agency": "H29" }))], None, vec![]),
            (vec![against("H29", json!({ "agency": "H29.12" }))], None, vec![]),
            (vec![against("H29.12", json!({ "agency": "H29.13" }))], None, vec!["H29.12"]),
            (vec![against("H29.12", json!({ "agency": "G17" }))], None, vec!["H29", "H29.12"]),
            // one record says so, the other holds it
            (vec![against("G17", json!({ "agency": "H29" })), held("H29.12")], None, vec!["G17"]),
            (vec![against("G17", json!({ "agency": "H29" }))], Some("H29"), vec!["G17"]),
            // by its name alone, whatever stands beside it
            (vec![against("G17", json!({ "name": "UBND thành phố Hà Nội" })), held("H26")], None, vec!["G17"]),
            (vec![against("H26", json!({ "name": "ông Trần A, Chủ tịch UBND thành phố Hà Nội" }))], None, vec![]),
            (vec![against("H26", json!({ "name": "Giám đốc Sở Xây dựng Hà Nội" }))], None, vec![]),
            (vec![against("H26", json!({ "name": "Công an thành phố Hà Nội" })), held("G17")], None, vec!["G17"]),
            (vec![against("G17", json!({ "name": "UBND quận Cầu Giấy; Hà Nội" })), held("H26.12")], None, vec!["G17"]),
            // of somebody of whom nobody can tell whose he is
            (vec![against("H26", json!({ "name": "ông Nguyễn Văn A" }))], None, vec![]),
            // its duties went to another, or it is written otherwise
            (vec![against("H05", json!({ "agency": "H02" })), held("G17")], None, vec!["G17"]),
            (vec![against("H05", json!({ "agency": "H02.14" }))], None, vec![]),
            (vec![against("H02.14", json!({ "agency": "H05" }))], None, vec![]),
            (vec![against("H26.7", json!({ "agency": "H26.07" })), held("H26.8")], None, vec!["H26.8"]),
        ] {
            let records: Vec<NormalizedRecord> = records.iter().map(|fields| record("bxd", "1", fields)).collect();
            let each = || records.iter().map(|record| Held { record, home: &record.agency });
            let found = readers(&each().collect::<Vec<_>>(), responsible);
            assert_eq!(found, wanted, "{:?}", records.iter().map(|r| (&r.agency, &r.against)).collect::<Vec<_>>());
        }
    }

    /// A source speaks for its own agency and those beneath it.
    #[test]
    fn nobody_makes_another_agency_a_reader() {
        for (named, home, wanted) in [
            ("H26.12", "H26", vec!["H26", "H26.12"]),
            ("H26", "H40", vec!["H40"]),
            ("H26", "H26.12", vec!["H26", "H26.12"]),
        ] {
            let record = record("bxd", "1", &json!({ "agency": named }));
            assert_eq!(readers(&[Held { record: &record, home }], None), wanted, "{named} {home}");
        }
    }
}
