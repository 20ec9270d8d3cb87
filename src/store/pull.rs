//! The history of pulls: rows are only ever added.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::Error;

/// One pull that ended, well or badly.
#[derive(Debug, Clone)]
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
