//! Reconciling (đối soát): what a source holds as a whole against what the database holds of it.

use serde::Serialize;

use crate::sources::SourceConfig;
use crate::sources::cursor::Cursor;
use crate::sources::pull::Client;
use crate::store::{self, reconciliation};

use super::batch::Desk;
use super::compare::{Compared, Comparison, digest};
use super::pull::Error;

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Reconciled {
    pub source_id: String,
    /// Digests of the ids on both sides: the same where the same records are there.
    pub source_keys: String,
    pub database_keys: String,
    pub database_records: usize,
    #[serde(flatten)]
    pub compared: Compared,
    /// In the database and not at the source.
    pub extra: Vec<String>,
    /// Messages in the inbox: what is missing may be in them.
    pub waiting: Option<i64>,
}

impl Reconciled {
    /// The counts of it, as they are kept.
    pub fn figures(&self) -> reconciliation::Figures {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        reconciliation::Figures {
            source_records: i64::try_from(self.compared.read).unwrap_or(i64::MAX),
            database_records: count(self.database_records),
            missing: count(self.compared.missing.len()),
            extra: count(self.extra.len()),
            different: count(self.compared.different.len()),
            waiting: self.waiting,
            source_keys: self.source_keys.clone(),
            database_keys: self.database_keys.clone(),
        }
    }
}

/// Reads what a source gives from a cursor on and compares it; `None`: nothing is asked of a source of this kind.
///
/// # Errors
/// The source or the database fails.
pub async fn compare(desk: &Desk, source: &SourceConfig, cursor: Option<Cursor>) -> Result<Option<Compared>, Error> {
    let Some(client) = Client::new(source)? else { return Ok(None) };
    let comparison = Comparison {
        pool: &desk.pool,
        ring: &desk.ring,
        source_id: &source.id,
        decoder: &source.decoder,
        ordered_by_pull: source.kind.snapshot().is_some(),
    };
    Ok(Some(comparison.of(client.pull(cursor, desk.clock.now())).await?))
}

/// Reads all that a source holds and compares it with what is stored; changes nothing on either side. Only for a kind
/// that gives all it has ([`crate::sources::KindConfig::reads_all`]); `None` for others.
///
/// # Errors
/// The source or the database fails.
pub async fn reconcile(desk: &Desk, source: &SourceConfig) -> Result<Option<Reconciled>, Error> {
    let Some(compared) = compare(desk, source, None).await? else { return Ok(None) };
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let held = store::source_record::live_ids(&mut conn, &source.id).await?;
    let status = store::source::status(&mut conn, Some(source.id.as_str())).await?;
    let mut extra: Vec<String> = held.iter().filter(|id| !compared.ids.contains(*id)).cloned().collect();
    extra.sort_unstable();
    Ok(Some(Reconciled {
        source_id: source.id.as_str().to_owned(),
        source_keys: digest(compared.ids.iter()),
        database_keys: digest(held.iter()),
        database_records: held.len(),
        compared,
        extra,
        waiting: status.first().and_then(|status| status.backlog),
    }))
}
