//! What a clerk enters of a paper: the record of one agency.

use chrono::{Days, NaiveDate};
use serde_json::{Map, Value, json};

use super::super::chance::Dice;
use super::super::course::{LAST_DAY, office_hour};
use super::super::record::Document;
use super::bureau::Bureau;
use super::citizen::Citizen;
use super::paper::{Ending, Filing, Lodging, Paper};
use super::{form, summary, typing};
use crate::clock::HANOI;
use crate::domain::{Action, PetitionType};

/// The interchange record of a lodging and, by position, the persons it lists.
pub fn record(
    dice: &mut Dice,
    bureau: &Bureau,
    record_id: &str,
    paper: &Paper,
    citizens: &[Citizen],
    lodging: &Lodging,
) -> (Map<String, Value>, Vec<u32>) {
    let day = lodging.day;
    let listed = listed(dice, paper);
    let people: Vec<&Citizen> = listed.iter().filter_map(|at| citizens.get(*at)).collect();
    let (petitioners, persons) = petitioners(dice, bureau, paper, &people, day);
    let more = paper.people.len() > listed.len() || (paper.is_mass && dice.chance(70));
    let events = events(dice, lodging);
    let version = events.last().and_then(|event| event.get("at")).cloned().unwrap_or(Value::Null);
    let (decision, stage) = match &lodging.ending {
        Ending::Settled(document) if dice.chance(80) => (Some(document), "settled"),
        Ending::Settled(_) => (None, "settled"),
        Ending::Open => (None, "accepted"),
        Ending::Forwarded(..) => (None, "transferred"),
        Ending::Closed(action) => (None, action.as_str()),
    };
    let fields = [
        ("record_id", json!(record_id)),
        ("version", version),
        ("kind", json!("petition")),
        ("type", json!(petition_type(dice, paper))),
        ("agency", json!(unit(dice, bureau))),
        ("received_on", json!(date(dice, bureau, day))),
        ("written_on", json!(dice.chance(60).then(|| date(dice, bureau, paper.written_on)))),
        ("instance", json!(dice.chance(80).then_some(paper.instance))),
        ("channel", json!(channel(dice, lodging.filing))),
        ("category", json!(category(dice, paper.matter.subject.category))),
        ("summary", json!(summary::of(dice, bureau, paper, &people))),
        ("confidential", json!(paper.is_confidential)),
        ("anonymous", json!(paper.is_anonymous)),
        ("petitioners", Value::Array(petitioners)),
        ("petitioner_count", json!(more.then_some(paper.people.len()))),
        ("against", against(dice, bureau, paper)),
        ("events", Value::Array(events)),
        ("stage", json!(stage)),
        ("decision_no", json!(decision.map(|document| &document.number))),
        ("decision_on", json!(decision.map(|document| document.on))),
    ];
    (told(fields), persons)
}

/// The petitioners as entered, and who they are.
fn petitioners(
    dice: &mut Dice,
    bureau: &Bureau,
    paper: &Paper,
    people: &[&Citizen],
    day: NaiveDate,
) -> (Vec<Value>, Vec<u32>) {
    if let Some(organization) = &paper.organization {
        return (vec![form::organization(dice, bureau, organization, day)], vec![organization.person]);
    }
    let persons = people.iter().map(|citizen| citizen.person).collect();
    if let [one, other] = people
        && !paper.is_mass
        && dice.chance(18)
    {
        return (vec![form::couple(dice, bureau, one, other, day)], persons);
    }
    let collector = paper.collector.as_deref().filter(|_| dice.chance(25));
    let petitioner = |(nth, citizen): (usize, &&Citizen)| {
        let entry = form::Entry { is_in_list: paper.is_mass && nth > 0, is_first: nth == 0, day };
        let mut petitioner = form::petitioner(dice, bureau, citizen, entry);
        if let (Some(phone), Some(fields)) = (collector, petitioner.as_object_mut()) {
            fields.insert("phone".to_owned(), json!(phone));
        }
        if paper.is_mass && people.len() == 1 {
            form::speaks_for(dice, &mut petitioner, paper.people.len());
        }
        petitioner
    };
    let mut entered: Vec<Value> = people.iter().enumerate().map(petitioner).collect();
    if dice.chance(3) {
        form::take_number_of_first(&mut entered);
    }
    (entered, persons)
}

/// Fields that say anything.
pub fn told<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        _ => true,
    };
    fields.into_iter().filter(|(_, value)| says(value)).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Who of the signers the record names: a list of many is typed in another order, with gaps.
fn listed(dice: &mut Dice, paper: &Paper) -> Vec<usize> {
    let mut listed = paper.people.clone();
    if paper.is_anonymous {
        return Vec::new();
    }
    if paper.is_mass {
        // the one who speaks for the others stands first, or alone
        if dice.chance(18) {
            listed.truncate(1);
            return listed;
        }
        for at in (2..listed.len()).rev() {
            listed.swap(at, 1 + dice.below(at as u32) as usize);
        }
        let kept = dice.between(65, 100) as usize * listed.len() / 100;
        listed.truncate(kept.max(1));
    } else if listed.len() > 1 && dice.chance(12) {
        // the second signature was not seen
        listed.truncate(1);
    }
    listed
}

/// Another clerk may see a recommendation where one saw a complaint; a denunciation is always seen.
fn petition_type(dice: &mut Dice, paper: &Paper) -> PetitionType {
    use PetitionType::{Complaint, Recommendation, Reflection};
    match paper.petition_type {
        Complaint if paper.instance == 1 && dice.chance(4) => Recommendation,
        Recommendation if dice.chance(5) => *dice.pick(&[Complaint, Reflection]),
        Reflection if dice.chance(8) => Recommendation,
        other => other,
    }
}

/// Some code the field no finer than its group.
fn category(dice: &mut Dice, category: &'static str) -> &'static str {
    match category.rsplit_once('.') {
        Some((group, _)) if group.contains('.') && dice.chance(12) => group,
        _ => category,
    }
}

fn unit(dice: &mut Dice, bureau: &Bureau) -> Option<String> {
    (bureau.province.is_some() && dice.chance(60)).then(|| format!("{}.{}", bureau.code, dice.between(1, 60)))
}

fn channel(dice: &mut Dice, filing: Filing) -> &'static str {
    if filing == Filing::Forwarded {
        return "transfer";
    }
    dice.weighted::<&str>(&[("post", 48), ("in_person", 26), ("portal", 17), ("email", 5), ("phone", 2), ("other", 2)])
}

/// A date as the bureau writes it.
pub fn date(dice: &mut Dice, bureau: &Bureau, day: NaiveDate) -> String {
    if bureau.habit.has_slashes {
        let format = if dice.chance(15) { "%-d/%-m/%Y" } else { "%d/%m/%Y" };
        day.format(format).to_string()
    } else {
        day.to_string()
    }
}

/// Whom it is against: the number of the decision in two of three records, as the clerk writes it.
fn against(dice: &mut Dice, bureau: &Bureau, paper: &Paper) -> Value {
    let matter = &paper.matter;
    let is_personal = paper.petition_type == PetitionType::Denunciation || matter.decision.is_none();
    if dice.chance(18) || (is_personal && paper.petition_type != PetitionType::Denunciation && dice.chance(60)) {
        return Value::Null;
    }
    let name = if is_personal { &matter.official } else { &matter.authority };
    let name = typing::abbreviated(dice, name, 25);
    let document = paper.against.as_ref().filter(|_| dice.chance(66));
    let number = document.map(|document| decision_number(dice, document));
    let on = document.filter(|_| dice.chance(80)).map(|document| date(dice, bureau, document.on));
    let name = if dice.chance(bureau.habit.bare) { typing::bare(&name) } else { name };
    json!({"name": name, "decision_no": number, "decision_on": on})
}

fn decision_number(dice: &mut Dice, document: &Document) -> String {
    let number = &document.number;
    match dice.below(100) {
        0..70 => number.clone(),
        70..80 => typing::bare(number),
        80..88 => format!("số {number}"),
        88..93 => format!("QĐ số {number}"),
        93..96 => number.replace('/', " / "),
        96..98 => typing::number(dice, number.split('/').next().unwrap_or(number)) + "/QĐ-UBND",
        _ => number.to_lowercase(),
    }
}

fn events(dice: &mut Dice, lodging: &Lodging) -> Vec<Value> {
    let mut events = Vec::new();
    let mut day = lodging.day;
    let mut step = |dice: &mut Dice, action: Action, day: NaiveDate, to: Option<&str>, document: Option<&str>| {
        let at = office_hour(dice, day.min(LAST_DAY)).with_timezone(&HANOI).to_rfc3339();
        events.push(json!({"action": action.as_str(), "at": at, "to_agency": to, "document_no": document}));
    };
    step(dice, Action::Received, day, None, None);
    day = day + Days::new(u64::from(dice.between(1, 8)));
    match &lodging.ending {
        Ending::Open => step(dice, Action::Accepted, day, None, None),
        Ending::Settled(document) => {
            step(dice, Action::Accepted, day, None, None);
            step(dice, Action::Settled, document.on, None, Some(&document.number));
        }
        Ending::Forwarded(to, on) => step(dice, Action::Transferred, *on, Some(to), None),
        Ending::Closed(action) => step(dice, *action, day, None, None),
    }
    events
}
