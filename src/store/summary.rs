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
    pub transferred: i64,
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
