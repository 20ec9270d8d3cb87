//! Receptions to be sealed in the night, each behind a veil.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Error;

/// Puts receptions down; what is down already keeps its time.
///
/// # Errors
/// [`Error`] of the database.
pub async fn put(conn: &mut PgConnection, due_at: DateTime<Utc>, records: &[Vec<u8>]) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.night (record, due_at) SELECT k.record, $2 FROM unnest($1::bytea[]) AS k (record)
         ON CONFLICT DO NOTHING",
    );
    query.bind(records).bind(due_at).execute(conn).await?;
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
pub async fn take(conn: &mut PgConnection, now: DateTime<Utc>, most: i64) -> Result<Vec<Vec<u8>>, Error> {
    let query = sqlx::query_scalar(
        "DELETE FROM petitiond.night n USING (
             SELECT record FROM petitiond.night WHERE due_at <= $1 ORDER BY due_at, record LIMIT $2 FOR UPDATE
         ) AS due WHERE n.record = due.record
         RETURNING n.record",
    );
    Ok(query.bind(now).bind(most).fetch_all(conn).await?)
}

/// Puts the one that is due the longest off; which it is.
///
/// # Errors
/// [`Error`] of the database.
pub async fn put_off(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, Error> {
    let query = sqlx::query_scalar(
        "UPDATE petitiond.night SET due_at = $2 WHERE record = (
             SELECT record FROM petitiond.night WHERE due_at <= $1 ORDER BY due_at, record LIMIT 1 FOR UPDATE
         ) RETURNING record",
    );
    Ok(query.bind(now).bind(until).fetch_optional(conn).await?)
}
