//! One cheap request, to see whether a source answers as its configuration says.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::client::Client;
use super::exchange::Ledger;
use super::origin::set_query;
use super::page;
use super::position::Position;
use super::{Error, Mode, Pagination, Patience};

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub status: u16,
    pub records: usize,
    /// Bytes of the page as it travelled.
    pub bytes: u64,
    pub elapsed: Duration,
    /// Whether the page points at another one.
    pub more: bool,
    /// How far the source's clock is ahead of ours, if it said.
    pub clock_skew: Option<TimeDelta>,
}

impl Client {
    /// Fetches the first page, as small as the pagination lets us ask for, without a retry; an incremental source is
    /// asked for the changes of one day.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn probe(&self, now: DateTime<Utc>) -> Result<Probe, Error> {
        let inner = &self.inner;
        let config = &inner.config;
        let since = matches!(config.mode, Mode::Incremental { .. }).then(|| now - TimeDelta::days(1));
        let position = Position::first(&config.pagination);
        let mut url = position.address(config, since).map_err(|error| error.at(&inner.label))?;
        match &config.pagination {
            Pagination::Page { size_param: Some(param), .. } | Pagination::Offset { limit_param: param, .. } => {
                set_query(&mut url, param, "1");
            }
            _ => {}
        }
        let begin = Instant::now();
        let mut ledger = Ledger::default();
        let once = Patience { attempts: 1, ..inner.patience.clone() };
        let answer = inner.get(&url, &once, &mut ledger).await?;
        let (status, bytes, elapsed, page_url) =
            (answer.status.as_u16(), answer.body.len() as u64, answer.elapsed, answer.url.clone());
        let content = page::read(inner, answer).await?;
        let next = position.after(config, &page_url, &content.pointer).map_err(|error| error.at(&inner.label))?;
        let clock_skew = ledger.clock.map(|reading| reading.skew(now, begin));
        Ok(Probe { status, records: content.records.len(), bytes, elapsed, more: next.is_some(), clock_skew })
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, records, bytes, elapsed, .. } = self;
        write!(f, "answered {status} in {} ms: {records} records, {bytes} bytes", elapsed.as_millis())?;
        if self.more {
            f.write_str(", and there is more")?;
        }
        if let Some(skew) = self.clock_skew.filter(|skew| skew.abs() > TimeDelta::seconds(5)) {
            let way = if skew > TimeDelta::zero() { "ahead of" } else { "behind" };
            write!(f, "; its clock is {} s {way} ours", skew.num_seconds().abs())?;
        }
        Ok(())
    }
}
