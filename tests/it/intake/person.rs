//! Persons: who the petitioners of all records are, as records come, change and go.

use serde_json::{Value, json};

use super::{House, Sent, at, orders, text};

const HOA: &str = "036178001234";

/// A petition of one person about a matter of its own.
pub fn of(source: &'static str, id: &str, petitioner: &Value) -> Sent {
    Sent::petition(source, id).with("petitioners", json!([petitioner])).with("summary", format!("việc riêng {id}"))
}

pub fn hoa() -> Value {
    json!({ "name": "Nguyễn Thị Hoa", "id_number": HOA, "birth_date": "1978-05-12", "phone": "0912604837" })
}

/// As another clerk wrote her: the number, and the name without marks.
pub fn hoa_in_capitals() -> Value {
    json!({ "name": "NGUYEN THI HOA", "id_number": HOA })
}

/// By the number of her old card.
pub fn hoa_of_old() -> Value {
    json!({ "name": "Nguyễn Thị Hoa", "id_number": "162407395", "birth_date": "1978-05-12", "phone": "0912604837" })
}

/// Somebody else of her name.
pub fn another_hoa() -> Value {
    json!({ "name": "Nguyễn Thị Hoa", "id_number": "036178009999", "birth_date": "1978-05-12", "phone": "0912604837" })
}

impl House {
    /// The persons, each as the petitioners who are this person.
    pub async fn persons(&self) -> Vec<String> {
        let query = "SELECT string_agg(source_id || '/' || record_id || CASE position WHEN 0 THEN '' ELSE '#' || position END, ' '
                                       ORDER BY source_id, record_id, position) AS who
                     FROM national_v1.petitioner_record WHERE person_id IS NOT NULL GROUP BY person_id ORDER BY 1";
        self.rows(query).await.iter().map(|row| text(&row["who"]).to_owned()).collect()
    }

    async fn person_of(&self, source: &str, record_id: &str) -> Value {
        let query = format!(
            "SELECT person_id FROM national_v1.petitioner_record
             WHERE (source_id, record_id, position) = ('{source}', '{record_id}', 0)"
        );
        self.row(&query).await["person_id"].clone()
    }

    /// The changes of persons from a number on.
    async fn person_ops(&self, seq: i64) -> Vec<String> {
        let ops = self.ops(seq, "entity = 'person'").await;
        ops.iter().map(|op| op.trim_start_matches("person ").to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_at_three_agencies_is_one_whoever_comes_first() {
    let sent = [of("bxd", "1", &hoa()), of("hanoi", "7", &hoa_in_capitals()), of("byt", "x", &hoa_of_old())];
    for order in orders(3) {
        let house = House::open().await;
        for at in &order {
            house.store(&sent[*at..=*at]).await;
        }
        assert_eq!(house.persons().await, ["bxd/1 byt/x hanoi/7"], "{order:?}");
        let shown = house.rows("SELECT DISTINCT person_id FROM national_v1.petitioner").await;
        assert_eq!(shown, house.rows("SELECT DISTINCT person_id FROM national_v1.petitioner_identity").await);
        assert_eq!(shown.len(), 1, "{order:?}: {shown:?}");
        let links = house
            .rows(
                "SELECT left_source_id, right_source_id, relation, decided_by, weight > 4 AS is_heavy, probability > 0.9 AS is_sure,
                        explanation::text AS told
                 FROM national_v1.link WHERE entity = 'person' ORDER BY 1, 2",
            )
            .await;
        assert_eq!(links.len(), 2, "{order:?}: as many as hold three together: {links:#?}");
        for link in &links {
            let is = (&link["relation"], &link["decided_by"], &link["is_heavy"], &link["is_sure"]);
            assert_eq!(is, (&json!("same"), &json!("model"), &json!(true), &json!(true)), "{link:#?}");
            for value in ["hoa", HOA, "1978", "912604837"] {
                assert!(
                    !text(&link["told"]).to_lowercase().contains(value),
                    "levels and bits, never values: {link:#?}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_valid_numbers_are_two_people_whatever_else_they_share() {
    let house = House::open().await;
    let between = json!({ "name": "Nguyễn Thị Hoa", "birth_date": "1978-05-12", "phone": "0912604837" });
    house.store_each(&[of("bxd", "1", &hoa()), of("hanoi", "2", &between), of("byt", "3", &another_hoa())]).await;
    assert_ne!(house.person_of("bxd", "1").await, house.person_of("byt", "3").await);
    assert_eq!(house.persons().await.len(), 2, "who stands between joins one of them, not both");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whom_nothing_is_told_is_nobody() {
    let house = House::open().await;
    house.store(&[Sent::petition("bxd", "1").with("petitioners", json!([{ "gender": "male" }]))]).await;
    let row = house.row("SELECT person_id FROM national_v1.petitioner_record").await;
    assert_eq!(row, json!({ "person_id": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_writes_nothing() {
    let house = House::open().await;
    let sent = [of("bxd", "1", &hoa()), of("hanoi", "7", &hoa_in_capitals()), of("byt", "3", &another_hoa())];
    house.store(&sent).await;
    let (before, head) = (house.physical().await, house.head().await);
    house.store(&sent).await;
    assert_eq!((house.physical().await, house.head().await), (before, head));
    // nor does a new version that says nothing new of her move anybody
    let (id, seq) = (house.person_of("bxd", "1").await, house.head().await);
    house.store(&[of("bxd", "1", &hoa()).version(2)]).await;
    assert_eq!((house.person_of("bxd", "1").await, house.person_ops(seq).await), (id, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_id_stays_and_the_founding_part_keeps_it() {
    let house = House::open().await;
    house.store_each(&[of("bxd", "1", &hoa()), of("hanoi", "2", &another_hoa())]).await;
    let (older, younger) = (house.person_of("bxd", "1").await, house.person_of("hanoi", "2").await);
    assert_ne!(older, younger);

    let seq = house.head().await;
    house.store(&[of("hanoi", "2", &hoa_in_capitals()).version(2)]).await;
    // another number: a person who is not the one the younger id was made for
    assert_eq!(house.persons().await, ["bxd/1 hanoi/2"]);
    assert_eq!(house.person_of("hanoi", "2").await, older);
    assert_eq!(house.person_ops(seq).await, ["delete", "update"]);
    assert_eq!(house.count("SELECT count(*) FROM national_v1.person_alias").await, 0, "it named another human being");

    let seq = house.head().await;
    house.store(&[of("hanoi", "2", &another_hoa()).version(3)]).await;
    assert_eq!(house.persons().await, ["bxd/1", "hanoi/2"]);
    assert_eq!(house.person_of("bxd", "1").await, older);
    let third = house.person_of("hanoi", "2").await;
    assert!(third != older && third != younger, "an id that went is given to nobody");
    assert_eq!(house.person_ops(seq).await, ["insert", "update"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_turn_out_to_be_one_merge_and_part_again() {
    let house = House::open().await;
    let nameless = json!({ "name": "Nguyễn Thị Hoa", "id_number": "162407395" });
    house.store_each(&[of("bxd", "1", &hoa()), of("hanoi", "2", &nameless)]).await;
    let (older, younger) = (house.person_of("bxd", "1").await, house.person_of("hanoi", "2").await);
    assert_ne!(older, younger, "a name is no proof");

    let seq = house.head().await;
    house.store(&[of("byt", "x", &hoa_of_old())]).await;
    assert_eq!(house.persons().await, ["bxd/1 byt/x hanoi/2"]);
    assert_eq!(house.person_of("hanoi", "2").await, older);
    assert_eq!(house.person_ops(seq).await, ["merge", "update"]);
    let alias = house.row("SELECT alias_id, person_id FROM national_v1.person_alias").await;
    assert_eq!(alias, json!({ "alias_id": younger, "person_id": older }));

    let seq = house.head().await;
    house.store(&[Sent::bare("byt", "x").version(2).deleted()]).await;
    assert_eq!(house.persons().await, ["bxd/1", "hanoi/2"]);
    assert_eq!(house.person_of("bxd", "1").await, older, "the part with the founding petitioner");
    let third = house.person_of("hanoi", "2").await;
    assert!(third != older && third != younger, "an alias names what it was merged into for ever");
    assert_eq!(house.person_ops(seq).await, ["insert", "split"]);
    assert_eq!(house.count("SELECT count(*) FROM national_v1.link WHERE entity = 'person'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_place_in_a_list_stays_who_they_are() {
    let house = House::open().await;
    let dat = json!({ "name": "Phạm Văn Đạt", "id_number": "036065000001" });
    let list = |people: Value| Sent::petition("bxd", "1").with("petitioners", people);
    house.store(&[list(json!([hoa(), dat]))]).await;
    let ids = |house: &House| {
        let pool = house.pool.clone();
        async move { super::rows(&pool, "SELECT position, person_id FROM national_v1.petitioner_record ORDER BY 1").await }
    };
    let before = ids(&house).await;
    house.store(&[list(json!([dat, hoa()])).version(2)]).await;
    let after = ids(&house).await;
    assert_eq!((&after[0]["person_id"], &after[1]["person_id"]), (&before[1]["person_id"], &before[0]["person_id"]));
    // a slip of the pen put right is no other human being
    let mended = json!({ "name": "Nguyễn Thị Hoa", "id_number": "036178001235", "birth_date": "1978-05-12" });
    house.store(&[list(json!([dat, mended])).version(3)]).await;
    assert_eq!(ids(&house).await[1]["person_id"], before[0]["person_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_counts_a_person_once() {
    let house = House::open().await;
    let next = |petitioner: Value| of("hanoi", "2", &petitioner).refers("next_instance_of", at("bxd", "1"));
    house.store(&[of("bxd", "1", &hoa())]).await;
    house.store(&[next(json!({ "name": "Nguyễn Thị Hoa", "id_number": "162407395" }))]).await;
    let count = "SELECT person_count FROM national_v1.case_file";
    assert_eq!(house.count(&format!("SELECT person_count::bigint FROM ({count}) c")).await, 2);
    // a record of another case shows that the two are one
    let seq = house.head().await;
    house.store(&[of("byt", "x", &hoa_of_old())]).await;
    let of_case = "SELECT person_count FROM national_v1.case_file c JOIN national_v1.source_record s USING (case_id) WHERE record_id = '1'";
    assert_eq!(house.row(of_case).await, json!({ "person_count": 1 }));
    assert!(house.ops_after(seq).await.contains(&"case update".to_owned()), "the feed tells it");
    let seq = house.head().await;
    house.store(&[Sent::bare("byt", "x").version(2).deleted()]).await;
    assert_eq!(house.row(of_case).await, json!({ "person_count": 2 }));
    assert!(house.ops_after(seq).await.contains(&"case update".to_owned()), "the feed tells it");
}

/// What of the tables tells of persons, with each id replaced by what it stands for.
async fn partition(house: &House) -> (Vec<String>, Vec<Value>) {
    let links = house.rows("SELECT * FROM petitiond.link WHERE entity = 'person' ORDER BY 1, 2, 3, 4, 5, 6").await;
    (house.persons().await, links)
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_are_the_same_without_the_sealed_records() {
    let bridge = of("byt", "x", &hoa_of_old());
    let open = [
        of("bxd", "1", &hoa()),
        of("hanoi", "2", &json!({ "name": "Nguyễn Thị Hoa", "id_number": "162407395" })),
        of("bnv", "3", &hoa_in_capitals()),
    ];
    let sealed = [
        of("hcm", "kin-1", &hoa()).with("type", "denunciation"),
        bridge.clone().with("confidential", true),
        of("bxd", "kin-2", &json!({ "name": "Nguyễn Thị Hoa", "id_number": "162407395" })).with("type", "denunciation"),
    ];
    let without = House::open().await;
    without.store(&open).await;
    let wanted = partition(&without).await;
    assert_eq!(wanted.0, ["bnv/3 bxd/1", "hanoi/2"]);

    for first in [true, false] {
        let house = House::open().await;
        let all: Vec<Sent> = if first {
            sealed.iter().chain(&open).cloned().collect()
        } else {
            open.iter().chain(&sealed).cloned().collect()
        };
        house.store_each(&all).await;
        assert_eq!(partition(&house).await, wanted, "sealed ones first: {first}");
        // opened it joins all of them, sealed again it takes nothing along
        house.store(&[bridge.clone().version(2)]).await;
        assert_eq!(house.persons().await, ["bnv/3 bxd/1 byt/x hanoi/2"]);
        house.store(&[bridge.clone().version(3).with("type", "denunciation")]).await;
        assert_eq!(partition(&house).await, wanted, "sealed ones first: {first}");
        // nor where another record seals it
        house.store(&[bridge.clone().version(4)]).await;
        let copy =
            of("hcm", "kin-3", &hoa_of_old()).with("confidential", true).refers("transferred_from", at("byt", "x"));
        house.store(&[copy]).await;
        assert_eq!(partition(&house).await, wanted, "sealed ones first: {first}");
        sealed_lead_nowhere(&house).await;
    }
}

/// Nothing is kept to compare a sealed petitioner by, and none is shown to be anybody.
async fn sealed_lead_nowhere(house: &House) {
    let shown = "SELECT count(*) FROM petitiond.petitioner WHERE is_sealed AND person_id IS NOT NULL";
    assert_eq!(house.count(shown).await, 0);
    let rows = house.rows("SELECT source_id, record_id, position FROM petitiond.petitioner WHERE is_sealed").await;
    let node = |row: &Value| {
        let position = row["position"].to_string();
        let parts = ["person", text(&row["source_id"]), text(&row["record_id"]), &position];
        format!("'{}'", house.desk.ring.hash_id("node", &parts))
    };
    let sealed: Vec<String> = rows.iter().map(node).collect();
    assert!(!sealed.is_empty());
    let sealed = sealed.join(",");
    for (table, column) in [("node", "node_id"), ("node_key", "node_id"), ("edge", "node_id"), ("person", "founding")] {
        let query = format!("SELECT count(*) FROM petitiond.{table} WHERE {column} IN ({sealed})");
        assert_eq!(house.count(&query).await, 0, "{table}");
    }
}

/// A key that too many have says nothing; whether they are too many is told by the count and not by who came first.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_collector_becomes_too_common_and_is_no_longer() {
    // people of one phone, who share nothing else but the name
    let crowd =
        |number: usize| of("bxd", &format!("{number:03}"), &json!({ "name": "Nguyễn Thị Hoa", "phone": "0912604837" }));
    let most = petitiond::pipeline::evidence::MOST;
    let all: Vec<Sent> = (0..=most).map(crowd).collect();
    let house = House::open().await;
    house.store(&all[..most]).await;
    let full = house.persons().await;
    assert_eq!(full.len(), 1);
    house.store(&all[most..]).await;
    let parted = house.persons().await;
    assert_eq!(parted.len(), most + 1);
    house.store(&[all[most].clone().version(2).deleted()]).await;
    assert_eq!(house.persons().await, full);
    let at_once = House::open().await;
    at_once.store(&all).await;
    assert_eq!(at_once.persons().await, parted);
}

/// Who complains often has a number in each record: it is not common for that.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_many_records_is_one_person() {
    let most = petitiond::pipeline::evidence::MOST;
    let all: Vec<Sent> = (0..=most + 5).map(|number| of("bxd", &format!("{number:03}"), &hoa_in_capitals())).collect();
    let house = House::open().await;
    house.store(&all[..most]).await;
    let id = house.person_of("bxd", "000").await;
    house.store(&all[most..]).await;
    assert_eq!(house.persons().await.len(), 1);
    assert_eq!(house.person_of("bxd", &format!("{most:03}")).await, id);
}
