//! How often and how long one request is tried again, and what a source's `Retry-After` means.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// How one request is tried again after a failure that may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// Tries of one request, the first one included.
    pub attempts: u32,
    /// Wait before the second try; doubled from try to try.
    pub first_wait: Duration,
    /// The longest wait between two tries, whatever the source asks for.
    pub longest_wait: Duration,
    /// All tries and waits of one request together.
    pub budget: Duration,
    /// To make a connection.
    pub connect: Duration,
    /// Between two pieces of a body.
    pub stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_mins(1),
            budget: Duration::from_mins(5),
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
        }
    }
}

/// The longest that a source's `Retry-After` keeps us away: a slip of its administrator must not stop it for days.
const LONGEST_AFTER: Duration = Duration::from_hours(1);

impl Patience {
    /// How long to wait after the failure of try number `attempt` (the first is 1), `spent` after the beginning
    /// of the first; `None`: give up. `asked` is the source's `Retry-After`, `chance` from 0 to 1: half of the
    /// wait is left to it, so that many sources behind one gateway do not come back together.
    pub(super) fn wait(&self, attempt: u32, spent: Duration, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self.first_wait.saturating_mul(1_u32 << (attempt - 1).min(16)).min(self.longest_wait);
        let wait = match asked {
            // Waiting less than asked for would be a discourtesy, waiting this long here would hold up a worker.
            Some(asked) if asked > self.longest_wait => return None,
            Some(asked) => asked.max(doubled.mul_f64(0.5 * chance)),
            None => doubled.mul_f64(0.5 + 0.5 * chance),
        };
        (spent.saturating_add(wait) < self.budget).then_some(wait)
    }
}

/// Reads `Retry-After`: seconds, or a date, which counts from `date`, the answer's own `Date`: our clock and the
/// source's need not agree.
pub(super) fn retry_after(header: &str, date: Option<DateTime<Utc>>) -> Option<Duration> {
    let header = header.trim();
    let after = match header.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (http_date(header)? - date?).to_std().unwrap_or(Duration::ZERO),
    };
    Some(after.min(LONGEST_AFTER))
}

/// Reads an HTTP date (RFC 9110, section 5.6.7), in the one form that servers may send today.
pub(super) fn http_date(header: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(header.trim()).ok().map(|date| date.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_and_end() {
        let patience = Patience::default();
        let waits: Vec<_> = (1..=5).map(|attempt| patience.wait(attempt, Duration::ZERO, None, 1.0)).collect();
        assert_eq!(
            waits,
            [500, 1_000, 2_000, 4_000]
                .map(|ms| Some(Duration::from_millis(ms)))
                .into_iter()
                .chain([None])
                .collect::<Vec<_>>()
        );
        assert_eq!(patience.wait(1, Duration::ZERO, None, 0.0), Some(Duration::from_millis(250)));
        assert_eq!(patience.wait(1, Duration::from_mins(5), None, 0.0), None);
    }

    #[test]
    fn what_the_source_asks_for_is_honoured_up_to_a_cap() {
        let patience = Patience::default();
        let wait = |seconds| patience.wait(1, Duration::ZERO, Some(Duration::from_secs(seconds)), 0.5);
        assert_eq!(wait(7), Some(Duration::from_secs(7)));
        assert_eq!(wait(60), Some(Duration::from_mins(1)));
        assert_eq!(wait(61), None);
        assert!(wait(0).unwrap() > Duration::ZERO);
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = http_date("Tue, 24 Nov 2026 10:00:00 GMT");
        let seconds = |header| retry_after(header, now).map(|after| after.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Tue, 24 Nov 2026 10:02:00 GMT"), Some(120));
        assert_eq!(seconds("Tue, 24 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(seconds("Wed, 24 Nov 2027 09:00:00 GMT"), Some(3_600));
        assert_eq!(seconds("99999999"), Some(3_600));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-1"), None);
        assert_eq!(retry_after("Tue, 24 Nov 2026 10:02:00 GMT", None), None);
    }

    proptest! {
        #[test]
        fn no_wait_leaves_the_budget(attempt in 1_u32..100, spent in 0_u64..400, asked in proptest::option::of(0_u64..100_000), chance in 0.0_f64..=1.0) {
            let patience = Patience::default();
            if let Some(wait) = patience.wait(attempt, Duration::from_secs(spent), asked.map(Duration::from_secs), chance) {
                prop_assert!(wait <= patience.longest_wait && Duration::from_secs(spent) + wait < patience.budget);
                prop_assert!(asked.is_none_or(|asked| wait >= Duration::from_secs(asked)));
            }
        }
    }
}
