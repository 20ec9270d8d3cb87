//! Which keys the database was written with: a process with others must not write to it.

use chrono::{DateTime, Utc};
use sqlx::{Connection as _, PgConnection};

use super::{Error, bind};

/// A key by its name, and what it is recognized by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    pub key_name: String,
    pub fingerprint: [u8; 32],
}

/// How the keys at hand are not those of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The database knows another key under this name.
    Differs(String),
    /// The database knows this key, and it is not at hand.
    Missing(String),
}

/// Compares the keys with those that the database knows, and registers those that are new to it. Where something is
/// amiss, that is answered and nothing is registered.
///
/// # Errors
/// [`Error`] of the database.
pub async fn register(
    conn: &mut PgConnection,
    at: DateTime<Utc>,
    keys: &[Fingerprint],
) -> Result<Vec<Mismatch>, Error> {
    let amiss = compare(&known(conn).await?, keys);
    if !amiss.is_empty() || keys.is_empty() {
        return Ok(amiss);
    }
    let mut transaction = conn.begin().await?;
    // of two processes with different keys that come to an empty table at once, one waits here for the other
    let query = sqlx::query(
        "INSERT INTO petitiond.key_fingerprint (key_name, fingerprint, registered_at)
         SELECT n.key_name, n.fingerprint, $1 FROM unnest($2::text[], $3::bytea[]) AS n (key_name, fingerprint)
         WHERE NOT EXISTS (SELECT FROM petitiond.key_fingerprint k WHERE k.key_name = n.key_name)
         ORDER BY n.key_name
         ON CONFLICT (key_name) DO NOTHING",
    );
    bind!(query.bind(at), keys, |k| k.key_name.as_str(), |k| k.fingerprint.as_slice())
        .execute(&mut *transaction)
        .await?;
    let amiss = compare(&known(&mut transaction).await?, keys);
    if amiss.is_empty() {
        transaction.commit().await?;
    }
    Ok(amiss)
}

async fn known(conn: &mut PgConnection) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let sql = "SELECT key_name, fingerprint FROM petitiond.key_fingerprint ORDER BY key_name";
    Ok(sqlx::query_as(sql).fetch_all(conn).await?)
}

fn compare(known: &[(String, Vec<u8>)], keys: &[Fingerprint]) -> Vec<Mismatch> {
    let mismatch = |(name, fingerprint): &(String, Vec<u8>)| match keys.iter().find(|key| key.key_name == *name) {
        None => Some(Mismatch::Missing(name.clone())),
        Some(key) if key.fingerprint.as_slice() != fingerprint.as_slice() => Some(Mismatch::Differs(name.clone())),
        Some(_) => None,
    };
    known.iter().filter_map(mismatch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, byte: u8) -> Fingerprint {
        Fingerprint { key_name: name.to_owned(), fingerprint: [byte; 32] }
    }

    #[test]
    fn a_key_more_is_no_mismatch_and_one_less_or_another_is() {
        let known = [("a".to_owned(), vec![1; 32]), ("b".to_owned(), vec![2; 32])];
        assert_eq!(compare(&known, &[key("c", 3), key("b", 2), key("a", 1)]), []);
        assert_eq!(compare(&known, &[key("b", 2)]), [Mismatch::Missing("a".to_owned())]);
        assert_eq!(compare(&known, &[key("a", 1), key("b", 9)]), [Mismatch::Differs("b".to_owned())]);
        assert_eq!(compare(&[], &[key("a", 1)]), []);
    }
}
