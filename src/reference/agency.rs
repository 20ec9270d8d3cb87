//! Agencies of the first level (Decision 20/2020/QĐ-TTg): ministries `G01` …, provinces `H01` …. Codes of bodies that
//! were merged stay in old data; each row says until when it stood and who took its duties over.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::{province, table};

/// One agency of the first level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agency {
    pub code: &'static str,
    pub name: &'static str,
    /// `ministry` or `province`.
    pub level: &'static str,
    /// The legacy code of a province's people's committee.
    pub province: Option<&'static str>,
    pub valid_from: Option<NaiveDate>,
    /// The last day; none while it stands.
    pub valid_to: Option<NaiveDate>,
    /// Who took its duties over.
    pub successor: Option<&'static str>,
    /// `sourced` or `memory`: to be checked against the gazette.
    pub confidence: &'static str,
}

static TABLE: LazyLock<Vec<Agency>> = LazyLock::new(|| {
    table::rows(include_str!("data/agencies.csv"), |row| {
        let &[code, name, level, province, from, to, successor, confidence] = row else { return None };
        let filled = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        Some(Agency {
            code,
            name,
            level,
            province: filled(province),
            valid_from: table::day(from),
            valid_to: table::day(to),
            successor: filled(successor),
            confidence,
        })
    })
});

/// Another name of an agency, or the beginning of the names of bodies under one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherName {
    pub name: &'static str,
    /// Whether it is the agency itself, by an abbreviation; else every name that begins so is of a body under it.
    pub is_itself: bool,
    /// None where the body is known and its code is not: founded in 2025, or never in the published list.
    pub code: Option<&'static str>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

static OTHER_NAMES: LazyLock<Vec<OtherName>> = LazyLock::new(|| {
    table::rows(include_str!("data/agency_names.csv"), |row| {
        let &[name, relation, code, from, to] = row else { return None };
        let code = Some(code).filter(|code| !code.is_empty());
        let (valid_from, valid_to) = (table::day(from), table::day(to));
        Some(OtherName { name, is_itself: relation == "is", code, valid_from, valid_to })
    })
});

/// The abbreviations of agencies, and what the names of bodies under them begin with.
pub fn other_names() -> &'static [OtherName] {
    &OTHER_NAMES
}

impl OtherName {
    /// Whether the name meant this on a day; without a day, whether it does today.
    pub fn holds(&self, on: Option<NaiveDate>) -> bool {
        on.map_or(self.valid_to.is_none(), |on| table::holds(self.valid_from, self.valid_to, on))
    }
}

/// The people's committee of one of the 63 provinces, by its legacy code.
pub fn of_old_province(code: &str) -> Option<&'static Agency> {
    TABLE.iter().find(|row| row.province == Some(code))
}

/// The people's committee of one of the 34 provinces, by today's code.
pub fn of_province(code: &str) -> Option<&'static Agency> {
    let before = province::MERGER.pred_opt()?;
    let mut standing = TABLE.iter().filter(|row| row.valid_to.is_none());
    standing.find(|row| row.province.is_some_and(|old| province::current_code(old, before) == Some(code)))
}

static BY_CODE: LazyLock<HashMap<&'static str, &'static Agency>> =
    LazyLock::new(|| TABLE.iter().map(|row| (row.code, row)).collect());

/// Every agency of the first level.
pub fn all() -> &'static [Agency] {
    &TABLE
}

/// The agency of the first level that a code begins with: `H26.14.3` is under `H26`.
pub fn first_level(code: &str) -> Option<&'static Agency> {
    BY_CODE.get(code.split('.').next()?).copied()
}

/// Who has an agency's duties on a day: itself while it stands, else the last known successor; `None` where it has
/// none of a known code.
pub fn responsible(code: &str, on: NaiveDate) -> Option<&'static Agency> {
    let mut row = TABLE.iter().find(|row| row.code == code)?;
    while row.valid_to.is_some_and(|last| last < on) {
        let successor = row.successor?;
        row = TABLE.iter().find(|row| row.code == successor)?;
    }
    Some(row)
}

/// Who has an agency's duties now.
pub fn today(code: &str) -> Option<&'static Agency> {
    responsible(code, NaiveDate::MAX)
}

/// A code without leading zeros in what stands beneath the first level: some write `H26.07`, some `H26.7`.
pub fn plain(code: &str) -> String {
    let mut parts = code.split('.');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let bare = part.trim_start_matches('0');
        format!("{whole}.{}", if bare.is_empty() { part } else { bare })
    })
}

/// Whether an agency is another one, or stands beneath it: `H29.12.3` within `H29`, which `H290` is not.
pub fn is_within(agency: &str, above: &str) -> bool {
    agency.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_one_way() {
        for (code, wanted) in [("H26", "H26"), ("H26.07", "H26.7"), ("H26.7.010", "H26.7.10"), ("G05.0", "G05.0")] {
            assert_eq!(plain(code), wanted);
        }
    }

    #[test]
    fn what_stands_beneath_an_agency() {
        for (agency, above, wanted) in [
            ("H29", "H29", true),
            ("H29.12.3", "H29", true),
            ("H29.12.3", "H29.12", true),
            ("H290", "H29", false),
            ("H29.123", "H29.12", false),
            ("H29", "H29.12", false),
        ] {
            assert_eq!(is_within(agency, above), wanted, "{agency} {above}");
        }
    }

    #[test]
    fn knows_codes_and_successors() {
        assert_eq!(all().len(), 85);
        assert_eq!(first_level("G17").unwrap().name, "Bộ Xây dựng");
        assert_eq!(first_level("H26.14.3").unwrap().name, "Ủy ban nhân dân thành phố Hà Nội");
        assert_eq!(first_level("Z99"), None);
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(responsible("G04", day("2024-05-01")).unwrap().code, "G04");
        assert_eq!(responsible("G04", day("2025-03-01")).unwrap().code, "G17");
        assert_eq!(responsible("H02", day("2025-07-01")).unwrap().code, "H05");
        assert_eq!(responsible("H57", day("2025-07-01")).unwrap().code, "H57");
        assert_eq!(responsible("G21", day("2025-07-01")), None);
        assert_eq!(of_old_province("24").unwrap().code, "H02");
        assert_eq!(of_province("24").unwrap().code, "H05");
        assert!(province::all().iter().filter(|row| row.valid_to.is_none()).all(|row| of_province(row.code).is_some()));
        assert_eq!(other_names().len(), 100);
        assert!(other_names().iter().all(|row| row.code.is_none_or(|code| first_level(code).is_some())));
        assert!(all().iter().all(|row| row.successor.is_none_or(|code| all().iter().any(|other| other.code == code))));
    }
}
