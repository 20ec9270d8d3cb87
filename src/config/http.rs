//! `[http]`: where a source is fetched, as whom, and how its pages follow one another.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::document::Value;
use super::section::{Placed, Section};
use super::{authentication, redact, unit};
use crate::clock::HANOI;
use crate::sources::http::{HttpConfig, Mode, Pagination, Url, check_format};
use crate::sources::pull::MaxMissing;

/// The keys of `[http]`.
pub const KEYS: &[&str] =
    &["url", "timeout", "rate_limit", "headers", "auth", "tls", "pagination", "incremental", "snapshot"];
/// The keys of `http.incremental`.
pub const INCREMENTAL: &[&str] = &["param", "format", "overlap", "start"];
/// The keys of `http.pagination.page`.
pub const PAGE: &[&str] = &["param", "first", "size_param", "size", "total_pages"];
const PAGINATIONS: &[&str] = &["none", "page", "offset", "cursor", "link_header"];

/// Checks `[http]`.
pub fn check(section: &Section<'_>) -> Option<HttpConfig> {
    let url =
        section.required_url("url", "where the records are fetched, as in \"https://kntc.example.vn/api/don-thu\"");
    let timeout = section.duration("timeout", Duration::from_secs(1), Duration::from_hours(1));
    let rate_limit = section.parsed("rate_limit", unit::rate).map(|rate| rate.value);
    let headers = headers(section);
    let auth = authentication::auth(section, url.as_ref());
    let tls = authentication::tls_of(section);
    let (pagination, mode) = (pagination(section), mode(section));
    each_parameter_once(section);
    Some(HttpConfig {
        url: url?.value,
        timeout: timeout.unwrap_or(Duration::from_secs(30)),
        rate_limit,
        headers,
        auth: auth?,
        tls: tls?,
        pagination: pagination?,
        mode: mode?,
    })
}

fn headers(section: &Section<'_>) -> Vec<(String, String)> {
    let Some(table) = section.open_child("headers") else { return Vec::new() };
    let mut headers = Vec::new();
    for entry in &table.table.0 {
        let name = &entry.key;
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if redact::SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("a secret must not stand in this file: the header `{name}`");
            section.check.fault(&entry.key_place, message, "use `http.auth` with a `*_file`");
        } else if name.is_empty() || !name.chars().all(token) {
            section.check.error(&entry.key_place, format!("{name:?} is no name of a header"));
        } else {
            match &entry.node.value {
                Value::Text(value) if value.chars().all(|c| (' '..='~').contains(&c)) => {
                    headers.push((name.clone(), value.clone()));
                }
                Value::Text(_) => {
                    let message = format!("the header `{name}` may hold only printable ASCII");
                    section.check.error(&entry.node.place, message);
                }
                other => {
                    let message = format!("the header `{name}` must be text in quotes, not {}", other.kind());
                    section.check.error(&entry.node.place, message);
                }
            }
        }
    }
    headers
}

fn pagination(section: &Section<'_>) -> Option<Pagination> {
    if !section.has("pagination") {
        return Some(Pagination::None);
    }
    let choice = section.child("pagination", PAGINATIONS)?;
    let name = choice.exactly_one(PAGINATIONS)?;
    match name {
        "none" => choice.bare(name).then_some(Pagination::None),
        "link_header" => choice.bare(name).then_some(Pagination::LinkHeader),
        "page" => page(&choice.child(name, PAGE)?),
        "offset" => {
            let table = choice.child(name, &["param", "limit_param", "limit"])?;
            let param = table.param("param", "\"offset\"");
            let limit_param = table.param("limit_param", "\"limit\"");
            let limit = table.required_integer("limit", 1..=1_000_000_u64, "records of one page, as in 500");
            Some(Pagination::Offset { param: param?, limit_param: limit_param?, limit: limit? })
        }
        _ => {
            let table = choice.child(name, &["next", "param"])?;
            let param = table.param("param", "\"cursor\"");
            if !table.has("next") {
                table.missing("next", "where the next cursor stands in a page, as in \".meta.next\"");
            }
            let next = table.expression("next");
            Some(Pagination::Cursor { param: param?, next: next? })
        }
    }
}

fn page(table: &Section<'_>) -> Option<Pagination> {
    let param = table.param("param", "\"page\"");
    let first = table.integer("first", 0..=1_000_000_u64);
    let size = table.integer("size", 1..=1_000_000_u64);
    let size_param = if table.has("size_param") { Some(table.param("size_param", "\"page_size\"")?) } else { None };
    let total_pages = table.expression("total_pages");
    for (one, other) in [("size", "size_param"), ("size_param", "size")] {
        if table.has(one) && !table.has(other) {
            let message = format!("`{}` without `{other}`", table.full(one));
            table.check.fault(&table.place_of(one), message, "the size is sent under a name: give both or neither");
        }
    }
    if table.has("total_pages") && total_pages.is_none() {
        return None;
    }
    Some(Pagination::Page { param: param?, first: first.unwrap_or(1), size_param, size, total_pages })
}

fn mode(section: &Section<'_>) -> Option<Mode> {
    match (section.has("incremental"), section.has("snapshot")) {
        (false, false) => Some(Mode::Full),
        (true, true) => section.exactly_one(&["incremental", "snapshot"]).and(None),
        (true, false) => incremental(&section.child("incremental", INCREMENTAL)?),
        (false, true) => {
            let max_missing = max_missing(&section.child("snapshot", &["max_missing"])?)?;
            Some(Mode::Snapshot { max_missing })
        }
    }
}

fn incremental(table: &Section<'_>) -> Option<Mode> {
    let param = table.param("param", "\"updated_since\"");
    let format = table.required_text("format", "as in \"%Y-%m-%dT%H:%M:%S%:z\", or epoch_s, epoch_ms");
    let format = format.filter(|format| is_time_format(table, format));
    let overlap = if table.has("overlap") {
        table.duration("overlap", Duration::ZERO, Duration::from_hours(24 * 366))
    } else {
        Some(Duration::from_mins(10))
    };
    let start = if table.has("start") { Some(start(table)?) } else { None };
    Some(Mode::Incremental { param: param?, format: format?.value.to_owned(), overlap: overlap?, start })
}

fn is_time_format(table: &Section<'_>, format: &Placed<&str>) -> bool {
    check_format(format.value).map_err(|reason| table.check.error(&format.place, reason)).is_ok()
}

/// A moment, or a date for its first moment in Indochina time.
pub(super) fn start(table: &Section<'_>) -> Option<DateTime<Utc>> {
    let entry = table.entry("start")?;
    let text = match &entry.node.value {
        Value::Text(text) | Value::Time(text) => text.as_str(),
        _ => table.text("start")?.value,
    };
    let moment = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc));
    let midnight = || {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        let at = date.and_time(NaiveTime::MIN).and_local_timezone(HANOI).single()?;
        Some(at.with_timezone(&Utc))
    };
    let found = moment().or_else(midnight);
    if found.is_none() {
        let message = format!("`{}` is neither a date nor a time with its zone", table.full("start"));
        table.check.fault(&entry.node.place, message, "as in \"2024-01-01\" or \"2024-01-01T00:00:00+07:00\"");
    }
    found
}

/// How many records may vanish at once from a snapshot.
pub(super) fn max_missing(table: &Section<'_>) -> Option<MaxMissing> {
    let advice = "how many records may vanish at once before nothing is deleted: \"5%\", or a number of records";
    let Some(entry) = table.entry("max_missing") else {
        table.missing("max_missing", advice);
        return None;
    };
    Some(match entry.node.value {
        Value::Integer(_) => MaxMissing::Records(table.integer("max_missing", 0..=1_000_000_000_u64)?),
        _ => table.parsed("max_missing", unit::share)?.value,
    })
}

/// Two settings that send one parameter would overwrite one another.
fn each_parameter_once(section: &Section<'_>) {
    let mut seen: Vec<(&str, String)> = Vec::new();
    let tables = ["pagination", "incremental", "auth"].into_iter().filter_map(|key| section.open_child_quietly(key));
    let inner = tables.flat_map(|table| {
        let choices: Vec<_> = table.table.0.iter().filter_map(|entry| table.open_child_quietly(&entry.key)).collect();
        std::iter::once(table).chain(choices)
    });
    for table in inner {
        let names = ["param", "size_param", "limit_param", "query"];
        for entry in table.table.0.iter().filter(|entry| names.contains(&entry.key.as_str())) {
            let Value::Text(param) = &entry.node.value else { continue };
            let key = table.full(&entry.key);
            match seen.iter().find(|(other, _)| other == param) {
                Some((_, other)) => {
                    let message = format!("`{key}` and `{other}` both send the parameter {param:?}");
                    section.check.error(&entry.node.place, message);
                }
                None => seen.push((param, key)),
            }
        }
    }
}

impl Section<'_> {
    /// The name of a query parameter.
    fn param(&self, key: &str, example: &str) -> Option<String> {
        let text = self.required_text(key, &format!("the name of the parameter, as in {example}"))?;
        Some(text.value.to_owned())
    }

    fn required_integer(&self, key: &str, range: std::ops::RangeInclusive<u64>, advice: &str) -> Option<u64> {
        if !self.has(key) {
            self.missing(key, advice);
        }
        self.integer(key, range)
    }

    /// An address that can be asked: http or https, without a user in it.
    pub fn required_url(&self, key: &str, advice: &str) -> Option<Placed<Url>> {
        let text = self.required_text(key, advice)?;
        let full = self.full(key);
        let url = match Url::parse(text.value) {
            Ok(url) => url,
            Err(error) => {
                self.check.fault(&text.place, format!("`{full}` is no url: {error}"), advice);
                return None;
            }
        };
        if !matches!(url.scheme(), "http" | "https") {
            self.check.fault(&text.place, format!("`{full}` must begin with https:// or http://"), advice);
            return None;
        }
        if !url.username().is_empty() || url.password().is_some() {
            let message = format!("`{full}` has a user or a password in it");
            self.check.fault(&text.place, message, "use `http.auth.basic = { username, password_file }`");
            return None;
        }
        if redact::has_password(text.value) {
            let message = format!("a secret must not stand in this file: `{full}` has one among its parameters");
            self.check.fault(&text.place, message, "use `http.auth.api_key = { query, key_file }`");
            return None;
        }
        Some(Placed { value: url, place: text.place })
    }
}
