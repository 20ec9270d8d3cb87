//! `[sql]`: a table or a view of the source's own database, and how its rows follow one another.

use std::time::Duration;

use chrono::FixedOffset;

use super::document::Value;
use super::section::Section;
use super::{authentication, http, settings};
use crate::secret::ExposeSecret as _;
use crate::sources::http::Url;
use crate::sources::sql::{Dialect, Mode, Overlap, Query, SqlConfig};

/// The keys of `[sql]`.
pub const KEYS: &[&str] =
    &["url", "url_file", "query", "cursor", "page_size", "timeout", "zone", "tls", "incremental", "snapshot"];
/// The keys of `sql.incremental`.
pub const INCREMENTAL: &[&str] = &["overlap", "start"];

/// Checks `[sql]`.
pub fn check(section: &Section<'_>) -> Option<SqlConfig> {
    let url = settings::url(section, Dialect::SCHEMES, "postgres://reader@10.1.2.3:5432/donthu");
    let dialect = url.as_ref().and_then(|url| Url::parse(url.value.expose_secret()).ok());
    let dialect = dialect.and_then(|url| Dialect::of_scheme(url.scheme()));
    let advice = "one SELECT; with a cursor `… WHERE (cap_nhat, ma) > ($1, $2) ORDER BY cap_nhat, ma LIMIT $3`";
    let text = section.required_text("query", advice);
    let cursor: Vec<String> = section.texts("cursor").into_iter().map(|text| text.value.to_owned()).collect();
    let query = text.and_then(|text| {
        // both languages refuse the same; without a url the one is as good as the other
        let parsed = Query::parse(text.value, dialect.unwrap_or(Dialect::Postgres));
        let query = parsed.map_err(|reason| section.check.fault(&text.place, format!("`sql.query`: {reason}"), advice));
        query.ok().filter(|query| fits(section, query, &cursor, &text.place))
    });
    let page_size = section.integer("page_size", 10..=100_000_u32).unwrap_or(1000);
    let timeout = section.duration("timeout", Duration::from_secs(1), Duration::from_hours(24));
    // a whole table in one statement takes longer than a page
    let timeout = timeout.unwrap_or(if cursor.is_empty() { Duration::from_hours(1) } else { Duration::from_mins(1) });
    let zone = section.parsed("zone", zone).map(|zone| zone.value);
    let tls = authentication::tls_of(section)?;
    let mode = mode(section, !cursor.is_empty());
    if section.has("zone") && zone.is_none() {
        return None;
    }
    Some(SqlConfig {
        url: url?.value,
        dialect: dialect?,
        query: query?,
        cursor,
        page_size,
        timeout,
        zone,
        tls,
        mode: mode?,
    })
}

/// Whether the query takes the cursor, and the page size after it, and nothing else.
fn fits(section: &Section<'_>, query: &Query, cursor: &[String], place: &super::problem::Place) -> bool {
    let given = query.numbers();
    let columns = cursor.len();
    if columns == 0 {
        if given.is_empty() {
            return true;
        }
        let message = "`sql.query` has placeholders and there is no `sql.cursor`";
        section.check.fault(place, message, "name the columns that order the rows: `cursor = [\"cap_nhat\", \"ma\"]`");
        return false;
    }
    let wanted: Vec<usize> = (1..=columns + 1).collect();
    if given != wanted {
        let shown = |numbers: &[usize]| numbers.iter().map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let has = if given.is_empty() { "none".to_owned() } else { shown(&given) };
        let message = format!("`sql.query` must have the placeholders {}; it has {has}", shown(&wanted));
        let (names, values) = (cursor.join(", "), shown(&(1..=columns).collect::<Vec<_>>()));
        let after = if columns == 1 { format!("{names} > {values}") } else { format!("({names}) > ({values})") };
        let last = columns + 1;
        let advice =
            format!("one for each column of `cursor`, and ${last} for the page size: `WHERE {after} … LIMIT ${last}`");
        section.check.fault(place, message, advice);
        return false;
    }
    if !query.is_ordered() {
        let message = "`sql.query` has no ORDER BY: rows would be skipped";
        section.check.fault(place, message, format!("order by the cursor: `ORDER BY {}`", cursor.join(", ")));
        return false;
    }
    true
}

fn mode(section: &Section<'_>, has_cursor: bool) -> Option<Mode> {
    match (section.has("incremental"), section.has("snapshot")) {
        (true, true) => section.exactly_one(&["incremental", "snapshot"]).and(None),
        (false, true) => {
            let max_missing = http::max_missing(&section.child("snapshot", &["max_missing"])?)?;
            Some(Mode::Snapshot { max_missing })
        }
        (true, false) if !has_cursor => {
            let advice = "name the columns that order the rows: `cursor = [\"cap_nhat\", \"ma\"]`";
            section.check.fault(&section.place_of("incremental"), "`sql.incremental` without `sql.cursor`", advice);
            None
        }
        (true, false) => incremental(&section.child("incremental", INCREMENTAL)?),
        (false, false) if has_cursor => Some(Mode::Incremental { overlap: Overlap::default(), start: None }),
        (false, false) => Some(Mode::Full),
    }
}

fn incremental(table: &Section<'_>) -> Option<Mode> {
    let mut overlap = Overlap::default();
    if let Some(entry) = table.entry("overlap") {
        match entry.node.value {
            Value::Integer(_) => overlap.count = table.integer("overlap", 0..=1_000_000_000_u32)?,
            _ => overlap.time = table.duration("overlap", Duration::ZERO, Duration::from_hours(24 * 366))?,
        }
    }
    let start = if table.has("start") { Some(http::start(table)?) } else { None };
    Some(Mode::Incremental { overlap, start })
}

/// `+07:00`.
fn zone(text: &str) -> Result<FixedOffset, String> {
    let bad = || format!("{text:?} is no zone: hours and minutes from UTC, as in \"+07:00\"");
    let is_plain = text.len() == 6 && text.is_char_boundary(3) && text.get(3..4) == Some(":");
    if is_plain { text.parse().map_err(|_| bad()) } else { Err(bad()) }
}
