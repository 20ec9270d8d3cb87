//! Which record has which link key. The records stand there behind a veil (see `seal`): a reader of the table learns
//! that some records share a key, and not which.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, bind};

/// One key of one record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkKeyRow {
    pub key: Uuid,
    pub role: i16,
    /// Keyed hash of the key and the source.
    pub source: i64,
    /// The record, veiled at the key.
    pub record: Vec<u8>,
}

/// Adds keys.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[LinkKeyRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.link_key (key, role, source, record)
         SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bytea[]) ON CONFLICT DO NOTHING",
    );
    bind!(query, rows, |r| r.key, |r| r.role, |r| r.source, |r| r.record.as_slice()).execute(conn).await?;
    Ok(())
}

/// Takes keys away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, rows: &[LinkKeyRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.link_key k
         USING unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bytea[]) AS gone (key, role, source, record)
         WHERE (k.key, k.role, k.source, k.record) = (gone.key, gone.role, gone.source, gone.record)",
    );
    bind!(query, rows, |r| r.key, |r| r.role, |r| r.source, |r| r.record.as_slice()).execute(conn).await?;
    Ok(())
}

/// Holders of a key beyond which the database looks at each source by itself.
const CROWD: i64 = 1000;
const HOLDERS: &str = include_str!("link_key_holders.sql");

/// The veiled records that have any of the keys, each with the key; of each source, in each role, one more than `most`
/// at most.
///
/// # Errors
/// [`Error`] of the database.
pub async fn holders(conn: &mut PgConnection, keys: &[Uuid], most: usize) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
    let enough = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    Ok(sqlx::query_as(HOLDERS).bind(keys).bind(CROWD).bind(enough).fetch_all(conn).await?)
}
