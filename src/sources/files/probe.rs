//! A look at a folder that takes nothing.

use std::fmt;
use std::path::Path;

use rustix::fs::{Access, access};

use super::{Done, Error, Folder};

pub(super) const WRITABLE: Access = Access::WRITE_OK.union(Access::EXEC_OK);

/// Whether this user may make and move files in a folder.
pub fn is_writable(folder: &Path) -> bool {
    access(folder, WRITABLE).is_ok()
}

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub files: usize,
    pub bytes: u64,
}

impl Folder {
    /// Looks into the folder, and whether what is taken can be moved away.
    ///
    /// # Errors
    /// [`Error::Away`].
    pub async fn probe(&self) -> Result<Probe, Error> {
        let files = self.waiting().await?;
        let config = self.config();
        if config.done == Done::Move && !is_writable(&config.path) {
            let what = "nothing can be moved in it: this user may not write; let it, or set `done = \"leave\"`";
            return Err(Error::Away { what: what.to_owned() });
        }
        Ok(Probe { files: files.len(), bytes: files.iter().map(super::Found::size).sum() })
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the folder can be read: {} files of {} bytes in it fit the pattern", self.files, self.bytes)
    }
}
