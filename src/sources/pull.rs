//! A pull of whatever kind of source that is pulled: the same conversation, page after page.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::cursor::Cursor;
use super::files::{self, Folder};
use super::stats::Stats;
use super::{KindConfig, SourceConfig, amqp, http, sql};
use crate::domain::RawRecord;

/// Why a source could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Http(#[from] http::Error),
    #[error(transparent)]
    Sql(#[from] sql::Error),
    #[error(transparent)]
    Files(#[from] files::Error),
    #[error(transparent)]
    Amqp(#[from] amqp::Error),
}

impl Error {
    /// Whether the same pull may succeed later without anybody doing anything.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Http(error) => error.is_transient(),
            Self::Sql(error) => error.is_transient(),
            Self::Files(error) => error.is_transient(),
            Self::Amqp(error) => error.is_transient(),
        }
    }

    /// How long the source asked us to stay away.
    pub const fn after(&self) -> Option<Duration> {
        match self {
            Self::Http(error) => error.after(),
            Self::Sql(_) | Self::Files(_) | Self::Amqp(_) => None,
        }
    }

    /// Whether the source led in a circle, so that no checkpoint of the pull is to be trusted.
    pub const fn is_endless(&self) -> bool {
        matches!(self, Self::Http(http::Error::Endless { .. }))
    }
}

/// What a source is read through; it lives from pull to pull.
pub enum Supply {
    /// A conversation, page after page.
    Pages(Client),
    /// A folder, file after file.
    Files(Folder),
}

impl Supply {
    /// Prepares it; nothing is read yet. `None`: a source of this kind is not pulled. The contents of files are hashed
    /// with `file_key`, by which they are known again.
    ///
    /// # Errors
    /// When a certificate file, a url or a setting cannot be used.
    pub fn new(source: &SourceConfig, file_key: [u8; 32]) -> Result<Option<Self>, Error> {
        Ok(match &source.kind {
            KindConfig::Files(files) => {
                Some(Self::Files(Folder::new(files, Arc::clone(&source.decoder), &source.agency, file_key)))
            }
            _ => Client::new(source)?.map(Self::Pages),
        })
    }

    /// The same for a look: nothing is remembered of it, so the contents of files need no key.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn to_look(source: &SourceConfig) -> Result<Option<Self>, Error> {
        Self::new(source, [0; 32])
    }
}

/// Speaks with one source that gives pages. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Client {
    Http(http::Client),
    Sql(sql::Client),
}

impl Client {
    /// Prepares a client; nothing is sent yet. `None`: a source of this kind gives no pages.
    ///
    /// # Errors
    /// When a certificate file, a url or a setting cannot be used.
    pub fn new(source: &SourceConfig) -> Result<Option<Self>, Error> {
        Ok(match &source.kind {
            KindConfig::Http(http) => {
                Some(Self::Http(http::Client::new(http, &source.limits, Arc::clone(&source.decoder))?))
            }
            KindConfig::Sql(sql) => Some(Self::Sql(sql::Client::new(sql, &source.limits)?)),
            KindConfig::Inbox | KindConfig::Files(_) | KindConfig::Amqp(_) => None,
        })
    }

    /// Begins a pull, or goes on with the one that `cursor` says was interrupted.
    pub fn pull(&self, cursor: Option<Cursor>, started_at: DateTime<Utc>) -> Pull {
        match self {
            Self::Http(client) => Pull::Http(Box::new(client.pull(cursor, started_at))),
            Self::Sql(client) => Pull::Sql(Box::new(client.pull(cursor, started_at))),
        }
    }
}

/// Asks a source as little as can be asked, and tells in words what came; `None`: there is nobody to ask.
///
/// # Errors
/// See [`Error`].
pub async fn probe(source: &SourceConfig, now: DateTime<Utc>) -> Result<Option<String>, Error> {
    Ok(match (&source.kind, Supply::to_look(source)?) {
        (_, Some(Supply::Pages(Client::Http(client)))) => Some(client.probe(now).await?.to_string()),
        (_, Some(Supply::Pages(Client::Sql(client)))) => Some(client.probe(now).await?.to_string()),
        (_, Some(Supply::Files(folder))) => Some(folder.probe().await?.to_string()),
        (KindConfig::Amqp(amqp), None) => Some(amqp::probe(amqp).await?.to_string()),
        (_, None) => None,
    })
}

/// The brake on deletions that are inferred from absence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxMissing {
    /// Of the records the database holds of the source, 0.0 to 1.0.
    Share(f64),
    Records(u64),
}

/// One page of records, in the order in which the source gave them.
#[derive(Debug)]
pub struct Page {
    pub records: Vec<RawRecord>,
    /// To be saved once the records of this page, and of all pages before it, are safe; `None`: this page is no
    /// place to go on from (a snapshot, or the last page: [`PullEnd::cursor`] comes next).
    pub checkpoint: Option<Cursor>,
    /// Bytes of the page as it travelled.
    pub bytes: u64,
    /// From the first byte of the request to the last of the answer.
    pub elapsed: Duration,
}

/// What a pull has come to.
#[derive(Debug)]
pub struct PullEnd {
    /// To be saved once every record of the pull is safe; `None`: the pull is not complete, the last checkpoint
    /// stands. After [`Error::is_endless`], where checkpoints may lie on the circle, this is the cursor that begins
    /// the window of the pull again.
    pub cursor: Option<Cursor>,
    /// The records of this pull are all that the source holds: whatever is missing was deleted there.
    pub whole_set: bool,
    pub stats: Stats,
}

/// A pull under way.
pub enum Pull {
    Http(Box<http::Pull>),
    Sql(Box<sql::Pull>),
}

impl Pull {
    /// Fetches the next page; `None` when the pull is complete.
    ///
    /// # Errors
    /// See [`Error`]; nothing of the failed page has been given out.
    pub async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        Ok(match self {
            Self::Http(pull) => pull.next_page().await?,
            Self::Sql(pull) => pull.next_page().await?,
        })
    }

    /// Ends the pull.
    pub fn finish(self) -> PullEnd {
        match self {
            Self::Http(pull) => pull.finish(),
            Self::Sql(pull) => pull.finish(),
        }
    }
}

impl KindConfig {
    /// The brake on deletions where every pull is the whole set; `None`: absence says nothing.
    pub fn snapshot(&self) -> Option<MaxMissing> {
        match self {
            Self::Http(http) => match http.mode {
                http::Mode::Snapshot { max_missing } => Some(max_missing),
                _ => None,
            },
            Self::Sql(sql) => match sql.mode {
                sql::Mode::Snapshot { max_missing } => Some(max_missing),
                _ => None,
            },
            Self::Inbox | Self::Files(_) | Self::Amqp(_) => None,
        }
    }

    /// The cursor of a source that has been read up to `since`; `None`: one that reads everything.
    ///
    /// # Errors
    /// Why no time means anything to this source.
    pub fn cursor_at(&self, since: DateTime<Utc>) -> Result<Option<Cursor>, &'static str> {
        const WHOLE: &str = "every pull of it is a snapshot of the whole set";
        const FULL: &str = "every pull of it reads everything";
        match self {
            Self::Http(http) => match http.mode {
                http::Mode::Incremental { .. } => Ok(http::cursor_at(since)),
                http::Mode::Snapshot { .. } => Err(WHOLE),
                http::Mode::Full => Err(FULL),
            },
            Self::Sql(sql) => match sql.mode {
                sql::Mode::Incremental { .. } => Ok(sql::cursor_at(since)),
                sql::Mode::Snapshot { .. } => Err(WHOLE),
                sql::Mode::Full => Err(FULL),
            },
            Self::Inbox | Self::Amqp(_) => Err("its messages come once, and nothing is asked for"),
            Self::Files(_) => Err("its files are remembered one by one"),
        }
    }

    /// Whether a pull without a cursor reads all that the source holds.
    ///
    /// # Errors
    /// Why it does not.
    pub fn reads_all(&self) -> Result<(), &'static str> {
        const CHANGES: &str = "it is asked for changes and never for everything; `snapshot` would ask for that";
        const START: &str = "`incremental.start` leaves out what is older";
        match self {
            Self::Http(http) if matches!(http.mode, http::Mode::Incremental { .. }) => Err(CHANGES),
            Self::Sql(sql) if matches!(sql.mode, sql::Mode::Incremental { start: Some(_), .. }) => Err(START),
            Self::Http(_) | Self::Sql(_) => Ok(()),
            Self::Inbox | Self::Amqp(_) => Err("its messages come once, and nothing is asked for"),
            Self::Files(_) => Err("each file is read once; what it does not hold was not deleted"),
        }
    }
}
