//! One lodging put down by one agency: who, on what day, how, in that clerk's hand.

use chrono::NaiveDate;

use super::chance::Dice;
use super::course::{Course, day_of, office_hour, stage_after};
use super::office::Office;
use super::person::Person;
use super::record::{Against, Belonging, Content, Filer, Item, Record, Results, Turn};
use super::text::Matter;
use crate::domain::{Action, ByLeader, Channel, Kind, PetitionType, ReceptionMode};

/// One petition (đơn) before any agency wrote it down: the paper itself.
#[derive(Debug, Clone)]
pub struct Paper<'a> {
    pub belonging: Belonging,
    pub matter: &'a Matter,
    pub people: &'a [Person],
    pub petition_type: PetitionType,
    pub instance: u32,
    pub written_on: NaiveDate,
    pub text: String,
    pub items: Vec<Item>,
    pub anonymous: bool,
    pub confidential: bool,
    /// People behind it, where more signed than are listed.
    pub crowd: Option<u32>,
}

const CHANNELS: &[(Channel, u32)] = &[
    (Channel::Post, 46),
    (Channel::InPerson, 26),
    (Channel::Portal, 18),
    (Channel::Email, 5),
    (Channel::Phone, 3),
    (Channel::Other, 2),
];

/// What `office` holds of `paper`: received on `day`, by transfer or straight from the people.
pub fn petition(
    dice: &mut Dice,
    office: Office,
    record_id: String,
    paper: &Paper<'_>,
    day: NaiveDate,
    by_transfer: bool,
    course: Course,
) -> Record {
    let listed = if paper.anonymous { &[] } else { paper.people };
    let petitioners = listed.iter().enumerate().map(|(n, person)| filer(dice, person, day, n == 0)).collect();
    let channel = if by_transfer { Channel::Transfer } else { *dice.weighted(CHANNELS) };
    let content = Content {
        kind: Kind::Petition,
        petition_type: Some(paper.petition_type),
        unit: None,
        received_on: day,
        written_on: Some(paper.written_on),
        instance: paper.instance,
        channel,
        category: paper.matter.topic.category,
        summary: paper.text.clone(),
        items: paper.items.clone(),
        confidential: paper.confidential,
        anonymous: paper.anonymous,
        petitioners,
        petitioner_count: paper.crowd,
        against: against(dice, paper.matter),
        references: Vec::new(),
        stage: stage_after(&course.steps),
        outcome: course.outcome,
        decision: course.decision,
        deadline_on: course.deadline_on,
        results: course.results,
        reception: None,
        events: course.steps,
    };
    record(office, record_id, paper.belonging, content, office_hour(dice, day))
}

/// When people came to a reception, and what they said that they have come for.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    pub day: NaiveDate,
    pub petition_type: Option<PetitionType>,
    pub confidential: bool,
}

/// One turn of receiving citizens (lượt tiếp công dân) at `office`.
pub fn reception(
    dice: &mut Dice,
    office: Office,
    record_id: String,
    belonging: Belonging,
    matter: &Matter,
    people: &[Person],
    visit: Visit,
) -> Record {
    let day = visit.day;
    let at = office_hour(dice, day);
    let mode =
        *dice.weighted(&[(ReceptionMode::Regular, 70), (ReceptionMode::Periodic, 25), (ReceptionMode::Unscheduled, 5)]);
    let by_leader = match mode {
        ReceptionMode::Regular => None,
        _ if dice.chance(60) => Some(ByLeader::Head),
        _ => Some(ByLeader::Delegated),
    };
    let turn = Turn {
        mode,
        at,
        online: dice.chance(6),
        by_leader,
        delegation_size: people.len() as u32 + if dice.chance(12) { dice.between(4, 30) } else { 0 },
        result: dice.word(RESULTS),
    };
    let content = Content {
        kind: Kind::Reception,
        petition_type: visit.petition_type,
        unit: None,
        received_on: day,
        written_on: None,
        instance: 1,
        channel: Channel::InPerson,
        category: matter.topic.category,
        summary: matter.minute(dice),
        items: Vec::new(),
        confidential: visit.confidential,
        anonymous: false,
        petitioners: people.iter().enumerate().map(|(n, person)| filer(dice, person, day, n == 0)).collect(),
        petitioner_count: None,
        against: None,
        references: Vec::new(),
        events: Vec::new(),
        stage: None,
        outcome: None,
        decision: None,
        deadline_on: None,
        results: None,
        reception: Some(turn),
    };
    record(office, record_id, belonging, content, at)
}

const RESULTS: &[&str] = &[
    "Hướng dẫn công dân viết đơn",
    "Tiếp nhận đơn, chuyển bộ phận xử lý",
    "Giải thích chính sách, công dân đồng ý",
    "Ghi nhận ý kiến, báo cáo lãnh đạo",
    "Hẹn trả lời bằng văn bản",
];

fn record(
    office: Office,
    record_id: String,
    truth: Belonging,
    content: Content,
    entered: chrono::DateTime<chrono::Utc>,
) -> Record {
    // edited with every step, so the last of them is the last edit
    let updated_at = content.events.last().map_or(entered, |step| step.at);
    let revision = content.events.len().max(1) as u32;
    Record { office, record_id, updated_at, revision, deleted: false, truth, blemishes: Vec::new(), content }
}

/// A petitioner as a clerk writes one down: not everybody shows a paper or leaves a number.
fn filer(dice: &mut Dice, person: &Person, day: NaiveDate, representative: bool) -> Filer {
    let (number, id_kind) = person.number(dice);
    Filer {
        name: person.name.clone(),
        id_number: dice.chance(78).then_some(number),
        id_kind,
        birth_date: dice.chance(40).then_some(person.birth_date),
        birth_year: person.birth_year(),
        gender: person.gender,
        phone: person.phone.clone().filter(|_| dice.chance(85)),
        email: person.email.clone(),
        address: person.place.address(dice, &person.street, day),
        representative,
    }
}

fn against(dice: &mut Dice, matter: &Matter) -> Option<Against> {
    let agency = matter.authority_code.filter(|_| dice.chance(40)).map(str::to_owned);
    match &matter.decision {
        Some(decision) => Some(Against { name: matter.authority.clone(), agency, decision: Some(decision.clone()) }),
        None if dice.chance(50) => Some(Against { name: matter.official.clone(), agency, decision: None }),
        None => None,
    }
}

impl Record {
    /// The record as it was after its first `steps` steps; itself where it has no more.
    #[must_use]
    pub fn after(&self, steps: usize) -> Self {
        let mut earlier = self.clone();
        let events = &mut earlier.content.events;
        if steps >= events.len() || steps == 0 {
            return earlier;
        }
        events.truncate(steps);
        earlier.updated_at = events.last().map_or(self.updated_at, |step| step.at);
        earlier.revision = steps as u32;
        earlier.deleted = false;
        let reached = |action| events.iter().any(|step| step.action == action);
        let [settled, accepted, enforced] = [Action::Settled, Action::Accepted, Action::Enforced].map(reached);
        earlier.content.stage = stage_after(&earlier.content.events);
        if !settled {
            earlier.content.outcome = None;
            earlier.content.decision = None;
            earlier.content.results = None;
        }
        if !enforced {
            earlier.content.results = earlier.content.results.map(Results::as_decided);
        }
        if !accepted {
            earlier.content.deadline_on = None;
        }
        earlier
    }

    /// The day of its first decision, if there is one.
    pub fn settled_on(&self) -> Option<NaiveDate> {
        self.content.decision.as_ref().map(|decision| decision.on)
    }

    /// The day of its last step.
    pub fn last_day(&self) -> NaiveDate {
        day_of(self.updated_at)
    }
}
