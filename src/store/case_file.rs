//! Cases (vụ việc).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::petition::Head;
use super::{Error, bind};
use crate::domain::{RecordKey, Stage};
use crate::linkage::case::Case;

/// A row to write.
#[derive(Debug)]
pub struct CaseRow<'c> {
    pub head: Head,
    pub case: &'c Case,
    pub person_count: i32,
    pub updated_at: DateTime<Utc>,
}

/// How many people of each of those cases are counted once too often when the people of its petitions are added up,
/// because they stand behind several of them.
///
/// # Errors
/// [`Error`] of the database.
pub async fn people_twice(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, i32)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = "SELECT k.id, petitiond.people_twice(k.id) FROM unnest($1::uuid[]) AS k (id)";
    Ok(sqlx::query_as(query).bind(ids).fetch_all(conn).await?)
}

/// Counts anew the people of the cases of those records, whose persons are others now; those of which the number
/// changed, with their new revisions. The end of the digest is the number (see `pipeline::write`).
///
/// # Errors
/// [`Error`] of the database.
pub async fn recount(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    records: &[&RecordKey],
) -> Result<Vec<(Uuid, i64)>, Error> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(include_str!("case_file_recount.sql"));
    let query = bind!(query.bind(at), records, |key| key.source_id.as_str(), |key| key.record_id.as_str());
    Ok(query.fetch_all(conn).await?)
}

/// The heads of those cases that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn heads(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Head>, Error> {
    Ok(sqlx::query_as(
        "SELECT case_id AS id, case_id, founding_source, founding_record, digest, '{}'::text[] AS readers, first_seen_at, revision
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
        |r| r.person_count,
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
