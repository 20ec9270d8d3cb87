//! Which record has which link key.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, bind};
use crate::domain::RecordKey;

/// One key of one record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkKeyRow<'r> {
    pub key: Uuid,
    pub record: &'r RecordKey,
    pub role: i16,
}

/// Adds keys.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[LinkKeyRow<'_>]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.link_key (key, source_id, record_id, role)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[]) ON CONFLICT DO NOTHING",
    );
    bind!(query, rows, |r| r.key, |r| r.record.source_id.as_str(), |r| r.record.record_id.as_str(), |r| r.role)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes keys away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, rows: &[LinkKeyRow<'_>]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.link_key k
         USING unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[]) AS gone (key, source_id, record_id, role)
         WHERE (k.key, k.source_id, k.record_id, k.role) = (gone.key, gone.source_id, gone.record_id, gone.role)",
    );
    bind!(query, rows, |r| r.key, |r| r.record.source_id.as_str(), |r| r.record.record_id.as_str(), |r| r.role)
        .execute(conn)
        .await?;
    Ok(())
}
