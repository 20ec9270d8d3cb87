//! What of a filing is compared: all that judging a pair needs, so that no record has to be read again.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::hash;
use super::mention::{Mentions, Parcel};
use super::phrase::Phrases;
use super::sketch::Sketch;
use super::who::Party;
use super::word::{Document, Words};
use crate::clock::HANOI;
use crate::domain::{Action, Channel, Kind, NormalizedRecord, PetitionType, Stage};
use crate::reference::{agency, province};

/// What of one filing is compared. Hashes stand for most texts; they are not keyed, so it is kept encrypted.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    pub petition_type: Option<PetitionType>,
    pub instance: Option<i32>,
    pub category: Option<String>,
    pub agency: String,
    pub received_on: NaiveDate,
    pub written_on: Option<NaiveDate>,
    /// Whether another agency sent it.
    pub is_forwarded: bool,
    /// The agencies that it was sent on to.
    pub sent_to: Vec<String>,
    /// In the order of the hashes of their names.
    pub people: Vec<Party>,
    /// Where the first of them lives who says so, or else where the agency is.
    pub province: Option<String>,
    pub commune: Option<String>,
    /// People behind it, listed or not.
    pub petitioner_count: u32,
    /// The decision complained of.
    pub act: Option<Document>,
    /// Hashes of the words of whom it is against.
    pub against: Vec<u32>,
    /// Whether that is an authority, as most are, and no person.
    pub is_authority: bool,
    /// The decision or conclusion with which it was settled.
    pub settled: Option<Document>,
    pub settled_on: Option<NaiveDate>,
    /// Other documents named in the text.
    pub documents: Vec<Document>,
    pub parcels: Vec<Parcel>,
    /// Sums, dates, measures, counts and years in the text, large ones as hashes.
    pub numbers: Vec<u32>,
    pub text: Sketch,
    /// Whether the text disputes how the matter was settled before.
    pub contests: bool,
}

impl fmt::Debug for Features {
    /// Shows how much there is to compare and no value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Features")
            .field("people", &self.people.len())
            .field("documents", &self.documents.len())
            .field("parcels", &self.parcels.len())
            .field("numbers", &self.numbers.len())
            .finish_non_exhaustive()
    }
}

/// Petitioners that are compared; no clerk types longer lists.
const PEOPLE: usize = 64;
/// Agencies that count as having been sent it.
const RECIPIENTS: usize = 8;
/// Words of whom it is against.
const WORDS: usize = 16;

impl Features {
    /// Of a record; `None` where it is no petition. The order of its petitioners does not matter.
    pub fn of(record: &NormalizedRecord, phrases: &Phrases) -> Option<Self> {
        if record.kind != Kind::Petition {
            return None;
        }
        let mut people: Vec<Party> = record.petitioners.iter().filter_map(Party::of).collect();
        people.sort_by_key(Party::order);
        people.truncate(PEOPLE);
        let mentions = Mentions::of(&text(record), phrases);
        let dated = |number: Option<&str>, on| Some(Document { on, ..number.and_then(Document::parse)? });
        let (against, is_authority) = against(record.against.name.as_deref().unwrap_or(""));
        let sent = record.events.iter().filter(|event| event.action == Action::Transferred);
        let counted = record.petitioner_count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
        Some(Self {
            petition_type: record.petition_type,
            instance: record.instance.filter(|instance| *instance > 0).or(mentions.instance),
            category: record.category.clone(),
            agency: record.agency.clone(),
            received_on: record.received_on,
            written_on: record.written_on,
            is_forwarded: record.channel == Some(Channel::Transfer),
            sent_to: sent.filter_map(|event| event.to_agency.clone()).take(RECIPIENTS).collect(),
            province: province(record),
            commune: record.petitioners.iter().find_map(|one| {
                let place = &one.place;
                place.commune_code.as_ref().or_else(|| place.commune_candidates.first()).cloned()
            }),
            petitioner_count: counted.max(people.len() as u32),
            people,
            act: dated(record.against.decision_no.as_deref(), record.against.decision_on),
            against,
            is_authority,
            settled: dated(record.decision_no.as_deref(), record.decision_on),
            settled_on: settled_on(record),
            documents: mentions.documents,
            parcels: mentions.parcels,
            numbers: mentions.numbers,
            text: Sketch::of(mentions.units),
            contests: mentions.contests,
        })
    }

    /// The day it was written, or else received.
    pub fn day(&self) -> NaiveDate {
        self.written_on.filter(|day| *day <= self.received_on).unwrap_or(self.received_on)
    }
}

/// All the words of a record: its summary and those of its contents.
fn text(record: &NormalizedRecord) -> std::borrow::Cow<'_, str> {
    let summary = record.summary.as_deref().unwrap_or("");
    if record.items.is_empty() {
        return summary.into();
    }
    let items = record.items.iter().filter_map(|item| item.summary.as_deref());
    std::iter::once(summary).chain(items).collect::<Vec<_>>().join("\n").into()
}

/// Today's code of the province that it is about.
fn province(record: &NormalizedRecord) -> Option<String> {
    let home = record.petitioners.iter().find_map(|one| one.place.province_code.clone());
    home.or_else(|| {
        let old = agency::first_level(&record.agency)?.province?;
        province::current_code(old, province::MERGER.pred_opt()?).map(str::to_owned)
    })
}

/// The day of the decision that settled it, from the field or from the event.
fn settled_on(record: &NormalizedRecord) -> Option<NaiveDate> {
    let is_settled = matches!(record.stage, Some(Stage::Settled | Stage::Enforced));
    let event = record.events.iter().rev().find(|event| event.action == Action::Settled);
    record.decision_on.or_else(|| Some(event.filter(|_| is_settled)?.at?.with_timezone(&HANOI).date_naive()))
}

/// Words that only an authority's name has.
const AUTHORITIES: &[&str] =
    &["uy", "so", "bo", "cuc", "chi", "phong", "toa", "vien", "ban", "thanh", "cong", "truong", "benh"];

/// The words of whom it is against, and whether that is an authority or another body.
fn against(name: &str) -> (Vec<u32>, bool) {
    let words = Words::read(name);
    let letters = || words.list().iter().map(|word| words.letters_of(word));
    let titles = ["ong", "ba", "dong", "chi", "d"];
    let first = letters().find(|word| !titles.contains(word)).unwrap_or("");
    let is_authority = AUTHORITIES.contains(&first) && words.list().len() > 2;
    let mut hashes: Vec<u32> =
        letters().filter(|word| !titles.contains(word)).take(WORDS).map(|word| hash::text(word) as u32).collect();
    hashes.sort_unstable();
    hashes.dedup();
    (hashes, is_authority)
}
