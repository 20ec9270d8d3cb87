//! Link keys: keyed hashes of what names a record. Records that share one belong together.

use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::domain::{Action, Event, NormalizedRecord, RecordKey, Reference, ReferenceRelation, SourceId};
use crate::reference::agency::is_within;
use crate::seal::KeyRing;

/// What sharing a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The key names the record itself.
    Own,
    /// The key names a record of the same petition (or reception).
    Same,
    /// The key names a record of the same case.
    Case,
    /// The key is the letter with which the petition was sent on.
    Letter,
    /// What an earlier version of the record had, or what it had before it was withdrawn: the key joins nothing any
    /// more, and what was sealed through it stays sealed. Of another petition of the case none is kept: it seals nothing.
    PastOwn,
    PastSame,
    PastLetter,
}

impl Role {
    /// As it is stored.
    pub const fn code(self) -> i16 {
        match self {
            Self::Own => 0,
            Self::Same => 1,
            Self::Case => 2,
            Self::PastOwn => 3,
            Self::PastSame => 4,
            Self::Letter => 6,
            Self::PastLetter => 7,
        }
    }

    /// Reads a stored code; an unknown one links least.
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::Own,
            1 => Self::Same,
            3 => Self::PastOwn,
            4 => Self::PastSame,
            6 => Self::Letter,
            7 => Self::PastLetter,
            _ => Self::Case,
        }
    }

    /// The role that is left when the record no longer says so, if any is.
    #[must_use]
    pub const fn past(self) -> Option<Self> {
        match self {
            Self::Own | Self::PastOwn => Some(Self::PastOwn),
            Self::Same | Self::PastSame => Some(Self::PastSame),
            Self::Letter | Self::PastLetter => Some(Self::PastLetter),
            Self::Case => None,
        }
    }

    /// Whether the record no longer says so.
    pub const fn is_past(self) -> bool {
        matches!(self, Self::PastOwn | Self::PastSame | Self::PastLetter)
    }

    /// Whether the key is, or was, the record's own name.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Own | Self::PastOwn)
    }
}

/// One key of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkKey {
    pub key: Uuid,
    pub role: Role,
}

/// The name of a source record as one opaque id. No key that joins records: a dump would lead by it from whoever refers to
/// a record to that record.
pub fn record(ring: &KeyRing, key: &RecordKey) -> Uuid {
    ring.hash_id("source record", &[key.source_id.as_str(), &key.record_id])
}

/// Of which source the holder of a key is, told at that key alone: the same source has another number at every key.
pub fn source_at(ring: &KeyRing, key: Uuid, source: &SourceId) -> i64 {
    let hash = ring.hash_id("source at key", &[&key.simple().to_string(), source.as_str()]);
    hash.as_u64_pair().0.cast_signed()
}

fn source_record(ring: &KeyRing, source: &str, record_id: &str) -> Uuid {
    ring.hash_id("record", &[&source.trim().to_lowercase(), &written(record_id)])
}

fn agency_record(ring: &KeyRing, agency: &str, record_id: &str) -> Uuid {
    ring.hash_id("agency record", &[agency, &written(record_id)])
}

/// A record id as it is compared: people copy it by hand, and a reference that misses its record seals nothing.
fn written(record_id: &str) -> String {
    record_id.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// A document by its issuer, its number and its year: numbers begin anew each year.
fn document(ring: &KeyRing, agency: &str, number: &str, year: i32) -> Uuid {
    let number: String = number.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    // some write 012/PC, some 12/PC
    ring.hash_id("document", &[agency, number.trim_start_matches('0'), &year.to_string()])
}

/// References, and events, of one record that link: no agency sends one petition on so often, and each key of a record
/// is looked up while everybody else waits.
const LINKING: usize = 100;

/// The references of a record that link.
pub fn references(record: &NormalizedRecord) -> impl Iterator<Item = &Reference> {
    record.references.iter().take(LINKING)
}

/// All link keys of a record, each once, in a fixed order. `home` is the agency of its source: only there, or beneath
/// it, does a record go by its agency's name; whoever names another's agency does not thereby take its numbers.
pub fn of(ring: &KeyRing, home: &str, record_of: &NormalizedRecord) -> Vec<LinkKey> {
    let own = source_record(ring, record_of.key.source_id.as_str(), &record_of.key.record_id);
    let mut keys = vec![LinkKey { key: own, role: Role::Own }];
    if is_within(&record_of.agency, home) {
        let key = agency_record(ring, &record_of.agency, &record_of.key.record_id);
        keys.push(LinkKey { key, role: Role::Own });
    }
    keys.extend(references(record_of).flat_map(|reference| of_reference(ring, record_of, reference)));
    let transfers = record_of.events.iter().filter(|event| event.action == Action::Transferred).take(LINKING);
    keys.extend(transfers.filter_map(|event| of_event(ring, &record_of.agency, event)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The keys by which one reference of a record names another.
pub fn of_reference(ring: &KeyRing, from: &NormalizedRecord, reference: &Reference) -> Vec<LinkKey> {
    let role = match reference.relation {
        ReferenceRelation::TransferredFrom | ReferenceRelation::TransferredTo | ReferenceRelation::RepeatOf => {
            Role::Same
        }
        ReferenceRelation::NextInstanceOf | ReferenceRelation::RecastOf | ReferenceRelation::ReceptionOf => Role::Case,
    };
    let mut keys = Vec::new();
    if let Some(record_id) = &reference.record_id {
        if let Some(source) = &reference.source {
            keys.push(source_record(ring, source, record_id));
        } else if let Some(agency) = &reference.agency {
            keys.push(agency_record(ring, agency, record_id));
        }
    }
    // the letter of transfer (phiếu chuyển đơn) is numbered by the agency that sends it
    let issuer = match reference.relation {
        ReferenceRelation::TransferredFrom => reference.agency.as_deref(),
        ReferenceRelation::TransferredTo => Some(from.agency.as_str()),
        _ => None,
    };
    let mut keys: Vec<LinkKey> = keys.into_iter().map(|key| LinkKey { key, role }).collect();
    if let (Some(issuer), Some(number), Some(on)) = (issuer, &reference.document_no, reference.document_on) {
        keys.push(LinkKey { key: document(ring, issuer, number, chrono::Datelike::year(&on)), role: Role::Letter });
    }
    keys
}

/// A letter of transfer that the agency says it sent.
fn of_event(ring: &KeyRing, holder: &str, event: &Event) -> Option<LinkKey> {
    let (Action::Transferred, Some(number), Some(at)) = (event.action, &event.document_no, event.at) else {
        return None;
    };
    let year = chrono::Datelike::year(&at.with_timezone(&crate::clock::HANOI));
    let issuer = event.agency.as_deref().unwrap_or(holder);
    Some(LinkKey { key: document(ring, issuer, number, year), role: Role::Letter })
}

#[cfg(test)]
mod tests {
    use super::super::survivorship::tests::record as sample;
    use super::*;
    use crate::seal::KeyRing;
    use serde_json::{Value, json};

    fn ring() -> KeyRing {
        let folder = tempfile::tempdir().unwrap();
        KeyRing::generate(&folder.path().join("key")).unwrap()
    }

    /// Whether two records share a key by which one names the other, or both the same letter.
    fn meet(one: &Value, other: &Value) -> Option<Role> {
        let ring = ring();
        let (one, other) = (of(&ring, "G17", &sample("bxd", "1", one)), of(&ring, "H26", &sample("hanoi", "2", other)));
        let mut roles: Vec<Role> = Vec::new();
        for left in &one {
            roles.extend(other.iter().filter(|right| right.key == left.key).map(|right| left.role.max(right.role)));
        }
        roles.into_iter().min()
    }

    fn refers(relation: &str, to: Value) -> Value {
        let mut reference = to;
        reference["relation"] = json!(relation);
        json!({ "references": [reference] })
    }

    #[test]
    fn who_is_named() {
        let nothing = || json!({});
        let letter = |number: &str, on: &str| json!({ "agency": "G17", "document_no": number, "document_on": on });
        let sent = || {
            refers("transferred_to", json!({ "agency": "H26", "document_no": "12/PC", "document_on": "2026-02-01" }))
        };
        for (one, other, wanted) in [
            (nothing(), nothing(), None),
            (nothing(), refers("transferred_from", json!({ "source": "bxd", "record_id": "1" })), Some(Role::Same)),
            (nothing(), refers("transferred_from", json!({ "agency": "G17", "record_id": "1" })), Some(Role::Same)),
            (nothing(), refers("repeat_of", json!({ "agency": "G17", "record_id": "1" })), Some(Role::Same)),
            (nothing(), refers("next_instance_of", json!({ "source": "bxd", "record_id": "1" })), Some(Role::Case)),
            (nothing(), refers("recast_of", json!({ "source": "bxd", "record_id": "1" })), Some(Role::Case)),
            (nothing(), refers("reception_of", json!({ "source": "bxd", "record_id": "1" })), Some(Role::Case)),
            (
                nothing(),
                refers("transferred_from", json!({ "source": "BXD", "record_id": " 1\u{a0}" })),
                Some(Role::Same),
            ),
            (nothing(), refers("transferred_from", json!({ "source": "hcm", "record_id": "1" })), None),
            (nothing(), refers("transferred_from", json!({ "record_id": "1" })), None),
            // the source is the nearer name: the agency beside it is not tried
            (
                nothing(),
                refers("transferred_from", json!({ "source": "hcm", "agency": "G17", "record_id": "1" })),
                None,
            ),
            (sent(), refers("transferred_from", letter("12/PC", "2026-12-30")), Some(Role::Letter)),
            (sent(), refers("transferred_from", letter("12 / pc", "2026-02-01")), Some(Role::Letter)),
            (sent(), refers("transferred_from", letter("12/PC", "2025-02-01")), None),
            (sent(), refers("transferred_from", letter("13/PC", "2026-02-01")), None),
            (sent(), refers("repeat_of", letter("12/PC", "2026-02-01")), None),
            // one writes leading zeros, the other does not
            (sent(), refers("transferred_from", letter("012/PC", "2026-02-01")), Some(Role::Letter)),
        ] {
            assert_eq!(meet(&one, &other), wanted, "{one} {other}");
        }
    }

    #[test]
    fn a_source_takes_no_number_of_an_agency_that_is_not_its_own() {
        let ring = ring();
        let names = |home: &str, agency: &str| {
            let keys = of(&ring, home, &sample("bxd", "1", &json!({ "agency": agency })));
            keys.iter().any(|link| link.key == agency_record(&ring, agency, "1"))
        };
        for (home, agency, wanted) in [
            ("G17", "G17", true),
            ("H26", "H26.12", true),
            ("H26.12", "H26.12.3", true),
            ("H26.12", "H26", false),
            ("H2", "H26", false),
            ("G17", "H26", false),
        ] {
            assert_eq!(names(home, agency), wanted, "{home} {agency}");
        }
    }

    #[test]
    fn only_so_many_references_link() {
        let ring = ring();
        let reference = |n: usize| json!({ "relation": "repeat_of", "source": "hcm", "record_id": n.to_string() });
        let event = |n: usize| json!({ "action": "transferred", "at": "2026-02-01T09:00:00+07:00", "document_no": format!("{n}/PC") });
        let many = json!({ "references": (0..5000).map(reference).collect::<Vec<_>>(), "events": (0..5000).map(event).collect::<Vec<_>>() });
        assert_eq!(of(&ring, "G17", &sample("bxd", "1", &many)).len(), 2 + 2 * LINKING);
    }

    #[test]
    fn codes_are_read_as_they_were_written() {
        for role in [Role::Own, Role::Same, Role::Case, Role::Letter] {
            assert_eq!(Role::from_code(role.code()), role);
            assert!(!role.is_past());
            let Some(past) = role.past() else { continue };
            assert_eq!((Role::from_code(past.code()), past.past()), (past, Some(past)));
            assert!(past.is_past());
            assert_eq!(role.is_own(), past.is_own());
        }
    }
}
