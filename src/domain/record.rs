//! A record on its way: `RawRecord` as the source holds it, `ParsedRecord` mapped to interchange fields,
//! `NormalizedRecord` comparable with the records of every other source.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::code::{
    Action, ByLeader, Channel, Gender, IdKind, Kind, Outcome, PetitionType, ReceptionMode, ReferenceRelation, Stage,
};
use super::finding::{Finding, Flag};
use super::id::RecordKey;

/// The interchange fields of version 1, apart from the four that name and order a record
/// (`record_id`, `version`, `part`, `deleted`).
pub const CONTENT_FIELDS: &[&str] = &[
    "kind",
    "type",
    "agency",
    "received_on",
    "written_on",
    "instance",
    "channel",
    "category",
    "language",
    "summary",
    "items",
    "confidential",
    "restricted",
    "anonymous",
    "petitioners",
    "petitioner_count",
    "against",
    "references",
    "events",
    "stage",
    "outcome",
    "decision_no",
    "decision_on",
    "deadline_on",
    "remote_area",
    "complexity",
    "results",
    "reception",
    "extra",
];

/// The fields that name and order a record.
pub const ENVELOPE_FIELDS: &[&str] = &["record_id", "version", "part", "deleted"];

/// The part a record is sent in when it is sent whole.
pub const WHOLE: &str = "whole";

/// One record as its source holds it, as JSON text in the source's own fields.
#[derive(Debug, Clone)]
pub struct RawRecord(pub Box<RawValue>);

/// What orders the contents of one record. Later is greater; equal means the same content.
///
/// Compared field by field: the source's version (or, where the source has none, the moment of the pull or
/// the message's timestamp), then the message id where only the message orders it, then the content hash, so
/// that two contents under one version are decided alike by every process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// Microseconds since 1970 for a time, or the integer itself.
    pub ordinal: i64,
    /// The message id where the source gives no version; empty otherwise.
    pub tie: String,
    /// Keyed hash of the mapped content.
    pub content_hash: [u8; 32],
}

/// A record mapped to interchange fields; the values are still as the source wrote them.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedRecord {
    pub record_id: String,
    /// The source's own version: microseconds since 1970 for a time, or an integer; `None` where it has none.
    pub version: Option<i64>,
    /// [`WHOLE`], or the name of the part.
    pub part: String,
    pub deleted: bool,
    /// The fields of [`CONTENT_FIELDS`]; whatever the mapping made beyond them is under `extra`.
    pub fields: Map<String, Value>,
    /// Faults met while mapping (`type_unmapped`, `unknown_field` …).
    pub findings: Vec<Finding>,
}

/// A place in today's units (valid on 2025-07-01 or later).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province_code: Option<String>,
    /// Set only where exactly one commune is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commune_code: Option<String>,
    /// Several where the old commune was split or the text is ambiguous; never a guess.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commune_candidates: Vec<String>,
    /// House, street, hamlet: the part under the commune.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// The address as one line of text, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// One petitioner (người nộp đơn) of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Petitioner {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_kind: Option<IdKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// E.164.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default)]
    pub place: Place,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(default)]
    pub is_representative: bool,
}

/// Whom and what the petition is against.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_on: Option<NaiveDate>,
}

/// What a record says of another record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub relation: ReferenceRelation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_on: Option<NaiveDate>,
}

/// One step of the handling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_agency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_no: Option<String>,
    /// Free text: may give a person away, so it stays in the sealed content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One content (nội dung) of a petition with several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub petition_type: Option<PetitionType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// What only a reception (lượt tiếp công dân) has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceptionDetail {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ReceptionMode>,
    #[serde(default)]
    pub online: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_leader: Option<ByLeader>,
    /// Number of people received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation_size: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// A record that can be compared with those of every other source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormalizedRecord {
    #[serde(flatten)]
    pub key: RecordKey,
    pub kind: Kind,
    pub received_on: NaiveDate,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub petition_type: Option<PetitionType>,
    /// Who holds the record.
    pub agency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_on: Option<NaiveDate>,
    /// 1 first, 2 second complaint or continued denunciation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    #[serde(default)]
    pub confidential: bool,
    #[serde(default)]
    pub restricted: bool,
    #[serde(default)]
    pub anonymous: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub petitioners: Vec<Petitioner>,
    /// People behind it, where more than are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub petitioner_count: Option<i32>,
    #[serde(default)]
    pub against: Against,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_on: Option<NaiveDate>,
    #[serde(default)]
    pub remote_area: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complexity: Vec<String>,
    /// Money in VND, land in square metres, people and cases in numbers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub results: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reception: Option<ReceptionDetail>,
    /// Whatever else is worth keeping, unknown fields and values that were not understood included.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl NormalizedRecord {
    /// The quality flags, each once, in alphabetical order.
    pub fn quality_flags(&self) -> Vec<Flag> {
        let mut flags: Vec<Flag> = self.findings.iter().filter_map(|finding| finding.flag).collect();
        flags.sort_by_key(|flag| flag.as_str());
        flags.dedup();
        flags
    }

    /// Whether the identity and the text behind this record must never be shown: a denunciation (Law on
    /// Denunciations 25/2018/QH14, article 8.3), a petitioner who asks for it, a state secret.
    ///
    /// A mixed petition is sealed when one of its contents is a denunciation. A type that the source left out
    /// or that could not be understood may be a denunciation too, so it is sealed until somebody says otherwise; a
    /// reception likewise: nobody who is shown as received can be hidden again when a denunciation turns out to be theirs.
    pub fn is_sealed(&self) -> bool {
        let denounces = |t: &Option<PetitionType>| matches!(t, Some(PetitionType::Denunciation));
        let type_unknown = self.petition_type.is_none();
        let mixed_unknown = self.petition_type == Some(PetitionType::Mixed)
            && (self.items.is_empty() || self.items.iter().any(|item| item.petition_type.is_none()));
        self.confidential
            || self.restricted
            || type_unknown
            || mixed_unknown
            || denounces(&self.petition_type)
            || self.items.iter().any(|item| denounces(&item.petition_type))
    }
}
