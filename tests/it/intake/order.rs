//! Order does not matter: the same messages in any order, repeated, cut into any batches, through any number of
//! writers, leave the same records and the same groups.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use super::matching::tells_of;
use super::{House, Sent, at};

/// Cases in the default run; `PETITIOND_ORDER_CASES` asks for more.
const CASES: u32 = 10;

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for in the environment")]
pub(super) fn cases() -> u32 {
    std::env::var("PETITIOND_ORDER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES)
}

/// Sources with versions of their own, and one whose pulls order its records.
const VERSIONED: [&str; 3] = ["bxd", "hanoi", "hcm"];
const UNVERSIONED: &str = "byt";

fn name() -> impl Strategy<Value = (&'static str, String)> {
    let source = prop_oneof![3 => proptest::sample::select(&VERSIONED[..]), 1 => Just(UNVERSIONED)];
    (source, 0..4u8).prop_map(|(source, number)| (source, format!("r{number}")))
}

fn reference() -> impl Strategy<Value = (&'static str, Value)> {
    let relation = proptest::sample::select(vec![
        "transferred_from",
        "transferred_to",
        "repeat_of",
        "next_instance_of",
        "recast_of",
        "reception_of",
    ]);
    let by_record = name().prop_map(|(source, record)| at(source, &record));
    let by_agency = (proptest::sample::select(vec!["G17", "G18", "H26"]), 0..4u8)
        .prop_map(|(agency, number)| json!({ "agency": agency, "record_id": format!("r{number}") }));
    let by_letter = (proptest::sample::select(vec!["G17", "H26"]), 1..3u8)
        .prop_map(|(agency, number)| json!({ "agency": agency, "document_no": format!("{number}/PC"), "document_on": "2026-02-01" }));
    (relation, prop_oneof![4 => by_record, 2 => by_agency, 1 => by_letter])
}

/// Nobody, somebody of whom hardly anything is told, two who share a name, and one of them as clerks write her.
fn people(who: u8, variant: u8) -> Option<Value> {
    let hoa = json!({ "name": "Nguyễn Thị Hoa", "id_number": "036178001234", "phone": "0912604837" });
    let other = json!({ "name": "Nguyễn Thị Hoa", "id_number": "036178009999", "birth_date": "1978-05-12" });
    Some(match who {
        0..=3 => return None,
        4 => json!([{ "name": format!("Người {variant}"), "gender": "female" }]),
        5 => json!([hoa]),
        6 => json!([{ "name": "NGUYEN THI HOA", "id_number": "036178001234" }]),
        7 => json!([{ "name": "Nguyễn Thị Hoa", "birth_date": "1978-05-12", "phone": "0912604837" }]),
        8 => json!([{ "name": "Nguyễn T Hoa", "id_number": "162407395", "birth_date": "1978-05-12" }]),
        9 => json!([other]),
        10 => json!([hoa, { "name": "Phạm Văn Đạt", "id_number": "036065000001" }]),
        _ => json!([{ "name": "Phạm Văn Đạt", "id_number": "036065000001" }, other]),
    })
}

fn sent() -> impl Strategy<Value = Sent> {
    // records of which some versions lack what a record must have, and which never come in parts: there, such a version is a part
    let gap = 1..25u8;
    let parts = prop_oneof![5 => Just("whole"), 1 => Just("intake"), 1 => Just("result")];
    let kinds = prop_oneof![6 => Just("petition"), 1 => Just("reception")];
    let types = prop_oneof![8 => Just("complaint"), 2 => Just("denunciation"), 1 => Just("??")];
    let content = (kinds, types, 0..3u8, proptest::collection::vec(reference(), 0..2), 0..12u8, 0..12u8);
    (name(), 1..5i64, parts, content, gap).prop_map(|((source, record), version, part, (kind, of_type, variant, references, person, what), gap)| {
        let (record, part) = if gap < 6 { (format!("g{record}"), "whole") } else { (record, part) };
        let order = |sent: Sent| if source == UNVERSIONED { sent.pulled(version) } else { sent.version(version) };
        if what == 0 {
            return order(Sent::bare(source, &record).part(part).deleted());
        }
        let mut sent = Sent::bare(source, &record).part(part).with("kind", kind).with("summary", format!("nội dung {variant}"));
        if part != "result" {
            sent = sent.with("type", of_type).with("received_on", format!("2026-01-{:02}", 10 + variant));
        }
        if gap < 3 {
            sent = sent.with("received_on", "hôm nọ");
        }
        if what == 1 {
            sent = sent.with("confidential", true);
        }
        if what == 2 {
            sent = sent.with("agency", "G18");
        }
        if let Some(people) = people(person, variant) {
            sent = sent.with("petitioners", people);
        }
        // what nobody refers to and matches all the same
        if (3..7).contains(&what) {
            sent = tells_of(sent, what < 5, person % 2 == 0);
        }
        if variant == 2 {
            let event = json!([{ "action": "transferred", "at": "2026-02-01T09:00:00+07:00", "to_agency": "H26", "document_no": "1/PC" }]);
            sent = sent.with("events", event).with("stage", "transferred");
        }
        order(references.into_iter().fold(sent, |sent, (relation, to)| sent.refers(relation, to)))
    })
}

/// Messages of several sources: petitions and receptions, versions, parts, tombstones, sealed ones, references.
pub(super) fn history() -> impl Strategy<Value = Vec<Sent>> {
    proptest::collection::vec(sent(), 30..45)
}

/// The messages of one case, and another way in which they may come: order, repeats, cuts between batches.
fn case() -> impl Strategy<Value = (Vec<Sent>, Vec<Sent>, Vec<usize>)> {
    history()
        .prop_flat_map(|list| {
            let indices: Vec<usize> = (0..list.len()).collect();
            let again = proptest::sample::subsequence(indices.clone(), 0..8);
            let cuts = proptest::collection::vec(1..9usize, 50);
            (Just(list), again, cuts).prop_flat_map(move |(list, again, cuts)| {
                let mut other = indices.clone();
                other.extend(again);
                (Just(list), Just(other).prop_shuffle(), Just(cuts))
            })
        })
        .prop_map(|(list, order, cuts)| {
            let other = order.iter().map(|index| list[*index].clone()).collect();
            (list, other, cuts)
        })
}

/// Everything that must not depend on the way: without clocks, and with each id replaced by its smallest record.
const STATE: &[&str] = &[
    "SELECT source_id, record_id, kind, versioned, version_ordinal, version_tie, content_hash, agency, received_on, deleted, incomplete,
            is_sealed, relation, document_no, matched_by, quality_flags, part_count, said_ordinal, said_tie, said_hash, says_sealed
     FROM petitiond.source_record ORDER BY 1, 2",
    "SELECT source_id, record_id, part, version_ordinal, version_tie, content_hash, deleted, said_ordinal, said_tie, said_hash FROM petitiond.record_part ORDER BY 1, 2, 3",
    "SELECT kind, array_agg(source_id || '/' || record_id ORDER BY source_id, record_id) FROM petitiond.source_record WHERE entity_id IS NOT NULL
     GROUP BY entity_id, kind ORDER BY 2",
    "SELECT array_agg(source_id || '/' || record_id ORDER BY source_id, record_id) FROM petitiond.source_record WHERE case_id IS NOT NULL
     GROUP BY case_id ORDER BY 1",
    "SELECT n.name, to_jsonb(p) - '{petition_id,case_id,first_seen_at,updated_at,revision}'::text[] AS petition
     FROM national_v1.petition p JOIN names n ON n.entity_id = p.petition_id ORDER BY 1",
    "SELECT n.name, m.name AS petition, to_jsonb(r) - '{reception_id,petition_id,case_id,updated_at,revision}'::text[] AS reception
     FROM national_v1.reception r JOIN names n ON n.entity_id = r.reception_id LEFT JOIN names m ON m.entity_id = r.petition_id ORDER BY 1",
    "SELECT n.name, to_jsonb(c) - '{case_id,updated_at,revision}'::text[] AS case_file
     FROM national_v1.case_file c JOIN case_names n USING (case_id) ORDER BY 1",
    "SELECT n.name, f.field, f.source_id, f.record_id FROM national_v1.field_origin f JOIN names n ON n.entity_id = f.petition_id ORDER BY 1, 2",
    "SELECT n.name, p.position, p.gender, p.is_sealed, i.full_name FROM national_v1.petitioner p JOIN names n ON n.entity_id = p.petition_id
     LEFT JOIN national_v1.petitioner_identity i USING (petition_id, position) ORDER BY 1, 2",
    "SELECT * FROM petitiond.link ORDER BY left_source_id, left_record_id, left_position, right_source_id, right_record_id, right_position,
            entity, relation",
    "SELECT * FROM petitiond.link_key ORDER BY key, role, source, record",
    "SELECT * FROM petitiond.node_key ORDER BY 1, 2",
    "SELECT * FROM petitiond.edge ORDER BY 1, 2",
    "SELECT source_id, record_id, position, is_representative, is_sealed, gender, birth_year, province_code, commune_code,
            person_id IS NULL AS is_nobody
     FROM petitiond.petitioner ORDER BY 1, 2, 3",
    "SELECT array_agg(source_id || '/' || record_id || '/' || position ORDER BY source_id, record_id, position) AS person
     FROM petitiond.petitioner WHERE person_id IS NOT NULL GROUP BY person_id ORDER BY 1",
    "SELECT * FROM petitiond.petitioner_identity ORDER BY 1, 2, 3",
    "SELECT * FROM petitiond.event ORDER BY 1, 2, 3",
    "SELECT source_id, payload_hash, reason FROM petitiond.quarantine WHERE reason <> 'not_storable' ORDER BY 1, 2",
];

pub(super) async fn state(house: &House) -> Vec<(&'static str, Vec<Value>)> {
    let mut state = Vec::new();
    for query in STATE {
        state.push((*query, house.rows(query).await));
    }
    state
}

pub(super) async fn prepare(house: &House) {
    house
        .execute(
            "CREATE VIEW names AS SELECT entity_id, min(source_id || '/' || record_id) AS name FROM petitiond.source_record
                 WHERE entity_id IS NOT NULL GROUP BY entity_id;
             CREATE VIEW case_names AS SELECT case_id, min(source_id || '/' || record_id) AS name FROM petitiond.source_record
                 WHERE case_id IS NOT NULL GROUP BY case_id",
        )
        .await;
}

/// Takes away everything but what people decided.
pub(super) async fn empty(house: &House) {
    house
        .execute(
            "DO $$ DECLARE t text; BEGIN
                 FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'petitiond' AND tablename NOT IN ('source', 'feed_head', 'pull', 'decision')
                 LOOP EXECUTE format('DELETE FROM petitiond.%I', t); END LOOP;
             END $$;
             UPDATE petitiond.feed_head SET seq = 0",
        )
        .await;
}

/// No id is on two things, none is lost, and what counts agrees with what is there.
pub(super) async fn must_be_consistent(house: &House) -> Result<(), TestCaseError> {
    for (what, query) in [
        (
            "an alias is alive",
            "SELECT count(*) FROM petitiond.entity_alias a JOIN petitiond.petition p ON p.petition_id = a.alias_id",
        ),
        (
            "a petition without records",
            "SELECT count(*) FROM petitiond.petition p WHERE NOT EXISTS (SELECT FROM petitiond.source_record s WHERE s.entity_id = p.petition_id)",
        ),
        (
            "a record without its petition",
            "SELECT count(*) FROM petitiond.source_record s WHERE s.kind = 'petition' AND s.entity_id IS NOT NULL AND NOT EXISTS (SELECT FROM petitiond.petition p WHERE p.petition_id = s.entity_id AND p.case_id = s.case_id)",
        ),
        (
            "a record without its reception",
            "SELECT count(*) FROM petitiond.source_record s WHERE s.kind = 'reception' AND s.entity_id IS NOT NULL AND NOT EXISTS (SELECT FROM petitiond.reception r WHERE r.reception_id = s.entity_id AND r.case_id = s.case_id)",
        ),
        (
            "a case without content",
            "SELECT count(*) FROM petitiond.case_file c WHERE NOT EXISTS (SELECT FROM petitiond.source_record s WHERE s.case_id = c.case_id)",
        ),
        (
            "a case that miscounts",
            "SELECT count(*) FROM petitiond.case_file c WHERE petition_count <> (SELECT count(*) FROM petitiond.petition p WHERE p.case_id = c.case_id)",
        ),
        (
            "something beside what is sealed",
            "SELECT count(*) FROM (SELECT case_id FROM petitiond.source_record WHERE case_id IS NOT NULL GROUP BY case_id HAVING bool_or(is_sealed) AND count(DISTINCT entity_id) > 1) x",
        ),
        (
            "not one original",
            "SELECT count(*) FROM (SELECT entity_id FROM petitiond.source_record WHERE kind = 'petition' AND entity_id IS NOT NULL GROUP BY 1 HAVING count(*) FILTER (WHERE relation = 'original') <> 1) x",
        ),
        (
            "an alias of a person is alive",
            "SELECT count(*) FROM petitiond.entity_alias a JOIN petitiond.person p ON p.person_id = a.alias_id AND p.founding IS NOT NULL",
        ),
        (
            "a person whom no petitioner is",
            "SELECT count(*) FROM petitiond.person p WHERE p.founding IS NOT NULL AND NOT EXISTS (SELECT FROM petitiond.petitioner r WHERE r.person_id = p.person_id)",
        ),
        (
            "a petitioner who is no person",
            "SELECT count(*) FROM petitiond.petitioner r WHERE r.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM petitiond.person p WHERE p.person_id = r.person_id AND p.founding IS NOT NULL)",
        ),
        (
            "a case that miscounts people",
            "SELECT count(*) FROM petitiond.case_file c WHERE person_count <>
             (SELECT coalesce(sum(petitioner_count), 0) FROM petitiond.petition p WHERE p.case_id = c.case_id) - petitiond.people_twice(c.case_id)",
        ),
        (
            "an alias that leads to an alias",
            "SELECT count(*) FROM petitiond.entity_alias a JOIN petitiond.entity_alias b ON b.entity = a.entity AND b.alias_id = a.kept_id",
        ),
    ] {
        prop_assert_eq!(house.count(query).await, 0, "{}", what);
    }
    Ok(())
}

pub(super) fn compare(
    wanted: &[(&str, Vec<Value>)],
    found: &[(&str, Vec<Value>)],
    way: &str,
) -> Result<(), TestCaseError> {
    for ((query, wanted), (_, found)) in wanted.iter().zip(found) {
        let only = |a: &[Value], b: &[Value]| {
            a.iter().filter(|row| !b.contains(row)).map(Value::to_string).collect::<Vec<_>>()
        };
        prop_assert!(
            wanted == found,
            "{}: {}\nfirst: {:#?}\nthen: {:#?}",
            way,
            query,
            only(wanted, found),
            only(found, wanted)
        );
    }
    Ok(())
}

/// One case: in the order given through one writer; shuffled and cut through one; shuffled and cut through three at once.
async fn check(house: &House, list: &[Sent], other: &[Sent], cuts: &[usize]) -> Result<(), TestCaseError> {
    empty(house).await;
    house.store_each(list).await;
    must_be_consistent(house).await?;
    let wanted = state(house).await;

    let mut batches: Vec<Vec<Sent>> = Vec::new();
    let mut rest = other;
    for cut in cuts {
        let (batch, after) = rest.split_at(rest.len().min(*cut));
        batches.push(batch.to_vec());
        rest = after;
    }
    batches.retain(|batch| !batch.is_empty());
    empty(house).await;
    for batch in &batches {
        house.store(batch).await;
    }
    must_be_consistent(house).await?;
    compare(&wanted, &state(house).await, "through one writer")?;

    empty(house).await;
    let mut tasks = Vec::new();
    for writer in 0..3 {
        let desk = house.other_desk().await;
        let own: Vec<Vec<Sent>> = batches.iter().skip(writer).step_by(3).cloned().collect();
        tasks.push(tokio::spawn(async move {
            for batch in own {
                super::store(&desk, &batch).await;
            }
            desk.pool.close().await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    must_be_consistent(house).await?;
    compare(&wanted, &state(house).await, "through three writers")
}

#[test]
fn any_order_and_any_number_of_writers_give_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    let house = runtime.block_on(async {
        let house = House::open().await;
        prepare(&house).await;
        house
    });
    let config = Config { cases: cases(), max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config)
        .run(&case(), |(list, other, cuts)| runtime.block_on(check(&house, &list, &other, &cuts)));
    if let Err(error) = result {
        panic!("{error}");
    }
}
