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

pub mod arrival;
pub mod batch;
pub mod decode;
pub mod intake;
pub mod link;
pub mod prepare;
pub mod progress;
pub mod pull;
pub mod receipt;
pub mod relay;
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
    /// What is stored cannot be opened: the key file is not the one it was sealed with, or a row was damaged.
    #[error("a stored record cannot be opened: {0}")]
    Open(#[from] crate::seal::OpenError),
    #[error("a stored record has an unreadable content; run this version or a newer one")]
    Content,
    #[error("intake was interrupted: {0}")]
    Interrupted(String),
}

impl Error {
    /// Whose fault it is.
    pub const fn fault(&self) -> crate::store::Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Open(_) | Self::Content | Self::Interrupted(_) => crate::store::Fault::Surroundings,
        }
    }
}
