//! Sources: their registration, cursor and health.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Error, bind};
use crate::domain::SourceId;

/// What the configuration says of a source.
#[derive(Debug, Clone)]
pub struct Registration {
    pub source_id: String,
    pub name: String,
    pub tier: &'static str,
    pub agency: String,
    pub kind: &'static str,
    pub enabled: bool,
}

/// How a source is doing.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct Status {
    pub source_id: String,
    pub name: String,
    pub tier: String,
    pub agency: String,
    pub kind: String,
    pub enabled: bool,
    pub paused: bool,
    pub cursor: Option<Value>,
    pub pull_requested_at: Option<DateTime<Utc>>,
    pub last_attempt_at: Option<DateTime<Utc>>,
    pub last_success_at: Option<DateTime<Utc>>,
    pub last_record_at: Option<DateTime<Utc>>,
    pub consecutive_failures: i32,
    pub last_error: Option<String>,
    pub config_error: Option<String>,
    pub backlog: Option<i64>,
    pub records_received: i64,
    pub records_stored: i64,
    pub records_unchanged: i64,
    pub records_stale: i64,
    pub records_quarantined: i64,
    /// Since when nothing new has come, where that is longer than usual.
    pub silent_since: Option<DateTime<Utc>>,
}

/// How many records ended how, for one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub received: i64,
    pub stored: i64,
    pub unchanged: i64,
    pub stale: i64,
    pub quarantined: i64,
}

impl Tally {
    /// Adds another tally to this one.
    pub const fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.stored += other.stored;
        self.unchanged += other.unchanged;
        self.stale += other.stale;
        self.quarantined += other.quarantined;
    }
}

/// Registers sources or brings their registration up to date; sources that are configured no more are disabled.
///
/// # Errors
/// [`Error`] of the database.
pub async fn register(conn: &mut PgConnection, at: DateTime<Utc>, sources: &[Registration]) -> Result<(), Error> {
    let query = sqlx::query(
        "INSERT INTO petitiond.source AS s (source_id, name, tier, agency, kind, enabled, registered_at)
         SELECT n.source_id, n.name, n.tier, n.agency, n.kind, n.enabled, $1
         FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
              AS n (source_id, name, tier, agency, kind, enabled)
         ORDER BY n.source_id
         ON CONFLICT (source_id) DO UPDATE SET name = excluded.name, tier = excluded.tier, agency = excluded.agency,
             kind = excluded.kind, enabled = excluded.enabled, config_error = NULL
             WHERE (s.name, s.tier, s.agency, s.kind, s.enabled, s.config_error)
                 IS DISTINCT FROM (excluded.name, excluded.tier, excluded.agency, excluded.kind, excluded.enabled, NULL)",
    );
    bind!(
        query.bind(at),
        sources,
        |s| s.source_id.as_str(),
        |s| s.name.as_str(),
        |s| s.tier,
        |s| s.agency.as_str(),
        |s| s.kind,
        |s| s.enabled,
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// Forgets hours that no silence is judged by any more.
///
/// # Errors
/// [`Error`] of the database.
pub async fn forget_hours(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.source_hour WHERE hour < now() - interval '9 weeks'").execute(conn).await?;
    Ok(())
}

/// Disables the sources that are configured no more.
///
/// # Errors
/// [`Error`] of the database.
pub async fn disable_others(conn: &mut PgConnection, configured: &[&str]) -> Result<(), Error> {
    sqlx::query(
        "UPDATE petitiond.source SET enabled = false, config_error = NULL
         WHERE (enabled OR config_error IS NOT NULL) AND source_id <> ALL ($1)",
    )
    .bind(configured)
    .execute(conn)
    .await?;
    Ok(())
}

/// The agency of every source that there ever was.
///
/// # Errors
/// [`Error`] of the database.
pub async fn agencies(conn: &mut PgConnection) -> Result<Vec<(String, String)>, Error> {
    Ok(sqlx::query_as("SELECT source_id, agency FROM petitiond.source").fetch_all(conn).await?)
}

/// All sources, or one.
///
/// # Errors
/// [`Error`] of the database.
pub async fn status(conn: &mut PgConnection, source_id: Option<&str>) -> Result<Vec<Status>, Error> {
    Ok(sqlx::query_as(
        "SELECT source_id, name, tier, agency, kind, enabled, paused, cursor, pull_requested_at, last_attempt_at, last_success_at,
                last_record_at, consecutive_failures, last_error, config_error, backlog, records_received, records_stored,
                records_unchanged, records_stale, records_quarantined, silent_since
         FROM petitiond.source LEFT JOIN petitiond.source_silence USING (source_id)
         WHERE $1::text IS NULL OR source_id = $1 ORDER BY source_id",
    )
    .bind(source_id)
    .fetch_all(conn)
    .await?)
}

/// Adds to the tallies of sources that stored something.
///
/// # Errors
/// [`Error`] of the database.
pub async fn count(conn: &mut PgConnection, at: DateTime<Utc>, tallies: &[(&str, &Tally)]) -> Result<(), Error> {
    if tallies.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "WITH n AS (
             SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
                 AS n (source_id, received, stored, unchanged, stale, quarantined)
         ), known AS (
             UPDATE petitiond.source s
             SET last_record_at = $1, records_received = s.records_received + n.received,
                 records_stored = s.records_stored + n.stored, records_unchanged = s.records_unchanged + n.unchanged,
                 records_stale = s.records_stale + n.stale, records_quarantined = s.records_quarantined + n.quarantined
             FROM n
             WHERE s.source_id = n.source_id
             RETURNING s.source_id, n.stored
         )
         INSERT INTO petitiond.source_hour AS h (source_id, hour, stored)
         SELECT source_id, date_trunc('hour', $1), stored FROM known WHERE stored > 0 ORDER BY source_id
         ON CONFLICT (source_id, hour) DO UPDATE SET stored = h.stored + excluded.stored",
    );
    bind!(
        query.bind(at),
        tallies,
        |(source, _)| *source,
        |(_, t)| t.received,
        |(_, t)| t.stored,
        |(_, t)| t.unchanged,
        |(_, t)| t.stale,
        |(_, t)| t.quarantined,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How long a process that pulls may say nothing before another one may pull in its place.
const LEASE: &str = "60 seconds";

/// Takes the source for a pull by `holder` and answers its cursor; `None`: another process pulls it, or it was paused
/// just now. A request for a pull is thereby answered.
///
/// # Errors
/// [`Error`] of the database.
pub async fn begin_pull(
    conn: &mut PgConnection,
    source_id: &str,
    holder: Uuid,
    at: DateTime<Utc>,
) -> Result<Option<Option<Value>>, Error> {
    let row: Option<(Option<Value>,)> = sqlx::query_as(
        "UPDATE petitiond.source
         SET pull_holder = $2, pull_until = now() + $4::interval, last_attempt_at = $3, pull_requested_at = NULL
         WHERE source_id = $1 AND NOT paused AND (pull_holder IS NULL OR pull_holder = $2 OR pull_until < now())
         RETURNING cursor",
    )
    .bind(source_id)
    .bind(holder)
    .bind(at)
    .bind(LEASE)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(cursor,)| cursor))
}

/// Says that a source whose connection stands is well; false: it is no longer this process's.
///
/// # Errors
/// [`Error`] of the database.
pub async fn thrive(conn: &mut PgConnection, source_id: &str, holder: Uuid, at: DateTime<Utc>) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE petitiond.source
         SET pull_until = now() + $3::interval, last_success_at = $4, consecutive_failures = 0, last_error = NULL
         WHERE source_id = $1 AND pull_holder = $2 AND NOT paused",
    )
    .bind(source_id)
    .bind(holder)
    .bind(LEASE)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Says that the pull goes on; false: it is no longer this process's.
///
/// # Errors
/// [`Error`] of the database.
pub async fn keep_pull(conn: &mut PgConnection, source_id: &str, holder: Uuid) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE petitiond.source SET pull_until = now() + $3::interval WHERE source_id = $1 AND pull_holder = $2",
    )
    .bind(source_id)
    .bind(holder)
    .bind(LEASE)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Saves the cursor, after the broker has confirmed everything before it; false: the pull is no longer this
/// process's, because another took over or somebody reset the cursor.
///
/// # Errors
/// [`Error`] of the database.
pub async fn save_cursor(
    conn: &mut PgConnection,
    source_id: &str,
    holder: Uuid,
    cursor: Option<&Value>,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE petitiond.source SET cursor = $3, pull_until = now() + $4::interval WHERE source_id = $1 AND pull_holder = $2",
    )
    .bind(source_id)
    .bind(holder)
    .bind(cursor)
    .bind(LEASE)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets the cursor by hand and takes a running pull away from its process; false: there is no such source.
///
/// # Errors
/// [`Error`] of the database.
pub async fn reset_cursor(conn: &mut PgConnection, source_id: &str, cursor: Option<&Value>) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE petitiond.source SET cursor = $2, pull_holder = NULL, pull_until = NULL WHERE source_id = $1",
    )
    .bind(source_id)
    .bind(cursor)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes how a pull ended and gives the source free.
///
/// # Errors
/// [`Error`] of the database.
pub async fn end_pull(
    conn: &mut PgConnection,
    source_id: &str,
    holder: Uuid,
    at: DateTime<Utc>,
    error: Option<&str>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE petitiond.source
         SET last_success_at = CASE WHEN $4::text IS NULL THEN $3 ELSE last_success_at END,
             consecutive_failures = CASE WHEN $4::text IS NULL THEN 0 ELSE consecutive_failures + 1 END,
             last_error = $4, pull_holder = NULL, pull_until = NULL
         WHERE source_id = $1 AND pull_holder = $2",
    )
    .bind(source_id)
    .bind(holder)
    .bind(at)
    .bind(error)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes how many messages wait in each inbox.
///
/// # Errors
/// [`Error`] of the database.
pub async fn save_backlogs(conn: &mut PgConnection, backlogs: &[(String, i64)]) -> Result<(), Error> {
    let query = sqlx::query(
        "UPDATE petitiond.source s SET backlog = n.backlog FROM unnest($1::text[], $2::bigint[]) AS n (source_id, backlog)
         WHERE s.source_id = n.source_id AND s.backlog IS DISTINCT FROM n.backlog",
    );
    bind!(query, backlogs, |(source, _)| source.as_str(), |(_, backlog)| *backlog).execute(conn).await?;
    Ok(())
}

/// Notes that the file of a source does not check. A source that was never taken up gets a row, disabled, so that the
/// status can say why.
///
/// # Errors
/// [`Error`] of the database.
pub async fn config_error(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    source_id: &SourceId,
    error: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO petitiond.source (source_id, name, tier, agency, kind, enabled, registered_at, config_error)
         VALUES ($1, $1, 'local', '', 'unknown', false, $2, $3)
         ON CONFLICT (source_id) DO UPDATE SET config_error = excluded.config_error",
    )
    .bind(source_id.as_str())
    .bind(at)
    .bind(error)
    .execute(conn)
    .await?;
    Ok(())
}

/// Pauses or resumes; false: there is no such source.
///
/// # Errors
/// [`Error`] of the database.
pub async fn set_paused(conn: &mut PgConnection, source_id: &str, paused: bool) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE petitiond.source SET paused = $2 WHERE source_id = $1")
        .bind(source_id)
        .bind(paused)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Asks the daemon for a pull now; false: there is no such source.
///
/// # Errors
/// [`Error`] of the database.
pub async fn request_pull(conn: &mut PgConnection, source_id: &str, at: DateTime<Utc>) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE petitiond.source SET pull_requested_at = $2 WHERE source_id = $1")
        .bind(source_id)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
