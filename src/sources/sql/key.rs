//! Values of cursor columns: what order they have, where it begins, how far back an overlap reaches.
//!
//! A value is kept as the text that the database itself writes, and given back as it came: a microsecond lost on the way
//! would be a row lost.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Overlap;

/// The values of all columns of a cursor.
pub(super) type Tuple = Vec<String>;

/// What a cursor column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A time with a zone, written in UTC.
    Instant,
    /// A time without one.
    Local,
    Date,
    Integer,
    /// Something else that has an order: the database knows it.
    Other,
}

/// One cursor column, as the database describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) kind: Kind,
    /// What is before every value.
    pub(super) least: &'static str,
}

const TIMES: &[&str] = &["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];

/// Reads a time as a column of this kind holds it: in UTC for an instant, in `zone` else.
pub(super) fn time(text: &str, kind: Kind, zone: Option<FixedOffset>) -> Option<NaiveDateTime> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(local(at.to_utc(), kind, zone));
    }
    let text = text.strip_suffix("+00").unwrap_or(text);
    let at = TIMES.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    at.or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)))
}

/// A moment as a column of this kind writes it.
pub(super) fn local(at: DateTime<Utc>, kind: Kind, zone: Option<FixedOffset>) -> NaiveDateTime {
    match (kind, zone) {
        (Kind::Local | Kind::Date, Some(zone)) => at.with_timezone(&zone).naive_local(),
        _ => at.naive_utc(),
    }
}

fn written(at: NaiveDateTime, kind: Kind) -> String {
    let format = if kind == Kind::Date { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S%.6f" };
    at.format(format).to_string()
}

/// The first column's value from which the next pull begins: `overlap` before `high`, and not later than that before
/// `now`. `None`: there is no going back from it, it is no time and no number.
pub(super) fn rewound(
    high: &str,
    kind: Kind,
    zone: Option<FixedOffset>,
    overlap: Overlap,
    now: DateTime<Utc>,
) -> Option<String> {
    match kind {
        Kind::Instant | Kind::Local | Kind::Date => {
            let now = local(now, kind, zone);
            let high = if high.ends_with("infinity") { now } else { time(high, kind, zone)?.min(now) };
            let overlap = TimeDelta::from_std(overlap.time).unwrap_or(TimeDelta::MAX);
            // rows of one day come through all of it
            let overlap = if kind == Kind::Date { overlap + TimeDelta::days(1) } else { overlap };
            Some(written(high.checked_sub_signed(overlap)?, kind))
        }
        Kind::Integer => Some((high.parse::<i128>().ok()? - i128::from(overlap.count)).to_string()),
        Kind::Other => None,
    }
}

/// What a pull that began at `began` leaves behind as the newest value: a row dated into the future is no news of it.
pub(super) fn capped(last: &str, kind: Kind, zone: Option<FixedOffset>, began: DateTime<Utc>) -> String {
    let (Kind::Instant | Kind::Local | Kind::Date) = kind else { return last.to_owned() };
    let began = local(began, kind, zone);
    match time(last, kind, zone) {
        Some(last_at) if last_at <= began => last.to_owned(),
        _ => written(began, kind),
    }
}

/// Whether `later` certainly comes before `earlier`.
pub(super) fn is_before(later: &str, earlier: &str, kind: Kind) -> bool {
    match kind {
        Kind::Instant | Kind::Local | Kind::Date => {
            matches!((time(later, kind, None), time(earlier, kind, None)), (Some(later), Some(earlier)) if later < earlier)
        }
        Kind::Integer => {
            matches!((later.parse::<i128>(), earlier.parse::<i128>()), (Ok(later), Ok(earlier)) if later < earlier)
        }
        Kind::Other => false,
    }
}

/// Whether a database may take two values for the same: most collations overlook case, marks and blanks at the end.
pub(super) fn may_be_equal(one: &Tuple, other: &Tuple) -> bool {
    one == other || one.iter().map(|text| fold(text)).eq(other.iter().map(|text| fold(text)))
}

fn fold(text: &str) -> String {
    let letters = text.trim_end().nfkd().filter(|c| !is_combining_mark(*c));
    letters.flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HANOI;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn overlap(minutes: u64) -> Overlap {
        Overlap { time: std::time::Duration::from_secs(minutes * 60), count: 5 }
    }

    #[test]
    fn the_next_pull_begins_an_overlap_earlier() {
        let now = at("2026-03-05T10:00:00Z");
        for (high, kind, zone, expected) in [
            ("2026-03-05 09:30:00.123456+00", Kind::Instant, None, Some("2026-03-05 09:20:00.123456")),
            ("2026-03-05T09:30:00Z", Kind::Instant, None, Some("2026-03-05 09:20:00.000000")),
            // in the future, or without end: never later than now
            ("2226-03-05 09:30:00+00", Kind::Instant, None, Some("2026-03-05 09:50:00.000000")),
            ("infinity", Kind::Instant, None, Some("2026-03-05 09:50:00.000000")),
            // the wall clock of the source: 17:00 is now
            ("2026-03-05 16:59:00", Kind::Local, Some(HANOI), Some("2026-03-05 16:49:00.000000")),
            ("2026-03-05 18:00:00", Kind::Local, Some(HANOI), Some("2026-03-05 16:50:00.000000")),
            ("2026-03-05 09:00:00", Kind::Local, FixedOffset::west_opt(3600), Some("2026-03-05 08:50:00.000000")),
            ("2026-03-05T09:30:00Z", Kind::Local, Some(HANOI), Some("2026-03-05 16:20:00.000000")),
            ("2026-03-05", Kind::Date, None, Some("2026-03-03")),
            ("18446744073709551615", Kind::Integer, None, Some("18446744073709551610")),
            ("abc", Kind::Other, None, None),
            ("abc", Kind::Local, None, None),
        ] {
            assert_eq!(rewound(high, kind, zone, overlap(10), now).as_deref(), expected, "{high}");
        }
    }

    #[test]
    fn a_date_in_the_future_is_no_mark() {
        let began = at("2026-03-05T10:00:00Z");
        assert_eq!(capped("2026-03-05 09:00:00+00", Kind::Instant, None, began), "2026-03-05 09:00:00+00");
        assert_eq!(capped("2026-03-05 10:05:00+00", Kind::Instant, None, began), "2026-03-05 10:00:00.000000");
        assert_eq!(capped("2026-03-05 17:00:01", Kind::Local, Some(HANOI), began), "2026-03-05 17:00:00.000000");
        assert_eq!(capped("infinity", Kind::Instant, None, began), "2026-03-05 10:00:00.000000");
        assert_eq!(capped("77", Kind::Integer, None, began), "77");
    }

    #[test]
    fn disorder_is_seen_where_it_can_be() {
        assert!(is_before("2026-03-05 09:00:00", "2026-03-05 09:00:00.000001", Kind::Local));
        assert!(!is_before("10", "9", Kind::Integer) && is_before("9", "10", Kind::Integer));
        assert!(!is_before("a", "b", Kind::Other));
    }

    #[test]
    fn what_a_collation_overlooks_may_be_equal() {
        let tuple = |text: &str| vec![text.to_owned()];
        assert!(may_be_equal(&tuple("Đơn "), &tuple("don")));
        assert!(!may_be_equal(&tuple("a1"), &tuple("a2")));
    }
}
