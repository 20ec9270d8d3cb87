//! What is sealed stays sealed: of a denouncer nothing is in the database in the clear, and no row leads to one.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{House, Sent, at, orders};

/// What must not be seen; each once in [`with_canaries`].
const CANARIES: &[&str] = &[
    "Trịnh Hoàng Yến",
    "Hợp tác xã Bồ Câu",
    "001173999888",
    "0987654329",
    "987654329",
    "yen.canary@example.vn",
    "Ngõ 77 Phố Vọng",
    "động trời khó nói",
    "nội dung thứ hai",
    "ghi chú kín đáo",
    "Ông Giám Đốc Nọ",
    "thư riêng của cô Yến",
    "lời khai lạ lùng",
    "con trai bà Sáu",
    "31:17.271828",
];

/// What the record does not say itself, filled with canaries.
fn with_canaries(mut sent: Sent) -> Sent {
    let canaries = json!({
        "petitioners": [{ "name": "Trịnh Hoàng Yến", "id_number": "001173999888", "phone": "0987654329", "email": "Yen.Canary@example.vn",
                          "address": "Ngõ 77 Phố Vọng, Hà Nội", "organization": "Hợp tác xã Bồ Câu", "birth_year": 1973,
                          "gender": "female", "nickname": "con trai bà Sáu" }],
        "summary": "động trời khó nói",
        "items": [{ "type": "complaint", "summary": "nội dung thứ hai" }],
        "against": { "name": "Ông Giám Đốc Nọ", "agency": "G13" },
        "decision_no": "001173999888",
        "events": [{ "action": "accepted", "at": "2026-03-04T09:31:17.271828+07:00", "note": "ghi chú kín đáo", "document_no": "thư riêng của cô Yến" },
                   { "action": "settled", "at": "2026-03-05", "document_no": "0987654329" }],
        "extra": { "khác": "lời khai lạ lùng" },
        "reception": { "at": "2026-03-01T08:31:17.271828+07:00", "result": "lời khai lạ lùng" },
    });
    sent.fields.remove("petitioners");
    if sent.fields["kind"] == "reception" {
        sent.fields.remove("reception");
    }
    for (field, value) in canaries.as_object().unwrap() {
        sent.fields.entry(field).or_insert_with(|| value.clone());
    }
    sent
}

/// The ways in which a text may stand in a dump.
fn writings(text: &str) -> Vec<String> {
    let escaped: String = text
        .chars()
        .flat_map(|c| {
            if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", c as u32) }.chars().collect::<Vec<_>>()
        })
        .collect();
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    vec![
        text.to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        STANDARD.encode(text),
        escaped,
        hex(text),
        hex(&text.to_lowercase()),
    ]
}

fn dump(house: &House) -> String {
    let output = Command::new("pg_dump")
        .arg("--no-owner")
        .arg(house.database.url())
        .output()
        .expect("pg_dump (Debian: postgresql-client)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn seen(dump: &str) -> Vec<&'static str> {
    CANARIES
        .iter()
        .copied()
        .filter(|canary| writings(canary).iter().any(|writing| dump.contains(writing.as_str())))
        .collect()
}

fn nothing_seen(house: &House, what: &str) {
    let dump = dump(house);
    let seen_in_all = seen(&dump);
    if !seen_in_all.is_empty() {
        let lines: Vec<&str> = dump.lines().filter(|line| !seen(line).is_empty()).collect();
        panic!("{what}: {seen_in_all:?}\n{lines:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_sealed_record_is_in_a_dump() {
    let kinds: Vec<(&str, Sent)> = vec![
        ("a denunciation", Sent::petition("bxd", "1").with("type", "denunciation")),
        ("a confidential complaint", Sent::petition("bxd", "2").with("confidential", true)),
        ("perhaps confidential", Sent::petition("bxd", "3").with("confidential", "xin giữ kín")),
        ("a state secret", Sent::petition("bxd", "4").with("restricted", true)),
        ("perhaps a state secret", Sent::petition("bxd", "5").with("restricted", "mật")),
        ("an unknown type", Sent::petition("bxd", "6").with("type", "đơn lạ")),
        ("no type", Sent::petition("bxd", "7").with("type", Value::Null)),
        ("mixed, of who knows what", Sent::petition("bxd", "8").with("type", "mixed").with("items", json!([]))),
        ("a confidential reception", Sent::reception("bxd", "9").with("confidential", true)),
        ("a reception that does not say of what", Sent::reception("bxd", "10").with("type", Value::Null)),
        ("withdrawn", Sent::petition("bxd", "14").deleted()),
        ("incomplete", Sent::petition("bxd", "11").part("intake").with("received_on", Value::Null)),
        ("quarantined", Sent::petition("bxd", "12").with("received_on", Value::Null)),
        ("refused", Sent::petition("bxd", "13").with("type", "denunciation").with("received_on", "2020-02-02")),
    ];
    let house = House::open().await;
    house.execute("ALTER TABLE petitiond.petition ADD CHECK (received_on <> '2020-02-02')").await;
    for (what, sent) in &kinds {
        house.store(&[with_canaries(sent.clone())]).await;
        // and once more, with the same paper at another agency
        let copy =
            Sent::petition("hanoi", &format!("copy of {what}")).refers("transferred_from", at("bxd", &sent.record_id));
        house.store(&[copy]).await;
        nothing_seen(&house, what);
    }
    assert_eq!(house.count("SELECT count(*) FROM petitiond.quarantine").await, 2);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.receipt").await, 2 * i64::try_from(kinds.len()).unwrap());
    let denunciation = house.row("SELECT p.* FROM national_v1.petition p JOIN national_v1.filing f USING (petition_id) WHERE f.record_id = '1'").await;
    assert_eq!(
        (&denunciation["is_sealed"], &denunciation["summary"], &denunciation["commune_code"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    assert!(!seen(&dump(&open_house().await)).is_empty(), "the canaries are seen where nothing is sealed");
}

async fn open_house() -> House {
    let house = House::open().await;
    house.store(&[with_canaries(Sent::petition("bxd", "open"))]).await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_secret_is_not_even_kept_under_seal() {
    let house = House::open().await;
    // of a state secret ids, clocks and codes may be kept
    let told = |text: &str| seen(text).into_iter().filter(|canary| !canary.contains(".271828")).collect::<Vec<_>>();
    for sent in [
        with_canaries(Sent::petition("bxd", "1").with("restricted", true)),
        with_canaries(
            Sent::petition("bxd", "2")
                .with("restricted", "tuyệt mật")
                .with("category", "lời khai lạ lùng")
                .with("stage", "con trai bà Sáu"),
        ),
        with_canaries(Sent::petition("bxd", "3").part("content")),
        Sent::bare("bxd", "3").part("mark").version(2).with("restricted", true),
    ] {
        house.store(&[sent]).await;
    }
    let open = |purpose, owner: &str, sealed: &Value| -> String {
        let hex = sealed.as_str().unwrap().trim_start_matches("\\x");
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        String::from_utf8(house.desk.ring.open(purpose, owner, &bytes).unwrap()).unwrap()
    };
    let shown = house.rows("SELECT quality_flags FROM national_v1.source_record UNION ALL SELECT quality_flags FROM national_v1.petition").await;
    assert!(shown.iter().all(|row| row["quality_flags"] == json!([])), "a rare flag tells of its record: {shown:?}");
    let flags = house.rows("SELECT quality_flags FROM petitiond.source_record WHERE record_id IN ('1', '2')").await;
    assert!(flags.iter().all(|row| row["quality_flags"].to_string().contains("restricted_content")), "{flags:?}");
    for row in house.rows("SELECT record_id, content FROM petitiond.source_record").await {
        let content = open(
            petitiond::seal::Purpose::Content,
            &format!("bxd/{}", super::text(&row["record_id"])),
            &row["content"],
        );
        assert!(told(&content).is_empty(), "{content}");
    }
    for row in house.rows("SELECT part, content FROM petitiond.record_part").await {
        let content =
            open(petitiond::seal::Purpose::Part, &format!("bxd/3#{}", super::text(&row["part"])), &row["content"]);
        assert!(told(&content).iter().all(|canary| *canary == "thư riêng của cô Yến"), "{content}");
    }
    let archived = house.rows("SELECT payload FROM petitiond.archive ORDER BY archive_id").await;
    // the third came before anything said that it is a secret
    for index in [0, 1, 3] {
        let payload = open(petitiond::seal::Purpose::Archive, "bxd", &archived[index]["payload"]);
        assert!(told(&payload).is_empty(), "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_of_one_agency_seals_all_and_its_end_opens_them() {
    let house = House::open().await;
    let own = with_canaries(Sent::petition("bxd", "1"));
    let other = Sent::petition("hanoi", "2").refers("transferred_from", at("bxd", "1"));
    house.store(&[own, other.clone()]).await;
    let open = seen(&dump(&house));
    assert!(
        open.contains(&"Trịnh Hoàng Yến") && open.contains(&"31:17.271828") && open.contains(&"động trời khó nói"),
        "{open:?}"
    );
    let (petition, head) = (house.petition_of("bxd", "1").await, house.head().await);
    house.store(&[other.clone().version(2).with("confidential", true)]).await;
    nothing_seen(&house, "after the mark");
    assert_eq!(house.petition_of("bxd", "1").await, petition);
    let ops = house.ops_after(head).await;
    assert!(ops.contains(&"petition update".to_owned()), "{ops:?}");
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petitioner_identity").await, 0);
    let petitioner = house.row("SELECT * FROM national_v1.petitioner").await;
    for column in ["gender", "birth_year", "province_code", "commune_code", "person_id"] {
        assert_eq!(petitioner[column], Value::Null, "{column}");
    }
    house.store(&[other.version(3)]).await;
    assert_eq!(seen(&dump(&house)), open);
}

/// Every public id that two records share, and every row that names both.
async fn connections(house: &House, one: &str, two: &str) -> Vec<String> {
    let mut found = Vec::new();
    for column in ["petition_id", "reception_id", "case_id"] {
        let shared = format!(
            "SELECT count(*) FROM national_v1.source_record a JOIN national_v1.source_record b USING ({column})
             WHERE a.record_id = '{one}' AND b.record_id = '{two}'"
        );
        if house.count(&shared).await > 0 {
            found.push(column.to_owned());
        }
    }
    for view in [
        "link",
        "field_origin",
        "filing",
        "event",
        "petition",
        "case_file",
        "reception",
        "petition_alias",
        "case_alias",
    ] {
        let both = format!(
            "SELECT count(*) FROM national_v1.{view} v WHERE v::text LIKE '%{one}%' AND v::text LIKE '%{two}%'"
        );
        if house.count(&both).await > 0 {
            found.push(view.to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leads_from_an_open_complaint_to_the_denunciation() {
    let complaint = || Sent::petition("bxd", "khieu-nai");
    let denunciation = || {
        with_canaries(Sent::petition("hanoi", "to-cao").with("type", "denunciation"))
            .refers("recast_of", at("bxd", "khieu-nai"))
    };
    let reception = || Sent::reception("bnv", "luot-tiep");
    for reversed in [false, true] {
        let house = House::open().await;
        let mut list = vec![
            complaint(),
            denunciation().refers("reception_of", at("bnv", "luot-tiep")),
            reception().refers("reception_of", at("bxd", "khieu-nai")),
        ];
        if reversed {
            list.reverse();
        }
        house.store_each(&list).await;
        assert_eq!(connections(&house, "khieu-nai", "to-cao").await, [""; 0], "reversed: {reversed}");
        let case = house.row("SELECT c.* FROM national_v1.case_file c JOIN national_v1.source_record s USING (case_id) WHERE s.record_id = 'khieu-nai'").await;
        assert_eq!(
            (&case["petition_count"], &case["person_count"], &case["agency_count"]),
            (&json!(1), &json!(1), &json!(2)),
            "the complaint and the reception at another agency"
        );
        // whoever asks the reception finds the open complaint and nothing of the sealed one
        assert_eq!(connections(&house, "to-cao", "luot-tiep").await, [""; 0]);
        assert!(connections(&house, "khieu-nai", "luot-tiep").await.contains(&"case_id".to_owned()));
        let receipts = house.rows("SELECT body FROM petitiond.receipt WHERE source_id = 'bxd'").await;
        assert!(
            receipts
                .iter()
                .all(|receipt| !receipt.to_string().contains("H26") && !receipt.to_string().contains("sealed")),
            "{receipts:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_becomes_a_denunciation_leaves_its_open_case() {
    let house = House::open().await;
    house
        .store(&[
            Sent::petition("bxd", "khieu-nai"),
            Sent::petition("hanoi", "to-cao").refers("recast_of", at("bxd", "khieu-nai")),
        ])
        .await;
    assert_eq!(connections(&house, "khieu-nai", "to-cao").await, ["case_id", "link"]);
    house
        .store(&[with_canaries(Sent::petition("hanoi", "to-cao").version(2).with("type", "denunciation"))
            .refers("recast_of", at("bxd", "khieu-nai"))])
        .await;
    assert_eq!(connections(&house, "khieu-nai", "to-cao").await, [""; 0]);
    nothing_seen(&house, "recast");
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_tell_of_a_sealed_record_only_whom_to_ask() {
    let house = House::open().await;
    house.store(&[with_canaries(Sent::petition("bxd", "1").with("type", "denunciation"))]).await;
    house.store(&[Sent::petition("hanoi", "2").refers("transferred_from", at("bxd", "1"))]).await;
    house.store(&[Sent::petition("bnv", "3").refers("transferred_from", at("bxd", "1"))]).await;
    let lines = house.rows("SELECT body -> 'records' -> 0 AS line FROM petitiond.receipt ORDER BY receipt_id").await;
    assert_eq!(lines[1]["line"]["related_sealed_record"], json!({ "ask": "G17" }));
    // the agency complained of learns nothing, not even that others have it
    assert_eq!(lines[2]["line"]["related_sealed_record"], Value::Null);
    assert!(lines.iter().all(|line| line["line"]["also_held_by"].is_null()), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_a_number_away_from_the_denunciation_that_has_it() {
    for (what, source, joins) in [
        // a source of another agency that says it is this one, and has the same number
        ("an impostor", "byt", true),
        // another system of the same agency, which counts from one too
        ("a namesake", "bxd-moi", false),
    ] {
        let house = House::open().await;
        for order in [[0, 1, 2], [0, 2, 1], [2, 0, 1], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let (id, copy) = (format!("to-cao-{order:?}"), format!("ban-sao-{order:?}"));
            let by_agency = json!({ "agency": "G17", "record_id": id });
            let list = [
                with_canaries(Sent::petition("bxd", &id).with("type", "denunciation")),
                with_canaries(Sent::petition("hanoi", &copy)).refers("transferred_from", by_agency),
                Sent::petition(source, &id).with("agency", "G17"),
            ];
            house.store_each(&order.map(|index| list[index].clone())).await;
            let one = house.petition_of("hanoi", &copy).await == house.petition_of("bxd", &id).await;
            assert_eq!(one, joins, "{what} {order:?}");
        }
        nothing_seen(&house, what);
        // the namesake may be what the copy is of
        let open = if joins { 6 } else { 0 };
        assert_eq!(house.count("SELECT count(*) FROM national_v1.petition WHERE NOT is_sealed").await, open, "{what}");
    }
    // the other way round: the denunciation names the complaint it grew out of
    let house = House::open().await;
    house
        .store_each(&[
            with_canaries(Sent::petition("bxd", "17")),
            Sent::petition("hanoi", "to-cao")
                .with("type", "denunciation")
                .refers("transferred_from", json!({ "agency": "G17", "record_id": "17" })),
            Sent::petition("bxd-moi", "17"),
        ])
        .await;
    nothing_seen(&house, "a number that two have now");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_last_counts_below_what_cannot_be_read() {
    let house = House::open().await;
    let denunciation = |id: &str| with_canaries(Sent::petition("bxd", id).with("type", "denunciation"));
    let unreadable = |id: &str| Sent::bare("bxd", id).version(2);
    let tombstone = |id: &str| Sent::bare("bxd", id).version(3).deleted();
    for (id, batches) in [
        ("a", vec![vec![denunciation("a"), unreadable("a"), tombstone("a")]]),
        ("b", vec![vec![tombstone("b")], vec![unreadable("b"), denunciation("b")]]),
        (
            "c",
            vec![vec![tombstone("c")], vec![tombstone("c"), unreadable("c")], vec![tombstone("c"), denunciation("c")]],
        ),
    ] {
        let copy =
            with_canaries(Sent::petition("hanoi", &format!("ban-sao-{id}"))).refers("transferred_from", at("bxd", id));
        house.store(&[copy]).await;
        // and all of it again, as after a crash
        for batch in batches.iter().chain(&batches) {
            house.store(batch).await;
        }
    }
    nothing_seen(&house, "said last");
    let sealed =
        "SELECT count(*) FROM national_v1.filing f JOIN national_v1.petition p USING (petition_id) WHERE p.is_sealed";
    assert_eq!(house.count(sealed).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_cannot_be_read_hides_none_that_can() {
    let versions = |id: &str| {
        vec![
            Sent::petition("bxd", id).with("summary", "một"),
            Sent::petition("bxd", id).version(2).with("summary", "hai"),
            Sent::bare("bxd", id).version(3).with("summary", id),
            Sent::bare("bxd", id).version(4).with("summary", format!("{id} 4")),
        ]
    };
    let house = House::open().await;
    for order in orders(4) {
        let list = |id: &str| order.iter().map(|index| versions(id)[*index].clone()).collect::<Vec<Sent>>();
        house.store_each(&list(&format!("{order:?} each"))).await;
        house.store(&list(&format!("{order:?} at once"))).await;
    }
    let wrong =
        "SELECT record_id FROM national_v1.filing JOIN national_v1.petition USING (petition_id) WHERE summary <> 'hai'";
    assert_eq!(house.rows(wrong).await, Vec::<Value>::new());
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition").await, 48);
    assert_eq!(house.count("SELECT count(*) FROM petitiond.quarantine").await, 96);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_opens_nothing() {
    let house = House::open().await;
    let mut open_again = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1]] {
        let name = |what: &str| format!("{what}-{order:?}");
        let list = [
            with_canaries(Sent::petition("bxd", &name("to-cao")).with("type", "denunciation")),
            Sent::bare("bxd", &name("to-cao")).version(2).deleted(),
            with_canaries(Sent::petition("hanoi", &name("ban-sao")))
                .refers("transferred_from", at("bxd", &name("to-cao"))),
        ];
        house.store_each(&order.map(|index| list[index].clone())).await;
        open_again.push(Sent::petition("bxd", &name("to-cao")).version(3));
    }
    // in one batch, too
    let list = [
        with_canaries(Sent::petition("hanoi", "ban-sao").refers("transferred_from", at("bxd", "to-cao"))),
        Sent::bare("bxd", "to-cao").version(2).deleted(),
        with_canaries(Sent::petition("bxd", "to-cao").with("type", "denunciation")),
    ];
    house.store(&list).await;
    nothing_seen(&house, "withdrawn");
    // what is repeated is stored already
    let (before, head) = (house.physical().await, house.head().await);
    house.store(&list).await;
    assert_eq!((house.physical().await, house.head().await), (before, head));
    // only the agency itself opens it again: by sending the record as what it is
    house.store_each(&open_again).await;
    assert!(!seen(&dump(&house)).is_empty());
    let opened = "SELECT count(*) FROM petitiond.source_record WHERE NOT is_sealed AND record_id LIKE 'to-cao%'";
    assert_eq!(house.count(opened).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_withdrawal_of_an_open_record_seals_nothing() {
    let house = House::open().await;
    let copy = Sent::petition("hanoi", "ban-sao").refers("transferred_from", at("bxd", "khieu-nai"));
    house
        .store_each(&[
            Sent::petition("bxd", "khieu-nai").with("type", "denunciation"),
            Sent::petition("bxd", "khieu-nai").version(2),
            copy,
            Sent::bare("bxd", "khieu-nai").version(3).deleted(),
            Sent::petition("bxd", "khieu-nai").with("type", "denunciation"),
        ])
        .await;
    let petition = house.row("SELECT is_sealed FROM national_v1.petition").await;
    assert_eq!(petition["is_sealed"], json!(false));
}

/// The records of a story, all under one name.
type Story = fn(&str) -> Vec<Sent>;

/// Each story of a denunciation and an open copy of it, in every order in which it may come, a record a batch and all in
/// one: the copy stays sealed, and what comes again changes nothing. The canaries are in what is last.
async fn stays_sealed(stories: &[(&str, Story)]) {
    for (what, story) in stories {
        let house = House::open().await;
        for order in orders(story("").len()) {
            let list = story(&format!("{order:?}"));
            let last = list.len() - 1;
            let marked =
                |index: &usize| if *index == last { with_canaries(list[*index].clone()) } else { list[*index].clone() };
            house.store_each(&order.iter().map(marked).collect::<Vec<_>>()).await;
            let together = story(&format!("{order:?} at once"));
            house.store(&order.iter().map(|index| together[*index].clone()).collect::<Vec<_>>()).await;
            let (before, head) = (house.physical().await, house.head().await);
            house.store_each(&order.iter().map(marked).collect::<Vec<_>>()).await;
            assert_eq!((house.physical().await, house.head().await), (before, head), "{what} {order:?}");
        }
        nothing_seen(&house, what);
        let open = house
            .rows("SELECT source_id, record_id FROM petitiond.source_record WHERE source_id = 'hcm' AND NOT is_sealed")
            .await;
        assert_eq!(open, Vec::<Value>::new(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_led_to_a_copy_once_goes_on_sealing_it() {
    let denunciation = |id: &str| Sent::petition("bxd", id).with("type", "denunciation");
    let copy = |id: &str| Sent::petition("hcm", id);
    stays_sealed(&[
        ("an open record in between is withdrawn", |id| {
            vec![
                Sent::petition("bxd", id).with("type", "denunciation"),
                Sent::petition("hanoi", id).refers("transferred_from", at("bxd", id)),
                Sent::bare("hanoi", id).version(2).deleted(),
                Sent::petition("hcm", id).refers("transferred_from", at("hanoi", id)),
            ]
        }),
        ("an open record in between no longer names it", |id| {
            vec![
                Sent::petition("bxd", id).with("type", "denunciation"),
                Sent::petition("hanoi", id).refers("transferred_from", at("bxd", id)),
                Sent::petition("hanoi", id).version(2),
                Sent::petition("hcm", id).refers("transferred_from", at("hanoi", id)),
            ]
        }),
        ("the denunciation no longer names it", |id| {
            vec![
                Sent::petition("bxd", id).with("type", "denunciation").refers("transferred_to", at("hcm", id)),
                Sent::petition("bxd", id).with("type", "denunciation").version(2),
                Sent::petition("hcm", id),
            ]
        }),
        ("the denunciation is of another agency now", |id| {
            vec![
                Sent::petition("bxd", id).with("type", "denunciation"),
                Sent::petition("bxd", id).with("type", "denunciation").version(2).with("agency", "G17.1"),
                Sent::petition("hcm", id).refers("transferred_from", json!({ "agency": "G17", "record_id": id })),
            ]
        }),
        ("the copy no longer names it", |id| {
            vec![
                Sent::petition("bxd", id).with("type", "denunciation"),
                Sent::petition("hcm", id).refers("transferred_from", at("bxd", id)).with("summary", "x"),
                Sent::petition("hcm", id).version(2),
            ]
        }),
        ("a letter is forgotten", |id| {
            let letter = |agency: &str| json!({ "agency": agency, "document_no": format!("{id}/PC"), "document_on": "2026-02-01" });
            vec![
                Sent::petition("bxd", id).with("type", "denunciation").refers("transferred_to", letter("H29")),
                Sent::petition("bxd", id).with("type", "denunciation").version(2),
                Sent::petition("hcm", id).refers("transferred_from", letter("G17")),
            ]
        }),
    ])
    .await;
    // only the agency itself takes it back
    let house = House::open().await;
    house.store_each(&[denunciation("1"), copy("1").refers("transferred_from", at("bxd", "1"))]).await;
    house.store(&[Sent::petition("bxd", "1").version(2)]).await;
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition WHERE NOT is_sealed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_part_said_last_goes_on_sealing() {
    stays_sealed(&[
        ("the part that said so is withdrawn", |id| {
            vec![
                Sent::petition("bxd", id).part("intake"),
                Sent::bare("bxd", id).part("mark").version(2).with("type", "denunciation"),
                Sent::bare("bxd", id).part("mark").version(3).deleted(),
                Sent::petition("hcm", id).refers("transferred_from", at("bxd", id)),
            ]
        }),
        ("the whole is withdrawn and a part comes", |id| {
            vec![
                Sent::petition("bxd", id).with("type", "denunciation"),
                Sent::bare("bxd", id).version(2).deleted(),
                Sent::bare("bxd", id)
                    .part("result")
                    .version(3)
                    .with("kind", "petition")
                    .with("received_on", "2026-03-02")
                    .with("stage", "settled"),
                Sent::petition("hcm", id).refers("transferred_from", at("bxd", id)),
            ]
        }),
        ("a part no longer names the copy", |id| {
            vec![
                Sent::petition("bxd", id).part("intake").with("type", "denunciation"),
                Sent::bare("bxd", id).part("way").version(2).refers("transferred_to", at("hcm", id)),
                Sent::bare("bxd", id).part("way").version(3).with("stage", "settled"),
                Sent::petition("hcm", id),
            ]
        }),
        ("a part that has nothing else yet", |id| {
            vec![
                Sent::bare("bxd", id).part("mark").with("type", "denunciation").refers("transferred_to", at("hcm", id)),
                Sent::petition("hcm", id),
            ]
        }),
    ])
    .await;
    // a newer part that says otherwise is the agency's word, too
    let house = House::open().await;
    house
        .store_each(&[
            Sent::petition("bxd", "1").part("intake"),
            Sent::bare("bxd", "1").part("mark").version(2).with("type", "denunciation"),
            Sent::bare("bxd", "1").part("mark").version(3).deleted(),
            Sent::bare("bxd", "1").part("other").version(4).with("type", "complaint"),
        ])
        .await;
    assert_eq!(house.count("SELECT count(*) FROM national_v1.petition WHERE NOT is_sealed").await, 1);
}
