//! Receipts on their way to the sources.

use sqlx::PgConnection;
use sqlx::types::Json;

use super::{Error, bind};

/// One receipt: what became of the records of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    pub source_id: String,
    pub message_id: String,
    pub body: serde_json::Value,
}

/// Adds receipts to the outbox.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[Receipt]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.receipt (source_id, message_id, body) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])",
    );
    // a NUL is what a column cannot hold; what failed because of one must still get its receipt
    bind!(query, rows, |r| r.source_id.as_str(), |r| r.message_id.replace('\0', ""), |r| &r.body).execute(conn).await?;
    Ok(())
}

/// The oldest receipts, locked so that no other process sends them too.
///
/// # Errors
/// [`Error`] of the database.
pub async fn take(conn: &mut PgConnection, limit: i64) -> Result<Vec<(i64, Receipt)>, Error> {
    let rows: Vec<(i64, String, String, Json<serde_json::Value>)> = sqlx::query_as(
        "SELECT receipt_id, source_id, message_id, body FROM petitiond.receipt ORDER BY receipt_id LIMIT $1
         FOR UPDATE SKIP LOCKED",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, source_id, message_id, Json(body))| (id, Receipt { source_id, message_id, body }))
        .collect())
}

/// Takes sent receipts out of the outbox.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, ids: &[i64]) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.receipt WHERE receipt_id = ANY ($1)").bind(ids).execute(conn).await?;
    Ok(())
}
