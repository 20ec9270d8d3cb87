//! Laws of the linkage of persons, on 162 records of 90 made-up people: copies without marks, swapped dates, slips of the
//! pen, and households of one address, telephone and family name.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::calibration::Calibration;
use super::cluster::{Decisions, cut, tree};
use super::columns::{Declared, declaration};
use super::evaluate::{self, Truth};
use super::explain::explain;
use super::model::{Model, Thresholds, layout};
use super::score::{Edge, NEVER, Scorer, edges};
use super::table::{Rows, Table};
use super::{blocking, estimate};

const PERSONS: &str = include_str!("../../tests/fixtures/linkage/persons.csv");
const COLUMNS: &str = "họ tên=name,ngày sinh=date,cccd=identifier,điện thoại=phone,số nhà=house,xã=town";

/// Id, person, and what is compared.
fn records() -> Vec<Vec<&'static str>> {
    PERSONS.lines().skip(1).map(|line| line.split(',').collect()).collect()
}

fn columns() -> Vec<Declared> {
    declaration(COLUMNS).unwrap()
}

fn table(records: &[Vec<&str>]) -> Table {
    let declared = columns();
    let mut rows = Rows::new(declared.iter().flat_map(Declared::derived).collect());
    for record in records {
        let mut values = Vec::new();
        declared.iter().zip(&record[2..]).for_each(|(column, value)| column.values(value, &mut values));
        rows.push(record[0], values.iter().map(String::as_str));
    }
    rows.into_table().unwrap().0
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let table = table(&records());
        let layout = layout(&columns());
        let sample = estimate::sample(&table, &layout, &blocking::candidates(&table));
        let parameters = estimate::fit(&layout, &sample, table.len(), table.pairs()).parameters;
        let thresholds = Thresholds::default();
        let calibration = Calibration::default();
        let declared = columns();
        Model { declared, layout, parameters, thresholds, records: table.len(), calibration, frequencies: Vec::new() }
    })
}

fn scorer(table: &Table) -> Scorer<'_> {
    Scorer::new(table, model())
}

/// By record of the table, the first record of its group.
fn groups_of(table: &Table, decisions: &Decisions) -> Vec<u32> {
    let scorer = scorer(table);
    let edges: Vec<Edge> = edges(&scorer, &blocking::candidates(table), 0.0);
    cut(
        table.len(),
        &tree(&|a: u32, b: u32, row: &mut Vec<u16>| scorer.weigh(a, b, row).bits, table.len(), &edges, decisions, 0.0),
        0.0,
    )
}

/// The groups as sets of ids.
fn partition(table: &Table, groups: &[u32]) -> BTreeSet<BTreeSet<String>> {
    let of = |group: u32| {
        let members = groups.iter().enumerate().filter(move |(_, other)| **other == group);
        members.map(|(record, _)| table.ids.get(record).to_owned()).collect()
    };
    groups.iter().map(|group| of(*group)).collect()
}

fn weight(a: [&'static str; 6], b: [&'static str; 6]) -> super::score::Weight {
    let mut all = records();
    all.push([&["x1", ""], a.as_slice()].concat());
    all.push([&["x2", ""], b.as_slice()].concat());
    let table = table(&all);
    scorer(&table).weigh(table.find("x1").unwrap(), table.find("x2").unwrap(), &mut Vec::new())
}

#[test]
fn people_are_found() {
    let records = records();
    let table = table(&records);
    let person = |id: &str| records.iter().find(|record| record[0] == id).unwrap()[1][1..].parse().unwrap();
    let truth = Truth::new(&table, table.ids.iter().map(person).collect());
    let scorer = scorer(&table);
    let candidates = blocking::candidates(&table);
    assert_eq!(truth.found(&candidates), truth.pairs);
    let edges = edges(&scorer, &candidates, -6.0);
    let joinings = tree(
        &|a: u32, b: u32, row: &mut Vec<u16>| scorer.weigh(a, b, row).bits,
        table.len(),
        &edges,
        &Decisions::default(),
        -3.0,
    );
    let swept = evaluate::groups(&table, &truth, &joinings, 0.0);
    assert!(swept.own.quality.f1 > 0.97, "{swept:?}");
    assert!(swept.best.quality.f1 >= swept.own.quality.f1);
    let pairs = evaluate::pairs(&truth, &edges, model().thresholds.link);
    assert!(pairs.own.quality.precision > 0.98 && pairs.best.quality.f1 > 0.95, "{pairs:?}");
    let interval = evaluate::interval(&table, &truth, edges.iter().filter(|e| e.bits > 4.25).map(|e| (e.a, e.b)));
    assert!(interval.low.f1 <= pairs.own.quality.f1 && pairs.own.quality.f1 <= interval.high.f1, "{interval:?}");
}

#[test]
fn a_weight_is_the_same_from_both_sides_and_its_steps_add_up_to_it() {
    let table = table(&records());
    let scorer = scorer(&table);
    let (mut row, mut other) = (Vec::new(), Vec::new());
    for a in 0..table.len() as u32 {
        for b in 0..a {
            assert_eq!(scorer.weigh(a, b, &mut row), scorer.weigh(b, a, &mut other));
            assert_eq!(row, other);
        }
    }
    for (a, b) in [(0, 1), (5, 90), (17, 150)] {
        let explanation = explain(&scorer, (a, b), 4.25, -2.0);
        assert!((explanation.steps.last().unwrap().sum - explanation.weight).abs() < 0.01, "{explanation:?}");
        assert!(explanation.to_svg("a & b").contains("a &amp; b"));
    }
}

#[test]
fn a_household_is_not_one_person() {
    let of = |name, born| [name, born, "", "0912345678", "12", "Xã Yên Bài"];
    let kin = weight(of("Nguyễn Văn An", "01/02/1960"), of("Nguyễn Thị Hoa", "03/09/1988"));
    assert!(kin.is_household && kin.bits <= NEVER, "{kin:?}");
    let same = weight(of("Nguyễn Văn An", "01/02/1960"), of("Nguyen An", "02/01/1960"));
    assert!(!same.is_household && same.bits > 4.25, "{same:?}");
}

#[test]
fn a_common_name_and_a_commune_link_nobody() {
    let of = |name| [name, "", "", "", "", "Xã Yên Bài"];
    let weight = weight(of("Nguyễn Văn An"), of("Nguyễn Văn An"));
    assert!(weight.is_weak && weight.bits < model().thresholds.link, "{weight:?}");
}

#[test]
fn decisions_bind() {
    let table = table(&records());
    let free = groups_of(&table, &Decisions::default());
    let together = free.iter().enumerate().find(|(record, group)| *record as u32 != **group);
    let together = together.map(|(record, group)| (*group, record as u32)).unwrap();
    let different = Decisions { different: vec![together], ..Decisions::default() };
    let groups = groups_of(&table, &different);
    assert_ne!(groups[together.0 as usize], groups[together.1 as usize]);
    let apart = (1..table.len() as u32).find(|record| free[*record as usize] != free[0]).unwrap();
    let groups = groups_of(&table, &Decisions { same: vec![(apart, 0)], ..Decisions::default() });
    assert_eq!(groups[0], groups[apart as usize]);
}

#[test]
fn a_model_is_kept_as_it_is() {
    let calibration = Calibration { slope: 0.75, offset: -2.5 };
    let kept = Model { calibration, ..model().clone() };
    assert_eq!(Model::parse(&kept.to_toml()).unwrap().calibration, calibration);
    let kept = Model::parse(&model().to_toml()).unwrap();
    assert_eq!((&kept.declared, &kept.layout, kept.thresholds), (&columns(), &model().layout, Thresholds::default()));
    let table = table(&records());
    let (before, after) = (scorer(&table), Scorer::new(&table, &kept));
    for (a, b) in [(0, 1), (5, 90), (17, 150)] {
        let (before, after) = (before.weigh(a, b, &mut Vec::new()), after.weigh(a, b, &mut Vec::new()));
        assert!((before.bits - after.bits).abs() < 0.01, "{before:?} {after:?}");
    }
}

#[test]
fn all_that_is_wrong_with_a_model_is_said_with_its_line() {
    let good = model().to_toml();
    for (from, to, wanted) in [
        ("version = 1", "version = 2", "line 5: version must be 1"),
        ("stayed = ", "staid = ", "\"staid\" is not known here"),
        ("kind = \"date\"", "kind = \"day\"", "\"day\" is no kind of column"),
        ("{ is = \"swapped\", m = ", "{ is = \"turned\", m = ", "\"turned\" is no level"),
        ("{ is = \"swapped\", m = ", "{ is = \"swapped\", m = 7", "m must be from 0 to 1"),
        ("name = \"cccd\"\ncells", "name = \"cmnd\"\ncells", "no comparison \"cmnd\""),
        ("[thresholds]", "[thresholds", "line "),
    ] {
        assert!(good.contains(from), "{from}");
        let said = Model::parse(&good.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(said.contains(wanted), "{wanted:?} is not in\n{said}");
    }
    let frozen = "\n[[frequency]]\ncolumn = \"họ tên given\"\nunseen = 9\nvalues = [\n  { bits = 3, are = [\"an\", \"hoa\"] },\n]\n";
    let good = format!("{good}{frozen}");
    assert_eq!(Model::parse(&good).unwrap().frequencies[0].rarity("hoa"), 3);
    for (from, to, wanted) in [
        ("\ncolumn = \"họ tên given\"", "\ncolumn = \"tên\"", "no column \"tên\" is compared"),
        ("\ncolumn = \"họ tên given\"", "\ncolumn = \"điện thoại\"", "may be of one person alone"),
        ("unseen = 9", "unseen = 2.5", "unseen must be a whole number from 0 to 30"),
        ("bits = 3", "bits = 31", "bits must be a whole number from 0 to 30"),
        ("\"an\", \"hoa\"", "\"hoa\", \"hoa\"", "\"hoa\" stands here twice"),
        ("are = [", "is = [", "\"is\" is not known here"),
        ("[thresholds]", "[calibration]\nslope = -1\noffset = 0\n[thresholds]", "slope must be above 0"),
    ] {
        assert!(good.contains(from), "{from}");
        let said = Model::parse(&good.replacen(from, to, 1)).unwrap_err();
        let line = good.lines().position(|line| from.lines().any(|part| !part.is_empty() && line.contains(part)));
        assert!(said.to_string().contains(wanted), "{wanted:?} is not in\n{said}");
        assert!(said.0.iter().all(|problem| problem.line.abs_diff(line.unwrap() + 1) <= 2), "{line:?}\n{said}");
    }
    let two = good.replacen("version = 1", "version = 2", 1).replacen("stayed = ", "staid = ", 1);
    assert!(Model::parse(&two).unwrap_err().0.len() >= 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Any order of the same records gives the same groups, also under decisions.
    #[test]
    fn order_does_not_matter(shuffled in Just(records()).prop_shuffle(), cut_at in 40..162_usize, a in 0..40_usize, b in 0..40_usize) {
        let mut first = records();
        first.truncate(cut_at);
        let ids: Vec<&str> = first.iter().map(|record| record[0]).collect();
        let second: Vec<_> = shuffled.into_iter().filter(|record| ids.contains(&record[0])).collect();
        let partition_of = |records: &[Vec<&'static str>]| {
            let table = table(records);
            let pair = (table.find(ids[a]).unwrap(), table.find(ids[b]).unwrap());
            let decisions = if a == b { Decisions::default() } else { Decisions { different: vec![pair], ..Decisions::default() } };
            partition(&table, &groups_of(&table, &decisions))
        };
        prop_assert_eq!(partition_of(&first), partition_of(&second));
    }
}
