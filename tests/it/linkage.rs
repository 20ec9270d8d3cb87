//! `petitiond link` on files: train, evaluate, explain.

use std::path::Path;

use serde_json::Value;

use crate::support::Site;

const PERSONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/linkage/persons.csv");

fn site() -> Site {
    Site::new("postgres://nobody@127.0.0.1:9/nothing", "amqp://nobody@127.0.0.1:9/%2f")
}

fn trained(site: &Site) -> String {
    let model = site.path().join("model.toml").display().to_string();
    let said = site.done(&["link", "train", PERSONS, "--model", &model]);
    assert!(said.contains("họ tên is name") && said.contains("162 records"), "{said}");
    model
}

#[test]
fn a_model_is_trained_judged_and_explained() {
    let site = site();
    let model = trained(&site);
    let truth = ["--truth-column", "người"];
    let json = site.done(&[&["link", "evaluate", PERSONS, "--model", &model, "--json"][..], &truth].concat());
    let report: Value = serde_json::from_str(&json).unwrap();
    for part in ["pairs", "clusters"] {
        for figure in ["precision", "recall", "f1", "threshold"] {
            assert!(report[part][figure].is_number(), "{part} {figure} in {report}");
            assert!(report[part]["best"][figure].is_number());
        }
        assert!(report[part]["f1"].as_f64().unwrap() > 0.9, "{report}");
        let range = &report[part]["confidence_95"]["f1"];
        assert!(range[0].as_f64().unwrap() <= range[1].as_f64().unwrap());
    }
    assert!(report["wall_s"].as_f64().unwrap() > 0.0 && report["peak_rss_mb"].as_f64().unwrap() > 0.0);
    assert!(report["blocking"]["recall"].as_f64().unwrap() > 0.99);
    let said = site.done(&[&["link", "evaluate", PERSONS, "--model", &model][..], &truth].concat());
    assert!(said.contains("groups, own threshold") && said.contains("true pairs that weigh least"), "{said}");

    let picture = site.path().join("pair.svg").display().to_string();
    let pair = ["link", "explain", "r000", "r001", "--data", PERSONS, "--model", &model];
    let json = site.done(&[&pair[..], &["--svg", &picture, "--json"]].concat());
    let explanation: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(explanation["steps"][0]["comparison"], "prior");
    assert!(std::fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    assert!(site.done(&pair).contains("bits"));
}

#[test]
fn pairs_between_two_files_are_judged_by_true_pairs() {
    let site = site();
    let text = std::fs::read_to_string(PERSONS).unwrap();
    let (heading, rows) = text.split_once('\n').unwrap();
    let write = |name: &str, text: String| {
        std::fs::write(site.path().join(name), text).unwrap();
        site.path().join(name).display().to_string()
    };
    let half = |keep: usize| {
        let rows = rows.lines().enumerate().filter(|(number, _)| number % 2 == keep).map(|(_, row)| format!("{row}\n"));
        format!("{heading}\n{}", rows.collect::<String>())
    };
    let (left, right) = (write("left.csv", half(0)), write("right.csv", half(1)));
    let person = |row: &str| row.split(',').nth(1).unwrap().to_owned();
    let id = |row: &str| row.split(',').next().unwrap().to_owned();
    let numbered: Vec<(usize, &str)> = rows.lines().enumerate().collect();
    let mut pairs = String::from("id_l,id_r\n");
    for (a, one) in numbered.iter().filter(|(number, _)| number % 2 == 0) {
        for (b, other) in numbered.iter().filter(|(number, _)| number % 2 == 1) {
            if a != b && person(one) == person(other) {
                pairs += &format!("{},{}\n", id(one), id(other));
            }
        }
    }
    let pairs = write("pairs.csv", pairs);
    let json = site.done(&["link", "evaluate", &left, "--between", &right, "--truth", &pairs, "--json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert!(report["pairs"]["best"]["f1"].as_f64().unwrap() > 0.9, "{report}");
}

#[test]
fn what_is_wrong_is_said() {
    let site = site();
    let model = trained(&site);
    site.fails(2, &["link", "evaluate", PERSONS, "--model", &model]);
    let said = site.fails(1, &["link", "evaluate", PERSONS, "--model", &model, "--truth-column", "person"]);
    assert!(said.contains("no column \"person\"") && said.contains("người"), "{said}");
    let said = site.fails(1, &["link", "explain", "r000", "nobody", "--data", PERSONS, "--model", &model]);
    assert!(said.contains("nobody"), "{said}");
    let text = std::fs::read_to_string(Path::new(&model)).unwrap();
    std::fs::write(&model, text.replacen("version = 1", "version = 9", 1)).unwrap();
    let said = site.fails(78, &["link", "explain", "r000", "r001", "--data", PERSONS, "--model", &model]);
    assert!(said.contains("model.toml:5: version must be 1"), "{said}");
    let said = site.fails(1, &["link", "train", PERSONS, "--model", &model, "--columns", "xã=place"]);
    assert!(said.contains("\"place\" is no kind of column"), "{said}");
}
