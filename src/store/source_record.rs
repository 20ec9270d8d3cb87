//! Source records: each record of each source at its newest version.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::{Error, array_literal, bind};
use crate::domain::{Flag, Kind, RecordKey, SourceId, Version};
use crate::seal::{KeyRing, OpenError, Purpose};

/// A row as intake needs it.
#[derive(Debug, Clone)]
pub struct SourceRecord {
    pub key: RecordKey,
    pub source_record_id: Uuid,
    pub kind: Option<Kind>,
    pub versioned: bool,
    pub version: Version,
    pub agency: String,
    pub received_on: Option<NaiveDate>,
    pub deleted: bool,
    pub incomplete: bool,
    pub is_sealed: bool,
    /// Whether what it said last is sealed, whatever others say.
    pub says_sealed: bool,
    pub entity_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub relation: Option<String>,
    pub document_no: Option<String>,
    pub matched_by: Option<String>,
    pub quality_flags: Vec<String>,
    /// What it should say and does not.
    pub gaps: Vec<String>,
    /// Encrypted where they are stored.
    pub links: Vec<StoredLink>,
    pub part_count: i16,
    /// Of a withdrawn record: the newest version that said something, where one was seen.
    pub last_said: Option<Version>,
    /// How many published ids were made for it: the next one gets the next number.
    pub founded_entities: i16,
    pub founded_cases: i16,
    /// Sealed mapped fields; of a withdrawn record what it said last.
    pub content: Vec<u8>,
    pub archive_id: i64,
    pub first_seen_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for SourceRecord {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            key: key_of(row)?,
            source_record_id: row.try_get("source_record_id")?,
            kind: row.try_get::<Option<String>, _>("kind")?.as_deref().and_then(Kind::parse),
            versioned: row.try_get("versioned")?,
            version: version_of(row)?,
            agency: row.try_get("agency")?,
            received_on: row.try_get("received_on")?,
            deleted: row.try_get("deleted")?,
            incomplete: row.try_get("incomplete")?,
            is_sealed: row.try_get("is_sealed")?,
            says_sealed: row.try_get("says_sealed")?,
            entity_id: row.try_get("entity_id")?,
            case_id: row.try_get("case_id")?,
            relation: row.try_get("relation")?,
            document_no: row.try_get("document_no")?,
            matched_by: row.try_get("matched_by")?,
            quality_flags: row.try_get("quality_flags")?,
            gaps: row.try_get("gaps")?,
            links: Vec::new(),
            part_count: row.try_get("part_count")?,
            last_said: last_said_of(row)?,
            founded_entities: row.try_get("founded_entities")?,
            founded_cases: row.try_get("founded_cases")?,
            content: row.try_get("content")?,
            archive_id: row.try_get("archive_id")?,
            first_seen_at: row.try_get("first_seen_at")?,
            changed_at: row.try_get("changed_at")?,
        })
    }
}

impl SourceRecord {
    /// The flags that this binary knows.
    pub fn flags(&self) -> Vec<Flag> {
        Flag::ALL.iter().copied().filter(|flag| self.quality_flags.iter().any(|f| f == flag.as_str())).collect()
    }
}

pub(super) fn key_of(row: &PgRow) -> Result<RecordKey, sqlx::Error> {
    let source_id: String = row.try_get("source_id")?;
    let source_id = SourceId::parse(&source_id).map_err(|reason| sqlx::Error::Decode(reason.into()))?;
    Ok(RecordKey { source_id, record_id: row.try_get("record_id")? })
}

pub(super) fn version_of(row: &PgRow) -> Result<Version, sqlx::Error> {
    let hash: Vec<u8> = row.try_get("content_hash")?;
    let content_hash = hash.try_into().map_err(|_| sqlx::Error::Decode("a content hash has 32 bytes".into()))?;
    Ok(Version { ordinal: row.try_get("version_ordinal")?, tie: row.try_get("version_tie")?, content_hash })
}

pub(super) fn last_said_of(row: &PgRow) -> Result<Option<Version>, sqlx::Error> {
    let Some(hash) = row.try_get::<Option<Vec<u8>>, _>("said_hash")? else { return Ok(None) };
    let content_hash = hash.try_into().map_err(|_| sqlx::Error::Decode("a content hash has 32 bytes".into()))?;
    let (ordinal, tie) =
        (row.try_get::<Option<i64>, _>("said_ordinal")?, row.try_get::<Option<String>, _>("said_tie")?);
    Ok(Some(Version { ordinal: ordinal.unwrap_or_default(), tie: tie.unwrap_or_default(), content_hash }))
}

/// A link key as it is stored: the keyed hash and the code of its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredLink {
    pub key: Uuid,
    pub role: i16,
}

const LINK_BYTES: usize = 18;

fn sealed_links(ring: &KeyRing, row: &SourceRecord) -> Vec<u8> {
    let mut plain = Vec::with_capacity(row.links.len() * LINK_BYTES);
    for link in &row.links {
        plain.extend_from_slice(link.key.as_bytes());
        plain.extend_from_slice(&link.role.to_le_bytes());
    }
    ring.seal(Purpose::Links, &row.key.owner(), &plain)
}

/// Rows with their link keys.
fn opened(ring: &KeyRing, rows: &[PgRow]) -> Result<Vec<SourceRecord>, Error> {
    let open = |row: &PgRow| {
        let mut record = SourceRecord::from_row(row)?;
        let sealed: &[u8] = row.try_get("links")?;
        let plain = ring.open(Purpose::Links, &record.key.owner(), sealed).map_err(|reason| {
            tracing::error!(source_record_id = %record.source_record_id, %reason, "the link keys of a stored record cannot be opened");
            Error::Sealed(reason)
        })?;
        let (links, rest) = plain.as_chunks::<LINK_BYTES>();
        if !rest.is_empty() {
            return Err(Error::Sealed(OpenError::Malformed));
        }
        let link = |[key @ .., low, high]: &[u8; LINK_BYTES]| StoredLink {
            key: Uuid::from_bytes(*key),
            role: i16::from_le_bytes([*low, *high]),
        };
        record.links = links.iter().map(link).collect();
        Ok(record)
    };
    rows.iter().map(open).collect()
}

/// How a record stands, without its content: enough to tell a repeat.
#[derive(Debug, Clone)]
pub struct State {
    pub key: RecordKey,
    pub version: Version,
    pub deleted: bool,
    pub part_count: i16,
    pub kind: Option<Kind>,
    pub entity_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub quality_flags: Vec<String>,
}

impl FromRow<'_, PgRow> for State {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            key: key_of(row)?,
            version: version_of(row)?,
            deleted: row.try_get("deleted")?,
            part_count: row.try_get("part_count")?,
            kind: row.try_get::<Option<String>, _>("kind")?.as_deref().and_then(Kind::parse),
            entity_id: row.try_get("entity_id")?,
            case_id: row.try_get("case_id")?,
            quality_flags: row.try_get("quality_flags")?,
        })
    }
}

/// The states of those records that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn states(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<Vec<State>, Error> {
    let query = sqlx::query_as(
        "SELECT s.source_id, s.record_id, s.version_ordinal, s.version_tie, s.content_hash, s.deleted, s.part_count, s.kind,
                s.entity_id, s.case_id, s.quality_flags
         FROM unnest($1::text[], $2::text[]) AS wanted (source_id, record_id)
         JOIN petitiond.source_record s USING (source_id, record_id)",
    );
    let query = query
        .bind(keys.iter().map(|key| key.source_id.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(|key| key.record_id.as_str()).collect::<Vec<_>>());
    Ok(query.fetch_all(conn).await?)
}

/// The rows of those records that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load(conn: &mut PgConnection, ring: &KeyRing, keys: &[&RecordKey]) -> Result<Vec<SourceRecord>, Error> {
    let query = sqlx::query(
        "SELECT s.* FROM unnest($1::text[], $2::text[]) AS wanted (source_id, record_id)
         JOIN petitiond.source_record s USING (source_id, record_id)",
    );
    let query = query
        .bind(keys.iter().map(|key| key.source_id.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(|key| key.record_id.as_str()).collect::<Vec<_>>());
    opened(ring, &query.fetch_all(conn).await?)
}

/// The rows of all records of these cases.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load_of_cases(
    conn: &mut PgConnection,
    ring: &KeyRing,
    cases: &[Uuid],
) -> Result<Vec<SourceRecord>, Error> {
    let query = sqlx::query(
        "WITH entities AS (
             SELECT petition_id AS id FROM petitiond.petition WHERE case_id = ANY ($1)
             UNION ALL
             SELECT reception_id FROM petitiond.reception WHERE case_id = ANY ($1)
         )
         SELECT s.* FROM entities e
         CROSS JOIN LATERAL (SELECT * FROM petitiond.source_record s WHERE s.entity_id = e.id OFFSET 0) s",
    );
    opened(ring, &query.bind(cases).fetch_all(conn).await?)
}

const UPSERT: &str = include_str!("source_record_upsert.sql");

/// Writes rows whole.
///
/// # Errors
/// [`Error`] of the database.
pub async fn upsert(conn: &mut PgConnection, ring: &KeyRing, rows: &[&SourceRecord]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    bind!(
        sqlx::query(UPSERT),
        rows,
        |r| r.key.source_id.as_str(),
        |r| r.key.record_id.as_str(),
        |r| r.source_record_id,
        |r| r.kind.map(Kind::as_str),
        |r| r.versioned,
        |r| r.version.ordinal,
        |r| r.version.tie.as_str(),
        |r| r.version.content_hash.as_slice(),
        |r| r.agency.as_str(),
        |r| r.received_on,
        |r| r.deleted,
        |r| r.incomplete,
        |r| r.is_sealed,
        |r| r.entity_id,
        |r| r.case_id,
        |r| r.relation.as_deref(),
        |r| r.document_no.as_deref(),
        |r| r.matched_by.as_deref(),
        |r| array_literal(&r.quality_flags),
        |r| sealed_links(ring, r),
        |r| r.part_count,
        |r| r.founded_entities,
        |r| r.founded_cases,
        |r| r.content.as_slice(),
        |r| r.archive_id,
        |r| r.first_seen_at,
        |r| r.changed_at,
        |r| r.last_said.as_ref().map(|said| said.ordinal),
        |r| r.last_said.as_ref().map(|said| said.tie.as_str()),
        |r| r.last_said.as_ref().map(|said| said.content_hash.as_slice()),
        |r| r.says_sealed,
        |r| array_literal(&r.gaps),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes what grouping decided for records whose content did not change.
///
/// # Errors
/// [`Error`] of the database.
pub async fn assign(conn: &mut PgConnection, rows: &[&SourceRecord]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "UPDATE petitiond.source_record s
         SET entity_id = n.entity_id, case_id = n.case_id, relation = n.relation, document_no = n.document_no,
             matched_by = n.matched_by, is_sealed = n.is_sealed, founded_entities = n.founded_entities,
             founded_cases = n.founded_cases
         FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::boolean[],
                     $9::smallint[], $10::smallint[])
              AS n (source_id, record_id, entity_id, case_id, relation, document_no, matched_by, is_sealed, founded_entities,
                    founded_cases)
         WHERE (s.source_id, s.record_id) = (n.source_id, n.record_id)",
    );
    bind!(
        query,
        rows,
        |r| r.key.source_id.as_str(),
        |r| r.key.record_id.as_str(),
        |r| r.entity_id,
        |r| r.case_id,
        |r| r.relation.as_deref(),
        |r| r.document_no.as_deref(),
        |r| r.matched_by.as_deref(),
        |r| r.is_sealed,
        |r| r.founded_entities,
        |r| r.founded_cases,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the content of any of those records is no longer the one given, or came to be in parts.
///
/// # Errors
/// [`Error`] of the database.
pub async fn overtaken(conn: &mut PgConnection, rows: &[(&RecordKey, &Version)]) -> Result<bool, Error> {
    if rows.is_empty() {
        return Ok(false);
    }
    let query = sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM unnest($1::text[], $2::text[], $3::bytea[]) AS n (source_id, record_id, hash)
             JOIN petitiond.source_record s USING (source_id, record_id)
             WHERE s.content_hash <> n.hash OR s.part_count > 0)",
    );
    let query =
        bind!(query, rows, |(key, _)| key.source_id.as_str(), |(key, _)| key.record_id.as_str(), |(_, version)| {
            version.content_hash.as_slice()
        },);
    Ok(query.fetch_one(conn).await?)
}

/// Moves records forward whose content is the same under a later pull or message: only their order is kept, so that
/// an older content that is still under way cannot replace them.
///
/// # Errors
/// [`Error`] of the database.
pub async fn refresh(conn: &mut PgConnection, rows: &[(&RecordKey, &Version)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(
        "UPDATE petitiond.source_record s SET version_ordinal = n.ordinal, version_tie = n.tie
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bytea[]) AS n (source_id, record_id, ordinal, tie, hash)
         WHERE (s.source_id, s.record_id) = (n.source_id, n.record_id) AND s.content_hash = n.hash
           AND (s.version_ordinal, s.version_tie COLLATE \"C\") < (n.ordinal, n.tie COLLATE \"C\")",
    );
    bind!(
        query,
        rows,
        |(key, _)| key.source_id.as_str(),
        |(key, _)| key.record_id.as_str(),
        |(_, version)| version.ordinal,
        |(_, version)| version.tie.as_str(),
        |(_, version)| version.content_hash.as_slice(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The ids of the live records of a source, for comparison with a whole-set pull.
///
/// # Errors
/// [`Error`] of the database.
pub async fn live_ids(conn: &mut PgConnection, source_id: &SourceId) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar("SELECT record_id FROM petitiond.source_record WHERE source_id = $1 AND NOT deleted")
        .bind(source_id.as_str())
        .fetch_all(conn)
        .await?)
}

/// Where a record stands, and with whom.
#[derive(Debug, Clone)]
pub struct Standing {
    pub key: RecordKey,
    pub agency: String,
    pub received_on: Option<NaiveDate>,
    pub is_sealed: bool,
    pub entity_id: Option<Uuid>,
    /// Records of the same petition or reception, itself among them.
    pub companions: i64,
}

impl FromRow<'_, PgRow> for Standing {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            key: key_of(row)?,
            agency: row.try_get("agency")?,
            received_on: row.try_get("received_on")?,
            is_sealed: row.try_get("is_sealed")?,
            entity_id: row.try_get("entity_id")?,
            companions: row.try_get("companions")?,
        })
    }
}

/// Where those records stand that are there.
///
/// # Errors
/// [`Error`] of the database.
pub async fn standings(conn: &mut PgConnection, keys: &[&RecordKey]) -> Result<Vec<Standing>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(
        "SELECT r.source_id, r.record_id, r.agency, r.received_on, r.is_sealed, r.entity_id,
                (SELECT count(*) FROM petitiond.source_record c WHERE c.entity_id = r.entity_id) AS companions
         FROM unnest($1::text[], $2::text[]) AS k (source_id, record_id)
         JOIN petitiond.source_record r ON (r.source_id, r.record_id) = (k.source_id, k.record_id)",
    );
    Ok(bind!(query, keys, |key| key.source_id.as_str(), |key| key.record_id.as_str()).fetch_all(conn).await?)
}
