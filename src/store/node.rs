//! Nodes: what is compared of filings and of persons, encrypted.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, bind};

/// Those that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query =
        "SELECT n.node_id, n.content FROM unnest($1::uuid[]) AS k (id) JOIN petitiond.node n ON n.node_id = k.id";
    Ok(sqlx::query_as(query).bind(ids).fetch_all(conn).await?)
}

/// Writes nodes; whoever gives them in the order of their ids lets the order of the rows tell nothing.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, rows: &[(Uuid, &[u8])]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.node (node_id, content) SELECT * FROM unnest($1::uuid[], $2::bytea[])
         ON CONFLICT (node_id) DO UPDATE SET content = excluded.content",
    );
    bind!(query, rows, |r| r.0, |r| r.1).execute(conn).await?;
    Ok(())
}

/// Takes nodes away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM petitiond.node WHERE node_id = ANY ($1)").bind(ids).execute(conn).await?;
    Ok(())
}
