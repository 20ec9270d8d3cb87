//! Where the layers meet: a pull becomes messages, messages become one transaction, a transaction becomes receipts.
//!
//! Owns: the order in which things are allowed to happen. A cursor moves after the broker has confirmed everything
//! before it; a message is acknowledged after the transaction with its outcome has committed; a receipt leaves after
//! that. Whatever fails in between is done again, and doing it again changes nothing.
//! Must not know: which systems exist, how they are configured, how a person asks.
//! To add a step to intake: a field of [`batch::Written`]'s plan in `link.rs` or `write.rs`, inside the one transaction.
//!
//! One bad record never fails its batch: a fault of the data is narrowed down to its record, which is quarantined. A
//! fault of the surroundings (database away, disk full) rejects nothing: it stops, waits and goes on.

pub mod again;
pub mod archive;
pub mod arrival;
pub mod batch;
pub mod compare;
pub mod decide;
mod decided;
pub mod decode;
pub mod draft;
pub mod evidence;
pub mod forward;
mod gather;
mod heads;
pub mod intake;
pub mod link;
pub mod matching;
mod merge;
mod naming;
mod part;
pub mod past;
pub mod person;
mod petitioner;
pub mod prepare;
pub mod progress;
pub mod pull;
pub mod quality;
pub mod readers;
pub mod rebuild;
pub mod receipt;
pub mod reconcile;
pub mod relay;
pub mod review;
mod sealing;
mod speaking;
pub mod verdict;
pub mod write;
pub mod writer;

use std::time::Duration;

/// `[ingest]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestConfig {
    /// Records in one transaction, at most.
    pub batch_records: usize,
    /// How long a batch waits for more.
    pub batch_wait: Duration,
    /// Transactions under way at once in this process.
    pub writers: usize,
    /// Messages of one source that are in the daemon at once.
    pub prefetch: u16,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self { batch_records: 1000, batch_wait: Duration::from_millis(50), writers: 2, prefetch: 32 }
    }
}

/// Why intake did not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    /// What is stored cannot be opened: the row was damaged.
    /// Which one is for the log only: whoever sent this record may not know of that one.
    #[error(
        "a stored record to which this one belongs cannot be opened ({0}); the daemon's log names it: have its source send it again, or restore its row, then retry"
    )]
    Open(crate::seal::OpenError),
    #[error(
        "a stored record to which this one belongs has an unreadable content; the daemon's log names it: have its source send it again, then retry"
    )]
    Content,
    #[error("intake was interrupted: {0}")]
    Interrupted(String),
}

impl Error {
    /// Whose fault it is.
    pub const fn fault(&self) -> crate::store::Fault {
        match self {
            Self::Store(error) => error.fault(),
            // that the key file is the right one was seen at the start, so it is the row of one record or its group
            Self::Open(_) | Self::Content => crate::store::Fault::Data,
            Self::Interrupted(_) => crate::store::Fault::Surroundings,
        }
    }

    /// Whether less at once may go well.
    pub fn is_too_much(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_too_much())
    }
}
