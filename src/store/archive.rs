//! What was received, sealed.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};

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

/// Records of one source that came together, sealed.
#[derive(Debug, Clone, FromRow)]
pub struct Bundle {
    pub archive_id: i64,
    pub source_id: String,
    pub received_at: DateTime<Utc>,
    pub record_count: i32,
    pub payload: Vec<u8>,
}

/// The id of the last bundle; 0 where there is none.
///
/// # Errors
/// [`Error`] of the database.
pub async fn last(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT coalesce(max(archive_id), 0) FROM petitiond.archive").fetch_one(conn).await?)
}

/// The next bundles after one and up to another, in the order in which they came: one at least, and more as long as they
/// hold no more records than `most`.
///
/// # Errors
/// [`Error`] of the database.
pub async fn after(
    conn: &mut PgConnection,
    after: i64,
    until: i64,
    source_id: Option<&str>,
    most: i64,
) -> Result<Vec<Bundle>, Error> {
    let query = sqlx::query_as(
        "WITH next AS (
             SELECT archive_id, record_count FROM petitiond.archive
             WHERE archive_id > $1 AND archive_id <= $2 AND ($3::text IS NULL OR source_id = $3)
             ORDER BY archive_id LIMIT 1000
         ), counted AS (
             SELECT archive_id, sum(record_count) OVER (ORDER BY archive_id) AS so_far,
                    row_number() OVER (ORDER BY archive_id) AS number
             FROM next
         )
         SELECT a.archive_id, a.source_id, a.received_at, a.record_count, a.payload
         FROM counted JOIN petitiond.archive a USING (archive_id)
         WHERE number = 1 OR so_far <= $4 ORDER BY a.archive_id",
    );
    Ok(query.bind(after).bind(until).bind(source_id).bind(most).fetch_all(conn).await?)
}
