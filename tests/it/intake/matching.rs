//! Filings of one petition that no agency's reference joins.

use serde_json::{Value, json};

use super::{House, Sent, at, orders, text};

const CONTENT: &str = "Bà Hạnh khiếu nại Quyết định số 1523/QĐ-UBND ngày 12/01/2026 của UBND huyện Ý Yên về việc thu hồi 240 m2 đất \
    trồng lúa tại thửa số 118, tờ bản đồ số 7, xã Yên Chính, vì phương án bồi thường áp giá sai vị trí, bỏ sót hoa màu và không hỗ trợ \
    chuyển đổi nghề nghiệp cho gia đình bà theo quy định.";

fn hanh() -> Value {
    json!([{ "name": "Lê Thị Hạnh", "id_number": "036178001234", "birth_year": 1978, "phone": "0912345678",
             "address": "xã Yên Chính, huyện Ý Yên, tỉnh Nam Định" }])
}

/// The petition as its paper says it.
pub fn paper(source: &'static str, id: &str) -> Sent {
    Sent::petition(source, id)
        .with("petitioners", hanh())
        .with("summary", CONTENT)
        .with("category", "land_compensation")
        .with(
            "against",
            json!({ "name": "UBND huyện Ý Yên", "decision_no": "1523/QĐ-UBND", "decision_on": "2026-01-12" }),
        )
}

/// As a clerk elsewhere typed it.
pub fn typed_anew(source: &'static str, id: &str) -> Sent {
    let summary = CONTENT.replace("Bà Hạnh khiếu nại", "Kính gửi Bộ trưởng. Tôi là Lê Thị Hạnh, làm đơn khiếu nại QĐ");
    paper(source, id)
        .with("petitioners", json!([{ "name": "LE THI HANH", "id_number": "036178001234" }]))
        .with("summary", summary)
        .with("received_on", "2026-03-05")
}

/// Makes a record tell of one of two papers, as one of two clerks typed it.
pub fn tells_of(sent: Sent, is_other_paper: bool, is_typed_anew: bool) -> Sent {
    let typed = if is_typed_anew { typed_anew("bxd", "") } else { paper("bxd", "") };
    let mut sent = sent;
    for field in ["petitioners", "summary", "category", "against"] {
        let text = typed.fields[field].to_string();
        let text = if is_other_paper {
            text.replace("1523", "88").replace("118", "9").replace("036178001234", "036066009876")
        } else {
            text
        };
        let text = if is_other_paper { text.replace("Hạnh", "Tuyết").replace("HANH", "TUYET") } else { text };
        sent = sent.with(field, serde_json::from_str::<Value>(&text).unwrap());
    }
    sent
}

impl House {
    /// The petitions, each as the names of its records.
    pub async fn grouped(&self) -> Vec<String> {
        let query = "SELECT string_agg(source_id || '/' || record_id, ' ' ORDER BY source_id, record_id) AS records
                     FROM petitiond.source_record WHERE kind = 'petition' AND entity_id IS NOT NULL GROUP BY entity_id ORDER BY 1";
        self.rows(query).await.iter().map(|row| text(&row["records"]).to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_paper_at_two_agencies_is_one_petition() {
    for order in orders(3) {
        let house = House::open().await;
        let sent = [paper("bxd", "1"), typed_anew("hanoi", "7"), Sent::petition("byt", "khac")];
        for at in &order {
            house.store(&sent[*at..=*at]).await;
        }
        assert_eq!(house.grouped().await, ["bxd/1 hanoi/7", "byt/khac"], "{order:?}");
        let query =
            "SELECT source_id, relation, matched_by FROM national_v1.filing WHERE source_id <> 'byt' ORDER BY 1";
        let told = house.rows(query).await;
        assert_eq!(told[0], json!({ "source_id": "bxd", "relation": "original", "matched_by": "reference" }));
        assert_eq!(told[1], json!({ "source_id": "hanoi", "relation": "copy", "matched_by": "content" }));
        let link = house
            .row("SELECT entity, relation, left_source_id, right_source_id, decided_by, weight > 3 AS is_heavy, probability > 0.9 AS is_sure FROM national_v1.link WHERE entity <> 'person'")
            .await;
        let wanted = json!({ "entity": "petition", "relation": "copy", "left_source_id": "bxd", "right_source_id": "hanoi",
                             "decided_by": "model", "is_heavy": true, "is_sure": true });
        assert_eq!(link, wanted);
        let explanation =
            house.row("SELECT explanation::text AS told FROM national_v1.link WHERE entity <> 'person'").await;
        assert!(
            !text(&explanation["told"]).to_lowercase().contains("hanh"),
            "levels and bits, never values: {explanation}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_writes_nothing() {
    let house = House::open().await;
    let sent = [paper("bxd", "1"), typed_anew("hanoi", "7")];
    house.store(&sent).await;
    let (before, head) = (house.physical().await, house.head().await);
    house.store(&sent).await;
    assert_eq!((house.physical().await, house.head().await), (before, head));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_takes_a_record_out_again_and_back() {
    let house = House::open().await;
    house.store(&[paper("bxd", "1"), typed_anew("hanoi", "7")]).await;
    let id = house.petition_of("bxd", "1").await;
    let seq = house.head().await;
    // the clerk had opened the wrong file
    let other = Sent::petition("hanoi", "7")
        .with("summary", "Kiến nghị sửa đường liên thôn bị hỏng sau mưa lũ, xe không đi lại được")
        .version(2);
    house.store(&[other]).await;
    assert_eq!(house.grouped().await, ["bxd/1", "hanoi/7"]);
    assert_eq!(house.petition_of("bxd", "1").await, id, "the part with the founding record keeps the id");
    assert!(house.ops_after(seq).await.iter().any(|op| op.contains("split")), "the feed tells it");
    assert_eq!(house.count("SELECT count(*) FROM national_v1.link").await, 0);
    let seq = house.head().await;
    house.store(&[typed_anew("hanoi", "7").version(3)]).await;
    assert_eq!(house.grouped().await, ["bxd/1 hanoi/7"]);
    assert!(house.ops_after(seq).await.iter().any(|op| op.contains("merge")), "the feed tells it");
    house.store(&[typed_anew("hanoi", "7").version(4).deleted()]).await;
    assert_eq!(house.grouped().await, ["bxd/1"]);
    // of the filing that is left, and of its petitioner
    assert_eq!(house.count("SELECT count(*) FROM petitiond.node").await, 2, "nothing is kept of what was withdrawn");
    assert_eq!(house.count("SELECT count(*) FROM petitiond.edge").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_with_one_printed_form_are_many_petitions() {
    let house = House::open().await;
    let neighbour = |number: usize| {
        let (parcel, decision) = (118 + number, 1523 + number);
        let summary = CONTENT.replace("118", &parcel.to_string()).replace("1523", &decision.to_string());
        paper(["bxd", "hanoi"][number % 2], &format!("{number:02}"))
            .with("petitioners", json!([{ "name": format!("Nguyễn Văn {}", ["An", "Bình", "Chiến", "Dũng", "Giang"][number % 5]),
                                          "id_number": format!("0360{:02}001{number:03}", 60 + number % 30) }]))
            .with("summary", summary.replace("Bà Hạnh", "Ông"))
            .with("against", json!({ "name": "UBND huyện Ý Yên", "decision_no": format!("{decision}/QĐ-UBND"), "decision_on": "2026-01-12" }))
    };
    let sent: Vec<Sent> = (0..20).map(neighbour).collect();
    house.store(&sent).await;
    assert_eq!(house.grouped().await.len(), 20);
    assert_eq!(house.count("SELECT count(DISTINCT case_id) FROM national_v1.petition").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_filings_are_joined_with_nobody_by_what_they_say() {
    let house = House::open().await;
    let denounced = |sent: Sent| sent.with("type", "denunciation");
    house.store_each(&[paper("bxd", "mo"), typed_anew("hcm", "mo")]).await;
    let shown = |house: &House| {
        let query = "SELECT * FROM national_v1.petition WHERE NOT is_sealed";
        let links = "SELECT * FROM national_v1.link";
        let (petitions, links) = (query.to_owned(), links.to_owned());
        let pool = house.pool.clone();
        async move { (super::rows(&pool, &petitions).await, super::rows(&pool, &links).await) }
    };
    let before = shown(&house).await;
    house.store(&[denounced(paper("byt", "kin")), denounced(typed_anew("hanoi", "kin"))]).await;
    assert_eq!(house.grouped().await, ["bxd/mo hcm/mo", "byt/kin", "hanoi/kin"]);
    assert_eq!(shown(&house).await, before, "nothing that is open tells of what is sealed");
    // a pair of filings and one of petitioners, in both directions: of what is sealed nothing is kept to compare
    assert_eq!(house.count("SELECT count(*) FROM petitiond.node").await, 4);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.edge").await, 4);
    // one of the open ones turns out to be a denunciation: the id that readers know stays with the other
    let id = house.petition_of("hcm", "mo").await;
    house.store(&[denounced(paper("bxd", "mo")).version(2)]).await;
    assert_eq!(house.grouped().await, ["bxd/mo", "byt/kin", "hanoi/kin", "hcm/mo"]);
    assert_eq!(house.petition_of("hcm", "mo").await, id);
    assert_ne!(house.petition_of("bxd", "mo").await, id);
    for table in ["petition", "case_file"] {
        let id = table.trim_end_matches("_file");
        let led_back = format!(
            "SELECT count(*) FROM petitiond.{table} g, petitiond.source_record s
             WHERE s.is_sealed AND (s.source_id, s.record_id) = (g.founding_source, g.founding_record)
               AND g.{id}_id NOT IN (s.entity_id, s.case_id)"
        );
        assert_eq!(house.count(&led_back).await, 0, "what is open names no sealed record as that which founded it");
    }
    let first =
        "SELECT count(*) FROM petitiond.petition p JOIN petitiond.source_record s ON s.first_seen_at = p.first_seen_at
                 WHERE s.is_sealed AND NOT p.is_sealed";
    assert_eq!(house.count(first).await, 0, "nor has its time");
    assert_eq!(house.count("SELECT count(*) FROM petitiond.node").await, 2);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.edge").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_matches_a_part_of_a_petition_joins_the_whole() {
    let house = House::open().await;
    let forwarded = Sent::petition("byt", "chuyen").refers("transferred_from", at("bxd", "1"));
    house.store(&[forwarded, typed_anew("hanoi", "7")]).await;
    assert_eq!(house.grouped().await.len(), 2);
    // the record in the middle comes last
    house.store(&[paper("bxd", "1")]).await;
    assert_eq!(house.grouped().await, ["bxd/1 byt/chuyen hanoi/7"]);
    assert_eq!(house.count("SELECT source_count::bigint FROM national_v1.petition").await, 3);
}

/// A key that too many have says nothing; whether they are too many is told by the count and not by who came first.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_becomes_too_common_and_is_no_longer() {
    let crowd = |number: usize| paper("bxd", &format!("{number:03}"));
    let most = petitiond::pipeline::evidence::MOST;
    let all: Vec<Sent> = (0..=most).map(crowd).collect();
    let edges = |house: &House| {
        let pool = house.pool.clone();
        async move { super::rows(&pool, "SELECT node_id, other_id, margin FROM petitiond.edge ORDER BY 1, 2").await }
    };
    let house = House::open().await;
    house.store(&all[..most]).await;
    let full = edges(&house).await;
    // of the filings and of their petitioners, each pair in both directions
    assert_eq!(full.len(), 2 * most * (most - 1));
    assert_eq!(house.grouped().await.len(), 1);
    // one more, and nothing that the filings share says anything; the number of the petitioner is hers alone all the same
    house.store(&all[most..]).await;
    assert_eq!(edges(&house).await.len(), (most + 1) * most);
    assert_eq!(house.grouped().await.len(), most + 1);
    house.store(&[all[most].clone().version(2).deleted()]).await;
    assert_eq!(edges(&house).await, full);
    assert_eq!(house.grouped().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_and_keeps_its_keys_is_judged_again() {
    let house = House::open().await;
    house.store(&[paper("bxd", "1"), typed_anew("hanoi", "7")]).await;
    // another day: the same keys, other features
    house.store(&[typed_anew("hanoi", "7").with("received_on", "2026-03-06").version(2)]).await;
    assert_eq!(house.grouped().await, ["bxd/1 hanoi/7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_says_the_same_leaves_nobody_out() {
    let house = House::open().await;
    house.store(&[paper("bxd", "1"), typed_anew("hanoi", "7")]).await;
    house.store(&[typed_anew("hanoi", "7").with("extra", json!({ "sổ": "12" })).version(2)]).await;
    assert_eq!(house.grouped().await, ["bxd/1 hanoi/7"]);
}
