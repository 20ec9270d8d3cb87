//! What a saved cursor of an SQL source holds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::key::Tuple;
use super::{Mode, SqlConfig};
use crate::sources::cursor::Cursor;

/// How far a source has been read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The columns whose values these are; others mean nothing under another cursor.
    #[serde(default)]
    pub(super) columns: Vec<String>,
    /// The newest row of the newest *complete* pull.
    #[serde(default)]
    pub(super) high: Option<Tuple>,
    /// A pull that has not come to its end.
    #[serde(default)]
    pub(super) open: Option<Open>,
}

/// A pull on its way: enough to go on after a crash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Open {
    /// When it began, by the server's clock or by ours, whichever was earlier.
    pub(super) began: DateTime<Utc>,
    /// The row after which the next page begins.
    pub(super) after: Tuple,
}

impl Progress {
    /// Reads a saved cursor; one that cannot be read (another kind of source made it), or that is of other columns,
    /// counts as none.
    pub(super) fn load(cursor: Option<Cursor>, config: &SqlConfig) -> Self {
        let fresh = Self { columns: config.cursor.clone(), ..Self::default() };
        let Some(Cursor(value)) = cursor else { return fresh };
        match serde_json::from_value::<Self>(value) {
            Ok(mut saved) if saved.columns.is_empty() || saved.columns == config.cursor => {
                saved.columns.clone_from(&config.cursor);
                let fits = |tuple: &Tuple| tuple.len() == config.cursor.len();
                saved.open =
                    saved.open.filter(|open| matches!(config.mode, Mode::Incremental { .. }) && fits(&open.after));
                // of a cursor that was set by hand only the first value is there
                saved.high = saved.high.filter(|high| !high.is_empty());
                saved
            }
            _ => {
                tracing::warn!("the saved cursor is not one of this sql.cursor; reading everything again");
                fresh
            }
        }
    }

    pub(super) fn save(&self) -> Option<Cursor> {
        // Plain data under string keys: this cannot fail, and no cursor means that everything is read again.
        serde_json::to_value(self).ok().map(Cursor)
    }
}

/// The cursor of a source that has been read up to `since`: for an administrator who winds a source back or on. Where
/// the first column of the cursor is no time, everything is read again.
pub fn cursor_at(since: DateTime<Utc>) -> Option<Cursor> {
    Progress { columns: Vec::new(), high: Some(vec![since.to_rfc3339()]), open: None }.save()
}
