//! From decoded records to committed rows: what `pipeline::batch` promises, against a real database.
//!
//! Owns: a desk on a database of its own ([`House`]), a builder of records ([`Sent`]), and ways to look at what is
//! stored. Must not know queues and sources: records come in as they leave the decoder.
//! To add a behaviour: a file here; what holds for every order of arrival belongs in `order`.

mod attack;
mod basic;
mod feed;
mod matching;
mod order;
mod part;
mod person;
mod quality;
mod reader;
mod rebuild;
mod reference;
mod review;
mod schema;
mod seal;
mod silence;

use std::sync::Arc;

use petitiond::clock::Clock;
use petitiond::domain::{ParsedRecord, SourceId, WHOLE};
use petitiond::pipeline::arrival::{Arrival, Order, Origin};
use petitiond::pipeline::batch::{self, Batch, Desk, MessageName, Written};
use petitiond::seal::KeyRing;
use petitiond::store::PgPool;
use petitiond::store::source::{Registration, register};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{Scratch, TestDatabase};

/// The sources of the tests and the agency each belongs to.
const SOURCES: [(&str, &str); 6] =
    [("bxd", "G17"), ("byt", "G18"), ("bnv", "G13"), ("hanoi", "H26"), ("hcm", "H29"), ("bxd-moi", "G17")];

/// One record as a source sends it.
#[derive(Debug, Clone)]
pub struct Sent {
    source: &'static str,
    record_id: String,
    version: Option<i64>,
    part: String,
    deleted: bool,
    at: i64,
    message: usize,
    fields: Map<String, Value>,
}

impl Sent {
    /// A record with nothing in it.
    pub fn bare(source: &'static str, record_id: &str) -> Self {
        Self {
            source,
            record_id: record_id.to_owned(),
            version: Some(1),
            part: WHOLE.to_owned(),
            deleted: false,
            at: 0,
            message: 0,
            fields: Map::new(),
        }
    }

    /// A complaint of one person, version 1.
    pub fn petition(source: &'static str, record_id: &str) -> Self {
        Self::bare(source, record_id)
            .with("kind", "petition")
            .with("type", "complaint")
            .with("received_on", "2026-03-02")
            .with("petitioners", json!([{ "name": "Trần Văn Mở", "birth_year": 1961 }]))
    }

    /// A turn of receiving citizens, version 1.
    pub fn reception(source: &'static str, record_id: &str) -> Self {
        Self::bare(source, record_id)
            .with("kind", "reception")
            .with("type", "complaint")
            .with("received_on", "2026-03-01")
            .with("reception", json!({ "mode": "regular", "result": "đã hướng dẫn" }))
    }

    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// One more reference.
    pub fn refers(mut self, relation: &str, to: Value) -> Self {
        let mut reference = to;
        reference["relation"] = json!(relation);
        let list = self.fields.entry("references").or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(reference);
        self
    }

    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// Without a version of its own, in the pull that began then.
    pub fn pulled(mut self, at: i64) -> Self {
        (self.version, self.at) = (None, at);
        self
    }

    pub fn part(mut self, part: &str) -> Self {
        part.clone_into(&mut self.part);
        self
    }

    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self
    }

    /// In another message of the batch.
    pub fn in_message(mut self, message: usize) -> Self {
        self.message = message;
        self
    }

    /// The interchange record.
    fn raw(&self) -> Value {
        let mut raw = self.fields.clone();
        raw.insert("record_id".to_owned(), json!(self.record_id));
        if let Some(version) = self.version {
            raw.insert("version".to_owned(), json!(version));
        }
        if self.part != WHOLE {
            raw.insert("part".to_owned(), json!(self.part));
        }
        if self.deleted {
            raw.insert("deleted".to_owned(), json!(true));
        }
        Value::Object(raw)
    }

    fn arrival(&self, ring: &KeyRing) -> Arrival {
        let agency = SOURCES.iter().find(|(source, _)| *source == self.source).expect("a source of the tests").1;
        let origin = Arc::new(Origin {
            source_id: SourceId::parse(self.source).unwrap(),
            agency: agency.to_owned(),
            ordered_by_pull: false,
        });
        let order = Arc::new(Order { at: self.at, tie: String::new(), packing: "interchange" });
        let parsed = ParsedRecord {
            record_id: self.record_id.clone(),
            version: self.version,
            part: self.part.clone(),
            deleted: self.deleted,
            fields: self.fields.clone(),
            findings: Vec::new(),
        };
        let raw = self.raw().to_string();
        Arrival::new(ring, &origin, self.message, &order, parsed, &raw)
    }
}

/// A desk with a database of its own.
pub struct House {
    pub database: TestDatabase,
    pub pool: PgPool,
    pub desk: Desk,
    _keys: Scratch,
}

impl House {
    pub async fn open() -> Self {
        let keys = Scratch::new();
        let ring = Arc::new(KeyRing::generate(&keys.path().join("key")).unwrap());
        let database = TestDatabase::create().await;
        let pool = database.pool().await;
        let desk = Desk { pool: pool.clone(), ring, clock: Clock::System };
        let registrations = SOURCES.map(|(source, agency)| Registration {
            source_id: source.to_owned(),
            name: source.to_owned(),
            tier: "ministry",
            agency: agency.to_owned(),
            kind: "http",
            enabled: true,
        });
        register(&mut pool.acquire().await.unwrap(), desk.clock.now(), &registrations).await.unwrap();
        Self { database, pool, desk, _keys: keys }
    }

    /// A desk of another process: the same keys, other connections.
    pub async fn other_desk(&self) -> Desk {
        Desk { pool: self.database.pool().await, ..self.desk.clone() }
    }

    /// Stores one batch.
    pub async fn store(&self, sent: &[Sent]) -> Written {
        store(&self.desk, sent).await
    }

    /// Stores each record in a batch of its own.
    pub async fn store_each(&self, sent: &[Sent]) {
        for one in sent {
            self.store(std::slice::from_ref(one)).await;
        }
    }

    /// The rows of a query, each as JSON.
    pub async fn rows(&self, query: &str) -> Vec<Value> {
        rows(&self.pool, query).await
    }

    /// The one row of a query.
    pub async fn row(&self, query: &str) -> Value {
        let mut rows = self.rows(query).await;
        assert_eq!(rows.len(), 1, "{query}: {rows:#?}");
        rows.remove(0)
    }

    /// One number.
    pub async fn count(&self, query: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&self.pool).await.unwrap_or_else(|e| panic!("{query}: {e}"))
    }

    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// The petition a record is of.
    pub async fn petition_of(&self, source: &str, record_id: &str) -> Value {
        let query = format!(
            "SELECT * FROM national_v1.source_record WHERE (source_id, record_id) = ('{source}', '{record_id}')"
        );
        self.row(&query).await["petition_id"].clone()
    }

    /// The case a record is of.
    pub async fn case_of(&self, source: &str, record_id: &str) -> Value {
        let query = format!(
            "SELECT * FROM national_v1.source_record WHERE (source_id, record_id) = ('{source}', '{record_id}')"
        );
        self.row(&query).await["case_id"].clone()
    }

    /// The feed from a number on, as `entity op`, without persons.
    pub async fn ops_after(&self, seq: i64) -> Vec<String> {
        self.ops(seq, "entity <> 'person'").await
    }

    /// The part of the feed from a number on that fulfils a condition, as `entity op`.
    pub async fn ops(&self, seq: i64, condition: &str) -> Vec<String> {
        let changes = self.rows(&format!("SELECT * FROM national_v1.changes({seq}, 100000) WHERE {condition}")).await;
        let mut ops: Vec<String> =
            changes.iter().map(|c| format!("{} {}", text(&c["entity"]), text(&c["op"]))).collect();
        ops.sort();
        ops
    }

    pub async fn head(&self) -> i64 {
        self.count("SELECT seq FROM petitiond.feed_head").await
    }

    /// Where every row lies and who wrote it, so that a row written anew shows even if it says the same; of all tables
    /// but those that count messages.
    pub async fn physical(&self) -> Vec<Value> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'petitiond' AND tablename NOT IN
                 ('source', 'source_hour', 'receipt')
             ORDER BY 1",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let mut all = Vec::new();
        for table in tables {
            let query = format!("SELECT '{table}' AS t, ctid::text, xmin::text FROM petitiond.{table} ORDER BY ctid");
            all.extend(self.rows(&query).await);
        }
        all
    }
}

pub async fn rows(pool: &PgPool, query: &str) -> Vec<Value> {
    let query = format!("SELECT to_jsonb(t) FROM ({query}) t");
    sqlx::query_scalar(AssertSqlSafe(query.as_str())).fetch_all(pool).await.unwrap_or_else(|e| panic!("{query}: {e}"))
}

pub async fn store(desk: &Desk, sent: &[Sent]) -> Written {
    batch::store(desk, Arc::new(batch_of(desk, sent)), batch::MOST).await.expect("a database that works")
}

pub fn batch_of(desk: &Desk, sent: &[Sent]) -> Batch {
    let source = |message| sent.iter().find(|sent| sent.message == message).map_or("bxd", |sent| sent.source);
    let messages = (0..=sent.iter().map(|sent| sent.message).max().unwrap_or(0))
        .map(|message| MessageName { source_id: source(message).to_owned(), message_id: format!("m{message}") })
        .collect();
    let arrivals = sent.iter().map(|sent| sent.arrival(&desk.ring)).collect();
    Batch { messages, arrivals, rejects: Vec::new(), is_again: false }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A reference by source and record.
pub fn at(source: &str, record_id: &str) -> Value {
    json!({ "source": source, "record_id": record_id })
}

/// Every order of so many things.
pub fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let places = |order: Vec<usize>| {
        let place = |place: usize| [&order[..place], &[last], &order[place..]].concat();
        (0..=order.len()).map(place).collect::<Vec<_>>()
    };
    orders(last).into_iter().flat_map(places).collect()
}
