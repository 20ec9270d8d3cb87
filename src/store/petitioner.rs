//! Petitioners of source records, and the identities of those who are not sealed.

use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::{Error, bind};
use crate::domain::{Gender, RecordKey, SourceId};

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
    /// `None` where sealed, or where nothing tells who it is.
    pub person_id: Option<Uuid>,
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

/// Who a stored petitioner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub key: RecordKey,
    pub position: i16,
    pub person_id: Option<Uuid>,
}

impl FromRow<'_, PgRow> for Resolved {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let source_id: String = row.try_get("source_id")?;
        let source_id = SourceId::parse(&source_id).map_err(|reason| sqlx::Error::Decode(reason.into()))?;
        Ok(Self {
            key: RecordKey { source_id, record_id: row.try_get("record_id")? },
            position: row.try_get("position")?,
            person_id: row.try_get("person_id")?,
        })
    }
}

/// Who the stored petitioners of those records are.
///
/// # Errors
/// [`Error`] of the database.
pub async fn resolved(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<Vec<Resolved>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(
        "SELECT p.source_id, p.record_id, p.position, p.person_id
         FROM unnest($1::text[], $2::text[]) AS k (source_id, record_id)
         JOIN petitiond.petitioner p ON (p.source_id, p.record_id) = (k.source_id, k.record_id)",
    );
    Ok(bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str()).fetch_all(conn).await?)
}

/// How many petitioners of records each of these persons is.
///
/// # Errors
/// [`Error`] of the database.
pub async fn counts(conn: &mut PgConnection, persons: &[Uuid]) -> Result<Vec<(Uuid, i64)>, Error> {
    let query = "SELECT person_id, count(*) FROM petitiond.petitioner WHERE person_id = ANY ($1) GROUP BY person_id";
    Ok(sqlx::query_as(query).bind(persons).fetch_all(conn).await?)
}

/// Tells who stored petitioners are now.
///
/// # Errors
/// [`Error`] of the database.
pub async fn resolve(conn: &mut PgConnection, rows: &[Resolved]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "UPDATE petitiond.petitioner p SET person_id = n.person_id
         FROM unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[]) AS n (source_id, record_id, position, person_id)
         WHERE (p.source_id, p.record_id, p.position) = (n.source_id, n.record_id, n.position)",
    );
    bind!(query, rows, |r| r.key.source_id.as_str(), |r| r.key.record_id.as_str(), |r| r.position, |r| r.person_id,)
        .execute(conn)
        .await?;
    Ok(())
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
             (source_id, record_id, position, is_representative, is_sealed, gender, birth_year, province_code, commune_code,
              person_id)
         SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::boolean[], $5::boolean[], $6::text[], $7::integer[],
                              $8::text[], $9::text[], $10::uuid[])",
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
        |r| r.person_id,
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
