//! Every old commune, written in six ways, must come out as the right commune of today or as exactly the right
//! candidates.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::super::text::flat_words;
use super::*;
use crate::reference::commune::OldCommune;

/// The ways an address is written.
const WAYS: [&str; 6] = ["full", "abbreviated", "no diacritics", "upper case", "tcvn3", "no district"];

fn province_name(code: &str) -> (&'static str, &'static str) {
    let row = province::get(code, province::MERGER.pred_opt().unwrap()).unwrap();
    (row.kind, row.name)
}

fn written(old: &OldCommune, way: &str) -> String {
    let (province_kind, province) = province_name(old.district.province);
    let capital = |text: &str| {
        let mut chars = text.chars();
        chars.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + chars.as_str())
    };
    let full = |separator: &str| {
        let levels = [(old.kind, old.name), (old.district.kind, old.district.name), (province_kind, province)];
        let parts: Vec<String> = levels
            .iter()
            .filter(|(_, name)| !name.is_empty())
            .map(|(kind, name)| format!("{} {name}", capital(kind)))
            .collect();
        parts.join(separator)
    };
    let short = |kind: &str| match kind {
        "phường" => "P.",
        "xã" => "X.",
        "thị trấn" => "TT.",
        "quận" => "Q.",
        "huyện" => "H.",
        "thị xã" => "TX.",
        "thành phố" => "TP.",
        "tỉnh" => "T.",
        _ => "",
    };
    match way {
        "abbreviated" => {
            let commune =
                if old.name.is_empty() { String::new() } else { format!("{} {}, ", short(old.kind), old.name) };
            format!("{commune}{} {}, {} {province}", short(old.district.kind), old.district.name, short(province_kind))
        }
        "no diacritics" => full(", ").split(", ").map(flat_words).collect::<Vec<_>>().join(", "),
        "upper case" => full(" - ").to_uppercase(),
        "tcvn3" => super::super::encoding::testing::to_tcvn3(&full(", ")),
        "no district" if !old.name.is_empty() => {
            format!("{} {}, {} {province}", capital(old.kind), old.name, capital(province_kind))
        }
        _ => full(", "),
    }
}

/// What is right: the successors of the unit, and of every other that the writing fits as well.
fn right(
    old: &'static OldCommune,
    way: &str,
    twins: &HashMap<String, Vec<&'static OldCommune>>,
) -> BTreeSet<&'static str> {
    let unmarked = way == "no diacritics";
    let key = twin_key(old, way == "no district", unmarked);
    twins.get(&key).into_iter().flatten().flat_map(|twin| twin.successors.iter().copied()).collect()
}

fn twin_key(old: &OldCommune, no_district: bool, unmarked: bool) -> String {
    let name = if unmarked { flat_words(old.name) } else { text::toned_key(old.name) };
    let district = if no_district && !old.name.is_empty() { old.district.province } else { old.district.code };
    format!("{no_district}{unmarked}{district}/{}/{name}", old.kind)
}

/// The commune of today that a writing without a district names as well.
fn also_today(old: &OldCommune) -> BTreeSet<&'static str> {
    let province = province::current_code(old.district.province, province::MERGER.pred_opt().unwrap()).unwrap();
    let stands =
        province::all().iter().any(|row| row.valid_to.is_none() && row.name == province_name(old.district.province).1);
    let key = text::toned_key(old.name);
    commune::all()
        .iter()
        .filter(|new| stands && new.valid_to.is_none() && new.province == province && new.kind == old.kind)
        .filter(|new| text::toned_key(new.name) == key)
        .map(|new| new.code)
        .collect()
}

#[test]
fn every_old_commune_in_six_ways() {
    let mut twins: HashMap<String, Vec<&'static OldCommune>> = HashMap::new();
    for old in commune::old() {
        for (no_district, unmarked) in [(false, false), (true, false), (false, true)] {
            twins.entry(twin_key(old, no_district, unmarked)).or_default().push(old);
        }
    }
    let before = province::MERGER.pred_opt();
    let mut table = String::new();
    let mut worst: Vec<String> = Vec::new();
    for way in WAYS {
        let (mut single, mut several, mut wrong) = (0, 0, 0);
        for (index, old) in commune::old().iter().enumerate() {
            let text = written(old, way);
            // without a day, and every twentieth with one
            for on in [None, before].into_iter().take(if index % 20 == 0 { 2 } else { 1 }) {
                let mut wanted = right(old, way, &twins);
                if way == "no district" && on.is_none() {
                    wanted.extend(also_today(old));
                }
                let found = read(&text, on).value.map(|address| address.communes).unwrap_or_default();
                let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
                match (found == wanted, wanted.len()) {
                    (true, 1) => single += 1,
                    (true, _) => several += 1,
                    (false, _) => {
                        wrong += 1;
                        worst.push(format!("{way} {on:?}: {text} wanted {wanted:?} found {found:?}"));
                    }
                }
            }
        }
        let share = f64::from(single + several) / f64::from(single + several + wrong) * 100.0;
        writeln!(table, "{way:<14} one {single:>6}  candidates {several:>5}  wrong {wrong:>5}  right {share:.2} %")
            .unwrap();
    }
    println!("{table}");
    for line in worst.iter().take(40) {
        println!("{line}");
    }
    assert!(worst.is_empty(), "{} wrong\n{table}", worst.len());
}
