//! Persons: the human beings and bodies behind the petitioners of open records.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Error, bind};

/// What is known of a person's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Head {
    pub person_id: Uuid,
    /// The node it was made for; `None`: nobody is this person any longer.
    pub founding: Option<Uuid>,
    pub first_seen_at: DateTime<Utc>,
    pub revision: i64,
}

/// The heads of those that are or were there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn heads(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Head>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(
        "SELECT p.person_id, p.founding, p.first_seen_at, p.revision
         FROM unnest($1::uuid[]) AS k (id) JOIN petitiond.person p ON p.person_id = k.id",
    );
    Ok(query.bind(ids).fetch_all(conn).await?)
}

/// Writes persons; rows stay when nobody is left, so that an id is never given again.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, at: DateTime<Utc>, rows: &[Head]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.person (person_id, founding, first_seen_at, updated_at, revision)
         SELECT n.person_id, n.founding, n.first_seen_at, $1, n.revision
         FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::bigint[]) AS n (person_id, founding, first_seen_at, revision)
         ON CONFLICT (person_id) DO UPDATE
         SET founding = excluded.founding, updated_at = excluded.updated_at, revision = excluded.revision",
    );
    bind!(query.bind(at), rows, |r| r.person_id, |r| r.founding, |r| r.first_seen_at, |r| r.revision)
        .execute(conn)
        .await?;
    Ok(())
}
