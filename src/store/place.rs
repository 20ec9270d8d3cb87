//! Where the database is and whether this account can work with it: for a person who has to mend that.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::{DatabaseConfig, Error, PgPool};
use crate::secret::ExposeSecret;

/// `database petitiond at 127.0.0.1:5432`; nothing of who asks, and least of all the password.
pub fn of(config: &DatabaseConfig) -> String {
    let Ok(options) = PgConnectOptions::from_str(config.url.expose_secret()) else {
        return "the database".to_owned();
    };
    let name = options.get_database().unwrap_or("of the account's own name");
    match options.get_socket() {
        Some(folder) => format!("database {name} at the socket in {}", folder.display()),
        None => format!("database {name} at {}:{}", options.get_host(), options.get_port()),
    }
}

/// What to do about an error, where it says by itself what is wrong (PostgreSQL documentation, appendix A).
pub fn next_step(error: &Error) -> &'static str {
    let Error::Database(database) = error else { return "" };
    match database.sqlstate() {
        Some("28P01" | "28000") => {
            "; correct the account or password in the database url (the file that database.url_file names, or PETITIOND__DATABASE__URL), or let the account in with pg_hba.conf"
        }
        Some("3D000") => "; make it (`createdb --owner=ACCOUNT NAME`), or correct the name in the database url",
        Some("42501") => "; use the account that ran `petitiond migrate`: it owns the tables",
        Some("25006") => "; name the primary server in the database url, not a standby",
        Some(_) => "",
        None => "; see that PostgreSQL runs and listens there, or correct the database url",
    }
}

/// What keeps this account from writing to the database, in words; `None`: nothing.
///
/// # Errors
/// [`Error`] of the database.
pub async fn hindrance(pool: &PgPool) -> Result<Option<String>, Error> {
    let (is_read_only, closed): (bool, Vec<String>) = sqlx::query_as(
        "SELECT current_setting('transaction_read_only')::boolean,
                ARRAY (SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname = 'petitiond' AND c.relkind IN ('r', 'p')
                           AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
                               AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
                               AND has_table_privilege(c.oid, 'DELETE'))
                       ORDER BY c.relname)",
    )
    .fetch_one(pool)
    .await?;
    if is_read_only {
        return Ok(Some(
            "it is read-only; name the primary server in the database url, and see that default_transaction_read_only is off"
                .to_owned(),
        ));
    }
    Ok(match closed.as_slice() {
        [] => None,
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more tables", rest.len()) };
            Some(format!(
                "this account may not read and write petitiond.{first}{more}; use the account that ran `petitiond migrate`, or grant it SELECT, INSERT, UPDATE and DELETE on all tables of schema petitiond"
            ))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_place_is_named_without_who_asks() {
        for (url, expected) in [
            ("postgres://ngan:hunter2@10.0.0.5:6432/petitiond", "database petitiond at 10.0.0.5:6432"),
            ("postgres://ngan:hunter2@[::1]/p?password=hunter2", "database p at [::1]:5432"),
            ("postgres://ngan:hunter2@h", "database of the account's own name at h:5432"),
            ("postgres://ngan:hunter2@h:port/d", "the database"),
        ] {
            let place = of(&DatabaseConfig { url: Secret::from(url), max_connections: 2 });
            assert_eq!(place, expected);
        }
    }
}
