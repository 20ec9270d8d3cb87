//! Ways that were found to open what is sealed, or to learn from the database who is behind it; none may work again.

use std::collections::BTreeMap;

use serde_json::json;

use super::{House, Sent, at, text};

fn denunciation(source: &'static str, id: &str) -> Sent {
    Sent::petition(source, id).with("type", "denunciation")
}

impl House {
    async fn is_sealed(&self, source: &str, id: &str) -> bool {
        let query = format!(
            "SELECT p.is_sealed FROM national_v1.petition p JOIN national_v1.source_record s USING (petition_id)
             WHERE (s.source_id, s.record_id) = ('{source}', '{id}')"
        );
        self.row(&query).await["is_sealed"] == json!(true)
    }
}

/// Many that name what a sealed petition is linked by.
fn crowd(relation: &str, to: &serde_json::Value) -> Vec<Sent> {
    (0..60).map(|number| Sent::petition("hanoi", &format!("crowd-{number}")).refers(relation, to.clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_opens_nothing() {
    let denounced = || at("bxd", "to-cao");
    let letter = json!({ "agency": "H26", "document_no": "77/PC", "document_on": "2026-04-01" });
    let sent = json!([{ "action": "transferred", "at": "2026-04-01", "document_no": "77/PC", "to_agency": "G17" }]);
    let through = vec![
        // a record of the crowd's own source leads from one to the other
        (
            vec![
                denunciation("bxd", "to-cao"),
                Sent::petition("byt", "ban-sao").refers("transferred_from", at("hanoi", "giua")),
                Sent::petition("hanoi", "giua")
                    .refers("transferred_from", denounced())
                    .refers("transferred_to", at("byt", "ban-sao")),
            ],
            crowd("recast_of", &denounced()),
        ),
        // repeats of the denunciation
        (
            vec![
                denunciation("bxd", "to-cao"),
                Sent::petition("byt", "ban-sao").refers("transferred_from", denounced()),
            ],
            crowd("repeat_of", &denounced()),
        ),
        // a letter with a list
        (
            vec![
                denunciation("hanoi", "to-cao").with("events", sent),
                Sent::petition("byt", "ban-sao").refers("transferred_from", letter.clone()),
            ],
            crowd("transferred_from", &letter),
        ),
        // what was said before
        (
            vec![
                denunciation("bxd", "to-cao").refers("transferred_to", at("byt", "ban-sao")),
                denunciation("bxd", "to-cao").version(2).deleted(),
                Sent::petition("byt", "ban-sao"),
            ],
            crowd("recast_of", &at("byt", "ban-sao")),
        ),
    ];
    for (number, (linked, crowd)) in through.into_iter().enumerate() {
        let house = House::open().await;
        house.store_each(&linked).await;
        assert!(house.is_sealed("byt", "ban-sao").await, "{number}: sealed before");
        house.store(&crowd).await;
        assert!(house.is_sealed("byt", "ban-sao").await, "{number}: opened by a crowd");
        // and in another order
        let house = House::open().await;
        house.store(&crowd).await;
        house.store_each(&linked).await;
        assert!(house.is_sealed("byt", "ban-sao").await, "{number}: open behind a crowd");
    }
}

/// Readers know who was received, so whatever changes of a reception when a denunciation names it would tell who
/// denounced: at once, later, or when either is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_denunciation_changes_nothing_of_the_reception_at_which_it_was_lodged() {
    let person = || json!([{ "name": "Đỗ Thị Oanh", "id_number": "001180012345", "phone": "0912604837" }]);
    let reception = || Sent::reception("bnv", "luot").with("petitioners", person());
    let complaint = || Sent::petition("hanoi", "khieu-nai").with("petitioners", person());
    let lodged =
        || denunciation("bxd", "to-cao").with("petitioners", person()).refers("reception_of", at("bnv", "luot"));
    let shown = async |house: &House| {
        let views = ["reception", "petitioner_record", "petitioner_identity", "person_alias", "case_file", "link"];
        let mut shown = Vec::new();
        for view in views {
            let hidden = "SELECT case_id FROM national_v1.source_record WHERE record_id = 'to-cao'";
            let of_others = match view {
                "case_file" => format!("WHERE case_id NOT IN ({hidden})"),
                "petitioner_record" => "WHERE record_id <> 'to-cao'".to_owned(),
                _ => String::new(),
            };
            shown.push(house.rows(&format!("SELECT * FROM national_v1.{view} {of_others} ORDER BY 1, 2")).await);
        }
        shown
    };
    let ways = [
        vec![vec![lodged()]],
        vec![vec![lodged()], vec![lodged().version(2).with("stage", "accepted")]],
        vec![vec![lodged()], vec![reception().version(2).refers("reception_of", at("bxd", "to-cao"))]],
        vec![vec![lodged(), reception().version(2).refers("reception_of", at("bxd", "to-cao"))]],
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let house = House::open().await;
        house.store_each(&[reception(), complaint()]).await;
        let people = "SELECT person_id, revision, updated_at FROM petitiond.person ORDER BY 1";
        let (before, known) = (shown(&house).await, house.rows(people).await);
        for batch in way {
            house.store(&batch).await;
        }
        let after = shown(&house).await;
        // a version of its own shows its own change
        let skipped = usize::from(number > 1);
        assert_eq!(after[skipped..], before[skipped..], "{number}");
        assert_eq!(house.rows(people).await, known, "{number}");
        assert_eq!(house.count("SELECT count(*) FROM national_v1.link WHERE entity = 'case'").await, 0, "{number}");
    }
}

/// An open petition that is sealed later draws no denunciation into its case that was sealed from the start.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_later_leads_to_nothing_that_was_always_sealed() {
    let house = House::open().await;
    house
        .store_each(&[
            Sent::petition("hanoi", "tung-mo"),
            denunciation("byt", "to-cao").refers("next_instance_of", at("hanoi", "tung-mo")),
        ])
        .await;
    let case = house.case_of("byt", "to-cao").await;
    let head = house.head().await;
    house.store(&[Sent::petition("hanoi", "tung-mo").version(2).with("confidential", true)]).await;
    assert_eq!(house.case_of("byt", "to-cao").await, case);
    assert_ne!(house.case_of("hanoi", "tung-mo").await, case);
    assert!(!house.ops_after(head).await.iter().any(|op| op.contains("merge")), "the feed joins nothing");
    assert_eq!(house.count("SELECT count(*) FROM national_v1.link").await, 0);
    assert_eq!(house.count("SELECT count(*) FROM national_v1.source_record WHERE version IS NOT NULL").await, 0);
}

/// The agency complained of learns nothing, whatever agency its record names.
#[tokio::test(flavor = "multi_thread")]
async fn the_agency_complained_of_is_told_nothing_under_another_name() {
    let house = House::open().await;
    let against = |agency: &str| json!({ "name": "UBND", "agency": agency });
    // the source `hanoi` is of H26
    house.store(&[denunciation("bxd", "1").with("against", against("H26.14"))]).await;
    for (number, agency) in ["H26", "H26.14", "H26.14.3", "G20", "H12"].into_iter().enumerate() {
        let id = format!("do-{number}");
        house.store(&[denunciation("hanoi", &id).with("agency", agency).refers("repeat_of", at("bxd", "1"))]).await;
        let told = house.rows("SELECT body FROM petitiond.receipt WHERE source_id = 'hanoi'").await;
        assert!(
            told.iter().all(|receipt| !receipt.to_string().contains("related_sealed_record")),
            "{agency}: {told:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_not_confirmed_by_a_hash() {
    let house = House::open().await;
    let named = |source, id: &str, name: &str| denunciation(source, id).with("petitioners", json!([{ "name": name }]));
    house.store(&[named("bxd", "1", "Đỗ Thị Oanh")]).await;
    house
        .store(&[
            named("hanoi", "g1", "Đỗ Thị Oanh"),
            named("hanoi", "1", "Đỗ Thị Oanh"),
            named("bxd", "2", "Đỗ Thị Oanh"),
        ])
        .await;
    let hashes = house.count("SELECT count(DISTINCT content_hash) FROM national_v1.source_record").await;
    assert_eq!(hashes, 4);
}

/// What was said of the petitions while they were open leads to nobody when one of them is sealed: no change of what
/// belongs to the open one comes in the transaction of the sealed one, and no id is shared.
#[tokio::test(flavor = "multi_thread")]
async fn a_reception_does_not_lead_from_the_denunciation_to_the_complaint() {
    let reception = || Sent::reception("bxd", "luot");
    let complaint = || Sent::petition("hanoi", "khieu-nai");
    let lodged = || denunciation("byt", "to-cao").refers("reception_of", at("bxd", "luot"));
    let names = |sent: Sent| sent.refers("reception_of", at("bxd", "luot"));
    let orders = [
        vec![reception(), names(complaint()), lodged()],
        vec![complaint(), reception().refers("reception_of", at("hanoi", "khieu-nai")), lodged()],
        vec![reception(), complaint(), names(complaint().version(2)), lodged()],
    ];
    for (number, order) in orders.into_iter().enumerate() {
        let house = House::open().await;
        let (last, before) = order.split_last().unwrap();
        house.store_each(before).await;
        let case = house.case_of("hanoi", "khieu-nai").await;
        let head = house.head().await;
        house.store(std::slice::from_ref(last)).await;
        assert_eq!(house.ops_after(head).await, ["case insert", "petition insert"], "{number}");
        let denounced = house.petition_of("byt", "to-cao").await;
        let of_denunciation = format!(
            "SELECT 1 FROM national_v1.case_file c JOIN national_v1.petition p USING (case_id)
             WHERE p.petition_id <> '{0}' AND c.updated_at = (SELECT first_seen_at FROM national_v1.petition WHERE petition_id = '{0}')",
            text(&denounced)
        );
        assert_eq!(house.rows(&of_denunciation).await, Vec::<serde_json::Value>::new(), "{number}");
        let own_case = house.case_of("byt", "to-cao").await;
        let others = format!(
            "SELECT 1 FROM national_v1.source_record WHERE case_id = '{0}' AND record_id <> 'to-cao'
             UNION ALL SELECT 1 FROM national_v1.case_alias WHERE case_id = '{0}' OR alias_id = '{0}'",
            text(&own_case)
        );
        assert_eq!(house.rows(&others).await, Vec::<serde_json::Value>::new(), "{number}");
        // the complaint is as it was, in its case, with the reception
        assert_eq!(house.case_of("hanoi", "khieu-nai").await, case, "{number}");
        assert!(!house.is_sealed("hanoi", "khieu-nai").await);
        let beside = "SELECT p.petition_id FROM national_v1.reception r JOIN national_v1.petition p USING (case_id)";
        assert_eq!(house.rows(beside).await.len(), 1, "{number}");
    }
}

/// A source that only marks its rows as deleted sends them with all they say, and nobody may have seen them alive.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_deleted_before_it_was_seen_seals() {
    for part in [petitiond::domain::WHOLE, "ho-so"] {
        for late in [false, true] {
            let house = House::open().await;
            let said =
                denunciation("bxd", "to-cao").refers("transferred_to", at("hanoi", "ban-sao")).part(part).deleted();
            let gone = Sent::bare("bxd", "to-cao").part(part).version(2).deleted();
            let copy = Sent::petition("hanoi", "ban-sao");
            let order = if late { vec![copy, gone, said] } else { vec![said, gone, copy] };
            house.store_each(&order).await;
            assert!(house.is_sealed("hanoi", "ban-sao").await, "{part:?} {late}");
            // what withdraws without a word of sealing seals nothing
            house
                .store_each(&[
                    Sent::petition("bxd", "khieu-nai")
                        .refers("transferred_to", at("hanoi", "kia"))
                        .part(part)
                        .deleted(),
                    Sent::petition("hanoi", "kia"),
                ])
                .await;
            assert!(!house.is_sealed("hanoi", "kia").await, "{part:?} {late}");
        }
    }
}

/// So many references that those which sealed are no longer kept.
#[tokio::test(flavor = "multi_thread")]
async fn references_that_are_forgotten_open_nothing() {
    let house = House::open().await;
    let copy = |version| Sent::petition("hanoi", "ban-sao").version(version);
    house.store(&[denunciation("bxd", "to-cao")]).await;
    house.store(&[copy(1).refers("transferred_from", at("bxd", "to-cao"))]).await;
    let mut flood = Vec::new();
    for version in 2..60 {
        let mut sent = copy(version);
        for number in 0..100 {
            sent = sent.refers("repeat_of", at("bxd", &format!("{version}-{number}")));
        }
        flood.push(sent);
    }
    house.store(&flood).await;
    house.store(&[copy(1000)]).await;
    assert!(house.is_sealed("hanoi", "ban-sao").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_is_not_copied_letter_by_letter_seals() {
    let house = House::open().await;
    house.store(&[denunciation("bxd", "Đơn 1"), denunciation("bxd", "2")]).await;
    let copies = [("a", "bxd", "\u{110}o\u{31b}n  1"), ("b", "BXD", "2"), ("c", "bxd", " 2\u{a0}")];
    for (id, source, record) in copies {
        house.store(&[Sent::petition("hanoi", id).refers("transferred_from", at(source, record))]).await;
        assert!(house.is_sealed("hanoi", id).await, "{id}");
    }
}

/// A cursor of the source's own making may be anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_shown_where_it_names_nobody() {
    let house = House::open().await;
    for (cursor, shown) in [
        (json!({ "next": "Nguyễn Thị Lan-079190001234" }), json!("…")),
        (json!({ "next": "079190001234" }), json!("…")),
        (
            json!({ "since": "2026-11-25T01:02:03.5+07:00", "page": 3 }),
            json!({ "since": "2026-11-25T01:02:03.5+07:00", "page": 3 }),
        ),
        (json!(null), json!(null)),
    ] {
        sqlx::query("UPDATE petitiond.source SET cursor = $1 WHERE source_id = 'bxd'")
            .bind(&cursor)
            .execute(&house.pool)
            .await
            .unwrap();
        let status = house.row("SELECT cursor FROM national_v1.source_status WHERE source_id = 'bxd'").await;
        assert_eq!(status["cursor"], shown);
    }
}

/// All values of a row by which it could be found from another: ids, ciphertexts, hashes, names of records. Not what
/// many rows share by their nature (times, codes, sources).
fn handles(row: &serde_json::Value, names: &[&str], found: &mut Vec<String>) {
    match row {
        serde_json::Value::String(text) => {
            let is_id = text.len() == 36 && text.matches('-').count() == 4;
            if is_id || text.starts_with("\\x") || names.contains(&text.as_str()) {
                found.push(text.clone());
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| handles(item, names, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|item| handles(item, names, found)),
        _ => {}
    }
}

/// What somebody has who has the whole database but not the keys.
pub struct Dump<'n> {
    names: &'n [&'n str],
    /// By row: its table and its handles.
    rows: Vec<(String, Vec<String>)>,
}

impl<'n> Dump<'n> {
    /// `names`: ids of records that are looked for.
    pub async fn of(house: &House, names: &'n [&'n str]) -> Self {
        let tables = house
            .rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'petitiond' AND table_type = 'BASE TABLE'")
            .await;
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for table in &tables {
            let table = text(&table["table_name"]);
            for row in house.rows(&format!("SELECT to_jsonb(t) AS row FROM petitiond.{table} t")).await {
                let mut found = Vec::new();
                handles(&row, names, &mut found);
                rows.push((table.to_owned(), found));
            }
        }
        Self { names, rows }
    }

    /// The other records that are reached from one, each by way of which tables.
    pub fn reached_from(&self, name: &str) -> BTreeMap<String, String> {
        let mut ways = BTreeMap::from([(name.to_owned(), String::new())]);
        loop {
            let before = ways.len();
            for (table, row) in &self.rows {
                let Some(way) = row.iter().find_map(|handle| ways.get(handle)) else { continue };
                let way = format!("{way} > {table}");
                for handle in row {
                    ways.entry(handle.clone()).or_insert_with(|| way.clone());
                }
            }
            if ways.len() == before {
                ways.retain(|handle, _| self.names.contains(&handle.as_str()) && handle != name);
                return ways;
            }
        }
    }
}

/// Whoever has the whole database but not the keys, as with a stolen dump, finds no way from what is sealed to an open
/// record of the same person: no chain of rows with equal values, through whatever tables.
#[tokio::test(flavor = "multi_thread")]
async fn no_table_leads_from_a_sealed_record_to_an_open_one() {
    let house = House::open().await;
    let person = || json!([{ "name": "Đỗ Thị Oanh", "id_number": "001180012345", "phone": "0912604837" }]);
    let complaint = |id: &str| Sent::petition("hanoi", id).with("petitioners", person());
    house.store(&[Sent::reception("bxd", "luot-tiep")]).await;
    let sent = [
        complaint("khieu-nai"),
        denunciation("byt", "to-cao")
            .with("petitioners", person())
            .refers("recast_of", at("hanoi", "khieu-nai"))
            .refers("reception_of", at("bxd", "luot-tiep")),
        // two that are open, to see that this would be found
        complaint("lan-dau").in_message(1),
        complaint("lan-hai").in_message(1).refers("next_instance_of", at("hanoi", "lan-dau")),
    ];
    house.store(&sent).await;
    // receipts are gone as soon as the broker has them, and each is of one source's message
    house.execute("DELETE FROM petitiond.receipt").await;
    let names = ["khieu-nai", "luot-tiep", "to-cao", "lan-dau", "lan-hai"];
    let dump = Dump::of(&house, &names).await;
    let reached_from = |name: &str| dump.reached_from(name);
    let nobody = BTreeMap::new();
    assert_eq!(reached_from("to-cao"), nobody);
    assert_eq!(reached_from("luot-tiep"), nobody);
    // by the reference, and by the person, whose open petitions all three are
    assert_eq!(reached_from("lan-dau").keys().collect::<Vec<_>>(), ["khieu-nai", "lan-hai"]);
}
