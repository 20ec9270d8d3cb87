//! Why a pull stopped, told apart by what the caller can do about it.
//!
//! What a server says of a value may hold the value, and so a person's data; it is repeated only where it speaks of the
//! query or of rights.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use super::Dialect;

/// Why the source could not be read. No text holds a password or a value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The server is away, overloaded or too slow: pull again later.
    #[error("{what}")]
    Retry { what: String },
    /// The server does not let us in: pulling again before an administrator has looked may lock the account.
    #[error("{what}")]
    Refused { what: String },
    /// The query, or what it gives, cannot be used: `[sql]` or the view must be mended.
    #[error("{what}")]
    Protocol { what: String },
    /// The source sends more than `[limits]` allows.
    #[error("{what}")]
    Limit { what: String },
    /// This machine's side of the matter: the url or a certificate cannot be used.
    #[error("{what}")]
    Setup { what: String },
}

impl Error {
    /// Whether the same pull may succeed later without anybody doing anything.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }

    pub(super) fn retry(what: impl Into<String>) -> Self {
        Self::Retry { what: what.into() }
    }

    pub(super) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol { what: what.into() }
    }

    /// Sets `label` (what was asked) before what went wrong.
    pub(super) fn at(mut self, label: &str) -> Self {
        let (Self::Retry { what }
        | Self::Refused { what }
        | Self::Protocol { what }
        | Self::Limit { what }
        | Self::Setup { what }) = &mut self;
        what.insert_str(0, ": ");
        what.insert_str(0, label);
        self
    }
}

/// What the client's error means.
pub(super) fn from_sqlx(error: &sqlx::Error, dialect: Dialect) -> Error {
    match error {
        sqlx::Error::Database(error) => from_database(error.as_ref(), dialect),
        sqlx::Error::Io(error) => Error::retry(format!("the connection broke or cannot be made: {}", error.kind())),
        sqlx::Error::Tls(error) => {
            Error::Refused { what: format!("no trusted connection: {error}; check the certificates and sql.tls") }
        }
        sqlx::Error::Configuration(_) => unusable_url(),
        // the library's words for a broken line are many, and what a server sends must not be repeated
        _ => Error::retry("the server sent something that cannot be read"),
    }
}

fn from_database(error: &dyn DatabaseError, dialect: Dialect) -> Error {
    match dialect {
        Dialect::Postgres => from_postgres(error),
        Dialect::MySql => from_mysql(error),
    }
}

/// Codes: PostgreSQL's documentation, appendix A.
fn from_postgres(error: &dyn DatabaseError) -> Error {
    let code = error.code().unwrap_or_default().into_owned();
    let said = error.message();
    match code.as_str() {
        "57014" => too_slow(),
        "25006" => writes(),
        "28000" | "28P01" => refuses_login(),
        "3D000" => Error::Refused { what: format!("{said}; check the database in the url") },
        "42501" => Error::Refused { what: format!("{said}; ask the source's administrator for the right to SELECT") },
        _ => match code.get(..2).unwrap_or_default() {
            "42" => Error::protocol(format!("the query does not work: {said}; check sql.query")),
            "08" | "40" | "53" | "55" | "57" | "58" | "XX" => {
                Error::retry(format!("the server says {code}: {}", mood(&code)))
            }
            _ => Error::protocol(format!("the query fails on the data (SQLSTATE {code}); check sql.query")),
        },
    }
}

/// What a PostgreSQL class of errors that pass means.
fn mood(code: &str) -> &'static str {
    match code.get(..2).unwrap_or_default() {
        "08" => "the connection broke",
        "40" => "it gave our reading up for somebody else's writing",
        "53" => "it has too little of something (connections, memory, disk)",
        "57" => "it is stopping or starting",
        _ => "it is in trouble",
    }
}

/// Numbers: MySQL's and MariaDB's error references.
fn from_mysql(error: &dyn DatabaseError) -> Error {
    let number = error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
    let said = error.message();
    match number {
        1969 | 3024 => too_slow(),
        1792 => writes(),
        1045 | 1698 => refuses_login(),
        1044 | 1049 => Error::Refused { what: format!("{said}; check the database in the url") },
        1142 | 1143 | 1227 | 1370 => {
            Error::Refused { what: format!("{said}; ask the source's administrator for the right to SELECT") }
        }
        1051 | 1052 | 1054 | 1055 | 1064 | 1140 | 1146 | 1222 | 1241 | 1247 | 1248 | 1305 | 1356 => {
            Error::protocol(format!("the query does not work: {said}; check sql.query"))
        }
        1040 | 1053 | 1080 | 1129 | 1130 | 1152..=1161 | 1205 | 1213 | 1226 | 1317 | 1927 | 2002..=2055 => {
            Error::retry(format!("the server says {number}: it is stopping, full or in trouble"))
        }
        number => Error::protocol(format!("the query fails on the data (error {number}); check sql.query")),
    }
}

pub(super) fn unusable_url() -> Error {
    Error::Setup { what: "the url cannot be used; check sql.url or what sql.url_file holds".to_owned() }
}

pub(super) fn too_slow() -> Error {
    Error::retry(
        "the query takes longer than sql.timeout; an index on the cursor's columns, a smaller sql.page_size or a longer sql.timeout helps",
    )
}

fn writes() -> Error {
    Error::protocol("the query wants to write, and sources are only read; check sql.query and the view behind it")
}

fn refuses_login() -> Error {
    Error::Refused {
        what: "the server refuses the login; check user and password in sql.url or sql.url_file".to_owned(),
    }
}
