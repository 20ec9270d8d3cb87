//! The key file: which keys exist and which one seals.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const HEADER: &str =
    "# petitiond keys: whoever reads this file can open every sealed identity. Mode 600, in no backup of the database.";

/// `[identity]`, checked.
#[derive(Debug, Clone)]
pub struct KeyConfig {
    pub key_file: PathBuf,
}

/// The keys of one installation.
pub struct KeyRing {
    /// The first one seals; all of them open.
    pub(super) sealing: Vec<SealingKey>,
    pub(super) index: [u8; 32],
}

pub(super) struct SealingKey {
    pub(super) id: u32,
    pub(super) secret: [u8; 32],
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("key_ids", &self.key_ids()).finish_non_exhaustive()
    }
}

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("key file {path}: {source}; {}", next_step(path, source))]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("key file {path} may be read by others (mode {mode:o}); run `chmod 600 {path}`")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("key file {path}, line {line}: {reason}")]
    Malformed { path: PathBuf, line: usize, reason: &'static str },
    #[error(
        "key file {path} has no {what} line; restore it from its safe copy, a new key cannot open what the old one sealed"
    )]
    Missing { path: PathBuf, what: &'static str },
    #[error("{path} exists already and is not overwritten: what was sealed with its keys could never be opened again")]
    Exists { path: PathBuf },
    #[error("cannot write {path}")]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("the operating system gives no random bytes: {0}")]
    NoRandomness(getrandom::Error),
}

/// Another key is made where there is none, never where there is one that cannot be read.
fn next_step(path: &Path, source: &std::io::Error) -> String {
    if source.kind() == std::io::ErrorKind::NotFound {
        format!("make one with `petitiond key generate {}`", path.display())
    } else {
        "run this as root, or as the user that the daemon runs as".to_owned()
    }
}

impl KeyRing {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError`], which names the file and the next step and never shows a key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let unreadable = |source| KeyError::Unreadable { path: path.to_owned(), source };
        refuse_exposed(path)?;
        Self::parse(path, &std::fs::read_to_string(path).map_err(unreadable)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, KeyError> {
        let mut sealing = Vec::new();
        let mut index = None;
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
            let malformed = |reason| KeyError::Malformed { path: path.to_owned(), line: number + 1, reason };
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("seal"), Some(id), Some(secret), None) => {
                    let id = id.parse().map_err(|_| malformed("the id of a sealing key is a number"))?;
                    if sealing.iter().any(|key: &SealingKey| key.id == id) {
                        return Err(malformed("another line has this id: each sealing key has an id of its own"));
                    }
                    let secret = decode(secret).ok_or_else(|| malformed("a key is 32 bytes in base64"))?;
                    sealing.push(SealingKey { id, secret });
                }
                (Some("index"), Some(_), None, None) if index.is_some() => {
                    return Err(malformed("another line has the `index` key: there is one"));
                }
                (Some("index"), Some(secret), None, None) => {
                    index = Some(decode(secret).ok_or_else(|| malformed("a key is 32 bytes in base64"))?);
                }
                _ => return Err(malformed("expected `seal ID KEY` or `index KEY`")),
            }
        }
        let missing = |what| KeyError::Missing { path: path.to_owned(), what };
        if sealing.is_empty() {
            return Err(missing("`seal`"));
        }
        Ok(Self { sealing, index: index.ok_or_else(|| missing("`index`"))? })
    }

    /// Makes a new key file, mode 600; an existing one is left alone.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::Unwritable`], [`KeyError::NoRandomness`].
    pub fn generate(path: &Path) -> Result<Self, KeyError> {
        let ring = Self { sealing: vec![SealingKey { id: random_id()?, secret: random()? }], index: random()? };
        let unwritable = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
            _ => KeyError::Unwritable { path: path.to_owned(), source },
        };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(unwritable)?;
        let written = std::io::Write::write_all(&mut file, ring.to_text().as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // half a file would be taken for keys that something was sealed with
            drop(std::fs::remove_file(path));
            return Err(unwritable(error));
        }
        Ok(ring)
    }

    fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for key in &self.sealing {
            text.push_str(&format!("seal {} {}\n", key.id, STANDARD.encode(key.secret)));
        }
        text.push_str(&format!("index {}\n", STANDARD.encode(self.index)));
        text
    }

    /// By what each key is recognized: the index key under `index`, a sealing key under `seal ID`. The hashes cannot
    /// be turned back, and none made for another purpose with the same key is like them.
    pub fn fingerprints(&self) -> Vec<(String, [u8; 32])> {
        let index = ("index".to_owned(), blake3::derive_key("petitiond 2026 fingerprint of an index key", &self.index));
        let sealing = self.sealing.iter().map(|key| {
            let hash = blake3::derive_key("petitiond 2026 fingerprint of a sealing key", &key.secret);
            (format!("seal {}", key.id), hash)
        });
        std::iter::once(index).chain(sealing).collect()
    }

    /// The ids of the sealing keys, the active one first.
    pub fn key_ids(&self) -> Vec<u32> {
        self.sealing.iter().map(|key| key.id).collect()
    }
}

/// A key that others can read is no key.
fn refuse_exposed(path: &Path) -> Result<(), KeyError> {
    let metadata = std::fs::metadata(path).map_err(|source| KeyError::Unreadable { path: path.to_owned(), source })?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    // systemd hands credentials out as 0440 to the service's own group, inside a folder nobody else may enter
    let by_systemd = mode == 0o440 && path.starts_with("/run/credentials");
    if mode & 0o077 == 0 || by_systemd { Ok(()) } else { Err(KeyError::Exposed { path: path.to_owned(), mode }) }
}

fn decode(base64: &str) -> Option<[u8; 32]> {
    STANDARD.decode(base64).ok()?.try_into().ok()
}

fn random() -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(KeyError::NoRandomness)?;
    Ok(bytes)
}

/// An id that a key of another file hardly has: two files with one id would be taken for the same until one is opened.
fn random_id() -> Result<u32, KeyError> {
    loop {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(KeyError::NoRandomness)?;
        match u32::from_be_bytes(bytes) {
            0 => {}
            id => return Ok(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_file_loads_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = KeyRing::generate(&path).unwrap();
        let loaded = KeyRing::load(&path).unwrap();
        assert_eq!(made.index, loaded.index);
        assert_eq!(loaded.key_ids(), made.key_ids());
        let other = KeyRing::generate(&folder.path().join("other")).unwrap();
        assert_ne!(loaded.key_ids(), other.key_ids());
        assert!(!loaded.key_ids().contains(&0));
        assert!(matches!(KeyRing::generate(&path), Err(KeyError::Exists { .. })));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        KeyRing::generate(&path).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        assert!(matches!(KeyRing::load(&path), Err(KeyError::Exposed { mode: 0o644, .. })));
    }

    #[test]
    fn faults_name_the_line_and_show_no_key() {
        let (secret, other) = (STANDARD.encode([7; 32]), STANDARD.encode([8; 32]));
        for (text, expected) in [
            (format!("seal one {secret}"), "line 1: the id of a sealing key is a number"),
            ("\nseal 1 c2hvcnQ=".to_owned(), "line 2: a key is 32 bytes in base64"),
            (format!("seal 1 {secret}"), "has no `index` line"),
            (format!("index {secret}"), "has no `seal` line"),
            (format!("seal 1 {secret}\nseal 01 {other}"), "line 2: another line has this id"),
            (format!("seal 1 {secret}\nindex {secret}\nindex {other}"), "line 3: another line has the `index` key"),
            (format!("lock {secret}"), "expected `seal ID KEY` or `index KEY`"),
        ] {
            let error = KeyRing::parse(Path::new("k"), &text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains(&secret) && !error.contains(&other));
        }
    }

    #[test]
    fn a_fingerprint_is_the_keys_own_and_shows_nothing_of_it() {
        let key = |id, byte| SealingKey { id, secret: [byte; 32] };
        let ring = KeyRing { sealing: vec![key(7, 1), key(8, 2)], index: [1; 32] };
        let prints = ring.fingerprints();
        assert_eq!(prints.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["index", "seal 7", "seal 8"]);
        // one secret in two roles is recognized by two hashes
        assert_ne!(prints[0].1, prints[1].1);
        assert_ne!(prints[1].1, prints[2].1);
        assert!(prints.iter().all(|(_, hash)| *hash != [1; 32] && *hash != ring.hash("index", &[])));
    }
}
