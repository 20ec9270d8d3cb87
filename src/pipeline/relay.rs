//! The relay: receipts leave the outbox for the queues of their sources, at least once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::broker::{self, Broker, State};
use crate::domain::SourceId;
use crate::store;

use super::batch::Desk;
use super::intake::receipt_message;
use super::progress::Progress;

/// Receipts in one round.
const ROUND: i64 = 500;

/// Sends receipts until `stop`.
pub async fn run(desk: Desk, broker: Broker, wrote: Arc<Notify>, progress: Arc<Progress>, stop: CancellationToken) {
    let mut failing = false;
    while !stop.is_cancelled() {
        let connected = matches!(*broker.state().borrow(), State::Connected);
        let sent = if connected { round(&desk, &broker).await } else { Ok(0) };
        progress.moved("relay");
        match sent {
            // more are waiting
            Ok(ROUND) => continue,
            Ok(_) => failing = false,
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "receipts wait in the outbox");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            // the first receipt of a burst takes the rest of it along
            () = wrote.notified(), if !failing => tokio::time::sleep(Duration::from_millis(20)).await,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
    progress.ended("relay");
}

async fn round(desk: &Desk, broker: &Broker) -> Result<i64, String> {
    let text = |error: store::Error| error.to_string();
    let mut conn = desk.pool.acquire().await.map_err(|error| text(error.into()))?;
    let mut transaction = store::begin(&mut conn).await.map_err(text)?;
    let receipts = store::receipt::take(&mut transaction, ROUND).await.map_err(text)?;
    let publisher = broker.publisher();
    let lost = Mutex::new(BTreeSet::new());
    let sends = receipts.iter().map(|(id, receipt)| {
        let (publisher, lost) = (&publisher, &lost);
        async move {
            // a source id that is none cannot have a queue; its receipt has nowhere to go
            let Ok(source) = SourceId::parse(&receipt.source_id) else { return Some(*id) };
            let route = broker.topology().to_receipts(&source);
            match publisher.publish(route, receipt_message(receipt)).await {
                Ok(()) => Some(*id),
                // its queue was never made on this broker, or somebody deleted it; without it these would stand
                // before all others for ever
                Err(broker::Error::Unroutable { .. }) => {
                    lost.lock().unwrap_or_else(PoisonError::into_inner).insert(source);
                    None
                }
                Err(_) => None,
            }
        }
    });
    let all = tokio::time::timeout(Duration::from_secs(20), futures_util::future::join_all(sends)).await;
    let sent: Vec<i64> =
        all.map_err(|_| "the broker did not confirm receipts within 20 s".to_owned())?.into_iter().flatten().collect();
    store::receipt::delete(&mut transaction, &sent).await.map_err(text)?;
    transaction.commit().await.map_err(|error| text(error.into()))?;
    let lost: Vec<SourceId> = lost.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect();
    if !lost.is_empty() {
        broker.declare(&lost).await.map_err(|error| error.to_string())?;
        return Ok(ROUND); // those are tried again at once
    }
    Ok(i64::try_from(sent.len()).unwrap_or(ROUND))
}
