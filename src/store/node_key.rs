//! Blocking keys of nodes, as keyed hashes: nodes that share one are compared.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, bind};

/// Adds keys that are not there yet.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[(i64, Uuid)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query =
        sqlx::query("INSERT INTO petitiond.node_key (key, node_id) SELECT * FROM unnest($1::bigint[], $2::uuid[])");
    bind!(query, rows, |r| r.0, |r| r.1).execute(conn).await?;
    Ok(())
}

/// Takes keys away.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, rows: &[(i64, Uuid)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.node_key k USING unnest($1::bigint[], $2::uuid[]) AS gone (key, node_id)
         WHERE (k.key, k.node_id) = (gone.key, gone.node_id)",
    );
    bind!(query, rows, |r| r.0, |r| r.1).execute(conn).await?;
    Ok(())
}

/// How many nodes have each key, and which; of a key that more than so many have only that it is one more. Keys that
/// nobody has are left out.
///
/// # Errors
/// [`Error`] of the database.
pub async fn holders(
    conn: &mut PgConnection,
    keys: &[(i64, i64)],
) -> Result<Vec<(i64, i64, Option<Vec<Uuid>>)>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(
        "SELECT k.key, h.count, h.nodes
         FROM unnest($1::bigint[], $2::bigint[]) AS k (key, most)
         CROSS JOIN LATERAL (
             SELECT count(*) AS count, CASE WHEN count(*) <= k.most THEN array_agg(node_id) END AS nodes
             FROM (SELECT node_id FROM petitiond.node_key n WHERE n.key = k.key LIMIT k.most + 1) AS held
             HAVING count(*) > 0
         ) h",
    );
    Ok(bind!(query, keys, |k| k.0, |k| k.1).fetch_all(conn).await?)
}
