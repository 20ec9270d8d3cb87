//! Events of source records.

use std::borrow::Cow;

use sqlx::PgConnection;

use super::{Error, bind};
use crate::domain::{Event, RecordKey};

/// Takes away all events of those records.
///
/// # Errors
/// [`Error`] of the database.
pub async fn delete(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "DELETE FROM petitiond.event e USING unnest($1::text[], $2::text[]) AS g (source_id, record_id)
         WHERE (e.source_id, e.record_id) = (g.source_id, g.record_id)",
    );
    bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str()).execute(conn).await?;
    Ok(())
}

/// Adds events, each with its position in its record.
///
/// # Errors
/// [`Error`] of the database.
pub async fn insert(conn: &mut PgConnection, rows: &[(&RecordKey, i16, Cow<'_, Event>)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "INSERT INTO petitiond.event (source_id, record_id, position, at, action, agency, to_agency, document_no)
         SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[])",
    );
    bind!(
        query,
        rows,
        |(key, _, _)| key.source_id.as_str(),
        |(key, _, _)| key.record_id.as_str(),
        |(_, position, _)| *position,
        |(_, _, event)| event.at,
        |(_, _, event)| event.action.as_str(),
        |(_, _, event)| event.agency.as_deref(),
        |(_, _, event)| event.to_agency.as_deref(),
        |(_, _, event)| event.document_no.as_deref(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
