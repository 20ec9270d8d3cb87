//! Dropped files that were taken, known by their content.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Connection as _, FromRow, PgConnection};
use uuid::Uuid;

use super::{Error, source};

/// One file, once all its records are with the broker.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TakenFile {
    pub source_id: String,
    /// Keyed.
    pub content_hash: Vec<u8>,
    pub taken_at: DateTime<Utc>,
    pub bytes: i64,
    pub records: i64,
    /// Records that could not be taken.
    pub refused: i64,
    /// `done` or `failed`.
    pub outcome: String,
    /// `None`: it still lies where it was dropped.
    pub put_away_at: Option<DateTime<Utc>>,
}

/// The file with this content, if it was taken.
///
/// # Errors
/// [`Error`] of the database.
pub async fn find(
    conn: &mut PgConnection,
    source_id: &str,
    content_hash: &[u8; 32],
) -> Result<Option<TakenFile>, Error> {
    let sql = "SELECT source_id, content_hash, taken_at, bytes, records, refused, outcome, put_away_at
         FROM petitiond.taken_file WHERE source_id = $1 AND content_hash = $2";
    Ok(sqlx::query_as(sql).bind(source_id).bind(content_hash.as_slice()).fetch_optional(conn).await?)
}

/// Remembers a file and saves the cursor after it, both or neither; false: the pull is no longer this process's.
///
/// # Errors
/// [`Error`] of the database.
pub async fn remember(
    conn: &mut PgConnection,
    file: &TakenFile,
    holder: Uuid,
    cursor: Option<&Value>,
) -> Result<bool, Error> {
    let mut transaction = conn.begin().await?;
    if !source::save_cursor(&mut transaction, &file.source_id, holder, cursor).await? {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO petitiond.taken_file
             (source_id, content_hash, taken_at, bytes, records, refused, outcome, put_away_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (source_id, content_hash) DO UPDATE SET taken_at = excluded.taken_at, records = excluded.records,
             refused = excluded.refused, outcome = excluded.outcome, put_away_at = excluded.put_away_at",
    )
    .bind(&file.source_id)
    .bind(&file.content_hash)
    .bind(file.taken_at)
    .bind(file.bytes)
    .bind(file.records)
    .bind(file.refused)
    .bind(&file.outcome)
    .bind(file.put_away_at)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(true)
}

/// Notes that a file was put away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn put_away(
    conn: &mut PgConnection,
    source_id: &str,
    content_hash: &[u8; 32],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE petitiond.taken_file SET put_away_at = $3
         WHERE source_id = $1 AND content_hash = $2 AND put_away_at IS NULL",
    )
    .bind(source_id)
    .bind(content_hash.as_slice())
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the files that were taken since then, so that they are read again when they are dropped again; how many.
///
/// # Errors
/// [`Error`] of the database.
pub async fn forget(conn: &mut PgConnection, source_id: &str, since: DateTime<Utc>) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM petitiond.taken_file WHERE source_id = $1 AND taken_at >= $2")
        .bind(source_id)
        .bind(since)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
