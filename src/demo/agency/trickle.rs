//! The changes of every day, one at a time: a step, a new petition, a transfer, a withdrawal.

use std::collections::BTreeMap;
use std::future::Future;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::Outgoing;
use super::town::{Agencies, Change};
use crate::demo::generate::{Document, Link, Office, Pointer, Record, Step, day_of, stage_after};
use crate::domain::{Action, Channel, Kind, ReferenceRelation, Stage};

impl Agencies {
    /// One change at the moment `now`, at the agency and of the kind that the seed has next. Agencies that are
    /// pulled show it from now on, the others publish it through `publish`.
    ///
    /// Gives the source ids at which something changed.
    ///
    /// # Errors
    /// That of `publish`; the change has happened at the agency all the same.
    pub async fn trickle<F, Sending, E>(
        &mut self,
        now: DateTime<Utc>,
        publish: F,
    ) -> Result<(Change, Vec<&'static str>), E>
    where
        F: Fn(Outgoing) -> Sending,
        Sending: Future<Output = Result<(), E>>,
    {
        self.changes += 1;
        // versions of whole seconds, as most agencies write them
        let now = now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now);
        let (change, records) = match self.dice.below(100) {
            0..50 => self.step(now).map_or_else(|| self.lodge(now), |record| (Change::Step, vec![record])),
            50..75 => self.lodge(now),
            75..92 => self.forward(now).map_or_else(|| self.lodge(now), |records| (Change::Forwarded, records)),
            _ => self.withdraw(now).map_or_else(|| self.lodge(now), |record| (Change::Withdrawn, vec![record])),
        };
        self.publish_newest(&records, &publish).await?;
        Ok((change, records.iter().map(|record| record.office.source_id()).collect()))
    }

    /// One more step for a petition that is not at its end.
    fn step(&mut self, now: DateTime<Utc>) -> Option<Record> {
        let open = |record: &Record| record.content.stage.is_some_and(|stage| !stage.is_final());
        self.edit(now, open, |record, number| {
            let action = match record.content.stage {
                Some(Stage::Received) => Action::Screened,
                Some(Stage::Screened) => Action::Accepted,
                Some(Stage::Accepted) => Action::Verifying,
                Some(Stage::Suspended) => Action::Resumed,
                _ => Action::Settled,
            };
            let document = (action == Action::Settled).then(|| format!("{number}/QĐ-{}", record.office.signs_as()));
            if let Some(number) = &document {
                record.content.decision = Some(Document { number: number.clone(), on: day_of(record.updated_at) });
                record.content.outcome = Some(crate::domain::Outcome::Unjustified);
            }
            Step { action, at: record.updated_at, to: None, document, note: None }
        })
    }

    /// A new petition of new people; all the records that it makes.
    fn lodge(&mut self, now: DateTime<Utc>) -> (Change, Vec<Record>) {
        self.scribe.case_on(day_of(now), 1);
        let mut lodged = std::mem::take(&mut self.scribe.records);
        for record in &mut lodged {
            record.updated_at = now;
            for step in &mut record.content.events {
                step.at = now;
            }
            if let Some(desk) = self.desks.get(&record.office) {
                desk.write(|records| records.push(record.clone()));
            }
        }
        (Change::Lodged, lodged)
    }

    /// A petition just received goes on to another agency: the sender's record and the recipient's.
    fn forward(&mut self, now: DateTime<Utc>) -> Option<Vec<Record>> {
        let to = *self.dice.pick(Office::ALL);
        let early = |record: &Record| {
            matches!(record.content.stage, Some(Stage::Received | Stage::Screened)) && record.office != to
        };
        let mut letter = None;
        let sender = self.edit(now, early, |record, number| {
            let on = day_of(record.updated_at);
            let by = Document { number: format!("{number}/PC-{}", record.office.signs_as()), on };
            letter = Some(by.clone());
            let document = Some(by.number.clone());
            let link = Link { relation: ReferenceRelation::TransferredTo, to, by: Pointer::Letter(by) };
            record.content.references.push(link);
            Step { action: Action::Transferred, at: record.updated_at, to: Some(to), document, note: None }
        })?;
        let recipient = self.arrive(&sender, to, letter?);
        Some(vec![sender, recipient])
    }

    fn arrive(&mut self, sender: &Record, to: Office, letter: Document) -> Record {
        let on = letter.on;
        let mut recipient = Record { office: to, record_id: self.scribe.entry(to, on), revision: 1, ..sender.clone() };
        let content = &mut recipient.content;
        content.unit = None;
        content.received_on = on;
        content.channel = Channel::Transfer;
        let by = Pointer::Letter(letter);
        content.references = vec![Link { relation: ReferenceRelation::TransferredFrom, to: sender.office, by }];
        let received = Step { action: Action::Received, at: sender.updated_at, to: None, document: None, note: None };
        content.events = vec![received];
        content.stage = stage_after(&content.events);
        if let Some(desk) = self.desks.get(&to) {
            desk.write(|records| records.push(recipient.clone()));
        }
        recipient
    }

    /// A record alone in its case is withdrawn, where the daemon can learn of it.
    fn withdraw(&mut self, now: DateTime<Utc>) -> Option<Record> {
        let mut in_case: BTreeMap<u32, u32> = BTreeMap::new();
        for record in self.records() {
            *in_case.entry(record.truth.case).or_default() += 1;
        }
        let alone = |record: &Record| {
            let told = matches!(record.office, Office::Bxd | Office::HaNoi | Office::DaNang | Office::Bhxh);
            told && in_case.get(&record.truth.case) == Some(&1)
        };
        self.change(now, alone, |record, _| record.withdraw(record.updated_at))
    }

    /// Adds a step to a record that `fits`.
    fn edit(
        &mut self,
        now: DateTime<Utc>,
        fits: impl Fn(&Record) -> bool,
        step: impl FnOnce(&mut Record, u64) -> Step,
    ) -> Option<Record> {
        self.change(now, fits, |record, number| {
            let step = step(record, number);
            record.content.events.push(step);
            record.content.stage = stage_after(&record.content.events);
            record.revision += 1;
        })
    }

    /// Changes a petition that `fits`, at the first agency from a random one on that has any. Its new version is
    /// `now`, or a second after the old one, whichever is later: no two contents under one version.
    fn change(
        &mut self,
        now: DateTime<Utc>,
        fits: impl Fn(&Record) -> bool,
        change: impl FnOnce(&mut Record, u64),
    ) -> Option<Record> {
        // numbers of today's documents begin beyond those of the generator
        let number = 500_000 + self.changes;
        let first = self.dice.below(Office::ALL.len() as u32) as usize;
        let start = self.dice.next() as usize;
        let usable = |record: &Record| {
            record.content.kind == Kind::Petition && !record.deleted && record.is_storable() && fits(record)
        };
        for office in Office::ALL.iter().cycle().skip(first).take(Office::ALL.len()) {
            let Some(desk) = self.desks.get(office) else { continue };
            let found = desk.read(|records| {
                let length = records.len();
                (0..length).map(|n| (start % length + n) % length).find(|at| records.get(*at).is_some_and(usable))
            });
            if let Some(at) = found {
                return desk.write(|records| {
                    let record = records.get_mut(at)?;
                    record.updated_at = now.max(record.updated_at + TimeDelta::seconds(1));
                    change(record, number);
                    Some(record.clone())
                });
            }
        }
        None
    }
}
