//! The levels of an address, from its end: which words are the province, which the district.

use std::borrow::Cow;

use super::super::text::flat_key;
use super::gazetteer::{Gazetteer, Kind, Named, NamedProvince, gazetteer};
use super::token::{Gap, Tokens};
use crate::reference::commune::District;

/// Most words in the name of a unit.
pub(super) const MOST_WORDS: usize = 6;

/// A run of words that is a unit's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Where the name begins, and where with its kind before it.
    pub(super) name: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: Option<Kind>,
    /// Whether anything shows that a name begins here: a kind, a separator, the start.
    pub(super) bounded: bool,
}

/// One way to see the higher levels of an address.
#[derive(Debug)]
pub struct Parsed<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) gazetteer: &'static Gazetteer,
    pub(super) province: Option<(&'static NamedProvince, Span)>,
    /// The districts of this name, of the longest match first.
    pub(super) districts: Vec<(&'static Named<District>, Span)>,
    /// Where the words under province (and district, if any) end.
    end: usize,
}

impl Parsed<'_> {
    /// Today's code of the province, where one is named for certain.
    pub(super) fn province_code(&self) -> Option<&'static str> {
        self.province.as_ref().filter(|(_, span)| span.bounded).map(|(province, _)| province.current)
    }

    /// Where the words end that are not the province.
    pub(super) const fn rest_end(&self) -> usize {
        self.end
    }

    /// The old codes of the provinces that may be meant; all where none is named.
    pub(super) fn allows_old(&self, code: &str) -> bool {
        self.province.as_ref().is_none_or(|(province, _)| province.old == Some(code))
    }
}

/// The country says nothing.
const COUNTRY: &[&str] = &["vietnam", "vn", "chxhcnvietnam"];

/// Abbreviations of provinces that are nothing else, so that no separator has to stand before them.
const ALONE: &[&str] = &["hcm", "tphcm", "tphn", "tpct", "brvt", "tthue"];

/// An address that begins with its province ("Tỉnh Bắc Giang, huyện Lục Nam, xã Bảo Đài"), its levels turned round.
pub(super) fn from_the_end(text: Cow<'_, str>) -> Cow<'_, str> {
    let names_province = |part: &str| {
        let tokens = Tokens::of(part);
        spans(&tokens, tokens.len(), |flat| gazetteer().provinces.contains_key(flat))
            .iter()
            .any(|span| span.from == 0 && span.kind.is_none_or(|kind| matches!(kind, Kind::Province | Kind::City)))
    };
    let Some((first, rest)) = text.split_once(',') else { return text };
    // by far the most begin with a house, a village or a commune
    let below = |word: &str| matches!(word, "phường" | "Phường" | "xã" | "Xã" | "thôn" | "Thôn" | "ấp" | "Ấp");
    if first.bytes().any(|byte| byte.is_ascii_digit()) || first.split(' ').next().is_some_and(below) {
        return text;
    }
    let last = rest.rsplit(',').find(|part| !COUNTRY.contains(&flat_key(part).as_str())).unwrap_or(first);
    if names_province(last) || !names_province(first) {
        return text;
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).rev().collect();
    Cow::Owned(parts.join(", "))
}

/// The ways to see an address, the likeliest first.
pub(super) fn parses<'a>(tokens: &'a Tokens<'a>) -> Vec<Parsed<'a>> {
    let mut end = tokens.len();
    for words in [1, 2, 3] {
        if let Some(from) = end.checked_sub(words)
            && COUNTRY.contains(&tokens.flat(from, end))
            && from > 0
        {
            end = from;
        }
    }
    let gazetteer = gazetteer();
    let mut parses = Vec::new();
    let mut weak = Vec::new();
    for mut span in spans(tokens, end, |flat| gazetteer.provinces.contains_key(flat)) {
        let flat = tokens.flat(span.name, span.to);
        let Some(province) = gazetteer.provinces.get(flat) else { continue };
        span.bounded |= ALONE.contains(&flat);
        // with diacritics a name must have the right ones: Hà Nam is not Hà Năm
        let toned = tokens.toned(span.name, span.to);
        let differs = tokens.marked && !province.toned.is_empty() && !toned.is_ascii() && toned != province.toned;
        let other_level = span.kind.is_some_and(|kind| !matches!(kind, Kind::Province | Kind::City));
        if other_level || differs && !close(toned, &province.toned) {
            continue;
        }
        // "TP Hòa Bình" is the city in the province of that name
        let is_district = span.kind == Some(Kind::City) && !province.is_city && !is_city_now(province);
        let parsed = under_province(tokens, gazetteer, Some((province, span)), span.from);
        if is_district || !span.bounded { weak.push(parsed) } else { parses.push(parsed) }
    }
    parses.push(under_province(tokens, gazetteer, None, end));
    // a name nothing marks as a province comes after the reading without one only if that finds something
    parses.extend(weak);
    if parses.len() > 1 && parses.first().is_some_and(|first| first.province.is_none()) {
        let none = parses.remove(0);
        if none.districts.iter().any(|(_, span)| span.kind.is_some()) {
            parses.insert(0, none);
        } else {
            parses.push(none);
        }
    }
    parses
}

fn is_city_now(province: &NamedProvince) -> bool {
    province.stands
        && crate::reference::province::all()
            .iter()
            .any(|row| row.code == province.current && row.valid_to.is_none() && row.kind == "thành phố")
}

/// Two toned keys of the same flat key that differ in tone marks only: a slip of the hand.
fn close(left: &str, right: &str) -> bool {
    left.chars().filter(|c| !c.is_ascii()).count() + 1 >= right.chars().filter(|c| !c.is_ascii()).count()
}

fn under_province<'a>(
    tokens: &'a Tokens<'a>,
    gazetteer: &'static Gazetteer,
    province: Option<(&'static NamedProvince, Span)>,
    end: usize,
) -> Parsed<'a> {
    let mut parsed = Parsed { tokens, gazetteer, province, districts: Vec::new(), end };
    let mut districts = Vec::new();
    for span in spans(tokens, end, |flat| gazetteer.districts.contains_key(flat)) {
        let is_number = tokens.flat(span.name, span.to).bytes().all(|byte| byte.is_ascii_digit());
        let wrong_level = span.kind.is_some_and(|kind| !kind.is_district());
        if wrong_level || (is_number && span.kind.is_none()) {
            continue;
        }
        let named = gazetteer.districts.get(tokens.flat(span.name, span.to)).map_or(&[][..], Vec::as_slice);
        let here: Vec<&Named<District>> =
            named.iter().filter(|district| parsed.allows_old(district.province)).collect();
        // a province of today also takes the districts that it took up
        let here = if here.is_empty() {
            named.iter().filter(|district| took_up(parsed.province.as_ref(), district.province)).collect()
        } else {
            here
        };
        for district in narrowed(tokens, span, here) {
            districts.push((district, span));
        }
    }
    parsed.districts = districts;
    parsed
}

/// Whether a province that stands today took up an old one.
fn took_up(province: Option<&(&'static NamedProvince, Span)>, old: &str) -> bool {
    let before = crate::reference::province::MERGER.pred_opt();
    province.is_none_or(|(province, _)| {
        province.stands
            && before.and_then(|day| crate::reference::province::current_code(old, day)) == Some(province.current)
    })
}

/// Those of the right spelling and kind, as far as any are.
pub(super) fn narrowed<'t, T: 'static>(tokens: &Tokens<'_>, span: Span, named: Vec<&'t Named<T>>) -> Vec<&'t Named<T>> {
    graded(tokens, span, named).0
}

/// The same, with how well they fit: 0 in spelling and kind, 1 in spelling, 2 in kind, 3 by flat key only.
pub(super) fn graded<'t, T: 'static>(
    tokens: &Tokens<'_>,
    span: Span,
    named: Vec<&'t Named<T>>,
) -> (Vec<&'t Named<T>>, usize) {
    let toned = tokens.toned(span.name, span.to);
    let right_kind = |one: &&&Named<T>| span.kind.is_none() || one.kind == span.kind;
    let right_tone = |one: &&&Named<T>| !tokens.marked || one.toned == toned;
    for (grade, filter) in [(true, true), (true, false), (false, true)].into_iter().enumerate() {
        let some: Vec<&Named<T>> = named
            .iter()
            .filter(|one| (!filter.0 || right_tone(one)) && (!filter.1 || right_kind(one)))
            .copied()
            .collect();
        if !some.is_empty() {
            return (some, grade);
        }
    }
    (named, 3)
}

/// The runs of words that end at `end` and are a known name, the longest first.
pub(super) fn spans(tokens: &Tokens<'_>, end: usize, known: impl Fn(&str) -> bool) -> Vec<Span> {
    let mut found = Vec::new();
    for words in 1..=MOST_WORDS {
        let Some(name) = end.checked_sub(words) else { break };
        if known(tokens.flat(name, end)) {
            let (kind, from) = kind_before(tokens, name);
            let bounded = kind.is_some() || tokens.gap(name) != Gap::Word;
            found.push(Span { name, from, to: end, kind, bounded });
        }
        if tokens.gap(name) == Gap::Hard {
            break;
        }
    }
    found.reverse();
    found
}

/// The word for a kind before a name, and where it begins.
pub(super) fn kind_before(tokens: &Tokens<'_>, name: usize) -> (Option<Kind>, usize) {
    // a separator between the two parts them, but for the full stop of an abbreviation
    if tokens.gap(name) == Gap::Hard {
        return (None, name);
    }
    let word = |back: usize| name.checked_sub(back).map(|at| tokens.flat(at, at + 1)).unwrap_or_default();
    let joined = name > 1 && tokens.gap(name - 1) != Gap::Hard;
    if joined {
        let two = match (word(2), word(1)) {
            ("thanh", "pho") | ("t", "p") => Some(Kind::City),
            ("thi", "xa") | ("t", "x") => Some(Kind::Town),
            ("thi", "tran") | ("t", "t") => Some(Kind::Township),
            ("dac", "khu") => Some(Kind::SpecialZone),
            _ => None,
        };
        if two.is_some() {
            return (two, name - 2);
        }
    }
    let one = match word(1) {
        "tinh" | "t" => Kind::Province,
        "tp" => Kind::City,
        "quan" | "q" => Kind::UrbanDistrict,
        "huien" | "huyen" | "h" => Kind::RuralDistrict,
        "tx" => Kind::Town,
        "phuong" | "p" | "f" => Kind::Ward,
        "xa" | "x" => Kind::Commune,
        "tt" => Kind::Township,
        "dk" => Kind::SpecialZone,
        _ => return (None, name),
    };
    (Some(one), name - 1)
}
