//! Petitioners of source records, and the identities of those who are not sealed.

use sqlx::PgConnection;

use super::{Error, bind};
use crate::domain::{Gender, RecordKey};

/// One petitioner of one record; personal columns empty where sealed.
#[derive(Debug, Clone)]
pub struct PetitionerRow {
    pub key: RecordKey,
    pub position: i16,
    pub is_representative: bool,
    pub is_sealed: bool,
    pub gender: Option<Gender>,
    pub birth_year: Option<i32>,
    pub province_code: Option<String>,
    pub commune_code: Option<String>,
    /// `None` where sealed.
    pub identity: Option<Identity>,
}

/// What is shown of an identity; numbers are masked.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    pub full_name: Option<String>,
    pub id_number_masked: Option<String>,
    pub phone_masked: Option<String>,
    pub address: Option<String>,
}

/// Takes away all petitioners of those records.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "WITH gone AS (SELECT * FROM unnest($1::text[], $2::text[]) AS g (source_id, record_id)),
              identities AS (DELETE FROM petitiond.petitioner_identity i USING gone g
                             WHERE (i.source_id, i.record_id) = (g.source_id, g.record_id))
         DELETE FROM petitiond.petitioner p USING gone g WHERE (p.source_id, p.record_id) = (g.source_id, g.record_id)",
    );
    bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str()).execute(conn).await?;
    Ok(())
}

/// Adds petitioners.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[PetitionerRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.petitioner
             (source_id, record_id, position, is_representative, is_sealed, gender, birth_year, province_code, commune_code)
         SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::boolean[], $5::boolean[], $6::text[], $7::integer[],
                              $8::text[], $9::text[])",
    );
    bind!(
        query,
        rows,
        |r| r.key.source_id.as_str(),
        |r| r.key.record_id.as_str(),
        |r| r.position,
        |r| r.is_representative,
        |r| r.is_sealed,
        |r| r.gender.map(Gender::as_str),
        |r| r.birth_year,
        |r| r.province_code.as_deref(),
        |r| r.commune_code.as_deref(),
    )
    .execute(&mut *conn)
    .await?;
    let open: Vec<(&PetitionerRow, &Identity)> =
        rows.iter().filter_map(|row| row.identity.as_ref().map(|identity| (row, identity))).collect();
    if open.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.petitioner_identity
             (source_id, record_id, position, full_name, id_number_masked, phone_masked, address)
         SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[])",
    );
    bind!(
        query,
        open,
        |(r, _)| r.key.source_id.as_str(),
        |(r, _)| r.key.record_id.as_str(),
        |(r, _)| r.position,
        |(_, i)| i.full_name.as_deref(),
        |(_, i)| i.id_number_masked.as_deref(),
        |(_, i)| i.phone_masked.as_deref(),
        |(_, i)| i.address.as_deref(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
