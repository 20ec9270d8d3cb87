//! Two records or petitioners side by side: what each says, comparison by comparison, and what that weighs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{NormalizedRecord, Petitioner, RecordKey};
use crate::linkage::decision::Binding;
use crate::linkage::explain::Explanation;
use crate::linkage::person::{self, Matcher};
use crate::linkage::petition;
use crate::seal::KeyRing;
use crate::store::{PgConnection, source_record};

use super::super::batch::Desk;
use super::super::decide::{self, Error, Subject, Told};
use super::super::evidence::{self, Name, Node, Reached};
use super::super::matching::Filings;
use super::super::petitioner::masked;
use super::super::{self as pipeline, decided, prepare};

/// Two side by side.
#[derive(Debug)]
pub struct Shown {
    pub subject: Subject,
    pub left: String,
    pub right: String,
    pub lines: Vec<Line>,
    pub explanation: Explanation,
    /// What was decided of the two, what was undone too, oldest first.
    pub decisions: Vec<Told>,
}

/// One step of the waterfall, with what it compares.
#[derive(Debug, Serialize)]
pub struct Line {
    pub comparison: String,
    /// What each says; empty where a step compares nothing that can be shown.
    pub left: String,
    pub right: String,
    pub level: String,
    pub bits: f32,
    pub sum: f32,
}

/// What stands in a record and may be shown, as it is open.
struct Side {
    record: NormalizedRecord,
    position: usize,
}

impl Side {
    async fn load(conn: &mut PgConnection, desk: &Desk, subject: Subject, name: &Name) -> Result<Self, Error> {
        let row = decide::open_row(conn, &desk.ring, subject, name).await?;
        let record = prepare::reopen(&desk.ring, &row.key, &row.agency, desk.clock.today(), &row.content)?;
        let record = record.ok_or_else(|| Error::Nothing(subject.text(name)))?;
        Ok(Self { record, position: usize::try_from(name.position).unwrap_or(usize::MAX) })
    }

    fn petitioner(&self) -> Option<&Petitioner> {
        self.record.petitioners.get(self.position)
    }

    /// What a comparison of filings compares.
    fn of_filing(&self, comparison: &str, features: &petition::Features) -> String {
        let record = &self.record;
        match comparison {
            "petitioners" => record.petitioners.iter().map(petitioner).collect::<Vec<_>>().join("; "),
            "decision" => {
                let acts = [
                    (&record.against.decision_no, record.against.decision_on),
                    (&record.decision_no, record.decision_on),
                ];
                let act = |(number, on): &(&Option<String>, Option<NaiveDate>)| {
                    number.as_ref().map(|number| join([Some(number.clone()), on.map(day)], ", "))
                };
                acts.iter().filter_map(act).collect::<Vec<_>>().join("; ")
            }
            "parcel" => {
                let parcel = |parcel: &petition::Parcel| match parcel.sheet {
                    0 => format!("thửa {}", parcel.plot),
                    sheet => format!("thửa {}, tờ {sheet}", parcel.plot),
                };
                features.parcels.iter().map(parcel).collect::<Vec<_>>().join("; ")
            }
            "text" => {
                let items = record.items.iter().filter_map(|item| item.summary.as_deref());
                shortened(&record.summary.as_deref().into_iter().chain(items).collect::<Vec<_>>().join(" "))
            }
            "matter" => join([record.category.clone(), record.against.name.clone()], ", "),
            "form" => {
                let instance = record.instance.map(|instance| format!("lần {instance}"));
                join([record.petition_type.map(code), instance], ", ")
            }
            "time" => {
                let written = record.written_on.map(|on| format!("viết {}", day(on)));
                join([Some(format!("nhận {}", day(record.received_on))), written, Some(record.agency.clone())], ", ")
            }
            "course" => join([record.stage.map(code), record.decision_on.map(day)], ", "),
            "place" => record.petitioners.iter().find_map(|one| one.place.text.clone()).unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// What a comparison of petitioners compares.
    fn of_petitioner(&self, comparison: &str) -> String {
        let Some(one) = self.petitioner().filter(|_| !comparison.ends_with("rarity")) else { return String::new() };
        let part = |prefix: &str| comparison.starts_with(prefix);
        match () {
            () if comparison == "name" => one.name.clone().or_else(|| one.organization.clone()).unwrap_or_default(),
            () if part("sex") => one.gender.map(code).unwrap_or_default(),
            () if part("birth_date") => {
                one.birth_date.map(day).or_else(|| one.birth_year.map(|year| year.to_string())).unwrap_or_default()
            }
            () if part("id_number") => one.id_number.clone().unwrap_or_default(),
            () if part("phone") => one.phones.join(", "),
            () if part("email") => one.email.clone().unwrap_or_default(),
            () if part("place") || part("street") || part("commune") => one.place.text.clone().unwrap_or_default(),
            () if part("company") => {
                let others = self.record.petitioners.len().saturating_sub(1);
                join(
                    [(others > 0).then(|| format!("cùng {others} người")), self.record.against.decision_no.clone()],
                    ", ",
                )
            }
            () => String::new(),
        }
    }
}

/// What each of two says, by comparison.
type Values = Box<dyn Fn(&str) -> (String, String) + Send>;

/// Characters of a text that are shown.
const LONG: usize = 240;

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONG).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn join<const N: usize>(parts: [Option<String>; N], between: &str) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

fn day(on: NaiveDate) -> String {
    on.format("%d/%m/%Y").to_string()
}

/// A code of the interchange record.
fn code<T: Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn petitioner(one: &Petitioner) -> String {
    let born = one.birth_date.map(|on| on.year()).or(one.birth_year).map(|year| year.to_string());
    join([one.name.clone().or_else(|| one.organization.clone()), born, one.id_number.clone()], ", ")
}

/// Two side by side, with the weight of every comparison and what was decided of them.
///
/// # Errors
/// [`Error`]: one of them is not there, or takes no part in review.
pub async fn show(
    conn: &mut PgConnection,
    desk: &Desk,
    subject: Subject,
    left: &Name,
    right: &Name,
) -> Result<Shown, Error> {
    let one = Side::load(conn, desk, subject, left).await?;
    let other = Side::load(conn, desk, subject, right).await?;
    let (mut explanation, values): (Explanation, Values) = match subject {
        Subject::Petition => {
            let (a, b) = (node(conn, &desk.ring, subject, left).await?, node(conn, &desk.ring, subject, right).await?);
            let explanation = Filings::built_in().judge.waterfall(&a.features, &b.features);
            let values = move |of: &str| (one.of_filing(of, &a.features), other.of_filing(of, &b.features));
            (explanation, Box::new(values))
        }
        Subject::Person => {
            let a: Node<person::Features> = node(conn, &desk.ring, subject, left).await?;
            let b: Node<person::Features> = node(conn, &desk.ring, subject, right).await?;
            let explanation = Matcher::built_in().waterfall(&a.features, &b.features);
            (explanation, Box::new(move |of: &str| (one.of_petitioner(of), other.of_petitioner(of))))
        }
    };
    if let Some(said) = verdict(conn, desk, subject, left, right).await? {
        explanation.decide(said);
    }
    let line = |step: &crate::linkage::explain::Step| {
        let (left, right) = values(&step.comparison);
        let (comparison, level) = (step.comparison.clone(), step.level.clone());
        Line { comparison, left, right, level, bits: step.bits, sum: step.sum }
    };
    let lines = explanation.steps.iter().map(line).collect();
    let decisions = decide::of_pair(conn, &desk.ring, subject, left, right).await?;
    Ok(Shown { subject, left: subject.text(left), right: subject.text(right), lines, explanation, decisions })
}

/// What is compared of one.
async fn node<F: serde::de::DeserializeOwned>(
    conn: &mut PgConnection,
    ring: &KeyRing,
    subject: Subject,
    name: &Name,
) -> Result<Node<F>, Error> {
    let id = subject.id(ring, name);
    let nobody = || match subject {
        Subject::Petition => Error::Reception(subject.text(name)),
        Subject::Person => Error::Nobody(subject.text(name)),
    };
    evidence::load(conn, ring, &[id]).await?.remove(&id).ok_or_else(nobody)
}

/// Whether people decided, of the two or by way of others, that they are the same.
async fn verdict(
    conn: &mut PgConnection,
    desk: &Desk,
    subject: Subject,
    left: &Name,
    right: &Name,
) -> Result<Option<bool>, Error> {
    let (one, other) = (subject.id(&desk.ring, left), subject.id(&desk.ring, right));
    let Reached { ids, decisions, .. } = evidence::closure(conn, BTreeSet::from([one, other])).await?;
    let in_force = match subject {
        Subject::Petition => decisions,
        Subject::Person => {
            let nodes = evidence::load(conn, &desk.ring, &ids.into_iter().collect::<Vec<_>>()).await?;
            decided::of_persons(conn, &desk.ring, &nodes, decisions).await?
        }
    };
    let binding = Binding::of(&evidence::decided(&in_force), |id: &Uuid| Some(*id));
    let pair = (one.min(other), one.max(other));
    Ok(match () {
        () if binding.same.contains(&pair) => Some(true),
        () if binding.different.contains(&pair) => Some(false),
        () => None,
    })
}

/// Who lodged what, with every value hidden.
#[derive(Default)]
pub(super) struct Hidden(BTreeMap<RecordKey, Vec<String>>);

impl Hidden {
    pub(super) fn of(&self, subject: Subject, name: &Name) -> String {
        let all = self.0.get(&name.record).map_or(&[][..], Vec::as_slice);
        match subject {
            Subject::Petition => all.join("; "),
            Subject::Person => {
                usize::try_from(name.position).ok().and_then(|at| all.get(at)).cloned().unwrap_or_default()
            }
        }
    }
}

/// The petitioners of open records.
pub(super) async fn initials(
    conn: &mut PgConnection,
    desk: &Desk,
    names: &BTreeSet<&Name>,
) -> Result<Hidden, pipeline::Error> {
    let keys: BTreeSet<&RecordKey> = names.iter().map(|name| &name.record).collect();
    let mut hidden = Hidden::default();
    let (ring, today) = (&desk.ring, desk.clock.today());
    for row in source_record::load(conn, ring, &keys.into_iter().collect::<Vec<_>>()).await? {
        let record = prepare::reopen(ring, &row.key, &row.agency, today, &row.content)?;
        if let Some(record) = record.filter(|_| !row.is_sealed) {
            hidden.0.insert(row.key, record.petitioners.iter().map(initial).collect());
        }
    }
    Ok(hidden)
}

/// `N. T. H., 1978, *********234`.
fn initial(one: &Petitioner) -> String {
    let name = one.name.as_deref().or(one.organization.as_deref()).unwrap_or_default();
    let letter = |word: &str| word.chars().next().map(|letter| format!("{}.", letter.to_uppercase()));
    let letters = name.split_whitespace().filter_map(letter).collect::<Vec<_>>().join(" ");
    let born = one.birth_date.map(|on| on.year()).or(one.birth_year).map(|year| year.to_string());
    join([Some(letters), born, one.id_number.as_deref().map(masked)], ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_shows_initials() {
        let name = |name: &str| Petitioner { name: Some(name.to_owned()), ..Petitioner::default() };
        for (one, shown) in [
            (Petitioner::default(), ""),
            (name("Nguyễn Thị  Hoa"), "N. T. H."),
            (
                Petitioner { birth_year: Some(1978), id_number: Some("036178001234".to_owned()), ..name("đỗ Oanh") },
                "Đ. O., 1978, *********234",
            ),
        ] {
            assert_eq!(initial(&one), shown);
        }
    }
}
