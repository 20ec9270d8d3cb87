//! The change feed: whoever follows it ends up with the views.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use petitiond::store::PgPool;
use serde_json::{Value, json};

use super::{House, Sent, at, rows, text};

/// A downstream system: it keeps the last number it saw and a copy of the views.
#[derive(Default)]
struct Mirror {
    seq: i64,
    /// Rows by view and by what makes a row itself.
    rows: BTreeMap<(&'static str, String), Value>,
}

/// The views that belong to one petition, and the columns that name a row.
const OF_PETITION: [(&str, &str); 6] = [
    ("petition", "petition_id"),
    ("filing", "source_id, record_id"),
    ("petitioner", "petition_id, position"),
    ("petitioner_identity", "petition_id, position"),
    ("event", "source_id, record_id, at, action, agency, to_agency, document_no"),
    ("field_origin", "petition_id, field"),
];
const ALIASES: [(&str, &str); 4] = [
    ("petition_alias", "petition_id"),
    ("case_alias", "case_id"),
    ("reception_alias", "reception_id"),
    ("person_alias", "person_id"),
];

/// The views that tell who somebody is, and the columns that name a row.
const OF_PERSON: [(&str, &str); 3] = [
    ("petitioner_record", "source_id, record_id, position"),
    ("petitioner", "petition_id, position"),
    ("petitioner_identity", "petition_id, position"),
];

impl Mirror {
    /// Reads what is new and applies it; how many changes there were.
    async fn follow(&mut self, pool: &PgPool, max: i32) -> usize {
        let changes = rows(pool, &format!("SELECT * FROM national_v1.changes({}, {max})", self.seq)).await;
        for change in &changes {
            let seq = change["seq"].as_i64().unwrap();
            assert_eq!(seq, self.seq + 1, "a gap in the feed");
            self.seq = seq;
            let id = text(&change["entity_id"]);
            match text(&change["entity"]) {
                "petition" => self.petition(pool, id).await,
                "reception" => self.reception(pool, id).await,
                "case" => self.case(pool, id).await,
                "person" => self.person(pool, id).await,
                "source_record" => self.records(pool, &format!("source_record_id = '{id}'")).await,
                other => panic!("{other} is no entity"),
            }
        }
        changes.len()
    }

    /// Puts the rows of a query in the place of those that were there.
    async fn replace(
        &mut self,
        pool: &PgPool,
        view: &'static str,
        key: &str,
        condition: &str,
        was: impl Fn(&Value) -> bool,
    ) {
        let query = format!("SELECT v.*, ROW({key})::text AS _key FROM national_v1.{view} v WHERE {condition}");
        let now = rows(pool, &query).await;
        self.rows.retain(|(of, _), row| *of != view || !was(row));
        for mut row in now {
            let key = row.as_object_mut().unwrap().remove("_key").unwrap();
            self.rows.insert((view, text(&key).to_owned()), row);
        }
    }

    async fn petition(&mut self, pool: &PgPool, id: &str) {
        for (view, key) in OF_PETITION {
            self.replace(pool, view, key, &format!("petition_id = '{id}'"), |row| row["petition_id"] == id).await;
        }
        self.aliases(pool, "petition_alias", "petition_id", id).await;
        self.records(pool, &format!("petition_id = '{id}'")).await;
    }

    async fn reception(&mut self, pool: &PgPool, id: &str) {
        self.replace(pool, "reception", "reception_id", &format!("reception_id = '{id}'"), |row| {
            row["reception_id"] == id
        })
        .await;
        self.aliases(pool, "reception_alias", "reception_id", id).await;
        self.records(pool, &format!("reception_id = '{id}'")).await;
    }

    async fn case(&mut self, pool: &PgPool, id: &str) {
        self.replace(pool, "case_file", "case_id", &format!("case_id = '{id}'"), |row| row["case_id"] == id).await;
        self.aliases(pool, "case_alias", "case_id", id).await;
    }

    async fn person(&mut self, pool: &PgPool, id: &str) {
        let is = |row: &Value| row["person_id"] == id;
        let records = |mirror: &Self| -> BTreeSet<(String, String)> {
            let rows = mirror.rows.iter().filter(|((of, _), row)| *of == "petitioner_record" && is(row));
            rows.map(|(_, row)| (text(&row["source_id"]).to_owned(), text(&row["record_id"]).to_owned())).collect()
        };
        let mut touched = records(self);
        for (view, key) in OF_PERSON {
            self.replace(pool, view, key, &format!("person_id = '{id}'"), is).await;
        }
        touched.extend(records(self));
        for (source, record) in touched {
            self.links(pool, &json!(source), &json!(record)).await;
        }
        self.aliases(pool, "person_alias", "person_id", id).await;
    }

    /// The aliases that an id is or has; of one that merged, those of the id that stays.
    async fn aliases(&mut self, pool: &PgPool, view: &'static str, kept: &str, id: &str) {
        let condition = format!(
            "v.{kept} IN (SELECT a.{kept} FROM national_v1.{view} a WHERE a.alias_id = '{id}' UNION SELECT '{id}'::uuid)"
        );
        self.replace(pool, view, "alias_id", &condition, |row| row[kept] == id || row["alias_id"] == id).await;
    }

    /// The records, and what hangs on a record: who stands behind it, its links.
    async fn records(&mut self, pool: &PgPool, condition: &str) {
        let query = format!("SELECT source_id, record_id FROM national_v1.source_record WHERE {condition}");
        for name in rows(pool, &query).await {
            let (source, record) = (name["source_id"].clone(), name["record_id"].clone());
            let is = format!("(source_id, record_id) = ('{}', '{}')", text(&source), text(&record));
            let was = |row: &Value| row["source_id"] == source && row["record_id"] == record;
            self.replace(pool, "source_record", "source_id, record_id", &is, was).await;
            self.replace(pool, "petitioner_record", "source_id, record_id, position", &is, was).await;
            self.links(pool, &source, &record).await;
        }
    }

    /// The links of a record.
    async fn links(&mut self, pool: &PgPool, source: &Value, record: &Value) {
        let ends = ["left", "right"]
            .map(|end| format!("({end}_source_id, {end}_record_id) = ('{}', '{}')", text(source), text(record)));
        let touches = |row: &Value| {
            ["left", "right"]
                .iter()
                .any(|end| row[format!("{end}_source_id")] == *source && row[format!("{end}_record_id")] == *record)
        };
        let key = "entity, relation, left_source_id, left_record_id, left_position, right_source_id, right_record_id, right_position";
        self.replace(pool, "link", key, &ends.join(" OR "), touches).await;
    }

    /// Compares the copy with the views themselves.
    async fn must_be_the_views(&self, pool: &PgPool) {
        let views = OF_PETITION.iter().chain(&ALIASES).map(|(view, _)| *view);
        for view in views.chain(["reception", "case_file", "source_record", "petitioner_record", "link"]) {
            let mut there: Vec<String> =
                rows(pool, &format!("SELECT * FROM national_v1.{view}")).await.iter().map(Value::to_string).collect();
            let mut here: Vec<String> =
                self.rows.iter().filter(|((of, _), _)| *of == view).map(|(_, row)| row.to_string()).collect();
            there.sort();
            here.sort();
            let only =
                |a: &[String], b: &[String]| a.iter().filter(|row| !b.contains(row)).cloned().collect::<Vec<_>>();
            assert_eq!(
                here,
                there,
                "{view}\nonly in the copy: {:#?}\nonly in the view: {:#?}",
                only(&here, &there),
                only(&there, &here)
            );
        }
    }
}

/// A petition of somebody with a number.
fn numbered(source: &'static str, id: &str, number: &str) -> Sent {
    let somebody = json!([{ "name": "Lê Thị Hạnh", "id_number": number }]);
    Sent::petition(source, id).with("petitioners", somebody).with("summary", format!("việc {id}"))
}

/// Everything that can happen to a record, one after the other.
fn life() -> Vec<Sent> {
    let secret = json!([{ "name": "Người Kín", "phone": "0911222333" }]);
    vec![
        Sent::petition("bxd", "1").with("summary", "một"),
        Sent::petition("bxd", "1").version(2).with("summary", "một"), // a new version that says the same
        Sent::petition("hanoi", "2").with("petitioners", secret),
        Sent::reception("bnv", "t"),
        Sent::petition("hanoi", "2").version(2).refers("transferred_from", at("bxd", "1")),
        Sent::petition("hcm", "3").refers("next_instance_of", at("hanoi", "2")).refers("reception_of", at("bnv", "t")),
        Sent::petition("hanoi", "2").version(3).with("confidential", true).refers("transferred_from", at("bxd", "1")),
        Sent::petition("hanoi", "2").version(4),
        Sent::bare("byt", "p").part("x").version(1).with("type", "complaint"),
        Sent::bare("byt", "p").part("y").version(1).with("kind", "petition").with("received_on", "2026-01-01"),
        Sent::bare("byt", "p").part("y").version(2).with("kind", "petition").with("received_on", "2026-01-01"),
        Sent::bare("byt", "p").part("y").version(3).with("kind", "?"),
        numbered("byt", "a", "036178001234"),
        numbered("hcm", "b", "036178001234").refers("next_instance_of", at("byt", "a")),
        numbered("bnv", "c", "036178009999"),
        // who had been taken for another
        numbered("hcm", "b", "036178009999").version(2).refers("next_instance_of", at("byt", "a")),
        numbered("bnv", "c", "036178001234").version(2),
        numbered("bnv", "c", "036178001234").version(3).with("confidential", true),
        numbered("bnv", "c", "036178001234").version(4),
        Sent::bare("byt", "a").version(2).deleted(),
        Sent::petition("byt", "u").pulled(1),
        Sent::petition("byt", "u").pulled(2),
        Sent::petition("byt", "u").pulled(3).with("summary", "khác"),
        Sent::bare("bxd", "1").version(3).deleted(),
        Sent::bare("bxd", "1").version(4).deleted(),
        Sent::reception("bxd", "1").version(5),
        Sent::bare("hcm", "3").version(2).deleted(),
        Sent::bare("hcm", "never").deleted(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_is_right_after_every_step() {
    let house = House::open().await;
    let mut mirror = Mirror::default();
    for (step, sent) in life().into_iter().enumerate() {
        house.store(&[sent]).await;
        mirror.follow(&house.pool, 1000).await;
        eprintln!("step {step}");
        mirror.must_be_the_views(&house.pool).await;
    }
    assert_eq!(mirror.seq, house.head().await);
}

/// What one writer sends: its own records and some that all of them fight over.
fn work(writer: i64, round: i64) -> Vec<Sent> {
    let mut random = fastrand::Rng::with_seed((writer * 1000 + round).unsigned_abs());
    let own = format!("{writer}-{}", random.u8(0..4));
    let (source, other) = (super::SOURCES[random.usize(..5)].0, super::SOURCES[random.usize(..5)].0);
    let shared = format!("s{}", random.u8(0..6));
    let version = round + 1;
    let mut list = vec![Sent::petition(source, &own).version(version).with("summary", format!("{round}"))];
    list.push(match random.u8(0..6) {
        0 => Sent::bare(other, &shared).version(version * 10 + writer).deleted(),
        1 => Sent::reception(other, &shared).version(version * 10 + writer),
        2 => Sent::petition(other, &shared).version(version * 10 + writer).with("type", "denunciation"),
        3 => Sent::petition(other, &shared).version(version * 10 + writer).refers("transferred_from", at(source, &own)),
        4 => Sent::petition(other, &shared).version(version * 10 + writer).refers("next_instance_of", at("bxd", "s1")),
        _ => Sent::petition(other, &shared).version(version * 10 + writer).refers("repeat_of", at("byt", "s2")),
    });
    if random.u8(0..4) == 0 {
        list.push(Sent::petition(source, &format!("bad-{own}")).version(version).with("summary", "refuse me"));
    }
    list
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_and_a_reader_that_misses_nothing() {
    let house = House::open().await;
    house.execute("ALTER TABLE petitiond.petition ADD CONSTRAINT refused CHECK (summary <> 'refuse me')").await;
    let done = Arc::new(AtomicBool::new(false));
    let (reader_pool, ended) = (house.database.pool().await, Arc::clone(&done));
    let reader = tokio::spawn(async move {
        let mut mirror = Mirror::default();
        loop {
            // asked before looking: what was committed until then is in what follows
            let last = ended.load(Ordering::SeqCst);
            if mirror.follow(&reader_pool, 7).await == 0 && last {
                return mirror;
            }
            tokio::task::yield_now().await;
        }
    });
    let pool = house.database.pool().await;
    let writers = (0..8).map(|writer| {
        let desk = petitiond::pipeline::batch::Desk { pool: pool.clone(), ..house.desk.clone() };
        tokio::spawn(async move {
            for round in 0..12 {
                let (desk, list) = (desk.clone(), work(writer, round));
                if (writer + round) % 5 == 0 {
                    // dies somewhere on the way; what it did is undone, or was committed
                    let doomed = tokio::spawn(async move { super::store(&desk, &list).await });
                    tokio::time::sleep(std::time::Duration::from_millis((writer * 3).unsigned_abs())).await;
                    doomed.abort();
                    doomed.await.ok();
                } else {
                    super::store(&desk, &list).await;
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    // an aborted task's connection may still be rolling back
    house.store(&[Sent::petition("bxd", "last")]).await;
    done.store(true, Ordering::SeqCst);
    let mirror = reader.await.unwrap();
    let seqs = house.rows("SELECT seq FROM national_v1.change ORDER BY seq").await;
    assert!(seqs.iter().enumerate().all(|(index, row)| row["seq"] == json!(index + 1)), "dense from 1");
    assert_eq!((mirror.seq, seqs.len()), (house.head().await, usize::try_from(mirror.seq).unwrap()));
    assert!(mirror.seq > 100);
    mirror.must_be_the_views(&house.pool).await;
    let mut replayed = Mirror::default();
    while replayed.follow(&house.pool, 1000).await > 0 {}
    replayed.must_be_the_views(&house.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_of_an_id_only_grow_and_nothing_follows_its_end() {
    let house = House::open().await;
    for sent in life() {
        house.store(&[sent]).await;
    }
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    let mut ended = BTreeSet::new();
    for change in house.rows("SELECT * FROM national_v1.change WHERE entity <> 'source_record' ORDER BY seq").await {
        let (id, revision) = (text(&change["entity_id"]).to_owned(), change["revision"].as_i64().unwrap());
        assert!(!ended.contains(&id), "{id} lives on after its end");
        let before = last.insert(id.clone(), revision);
        assert_eq!(revision, before.unwrap_or(0) + 1, "{change}");
        assert_eq!(text(&change["op"]) == "insert", before.is_none(), "{change}");
        if matches!(text(&change["op"]), "delete" | "merge") {
            ended.insert(id);
        }
    }
    assert!(!ended.is_empty());
}

/// A reader that is far behind reads on in the index; it does not sort all that it has not read yet for the next thousand.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_far_behind_reads_no_more_than_it_asks_for() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO petitiond.change (seq, at, entity, entity_id, op, revision, readers)
             SELECT n, now(), 'petition', gen_random_uuid(), 'insert', 1, ARRAY['H' || n % 63] FROM generate_series(1, 20000) n;
             ANALYZE petitiond.change",
        )
        .await;
    let query =
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM national_v1.change WHERE seq > 100 ORDER BY seq LIMIT 100";
    let plan: Value = sqlx::query_scalar(query).fetch_one(&house.pool).await.unwrap();
    let told = plan.to_string();
    assert!(told.contains("change_pkey") && !told.contains("\"Sort\""), "{told}");
    assert_eq!(plan[0]["Plan"]["Plans"][0]["Actual Rows"], json!(100), "{told}");
}
