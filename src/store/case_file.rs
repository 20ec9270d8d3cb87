//! Cases (vụ việc).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::petition::Head;
use super::{Error, bind};
use crate::domain::Stage;
use crate::linkage::case::Case;

/// A row to write.
#[derive(Debug)]
pub struct CaseRow<'c> {
    pub head: Head,
    pub case: &'c Case,
    pub updated_at: DateTime<Utc>,
}

/// The heads of those cases that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn heads(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Head>, Error> {
    Ok(sqlx::query_as(
        "SELECT case_id AS id, case_id, founding_source, founding_record, digest, first_seen_at, revision
         FROM petitiond.case_file WHERE case_id = ANY ($1)",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?)
}

/// Takes cases away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.case_file WHERE case_id = ANY ($1)").bind(ids).execute(conn).await?;
    Ok(())
}

const UPSERT: &str = include_str!("case_file_upsert.sql");

/// Writes cases whole.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, rows: &[CaseRow<'_>]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    bind!(
        sqlx::query(UPSERT),
        rows,
        |r| r.head.id,
        |r| r.case.opened_on,
        |r| r.case.last_activity_on,
        |r| r.case.petition_count,
        |r| r.case.reception_count,
        |r| r.case.person_count,
        |r| r.case.agency_count,
        |r| r.case.stage.map(Stage::as_str),
        |r| r.case.is_open,
        |r| r.head.founding.source_id.as_str(),
        |r| r.head.founding.record_id.as_str(),
        |r| r.head.digest.as_slice(),
        |r| r.head.first_seen_at,
        |r| r.updated_at,
        |r| r.head.revision,
    )
    .execute(conn)
    .await?;
    Ok(())
}
