//! Links: why two records are of one petition or case.

use sqlx::PgConnection;

use super::{Error, bind};
use crate::domain::RecordKey;

/// A link decided by rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleLink {
    /// The record that names the other.
    pub left: RecordKey,
    pub right: RecordKey,
    pub entity: &'static str,
    pub relation: &'static str,
    /// Rules and levels, never values.
    pub explanation: serde_json::Value,
}

/// Takes away the links that those records made.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete_from(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.link l USING unnest($1::text[], $2::text[]) AS g (source_id, record_id)
         WHERE (l.left_source_id, l.left_record_id) = (g.source_id, g.record_id) AND l.decided_by = 'rule'",
    );
    bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str()).execute(conn).await?;
    Ok(())
}

/// Adds links.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[RuleLink]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.link (left_source_id, left_record_id, right_source_id, right_record_id, entity, relation,
                                     decided_by, explanation)
         SELECT n.ls, n.lr, n.rs, n.rr, n.entity, n.relation, 'rule', n.explanation
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
              AS n (ls, lr, rs, rr, entity, relation, explanation)
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
        |r| &r.explanation,
    )
    .execute(conn)
    .await?;
    Ok(())
}
