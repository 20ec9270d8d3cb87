//! A queue of a source's own broker at work: forwarded while the source is not paused, and its line opened again for
//! ever.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::assembly::Parts;
use super::source::{Wish, backoff, cancel_when_paused};
use crate::broker::State;
use crate::pipeline::forward::Forward;
use crate::pipeline::pull::Error;
use crate::sources::SourceConfig;
use crate::sources::amqp::AmqpConfig;

/// A line that stood this long was in order.
const HELD: Duration = Duration::from_secs(30);

/// Forwards until `stop`.
pub(super) async fn run(
    parts: &Parts,
    config: &SourceConfig,
    amqp: &AmqpConfig,
    mut wish: watch::Receiver<Option<Wish>>,
    stop: &CancellationToken,
) {
    let worker = format!("forward {}", config.id);
    let mut failures: u32 = 0;
    while until_wanted(parts, &mut wish, &worker, stop).await {
        let forwarding = stop.child_token();
        let forward = Forward {
            desk: &parts.desk,
            broker: &parts.broker,
            source_id: &config.id,
            config: amqp,
            cautious: failures > 0,
            stop: &forwarding,
            holder: parts.holder,
            progress: &parts.progress,
            worker: &worker,
        };
        let began = Instant::now();
        let outcome = tokio::select! {
            outcome = forward.run() => outcome,
            () = cancel_when_paused(&mut wish, &forwarding) => Ok(0),
        };
        let pause = match outcome {
            Ok(messages) => {
                tracing::debug!(source = %config.id, messages, "the source's queue was forwarded");
                failures = 0;
                continue;
            }
            Err(Error::Superseded) => Duration::from_secs(5),
            Err(error) => {
                // a line that held for a while and broke is no reason to wait as long as for one that never held
                failures = if began.elapsed() > HELD { 1 } else { failures.saturating_add(1) };
                if failures == 1 {
                    tracing::warn!(source = %config.id, %error, "the source's queue is not forwarded; it is tried again");
                }
                backoff(if error.is_transient() { failures } else { failures.max(5) })
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = looked_after(parts, &worker, pause) => {}
        }
    }
    parts.progress.ended(&worker);
}

/// Waits, and says so, for the watchdog is fed by nothing else.
async fn looked_after(parts: &Parts, worker: &str, pause: Duration) {
    let mut left = pause;
    while !left.is_zero() {
        parts.progress.waits(worker);
        let piece = left.min(Duration::from_secs(5));
        tokio::time::sleep(piece).await;
        left -= piece;
    }
}

/// Waits until the source is not paused and our own broker is there; false when told to stop.
async fn until_wanted(
    parts: &Parts,
    wish: &mut watch::Receiver<Option<Wish>>,
    worker: &str,
    stop: &CancellationToken,
) -> bool {
    let mut state = parts.broker.state();
    loop {
        if stop.is_cancelled() {
            return false;
        }
        parts.progress.waits(worker);
        let wanted = wish.borrow_and_update().as_ref().is_some_and(|wished| !wished.paused);
        if wanted && matches!(*state.borrow_and_update(), State::Connected) {
            return true;
        }
        tokio::select! {
            () = stop.cancelled() => return false,
            changed = wish.changed() => if changed.is_err() { return false },
            changed = state.changed() => if changed.is_err() { return false },
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}
