//! An agency's own database: a PostgreSQL or a MariaDB with a table of petitions, which vanishes with the test.

use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};

use super::server::mariadb;
use super::{clean_up, services, unique};

/// What the agency runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    Postgres,
    MariaDb,
}

/// Both of them: what holds for one must hold for the other.
pub const MAKES: [Make; 2] = [Make::Postgres, Make::MariaDb];

/// A database of its own.
pub struct AgencyDatabase {
    pub make: Make,
    name: String,
    url: String,
}

impl AgencyDatabase {
    /// An empty one.
    pub async fn create(make: Make) -> Self {
        let name = unique("agency");
        let server = server(make);
        execute(make, &server, &format!("CREATE DATABASE {name}")).await.expect("a database");
        let mut url = reqwest::Url::parse(&server).expect("a URL");
        url.set_path(&name);
        Self { make, name, url: url.into() }
    }

    /// One with the table `don (ma, cap_nhat, ngay, noi_dung)`: id, time with zone (or what the make has of that), date,
    /// text.
    pub async fn with_table(make: Make) -> Self {
        let this = Self::create(make).await;
        let time = if make == Make::Postgres { "timestamptz" } else { "timestamp(6)" };
        let text = if make == Make::Postgres { "text" } else { "longtext" };
        let sql = format!(
            "CREATE TABLE don (ma varchar(40) PRIMARY KEY, cap_nhat {time} NOT NULL, ngay date NOT NULL, noi_dung {text} NOT NULL)"
        );
        this.run(&sql).await;
        this
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements.
    pub async fn run(&self, sql: &str) {
        execute(self.make, &self.url, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Rows of the table, each with its id, and its time in UTC.
    pub async fn add(&self, rows: impl IntoIterator<Item = (String, String)>) {
        let rows: Vec<String> = rows
            .into_iter()
            .map(|(id, at)| format!("('{id}', '{at}', '2026-03-05', 'Khiếu nại quyết định số {id}')"))
            .collect();
        for rows in rows.chunks(1000) {
            self.run(&format!("{} INSERT INTO don VALUES {}", self.in_utc(), rows.join(", "))).await;
        }
    }

    /// Times of the statements that follow are meant in UTC.
    fn in_utc(&self) -> &'static str {
        match self.make {
            Make::Postgres => "SET TimeZone = 'UTC';",
            Make::MariaDb => "SET time_zone = '+00:00';",
        }
    }

    /// A connection on which the test can keep a transaction open.
    pub async fn open(&self) -> Open {
        let mut open = match self.make {
            Make::Postgres => Open::Postgres(PgConnection::connect(&self.url).await.expect("a connection")),
            Make::MariaDb => Open::MariaDb(MySqlConnection::connect(&self.url).await.expect("a connection")),
        };
        open.run(self.in_utc()).await;
        open
    }
}

impl Drop for AgencyDatabase {
    fn drop(&mut self) {
        let (make, name, server) = (self.make, self.name.clone(), server(self.make));
        clean_up(&format!("the database {name}"), async move {
            let force = if make == Make::Postgres { " WITH (FORCE)" } else { "" };
            execute(make, &server, &format!("DROP DATABASE {name}{force}")).await.map_err(|error| error.to_string())
        });
    }
}

/// A connection to an agency's database.
pub enum Open {
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
}

impl Open {
    pub async fn run(&mut self, sql: &str) {
        let text = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Postgres(conn) => sqlx::raw_sql(text).execute(conn).await.map(drop),
            Self::MariaDb(conn) => sqlx::raw_sql(text).execute(conn).await.map(drop),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn server(make: Make) -> String {
    match make {
        Make::Postgres => services().database.clone(),
        Make::MariaDb => mariadb().to_owned(),
    }
}

async fn execute(make: Make, url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let text = AssertSqlSafe(sql.to_owned());
    match make {
        Make::Postgres => sqlx::raw_sql(text).execute(&mut PgConnection::connect(url).await?).await.map(drop),
        Make::MariaDb => sqlx::raw_sql(text).execute(&mut MySqlConnection::connect(url).await?).await.map(drop),
    }
}
