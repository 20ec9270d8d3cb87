//! What is done at night: receptions at which a sealed petition was lodged are sealed, all of the day together.
//!
//! Done at once, the reception that everybody knows, and whose visitor everybody may know by an open petition, would
//! change at the very instant at which the sealed petition appears.

use std::time::Duration;

use chrono::{DateTime, Days, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use crate::clock::HANOI;
use crate::domain::RecordKey;
use crate::linkage::survivorship::day_start;
use crate::seal::KeyRing;
use crate::store;

use super::batch::Desk;
use super::link::{self, Piece};
use super::sealing::Receptions;
use super::{Error, gather, matching, person, write};

/// Receptions in one transaction, where nothing stands against it.
const PORTION: i64 = 200;
/// How often it is looked whether the night has come.
const LOOK: Duration = Duration::from_mins(1);
/// How long one that cannot be sealed waits for the next try.
const PUT_OFF: TimeDelta = TimeDelta::hours(1);

/// Where the names of the receptions are veiled.
const PLACE: &[u8] = b"night";

/// The name of a reception as it waits for the night.
pub fn veil(ring: &KeyRing, key: &RecordKey) -> Vec<u8> {
    ring.veil(PLACE, key)
}

/// The midnight in Vietnam that follows.
pub fn after(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.with_timezone(&HANOI).date_naive();
    day_start(today.checked_add_days(Days::new(1)).unwrap_or(today))
}

/// Seals what is due, whenever something is, until `stop`.
pub async fn run(desk: Desk, stop: CancellationToken) {
    let mut failing = false;
    while !stop.is_cancelled() {
        match seal_due(&desk).await {
            Ok(0) => failing = false,
            Ok(receptions) => {
                failing = false;
                tracing::info!(receptions, "receptions of sealed petitions were sealed");
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "receptions of sealed petitions wait to be sealed");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Seals all that is due; how many it were. One that cannot be sealed, because what is stored of it or of what belongs
/// to it is damaged, keeps no other waiting: it is named in the log and tried again later.
///
/// # Errors
/// [`Error`] of the surroundings; then what is left waits for the next time.
pub async fn seal_due(desk: &Desk) -> Result<usize, Error> {
    let (mut most, mut sealed) = (PORTION, 0);
    loop {
        match seal(desk, most).await {
            Ok(0) => return Ok(sealed),
            Ok(receptions) => {
                sealed += receptions;
                most = PORTION.min(most * 2);
            }
            Err(error) if most > 1 && is_of_one(&error) => most /= 2,
            Err(error) if is_of_one(&error) => put_off(desk, &error).await?,
            Err(error) => return Err(error),
        }
    }
}

/// Whether fewer at once may go well.
fn is_of_one(error: &Error) -> bool {
    error.is_too_much() || error.fault() == store::Fault::Data
}

async fn put_off(desk: &Desk, error: &Error) -> Result<(), Error> {
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    let now = desk.clock.now();
    if let Some(record) = store::night::put_off(&mut conn, now, now + PUT_OFF).await? {
        let key = desk.ring.unveil(PLACE, &record).map_err(Error::Open)?;
        tracing::error!(
            %error, source_id = key.source_id.as_str(), record_id = key.record_id.as_str(),
            "a reception of a sealed petition cannot be sealed; it is tried again in an hour"
        );
    }
    Ok(())
}

/// Seals a portion of what is due; how many it were.
///
/// # Errors
/// [`Error`]; then all of them wait for the next time.
async fn seal(desk: &Desk, most: i64) -> Result<usize, Error> {
    let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
    if !store::night::is_due(&mut conn, desk.clock.now()).await? {
        return Ok(0);
    }
    let mut transaction = store::begin(&mut conn).await?;
    let conn = &mut *transaction;
    let feed_head = store::change::lock(conn).await?;
    let now = desk.clock.now();
    let today = now.with_timezone(&HANOI).date_naive();
    let records = store::night::take(conn, now, most).await?;
    let keys = records.iter().map(|record| desk.ring.unveil(PLACE, record)).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(Error::Open)?;
    let rows = store::source_record::load(conn, &desk.ring, &keys.iter().collect::<Vec<_>>()).await?;
    let pieces = rows.into_iter().map(|row| Piece::stored(&desk.ring, today, row)).collect::<Result<_, _>>()?;
    let pieces = gather::all(conn, &desk.ring, today, pieces).await?;
    let (pieces, matches) = matching::filings(conn, &desk.ring, today, pieces).await?;
    let mut linked = link::link(conn, &desk.ring, pieces, &matches, Receptions::Now).await?;
    let people = person::resolve(conn, &desk.ring, now, &mut linked.pieces).await?;
    write::apply(conn, &desk.ring, feed_head, now, &linked, &people).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    Ok(keys.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_begins_at_midnight_in_vietnam() {
        for (now, night) in [
            ("2026-11-25T16:59:59Z", "2026-11-25T17:00:00Z"),
            ("2026-11-25T17:00:00Z", "2026-11-26T17:00:00Z"),
            ("2026-12-31T23:00:00Z", "2027-01-01T17:00:00Z"),
        ] {
            let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
            assert_eq!(after(time(now)), time(night), "{now}");
        }
    }
}
