//! Decisions of clerical review: a log to which rows are only ever added.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;

/// A decision that holds.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub decision_id: i64,
    pub node_id: Uuid,
    pub other_id: Uuid,
    /// `same` or `different`.
    pub verdict: String,
}

/// One row of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Decision {
    pub decision_id: i64,
    /// `person` or `petition`.
    pub entity: String,
    /// The smaller end first.
    pub left_id: Uuid,
    pub right_id: Uuid,
    pub verdict: String,
    /// The decision that this one undoes.
    pub undoes: Option<i64>,
    /// The decision that undid this one.
    pub undone_by: Option<i64>,
    pub decided_at: DateTime<Utc>,
    pub decided_by: String,
    /// Names of both ends and the note, sealed.
    pub content: Vec<u8>,
}

/// A row before it has a number.
#[derive(Debug, Clone)]
pub struct New {
    pub entity: &'static str,
    pub left_id: Uuid,
    pub right_id: Uuid,
    pub verdict: &'static str,
    pub undoes: Option<i64>,
    pub decided_at: DateTime<Utc>,
    pub decided_by: String,
    pub content: Vec<u8>,
}

const COLUMNS: &str = "d.decision_id, d.entity, d.left_id, d.right_id, d.verdict, d.undoes, u.decision_id AS undone_by, \
                       d.decided_at, d.decided_by, d.content";

/// Adds a decision; its number.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, new: &New) -> Result<i64, Error> {
    let query = sqlx::query_scalar(
        "INSERT INTO petitiond.decision (entity, left_id, right_id, verdict, undoes, decided_at, decided_by, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING decision_id",
    );
    let query = query.bind(new.entity).bind(new.left_id).bind(new.right_id).bind(new.verdict).bind(new.undoes);
    Ok(query.bind(new.decided_at).bind(&new.decided_by).bind(&new.content).fetch_one(conn).await?)
}

/// All decisions about one kind of thing that hold, each once.
///
/// # Errors
/// [`Error`] of the database.
pub async fn standing(conn: &mut PgConnection, entity: &str) -> Result<Vec<Standing>, Error> {
    let query = sqlx::query_as(
        "SELECT s.decision_id, s.node_id, s.other_id, s.verdict
         FROM petitiond.standing s JOIN petitiond.decision d USING (decision_id)
         WHERE d.entity = $1 AND s.node_id < s.other_id ORDER BY 1",
    );
    Ok(query.bind(entity).fetch_all(conn).await?)
}

/// Those that are there, in the order of their numbers.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<Decision>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!(
        "SELECT {COLUMNS} FROM petitiond.decision d LEFT JOIN petitiond.decision u ON u.undoes = d.decision_id
         WHERE d.decision_id = ANY ($1) ORDER BY 1"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(ids).fetch_all(conn).await?)
}

/// All that was ever decided of two, oldest first; the smaller id first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn of_pair(conn: &mut PgConnection, left_id: Uuid, right_id: Uuid) -> Result<Vec<Decision>, Error> {
    let query = format!(
        "SELECT {COLUMNS} FROM petitiond.decision d LEFT JOIN petitiond.decision u ON u.undoes = d.decision_id
         WHERE (d.left_id, d.right_id) = ($1, $2) ORDER BY 1"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(left_id).bind(right_id).fetch_all(conn).await?)
}

/// The log, newest first.
///
/// # Errors
/// [`Error`] of the database.
pub async fn list(conn: &mut PgConnection, limit: i64) -> Result<Vec<Decision>, Error> {
    let query = format!(
        "SELECT {COLUMNS} FROM petitiond.decision d LEFT JOIN petitiond.decision u ON u.undoes = d.decision_id
         ORDER BY d.decision_id DESC LIMIT $1"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(limit).fetch_all(conn).await?)
}
