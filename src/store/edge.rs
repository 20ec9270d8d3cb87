//! Edges: pairs of nodes that may be one, each kept in both directions.

use sqlx::PgConnection;
use uuid::Uuid;

use super::decision::Standing;
use super::{Error, bind};

/// A pair that may be one.
#[derive(Debug, Clone, Copy, PartialEq, sqlx::FromRow)]
pub struct Edge {
    pub node_id: Uuid,
    pub other_id: Uuid,
    /// Bits above the threshold of automatic links.
    pub margin: f32,
}

/// All edges of some margin at least that lead from some nodes to others, directly or through others; each once, the
/// smaller end first. And the decisions that hold about any node that is reached so, from its end: from both, where both
/// are.
///
/// # Errors
/// [`Error`] of the database.
pub async fn closure(conn: &mut PgConnection, from: &[Uuid], least: f32) -> Result<(Vec<Edge>, Vec<Standing>), Error> {
    if from.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let query = sqlx::query_as(include_str!("edge_closure.sql"));
    let rows: Vec<Step> = query.bind(from).bind(least).fetch_all(conn).await?;
    let (mut edges, mut standing) = (Vec::new(), Vec::new());
    for Step { node_id, other_id, margin, decision_id, verdict } in rows {
        match decision_id.zip(verdict) {
            Some((decision_id, verdict)) => standing.push(Standing { decision_id, node_id, other_id, verdict }),
            None => edges.push(Edge { node_id, other_id, margin }),
        }
    }
    Ok((edges, standing))
}

/// An edge, or a decision.
#[derive(sqlx::FromRow)]
struct Step {
    node_id: Uuid,
    other_id: Uuid,
    margin: f32,
    decision_id: Option<i64>,
    verdict: Option<String>,
}

/// Pairs that may have to be decided: those that are nearest to being linked without anybody looking, from under it and
/// from over it, and those that a rule holds apart, `most` of each and as many more as are decided; each once. `apart`: a
/// margin under which rules keep theirs.
///
/// # Errors
/// [`Error`] of the database.
pub async fn doubtful(conn: &mut PgConnection, apart: f32, most: i64) -> Result<Vec<Edge>, Error> {
    let query = sqlx::query_as(include_str!("edge_doubtful.sql"));
    Ok(query.bind(apart).bind(most).fetch_all(conn).await?)
}

/// The edges between nodes whose ids begin so: from the first to the last id that does, of each end.
///
/// # Errors
/// [`Error`] of the database.
pub async fn between(conn: &mut PgConnection, one: (Uuid, Uuid), other: (Uuid, Uuid)) -> Result<Vec<Edge>, Error> {
    let query = sqlx::query_as(
        "SELECT node_id, other_id, margin FROM petitiond.edge
         WHERE node_id BETWEEN $1 AND $2 AND other_id BETWEEN $3 AND $4 ORDER BY 1, 2",
    );
    Ok(query.bind(one.0).bind(one.1).bind(other.0).bind(other.1).fetch_all(conn).await?)
}

/// Writes edges, each once in whatever direction; both are kept.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, edges: &[Edge]) -> Result<(), Error> {
    if edges.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "WITH new AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::real[]) AS e (one, other, margin))
         INSERT INTO petitiond.edge (node_id, other_id, margin)
         SELECT one, other, margin FROM new UNION ALL SELECT other, one, margin FROM new
         ORDER BY 1, 2
         ON CONFLICT (node_id, other_id) DO UPDATE SET margin = excluded.margin",
    );
    bind!(query, edges, |e| e.node_id, |e| e.other_id, |e| e.margin).execute(conn).await?;
    Ok(())
}

/// Which of some nodes have edges, and with whom; each once, the smaller end first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn among(conn: &mut PgConnection, nodes: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, Error> {
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let query = "SELECT e.node_id, e.other_id FROM unnest($1::uuid[]) AS k (id)
                 CROSS JOIN LATERAL (
                     SELECT node_id, other_id FROM petitiond.edge WHERE node_id = k.id AND other_id > k.id OFFSET 0
                 ) e";
    Ok(sqlx::query_as(query).bind(nodes).fetch_all(conn).await?)
}

/// Takes away all edges of some nodes; with whom they had them.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete_of(conn: &mut PgConnection, nodes: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let query = "DELETE FROM petitiond.edge WHERE node_id = ANY ($1) RETURNING other_id, node_id";
    let gone: Vec<(Uuid, Uuid)> = sqlx::query_as(query).bind(nodes).fetch_all(&mut *conn).await?;
    delete(conn, &gone).await?;
    Ok(gone.into_iter().map(|(other, _)| other).collect())
}

/// Takes edges away; one direction is not the other.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, pairs: &[(Uuid, Uuid)]) -> Result<(), Error> {
    if pairs.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.edge e USING unnest($1::uuid[], $2::uuid[]) AS g (node_id, other_id)
         WHERE (e.node_id, e.other_id) = (g.node_id, g.other_id)",
    );
    bind!(query, pairs, |p| p.0, |p| p.1).execute(conn).await?;
    Ok(())
}
