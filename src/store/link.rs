//! Links: why two records are of one petition or case, by rule or by judgement.

use sqlx::PgConnection;

use super::{Error, bind};
use crate::domain::RecordKey;

/// Why two records belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// By rule, the record that names the other; by the model, the one with the smaller key.
    pub left: RecordKey,
    pub right: RecordKey,
    pub entity: &'static str,
    pub relation: &'static str,
    /// Bits, and what they come to, where the model decided.
    pub weight: Option<f64>,
    pub probability: Option<f64>,
    /// `rule` or `model`.
    pub decided_by: &'static str,
    /// Rules and levels, never values.
    pub explanation: serde_json::Value,
}

/// Takes away the links on whose left those records stand, decided by the rules or by the model.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete_from(conn: &mut PgConnection, keys: &[&RecordKey], decided_by: &str) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.link l USING unnest($1::text[], $2::text[]) AS g (source_id, record_id)
         WHERE (l.left_source_id, l.left_record_id) = (g.source_id, g.record_id) AND l.decided_by = $3",
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
pub async fn insert(conn: &mut PgConnection, rows: &[Link]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.link (left_source_id, left_record_id, right_source_id, right_record_id, entity, relation,
                                     weight, probability, decided_by, explanation)
         SELECT n.ls, n.lr, n.rs, n.rr, n.entity, n.relation, n.weight, n.probability, n.decided_by, n.explanation
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[],
                     $9::text[], $10::jsonb[])
              AS n (ls, lr, rs, rr, entity, relation, weight, probability, decided_by, explanation)
         ON CONFLICT DO NOTHING",
    );
    bind!(
        query,
        rows,
        |r| r.left.source_id.as_str(),
        |r| r.left.record_id.as_str(),
        |r| r.right.source_id.as_str(),
        |r| r.right.record_id.as_str(),
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
