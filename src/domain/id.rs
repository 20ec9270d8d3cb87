//! Names of things: which record of which source, which petition, which case.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of a source: `[a-z][a-z0-9-]{1,40}`, part of queue names and keys, never reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(String);

impl SourceId {
    /// Reads a source name.
    ///
    /// # Errors
    /// The rule in words, when the name breaks it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest_ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts_ok = text.starts_with(|c: char| c.is_ascii_lowercase());
        if starts_ok && (2..=41).contains(&text.len()) && text.chars().all(rest_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("{text:?} is no source id: 2 to 41 characters of a-z, 0-9 and -, beginning with a letter"))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One record as one source holds it. The record id is the source's own and may say something about a
/// person, so it stands in the database but not in logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordKey {
    pub source_id: SourceId,
    pub record_id: String,
}

impl RecordKey {
    /// Names the row that a ciphertext belongs to; for no log either.
    pub fn owner(&self) -> String {
        format!("{}/{}", self.source_id, self.record_id)
    }
}

/// Declares a published identifier: a UUID that never names another thing.
macro_rules! published_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

published_id! {
    /// A petition (đơn) or a reception (lượt tiếp): what one or more source records tell of.
    EntityId
}
published_id! {
    /// A case (vụ việc).
    CaseId
}
