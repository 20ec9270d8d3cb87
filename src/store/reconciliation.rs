//! Reconciliations: what each source held against what the database held of it, time after time; counts and digests.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::Error;

/// What one came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Figures {
    pub source_records: i64,
    pub database_records: i64,
    pub missing: i64,
    pub extra: i64,
    pub different: i64,
    /// Messages that waited in the inbox.
    pub waiting: Option<i64>,
    pub source_keys: String,
    pub database_keys: String,
}

/// The newest of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Reconciliation {
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub figures: Figures,
}

/// Keeps one.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(
    conn: &mut PgConnection,
    source_id: &str,
    at: DateTime<Utc>,
    figures: &Figures,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO petitiond.reconciliation (source_id, at, source_records, database_records, missing, extra, different,
             waiting, source_keys, database_keys)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(source_id)
    .bind(at)
    .bind(figures.source_records)
    .bind(figures.database_records)
    .bind(figures.missing)
    .bind(figures.extra)
    .bind(figures.different)
    .bind(figures.waiting)
    .bind(&figures.source_keys)
    .bind(&figures.database_keys)
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest of a source, if there ever was one.
///
/// # Errors
/// [`Error`] of the database.
pub async fn newest(conn: &mut PgConnection, source_id: &str) -> Result<Option<Reconciliation>, Error> {
    Ok(sqlx::query_as(
        "SELECT at, source_records, database_records, missing, extra, different, waiting, source_keys, database_keys
         FROM petitiond.reconciliation WHERE source_id = $1 ORDER BY at DESC LIMIT 1",
    )
    .bind(source_id)
    .fetch_optional(conn)
    .await?)
}

/// Takes the right to reconcile a source, which ends with the connection; false: another process is at it.
///
/// # Errors
/// [`Error`] of the database.
pub async fn claim(conn: &mut PgConnection, source_id: &str) -> Result<bool, Error> {
    let query = "SELECT pg_try_advisory_lock(hashtextextended('petitiond reconcile ' || $1, 0))";
    Ok(sqlx::query_scalar(query).bind(source_id).fetch_one(conn).await?)
}
