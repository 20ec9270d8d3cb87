//! Receptions to be sealed in the night.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Error, bind, source_record};
use crate::domain::RecordKey;

/// Puts receptions down; what is down already keeps its time.
///
/// # Errors
/// [`Error`] of the database.
pub async fn put(conn: &mut PgConnection, due_at: DateTime<Utc>, keys: &[RecordKey]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.night (source_id, record_id, due_at)
         SELECT k.source_id, k.record_id, $3 FROM unnest($1::text[], $2::text[]) AS k (source_id, record_id)
         ON CONFLICT DO NOTHING",
    );
    bind!(query, keys, |k| k.source_id.as_str(), |k| k.record_id.as_str()).bind(due_at).execute(conn).await?;
    Ok(())
}

/// Whether any is due.
///
/// # Errors
/// [`Error`] of the database.
pub async fn is_due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool, Error> {
    let query = "SELECT EXISTS (SELECT FROM petitiond.night WHERE due_at <= $1)";
    Ok(sqlx::query_scalar(query).bind(now).fetch_one(conn).await?)
}

/// Takes those that are due, `most` at most, the longest due first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn take(conn: &mut PgConnection, now: DateTime<Utc>, most: i64) -> Result<Vec<RecordKey>, Error> {
    let rows = sqlx::query(
        "DELETE FROM petitiond.night n USING (
             SELECT source_id, record_id FROM petitiond.night WHERE due_at <= $1
             ORDER BY due_at, source_id, record_id LIMIT $2 FOR UPDATE
         ) AS due WHERE (n.source_id, n.record_id) = (due.source_id, due.record_id)
         RETURNING n.source_id, n.record_id",
    );
    let rows = rows.bind(now).bind(most).fetch_all(conn).await?;
    Ok(rows.iter().map(source_record::key_of).collect::<Result<_, sqlx::Error>>()?)
}

/// Puts the one that is due the longest off; which it is.
///
/// # Errors
/// [`Error`] of the database.
pub async fn put_off(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<RecordKey>, Error> {
    let row = sqlx::query(
        "UPDATE petitiond.night SET due_at = $2 WHERE (source_id, record_id) = (
             SELECT source_id, record_id FROM petitiond.night WHERE due_at <= $1
             ORDER BY due_at, source_id, record_id LIMIT 1 FOR UPDATE
         ) RETURNING source_id, record_id",
    );
    let row = row.bind(now).bind(until).fetch_optional(conn).await?;
    Ok(row.as_ref().map(source_record::key_of).transpose()?)
}
