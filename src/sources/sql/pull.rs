//! One pull: page after page, each with the checkpoint from which a later process can go on.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::key::{self, Column, Kind, Tuple};
use super::progress::{Open, Progress};
use super::session::{Ask, Row, Session};
use super::{Error, Inner, Mode, SqlConfig};
use crate::domain::RawRecord;
use crate::sources::cursor::Cursor;
use crate::sources::pull::{Page, PullEnd};
use crate::sources::stats::Stats;

/// The largest page that is asked for where rows share one cursor.
const LARGEST_PAGE: u32 = 100_000;
/// Rows that wait between the connection and the page.
const WAITING: usize = 64;

/// A pull under way; made by [`super::Client::pull`].
pub struct Pull {
    inner: Arc<Inner>,
    started_at: DateTime<Utc>,
    saved: Progress,
    /// The server's clock or ours when the pull began, whichever was earlier; `None` until the server has answered.
    began: Option<DateTime<Utc>>,
    columns: Vec<Column>,
    course: Course,
    session: Option<Session>,
    /// Hashes of the rows of the newest page: those that come again are not given out again.
    newest: HashSet<blake3::Hash>,
    page_size: u32,
    last: Option<Tuple>,
    page_count: u32,
    stats: Stats,
}

enum Course {
    Begin,
    /// The next page begins after this row.
    After(Tuple),
    /// One query that reads everything is being answered.
    Streaming(mpsc::Receiver<Result<Row, Error>>),
    Complete,
    Stopped(Error),
}

impl Pull {
    pub(super) fn new(inner: Arc<Inner>, cursor: Option<Cursor>, started_at: DateTime<Utc>) -> Self {
        let saved = Progress::load(cursor, &inner.config);
        let page_size = inner.config.page_size;
        Self {
            inner,
            started_at,
            began: saved.open.as_ref().map(|open| open.began),
            saved,
            columns: Vec::new(),
            course: Course::Begin,
            session: None,
            newest: HashSet::new(),
            page_size,
            last: None,
            page_count: 0,
            stats: Stats::default(),
        }
    }

    /// Fetches the next page; `None` when the pull is complete.
    ///
    /// # Errors
    /// See [`Error`]; nothing of the failed page has been given out, and the pull is over.
    pub async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        match self.step().await {
            Ok(page) => Ok(page),
            Err(error) => {
                let error =
                    if let Course::Stopped(error) = &self.course { error.clone() } else { error.at(&self.inner.label) };
                self.session = None;
                self.course = Course::Stopped(error.clone());
                Err(error)
            }
        }
    }

    /// Ends the pull.
    pub fn finish(self) -> PullEnd {
        let complete = matches!(self.course, Course::Complete);
        let config = &self.inner.config;
        let cursor = complete.then(|| self.at_end().save()).flatten();
        PullEnd { cursor, whole_set: complete && matches!(config.mode, Mode::Snapshot { .. }), stats: self.stats }
    }

    async fn step(&mut self) -> Result<Option<Page>, Error> {
        let limit = self.inner.limits.pages;
        if self.page_count >= limit && !matches!(self.course, Course::Complete) {
            let what = format!("more than {limit} pages in one pull; raise sql.page_size or limits.pages");
            return Err(Error::Limit { what });
        }
        self.page_count += 1;
        if matches!(self.course, Course::Begin) {
            self.begin().await?;
        }
        let begin = Instant::now();
        match &mut self.course {
            Course::Stopped(error) => Err(error.clone()),
            Course::Begin | Course::Complete => Ok(None),
            Course::Streaming(rows) => {
                let rows = piece(rows, &self.inner.config, self.inner.limits.response_bytes).await?;
                if rows.is_empty() {
                    self.course = Course::Complete;
                    return Ok(None);
                }
                Ok(Some(self.page(rows, None, begin)?))
            }
            Course::After(after) => {
                let after = after.clone();
                self.keyset(after, begin).await.map(Some)
            }
        }
    }

    /// Connects, looks at the query and the clock, and finds where to begin.
    async fn begin(&mut self) -> Result<(), Error> {
        let asked = Instant::now();
        let config = &self.inner.config;
        let mut session = Session::open(config).await?;
        self.stats.calls += 1;
        let (_, clock) = session.greet().await?;
        self.stats.latencies.push(asked.elapsed());
        let ours = self.started_at + TimeDelta::from_std(asked.elapsed()).unwrap_or_default();
        self.stats.clock_skew = Some(clock - ours);
        self.columns = session.plan(config).await?;
        zone_is_told(config, &self.columns)?;
        // A row is stamped by the source's clock; neither it nor ours may run past the mark.
        let began = *self.began.get_or_insert_with(|| self.started_at.min(clock));
        if config.cursor.is_empty() {
            let (out, rows) = mpsc::channel(WAITING);
            let inner = Arc::clone(&self.inner);
            tokio::spawn(async move {
                let (ask, taker) = (Ask::default(), out.clone());
                let read = tokio::select! {
                    read = session.rows(&inner.config, &ask, &out) => read,
                    // a pull that was given up keeps no query running
                    () = taker.closed() => return,
                };
                if let Err(error) = read {
                    drop(out.send(Err(error)).await);
                }
            });
            self.course = Course::Streaming(rows);
            return Ok(());
        }
        self.session = Some(session);
        self.course = Course::After(self.first(began));
        Ok(())
    }

    /// The row after which the pull begins.
    fn first(&self, now: DateTime<Utc>) -> Tuple {
        let config = &self.inner.config;
        let mut first: Tuple = self.columns.iter().map(|column| column.least.to_owned()).collect();
        let Mode::Incremental { overlap, start } = config.mode else { return first };
        if let Some(open) = &self.saved.open {
            return open.after.clone();
        }
        let Some(kind) = self.columns.first().map(|column| column.kind) else { return first };
        let begin = match (&self.saved.high, start) {
            (Some(high), _) => {
                let rewound = high.first().and_then(|high| key::rewound(high, kind, config.zone, overlap, now));
                if rewound.is_none() && high.len() == first.len() && kind == Kind::Other {
                    return high.clone();
                }
                rewound
            }
            (None, Some(start)) => key::rewound(
                &start.to_rfc3339(),
                kind,
                config.zone,
                super::Overlap { time: Duration::ZERO, count: 0 },
                now,
            ),
            (None, None) => None,
        };
        if let (Some(begin), Some(value)) = (begin, first.first_mut()) {
            *value = begin;
        }
        first
    }

    /// One page of a query with a cursor; a larger one where a whole page brings nobody on.
    async fn keyset(&mut self, after: Tuple, begin: Instant) -> Result<Page, Error> {
        loop {
            let rows = self.ask(&after).await?;
            self.is_in_order(&after, &rows)?;
            let full = rows.len() as u64 >= u64::from(self.page_size);
            if let Some(row) = rows.last() {
                self.last = Some(row.key.clone());
            }
            if !full {
                self.course = Course::Complete;
                if let Some(session) = self.session.take() {
                    session.close().await;
                }
                return self.page(rows, None, begin);
            }
            match before_last_group(&rows).filter(|next| *next != after) {
                Some(next) => {
                    self.page_size = self.inner.config.page_size;
                    let checkpoint = self.checkpoint(&next);
                    self.course = Course::After(next);
                    return self.page(rows, checkpoint, begin);
                }
                None if self.page_size >= LARGEST_PAGE => {
                    return Err(Error::protocol(format!(
                        "more than {LARGEST_PAGE} rows share one value of {}; add a column to sql.cursor, and to ORDER BY, that tells them apart",
                        self.inner.config.cursor.join(", ")
                    )));
                }
                None => self.page_size = self.page_size.saturating_mul(4).min(LARGEST_PAGE),
            }
        }
    }

    /// Asks for a page. While it is asked for the connection is nobody's: dropped half way it is of no use.
    async fn ask(&mut self, after: &Tuple) -> Result<Vec<Row>, Error> {
        let inner = Arc::clone(&self.inner);
        let mut session = self.session.take().ok_or_else(|| Error::retry("the connection was given up"))?;
        let ask = Ask { after: after.clone(), limit: self.page_size };
        let (out, mut incoming) = mpsc::channel(WAITING);
        let asked = Instant::now();
        self.stats.calls += 1;
        let reading = async {
            let done = session.rows(&inner.config, &ask, &out).await;
            drop(out);
            done
        };
        let most = inner.limits.response_bytes;
        let gathering = async move {
            let mut rows = Vec::new();
            let mut bytes = 0;
            while let Some(row) = incoming.recv().await {
                let row: Row = row?;
                bytes += row.text.len();
                if bytes > most {
                    return Err(too_large(most));
                }
                rows.push(row);
            }
            Ok(rows)
        };
        let (done, rows) = futures_util::future::join(reading, gathering).await;
        // where gathering failed, reading only found nobody who takes its rows
        let rows = rows?;
        done?;
        self.stats.latencies.push(asked.elapsed());
        self.session = Some(session);
        Ok(rows)
    }

    /// Rows in another order than the cursor's would be skipped.
    fn is_in_order(&self, after: &Tuple, rows: &[Row]) -> Result<(), Error> {
        let Some(kind) = self.columns.first().map(|column| column.kind) else { return Ok(()) };
        let mut before = after.first();
        for row in rows {
            let value = row.key.first();
            if let (Some(before), Some(value)) = (before, value)
                && key::is_before(value, before, kind)
            {
                let cursor = self.inner.config.cursor.join(", ");
                return Err(Error::protocol(format!(
                    "the rows do not come in the order of sql.cursor, or come from before it; end the query with `WHERE ({cursor}) > ($1, …) ORDER BY {cursor}`"
                )));
            }
            before = value;
        }
        Ok(())
    }

    fn page(&mut self, rows: Vec<Row>, checkpoint: Option<Cursor>, begin: Instant) -> Result<Page, Error> {
        let mut newest = HashSet::with_capacity(rows.len());
        let mut records = Vec::with_capacity(rows.len());
        let mut bytes = 0;
        for Row { text, .. } in rows {
            bytes += text.len() as u64;
            if !self.inner.config.cursor.is_empty() {
                let hash = blake3::hash(text.as_bytes());
                newest.insert(hash);
                if self.newest.contains(&hash) {
                    continue;
                }
            }
            let raw = RawValue::from_string(text).map_err(|_| Error::protocol("a row does not become JSON"))?;
            records.push(RawRecord(raw));
        }
        self.newest = newest;
        self.stats.bytes += bytes;
        Ok(Page { records, checkpoint, bytes, elapsed: begin.elapsed() })
    }

    fn checkpoint(&self, next: &Tuple) -> Option<Cursor> {
        if !matches!(self.inner.config.mode, Mode::Incremental { .. }) {
            return None;
        }
        let open = Open { began: self.began?, after: next.clone() };
        Progress { open: Some(open), ..self.saved.clone() }.save()
    }

    /// What a complete pull leaves behind.
    fn at_end(&self) -> Progress {
        let config = &self.inner.config;
        let mut high = self.last.clone().or_else(|| self.saved.open.as_ref().map(|open| open.after.clone()));
        let kind = self.columns.first().map(|column| column.kind);
        if let (Some(first), Some(kind), Some(began)) =
            (high.as_mut().and_then(|high| high.first_mut()), kind, self.began)
        {
            *first = key::capped(first, kind, config.zone, began);
        }
        Progress { columns: config.cursor.clone(), high: high.or_else(|| self.saved.high.clone()), open: None }
    }
}

/// The next rows of a query that reads everything, as many as make a page.
async fn piece(
    rows: &mut mpsc::Receiver<Result<Row, Error>>,
    config: &SqlConfig,
    limit: usize,
) -> Result<Vec<Row>, Error> {
    let mut piece = Vec::new();
    let mut bytes = 0;
    while piece.len() < config.page_size as usize && bytes < limit / 2 {
        let next = timeout(config.timeout, rows.recv()).await;
        match next.map_err(|_| super::error::too_slow())? {
            None => break,
            Some(row) => {
                let row = row?;
                bytes += row.text.len();
                piece.push(row);
            }
        }
    }
    Ok(piece)
}

/// The newest row whose cursor certainly differs from the last one's.
fn before_last_group(rows: &[Row]) -> Option<Tuple> {
    let last = rows.last()?;
    rows.iter().rev().find(|row| !key::may_be_equal(&row.key, &last.key)).map(|row| row.key.clone())
}

/// A cursor on a wall clock needs to know which wall.
pub(super) fn zone_is_told(config: &SqlConfig, columns: &[Column]) -> Result<(), Error> {
    match (columns.first(), config.cursor.first()) {
        (Some(Column { kind: Kind::Local, .. }), Some(name)) if config.zone.is_none() => Err(Error::protocol(format!(
            "the column {name:?} of sql.cursor has no time zone: say which one is meant, as in `zone = \"+07:00\"`"
        ))),
        _ => Ok(()),
    }
}

fn too_large(limit: usize) -> Error {
    Error::Limit {
        what: format!("a page is larger than {limit} bytes; lower sql.page_size or raise limits.response_bytes"),
    }
}
