//! Figures over the whole database.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::Error;

/// How much there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromRow)]
pub struct Totals {
    pub source_records: i64,
    pub deleted: i64,
    pub incomplete: i64,
    pub petitions: i64,
    pub sealed_petitions: i64,
    pub filings: i64,
    pub receptions: i64,
    pub cases: i64,
    /// Times a petition was sent on.
    pub transfers: i64,
    pub transfer_loops: i64,
    pub quarantined: i64,
    pub last_seq: i64,
}

/// Counts everything; reads whole tables.
///
/// # Errors
/// [`Error`] of the database.
pub async fn totals(conn: &mut PgConnection) -> Result<Totals, Error> {
    Ok(sqlx::query_as(include_str!("summary_totals.sql")).fetch_one(conn).await?)
}

/// Whether a daemon is connected to this database, wherever it runs.
///
/// # Errors
/// [`Error`] of the database.
pub async fn daemon_is_there(conn: &mut PgConnection) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1)",
    )
    .bind(super::DAEMON)
    .fetch_one(conn)
    .await?)
}

/// How many records of each source have found their place: stored, or in quarantine.
///
/// # Errors
/// [`Error`] of the database.
pub async fn settled(conn: &mut PgConnection) -> Result<Vec<(String, i64)>, Error> {
    Ok(sqlx::query_as(
        "SELECT source_id, sum(records)::bigint
         FROM (SELECT source_id, count(*) AS records FROM petitiond.source_record GROUP BY source_id
               UNION ALL SELECT source_id, count(*) FROM petitiond.quarantine WHERE state = 'held' GROUP BY source_id) AS settled
         GROUP BY source_id",
    )
    .fetch_all(conn)
    .await?)
}
