//! A source's own version of a record, as a number that grows.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;

use crate::clock::HANOI;

/// Times without a zone, as Vietnamese systems write them; they are meant in Indochina time.
const TIMES: &[&str] = &[
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %H:%M:%S%.f",
    "%d/%m/%Y %H:%M",
];
const DATES: &[&str] = &["%Y-%m-%d", "%d/%m/%Y"];

/// Microseconds since 1970 for a time, the integer itself for an integer; `None` where neither can be read.
pub fn read(version: &Value) -> Option<i64> {
    match version {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => read_text(text.trim()),
        _ => None,
    }
}

/// An integer that came as a float, as long as floats tell integers apart.
#[expect(clippy::float_cmp, reason = "a whole number is exactly its own truncation")]
fn whole(float: f64) -> Option<i64> {
    (float.trunc() == float && float.abs() < 9_007_199_254_740_992.0).then_some(float as i64)
}

fn read_text(text: &str) -> Option<i64> {
    if let Ok(integer) = text.parse() {
        return Some(integer);
    }
    let zoned =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    if let Ok(time) = zoned {
        return Some(time.timestamp_micros());
    }
    let time = TIMES.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let date = || DATES.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok());
    match time.or_else(|| Some(date()?.and_time(NaiveTime::MIN))) {
        Some(local) => Some(local.and_local_timezone(HANOI).single()?.timestamp_micros()),
        None => dot_net(text),
    }
}

/// `/Date(1709600000000)/` and `/Date(1709600000000+0700)/`: milliseconds since 1970, in UTC whatever the zone
/// says, as the older JSON serializers of .NET write it.
fn dot_net(text: &str) -> Option<i64> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let digits = inner.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map_or(inner.len(), |(at, _)| at);
    inner.get(..digits)?.parse::<i64>().ok()?.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_are_read() {
        let ten = 1_709_607_600_000_000; // 2024-03-05T10:00:00+07:00
        for (version, expected) in [
            (json!("2024-03-05T10:00:00+07:00"), Some(ten)),
            (json!("2024-03-05T03:00:00Z"), Some(ten)),
            (json!("2024-03-05T10:00:00+0700"), Some(ten)),
            (json!("2024-03-05T10:00:00"), Some(ten)),
            (json!("2024-03-05 10:00:00"), Some(ten)),
            (json!(" 2024-03-05 10:00:00.000001 "), Some(ten + 1)),
            (json!("05/03/2024 10:00:00"), Some(ten)),
            (json!("05/03/2024 10:00"), Some(ten)),
            (json!("2024-03-05"), Some(ten - 36_000_000_000)),
            (json!("/Date(1709607600000)/"), Some(ten)),
            (json!("/Date(1709607600000+0700)/"), Some(ten)),
            (json!("/Date(-1000)/"), Some(-1_000_000)),
            (json!(7), Some(7)),
            (json!(-7), Some(-7)),
            (json!(7.0), Some(7)),
            (json!("0042"), Some(42)),
            (json!(7.5), None),
            (json!(u64::MAX), None),
            (json!("2024-02-30"), None),
            (json!("v7"), None),
            (json!(true), None),
            (json!([1]), None),
        ] {
            assert_eq!(read(&version), expected, "{version}");
        }
    }
}
