//! Cases as life makes them: lodged here and there, forwarded, lodged again, taken to the next instance.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::chance::Dice;
use super::course::{Course, Heading, LAST_DAY};
use super::filing::{self, Paper, Visit};
use super::office::Office;
use super::person::Person;
use super::record::{Belonging, Document, Entity, Item, Link, Pointer, Record};
use super::text::Matter;
use super::topic::TOPICS;
use crate::domain::{Action, PetitionType, ReferenceRelation};

/// The first day of which the records tell.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2024, 1, 1) {
    Some(day) => day,
    None => unreachable!(),
};

/// Writes cases one after the other; every number it gives is given once.
#[derive(Debug)]
pub struct Scribe {
    pub records: Vec<Record>,
    pub people: Vec<Person>,
    pub petitions: u32,
    pub receptions: u32,
    pub cases: u32,
    dice: Dice,
    entries: BTreeMap<Office, u32>,
    letters: BTreeMap<(Office, i32), u32>,
    decisions: u32,
}

impl Scribe {
    pub fn new(dice: Dice) -> Self {
        Self {
            records: Vec::new(),
            people: Vec::new(),
            petitions: 0,
            receptions: 0,
            cases: 0,
            dice,
            entries: BTreeMap::new(),
            letters: BTreeMap::new(),
            decisions: 0,
        }
    }

    /// One case with at most `petitions` petitions, begun on a day between [`FIRST_DAY`] and [`LAST_DAY`].
    pub fn case(&mut self, petitions: u32) {
        let span = (LAST_DAY - FIRST_DAY).num_days() as u32;
        let day = FIRST_DAY + Days::new(u64::from(self.dice.between(20, span)));
        self.case_on(day, petitions);
    }

    /// One case with at most `petitions` petitions, whose first is received on `day`.
    pub fn case_on(&mut self, day: NaiveDate, petitions: u32) {
        let (topic, office) = self.subject();
        let people = self.household(office);
        let Some(first) = people.first() else { return };
        let decision = topic.decided.then(|| self.decision(day, topic.decider().signs_as()));
        let matter = Matter::throw(&mut self.dice, topic, first, decision, day);
        self.cases += 1;
        let case = self.cases;
        let petition_type = *self.dice.weighted(topic.types);
        let mut paper = self.paper(case, &matter, &people, first, petition_type, day);
        let origin = self.lodge(&paper, office, day);
        if !paper.anonymous && self.dice.chance(18) {
            self.visit(case, &matter, &people, origin);
        }
        let left = petitions.saturating_sub(1);
        if left > 0 && !paper.anonymous {
            self.go_on(&mut paper, origin, left);
        }
        self.people.extend(people);
    }

    /// A reception that led to no petition: a case of its own.
    pub fn lone_reception(&mut self) {
        let (topic, office) = self.subject();
        let people = self.household(office);
        let Some(first) = people.first() else { return };
        let span = (LAST_DAY - FIRST_DAY).num_days() as u32;
        let day = FIRST_DAY + Days::new(u64::from(self.dice.between(0, span)));
        let decision = topic.decided.then(|| self.decision(day, topic.decider().signs_as()));
        let matter = Matter::throw(&mut self.dice, topic, first, decision, day);
        self.cases += 1;
        let petition_type = topic.types.first().map(|(petition_type, _)| *petition_type);
        let visit = Visit { day, petition_type, confidential: false };
        self.receive(self.cases, &matter, &people, office, visit);
        self.people.extend(people);
    }

    fn subject(&mut self) -> (&'static super::topic::Topic, Office) {
        let topic = self.dice.weighted(TOPICS);
        (topic, *self.dice.weighted(topic.offices))
    }

    fn household(&mut self, office: Office) -> Vec<Person> {
        let heads = if self.dice.chance(9) { self.dice.between(2, 4) } else { 1 };
        (0..heads).map(|_| Person::throw(&mut self.dice, office.province())).collect()
    }

    fn decision(&mut self, day: NaiveDate, signer: &str) -> Document {
        self.decisions += 1;
        let on = day - Days::new(u64::from(self.dice.between(6, 80)));
        Document { number: format!("{}/QĐ-{signer}", self.decisions), on }
    }

    /// The next record number of `office`.
    pub fn entry(&mut self, office: Office, day: NaiveDate) -> String {
        let seq = self.entries.entry(office).or_default();
        *seq += 1;
        office.record_id(*seq, day)
    }

    /// A forwarding letter (phiếu chuyển đơn) of `office`, its number given once a year.
    fn letter(&mut self, office: Office, on: NaiveDate) -> Document {
        let seq = self.letters.entry((office, chrono::Datelike::year(&on))).or_default();
        *seq += 1;
        Document { number: format!("{seq}/PC-{}", office.signs_as()), on }
    }

    fn paper<'a>(
        &mut self,
        case: u32,
        matter: &'a Matter,
        people: &'a [Person],
        first: &Person,
        petition_type: PetitionType,
        day: NaiveDate,
    ) -> Paper<'a> {
        self.petitions += 1;
        let dice = &mut self.dice;
        let hidden = matches!(petition_type, PetitionType::Denunciation | PetitionType::Reflection);
        let mut paper = Paper {
            belonging: Belonging { case, entity: Entity::Petition(self.petitions) },
            matter,
            people,
            petition_type,
            instance: 1,
            written_on: day - Days::new(u64::from(dice.between(0, 12))),
            text: matter.petition(dice, petition_type, first, 1),
            items: Vec::new(),
            anonymous: hidden && dice.chance(8),
            confidential: dice.chance(3),
            crowd: dice.chance(5).then(|| dice.between(5, 60)),
        };
        if petition_type == PetitionType::Complaint && dice.chance(4) {
            paper.petition_type = PetitionType::Mixed;
            let second = if dice.chance(30) { PetitionType::Denunciation } else { PetitionType::Recommendation };
            paper.items = [PetitionType::Complaint, second]
                .map(|petition_type| Item {
                    petition_type,
                    category: matter.topic.category,
                    summary: matter.minute(dice),
                })
                .to_vec();
        }
        paper
    }

    /// The paper comes to `office` on `day`, and perhaps to others; the number of its first record in `records`.
    fn lodge(&mut self, paper: &Paper<'_>, office: Office, day: NaiveDate) -> usize {
        let origin = self.handle(paper, office, day, None, 3);
        if self.dice.chance(9) {
            for _ in 0..self.dice.between(1, 2) {
                let other = self.other_than(office);
                let day = day + Days::new(u64::from(self.dice.between(0, 6)));
                self.again(paper, other, day, origin);
            }
        }
        if self.dice.chance(10) {
            let other = if self.dice.chance(60) { office } else { self.other_than(office) };
            let day = day + Days::new(u64::from(self.dice.between(15, 120)));
            let repeat = Paper { written_on: day - Days::new(2), ..paper.clone() };
            self.again(&repeat, other, day, origin);
        }
        origin
    }

    /// The same people with the same content at `office`, which knows that the record `of` exists.
    fn again(&mut self, paper: &Paper<'_>, office: Office, day: NaiveDate, of: usize) {
        if day > LAST_DAY {
            return;
        }
        let copy = self.handle(paper, office, day, None, 0);
        self.point(copy, ReferenceRelation::RepeatOf, of);
    }

    /// One agency's record of the paper, and those of the agencies it forwards it to, `hops` at most.
    fn handle(&mut self, paper: &Paper<'_>, office: Office, day: NaiveDate, from: Option<Office>, hops: u32) -> usize {
        let number = format!("{}/{}", self.decisions_taken(), decision_kind(paper.petition_type, office));
        let (heading, forwarded) = self.heading(office, day, from, hops);
        let course = Course::walk(&mut self.dice, paper.petition_type, day, &heading, &number);
        let record_id = self.entry(office, day);
        let record = filing::petition(&mut self.dice, office, record_id, paper, day, from.is_some(), course);
        let at = self.records.len();
        self.records.push(record);
        if let (Some(arrival), Heading::Forwarded { to, letter }) = (forwarded, heading) {
            let next = self.handle(paper, to, arrival, Some(office), hops.saturating_sub(1));
            self.forward(at, next, letter);
        }
        at
    }

    /// Where the handling goes and, for a transfer, when the other agency receives it.
    fn heading(
        &mut self,
        office: Office,
        day: NaiveDate,
        from: Option<Office>,
        hops: u32,
    ) -> (Heading, Option<NaiveDate>) {
        let percent = if from.is_some() { 14 } else { 22 };
        let sent_on = day + Days::new(u64::from(self.dice.between(8, 16)));
        let arrival = sent_on + Days::new(u64::from(self.dice.between(1, 6)));
        if hops > 0 && arrival <= LAST_DAY && self.dice.chance(percent) {
            // now and then it goes straight back to where it came from
            let to = match from {
                Some(back) if self.dice.chance(35) => back,
                _ => self.other_than(office),
            };
            return (Heading::Forwarded { to, letter: self.letter(office, sent_on) }, Some(arrival));
        }
        let closes = self.dice.chance(20);
        let ends = [Action::Guided, Action::Returned, Action::Filed, Action::Withdrawn];
        (if closes { Heading::Closed(*self.dice.pick(&ends)) } else { Heading::Settlement }, None)
    }

    fn decisions_taken(&mut self) -> u32 {
        self.decisions += 1;
        self.decisions
    }

    fn other_than(&mut self, office: Office) -> Office {
        let others: Vec<Office> = Office::ALL.iter().copied().filter(|other| *other != office).collect();
        *self.dice.pick(&others)
    }

    /// The people also came in person, before or after the record `of` was made.
    fn visit(&mut self, case: u32, matter: &Matter, people: &[Person], of: usize) {
        let Some(Record { office, content, .. }) = self.records.get(of) else { return };
        let (office, received) = (*office, content.received_on);
        // of several things, the one for which it is sealed, or else the first
        let denounces = |item: &&Item| item.petition_type == PetitionType::Denunciation;
        let said = content.items.iter().find(denounces).or(content.items.first()).map(|item| item.petition_type);
        let (petition_type, confidential) = (said.or(content.petition_type), content.confidential);
        let before = self.dice.chance(70);
        let days = Days::new(u64::from(self.dice.between(0, 9)));
        let after = if received + days > LAST_DAY { received } else { received + days };
        let day = if before { received - days } else { after };
        let visit = Visit { day: day.max(FIRST_DAY), petition_type, confidential };
        let reception = self.receive(case, matter, people, office, visit);
        let sides = self.dice.between(1, 3);
        if sides & 1 != 0 {
            self.point(of, ReferenceRelation::ReceptionOf, reception);
        }
        if sides & 2 != 0 {
            self.point(reception, ReferenceRelation::ReceptionOf, of);
        }
    }

    fn receive(&mut self, case: u32, matter: &Matter, people: &[Person], office: Office, visit: Visit) -> usize {
        self.receptions += 1;
        let belonging = Belonging { case, entity: Entity::Reception(self.receptions) };
        let record_id = self.entry(office, visit.day);
        self.records.push(filing::reception(&mut self.dice, office, record_id, belonging, matter, people, visit));
        self.records.len() - 1
    }

    /// What may follow a decision: the next instance, or a denunciation of those who decided.
    fn go_on(&mut self, paper: &mut Paper<'_>, first: usize, left: u32) {
        let Some((office, decision)) =
            self.records.get(first).and_then(|record| Some((record.office, record.content.decision.clone()?)))
        else {
            return;
        };
        let day = decision.on + Days::new(u64::from(self.dice.between(5, 45)));
        let Some(person) = paper.people.first().filter(|_| day <= LAST_DAY) else { return };
        let follows = matches!(paper.petition_type, PetitionType::Complaint | PetitionType::Denunciation);
        if follows && self.dice.chance(28) {
            let second = self.next_paper(paper, paper.petition_type, 2, person, day);
            let higher = if self.dice.chance(50) { office } else { self.other_than(office) };
            let record = self.lodge(&second, higher, day);
            self.point(record, ReferenceRelation::NextInstanceOf, first);
            if left > 1 && self.dice.chance(12) {
                let day = day + Days::new(60);
                if day <= LAST_DAY {
                    let third = self.next_paper(paper, paper.petition_type, 3, person, day);
                    let next = self.lodge(&third, higher, day);
                    self.point(next, ReferenceRelation::NextInstanceOf, record);
                }
            }
        } else if paper.petition_type == PetitionType::Complaint && self.dice.chance(6) {
            let recast = self.next_paper(paper, PetitionType::Denunciation, 1, person, day);
            let record = self.lodge(&recast, office, day);
            self.point(record, ReferenceRelation::RecastOf, first);
        }
    }

    fn next_paper<'a>(
        &mut self,
        paper: &Paper<'a>,
        petition_type: PetitionType,
        instance: u32,
        person: &Person,
        day: NaiveDate,
    ) -> Paper<'a> {
        self.petitions += 1;
        Paper {
            belonging: Belonging { case: paper.belonging.case, entity: Entity::Petition(self.petitions) },
            petition_type,
            instance,
            written_on: day - Days::new(u64::from(self.dice.between(0, 4))),
            text: paper.matter.petition(&mut self.dice, petition_type, person, instance),
            items: Vec::new(),
            ..paper.clone()
        }
    }

    /// The record `from` says that it is `relation` of the record `to`, by its source or by its agency.
    fn point(&mut self, from: usize, relation: ReferenceRelation, to: usize) {
        let Some((office, record_id)) = self.records.get(to).map(|record| (record.office, record.record_id.clone()))
        else {
            return;
        };
        let by = if self.dice.chance(60) { Pointer::Source { record_id } } else { Pointer::Agency { record_id } };
        self.refer(from, Link { relation, to: office, by });
    }

    fn refer(&mut self, from: usize, link: Link) {
        if let Some(record) = self.records.get_mut(from) {
            record.content.references.push(link);
        }
    }

    /// Ties the two ends of a transfer: by the letter on both sides, or by a record number on one side or both.
    fn forward(&mut self, sender: usize, recipient: usize, letter: Document) {
        let ends = [sender, recipient].map(|at| self.records.get(at).map(|record| record.office));
        let [Some(from), Some(to)] = ends else { return };
        let how = self.dice.below(100);
        if how < 50 {
            let by = Pointer::Letter(letter);
            self.refer(sender, Link { relation: ReferenceRelation::TransferredTo, to, by: by.clone() });
            self.refer(recipient, Link { relation: ReferenceRelation::TransferredFrom, to: from, by });
            return;
        }
        if how < 90 {
            self.point(recipient, ReferenceRelation::TransferredFrom, sender);
        }
        if how >= 75 {
            self.point(sender, ReferenceRelation::TransferredTo, recipient);
        }
    }
}

/// A complaint ends with a decision, a denunciation with a conclusion.
fn decision_kind(petition_type: PetitionType, office: Office) -> String {
    let kind = if petition_type == PetitionType::Denunciation { "KL" } else { "QĐ" };
    format!("{kind}-{}", office.signs_as())
}
