//! How good the records of a source are: the shares of `national_v1.source_quality`, and what lowers them.
//!
//! Everything is worked out when it is asked for, from the rows as they stand: what is replaced or withdrawn counts at
//! once, and storing a record costs nothing for it.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::Error;
use super::source_record::SourceRecord;
use crate::domain::Cause;

/// One day of one source. Shares are of `records`, 0 to 1; none where there are no records.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct QualityDay {
    pub day: NaiveDate,
    pub complete: Option<f64>,
    pub valid: Option<f64>,
    pub timely: Option<f64>,
    pub unmapped: Option<f64>,
    pub records: i64,
    pub records_complete: i64,
    pub records_valid: i64,
    pub records_timely: i64,
    pub records_unmapped: i64,
    pub records_quarantined: i64,
}

/// The days of a source on which something came, newest first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn days(conn: &mut PgConnection, source_id: &str, since: NaiveDate) -> Result<Vec<QualityDay>, Error> {
    Ok(sqlx::query_as(
        "SELECT day, complete, valid, timely, unmapped, records, records_complete, records_valid, records_timely,
                records_unmapped, records_quarantined
         FROM national_v1.source_quality WHERE source_id = $1 AND day >= $2 ORDER BY day DESC",
    )
    .bind(source_id)
    .bind(since)
    .fetch_all(conn)
    .await?)
}

/// How many of a source's records since a day have each cause, the most frequent first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn causes(conn: &mut PgConnection, source_id: &str, since: NaiveDate) -> Result<Vec<(Cause, i64)>, Error> {
    let counted: Vec<(String, i64)> = sqlx::query_as(
        "WITH held AS (
             SELECT (first_seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, received_on, quality_flags, gaps
             FROM petitiond.source_record
             WHERE source_id = $1 AND (first_seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= $2 AND NOT deleted
         )
         SELECT cause, count(*) AS records
         FROM held
         CROSS JOIN LATERAL unnest(
             quality_flags || gaps || CASE WHEN petitiond.is_late(received_on, day) THEN '{late}'::text[] ELSE '{}' END) AS cause
         GROUP BY cause
         ORDER BY count(*) DESC, cause COLLATE \"C\"",
    )
    .bind(source_id)
    .bind(since)
    .fetch_all(conn)
    .await?;
    // a flag of another version is nothing that this one can name
    Ok(counted.into_iter().filter_map(|(code, records)| Some((Cause::parse(&code)?, records))).collect())
}

/// The newest open records with a flag: none that is sealed, by itself or by others that tell of the same petition.
///
/// # Errors
/// [`Error`] of the database.
pub async fn open_records(
    conn: &mut PgConnection,
    source_id: &str,
    since: NaiveDate,
    flag: &str,
    most: i64,
) -> Result<Vec<SourceRecord>, Error> {
    Ok(sqlx::query_as(
        "SELECT * FROM petitiond.source_record
         WHERE source_id = $1 AND (first_seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= $2 AND quality_flags @> ARRAY[$3]
           AND NOT deleted AND NOT incomplete AND NOT is_sealed AND NOT says_sealed
         ORDER BY first_seen_at DESC, record_id LIMIT $4",
    )
    .bind(source_id)
    .bind(since)
    .bind(flag)
    .bind(most)
    .fetch_all(conn)
    .await?)
}
