//! The renumberings of telephones: area codes in 2017, mobile prefixes in 2018.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::table;

/// One prefix and what replaced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renumbering {
    pub old: &'static str,
    pub new: &'static str,
    /// The first day of the new one.
    pub since: NaiveDate,
}

/// From this day mobile numbers have ten digits (announcement of the Ministry of Information and Communications).
pub const MOBILE_SINCE: NaiveDate = match NaiveDate::from_ymd_opt(2018, 9, 15) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

static MOBILE: LazyLock<Vec<Renumbering>> = LazyLock::new(|| {
    table::rows(include_str!("data/mobile_2018.csv"), |row| {
        let &[old, new] = row else { return None };
        Some(Renumbering { old, new, since: MOBILE_SINCE })
    })
});

static LANDLINE: LazyLock<Vec<Renumbering>> = LazyLock::new(|| {
    let mut rows = table::rows(include_str!("data/landline_2017.csv"), |row| {
        let &[old, new, since, _province] = row else { return None };
        Some(Renumbering { old, new, since: table::day(since)? })
    });
    // longest first: 0511 before 05
    rows.sort_by_key(|row| std::cmp::Reverse(row.old.len()));
    rows
});

/// Mobile prefixes: `0162` became `032`; the last seven digits stayed.
pub fn mobile() -> &'static [Renumbering] {
    &MOBILE
}

/// Area codes: `0511` became `0236`, `04` became `024`; the longest old code first.
pub fn landline() -> &'static [Renumbering] {
    &LANDLINE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        assert_eq!((mobile().len(), landline().len()), (21, 59));
        assert!(mobile().iter().all(|row| row.old.len() == 4 && row.new.len() == 3));
        assert_eq!(landline()[0].old.len(), 4);
    }
}
