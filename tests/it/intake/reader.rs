//! Accounts bound to an agency: what they see, and what they try.

use std::collections::BTreeSet;

use petitiond::store::PgPool;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{House, Sent, at, rows, text};
use crate::support::Site;
use crate::support::database::{Login, execute, maintenance};

impl House {
    fn site(&self) -> Site {
        Site::new(self.database.url(), "amqp://nobody@127.0.0.1:1/")
    }

    /// An account that `reader grant` made, bound to an agency or not.
    async fn reader(&self, site: &Site, agency: Option<&str>, role: &str) -> (Login, PgPool) {
        let login = Login::new();
        let mut line = vec!["reader", "grant", login.name(), "--role", role];
        line.extend(agency.iter().flat_map(|agency| ["--agency", *agency]));
        let said = site.done(&line);
        let password = said.lines().last().unwrap().to_owned();
        let pool = self.connect(&login, &password).await.unwrap();
        (login, pool)
    }

    async fn connect(&self, login: &Login, password: &str) -> Result<PgPool, sqlx::Error> {
        let options: PgConnectOptions = self.database.url().parse().unwrap();
        let options = options.username(login.name()).password(password);
        PgPoolOptions::new().max_connections(1).connect_with(options).await
    }

    /// Which records a reader sees in a view, as `source/record`.
    async fn seen(&self, pool: &PgPool, view: &str) -> BTreeSet<String> {
        let name = |row: &Value| format!("{}/{}", text(&row["source_id"]), text(&row["record_id"]));
        rows(pool, &format!("SELECT source_id, record_id FROM national_v1.{view}")).await.iter().map(name).collect()
    }
}

fn against(sent: Sent, agency: &str) -> Sent {
    sent.with("against", json!({ "agency": agency }))
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What Hà Nội holds, what is against it, what is sealed, what is none of its business; the latter with secrets in it.
async fn furnish(house: &House) {
    let told = |sent: Sent, person: &str, secret: &str| {
        sent.with("summary", format!("{secret} không ai ở nơi khác được đọc {secret}"))
            .with("petitioners", json!([{ "name": person }]))
            .with("decision_no", format!("{}/QĐ-BÍ-MẬT", person.len()))
    };
    house
        .store(&[
            Sent::petition("hanoi", "own"),
            Sent::petition("hanoi", "own, beneath").with("agency", "H26.12"),
            // sent on by a ministry, which the city holds too
            Sent::petition("bxd", "sent on"),
            Sent::petition("hanoi", "sent on").refers("transferred_from", at("bxd", "sent on")),
            // against the city; one the city holds itself, one only the other side says so
            told(against(Sent::petition("bxd", "against"), "H26"), "Lê Thị Thu Ba", "đền bù đất vườn"),
            told(against(Sent::petition("hanoi", "against itself"), "H26.12"), "Phạm Gia", "lương hưu chậm"),
            told(against(Sent::petition("bxd", "said elsewhere"), "H26"), "Vũ Đức Tám", "cấp sổ hộ nghèo"),
            Sent::petition("hanoi", "said elsewhere").refers("transferred_from", at("bxd", "said elsewhere")),
            told(Sent::petition("hanoi", "sealed").with("type", "denunciation"), "Đỗ Quyên", "nhận tiền bến xe"),
            told(Sent::petition("byt", "none of theirs"), "Bùi Hoàng Yến", "viện phí trái tuyến"),
            // one case of two, one of which is against the city
            against(Sent::petition("bxd", "first instance"), "H26"),
            Sent::petition("hanoi", "next instance").refers("next_instance_of", at("bxd", "first instance")),
            Sent::reception("hanoi", "reception").refers("reception_of", at("bxd", "first instance")),
            Sent::reception("byt", "reception elsewhere"),
        ])
        .await;
}

const OWN: &[&str] = &["bxd/sent on", "hanoi/next instance", "hanoi/own", "hanoi/own, beneath", "hanoi/sent on"];

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_reader_sees_what_its_agency_holds_and_nothing_against_it() {
    let house = House::open().await;
    furnish(&house).await;
    let site = house.site();
    let (_login, bound) = house.reader(&site, Some("H26"), "identity").await;
    let (_other, whole) = house.reader(&site, None, "identity").await;

    for view in ["filing", "petitioner_record"] {
        let wanted: BTreeSet<String> = set(OWN);
        let seen: BTreeSet<String> =
            house.seen(&bound, view).await.into_iter().filter(|name| !name.ends_with("/reception")).collect();
        assert_eq!(seen, wanted, "{view}");
    }
    assert_eq!(house.seen(&bound, "source_record").await, &set(OWN) | &set(&["hanoi/reception"]));
    assert_eq!(house.seen(&whole, "source_record").await.len(), 14);
    let statuses = rows(&bound, "SELECT DISTINCT source_id FROM national_v1.source_status").await;
    assert_eq!(statuses, [json!({ "source_id": "hanoi" })]);
    let quality = rows(&bound, "SELECT DISTINCT source_id FROM national_v1.source_quality").await;
    assert_eq!(quality, [] as [Value; 0], "with what it sees, its counts would tell of what it does not see");
    let told = rows(&bound, "SELECT * FROM national_v1.source_status").await;
    for count in ["records_stored", "records_received", "last_record_at", "backlog", "reconciled_missing", "cursor"] {
        assert_eq!(told[0][count], Value::Null, "{count}");
    }

    // the case shows what is theirs, and not that there is more
    let case = rows(&bound, "SELECT c.* FROM national_v1.case_file c JOIN national_v1.petition p USING (case_id) JOIN national_v1.filing f USING (petition_id) WHERE f.record_id = 'next instance'").await;
    let [case] = case.as_slice() else { panic!("{case:?}") };
    let counts = ["petition_count", "reception_count", "person_count", "agency_count", "revision"].map(|of| &case[of]);
    assert_eq!(counts, [&json!(1), &json!(1), &json!(1), &json!(1), &Value::Null], "{case}");
    let all = rows(
        &whole,
        &format!("SELECT petition_count FROM national_v1.case_file WHERE case_id = '{}'", text(&case["case_id"])),
    )
    .await;
    assert_eq!(all, [json!({ "petition_count": 2 })]);
    let reception = rows(&bound, "SELECT petition_id FROM national_v1.reception").await;
    assert_eq!(reception, [json!({ "petition_id": null })], "it was about what they do not read");

    // whatever else they look at
    let hidden = house
        .rows(
            "SELECT DISTINCT s.entity_id::text AS id FROM petitiond.source_record s
             WHERE s.record_id IN ('against', 'against itself', 'said elsewhere', 'sealed', 'none of theirs', 'first instance', 'reception elsewhere')",
        )
        .await;
    assert_eq!(hidden.len(), 7);
    let views = house
        .rows("SELECT viewname AS name FROM pg_views WHERE schemaname = 'national_v1' AND viewname <> 'quarantine'")
        .await;
    assert!(views.len() > 20, "{views:?}");
    for view in &views {
        let query = format!("SELECT * FROM national_v1.{}", text(&view["name"]));
        let dump = json!(rows(&bound, &query).await).to_string();
        for secret in
            hidden.iter().map(|row| text(&row["id"])).chain(["không ai ở nơi khác", "BÍ-MẬT", "none of theirs"])
        {
            assert!(!dump.contains(secret), "{secret} in {}: {dump}", text(&view["name"]));
        }
    }
    // the ministry reads what it holds, whomever it is against
    let (_login, ministry) = house.reader(&site, Some("G17"), "reader").await;
    let seen = house.seen(&ministry, "filing").await;
    assert!(
        seen.contains("bxd/against") && seen.contains("hanoi/said elsewhere") && !seen.contains("hanoi/own"),
        "{seen:?}"
    );
    // a body beneath the city reads its own and not the city's
    let (_login, beneath) = house.reader(&site, Some("H26.12"), "reader").await;
    assert_eq!(house.seen(&beneath, "filing").await, set(&["hanoi/own, beneath"]));
}

/// Ways out that a login with SQL has; each with what it must get: an error code, or no row.
#[tokio::test(flavor = "multi_thread")]
async fn a_bound_reader_finds_no_way_out() {
    let house = House::open().await;
    furnish(&house).await;
    let site = house.site();
    let (login, bound) = house.reader(&site, Some("H26"), "reader").await;
    let own = rows(&bound, "SELECT * FROM national_v1.petition").await.len();
    let name = login.name();
    let denied = Some("42501");
    for (attempt, wanted) in [
        // other roles: those it has change nothing, others it does not get
        ("SET ROLE petition_reader".to_owned(), None),
        ("SET ROLE petition_identity".to_owned(), denied),
        ("SET ROLE petition_ops".to_owned(), denied),
        ("SET SESSION AUTHORIZATION petition_ops".to_owned(), denied),
        (format!("ALTER ROLE {name} CREATEROLE"), denied),
        (format!("GRANT petition_identity TO {name}"), denied),
        // tables, functions and sequences beneath the views
        ("SELECT * FROM petitiond.petition".to_owned(), denied),
        ("SELECT * FROM petitiond.source_record".to_owned(), denied),
        ("SELECT * FROM petitiond.reader".to_owned(), denied),
        ("SELECT * FROM petitiond.standing".to_owned(), denied),
        ("SELECT petitiond.people_twice('00000000-0000-0000-0000-000000000000')".to_owned(), denied),
        ("SELECT nextval('petitiond.archive_archive_id_seq')".to_owned(), denied),
        ("UPDATE petitiond.reader SET agency = NULL".to_owned(), denied),
        ("SELECT * FROM national_v1.petitioner_identity".to_owned(), denied),
        ("SELECT * FROM national_v1.quarantine".to_owned(), denied),
        ("SET default_transaction_read_only = off; DELETE FROM national_v1.petition".to_owned(), denied),
        ("CREATE OR REPLACE FUNCTION petitiond.scope() RETURNS text LANGUAGE sql AS 'SELECT NULL'".to_owned(), denied),
        ("CREATE FUNCTION national_v1.f() RETURNS text LANGUAGE sql AS 'SELECT NULL'".to_owned(), denied),
        ("COPY (SELECT 1) TO PROGRAM 'id'".to_owned(), denied),
        ("SELECT pg_read_file('/etc/passwd')".to_owned(), denied),
        ("SELECT * FROM pg_authid".to_owned(), denied),
        ("SELECT * FROM pg_statistic".to_owned(), denied),
        // names of its own before those of the views
        ("CREATE TEMP TABLE reader (name text, agency text); SET search_path = pg_temp, national_v1".to_owned(), None),
        ("SET row_security = off".to_owned(), None),
        ("SET statement_timeout = 0; SET enable_seqscan = off".to_owned(), None),
    ] {
        let mut transaction = bound.begin().await.unwrap();
        sqlx::raw_sql("SET TRANSACTION READ WRITE").execute(&mut *transaction).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(attempt.as_str())).execute(&mut *transaction).await;
        let code =
            done.err().and_then(|e| e.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned)));
        assert_eq!(code.as_deref(), wanted, "{attempt}");
        if wanted.is_none() {
            let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM national_v1.petition")
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
            assert_eq!(seen, own as i64, "{attempt}");
        }
        transaction.rollback().await.unwrap();
    }
    let statistics = rows(&bound, "SELECT * FROM pg_stats WHERE schemaname IN ('petitiond', 'national_v1')").await;
    assert!(statistics.is_empty(), "{statistics:?}");

    // a type of its own in the place of one that the scope is worked out with, whose checks would run as the owner
    let mut transaction = bound.begin().await.unwrap();
    sqlx::raw_sql(
        "SET TRANSACTION READ WRITE;
         CREATE FUNCTION pg_temp.check_it(told name) RETURNS boolean LANGUAGE plpgsql AS $$
         BEGIN
             IF current_user <> session_user THEN RAISE EXCEPTION 'running as %', current_user; END IF;
             RETURN true;
         END $$;
         GRANT EXECUTE ON FUNCTION pg_temp.check_it(name) TO PUBLIC;
         CREATE DOMAIN pg_temp.text AS pg_catalog.text;
         ALTER DOMAIN pg_temp.text ADD CHECK (pg_temp.check_it(VALUE::pg_catalog.name));
         CREATE DOMAIN pg_temp.regclass AS pg_catalog.regclass;
         CREATE DOMAIN pg_temp.name AS pg_catalog.name;
         CREATE FUNCTION pg_temp.pg_has_role(name, oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    )
    .execute(&mut *transaction)
    .await
    .unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM national_v1.petition")
        .fetch_one(&mut *transaction)
        .await
        .unwrap_or_else(|e| panic!("code of its own ran: {e}"));
    assert_eq!(seen, own as i64);
    transaction.rollback().await.unwrap();

    // a login that has the role and no row here, as one of another database of the server has it
    let stranger = Login::new();
    let made = format!("CREATE ROLE {0} LOGIN PASSWORD 'x' IN ROLE petition_reader", stranger.name());
    execute(&mut maintenance().await, made).await;
    let pool = house.connect(&stranger, "x").await.unwrap();
    assert_eq!(rows(&pool, "SELECT * FROM national_v1.petition").await, [] as [Value; 0]);
    assert_eq!(rows(&pool, "SELECT * FROM national_v1.change").await, [] as [Value; 0]);

    // a function of its own that tells of every row that it is given, as cheap as can be, and a cast that fails with the value
    let mut transaction = bound.begin().await.unwrap();
    sqlx::raw_sql(
        "SET TRANSACTION READ WRITE;
         CREATE FUNCTION pg_temp.tell(told text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
         BEGIN
             IF told LIKE '%không ai ở nơi khác%' THEN RAISE EXCEPTION 'told: %', told; END IF;
             RETURN true;
         END $$",
    )
    .execute(&mut *transaction)
    .await
    .unwrap();
    for query in [
        "SELECT count(*) FROM national_v1.petition WHERE pg_temp.tell(summary)",
        "SELECT count(*) FROM national_v1.petition WHERE summary IS NULL OR summary::int > 0",
        "SELECT count(*) FROM national_v1.petition p JOIN national_v1.case_file c USING (case_id) WHERE pg_temp.tell(p.summary)",
    ] {
        sqlx::raw_sql("SAVEPOINT s").execute(&mut *transaction).await.unwrap();
        let found = sqlx::query_scalar::<_, i64>(query).fetch_one(&mut *transaction).await;
        assert_eq!(found.unwrap_or_else(|e| panic!("{query}: {e}")), own as i64, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_reader_is_told_of_what_it_sees_and_of_what_it_sees_no_longer() {
    let house = House::open().await;
    let site = house.site();
    let (_login, city) = house.reader(&site, Some("H26"), "reader").await;
    let (_other, ministry) = house.reader(&site, Some("G18"), "reader").await;
    let told = async |pool: &PgPool| {
        let rows = rows(pool, "SELECT entity, op FROM national_v1.changes(0)").await;
        rows.iter().map(|row| format!("{} {}", text(&row["entity"]), text(&row["op"]))).collect::<Vec<_>>()
    };
    let sent = |version| Sent::petition("hanoi", "1").version(version).with("summary", format!("lần {version}"));
    house.store(&[sent(1), Sent::petition("hanoi", "kín").with("type", "denunciation")]).await;
    house.store(&[sent(2)]).await;
    assert_eq!(told(&city).await, ["petition insert", "petition update"]);
    // somebody says that it is against the city: it is told that this is gone, and nothing later
    house.store(&[against(sent(3), "H26")]).await;
    house.store(&[against(sent(4), "H26")]).await;
    assert_eq!(told(&city).await, ["petition insert", "petition update", "petition update"]);
    assert!(rows(&city, "SELECT * FROM national_v1.petition").await.is_empty());
    house.store(&[sent(5)]).await;
    assert_eq!(told(&city).await.len(), 4);
    house.store(&[Sent::bare("hanoi", "1").version(6).deleted()]).await;
    assert_eq!(told(&city).await.last().unwrap(), "petition delete");
    assert_eq!(told(&ministry).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_made_listed_changed_and_taken_away() {
    let house = House::open().await;
    let site = house.site();
    house.store(&[Sent::petition("hanoi", "1")]).await;
    let (login, pool) = house.reader(&site, Some("H26"), "reader").await;
    let petitions = "SELECT petition_id FROM national_v1.petition";
    assert_eq!(rows(&pool, petitions).await.len(), 1);
    let listed: Value = serde_json::from_str(&site.done(&["reader", "list", "--json"])).unwrap();
    let row = &listed[0];
    assert_eq!(
        ["name", "agency", "role", "state", "connections"].map(|of| row[of].clone()),
        [json!(login.name()), json!("H26"), json!("reader"), json!("active"), json!(1)]
    );
    assert!(site.done(&["reader", "list"]).contains(login.name()));

    // once more: another password, other rights
    let again =
        site.done(&["reader", "grant", login.name(), "--agency", "G17", "--role", "ops", "--expires", "2099-12-31"]);
    assert!(again.contains("2100-01-01 00:00:00 +07:00"), "{again}");
    assert!(sqlx::raw_sql(petitions).execute(&pool).await.is_err(), "ops reads no petitions");
    pool.close().await;
    let password = again.lines().last().unwrap();
    let pool = house.connect(&login, password).await.unwrap();
    let sources = rows(&pool, "SELECT source_id FROM national_v1.source_status ORDER BY 1").await;
    assert_eq!(sources, [json!({ "source_id": "bxd" }), json!({ "source_id": "bxd-moi" })]);
    assert!(house.connect(&login, "another").await.is_err());

    // the hour has come in an open session
    house.execute("UPDATE petitiond.reader SET expires_at = now() - interval '1 second'").await;
    assert!(rows(&pool, "SELECT source_id FROM national_v1.source_status").await.is_empty());
    assert!(site.done(&["reader", "list"]).contains("expired"));
    house.execute("UPDATE petitiond.reader SET expires_at = NULL").await;
    assert!(!rows(&pool, "SELECT source_id FROM national_v1.source_status").await.is_empty());

    assert!(site.done(&["reader", "revoke", login.name()]).contains("reads nothing"));
    assert!(sqlx::raw_sql("SELECT * FROM national_v1.source_status").execute(&pool).await.is_err());
    pool.close().await;
    assert!(house.connect(&login, password).await.is_err());
    assert!(site.fails(1, &["reader", "revoke", login.name()]).contains("reader list"));
    let listed: Value = serde_json::from_str(&site.done(&["reader", "list", "--json"])).unwrap();
    assert_eq!(listed[0]["state"], "revoked");

    // roles that are somebody else's, agencies that are none, days that are past
    let foreign = Login::new();
    execute(&mut maintenance().await, format!("CREATE ROLE {}", foreign.name())).await;
    assert!(site.fails(1, &["reader", "grant", foreign.name()]).contains("did not make"));
    assert!(site.fails(2, &["reader", "grant", "someone", "--agency", "Z99"]).contains("H26"));
    assert!(site.fails(1, &["reader", "grant", "someone", "--expires", "2020-01-01"]).contains("past"));
    assert!(site.fails(2, &["reader", "grant", "Bob; DROP ROLE x"]).contains("small letter"));
}
