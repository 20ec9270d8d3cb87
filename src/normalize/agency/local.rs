//! Bodies of the provinces: people's committees of every level, departments, inspectorates. Only the committees of
//! the provinces have codes in a table; of the others the province is known.

use chrono::NaiveDate;

use super::super::address::{ProvinceCode, territory};
use super::super::reading::{Note, Reading};
use super::super::text::flat_words;
use super::name::unmapped;
use super::{Body, unknown};
use crate::reference::agency::{self, Agency};

/// The words for a people's committee (ủy ban nhân dân), longest first.
const COMMITTEES: &[&str] = &["uy ban nhan dan", "uy ban nd", "ub nhan dan", "u b n d", "ubnd", "ub nd", "ub"];

/// What stands between "UB" alone and a place: else it is another committee (UB MTTQ, UB Kiểm tra).
const UNITS: &[&str] = &[
    "tinh",
    "t",
    "tp",
    "thanh pho",
    "quan",
    "q",
    "huyen",
    "h",
    "thi xa",
    "tx",
    "thi tran",
    "tt",
    "phuong",
    "p",
    "xa",
    "x",
    "dac khu",
];

/// What the names of other bodies of a province, district or commune begin with.
const BODIES: &[&str] = &[
    "so",
    "thanh tra",
    "chanh thanh tra",
    "ban tiep cong dan",
    "ban tcd",
    "ban quan ly",
    "ban boi thuong",
    "ban dan toc",
    "ban giai phong mat bang",
    "chi cuc",
    "hat kiem lam",
    "phong",
    "tru so tiep cong dan",
    "trung tam phat trien quy dat",
    "trung tam phuc vu hanh chinh cong",
    "van phong dang ky dat dai",
    "van phong dk dat dai",
    "van phong ubnd",
    "van phong uy ban nhan dan",
    "van phong hdnd",
    "vp ubnd",
    "vp hdnd",
];

/// The office of a head stands for the body (chủ tịch, giám đốc).
const OFFICES: &[&str] = &["pho chu tich ", "chu tich ", "pho giam doc ", "giam doc ", "truong "];

/// A people's committee with its code, or another body with the code of its province.
pub(super) fn by_place(name: &str, on: Option<NaiveDate>) -> Option<Reading<Body>> {
    let words = flat_words(name);
    let office = OFFICES.iter().find_map(|office| words.strip_prefix(office));
    let words = office.unwrap_or(&words);
    if !is_committee(words) && !begins_as_body(name, words) {
        return None;
    }
    let Some(place) = territory(name, on) else { return Some(unknown("place_unknown")) };
    let Some(province) = only(&place.provinces, on) else { return Some(unknown("place_ambiguous")) };
    let before = flat_words(place.before);
    let before = OFFICES.iter().find_map(|office| before.strip_prefix(office)).unwrap_or(&before);
    if place.is_province && COMMITTEES.contains(&before) {
        return Some(Reading::plain(Body::whole(province.code)).with(Note::repaired("name")));
    }
    Some(Reading::plain(Body::under(province.code)).with(unmapped("within_province")))
}

fn is_committee(words: &str) -> bool {
    let followed = |rest: &str| UNITS.iter().any(|unit| rest_after(rest, unit).is_some());
    COMMITTEES
        .iter()
        .any(|word| rest_after(words, word).is_some_and(|rest| *word != "ub" || followed(rest.trim_start())))
}

fn begins_as_body(name: &str, words: &str) -> bool {
    let Some(word) = BODIES.iter().find(|word| rest_after(words, word).is_some()) else { return false };
    // "Số 5 …" is a house; with diacritics sở has its own
    *word != "so" || name.is_ascii() || name.to_lowercase().contains("sở")
}

/// What follows a word at the beginning, if it is one there.
fn rest_after<'a>(words: &'a str, word: &str) -> Option<&'a str> {
    words.strip_prefix(word).filter(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The one people's committee of a province that all may mean: the same, or the same by now.
fn only(provinces: &[ProvinceCode], on: Option<NaiveDate>) -> Option<&'static Agency> {
    let committees = provinces.iter().map(|code| match code {
        ProvinceCode::Old(code) => agency::of_old_province(code),
        ProvinceCode::Current(code) => agency::of_province(code),
    });
    let committees: Vec<&'static Agency> = committees.collect::<Option<_>>()?;
    let first = *committees.first()?;
    if committees.iter().all(|one| one.code == first.code) {
        return Some(first);
    }
    let later = |one: &Agency| on.map_or_else(|| agency::today(one.code), |on| agency::responsible(one.code, on));
    let first = later(first)?;
    committees.iter().all(|one| later(one) == Some(first)).then_some(first)
}
