//! Putting a file away: into `done/` or `failed/` beside it, over nothing that is there, with its text.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::because;
use super::folder::{FileId, Folder, Found, Inner, Mark};
use super::note::Note;
use super::{Done, Error};

/// Files of one name in one folder.
const COPIES: u32 = 10_000;

impl Folder {
    /// Whether files can be put away: seen before a file is read a second time only for its text.
    ///
    /// # Errors
    /// [`Error::Unmovable`].
    pub async fn can_put_away(&self, file: FileId, to: &'static str) -> Result<(), Error> {
        self.blocking(move |inner| {
            let target = inner.config.path.join(to);
            let made = fs::create_dir_all(&target);
            let writable = made.and_then(|()| Ok(rustix::fs::access(&target, super::probe::WRITABLE)?));
            writable.map_err(|error| Error::Unmovable { file, to, what: because(&error) })
        })
        .await
    }

    /// Moves the file and writes its text beside it; nothing where files are left.
    ///
    /// # Errors
    /// [`Error::Unmovable`], [`Error::Changed`] where another file has taken its place.
    pub async fn put_away(&self, found: &Found, note: Note) -> Result<(), Error> {
        if self.inner.config.done == Done::Leave {
            return Ok(());
        }
        let found = found.clone();
        self.blocking(move |inner| inner.put_away(&found, &note)).await
    }
}

impl Inner {
    fn put_away(&self, found: &Found, note: &Note) -> Result<(), Error> {
        if !found.is_unchanged() {
            return Err(Error::Changed { file: note.file });
        }
        let to = note.outcome.folder();
        let text = note.text(&found.name.to_string_lossy(), self.decoder.format());
        let folder = self.config.path.join(to);
        let moved = fs::create_dir_all(&folder).and_then(|()| move_with_text(&found.path, &folder, &found.name, &text));
        let unmovable = |error: io::Error| Error::Unmovable { file: note.file, to, what: because(&error) };
        let target = moved.map_err(unmovable)?;
        // another file took the name in the last moment: it goes back, unread
        let is_it = fs::symlink_metadata(&target).is_ok_and(|metadata| Mark::of(&metadata) == found.mark);
        if !is_it {
            move_over_nothing(&target, &found.path).map_err(unmovable)?;
            return Err(Error::Changed { file: note.file });
        }
        Ok(())
    }
}

/// First the text, whole and on disk, under a name that is free; then the file. A crash between them leaves a text
/// without its file, and the next text takes another name. The answer is where the file is now.
fn move_with_text(from: &Path, folder: &Path, name: &OsStr, text: &str) -> io::Result<PathBuf> {
    for copy in 0..COPIES {
        let target = folder.join(numbered(name, copy));
        let beside = with_suffix(&target, ".txt");
        if fs::symlink_metadata(&target).is_ok() {
            continue;
        }
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        match written.and_then(|()| move_over_nothing(from, &target)) {
            Ok(()) => return Ok(target),
            Err(error) => {
                // not even half a text stays where nothing was moved
                let removed = fs::remove_file(&beside);
                if error.kind() != io::ErrorKind::AlreadyExists {
                    return Err(error);
                }
                removed?;
            }
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

fn move_over_nothing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // a file system that cannot: the name is taken first, and the file moved over what took it
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            OpenOptions::new().write(true).create_new(true).open(to)?;
            fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
        }
        Err(error) => Err(error.into()),
    }
}

/// `a.csv`, `a.2.csv`, `a.3.csv`, …
fn numbered(name: &OsStr, copy: u32) -> OsString {
    if copy == 0 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let mut numbered = path.file_stem().unwrap_or(name).to_owned();
    numbered.push(format!(".{}", copy + 1));
    if let Some(extension) = path.extension() {
        numbered.push(".");
        numbered.push(extension);
    }
    numbered
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(suffix);
    PathBuf::from(whole)
}
