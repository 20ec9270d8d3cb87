//! The parts of records that come in parts.

use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};

use super::{Error, bind, source_record};
use crate::domain::{RecordKey, Version};

/// One part at its newest version.
#[derive(Debug, Clone)]
pub struct RecordPart {
    pub key: RecordKey,
    pub part: String,
    pub version: Version,
    pub deleted: bool,
    /// Of a withdrawn part: the newest version that said something, where one was seen.
    pub last_said: Option<Version>,
    /// Sealed mapped fields; of a withdrawn part what it said last.
    pub content: Vec<u8>,
    /// The bundle in which it came; 0 until it is archived.
    pub archive_id: i64,
}

impl FromRow<'_, PgRow> for RecordPart {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            key: source_record::key_of(row)?,
            part: row.try_get("part")?,
            version: source_record::version_of(row)?,
            deleted: row.try_get("deleted")?,
            last_said: source_record::last_said_of(row)?,
            content: row.try_get("content")?,
            archive_id: row.try_get("archive_id")?,
        })
    }
}

/// The parts of those records.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<Vec<RecordPart>, Error> {
    let query = sqlx::query_as(
        "SELECT p.* FROM unnest($1::text[], $2::text[]) AS wanted (source_id, record_id)
         JOIN petitiond.record_part p USING (source_id, record_id)",
    );
    let query = query
        .bind(keys.iter().map(|key| key.source_id.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(|key| key.record_id.as_str()).collect::<Vec<_>>());
    Ok(query.fetch_all(conn).await?)
}

/// Writes parts.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, rows: &[&RecordPart]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.record_part
             (source_id, record_id, part, version_ordinal, version_tie, content_hash, deleted, content, said_ordinal, said_tie,
              said_hash, archive_id)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::boolean[], $8::bytea[],
                              $9::bigint[], $10::text[], $11::bytea[], $12::bigint[])
         ON CONFLICT (source_id, record_id, part) DO UPDATE SET
             version_ordinal = excluded.version_ordinal, version_tie = excluded.version_tie,
             content_hash = excluded.content_hash, deleted = excluded.deleted, content = excluded.content,
             said_ordinal = excluded.said_ordinal, said_tie = excluded.said_tie, said_hash = excluded.said_hash,
             archive_id = excluded.archive_id",
    );
    bind!(
        query,
        rows,
        |r| r.key.source_id.as_str(),
        |r| r.key.record_id.as_str(),
        |r| r.part.as_str(),
        |r| r.version.ordinal,
        |r| r.version.tie.as_str(),
        |r| r.version.content_hash.as_slice(),
        |r| r.deleted,
        |r| r.content.as_slice(),
        |r| r.last_said.as_ref().map(|said| said.ordinal),
        |r| r.last_said.as_ref().map(|said| said.tie.as_str()),
        |r| r.last_said.as_ref().map(|said| said.content_hash.as_slice()),
        |r| r.archive_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}
