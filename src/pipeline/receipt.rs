//! Receipts: what became of the records of one message, told to its source. Nothing in them identifies a person.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::Kind;
use crate::store::receipt::Receipt;

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Stored,
    Unchanged,
    /// A newer version is there already.
    Stale,
    Quarantined,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
            Self::Quarantined => "quarantined",
        }
    }
}

/// What became of one record, with what its source may know about it.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub status: Status,
    pub kind: Option<Kind>,
    pub entity_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub quality_flags: Vec<String>,
    pub reason: Option<String>,
    pub elsewhere: Elsewhere,
}

/// Which other agencies hold the same petition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Elsewhere {
    #[default]
    Nowhere,
    /// Never the agency complained of.
    Agencies(Vec<String>),
    /// Only that there is a related sealed record, and whom to ask.
    Sealed { ask: String },
}

impl Verdict {
    /// A verdict without ids.
    pub fn bare(status: Status, reason: Option<String>) -> Self {
        Self {
            status,
            kind: None,
            entity_id: None,
            case_id: None,
            quality_flags: Vec::new(),
            reason,
            elsewhere: Elsewhere::Nowhere,
        }
    }

    fn to_json(&self, record_id: Option<&str>) -> Value {
        let record_id = record_id.map(|id| id.replace('\0', ""));
        let mut body = json!({ "record_id": record_id, "status": self.status.as_str() });
        let Some(fields) = body.as_object_mut() else { return body };
        if let Some(entity_id) = self.entity_id {
            let name = if self.kind == Some(Kind::Reception) { "reception_id" } else { "petition_id" };
            fields.insert(name.to_owned(), json!(entity_id));
        }
        if let Some(case_id) = self.case_id {
            fields.insert("case_id".to_owned(), json!(case_id));
        }
        if !self.quality_flags.is_empty() {
            fields.insert("quality_flags".to_owned(), json!(self.quality_flags));
        }
        if let Some(reason) = &self.reason {
            fields.insert("reason".to_owned(), json!(reason));
        }
        match &self.elsewhere {
            Elsewhere::Nowhere => {}
            Elsewhere::Agencies(agencies) => drop(fields.insert("also_held_by".to_owned(), json!(agencies))),
            Elsewhere::Sealed { ask } => {
                fields.insert("related_sealed_record".to_owned(), json!({ "ask": ask }));
            }
        }
        body
    }
}

/// One receipt out of the verdicts on the records of a message.
pub fn receipt(source_id: &str, message_id: &str, verdicts: &[(Option<&str>, &Verdict)]) -> Receipt {
    let records: Vec<Value> = verdicts.iter().map(|(record_id, verdict)| verdict.to_json(*record_id)).collect();
    Receipt {
        source_id: source_id.to_owned(),
        message_id: message_id.replace('\0', ""),
        body: json!({ "message_id": message_id.replace('\0', ""), "records": records }),
    }
}
