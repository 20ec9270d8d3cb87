//! Pairs of petitioners in words, and laws of features, keys, weights and groups.

use std::sync::OnceLock;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::judge::judge;
use super::*;
use crate::demo::generate::corpus::Corpus;
use crate::domain::{Gender, Petitioner, Place};
use crate::linkage::cluster::Decisions;

/// A petitioner in words: name, sex (`m`, `f`), birth date or year, identity number, telephone, commune, street; `-` is
/// what nobody knows.
fn petitioner(words: &str) -> Features {
    let parts: Vec<&str> = words.split(',').map(str::trim).collect();
    let known = |at: usize| parts.get(at).copied().filter(|part| !part.is_empty() && *part != "-").map(str::to_owned);
    let born = known(2);
    features(&Petitioner {
        name: known(0),
        gender: known(1).map(|sex| if sex == "f" { Gender::Female } else { Gender::Male }),
        birth_date: born.as_deref().and_then(|born| NaiveDate::parse_from_str(born, "%Y-%m-%d").ok()),
        birth_year: born.as_deref().and_then(|born| born.get(..4)?.parse().ok()),
        id_number: known(3),
        phones: known(4).into_iter().collect(),
        place: Place {
            province_code: known(5).map(|_| "33".to_owned()),
            commune_code: known(5),
            street: known(6),
            ..Place::default()
        },
        ..Petitioner::default()
    })
    .unwrap()
}

fn matcher() -> &'static Matcher {
    static MATCHER: OnceLock<Matcher> = OnceLock::new();
    MATCHER.get_or_init(Matcher::embedded)
}

/// What becomes of a pair.
fn decision(a: &Features, b: &Features) -> &'static str {
    let Weighing { bits, is_never, .. } = matcher().weigh(a, b);
    match bits {
        _ if is_never => "never",
        bits if bits >= matcher().link() => "link",
        bits if bits >= matcher().review() => "review",
        _ => "no link",
    }
}

const HUNG: &str = "Nguyễn Văn Hùng, m, 1965-03-12, 033065123987, +84912537684, 13159, số 12 đường Trần Phú";

#[test]
fn pairs_in_words() {
    for (case, a, b, wanted) in [
        ("the same once more", HUNG, HUNG, "link"),
        ("no marks", HUNG, "Nguyen Van Hung, m, 1965-03-12, -, -, 13159, 12 Tran Phu", "link"),
        ("no middle name", HUNG, "Nguyễn Hùng, m, 1965-03-12, 033065123987, -, -, -", "link"),
        ("a birth year alone, and the telephone", HUNG, "Nguyễn Văn Hùng, m, 1965, -, +84912537684, 13159, -", "link"),
        ("day and month swapped", HUNG, "Nguyễn Văn Hùng, m, 1965-12-03, -, +84912537684, 13159, -", "link"),
        (
            "a card beside a personal number",
            HUNG,
            "Nguyễn Văn Hùng, m, 1965-03-12, 145378206, -, 13159, số 12 Trần Phú",
            "link",
        ),
        ("moved, with the same number", HUNG, "Nguyễn Văn Hùng, m, 1965, 033065123987, -, 13160, thôn 3", "link"),
        (
            "family and given name changed places",
            HUNG,
            "Hùng Văn Nguyễn, m, 1965-03-12, 033065123987, -, 13159, -",
            "link",
        ),
        (
            "a slip in the number",
            HUNG,
            "Nguyễn Văn Hùng, m, 1965-03-12, 033065123978, +84912537684, 13159, -",
            "review",
        ),
        (
            "another valid number",
            HUNG,
            "Nguyễn Văn Hùng, m, 1965-03-12, 033065740215, +84912537684, 13159, số 12 Trần Phú",
            "never",
        ),
        (
            "a common name in one commune",
            "Nguyễn Văn Hùng, m, -, -, -, 13159, -",
            "Nguyễn Văn Hùng, m, -, -, -, 13159, -",
            "review",
        ),
        (
            "and one birth year",
            "Nguyễn Văn Hùng, m, 1965, -, -, 13159, -",
            "Nguyễn Văn Hùng, m, 1965, -, -, 13159, -",
            "review",
        ),
        (
            "two of one name, of whom one has a card",
            "Nguyễn Văn Hùng, m, 1965, 145378206, -, 13159, -",
            "Nguyễn Văn Hùng, m, 1965, -, -, 13159, -",
            "review",
        ),
        (
            "father and son of one name in one house",
            HUNG,
            "Nguyễn Văn Hùng, m, 1992-07-21, -, +84912537684, 13159, số 12 đường Trần Phú",
            "not linked",
        ),
        ("spouses", HUNG, "Trần Thị Hoa, f, 1967-08-30, -, +84912537684, 13159, số 12 đường Trần Phú", "never"),
        (
            "spouses without birth dates",
            HUNG,
            "Trần Thị Hoa, f, -, -, +84912537684, 13159, số 12 đường Trần Phú",
            "not linked",
        ),
        ("brothers", HUNG, "Nguyễn Văn Long, m, 1968-01-19, -, +84912537684, 13159, số 12 đường Trần Phú", "never"),
        (
            "brothers of nearly one name",
            HUNG,
            "Nguyễn Văn Dũng, m, 1968-01-19, -, +84912537684, 13159, số 12 đường Trần Phú",
            "not linked",
        ),
        (
            "twins",
            HUNG,
            "Nguyễn Văn Long, m, 1965-03-12, 033065123986, +84912537684, 13159, số 12 đường Trần Phú",
            "not linked",
        ),
        ("one number under two names", HUNG, "Lê Thị Mai, -, -, 033065123987, -, 13159, -", "not linked"),
        ("other sex and other year", HUNG, "Nguyễn Văn Hùng, f, 1991, -, +84912537684, 13159, -", "never"),
        (
            "one name, two provinces",
            "Nguyễn Văn Hùng, m, 1965-03-12, -, -, 13159, -",
            "Nguyễn Văn Hùng, m, 1965-03-12, -, -, -, -",
            "review",
        ),
    ] {
        let (a, b) = (petitioner(a), petitioner(b));
        let said = match decision(&a, &b) {
            "review" | "no link" if wanted == "not linked" => "not linked",
            said => said,
        };
        assert_eq!(said, wanted, "{case}: {}", serde_json::to_string_pretty(&matcher().explain(&a, &b)).unwrap());
        assert_eq!(decision(&b, &a), decision(&a, &b), "{case}, the other way round");
    }
}

#[test]
fn the_model_in_the_program_is_whole() {
    let text = include_str!("../../../config/linkage/person.toml");
    let model = crate::linkage::model::Model::parse(text).unwrap();
    assert_eq!(model.to_toml(), text);
    let matcher = Matcher::new(model.clone());
    assert_eq!(matcher.model_digest(), Matcher::embedded().model_digest());
    let other = Matcher::new(crate::linkage::model::Model { records: model.records + 1, ..model.clone() });
    assert_ne!(matcher.model_digest(), other.model_digest());
    // every column of it is something that a petitioner has, and no number, telephone or day of birth stands in it
    assert!(matcher.knows_all_columns());
    let listed = model.frequencies.iter().flat_map(|frequency| frequency.rarities.keys());
    assert!(
        listed.clone().count() > 100
            && listed.into_iter().all(|value| value.bytes().filter(u8::is_ascii_digit).count() < 8)
    );
}

#[test]
fn bodies_are_bodies() {
    let body = |name: &str| features(&Petitioner { organization: Some(name.to_owned()), ..Petitioner::default() });
    let long = body("Công ty TNHH một thành viên An Phát Hưng Yên").unwrap();
    for (other, wanted) in [
        ("CTY TNHH An Phát Hưng Yên", "link"),
        ("Cty TNHH An Phat Hung Yen", "link"),
        ("Công ty TNHH An Phát Hưng Yê", "review"),
        ("Công ty cổ phần An Phát Hưng Yên", "never"),
        ("Công ty TNHH Đại Thành Hưng Yên", "never"),
    ] {
        let other = body(other).unwrap();
        assert_eq!(decision(&long, &other), wanted, "{}", other.organization);
    }
    assert_eq!(decision(&long, &petitioner(HUNG)), "never");
    for crowd in ["Các hộ dân tổ 5 phường Cống Vị", "25 hộ dân thôn Đoài", "Tập thể công dân xã Yên Bài"]
    {
        assert_eq!(body(crowd), None, "{crowd}");
    }
}

#[test]
fn what_tells_nobody_has_no_features_and_what_says_nothing_is_no_key() {
    let nobody = Petitioner {
        id_number: Some("000000000".to_owned()),
        phones: vec!["+842438000000".to_owned(), "+84999999999".to_owned()],
        birth_year: Some(1965),
        ..Petitioner::default()
    };
    assert_eq!(features(&nobody), None);
    assert!(matcher().keys(&petitioner("Nguyễn Văn Hùng, m, -, -, -, -, -")).is_empty());
    for words in [HUNG, "Nguyễn Văn Hùng, m, 1965, 145378206, -, 13159, thôn 3"] {
        let keys = matcher().keys(&petitioner(words));
        assert!((3..=12).contains(&keys.len()), "{keys:?}");
    }
}

#[test]
fn a_personal_number_tells_what_nobody_wrote_beside_it() {
    let told = petitioner("Nguyễn Thị Hoa, -, -, 033165123987, -, -, -");
    assert_eq!((told.born(), told.sex()), ("1965", Some(Gender::Female)));
    let said = petitioner("Nguyễn Thị Hoa, f, 1966-02-01, 033165123987, -, -, -");
    assert_eq!(said.born(), "19660201");
    // a number that contradicts what is said is no proof that somebody is another
    let other = petitioner("Nguyễn Thị Hoa, f, 1966-02-01, 033166740215, -, 13159, -");
    assert!(!matcher().weigh(&said, &other).is_never && matcher().weigh(&told, &other).is_never);
}

#[test]
fn who_signed_with_them_tells_people_of_one_name_apart() {
    let signer = |name: &str| Petitioner {
        name: Some(name.to_owned()),
        place: Place { province_code: Some("33".into()), commune_code: Some("13159".into()), ..Place::default() },
        ..Petitioner::default()
    };
    let list = |names: &[&str]| {
        let mut record = crate::linkage::survivorship::tests::record("bxd", "1", &serde_json::json!({}));
        record.petitioners = names.iter().map(|name| signer(name)).collect();
        of_record(&record).into_iter().next().flatten().unwrap()
    };
    let here = list(&["Đỗ Quang Vinh", "Trần Thị Hoa", "Lê Đức Minh", "Phạm Văn Nam", "Bùi Thị Lan"]);
    let again = list(&["Đỗ Quang Vinh", "Bùi Thị Lan", "Phạm Văn Nam", "Tạ Văn Sơn", "Lê Đức Minh"]);
    let elsewhere = list(&["Đỗ Quang Vinh", "Vũ Thị Nga", "Hoàng Văn Tâm", "Ngô Thị Yến", "Đặng Văn Bình"]);
    let said = (decision(&here, &again), decision(&here, &elsewhere));
    assert_eq!(said, ("link", "review"), "{}", matcher().explain(&here, &again));
    let shown = format!("{here:?}");
    assert!(shown.contains("company") && !shown.to_lowercase().contains("hoa"), "{shown}");
}

#[test]
fn nothing_shows_a_value() {
    let features = petitioner(HUNG);
    let explanation =
        matcher().explain(&features, &petitioner("Trần Thị Hoa, f, 1967-08-30, -, +84912537684, 13159, -"));
    let shown = format!("{features:?} {:?} {explanation}", matcher().weigh(&features, &features)).to_lowercase();
    for value in ["hùng", "hung", "1965", "033065123987", "912537684", "13159", "trần phú", "tran phu"] {
        assert!(!shown.contains(value), "{shown}");
    }
    let steps = explanation["steps"].as_array().unwrap();
    let (last, weight) = (steps.last().unwrap()["sum"].as_f64().unwrap(), explanation["weight"].as_f64().unwrap());
    assert!((last - weight).abs() < 0.01, "{explanation}");
}

#[test]
fn features_are_kept_as_they_are() {
    for words in [HUNG, "Hoa, -, 1960, -, -, -, -"] {
        let features = petitioner(words);
        let kept: Features = postcard::from_bytes(&postcard::to_stdvec(&features).unwrap()).unwrap();
        assert_eq!(kept, features);
    }
}

fn groups(nodes: &[(u32, &Features)], decisions: &Decisions) -> Vec<Vec<usize>> {
    let pairs = (0..nodes.len()).flat_map(|a| (a + 1..nodes.len()).map(move |b| (a, b)));
    let edges: Vec<(usize, usize, f32)> =
        pairs.map(|(a, b)| (a, b, matcher().weigh(nodes[a].1, nodes[b].1).bits)).collect();
    matcher().groups(nodes, &edges, decisions)
}

#[test]
fn a_chain_does_not_join_two_valid_numbers() {
    let one = petitioner("Nguyễn Văn Hùng, m, 1965-03-12, 033065123987, +84912537684, 13159, -");
    let other = petitioner("Nguyễn Văn Hùng, m, 1965-03-12, 033065740215, +84912537684, 13159, -");
    let between = petitioner("Nguyễn Văn Hùng, m, 1965-03-12, -, +84912537684, 13159, -");
    assert_eq!(
        [decision(&one, &between), decision(&between, &other), decision(&one, &other)],
        ["link", "link", "never"]
    );
    let found = groups(&[(2, &one), (1, &between), (0, &other)], &Decisions::default());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|group| !(group.contains(&0) && group.contains(&2))), "{found:?}");
    // a slip in the number: a clerk may say that they are one, and nothing else can
    let slip = petitioner("Nguyễn Văn Hùng, m, 1965-03-12, 033065123978, +84912537684, 13159, -");
    assert!(groups(&[(0, &one), (1, &between), (2, &slip)], &Decisions::default()).len() == 2);
    let same = Decisions { same: vec![(2, 0)], different: Vec::new() };
    assert_eq!(groups(&[(0, &one), (1, &between), (2, &slip)], &same).len(), 1);
    let different = Decisions { same: Vec::new(), different: vec![(1, 0)] };
    assert_eq!(groups(&[(0, &one), (1, &between)], &different).len(), 2);
}

#[test]
fn an_edge_under_the_threshold_joins_nobody() {
    let name = petitioner("Nguyễn Văn Hùng, m, -, -, -, 13159, -");
    let bits = matcher().weigh(&name, &name).bits;
    assert!(bits < matcher().link() && bits >= matcher().review(), "{bits}");
    assert_eq!(groups(&[(0, &name), (1, &name), (2, &name)], &Decisions::default()).len(), 3);
}

/// Petitioners of an invented commune, each with the human being.
fn corpus() -> &'static [(Features, u32)] {
    static NODES: OnceLock<Vec<(Features, u32)>> = OnceLock::new();
    NODES.get_or_init(|| {
        let entries = Corpus::new(31, 1_000);
        let nodes = entries.flat_map(|entry| {
            let features = of_record(&entry.normalized().unwrap()).into_iter().zip(entry.truth.persons);
            features.filter_map(|(features, person)| Some((features?, person))).collect::<Vec<_>>()
        });
        nodes.collect()
    })
}

#[test]
fn people_of_a_corpus_are_found_and_not_confused() {
    let judged = judge(matcher(), corpus(), 64);
    let recall = judged.found as f64 / judged.real as f64;
    println!("blocking recall {recall:.4}, pairs {:?}, persons {:?}", judged.pairs.own.quality, judged.groups);
    assert!(judged.real > 1_000 && recall > 0.95, "{recall}");
    assert!(judged.groups.precision > 0.985 && judged.groups.f1 > 0.94, "{:?}", judged.groups);
    assert!(judged.pairs.own.quality.precision > 0.985, "{:?}", judged.pairs);
    assert_eq!(judged.numbered_unlike, 0);
    let sure = judged.bands.iter().filter(|band| band.from >= 0.99);
    let (links, right) = sure.fold((0, 0), |sum, band| (sum.0 + band.links, sum.1 + band.right));
    assert!(right * 1_000 >= links * 985, "{right} of {links}");
}

proptest! {
    #[test]
    fn weights_are_symmetric(a in 0..1_000_usize, b in 0..1_000_usize) {
        let (a, b) = (&corpus()[a].0, &corpus()[b].0);
        prop_assert_eq!(matcher().weigh(a, b), matcher().weigh(b, a));
        prop_assert_eq!(matcher().explain(a, b), matcher().explain(b, a));
        prop_assert!(matcher().keys(a).len() <= 16);
    }

    /// Any order of the nodes and edges gives the same persons.
    #[test]
    fn groups_know_no_order(start in 0..900_usize, order in Just((0..60_u32).collect::<Vec<u32>>()).prop_shuffle(), cut in 10..60_usize) {
        let nodes: Vec<(u32, &Features)> = (0..60).map(|at| (at, &corpus()[start + at as usize].0)).take(cut).collect();
        let shuffled: Vec<(u32, &Features)> = order.iter().filter_map(|at| nodes.get(*at as usize).copied()).collect();
        let persons = |nodes: &[(u32, &Features)]| {
            let groups = groups(nodes, &Decisions::default());
            groups.iter().map(|group| group.iter().map(|at| nodes[*at].0).collect::<Vec<u32>>()).collect::<Vec<_>>()
        };
        prop_assert_eq!(persons(&nodes), persons(&shuffled));
    }

    /// A record of one person with the usual damage shares a key with the record without it.
    #[test]
    fn damaged_records_meet(bare in any::<bool>(), middle in any::<bool>(), swapped in any::<bool>(), year in any::<bool>(), number in 0..3_usize) {
        let name = if middle { "Nguyễn Thị Ngọc Hạnh" } else { "Nguyễn Hạnh" };
        let name = if bare { crate::normalize::text::flat_words(name).to_uppercase() } else { name.to_owned() };
        let born = if year { "1965" } else if swapped { "1965-12-03" } else { "1965-03-12" };
        let number = ["033165123987", "145378206", "-"][number];
        let whole = petitioner("Nguyễn Thị Ngọc Hạnh, f, 1965-03-12, 033165123987, +84912537684, 13159, thôn 3");
        let damaged = petitioner(&format!("{name}, f, {born}, {number}, -, 13159, -"));
        let keys = matcher().keys(&whole);
        prop_assert!(matcher().keys(&damaged).iter().any(|key| keys.contains(key)));
        prop_assert_ne!(decision(&whole, &damaged), "never");
    }
}
