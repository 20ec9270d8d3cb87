//! What was received, sealed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Error;

/// Adds one bundle of records of one source; returns its id.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(
    conn: &mut PgConnection,
    source_id: &str,
    received_at: DateTime<Utc>,
    record_count: i32,
    payload: &[u8],
) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(
        "INSERT INTO petitiond.archive (source_id, received_at, record_count, payload) VALUES ($1, $2, $3, $4)
         RETURNING archive_id",
    )
    .bind(source_id)
    .bind(received_at)
    .bind(record_count)
    .bind(payload)
    .fetch_one(conn)
    .await?)
}
