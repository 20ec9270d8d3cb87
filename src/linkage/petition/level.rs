//! The comparisons of two filings, each with its levels. What depends on one another within every kind of pair is one
//! comparison: the text and what it has of another text, the decision with its date and issuer, the field with whom it is
//! against, the type with the instance.
//!
//! To add a comparison: a line in [`COMPARISONS`], a function in [`LEVELS`], and training anew.

use super::super::person::Matcher;
use super::features::Features;
use super::mention::{Parcel, rarity};
use super::who::{self, HARDLY, Meeting};
use super::word::Document;
use crate::domain::PetitionType;

/// How many comparisons there are.
pub const COUNT: usize = 11;

/// One comparison: its name and those of its levels. The first level is for what cannot be compared.
#[derive(Debug)]
pub struct Comparison {
    pub name: &'static str,
    pub levels: &'static [&'static str],
}

/// By comparison: its level.
pub type Levels = [u8; COUNT];

/// Every comparison.
pub static COMPARISONS: [Comparison; COUNT] = [
    Comparison {
        name: "petitioners",
        levels: &[
            "unknown",
            "certain",
            "sure",
            "likely",
            "namesakes",
            "namesakes, hardly one",
            "other name",
            "unlikely",
            "never",
            "most of both lists",
            "some of both lists",
            "none of both lists",
            "one side anonymous",
        ],
    },
    Comparison {
        name: "decision",
        levels: &[
            "unknown",
            "same number and day",
            "same number",
            "same day, number mistyped",
            "same number, no sign",
            "settles the other",
            "one of several",
            "same number, other day",
            "different",
            "one side",
        ],
    },
    Comparison { name: "parcel", levels: &["unknown", "same", "same plot", "same sheet", "different", "one side"] },
    Comparison {
        name: "text",
        levels: &[
            "unknown",
            "same",
            "near",
            "half",
            "contained",
            "part",
            "touching",
            "different",
            "thin, same",
            "thin, different",
        ],
    },
    Comparison {
        name: "numbers",
        levels: &[
            "unknown",
            "20 bits and all",
            "20 bits",
            "12 bits and all",
            "12 bits",
            "5 bits and all",
            "5 bits",
            "little",
            "none",
            "none of many",
        ],
    },
    Comparison {
        name: "matter",
        levels: &[
            "unknown",
            "same field",
            "same field, same opponent",
            "same field, other opponent",
            "same group",
            "same group, same opponent",
            "same group, other opponent",
            "other field",
            "other field, same opponent",
            "other field, other opponent",
        ],
    },
    Comparison {
        name: "form",
        levels: &[
            "unknown",
            "same type, same instance",
            "same type",
            "same type, one next instance",
            "same type, other instance",
            "near type, same instance",
            "near type",
            "near type, one next instance",
            "near type, other instance",
            "complaint and denunciation",
            "other type",
        ],
    },
    Comparison {
        name: "time",
        levels: &[
            "unknown",
            "written the same day",
            "within ten days, other agency",
            "within ten days",
            "within fifty days, other agency",
            "within fifty days",
            "within a year, other agency",
            "within a year",
            "later",
        ],
    },
    Comparison {
        name: "course",
        levels: &["unknown", "before the decision", "soon after the decision", "after the decision took effect"],
    },
    Comparison { name: "dispute of a settlement", levels: &["unknown", "both", "one", "neither"] },
    Comparison { name: "place", levels: &["unknown", "same commune", "same province", "other province"] },
];

/// A comparison gives the number of its level, from two filings in whatever order.
type Compare = fn(&Features, &Features) -> u8;

/// In the order of [`COMPARISONS`], but for the first, which needs to weigh petitioners.
static LEVELS: [Compare; COUNT - 1] = [decision, parcel, text, numbers, matter, form, time, course, dispute, place];

/// The levels of a pair.
pub fn levels(a: &Features, b: &Features, matcher: &Matcher) -> Levels {
    let mut levels = [0; COUNT];
    let of_both = LEVELS.iter().map(|compare| compare(a, b));
    levels.iter_mut().zip(std::iter::once(petitioners(a, b, matcher)).chain(of_both)).for_each(|(to, from)| *to = from);
    levels
}

/// Bits by which two petitioners are told to be one, beyond what links them.
const SURE: f32 = 5.0;
const CERTAIN: f32 = 12.0;

/// Single petitioners by their weight; lists by how many of the shorter one the other has.
fn petitioners(a: &Features, b: &Features, matcher: &Matcher) -> u8 {
    match who::meet(&a.people, &b.people, matcher) {
        Meeting::Nobody => 0,
        Meeting::Single { bits, is_namesake } => match (bits - matcher.link(), is_namesake) {
            (CERTAIN.., _) => 1,
            (SURE.., _) => 2,
            (0.0.., _) => 3,
            (_, true) if bits >= HARDLY => 4,
            (_, true) => 5,
            (_, false) if bits >= HARDLY => 6,
            (_, false) => 7,
        },
        Meeting::Never => 8,
        Meeting::Lists { common, shorter, .. } if common * 2 >= shorter => 9,
        Meeting::Lists { common, namesakes, shorter } if common > 0 || namesakes * 2 >= shorter => 10,
        Meeting::Lists { .. } => 11,
        Meeting::OneSide => 12,
    }
}

/// The decision complained of and those named in the text, by number and day; and whether one names what settled the
/// other.
fn decision(a: &Features, b: &Features) -> u8 {
    fn named(features: &Features) -> impl Iterator<Item = Document> + Clone {
        features.act.into_iter().chain(features.documents.iter().copied())
    }
    let settles = |one: &Features, other: &Features| {
        let settled = one.settled.filter(|settled| settled.sign != 0);
        settled.is_some_and(|settled| {
            named(other).any(|named| named.sign != 0 && named.may_be(settled) && named.same_day(settled) != Some(false))
        })
    };
    let mut best = match (named(a).next().is_some(), named(b).next().is_some()) {
        (true, true) => 8,
        (false, false) => 0,
        _ => 9,
    };
    let meets = |one: Document, other: Document| match (one.may_be(other), one.same_day(other)) {
        (true, Some(true)) => 1,
        (true, None) if one.sign != 0 && other.sign != 0 => 2,
        (false, Some(true)) if is_mistyped(one.number, other.number) => 3,
        (true, None) => 4,
        (true, Some(false)) => 7,
        (false, _) => 8,
    };
    let (mut alone_a, mut alone_b) = (false, false);
    for one in named(a) {
        let nearest = named(b).map(|other| meets(one, other)).min().unwrap_or(9);
        alone_a |= nearest > 4;
        best = if best == 0 { nearest } else { best.min(nearest) };
    }
    for one in named(b) {
        alone_b |= named(a).map(|other| meets(one, other)).min().unwrap_or(9) > 4;
    }
    match best {
        6.. if settles(a, b) || settles(b, a) => 5,
        1..=4 if alone_a && alone_b => 6,
        level => level,
    }
}

/// Whether one digit was changed, or two that stand side by side were.
fn is_mistyped(one: u32, other: u32) -> bool {
    let (one, other) = (one.to_string(), other.to_string());
    let differing: Vec<usize> =
        one.bytes().zip(other.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
    match (one.len() == other.len(), differing.as_slice()) {
        (true, [_]) => true,
        (true, [first, second]) => {
            let digit = |text: &str, at: usize| text.as_bytes().get(at).copied();
            second - first == 1
                && digit(&one, *first) == digit(&other, *second)
                && digit(&one, *second) == digit(&other, *first)
        }
        _ => false,
    }
}

fn parcel(a: &Features, b: &Features) -> u8 {
    let of = |features: &Features| features.parcels.iter().any(|parcel| parcel.plot > 0);
    match (of(a), of(b)) {
        (false, false) => return 0,
        (true, true) => {}
        _ => return 5,
    }
    let any =
        |test: fn(Parcel, Parcel) -> bool| a.parcels.iter().any(|one| b.parcels.iter().any(|other| test(*one, *other)));
    if any(|one, other| one.is_whole() && one == other) {
        1
    } else if any(Parcel::may_be) {
        2
    } else if any(|one, other| one.sheet != 0 && one.sheet == other.sheet) {
        3
    } else {
        4
    }
}

/// Units under which a text is thin.
const THIN: u32 = 5;

fn text(a: &Features, b: &Features) -> u8 {
    let Some(shared) = a.text.shared(&b.text) else { return 0 };
    if shared.smaller < THIN {
        return if shared.containment >= 0.5 { 8 } else { 9 };
    }
    match (shared.jaccard, shared.containment) {
        (jaccard, _) if jaccard >= 0.7 => 1,
        (jaccard, _) if jaccard >= 0.45 => 2,
        (jaccard, _) if jaccard >= 0.25 => 3,
        (_, containment) if containment >= 0.6 => 4,
        (_, containment) if containment >= 0.35 => 5,
        (_, containment) if containment >= 0.15 => 6,
        _ => 7,
    }
}

/// Numbers in common, by how rare they are.
fn numbers(a: &Features, b: &Features) -> u8 {
    let shorter = a.numbers.len().min(b.numbers.len());
    if shorter == 0 {
        return 0;
    }
    let bits = |features: &Features| features.numbers.iter().map(|number| rarity(*number)).sum::<u32>();
    let common = a.numbers.iter().filter(|number| b.numbers.binary_search(number).is_ok());
    let common: u32 = common.map(|number| rarity(*number)).sum();
    let has_all = common * 5 >= bits(a).min(bits(b)) * 4;
    match (common, has_all) {
        (20.., true) => 1,
        (20.., false) => 2,
        (12.., true) => 3,
        (12.., false) => 4,
        (5.., true) => 5,
        (5.., false) => 6,
        (1.., _) => 7,
        (0, _) if shorter < 4 => 8,
        (0, _) => 9,
    }
}

/// The field by the list of categories, with whom it is against.
fn matter(a: &Features, b: &Features) -> u8 {
    let (Some(one), Some(other)) = (&a.category, &b.category) else { return 0 };
    let group = |category: &str| category.rsplit_once('.').map_or(category.len(), |(group, _)| group.len());
    let field = if one == other {
        1
    } else if one.starts_with(other.as_str())
        || other.starts_with(one.as_str())
        || one.get(..group(one)) == other.get(..group(other))
    {
        4
    } else {
        7
    };
    if a.against.is_empty() || b.against.is_empty() {
        return field;
    }
    let common = a.against.iter().filter(|word| b.against.binary_search(word).is_ok()).count();
    let same = common * 4 >= a.against.len().max(b.against.len()) * 3;
    field + if same { 1 } else { 2 }
}

fn form(a: &Features, b: &Features) -> u8 {
    use PetitionType::{Complaint, Denunciation};
    let (Some(one), Some(other)) = (a.petition_type, b.petition_type) else { return 0 };
    let instance = match (a.instance, b.instance) {
        (Some(one), Some(other)) if one == other => 0,
        (Some(_), Some(_)) => 3,
        // what is a next instance mostly says so
        (Some(2..), None) | (None, Some(2..)) => 2,
        _ => 1,
    };
    match (one, other) {
        _ if one == other => 1 + instance,
        (Complaint, Denunciation) | (Denunciation, Complaint) => 9,
        (Denunciation, _) | (_, Denunciation) => 10,
        _ => 5 + instance,
    }
}

fn time(a: &Features, b: &Features) -> u8 {
    if a.written_on.is_some() && a.written_on == b.written_on {
        return 1;
    }
    let other_agency = u8::from(a.agency == b.agency);
    match (a.received_on - b.received_on).num_days().abs() {
        0..=10 => 2 + other_agency,
        11..=50 => 4 + other_agency,
        51..=366 => 6 + other_agency,
        _ => 8,
    }
}

/// Days after which a first decision on a complaint takes effect (Law on Complaints 02/2011/QH13, article 44.1).
pub(super) const TAKES_EFFECT: i64 = 30;

/// Whether the later was written after the earlier was settled.
fn course(a: &Features, b: &Features) -> u8 {
    let after = |earlier: &Features, later: &Features| {
        let settled = earlier.settled_on.filter(|_| earlier.day() <= later.day())?;
        Some((later.day() - settled).num_days())
    };
    match after(a, b).max(after(b, a)) {
        None => 0,
        Some(days) if days <= 0 => 1,
        Some(days) if days <= TAKES_EFFECT => 2,
        Some(_) => 3,
    }
}

fn dispute(a: &Features, b: &Features) -> u8 {
    match (a.text.is_empty() || b.text.is_empty(), a.contests, b.contests) {
        (true, ..) => 0,
        (_, true, true) => 1,
        (_, false, false) => 3,
        _ => 2,
    }
}

fn place(a: &Features, b: &Features) -> u8 {
    match (&a.commune, &b.commune, &a.province, &b.province) {
        (Some(one), Some(other), ..) if one == other => 1,
        (_, _, Some(one), Some(other)) if one == other => 2,
        (_, _, Some(_), Some(_)) => 3,
        _ => 0,
    }
}
