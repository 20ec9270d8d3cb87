//! Pairs of filings as people would judge them, and laws that hold for all.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::person::Matcher;
use super::super::survivorship::tests::record;
use super::*;
use crate::domain::NormalizedRecord;

/// Two filings that begin alike.
fn base() -> Value {
    json!({
        "received_on": "2025-03-10", "written_on": "2025-03-05", "instance": 1, "category": "01.2.1",
        "summary": "Gia đình tôi sử dụng thửa đất số 123, tờ bản đồ số 45 ổn định, được ông nội Lê Phúc Hậu cho năm 1987. \
            Ngày 12/01/2025, UBND huyện ban hành Quyết định số 987/QĐ-UBND thu hồi đất, bồi thường 215.400.000 đồng, bỏ sót \
            giếng khoan và vườn thanh long ruột đỏ trồng theo dự án khuyến nông.",
        "against": { "name": "UBND huyện Ba Vì", "decision_no": "987/QĐ-UBND", "decision_on": "2025-01-12" },
        "petitioners": [person("Nguyễn Thị Kim Oanh", "001170012345", 1970)],
    })
}

fn person(name: &str, number: &str, year: i32) -> Value {
    json!({
        "name": name, "id_number": number, "id_kind": "cccd", "birth_year": year,
        "phones": [format!("+8491{}", number.get(5..).unwrap())],
        "place": { "province_code": "01", "commune_code": "09619", "street": "thôn Đông" },
    })
}

fn with(changes: &Value) -> Value {
    let mut fields = base();
    for (field, value) in changes.as_object().unwrap() {
        fields[field] = value.clone();
    }
    fields
}

fn filing(source: &str, fields: &Value) -> Features {
    Features::of(&record(source, "1", fields), &Model::built_in().phrases).unwrap()
}

fn judged(one: &Value, other: &Value) -> Judgement {
    let matcher = Matcher::embedded();
    let judge = Judge::new(Model::built_in(), &matcher);
    let (one, other) = (filing("bxd", one), filing("hanoi", other));
    let judgement = judge.judge(&one, &other);
    assert_eq!(judgement, judge.judge(&other, &one));
    judgement
}

const RETOLD: &str = "Bà Nguyễn Thị Kim Oanh KN Quyết định số 987/QĐ-UBND, thu hồi thửa 123, TBĐ 45, 215,4 triệu đồng";
const NEIGHBOUR: &str = "Gia đình tôi sử dụng thửa đất số 129, tờ bản đồ số 45 ổn định, được ông nội Lê Phúc Hậu cho năm 1987. \
    Ngày 12/01/2025, UBND huyện ban hành Quyết định số 990/QĐ-UBND thu hồi đất, bồi thường 215.400.000 đồng, bỏ sót \
    giếng khoan và vườn thanh long ruột đỏ trồng theo dự án khuyến nông.";

fn neighbour() -> Value {
    person("Trần Văn Lực", "001065054321", 1965)
}

#[test]
fn pairs_as_people_would_judge_them() {
    let sent_on = json!({ "events": [{ "action": "transferred", "at": "2025-03-12T02:00:00Z", "to_agency": "H26" }] });
    let act = |number: &str, on: &str| json!({ "name": "UBND huyện Ba Vì", "decision_no": number, "decision_on": on });
    for (what, one, other, relation) in [
        ("the same paper elsewhere", json!({}), json!({ "received_on": "2025-03-12" }), Some(Relation::Copy)),
        (
            "retold by a clerk",
            json!({}),
            json!({ "summary": RETOLD, "received_on": "2025-03-12" }),
            Some(Relation::Copy),
        ),
        ("sent on", sent_on, json!({ "received_on": "2025-03-20", "channel": "transfer" }), Some(Relation::Forwarded)),
        (
            "lodged again",
            json!({}),
            json!({ "received_on": "2025-08-01", "written_on": "2025-07-30" }),
            Some(Relation::Repeat),
        ),
        (
            "the second complaint",
            json!({ "decision_no": "55/QĐ-UBND", "decision_on": "2025-05-20" }),
            json!({ "instance": 2, "received_on": "2025-06-15", "written_on": "2025-06-10" }),
            Some(Relation::NextInstance),
        ),
        (
            "come back as a denunciation",
            json!({ "decision_no": "55/QĐ-UBND", "decision_on": "2025-05-20" }),
            json!({ "type": "denunciation", "received_on": "2025-06-15", "written_on": "2025-06-10" }),
            Some(Relation::Recast),
        ),
        ("others against one decision", json!({}), json!({ "petitioners": [neighbour()] }), Some(Relation::Same)),
        (
            "a neighbour with the same form",
            json!({}),
            json!({ "petitioners": [neighbour()], "summary": NEIGHBOUR, "against": act("990/QĐ-UBND", "2025-01-12") }),
            Some(Relation::Sibling),
        ),
        (
            "another matter of the same person",
            json!({}),
            json!({
                "category": "02.2", "summary": "Bệnh viện thu tiền giường 1.270.000 đồng không có hóa đơn",
                "against": { "name": "Bệnh viện đa khoa khu vực Sơn Tây" }, "received_on": "2025-11-03", "written_on": null,
            }),
            None,
        ),
    ] {
        let judgement = judged(&with(&one), &with(&other));
        assert_eq!(judgement.relation, relation, "{what}: {judgement:?}");
    }
}

#[test]
fn what_forbids_is_stronger_than_any_weight() {
    for (what, change) in [
        ("two valid numbers", json!({ "petitioners": [person("Nguyễn Thị Kim Oanh", "001170067890", 1970)] })),
        ("another instance", json!({ "instance": 2 })),
        ("complaint and denunciation", json!({ "type": "denunciation" })),
        ("another parcel of somebody else", json!({ "petitioners": [neighbour()], "summary": NEIGHBOUR })),
    ] {
        let judgement = judged(&base(), &with(&change));
        assert!(judgement.is_never, "{what}: {judgement:?}");
        assert!(judgement.relation.is_none_or(|relation| !relation.is_petition()), "{what}: {judgement:?}");
    }
    assert!(!judged(&base(), &base()).is_never);
}

#[test]
fn a_common_name_and_a_common_form_link_nobody() {
    let weak = |summary: &str| {
        json!({
            "received_on": "2025-03-10", "category": "01.2.1", "summary": summary,
            "petitioners": [{ "name": "Nguyễn Văn Hùng", "place": { "province_code": "01", "commune_code": "09619" } }],
        })
    };
    let boilerplate = "Đơn khiếu nại về việc bồi thường, hỗ trợ khi Nhà nước thu hồi đất. Tôi xin chân thành cảm ơn.";
    let judgement = judged(&weak(boilerplate), &weak(boilerplate));
    assert!(judgement.relation.is_none_or(|relation| relation == Relation::Sibling), "{judgement:?}");
    assert!(judgement.bits < Model::built_in().thresholds.petition, "{judgement:?}");
}

#[test]
fn lists_are_compared_as_sets() {
    let signers = |range: std::ops::Range<usize>| {
        let all: Vec<Value> = ["An", "Bình", "Chi", "Dũng", "Giang", "Hòa", "Khánh", "Lan", "Minh", "Nga"]
            .iter()
            .enumerate()
            .map(|(at, given)| {
                person(&format!("Phạm Quốc {given}"), &format!("0010{}{:06}", 60 + at, 137 * at), 1960 + at as i32)
            })
            .collect();
        let mut some = all[range].to_vec();
        some.reverse();
        with(&json!({ "petitioners": some, "written_on": null }))
    };
    let judgement = judged(&signers(0..8), &signers(2..10));
    assert!(judgement.relation.is_some_and(Relation::is_petition), "{judgement:?}");
    let judgement = judged(&signers(0..5), &signers(5..10));
    assert!(!judgement.relation.is_some_and(Relation::is_petition), "{judgement:?}");
    // the same people in another order are the same features
    let mut reversed = signers(0..8);
    reversed["petitioners"].as_array_mut().unwrap().reverse();
    assert!(filing("bxd", &signers(0..8)) == filing("bxd", &reversed));
}

#[test]
fn keys_find_what_is_one_and_are_few() {
    let matcher = Matcher::embedded();
    let keys = |fields: Value| filing("bxd", &with(&fields)).keys(&matcher);
    let meet = |one: &[String], other: &[String]| one.iter().filter(|key| other.contains(key)).count();
    let all = keys(json!({}));
    assert!((10..=24).contains(&all.len()), "{all:?}");
    for (what, change) in [
        ("retold, by nobody", json!({ "summary": RETOLD, "petitioners": [] })),
        ("only the text", json!({ "petitioners": [], "against": {} })),
        ("only the person", json!({ "summary": "đất", "against": {} })),
        ("only the decision", json!({ "summary": null, "petitioners": [neighbour()] })),
    ] {
        assert!(meet(&all, &keys(change)) > 0, "{what}");
    }
    let nothing = json!({ "summary": "Kính gửi quý cơ quan", "petitioners": [], "against": {} });
    assert_eq!(keys(nothing), Vec::<String>::new());
}

#[test]
fn features_tell_no_value_and_are_read_as_they_were_written() {
    let features = filing("bxd", &base());
    let shown = format!("{features:?}");
    for value in ["Oanh", "001170012345", "987", "123", "09619", "thanh long"] {
        assert!(!shown.contains(value), "{shown}");
    }
    let packed = postcard::to_stdvec(&features).unwrap();
    assert!(postcard::from_bytes::<Features>(&packed).unwrap() == features);
    let reception = NormalizedRecord { kind: crate::domain::Kind::Reception, ..record("bxd", "1", &base()) };
    assert!(Features::of(&reception, &Phrases::default()).is_none());
}

#[test]
fn an_explanation_adds_up_and_tells_no_value() {
    let matcher = Matcher::embedded();
    let judge = Judge::new(Model::built_in(), &matcher);
    let judgement = judged(&base(), &base());
    let explained = judge.explain(&judgement);
    assert_eq!(explained["relation"], "copy");
    assert_eq!(explained["likeliest"], "same");
    let steps = explained["comparisons"].as_array().unwrap();
    assert_eq!(steps.len(), COMPARISONS.len());
    let sum: f64 = steps.iter().map(|step| step["bits"].as_f64().unwrap()).sum();
    let sum = sum + explained["prior_bits"].as_f64().unwrap();
    // against the likeliest of the others alone the pair weighs no less than against all of them
    assert!(sum + 0.2 >= explained["petition_bits"].as_f64().unwrap() && sum > 0.0, "{explained}");
    assert!(!explained.to_string().contains("987"));
}

fn any_filing() -> impl Strategy<Value = Value> {
    let pick = |values: Vec<Value>| proptest::sample::select(values);
    let people = vec![json!([]), json!([neighbour()]), json!([person("Nguyễn Thị Kim Oanh", "001170012345", 1970)])];
    (
        pick(vec![json!(null), json!(RETOLD), json!(NEIGHBOUR), base()["summary"].clone()]),
        pick(people),
        pick(vec![json!(null), json!(1), json!(2)]),
        pick(vec![json!("complaint"), json!("denunciation"), json!("recommendation"), json!(null)]),
        pick(vec![json!("2025-03-10"), json!("2025-03-17"), json!("2025-12-01")]),
        pick(vec![json!({}), base()["against"].clone(), json!({ "name": "Lê Hữu Tài", "decision_no": "12" })]),
    )
        .prop_map(|(summary, petitioners, instance, petition_type, received_on, against)| {
            with(&json!({
                "summary": summary, "petitioners": petitioners, "instance": instance, "type": petition_type,
                "received_on": received_on, "against": against,
            }))
        })
}

proptest! {
    /// A judgement does not depend on which of the two is named first, and the groups not on how filings are listed.
    #[test]
    fn order_does_not_matter(
        fields in proptest::collection::vec(any_filing(), 2..7),
        order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let matcher = Matcher::embedded();
        let judge = Judge::new(Model::built_in(), &matcher);
        let filings: Vec<Features> = fields.iter().map(|fields| filing("bxd", fields)).collect();
        for one in &filings {
            for other in &filings {
                prop_assert_eq!(judge.judge(one, other), judge.judge(other, one));
            }
        }
        let of = |order: &[usize]| {
            let listed: Vec<(usize, &Features)> = order.iter().map(|at| (*at, &filings[*at])).collect();
            let pairs: Vec<(usize, usize)> = (0..listed.len()).flat_map(|a| (0..a).map(move |b| (b, a))).collect();
            let groups = judge.groups(&listed, &pairs, &Given::default());
            let names = |groups: &[Vec<usize>]| groups.iter().map(|group| group.iter().map(|at| order[*at]).collect()).collect::<Vec<Vec<_>>>();
            (names(&groups.petitions), names(&groups.cases))
        };
        let all: Vec<usize> = (0..filings.len()).collect();
        let shuffled: Vec<usize> = order.into_iter().filter(|at| *at < filings.len()).collect();
        prop_assert_eq!(of(&all), of(&shuffled));
    }
}
