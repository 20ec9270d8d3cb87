//! Petitions (đơn).

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::{Error, array_literal, bind};
use crate::domain::{Channel, Outcome, PetitionType, RecordKey, SourceId};
use crate::linkage::survivorship::Petition;

/// What is known of a published id without reading the whole row; the same for petitions, receptions and cases.
#[derive(Debug, Clone)]
pub struct Head {
    pub id: Uuid,
    pub case_id: Uuid,
    pub founding: RecordKey,
    pub digest: Vec<u8>,
    /// Agencies whose bound readers see it; of a case none, which is seen in its parts.
    pub readers: Vec<String>,
    pub first_seen_at: DateTime<Utc>,
    pub revision: i64,
}

impl FromRow<'_, PgRow> for Head {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let source_id: String = row.try_get("founding_source")?;
        let source_id = SourceId::parse(&source_id).map_err(|reason| sqlx::Error::Decode(reason.into()))?;
        Ok(Self {
            id: row.try_get("id")?,
            case_id: row.try_get("case_id")?,
            founding: RecordKey { source_id, record_id: row.try_get("founding_record")? },
            digest: row.try_get("digest")?,
            readers: row.try_get("readers")?,
            first_seen_at: row.try_get("first_seen_at")?,
            revision: row.try_get("revision")?,
        })
    }
}

/// A row to write.
#[derive(Debug)]
pub struct PetitionRow<'p> {
    pub head: Head,
    pub petition: &'p Petition,
    /// Null where the petition has one record only.
    pub origins: Option<serde_json::Value>,
    pub updated_at: DateTime<Utc>,
}

/// The heads of those petitions that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn heads(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Head>, Error> {
    Ok(sqlx::query_as(
        "SELECT petition_id AS id, case_id, founding_source, founding_record, digest, readers, first_seen_at, revision
         FROM petitiond.petition WHERE petition_id = ANY ($1)",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?)
}

/// Takes petitions away: merged into others, or withdrawn by every source.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.petition WHERE petition_id = ANY ($1)").bind(ids).execute(conn).await?;
    Ok(())
}

const UPSERT: &str = include_str!("petition_upsert.sql");

/// Writes petitions whole.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, rows: &[PetitionRow<'_>]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    bind!(
        sqlx::query(UPSERT),
        rows,
        |r| r.head.id,
        |r| r.head.case_id,
        |r| r.petition.petition_type.map(PetitionType::as_str),
        |r| r.petition.category.as_deref(),
        |r| r.petition.summary.as_deref(),
        |r| r.petition.received_on,
        |r| r.petition.channel.map(Channel::as_str),
        |r| r.petition.stage.as_str(),
        |r| r.petition.stage_at,
        |r| r.petition.outcome.map(Outcome::as_str),
        |r| r.petition.receiving_agency.as_str(),
        |r| r.petition.responsible_agency.as_str(),
        |r| r.petition.against_agency.as_deref(),
        |r| r.petition.decision_no.as_deref(),
        |r| r.petition.decision_on,
        |r| r.petition.province_code.as_deref(),
        |r| r.petition.commune_code.as_deref(),
        |r| r.petition.petitioner_count,
        |r| r.petition.is_anonymous,
        |r| r.petition.is_sealed,
        |r| r.petition.deadline_on,
        |r| r.petition.transfer_count,
        |r| r.petition.has_transfer_loop,
        |r| r.petition.source_count,
        |r| array_literal(r.petition.quality_flags.iter().map(|flag| flag.as_str())),
        |r| r.petition.petitioners_from.as_ref().map(|key| key.source_id.as_str()),
        |r| r.petition.petitioners_from.as_ref().map(|key| key.record_id.as_str()),
        |r| r.origins.as_ref(),
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
