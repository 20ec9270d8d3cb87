//! The public schema: its views and columns are a promise, its roles a fence.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::{House, text};

/// What the first version promised. Columns may be added; none may go or change its name or its type.
const PROMISED: &[(&str, &str)] = &[
    (
        "petition",
        "petition_id uuid, case_id uuid, type text, category text, summary text, received_on date, channel text, stage text,
         stage_at timestamptz, outcome text, receiving_agency text, responsible_agency text, against_agency text, decision_no text,
         decision_on date, province_code text, commune_code text, petitioner_count int4, is_mass bool, is_anonymous bool, is_sealed bool,
         deadline_on date, deadline_rule text, is_overdue bool, transfer_count int4, has_transfer_loop bool, source_count int4,
         quality_flags _text, first_seen_at timestamptz, updated_at timestamptz, revision int8",
    ),
    ("petition_alias", "alias_id uuid, petition_id uuid, since timestamptz"),
    ("person_alias", "alias_id uuid, person_id uuid, since timestamptz"),
    (
        "filing",
        "petition_id uuid, source_id text, record_id text, relation text, agency text, filed_on date, document_no text, matched_by text",
    ),
    (
        "reception",
        "reception_id uuid, case_id uuid, petition_id uuid, agency text, mode text, received_on date, at timestamptz, by_leader text,
         delegation_size int4, result text, province_code text, source_count int4, updated_at timestamptz, revision int8",
    ),
    (
        "case_file",
        "case_id uuid, opened_on date, last_activity_on date, petition_count int4, reception_count int4, person_count int4,
         agency_count int4, stage text, is_open bool, is_focus bool, updated_at timestamptz, revision int8",
    ),
    (
        "petitioner",
        "petition_id uuid, person_id uuid, position int2, is_representative bool, gender text, birth_year int4, province_code text,
         commune_code text, is_sealed bool",
    ),
    (
        "petitioner_identity",
        "petition_id uuid, person_id uuid, position int2, is_representative bool, gender text, birth_year int4, province_code text,
         commune_code text, full_name text, id_number_masked text, phone_masked text, address text",
    ),
    (
        "event",
        "petition_id uuid, at timestamptz, action text, agency text, to_agency text, document_no text, source_id text, record_id text",
    ),
    (
        "source_record",
        "source_id text, record_id text, kind text, version int8, content_hash bytea, agency text, received_on date, deleted bool,
         petition_id uuid, reception_id uuid, case_id uuid, quality_flags _text, first_seen_at timestamptz, changed_at timestamptz",
    ),
    ("petitioner_record", "source_id text, record_id text, position int2, person_id uuid"),
    ("field_origin", "petition_id uuid, field text, source_id text, record_id text"),
    (
        "link",
        "entity text, relation text, left_source_id text, left_record_id text, left_position int2, right_source_id text,
         right_record_id text, right_position int2, weight float8, probability float8, decided_by text, explanation jsonb",
    ),
    ("change", "seq int8, at timestamptz, entity text, entity_id uuid, op text, revision int8"),
    ("agency", "valid_from date, valid_to date"),
    ("admin_unit", "code text, valid_from date, valid_to date"),
    ("category", "code text, valid_from date, valid_to date"),
    ("deadline_rule", "valid_from date, valid_to date"),
    (
        "source_status",
        "source_id text, name text, tier text, enabled bool, paused bool, last_attempt_at timestamptz, last_success_at timestamptz,
         last_record_at timestamptz, cursor jsonb, backlog int8, records_stored int8, records_quarantined int8, consecutive_failures int4,
         last_error text",
    ),
    (
        "source_quality",
        "source_id text, day date, complete float8, valid float8, timely float8, unmapped float8, records int8, records_complete int8,
         records_valid int8, records_timely int8, records_unmapped int8, records_quarantined int8",
    ),
    ("quality_cause", "code text, severity text, aspect text, name text"),
];

/// Only for those who run the system.
const OPERATIONS: [&str; 1] = ["quarantine"];

async fn views(house: &House) -> BTreeMap<String, Vec<String>> {
    let columns = house
        .rows(
            "SELECT c.relname, a.attname || ' ' || t.typname AS col FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
             JOIN pg_type t ON t.oid = a.atttypid WHERE c.relnamespace = 'national_v1'::regnamespace ORDER BY c.relname, a.attnum",
        )
        .await;
    let mut views: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in columns {
        views.entry(text(&column["relname"]).to_owned()).or_default().push(text(&column["col"]).to_owned());
    }
    views
}

#[tokio::test(flavor = "multi_thread")]
async fn every_promised_column_is_there() {
    let house = House::open().await;
    let views = views(&house).await;
    for (view, promised) in PROMISED {
        let there = views.get(*view).unwrap_or_else(|| panic!("no view {view}"));
        for column in promised.split(',').map(|column| column.split_whitespace().collect::<Vec<_>>().join(" ")) {
            assert!(there.contains(&column), "{view} has no {column}: {there:?}");
        }
    }
    let others = house
        .count("SELECT count(*) FROM pg_class WHERE relnamespace = 'national_v1'::regnamespace AND relkind <> 'v'")
        .await;
    assert_eq!(others, 0, "views only");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_says_what_it_is() {
    let house = House::open().await;
    let silent = house
        .rows(
            "SELECT c.oid::regclass::text AS name FROM pg_class c
             WHERE c.relnamespace IN ('national_v1'::regnamespace, 'petitiond'::regnamespace) AND c.relkind IN ('v', 'r')
               AND obj_description(c.oid, 'pg_class') IS NULL",
        )
        .await;
    assert!(silent.is_empty(), "{silent:?}");
    let silent = house
        .rows(
            "SELECT c.oid::regclass || '.' || a.attname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relnamespace = 'national_v1'::regnamespace AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL",
        )
        .await;
    assert!(silent.is_empty(), "{silent:?}");
}

/// Whether a role may do something.
async fn may(house: &House, role: &str, sql: &str) -> bool {
    let mut transaction = house.pool.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("SET LOCAL ROLE {role}"))).execute(&mut *transaction).await.unwrap();
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await {
        Ok(_) => true,
        Err(error) => {
            let code = error.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned));
            assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_reads_what_it_is_for_and_nothing_else() {
    let house = House::open().await;
    for view in views(&house).await.keys() {
        let select = format!("SELECT * FROM national_v1.{view}");
        let is_identity = view == "petitioner_identity";
        let is_operations = OPERATIONS.contains(&view.as_str());
        assert_eq!(
            may(&house, "petition_reader", &select).await,
            !is_identity && !is_operations,
            "petition_reader {view}"
        );
        assert_eq!(may(&house, "petition_identity", &select).await, !is_operations, "petition_identity {view}");
        let for_operations =
            is_operations || matches!(view.as_str(), "source_status" | "source_quality" | "quality_cause" | "agency");
        assert_eq!(may(&house, "petition_ops", &select).await, for_operations, "petition_ops {view}");
    }
    let tables = house.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'petitiond'").await;
    assert!(tables.len() > 15);
    for role in ["petition_reader", "petition_identity", "petition_ops"] {
        for table in &tables {
            assert!(
                !may(&house, role, &format!("SELECT * FROM petitiond.{}", text(&table["name"]))).await,
                "{role} {table}"
            );
        }
        let feed = may(&house, role, "SELECT * FROM national_v1.changes(0, 10)").await;
        assert_eq!(feed, role != "petition_ops");
        for write in [
            "INSERT INTO national_v1.agency (code) VALUES ('x')",
            "DELETE FROM national_v1.change",
            "CREATE TABLE national_v1.x ()",
        ] {
            assert!(!may(&house, role, write).await, "{role}: {write}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_may_not_look_behind_a_view() {
    let house = House::open().await;
    // a function that leaks what it is given, called before the view's own conditions are applied
    house
        .execute(
            "CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
             BEGIN RAISE EXCEPTION 'leaked %', $1; END $$;
             GRANT EXECUTE ON FUNCTION public.leak TO petition_identity;
             INSERT INTO petitiond.petition (petition_id, case_id, received_on, stage, stage_at, receiving_agency, responsible_agency,
                 petitioner_count, is_anonymous, is_sealed, transfer_count, has_transfer_loop, source_count, quality_flags, petitioners_source,
                 petitioners_record, readers, founding_source, founding_record, digest, first_seen_at, updated_at, revision)
             VALUES (gen_random_uuid(), gen_random_uuid(), now(), 'received', now(), 'G17', 'G17', 1, false, true, 0, false, 1, '{}', 'bxd', '1',
                 '{}', 'bxd', '1', '', now(), now(), 1);
             INSERT INTO petitiond.petitioner (source_id, record_id, position, is_representative, is_sealed) VALUES ('bxd', '1', 0, false, true);
             INSERT INTO petitiond.petitioner_identity (source_id, record_id, position, full_name) VALUES ('bxd', '1', 0, 'Canary')",
        )
        .await;
    assert!(
        may(&house, "petition_identity", "SELECT * FROM national_v1.petitioner_identity WHERE public.leak(full_name)")
            .await
    );
}
