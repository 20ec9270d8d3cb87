//! When a source is pulled: `every 5m` or a cron expression, and the windows of the day in which it may be.
//!
//! Everything is meant in Indochina time ([`HANOI`]), which has had no daylight saving since 1975, so that every
//! time of the day exists exactly once.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::clock::HANOI;
use crate::domain::SourceId;

/// The longest duration a configuration may name: longer ones are slips of the pen.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// `schedule = "…"`, in Indochina time.
#[derive(Debug, Clone)]
pub enum Schedule {
    Every(Duration),
    Cron(Box<Cron>),
}

/// `"19:00-06:00"`: from the first time of the day to the second, over midnight where the second is earlier. The
/// second time itself is outside. Equal times (`00:00-24:00`) are the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: NaiveTime,
    pub to: NaiveTime,
}

impl Schedule {
    /// Reads `every 5m` (units as in [`parse_duration`], at least one second) or a cron expression of five fields,
    /// or six with seconds first.
    ///
    /// # Errors
    /// The rule in words, with an example.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(interval) = text.strip_prefix("every").filter(|rest| rest.starts_with(char::is_whitespace)) {
            let interval = parse_duration(interval)?;
            if interval < Duration::from_secs(1) {
                return Err(format!("schedule {text:?} is too often; the shortest is \"every 1s\""));
            }
            return Ok(Self::Every(interval));
        }
        let cron = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .map_err(|error| {
                format!("schedule {text:?} is neither \"every 5m\" nor a cron expression like \"30 2 * * *\": {error}")
            })?;
        // 29 February comes within eight years of any moment; what has not come by the end of the calendar never does.
        cron.find_next_occurrence(&DateTime::UNIX_EPOCH.with_timezone(&HANOI), true)
            .map_err(|_| format!("schedule {text:?} names a moment that never comes; try \"30 2 * * *\""))?;
        Ok(Self::Cron(Box::new(cron)))
    }

    /// The first moment, not before `now`, that is due and lies inside one of `windows` (none: always inside).
    ///
    /// `last` is when the newest pull began. Runs that were missed, because the daemon was down or a pull took
    /// long, are made up by one run, not by as many as were missed. A source never pulled is due at once under
    /// `every`, and at its next moment under cron. `jitter` ([`Schedule::jitter`]) is added where many sources
    /// would start together: at the first run, a made-up run and the opening of a window; the interval from
    /// one run to the next stays exact. Ask once and wait for the answer: asked again later, a run that is already
    /// late moves on by the jitter.
    pub fn next_after(
        &self,
        now: DateTime<Utc>,
        last: Option<DateTime<Utc>>,
        windows: &[Window],
        jitter: Duration,
    ) -> DateTime<Utc> {
        let jitter = TimeDelta::from_std(jitter).unwrap_or_default();
        let late = now.checked_add_signed(jitter).unwrap_or(now);
        let due = match self {
            Self::Every(interval) => {
                let after = |moment: DateTime<Utc>| {
                    TimeDelta::from_std(*interval).ok().and_then(|interval| moment.checked_add_signed(interval))
                };
                // A `last` in the future comes of a clock that was set back: never wait longer than one interval.
                let longest = after(now).unwrap_or(now);
                last.and_then(after).map(|due| due.min(longest)).filter(|due| *due > now).unwrap_or(late)
            }
            Self::Cron(cron) => {
                let occurrence = |from: DateTime<Utc>, inclusive| {
                    let found = cron.find_next_occurrence(&from.with_timezone(&HANOI), inclusive);
                    // Parsing has proved that there is one; a year beyond the calendar is the only way here.
                    found.map_or(late, |at| at.with_timezone(&Utc))
                };
                match last.filter(|last| *last <= now) {
                    Some(last) => occurrence(last, false).max(now),
                    None => occurrence(now, true),
                }
            }
        };
        open_from(due, windows, jitter)
    }

    /// How far this source stands off from others of the same schedule: always the same for one source, at most a
    /// tenth of the interval; none for cron, where the administrator names the minute.
    pub fn jitter(&self, source: &SourceId) -> Duration {
        match self {
            Self::Cron(_) => Duration::ZERO,
            Self::Every(interval) => {
                let hash = blake3::hash(source.as_str().as_bytes());
                let share = hash.as_bytes().iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
                interval.mul_f64(f64::from(share) / f64::from(u32::MAX) / 10.0)
            }
        }
    }
}

/// The first moment from `due` on that is inside a window; `jitter` after an opening where that is still inside.
pub fn open_from(due: DateTime<Utc>, windows: &[Window], jitter: TimeDelta) -> DateTime<Utc> {
    let inside = |at: DateTime<Utc>| {
        let time = at.with_timezone(&HANOI).time();
        windows.iter().any(|window| window.contains(time))
    };
    if windows.is_empty() || inside(due) {
        return due;
    }
    let today = due.with_timezone(&HANOI).date_naive();
    let openings = windows.iter().filter_map(|window| {
        let at = |day: chrono::NaiveDate| {
            HANOI.from_local_datetime(&day.and_time(window.from)).single().map(|at| at.with_timezone(&Utc))
        };
        at(today).filter(|opening| *opening >= due).or_else(|| at(today.checked_add_days(Days::new(1))?))
    });
    let Some(opening) = openings.min() else { return due };
    opening.checked_add_signed(jitter).filter(|at| inside(*at)).unwrap_or(opening)
}

impl Window {
    /// Reads `19:00-06:00`.
    ///
    /// # Errors
    /// The rule in words, with an example.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("window {text:?} is not two times of the day like \"19:00-06:00\"");
        let time = |part: &str| NaiveTime::parse_from_str(part.trim(), "%H:%M").ok();
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let whole_day = to.trim() == "24:00";
        let from = time(from).ok_or_else(wrong)?;
        let to = if whole_day { NaiveTime::MIN } else { time(to).ok_or_else(wrong)? };
        if from == to && !whole_day {
            return Err(format!("window {text:?} is empty; for the whole day write \"00:00-24:00\" or no window"));
        }
        Ok(Self { from, to })
    }

    /// Whether a time of the day lies inside.
    pub fn contains(&self, time: NaiveTime) -> bool {
        match self.from.cmp(&self.to) {
            std::cmp::Ordering::Less => self.from <= time && time < self.to,
            std::cmp::Ordering::Equal => true,
            std::cmp::Ordering::Greater => self.from <= time || time < self.to,
        }
    }
}

/// Reads a duration: whole numbers with `ms`, `s`, `m`, `h`, `d`, greatest unit first, as in `30s` or `1h30m`.
///
/// # Errors
/// The rule in words, with an example.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("{:?} is no duration; write it like \"30s\", \"10m\" or \"1h30m\" (ms, s, m, h, d)", text.trim());
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    let mut last_unit = Duration::MAX;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = match unit {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            "d" => Duration::from_hours(24),
            _ => return Err(wrong()),
        };
        if unit >= last_unit {
            return Err(wrong());
        }
        last_unit = unit;
        let part = number.parse().ok().and_then(|number| unit.checked_mul(number)).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = after;
    }
    if total > LONGEST {
        return Err(format!("{:?} is longer than a year; write it like \"10m\" or \"1d\"", text.trim()));
    }
    Ok(total)
}

/// Writes a duration the way [`parse_duration`] reads it.
pub fn format_duration(duration: Duration) -> String {
    let mut left = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let parts = units.map(|(unit, millis)| {
        let count = left / millis;
        left %= millis;
        if count > 0 { format!("{count}{unit}") } else { String::new() }
    });
    if duration.as_millis() == 0 { "0s".to_owned() } else { parts.concat() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `"24 19:00"`: that day of November 2026, in Hanoi.
    fn at(text: &str) -> DateTime<Utc> {
        let (day, time) = text.split_once(' ').unwrap();
        let text = format!("2026-11-{day}T{time}+07:00");
        DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M%:z").unwrap().with_timezone(&Utc)
    }

    fn next(schedule: &str, windows: &[&str], now: &str, last: Option<&str>) -> String {
        let windows: Vec<_> = windows.iter().map(|window| Window::parse(window).unwrap()).collect();
        let next = Schedule::parse(schedule).unwrap().next_after(at(now), last.map(at), &windows, Duration::ZERO);
        next.with_timezone(&HANOI).format("%d %H:%M").to_string()
    }

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in
            [("30s", 30), ("10m", 600), ("1h30m", 5_400), (" 2d ", 172_800), ("0s", 0), ("1d1s", 86_401)]
        {
            let duration = parse_duration(text).unwrap();
            assert_eq!(duration, Duration::from_secs(seconds), "{text}");
            assert_eq!(parse_duration(&format_duration(duration)).unwrap(), duration);
        }
        assert_eq!(parse_duration("1s50ms").unwrap(), Duration::from_millis(1_050));
        for text in
            ["", "10", "m", "10 m", "1m1h", "1m1m", "-5m", "1.5h", "5w", "99999999999999999999s", "400d", "5phút"]
        {
            let error = parse_duration(text).unwrap_err();
            assert!(error.contains("\"10m\""), "{text}: {error}");
        }
    }

    #[test]
    fn every_counts_from_the_last_run_and_makes_up_a_missed_one_once() {
        assert_eq!(next("every 5m", &[], "24 10:00", None), "24 10:00");
        assert_eq!(next("every 5m", &[], "24 10:00", Some("24 09:58")), "24 10:03");
        assert_eq!(next("every 5m", &[], "24 10:00", Some("20 00:00")), "24 10:00");
        // The run that made up for all of those is the last one now.
        assert_eq!(next("every 5m", &[], "24 10:00", Some("24 10:00")), "24 10:05");
        // A clock that was set back does not stop a source for days.
        assert_eq!(next("every 5m", &[], "24 10:00", Some("30 00:00")), "24 10:05");
    }

    #[test]
    fn cron_is_meant_in_hanoi() {
        assert_eq!(next("30 2 * * *", &[], "24 10:00", None), "25 02:30");
        assert_eq!(next("30 2 * * *", &[], "24 02:30", None), "24 02:30");
        assert_eq!(next("30 2 * * *", &[], "24 10:00", Some("24 02:30")), "25 02:30");
        assert_eq!(next("30 2 * * *", &[], "24 10:00", Some("20 02:30")), "24 10:00");
        assert_eq!(next("0 30 2 * * *", &[], "24 10:00", None), "25 02:30");
        assert_eq!(next("0 7 * * MON", &[], "24 10:00", None), "30 07:00");
        assert_eq!(next("0 7 * * *", &[], "24 10:00", Some("30 07:00")), "25 07:00");
    }

    #[test]
    fn a_run_waits_for_its_window() {
        let night = &["19:00-06:00"];
        assert_eq!(next("every 5m", night, "24 10:00", None), "24 19:00");
        assert_eq!(next("every 5m", night, "24 19:00", None), "24 19:00");
        assert_eq!(next("every 5m", night, "24 23:58", Some("24 23:57")), "25 00:02");
        assert_eq!(next("every 5m", night, "25 05:58", Some("25 05:57")), "25 19:00");
        assert_eq!(next("every 5m", night, "25 06:00", None), "25 19:00");
        let twice = &["12:00-13:30", "22:00-05:00"];
        assert_eq!(next("every 1h", twice, "24 06:00", None), "24 12:00");
        assert_eq!(next("every 1h", twice, "24 12:40", Some("24 12:40")), "24 22:00");
        assert_eq!(next("every 1h", twice, "24 23:30", Some("24 23:30")), "25 00:30");
        let morning = &["01:00-02:00"];
        assert_eq!(next("every 1h", morning, "24 03:00", None), "25 01:00");
        assert_eq!(next("every 1h", &["00:00-24:00"], "24 03:00", None), "24 03:00");
        assert_eq!(next("every 1h", &["18:00-24:00"], "24 03:00", None), "24 18:00");
        // A cron moment outside of the window is made up at its opening.
        assert_eq!(next("0 12 * * *", night, "24 10:00", Some("23 19:00")), "24 19:00");
    }

    #[test]
    fn what_cannot_be_read_is_answered_with_an_example() {
        for text in
            ["", "every", "every5m", "every 0s", "every 500ms", "every day", "61 * * * *", "* * *", "0 0 30 2 *"]
        {
            let error = Schedule::parse(text).unwrap_err();
            assert!(
                error.contains("every 5m") || error.contains("10m") || error.contains("1s") || error.contains("30 2"),
                "{text}: {error}"
            );
        }
        for text in ["", "19:00", "19-6", "25:00-06:00", "19:00-19:00", "24:00-06:00", "a-b"] {
            assert!(Window::parse(text).unwrap_err().contains(":00-"), "{text}");
        }
    }

    #[test]
    fn jitter_is_steady_small_and_different_for_different_sources() {
        let schedule = Schedule::parse("every 5m").unwrap();
        let jitters: std::collections::BTreeSet<_> = (0..300)
            .map(|number| {
                let id = SourceId::parse(&format!("tinh-{number}")).unwrap();
                let jitter = schedule.jitter(&id);
                assert_eq!(jitter, schedule.jitter(&id));
                assert!(jitter <= Duration::from_secs(30));
                jitter
            })
            .collect();
        assert_eq!(jitters.len(), 300);
        let id = SourceId::parse("bxd").unwrap();
        assert_eq!(Schedule::parse("0 2 * * *").unwrap().jitter(&id), Duration::ZERO);
    }

    #[test]
    fn jitter_spreads_first_runs_and_openings_but_keeps_the_interval() {
        let schedule = Schedule::parse("every 1h").unwrap();
        let jitter = Duration::from_mins(5);
        let night = [Window::parse("19:00-06:00").unwrap()];
        assert_eq!(schedule.next_after(at("24 10:00"), None, &[], jitter), at("24 10:05"));
        assert_eq!(schedule.next_after(at("24 10:00"), Some(at("24 09:30")), &[], jitter), at("24 10:30"));
        assert_eq!(schedule.next_after(at("24 10:00"), None, &night, jitter), at("24 19:05"));
        let short = [Window::parse("19:00-19:03").unwrap()];
        assert_eq!(schedule.next_after(at("24 10:00"), None, &short, jitter), at("24 19:00"));
    }

    proptest! {
        #[test]
        fn the_next_run_is_never_past_and_always_inside(
            now in 0_i64..3_000_000_000, ago in proptest::option::of(-100_000_i64..10_000_000),
            minutes in 1_u64..3_000, from in 0_u32..1_440, to in 0_u32..1_440, jitter in 0_u64..100,
        ) {
            let time = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
            let window = Window { from: time(from), to: time(to) };
            let now = DateTime::from_timestamp(now, 0).unwrap();
            let last = ago.map(|ago| now - TimeDelta::seconds(ago));
            let schedule = Schedule::Every(Duration::from_secs(minutes * 60));
            let next = schedule.next_after(now, last, &[window], Duration::from_secs(jitter));
            prop_assert!(next >= now);
            prop_assert!(window.contains(next.with_timezone(&HANOI).time()));
            prop_assert!(next <= now + TimeDelta::minutes(minutes as i64) + TimeDelta::days(1) + TimeDelta::seconds(100));
        }

        #[test]
        fn reading_never_fails_but_in_words(text in ".{0,20}") {
            for error in [parse_duration(&text).err(), Schedule::parse(&text).err(), Window::parse(&text).err()].into_iter().flatten() {
                prop_assert!(!error.is_empty());
            }
        }
    }
}
