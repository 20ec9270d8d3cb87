//! How an agency handles one petition over the months: steps, stage, decision, results.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::chance::Dice;
use super::office::Office;
use super::record::{Document, Results, Step};
use crate::domain::{Action, Outcome, PetitionType, Stage};

/// The last day of which the records tell; what would come later has not happened yet.
pub const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 10, 31) {
    Some(day) => day,
    None => unreachable!(),
};

/// Where the handling is heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heading {
    /// To a decision, a conclusion or an answer.
    Settlement,
    /// To another agency, with a letter.
    Forwarded { to: Office, letter: Document },
    /// To an end without a decision: guided, returned, filed, withdrawn.
    Closed(Action),
}

/// What has been done so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Course {
    pub steps: Vec<Step>,
    pub outcome: Option<Outcome>,
    pub decision: Option<Document>,
    pub deadline_on: Option<NaiveDate>,
    pub results: Option<Results>,
}

/// A moment of office hours in Vietnam on `day`.
pub fn office_hour(dice: &mut Dice, day: NaiveDate) -> DateTime<Utc> {
    let seconds = i64::from(dice.between(27_000, 61_000)) - 7 * 3_600;
    (day.and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds)).and_utc()
}

/// The day in Vietnam.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&crate::clock::HANOI).date_naive()
}

/// The stage after these steps.
pub fn stage_after(steps: &[Step]) -> Option<Stage> {
    steps.iter().rev().find_map(|step| match step.action {
        Action::Resumed => Some(Stage::Verifying),
        other => Stage::parse(other.as_str()),
    })
}

/// The steps to come after receipt: what, how many days after the one before (least, most), how often in a hundred.
type Plan = &'static [(Action, u32, u32, u32)];

const DECIDE: Plan = &[
    (Action::Screened, 1, 8, 100),
    (Action::Accepted, 1, 10, 100),
    (Action::Verifying, 3, 15, 100),
    (Action::Dialogue, 4, 18, 45),
    (Action::Extended, 2, 12, 18),
    (Action::Urged, 5, 25, 9),
    (Action::Settled, 8, 40, 92),
    (Action::Enforced, 20, 140, 55),
];
const ANSWER: Plan = &[
    (Action::Screened, 1, 6, 100),
    (Action::Verifying, 2, 12, 40),
    (Action::Urged, 10, 30, 6),
    (Action::Replied, 4, 30, 90),
    (Action::Filed, 0, 5, 85),
];
const SUSPEND: Plan = &[
    (Action::Screened, 1, 8, 100),
    (Action::Accepted, 1, 10, 100),
    (Action::Verifying, 3, 15, 100),
    (Action::Suspended, 5, 30, 100),
    (Action::Resumed, 20, 60, 50),
    (Action::Settled, 20, 50, 45),
];
const SCREEN: Plan = &[(Action::Screened, 1, 7, 100)];

impl Course {
    /// The course of a petition of `petition_type` received on `day`, as far as [`LAST_DAY`]; `number` is the number
    /// of the decision, should there be one.
    pub fn walk(dice: &mut Dice, petition_type: PetitionType, day: NaiveDate, heading: &Heading, number: &str) -> Self {
        let mut course = Self { steps: vec![step(dice, Action::Received, day)], ..Self::default() };
        let decides =
            matches!(petition_type, PetitionType::Complaint | PetitionType::Denunciation | PetitionType::Mixed);
        let plan = match heading {
            Heading::Settlement if decides && dice.chance(5) => SUSPEND,
            Heading::Settlement if decides => DECIDE,
            Heading::Settlement => ANSWER,
            Heading::Forwarded { .. } | Heading::Closed(_) => SCREEN,
        };
        let mut day = day;
        for (action, least, most, percent) in plan {
            let wait = dice.between(*least, *most);
            let enforces_nothing = *action == Action::Enforced && course.decision.is_none();
            if !dice.chance(*percent) || enforces_nothing {
                continue;
            }
            day = day + Days::new(u64::from(wait));
            if day > LAST_DAY {
                return course;
            }
            course.take(dice, *action, day, number);
        }
        match heading {
            Heading::Forwarded { to, letter } if letter.on <= LAST_DAY => course.push(Step {
                to: Some(*to),
                document: Some(letter.number.clone()),
                ..step(dice, Action::Transferred, letter.on)
            }),
            Heading::Settlement | Heading::Forwarded { .. } => {}
            Heading::Closed(action) => {
                let day = day + Days::new(u64::from(dice.between(1, 6)));
                if day <= LAST_DAY {
                    course.take(dice, *action, day, number);
                }
            }
        }
        course
    }

    /// One step more, with what it brings.
    fn take(&mut self, dice: &mut Dice, action: Action, day: NaiveDate, number: &str) {
        let mut step = step(dice, action, day);
        match action {
            Action::Accepted => self.deadline_on = Some(day + Days::new(if dice.chance(20) { 60 } else { 30 })),
            Action::Extended => self.deadline_on = self.deadline_on.map(|deadline| deadline + Days::new(30)),
            Action::Settled => {
                self.outcome = Some(*dice.weighted(OUTCOMES));
                self.decision = Some(Document { number: number.to_owned(), on: day });
                step.document = Some(number.to_owned());
                self.results = results(dice, self.outcome);
            }
            Action::Enforced => self.results = self.results.map(Results::carried_out),
            _ => {}
        }
        self.push(step);
    }

    /// Adds a step, a while after the one before: times order the versions of a record.
    fn push(&mut self, mut step: Step) {
        if let Some(before) = self.steps.last() {
            step.at = step.at.max(before.at + TimeDelta::minutes(10));
        }
        self.steps.push(step);
    }
}

const OUTCOMES: &[(Outcome, u32)] =
    &[(Outcome::Justified, 14), (Outcome::PartlyJustified, 22), (Outcome::Unjustified, 64)];

const NOTES: &[(Action, &str)] = &[
    (Action::Screened, "Đã phân loại, đề xuất hướng xử lý"),
    (Action::Verifying, "Thành lập tổ xác minh"),
    (Action::Dialogue, "Tổ chức đối thoại với người nộp đơn"),
    (Action::Extended, "Vụ việc phức tạp, gia hạn thời gian giải quyết"),
    (Action::Urged, "Văn bản đôn đốc lần 1"),
    (Action::Guided, "Hướng dẫn công dân gửi đơn đến đúng cơ quan có thẩm quyền"),
    (Action::Returned, "Trả lại đơn do không đủ điều kiện xử lý"),
    (Action::Withdrawn, "Người nộp đơn có đơn xin rút"),
];

fn step(dice: &mut Dice, action: Action, day: NaiveDate) -> Step {
    let note = NOTES.iter().find(|(of, _)| *of == action).map(|(_, note)| *note);
    Step { action, at: office_hour(dice, day), to: None, document: None, note }
}

fn results(dice: &mut Dice, outcome: Option<Outcome>) -> Option<Results> {
    if !matches!(outcome, Some(Outcome::Justified | Outcome::PartlyJustified)) || dice.chance(45) {
        return None;
    }
    Some(Results {
        vnd_to_people: u64::from(dice.between(2, 900)) * 1_000_000,
        land_m2_to_people: if dice.chance(30) { dice.between(20, 600) } else { 0 },
        people_restored: dice.between(0, 3),
        officials_disciplined: u32::from(dice.chance(15)),
        ..Results::default()
    })
}

impl Results {
    /// The same before any of it was carried out.
    #[must_use]
    pub const fn as_decided(mut self) -> Self {
        self.vnd_to_people_executed = 0;
        self
    }

    fn carried_out(mut self) -> Self {
        self.vnd_to_people_executed = self.vnd_to_people;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_only_moves_forward_and_ends_with_the_last_day() {
        let mut dice = Dice::new(31);
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        for round in 0..3_000 {
            let day = start + Days::new(u64::from(dice.below(1_035)));
            let letter = Document { number: "1/PC".into(), on: day + Days::new(9) };
            let heading = match round % 3 {
                0 => Heading::Settlement,
                1 => Heading::Forwarded { to: Office::Byt, letter },
                _ => Heading::Closed(Action::Guided),
            };
            let course = Course::walk(&mut dice, PetitionType::Complaint, day, &heading, "9/QĐ-UBND");
            assert_eq!(day_of(course.steps[0].at), day);
            for pair in course.steps.windows(2) {
                assert!(pair[0].at < pair[1].at, "{course:?}");
            }
            assert!(course.steps.iter().all(|step| day_of(step.at) <= LAST_DAY));
            let settled = course.steps.iter().any(|step| step.action == Action::Settled);
            let enforced = course.steps.iter().any(|step| step.action == Action::Enforced);
            assert!(settled || !enforced);
            assert_eq!((settled, settled), (course.decision.is_some(), course.outcome.is_some()));
        }
    }

    #[test]
    fn the_stage_is_that_of_the_last_step_that_is_one() {
        let mut dice = Dice::new(32);
        let mut steps = vec![step(&mut dice, Action::Received, LAST_DAY), step(&mut dice, Action::Suspended, LAST_DAY)];
        assert_eq!(stage_after(&steps), Some(Stage::Suspended));
        steps.push(step(&mut dice, Action::Resumed, LAST_DAY));
        steps.push(step(&mut dice, Action::Urged, LAST_DAY));
        assert_eq!(stage_after(&steps), Some(Stage::Verifying));
        assert_eq!(stage_after(&[]), None);
    }
}
