//! Which sources are at work: started, replaced and stopped one by one, so that no other notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::sources::SourceConfig;
use crate::store::source::{Registration, Status};

use super::assembly::Parts;
use super::source::{self, Wish};

/// A source as the configuration has it, with a mark that differs when its file or its secrets do.
#[derive(Debug, Clone)]
pub struct Marked {
    pub config: Arc<SourceConfig>,
    pub mark: u64,
}

struct Running {
    mark: u64,
    wish: watch::Sender<Option<Wish>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// The sources at work.
pub struct Supervisor {
    parts: Parts,
    running: BTreeMap<String, Running>,
    /// Told to stop and not ended yet.
    leaving: BTreeMap<String, JoinHandle<()>>,
    /// What people last asked of the sources, as far as the database could be asked.
    wishes: BTreeMap<String, Wish>,
}

impl Supervisor {
    pub const fn new(parts: Parts) -> Self {
        Self { parts, running: BTreeMap::new(), leaving: BTreeMap::new(), wishes: BTreeMap::new() }
    }

    /// Makes exactly these sources work; those whose mark is the same go on undisturbed. May be cancelled: nothing is
    /// forgotten, and [`Self::stop`] waits for what had been told to stop.
    pub async fn apply(&mut self, sources: &[Marked]) {
        let enabled: BTreeMap<&str, &Marked> = sources
            .iter()
            .filter(|marked| marked.config.enabled)
            .map(|marked| (marked.config.id.as_str(), marked))
            .collect();
        let over: Vec<String> = self
            .running
            .iter()
            .filter(|(id, running)| enabled.get(id.as_str()).is_none_or(|marked| marked.mark != running.mark))
            .map(|(id, _)| id.clone())
            .collect();
        for id in over {
            if let Some(running) = self.running.remove(&id) {
                running.stop.cancel();
                self.leaving.insert(id, running.task);
            }
        }
        self.wait_for_leaving().await;
        for (id, marked) in enabled {
            if self.running.contains_key(id) {
                continue;
            }
            let (wish, wishes) = watch::channel(self.wishes.get(id).cloned());
            let stop = CancellationToken::new();
            let work = source::run(self.parts.clone(), Arc::clone(&marked.config), wishes, stop.clone());
            let running = Running { mark: marked.mark, wish, stop, task: tokio::spawn(work) };
            self.running.insert(id.to_owned(), running);
        }
    }

    /// Passes on what people asked of the sources.
    pub fn wish(&mut self, statuses: &[Status]) {
        for status in statuses {
            let wish = Wish {
                paused: status.paused,
                pull_requested_at: status.pull_requested_at,
                last_attempt_at: status.last_attempt_at,
            };
            if let Some(running) = self.running.get(&status.source_id) {
                running.wish.send_if_modified(|current| {
                    let differs = current.as_ref() != Some(&wish);
                    *current = Some(wish.clone());
                    differs
                });
            }
            self.wishes.insert(status.source_id.clone(), wish);
        }
    }

    /// Forgets the sources whose task has ended although nobody stopped it, so that they can be started again.
    pub fn collect_fallen(&mut self) -> Vec<String> {
        let fallen: Vec<String> =
            self.running.iter().filter(|(_, running)| running.task.is_finished()).map(|(id, _)| id.clone()).collect();
        self.running.retain(|_, running| !running.task.is_finished());
        fallen
    }

    /// Stops all sources and waits for them.
    pub async fn stop(&mut self) {
        for (id, running) in std::mem::take(&mut self.running) {
            running.stop.cancel();
            self.leaving.insert(id, running.task);
        }
        self.wait_for_leaving().await;
    }

    /// An entry goes only when its task has ended, so that this may be cancelled.
    async fn wait_for_leaving(&mut self) {
        while let Some(mut entry) = self.leaving.first_entry() {
            let outcome = entry.get_mut().await;
            ended(entry.key(), outcome);
            entry.remove();
        }
    }
}

fn ended(id: &str, outcome: Result<(), tokio::task::JoinError>) {
    if let Err(error) = outcome {
        tracing::error!(source = %id, %error, "the task of the source ended abnormally");
    }
}

/// What the database is told of the sources.
pub fn registrations(sources: &[Marked]) -> Vec<Registration> {
    let of = |marked: &Marked| Registration {
        source_id: marked.config.id.as_str().to_owned(),
        name: marked.config.name.clone(),
        tier: marked.config.tier.as_str(),
        agency: marked.config.agency.clone(),
        kind: marked.config.kind.name(),
        enabled: marked.config.enabled,
    };
    sources.iter().map(of).collect()
}
