//! One connection to a source's database, whichever it is, and how long it is waited for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::error::{too_slow, unusable_url};
use super::key::{Column, Tuple};
use super::mysql::MySql;
use super::postgres::Postgres;
use super::{Dialect, Error, SqlConfig};
use crate::secret::ExposeSecret as _;
use crate::sources::http::Url;

/// To connect, and for every short question.
const SHORT: Duration = Duration::from_secs(15);
/// What a server that keeps its own statement timeout is given beyond it, for its answer to come.
const GRACE: Duration = Duration::from_secs(10);

/// A row as JSON text, and its cursor.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) key: Tuple,
}

/// Where rows go while they come in.
pub(super) type Rows = mpsc::Sender<Result<Row, Error>>;

/// What is put into the query: the cursor and the number of rows. Without a cursor neither is in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ask {
    pub(super) after: Tuple,
    pub(super) limit: u32,
}

/// A connection. After an error, and where a question was dropped before its answer, it is of no use any more.
pub(super) enum Session {
    Postgres(Box<Postgres>),
    MySql(Box<MySql>),
}

impl Session {
    /// Connects and looks at the query.
    pub(super) async fn open(config: &SqlConfig) -> Result<Self, Error> {
        let opening = async {
            Ok(match config.dialect {
                Dialect::Postgres => Self::Postgres(Box::new(Postgres::open(config).await?)),
                Dialect::MySql => Self::MySql(Box::new(MySql::open(config).await?)),
            })
        };
        let slow = |_| Error::retry(format!("no connection in {SHORT:?}"));
        timeout(SHORT, opening).await.map_err(slow)?
    }

    /// Lets the server look at the query: what its cursor columns are.
    pub(super) async fn plan(&mut self, config: &SqlConfig) -> Result<Vec<Column>, Error> {
        let planning = async {
            match self {
                Self::Postgres(session) => session.plan(config).await,
                Self::MySql(session) => session.plan(config).await,
            }
        };
        timeout(config.timeout + GRACE, planning).await.map_err(|_| too_slow())?
    }

    /// What the server calls itself, and its clock.
    pub(super) async fn greet(&mut self) -> Result<(String, DateTime<Utc>), Error> {
        let asking = async {
            match self {
                Self::Postgres(session) => session.greet().await,
                Self::MySql(session) => session.greet().await,
            }
        };
        timeout(SHORT, asking).await.map_err(|_| silent())?
    }

    /// Asks for rows and hands them over as they come; ends early where nobody takes them any more.
    pub(super) async fn rows(&mut self, config: &SqlConfig, ask: &Ask, out: &Rows) -> Result<(), Error> {
        let reading = async {
            match self {
                Self::Postgres(session) => session.rows(config, ask, out).await,
                Self::MySql(session) => session.rows(config, ask, out).await,
            }
        };
        // a server that keeps its timeout has said so before this
        timeout(config.timeout + GRACE, reading).await.map_err(|_| silent())?
    }

    /// Says goodbye; whoever does not answer is left all the same.
    pub(super) async fn close(self) {
        let closing = async {
            match self {
                Self::Postgres(session) => session.close().await,
                Self::MySql(session) => session.close().await,
            }
        };
        drop(timeout(Duration::from_secs(2), closing).await);
    }
}

fn silent() -> Error {
    Error::retry("the server says nothing any more; its connection is given up")
}

/// The server as it may be shown: `postgres://host:5432/database`, without user and password.
pub(super) fn label(config: &SqlConfig) -> Result<String, Error> {
    let url = Url::parse(config.url.expose_secret()).map_err(|_| unusable_url())?;
    let host = url.host_str().ok_or_else(unusable_url)?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}{}", url.scheme(), url.path()))
}

/// The columns of the cursor among those that the query gives, by place; every name stands there once.
pub(super) fn places(cursor: &[String], given: &[&str]) -> Result<Vec<usize>, Error> {
    for (place, name) in given.iter().enumerate() {
        if given.iter().take(place).any(|other| other == name) {
            return Err(Error::protocol(format!(
                "the query gives two columns {name:?}: name the columns instead of `*`, or rename one with AS"
            )));
        }
    }
    let place = |name: &String| {
        given.iter().position(|other| other == name).ok_or_else(|| {
            Error::protocol(format!(
                "the query gives no column {name:?}, which sql.cursor names; it gives: {}",
                given.join(", ")
            ))
        })
    };
    cursor.iter().map(place).collect()
}

/// Why a column is no cursor.
pub(super) fn no_order(name: &str, kind: &str) -> Error {
    Error::protocol(format!(
        "the column {name:?} is of type {kind}, which is no order to read by; take a time, a number, a text or a uuid into sql.cursor"
    ))
}

/// A cursor that is NULL comes before or after everything, as the server likes, and is never reached.
pub(super) fn null_key(name: &str) -> Error {
    Error::protocol(format!(
        "a row has NULL in {name:?}, which sql.cursor names, and would be skipped: add `WHERE {name} IS NOT NULL`, or give it a value with coalesce()"
    ))
}
