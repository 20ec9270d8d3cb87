//! Records that name one another: one petition, one case, or neither.

use petitiond::linkage::group::MOST_OF_ONE_SOURCE;
use serde_json::{Value, json};

use super::{House, Sent, at, text};

/// Both orders, in two batches and in one.
async fn in_every_way(list: &[Sent], check: impl AsyncFn(&House)) {
    for reversed in [false, true] {
        for together in [false, true] {
            let house = House::open().await;
            let mut list = list.to_vec();
            if reversed {
                list.reverse();
            }
            if together {
                house.store(&list).await;
            } else {
                house.store_each(&list).await;
            }
            check(&house).await;
        }
    }
}

async fn petitions(house: &House) -> i64 {
    house.count("SELECT count(*) FROM national_v1.petition").await
}

async fn cases(house: &House) -> i64 {
    house.count("SELECT count(*) FROM national_v1.case_file").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_petition_is_one() {
    let list = [
        Sent::petition("bxd", "1").with("summary", "gốc"),
        Sent::petition("hanoi", "7").with("received_on", "2026-03-20").refers("transferred_from", at("bxd", "1")),
    ];
    in_every_way(&list, async |house: &House| {
        let petition = house.row("SELECT * FROM national_v1.petition").await;
        assert_eq!((&petition["source_count"], &petition["receiving_agency"]), (&json!(2), &json!("G17")));
        let filings = house.rows("SELECT * FROM national_v1.filing ORDER BY source_id").await;
        let relations: Vec<&str> = filings.iter().map(|filing| text(&filing["relation"])).collect();
        assert_eq!(relations, ["original", "forwarded"]);
        let link = house.row("SELECT * FROM national_v1.link").await;
        assert_eq!(
            (&link["left_record_id"], &link["right_record_id"], &link["relation"]),
            (&json!("7"), &json!("1"), &json!("forwarded"))
        );
        let origin = house.row("SELECT * FROM national_v1.field_origin WHERE field = 'summary'").await;
        assert_eq!(origin["record_id"], "1");
        assert_eq!(cases(house).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_and_letters_name_records_too() {
    for (here, there) in [
        (
            Sent::petition("bxd", "1"),
            Sent::petition("hanoi", "7").refers("transferred_from", json!({ "agency": "G17", "record_id": "1" })),
        ),
        (
            Sent::petition("bxd", "1").refers("transferred_to", json!({ "agency": "H26", "document_no": "12/PC-BXD", "document_on": "2026-03-09" })),
            Sent::petition("hanoi", "7").refers("transferred_from", json!({ "agency": "G17", "document_no": "Số 12 / PC-BXD", "document_on": "2026-03-10" })),
        ),
        (
            Sent::petition("bxd", "1").with("events", json!([{ "action": "transferred", "at": "2026-03-09T10:00:00+07:00", "to_agency": "H26", "document_no": "12/PC-BXD" }])),
            Sent::petition("hanoi", "7").refers("transferred_from", json!({ "agency": "G17", "document_no": "12/PC-BXD", "document_on": "2026-03-09" })),
        ),
    ] {
        in_every_way(&[here, there], async |house: &House| {
            assert_eq!(petitions(house).await, 1);
        })
        .await;
    }
    let other_year = [
        Sent::petition("bxd", "1").refers(
            "transferred_to",
            json!({ "agency": "H26", "document_no": "12/PC-BXD", "document_on": "2025-03-09" }),
        ),
        Sent::petition("hanoi", "7").refers(
            "transferred_from",
            json!({ "agency": "G17", "document_no": "12/PC-BXD", "document_on": "2026-03-09" }),
        ),
    ];
    in_every_way(&other_year, async |house: &House| assert_eq!(petitions(house).await, 2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_numbers_at_one_agency_are_no_reference() {
    // the national system keeps a record of the ministry's under a number that the ministry's own system uses too
    let list = [
        Sent::petition("bxd", "17").with("summary", "một"),
        Sent::petition("byt", "17").with("agency", "G17").with("summary", "hai"),
        Sent::reception("bnv", "17").with("agency", "G17"),
    ];
    in_every_way(&list, async |house: &House| {
        assert_eq!(petitions(house).await, 2);
        assert_eq!(cases(house).await, 3);
    })
    .await;
    // the number is the ministry's own, whoever else uses it
    let named = Sent::petition("hanoi", "7").refers("transferred_from", json!({ "agency": "G17", "record_id": "17" }));
    let list = [list[0].clone(), list[1].clone(), named.clone()];
    in_every_way(&list, async |house: &House| assert_eq!(petitions(house).await, 2)).await;
    // unless the ministry has two systems: then who names such a number names nobody for certain
    let list = [list[0].clone(), Sent::petition("bxd-moi", "17").with("summary", "hai"), named];
    in_every_way(&list, async |house: &House| assert_eq!(petitions(house).await, 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_holds_without_its_middle() {
    let letter = |agency: &str| json!({ "agency": agency, "record_id": "m" });
    let list = [
        Sent::petition("bxd", "a").refers("transferred_to", letter("G13")),
        Sent::petition("hanoi", "c").refers("transferred_from", letter("G13")),
    ];
    in_every_way(&list, async |house: &House| assert_eq!(petitions(house).await, 1)).await;
    let mut list = list.to_vec();
    list.insert(1, Sent::petition("bnv", "m"));
    in_every_way(&list, async |house: &House| {
        assert_eq!(petitions(house).await, 1);
        assert_eq!(house.count("SELECT count(*) FROM national_v1.filing").await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_is_one_case_and_falls_apart_where_it_is_cut() {
    let link = |n: usize, relation: &str| {
        let sent = Sent::petition("bxd", &format!("{n:03}"));
        if n == 0 { sent } else { sent.refers(relation, at("bxd", &format!("{:03}", n - 1))) }
    };
    for (relation, of_one) in [("repeat_of", 1), ("next_instance_of", 200)] {
        let house = House::open().await;
        let chain: Vec<Sent> = (0..200).map(|n| link(n, relation)).collect();
        house.store(&chain).await;
        house.store(&[link(0, relation).version(2).with("summary", "khác")]).await;
        assert_eq!((petitions(&house).await, cases(&house).await), (of_one, 1), "{relation}");
        let ids = "SELECT DISTINCT case_id FROM national_v1.source_record ORDER BY 1";
        assert_eq!(house.rows(ids).await.len(), 1, "{relation}");
        // the middle names its neighbour no more
        house.store(&[Sent::petition("bxd", "100").version(2)]).await;
        assert_eq!(cases(&house).await, 2, "{relation}");
        assert_eq!(house.rows(ids).await.len(), 2, "{relation}");
        house.store(&[link(100, relation).version(3)]).await;
        assert_eq!((petitions(&house).await, cases(&house).await), (of_one, 1), "{relation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_a_filing_and_the_next_instance_is_a_petition_of_the_case() {
    let list = [
        Sent::petition("bxd", "1"),
        Sent::petition("bxd", "2").with("received_on", "2026-06-01").refers("repeat_of", at("bxd", "1")),
        Sent::petition("hanoi", "3")
            .with("received_on", "2026-09-01")
            .with("instance", 2)
            .refers("next_instance_of", at("bxd", "1")),
        Sent::petition("hcm", "4")
            .with("received_on", "2026-09-02")
            .with("instance", 2)
            .refers("next_instance_of", at("bxd", "1")),
    ];
    in_every_way(&list, async |house: &House| {
        assert_eq!(petitions(house).await, 3);
        let case = house.row("SELECT * FROM national_v1.case_file").await;
        assert_eq!((&case["petition_count"], &case["agency_count"]), (&json!(3), &json!(3)));
        assert_eq!(house.petition_of("bxd", "1").await, house.petition_of("bxd", "2").await);
        let repeat = house.row("SELECT * FROM national_v1.filing WHERE record_id = '2'").await;
        assert_eq!(repeat["relation"], "repeat");
        let links = house.rows("SELECT left_record_id || '>' || right_record_id || ' ' || relation AS l FROM national_v1.link ORDER BY 1").await;
        let links: Vec<&str> = links.iter().map(|link| text(&link["l"])).collect();
        assert_eq!(links, ["2>1 repeat", "3>1 next_instance", "4>1 next_instance"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reception_and_its_petition_are_one_case_and_never_one_thing() {
    let list = [
        Sent::reception("bxd", "t1"),
        Sent::petition("bxd", "1").refers("reception_of", at("bxd", "t1")),
        // wrongly said: still no petition
        Sent::petition("hanoi", "2").with("received_on", "2026-04-01").refers("transferred_from", at("bxd", "t1")),
    ];
    in_every_way(&list, async |house: &House| {
        assert_eq!(petitions(house).await, 2);
        let reception = house.row("SELECT * FROM national_v1.reception").await;
        assert_eq!(reception["petition_id"], house.petition_of("bxd", "1").await);
        let case = house.row("SELECT * FROM national_v1.case_file").await;
        assert_eq!((&case["petition_count"], &case["reception_count"]), (&json!(2), &json!(1)));
        let false_links = "SELECT count(*) FROM national_v1.link WHERE entity = 'petition'";
        assert_eq!(house.count(false_links).await, 0);
    })
    .await;
    let from_the_reception =
        [Sent::reception("bxd", "t1").refers("reception_of", at("bxd", "1")), Sent::petition("bxd", "1")];
    in_every_way(&from_the_reception, async |house: &House| {
        let reception = house.row("SELECT * FROM national_v1.reception").await;
        assert_eq!(reception["petition_id"], house.petition_of("bxd", "1").await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_petition_that_comes_back_is_a_loop() {
    let list = [
        Sent::petition("bxd", "1").refers("transferred_to", json!({ "agency": "H26", "record_id": "2" })),
        Sent::petition("hanoi", "2")
            .refers("transferred_from", at("bxd", "1"))
            .refers("transferred_to", json!({ "agency": "G13", "record_id": "3" })),
        Sent::petition("bnv", "3").refers("transferred_to", json!({ "agency": "G17", "record_id": "1" })),
    ];
    in_every_way(&list, async |house: &House| {
        let petition = house.row("SELECT * FROM national_v1.petition").await;
        assert_eq!((&petition["has_transfer_loop"], &petition["transfer_count"]), (&json!(true), &json!(3)));
        assert_eq!(house.count("SELECT count(*) FROM national_v1.filing WHERE relation = 'original'").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_merge_the_older_id_stays() {
    let house = House::open().await;
    house.store(&[Sent::petition("hcm", "old")]).await;
    house.store(&[Sent::petition("bxd", "young")]).await;
    let (old, young) = (house.petition_of("hcm", "old").await, house.petition_of("bxd", "young").await);
    let (old_case, young_case) = (house.case_of("hcm", "old").await, house.case_of("bxd", "young").await);
    let head = house.head().await;
    house
        .store(&[Sent::petition("bnv", "bridge")
            .refers("transferred_from", at("hcm", "old"))
            .refers("transferred_to", json!({ "agency": "G17", "record_id": "young" }))])
        .await;
    assert_eq!(petitions(&house).await, 1);
    for (source, record) in [("hcm", "old"), ("bxd", "young"), ("bnv", "bridge")] {
        assert_eq!(house.petition_of(source, record).await, old);
        assert_eq!(house.case_of(source, record).await, old_case);
    }
    let alias = house.row("SELECT * FROM national_v1.petition_alias").await;
    assert_eq!((&alias["alias_id"], &alias["petition_id"]), (&young, &old));
    let alias = house.row("SELECT * FROM national_v1.case_alias").await;
    assert_eq!((&alias["alias_id"], &alias["case_id"]), (&young_case, &old_case));
    assert_eq!(house.ops_after(head).await, ["case merge", "case update", "petition merge", "petition update"]);

    // an even older one: aliases follow
    house.store(&[Sent::petition("bnv", "bridge").version(2)]).await;
    assert_eq!(petitions(&house).await, 3);
    assert_eq!(house.petition_of("hcm", "old").await, old, "the founding record keeps the id");
    let again = house.petition_of("bxd", "young").await;
    assert!(again != old && again != young, "an alias never names a petition of its own again");
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition p JOIN national_v1.petition_alias a ON a.alias_id = p.petition_id").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_of_aliases_lead_to_the_living_id() {
    let house = House::open().await;
    for (source, record) in [("hcm", "1"), ("bxd", "2"), ("byt", "3")] {
        house.store(&[Sent::petition(source, record)]).await;
    }
    let oldest = house.petition_of("hcm", "1").await;
    house.store(&[Sent::petition("byt", "3").version(2).refers("transferred_from", at("bxd", "2"))]).await;
    house.store(&[Sent::petition("bxd", "2").version(2).refers("transferred_from", at("hcm", "1"))]).await;
    let aliases = house.rows("SELECT * FROM national_v1.petition_alias").await;
    assert_eq!(aliases.len(), 2);
    assert!(aliases.iter().all(|alias| alias["petition_id"] == oldest), "{aliases:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_splits_the_founding_part_keeps_the_id() {
    let house = House::open().await;
    let bridge = Sent::petition("bxd", "b")
        .refers("transferred_from", at("hcm", "f"))
        .refers("transferred_to", json!({ "agency": "H26", "record_id": "c" }));
    house.store(&[Sent::petition("hcm", "f")]).await;
    house.store(&[bridge.clone(), Sent::petition("hanoi", "c")]).await;
    let id = house.petition_of("hcm", "f").await;
    assert_eq!(petitions(&house).await, 1);
    let head = house.head().await;
    // withdrawing the bridge leaves both ends alone
    house.store(&[Sent::bare("bxd", "b").version(2).deleted()]).await;
    assert_eq!(petitions(&house).await, 2);
    assert_eq!(house.petition_of("hcm", "f").await, id);
    let other = house.petition_of("hanoi", "c").await;
    assert_ne!(other, id);
    assert_eq!(
        house.ops_after(head).await,
        ["case insert", "case split", "petition insert", "petition split", "source_record delete"]
    );
    assert_eq!(house.count("SELECT count(*) FROM national_v1.link").await, 0);
    // and it may be joined again, under the older id
    house.store(&[bridge.version(3)]).await;
    assert_eq!(petitions(&house).await, 1);
    assert_eq!(house.petition_of("hanoi", "c").await, id);
    let alias = house.row("SELECT * FROM national_v1.petition_alias").await;
    assert_eq!((&alias["alias_id"], &alias["petition_id"]), (&other, &id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_founding_record_leaves_the_id_to_the_rest() {
    let house = House::open().await;
    house
        .store(&[Sent::petition("hcm", "f"), Sent::petition("bxd", "b").refers("transferred_from", at("hcm", "f"))])
        .await;
    let id = house.petition_of("hcm", "f").await;
    house.store(&[Sent::bare("hcm", "f").version(2).deleted()]).await;
    let petition = house.row("SELECT * FROM national_v1.petition").await;
    assert_eq!((&petition["petition_id"], &petition["source_count"]), (&id, &json!(1)));
    // what was founded by a record that went still tells its origins rightly
    let origins = house.rows("SELECT DISTINCT source_id FROM national_v1.field_origin").await;
    assert_eq!(origins, [json!({ "source_id": "bxd" })]);
    house.store(&[Sent::petition("hcm", "f").version(3)]).await;
    assert_eq!(house.petition_of("hcm", "f").await, id);
    assert_eq!(house.petition_of("bxd", "b").await, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_are_told_who_else_holds_it_but_never_the_one_complained_of() {
    let house = House::open().await;
    let against = json!({ "agency": "G13" });
    house.store(&[Sent::petition("bxd", "1").with("against", against)]).await;
    house.store(&[Sent::petition("bnv", "2").refers("transferred_from", at("bxd", "1"))]).await;
    house.store(&[Sent::petition("hanoi", "3").refers("transferred_from", at("bxd", "1"))]).await;
    let bodies =
        house.rows("SELECT source_id, body -> 'records' -> 0 AS line FROM petitiond.receipt ORDER BY receipt_id").await;
    let held = |index: usize| -> &Value { &bodies[index]["line"]["also_held_by"] };
    assert_eq!((held(0), held(1), held(2)), (&Value::Null, &Value::Null, &json!(["G17"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_come_at_the_same_instant_are_one() {
    let house = House::open().await;
    let desks = [house.other_desk().await, house.other_desk().await];
    for round in 0..50 {
        let (left, right) = (format!("l{round}"), format!("r{round}"));
        let sent = [
            Sent::petition("bxd", &left),
            Sent::petition("hanoi", &right).refers("transferred_from", at("bxd", &left)),
        ];
        let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
        let tasks = desks.clone().into_iter().zip(sent).map(|(desk, one)| {
            let barrier = std::sync::Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                super::store(&desk, &[one]).await;
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(house.petition_of("bxd", &left).await, house.petition_of("hanoi", &right).await, "round {round}");
    }
    assert_eq!(petitions(&house).await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_that_name_one_missing_record_make_few_links() {
    let house = House::open().await;
    let of_each = i64::try_from(MOST_OF_ONE_SOURCE).unwrap();
    let sources = ["bxd", "byt", "bnv", "hanoi"];
    let of = |source| move |n| Sent::petition(source, &format!("{n:03}")).refers("repeat_of", at("hcm", "nowhere"));
    let sent: Vec<Sent> = sources.into_iter().flat_map(|source| (0..of_each).map(of(source))).collect();
    house.store(&sent).await;
    assert_eq!(house.count("SELECT count(*) FROM petitiond.link").await, 4 * of_each - 1);
    assert_eq!(petitions(&house).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_a_source_gives_to_all_its_records_says_nothing() {
    let count = i64::try_from(MOST_OF_ONE_SOURCE).unwrap() + 20;
    let of_all = |n| Sent::petition("bxd", &format!("{n:03}")).refers("repeat_of", at("hanoi", "0"));
    let mut list: Vec<Sent> = (0..count).map(of_all).collect();
    // what others say of the same record still counts
    list.insert(3, Sent::petition("hanoi", "0"));
    list.push(Sent::petition("hcm", "1").refers("transferred_from", at("hanoi", "0")));
    in_every_way(&list, async |house: &House| {
        assert_eq!(petitions(house).await, count + 1);
        assert_eq!(house.petition_of("hcm", "1").await, house.petition_of("hanoi", "0").await);
        assert_eq!(house.count("SELECT count(*) FROM petitiond.link").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_letter_with_several_petitions_makes_one_of_none() {
    let letter = |agency: &str| json!({ "agency": agency, "document_no": "12/PC-BXD", "document_on": "2026-03-09" });
    let list = [
        Sent::petition("bxd", "1").refers("transferred_to", letter("H26")),
        Sent::petition("bxd", "2").refers("transferred_to", letter("H26")),
        Sent::petition("hanoi", "7").refers("transferred_from", letter("G17")),
        Sent::petition("hanoi", "8").refers("transferred_from", letter("G17")),
    ];
    in_every_way(&list, async |house: &House| {
        assert_eq!((petitions(house).await, cases(house).await), (4, 4));
        assert_eq!(house.count("SELECT count(*) FROM petitiond.link").await, 0);
    })
    .await;
    // a name beside it says which
    let mut list = list.to_vec();
    list[2] = Sent::petition("hanoi", "7")
        .refers("transferred_from", at("bxd", "1"))
        .refers("transferred_from", letter("G17"));
    in_every_way(&list, async |house: &House| {
        assert_eq!((petitions(house).await, cases(house).await), (3, 3));
        assert_eq!(house.petition_of("hanoi", "7").await, house.petition_of("bxd", "1").await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_the_original_by_saying_so_later() {
    let list = [
        Sent::petition("bxd", "1").with("summary", "gốc"),
        Sent::petition("hanoi", "7")
            .with("received_on", "2026-03-20")
            .with("summary", "khác")
            .refers("transferred_to", at("bxd", "1")),
    ];
    in_every_way(&list, async |house: &House| {
        let petition = house.row("SELECT * FROM national_v1.petition").await;
        assert_eq!((&petition["summary"], &petition["receiving_agency"]), (&json!("gốc"), &json!("G17")));
    })
    .await;
}
