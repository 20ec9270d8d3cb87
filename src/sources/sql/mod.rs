//! A source that is a table or a view in an agency's own PostgreSQL, MySQL or MariaDB: rows, pulled.
//!
//! The administrator writes the query; a [`Pull`] puts the cursor into it (`$1` … for the columns of `cursor`, the next
//! number for the page size) and asks again and again until a page is not full. What must not happen is that a row is
//! skipped, so:
//!
//! - A page is never gone on from its last row, but from the last row whose cursor *differs* from it. Rows that share a
//!   cursor over a page boundary come again, and those of them that were just read are left out. Where a whole page
//!   shares one cursor the page is made larger, up to a bound; beyond it the pull says so and stops.
//! - A row that was committed late, with an older time than some that were read already, comes with the next pull:
//!   that begins an `overlap` before the newest time that was read, and never later than that before the moment at which
//!   this pull began, by the server's clock and by ours. So one row dated into the future hides nothing.
//! - A page whose rows are not in the order of the cursor is an error, as far as that can be told (times and numbers).
//! - A snapshot is whole or nothing: it never goes on in the middle.
//!
//! Every page is a transaction of its own, read only, under a statement timeout that the server keeps; a server that
//! says nothing is given up somewhat later, and its connection with it. A source has one connection, while it is
//! pulled; none is kept between pulls, so there is no pool to leak from.
//!
//! How values are carried to JSON is told in `postgres.rs` and `mysql.rs`: decimals as text (a JSON number would lose
//! digits), bytes as base64, times in RFC 3339 as far as they have a zone, of their own or from `zone`.
//!
//! This module owns: connections, the query, the shape of the saved cursor. It must not know: what is in a row, where
//! records go. To add a database: a variant of [`Dialect`], a file beside `mysql.rs`, and the arms in `session.rs`.

mod error;
mod key;
mod mysql;
mod mysql_value;
mod postgres;
mod probe;
mod progress;
mod pull;
mod query;
mod session;

pub use error::Error;
pub use probe::Probe;
pub use progress::cursor_at;
pub use pull::Pull;
pub use query::Query;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

use super::Limits;
use super::cursor::Cursor;
use super::pull::MaxMissing;
use crate::dial::Tls;
use crate::secret::Secret;

/// `[sql]`, checked.
#[derive(Debug, Clone)]
pub struct SqlConfig {
    /// With user and password: [`Secret`] prints nothing of it.
    pub url: Secret,
    pub dialect: Dialect,
    pub query: Query,
    /// The columns that order the rows; empty: one query reads everything.
    pub cursor: Vec<String>,
    /// Rows that are asked for at once, where there is a cursor.
    pub page_size: u32,
    /// For one statement.
    pub timeout: Duration,
    /// What times without a zone are meant in.
    pub zone: Option<FixedOffset>,
    pub tls: Tls,
    pub mode: Mode,
}

/// What kind of server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    MySql,
}

impl Dialect {
    /// The schemes of urls.
    pub const SCHEMES: &'static [&'static str] = &["postgres", "postgresql", "mysql", "mariadb"];

    /// By the scheme of a url.
    pub fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::MySql),
            _ => None,
        }
    }
}

/// What one pull covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// Every pull reads everything; nothing is ever deleted by it.
    Full,
    /// Only what comes after the cursor, less `overlap`.
    Incremental { overlap: Overlap, start: Option<DateTime<Utc>> },
    /// Every pull is the whole set: what is missing from it was deleted at the source, unless more than this is.
    Snapshot { max_missing: MaxMissing },
}

/// How far before the newest row the next pull begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// Where the first column of the cursor is a time.
    pub time: Duration,
    /// Where it is a whole number.
    pub count: u32,
}

impl Default for Overlap {
    fn default() -> Self {
        Self { time: Duration::from_mins(10), count: 1000 }
    }
}

/// Speaks with one source. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SqlConfig,
    limits: Limits,
    /// The server's address as it may be logged.
    label: String,
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Setup`] when the url cannot be used.
    pub fn new(config: &SqlConfig, limits: &Limits) -> Result<Self, Error> {
        let label = session::label(config)?;
        Ok(Self { inner: Arc::new(Inner { config: config.clone(), limits: limits.clone(), label }) })
    }

    /// Begins a pull, or goes on with the one that `cursor` says was interrupted. `started_at` is the moment at
    /// which the pull was begun.
    pub fn pull(&self, cursor: Option<Cursor>, started_at: DateTime<Utc>) -> Pull {
        Pull::new(Arc::clone(&self.inner), cursor, started_at)
    }

    /// Connects, asks for one row, and says what came.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn probe(&self, now: DateTime<Utc>) -> Result<Probe, Error> {
        probe::probe(&self.inner, now).await.map_err(|error| error.at(&self.inner.label))
    }
}
