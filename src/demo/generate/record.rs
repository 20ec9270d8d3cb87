//! What one agency holds, before it is written in that agency's own fields and codes.

use chrono::{DateTime, NaiveDate, Utc};

use super::office::Office;
use super::place::Address;
use crate::domain::{
    Action, ByLeader, Channel, Gender, IdKind, Kind, Outcome, PetitionType, ReceptionMode, ReferenceRelation, Stage,
};

/// One source record and the truth about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub office: Office,
    pub record_id: String,
    /// When it was last edited at the source.
    pub updated_at: DateTime<Utc>,
    /// Number of edits so far, from 1.
    pub revision: u32,
    /// Withdrawn at the source; agencies without tombstones just stop listing it.
    pub deleted: bool,
    pub truth: Belonging,
    pub blemishes: Vec<Blemish>,
    pub content: Content,
}

/// What a source record really tells of; numbers are those of the [`super::World`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Belonging {
    pub case: u32,
    pub entity: Entity,
}

/// The petition or the reception a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    Petition(u32),
    Reception(u32),
}

/// What is wrong with a record, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Blemish {
    /// A digit of the id number is lost, or a letter crept in.
    IdNumberInvalid,
    /// The birth year disagrees with the id number.
    IdNumberConflict,
    /// The phone number is too short.
    PhoneInvalid,
    /// A number of before September 2018 (`0168…`), which can be repaired.
    PhoneOldPrefix,
    /// Nobody is named and the record does not say that it is anonymous.
    PetitionerMissing,
    /// A type that the agency's code table does not have.
    TypeUnknown,
    /// No date of receipt at all: the record cannot be stored.
    ReceivedOnMissing,
}

/// The content, field by field of the interchange record.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub kind: Kind,
    pub petition_type: Option<PetitionType>,
    /// The unit under the agency that holds the record (`H26.14`).
    pub unit: Option<String>,
    pub received_on: NaiveDate,
    pub written_on: Option<NaiveDate>,
    pub instance: u32,
    pub channel: Channel,
    /// Code of the field (lĩnh vực) in the official list, such as `01.2.1`.
    pub category: &'static str,
    pub summary: String,
    pub items: Vec<Item>,
    pub confidential: bool,
    pub anonymous: bool,
    pub petitioners: Vec<Filer>,
    /// People behind it, where more than are listed.
    pub petitioner_count: Option<u32>,
    pub against: Option<Against>,
    pub references: Vec<Link>,
    pub events: Vec<Step>,
    pub stage: Option<Stage>,
    pub outcome: Option<Outcome>,
    pub decision: Option<Document>,
    pub deadline_on: Option<NaiveDate>,
    pub results: Option<Results>,
    pub reception: Option<Turn>,
}

/// One content (nội dung) of a petition with several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub petition_type: PetitionType,
    pub category: &'static str,
    pub summary: String,
}

/// A petitioner as written in one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filer {
    pub name: String,
    pub id_number: Option<String>,
    pub id_kind: IdKind,
    pub birth_date: Option<NaiveDate>,
    pub birth_year: i32,
    pub gender: Gender,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: Address,
    pub representative: bool,
}

/// Whom and what it is against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    pub name: String,
    pub agency: Option<String>,
    pub decision: Option<Document>,
}

/// A document by its number and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub number: String,
    pub on: NaiveDate,
}

/// How a record points at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub relation: ReferenceRelation,
    pub to: Office,
    pub by: Pointer,
}

/// What names the other record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointer {
    /// Its source and its record id.
    Source { record_id: String },
    /// The agency that holds it and its record id.
    Agency { record_id: String },
    /// The other agency and the forwarding letter between the two.
    Letter(Document),
}

impl Link {
    /// The source, where the other record is named by it.
    pub fn source(&self) -> Option<&'static str> {
        matches!(self.by, Pointer::Source { .. }).then(|| self.to.source_id())
    }

    /// The agency code, where the other record is named by it.
    pub fn agency(&self) -> Option<&'static str> {
        (!matches!(self.by, Pointer::Source { .. })).then(|| self.to.code())
    }

    pub fn record_id(&self) -> Option<&str> {
        match &self.by {
            Pointer::Source { record_id } | Pointer::Agency { record_id } => Some(record_id),
            Pointer::Letter(_) => None,
        }
    }

    pub fn letter(&self) -> Option<&Document> {
        match &self.by {
            Pointer::Letter(document) => Some(document),
            Pointer::Source { .. } | Pointer::Agency { .. } => None,
        }
    }
}

/// One step of the handling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub action: Action,
    pub at: DateTime<Utc>,
    pub to: Option<Office>,
    pub document: Option<String>,
    pub note: Option<&'static str>,
}

/// What the decision brought, and what of it was carried out: money in VND, land in square metres.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Results {
    pub vnd_to_people: u64,
    pub vnd_to_people_executed: u64,
    pub land_m2_to_people: u32,
    pub people_restored: u32,
    pub officials_disciplined: u32,
}

/// What only a reception (lượt tiếp công dân) has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub mode: ReceptionMode,
    pub at: DateTime<Utc>,
    pub online: bool,
    pub by_leader: Option<ByLeader>,
    pub delegation_size: u32,
    pub result: &'static str,
}
