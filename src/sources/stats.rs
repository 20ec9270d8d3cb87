//! What one pull cost the source: shown to its administrator as proof of courtesy.

use std::time::Duration;

use chrono::TimeDelta;

/// The cost of one pull so far. Requests for tokens are not counted: they go to another system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests sent, retries and redirects included.
    pub calls: u64,
    /// Bytes of all bodies as they travelled.
    pub bytes: u64,
    /// Requests that were sent again after a failure that may pass.
    pub retries: u64,
    /// From a request's first byte to its answer's last, one for each answer that came.
    pub latencies: Vec<Duration>,
    /// How far the source's clock is ahead of ours, as its first `Date` header tells, to a second.
    pub clock_skew: Option<TimeDelta>,
}

impl Stats {
    /// The latency that this share (0.0 to 1.0) of the answers did not exceed; `None` without answers.
    pub fn latency(&self, share: f64) -> Option<Duration> {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_ranked() {
        let stats = Stats { latencies: (1..=100).rev().map(Duration::from_millis).collect(), ..Stats::default() };
        assert_eq!(stats.latency(0.95), Some(Duration::from_millis(95)));
        assert_eq!(stats.latency(1.0), Some(Duration::from_millis(100)));
        assert_eq!(stats.latency(0.0), Some(Duration::from_millis(1)));
        assert_eq!(Stats::default().latency(0.95), None);
    }
}
