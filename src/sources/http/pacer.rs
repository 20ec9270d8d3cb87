//! Keeps a source's rate limit.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::RateLimit;

/// Spaces requests evenly, so that no stretch of time holds more than the limit allows, not even two bursts side
/// by side.
#[derive(Debug)]
pub(super) struct Pacer {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Pacer {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { interval: limit.per / limit.requests.max(1), next: Mutex::new(Instant::now()) }
    }

    /// Waits for the next free moment.
    pub(super) async fn wait(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + self.interval;
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_are_spaced() {
        let pacer = Pacer::new(RateLimit { requests: 50, per: Duration::from_secs(1) });
        let begin = Instant::now();
        for _ in 0..4 {
            pacer.wait().await;
        }
        assert!(begin.elapsed() >= Duration::from_millis(60));
    }
}
