//! What two filings are to one another.

use super::super::person::Matcher;
use super::features::Features;
use super::level::{self, Levels};
use super::model::{Model, Pair};

/// How two filings belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// One petition: the same paper at several agencies.
    Copy,
    /// One petition: sent on from one agency to the other.
    Forwarded,
    /// One petition: lodged again.
    Repeat,
    /// One case: the second complaint, the continued denunciation.
    NextInstance,
    /// One case: a complaint come back as a denunciation.
    Recast,
    /// One case: taken up anew after a decision took effect.
    Recurrence,
    /// One case in another way: others against the same decision.
    Same,
    /// Two cases that share a form or a project.
    Sibling,
}

impl Relation {
    /// As it stands in `link.relation`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Forwarded => "forwarded",
            Self::Repeat => "repeat",
            Self::NextInstance => "next_instance",
            Self::Recast => "recast",
            Self::Recurrence => "recurrence",
            Self::Same => "same",
            Self::Sibling => "sibling",
        }
    }

    pub const fn is_petition(self) -> bool {
        matches!(self, Self::Copy | Self::Forwarded | Self::Repeat)
    }

    pub const fn is_case(self) -> bool {
        !matches!(self, Self::Sibling)
    }
}

/// What two filings are to one another, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// What holds without anybody looking; `None` where nothing does.
    pub relation: Option<Relation>,
    /// That they are one petition: logarithm to base 2 of the odds.
    pub bits: f32,
    /// That they cannot be one petition.
    pub is_never: bool,
    /// That they are one case, as one petition or as two.
    pub case_bits: f32,
    /// That they cannot be one case.
    pub is_never_case: bool,
    /// By comparison: its level.
    pub parts: Levels,
}

/// Judges pairs of filings: a pure function of the two, the model and who weighs persons.
#[derive(Clone, Copy)]
pub struct Judge<'m> {
    pub model: &'m Model,
    pub matcher: &'m Matcher,
}

/// Whether, by this level of the petitioners, somebody is in both filings.
const fn is_shared(who: u8) -> bool {
    matches!(who, 1..=3 | 9 | 10)
}

/// What levels say by themselves, whatever they weigh.
struct Signs {
    /// Somebody is in both.
    is_shared: bool,
    /// The names agree, and no more is known.
    is_namesake: bool,
    /// Somebody may be in both: one filing names nobody.
    is_open: bool,
    is_never_person: bool,
    /// Both complain of one decision, by number and day.
    has_act: bool,
    /// A decision, a parcel, or sums and dates that not everybody has: what a printed form does not bring along.
    has_fact: bool,
    has_parcel: bool,
    has_text: bool,
    /// The names agree, and something else does not quite.
    is_doubtful: bool,
    /// The content has in common what two matters of namesakes would not.
    has_detail: bool,
    /// It has so in two ways.
    has_details: bool,
    /// It has so in two ways, though not in as much, and people of one commune file both.
    has_hints: bool,
    differs_in_parcel: bool,
    differs_in_instance: bool,
    is_recast: bool,
}

impl Signs {
    fn of(parts: &Levels) -> Self {
        let [who, act, parcel, text, numbers, matter, form, time, .., place] = *parts;
        let votes = |all: [bool; 4]| all.into_iter().filter(|agrees| *agrees).count();
        let has_decision = matches!(act, 1..=3);
        // where few people live, a plot, a count with a year, or a few words say what they do not say in a province
        let is_near = place == 1;
        Self {
            is_shared: is_shared(who),
            is_namesake: who == 4,
            is_open: matches!(who, 0 | 12),
            has_fact: matches!(act, 1 | 3) || parcel == 1 || matches!(numbers, 1..=6),
            is_never_person: who == 8,
            has_act: matches!(act, 1 | 3) || (act == 2 && matches!(matter, 1 | 2 | 4 | 5)),
            has_parcel: parcel == 1 && matches!(matter, 1 | 2 | 4 | 5),
            has_text: matches!(text, 1 | 2) || (matches!(text, 3..=5) && matches!(numbers, 1..=4)),
            is_doubtful: matches!(who, 5 | 6),
            has_detail: matches!(act, 1..=6)
                || matches!(parcel, 1 | 2)
                || matches!(text, 1..=5 | 8)
                || matches!(numbers, 1..=6)
                || time == 1,
            has_details: votes([has_decision, parcel == 1, matches!(text, 1 | 2), matches!(numbers, 1..=3)]) > 1,
            has_hints: is_near
                && votes([has_decision, matches!(parcel, 1 | 2), matches!(text, 1..=4 | 8), matches!(numbers, 1..=5)])
                    > 1,
            differs_in_parcel: matches!(parcel, 3 | 4),
            differs_in_instance: matches!(form, 4 | 8),
            is_recast: form == 9,
        }
    }

    /// Whether the pair cannot be one petition.
    const fn forbid_petition(&self) -> bool {
        self.is_never_person
            || self.differs_in_instance
            || self.is_recast
            || (self.differs_in_parcel && !self.is_shared)
    }

    /// Whether the pair cannot be one case: different people with different parcels, and no decision in common.
    const fn forbid_case(&self) -> bool {
        self.differs_in_parcel && !self.is_shared && !self.has_act
    }

    /// Whether there is more for one petition than what neighbours and namesakes share.
    const fn are_petition(&self) -> bool {
        self.is_shared
            || (self.is_namesake && self.has_detail)
            || (self.is_doubtful && (self.has_details || self.has_hints))
            || (self.is_open && self.has_text && self.has_fact)
    }

    const fn are_case(&self) -> bool {
        self.are_petition() || self.has_act || self.has_parcel || self.has_details || self.has_hints
    }
}

/// Under a threshold by no more than this: shown to a clerk, never automatic.
const SHORT: f32 = 0.01;

impl<'m> Judge<'m> {
    pub const fn new(model: &'m Model, matcher: &'m Matcher) -> Self {
        Self { model, matcher }
    }

    /// What the two are to one another, in whatever order they are given.
    pub fn judge(&self, a: &Features, b: &Features) -> Judgement {
        let parts = level::levels(a, b, self.matcher);
        let sums = self.model.weigh(&parts);
        let odds = |is: fn(Pair) -> bool| {
            let most = sums.iter().copied().fold(f32::MIN, f32::max);
            let (mut for_it, mut against) = (0.0_f64, 0.0_f64);
            for (kind, sum) in Pair::ALL.into_iter().zip(sums) {
                let ratio = f64::from(sum - most).exp2();
                *(if is(kind) { &mut for_it } else { &mut against }) += ratio;
            }
            (for_it.max(1e-30).log2() - against.max(1e-30).log2()) as f32
        };
        let signs = Signs::of(&parts);
        let thresholds = &self.model.thresholds;
        let short = |bits: f32, link: f32, is_strong: bool| if is_strong { bits } else { bits.min(link - SHORT) };
        let bits = short(odds(|kind| kind == Pair::Same), thresholds.petition, signs.are_petition());
        let case_bits = short(odds(Pair::is_case), thresholds.case, signs.are_case());
        let judgement = Judgement {
            relation: None,
            bits,
            is_never: signs.forbid_petition(),
            case_bits,
            is_never_case: signs.forbid_case(),
            parts,
        };
        let is_sibling = odds(|kind| kind == Pair::Sibling) > 0.0;
        Judgement { relation: self.relation(a, b, &judgement, is_sibling), ..judgement }
    }

    fn relation(&self, a: &Features, b: &Features, judgement: &Judgement, is_sibling: bool) -> Option<Relation> {
        let thresholds = &self.model.thresholds;
        if !judgement.is_never && judgement.bits >= thresholds.petition {
            return Some(filing(a, b, &judgement.parts));
        }
        if !judgement.is_never_case && judgement.case_bits >= thresholds.case {
            let [who, .., form, _, course, _, _] = judgement.parts;
            let is_shared = is_shared(who);
            return Some(match form {
                9 if is_shared => Relation::Recast,
                3 | 4 | 7 | 8 if is_shared => Relation::NextInstance,
                _ if is_shared && course == 3 => Relation::Recurrence,
                _ => Relation::Same,
            });
        }
        is_sibling.then_some(Relation::Sibling)
    }
}

/// How two filings of one petition came about.
fn filing(a: &Features, b: &Features, parts: &Levels) -> Relation {
    let [.., time, _, _, _] = *parts;
    let sent = |from: &Features, to: &Features| {
        from.sent_to.iter().any(|agency| is_within(&to.agency, agency) || is_within(agency, &to.agency))
            && from.received_on <= to.received_on
    };
    let is_elsewhere = a.agency != b.agency;
    if is_elsewhere && (sent(a, b) || sent(b, a)) {
        Relation::Forwarded
    } else if matches!(time, 1 | 2) && is_elsewhere {
        if a.is_forwarded == b.is_forwarded { Relation::Copy } else { Relation::Forwarded }
    } else {
        Relation::Repeat
    }
}

/// Whether an agency is another or stands beneath it.
fn is_within(agency: &str, above: &str) -> bool {
    agency.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
