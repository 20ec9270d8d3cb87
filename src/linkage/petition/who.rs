//! The petitioners of two filings, compared as sets.

use serde::{Deserialize, Serialize};

use super::super::hash;
use super::super::person::{self, Matcher};
use crate::domain::Petitioner;
use crate::normalize::text;

/// One petitioner of a filing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub person: person::Features,
    /// Hash of the first and the last word of the name, or of the whole name of a body.
    name: u32,
}

impl Party {
    /// `None` where nothing can be compared.
    pub fn of(petitioner: &Petitioner) -> Option<Self> {
        let person = person::features(petitioner)?;
        let name = match (&petitioner.name, &petitioner.organization) {
            (Some(name), _) => {
                let flat = text::flat_words(name);
                let ends = flat.split(' ').next().zip(flat.rsplit(' ').next());
                ends.map_or(0, |(first, last)| hash::join(hash::text(first), hash::text(last)))
            }
            (None, Some(body)) => hash::text(&text::flat_key(body)),
            (None, None) => 0,
        };
        Some(Self { person, name: name as u32 })
    }

    /// What a list of many is put in order by, so that two lists begin alike.
    pub(super) fn order(&self) -> u64 {
        hash::mix(u64::from(self.name))
    }
}

/// How the petitioners of two filings compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meeting {
    /// Neither filing has any.
    Nobody,
    /// One has, the other has not.
    OneSide,
    /// The only one of one filing, and whom of the other comes nearest.
    Single { bits: f32, is_namesake: bool },
    /// Each has one, and they are never one person.
    Never,
    /// How many of the shorter list the longer has too, how many whose names at least agree, and how many that one has.
    Lists { common: usize, namesakes: usize, shorter: usize },
}

/// Pairs of two lists that are weighed at most.
const WEIGHED: usize = 256;
/// What nobody weighs.
const NOTHING: f32 = -20.0;
/// Bits under which one name is the name of two.
pub(super) const HARDLY: f32 = -5.0;

/// Compares the petitioners of two filings. Of lists only those are weighed whose names agree.
pub(super) fn meet(a: &[Party], b: &[Party], matcher: &Matcher) -> Meeting {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match (few, many) {
        ([], []) => return Meeting::Nobody,
        ([], _) => return Meeting::OneSide,
        ([one], [other]) => {
            let weighing = matcher.weigh(&one.person, &other.person);
            let is_namesake = one.name == other.name;
            return if weighing.is_never {
                Meeting::Never
            } else {
                Meeting::Single { bits: weighing.bits, is_namesake }
            };
        }
        _ => {}
    }
    let found = look_up(few, many, matcher);
    // of lists of one length neither is the shorter
    let found = if few.len() == many.len() { found.least(look_up(many, few, matcher)) } else { found };
    match few.len() {
        1 => Meeting::Single { bits: found.best.0, is_namesake: found.best.1 },
        shorter => Meeting::Lists { common: found.common, namesakes: found.namesakes, shorter },
    }
}

/// Who of one list is in another.
#[derive(Clone, Copy)]
struct Found {
    common: usize,
    namesakes: usize,
    /// The most that any of them weighs, and whether the names agree.
    best: (f32, bool),
}

impl Found {
    fn least(self, other: Self) -> Self {
        Self {
            common: self.common.min(other.common),
            namesakes: self.namesakes.min(other.namesakes),
            best: if other.best.0 < self.best.0 { other.best } else { self.best },
        }
    }
}

fn look_up(few: &[Party], many: &[Party], matcher: &Matcher) -> Found {
    let mut found = Found { common: 0, namesakes: 0, best: (NOTHING, false) };
    let mut weighed = 0;
    for one in few {
        let mut most = (NOTHING, false);
        for other in many.iter().filter(|other| few.len() == 1 || one.name == other.name) {
            weighed += 1;
            if weighed > WEIGHED {
                break;
            }
            let weighing = matcher.weigh(&one.person, &other.person);
            if !weighing.is_never && weighing.bits > most.0 {
                most = (weighing.bits, one.name == other.name);
            }
        }
        found.common += usize::from(most.0 >= matcher.link());
        found.namesakes += usize::from(most.0 >= HARDLY);
        if most.0 > found.best.0 {
            found.best = most;
        }
    }
    found
}
