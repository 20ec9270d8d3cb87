//! PostgreSQL: the query is wrapped, so that the server itself writes each row as JSON.
//!
//! What its own JSON would lose is written otherwise: `numeric` and `money` (and arrays of `numeric`) as text, `bytea` as
//! base64, `bit(1)` as a boolean and longer bit strings as text, `timestamp` with the zone of the source. All else is as
//! `row_to_json` writes it: whole numbers and floats as numbers (`NaN` as text), `timestamptz` in UTC, dates, times and
//! intervals in ISO 8601, `uuid`, `inet`, `enum` as text, `json` as it is, arrays as arrays, NULL as null.
//!
//! Cursor values go to the server as text and are cast there to what the query wants in their place.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode};
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Either, Executor as _, Row as _};
use sqlx::{SqlSafeStr as _, Statement as _, TypeInfo as _};

use super::error::from_sqlx;
use super::key::{Column, Kind};
use super::session::{Ask, Row, Rows, no_order, null_key, places};
use super::{Dialect, Error, SqlConfig};
use crate::secret::ExposeSecret as _;

/// A connection, and the query as it is asked.
pub(super) struct Postgres {
    conn: PgConnection,
    wrapped: String,
}

impl Postgres {
    pub(super) async fn open(config: &SqlConfig) -> Result<Self, Error> {
        let mut options: PgConnectOptions = config.url.expose_secret().parse().map_err(failed)?;
        options = options.application_name("petitiond").disable_statement_logging();
        if let Some(ca) = &config.tls.ca_file {
            options = options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(ca);
        }
        if let (Some(cert), Some(key)) = (&config.tls.cert_file, &config.tls.key_file) {
            options = options.ssl_client_cert(cert).ssl_client_key(key);
        }
        Ok(Self { conn: options.connect().await.map_err(failed)?, wrapped: String::new() })
    }

    pub(super) async fn greet(&mut self) -> Result<(String, DateTime<Utc>), Error> {
        let row = sqlx::query_as("SELECT 'PostgreSQL ' || current_setting('server_version'), clock_timestamp()");
        row.fetch_one(&mut self.conn).await.map_err(failed)
    }

    pub(super) async fn plan(&mut self, config: &SqlConfig) -> Result<Vec<Column>, Error> {
        self.begin(config).await?;
        let text = AssertSqlSafe(config.query.text().to_owned()).into_sql_str();
        let statement = self.conn.prepare(text).await.map_err(failed)?;
        let columns: Vec<(&str, &str)> =
            statement.columns().iter().map(|column| (column.name(), column.type_info().name())).collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let places = places(&config.cursor, &names)?;
        let wanted: Vec<String> = match statement.parameters() {
            Some(Either::Left(types)) => types.iter().map(|wanted| wanted.name().to_owned()).collect(),
            _ => Vec::new(),
        };
        let cast = |number: usize| {
            let wanted = number.checked_sub(1).and_then(|at| wanted.get(at)).map_or("text", String::as_str);
            format!("CAST(${number}::text AS {wanted})")
        };
        let (inner, _) = config.query.replaced(cast);
        let zone = config.zone.map(|zone| zone.to_string());
        let shown =
            columns.iter().map(|(name, kind)| shown(name, kind, zone.as_deref())).collect::<Vec<_>>().join(", ");
        let keys: String = config.cursor.iter().map(|name| format!(", q.{}::text", quoted(name))).collect();
        self.wrapped =
            format!("SELECT (SELECT row_to_json(r) FROM (SELECT {shown}) r)::text{keys} FROM (\n{inner}\n) q");
        let kind = |place: usize| {
            let (name, kind) = columns.get(place).copied().unwrap_or_default();
            column(kind).ok_or_else(|| no_order(name, kind))
        };
        let kinds = places.into_iter().map(kind).collect();
        self.end().await?;
        kinds
    }

    pub(super) async fn rows(&mut self, config: &SqlConfig, ask: &Ask, out: &Rows) -> Result<(), Error> {
        self.begin(config).await?;
        let mut query = sqlx::query(AssertSqlSafe(self.wrapped.clone()));
        for value in &ask.after {
            query = query.bind(value);
        }
        if !config.cursor.is_empty() {
            query = query.bind(ask.limit.to_string());
        }
        {
            let mut rows = query.fetch(&mut self.conn);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                if out.send(read(&row, &config.cursor)).await.is_err() {
                    return Err(Error::retry("nobody reads on"));
                }
            }
        }
        self.end().await
    }

    pub(super) async fn close(self) {
        drop(self.conn.close().await);
    }

    /// Every setting ends with the transaction: behind a pooler the connection is somebody else's afterwards.
    async fn begin(&mut self, config: &SqlConfig) -> Result<(), Error> {
        let ms = config.timeout.as_millis();
        let sql = format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {ms}; SET LOCAL idle_in_transaction_session_timeout = '5min';
             SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';
             SET LOCAL extra_float_digits = 1"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await.map_err(failed)?;
        Ok(())
    }

    async fn end(&mut self) -> Result<(), Error> {
        sqlx::raw_sql("COMMIT").execute(&mut self.conn).await.map_err(failed)?;
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn failed(error: sqlx::Error) -> Error {
    from_sqlx(&error, Dialect::Postgres)
}

fn read(row: &PgRow, cursor: &[String]) -> Result<Row, Error> {
    let text = row.try_get(0).map_err(failed)?;
    let key = |(place, name): (usize, &String)| {
        row.try_get::<Option<String>, _>(place + 1).map_err(failed)?.ok_or_else(|| null_key(name))
    };
    Ok(Row { text, key: cursor.iter().enumerate().map(key).collect::<Result<_, _>>()? })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// One column of the row's JSON.
fn shown(name: &str, kind: &str, zone: Option<&str>) -> String {
    let name = quoted(name);
    let value = match kind {
        "NUMERIC" | "MONEY" | "VARBIT" => format!("q.{name}::text"),
        "NUMERIC[]" => format!("q.{name}::text[]"),
        "BYTEA" => format!("translate(encode(q.{name}, 'base64'), E'\\n', '')"),
        "BIT" => format!("CASE length(q.{name}) WHEN 1 THEN to_json(q.{name} = B'1') ELSE to_json(q.{name}::text) END"),
        "TIMESTAMP" => match zone {
            Some(zone) => format!(
                "CASE WHEN isfinite(q.{name}) THEN (to_json(q.{name}) #>> '{{}}') || '{zone}' ELSE q.{name}::text END"
            ),
            None => format!("q.{name}"),
        },
        _ => format!("q.{name}"),
    };
    format!("{value} AS {name}")
}

/// What a cursor column of this type holds; `None`: it is no order.
fn column(kind: &str) -> Option<Column> {
    let (kind, least) = match kind {
        "TIMESTAMPTZ" => (Kind::Instant, "-infinity"),
        "TIMESTAMP" => (Kind::Local, "-infinity"),
        "DATE" => (Kind::Date, "-infinity"),
        "INT2" => (Kind::Integer, "-32768"),
        "INT4" => (Kind::Integer, "-2147483648"),
        "INT8" => (Kind::Integer, "-9223372036854775808"),
        "OID" => (Kind::Integer, "0"),
        "NUMERIC" => (Kind::Other, "-1e1000"),
        "FLOAT4" | "FLOAT8" => (Kind::Other, "-Infinity"),
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "citext" => (Kind::Other, ""),
        "UUID" => (Kind::Other, "00000000-0000-0000-0000-000000000000"),
        _ => return None,
    };
    Some(Column { kind, least })
}
