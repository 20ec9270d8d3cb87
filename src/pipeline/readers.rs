//! Which agencies read a petition or a reception: who is bound to one of them sees it, who is bound to another does not.
//!
//! An agency reads what it, or one beneath it, holds or has to act on. Whoever is complained of does not read the
//! complaint, in whatever words a record names it: neither the agency itself nor one beneath it, which answers to it, nor
//! one above it. What is sealed nobody who is bound to an agency reads: of a denunciation it is often not told against
//! whom it is.

use std::collections::BTreeSet;

use crate::domain::NormalizedRecord;
use crate::normalize::agency;
use crate::reference::agency::is_within;

/// The agencies that read what these open records tell of, in order. `responsible`: who has to act on it.
pub fn readers<'r>(records: &[&'r NormalizedRecord], responsible: Option<&'r str>) -> Vec<String> {
    let holders: BTreeSet<&str> = records.iter().map(|record| record.agency.as_str()).chain(responsible).collect();
    let against: BTreeSet<String> = records.iter().flat_map(|record| complained_of(record)).collect();
    let is_involved = |agency: &str| against.iter().any(|of| is_within(agency, of) || is_within(of, agency));
    let all: BTreeSet<&str> = holders.into_iter().filter(|agency| is_code(agency)).flat_map(with_all_above).collect();
    all.into_iter().filter(|agency| !is_involved(agency)).map(str::to_owned).collect()
}

/// Whom a record is against: by the code of an agency, and by a name that is one's.
fn complained_of(record: &NormalizedRecord) -> impl Iterator<Item = String> {
    let named = record.against.name.as_deref();
    let named = named.and_then(|name| agency::read(name, record.against.decision_on).value).map(|body| body.code);
    record.against.agency.clone().into_iter().chain(named)
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
            // by its name alone
            (vec![against("G17", json!({ "name": "UBND thành phố Hà Nội" })), held("H26")], None, vec!["G17"]),
            (vec![against("H26", json!({ "name": "ông Nguyễn Văn A" }))], None, vec!["H26"]),
        ] {
            let records: Vec<NormalizedRecord> = records.iter().map(|fields| record("bxd", "1", fields)).collect();
            let found = readers(&records.iter().collect::<Vec<_>>(), responsible);
            assert_eq!(found, wanted, "{:?}", records.iter().map(|r| (&r.agency, &r.against)).collect::<Vec<_>>());
        }
    }
}
