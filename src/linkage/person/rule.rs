//! What stands above the weight: who is never one person, and what never links two without a person looking at it.

use super::Features;
use super::body::{self, Likeness};
use super::pair::{Attribute, FeaturePair};
use crate::linkage::comparison::{Kind, NEAR, company, name};
use crate::linkage::layout::MOST_COLUMNS;
use crate::linkage::pair::MISSING;
use crate::linkage::score::{NEVER, Weight};

/// A rule, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A body and a human being, or two bodies of different names.
    OtherBody,
    /// Two personal numbers that agree with what stands beside them, and not with each other but for a slip.
    OtherNumber,
    /// Neither sex nor birth year agree, and no number does.
    OtherSexAndYear,
    /// One place, other birth dates, other given names.
    Household,
    /// Two bodies of one name.
    SameBody,
    /// Two bodies of nearly one name.
    NearBody,
    /// Two personal numbers that differ, perhaps by a slip.
    NearNumber,
    /// Two given names that have little in common.
    OtherName,
    /// Two birth dates that are no slips of each other, or the other sex, and no number that is the same.
    OtherBirth,
    /// Nothing that tells people of one name and one commune apart.
    Weak,
}

/// How far under the threshold of links ends what a person must decide.
const UNDER: f32 = 0.01;

/// How far above the threshold of links what is weak must be to link all the same: a name and a commune do where hardly
/// one commune in a hundred has two people of the name.
const MUCH: f32 = 2.0;

/// The same for two who are not of one commune, even with one birthday: of those who bear the most frequent names some in
/// the nation share that too, which the few communes from which a model learns do not show.
const FAR: f32 = 3.0;

/// What one body's records weigh.
const BODY: f32 = 20.0;

impl Rule {
    pub const fn is_never(self) -> bool {
        matches!(self, Self::OtherBody | Self::OtherNumber | Self::OtherSexAndYear | Self::Household)
    }

    pub const fn links(self) -> bool {
        matches!(self, Self::SameBody)
    }

    /// What a pair weighs under the rule.
    pub const fn bound(self, bits: f32, link: f32) -> f32 {
        if self.is_never() {
            return bits.min(NEVER);
        }
        match self {
            Self::SameBody => BODY,
            Self::NearBody => link - UNDER,
            _ => bits.min(link - UNDER),
        }
    }

    /// In words, as an explanation has it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OtherBody => "a body and a human being, or two bodies",
            Self::OtherNumber => "two valid personal numbers: two people",
            Self::OtherSexAndYear => "other sex and other birth year: two people",
            Self::Household => "one place, other birth dates, other given names: a household",
            Self::SameBody => "one name of a body, which no other may have",
            Self::NearBody => "nearly one name of a body: a person decides",
            Self::NearNumber => "two personal numbers, perhaps by a slip: a person decides",
            Self::OtherName => "two given names: a person decides",
            Self::OtherBirth => "other birth date or other sex: a person decides",
            Self::Weak => "nothing but weak evidence: a person decides",
        }
    }
}

impl Features {
    /// Whether both have a whole name, and the same but for marks and letters: then an edit of one into the other put
    /// right what else is told of them.
    pub fn is_named_like(&self, other: &Self) -> bool {
        let [family, _, given] = &self.flat;
        let is_named = !(family.is_empty() || given.is_empty()) || !self.organization.is_empty();
        is_named && self.flat == other.flat && self.organization == other.organization
    }

    /// Whether both have a personal number, and not the same: such two are never in one group unless people say so.
    pub(super) fn is_numbered_unlike(&self, other: &Self) -> bool {
        !self.personal_number.is_empty()
            && !other.personal_number.is_empty()
            && self.personal_number != other.personal_number
    }
}

/// Of so many that stand beside a person some are the same for nobody else.
const LIST: usize = 3;

/// The first level of communes that may be one, and of addresses of electronic mail with one name before the @.
const POSSIBLE: u8 = 2;
const USER: u8 = 3;

/// The level of numbers that differ by a slip.
const SLIP: u8 = 2;

/// The last of dates that have not even the year in common.
const DECADE: u8 = 1;

/// The first of dates that differ by a slip.
const NEAR_DATE: u8 = 4;

/// The rule that a pair falls under.
pub fn of(pair: &FeaturePair<'_>, levels: &[u8; MOST_COLUMNS], weight: Weight, link: f32) -> Option<Rule> {
    let (a, b) = (pair.a, pair.b);
    if a.is_body() || b.is_body() {
        return Some(match (a.is_body() && b.is_body()).then(|| body::compare(a, b)) {
            Some(Likeness::Same) => Rule::SameBody,
            Some(Likeness::Near) => Rule::NearBody,
            Some(Likeness::Different) | None => Rule::OtherBody,
        });
    }
    let is_same = |attribute, kind: Kind| pair.reaches(levels, attribute, kind.same());
    let number = pair.level(levels, Attribute::PersonalNumber);
    let is_other_number = number != MISSING && number < Kind::Identifier.same();
    if is_other_number && number < SLIP && a.is_number_valid && b.is_number_valid {
        return Some(Rule::OtherNumber);
    }
    let has_number = [Attribute::PersonalNumber, Attribute::Card, Attribute::Document]
        .into_iter()
        .any(|attribute| is_same(attribute, Kind::Identifier));
    let is_other_sex = a.sex.zip(b.sex).is_some_and(|(a, b)| a != b);
    let is_other_year = !a.born.is_empty() && !b.born.is_empty() && a.year() != b.year();
    if is_other_sex && is_other_year && !has_number {
        return Some(Rule::OtherSexAndYear);
    }
    if weight.is_household {
        return Some(Rule::Household);
    }
    if is_other_number {
        return Some(Rule::NearNumber);
    }
    if is_other_name(pair, levels, has_number) {
        return Some(Rule::OtherName);
    }
    let born = pair.level(levels, Attribute::Born);
    if !has_number && (is_other_sex || (born != MISSING && born <= DECADE)) {
        return Some(Rule::OtherBirth);
    }
    let is_listed = a.company.split(' ').count().min(b.company.split(' ').count()) >= LIST
        && pair.reaches(levels, Attribute::Company, company::SEVERAL);
    let is_theirs = is_same(Attribute::Phone, Kind::Phone) || pair.reaches(levels, Attribute::Email, USER);
    if has_number || is_theirs || is_listed {
        return None;
    }
    let is_whole_date = a.born.len() == 8 && b.born.len() == 8 && pair.reaches(levels, Attribute::Born, NEAR_DATE);
    let is_telling = is_whole_date
        || is_same(Attribute::Street, Kind::Street)
        || pair.reaches(levels, Attribute::Company, company::ONE);
    let margin = match (pair.reaches(levels, Attribute::Communes, POSSIBLE), is_telling) {
        (true, true) => 0.0,
        (true, false) => MUCH,
        (false, _) => FAR,
    };
    (weight.bits < link + margin).then_some(Rule::Weak)
}

/// The given names were compared and have little in common, and the number is not the same with all the rest of the name.
fn is_other_name(pair: &FeaturePair<'_>, levels: &[u8; MOST_COLUMNS], has_number: bool) -> bool {
    let given = pair.level(levels, Attribute::Given);
    if given == MISSING || given >= name::SHORT {
        return false;
    }
    let [family, _, given] = &pair.a.flat;
    let [other_family, _, other_given] = &pair.b.flat;
    if family == other_given && given == other_family {
        return false;
    }
    let family = pair.reaches(levels, Attribute::Family, NEAR);
    let middle = pair.reaches(levels, Attribute::Middle, 2);
    !(has_number && family && middle)
}
