//! Ids that were merged into older ones.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::change::Entity;
use super::{Error, bind};

/// One id and the one that stands for it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    pub entity: Entity,
    pub alias_id: Uuid,
    pub kept_id: Uuid,
}

/// Adds aliases; older aliases of an absorbed id follow it, so that one look-up always finds the living id.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, at: DateTime<Utc>, rows: &[Alias]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let moved = sqlx::query(
        "UPDATE petitiond.entity_alias a SET kept_id = n.kept_id
         FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS n (entity, alias_id, kept_id)
         WHERE a.entity = n.entity AND a.kept_id = n.alias_id",
    );
    bind!(moved, rows, |r| r.entity.as_str(), |r| r.alias_id, |r| r.kept_id).execute(&mut *conn).await?;
    let query = sqlx::query(
        "INSERT INTO petitiond.entity_alias (entity, alias_id, kept_id, since)
         SELECT n.entity, n.alias_id, n.kept_id, $1 FROM unnest($2::text[], $3::uuid[], $4::uuid[]) AS n (entity, alias_id, kept_id)
         ON CONFLICT (entity, alias_id) DO UPDATE SET kept_id = excluded.kept_id",
    );
    bind!(query.bind(at), rows, |r| r.entity.as_str(), |r| r.alias_id, |r| r.kept_id).execute(conn).await?;
    Ok(())
}

/// Takes away the aliases that these ids were: they name something again.
///
/// # Errors
/// [`Error`] of the database.
pub async fn revive(conn: &mut PgConnection, entity: Entity, ids: &[Uuid]) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let query = sqlx::query("DELETE FROM petitiond.entity_alias WHERE entity = $1 AND alias_id = ANY ($2)");
    query.bind(entity.as_str()).bind(ids).execute(conn).await?;
    Ok(())
}
