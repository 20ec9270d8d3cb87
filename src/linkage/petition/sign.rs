//! What the levels of a pair say by themselves, whatever they weigh: what forbids, and what is too weak to link alone.

use super::level::Levels;

/// The levels of `COMPARISONS` that rules speak of, by their numbers.
pub(super) mod petitioners {
    pub const NOBODY: u8 = 0;
    pub const CERTAIN: u8 = 1;
    pub const LIKELY: u8 = 3;
    pub const NAMESAKES: u8 = 4;
    pub const HARDLY_ONE: u8 = 5;
    pub const OTHER_NAME: u8 = 6;
    pub const NEVER: u8 = 8;
    pub const MOST_OF_LISTS: u8 = 9;
    pub const SOME_OF_LISTS: u8 = 10;
    pub const ONE_SIDE: u8 = 12;
}
pub(super) mod decision {
    pub const SAME_DAY: u8 = 1;
    pub const SAME: u8 = 2;
    pub const MISTYPED: u8 = 3;
    pub const ONE_OF_SEVERAL: u8 = 6;
}
pub(super) mod parcel {
    pub const SAME: u8 = 1;
    pub const SAME_PLOT: u8 = 2;
    pub const SAME_SHEET: u8 = 3;
    pub const DIFFERENT: u8 = 4;
}
pub(super) mod text {
    pub const SAME: u8 = 1;
    pub const NEAR: u8 = 2;
    pub const HALF: u8 = 3;
    pub const CONTAINED: u8 = 4;
    pub const PART: u8 = 5;
    pub const THIN_SAME: u8 = 8;
}
pub(super) mod numbers {
    pub const MOST: u8 = 1;
    pub const TWELVE_AND_ALL: u8 = 3;
    pub const TWELVE: u8 = 4;
    pub const FIVE_AND_ALL: u8 = 5;
    pub const FIVE: u8 = 6;
}
pub(super) mod matter {
    pub const SAME_FIELD: u8 = 1;
    pub const SAME_FIELD_AND_OPPONENT: u8 = 2;
    pub const SAME_GROUP: u8 = 4;
    pub const SAME_GROUP_AND_OPPONENT: u8 = 5;
}
pub(super) mod form {
    pub const NEXT_INSTANCE: u8 = 3;
    pub const OTHER_INSTANCE: u8 = 4;
    pub const NEAR_NEXT_INSTANCE: u8 = 7;
    pub const NEAR_OTHER_INSTANCE: u8 = 8;
    pub const COMPLAINT_AND_DENUNCIATION: u8 = 9;
}
pub(super) mod time {
    pub const WRITTEN_THE_SAME_DAY: u8 = 1;
    pub const TEN_DAYS_ELSEWHERE: u8 = 2;
}
pub(super) mod course {
    pub const AFTER_IT_TOOK_EFFECT: u8 = 3;
}
pub(super) mod place {
    pub const SAME_COMMUNE: u8 = 1;
}

/// Whether, by this level of the petitioners, somebody is in both filings.
pub(super) const fn is_shared(who: u8) -> bool {
    use petitioners::{CERTAIN, LIKELY, MOST_OF_LISTS, SOME_OF_LISTS};
    matches!(who, CERTAIN..=LIKELY | MOST_OF_LISTS | SOME_OF_LISTS)
}

/// The signs of one pair.
pub(super) struct Signs {
    /// Somebody is in both.
    is_shared: bool,
    /// The names agree, and no more is known.
    is_namesake: bool,
    /// The names agree and something else does not, or the other way round.
    is_doubtful: bool,
    /// Somebody may be in both: one filing names nobody.
    is_open: bool,
    is_never_person: bool,
    /// Both complain of one decision, by number and day, or by number in one field.
    has_act: bool,
    has_parcel: bool,
    has_text: bool,
    /// A decision, a parcel, or sums and dates that few have: what a printed form does not bring along.
    has_fact: bool,
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
    pub(super) fn of(parts: &Levels) -> Self {
        let [who, act, plot, words, figures, field, kind, when, .., home] = *parts;
        let votes = |all: [bool; 4]| all.into_iter().filter(|agrees| *agrees).count();
        let has_decision = matches!(act, decision::SAME_DAY..=decision::MISTYPED);
        let is_plot = matches!(plot, parcel::SAME | parcel::SAME_PLOT);
        let is_near = matches!(words, text::SAME | text::NEAR);
        let is_one_field = matches!(
            field,
            matter::SAME_FIELD | matter::SAME_FIELD_AND_OPPONENT | matter::SAME_GROUP | matter::SAME_GROUP_AND_OPPONENT
        );
        let hints = [
            has_decision,
            is_plot,
            matches!(words, text::SAME..=text::CONTAINED | text::THIN_SAME),
            matches!(figures, numbers::MOST..=numbers::FIVE_AND_ALL),
        ];
        let details =
            [has_decision, plot == parcel::SAME, is_near, matches!(figures, numbers::MOST..=numbers::TWELVE_AND_ALL)];
        Self {
            is_shared: is_shared(who),
            is_namesake: who == petitioners::NAMESAKES,
            is_doubtful: matches!(who, petitioners::HARDLY_ONE | petitioners::OTHER_NAME),
            is_open: matches!(who, petitioners::NOBODY | petitioners::ONE_SIDE),
            is_never_person: who == petitioners::NEVER,
            has_act: has_decision && (act != decision::SAME || is_one_field),
            has_parcel: plot == parcel::SAME && is_one_field,
            has_text: is_near
                || (matches!(words, text::HALF..=text::PART) && matches!(figures, numbers::MOST..=numbers::TWELVE)),
            has_fact: has_decision || plot == parcel::SAME || matches!(figures, numbers::MOST..=numbers::TWELVE),
            has_detail: matches!(act, decision::SAME_DAY..=decision::ONE_OF_SEVERAL)
                || is_plot
                || matches!(words, text::SAME..=text::PART | text::THIN_SAME)
                || matches!(figures, numbers::MOST..=numbers::FIVE)
                || when == time::WRITTEN_THE_SAME_DAY,
            has_details: votes(details) > 1,
            // where few people live, a plot, a count with a year, or a few words say what they do not say in a province
            has_hints: home == place::SAME_COMMUNE && votes(hints) > 1,
            differs_in_parcel: matches!(plot, parcel::SAME_SHEET | parcel::DIFFERENT),
            differs_in_instance: matches!(kind, form::OTHER_INSTANCE | form::NEAR_OTHER_INSTANCE),
            is_recast: kind == form::COMPLAINT_AND_DENUNCIATION,
        }
    }

    /// Whether the pair cannot be one petition.
    pub(super) const fn forbid_petition(&self) -> bool {
        self.is_never_person
            || self.differs_in_instance
            || self.is_recast
            || (self.differs_in_parcel && !self.is_shared)
    }

    /// Why the pair cannot be one petition, in words; nothing where it can.
    pub(super) const fn forbids(&self) -> &'static str {
        match () {
            () if self.is_never_person => "who lodged them are never one person",
            () if self.differs_in_instance => "two instances: two petitions of one case",
            () if self.is_recast => "a complaint and a denunciation",
            () if self.differs_in_parcel && !self.is_shared => "other people, other parcels",
            () => "",
        }
    }

    /// Whether the pair cannot be one case: different people with different parcels, and no decision in common.
    pub(super) const fn forbid_case(&self) -> bool {
        self.differs_in_parcel && !self.is_shared && !self.has_act
    }

    /// Whether there is more for one petition than what neighbours and namesakes share.
    pub(super) const fn are_petition(&self) -> bool {
        self.is_shared
            || (self.is_namesake && self.has_detail)
            || (self.is_doubtful && (self.has_details || self.has_hints))
            || (self.is_open && self.has_text && self.has_fact)
    }

    /// Whether there is more for one case than what two cases of a commune share.
    pub(super) const fn are_case(&self) -> bool {
        self.are_petition() || self.has_act || self.has_parcel || self.has_details || self.has_hints
    }
}

#[cfg(test)]
mod tests {
    use super::super::level::COMPARISONS;
    use super::*;

    #[test]
    fn numbers_are_those_of_the_levels() {
        let named = [
            ("petitioners", petitioners::CERTAIN, "certain"),
            ("petitioners", petitioners::LIKELY, "likely"),
            ("petitioners", petitioners::NAMESAKES, "namesakes"),
            ("petitioners", petitioners::HARDLY_ONE, "namesakes, hardly one"),
            ("petitioners", petitioners::OTHER_NAME, "other name"),
            ("petitioners", petitioners::NEVER, "never"),
            ("petitioners", petitioners::MOST_OF_LISTS, "most of both lists"),
            ("petitioners", petitioners::SOME_OF_LISTS, "some of both lists"),
            ("petitioners", petitioners::ONE_SIDE, "one side anonymous"),
            ("decision", decision::SAME_DAY, "same number and day"),
            ("decision", decision::SAME, "same number"),
            ("decision", decision::MISTYPED, "same day, number mistyped"),
            ("decision", decision::ONE_OF_SEVERAL, "one of several"),
            ("parcel", parcel::SAME, "same"),
            ("parcel", parcel::SAME_PLOT, "same plot"),
            ("parcel", parcel::SAME_SHEET, "same sheet"),
            ("parcel", parcel::DIFFERENT, "different"),
            ("text", text::SAME, "same"),
            ("text", text::NEAR, "near"),
            ("text", text::HALF, "half"),
            ("text", text::CONTAINED, "contained"),
            ("text", text::PART, "part"),
            ("text", text::THIN_SAME, "thin, same"),
            ("numbers", numbers::MOST, "20 bits and all"),
            ("numbers", numbers::TWELVE_AND_ALL, "12 bits and all"),
            ("numbers", numbers::TWELVE, "12 bits"),
            ("numbers", numbers::FIVE_AND_ALL, "5 bits and all"),
            ("numbers", numbers::FIVE, "5 bits"),
            ("matter", matter::SAME_FIELD, "same field"),
            ("matter", matter::SAME_FIELD_AND_OPPONENT, "same field, same opponent"),
            ("matter", matter::SAME_GROUP, "same group"),
            ("matter", matter::SAME_GROUP_AND_OPPONENT, "same group, same opponent"),
            ("form", form::NEXT_INSTANCE, "same type, one next instance"),
            ("form", form::OTHER_INSTANCE, "same type, other instance"),
            ("form", form::NEAR_NEXT_INSTANCE, "near type, one next instance"),
            ("form", form::NEAR_OTHER_INSTANCE, "near type, other instance"),
            ("form", form::COMPLAINT_AND_DENUNCIATION, "complaint and denunciation"),
            ("time", time::WRITTEN_THE_SAME_DAY, "written the same day"),
            ("time", time::TEN_DAYS_ELSEWHERE, "within ten days, other agency"),
            ("course", course::AFTER_IT_TOOK_EFFECT, "after the decision took effect"),
            ("place", place::SAME_COMMUNE, "same commune"),
        ];
        for (comparison, number, name) in named {
            let comparison = COMPARISONS.iter().find(|other| other.name == comparison).unwrap();
            assert_eq!(comparison.levels[usize::from(number)], name, "{}", comparison.name);
        }
        assert!(COMPARISONS.iter().all(|comparison| comparison.levels[0] == "unknown"));
        // and `Signs::of` takes them in this order
        let order = ["petitioners", "decision", "parcel", "text", "numbers", "matter", "form", "time"];
        assert!(COMPARISONS.iter().zip(order).all(|(comparison, name)| comparison.name == name));
        assert_eq!(COMPARISONS.last().map(|comparison| comparison.name), Some("place"));
    }
}
