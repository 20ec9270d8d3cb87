//! Agencies of the first level (Decision 20/2020/QĐ-TTg): ministries `G01` …, provinces `H01` …. Codes of bodies that
//! were merged stay in old data; each row says until when it stood and who took its duties over.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::table;

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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(all().iter().all(|row| row.successor.is_none_or(|code| all().iter().any(|other| other.code == code))));
    }
}
