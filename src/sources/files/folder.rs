//! The folder: which files are there, which of them are whole, what each is known by.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::error::because;
use super::{Error, FilesConfig};
use crate::sources::mapping::Decoder;

/// What a file is known by: a keyed hash of its content. Shown in short.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FileId(pub [u8; 32]);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<FileId> for String {
    fn from(id: FileId) -> Self {
        blake3::Hash::from_bytes(id.0).to_hex().to_string()
    }
}

impl TryFrom<String> for FileId {
    type Error = blake3::HexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes()))
    }
}

/// What tells whether a file is still the same, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    pub size: u64,
    modified: Option<SystemTime>,
    device: u64,
    inode: u64,
}

impl Mark {
    pub fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok(), device: metadata.dev(), inode: metadata.ino() }
    }
}

/// A file of the folder that is whole.
#[derive(Clone)]
pub struct Found {
    pub(super) name: OsString,
    pub(super) path: PathBuf,
    pub(super) mark: Mark,
}

impl Found {
    /// Bytes of it.
    pub const fn size(&self) -> u64 {
        self.mark.size
    }

    /// Opens it, if it is still the file that was found; never through a link.
    pub(super) fn open(&self) -> io::Result<Option<File>> {
        // a pipe put in its place must not hold the reader, nor a link lead it elsewhere
        let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits();
        let file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(&self.path)?;
        Ok((Mark::of(&file.metadata()?) == self.mark).then_some(file))
    }

    /// Whether the name still leads to what was found.
    pub(super) fn is_unchanged(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok_and(|metadata| Mark::of(&metadata) == self.mark)
    }
}

impl fmt::Debug for Found {
    /// Without its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("size", &self.mark.size).finish_non_exhaustive()
    }
}

/// The drop folder of one source. It remembers between pulls since when each file has stood still.
#[derive(Clone)]
pub struct Folder {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub config: FilesConfig,
    pub decoder: Arc<Decoder>,
    /// Of the agency whose records these are.
    pub agency: String,
    key: [u8; 32],
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    since: HashMap<OsString, (Mark, Instant)>,
    ids: HashMap<Mark, FileId>,
}

impl Folder {
    /// `key`: what contents are hashed with.
    pub fn new(config: &FilesConfig, decoder: Arc<Decoder>, agency: &str, key: [u8; 32]) -> Self {
        let inner = Inner { config: config.clone(), decoder, agency: agency.to_owned(), key, seen: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// What was configured.
    pub fn config(&self) -> &FilesConfig {
        &self.inner.config
    }

    /// The files that are whole, the oldest first. Waits once for those that have not stood still long enough; what
    /// still grows then is left to the next pull.
    ///
    /// # Errors
    /// [`Error::Away`].
    pub async fn settled(&self) -> Result<Vec<Found>, Error> {
        let (_, wait) = self.look().await?;
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        let (found, _) = self.look().await?;
        Ok(found)
    }

    /// All files that would be taken, whole or not: for a look that takes nothing.
    ///
    /// # Errors
    /// [`Error::Away`].
    pub async fn waiting(&self) -> Result<Vec<Found>, Error> {
        self.blocking(|inner| inner.list().map_err(|error| Error::away(&error))).await
    }

    /// What the file is known by; `None`: it changed meanwhile.
    ///
    /// # Errors
    /// [`Error::Nameless`].
    pub async fn identify(&self, found: &Found) -> Result<Option<FileId>, Error> {
        if let Some(id) = self.inner.seen().ids.get(&found.mark) {
            return Ok(Some(*id));
        }
        let found = found.clone();
        self.blocking(move |inner| inner.hash(&found)).await
    }

    /// The files that have stood still for long enough, and how long the others would have to.
    async fn look(&self) -> Result<(Vec<Found>, Option<Duration>), Error> {
        let now = Instant::now();
        let found = self.waiting().await?;
        let settle = self.inner.config.settle;
        let mut seen = self.inner.seen();
        let before = std::mem::take(&mut seen.since);
        let mut still = Vec::new();
        let mut wait = None;
        for file in found {
            let since = before.get(&file.name).filter(|(mark, _)| *mark == file.mark).map_or(now, |(_, since)| *since);
            seen.since.insert(file.name.clone(), (file.mark, since));
            match settle.checked_sub(now - since) {
                None | Some(Duration::ZERO) => still.push(file),
                Some(left) => wait = wait.max(Some(left)),
            }
        }
        let marks: std::collections::HashSet<Mark> = seen.since.values().map(|(mark, _)| *mark).collect();
        seen.ids.retain(|mark, _| marks.contains(mark));
        Ok((still, wait))
    }

    /// Does what blocks away from the threads that serve others.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|_| Err(Error::Away { what: "looking into it failed; see the log".to_owned() }))
    }
}

impl Inner {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ordinary files whose names fit, the oldest first; no links, which could lead out of the folder.
    fn list(&self) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.config.path)? {
            let entry = entry?;
            let name = entry.file_name();
            if !self.config.pattern.takes(&name.to_string_lossy()) {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => {
                    found.push(Found { path: entry.path(), name, mark: Mark::of(&metadata) });
                }
                Ok(_) => {}
                // gone since the folder was read
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        found.sort_by(|a, b| (a.mark.modified, &a.name).cmp(&(b.mark.modified, &b.name)));
        Ok(found)
    }

    fn hash(&self, found: &Found) -> Result<Option<FileId>, Error> {
        let failed = |error: io::Error| Error::Nameless { what: because(&error) };
        let Some(mut file) = found.open().map_err(failed)? else { return Ok(None) };
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update_reader(&mut file).map_err(failed)?;
        if !found.is_unchanged() {
            return Ok(None);
        }
        let id = FileId(*hasher.finalize().as_bytes());
        self.seen().ids.insert(found.mark, id);
        Ok(Some(id))
    }
}
