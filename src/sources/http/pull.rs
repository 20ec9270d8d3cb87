//! One pull: page after page, each with the checkpoint from which a later process can go on.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use tokio::time::Instant;

use super::client::Client;
use super::exchange::Ledger;
use super::page::{self, Content};
use super::position::Position;
use super::progress::{Open, Progress};
use super::{Error, Mode, Pagination};
use crate::sources::cursor::Cursor;
use crate::sources::pull::{Page, PullEnd};
use crate::sources::stats::Stats;

/// A pull under way; made by [`Client::pull`].
pub struct Pull {
    client: Client,
    started_at: DateTime<Utc>,
    started: Instant,
    saved: Progress,
    since: Option<DateTime<Utc>>,
    /// The coming high-water mark; `None` until the source has answered once.
    began: Option<DateTime<Utc>>,
    course: Course,
    /// The position comes from a saved checkpoint and has not been answered yet.
    resumed: bool,
    positions: HashSet<Position>,
    pages: HashSet<blake3::Hash>,
    page_count: u32,
    /// Records of the largest page and of the newest.
    largest: usize,
    newest: Option<usize>,
    ledger: Ledger,
}

enum Course {
    Next(Position),
    /// The last page was given out.
    Complete,
    /// The source leads in a circle.
    Circle(Error),
    Stopped(Error),
}

/// One page, asked for and read.
struct Turn {
    content: Content,
    next: Option<Position>,
    bytes: u64,
    elapsed: Duration,
}

impl Pull {
    pub(super) fn new(client: Client, cursor: Option<Cursor>, started_at: DateTime<Utc>) -> Self {
        let config = &client.inner.config;
        let saved = Progress::load(cursor);
        let open = saved.resumable(config).cloned();
        let resumed = open.is_some();
        let (since, began, next) = match open {
            Some(Open { since, began, next }) => (since, Some(began), next),
            None => (saved.since(config, started_at), None, Position::first(&config.pagination)),
        };
        Self {
            positions: HashSet::from([next.clone()]),
            course: Course::Next(next),
            client,
            started_at,
            started: Instant::now(),
            saved,
            since,
            began,
            resumed,
            pages: HashSet::new(),
            page_count: 0,
            largest: 0,
            newest: None,
            ledger: Ledger::default(),
        }
    }

    /// Fetches the next page; `None` when the pull is complete. After an error that [`Error::is_transient`] the same
    /// page can be asked for again.
    ///
    /// # Errors
    /// See [`Error`]; nothing of the failed page has been given out.
    pub async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let position = match &self.course {
            Course::Next(position) => position.clone(),
            Course::Complete => return Ok(None),
            Course::Circle(error) | Course::Stopped(error) => return Err(error.clone()),
        };
        let limit = self.client.inner.limits.pages;
        if self.page_count >= limit {
            let what = format!("more than {limit} pages in one pull; ask for larger pages or raise limits.pages");
            return Err(self.stop(Error::Limit { what }));
        }
        let turn = match self.turn(position).await {
            Ok(Some(turn)) => turn,
            Ok(None) => {
                self.course = Course::Complete;
                return Ok(None);
            }
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => return Err(self.stop(error)),
        };
        if turn.content.digest.is_some_and(|digest| !self.pages.insert(digest)) {
            return Err(self.circle("a page holds the same records as an earlier page of this pull; check pagination"));
        }
        self.page_count += 1;
        let checkpoint = self.go_on(turn.next, &turn.content);
        let Turn { content: Content { records, .. }, bytes, elapsed, .. } = turn;
        Ok(Some(Page { records, checkpoint, bytes, elapsed }))
    }

    /// Ends the pull.
    pub fn finish(self) -> PullEnd {
        let progress = match (&self.course, self.began) {
            (Course::Complete, Some(began)) => Some(Progress { high_water: Some(began), open: None }),
            (Course::Circle(_), _) => Some(Progress { high_water: self.saved.high_water, open: None }),
            _ => None,
        };
        let snapshot = matches!(self.client.inner.config.mode, Mode::Snapshot { .. });
        PullEnd {
            cursor: progress.and_then(|progress| progress.save()),
            whole_set: snapshot && matches!(self.course, Course::Complete),
            stats: self.ledger.stats,
        }
    }

    /// The cost so far.
    pub const fn stats(&self) -> &Stats {
        &self.ledger.stats
    }

    /// Asks for a page and reads it; `None`: there is none, and the one before it was the last. A saved position that
    /// the source no longer takes is given up for the beginning of the same window.
    async fn turn(&mut self, position: Position) -> Result<Option<Turn>, Error> {
        match self.read(&position).await {
            Ok(turn) => {
                self.resumed = false;
                Ok(Some(turn))
            }
            Err(error) if self.resumed && is_position_refused(&error) => {
                tracing::warn!(%error, "the pull cannot go on where it stopped; reading its window again from the beginning");
                let first = Position::first(&self.client.inner.config.pagination);
                self.positions = HashSet::from([first.clone()]);
                self.course = Course::Next(first.clone());
                self.resumed = false;
                self.read(&first).await.map(Some)
            }
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND.as_u16()) && self.last_was_short() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read(&mut self, position: &Position) -> Result<Turn, Error> {
        let inner = &self.client.inner;
        let named = |error: Error| error.at(&inner.label);
        let url = position.address(&inner.config, self.since).map_err(named)?;
        let answer = inner.get(&url, &inner.patience, &mut self.ledger).await?;
        let (url, bytes, elapsed) = (answer.url.clone(), answer.body.len() as u64, answer.elapsed);
        let content = page::read(inner, answer).await?;
        let next = position.after(&inner.config, &url, &content.pointer).map_err(named)?;
        self.set_clock();
        Ok(Turn { content, next, bytes, elapsed })
    }

    /// Whether the newest page gives reason to believe that no page comes after it. Many servers answer 404 to a
    /// page number beyond the last; without that reason a 404 is an error, because ending there could skip records.
    fn last_was_short(&self) -> bool {
        let asked = match &self.client.inner.config.pagination {
            Pagination::Page { size, .. } => size.map(|size| size as usize),
            Pagination::Offset { limit, .. } => Some(*limit as usize),
            _ => return false,
        };
        let full = asked.unwrap_or_default().max(self.largest);
        self.newest.is_some_and(|newest| newest < full)
    }

    /// Takes the next position and gives the checkpoint that leads there.
    fn go_on(&mut self, next: Option<Position>, content: &Content) -> Option<Cursor> {
        self.newest = Some(content.records.len());
        self.largest = self.largest.max(content.records.len());
        let Some(next) = next else {
            self.course = Course::Complete;
            return None;
        };
        if !self.positions.insert(next.clone()) {
            // The page itself is new and is given out; the error comes when the next one is asked for.
            self.circle("the source leads back to a page of this pull that was read already; check pagination");
            return None;
        }
        self.course = Course::Next(next.clone());
        if matches!(self.client.inner.config.mode, Mode::Snapshot { .. }) {
            return None;
        }
        let open = Open { since: self.since, began: self.began?, next };
        Progress { high_water: self.saved.high_water, open: Some(open) }.save()
    }

    fn circle(&mut self, what: &str) -> Error {
        let error = Error::Endless { what: format!("{}: {what}", self.client.inner.label) };
        self.course = Course::Circle(error.clone());
        error
    }

    fn stop(&mut self, error: Error) -> Error {
        self.course = Course::Stopped(error.clone());
        error
    }

    /// Fixes the coming high-water mark and the skew of the source's clock by the first answer.
    fn set_clock(&mut self) {
        let reading = self.ledger.clock;
        if let Some(reading) = reading {
            self.ledger.stats.clock_skew = Some(reading.skew(self.started_at, self.started));
        }
        if self.began.is_none() {
            // The source's clock when the pull started. Its answer was written before it was received, so this is
            // never too late; nor is it ever later than our own clock said.
            let by_source = reading.and_then(|reading| {
                let passed = TimeDelta::from_std(reading.received - self.started).ok()?;
                reading.date.checked_sub_signed(passed)
            });
            self.began = Some(by_source.map_or(self.started_at, |by_source| by_source.min(self.started_at)));
        }
    }
}

/// Whether an error may speak of the position that was asked for rather than of the source: an expired cursor is
/// mostly a 4xx, with some servers an internal error, with others a page of another shape.
fn is_position_refused(error: &Error) -> bool {
    match error {
        Error::Protocol { status: Some(status), .. } => (400..500).contains(status),
        Error::Protocol { status: None, .. } => true,
        Error::Retry { status, .. } => *status == Some(StatusCode::INTERNAL_SERVER_ERROR.as_u16()),
        _ => false,
    }
}
