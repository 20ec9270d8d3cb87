//! The comparisons of two filings, each with its levels. What depends on one another within every kind of pair is one
//! comparison: the text and what it has of another text, the decision with its date and issuer, the field with whom it is
//! against, the type with the instance.
//!
//! To add a comparison: a line in [`COMPARISONS`], a function in [`LEVELS`], and training anew.

use super::features::Features;
use super::mention::Parcel;
use super::who::Persons;
use super::word::Document;
use crate::domain::PetitionType;

/// How many comparisons there are.
pub const COUNT: usize = 10;

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
            "possible",
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
            "named in the text",
            "settles the other",
            "same number, other day",
            "different",
            "one side",
        ],
    },
    Comparison { name: "documents", levels: &["unknown", "same", "some", "different"] },
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
    Comparison { name: "numbers", levels: &["unknown", "three", "two", "one", "one of few", "none"] },
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
            "same type, other instance",
            "near type, same instance",
            "near type",
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
];

/// A comparison gives the number of its level, from two filings in whatever order.
type Compare = fn(&Features, &Features) -> u8;

/// In the order of [`COMPARISONS`], but for the first, which needs to weigh petitioners.
static LEVELS: [Compare; COUNT - 1] = [decision, documents, parcel, text, numbers, matter, form, time, course];

/// The levels of a pair.
pub fn levels(a: &Features, b: &Features, persons: &dyn Persons) -> Levels {
    let mut levels = [0; COUNT];
    let of_both = LEVELS.iter().map(|compare| compare(a, b));
    levels.iter_mut().zip(std::iter::once(petitioners(a, b, persons)).chain(of_both)).for_each(|(to, from)| *to = from);
    levels
}

/// Bits from which on two petitioners are one, without and with certainty, and under which they are hardly.
const LIKELY: f32 = 4.25;
const SURE: f32 = 10.0;
const CERTAIN: f32 = 16.0;
const HARDLY: f32 = -4.0;
/// Pairs of two lists that are weighed at most.
const WEIGHED: usize = 256;

/// Single petitioners by their weight; lists by how many of the shorter one the other has.
fn petitioners(a: &Features, b: &Features, persons: &dyn Persons) -> u8 {
    let shorter = a.people.len().min(b.people.len());
    if shorter == 0 {
        return if a.people.len() == b.people.len() { 0 } else { 10 };
    }
    let (few, many) = if a.people.len() <= b.people.len() { (a, b) } else { (b, a) };
    if shorter == 1 && many.people.len() == 1 {
        let (Some(one), Some(other)) = (a.people.first(), b.people.first()) else { return 0 };
        let likeness = persons.weigh(one, other);
        return if likeness.is_never { 6 } else { single(likeness.bits) };
    }
    let mut weighed = 0;
    let (mut common, mut best) = (0, f32::MIN);
    for one in &few.people {
        let mut most = f32::MIN;
        for other in many.people.iter().filter(|other| one.may_be(other)) {
            weighed += 1;
            if weighed > WEIGHED {
                break;
            }
            let likeness = persons.weigh(one, other);
            if !likeness.is_never {
                most = most.max(likeness.bits);
            }
        }
        common += usize::from(most >= LIKELY);
        best = best.max(most);
    }
    match (shorter, common) {
        (1, _) if best == f32::MIN => 5,
        (1, _) => single(best),
        (_, 0) => 9,
        (_, _) if common * 2 >= shorter => 7,
        _ => 8,
    }
}

fn single(bits: f32) -> u8 {
    match bits {
        _ if bits >= CERTAIN => 1,
        _ if bits >= SURE => 2,
        _ if bits >= LIKELY => 3,
        _ if bits >= HARDLY => 4,
        _ => 5,
    }
}

/// The decision complained of, by number and day; and whether one complains of what settled the other.
fn decision(a: &Features, b: &Features) -> u8 {
    let names = |one: &Features, document: Option<Document>| {
        let Some(document) = document.filter(|document| document.sign != 0) else { return false };
        one.act.is_some_and(|act| act.may_be(document)) || one.documents.iter().any(|named| named.may_be(document))
    };
    let settles = (a.settled.is_some() || b.settled.is_some()) && (names(a, b.settled) || names(b, a.settled));
    let (Some(one), Some(other)) = (a.act, b.act) else {
        let named = |one: &Features, other: &Features| {
            one.act.is_some_and(|act| other.documents.iter().any(|named| named.may_be(act)))
        };
        return match (a.act.is_some() || b.act.is_some(), named(a, b) || named(b, a)) {
            (_, true) => 4,
            _ if settles => 5,
            (true, false) => 8,
            (false, false) => 0,
        };
    };
    let same_day = match (a.act_on, b.act_on) {
        (Some(one), Some(other)) => Some(one == other),
        _ => None,
    };
    match (one.may_be(other), same_day) {
        (true, Some(true)) => 1,
        (true, None) => 2,
        (true, Some(false)) => 6,
        (false, Some(true)) if is_mistyped(one.number, other.number) => 3,
        _ if settles => 5,
        _ => 7,
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

/// Other documents named in both texts.
fn documents(a: &Features, b: &Features) -> u8 {
    let shorter = a.documents.len().min(b.documents.len());
    if shorter == 0 {
        return 0;
    }
    let common = a.documents.iter().filter(|one| b.documents.iter().any(|other| one.may_be(*other))).count();
    match common {
        0 => 3,
        _ if common >= shorter => 1,
        _ => 2,
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

fn numbers(a: &Features, b: &Features) -> u8 {
    let shorter = a.numbers.len().min(b.numbers.len());
    if shorter == 0 {
        return 0;
    }
    let common = a.numbers.iter().filter(|number| b.numbers.binary_search(number).is_ok()).count();
    match common {
        0 => 5,
        1 if shorter <= 2 => 4,
        1 => 3,
        2 => 2,
        _ => 1,
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
        (Some(_), Some(_)) => 2,
        _ => 1,
    };
    match (one, other) {
        _ if one == other => 1 + instance,
        (Complaint, Denunciation) | (Denunciation, Complaint) => 7,
        (Denunciation, _) | (_, Denunciation) => 8,
        _ => 4 + instance,
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
