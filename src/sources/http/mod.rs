//! A source with an HTTP interface: pages of JSON, pulled.
//!
//! A pull is a conversation of many requests, any of which may fail, and what must not happen is that a record
//! is skipped. So a [`Pull`] yields one page at a time with a *checkpoint*, and the caller saves a checkpoint only
//! after the page's records are safe; and the *high-water mark*, from which the next pull asks for changes, moves
//! only when a pull has come to its end, and only to that pull's start, less an overlap:
//!
//! - A record that changes while a pull runs is asked for again by the next pull.
//! - Records that share one timestamp at the boundary, or were committed late at the source, come again by the
//!   overlap. That costs nothing but traffic, because storing what is there already changes nothing.
//! - A pull that was killed goes on after its last saved page. If the source no longer takes that position, the
//!   pull's own window is read again from its beginning.
//! - Pages by number or offset can skip records while the set is edited, because rows move up when one before
//!   them goes. In incremental pulls the overlap of the next pull mends what moved in that time; what moved in a
//!   long *first* pull stays missing until the source is reconciled or reset. Where a source offers a cursor or a
//!   next link, use that.
//! - A snapshot is whole or nothing: it never goes on in the middle.
//!
//! This module owns: addresses, credentials, pagination, retries, rate limits, the shape of the saved cursor.
//! It must not know: what is in a record ([`Decoder`] cuts pages into records), where records go.
//! To add a pagination: a variant of [`Pagination`] and the arms in `position.rs`; to add a kind of credentials: a
//! variant of [`Auth`] and the arms in `client.rs`.

mod client;
mod error;
mod exchange;
mod link;
mod origin;
mod pacer;
mod page;
mod patience;
mod position;
mod probe;
mod progress;
mod pull;
mod sample;
mod since;
#[cfg(test)]
mod tests;
mod token;

pub use client::Client;
pub use error::Error;
pub use patience::Patience;
pub use probe::Probe;
pub use progress::{cursor_at, high_water};
pub use pull::Pull;
pub use sample::{Body, fetch_once};
pub use since::check_format;

use std::fmt;
use std::time::Duration;

pub use reqwest::Url;

use crate::dial::Tls;
use crate::secret::Secret;
#[cfg(doc)]
use crate::sources::mapping::Decoder;
use crate::sources::mapping::Expression;
use crate::sources::pull::MaxMissing;

/// `[http]`, checked.
#[derive(Clone)]
pub struct HttpConfig {
    pub url: Url,
    /// For one request, from the first byte sent to the last byte read.
    pub timeout: Duration,
    /// Requests at most in this time; `None`: no limit.
    pub rate_limit: Option<RateLimit>,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
    pub auth: Auth,
    pub tls: Tls,
    pub pagination: Pagination,
    pub mode: Mode,
}

impl fmt::Debug for HttpConfig {
    /// Without the values of headers and of query parameters: administrators put keys there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpConfig")
            .field("url", &origin::label(&self.url))
            .field("timeout", &self.timeout)
            .field("rate_limit", &self.rate_limit)
            .field("headers", &headers)
            .field("auth", &self.auth)
            .field("tls", &self.tls)
            .field("pagination", &self.pagination)
            .field("mode", &self.mode)
            .finish()
    }
}

/// `"10/s"`: that many requests in that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    pub requests: u32,
    pub per: Duration,
}

/// How requests are authenticated.
#[derive(Clone)]
pub enum Auth {
    None,
    Basic {
        username: String,
        password: Secret,
    },
    Bearer {
        token: Secret,
    },
    /// Sent as a header, or as a query parameter where the source wants it so.
    ApiKey {
        place: KeyPlace,
        name: String,
        key: Secret,
    },
    /// OAuth 2 client credentials (RFC 6749, section 4.4); the token is renewed before it ends and after a 401.
    OAuth2 {
        token_url: Url,
        client_id: String,
        client_secret: Secret,
        scope: Option<String>,
    },
}

impl fmt::Debug for Auth {
    /// The kind only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Bearer { .. } => "Bearer",
            Self::ApiKey { .. } => "ApiKey",
            Self::OAuth2 { .. } => "OAuth2",
        })
    }
}

/// Where an API key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    Header,
    Query,
}

/// How a pull comes from one page to the next.
#[derive(Debug, Clone)]
pub enum Pagination {
    None,
    /// `?page=1&page_size=500`, until `total_pages` (an expression on the page) is reached or, without it, a page
    /// is empty. A short page does not end the pull (many servers give fewer than asked for); a 404 after a short
    /// page does.
    Page {
        param: String,
        first: u64,
        size_param: Option<String>,
        size: Option<u64>,
        total_pages: Option<Expression>,
    },
    /// `?offset=0&limit=500`, until a page is empty; the offset grows by the records that came.
    Offset {
        param: String,
        limit_param: String,
        limit: u64,
    },
    /// `next` is an expression on the page: null, false, empty or absent ends the pull, text or a number is sent
    /// as `param`, and text that is an address (`https://…`, `?…`, or the page's own path and a query) is followed
    /// if it is of the same origin. (A server behind a TLS proxy may write `http:` into its links; `next` can mend
    /// that: `.next | sub("^http:"; "https:")`.)
    Cursor {
        param: String,
        next: Expression,
    },
    /// `Link: <…>; rel="next"` (RFC 8288).
    LinkHeader,
}

/// What one pull covers.
#[derive(Debug, Clone)]
pub enum Mode {
    /// Every pull reads everything; nothing is ever deleted by it.
    Full,
    /// Only what changed since the last pull, less `overlap`.
    Incremental {
        param: String,
        /// A strftime format (in Indochina time, unless it ends in a literal `Z`), or the words `epoch_s`,
        /// `epoch_ms`; see [`check_format`].
        format: String,
        overlap: Duration,
        /// Where the very first pull begins; `None`: without the parameter.
        start: Option<chrono::DateTime<chrono::Utc>>,
    },
    /// Every pull is the whole set: what is missing from it was deleted at the source, unless more than this is.
    /// With pages by number or offset a record can be missing because rows moved while they were read; it then
    /// comes back with the next pull.
    Snapshot { max_missing: MaxMissing },
}
