//! Survivorship: one petition or one reception out of what several source records say of it.
//!
//! Every value comes from one record, and which one is told in [`Petition::origins`]. The rules see the records in
//! one order (the day they were received, then their key) and nothing else, so the same records always give the same
//! petition.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

use crate::clock::HANOI;
use crate::domain::{
    Action, Channel, FilingRelation, Flag, NormalizedRecord, Outcome, PetitionType, RecordKey, Reference,
    ReferenceRelation, Stage,
};

use super::key;
use super::transfer::Transfers;

/// People from which on a petition counts as a mass petition (đơn đông người: five or more, form 01/TCD).
pub const MASS_FROM: i32 = 5;

/// One source record of a group, with the flags it has in the database.
#[derive(Debug, Clone)]
pub struct Member<'r> {
    pub record: Cow<'r, NormalizedRecord>,
    pub flags: Vec<Flag>,
}

/// How one record stands to its petition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filing {
    pub key: RecordKey,
    pub relation: FilingRelation,
    /// The letter with which it was forwarded.
    pub document_no: Option<String>,
    /// By what it was found to be of this petition.
    pub matched_by: &'static str,
}

/// A consolidated petition; `None` where no record says anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Petition {
    pub petition_type: Option<PetitionType>,
    pub category: Option<String>,
    /// `None` when sealed.
    pub summary: Option<String>,
    pub received_on: NaiveDate,
    pub channel: Option<Channel>,
    pub stage: Stage,
    pub stage_at: DateTime<Utc>,
    pub outcome: Option<Outcome>,
    pub receiving_agency: String,
    pub responsible_agency: String,
    pub against_agency: Option<String>,
    pub decision_no: Option<String>,
    pub decision_on: Option<NaiveDate>,
    pub province_code: Option<String>,
    /// `None` when sealed: few petitions come from one commune.
    pub commune_code: Option<String>,
    pub petitioner_count: i32,
    pub is_anonymous: bool,
    pub is_sealed: bool,
    pub deadline_on: Option<NaiveDate>,
    pub transfer_count: i32,
    pub has_transfer_loop: bool,
    pub source_count: i32,
    pub quality_flags: Vec<Flag>,
    /// The record whose petitioners are shown.
    pub petitioners_from: Option<RecordKey>,
    /// Which record supplied each value.
    pub origins: BTreeMap<&'static str, RecordKey>,
    pub filings: Vec<Filing>,
}

/// A consolidated reception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reception {
    pub agency: String,
    pub mode: Option<crate::domain::ReceptionMode>,
    pub received_on: NaiveDate,
    pub at: Option<DateTime<Utc>>,
    pub by_leader: Option<crate::domain::ByLeader>,
    pub delegation_size: Option<i32>,
    /// `None` when sealed: free text.
    pub result: Option<String>,
    pub province_code: Option<String>,
    pub is_sealed: bool,
    pub source_count: i32,
}

/// The members in the one order in which the rules see them.
fn in_order<'m, 'r>(members: &'m [Member<'r>]) -> Vec<&'m Member<'r>> {
    let mut ordered: Vec<&Member<'_>> = members.iter().collect();
    ordered.sort_by(|a, b| (a.record.received_on, &a.record.key).cmp(&(b.record.received_on, &b.record.key)));
    ordered
}

/// Midnight in Vietnam at the beginning of a day.
pub fn day_start(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_local_timezone(HANOI).single().map_or(DateTime::<Utc>::MIN_UTC, |at| at.to_utc())
}

/// The midnight before a moment, in Vietnam.
pub fn start_of_day(at: DateTime<Utc>) -> DateTime<Utc> {
    day_start(at.with_timezone(&HANOI).date_naive())
}

/// The stage of one record and since when: what the record says, dated by its last event of that stage, else the
/// last stage its events reached, else received.
fn stage_of(record: &NormalizedRecord) -> (DateTime<Utc>, Stage) {
    let reached = record.events.iter().filter_map(|event| {
        Some((event.at.unwrap_or_else(|| day_start(record.received_on)), stage_of_action(event.action)?))
    });
    match record.stage {
        Some(stage) => {
            let since = reached.filter(|(_, of)| *of == stage).map(|(at, _)| at).max();
            (since.unwrap_or_else(|| day_start(record.decision_on.unwrap_or(record.received_on))), stage)
        }
        None => reached.max().unwrap_or((day_start(record.received_on), Stage::Received)),
    }
}

/// The stage that an action reaches; `None` for acts in between.
fn stage_of_action(action: Action) -> Option<Stage> {
    Stage::parse(action.as_str())
}

/// The first record, in order, that has the value.
fn first<'m, T>(
    ordered: &[&'m Member<'_>],
    value: impl Fn(&'m NormalizedRecord) -> Option<T>,
) -> Option<(T, &'m RecordKey)> {
    ordered.iter().find_map(|member| value(&member.record).map(|v| (v, &member.record.key)))
}

/// Collects origins while values are taken.
struct Origins(BTreeMap<&'static str, RecordKey>);

impl Origins {
    fn take<T>(&mut self, field: &'static str, found: Option<(T, &RecordKey)>) -> Option<T> {
        found.map(|(value, key)| {
            self.0.insert(field, key.clone());
            value
        })
    }
}

/// One petition out of its records; `members` is not empty.
pub fn petition(members: &[Member<'_>]) -> Option<Petition> {
    let ordered = in_order(members);
    let filings = filings(&ordered);
    let original = ordered.iter().zip(&filings).find(|(_, f)| f.relation == FilingRelation::Original)?.0;
    // the original speaks first: what was lodged is what it says, not what a later agency made of it
    let mut by_right: Vec<&Member<'_>> = vec![original];
    by_right.extend(ordered.iter().filter(|member| member.record.key != original.record.key));
    let is_sealed = ordered.iter().any(|member| member.record.is_sealed());
    let latest = ordered.iter().max_by_key(|m| (stage_of(&m.record), &m.record.key))?;
    let (stage_at, stage) = stage_of(&latest.record);
    let transfers = Transfers::of(ordered.iter().map(|member| &*member.record));
    let mut origins = Origins(BTreeMap::new());
    let key_of_latest = &latest.record.key;
    let decided = ordered.iter().filter(|m| m.record.decision_on.is_some() || m.record.decision_no.is_some());
    let decided = decided.max_by_key(|m| (m.record.decision_on, &m.record.key));
    let petitioners_from = by_right.iter().find(|m| !m.record.petitioners.is_empty()).map(|m| m.record.key.clone());
    let people = |record: &NormalizedRecord| {
        let listed = i32::try_from(record.petitioners.len()).unwrap_or(i32::MAX);
        listed.max(record.petitioner_count.unwrap_or(0))
    };
    let summary = origins.take("summary", first(&by_right, |r| r.summary.clone()));
    let commune = origins.take("commune_code", first(&by_right, commune_of));
    let mut petition = Petition {
        petition_type: origins.take("type", first(&by_right, |r| r.petition_type)),
        category: origins.take("category", first(&by_right, |r| r.category.clone())),
        summary,
        received_on: origins.take("received_on", first(&ordered, |r| Some(r.received_on)))?,
        channel: origins.take("channel", first(&by_right, |r| r.channel)),
        stage: origins.take("stage", Some((stage, key_of_latest)))?,
        stage_at,
        outcome: origins.take("outcome", latest_outcome(&ordered)),
        receiving_agency: origins.take("receiving_agency", first(&by_right, |r| Some(r.agency.clone())))?,
        responsible_agency: origins.take("responsible_agency", Some((responsible(latest), key_of_latest)))?,
        against_agency: origins.take("against_agency", first(&by_right, |r| r.against.agency.clone())),
        decision_no: origins
            .take("decision_no", decided.and_then(|m| Some((m.record.decision_no.clone()?, &m.record.key)))),
        decision_on: origins.take("decision_on", decided.and_then(|m| Some((m.record.decision_on?, &m.record.key)))),
        province_code: origins.take("province_code", first(&by_right, province_of)),
        commune_code: commune,
        petitioner_count: ordered.iter().map(|m| people(&m.record)).max().unwrap_or(0),
        is_anonymous: ordered.iter().all(|m| m.record.anonymous),
        is_sealed,
        deadline_on: origins.take(
            "deadline_on",
            latest.record.deadline_on.map(|on| (on, key_of_latest)).or_else(|| first(&by_right, |r| r.deadline_on)),
        ),
        transfer_count: transfers.count(),
        has_transfer_loop: transfers.has_loop(),
        source_count: count_sources(&ordered),
        quality_flags: flags_of(&ordered),
        petitioners_from,
        origins: origins.0,
        filings,
    };
    if is_sealed {
        petition.seal();
    }
    Some(petition)
}

impl Petition {
    /// Takes away what a sealed petition does not show.
    ///
    /// Of its documents no number is shown: people write names into such fields, and a number that stands in an open
    /// petition too leads from one to the other.
    pub fn seal(&mut self) {
        self.is_sealed = true;
        self.summary = None;
        self.commune_code = None;
        self.decision_no = None;
        self.origins.remove("decision_no");
        self.filings.iter_mut().for_each(|filing| filing.document_no = None);
        // nor the minute of anything: an open petition of the same matter may have the same
        self.stage_at = start_of_day(self.stage_at);
    }
}

impl Reception {
    /// Takes away what a sealed reception does not show.
    pub fn seal(&mut self) {
        self.is_sealed = true;
        self.result = None;
        self.at = None;
    }
}

/// One reception out of its records; `members` is not empty.
pub fn reception(members: &[Member<'_>]) -> Option<Reception> {
    let ordered = in_order(members);
    let detail = |r: &NormalizedRecord| r.reception.clone();
    let is_sealed = ordered.iter().any(|member| member.record.is_sealed());
    let mut reception = Reception {
        agency: first(&ordered, |r| Some(r.agency.clone()))?.0,
        mode: first(&ordered, |r| detail(r)?.mode).map(|(mode, _)| mode),
        received_on: first(&ordered, |r| Some(r.received_on))?.0,
        at: first(&ordered, |r| detail(r)?.at).map(|(at, _)| at),
        by_leader: first(&ordered, |r| detail(r)?.by_leader).map(|(by, _)| by),
        delegation_size: first(&ordered, |r| detail(r)?.delegation_size).map(|(size, _)| size),
        result: first(&ordered, |r| detail(r)?.result).map(|(result, _)| result),
        province_code: first(&ordered, province_of).map(|(code, _)| code),
        is_sealed,
        source_count: count_sources(&ordered),
    };
    if is_sealed {
        reception.seal();
    }
    Some(reception)
}

fn province_of(record: &NormalizedRecord) -> Option<String> {
    record.petitioners.iter().find_map(|petitioner| petitioner.place.province_code.clone())
}

fn commune_of(record: &NormalizedRecord) -> Option<String> {
    record.petitioners.iter().find_map(|petitioner| petitioner.place.commune_code.clone())
}

/// The outcome that was stated last.
fn latest_outcome<'m>(ordered: &[&'m Member<'_>]) -> Option<(Outcome, &'m RecordKey)> {
    let stated = ordered.iter().filter(|m| m.record.outcome.is_some());
    let last = stated.max_by_key(|m| (m.record.decision_on, stage_of(&m.record).0, &m.record.key))?;
    Some((last.record.outcome?, &last.record.key))
}

/// Who has to act: the agency that holds the latest record, or the one it was sent on to.
fn responsible(latest: &Member<'_>) -> String {
    let sent_to = latest
        .record
        .events
        .iter()
        .filter(|event| event.action == Action::Transferred && stage_of(&latest.record).1 == Stage::Transferred)
        .max_by_key(|event| event.at)
        .and_then(|event| event.to_agency.clone());
    sent_to.unwrap_or_else(|| latest.record.agency.clone())
}

fn count_sources(ordered: &[&Member<'_>]) -> i32 {
    let sources: BTreeSet<_> = ordered.iter().map(|member| &member.record.key.source_id).collect();
    i32::try_from(sources.len()).unwrap_or(i32::MAX)
}

fn flags_of(ordered: &[&Member<'_>]) -> Vec<Flag> {
    let mut flags: Vec<Flag> = ordered.iter().flat_map(|member| member.flags.iter().copied()).collect();
    flags.sort_by_key(|flag| flag.as_str());
    flags.dedup();
    flags
}

/// How each record stands to the petition, in the order given.
fn filings(ordered: &[&Member<'_>]) -> Vec<Filing> {
    let letters = Letters::of(ordered);
    let mut filings: Vec<Filing> = ordered.iter().map(|member| filing(member, ordered.len(), &letters)).collect();
    if !filings.iter().any(|filing| filing.relation == FilingRelation::Original) {
        // every record names another as its origin, or the original was never delivered: the first stands for it
        if let Some(filing) = filings.first_mut() {
            filing.relation = FilingRelation::Original;
        }
    }
    let mut seen_original = false;
    for filing in &mut filings {
        if filing.relation == FilingRelation::Original && std::mem::replace(&mut seen_original, true) {
            filing.relation = FilingRelation::Copy;
        }
    }
    filings
}

/// What the records of a petition say they sent on, by the record that they name, each list in the order of the records.
struct Letters<'m>(HashMap<Option<&'m str>, Vec<(usize, &'m NormalizedRecord, &'m Reference)>>);

impl<'m> Letters<'m> {
    fn of(ordered: &[&'m Member<'_>]) -> Self {
        let mut letters: HashMap<Option<&str>, Vec<_>> = HashMap::new();
        for (place, member) in ordered.iter().enumerate() {
            let record: &NormalizedRecord = &member.record;
            let sent = key::references(record).filter(|r| r.relation == ReferenceRelation::TransferredTo);
            for reference in sent {
                letters.entry(reference.record_id.as_deref()).or_default().push((place, record, reference));
            }
        }
        Self(letters)
    }

    /// The first with which another record sent this one here. One that came later cannot have, whatever it says.
    fn to(&self, record: &NormalizedRecord) -> Option<&'m Reference> {
        let fits = |(_, sender, reference): &&(usize, &NormalizedRecord, &Reference)| {
            sender.key != record.key
                && sender.received_on <= record.received_on
                && names(reference, &record.key, &record.agency)
        };
        let names = [Some(record.key.record_id.as_str()), None];
        let found = names.iter().filter_map(|name| self.0.get(name)?.iter().find(fits));
        found.min_by_key(|(place, ..)| *place).map(|(.., reference)| *reference)
    }
}

fn filing(member: &Member<'_>, of: usize, letters: &Letters<'_>) -> Filing {
    let record = &member.record;
    let has = |relation| record.references.iter().find(|reference| reference.relation == relation);
    let sent_here = letters.to(record);
    let matched_by = if of == 1 { "record" } else { "reference" };
    let (relation, document_no) = if let Some(reference) = has(ReferenceRelation::TransferredFrom) {
        (FilingRelation::Forwarded, reference.document_no.clone())
    } else if let Some(reference) = sent_here {
        (FilingRelation::Forwarded, reference.document_no.clone())
    } else if has(ReferenceRelation::RepeatOf).is_some() {
        (FilingRelation::Repeat, None)
    } else {
        (FilingRelation::Original, None)
    };
    Filing { key: record.key.clone(), relation, document_no, matched_by }
}

/// Whether a reference is to this record: by name, or by the agency alone where it gives no record.
fn names(reference: &Reference, key: &RecordKey, agency: &str) -> bool {
    let source_fits = reference.source.as_deref().is_none_or(|source| source == key.source_id.as_str());
    let agency_fits = reference.agency.as_deref().is_none_or(|named| named == agency);
    match &reference.record_id {
        Some(record_id) => *record_id == key.record_id && source_fits && agency_fits,
        None => reference.agency.is_some() && agency_fits && source_fits,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// A complaint with these fields, in the form in which normalization leaves a record.
    pub(crate) fn record(source: &str, record_id: &str, fields: &Value) -> NormalizedRecord {
        let agency = if source == "bxd" { "G17" } else { "H26" };
        let mut all = json!({
            "source_id": source, "record_id": record_id, "kind": "petition", "type": "complaint", "agency": agency,
            "received_on": "2026-03-02"
        });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    pub(crate) fn member(record: NormalizedRecord) -> Member<'static> {
        Member { flags: record.quality_flags(), record: Cow::Owned(record) }
    }

    fn of(list: &[NormalizedRecord]) -> Petition {
        petition(&list.iter().cloned().map(member).collect::<Vec<_>>()).unwrap()
    }

    fn relations(petition: &Petition) -> Vec<(&str, FilingRelation)> {
        petition.filings.iter().map(|filing| (filing.key.record_id.as_str(), filing.relation)).collect()
    }

    #[test]
    fn the_original_speaks_first() {
        let from =
            json!([{ "relation": "transferred_from", "source": "hanoi", "record_id": "2", "document_no": "5/PC" }]);
        let early = record(
            "bxd",
            "1",
            &json!({ "received_on": "2026-03-01", "references": from, "summary": "bản chuyển", "channel": "transfer" }),
        );
        let original = record("hanoi", "2", &json!({ "received_on": "2026-03-05", "summary": "bản gốc" }));
        let petition = of(&[early, original]);
        assert_eq!(petition.summary.as_deref(), Some("bản gốc"));
        assert_eq!(petition.channel, Some(Channel::Transfer), "what the original does not say, another may");
        assert_eq!(
            (petition.receiving_agency.as_str(), petition.received_on.to_string()),
            ("H26", "2026-03-01".to_owned())
        );
        assert_eq!(petition.origins["received_on"].record_id, "1");
        assert_eq!(relations(&petition), [("1", FilingRelation::Forwarded), ("2", FilingRelation::Original)]);
        assert_eq!(petition.filings[0].document_no.as_deref(), Some("5/PC"));
    }

    #[test]
    fn there_is_exactly_one_original() {
        let names =
            |id: &str| json!({ "references": [{ "relation": "transferred_from", "source": "bxd", "record_id": id }] });
        let circle = of(&[record("bxd", "1", &names("2")), record("bxd", "2", &names("1"))]);
        assert_eq!(relations(&circle), [("1", FilingRelation::Original), ("2", FilingRelation::Forwarded)]);
        let copies = of(&[record("bxd", "1", &json!({})), record("hanoi", "2", &json!({}))]);
        assert_eq!(relations(&copies), [("1", FilingRelation::Original), ("2", FilingRelation::Copy)]);
        assert_eq!(petition(&[]), None);
    }

    #[test]
    fn the_latest_stage_counts() {
        let at = |stage: &str, at: &str| json!({ "stage": stage, "events": [{ "action": stage, "at": at }] });
        let sent = json!({ "stage": "transferred",
                           "events": [{ "action": "transferred", "at": "2026-03-05T00:00:00Z", "to_agency": "G13" }] });
        let early = record("bxd", "1", &at("verifying", "2026-03-04T00:00:00Z"));
        let late = record("hanoi", "2", &at("settled", "2026-03-06T00:00:00Z"));
        let sent = record("bxd", "3", &sent);
        let petition = of(&[late, early.clone(), sent.clone()]);
        assert_eq!((petition.stage, petition.responsible_agency.as_str()), (Stage::Settled, "H26"));
        let petition = of(&[early, sent]);
        assert_eq!((petition.stage, petition.responsible_agency.as_str()), (Stage::Transferred, "G13"));
        assert_eq!((petition.transfer_count, petition.has_transfer_loop), (1, false));
    }

    #[test]
    fn one_sealed_record_seals_the_petition() {
        let place = json!([{ "place": { "commune_code": "07210", "province_code": "24" } }]);
        let open = record("bxd", "1", &json!({ "summary": "x", "petitioners": place }));
        let sealed = record("hanoi", "2", &json!({ "confidential": true }));
        let alone = of(std::slice::from_ref(&open));
        assert_eq!((alone.is_sealed, alone.commune_code.as_deref()), (false, Some("07210")));
        let petition = of(&[open, sealed]);
        assert_eq!((petition.is_sealed, &petition.summary, &petition.commune_code), (true, &None, &None));
        assert_eq!(petition.province_code.as_deref(), Some("24"));
    }

    fn any_record(number: usize) -> impl Strategy<Value = NormalizedRecord> {
        let day = 1..4u8;
        let optional = |values: Vec<&'static str>| proptest::option::of(proptest::sample::select(values));
        (
            (day, any::<bool>(), optional(vec!["received", "verifying", "settled", "transferred"])),
            (
                optional(vec!["justified", "unjustified"]),
                optional(vec!["2026-04-01", "2026-04-02"]),
                optional(vec!["một", "hai"]),
            ),
            (optional(vec!["transferred_from", "repeat_of", "transferred_to"]), 0..5usize, 0..3usize, any::<bool>()),
        )
            .prop_map(
                move |((day, hanoi, stage), (outcome, decided, summary), (relation, to, people, confidential))| {
                    let mut fields = json!({ "received_on": format!("2026-03-0{day}"), "confidential": confidential });
                    for (name, value) in
                        [("stage", stage), ("outcome", outcome), ("decision_on", decided), ("summary", summary)]
                    {
                        if let Some(value) = value {
                            fields[name] = json!(value);
                        }
                    }
                    if let Some(relation) = relation {
                        fields["references"] =
                            json!([{ "relation": relation, "agency": "H26", "record_id": to.to_string() }]);
                    }
                    fields["petitioners"] =
                        (0..people).map(|person| json!({ "name": format!("{number}-{person}") })).collect();
                    record(if hanoi { "hanoi" } else { "bxd" }, &number.to_string(), &fields)
                },
            )
    }

    fn records() -> impl Strategy<Value = Vec<NormalizedRecord>> {
        (1..6usize).prop_flat_map(|count| (0..count).map(any_record).collect::<Vec<_>>())
    }

    proptest! {
        /// The same records give the same petition, in whatever order they stand; every origin is one of them and says so.
        #[test]
        fn order_does_not_matter((list, shuffled) in records().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))) {
            let petition = of(&list);
            prop_assert_eq!(&petition, &of(&shuffled));
            let originals = petition.filings.iter().filter(|filing| filing.relation == FilingRelation::Original).count();
            prop_assert_eq!((originals, petition.filings.len()), (1, list.len()));
            for key in petition.origins.values() {
                prop_assert!(list.iter().any(|record| record.key == *key));
            }
            if let Some(summary) = &petition.summary {
                let source = list.iter().find(|record| record.key == petition.origins["summary"]).unwrap();
                prop_assert_eq!(source.summary.as_ref(), Some(summary));
            }
            prop_assert_eq!(petition.is_sealed, list.iter().any(|record| record.confidential));
            let members: Vec<Member<'_>> = list.iter().cloned().map(member).collect();
            let mut other: Vec<Member<'_>> = shuffled.iter().cloned().map(member).collect();
            prop_assert_eq!(reception(&members), reception(&other));
            other.clear();
            prop_assert_eq!(reception(&other), None);
        }
    }
}
