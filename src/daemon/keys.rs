//! Whether the key file is the one that the database was written with.
//!
//! With another one repeats would be stored again, references would not meet, and nothing stored could be opened; and
//! nobody would notice before it is too late to tell the records apart.

use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::seal::KeyRing;
use crate::store::key_fingerprint::{self, Fingerprint, Mismatch};
use crate::store::{self, PgPool};

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// A person has to mend it: these are not the keys of the database.
    #[error(
        "identity.key_file: the keys in {path} are not those that this database was written with: {what}. Restore the file from its safe copy; if this is the right file, the database url names another database than it should"
    )]
    Foreign { path: PathBuf, what: String },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Compares the keys with those of the database; a new database takes them as its own, and a key that was added to the
/// file is noted.
///
/// # Errors
/// [`KeyFault::Foreign`] names every key that is amiss.
pub async fn agree(pool: &PgPool, ring: &KeyRing, path: &Path) -> Result<(), KeyFault> {
    let keys: Vec<Fingerprint> =
        ring.fingerprints().into_iter().map(|(key_name, fingerprint)| Fingerprint { key_name, fingerprint }).collect();
    let mut conn = pool.acquire().await.map_err(store::Error::from)?;
    let amiss = key_fingerprint::register(&mut conn, Clock::System.now(), &keys).await?;
    if amiss.is_empty() {
        return Ok(());
    }
    let say = |mismatch: &Mismatch| match mismatch {
        Mismatch::Differs(name) => format!("the `{name}` key is another one"),
        Mismatch::Missing(name) => format!("the `{name}` key is missing"),
    };
    let what = amiss.iter().map(say).collect::<Vec<_>>().join(", ");
    Err(KeyFault::Foreign { path: path.to_owned(), what })
}
