//! MySQL and MariaDB: rows are read in the binary protocol and written as JSON here (`mysql_value.rs`).
//!
//! Text comes in UTF-8 whatever the collation of its column, because the connection asks for it. Cursor values are
//! bound in their own type: against a text these servers compare long numbers as floats.

use chrono::{DateTime, NaiveDateTime, Utc};
use futures_util::TryStreamExt as _;
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode, MySqlTypeInfo};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use sqlx::{SqlSafeStr as _, Statement as _, TypeInfo as _};

use super::error::from_sqlx;
use super::key::{self, Column, Kind};
use super::mysql_value::{Reading, fragment, key_text};
use super::session::{Ask, Row, Rows, no_order, null_key, places};
use super::{Dialect, Error, SqlConfig};
use crate::secret::ExposeSecret as _;

/// A connection, and the query as it is asked.
pub(super) struct MySql {
    conn: MySqlConnection,
    sql: String,
    /// The numbers of the values in the order in which the query wants them.
    order: Vec<usize>,
    keys: Vec<(usize, Column)>,
    readings: Vec<Reading>,
    version: String,
}

impl MySql {
    pub(super) async fn open(config: &SqlConfig) -> Result<Self, Error> {
        let mut options: MySqlConnectOptions = config.url.expose_secret().parse().map_err(failed)?;
        // the library's own sql_mode would change what `||` means in the administrator's query
        options = options.pipes_as_concat(false).no_engine_substitution(false).disable_statement_logging();
        if let Some(ca) = &config.tls.ca_file {
            options = options.ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(ca);
        }
        if let (Some(cert), Some(key)) = (&config.tls.cert_file, &config.tls.key_file) {
            options = options.ssl_client_cert(cert).ssl_client_key(key);
        }
        let mut conn = options.connect().await.map_err(failed)?;
        let version: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut conn).await.map_err(failed)?;
        let seconds = config.timeout.as_secs_f64();
        let limit = if version.contains("MariaDB") {
            format!("SET SESSION max_statement_time = {seconds:.3}")
        } else {
            format!("SET SESSION max_execution_time = {:.0}", seconds * 1000.0)
        };
        sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut conn).await.map_err(failed)?;
        let (sql, order) = config.query.replaced(|_| "?".to_owned());
        Ok(Self { conn, sql, order, keys: Vec::new(), readings: Vec::new(), version })
    }

    pub(super) async fn greet(&mut self) -> Result<(String, DateTime<Utc>), Error> {
        let now: NaiveDateTime =
            sqlx::query_scalar("SELECT UTC_TIMESTAMP(6)").fetch_one(&mut self.conn).await.map_err(failed)?;
        let name = if self.version.contains("MariaDB") { "" } else { "MySQL " };
        Ok((format!("{name}{}", self.version), now.and_utc()))
    }

    pub(super) async fn plan(&mut self, config: &SqlConfig) -> Result<Vec<Column>, Error> {
        let text = AssertSqlSafe(self.sql.clone()).into_sql_str();
        let statement = self.conn.prepare(text).await.map_err(failed)?;
        let names: Vec<&str> = statement.columns().iter().map(sqlx::Column::name).collect();
        let places = places(&config.cursor, &names)?;
        let kind = |place: usize| {
            let given = statement.columns().get(place);
            let (name, kind) = given.map_or(("", ""), |column| (column.name(), kind_of(column.type_info())));
            Ok((place, column(kind).ok_or_else(|| no_order(name, kind))?))
        };
        self.keys = places.into_iter().map(kind).collect::<Result<_, Error>>()?;
        self.readings = statement
            .columns()
            .iter()
            .map(|column| Reading::new(column.name(), kind_of(column.type_info()), is_one_bit(column.type_info())))
            .collect();
        Ok(self.keys.iter().map(|(_, column)| column.clone()).collect())
    }

    pub(super) async fn rows(&mut self, config: &SqlConfig, ask: &Ask, out: &Rows) -> Result<(), Error> {
        sqlx::raw_sql("START TRANSACTION READ ONLY").execute(&mut self.conn).await.map_err(failed)?;
        let Self { conn, sql, order, keys, readings, .. } = self;
        let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
        for number in order.iter() {
            let place = number.saturating_sub(1);
            query = match (ask.after.get(place), keys.get(place)) {
                (Some(value), Some((_, column))) => bound(query, value, column.kind),
                _ => query.bind(i64::from(ask.limit)),
            };
        }
        {
            let mut rows = query.fetch(&mut *conn);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                if out.send(read(&row, keys, readings, config)).await.is_err() {
                    return Err(Error::retry("nobody reads on"));
                }
            }
        }
        sqlx::raw_sql("COMMIT").execute(conn).await.map_err(failed)?;
        Ok(())
    }

    pub(super) async fn close(self) {
        drop(self.conn.close().await);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn failed(error: sqlx::Error) -> Error {
    from_sqlx(&error, Dialect::MySql)
}

type Asked<'q> = Query<'q, sqlx::MySql, MySqlArguments>;

fn bound<'q>(query: Asked<'q>, value: &str, kind: Kind) -> Asked<'q> {
    let time = matches!(kind, Kind::Instant | Kind::Local | Kind::Date).then(|| key::time(value, kind, None)).flatten();
    if let Some(time) = time {
        return query.bind(time);
    }
    if kind == Kind::Integer {
        if let Ok(number) = value.parse::<i64>() {
            return query.bind(number);
        }
        if let Ok(number) = value.parse::<u64>() {
            return query.bind(number);
        }
    }
    query.bind(value.to_owned())
}

fn read(row: &MySqlRow, keys: &[(usize, Column)], readings: &[Reading], config: &SqlConfig) -> Result<Row, Error> {
    let bytes = |place: usize| bytes(row, place);
    let mut text = String::from("{");
    for (place, reading) in readings.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&reading.name);
        text.push(':');
        match bytes(place)? {
            None => text.push_str("null"),
            Some(bytes) => {
                text.push_str(&fragment(reading.form, bytes, config.zone).ok_or_else(|| unreadable(reading))?);
            }
        }
    }
    text.push('}');
    let key = |(place, _): &(usize, Column)| {
        let reading = readings.get(*place).ok_or_else(|| Error::protocol("the query changed while it was read"))?;
        let bytes = bytes(*place)?.ok_or_else(|| null_key(&reading.name))?;
        key_text(reading.form, bytes).ok_or_else(|| unreadable(reading))
    };
    Ok(Row { text, key: keys.iter().map(key).collect::<Result<_, _>>()? })
}

/// The bytes of a value; `None` for NULL, but not for a date of zeros, which the library takes for NULL.
fn bytes(row: &MySqlRow, place: usize) -> Result<Option<&[u8]>, Error> {
    match row.try_get_unchecked::<&[u8], _>(place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(sqlx::Error::ColumnDecode { source, .. }) if source.is::<sqlx::error::UnexpectedNullError>() => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn unreadable(reading: &Reading) -> Error {
    Error::protocol(format!("the server sends something in column {} that is not of its type", reading.name))
}

/// The name of a type. One that compares its text byte by byte (a collation `…_bin`, as MariaDB's `json` has) is text
/// all the same.
fn kind_of(kind: &MySqlTypeInfo) -> &str {
    if <str as sqlx::Type<sqlx::MySql>>::compatible(kind) { "TEXT" } else { kind.name() }
}

/// `bit(1)` is how a boolean is written, and only the type's own text tells it from `bit(8)`.
fn is_one_bit(kind: &MySqlTypeInfo) -> bool {
    kind.name() == "BIT" && format!("{kind:?}").contains("max_size: Some(1)")
}

/// What a cursor column of this type holds; `None`: it is no order.
fn column(kind: &str) -> Option<Column> {
    let (kind, least) = match kind {
        "TIMESTAMP" => (Kind::Instant, "1970-01-01 00:00:01"),
        "DATETIME" => (Kind::Local, "0001-01-01 00:00:00"),
        "DATE" => (Kind::Date, "0001-01-01"),
        "TINYINT" | "BOOLEAN" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => (Kind::Integer, "-9223372036854775808"),
        "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED" => {
            (Kind::Integer, "-1")
        }
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" => (Kind::Other, ""),
        _ => return None,
    };
    Some(Column { kind, least })
}
