//! What a saved cursor of a folder holds. It has no name of a file and nothing that is in one.

use serde::{Deserialize, Serialize};

use super::folder::FileId;
use super::reading::Account;
use crate::sources::cursor::Cursor;
use crate::sources::format::Detected;

/// How far a folder has been read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// A file that has not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    /// The file that was read to its end last, for those who look at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
}

/// A file on its way: enough to go on after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub file: FileId,
    /// Of how the file is read: read in another way it has other records.
    pub layout: String,
    /// Records of it that are safe.
    pub records: u64,
    /// What orders its records, µs since 1970: all of a file are of one time, however often it was interrupted.
    pub stamp: i64,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    pub file: FileId,
    pub records: u64,
    pub refused: u64,
    /// What `encoding = "auto"` was judged to be, and of a hundred how sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure_percent: Option<u32>,
}

impl Last {
    pub fn of(file: FileId, account: &Account) -> Self {
        let detected = account.detected.as_ref();
        Self {
            file,
            records: account.records,
            refused: account.faults.refused,
            encoding: detected.map(|it| it.name().to_owned()),
            sure_percent: detected.map(Detected::percent),
        }
    }
}

impl Progress {
    /// Reads a saved cursor; one that cannot be read (another kind of source made it) counts as none.
    pub fn load(cursor: Option<&Cursor>) -> Self {
        let Some(Cursor(value)) = cursor else { return Self::default() };
        serde_json::from_value(value.clone()).unwrap_or_else(|_| {
            tracing::warn!("the saved cursor is not one of a folder of files; a file that was open is read again");
            Self::default()
        })
    }

    pub fn save(&self) -> Option<Cursor> {
        // plain data under string keys: this cannot fail, and no cursor means that an open file is read again
        serde_json::to_value(self).ok().map(Cursor)
    }
}
