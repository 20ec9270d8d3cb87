//! How the moment since when changes are wanted is written in a request.

use chrono::format::{Fixed, Item, StrftimeItems};
use chrono::{DateTime, Utc};

use crate::clock::HANOI;

/// Writes `since` as `incremental.format` says: `epoch_s`, `epoch_ms`, or strftime.
///
/// A strftime format is written in Indochina time, which is what a Vietnamese system means by a time without a
/// zone; only a format that ends in a literal `Z` is written in UTC, because that letter says so. What the
/// format leaves out is cut off, never rounded up, so that the moment only gets earlier.
///
/// # Errors
/// [`check_format`]'s.
pub(super) fn write(since: DateTime<Utc>, format: &str) -> Result<String, String> {
    match format {
        "epoch_s" => return Ok(since.timestamp().to_string()),
        "epoch_ms" => return Ok(since.timestamp_millis().to_string()),
        _ => check_format(format)?,
    }
    let text = if is_utc(format) {
        since.format(format).to_string()
    } else {
        since.with_timezone(&HANOI).format(format).to_string()
    };
    Ok(text)
}

/// Checks an `incremental.format`.
///
/// # Errors
/// The rule in words, with an example.
pub fn check_format(format: &str) -> Result<(), String> {
    let wrong = |why: &str| {
        Err(format!(
            "incremental.format {format:?} {why}; write it like \"%Y-%m-%dT%H:%M:%S%:z\", \"epoch_s\" or \"epoch_ms\""
        ))
    };
    if matches!(format, "epoch_s" | "epoch_ms") {
        return Ok(());
    }
    let items: Vec<_> = StrftimeItems::new(format).collect();
    if items.iter().any(|item| matches!(item, Item::Error)) {
        return wrong("holds a sign that strftime does not know");
    }
    if !items.iter().any(|item| matches!(item, Item::Numeric(..) | Item::Fixed(_))) {
        return wrong("holds no part of a date");
    }
    // Twelve-hour clocks and the like pass; a format that forgets the date would ask for nothing or everything.
    let epoch = DateTime::UNIX_EPOCH.format(format).to_string();
    let later = DateTime::UNIX_EPOCH.checked_add_days(chrono::Days::new(40_000)).unwrap_or_default();
    if epoch == later.format(format).to_string() {
        return wrong("holds no date");
    }
    Ok(())
}

fn is_utc(format: &str) -> bool {
    let items: Vec<_> = StrftimeItems::new(format).collect();
    let zoned = |item: &Item<'_>| {
        matches!(
            item,
            Item::Fixed(
                Fixed::TimezoneOffset
                    | Fixed::TimezoneOffsetColon
                    | Fixed::TimezoneOffsetColonZ
                    | Fixed::TimezoneOffsetZ
                    | Fixed::RFC3339
                    | Fixed::RFC2822
            )
        )
    };
    let ends_in_z = matches!(items.last(), Some(Item::Literal(text)) if text.ends_with('Z'));
    ends_in_z && !items.iter().any(zoned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_the_source_wants_it() {
        // 23:30 in London is the next morning in Hanoi: both sides of the date line of UTC.
        let late = DateTime::parse_from_rfc3339("2026-11-24T23:30:15.987Z").unwrap().with_timezone(&Utc);
        for (format, expected) in [
            ("%Y-%m-%dT%H:%M:%S%:z", "2026-11-25T06:30:15+07:00"),
            ("%Y-%m-%d %H:%M:%S", "2026-11-25 06:30:15"),
            ("%Y-%m-%dT%H:%M:%SZ", "2026-11-24T23:30:15Z"),
            ("%Y-%m-%dT%H:%M:%S%.3fZ", "2026-11-24T23:30:15.987Z"),
            ("%d/%m/%Y", "25/11/2026"),
            ("%+", "2026-11-25T06:30:15.987+07:00"),
            ("%s", "1795563015"),
            ("epoch_s", "1795563015"),
            ("epoch_ms", "1795563015987"),
        ] {
            assert_eq!(write(late, format).unwrap(), expected, "{format}");
        }
    }

    #[test]
    fn a_format_that_asks_for_nothing_is_refused() {
        for format in ["", "since", "%Q", "%H:%M", "%"] {
            let error = check_format(format).unwrap_err();
            assert!(error.contains("epoch_s"), "{error}");
            assert!(write(DateTime::UNIX_EPOCH, format).is_err());
        }
    }
}
