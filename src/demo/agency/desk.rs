//! One agency's system at work: its records, its door, and what it has counted.

use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::door::Door;
use super::{Auth, Simulated, Transport};
use crate::demo::generate::{Dice, Record};

/// The system of one agency.
#[derive(Debug)]
pub struct Desk {
    pub agency: &'static Simulated,
    pub door: Door,
    pub count: Count,
    records: RwLock<Vec<Record>>,
}

/// What went through it since the start.
#[derive(Debug, Default)]
pub struct Count {
    /// Requests for records, whatever the answer.
    pub calls: AtomicU64,
    /// Records in answers; the same record counts each time.
    pub served: AtomicU64,
    /// Requests without the right credentials.
    pub refused: AtomicU64,
    /// Requests answered with 503.
    pub busy: AtomicU64,
    /// Messages published.
    pub messages: AtomicU64,
    /// Records in them, parts and earlier versions included.
    pub published: AtomicU64,
}

impl Count {
    /// Adds to one of the counters.
    pub fn add(counter: &AtomicU64, more: u64) -> u64 {
        counter.fetch_add(more, Ordering::Relaxed) + more
    }

    /// Reads one of the counters.
    pub fn read(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}

impl Desk {
    pub fn new(agency: &'static Simulated, records: Vec<Record>, dice: Dice) -> Self {
        let auth = match &agency.transport {
            Transport::Http(http) => &http.auth,
            Transport::Amqp(_) => &Auth::None,
        };
        Self { agency, door: Door::new(auth, dice), count: Count::default(), records: RwLock::new(records) }
    }

    /// Looks at the records.
    pub fn read<T>(&self, look: impl FnOnce(&[Record]) -> T) -> T {
        look(&self.records.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Changes the records.
    pub fn write<T>(&self, change: impl FnOnce(&mut Vec<Record>) -> T) -> T {
        change(&mut self.records.write().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
