//! Where records come from, and how they are read.
//!
//! A source is one system that supplies records. This module owns: one folder a kind ([`http`], [`sql`], [`files`],
//! [`amqp`]), the cursor that says how far a pull has come, the formats a body can have, and the mapping from a source's
//! own fields to interchange fields. It yields [`crate::domain::RawRecord`]s and, on the other side of the broker, turns
//! message bodies into [`crate::domain::ParsedRecord`]s.
//!
//! It must not know the broker or the store: a pull is a conversation with one source, and what becomes of its
//! pages (published, confirmed, then the cursor saved) is the business of `pipeline::pull`.
//!
//! To add a kind: a folder here, a variant in [`KindConfig`], and the arms that the compiler then asks for.

pub mod amqp;
pub mod cursor;
pub mod files;
pub mod format;
pub mod http;
pub mod mapping;
pub mod pull;
pub mod sample;
pub mod schedule;
pub mod sql;
pub mod stats;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{SourceId, Tier};

/// One source, checked: what `sources.d/<id>.toml` says.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    pub id: SourceId,
    pub name: String,
    pub tier: Tier,
    /// Agency code; the default of a record's `agency`.
    pub agency: String,
    pub enabled: bool,
    /// When to pull; an inbox has none.
    pub schedule: Option<schedule::Schedule>,
    /// Pull only inside these; empty: always.
    pub windows: Vec<schedule::Window>,
    /// When all it holds is compared with what is stored.
    pub reconcile: Option<schedule::Schedule>,
    pub kind: KindConfig,
    /// How bodies become [`crate::domain::ParsedRecord`]s, compiled when the configuration was loaded.
    pub decoder: std::sync::Arc<mapping::Decoder>,
    pub limits: Limits,
}

impl SourceConfig {
    /// When the schedule wants the next pull, the newest one having begun at `last`; `None` where there is none. For
    /// what may be asked how often see [`schedule::Schedule::next_after`].
    pub fn next_pull(&self, now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let schedule = self.schedule.as_ref()?;
        Some(schedule.next_after(now, last, &self.windows, schedule.jitter(&self.id)))
    }

    /// When it is to be reconciled next, as [`Self::next_pull`].
    pub fn next_reconciliation(&self, now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let schedule = self.reconcile.as_ref()?;
        Some(schedule.next_after(now, last, &self.windows, schedule.jitter(&self.id)))
    }
}

/// The kinds of source.
#[derive(Debug, Clone)]
pub enum KindConfig {
    /// The source publishes to its inbox queue itself; there is nothing to pull.
    Inbox,
    Http(Box<http::HttpConfig>),
    Sql(Box<sql::SqlConfig>),
    /// A folder where files are dropped.
    Files(Box<files::FilesConfig>),
    /// A queue on the source's own broker, consumed and forwarded to the inbox.
    Amqp(Box<amqp::AmqpConfig>),
}

impl KindConfig {
    /// The name of the kind as it stands in the configuration.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Http(_) => "http",
            Self::Sql(_) => "sql",
            Self::Files(_) => "files",
            Self::Amqp(_) => "amqp",
        }
    }
}

/// What one source may cost; an administrator can raise each in `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one response or message as it travels.
    pub response_bytes: usize,
    /// Bytes of the same after decompression.
    pub decompressed_bytes: usize,
    /// Bytes of one dropped file after unpacking; it is read as a stream.
    pub file_bytes: u64,
    /// Records in one response or message.
    pub records: usize,
    /// Bytes of one record.
    pub record_bytes: usize,
    /// Levels of nested arrays and objects.
    pub json_depth: usize,
    /// Pages of one pull.
    pub pages: u32,
    /// Time one mapping expression may take on one record.
    pub mapping_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            response_bytes: 64 << 20,
            decompressed_bytes: 256 << 20,
            file_bytes: 4 << 30,
            records: 200_000,
            record_bytes: 4 << 20,
            json_depth: 64,
            pages: 100_000,
            mapping_time: Duration::from_millis(250),
        }
    }
}
