//! Accounts of downstream systems: logins of the database, bound to an agency or to none.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Error, scram};
use crate::secret::Secret;

/// Connections that one account may have at once.
pub const CONNECTIONS: u16 = 10;

/// An account as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reader {
    pub name: String,
    /// `None`: the whole country.
    pub agency: Option<String>,
    pub role: String,
    pub granted_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last seen connected.
    pub used_at: Option<DateTime<Utc>>,
    /// Connections at this moment.
    pub connections: i64,
}

/// An account to be.
#[derive(Debug)]
pub struct New<'n> {
    pub name: &'n str,
    pub agency: Option<&'n str>,
    /// `reader`, `identity` or `ops`.
    pub role: &'n str,
    pub password: &'n Secret,
    /// Random.
    pub salt: [u8; 16],
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whether the server has a login of this name, and whether it is one that was made here.
///
/// # Errors
/// [`Error`] of the database.
pub async fn known(conn: &mut PgConnection, name: &str) -> Result<(bool, bool), Error> {
    let query = "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1),
                        EXISTS (SELECT FROM petitiond.reader WHERE name = $1)";
    Ok(sqlx::query_as(query).bind(name).fetch_one(conn).await?)
}

/// Makes a login, or gives one that was made here other rights and another password, which is letters and digits.
///
/// # Errors
/// [`Error`] of the database; the account must be allowed to make roles.
pub async fn grant(conn: &mut PgConnection, at: DateTime<Utc>, new: &New<'_>) -> Result<(), Error> {
    let is_there = known(conn, new.name).await?.0;
    let name = quoted(new.name);
    let verb = if is_there { "ALTER" } else { "CREATE" };
    let until = new.expires_at.map_or_else(|| "infinity".to_owned(), |at| at.to_rfc3339());
    let mut statements = vec![format!(
        "{verb} ROLE {name} LOGIN INHERIT CONNECTION LIMIT {CONNECTIONS} PASSWORD {} VALID UNTIL {}",
        literal(&scram::verifier(new.password, new.salt)),
        literal(&until)
    )];
    for role in ["reader", "identity", "ops"] {
        let (verb, to) = if role == new.role { ("GRANT", "TO") } else { ("REVOKE", "FROM") };
        if is_there || role == new.role {
            statements.push(format!("{verb} petition_{role} {to} {name}"));
        }
    }
    // what a query of a stranger may cost, and that it never writes, though it could not anyway
    for (setting, value) in [
        ("statement_timeout", "60s"),
        ("idle_in_transaction_session_timeout", "60s"),
        ("default_transaction_read_only", "on"),
        ("search_path", "national_v1"),
    ] {
        statements.push(format!("ALTER ROLE {name} SET {setting} = {}", literal(value)));
    }
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *conn).await?;
    }
    sqlx::query(
        "INSERT INTO petitiond.reader (name, agency, role, granted_at, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET agency = excluded.agency, role = excluded.role, granted_at = excluded.granted_at,
             expires_at = excluded.expires_at, revoked_at = NULL",
    )
    .bind(new.name)
    .bind(new.agency)
    .bind(new.role)
    .bind(at)
    .bind(new.expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes an account's rights away, at once and in sessions that are open too, and its login; the row stays, and the role
/// without rights, so that a name in old logs stays what it was. Whether there was one.
///
/// # Errors
/// [`Error`] of the database.
pub async fn revoke(conn: &mut PgConnection, at: DateTime<Utc>, name: &str) -> Result<bool, Error> {
    let row = sqlx::query("UPDATE petitiond.reader SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL");
    let was_there = row.bind(name).bind(at).execute(&mut *conn).await?.rows_affected() > 0;
    if was_there && known(conn, name).await?.0 {
        let name = quoted(name);
        let statements = format!(
            "ALTER ROLE {name} NOLOGIN PASSWORD NULL;
             REVOKE petition_reader, petition_identity, petition_ops FROM {name}"
        );
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(conn).await?;
    }
    Ok(was_there)
}

/// All accounts that were ever made, by name, and how many connections each has.
///
/// # Errors
/// [`Error`] of the database.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Reader>, Error> {
    Ok(sqlx::query_as(
        "SELECT r.*, (SELECT count(*) FROM pg_catalog.pg_stat_activity a
                      WHERE a.usename = r.name AND a.datname = current_database()) AS connections
         FROM petitiond.reader r ORDER BY r.name",
    )
    .fetch_all(conn)
    .await?)
}

/// Notes who is connected, to the minute.
///
/// # Errors
/// [`Error`] of the database.
pub async fn note_use(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<(), Error> {
    let query = "UPDATE petitiond.reader r SET used_at = $1
                 WHERE (used_at IS NULL OR used_at < $1 - interval '1 minute') AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity a
                               WHERE a.usename = r.name AND a.datname = current_database())";
    sqlx::query(query).bind(at).execute(conn).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
