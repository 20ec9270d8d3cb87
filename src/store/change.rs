//! The change feed: dense, in commit order.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, array_literal, bind};

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    Petition,
    Reception,
    Case,
    Person,
    /// A record that belongs to no petition or reception (incomplete, or withdrawn by its source).
    SourceRecord,
}

impl Entity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Petition => "petition",
            Self::Reception => "reception",
            Self::Case => "case",
            Self::Person => "person",
            Self::SourceRecord => "source_record",
        }
    }
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    Insert,
    Update,
    Delete,
    /// The id was merged into an older one.
    Merge,
    /// Part of it went to another id.
    Split,
}

impl Op {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Merge => "merge",
            Self::Split => "split",
        }
    }
}

/// One row of the feed, without its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub entity: Entity,
    pub entity_id: Uuid,
    pub op: Op,
    pub revision: i64,
    /// Agencies whose bound readers are told.
    pub readers: Vec<String>,
}

/// Takes the lock under which everything is linked and numbered, until the transaction ends.
///
/// Transactions that link run one after another in every process: a record that matches one committed a moment ago
/// sees it, and numbers are given in the order of commit.
///
/// # Errors
/// [`Error`] of the database.
pub async fn lock(conn: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT seq FROM petitiond.feed_head FOR UPDATE").fetch_one(conn).await?)
}

/// Appends to the feed; the lock is held.
///
/// # Errors
/// [`Error`] of the database.
pub async fn append(conn: &mut PgConnection, head: i64, at: DateTime<Utc>, changes: &[Change]) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "WITH numbered AS (
             INSERT INTO petitiond.change (seq, at, entity, entity_id, op, revision, readers)
             SELECT $1 + row.position, $2, row.entity, row.entity_id, row.op, row.revision, row.readers::text[]
             FROM unnest($3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::text[])
                  WITH ORDINALITY AS row (entity, entity_id, op, revision, readers, position)
         )
         UPDATE petitiond.feed_head SET seq = $1 + cardinality($4::uuid[])",
    );
    bind!(
        query.bind(head).bind(at),
        changes,
        |c| c.entity.as_str(),
        |c| c.entity_id,
        |c| c.op.as_str(),
        |c| c.revision,
        |c| array_literal(&c.readers),
    )
    .execute(conn)
    .await?;
    Ok(())
}
