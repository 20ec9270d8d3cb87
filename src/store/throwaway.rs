//! A database for data that may be lost, the demo's: made anew each time, and nobody else's for as long as it is used.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{DatabaseConfig, Error};
use crate::secret::{ExposeSecret, Secret};

/// Where a server keeps what belongs to no database: every server has this one.
const MAINTENANCE: &str = "postgres";

/// A database that was just made, and the right to it, which ends with this value.
pub struct Throwaway {
    pub url: Secret,
    _right: PgConnection,
}

/// Makes a database anew beside the one the URL names, dropping what had its name. `None`: somebody uses it at this
/// moment, and it was left alone.
///
/// # Errors
/// [`Error`] of the database; the account must be allowed to make databases.
pub async fn make(config: &DatabaseConfig, name: &str) -> Result<Option<Throwaway>, Error> {
    let options = PgConnectOptions::from_str(config.url.expose_secret()).map_err(|_| Error::Url)?;
    let mut right = options.clone().database(MAINTENANCE).connect().await?;
    let free: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
        .bind(name)
        .fetch_one(&mut right)
        .await?;
    if !free {
        return Ok(None);
    }
    let mut conn = options.connect().await?;
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    for statement in [
        format!("DROP DATABASE IF EXISTS {quoted} WITH (FORCE)"),
        format!("CREATE DATABASE {quoted} ENCODING 'UTF8' TEMPLATE template0"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await?;
    }
    conn.close().await?;
    Ok(Some(Throwaway { url: beside(&config.url, name), _right: right }))
}

/// The same URL with another path: the client's own rendering adds parameters that psql does not know.
fn beside(url: &Secret, name: &str) -> Secret {
    let url = url.expose_secret();
    let (server, parameters) = url.split_once('?').map_or((url, None), |(server, rest)| (server, Some(rest)));
    let authority = server.find("://").map_or(0, |at| at + 3);
    let end = server.get(authority..).and_then(|rest| rest.find('/')).map_or(server.len(), |at| authority + at);
    let base = server.get(..end).unwrap_or(server);
    Secret::from(
        parameters.map_or_else(|| format!("{base}/{name}"), |parameters| format!("{base}/{name}?{parameters}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_differs() {
        for (url, expected) in [
            ("postgres://u:p@h:5/a", "postgres://u:p@h:5/b"),
            ("postgres://h", "postgres://h/b"),
            ("postgres://h/a?sslmode=require", "postgres://h/b?sslmode=require"),
        ] {
            assert_eq!(beside(&Secret::from(url), "b").expose_secret(), expected);
        }
    }
}
