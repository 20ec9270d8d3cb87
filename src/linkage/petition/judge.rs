//! What two filings are to one another.

use crate::reference::agency::is_within;

use super::super::person::Matcher;
use super::features::Features;
use super::level::{self, Levels};
use super::model::{ByPair, Model, Pair};
use super::sign::{self, Signs};

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
        let odds = |is| odds(sums, is);
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
        use sign::form::{
            COMPLAINT_AND_DENUNCIATION, NEAR_NEXT_INSTANCE, NEAR_OTHER_INSTANCE, NEXT_INSTANCE, OTHER_INSTANCE,
        };
        let thresholds = &self.model.thresholds;
        if !judgement.is_never && judgement.bits >= thresholds.petition {
            return Some(filing(a, b, &judgement.parts));
        }
        if !judgement.is_never_case && judgement.case_bits >= thresholds.case {
            let [who, .., form, _, course, _, _] = judgement.parts;
            if !sign::is_shared(who) {
                return Some(Relation::Same);
            }
            return Some(match form {
                COMPLAINT_AND_DENUNCIATION => Relation::Recast,
                NEXT_INSTANCE | OTHER_INSTANCE | NEAR_NEXT_INSTANCE | NEAR_OTHER_INSTANCE => Relation::NextInstance,
                _ if course == sign::course::AFTER_IT_TOOK_EFFECT => Relation::Recurrence,
                _ => Relation::Same,
            });
        }
        is_sibling.then_some(Relation::Sibling)
    }
}

/// That a pair is of some kinds: logarithm to base 2 of the odds, from those of each kind.
pub(super) fn odds(sums: ByPair<f32>, is: fn(Pair) -> bool) -> f32 {
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let (mut for_it, mut against) = (0.0_f64, 0.0_f64);
    for (kind, sum) in Pair::ALL.into_iter().zip(sums) {
        let ratio = f64::from(sum - most).exp2();
        *(if is(kind) { &mut for_it } else { &mut against }) += ratio;
    }
    (for_it.max(1e-30).log2() - against.max(1e-30).log2()) as f32
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
    } else if matches!(time, sign::time::WRITTEN_THE_SAME_DAY | sign::time::TEN_DAYS_ELSEWHERE) && is_elsewhere {
        if a.is_forwarded == b.is_forwarded { Relation::Copy } else { Relation::Forwarded }
    } else {
        Relation::Repeat
    }
}
