//! `*_file` keys: a secret in a file of its own, or one of systemd's credentials.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::problem::{Place, Problem, because};
use super::redact;
use super::section::{Check, Placed, Section};
use crate::secret::Secret;

/// What to do about a file that has no secret in it.
const FILLING: &str = "put the secret into that file, alone on its only line, and let nobody else read it (mode 600)";

/// A secret is a line or a key, not a document.
const LARGEST: u64 = 1 << 20;

impl Section<'_> {
    /// The secret that `key` (a `*_file` key) names; the line end at its end is not part of it.
    pub fn secret(&self, key: &str) -> Option<Secret> {
        let file = self.secret_path(key, None)?;
        let problem = |message: String| {
            self.check.fault(&file.place, format!("`{}`: {message}", self.full(key)), FILLING);
        };
        let shown = file.value.display();
        let content = match std::fs::read(&file.value) {
            Ok(content) => content,
            Err(error) => {
                problem(format!("{shown} cannot be read: {}", because(&error)));
                return None;
            }
        };
        let Ok(text) = String::from_utf8(content) else {
            problem(format!("{shown} is not UTF-8 text"));
            return None;
        };
        let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if line.is_empty() {
            problem(format!("{shown} is empty"));
            return None;
        }
        Some(Secret::from(line.to_owned()))
    }

    /// The same, but it must be there.
    pub fn required_secret(&self, key: &str) -> Option<Secret> {
        if self.has(key) {
            return self.secret(key);
        }
        // Where the secret itself stands in the place of its file, that has been said.
        let literal = |(literal, file): &&(&str, &str)| *file == key && self.table.get(literal).is_some();
        if redact::LITERAL_SECRETS.iter().find(literal).is_none() {
            self.missing(key, SPELLING);
        }
        None
    }

    /// The file that a `*_file` key names, which exists and which nobody else may read. `absent` is what to do where
    /// there is no such file.
    pub fn secret_path(&self, key: &str, absent: Option<&str>) -> Option<Placed<PathBuf>> {
        let text = self.required_text(key, SPELLING)?;
        if redact::is_secret("", text.value) {
            let message = format!("a secret must not stand in this file: `{}` names a file", self.full(key));
            self.check.fault(&text.place, message, SPELLING);
            return None;
        }
        let credential = text.value.strip_prefix("credential:");
        let path = match credential {
            Some(name) => credential_path(self.check, &self.full(key), name, &text.place)?,
            None => self.check.dir.join(text.value),
        };
        let full = self.full(key);
        let shown = path.display();
        match std::fs::metadata(&path) {
            Err(error) => {
                let problem =
                    Problem::error(&text.place, &format!("`{full}`: {shown} cannot be read: {}", because(&error)));
                let load = credential.map(|name| format!("add LoadCredential={name}:/path/to/it to the service"));
                self.check.add(problem.advise(load.as_deref().or(absent).unwrap_or(FILLING)));
                None
            }
            Ok(meta) if !meta.is_file() => {
                self.check.error(&text.place, format!("`{full}`: {shown} is no file"));
                None
            }
            Ok(meta) if meta.len() > LARGEST => {
                self.check.error(&text.place, format!("`{full}`: {shown} is larger than a secret should be"));
                None
            }
            // The folder of credentials is closed to others by systemd, and an access list for the service's user
            // shows there as a group permission.
            Ok(meta) if credential.is_none() && meta.permissions().mode() & 0o077 != 0 => {
                let message = format!("`{full}`: {shown} holds a secret and others may read it");
                self.check.fault(&text.place, message, format!("run: chmod 600 {shown}"));
                None
            }
            Ok(_) => Some(Placed { value: path, place: text.place }),
        }
    }

    /// A file that is no secret (a certificate): it exists and can be read.
    pub fn file(&self, key: &str) -> Option<Placed<PathBuf>> {
        let text = self.text(key)?;
        let path = match text.value.strip_prefix("credential:") {
            Some(name) => credential_path(self.check, &self.full(key), name, &text.place)?,
            None => self.check.dir.join(text.value),
        };
        match std::fs::File::open(&path).and_then(|file| file.metadata()) {
            Ok(meta) if meta.is_file() => Some(Placed { value: path, place: text.place }),
            Ok(_) => {
                self.check.error(&text.place, format!("`{}`: {} is no file", self.full(key), path.display()));
                None
            }
            Err(error) => {
                let message = format!("`{}`: {} cannot be read: {}", self.full(key), path.display(), because(&error));
                self.check.error(&text.place, message);
                None
            }
        }
    }
}

const SPELLING: &str = "name a file of mode 600, or one of systemd's credentials as \"credential:NAME\"";

fn credential_path(check: &Check, key: &str, name: &str, place: &Place) -> Option<PathBuf> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        check.error(place, format!("`{key}`: a credential's name has only letters, digits, `-`, `_` and `.`"));
        return None;
    }
    let Some(folder) = &check.credentials else {
        let message = format!("`{key}`: there is no credential {name}: $CREDENTIALS_DIRECTORY is not set");
        let advice =
            format!("run as the systemd service with LoadCredential={name}:/path/to/it, or name a file of mode 600");
        check.fault(place, message, advice);
        return None;
    };
    Some(folder.join(name))
}
