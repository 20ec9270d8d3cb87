//! Progress: who last got something done, and when. The watchdog is fed by this and by nothing else, so a daemon that
//! runs without getting anywhere is restarted.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// What one worker last said.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// It finished a piece of work.
    Moved(Instant),
    /// It knows what it waits for (the database, the broker, the next pull) and looks after it.
    Waits(Instant),
}

/// The stamps of all workers.
#[derive(Debug, Default)]
pub struct Progress {
    workers: Mutex<BTreeMap<String, Said>>,
}

impl Progress {
    /// A worker finished a piece of work.
    pub fn moved(&self, worker: &str) {
        self.say(worker, Said::Moved(Instant::now()));
    }

    /// A worker waits for something it names elsewhere.
    pub fn waits(&self, worker: &str) {
        self.say(worker, Said::Waits(Instant::now()));
    }

    /// A worker has ended in order.
    pub fn ended(&self, worker: &str) {
        self.lock().remove(worker);
    }

    fn say(&self, worker: &str, said: Said) {
        let mut workers = self.lock();
        match workers.get_mut(worker) {
            Some(last) => *last = said,
            None => drop(workers.insert(worker.to_owned(), said)),
        }
    }

    /// The workers that have said nothing for longer than this.
    pub fn silent(&self, longer_than: Duration) -> Vec<String> {
        let workers = self.lock();
        let silent = workers.iter().filter(|(_, said)| {
            let (Said::Moved(at) | Said::Waits(at)) = said;
            at.elapsed() > longer_than
        });
        silent.map(|(worker, _)| worker.clone()).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Said>> {
        self.workers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
