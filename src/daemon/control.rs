//! Control: the configuration folder is watched, wishes of people are read from the database, figures are written.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{self, Origin};
use crate::store;

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
    faults: BTreeMap<String, String>,
}

impl Control {
    pub fn new(origin: Origin, parts: Parts) -> Self {
        Self { origin, parts, taken_up: BTreeMap::new(), seen: 0, unregistered: true, faults: BTreeMap::new() }
    }

    /// Whether the folder of sources looks different from when it was last read.
    pub fn is_changed(&self) -> bool {
        fingerprint(&self.origin.dir.join("sources.d")) != self.seen
    }

    /// Reads the folder of sources again. A file that does not check leaves its source as it was, and says why.
    pub async fn reload(&mut self, supervisor: &mut Supervisor) {
        self.seen = fingerprint(&self.origin.dir.join("sources.d"));
        let (files, of_folder) = config::load_sources(&self.origin);
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
            let mut conn = desk.pool.acquire().await?;
            store::source::register(&mut conn, desk.clock.now(), &registrations(&sources)).await?;
            let ids: Vec<&str> = sources.iter().map(|marked| marked.config.id.as_str()).collect();
            store::source::disable_others(&mut conn, &ids).await?;
            for (source_id, fault) in &self.faults {
                store::source::config_error(&mut conn, source_id, Some(fault)).await?;
            }
            Ok::<(), store::Error>(())
        };
        match registered.await {
            Ok(()) => self.unregistered = false,
            Err(error) => tracing::warn!(%error, "the sources are not registered yet"),
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
            let mut conn = desk.pool.acquire().await?;
            store::source::status(&mut conn, None).await
        };
        match statuses.await {
            Ok(statuses) => {
                supervisor.wish(&statuses);
                self.status_line(&statuses)
            }
            Err(error) => format!("waiting for the database: {error}"),
        }
    }

    /// Writes backlogs and the tallies of repeats.
    pub async fn figures(&self) {
        let mut backlogs = Vec::new();
        for marked in self.taken_up.values() {
            if let Ok(Some((messages, _))) = self.parts.broker.backlog(&marked.config.id).await {
                backlogs.push((marked.config.id.as_str().to_owned(), i64::from(messages)));
            }
        }
        let desk = &self.parts.desk;
        let written = async {
            let mut conn = desk.pool.acquire().await?;
            store::source::save_backlogs(&mut conn, &backlogs).await?;
            drop(conn);
            self.parts.intake.flush_tallies().await
        };
        if let Err(error) = written.await {
            tracing::debug!(%error, "figures are not written yet");
        }
    }

    fn status_line(&self, statuses: &[store::source::Status]) -> String {
        let working = statuses.iter().filter(|status| status.enabled && !status.paused).count();
        let failing = statuses.iter().filter(|status| status.enabled && status.consecutive_failures > 0).count();
        let backlog: i64 = statuses.iter().filter_map(|status| status.backlog).sum();
        let waiting = self.parts.intake.waiting().borrow().clone();
        let intake = waiting.map_or_else(String::new, |why| format!("; intake waits: {why}"));
        let broker = if self.parts.broker.is_blocked() { "; the broker is blocked" } else { "" };
        let faults = match self.faults.len() {
            0 => String::new(),
            count => format!("; {count} source files do not check"),
        };
        format!("{working} sources, {failing} failing, {backlog} messages waiting{faults}{broker}{intake}")
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
