//! UBND thành phố Đà Nẵng: publishes interchange records, each in the parts in which the five-step software of
//! provinces sends a case (case, processing, settlement, result, enforcement), some of them out of order.

use serde_json::{Map, Value, json};

use super::shape::rfc3339;
use super::{Amqp, Sent, Simulated, Transport};
use crate::compression::Encoding;
use crate::demo::generate::{Office, Record, interchange};
use crate::domain::Action;

pub static AGENCY: Simulated = Simulated {
    office: Office::DaNang,
    wording: None,
    shape: |record| Value::Object(interchange(record)),
    transport: Transport::Amqp(Amqp {
        batch: 20,
        encoding: Encoding::Identity,
        sent,
        pack: Value::Array,
        again_every: 0,
    }),
};

/// The five steps, by the part that carries each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Intake,
    Processing,
    Settlement,
    Result,
    Enforcement,
}

impl Part {
    const fn of(action: Action) -> Self {
        match action {
            Action::Received => Self::Intake,
            Action::Screened
            | Action::Transferred
            | Action::Guided
            | Action::Returned
            | Action::Filed
            | Action::Withdrawn
            | Action::PartlyWithdrawn => Self::Processing,
            Action::Accepted
            | Action::Verifying
            | Action::Suspended
            | Action::Urged
            | Action::Replied
            | Action::Dialogue
            | Action::Extended
            | Action::Resumed => Self::Settlement,
            Action::Settled => Self::Result,
            Action::Enforced => Self::Enforcement,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Processing => "processing",
            Self::Settlement => "settlement",
            Self::Result => "result",
            Self::Enforcement => "enforcement",
        }
    }

    /// Whether this part carries the interchange field `name`. Steps and stage are in every part, as far as they
    /// had come when it was sent: the newest part has them all.
    fn carries(self, name: &str) -> bool {
        match name {
            "record_id" | "version" | "events" | "stage" => true,
            "deadline_on" => self == Self::Settlement,
            "outcome" | "decision_no" | "decision_on" => self == Self::Result,
            "results" => matches!(self, Self::Result | Self::Enforcement),
            _ => self == Self::Intake,
        }
    }
}

/// The parts of a record, in the order in which they came about or, for every seventh record, in reverse.
fn sent(record: &Record) -> Vec<Sent> {
    let events = &record.content.events;
    let mut parts: Vec<Sent> = Vec::new();
    for (n, step) in events.iter().enumerate() {
        let part = Part::of(step.action);
        // only the last step of a part: each is replaced as a whole by its newer versions
        if events.iter().skip(n + 1).all(|later| Part::of(later.action) != part) {
            parts.push(Sent { at: step.at, value: piece(&record.after(n + 1), part) });
        }
    }
    if events.is_empty() {
        let whole = undeleted(record);
        parts.push(Sent { at: whole.updated_at, value: Value::Object(interchange(&whole)) });
    }
    if record.deleted {
        let value = json!({"record_id": record.record_id, "version": rfc3339(record.updated_at), "deleted": true});
        parts.push(Sent { at: record.updated_at, value });
    } else if record.record_id.ends_with('7') {
        parts.reverse();
    }
    parts
}

fn piece(record: &Record, part: Part) -> Value {
    let fields = interchange(&undeleted(record)).into_iter();
    let mut piece: Map<String, Value> = fields.filter(|(name, _)| part.carries(name)).collect();
    piece.insert("part".to_owned(), part.name().into());
    Value::Object(piece)
}

/// The record as it was before it was withdrawn.
fn undeleted(record: &Record) -> Record {
    if !record.deleted {
        return record.clone();
    }
    let turn = record.content.reception.as_ref().map(|turn| turn.at);
    let updated_at = record.content.events.last().map(|step| step.at).or(turn).unwrap_or(record.updated_at);
    Record { deleted: false, updated_at, ..record.clone() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::generate::World;

    #[test]
    fn parts_laid_over_one_another_are_the_record() {
        let world = World::generate(41, 400);
        let (mut seen, mut reversed) = (BTreeSet::new(), 0);
        for record in world.of(Office::DaNang).filter(|record| !record.deleted) {
            let mut parts = sent(record);
            reversed += usize::from(parts.windows(2).any(|pair| pair[0].at > pair[1].at));
            parts.sort_by_key(|part| part.at);
            let mut whole = Map::new();
            for part in parts {
                let Value::Object(fields) = part.value else { panic!("a part is an object") };
                if let Some(part) = fields.get("part") {
                    seen.insert(part.as_str().unwrap().to_owned());
                }
                whole.extend(fields);
            }
            whole.remove("part");
            // the newest of two parts with one field wins, so results as carried out stay
            assert_eq!(Value::Object(whole), Value::Object(interchange(record)));
        }
        assert_eq!(seen.len(), 5, "{seen:?}");
        assert!(reversed > 0);
    }

    #[test]
    fn a_withdrawn_record_ends_with_a_tombstone() {
        let world = World::generate(42, 200);
        let mut record = world.of(Office::DaNang).find(|record| !record.content.events.is_empty()).unwrap().clone();
        record.withdraw(record.updated_at + chrono::TimeDelta::hours(1));
        let parts = sent(&record);
        assert_eq!(parts.last().unwrap().value["deleted"], true);
        assert!(parts.iter().rev().skip(1).all(|part| part.value.get("deleted").is_none()));
    }
}
