//! Quarantine: what could not be taken in, with its reason, until somebody decides.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::{Error, bind};

/// One thing to hold.
#[derive(Debug, Clone)]
pub struct Held {
    pub source_id: String,
    pub payload_hash: [u8; 32],
    pub record_id: Option<String>,
    pub reason: &'static str,
    pub detail: String,
    pub packing: &'static str,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub message_id: String,
    /// Sealed.
    pub payload: Vec<u8>,
    pub received_at: DateTime<Utc>,
}

/// Holds; what is held already stays as it is, what was retried and failed again is held again.
///
/// # Errors
/// [`Error`] of the database.
pub async fn hold(conn: &mut PgConnection, rows: &[&Held]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.quarantine AS q (source_id, payload_hash, record_id, reason, detail, packing, content_type,
             content_encoding, message_id, payload, received_at)
         SELECT DISTINCT ON (n.source_id, n.payload_hash) n.*
         FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::bytea[], $11::timestamptz[])
              AS n (source_id, payload_hash, record_id, reason, detail, packing, content_type, content_encoding, message_id, payload,
                    received_at)
         ORDER BY n.source_id, n.payload_hash
         ON CONFLICT (source_id, payload_hash) DO UPDATE
             SET state = 'held', reason = excluded.reason, detail = excluded.detail
             WHERE q.state = 'retried'",
    );
    bind!(
        query,
        rows,
        |r| r.source_id.as_str(),
        |r| r.payload_hash.as_slice(),
        |r| r.record_id.as_deref(),
        |r| r.reason,
        |r| r.detail.as_str(),
        |r| r.packing,
        |r| r.content_type.as_deref(),
        |r| r.content_encoding.as_deref(),
        // a NUL is what a text column cannot hold, and the quarantine must hold everything
        |r| r.message_id.replace('\0', ""),
        |r| r.payload.as_slice(),
        |r| r.received_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One line of a listing.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct Entry {
    pub quarantine_id: i64,
    pub source_id: String,
    pub record_id: Option<String>,
    pub reason: String,
    pub detail: String,
    pub state: String,
    pub received_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub decision_reason: Option<String>,
}

/// One entry with its sealed payload and how it came.
#[derive(Debug, Clone, FromRow)]
pub struct Payload {
    pub quarantine_id: i64,
    pub source_id: String,
    pub packing: String,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub message_id: String,
    pub payload: Vec<u8>,
    pub state: String,
}

/// The entries of a source (or of all), newest first; only what is held unless `all`.
///
/// # Errors
/// [`Error`] of the database.
pub async fn list(
    conn: &mut PgConnection,
    source_id: Option<&str>,
    all: bool,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    Ok(sqlx::query_as(
        "SELECT quarantine_id, source_id, record_id, reason, detail, state, received_at, decided_at, decided_by, decision_reason
         FROM petitiond.quarantine
         WHERE ($1::text IS NULL OR source_id = $1) AND ($2 OR state = 'held')
         ORDER BY quarantine_id DESC LIMIT $3",
    )
    .bind(source_id)
    .bind(all)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// The entries with these ids.
///
/// # Errors
/// [`Error`] of the database.
pub async fn get(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<Entry>, Error> {
    Ok(sqlx::query_as(
        "SELECT quarantine_id, source_id, record_id, reason, detail, state, received_at, decided_at, decided_by, decision_reason
         FROM petitiond.quarantine WHERE quarantine_id = ANY ($1) ORDER BY quarantine_id",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?)
}

/// The sealed payloads of these ids.
///
/// # Errors
/// [`Error`] of the database.
pub async fn payloads(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<Payload>, Error> {
    Ok(sqlx::query_as(
        "SELECT quarantine_id, source_id, packing, content_type, content_encoding, message_id, payload, state
         FROM petitiond.quarantine WHERE quarantine_id = ANY ($1) ORDER BY quarantine_id",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?)
}

/// Ids of all held entries of a source (or of all sources).
///
/// # Errors
/// [`Error`] of the database.
pub async fn held_ids(conn: &mut PgConnection, source_id: Option<&str>) -> Result<Vec<i64>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT quarantine_id FROM petitiond.quarantine WHERE state = 'held' AND ($1::text IS NULL OR source_id = $1)
         ORDER BY quarantine_id",
    )
    .bind(source_id)
    .fetch_all(conn)
    .await?)
}

/// Writes a decision; returns how many entries it changed.
///
/// # Errors
/// [`Error`] of the database.
pub async fn decide(
    conn: &mut PgConnection,
    ids: &[i64],
    state: &str,
    by: &str,
    reason: Option<&str>,
    at: DateTime<Utc>,
) -> Result<u64, Error> {
    let done = sqlx::query(
        "UPDATE petitiond.quarantine SET state = $2, decided_by = $3, decision_reason = $4, decided_at = $5
         WHERE quarantine_id = ANY ($1)",
    )
    .bind(ids)
    .bind(state)
    .bind(by)
    .bind(reason)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
