//! A folder that vanishes with the test.

use std::path::{Path, PathBuf};

pub struct Scratch(tempfile::TempDir);

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("petitiond-test-").tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file under a relative path, with the folders it needs; its full path.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let full = self.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap_or(self.path())).expect("a folder in the temporary folder");
        std::fs::write(&full, content).expect("a file in the temporary folder");
        full
    }
}
