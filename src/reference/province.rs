//! Provinces (tỉnh, thành phố trực thuộc trung ương): the 63 up to 2025-06-30 and the 34 since (Decision
//! 19/2025/QĐ-TTg).

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::table;

/// One province during one span of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Province {
    /// Two digits; names one province only together with a day.
    pub code: &'static str,
    /// Without the word for its kind: `Bắc Ninh`.
    pub name: &'static str,
    /// `tỉnh` or `thành phố`.
    pub kind: &'static str,
    pub valid_from: Option<NaiveDate>,
    /// The last day; none while it stands.
    pub valid_to: Option<NaiveDate>,
    /// The code of the province that took it up; its own code where only the kind or the name changed.
    pub successor: Option<&'static str>,
}

/// The day from which the 34 provinces stand and districts no longer do.
pub const MERGER: NaiveDate = match NaiveDate::from_ymd_opt(2025, 7, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

static TABLE: LazyLock<Vec<Province>> = LazyLock::new(|| {
    table::rows(include_str!("data/provinces.csv"), |row| {
        let &[code, name, kind, from, to, successor] = row else { return None };
        let successor = Some(successor).filter(|code| !code.is_empty());
        Some(Province { code, name, kind, valid_from: table::day(from), valid_to: table::day(to), successor })
    })
});

/// Every row, the old provinces first.
pub fn all() -> &'static [Province] {
    &TABLE
}

/// The province that a code names on a day.
pub fn get(code: &str, on: NaiveDate) -> Option<&'static Province> {
    TABLE.iter().find(|row| row.code == code && table::holds(row.valid_from, row.valid_to, on))
}

/// Today's code of the province that a code named on a day.
pub fn current_code(code: &str, on: NaiveDate) -> Option<&'static str> {
    let mut row = get(code, on)?;
    while let Some(successor) = row.successor {
        let next_day = row.valid_to?.succ_opt()?;
        row = get(successor, next_day)?;
    }
    Some(row.code)
}

/// The province of birth registration in the first three digits of a personal number (Circular 59/2021/TT-BCA,
/// annex I): "0" and the code of one of the 63 provinces, for ever.
pub fn of_personal_number(prefix: &str) -> Option<&'static Province> {
    let code = prefix.strip_prefix('0')?;
    TABLE.iter().find(|row| row.code == code && row.valid_to.is_some_and(|day| day < MERGER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_should() {
        let before = MERGER.pred_opt().unwrap();
        assert_eq!(all().iter().filter(|row| table::holds(row.valid_from, row.valid_to, before)).count(), 63);
        assert_eq!(all().iter().filter(|row| row.valid_to.is_none()).count(), 34);
        assert!(all().iter().all(|row| current_code(row.code, row.valid_to.unwrap_or(MERGER)).is_some()));
    }

    #[test]
    fn a_code_needs_a_day() {
        let before = MERGER.pred_opt().unwrap();
        for (code, old, new, today) in [
            ("24", "Bắc Giang", "Bắc Ninh", "24"),
            ("15", "Yên Bái", "Lào Cai", "15"),
            ("44", "Quảng Bình", "Quảng Trị", "44"),
            ("52", "Bình Định", "Gia Lai", "52"),
            ("80", "Long An", "Tây Ninh", "80"),
            ("82", "Tiền Giang", "Đồng Tháp", "82"),
            ("91", "Kiên Giang", "An Giang", "91"),
        ] {
            assert_eq!(get(code, before).unwrap().name, old);
            assert_eq!(get(code, MERGER).unwrap().name, new);
            assert_eq!(current_code(code, before), Some(today));
        }
        assert_eq!(current_code("27", before), Some("24"));
        assert_eq!(get("27", MERGER), None);
        assert_eq!(of_personal_number("024").unwrap().name, "Bắc Giang");
        assert_eq!(of_personal_number("046").unwrap().name, "Thừa Thiên Huế");
        assert_eq!(of_personal_number("003"), None);
    }
}
