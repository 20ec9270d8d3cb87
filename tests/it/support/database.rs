//! A database of its own for each test, copied from a template that has the migrations applied.
//!
//! The template is one build's: its name holds when the tests were built, which have the migrations and the reference
//! data in them. It is made once, by whichever test process comes first, under an advisory lock on the maintenance database; it gets
//! its final name as the last act, so a half-made one is never copied.

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions};
use tokio::sync::OnceCell;

use super::{clean_up, services, unique};

/// Advisory lock for whatever touches the whole server: templates, and the roles that migrations make.
const SERVER_WIDE: i64 = 0x7065_7469_7469_6f6e;

/// A fresh database, dropped with this value.
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// One with this version's schema and no rows.
    pub async fn create() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(template).await;
        Self::copy_of(template).await
    }

    /// One with nothing in it, for tests of the migrations themselves: apply them with [`migrate`].
    pub async fn empty() -> Self {
        Self::copy_of("template0").await
    }

    async fn copy_of(template: &str) -> Self {
        let name = unique("test");
        let mut server = maintenance().await;
        execute(&mut server, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let url = url_of(&name);
        Self { name, url }
    }

    /// The superuser's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn pool(&self) -> PgPool {
        pool(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        clean_up(&format!("database {name}"), async move {
            let mut server = PgConnection::connect(&url_of("postgres")).await.map_err(|e| e.to_string())?;
            // FORCE: a daemon that the test started may still be on its way out
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut server).await.map_err(|e| e.to_string())?;
            Ok(())
        });
    }
}

/// A name that a login may be given, taken from the server again with this value, whoever made it.
pub struct Login(String);

impl Login {
    pub fn new() -> Self {
        Self(unique("reader"))
    }

    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.0);
        clean_up(&format!("login {name}"), async move {
            let mut server = PgConnection::connect(&url_of("postgres")).await.map_err(|e| e.to_string())?;
            let drop = format!("DROP ROLE IF EXISTS {name}");
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut server).await.map_err(|e| e.to_string())?;
            Ok(())
        });
    }
}

/// Brings the database at `url` to this version, as `petitiond migrate` does. Migrations make roles, which belong to
/// the whole server, so only one test may do this at a time.
pub async fn migrate(url: &str) {
    let mut server = maintenance().await;
    lock(&mut server).await;
    apply(url).await;
    unlock(server).await;
}

/// The same by several processes at the same instant, each with a pool of its own as small as the settings allow.
pub async fn migrate_at_once(url: &str, processes: usize) {
    let mut server = maintenance().await;
    lock(&mut server).await;
    let config = petitiond::store::DatabaseConfig { url: url.to_owned().into(), max_connections: 2 };
    let one = async |_| {
        let pool = petitiond::store::connect(&config, "test").expect("a pool");
        petitiond::store::migrate(&pool).await
    };
    let all = futures_util::future::join_all((0..processes).map(one)).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    unlock(server).await;
}

async fn apply(url: &str) {
    let pool = pool(url).await;
    petitiond::store::migrate(&pool).await.expect("migrations that apply to an empty database");
    pool.close().await;
}

/// The name of the template, which exists when this returns.
async fn template() -> String {
    let name = format!("template_{}", built());
    let mut server = maintenance().await;
    lock(&mut server).await;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut server)
        .await
        .expect("an answer from PostgreSQL");
    if !exists {
        let unfinished = format!("{name}_unfinished");
        execute(&mut server, format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        execute(&mut server, format!("CREATE DATABASE {unfinished} TEMPLATE template0")).await;
        apply(&url_of(&unfinished)).await;
        execute(&mut server, format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
    }
    unlock(server).await;
    name
}

/// When these tests were built.
fn built() -> u128 {
    let tests = std::env::current_exe().and_then(|path| path.metadata()?.modified()).expect("the file of these tests");
    tests.duration_since(std::time::UNIX_EPOCH).expect("a time after 1970").as_nanos()
}

/// The same server, another database.
fn url_of(database: &str) -> String {
    let mut url = reqwest::Url::parse(&services().database).expect("a database URL");
    url.set_path(database);
    url.into()
}

/// The server itself, as the superuser.
pub async fn maintenance() -> PgConnection {
    let url = url_of("postgres");
    PgConnection::connect(&url).await.unwrap_or_else(|e| {
        panic!("no PostgreSQL at {url}: {e} (deploy/services.sh up starts one, and says what to install)")
    })
}

async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(8).connect(url).await.unwrap_or_else(|e| panic!("no database at {url}: {e}"))
}

async fn lock(server: &mut PgConnection) {
    execute(server, format!("SELECT pg_advisory_lock({SERVER_WIDE})")).await;
}

/// The lock ends with its session.
async fn unlock(server: PgConnection) {
    server.close().await.expect("the end of a session");
}

pub async fn execute(server: &mut PgConnection, sql: String) {
    let shown = sql.clone();
    if let Err(e) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(server).await {
        panic!("{shown}: {e}");
    }
}
