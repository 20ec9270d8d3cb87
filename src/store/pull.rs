//! The history of pulls: rows are only ever added.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::Error;

/// One pull that ended, well or badly.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct Pull {
    pub source_id: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub records: i64,
    pub bytes: i64,
    pub calls: i64,
    pub tombstones: i64,
    pub cursor_before: Option<Value>,
    pub cursor_after: Option<Value>,
    pub error: Option<String>,
}

/// Adds a pull.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, pull: &Pull) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO petitiond.pull
             (source_id, started_at, finished_at, records, bytes, calls, tombstones, cursor_before, cursor_after, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&pull.source_id)
    .bind(pull.started_at)
    .bind(pull.finished_at)
    .bind(pull.records)
    .bind(pull.bytes)
    .bind(pull.calls)
    .bind(pull.tombstones)
    .bind(&pull.cursor_before)
    .bind(&pull.cursor_after)
    .bind(&pull.error)
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest pulls of a source, the newest first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn history(conn: &mut PgConnection, source_id: &str, limit: u32) -> Result<Vec<Pull>, Error> {
    Ok(sqlx::query_as(
        "SELECT source_id, started_at, finished_at, records, bytes, calls, tombstones, cursor_before, cursor_after, error
         FROM petitiond.pull WHERE source_id = $1 ORDER BY pull_id DESC LIMIT $2",
    )
    .bind(source_id)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?)
}

/// The newest pull of a source that had ended at a moment.
///
/// # Errors
/// [`Error`] of the database.
pub async fn last_until(conn: &mut PgConnection, source_id: &str, at: DateTime<Utc>) -> Result<Option<Pull>, Error> {
    Ok(sqlx::query_as(
        "SELECT source_id, started_at, finished_at, records, bytes, calls, tombstones, cursor_before, cursor_after, error
         FROM petitiond.pull WHERE source_id = $1 AND finished_at <= $2 ORDER BY pull_id DESC LIMIT 1",
    )
    .bind(source_id)
    .bind(at)
    .fetch_optional(conn)
    .await?)
}
