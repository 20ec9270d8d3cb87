//! An agency's own database, PostgreSQL and MariaDB: whatever happens on the way, what is read is what is there.
//!
//! Owns: a source's configuration for a test, and one pull of it to its end. Must not know: how a page is asked for.
//! To add a fault: a test in `fault.rs` over both makes, which ends with the stored set equal to the served one.

mod daemon;
mod fault;
mod keyset;
mod steering;
mod value;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use petitiond::dial::Tls;
use petitiond::secret::Secret;
use petitiond::sources::Limits;
use petitiond::sources::cursor::Cursor;
use petitiond::sources::sql::{Client, Dialect, Error, Mode, Overlap, Query, SqlConfig};
use serde_json::Value;

use crate::support::table::{AgencyDatabase, Make};

const KEYSET: &str =
    "SELECT ma, cap_nhat, ngay, noi_dung FROM don WHERE (cap_nhat, ma) > ($1, $2) ORDER BY cap_nhat, ma LIMIT $3";

fn dialect(make: Make) -> Dialect {
    match make {
        Make::Postgres => Dialect::Postgres,
        Make::MariaDb => Dialect::MySql,
    }
}

fn config(url: &str, make: Make, query: &str, cursor: &[&str]) -> SqlConfig {
    SqlConfig {
        url: Secret::from(url),
        dialect: dialect(make),
        query: Query::parse(query, dialect(make)).expect("a query"),
        cursor: cursor.iter().map(ToString::to_string).collect(),
        page_size: 10,
        timeout: Duration::from_secs(20),
        zone: None,
        tls: Tls::default(),
        mode: if cursor.is_empty() {
            Mode::Full
        } else {
            Mode::Incremental { overlap: Overlap::default(), start: None }
        },
    }
}

fn keyset(database: &AgencyDatabase) -> SqlConfig {
    config(database.url(), database.make, KEYSET, &["cap_nhat", "ma"])
}

fn client(config: &SqlConfig) -> Client {
    Client::new(config, &Limits::default()).expect("a client")
}

#[expect(clippy::disallowed_methods, reason = "a test of the clocks of real servers")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// One pull to its end, or to its error; the newest cursor that a caller would have saved, and the pages.
struct Pulled {
    records: Vec<Value>,
    cursor: Option<Cursor>,
    pages: usize,
    error: Option<Error>,
}

async fn pull(client: &Client, cursor: Option<Cursor>) -> Pulled {
    let mut pull = client.pull(cursor.clone(), now());
    let mut pulled = Pulled { records: Vec::new(), cursor, pages: 0, error: None };
    loop {
        match pull.next_page().await {
            Ok(Some(page)) => {
                pulled.pages += 1;
                let record = |raw: &petitiond::domain::RawRecord| serde_json::from_str(raw.0.get()).expect("JSON");
                pulled.records.extend(page.records.iter().map(record));
                pulled.cursor = page.checkpoint.or(pulled.cursor);
            }
            Ok(None) => break,
            Err(error) => {
                pulled.error = Some(error);
                break;
            }
        }
    }
    pulled.cursor = pull.finish().cursor.or(pulled.cursor);
    pulled
}

/// The same, and it must end well.
async fn whole(client: &Client, cursor: Option<Cursor>) -> Pulled {
    let pulled = pull(client, cursor).await;
    assert_eq!(pulled.error, None);
    pulled
}

fn ids(records: &[Value]) -> BTreeSet<String> {
    records.iter().map(|record| record["ma"].as_str().expect("an id").to_owned()).collect()
}

fn expected(ids: impl IntoIterator<Item = impl ToString>) -> BTreeSet<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
