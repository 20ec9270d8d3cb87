//! Control: the configuration folder is watched, wishes of people are read from the database, figures are written.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::broker::State;
use crate::config::{self, Origin};
use crate::domain::SourceId;
use crate::store;
use crate::store::broker_state::BrokerState;

use super::assembly::Parts;
use super::supervisor::{Marked, Supervisor, registrations};

/// The sources as they were last taken up, and what keeps others from being.
pub struct Control {
    origin: Origin,
    parts: Parts,
    taken_up: BTreeMap<String, Marked>,
    /// The folder as it was last read.
    seen: u64,
    /// What could not be written to the database yet.
    unregistered: bool,
    /// That it could not be has been logged.
    said: bool,
    faults: BTreeMap<String, String>,
}

impl Control {
    pub fn new(origin: Origin, parts: Parts) -> Self {
        Self {
            origin,
            parts,
            taken_up: BTreeMap::new(),
            seen: 0,
            unregistered: true,
            said: false,
            faults: BTreeMap::new(),
        }
    }

    /// Whether the folder of sources looks different from when it was last read.
    pub fn is_changed(&self) -> bool {
        fingerprint(&self.origin.dir.join("sources.d")) != self.seen
    }

    /// Reads the folder of sources again. A file that does not check leaves its source as it was, and says why.
    pub async fn reload(&mut self, supervisor: &mut Supervisor) {
        self.seen = fingerprint(&self.origin.dir.join("sources.d"));
        let (files, of_folder) = config::load_sources(&self.origin);
        if !of_folder.is_empty() && !self.taken_up.is_empty() {
            // no order to stop everything: a folder that is away for a moment would be one
            let what = of_folder.render(false);
            tracing::error!("the sources cannot be read, all stay as they were:\n{what}");
            return;
        }
        for problem in &of_folder {
            tracing::warn!("{problem}");
        }
        let mut next = BTreeMap::new();
        self.faults.clear();
        for file in files {
            if let Some(source) = file.source {
                let mark = mark_of(&file.path, &self.origin.dir);
                next.insert(file.stem, Marked { config: Arc::new(source), mark });
                continue;
            }
            let fault = file.problems.render(false);
            tracing::error!(file = %file.path.display(), "the file does not check, its source stays as it was:\n{fault}");
            if let Some(running) = self.taken_up.remove(&file.stem) {
                next.insert(file.stem.clone(), running);
            }
            self.faults.insert(file.stem, fault);
        }
        self.taken_up = next;
        self.unregistered = true;
        self.register().await;
        let sources: Vec<Marked> = self.taken_up.values().cloned().collect();
        supervisor.apply(&sources).await;
    }

    /// Tells the database which sources there are; tried again at the next round where it is away.
    async fn register(&mut self) {
        let sources: Vec<Marked> = self.taken_up.values().cloned().collect();
        let desk = &self.parts.desk;
        let registered = async {
            let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
            store::source::register(&mut conn, desk.clock.now(), &registrations(&sources)).await?;
            let ids: Vec<&str> = sources.iter().map(|marked| marked.config.id.as_str()).collect();
            store::source::disable_others(&mut conn, &ids).await?;
            store::source::forget_hours(&mut conn).await?;
            for (stem, fault) in &self.faults {
                // a file whose name is no source id has no row to stand in; the log has it
                if let Ok(source_id) = SourceId::parse(stem) {
                    store::source::config_error(&mut conn, desk.clock.now(), &source_id, fault).await?;
                }
            }
            Ok::<(), store::Error>(())
        };
        match within(registered).await {
            Ok(()) => (self.unregistered, self.said) = (false, false),
            Err(reason) if self.said => tracing::debug!(reason, "the sources are not registered yet"),
            Err(reason) => {
                self.said = true;
                tracing::warn!(reason, "the sources are not registered yet");
            }
        }
    }

    /// One round: wishes in, figures out; answers one line for `systemctl status`.
    pub async fn round(&mut self, supervisor: &mut Supervisor) -> String {
        let fallen = supervisor.collect_fallen();
        if !fallen.is_empty() {
            tracing::error!(
                sources = fallen.join(", "),
                "tasks of sources ended by themselves; they are started again"
            );
            supervisor.apply(&self.taken_up.values().cloned().collect::<Vec<_>>()).await;
        }
        if self.unregistered {
            self.register().await;
        }
        let desk = &self.parts.desk;
        let statuses = async {
            let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
            store::source::status(&mut conn, None).await
        };
        match within(statuses).await {
            Ok(statuses) => {
                supervisor.wish(&statuses);
                self.status_line(&statuses)
            }
            Err(reason) => format!("waiting for the database: {reason}"),
        }
    }

    /// Writes backlogs and the tallies of repeats. What cannot be had in a few seconds is left for the next time.
    pub async fn figures(&self) {
        let backlogs = self.backlogs().await;
        let broker_state = self.broker_state().await;
        let desk = &self.parts.desk;
        let written = async {
            let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
            store::source::save_backlogs(&mut conn, &backlogs).await?;
            store::broker_state::save(&mut conn, &broker_state).await?;
            store::reader::note_use(&mut conn, desk.clock.now()).await?;
            drop(conn);
            self.parts.intake.flush_tallies().await
        };
        if let Err(reason) = within(written).await {
            tracing::debug!(reason, "figures are not written yet");
        }
    }

    /// The broker, and how many messages wait in its dead queue for a person.
    async fn broker_state(&self) -> BrokerState {
        let broker = &self.parts.broker;
        let state = match *broker.state().borrow() {
            State::Connected => "connected",
            State::Blocked { .. } => "blocked",
            State::Down { .. } => "down",
        };
        let mut dead_messages = None;
        if state != "down"
            && let Ok(Ok(Some((messages, _)))) = tokio::time::timeout(PATIENCE, broker.dead_backlog()).await
        {
            dead_messages = Some(i64::from(messages));
        }
        BrokerState { state: state.to_owned(), dead_messages, seen_at: self.parts.desk.clock.now() }
    }

    /// Every source the database knows. One whose file was removed may still have messages waiting.
    async fn known_sources(&self) -> Vec<SourceId> {
        let desk = &self.parts.desk;
        let asked = within(async {
            let mut conn = desk.pool.acquire().await.map_err(store::Error::from)?;
            store::source::status(&mut conn, None).await
        });
        let known = asked.await.unwrap_or_default();
        known.iter().filter_map(|status| SourceId::parse(&status.source_id).ok()).collect()
    }

    /// Messages waiting for each source. The broker is only asked while it is there, and not for long: asking waits for
    /// a lost connection without end.
    async fn backlogs(&self) -> Vec<(String, i64)> {
        let broker = &self.parts.broker;
        let mut backlogs = Vec::new();
        for source in self.known_sources().await {
            if matches!(*broker.state().borrow(), State::Down { .. }) {
                break;
            }
            match tokio::time::timeout(PATIENCE, broker.backlog(&source)).await {
                Ok(Ok(depth)) => {
                    let messages = depth.map_or(0, |(messages, _)| messages);
                    backlogs.push((source.as_str().to_owned(), i64::from(messages)));
                }
                Ok(Err(_)) => {}
                Err(_) => break,
            }
        }
        backlogs
    }

    fn status_line(&self, statuses: &[store::source::Status]) -> String {
        let working = statuses.iter().filter(|status| status.enabled && !status.paused).count();
        let failing = statuses.iter().filter(|status| status.enabled && status.consecutive_failures > 0).count();
        let backlog: i64 = statuses.iter().filter_map(|status| status.backlog).sum();
        let waiting = self.parts.intake.waiting().borrow().clone();
        let intake = waiting.map_or_else(String::new, |why| format!("; intake waits: {why}"));
        let broker = match *self.parts.broker.state().borrow() {
            State::Connected => "",
            State::Blocked { .. } => "; the broker is blocked: it is short of memory or disk",
            State::Down { .. } => "; waiting for the broker",
        };
        let faults = match self.faults.len() {
            0 => String::new(),
            count => format!("; {count} source files do not check"),
        };
        format!("{working} sources, {failing} failing, {backlog} messages waiting{faults}{broker}{intake}")
    }
}

/// For one question; the loop has others to ask.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the database, but not for ever: a line may be dead without a word.
async fn within<T>(asking: impl Future<Output = Result<T, store::Error>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

/// Names, sizes and times of the files of a folder.
fn fingerprint(folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        file.hash(&mut hasher);
        if let Ok(metadata) = std::fs::metadata(&file) {
            metadata.len().hash(&mut hasher);
            metadata.modified().ok().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// A mark of a source's file and of every file it names as a secret or certificate.
fn mark_of(file: &Path, folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.hash(&mut hasher);
    for line in text.lines().filter(|line| line.contains("_file")) {
        for word in line.split('"').skip(1).step_by(2) {
            std::fs::read(folder.join(word)).ok().hash(&mut hasher);
        }
    }
    hasher.finish()
}
