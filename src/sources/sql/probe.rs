//! One look at a source, to see whether it answers as its configuration says.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::session::{Ask, Session};
use super::{Error, Inner};

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What the server calls itself.
    pub server: String,
    pub elapsed: Duration,
    /// Fields of the first row; `None` where there is none.
    pub fields: Option<usize>,
    /// How far the server's clock is ahead of ours.
    pub clock_skew: TimeDelta,
}

/// Connects, has the query looked at, and reads its first row.
pub(super) async fn probe(inner: &Inner, now: DateTime<Utc>) -> Result<Probe, Error> {
    let config = &inner.config;
    let begin = Instant::now();
    let mut session = Session::open(config).await?;
    let (server, clock) = session.greet().await?;
    let ours = now + TimeDelta::from_std(begin.elapsed()).unwrap_or_default();
    let columns = session.plan(config).await?;
    super::pull::zone_is_told(config, &columns)?;
    let ask = Ask { after: columns.iter().map(|column| column.least.to_owned()).collect(), limit: 1 };
    let (out, mut rows) = mpsc::channel(1);
    let mut first = None;
    let reading = async {
        let done = session.rows(config, &ask, &out).await;
        drop(out);
        done
    };
    tokio::select! {
        biased;
        // where there is no cursor all rows would come: one is enough
        row = rows.recv() => first = row,
        done = reading => done?,
    }
    if first.is_none() {
        first = rows.try_recv().ok();
    }
    let fields = match first {
        None => None,
        Some(row) => Some(fields_of(&row?.text)),
    };
    Ok(Probe { server, elapsed: begin.elapsed(), fields, clock_skew: clock - ours })
}

fn fields_of(text: &str) -> usize {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).map_or(0, |fields| fields.len())
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answered in {} ms: ", self.server, self.elapsed.as_millis())?;
        match self.fields {
            Some(fields) => write!(f, "a first row of {fields} columns")?,
            None => f.write_str("no row")?,
        }
        if self.clock_skew.abs() > TimeDelta::seconds(5) {
            let way = if self.clock_skew > TimeDelta::zero() { "ahead of" } else { "behind" };
            write!(f, "; its clock is {} s {way} ours", self.clock_skew.num_seconds().abs())?;
        }
        Ok(())
    }
}
