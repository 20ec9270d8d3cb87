//! In which province the place lies that a body is named after: "Sở Y tế Nghệ An", "UBND huyện Yên Phong".

use chrono::NaiveDate;

use super::gazetteer::{Kind, gazetteer};
use super::parse::{Parsed, Span, parses, spans};
use super::token::Tokens;
use crate::reference::province::{self, MERGER};

/// A province by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::normalize) enum ProvinceCode {
    /// One of the 63 until 2025-06-30.
    Old(&'static str),
    /// One of the 34 since.
    Current(&'static str),
}

/// The place at the end of a name.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::normalize) struct Territory<'a> {
    /// The words before the place.
    pub(in crate::normalize) before: &'a str,
    /// Every province that it may lie in.
    pub(in crate::normalize) provinces: Vec<ProvinceCode>,
    /// Whether nothing smaller than a province is named.
    pub(in crate::normalize) is_province: bool,
}

/// The place that a name ends with; nothing where it ends with none.
pub(in crate::normalize) fn territory(name: &str, on: Option<NaiveDate>) -> Option<Territory<'_>> {
    let tokens = Tokens::of(name);
    let parses = parses(&tokens);
    let found = parses.iter().find_map(|parsed| by_province(parsed, on).or_else(|| by_district(parsed)));
    let (provinces, from, is_province) = found.or_else(|| by_commune(&tokens, on))?;
    Some(Territory { before: tokens.before(from), provinces, is_province })
}

type Found = (Vec<ProvinceCode>, usize, bool);

fn by_province(parsed: &Parsed<'_>, on: Option<NaiveDate>) -> Option<Found> {
    let (named, span) = parsed.province.as_ref()?;
    let code = named.old.map_or(ProvinceCode::Current(named.current), ProvinceCode::Old);
    let is_whole = match span.kind {
        // the city of Huế was a district of Thừa Thiên Huế, and Hòa Bình the seat of the province of that name
        Some(Kind::City) => is_city(parsed.tokens.flat(span.name, span.to), named.current, on),
        // Hà Nội took Hà Tây up in 2008 and is not it
        _ => parsed.tokens.flat(span.name, span.to) != "hatay",
    };
    Some((vec![code], span.from, is_whole))
}

/// Whether a city of central rank has this name on a day, or had or has it where no day is known.
fn is_city(flat: &str, current: &str, on: Option<NaiveDate>) -> bool {
    let alias = gazetteer().provinces.get(flat).is_some_and(|named| named.toned.is_empty());
    province::all().iter().any(|row| {
        let same = super::super::text::flat_key(row.name) == flat || (alias && row.code == current);
        let then = on.is_none_or(|on| {
            row.valid_from.is_none_or(|from| from <= on) && row.valid_to.is_none_or(|last| on <= last)
        });
        same && then && row.kind == "thành phố"
    })
}

fn by_district(parsed: &Parsed<'_>) -> Option<Found> {
    if parsed.province.is_some() {
        return None;
    }
    let marked = |span: &Span| span.kind.is_some();
    let (_, first) = parsed.districts.iter().find(|(_, span)| marked(span))?;
    let here = parsed.districts.iter().filter(|(_, span)| span.name == first.name);
    let mut provinces: Vec<ProvinceCode> = here.map(|(district, _)| ProvinceCode::Old(district.province)).collect();
    provinces.dedup();
    Some((provinces, first.from, false))
}

/// Communes of the name, in spelling and kind, that stood on the day; of both times where no day is known.
fn by_commune(tokens: &Tokens<'_>, on: Option<NaiveDate>) -> Option<Found> {
    let gazetteer = gazetteer();
    let known = |flat: &str| gazetteer.new.contains_key(flat) || gazetteer.old.contains_key(flat);
    let span = spans(tokens, tokens.len(), known).into_iter().find(|span| span.kind.is_some_and(Kind::is_commune))?;
    let (flat, toned) = (tokens.flat(span.name, span.to), tokens.toned(span.name, span.to));
    let right = |name: &str, kind: Option<Kind>| kind == span.kind && (!tokens.marked || name == toned);
    let mut provinces = Vec::new();
    if on.is_none_or(|day| day < MERGER) {
        let old = gazetteer.old.get(flat).map_or(&[][..], Vec::as_slice);
        let old = old.iter().filter(|one| right(&one.toned, one.kind));
        provinces.extend(old.map(|one| ProvinceCode::Old(one.province)));
    }
    if on.is_none_or(|day| day >= MERGER) {
        let new = gazetteer.new.get(flat).map_or(&[][..], Vec::as_slice);
        let new = new.iter().filter(|one| right(&one.toned, one.kind));
        provinces.extend(new.map(|one| ProvinceCode::Current(one.province)));
    }
    provinces.dedup();
    (!provinces.is_empty()).then_some((provinces, span.from, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProvinceCode::{Current, Old};

    #[test]
    fn where_it_lies() {
        for (name, on, before, provinces, is_province) in [
            ("Sở TN&MT tỉnh Bắc Giang", None, "Sở TN&MT", vec![Old("24")], true),
            ("Sở Y tế Nghệ An", None, "Sở Y tế", vec![Old("40")], true),
            ("UBND TP. Hà Nội", None, "UBND", vec![Old("01")], true),
            ("UBND TP.HCM", None, "UBND", vec![Old("79")], true),
            ("UBND tỉnh Hà Tây", None, "UBND", vec![Old("01")], false),
            ("UBND TP Hòa Bình", None, "UBND", vec![Old("17")], false),
            ("UBND thành phố Huế", Some("2024-05-01"), "UBND", vec![Old("46")], false),
            ("UBND thành phố Huế", Some("2025-05-01"), "UBND", vec![Old("46")], true),
            ("UBND huyện Yên Phong", None, "UBND", vec![Old("27")], false),
            ("UBND huyen Yen Phong, Bac Ninh", None, "UBND huyen Yen Phong", vec![Old("27")], true),
            ("UBND phường Bến Nghé", Some("2024-05-01"), "UBND", vec![Old("79")], false),
            ("UBND xã Văn Môn", Some("2026-05-01"), "UBND", vec![Current("24")], false),
        ] {
            let on = on.map(|day| day.parse().unwrap());
            assert_eq!(territory(name, on), Some(Territory { before, provinces, is_province }), "{name}");
        }
        assert!(territory("UBND huyện Châu Thành", None).unwrap().provinces.len() > 5);
        assert_eq!(territory("Sở Y tế", None), None);
        assert_eq!(territory("", None), None);
    }
}
