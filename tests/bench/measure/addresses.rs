//! Every old unit, written in six ways, must come out as the right commune of today or as exactly the right candidates.
//! The unit tests and the bench count with this one file.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::round_trip::to_tcvn3;
use crate::normalize::address;
use crate::normalize::text::{flat_words, toned_key};
use crate::reference::commune::{self, OldCommune};
use crate::reference::province;

/// The ways an address is written.
pub const WAYS: [&str; 6] = ["full", "abbreviated", "no diacritics", "upper case", "tcvn3", "no district"];

/// What became of all units written in one way.
#[derive(Debug, Clone)]
pub struct Row {
    pub way: &'static str,
    /// Resolved to the one right commune.
    pub single: u32,
    /// Resolved to exactly the right candidates: the old unit was split, or the writing names several units.
    pub several: u32,
    /// Left without a commune, flagged.
    pub unresolved: u32,
    /// Resolved to anything else.
    pub wrong: u32,
    /// What was not right.
    pub examples: Vec<String>,
}

/// All units in all ways, without a day, and every twentieth also as of the last day of the old units.
pub fn measure() -> Vec<Row> {
    let mut twins: HashMap<String, Vec<&'static OldCommune>> = HashMap::new();
    for old in commune::old() {
        for (no_district, unmarked) in [(false, false), (true, false), (false, true)] {
            twins.entry(twin_key(old, no_district, unmarked)).or_default().push(old);
        }
    }
    WAYS.iter().map(|way| measure_way(way, &twins)).collect()
}

fn measure_way(way: &'static str, twins: &HashMap<String, Vec<&'static OldCommune>>) -> Row {
    let mut row = Row { way, single: 0, several: 0, unresolved: 0, wrong: 0, examples: Vec::new() };
    for (index, old) in commune::old().iter().enumerate() {
        let text = written(old, way);
        for on in [None, last_day()].into_iter().take(if index % 20 == 0 { 2 } else { 1 }) {
            let mut wanted = right(old, way, twins);
            if way == "no district" && on.is_none() {
                wanted.extend(also_today(old));
            }
            let found = address::read(&text, on).value.map(|address| address.communes).unwrap_or_default();
            let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
            let count = match (found == wanted, wanted.len(), found.is_empty()) {
                (true, 1, _) => &mut row.single,
                (true, ..) => &mut row.several,
                (false, _, true) => &mut row.unresolved,
                (false, _, false) => &mut row.wrong,
            };
            *count += 1;
            if found != wanted && row.examples.len() < 20 {
                row.examples.push(format!("{way} {on:?}: {text} wanted {wanted:?} found {found:?}"));
            }
        }
    }
    row
}

/// For people.
pub fn table(rows: &[Row]) -> String {
    let mut table = format!("{:<14} one commune   candidates   unresolved   wrong     right\n", "written");
    for row in rows {
        let right = f64::from(row.single + row.several);
        let share = right / (right + f64::from(row.unresolved + row.wrong)) * 100.0;
        let Row { way, single, several, unresolved, wrong, .. } = row;
        table.push_str(&format!(
            "{way:<14} {single:>11}  {several:>11}  {unresolved:>11}  {wrong:>6}  {share:>6.2} %\n"
        ));
    }
    table
}

fn last_day() -> Option<NaiveDate> {
    province::MERGER.pred_opt()
}

fn province_name(code: &str) -> (&'static str, &'static str) {
    last_day().and_then(|day| province::get(code, day)).map_or(("", ""), |row| (row.kind, row.name))
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
    match way {
        "abbreviated" => {
            let commune =
                if old.name.is_empty() { String::new() } else { format!("{} {}, ", short(old.kind), old.name) };
            format!("{commune}{} {}, {} {province}", short(old.district.kind), old.district.name, short(province_kind))
        }
        "no diacritics" => full(", ").split(", ").map(flat_words).collect::<Vec<_>>().join(", "),
        "upper case" => full(" - ").to_uppercase(),
        "tcvn3" => to_tcvn3(&full(", ")),
        "no district" if !old.name.is_empty() => {
            format!("{} {}, {} {province}", capital(old.kind), old.name, capital(province_kind))
        }
        _ => full(", "),
    }
}

fn short(kind: &str) -> &'static str {
    match kind {
        "phường" => "P.",
        "xã" => "X.",
        "thị trấn" => "TT.",
        "quận" => "Q.",
        "huyện" => "H.",
        "thị xã" => "TX.",
        "thành phố" => "TP.",
        "tỉnh" => "T.",
        _ => "",
    }
}

/// What is right: the successors of the unit, and of every other that the writing fits as well.
fn right(
    old: &'static OldCommune,
    way: &str,
    twins: &HashMap<String, Vec<&'static OldCommune>>,
) -> BTreeSet<&'static str> {
    let key = twin_key(old, way == "no district", way == "no diacritics");
    twins.get(&key).into_iter().flatten().flat_map(|twin| twin.successors.iter().copied()).collect()
}

fn twin_key(old: &OldCommune, no_district: bool, unmarked: bool) -> String {
    let name = if unmarked { flat_words(old.name) } else { toned_key(old.name) };
    let district = if no_district && !old.name.is_empty() { old.district.province } else { old.district.code };
    format!("{no_district}{unmarked}{district}/{}/{name}", old.kind)
}

/// The commune of today that a writing without a district names as well.
fn also_today(old: &OldCommune) -> BTreeSet<&'static str> {
    let province = last_day().and_then(|day| province::current_code(old.district.province, day));
    let stands =
        province::all().iter().any(|row| row.valid_to.is_none() && row.name == province_name(old.district.province).1);
    let key = toned_key(old.name);
    commune::all()
        .iter()
        .filter(|new| stands && new.valid_to.is_none() && Some(new.province) == province && new.kind == old.kind)
        .filter(|new| toned_key(new.name) == key)
        .map(|new| new.code)
        .collect()
}
