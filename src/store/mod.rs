//! The national database: functions on a PostgreSQL connection, one file a table.
//!
//! Owns: every SQL statement that petitiond sends to its own database, the migrations, and what a database error
//! means to the caller ([`Error`]).
//! Must not know: queues, sources, what is sealed and why; it is given ciphertexts and hashes. Only the link keys
//! of a record are opened and closed in [`source_record`] itself, so that no caller can forget to.
//! To add a table: a migration, a file here named after it, a row struct whose fields are its columns.
//!
//! Rows travel in batches as arrays (`UNNEST`), sorted by key. Whoever changes what is linked or published first takes
//! [`change::lock`]; the lock is held until commit, so such transactions run one after another in every process.

pub mod alias;
pub mod archive;
pub mod broker_state;
pub mod case_file;
pub mod change;
pub mod decision;
pub mod edge;
pub mod event;
pub mod key_fingerprint;
pub mod link;
pub mod link_key;
pub mod missing_record;
pub mod node;
pub mod node_key;
pub mod person;
pub mod petition;
pub mod petitioner;
pub mod place;
pub mod pull;
pub mod quarantine;
pub mod reader;
pub mod receipt;
pub mod reception;
pub mod reconciliation;
pub mod record_part;
pub mod reference;
pub mod source;
pub mod source_quality;
pub mod source_record;
pub mod summary;
pub mod taken_file;
pub mod throwaway;

mod error;
mod scram;

use std::str::FromStr;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
pub use sqlx::{PgConnection, PgPool, Postgres, Transaction};

pub use error::{Error, Fault};

use crate::secret::{ExposeSecret, Secret};

/// `[database]`, checked.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    pub url: Secret,
    pub max_connections: u32,
}

/// The migrations this binary brings.
static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Binds one array a column: `bind!(query, rows, |r| r.a, |r| r.b)`.
macro_rules! bind {
    ($query:expr, $rows:expr, $($column:expr),+ $(,)?) => {
        $query $(.bind($rows.iter().map($column).collect::<Vec<_>>()))+
    };
}
pub(crate) use bind;

/// A list of plain words or numbers as a PostgreSQL array literal: how an array travels inside an array of rows.
pub(crate) fn array_literal<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::from("{");
    for item in items {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&item.to_string());
    }
    text.push('}');
    text
}

/// Opens a pool; connections are made when they are needed.
///
/// # Errors
/// [`Error::Url`] when the URL cannot be read.
pub fn connect(config: &DatabaseConfig, application: &str) -> Result<PgPool, Error> {
    Ok(PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(PATIENCE)
        .max_lifetime(Duration::from_mins(30))
        // sqlx (0.9) forgets a BEGIN whose future was dropped before it was answered: whoever got the connection next
        // would write into a transaction that nobody ever commits
        .after_release(|conn, _| {
            Box::pin(async move {
                sqlx::raw_sql("ROLLBACK").execute(conn).await?;
                Ok(true)
            })
        })
        .connect_lazy_with(options(config, application)?))
}

/// Connects once, and says what stands against it.
///
/// # Errors
/// [`Error`]: the server refuses, does not answer within ten seconds, or is not to be found.
pub async fn reach(config: &DatabaseConfig) -> Result<(), Error> {
    let options = options(config, "petitiond command")?;
    let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options));
    let conn = connecting.await.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
    conn.close().await?;
    Ok(())
}

/// The name under which a daemon connects; commands have others.
pub const DAEMON: &str = "petitiond";

/// How long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

fn options(config: &DatabaseConfig, application: &str) -> Result<PgConnectOptions, Error> {
    let options = PgConnectOptions::from_str(config.url.expose_secret()).map_err(|_| Error::Url)?;
    // a write that waits behind a lock for minutes is a fault somewhere; better to fail, say so and try again
    Ok(options.application_name(application).options([
        ("statement_timeout", "120s"),
        ("lock_timeout", "60s"),
        ("idle_in_transaction_session_timeout", "60s"),
        ("TimeZone", "UTC"),
        // a ROLLBACK where nothing was begun is no news
        ("client_min_messages", "error"),
        // what runs here is short; compiling a plan whose rows were guessed too many takes longer than running it
        ("jit", "off"),
        // not "$user" first: an account named like our schema would keep the list of migrations there the second time
        ("search_path", "public"),
    ]))
}

/// How the database stands to this binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    Current,
    /// That many migrations are to be applied: run `petitiond migrate`.
    Behind(usize),
    /// The database has a migration this binary does not know.
    Newer(i64),
}

/// Compares the migrations applied with those of this binary.
///
/// # Errors
/// [`Error`] when the database cannot be asked.
pub async fn schema_state(pool: &PgPool) -> Result<SchemaState, Error> {
    let mut conn = pool.acquire().await?;
    schema_state_of(&mut conn).await
}

async fn schema_state_of(conn: &mut PgConnection) -> Result<SchemaState, Error> {
    let there: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('public._sqlx_migrations')::text").fetch_one(&mut *conn).await?;
    let applied: Vec<i64> = match there {
        None => Vec::new(),
        Some(_) => {
            sqlx::query_scalar("SELECT version FROM public._sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(conn)
                .await?
        }
    };
    if let Some(unknown) = applied.iter().find(|version| !MIGRATOR.version_exists(**version)) {
        return Ok(SchemaState::Newer(*unknown));
    }
    match MIGRATOR.iter().filter(|migration| !applied.contains(&migration.version)).count() {
        0 => Ok(SchemaState::Current),
        behind => Ok(SchemaState::Behind(behind)),
    }
}

/// Brings the database to this binary's version and the reference tables to this binary's data. Of several processes
/// that do it at once one works and the others wait for it.
///
/// # Errors
/// [`Error::Newer`] when the database is ahead of the binary, [`Error::Migration`] when a step fails.
pub async fn migrate(pool: &PgPool) -> Result<(), Error> {
    // out of the pool: however this ends, the lock ends with the connection
    let mut conn = pool.acquire().await?.detach();
    // the migrator's own lock is let go before the reference tables are loaded; however long the others take is no fault
    sqlx::raw_sql(
        "BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
         SELECT pg_advisory_lock(hashtextextended('petitiond migrate', 0)); COMMIT",
    )
    .execute(&mut conn)
    .await?;
    if let SchemaState::Newer(version) = schema_state_of(&mut conn).await? {
        return Err(Error::Newer(version));
    }
    MIGRATOR.run(&mut conn).await.map_err(|error| Error::Migration(error.to_string()))?;
    reference::load(&mut conn).await?;
    sqlx::Connection::close(conn).await?;
    Ok(())
}

/// Begins a transaction; dropped uncommitted, it is rolled back.
///
/// # Errors
/// [`Error`] of the database.
pub async fn begin(conn: &mut PgConnection) -> Result<Transaction<'_, Postgres>, Error> {
    Ok(sqlx::Connection::begin(conn).await?)
}
