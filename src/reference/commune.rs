//! Communes (xã, phường, thị trấn, đặc khu) and, until 2025-06-30, districts (quận, huyện, thị xã, thành phố): the
//! 10,040 old units with what became of them, and the 3,321 that stand since 2025-07-01.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::table;

/// A commune of today, during one span of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commune {
    /// Five digits; many were the code of an old commune before and name another area now.
    pub code: &'static str,
    pub name: &'static str,
    /// `xã`, `phường` or `đặc khu`.
    pub kind: &'static str,
    /// Today's code of its province.
    pub province: &'static str,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    /// How another published list spells it.
    pub other_spelling: Option<&'static str>,
}

/// A district as it was until 2025-06-30.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct District {
    /// Three digits.
    pub code: &'static str,
    /// The old code of its province.
    pub province: &'static str,
    pub kind: &'static str,
    pub name: &'static str,
}

/// A commune as it was until 2025-06-30.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldCommune {
    /// Five digits; empty for the five island districts that had no communes.
    pub code: &'static str,
    pub district: &'static District,
    /// `xã`, `phường` or `thị trấn`; empty for the island districts.
    pub kind: &'static str,
    pub name: &'static str,
    /// Today's codes; several where it was split.
    pub successors: Vec<&'static str>,
}

static COMMUNES: LazyLock<Vec<Commune>> = LazyLock::new(|| {
    table::rows(include_str!("data/communes.csv"), |row| {
        let &[code, name, kind, province, from, to, other] = row else { return None };
        Some(Commune {
            code,
            name,
            kind,
            province,
            valid_from: table::day(from),
            valid_to: table::day(to),
            other_spelling: Some(other).filter(|other| !other.is_empty()),
        })
    })
});

static DISTRICTS: LazyLock<Vec<District>> = LazyLock::new(|| {
    table::rows(include_str!("data/old_districts.csv"), |row| {
        let &[code, province, kind, name] = row else { return None };
        Some(District { code, province, kind, name })
    })
});

static OLD: LazyLock<Vec<OldCommune>> = LazyLock::new(|| {
    let districts: HashMap<&str, &'static District> = DISTRICTS.iter().map(|row| (row.code, row)).collect();
    table::rows(include_str!("data/old_communes.csv"), |row| {
        let &[code, district, kind, name, successors] = row else { return None };
        let district = districts.get(district)?;
        Some(OldCommune { code, district, kind, name, successors: successors.split(' ').collect() })
    })
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static Commune>> =
    LazyLock::new(|| COMMUNES.iter().map(|row| (row.code, row)).collect());

static OLD_BY_CODE: LazyLock<HashMap<&'static str, &'static OldCommune>> =
    LazyLock::new(|| OLD.iter().filter(|row| !row.code.is_empty()).map(|row| (row.code, row)).collect());

/// Today's communes; one that changed its kind has a row for each span.
pub fn all() -> &'static [Commune] {
    &COMMUNES
}

/// The districts of before July 2025.
pub fn districts() -> &'static [District] {
    &DISTRICTS
}

/// The communes of before July 2025.
pub fn old() -> &'static [OldCommune] {
    &OLD
}

/// The commune of a code as it stands today.
pub fn get(code: &str) -> Option<&'static Commune> {
    BY_CODE.get(code).copied()
}

/// The commune that a code named before July 2025.
pub fn old_by_code(code: &str) -> Option<&'static OldCommune> {
    OLD_BY_CODE.get(code).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::province;

    #[test]
    fn tables_are_whole() {
        assert_eq!((all().len(), districts().len(), old().len()), (3331, 696, 10_040));
        assert_eq!(BY_CODE.len(), 3321);
        assert_eq!(old().iter().filter(|row| row.successors.len() > 1).count(), 471);
        let day = province::MERGER.pred_opt().unwrap();
        for row in old() {
            let province = province::current_code(row.district.province, day).unwrap();
            for successor in &row.successors {
                assert_eq!(get(successor).unwrap().province, province, "{row:?}");
            }
        }
        assert!(all().iter().all(|row| province::get(row.province, province::MERGER).is_some()));
    }

    #[test]
    fn a_code_names_another_area_now() {
        assert_eq!(old_by_code("00004").unwrap().name, "Trúc Bạch");
        assert_eq!(get("00004").unwrap().name, "Ba Đình");
        assert_eq!(get("25270").unwrap().kind, "phường");
    }
}
