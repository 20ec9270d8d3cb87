//! What a saved cursor of an HTTP source holds.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::position::Position;
use super::{HttpConfig, Mode};
use crate::sources::cursor::Cursor;

/// How far a source has been read.
///
/// The high-water mark is the start of the newest *complete* pull and moves at no other time, so a record that
/// changed while a pull was running is asked for again by the next. The start is the earlier of what our
/// clock and the source's clock said: a record is stamped by one of the two, and neither may slip past the mark.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Everything that changed before this has been read.
    #[serde(default)]
    pub(super) high_water: Option<DateTime<Utc>>,
    /// A pull that has not come to its end.
    #[serde(default)]
    pub(super) open: Option<Open>,
}

/// A pull on its way: enough to go on after a crash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Open {
    /// What the pull asks for: changes since then; `None`: everything.
    pub(super) since: Option<DateTime<Utc>>,
    /// The high-water mark, once the pull is complete.
    pub(super) began: DateTime<Utc>,
    /// The page that comes next.
    pub(super) next: Position,
}

impl Progress {
    /// Reads a saved cursor; one that cannot be read (another kind of source made it) counts as none.
    pub(super) fn load(cursor: Option<Cursor>) -> Self {
        let Some(Cursor(value)) = cursor else { return Self::default() };
        serde_json::from_value(value).unwrap_or_else(|_| {
            tracing::warn!("the saved cursor is not one of an http source; reading everything again");
            Self::default()
        })
    }

    pub(super) fn save(&self) -> Option<Cursor> {
        // Plain data under string keys: this cannot fail, and no cursor means that everything is read again.
        serde_json::to_value(self).ok().map(Cursor)
    }

    /// Since when a new pull wants changes.
    pub(super) fn since(&self, config: &HttpConfig, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Mode::Incremental { overlap, start, .. } = &config.mode else { return None };
        let Some(high_water) = self.high_water else { return *start };
        let overlap = TimeDelta::from_std(*overlap).unwrap_or(TimeDelta::MAX);
        // A mark ahead of our clock (which was set back since) must not hide what changes now.
        high_water.min(now).checked_sub_signed(overlap)
    }

    /// Whether a pull that was interrupted can go on: a snapshot cannot, it must be whole; nor can a pull whose
    /// pagination or mode was configured anew since.
    pub(super) fn resumable(&self, config: &HttpConfig) -> Option<&Open> {
        self.open.as_ref().filter(|open| {
            let windowed = matches!(config.mode, Mode::Incremental { .. }) || open.since.is_none();
            windowed && !matches!(config.mode, Mode::Snapshot { .. }) && open.next.fits(&config.pagination)
        })
    }
}

/// The cursor of a source that has been read up to `since`: for an administrator who winds a source back or on.
pub fn cursor_at(since: DateTime<Utc>) -> Option<Cursor> {
    Progress { high_water: Some(since), open: None }.save()
}

/// Up to when a source has been read completely, for a status page.
pub fn high_water(cursor: &Cursor) -> Option<DateTime<Utc>> {
    Progress::load(Some(cursor.clone())).high_water
}
