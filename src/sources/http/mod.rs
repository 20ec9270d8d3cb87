//! A source with an HTTP interface: pages of JSON, pulled.

use std::path::PathBuf;
use std::time::Duration;

pub use reqwest::Url;

use crate::secret::Secret;
use crate::sources::mapping::Expression;

/// `[http]`, checked.
#[derive(Debug, Clone)]
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

/// `"10/s"`: that many requests in that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    pub requests: u32,
    pub per: Duration,
}

/// How requests are authenticated.
#[derive(Debug, Clone)]
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

/// Where an API key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    Header,
    Query,
}

/// TLS beside the system's roots. Paths were readable when the configuration was checked.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// PEM; trusted instead of the system's roots.
    pub ca_file: Option<PathBuf>,
    /// PEM chain and key of the client certificate: both or neither.
    pub cert_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
}

/// How a pull comes from one page to the next.
#[derive(Debug, Clone)]
pub enum Pagination {
    None,
    /// `?page=1&page_size=500`, until a page is empty (or shorter than `size`, where `size` is sent), or
    /// `total_pages` (an expression on the page) is reached.
    Page {
        param: String,
        first: u64,
        size_param: Option<String>,
        size: Option<u64>,
        total_pages: Option<Expression>,
    },
    /// `?offset=0&limit=500`, until a page is empty or shorter than `limit`.
    Offset {
        param: String,
        limit_param: String,
        limit: u64,
    },
    /// `next` is an expression on the page: null or absent ends the pull, text or a number is sent as `param`,
    /// and text that is a URL is followed if it is of the same origin.
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
        /// A strftime format, or the words `epoch_s`, `epoch_ms`.
        format: String,
        overlap: Duration,
        /// Where the very first pull begins; `None`: without the parameter.
        start: Option<chrono::DateTime<chrono::Utc>>,
    },
    /// Every pull is the whole set: what is missing from it was deleted at the source, unless more than this is.
    Snapshot { max_missing: MaxMissing },
}

/// The brake on deletions that are inferred from absence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxMissing {
    /// Of the records the database holds of the source, 0.0 to 1.0.
    Share(f64),
    Records(u64),
}
