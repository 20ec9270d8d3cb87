//! What one request gets: which records, in which order, and how the client comes to the next ones.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::{Http, Paging, Simulated, Since};
use crate::clock::HANOI;
use crate::demo::generate::Record;

/// The query of a request.
pub type Query = BTreeMap<String, String>;

/// One page, ready to be framed.
#[derive(Debug, Default)]
pub struct Listing {
    pub records: Vec<Value>,
    /// Of the pages, from 1.
    pub page: usize,
    pub pages: usize,
    /// Records on all pages.
    pub total: usize,
    /// What leads to the next page: an opaque text or an address, as the agency has it.
    pub next: Option<String>,
}

/// The request asks for something that there is not; the parameter at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misasked(pub &'static str);

impl Since {
    /// `2026-03-04T10:00:00+07:00`
    pub fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
    }

    /// `1772593200`
    pub fn epoch_seconds(text: &str) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(text.parse().ok()?, 0)
    }

    /// `2026-03-04`, from its first moment in Vietnam
    pub fn day(text: &str) -> Option<DateTime<Utc>> {
        Self::midnight(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?)
    }

    /// `04/03/2026`, from its first moment in Vietnam
    pub fn day_first(text: &str) -> Option<DateTime<Utc>> {
        Self::midnight(NaiveDate::parse_from_str(text, "%d/%m/%Y").ok()?)
    }

    fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
        let at = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(HANOI).single()?;
        Some(at.to_utc())
    }
}

/// Answers `query` from `records`; `address` is where the agency is asked, for links.
///
/// # Errors
/// [`Misasked`] where a parameter cannot be read.
pub fn list(
    agency: &Simulated,
    http: &Http,
    records: &[Record],
    query: &Query,
    address: &str,
) -> Result<Listing, Misasked> {
    let since = match &http.since {
        Some(since) => {
            query.get(since.param).map(|text| (since.read)(text).ok_or(Misasked(since.param))).transpose()?
        }
        None => None,
    };
    let there = |record: &&Record| http.tombstones || !record.deleted;
    let edited = |record: &&Record| since.is_none_or(|since| record.updated_at >= since);
    let mut chosen: Vec<&Record> = records.iter().filter(there).filter(edited).collect();
    if matches!(http.paging, Paging::Cursor { .. }) {
        // by the last edit, so that what is edited while a client turns pages comes up again at the end
        chosen.sort_by_key(|record| place(record));
    }
    let window = Window::of(&http.paging, &chosen, query)?;
    let shown = chosen.iter().skip(window.skip).take(window.take);
    let mut listing = Listing {
        records: shown.map(|record| (agency.shape)(record)).collect(),
        page: window.skip / window.take.max(1) + 1,
        pages: chosen.len().div_ceil(window.take.max(1)),
        total: chosen.len(),
        next: None,
    };
    let end = window.skip + listing.records.len();
    if end < chosen.len() {
        listing.next = match &http.paging {
            Paging::Cursor { param, as_url, .. } => {
                let cursor = chosen.get(end - 1).map(|record| URL_SAFE_NO_PAD.encode(place(record)));
                cursor.map(|cursor| if *as_url { link(address, query, param, &cursor) } else { cursor })
            }
            Paging::Link { param, .. } => Some(link(address, query, param, &end.to_string())),
            Paging::Everything | Paging::Page { .. } | Paging::Offset { .. } => None,
        };
    }
    Ok(listing)
}

/// Which of the chosen records are shown.
struct Window {
    skip: usize,
    take: usize,
}

impl Window {
    fn of(paging: &Paging, chosen: &[&Record], query: &Query) -> Result<Self, Misasked> {
        let number = |param: &'static str, otherwise: usize| match query.get(param) {
            Some(text) => text.parse::<usize>().map_err(|_| Misasked(param)),
            None => Ok(otherwise),
        };
        Ok(match paging {
            Paging::Everything => Self { skip: 0, take: chosen.len() },
            Paging::Page { param, size_param, size } => {
                let take = size_param.map_or(Ok(*size), |param| number(param, *size))?.clamp(1, 500);
                let page = number(param, 1)?.checked_sub(1).ok_or(Misasked(param))?;
                Self { skip: page.saturating_mul(take), take }
            }
            Paging::Offset { param, limit_param } => {
                Self { skip: number(param, 0)?, take: number(limit_param, 100)?.clamp(1, 500) }
            }
            Paging::Link { param, size } => Self { skip: number(param, 0)?, take: *size },
            Paging::Cursor { param, size, .. } => {
                let after = query.get(*param).map(|text| URL_SAFE_NO_PAD.decode(text).map_err(|_| Misasked(param)));
                let after = after.transpose()?;
                let skip =
                    after.map_or(0, |after| chosen.partition_point(|record| place(record).as_bytes() <= &*after));
                Self { skip, take: *size }
            }
        })
    }
}

/// Where a record stands among those in the order of their edits, as text that sorts the same way.
fn place(record: &Record) -> String {
    format!("{:020}|{}", record.updated_at.timestamp_millis(), record.record_id)
}

/// The address of another page: the same question with `param` set to `value`.
fn link(address: &str, query: &Query, param: &str, value: &str) -> String {
    let mut query = query.clone();
    query.insert(param.to_owned(), value.to_owned());
    let pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    format!("{address}?{}", pairs.join("&"))
}

/// Percent-encoded as RFC 3986 wants it in a query.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else if write!(escaped, "%{byte:02X}").is_err() {
            break;
        }
    }
    escaped
}
