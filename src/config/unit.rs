//! Values with a unit: sizes, rates, shares.

use std::time::Duration;

use crate::sources::http::RateLimit;
use crate::sources::pull::MaxMissing;

/// `64MB`, `4MiB`, `512KB`, `1000B`: bytes.
///
/// # Errors
/// The form in words.
pub fn size(text: &str) -> Result<usize, String> {
    let bad = || format!("{text:?} is no size: a number and B, KB, MB, GB, KiB, MiB or GiB, as in \"64MB\"");
    let (number, unit) = split(text);
    let factor: usize = match unit {
        "B" => 1,
        "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(bad()),
    };
    number.parse::<usize>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(bad)
}

/// `10/s`, `600/m`, `5000/h`: requests in a time.
///
/// # Errors
/// The form in words.
pub fn rate(text: &str) -> Result<RateLimit, String> {
    let bad =
        || format!("{text:?} is no rate: requests in a second, minute or hour, as in \"10/s\", \"600/m\", \"5000/h\"");
    let (number, unit) = text.split_once('/').ok_or_else(bad)?;
    let per = match unit.trim() {
        "s" => Duration::from_secs(1),
        "m" | "min" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err(bad()),
    };
    let requests = number.trim().parse().ok().filter(|&requests| requests > 0).ok_or_else(bad)?;
    Ok(RateLimit { requests, per })
}

/// `5%`: the share of a source's records that may be missing at once.
///
/// # Errors
/// The form in words.
pub fn share(text: &str) -> Result<MaxMissing, String> {
    let bad =
        || format!("{text:?} is no share: a percentage from 0% to 100%, as in \"5%\", or a whole number of records");
    let percent = text.trim().strip_suffix('%').ok_or_else(bad)?;
    let percent: f64 = percent.trim().parse().map_err(|_| bad())?;
    if (0.0..=100.0).contains(&percent) { Ok(MaxMissing::Share(percent / 100.0)) } else { Err(bad()) }
}

/// Digits, then the rest.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let table = [("64MB", 64_000_000), ("4 MiB", 4 << 20), ("1000B", 1000), ("2GiB", 2 << 30)];
        for (text, bytes) in table {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "64", "MB", "64mb", "-1MB", "1.5MB", "99999999999999999999GB", "18446744073709551615KB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates() {
        assert_eq!(rate("10/s"), Ok(RateLimit { requests: 10, per: Duration::from_secs(1) }));
        assert_eq!(rate("600 / m"), Ok(RateLimit { requests: 600, per: Duration::from_mins(1) }));
        for text in ["", "10", "0/s", "-1/s", "10/d", "1.5/s", "/s"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shares() {
        assert_eq!(share("5%"), Ok(MaxMissing::Share(0.05)));
        for text in ["", "5", "101%", "-1%", "NaN%", "%"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
