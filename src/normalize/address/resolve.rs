//! The communes of a parsed address.

use chrono::NaiveDate;

use super::super::reading::Note;
use super::gazetteer::{Kind, Named};
use super::parse::{Parsed, Span, graded, kind_before, narrowed, spans};
use super::token::Gap;
use crate::reference::commune::{Commune, OldCommune};
use crate::reference::province::MERGER;

/// Today's communes that an address may mean.
#[derive(Debug)]
pub struct Found {
    pub(super) codes: Vec<&'static str>,
    /// Where the commune's words begin: what stands before is the street.
    pub(super) from: usize,
    /// Several only because one old commune was split.
    pub(super) split: bool,
    pub(super) notes: Vec<Note>,
}

/// Commune and district of before July 2025: through the crosswalk.
pub(super) fn old_with_district(parsed: &Parsed<'_>, _: Option<NaiveDate>) -> Option<Found> {
    let mut best: Option<(Span, Vec<&'static OldCommune>)> = None;
    for (district, span) in &parsed.districts {
        for commune in commune_spans(parsed, span.from, |flat| parsed.gazetteer.old.contains_key(flat)) {
            let named = parsed.gazetteer.old.get(parsed.tokens.flat(commune.name, commune.to))?;
            let here: Vec<&Named<OldCommune>> =
                named.iter().filter(|one| one.unit.district.code == district.unit.code).collect();
            // nothing marks the beginning of the name: only an exact one is taken
            let right = narrowed(parsed.tokens, commune, here);
            let right: Vec<&'static OldCommune> = right.into_iter().map(|one| one.unit).collect();
            if right.is_empty() || (!commune.bounded && commune.to - commune.name < 2) {
                continue;
            }
            match &mut best {
                Some((there, units)) if there.name == commune.name && there.kind == commune.kind => units.extend(right),
                Some((there, _)) if rank(*there) >= rank(commune) => {}
                _ => best = Some((commune, right)),
            }
        }
        // an island district without communes
        if best.is_none() && parsed.province.is_some() {
            let islands = parsed.gazetteer.old.get("").map_or(&[][..], Vec::as_slice);
            let island = islands.iter().find(|one| one.unit.district.code == district.unit.code);
            best = island.map(|one| (*span, vec![one.unit]));
        }
    }
    let (span, units) = best?;
    Some(from_old(&units, span.from))
}

/// A marked beginning before an unmarked one, then the longer name.
const fn rank(span: Span) -> (u8, usize) {
    (if span.bounded { 1 } else { 0 }, span.to - span.name)
}

/// A commune of today beside a district that no longer is: the name of today's commune counts.
pub(super) fn new_with_district(parsed: &Parsed<'_>, _: Option<NaiveDate>) -> Option<Found> {
    let (province, _) = parsed.province.as_ref()?;
    parsed.districts.iter().find_map(|(_, span)| {
        let new = new_communes(parsed, span.from, province.current)?;
        let codes = new.units.iter().map(|unit| unit.code).collect();
        Some(Found { codes, from: new.from, split: false, notes: vec![Note::tidied("district_obsolete")] })
    })
}

/// Commune and province only: today's way of writing, and an old address with its district left out.
pub(super) fn without_district(parsed: &Parsed<'_>, on: Option<NaiveDate>) -> Option<Found> {
    let (province, _) = parsed.province.as_ref()?;
    both(parsed, parsed.rest_end(), province.current, on)
}

/// A district nobody knows (of before 2008, misspelt): the commune within the province.
pub(super) fn unknown_district(parsed: &Parsed<'_>, on: Option<NaiveDate>) -> Option<Found> {
    let (province, _) = parsed.province.as_ref()?;
    let end = parsed.rest_end();
    let known = parsed.districts.first().map(|(_, span)| span.from);
    // back to the last separator, if a word for a district stands after it
    let start = known.or_else(|| {
        (1..end)
            .rev()
            .find(|at| {
                parsed.tokens.gap(*at) == Gap::Hard || kind_before(parsed.tokens, *at).0.is_some_and(Kind::is_district)
            })
            .and_then(|at| {
                let named = (at..=at + 2).any(|next| kind_before(parsed.tokens, next).0.is_some_and(Kind::is_district));
                let (_, from) = kind_before(parsed.tokens, at);
                named.then_some(from.min(at))
            })
    })?;
    let mut found = both(parsed, start, province.current, on)?;
    found.notes.push(Note::repaired("district_unknown"));
    Some(found)
}

/// No province: a commune with its district, or one whose name stands only once in the country.
pub(super) fn without_province(parsed: &Parsed<'_>, on: Option<NaiveDate>) -> Option<Found> {
    if parsed.province.is_some() {
        return None;
    }
    let end = parsed.rest_end();
    let is_new = on.is_none_or(|day| day >= MERGER);
    let is_old = on.is_none_or(|day| day < MERGER);
    let mut codes = Vec::new();
    let mut from = end;
    for span in commune_spans(parsed, end, |flat| {
        parsed.gazetteer.new.contains_key(flat) || parsed.gazetteer.old.contains_key(flat)
    }) {
        let flat = parsed.tokens.flat(span.name, span.to);
        if !span.kind.is_some_and(Kind::is_commune) || !codes.is_empty() {
            continue;
        }
        let new = parsed.gazetteer.new.get(flat).filter(|_| is_new).map_or(&[][..], Vec::as_slice);
        let exact = |toned: &str, kind: Option<Kind>| {
            kind == span.kind && (!parsed.tokens.marked || toned == parsed.tokens.toned(span.name, span.to))
        };
        codes.extend(new.iter().filter(|one| exact(&one.toned, one.kind)).map(|one| one.unit.code));
        let old = parsed.gazetteer.old.get(flat).filter(|_| is_old).map_or(&[][..], Vec::as_slice);
        codes.extend(
            old.iter().filter(|one| exact(&one.toned, one.kind)).flat_map(|one| one.unit.successors.iter().copied()),
        );
        from = span.from;
    }
    codes.sort_unstable();
    codes.dedup();
    (codes.len() == 1).then(|| Found { codes, from, split: false, notes: vec![Note::repaired("province_missing")] })
}

/// Units of one name, how well they fit it, and where their words begin.
struct Fit<T: 'static> {
    units: Vec<&'static T>,
    grade: usize,
    from: usize,
}

/// Today's and the old communes of a province that end at `end`, by the day of the record. Which fits better decides;
/// where both fit alike, the day does, and without a day both are meant.
fn both(parsed: &Parsed<'_>, end: usize, current: &'static str, on: Option<NaiveDate>) -> Option<Found> {
    let new = new_communes(parsed, end, current);
    let old = old_communes(parsed, end);
    let stands = parsed.province.as_ref().is_some_and(|(province, _)| province.stands);
    let today = |new: Fit<Commune>| Found {
        codes: new.units.iter().map(|unit| unit.code).collect(),
        from: new.from,
        split: false,
        notes: Vec::new(),
    };
    match (new, old) {
        (Some(new), None) => Some(today(new)),
        (None, Some(old)) => Some(from_old(&old.units, old.from)),
        (None, None) => None,
        (Some(new), Some(old)) => {
            let before = on.is_some_and(|day| day < MERGER);
            // under the name of a province that is gone only old names stand
            Some(if before || !stands || old.grade < new.grade {
                from_old(&old.units, old.from)
            } else if on.is_some() || new.grade < old.grade {
                today(new)
            } else {
                united(&new, &old)
            })
        }
    }
}

fn united(new: &Fit<Commune>, old: &Fit<OldCommune>) -> Found {
    let mut found = from_old(&old.units, old.from.min(new.from));
    let of_old = found.codes.len();
    found.codes.extend(new.units.iter().map(|unit| unit.code));
    found.codes.sort_unstable();
    found.codes.dedup();
    found.split &= found.codes.len() == of_old;
    found
}

fn from_old(units: &[&'static OldCommune], from: usize) -> Found {
    let codes: Vec<&'static str> = units.iter().flat_map(|unit| unit.successors.iter().copied()).collect();
    Found { split: units.len() == 1 && codes.len() > 1, codes, from, notes: Vec::new() }
}

/// The runs of words that end at `end` and may be a commune, those with a marked beginning first. A number needs its
/// kind before it; a name beside which a district of the same name stands needs it too.
fn commune_spans(parsed: &Parsed<'_>, end: usize, known: impl Fn(&str) -> bool) -> Vec<Span> {
    let mut spans = spans(parsed.tokens, end, known);
    spans.retain(|span| {
        let is_number = parsed.tokens.flat(span.name, span.to).bytes().all(|byte| byte.is_ascii_digit());
        span.kind.map_or(!is_number, Kind::is_commune)
    });
    spans.sort_by_key(|span| std::cmp::Reverse(rank(*span)));
    spans
}

fn new_communes(parsed: &Parsed<'_>, end: usize, current: &'static str) -> Option<Fit<Commune>> {
    let known = |flat: &str| parsed.gazetteer.new.contains_key(flat);
    fitting(parsed, end, known, |flat| {
        let named = parsed.gazetteer.new.get(flat).map_or(&[][..], Vec::as_slice);
        named.iter().filter(|one| one.province == current).collect()
    })
}

fn old_communes(parsed: &Parsed<'_>, end: usize) -> Option<Fit<OldCommune>> {
    let known = |flat: &str| parsed.gazetteer.old.contains_key(flat);
    fitting(parsed, end, known, |flat| {
        let named = parsed.gazetteer.old.get(flat).map_or(&[][..], Vec::as_slice);
        named.iter().filter(|one| parsed.allows_old(one.province)).collect()
    })
}

/// The communes of the first run of words that has any.
fn fitting<T: 'static>(
    parsed: &Parsed<'_>,
    end: usize,
    known: impl Fn(&str) -> bool,
    here: impl Fn(&str) -> Vec<&'static Named<T>>,
) -> Option<Fit<T>> {
    let spans = commune_spans(parsed, end, known);
    spans.into_iter().filter(|span| span.bounded && !also_district(parsed, *span)).find_map(|span| {
        let (right, grade) = graded(parsed.tokens, span, here(parsed.tokens.flat(span.name, span.to)));
        let units: Vec<&'static T> = right.into_iter().map(|one| one.unit).collect();
        (!units.is_empty()).then_some(Fit { units, grade, from: span.from })
    })
}

/// "Ba Đình, Hà Nội" may be the district: without a word for its kind it is no commune.
fn also_district(parsed: &Parsed<'_>, span: Span) -> bool {
    span.kind.is_none() && parsed.districts.iter().any(|(_, district)| district.name == span.name)
}
