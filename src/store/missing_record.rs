//! Records that are missing from a snapshot, too many at once to be taken for deleted.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Error;

/// Holds exactly these for a source; what was held before and is not among them is there again. What was confirmed stays
/// confirmed.
///
/// # Errors
/// [`Error`] of the database.
pub async fn hold(
    conn: &mut PgConnection,
    source_id: &str,
    record_ids: &[&str],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "WITH back AS (
             DELETE FROM petitiond.missing_record WHERE source_id = $1 AND record_id <> ALL ($2)
         )
         INSERT INTO petitiond.missing_record (source_id, record_id, held_at)
         SELECT $1, record_id, $3 FROM unnest($2::text[]) AS n (record_id) ORDER BY record_id
         ON CONFLICT (source_id, record_id) DO NOTHING",
    )
    .bind(source_id)
    .bind(record_ids)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Those that a person has confirmed.
///
/// # Errors
/// [`Error`] of the database.
pub async fn confirmed(conn: &mut PgConnection, source_id: &str) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT record_id FROM petitiond.missing_record WHERE source_id = $1 AND confirmed_at IS NOT NULL",
    )
    .bind(source_id)
    .fetch_all(conn)
    .await?)
}

/// Confirms all that is held for a source; how many that is.
///
/// # Errors
/// [`Error`] of the database.
pub async fn confirm(conn: &mut PgConnection, source_id: &str, at: DateTime<Utc>) -> Result<u64, Error> {
    let done = sqlx::query(
        "UPDATE petitiond.missing_record SET confirmed_at = coalesce(confirmed_at, $2) WHERE source_id = $1",
    )
    .bind(source_id)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Holds nothing any more.
///
/// # Errors
/// [`Error`] of the database.
pub async fn clear(conn: &mut PgConnection, source_id: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.missing_record WHERE source_id = $1").bind(source_id).execute(conn).await?;
    Ok(())
}
