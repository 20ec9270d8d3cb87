//! Receptions (lượt tiếp công dân).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::petition::Head;
use super::{Error, array_literal, bind};
use crate::domain::{ByLeader, ReceptionMode};
use crate::linkage::survivorship::Reception;

/// A row to write.
#[derive(Debug)]
pub struct ReceptionRow<'r> {
    pub head: Head,
    pub petition_id: Option<Uuid>,
    pub reception: &'r Reception,
    pub updated_at: DateTime<Utc>,
}

/// The heads of those receptions that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn heads(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Head>, Error> {
    Ok(sqlx::query_as(
        "SELECT reception_id AS id, case_id, founding_source, founding_record, digest, readers, first_seen_at, revision
         FROM petitiond.reception WHERE reception_id = ANY ($1)",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?)
}

/// Takes receptions away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.reception WHERE reception_id = ANY ($1)").bind(ids).execute(conn).await?;
    Ok(())
}

const UPSERT: &str = include_str!("reception_upsert.sql");

/// Writes receptions whole.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, rows: &[ReceptionRow<'_>]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    bind!(
        sqlx::query(UPSERT),
        rows,
        |r| r.head.id,
        |r| r.head.case_id,
        |r| r.petition_id,
        |r| r.reception.agency.as_str(),
        |r| r.reception.mode.map(ReceptionMode::as_str),
        |r| r.reception.received_on,
        |r| r.reception.at,
        |r| r.reception.by_leader.map(ByLeader::as_str),
        |r| r.reception.delegation_size,
        |r| r.reception.result.as_deref(),
        |r| r.reception.province_code.as_deref(),
        |r| r.reception.is_sealed,
        |r| r.reception.source_count,
        |r| r.head.founding.source_id.as_str(),
        |r| r.head.founding.record_id.as_str(),
        |r| r.head.digest.as_slice(),
        |r| r.head.first_seen_at,
        |r| r.updated_at,
        |r| r.head.revision,
        |r| array_literal(&r.head.readers),
    )
    .execute(conn)
    .await?;
    Ok(())
}
