//! The broker as the daemon last saw it: for `petitiond status`, which asks the database alone.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use super::Error;

/// The broker's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct BrokerState {
    /// `connected`, `blocked` or `down`.
    pub state: String,
    /// Messages in the dead queue; `None` where nobody could count them.
    pub dead_messages: Option<i64>,
    pub seen_at: DateTime<Utc>,
}

/// Writes the state.
///
/// # Errors
/// [`Error`] of the database.
pub async fn save(conn: &mut PgConnection, state: &BrokerState) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO petitiond.broker_state AS b (state, dead_messages, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (only_row) DO UPDATE SET state = excluded.state,
             dead_messages = coalesce(excluded.dead_messages, b.dead_messages), seen_at = excluded.seen_at",
    )
    .bind(&state.state)
    .bind(state.dead_messages)
    .bind(state.seen_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The state, if a daemon has run.
///
/// # Errors
/// [`Error`] of the database.
pub async fn find(conn: &mut PgConnection) -> Result<Option<BrokerState>, Error> {
    Ok(sqlx::query_as("SELECT state, dead_messages, seen_at FROM petitiond.broker_state").fetch_optional(conn).await?)
}
