//! Legal time limits (thời hạn), each with its basis and the days from and to which it is in force.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::table;

/// One time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    pub id: &'static str,
    pub object: &'static str,
    pub stage: &'static str,
    /// A number of units, or words where the law gives no number.
    pub limit: &'static str,
    /// `working_day`, `day` …
    pub unit: &'static str,
    pub clock_start: &'static str,
    /// Law and article.
    pub basis: &'static str,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

static TABLE: LazyLock<Vec<Deadline>> = LazyLock::new(|| {
    table::rows(include_str!("data/deadlines.csv"), |row| {
        let &[id, object, stage, limit, unit, clock_start, basis, from, to, _note] = row else { return None };
        let (valid_from, valid_to) = (table::day(from), table::day(to));
        Some(Deadline { id, object, stage, limit, unit, clock_start, basis, valid_from, valid_to })
    })
});

/// Every time limit.
pub fn all() -> &'static [Deadline] {
    &TABLE
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_of_the_table_is_read() {
        let lines = include_str!("data/deadlines.csv").lines().filter(|line| !line.is_empty()).count();
        assert_eq!(super::all().len(), lines - 1);
    }
}
