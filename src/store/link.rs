//! Links: why two records are of one petition or case, or two petitioners one person, by rule or by judgement.

use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};

use super::{Error, bind};
use crate::domain::{RecordKey, SourceId};

/// Why two records belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// By rule, the record that names the other; by the model, the one with the smaller key.
    pub left: RecordKey,
    /// Of two petitioners: which of their records; else 0.
    pub left_position: i16,
    pub right: RecordKey,
    pub right_position: i16,
    pub entity: &'static str,
    pub relation: &'static str,
    /// Bits, and what they come to, where the model decided.
    pub weight: Option<f64>,
    pub probability: Option<f64>,
    /// `rule`, `model` or `human`.
    pub decided_by: &'static str,
    /// Rules and levels, never values.
    pub explanation: serde_json::Value,
}

/// Between two petitioners.
#[derive(Debug, Clone, PartialEq)]
pub struct OfPersons {
    pub left: (RecordKey, i16),
    pub right: (RecordKey, i16),
    pub weight: Option<f64>,
    /// Because people said so.
    pub is_decided: bool,
    pub explanation: serde_json::Value,
}

impl FromRow<'_, PgRow> for OfPersons {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let end = |end: &str| {
            let source_id: String = row.try_get(format!("{end}_source_id").as_str())?;
            let source_id = SourceId::parse(&source_id).map_err(|reason| sqlx::Error::Decode(reason.into()))?;
            let key = RecordKey { source_id, record_id: row.try_get(format!("{end}_record_id").as_str())? };
            Ok::<_, sqlx::Error>((key, row.try_get(format!("{end}_position").as_str())?))
        };
        Ok(Self {
            left: end("left")?,
            right: end("right")?,
            weight: row.try_get("weight")?,
            is_decided: row.try_get::<&str, _>("decided_by")? == "human",
            explanation: row.try_get("explanation")?,
        })
    }
}

/// The links of persons on whose left the petitioners of those records stand.
///
/// # Errors
/// [`Error`] of the database.
pub async fn of_persons(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<Vec<OfPersons>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(
        "SELECT l.left_source_id, l.left_record_id, l.left_position, l.right_source_id, l.right_record_id, l.right_position,
                l.weight, l.decided_by, l.explanation
         FROM unnest($1::text[], $2::text[]) AS k (source_id, record_id)
         JOIN petitiond.link l ON (l.left_source_id, l.left_record_id) = (k.source_id, k.record_id)
         WHERE l.entity = 'person'",
    );
    Ok(bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str()).fetch_all(conn).await?)
}

/// Takes away links of persons.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete_of_persons(conn: &mut PgConnection, rows: &[OfPersons]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.link l
         USING unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::smallint[]) AS g (ls, lr, lp, rs, rr, rp)
         WHERE (l.left_source_id, l.left_record_id, l.left_position, l.right_source_id, l.right_record_id, l.right_position)
             = (g.ls, g.lr, g.lp, g.rs, g.rr, g.rp) AND l.entity = 'person'",
    );
    bind!(
        query,
        rows,
        |r| r.left.0.source_id.as_str(),
        |r| r.left.0.record_id.as_str(),
        |r| r.left.1,
        |r| r.right.0.source_id.as_str(),
        |r| r.right.0.record_id.as_str(),
        |r| r.right.1,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes away the links on whose left those records stand, decided by rules, by the model or by people; those of persons
/// stay.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete_from(conn: &mut PgConnection, keys: &[&RecordKey], decided_by: &[&str]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.link l USING unnest($1::text[], $2::text[]) AS g (source_id, record_id)
         WHERE (l.left_source_id, l.left_record_id) = (g.source_id, g.record_id) AND l.decided_by = ANY ($3)
           AND l.entity <> 'person'",
    );
    bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str())
        .bind(decided_by)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds links.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[&Link]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.link (left_source_id, left_record_id, left_position, right_source_id, right_record_id,
                                     right_position, entity, relation, weight, probability, decided_by, explanation)
         SELECT n.ls, n.lr, n.lp, n.rs, n.rr, n.rp, n.entity, n.relation, n.weight, n.probability, n.decided_by, n.explanation
         FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[],
                     $9::float8[], $10::float8[], $11::text[], $12::jsonb[])
              AS n (ls, lr, lp, rs, rr, rp, entity, relation, weight, probability, decided_by, explanation)
         ON CONFLICT DO NOTHING",
    );
    bind!(
        query,
        rows,
        |r| r.left.source_id.as_str(),
        |r| r.left.record_id.as_str(),
        |r| r.left_position,
        |r| r.right.source_id.as_str(),
        |r| r.right.record_id.as_str(),
        |r| r.right_position,
        |r| r.entity,
        |r| r.relation,
        |r| r.weight,
        |r| r.probability,
        |r| r.decided_by,
        |r| &r.explanation,
    )
    .execute(conn)
    .await?;
    Ok(())
}
