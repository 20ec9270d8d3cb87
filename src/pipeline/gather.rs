//! Gathering: every stored record that a batch touches, with all that belongs with them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::RecordKey;
use crate::linkage::group;
use crate::seal::KeyRing;
use crate::store::source_record::SourceRecord;
use crate::store::{PgConnection, link_key, source_record};

use super::Error;
use super::link::Piece;

/// Steps from record to record after which a chain counts as long: then the rest of its case is fetched at once, instead
/// of a record a step.
const LONG: usize = 2;

/// Fetches every stored record that belongs with the pieces, directly or through others.
///
/// # Errors
/// [`Error`] of the database or of the key.
pub async fn all(
    conn: &mut PgConnection,
    ring: &KeyRing,
    today: NaiveDate,
    mut pieces: Vec<Piece>,
) -> Result<Vec<Piece>, Error> {
    let mut here: BTreeSet<RecordKey> = pieces.iter().map(|piece| piece.row.key.clone()).collect();
    let mut asked: BTreeSet<Uuid> = BTreeSet::new();
    let mut frontier: BTreeSet<Uuid> = BTreeSet::new();
    for piece in &pieces {
        frontier.extend(piece.row.links.iter().map(|link| link.key));
        frontier.extend(piece.before.iter().flat_map(|before| before.links.iter().map(|link| link.key)));
    }
    let mut cases: BTreeSet<Uuid> = BTreeSet::new();
    for step in 0_usize.. {
        let keys: Vec<Uuid> = std::mem::take(&mut frontier).into_iter().collect();
        if keys.is_empty() {
            break;
        }
        let mut rows = holders(conn, ring, &keys, &here).await?;
        asked.extend(keys);
        if step >= LONG {
            let whole: Vec<Uuid> = rows.iter().filter_map(|row| row.case_id).filter(|id| cases.insert(*id)).collect();
            if !whole.is_empty() {
                rows.extend(source_record::load_of_cases(conn, ring, &whole).await?);
            }
        }
        for row in rows {
            if !here.insert(row.key.clone()) {
                continue;
            }
            frontier.extend(row.links.iter().map(|link| link.key).filter(|key| !asked.contains(key)));
            pieces.push(Piece::stored(ring, today, row)?);
        }
    }
    Ok(pieces)
}

/// The rows of the records that have any of the keys and are not here yet.
async fn holders(
    conn: &mut PgConnection,
    ring: &KeyRing,
    keys: &[Uuid],
    here: &BTreeSet<RecordKey>,
) -> Result<Vec<SourceRecord>, Error> {
    let mut found: BTreeSet<RecordKey> = BTreeSet::new();
    for (key, record) in link_key::holders(conn, keys, group::MOST_THAT_SEAL).await? {
        let record = ring.unveil(key.as_bytes(), &record).map_err(Error::Open)?;
        if !here.contains(&record) {
            found.insert(record);
        }
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    Ok(source_record::load(conn, ring, &found.iter().collect::<Vec<_>>()).await?)
}
