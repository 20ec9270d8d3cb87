//! Time, passed in: [`Clock::System`] in the daemon, [`Clock::Fixed`] in tests.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// Indochina time, UTC+07:00, without daylight saving since 1975: the zone in which dates of the law are meant.
pub const HANOI: FixedOffset = match FixedOffset::east_opt(7 * 3600) {
    Some(offset) => offset,
    None => unreachable!(),
};

/// Where the present moment comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    System,
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(at) => at,
        }
    }

    /// Today's date in Vietnam.
    pub fn today(self) -> NaiveDate {
        self.now().with_timezone(&HANOI).date_naive()
    }
}
